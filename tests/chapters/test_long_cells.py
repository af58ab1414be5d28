"""A cell that takes more than some ten seconds in the browser alone says so: a bar shows how far it is, and what is left."""

import re

import pytest
from chapter_files import cell

from course_lib.text import LOCALE, translations

BAR = "Training, {epochs} epochs: while the cell runs, a bar shows how far it is."  # what a notebook stores of it
SENTENCES = {
    "en": BAR,
    "zh": translations((LOCALE / "zh" / "engine.po").read_text(encoding="utf-8"))[BAR],
}
LONG = {  # by the processor seconds of `make test-lite`, and the shorter trainings of these chapters
    "06a_images": ["train-cnn", "five-seeds", "shifted-data"],
    "06b_speech": ["baseline", "clip-compare", "five", "remedies", "spotting"],
    "06c_translation": ["training", "plain", "five-pairs", "second", "repair"],
}


@pytest.mark.parametrize("chapter", LONG)
@pytest.mark.parametrize("language", SENTENCES)
def test_a_long_cell_has_a_bar_first(language, chapter):
    bar = re.compile(re.escape(SENTENCES[language]).replace(r"\{epochs\}", r"\d+"))
    for name in LONG[chapter]:
        shown = [output for output in cell(chapter, name, language).outputs if not is_heading(output)]
        assert shown and bar.fullmatch(shown[0].get("data", {}).get("text/plain", "")), name


def is_heading(output):
    """The line above what a prediction asked for."""
    return (
        output.output_type == "stream"
        and output.text.count("\n") == 1
        and output.text.rstrip().endswith((":", "\uff1a"))
    )
