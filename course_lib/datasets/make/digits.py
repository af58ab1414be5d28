"""Makes data/digits.npz from scikit-learn's copy of the UCI handwritten digits. Not needed to use the course.

    pip install scikit-learn
    python -m course_lib.datasets.make.digits

The split is drawn here, once and for all, and stored: of every class, a fifth for the test and two fifteenths for
validation, chosen at random with a fixed seed.
"""

from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "data" / "digits.npz"
TEST, VALIDATION = 1 / 5, 2 / 15
SEED = 0


def main():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8).astype(np.uint8)  # 0..16
    labels = labels.astype(np.uint8)
    np.savez_compressed(TARGET, images=images, labels=labels, part=split(labels))


def split(labels):
    """0 (training), 1 (validation) or 2 (test) for each example; equal shares of every class."""
    rng = np.random.default_rng(SEED)
    part = np.zeros(len(labels), np.uint8)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test, validation = round(TEST * len(members)), round(VALIDATION * len(members))
        part[members[:test]] = 2
        part[members[test : test + validation]] = 1
    return part


if __name__ == "__main__":
    main()
