"""Sharpness: the largest curvature of a loss, which says how long a step of gradient descent may be.

Along a direction in which the loss curves with lambda, a step of rate eta multiplies the distance to the bottom by
1 - eta * lambda. Beyond eta = 2 / lambda this is larger than 1 in size: the step lands higher on the other side. The largest
lambda of all directions, the largest eigenvalue of the Hessian (the matrix of second derivatives), is the first to forbid it.

Source: Cohen et al. (2021), Gradient descent on neural networks typically occurs at the edge of stability.
"""

from copy import deepcopy

import numpy as np

from ..differentiate import gradient_difference

NUDGE = 1e-4  # along a direction, for differences of gradients


def sharpness(model, data, *, loss, start=None):
    """(largest eigenvalue of the Hessian of the loss at the model's weights, its direction of length 1).

    model, data, loss   as in `train`, on all of the data (x, y); the model itself stays as it is
    start               the direction found nearby, to begin with: few iterations are then enough
    """
    gradient, weights = gradient_at(model, data, loss)
    return largest_eigenvalue(gradient, weights, start)


def gradient_at(model, data, loss):
    """A function from all weights in a row, (n,), to the gradient of the loss there, (n,); and the present weights."""
    model, (x, y) = deepcopy(model), data

    def gradient(weights):
        ends = np.cumsum([p.size for p in model.parameters])
        for p, part in zip(model.parameters, np.split(weights, ends[:-1]), strict=True):
            p.value = part.reshape(p.shape).astype(p.dtype)
        loss(model(x), y).backward()
        return np.concatenate([p.grad for p in model.parameters], axis=None)

    return gradient, np.concatenate([p.value for p in model.parameters], axis=None)


def largest_eigenvalue(gradient, weights, start=None, *, tolerance=1e-4, most=500):
    """(eigenvalue, direction): the largest eigenvalue of the Hessian, which is never written down.

    gradient   function (n,) -> (n,)         weights   (n,): where         start   (n,), or None for a fixed one
    tolerance  it ends when an iteration changes the eigenvalue by less than this share of it
    most       iterations at most, of two gradients each

    H v is the difference of the gradients on both sides, and multiplied by H again and again, v turns into the direction of
    the largest |eigenvalue| (power iteration). When that one is negative, as on a hill, H is shifted by it, and the search
    begins anew: of what is then at least 0, the largest is the largest. Not a number where a gradient is not finite.
    """
    weights = np.asarray(weights, float)
    anywhere = np.cos(np.arange(len(weights)))  # at right angles to nothing in particular
    found, v = _power_iteration(gradient, weights, anywhere if start is None else start, 0.0, tolerance, most)
    if found < 0:
        found, v = _power_iteration(gradient, weights, anywhere, -found, tolerance, most)
    return found, v


def _power_iteration(gradient, weights, start, shift, tolerance, most):
    """The eigenvalue of H with the largest |eigenvalue + shift|, and its direction."""
    v, found = start / np.linalg.norm(start), np.inf
    for _ in range(most):
        product = gradient_difference(gradient, weights, v, NUDGE)  # H v
        before, found = found, float(v @ product)
        product = product + shift * v
        length = np.linalg.norm(product)
        if length == 0 or not np.isfinite(length):
            break
        v = product / length
        if abs(found - before) <= tolerance * abs(found + shift):
            break
    return found, v
