"""The network of the training lab: its layers, as a setting and as a network, and what each of them answers."""

import re

from ... import functional
from ...layers import Dense, Dropout, Sequential
from ...text import say, typed
from ..base.settings import Words

MOST_UNITS, MOST_LAYERS = 16, 4  # of a hidden layer, and of such layers


class FurtherLayers(Words):
    """The units of the hidden layers behind the first one, as they are typed: "8, 4"; "" for none."""

    def checked(self, name, value):
        """The same numbers, written alike. Raises ValueError, with a sentence, for anything else."""
        written = typed(value) if isinstance(value, str) else ", ".join(map(str, value))
        numbers = re.split(r"[\s,;]+", written.strip()) if written.strip() else []
        fits = all(number.isdecimal() and 1 <= int(number) <= MOST_UNITS for number in numbers)
        if not fits or len(numbers) >= MOST_LAYERS:
            raise ValueError(
                say(
                    "further hidden layers: expected at most {layers} whole numbers from 1 to {units}, such as 8, 4; "
                    "got {got!r}",
                    layers=MOST_LAYERS - 1,
                    units=MOST_UNITS,
                    got=value,
                )
            )
        return ", ".join(str(int(number)) for number in numbers)

    def write(self, value):
        return value.replace(", ", "-") or "none"

    def read(self, text):
        return "" if text == "none" else text.replace("-", ", ")


def units_of(settings):
    """The number of units of each hidden layer, a tuple of one to four whole numbers."""
    return (settings["hidden"], *(int(number) for number in settings["deeper"].split(", ") if number))


def with_units(units):
    """The settings of a network with so many units in its hidden layers."""
    return {"hidden": units[0], "deeper": ", ".join(map(str, units[1:]))}


def build(settings, inputs, rng):
    """A new network: a layer for each number of units, dropout behind each of them, and a layer of logits.

    Its weights are drawn layer by layer; for a curve, what is called logits here is the output itself.
    """
    layers = []
    for units in units_of(settings):
        layers.append(Dense(inputs, units, settings["activation"], rng=rng, scale=settings["scale"]))
        if settings["dropout"]:
            layers.append(Dropout(settings["dropout"], rng=rng))
        inputs = units
    return Sequential(*layers, Dense(inputs, 1, rng=rng, scale=settings["scale"]))


def split(flat, parameters):
    """A row of all weights, or of their gradients, in pieces of the parameters' shapes."""
    pieces, start = [], 0
    for p in parameters:
        pieces.append(flat[start : start + p.size].reshape(p.shape))
        start += p.size
    return pieces


def outputs_of(weights, x, activation):
    """What each layer answers to inputs x (examples, inputs): arrays (examples, units); the last one holds the logits.

    weights   [W1, b1, W2, b2, ...]
    """
    *hidden, (W, b) = zip(weights[::2], weights[1::2], strict=True)
    answers = []
    for W_hidden, b_hidden in hidden:
        x = functional.dense(x, W_hidden, b_hidden, activation)
        answers.append(x)
    return [*answers, functional.dense(x, W, b)]
