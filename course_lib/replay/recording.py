"""How a step is recorded: it runs once, on arrays that hand every operation to a `Recorder`.

The recorder carries the operation out, and writes down what was called, with what, and where the result lies. A view of an
array (x.T, x[:, 0], a reshape) is no operation: it has no numbers of its own, and stays valid as long as the array has its
memory. What it cannot write down it refuses, with the line where it happened.
"""

import dis
import linecache
import operator
import os
import sys
from pathlib import Path

import numpy as np

from .arrays import RecordedArray, RecordedNumber, plain
from .engine import FOLDERS, STEP, say
from .operations import Memory, Number, Operation, Place, mapped

_SILENT = str(Path(__file__).parent), str(Path(np.__file__).parent)  # folders whose lines say nothing to a reader
_STRUCTURE = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj}
_SHAPE_DEPENDS_ON_VALUES = {np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.extract, np.compress, np.delete}
_CHANGES_ITS_FIRST = {np.copyto, np.put, np.putmask, np.place, np.fill_diagonal, np.put_along_axis}

_COPIES = {np.ndarray.copy, np.ndarray.astype, np.copy}
_CONSTANTS = {np.zeros_like: 0, np.ones_like: 1}


class CannotReplay(TypeError):
    """A step that cannot be replayed. The sentence says what stands in the way, and in which line."""


class NotFinite(CannotReplay):
    """The loss of the step is infinite or NaN, so that there is nothing to record behind it."""


