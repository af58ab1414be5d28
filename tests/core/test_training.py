"""The training loop: one epoch, mini-batches, a history that goes on, divergence, stacks, accuracy, sentences."""

import math

import numpy as np
import pytest
from operations import network
from sentences import says

from course_lib import (
    Dense,
    Diverged,
    GradientDescent,
    History,
    Layer,
    Sequential,
    Tensor,
    minibatches,
    ops,
    stack,
    success_rate,
    train,
)
from course_lib import functional as F
from course_lib import training as training_module
from course_lib.datasets import xor
from course_lib.training import Progress, accuracy
from course_lib.training_step import take_step

X, Y = xor()


def fit(model, optimizer, epochs, data=None, **options):
    """Train to the end and return the history."""
    data, options = data or xor(), {"loss": F.binary_cross_entropy} | options
    *_, last = train(model, data, optimizer=optimizer, epochs=epochs, **options)
    return last.history


def numbers(model):
    """All parameters in one vector."""
    return np.concatenate([p.value for p in model.parameters], axis=None)


# One epoch


def test_an_epoch_is_forward_loss_backward_step():
    model, same, (x, y) = network(), network(), xor()
    progress = next(train(model, (x, y), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.5), epochs=1))
    loss = F.binary_cross_entropy(same(x), y)
    loss.backward()
    expected = np.concatenate([(p.value - 0.5 * p.grad) for p in same.parameters], axis=None)
    assert (progress.epoch, progress.loss, progress.learning_rate) == (1, float(loss), 0.5)
    np.testing.assert_array_equal(numbers(model), expected)


def test_training_yields_one_progress_an_epoch_and_waits():
    model, optimizer = network(), GradientDescent(0.5)
    training = train(model, xor(), loss=F.binary_cross_entropy, optimizer=optimizer, epochs=3)
    np.testing.assert_array_equal(numbers(model), numbers(network()))  # nothing has happened yet
    seen = []
    for progress in training:
        assert type(progress) is Progress
        seen.append((progress.epoch, progress.loss, progress.learning_rate))
        assert len(progress.history) == progress.epoch
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert progress.history == History([loss for _, loss, _ in seen], [0.5] * 3)


def test_several_inputs_go_to_the_model_in_order(rng):
    class Difference(Sequential):
        def __call__(self, a, b):
            return super().__call__(a) - b

    a, b, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1)), rng.normal(size=(6, 1))
    model = Difference(Dense(2, 1, rng=rng))
    expected = float(F.mean_squared_error(model(a, b), y))
    options = {"loss": F.mean_squared_error, "optimizer": GradientDescent(0.1), "epochs": 1}
    assert next(train(model, (a, b, y), **options)).loss == expected


# Mini-batches


def test_minibatch_steps_by_hand(rng):
    x, y = rng.normal(size=(10, 2)), rng.uniform(size=(10, 1))
    model, same = network(1), network(1)
    history = fit(model, GradientDescent(0.5), 2, (x, y), batch_size=4, rng=np.random.default_rng(5))

    shuffle, losses = np.random.default_rng(5), []
    for _ in range(2):
        order, total = shuffle.permutation(10), 0.0
        for rows in (order[:4], order[4:8], order[8:]):
            loss = F.binary_cross_entropy(same(x[rows]), y[rows])
            loss.backward()
            for p in same.parameters:
                p.value = p.value - 0.5 * p.grad
            total += float(loss) * len(rows)
        losses.append(total / 10)  # the mean over examples: the last batch of 2 counts half as much as the others
    assert history.loss == pytest.approx(losses, rel=1e-14)
    np.testing.assert_allclose(numbers(model), numbers(same), rtol=1e-13)


