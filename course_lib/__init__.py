"""Backpropagation and gradient descent in NumPy, small enough to read: the library of the course.

For a first evening, after chapter 3:

1. `autodiff.py`: `Tensor.__init__`, `Tensor.backward`, one operation such as `multiply`, then `record` and `unbroadcast`
2. `ops.py`, and `dense` in `functional/fully_connected.py`: the branch for one network and one batch
3. the squared error and `binary_cross_entropy` in `functional/losses.py`
4. `Layer`, `Dense` and `Sequential` in `layers/base.py`
5. the `update` of each optimizer in `optimizers.py`
6. `take_step` in `training_step.py`, then `train` in `training.py`
7. `gradient_check.py`, which judges all of it

For another evening: convolution, recurrent networks, attention and normalisation. Not needed to understand training:
`functional/arrays.py`, `products.py` and `memory.py` (speed), `flat_vector.py`, `optimizer_state.py` (saving and restoring),
`layers/checkpoint.py`, and `replay/`, which records a training step once and repeats it.
"""

from . import functional, ops
from .autodiff import Tensor
from .differentiate import hessian_vector_product, jvp, value_and_grad, vjp
from .gradient_check import check_gradients, numerical_gradient
from .graphs import graph_dot, graph_text
from .layers import (
    GRU,
    Attention,
    BatchNorm,
    Block,
    CausalSelfAttention,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LayerNorm,
    MaxPool2D,
    Positions,
    Residual,
    Sequential,
    checkpoint,
    stack,
)
from .optimizers import Adam, GradientDescent, Momentum, RMSProp
from .text import set_language
from .training import Diverged, History, Progress, minibatches, success_rate, train

__all__ = [
    "GRU", "Adam", "Attention", "BatchNorm", "Block", "CausalSelfAttention", "Conv2D", "Dense", "Diverged", "Dropout",
    "Embedding", "Flatten", "GradientDescent", "History", "Layer", "LayerNorm", "MaxPool2D", "Momentum", "Positions",
    "Progress", "RMSProp", "Residual", "Sequential", "Tensor", "check_gradients", "checkpoint", "functional", "graph_dot",
    "graph_text", "hessian_vector_product", "jvp", "minibatches", "numerical_gradient", "ops", "set_language", "stack",
    "success_rate", "train", "value_and_grad", "vjp",
]  # fmt: skip
