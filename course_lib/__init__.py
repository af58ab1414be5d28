"""Backpropagation and gradient descent in NumPy, small enough to read: the library of the course."""

from . import functional, ops
from .autodiff import Tensor
from .differentiate import hessian_vector_product, jvp, value_and_grad, vjp
from .gradient_check import check_gradients, numerical_gradient
from .graphs import graph_dot, graph_text
from .layers import (
    GRU,
    Attention,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LayerNorm,
    MaxPool2D,
    Residual,
    Sequential,
    checkpoint,
    stack,
)
from .optimizers import Adam, GradientDescent, Momentum, RMSProp
from .text import set_language
from .training import Diverged, History, Progress, minibatches, success_rate, train

__all__ = [
    "GRU", "Adam", "Attention", "BatchNorm", "Conv2D", "Dense", "Diverged", "Dropout", "Embedding", "Flatten",
    "GradientDescent", "History", "Layer", "LayerNorm", "MaxPool2D", "Momentum", "Progress", "RMSProp", "Residual",
    "Sequential", "Tensor", "check_gradients", "checkpoint", "functional", "graph_dot", "graph_text",
    "hessian_vector_product", "jvp", "minibatches", "numerical_gradient", "ops", "set_language", "stack", "success_rate",
    "train", "value_and_grad", "vjp",
]  # fmt: skip
