"""Points of a reader's own: typed, clicked, or read from a file with two columns of numbers and a label."""

import csv
import io

import numpy as np

from ...text import say, typed

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


def arrays_of(points):
    """x (points, 2) and y (points, 1)."""
    table = np.array(points, float)
    return table[:, :2], table[:, 2:]


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