class Recorder:
    """Carries out operations, and writes them down in `operations`.

    external   the memory that was there before the step: id of its owner -> Memory. Only what is in `state` may change
    """

    def __init__(self):
        self.operations = []
        self._memories = {}  # id of its owner -> (owner, Memory, address): the owner lives on, so that the id stays its own
        self.state = []  # memories that the step may change
        self.finished = False  # when its step is over
        self.streams = {}  # id of a random generator -> see `stream`

    # Arrays and numbers

    def wrap(self, array):
        """A RecordedArray on the same memory."""
        self.place(array)
        wrapped = array.view(RecordedArray)
        wrapped.recorder = self
        return wrapped

    def place(self, array, *, made_here=False):
        """The place of a plain array. Memory that is new to the record is external, unless it was made by an operation."""
        owner = owner_of(array)
        known = self._memories.get(id(owner))
        if known is None:
            if owner.dtype.hasobject:
                raise self.refusal(say("it computes with an array of Python objects"))
            memory = Memory(owner.nbytes, None if made_here else owner)
            known = self._memories[id(owner)] = owner, memory, owner.__array_interface__["data"][0]
        _, memory, address = known
        offset = array.__array_interface__["data"][0] - address
        return Place(memory, offset, array.shape, array.strides, array.dtype)

    def knows(self, array):
        return id(owner_of(array)) in self._memories

    def may_change(self, array):
        """From now on: the memory of this array is state, which a step may change."""
        memory = self.place(array).memory
        if memory not in self.state:
            self.state.append(memory)

    def _written_down(self, value):
        """Arguments as they stand in an operation: a Place, a Number, or a constant for each part."""
        return mapped(value, self._part_written_down)

    def _part_written_down(self, part):
        if not isinstance(part, np.ndarray):
            return part.number if type(part) is RecordedNumber else part
        if self.finished:
            raise self.refusal(say("it reads an array of an earlier step, kept where no record can follow"))
        if type(part) is RecordedArray and not self.knows(part):
            raise self.refusal(
                say(
                    "it computes a new array in a way that NumPy does not report (array.dot of a plain array: write np.dot)"
                )
            )
        return self.place(part)

    def stream(self, generator):
        """[generator, its state before the step, its state after what is recorded; None: something else has drawn, too]."""
        now = generator.bit_generator.state
        stream = self.streams.setdefault(id(generator), [generator, now, now])
        if str(now) != str(stream[2]):
            stream[2] = None
        return stream

    # Operations

    def call(self, function, args, options, kind="function"):
        """Carry out a function that returns an array, several, or a number; views are no operations."""
        if function in _SHAPE_DEPENDS_ON_VALUES or (function is np.where and len(args) == 1):
            raise self.refusal(say("the shape of {name}(...) depends on values", name=f"np.{function.__name__}"))
        if options.get("out") is not None:
            return self._into(function, args, options, kind)
        options = {name: value for name, value in options.items() if name != "out"}
        if function is np.copyto and len(args) == 2 and not options:
            return self.assign(args[0], ..., args[1])
        if function in _CHANGES_ITS_FIRST:
            return self.effect(function, args, options)
        written = self._written_down((args, options))
        streams = [self.stream(part) for part in args if isinstance(part, np.random.Generator)]
        kind = "random" if streams else kind  # numbers are drawn anew at each replay
        result = function(*plain(args), **plain(options))
        for stream in streams:
            stream[2] = stream[2] and stream[0].bit_generator.state
        if function in _STRUCTURE or isinstance(result, np.dtype):
            return result
        if result is None and not _is_numpys(function):  # a check of data, which every replay repeats
            self.operations.append(Operation("check", function, *written, None, *self.lines()))
            return None
        if function in (np.empty, np.empty_like):
            self.place(result, made_here=True)
            return self.wrap(result)
        if isinstance(result, tuple | list):
            if not all(isinstance(part, np.ndarray) and self.knows(part) for part in result):
                raise self.refusal(say("{name} gives several arrays", name=getattr(function, "__name__", function)))
            return type(result)(map(self.wrap, result))
        if isinstance(result, np.ndarray) and self.knows(result):
            return self.wrap(result)  # a view
        if not isinstance(result, np.ndarray | np.generic):
            name = getattr(function, "__name__", function)
            raise self.refusal(say("{name} turns values into a Python object", name=name))
        array = np.asarray(result)
        if function in _COPIES:
            return self._note("copy", np.copyto, written[0][:1], {}, array)
        if function in _CONSTANTS:
            return self._note("copy", np.copyto, (_CONSTANTS[function],), {}, array)
        return self._note("method" if kind == "dot" else kind, function, *written, array)

    def _note(self, kind, function, args, options, array):
        out = self.place(array, made_here=True)
        self.operations.append(Operation(kind, function, args, options, out, *self.lines()))
        return self.wrap(array)

    def _into(self, function, args, options, kind):
        """Carry out a function with out=; returns that array."""
        options = dict(options)
        out = options.pop("out")
        out = out[0] if isinstance(out, tuple) else out
        self._check_target(out)
        if kind not in ("ufunc", "dot"):
            raise self.refusal(say("{name} with out=", name=getattr(function, "__name__", function)))
        written = self._written_down((args, options))
        function(*plain(args), **plain(options), out=plain(out))
        self.operations.append(Operation(kind, function, *written, self._written_down(out), *self.lines()))
        return out

    def ufunc(self, ufunc, method, args, options):
        if method == "at":
            return self.effect(ufunc.at, args, options)
        if ufunc.nout > 1:
            raise self.refusal(say("{name} gives several arrays", name=f"np.{ufunc.__name__}"))
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.call(function, args, options, kind="ufunc" if options.get("out") else "function")

    def effect(self, function, args, options):
        """Carry out a function that changes its first argument."""
        self._check_target(args[0])
        written = self._written_down((args, options))
        function(*plain(args), **plain(options))
        self.operations.append(Operation("effect", function, *written, None, *self.lines()))

    def index(self, array, index):
        """array[index]: a view, or a copy of chosen elements."""
        self._check_index(index)
        written = self._written_down((array, index))
        result = plain(array)[plain(index)]
        if isinstance(result, np.ndarray) and self.knows(result):
            return self.wrap(result)
        if isinstance(result, np.generic) and not _has_arrays(index):
            index = index if isinstance(index, tuple) else (index,)
            return self.wrap(plain(array)[(*index, ...)])  # without axes, in the same memory
        return self._note("index", operator.getitem, written, {}, np.asarray(result))

    def _check_index(self, index):
        for part in index if isinstance(index, tuple) else (index,):
            if type(part) is RecordedArray and part.dtype == bool:
                raise self.refusal(
                    say("the shape of array[mask] depends on values (that of np.where(mask, a, b) does not)")
                )

    def assign(self, array, index, value):
        """array[index] = value"""
        self._check_target(array)
        if _has_arrays(index):
            plain(array)[plain(index)] = plain(value)
            written = self._written_down((array, index, value))
            self.operations.append(Operation("assign", operator.setitem, written, {}, None, *self.lines()))
            return
        index = index if isinstance(index, tuple) else (index,)
        view = plain(array)[index if any(part is Ellipsis for part in index) else (*index, ...)]
        view[...] = plain(value)
        if isinstance(value, np.ndarray) and self._written_down(value) == self.place(view):
            return  # array[i] += 1 ends with array[i] = array[i]
        self.operations.append(
            Operation("copy", np.copyto, (self._written_down(value),), {}, self.place(view), *self.lines())
        )

    def item(self, array):
        """The Python number in an array of one."""
        number = Number()
        place = self._written_down(array)
        self.operations.append(Operation("item", np.ndarray.item, (place,), {}, number, *self.lines()))
        return RecordedNumber(plain(array).item(), self, number)

    def arithmetic(self, function, args):
        """An operation on Python numbers."""
        number = Number()
        self.operations.append(Operation("number", function, self._written_down(args), {}, number, *self.lines()))
        return RecordedNumber(function(*plain(args)), self, number)

    # Refusals

    def _check_target(self, array):
        memory = self.place(plain(array)).memory
        if memory.external and memory not in self.state:
            raise self.refusal(
                say(
                    "it changes an array that it has not made itself (np.zeros_like(x) and np.ones_like(x) belong to the step)"
                )
            )

    def lines(self):
        """Where the step is now: the line of the engine, and the line of the reader that called it: (file, number) each."""
        frame, found = sys._getframe(1), []
        while frame is not None and frame.f_code is not STEP:
            found.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        found = [line for line in found if not line[0].startswith(_SILENT)] or found[-1:]
        return found[0], next((line for line in found if os.path.dirname(line[0]) not in FOLDERS), found[0])

    def refusal(self, reason, line=None):
        """The error that says why this step cannot be replayed, and in which line: where it is now, if no other is known."""
        return CannotReplay(refusal_text(reason, line or self.lines()[1]))


