"""Sharpness against the whole Hessian, and of quadratics, whose curvature is known."""

import numpy as np
import pytest
from operations import network

from course_lib import functional
from course_lib.datasets import xor
from course_lib.tools.curvature import gradient_at, largest_eigenvalue, sharpness

x, y = xor()
LOSS = functional.binary_cross_entropy


def whole_hessian(gradient, weights):
    nudge = 1e-5
    columns = [
        (gradient(weights + nudge * e) - gradient(weights - nudge * e)) / (2 * nudge) for e in np.eye(len(weights))
    ]
    return (np.array(columns) + np.array(columns).T) / 2


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_largest_eigenvalue_of_the_hessian(seed, activation):
    model = network(seed, (2, 3 + seed, 1), activation, scale=1.0 + seed)
    value, direction = sharpness(model, (x, y), loss=LOSS)
    eigenvalues, vectors = np.linalg.eigh(whole_hessian(*gradient_at(model, (x, y), LOSS)))
    assert value == pytest.approx(eigenvalues[-1], rel=1e-3)
    assert np.linalg.norm(direction) == pytest.approx(1) and abs(direction @ vectors[:, -1]) > 0.99


@pytest.mark.parametrize("eigenvalues", [(3.0, 1.0, 0.5), (0.5, -3.0, 0.1), (-1.0, -2.0, -5.0), (2.0, -1.9, 0.0)])
def test_of_a_quadratic_whatever_the_signs(eigenvalues):
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    hessian = rotation @ np.diag(eigenvalues) @ rotation.T
    value, direction = largest_eigenvalue(lambda w: hessian @ w, np.ones(3), tolerance=1e-10)
    assert value == pytest.approx(max(eigenvalues), rel=1e-6)
    np.testing.assert_allclose(hessian @ direction, value * direction, atol=1e-4)


def test_a_flat_loss_has_none_and_one_that_is_no_number_has_no_number():
    assert largest_eigenvalue(np.zeros_like, np.ones(3))[0] == 0
    with np.errstate(all="ignore"):
        assert np.isnan(largest_eigenvalue(lambda w: w * np.nan, np.ones(3))[0])


def test_the_model_stays_as_it_is_and_a_direction_nearby_saves_work():
    model = network(1)
    before = [(p, p.value, p.value.copy(), p.grad) for p in model.parameters]
    _, direction = sharpness(model, (x, y), loss=LOSS)
    for p, value, numbers, grad in before:
        assert p.value is value and p.grad is grad
        np.testing.assert_array_equal(value, numbers)
    calls = []

    def counted(prediction, target):
        calls.append(1)
        return LOSS(prediction, target)

    value, _ = sharpness(model, (x, y), loss=counted)
    afresh = len(calls)
    again, _ = sharpness(model, (x, y), loss=counted, start=direction)
    assert again == pytest.approx(value, rel=1e-3) and len(calls) - afresh < afresh / 2
