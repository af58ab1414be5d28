"""The over-fitting lab's face: controls, training, the way back, static picture."""

import pytest

from course_lib.labs import overfitting_lab


def test_goals_appear_one_after_the_other():
    lab = overfitting_lab(weight_decay=0.3)
    before = lab.canvas.image.value
    assert lab.goal_line.value.count("Goal:") == 1
    lab.run_button.click()  # without a notebook it trains to the end
    assert lab.goal_line.value.count("Goal:") == 2 and lab.goal_line.value.count("\N{CHECK MARK}") == 1
    assert lab.canvas.image.value != before
    lab.controls["weight_decay"].set(0)
    lab.run_button.click()
    lab.buttons["best"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and "Back at epoch" in lab.status_line.value


def test_the_way_back_needs_a_way_there():
    lab = overfitting_lab()
    assert lab.buttons["best"].disabled
    lab.run_button.click()
    assert not lab.buttons["best"].disabled
    lab.buttons["best"].click()
    assert lab.buttons["best"].disabled
    lab.run_button.click()  # a finished run starts anew
    assert lab.model.epoch == 3000 and not lab.model.shown_best


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hidden", "a whole number from 1 to 100"),
        ("noise", "a number from 0 to 1"),
        ("weight_decay", "a number from 0 to 3"),
        ("dropout", "a number from 0 to 0.8"),
    ],
)
def test_nonsense_gives_a_sentence(name, sentence):
    lab = overfitting_lab()
    for nonsense in ("many", "-1", "1e9", ""):
        lab.controls[name].text.value = nonsense
        assert f"expected {sentence}" in lab.error_line.value


def test_static_picture_states_facts_that_hold_everywhere():
    data, alt = overfitting_lab().static()
    assert data[:4] == b"\x89PNG"
    assert "After 3,000 epochs the training loss is below the noise of 0.09: yes" in alt
    assert "lowest at an epoch below 1,000" in alt and "a multiple of at least 1.5" in alt


def test_the_static_picture_leaves_the_lab_as_it_is():
    lab = overfitting_lab()
    lab.static()
    assert lab.model.epoch == 0
