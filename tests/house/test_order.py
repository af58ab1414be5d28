"""The order of the tests, and what pytest-xdist gives to one worker."""

from types import SimpleNamespace

import pytest
from order import rank, unit_of

EVERYWHERE, OWN = "tests/browser/test_browser_everywhere.py::Test05_practice", "tests/browser/test_browser_chapter05.py"


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        (f"{EVERYWHERE}::test_axe[dark]", "browser 05"),
        (f"{OWN}::test_the_slider", "browser 05"),
        ("tests/browser/test_browser_everywhere.py::Test06a_images::test_axe", "browser 06a"),
        ("tests/browser/test_browser_everywhere.py::test_voila", "tests/browser/test_browser_everywhere.py"),
        (
            "tests/chapters/again.py::test_each_cell[05_practice]",
            "tests/chapters/again.py::test_each_cell[05_practice]",
        ),
        ("notebooks/en/05_practice.ipynb::Cell 3", "notebooks/en/05_practice.ipynb"),
        ("tests/core/test_ops.py::TestSum::test_axis", "tests/core/test_ops.py::TestSum"),
    ],
)
def test_what_belongs_together(nodeid, unit):
    assert unit_of(nodeid) == unit


def item(nodeid, browser=False, slow=False):
    """What pytest collects, as far as the order looks at it; cells of notebooks have no fixtures."""
    fixtures = {"fixturenames": ["jupyter"] if browser else []} if ".py" in nodeid else {}
    return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name: slow or None, **fixtures)


def test_browser_first_then_notebooks_then_the_largest_modules():
    """A chapter's own tests come after those that only look, and before those that leave it changed."""
    expected = [
        item(f"{EVERYWHERE}::test_axe", browser=True),
        item(f"{OWN}::test_the_slider", browser=True),
        item(f"{EVERYWHERE}::test_every_button", browser=True, slow=True),
        item("tests/browser/test_browser_lab.py::test_reload", browser=True),
        item("tests/chapters/again.py::test_each_cell[05_practice]"),
        item("notebooks/en/05_practice.ipynb::Cell 0"),
        item("tests/core/test_ops.py::test_sum"),
        item("tests/core/test_ops.py::test_exp"),
        item("tests/browser/test_chromium.py::test_no_browser"),
    ]
    mixed = [expected[number] for number in (8, 2, 6, 1, 5, 7, 0, 3, 4)]
    assert sorted(mixed, key=rank(mixed)) == expected
