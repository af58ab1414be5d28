"""Chapters 7 and 7b with PyTorch, TensorFlow and JAX present: `make test-frameworks` runs this, `make test` skips it.

The stored notebooks are those of a reader who has none of them, and `make test` compares them byte for byte. Here the same
notebooks run in both states: once with the record, against the stored outputs, and once with everything computed,
where their numbers, their words and the record itself are held against each other.
"""

import os
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import execute_notebooks
import nbformat
import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_lib import frameworks
from course_lib.exercises.chapter07 import chapter
from course_lib.exercises.machinery.slips import compiled
from course_lib.labs import speed as speed_model
from course_lib.labs.autograd.model import EXPRESSIONS, AutogradModel

NEEDED = (frameworks.pytorch, frameworks.tensorflow, frameworks.jax)
if not all(framework.installed for framework in NEEDED):
    pytest.skip("needs PyTorch, TensorFlow and JAX", allow_module_level=True)

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks" / "en").glob("07*.ipynb"))


@pytest.fixture(scope="module")
def computed():
    """The chapters after a run with the frameworks: id of the cell -> its printed text."""
    texts = {}
    for path in NOTEBOOKS:
        for cell in execute_notebooks.execute(execute_notebooks.read(path), path.parent).cells:
            streams = [output for output in cell.get("outputs", []) if output.output_type == "stream"]
            assert all(output.name == "stdout" for output in streams), f"{cell.id}: {streams}"
            texts[cell.id] = texts.get(cell.id, "") + "".join(output.text for output in streams)
    return texts


@pytest.fixture(scope="module")
def stored():
    """The same of the stored notebooks."""
    texts = {}
    for cell in (cell for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells):
        streams = [output.text for output in cell.get("outputs", []) if output.output_type == "stream"]
        texts[cell.id] = texts.get(cell.id, "") + "".join(streams)
    return texts


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_record_is_shown_in_this_environment_too(path):
    """Strict nbval, as in `make test`, with the frameworks hidden."""
    environment = os.environ | {frameworks.RECORDED_ONLY: "recorded"}
    options = [
        option
        for option in (ROOT / "tests" / "nbval.args").read_text().split()
        if option[:2] != "-n" or "nbval" in option
    ]
    options = [option for option in options if not option.startswith("--dist")]
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", *options, str(path)]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_nothing_is_quoted_when_all_is_there(computed):
    text = "\n".join(computed.values())
    assert "not installed" not in text
    assert "PyTorch " + frameworks.pytorch.version + " runs here." in computed["imports"]
    assert "recorded" not in "".join(
        computed[name] for name in ("xor-table", "digits-table", "train-table", "twice", "traced", "fit", "two-modes")
    )


@pytest.mark.parametrize(("cell", "rows"), [("xor-table", 1), ("digits-table", 2), ("train-table", 1)])
def test_every_table_agrees(computed, cell, rows):
    verdicts = [line.count("(below ") for line in computed[cell].splitlines() if line.startswith("largest difference")]
    assert verdicts == [2] * rows


@pytest.mark.parametrize(
    "cell",
    ["xor-table", "digits-table", "train-table", "twice", "descent", "traced", "floors", "costs", "saved", "ported"],
)
def test_the_computed_numbers_are_the_recorded_ones(computed, stored, cell):
    """Versions and the words for where a number comes from apart, a reader with the frameworks reads the same."""
    assert numbers(computed[cell]) == numbers(stored[cell])
    assert numbers(computed[cell])


def numbers(text):
    """The numbers and truths in a text, as texts, without versions, sentences that name one, and what stands beside a bound."""
    others = r"\d+\.\d+\.\d+|\S+ is not installed here \(.*?\)\.|\S+ (?=\(below )"
    return re.findall(r"-?\d+(?:\.\d+)?|True|False", re.sub(others, "", text))


@pytest.mark.parametrize("cell", ["fit", "keras"])
def test_training_in_a_framework_comes_as_far_as_recorded(computed, stored, cell):
    """Rounding grows in the course of training: a few images more or fewer."""
    here, recorded = (np.array(re.findall(r"(\d+)%", texts[cell]), float) for texts in (computed, stored))
    assert here.size == recorded.size == 4
    np.testing.assert_allclose(here, recorded, atol=4)


def test_two_modes_differ_where_they_did_in_the_record(computed, stored):
    def pattern(text):
        return [float(number) == 0 for number in numbers(text)]

    assert pattern(computed["two-modes"]) == pattern(stored["two-modes"])
    assert pattern(stored["two-modes"]) == [False, False, True, True, False, False, True, True, True]


def test_the_record_and_this_environment_have_the_pinned_versions():
    lists = [ROOT / ".ci" / name for name in ("constraints-frameworks.txt", "lock-frameworks.txt")]
    lines = [line for path in lists for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
    pins = [Requirement(line.rstrip(" \\")) for line in lines]
    wanted = [pin for pin in pins if not pin.marker or pin.marker.evaluate()]
    pins, wanted = ({canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in each} for each in (pins, wanted))
    found = {canonicalize_name(package.name): package.version.partition("+")[0] for package in distributions()}
    assert {name: found.get(name) for name in wanted} == wanted
    for framework, package in zip(NEEDED, ("torch", "tensorflow", "jax"), strict=True):
        assert framework.version == framework.recorded_version == pins[package]


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_the_recorded_graphs_are_those_of_pytorch(label, monkeypatch):
    here = AutogradModel(label)
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    quoted = AutogradModel(label)
    assert here.here and not quoted.here
    assert (here.theirs, here.groups) == (quoted.theirs, quoted.groups)
    assert here.as_record().keys() == frameworks.record()["graphs"][label].keys()


def test_the_speed_lab_times_every_framework_here(monkeypatch):
    monkeypatch.setattr(speed_model, "WIDTHS", speed_model.WIDTHS[:2])
    model = speed_model.SpeedModel(rounds=2)
    model.advance(model.most)
    for times in model.times.values():
        assert set(times) == {speed_model.OURS, *speed_model.CONTENDERS}
        assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in times.values())
    assert model.finished and "(here)" in model.status() and "recorded" not in model.status()


@pytest.mark.parametrize("shape", [(2, 4), (3, 3)])
def test_to_linear_makes_the_same_layer(shape, rng):
    torch = frameworks.pytorch.module
    W, b, x = rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=(5, shape[0]))
    linear = torch.nn.Linear(*shape, dtype=torch.float64)
    weight, bias = map(torch.tensor, compiled(chapter.exercises["to-linear"].solution, "to_linear")(W, b))
    linear.load_state_dict({"weight": weight, "bias": bias})
    np.testing.assert_allclose(linear(torch.tensor(x)).detach().numpy(), x @ W + b, rtol=0, atol=1e-12)