def refusal_text(reason, line):
    """The sentence for a refusal: the reason, and the line (file, number)."""
    file, number = line
    source = linecache.getline(file, number).strip()
    return say(
        "this step cannot be replayed: {reason}. Line {number} of {file}: {source}",
        reason=reason,
        number=number,
        file=_named(file),
        source=source or "?",
    )


_OF_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR")


def line_of(owner, attribute):
    """The first line of a class that uses an attribute, apart from where it is set up: (file, number), or None."""
    for cls in type(owner).__mro__:
        for name, function in vars(cls).items():
            code = getattr(function, "__code__", None)
            if code is not None and name not in ("__init__", "reset"):
                for instruction in dis.get_instructions(code):
                    if instruction.argval == attribute and instruction.opname in _OF_ATTRIBUTES:
                        return code.co_filename, instruction.positions.lineno
    return None


def _named(file):
    """The file's name; a notebook's cell has a file of its own, or in Pyodide only a name, with a number that says nothing."""
    path = Path(file)
    of_a_cell = path.parent.name.startswith("ipykernel_") or path.name.startswith("<ipython-input-")
    return say("the cell") if of_a_cell else path.name


def _is_numpys(function):
    return (getattr(function, "__module__", None) or "numpy").partition(".")[0] == "numpy"


def owner_of(array):
    """The array that owns the memory of this one."""
    while True:
        base = array.base
        while base is not None and not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)
        if base is None:
            return array
        array = base


def _has_arrays(index):
    return any(isinstance(part, np.ndarray | list) for part in (index if isinstance(index, tuple) else (index,)))
