"""The data of the training lab, drawn anew from fixed seeds: as arrays, and as the lines of a program that make them."""

import csv
import io

import numpy as np

from ... import datasets
from ...text import N_, say, typed
from ..base.settings import Text
from .formula import Formula
from .network import COORDINATES, FEATURES, inputs_in_use

EDGE = 1.5  # of the plane: points lie from -EDGE to EDGE in both directions
SPREAD = 1.2  # columns that reach beyond the edge are scaled to -SPREAD..SPREAD
FEWEST, MOST = 2, 500  # points
LONGEST = 1000  # characters of a row
START = ((0.0, 0.0, 0), (0.0, 1.0, 1), (1.0, 0.0, 1), (1.0, 1.0, 0))
_NAMED = 3  # bad rows that a sentence quotes


class Points:
    """The kind of setting that holds a reader's own points: a tuple of (x1, x2, class), class 0 or 1."""

    default = START

    def checked(self, name, value):
        """The points with three digits after the point. Raises ValueError, with a sentence, for anything else."""
        points = tuple((round(float(x1), 3), round(float(x2), 3), int(label)) for x1, x2, label in value)
        _expect_as_many(points)
        for x1, x2, label in points:
            if not (abs(x1) <= EDGE and abs(x2) <= EDGE and label in (0, 1)):
                raise ValueError(
                    say(
                        "own points: expected numbers from {low:g} to {high:g} and class 0 or 1, got {got}",
                        low=-EDGE,
                        high=EDGE,
                        got=f"{x1:g}, {x2:g}, {label}",
                    )
                )
        return points

    def write(self, value):
        return ",".join(f"{x1:g}:{x2:g}:{label}" for x1, x2, label in value)

    def read(self, text):
        """Raises ValueError, with a sentence, when a part is no point at all; `checked` sees to the limits."""
        points = []
        for part in text.split(","):
            try:
                x1, x2, label = part.split(":")
                points.append((float(x1), float(x2), int(label)))
            except ValueError:
                raise ValueError(
                    say("own points: expected each as two numbers and a class, as in 0.5:-1:0, got {got!r}", got=part)
                ) from None
        return tuple(points)


def _expect_as_many(rows):
    if not FEWEST <= len(rows) <= MOST:
        got = len(rows) if len(rows) <= MOST else say("more than {most}", most=MOST)
        raise ValueError(
            say("own points: expected {fewest} to {most} of them, got {got}", fewest=FEWEST, most=MOST, got=got)
        )


def points_of(x, y):
    """Points as a setting, from x (examples, 2) and y (examples, 1)."""
    return tuple((float(x1), float(x2), int(label)) for (x1, x2), label in zip(x, y[:, 0], strict=True))


def written(points):
    """Points as the text that `read_table` reads: one a line."""
    return "\n".join(f"{x1:g}, {x2:g}, {label}" for x1, x2, label in points)


def lines_to_read(text):
    """The lines of a text, as far as a table is read: a heading, MOST + 1 rows, LONGEST + 1 characters of each."""
    rows = 0
    for line in io.StringIO(text, newline=None):
        yield line.rstrip("\n")[: LONGEST + 1]
        rows += bool(line.strip(' \t\n,;"'))
        if rows > MOST + 1:
            return


