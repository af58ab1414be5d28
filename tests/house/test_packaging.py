"""The files that install the course agree with each other, and Binder's build plan is what they ask for."""

import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from fnmatch import fnmatch
from importlib.metadata import distribution
from pathlib import Path

import pytest
from chapter_files import CHAPTERS, number_of
from oldest import oldest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import CondaBuildPack
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # tested
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
TEST = [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]
FRAMEWORKS = [Requirement(line) for line in PROJECT["optional-dependencies"]["frameworks"]]
CLASS = [Requirement(line) for line in PROJECT["optional-dependencies"]["class"]]


def constraints(name):
    lines = (ROOT / ".ci" / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


CONSTRAINTS, FRAMEWORK_CONSTRAINTS = constraints("constraints.txt"), constraints("constraints-frameworks.txt")
SITE_CONSTRAINTS, CLASS_CONSTRAINTS = constraints("constraints-site.txt"), constraints("constraints-class.txt")
LITE_CONSTRAINTS = constraints("constraints-lite.txt")
ENVIRONMENT = YAML(typ="safe").load((ROOT / "environment.yml").read_text(encoding="utf-8"))
READMES = [("README.md", "en"), ("README.zh.md", "zh")]


def pins(python, constraints=CONSTRAINTS):
    """The exact version of each package on one version of Python: {name: version}."""
    applicable = [pin for pin in constraints if not pin.marker or pin.marker.evaluate({"python_version": python})]
    names = [canonicalize_name(pin.name) for pin in applicable]
    assert len(names) == len(set(names)), f"Python {python}: a package has two versions"
    return {name: str(pin.specifier).removeprefix("==") for name, pin in zip(names, applicable, strict=True)}


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


@pytest.mark.parametrize(
    "pin",
    CONSTRAINTS + FRAMEWORK_CONSTRAINTS + LITE_CONSTRAINTS + SITE_CONSTRAINTS + CLASS_CONSTRAINTS,
    ids=lambda pin: str(pin).replace(" ", ""),
)
def test_a_constraint_is_one_exact_version(pin):
    assert re.fullmatch(r"==[^*,]+", str(pin.specifier)) and not pin.url


@pytest.mark.parametrize("python", PYTHONS)
def test_the_constraints_lie_in_the_ranges(python):
    versions = pins(python)
    for requirement in RUNTIME + TEST:
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"Python {python}: {requirement} against {version}"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    "extra, constraints", [(FRAMEWORKS, FRAMEWORK_CONSTRAINTS), (CLASS, CLASS_CONSTRAINTS)], ids=["frameworks", "class"]
)
def test_the_constraints_of_an_extra_lie_in_the_ranges_and_repeat_nothing(extra, constraints, python):
    versions = pins(python, constraints)
    for requirement in extra:
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"Python {python}: {requirement} against {version}"
    assert not set(versions) & set(pins(python))


def test_the_constraints_hold_all_that_is_installed_and_nothing_else():
    versions = pins(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert installed_with(RUNTIME + TEST) == set(versions)
    installed = {name: distribution(name).version for name in versions}
    assert installed == versions


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
    (install,) = [command for command in commands if "pip install" in command]
    unit, outputs = [command for command in commands if "-m pytest" in command]
    folder = f".venv-{end}"
    assert all(command.startswith(f"{folder}/bin/python -m ") for command in (install, unit, outputs))
    assert any(f"PYTHON=python{python} " in command for command in commands)
    assert ("--constraint build/oldest.txt" in install) == (end == "oldest")
    assert ("--constraint /dev/null --upgrade --upgrade-strategy=eager" in install) == (end == "newest")
    assert "pytest tests " in unit and "@tests/nbval.args notebooks/" in outputs
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(folder, pattern.rstrip("/")) for pattern in ignored)
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["ends-of-the-ranges"]
    assert {"target": f"test-{end}", "python-version": python} in job["strategy"]["matrix"]["include"]
    assert job["steps"][-1] == {"run": "make ${{ matrix.target }}"}


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
    assert f"version > ({newest})" in (ROOT / ".ci" / "make_venv").read_text(encoding="utf-8")
    assert ENVIRONMENT["dependencies"][0].removeprefix("python=") in PYTHONS
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["tests"]
    assert job["strategy"]["matrix"]["python-version"] == [PYTHONS[0], "3.14"]
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


