"""Schedules of the learning rate, and clipping by the norm."""

import numpy as np
import pytest
from sentences import says

from course_lib import Adam, Dense, Diverged, GradientDescent, History, Tensor, functional, ops, train
from course_lib.layers import zeros
from course_lib.schedules import Clipped, clip_by_norm, constant, cosine, step_decay, warm_up
from course_lib.training import shuffled
from course_lib.training_step import take_step


def test_schedules():
    assert [constant(0.1, k) for k in (0, 99)] == [0.1, 0.1]
    assert [step_decay(0.1, k, every=5) for k in (0, 4, 5, 10)] == pytest.approx([0.1, 0.1, 0.01, 0.001])
    assert step_decay(1, 3, every=3, factor=0.5) == 0.5
    assert [cosine(0.2, k, total=10) for k in (0, 5, 10, 99)] == pytest.approx([0.2, 0.1, 0, 0])
    assert cosine(0.2, 10, total=10, lowest=0.01) == pytest.approx(0.01)
    assert [warm_up(0.4, k, steps=4) for k in range(6)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        (lambda: step_decay(0.1, 1, every=0), "step_decay: expected every > 0, got 0"),
        (lambda: cosine(0.1, 1, total=0), "cosine: expected total > 0, got 0"),
        (lambda: warm_up(0.1, 1, steps=-2), "warm_up: expected steps > 0, got -2"),
    ],
)
def test_a_schedule_without_steps_gives_a_sentence(schedule, sentence):
    says(ValueError, sentence, schedule)


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("batch_size", [None, 3])
def test_train_asks_a_schedule_before_each_step(batch_size, replay):
    """The same weights as by hand; a history that goes on goes on in the schedule, too."""
    x, y, rates = np.arange(16.0).reshape(8, 2) / 16, np.arange(8.0)[:, None] / 8, []

    def schedule(k):
        rates.append(warm_up(cosine(0.5, k, total=200), k, steps=30))
        return rates[-1]

    def started():
        return Dense(2, 1, rng=np.random.default_rng(0)), np.random.default_rng(1)

    model, rng = started()
    options = {"loss": functional.mean_squared_error, "batch_size": batch_size, "rng": rng, "schedule": schedule}
    optimizer, history = Adam(1.0), History()
    for epochs in (12, 8):
        for _ in train(model, (x, y), optimizer=optimizer, epochs=epochs, history=history, replay=replay, **options):
            pass
    by_hand, rng = started()
    steps = 1 if batch_size is None else 3
    optimizer = Adam(1.0)
    for k in range(20 * steps):
        if k % steps == 0:
            batches = [slice(None)] if batch_size is None else list(shuffled(8, batch_size, rng))
        optimizer.learning_rate = warm_up(cosine(0.5, k, total=200), k, steps=30)
        take_step(by_hand, (x[batches[k % steps]], y[batches[k % steps]]), functional.mean_squared_error, optimizer)
    for p, q in zip(model.parameters, by_hand.parameters, strict=True):
        np.testing.assert_array_equal(p.value, q.value)
    assert history.learning_rate == [warm_up(cosine(0.5, k, total=200), k, 30) for k in range(0, 20 * steps, steps)]


def gradients(parameters):
    return np.concatenate([p.grad for p in parameters], axis=None)


def test_clipping_keeps_the_direction_and_only_shortens():
    rng = np.random.default_rng(0)
    model, x, y = Dense(3, 2, rng=rng), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    functional.half_squared_error(model(x), y).backward()
    before = gradients(model.parameters)
    norm = np.linalg.norm(before)
    assert clip_by_norm(model.parameters, 2 * norm) == pytest.approx(norm)
    assert np.array_equal(gradients(model.parameters), before)
    assert clip_by_norm(model.parameters, 0.1) == pytest.approx(norm)
    assert gradients(model.parameters) == pytest.approx(before * 0.1 / norm)
    assert [p.grad.shape for p in model.parameters] == [(3, 2), (2,)]
    assert clip_by_norm(model.parameters * 2, 0.05) == pytest.approx(0.1)  # each counts once
    assert gradients(model.parameters) == pytest.approx(before * 0.05 / norm)


@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float32, 2e20), (np.float64, 1e200), (np.float32, 1e-30), (np.float64, 1e-200)]
)
def test_clipping_survives_gradients_whose_square_is_no_number(dtype, size):
    w = Tensor(np.ones(3, dtype))
    w.grad = np.full(3, size, dtype)
    norm = np.sqrt(3) * float(dtype(size))
    assert clip_by_norm([w], norm / 2) == pytest.approx(norm, rel=1e-12)
    assert w.grad.dtype == dtype and w.grad == pytest.approx(np.full(3, size / 2), rel=1e-6)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_gradient_that_is_not_finite_is_left_for_train_to_report(bad):
    w = Tensor(np.ones(3))
    w.grad = np.array([1.0, bad, 2.0])
    assert not np.isfinite(clip_by_norm([w], 0.1))
    np.testing.assert_array_equal(w.grad, [1.0, bad, 2.0])


def test_an_infinite_gradient_is_reported_as_divergence():
    model = Dense(1, 1, rng=np.random.default_rng(0), initializer=zeros)  # the square root is infinitely steep at 0
    steps = train(
        model,
        (np.ones((1, 1)), np.zeros((1, 1))),
        loss=lambda a, y: ops.sqrt(a),
        optimizer=Clipped(GradientDescent(0.1), 1.0),
        epochs=2,
    )
    with np.errstate(divide="ignore"), pytest.raises(Diverged):
        list(steps)


def test_clipping_says_what_is_wrong():
    model = Dense(3, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^clip_by_norm: a parameter has no gradient"):
        clip_by_norm(model.parameters, 1)
    with pytest.raises(ValueError, match=r"^GradientDescent\.step: parameter 0 .* has no new gradient"):
        Clipped(GradientDescent(0.1), 1).step(model.parameters)
    with pytest.raises(ValueError, match="positive norm, got 0"):
        clip_by_norm(model.parameters, 0)


def test_a_clipped_optimizer_takes_steps_of_limited_length():
    x, y = np.random.default_rng(0).normal(size=(8, 2)), np.full((8, 1), 50.0)
    model, optimizer = Dense(2, 1, rng=np.random.default_rng(1)), Clipped(GradientDescent(0.5), largest=0.1)
    before = np.concatenate([p.value for p in model.parameters], axis=None)
    for _ in train(model, (x, y), loss=functional.mean_squared_error, optimizer=optimizer, epochs=3):
        now = np.concatenate([p.value for p in model.parameters], axis=None)
        assert np.linalg.norm(now - before) == pytest.approx(0.5 * 0.1)
        before = now
    assert len(optimizer.norms) == 3 and min(optimizer.norms) > 10  # noted before clipping


def test_a_clipped_optimizer_passes_its_learning_rate_on():
    inner = Adam(0.1)
    optimizer = Clipped(inner, largest=1.0)
    assert optimizer.learning_rate == 0.1
    optimizer.learning_rate = 0.01
    assert inner.learning_rate == 0.01
    with pytest.raises(ValueError, match="expected a positive, finite learning rate"):
        optimizer.learning_rate = -1
