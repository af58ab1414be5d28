"""Nonsense typed in a real JupyterLab, once into each kind of text box. `test_robustness.py` hands it to every box there is,
and `test_browser_lab.py` types one piece, which is what `make test` sees of it on a page."""

import pytest

from tests.browser.labs_on_page import KINDS, Labs

CELLS = [
    "from course_lib.labs import compute_lab, training_lab, translation_training_lab",
    *(f"{name} = {name}_lab()\n{name}" for name in ("compute", "training", "translation_training")),
    "training.buttons['write down'].click()\nfor fold in training.folds: fold.is_open = True",
]


@pytest.mark.slow
def test_nonsense_gets_a_sentence_and_the_right_value_clears_it(jupyter):
    jupyter.write("boxes.ipynb", CELLS)
    page = Labs("boxes", jupyter.run("boxes.ipynb")).find()
    typed = set()
    for lab in page.labs:
        for number, box in enumerate(lab["boxes"]):
            if box["kind"] not in typed and page.type_nonsense(lab, number):
                typed.add(box["kind"])
    assert typed == KINDS
    assert page.faults == []
    assert page.notebook.errors() == []


def test_the_sentence_about_nonsense_comes_into_view_on_a_low_window(jupyter):
    jupyter.write("low.ipynb", ["from course_lib.labs import training_lab", "lab = training_lab(plain=True)\nlab"])
    page = jupyter.run("low.ipynb").page
    size = page.viewport_size
    page.set_viewport_size({"width": 1366, "height": 650})
    try:
        page.locator(".course-error").evaluate("line => line.closest('.jp-OutputArea-output').scrollIntoView()")
        box = page.locator(".course-number input[type=text]").first
        box.fill("abc")
        box.press("Enter")
        said = page.locator(".course-error [role=alert]")
        said.wait_for()
        page.wait_for_function(
            """() => {
                const {bottom} = document.querySelector('.course-error [role=alert]').getBoundingClientRect();
                return bottom <= document.querySelector('#jp-main-statusbar, .jp-StatusBar-Widget').getBoundingClientRect().top;
            }""",
            timeout=5000,
        )
        assert box.is_visible() and "got 'abc'" in said.inner_text()
    finally:
        page.set_viewport_size(size)
