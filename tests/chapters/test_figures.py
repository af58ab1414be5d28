"""Every figure of a chapter has a test of what it shows, and every stored picture can be read, whether or not it is run."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from figures import NOTEBOOKS, ROOT, SHOW, figure_cells
from stored_pictures import decoded, html_of, pictures_in

CHAPTERS = sorted(NOTEBOOKS.glob("*.ipynb"))
EDITIONS = sorted(NOTEBOOKS.parent.glob("*/*.ipynb"))
PICTURES = sorted((ROOT / "course_lib" / "pictures").glob("*.py"))
ELSEWHERE = [*sorted((ROOT / "notebooks").glob("*/pictures/*")), *sorted((ROOT / ".github").glob("*.webp"))]
NO_MEASUREMENT = re.compile(  # what is filled in, formulas, names, the level of every interval of the course
    r"\{[^{}]*\}|x\^2|u\^2 \+ 25 v\^2|2 ?/ ?(M|rate)|h = 1e-6|kal16|layer 1|target is 1|95 %"
)
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
def test_a_chapter_draws_with_its_module_of_the_library_alone(path):
    """What a cell computes it hands to one function, which draws it and says its facts; the module has these, in order."""
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    imported = re.findall(r"^(?:from|import) (?:course_lib\.pictures|matplotlib)\b.*", source, re.MULTILINE)
    module = ROOT / "course_lib" / "pictures" / f"{path.stem.partition('_')[2]}.py"
    assert imported == [f"from course_lib.pictures import {module.stem} as pictures"] * module.exists()
    there = re.findall(r"^def ([a-z]\w*)", module.read_text(encoding="utf-8"), re.MULTILINE) if module.exists() else []
    assert list(dict.fromkeys(SHOW.findall(source))) == there


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_each_number_of_an_alternative_text_is_computed(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    said = [node.args[0].value for node in calls if getattr(node.func, "id", "") == "say"]
    written = [text for text in said if re.search(r"\d", NO_MEASUREMENT.sub("", text))]
    assert not written, f"expected these numbers to be computed: {written}"


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