@pytest.fixture
def build_pack(monkeypatch):
    monkeypatch.chdir(ROOT)
    app = Repo2Docker()
    packs = (pack_class(base_image=app.base_image) for pack_class in app.buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    chosen.platform = "linux/amd64"
    return chosen


def test_binder_builds_from_the_one_environment_file(build_pack):
    assert isinstance(build_pack, CondaBuildPack)
    assert build_pack.binder_dir == "binder"
    assert build_pack.environment_yaml_path == "binder/environment.yml"
    assert (ROOT / "binder" / "environment.yml").resolve() == ROOT / "environment.yml"
    assert (ROOT / "binder" / "pyproject.toml").resolve() == ROOT / "pyproject.toml"
    assert build_pack.environment_yaml == ENVIRONMENT


def test_binder_s_build_plan(build_pack):
    assert build_pack.python_version == "3.12"
    assert build_pack.get_post_build_scripts() == ["binder/postBuild"]
    assert build_pack.get_start_script() == "${REPO_DIR}/binder/start"
    plan = build_pack.render()
    copy = re.search(r"^COPY .*src/ \$\{REPO_DIR\}", plan, re.MULTILINE).start()
    install = plan.index('env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"')
    post_build = plan.index("./binder/postBuild")
    assert copy < install < post_build
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in plan


@pytest.mark.parametrize(
    "script",
    [
        "binder/postBuild",
        "binder/start",
        "binder/hub/hand_out_passwords",
        "binder/hub/student_server",
        ".ci/run",
        ".ci/make_venv",
    ],
)
def test_scripts_are_executable(script):
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR


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


def test_make_clean_removes_every_environment():
    environments = {".venv", ".venv-frameworks", ".venv-oldest", ".venv-newest", ".venv-site", ".venv-class"}
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
    core, pool = test
    assert " tests/core --cov " in core and "ruff check" in "".join(shown["test"])
    assert " tests notebooks/en/00_start_here.ipynb " in pool
    for all_of_it, some in zip(everything[:2], test, strict=True):
        assert some.endswith(' -m "not slow"')
        assert all_of_it == some.replace('-m "not slow"', '-o python_files="test_*.py again.py"')
    assert [line.split()[0] for line in everything] == [*2 * [".venv/bin/python"], ".venv-frameworks/bin/python"]


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
    for name in ("pyproject.toml", ".ci/constraints.txt", ".ci/constraints-frameworks.txt"):
        (tmp_path / name).touch()
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


# The virtual environment


def python_of_version(folder, name, version, lacks=None):
    """A command that runs this Python but says that it is another version, or has no such module."""
    pretence = folder / f"{name}.py"
    pretence.write_text(
        f"import sys\nsys.version_info = {version}\nsys.modules[{lacks!r}] = None\nexec(sys.stdin.read())\n"
    )
    script = folder / name
    script.write_text(
        f'#!/bin/sh\nif [ "$1" = - ]; then exec {sys.executable} {pretence}; fi\necho "$0 $*" >{folder}/made\n'
    )
    script.chmod(0o755)
    return str(script)


def make_venv(*pythons):
    return subprocess.run([ROOT / ".ci" / "make_venv", "new-venv", *pythons], capture_output=True, text=True)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 9), (3, 15, 2), (3, 16, 0), (3, 30, 1)])
def test_the_first_python_that_is_new_enough_makes_the_virtual_environment(tmp_path, version):
    old = python_of_version(tmp_path, "old-python", (3, 10, 9))
    good = python_of_version(tmp_path, "good-python", version)
    spare = python_of_version(tmp_path, "spare-python", (3, 12, 0))
    made = make_venv(old, good, spare)
    assert made.returncode == 0
    assert (tmp_path / "made").read_text() == f"{good} -m venv new-venv\n"
    untested = f"Python 3.{version[1]} is newer than 3.11 to {PYTHONS[-1]}, with which the course was tested:"
    assert made.stderr.startswith(untested) if version > (3, 16) else not made.stderr


def test_where_every_python_is_too_old_or_broken_each_one_is_explained(tmp_path):
    old = python_of_version(tmp_path, "old-python", (3, 10, 9))
    bare = python_of_version(tmp_path, "bare-python", (3, 13, 5), lacks="ensurepip")
    broken = tmp_path / "broken-python"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    result = make_venv(old, bare, str(broken), "no-such-python")
    assert result.returncode == 1
    assert not (tmp_path / "made").exists()
    assert result.stderr == (
        "The course needs Python 3.11 or newer, and found:\n"
        f"  {old}: Python 3.10, too old\n"
        f"  {bare}: Python 3.13 without its venv module (Debian, Ubuntu: apt-get install python3-venv)\n"
        f"  {broken}: does not start\n"
        "  no-such-python: not installed\n"
        "Install one of them, or name it, for example: make lab PYTHON=/path/to/python3.12\n"
    )
