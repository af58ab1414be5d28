"""Handwritten digits: 1,797 real images of 8 x 8 pixels, with a fixed split (source and licence: data/digits.md)."""

from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "data" / "digits.npz"
FULL_INK = 16  # the numbers in the file are 0..16


def digits():
    """The UCI handwritten digits in three parts: (x, y) for training, for validation, and for the test.

    x   (examples, 8, 8, 1) float32, ink 0..1 (0 = paper, 1 = all of the pixel); the last axis is the channel
    y   (examples,) int64, the digit 0..9

    1,199 examples to train on, 239 to choose by (settings, the epoch to stop at), 359 for the test, which decides
    nothing. The split is stored in the file, so it is the same everywhere; every class has the same share of each
    part. The same people wrote all three parts: the test asks about new digits, not about new hands.

    >>> (x_train, y_train), (x_validation, y_validation), (x_test, y_test) = digits()
    """
    with np.load(FILE) as stored:
        images, labels, part = stored["images"], stored["labels"], stored["part"]
    x = (images[..., None] / FULL_INK).astype(np.float32)  # (examples, 8, 8, 1)
    y = labels.astype(np.int64)
    return tuple((x[part == p], y[part == p]) for p in (0, 1, 2))
