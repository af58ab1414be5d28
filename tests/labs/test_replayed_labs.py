"""The labs that train replay their step after some 20 of them: the numbers are those of the engine, to the last bit."""

import threading
from contextlib import contextmanager

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
    """How many steps were replayed; after .off(), and within .none(), none is."""

    class Count:
        steps = 0

        def off(self):
            monkeypatch.setattr(run, "STEPS_BEFORE", NEVER)

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


def training(changes, rates):
    model = TrainingModel(**{"epochs": 20_000, "rate": rates[0]} | changes)
    for rate in rates:
        model.configure(rate=rate)
        model.advance(40)
    return model.losses.tobytes(), model.norms, model.snapshots, model.problem, model.epoch, model.state()


@pytest.mark.parametrize(
    ("changes", "rates"),
    [
        *(({"optimizer": name, "data": "circles", "seed": 3}, (0.01, 0.1)) for name in OPTIMIZERS),
        ({"batch": 64, "data": "moons", "activation": "relu"}, (0.05, 0.5)),
        ({"batch": 1}, (0.5, 0.0001, 2.0)),
        ({"activation": "relu", "scale": 10.0, "hidden": 8, "seed": 0}, (0.001, 30.0)),
    ],
)
def test_a_training_run(replays, changes, rates):
    replayed = training(changes, rates)
    assert replays.steps > 20
    replays.off()
    steps = replays.steps
    assert repr(replayed) == repr(training(changes, rates)) and replays.steps == steps
    assert bool(replayed[3]) == (rates[-1] == 30.0)  # it has diverged, after 40 epochs, in a replayed step
    assert not replayed[3] or replayed[4] >= 40


def test_a_run_on_the_reader_s_own_engine_is_not_replayed(replays):
    model = TrainingModel(engine())
    model.advance(40)
    assert model.epoch == 40 and replays.steps == 0


@pytest.mark.parametrize("loss", SuccessMap.declared["loss"].options)
def test_the_map_of_success(replays, loss):
    def weights():
        model = SuccessMap(loss=loss)
        model.advance(60)
        return model.solved.tobytes(), [p.value.tobytes() for p in model.networks.parameters]

    replayed = weights()
    assert replays.steps >= 40
    replays.off()
    assert weights() == replayed


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_over_fitting(replays, dropout):
    def losses():
        model = OverfittingModel(dropout=dropout, weight_decay=0.1)
        model.advance(25)
        return model.training, model.validation, model.epoch

    replayed = losses()
    assert replays.steps >= replayed[2] - 20
    replays.off()
    assert losses() == replayed


def test_bias(replays):
    def share():
        trained.cache_clear()
        return BiasModel().status()

    replayed = share()
    assert replays.steps >= 20
    replays.off()
    assert share() == replayed


def test_a_map_of_validation_losses(replays):
    def weights():
        progress = ValidationMap("dropout").train()
        return [next(progress).loss for _ in range(8)]

    replayed = weights()
    assert replays.steps > 10
    replays.off()
    assert weights() == replayed


def ran(model, parameters, changes, steps):
    """What a run leaves whose settings change in the middle: its state, losses and weights."""
    model.advance(steps)
    model.configure(**changes)
    model.advance(10)
    return model.state(), model.losses, model.status(), [p.value.tobytes() for p in parameters(model)]


@pytest.mark.parametrize(("optimizer", "rate", "diverges"), [("Adam", 0.02, False), ("RMSProp", 1.0, True)])
def test_a_convolutional_network(replays, optimizer, rate, diverges):
    """Its loss is finite when the run counts as diverged: the weights stay as they are."""

    def run():
        model = CNNModel(optimizer=optimizer)
        result = ran(model, lambda model: model.network.parameters, {"rate": rate}, 22)
        return result, model.problem, model.validations

    replayed, steps = run(), replays.steps
    assert steps > 2 and bool(replayed[1]) == diverges
    with replays.none():
        assert run() == replayed and replays.steps == steps


@pytest.mark.parametrize("clip", [0.5, 100.0])
def test_voices(replays, clip):
    def run():
        model = VoicesModel(voices=(), seed=1)
        result = ran(model, lambda model: model.model.parameters, {"clip": clip}, 22)
        return result, model.norms

    replayed, steps = run(), replays.steps
    assert steps >= 10  # one record, though the clipping has changed
    with replays.none():
        assert run() == replayed and replays.steps == steps


@pytest.mark.parametrize("attention", [True, False])
def test_translation(replays, attention):
    def run():
        model = TranslationTraining(attention=attention)
        result = ran(model, lambda model: model.translator.parameters, {"rate": 0.01}, 22)
        return result, model.exact, model.forced, model.alone

    replayed, steps = run(), replays.steps
    assert steps >= 10
    with replays.none():
        assert run() == replayed and replays.steps == steps


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
