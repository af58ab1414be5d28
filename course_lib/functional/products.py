"""The product of large matrices, also where NumPy has no BLAS, the library for products of matrices: in the browser alone."""

import numpy as np

LONG = 64  # numbers: shorter sums are as quick in NumPy's own loops


def has_blas():
    """Whether NumPy was built with BLAS."""
    return "found" in np.show_config(mode="dicts")["Build Dependencies"].get("blas", {})


def dot_without_blas(a, b, out=None):
    """np.dot(a, b, out=out) for two matrices and a NumPy without BLAS: three times as fast for long sums.

    There, a number of the result is a sum in a plain loop over a row of a and a column of b. The numbers of a column lie far
    from each other in memory, and those of a row of x.T too, which makes x.T.dot(delta) slow. So long ones are copied first,
    that neighbours are added up. For short ones np.matmul is quickest, up to three times as fast as np.dot.
    """
    length, columns = b.shape
    if length < LONG or length < 2 * columns:
        return np.matmul(a, b, out=out)
    a, b_T = (each if each.flags.c_contiguous else each.copy() for each in (a, b.T))
    return np.einsum("ik,jk->ij", a, b_T, out=out, order="C")


BLAS = has_blas()
dot = np.dot if BLAS else dot_without_blas
