"""The model of the lab "fit by hand": gradients, goals, one basin, and what a hand and a descent may do."""

import itertools

import numpy as np
import pytest

from course_lib import numerical_gradient
from course_lib.labs.fit import (
    DESCENT_GOAL,
    HAND_GOAL,
    LIMITS,
    MOST_STEPS,
    START,
    FitModel,
    X,
    Y,
    mean_loss,
)
from course_lib.ops import logistic


def by_hand(model, v=2.0, w=2.0, b=-1.2):
    for name, value in {"v": v, "w": w, "b": b}.items():
        model.turn(name, value)


def descent(model, steps=MOST_STEPS):
    model.begin()
    model.advance(steps)
    return model


def test_loss_and_gradient_are_those_of_the_formula():
    model = FitModel()
    by_hand(model, 1.3, 0.8, -0.4)
    predicted = 1.3 * logistic(0.8 * np.array(X) - 0.4)
    assert model.loss == pytest.approx(np.mean((predicted - np.array(Y)) ** 2), rel=1e-14)
    values = [np.array(value) for value in model.params.values()]
    nudged = numerical_gradient(lambda p: mean_loss(p, model.x, model.y), values)
    assert list(model.gradient.values()) == pytest.approx([float(g) for g in nudged], abs=1e-9)


def test_one_step_is_the_rate_times_the_gradient():
    model = FitModel(rate=0.3)
    before, slopes = model.params, model.gradient
    descent(model, 1)
    assert model.params == {name: before[name] - 0.3 * slopes[name] for name in before}
    assert model.losses[1] == model.loss < model.losses[0]


def test_every_start_within_the_sliders_leads_to_the_same_minimum():
    """378 descents at once, by formulas of their own; the model's own descent ends there too."""
    grid = itertools.product(np.linspace(*LIMITS["v"], 7), np.linspace(*LIMITS["w"], 6), np.linspace(*LIMITS["b"], 9))
    params, x, y = np.array(list(grid)), np.array(X), np.array(Y)  # (378, 3)
    for _ in range(4000):
        v, w, b = params.T[:, :, None]
        a = logistic(w * x + b)
        error = 2 * (v * a - y) / len(x)
        delta = error * v * a * (1 - a)
        params -= np.stack([(error * a).sum(1), (delta * x).sum(1), delta.sum(1)], axis=1)
    assert np.ptp(params, axis=0).max() < 1e-6
    model = FitModel(rate=2.2)
    descent(model)
    assert model.at_rest and list(model.params.values()) == pytest.approx(params[0], abs=0.15)
    assert model.loss == pytest.approx(0.021567, rel=5e-3)


def test_the_hand_can_reach_its_goal_and_the_descent_beats_it():
    model = FitModel()
    assert not model.reached
    by_hand(model)
    assert "by hand" in model.reached and model.best_loss <= HAND_GOAL
    descent(model)
    assert model.loss < model.best_loss
    assert "is 1.18 times this loss" in model.status()


def test_a_hand_that_stands_at_the_minimum_is_not_beaten():
    model = FitModel(rate=0.01)
    by_hand(model, 1.97, 2.66, -1.59)
    descent(model)
    assert "is not beaten" in model.status() and "not at rest yet" in model.status()


def test_what_a_descent_has_set_is_not_the_work_of_a_hand():
    model = descent(FitModel())
    model.turn("v", 2.0)
    assert model.loss < HAND_GOAL and model.best_loss == np.inf and "For a try by hand" in model.status()
    model.reset()
    model.turn("v", 1.0)
    assert model.best_loss == model.loss


def test_turning_a_slider_ends_a_descent_and_the_next_one_begins_anew():
    model = descent(FitModel(), 10)
    assert model.under_way
    model.turn("w", 1.0)
    assert not model.under_way
    model.begin()
    assert model.params == START and model.ghosts[-1][0] == model.losses[0]


