"""Weight decay: one line for all optimizers, equal to a penalty on the squared weights for plain gradient descent."""

import numpy as np
import pytest
from sentences import says

from course_lib import Dense, GradientDescent, Sequential, Tensor, functional, ops, train
from course_lib.optimizers import OPTIMIZERS

every_optimizer = pytest.mark.parametrize("optimizer_class", OPTIMIZERS.values(), ids=OPTIMIZERS)


def after_one_step(optimizer, start, gradient):
    w = Tensor(np.array(start))
    ops.sum(w * np.array(gradient)).backward()
    optimizer.step([w])
    return w.value


@every_optimizer
def test_it_shrinks_the_weights_before_the_step(optimizer_class):
    start, gradient = [2.0, -1.0], [0.5, 0.25]
    plain = after_one_step(optimizer_class(0.1), np.multiply(start, 1 - 0.1 * 0.3), gradient)
    decayed = after_one_step(optimizer_class(0.1, weight_decay=0.3), start, gradient)
    np.testing.assert_allclose(decayed, plain, rtol=1e-15)


@every_optimizer
def test_no_decay_is_the_default(optimizer_class):
    assert optimizer_class(0.1).weight_decay == 0
    explicit = after_one_step(optimizer_class(0.1, weight_decay=0), [2.0], [1.0])
    np.testing.assert_array_equal(after_one_step(optimizer_class(0.1), [2.0], [1.0]), explicit)


def test_for_gradient_descent_it_is_the_gradient_of_a_penalty(rng):
    """L + decay / 2 * |w|^2 has the gradient dL/dw + decay * w."""
    x, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 1))
    models = [
        Sequential(Dense(3, 4, "tanh", rng=np.random.default_rng(0)), Dense(4, 1, rng=np.random.default_rng(1)))
        for _ in range(2)
    ]

    def penalised(a, y):
        squares = [ops.sum(p**2) for p in models[1].parameters]
        return functional.mean_squared_error(a, y) + 0.35 * sum(squares[1:], squares[0])

    for _ in train(
        models[0],
        (x, y),
        loss=functional.mean_squared_error,
        optimizer=GradientDescent(0.1, weight_decay=0.7),
        epochs=30,
    ):
        pass
    for _ in train(models[1], (x, y), loss=penalised, optimizer=GradientDescent(0.1), epochs=30):
        pass
    for a, b in zip(models[0].parameters, models[1].parameters, strict=True):
        np.testing.assert_allclose(a.value, b.value, rtol=1e-10, atol=1e-14)


def test_it_uses_the_rate_of_the_moment_and_of_each_network():
    optimizer = GradientDescent([0.1, 0.5], weight_decay=1.0)
    np.testing.assert_allclose(after_one_step(optimizer, [[1.0], [1.0]], [[0.0], [0.0]]), [[0.9], [0.5]])


@every_optimizer
@pytest.mark.parametrize("decay", [-0.1, np.nan, np.inf, "a"])
def test_message(optimizer_class, decay):
    says(
        ValueError,
        f"{optimizer_class.__name__}: expected weight_decay >= 0, got {decay!r}",
        lambda: optimizer_class(0.1, weight_decay=decay),
    )
