"""The losses: one number that says how far the outputs are from the targets, and its derivative.

The losses for classification take logits, the outputs before the last activation. Loss and last activation in one
operation have a simple derivative, and stay finite for any logits. Targets, labels and masks are plain numbers, which get no
gradient: a Tensor there raises TypeError.
"""

import numpy as np

from ..autodiff import array_of, record
from ..text import say
from .arrays import as_one, column_sums, total


def mean_squared_error(prediction, target):
    """L = mean over all numbers of (a - y)^2; dL/da = 2 (a - y) / n.

    prediction a and target y have the same shape, (batch, outputs); for stacked networks a has one leading axis more, and
    L is the sum of the losses of all networks, here and in the other losses. Raises ValueError for other shapes.
    """
    a = array_of(prediction)
    y = _target("mean_squared_error", a, target)
    error = a - y
    n = y.size
    return record(np.vdot(error, error) / n, (prediction,), lambda g: (error * (2 * g / n),))


def half_squared_error(prediction, target):
    """L = 1/2 sum over all numbers of (a - y)^2; dL/da = a - y. A sum, not a mean: it grows with the batch.

    prediction a and target y have the same shape, (batch, outputs); for stacked networks a is (networks, batch, outputs).
    Raises ValueError for other shapes.
    """
    a = array_of(prediction)
    error = a - _target("half_squared_error", a, target)
    return record(np.vdot(error, error) / 2, (prediction,), lambda g: (error * g,))


def binary_cross_entropy(logits, target):
    """L = -mean(y log p + (1 - y) log(1 - p)), with p = sigmoid(z): last activation and loss in one.

    logits z and target y have the same shape, (batch, outputs); y lies between 0 and 1. For stacked networks z is
    (networks, batch, outputs).
    Backward: dL/dz = (p - y) / n. The factor sigma'(z) of the activation cancels against the 1 / (p (1 - p)) of the
    loss, so an output that is confidently wrong still learns; and written as mean(log(1 + e^z) - y z), the loss
    asks for no log(0), whatever the logit.

    Raises ValueError when the shapes differ or a target lies outside 0..1.
    """
    z = array_of(logits)
    y = _target("binary_cross_entropy", z, target)
    as_one(_check_probabilities, y)
    n = y.size
    softplus = np.logaddexp(0.0, z)  # log(1 + e^z)
    loss = total(softplus - z * y) / n
    # p = sigmoid(z) = e^z / (1 + e^z) = e^(z - log(1 + e^z))
    return record(loss, (logits,), lambda g: ((np.exp(z - softplus) - y) * (g / n),))


def softmax_cross_entropy(logits, labels, mask=None):
    """L = -mean(log p[label]), with p = softmax(z): last activation and loss in one.

    logits z  (batch, classes), or any (..., classes)       labels  whole numbers 0..classes-1, shape (batch,) or (...)
              For stacked networks z has one leading axis more: logits (5, 8, 10) with labels (8,) are 5 networks
    mask      optional, shape of labels: 1 counts, 0 leaves a position out (the padding of a sequence), whatever its label;
              a number between weighs it, in a mean that divides by the sum of the mask
    Backward: dL/dz = (p - one_hot(label)) / n. As in binary_cross_entropy, the derivative of the activation cancels
    against that of the logarithm; subtracting the largest logit first keeps e^z finite for any logits.

    Raises ValueError when shapes do not fit or a label is not a class, TypeError when labels are not whole numbers.
    """
    z = array_of(logits)
    labels = _class_labels(z, labels)
    classes, positions = z.shape[-1], z.size // z.shape[-1]
    n = labels.size
    if mask is not None:
        weights = _mask(labels, np.asanyarray(mask), z.dtype)
        n = weights.sum()
        n = n + (n == 0)  # 1: nothing counts, and the loss is 0
        labels = np.where(weights > 0, labels, 0)
        weights = np.broadcast_to(weights, z.shape[:-1]).ravel()  # (positions,)

    # loss = log(sum of e^(z - max)) - (z[label] - max) at each position.
    # Classes come first here: maximum and sum over the classes then run along memory, three times as fast.
    z_shifted = z.reshape(positions, classes).T.copy()  # (classes, positions)
    z_shifted -= z_shifted.max(axis=0)
    e = np.exp(z_shifted)
    sums = column_sums(e)  # (positions,)
    chosen = as_one(_places, labels, z.shape[:-1], classes)  # (positions,)
    losses = np.log(sums) - z_shifted.take(chosen)  # (positions,)
    if mask is not None:
        losses *= weights

    def vjp(g):
        delta = e / sums  # p
        delta.reshape(-1)[chosen] -= 1  # p - one_hot(label)
        delta *= g / n if mask is None else weights * (g / n)
        return (delta.T.reshape(z.shape),)

    return record(total(losses) / n, (logits,), vjp)


_checked = (None, b"")  # the targets of the last check, and a copy of their bytes: training passes them at every step


def _check_probabilities(y):
    global _checked
    if y is _checked[0] and y.tobytes() == _checked[1]:  # takes much less time than the two reductions
        return
    if not (y.min() >= 0 and y.max() <= 1):  # written so that NaN counts as outside
        raise ValueError(
            say(
                "binary_cross_entropy: expected targets between 0 and 1, got {low:g} to {high:g}",
                low=y.min(),
                high=y.max(),
            )
        )
    _checked = y, y.tobytes()


def _target(loss, prediction, target):
    """The target as an array of the prediction's dtype; its shape must be that of the prediction (of one network)."""
    dtype = prediction.dtype if prediction.dtype.kind == "f" else np.float64
    y = target if isinstance(target, np.ndarray) and target.dtype == dtype else np.asanyarray(target).astype(dtype)
    if y.shape != prediction.shape and not (y.ndim >= 2 and y.shape == prediction.shape[1:]):
        raise ValueError(
            say(
                "{loss}: expected the target in the shape of the prediction, {expected}, got {got}",
                loss=loss,
                expected=prediction.shape,
                got=y.shape,
            )
        )
    if y.size == 0:
        raise ValueError(say("{loss}: the batch is empty (shape {got})", loss=loss, got=y.shape))
    return y


def _class_labels(z, labels):
    """Labels as they came, after three checks: whole numbers, one for each row of logits, not empty."""
    labels = np.asanyarray(labels)
    if z.ndim < 2 or z.shape[-1] == 0:
        raise ValueError(
            say("softmax_cross_entropy: expected logits of shape (batch, classes), got {got}", got=z.shape)
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(
            say(
                "softmax_cross_entropy: expected labels as whole numbers (class numbers), got dtype {got}",
                got=labels.dtype,
            )
        )
    if labels.ndim == 0 or labels.shape not in (z.shape[:-1], z.shape[1:-1]):
        raise ValueError(
            say(
                "softmax_cross_entropy: expected labels of shape {expected} for logits of shape {shape}, got {got}",
                expected=z.shape[:-1],
                shape=z.shape,
                got=labels.shape,
            )
        )
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
            say(
                "softmax_cross_entropy: expected labels 0 to {last} for {classes} classes, got {low} to {high}",
                last=classes - 1,
                classes=classes,
                low=labels.min(),
                high=labels.max(),
            )
        ) from None


def _mask(labels, mask, dtype):
    if mask.shape != labels.shape:
        raise ValueError(
            say(
                "softmax_cross_entropy: expected a mask in the shape of the labels, {expected}, got {got}",
                expected=labels.shape,
                got=mask.shape,
            )
        )
    return mask.astype(dtype)
