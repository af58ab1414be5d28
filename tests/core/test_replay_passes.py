"""Each pass of `replay` leaves the numbers as they are, where a small slip in it would not: one step for each such slip."""

import numpy as np
from recorded_steps import LABELS, Composed, X, Y, same

from course_lib import Adam, Dense, Embedding, Flatten, GradientDescent, Layer, Sequential, ops, stack
from course_lib import functional as F
from course_lib.optimizers import Optimizer
from course_lib.replay import record_step


def composed(function):
    """A network 5-4-3 whose forward pass is function(x, first, second)."""
    return Composed(
        function, Dense(5, 4, "tanh", rng=np.random.default_rng(0)), Dense(4, 3, rng=np.random.default_rng(1))
    )


def test_draws_that_nobody_reads_are_made():
    """The second dropout is read; the first one, which is not, comes before it in the stream."""

    def model_of():
        rng = np.random.default_rng(5)

        def function(x, first, second):
            h = first(x)
            F.dropout(h, 0.5, rng)
            return second(F.dropout(h, 0.5, rng))

        return composed(function)

    assert same(model_of)


def test_an_array_of_a_layer_may_change_between_steps():
    """A product of data and of such an array is no matter of the data alone, though no step changes it."""

    class Scaled(Layer):
        def __init__(self):
            self.scale = np.linspace(0.5, 1.5, 5)

        def __call__(self, x):
            return x * self.scale

    def between(model, optimizer):
        model.layers[0].scale *= 0.9

    assert same(lambda: Sequential(Scaled(), Dense(5, 3, rng=np.random.default_rng(0))), between=between)


def test_data_written_over_what_changes_are_written_in_each_step():
    def function(x, first, second):
        h = first(x)
        table = np.zeros_like(x[:, :4])
        table[...] = h.value  # another one in each step
        table[:, 0] = x[:, 0]  # the data alone
        return second(h + table)

    assert same(lambda: composed(function))


def test_what_is_read_before_it_is_written_is_written_in_each_step():
    def function(x, first, second):
        table = np.zeros_like(x[:, :4])
        table[...] = x[:, :4]
        h = first(x) + table * 2.0
        table[...] = x[:, 1:]
        return second(h + table)

    assert same(lambda: composed(function))


def test_a_number_that_the_step_changes_is_read_anew():
    class Counting(Optimizer):
        """Its count is used beside an array before it changes."""

        def reset(self):
            self.count = 1.0

        def update(self, w, g):
            w -= g * self.count
            self.count = self.count * 0.5

    class Alternating(Optimizer):
        """Two numbers that change places."""

        def reset(self):
            self.now, self.next = 0.5, 0.25

        def update(self, w, g):
            w -= g * self.now
            self.now, self.next = self.next, self.now

    assert same(lambda: composed(lambda x, first, second: second(first(x))), optimizer=Counting)
    assert same(lambda: composed(lambda x, first, second: second(first(x))), optimizer=Alternating)


def test_gradients_stay_whole_until_the_next_step():
    """They are as large as what shares memory, and Adam's arrays would fit into theirs."""
    symbols = np.random.default_rng(2).integers(0, 40, (8, 3))

    def model_of():
        rng = np.random.default_rng(0)
        return Sequential(Embedding(40, 16, rng=rng), Flatten(), Dense(48, 16, "tanh", rng=rng), Dense(16, 3, rng=rng))

    assert same(model_of, (symbols, LABELS), F.softmax_cross_entropy, Adam)


def test_a_result_that_is_given_by_the_name_of_an_argument_is_read():
    def function(x, first, second):
        h = first(x)
        return second(h + np.clip(h.value, a_min=h.value * 0.5, a_max=0.25))

    assert same(lambda: composed(function))


def test_a_result_that_is_written_twice_is_copied():
    def function(x, first, second):
        table = np.zeros_like(x[:, :4])
        t = first(x)
        h = t.value * 2.0
        h[:, 0] = 1.0
        table[...] = h
        return second(t + table)

    assert same(lambda: composed(function))


