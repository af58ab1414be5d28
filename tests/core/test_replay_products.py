"""Products of stacks of small matrices are replaced by cheaper ones only where these have the same bits on this machine."""

import numpy as np
from recorded_steps import Composed, everything, same

from course_lib import Dense, GradientDescent, Sequential, stack
from course_lib import functional as F
from course_lib.replay import products, record_step
from course_lib.replay.operations import packed_place
from course_lib.training_step import take_step


def stack_of(networks, dtype=np.float64, batch=4):
    """A stack of networks 2-4-1, and data for them."""
    rng = np.random.default_rng(0)
    layers = [(Dense(2, 4, "tanh", rng=rng, dtype=dtype), Dense(4, 1, rng=rng, dtype=dtype)) for _ in range(networks)]
    data = rng.normal(size=(batch, 2)), rng.uniform(size=(batch, 1))
    return stack([Sequential(*each) for each in layers]), tuple(each.astype(dtype) for each in data)


def cheaper_products(step):
    """How many transposed arrays a step copies when it loads its data, and how many sums of rows it takes."""
    transposed = sum(each.kind == "copy" and not each.args[0].contiguous for each in step.record.load)
    return transposed, step.program.text.count("einsum(")


def test_tiny_products_of_a_stack_are_cheaper_where_blas_rounds_alike():
    for dtype in (np.float64, np.float32):
        model, data = stack_of(100, dtype)
        step = record_step(model, data, loss=F.mean_squared_error, optimizer=GradientDescent(0.1))
        delta, columns = np.random.default_rng(1).normal(size=(100, 4, 4)).astype(dtype), data[0].T
        copied = np.array_equal(np.matmul(columns, delta), np.matmul(columns.copy(), delta))
        added = np.array_equal(np.matmul(np.ones(4, dtype), delta), np.einsum("nij->nj", delta))
        assert cheaper_products(step) == (copied, added), dtype
        assert same(lambda dtype=dtype: stack_of(100, dtype)[0], data, F.mean_squared_error)


def test_products_stay_where_blas_rounds_differently_or_nobody_has_tried_enough(monkeypatch):
    """Nor does anybody try it on large matrices."""
    asked = []
    monkeypatch.setattr(products, "_same_bits", lambda *_: asked.append(True))
    for networks, batch, questions in ((100, 4, 2), (5, 4, 0), (100, 17, 0)):
        model, data = stack_of(networks, batch=batch)
        step = record_step(model, data, loss=F.mean_squared_error, optimizer=GradientDescent(0.1))
        assert cheaper_products(step) == (0, 0) and len(asked) == questions
        asked.clear()


def test_another_order_of_adding_and_another_sign_of_zero_are_other_bits():
    place = packed_place(None, 0, (100, 3), np.dtype(float))

    def forwards(x):
        return x[:, 0] + x[:, 1] + x[:, 2]

    assert products._same_bits(forwards, forwards, [place])
    assert not products._same_bits(forwards, lambda x: x[:, 2] + x[:, 1] + x[:, 0], [place])
    assert not products._same_bits(forwards, lambda x: 0.0 + forwards(x), [place])


def test_it_is_tried_on_arrays_that_lie_as_those_of_the_step():
    rows = packed_place(None, 8, (3, 100), np.dtype(np.float32))
    backwards = rows._replace(strides=(4, -12), offset=4 * 3 * 99)
    for place in (rows, backwards):
        array = products._drawn(place, np.random.default_rng(0))
        assert (array.shape, array.strides, array.dtype) == (place.shape, place.strides, place.dtype)
        assert len(np.unique(array)) == 300


def test_what_is_transposed_and_may_change_is_not_copied_in_each_step():
    def function(x, layers):
        h = layers(x)
        return h * np.matmul(model.table.T, h.value)[:, :2]

    layers = [Sequential(Dense(2, 4, rng=np.random.default_rng(i))) for i in range(60)]
    model, data = Composed(function, stack(layers)), (np.eye(2), np.zeros((2, 4)))
    model.table = np.arange(8.0).reshape(2, 4)
    step = record_step(model, data, loss=F.mean_squared_error, optimizer=GradientDescent(0.1))
    assert not any(each.kind == "copy" and not each.args[0].contiguous for each in step.record.operations)


def test_a_constant_vector_of_other_numbers_stays_a_factor():
    factor = np.array([1.0, 1.0, 2.0, 1.0])
    factor.flags.writeable = False

    def weighted(x, layer):
        h = layer(x)
        return h * np.matmul(factor, h.value)[:, None]

    layers = [Sequential(Dense(2, 4, rng=np.random.default_rng(i))) for i in range(60)]
    data = np.random.default_rng(0).normal(size=(4, 2)), np.zeros((4, 4))
    assert same(lambda: Composed(weighted, stack(layers)), data, F.mean_squared_error)


def test_ones_that_somebody_may_change_are_read_in_each_step():
    weights, model_of = (
        np.ones(4),
        lambda: stack([Sequential(Dense(2, 4, rng=np.random.default_rng(i))) for i in range(60)]),
    )
    data = np.random.default_rng(0).normal(size=(4, 2)), np.zeros((4, 4))

    def weighted(x, layer):
        h = layer(x)
        return h * np.matmul(weights, h.value)[:, None]

    def between(model, optimizer):
        weights[:] = 1.5 - weights  # ones again after two steps

    assert same(lambda: Composed(weighted, model_of()), data, F.mean_squared_error, between=between)


def test_transposed_data_that_change_in_place_are_copied_anew():
    """again() is a step only on the data that were read."""
    model, data = stack_of(100)
    other, optimizers = stack_of(100)[0], [GradientDescent(0.1), GradientDescent(0.1)]
    step = record_step(model, data, loss=F.mean_squared_error, optimizer=optimizers[0])
    for _ in range(3):
        assert step.again() is None and step.read(data) and step.again() is not None
        take_step(other, data, F.mean_squared_error, optimizers[1])
        data[0][1] *= 2.0
    assert everything(model, optimizers[0]) == everything(other, optimizers[1])
