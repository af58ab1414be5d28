"""The whole course in the browser alone: make build/lite, a folder that any web server can hand out as it is.

python -m lite.build              in .venv-lite, with PYTHONPATH=.ci; PYODIDE=cdn or PYODIDE=FOLDER in the environment
python -m lite.build --for-tests  as a site of its own with "cdn", too; when there is no Pyodide, only says so

JupyterLite is the page, Pyodide its Python. Pyodide's packages come from where PYODIDE says: with "cdn" the readers' browsers
fetch them from Pyodide's own address, else they are part of the site, which then needs no other server at all.

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
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension", "anywidget")
# What a reader types is saved after so many seconds, not after two minutes: a tab is closed without a question.
SAVED_SOON = {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10}}
# What the kernel wants before it starts: from the lock file, all at once, not one after the other by way of a package index.
FIRST = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython")


def build(place, address=""):
    """Build both folders. Raises NoPyodide, ValueError, CalledProcessError.

    place     where Pyodide comes from, a `pyodide.source`
    address   where the readers' browsers find its packages; "" means in the site
    """
    local = BUILD / "pyodide"
    pyodide.gather(place, local)
    own = BUILD / "lite-wheels"
    shutil.rmtree(own, ignore_errors=True)
    added = [*wheels.from_pypi(BUILD / "lite-pypi"), *wheels.of_the_kernel()]
    added += [wheels.of_the_course(own), wheels.of_the_loops(own)]
    _write(local / "pyodide-lock.json", lock({}))
    added.append(wheels.of_the_fonts(local, own))
    # Each in a folder named after its content, so that a browser never takes an older one of the same version for it.
    places = {wheel: f"{pyodide.sha256(wheel)[:12]}/" for wheel in added}
    for old in local.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    for wheel, place in places.items():
        _copy(wheel, local / place / wheel.name)
    _write(local / "pyodide-lock.json", lock(places))
    _write(local / "kernel.json", {"packages": FIRST})

    site = BUILD / "lite"
    _jupyterlite(site)
    static = site / "static" / "pyodide"
    found = lock(places, address)
    _write(static / "pyodide-lock.json", found)
    for name in pyodide.PINS["core"].keys() - {"pyodide.mjs"}:  # the module is for Node.js
        _copy(local / name, static / name)
    for entry in found["packages"].values():
        if "://" not in entry["file_name"]:
            _copy(local / entry["file_name"], static / entry["file_name"])
    _landing_page(site, local, _needed(found["packages"], (*FIRST, COURSE)))


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
    files = [("static/pyodide/" + name, local / name) for name in pyodide.PINS["core"] if name != "pyodide.mjs"]
    for entry in entries:
        name = entry["file_name"]
        files.append((name if "://" in name else f"static/pyodide/{name}", local / name.removeprefix(pyodide.CDN)))
    sizes = {name: path.stat().st_size for name, path in files}
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
        place = pyodide.source(os.environ.get("PYODIDE", ""))
        build(place, pyodide.CDN if place == "cdn" and not for_tests else "")
    except pyodide.NoPyodide as problem:
        if not for_tests:
            sys.exit(str(problem))
        print(problem)


if __name__ == "__main__":
    main("--for-tests" in sys.argv[1:])
