"""Another one like this: the forms of an exercise after its first, with numbers of their own, for pencil and paper.

A number exercise is written with fields, and its numbers come from a function; see `slips.number_exercise`. An exercise
that asks for a function needs no more than arguments to draw: what the function returns for them is asked, its solution
knows the answer, and each slip the wrong one that belongs to it.

    code_exercise(name="one-step", ..., again=by_hand(lambda rng: (one_of(rng, 1, 2, -3), one_of(rng, 0.5, -2), 0.1)))

    check("one-step 2")          # the second form: the same for one reader on each day, another one for the neighbour
    check("one-step 2", 0.95)

What is drawn should come out in a few digits, and tell the slips apart: of several draws the one is taken for which most of
them give numbers that differ from the right ones.
"""

import ast
import copy
import functools
import operator
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...text import N_, joined, say, typed
from . import compare
from .compare import Wrong, mistake
from .exercise import Verdict
from .reader_code import judge

DRAWS = 8
ROUNDED, EXACT = 0.006, 1e-6  # how far a number may be off: two decimals of one that has more than four, and else


def one_of(rng, *values):
    """One of the values, as it is, drawn by a NumPy generator."""
    return values[rng.integers(len(values))]


def numbers_of(rng, shape, *values):
    """A float64 array of the shape, each entry drawn from the values."""
    return np.array(values, dtype=np.float64)[rng.integers(len(values), size=shape)]


def fields(first, choices, also=lambda **numbers: {}):
    """`numbers=` of a number exercise: those of its first form, what may stand there in others, and what follows from them.

    first     dict: a name in its sentences -> the number of the first form
    choices   dict, in the same order: the name -> numbers; several names in one, as in "low high", draw a tuple of numbers.
              Two fields of five numbers, or more: with few, another form is often the one that has just been solved
    also      also(**numbers) -> dict of others that its sentences name
    """

    def numbers(rng):
        found = dict(first)
        for names, values in {} if rng is None else choices.items():
            drawn = one_of(rng, *values)
            found |= zip(names.split(), drawn if " " in names else (drawn,), strict=True)
        return found | also(**found)

    return numbers


@dataclass(frozen=True)
class by_hand:
    """How forms are drawn of an exercise that asks for a function: `again=` of its table.

    draw      draw(rng) -> tuple of arguments: numbers, arrays, texts
    without   names of slips that nobody makes with a pencil
    asks      in place of the general question: a sentence with a field for each argument
    whole     whether `asks` says all that is needed: the exercise's own task does not follow it then
    hints     in place of the exercise's own, where these speak of code alone
    """

    draw: Any
    without: tuple = ()
    asks: str = ""
    whole: bool = False
    hints: tuple = ()

    def forms(self, function):
        """`again` of an `Exercise` with this solution, compiled."""
        return lambda exercise, rng, name: chosen(lambda: self._form(exercise, function, rng), exercise, name)

    def _form(self, exercise, function, rng):
        arguments = self.draw(rng)
        expected = _results(function, arguments)
        slips = [each for each in exercise.judge.slips if each[0] not in self.without]
        known = [(name, _results(slip, arguments), say(sentence)) for name, slip, sentence in slips]
        names = compare.argument_names(function, len(arguments))
        shown = dict(zip(names, map(written, arguments), strict=True))
        call = f"{exercise.answer_name}({', '.join(names)})"
        values = say(", ").join(f"`{name} = {value}`" for name, value in shown.items())
        question = say(self.asks, **shown) if self.asks else say(ASKS, call=call, values=values)
        task = "" if self.whole else say("(The exercise was: {task})", task=say(exercise.task))
        arrays = {name for name, value in zip(names, arguments, strict=True) if isinstance(value, np.ndarray)}
        lines = "\n".join(f"{n} = np.array({v})" if n in arrays else f"{n} = {v}" for n, v in shown.items())
        return replace(
            exercise,
            task=literal(joined(question, _how(expected), task)),
            hints=self.hints or exercise.hints,
            judge=judge_by_hand(expected, [each for each in known if not _agree(each[1], expected)]),
            solution=f"{exercise.solution.rstrip()}\n\n{lines}\n{call}    # {written(expected)}\n",
            facts=dict(zip(names, arguments, strict=True)),
        )


