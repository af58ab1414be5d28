"""The graph lab: a computational graph, values forward and gradients backward, one click a step."""

from functools import partial

import numpy as np
from matplotlib.patches import FancyBboxPatch

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
from ..panel.arrange import row
from ..panel.canvas import Label
from ..panel.curves import joined, smooth
from ..panel.graph_walk import GraphWalkLab
from .model import LIMITS, YOURS, GraphModel, text

SIZE = (960, 380)
BOX = (92, 58)  # a node, in CSS pixels
SPACING = (300, 140)  # between layers and rows at most, at scale 1
APART = (160, 84)  # at least
MARGIN = (20, 33)  # between a node and the edge of the picture
SCALES = (1.35, 1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6)  # of the nodes: the largest at which the graph fits, else the last
BETWEEN_ENDS = 22  # between two edges that end at one node


def graph_lab(expression=None, name="graph", engine=None, **values):
    """The graph lab, to be the last line of a cell.

    expression  a Tensor of one number, a function of named leaves, or the label of a prepared expression
    name        labs with different names may be open in one notebook; the same name again replaces the first
    engine      an `Engine` of `course_lib.tools.engines`: the function is then computed by its values and rules
    values      for a function, the numbers of its leaves: graph_lab(lambda x, y: x * y + y, x=3.0, y=2.0). Arrays are
                drawn by their shapes; single numbers get a slider

    Raises ValueError when the expression is no Tensor of one number that an operation has made.
    """
    return GraphLab(GraphModel(expression, values, engine), name)


class GraphLab(GraphWalkLab):
    """Controls and picture of a `GraphModel`."""

    size = SIZE
    seconds = 0.45
    question = N_("Which values does a backward step need that the forward pass has left?")
    goal_texts = {"gradient predicted": N_("Goal: predict the gradient of {leaf} before its last backward step.")}
    rows = (("expression", "prediction"), ("forward", "back", "run", "reset"), "leaves")

    def make_view(self, canvas):
        return View(canvas)

    def refresh(self):
        super().refresh()
        self.buttons["forward"].disabled = self.model.forward_done
        self.buttons["back"].disabled = not self.model.forward_done or self.model.finished

    def static_model(self):
        """Both passes done."""
        model = self.model.twin()
        model.advance(model.length)
        return model

    def facts_of(self, goal):
        return {"leaf": "" if self.model.asked is None else self.model.nodes[self.model.asked].label}

    def goal_text(self, name, text_of_goal):
        model = self.model
        if model.asked is None:
            return say("Goal: go through both passes to the last gradient.")
        if model.predicted is None:
            return text_of_goal
        if not model.answered:
            return say("{goal} Noted: {number:g}.", goal=text_of_goal, number=model.predicted)
        right = text(model.gradient(model.asked))
        return say("{goal} You said {number:g}, it is {right}.", goal=text_of_goal, number=model.predicted, right=right)

    # Controls

    def make_buttons(self):
        model = self.model
        names = {_label(name): name for name in model.choices}
        self.controls["expression"] = self.choice(say("Expression"), model.label, names, self._choose)
        for _, values in model.choices.values():
            for leaf, value in values.items():
                if leaf not in self.controls and np.ndim(value) == 0:
                    limits = min(LIMITS[0], value), max(LIMITS[1], value)
                    self.controls[leaf] = self.number(leaf, value, limits, partial(self._set, leaf), step=0.1)
        self.prediction, self.leaves = self.make_prediction("", 430), row(gap="24px")
        run = say("All steps that are left, one after the other; press again to pause")
        return {
            "forward": self.button(
                say("Forward step"),
                self.pausing(model.forward_step),
                style="primary",
                tooltip=say("Compute the next value"),
            ),
            "back": self.button(
                say("Backward step"),
                self.pausing(model.back_step),
                style="primary",
                tooltip=say("Send the next gradient back along one edge"),
            ),
            "run": self.make_run_button(say("Run all"), run, style=""),
            "reset": self.make_reset_button(say("Back to the leaves")),
        }

    def show_controls(self):
        """The controls of the leaves that this expression has, with its numbers."""
        super().show_controls()
        model = self.model
        self.controls["expression"].show(model.label)
        single = {leaf: value for leaf, value in model.values.items() if np.ndim(value) == 0}
        for leaf, value in single.items():
            if self.controls[leaf].value != value:
                self.controls[leaf].show(value)
        shown = [self.controls[leaf].widget for leaf in single]
        if list(self.leaves.children) != shown:
            self.leaves.children = shown
        self.prediction.layout.display = "none" if model.asked is None else ""
        if model.asked is not None:
            leaf = model.nodes[model.asked].label
            self.prediction.description = say("Your prediction: gradient of {leaf} =", leaf=leaf)

    def _choose(self, label):
        self.stop()
        self.model.configure(expression=label)
        self.redraw()

    def _set(self, leaf, number):
        if leaf in self.model.values:
            self.model.set_value(leaf, number)
            self.redraw()


