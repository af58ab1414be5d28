"""The parts of a network as single operations, each with its backward rule beside it.

`fully_connected` has the dense layer, `losses` the losses, `images` convolution and pooling, `sequences` what reads and
writes text and sound (embedding, GRU, attention), `regularisation` dropout and normalisation.
"""

from .arrays import check_shapes
from .fully_connected import ACTIVATIONS, check_activation, dense
from .losses import binary_cross_entropy, half_squared_error, mean_squared_error, softmax_cross_entropy

__all__ = [
    "ACTIVATIONS", "binary_cross_entropy", "check_activation", "check_shapes", "dense", "half_squared_error",
    "mean_squared_error", "softmax_cross_entropy",
]  # fmt: skip
