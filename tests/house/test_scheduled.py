"""What GitHub's workflows make is there and begins: its tests are collected, with just the arguments that they are run with."""

import json
import re
import shlex
import subprocess
import sys
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


def test_the_tests_of_each_workflow_are_collected(commands, tmp_path):
    """Two modules of one name, as those that are made here, stop pytest before the first test."""
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_of_one_name.py").write_text("def test(): pass\n")
    broken = ["-c", str(tmp_path / "pytest.ini"), str(tmp_path)]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    runs = {shlex.join(rest): rest for found in commands.values() for name, *rest in found if name == "pytest"}
    assert len(runs) >= 6
    shortest_first = [broken, *sorted(runs.values(), key=lambda run: "tests" in run)]
    result = subprocess.run(
        [sys.executable, "-c", COLLECT, json.dumps(shortest_first)], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == [[2, *broken]], result.stdout[-5000:]
