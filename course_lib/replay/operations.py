"""What a recorded step consists of: operations, and the memory that they read and write.

Nothing in it refers to a layer or a loss any more. An operation says which NumPy function was called, with which arrays and
numbers, and where its result went. An array is written down as a place: a piece of memory, and how the array lies in it.
Two arrays that share memory are two places in one memory, so that it can be seen what depends on what.
"""

import math
import operator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np


class Memory:
    """A piece of memory. owner: the array that it belongs to if it was there before the step, else None."""

    def __init__(self, nbytes, owner=None):
        self.nbytes, self.owner = nbytes, owner

    @property
    def external(self):
        return self.owner is not None


class Place(NamedTuple):
    """Where an array lies: in which memory, from which byte on, and how."""

    memory: Memory
    offset: int
    shape: tuple
    strides: tuple
    dtype: np.dtype

    @property
    def contiguous(self):
        """Whether its numbers are neighbours in memory, the last axis running fastest."""
        return self._fills(zip(self.strides[::-1], self.shape[::-1], strict=True))

    @property
    def whole(self):
        """Whether the array is all of its memory."""
        return self.offset == 0 and self.nbytes == self.memory.nbytes and self.packed

    @property
    def packed(self):
        """Whether its numbers fill a piece of memory without gaps, in whatever order."""
        axes = zip(self.strides, self.shape, strict=True)
        return self._fills(sorted((stride, size) for stride, size in axes if size != 1))

    def _fills(self, axes):
        """Whether there are no gaps along the axes, (stride, size) of the fastest one first."""
        expected = self.dtype.itemsize
        for stride, size in axes:
            if size != 1 and stride != expected:
                return False
            expected *= size
        return True

    @property
    def extent(self):
        """The first byte, and the first one after it."""
        if self.contiguous:
            return self.offset, self.offset + self.nbytes
        steps = [stride * (size - 1) for size, stride in zip(self.shape, self.strides, strict=True)]
        low, high = sum(step for step in steps if step < 0), sum(step for step in steps if step > 0)
        return self.offset + low, self.offset + high + self.dtype.itemsize

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def nbytes(self):
        return self.size * self.dtype.itemsize

    def array(self, owner=None):
        """The array, in the memory of this other one; without one, where it was before the step."""
        owner = self.memory.owner if owner is None else owner
        return np.ndarray(self.shape, self.dtype, owner.ravel(order="K"), self.offset, self.strides)


def packed_place(memory, offset, shape, dtype):
    """The place of an array whose numbers are neighbours, as in a new array."""
    return Place(memory, offset, shape, np.empty(shape, dtype).strides, dtype)


class Number:
    """A Python number of the step: an attribute that is read anew in each step, or the result of an operation."""

    def __init__(self, owner=None, attribute=None):
        self.owner, self.attribute = owner, attribute


@dataclass(eq=False)
class Operation:
    """One line of the recorded step.

    kind      how it is carried out: "ufunc": function(*args, out=out); "dot": the same for a product of matrices;
              "function", "method": out[...] = function(*args); "copy": out[...] = args[0]; "index", and "take" for
              rows: out[...] = args[0][args[1]]; "assign": args[0][args[1]] = args[2]; "effect": function(*args) changes
              args[0]; "number", "item": out, a Number, is function(*args); "random": as "function", with a generator
              among the args; "check": function(*args) may raise
    args, options   places, numbers and constants; also in lists and tuples
    out       Place or Number, or None
    line      the line of the engine that did this: (file, number)
    caller    the line of the reader that called the engine, if there is one
    """

    kind: str
    function: object
    args: tuple
    options: dict
    out: object
    line: tuple
    caller: tuple

    @cached_property
    def reads(self):
        """The places that it reads; what it changes in part counts."""
        return list(leaves((self.args, self.options), Place))

    @cached_property
    def numbers(self):
        """The numbers that it reads."""
        return list(leaves((self.args, self.options), Number))

    @cached_property
    def writes(self):
        """The place that it writes, or None."""
        if self.kind in ("assign", "effect"):
            return self.args[0]
        return self.out if type(self.out) is Place else None

    @property
    def touches(self):
        """All places that it reads or writes."""
        return self.reads if self.writes is None else [*self.reads, self.writes]

    def changed(self, change=lambda part: part, **others):
        """A copy of it with change(part) for each Place and Number, and with other attributes replaced."""
        parts = {"args": self.args, "options": self.options, "out": self.out}
        new = mapped(parts, lambda part: change(part) if type(part) in (Place, Number) else part)
        return replace(self, **{**new, **others})


def leaves(value, *kinds):
    """All parts of a nest of tuples, lists and dicts that are of one of these kinds, in their order."""
    if type(value) in kinds:
        yield value
    elif _is_nest(value):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part, *kinds)


def mapped(value, change):
    """The same nest with change(part) for each part that is no tuple, list or dict."""
    if not _is_nest(value):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(part, change) for key, part in value.items()}
    return (tuple if isinstance(value, tuple) else list)(mapped(part, change) for part in value)


def elements(container):
    """What is in a list, set or dict: of a dict its keys, then its values."""
    return [*container, *container.values()] if isinstance(container, dict) else [*container]


def holds(container, objects):
    """Whether these very objects are its elements."""
    now = elements(container)
    return len(now) == len(objects) and all(map(operator.is_, now, objects))


def _is_nest(value):
    return isinstance(value, tuple | list | dict) and type(value) is not Place


@dataclass(frozen=True)
class Record:
    """A recorded step.

    operations   in the order of the step
    loss         the Number that is the loss; what follows on it is the backward part
    inputs       the places of the data that the step reads
    kept         places that somebody reads after the step: gradients
    numbers      (object, attribute, Number): which numbers the step leaves in an optimizer or a layer
    appended     (list, Number): what the step appends to a list of the optimizer
    variable     memories that are not the same in each step: parameters, running averages
    live         (Number, Place): an array without axes that holds a number which somebody may change between two steps
    load         operations that depend on the data alone: they are carried out when data are loaded
    shared       memory -> the memory in which it lies together with others
    """

    operations: list
    loss: Number
    inputs: list
    kept: list
    numbers: list
    appended: list
    variable: list
    live: tuple = ()
    load: tuple = ()
    shared: dict = field(default_factory=dict)
