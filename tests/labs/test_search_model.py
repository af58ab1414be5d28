"""The map of validation losses and the searches on it: trained as promised, judged by rank, the same for the same seed."""

import re
import socket

import numpy as np
import pytest

from course_lib import Dense, GradientDescent, Sequential, functional, train
from course_lib.datasets.digits import digits
from course_lib.labs.search import GOALS, METHODS, TRIALS, SearchModel
from course_lib.models.validation_map import (
    BATCH_SIZE,
    CEILING,
    EPOCHS,
    EXAMPLES,
    RATES,
    SECONDS,
    WEIGHT_DECAYS,
    WRONG_LABELS,
    ValidationMap,
)


@pytest.fixture(scope="module")
def trained():
    losses = ValidationMap()
    losses.advance()
    return losses


@pytest.fixture
def valley():
    """A table whose best field is known: row 4, column 8."""
    rows, columns = np.indices((len(WEIGHT_DECAYS), len(RATES)))
    return 1.0 + ((rows - 4) ** 2 + 2 * (columns - 8) ** 2) / 1000


def test_a_field_is_what_training_alone_gives(trained):
    """The mean of two networks that are trained one by one, without a stack."""
    (x, y), (x_validation, y_validation), _ = digits()
    a, b = x[:EXAMPLES].reshape(-1, 64), y[:EXAMPLES].copy()
    b[:WRONG_LABELS] = np.random.default_rng(0).integers(0, 10, WRONG_LABELS)
    losses = []
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        network = Sequential(Dense(64, 16, "tanh", rng=rng, dtype=np.float32), Dense(16, 10, rng=rng, dtype=np.float32))
        optimizer = GradientDescent(RATES[8], weight_decay=WEIGHT_DECAYS[8])
        for _ in train(
            network,
            (a, b),
            loss=functional.softmax_cross_entropy,
            optimizer=optimizer,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            rng=np.random.default_rng(0),
        ):
            pass
        logits = network(x_validation.reshape(-1, 64)).value
        losses.append(float(functional.softmax_cross_entropy(logits, y_validation)))
    assert trained.table[8, 8] == pytest.approx(np.mean(losses), abs=0.002)


def test_the_map_is_a_valley_with_a_cliff(trained):
    assert trained.table.shape == (13, 19) and trained.table.max() == CEILING
    row, column = np.unravel_index(trained.table.argmin(), trained.table.shape)
    assert 0 < column < 12 and 0 < row < 12  # neither smallest nor largest
    assert (trained.table[:, 0] > 1.4 * trained.table.min()).all()
    assert trained.table[0, 10] > trained.table[8, 10] + 0.1  # weight decay helps where training is fast


def test_a_larger_batch_wants_a_larger_rate():
    losses = ValidationMap("batch size")
    losses.advance()
    best = losses.table.argmin(axis=1)
    assert (np.diff(best) >= 0).all() and RATES[best[-1]] > 8 * RATES[best[0]]


def test_a_map_with_dropout_trains_too():
    losses = ValidationMap("dropout")
    assert [progress.epoch for progress in losses.train()] == [*range(1, losses.epochs + 1)]
    assert losses.finished and losses.table.shape == (len(SECONDS["dropout"]), len(RATES))
    assert 0.8 < losses.table.min() < 1.5


def test_training_is_the_same_in_pieces(trained):
    pieces = ValidationMap()
    count = iter(range(10**6))
    while pieces.rows_done < 3:
        pieces.advance(enough=lambda: next(count) % 7 == 6)
    np.testing.assert_array_equal(pieces.table[:3], trained.table[:3])


def test_an_interrupt_does_not_end_the_training_for_ever(trained, monkeypatch):
    losses, epochs = ValidationMap(), iter(range(10**6))

    def interrupted():
        if next(epochs) == 10:  # of the steps before the record
            raise KeyboardInterrupt
        return False

    losses.advance(enough=lambda: losses.rows_done == 1)
    step = GradientDescent.step

    def step_once(*arguments):
        interrupted()
        step(*arguments)

    monkeypatch.setattr(GradientDescent, "step", step_once)
    with pytest.raises(KeyboardInterrupt):
        losses.advance()
    rows = iter(range(10**5))
    losses.advance(enough=lambda: losses.rows_done == 2 or next(rows) > 5 * EPOCHS)
    assert losses.rows_done == 2
    np.testing.assert_array_equal(losses.table[:2], trained.table[:2])


