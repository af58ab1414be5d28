"""The over-fitting lab's face: goals, and the way back."""

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
