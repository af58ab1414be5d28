"""The parts of a network as single operations: dense layers and losses, each with its backward rule beside it.

A dense layer could be written with `matmul`, `add` and `tanh`. As one operation it is the pair of formulas of the
textbook, forward and backward, and it runs about three times faster, because every recorded operation has a price.

Stacks. Many networks of one shape can be trained at once: give the parameters a leading axis, W: (networks, in, out)
and b: (networks, out). Activations then have shape (networks, batch, features), and a loss is the sum over the networks
of each network's mean loss, so that each network gets exactly the gradient that it would get alone.
"""

from functools import lru_cache

import numpy as np

from .autodiff import Tensor, record, unbroadcast, value_of
from .ops import logistic
from .text import say

# name: (a = f(z), da/dz written in terms of a)
ACTIVATIONS = {
    "identity": (lambda z: z, None),
    "sigmoid": (logistic, lambda a: a * (1.0 - a)),
    "tanh": (np.tanh, lambda a: 1.0 - a * a),
    # NumPy is faster on two arrays of one dtype than with the number 0, or with truth values
    "relu": (lambda z: np.maximum(z, np.zeros(z.shape, z.dtype)), lambda a: (a > 0.0).astype(a.dtype)),
}


def dense(x, W, b, activation="identity"):
    """A fully connected layer, a = f(z) with z = x W + b.

    x  (batch, features_in), or any (..., features_in)     W  (features_in, features_out)     b  (features_out,)
    activation  "identity", "sigmoid", "tanh" or "relu"
    returns a  (batch, features_out); for stacked parameters (networks, batch, features_out)

    Backward, with delta = dL/dz:  delta = g * f'(z),  dL/dW = x^T delta,  dL/db = sum of delta over the batch,
    dL/dx = delta W^T.

    Raises ValueError when shapes do not fit or the activation is unknown, and names the argument.
    """
    if activation not in ACTIVATIONS:
        check_activation("dense", activation)
    function, derivative = ACTIVATIONS[activation]
    parents, x_needs_gradient = (x, W, b), type(x) is Tensor  # data need no gradient: the first layer skips dx
    x, W, b = value_of(x), value_of(W), value_of(b)
    if W.ndim != 2 or x.shape[1:] != W.shape[:1] or b.shape != W.shape[1:] or len(x) == 0:
        _check_dense_shapes(x, W, b)
    one_network_one_batch = x.ndim == W.ndim == 2

    if one_network_one_batch:
        z = x.dot(W) + b  # (batch, features_out)
    else:
        z = np.matmul(x, W) + (b[:, None, :] if W.ndim == 3 else b)
    a = function(z)

    def vjp(g):
        delta = g if derivative is None else g * derivative(a)  # (batch, features_out), like a
        if one_network_one_batch:
            dW = x.T.dot(delta)  # (features_in, features_out): the product sums over the batch
            db = _ones(len(delta), delta.dtype.char).dot(delta)  # (features_out,): the same sum, as a product
            dx = delta.dot(W.T) if x_needs_gradient else None  # (batch, features_in)
        else:
            dW = unbroadcast(np.matmul(x.swapaxes(-1, -2), delta), W)
            db = delta.sum(axis=-2) if W.ndim == 3 else unbroadcast(delta, b)
            dx = unbroadcast(np.matmul(delta, W.swapaxes(-1, -2)), x) if x_needs_gradient else None
        return dx, dW, db

    return record(a, parents, vjp)


def mean_squared_error(prediction, target):
    """L = mean over all numbers of (a - y)^2; dL/da = 2 (a - y) / n.

    prediction a and target y have the same shape, (batch, outputs). Raises ValueError when they differ.
    """
    a = np.asarray(value_of(prediction))
    y = _target("mean_squared_error", a, target)
    error = a - y
    n = y.size
    return record(np.vdot(error, error) / n, (prediction,), lambda g: (error * (2 * g / n),))


def half_squared_error(prediction, target):
    """L = 1/2 sum over all numbers of (a - y)^2; dL/da = a - y. A sum, not a mean: it grows with the batch.

    prediction a and target y have the same shape, (batch, outputs). Raises ValueError when they differ.
    """
    a = np.asarray(value_of(prediction))
    error = a - _target("half_squared_error", a, target)
    return record(np.vdot(error, error) / 2, (prediction,), lambda g: (error * g,))


def binary_cross_entropy(logits, target):
    """L = -mean(y log p + (1 - y) log(1 - p)), with p = sigmoid(z): last activation and loss in one.

    logits z and target y have the same shape, (batch, outputs); y lies between 0 and 1.
    Backward: dL/dz = (p - y) / n. The factor sigma'(z) of the activation cancels against the 1 / (p (1 - p)) of the
    loss, so an output that is confidently wrong still learns; and written as mean(log(1 + e^z) - y z), the loss
    asks for no log(0), whatever the logit.

    Raises ValueError when the shapes differ or a target lies outside 0..1.
    """
    z = np.asarray(value_of(logits))
    y = _target("binary_cross_entropy", z, target)
    _check_probabilities(y)
    n = y.size
    log_total = np.logaddexp(0.0, z)  # log(1 + e^z)
    loss = _sum(log_total - z * y) / n
    # p = sigmoid(z) = e^z / (1 + e^z) = e^(z - log(1 + e^z))
    return record(loss, (logits,), lambda g: ((np.exp(z - log_total) - y) * (g / n),))


def softmax_cross_entropy(logits, labels, mask=None):
    """L = -mean(log p[label]), with p = softmax(z): last activation and loss in one.

    logits z  (batch, classes), or any (..., classes)       labels  whole numbers 0..classes-1, shape (batch,) or (...)
    mask      optional, shape of labels: 1 counts, 0 leaves a position out (the padding of a sequence)
    Backward: dL/dz = (p - one_hot(label)) / n. As in binary_cross_entropy, the derivative of the activation cancels
    against that of the logarithm; subtracting the largest logit first keeps e^z finite for any logits.

    Raises ValueError when shapes do not fit or a label is not a class, TypeError when labels are not whole numbers.
    """
    z = value_of(logits)
    labels = _class_labels(z, value_of(labels))
    classes, positions = z.shape[-1], z.size // z.shape[-1]
    n = labels.size
    if mask is not None:
        weights = _mask(labels, value_of(mask), z.dtype)
        n = max(float(weights.sum()), 1.0)
        weights = np.broadcast_to(weights, z.shape[:-1]).ravel()  # (positions,)

    # Classes come first here: maximum and sum over the classes then run along memory, three times as fast.
    z_shifted = z.reshape(positions, classes).T.copy()  # (classes, positions)
    z_shifted -= z_shifted.max(axis=0)
    e = np.exp(z_shifted)
    total = _ones(classes, e.dtype.char).dot(e)  # (positions,)
    chosen = _places(labels, z.shape[:-1], classes)  # (positions,)
    losses = np.log(total) - z_shifted.take(chosen)  # (positions,)
    if mask is not None:
        losses *= weights

    def vjp(g):
        delta = e / total  # p
        delta.reshape(-1)[chosen] -= 1  # p - one_hot(label)
        delta *= g / n if mask is None else weights * (g / n)
        return (delta.T.reshape(z.shape),)

    return record(_sum(losses) / n, (logits,), vjp)


@lru_cache(maxsize=64)
def _ones(n, dtype):
    """A vector of n ones. ones.dot(delta) is delta.sum(axis=0), three times as fast for small arrays."""
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones


def _sum(a):
    """The sum of all numbers of an array, as a product with ones."""
    return a.ravel().dot(_ones(a.size, a.dtype.char))


_probabilities = None  # the target array that was checked last: training passes the same one at every step


def _check_probabilities(y):
    global _probabilities
    if y is _probabilities:
        return
    if not (y.min() >= 0 and y.max() <= 1):  # written so that NaN counts as outside
        raise ValueError(
            say("binary_cross_entropy: expected targets between 0 and 1, got {low:g} to {high:g}",
                low=y.min(), high=y.max())
        )  # fmt: skip
    _probabilities = y


def check_activation(name, activation):
    """Raise ValueError unless the activation is one of ACTIVATIONS."""
    if activation not in ACTIVATIONS:
        raise ValueError(
            say("{name}: activation {got!r} is unknown; expected one of {known}",
                name=name, got=activation, known=", ".join(ACTIVATIONS))
        )  # fmt: skip


