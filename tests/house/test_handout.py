"""What is handed out holds no output, no answer and no line of a solution, and runs to its end."""

import ast
import functools
import importlib
import re
from itertools import pairwise
from pathlib import Path

import built
import handout
import notebook_form as form
import pytest
from execute_notebooks import execute
from execute_notebooks import read as read_notebook
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_figures_03 import SHORTER

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
# Lines that a solution has in common with what the chapter shows: chapter, exercise, cell, and why that gives nothing away.
SHOWN = {
    ("02", "neuron-gradients", "own-graph"): "the forward pass, which the task states",
    (
        "03",
        "one-step",
        "mistakes",
    ): "the forward pass and the output error, known from the formulas; the hidden error is another one",
    ("05", "repair", "draft-backward"): "the right lines of the faulty program",
    ("05", "output-gradients", "draft-backward"): "the output error, which the reader has repaired or read",
    ("07", "port", "xor-here"): "unpacks the parameters",
    ("07", "port", "xor-in-pytorch"): "unpacks the parameters",
    ("07", "port", "xor-in-tensorflow"): "unpacks the parameters",
}


def named(path):
    return f"{path.parent.name}-{path.stem}"


# Of what is code, which is the same in both editions: tests/chapters/test_translation.py.
IN_ENGLISH = pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.parent.name == "en"], ids=named)


@pytest.fixture(params=[False, True], ids=["plain", "exam"])
def exam(request):
    return request.param


@pytest.fixture(params=NOTEBOOKS, ids=named)
def path(request):
    return request.param


read = functools.cache(read_notebook)


@functools.cache
def made(path, exam=False):
    return handout.hand_out(read(path), path.stem, path.parent.name, exam)


def python(source):
    return TransformerManager().transform_cell(source)


@functools.cache
def statements(source):
    """Its statements without bodies of their own, in one form."""
    compound = ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.If | ast.With | ast.Pass
    nodes = ast.walk(ast.parse(python(source)))
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.stmt) and not isinstance(node, compound)}


def exercises(path):
    number = path.stem.partition("_")[0]
    if number == "00":
        return number, {}
    return number, importlib.import_module(f"course_lib.exercises.chapter{number}").chapter.exercises


def test_a_small_notebook():
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                "Think.\n\n<details><summary>Answer</summary>\n\n7\n\n</details>\n\n"
                '**Exercise.** (`hint("x")`, `solution("x")`)'
            ),
            new_code_cell(
                "from course_lib.exercises.chapter03 import check, hint, predict, solution", execution_count=1
            ),
            new_markdown_cell("<details><summary>What this says</summary>\n\n8\n\n</details>"),
            new_code_cell(
                "1 + 1", outputs=[new_output("stream", text="2")], metadata={"jupyter": {"outputs_hidden": True}}
            ),
            new_markdown_cell("Below. (The code of the next cell is folded.)"),
            new_code_cell("a = 1", id="ten-lines", metadata={"jupyter": {"source_hidden": True}}),
        ]
    )
    new, given = handout.hand_out(notebook, "03_algorithms", "en", exam=False)
    assert [cell.source for cell in new.cells] == [
        'Think.\n\n**Exercise.** (`hint("x")`)',
        "from course_lib.exercises.chapter03 import check, hint, predict",
        "1 + 1",
        "Below.",
        f"{handout.GIVEN['en']}\n%run -i given/03_algorithms-ten-lines.py",
    ]
    assert given == {"given/03_algorithms-ten-lines.py": "a = 1\n"}
    new, _ = handout.hand_out(notebook, "03_algorithms", "en", exam=True)
    assert new.cells[0].source == "Think.\n\n**Exercise.**"
    assert new.cells[1].source.startswith("%env COURSE_EXAM=1\n\nfrom ")
    assert notebook.cells[3].outputs  # the chapter itself stays as it is


