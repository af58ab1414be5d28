"""The labs that train replay their step after some 20 of them: the numbers are those of the engine, to the last bit."""

import threading

import pytest
from test_engines import engine

from course_lib.labs.bias.model import BiasModel, trained
from course_lib.labs.overfitting.model import OverfittingModel
from course_lib.labs.success.model import SuccessMap
from course_lib.labs.training.model import OPTIMIZERS, TrainingModel
from course_lib.models.validation_map import ValidationMap
from course_lib.replay import Step, run

NEVER = 10**9


@pytest.fixture
def replays(monkeypatch):
    """How many steps were replayed; with .off(), none is."""

    class Count:
        steps = 0

        def off(self):
            monkeypatch.setattr(run, "STEPS_BEFORE", NEVER)

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
