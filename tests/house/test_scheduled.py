"""What GitHub's workflows make is there and begins: its tests are collected, with just the arguments that they are run with."""

import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COLLECT = """
import json, sys, pytest

failed = []
for arguments in json.loads(sys.argv[1]):
    if code := pytest.main([*arguments, "--collect-only", "-qq", "-p", "no:cacheprovider"]):
        failed.append([int(code), *arguments])
print()
print(json.dumps(failed))
"""


def made(job):
    """What a job of a workflow makes: the words after `make`, once for each entry of its matrix."""
    matrix = job.get("strategy", {}).get("matrix", {})
    targets = matrix.get("target", []) + [entry["target"] for entry in matrix.get("include", [])]
    for step in job["steps"]:
        for words in re.findall(r"^make (.+)$", step.get("run", ""), re.MULTILINE):
            for target in targets if "matrix.target" in words else [None]:
                yield re.sub(r"\$\{\{ matrix\.target \}\}", str(target), words)


def python_commands(words):
    """The arguments of each `python -m` that `make` with these words runs, but for installations."""
    make = subprocess.run(["bash", "-c", f"make --dry-run {words}"], cwd=ROOT, capture_output=True, text=True)
    assert make.returncode == 0, make.stderr
    for line in make.stdout.replace("\\\n", " ").splitlines():
        if found := re.search(r"/bin/python -m (.+)", line):
            yield shlex.split(found[1])


@pytest.fixture(scope="module")
def commands():
    jobs = [job for path in WORKFLOWS for job in YAML(typ="safe").load(path)["jobs"].values()]
    return {words: list(python_commands(words)) for job in jobs for words in made(job)}


def test_each_target_of_a_workflow_runs_something(commands):
    assert {words.split()[0] for words in commands} >= {
        "test-oldest",
        "test-newest",
        "test-lite",
        "claims",
        "robustness",
    }
    assert all(commands.values())


def test_each_program_of_a_workflow_is_there(commands):
    programs = {name for found in commands.values() for name, *_ in found} - {"pytest"}
    places = {name: [ROOT / folder / name.replace(".", "/") for folder in (".ci", "")] for name in programs}
    assert len(programs) >= 4
    for name, paths in places.items():
        assert any(path.with_suffix(".py").exists() or (path / "__main__.py").exists() for path in paths), name


def shorter(words):
    """One module stands for all tests, and one notebook for all of them: what else is said is what may be wrong."""
    notebooks = [word for word in words if word.endswith(".ipynb")]
    return [
        "tests/house/test_binder_link.py" if word == "tests" else word for word in words if word not in notebooks[1:]
    ]


def test_the_tests_of_each_workflow_are_collected(commands):
    missing = ["tests/no_such_test.py"]
    runs = {shlex.join(rest): rest for found in commands.values() for name, *rest in found if name == "pytest"}
    assert len(runs) >= 6
    result = subprocess.run(
        [sys.executable, "-c", COLLECT, json.dumps([missing, *map(shorter, runs.values())])],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == [[4, *missing]], result.stdout[-5000:]


def test_no_two_modules_of_tests_have_one_name():
    """They would stop pytest before the first test, where all of them are collected at once; in a package they do not."""
    modules = [path for path in (ROOT / "tests").rglob("test_*.py") if not path.with_name("__init__.py").exists()]
    names = Counter(path.name for path in modules)
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []
