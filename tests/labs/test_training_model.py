"""The training lab without its face: runs, changes of rate, looking back, interrupts, and runs written down."""

import subprocess
import sys
from copy import deepcopy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from own_optimizers import own_optimizer
from sentences import says

from course_lib import Dense, Sequential, functional, optimizers, train
from course_lib.labs.base.settings import Number
from course_lib.labs.training.data import DATA, make_data
from course_lib.labs.training.model import ACTIVATIONS, DIVERGED_LOSS, OPTIMIZERS, SNAPSHOTS, TrainingModel
from course_lib.tools.curvature import sharpness

LIMITS = TrainingModel.number_limits()

BURSTING = {"activation": "relu", "scale": 10.0, "hidden": 8, "seed": 0, "epochs": 100}  # with rate 30
VARIED = [
    {},
    {"data": "circles", "hidden": 3, "activation": "relu", "batch": 16, "seed": 7},
    {"data": "moons", "activation": "sigmoid", "optimizer": "Momentum", "scale": 2.5},
    {"data": "spirals", "hidden": 16, "optimizer": "RMSProp", "batch": 64, "seed": 9999},
    {"optimizer": "Adam", "batch": 1, "scale": 0.5},
    {"data": "circles", "hidden": 1, "optimizer": "Adam", "batch": 0, "scale": 0.0},
]
ON_OWN_DATA = [
    {"data": "own", "points": ((0.1, 0.2, 0), (-1.0, 1.25, 1)), "inputs": "x1*x2"},
    {"data": "border", "formula": "x**2-0.5", "noise": 0.1, "deeper": "3, 2"},
    {"dropout": 0.25, "decay": 0.01, "held": 25},
]


def own(seed):
    """A training lab whose optimizer a reader has written."""

    class OwnLab(TrainingModel):
        def new_optimizer(self):
            return own_optimizer(seed)(self.rate, weight_decay=self.settings["decay"])

    OwnLab.__module__ = TrainingModel.__module__  # its states belong to the same lab
    return OwnLab


def model_of(rate=0.5, /, lab=None, **changes):
    return (lab or TrainingModel)(**{"epochs": 60} | changes, rate=rate)


def trained(done, rate=0.5, /, **changes):
    model = model_of(rate, **changes)
    model.advance(done)
    return model


def weights(model):
    """The present weights as bytes, whichever epoch is looked at."""
    return b"".join(p.value.tobytes() for p in model.network.parameters)


def fingerprint(model):
    """All that a model is, to the last bit."""
    seen = {
        name: deepcopy(getattr(model, name))
        for name in (
            "settings",
            "rate",
            "epoch",
            "looking_at",
            "loss",
            "accuracy",
            "changes",
            "norms",
            "best",
            "problem",
            "planned",
            "stop_at",
            "target",
            "finished",
            "solved",
        )
    }
    return seen | {
        "weights": weights(model),
        "shown": b"".join(w.tobytes() for w in model.weights()),
        "losses": model.losses.tobytes(),
        "history": (list(model.history.loss), list(model.history.learning_rate)),
        "snapshots": {epoch: w.tobytes() for epoch, w in model.snapshots.items()},
        "ghosts": [(ghost.losses.tobytes(), ghost.rates) for ghost in model.ghosts],
        "texts": (model.status(), model.description(), model.program(), model.state()),
    }


def by_hand(chosen, rates, epochs):
    """The run of these settings, written with the library alone: (weights, loss of each epoch).

    rates   dict: epochs done -> learning rate
    """
    rng = np.random.default_rng(chosen.seed)
    x, y = make_data(chosen.data, chosen)
    network = Sequential(
        Dense(2, chosen.hidden, chosen.activation, rng=rng, scale=chosen.scale),
        Dense(chosen.hidden, 1, rng=rng, scale=chosen.scale),
    )
    optimizer = getattr(optimizers, chosen.optimizer)(rates[0])
    batches = {"batch_size": chosen.batch, "rng": rng} if chosen.batch else {}
    loss, losses = functional.binary_cross_entropy, []
    for progress in train(network, (x, y), loss=loss, optimizer=optimizer, epochs=epochs, **batches):
        losses.append(progress.loss)
        optimizer.learning_rate = rates.get(progress.epoch, optimizer.learning_rate)
    return b"".join(p.value.tobytes() for p in network.parameters), losses


