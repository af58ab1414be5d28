"""`value_and_grad`: from a function of arrays to its value and its gradient, with nothing to remember in between."""

import numpy as np

from .autodiff import Tensor, value_of
from .checks import check_gradient_shapes
from .text import say

_open = set()  # the parameters of each value_and_grad whose function is running


def value_and_grad(f):
    """A function that returns the value of f and its gradient for the first argument.

    f      f(params, *args) -> a single number; params is an array, or a list (or tuple) of arrays
    result g(params, *args) -> (value as a float, gradient: an array, or a list of arrays, of the shapes of params)

    >>> value, grads = value_and_grad(lambda w: w * w + w)(np.array(3.0))
    >>> value, float(grads)
    (12.0, 7.0)

    Raises ValueError when f returns more than one number, and when it is used inside another one on what depends on the
    outer parameters: this engine knows first derivatives only.
    """

    def value_and_gradient(params, *args):
        several = isinstance(params, list | tuple)
        arrays = params if several else [params]
        _refuse_second_derivatives(any(type(p) is Tensor for p in arrays))
        tensors = [Tensor(p) for p in arrays]
        _open.update(tensors)
        try:
            result = f(tensors if several else tensors[0], *args)
        finally:
            _open.difference_update(tensors)
        if type(result) is Tensor:
            _refuse_second_derivatives(_open and not _open.isdisjoint(result.graph()))
            result.backward()
            check_gradient_shapes("value_and_grad", tensors)
        grads = [np.zeros_like(t.value) if t.grad is None else np.array(t.grad) for t in tensors]
        return float(np.asarray(value_of(result)).item()), (grads if several else grads[0])

    return value_and_gradient


def _refuse_second_derivatives(asked_for):
    if asked_for:
        raise ValueError(
            say(
                "value_and_grad inside value_and_grad: expected plain arrays, got a Tensor of the outer one. This engine "
                "knows first derivatives only"
            )
        )
