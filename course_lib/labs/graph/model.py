"""The graph lab without its face: a recorded computation, and how far the two passes over it have come.

The graph is read from the tensors themselves: `tensor.graph()`, their parents, and their `vjp`. A local derivative is
what a `vjp` returns for a gradient of 1, so it is exact for any operation.
"""

from math import isfinite

import numpy as np

from ... import ops
from ...autodiff import Tensor
from ...text import N_, joined, say
from ..base.checks import check_choice
from ..base.graph_places import PlacedModel, Places, layered
from ..base.settings import Number, Settings, Text
from .recorded import read_graph


def _diamond(a):
    b = a + a
    b.name = "b"
    return b * b


# label: (function of named leaves, their values at the start)
EXPRESSIONS = {
    N_("b*b with b = a + a"): (_diamond, {"a": 3.0}),
    "x*x + x": (lambda x: x * x + x, {"x": 3.0}),
    "x*y + y": (lambda x, y: x * y + y, {"x": 3.0, "y": 2.0}),
    "(x + y) * (x - y)": (lambda x, y: (x + y) * (x - y), {"x": 3.0, "y": 2.0}),
    "exp(x) / (exp(x) + 1)": (lambda x: (lambda e: e / (e + 1))(ops.exp(x)), {"x": 1.0}),
    "tanh(w*tanh(w*x))": (lambda w, x: ops.tanh(w * ops.tanh(w * x)), {"w": 1.0, "x": 0.5}),
    N_("neuron: (sigmoid(x*w + b) - y)**2"): (
        lambda x, w, b, y: (ops.sigmoid(x * w + b) - y) ** 2, {"x": 2.0, "w": 0.5, "b": -1.0, "y": 1.0},
    ),
}  # fmt: skip


def text(value, digits=4):
    """A number with few digits, or the shape of an array."""
    if np.size(value) != 1:
        return str(np.shape(value))
    number = float(np.squeeze(value))
    return f"{0.0 if abs(number) < 1e-12 else number:.{digits}g}"


def sum_text(parts, digits=4, most=8, waiting=0):
    """The parts and their sum, "1 + 3 + 3 = 7", or "?" for each part that is waited for, "6 + ?"; of more than `most` parts
    the first ones and the last. "" when there is nothing to add."""
    if not parts or len(parts) + waiting < 2 or np.size(parts[0]) > 1:
        return ""
    terms = [f"{'-' if part < 0 else '+'} {text(abs(part), digits)}" for part in parts]
    terms[0] = text(parts[0], digits)
    terms += ["+ ?"] * waiting
    shown = terms if len(terms) <= most else [*terms[: most - 1], "+ ...", terms[-1]]
    return " ".join(shown) if waiting else f"{' '.join(shown)} = {text(sum(parts), digits)}"


SIZE = (960, 380)  # of the picture, in CSS pixels
BOX = (92, 58)  # a node
SPACING = (300, 140)  # between layers and rows at most, at scale 1
APART = (160, 84)  # at least
GAP = (34, 26)  # of a node that is moved from the others
MARGIN = (20, 33)  # between a node and the edge of the picture
SCALES = (1.5, 1.35, 1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6)  # of nodes: the largest at which the graph fits, else the last


def arranged(count, edges):
    """The `Arrangement` of a graph of so many nodes, with edges (source, target)."""
    layout = layered(count, edges)
    lowest, highest = layout.rows
    for scale in SCALES:
        across, down = (
            min(scale * spacing, (size - scale * box - 2 * margin) / max(0.01, steps))
            for spacing, size, box, margin, steps in zip(
                SPACING, SIZE, BOX, MARGIN, (layout.layers - 1, highest - lowest), strict=True
            )
        )
        if across >= scale * APART[0] and down >= scale * APART[1]:
            break
    box, gap = ((scale * across, scale * up) for across, up in (BOX, GAP))
    area = (*MARGIN, SIZE[0] - MARGIN[0], SIZE[1] - MARGIN[1])
    return layout.arrangement(edges, (SIZE[0] / 2, SIZE[1] / 2), across, down, box, gap, area)


LIMITS = (-10.0, 10.0)  # of a leaf's value
NUDGE = 1e-3
TOLERANCE = 0.01  # of a prediction, relative; absolute below 1
YOURS = N_("your expression")


