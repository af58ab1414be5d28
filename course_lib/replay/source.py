"""A recorded step as a program: its source, and the function that Python compiles from it.

Arrays and functions have names, and the program is one line an operation. Views of arrays are made once, before: they stay
valid, because an array keeps its memory from step to step.
"""

import math
import operator
from collections import defaultdict

import numpy as np

from .engine import Tensor, next_order
from .operations import Number, Place, elements, holds

SYMBOLS = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/", operator.pow: "**"}
SIGNS = {operator.neg: "-{}", operator.pos: "+{}", operator.abs: "abs({})"}

CACHE_LINE = 64  # bytes

_ONLY_BY_NAME = {np.maximum, np.minimum, np.einsum}  # out= has to be named: from NumPy 2.4 on in the first two, too


class Program:
    """The program of a record.

    text        its source: load() for what depends on the data alone, and step(), which returns the loss; to run, also
                ready(), and again(): a step if it is ready and the data are those that were loaded, otherwise None
    places      name -> Place, of all arrays that it uses
    objects     name -> what else it uses: functions, generators, optimizers

    names       names(part) -> a name for a Place or a Number, not yet unique
    guard       None for a program to read; or, for one to run, what Python has to do besides: a `Guard`
    """

    def __init__(self, record, names, guard=None):
        self.record, self._given, self._guard = record, names, guard
        self.places, self.objects = {}, {"np": np, "isfinite": math.isfinite, "inf": math.inf, "nan": math.nan}
        self._names, self._used = {}, {"step", "load", "np", "len"}
        self._count = defaultdict(lambda: 1)  # name -> how often it has been given, with a number behind it
        load = [self._line(operation) for operation in record.load] or ["pass"]
        lines = ["def load():", *_indented(load), "", "", "def step():", *_indented(self._step())]
        if guard is not None:
            # First of all how many attributes there are: then none of those that follow is gone.
            conditions = [
                f"len({self._object(vars(each), 'attributes')}) == {len(vars(each))}" for each in guard.counted
            ]
            containers = {id(container): container for container in guard.containers}
            for each, name, value in guard.unchanged:
                if id(value) in containers and type(value) is list and all(type(part) is Tensor for part in value):
                    del containers[id(value)]  # a fifth of the time that `holds` takes
                    conditions.append(f"{self._object(each)}.{name} == {self._object([*value], 'tensors')}")
                else:
                    conditions.append(f"{self._object(each)}.{name} is {self._constant(value)}")
            for container in containers.values():
                known = self._object(elements(container), "elements")
                conditions.append(f"{self._object(holds)}({self._object(container)}, {known})")
            self.seen = [self._free("seen") for _ in guard.live]
            live = zip(guard.live, self.seen, strict=True)
            conditions += [f"{self._object(each)}.{name} is {seen}" for (each, name, _), seen in live]
            lines += _condition("ready", "True", conditions)
            read = dict.fromkeys(p for operation in record.load for p in operation.reads if p.memory.external)
            self.read_by_load = {self._free("loaded"): self._name(place) for place in read}
            conditions += [f"{array}.tobytes() == {loaded}" for loaded, array in self.read_by_load.items()]
            lines += _condition("again", "step()", conditions)
        self.text = "\n".join(lines) + "\n"
        self._code = compile(self.text, "<replayed step>", "exec")

    def bind(self, memories):
        """A namespace with load, step (and ready and again, to run) on these memories: Memory -> the array that owns it."""
        arrays = {name: self.array(place, memories) for name, place in self.places.items()}
        unset = dict.fromkeys((*getattr(self, "seen", ()), *getattr(self, "read_by_load", ())))
        namespace = {**self.objects, **unset, **arrays}
        exec(self._code, namespace)
        return namespace

    def array(self, place, memories):
        """The array at this place."""
        memory = self.record.shared.get(place.memory, place.memory)
        if memory not in memories:
            memories[memory] = memory.owner if memory.external else _aligned(memory.nbytes)
        return place.array(memories[memory])

    # Lines

    def _step(self):
        record = self.record
        read = [number for operation in record.operations for number in operation.numbers]
        left = [number for *_, number in (*record.numbers, *record.appended)]
        for number in dict.fromkeys(number for number in (*read, *left) if number.owner is not None):
            yield f"{self._name(number)} = {self._object(number.owner)}.{number.attribute}"
        for operation in record.operations:
            yield self._line(operation)
            if operation.out is record.loss:
                yield f"if not isfinite({self._name(record.loss)}):"
                yield f"    return {self._name(record.loss)}"
        for owner, attribute, number in record.numbers:
            yield f"{self._object(owner)}.{attribute} = {self._name(number)}"
        for values, number in record.appended:
            yield f"{self._object(values, 'norms')}.append({self._name(number)})"
        if self._guard is not None:
            now = self._free("now")
            yield f"{now} = {self._object(next_order)}()"
            for each, name, value in self._guard.handed:
                yield f"{self._object(each)}.{name} = {now if value is next_order else self._text(value)}"
        yield f"return {self._name(record.loss)}"

    def _line(self, operation):
        function, args, options = operation.function, list(map(self._text, operation.args)), operation.options
        out = self._text(operation.out) if operation.out is not None else None
        named = [f"{name}={self._text(value)}" for name, value in options.items()]
        match operation.kind:
            # A name takes 50 ns.
            case "ufunc" if self._guard is not None and not named and function not in _ONLY_BY_NAME:
                return f"{self._function(function)}({', '.join([*args, out])})"
            case "ufunc":
                return f"{self._function(function)}({', '.join([*args, *named, f'out={out}'])})"
            case "dot":
                return f"{args[0]}.dot({args[1]}, {'out=' if self._guard is None else ''}{out})"
            case "copy":
                return f"{out}[...] = {args[0]}" if type(operation.args[0]) is Place else f"{out}.fill({args[0]})"
            case "index":
                return f"{out}[...] = {args[0]}[{args[1]}]"
            case "take":
                return f"{args[0]}.take({args[1]}, 0, {out}, 'clip')"
            case "assign":
                return f"{args[0]}[{args[1]}] = {args[2]}"
            case "item":
                return f"{out} = {args[0]}.item()"
            case "number":
                return f"{out} = {self._expression(function, args, named)}"
            case "check" | "effect":
                return self._expression(function, args, named)
        return f"{out}[...] = {self._expression(function, args, named)}"

    def _expression(self, function, args, named):
        if function in SYMBOLS:
            return f" {SYMBOLS[function]} ".join(args)
        if function in SIGNS:
            return SIGNS[function].format(*args)
        if getattr(np.ndarray, getattr(function, "__name__", ""), None) is function:
            return f"{args[0]}.{function.__name__}({', '.join([*args[1:], *named])})"
        return f"{self._function(function)}({', '.join([*args, *named])})"

    # Names

    def _text(self, value):
        """An argument as it is written in the program."""
        if type(value) in (Place, Number):
            return self._name(value)
        if type(value) is tuple:
            return f"({', '.join(map(self._text, value))}{',' * (len(value) == 1)})"
        if type(value) is list:
            return f"[{', '.join(map(self._text, value))}]"
        if isinstance(value, np.dtype):
            return f"np.dtype({value.str!r})"
        if value is None or type(value) in (int, float, bool, str, type(...), slice):
            return "..." if value is ... else repr(value)
        return self._object(value)

    def _constant(self, value):
        return repr(value) if value is None or type(value) is bool else self._object(value, "value")

    def _function(self, function):
        ufunc = getattr(function, "__self__", function)
        if type(ufunc) is np.ufunc:
            self.objects[ufunc.__name__] = ufunc
            self._used.add(ufunc.__name__)
            return ufunc.__name__ if ufunc is function else f"{ufunc.__name__}.{function.__name__}"
        if getattr(np, getattr(function, "__name__", ""), None) is function:
            return f"np.{function.__name__}"
        return self._object(function)

    def _object(self, value, name=None):
        """The name of anything else, which is kept for the program."""
        for known, other in self.objects.items():
            if other is value:
                return known
        name = self._free(name or getattr(value, "__name__", type(value).__name__).strip("<>_").lower())
        self.objects[name] = value
        return name

    def _name(self, part):
        """The name of an array or a number."""
        if part not in self._names:
            name = self._names[part] = self._free(self._given(part))
            if type(part) is Place:
                self.places[name] = part
        return self._names[part]

    def _free(self, name):
        """The name, or with a number behind it, so that it is new."""
        free = name
        while free in self._used or free in self.objects:
            self._count[name] += 1
            free = f"{name}_{self._count[name]}"
        self._used.add(free)
        return free


class Guard:
    """What Python does around the arithmetic of a step.

    unchanged   (object, attribute, value): the step is the one that was recorded as long as all of these hold,
    counted     these objects have as many attributes as now (a new one may hide that of a class), and
    containers  these lists, dicts and sets hold what they hold now
    live        (object, attribute, array): a number, or array, that may be replaced; the step reads it in the array
    handed      (object, attribute, Place or list of them, or `next_order` for a new number): what it leaves
    """

    def __init__(self, unchanged, counted, containers, live, handed):
        self.unchanged, self.counted, self.containers = unchanged, counted, containers
        self.live, self.handed = live, handed


def _aligned(nbytes):
    """Bytes that begin where a line of the processor's cache does, as NumPy's own do not: reading and writing is faster."""
    memory = np.empty(nbytes + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + nbytes]


def _condition(name, result, conditions):
    """A function: the result if all conditions hold; None if not, or if one cannot be asked any more."""
    ask = ["try:", f"    if not ({' and '.join(conditions)}):", "        return None"]
    return [
        f"def {name}():",
        *_indented([*ask, "except (AttributeError, ValueError):", "    return None", f"return {result}"]),
    ]


def _indented(lines):
    return [f"    {line}" for line in lines]
