"""The map of success: an interrupt loses nothing, and every column is counted."""

import numpy as np
import pytest

from course_lib.labs import success as success_model
from course_lib.labs.success import EPOCHS, RATES, SEEDS, SuccessMap
from course_lib.optimizers import GradientDescent
from course_lib.replay import Step


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
    model.advance(EPOCHS[column + 1] - model.epoch)
    assert model.epoch == EPOCHS[column + 1]
    np.testing.assert_array_equal(model.solved, whole.solved)
    assert (model.solved[:, : column + 2] >= 0).all()


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
        model.epoch = epoch
        model._count()
    assert (model.solved >= 0).all()
