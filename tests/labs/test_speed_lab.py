"""The speed lab's face: controls, prediction, static picture from the record alone."""

import pytest

from course_lib import frameworks
from course_lib.labs import speed as speed_model
from course_lib.labs import speed_lab
from course_lib.labs.speed import OURS, WIDTHS


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Nothing but course_lib is timed, whatever is installed, and only on small networks, for speed."""
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    monkeypatch.setattr(speed_model, "task", lambda width, batch, plain=speed_model.task: plain(8, 1))


def test_the_first_argument_is_the_batch():
    assert speed_lab(256).model.settings["batch"] == 256
    with pytest.raises(ValueError, match="batch: expected one of 1, 16, 64, 256, got 5"):
        speed_lab(5)


def test_measuring_reaches_the_goal_after_a_good_prediction():
    lab = speed_lab()
    before = lab.canvas.image.value
    right = speed_model.recorded_crossing(64)
    lab.controls["prediction"].set(right)
    assert f"Noted: {right}." in lab.goal_line.value and lab.canvas.image.value != before
    lab.buttons["measure"].click()
    assert lab.model.finished and "\N{CHECK MARK}" in lab.goal_line.value
    assert f"From width {right} on" in lab.status_line.value and "(recorded)" in lab.status_line.value
    lab.controls["batch"].set(16)
    assert lab.controls["prediction"].value == 0 and "Nothing measured yet. Batch of 16" in lab.status_line.value


def test_a_late_prediction_gets_a_sentence():
    lab = speed_lab()
    lab.buttons["measure"].click()
    lab.controls["prediction"].set(64)
    assert "can be seen already" in lab.error_line.value and lab.controls["prediction"].value == 0
    lab.buttons["reset"].click()
    lab.controls["prediction"].set(64)
    assert lab.error_line.value == "" and lab.model.predicted == 64


def test_the_static_picture_depends_neither_on_measurements_nor_on_what_is_installed(monkeypatch):
    lab = speed_lab()
    before = lab.static()
    lab.buttons["measure"].click()
    assert lab.model.times[WIDTHS[0]][OURS] and lab.static() == before
    assert "Recorded processor time of one training step with a batch of 64, course_lib = 1" in before[1]
    monkeypatch.setattr(type(frameworks.pytorch), "installed", True)
    assert speed_lab().static() == before
