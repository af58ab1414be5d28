"""Sums of plain arrays as products with ones, which are quicker for small arrays; and functions that look at numbers."""

from functools import lru_cache

import numpy as np

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
    # np.dot first asks whether the class of an argument has a dot of its own (NEP 18). The method does not, and is quicker.
    at_once = type(a) is np.ndarray and (BLAS or a.size < LARGE)
    return vector.dot(a) if at_once else dot(vector, a)


def as_one(function, array, *others):
    """function(array, *others), for a function that looks at the numbers of data, draws some, or may raise.

    An array that carries out NumPy's functions by itself (`autodiff.as_array`) is asked to carry out this one, as a whole:
    so does `replay`, which records a step. On a first reading, it is function(array, *others).
    """
    if type(array) is np.ndarray:
        return function(array, *others)
    return array.__array_function__(function, (type(array),), (array, *others), {})
