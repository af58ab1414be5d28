"""What the operations share on plain arrays: quick sums, the check that shapes fit, and the pool of big arrays."""

import math
from collections import deque
from functools import lru_cache
from sys import getrefcount
from threading import Lock

import numpy as np

from ..text import say
from .products import BLAS, LARGE, dot


@lru_cache(maxsize=64)
def ones(n, dtype):
    """A vector of n ones. ones.dot(delta) is delta.sum(axis=0), three times as fast for small arrays."""
    vector = np.ones(n, dtype)
    vector.flags.writeable = False
    return vector


def total(a):
    """The sum of all numbers of an array, as a product with ones."""
    return a.ravel().dot(ones(a.size, a.dtype.char))


def column_sums(a):
    """a.sum(axis=0) for a: (rows, columns), as a product with ones."""
    vector = ones(len(a), a.dtype.char)
    at_once = type(a) is np.ndarray and (BLAS or a.size < LARGE)
    return vector.dot(a) if at_once else dot(vector, a)  # can be recorded, and takes longer


def check_shapes(name, **arguments):
    """Raise ValueError unless each array has the axes that it should have, and axes of one name are equally long.

    name        the operation, for the sentence
    arguments   argument name -> (array, its axes in words): x=(x, "batch features"), W=(W, "features 3*hidden");
                "3*hidden" is three times as long as the axis hidden, which an earlier argument has
    """
    _check_shapes(name, *((argument, np.shape(array), axes) for argument, (array, axes) in arguments.items()))


@lru_cache(maxsize=256)  # the batches of a training run have few shapes: each is checked once
def _check_shapes(name, *arguments):
    known = {}  # axis -> (the argument that had it first, its length)
    shapes = {argument: shape for argument, shape, _ in arguments}
    for argument, shape, axes in arguments:
        axes = axes.split()
        if len(shape) != len(axes) or 0 in shape:
            expected = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
            raise ValueError(
                say(
                    "{name}: expected {argument} of shape {expected}, not empty, got shape {got}",
                    name=name,
                    argument=argument,
                    expected=expected,
                    got=shape,
                )
            )
        for axis, size in zip(axes, shape, strict=True):
            times, _, axis = axis.rpartition("*")
            owner, length = known.setdefault(axis, (argument, size))
            expected = length * int(times or 1)
            if size != expected:
                raise ValueError(
                    say(
                        "{name}: {argument} has {got} {axis}, but {owner} expects {expected} "
                        "({argument}.shape = {shape}, {owner}.shape = {other})",
                        name=name,
                        argument=argument,
                        got=size,
                        axis=axis,
                        owner=owner,
                        expected=expected,
                        shape=shape,
                        other=shapes[owner],
                    )
                )


KB = 1024  # bytes
_pool = deque()  # the memory of the arrays that `empty` has handed out, the oldest first
_pool_lock = Lock()


def empty(shape, dtype, like=None):
    """A new array like np.empty(shape, dtype), for intermediate results of several 100 KB; it may be a used one.

    like   an array that the contents are computed from: if that is a recorded one, so is the new one

    The operating system hands out big arrays as pages that it clears one by one, at the first touch. In a training
    step, which makes the same big arrays again and again, this takes as long as the arithmetic. So their memory stays
    in a pool, and is handed out again once nobody else refers to it.

    Why this is safe: an array that is handed out is a view of its memory, and so is each slice, reshaped or transposed
    version of it. All of them refer to the memory, and the interpreter counts references. As long as someone keeps an
    activation, a gradient, or a graph that needs them, the count is above that of the pool alone, and the memory is
    theirs. The pool knows of 128 MB at most, and forgets the oldest first.
    """
    if like is not None and type(like) is not np.ndarray:
        return np.empty_like(like, dtype, order="C", shape=shape)  # as np.empty does, whatever the layout of `like`
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if not 128 * KB <= size <= 32 * 1024 * KB:  # a small array is quick to make, and the largest would fill the pool
        return np.empty(shape, dtype)
    with _pool_lock:  # no two threads may find the same one
        for i in range(len(_pool)):
            if _pool[i].size == size and getrefcount(_pool[i]) == 2:  # by the pool, and by this argument
                return np.ndarray(shape, dtype, _pool[i])
        _pool.append(np.empty(size, np.uint8))
        while sum(memory.size for memory in _pool) > 128 * 1024 * KB:
            _pool.popleft()
        return np.ndarray(shape, dtype, _pool[-1])


def release():
    """Give back the memory in the pool of `empty` that nobody uses, as when no big arrays are to be made for a while."""
    with _pool_lock:
        for i in reversed(range(len(_pool))):
            if getrefcount(_pool[i]) == 2:  # by the pool, and by this argument
                del _pool[i]
