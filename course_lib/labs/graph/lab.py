"""The graph lab: a computational graph, values forward and gradients backward, one click a step."""

import time
from functools import partial
from math import inf

import numpy as np

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
from ..base.buttons import Button, Reset, Run
from ..base.curves import joined
from ..base.graph_walk import LAYOUT, ArrowHeads, GraphWalkLab, bowed, drawn_edges
from ..base.model import LONGEST_RUN
from ..base.panel import row
from .model import BOX, LIMITS, SIZE, GraphModel, sum_text, text

LABEL = (66, 46)  # the numbers at an edge, in CSS pixels
LINE = 15  # from one of them to the next
APART = 90  # two edges between the same two nodes, in their middles
UNDERWAY = 0.36  # seconds in which a dot goes along the edges of a step, when all steps are shown one after the other
KEY = (164, 58)  # what the signs mean, in a corner of the picture


class GraphLab(GraphWalkLab):
    """The graph lab, to be the last line of a cell.

    expression  a Tensor of one number, a function of named leaves, or the label of a prepared expression
    name        labs with different names may be open in one notebook; the same name again replaces the first
    engine      an `Engine` of `course_lib.tools.engines`: the function is then computed by its values and rules
    values      for a function, the numbers of its leaves: graph_lab(lambda x, y: x * y + y, x=3.0, y=2.0). Arrays are
                drawn by their shapes; single numbers get a slider

    Raises ValueError when the expression is no Tensor of one number that an operation has made.
    """

    size = SIZE
    step_seconds, static_steps = 0.45, LONGEST_RUN
    question = N_("Which values does a backward step need that the forward pass has left?")
    goal_texts = {"gradient predicted": N_("Goal: predict the gradient of {leaf} before its last backward step.")}
    actions = {
        "forward": Button(
            N_("Forward step"),
            "forward_step",
            N_("Compute the next value"),
            off=lambda model: model.forward_done,
            style="primary",
        ),
        "back": Button(
            N_("Backward step"),
            "back_step",
            N_("Send the next gradient back along one edge"),
            off=lambda model: not model.forward_done or model.finished,
            style="primary",
        ),
        "run": Run(N_("Run all"), N_("All steps that are left, one after the other; press again to pause"), style=""),
        "reset": Reset(N_("Back to the leaves")),
        "layout": LAYOUT,
    }
    rows = (("expression", "prediction"), ("forward", "back", "run", "reset", "layout"), "leaves")
    _stepped = -inf  # when the run took its last step

    def __init__(self, expression=None, name="graph", engine=None, **values):
        self.open(GraphModel(expression, values, engine), name)

    def nodes(self):
        return [("places", [node.label for node in self.model.nodes])]

    def graphs(self):
        return self.model.arrangements["places"].edges, [node.label for node in self.model.nodes]

    def static_model(self):
        """The longest walk that does not show yet what the reader is asked to predict."""
        model = super().static_model()
        while model.answered:
            model.position -= 1
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
        self._make_expression()
        for _, values in model.choices.values():
            for leaf, value in values.items():
                if leaf not in self.controls and np.ndim(value) == 0:
                    limits = min(LIMITS[0], value), max(LIMITS[1], value)
                    self.controls[leaf] = self.number(leaf, value, limits, partial(self._set, leaf), step=0.1)
        self.prediction, self.leaves = self.make_prediction("", 430), row(gap="24px")
        return super().make_buttons()

    def show_controls(self):
        """The controls of the leaves that this expression has, with its numbers."""
        super().show_controls()
        model = self.model
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
            self.prediction.description = say("Prediction: gradient of {leaf} =", leaf=leaf)

    def _set(self, leaf, number):
        if leaf in self.model.values:
            self.model.set_value(leaf, number)
            self.redraw()

    # Running

    def work(self):
        before = self.model.done
        is_left = super().work()
        if self.model.done != before:
            self._stepped = time.perf_counter()
        return is_left or self._underway < 1

    @property
    def _underway(self):
        """How far the numbers of the last step have come, 0 to 1; only a run on a page shows them on their way."""
        is_seen = self.running and self._loop is not None and self.canvas.page_draws
        return min(1, (time.perf_counter() - self._stepped) / UNDERWAY) if is_seen else 1

    def has_news(self):
        return super().has_news() or self._underway < 1 or len(self.dots.get_xdata()) > 0

    # The picture

    def make(self, canvas):
        """Boxes with value and gradient, edges with what travels along them."""
        super().make(canvas)
        self.edges = canvas.line(self.axes, color=style.SILVER, linewidth=1.6)
        self.around = self.rounded(*BOX, facecolor="none", linewidth=3)
        self.there = [self._lines(style.BLUE, "-", 1.8), self._lines(style.BLUE, "-", 3.4)]
        self.back = [self._lines(style.VERMILLION, "--", 1.8), self._lines(style.VERMILLION, "--", 3.4)]
        self.heads = [canvas.moving(self.axes.add_patch(ArrowHeads(c))) for c in (style.BLUE, style.VERMILLION)]
        self.dots = canvas.line(self.axes, color=style.BLACK, linestyle="", marker="o", markersize=8)
        signs = (
            (style.BLUE, f"\N{RIGHTWARDS ARROW} {say('value, forward')}"),
            (style.VERMILLION, f"\N{LEFTWARDS DASHED ARROW} {say('gradient, backward')}"),
            (style.BLACK, f"\N{MULTIPLICATION SIGN} {say('local derivative')}"),
        )
        self.key = [canvas.label((0, 0), words, colour=colour, size=10, align="left") for colour, words in signs]

    def show(self):
        super().show()
        model = self.model
        kind, what = model.current
        sent, lit = set(model.sent()), what if kind == "back" else None
        now = {lit} if kind == "back" else {i for i, edge in enumerate(model.edges) if edge.target == what}
        known = {i for i, edge in enumerate(model.edges) if model.known(edge.target)} - sent
        now = now & known if kind == "forward" else now & sent
        for lines, members in zip(
            (*self.there, *self.back), (known - now, known & now, sent - now, sent & now), strict=True
        ):
            lines.set_data(*joined([self._drawn[i][0] for i in sorted(members)]))
        share = self._underway
        ways = [self._drawn[i][0][:: -1 if kind == "back" else 1] for i in sorted(now)] if share < 1 else []
        self.dots.set_data(*np.reshape([way[int(share * len(way))] for way in ways], (-1, 2)).T)
        ends = [((curve[-1], way), (curve[0], -way)) for curve, way, _ in self._drawn]
        for back, (heads, members) in enumerate(zip(self.heads, (known, sent), strict=True)):
            heads.point([ends[i][back] for i in sorted(members)])
        for number, (edge, label, local) in enumerate(zip(model.edges, self._labels, self._locals, strict=True)):
            is_sent, factor = number in sent, number in sent and edge.local is not None
            local.text = f"× {text(edge.local, 3)}" if factor else ""
            (x, y), apart = self._middles[number], LINE / 2 * self.scale if factor else 0
            local.place, label.place = (x, y + apart), (x, y - apart)
            label.colour = style.VERMILLION if is_sent else style.BLUE
            message = text(edge.message if is_sent else model.nodes[edge.source].value, 3)
            label.text = ("= " if factor else "") + message if number in known | sent else ""
        for number, node in enumerate(model.nodes):
            value, gradient, total = self._texts[number]
            is_known, arrived = model.known(number), model.arrived(number)
            value.text = text(node.value) if is_known else ""
            gradient.text = say("grad {number}", number=text(sum(arrived))) if arrived else ""
            total.text = sum_text(arrived, 3, 4, model.waiting(number))
            x, half = self._centres[number][0], total.width / 2
            total.place = (np.clip(x, half + 2, SIZE[0] - half - 2), total.place[1])
            self._boxes[number].set_linestyle("-" if is_known else "--")
            done = arrived and model.complete(number)
            self._boxes[number].set_edgecolor(style.VERMILLION if done else style.BLUE if is_known else style.GREY)
        self._show_current(model, kind, what)

    def _show_current(self, model, kind, what):
        """A frame around the node of the last step; for a gradient another one around the arithmetic on its edge."""
        self.around.set_visible(kind != "start")
        for part in self.note:
            part.set_visible(kind == "back")
        if kind == "start":
            return
        x, y = self._centres[model.edges[what].source if kind == "back" else what]
        _move(self.around, x, y)
        self.around.set_edgecolor(style.BLUE if kind == "forward" else style.VERMILLION)
        if kind == "back":
            edge, (x, y), (frame, g) = model.edges[what], self._middles[what], self.note
            lines = [g, self._locals[what], self._labels[what]]
            if edge.local is None:
                lines.remove(self._locals[what])
                g.text = say("g: shape {shape}", shape=np.shape(model.nodes[edge.target].value))
                self._labels[what].text = say("gives {shape}", shape=np.shape(edge.message))
            else:
                g.text = f"g = {text(model.gradient(edge.target), 3)}"
            down, width = LINE * self.scale, 14 + max(line.width for line in lines)
            x = np.clip(x, width / 2 + 2, SIZE[0] - width / 2 - 2)
            for number, line in enumerate(reversed(lines)):
                line.place = (x, y + (number - 0.5) * down)
            frame.set_width(width)
            frame.set_height(len(lines) * down + 6)
            _move(frame, x, y + (len(lines) / 2 - 1) * down)

    def _hidden(self, places, size, labels):
        """For something of a size, at each of some places: how much of the nodes and of some labels it would hide."""
        area = np.zeros(len(places))
        for centres, (wide, high) in ((self._filled, self._filled_size), (labels, self._label_size)):
            across, up = np.abs(np.reshape(centres, (-1, 1, 2)) - places).transpose(2, 0, 1)
            wide, high = (size[0] + wide) / 2, (size[1] + high) / 2
            area += (np.maximum(0, wide - across) * np.maximum(0, high - up)).sum(axis=0)
        return area

    # What stays as long as the graph does

    def draw_graphs(self):
        model, self.box = self.model, self.model.arrangements["places"].box
        self.scale = self.box[0] / BOX[0]
        self._filled_size = self.box + np.array((0, 16))  # with the sum beside it
        self._label_size = self.scale * np.array(LABEL)
        self.around.set_width(self.box[0] + 8)
        self.around.set_height(self.box[1] + 8)
        self._boxes = [self._node(node) for node in model.nodes]
        self._names = [self._name(node) for node in model.nodes]
        frame = self.own(self.rounded(*LABEL, facecolor="white", edgecolor=style.VERMILLION, linewidth=1.4))
        self.note = [frame, self._label(style.VERMILLION, 9.5)]
        self._locals = [self._label(style.BLACK, 9.5, background="white") for _ in model.edges]
        self._labels = [self._label(style.BLUE, 9.5, background="white") for _ in model.edges]
        looks = (style.BLUE, 10), (style.VERMILLION, 9.5), (style.VERMILLION, 9.5)
        self._texts = [[self._label(*look) for look in looks] for _ in model.nodes]  # value, gradient, sum

    def _node(self, node):
        looks = {"facecolor": "white" if node.kind == "operation" else RC["grid.color"], "edgecolor": style.GREY}
        return self.own(self.rounded(*self.box, linewidth=1.6, **looks))

    def _name(self, node):
        leaf = node.kind != "operation"
        written = node.label if leaf or node.label.startswith(node.operation) else f"{node.label}: {node.operation}"
        written = "_\n".join(written.rsplit("_", 1)) if len(written) > 13 else written
        size = self.scale * min(10, 105 / max(map(len, written.split("\n"))))
        looks = {"ha": "center", "va": "center", "weight": "bold", "fontsize": size, "linespacing": 0.9}
        return self.own(self.canvas.moving(self.axes.text(0, 0, written, **looks)))

    def _label(self, colour, size, **options):
        return self.own_label(colour, self.scale * size, **options)

    # Where it stands

    def arrange(self):
        arrangement = self.model.arrangements["places"]
        edges, (centres, routes) = arrangement.edges, arrangement.with_moved(self.model.settings["places"])
        self._centres = [tuple(centre) for centre in centres.tolist()]
        self._filled = []
        nodes = zip(self._centres, self._boxes, self._names, self._texts, strict=True)
        for number, ((x, y), box, name, (value, gradient, total)) in enumerate(nodes):
            _move(box, x, y)
            name.set_position((x, y + 17 * self.scale))
            value.place, gradient.place = (x, y - 2 * self.scale), (x, y - 19 * self.scale)
            targets = [self._centres[target][1] for source, target in edges if source == number]
            side = 1 if targets and np.mean(targets) <= y - 10 else -1  # the sum stands where no edge goes
            total.place = (x, y + side * (self.box[1] / 2 + 14 * self.scale))
            self._filled.append((x, y + 8 * side))
        self._lead(edges, routes)
        self.edges.set_data(*joined([curve for curve, _, _ in self._drawn]))
        self._place_key()

    def _place_key(self):
        """What the signs mean stands in the corner in which it hides least."""
        wide, high = KEY
        corners = np.array(
            [(x, y) for x in (wide / 2 + 8, SIZE[0] - wide / 2 - 8) for y in (high / 2, SIZE[1] - high / 2)]
        )
        x, y = corners[np.argmin(self._hidden(corners, KEY, self._middles))]  # of equal ones the first
        for number, label in enumerate(self.key):
            label.place = (x - wide / 2, y + (1 - number) * 18)

    def _lead(self, edges, routes):
        """The curves of the edges, and where their numbers stand: free, and as near to the middle as that is."""
        drawn = drawn_edges(edges, routes, self.box, self.scale)
        room = 2 * LINE * self.scale, SIZE[1] - 2 * LINE * self.scale
        self._drawn, self._middles = bowed(drawn, edges, routes, self.box, APART * self.scale, room), []
        up = np.array((0, LINE / 2 * self.scale))  # the third line, of the last step, stands above the other two
        for curve, _, _ in self._drawn:
            middle = curve[len(curve) // 2]
            hidden = self._hidden(curve + up, self._label_size, [place + up for place in self._middles])
            self._middles.append(curve[np.argmin(hidden + np.hypot(*(curve - middle).T))])

    def _lines(self, colour, dashes, width):
        return self.canvas.line(self.axes, color=colour, linestyle=dashes, linewidth=width)


def _move(box, x, y):
    """Put the middle of a box at a place."""
    box.set_x(x - box.get_width() / 2)
    box.set_y(y - box.get_height() / 2)
