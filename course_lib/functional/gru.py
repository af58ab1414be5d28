"""A gated recurrent unit over a whole sequence, as one operation that uses its arrays again.

The formulas stand in `gru_cell` (`sequences`), which this agrees with; here they are arranged for speed.
"""

import numpy as np

from ..autodiff import Tensor, array_of, record
from ..checks import optional_mask
from .arrays import column_sums
from .memory import empty
from .products import dot
from .sequences import check_gru


def gru(x, h, W, U, b, c, mask=None):
    """`gru_cell` at every time step of x, each with the state of the step before: all states, as one operation.

    x        (batch, time, features)      h  (batch, hidden), the state before the first step
    W, U, b, c                            as in `gru_cell`
    mask     optional (batch, time): 1 for a step, 0 for padding, where the state stays as it is
    returns  (batch, time, hidden); with padding at the end, the last state is that of each sequence's last step

    Backpropagation through time, from the last step to the first: dL/dh of a step is the gradient of its own output,
    plus what the next step sends back. Every gate's delta is that dL/dh times a factor of forward values alone, so the
    factors of all steps are computed at once, and so are the gradients of W, U, b and c.

    Raises ValueError when shapes do not fit, and names the argument.
    """
    parents, x_needs_gradient = (x, h, W, U, b, c), type(x) is Tensor
    x, h, W, U, b, c = map(array_of, parents)
    check_gru("gru", (x, "batch time features"), h, W, U, b, c, **optional_mask(mask))
    (batch, time, features), hidden = x.shape, h.shape[1]
    dtype = np.result_type(x, W)
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)  # for whole numbers
    # With a column of ones, for which b is one more row of W
    x_1 = np.ones_like(x, dtype, shape=(time, batch, features + 1), order="C")
    x_1[:, :, :-1] = x.swapaxes(0, 1)
    # sigmoid(z) = (1 + tanh(z/2)) / 2: the halves go into the weights of r, and those of v = 1 - u = sigmoid(-z)
    weights = np.vstack([W, b, U]).reshape(-1, 3, hidden).swapaxes(0, 1)
    weights = np.multiply(weights, np.array([[[0.5]], [[-0.5]], [[1]]], dtype), order="C")  # each gate in one piece
    W_b, U_v = weights[:, : features + 1], weights[:, features + 1 :]  # (3, features + 1 or hidden, hidden)
    kind = weights if type(x_1) is np.ndarray else x_1  # recorded, where one of them is
    gates = np.matmul(x_1[:, None], W_b, out=empty((time, 3, batch, hidden), dtype, like=kind))
    r, v, n = gates.swapaxes(0, 1)  # (time, batch, hidden) each
    if mask is not None:
        v[array_of(mask).T == 0] = -np.inf  # padding is a step with v = 0: the state stays
    states = empty((time + 1, batch, hidden), dtype, like=kind)
    states[0] = h
    s = empty(v.shape, dtype, like=kind)  # h Un + c of all steps
    a = np.empty_like(kind, dtype, shape=(3, batch, hidden), order="C")  # h U of one step
    a_rv, a_n = a[:2], a[2]
    c_rows, half = np.tile(c, (batch, 1)), dtype.type(0.5)  # faster to add and to multiply than c and 0.5
    for h, h_next, z, r_t, v_t, n_t, s_t in zip(states, states[1:], gates[:, :2], r, v, n, s):  # noqa: B905
        np.matmul(h, U_v, out=a)
        z += a_rv
        np.tanh(z, out=z)
        z *= half
        z += half
        np.add(a_n, c_rows, out=s_t)
        np.multiply(r_t, s_t, out=h_next)  # until the end, h_next holds what is on the way to it
        n_t += h_next
        np.tanh(n_t, out=n_t)
        np.subtract(n_t, h, out=h_next)
        h_next *= v_t
        h_next += h  # h + v (n - h) = (1 - u) n + u h

    def vjp(g):
        # The factors of dh, in memory that is used again: a new array of this size costs as much as its arithmetic.
        factor_n, dh = empty(v.shape, dtype, like=v), empty(v.shape, dtype, like=v)
        deltas = empty((time, batch, 3, hidden), dtype, like=v)  # first factors, then dL/d(h U)
        factor_r, factor_u, factor_s = deltas.transpose(2, 0, 1, 3)
        np.multiply(n, n, out=factor_n)
        np.subtract(1, factor_n, out=factor_n)
        factor_n *= v  # (1 - u) (1 - n^2)
        np.multiply(factor_n, r, out=factor_s)  # (1 - u) (1 - n^2) r
        np.subtract(1, r, out=dh)
        dh *= s
        np.multiply(dh, factor_s, out=factor_r)  # (1 - u) (1 - n^2) s r (1 - r)
        np.subtract(states[1:], n, out=dh)  # h' - n = u (h - n)
        np.multiply(dh, v, out=factor_u)  # (h - n) u (1 - u)
        U_T, from_next = U.T.copy(), 0
        for t in reversed(range(time)):
            dh_t, delta = dh[t], deltas[t]
            np.add(g[:, t], from_next, out=dh_t)
            delta *= dh_t[:, None]
            from_next = dot(delta.reshape(batch, -1), U_T)
            from_next += dh_t * (1 - v[t])
        delta = deltas.reshape(-1, 3 * hidden)
        dU = dot(states[:-1].reshape(-1, hidden).T, delta)
        dc = column_sums(delta)[2 * hidden :]
        np.multiply(dh, factor_n, out=factor_s)  # now dL/d(x W + b), which differs in the candidate n
        dW_b = dot(x_1.reshape(-1, features + 1).T, delta)  # (features + 1, 3*hidden)
        dx = dot(delta, W.T).reshape(time, batch, features).swapaxes(0, 1) if x_needs_gradient else None
        return dx, from_next, dW_b[:-1], dU, dW_b[-1], dc

    return record(states[1:].swapaxes(0, 1), parents, vjp)
