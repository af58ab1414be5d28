"""Chapter 10 in a real JupyterLab: it trains under Run All, then its labs are driven as a student would."""

import pytest

from tests.browser.jupyter import Panel

NAME = "notebooks/en/10_language_model.ipynb"


@pytest.fixture
def lab(notebook):
    return Panel(notebook, "lab = language_lab(")


def test_words_are_invented_while_it_trains(notebook):
    first = Panel(notebook, "first_look = language_lab(")
    first.expect("Step 0 of ")
    with first.new_picture():
        first.press("Step")
    first.expect("Step 1 of ")
    assert notebook.value("first_look.model.settings['task']") == "words"


def test_without_the_mask_it_learns_to_copy_and_cannot_write(notebook, lab):
    with lab.new_picture():
        lab.cell.get_by_label("Mask").uncheck()
    lab.type("0.02")
    lab.button("Train").click()
    lab.expect("without the mask the network sees the answer", seconds=60)
    lab.button("Pause").click()
    lab.button("Train").wait_for()  # its new label may move the button beside it
    lab.button("Reset").click()
    lab.expect("Step 0 of ")
