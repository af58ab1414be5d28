"""A recorded step computes what the engine computes, to the last bit, or the line that cannot be replayed is named."""

import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from itertools import cycle
from typing import NamedTuple

import numpy as np
import pytest
from recorded_steps import (
    FOUR_LABELS,
    LABELS,
    OPTIMIZERS,
    SEQUENCES,
    STEPS,
    Composed,
    X,
    Y,
    everything,
    left_by_steps,
    same,
)

from course_lib import (
    GRU,
    Adam,
    BatchNorm,
    Dense,
    Diverged,
    Dropout,
    GradientDescent,
    History,
    Layer,
    Momentum,
    Sequential,
    Tensor,
    ops,
    stack,
    train,
)
from course_lib import functional as F
from course_lib.optimizers import Optimizer
from course_lib.replay import PASSES, CannotReplay, record_step
from course_lib.replay.recording import refusal_text
from course_lib.replay.run import MOST_RECORDS, STEPS_BEFORE
from course_lib.schedules import Clipped
from course_lib.training_step import take_step

EPOCHS = STEPS_BEFORE + 12


def steps_taken(name, optimizer_name, record_at, without=()):
    """What eight steps leave; from step `record_at` on they are replayed. Each has a smaller rate than the last."""

    def between(model, optimizer):
        optimizer.learning_rate = optimizer.learning_rate * 0.9

    made = STEPS[name](np.random.default_rng(7))
    return left_by_steps(*made, OPTIMIZERS[optimizer_name](), record_at, between, steps=8, without=without)


def network(rng, activation="tanh", **options):
    return Sequential(Dense(5, 4, activation, rng=rng, **options), Dense(4, 3, rng=rng, **options))


def trained(
    replay, model_of=network, data=(X, Y), optimizer=None, loss=F.binary_cross_entropy, between=None, **options
):
    """What `train` leaves: history, everything, state of the random stream."""
    model, optimizer = model_of(np.random.default_rng(3)), (optimizer or (lambda: GradientDescent(0.5)))()
    rng, history = np.random.default_rng(4), History()
    options = {"epochs": EPOCHS, "rng": rng, "history": history, **options}
    for progress in train(model, data, loss=loss, optimizer=optimizer, replay=replay, **options):
        if between is not None:
            between(progress, model, optimizer)
    return (
        history.loss,
        list(map(repr, history.learning_rate)),
        everything(model, optimizer),
        str(rng.bit_generator.state),
    )


# The same numbers


@pytest.mark.parametrize("name", STEPS)
def test_a_replayed_step_is_the_step_of_the_engine(name):
    assert steps_taken(name, "GradientDescent", 2) == steps_taken(name, "GradientDescent", None)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ["float32", "stack"])
def test_with_every_optimizer(name, optimizer):
    assert steps_taken(name, optimizer, 3) == steps_taken(name, optimizer, None)


@pytest.mark.parametrize("without", [(name,) for name in PASSES] + [tuple(PASSES)], ids="+".join)
@pytest.mark.parametrize("name", ["convolutions", "translation"])
def test_each_pass_can_be_left_out(name, without):
    assert steps_taken(name, "Adam", 1, without) == steps_taken(name, "Adam", None)


def test_a_record_can_be_made_before_the_first_step():
    assert steps_taken("stack", "Adam", 0) == steps_taken("stack", "Adam", None)


def test_recording_changes_nothing():
    model, data, loss = STEPS["dropout"](rng := np.random.default_rng(7))
    optimizer = Clipped(Adam(0.01), 0.5)
    model.set_training(True)
    take_step(model, data, loss, optimizer)
    before, stream = everything(model, optimizer), str(rng.bit_generator.state)
    values = [p.value for p in model.parameters]
    record_step(model, data, loss=loss, optimizer=optimizer)
    assert everything(model, optimizer) == before and str(rng.bit_generator.state) == stream
    assert all(
        p.value is value and type(value) is np.ndarray for p, value in zip(model.parameters, values, strict=True)
    )


def test_a_step_takes_other_data_and_checks_them():
    model, _, loss = STEPS["softmax cross-entropy"](np.random.default_rng(7))
    step = record_step(model, (X, LABELS), loss=loss, optimizer=GradientDescent(0.1))
    other = X[::-1] * 0.5, LABELS[::-1].copy()
    expected = float(loss(model(other[0]), other[1]))
    assert step(*other) == expected
    with pytest.raises(ValueError, match=r"expected labels 0 to 2 for 3 classes, got 0 to 3"):
        step(X, np.full(8, 3) * (LABELS > 0))


