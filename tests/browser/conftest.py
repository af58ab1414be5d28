"""What the browser tests share: one server and one page, see `shared.py`."""

import pytest

from tests.browser.shared import SHARED


@pytest.fixture(scope="session")
def jupyter():
    """The server and the page of this process, a `Jupyter`."""
    return SHARED


@pytest.fixture
def notebook(request, jupyter):
    """The chapter that the test module calls NAME, after Run All in a real JupyterLab, as the test before left it. No test may
    leave an error output."""
    notebook = jupyter.run(request.module.NAME)
    yield notebook
    assert notebook.errors() == []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(nextitem):
    """Close server and browser before a test that does not use them."""
    yield
    if "jupyter" not in getattr(nextitem, "fixturenames", ()):
        SHARED.close()
