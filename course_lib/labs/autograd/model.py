"""The autograd lab without its face: one computation, recorded by course_lib and by PyTorch at the same time.

Every value is a pair, a `Tensor` of ours and a tensor of PyTorch's, and every operation is done to both. What PyTorch
adds to its graph of `grad_fn` nodes meanwhile is what it needs for that one operation of ours. Where PyTorch is not
installed, the graphs of the prepared expressions are quoted from the record.
"""

from dataclasses import dataclass

import numpy as np

from ... import frameworks, functional, ops
from ...autodiff import Tensor, operation_name
from ...datasets import xor
from ...text import say
from ..panel.layered import layered

YOURS = "your expression"


class Pair:
    """A value here and in PyTorch. theirs is None where PyTorch is missing."""

    def __init__(self, tape, ours, theirs):
        self.tape, self.ours, self.theirs = tape, ours, theirs

    def __add__(self, other):
        return self.tape.both(lambda a, b: a + b, lambda a, b: a + b, self, other)

    def __sub__(self, other):
        return self.tape.both(lambda a, b: a - b, lambda a, b: a - b, self, other)

    def __mul__(self, other):
        return self.tape.both(lambda a, b: a * b, lambda a, b: a * b, self, other)

    def __truediv__(self, other):
        return self.tape.both(lambda a, b: a / b, lambda a, b: a / b, self, other)

    def __pow__(self, exponent):
        return self.tape.both(lambda a: a**exponent, lambda a: a**exponent, self)

    def __matmul__(self, other):
        return self.tape.both(lambda a, b: a @ b, lambda a, b: a @ b, self, other)

    def __radd__(self, other):
        return self.tape.both(lambda a, b: b + a, lambda a, b: b + a, self, other)

    def __rmul__(self, other):
        return self.tape.both(lambda a, b: b * a, lambda a, b: b * a, self, other)

    def __rsub__(self, other):
        return self.tape.both(lambda a, b: b - a, lambda a, b: b - a, self, other)


class Tape:
    """Makes pairs, and notes which of PyTorch's nodes belong to which tensor of ours.

    torch     the module, or None
    """

    def __init__(self, torch=None):
        self.torch = torch
        self.pairs, self.owner = [], {}  # owner: node of PyTorch's -> tensor of ours

    def leaf(self, name, value):
        theirs = None
        if self.torch is not None:
            theirs = self.torch.tensor(np.asarray(value, dtype=float), requires_grad=True)
        return self._noted(Pair(self, Tensor(np.asarray(value, dtype=float), name=name), theirs))

    def both(self, ours, theirs, *pairs):
        """The pair that an operation makes of pairs and constants."""
        here = ours(*(p.ours if isinstance(p, Pair) else p for p in pairs))
        if self.torch is None:
            return self._noted(Pair(self, here, None))
        there = theirs(*(p.theirs if isinstance(p, Pair) else p for p in pairs))
        pair = self._noted(Pair(self, here, there))
        for pushed in pairs:  # a leaf's node is made when it is used first
            if isinstance(pushed, Pair) and pushed.theirs.grad_fn is None:
                for node, leaf in _leaves(there.grad_fn):
                    if leaf is pushed.theirs:
                        self.owner[node] = pushed.ours
        for node in _nodes(there.grad_fn):
            self.owner.setdefault(node, here)
        return pair

    def _noted(self, pair):
        if pair.theirs is not None:
            pair.theirs.retain_grad()
        self.pairs.append(pair)
        return pair

    # Functions that have other names or forms there

    def tanh(self, x):
        return self.both(ops.tanh, lambda a: self.torch.tanh(a), x)

    def sigmoid(self, x):
        return self.both(ops.sigmoid, lambda a: self.torch.sigmoid(a), x)

    def exp(self, x):
        return self.both(ops.exp, lambda a: self.torch.exp(a), x)

    def dense(self, x, W, b, activation="identity"):
        def theirs(x, W, b):
            z = (self.torch.tensor(x) if isinstance(x, np.ndarray) else x) @ W + b
            return z if activation == "identity" else getattr(self.torch, activation)(z)

        return self.both(lambda x, W, b: functional.dense(x, W, b, activation), theirs, x, W, b)

    def binary_cross_entropy(self, z, y):
        return self.both(
            lambda z: functional.binary_cross_entropy(z, y),
            lambda z: self.torch.nn.functional.binary_cross_entropy_with_logits(z, self.torch.tensor(y)),
            z,
        )


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
    "b*b with b = a + a": (_diamond, {"a": 3.0}),
    "exp(x) / (exp(x) + 1)": (_softmax_like, {"x": 1.0}),
    "neuron: (sigmoid(x*w + b) - y)**2": (
        lambda lib, x, w, b, y: (lib.sigmoid(x * w + b) - y) ** 2, {"x": 2.0, "w": 0.5, "b": -1.0, "y": 1.0},
    ),
    "XOR net 2-4-1 with its loss": (_xor_net, _xor_weights()),
}  # fmt: skip