def test_the_row_that_is_missing_is_trained(trained):
    """Not the third one because two are complete."""
    table = trained.table.copy()
    table[1] = np.nan
    table[4, 3] = np.nan
    losses, calls = ValidationMap(table=table), iter(range(10**5))
    losses.advance(enough=lambda: next(calls) > 4 * EPOCHS)
    np.testing.assert_array_equal(losses.table, trained.table)


def test_other_seeds_confirm_a_field(trained):
    validation, _, test = trained.evaluate(RATES[8], WEIGHT_DECAYS[8], seeds=range(10, 14))
    assert validation.shape == test.shape == (4,)
    assert validation.mean() == pytest.approx(trained.table[8, 8], abs=0.15)
    assert 0.5 < test.mean() < 0.9


@pytest.mark.parametrize("method", METHODS[:3])
def test_a_search_uses_its_budget_and_can_be_repeated(valley, method):
    model, again = (SearchModel(valley, method=method, seed=3) for _ in range(2))
    model.advance(TRIALS + 5)
    for _ in range(TRIALS):
        again.advance()
    assert model.finished and len(model.trials) == TRIALS
    assert model.trials == again.trials
    assert all(loss == valley[row, column] for row, column, loss in model.trials)
    model.again()
    model.advance(TRIALS)
    assert model.trials != again.trials
    assert len(model.runs[method]) == 2


def test_a_grid_has_five_rates_and_random_search_many(valley):
    columns = {}
    for method in METHODS[:3]:
        model = SearchModel(valley, method=method)
        model.advance(TRIALS)
        columns[method] = {column for _, column, _ in model.trials}
        if method == "grid":
            assert len({trial[:2] for trial in model.trials}) == TRIALS
    assert len(columns["grid"]) == 5 < len(columns["random"])


def test_bayesian_search_is_ahead_at_the_end(valley):
    ends = {}
    for method in METHODS[:3]:
        model = SearchModel(valley, method=method)
        for _ in range(10):
            model.again()
            model.advance(TRIALS)
        ends[method] = model.median(method)[-1]
    assert ends["Bayesian"] < min(ends["grid"], ends["random"])


def test_shares_count_what_is_better(valley):
    model = SearchModel(valley, method="by hand")
    model.configure(row=0, column=0)
    model.advance()
    model.configure(row=4, column=8)
    model.advance()
    assert model.shares() == [model.map.share_better(valley[0, 0]), 0.0]
    assert model.trials_until(0.1) == 2 and model.best() == (4, 8, 1.0)
    assert model.reached == set(GOALS)
    assert "in the best tenth since trial 2" in model.status()


def test_late_success_reaches_no_goal(valley):
    model = SearchModel(valley, method="by hand")
    model.configure(row=12, column=18)
    model.advance(12)
    model.configure(row=4, column=8)
    model.advance()
    assert model.reached == set() and model.trials_until(0.1) == 13


def test_another_map_starts_anew(valley):
    model = SearchModel(valley, method="grid")
    model.advance(TRIALS)
    model.configure(second="dropout")
    assert model.trials == [] and model.runs["grid"] == [] and not model.map.finished
    with pytest.raises(ValueError, match="not trained yet"):
        model.advance()
    model.configure(second="weight decay")
    assert model.map.finished  # what was trained is kept


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: ValidationMap("colour"), "second: expected one of weight decay, dropout, batch size, hidden units"),
        (lambda: ValidationMap(table=np.zeros((2, 3))), "shape (13, 19) (second hyper-parameter, learning rates), got (2, 3)"),
    ],
)  # fmt: skip
def test_message(build, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        build()


def test_a_search_reaches_for_no_network_and_says_nothing(valley, monkeypatch, capfd):
    def refuse(*arguments, **options):
        raise AssertionError("the search opens a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    model = SearchModel(valley, method="Bayesian")
    model.advance(TRIALS)
    assert model.finished and capfd.readouterr() == ("", "")
