"""The map of success: a click on it chooses a field."""

import pytest

from course_lib.labs import success_map
from course_lib.labs.success import EPOCHS, RATES

LAST = len(EPOCHS) - 1, len(RATES) - 1


@pytest.mark.parametrize(("place", "field"), [((3.4, 1.6), (3, 2)), ((-0.5, -0.5), (0, 0)), ((9.5, 10.4), LAST)])
def test_a_click_chooses_the_field_that_was_clicked_on(place, field):
    lab = success_map()
    x, y = lab.axes.transData.transform(place)
    lab.canvas.hand.touched({"click": [x, lab.canvas.figure.bbox.height - y]})
    column, row = field
    assert (lab.model.settings["rate"], lab.model.settings["epochs"]) == (RATES[row], EPOCHS[column])
    shown = lab.controls["rate"].dropdown.value, lab.controls["epochs"].dropdown.value
    assert shown == (RATES[row], EPOCHS[column]) and lab.error_line.value == ""


def test_of_a_training_that_diverges_the_reader_gets_the_sentence():
    lab = success_map(activation="identity", loss="cross-entropy", scale=30.0)
    lab.safely(lab.model.advance)(300)
    assert lab.error_line.value.count("diverged at epoch") == 1 and "Traceback" not in lab.error_line.value
