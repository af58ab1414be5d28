"""`make notebooks` runs notebooks on new kernels and stores them in one form."""

import json
import re

import pytest
from execute_notebooks import METADATA, ROOT, WIDGET_VIEW, NotebookFault, execute, main, normalise, read, run_all
from nbformat.v4 import new_code_cell, new_notebook, new_output
from small_notebook import cell, small_notebook, write


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The path of a small notebook that the script has stored, and its bytes."""
    path = write(small_notebook(), tmp_path_factory.mktemp("stored") / "small.ipynb")
    assert main([str(path)]) == 0
    return path, path.read_bytes()


def test_check_names_what_would_change_and_writes_nothing(stored, tmp_path, capsys):
    path = tmp_path / "tampered.ipynb"
    path.write_bytes(
        stored[1].replace(b"loss 0.25", b"loss 0.26").replace(b'"execution_count": 4', b'"execution_count": 9')
    )
    before = path.read_bytes()
    assert main(["--check", str(path)]) == 1
    report = capsys.readouterr().err
    assert "tampered.ipynb: a new run differs from the stored notebook" in report
    changed = {line[1:].strip(' ,"n\\') for line in report.splitlines() if re.match(r"[-+] ", line)}
    assert changed == {"loss 0.26", "loss 0.25", 'execution_count": 9', 'execution_count": 4'}  # and nothing else
    assert path.read_bytes() == before


def test_the_stored_form(stored):
    path, content = stored
    assert content.endswith(b"}\n")
    assert content == (json.dumps(json.loads(content), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    notebook = read(path)
    assert notebook.metadata == METADATA
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in small_notebook().cells]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4, 5, 6]
    assert all(cell.metadata == {} for cell in code)
    assert [output.text for output in cell(notebook, "print-loss").outputs] == ["loss 0.25\ndone\n"]
    (lab,) = cell(notebook, "show-lab").outputs
    assert lab.data == {"text/plain": "Lab at rate 0.5", "text/html": "<p>Lab at rate 0.5</p>"}


def test_a_failing_cell_is_named_and_the_notebook_is_left_alone(tmp_path, capsys):
    cells = [new_code_cell("x = 1", id="fine"), new_code_cell("x / 0", id="divide-by-zero")]
    path = write(new_notebook(cells=cells), tmp_path / "broken.ipynb")
    before = path.read_bytes()
    assert main([str(path)]) == 1
    report = capsys.readouterr().err
    assert "broken.ipynb: cell divide-by-zero: " in report
    assert "ZeroDivisionError: division by zero" in report
    assert path.read_bytes() == before


def test_an_expected_error_is_stored_without_the_places_of_this_machine(tmp_path):
    source = "import course_lib\ncourse_lib.Dense(0, 1, rng=None)"
    raising = new_code_cell(source, id="no-inputs", metadata={"tags": ["raises-exception"]})
    notebook = normalise(execute(new_notebook(cells=[raising]), tmp_path))
    (error,) = notebook.cells[0].outputs
    traceback = "\n".join(error.traceback)
    assert error.evalue.startswith("Dense: expected")
    assert "course_lib/layers/base.py" in traceback
    assert str(ROOT) not in traceback and "~" not in traceback


def test_a_widget_without_a_picture_cannot_be_stored():
    data = {"text/plain": "IntSlider(value=0)", WIDGET_VIEW: {"model_id": "1", "version_major": 2}}
    slider = new_code_cell("slider", id="slider", outputs=[new_output("display_data", data=data)])
    with pytest.raises(NotebookFault, match=r"cell slider: expected a widget that also gives text/html.*IntSlider"):
        normalise(new_notebook(cells=[slider]))


def test_consecutive_streams_are_merged_and_others_are_not():
    streams = [("stdout", "a\n"), ("stdout", "b\n"), ("stderr", "c\n"), ("stdout", "d\n")]
    outputs = [new_output("stream", name=name, text=text) for name, text in streams]
    notebook = normalise(new_notebook(cells=[new_code_cell("", id="streams", outputs=outputs)]))
    texts = [(output.name, output.text) for output in notebook.cells[0].outputs]
    assert texts == [("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "d\n")]


def test_session_metadata_goes_and_tags_stay():
    metadata = {
        "tags": ["raises-exception"],
        "execution": {"iopub.status.busy": "2026"},
        "trusted": True,
        "jupyter": {"source_hidden": True},
    }
    notebook = new_notebook(cells=[new_code_cell("", id="hidden", metadata=metadata)], metadata={"widgets": {}})
    notebook = normalise(notebook)
    assert notebook.cells[0].metadata == {"tags": ["raises-exception"], "jupyter": {"source_hidden": True}}
    assert notebook.metadata == METADATA


@pytest.mark.parametrize(
    ("problems", "runs"),
    [
        (["Kernel didn't respond in 60 seconds"], 2),
        (["Kernel died before replying to kernel_info"] * 2, 2),  # twice is no bad luck
        (["Kernel died"], 1),  # while a cell ran
    ],
)
def test_a_kernel_that_never_answers_is_started_once_more_and_no_cell_runs_twice(problems, runs):
    begun, left = [], list(problems)

    class Client:
        def execute(self, env):
            begun.append(env)
            if left:
                raise RuntimeError(left.pop(0))

    if len(problems) == runs:
        with pytest.raises(RuntimeError, match=problems[-1]):
            run_all(Client(), {})
    else:
        run_all(Client(), {})
    assert len(begun) == runs