# Settings


def test_numpy_numbers_are_numbers():
    model = TrainingModel(hidden=np.int64(3), scale=np.float64(2), epochs=np.int32(9), rate=np.float64(0.25))
    model.advance(9)
    assert model.epoch == 9 and model.rate == 0.25
    assert TrainingModel().resume(model.state()) is None


# Runs


def test_training_stops_when_it_is_enough():
    model = model_of()
    calls = iter([False, False, False, True])
    model.advance(10**9, enough=lambda: next(calls))
    assert model.epoch == 3 and not model.finished
    model.advance(10**9)
    assert model.epoch == 60 and model.finished
    model.advance(5)
    assert model.epoch == 60


@pytest.mark.parametrize("changes", VARIED)
def test_new_rate_acts_on_the_next_step(changes):
    model = trained(10, **changes)
    model.configure(rate=0.05)
    assert model.epoch == 10 and model.changes == [(0, 0.5)]  # no restart, and nothing used it so far
    model.advance(1)
    assert weights(model) == by_hand(model.settings, {0: 0.5, 10: 0.05}, 11)[0]
    assert model.changes == [(0, 0.5), (10, 0.05)]
    model.advance(14)
    model.configure(rate=3.0)
    model.configure(rate=2.0)  # turned twice between two steps: only the last one counts
    model.advance(10)
    assert model.changes == [(0, 0.5), (10, 0.05), (25, 2.0)]
    assert weights(model) == by_hand(model.settings, dict(model.changes), 35)[0]
    assert model.history.learning_rate == [0.5] * 10 + [0.05] * 15 + [2.0] * 10
    model.configure(rate=0.1)
    model.configure(rate=2.0)  # a rate that returns before a step leaves no mark
    model.advance(1)
    assert model.changes == [(0, 0.5), (10, 0.05), (25, 2.0)]


def test_reset_keeps_the_present_rate():
    model = trained(10)
    model.configure(rate=2.0)
    model.advance(10)
    model.reset()
    assert model.changes == [(0, 2.0)] and model.rate == 2.0


def test_other_settings_start_anew_and_equal_ones_do_not():
    model = trained(10)
    before = fingerprint(model)
    model.configure(hidden=4, data="xor")
    assert fingerprint(model) == before
    for changes in (
        {"hidden": 5},
        {"data": "moons"},
        {"batch": 4},
        {"scale": 2.0},
        {"activation": "relu"},
        {"optimizer": "Adam"},
        {"seed": 3},
    ):
        model.configure(**changes)
        assert model.epoch == 0 and len(model.losses) == LIMITS["epochs"][1] + 1
        model.advance(5)


def test_ghosts_are_the_last_three_runs():
    model = model_of()
    for hidden in (1, 2, 3, 4, 5):
        model.configure(hidden=hidden)
        model.advance(10 * hidden)
        last = model.losses[: model.epoch + 1].copy()
    model.reset()
    assert [len(ghost.losses) - 1 for ghost in model.ghosts] == [30, 40, 50]
    assert np.array_equal(model.ghosts[-1].losses, last)
    model.advance(1)
    model.reset()  # one step is no run
    assert [len(ghost.losses) - 1 for ghost in model.ghosts] == [30, 40, 50]


# Looking back