@dataclass(frozen=True)
class Graph:
    """labels of the nodes, oldest first; edges (source, target), from what is used to what uses it; a place for each."""

    labels: list
    edges: list

    @property
    def layout(self):
        return layered(len(self.labels), self.edges)


class AutogradModel:
    """Two graphs of one expression, and how far the gradient has come.

    ours, theirs   `Graph`s; a node of ours is a tensor, a node of theirs a `grad_fn`
    groups         for each node of theirs the number of the node of ours whose work it does a part of
    order          the nodes of ours in the order in which backward() meets them
    position       how many of them it has met
    gradients      for each node of ours (its gradient here, the largest difference from PyTorch's)
    here           whether PyTorch's graph was made here rather than quoted
    predicted      the number of nodes that the reader expects in PyTorch's graph, or None

    expression     the label of a prepared one, or a function of named leaves (then PyTorch must be installed)
    Raises ValueError when an expression is unknown, or needs PyTorch where there is none.
    """

    def __init__(self, expression=None, values=None):
        self.choices = dict(EXPRESSIONS)
        label = expression or "XOR net 2-4-1 with its loss"
        if callable(expression):
            self.choices = {YOURS: (lambda lib, **leaves: expression(**leaves), dict(values or {}))} | self.choices
            label = YOURS
        self.choose(label)

    def choose(self, label):
        """Another expression. Raises ValueError when there is none of this label."""
        if label not in self.choices:
            raise ValueError(
                say(
                    "autograd: expected one of the expressions {known}, got {got!r}",
                    known=", ".join(self.choices),
                    got=label,
                )
            )
        installed = frameworks.pytorch.installed
        if label == YOURS and not installed:
            raise ValueError(
                say("autograd: expressions of your own need PyTorch. {missing}", missing=frameworks.pytorch.missing())
            )
        function, values = self.choices[label]
        tape = Tape(frameworks.pytorch.module if installed else None)
        result = function(tape, **{name: tape.leaf(name, value) for name, value in values.items()})
        if not isinstance(result, Pair) or result.ours.vjp is None or result.ours.size != 1:
            raise ValueError(
                say("autograd: expected an expression that gives a single number by at least one operation")
            )
        self.label, self.here = label, installed
        self._read_ours(result)
        if installed:
            self._read_theirs(tape, result)
        else:
            self._quote(label)
        self.predicted, self.position = None, 0

    def _read_ours(self, result):
        result.ours.backward()
        tensors = result.ours.graph()[::-1]
        number = {tensor: i for i, tensor in enumerate(tensors)}
        labels = [tensor.name or operation_name(tensor) for tensor in tensors]
        edges = [(number[p], number[t]) for t in tensors for p in t.parents if type(p) is Tensor]
        self.ours, self._number = Graph(labels, edges), number
        self.order = list(range(len(tensors)))[::-1]
        self.gradients = [(np.asarray(tensor.grad), 0.0) for tensor in tensors]

    def _read_theirs(self, tape, result):
        result.theirs.backward(retain_graph=True)  # so that its nodes can be looked at afterwards
        for pair in tape.pairs:
            if pair.ours in self._number:
                i = self._number[pair.ours]
                gradient = self.gradients[i][0]
                self.gradients[i] = gradient, float(np.abs(pair.theirs.grad.numpy() - gradient).max())
        nodes = _nodes(result.theirs.grad_fn)
        number = {node: i for i, node in enumerate(nodes)}
        edges = [(number[used], number[node]) for node in nodes for used, _ in node.next_functions if used in number]
        self.theirs = Graph([node.name().rpartition("::")[2] for node in nodes], edges)
        self.groups = [self._number[tape.owner[node]] for node in nodes]

    def _quote(self, label):
        quoted = frameworks.record()["graphs"][label]
        self.theirs = Graph(quoted["labels"], [tuple(edge) for edge in quoted["edges"]])
        self.groups = quoted["groups"]
        theirs = [
            np.reshape(flat, np.shape(g)) for flat, (g, _) in zip(quoted["gradients"], self.gradients, strict=True)
        ]
        self.gradients = [
            (g, float(np.abs(g - other).max())) for (g, _), other in zip(self.gradients, theirs, strict=True)
        ]

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
        return self.position == len(self.order)

    def step(self):
        """Let the gradient arrive at the next node; returns whether there was one."""
        if self.finished:
            return False
        self.position += 1
        return True

    def reset(self):
        """Back to the start; a prediction that has been answered is forgotten."""
        if self.finished:
            self.predicted = None
        self.position = 0

    def predict(self, number):
        """Note how many nodes the reader expects. Raises ValueError when they can be counted already."""
        if number != int(number) or number < 1:
            raise ValueError(say("prediction: expected a whole number from 1, got {got:g}", got=number))
        if self.position:
            raise ValueError(
                say("prediction: PyTorch's nodes can be seen already; press Reset, or choose another expression")
            )
        self.predicted = int(number)

    def reached(self):
        """Whether the prediction was made in time and is right."""
        return self.finished and self.predicted == len(self.theirs.labels)

    @property
    def current(self):
        """The node of ours that the gradient has reached last, or None."""
        return self.order[self.position - 1] if self.position else None

    def met(self, node):
        return node in self.order[: self.position]

    def members(self, node):
        """The nodes of PyTorch's that do the work of a node of ours."""
        return [i for i, group in enumerate(self.groups) if group == node]

    # In words

    def sentence(self):
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
        parts = " + ".join(self.theirs.labels[i] for i in sorted(self.members(node), reverse=True))
        said = say(
            "{ours}: in PyTorch {parts}. Gradient: {size}, ", ours=self.ours.labels[node], parts=parts, size=size
        )
        said += (
            say("equal in both.")
            if difference < 1e-12
            else say("they differ by {difference:.1g}.", difference=difference)
        )
        if self.finished:
            said += " " + say(
                "{ours} nodes here, {theirs} there.", ours=len(self.ours.labels), theirs=len(self.theirs.labels)
            )
        return said

    def origin(self):
        """Where PyTorch's half comes from."""
        if self.here:
            return say("PyTorch {version}, computed here", version=frameworks.pytorch.version)
        return say("PyTorch {version}, recorded", version=frameworks.pytorch.recorded_version)

    def description(self):
        """The facts in words: both graphs, and which node does whose work."""
        pairs = "; ".join(
            f"{self.ours.labels[node]}: {' + '.join(self.theirs.labels[i] for i in sorted(self.members(node), reverse=True))}"
            for node in self.order
        )
        agree = max(difference for _, difference in self.gradients) < 1e-12
        return say(
            "Graph of {label}: {ours} nodes in course_lib, {theirs} in {origin}. {pairs}. "
            "Gradients equal within 1e-12: {agree}.",
            label=say("your expression") if self.label == YOURS else self.label,
            ours=len(self.ours.labels),
            theirs=len(self.theirs.labels),
            origin=self.origin(),
            pairs=pairs,
            agree=agree,
        )


def _nodes(grad_fn):
    """All `grad_fn` nodes that this one leads back to, itself included: what is used before what uses it."""
    found, order = set(), []

    def visit(node):  # the graphs of the lab are small
        if node is None or node in found:
            return
        found.add(node)
        for used, _ in node.next_functions:
            visit(used)
        order.append(node)

    visit(grad_fn)
    return order


def _leaves(grad_fn):
    """(node, leaf tensor) for each AccumulateGrad node."""
    return [(node, node.variable) for node in _nodes(grad_fn) if hasattr(node, "variable")]
