"""The model of gradients through time against its own definition, finite differences, and theory."""

import numpy as np
import pytest

from course_lib.labs.through_time import BATCH, HIDDEN, STEPS, ThroughTime
from course_lib.layers import glorot_uniform, orthogonal


def by_hand(model):
    """The norms of the plain cell, with the backward pass written out."""
    rng = np.random.default_rng(model.settings["seed"])
    W = glorot_uniform((16, HIDDEN), rng)
    U = model.settings["scale"] * orthogonal((HIDDEN, HIDDEN), rng)
    h, states = np.zeros((BATCH, HIDDEN)), []
    for t in range(STEPS):
        h = np.tanh(model.x[:, t] @ W + h @ U)
        states.append(h)
    g, norms = rng.normal(size=(BATCH, HIDDEN)), []
    for h in reversed(states):
        norms.append(np.linalg.norm(g))
        g = (g * (1 - h**2)) @ U.T
    return np.array(norms) / norms[0]


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7, 3.0])
def test_the_plain_cell_by_hand(scale):
    model = ThroughTime(scale=scale, seed=3)
    np.testing.assert_allclose(model.norms, by_hand(model), rtol=1e-6)


def test_theory():
    half, whole = ThroughTime(scale=0.5), ThroughTime(scale=1.0)
    assert half.left < 0.5 ** (STEPS - 1)  # the scale alone, and slopes below 1
    assert (np.diff(whole.norms) < 0).all()  # a rotation keeps every length: only the slopes of tanh make it shorter
    assert whole.left < 1e-3 and ThroughTime(scale=3.0).left > 1e3


def test_the_gate_decides_for_the_gru():
    left = [ThroughTime(cell="GRU", bias=bias).left for bias in (-4, 0, 4, 8)]
    assert left == sorted(left) and left[0] < 1e-9 and left[-1] > 0.9
    gates = [ThroughTime(cell="GRU", bias=bias).factors.mean() for bias in (-4, 0, 4, 8)]
    assert gates == pytest.approx([1 / (1 + np.exp(-b)) for b in (-4, 0, 4, 8)], abs=0.05)


def test_the_inputs_are_utterances_of_full_length():
    assert ThroughTime().x.shape == (BATCH, STEPS, 16) and np.abs(ThroughTime().x.mean()) < 1e-6


def test_goals():
    model = ThroughTime()
    assert not model.good and model.reached == set()
    model.configure(scale=1.75)
    assert model.good and model.reached == {"plain"} and "neither vanishes nor explodes" in model.status()
    model.configure(cell="GRU", bias=4.0)
    assert model.good and model.reached == {"plain"}  # not at scale 1
    for scale in (0.94, 1.06):
        model.configure(scale=scale)
        assert model.good and model.reached == {"plain"}
    model.configure(scale=1.0)
    assert model.reached == {"plain", "GRU"}


@pytest.mark.parametrize("seed", range(5))
def test_the_first_goal_can_be_reached_from_every_seed(seed):
    model = ThroughTime(seed=seed)
    for scale in np.arange(1.4, 2.0, 0.02):
        model.configure(scale=float(scale))
    assert model.reached == {"plain"}


def test_words():
    assert "It vanishes" in ThroughTime(scale=0.5).status() and "It explodes" in ThroughTime(scale=5).status()
    assert "field from 0.1 to 10" in ThroughTime().description()
    assert "Mean update gate 0.50" in ThroughTime(cell="GRU").status()


def test_the_limits_are_finite_numbers():
    for cell in ("plain", "GRU"):
        for scale in ThroughTime.number_limits()["scale"]:
            for bias in ThroughTime.number_limits()["bias"]:
                model = ThroughTime(cell=cell, scale=scale, bias=bias)
                assert np.isfinite(model.norms).all() and (model.norms > 0).all()
