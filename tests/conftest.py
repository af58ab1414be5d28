"""What all tests share."""

import os
import shutil
from pathlib import Path

import numpy as np
import offline.sitecustomize  # noqa: F401 (nor do the tests themselves)
import pytest

# Kernels and programs that a test starts find course_lib, whether or not it is installed, and the sample chapter; they
# reach no network.
TESTS = Path(__file__).parent
os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (TESTS.parent, TESTS / "offline", TESTS / "exercises")))
# A `make` that a test starts sees the Makefile as a reader does, also when these tests were started by another `make`.
for _name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHON"):
    os.environ.pop(_name, None)


@pytest.fixture
def rng():
    """The same random numbers in every run, anew for each test."""
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def notebook(request, tmp_path_factory):
    """The chapter that the test module calls NAME, after Run All in a real JupyterLab, on a copy of the course."""
    from tests.browser.jupyter import ROOT, lab_page, lab_server, open_notebook

    root, name = tmp_path_factory.mktemp("course"), request.module.NAME
    (root / name).parent.mkdir(parents=True)
    shutil.copy(ROOT / name, root / name)
    with lab_server(root) as server, lab_page() as page:
        notebook = open_notebook(page, server, name)
        notebook.run_all()
        assert notebook.errors() == []
        yield notebook
