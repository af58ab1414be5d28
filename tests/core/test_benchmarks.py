"""Contenders of a benchmark take the same training steps, and the check notices one that does not."""

from dataclasses import replace
from functools import partial
from time import sleep

import numpy as np
import pytest
from benchmarks import engine
from benchmarks.comparison import STEPS_CHECKED, disagreements, set_up

each_task = pytest.mark.parametrize(
    "task",  # those that take longest are left to `make test-all`
    [
        pytest.param(task, id=task.name.split(",")[0], marks=[pytest.mark.slow] * task.name.startswith("language"))
        for task in engine.TASKS
    ],
)


def judged(task):
    """The first contender that has a target."""
    return next(iter(task.targets))


CONTENDERS = [  # `make test` tries one of each task
    pytest.param(task, name, id=f"{task.name.split(',')[0]}-{name}", marks=[pytest.mark.slow] * (name != judged(task)))
    for task in engine.TASKS
    for name in task.contenders
    if name != task.reference
]


def only(task, **contenders):
    """The task with its reference and these contenders alone."""
    return replace(task, contenders={task.reference: task.contenders[task.reference], **contenders})


def with_other_run(contender, change):
    """The contender with its run(steps) replaced by change(run, steps)."""
    return lambda: partial(change, contender())


@pytest.mark.parametrize(("task", "name"), CONTENDERS)
def test_contender_has_the_loss_of_the_reference(task, name):
    pair = only(task, **{name: task.contenders[name]})
    runs, not_installed = set_up(pair)
    if not_installed:
        pytest.skip(f"{name}: not installed")
    loss, differences = disagreements(pair, runs)
    assert np.isfinite(loss) and differences[name] <= task.tolerance


@each_task
def test_one_step_less_is_noticed(task):
    late = with_other_run(task.contenders[judged(task)], lambda run, steps: run(steps - 1))
    runs, _ = set_up(only(task, late=late))
    with pytest.raises(AssertionError, match=f"after {STEPS_CHECKED} steps late has loss"):
        disagreements(task, runs)


def test_loss_that_is_not_a_number_is_noticed():
    task = engine.TASKS[0]
    broken = with_other_run(task.contenders[judged(task)], lambda run, steps: float("nan"))
    runs, _ = set_up(only(task, broken=broken))
    with pytest.raises(AssertionError, match="broken has loss nan"):
        disagreements(task, runs)


@each_task
def test_training_in_two_parts_is_training(task):
    """The measurement goes on from where the check stopped: no contender may start again or stand still."""
    runs, _ = set_up(task)
    once = {name: run(6) for name, run in set_up(task)[0].items()}
    for name, run in runs.items():
        run(4)
        assert run(2) == pytest.approx(once[name], rel=task.tolerance), name


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_missed_target_fails_only_when_strict(options, code, monkeypatch, capsys):
    task = engine.TASKS[0]
    pair = only(task, **{judged(task): task.contenders[judged(task)]})
    impossible = replace(pair, targets={judged(task): (1e-9, 0.0)}, steps=2)
    monkeypatch.setattr(engine, "TASKS", [impossible])
    monkeypatch.setattr(engine, "passes", lambda rounds: None)
    monkeypatch.setattr(engine, "records", lambda: None)
    monkeypatch.setattr("sys.argv", ["engine", "--rounds", "3", *options])
    with pytest.raises(SystemExit) as stop:
        engine.main()
    assert stop.value.code == code
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(("bound", "said"), [(1e-9, "MISSED"), (1e9, "met")])
def test_a_target_against_the_fastest_rival_counts(bound, said, capsys):
    task = engine.TASKS[0]
    name = judged(task)
    rivals = ("a framework that is not there", "slow", task.reference)
    slow = with_other_run(task.contenders[name], lambda run, steps: [run(steps), sleep(0.005)][0])
    pair = only(task, slow=slow, **{name: task.contenders[name]})
    pair = replace(pair, targets={}, steps=2, against=((name, rivals, bound),))
    assert engine.report(pair, rounds=3) == (said == "met")
    [line] = [line for line in capsys.readouterr().out.splitlines() if " against " in line]
    assert f"{name} against {task.reference}: " in line and line.endswith(said)