def test_what_a_target_holds_until_it_is_written_is_read_before():
    """The whole of it, also if that is another result; a single number; and its first row, read from the last row on."""

    def whole(x, first, second):
        table = np.zeros_like(x[:, :4])
        table[...] = x[:, 1:]
        h = first(x)
        t = h.value * 2.0
        before = table * 3.0
        table[...] = t
        return second(h + before + table)

    def another_result(x, first, second):
        table = np.zeros_like(x[:, :4])
        h = first(x)
        t = h.value * 2.0
        table[...] = t
        h = h + table * 0.5
        later = h.value * 3.0
        before = t + 1.0
        table[...] = later
        return second(h + before + table)

    def one_number(x, first, second):
        table = np.zeros_like(x[:1, :1])
        table[...] = x[:1, 1:2]
        h = first(x)
        t = h.value[:1, :1] * 2.0
        before = table * 3.0
        table[...] = t
        return second(h + before + table)

    def first_row(x, first, second):
        table = np.zeros_like(x[:, :4])
        table[...] = x[:, 1:]
        h = first(x)
        t = h.value[:1] * 2.0
        before = table[::-1, ::-1] * 3.0
        table[:1] = t
        return second(h + before + table)

    for function in (whole, another_result, one_number, first_row):
        assert same(lambda function=function: composed(function)), function.__name__


def test_a_part_of_a_result_is_found_where_the_result_lies():
    """The result is copied into a wider array, and read in part; a product is copied there, too."""

    def elementwise(x, first, second):
        wide = np.zeros_like(x)
        h = first(x)
        t = h.value * 2.0
        wide[:, :4] = t
        return second(h + wide[:, 1:] + t[:, :1] + t[::2, 1:2].sum())

    def product(x, first, second):
        wide = np.zeros_like(x)
        wide[:, :4] = np.dot(x, first.W.value)
        return second(first(x) + wide[:, 1:])

    for function in (elementwise, product):
        assert same(lambda function=function: composed(function)), function.__name__


def test_a_result_of_single_precision_stays_so_where_it_is_read():
    def model_of():
        def function(x, first, second):
            table = np.zeros_like(x[:, :4], dtype=np.float64)
            h = first(x)
            t = h.value * np.float32(0.3)
            table[...] = t
            return second(h + np.exp(t) + table.sum().astype(np.float32))

        layers = (
            Dense(5, 4, "tanh", rng=np.random.default_rng(0), dtype=np.float32),
            Dense(4, 3, rng=np.random.default_rng(1), dtype=np.float32),
        )
        return Composed(function, *layers)

    assert same(model_of, (X.astype(np.float32), LABELS), F.softmax_cross_entropy)


def test_a_number_of_double_precision_leaves_single_precision_as_it_is():
    class Scaled(Optimizer):
        def update(self, w, g):
            w -= np.tanh(g * np.sum(g * g, dtype=np.float64).item())

    def model_of():
        rng = np.random.default_rng(0)
        return Composed(lambda x, layer: layer(x), Dense(5, 3, rng=rng, dtype=np.float32))

    assert same(model_of, (X.astype(np.float32), LABELS), F.softmax_cross_entropy, Scaled)


def test_a_gradient_is_what_it_was_though_the_optimizer_changes_its_flat_copy():
    class Halving(Optimizer):
        def update(self, w, g):
            g *= 0.5
            w -= g

    assert same(lambda: composed(lambda x, first, second: second(first(x))), optimizer=Halving)


def test_what_is_computed_when_data_are_loaded_keeps_its_memory():
    """Results of the backward pass, which come after its last use in a step, would fit into it."""
    x = np.random.default_rng(0).normal(size=(40, 16))

    def model_of():
        def function(x, first, second, third):
            return third(ops.tanh(second(first(x))) * (x * x))

        rng = np.random.default_rng(0)
        hidden = Dense(16, 16, "tanh", rng=rng), Dense(16, 16, "tanh", rng=rng)
        return Composed(function, *hidden, Dense(16, 3, rng=rng))

    assert same(model_of, (x, np.arange(40) % 3), F.softmax_cross_entropy)


def test_data_beside_what_the_step_counts_are_computed_in_each_step():
    class Fading(Layer):
        def __init__(self):
            self.calls = 1.0

        def __call__(self, x):
            self.calls = self.calls * 0.9
            return x * self.calls

    assert same(lambda: Sequential(Fading(), Dense(5, 3, rng=np.random.default_rng(0))))


def test_data_that_a_layer_keeps_are_written_in_each_step():
    class Keeping(Layer):
        def __init__(self):
            self.last = np.zeros((8, 5))

        def __call__(self, x):
            self.last[...] = x * 2.0
            return x

    def between(model, optimizer):
        seen.append(model.layers[0].last.tobytes())
        model.layers[0].last[...] = 0.0

    seen = []
    assert same(lambda: Sequential(Keeping(), Dense(5, 3, rng=np.random.default_rng(0))), between=between)
    assert len(set(seen)) == 1


