"""Dropout and normalisation: operations between layers that make deep networks easier to train, or keep them honest.

Dropout makes a network noisy while it trains, so that no unit can rely on a single other one. Normalisation gives its
input mean 0 and variance 1, over the features of each example (layer) or over the examples for each feature (batch),
and then lets the network choose a scale and a shift of its own, the gain and the bias.
"""

import numpy as np

from ..autodiff import array_of, record, value_of
from ..checks import check_fraction, check_shapes
from ..text import say
from .arrays import as_one, column_sums, ones


def dropout(x, rate, rng):
    """y = x * m, where each number of m is 0 with probability `rate`, else 1 / (1 - rate); dL/dx = g * m.

    x  any shape     rate  0 <= rate < 1     rng  numpy.random.Generator
    The factor 1 / (1 - rate) keeps the expected output at x ("inverted dropout"), so that without dropout the network
    can be used as it is. Source: Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from
    overfitting.

    Raises ValueError when the rate is not in this range.
    """
    check_fraction("dropout", rate=rate)
    a = array_of(x)
    m = (as_one(_uniform, a, rng) >= rate).astype(a.dtype if a.dtype.kind == "f" else float)
    m *= 1 / (1 - rate)
    return record(a * m, (x,), lambda g: (g * m,))


def _uniform(a, rng):
    """Numbers from 0 to 1, in single precision and in the shape of a."""
    return rng.random(a.shape, np.float32)


def layer_norm(x, gain, bias, epsilon=1e-5):
    """y = gain * x_hat + bias, with x_hat = (x - mean) / sqrt(variance + epsilon) over the features of each example.

    x  (batch, features), or any (..., features)     gain, bias  (features,)     returns y, like x
    Backward, with delta = g * gain = dL/dx_hat:  dL/dx = (delta - mean(delta) - x_hat * mean(delta * x_hat)) / std,
    because x moves x_hat directly, through the mean, and through the variance. dL/dgain = sum of g * x_hat and
    dL/dbias = sum of g, over all examples. Source: Ba, Kiros and Hinton (2016), Layer normalization.

    Raises ValueError when shapes do not fit, and names the argument.
    """
    parents, shape = (x, gain, bias), np.shape(value_of(x))
    rows, gain, bias = _checked("layer_norm", *parents)  # (examples, features)
    features = rows.shape[1]
    average = ones(features, rows.dtype.char) / features  # a product with it is the mean over the features

    x_hat = rows - rows.dot(average)[:, None]
    std = np.sqrt((x_hat * x_hat).dot(average) + epsilon)[:, None]  # (examples, 1)
    x_hat /= std

    def vjp(g):
        g_rows = g.reshape(rows.shape)
        dx = g_rows * gain  # delta
        mean, share = dx.dot(average)[:, None], (dx * x_hat).dot(average)[:, None]
        dx -= mean
        dx -= x_hat * share
        dx /= std
        return dx.reshape(shape), column_sums(g_rows * x_hat), column_sums(g_rows)

    y = x_hat * gain
    y += bias
    return record(y.reshape(shape), parents, vjp)


def batch_norm(x, gain, bias, epsilon=1e-5, observe=None):
    """y = gain * x_hat + bias, with x_hat = (x - mean) / sqrt(variance + epsilon) of each feature over the batch.

    x  (batch, features), or any (..., features): n numbers a feature     gain, bias  (features,)     returns y, like x
    observe  optional function observe(mean, variance, n), called with what the batch has: arrays (features,)
    Backward:  dL/dbias = sum of g,  dL/dgain = sum of g * x_hat,
    dL/dx = gain / std * (g - dL/dbias / n - x_hat * dL/dgain / n): an example also moves the mean and the variance that
    all others are measured with. Source: Ioffe and Szegedy (2015), Batch normalization.

    Raises ValueError when shapes do not fit (the argument is named), or the batch has a single number a feature.
    """
    parents, shape = (x, gain, bias), np.shape(value_of(x))
    rows, gain, bias = _checked("batch_norm", *parents)  # (n, features)
    n = len(rows)
    if n < 2:
        raise ValueError(
            say(
                "batch_norm: expected at least 2 examples to take mean and variance from, got {got}; "
                "choose a batch size that leaves no batch of 1",
                got=n,
            )
        )

    mean = column_sums(rows) / n  # (features,)
    x_hat = rows - mean
    variance = column_sums(x_hat * x_hat) / n  # (features,)
    std = np.sqrt(variance + epsilon)
    x_hat /= std
    if observe is not None:
        observe(mean, variance, n)

    def vjp(g):
        g_rows = g.reshape(rows.shape)
        dgain, dbias = column_sums(g_rows * x_hat), column_sums(g_rows)  # (features,) each
        dx = x_hat * (dgain / -n)
        dx += g_rows
        dx -= dbias / n
        dx *= gain / std
        return dx.reshape(shape), dgain, dbias

    return record((x_hat * gain + bias).reshape(shape), parents, vjp)


def check_features(name, x, gain, bias):
    """Raise ValueError unless x is (..., features), with at least two axes, and gain and bias are (features,)."""
    if x.ndim < 2 or x.size == 0 or gain.shape != x.shape[-1:] or bias.shape != gain.shape:
        axes = " ".join(["batch", *(f"axis_{i}" for i in range(1, x.ndim - 1)), "features"])
        check_shapes(name, gain=(gain, "features"), x=(x, axes), bias=(bias, "features"))


def _checked(name, x, gain, bias):
    """The values of x, as rows (examples, features) of floating-point numbers, of gain and of bias."""
    x, gain, bias = (array_of(each) for each in (x, gain, bias))
    check_features(name, x, gain, bias)
    return x.reshape(-1, x.shape[-1]).astype(x.dtype if x.dtype.kind == "f" else float, copy=False), gain, bias
