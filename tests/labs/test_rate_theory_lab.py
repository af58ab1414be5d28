"""The learning-rate theory lab's face: goals, and the picture after each change."""

from course_lib.labs import rate_theory_lab


def test_the_goals_are_reached_one_after_the_other():
    lab = rate_theory_lab("driven")
    lab.buttons["claim"].click()
    assert "\N{CHECK MARK}" not in lab.goal_line.value and "holds the descent up" in lab.status_line.value
    assert not lab.error_line.value
    lab.controls["rate"].set(0.0769)
    lab.buttons["claim"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "number 400" in lab.goal_line.value
    assert "Best rate" in lab.status_line.value
    lab.controls["condition"].set(400)
    lab.controls["rate"].set(0.005)
    lab.buttons["claim"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2
