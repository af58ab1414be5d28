"""A recorded step as a textbook writes it: a1 = np.tanh(x @ W1 + b1), delta1 = ..., dW1 = x.T @ delta1.

The same operations as in the program that runs, with other rules: results are new arrays, those that are used once stand where
they are used, a product with ones is a sum, and the flat vector of all parameters is taken apart again. A number n behind a
name is that of the layer, and what is multiplied into dWn is deltan. Only NumPy is needed to run it.
"""

import ast

import numpy as np

from ..text import say
from .names import assigned_name
from .operations import Number, Place
from .passes import dead_code
from .recording import CannotReplay
from .source import SIGNS, SYMBOLS

_INFIX = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.greater: ">",
    np.equal: "==",
    np.power: "**",
}


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
        self._gradients = dict(zip(record.kept, (f"d{name}" for name in step.parameter_names), strict=False))
        self._known, self._inputs = recording.names, set(record.inputs)
        self._operations, self._record = record.operations, record
        self._flat = next(iter(self._parameters)).memory
        self._size = self._flat.nbytes
        self._values, self._taken, self.arguments = {}, set(), {}
        for place in (*record.inputs, *self._parameters):
            self._argument(self._known[place], place)
        self._layer = 0
        body = list(self._body())
        head = f"def step({', '.join(self.arguments)}):"
        self.text = "\n".join(["import numpy as np", "", "", head, *(f"    {line}" for line in body)]) + "\n"

    def values(self):
        return {name: self._now(part) for name, part in self.arguments.items()}

    def _now(self, part):
        return getattr(part.owner, part.attribute) if type(part) is Number else part.array(part.memory.owner)

    def _argument(self, name, value):
        self._taken.add(name)
        self.arguments[name] = value
        return name

    # Lines

    def _body(self):
        operands = self._operands()
        for position, operation in enumerate(self._operations):
            if operation.kind == "check" or self._is_copy_of_gradient(operation):
                continue
            if self._is_flat(operation):
                yield from self._update(operation)
                continue
            expression = self._expression(operation)
            out = operation.out
            if out is self._record.loss:
                yield f"loss = {_tidy(expression)}"
                continue
            self._layer = max([self._layer, *(self._number(place) for place in operation.reads)])
            name = self._gradients.get(out) or operands.get(out)
            if name is None and type(out) is Place and self._used_once(position, operation):
                self._values[out.memory] = out, f"({expression})"
                continue
            name = self._gradients.get(out) or name or self._free(operation)
            yield f"{name} = {_tidy(expression)}"
            self._values[out.memory if type(out) is Place else out] = out, name
        yield "return loss"

    def _operands(self):
        """Names of the places that are multiplied into the gradient of a matrix W2: "a1" and "delta2"."""
        found = {}
        for operation in self._operations:
            name = self._gradients.get(operation.out, "")
            if name.startswith("dW") and operation.function is np.ndarray.dot:
                found[operation.args[1]] = f"delta{name[2:]}"
                before = _transposed(operation.args[0])
                if before not in self._inputs and name[2:].isdigit():
                    found[before] = f"a{int(name[2:]) - 1}"
        return found

    def _number(self, place):
        name = self._parameters.get(place, "")
        return int(name[1:]) if name[1:].isdigit() else 0

    def _is_copy_of_gradient(self, operation):
        return operation.kind == "copy" and operation.args[0] in self._gradients and operation.out.memory.external

    def _used_once(self, position, operation):
        memory = operation.out.memory
        readers = [i for i, each in enumerate(self._operations) if any(p.memory is memory for p in each.reads)]
        writers = [i for i, each in enumerate(self._operations) if each.writes and each.writes.memory is memory]
        between = self._operations[position + 1 : readers[-1]] if readers else []
        sources = {place.memory for place in operation.reads}
        return (
            len(readers) == len(writers) == 1
            and sum(p.memory is memory for p in self._operations[readers[0]].reads) == 1
            and all(each.writes is None or each.writes.memory not in sources for each in between)
            and assigned_name(*operation.line) != "a"
        )

    def _free(self, operation):
        name = assigned_name(*operation.line) or "t"
        name = f"{name}{self._layer}" if name in ("z", "a") else name if name.islower() else "t"
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._taken.add(free)
        return free

    # The optimizer: the flat vector, parameter by parameter

    def _is_flat(self, operation):
        target = operation.writes
        return target is not None and target.nbytes == self._size and target.shape == (self._elements(),)

    def _elements(self):
        return sum(place.size for place in self._parameters)

    def _update(self, operation):
        """The lines of an operation on flat vectors: one for each parameter, if its result is kept."""
        if operation.kind not in ("function", "ufunc") or operation.function not in (*_INFIX, np.sqrt):
            raise _no_textbook(operation)
        if not operation.out.memory.external:
            self._values[operation.out.memory] = operation.out, operation  # part of a later line
            return
        for place, name in self._parameters.items():
            target = self._part(operation.out, place, name)
            new, symbol = _tidy(self._flat_expression(operation, place, name)), _INFIX.get(operation.function)
            if operation.args[0] == operation.out and symbol:
                yield f"{target} {symbol}= {new.removeprefix(f'{target} {symbol} ')}"
            else:
                yield f"{target}[...] = {new}"

    def _flat_expression(self, operation, place, name):
        args = []
        for part in operation.args:
            value = self._values.get(part.memory) if type(part) is Place and not part.memory.external else None
            if value is not None:
                args.append(f"({self._flat_expression(value[1], place, name)})")
            elif type(part) is Place and part.shape == operation.out.shape:
                args.append(self._part(part, place, name))
            else:
                args.append(self._text(part))
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

    # Expressions

    def _expression(self, operation):
        function, args = operation.function, operation.args
        texts = [self._text(part) for part in args]
        if function is np.ndarray.dot:
            if args[0].shape[1:] == () and _all(args[0], 1.0) and len(args[1].shape) == 2:
                return f"{texts[1]}.sum(axis=0)"
            if len(args[1].shape) == 1 and _all(args[1], 1.0):
                return f"{self._base(args[0])}.sum()"
            return f"{texts[0]} @ {texts[1]}"
        if operation.kind == "item":
            return texts[0]
        if operation.kind == "copy" and type(args[0]) is Place:
            return texts[0] if args[0].dtype == operation.out.dtype else f"{texts[0]} * 1.0"
        if operation.kind == "number" and function in (*SYMBOLS, *SIGNS):
            return f" {SYMBOLS[function]} ".join(texts) if function in SYMBOLS else SIGNS[function].format(*texts)
        if operation.kind in ("function", "ufunc") and type(function) is np.ufunc and not operation.options:
            return _call(function, texts)
        if (
            operation.kind == "function"
            and not operation.options
            and getattr(np, getattr(function, "__name__", ""), None) is function
        ):
            return f"np.{function.__name__}({', '.join(texts)})"
        raise _no_textbook(operation)

    def _text(self, part):
        if type(part) is Number:
            if part in self._values:
                return self._values[part][1]
            name = (part.attribute or "number").strip("_")
            return self._argument({"rate": "eta"}.get(name, name), part)
        if type(part) is not Place:
            return repr(part.item() if isinstance(part, np.generic) else part)
        if part in self._parameters:
            return self._parameters[part]
        for place, name in (*self._parameters.items(), *((each, self._known[each]) for each in self._inputs)):
            if place.memory is part.memory and _transposed(place) == part:
                return f"{name}.T"
        if part in self._inputs:
            return self._known[part]
        if part.memory in self._values:
            return self._view(part)
        if part.memory.external and (number := _constant(part)) is not None:
            return repr(number)
        raise CannotReplay(say("the textbook has no name for an array of shape {shape}", shape=part.shape))

    def _view(self, part):
        place, name = self._values[part.memory]
        if part == place:
            return name
        if part == _transposed(place):
            return f"{name}.T"
        if place.contiguous and part.contiguous and place.size == part.size:
            return f"{name}.reshape({part.shape})"
        raise CannotReplay(say("the textbook has no short form for a part of {name}", name=name))

    def _base(self, part):
        """The array that a reshaped one was made of: for a sum over all of it."""
        return self._values[part.memory][1] if part.memory in self._values else self._text(part)


def _call(function, args):
    return (
        f"({f' {_INFIX[function]} '.join(args)})"
        if function in _INFIX
        else f"np.{function.__name__}({', '.join(args)})"
    )


def _tidy(expression):
    """The expression without the brackets that it does not need."""
    return ast.unparse(ast.parse(expression, mode="eval"))


def _transposed(place):
    return place._replace(shape=place.shape[::-1], strides=place.strides[::-1])


def _constant(place):
    array = place.array(place.memory.owner)
    return array.flat[0].item() if array.size and (array == array.flat[0]).all() else None


def _all(place, value):
    return place.memory.external and _constant(place) == value


def _no_textbook(operation):
    name = getattr(operation.function, "__name__", operation.kind)
    return CannotReplay(say("the textbook has no short form for {name}", name=name))
