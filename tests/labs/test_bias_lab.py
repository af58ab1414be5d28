"""The bias lab's face: controls, sweep, goal, static picture."""

import pytest

from course_lib.labs import bias_lab


def test_the_goal_is_reached_by_adding_words():
    lab = bias_lab()
    before = lab.canvas.image.value
    assert "\N{WHITE CIRCLE}" in lab.goal_line.value
    lab.controls["added"].set(40)
    assert "\N{CHECK MARK}" in lab.goal_line.value and "40 of slt in the training data" in lab.status_line.value
    assert lab.canvas.image.value != before


def test_adding_step_by_step_moves_the_slider_along():
    lab = bias_lab()
    lab.run_button.click()
    assert lab.controls["added"].value == 60 and len(lab.model.swept) == 6


def test_another_source_has_other_limits():
    lab = bias_lab()
    lab.controls["added"].set(60)
    lab.controls["source"].set("digits: white on black")
    assert (lab.controls["added"].value, lab.controls["added"].high) == (0, 400)
    assert "of white on black" in lab.status_line.value
    lab.controls["added"].set(400)
    lab.controls["source"].set("speech: voice slt")
    assert lab.controls["added"].high == 60 and lab.error_line.value == ""


@pytest.mark.parametrize("nonsense", ["many", "nan", "-5", "61", "2.5"])
def test_nonsense_gives_a_sentence(nonsense):
    lab = bias_lab()
    lab.controls["added"].text.value = nonsense
    assert "expected a whole number from 0 to 60" in lab.error_line.value
    lab.controls["share"].text.value = nonsense
    assert "expected a whole number from 1 to 50" in lab.error_line.value


def test_static_picture_states_facts_that_hold_everywhere():
    data, alt = bias_lab().static()
    assert data[:4] == b"\x89PNG"
    assert alt == (
        "Accuracy by group, 7 groups. Without slt in the training data: slt below 75%, the others together at "
        "least 85%. With 60 examples of it added: slt at least 85%."
    )


def test_the_static_picture_leaves_the_lab_as_it_is():
    lab = bias_lab(added=20)
    lab.static()
    assert lab.model.settings["added"] == 20 and lab.model.swept == []
