"""The product of matrices, also where NumPy has no BLAS, the library for such products: in the browser alone."""

import math
from contextlib import suppress

import numpy as np

LARGE = 1000  # multiplications: for smaller products, np.dot is quicker than np.matmul without BLAS, too


def has_blas():
    """Whether NumPy was built with BLAS."""
    return "found" in np.show_config(mode="dicts")["Build Dependencies"].get("blas", {})


def dot_without_blas(a, b, out=None):
    """np.dot(a, b, out=out) of two arrays for a NumPy without BLAS: the same bits, by np.matmul if that is quicker.

    What is recorded is np.dot, so that a program of a step reads the same everywhere.
    """
    quick = type(a) is type(b) is np.ndarray and is_large(a, b)
    return (np.matmul if quick else np.dot)(a, b, out=out)


def is_large(a, b):
    """Whether two arrays are so large that without BLAS np.matmul is quicker for them; only their shapes are looked at."""
    return len(b.shape) == 2 and math.prod(a.shape) * b.shape[1] >= LARGE


if has_blas():
    dot = np.dot
else:
    dot = dot_without_blas
    with suppress(ImportError):  # puts quick loops into np.matmul; JupyterLite's folder has it
        import course_loops  # noqa: F401
