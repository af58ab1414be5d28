"""The product of matrices, also where NumPy has no BLAS, the library for such products: in the browser alone."""

import math
from contextlib import suppress

import numpy as np

LARGE = 1000  # multiplications: without BLAS, np.dot is quicker than np.matmul for fewer


def has_blas():
    """Whether NumPy was built with BLAS."""
    return "found" in np.show_config(mode="dicts")["Build Dependencies"].get("blas", {})


def dot_without_blas(a, b, out=None):
    """np.dot(a, b, out=out) of two arrays for a NumPy without BLAS: the same bits, by np.matmul if that is quicker."""
    large = b.ndim == 2 and math.prod(a.shape) * b.shape[1] >= LARGE
    return (np.matmul if large else np.dot)(a, b, out=out)


BLAS = has_blas()
if BLAS:
    dot = np.dot
else:
    dot = dot_without_blas
    with suppress(ImportError):  # puts quick loops into np.matmul; JupyterLite's folder has it
        import course_loops  # noqa: F401
