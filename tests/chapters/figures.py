"""Runs the cells of a chapter that its figures need, here and in order, and keeps each figure: its artists can be read.

    shown = chapter("05_practice")                       # a fixture of the module

    def test_capacity(shown):
        with shown("capacity") as (names, [panel]):      # names: what the cell knew; panels: see artists.py
            panel.bars(range(1, 7), names["shares"])
            ...
            shown.says("capacity", f"{names['shares'][0]:.0%} with 1")

Nothing is rendered, no lab is made, and of the other cells only those run on whose names a figure depends. Where training
takes long, `shorter` replaces numbers in a cell's source, such as that of epochs: the figure must show what was computed,
and the text must say what is true of it, however little was learned.
"""

import ast
import contextlib
import io
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pytest
from artists import panels
from chapter_files import FOLDER as NOTEBOOKS
from chapter_files import read
from notebook_names import needed

SHOW = re.compile(r"^pictures\.(\w+)\(", re.MULTILINE)  # the chapter's module of course_lib.pictures draws
QUIET = {"COURSE_ANSWERS": "off", "COURSE_FRAMEWORKS": "recorded"}


@dataclass
class Shown:
    """What `show` was given, and what the notebook knew when the cell ended."""

    figure: object
    alt: str
    names: dict = None


class Figures:
    """The figures of a chapter by the id of their cell."""

    def __init__(self, shown):
        self.shown = shown

    @contextmanager
    def __call__(self, cell_id):
        """(names after the cell, the figure's panels); at the end nothing may be drawn that was not asked for."""
        found = self.shown[cell_id]
        read = panels(found.figure)
        yield found.names, read
        for panel in read:
            panel.nothing_else()

    def says(self, cell_id, *facts):
        """The alternative text states these facts."""
        for fact in facts:
            alt = self.shown[cell_id].alt
            assert str(fact) in alt, f"{cell_id}: expected {str(fact)!r} in the alternative text, got: {alt}"


def chapter(name, shorter=None):
    """A fixture: the `Figures` of a chapter. shorter: {cell id: {what stands in its source: what to run instead}}."""

    @pytest.fixture(scope="module")
    def shown():
        return Figures(run(read(NOTEBOOKS / f"{name}.ipynb"), shorter or {}))

    return shown


def side(value, bound):
    """What a text says of a value that is compared with a bound, written as "25%", "1,000" or "0.4"."""
    number = float(bound.replace(",", "").rstrip("%")) / (100 if bound.endswith("%") else 1)
    return f"at least {bound}" if value >= number else f"below {bound}"


def beside(value, *bounds, form=".2g"):
    """What a text says of a number beside its bounds: "97.8% (at least 97%)"; of several, the lowest and the highest."""
    low, high = np.min(value), np.max(value)
    number = f"{low:{form}} to {high:{form}}" if np.size(value) > 1 else f"{low:{form}}"
    sides = [
        f"on both sides of {bound}" if side(low, bound) != side(high, bound) else side(low, bound) for bound in bounds
    ]
    return f"{number} ({', '.join(sides)})"


def figure_cells(notebook):
    """The ids of the cells that show a figure."""
    return [cell.id for cell in notebook.cells if cell.cell_type == "code" and SHOW.search(cell.source)]


def run(notebook, shorter):
    """{cell id: Shown} of all figures that the notebook's cells show. A figure that is made and not shown is an error."""
    cells = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
    wanted = figure_cells(notebook)
    found, made, names = {}, [], {"__name__": "__main__"}

    def keep(fig, alt, width):
        made.append(Shown(fig, alt))
        return made[-1]

    with (
        patch("course_lib.pictures.figures.Picture", keep),
        patch("course_lib.pictures.figures.png", lambda fig: fig),
        patch.dict(os.environ, QUIET),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        for cell_id in needed(cells, wanted):
            last = _execute(_shortened(cells[cell_id], shorter.get(cell_id, {}), cell_id), cell_id, names)
            for shown in made:
                assert shown is last, f"{cell_id}: nobody sees its figure, which is not the cell's last line"
                shown.names = dict(names)
                found[cell_id] = shown
            made.clear()
    assert list(found) == wanted, f"expected figures of {wanted}, got {list(found)}"
    return found


def _shortened(source, changes, cell_id):
    for old, new in changes.items():
        assert old in source, f"{cell_id}: expected {old!r} in its source"
        source = source.replace(old, new)
    return source


def _execute(source, cell_id, names):
    """Run a cell; the value of its last line, which a notebook would show."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, cell_id, "exec"), names)
    return eval(compile(ast.Expression(last.value), cell_id, "eval"), names) if last else None
