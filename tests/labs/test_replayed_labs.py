"""The labs that train replay their step after some 20 of them: the numbers are those of the engine, to the last bit."""

import threading
from contextlib import contextmanager
from functools import partial

import pytest
from test_engines import engine

from course_lib.labs.bias import BiasModel, trained
from course_lib.labs.cnn import CNNModel
from course_lib.labs.language.model import LanguageTraining
from course_lib.labs.overfitting import OverfittingModel
from course_lib.labs.success import SuccessMap
from course_lib.labs.training.model import OPTIMIZERS, TrainingModel
from course_lib.labs.translation_training import TranslationTraining
from course_lib.labs.voices import VoicesModel
from course_lib.models.validation_map import ValidationMap
from course_lib.replay import Step, run

NEVER = 10**9


@pytest.fixture
def replays(monkeypatch):
    """How many steps were replayed; within .none(), none is."""

    class Count:
        steps = 0

        @contextmanager
        def none(self):
            with monkeypatch.context() as patch:
                patch.setattr(run, "STEPS_BEFORE", NEVER)
                yield

    count, bind = Count(), Step.bind

    def counting(self, arrays):
        bind(self, arrays)
        step = self.run  # which the compiled again() calls, too

        def counted():
            count.steps += 1
            return step()

        self.run = self._namespace["step"] = counted

    monkeypatch.setattr(Step, "bind", counting)
    return count


def training(*rates, **changes):
    def run():
        model = TrainingModel(**{"epochs": 20_000, "rate": rates[0]} | changes)
        for rate in rates:
            model.configure(rate=rate)
            model.advance(40)
        shown = [weights.tobytes() for weights in model.snapshots.values()]
        return model.problem, model.losses.tobytes(), model.norms, shown, model.epoch, model.state()

    return run


def success(loss):
    model = SuccessMap(loss=loss)
    model.advance(60)
    return "", model.solved.tobytes(), [p.value.tobytes() for p in model.networks.parameters]


def overfitting(dropout):
    model = OverfittingModel(dropout=dropout, weight_decay=0.1)
    model.advance(25)
    return "", model.training, model.validation, model.epoch


def bias():
    trained.cache_clear()
    return "", BiasModel().status()


def validation_map():
    progress = ValidationMap("dropout").train()
    return "", [next(progress).loss for _ in range(8)]


def ran(model, parameters, changes, steps):
    """What a run leaves whose settings change in the middle: its state, losses and weights."""
    model.advance(steps)
    model.configure(**changes)
    model.advance(10)
    return model.state(), model.losses, model.status(), [p.value.tobytes() for p in parameters(model)]


def cnn(optimizer, rate):
    model = CNNModel(optimizer=optimizer)
    result = ran(model, lambda model: model.network.parameters, {"rate": rate}, 22)
    return model.problem, result, model.validations


def voices(clip):
    model = VoicesModel(voices=(), seed=1)
    result = ran(model, lambda model: model.model.parameters, {"clip": clip}, 22)
    return "", result, model.norms


def translation(attention):
    model = TranslationTraining(attention=attention)
    result = ran(model, lambda model: model.translator.parameters, {"rate": 0.01}, 22)
    return model.problem, result, model.exact, model.forced, model.alone


RUNS = {  # (run, how many of its steps are replayed, at least)
    **{f"training, {name}": (training(0.01, 0.1, optimizer=name, data="circles", seed=3), 21) for name in OPTIMIZERS},
    "training, batches and relu": (training(0.05, 0.5, batch=64, data="moons", activation="relu"), 21),
    "training, single examples": (training(0.5, 0.0001, 2.0, batch=1), 21),
    "training, diverges": (training(0.001, 30.0, activation="relu", scale=10.0, hidden=8, seed=0), 21),
    **{f"map of success, {loss}": (partial(success, loss), 40) for loss in SuccessMap.declared["loss"].options},
    **{f"over-fitting, dropout {share}": (partial(overfitting, share), 5) for share in (0.0, 0.3)},
    "bias": (bias, 20),
    "map of validation losses": (validation_map, 11),
    "cnn": (partial(cnn, "Adam", 0.02), 3),
    "cnn, diverges": (partial(cnn, "RMSProp", 1.0), 3),  # its loss is finite then: the weights stay as they are
    **{f"voices, clip {clip}": (partial(voices, clip), 10) for clip in (0.5, 100.0)},  # one record for both lengths
    **{f"translation, attention {used}": (partial(translation, used), 10) for used in (True, False)},
}


@pytest.mark.parametrize("name", RUNS)
def test_a_replayed_run_is_that_of_the_engine(replays, name):
    run, least = RUNS[name]
    replayed, steps = run(), replays.steps
    assert steps >= least and bool(replayed[0]) == name.endswith("diverges")
    with replays.none():
        assert repr(run()) == repr(replayed) and replays.steps == steps


def test_a_run_on_the_reader_s_own_engine_is_not_replayed(replays):
    model = TrainingModel(engine())
    model.advance(40)
    assert model.epoch == 40 and replays.steps == 0


@pytest.mark.parametrize("mask", [True, False])
def test_a_language_model(replays, mask):
    """The lengths of the gradients are those of the replayed steps."""

    def run():
        model = LanguageTraining(features=16, batch=16, mask=mask)
        result = ran(model, lambda model: model.network.parameters, {"rate": 0.01}, 25)
        return result, model.held_out, model.shares, model.norms

    replayed, steps = run(), replays.steps
    assert steps >= 10
    with replays.none():
        assert run() == replayed and replays.steps == steps


def test_two_labs_in_two_threads():
    """Their runs begin, are recorded and replayed at the same time, as subshells of a kernel let them."""
    settings = [{"optimizer": "Adam", "data": "circles"}, {"optimizer": "Momentum", "batch": 2}]

    def ran(**changes):
        model = TrainingModel(epochs=400, rate=0.05, **changes)
        while not model.finished:
            model.advance(7)
        return model.losses.tobytes(), [p.value.tobytes() for p in model.network.parameters]

    expected, results = [ran(**changes) for changes in settings], {}
    threads = [threading.Thread(target=lambda i=i: results.__setitem__(i, ran(**settings[i % 2]))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[i] for i in range(4)] == 2 * expected
