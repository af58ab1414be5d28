"""PyTorch and TensorFlow beside the course's own library: run where they are installed, else quoted from a record.

The course needs neither. A cell hands over a function and a key; where the framework is missing, it gets what the same
function returned when the record was made (`.ci/record_frameworks.py`), and every result says which of the two it is.
"""

import importlib
import json
import os
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..text import columns, joined, measured, say

DATA = Path(__file__).parents[1] / "datasets" / "data"
RECORDED_ONLY = "COURSE_FRAMEWORKS"  # set to "recorded" in the environment, it hides what is installed


class Result(dict):
    """What a function returned, name -> number, text, list or array; `framework`, and `here`: computed or recorded."""

    def __init__(self, values, framework, here):
        super().__init__(values)
        self.framework, self.here = framework, here

    @property
    def heading(self):
        """Two lines for the head of a column."""
        version = self.framework.version if self.here else self.framework.recorded_version
        name = say("{name} {version}", name=self.framework.name, version=version)
        return name, say("computed here") if self.here else say("recorded")


class Framework:
    """A framework under its `name`; `package` is what `pip install` and `import` call it.

    installed          whether it can run here
    version            of what is installed here      recorded_version   of what made the record
    module             the imported package, on one thread like NumPy in this course; ImportError where it is missing
    """

    def __init__(self, name, package):
        self.name, self.package = name, package

    @property
    def installed(self):
        return os.environ.get(RECORDED_ONLY) != "recorded" and find_spec(self.package) is not None

    @property
    def module(self):
        if not self.installed:
            raise ImportError(self.missing())
        return _imported(self.package)

    @property
    def version(self):
        return str(self.module.__version__).partition("+")[0]

    @property
    def recorded_version(self):
        return record()["versions"][self.name]

    def missing(self):
        """The sentence for readers who do not have it."""
        return say(
            "{name} is not installed here (to get it: pip install {package}).", name=self.name, package=self.package
        )

    def run(self, key, function, *arguments):
        """function(module, *arguments), a dict, as a `Result`; without the framework, what is recorded under the key.

        Raises KeyError when the framework is missing and nothing is recorded under this key.
        """
        if self.installed:
            return Result(function(self.module, *arguments), self, here=True)
        return Result(recorded(self.name, key), self, here=False)

    def __repr__(self):
        if self.installed:
            return say("{name} {version} runs here.", name=self.name, version=self.version)
        quoted = say(
            "Its columns show what version {version} gave when they were recorded.", version=self.recorded_version
        )
        return joined(self.missing(), quoted)


pytorch, tensorflow, jax = Framework("PyTorch", "torch"), Framework("TensorFlow", "tensorflow"), Framework("JAX", "jax")


def run_both(key, in_pytorch, in_tensorflow, *arguments):
    """The `Result`s of both frameworks, each with its own function."""
    return pytorch.run(key, in_pytorch, *arguments), tensorflow.run(key, in_tensorflow, *arguments)


@cache
def _imported(package):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    with _without_greetings():
        if package == "tensorflow":
            # PyTorch's usual build for Linux brings Triton along, and ends the process where it loads that after TensorFlow.
            with suppress(ImportError):
                importlib.import_module("triton._C.libtriton")
        module = importlib.import_module(package)
    if package == "torch":
        module.set_num_threads(1)
    elif package == "tensorflow":
        module.config.threading.set_intra_op_parallelism_threads(1)
        module.config.threading.set_inter_op_parallelism_threads(1)
    elif package == "jax":
        module.config.update("jax_enable_x64", True)  # else float64 would silently become float32
    return module


@contextmanager
def _without_greetings():
    """TensorFlow's libraries write log lines past Python, straight to file descriptor 2, while they are imported."""
    screen, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(nowhere)


@cache
def record():
    """What was recorded, but for arrays: versions, the results of the chapter's cells, times as ratios."""
    return json.loads((DATA / "frameworks.json").read_text(encoding="utf-8"))


def recorded(name, key):
    """The recorded result of one framework under a key, its arrays included, as a dict."""
    values = dict(record()["results"][name][key])
    prefix = f"{name}/{key}/"
    with np.load(DATA / "frameworks.npz") as arrays:
        return values | {full.removeprefix(prefix): arrays[full] for full in arrays.files if full.startswith(prefix)}


def differences(ours, result):
    """name -> largest absolute difference between two results; raises ValueError when names or shapes differ."""
    if set(ours) != set(result):
        raise ValueError(
            say("differences: expected the names {expected}, got {got}", expected=sorted(ours), got=sorted(result))
        )
    found = {}
    for name, expected in ours.items():
        a, b = np.asarray(expected), np.asarray(result[name])
        if a.shape != b.shape:
            raise ValueError(
                say(
                    "differences: {name} has shape {expected} here, but {got} there",
                    name=name,
                    expected=a.shape,
                    got=b.shape,
                )
            )
        found[name] = float(np.abs(a - b).max())
    return found


def side_by_side(ours, *results, within):
    """A table as text: each number (of an array, its norm) here and in each framework, and the largest difference.

    ours      name -> number or array, computed by course_lib
    results   `Result`s with the same names
    within    the bound of the largest absolute difference
    """

    def shown(value):
        return f"{np.linalg.norm(value):.6f}"  # of a single number, its size

    named = {"loss": say("loss")}
    names = [
        named.get(name, name) if np.ndim(value) == 0 else say("norm of {name}", name=name)
        for name, value in ours.items()
    ]
    table = [["", "", *names, say("largest difference")]]
    table.append(["course_lib", say("computed here"), *map(shown, ours.values()), ""])
    for result in results:
        largest = measured(max(differences(ours, result).values()), within, form=".0e")
        table.append([*result.heading, *(shown(result[name]) for name in ours), largest])
    widths = [max(map(columns, column)) for column in table]
    lines = []
    for first, *others in zip(*table, strict=True):
        cells = [" " * (width - columns(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first + " " * (widths[0] - columns(first)), *cells]))
    return "\n".join([*(line.rstrip() for line in lines), *missing(*results)])


def missing(*results):
    """One sentence for each result that is recorded because its framework is not installed."""
    return [result.framework.missing() for result in results if not result.here]
