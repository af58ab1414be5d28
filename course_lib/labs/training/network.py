"""The network of the training lab: its layers, as a setting and as a network, and what each of them answers."""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ... import functional
from ...layers import Dense, Dropout, Sequential
from ...text import say, typed
from ..base.settings import Text

MOST_UNITS, MOST_LAYERS = 16, 4  # of a hidden layer, and of such layers


class Feature(NamedTuple):
    """What can be an input of the network: its sign on a picture, and its value at points x (examples, 1 or 2)."""

    sign: str
    of_curve: str  # the sign where there is one coordinate; "" where it takes two
    value: Callable
    numpy: str  # the value as a program writes it


FEATURES = {
    "x1": Feature("x₁", "x", lambda x: x[:, 0], "x[:, 0]"),
    "x2": Feature("x₂", "", lambda x: x[:, 1], "x[:, 1]"),
    "x1^2": Feature("x₁²", "x²", lambda x: x[:, 0] ** 2, "x[:, 0] ** 2"),
    "x2^2": Feature("x₂²", "", lambda x: x[:, 1] ** 2, "x[:, 1] ** 2"),
    "x1*x2": Feature("x₁x₂", "", lambda x: x[:, 0] * x[:, 1], "x[:, 0] * x[:, 1]"),
    "sin(4x1)": Feature("sin 4x₁", "sin 4x", lambda x: np.sin(4 * x[:, 0]), "np.sin(4 * x[:, 0])"),
    "sin(4x2)": Feature("sin 4x₂", "", lambda x: np.sin(4 * x[:, 1]), "np.sin(4 * x[:, 1])"),
}
COORDINATES = ("x1", "x2")


class Inputs(Text):
    """The inputs of the network, as they are typed: "x1, x2, x1^2"; at least one of FEATURES."""

    def checked(self, name, value):
        """The same names in the order of FEATURES. Raises ValueError, with a sentence, for anything else."""
        written = typed(value) if isinstance(value, str) else ", ".join(map(str, value))
        names = [part.replace(" ", "").replace("**", "^") for part in re.split("[,;]", written) if part.strip()]
        if not names or not set(names) <= set(FEATURES):
            raise ValueError(
                say("inputs: expected at least one of {known}; got {got!r}", known=", ".join(FEATURES), got=value)
            )
        return ", ".join(feature for feature in FEATURES if feature in names)

    def write(self, value):
        return value.replace(", ", "+")

    def read(self, text):
        return text.replace("+", ", ")


def inputs_in_use(chosen, is_curve):
    """The names of the inputs that a network gets: of the data with one coordinate, those of it, or that alone."""
    names = tuple(chosen.split(", "))
    return tuple(name for name in names if name in offered(is_curve)) or COORDINATES[:1]


def offered(is_curve):
    """The names of all inputs to choose from."""
    return tuple(name for name, feature in FEATURES.items() if feature.of_curve or not is_curve)


def features(x, names):
    """What the network gets of points x (examples, 1 or 2): (examples, inputs)."""
    if names == COORDINATES[: x.shape[1]]:
        return x
    return np.stack([FEATURES[name].value(x) for name in names], axis=1)


class FurtherLayers(Text):
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
    pieces = np.split(flat, np.cumsum([p.size for p in parameters])[:-1])
    return [piece.reshape(p.shape) for piece, p in zip(pieces, parameters, strict=True)]


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
