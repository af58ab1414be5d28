"""Where the big arrays of convolution, GRU and attention get their memory: for speed alone, no formula needs it."""

import math
from collections import deque
from sys import getrefcount
from threading import Lock

import numpy as np

KB = 1024  # bytes
_pool = deque()  # the memory of the arrays that `empty` has handed out, the oldest first
_pool_lock = Lock()


def empty(shape, dtype, like=None):
    """A new array like np.empty(shape, dtype), for intermediate results of several 100 KB; it may be a used one.

    like   as in np.empty: an array of another class makes the new one, if it carries out NumPy's functions by itself

    The operating system hands out big arrays as pages that it clears one by one, at the first touch. In a training
    step, which makes the same big arrays again and again, this takes as long as the arithmetic. So their memory stays
    in a pool, and is handed out again once nobody else refers to it.

    Why this is safe: an array that is handed out is a view of its memory, and so is each slice, reshaped or transposed
    version of it. All of them refer to the memory, and the interpreter counts references. As long as someone keeps an
    activation, a gradient, or a graph that needs them, the count is above that of the pool alone, and the memory is
    theirs. The pool knows of 128 MB at most, and forgets the oldest first.
    """
    if like is not None and type(like) is not np.ndarray:
        return np.empty(shape, dtype, like=like)
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
