"""The autograd lab: our graph above, PyTorch's below, and one gradient that goes back through both."""

import re

import numpy as np
from matplotlib.patches import FancyBboxPatch

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
from ..panel.canvas import Label
from ..panel.curves import joined, smooth
from ..panel.graph_walk import GraphWalkLab
from .model import YOURS, AutogradModel

SIZE = (960, 440)
ROWS = ((234, 418), (14, 206))  # lowest and highest pixel of our graph and of theirs
LEFT, RIGHT = 56, 904  # of the centres of the nodes
BOX = (100, 52)
NOW = "#F1C9AA"  # vermillion, two thirds on the way to white


def autograd_lab(expression=None, name="autograd", **values):
    """The autograd lab, to be the last line of a cell.

    expression  the label of a prepared expression, or a function of named leaves that uses + - * / ** and @ (needs
                PyTorch): autograd_lab(lambda x, y: x * y + y, x=3.0, y=2.0)
    name        labs with different names may be open in one notebook; the same name again replaces the first

    Raises ValueError when the expression is unknown, gives more than one number, or needs PyTorch where there is none.
    """
    return AutogradLab(AutogradModel(expression, values), name)


class AutogradLab(GraphWalkLab):
    """Controls and picture of an `AutogradModel`."""

    size = SIZE
    question = N_("Which nodes of ours need several of PyTorch's, and what does each of these do?")
    goal_texts = {
        "nodes predicted": N_(
            "Goal: predict how many nodes PyTorch's graph has, then let the gradient go back to the leaves."
        ),
    }
    rows = (("expression", "prediction"), ("step", "run", "reset"))

    def make_view(self, canvas):
        return View(canvas)

    def refresh(self):
        super().refresh()
        self.buttons["step"].disabled = self.model.finished

    def static(self):
        """Both graphs after the last step, for places without a kernel."""
        model = self.model if self.model.label == YOURS else self.model.twin()
        before, model.position = model.position, len(model.order)
        shown = self.picture(model)
        model.position = before
        return shown

    def goal_text(self, name, text):
        model = self.model
        if model.predicted is None:
            return text
        if not model.finished:
            return say("{goal} Noted: {number}.", goal=text, number=model.predicted)
        right = len(model.theirs.labels)
        return say("{goal} You said {number}, there are {right}.", goal=text, number=model.predicted, right=right)

    # Controls

    def make_buttons(self):
        names = {say(name): name for name in self.model.choices}
        self.controls["expression"] = self.choice(say("Expression"), self.model.label, names, self._choose)
        self.prediction = self.make_prediction(say("Your prediction: nodes in PyTorch ="), 440)
        return {
            "step": self.button(
                say("Backward step"),
                self.pausing(self.model.advance),
                style="primary",
                tooltip=say("Let the gradient arrive at the next node"),
            ),
            "run": self.make_run_button(
                say("All steps"), say("One step after the other; press again to pause"), style=""
            ),
            "reset": self.make_reset_button(say("Back to the loss")),
        }

    def show_controls(self):
        super().show_controls()
        self.controls["expression"].show(self.model.label)

    def _choose(self, label):
        self.stop()
        self.model.configure(expression=label)
        self.redraw()


