"""The face of the lab of voices: controls, goals, static picture."""

import pytest

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
    assert "costs another speaker" not in lab.goal_line.value
    lab.model.best = 0.96
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "Your best so far: 96%" in lab.goal_line.value
    lab.model.harm = 0.07
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and "largest fall so far: 7%" in lab.goal_line.value


def test_the_static_picture_states_what_holds_on_every_machine():
    data, alt = voices_lab("driven").static()
    assert data.startswith(b"\x89PNG")
    assert alt.startswith("After 4 epochs on 1,200 utterances")
    assert "at least 95% right on held-out accents" in alt and "at least 5 points less" in alt


@pytest.mark.parametrize(("control", "limits"), [("clip", "0.01 to 100"), ("seed", "0 to 99")])
@pytest.mark.parametrize("nonsense", ["much", "nan", "-7", "1e9", " "])
def test_nonsense_gives_a_sentence(control, limits, nonsense):
    lab = voices_lab("driven")
    lab.controls[control].text.value = nonsense
    assert f"from {limits}" in lab.error_line.value and "Traceback" not in lab.error_line.value