def test_the_loop_in_the_docstring_does_what_train_does(rng):
    x, y = rng.normal(size=(10, 2)), rng.uniform(size=(10, 1))
    model, same = network(1), network(1)
    fit(model, GradientDescent(0.5), 2, (x, y), batch_size=4, rng=np.random.default_rng(5))

    lines = [line for line in training_module.__doc__.splitlines() if line.startswith("    ")]
    names = {"minibatches": minibatches, "take_step": take_step, "Progress": lambda _: None}
    names |= {"model": same, "x": x, "y": y, "loss": F.binary_cross_entropy, "optimizer": GradientDescent(0.5)}
    names |= {"epochs": 2, "batch_size": 4, "rng": np.random.default_rng(5)}
    exec("\n".join(["def loop():", *lines]), names)
    assert len(list(names["loop"]())) == 2
    np.testing.assert_array_equal(numbers(model), numbers(same))


# History


def test_the_history_keeps_arrays_of_rates_as_they_were():
    stacked, optimizer = stack([network(0), network(1)]), GradientDescent(np.array([0.1, 0.2]))
    history = History()
    options = {"loss": F.binary_cross_entropy, "optimizer": optimizer, "epochs": 2, "history": history}
    for _ in train(stacked, xor(), **options):
        optimizer.learning_rate = optimizer.learning_rate * 0.5
    np.testing.assert_array_equal(history.learning_rate, [[0.1, 0.2], [0.05, 0.1]])


# Divergence


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("batch_size", [None, 2])
def test_divergence_says_when_and_at_which_rate_and_keeps_the_history(batch_size, rng):
    x, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[1.0], [2.0], [3.0], [4.0]])
    model, history = Sequential(Dense(1, 1, rng=rng)), History()
    options = {"loss": F.mean_squared_error, "history": history, "batch_size": batch_size, "rng": rng}
    with pytest.raises(Diverged) as caught:
        fit(model, GradientDescent(1e30), 50, (x, y), **options)
    error = caught.value
    assert error.epoch == len(history) + 1 >= 2
    assert error.learning_rate == 1e30
    assert error.history is history
    assert str(error) == (
        f"diverged at epoch {error.epoch}: the loss is no longer finite; try a learning rate smaller than 1e+30"
    )
    assert all(math.isfinite(loss) for loss in history.loss)
    assert history.learning_rate == [1e30] * len(history)

    fresh = Sequential(Dense(1, 1, rng=rng))
    fit(fresh, GradientDescent(0.01), 5, (x, y), loss=F.mean_squared_error, history=history)
    assert len(history) == error.epoch + 4


@pytest.mark.filterwarnings("error")
def test_overflow_on_the_way_is_reported_once_as_divergence_and_not_as_warnings(rng):
    def loss(a, y):
        return ops.mean((a - y) ** 2 - a**2)  # overflows, and then takes infinity from infinity

    with pytest.raises(Diverged):
        fit(Sequential(Dense(1, 1, rng=rng)), GradientDescent(1e200), 9, (X[:, :1], Y), loss=loss)


def test_divergence_of_a_stack_names_the_largest_rate():
    error = Diverged(7, np.array([0.1, 30.0, 2.0]), History())
    assert str(error) == "diverged at epoch 7: the loss is no longer finite; try a learning rate smaller than 30"


def test_a_loss_that_is_nan_at_once_is_epoch_1():
    model, history = network(), History()
    model.parameters[0].value[0, 0] = np.nan
    before = numbers(model)
    with pytest.raises(Diverged) as caught:
        fit(model, GradientDescent(0.1), 3, history=history)
    assert (caught.value.epoch, len(history)) == (1, 0)
    np.testing.assert_array_equal(numbers(model), before)  # no step was taken


def test_numpy_warns_as_before_between_epochs():
    for _ in train(network(), xor(), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.1), epochs=2):
        with pytest.warns(RuntimeWarning, match="overflow"):
            np.exp(np.array(1000.0))


# Stacks


def test_success_rate_is_the_share_of_networks_that_solve_the_task_alone():
    (x, y), epochs = xor(), 300
    models = [network(seed, (2, 2, 1)) for seed in range(12)]
    before = [numbers(model) for model in models]
    rate = success_rate(models, (x, y), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.5), epochs=epochs)
    for model, start in zip(models, before, strict=True):
        np.testing.assert_array_equal(numbers(model), start)  # the given networks stay as they were
        fit(model, GradientDescent(0.5), epochs)
    solved = [bool(((model(x).value > 0) == y).all()) for model in models]
    assert rate == sum(solved) / 12
    assert 0 < rate < 1  # with two hidden units some starts get stuck: otherwise this would show nothing