# Training


@pytest.mark.parametrize("batch_size", [None, 1, 3, 4, 8])
def test_training_is_the_same_with_a_shorter_last_batch_too(batch_size):
    options = {"batch_size": batch_size, "data": (X, LABELS), "loss": F.softmax_cross_entropy}
    options["optimizer"] = lambda: Adam(0.1)
    assert trained(True, **options) == trained(False, **options)


def test_what_an_optimizer_of_the_readers_keeps_in_the_flat_vector_is_seen():
    class Average(Optimizer):
        def reset(self):
            self._flat.v = np.zeros_like(self._w)

        def update(self, w, g):
            self._flat.v = 0.9 * self._flat.v + g
            w -= self._rate * self._flat.v

    options = {"batch_size": 3, "optimizer": lambda: Average(0.05)}
    assert trained(True, **options) == trained(False, **options)


def test_dropout_draws_the_same_stream():
    def model_of(rng):
        return Sequential(Dense(5, 4, "relu", rng=rng), Dropout(0.4, rng=rng), Dense(4, 3, rng=rng))

    assert trained(True, model_of, batch_size=3) == trained(False, model_of, batch_size=3)


def test_a_stack_with_a_rate_each_that_changes():
    def between(progress, model, optimizer):
        optimizer.learning_rate = np.array([0.5, 0.1, 1.0]) / progress.epoch

    def model_of(rng):
        return stack([network(rng) for _ in range(3)])

    options = {"optimizer": lambda: Momentum(np.array([0.5, 0.1, 1.0])), "between": between}
    assert trained(True, model_of, **options) == trained(False, model_of, **options)


def test_what_the_reader_changes_between_epochs_counts():
    """Weights in place and replaced, a target in place, another activation, a limit of the clipping."""
    for replay in (True, False):
        y = Y.copy()

        def between(progress, model, optimizer, y=y):
            if progress.epoch == EPOCHS - 8:
                model.parameters[0].value[...] *= 0.5
            if progress.epoch == EPOCHS - 7:
                model.parameters[0].value = model.parameters[0].value * 0.5
            if progress.epoch == EPOCHS - 6:
                y[0] = 1 - y[0]
            if progress.epoch == EPOCHS - 4:
                model.layers[0].activation = "sigmoid"
            if progress.epoch == EPOCHS - 2:
                optimizer.largest = 0.05

        result = trained(replay, data=(X, y), optimizer=lambda: Clipped(Adam(0.1), 0.2), between=between)
        if replay:
            replayed = result
    assert replayed == result


class Readers(Layer):
    """A layer that reads what a reader may change between two epochs, in all kinds of places."""

    scale = 1.0

    def __init__(self, rng, norm=BatchNorm):
        self.dense, self.norm, self.last = Dense(5, 3, "tanh", rng=rng), norm(3), Dense(3, 3, rng=rng)
        self.masks, self.options, self.off, self.shift = [np.ones(5)], {"power": 1.0, "of": [1.0]}, set(), 0.0
        self.parameters = [p for layer in (self.dense, self.norm, self.last) for p in layer.parameters]
        self.fixed = Tensor(np.ones(3))

    def __call__(self, x):
        a = self.norm(self.dense(x * self.masks[0])) * self.scale + self.shift
        return self.last(a * self.fixed * self.options["power"] * self.options["of"][0] * (0.5 if self.off else 1.0))


class Unshifted(Readers):
    shift = 0.5


class WithOwnTraining(BatchNorm):
    def set_training(self, training):
        pass


class Weighted(GradientDescent):
    share = 1.0

    def update(self, w, g):
        w -= self._rate * self.share * g


def stop_averaging(model, optimizer):
    model.norm.set_training = lambda training: None


