"""How rate and epochs of chapter 6a's networks were found."""

from functools import cache

import numpy as np

from course_lib import Adam, Dense, Flatten, Sequential, train
from course_lib.datasets import digits
from course_lib.labs.cnn import small_cnn, smoothed_cross_entropy

from .tuning import Side, Tuning

CHAPTER = "06a_images"
# The parts that train and decide; the test part has no say here.
IMAGES, LABELS = (np.concatenate(parts) for parts in zip(*digits()[:2], strict=True))
TRAINING = 1199


def small_mlp(rng):
    options = {"rng": rng, "dtype": np.float32}
    return Sequential(Flatten(), Dense(64, 132, "relu", **options), Dense(132, 10, **options))


def linear(rng):
    return Sequential(Flatten(), Dense(64, 10, rng=rng, dtype=np.float32))


def steps(model, data, rng, rate, epochs):
    options = {"optimizer": Adam(rate), "epochs": epochs, "batch_size": 64, "rng": rng}
    return train(model, data, loss=smoothed_cross_entropy, **options)


@cache
def validation(make, seed, rate, marks):
    """{epoch: smoothed loss} on 239 images, after training on the 1,199 others of a new split of both parts."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(LABELS))
    first, last = order[:TRAINING], order[TRAINING:]
    model, found = make(rng), {}
    for progress in steps(model, (IMAGES[first], LABELS[first]), rng, rate, marks[-1]):
        if progress.epoch in marks:
            found[progress.epoch] = float(smoothed_cross_entropy(model(IMAGES[last]).value, LABELS[last]))
    return found


def side(make, rates, epochs, chosen, ends=()):
    return Side(
        {"rate": rates, "epochs": epochs},
        lambda seed, **setting: validation(make, seed, setting["rate"], epochs)[setting["epochs"]],
        dict(zip(("rate", "epochs"), chosen, strict=True)),
        ends,
    )


RECIPES = Tuning(
    "recipes",
    CHAPTER,
    ("cnn-leads-by-little", "lead-corrected-for-overlap", "most-similar-image", "shift-hurts-less"),
    "CNN, MLP and linear network on the digits",
    "239 images of the parts that train and decide, drawn anew",
    {
        "CNN": side(small_cnn, (0.001, 0.0025, 0.005, 0.01, 0.02), (12, 25, 50, 100, 200), (0.01, 25)),
        "MLP": side(
            small_mlp, (0.0003, 0.001, 0.003, 0.01, 0.03), (25, 50, 100, 200, 400, 800, 1600), (0.01, 100), ("epochs",)
        ),
        "linear": side(linear, (0.001, 0.003, 0.01, 0.03), (50, 100, 200, 400), (0.003, 200)),
    },
)
TUNINGS = [RECIPES]