def _check_dense_shapes(x, W, b):
    if W.ndim not in (2, 3):
        raise ValueError(
            say("dense: expected W of shape (features_in, features_out), got shape {got}", got=W.shape)
        )  # fmt: skip
    if x.ndim < 2:
        raise ValueError(
            say("dense: expected x of shape (batch, features_in), got shape {got}; a single example is x[None, :]",
                got=x.shape)
        )  # fmt: skip
    if x.shape[-1] != W.shape[-2]:
        raise ValueError(
            say("dense: x has {got} features, but W expects {expected} (W.shape = {shape})",
                got=x.shape[-1], expected=W.shape[-2], shape=W.shape)
        )  # fmt: skip
    if b.shape != W.shape[:-2] + W.shape[-1:]:
        raise ValueError(
            say("dense: expected b of shape {expected} for W.shape = {shape}, got {got}",
                expected=W.shape[:-2] + W.shape[-1:], shape=W.shape, got=b.shape)
        )  # fmt: skip
    if W.ndim == 3 and x.ndim > 2 and x.shape[:-2] != W.shape[:1]:
        raise ValueError(
            say("dense: expected x for {expected} stacked networks (W.shape = {shape}), got x.shape = {got}",
                expected=len(W), shape=W.shape, got=x.shape)
        )  # fmt: skip
    if x.shape[0] == 0:
        raise ValueError(say("dense: the batch is empty (x.shape = {got})", got=x.shape))


def _target(loss, prediction, target):
    """The target as an array of the prediction's dtype; its shape must be that of the prediction (of one network)."""
    dtype = prediction.dtype if prediction.dtype.kind == "f" else np.float64
    y = value_of(target)
    y = y if type(y) is np.ndarray and y.dtype == dtype else np.asarray(y, dtype=dtype)
    if y.shape != prediction.shape and not (y.ndim >= 2 and y.shape == prediction.shape[1:]):
        raise ValueError(
            say("{loss}: expected the target in the shape of the prediction, {expected}, got {got}",
                loss=loss, expected=prediction.shape, got=y.shape)
        )  # fmt: skip
    if y.size == 0:
        raise ValueError(say("{loss}: the batch is empty (shape {got})", loss=loss, got=y.shape))
    return y


def _class_labels(z, labels):
    """Labels as they came, after three checks: whole numbers, one for each row of logits, not empty."""
    labels = np.asarray(labels)
    if z.ndim < 2:
        raise ValueError(
            say("softmax_cross_entropy: expected logits of shape (batch, classes), got {got}", got=z.shape)
        )  # fmt: skip
    if labels.dtype.kind not in "iu":
        raise TypeError(
            say("softmax_cross_entropy: expected labels as whole numbers (class numbers), got dtype {got}",
                got=labels.dtype)
        )  # fmt: skip
    if labels.ndim == 0 or labels.shape not in (z.shape[:-1], z.shape[1:-1]):
        raise ValueError(
            say("softmax_cross_entropy: expected labels of shape {expected} for logits of shape {shape}, got {got}",
                expected=z.shape[:-1], shape=z.shape, got=labels.shape)
        )  # fmt: skip
    if labels.size == 0:
        raise ValueError(say("{loss}: the batch is empty (shape {got})", loss="softmax_cross_entropy", got=z.shape))
    return labels


def _places(labels, rows, classes):
    """Where z[label] stands in a flat array of shape (classes, positions), for logits of shape (*rows, classes)."""
    if labels.shape != rows:  # a stack of networks, all with the same labels
        labels = np.broadcast_to(labels, rows)
    try:
        return np.ravel_multi_index((labels.ravel(), np.arange(labels.size)), (classes, labels.size))
    except ValueError:
        raise ValueError(
            say("softmax_cross_entropy: expected labels 0 to {last} for {classes} classes, got {low} to {high}",
                last=classes - 1, classes=classes, low=labels.min(), high=labels.max())
        ) from None  # fmt: skip


def _mask(labels, mask, dtype):
    if mask.shape != labels.shape:
        raise ValueError(
            say("softmax_cross_entropy: expected a mask in the shape of the labels, {expected}, got {got}",
                expected=labels.shape, got=mask.shape)
        )  # fmt: skip
    return mask.astype(dtype)
