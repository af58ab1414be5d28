"""The notebooks of the course, found in their folder, so that no test keeps a list of them."""

import ast
from functools import cache
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks" / "en"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
START_PAGE = FOLDER / "00_start_here.ipynb"
CHAPTERS = [path for path in NOTEBOOKS if path != START_PAGE]


def number_of(path):
    """The chapter's number in the name of its file: "6a" of 06a_images.ipynb."""
    return path.stem.partition("_")[0].removeprefix("0")


@cache
def read(path):
    """A notebook, read once for all tests: they change a copy."""
    return nbformat.read(path, as_version=4)


def cells(name, language="en"):
    """{id: cell} of a chapter's notebook."""
    return {cell.id: cell for cell in read(FOLDER.parent / language / f"{name}.ipynb").cells}


def cell(name, cell_id, language="en"):
    return cells(name, language)[cell_id]


def assigned(chapter, cell_id, name, **known):
    """What a cell makes of a name with nothing but literals, and names that are known."""
    statements = [node for node in ast.parse(cell(chapter, cell_id).source).body if isinstance(node, ast.Assign)]
    (value,) = (node.value for node in statements if ast.unparse(node.targets[0]) == name)
    return eval(ast.unparse(value), known)  # the chapter's own text
