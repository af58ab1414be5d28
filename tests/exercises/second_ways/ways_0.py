"""Chapters 0b to 3."""

import numpy as np


def slope(x, h):
    """(x + h)^3 - x^3 multiplied out, divided by h."""
    return 3 * x * x + 3 * x * h + h * h


def chain_slope(a, b, x, u):
    """y multiplied out: a^2 - 2abx + b^2 x^2."""
    return -2 * a * b + 2 * b * b * x


def layer(x, W, b):
    rows, columns = len(x), len(b)
    return np.array(
        [[b[j] + sum(x[i][k] * W[k][j] for k in range(len(W))) for j in range(columns)] for i in range(rows)]
    )


def column_means(x):
    return np.array([np.mean([row[column] for row in x]) for column in range(len(x[0]))])


def share_wrong(images, right, wrong, share):
    return 1 - right / images


WAYS = {
    "slope": slope,
    "chain-slope": chain_slope,
    "layer": layer,
    "column-means": column_means,
    "share-wrong": share_wrong,
}