def many(shape, rng):
    """Data with many examples, of three classes."""
    return rng.normal(size=shape), rng.integers(0, 3, shape[0])


def test_rows_that_are_repeated_are_those_that_belong_there():
    """Beside arrays of more than a few hundred numbers: one row; a row for each of five blocks; a block; parts of rows."""

    def one_row(x, first, second):
        return second(first(x))

    def row_of_a_block(x, first, second):
        blocks = first(x).reshape(5, 4, 10, 4)
        lasts = blocks.value[:, :, -1:] * 2.0
        return second((blocks * lasts + lasts).reshape(200, 4))

    def block(x, first, second):
        blocks = first(x).reshape(100, 2, 4)
        halves = blocks[:, :, :2] * (blocks.value[3] * 2.0)[:, :2].copy()
        return second(ops.concat([halves, halves + blocks.value[:1, :, 2:] * 3.0]).reshape(200, 4))

    def strided(x, first, second):
        h = first(x)
        return second(h + (h.value * 2.0)[7, ::-1] + (h.value * 3.0)[::50, 1:2][2])

    data = many((200, 5), np.random.default_rng(3))
    for function in (one_row, row_of_a_block, block, strided):
        assert same(lambda function=function: composed(function), data, F.softmax_cross_entropy), function.__name__
    texts = {
        function.__name__: record_step(
            composed(function), data, loss=F.softmax_cross_entropy, optimizer=GradientDescent(0.1)
        ).program.text
        for function in (one_row, row_of_a_block)
    }
    assert texts["one_row"].count("'clip'") == 2 and texts["row_of_a_block"].count("'clip'") == 5


def test_rows_of_the_data_are_repeated_once():
    """The targets beside the outputs of many networks."""
    rng = np.random.default_rng(0)
    networks = [Sequential(Dense(2, 2, "tanh", rng=rng), Dense(2, 1, rng=rng)) for _ in range(100)]
    data = rng.normal(size=(4, 2)), rng.uniform(size=(4, 1))
    step = record_step(stack(networks), data, loss=F.mean_squared_error, optimizer=GradientDescent(0.1))
    load, _, rest = step.program.text.partition("def step")
    assert load.count("'clip'") == 1 and rest.count("'clip'") == 1  # the biases of the first layer
    assert same(lambda: stack(networks), data, F.mean_squared_error)


def test_only_times_one_is_a_copy():
    """The gradient of half the sum of squares is the error itself, which the loss reads too."""

    def network(factor):
        return composed(lambda x, first, second: second(first(x) * factor))

    def products(model):
        step = record_step(model, (X, Y), loss=F.half_squared_error, optimizer=GradientDescent(0.1))
        return step.program.text.count("multiply(")

    assert products(network(1.0)) == products(network(2.0)) - 2  # forward and backward
    for factor in (1.0, 2.0):
        assert same(lambda factor=factor: network(factor), loss=F.half_squared_error)


def test_a_sum_of_squares_is_that_of_the_numbers_it_is_asked_for():
    def function(x, first, second):
        h = first(x)
        return second(h * np.vdot(h.value[:, ::2], h.value[:, 1::2]))

    assert same(lambda: composed(function))


def test_memory_is_shared_by_a_result_that_is_a_little_larger():
    """The step of the 563 weights lies where 560 activations have been."""
    data = many((14, 10), np.random.default_rng(0))

    def model_of():
        rng = np.random.default_rng(1)
        return Sequential(Dense(10, 40, "tanh", rng=rng), Dense(40, 3, rng=rng))

    step = record_step(model_of(), data, loss=F.softmax_cross_entropy, optimizer=GradientDescent(0.1))
    own = [array.nbytes for memory, array in step.memories.items() if not memory.external]
    assert sorted(own)[-2:] == [8 * 560, 8 * 563] and sorted(own)[-3] < 8 * 560
    assert same(model_of, data, F.softmax_cross_entropy)


def test_arrays_of_a_step_begin_where_a_line_of_the_cache_does():
    step = record_step(composed(lambda x, f, s: s(f(x))), (X, Y), loss=F.mean_squared_error, optimizer=Adam(0.1))
    own = [array for memory, array in step.memories.items() if not memory.external]
    assert own and all(array.ctypes.data % 64 == 0 for array in own)
