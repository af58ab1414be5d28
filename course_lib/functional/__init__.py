"""The parts of a network as single operations, each with its backward rule beside it.

`fully_connected` has the dense layer, `losses` the losses, `images` convolution and pooling, `sequences` what reads and
writes text and sound (embedding, a step of a GRU), `gru` the whole GRU, `attention` what looks at many steps at once,
`regularisation` dropout and normalisation. `arrays`, `products` and `memory` are for speed alone. What acts on each number
or row alone, such as `softmax`, is in `ops`.
"""

from .attention import attention, attention_weights, causal_attention, causal_attention_weights, check_heads
from .fully_connected import ACTIVATIONS, check_activation, dense
from .gru import gru
from .images import conv2d, max_pool2d
from .losses import binary_cross_entropy, half_squared_error, mean_squared_error, softmax_cross_entropy
from .regularisation import batch_norm, check_features, dropout, layer_norm
from .sequences import embedding, gru_cell

__all__ = [
    "ACTIVATIONS", "attention", "attention_weights", "batch_norm", "binary_cross_entropy", "causal_attention",
    "causal_attention_weights", "check_activation", "check_features", "check_heads", "conv2d", "dense", "dropout",
    "embedding", "gru", "gru_cell", "half_squared_error", "layer_norm", "max_pool2d", "mean_squared_error",
    "softmax_cross_entropy",
]  # fmt: skip
