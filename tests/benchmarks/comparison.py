"""A task with its contenders: check that they compute the same thing, then measure them against each other.

A contender is a function that sets up one way to train (it imports its framework, if any) and returns `run`.
`run(steps)` takes that many training steps, on from where it stands, and returns the loss of the last one, as
measured before its update. All contenders of a task start from the same weights and see the same data.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import perf_counter

import numpy as np

from course_lib import GradientDescent, History, train
from course_lib.frameworks.steps import course_lib_loop
from course_lib.replay import record_step

STEPS_CHECKED = 100


@dataclass(frozen=True)
class Task:
    """One kind of training step, and who competes in it.

    name        what is trained, in words
    contenders  name -> function that sets the contender up and returns run(steps) -> loss
    reference   the contender that the others are measured against
    targets     name -> (must, stretch): a contender's ratio to the reference must be at most that, and aims at this
    tolerance   largest relative difference in the loss after `STEPS_CHECKED` steps that rounding can explain
    steps       training steps in one measurement: a few milliseconds, so that all meet the same machine
    against     (contender, rivals, bound): its time must be at most that share of the fastest installed rival's
    """

    name: str
    contenders: dict[str, Callable]
    reference: str
    targets: dict[str, tuple[float, float]]
    tolerance: float
    steps: int
    against: tuple[tuple[str, tuple[str, ...], float], ...] = ()


NAMES = {
    "plain_numpy": "plain NumPy",
    "buffered_numpy": "NumPy with buffers",
    "hand_tuned_numpy": "NumPy, hand-tuned",
    "pytorch": "PyTorch, eager",
    "tensorflow": "TensorFlow, function",
    "jax": "JAX, jit",
}


def contenders(course_lib, *others, **options):
    """Name -> contender: the ways in which course_lib takes its steps, then NumPy by hand, then the frameworks.

    course_lib   a function of one of these ways that gives a contender        options   for all of them
    """
    ways = {
        "course_lib, loop": course_lib_loop,
        "course_lib, train()": in_train,
        "course_lib, replayed": replayed,
        "train(), replayed": partial(in_train, replay=True),
    }
    return {name: course_lib(way, **options) for name, way in ways.items()} | {
        NAMES[other.__name__]: partial(other, **options) for other in others
    }


def in_train(model, loss_of, data, eta, replay=False):
    """The training loop of the library; with replay=True, its recorded step."""
    history = History()
    options = {"loss": loss_of, "optimizer": GradientDescent(eta), "history": history, "replay": replay}
    epochs = train(model, data, epochs=10**9, **options)

    def run(steps):
        for progress in islice(epochs, steps):
            loss = progress.loss
        return loss

    return run


def replayed(model, loss_of, data, eta, without=()):
    """The recorded step by hand, without these passes; run.step is the `Step`."""
    step = record_step(model, data, loss=loss_of, optimizer=GradientDescent(eta), without=without)

    def run(steps):
        for _ in range(steps):
            loss = step()
        return loss

    run.step = step
    return run


def initial_weights(model):
    """Copies of a model's parameters, from which every contender starts."""
    return [p.value.copy() for p in model.parameters]


def views(flat, arrays):
    """Consecutive pieces of a flat vector in the shapes of the arrays, sharing its memory."""
    pieces = np.split(flat, np.cumsum([a.size for a in arrays])[:-1])
    return [piece.reshape(a.shape) for piece, a in zip(pieces, arrays, strict=True)]


def set_up(task):
    """The contenders that can run here, name -> run, and the names of those that are not installed."""
    runs, not_installed = {}, []
    for name, contender in task.contenders.items():
        try:
            runs[name] = contender()
        except ImportError:
            not_installed.append(name)
    return runs, not_installed


def disagreements(task, runs, steps=STEPS_CHECKED):
    """The loss of the reference after the first `steps` steps, and name -> relative difference from it.

    The runs must be new. Raises AssertionError when a contender differs by more than the task's tolerance.
    """
    losses = {name: run(steps) for name, run in runs.items()}
    expected = losses[task.reference]
    differences = {name: abs(loss - expected) / abs(expected) for name, loss in losses.items()}
    for name, difference in differences.items():
        if not difference <= task.tolerance:  # true for NaN as well
            raise AssertionError(
                f"{task.name}: after {steps} steps {name} has loss {losses[name]!r}, but {task.reference} "
                f"has {expected!r}: a relative difference of {difference:.1e}, allowed {task.tolerance:.0e}"
            )
    return expected, differences


def measure(runs, steps, rounds, rng):
    """Seconds a step, name -> array (rounds,): in each round every contender runs once, in a random order."""
    seconds = {name: np.empty(rounds) for name in runs}
    gc.collect()
    for i in range(rounds):
        for name in rng.permutation(list(runs)):
            start = perf_counter()
            runs[name](steps)
            seconds[name][i] = (perf_counter() - start) / steps
    return seconds


def quartiles(seconds, name, reference):
    """Lower quartile, median and upper quartile, over the rounds, of the ratio of two contenders' times."""
    return np.percentile(seconds[name] / seconds[reference], [25, 50, 75])
