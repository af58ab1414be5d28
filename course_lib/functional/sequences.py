"""What reads and writes text and sound: a row of numbers for each symbol, and a recurrent network.

A recurrent network applies one small network at every time step and hands its state from step to step; its backward
pass is the same walk from the last step to the first (backpropagation through time).
"""

import numpy as np

from ..autodiff import Tensor, array_of, record
from ..checks import check_shapes
from ..ops import logistic
from ..text import say
from .arrays import as_one
from .products import dot


def embedding(table, indices):
    """A row of the table for each index: table[indices].

    table    (symbols, features)      indices  whole numbers 0..symbols-1 of any shape (...)
    returns  (..., features)
    Backward: a row of the table gets the sum of the gradients of all places that it was copied to.

    Raises TypeError when indices are not whole numbers, ValueError when one is not a row of the table.
    """
    rows, indices = array_of(table), array_of(indices)
    check_shapes("embedding", table=(rows, "symbols features"))
    if indices.dtype.kind not in "iu":
        raise TypeError(say("embedding: expected indices as whole numbers, got dtype {got}", got=indices.dtype))
    as_one(_check_indices, indices, len(rows))

    def vjp(g):
        dtable = np.zeros_like(rows, order="C")  # (symbols, features)
        places = indices.reshape(-1, 1).astype(int) * rows.shape[1] + np.arange(rows.shape[1])  # in the flat table
        np.add.at(dtable.reshape(-1), places.ravel(), g.ravel())  # four times as fast as np.add.at on rows
        return dtable, None

    return record(rows[indices], (table, indices), vjp)


def _check_indices(indices, symbols):
    if indices.size and not 0 <= indices.min() <= indices.max() < symbols:
        raise ValueError(
            say(
                "embedding: expected indices 0 to {last} for a table of {symbols} symbols, got {low} to {high}",
                last=symbols - 1,
                symbols=symbols,
                low=indices.min(),
                high=indices.max(),
            )
        )


def gru_cell(x, h, W, U, b, c):
    """One step of a gated recurrent unit: the new state h' from the input x and the state h.

    x  (batch, features)    h  (batch, hidden)    W  (features, 3*hidden)    U  (hidden, 3*hidden)    b  (3*hidden,)
    c  (hidden,)            the columns of W, U and b are in the order r, u, n
    r  = sigmoid(x Wr + h Ur + br)             reset gate: how much of the state the candidate sees
    u  = sigmoid(x Wu + h Uu + bu)             update gate: how much of the state stays
    n  = tanh(x Wn + bn + r * (h Un + c))      candidate for the new state
    h' = (1 - u) * n + u * h                   (batch, hidden)
    Source: Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; the reset gate acts after the
    product with Un, as in cuDNN and PyTorch.

    Raises ValueError when shapes do not fit, and names the argument.
    """
    parents, x_needs_gradient = (x, h, W, U, b, c), type(x) is Tensor
    x, h, W, U, b, c = map(array_of, parents)
    check_gru("gru_cell", (x, "batch features"), h, W, U, b, c)
    hidden = h.shape[1]
    zr, zu, zn = np.split(dot(x, W) + b, 3, axis=1)  # (batch, hidden) each
    ar, au, an = np.split(dot(h, U), 3, axis=1)  # (batch, hidden) each
    r, u, s = logistic(zr + ar), logistic(zu + au), an + c
    n = np.tanh(zn + r * s)

    def vjp(g):
        delta_n = g * (1 - u) * (1 - n * n)  # dL/d(the argument of tanh)
        delta_u = g * (h - n) * u * (1 - u)
        delta_r = delta_n * s * r * (1 - r)
        delta_x = np.concatenate([delta_r, delta_u, delta_n], axis=1)  # dL/d(x W + b)  (batch, 3*hidden)
        delta_h = np.concatenate([delta_r, delta_u, delta_n * r], axis=1)  # dL/d(h U)  (batch, 3*hidden)
        dx = dot(delta_x, W.T) if x_needs_gradient else None
        dh = g * u + dot(delta_h, U.T)
        return (
            dx,
            dh,
            dot(x.T, delta_x),
            dot(h.T, delta_h),
            delta_x.sum(axis=0),
            delta_h[:, 2 * hidden :].sum(axis=0),
        )

    return record((1 - u) * n + u * h, parents, vjp)


def check_gru(name, x, h, W, U, b, c, **mask):
    """Raise ValueError unless the shapes of a GRU's arguments fit; x and mask come with their axes, as in `check_shapes`."""
    weights = {"W": (W, "features 3*hidden"), "U": (U, "hidden 3*hidden"), "b": (b, "3*hidden"), "c": (c, "hidden")}
    check_shapes(name, x=x, h=(h, "batch hidden"), **weights, **mask)
