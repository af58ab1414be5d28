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
