"""Exercises that ask for a function or a number, in one table: a slip of a function is a patch of the solution.

    code_exercise(
        name="one-step",
        task=N_("Write `one_step(w, slope, eta)`: the new value of `w` after one step of gradient descent."),
        solution="def one_step(w, slope, eta):\\n    return w - eta * slope\\n",
        cases=[(1.0, 0.5, 0.1), (-2.0, -3.0, 0.2)],
        slips={
            "uphill": slip("You went up: the step goes against the slope.", {"w - eta": "w + eta"}),
            "no-step": slip("This is `w` before the step.", "return w"),
        },
        hints=..., explanation=...,
    )

The judge runs the solution on the cases, and each slip where an answer is wrong, so that it knows a slip by its results
however the reader has written it. The tests take their bank from the same table (`tests/exercises/test_bank.py`). A slip's
name is kept with the wrong answer, and counted for the class: it stays what it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from string import Formatter

import numpy as np

from ...ops import logistic
from ...text import say
from . import judges
from .again import chosen, written
from .exercise import Exercise

NAMES = {"np": np, "sigmoid": logistic}  # what solutions find besides what an exercise gives them


@dataclass(frozen=True)
class Slip:
    """One mistake: the `sentence` that answers it, and the `ways` in which readers write it, each as `slip` takes it."""

    sentence: str
    ways: tuple


def slip(sentence, *ways):
    """A `Slip`, and what is said to whoever makes it: `make catalogue` finds the sentence here.

    Each way is a dict {piece of the solution: what stands there instead}, applied one after the other; or the lines of the
    function below its `def`; or, beginning with `def`, `from` or `import`, all of the source.
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
    """The slips of a solution as (name of the slip, wrong answer, sentence), in order.

    made   made(source) -> the answer; it is asked once somebody wants the answers
    """

    def __init__(self, solution, slips, made):
        self._made = cache(made)
        self.sources = [
            (key, patched(solution, way), each.sentence) for key, each in slips.items() for way in each.ways
        ]

    def __iter__(self):
        return ((key, self._made(source), sentence) for key, source, sentence in self.sources)


class _Measured:
    """Stands for a value that was measured in an answer."""

    def __format__(self, form=""):
        return "..."

    __repr__ = __format__


def sentences_of(judge):
    """{name of a slip: what the judge says of it, in the reader's language, with ... for what it measures in an answer}."""
    known = getattr(judge, "slips", ())
    listed = {slip: sentence for slip, _, sentence in getattr(known, "sources", known)}  # of sources none is compiled
    facts = getattr(judge, "facts", {})
    return {
        slip: say(sentence, **{field: _Measured() for _, field, _, _ in Formatter().parse(sentence) if field} | facts)
        for slip, sentence in (listed | getattr(judge, "sentences", {})).items()
    }


def code_exercise(
    name, task, solution, cases, slips, hints, explanation, also=(), given=(), before="", again=None, **options
):
    """An `Exercise` whose answer is a function, judged by its results.

    cases    list of tuples of arguments, on which the solution is the reference
    slips    dict: the slip's name, words joined by hyphens -> `slip(...)`; the first that gives the reader's results is told
    also     as slips: other results that are right, too, each with a remark
    given    dict of what the solution uses besides `NAMES`
    again    `by_hand(...)`, where there are forms of it for pencil and paper
    options  of `judges.function`, such as names=("w", "b") of a tuple's parts; others as in `Exercise`
    """
    made = partial(compiled, name=name.replace("-", "_"), given=given)
    wrong, also = Slips(solution, slips, made), Slips(solution, dict(also), made)
    judge = judges.function(made(solution), cases, wrong=wrong, also=also, **options)
    again = again and again.forms(made(solution))
    return Exercise(name, task, judge, hints, solution, explanation, given=dict(given), before=before, again=again)


def gradient_exercise(
    name, task, solution, loss, params, names, slips, hints, explanation, given=(), again=None, **options
):
    """An `Exercise` whose answer is a function that returns gradients, judged by finite differences of the loss.

    loss, params, names, options   as in `judges.gradient`; others as in `code_exercise`
    """
    made = partial(compiled, name=name.replace("-", "_"), given=given)
    judge = judges.gradient(loss, params, names, wrong=Slips(solution, slips, made), **options)
    again = again and again.forms(made(solution))
    return Exercise(name, task, judge, hints, solution, explanation, given=dict(given), again=again)


def number_exercise(name, task, solution, ask, wrong, hints, explanation, numbers=None, **options):
    """An `Exercise` whose answer is the number that the solution calculates.

    numbers   where there are forms with other numbers: numbers(rng) -> dict of what stands for the {fields} of all sentences,
              of the solution, and of the wrong numbers, which are then written as Python, such as "2 * {u} * {b}";
              numbers(None) are those of the first form
    ask, wrong, options   as in `judges.number`, such as unit=N_("steps"); others as in `Exercise`
    """
    if numbers is None:
        return _number(name, task, solution, ask, judges.named(wrong), hints, explanation, options)

    def made(rng, slips=None):
        facts = {field: written(value) for field, value in numbers(rng).items()}
        known = [
            (float(compiled(f"wrong = {source.format(**facts)}", "wrong")), text)
            for source, text in judges.each_wrong(wrong)
        ]
        keys = slips or [f"{value:.6g}" for value, _ in known]
        named = [(key, *pair) for key, pair in zip(keys, known, strict=True)]
        return _number(name, task, solution.format(**facts), ask, named, hints, explanation, options, facts)

    def again(exercise, rng, name):
        return chosen(lambda: made(rng, names), exercise, name)

    first = made(None)
    names = [slip for slip, _, _ in first.judge.slips]
    return replace(first, again=again)


def _number(name, task, solution, ask, wrong, hints, explanation, options, facts=()):
    expected = float(compiled(solution, name.replace("-", "_")))
    judge = judges.number(expected, ask, wrong=wrong, facts=facts, **options)
    return Exercise(name, task, judge, hints, solution, explanation, facts=dict(facts))
