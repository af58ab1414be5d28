"""The face of the lab of the noise floor: nothing is shown before it is run, and the picture holds the model's numbers."""

import numpy as np

from course_lib.labs import noise_lab
from course_lib.labs.noise import RATES


def test_nothing_is_shown_of_a_batch_size_before_it_is_run():
    lab = noise_lab("driven")
    lab.controls["batch"].set(16)
    for line in (lab.losses, lab.one_run, lab.expected, lab.law, lab.first, lab.points[16]):
        assert len(line.get_xdata()) == 0
    assert len(lab.points[1].get_xdata()) and not lab.buttons["run"].disabled
    lab.buttons["run"].click()
    assert lab.buttons["run"].disabled and "your first run, at rate 0.1" in lab.status_line.value


def test_the_picture_shows_what_was_measured():
    lab = noise_lab("driven")
    lab.controls["rate"].set(0.5)
    np.testing.assert_array_equal(lab.losses.get_ydata(), lab.model.losses)
    np.testing.assert_array_equal(lab.points[1].get_data(), [RATES, lab.model.floors[1]])
    assert list(lab.now.get_xdata()) == [0.5, 0.5] and list(lab.first.get_xdata()) == [0.1]
    rates, law = lab.law.get_data()
    np.testing.assert_allclose(law, 4 * rates / (2 * (2 - rates)))
    assert set(lab.expected.get_ydata()) == {lab.model.law(0.5, 1)}
