"""The face of the lab of the signal through depth: nothing is shown before it is measured, then the model's numbers."""

import numpy as np

from course_lib.labs import signal_lab


def test_nothing_is_shown_of_an_activation_before_it_is_measured():
    lab = signal_lab("driven")
    lab.controls["activation"].set("leaky relu, 0.3")
    assert not any(len(line.get_xdata()) for line in (*lab.measured, *lab.laws))
    assert not lab.buttons["measure"].disabled
    lab.buttons["measure"].click()
    assert lab.buttons["measure"].disabled and "You had chosen n v = 1" in lab.status_line.value


def test_the_picture_shows_what_was_measured_and_the_law():
    lab = signal_lab("driven")
    lab.controls["gain"].set(3.0)
    signal, gradient = (line.get_ydata() for line in lab.measured)
    np.testing.assert_array_equal(signal, lab.model.signal)
    np.testing.assert_array_equal(gradient, lab.model.gradient)
    np.testing.assert_allclose(lab.laws[0].get_ydata(), 1.5 ** np.arange(1, 21))
    np.testing.assert_allclose(lab.laws[1].get_ydata(), 1.5 ** np.arange(19, -1, -1))
    lab.controls["normalisation"].set(True)
    assert not any(len(line.get_xdata()) for line in lab.laws)
