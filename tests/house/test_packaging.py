"""The files that install the course agree with each other, and Binder's build plan is what they ask for."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from chapter_files import CHAPTERS, number_of
from jupyter_server.serverapp import DEFAULT_JUPYTER_SERVER_PORT
from oldest import oldest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import CondaBuildPack
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TOLD = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = TOLD["project"]
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # tested
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
TEST = [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]
FRAMEWORKS = [Requirement(line) for line in PROJECT["optional-dependencies"]["frameworks"]]
CLASS = [Requirement(line) for line in PROJECT["optional-dependencies"]["class"]]


def group(name):
    return [Requirement(line) for line in TOLD["dependency-groups"][name]]


def constraints(name):
    lines = (ROOT / ".ci" / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


CONSTRAINTS, FRAMEWORK_CONSTRAINTS = constraints("constraints.txt"), constraints("constraints-frameworks.txt")
# The lists with hashes, and what each of them is made for; the last three hold what comes to that of the tests.
LOCKS = {
    "lock.txt": RUNTIME + TEST,
    "lock-site.txt": group("site"),
    "lock-class.txt": RUNTIME + CLASS + group("class"),
    "lock-nbgrader.txt": RUNTIME + group("nbgrader"),
    "lock-lite.txt": group("lite"),
    "lock-pyodide.txt": group("pyodide"),
    "lock-frameworks.txt": FRAMEWORKS,
}
ADDED = ("lock-lite.txt", "lock-pyodide.txt", "lock-frameworks.txt")
ENVIRONMENT = YAML(typ="safe").load((ROOT / "environment.yml").read_text(encoding="utf-8"))
READMES = [("README.md", "en"), ("README.zh.md", "zh")]


def pins(python, constraints=CONSTRAINTS):
    """The exact version of each package on one version of Python: {name: version}."""
    versions = {"python_version": python, "python_full_version": f"{python}.0"}
    applicable = [pin for pin in constraints if not pin.marker or pin.marker.evaluate(versions)]
    names = [canonicalize_name(pin.name) for pin in applicable]
    assert len(names) == len(set(names)), f"Python {python}: a package has two versions"
    return {name: str(pin.specifier).removeprefix("==") for name, pin in zip(names, applicable, strict=True)}


def locked(name):
    """What a list with hashes pins; each line of it is a comment, a pin or a hash."""
    text = (ROOT / ".ci" / name).read_text(encoding="utf-8")
    found = re.findall(r"^([^#\s].*?)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    assert text == "".join([*re.findall("^#.*\n", text, re.MULTILINE), *(f"{pin}{hashes}\n" for pin, hashes in found)])
    return [Requirement(pin) for pin, _ in found]


def installed_with(requirements):
    """The names of all packages that these requirements bring along in this environment."""
    names, todo = set(), [(requirement, "") for requirement in requirements]
    seen = set()
    while todo:
        requirement, extra = todo.pop()
        applies = not requirement.marker or requirement.marker.evaluate({"extra": extra})
        if (str(requirement), extra) in seen or not applies:
            continue
        seen.add((str(requirement), extra))
        names.add(canonicalize_name(requirement.name))
        needs = [Requirement(line) for line in distribution(requirement.name).requires or []]
        todo += [(need, extra) for need in needs for extra in ("", *requirement.extras)]
    return names


# The versions


def test_a_constraint_is_one_exact_version():
    pins = CONSTRAINTS + FRAMEWORK_CONSTRAINTS
    assert [str(pin) for pin in pins if pin.url or not re.fullmatch(r"==[^*,]+", str(pin.specifier))] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_lies_in_the_ranges_and_has_the_versions_of_the_constraints(name, python):
    versions, tested = pins(python, locked(name)), pins(python)
    if name == "lock.txt":
        assert versions == tested
    shared = versions.keys() & tested.keys()
    assert not (name in ADDED and shared)
    assert {each: versions[each] for each in shared} == {each: tested[each] for each in shared}
    if name == "lock-frameworks.txt":
        without_hashes = pins(python, FRAMEWORK_CONSTRAINTS)  # PyTorch and what it brings
        assert "torch" in without_hashes and not without_hashes.keys() & (versions | tested).keys()
        versions |= without_hashes
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    for requirement in LOCKS[name]:
        if not requirement.marker or requirement.marker.evaluate(here):
            version = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement} against {version}"


@pytest.mark.parametrize(
    "target, folder, names",
    [
        ("unit", ".venv", ["lock.txt"]),
        ("test-frameworks", ".venv-frameworks", ["lock.txt", "lock-frameworks.txt"]),
        ("lite", ".venv-lite", ["lock.txt", "lock-lite.txt", "lock-pyodide.txt"]),
        ("site", ".venv-site", ["lock-site.txt"]),
        ("test-class", ".venv-class", ["lock-class.txt"]),
        ("test-nbgrader", ".venv-nbgrader", ["lock-nbgrader.txt"]),
    ],
)
def test_what_tests_run_with_is_known_by_its_hashes(target, folder, names):
    """First all that is locked; what follows finds it there, setuptools too, and is the course itself."""
    shown = make("--dry-run", "--always-make", target).replace("\\\n", "").replace(" && ", "\n").replace(" || ", "\n")
    installed = re.findall(rf"\.ci/install \".+?\" {re.escape(folder)} (--.+)", shown)
    by_hash = [f"--no-deps --require-hashes --requirement .ci/{name}" for name in names]
    assert [line.strip() for line in installed if "--require-hashes" in line] == by_hash
    for course in (line for line in installed if "--require-hashes" not in line):
        assert course.startswith(("--no-deps ", "--constraint .ci/constraints.txt "))
        assert "--no-build-isolation --editable " in course and installed.index(course) > 0


def test_make_locks_writes_each_lock_and_no_address_of_an_index():
    written = re.findall(r"--output-file (\S+)", make("--dry-run", "locks"))
    assert sorted(written) == sorted(f".ci/{name}" for name in LOCKS)
    assert {path.name for path in (ROOT / ".ci").glob("lock*.txt")} == LOCKS.keys()
    assert not any("://" in (ROOT / path).read_text(encoding="utf-8") for path in written)


def test_github_installs_by_hash_what_no_target_of_make_installs():
    lines = [line for path in (ROOT / ".github" / "workflows").glob("*.yml") for line in path.read_text().splitlines()]
    installs = [line for line in lines if "pip install" in line]
    assert installs and all("pip install --require-hashes --constraint .ci/lock.txt " in line for line in installs)


def test_the_constraints_hold_all_that_is_installed_and_nothing_else():
    versions = pins(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert installed_with(RUNTIME + TEST) == set(versions)
    installed = {name: distribution(name).version for name in versions}
    assert installed == versions


def test_the_first_release_of_a_python_is_enough():
    """Systems keep an early one: Debian 12 has 3.11.2."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    # At the ends of the ranges other versions are installed, of which nothing is promised.
    here = {(canonicalize_name(each.name), each.version): each for each in distributions()}
    same = {name: here[name, pin] for name, pin in pins(version).items() if (name, pin) in here}
    needs = {name: each.metadata["Requires-Python"] or "" for name, each in same.items()}
    assert needs
    assert {name: need for name, need in needs.items() if not SpecifierSet(need).contains(f"{version}.0")} == {}


