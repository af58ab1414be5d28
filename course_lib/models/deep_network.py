"""A deep network of equal layers, plain or with a way around each of them."""

import numpy as np

from ..layers import Dense, LayerNorm, Residual, Sequential, glorot_uniform, he_normal
from ..text import say

WIDTH = 32
INITIAL = {"Glorot": glorot_uniform, "He": he_normal}


def deep_network(depth, *, shortcut=False, normalisation=False, initial="Glorot", rng):
    """A network 64 - 32 - ... - 32 - 10, relu between its `depth` layers with weights, in float32.

    depth           whole number >= 3
    shortcut        whether each hidden layer is a `Residual`: x + layer(x)
    normalisation   whether a `LayerNorm` stands before each hidden layer
    initial         the initial weights: "Glorot" or "He"      rng   numpy.random.Generator

    Raises ValueError for a depth below 3 or another initialiser.
    """
    if not isinstance(depth, int | np.integer) or depth < 3:
        raise ValueError(say("deep_network: expected depth to be a whole number >= 3, got {got!r}", got=depth))
    if initial not in INITIAL:
        raise ValueError(
            say(
                "deep_network: expected initial to be one of {known}, got {got!r}",
                known=", ".join(INITIAL),
                got=initial,
            )
        )
    options = {"rng": rng, "initializer": INITIAL[initial], "dtype": np.float32}

    def block():
        parts = [LayerNorm(WIDTH, dtype=np.float32)] if normalisation else []
        parts.append(Dense(WIDTH, WIDTH, "relu", **options))
        return Residual(*parts) if shortcut else Sequential(*parts)

    hidden = [block() for _ in range(depth - 2)]
    return Sequential(Dense(64, WIDTH, "relu", **options), *hidden, Dense(WIDTH, 10, **options))
