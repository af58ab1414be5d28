"""From a function of arrays to its derivatives, with nothing to remember in between.

`value_and_grad` is what training needs. `vjp` and `jvp` are the two products with a Jacobian, the reverse and the forward
mode of automatic differentiation; `hessian_vector_product` is one product with the matrix of second derivatives.
"""

import numpy as np

from .autodiff import Tensor, value_of
from .checks import check_gradient_shapes
from .text import say

_open = set()  # the parameters of each value_and_grad and vjp whose function is running


def value_and_grad(f):
    """A function that returns the value of f and its gradient for the first argument.

    f      f(params, *args) -> a single number; params is an array, or a list (or tuple) of arrays
    result g(params, *args) -> (value as a float, gradient: an array, or a list of arrays, of the shapes of params)

    >>> value, grads = value_and_grad(lambda w: w * w + w)(np.array(3.0))
    >>> value, float(grads)
    (12.0, 7.0)

    Raises ValueError when f returns more than one number, when params are tensors, and when it is used inside another one,
    or inside `vjp`, on what depends on the outer parameters: this engine knows first derivatives only.
    """

    def value_and_gradient(params, *args):
        several = isinstance(params, list | tuple)
        arrays = params if several else [params]
        _refuse_second_derivatives("value_and_grad", any(type(p) is Tensor for p in arrays))
        tensors = [Tensor(p) for p in arrays]
        result = _called("value_and_grad", f, tensors, tensors if several else tensors[0], *args)
        grads = _gradients("value_and_grad", result, tensors)
        return float(np.asarray(value_of(result)).item()), (grads if several else grads[0])

    return value_and_gradient


def vjp(f, *args):
    """(value, back): the value of f(*args), and its vector-Jacobian product, which is the reverse mode.

    f       f(*args) -> an array of any shape; args are arrays or numbers
    back    back(g), with g of the shape of the value, returns a tuple with one array for each argument, of its shape: the
            gradient of sum(g * f(*args)), which is g^T J with J the Jacobian, all derivatives of f in one matrix. J itself
            is never built. Each call costs one backward pass, however many numbers the arguments have

    >>> value, back = vjp(lambda x: x * x, np.array([1.0, 2.0, 3.0]))
    >>> value, back(np.array([1.0, 0.0, 10.0]))[0]
    (array([1., 4., 9.]), array([ 2.,  0., 60.]))

    Raises ValueError when g has another shape than the value, and for tensors and inside another one as `value_and_grad`
    does. It differentiates a function, where `Tensor.vjp` is the backward rule of one operation.
    """
    _refuse_second_derivatives("vjp", any(type(x) is Tensor for x in args))
    tensors = [Tensor(np.array(x)) for x in args]
    result = _called("vjp", f, tensors, *tensors)
    value = np.array(value_of(result))

    def back(g):
        g = np.asarray(g)
        if g.shape != value.shape:
            raise ValueError(
                say("vjp: expected g of the value's shape {expected}, got {got}", expected=value.shape, got=g.shape)
            )
        return tuple(_gradients("vjp", (g * result).sum(), tensors))

    return value, back


def jvp(f, args, tangents):
    """(value, change): the value of f(*args), and its Jacobian-vector product, which is what the forward mode computes.

    args, tangents   lists of arrays or numbers of the same shapes: where, and in which direction
    change           J v, of the shape of the value: how fast each number of f changes along the tangents. It is exact

    This engine has the reverse mode only, so `jvp` asks `vjp` for the Jacobian row by row: one backward pass for each number
    that f returns. A forward mode needs a single pass, and carries the change of every value beside the value.

    >>> jvp(lambda x: x * x, [np.array([1.0, 2.0, 3.0])], [np.array([1.0, 0.0, 10.0])])
    (array([1., 4., 9.]), array([ 2.,  0., 60.]))

    Raises ValueError unless there is one tangent of the same shape for each argument, and for tensors as `vjp` does.
    """
    _refuse_second_derivatives("jvp", any(type(x) is Tensor for x in args))
    expected, got = [np.shape(x) for x in args], [np.shape(value_of(v)) for v in tangents]
    if expected != got:
        raise ValueError(say("jvp: expected tangents of shapes {expected}, got {got}", expected=expected, got=got))
    value, back = vjp(f, *args)
    change = np.zeros_like(value)
    for index in np.ndindex(value.shape):
        row = np.zeros_like(value)
        row[index] = 1
        change[index] = sum(np.sum(gradient * v) for gradient, v in zip(back(row), tangents, strict=True))
    return value, change


