"""The house: its rooms, imports point downwards only, and the guide for contributors is true."""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "course_lib"
GITHUB = ROOT / ".github"
GUIDE = GITHUB / "CONTRIBUTING.md"
ROOMS = {  # what stands in course_lib; the engine alone stands on the ground floor
    *("answers", "board", "canvas", "datasets", "exercises", "frameworks", "functional", "labs", "layers", "locale"),
    *("models", "pictures", "replay", "tools"),
}
ENGINE = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"} | {"functional", "layers"}
CORE = ENGINE | {"replay"}
FLOORS = {  # floor: the floors that it may import from, besides itself
    "core": (),
    "tools and data": ("core",),
    "labs": ("core", "tools and data"),
    "exercises": ("core", "tools and data"),
}


# Rooms


def test_the_engine_stands_on_the_ground_floor_alone():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == ROOMS


def test_each_room_says_what_belongs_there():
    silent = [str(path.relative_to(ROOT)) for path in PACKAGE.rglob("__init__.py") if not _docstring(path)]
    assert silent == []


def test_a_lab_that_is_a_folder_has_a_model_and_a_lab():
    for room in (PACKAGE / "labs").iterdir():
        if any(room.glob("*.py")) and room.name != "base":
            assert {"__init__.py", "model.py", "lab.py"} <= {path.name for path in room.iterdir()}, room.name
            assert f"`{room.name}`" in _docstring(room / "__init__.py"), f"{room.name}: its docstring names another lab"


def _docstring(path):
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


# Imports


def sorted_modules():
    return sorted(PACKAGE.rglob("*.py"))


def module_name(path):
    """ "labs.canvas" for course_lib/labs/canvas.py; a package goes by its own name, course_lib by ""."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def imports(path):
    """Names of the modules of course_lib that a module imports, in functions too."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name.removeprefix("course_lib.") for a in node.names if a.name.startswith("course_lib."))
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            source = (*start, *(node.module or "").split(".")) if node.module else start
            if source[:1] == ("course_lib",):
                for alias in node.names:
                    full = PACKAGE.joinpath(*source[1:], alias.name)
                    is_module = full.is_dir() or full.with_suffix(".py").exists()
                    yield ".".join((*source[1:], alias.name) if is_module else source[1:])


def floor(name):
    first = name.partition(".")[0]
    if first in ("labs", "exercises"):
        return first
    return "core" if first in ("", *CORE) else "tools and data"


@pytest.fixture(scope="module")
def arrows():
    return {module_name(path): sorted(set(imports(path))) for path in sorted_modules()}


def test_imports_point_downwards(arrows):
    assert set(arrows) > CORE and sum(map(len, arrows.values())) > 300
    upward = [
        f"course_lib.{name} ({floor(name)}) imports course_lib.{other} ({floor(other)})"
        for name, imported in arrows.items()
        for other in imported
        if floor(other) not in (floor(name), *FLOORS[floor(name)])
    ]
    assert upward == [], "move what both need to a lower floor"


def room(name):
    """The folder in course_lib of a module; the engine's, which stands on the ground floor, together are one room."""
    first = name.partition(".")[0]
    return "engine" if first in ("", *ENGINE) else first


def test_no_room_imports_itself_in_a_circle(arrows):
    rooms = {}
    for name, imported in arrows.items():
        rooms.setdefault(room(name), set()).update(map(room, imported))
    needed = {each: others - {each} for each, others in rooms.items()}
    assert needed["engine"] == {"replay"}  # `training.replays`, when it is asked for
    needed["engine"] = set()
    assert needed["replay"] == {"engine"}
    try:
        list(TopologicalSorter(needed).static_order())
    except CycleError as circle:
        pytest.fail(f"rooms import each other in a circle: {' -> '.join(circle.args[1])}")


def test_replay_and_the_engine_meet_at_two_places_alone(arrows):
    """What `replay` knows of the course stands in one module, and what the engine knows of `replay` in one function."""
    known = {name: {each for each in imported if room(each) == "engine"} for name, imported in arrows.items()}
    assert [name for name in known if room(name) == "replay" and known[name]] == ["replay.engine"]
    assert [name for name in arrows if room(name) == "engine" and "replay" in map(room, arrows[name])] == ["training"]
    recorded = re.compile(r"record_step|recorder|RecordedArray|RecordedNumber")
    engine = [path for path in sorted_modules() if room(module_name(path)) == "engine"]
    assert [path.name for path in engine if recorded.search(path.read_text(encoding="utf-8"))] == []


def test_no_module_imports_itself_in_a_circle(arrows):
    try:
        list(TopologicalSorter(arrows).static_order())
    except CycleError as circle:
        pytest.fail(f"imports in a circle: {' -> '.join(circle.args[1])}")


# Words about files


def files():
    """What lies in the rooms, as paths from the root."""
    places = [path for room in ("course_lib", "tests", ".ci", "notebooks") for path in (ROOT / room).rglob("*.*")]
    return {path.relative_to(ROOT).as_posix() for path in [*places, *ROOT.glob("*.*"), *GITHUB.glob("*.*")]}


