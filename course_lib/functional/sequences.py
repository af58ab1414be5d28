"""What reads and writes text and sound: a row of numbers for each symbol, a recurrent network, and attention.

A recurrent network applies one small network at every time step and hands its state from step to step; its backward
pass is the same walk from the last step to the first (backpropagation through time). Attention lets a step look at all
steps of another sequence at once and take a weighted mean of what it finds.
"""

import math

import numpy as np

from ..autodiff import Tensor, matmul, record, value_of
from ..ops import logistic
from ..text import say
from .arrays import check_shapes, column_sums, empty
from .products import dot


def embedding(table, indices):
    """A row of the table for each index: table[indices].

    table    (symbols, features)      indices  whole numbers 0..symbols-1 of any shape (...)
    returns  (..., features)
    Backward: a row of the table gets the sum of the gradients of all places that it was copied to.

    Raises TypeError when indices are not whole numbers, ValueError when one is not a row of the table.
    """
    rows, indices = value_of(table), np.asanyarray(value_of(indices))
    check_shapes("embedding", table=(rows, "symbols features"))
    if indices.dtype.kind not in "iu":
        raise TypeError(say("embedding: expected indices as whole numbers, got dtype {got}", got=indices.dtype))
    if type(indices) is np.ndarray:
        _check_indices(indices, len(rows))
    else:
        indices.check(_check_indices, len(rows))

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
    x, h, W, U, b, c = map(value_of, parents)
    check_shapes(
        "gru_cell",
        x=(x, "batch features"),
        h=(h, "batch hidden"),
        W=(W, "features 3*hidden"),
        U=(U, "hidden 3*hidden"),
        b=(b, "3*hidden"),
        c=(c, "hidden"),
    )
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
    x, h, W, U, b, c = map(value_of, parents)
    check_shapes(
        "gru",
        x=(x, "batch time features"),
        h=(h, "batch hidden"),
        W=(W, "features 3*hidden"),
        U=(U, "hidden 3*hidden"),
        b=(b, "3*hidden"),
        c=(c, "hidden"),
        **_mask_and_axes(mask),
    )
    (batch, time, features), hidden, dtype = x.shape, h.shape[1], np.result_type(x, W)
    x_1 = np.ones_like(
        x, dtype, shape=(time, batch, features + 1), order="C"
    )  # a column of ones, for which b is one more row of W
    x_1[:, :, :-1] = x.swapaxes(0, 1)
    # sigmoid(z) = (1 + tanh(z/2)) / 2: the halves go into the weights of r, and those of v = 1 - u = sigmoid(-z)
    weights = np.vstack([W, b, U]).reshape(-1, 3, hidden).swapaxes(0, 1)
    weights = np.multiply(weights, np.array([[[0.5]], [[-0.5]], [[1]]], dtype), order="C")  # each gate in one piece
    W_b, U_v = weights[:, : features + 1], weights[:, features + 1 :]  # (3, features + 1 or hidden, hidden)
    gates = np.matmul(x_1[:, None], W_b, out=empty((time, 3, batch, hidden), dtype, like=W))  # before the activations
    r, v, n = gates.swapaxes(0, 1)  # (time, batch, hidden) each
    if mask is not None:
        v[np.asanyarray(value_of(mask)).T == 0] = -np.inf  # padding is a step with v = 0: the state stays
    states = empty((time + 1, batch, hidden), dtype, like=W)
    states[0] = h
    s = empty(v.shape, dtype, like=W)  # h Un + c of all steps
    a = np.empty_like(W, dtype, shape=(3, batch, hidden), order="C")  # h U of one step
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


def _mask_and_axes(mask):
    """The argument mask for `check_shapes`, if there is one."""
    return {} if mask is None else {"mask": (value_of(mask), "batch time")}


def attention_weights(query, keys, mask=None):
    """How much each step of the query looks at each key: softmax over the keys of query keys^T / sqrt(features).

    query  (batch, steps, features)      keys  (batch, time, features)
    mask   optional (batch, time): 1 where the query may look, 0 where not; when it may look nowhere, all weights are 0
    returns w  (batch, steps, time); rows add up to 1
    The root keeps the scores near 1: a product of two vectors of n random numbers has variance n, and a softmax of
    large numbers hardly learns. Backward: dL/dscore = w * (g - sum of g * w), dL/dquery = dL/dscore keys / root,
    dL/dkeys = dL/dscore^T query / root.

    Raises ValueError when shapes do not fit, and names the argument.
    """
    q, k = value_of(query), value_of(keys)
    check_shapes(
        "attention", query=(q, "batch steps features"), keys=(k, "batch time features"), **_mask_and_axes(mask)
    )
    root = math.sqrt(q.shape[-1])
    scores = np.matmul(q, k.swapaxes(1, 2)) / root  # (batch, steps, time)
    if mask is not None:
        scores = np.where(np.asanyarray(value_of(mask))[:, None] == 0, -np.inf, scores)
    highest = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)  # finite, also for no key
    e = np.exp(scores - highest)
    w = e / np.maximum(e.sum(axis=-1, keepdims=True), 1)  # the highest score gives e^0 = 1: less than 1 is no key

    def vjp(g):
        delta = w * (g - (g * w).sum(axis=-1, keepdims=True)) / root  # (batch, steps, time)
        return np.matmul(delta, k), np.matmul(delta.swapaxes(1, 2), q)

    return record(w, (query, keys), vjp)


def attention(query, keys, values, mask=None):
    """What each step of the query finds: the mean of the values, weighted by `attention_weights` of query and keys.

    query    (batch, steps, features)      keys  (batch, time, features)      values  (batch, time, features_out)
    mask     optional (batch, time), as in `attention_weights`; where the query may look nowhere it finds zeros
    returns  (batch, steps, features_out)
    Source: Vaswani et al. (2017), Attention is all you need (scaled dot-product attention).

    Raises ValueError when shapes do not fit, and names the argument.
    """
    check_shapes(
        "attention", keys=(value_of(keys), "batch time features"), values=(value_of(values), "batch time features_out")
    )
    return matmul(attention_weights(query, keys, mask), values)
