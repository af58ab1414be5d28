"""The autograd lab: our graph above, PyTorch's below, and one gradient that goes back through both."""

import re

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
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
        model = self.model
        there = [
            say("{name} of PyTorch", name=name) if model.met(node) else None
            for name, node in zip(model.theirs.labels, model.groups, strict=True)
        ]
        return [("places", model.ours.labels), ("their_places", there)]

    def graphs(self):
        return self.model.ours, self.model.theirs

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
        super().make(canvas)
        first = (SIZE[0] - 100, sum(BANDS[1]) / 2)  # where PyTorch's first node will stand
        self.waiting = canvas.label(first, say("press Backward step"), colour=style.GREY, size=11)
        canvas.label((12, SIZE[1] - 12), "course_lib", align="left", size=11)
        self.heading = canvas.label((12, BANDS[1][1] + 12), align="left", size=11)
        self.axes.plot([12, SIZE[0] - 12], [BANDS[0][0] - 8] * 2, color=style.LIGHT_GREY, linewidth=1)
        self.edges = canvas.line(self.axes, color=style.SILVER, linewidth=1.6)
        self.ways = canvas.line(self.axes, "--", color=style.VERMILLION, linewidth=2.2)
        self.heads = canvas.moving(self.axes.add_patch(ArrowHeads(style.VERMILLION)))

    def show(self):
        super().show()
        model = self.model
        self.heading.text = say("PyTorch: grad_fn ({origin})", origin=model.origin())
        self.waiting.set_visible(model.position == 0)
        ours = [model.met(node) for node in range(len(model.ours.labels))]
        theirs = [ours[node] for node in model.groups]
        sent = [
            (curve, way)
            for graph, drawn, met in zip(self.graphs(), self._drawn, (ours, theirs), strict=True)
            for (source, _), (curve, way, _) in zip(graph.edges, drawn, strict=True)
            if met[source]
        ]
        self.ways.set_data(*joined([curve for curve, _ in sent]))
        self.heads.point([(curve[0], -way) for curve, way in sent])
        current = model.current
        for number, (box, _) in enumerate(self._boxes[0]):
            _colour(box, ours[number], number == current)
            self._gradients[number].text = _gradient_text(model.gradients[number][0]) if ours[number] else ""
        for number, (box, labels) in enumerate(self._boxes[1]):
            for part in (box, *labels):
                part.set_visible(theirs[number])
            _colour(box, theirs[number], model.groups[number] == current)

    def draw_graphs(self):
        model = self.model
        there = [
            f"{label}\n({model.ours.labels[node]})" if label == "AccumulateGrad" else label
            for label, node in zip(model.theirs.labels, model.groups, strict=True)
        ]
        self._boxes = [[self._node(label) for label in labels] for labels in (model.ours.labels, there)]
        self._gradients = [self.own_label(style.VERMILLION, 9) for _ in model.ours.labels]

    def _node(self, label):
        """A box, and the lines of its label."""
        box = self.own(self.rounded(*BOX, linewidth=1.2))
        return box, [self.own_label(style.BLACK, 9, line) for line in _lines(label)]

    def arrange(self):
        model, self._drawn = self.model, []
        for boxes, (name, arrangement) in zip(self._boxes, model.arrangements.items(), strict=True):
            centres, routes = arrangement.with_moved(model.settings[name])
            self._drawn.append(drawn_edges(arrangement.edges, routes, BOX))
            raised = 7 if name == "places" else 0  # room for the gradient
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