@pytest.mark.parametrize("epochs", [1, 399, 400, 401, 1000, 20_000])
def test_snapshots_are_few_and_evenly_spread(epochs):
    model = model_of(epochs=epochs)
    while not model.finished:
        model.advance(97)
        assert len(model.snapshots) <= SNAPSHOTS
    stored = [*model.snapshots]
    gaps = {b - a for a, b in pairwise(stored)}
    assert stored[0] == 0 and len(gaps) == 1
    assert epochs - stored[-1] < gaps.pop()  # up to the end
    assert len(stored) > min(epochs, SNAPSHOTS // 2 - 1)
    assert [epoch for epoch, *_ in model.norms] == stored[1:]


def test_looking_back_shows_the_weights_of_then():
    model = model_of()
    for _ in range(60):
        model.advance(1)
    for epoch in (0, 1, 17, 59, 60):
        model.look_at(epoch)
        then = trained(epoch)
        assert model.looking_at == epoch
        assert [w.tobytes() for w in model.weights()] == [w.tobytes() for w in then.weights()]
        assert (model.loss, model.accuracy) == (then.loss, then.accuracy)


def test_looking_back_changes_nothing():
    model, untouched = trained(40, batch=2), trained(40, batch=2)
    for epoch in (0, 13, 40, 39, -5, 10**6, 3):
        model.look_at(epoch)
        assert weights(model) == weights(untouched) and model.epoch == 40 and model.program() == untouched.program()
        assert model.losses.tobytes() == untouched.losses.tobytes()
        assert model.rng.bit_generator.state == untouched.rng.bit_generator.state
    assert model.status().startswith("looking back at epoch 3 of 60: loss ")
    assert model.status().endswith("; the run stands at epoch 40")
    model.look_at(40)
    assert fingerprint(model) == fingerprint(untouched)
    model.look_at(5)
    model.advance(20)
    untouched.advance(20)
    assert fingerprint(model) == fingerprint(untouched)


def test_looking_back_finds_the_nearest_epoch_that_is_stored():
    model = trained(1500, epochs=1500)
    assert [*model.snapshots][:3] == [0, 4, 8]
    for wanted, found in ((1, 0), (3, 4), (1498, 1496), (1499, 1500), (1500, 1500)):
        model.look_at(wanted)
        assert model.looking_at == found


# Solved, and not


def test_record_is_the_first_epoch_that_solves_it():
    model = model_of(epochs=500)
    while not model.solved:
        model.advance(1)
    assert model.best == {"4 units": model.epoch}
    assert trained(500, epochs=500).best == model.best  # in one go, too
    assert f"epoch {model.epoch} of 500" in model.status() and model.status().endswith("(solved)")
    best = model.best["4 units"]
    model.advance(100)
    model.reset()
    model.advance(500)
    assert model.best == {"4 units": best}
    model.configure(rate=3.0)
    model.reset()
    model.advance(500)
    assert model.best["4 units"] < best


def test_run_that_bursts_says_so_and_stops():
    model = trained(100, 30.0, **BURSTING)
    epoch, before = model.epoch, fingerprint(model)
    assert model.finished and 0 < epoch < 100
    largest, at = np.nanmax(model.losses), np.nanargmax(model.losses)
    assert largest > DIVERGED_LOSS and at == epoch - 1  # its last step has killed the units
    assert model.status() == (
        f"diverged at epoch {at}: the loss has grown to {largest:.1e}; try a learning rate smaller than 30"
    )
    model.advance(10)
    assert fingerprint(model) == before
    model.configure(rate=0.1)
    model.reset()
    model.advance(100)
    assert model.epoch == 100 and not model.problem and np.isfinite(model.loss)


def test_a_burst_is_said_with_the_loss_of_the_epoch_that_is_named():
    model = trained(100, 2.0, data="curve", formula="5*x")
    assert model.finished and model.epoch < 100
    assert model.status() == (
        f"diverged at epoch {model.epoch}: the loss has grown to {model.loss:.3g}; try a learning rate smaller than 2"
    )


@pytest.mark.parametrize("batch", [0, 1])
def test_loss_that_is_not_finite_stops_the_run(batch, monkeypatch):
    """Not within the lab's limits; but if it happens, the lab stays whole."""
    monkeypatch.setitem(TrainingModel.declared, "rate", Number(1e-4, 1e300, 0.5))
    model = trained(3, activation="relu", batch=batch)
    model.configure(rate=1e200)
    with np.errstate(over="ignore", invalid="ignore"):
        model.advance(50)
        epoch = model.epoch
        assert model.finished and epoch < 50
        assert model.status() == (
            f"diverged at epoch {epoch + 1}: the loss is no longer finite; try a learning rate smaller than 1e+200"
        )
        model.surface(np.zeros((2, 2, 2)))
        model.look_at(1)
    assert np.isfinite(model.loss)
    model.configure(rate=0.5)
    model.reset()
    model.advance(60)
    assert weights(model) == by_hand(model.settings, {0: 0.5}, 60)[0]


def test_zero_weights_and_dead_units_are_shown():
    for changes in ({"scale": 0.0}, {"activation": "relu", "hidden": 1, "seed": 3}):
        model = trained(60, **changes)
        assert np.isfinite(model.loss) and all(np.isfinite(norm).all() for norm in model.norms)


# Interrupts


def interrupted(action, moment):
    """Run an action, and interrupt it before the moment-th line of course_lib; returns how many lines were run."""
    lines = 0

    def trace(frame, event, argument):
        nonlocal lines
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if not ("course_lib" in file or file == REPLAYED) or name in ("restore_checkpoint", "begin_again"):
            return None
        if event == "line":
            lines += 1
            if lines == moment:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        with np.errstate():  # an interrupt on the way out of the library's own would leave that on for other tests
            action()
    finally:
        sys.settrace(previous)
    return lines


REPLAYED = "<replayed step>"  # the file of a recorded step
INTERRUPTED = [
    {},
    {"lab": own(3), "batch": 3},
    {"optimizer": "Momentum", "batch": 1},
    {"optimizer": "RMSProp", "data": "circles", "batch": 64},
    {"optimizer": "Adam", "batch": 2},
]


@pytest.mark.parametrize("start", [0, 17, 19, 40])  # of 20 steps on, the next is recorded, and then replayed
@pytest.mark.parametrize("changes", INTERRUPTED)
def test_interrupt_at_any_moment_leaves_the_run_as_it_was(changes, start):
    def fresh():
        model = trained(start, **changes)
        model.configure(rate=0.7)  # a change that the interrupted step would have noted
        return model

    fresh().advance(3)  # what is kept from call to call, such as a vector of ones, is made: each run has the same lines
    untouched, model = fresh(), fresh()
    lines = interrupted(lambda: model.advance(3), 0)
    before = fingerprint(untouched)
    untouched.advance(20)
    after = fingerprint(untouched)
    moments = np.random.default_rng(start).choice(np.arange(1, lines), 5, replace=False)
    for moment in [*moments, lines]:
        model = fresh()
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda model=model: model.advance(3), moment)
        assert fingerprint(model) == before, f"line {moment} of {lines}"
        model.advance(20)
        assert fingerprint(model) == after, f"line {moment} of {lines}"


