"""The face of the lab of differences: nothing is shown before it is measured, and the picture holds the model's numbers."""

import numpy as np

from course_lib.labs import difference_lab
from course_lib.labs.difference import MEASURED


def test_nothing_is_shown_before_it_is_measured():
    lab = difference_lab("driven")
    lab.controls["function"].set("sin 10z")
    for curve in (lab.truncation, lab.rounding, lab.bound, lab.measured):
        assert len(curve.get_xdata()) == 0
    assert not any(number.text for number in lab.numbers) and not lab.buttons["measure"].disabled
    assert len(lab.earlier.get_xdata())  # the sigmoid, to compare with
    lab.buttons["measure"].click()
    assert list(lab.chosen.get_xdata()) == [lab.model.settings["h"]]
    assert lab.buttons["measure"].disabled and "You had chosen" in lab.status_line.value


def test_the_picture_shows_the_errors_and_the_values():
    lab = difference_lab("driven")
    lab.controls["h"].set(0.1)
    np.testing.assert_array_equal(lab.measured.get_data(), [MEASURED, lab.model.errors(MEASURED)])
    upper, lower, quotient, slope = (float(number.text) for number in lab.numbers)
    assert abs((upper - lower) / 0.2 - quotient) < 1e-14
    assert abs(abs(quotient / slope - 1) - lab.model.error) < 1e-13
    bound, truncation, rounding = (line.get_ydata() for line in (lab.bound, lab.truncation, lab.rounding))
    inside = truncation > 1e-16
    np.testing.assert_allclose(bound[inside], (truncation + rounding)[inside], rtol=0.1)


def test_the_static_picture_gives_no_sine_away():
    assert "sigmoid" in difference_lab("driven").static()[1]
