"""What tests of labs share."""

from contextlib import contextmanager
from functools import cache

import every_lab
import pytest

from course_lib.labs.base import lab as base

held = []  # labs of the fixtures below, which may outlive a test


@pytest.fixture(autouse=True)
def only_my_labs():
    """Labs that a test leaves open are closed after it."""
    yield
    for lab in [*base._open.values()]:
        if lab not in held:
            lab.close()


@contextmanager
def maker():
    """make(room, name): a new lab. All are closed at the end."""
    made = []

    def make(room, name="lab"):
        made.append(every_lab.opened(every_lab.ROOMS[room], name=name))
        held.append(made[-1])
        return made[-1]

    yield make
    for lab in made:
        held.remove(lab)
        lab.close()


@pytest.fixture
def make():
    with maker() as make:
        yield make


@pytest.fixture(scope="module")
def opened():
    """opened(room): a lab as it opens, one for all tests that leave it so."""
    with maker() as make:
        yield cache(lambda room: make(room, f"{room}, opened"))


@pytest.fixture(scope="module")
def worked():
    """worked(room): a lab that has moved, one for all tests that leave it so, and what is seen of it."""

    @cache
    def lab(room):
        lab = every_lab.moved(make(room, f"{room}, moved"))
        return lab, every_lab.seen(lab)

    with maker() as make:
        yield lab
