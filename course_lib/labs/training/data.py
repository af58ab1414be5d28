"""The data of the training lab, drawn anew from fixed seeds: as arrays, and as the lines of a program that make them."""

import numpy as np

from ... import datasets
from ...text import N_, say, typed
from ..base.settings import Words
from .formula import Formula
from .points import EDGE, arrays_of

DATA_SEED, NOISE_SEED, SPLIT_SEED = 0, 1, 2  # of the data sets that are drawn, of noise, of what is held out
EXAMPLES = {"border": 200, "curve": 40}  # of the data that a formula describes
REACH = 1.4  # of these, in both directions
HIGHEST = 1e6  # of a formula's values: the squares of far larger ones are no numbers
# name: range drawn. "border": classes on both sides of y = f(x); "curve": one input, the target is f(x); "own": the reader's
DATA = {"xor": (-0.5, 1.5)} | dict.fromkeys(
    ("circles", "moons", "spirals", N_("border"), N_("own"), N_("curve")), (-EDGE, EDGE)
)
CURVE = "curve"  # the one whose target is a number, not a class
_POINTS = """\
draw = np.random.default_rng({seed})
y = (np.arange(200) % 2.0)[:, None]
{places}
x = np.stack([{across}, {up}], axis=1) + draw.normal(0, {noise}, (200, 2))"""
_LINES = {
    "xor": "x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])\ny = np.array([[0.0], [1.0], [1.0], [0.0]])",
    "circles": _POINTS.format(
        seed=DATA_SEED,
        places="radius, angle = np.where(y[:, 0] == 1, 0.45, 1.0), draw.uniform(0, 2 * np.pi, 200)",
        across="radius * np.cos(angle)",
        up="radius * np.sin(angle)",
        noise=0.08,
    ),
    "moons": _POINTS.format(
        seed=DATA_SEED,
        places="side, angle = np.where(y[:, 0] == 1, -1.0, 1.0), draw.uniform(0, np.pi, 200)",
        across="side * (np.cos(angle) - 0.5) * 0.8",
        up="side * (np.sin(angle) - 0.25) * 0.8",
        noise=0.1,
    ),
    "spirals": _POINTS.format(
        seed=DATA_SEED,
        places="t = np.sqrt(draw.uniform(0.02, 1, 200))\nangle = 3 * np.pi * t + np.pi * y[:, 0]",
        across="1.1 * t * np.cos(angle)",
        up="1.1 * t * np.sin(angle)",
        noise=0.03,
    ),
}


class FormulaText(Words):
    """The kind of setting that holds a formula, with values wherever data are drawn."""

    def checked(self, name, value):
        """Raises ValueError, with a sentence, for what is no formula, has no value somewhere, or one beyond HIGHEST."""
        formula = Formula(typed(super().checked(name, value)))
        x = REACH * np.arange(-140, 141) / 140
        y = formula(x)
        nowhere, beyond = x[~np.isfinite(y)], x[np.abs(y) > HIGHEST]
        if len(nowhere):
            raise ValueError(
                say(
                    "formula: expected a value for each x from {low:g} to {high:g}, got none at x = {x:.2f}",
                    low=-REACH,
                    high=REACH,
                    x=nowhere[0],
                )
            )
        if len(beyond):
            raise ValueError(
                say(
                    "formula: expected values from {low:,.0f} to {high:,.0f}, got {y:.3g} at x = {x:.2f}",
                    low=-HIGHEST,
                    high=HIGHEST,
                    y=float(formula(beyond[0])),
                    x=beyond[0],
                )
            )
        return formula.text.replace(" ", "")

    def write(self, value):
        return value

    def read(self, text):
        return text


def make_data(name, settings=None):
    """All examples of the data set of that name: x (examples, inputs), y (examples, 1). Always the same ones."""
    if name == "xor":
        return datasets.xor()
    if name == "own":
        return arrays_of(settings["points"])
    if name not in EXAMPLES:
        return getattr(datasets, name)(np.random.default_rng(DATA_SEED))
    formula, draw = Formula(settings["formula"]), np.random.default_rng(DATA_SEED)
    x = draw.uniform(-REACH, REACH, (EXAMPLES[name], 1 if name == CURVE else 2))
    return x, formula(x) if name == CURVE else (x[:, 1:] > formula(x[:, :1])) * 1.0


def examples(settings):
    """((x, y) to learn from, (x, y) held out) of some settings; noise moves inputs, or the targets of a curve."""
    x, y = make_data(settings["data"], settings)
    if _is_noisy(settings):
        moved = y if settings["data"] == CURVE else x
        moved += np.random.default_rng(NOISE_SEED).normal(0, settings["noise"], moved.shape)
    held = np.random.default_rng(SPLIT_SEED).permutation(len(x))[: held_out(settings, len(x))]
    return (np.delete(x, held, axis=0), np.delete(y, held, axis=0)), (x[held], y[held])


def _is_noisy(settings):
    """A reader's own points stay where they were put."""
    return settings["noise"] and settings["data"] != "own"


def held_out(settings, count):
    """How many of so many examples are held out."""
    return round(settings["held"] / 100 * count)


def lines_of(settings):
    """The lines of a program for NumPy alone that make x and y, and x_held, y_held if something is held out."""
    name = settings["data"]
    if name == "own":
        lines = [
            f"points = np.array({[list(point) for point in settings['points']]}, float)",
            "x, y = points[:, :2], points[:, 2:]",
        ]
    elif name in EXAMPLES:
        shape = (EXAMPLES[name], 1 if name == CURVE else 2)
        formula = Formula(settings["formula"]).numpy
        y = "y = f(x) + np.zeros(x.shape)" if name == CURVE else "y = (x[:, 1:] > f(x[:, :1])) * 1.0"
        lines = [
            f"f = lambda x: {formula}",
            f"x = np.random.default_rng({DATA_SEED}).uniform({-REACH}, {REACH}, {shape})",
            y,
        ]
    else:
        lines = _LINES[name].splitlines()
    return [*lines, *changes_of(settings)]


def changes_of(settings):
    """The lines that add noise and hold examples out."""
    lines = []
    if _is_noisy(settings):
        moved = "y" if settings["data"] == CURVE else "x"
        noise = f"np.random.default_rng({NOISE_SEED}).normal(0, {settings['noise']!r}, {moved}.shape)"
        lines.append(f"{moved} = {moved} + {noise}")
    if settings["held"]:
        lines += [
            f"held = np.random.default_rng({SPLIT_SEED}).permutation(len(x))[:round({settings['held']} / 100 * len(x))]",
            "x_held, y_held, x, y = x[held], y[held], np.delete(x, held, axis=0), np.delete(y, held, axis=0)",
        ]
    return lines
