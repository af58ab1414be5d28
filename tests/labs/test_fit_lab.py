"""The view of the lab "fit by hand": sliders, a descent that turns them, both goals, points of one's own."""

import asyncio

import numpy as np
import pytest

from course_lib.labs import fit_lab
from course_lib.labs.fit import MOST_STEPS, START


def by_hand(lab):
    for name, value in {"v": 2.0, "w": 2.0, "b": -1.2}.items():
        lab.controls[name].set(value)


def test_both_goals_can_be_reached():
    lab = fit_lab()
    assert "reach a loss of at most 0.03" in lab.goal_line.value
    assert "Goal: find a learning rate" not in lab.goal_line.value
    by_hand(lab)
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 1 and "Goal: find a learning rate" in lab.goal_line.value
    lab.controls["rate"].set(2.2)
    lab.buttons["descend"].click()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2 and "Fewest so far: 14." in lab.goal_line.value


def test_a_descent_turns_the_sliders():
    lab = fit_lab()
    lab.buttons["step"].click()
    for name, value in lab.model.params.items():
        control = lab.controls[name]
        assert control.value == pytest.approx(value, rel=5e-3) != START[name]
        assert control.slider.value == round((value - control.low) / control.step)
    lab.buttons["descend"].click()
    assert lab.model.steps == 463 and lab.controls["w"].value == pytest.approx(lab.model.params["w"], rel=5e-3)
    assert lab.model.best_loss == np.inf  # what the descent shows on the sliders does not count as a hand's work


def test_a_descent_that_leaves_the_sliders_range_is_shown_in_numbers():
    lab = fit_lab(rate=10.0)
    lab.buttons["descend"].click()
    v = lab.model.params["v"]
    assert v > 100 and float(lab.controls["v"].text.value) == float(f"{v:.3g}") and not lab.error_line.value
    lab.controls["v"].set(1.0)
    assert lab.model.params["v"] == 1.0 and not lab.error_line.value


def test_points_of_ones_own():
    x = np.linspace(0, 100, 5)
    lab = fit_lab(x, [5, 4, 3, 2, 1], name="own points")
    assert lab.plane.get_xlim() == pytest.approx((-5, 105)) and lab.plane.get_ylim()[1] > 5
    lab.buttons["step"].click()
    assert not lab.error_line.value


def test_it_runs_on_the_loop_and_a_hand_stops_it():
    async def drive():
        lab = fit_lab(name="loop", rate=0.05)
        lab.buttons["descend"].click()
        assert lab.running
        while lab.model.steps < 5:
            await asyncio.sleep(0.01)
        assert lab.run_button.description == "Pause"
        lab.controls["v"].set(1.0)
        stopped = lab.model.steps
        await lab._task
        assert not lab.running and lab.model.params["v"] == 1.0 and lab.model.steps == stopped < MOST_STEPS
        assert lab.run_button.description == "Let gradient descent do it" and not lab.error_line.value
        lab.close()

    asyncio.run(drive())
