"""How much arithmetic a network needs: the multiply-adds of its matrix products, read off the recorded graph.

A matrix product (n, m) times (m, p) takes n m p multiply-adds. The backward pass takes two products of the same size for
each of them, one for the gradient of each factor; a factor that is data needs no gradient, and saves one. What is not
a product (activations, losses, sums) costs a few operations a number, and is not counted: in a layer of h units its
share is of the order of 1/h.
"""

from dataclasses import dataclass, field
from math import prod

import numpy as np

from ..autodiff import Tensor, operation_name
from ..text import say


@dataclass(frozen=True)
class Operations:
    """Multiply-adds of one training step.

    forward, backward   of the two passes (the optimizer's step is one a parameter, and left out)
    parts               list of (operation, shape of its result, forward, backward) in the order of the forward pass
    """

    forward: int
    backward: int
    parts: list = field(repr=False)

    @property
    def step(self):
        return self.forward + self.backward

    def __str__(self):
        rows = [(name, str(shape), f"{ahead:,}", f"{back:,}") for name, shape, ahead, back in self.parts]
        rows = [(say("operation"), say("result"), say("forward"), say("backward")), *rows]
        rows.append((say("together"), "", f"{self.forward:,}", f"{self.backward:,}"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join(
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}" for a, b, c, d in rows
        )


def count_operations(loss):
    """The `Operations` that led to a tensor, and that its `backward()` will take.

    loss   a Tensor, usually the loss of one batch: count_operations(loss(model(x), y))

    >>> from course_lib import Tensor, functional
    >>> W, b = Tensor([[1.0, 2.0, 3.0]] * 5), Tensor([0.0, 0.0, 0.0])          # 5 inputs, 3 outputs
    >>> count_operations(functional.dense([[1.0] * 5] * 4, W, b)).forward        # 4 examples
    60

    Raises TypeError when it is no Tensor.
    """
    if type(loss) is not Tensor:
        raise TypeError(say("count_operations: expected a Tensor, the loss of a batch, got {got!r}", got=loss))
    parts = []
    for tensor in reversed(loss.graph()):
        products = PRODUCTS.get(operation_name(tensor)) if tensor.parents else None
        if products is not None:
            forward, backward = products(tensor, *tensor.parents)
            parts.append((operation_name(tensor), tensor.shape, forward, backward))
    return Operations(sum(part[2] for part in parts), sum(part[3] for part in parts), parts)


def _product(size, *factors):
    """(forward, backward) of a product of `size` multiply-adds: backward, one such product a factor with a gradient."""
    return size, size * sum(type(factor) is Tensor for factor in factors)


def _gru(result, x, h, W, U, *rest):
    inputs = _product(result.size // U.shape[0] * W.size, x, W)  # x W for each example and time
    states = _product(result.size // U.shape[0] * U.size, result, U)  # h U, where h is the result of the step before
    return inputs[0] + states[0], inputs[1] + states[1]


def _causal_attention(result, query, keys, values):
    batch, time, features = np.shape(query)
    scores, found = batch * time * time * features, time * result.size  # masked ones are computed, too
    return scores + found, 2 * (scores + found)  # whatever is data: its gradient is computed all the same


PRODUCTS = {  # operation: function of its result and its parents that gives (forward, backward)
    "matmul": lambda result, x, y: _product(result.size * np.shape(x)[-1], x, y),
    "dense": lambda result, x, W, b: _product(result.size * W.shape[-2], x, W),
    "conv2d": lambda result, x, W, *rest: _product(result.size * prod(W.shape[:3]), x, W),  # an output, one window
    "gru": _gru,
    "gru_cell": _gru,
    # The mean of the values after it is a matmul.
    "attention_weights": lambda result, query, keys: _product(result.size * np.shape(keys)[-1], query, keys),
    "causal_attention": _causal_attention,
}
