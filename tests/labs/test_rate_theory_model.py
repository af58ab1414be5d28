"""The learning-rate theory lab's model: gradient descent by `backward()` against the formula."""

import math

import numpy as np
import pytest

from course_lib.labs.rate_theory import STEPS, RateTheory


@pytest.mark.parametrize(("condition", "rate"), [(25, 0.02), (25, 0.0769), (25, 0.083), (1, 0.3), (400, 0.004)])
def test_measured_errors_follow_the_prediction(condition, rate):
    model = RateTheory(condition=condition, rate=rate)
    scale = np.maximum(model.predicted(), 1e-11 * model.errors.max())  # below that, rounding
    assert model.errors.shape == (STEPS + 1, 2)
    assert np.all(np.abs(model.errors - model.predicted()) <= 1e-3 * scale)
    assert model.measured_factors() == pytest.approx(model.factors(), abs=1e-6)


@pytest.mark.parametrize(("condition", "rate"), [(1000, 0.09), (1000, 10), (400, 0.5), (25, 10), (1000, 0.0021)])
def test_nothing_is_measured_where_the_steep_direction_swamps_the_flat_one(condition, rate):
    model = RateTheory(condition=condition, rate=rate)
    assert model.measured_factors() == pytest.approx(model.factors(), rel=1e-5)
    steps = np.flatnonzero(~model.measurable[:, 0])
    if len(steps):
        assert model.errors[steps[0], 1] > 1e8 * model.errors[steps[0], 0]


def test_best_and_limit():
    model = RateTheory(condition=25, rate=0.02)
    assert (model.limit, model.best) == (2 / 25, 2 / 26)
    rates = np.linspace(0, 0.1, 100_001)
    worst = model.factors(rates).max(axis=0)
    assert rates[worst.argmin()] == pytest.approx(model.best, abs=1e-6)
    assert worst.min() == pytest.approx(24 / 26, abs=1e-4)
    assert rates[1 + np.argmax(worst[1:] >= 1 + 1e-12)] == pytest.approx(model.limit, abs=2e-6)


def test_one_step_is_a_step():
    assert RateTheory(condition=1, rate=1).status().endswith("Both distances are below 1/1,000 after 1 step.")


def test_steps_needed_are_those_of_the_run():
    model = RateTheory(condition=25, rate=2 / 26)
    below = np.flatnonzero(model.errors.max(axis=1) <= 1e-3)
    assert model.steps_needed() == below[0] == 87
    assert RateTheory(condition=25, rate=0.09).steps_needed() == math.inf
    assert RateTheory(condition=1, rate=1.0).steps_needed() == 1


def test_claims():
    model = RateTheory(condition=25, rate=0.02)
    assert "The flat direction holds the descent up" in model.claim()
    model.configure(rate=0.0795)
    assert "The steep direction holds the descent up" in model.claim()
    model.configure(rate=0.09)
    assert "grows" in model.claim()
    assert not model.found and not model.best_shown
    model.configure(rate=0.076)
    assert model.claim() == "" and model.reached == {"25"} and model.best_shown
    model.configure(condition=400)
    assert not model.best_shown
    model.show_best()
    assert model.best_shown


def test_words():
    assert "It diverges" in RateTheory(condition=25, rate=0.09).status()
    assert "It never arrives" in RateTheory(condition=16, rate=0.125).status()
    assert "0.980 predicted, 0.980 measured" in RateTheory().description()
    assert "It diverges" in RateTheory(condition=1000, rate=10).status()  # the errors overflow
