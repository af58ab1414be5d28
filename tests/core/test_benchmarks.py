"""Contenders of a benchmark take the same training steps, and the check notices one that does not."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from benchmarks import engine
from benchmarks.comparison import STEPS_CHECKED, disagreements, measure, quartiles, set_up

each_task = pytest.mark.parametrize("task", engine.TASKS, ids=lambda task: task.name.split(",")[0])


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


@each_task
def test_loss_that_is_not_a_number_is_noticed(task):
    broken = with_other_run(task.contenders[judged(task)], lambda run, steps: float("nan"))
    runs, _ = set_up(only(task, broken=broken))
    with pytest.raises(AssertionError, match="broken has loss nan"):
        disagreements(task, runs)


@each_task
def test_training_in_two_parts_is_training(task):
    """The measurement goes on from where the check stopped: no contender may start again or stand still."""
    runs, _ = set_up(task)
    once = {name: run(30) for name, run in set_up(task)[0].items()}
    for name, run in runs.items():
        run(20)
        assert run(10) == pytest.approx(once[name], rel=task.tolerance), name


def test_measurement_runs_every_contender_in_every_round():
    calls = []
    runs = {name: partial(lambda name, steps: calls.append((name, steps)), name) for name in ("a", "b", "c")}
    seconds = measure(runs, steps=5, rounds=4, rng=np.random.default_rng(0))
    rounds = [calls[i : i + 3] for i in range(0, len(calls), 3)]
    assert [sorted(r) for r in rounds] == 4 * [[("a", 5), ("b", 5), ("c", 5)]]
    assert len({tuple(r) for r in rounds}) > 1  # in changing order
    assert all(len(times) == 4 and (times > 0).all() for times in seconds.values())


def test_ratios_are_taken_round_by_round():
    seconds = {
        "a": np.array([2.0, 40.0, 6.0]),
        "b": np.array([1.0, 10.0, 2.0]),
    }  # the second round was disturbed
    assert quartiles(seconds, "a", "b") == pytest.approx([2.5, 3.0, 3.5])


def missing():
    raise ImportError("No module named 'framework'")


def test_table_shows_ratios_targets_and_what_is_not_installed(capsys):
    task = engine.TASKS[0]
    contenders = {judged(task): task.contenders[judged(task)], "framework": missing}
    targets = {judged(task): (1e9, 0.0)}
    assert engine.report(replace(only(task, **contenders), targets=targets, steps=2), rounds=3)
    rows = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(row.startswith(judged(task)) and row.endswith(" met") for row in rows)
    assert any(row.startswith("framework") and row.endswith("not installed") for row in rows)
    assert any(row.startswith(task.reference) and row.endswith("1.00 - 1.00") for row in rows)


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


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.7, "met, stretch too"), (0.8, "met, stretch too"), (1.0, "met"), (1.01, "MISSED")]
)
def test_verdict(ratio, words):
    assert engine.verdict(ratio, must=1.0, stretch=0.8) == words