def hessian_vector_product(f, params, v, *args, step=1e-5):
    """H v, of the shapes of params: how fast the gradient of f changes along v. H is never built.

    f, params, args   as in `value_and_grad`: f(params, *args) -> a single number; params is an array, or a list of arrays
    v                 the direction, of the shapes of params
    step              distance h from params to both sides, along v made 1 long

    It is the central difference of two gradients, (g(w + h v) - g(w - h v)) / 2h for v of length 1. Its error is about h^2 / 6
    times the third derivative of the gradient along v, and rounding adds about 1e-16 |g| / h. Both are small for float64 and
    numbers of size 1; where params or derivatives are far larger or smaller, choose another step.

    >>> hessian_vector_product(lambda w: w[0] ** 2 * w[1], np.array([1.0, 3.0]), np.array([1.0, 0.0])).round(6)
    array([6., 2.])

    Raises ValueError when v has other shapes than params.
    """
    several = isinstance(params, list | tuple)
    arrays = [np.asarray(x, float) for x in (params if several else [params])]
    along = [np.asarray(x, float) for x in (v if several else [v])]
    expected, got = [x.shape for x in arrays], [x.shape for x in along]
    if expected != got:
        raise ValueError(
            say("hessian_vector_product: expected v of shapes {expected}, got {got}", expected=expected, got=got)
        )
    ends = np.cumsum([x.size for x in arrays])[:-1]

    def shaped(flat):
        return [part.reshape(x.shape) for part, x in zip(np.split(flat, ends), arrays, strict=True)]

    def gradient(flat):
        parts = shaped(flat)
        return np.concatenate(value_and_grad(f)(parts if several else parts[0], *args)[1], axis=None)

    w, direction = np.concatenate(arrays, axis=None), np.concatenate(along, axis=None)
    length = np.linalg.norm(direction)
    product = length * gradient_difference(gradient, w, direction / length, step) if length else np.zeros_like(w)
    return shaped(product) if several else shaped(product)[0]


def gradient_difference(gradient, w, v, step):
    """(g(w + h v) - g(w - h v)) / 2h, for a function from all weights in a row, (n,), to their gradient, and h = step."""
    return (gradient(w + step * v) - gradient(w - step * v)) / (2 * step)


def _gradients(name, result, tensors):
    """The gradient of a single number for each of these tensors, 0 for one on which it does not depend."""
    for t in tensors:  # a step of descent inside the function has left its own
        t.grad = None
    if type(result) is Tensor:
        result.backward()
        check_gradient_shapes(name, tensors)
    return [np.zeros_like(t.value) if t.grad is None else np.array(t.grad) for t in tensors]


def _called(name, f, tensors, *args):
    """f(*args), with args made of these tensors. Refused if it also depends on the tensors of a call around this one."""
    _open.update(tensors)
    try:
        result = f(*args)
    finally:
        _open.difference_update(tensors)
    _refuse_second_derivatives(name, type(result) is Tensor and _open and not _open.isdisjoint(result.graph()))
    return result


def _refuse_second_derivatives(name, asked_for):
    if asked_for:
        raise ValueError(
            say(
                "{name}: this engine knows first derivatives only. So it takes plain arrays and no Tensor, and inside "
                "value_and_grad or vjp neither may be used on what depends on the outer parameters",
                name=name,
            )
        )
