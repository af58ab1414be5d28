"""The whole course in the browser alone: make build/lite, a folder that any web server can hand out as it is.

python -m lite.build              in .venv-lite, with PYTHONPATH=.ci; PYODIDE=cdn or PYODIDE=FOLDER in the environment
python -m lite.build --for-tests  when there is no Pyodide, only says so

JupyterLite is the page, Pyodide its Python. PYODIDE says where it comes from: "cdn" is Pyodide's own address. It and its
packages become a part of the site, compiled, so that the reader's browser need not do it, and asks no other server.

build/pyodide   Pyodide, its packages and the course's in one folder: what tests run under Node.js
build/lite      the site
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from packaging.utils import canonicalize_name

from . import pyodide, wheels
from .lock import COURSE, lock

ROOT = wheels.ROOT
BUILD = ROOT / "build"
HERE = Path(__file__).parent
LIBRARY = "python_stdlib.zip"
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension", "anywidget")
# What a reader types is saved after so many seconds, not after two minutes: a tab is closed without a question.
SAVED_SOON = {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10}}
# What the kernel wants before it starts, from the lock file, all at once, not one after the other by way of a package index;
# and the course, while the reader still reads.
FIRST = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython", COURSE)


def build(place):
    """Build both folders; place: where Pyodide comes from, a `pyodide.source`. Raises NoPyodide, ValueError,
    CalledProcessError."""
    original, local, own = (BUILD / name for name in ("lite-pyodide", "pyodide", "lite-wheels"))
    pyodide.gather(place, original)
    for folder in (local, own):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    added = [*wheels.from_pypi(BUILD / "lite-pypi"), *wheels.of_the_kernel()]
    added += [wheels.of_the_course(own), wheels.of_the_loops(own)]
    _write(original / "pyodide-lock.json", lock({}))
    added.append(wheels.of_the_fonts(original, own))
    for wheel in added:
        _copy(wheel, original / wheel.name)
    _write(original / "pyodide-lock.json", lock(dict.fromkeys(added, "")))
    packages = [original / known["file_name"] for known in pyodide.PINS["packages"].values()]
    made = wheels.compiled(original, FIRST, [original / LIBRARY, *packages, *added], own / "compiled")
    # Each in a folder named after its content, so that a browser never takes an older one of the same version for it.
    places = {archive: f"{pyodide.sha256(archive)[:12]}/" for archive in made[1:]}
    for name in pyodide.PINS["core"]:
        _copy(original / name, local / name)
    _copy(made[0], local / LIBRARY)
    for archive, folder in places.items():
        _copy(archive, local / folder / archive.name)
    found = lock(places)
    _write(local / "pyodide-lock.json", found)
    _write(local / "kernel.json", {"packages": FIRST})
    site = BUILD / "lite"
    _jupyterlite(site)
    ignored = shutil.ignore_patterns("pyodide.mjs", "kernel.json")  # for Node.js
    shutil.copytree(local, site / "static" / "pyodide", ignore=ignored)
    _landing_page(site, local, _needed(found["packages"], FIRST))


def _jupyterlite(site):
    """JupyterLite itself with the notebooks of both languages, into the folder `site`."""
    shutil.rmtree(site, ignore_errors=True)
    shared = Path(sys.prefix, "share", "jupyter", "labextensions")
    with tempfile.TemporaryDirectory() as lite:
        lite = Path(lite)
        files = shutil.ignore_patterns(".ipynb_checkpoints", "answers*.json", ".answers*")
        shutil.copytree(ROOT / "notebooks", lite / "files" / "notebooks", ignore=files)
        kernel = {
            "pyodideUrl": "./static/pyodide/pyodide.js",
            "disablePyPIFallback": True,
            "loadPyodideOptions": {"packages": FIRST},
        }
        _write(
            lite / "jupyter-lite.json",
            {
                "jupyter-lite-schema-version": 0,
                "jupyter-config-data": {
                    "appName": "Backpropagation and gradient descent",
                    "disabledExtensions": ["@jupyterlab/application-extension:faviconbusy"],  # as in course_server
                    "exposeAppInBrowser": True,  # for tests; the page has nobody to hide it from
                    "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel},
                    "settingsOverrides": SAVED_SOON,
                },
            },
        )
        config = {
            "LiteBuildConfig": {
                "apps": ["lab"],
                "contents": ["files"],
                "federated_extensions": [str(shared / name) for name in EXTENSIONS],
                "ignore_sys_prefix": ["federated_extensions"],
                "no_sourcemaps": True,
                "output_dir": str(site),
            }
        }
        _write(lite / "jupyter_lite_config.json", config)
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", lite]
        made = subprocess.run(command, cwd=lite, capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"JupyterLite could not be built:\n{made.stdout[-4000:]}\n{made.stderr[-4000:]}")


def _needed(packages, names):
    """The entries of these packages and of all that they need."""
    found, todo = {}, [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = packages[name]
            todo += [canonicalize_name(need) for need in packages[name]["depends"]]
    return list(found.values())


def _landing_page(site, local, entries):
    """index.html: fetch what Python needs, with a progress line, and go on to the course; JupyterLab has only a star."""
    names = [name for name in pyodide.PINS["core"] if name != "pyodide.mjs"] + [entry["file_name"] for entry in entries]
    sizes = {f"static/pyodide/{name}": (local / name).stat().st_size for name in names}
    text = (HERE / "index.html").read_text(encoding="utf-8")
    text = text.replace("{{FILES}}", json.dumps(sizes).replace("<", "\\u003c"))
    text = text.replace("{{MEGABYTES}}", escape(f"{sum(sizes.values()) / 1e6:.0f}"))
    (site / "index.html").write_text(text, encoding="utf-8")


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main(for_tests):
    for folder in ("lite", "pyodide"):  # nothing old is taken for the new; what Pyodide has given stays
        for name in ("index.html", "kernel.json"):
            (BUILD / folder / name).unlink(missing_ok=True)
    try:
        build(pyodide.source(os.environ.get("PYODIDE", "")))
    except pyodide.NoPyodide as problem:
        if not for_tests:
            sys.exit(str(problem))
        print(problem)


if __name__ == "__main__":
    main("--for-tests" in sys.argv[1:])