CHANGES = {  # what may change between two epochs: function (model, optimizer)
    "attribute of the model that hides its class's": lambda m, o: setattr(m, "scale", 2.0),
    "attribute of a layer that hides its class's": lambda m, o: setattr(m.norm, "epsilon", 0.5),
    "attribute of the optimizer that hides its class's": lambda m, o: setattr(o, "share", 0.5),
    "attribute that hid its class's": lambda m, o: delattr(m, "shift"),
    "method": stop_averaging,
    "training": lambda m, o: setattr(m.norm, "training", True),
    "array in a list": lambda m, o: m.masks.__setitem__(0, np.arange(5.0)),
    "entry of a dict": lambda m, o: m.options.update(power=2.0),
    "number in a list in a dict": lambda m, o: m.options["of"].__setitem__(0, 2.0),
    "element of a set": lambda m, o: m.off.add(1),
    "a tensor that is no parameter": lambda m, o: setattr(m.fixed, "value", np.arange(3.0)),
    "fewer parameters": lambda m, o: m.parameters.pop(0),
    "other parameters": lambda m, o: m.parameters.__setitem__(0, Tensor(np.ones((1, 1)))),
}


@pytest.mark.parametrize("batch_size", [None, 3])
@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_between_two_epochs_the_numbers_are_those_of_the_engine(name, batch_size):
    def outcome(replay, change):
        def between(progress, model, optimizer):
            if progress.epoch == EPOCHS - 6:
                change(model, optimizer)

        def model_of(rng):
            return Unshifted(rng, WithOwnTraining if name == "training" else BatchNorm)

        options = {"optimizer": lambda: Weighted(0.3), "batch_size": batch_size}
        try:
            return trained(replay, model_of, loss=F.binary_cross_entropy, between=between, **options)
        except (CannotReplay, ValueError) as error:
            return type(error)

    engine, replayed = (outcome(replay, CHANGES[name]) for replay in (False, True))
    assert replayed in (engine, CannotReplay)
    unchanged = outcome(False, lambda *_: None)
    assert (
        engine != unchanged and outcome(True, lambda *_: None) == unchanged
    )  # it counts, and the step can be replayed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("first", [0.1, np.float64(0.1)])
def test_a_learning_rate_may_be_a_number_of_numpy(first, dtype):
    def between(progress, model, optimizer):
        if progress.epoch in (EPOCHS - 8, EPOCHS - 4):
            optimizer.learning_rate = np.float64(1 / progress.epoch)

    for optimizer in (GradientDescent, Adam):
        options = {"optimizer": lambda optimizer=optimizer: optimizer(first), "between": between}
        options["model_of"] = lambda rng: network(rng, dtype=dtype)
        assert trained(True, **options) == trained(False, **options)


VIEWS = {  # of an array (9, 11): rows that are neighbours in memory, and parts with gaps, turned, or backwards
    "rows": lambda a: a[1:, :5].copy()[:8],
    "columns": lambda a: a[1:, 3:8],
    "every second": lambda a: a[1:, ::2][:, :5],
    "turned": lambda a: a[:5, 2:10].T,
    "backwards": lambda a: a[:0:-1, :5],
    "one row": lambda a: np.broadcast_to(a[0, :5], (8, 5)),
}


@pytest.mark.parametrize("view", VIEWS)
def test_data_that_are_a_part_of_other_data_and_change_in_place(view):
    def run(replay):
        whole = np.random.default_rng(0).normal(size=(9, 11))
        x = VIEWS[view](whole)
        whole = whole if np.shares_memory(x, whole) else x.base

        def between(progress, model, optimizer):
            whole[...] = np.roll(whole, 1) * 1.01

        return trained(replay, data=(x, Y[::-1]), between=between)

    assert run(True) == run(False)


def test_other_data_do_not_overwrite_those_that_a_step_reads():
    step = record_step(network(np.random.default_rng(3)), (X, Y), loss=F.binary_cross_entropy, optimizer=Adam(0.1))
    x, y = X.copy(), Y.copy()
    assert step.read((x, y))
    step(2 * X, Y)
    assert np.array_equal(x, X) and np.array_equal(y, Y)


def test_targets_that_become_wrong_are_noticed_as_without_replay():
    y = Y.copy()

    def between(progress, model, optimizer):
        if progress.epoch == EPOCHS - 2:
            y[0] = 3.0

    with pytest.raises(ValueError, match="expected targets between 0 and 1"):
        trained(True, data=(X, y), between=between)


