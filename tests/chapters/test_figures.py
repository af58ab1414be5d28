"""Every figure of a chapter has a test of what it shows, and every stored picture can be read, whether or not it is run."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from alternative_texts import written_numbers
from figures import NOTEBOOKS, ROOT, figure_cells
from stored_pictures import decoded, html_of, pictures_in

CHAPTERS = sorted(NOTEBOOKS.glob("*.ipynb"))
EDITIONS = sorted(NOTEBOOKS.parent.glob("*/*.ipynb"))
ELSEWHERE = [*sorted((ROOT / "notebooks").glob("*/pictures/*")), *sorted((ROOT / ".github").glob("*.webp"))]
WIDTH = re.compile(r'<img [^>]*?width="(\d+)"')
DENSITY = {"figure": 1.44, "lab": 1.25}  # image pixels for each CSS pixel: figures.py, canvas/canvas.py


def functions_of(path):
    """The names of the tests in a module; none if there is no such module."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_figure_has_a_test_of_its_artists(path):
    wanted = {f"test_{cell_id.replace('-', '_')}" for cell_id in figure_cells(nbformat.read(path, as_version=4))}
    module = Path(__file__).with_name(f"test_figures_{path.stem.partition('_')[0]}.py")
    tests = functions_of(module)
    assert tests == wanted, f"{module.name}: expected a test for each cell with a figure, {sorted(wanted)}"


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_number_of_an_alternative_text_is_computed(path):
    notebook = nbformat.read(path, as_version=4)
    shows, cells = figure_cells(notebook), {cell.id: cell.source for cell in notebook.cells}
    written = {cell_id: words for cell_id in shows if (words := written_numbers(cells[cell_id]))}
    assert not written, f"expected these numbers to be computed in the alternative texts of {path.name}: {written}"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_stored_picture_can_be_read(path):
    """It is a picture, not blank, and as large as its kind is."""
    notebook = nbformat.read(path, as_version=4)
    shows = figure_cells(notebook)
    for cell in notebook.cells:
        html = html_of(cell.get("outputs", []))
        found = pictures_in(html)
        assert len(found) == html.count("<img"), f"{cell.id}: {html.count('<img')} pictures, {len(found)} with pixels"
        for data, width in zip(found, WIDTH.findall(html), strict=True):
            try:
                shape = decoded(data).shape
            except ValueError as error:
                raise AssertionError(f"{path.name}, cell {cell.id}: {error}") from error
            wanted = int(width) * DENSITY["figure" if cell.id in shows else "lab"]
            assert abs(shape[1] - wanted) <= 2, f"{cell.id}: {shape[1]} pixels wide, expected {wanted}"
        assert (cell.id in shows) <= bool(found), f"{cell.id} is to show a figure, and none is stored"


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.name)
def test_each_picture_of_the_guide_and_the_readme_can_be_read(path):
    assert min(decoded(path.read_bytes()).shape[:2]) > 200