def test_a_paused_descent_goes_on():
    one, two = descent(FitModel(), 30), descent(FitModel(), 10)
    descent(two, 20)
    assert one.losses == two.losses and not one.ghosts and not two.ghosts


def test_a_descent_may_start_where_the_sliders_stand():
    model = FitModel(rate=2.2)
    by_hand(model)
    model.configure(start=False)
    descent(model, 1)
    assert model.losses[0] == model.best_loss
    descent(model)
    assert model.fewest == np.inf  # the goal asks for the same start


@pytest.mark.parametrize(("rate", "reached"), [(0.5, False), (1.5, False), (2.0, True), (2.2, True), (2.6, False)])
def test_the_goal_of_the_descent_asks_for_a_good_rate(rate, reached):
    model = descent(FitModel(rate=rate))
    assert (model.fewest <= DESCENT_GOAL[1]) == reached


def test_the_limit_of_the_rate_is_that_of_the_theory():
    """Near the minimum a rate below 2 / (largest curvature) converges and a rate above it does not (chapter 4)."""
    bottom = FitModel(rate=1.0)
    bottom.begin()
    while bottom.slope > 1e-9:
        bottom._step()
    params = np.array(list(bottom.params.values()))
    columns = []
    for i in range(3):
        sides = [
            numerical_gradient(lambda p: mean_loss(p[0], bottom.x, bottom.y), [params + h * np.eye(3)[i]])[0]
            for h in (1e-4, -1e-4)
        ]
        columns.append((sides[0] - sides[1]) / 2e-4)
    limit = 2 / np.linalg.eigvalsh(np.array(columns)).max()
    for rate, arrives in [(0.98 * limit, True), (1.02 * limit, False)]:
        near = FitModel(rate=rate)
        near.configure(start=False)
        near._put(dict(zip(START, params + 1e-3, strict=True)))
        slope = near.slope
        near.begin()
        for _ in range(100):
            near._step()
        assert (near.slope < slope) == arrives


def test_too_long_steps_are_told():
    assert "higher than where it began" in descent(FitModel(rate=3.0)).status()
    model = descent(FitModel(rate=10.0))
    assert model.finished and "try a smaller learning rate" in model.status()


def test_every_rate_comes_to_an_end_without_a_warning(recwarn):
    for rate in np.geomspace(*FitModel.number_limits()["rate"], 20):
        model = descent(FitModel(rate=float(rate)))
        assert model.finished and model.status()
        model.description()
    assert not recwarn.list


def test_earlier_descents_are_kept_three_at_most():
    model = FitModel()
    for rate in (0.1, 0.2, 0.5, 1.0, 2.0):
        model.configure(rate=rate)
        descent(model, 5 if rate < 2 else MOST_STEPS)
        model.turn("v", 1.0)
    assert len(model.ghosts) == 3 and all(len(ghost) == 6 for ghost in model.ghosts)


@pytest.mark.parametrize(
    ("x", "y", "fragment"),
    [
        ([1, 2], [1, 2], "at least 3"),
        ([1, 2, 3], [1, 2], "shapes (3,) and (2,)"),
        ([1, 2, np.nan], [1, 2, 3], "finite"),
        ([1, 1, 1], [1, 2, 3], "different x"),
        ("abc", [1, 2, 3], "lists of numbers"),
    ],
)
def test_impossible_points_get_a_sentence(x, y, fragment):
    with pytest.raises(ValueError, match="fit_lab: expected") as caught:
        FitModel(x, y)
    assert fragment in str(caught.value)


def test_a_rate_that_no_step_has_used_is_not_said_of_the_descent():
    model = descent(FitModel(rate=2.0), 1)
    model.configure(rate=5.0)
    assert "learning rate 2, 1 step" in model.status()
    model.advance(1)
    assert "learning rate 2\N{RIGHTWARDS ARROW}5, 2 steps" in model.status()
