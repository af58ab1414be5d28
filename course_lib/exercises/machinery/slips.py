"""Exercises that ask for a function or a number, in one table: a slip of a function is a patch of the solution.

    code_exercise(
        name="one-step",
        task=N_("Write `one_step(w, slope, eta)`: the new value of `w` after one step of gradient descent."),
        solution="def one_step(w, slope, eta):\\n    return w - eta * slope\\n",
        cases=[(1.0, 0.5, 0.1), (-2.0, -3.0, 0.2)],
        slips={
            "uphill": slip(N_("You went up: the step goes against the slope."), {"w - eta": "w + eta"}),
            "no-step": slip(N_("This is `w` before the step."), "return w"),
        },
        hints=..., explanation=...,
    )

The judge runs the solution on the cases, and each slip where an answer is wrong, so that it knows a slip by its results
however the reader has written it. The tests take their bank from the same table (`tests/exercises/test_bank.py`). A slip's
name is kept with the wrong answer, and counted for the class: it stays what it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter

import numpy as np

from ...ops import logistic
from ...text import say
from . import judges
from .exercise import Exercise

NAMES = {"np": np, "sigmoid": logistic}  # what solutions find besides what an exercise gives them


@dataclass(frozen=True)
class Slip:
    """One mistake: the `sentence` that answers it, and the `ways` in which readers write it, each as `slip` takes it."""

    sentence: str
    ways: tuple


def slip(sentence, *ways):
    """A `Slip`. Each way is a dict {piece of the solution: what stands there instead}, applied one after the other; or
    the lines of the function below its `def`; or, beginning with `def`, `from` or `import`, all of the source.
    """
    return Slip(sentence, ways)


def patched(solution, way):
    """The source that a way makes of the solution. Raises ValueError when the solution does not have such a piece."""
    if isinstance(way, Mapping):
        for piece, instead in way.items():
            if piece not in solution:
                raise ValueError(f"slip: expected a piece of the solution, got {piece!r}")
            solution = solution.replace(piece, instead)
        return solution
    if re.match("def |from |import ", way):
        return way
    return solution.split("\n")[0] + "".join(f"\n    {line}" for line in way.split("\n"))


def compiled(source, name, given=()):
    """What a source calls `name`, where it finds `NAMES` and the names that are given."""
    namespace = NAMES | dict(given)
    exec(compile(source, f"<{name}>", "exec"), namespace)
    return namespace[name]


class Slips:
    """The slips of a solution as (name of the slip, function, sentence), in order; compiled when they are first asked for."""

    def __init__(self, solution, slips, name, given=()):
        self._name, self._given = name, given
        self.sources = [
            (key, patched(solution, way), each.sentence) for key, each in slips.items() for way in each.ways
        ]

    def __iter__(self):
        return iter(self._functions)

    @cached_property
    def _functions(self):
        return [(key, compiled(source, self._name, self._given), sentence) for key, source, sentence in self.sources]


class _Measured:
    """Stands for a value that was measured in an answer."""

    def __format__(self, form=""):
        return "..."

    __repr__ = __format__


def sentences_of(judge):
    """{name of a slip: what the judge says of it, in the reader's language, with ... for what it measures in an answer}."""
    known = getattr(judge, "slips", ())
    listed = {slip: sentence for slip, _, sentence in getattr(known, "sources", known)}  # of sources none is compiled
    return {
        slip: say(sentence, **{field: _Measured() for _, field, _, _ in Formatter().parse(sentence) if field})
        for slip, sentence in (listed | getattr(judge, "sentences", {})).items()
    }


def code_exercise(name, task, solution, cases, slips, hints, explanation, also=(), given=(), **options):
    """An `Exercise` whose answer is a function, judged by its results.

    cases    list of tuples of arguments, on which the solution is the reference
    slips    dict: the slip's name, words joined by hyphens -> `slip(...)`; the first that gives the reader's results is told
    also     as slips: other results that are right, too, each with a remark
    given    dict of what the solution uses besides `NAMES`
    options  of `judges.function`, such as names=("w", "b") of a tuple's parts; others as in `Exercise`
    """
    answer = name.replace("-", "_")
    judge = judges.function(
        compiled(solution, answer, given),
        cases,
        wrong=Slips(solution, slips, answer, given),
        also=Slips(solution, dict(also), answer, given),
        **options,
    )
    return Exercise(name, task, judge, hints, solution, explanation, given=dict(given))


def gradient_exercise(name, task, solution, loss, params, names, slips, hints, explanation, given=(), **options):
    """An `Exercise` whose answer is a function that returns gradients, judged by finite differences of the loss.

    loss, params, names, options   as in `judges.gradient`; others as in `code_exercise`
    """
    slips = Slips(solution, slips, name.replace("-", "_"), given)
    judge = judges.gradient(loss, params, names, wrong=slips, **options)
    return Exercise(name, task, judge, hints, solution, explanation, given=dict(given))


def number_exercise(name, task, solution, ask, wrong, hints, explanation, **options):
    """An `Exercise` whose answer is the number that the solution calculates.

    ask, wrong, options   as in `judges.number`, such as unit=N_("steps"); others as in `Exercise`
    """
    judge = judges.number(float(compiled(solution, name.replace("-", "_"))), ask, wrong=wrong, **options)
    return Exercise(name, task, judge, hints, solution, explanation)
