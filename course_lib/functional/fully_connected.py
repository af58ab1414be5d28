"""The dense layer as one operation, with its backward rule beside it.

A dense layer could be written with `matmul`, `add` and `tanh`. As one operation it is the pair of formulas of the
textbook, forward and backward, and it runs about three times faster, because every recorded operation has a price.

Stacks. Many networks of one shape can be trained at once: give the parameters a leading axis, W: (networks, in, out)
and b: (networks, out). Activations then have shape (networks, batch, features), and a loss is the sum over the networks
of each network's mean loss, so that each network gets exactly the gradient that it would get alone.
"""

import numpy as np

from ..autodiff import Tensor, array_of, record, unbroadcast
from ..ops import logistic
from ..text import say
from .arrays import column_sums, ones
from .memory import empty
from .products import BLAS, LARGE, dot

# name: (a = f(z), which may take the memory of z; da/dz written in terms of a)
ACTIVATIONS = {
    "identity": (lambda z: z, None),
    "sigmoid": (logistic, lambda a: a * (1.0 - a)),
    "tanh": (np.tanh, lambda a: 1.0 - a * a),
    # NumPy is faster on two arrays of one dtype than with the number 0, or with truth values
    "relu": (lambda z: np.maximum(z, np.zeros(z.shape, z.dtype), out=z), lambda a: (a > 0.0).astype(a.dtype)),
}


def dense(x, W, b, activation="identity"):
    """A fully connected layer, a = f(z) with z = x W + b.

    x  (batch, features_in), or any (..., features_in)     W  (features_in, features_out)     b  (features_out,)
    activation  "identity", "sigmoid", "tanh" or "relu"
    returns a  (batch, features_out); for stacked parameters (networks, batch, features_out)

    Backward, with delta = dL/dz, the output error in the last layer and the hidden error in all others:
    delta = g * f'(z),  dL/dW = x^T delta,  dL/db = sum of delta over the batch,  dL/dx = delta W^T.

    Raises ValueError when shapes do not fit or the activation is unknown, and names the argument.
    """
    if activation not in ACTIVATIONS:  # asked here first: a call takes longer than the question
        check_activation("dense", activation)
    function, derivative = ACTIVATIONS[activation]
    parents, x_needs_gradient = (x, W, b), type(x) is Tensor  # data need no gradient: the first layer skips dx
    x, W, b = array_of(x), array_of(W), array_of(b)
    usual = x.ndim == W.ndim == 2 and x.shape[1] == len(W) and b.shape == W.shape[1:] and len(x) > 0
    if not usual:
        _check_dense_shapes(x, W, b)
    # False also for a large product without BLAS, which is quicker on the way of all other shapes.
    one_network_one_batch = usual and (BLAS or x.size * W.shape[1] < LARGE)

    if one_network_one_batch:
        z = x.dot(W) + b  # (batch, features_out)
    elif W.ndim == 2:  # all leading axes as one batch
        shape = *x.shape[:-1], W.shape[1]
        z = empty(shape, np.result_type(x, W), like=W if type(x) is np.ndarray else x)
        dot(x.reshape(-1, len(W)), W, out=z.reshape(-1, W.shape[1]))
        z += b
    else:
        z = np.matmul(x, W) + b[:, None, :]
    a = function(z)

    def vjp(g):
        delta = g if derivative is None else g * derivative(a)  # (batch, features_out), like a
        if one_network_one_batch:
            dW = x.T.dot(delta)  # (features_in, features_out): the product sums over the batch
            db = column_sums(delta)  # (features_out,): the same sum
            dx = delta.dot(W.T) if x_needs_gradient else None  # (batch, features_in)
        elif W.ndim == 2:
            rows = delta.reshape(-1, W.shape[1])
            dW, db = dot(x.reshape(-1, len(W)).T, rows), column_sums(rows)
            dx = dot(rows, W.T).reshape(x.shape) if x_needs_gradient else None
        else:
            dW = np.matmul(x.swapaxes(-1, -2), delta)
            # (networks, features_out): the same product with ones; sum(axis=-2) takes three times as long
            db = np.matmul(ones(delta.shape[-2], delta.dtype.char), delta)
            dx = unbroadcast(np.matmul(delta, W.swapaxes(-1, -2)), x) if x_needs_gradient else None
        return dx, dW, db

    return record(a, parents, vjp)


def check_activation(name, activation):
    """Raise ValueError unless the activation is one of ACTIVATIONS."""
    if activation not in ACTIVATIONS:
        raise ValueError(
            say(
                "{name}: activation {got!r} is unknown; expected one of {known}",
                name=name,
                got=activation,
                known=", ".join(ACTIVATIONS),
            )
        )


def _check_dense_shapes(x, W, b):
    if W.ndim not in (2, 3):
        raise ValueError(say("dense: expected W of shape (features_in, features_out), got shape {got}", got=W.shape))
    if x.ndim < 2:
        raise ValueError(
            say(
                "dense: expected x of shape (batch, features_in), got shape {got}; a single example is x[None, :]",
                got=x.shape,
            )
        )
    if x.shape[-1] != W.shape[-2]:
        raise ValueError(
            say(
                "dense: x has {got} features, but W expects {expected} (W.shape = {shape})",
                got=x.shape[-1],
                expected=W.shape[-2],
                shape=W.shape,
            )
        )
    if b.shape != W.shape[:-2] + W.shape[-1:]:
        raise ValueError(
            say(
                "dense: expected b of shape {expected} for W.shape = {shape}, got {got}",
                expected=W.shape[:-2] + W.shape[-1:],
                shape=W.shape,
                got=b.shape,
            )
        )
    if W.ndim == 3 and x.ndim > 2 and x.shape[:-2] != W.shape[:1]:
        raise ValueError(
            say(
                "dense: expected x for {expected} stacked networks (W.shape = {shape}), got x.shape = {got}",
                expected=len(W),
                shape=W.shape,
                got=x.shape,
            )
        )
    if x.shape[0] == 0:
        raise ValueError(say("dense: the batch is empty (x.shape = {got})", got=x.shape))
