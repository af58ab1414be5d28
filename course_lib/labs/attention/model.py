"""The lab "attention by hand" without its face: a query in the plane that is turned and stretched, and what it looks at."""

import math

import numpy as np

from ...functional import attention_weights
from ...text import N_, capitalised, say
from ..base.model import LabModel
from ..base.settings import Number, Switch

# Keys in the plane: degrees and length of each; the last place is padding, a key of zeros.
KEYS = {"three": (10, 2.0), "hundred": (110, 2.0), "forty": (60, 2.2), "thousand": (200, 1.6)}
TARGET, GOAL = "forty", 0.95  # the word to look at, and with which weight


def vector(degrees, length):
    """The point at a distance from the origin, in a direction counted from the right, against the clock."""
    angle = math.radians(degrees)
    return length * np.array([math.cos(angle), math.sin(angle)])


def two_digits(number):
    """A number with two digits after the point, and no sign before zero."""
    return f"{round(float(number), 2) + 0.0:.2f}"


class AttentionModel(LabModel):
    """A query over the keys of four words and one place of padding; the values are the keys themselves.

    direction, length    of the query, in degrees and in the unit of the keys
    masked               whether the padding may not be looked at
    best                 largest weight on TARGET so far, with the padding masked
    """

    declared = {
        "direction": Number(0, 360, 150, says=N_("direction")),
        "length": Number(0.0, 12.0, 1.0, says=N_("length")),
        "masked": Switch(False),
    }
    noted = {"best": Number(0.0, 1.0, 0.0)}
    goals = ("look at one word",)

    def __init__(self, **settings):
        self.words, self.best = [*KEYS, say("padding")], 0.0
        self.keys = np.array([*(vector(*key) for key in KEYS.values()), np.zeros(2)])  # (5, 2)
        super().__init__(**settings)

    def _start(self):
        if self.settings["masked"]:
            self.best = max(self.best, self.weight(TARGET))

    @property
    def query(self):
        return vector(self.settings["direction"], self.settings["length"])

    @property
    def scores(self):
        """q k / sqrt(2) for each place, (5,)."""
        return self.keys @ self.query / math.sqrt(2)

    @property
    def weights(self):
        """The softmax of the scores, (5,); the masked padding has none."""
        mask = np.ones((1, len(self.words)))
        mask[0, -1] = not self.settings["masked"]
        return attention_weights(self.query[None, None], self.keys[None], mask)[0, 0]

    @property
    def context(self):
        """The mean of the values, weighted, (2,)."""
        return self.weights @ self.keys

    def weight(self, word):
        return float(self.weights[self.words.index(word)])

    @property
    def good(self):
        """Whether the goal is reached now."""
        return self.settings["masked"] and self.weight(TARGET) >= GOAL

    def _reached_now(self):
        return self.goals if self.best >= GOAL else ()

    def status(self):
        """One sentence: the query, what it looks at most, and what it finds."""
        place = int(np.argmax(self.weights))
        if np.ptp(self.weights[: len(self.words) - self.settings["masked"]]) < 1e-9:
            seen = say("all places count alike, {weight:.1%} each", weight=self.weights[0])
        else:
            seen = say("most weight on {word}, {weight:.1%}", word=self.words[place], weight=self.weights[place])
        return say(
            "query ({x}, {y}): {seen}; padding {padding:.1%}; context ({cx}, {cy})",
            x=two_digits(self.query[0]),
            y=two_digits(self.query[1]),
            seen=seen,
            padding=self.weights[-1],
            cx=two_digits(self.context[0]),
            cy=two_digits(self.context[1]),
        )

    def description(self):
        """The facts of the picture in words, for its alternative text."""
        weights = ", ".join(f"{word} {weight:.1%}" for word, weight in zip(self.words, self.weights, strict=True))
        return say(
            "Attention by hand. Left: the keys of four words, a query, and the context, as arrows in the plane. Right: "
            "the weights: {weights}. {status}.",
            weights=weights,
            status=capitalised(self.status()),
        )
