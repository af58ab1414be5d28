"""A changed output in a stored notebook fails `make test`: shown with the very options that it uses."""

import base64
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from copy import deepcopy
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from small_notebook import cell, stored_notebook, write
from stored_pictures import pictures_in

ROOT = Path(__file__).parents[2]


def printed_number(notebook):
    cell(notebook, "print-loss").outputs[0].text = "loss 0.26\ndone\n"


def alternative_text(notebook):
    data = cell(notebook, "show-loss").outputs[0].data
    data["text/html"] = data["text/html"].replace("falls to 0.01", "falls to 0.02")


def other_side(notebook):
    output = cell(notebook, "shares").outputs[0]
    output.text = output.text.replace("97.8% (at least 97%)", "96.4% (below 97%)")


def deleted_output(notebook):
    cell(notebook, "value").outputs = []


def lab_picture(notebook):
    cell(notebook, "show-lab").outputs[0].data["text/html"] = "<p>Lab at rate 0.6</p>"


def other_picture(notebook, change):
    """Store what `change` makes of the figure's picture."""
    data = cell(notebook, "show-loss").outputs[0].data
    [picture] = pictures_in(data["text/html"])
    text = base64.b64encode(change(picture)).decode()
    data["text/html"], changes = re.subn('base64,[^"]+', f"base64,{text}", data["text/html"])
    assert changes == 1


def other_digits(notebook):
    """What another processor may have stored: other numbers on the same side of their bounds."""
    output = cell(notebook, "shares").outputs[0]
    assert output.text == "right: 97.8% (at least 97%) and 90% to 98% (on both sides of 95%)\n"
    output.text = "right: 97.0% (at least 97%) and 9e+01% to 100% (on both sides of 95%)\n"


def pixels(notebook):
    other_picture(notebook, lambda picture: saved(Image.open(io.BytesIO(picture)).filter(ImageFilter.SMOOTH)))


def saved(image):
    """An image as the bytes of a PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


OPTIONS = ["-p", "tests.stored_pictures", "@tests/nbval.args"]
FAULTS = {printed_number: 0, alternative_text: 1, lab_picture: 2, deleted_output: 3, other_side: 5}


@pytest.fixture(scope="module")
def failed_cells(tmp_path_factory):
    """Runs strict nbval once, over two versions of a notebook; gives the failed cells of each."""
    folder = tmp_path_factory.mktemp("nbval")
    stored = stored_notebook(folder)
    versions = {name: deepcopy(stored) for name in ("harmless", "faulty")}
    pixels(versions["harmless"])
    other_digits(versions["harmless"])
    for mutate in FAULTS:
        mutate(versions["faulty"])
    for name, notebook in versions.items():
        write(notebook, folder / f"{name}.ipynb")

    report = folder / "report.xml"
    options = [*OPTIONS, "-n0", f"--junitxml={report}", "-c", "pyproject.toml"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder], cwd=ROOT, capture_output=True, text=True
    )
    cases = ElementTree.parse(report).findall(".//testcase")
    assert len(cases) == 6 * len(versions), result.stdout
    failed = {name: set() for name in versions}
    for case in cases:
        if case.find("failure") is not None:
            notebook = next(name for name in failed if name in case.get("classname"))
            failed[notebook].add(int(case.get("name").removeprefix("Cell ")))
    return failed


def test_smoothed_edges_and_other_digits_on_the_same_side_of_a_bound_are_the_same_output(failed_cells):
    assert failed_cells["harmless"] == set()


@pytest.mark.parametrize("mutate", FAULTS, ids=lambda mutate: mutate.__name__)
def test_a_changed_output_fails_its_cell(failed_cells, mutate):
    assert FAULTS[mutate] in failed_cells["faulty"]


def test_the_other_cells_of_the_same_notebook_pass(failed_cells):
    assert failed_cells["faulty"] == set(FAULTS.values())


def test_make_test_uses_the_same_options():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"NBVAL := {' '.join(OPTIONS)}\n" in makefile
    assert "pytest $(NBVAL) $(NOTEBOOKS)" in makefile and "pytest $(NBVAL) tests $(NOTEBOOKS)" in makefile
