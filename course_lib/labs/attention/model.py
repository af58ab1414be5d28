"""The lab "attention by hand" without its face: a query in the plane that is turned and stretched, and what it looks at."""

import math

import numpy as np

from ...functional import attention_weights
from ...text import say
from ..panel.checks import check_number

# Keys in the plane: degrees and length of each; the last place is padding, a key of zeros.
KEYS = {"three": (10, 2.0), "hundred": (110, 2.0), "forty": (60, 2.2), "thousand": (200, 1.6)}
DIRECTION_LIMITS, LENGTH_LIMITS = (0, 360), (0.0, 12.0)
TARGET, GOAL = "forty", 0.95  # the word to look at, and with which weight


def vector(degrees, length):
    """The point at a distance from the origin, in a direction counted from the right, against the clock."""
    angle = math.radians(degrees)
    return length * np.array([math.cos(angle), math.sin(angle)])


class AttentionModel:
    """A query over the keys of four words and one place of padding; the values are the keys themselves.

    direction, length    of the query, in degrees and in the unit of the keys
    masked               whether the padding may not be looked at
    best                 largest weight on TARGET so far, with the padding masked

    Raises ValueError for a direction or a length outside of its limits.
    """

    def __init__(self, direction=150, length=1.0, masked=False):
        self.words = [*KEYS, say("padding")]
        self.keys = np.array([*(vector(*key) for key in KEYS.values()), np.zeros(2)])  # (5, 2)
        self.masked, self.best = masked, 0.0
        self.direction, self.length = direction, length
        self.configure(direction=direction, length=length)

    def configure(self, **settings):
        """Another direction, length, or mask."""
        if "direction" in settings:
            check_number(say("direction"), settings["direction"], *DIRECTION_LIMITS)
        if "length" in settings:
            check_number(say("length"), settings["length"], *LENGTH_LIMITS)
        for name, value in settings.items():
            setattr(self, name, value)
        if self.masked:
            self.best = max(self.best, self.weight(TARGET))

    @property
    def query(self):
        return vector(self.direction, self.length)

    @property
    def scores(self):
        """q k / sqrt(2) for each place, (5,)."""
        return self.keys @ self.query / math.sqrt(2)

    @property
    def weights(self):
        """The softmax of the scores, (5,); the masked padding has none."""
        mask = np.ones((1, len(self.words)))
        mask[0, -1] = not self.masked
        return attention_weights(self.query[None, None], self.keys[None], mask)[0, 0]

    @property
    def context(self):
        """The mean of the values, weighted, (2,)."""
        return self.weights @ self.keys

    def weight(self, word):
        return float(self.weights[self.words.index(word)])

    @property
    def on_target(self):
        """Whether the goal is reached now."""
        return self.masked and self.weight(TARGET) >= GOAL

    @property
    def reached(self):
        return self.best >= GOAL

    def status(self):
        """One sentence: the query, what it looks at most, and what it finds."""
        place = int(np.argmax(self.weights))
        if np.ptp(self.weights[: len(self.words) - self.masked]) < 1e-9:
            seen = say("all places count alike, {weight:.1%} each", weight=self.weights[0])
        else:
            seen = say("most weight on {word}, {weight:.1%}", word=self.words[place], weight=self.weights[place])
        return say(
            "query ({x:.2f}, {y:.2f}): {seen}; padding {padding:.1%}; context ({cx:.2f}, {cy:.2f})",
            x=self.query[0],
            y=self.query[1],
            seen=seen,
            padding=self.weights[-1],
            cx=self.context[0],
            cy=self.context[1],
        )

    def description(self):
        """The facts of the picture in words, for its alternative text."""
        weights = ", ".join(f"{word} {weight:.1%}" for word, weight in zip(self.words, self.weights, strict=True))
        status = self.status()
        return say(
            "Attention by hand. Left: the keys of four words, a query, and the context, as arrows in the plane. Right: "
            "the weights: {weights}. {status}.",
            weights=weights,
            status=status[:1].upper() + status[1:],
        )
