"""The autograd lab: our graph above, PyTorch's below, and one gradient that goes back through both."""

import re

from matplotlib.patches import FancyBboxPatch

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
from ..base.artists import Label
from ..base.buttons import Button, Reset, Run
from ..base.curves import joined
from ..base.graph_walk import LAYOUT, ArrowHeads, GraphWalkLab, drawn_edges
from .model import BANDS, BOX, SIZE, AutogradModel

LINE = 13  # CSS pixels from one line of a label to the next
NOW = "#F1C9AA"  # vermillion, two thirds on the way to white


class AutogradLab(GraphWalkLab):
    """The autograd lab, to be the last line of a cell.

    expression  the label of a prepared expression, or a function of named leaves that uses + - * / ** and @ (needs
                PyTorch): autograd_lab(lambda x, y: x * y + y, x=3.0, y=2.0)
    name        labs with different names may be open in one notebook; the same name again replaces the first

    Raises ValueError when the expression is unknown, gives more than one number, or needs PyTorch where there is none.
    """

    name = "autograd"
    size, look = SIZE, 1  # a gradient begins at the loss
    static_steps = 1  # how many nodes PyTorch has, the reader is asked to predict
    question = N_("Which nodes of ours need several of PyTorch's, and what does each of these do?")
    goal_texts = {
        "nodes predicted": N_(
            "Goal: predict how many nodes PyTorch's graph has, then let the gradient go back to the leaves."
        ),
    }
    actions = {
        "step": Button(
            N_("Backward step"),
            "advance",
            N_("Let the gradient arrive at the next node"),
            off=lambda model: model.finished,
            style="primary",
        ),
        "run": Run(N_("All steps"), N_("One step after the other; press again to pause"), style=""),
        "reset": Reset(N_("Back to the loss")),
        "layout": LAYOUT,
    }
    rows = (("expression", "prediction"), ("step", "run", "reset", "layout"))

    def __init__(self, expression=None, name="autograd", **values):
        self.open(AutogradModel(expression, values), name)

    def nodes(self):
        model, axes = self.model, self.axes
        there = [
            say("{name} of PyTorch", name=name) if model.met(node) else None
            for name, node in zip(model.theirs.labels, model.groups, strict=True)
        ]
        return [("places", axes, model.ours.labels), ("their_places", axes, there)]

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
        self._make_expression()
        self.prediction = self.make_prediction(say("Prediction: nodes in PyTorch ="), 440)
        return super().make_buttons()

    # The picture

    def make(self, canvas):
        """Two rows of boxes, results on the right; what the gradient has reached is lit in both."""
        self._graphs = self._places = None
        self.axes = canvas.axes(0, 0, *SIZE, xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        self.axes.axis("off")
        first = (SIZE[0] - 100, sum(BANDS[1]) / 2)  # where PyTorch's first node will stand
        self.waiting = canvas.label(first, say("press Backward step"), colour=style.GREY, size=11)
        self._artists = []  # of these graphs
        for y, text in ((SIZE[1] - 12, "course_lib"), (BANDS[1][1] + 12, "")):
            label = Label(canvas.figure, (12, y), text, align="left", size=11)
            self.heading = canvas.moving(label)
        self.axes.plot([12, SIZE[0] - 12], [BANDS[0][0] - 8] * 2, color=style.LIGHT_GREY, linewidth=1)
        self.edges = canvas.line(self.axes, color=style.SILVER, linewidth=1.6)
        self.ways = canvas.line(self.axes, "--", color=style.VERMILLION, linewidth=2.2)
        self.heads = canvas.moving(self.axes.add_patch(ArrowHeads(style.VERMILLION)))

    def show(self):
        model = self.model
        if self._graphs != (model.ours, model.theirs):
            self._graphs, self._places = (model.ours, model.theirs), None
            self._draw(model)
        places = [model.settings[name] for name in model.arrangements]
        if self._places != places:
            self._places = places
            self._arrange(model)
        self.heading.text = say("PyTorch: grad_fn ({origin})", origin=model.origin())
        self.waiting.set_visible(model.position == 0)
        sent = []
        for graph, drawn, lit in zip(self._graphs, self._drawn, (model.met, self._lit(model)), strict=True):
            sent += [
                (curve, way) for (curve, way, _), (source, _) in zip(drawn, graph.edges, strict=True) if lit(source)
            ]
        self.ways.set_data(*joined([curve for curve, _ in sent]))
        self.heads.point([(curve[0], -way) for curve, way in sent])
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
        """The artists of other graphs, without their places."""
        for artist in self._artists:
            self.canvas.forget(artist)
        self._artists = []
        there = [
            f"{label}\n({model.ours.labels[node]})" if label == "AccumulateGrad" else label
            for label, node in zip(model.theirs.labels, model.groups, strict=True)
        ]
        self._boxes = [[self._node(label) for label in labels] for labels in (model.ours.labels, there)]
        self._gradients = [self._label("", style.VERMILLION) for _ in model.ours.labels]

    def _node(self, label):
        """A box, and the lines of its label."""
        with self.canvas.styled():
            box = FancyBboxPatch((0, 0), *BOX, boxstyle="round,pad=0,rounding_size=7", linewidth=1.2)
            self._artists.append(self.canvas.moving(self.axes.add_patch(box)))
        return box, [self._label(line, style.BLACK) for line in _lines(label)]

    def _label(self, text, colour):
        label = Label(self.canvas.figure, (0, 0), text, colour=colour, size=9)
        self._artists.append(self.canvas.moving(label))
        return label

    def _arrange(self, model):
        """Everything to its place."""
        self._drawn = []
        for graph, boxes, (name, arrangement) in zip(
            self._graphs, self._boxes, model.arrangements.items(), strict=True
        ):
            centres, routes = arrangement.with_moved(model.settings[name])
            self._drawn.append(drawn_edges(graph.edges, routes, BOX))
            raised = 7 if graph is model.ours else 0  # room for the gradient
            for (box, labels), (x, y) in zip(boxes, centres.tolist(), strict=True):
                box.set_x(x - BOX[0] / 2)
                box.set_y(y - BOX[1] / 2)
                for line, label in enumerate(labels):
                    label.place = (x, y + raised + LINE * ((len(labels) - 1) / 2 - line))
        self.edges.set_data(*joined([curve for curve, _, _ in self._drawn[0]]))
        for (box, _), gradient in zip(self._boxes[0], self._gradients, strict=True):
            gradient.place = (box.get_x() + BOX[0] / 2, box.get_y() + 10)


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
        if lines[-1] and len(lines[-1]) + len(word) > 15:
            lines.append("")
        lines[-1] += word
    return lines