@pytest.mark.parametrize("batch_size", [None, 3])
def test_diverged_at_the_same_epoch_with_the_same_weights(batch_size):
    found = []
    for replay in (True, False):
        model, history = network(np.random.default_rng(3), "identity"), History()
        optimizer, rng = GradientDescent(0.1), np.random.default_rng(4)
        options = {"epochs": 2000, "batch_size": batch_size, "rng": rng, "history": history, "replay": replay}
        with pytest.raises(Diverged) as error:
            for progress in train(model, (X, Y), loss=F.mean_squared_error, optimizer=optimizer, **options):
                if progress.epoch > STEPS_BEFORE + 5:
                    optimizer.learning_rate = 5.0
        found.append((error.value.epoch, error.value.learning_rate, history.loss, everything(model, optimizer)))
    assert found[0] == found[1] and found[0][0] > STEPS_BEFORE + 6


@contextmanager
def traced(trace):
    """Trace what follows, and then again for whom it was traced before: it may measure what the tests cover."""
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def test_training_goes_on_after_an_interrupt():
    """In the middle of a replayed step."""

    def trace(frame, event, argument):
        nonlocal lines
        if frame.f_code.co_filename != "<replayed step>":
            return None
        if event == "line":
            lines += 1
            if lines == 100:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    model, optimizer, history, lines = network(np.random.default_rng(3)), Adam(0.1), History(), 0
    options = {"loss": F.binary_cross_entropy, "optimizer": optimizer, "history": history, "replay": True}
    for _ in train(model, (X, Y), epochs=EPOCHS, **options):
        pass
    training = train(model, (X, Y), epochs=EPOCHS * 2, **options)
    for _ in range(EPOCHS):
        next(training)
    with traced(trace), pytest.raises(KeyboardInterrupt):
        for _ in training:
            pass
    assert 2 * EPOCHS < len(history) < 3 * EPOCHS
    before = history.loss[-1]
    for _ in train(model, (X, Y), epochs=EPOCHS, **options):
        pass
    assert history.loss[-1] < before and not model.training


def test_an_interrupt_just_where_the_model_is_put_back_leaves_it_as_it_was():
    """At lines of the last `restore` of a recording."""

    def interrupted(moment):
        """record_step, interrupted before the moment-th line of `restore`; returns the number of such lines."""
        lines = 0

        def trace(frame, event, argument):
            nonlocal lines
            if frame.f_code.co_name != "restore":
                return None
            if event == "line":
                lines += 1
                if lines == moment:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        with traced(trace):
            record_step(model, (X, Y), loss=F.binary_cross_entropy, optimizer=optimizer)
        return lines

    model, optimizer = network(np.random.default_rng(3)), Momentum(0.1)
    take_step(model, (X, Y), F.binary_cross_entropy, optimizer)
    before, lines = everything(model, optimizer), interrupted(0)
    for moment in range(lines - 30, lines + 1, 3):
        with pytest.raises(KeyboardInterrupt):
            interrupted(moment)
        assert everything(model, optimizer) == before, moment
        assert all(type(p.value) is np.ndarray for p in model.parameters), moment


def test_gradients_and_the_count_of_changes_are_there_between_epochs():
    def between(progress, model, optimizer):
        if progress.epoch == EPOCHS - 1:
            model.stale = F.binary_cross_entropy(model(X), Y)
        if progress.epoch == EPOCHS:
            with pytest.raises(ValueError, match="a parameter has changed since this loss"):
                model.stale.backward()
            with pytest.raises(ValueError, match="no new gradient"):
                optimizer.step(model.parameters)

    trained(True, between=between)


def test_trainings_in_threads_do_not_disturb_each_other():
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: trained(True, epochs=300), range(4)))
    assert results == 4 * [trained(False, epochs=300)]


# Limits


def test_a_run_makes_a_bounded_number_of_records(monkeypatch):
    made = []

    def counted(*args, **options):
        made.append(None)
        return record_step(*args, **options)

    def between(progress, model, optimizer):
        if progress.epoch % (STEPS_BEFORE + 2) == 0:
            optimizer.optimizer.weight_decay += 0.01

    monkeypatch.setattr("course_lib.replay.run.record_step", counted)
    options = {"optimizer": lambda: Clipped(GradientDescent(0.1), 0.2), "epochs": 300, "between": between}
    assert trained(True, **options) == trained(False, **options)
    assert len(made) == MOST_RECORDS


def test_many_records_leave_no_memory():
    model, optimizer = network(np.random.default_rng(3)), Adam(0.1)

    def records(count):
        for _ in range(count):
            record_step(model, (X, Y), loss=F.binary_cross_entropy, optimizer=optimizer)
        gc.collect()
        return len(gc.get_objects())

    objects = records(3)
    assert records(23) - objects < 20


