"""Layers: a layer holds parameters and knows how to use them; the arithmetic is in `functional`.

`base` has what every network needs, `images`, `sequences`, `attention` and `regularisation` the layers of the
applications; `checkpoint` saves memory.
"""

from .attention import Attention, Block, CausalSelfAttention, Positions
from .base import (
    Dense,
    Layer,
    Sequential,
    glorot_uniform,
    he_normal,
    orthogonal,
    parameters_of,
    stack,
    zeros,
)
from .checkpoint import checkpoint
from .images import Conv2D, Flatten, MaxPool2D
from .regularisation import BatchNorm, Dropout, LayerNorm, Residual
from .sequences import GRU, Embedding

__all__ = [
    "GRU", "Attention", "BatchNorm", "Block", "CausalSelfAttention", "Conv2D", "Dense", "Dropout", "Embedding",
    "Flatten", "Layer", "LayerNorm", "MaxPool2D", "Positions", "Residual", "Sequential", "checkpoint", "glorot_uniform",
    "he_normal", "orthogonal", "parameters_of", "stack", "zeros",
]  # fmt: skip
