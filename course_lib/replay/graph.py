"""The graph of a recorded step: which function of the engine made which array, out of what. The textbook is written from it."""

from dataclasses import dataclass
from types import FunctionType

import numpy as np

from .arrays import RecordedArray, plain
from .engine import Tensor, operation_name


@dataclass(eq=False, slots=True)
class Node:
    """A tensor.

    operation  the function that made it, such as "dense"; "leaf" for a parameter
    out        the Place of its value
    parents    what it was made of: a Node for a tensor, a Place for an array, and numbers
    inside     what its backward rule needs besides: name -> Place, number, or anything else
    """

    operation: str
    out: object
    parents: tuple
    inside: dict


def nodes_of(loss, recorder):
    """The Nodes of a loss, the oldest first."""
    found = {}

    def written(value):
        if type(value) is Tensor:
            return found[value]
        if not isinstance(value, np.ndarray):
            return value
        return recorder.place(plain(value)) if recorder.knows(value) else None

    for tensor in reversed(loss.graph()):
        inside, name = {}, "leaf"
        if tensor.vjp is not None:
            name = operation_name(tensor)
            inside = {key: written(part) for key, part in _known_to(tensor.vjp) if type(part) in _NAMED}
        found[tensor] = Node(name, written(np.asanyarray(tensor.value)), tuple(map(written, tensor.parents)), inside)
    return list(found.values())


def _known_to(function):
    """(name, value) of what a function takes from the one around it."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # it has no value, as in a branch that was not taken
            continue


_NAMED = (RecordedArray, np.ndarray, bool, int, float, tuple, slice, type(...), type(None), FunctionType)