def test_a_record_keeps_less_memory_than_its_operations_have_written():
    model, data, loss = STEPS["convolutions"](np.random.default_rng(7))
    kept = {}
    for without in ((), ("shared memory",)):
        step = record_step(model, data, loss=loss, optimizer=GradientDescent(0.1), without=without)
        kept[without] = step.nbytes
    assert kept[()] < 0.9 * kept[("shared memory",)]


def test_windows_and_pooled_images_are_reshaped_without_a_copy():
    """Arrays of the engine lie in memory as they do without a recorder."""
    model, data, loss = STEPS["convolutions"](np.random.default_rng(7))
    step = record_step(model, data, loss=loss, optimizer=GradientDescent(0.1), without=("copy forwarding",))
    assert [
        each for each in step.record.operations if each.function is np.ndarray.reshape and each.out.size > 200
    ] == []


def test_a_step_whose_model_has_changed_says_so():
    model, optimizer = network(np.random.default_rng(3)), GradientDescent(0.1)
    step = record_step(model, (X, Y), loss=F.binary_cross_entropy, optimizer=optimizer)
    model.parameters[0].value = model.parameters[0].value * 2
    with pytest.raises(CannotReplay, match="has changed since this step was recorded"):
        step()


# Refusals


def refusal(function=None, loss=F.binary_cross_entropy, data=(X, Y), optimizer=None):
    layers = Dense(5, 4, "tanh", rng=np.random.default_rng(0)), Dense(4, 3, rng=np.random.default_rng(1))
    model = Composed(function or (lambda x, first, second: second(first(x))), *layers)
    before = [p.value.copy() for p in model.parameters]
    with pytest.raises(CannotReplay) as error:
        record_step(model, data, loss=loss, optimizer=optimizer or GradientDescent(0.1))
    assert all(np.array_equal(p.value, value) for p, value in zip(model.parameters, before, strict=True))
    assert all(type(p.value) is np.ndarray for p in model.parameters)
    return str(error.value)


def branch(x, first, second):
    h = first(x)
    if h.value.max() > 0.5:  # the line to name
        h = h * 2.0
    return second(h)


def number(x, first, second):
    return second(first(x) * float(x[0, 0]))  # the line to name


def constant(x, first, second):
    h = first(x)
    h = h - np.array(h.value).mean()  # the line to name
    return second(h)


def noise(x, first, second, rng=np.random.default_rng(0)):  # noqa: B008
    h = first(x)
    return second(h + rng.normal(size=h.shape))  # the line to name


def shape(x, first, second):
    return second(first(x[x[:, 0] > 0]))  # the line to name


def places(x, first, second):
    return second(first(x[np.nonzero(x[:, 0] > 0)]))  # the line to name


def plain_product(x, first, second):
    return second(first(np.eye(8).dot(x)))  # the line to name


def own_memory(x, first, second):
    table = np.zeros(x.shape)
    np.add(x, x, out=table)  # the line to name
    return second(first(table))


def python_list(x, first, second):
    return second(first(np.array(x.tolist())))  # the line to name


