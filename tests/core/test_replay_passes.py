"""Each pass of `replay` leaves the numbers as they are, where a small slip in it would not: one step for each such slip."""

import numpy as np
from recorded_steps import LABELS, Composed, X, Y, everything

from course_lib import Adam, Dense, Embedding, Flatten, GradientDescent, Layer, Sequential
from course_lib import functional as F
from course_lib.optimizers import Optimizer
from course_lib.replay import record_step
from course_lib.training_step import take_step


def composed(function):
    """A network 5-4-3 whose forward pass is function(x, first, second)."""
    return Composed(
        function, Dense(5, 4, "tanh", rng=np.random.default_rng(0)), Dense(4, 3, rng=np.random.default_rng(1))
    )


def both(model_of, data=(X, Y), loss=F.binary_cross_entropy, optimizer=GradientDescent, between=None, steps=4):
    """What some steps leave, replayed and by the engine; between(model, optimizer) comes after each."""
    results = []
    for replay in (True, False):
        model, made = model_of(), optimizer(0.1)
        step = record_step(model, data, loss=loss, optimizer=made) if replay else None
        losses = []
        for _ in range(steps):
            losses.append(step() if replay else take_step(model, data, loss, made))
            if between is not None:
                between(model, made)
        results.append((losses, everything(model, made)))
    return results


def same(*args, **options):
    replayed, eager = both(*args, **options)
    return replayed == eager


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


def test_a_result_that_is_written_twice_is_copied():
    def function(x, first, second):
        table = np.zeros_like(x[:, :4])
        t = first(x)
        h = t.value * 2.0
        h[:, 0] = 1.0
        table[...] = h
        return second(t + table)

    assert same(lambda: composed(function))