def test_no_range_has_an_upper_end():
    """It would turn away who comes with next year's Python or packages; what was tested is in the constraints."""
    ranges = {requirement.name: str(requirement.specifier) for requirement in RUNTIME + TEST + FRAMEWORKS + CLASS}
    ranges["python"] = PROJECT["requires-python"]
    assert {name: given for name, given in ranges.items() if not re.fullmatch(r">=[\w.]+", given)} == {}


def test_the_oldest_versions_are_the_lower_ends_of_all_ranges():
    pins = [Requirement(line) for line in oldest(map(str, RUNTIME + TEST))]
    assert [pin.name for pin in pins] == [requirement.name for requirement in RUNTIME + TEST]
    for pin, requirement in zip(pins, RUNTIME + TEST, strict=True):
        (specifier,) = pin.specifier
        assert specifier.operator == "==" and f">={specifier.version}" in str(requirement.specifier).split(",")
        assert requirement.specifier.contains(specifier.version)


def test_a_range_without_a_lower_end_is_refused():
    with pytest.raises(ValueError, match=r"^numpy<3: expected a range with a lower end"):
        oldest(["numpy<3"])


@pytest.mark.parametrize("end, python", [("oldest", PYTHONS[0]), ("newest", PYTHONS[-1])])
def test_both_ends_of_the_ranges_are_tested(end, python):
    commands = make("--dry-run", "--always-make", f"test-{end}").splitlines()  # as where nothing is installed yet
    (install,) = [command for command in commands if " --editable " in command]
    unit, outputs = [command for command in commands if "-m pytest" in command]
    folder, constraints = f".venv-{end}", {"oldest": "build/oldest.txt", "newest": "/dev/null"}[end]
    assert install == f""".ci/install "python{python}" {folder} --constraint {constraints} --editable '.[test]'"""
    assert (f"rm -rf {folder}" in commands) == (end == "newest")  # else last week's versions would stay
    assert f"{folder}/bin/python -m pytest tests " in unit
    assert outputs.startswith(f"{folder}/bin/python -m ") and "@tests/nbval.args notebooks/" in outputs
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    ends = workflow["jobs"]["ends-of-the-ranges"]["strategy"]["matrix"]["include"]
    assert {"target": f"test-{end}", "python-version": python} in ends


