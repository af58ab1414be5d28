"""What the cost lab measures: with a clock that counts forward passes the results are exact."""

import numpy as np
import pytest

from course_lib import functional
from course_lib.labs.cost import (
    BACKPROP_CALLS,
    HIDDEN,
    MEASURED_FIRST,
    REPEATS_OF_LARGEST,
    SIZES,
    CostModel,
    network,
)


@pytest.fixture
def counting(monkeypatch):
    """A clock that advances by one for each loss that is computed."""
    done, plain = [0], functional.mean_squared_error

    def counted(*arguments):
        done[0] += 1
        return plain(*arguments)

    monkeypatch.setattr(functional, "mean_squared_error", counted)
    return lambda: done[0]


def small(model):
    """Only the first three sizes, for speed: the others count as measured already."""
    for times in model.times[3:MEASURED_FIRST]:
        times.extend([(1.0, 1.0)] * model.settings["repeats"])
    return model


def test_forward_passes_are_two_a_parameter_against_one(counting):
    model = small(CostModel(repeats=3, clock=counting))
    model.advance(model.most)
    for size, parameters in enumerate(SIZES[:3]):
        assert model.times[size] == [(2 * parameters, 1)] * 3
        assert model.ratio(size) == 2 * parameters
    assert model.small_ones_done and model.finished


def test_slopes_of_exact_powers():
    model = CostModel(repeats=3)
    for times, parameters in zip(model.times, SIZES, strict=True):
        times.extend([(3e-6 * parameters**1.2, 1e-5 * parameters**0.1)] * 3)
    assert model.slopes() == pytest.approx((1.2, 0.1, 1.1), abs=1e-9)
    assert CostModel().slopes() is None


def test_the_median_ignores_one_bad_measurement():
    model = CostModel(repeats=3)
    model.times[0] = [(1.0, 0.1), (50.0, 0.1), (1.1, 0.1)]
    assert model.seconds(0) == (1.1, 0.1) and model.ratio(0) == pytest.approx(11)


def test_both_gradients_agree(counting):
    model = small(CostModel(repeats=3, clock=counting))
    model.advance(model.most)
    assert 0 < model.largest_difference < 1e-8


def test_pieces_are_short(counting):
    model = small(CostModel(clock=counting))
    before = counting()
    while not model.finished:
        model.advance(enough=lambda: True)
        assert counting() - before <= 200 + BACKPROP_CALLS + 1
        before = counting()


def test_prediction_and_goal():
    model = CostModel(repeats=3)
    with pytest.raises(ValueError, match="measure the networks up to 2,049 parameters first"):
        model.predict(4000)
    for times in model.times[:MEASURED_FIRST]:
        times.extend([(1.0, 1.0)] * 3)
    assert model.finished
    for nonsense in (0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match="expected a positive number"):
            model.predict(nonsense)
    model.predict(4000)
    assert model.due == MEASURED_FIRST and not model.reached
    model.times[-1] = [(2001.0, 1.0)] * REPEATS_OF_LARGEST
    assert model.reached and model.finished
    model.times[-1] = [(1999.0, 1.0)] * REPEATS_OF_LARGEST
    assert not model.reached
    model.times[-1] = [(7999.0, 1.0)] * REPEATS_OF_LARGEST
    assert model.reached
    model.times[-1] = [(8001.0, 1.0)] * REPEATS_OF_LARGEST
    assert not model.reached
    with pytest.raises(ValueError, match="have been measured already"):
        model.predict(2000)
    model.reset()
    assert model.predicted is None and model.times == [[] for _ in SIZES]


@pytest.mark.parametrize(("hidden", "parameters"), list(zip(HIDDEN, SIZES, strict=True)))
def test_sizes_are_those_of_the_networks(hidden, parameters):
    loss, params = network(hidden, 4)
    assert sum(p.size for p in params) == parameters
    assert np.isfinite(loss(params))


def test_the_description_counts_and_has_no_time():
    said = CostModel().description()
    assert "4,098 at 2,049 parameters" in said and "one forward and one backward pass" in said
    assert " ms" not in said and "µs" not in said
