"""Gradient checking: a gradient is right when it agrees with finite differences.

Nudge one number by +h and by -h, run the forward pass twice, and divide the change of the loss by 2h. That needs no
derivative at all, so it cannot share a mistake with the backward pass; it only costs two forward passes a number.
"""

import numpy as np

from .autodiff import value_of
from .differentiate import value_and_grad
from .text import say


class GradientError(AssertionError):
    """A gradient disagrees with finite differences. Carries `argument`, `index`, `got` and `expected`."""

    def __init__(self, argument, index, got, expected):
        self.argument, self.index, self.got, self.expected = argument, index, got, expected
        super().__init__(
            say(
                "gradient of argument {argument} at index {index}: got {got:.6g}, finite differences give "
                "{expected:.6g}",
                argument=argument,
                index=index,
                got=got,
                expected=expected,
            )
        )


def numerical_gradient(f, params, step=1e-6):
    """Central differences, (f(p + h) - f(p - h)) / 2h, for each number p.

    f       f(params) -> one number, of any shape          params  a list of float64 arrays (not changed)
    step    h; the error is of order h^2 times the third derivative, plus 1e-16 / h: chapter 4b says why 1e-6
    returns a list of arrays of the shapes of params
    """
    params = [np.array(p, dtype=np.float64) for p in params]
    grads = [np.zeros_like(p) for p in params]
    for p, grad in zip(params, grads, strict=True):
        for index in np.ndindex(p.shape):
            middle = p[index]
            p[index] = middle + step
            above = np.asarray(value_of(f(params))).item()
            p[index] = middle - step
            below = np.asarray(value_of(f(params))).item()
            p[index] = middle
            grad[index] = (above - below) / (2 * step)
    return grads


def compare_gradients(grads, expected, tolerance=1e-6):
    """Raise `GradientError` at the first number that is off by more than tolerance * (1 + |expected|).

    Returns the largest relative error, |got - expected| / (1 + |expected|), when all agree.
    Raises ValueError when a shape differs.
    """
    worst = 0.0
    for argument, (got, wanted) in enumerate(zip(grads, expected, strict=True)):
        if np.shape(got) != wanted.shape:
            raise ValueError(
                say(
                    "gradient of argument {argument}: expected shape {expected}, got {got}",
                    argument=argument,
                    expected=wanted.shape,
                    got=np.shape(got),
                )
            )
        error = np.abs(np.asarray(got) - wanted) / (1 + np.abs(wanted))
        wrong = np.argwhere(~(error <= tolerance))  # written so that NaN counts as wrong
        if len(wrong):
            index = tuple(int(i) for i in wrong[0])
            raise GradientError(argument, index, float(np.asarray(got)[index]), float(wanted[index]))
        worst = max(worst, float(error.max(initial=0.0)))
    return worst


def check_gradients(f, params, *args, step=1e-6, tolerance=1e-6):
    """Compare backpropagation with finite differences for f(params, *args) -> one number.

    params   list of float64 arrays, or a single one
    returns  the largest relative error; raises `GradientError` (an AssertionError), which names the argument, the
             index and both numbers, when a gradient is wrong
    """
    if not isinstance(params, list | tuple):
        return check_gradients(lambda p, *args: f(p[0], *args), [params], *args, step=step, tolerance=tolerance)
    _, grads = value_and_grad(f)(params, *args)
    return compare_gradients(grads, numerical_gradient(lambda p: f(p, *args), params, step), tolerance)
