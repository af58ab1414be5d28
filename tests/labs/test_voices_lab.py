"""The face of the lab of voices: controls and goals."""

from course_lib.labs import voices_lab


def test_ticks_choose_the_voices():
    lab = voices_lab("driven")
    lab.controls["slt"].set(True)
    lab.controls["kal16"].set(True)
    assert lab.model.settings["voices"] == ("kal16", "slt")
    lab.controls["slt"].set(False)
    assert lab.model.settings["voices"] == ("kal16",) and "slt" in lab.status_line.value
