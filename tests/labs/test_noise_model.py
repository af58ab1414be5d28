"""The model of the lab of the noise floor: measured floors against the theorem, and the goal's rate against its algebra."""

import numpy as np
import pytest

from course_lib.labs.noise import BATCHES, LARGE, RATES, REFERENCE, REST, NoiseModel, simple_law


def keeping(batch):
    """The rate at which the formula gives these batches the floor of single examples: eta / (2 - eta) grows by `batch`."""
    pull = batch * REFERENCE / (2 - REFERENCE)
    return 2 * pull / (1 + pull)


@pytest.mark.parametrize("batch", BATCHES)
def test_measured_floors_follow_the_theorem(batch):
    """Chance moves the mean of 400 runs by some percent, and what is left of the start is nothing."""
    assert NoiseModel(batch=batch).floors[batch] == pytest.approx(NoiseModel().law(RATES, batch), rel=0.06)


def test_a_step_by_hand():
    model = NoiseModel(rate=0.5)
    first = np.random.default_rng(1).normal(0, 2, 400)  # the examples of the first step
    assert model.losses[:2] == pytest.approx([0.5, np.mean((1 - 0.5 * (1 - first)) ** 2) / 2])
    assert model.floor == pytest.approx(model.losses[REST:].mean())


def test_the_floor_is_proportional_to_rate_over_batch_at_small_rates_alone():
    model = NoiseModel()
    assert model.law(0.02, 1) == pytest.approx(simple_law(0.02), rel=0.011)
    assert model.law(1.6, 16) == pytest.approx(5 * simple_law(0.1))
    assert model.law(0.04, 4) == pytest.approx(model.law(0.01, 1), rel=0.02)


@pytest.mark.parametrize("batch", [batch for batch in BATCHES if batch >= LARGE])
def test_the_rate_of_the_formula_keeps_the_floor_and_the_scaled_one_does_not(batch):
    model = NoiseModel()
    model.configure(batch=batch, rate=keeping(batch))
    model.measure()
    assert model.reached == {"same floor"} and model.good
    model = NoiseModel()
    model.configure(batch=batch, rate=min(1.95, REFERENCE * batch))
    model.measure()
    assert not model.reached and not model.good


def test_only_the_first_run_of_a_batch_size_counts():
    model = NoiseModel()
    model.configure(batch=16, rate=0.5)
    assert not model.is_measured and "not run yet" in model.status()
    model.measure()
    model.configure(rate=keeping(16))
    model.measure()
    assert not model.reached and "your first run, at rate 0.5" in model.status()


def test_small_batches_do_not_count():
    model = NoiseModel()
    model.configure(batch=4, rate=keeping(4))
    model.measure()
    assert not model.reached and not model.good


def test_words():
    assert "At rate 1.95 the formula is 40 times as high" in NoiseModel().description()
    assert "The formula says 0.105, the proportional law 0.1." in NoiseModel().status()