def chosen(draw, exercise, name):
    """Of several forms of an exercise that draw() makes the first in which most slips give numbers of their own."""

    def tells(form):
        return form.says(form.task) != exercise.says(exercise.task), len(
            {repr(value) for _, value, _ in form.judge.slips}
        )

    form = max([draw() for _ in range(DRAWS)], key=tells)
    return replace(
        form, name=name, answer=exercise.answer_name, again=exercise.again, judge=_as_typed(form.judge, name)
    )


ASKS = N_("What does `{call}` return for {values}?")


def judge_by_hand(expected, slips):
    """Judge numbers that were worked out by hand; no reply contains them.

    expected   a float, an array, or a tuple of these       slips   (name, wrong result, sentence) of each known mistake
    """

    @judge
    def decide(answer):
        got = _given(answer, expected)
        for name, wrong, sentence in () if _agree(got, expected) else slips:
            if _agree(got, wrong):
                raise Wrong(sentence, slip=name)
        _expect_shapes(got, expected)
        pairs = [*zip(_parts(got), _parts(expected), strict=True)]
        agree = np.concatenate([np.ravel(_near(*pair)) for pair in pairs])
        if agree.all():
            return say("{number} is right.", number=written(got))
        if all(compare.is_rounded(*pair) for pair in pairs):
            raise mistake("That is rounded too much: write more decimals.")
        if agree.size > 1:
            raise mistake("{right} of the {total} numbers are right.", right=int(agree.sum()), total=agree.size)
        raise Wrong(compare.direction(float(got), float(expected), written(got)))

    decide.expected, decide.slips = expected, slips
    return decide


def _as_typed(judge, name):
    """The judge of a form, which takes its answer as it was typed into a field, too."""
    expected = judge.expected
    several = isinstance(expected, tuple) or np.ndim(expected)

    @functools.wraps(judge)
    def judged(answer):
        if answer is None or answer is ...:
            example = "[1, 2]" if several else "0.5"
            return Verdict(
                Verdict.NOT_TRIED, say('Give your answer as `check("{name}", {example})`.', name=name, example=example)
            )
        if isinstance(answer, str) and (several or not compare.is_several(typed(answer))):
            answer = read(answer)
            while not several and isinstance(answer, list) and len(answer) == 1:
                answer = answer[0]
            if isinstance(answer, str):
                words = say(
                    "Expected numbers, such as `0.5`, `-3/4` or `[1, 2]`, got {got}.", got=compare.describe(answer)
                )
                return Verdict(Verdict.NOT_TRIED, words)
        return judge(answer)

    return judged


def read(text):
    """What a reader has typed into a field, as numbers: "0.5", "-3/4", "2 * 0.7 * (1 - 0.7)", "[1, 2]", "1, 2".

    Returns a float or nested lists of floats; the text itself where it is something else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python warns of is no number
            return _value(ast.parse(typed(text).strip(), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return text


_OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _value(node):
    """The value of numbers, lists and the four operations; nothing else is ever run."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _number(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_number(node.left), _number(node.right))
    raise ValueError


def _number(node):
    value = _value(node)
    if isinstance(value, list):
        raise ValueError
    return value


def written(value):
    """A number, an array or a tuple of these as a reader writes it: 0.5, [1, -2], "text"."""
    if isinstance(value, tuple):
        return ", ".join(map(written, value))
    if isinstance(value, np.ndarray | list):
        return f"[{', '.join(written(each) for each in value)}]" if np.ndim(value) else written(float(value))
    if isinstance(value, float | int | np.number) and not isinstance(value, bool):
        return compare.number_text(value)
    return repr(value)


