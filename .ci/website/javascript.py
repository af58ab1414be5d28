"""Mermaid and MathJax from npm, in exactly one version each: `package.json` says which, and the hash of its archive."""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGES = Path(__file__).with_name("package.json")


def fetch(folder, packages=PACKAGES):
    """Unpack what pages load into folder/mermaid and folder/mathjax, unless these versions are there.

    Raises RuntimeError where npm is missing or fails, or where an archive is not the one that was pinned.
    """
    wanted = packages.read_text(encoding="utf-8")
    stamp = folder / "package.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    pins = json.loads(wanted)
    for name, version in pins["dependencies"].items():
        package = pins["archives"][name]
        with tempfile.TemporaryDirectory() as download:
            archive = Path(download, _pack(f"{name}@{version}", package["integrity"], download))
            with tarfile.open(archive) as members:
                for member in members:
                    path = member.name.removeprefix("package/")
                    if member.isfile() and _is_wanted(path, package["files"]):
                        target = folder / name / path.removeprefix("dist/")
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(members.extractfile(member).read())
    stamp.write_text(wanted, encoding="utf-8")


def _pack(package, integrity, download):
    """Let npm download the archive of a package into this folder; returns its name there."""
    command = ["npm", "pack", "--json", "--pack-destination", download, package]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise RuntimeError(f"the site needs {package} from npm, and found no npm: install Node.js") from None
    except subprocess.CalledProcessError as failed:
        raise RuntimeError(f"npm could not fetch {package}:\n{failed.stderr}") from None
    [packed] = json.loads(answer)
    if packed["integrity"] != integrity:
        raise RuntimeError(f"{package}: expected the archive {integrity}, got {packed['integrity']}")
    return packed["filename"]


def _is_wanted(path, files):
    """Whether the path is one of these files, or lies in one of these folders and is no map of its source."""
    return not path.endswith(".map") and any(path == f or (f[-1] == "/" and path.startswith(f)) for f in files)
