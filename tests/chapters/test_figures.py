"""Every figure of a chapter has a test of what it shows, computed numbers in its words, and a stored picture of its size."""

import ast
import io
import re
from pathlib import Path

import pytest
from chapter_files import FOLDER, NOTEBOOKS, read
from figures import SHOW, figure_cells
from PIL import Image
from stored_pictures import decoded, html_of, pictures_in

ROOT = FOLDER.parents[1]
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_figure_has_a_test_of_its_artists(path):
    wanted = {f"test_{cell_id.replace('-', '_')}" for cell_id in figure_cells(read(path))}
    module = Path(__file__).with_name(f"test_figures_{path.stem.partition('_')[0]}.py")
    tests = functions_of(module)
    assert tests == wanted, f"{module.name}: expected a test for each cell with a figure, {sorted(wanted)}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_draws_with_its_module_of_the_library_alone(path):
    """What a cell computes it hands to one function, which draws it and says its facts; the module has these, in order."""
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_stored_picture_is_as_large_as_its_kind_is(path):
    """That it can be read, and shows something, is seen where nbval compares it."""
    notebook = read(path)
    shows = figure_cells(notebook)
    for cell in notebook.cells:
        html = html_of(cell.get("outputs", []))
        found = pictures_in(html)
        assert len(found) == html.count("<img"), f"{cell.id}: {html.count('<img')} pictures, {len(found)} with pixels"
        for data, width in zip(found, WIDTH.findall(html), strict=True):
            pixels, _ = Image.open(io.BytesIO(data)).size
            wanted = int(width) * DENSITY["figure" if cell.id in shows else "lab"]
            assert abs(pixels - wanted) <= 2, f"{cell.id}: {pixels} pixels wide, expected {wanted}"
        assert (cell.id in shows) <= bool(found), f"{cell.id} is to show a figure, and none is stored"


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.name)
def test_each_picture_of_the_guide_and_the_readme_can_be_read(path):
    assert min(decoded(path.read_bytes()).shape[:2]) > 200
