"""The product of large matrices, also where NumPy has no BLAS, the library for products of matrices: in the browser alone."""

import numpy as np

LONG, WIDE = 128, 32  # numbers: for shorter sums, and for narrower results, NumPy's own loops are as quick


def has_blas():
    """Whether NumPy was built with BLAS."""
    return "found" in np.show_config(mode="dicts")["Build Dependencies"].get("blas", {})


def dot_without_blas(a, b, out=None):
    """np.dot(a, b, out=out) of two matrices for a NumPy without BLAS: the same bits, and x.T.dot(delta) in half the time.

    There, a number of the result is a sum in a plain loop over a row of a and a column of b. In x.T.dot(delta), the numbers of
    both lie far from each other in memory. np.einsum adds a number of a times a whole row of b to a row of the result:
    neighbours in memory, and still one summand after the other. In all other cases np.matmul is at least as fast as np.dot.
    """
    length, columns = b.shape
    if length < LONG or columns < WIDE or a.flags.c_contiguous or not b.flags.c_contiguous:
        return np.matmul(a, b, out=out)
    dtype = np.result_type(a, b)
    if out is None:
        out = np.empty_like(b, dtype, order="C", shape=(len(a), columns))
    return np.einsum("ik,kj->ij", a.astype(dtype, copy=False), b.astype(dtype, copy=False), out=out)


dot = np.dot if has_blas() else dot_without_blas
