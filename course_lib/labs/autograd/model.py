"""The autograd lab without its face: one computation, recorded by course_lib and by PyTorch at the same time.

Every value is a pair, a `Tensor` of ours and a tensor of PyTorch's, and every operation is done to both. What PyTorch
adds to its graph of `grad_fn` nodes meanwhile is what it needs for that one operation of ours. Where PyTorch is not
installed, the graphs of the prepared expressions are quoted from the record.
"""

from dataclasses import dataclass

import numpy as np

from ... import frameworks
from ...autodiff import Tensor, operation_name
from ...datasets import xor
from ...text import N_, joined, measured, say
from ..base.checks import check_choice
from ..base.graph_places import PlacedModel, Places, layered
from ..base.settings import Number, Text
from .tape import Pair, Tape, nodes_behind


def _xor_net(lib, W1, b1, W2, b2):
    x, y = xor()
    return lib.binary_cross_entropy(lib.dense(lib.dense(x, W1, b1, "tanh"), W2, b2), y)


def _diamond(lib, a):
    b = a + a
    return b * b


def _softmax_like(lib, x):
    e = lib.exp(x)
    return e / (e + 1)


def _xor_weights():
    rng = np.random.default_rng(1)
    return {"W1": rng.normal(size=(2, 4)), "b1": np.zeros(4), "W2": rng.normal(size=(4, 1)), "b2": np.zeros(1)}


# label: (function of the library and named leaves, their values)
EXPRESSIONS = {
    "x*x + x": (lambda lib, x: x * x + x, {"x": 3.0}),
    N_("b*b with b = a + a"): (_diamond, {"a": 3.0}),
    "exp(x) / (exp(x) + 1)": (_softmax_like, {"x": 1.0}),
    N_("neuron: (sigmoid(x*w + b) - y)**2"): (
        lambda lib, x, w, b, y: (lib.sigmoid(x * w + b) - y) ** 2, {"x": 2.0, "w": 0.5, "b": -1.0, "y": 1.0},
    ),
    N_("XOR net 2-4-1 with its loss"): (_xor_net, _xor_weights()),
}  # fmt: skip


YOURS = N_("your expression")
EQUAL = 1e-12  # gradients that differ by less are equal but for rounding


SIZE = (960, 410)  # of the picture, in CSS pixels
BANDS = ((210, 390), (4, 180))  # lowest and highest pixel of our graph and of theirs
BOX = (116, 50)  # a node
GAP = (24, 2)  # of a node that is moved from the others
MARGIN = 6  # between a node and the edge of the picture


@dataclass(frozen=True)
class Graph:
    """labels of the nodes, oldest first; edges (source, target), from what is used to what uses it."""

    labels: list
    edges: list

    def arranged(self, lowest, highest):
        """Its `Arrangement` in a band of the picture."""
        layout = layered(len(self.labels), self.edges)
        across = (SIZE[0] - 2 * MARGIN - BOX[0]) / max(1, layout.layers - 1)
        down = min(64, (highest - lowest - BOX[1]) / max(0.01, np.ptp(layout.rows)))
        area = (MARGIN, lowest, SIZE[0] - MARGIN, highest)
        return layout.arrangement(self.edges, (SIZE[0] / 2, (lowest + highest) / 2), across, down, BOX, GAP, area)


