"""Layers for sequences (batch, time, features): a table of symbols, a recurrent network."""

import numpy as np

from .. import functional
from ..autodiff import Tensor
from ..checks import check_arguments
from .base import Layer, glorot_uniform, orthogonal


class Embedding(Layer):
    """A row of `features` numbers for each symbol: whole numbers (...) in, (..., features) out.

    symbols, features   whole numbers >= 1
    rng, dtype          as in Dense; the table starts normal with standard deviation `scale`: with 1, as inputs should be

    Raises ValueError for a size below 1, TypeError when rng is not a Generator or dtype holds no fractions.
    """

    def __init__(self, symbols, features, *, rng, scale=1.0, dtype=np.float64):
        check_arguments("Embedding", rng, dtype, symbols=symbols, features=features)
        table = scale * rng.normal(size=(symbols, features))
        self.table = Tensor(table.astype(dtype), name="table")  # (symbols, features)

    def __call__(self, indices):
        return functional.embedding(self.table, indices)


class GRU(Layer):
    """A gated recurrent unit, run over a sequence: gru(x, h=None, mask=None) -> all states (batch, time, hidden).

    features, hidden    whole numbers >= 1: numbers at each time step, and numbers in the state
    rng, dtype          as in Dense. Each gate's W starts glorot_uniform; each gate's U starts orthogonal, because the
                        state is multiplied by it at every step: signals neither die out nor blow up; biases start at 0
    x (batch, time, features), h (batch, hidden), zeros by default, and mask (batch, time) are those of functional.gru

    Raises ValueError for a size below 1, TypeError when rng is not a Generator or dtype holds no fractions.
    """

    def __init__(self, features, hidden, *, rng, dtype=np.float64):
        check_arguments("GRU", rng, dtype, features=features, hidden=hidden)
        W = np.hstack([glorot_uniform((features, hidden), rng) for _ in range(3)])
        U = np.hstack([orthogonal((hidden, hidden), rng) for _ in range(3)])
        self.W = Tensor(W.astype(dtype), name="W")  # (features, 3*hidden)
        self.U = Tensor(U.astype(dtype), name="U")  # (hidden, 3*hidden)
        self.b = Tensor(np.zeros(3 * hidden, dtype), name="b")  # (3*hidden,)
        self.c = Tensor(np.zeros(hidden, dtype), name="c")  # (hidden,)

    def __call__(self, x, h=None, mask=None):
        if h is None:
            h = np.zeros((len(x), self.c.size), self.c.dtype)  # (batch, hidden)
        return functional.gru(x, h, self.W, self.U, self.b, self.c, mask)