def read_table(text):
    """Points from a text: a row each, two numbers and a label, apart by commas, semicolons, tabs or spaces.

    Returns (points, notes): sentences about what was done besides. A first row without numbers is a heading. Labels are 0
    and 1, or any two words, of which the first in the alphabet is class 0. Columns that reach beyond the plane are scaled.
    Raises ValueError, with a sentence that names the rows that cannot be used; then nothing is lost but the attempt.
    However long the text is, no more is read of it than `lines_to_read` gives.
    """
    rows, bad, heading = [], [], ""
    for number, cells in enumerate(map(_cells, lines_to_read(text)), 1):
        if not any(cells):
            continue
        try:
            x1, x2, label = cells
            x1, x2 = float(x1), float(x2)
            if not (np.isfinite([x1, x2]).all() and label):
                raise ValueError
        except ValueError:
            if rows or bad or heading or any(map(_is_number, cells)):  # else it is a heading
                bad.append((number, ", ".join(cells)))
            else:
                heading = ", ".join(cells)
            continue
        rows.append((x1, x2, label))
    if len(rows) + len(bad) > MOST:
        _expect_as_many(rows + bad)
    if bad:
        quoted = "; ".join(say("row {number}: {text!r}", number=n, text=text[:40]) for n, text in bad[:_NAMED])
        raise ValueError(
            say(
                "expected two numbers and a label in each row; {bad} cannot be read: {quoted}",
                bad=len(bad),
                quoted=quoted,
            )
        )
    if heading and not rows:
        raise ValueError(
            say("expected rows of two numbers and a label, got a heading alone: {text!r}", text=heading[:40])
        )
    if not rows:
        raise ValueError(say("expected rows of two numbers and a label, got none at all"))
    labels = sorted({label for *_, label in rows})
    if len(labels) > 2 or (len(labels) == 1 and labels[0] not in ("0", "1")):
        raise ValueError(
            say("expected rows with two labels, got {count}: {labels}", count=len(labels), labels=", ".join(labels[:5]))
        )
    classes = {label: int(label) for label in labels} if set(labels) <= {"0", "1"} else {labels[0]: 0, labels[1]: 1}
    x, notes = np.array([row[:2] for row in rows]), []
    if classes.keys() != {str(number) for number in classes.values()}:
        notes.append(say("class 0 is {first}, class 1 is {second}", first=labels[0], second=labels[1]))
    for column in range(2):
        low, high = x[:, column].min(), x[:, column].max()
        if max(abs(low), abs(high)) > EDGE:
            parts = x[:, column] / max(abs(low), abs(high))  # of the largest: high - low may be too large for a number
            x[:, column] = SPREAD * (2 * (parts - parts.min()) / (np.ptp(parts) or 1) - 1)
            notes.append(
                say(
                    "x{column} was scaled from {low:g}..{high:g} to {least:g}..{most:g}",
                    column=column + 1,
                    low=low,
                    high=high,
                    least=-SPREAD,
                    most=SPREAD,
                )
            )
    return Points().checked("", [(*place, classes[row[2]]) for place, row in zip(x, rows, strict=True)]), notes


def _is_number(cell):
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _cells(line):
    """The cells of a row, without spaces around them; a row that cannot be divided is one cell."""
    if len(line) > LONGEST:
        return [line]
    line = typed(line)
    separator = next((sign for sign in ("\t", ";", ",") if sign in line), " ")
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


DATA_SEED, NOISE_SEED, SPLIT_SEED = 0, 1, 2  # of the data sets that are drawn, of noise, of what is held out
EXAMPLES = {"border": 200, "curve": 40}  # of the data that a formula describes
REACH = 1.4  # of these, in both directions
HIGHEST = 1e6  # of a formula's values: the squares of far larger ones are no numbers
# name: range drawn. "border": classes on both sides of y = f(x); "curve": one input, the target is f(x); "own": the reader's
DATA = {"xor": (-0.5, 1.5)} | dict.fromkeys(
    ("circles", "moons", "spirals", N_("border"), N_("own"), N_("curve")), (-EDGE, EDGE)
)
CURVE = "curve"  # the one whose target is a number, not a class
# The points that `datasets` draws, as lines of a program for NumPy alone that a reader takes along; a test holds both equal.
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


class FormulaText(Text):
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
        return np.hsplit(np.array(settings["points"], float), [2])
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
    held = np.random.default_rng(SPLIT_SEED).permutation(len(x))[: round(settings["held"] / 100 * len(x))]
    return (np.delete(x, held, axis=0), np.delete(y, held, axis=0)), (x[held], y[held])


def _is_noisy(settings):
    """A reader's own points stay where they were put."""
    return settings["noise"] and settings["data"] != "own"


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
    """The lines that add noise, hold examples out, and make the network's inputs of the points."""
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
    is_curve = settings["data"] == CURVE
    names = inputs_in_use(settings["inputs"], is_curve)
    if names != COORDINATES[: 1 if is_curve else 2]:
        lines.append(f"inputs = lambda x: np.stack([{', '.join(FEATURES[name].numpy for name in names)}], axis=1)")
        lines.append("x, x_held = inputs(x), inputs(x_held)" if settings["held"] else "x = inputs(x)")
    return lines
