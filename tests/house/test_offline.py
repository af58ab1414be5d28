"""Tests, kernels and notebooks reach no network; the server keeps its token; what readers type is never evaluated."""

import ast
import asyncio
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import pytest
from small_notebook import write

ROOT = Path(__file__).parents[2]
FAR = "192.0.2.1"  # reserved for documentation: nobody has it
FETCHES = {
    "connect": lambda: socket.create_connection((FAR, 80), timeout=1),
    "name": lambda: socket.getaddrinfo("example.org", 443),
    "old name look-up": lambda: socket.gethostbyname("example.org"),
    "datagram": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"?", (FAR, 53)),
    "version 6": lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
    "urllib": lambda: urllib.request.urlopen("https://example.org/data.csv", timeout=1),
    "asyncio": lambda: asyncio.run(asyncio.open_connection(FAR, 80)),
}
IN_A_PROGRAM = """
import urllib.request
try:
    urllib.request.urlopen("https://example.org/data.csv", timeout=1)
except Exception as problem:
    print(type(problem).__name__, problem)
"""


@pytest.mark.parametrize("fetch", FETCHES.values(), ids=FETCHES)
def test_a_connection_beyond_this_machine_raises_a_sentence(fetch):
    with pytest.raises(
        Exception, match=r"^socket\.\w+: expected an address of this machine, .* got '(192|2001|example)"
    ):
        fetch()


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_this_machine_itself_is_reached(address):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((address, server.getsockname()[1]), timeout=5) as client,
    ):
        client.sendall(b"gradient")
        answer, _ = server.accept()
        with answer:
            assert answer.recv(8) == b"gradient"


def test_programs_that_a_test_starts_are_bound_too():
    said = subprocess.run([sys.executable, "-c", IN_A_PROGRAM], capture_output=True, text=True).stdout
    assert said.startswith("NetworkBlocked socket.getaddrinfo: expected an address of this machine")


def test_notebooks_are_bound_too(tmp_path):
    """With the options and the environment of `make outputs`."""
    everything = make("--print-data-base", "outputs")
    bound = {"PYTHONPATH": re.search(r"^outputs: PYTHONPATH := (.*)$", everything, re.MULTILINE)[1]}
    said = (
        "NetworkBlocked socket.getaddrinfo: expected an address of this machine, because tests and notebooks run "
        "without a network, got 'example.org'\n"
    )
    stored = nbformat.v4.new_output("stream", name="stdout", text=said)
    cell = nbformat.v4.new_code_cell(IN_A_PROGRAM, id="fetch", execution_count=1, outputs=[stored])
    write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "fetch.ipynb")
    command = [sys.executable, "-m", "pytest", "@tests/nbval.args", "-c", "pyproject.toml", "-n0", tmp_path]
    result = subprocess.run(command, cwd=ROOT, env=os.environ | bound, capture_output=True, text=True)
    assert "1 passed" in result.stdout, result.stdout


def make(*arguments):
    command = ["make", "--no-print-directory", "--dry-run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_server_keeps_its_token_and_its_address():
    command = make("lab").splitlines()[-1]
    assert "-m jupyterlab" in command
    for weakening in ("token", "password", "ip=", "allow_origin", "disable_check_xsrf", "allow_remote_access"):
        assert weakening not in command


@pytest.mark.parametrize("pattern", ["README.md", "Makefile", "binder/*", ".ci/*", ".github/workflows/*"])
def test_nothing_starts_a_server_without_a_token(pattern):
    for path in filter(Path.is_file, ROOT.glob(pattern)):
        found = re.search(r"""no-token|token[ =]*(''|""|\s--)|disable_check_xsrf""", path.read_text(encoding="utf-8"))
        assert not found, f"{path}: {found[0]}"


# What readers type, and what is read from files, is parsed, never evaluated

RUN_TEXT = {"eval", "exec", "compile", "__import__"}
RUN_FILES = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "yaml",
    "code",
    "runpy",
}
IMPORTS = {  # files that import a module by a name that is not in the source, and where the name comes from
    "exercises/start/pages.py": "the number of a chapter's file, which the pattern CHAPTER_FILE has passed",
    "exercises/export.py": "the modules of its own folder",
    "frameworks/__init__.py": "the names of the three frameworks",
    "labs/__init__.py": "the names of its own files and folders",
    "labs/base/__init__.py": "three names of its own folder",
}


def evaluations(source):
    """What a module does that could run a text or a file as a program."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            method = getattr(node.func, "attr", None)
            if name in RUN_TEXT or "import_module" in (name, method) or method in ("system", "popen"):
                yield name or method
            for option in node.keywords:
                harmless = isinstance(option.value, ast.Constant) and not option.value.value
                if option.arg in ("allow_pickle", "shell") and not harmless:
                    yield option.arg
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from RUN_FILES.intersection(name.split(".")[0] for name in names)


# Solutions and their slips, the workshop's steps and a replayed step's program are texts of the library, no reader's.
OWN_SOURCES = {
    f"{file}.py": {"compile", "exec"}
    for file in ("exercises/machinery/slips", "exercises/chapter_parts/workshop_code", "replay/source")
}


def test_the_library_evaluates_nothing():
    library = ROOT / "course_lib"
    found = {
        path.relative_to(library).as_posix(): set(done)
        for path in library.rglob("*.py")
        if (done := [*evaluations(path.read_text(encoding="utf-8"))])
    }
    assert found == {file: {"import_module"} for file in IMPORTS} | OWN_SOURCES
