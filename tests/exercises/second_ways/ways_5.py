"""Chapters 5 to 6c."""

import math
from fractions import Fraction

import numpy as np

from .nudges import gradient, gradients, squashed


def output_gradients(a1, W2, b2, y):
    return gradients(lambda W2, b2: np.sum((squashed(a1 @ W2 + b2) - y) ** 2) / 2, (W2, b2))


def equal_path(rate, thousands, small, **others):
    """A step is as long as its rate: the length of the whole path, in steps of the small rate."""
    return thousands * 1000 * rate / small


def fifth_row(p, q, new, **others):
    """The lowest point of a^2 - (old + new) a + (old^2 + new^2) / 2, multiplied out."""
    return ((p != q) - new) ** 2 / 4


def multiply(a, b, g):
    return gradients(lambda a, b: a * b * g, (a, b))


def backward(a, b):
    """L = a^2 b^2 + a^2 b, multiplied out; for c the product is held."""
    return 2 * a * b * b + 2 * a * b, 2 * a * a * b + a * a, 2 * a * b + a


def matmul(x, W, g):
    return gradients(lambda x, W: np.sum(g * (x @ W)), (x, W))


def unbroadcast(g, shape):
    """Each number of g goes to the one of which it is a copy."""
    found = np.zeros(shape)
    for place in np.ndindex(g.shape):
        own = place[g.ndim - len(shape) :]
        found[tuple(0 if size == 1 else k for k, size in zip(own, shape, strict=True))] += g[place]
    return found


def kernel_gradient(x, delta):
    """The sum of the windows of the image, each as often as delta says."""
    rows, columns = x.shape[0] - delta.shape[0] + 1, x.shape[1] - delta.shape[1] + 1
    return sum(delta[i, j] * x[i : i + rows, j : j + columns] for i, j in np.ndindex(delta.shape))


def image_gradient(W, delta):
    """Each place of z looked at the pixels of its window, and gives each of them its part."""
    found = np.zeros(np.add(W.shape, delta.shape) - 1)
    for i, j in np.ndindex(delta.shape):
        for k, m in np.ndindex(W.shape):
            found[i + k, j + m] += delta[i, j] * W[k, m]
    return found


def receptive_field(k, m, p, **others):
    """The rows on which one number depends, layer by layer back to the image, and as many columns."""
    rows = {0}
    for window in (p, m, k):
        rows = {row + offset for row in rows for offset in range(int(window))}
    return len(rows) ** 2


def frames(thousands, size, hop, **others):
    """The first sample of each frame, as long as its last one is there."""
    start = count = 0
    while start + size <= 1000 * thousands:
        start, count = start + hop, count + 1
    return count


def clip(g, largest):
    norm = math.hypot(*g)
    return np.array([each * min(norm, largest) / (norm or 1) for each in g])


def centre(features, mask):
    """Utterance by utterance, band by band."""
    found = np.empty(features.shape)
    for n, band in np.ndindex(features.shape[0], features.shape[2]):
        own = [frame[band] for frame, counts in zip(features[n], mask[n], strict=True) if counts]
        found[n, :, band] = features[n, :, band] - math.fsum(own) / len(own)
    return found


def thousandth(scale, slope, **others):
    """Step by step, in whole fractions."""
    share = left = Fraction(str(scale)) * Fraction(str(slope))
    steps = 1
    while left >= Fraction(1, 1000):
        left, steps = left * share, steps + 1
    return steps


def attend(q, K, V, mask):
    """Only the words, each with e to the power of its score as its share."""
    words = [place for place, counts in enumerate(mask) if counts]
    shares = [math.exp(sum(map(float.__mul__, map(float, q), map(float, K[k]))) / math.sqrt(len(q))) for k in words]
    return np.array([sum(s * V[k][j] for s, k in zip(shares, words, strict=True)) for j in range(V.shape[1])]) / sum(
        shares
    )


def score_gradient(w, V, g):
    """The slope at t = 0 of g c, where each weight is w e^t divided by the sum of all."""
    return gradient(lambda t: np.sum((w * np.exp(t)) @ V * g) / np.sum(w * np.exp(t)), np.zeros(len(w)))


def masked_mean(losses, target):
    counted = [loss for loss, symbol in zip(np.ravel(losses), np.ravel(target), strict=True) if symbol != 0]
    return math.fsum(counted) / len(counted)


def eleven_symbols(p, n, **others):
    """All that is left when the first mistake may stand at each of the places."""
    return 1 - math.fsum(p**before * (1 - p) for before in range(int(n)))


WAYS = {
    "5/output-gradients": output_gradients,
    "5/equal-path": equal_path,
    "5/fifth-row": fifth_row,
    "5b/multiply": multiply,
    "5b/backward": backward,
    "5b/matmul": matmul,
    "5b/unbroadcast": unbroadcast,
    "6a/kernel-gradient": kernel_gradient,
    "6a/image-gradient": image_gradient,
    "6a/receptive-field": receptive_field,
    "6b/frames": frames,
    "6b/clip": clip,
    "6b/centre": centre,
    "6b/thousandth": thousandth,
    "6c/attend": attend,
    "6c/score-gradient": score_gradient,
    "6c/masked-mean": masked_mean,
    "6c/eleven-symbols": eleven_symbols,
}
