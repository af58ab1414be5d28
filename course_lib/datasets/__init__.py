"""Data sets of the course: points drawn here, for which a loader returns (x, y) with x (examples, features) and y
(examples, 1), classes 0 and 1; and real data, each described where it is loaded."""

import numpy as np

from ..checks import check_generator
from ..text import say
from .digits import digits
from .language import (
    beginnings_of,
    number_lines,
    numerals_of,
    read_text,
    text_lines,
    text_symbols,
    word_lines,
    word_list,
)
from .number_words import chinese_numerals, english_words, number_pairs, number_splits
from .sectors import Table, Trees, boosted_trees, breast_cancer, german_credit, high_school
from .speech import SpokenDigits, digit_clip, spoken_digits

__all__ = [
    "SpokenDigits", "Table", "Trees", "beginnings_of", "boosted_trees", "breast_cancer", "chinese_numerals", "circles",
    "digit_clip", "digits", "english_words", "german_credit", "high_school", "moons", "number_lines", "number_pairs",
    "number_splits", "numerals_of", "read_text", "spirals", "spoken_digits", "text_lines", "text_symbols", "word_lines",
    "word_list", "xor",
]  # fmt: skip


def xor():
    """The four points of exclusive or: class 1 where exactly one input is 1. x (4, 2), y (4, 1)."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return x, y


def circles(rng, examples=200, noise=0.08):
    """A disc (class 1) inside a ring (class 0). x (examples, 2) within about +-1.3, y (examples, 1)."""
    y = _classes("circles", rng, examples)
    radius = np.where(y[:, 0] == 1, 0.45, 1.0)
    angle = rng.uniform(0, 2 * np.pi, examples)
    return _noisy(radius * np.cos(angle), radius * np.sin(angle), noise, rng), y


def moons(rng, examples=200, noise=0.1):
    """Two half moons that reach into each other. x (examples, 2) within about +-1.3, y (examples, 1)."""
    y = _classes("moons", rng, examples)
    angle = rng.uniform(0, np.pi, examples)
    side = np.where(y[:, 0] == 1, -1.0, 1.0)  # the second moon is the first one turned by half a turn
    return _noisy(side * (np.cos(angle) - 0.5) * 0.8, side * (np.sin(angle) - 0.25) * 0.8, noise, rng), y


def spirals(rng, examples=200, noise=0.03):
    """Two arms of a spiral, one and a half turns each. x (examples, 2) within about +-1.2, y (examples, 1)."""
    y = _classes("spirals", rng, examples)
    t = np.sqrt(rng.uniform(0.02, 1, examples))  # square root: even density along the arm
    angle = 3 * np.pi * t + np.pi * y[:, 0]
    return _noisy(1.1 * t * np.cos(angle), 1.1 * t * np.sin(angle), noise, rng), y


def _classes(name, rng, examples):
    """A column of classes, half 0 and half 1."""
    check_generator(name, rng)
    if not isinstance(examples, int | np.integer) or examples < 2:
        raise ValueError(
            say("{name}: expected examples to be a whole number >= 2, got {got!r}", name=name, got=examples)
        )
    return (np.arange(examples) % 2).astype(np.float64)[:, None]


def _noisy(horizontal, vertical, noise, rng):
    return np.stack([horizontal, vertical], axis=1) + rng.normal(0, noise, (len(horizontal), 2))
