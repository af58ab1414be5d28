"""The model of rises against networks trained alone, against the sign of scalar products, and the claims of its goals."""

import numpy as np
import pytest

from course_lib import Dense, GradientDescent, Sequential, functional, train
from course_lib.datasets import xor
from course_lib.labs.rises import ENOUGH, EPOCHS, GOALS, HIDDEN, NETWORKS, OFTEN, SELDOM, THIRD, RisesModel

X, Y = xor()


def alone(seed):
    rng = np.random.default_rng(seed)
    return Sequential(Dense(2, HIDDEN, "tanh", rng=rng), Dense(HIDDEN, 1, rng=rng))


def run(**settings):
    model = RisesModel(**settings)
    model.advance(EPOCHS)
    return model


@pytest.mark.parametrize(("batch", "number"), [(4, 0), (2, 7), (1, 29)])
def test_each_network_learns_as_it_would_alone(batch, number):
    model, network = RisesModel(rate=0.7, batch=batch, block=2), alone(60 + number)
    model.advance(20)
    options = {"epochs": 20, "batch_size": batch, "rng": np.random.default_rng([60 + number, 1])}
    losses = [float(functional.binary_cross_entropy(network(X), Y).value)]
    for _ in train(network, (X, Y), loss=functional.binary_cross_entropy, optimizer=GradientDescent(0.7), **options):
        losses.append(float(functional.binary_cross_entropy(network(X), Y).value))
    np.testing.assert_allclose(np.array(model.losses)[:, number], losses, rtol=1e-9)


def test_rises_are_counted():
    model = run(rate=5.0)
    rises = np.diff(np.array(model.losses), axis=0) > 0
    assert (model.epochs_that_rose == rises.sum(axis=0)).all() and (
        model.steps_that_rose == model.epochs_that_rose
    ).all()
    assert model.share_of_epochs == model.share_of_steps == pytest.approx(rises.mean())
    model.configure(shown=9)
    assert model.finished and list(model.rises()) == list(np.flatnonzero(rises[:, 8]) + 1)


def test_at_a_tiny_rate_a_step_raises_the_loss_where_its_gradient_points_away_from_the_whole_one():
    model = RisesModel(rate=0.01, batch=1)
    orders = [np.random.default_rng([seed, 1]).permutation(4) for seed in range(NETWORKS)]
    model.advance(1)
    away = 0
    for seed, order in enumerate(orders):
        gradients = []
        for chosen in (slice(None), order[:1]):
            network = alone(seed)
            functional.binary_cross_entropy(network(X[chosen]), Y[chosen]).backward()
            gradients.append(np.concatenate([p.grad.ravel() for p in network.parameters]))
        away += gradients[0] @ gradients[1] < 0
    first_steps = 0
    for seed, order in enumerate(orders):
        network = alone(seed)
        before = functional.binary_cross_entropy(network(X), Y).value
        functional.binary_cross_entropy(network(X[order[:1]]), Y[order[:1]]).backward()
        for p in network.parameters:
            p.value = p.value - 1e-4 * p.grad
        first_steps += functional.binary_cross_entropy(network(X), Y).value > before
    assert first_steps == away and 0 < away < NETWORKS


@pytest.mark.parametrize("block", range(0, 100, 20))
def test_a_small_rate_takes_away_the_rises_of_long_steps_and_leaves_those_of_single_examples(block):
    assert run(rate=0.5, block=block).share_of_epochs == 0
    assert run(rate=0.05, batch=1, block=block).share_of_steps > THIRD


@pytest.mark.parametrize("block", range(5))
def test_both_goals_can_be_reached_in_every_block(block):
    model = RisesModel(block=block)
    for rate in (4.5, 4.75, 5.0):
        model.configure(rate=rate)
        model.advance(EPOCHS)
    assert model.reached == {GOALS[0]}
    model.configure(batch=1, rate=0.1)
    model.advance(EPOCHS)
    assert model.reached == set(GOALS)


def test_goals_need_a_whole_run_and_all_their_conditions():
    model = RisesModel(rate=5.0)
    model.advance(EPOCHS - 1)
    assert model.share_of_epochs > OFTEN and model.solved >= ENOUGH and model.reached == set() and model.tried == {}
    for settings in ({"rate": 1.0}, {"rate": 12.0}, {"rate": 2.0, "batch": 2}):
        assert run(**settings).reached == set()
    half = run(rate=0.5, batch=1)
    assert half.share_of_steps > THIRD and half.share_of_epochs > SELDOM and half.reached == set()


def test_what_was_tried_is_kept_until_the_networks_change():
    model = RisesModel(rate=3.0)
    for rate in (3.0, 4.0, 4.0):
        model.configure(rate=rate)
        model.advance(EPOCHS)
    assert list(model.tried) == [(4, 3.0), (4, 4.0)]
    before = model.losses[0]
    model.next_networks()
    assert model.tried == {} and model.settings["block"] == 1 and not np.allclose(model.losses[0], before)
    model.configure(block=999)
    model.next_networks()
    assert model.settings["block"] == 0


def test_another_network_to_show_leaves_the_run_alone():
    model = RisesModel()
    model.advance(7)
    model.configure(shown=30)
    assert model.epoch == 7
    model.configure(rate=2.0)
    assert model.epoch == 0 and model.share_of_epochs == 0


def test_words():
    assert run(rate=5.0).status() == (
        "Epoch 100 of 100, rate 5, examples per step: 4. The loss of all four rose in 14.2% of the epochs, with one step an "
        "epoch. 30 of 30 networks are solved."
    )
    assert "and after 38% of the steps" in run(rate=0.1, batch=1).status()
    assert "at rate 5 it rose in 14%, and 30 of the networks solved XOR" in run(rate=5.0).description()
    assert "rate: none tried so far." in RisesModel().description()


@pytest.mark.parametrize(("rate", "bad"), [(5.0, False), (20.0, True)])
def test_no_run_is_a_success_by_itself_and_one_that_is_no_descent_has_failed(rate, bad):
    model = run(rate=rate)
    assert not model.good and model.bad == bad


@pytest.mark.parametrize("batch", [4, 1])
def test_the_largest_rate_stays_finite(batch):
    assert np.isfinite(run(rate=30.0, batch=batch).losses).all()