def test_success_rate_with_a_threshold_and_a_rate_for_each_network():
    (x, y), models = xor(), [network(3, (2, 8, 1)) for _ in range(2)]
    options = {"loss": F.mean_squared_error, "epochs": 400, "threshold": 0.5}
    assert success_rate(models, (x, y), optimizer=GradientDescent(np.array([0.3, 1e-6])), **options) == 0.5


# accuracy


def test_accuracy_of_logits_and_of_probabilities():
    y = np.array([[0], [1], [1], [0]])
    assert accuracy(np.array([[-1.0], [2.0], [-3.0], [0.0]]), y) == 0.75
    assert accuracy(Tensor([[0.1], [0.9], [0.4], [0.5]]), y, threshold=0.5) == 0.75


def test_a_target_between_the_classes_belongs_to_the_nearer_one():
    assert accuracy(np.array([[-1.0], [1.0], [1.0]]), np.array([[0.3], [0.7], [0.5]])) == 2 / 3
    assert accuracy(np.array([[-1.0], [-1.0]]), np.array([[0.3], [0.5]])) == 1.0


def test_accuracy_of_classes():
    assert accuracy(np.array([[0.1, 0.9, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), [1, 0, 0]) == 2 / 3


def test_accuracy_of_a_stack_is_one_number_for_each_network():
    outputs = np.array([[[-1.0], [1.0]], [[1.0], [1.0]], [[1.0], [-1.0]]])
    np.testing.assert_array_equal(accuracy(outputs, [[0], [1]]), [1.0, 0.5, 0.0])
    np.testing.assert_array_equal(accuracy(np.eye(3)[[[0, 1], [2, 1]]], [0, 1]), [1.0, 0.5])


@pytest.mark.parametrize(
    ("outputs", "target", "expected"),
    [((4, 1), (4,), (4, 1)), ((4, 1), (3, 1), (4, 1)), ((4, 1), (1, 4), (4, 1)), ((4, 3), (3,), (4,)),
     ((4, 3), (4, 3), (4,)), ((4, 1), (1,), (4, 1)), ((5, 4, 1), (4,), (5, 4, 1)), ((5, 4, 3), (5,), (5, 4))],
)  # fmt: skip
def test_accuracy_says_when_shapes_differ(outputs, target, expected):
    """(4, 1) against (4,) would compare every output with every target."""
    sentence = f"accuracy: expected a target of shape {expected} for outputs of shape {outputs}, got {target}"
    says(ValueError, sentence, lambda: accuracy(np.zeros(outputs), np.zeros(target)))


# Sentences: at the call, before the first next()

WITH_NAN = np.where(X == 1, np.nan, X)


def call(model=None, data=(X, Y), loss=F.binary_cross_entropy, optimizer=None, epochs=1, **options):
    return lambda: train(
        model or network(),
        data,
        loss=loss,
        optimizer=optimizer or GradientDescent(0.1),
        epochs=epochs,
        **options,
    )


class Misspelt(Layer):
    @property
    def parameters(self):
        return self.inner.parameters


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (call(epochs=0), ValueError, "train: expected epochs to be a whole number >= 1, got 0"),
        (call(batch_size=0, rng=np.random.default_rng(0)), ValueError,
         "train: expected batch_size to be a whole number >= 1, got 0"),
        (call(batch_size=2), TypeError,
         "train: expected rng=numpy.random.default_rng(seed), got None"),
        (call(data=(X, Y[:3])), ValueError,
         "train: expected data = (x, y), arrays with equal first axis, got shapes [(4, 2), (3, 1)]"),
        (call(data=5), ValueError, "train: expected data = (x, y), two arrays: 'int' object is not iterable"),
        (call(data=(X,)), ValueError,
         "train: expected data = (x, y), arrays with equal first axis, got shapes [(4, 2)]"),
        (call(data=(X, 1.0)), ValueError,
         "train: expected data = (x, y), arrays with equal first axis, got shapes [(4, 2), ()]"),
        (call(data=(X[:0], Y[:0])), ValueError, "train: the data are empty (shapes [(0, 2), (0, 1)])"),
        (call(data=(WITH_NAN, Y)), ValueError,
         "train: data[0] has 4 values that are not finite (NaN or infinite) out of 8"),
        (call(data=(X, [[0.0], [math.inf], [1.0], [0.0]])), ValueError,
         "train: data[1] has 1 values that are not finite (NaN or infinite) out of 4"),
        (call(data=([["a", "b"]] * 4, Y)), TypeError, "train: expected numbers in data[0], got dtype <U1"),
        (call(data=(X, [[None]] * 4)), TypeError, "train: expected numbers in data[1], got dtype object"),
        (call(data=(X * 1j, Y)), TypeError, "train: expected numbers in data[0], got dtype complex128"),
        (call(model=Layer()), ValueError, "train: the model has no parameters to train"),
        (call(model=ops.tanh), TypeError,
         "train: expected a model with parameters: 'function' object has no attribute 'parameters'"),
        (call(model=Misspelt()), TypeError,
         "train: expected a model with parameters: 'Misspelt' object has no attribute 'inner'"),
        (call(loss="mse"), TypeError, "train: expected loss to be a function, got 'mse'"),
        (call(schedule=0.1), TypeError, "train: expected schedule to be a function, got 0.1"),
        (call(optimizer=GradientDescent), TypeError,
         "train: expected an optimizer, such as Adam(0.01), got the class GradientDescent"),
    ],
)  # fmt: skip
def test_message_at_the_call(call, error, sentence):
    says(error, sentence, call)


