"""What all tests share, and the order in which they are run."""

import gc
import os
import signal
from contextlib import suppress
from pathlib import Path

import numpy as np
import offline.sitecustomize  # noqa: F401 (nor do the tests themselves)
import pytest
from order import ByChapter, is_slow, rank

# Kernels and programs that a test starts find course_lib, whether or not it is installed, and the sample chapter; they
# reach no network.
TESTS = Path(__file__).parent
os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (TESTS.parent, TESTS / "offline", TESTS / "exercises")))
# A `make` that a test starts sees the Makefile as a reader does, also when these tests were started by another `make`, or
# in conda's environment.
for _name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHON", "CONDA_DEFAULT_ENV"):
    os.environ.pop(_name, None)
# Properties are tried on the same examples in every run, however busy the machine is.
with suppress(ImportError):  # not where notebooks alone are run
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "steady", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("steady")
# A job in the background of a script begins with interrupts ignored, and so would every kernel that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng():
    """The same random numbers in every run, anew for each test."""
    return np.random.default_rng(0)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what is slow before pytest looks at the marks, in notebooks too; and put what is left in order."""
    for item in items:
        if is_slow(item.nodeid) or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    outcome = yield
    items.sort(key=rank(items))
    return outcome


def pytest_collection_finish():
    """What is there before the first test stays to the end: no search for garbage in a test looks through it again. And labs
    are made of many small things: to search after each 700 of them takes a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") == "loadscope":
        config.option.loadscopereorder = False  # the order is that of `rank`
        return ByChapter(config, log)
    return None
