"""The view of the lab "translate a number": typing, writing symbol by symbol, the goal, and the picture."""

import asyncio
import time

import numpy as np
import pytest
from test_hand import pixels, read

from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.labs import translation_lab
from course_lib.models.translation import Translator


@pytest.fixture(scope="module")
def translator():
    """Untrained: it gets everything wrong."""
    return Translator(len(ENGLISH), len(CHINESE), 8, 8, rng=np.random.default_rng(0))


def test_a_typed_number_is_translated_and_the_goal_counts_mistakes(translator):
    lab = translation_lab(translator)
    assert "Tried so far: 1" in lab.goal_line.value  # the first picture
    lab.controls["number"].set("eight")
    assert "8: " in lab.status_line.value and "is wrong" in lab.status_line.value
    assert "\N{CHECK MARK}" in lab.goal_line.value and "Tried so far: 2" in lab.goal_line.value


def test_the_picture_shows_the_words_of_the_typed_number_and_what_is_written_so_far(translator):
    lab = translation_lab(translator)
    lab.controls["number"].set("eight")
    lab.model.reset()
    lab.buttons["step"].click()
    shown = [label.text for label in lab.words if label.text]
    assert shown == list(lab.model.words) and "eight" in shown and lab.title.text == lab.model.title()
    assert [bool(label.text) for label in lab.symbols] == [True] + [False] * (len(lab.symbols) - 1)


def test_next_symbol_writes_one_and_begins_anew_at_the_end(translator):
    lab = translation_lab(translator, text="12")
    lab.buttons["step"].click()
    assert lab.model.done == 1 and "step 1 wrote" in lab.status_line.value
    pictures = {lab.canvas.image.value}
    for _ in range(3):
        lab.buttons["step"].click()
        pictures.add(lab.canvas.image.value)
    assert len(pictures) == 4 or lab.model.finished


def test_random_numbers_are_shown_in_the_box(translator):
    lab = translation_lab(translator)
    seen = set()
    for _ in range(5):
        lab.buttons["random"].click()
        seen.add(lab.controls["number"].value)
        assert int(lab.controls["number"].value.replace(",", "")) == lab.model.number
    assert len(seen) > 2


def test_it_writes_at_a_readable_pace_on_the_loop(translator):
    async def drive():
        lab = translation_lab(translator, name="loop")
        lab.controls["number"].set("77")
        lab.run_button.click()  # leaving the text box with a click on the button must not pause at once
        assert lab.running
        while lab.run_button.description != "Pause":
            await asyncio.sleep(0.01)
        assert lab.running
        began, shown = time.perf_counter(), 0
        while not shown or time.perf_counter() - began < 1.5 * lab.step_seconds:
            await asyncio.sleep(0.05)
            shown = lab.model.done
        assert 1 <= shown <= 2 + (time.perf_counter() - began) / lab.step_seconds and not lab.error_line.value
        lab.close()

    asyncio.run(drive())


def test_the_map_of_attention_reads_its_weights(translator):
    lab = translation_lab(translator)
    model = lab.model
    model.reset()
    model.advance(2)
    at = pixels(lab, lab.map, 0.5, 1.5)
    assert read(lab, *at).endswith(f"attention to {model.words[0]} {model.weights[1, 0]:.3f}")
    assert read(lab, *pixels(lab, lab.map, 0.5, 2.5)) == "", "not written yet"