class Leaves:
    """The kind of setting that holds the numbers of leaves: name -> number. Arrays stay as they are, out of the state."""

    default = None

    def checked(self, name, value):
        for leaf, number in (value or {}).items():
            if np.ndim(number) == 0 and not isfinite(number):
                raise ValueError(say("{leaf}: expected a finite number, got {got}", leaf=leaf, got=number))
        return value

    def write(self, value):
        return ",".join(f"{leaf}:{float(v)!r}" for leaf, v in value.items() if np.ndim(v) == 0) or "none"

    def read(self, text):
        """Raises ValueError, with a sentence, for anything but names with numbers."""
        pairs = [] if text == "none" else [pair.partition(":") for pair in text.split(",")]
        try:
            return {leaf: float(number) for leaf, _, number in pairs}
        except ValueError:
            raise ValueError(
                say("values: expected leaves with their numbers, as in a:2,b:-0.5, got {got!r}", got=text)
            ) from None


class GraphModel(PlacedModel):
    """A graph and a position in its two passes.

    expression  a Tensor of one number; or a function of named leaves, `values` being their numbers; or the label of a
                prepared one
    engine      None for ours, or an `Engine` of `tools.engines`, whose values and rules are then what is shown
    nodes       list of Node in the order of creation (a constant stands just before what uses it)
    edges       list of Edge
    position    steps done: one for each operation forward, one for dL/dL = 1, one for each edge backward
    values      dict: the numbers of the leaves that can be changed (none for a Tensor: it has been computed already)
    predicted   the number that the reader expects as the gradient of the leaf `asked`, or None
    places      a setting: where nodes were moved to

    Raises ValueError when the expression is no Tensor of one number made by an operation.
    """

    declared = {"expression": Text(next(iter(EXPRESSIONS))), "values": Leaves(), "places": Places()}
    optional = ("places",)
    persisted = {"predicted": Number(-1e300, 1e300, 0.0)}
    goals, lasting = ("gradient predicted",), False

    def __init__(self, expression=None, values=None, engine=None):
        self.engine, self.choices = engine, dict(EXPRESSIONS)
        if engine is not None:
            self.choices = {}  # the prepared expressions call functions of ours
            if not callable(expression):
                raise ValueError(
                    say("graph: with another engine expected a function of named leaves as the expression")
                )
        label = next(iter(EXPRESSIONS)) if expression is None else expression
        if not isinstance(label, str):
            self.choices, label = {YOURS: (expression, dict(values or {}))} | self.choices, YOURS
        super().__init__(expression=label)

    # Changing things

    def checked(self, changes):
        """As every model's; another expression comes with its own values.

        Raises ValueError when there is no expression of this label, or no such leaf.
        """
        settings = super().checked(changes)
        label = settings["expression"]
        check_choice("graph", label, self.choices)
        own = dict(self.choices[label][1])
        given = changes.get("values") or ({} if "expression" in changes else settings["values"] or {})
        for leaf in given:
            check_choice(say("leaf"), leaf, own)
        return self.placed(Settings(settings | {"values": own | given}), changes)

    def set_value(self, name, value):
        """Another number for a leaf; the position stays, and all numbers shown follow."""
        self.configure(values=self.settings["values"] | {name: float(value)})

    @property
    def expression(self):
        return self.choices[self.label][0]

    def _configured(self, before):
        if self.settings["expression"] != before["expression"]:
            self._restart()
        elif self.settings["values"] != before["values"]:
            self._record()
            self._forget()

    def _start(self):
        self._record()
        self.position = 0
        self._forget()

    def predict(self, number):
        """Note what the reader expects as the gradient of `asked`. Raises ValueError when it can be seen already."""
        if self.asked is None:
            raise ValueError(say("prediction: expected a graph with a leaf that is a single number, got none"))
        if not isfinite(number):
            raise ValueError(say("prediction: expected a finite number, got {got}", got=number))
        if self.spoiled:
            raise ValueError(
                say(
                    "prediction: the gradient of {leaf} has been shown already; choose another value or expression, "
                    "press Reset, and predict before its last backward step",
                    leaf=self.nodes[self.asked].label,
                )
            )
        self.predicted = number

    def reset(self):
        """Back to the leaves; a prediction that was not judged stays."""
        self.position, self.stop_at = 0, None
        if self.spoiled:
            self.predicted = None

    def _forget(self):
        """What was predicted or seen belonged to other numbers."""
        self.predicted = None
        self.spoiled = self.answered

    # Walking

    @property
    def length(self):
        return len(self.operations) + 1 + len(self.way_back)

    @property
    def finished(self):
        return self.position == self.length

    @property
    def answered(self):
        """Whether the gradient of `asked` is complete, and so can be seen."""
        return self.asked is not None and self.complete(self.asked)

    @property
    def forward_done(self):
        return self.position >= len(self.operations)

    def forward_step(self):
        """Compute the next value; returns whether there was one."""
        if self.forward_done:
            return False
        self.position += 1
        return True

    def back_step(self):
        """Send the next gradient; returns whether there was one and all values are known."""
        if not self.forward_done or self.finished:
            return False
        self.position += 1
        self.spoiled = self.spoiled or self.answered
        return True

    def _step(self):
        """The next step of either pass."""
        if not self.forward_step():
            self.back_step()

    @property
    def current(self):
        """What the last step did: ("start", None), ("forward", node), ("seed", node) or ("back", edge)."""
        done = self.position - len(self.operations)
        if self.position == 0:
            return "start", None
        if done <= 0:
            return "forward", self.operations[self.position - 1]
        return ("seed", len(self.nodes) - 1) if done == 1 else ("back", self.way_back[done - 2])

    def known(self, node):
        """Whether the value of a node has been computed."""
        return self.nodes[node].kind != "operation" or node in self.operations[: self.position]

    def sent(self):
        """The edges along which a gradient has come back, in order."""
        return self.way_back[: max(0, self.position - len(self.operations) - 1)]

    def arrived(self, node):
        """The gradients that have reached a node so far, in order; their sum is its gradient."""
        if node == len(self.nodes) - 1:
            return [np.ones_like(self.nodes[node].value)] if self.position > len(self.operations) else []
        return [self.edges[edge].message for edge in self.sent() if self.edges[edge].source == node]

    def waiting(self, node):
        """How many gradients have still to reach a node."""
        return sum(self.edges[edge].source == node for edge in self.way_back[len(self.sent()) :])

    def complete(self, node):
        """Whether nothing more will reach a node."""
        return self.position > len(self.operations) and not self.waiting(node)

    def gradient(self, node):
        """The whole gradient of a node, seen or not."""
        messages = [edge.message for edge in self.edges if edge.source == node and edge.message is not None]
        return sum(messages) if messages else np.ones_like(self.nodes[node].value)

    @property
    def good(self):
        """Whether a prediction was made in time and is right. Without a leaf to ask for: whether both passes are done."""
        if self.asked is None:
            return self.finished
        if self.predicted is None or not self.answered:
            return False
        right = float(np.squeeze(self.gradient(self.asked)))
        return abs(self.predicted - right) <= TOLERANCE * max(1.0, abs(right))

    # Reading the tensors

    def _record(self):
        """Run the expression, then read its graph. Nothing changes when it fails."""
        is_computed, values = isinstance(self.expression, Tensor), self.settings["values"]
        result = self.expression if is_computed else self._computed(values)
        if not isinstance(result, Tensor) or result.vjp is None or result.size != 1:
            got = say(
                "{kind} of shape {shape}", kind=type(result).__name__, shape=np.shape(getattr(result, "value", result))
            )
            raise ValueError(
                say("graph: expected a Tensor of one number that an operation has made, got {got}", got=got)
            )
        self.values = {} if is_computed else values
        self.nodes, self.edges = read_graph(result.graph()[::-1])
        self.operations = [i for i, node in enumerate(self.nodes) if node.kind == "operation"]
        live = [i for i, edge in enumerate(self.edges) if edge.message is not None]
        self.way_back = sorted(live, key=lambda i: -self.edges[i].target)  # newest first; its parents in order
        sources = [self.edges[i].source for i in reversed(self.way_back)]
        single_leaves = (i for i in sources if self.nodes[i].kind == "leaf" and np.size(self.nodes[i].value) == 1)
        self.asked = next(single_leaves, None)
        self.arrangements = {"places": arranged(len(self.nodes), [(edge.source, edge.target) for edge in self.edges])}

    def _computed(self, values):
        """The result for some values of the leaves, a Tensor; another engine's values are mirrored by Tensors."""
        if self.engine is None:
            return self.expression(**{name: Tensor(value, name=name) for name, value in values.items()})
        leaves = {name: self.engine.value(np.array(value, dtype=float)) for name, value in values.items()}
        return self.engine.mirrored(self.expression(**leaves), {id(leaf): name for name, leaf in leaves.items()})

    # In words

    def nudged(self, name):
        """By how much the result changes when a leaf grows by NUDGE; None when the leaf cannot be changed."""
        if np.ndim(self.values.get(name, ())) > 0:
            return None
        values = self.values | {name: self.values[name] + NUDGE}
        result = self._computed(values)
        return float(np.squeeze(result.value)) - float(np.squeeze(self.nodes[-1].value))

    def status(self):
        """What the last step did."""
        kind, what = self.current
        if kind == "start":
            steps = len(self.operations)
            if steps == 1:
                return say("Only the leaves have values. Forward: 1 operation.")
            return say("Only the leaves have values. Forward: {steps} operations, oldest first.", steps=steps)
        if kind == "seed":
            return say("Backward starts at the result: its gradient is dL/dL = 1.")
        if kind == "forward":
            inputs = [self.nodes[edge.source].value for edge in self.edges if edge.target == what]
            said = say(
                "Forward step {number} of {total}: {operation} of {inputs} gives {value}.",
                number=self.position,
                total=len(self.operations),
                operation=self.nodes[what].label,
                inputs=say(" and ").join(map(text, inputs)),
                value=text(self.nodes[what].value),
            )
            return joined(said, self.forward_done and say("All values are known. Now the way back begins."))
        edge = self.edges[what]
        said = say(
            "Backward step {number} of {total}, {target} to {source}: {product}.",
            number=len(self.sent()),
            total=len(self.way_back),
            target=self.nodes[edge.target].label,
            source=self.nodes[edge.source].label,
            product=self.product(what),
        )
        return joined(said, self._sum_sentence(edge.source))

    def product(self, edge):
        """The arithmetic of an edge: "g × local = 6 × 3 = 18"; for arrays the shapes."""
        edge = self.edges[edge]
        if edge.local is None:
            return say(
                "g has shape {g}, the gradient that goes back has shape {back}",
                g=np.shape(self.nodes[edge.target].value),
                back=np.shape(edge.message),
            )
        return say(
            "g × local = {g} × {local} = {product}",
            g=text(self.gradient(edge.target)),
            local=text(edge.local),
            product=text(edge.message),
        )

    def _sum_sentence(self, node):
        label, total = self.nodes[node].label, sum_text(self.arrived(node)) or text(sum(self.arrived(node)))
        if not self.complete(node):
            return say(
                "So far {label} has the gradient {total}, and another use of it still has to report.",
                label=label,
                total=total,
            )
        said = say("The gradient of {label} is complete: {total}.", label=label, total=total)
        change = self.nudged(label)
        if not self.finished or change is None or not np.isfinite(change):
            return said
        check = say(
            "Check: {label} + {nudge:g} changes the result by {change:.4g}.", label=label, nudge=NUDGE, change=change
        )
        return joined(said, check)

    def description(self):
        """What is seen of the graph in words: values, then gradients, in the order of the passes."""
        leaves = [f"{node.label} = {text(node.value)}" for node in self.nodes if node.kind == "leaf"]
        values = [f"{self.nodes[i].label} {text(self.nodes[i].value)}" for i in self.operations if self.known(i)]
        order = dict.fromkeys([len(self.nodes) - 1, *(self.edges[i].source for i in self.way_back)])
        arrived = {i: parts for i in order if (parts := self.arrived(i))}
        gradients = [f"{self.nodes[i].label} {sum_text(parts) or text(sum(parts))}" for i, parts in arrived.items()]
        said = say(
            "Computational graph of {name} with {leaves}. Values forward: {values}. Gradients backward: {gradients}.",
            name=say(self.label),
            leaves=", ".join(leaves),
            values=", ".join(values) or say("none so far"),
            gradients=", ".join(gradients) or say("none so far"),
        )
        return joined(said, self.said_of_moved("places", [node.label for node in self.nodes]))
