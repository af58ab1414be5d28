"""The face of the lab of voices: controls and goals."""

from course_lib.labs import voices_lab


def test_ticks_choose_the_voices():
    lab = voices_lab("driven")
    lab.controls["slt"].set(True)
    lab.controls["kal16"].set(True)
    assert lab.model.settings["voices"] == ("kal16", "slt")
    lab.controls["slt"].set(False)
    assert lab.model.settings["voices"] == ("kal16",) and "slt" in lab.status_line.value


def test_step_and_reset():
    lab = voices_lab("driven")
    before = lab.canvas.image.value
    lab.buttons["step"].click()
    assert len(lab.model.losses) == 1 and lab.canvas.image.value != before
    lab.buttons["reset"].click()
    assert lab.model.losses == [] and lab.canvas.image.value == before


def test_goals_are_reached_one_after_the_other():
    lab = voices_lab("driven")
    assert "does harm" not in lab.goal_line.value
    lab.model.best = 0.96
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "Your best so far: 96%" in lab.goal_line.value
    lab.model.harm = 0.07
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and "largest fall so far: 7%" in lab.goal_line.value
