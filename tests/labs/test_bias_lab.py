"""The bias lab's face: controls, sweep, goal."""

from course_lib.labs import bias_lab


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