def test_it_has_no_output_and_nothing_folded_away(path, exam):
    notebook, given = made(path, exam)
    for cell in notebook.cells:
        assert "<details" not in cell.source and "<summary" not in cell.source and cell.source.strip(), cell.id
        assert not re.search(r"\bsolution\(|import .*\bsolution\b|\*What this says\*|“这说明了什么”", cell.source), (
            cell.id
        )
        if exam:
            assert "hint(" not in cell.source and "take(" not in cell.source.replace("import take", ""), cell.id
        assert set(cell.metadata) <= {"jupyter"} and "outputs_hidden" not in cell.metadata.get("jupyter", {}), cell.id
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.id
            compile(python(cell.source), cell.id, "exec")
    for cell, following in pairwise(notebook.cells):
        if re.search(r"\bfolded\b|折叠", cell.source):
            assert following.metadata["jupyter"]["source_hidden"], cell.id
    texts = "\n".join(cell.source for cell in form.markdown_cells(notebook))
    assert ("hint(" in texts) == bool(exercises(path)[1] and not exam)
    begins = [cell.source.startswith("%env COURSE_EXAM=1\n\n") for cell in form.code_cells(notebook)]
    assert begins == [exam] + [False] * (len(begins) - 1)
    used = re.findall(r"^%run -i (given/\S+)$", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    assert used == list(given)


def test_all_else_stands_as_it_stood(path):
    before, (after, given) = read(path), made(path)
    assert [cell.id for cell in form.code_cells(before)] == [cell.id for cell in form.code_cells(after)]
    old = {cell.id: cell for cell in before.cells}
    assert [cell.id for cell in after.cells] == [
        cell.id for cell in before.cells if cell.id in {c.id for c in after.cells}
    ]
    for cell in form.code_cells(after):
        if cell.id not in handout.SOLVING.get(path.stem, ()):
            assert cell.source == old[cell.id].source.replace(", predict, solution", ", predict")
    assert sorted(given.values()) == sorted(old[name].source + "\n" for name in handout.SOLVING.get(path.stem, ()))
    for cell in form.markdown_cells(before):  # a text that is gone was folded altogether
        left = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL).strip()
        new = next((c.source for c in after.cells if c.id == cell.id), "")
        assert len(new) >= len(left) - 260 and bool(new) == bool(left), cell.id


@IN_ENGLISH
def test_each_cell_with_folded_code_is_judged(path):
    folded = {cell.id for cell in form.code_cells(read(path)) if cell.metadata.get("jupyter", {}).get("source_hidden")}
    solving, harmless = handout.SOLVING.get(path.stem, set()), handout.HARMLESS.get(path.stem, set())
    assert folded == solving | harmless and not solving & harmless


def solved(path):
    """(chapter, exercise, cell) of each cell of a hand-out that has a line which the reader is to write."""
    number, found = exercises(path)
    notebook, _ = made(path)
    for exercise in found.values():
        for cell in notebook.cells:
            asks = re.search(rf"(?:check|arrange)\(\"{exercise.name}\"", cell.source)
            lines = set() if asks else statements(exercise.solution)
            if cell.cell_type == "markdown":
                common = {line for line in lines if len(line) > 8 and line in cell.source}
            else:
                common = lines & statements(cell.source)
            if common - statements(exercise.before):
                yield number, exercise.name, cell.id


@IN_ENGLISH
def test_it_has_no_line_of_a_solution(path):
    assert set(solved(path)) == {place for place in SHOWN if place[0] == path.stem.partition("_")[0]}


@pytest.mark.parametrize(
    ("name", "exam"),
    [
        ("en/03_algorithms", False),
        pytest.param("zh/05_practice", True, marks=pytest.mark.slow),
        pytest.param("zh/06a_images", False, marks=pytest.mark.slow),
        pytest.param("en/05b_workshop", True, marks=pytest.mark.slow),
    ],
)
def test_it_runs_to_its_end(name, exam, tmp_path, monkeypatch):
    monkeypatch.setattr(built, "BUILD", tmp_path)
    handout.main([str(ROOT / "notebooks" / f"{name}.ipynb"), *["--exam"] * exam])
    notebook = read_notebook(tmp_path / "handout" / f"{name}.ipynb")
    for cell in notebook.cells if name.endswith("03_algorithms") else ():
        for long, short in SHORTER.get(cell.id, {}).items():
            assert long in cell.source
            cell.source = cell.source.replace(long, short)
    notebook.cells.append(new_code_cell("import os; print('exam:', os.environ.get('COURSE_EXAM'))"))
    ran = execute(notebook, tmp_path / "handout" / Path(name).parent)
    assert not [
        output for _, output in form.outputs(ran) if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert ran.cells[-1].outputs[0].text == f"exam: {1 if exam else None}\n"


def test_what_is_made_lies_in_an_ignored_folder():
    assert built.BUILD == ROOT / "build"
    assert "build/" in (ROOT / ".gitignore").read_text().splitlines()
