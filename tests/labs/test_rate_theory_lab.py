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


def test_the_picture_follows_each_change():
    lab, pictures = rate_theory_lab("driven"), set()
    for change in (("rate", 0.03), ("condition", 50), ("rate", 5.0)):
        lab.controls[change[0]].set(change[1])
        pictures.add(lab.canvas.image.value)
    lab.buttons["show"].click()
    assert len(pictures | {lab.canvas.image.value}) == 4
    assert "It diverges" in lab.status_line.value


def test_the_static_picture_is_that_of_the_present_state():
    lab = rate_theory_lab("driven")
    lab.controls["rate"].set(0.0769)
    lab.buttons["claim"].click()
    assert "Best rate" in lab.status_line.value and "Best rate" in lab.static()[1]
