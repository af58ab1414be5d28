"""Contenders of a benchmark take the same training steps, and the check notices one that does not."""

from dataclasses import replace
from functools import partial
from time import sleep

import numpy as np
import pytest
from benchmarks import contenders_language, engine
from benchmarks.comparison import disagreements, set_up

XOR = engine.TASKS[0]  # the quickest
STEPS = 30  # of which `train` replays the last ten


def judged(task):
    """The first contender that has a target."""
    return next(iter(task.targets))


def short(task):
    return task.name.split(",")[0]


def slow_unless(quick):
    return [pytest.mark.slow] * (not quick)


TASKS = [pytest.param(task, id=short(task), marks=slow_unless(task is XOR)) for task in engine.TASKS]
CONTENDERS = [  # `make test` tries one of each task, but the larger language model
    pytest.param(
        task,
        name,
        id=f"{short(task)}-{name}",
        marks=slow_unless(name == judged(task) and task is not contenders_language.LARGER),
    )
    for task in engine.TASKS
    for name in task.contenders
    if name != task.reference
]


def only(task, **contenders):
    """The task with its reference and these contenders alone."""
    return replace(task, contenders={task.reference: task.contenders[task.reference], **contenders})


def with_other_run(change):
    """The contender of XOR that is judged, with its run(steps) replaced by change(run, steps)."""
    return lambda: partial(change, XOR.contenders[judged(XOR)]())


@pytest.mark.parametrize(("task", "name"), CONTENDERS)
def test_contender_has_the_loss_of_the_reference(task, name):
    pair = only(task, **{name: task.contenders[name]})
    runs, not_installed = set_up(pair)
    if not_installed:
        pytest.skip(f"{name}: not installed")
    loss, differences = disagreements(pair, runs, STEPS)
    assert np.isfinite(loss) and differences[name] <= task.tolerance


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda run, steps: run(steps - 1), f"after {STEPS} steps changed has loss"),
        (lambda run, steps: float("nan"), "changed has loss nan"),
    ],
    ids=["one step less", "not a number"],
)
def test_a_contender_that_computes_something_else_is_noticed(change, sentence):
    runs, _ = set_up(only(XOR, changed=with_other_run(change)))
    with pytest.raises(AssertionError, match=sentence):
        disagreements(XOR, runs, STEPS)


@pytest.mark.parametrize("task", TASKS)
def test_training_in_two_parts_is_training(task):
    """The measurement goes on from where the check stopped: no contender may start again or stand still."""
    runs, _ = set_up(task)
    once = {name: run(6) for name, run in set_up(task)[0].items()}
    for name, run in runs.items():
        run(4)
        assert run(2) == pytest.approx(once[name], rel=task.tolerance), name


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_missed_target_fails_only_when_strict(options, code, monkeypatch, capsys):
    pair = only(XOR, **{judged(XOR): XOR.contenders[judged(XOR)]})
    impossible = replace(pair, targets={judged(XOR): (1e-9, 0.0)}, steps=2)
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
    name = judged(XOR)
    rivals = ("a framework that is not there", "slow", XOR.reference)
    slow = with_other_run(lambda run, steps: [run(steps), sleep(0.005)][0])
    pair = only(XOR, slow=slow, **{name: XOR.contenders[name]})
    pair = replace(pair, targets={}, steps=2, against=((name, rivals, bound),))
    assert engine.report(pair, rounds=3) == (said == "met")
    [line] = [line for line in capsys.readouterr().out.splitlines() if " against " in line]
    assert f"{name} against {XOR.reference}: " in line and line.endswith(said)
