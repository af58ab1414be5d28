"""The deep network and the depth lab's model: what arrives at the layers, what is learned, and what is said."""

import numpy as np
import pytest
from operations import check_model
from sentences import says

from course_lib import functional
from course_lib.datasets.digits import digits
from course_lib.labs.depth import EPOCHS, GUESSING, DepthModel
from course_lib.models.deep_network import WIDTH, deep_network


def trained(**settings):
    model = DepthModel(**settings)
    model.advance(model.steps)
    return model


# The network


@pytest.mark.parametrize("depth", [3, 20])
@pytest.mark.parametrize("normalisation", [False, True])
def test_it_has_as_many_weight_matrices_as_layers(depth, normalisation):
    network = deep_network(depth, shortcut=True, normalisation=normalisation, rng=np.random.default_rng(0))
    matrices = [p.shape for p in network.parameters if p.ndim == 2]
    assert matrices == [(64, WIDTH), *[(WIDTH, WIDTH)] * (depth - 2), (WIDTH, 10)]
    assert all(p.dtype == np.float32 for p in network.parameters)
    vectors = sum(p.ndim == 1 for p in network.parameters)
    assert vectors == depth + (2 * (depth - 2) if normalisation else 0)


def test_without_weights_a_residual_block_hands_on_its_input(rng):
    network = deep_network(5, shortcut=True, rng=rng)
    for p in network.parameters[2:-2]:
        p.value[...] = 0
    x = rng.random((3, 64)).astype(np.float32)
    first, last = network.layers[0], network.layers[-1]
    np.testing.assert_array_equal(network(x).value, last(first(x)).value)


@pytest.mark.parametrize("shortcut", [False, True])
def test_its_gradients_are_those_of_finite_differences(shortcut, rng):
    network = deep_network(4, shortcut=shortcut, normalisation=True, rng=rng)
    for p in network.parameters:
        p.value = p.value.astype(float)
    x, y = rng.random((6, 64)), rng.integers(0, 10, 6)
    some = [network.parameters[i] for i in (2, 3, 5, -1)]
    check_model(network, lambda: functional.softmax_cross_entropy(network(x), y), some, tolerance=1e-5)


@pytest.mark.parametrize("depth", [2, 2.5, "20"])
def test_message_depth(depth, rng):
    says(
        ValueError,
        f"deep_network: expected depth to be a whole number >= 3, got {depth!r}",
        lambda: deep_network(depth, rng=rng),
    )


def test_message_initial(rng):
    says(
        ValueError,
        "deep_network: expected initial to be one of Glorot, He, got 'Xavier'",
        lambda: deep_network(5, initial="Xavier", rng=rng),
    )


# The model of the lab


def test_the_gradient_shrinks_with_depth_and_the_shortcut_carries_it():
    norms = {depth: DepthModel(depth=depth).norms for depth in (5, 20, 40)}
    assert norms[20][1] < norms[5][1] / 100 and norms[40][1] < norms[20][1] / 100
    both = DepthModel(depth=20, shortcut=True, normalisation=True).norms
    assert both[1] > 1 and both.max() / both.min() < 100
    assert DepthModel(depth=20, shortcut=True).norms[1] > 100


def test_normalisation_alone_does_not_carry_twenty_layers():
    assert trained(normalisation=True).loss > GUESSING - 0.1


def test_five_plain_layers_learn():
    model = trained(depth=5)
    assert model.loss < 1 and not model.reached


def test_forty_layers_reach_the_second_goal_at_a_smaller_rate():
    assert trained(depth=40, shortcut=True, normalisation=True, rate=0.01).reached == {"20 layers", "40 layers"}


def test_divergence_stops_and_keeps_finite_numbers():
    model = trained(shortcut=True)
    steps = len(model.losses)
    assert model.finished and np.isfinite(model.losses).all() and np.isfinite(model.norms).all()
    assert f"Diverged at step {steps + 1}" in model.status()
    model.advance(5)
    assert len(model.losses) == steps
    model.reset()
    assert not model.diverged and model.losses == []


def test_the_run_before_is_kept_to_compare_with():
    model = DepthModel(depth=5)
    assert model.before is None
    model.configure(depth=6)
    assert model.before is None  # nothing was trained
    model.advance(3)
    norms = model.norms_at_start
    model.configure(shortcut=True)
    settings, losses, before = model.before
    assert settings["depth"] == 6 and not settings["shortcut"] and len(losses) == 3
    np.testing.assert_array_equal(before, norms)


def test_the_same_seed_trains_alike_in_pieces():
    whole, pieces = DepthModel(depth=5), DepthModel(depth=5)
    whole.advance(30)
    for _ in range(10):
        pieces.advance(3)
    assert whole.losses == pieces.losses and whole.steps == EPOCHS * 24
    assert DepthModel(depth=5, seed=2).norms[0] != whole.norms_at_start[0]


def test_the_first_loss_is_that_of_the_library():
    model = DepthModel(depth=5)
    (x, y), *_ = digits()
    rng = np.random.default_rng(1)
    network = deep_network(5, rng=rng)
    first = rng.permutation(len(x))[:50]
    model.advance(1)
    expected = functional.softmax_cross_entropy(network(x[first].reshape(-1, 64)), y[first])
    assert model.losses[0] == pytest.approx(float(expected.value), rel=1e-5)
