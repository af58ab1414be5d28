"""The CNN lab's face: both goals, and the colours of its tiles."""

import numpy as np
import pytest

from course_lib.labs import cnn_lab
from course_lib.labs.base.artists import GREEN, INK, SIGNED, Canvas, PixelGrids


def test_both_goals_can_be_reached():
    lab = cnn_lab(epochs=2)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 0
    lab.controls["rate"].set(0.01)
    lab.buttons["train"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "Your best so far:" in lab.goal_line.value
    lab.controls["epochs"].set(3)
    lab.controls["optimizer"].set("GradientDescent")
    lab.controls["rate"].set(0.3)
    lab.buttons["train"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and not lab.error_line.value


def test_the_picture_follows_training_and_the_image_shown():
    lab = cnn_lab()
    seen = [lab.canvas.image.value]
    for act in (lab.buttons["step"].click, lambda: lab.controls["digit"].set(7), lab.buttons["new start"].click):
        act()
        seen.append(lab.canvas.image.value)
    assert len(set(seen)) == len(seen)
    assert "Step 0 of 190" in lab.status_line.value


def test_the_rate_is_live():
    lab = cnn_lab()
    lab.controls["rate"].set(0.02)
    lab.buttons["step"].click()
    assert lab.model.optimizer.learning_rate == 0.02 and lab.model.step == 1


@pytest.mark.parametrize("colours", [INK, GREEN, SIGNED], ids=["ink", "green", "signed"])
def test_every_colour_of_a_tile_reaches_the_reader(colours):
    """The palette of the PNG has the colours of the tiles (within a step of the scale)."""
    import io

    from PIL import Image

    canvas = Canvas(400, 60)
    levels = np.linspace(0, 1, 16)
    tiles = canvas.moving(PixelGrids(canvas.figure, (8, 8), (1, 1, 16), colours, pixel=16))
    tiles.values = levels[None, None]
    picture = np.asarray(Image.open(io.BytesIO(canvas.frame())).convert("RGB")).astype(int)
    for column, level in enumerate(levels):
        x, y = (round(1.25 * v) for v in tiles.middle(0, column))
        got, expected = picture[picture.shape[0] - y, x], colours[round(level * (len(colours) - 1))].astype(int)
        assert np.abs(got - expected).max() <= 12, (column, got, expected)