def test_interrupt_while_looking_back():
    model, untouched = trained(17, batch=2), trained(17, batch=2)
    model.look_at(4)
    before = fingerprint(model)
    for moment in range(20, 400, 40):
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: model.advance(3), moment)
        assert fingerprint(model) == before
    model.advance(20)
    untouched.advance(20)
    assert fingerprint(model) == fingerprint(untouched)


def test_interrupt_of_a_run_that_is_repeated():
    original = trained(10)
    original.configure(rate=2.0)
    original.advance(20)
    model = model_of()
    model.resume(original.state())
    model.advance(8)
    for moment in range(20, 400, 40):
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: model.advance(15), moment)
    model.advance(10**9)
    assert weights(model) == weights(original) and model.changes == original.changes


# Written down


def ran(program):
    """What a program leaves: (its names, what it prints)."""
    printed = []
    names = {"print": printed.append}
    exec(compile(program, "<program>", "exec"), names)
    return names, printed


def weights_of(program):
    return b"".join(p.value.tobytes() for p in ran(program)[0]["model"].parameters)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_both_programs_repeat_the_run(data, optimizer):
    """With course_lib to the last bit, with NumPy alone up to rounding, and on the same data."""
    number = 3 * OPTIMIZERS.index(optimizer) + list(DATA).index(data)  # vary the rest along
    model = model_of(
        [0.1, 0.01, 0.05][number % 3] * (0.1 if data == "curve" else 1),  # squares of large errors diverge early
        data=data,
        optimizer=optimizer,
        activation=ACTIVATIONS[number % 3],
        batch=[0, 1, 16][number % 3],
        hidden=1 + number % 16,
        deeper=["", "3", "", "3, 2"][number % 4],
        scale=[1.0, 0.1, 2.5, 0.0, 1.0][number % 5],
        inputs=["x1, x2", "x1, x1*x2, sin(4x2)", "x1, x1^2, x2^2, sin(4x1)"][number // 2 % 3],
        noise=[0.0, 0.1][number % 2],
        held=[0, 25][number // 3 % 2],
        decay=[0.0, 0.01][number // 2 % 2],
        dropout=[0.0, 0.2][number % 5 == 4],
        formula="x**2 - 0.5",
        points=((0.1, 0.2, 0), (-1.0, 1.25, 1), (0.5, -0.5, 1)),
        seed=37 * number,
    )
    model.advance(3)
    for rate in (0.0123456789, 1 / 30)[: number % 3]:
        model.configure(rate=rate)
        model.advance(4)
    assert not model.problem and len(model.changes) == 1 + number % 3
    assert weights_of(model.program()) == weights(model)
    programs = [model.program(), *([] if model.settings.dropout else [model.numpy_program()])]
    for names, printed in map(ran, programs):
        assert printed == [f"epoch {model.epoch}: loss {model.loss:.6f}"]
        assert np.array_equal(names["x"], model.seen) and np.array_equal(names["y"], model.y)
        if len(model.x_held):
            assert np.array_equal(names["x_held"], model.features(model.x_held))
            assert np.array_equal(names["y_held"], model.y_held)


def test_the_program_for_numpy_alone_needs_nothing_of_ours():
    """On a Python that looks nowhere else (-I), from an empty folder."""
    model = trained(5, data="spirals", batch=16, optimizer="Adam")
    without = "import sys; sys.modules['course_lib'] = None\n"  # an import of it would fail
    command = [sys.executable, "-I", "-c", without + model.numpy_program()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == f"epoch 5: loss {model.loss:.6f}\n" and len(model.numpy_program().splitlines()) <= 75


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("batch", [0, 3])
def test_program_for_numpy_alone_repeats_the_run_of_any_optimizer_whatever_its_names(seed, batch):
    model = model_of(0.05, lab=own(seed), batch=batch, data=["xor", "moons"][seed % 2], decay=[0.0, 0.01][batch % 2])
    model.advance(5)
    model.configure(rate=0.02)
    model.advance(4)
    namespace, _ = ran(model.numpy_program())
    for name, p in zip(("W1", "b1", "W2", "b2"), model.network.parameters, strict=True):
        np.testing.assert_allclose(namespace["weights"][name], p.value, rtol=1e-9, atol=1e-12)


def test_what_numpy_alone_cannot_repeat_is_told_in_a_sentence():
    sentence = "a run with dropout has no program for NumPy alone: set dropout to 0"
    says(ValueError, sentence, TrainingModel(dropout=0.3).numpy_program)

    class Lookahead(optimizers.Optimizer):
        """Its slow weights begin as the weights themselves."""

        def reset(self):
            self.slow = self._w.copy()

        def update(self, w, g):
            w -= self._rate * g
            self.slow += 0.5 * (w - self.slow)

    class OwnLab(TrainingModel):
        def new_optimizer(self):
            return Lookahead(self.rate)

    sentence = (
        "a run with Lookahead has no program for NumPy alone: its slow does not begin with one number for all weights"
    )
    says(ValueError, sentence, OwnLab().numpy_program)


def test_program_of_a_run_that_diverged_repeats_it():
    model = trained(100, 30.0, **BURSTING)
    assert model.problem and weights_of(model.program()) == weights(model)


def test_program_before_the_first_step_is_the_run_to_come():
    model = model_of(batch=2)
    model.configure(rate=0.25)
    program = model.program()
    model.advance(60)
    assert model.program() == program and weights_of(program) == weights(model)


@pytest.mark.parametrize("changes", [*VARIED, *ON_OWN_DATA])
def test_state_restores_a_run(changes):
    model = trained(12, **changes)
    for rate in (0.07, 1 / 3):
        model.configure(rate=rate)
        model.advance(9)
    model.configure(rate=0.9)  # not used by a step so far, but shown
    state = model.state()
    assert "\n" not in state and len(state) < 250

    other = trained(5, 2.0, data="moons", hidden=9)
    other.resume(state)
    assert other.epoch == 0 and not other.finished and other.rate == 0.5
    for _ in range(7):
        other.advance(5)
    assert other.epoch == 30 and other.finished
    assert other.state() == state and other.program() == model.program()
    assert weights(other) == weights(model) and other.losses.tobytes() == model.losses.tobytes()
    assert other.changes == model.changes and other.rate == model.rate == 0.9

    other.stop_at = None  # Train was pressed: both go on alike
    other.advance(10**9)
    model.advance(10**9)
    assert weights(other) == weights(model) and other.epoch == 60


def test_state_of_a_run_with_fewer_epochs_than_done():
    model = trained(50)
    model.configure(epochs=20)
    other = TrainingModel()
    other.resume(model.state())
    other.advance(10**9)
    assert other.epoch == 50 and weights(other) == weights(model)


def test_rate_turned_while_a_run_is_repeated_counts():
    model = trained(10)
    model.configure(rate=2.0)
    model.advance(10)
    other = TrainingModel()
    other.resume(model.state())
    other.advance(5)
    other.configure(rate=0.1)
    other.advance(15)
    assert other.changes == [(0, 0.5), (5, 0.1)]
    assert weights(other) == by_hand(other.settings, {0: 0.5, 5: 0.1}, 20)[0]


def state(**changes):
    parts = {
        "data": "xor",
        "hidden": 4,
        "activation": "tanh",
        "optimizer": "Adam",
        "batch": 0,
        "scale": 1.0,
        "seed": 1,
        "epochs": 60,
        "rates": "0:0.5,10:0.1",
        "done": 20,
    }
    return "training " + " ".join(f"{name}={value}" for name, value in (parts | changes).items() if value is not None)


NO_STATE = "expected a state that the training lab has shown ('training data=... done=...'), got {!r}"
DONE = "done: expected a whole number from 0 to 20000, got {}"
RATES_AT = "step in rates: expected a whole number from 0 to 20, got {}"
RATE = "learning rate: expected a number from 0.0001 to 30, got {!r}"
POINT = "own points: expected each as two numbers and a class, as in 0.5:-1:0, got {!r}"
RECORDS = "record: expected one of 4_units, 2_units, circles, spirals, got {!r}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", NO_STATE.format("")),
        ("hello", NO_STATE.format("hello")),
        ("descent" + state()[8:], NO_STATE.format(("descent" + state()[8:])[:60])),
        (state(seed=None), NO_STATE.format(state(seed=None)[:60])),
        (state(colour="red"), NO_STATE.format(state(colour="red")[:60])),
        (state() + " seed=2", NO_STATE.format(state()[:60])),
        ("__import__('os').abort()", NO_STATE.format("__import__('os').abort()")),
        (state(data="__import__('os').abort()"),
         "data: expected one of xor, circles, moons, spirals, border, own, curve, got \"__import__('os').abort()\""),
        (state(hidden=17), "hidden: expected a whole number from 1 to 16, got 17"),
        (state(optimizer="Optimizer"),
         f"optimizer: expected one of {', '.join(OPTIMIZERS)}, got 'Optimizer'"),
        (state(done=20_001), DONE.format(20_001)),
        (state(done="all"), DONE.format("'all'")),
        (state(rates=""), RATES_AT.format("''")),
        (state(rates="0"), RATE.format("")),
        (state(rates="0:0.5:1"), RATE.format("0.5:1")),
        (state(rates="5:0.5"), "rates: expected a value at the start, as in 0:0.5, got '5:0.5'"),
        (state(rates="0:0.5,-3:1"), RATES_AT.format(-3)),
        (state(rates="0:0.5,21:1"), RATES_AT.format(21)),
        (state(points="0:0:0,1:1"), POINT.format("1:1")),
        (state(points="0:0:0,1:1:one"), POINT.format("1:1:one")),
        (state(points="0:0:0"), "own points: expected 2 to 500 of them, got 1"),
        (state(points="0:0:0,nan:1:1"),
         "own points: expected numbers from -1.5 to 1.5 and class 0 or 1, got nan, 1, 1"),
        (state(best="12"), RECORDS.format("12")),
        (state(best="4_units:0"), "4_units: expected a whole number from 1 to 1e+06, got 0"),
        (state(rates="0:0.5,3:31"), "learning rate: expected a number from 0.0001 to 30, got 31.0"),
        (state(rates="0:0.5;import(os)"), RATE.format("0.5;import(os)")),
    ],
)  # fmt: skip
def test_line_that_is_no_state_keeps_the_run(text, sentence):
    model = trained(12, batch=2)
    before = fingerprint(model)
    says(ValueError, sentence, lambda: model.resume(text))
    assert fingerprint(model) == before


def test_state_may_stand_between_spaces():
    model = TrainingModel()
    model.resume(f"  \n{state()}  ")
    model.advance(10**9)
    best = model.best["4 units"]
    assert model.epoch == 20 and model.state() == f"{state(done=None)} best=4_units:{best} done=20 found=4_units"


def test_description_states_the_facts():
    model = trained(60, data="circles")
    assert "right: its output with the 200 examples" in model.description()
    largest = max((w for W in model.weights()[::2] for w in W.ravel()), key=abs)
    assert f"the thickest {largest:.2f} in layer " in model.description()
    assert model.description().startswith(
        f"Training lab: circles data, 4 hidden tanh units, GradientDescent, seed 1. Epoch 60 of 60: loss {model.loss:.4f}, "
        f"accuracy {100 * model.accuracy:.3g}%, learning rate 0.5. Left: the network, each unit with a small picture "
        f"of its answers, 12 edges as thick as their weights, the thickest "
    )


# Any order of actions


class AnyOrder(RuleBasedStateMachine):
    """Whatever a reader does, the run is the one that its settings and rates determine."""

    @initialize(batch=strategies.sampled_from([0, 2]))
    def begin(self, batch):
        self.model = model_of(batch=batch, epochs=12)

    @rule(name=strategies.sampled_from(["hidden", "seed"]), value=strategies.integers(1, 3))
    def other_network(self, name, value):
        same = getattr(self.model.settings, name) == value
        epoch = self.model.epoch
        self.model.configure(**{name: value})
        assert self.model.epoch == (epoch if same else 0)

    @rule(optimizer=strategies.sampled_from(OPTIMIZERS), activation=strategies.sampled_from(ACTIVATIONS))
    def other_method(self, optimizer, activation):
        self.model.configure(optimizer=optimizer, activation=activation)

    @rule(epochs=strategies.integers(1, 20))
    def other_epochs(self, epochs):
        before = weights(self.model), self.model.epoch
        self.model.configure(epochs=epochs)
        assert (weights(self.model), self.model.epoch) == before

    @rule(rate=strategies.floats(*LIMITS["rate"]))
    def turn_the_rate(self, rate):
        before = weights(self.model), self.model.epoch
        self.model.configure(rate=rate)
        assert (weights(self.model), self.model.epoch, self.model.rate) == (*before, rate)

    @rule(epochs=strategies.integers(0, 15))
    def train_on(self, epochs):
        left = 0 if self.model.finished else self.model.target - self.model.epoch
        epoch = self.model.epoch
        self.model.advance(epochs)
        assert self.model.epoch == epoch + min(epochs, left) or self.model.problem
        assert self.model.looking_at == self.model.epoch

    @rule(epoch=strategies.integers(-3, 25))
    def look(self, epoch):
        self.model.look_at(epoch)

    @rule(moment=strategies.integers(1, 300))
    def interrupt(self, moment):
        before = fingerprint(self.model)
        try:
            interrupted(lambda: self.model.advance(2), moment)
        except KeyboardInterrupt:
            assert fingerprint(self.model) == before

    @rule()
    def reset(self):
        self.model.reset()
        assert self.model.epoch == 0

    @rule()
    def new_start(self):
        self.model.new_start()
        assert self.model.epoch == 0

    @rule()
    def restore_its_own_state(self):
        before, ran, rate = self.model.state(), weights(self.model), self.model.rate
        problem = self.model.problem
        self.model.resume(before)
        self.model.advance(10**9)
        self.model.stop_at = None
        if not problem:
            assert self.model.state() == before and self.model.rate == rate
        assert weights(self.model) == ran

    @rule(text=strategies.text(max_size=30))
    def restore_nonsense(self, text):
        before = fingerprint(self.model)
        with pytest.raises(ValueError, match="expected a state"):
            self.model.resume(text)
        assert fingerprint(self.model) == before

    @precondition(lambda self: hasattr(self, "model") and self.model.epoch)
    @invariant()
    def run_is_that_of_the_library(self):
        expected, losses = by_hand(self.model.settings, dict(self.model.changes), self.model.epoch)
        assert weights(self.model) == expected
        assert self.model.losses[: self.model.epoch].tolist() == losses

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def parts_fit_together(self):
        model = self.model
        assert 0 <= model.looking_at <= model.epoch
        assert model.looking_at == model.epoch or model.looking_at in model.snapshots
        assert len(model.snapshots) <= SNAPSHOTS and len(model.ghosts) <= 3
        assert [epoch for epoch, *_ in model.norms] == [*model.snapshots][1:]
        assert np.isfinite(model.losses[: model.epoch + 1]).all() and np.isnan(model.losses[model.epoch + 1 :]).all()
        assert [epoch for epoch, _ in model.changes] == sorted({epoch for epoch, _ in model.changes})
        assert model.changes[0][0] == 0 and all(epoch <= model.epoch for epoch, _ in model.changes)
        assert len(model.history) == model.epoch
        assert model.status() and 10 <= len(model.program().splitlines()) <= 15


AnyOrder.TestCase.settings = settings(max_examples=20, stateful_step_count=25)
TestAnyOrder = AnyOrder.TestCase


# Sharpness


def test_sharpness_climbs_over_2_over_rate_then_the_loss_jumps():
    model = trained(60, 3.0)
    model.lower = "sharpness"
    curved = model.sharpnesses()
    assert [round(curved[epoch], 2) for epoch in (5, 10, 15)] == [0.55, 0.73, 0.97]
    rising = np.flatnonzero(np.diff(model.losses[:61]) > 0)
    assert len(rising) and all(curved[epoch] > 2 / 3 for epoch in rising) and curved[60] < 0.2
    model.look_at(15)
    assert "sharpness 0.97, above 2/rate = 0.667" in model.status()
    model.look_at(60)
    assert "below 2/rate = 0.667" in model.status()


def test_sharpness_is_that_of_the_weights_and_follows_a_run_that_is_taken_back():
    model = trained(40)
    model.lower = "sharpness"
    for epoch, value in model.sharpnesses().items():
        model.look_at(epoch)
        for p, weights in zip(model.network.parameters, model.weights(), strict=True):
            np.copyto(p.value, weights)
        direct, _ = sharpness(model.network, (model.x, model.y), loss=functional.binary_cross_entropy)
        assert value == pytest.approx(direct, rel=2e-2)
        if epoch > 10:
            break
    fresh = trained(40)
    fresh.lower = "sharpness"
    before = fresh.sharpnesses()
    fresh.configure(seed=7)
    fresh.advance(40)
    after = fresh.sharpnesses()
    assert before.keys() == after.keys() and before[20] != after[20]


def test_only_plain_descent_is_measured_against_2_over_rate():
    model = trained(10, optimizer="Adam")
    assert "sharpness" not in model.status()
    model.lower = "sharpness"
    assert "sharpness" in model.status() and "2/rate" not in model.status()


def test_a_diverged_run_has_no_sharpness_and_says_why_it_stopped():
    model = trained(100, 30.0, **BURSTING)
    model.lower = "sharpness"
    assert model.problem and model.status() == model.problem
    model.sharpnesses()


def test_looking_back_names_the_rate_of_then():
    model = trained(20)
    model.configure(rate=2.0)
    model.advance(20)
    model.look_at(10)
    assert "learning rate 0.5" in model.status()
    model.look_at(30)
    assert "learning rate 2" in model.status()
