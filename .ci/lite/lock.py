"""Pyodide's lock file with the course in it: `import course_lib` then loads the course and all that it needs.

The versions of NumPy, Matplotlib and Pillow are those that Pyodide has been built with, older than pyproject.toml asks for:
`make test-lite` shows that every chapter prints the same with them.
"""

import re
import zipfile
from email.parser import BytesParser

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .pyodide import PINS, sha256

ENVIRONMENT = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_system": "Emscripten",
    "python_full_version": PINS["info"]["python"],
    "python_version": ".".join(PINS["info"]["python"].split(".")[:2]),
    "sys_platform": "emscripten",
}
LEFT_OUT = {  # what a browser has no use for
    "jupyterlab": "the page is JupyterLab already",
    "jupyterlab-language-pack-zh-cn": "JupyterLite takes its texts into the site",
    "jupyterlab-widgets": "the page's half of ipywidgets is built into the site",
    "widgetsnbextension": "the same for Notebook",
    "alembic": "Optuna's databases",
    "sqlalchemy": "the same",
    "pyyaml": "Optuna's command line",
}
COURSE, FONTS, LOOPS = "backprop-course", "course-fonts", "course-loops"


def entry(wheel, folder=""):
    """(name, entry) of a wheel, a path; the lock file will find it under `folder` beside itself."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        with archive.open(metadata) as file:
            about = BytesParser().parse(file)
    tops = {name.split("/")[0] for name in names}
    needs = [Requirement(line) for line in about.get_all("Requires-Dist", [])]
    name = canonicalize_name(about["Name"])
    return name, {
        "name": name,
        "version": about["Version"],
        "file_name": f"{folder}{wheel.name}",
        "sha256": sha256(wheel),
        "package_type": "package",
        "install_dir": "site",
        "imports": sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data"))),
        "depends": sorted(
            {canonicalize_name(need.name) for need in needs if not need.marker or need.marker.evaluate(ENVIRONMENT)}
            - LEFT_OUT.keys()
        ),
        "unvendored_tests": False,
    }


def lock(archives):
    """The content of the lock file, a dict.

    archives   {path of a wheel, or of a package of Pyodide: the folder in which the page finds it}

    Raises ValueError when a package needs one that is neither in the lock nor left out on purpose.
    """
    packages = dict(PINS["packages"])
    of_pyodide = {known["file_name"]: name for name, known in packages.items()}
    for archive, folder in archives.items():
        if name := of_pyodide.get(archive.name):
            packages[name] = packages[name] | {"file_name": f"{folder}{archive.name}", "sha256": sha256(archive)}
        else:
            packages |= [entry(archive, folder)]
    if COURSE in packages:
        packages[COURSE]["depends"] += [name for name in (FONTS, LOOPS) if name in packages]
    if FONTS in packages:  # its one file lies in the package matplotlib, and `import matplotlib` means that one
        packages[FONTS]["imports"] = []
    for name, known in packages.items():
        missing = {canonicalize_name(need) for need in known["depends"]} - packages.keys()
        if missing:
            raise ValueError(
                f"{name}: expected all that it needs in the lock file, missing {', '.join(sorted(missing))}"
            )
    return {"info": PINS["info"], "packages": packages}
