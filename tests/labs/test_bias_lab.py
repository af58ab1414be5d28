"""The bias lab's face: controls, sweep, goal."""

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
