"""The CNN lab's face: both goals, and what is shown."""

from course_lib.labs import cnn_lab


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
