"""A changed output in a stored notebook fails `make test`: shown with the very options that it uses."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from copy import deepcopy
from pathlib import Path

import pytest
from small_notebook import cell, stored_notebook, write

ROOT = Path(__file__).parents[2]


def printed_number(notebook):
    cell(notebook, "print-loss").outputs[0].text = "loss 0.26\ndone\n"


def alternative_text(notebook):
    data = cell(notebook, "show-loss").outputs[0].data
    data["text/html"] = data["text/html"].replace("falls to 0.01", "falls to 0.02")


def deleted_output(notebook):
    cell(notebook, "value").outputs = []


def lab_picture(notebook):
    cell(notebook, "show-lab").outputs[0].data["text/html"] = "<p>Lab at rate 0.6</p>"


def pixels(notebook):
    data = cell(notebook, "show-loss").outputs[0].data
    data["text/html"], changes = re.subn('base64,[^"]+', "base64,AAAA+/==", data["text/html"])
    assert changes == 1


FAULTS = {printed_number: 0, alternative_text: 1, lab_picture: 2, deleted_output: 3}


@pytest.fixture(scope="module")
def failed_cells(tmp_path_factory):
    """Runs strict nbval once, over three versions of a notebook; gives the failed cells of each."""
    folder = tmp_path_factory.mktemp("nbval")
    unchanged = stored_notebook(folder)
    repainted, faulty = deepcopy(unchanged), deepcopy(unchanged)
    pixels(repainted)
    for mutate in FAULTS:
        mutate(faulty)
    for name, notebook in {"unchanged": unchanged, "repainted": repainted, "faulty": faulty}.items():
        write(notebook, folder / f"{name}.ipynb")

    report = folder / "report.xml"
    options = ["@tests/nbval.args", "-n0", f"--junitxml={report}", "-c", "pyproject.toml"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder], cwd=ROOT, capture_output=True, text=True
    )
    cases = ElementTree.parse(report).findall(".//testcase")
    assert len(cases) == 15, result.stdout
    failed = {"unchanged": set(), "repainted": set(), "faulty": set()}
    for case in cases:
        if case.find("failure") is not None:
            notebook = next(name for name in failed if name in case.get("classname"))
            failed[notebook].add(int(case.get("name").removeprefix("Cell ")))
    return failed


def test_the_unchanged_notebook_passes(failed_cells):
    assert failed_cells["unchanged"] == set()


@pytest.mark.parametrize("mutate", FAULTS, ids=lambda mutate: mutate.__name__)
def test_a_changed_output_fails_its_cell(failed_cells, mutate):
    assert FAULTS[mutate] in failed_cells["faulty"]


def test_the_other_cells_of_the_same_notebook_pass(failed_cells):
    assert failed_cells["faulty"] == set(FAULTS.values())


def test_pixels_alone_are_not_compared(failed_cells):
    assert failed_cells["repainted"] == set()


def test_make_test_uses_the_same_options():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (
        "pytest @tests/nbval.args $(NOTEBOOKS)" in makefile
        and "pytest @tests/nbval.args tests $(NOTEBOOKS)" in makefile
    )
