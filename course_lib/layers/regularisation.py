"""Layers between layers: a way around them, noise while training, and normalisation."""

import numpy as np

from .. import functional
from ..autodiff import Tensor, value_of
from ..checks import check_dtype, check_fraction, check_generator, check_sizes
from ..text import say
from .base import Layer, Sequential


class Residual(Sequential):
    """Layers with a way around them: x + layers(x). The gradient of the output reaches x undiminished on that way.

    Source: He et al. (2016), Deep residual learning for image recognition. Raises ValueError when there is no layer,
    or the layers change the shape of x.
    """

    def __call__(self, x):
        y = super().__call__(x)
        if np.shape(value_of(y)) != np.shape(value_of(x)):
            raise ValueError(
                say(
                    "Residual: expected the layers to keep the shape of x, {expected}, got {got}",
                    expected=np.shape(value_of(x)),
                    got=np.shape(value_of(y)),
                )
            )
        return x + y


class Dropout(Layer):
    """While training, sets each number to 0 with probability `rate` and scales the others up; otherwise x as it is.

    rate   0 <= rate < 1     rng   numpy.random.Generator

    Raises ValueError for another rate, TypeError when rng is not a Generator.
    """

    def __init__(self, rate, *, rng):
        check_fraction("Dropout", rate=rate)
        check_generator("Dropout", rng)
        self.rate, self.rng = rate, rng

    def __call__(self, x):
        return functional.dropout(x, self.rate, self.rng) if self.training else x

    def __repr__(self):
        return f"Dropout({self.rate})"


class LayerNorm(Layer):
    """Mean 0 and variance 1 over the features of each example, then times gain plus bias, one of each a feature.

    features   whole number >= 1; gain starts at 1, bias at 0     dtype   float64 or float32

    Raises ValueError for a size below 1, TypeError when dtype holds no fractions.
    """

    def __init__(self, features, *, dtype=np.float64):
        check_sizes(type(self).__name__, features=features)
        check_dtype(type(self).__name__, dtype)
        self.gain = Tensor(np.ones(features, dtype), name="gain")  # (features,)
        self.bias = Tensor(np.zeros(features, dtype), name="bias")  # (features,)

    def __call__(self, x):
        return functional.layer_norm(x, self.gain, self.bias)

    def __repr__(self):
        return f"{type(self).__name__}({len(self.gain)})"


class BatchNorm(LayerNorm):
    """Mean 0 and variance 1 of each feature over the batch, then times gain plus bias, one of each a feature.

    While training, mean and variance are those of the batch, and running averages follow them:
    running = momentum * running + (1 - momentum) * batch, from mean 0 and variance 1. Otherwise the running averages
    are used, so that the output for an example depends on that example alone.

    features   whole number >= 1     momentum   0 <= momentum < 1     dtype   float64 or float32
    running_mean, running_variance   arrays (features,); the batch's variance counts with n / (n - 1), without bias

    Raises ValueError for a size below 1 or another momentum, TypeError when dtype holds no fractions.
    """

    epsilon = 1e-5

    def __init__(self, features, momentum=0.9, *, dtype=np.float64):
        super().__init__(features, dtype=dtype)
        check_fraction("BatchNorm", momentum=momentum)
        self.momentum = momentum
        self.running_mean, self.running_variance = np.zeros(features, dtype), np.ones(features, dtype)

    def __call__(self, x):
        if self.training:
            return functional.batch_norm(x, self.gain, self.bias, self.epsilon, observe=self._follow)
        functional.check_features("BatchNorm", value_of(x), self.gain, self.bias)
        std = np.sqrt(self.running_variance + self.epsilon)
        return (x - self.running_mean) / std * self.gain + self.bias

    def _follow(self, mean, variance, n):
        """Move the running averages towards mean and variance of a batch of n."""
        finite = np.isfinite(variance).all()  # else training has diverged: an average would never be a number again
        for running, batch in ((self.running_mean, mean), (self.running_variance, variance * (n / (n - 1)))):
            np.copyto(running, running + (1 - self.momentum) * (batch - running), where=finite)
