"""A cell of an exercise that is run again in a real JupyterLab: its new panel works, and nothing is left of the old one.

In `make test` the cell of a lab is run again, in `test_browser_lab.py`, and in `tests/labs/test_leaks.py` that of each.
"""

import pytest

from tests.browser.jupyter import Panel

pytestmark = pytest.mark.slow
CELLS = [
    "import ipywidgets\nfrom course_lib.exercises.chapter03 import arrange, chapter, check, predict\n"
    "from course_lib.tools.progress import show_progress\nfrom types import SimpleNamespace",
    'check("by-hand")',
    "predict(next(iter(chapter.predictions)))",
    'arrange("training-step")',
    "for _ in show_progress([SimpleNamespace(epoch=1, loss=0.5)], epochs=1): pass",
]
IN_KERNEL = "len(ipywidgets.widget._instances)"
SHOWN = (
    "cells => cells.slice(1).map(cell => [...cell.querySelectorAll('button')].filter(b => b.checkVisibility()).length)"
)


@pytest.fixture(scope="module")
def notebook(jupyter):
    notebook = jupyter.open(jupyter.write("again.ipynb", CELLS).name, window=(1100, 2600))
    notebook.run_all()
    return notebook


def buttons(notebook):
    """How many buttons each cell but the first shows."""
    return notebook.page.locator(".jp-CodeCell").evaluate_all(SHOWN)


def wait_for(notebook, wanted):
    notebook.page.wait_for_function(
        "([shown, wanted]) => JSON.stringify(eval(shown)([...document.querySelectorAll('.jp-CodeCell')])) === wanted",
        arg=[SHOWN, str(wanted).replace(" ", "")],
        timeout=20_000,
    )


def test_run_all_again_leaves_as_many_widgets_as_before(notebook):
    shown, held = buttons(notebook), notebook.value(IN_KERNEL)
    assert [count > 0 for count in shown] == [True, True, True, False]  # a bar has no buttons
    for _ in range(2):
        notebook.run_all()
        wait_for(notebook, shown)
        assert notebook.value(IN_KERNEL) == held


def test_the_new_panels_answer(notebook):
    panel = Panel(notebook, "arrange(")
    panel.button("Check").click()
    panel.expect("Not yet")
    held = notebook.settle(IN_KERNEL)
    panel.button("Check").click()
    assert notebook.settle(IN_KERNEL) == held
    assert notebook.errors() == []
