"""Importing course_lib is quick and brings in NumPy alone; the core stays short; its examples are true."""

import doctest
import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import course_lib
from course_lib import labs

PACKAGE = Path(course_lib.__file__).parent
ENGINE = ["", "functional", "layers", "replay", "replay/textbook"]  # folders of the engine, and of what replays it
CORE = sorted(
    ".".join((*folder.split("/"), path.stem)).strip(".").removesuffix(".__init__")
    for folder in ENGINE
    for path in (PACKAGE / folder).glob("*.py")
    if folder or path.stem != "__init__"
)
HEAVY = [
    *("matplotlib", "ipywidgets", "traitlets", "IPython", "scipy", "pandas", "PIL", "torch", "jax", "tensorflow"),
    *("asyncio", "concurrent", "multiprocessing", "ssl", "socket", "http"),
    *("course_lib.labs", "course_lib.pictures.figures", "course_lib.exercises"),
]


def run(program, *arguments):
    """What a new Python prints; it may store compiled modules, as it does for readers."""
    command = [sys.executable, "-c", program, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent, env=environment
    ).stdout


def test_import_brings_in_numpy_and_little_else():
    program = "import sys, numpy; old = set(sys.modules); import course_lib; print(*set(sys.modules) - old)"
    added = run(program).split()
    assert {f"course_lib.{name}" for name in ("autodiff", "functional", "layers", "optimizers", "training")} <= set(
        added
    )
    assert [name for name in added if name.startswith("course_lib.replay")] == []
    assert [name for name in added for heavy in HEAVY if name == heavy or name.startswith(f"{heavy}.")] == []


def test_import_adds_at_most_20_ms_to_numpy():
    """Processor time, which other programs on the machine do not change much; one of seven."""
    clock = "time.process_time()"
    program = f"import time, numpy; start = {clock}; import course_lib; print({clock} - start)"
    assert any(float(run(program)) < 0.020 for _ in range(7))


MODELS = [
    f"{room.name}.model" if room.ispkg else room.name
    for room in pkgutil.iter_modules(labs.__path__)
    if room.name != "base"
]


def test_no_lab_s_model_takes_longer_to_import_than_numpy():
    """One after the other in the same process, whose processor is as busy with other things for one as for the other, and
    once more where one was slow. What all labs share is imported before."""
    program = """
import importlib, sys, time
for name in sys.argv[1:]:
    start = time.process_time()
    importlib.import_module(name)
    print(time.process_time() - start)
"""
    names = ["numpy", "course_lib.labs.base.lab", *(f"course_lib.labs.{model}" for model in MODELS)]
    slow = dict.fromkeys(names[2:])
    for _ in range(3):
        numpy, _, *seconds = map(float, run(program, *names).splitlines())
        ratios = {name: each / numpy for name, each in zip(names[2:], seconds, strict=True)}
        slow = {name: ratios[name] for name in slow if ratios[name] > 1}
        if not slow:
            return
    pytest.fail(f"expected no model to take longer than NumPy, got {slow} times as long")


def test_every_public_name_exists():
    for module in (course_lib, course_lib.ops):
        assert len(set(module.__all__)) == len(module.__all__)
        assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize("name", CORE)
def test_docstring_examples(name):
    module = importlib.import_module(f"course_lib.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted >= {"autodiff": 5, "differentiate": 2, "graphs": 1}.get(name, 0)


@pytest.mark.parametrize("name", CORE)
def test_every_public_function_has_a_docstring(name):
    module = importlib.import_module(f"course_lib.{name}")
    assert module.__doc__
    public = [
        v for k, v in vars(module).items() if not k.startswith("_") and getattr(v, "__module__", 0) == module.__name__
    ]
    assert [v.__name__ for v in public if callable(v) and not v.__doc__] == []
