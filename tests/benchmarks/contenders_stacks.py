"""Many XOR networks at once: what the success map and its like train, by train() with and without replay."""

import numpy as np

from course_lib import Dense, Sequential, functional, stack
from course_lib.labs.success import SuccessMap
from course_lib.replay import run as replay_run

from . import contenders_xor
from .comparison import Task, in_train

NAMES = {"train()": False, "train(), replayed": True}


def course_lib(way, networks=330, **options):
    """A stack of XOR networks in training, all at rate 0.5, in one of the ways of `comparison.py`."""

    def set_up():
        rng = np.random.default_rng(0)
        model = stack([Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng)) for _ in range(networks)])
        return way(model, functional.binary_cross_entropy, (contenders_xor.X, contenders_xor.Y), 0.5, **options)

    return set_up


def stacked(networks, replay):
    """The same stack in `train()`."""
    return course_lib(in_train, networks, replay=replay)()


def success_map(replay):
    """The model of the lab; without replay, it never gets to the step that would be recorded."""
    model = SuccessMap()

    def run(steps):
        before, replay_run.STEPS_BEFORE = replay_run.STEPS_BEFORE, replay_run.STEPS_BEFORE if replay else 10**9
        try:
            model.advance(steps)
        finally:
            replay_run.STEPS_BEFORE = before
        return model.networks.parameters[0].value.sum().item()

    return run


def _task(name, contender, target):
    contenders = {each: lambda replay=replay: contender(replay) for each, replay in NAMES.items()}
    return Task(name, contenders, "train()", {"train(), replayed": target}, tolerance=0.0, steps=20)


TASK = _task("stack of 330 XOR networks", lambda replay: stacked(330, replay), (0.8, 0.71))
TASKS = [
    _task("stack of 30 XOR networks", lambda replay: stacked(30, replay), (0.6, 0.49)),
    TASK,
    _task("success map, 330 networks with a rate each", success_map, (0.7, 0.62)),
]
