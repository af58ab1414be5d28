"""The over-fitting lab's face: goals, and the way back."""

from course_lib.labs import overfitting_lab


def test_the_way_back_needs_a_way_there():
    lab = overfitting_lab()
    assert lab.buttons["best"].disabled
    lab.run_button.click()
    assert not lab.buttons["best"].disabled
    lab.buttons["best"].click()
    assert lab.buttons["best"].disabled
    lab.run_button.click()  # a finished run starts anew
    assert lab.model.epoch == 3000 and not lab.model.shown_best