def test_a_loss_that_is_no_number_or_does_not_depend_on_the_parameters_is_named_in_the_first_epoch():
    sentence = (
        "backward() starts from a single number, the loss, but this Tensor has shape (4, 1): sum it or average it first"
    )
    says(ValueError, sentence, lambda: next(call(loss=lambda outputs, y: (outputs - y) ** 2)()))
    sentence = "train: expected a loss that depends on the model's parameters, got 3.0"
    says(TypeError, sentence, lambda: next(call(loss=lambda outputs, y: 3.0)()))


def test_a_loss_of_one_number_may_have_any_shape():
    model, same = network(), network()
    history = fit(model, GradientDescent(0.1), 3, (X[:1], Y[:1]), loss=lambda outputs, y: (outputs - y) ** 2)
    expected = fit(same, GradientDescent(0.1), 3, (X[:1], Y[:1]), loss=F.mean_squared_error)
    assert history.loss == pytest.approx(expected.loss, rel=1e-14)


def test_minibatches_of_lists_are_those_of_arrays():
    arrays, lists = (minibatches(data, 3, np.random.default_rng(0)) for data in ((X, Y), (X.tolist(), Y.tolist())))
    for batch, other in zip(arrays, lists, strict=True):
        for array, same in zip(batch, other, strict=True):
            np.testing.assert_array_equal(array, same)


def test_minibatches_of_unequal_arrays_are_named():
    """Otherwise the labels that are too many were never seen, and too few were an IndexError in the last batch."""
    sentence = "minibatches: expected arrays with equal first axis, got shapes [(4, 2), (5, 1)]"
    says(ValueError, sentence, lambda: next(minibatches((X, np.zeros((5, 1))), 2, np.random.default_rng(0))))


@pytest.mark.parametrize(
    ("batch_size", "generator", "error", "sentence"),
    [
        (0, np.random.default_rng(0), ValueError, "expected batch_size to be a whole number >= 1, got 0"),
        (2, None, TypeError, "expected rng=numpy.random.default_rng(seed), got None"),
    ],
)
def test_minibatches_message(batch_size, generator, error, sentence):
    says(error, f"minibatches: {sentence}", lambda: list(minibatches(xor(), batch_size, generator)))
