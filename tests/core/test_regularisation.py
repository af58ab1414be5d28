"""Dropout and normalisation: values by hand, statistics, and what they do while a model trains or not."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes
from operations import assert_alike, one_number
from sentences import says

from course_lib import (
    BatchNorm,
    Dense,
    Diverged,
    Dropout,
    GradientDescent,
    History,
    LayerNorm,
    Residual,
    Sequential,
    Tensor,
    check_gradients,
    ops,
    stack,
    train,
)
from course_lib import functional as F

pytestmark = pytest.mark.filterwarnings("error")
prove = settings(max_examples=40)

NORMS = [F.layer_norm, F.batch_norm]


def axes(norm, x):
    """The axes whose mean and variance a norm uses."""
    return (x.ndim - 1,) if norm is F.layer_norm else tuple(range(x.ndim - 1))


def composed(norm, x, gain, bias, epsilon=1e-5):
    """The formula in elementary operations, for which the engine finds the gradients; of arrays, its numbers."""
    along = axes(norm, x)
    shape = [1 if axis in along else size for axis, size in enumerate(x.shape)]
    centred = x - ops.reshape(ops.mean(x, along), shape)
    std = ops.sqrt(ops.reshape(ops.mean(centred * centred, along), shape) + epsilon)
    return centred / std * gain + bias


def normal(rng, shape, features):
    """Numbers x with mean and spread of their own, a gain and a bias."""
    return rng.normal(1.0, 2.0, shape), rng.normal(size=features), rng.normal(size=features)


# The normalisations


@pytest.mark.parametrize("norm", NORMS)
@prove
@given(
    shape=shapes.array_shapes(min_dims=2, max_dims=4, min_side=2, max_side=5),
    seed=st.integers(0, 2**32 - 1),
    offset=st.floats(-100, 100),
    scale=st.floats(0.1, 100),
    epsilon=st.sampled_from([1e-5, 3.0]),
)
def test_norm_is_its_elementary_operations(norm, shape, seed, offset, scale, epsilon):
    x, gain, bias = normal(np.random.default_rng(seed), shape, shape[-1])
    ours, theirs = (partial(f, epsilon=epsilon) for f in (norm, partial(composed, norm)))
    assert_alike(ours, theirs, [offset + scale * x, gain, bias], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("norm", NORMS)
def test_equal_numbers_give_the_bias_and_a_large_offset_does_no_harm(norm, rng):
    gain, bias = rng.normal(size=(2, 4))
    x = Tensor(np.full((5, 4), 7.0))
    y = norm(x, gain, bias)
    np.testing.assert_array_equal(y.value, np.broadcast_to(bias, (5, 4)))
    assert np.isfinite(y.vjp(rng.normal(size=(5, 4)))[0]).all()
    x = rng.normal(size=(5, 4))  # mean(x^2) - mean(x)^2 would lose all digits here
    np.testing.assert_allclose(norm(1e8 + x, gain, bias), composed(norm, x, gain, bias), atol=1e-6)


# Dropout


def test_dropout_by_hand():
    """A generator that gives known numbers decides which inputs go."""

    class Known:
        @staticmethod
        def random(shape, dtype):
            return np.array([[0.1, 0.5], [0.74, 0.76]], dtype)

    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    y = F.dropout(x, 0.5, Known)
    np.testing.assert_array_equal(y.value, [[0.0, 4.0], [6.0, 8.0]])
    np.testing.assert_array_equal(F.dropout(x, 0.75, Known).value, [[0.0, 0.0], [0.0, 16.0]])
    np.testing.assert_array_equal(y.vjp(np.ones((2, 2)))[0], [[0.0, 2.0], [2.0, 2.0]])


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_dropout_zeroes_the_share_that_it_should_and_keeps_the_mean(rate):
    """Of n independent draws, a share off by 5 standard deviations comes once in 1.7 million seeds; this is one."""
    n, rng = 200_000, np.random.default_rng(11)
    y = F.dropout(np.ones(n), rate, rng)
    deviation = math.sqrt(rate * (1 - rate) / n)
    assert abs((y == 0).mean() - rate) <= 5 * deviation
    assert abs(y.mean() - 1) <= 5 * deviation / (1 - rate)
    np.testing.assert_allclose(np.unique(y)[-1], 1 / (1 - rate), rtol=1e-15)
    assert len(np.unique(y)) == (1 if rate == 0 else 2)
    neighbours = (y[1:] == 0) & (y[:-1] == 0)  # units go independently of each other
    assert abs(neighbours.mean() - rate**2) <= 10 * deviation


def test_dropout_draws_anew_each_time_and_only_from_its_generator():
    first, second = np.random.default_rng(0), np.random.default_rng(0)
    x = np.ones((20, 20))
    one = F.dropout(x, 0.5, first)
    assert (F.dropout(x, 0.5, first) != one).any()
    np.random.seed(0)  # noqa: NPY002
    np.testing.assert_array_equal(F.dropout(x, 0.5, second), one)


# dtypes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(6, 4), (2, 3, 4)], ids=str)
def test_the_dtype_stays(dtype, shape, rng):
    model = Sequential(LayerNorm(4, dtype=dtype), Residual(BatchNorm(4, dtype=dtype)), Dropout(0.5, rng=rng))
    x, batch_norm = Tensor(rng.normal(size=shape).astype(dtype)), model.layers[1].layers[0]
    for training in (True, False):
        model.set_training(training)
        y = model(x)
        ops.sum(y).backward()
        tensors = [y, *y.graph(), *model.parameters]
        assert {t.dtype for t in tensors} == {t.grad.dtype for t in tensors} == {np.dtype(dtype)}
        assert {batch_norm.running_mean.dtype, batch_norm.running_variance.dtype} == {np.dtype(dtype)}


# Layers


def test_dropout_acts_while_training_only(rng):
    layer, x = Dropout(0.5, rng=rng), np.ones((10, 10))
    assert layer(x) is x
    layer.set_training(True)
    assert set(np.unique(layer(x))) == {0.0, 2.0}


def test_batch_norm_follows_the_batches_while_training(rng):
    layer, x = BatchNorm(2, momentum=0.75), rng.normal(3.0, 2.0, size=(4, 5, 2))
    layer.gain.value[:], layer.bias.value[:] = [2.0, 0.5], [1.0, -1.0]
    layer.set_training(True)
    y = layer(x)
    np.testing.assert_array_equal(y.value, F.batch_norm(x, layer.gain.value, layer.bias.value))
    mean, variance = x.mean(axis=(0, 1)), x.var(axis=(0, 1), ddof=1)
    np.testing.assert_allclose(layer.running_mean, 0.25 * mean, rtol=1e-14)
    np.testing.assert_allclose(layer.running_variance, 0.75 + 0.25 * variance, rtol=1e-14)
    layer(x)
    np.testing.assert_allclose(layer.running_mean, (0.75 * 0.25 + 0.25) * mean, rtol=1e-14)


def test_batch_norm_in_use_has_the_running_averages_for_constants(rng):
    layer, x = BatchNorm(2), rng.normal(size=(4, 2))
    layer.running_mean[:], layer.running_variance[:] = [1.0, 2.0], [4.0, 0.25]
    layer.gain.value[:], layer.bias.value[:] = [2.0, 0.5], [1.0, -1.0]
    expected = (x - [1.0, 2.0]) / np.sqrt([4.00001, 0.25001]) * [2.0, 0.5] + [1.0, -1.0]
    for each in (x, Tensor(x)):
        np.testing.assert_allclose(layer(each).value, expected, rtol=1e-14)
    np.testing.assert_allclose(layer(x[:1]).value, expected[:1], rtol=1e-14)  # one example is enough
    np.testing.assert_array_equal(layer.running_mean, [1.0, 2.0])  # looking changes nothing
    check_gradients(lambda p: one_number(layer(p[0])), [x], tolerance=1e-9)


def test_a_residual_adds_its_input(rng):
    first, second, x = Dense(3, 5, "tanh", rng=rng), Dense(5, 3, rng=rng), rng.normal(size=(4, 3))
    model = Residual(first, second)
    np.testing.assert_array_equal(model(x).value, x + second(first(x)).value)
    check_gradients(lambda p: one_number(model(p[0])), [x], tolerance=1e-8)
    t = Tensor(x)
    g = rng.normal(size=(4, 3))
    second.W.value[:] = 0  # nothing comes through the layers: the gradient arrives by the way around them
    ops.sum(model(t) * g).backward()
    np.testing.assert_array_equal(t.grad, g)


def test_a_residual_is_no_stack_of_dense_layers(rng):
    """As a Sequential, its x + would be lost without a word."""
    with pytest.raises(ValueError, match=r"^stack: expected Sequential models of Dense layers, got \[Residual"):
        stack([Residual(Dense(2, 2, rng=rng))])


# While a model trains


def branches(rng):
    """A model with layers deep inside."""
    inside = Residual(Sequential(Dense(3, 3, rng=rng), BatchNorm(3)))
    return Sequential(inside, Sequential(Dropout(0.5, rng=rng)), LayerNorm(3))


def modes(layer):
    """`training` of a layer, and of every layer inside at any depth."""
    return [layer.training, *(mode for inner in layer.layers for mode in modes(inner))]


def learn(model, epochs=3, loss=F.mean_squared_error, rate=0.01, **options):
    rng = np.random.default_rng(5)
    data = rng.normal(size=(12, 3)), rng.normal(size=(12, 3))
    options = {"optimizer": GradientDescent(rate), "batch_size": 4, "rng": rng} | options
    return train(model, data, loss=loss, epochs=epochs, **options)


def test_train_switches_every_layer_on_for_its_steps_only(rng):
    model, during = branches(rng), []
    assert modes(model) == [False] * 8

    def loss(outputs, y):
        during.append(modes(model))
        return F.mean_squared_error(outputs, y)

    for _ in learn(model, loss=loss):
        assert modes(model) == [False] * 8
        model.set_training(True)  # whatever the loop's body does
    assert during == [[True] * 8] * 9
    model.set_training(False)
    assert modes(model) == [False] * 8


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_keeps_weights_history_and_the_mode_for_use(error, rng):
    model, history, calls = branches(rng), History(), []

    def loss(outputs, y):
        calls.append(1)
        if len(calls) == 8:  # the second of three batches of the third epoch
            raise error
        return F.mean_squared_error(outputs, y)

    with pytest.raises(error):
        list(learn(model, loss=loss, history=history))
    assert modes(model) == [False] * 8 and len(history) == 2
    same = branches(np.random.default_rng(0))
    list(learn(same, epochs=2))
    assert all(np.isfinite(p.value).all() for p in model.parameters)
    assert any((p.value != q.value).any() for p, q in zip(model.parameters, same.parameters, strict=True))  # step 7
    assert [p.epoch for p in learn(model, history=history)] == [3, 4, 5]


def test_divergence_leaves_numbers_to_go_on_with(rng):
    """One infinite output must not stay in the running averages for ever."""
    model, history = Sequential(Dense(3, 3, rng=rng), BatchNorm(3), Dropout(0.2, rng=rng)), History()
    list(learn(model, epochs=2, history=history))
    before = model.layers[1].running_mean.copy(), model.layers[1].running_variance.copy()
    weights = model.layers[0].W.value.copy()
    model.layers[0].W.value[:] = 1e200  # its squares overflow
    with pytest.raises(Diverged):
        list(learn(model, history=history, loss=lambda outputs, y: F.mean_squared_error(outputs * math.inf, y)))
    assert not model.training and not model.layers[2].training and len(history) == 2
    np.testing.assert_array_equal(model.layers[1].running_variance, before[1])
    np.testing.assert_array_equal(model.layers[1].running_mean, before[0])
    model.layers[0].W.value[:] = weights
    assert [p.epoch for p in learn(model, epochs=1, history=history)] == [3]
    assert np.isfinite(model(np.ones((1, 3))).value).all()


# Sentences

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: F.dropout(np.ones(3), 1, RNG), ValueError, "dropout: expected rate from 0 to below 1, got 1"),
        (lambda: F.dropout(np.ones(3), -0.1, RNG), ValueError, "dropout: expected rate from 0 to below 1, got -0.1"),
        (lambda: Dropout(math.nan, rng=RNG), ValueError, "Dropout: expected rate from 0 to below 1, got nan"),
        (lambda: Dropout("0.5", rng=RNG), ValueError, "Dropout: expected rate from 0 to below 1, got '0.5'"),
        (lambda: Dropout(0.5, rng=7), TypeError, "Dropout: expected rng=numpy.random.default_rng(seed), got 7"),
        (lambda: BatchNorm(3, momentum=1.0), ValueError, "BatchNorm: expected momentum from 0 to below 1, got 1.0"),
        (lambda: LayerNorm(3)(np.ones((4, 5))), ValueError,
         "layer_norm: x has 5 features, but gain expects 3 (x.shape = (4, 5), gain.shape = (3,))"),
        (lambda: BatchNorm(3)(np.ones((4, 1))), ValueError,
         "BatchNorm: x has 1 features, but gain expects 3 (x.shape = (4, 1), gain.shape = (3,))"),
        (lambda: LayerNorm(3)(np.ones(3)), ValueError,
         "layer_norm: expected x of shape (batch, features), not empty, got shape (3,)"),
        (lambda: F.batch_norm(np.ones((4, 3)), np.ones(3), np.ones(2)), ValueError,
         "batch_norm: bias has 2 features, but gain expects 3 (bias.shape = (2,), gain.shape = (3,))"),
        (lambda: F.batch_norm(np.ones((4, 3)), np.ones((3, 1)), np.ones(3)), ValueError,
         "batch_norm: expected gain of shape (features,), not empty, got shape (3, 1)"),
        (lambda: F.batch_norm(np.ones((0, 5, 3)), np.ones(3), np.ones(3)), ValueError,
         "batch_norm: expected x of shape (batch, axis_1, features), not empty, got shape (0, 5, 3)"),
        (lambda: F.batch_norm(np.ones((1, 3)), np.ones(3), np.ones(3)), ValueError,
         "batch_norm: expected at least 2 examples to take mean and variance from, got 1; "
         "choose a batch size that leaves no batch of 1"),
        (lambda: Residual(), ValueError, "Residual: expected at least one layer, got none"),
        (lambda: Residual(Dense(3, 1, rng=RNG))(np.ones((4, 3))), ValueError,
         "Residual: expected the layers to keep the shape of x, (4, 3), got (4, 1)"),
    ],
)  # fmt: skip
def test_message(call, error, sentence):
    says(error, sentence, call)
