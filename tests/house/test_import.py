"""Importing course_lib is quick and brings in NumPy alone; the core stays short; its examples are true."""

import ast
import doctest
import importlib
import io
import os
import pkgutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import course_lib
from course_lib import labs

PACKAGE = Path(course_lib.__file__).parent
FOUNDATION = [
    *(
        "autodiff",
        "checks",
        "differentiate",
        "ops",
        "optimizers",
        "training",
        "training_step",
        "gradient_check",
        "layers",
    ),
    "layers.base",
    "functional",
    *("functional.arrays", "functional.fully_connected", "functional.losses"),
]
APPLICATIONS = ["graphs", "functional.products", "functional.memory", "functional.gru"] + [
    f"{package}.{name}" for package in ("functional", "layers") for name in ("images", "sequences", "regularisation")
]
REPLAY = ["replay"] + [
    f"replay.{name}"
    for name in (
        "arrays",
        "graph",
        "names",
        "operations",
        "passes",
        "products",
        "recording",
        "run",
        "source",
        "state",
        "step",
    )
]
TEXTBOOK = ["replay.textbook"] + [f"replay.textbook.{name}" for name in ("book", "images", "rules", "sequences")]
CORE = FOUNDATION + APPLICATIONS + REPLAY + TEXTBOOK
HEAVY = [
    *("matplotlib", "ipywidgets", "traitlets", "IPython", "scipy", "pandas", "PIL", "torch", "jax", "tensorflow"),
    *("asyncio", "concurrent", "multiprocessing", "ssl", "socket", "http"),
    *("course_lib.labs", "course_lib.pictures.figures", "course_lib.exercises"),
]


def run(program):
    """What a new Python prints; it may store compiled modules, as it does for readers."""
    command = [sys.executable, "-c", program]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent, env=environment
    ).stdout


def test_import_brings_in_numpy_and_little_else():
    program = "import sys, numpy; old = set(sys.modules); import course_lib; print(*set(sys.modules) - old)"
    added = run(program).split()
    assert {f"course_lib.{name}" for name in FOUNDATION + APPLICATIONS} <= set(added)
    assert [name for name in added if name.startswith("course_lib.replay")] == []
    assert [name for name in added for heavy in HEAVY if name == heavy or name.startswith(f"{heavy}.")] == []


def test_import_adds_at_most_20_ms_to_numpy():
    """Processor time, which other programs on the machine do not change much; the best of seven."""
    clock = "time.process_time()"
    program = f"import time, numpy; start = {clock}; import course_lib; print({clock} - start)"
    assert min(float(run(program)) for _ in range(7)) < 0.020


@pytest.mark.parametrize("room", [room.name for room in pkgutil.iter_modules(labs.__path__) if room.name != "panel"])
def test_a_lab_s_model_is_imported_as_quickly_as_numpy(room):
    """Both in the same process, whose processor is as busy with other things for one as for the other; the best of five."""
    clock = "time.process_time()"
    program = (
        f"import time; start = {clock}; import numpy; middle = {clock}; import course_lib.labs.{room}.model\n"
        f"print(({clock} - middle) / (middle - start))"
    )
    ratios = (float(run(program)) for _ in range(5))
    assert any(ratio < 1 for ratio in ratios)


def test_every_public_name_exists():
    for module in (course_lib, course_lib.ops):
        assert len(set(module.__all__)) == len(module.__all__)
        assert all(hasattr(module, name) for name in module.__all__)


def test_what_chapters_1_to_5_need_stays_under_1200_lines():
    """Lines of code: blank lines, comments and docstrings explain it and do not count."""
    assert sum(map(size, FOUNDATION)) < 1200, {name: size(name) for name in FOUNDATION}


def test_what_the_applications_add_stays_under_550_lines():
    assert sum(map(size, APPLICATIONS)) < 550, {name: size(name) for name in APPLICATIONS}


def test_recording_and_replaying_a_step_stays_under_1400_lines_and_the_textbook_under_600():
    assert sum(map(size, REPLAY)) < 1400, {name: size(name) for name in REPLAY}
    assert sum(map(size, TEXTBOOK)) < 600, {name: size(name) for name in TEXTBOOK}


def test_every_module_of_the_core_is_counted():
    packages = "functional", "layers", "replay", "replay/textbook"
    modules = [path for package in packages for path in (PACKAGE / package).glob("*.py")]
    assert {Path(source_file(name)) for name in CORE} >= set(modules)


def source_file(name):
    return importlib.import_module(f"course_lib.{name}").__file__


def size(name):
    return lines_of_code(Path(source_file(name)).read_text(encoding="utf-8"))


def lines_of_code(source):
    ignored = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
    lines, docstrings = set(), set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            docstrings.update(range(body[0].lineno, body[0].end_lineno + 1))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in ignored and token.type != tokenize.ENDMARKER:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


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