def test_environment_yml_has_the_ranges_of_pyproject():
    ranges = {requirement.name: requirement.specifier for requirement in RUNTIME + TEST + CLASS}
    *lines, pip_section = ENVIRONMENT["dependencies"]
    assert pip_section == {"pip": ["-e ."]}
    assert lines[0] == "python=3.12" and lines[-1] == "pip"
    conda = {requirement.name: requirement.specifier for requirement in map(Requirement, lines[1:-1])}
    assert conda == {name: ranges[name] for name in conda}
    assert {requirement.name for requirement in RUNTIME} | {"nbgitpuller", "nbval"} == set(conda)
    assert ENVIRONMENT["channels"] == ["conda-forge"]


def test_every_file_names_the_same_versions_of_python():
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    (tried,) = re.findall(r"^PYTHON \?= python3 (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert tried.split() == [f"python{python}" for python in reversed(PYTHONS)]
    newest = PYTHONS[-1].replace(".", ", ")
    install = (ROOT / ".ci" / "install").read_text(encoding="utf-8")
    assert f"version > ({newest})" in install
    assert ENVIRONMENT["dependencies"][0].removeprefix("python=") in PYTHONS
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["tests"]
    assert job["strategy"]["matrix"]["python-version"] == [PYTHONS[0], "3.14"]
    assert "uv_venv 3.14 " in install
    assert job["steps"][-1] == {"run": "bash .ci/run"}


# The package


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of what packaging reads, so that a build leaves nothing behind in the repository."""
    folder = tmp_path_factory.mktemp("sources")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
    for name in ("course_lib", "binder"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignore)
    for name in ("pyproject.toml", "environment.yml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_is_told_of_every_kind_of_file():
    """What is no module is packed if its name is in the list: which files are, the test below sees."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = [path for path in (ROOT / "course_lib").rglob("*") if path.is_file()]
    elsewhere = {"data", "fonts", "__pycache__", ".ipynb_checkpoints"}
    others = {path.suffix for path in files if not elsewhere & {*path.parts}} - {".py"}
    assert others <= {Path(pattern).suffix for pattern in patterns}
    assert {"data/**/*", "fonts/**/*"} <= {*patterns}


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(sources, tmp_path):
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
    run(sys.executable, "-m", "pip", "wheel", *options, sources)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("course_lib/")}
    package = sources / "course_lib"
    assert packed == {path.relative_to(sources).as_posix() for path in package.rglob("*") if path.is_file()}
    data = {name.partition(".data/data/")[2] for name in zipfile.ZipFile(wheel).namelist()} - {""}
    told = re.findall(r"cp (\S+) \S+/((?:etc|share)/\S+)", make("--dry-run", "--always-make", "lab"))
    assert len(told) == 2 and data == {f"{folder}/{Path(file).name}" for file, folder in told}


