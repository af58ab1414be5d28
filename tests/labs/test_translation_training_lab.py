"""The view of the lab "learn to translate": a live run on the loop, the goal, and symbols that can be read."""

import asyncio
import io

import numpy as np
from PIL import Image

from course_lib.labs import translation_training_lab
from course_lib.labs.base.artists import DENSITY
from course_lib.labs.translation_training import COLUMNS, ROWS


def on_a_loop(drive):
    """Run drive(lab) as a notebook would, on a running loop."""

    async def run():
        lab = translation_training_lab(name="loop", rate=0.01)
        try:
            await drive(lab)
        finally:
            lab.close()

    asyncio.run(run())


def test_it_trains_live_and_the_rate_can_be_turned():
    async def drive(lab):
        first = lab.canvas.image.value
        lab.buttons["train"].click()
        while lab.model.step < 3:
            await asyncio.sleep(0.01)
        lab.controls["rate"].set(0.02)
        while lab.model.step < 12 or lab.canvas.image.value == first:
            await asyncio.sleep(0.01)
        assert lab.running and len(lab.model.changes) == 1
        lab.buttons["train"].click()
        stopped = lab.model.step
        await lab._task
        assert not lab.running and lab.model.step <= stopped + 3 and not lab.error_line.value
        assert f"Step {lab.model.step} of" in lab.status_line.value

    on_a_loop(drive)


def test_another_decoder_begins_anew_and_keeps_the_earlier_run():
    lab = translation_training_lab(rate=0.01)
    lab.model.advance(10)
    lab.controls["attention"].set(False)
    assert lab.model.step == 0 and len(lab.model.ghosts) == 1 and "without attention" in lab.status_line.value


def test_nonsense_is_answered():
    lab = translation_training_lab()
    lab.controls["rate"].text.value = "fast"
    assert "expected a number from" in lab.error_line.value
    lab.controls["number"].set("a lot")
    assert "is not a word of the vocabulary" in lab.error_line.value and lab.model.settings.number == 340_215
    lab.controls["number"].set("12")
    assert not lab.error_line.value and lab.model.settings.number == 12


def test_the_goal_turns_green():
    lab = translation_training_lab(rate=0.01)
    while not lab.model.reached and lab.model.step < 100:
        lab.model.advance(10)
    lab.refresh()
    assert "\N{CHECK MARK}" in lab.goal_line.value and "Fewest so far" in lab.goal_line.value


def luminances(pixels):
    """The relative luminance of colours, as the Web Content Accessibility Guidelines define it."""
    shares = pixels / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def test_a_wrong_symbol_can_be_read_on_what_it_stands_on():
    lab = translation_training_lab()
    lab.refresh()
    assert lab.model.alone[0] != lab.model.right[0]  # untrained
    with Image.open(io.BytesIO(lab.canvas.frame())) as image:
        x, y = COLUMNS[0] * DENSITY, image.height - ROWS[2] * DENSITY
        drawn = np.asarray(image.convert("RGB").crop((x - 12, y - 12, x + 12, y + 12))).reshape(-1, 3)
    colours, counts = np.unique(drawn, axis=0, return_counts=True)
    field = colours[counts.argmax()]
    assert field.tolist() != [255, 255, 255]  # it is told from a right one
    ratios = (luminances(drawn) + 0.05) / (luminances(field) + 0.05)
    assert max(ratios.max(), 1 / ratios.min()) >= 4.5
