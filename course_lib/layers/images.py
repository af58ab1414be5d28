"""Layers for images (batch, height, width, channels): convolution, pooling, and the way to a dense layer."""

import numpy as np

from .. import functional, ops
from ..autodiff import Tensor
from ..checks import check_arguments, check_sizes
from ..text import say
from .base import Layer, he_normal


class Conv2D(Layer):
    """A convolutional layer, a = f(z): one kernel for each output channel, the same in every place of the image.

    channels_in, channels_out   whole numbers >= 1
    size                        height and width of the kernels, a whole number >= 1, odd for padding "same"
    activation                  "identity", "sigmoid", "tanh" or "relu"
    padding                     "same" (zeros around the image, the output is as large) or "valid" (no zeros)
    rng                         numpy.random.Generator for the initial kernels; biases start at 0
    initializer                 function (shape, rng) -> array, for shape (size * size * channels_in, channels_out):
                                one row a number of the window; default he_normal
    scale                       the initial kernels are multiplied by it
    dtype                       float64 or float32

    Raises ValueError for a size that is not as above or an unknown activation or padding, TypeError when rng is not a
    Generator or dtype holds no fractions.
    """

    def __init__(
        self,
        channels_in,
        channels_out,
        size=3,
        activation="identity",
        padding="same",
        *,
        rng,
        initializer=he_normal,
        scale=1.0,
        dtype=np.float64,
    ):
        check_arguments("Conv2D", rng, dtype, channels_in=channels_in, channels_out=channels_out, size=size)
        functional.check_activation("Conv2D", activation)
        if padding != "valid" and (padding != "same" or size % 2 == 0):
            raise ValueError(
                say(
                    'Conv2D: expected padding "same" with an odd size, or "valid", got {got!r} with size {size}',
                    got=padding,
                    size=size,
                )
            )
        W = scale * initializer((size * size * channels_in, channels_out), rng)
        W = W.reshape(size, size, channels_in, channels_out)
        self.W = Tensor(W.astype(dtype), name="W")  # (size, size, channels_in, channels_out)
        self.b = Tensor(np.zeros(channels_out, dtype), name="b")  # (channels_out,)
        self.activation, self.padding = activation, padding

    def __call__(self, x):
        return functional.conv2d(x, self.W, self.b, self.activation, self.padding)

    def __repr__(self):
        height, width, channels_in, channels_out = self.W.shape
        return f"Conv2D({channels_in} -> {channels_out}, {height}x{width}, {self.activation}, {self.padding})"


class MaxPool2D(Layer):
    """The largest number of each size x size window of an image, for each channel. Raises ValueError for size < 1."""

    def __init__(self, size=2):
        check_sizes("MaxPool2D", size=size)
        self.size = size

    def __call__(self, x):
        return functional.max_pool2d(x, self.size)

    def __repr__(self):
        return f"MaxPool2D({self.size})"


class Flatten(Layer):
    """All numbers of an example in one row: (batch, height, width, channels) -> (batch, height*width*channels)."""

    def __call__(self, x):
        return ops.reshape(x, (len(x), -1))

    def __repr__(self):
        return "Flatten()"