@pytest.mark.slow
def test_conda_and_binder_install_the_course(sources, tmp_path):
    """The line `-e .` of environment.yml in the binder folder, where Binder reads it, then binder/postBuild.

    What postBuild does is also what conda does with that line in the repository itself.
    """
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path)
    python = tmp_path / "bin" / "python"
    packages = sysconfig.get_path("purelib", vars={"base": str(tmp_path)})
    Path(packages, "tools.pth").write_text(sysconfig.get_path("purelib"))
    pip = tmp_path / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{python}" -m pip "$@"\n')
    pip.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads 0 as: no isolated build, which would need a network
    }
    find = (python, "-c", "import course_lib; print(course_lib.__file__)")
    (line,) = ENVIRONMENT["dependencies"][-1]["pip"]

    run(pip, "install", *line.split(), cwd=sources / "binder", env=environment)
    run(sources / "binder" / "postBuild", cwd=sources, env=environment)
    assert Path(run(*find, cwd=tmp_path, env=environment).strip()) == sources / "course_lib" / "__init__.py"
    assert (tmp_path / "etc" / "jupyter" / "jupyter_server_config.d" / "backprop_course.json").exists()
    assert (tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json").exists()
    assert list(sources.glob("course_lib/__pycache__/training.*.pyc"))

    # A reader's first import finds the list of fonts.
    home = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": ""}
    code = "import logging; logging.basicConfig(level='INFO'); import matplotlib.font_manager"
    for start, builds in (((), True), ((sources / "binder" / "start",), False)):
        shutil.rmtree(home["HOME"], ignore_errors=True)
        result = subprocess.run([*start, python, "-c", code], env=environment | home, capture_output=True, text=True)
        assert result.returncode == 0 and ("generated new fontManager" in result.stderr) == builds


# Binder


def test_binder_builds_from_the_files_of_the_course(monkeypatch):
    """The workflow binder.yml builds the image."""
    monkeypatch.chdir(ROOT)
    app = Repo2Docker()
    pack = next(pack for pack in (kind(base_image=app.base_image) for kind in app.buildpacks) if pack.detect())
    assert isinstance(pack, CondaBuildPack) and pack.environment_yaml == ENVIRONMENT
    for name in ("environment.yml", "pyproject.toml"):
        assert (ROOT / "binder" / name).resolve() == ROOT / name
    assert pack.get_post_build_scripts() == ["binder/postBuild"]
    assert pack.get_start_script() == "${REPO_DIR}/binder/start"


def test_scripts_are_executable():
    hub = ("hand_out_passwords", "student_server")
    scripts = ["binder/postBuild", "binder/start", *(f"binder/hub/{name}" for name in hub), ".ci/run", ".ci/install"]
    assert [name for name in scripts if not (ROOT / name).stat().st_mode & stat.S_IXUSR] == []


def test_binder_starts_with_one_blas_thread():
    command = (ROOT / "binder" / "start", "sh", "-c", "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS")
    bare = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    assert run(*command, env=bare) == "1 1\n"


# The Makefile and the README


def make(*arguments):
    return run("make", "--no-print-directory", *arguments, cwd=ROOT)


def make_targets():
    return set(re.findall(r"^make ([a-z-]+)  ", make(), re.MULTILINE))


def test_make_alone_lists_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert make_targets() == set(phony[1].split())


def test_make_lab_opens_a_notebook_that_exists():
    command = make("--dry-run", "lab").strip().splitlines()[-1]
    assert "-m jupyterlab" in command
    assert (ROOT / re.search(r"/lab/tree/(\S+)", command)[1]).is_file()


def test_the_proxy_of_a_class_is_one_exact_version_and_each_archive_is_known_by_its_hash():
    """`npm ci` takes what the lock says, or fails; it names no registry."""
    told, locked = (json.loads((ROOT / ".ci" / "proxy" / f"package{end}.json").read_text()) for end in ("", "-lock"))
    own = locked["packages"].pop("")
    assert own["dependencies"] == told["dependencies"] and re.fullmatch(r"[\d.]+", *told["dependencies"].values())
    assert all(each["integrity"].startswith("sha512-") for each in locked["packages"].values())
    assert not any("resolved" in each for each in locked["packages"].values())
    shown = make("--dry-run", "--always-make", "test-class")
    assert "cp .ci/proxy/package*.json .venv-class && npm ci " in shown and "npm install" not in shown


def test_make_clean_removes_every_environment():
    others = ("frameworks", "oldest", "newest", "site", "class", "nbgrader")
    environments = {".venv", *(f".venv-{name}" for name in others)}
    assert environments <= set(make("--dry-run", "clean").split())


def test_make_uses_the_conda_environment_of_the_course_and_no_other_one(tmp_path):
    def commands(environment, target="notebooks"):
        conda = {"CONDA_DEFAULT_ENV": environment, "CONDA_PREFIX": str(tmp_path)}
        return run("make", "--dry-run", "--always-make", target, cwd=ROOT, env=os.environ | conda)

    shown = commands(ENVIRONMENT["name"])
    assert f"{tmp_path}/bin/python .ci/execute_notebooks.py notebooks/" in shown and ".venv/" not in shown
    assert "--constraint /dev/null --editable '.[test]'" in shown  # conda has chosen its versions
    assert str(tmp_path) not in commands("base") + commands(ENVIRONMENT["name"], "clean")


def test_continuous_integration_runs_both_kinds_of_tests():
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in commands if line.startswith("make ")] == ["make test-all"]


