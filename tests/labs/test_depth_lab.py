"""The depth lab's face: controls, training, two runs side by side."""

import numpy as np
import pytest
from artists import LabPicture

from course_lib.labs import depth_lab
from course_lib.labs.depth import GOALS, DepthModel


def test_a_goal_is_reached_at_its_very_depth_and_when_all_steps_are_done(monkeypatch):
    model = DepthModel(depth=20, shortcut=True, normalisation=True)
    model.losses = [0.1] * (model.steps - 1)
    assert not model.finished and not model.reached
    model.losses = [0.1] * model.steps
    for depth in (19, 20, 21):
        monkeypatch.setitem(model.settings, "depth", depth)
        assert set(model._reached_now()) == {goal for goal, least in GOALS.items() if least <= depth}
    assert 20 in GOALS.values()


def test_two_runs_are_told_together_only_when_both_are_whole_and_differ_in_kind_alone(monkeypatch):
    model = DepthModel(depth=4)
    monkeypatch.setattr(model, "steps", 10)
    model.advance(10)
    model.configure(shortcut=True)
    model.advance(9)
    assert "epoch 0.4 of 10" in model.description()  # not whole
    model.advance(1)
    assert "4 layers, two runs" in model.description()
    model.configure(depth=5)
    model.advance(10)
    assert "two runs" not in model.description() and "5 layers, Shortcut" in model.description()


def test_status_and_description_count_epochs():
    model = DepthModel(depth=3)
    assert "epoch 0 of 10" in model.description()
    model.losses = [0.1] * (model.steps // 2)
    assert "Epoch 5 of 10" in model.status() and "epoch 5 of 10" in model.description()
    model.losses = [0.1] * model.steps
    assert "Epoch 10 of 10" in model.status() and "guessing" not in model.status()
    model.losses = [2.3] * model.steps
    assert "This is guessing" in model.status()


def test_the_run_before_stays_in_the_picture():
    lab = depth_lab(depth=5)
    assert len(lab.loss_before.get_xdata()) == 0
    lab.buttons["step"].click()
    losses, norms = lab.model.losses, lab.model.norms_at_start
    lab.controls["depth"].set(7)
    assert np.allclose(lab.norms_before.get_xydata(), np.c_[1:6, norms]) and len(lab.norms.get_xdata()) == 7
    assert np.allclose(lab.loss_before.get_ydata(), losses)
    assert "the run before, plain: start" in LabPicture(lab).panels[0].entries()


def test_another_optimizer_comes_with_its_own_rate_and_range():
    lab = depth_lab(rate=0.3)
    lab.controls["optimizer"].set("Adam")
    control = lab.controls["rate"]
    assert (control.value, control.low, control.high) == (0.001, 0.0001, 0.03)
    assert lab.model.settings["rate"] == 0.001
    control.text.value = "0.3"
    assert "expected a number from 0.0001 to 0.03" in lab.error_line.value and control.value == 0.001
    with pytest.raises(ValueError, match=r"rate: expected a number from 0\.0001 to 0\.03, got 0\.3"):
        lab.model.configure(rate=0.3)
    lab.controls["optimizer"].set("GradientDescent")
    assert (control.value, control.high) == (0.05, 1.0)


def test_plain_layers_learn_with_he_and_adam_and_the_line_of_an_older_state_still_works():
    model = DepthModel(initial="He", optimizer="Adam")
    model.advance(model.steps)
    assert model.loss < 1.2 and "Plain, Adam" in model.description()
    older = DepthModel()
    assert "optimizer" not in older.state()
    again = DepthModel()
    again.resume(model.state())
    assert again.settings == model.settings


def test_what_lies_beyond_the_picture_is_drawn_at_its_edge():
    lab = depth_lab(shortcut=True)
    lab.run_button.click()
    assert "Diverged" in lab.status_line.value
    low, high = lab.gradients.get_ylim()
    assert all(low < norm < high for norm in lab.norms.get_ydata())
