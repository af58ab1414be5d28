"""The order of the tests, and what pytest-xdist gives to one worker."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from order import drives_labs, is_slow, rank, unit_of

EVERYWHERE, OWN = "tests/browser/test_browser_everywhere.py::Test05_practice", "tests/browser/test_browser_chapter05.py"


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        (f"{EVERYWHERE}::test_axe[dark]", "browser 05"),
        (f"{OWN}::test_the_slider", "browser 05"),
        ("tests/browser/test_browser_everywhere.py::Test06a_images::test_axe", "browser 06a"),
        ("tests/browser/test_browser_chinese.py::Test06a_images::test_the_labs", "browser zh 06a"),
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


def test_make_test_opens_one_chapter_in_the_browser_and_all_that_is_not_a_chapter():
    others = [f"{EVERYWHERE}::test_axe", f"{OWN}::test_the_slider"]
    kept = [each.replace("05", "01") for each in others] + ["tests/browser/test_browser_lab.py::test_reload"]
    assert [is_slow(each) for each in others + kept] == [True, True, False, False, False]


def test_make_test_runs_all_english_chapters_and_no_translated_one():
    cells = [
        f"notebooks/{name}.ipynb::Cell 0"
        for name in ("zh/05b_workshop", "zh/00_start_here", "zh/01_background", "en/05_practice")
    ]
    assert [is_slow(each) for each in cells] == [True, True, True, False]


def test_make_test_drives_the_labs_of_chapter_1_alone_in_a_notebook():
    hidden, shown = ({"metadata": metadata} for metadata in ({"tags": ["smoke"]}, {}))
    items = [
        SimpleNamespace(nodeid=f"notebooks/en/{name}.ipynb::Cell 9", cell=cell)
        for name, cell in (("05_practice", hidden), ("01_background", hidden), ("05_practice", shown))
    ]
    others = [SimpleNamespace(nodeid="tests/core/test_ops.py::test_sum")]
    assert [drives_labs(each) for each in items + others] == [True, False, False, False]


def item(nodeid, browser=False, slow=False):
    """What pytest collects, as far as the order looks at it; cells of notebooks have no fixtures."""
    fixtures = {"fixturenames": ["jupyter"] if browser else []} if ".py" in nodeid else {}
    return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name: slow or None, **fixtures)


def test_browser_first_then_notebooks_then_labs_then_the_largest_modules():
    """A chapter's own tests come after those that only look, and before those that leave it changed."""
    expected = [
        item(f"{EVERYWHERE}::test_axe", browser=True),
        item(f"{OWN}::test_the_slider", browser=True),
        item(f"{EVERYWHERE}::test_every_button", browser=True, slow=True),
        item("tests/browser/test_browser_lab.py::test_reload", browser=True),
        item("tests/chapters/again.py::test_each_cell[05_practice]"),
        item("notebooks/en/05_practice.ipynb::Cell 0"),
        item("tests/labs/test_leaks.py::test_a_cell"),
        item("tests/core/test_ops.py::test_sum"),
        item("tests/core/test_ops.py::test_exp"),
        item("tests/browser/test_chromium.py::test_no_browser"),
    ]
    mixed = [expected[number] for number in (9, 2, 6, 1, 5, 7, 0, 8, 3, 4)]
    assert sorted(mixed, key=rank(mixed)) == expected


def test_a_test_that_takes_for_ever_fails_under_its_name_and_the_others_go_on(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "from order import ByChapter\ndef pytest_xdist_make_scheduler(config, log): return ByChapter(config, log)\n",
        encoding="utf-8",
    )
    (tmp_path / "test_some.py").write_text(
        "def test_first(): pass\ndef test_endless():\n    while True: pass\ndef test_last(): pass\n", encoding="utf-8"
    )
    (tmp_path / "test_more.py").write_text("def test_more(): pass\n", encoding="utf-8")
    unused = [
        option for name in ("cacheprovider", "nbval", "hypothesispytest", "cov") for option in ("-p", f"no:{name}")
    ]
    options = [*unused, "-n2", "--dist=loadscope", "-o", f"pythonpath={Path(__file__).parents[1]}"]
    limits = ["-o", "faulthandler_timeout=2", "-o", "faulthandler_exit_on_timeout=true"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *limits], cwd=tmp_path, capture_output=True, text=True, timeout=200
    )
    assert "FAILED test_some.py::test_endless" in run.stdout and "1 failed, 3 passed" in run.stdout
