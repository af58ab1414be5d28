"""The compute lab's face: assumptions, measurement, prediction, static picture."""

from course_lib.labs import compute_lab
from course_lib.labs.compute import DIGITS, TODAY


def test_the_goal():
    lab = compute_lab()
    lab.run_button.click()
    assert lab.controls["machine"].value == "your own numbers"
    assert lab.controls["speed"].value == lab.model.settings["speed"] != 1e10
    lab.prediction.value = f"{lab.model.years_today():,.0f}"
    assert "Noted" in lab.goal_line.value and "\N{WHITE CIRCLE}" in lab.goal_line.value
    lab.controls["what"].set(TODAY)
    assert "\N{CHECK MARK}" in lab.goal_line.value and "You said" in lab.goal_line.value


def test_a_machine_fills_in_its_assumptions_and_a_change_makes_it_your_own():
    lab = compute_lab()
    lab.controls["machine"].set("one accelerator")
    assert [lab.controls[name].value for name in ("speed", "power", "overhead")] == [2e14, 700.0, 1.2]
    lab.controls["power"].set(400)
    assert lab.controls["machine"].value == "your own numbers"


def test_the_language_model_has_no_width_to_turn():
    lab = compute_lab()
    lab.controls["what"].set(TODAY)
    assert all(lab.controls[name].widget.layout.visibility == "hidden" for name in ("width", "depth"))
    lab.controls["what"].set("a network for the digits")
    assert lab.controls["width"].widget.layout.visibility == "visible"


def test_reset():
    lab = compute_lab()
    first = lab.status_line.value
    lab.prediction.value = "3"
    lab.controls["width"].set(1000)
    lab.controls["what"].set(TODAY)
    lab.buttons["reset"].click()
    assert lab.status_line.value == first and lab.prediction.value == "" and lab.controls["width"].value == 128


def test_the_static_picture_does_not_depend_on_a_measurement():
    lab = compute_lab()
    before = lab.static()
    lab.model.start_measuring()
    lab.model.advance()
    assert lab.static() == before
    assert "60.1 million years" in before[1] and "width 1.70" in before[1]


def test_it_opens_where_its_question_starts_and_returns_there():
    lab = compute_lab(what=TODAY)
    assert lab.controls["what"].value == TODAY and "assumption" in lab.question_line.value
    lab.controls["what"].set(DIGITS)
    assert "Double the width" in lab.question_line.value
    lab.buttons["reset"].click()
    assert lab.model.settings["what"] == lab.controls["what"].value == TODAY
