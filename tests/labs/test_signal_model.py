"""The model of the lab of the signal through depth: against its law, the backward pass by hand, and what normalisation does."""

import numpy as np
import pytest

from course_lib.labs.signal import KEPT, LAYERS, SLOPES, UNITS, SignalModel

BROKEN_LINES = {name: slope for name, slope in SLOPES.items() if slope is not None}
LEAKY = {name: slope for name, slope in BROKEN_LINES.items() if slope}


def measured(**settings):
    model = SignalModel()
    model.configure(**settings)
    model.measure()
    return model


@pytest.mark.parametrize("name", BROKEN_LINES)
def test_the_law_of_a_layer(name):
    """The mean factor per layer, in both directions; in 256 units chance moves it by few percent."""
    model = measured(activation=name, gain=1.3)
    expected = 1.3 * (1 + BROKEN_LINES[name] ** 2) / 2
    assert model.factor == pytest.approx(expected)
    for last in (model.signal[-1], model.gradient[0]):
        assert last ** (1 / LAYERS) == pytest.approx(expected, rel=0.06)
    signal, gradient = model.law()
    assert signal[-1] == pytest.approx(expected**20) and (gradient[-1], gradient[0]) == pytest.approx((1, expected**19))


def test_the_backward_pass_by_hand():
    model, scale = SignalModel(gain=2.0), np.sqrt(2.0 / UNITS)
    a, sums = model._inputs, []
    for W in model._weights:
        sums.append(a @ (scale * W))
        a = np.maximum(sums[-1], 0)
    g, sizes = model._arriving, []
    for z, W in zip(reversed(sums), reversed(model._weights), strict=True):
        delta = g * (z > 0)
        sizes.insert(0, np.mean(delta**2))
        g = delta @ (scale * W).T
    np.testing.assert_allclose(model.gradient, np.array(sizes) / sizes[-1], rtol=1e-3)
    assert model.signal[-1] == pytest.approx(np.mean(a**2) / np.mean(model._inputs**2), rel=1e-3)


@pytest.mark.parametrize("name", LEAKY)
def test_the_law_reaches_the_goal_and_he_and_glorot_do_not(name):
    model = measured(activation=name, gain=2 / (1 + LEAKY[name] ** 2))
    assert model.reached == {"keep the signal"} and KEPT[0] <= model.signal[-1] <= KEPT[1]
    for gain in (1.0, 2.0):
        assert not measured(activation=name, gain=gain).reached


def test_only_the_first_time_counts_and_only_without_normalisation():
    model = measured(activation="leaky relu, 0.5", gain=2.0)
    model.configure(gain=1.6)
    model.measure()
    assert not model.reached and model.keeps and "You had chosen n v = 2" in model.status()
    assert not measured(activation="leaky relu, 0.5", gain=1.6, normalisation=True).reached
    assert not measured(activation="relu", gain=2.0).reached


def test_with_normalisation_the_size_of_the_weights_is_no_matter():
    small, large = (measured(normalisation=True, gain=gain) for gain in (0.25, 8.0))
    np.testing.assert_allclose(small.signal, large.signal, rtol=1e-3)
    np.testing.assert_allclose(small.gradient, large.gradient, rtol=1e-3)
    assert small.law() is None and 0.2 < small.gradient[0] < 5


def test_words():
    assert "relu, n v = 1 (Glorot)" in SignalModel().status() and SignalModel(gain=0.25).bad
    assert "each layer multiplies the mean squares of signal and gradient by 0.5" in SignalModel().description()
    model = SignalModel()
    model.configure(activation="tanh")
    assert "not measured yet" in model.status()
