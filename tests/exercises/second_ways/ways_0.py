"""Chapter 0b."""

import numpy as np


def slope(x, h):
    """The mean of 3 x^2 between x and x + h, which Simpson's rule finds exactly."""
    return (3 * x**2 + 4 * 3 * (x + h / 2) ** 2 + 3 * (x + h) ** 2) / 6


def chain_slope(a, b, x, **others):
    """One step to each side: of a parabola this is the slope itself."""
    right, left = ((a - b * at) ** 2 for at in (x + 1, x - 1))
    return (right - left) / 2


def layer(x, W, b):
    """The sum of what each column of x contributes."""
    return sum(np.outer(column, row) for column, row in zip(x.T, W, strict=True)) + np.tile(b, (len(x), 1))


def column_means(x):
    """The mean of the rows so far, moved towards each new row."""
    mean = np.zeros(x.shape[1])
    for number, row in enumerate(x, start=1):
        mean += (row - mean) / number
    return mean


def share_wrong(images, right, **others):
    """One image after the other."""
    return sum(image >= right for image in range(int(images))) / images


WAYS = {
    "0b/slope": slope,
    "0b/chain-slope": chain_slope,
    "0b/layer": layer,
    "0b/column-means": column_means,
    "0b/share-wrong": share_wrong,
}