def _label(name):
    return say("your expression") if name == YOURS else say(name)


class View:
    """The picture: boxes with value and gradient, edges with what travels along them."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._graph = None
        with canvas.styled():
            self.axes = canvas.axes(0, 0, *SIZE, xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        self.axes.axis("off")
        self._still = []
        self._numbers = []  # labels of this graph
        with canvas.styled():
            self.around = self._moving_box(*BOX, facecolor="none", linewidth=3)
            self.there = [self._lines(style.BLUE, "-", 1.8), self._lines(style.BLUE, "-", 3.4)]
            self.back = [self._lines(style.VERMILLION, "--", 1.8), self._lines(style.VERMILLION, "--", 3.4)]
            self.heads = [
                canvas.line(self.axes, linestyle="", marker=marker, markersize=8, color=colour)
                for marker, colour in ((">", style.BLUE), ("<", style.VERMILLION))
            ]

    def show(self, model):
        graph = (model.layout, [node.label for node in model.nodes])
        if graph != self._graph:
            self._graph = graph
            self._draw_graph(model)
        kind, what = model.current
        sent, lit = set(model.sent()), what if kind == "back" else None
        now = {lit} if kind == "back" else {i for i, edge in enumerate(model.edges) if edge.target == what}
        known = {i for i, edge in enumerate(model.edges) if model.known(edge.target)} - sent
        now = now & known if kind == "forward" else now & sent
        for lines, members in zip(
            (*self.there, *self.back), (known - now, known & now, sent - now, sent & now), strict=True
        ):
            lines.set_data(*joined([self._curves[i] for i in sorted(members)]))
        for heads, members, end, shift in zip(self.heads, (known, sent), (-1, 0), (-5, 5), strict=True):
            places = [self._curves[i][end] for i in sorted(members)]
            heads.set_data([x + shift for x, _ in places], [y for _, y in places])
        for number, (edge, label, local) in enumerate(zip(model.edges, self._labels, self._locals, strict=True)):
            stays = number in sent and number != lit and edge.local is not None
            local.text = f"× {text(edge.local, 3)}" if stays else ""
            (x, y, _), apart = self._middles[number], 7.5 * self.scale if stays else 0
            local.place, label.place = (x, y + apart), (x, y - apart)
            label.colour = style.VERMILLION if number in sent else style.BLUE
            message = text(edge.message if number in sent else model.nodes[edge.source].value, 3)
            label.text = f"= {message}" if stays else message
            if number == lit or number not in known | sent:
                label.text = ""
        for number, node in enumerate(model.nodes):
            value, gradient, total = self._texts[number]
            value.text = text(node.value) if model.known(number) else ""
            arrived = model.arrived(number)
            gradient.text = say("grad {number}", number=text(sum(arrived))) if arrived else ""
            total.text = model.sum_text(number, digits=3, most=4)
            x, half = self._centres[number][0], 3.9 * self.scale * len(total.text)
            total.place = (np.clip(x, half + 2, SIZE[0] - half - 2), total.place[1])
        self._show_current(model, kind, what)

    def _show_current(self, model, kind, what):
        """A frame around the node of the last step, and for a gradient the arithmetic beside its edge."""
        self.around.set_visible(kind != "start")
        for part in self.note:
            part.set_visible(kind == "back")
        if kind == "start":
            return
        x, y = self._centres[model.edges[what].source if kind == "back" else what]
        _move(self.around, x, y)
        self.around.set_edgecolor(style.BLUE if kind == "forward" else style.VERMILLION)
        if kind == "back":
            edge, (x, y, above) = model.edges[what], self._middles[what]
            box, first, second = self.note
            if edge.local is None:
                first.text = say("g: shape {shape}", shape=np.shape(model.nodes[edge.target].value))
                second.text = say("gives {shape}", shape=np.shape(edge.message))
            else:
                g, local, product = text(model.gradient(edge.target), 3), text(edge.local, 3), text(edge.message, 3)
                first.text, second.text = say("g × local ="), f"{g} × {local} = {product}"
            width = 22 + 7.6 * max(len(first.text), len(second.text))
            x, y = self._free_place(x, y, above, width)
            box.set_width(width)
            _move(box, x, y)
            first.place, second.place = (x, y + 9), (x, y - 9)

    def _free_place(self, x, y, above, width):
        """A place for the arithmetic near the middle (x, y) of its edge that hides as little of the nodes as possible."""
        lowest, highest = (width / 2 + 4, 26), (SIZE[0] - width / 2 - 4, SIZE[1] - 26)
        side = 1 if above else -1
        shifts = [(dx, side * dy) for dy in (48, 60, -48, -60, 76, -76, 92, -92) for dx in (0, 30, -30, 60, -60)]
        labels = [middle[:2] for middle in self._middles if middle[:2] != (x, y)]
        places = [np.clip((x + dx, y + dy), lowest, highest) for dx, dy in shifts]

        def hidden(place):
            overlaps = 0
            for centres, (wide, high) in ((self._filled, (self.box[0], self.box[1] + 16)), (labels, (50, 28))):
                across, up = np.abs(np.reshape(centres, (-1, 2)) - place).T
                wide, high = (width + wide) / 2 + 6, (46 + high) / 2 + 2
                overlaps += np.sum(np.maximum(0, wide - across) * np.maximum(0, high - up))
            return overlaps

        return min(places, key=hidden)  # of equal ones the first

    # What stays as long as the graph does

    def _draw_graph(self, model):
        for artist in self._still:
            artist.remove()
        for label in self._numbers:
            self.canvas.forget(label)
        self._still, self._numbers = [], []
        self._place(model)
        with self.canvas.styled():
            for curve in self._curves:
                self._still += self.axes.plot(*curve.T, color=style.LIGHT_GREY, linewidth=1.6, zorder=1)
            for node, centre in zip(model.nodes, self._centres, strict=True):
                self._still += self._node(node, centre)
            self._locals = [self._label(middle[:2], style.BLACK, 9, background="white") for middle in self._middles]
            self._labels = [self._label(middle[:2], style.BLUE, 9, background="white") for middle in self._middles]
            below = [self._below(model, number) for number in range(len(model.nodes))]
            self._texts = [self._node_texts(*centre, low) for centre, low in zip(self._centres, below, strict=True)]
            self._filled = [(x, y - 8 if low else y + 8) for (x, y), low in zip(self._centres, below, strict=True)]
            self.note = [self._moving_box(100, 46, facecolor="white", edgecolor=style.VERMILLION, linewidth=1.2)]
            self.note += [self._label((0, 0), style.BLACK, 9.5 / self.scale) for _ in range(2)]
        self._numbers.append(self.note[0])
        self.canvas.still_parts_changed()

    def _place(self, model):
        """Centres of the nodes, curves and middles of the edges, in CSS pixels."""
        layout = model.layout
        lowest, highest = layout.rows
        for self.scale in SCALES:
            across, down = (
                min(self.scale * spacing, (size - self.scale * box - 2 * margin) / max(0.01, steps))
                for spacing, size, box, margin, steps in zip(
                    SPACING, SIZE, BOX, MARGIN, (layout.layers - 1, highest - lowest), strict=True
                )
            )
            if across >= self.scale * APART[0] and down >= self.scale * APART[1]:
                break
        self.box = (self.scale * BOX[0], self.scale * BOX[1])
        self.around.set_width(self.box[0] + 8)
        self.around.set_height(self.box[1] + 8)
        middle = ((layout.layers - 1) / 2, (lowest + highest) / 2)

        def pixels(place):
            return (SIZE[0] / 2 + across * (place[0] - middle[0]), SIZE[1] / 2 - down * (place[1] - middle[1]))

        self._centres = [pixels(place) for place in layout.places]
        routes = [[pixels(place) for place in route] for route in layout.routes]
        ends, starts = {}, {}
        for number, (edge, route) in enumerate(zip(model.edges, routes, strict=True)):
            ends.setdefault(edge.target, []).append((-route[-2][1], number))
            starts.setdefault(edge.source, []).append((-route[1][1], number))
        shift_end, shift_start = _ports(ends, self.scale), _ports(starts, self.scale)
        self._curves, self._middles = [], []
        pairs = [(edge.source, edge.target) for edge in model.edges]
        for number, route in enumerate(routes):
            (x0, y0), (x1, y1) = route[0], route[-1]
            points = [
                (x0 + self.box[0] / 2, y0 + shift_start[number]),
                *route[1:-1],
                (x1 - self.box[0] / 2, y1 + shift_end[number]),
            ]
            curve = smooth(points, 16)
            self._curves.append(curve)
            twins = [n for n, edge in enumerate(pairs) if edge == pairs[number]]
            centre = curve[
                round(len(curve) * (1 + twins.index(number)) / (1 + len(twins)))
            ]  # their numbers side by side
            self._middles.append(
                (*centre, centre[1] >= SIZE[1] / 2 if shift_end[number] == 0 else shift_end[number] > 0)
            )

    def _node(self, node, centre):
        leaf = node.kind != "operation"
        box = self._box(
            *self.box, facecolor=RC["grid.color"] if leaf else "white", edgecolor=style.GREY, linewidth=1.2, zorder=3
        )
        _move(box, *centre)
        written = node.label if leaf or node.label.startswith(node.operation) else f"{node.label}: {node.operation}"
        written = "_\n".join(written.rsplit("_", 1)) if len(written) > 13 else written
        size = self.scale * min(10, 105 / max(map(len, written.split("\n"))))
        name = self.axes.text(
            centre[0],
            centre[1] + 17 * self.scale,
            written,
            ha="center",
            va="center",
            weight="bold",
            fontsize=size,
            linespacing=0.9,
            zorder=4,
        )
        return [box, name]

    def _below(self, model, number):
        """Whether the sum of its gradients stands below a node: above, where the edges on its right go down."""
        y, targets = self._centres[number][1], [edge.target for edge in model.edges if edge.source == number]
        return not targets or np.mean([self._centres[target][1] for target in targets]) > y - 10

    def _node_texts(self, x, y, below):
        """What changes on a node: value, gradient, and beside it the sum of several gradients."""
        sums = (self.box[1] / 2 + 14 * self.scale) * (-1 if below else 1)
        return (
            self._label((x, y - 2 * self.scale), style.BLUE, 10),
            self._label((x, y - 19 * self.scale), style.VERMILLION, 9.5),
            self._label((x, y + sums), style.VERMILLION, 9.5),
        )

    def _label(self, place, colour, size, **options):
        self._numbers.append(
            self.canvas.moving(Label(self.canvas.figure, place, colour=colour, size=self.scale * size, **options))
        )
        return self._numbers[-1]

    def _lines(self, colour, dashes, width):
        return self.canvas.line(self.axes, color=colour, linestyle=dashes, linewidth=width)

    def _box(self, width, height, **options):
        box = FancyBboxPatch((0, 0), width, height, boxstyle="round,pad=0,rounding_size=7", **options)
        return self.axes.add_patch(box)

    def _moving_box(self, width, height, **options):
        return self.canvas.moving(self._box(width, height, **options))


def _move(box, x, y):
    """Put the middle of a box at a place."""
    box.set_x(x - box.get_width() / 2)
    box.set_y(y - box.get_height() / 2)


def _ports(sides, scale):
    """Edge: how far above the middle of its node's side it ends; edges at one node keep their order."""
    shifts = {}
    for waiting in sides.values():
        for place, (_, number) in enumerate(sorted(waiting)):
            shifts[number] = ((len(waiting) - 1) / 2 - place) * scale * min(BETWEEN_ENDS, 44 / max(1, len(waiting) - 1))
    return shifts
