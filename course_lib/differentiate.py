"""`value_and_grad`: from a function of arrays to its value and its gradient, with nothing to remember in between."""

import threading

import numpy as np

from .autodiff import Tensor, value_of
from .text import say

_running = threading.local()  # .tensors: the parameters of each value_and_grad that is running in this thread


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
        if any(type(p) is Tensor for p in (params if several else [params])):
            raise ValueError(_only_first_derivatives())
        tensors = [Tensor(p) for p in (params if several else [params])]
        outer = getattr(_running, "tensors", frozenset())
        _running.tensors = outer | set(tensors)
        try:
            result = f(tensors if several else tensors[0], *args)
        finally:
            _running.tensors = outer
        if type(result) is Tensor:
            if outer and not outer.isdisjoint(result.graph()):
                raise ValueError(_only_first_derivatives())
            result.backward()
            check_gradient_shapes("value_and_grad", tensors)
        grads = [np.zeros_like(t.value) if t.grad is None else np.array(t.grad) for t in tensors]
        return float(np.asarray(value_of(result)).item()), (grads if several else grads[0])

    return value_and_gradient


def _only_first_derivatives():
    return say(
        "value_and_grad inside value_and_grad: expected plain arrays, got a Tensor of the outer one. This engine knows first "
        "derivatives only"
    )


def check_gradient_shapes(name, tensors):
    """Raise ValueError when the gradient of one of the tensors has another shape than the tensor."""
    for i, t in enumerate(tensors):
        if t.grad is not None and np.shape(t.grad) != t.shape:
            raise ValueError(
                say(
                    "{name}: parameter {index} has shape {expected}, but its gradient has {got}: look at the vjp of the "
                    "operation that uses it",
                    name=name,
                    index=i,
                    expected=t.shape,
                    got=np.shape(t.grad),
                )
            )