def literal(text):
    """A text as a sentence of an exercise: `say` shows it as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def _how(expected):
    """How to write the answer, where that is not plain."""
    decimals = "" if all(map(is_exact, _parts(expected))) else say("Two decimals are enough.")
    if isinstance(expected, tuple):
        return joined(say("Write the results one after the other, with commas between them."), decimals)
    if np.ndim(expected):
        return joined(say("Write the numbers in brackets, as `[1, 2]` or `[[1, 2], [3, 4]]`."), decimals)
    return decimals


def _results(function, arguments):
    """What the function returns, as floats and arrays; NaN where it fails, which agrees with nothing."""
    try:
        with np.errstate(all="ignore"):
            result = function(*copy.deepcopy(arguments))
    except Exception:  # a slip need not run for all arguments
        return np.nan
    if isinstance(result, tuple):
        return tuple(np.asarray(part, dtype=np.float64) for part in result)
    array = np.asarray(result, dtype=np.float64)
    return array if array.ndim else float(array)


def _parts(value):
    return value if isinstance(value, tuple) else (value,)


def is_exact(part):
    """Whether all numbers have four decimals at most."""
    return bool(np.all(np.abs(np.round(part, 4) - part) < 1e-9))


def _near(got, expected):
    return np.abs(np.subtract(got, expected)) <= (EXACT if is_exact(expected) else ROUNDED)


def _agree(got, expected):
    """Whether two results are the same, in shape and numbers."""
    got, expected = _parts(got), _parts(expected)
    return len(got) == len(expected) and all(
        np.shape(one) == np.shape(other) and bool(np.all(_near(one, other)))
        for one, other in zip(got, expected, strict=True)
    )


def _given(answer, expected):
    """The answer as a number, an array, or a tuple of them, as the expected result is; raises Wrong where it holds no numbers.

    Brackets too many or too few around a single row are no matter.
    """
    if not isinstance(expected, tuple) and not np.ndim(expected) and not isinstance(answer, list | np.ndarray):
        return compare.one_number(answer)
    if isinstance(expected, tuple) and isinstance(answer, np.ndarray) and answer.ndim:
        answer = [*answer]
    if isinstance(expected, tuple) and isinstance(answer, list | tuple) and len(answer) == len(expected):
        return tuple(map(_array, answer, expected))
    return _array(answer, expected)


def _array(part, wanted):
    try:
        array = np.asarray(part)
    except ValueError:  # lists of several lengths
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise mistake("Expected numbers, got {got}.", got=compare.describe(part))
    alike = not isinstance(wanted, tuple) and np.squeeze(array).shape == np.squeeze(wanted).shape
    return array.reshape(np.shape(wanted)).astype(np.float64) if alike else array.astype(np.float64)


def _expect_shapes(got, expected):
    """Raise Wrong unless both have the same form."""
    if isinstance(expected, tuple) and not isinstance(got, tuple):
        wanted = say("Expected {count} results with commas between them.", count=len(expected))
        raise Wrong(wanted, _decimal_comma(got, expected))
    for part, wanted in zip(_parts(got), _parts(expected), strict=True):
        if np.shape(part) != np.shape(wanted):
            shapes = {"expected": _shape(np.shape(wanted)), "got": _shape(np.shape(part))}
            raise Wrong(say("Expected {expected}, got {got}.", **shapes), _decimal_comma(part, wanted))


def _decimal_comma(got, expected):
    """What to say of twice the numbers that are asked for, all of them whole: 0,5 is two in Python."""
    asked = sum(map(np.size, _parts(expected)))
    if not (np.ndim(got) == 1 and np.size(got) == 2 * asked and np.all(got == np.round(got))):
        return ""
    return say("A decimal number has a point, as in 0.5, because a comma begins the next number.")


def _shape(shape):
    """The shape of an answer in words."""
    if not shape:
        return say("one number")
    if len(shape) == 1:
        return say("a list of {count} numbers", count=shape[0])
    return say("numbers of the shape {shape}", shape="×".join(map(str, shape)))
