"""The drawing lab's face: sheet, controls, goals, and what it says without a network."""

import numpy as np
import pytest

from course_lib import Adam, Dense, Flatten, Sequential, train
from course_lib.datasets import digits
from course_lib.labs import drawing_lab
from course_lib.labs.cnn import smoothed_cross_entropy


@pytest.fixture(scope="module")
def network():
    """A small MLP, trained for a moment."""
    rng = np.random.default_rng(0)
    options = {"rng": rng, "dtype": np.float32}
    model = Sequential(Flatten(), Dense(64, 64, "relu", **options), Dense(64, 10, **options))
    data, _, _ = digits()
    for _ in train(model, data, loss=smoothed_cross_entropy, optimizer=Adam(0.01), epochs=10, batch_size=64, rng=rng):
        pass
    return model


def test_a_click_paints_with_the_pen(network):
    lab = drawing_lab(network)
    before = lab.canvas.image.value
    lab.buttons["clear"].click()
    assert {pixel.description for pixel in lab.pixels} == {"0"}
    lab.pixels[10].click()
    assert lab.model.pixels[1, 2] == 16 and lab.pixels[10].description == "16"
    lab.controls["pen"].set(4)
    lab.pixels[11].click()
    assert lab.model.pixels[1, 3] == 4 and lab.pixels[11].tooltip == "row 2, column 4"
    assert lab.pixels[10].style is not lab.pixels[11].style
    assert lab.canvas.image.value != before and "2 pixels with ink" in lab.status_line.value


def test_the_sheet_shows_each_image(network):
    lab = drawing_lab(network, number=5)
    for act in (lab.buttons["noise"].click, lab.buttons["left"].click, lambda: lab.controls["number"].set(9)):
        act()
        assert [int(pixel.description) for pixel in lab.pixels] == lab.model.pixels.ravel().tolist()
    assert lab.model.changed == 0


def test_both_goals_can_be_reached(network):
    lab = drawing_lab(network)
    for number in range(60):
        lab.controls["number"].set(number)
        for target in range(10):
            lab.buttons["load"].click()
            if lab.model.first != lab.model.label or target == lab.model.label:
                continue
            lab.controls["target"].set(target)
            for _ in range(5):
                lab.model.follow()
        lab.refresh()
        if lab.model.fewest is not None and lab.model.fewest <= 2:
            break
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2
    assert f"Your fewest: {lab.model.fewest}." in lab.goal_line.value


def test_without_a_network_a_sentence_says_what_to_do():
    lab = drawing_lab()
    assert "run this cell again" in lab.status_line.value and not lab.error_line.value
    lab.pixels[0].click()
    assert lab.model.pixels[0, 0] == 16 and not lab.error_line.value
    lab.buttons["follow"].click()
    assert "run this cell again" in lab.error_line.value and "Traceback" not in lab.error_line.value
    data, alt = lab.static()
    assert data.startswith(b"\x89PNG") and "test image 0, a 5" in alt
