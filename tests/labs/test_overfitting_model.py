"""The over-fitting lab's model: what it trains on, what it notes, and what the remedies do."""

import numpy as np
import pytest

from course_lib import Sequential
from course_lib.labs.overfitting import EPOCHS, GOALS, GRID, OverfittingModel, target
from course_lib.replay import Replays


def trained(**settings):
    model = OverfittingModel(**settings)
    model.advance(model.most, enough=lambda: False)
    return model


@pytest.fixture(scope="module")
def plain():
    return trained()


def test_points_follow_the_sine_with_the_noise_that_was_asked_for():
    model = OverfittingModel(examples=200, noise=0.4)
    for x, y in ((model.x, model.y), (model.x_validation, model.y_validation)):
        assert (y - target(x)).std() == pytest.approx(0.4, rel=0.15)
        assert abs(x).max() <= 1


def test_points_depend_on_the_seed_alone():
    first, more_units, other = OverfittingModel(), OverfittingModel(hidden=5), OverfittingModel(seed=8)
    np.testing.assert_array_equal(first.y, more_units.y)
    assert not np.array_equal(first.y, other.y)


def test_training_and_validation_points_are_different():
    model = OverfittingModel()
    assert not set(model.x[:, 0]) & set(model.x_validation[:, 0])


def test_it_overfits(plain):
    """Misconception 7: the validation loss is lowest long before the end."""
    assert plain.epoch == EPOCHS and plain.finished
    assert plain.training[-1] < 0.09 < 0.15 < plain.validation[-1]
    assert plain.best[1] < 1000 and plain.best[0] < 0.13


@pytest.mark.parametrize(
    "remedy",
    [{"weight_decay": 0.3}, {"dropout": 0.2}, {"hidden": 4}, {"examples": 80}],
    ids=lambda remedy: next(iter(remedy)),
)
def test_each_remedy_lowers_the_last_validation_loss(plain, remedy):
    assert trained(**remedy).validation[-1] < 0.8 * plain.validation[-1]


def test_noted_losses_are_those_of_the_network(plain):
    assert plain.training[-1] == pytest.approx(np.mean((plain.model(plain.x).value - plain.y) ** 2))
    assert len(plain.epochs) == len(plain.training) == len(plain.validation)
    assert plain.epochs[:22] == [*range(21), 30] and plain.epochs == sorted(set(plain.epochs))


def test_back_to_the_best_epoch_restores_its_weights():
    model = trained()
    lowest, epoch, _ = model.best
    curve = model.best_curve()
    model.back_to_best()
    assert np.mean((model.model(model.x_validation).value - model.y_validation) ** 2) == pytest.approx(lowest)
    np.testing.assert_allclose(model.curve(), curve)
    assert model.losses()[1] == lowest and f"Back at epoch {epoch}" in model.status() and model.finished


def test_goals():
    model = trained(weight_decay=0.3)
    assert model.reached == {"trained to the end"}
    model.configure(weight_decay=0.0)
    model.advance(model.most, enough=lambda: False)
    assert model.reached == {"trained to the end"}
    model.back_to_best()
    assert model.reached == set(GOALS)


def test_more_points_or_less_noise_do_not_count_for_the_goal():
    assert trained(examples=80).reached == set()
    assert trained(noise=0.1).reached == set()


def test_a_change_starts_anew_and_keeps_the_points():
    model = OverfittingModel()
    model.advance(2)
    points = model.y
    model.configure(dropout=0.5)
    assert model.epoch == 0 and len(model.training) == 1
    np.testing.assert_array_equal(model.y, points)
    model.new_start()
    assert not np.array_equal(model.y, points)


def test_training_in_pieces_is_the_same_as_at_once(plain):
    model = OverfittingModel()
    calls = iter(range(10_000))
    while not model.finished:
        model.advance(model.most, enough=lambda: next(calls) % 7 == 6)
    assert model.validation == plain.validation


@pytest.mark.parametrize(("owner", "name"), [(Replays, "epoch"), (Sequential, "__call__")])
def test_an_interrupt_does_no_harm(plain, monkeypatch, owner, name):
    """Before a step, or while the losses are noted: nothing is lost but what was on its way."""
    model = OverfittingModel()
    calls = iter(range(100))
    model.advance(model.most, enough=lambda: next(calls) == 25)
    assert model.epoch == 70
    left = iter([True] * 14)

    def interrupted(method):
        def act(*arguments):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return method(*arguments)

        return act

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, interrupted(getattr(owner, name)))
        with pytest.raises(KeyboardInterrupt):
            model.advance(model.most, enough=lambda: False)
    assert len(model.epochs) == len(model.training) == len(model.validation)
    model.advance(model.most, enough=lambda: False)
    assert model.epoch == EPOCHS and all(epoch % 10 == 0 for epoch in model.epochs[20:])
    assert model.validation[-1] == pytest.approx(plain.validation[-1], rel=1e-6)


def test_without_noise_there_is_hardly_anything_to_overfit():
    model = trained(noise=0.0)
    assert model.validation[-1] < 0.02


def test_the_grid_covers_the_points():
    assert GRID[0, 0] == -1 and GRID[-1, 0] == 1
