"""Chapters 1 to 4b."""

import math

import numpy as np

from .nudges import gradient, gradients, moved, squashed


def neuron(x, w, b):
    return squashed(b + math.fsum(each * weight for each, weight in zip(x, w, strict=True)))


def one_step(w, slope, eta):
    """The lowest point of the parabola slope d + d^2 / (2 eta), from its heights at 1 and -1."""
    up, down = slope + 1 / (2 * eta), -slope + 1 / (2 * eta)
    return w - (up - down) / (2 * (up + down))


def two_paths(a, **others):
    """L = a^3 + a^2."""
    return 3 * a**2 + 2 * a


def neuron_gradients(x, w, b, y):
    return gradients(lambda w, b: (squashed(x * w + b) - y) ** 2, (w, b))


def descend(gradient, start, eta, steps):
    """The slope is h times the place: each step multiplies the place by 1 - eta h."""
    h = gradient(np.ones_like(start))
    return np.array([start * (1 - eta * h) ** k for k in range(steps + 1)])


def by_hand(h, out, y, w, **others):
    """The slope of the loss at t = 0, where t is added to the weighted sum of the second hidden unit."""

    def loss(t):
        return (moved(out, w * (moved(h, t) - h)) - y) ** 2 / 2

    return gradient(loss, 0.0)


def patience(losses, wait):
    """The first epoch of which the lowest loss up to it is `wait` epochs back."""
    losses = list(losses)
    ends = [n for n in range(1, len(losses) + 1) if n - 1 - losses.index(min(losses[:n])) == wait]
    return (ends or [len(losses)])[0]


def count_steps(thousands, batch, epochs, **others):
    """The first example of each batch, epoch after epoch."""
    return sum(len(range(0, int(1000 * thousands), int(batch))) for _ in range(int(epochs)))


def silu_slope(z):
    return gradient(lambda z: np.sum(z * squashed(z)), z)


def hidden_delta(delta_next, W_next, a):
    """The slope of what the next layer gets, times its error, at t = 0, where t is added to the weighted sums."""
    return gradient(lambda t: np.sum(delta_next * (moved(a, t) @ W_next)), np.zeros_like(a))


def rates(H):
    """The eigenvalues of a 2 x 2 matrix as the roots of its characteristic polynomial."""
    (a, b), (c, d) = H
    middle, distance = (a + d) / 2, math.sqrt(((a - d) / 2) ** 2 + b * c)
    return 2 / (middle + distance), 1 / middle


def momentum_step(w, v, g, eta, beta):
    """One product with a matrix, as in the chapter's section on what momentum buys."""
    new_w, new_v = np.tensordot([[1, -eta * beta, -eta], [0, beta, 1]], np.array([w, v, g]), axes=1)
    return new_w, new_v


def next_variance(V, eta, h, s, B):
    """All cases counted: w is one root of V or the other, and each of the B numbers s or -s."""
    total = 0
    for w in (math.sqrt(V), -math.sqrt(V)):
        for plus in range(int(B) + 1):
            noise = s * (plus - (B - plus)) / B
            total += math.comb(int(B), plus) * (w - eta * (h * w + noise)) ** 2
    return total / 2 ** (B + 1)


def best_h(digits, C, **others):
    """Where the bound stops falling: two values, each off by at most e, over 2 h, and Taylor's rest."""
    low, high = 1e-9, 1e3
    for _ in range(200):
        h = math.sqrt(low * high)
        falls = gradient(lambda h: 2 * 10**-digits / (2 * h) + C * h**2 / 6, h) < 0
        low, high = (h, high) if falls else (low, h)
    return h


def layer_norm_backward(g, x_hat, std):
    def loss(x):
        centred = x - x.mean(axis=1, keepdims=True)
        return np.sum(g * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True)))

    return gradient(loss, x_hat * std)


WAYS = {
    "1/neuron": neuron,
    "1/one-step": one_step,
    "2/two-paths": two_paths,
    "2/neuron-gradients": neuron_gradients,
    "2/descend": descend,
    "3/by-hand": by_hand,
    "3/patience": patience,
    "3/count-steps": count_steps,
    "4/silu-slope": silu_slope,
    "4/hidden-delta": hidden_delta,
    "4/rates": rates,
    "4/momentum-step": momentum_step,
    "4b/next-variance": next_variance,
    "4b/best-h": best_h,
    "4b/layer-norm-backward": layer_norm_backward,
}
