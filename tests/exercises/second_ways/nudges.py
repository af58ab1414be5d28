"""Slopes in all digits without a rule of backpropagation: an imaginary nudge of each number, one after the other."""

import numpy as np

NUDGE = 1e-30


def gradient(loss, p):
    """dL/dp, in the shape of p, of a loss made of smooth operations on complex numbers.

    loss(p + i h) = loss(p) + i h loss'(p) + O(h^2): nothing is subtracted, so nothing is lost to rounding.
    """
    found = np.zeros(np.shape(p))
    for place in np.ndindex(found.shape):
        nudged = np.array(p, dtype=np.complex128)
        nudged[place] += NUDGE * 1j
        found[place] = loss(nudged).imag / NUDGE
    return found


def gradients(loss, params):
    """The gradient of loss(*params) for each of them, as a tuple."""
    return tuple(gradient(lambda p, k=k: loss(*params[:k], p, *params[k + 1 :]), params[k]) for k in range(len(params)))


def squashed(z):
    """The sigmoid, for complex numbers, too."""
    return (1 + np.tanh(z / 2)) / 2


def moved(a, t):
    """sigmoid(z + t) of a unit whose output was a = sigmoid(z)."""
    return a / (a + (1 - a) * np.exp(-t))
