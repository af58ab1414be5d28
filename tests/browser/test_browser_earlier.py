"""What a page shows of labs and exercises once their kernel is gone: picture and text, never "model not found"."""

import pytest

from tests.browser.jupyter import Panel, open_notebook

CELLS = [
    "from course_lib.exercises.chapter03 import arrange, check, predict, chapter\n"
    "from course_lib.labs import fit_lab, training_lab",
    'one = training_lab("one", epochs=50)\none',
    "two = fit_lab()\ntwo",
    'arrange("training-step")',
    "predict(next(iter(chapter.predictions)))",
]
NOTE = "This is from an earlier run. To use it, choose Run, then Run All Above Selected Cell, and run this cell again."
SHOWN = (
    "cells => cells.slice(1).map(cell => [cell.querySelector('.jp-OutputArea').innerText, "
    "[...cell.querySelectorAll('button')].filter(button => button.checkVisibility()).length > 0, "
    "[...cell.querySelectorAll('.jp-OutputArea img, canvas[data-frame]')]"
    ".filter(picture => picture.checkVisibility({visibilityProperty: true})).map(picture => picture.tagName)])"
)
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


@pytest.fixture(scope="module")
def notebook(jupyter):
    file = jupyter.write("earlier.ipynb", CELLS)
    notebook = jupyter.open(file.name, window=(1100, 2600))  # all panels are in sight
    notebook.run_all()
    return notebook


def shown(notebook):
    """Of each cell but the first: the text of its output, whether there are buttons, and how its pictures are drawn."""
    return notebook.page.locator(".jp-CodeCell").evaluate_all(SHOWN)


def expect(notebook, live):
    """Wait until every panel is there, or none; then each cell shows either the panel or what is left of it."""
    notebook.page.wait_for_function(
        "([shown, live]) => eval(shown)([...document.querySelectorAll('.jp-CodeCell')]).every((cell, number) => "
        "cell[1] === live && (number > 1 || cell[2] == (live ? 'CANVAS' : 'IMG')))",
        arg=[SHOWN, live],
        timeout=20_000,
    )
    for number, (text, buttons, pictures) in enumerate(shown(notebook)):
        assert "model not found" not in text and "Loading" not in text
        assert (NOTE in text) != live and buttons == live
        assert pictures == [["CANVAS"] if live else ["IMG"], []][number >= 2]


def save(notebook):
    notebook.command("docmanager:save")
    notebook.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")


def test_panels_and_what_is_left_of_them(notebook):
    expect(notebook, live=True)
    notebook.page.evaluate(RESTART)
    notebook.wait_idle()
    expect(notebook, live=False)  # at once, without a reload
    save(notebook)  # as the page does by itself every two minutes
    notebook.run_all()
    expect(notebook, live=True)


@pytest.mark.slow
def test_a_page_that_is_loaded_again_shows_what_is_left(jupyter, notebook):
    page = notebook.page
    save(notebook)
    again = open_notebook(page, jupyter.server, "earlier.ipynb")
    expect(again, live=True)  # the kernel lives: so do the panels
    Panel(again, "one = training_lab(").press("Step")

    page.evaluate(RESTART)
    again.wait_idle()
    expect(again, live=False)
    save(again)
    again = open_notebook(page, jupyter.server, "earlier.ipynb")
    expect(again, live=False)
    assert again.errors() == []

    again.run_all()
    expect(again, live=True)
    again.close()