def test_make_test_all_is_make_test_with_what_is_slow():
    shown = {target: make("--dry-run", target).splitlines() for target in ("test", "test-all")}
    test, everything = ([line for line in lines if " -m pytest " in line] for lines in shown.values())
    core, pool, again = test
    assert " tests/core " in core and "ruff check" in "".join(shown["test"])
    assert " tests notebooks/en/00_start_here.ipynb " in pool
    assert f"{pool.partition(' || ')[0]} -n0 --last-failed" in again
    for all_of_it, some in zip(everything[:3], test, strict=True):
        assert ' -m "not slow"' in some
        assert all_of_it.replace("--cov", "") == some.replace('-m "not slow"', "-p tests.again")
    assert [line for line in test + everything if " --cov " in line] == everything[:1]  # the engine's
    assert [line.split()[0] for line in everything] == [*3 * [".venv/bin/python"], ".venv-frameworks/bin/python"]


def test_every_test_that_wants_a_framework_is_run_with_the_frameworks():
    """A test that is skipped without them and run by nobody would never fail."""
    (command,) = [line for line in make("--dry-run", "test-frameworks").splitlines() if "-m pytest" in line]
    skips = re.compile(r"importorskip\(.(torch|tensorflow|jax)|not .*installed.*:\n    pytest\.skip|: not installed")
    tests = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    wanting = {name for name, text in tests.items() if skips.search(text)} - {Path(__file__).name}
    assert {"test_torch.py", "test_tensorflow.py", "test_frameworks.py", "test_benchmarks.py"} <= wanting
    assert wanting <= {Path(argument).name for argument in command.split()}


def test_every_test_that_wants_a_hub_is_run_with_one():
    (command,) = [line for line in make("--dry-run", "test-class").splitlines() if "-m pytest" in line]
    skips = re.compile(r"importorskip\(.(jupyterhub|nbgitpuller|aiohttp)")
    tests = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    wanting = {path.parent.relative_to(ROOT) for path, text in tests.items() if skips.search(text)}
    assert {str(folder) for folder in wanting} == {command.split()[-1]}