class View:
    """The picture: two rows of boxes, results on the right; what the gradient has reached is lit in both."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._shown = None
        with canvas.styled():
            self.axes = canvas.axes(0, 0, *SIZE, xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        self.axes.axis("off")
        middle = (SIZE[0] / 2, sum(ROWS[1]) / 2)
        self.waiting = canvas.moving(
            Label(canvas.figure, middle, say("press Backward step"), colour=style.GREY, size=11)
        )
        self._still, self._moving = [], []
        for y, text in ((SIZE[1] - 12, "course_lib"), (ROWS[1][1] + 9, "")):
            label = Label(canvas.figure, (12, y), text, align="left", size=11)
            self.heading = canvas.moving(label)
        with canvas.styled():
            self.axes.plot([12, SIZE[0] - 12], [ROWS[0][0] - 8] * 2, color=style.LIGHT_GREY, linewidth=1)
            self.sent = canvas.line(self.axes, "--", color=style.VERMILLION, linewidth=2.2)
            self.heads = canvas.line(self.axes, linestyle="", marker="<", markersize=8, color=style.VERMILLION)

    def show(self, model):
        if self._shown is not model.theirs:
            self._draw(model)
        self.heading.text = say("PyTorch: grad_fn ({origin})", origin=model.origin())
        self.waiting.set_visible(model.position == 0)
        sent = []
        for graph, curves, lit in (
            (model.ours, self._curves[0], model.met),
            (model.theirs, self._curves[1], self._lit(model)),
        ):
            sent += [curve for curve, (source, _) in zip(curves, graph.edges, strict=True) if lit(source)]
        self.sent.set_data(*joined(sent))
        self.heads.set_data([c[0][0] + 5 for c in sent], [c[0][1] for c in sent])
        current = model.current
        for number, (box, _) in enumerate(self._boxes[0]):
            _colour(box, model.met(number), number == current)
            self._gradients[number].text = _gradient_text(model.gradients[number][0]) if model.met(number) else ""
        for number, (box, labels) in enumerate(self._boxes[1]):
            there = model.met(model.groups[number])
            for part in (box, *labels):
                part.set_visible(there)
            _colour(box, there, model.groups[number] == current)

    @staticmethod
    def _lit(model):
        return lambda node: model.met(model.groups[node])

    def _draw(self, model):
        """The boxes of another expression."""
        for artist in self._still:
            artist.remove()
        for artist in self._moving:
            self.canvas.forget(artist)
        self._still, self._moving = [], []
        self._shown = model.theirs
        self._boxes, self._curves = [], []
        there = [
            f"{label}\n({model.ours.labels[node]})" if label == "AccumulateGrad" else label
            for label, node in zip(model.theirs.labels, model.groups, strict=True)
        ]
        for graph, names, rows in zip((model.ours, model.theirs), (model.ours.labels, there), ROWS, strict=True):
            centres, curves = _places(graph, *rows)
            self._curves.append(curves)
            raised = 7 if graph is model.ours else 0  # room for the gradient
            self._boxes.append(
                [self._node(label, centre, raised) for label, centre in zip(names, centres, strict=True)]
            )
            if graph is model.ours:
                for curve in curves:
                    self._still += self.axes.plot(*curve.T, color=style.LIGHT_GREY, linewidth=1.6, zorder=1)
        self._gradients = []
        for centre in _places(model.ours, *ROWS[0])[0]:
            place = (centre[0], centre[1] - BOX[1] / 2 + 10)
            self._gradients.append(
                self.canvas.moving(Label(self.canvas.figure, place, colour=style.VERMILLION, size=8))
            )
        self._moving += self._gradients
        self.canvas.still_parts_changed()

    def _node(self, label, centre, raised):
        with self.canvas.styled():
            box = FancyBboxPatch(
                (centre[0] - BOX[0] / 2, centre[1] - BOX[1] / 2),
                *BOX,
                boxstyle="round,pad=0,rounding_size=7",
                linewidth=1.2,
            )
            self.axes.add_patch(box)
        self._moving.append(self.canvas.moving(box))
        lines = _lines(label)
        labels = []
        for i, line in enumerate(lines):
            y = centre[1] + raised + (len(lines) - 1) * 5.8 - 11.6 * i
            labels.append(self.canvas.moving(Label(self.canvas.figure, (centre[0], y), line, size=8)))
        self._moving += labels
        return box, labels


def _colour(box, lit, current):
    box.set_facecolor(NOW if current else "white" if lit else RC["grid.color"])
    box.set_edgecolor(style.VERMILLION if lit else style.GREY)
    box.set_linewidth(2.4 if current else 1.4 if lit else 1)


def _gradient_text(gradient):
    """A number with few digits, or the shape of an array."""
    return say("grad {number}", number=f"{gradient.item():.3g}" if gradient.size == 1 else gradient.shape)


def _lines(label):
    """A name of PyTorch's in lines that fit a box: BinaryCrossEntropyWithLogitsBackward0 has 37 letters."""
    if "\n" in label:
        return [line for part in label.split("\n") for line in _lines(part)]
    lines = [""]
    for word in re.findall(r"[A-Z]?[a-z]+\d*_?|[A-Z]+\d*_?|\d+|\S", label):
        if lines[-1] and len(lines[-1]) + len(word) > 13:
            lines.append("")
        lines[-1] += word
    return lines


def _places(graph, lowest, highest):
    """Centres of the nodes and curves of the edges, in CSS pixels, within a band of the picture."""
    layout = graph.layout
    low, high = layout.rows
    across = (RIGHT - LEFT) / max(1, layout.layers - 1)
    down = min(64, (highest - lowest - BOX[1]) / max(0.01, high - low))
    middle, centre = (low + high) / 2, (lowest + highest) / 2

    def pixels(place):
        return np.array([LEFT + across * place[0], centre - down * (place[1] - middle)])

    curves, ends = [], {}
    for (source, target), route in zip(graph.edges, layout.routes, strict=True):
        points = [pixels(place) for place in route]
        same = ends.setdefault((source, target), len([e for e in graph.edges if e == (source, target)]))
        ends[(source, target)] -= 1
        shift = 9 * (2 * (same - 1) - len([e for e in graph.edges if e == (source, target)]) + 1) / 2
        points[0] = points[0] + (BOX[0] / 2, shift)
        points[-1] = points[-1] + (-BOX[0] / 2, shift)
        curves.append(smooth(points, 14))
    return [pixels(place) for place in layout.places], curves
