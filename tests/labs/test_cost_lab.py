"""The cost lab's face: controls, prediction, static picture without a measured time."""

from course_lib.labs import cost_lab
from course_lib.labs.cost import MEASURED_FIRST, REPEATS_OF_LARGEST


def with_times(lab, count):
    """The lab after `count` sizes have been measured: exactly as many seconds as parameters against one."""
    for size, times in enumerate(lab.model.times[:count]):
        times.extend([(float(4**size), 0.001)] * lab.model.settings["repeats"])
    lab.refresh()
    return lab


def test_the_goal_is_reached_by_a_good_prediction():
    lab = with_times(cost_lab(), MEASURED_FIRST)
    before = lab.canvas.image.value
    assert "ratio" in lab.status_line.value
    lab.prediction.value = "1,000,000"
    assert "Noted: 1,000,000. Press Measure" in lab.goal_line.value and lab.canvas.image.value != before
    lab.model.times[-1].extend([(1000.0, 0.001)] * REPEATS_OF_LARGEST)
    lab.refresh()
    assert "\N{CHECK MARK}" in lab.goal_line.value and "measured 1,000,000" in lab.goal_line.value
    lab.buttons["reset"].click()
    assert lab.prediction.value == "" and "Nothing has been measured so far" in lab.status_line.value


def test_a_prediction_before_measuring_is_refused():
    lab = cost_lab()
    lab.prediction.value = "4000"
    assert "measure the networks up to 2,049 parameters first" in lab.error_line.value
    with_times(lab, MEASURED_FIRST)
    lab.prediction._handle_custom_msg({"event": "submit"}, [])  # Enter on the number that still stands there
    assert lab.model.predicted == 4000 and "Noted: 4,000" in lab.goal_line.value and lab.error_line.value == ""


def test_the_static_picture_does_not_depend_on_measurements():
    lab = cost_lab()
    before = lab.static()
    assert with_times(lab, MEASURED_FIRST).static() == before
    assert "34 at 17 parameters" in before[1]
