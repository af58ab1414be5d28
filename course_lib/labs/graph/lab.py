"""The graph lab: a computational graph, values forward and gradients backward, one click a step."""

from functools import partial

import numpy as np

from ...text import N_, say
from ..base.graph_walk import GraphWalkLab
from ..base.panel import row
from .model import LIMITS, SIZE, YOURS, GraphModel, text
from .picture import View


class GraphLab(GraphWalkLab):
    """The graph lab, to be the last line of a cell.

    expression  a Tensor of one number, a function of named leaves, or the label of a prepared expression
    name        labs with different names may be open in one notebook; the same name again replaces the first
    engine      an `Engine` of `course_lib.tools.engines`: the function is then computed by its values and rules
    values      for a function, the numbers of its leaves: graph_lab(lambda x, y: x * y + y, x=3.0, y=2.0). Arrays are
                drawn by their shapes; single numbers get a slider

    Raises ValueError when the expression is no Tensor of one number that an operation has made.
    """

    name = "graph"
    size = SIZE
    seconds = 0.45
    question = N_("Which values does a backward step need that the forward pass has left?")
    goal_texts = {"gradient predicted": N_("Goal: predict the gradient of {leaf} before its last backward step.")}
    rows = (("expression", "prediction"), ("forward", "back", "run", "reset", "layout"), "leaves")

    def __init__(self, expression=None, name="graph", engine=None, **values):
        self.open(GraphModel(expression, values, engine), name)

    def make(self, canvas):
        self.view = View(canvas)

    def show(self):
        self.view.show(self.model)

    def nodes(self):
        return [("places", self.view.axes, [node.label for node in self.model.nodes])]

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
            "layout": self.make_layout_button(),
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
            self.prediction.description = say("Prediction: gradient of {leaf} =", leaf=leaf)

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
