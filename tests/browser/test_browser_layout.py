"""What a reader sees of the training lab at once, on the smallest window that it is made for.

In `make test` one state of it is measured, in `test_browser_lab.py`.
"""

import pytest

from tests.browser.jupyter import Panel

pytestmark = pytest.mark.slow
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


def test_from_question_to_folds_it_fits_with_a_status_of_two_lines(notebook):
    panel = Panel(notebook, "training_lab(rate")
    panel.picture.wait_for()
    panel.press("Step", times=25)
    notebook.settle()
    box = {
        text: panel.cell.get_by_text(text).first.bounding_box()
        for text in ("Which learning rate", "the steps are too long", "Copy and restore")
    }
    assert box["the steps are too long"]["height"] > 40  # two lines
    top, bottom = box["Which learning rate"]["y"], box["Copy and restore"]["y"] + box["Copy and restore"]["height"]
    assert bottom - top < ROOM


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
