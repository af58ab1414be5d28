"""The map of success: an interrupt loses nothing, and every column is counted."""

import numpy as np
import pytest

from course_lib.labs import success as success_model
from course_lib.labs.success import EPOCHS, RATES, SEEDS, SuccessMap
from course_lib.optimizers import GradientDescent
from course_lib.replay import Step
from course_lib.training import Diverged


@pytest.mark.parametrize(("where", "column"), [("engine", 0), ("replayed", 2), ("count", 0)])
def test_an_interrupt_in_a_step_or_in_a_count_loses_nothing(monkeypatch, where, column):
    """In one of the engine, in one that is replayed, and while the solved networks are counted."""
    whole, model = SuccessMap(), SuccessMap()
    whole.advance(EPOCHS[column + 1])
    steps, bind = [], Step.bind
    with monkeypatch.context() as patch:
        patch.setattr(Step, "bind", lambda step, arrays: (bind(step, arrays), steps.append(step)))
        model.advance(EPOCHS[column] - 1)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if where == "replayed":
            patch.setitem(steps[-1].again.__globals__, "step", interrupted)
        else:
            patch.setattr(
                *{"engine": (GradientDescent, "step"), "count": (success_model, "accuracy")}[where], interrupted
            )
        with pytest.raises(KeyboardInterrupt):
            model.advance(1)
    model.advance(EPOCHS[column + 1] - model.done)
    assert model.done == EPOCHS[column + 1]
    np.testing.assert_array_equal(model.solved, whole.solved)
    assert (model.solved[:, : column + 2] >= 0).all()


def test_a_loss_that_is_not_finite_ends_the_training_with_a_sentence():
    model = SuccessMap(activation="identity", loss="cross-entropy", scale=30.0)
    with pytest.raises(Diverged, match=f"diverged at epoch .* smaller than {RATES[-1]:g}"):
        model.advance(300)
    assert 0 < model.done < 300


def test_the_cheapest_field_may_stand_in_any_column():
    model = SuccessMap()
    for column in range(len(EPOCHS)):
        model.solved[:] = SEEDS - 1
        model.solved[2, column:] = model.solved[4, column:] = SEEDS
        assert model.cheapest() == [(RATES[2], EPOCHS[column]), (RATES[4], EPOCHS[column])]
    model.solved[:] = SEEDS - 1
    assert model.cheapest() == []


def test_every_column_is_counted_the_last_one_too():
    model = SuccessMap()
    model.solved[:] = -1
    for epoch in EPOCHS:
        model.done = epoch
        model._count()
    assert (model.solved >= 0).all()
