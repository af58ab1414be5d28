"""The `Textbook` of a step: names, lines and labels, and what the optimizer does."""

from keyword import iskeyword
from textwrap import fill

import numpy as np

from ..engine import say
from ..graph import Node
from ..names import assigned_name
from ..operations import Number, Place, packed_place
from ..passes import dead_code
from ..recording import CannotReplay
from ..source import SIGNS, SYMBOLS
from .attention import ATTENTION
from .images import IMAGES
from .rules import BASIC, no_textbook, tidy
from .sequences import SEQUENCES, loop_of_cells, step_number

RULES = {**BASIC, **IMAGES, **SEQUENCES, **ATTENTION}
_IN_RULES = {"largest", "t", "k", "l"} | {
    f"{kind}{gate}" for kind in ("z", "a", "delta_") for gate in "run"
}  # names there
_PYTHONS_OWN = {"np", "step", "loss", "eta", "len", "range", "reversed"}
_INFIX = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}
_INFIX |= {np.greater_equal: ">=", np.not_equal: "!="}


class Textbook:
    """The textbook program of a `Step`: `text` defines step(...), which changes the parameters and returns the loss.

    taken       names that the arguments may not have: those of the program around it
    arguments   what step has to be called with, name -> where it is: data, parameters, averages of the optimizer, numbers
    averages    name of a flat array of the optimizer -> the array; the argument m_W1 is the part of m that belongs to W1
    numbers     names of those arguments that are numbers of the optimizer: eta, and steps for Adam's count t
    following   name of a number that each step changes -> an expression for what it is after the step
    values()    name -> what it is now: an array in its memory, or a number

    Raises CannotReplay for a step with operations that the textbook has no short form for.
    """

    def __init__(self, step, taken=()):
        recording = step.recording
        record = dead_code(recording.record)
        self._parameters = dict(zip(step.parameter_places, step.parameter_names, strict=True))
        self._names, self._inputs = recording.names, record.inputs
        self._operations = recording.record.operations
        self._made = {operation.out: operation for operation in self._operations}
        self._flat, self._state = next(iter(self._parameters)).memory, set(recording.record.variable)
        self._kept, self._size = set(record.kept), sum(place.size for place in self._parameters)
        self._lines, self._label = [], None
        self.averages, self.numbers, self.following = {}, {}, {}
        self.notes = {}  # node -> what the forward half of its rule tells the backward half
        self._texts, self._gradients, self._taken, self.arguments = {}, {}, {*taken, *_PYTHONS_OWN, *_IN_RULES}, {}
        for place in (*record.inputs, *self._parameters):
            self._argument(self._names[place], place)

        *nodes, self.loss = recording.graph
        self.cells, self.cell_inputs = loop_of_cells(nodes, record.inputs)
        self._forward(nodes)
        self._backward(nodes)
        self._updates(record.operations)
        self._numbers_after(recording.record.numbers)
        self.line("return loss", "")
        lines = "\n".join(f"    {line}" for line in self._lines)
        self.text = f"import numpy as np\n\n\n{_head(self.arguments)}\n{lines}\n"

    def values(self):
        return {name: self._now(part) for name, part in self.arguments.items()}

    def _now(self, part):
        return getattr(part.owner, part.attribute) if type(part) is Number else part.array()

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
            self._lines.append(f"# {say(label)}")
        self._label = label
        self._lines.append(text)

    def let(self, name, expression, label=None):
        self.line(f"{name} = {tidy(expression)}", label)

    def name(self, node, text):
        """From now on the value of this node, or array, is written so."""
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

    def _updates(self, operations):
        """The lines of the optimizer. What it does besides computing flat vectors has no place in a textbook."""
        self._parts, self._made_of = {}, {}  # flat place -> its expression for each parameter; the memories in these
        self._gradient, flat = set(), []
        for operation in operations:
            target = operation.writes
            if operation.kind == "copy" and operation.args[0] in self._kept:  # a gradient, into the flat one
                self._gradient.add(target.memory)
            elif target is not None and target.shape == (self._size,):
                flat.append(operation)
            elif target is not None and target.memory.external:
                raise self._no_name(target)
        for at, operation in enumerate(flat):
            self._update(operation, flat[at + 1 :])

    def _update(self, operation, later):
        """The lines of an operation on flat vectors: one for each parameter, if its result is kept."""
        copied = operation.kind == "copy" or operation.function is np.ndarray.copy
        if not copied and (type(operation.function) is not np.ufunc or operation.options):
            raise no_textbook(getattr(operation.function, "__name__", operation.kind))
        out = operation.out
        if out.memory.external:
            self._keep_old_values(out.memory, later)
        new = {name: self._flat_expression(operation, copied, name) for name in self._parameters.values()}
        if not out.memory.external:  # part of a later line
            self._parts[out] = new
            self._made_of[out] = set().union(*(self._made_of.get(p, {p.memory}) for p in operation.reads))
            return
        targets, symbol = self._flat_parts(out), _INFIX.get(operation.function)
        for name, target in targets.items():
            text = tidy(new[name])
            if operation.args[0] == out and symbol:
                self.line(f"{target} {symbol}= {text.removeprefix(f'{target} {symbol} ')}", "step")
            else:
                self.line(f"{target}[...] = {text}", "step")

    def _keep_old_values(self, memory, later):
        """Lines for results that were made of what is in this memory now, and are still to be read when it has changed."""
        for place in {place: None for operation in later for place in operation.reads if place in self._parts}:
            if memory in self._made_of[place] and not place.memory.external:
                label = assigned_name(*self._made[place].line) or "old"
                for name, text in self._parts[place].items():
                    kept = self.free(f"{label}_{name}")
                    self.let(kept, f"{text}.copy()" if text.isidentifier() else text, "step")
                    self._parts[place][name] = kept
                self._made_of[place] = set()

    def _flat_expression(self, operation, copied, name):
        args = []
        for part in operation.args:
            if type(part) is Place and part.shape == operation.out.shape:
                args.append(self._flat_parts(part)[name])
            else:
                args.append(self.text(part))
        return args[0] if copied else _call(operation.function, args)

    def _flat_parts(self, flat):
        """{name of a parameter: the part of a flat vector that belongs to it}: W1, dW1, v_W1, or an expression."""
        if flat in self._parts:
            return self._parts[flat]
        known = self._names.get(flat)
        if known is None or not flat.contiguous:
            raise self._no_name(flat)
        if flat.memory is self._flat:
            parts = {name: name for name in self._parameters.values()}
        elif flat.memory in self._gradient:
            parts = {name: f"d{name}" for name in self._parameters.values()}
        else:
            average = self._free_for_all(known)
            self.averages[average] = flat.array()
            parts = {name: f"{average}_{name}" for name in self._parameters.values()}
            for place, name in self._parameters.items():
                offset = flat.offset + place.offset // place.dtype.itemsize * flat.dtype.itemsize
                self._argument(parts[name], packed_place(flat.memory, offset, place.shape, flat.dtype))
        self._parts[flat], self._made_of[flat] = parts, {flat.memory}
        return parts

    def _free_for_all(self, known):
        """A name for a flat vector under which its part for each parameter has a free name, too."""
        free, count = known, 1
        while free in self.averages or any(f"{free}_{name}" in self._taken for name in self._parameters.values()):
            count += 1
            free = f"{known}{count}"
        return free

    def _numbers_after(self, changed):
        """What the numbers that are arguments are after a step; such an expression may ask for another argument."""
        changed = {(id(owner), attribute): number for owner, attribute, number in changed}
        waiting = list(self.numbers)
        while waiting:
            name = waiting.pop(0)
            number = self.arguments[name]
            after = changed.get((id(number.owner), number.attribute))
            if after is not None:
                known = set(self.numbers)
                self.following[name] = tidy(self.text(after))
                waiting += [each for each in self.numbers if each not in known]

    def _no_name(self, place):
        return CannotReplay(say("the textbook has no name for an array of shape {shape}", shape=place.shape))

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
            if place.memory is part.memory and (text := _as_part(part, place, self._names[place])):
                return text
        if part in self._made:
            return f"({self._expression(self._made[part])})"
        if (
            part.memory.external
            and part.memory not in self._state
            and (number := constant_of(part.array())) is not None
        ):
            return f"np.full({part.shape}, {number})" if part.shape else repr(number)
        raise self._no_name(part)

    def _number_text(self, number):
        operation = self._made.get(number)
        if operation is None:
            return self._number_name(number)
        texts = list(map(self.text, operation.args))
        if operation.kind == "number" and operation.function in SYMBOLS:
            return f"({f' {SYMBOLS[operation.function]} '.join(texts)})"
        if operation.kind == "number" and operation.function in SIGNS:
            return f"({SIGNS[operation.function].format(*texts)})"
        raise no_textbook(operation.kind)

    def _number_name(self, number):
        """The argument that is this attribute of the optimizer."""
        for name, known in self.numbers.items():
            if known is number:
                return name
        name = number.attribute.strip("_") or "number"
        name = {"t": "steps"}.get(name, f"{name}_" if iskeyword(name) else name)
        name = "eta" if number.attribute == "_rate" else self.free(name)
        self.numbers[name] = number
        return self._argument(name, number)

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

    def made_in(self, place):
        """The operation that made the memory of an array, which may be a view of what it made."""
        return next(each for out, each in self._made.items() if type(out) is Place and out.memory is place.memory)

    def is_written_by(self, place, function):
        """Whether the step writes into the memory of this array with this function of NumPy."""
        calls = (each for each in self._operations if each.function is function)
        return any(each.writes is not None and each.writes.memory is place.memory for each in calls)


def _head(arguments):
    """The first line of the program; where it is too long for a page, several."""
    head = f"def step({', '.join(arguments)}):"
    indented = {"initial_indent": " " * 4, "subsequent_indent": " " * 4}
    return head if len(head) <= 120 else f"def step(\n{fill(', '.join(arguments), 116, **indented)}\n):"


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


def constant_of(array):
    """The number that all elements of an array are; None where they differ."""
    return array.flat[0].item() if array.size and (array == array.flat[0]).all() else None