def kept_outside(x, first, second, kept={"mean": 0.0}):  # noqa: B006
    h = first(x)
    kept["mean"] = 0.9 * kept["mean"] + 0.1 * h.value.mean()  # the line to name
    return second(h - kept["mean"])


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (branch, "bool() of a value that a later step changes"),
        (number, "float() of a value that a later step changes"),
        (constant, "a value became a constant"),
        (noise, "a value became a constant"),
        (shape, "the shape of array[mask] depends on values"),
        (places, "the shape of np.nonzero(...) depends on values"),
        (plain_product, "array.dot of a plain array: write np.dot"),
        (own_memory, "it changes an array that it has not made itself"),
        (kept_outside, "it reads an array of an earlier step"),
        (python_list, "tolist() of a value that a later step changes"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_refusal_names_reason_and_line(function, reason):
    sentence = refusal(function)
    assert reason in sentence and "test_replay.py" in sentence and "# the line to name" in sentence


class Drawing(Layer):
    """A layer that may take one way or the other, decided by what no record holds."""

    def __init__(self, seed=0):
        self.rng, self.dense, self.coins = np.random.default_rng(seed), Dense(5, 3, rng=np.random.default_rng(1)), None

    def __call__(self, x):
        return self.dense(self.turned(x))

    def turned(self, x):
        return x[:, ::-1] if self.rng.random() < 0.5 else x  # the line to name


class DrawingBeforeDropout(Drawing):
    def turned(self, x):
        return F.dropout(x[:, ::-1] if self.rng.random() < 0.5 else x, 0.5, self.rng)  # the line to name


class Taking(Drawing):
    def __init__(self, seed):
        super().__init__(seed)
        self.coins = cycle([False] * (10 + seed) + [True])

    def turned(self, x):
        return x[:, ::-1] if next(self.coins) else x  # the line to name


class Counting(Drawing):
    def __init__(self, seed):
        super().__init__(seed)
        self.coins = {"calls": [seed]}

    def turned(self, x):
        self.coins["calls"][0] += 1  # the line to name
        return x[:, ::-1] if self.coins["calls"][0] > 40 else x


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Drawing, "it draws random numbers outside of what is recorded"),
        (DrawingBeforeDropout, "it draws random numbers outside of what is recorded"),
        (Taking, "Taking.coins is an iterator"),
        (Counting, "it changes Counting.coins in Python"),
    ],
)
def test_a_way_that_chance_or_a_count_decides_is_refused(kind, reason, seed):
    model = kind(seed)
    with pytest.raises(CannotReplay) as error:
        record_step(model, (X, Y), loss=F.binary_cross_entropy, optimizer=GradientDescent(0.1))
    assert reason in str(error.value) and "# the line to name" in str(error.value)
    assert model.rng.bit_generator.state == kind(seed).rng.bit_generator.state


class Averaging(Layer):
    """A layer that keeps running numbers where a record does not write: keep(stats, h), in the line to name."""

    def __init__(self, stats, keep):
        self.dense, self.stats, self.keep = Dense(5, 3, rng=np.random.default_rng(0)), stats, keep

    def __call__(self, x):
        h = self.dense(x)
        self.keep(self.stats, h.value)  # the line to name
        return h


def average(stats, h):
    stats["mean"] = 0.9 * stats["mean"] + 0.1 * h.mean()


KEEPERS = {
    "numbers in a dict": lambda: Averaging({"mean": 0.0}, average),
    "arrays in a dict": lambda: Averaging({"mean": np.zeros(3)}, average),
    "in a dict in a list": lambda: Averaging([{"mean": 0.0}], lambda stats, h: average(stats[0], h)),
    "appended": lambda: Averaging([], lambda stats, h: stats.append(h.mean())),
    "added to a set": lambda: Averaging({0}, lambda stats, h: stats.add(len(stats))),
}


@pytest.mark.parametrize("name", KEEPERS)
def test_after_a_refusal_training_goes_on_as_if_nothing_had_been_recorded(name):
    model, optimizer, history = KEEPERS[name](), Adam(0.05), History()
    options = {"loss": F.mean_squared_error, "optimizer": optimizer, "history": history}
    with pytest.raises(CannotReplay, match=r"it changes Averaging.stats in Python.*# the line to name"):
        for _ in train(model, (X, Y), epochs=EPOCHS, replay=True, **options):
            pass
    for _ in train(model, (X, Y), epochs=EPOCHS - len(history), **options):
        pass
    other, expected = KEEPERS[name](), History()
    for _ in train(other, (X, Y), loss=F.mean_squared_error, optimizer=Adam(0.05), epochs=EPOCHS, history=expected):
        pass
    assert history.loss == expected.loss and repr(model.stats) == repr(other.stats)


@pytest.mark.parametrize(("note", "replayed"), [(len, True), (lambda x: time.perf_counter(), False)])
def test_a_number_of_python_that_a_layer_notes_is_no_endless_recording(note, replayed):
    class Noting(Layer):
        def __init__(self):
            self.noted, self.dense = 0.0, Dense(5, 3, rng=np.random.default_rng(0))

        def __call__(self, x):
            self.noted = note(x)
            return self.dense(x)

    model, data = Noting(), (np.ones((300, 5)), np.ones((300, 3)))
    model(data[0])  # another object at each call, for Python keeps whole numbers up to 256
    with nullcontext() if replayed else pytest.raises(CannotReplay, match=r"it changes Noting\.noted in Python"):
        record_step(model, data, loss=F.mean_squared_error, optimizer=GradientDescent(0.1))


