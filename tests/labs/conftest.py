"""What tests of labs share."""

import pytest

from course_lib.labs.base import lab as base


@pytest.fixture
def only_my_labs():
    """Labs that a test leaves open are closed after it."""
    yield
    for lab in [*base._open.values()]:
        lab.close()