def missing_files(text, there):
    """The files that a text names, `judges.py` or `make/digits.py`, and that are not there."""
    named = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|js|md|toml|args))`", text)
    return [name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in there)]


def test_every_file_that_a_docstring_or_a_note_names_exists():
    there = files()
    notes = [*sorted_modules(), *PACKAGE.rglob("*.md"), *(ROOT / "tests").rglob("*.py"), *(ROOT / ".ci").glob("*.py")]
    stale = {
        str(path.relative_to(ROOT)): missing
        for path in notes
        if path != Path(__file__) and (missing := missing_files(path.read_text(encoding="utf-8"), there))
    }
    assert len(notes) > 200 and stale == {}


# Programs that no test runs


def test_every_program_finds_what_it_imports():
    """The claims are imported by their own tests."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    programs = [*(ROOT / ".ci").glob("*.py"), *(ROOT / "tests" / "benchmarks").glob("*.py")]
    lines = ["import importlib, sys", "sys.path[:0] = ['.', '.ci', 'tests']"]
    for path in sorted(programs):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix(".ci.")
        if "__" not in name and not re.search(rf"^(?:from|import) (?:[\w.]+\.)?{path.stem}\b", tests, re.MULTILINE):
            lines.append(f"importlib.import_module({name!r})")
    assert len(lines) > 6
    result = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


# The guide for contributors


def guide():
    return GUIDE.read_text(encoding="utf-8")


def test_every_file_that_the_guide_names_exists():
    named = re.findall(r"(?<![\w/])(?:[\w.-]+/)+[\w.-]*\w|(?<![\w/.])\w[\w-]*\.(?:py|md|yml|toml|ipynb)\b", guide())
    fixed = [
        name for name in named if not re.search(r"11|NAME|^\.venv/", name)
    ]  # what the reader is to make, or make does
    assert len(fixed) >= 12
    assert [name for name in fixed if not (ROOT / name).exists()] == []


def test_every_command_that_the_guide_names_exists():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", guide()))
    assert {"test", "notebooks", "catalogue", "format"} <= named <= targets


def test_every_name_of_the_library_in_the_guide_exists():
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in [*sorted_modules(), *(ROOT / "tests").rglob("*.py")]
    )
    named = set(re.findall(r"`(\w+)(?:\(.*?\))?`", guide()))
    assert {"LabModel", "Exercise", "code_exercise"} <= named
    named.discard("python")  # the program
    missing = [
        name
        for name in sorted(named)
        if not re.search(rf"^\s*(?:def|class) {name}\b|^{name} = ", sources, re.MULTILINE)
    ]
    assert missing == []


# GitHub's files


def load(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_every_workflow_is_small_and_careful():
    """It may only read, it ends by itself, and each action is named with its version."""
    workflows = sorted((GITHUB / "workflows").glob("*.yml"))
    assert [path.name for path in workflows] == ["binder.yml", "pages.yml", "tests.yml", "weekly.yml"]
    for path in workflows:
        workflow = load(path)
        assert workflow["permissions"] == {"contents": "read"} and workflow["name"] == path.stem
        for name, job in workflow["jobs"].items():
            published = {"pages": "write", "id-token": "write"} if (path.stem, name) == ("pages", "publish") else None
            assert job.get("permissions") == published  # what publishes runs no code of the repository
            assert published is None or not any("run" in step or "checkout" in step["uses"] for step in job["steps"])
            assert job["runs-on"].startswith("ubuntu") and job["timeout-minutes"] <= 90
            for step in job["steps"]:
                assert set(step) <= {"id", "name", "uses", "with", "run", "env"} and ("uses" in step) != ("run" in step)
                assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/checkout@v7"))


@pytest.mark.parametrize("name", ["weekly", "binder", "pages"])
def test_the_workflows_that_run_every_week(name):
    [entry] = load(GITHUB / "workflows" / f"{name}.yml")["on"]["schedule"]
    minute, hour, day, month, weekday = entry["cron"].split()
    assert 0 <= int(minute) < 60 and 0 <= int(hour) < 24 and (day, month) == ("*", "*") and 0 <= int(weekday) < 7


def test_dependabot_watches_what_the_repository_uses():
    updates = load(GITHUB / "dependabot.yml")
    assert updates["version"] == 2
    kinds = {(entry["package-ecosystem"], entry["directory"]) for entry in updates["updates"]}
    assert kinds == {("pip", "/"), ("github-actions", "/"), ("npm", "/.ci/proxy")}
    assert (ROOT / ".ci" / "proxy" / "package.json").exists()
    assert all(entry["schedule"] == {"interval": "monthly"} for entry in updates["updates"])


def test_no_two_fields_of_a_form_for_issues_have_the_same_id():
    for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml"):  # the rest is judged by GitHub's own schema: `make lint`
        ids = [part["id"] for part in load(path)["body"]]
        assert ids and len(set(ids)) == len(ids), path.name


# Style


def test_the_formatter_is_held_off_for_tables_only():
    """What keeps its own layout ends with the bracket of a table."""
    loose = []
    for path in [*ROOT.glob("course_lib/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob(".ci/*.py")]:
        held_off = re.findall(r"^.*# fmt: skip$", path.read_text(encoding="utf-8"), re.MULTILINE)
        loose += [
            f"{path.relative_to(ROOT)}: {line}" for line in held_off if not re.search(r"[\])}]  # fmt: skip$", line)
        ]
    assert loose == []