def test_frameworks_that_cannot_be_installed_fail_with_a_sentence(tmp_path):
    """Nothing is skipped silently: here the stand-in for pip fails, as it would for a Python without wheels."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "install", tmp_path / ".ci")
    for name in ("constraints.txt", "constraints-frameworks.txt", "lock.txt", "lock-frameworks.txt"):
        (tmp_path / ".ci" / name).touch()
    (tmp_path / "pyproject.toml").touch()
    python = tmp_path / ".venv-frameworks" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    result = subprocess.run(["make", "test-frameworks"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "could not be installed for this Python (see above), so nothing was compared" in result.stderr


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_the_readme_lists_every_chapter(readme, language):
    text = (ROOT / readme).read_text(encoding="utf-8")
    listed = re.findall(rf"^\| \[(\w+)\. .+?\]\(notebooks/{language}/(\S+\.ipynb)\) \|", text, re.MULTILINE)
    assert listed == [(number_of(path), path.name) for path in CHAPTERS]


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_the_readme_names_only_what_exists(readme, language):
    text = (ROOT / readme).read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))))
    assert {"lab", "test"} <= named <= make_targets()
    assert "conda env create -f environment.yml" in text and f"conda activate {ENVIRONMENT['name']}" in text
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        path = re.sub(r"^\.\./\.\./actions/(workflows/\w+\.yml)(/badge\.svg)?$", r".github/\1", link)  # a badge
        is_page_of_github = link == "../../deployments/github-pages"  # GitHub leads from there to the website
        assert is_page_of_github or (ROOT / path).exists(), f"{readme} links to {link}"


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_the_readme_shows_how_each_workflow_that_a_push_starts_stands(readme, language):
    text = (ROOT / readme).read_text(encoding="utf-8")
    shown = re.findall(r"^\[!\[.+?\]\((\S+)/badge\.svg\)\]\((\S+)\)$", text, re.MULTILINE)
    workflows = [
        path for path in (ROOT / ".github/workflows").glob("*.yml") if "push" in YAML(typ="safe").load(path)["on"]
    ]
    assert sorted(shown) == sorted((f"../../actions/workflows/{path.name}",) * 2 for path in workflows)


def test_each_readme_leads_to_the_other_one_and_has_the_same_commands():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name, _ in READMES)
    assert "[中文](README.zh.md)" in english.split("\n\n")[1] and "[English](README.md)" in chinese.split("\n\n")[1]
    commands = [set(re.findall(r"(?:^|`)((?:make|conda) [\w-]+)", text, re.MULTILINE)) for text in (english, chinese)]
    assert commands[0] == commands[1]


@pytest.mark.parametrize(("readme", "language"), READMES)
def test_without_make_the_course_opens_with_the_versions_of_the_tests(readme, language):
    """No test runs it, for it needs uv and a network. A wheel brings the files that tell the server and JupyterLab."""
    [words] = [line.split() for line in (ROOT / readme).read_text(encoding="utf-8").splitlines() if line[:4] == "uvx "]
    options = dict(zip(words[1:-2:2], words[2:-2:2], strict=True))
    assert options.pop("--python") in PYTHONS
    assert options == {"--constraints": ".ci/lock.txt", "--from": "jupyterlab", "--with": "."}
    assert words[-2] in distribution("jupyterlab").entry_points.names
    assert words[-1] == f"notebooks/{language}/00_start_here.ipynb"


# A dev container

KNOWN = "name image postCreateCommand postAttachCommand forwardPorts portsAttributes customizations"  # of its schema


def test_the_dev_container_does_what_make_lab_does():
    told = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert told.keys() <= {*KNOWN.split()}
    assert told["image"].removeprefix("python:") in PYTHONS
    assert told["postAttachCommand"] == "make lab"
    installing, opening = (
        make("--dry-run", "--always-make", *told[f"post{when}Command"].split()[1:]) for when in ("Create", "Attach")
    )
    assert opening.startswith(installing) and "--editable ." in installing
    assert told["forwardPorts"] == [DEFAULT_JUPYTER_SERVER_PORT]
    [(port, attributes)] = told["portsAttributes"].items()
    assert port == str(DEFAULT_JUPYTER_SERVER_PORT) and attributes["onAutoForward"] in ("notify", "silent")


# Installing


@pytest.fixture
def run_install(tmp_path):
    """`.ci/install` in an empty folder where stand-ins are the only uv and Pythons: what it says, and what it has run."""

    def run_install(pythons, *arguments, uv=None):
        """uv: "uv", or "python3 -m uv" where it is a module, or "uv; exit 2" where it fails."""
        (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
        if uv:
            name, _, result = uv.partition("; ")
            words = name.split()
            (tmp_path / words[0]).write_text(
                f'#!/bin/sh\n[ "$*" = "{" ".join([*words[1:], "--version"])}" ] && exit\n'
                f'echo "{words[0]} $*" >>{tmp_path}/log\n{result}\n'
            )
        for name in ("python3", "uv"):
            if (tmp_path / name).exists():
                (tmp_path / name).chmod(0o755)
        found = {"PATH": f"{tmp_path}:{os.defpath}"}
        command = [ROOT / ".ci" / "install", " ".join(pythons), "new-venv", *arguments]
        result = subprocess.run(command, cwd=tmp_path, env=os.environ | found, capture_output=True, text=True)
        log = tmp_path / "log"
        return result, log.read_text().splitlines() if log.exists() else []

    return run_install


def python_of_version(folder, name, version, lacks=None):
    """A command that runs this Python but says that it is another version, or has no such module."""
    pretence = folder / f"{name}.py"
    pretence.write_text(
        f"import sys\nsys.version_info = {version}\nsys.modules[{lacks!r}] = None\nexec(sys.stdin.read())\n"
    )
    script = folder / name
    script.write_text(
        f'#!/bin/sh\nif [ "$1" = - ]; then shift; exec {sys.executable} {pretence} "$@"; fi\n'
        f'echo "$0 $*" >>{folder}/log\nif [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n'
    )
    script.chmod(0o755)
    return str(script)


COURSE = ("--constraint", "versions.txt", "--editable", ".[test]")
BY_UV = [
    "venv --quiet --seed --allow-existing --python {python} new-venv",
    "pip install --quiet --python new-venv/bin/python --constraint versions.txt --editable .[test]",
]
BY_PIP = [
    "{python} -m venv new-venv",
    "new-venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint versions.txt --editable .[test]",
]


@pytest.mark.parametrize(
    ("uv", "version"),
    [(None, (3, 11, 0)), (None, (3, 16, 0)), ("uv", (3, 15, 2)), ("uv", (3, 30, 1)), ("python3 -m uv", (3, 13, 9))],
)
def test_the_first_python_that_is_new_enough_gets_the_course(tmp_path, run_install, version, uv):
    old = python_of_version(tmp_path, "old-python", (3, 10, 9))
    good = python_of_version(tmp_path, "good-python", version)
    spare = python_of_version(tmp_path, "spare-python", (3, 12, 0))
    result, commands = run_install([old, good, spare], *COURSE, uv=uv)
    assert result.returncode == 0
    expected = [f"{uv} {command}" for command in BY_UV] if uv else BY_PIP
    assert commands == [command.format(python=good) for command in expected]
    untested = f"Python 3.{version[1]} is newer than 3.11 to {PYTHONS[-1]}, with which the course was tested:"
    assert result.stderr.startswith(untested) if version > (3, 16) else not result.stderr


def test_where_uv_fails_pip_installs_the_course(tmp_path, run_install):
    """It may know of no index, where pip's settings name one."""
    good = python_of_version(tmp_path, "good-python", (3, 13, 9))
    result, commands = run_install([good], *COURSE, uv="uv; exit 2")
    assert result.returncode == 0
    first, second = (f"uv {command}" for command in BY_UV)
    assert commands == [command.format(python=good) for command in (first, BY_PIP[0], second, BY_PIP[1])]