class AutogradModel(PlacedModel):
    """Two graphs of one expression, and how far the gradient has come.

    ours, theirs   `Graph`s; a node of ours is a tensor, a node of theirs a `grad_fn`
    groups         for each node of theirs the number of the node of ours whose work it does a part of
    position       how many nodes of ours backward() has met, the newest first
    gradients      for each node of ours (its gradient here, the largest difference from PyTorch's)
    here           whether PyTorch's graph was made here rather than quoted
    predicted      the number of nodes that the reader expects in PyTorch's graph, or None

    places, their_places   settings: where nodes of either graph were moved to
    expression     the label of a prepared one, or a function of named leaves (then PyTorch must be installed)
    Raises ValueError when an expression is unknown, or needs PyTorch where there is none.
    """

    declared = {"expression": Text("XOR net 2-4-1 with its loss"), "places": Places(), "their_places": Places()}
    keeps_run = optional = ("places", "their_places")
    persisted = {"predicted": Number(1, 10**6, 1, whole=True)}
    goals, lasting = ("nodes predicted",), False

    def __init__(self, expression=None, values=None):
        self.choices = dict(EXPRESSIONS)
        label = expression or self.declared["expression"].default
        if callable(expression):
            self.choices = {YOURS: (lambda lib, **leaves: expression(**leaves), dict(values or {}))} | self.choices
            label = YOURS
        super().__init__(expression=label)

    def checked(self, changes):
        """As every model's; an expression of one's own needs PyTorch."""
        settings = super().checked(changes)
        check_choice("autograd", settings["expression"], self.choices)
        if settings["expression"] == YOURS and not frameworks.pytorch.installed:
            raise ValueError(
                say("autograd: expressions of your own need PyTorch. {missing}", missing=frameworks.pytorch.missing())
            )
        return self.placed(settings, changes)

    def _start(self):
        """Record the expression in both libraries."""
        self.here = frameworks.pytorch.installed
        function, values = self.choices[self.label]
        tape = Tape(frameworks.pytorch.module if self.here else None)
        result = function(tape, **{name: tape.leaf(name, value) for name, value in values.items()})
        if not isinstance(result, Pair) or result.ours.vjp is None or result.ours.size != 1:
            raise ValueError(
                say("autograd: expected an expression that gives a single number by at least one operation")
            )
        ours, theirs = self._read_ours(result), self._read_theirs(tape, result) if self.here else self._quote()
        self.gradients = [
            (here, float(np.abs(here - np.reshape(there, here.shape)).max()))
            for here, there in zip(ours, theirs, strict=True)
        ]
        graphs = zip(self.optional, (self.ours, self.theirs), BANDS, strict=True)
        self.arrangements = {name: graph.arranged(*band) for name, graph, band in graphs}
        self.predicted, self.position = None, 0

    # The next three read a graph, and return the gradients of our nodes in it.

    def _read_ours(self, result):
        result.ours.backward()
        tensors = result.ours.graph()[::-1]
        number = {tensor: i for i, tensor in enumerate(tensors)}
        labels = [tensor.name or operation_name(tensor) for tensor in tensors]
        edges = [(number[p], number[t]) for t in tensors for p in t.parents if type(p) is Tensor]
        self.ours, self._number = Graph(labels, edges), number
        return [np.asarray(tensor.grad) for tensor in tensors]

    def _read_theirs(self, tape, result):
        result.theirs.backward(retain_graph=True)  # so that its nodes can be looked at afterwards
        nodes = nodes_behind(result.theirs.grad_fn)
        number = {node: i for i, node in enumerate(nodes)}
        edges = [(number[used], number[node]) for node in nodes for used, _ in node.next_functions if used in number]
        self.theirs = Graph([node.name().rpartition("::")[2] for node in nodes], edges)
        self.groups = [self._number[tape.owner[node]] for node in nodes]
        there = {pair.ours: pair.theirs for pair in tape.pairs}
        return [there[tensor].grad.numpy() for tensor in self._number]

    def _quote(self):
        quoted = frameworks.record()["graphs"][self.label]
        self.theirs = Graph(quoted["labels"], [tuple(edge) for edge in quoted["edges"]])
        self.groups = quoted["groups"]
        return quoted["gradients"]

    def as_record(self):
        """What `_quote` reads, when PyTorch has made it here."""
        return {
            "labels": self.theirs.labels,
            "edges": [list(edge) for edge in self.theirs.edges],
            "groups": self.groups,
            "gradients": [np.ravel(gradient).tolist() for gradient, _ in self.gradients],
        }

    # Walking

    @property
    def finished(self):
        return self.position == len(self.ours.labels)

    def _step(self):
        """Let the gradient arrive at the next node."""
        self.position += 1

    def reset(self):
        """Back to the start; a prediction that has been answered is forgotten."""
        if self.finished:
            self.predicted = None
        self.position, self.stop_at = 0, None

    def predict(self, number):
        """Note how many nodes the reader expects. Raises ValueError when they can be counted already."""
        if number != int(number) or number < 1:
            raise ValueError(say("prediction: expected a whole number from 1, got {got:g}", got=number))
        if self.position:
            raise ValueError(
                say("prediction: PyTorch's nodes can be seen already; press Reset, or choose another expression")
            )
        self.predicted = int(number)

    @property
    def good(self):
        """Whether the prediction was made in time and is right."""
        return self.finished and self.predicted == len(self.theirs.labels)

    @property
    def current(self):
        """The node of ours that the gradient has reached last, or None."""
        return len(self.ours.labels) - self.position if self.position else None

    def met(self, node):
        return node >= len(self.ours.labels) - self.position

    def members(self, node):
        """The names of PyTorch's nodes that do the work of a node of ours, the newest first."""
        return [label for label, group in zip(self.theirs.labels, self.groups, strict=True) if group == node][::-1]

    # In words

    def status(self):
        if not self.position:
            return say(
                "Our graph has {count} nodes. PyTorch's appears node by node as the gradient goes back.",
                count=len(self.ours.labels),
            )
        node = self.current
        gradient, difference = self.gradients[node]
        size = (
            say("{number:.4g}", number=gradient.item())
            if gradient.size == 1
            else say("shape {shape}", shape=gradient.shape)
        )
        parts = " + ".join(self.members(node))
        said = say(
            "{ours}: in PyTorch {parts}. Gradient: {size}, ", ours=self.ours.labels[node], parts=parts, size=size
        )
        said += (
            say("equal in both.")
            if difference < EQUAL
            else say("they differ by {difference:.1g}.", difference=difference)
        )
        if self.finished:
            said = joined(
                said,
                say(
                    "The graph of course_lib has {ours} nodes, and that of PyTorch has {theirs}.",
                    ours=len(self.ours.labels),
                    theirs=len(self.theirs.labels),
                ),
            )
        return said

    def origin(self):
        """Where PyTorch's half comes from."""
        if self.here:
            return say("PyTorch {version}, computed here", version=frameworks.pytorch.version)
        return say("PyTorch {version}, recorded", version=frameworks.pytorch.recorded_version)

    def description(self):
        """What is seen in words: our graph, and which of PyTorch's nodes have appeared for which of ours."""
        pairs = "; ".join(
            f"{label}: {' + '.join(self.members(node))}"
            for node, label in reversed([*enumerate(self.ours.labels)])
            if self.met(node)
        )
        graph = say("Graph of {label}: {ours} nodes in course_lib.", label=say(self.label), ours=len(self.ours.labels))
        seen = say("{origin}, so far: {pairs}.", origin=self.origin(), pairs=pairs or say("none so far"))
        if self.finished:
            seen = say(
                "{origin}: {theirs} nodes. {pairs}. Largest difference of the gradients: {largest}.",
                origin=self.origin(),
                theirs=len(self.theirs.labels),
                pairs=pairs,
                largest=measured(max(difference for _, difference in self.gradients), EQUAL),
            )
        said = joined(graph, seen)
        moved = (
            self.said_of_moved(name, graph.labels)
            for name, graph in zip(self.optional, (self.ours, self.theirs), strict=True)
        )
        return joined(said, *moved)
