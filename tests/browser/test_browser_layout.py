"""What a reader sees of a lab at once: of each on a laptop's screen, of the training lab also with goals that are reached.

In `make test` one state of the training lab is measured, in `test_browser_lab.py`.
"""

import pytest

from tests.browser.labs_on_page import CROWDED
from tests.labs.every_lab import NAMES

pytestmark = pytest.mark.slow
EVERY_LAB = ["from tests.labs.every_lab import opened", *(f"opened({name!r})" for name in NAMES)]
# From the top of goals, status and first control to the end of the picture; and how much JupyterLab shows of a notebook.
HIGH = """panel => {
    const top = Math.min(...[...panel.querySelectorAll('button, input, select, [role=status]')]
        .filter(node => node.checkVisibility() && node.clientWidth).map(node => node.getBoundingClientRect().top));
    const ends = [...panel.querySelectorAll('canvas, [role=status], .jupyter-button.mod-primary')]
        .map(node => node.getBoundingClientRect().bottom);
    return [Math.max(...ends) - top, panel.closest('.jp-WindowedPanel-outer').clientHeight];
}"""
CELL = "from course_lib.labs import training_lab\n\nlab = training_lab(rate=30.0)\nlab"
ROOM = 647  # CSS pixels that JupyterLab leaves to a notebook in a window of 1,024 x 768
GOALS = """lab.model.records = {'4 units': 12, '2 units': 29}
lab.model.records = {name: best for name, best in lab.model.records.items() if name in reached}
lab.model.note()
lab.model.advance(25)
lab.redraw()"""
FROM_TO = """cell => {
    const lines = [...cell.querySelectorAll('.widget-html-content')].filter(line => line.checkVisibility());
    const folds = [...cell.querySelectorAll('button.jupyter-button')].filter(button => button.innerText.startsWith('\u25b8'));
    return [lines[0].getBoundingClientRect().top, folds.at(-1).getBoundingClientRect().bottom];
}"""


@pytest.fixture(scope="module")
def notebook(jupyter):
    jupyter.write("layout.ipynb", [CELL])
    notebook = jupyter.open("layout.ipynb", window=(1024, 768))
    notebook.run_all()
    yield notebook
    assert notebook.errors() == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reached", [["4 units"], ["4 units", "2 units"]])
def test_it_fits_with_goals_reached_and_the_next_one_shown(notebook, language, reached):
    """With a status of two lines, in both languages."""
    notebook.execute(f"from course_lib import text\ntext.set_language({language!r})\nreached = {reached!r}")
    try:
        cell = notebook.page.locator(".jp-CodeCell").first
        notebook.run_all()
        notebook.execute(GOALS)
        notebook.settle()
        cell.locator("canvas[data-frame]").wait_for()
        assert cell.get_by_text("\N{CHECK MARK}").count() == len(reached)
        top, bottom = cell.evaluate(FROM_TO)
        assert 400 < bottom - top < ROOM
    finally:
        notebook.execute("text.set_language('en')")


@pytest.fixture(scope="module")
def every_lab(jupyter):
    notebook = jupyter.open(jupyter.write("every_lab.ipynb", EVERY_LAB).name, window=(1280, 657))
    notebook.page.evaluate("() => window.jupyterapp.shell.expandLeft()")  # the file browser, as JupyterLab opens
    notebook.run_all(300)
    assert notebook.errors() == []
    cells = notebook.page.locator(".jp-CodeCell:has(canvas)")
    panels = {name: cells.nth(number).locator(".widget-vbox").first for number, name in enumerate(NAMES)}
    for panel in panels.values():
        panel.locator("canvas[data-frame]").first.wait_for()
    yield notebook.page, panels
    notebook.page.set_viewport_size({"width": 1100, "height": 900})


def once_laid_out(page, find_faults):
    """The faults that stay when JupyterLab has given its parts their new size, which a slow machine does late."""
    for _ in range(20):
        page.wait_for_timeout(500)
        faults = find_faults()
        if not faults:
            break
    return faults


@pytest.mark.parametrize(("width", "height"), [(1280, 657), (1366, 650)])
def test_every_lab_shows_goal_status_controls_and_picture_at_once_on_a_laptop(every_lab, width, height):
    page, panels = every_lab
    page.set_viewport_size({"width": width, "height": height})

    def too_high():
        high = {name: panel.evaluate(HIGH) for name, panel in panels.items()}
        return {name: (needs, room) for name, (needs, room) in high.items() if not 100 < needs <= room}

    assert once_laid_out(page, too_high) == {}


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (640, 328)])
def test_no_lab_is_cut_off_on_a_narrow_page(every_lab, width, height):
    """The second is a laptop's screen at 200 %, where a reader folds the file browser away."""
    page, panels = every_lab
    page.set_viewport_size({"width": width, "height": height})
    if width < 1000:
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def crowded():
        found = {name: panel.evaluate(CROWDED) for name, panel in panels.items()}
        return {name: faults for name, faults in found.items() if faults}

    assert once_laid_out(page, crowded) == {}