def test_what_uv_needs_not_is_not_asked_for(tmp_path, run_install):
    bare = python_of_version(tmp_path, "bare-python", (3, 13, 5), lacks="ensurepip")
    assert run_install([bare], uv="uv")[1] == [f"uv {BY_UV[0].format(python=bare)}"]


def test_where_no_python_fits_uv_fetches_one(tmp_path, run_install):
    old = python_of_version(tmp_path, "old-python", (3, 10, 9))
    result, commands = run_install([old, "no-such-python"], uv="uv")
    assert result.returncode == 0 and not result.stderr
    assert commands == [f"uv {BY_UV[0].format(python='3.14')}"]


def test_where_the_python_that_was_asked_for_is_missing_uv_fetches_no_other(run_install):
    """The oldest packages are for the oldest Python alone."""
    result, commands = run_install(["no-such-python"], uv="uv")
    assert result.returncode == 1 and not commands
    assert "  no-such-python: not installed\n" in result.stderr


@pytest.mark.parametrize("uv", [None, "uv; exit 2"])
def test_where_every_python_is_too_old_or_broken_each_one_is_explained(tmp_path, run_install, uv):
    old = python_of_version(tmp_path, "old-python", (3, 10, 9))
    bare = python_of_version(tmp_path, "bare-python", (3, 13, 5), lacks="ensurepip")
    broken = tmp_path / "broken-python"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    result, commands = run_install([old, *([] if uv else [bare]), str(broken), "no-such-python"], *COURSE, uv=uv)
    assert result.returncode == 1
    assert commands == ([f"uv {BY_UV[0].format(python='3.14')}"] if uv else [])
    without = f"  {bare}: Python 3.13 without its venv module (Debian, Ubuntu: apt-get install python3-venv)\n"
    assert result.stderr == (
        "The course needs Python 3.11 or newer, and found:\n"
        f"  {old}: Python 3.10, too old\n"
        f"{'' if uv else without}"
        f"  {broken}: does not start\n"
        "  no-such-python: not installed\n"
        "Install one of them, or name it, for example: make lab PYTHON=/path/to/python3.12\n"
    )
