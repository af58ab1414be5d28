"""Claims of chapter 5."""

import numpy as np

from course_lib import Dense, GradientDescent, Sequential, functional, success_rate
from course_lib.datasets import xor

from .ledger import Claim

XY = xor()


def solved(seed, rate, epochs, hidden=4, networks=30):
    """The share of networks, seeded from `seed` alone, that solve XOR."""
    seeds = np.random.SeedSequence(seed).spawn(networks)
    models = []
    for one in seeds:
        rng = np.random.default_rng(one)
        models.append(Sequential(Dense(2, hidden, "sigmoid", rng=rng), Dense(hidden, 1, "sigmoid", rng=rng)))
    loss, optimizer = functional.half_squared_error, GradientDescent(rate)
    return success_rate(models, XY, loss=loss, optimizer=optimizer, epochs=epochs, threshold=0.5)


CLAIMS = [
    Claim(
        "small-rate-solves-none", "05_practice", "falling-loss",
        "So the draft could not have worked even with every line right.",
        lambda seed: solved(seed, 0.01, 2000) == 0,
    ),
]  # fmt: skip
