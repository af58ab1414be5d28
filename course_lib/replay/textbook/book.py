"""The `Textbook` of a step: names, lines and labels, and what the optimizer does."""

import numpy as np

from ...text import say
from ..graph import Node
from ..names import assigned_name
from ..operations import Number, Place
from ..passes import dead_code
from ..recording import CannotReplay
from ..source import SIGNS, SYMBOLS
from .images import IMAGES
from .rules import BASIC, no_textbook, tidy
from .sequences import SEQUENCES, loop_of_cells, step_number

RULES = {**BASIC, **IMAGES, **SEQUENCES}
_IN_RULES = {
    "zr",
    "zu",
    "zn",
    "ar",
    "au",
    "an",
    "delta_r",
    "delta_u",
    "delta_n",
    "largest",
    "t",
    "k",
    "l",
}  # names there
_INFIX = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}


class Textbook:
    """The textbook program of a `Step`: `text` defines step(...), which changes the parameters and returns the loss.

    arguments   what step has to be called with, name -> where it is: data, parameters, averages of the optimizer, rates
    values()    name -> what it is now: an array in its memory, or a number

    Raises CannotReplay for a step with operations that the textbook has no short form for.
    """

    def __init__(self, step):
        recording = step.recording
        record = dead_code(recording.record)
        self._parameters = dict(zip(step.parameter_places, step.parameter_names, strict=True))
        self._known, self._inputs = recording.names, record.inputs
        self._operations = recording.record.operations
        self._made = {operation.out: operation for operation in self._operations}
        self._flat = next(iter(self._parameters)).memory
        self._lines, self._label, self._flat_values = [], None, {}
        self.notes = {}  # node -> what the forward half of its rule tells the backward half
        self._texts, self._gradients, self._taken, self.arguments = {}, {}, {"np", "step", "loss", *_IN_RULES}, {}
        for place in (*record.inputs, *self._parameters):
            self._argument(self._known[place], place)

        *nodes, self.loss = recording.graph
        self.cells, self.cell_inputs = loop_of_cells(nodes, record.inputs)
        self._forward(nodes)
        self._backward(nodes)
        for operation in record.operations:
            if self._is_flat(operation):
                self._update(operation)
        self.line("return loss", "")
        head = f"def step({', '.join(self.arguments)}):"
        self.text = "\n".join(["import numpy as np", "", "", head, *(f"    {line}" for line in self._lines)]) + "\n"

    def values(self):
        return {name: self._now(part) for name, part in self.arguments.items()}

    def _now(self, part):
        return getattr(part.owner, part.attribute) if type(part) is Number else part.array(part.memory.owner)

    def _argument(self, name, value):
        self._taken.add(name)
        self.arguments[name] = value
        return name

    # The graph, forward and backward

    def _forward(self, nodes):
        for node in nodes:
            if node.operation == "leaf":
                self._texts[node] = self._parameters[node.out]
            else:
                self._label_next = "forward"
                self._rule(node).forward(self, node)
        self._label_next = "loss"
        self._rule(self.loss).forward(self, self.loss)

    def _backward(self, nodes):
        self._gradients[self.loss] = ["1"]
        for node in [self.loss, *reversed(nodes)]:
            if node.operation != "leaf" and node in self._gradients:
                self._label_next = "output error" if node in (self.loss, *self.loss.parents) else "hidden error"
                self._rule(node).backward(self, node)

    def _rule(self, node):
        if node.operation not in RULES:
            raise no_textbook(node.operation)
        return RULES[node.operation]

    # What the rules need

    def line(self, text, label=None):
        """One more line, under the label of the part of the step that it belongs to; "" for none."""
        label = self._label_next if label is None else label
        if label and label != self._label:
            self._lines.append(f"# {label}")
        self._label = label
        self._lines.append(text)

    def let(self, name, expression, label=None):
        self.line(f"{name} = {tidy(expression)}", label)

    def name(self, node, text):
        """From now on the value of this node is written so."""
        self._texts[node] = text

    def new(self, node, name):
        """A new name for the value of a node: "loss" for the loss, that of the reader's line, or the one given."""
        if node is self.loss:
            name = "loss"
        else:
            name = self.free(self._assigned(node) or name)
        self._texts[node] = name
        return name

    def _assigned(self, node):
        """The name that the reader's line gives to a node, if it does not stand for several."""
        operation = self._made.get(node.out)
        return assigned_name(*operation.caller) if operation and operation.line != operation.caller else None

    def free(self, name):
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._taken.add(free)
        return free

    def number(self, node):
        """The number of the layer with this matrix: "2" of W2."""
        return self.text(node).lstrip("W") if self.text(node)[:1] == "W" else ""

    def gradient(self, node):
        """dL/d(node) as an expression, for one place."""
        parts = self._gradients[node]
        return f"({' + '.join(parts)})" if len(parts) > 1 else parts[0]

    def named_gradient(self, node, name="g"):
        """dL/d(node) under a name, for several places."""
        expression = self.gradient(node)
        if expression.isidentifier() or expression == "1":
            return expression
        name = self.free(name)
        self.let(name, expression)
        return name

    def send(self, parent, expression):
        """Add this to the gradient of a parent."""
        if type(parent) is not Node:
            return
        if parent.operation != "leaf":
            expression = expression if expression.isidentifier() else f"({expression})"
            self._gradients.setdefault(parent, []).append(expression)
            return
        name = f"d{self.text(parent)}"
        if parent in self._gradients:
            self.line(f"{name} += {tidy(expression)}", "gradients")
        else:
            self.let(name, expression, "gradients")
        self._gradients[parent] = [name]

    def sum_name(self, parent, label="gradients"):
        """The name of an array in which the gradient of this parent is summed up; and a line that makes it, full of zeros."""
        name = f"d{self.text(parent)}" if parent.operation == "leaf" else self.free("g")
        if parent not in self._gradients or parent.operation != "leaf":
            self.line(f"{name} = np.zeros({parent.out.shape})", label)
            self._gradients.setdefault(parent, []).append(name)
        return name

    # The optimizer: the flat vector, parameter by parameter

    def _is_flat(self, operation):
        target = operation.writes
        return target is not None and target.shape == (sum(place.size for place in self._parameters),)

    def _update(self, operation):
        """The lines of an operation on flat vectors: one for each parameter, if its result is kept."""
        if operation.kind not in ("function", "ufunc") or operation.function not in (*_INFIX, np.sqrt):
            raise no_textbook(getattr(operation.function, "__name__", operation.kind))
        if not operation.out.memory.external:
            self._flat_values[operation.out.memory] = operation  # part of a later line
            return
        for place, name in self._parameters.items():
            target = self._part(operation.out, place, name)
            new, symbol = tidy(self._flat_expression(operation, place, name)), _INFIX.get(operation.function)
            if operation.args[0] == operation.out and symbol:
                self.line(f"{target} {symbol}= {new.removeprefix(f'{target} {symbol} ')}", "step")
            else:
                self.line(f"{target}[...] = {new}", "step")

    def _flat_expression(self, operation, place, name):
        args = []
        for part in operation.args:
            value = self._flat_values.get(part.memory) if type(part) is Place else None
            if value is not None:
                args.append(f"({self._flat_expression(value, place, name)})")
            elif type(part) is Place and part.shape == operation.out.shape:
                args.append(self._part(part, place, name))
            else:
                args.append(self.text(part))
        return _call(operation.function, args)

    def _part(self, flat, place, name):
        """The name of the part of a flat vector that belongs to a parameter: W1, dW1, v_W1."""
        if flat.memory is self._flat:
            return name
        known = self._known.get(flat, "state")
        if known == "gradient":
            return f"d{name}"
        argument = f"{known}_{name}"
        if argument not in self.arguments:
            self._argument(argument, place._replace(memory=flat.memory))
        return argument

    # Arrays and numbers

    def text(self, part):
        """A node, an array or a number as an expression."""
        if type(part) in (Node, Place) and part in self._texts:
            return self._texts[part]
        if type(part) is Number:
            return self._number_text(part)
        if type(part) is not Place:
            part = part.item() if isinstance(part, np.generic) else part
            return repr(float(f"{part:.15g}") if type(part) is float else part)  # 0.1 rather than 0.09999999999999998
        for place in self._inputs:
            if place.memory is part.memory and (text := _as_part(part, place, self._known[place])):
                return text
        if part in self._made:
            return f"({self._expression(self._made[part])})"
        if part.memory.external and (number := _constant(part)) is not None:
            return f"np.full({part.shape}, {number})" if part.shape else repr(number)
        raise CannotReplay(say("the textbook has no name for an array of shape {shape}", shape=part.shape))

    def _number_text(self, number):
        operation = self._made.get(number)
        if operation is None:
            name = (number.attribute or "number").strip("_")
            return self._argument({"rate": "eta", "t": "steps"}.get(name, name), number)
        texts = list(map(self.text, operation.args))
        if operation.kind == "number" and operation.function in SYMBOLS:
            return f"({f' {SYMBOLS[operation.function]} '.join(texts)})"
        if operation.kind == "number" and operation.function in SIGNS:
            return f"({SIGNS[operation.function].format(*texts)})"
        raise no_textbook(operation.kind)

    def _expression(self, operation):
        """An operation on data alone, before the graph begins."""
        if operation.kind == "copy" and type(operation.args[0]) is Place:
            return self.text(operation.args[0])
        if operation.kind in ("function", "ufunc") and type(operation.function) is np.ufunc and not operation.options:
            return _call(operation.function, list(map(self.text, operation.args)))
        raise no_textbook(getattr(operation.function, "__name__", operation.kind))

    def source(self, place):
        """The operation that made an array."""
        return self._made[place]

    def is_assigned(self, place):
        """Whether the step assigns to chosen elements of this array."""
        assignments = (each for each in self._operations if each.kind == "assign")
        return any(each.writes.memory is place.memory for each in assignments)


def _call(function, args):
    return (
        f"({f' {_INFIX[function]} '.join(args)})"
        if function in _INFIX
        else f"np.{function.__name__}({', '.join(args)})"
    )


def _as_part(part, place, name):
    """A part of a known array in NumPy's words: x, x.T, x[:, 3]; None where it has no such short form."""
    if part == place:
        return name
    if part == place._replace(shape=place.shape[::-1], strides=place.strides[::-1]):
        return f"{name}.T"
    step = step_number(part, place)
    return None if step is None else f"{name}[:, {step}]"


def _constant(place):
    array = place.array(place.memory.owner)
    return array.flat[0].item() if array.size and (array == array.flat[0]).all() else None
