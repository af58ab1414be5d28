"""The lab "attention by hand": weights against the formula, and the goal."""

import numpy as np
import pytest

from course_lib.labs import attention_lab
from course_lib.labs.attention import GOAL, KEYS, TARGET, AttentionModel


@pytest.mark.parametrize("masked", [True, False])
def test_weights_and_context_are_those_of_the_formula(masked):
    model = AttentionModel(direction=75, length=3.0, masked=masked)
    places = len(KEYS) + (not masked)
    e = np.exp(model.keys[:places] @ model.query / np.sqrt(2))
    np.testing.assert_allclose(model.weights[:places], e / e.sum(), rtol=1e-12)
    np.testing.assert_allclose(model.context, (e / e.sum()) @ model.keys[:places], rtol=1e-12)
    assert (model.weights[-1] == 0) == masked


def test_a_query_of_length_zero_sees_all_places_alike():
    assert AttentionModel(length=0.0).weights == pytest.approx(np.full(5, 0.2), rel=1e-12)
    assert "all places count alike, 20.0% each" in AttentionModel(length=0.0).status()
    masked = AttentionModel(length=0.0, masked=True)
    assert masked.weights[:4] == pytest.approx(np.full(4, 0.25), rel=1e-12) and "25.0% each" in masked.status()


@pytest.mark.parametrize(("direction", "length"), [(270, 1.0), (180, 0.0), (360, 12.0)])
def test_zero_has_no_sign(direction, length):
    assert "-0.00" not in AttentionModel(direction=direction, length=length).status()


def test_a_longer_query_makes_the_largest_weight_larger():
    largest = [AttentionModel(direction=60, length=length).weights.max() for length in np.linspace(0, 12, 25)]
    assert (np.diff(largest) > 0).all()


def test_the_goal_asks_for_direction_length_and_mask():
    _, long = AttentionModel.number_limits()["length"]
    assert not AttentionModel(direction=60, length=2.0, masked=True).reached
    assert not AttentionModel(direction=110, length=long, masked=True).reached
    model = AttentionModel(direction=60, length=long)
    assert model.weight(TARGET) > GOAL and not model.reached
    model.configure(masked=True)
    assert model.reached and model.best == model.weight(TARGET)
    model.configure(direction=200)
    assert model.reached and model.best > GOAL > model.weight(TARGET)


def test_the_tip_of_the_query_can_be_dragged():
    lab = attention_lab()
    height = lab.canvas.figure.bbox.height
    across, up = lab.plane.transData.transform((1.5, -2.0))
    to = [across, height - up]
    lab.canvas.hand.touched({"drag": "query", "to": to})
    assert lab.model.query == pytest.approx([1.5, -2.0], abs=0.03) and lab.model.settings["direction"] == 307
    (handle,) = lab.canvas.hand.handles()
    assert handle["at"] == pytest.approx(to, abs=3)
    lab.controls["length"].set(12.0)  # beyond the plane: the handle lies where the query leaves it
    (handle,) = lab.canvas.hand.handles()
    across, down = handle["at"]
    x, y = lab.plane.transData.inverted().transform((across, height - down))
    assert y == pytest.approx(-3) and x / y == pytest.approx(lab.model.query[0] / lab.model.query[1])


def test_a_query_of_length_zero_keeps_its_direction():
    model = AttentionModel(direction=75)
    model.point(0.0, 0.0)
    assert (model.settings["direction"], model.settings["length"]) == (75, 0)
