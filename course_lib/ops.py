"""Elementary operations on tensors: the forward line, then the line that carries a gradient back.

Each function takes tensors or plain arrays; when nothing in it is a Tensor it returns a plain array. In each vjp,
g is dL/d(output), and the result is dL/d(input): the textbook derivative times g. Where a derivative is simpler in
terms of the output (y * (1 - y) for the sigmoid), it is written that way. What a tensor does by an operator or a method,
x * y or x.sum(), stands in `autodiff` and is imported from there.
"""

import numpy as np

from .autodiff import Tensor, array_of, divide, matmul, mean, power, record, reshape, sum, take, transpose, value_of
from .text import say

__all__ = [
    "concat", "divide", "exp", "log", "matmul", "mean", "power", "relu", "reshape", "sigmoid", "softmax", "sqrt",
    "stack", "sum", "take", "tanh", "transpose",
]  # fmt: skip


def exp(x):
    """e^x; dy/dx = y."""
    y = np.exp(value_of(x))
    return record(y, (x,), lambda g: (g * y,))


def log(x):
    """Natural logarithm; dy/dx = 1/x."""
    a = value_of(x)
    return record(np.log(a), (x,), lambda g: (g / a,))


def sqrt(x):
    """Square root; dy/dx = 1/(2y)."""
    y = np.sqrt(value_of(x))
    return record(y, (x,), lambda g: (g / (2 * y),))


def tanh(x):
    """Hyperbolic tangent; dy/dx = 1 - y^2."""
    y = np.tanh(value_of(x))
    return record(y, (x,), lambda g: (g * (1 - y * y),))


def sigmoid(x):
    """1 / (1 + e^-x); dy/dx = y (1 - y)."""
    y = logistic(value_of(x))
    return record(y, (x,), lambda g: (g * y * (1 - y),))


def logistic(z):
    """The sigmoid of plain numbers. (1 + tanh(z/2)) / 2 cannot overflow, and is the same function up to rounding: 1e-16."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def relu(x):
    """max(x, 0); dy/dx = 1 where x > 0, else 0 (at x = 0 the usual choice is 0)."""
    y = np.maximum(value_of(x), 0)
    return record(y, (x,), lambda g: (g * (y > 0),))


def softmax(x, axis=-1):
    """e^x / sum(e^x) along an axis; dL/dx = y (g - sum(g y))."""
    a = value_of(x)
    y = np.exp(a - a.max(axis=axis, keepdims=True))  # the same quotient, and e^x cannot overflow
    y = y / y.sum(axis=axis, keepdims=True)
    return record(y, (x,), lambda g: (y * (g - (g * y).sum(axis=axis, keepdims=True)),))


def concat(tensors, axis=-1):
    """Join along an existing axis; each part gets its own piece of the gradient.

    Raises ValueError when the list is empty.
    """
    arrays = _arrays("concat", tensors)
    joined = np.concatenate(arrays, axis)
    ends = np.cumsum([a.shape[axis] for a in arrays])[:-1]
    return record(joined, tuple(tensors), lambda g: np.split(g, ends, axis))


def stack(tensors, axis=0):
    """Join equal shapes along a new axis; each part gets its own slice of the gradient.

    Raises ValueError when the list is empty.
    """
    arrays = _arrays("stack", tensors)
    return record(np.stack(arrays, axis), tuple(tensors), lambda g: list(np.moveaxis(g, axis, 0)))


def _arrays(operation, tensors):
    if isinstance(tensors, Tensor) or len(tensors) == 0:
        got = say("one Tensor") if isinstance(tensors, Tensor) else say("none")
        raise ValueError(
            say("{operation}: expected a list of at least one tensor, got {got}", operation=operation, got=got)
        )
    return [array_of(t) for t in tensors]