def test_a_run_that_diverges_where_a_step_would_be_recorded_is_said_to_diverge():
    model = Dense(5, 3, rng=np.random.default_rng(0))
    options = {"loss": F.mean_squared_error, "optimizer": GradientDescent(0.1), "epochs": EPOCHS, "replay": True}
    with pytest.raises(Diverged):
        for progress in train(model, (X, Y), **options):
            if progress.epoch == STEPS_BEFORE:
                model.W.value[0] = np.nan


def test_the_line_of_a_cell_is_named_without_the_number_of_its_file():
    for cell in ("/tmp/ipykernel_12/345.py", "<ipython-input-345-2ecc58ff956a>"):
        sentence = refusal_text("no", (cell, 2))
        assert "Line 2 of the cell" in sentence and "345" not in sentence
    assert "Line 2 of model.py" in refusal_text("no", ("/home/model.py", 2))


def test_a_loss_that_is_a_constant_of_the_weights_is_refused():
    def loss(outputs, y):
        return F.mean_squared_error(outputs, np.array(outputs.value) * 0.5)  # the line to name

    assert "a value became a constant" in (sentence := refusal(loss=loss)) and "# the line to name" in sentence


def test_a_loss_that_is_a_constant_and_not_finite_is_refused():
    assert "does not depend on what is recorded" in refusal(loss=lambda outputs, y: Tensor(np.inf))


def test_a_loss_that_is_not_finite_is_refused_and_said_to_be_the_reason():
    assert "its loss is nan, not a finite number" in refusal(loss=lambda outputs, y: ops.mean(outputs * np.nan))


def test_train_refuses_too_and_leaves_the_weights_of_the_steps_before():
    layers = Dense(5, 4, rng=np.random.default_rng(0)), Dense(4, 3, rng=np.random.default_rng(1))
    model, history = Composed(branch, *layers), History()
    options = {"loss": F.binary_cross_entropy, "epochs": 100, "history": history, "replay": True}
    with pytest.raises(CannotReplay, match="bool"):
        for _ in train(model, (X, Y), optimizer=GradientDescent(0.1), **options):
            pass
    assert len(history) == STEPS_BEFORE and not model.training


def test_a_counter_of_a_layer_is_part_of_the_step_but_a_branch_on_it_is_refused():
    class Counting(Layer):
        def __init__(self, every):
            self.calls, self.every = 0, every

        def __call__(self, x):
            self.calls += 1
            return x if self.every is None or self.calls % self.every else x * 2.0

    def model_of(rng, every=None):
        return Sequential(Dense(5, 4, rng=rng), Counting(every), Dense(4, 3, rng=rng))

    assert trained(True, model_of) == trained(False, model_of)
    with pytest.raises(CannotReplay, match="mod"):
        trained(True, lambda rng: model_of(rng, 3))


def test_arrays_in_a_named_tuple_are_recorded():
    class Halves(NamedTuple):
        left: np.ndarray
        right: np.ndarray

    class Swapped(Layer):
        def __call__(self, x):
            return np.concatenate(Halves(x[:, 2:], x[:, :2]), axis=1)

    def model_of(rng):
        return Sequential(Swapped(), Dense(5, 3, rng=rng))

    assert trained(True, model_of) == trained(False, model_of)


@pytest.mark.parametrize("fixed", ["W", "U", "b", "c", "WUbc"])
def test_a_gru_of_which_some_weights_are_no_part_of_the_model_is_replayed(fixed):
    class Reservoir(Layer):
        def __init__(self):
            self.dense = Dense(4, 3, rng=np.random.default_rng(2))
            for name, p in zip("WUbc", GRU(3, 4, rng=np.random.default_rng(1)).parameters, strict=True):
                setattr(self, name, p.value if name in fixed else p)

        def __call__(self, x):
            return self.dense(F.gru(x, np.zeros((len(x), 4)), self.W, self.U, self.b, self.c)[:, -1])

    assert same(Reservoir, (SEQUENCES, FOUR_LABELS), F.softmax_cross_entropy)


def test_tensors_made_in_the_step_are_recorded():
    def function(x, first, second):
        return second(first(Tensor(x) * 2.0) + ops.sum(Tensor(x), 1)[:, None])

    layers = Dense(5, 4, rng=np.random.default_rng(0)), Dense(4, 3, rng=np.random.default_rng(1))

    def model_of(rng):
        return Composed(function, *layers)

    assert len(trained(True, model_of)[0]) == EPOCHS
