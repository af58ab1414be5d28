"""What is checked of exercises: of every one in `test_bank.py`, and the rows that a chapter's tests add.

    ROWS = {"hidden-error": [("def hidden_error(delta2, W2, a1): return delta2", "wrong", "shape (3, 2)"), ...], ...}
    test_rows = row_test(chapter, ROWS)

A row is (answer, outcome, fragment): Python source that defines the answer under the exercise's name; or what makes such
source of the solution, as a slip does, a dict {piece: what stands there instead} or the lines of the function below its
`def`, with a `return`; or the answer itself, which is none of these; "right", "wrong" or "not tried"; and a part of the
message that it must get. What an exercise declares needs no row: its solution is right, and each of its slips gets exactly
its own sentence. A row is for a right answer that is written in another way, and for what a judge of its own says.
"""

import linecache
import re
import warnings

import numpy as np
import pytest
from giveaways import tells_letter, tells_number, wrong_numbers

from course_lib import Tensor
from course_lib.exercises import Verdict
from course_lib.exercises.machinery.slips import NAMES, patched
from course_lib.text import say

OUTCOMES = (Verdict.RIGHT, Verdict.WRONG, Verdict.NOT_TRIED)


def raising(error):
    def raise_it(*arguments):
        raise error

    return raise_it


def returning(value):
    return lambda *arguments: value


def spoiling(*arguments):
    """Overwrites its arguments, as far as they are arrays, and returns the first."""
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 7.0
    return arguments[0]


def printing(*arguments):
    """Shows what it should return."""
    print(len(arguments))


BLANKS = {"...": ..., "None": None}
BLANK_FUNCTIONS = {
    "returns None": returning(None),
    "returns ...": returning(...),
    "raises NotImplementedError": raising(NotImplementedError()),
    "calculates with ...": lambda *arguments: ... * 2,
}
BROKEN = {
    "object": object(),
    "empty text": "",
    "text": "it depends",
    "list": [],
    "nested list": [[1.0], [2.0, 3.0]],
    "dict": {},
    "nan": np.nan,
    "infinity": np.inf,
    "complex": 1j,
    "huge int": 10**400,
    "array of objects": np.array([object()]),
    "empty array": np.zeros((0, 3)),
    "Tensor": Tensor(np.ones((2, 2))),
    "type": int,
    "generator": (i for i in ()),
}
BROKEN_FUNCTIONS = {
    "without arguments": lambda: 1.0,
    "with nine arguments": lambda a, b, c, d, e, f, g, h, i: 1.0,
    "prints": printing,
    "returns text": returning("0.5"),
    "returns a list": returning([0.5]),
    "returns a dict": returning({"W": 0.5}),
    "returns a function": returning(returning(0.5)),
    "returns a Tensor": returning(Tensor(np.ones((2, 2)))),
    "returns nan": returning(np.nan),
    "returns a vector": returning(np.zeros(4)),
    "returns far too much": returning(np.zeros((1000, 1000))),
    "returns a huge int": returning(10**400),
    "returns an array of objects": returning(np.array([object()])),
    "overwrites its arguments": spoiling,
    "divides by zero": lambda *arguments: 1 / 0,
    "overflows": lambda *arguments: np.exp(np.array([1e6])) * 0,
    "warns": lambda *arguments: warnings.warn("look here", stacklevel=1),
    "raises an error without a message": raising(ValueError()),
    "raises an endless message": raising(ValueError("x" * 100_000)),
    "stops Python": raising(SystemExit(1)),
    "is interrupted": raising(KeyboardInterrupt()),
    "recurses for ever": lambda *arguments: BROKEN_FUNCTIONS["recurses for ever"](*arguments),
}


def answer_of(source, name, names=(), before=""):
    """The object called `name` after running the source, as in a notebook's cell; before: what other cells have run."""
    source = f"{before}\n\n{source}" if before else source
    file = f"<answer to {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = NAMES | dict(names)
    exec(compile(source, file, "exec"), namespace)
    assert name in namespace, f"expected source that defines {name}, got:\n{source}"
    return namespace[name]


def solved(exercise):
    """The answer that the exercise's solution gives."""
    return answer_of(exercise.solution, exercise.answer_name, exercise.given, exercise.before)


def judged(exercise, answer):
    """The verdict on an answer; fails when the judge raises, warns, or says nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = exercise.judge(answer)
    assert verdict.outcome in OUTCOMES
    assert verdict.message.strip(), f"{exercise.name}: expected a message, got none ({verdict.outcome})"
    return verdict


def expect(exercise, answer, outcome, fragment=""):
    """Fail unless the answer has this outcome and the fragment is in its message; returns the verdict."""
    verdict = judged(exercise, answer)
    found = f"{exercise.name}: {verdict.outcome}: {verdict.message}\n{verdict.details}"
    assert verdict.outcome == outcome, f"expected {outcome}, got {found}"
    assert fragment in verdict.message, f"expected a message with {fragment!r}, got {found}"
    return verdict


def expect_slips(exercise):
    """Each slip gets its own sentence, and is kept under its own name."""
    for slip, answer, sentence in exercise.judge.slips:
        assert expect(exercise, answer, Verdict.WRONG, exercise.says(sentence)).slip == slip


def expect_row(exercise, names, answer, outcome, fragment):
    """As `expect`, for a row."""
    assert fragment, f"{exercise.name}: expected a fragment for each answer"
    if isinstance(answer, dict) or (isinstance(answer, str) and re.search("^return", answer, re.MULTILINE)):
        answer = patched(exercise.solution, answer)
    if isinstance(answer, str):
        answer = answer_of(answer, exercise.answer_name, exercise.given | names, exercise.before)
    return expect(exercise, answer, outcome, fragment)


def expect_broken(exercise):
    """An answer that is not there yet is not tried, and no broken one is right, whatever it is or does."""
    functions = callable(solved(exercise))
    for label, blank in (BLANKS | BLANK_FUNCTIONS if functions else BLANKS).items():
        assert judged(exercise, blank).outcome == Verdict.NOT_TRIED, f"{exercise.name}: {label}"
    for label, answer in (BROKEN | BROKEN_FUNCTIONS if functions else BROKEN).items():
        verdict = judged(exercise, answer)
        assert verdict.outcome != Verdict.RIGHT, f"{exercise.name}: {label} counts as right: {verdict.message}"
        if answer is printing:
            assert "`print` only shows a value" in verdict.message, f"{exercise.name}: {verdict.message}"
        assert len(verdict.message) < 1000, f"{exercise.name}: {label}: {len(verdict.message)} characters of message"


def expect_complete(exercise):
    """Its sentences can be said, and its solution is right; what else it needs, `Exercise` demands."""
    for sentence in (exercise.task, *exercise.hints, exercise.explanation):
        assert exercise.says(sentence)
    expect(exercise, solved(exercise), Verdict.RIGHT)


def expect_complete_prediction(chapter, name):
    """Each letter gets its own reply, and none gives the right one away; what else it needs, `Prediction` demands."""
    prediction = chapter.predictions[name]
    assert len(set(prediction.replies.values())) == len(prediction.options), f"{name}: two replies are the same"
    told = [
        reply
        for letter, reply in prediction.replies.items()
        if letter != prediction.right and tells_letter(say(reply), prediction.right)
    ]
    assert not told, f"{name}: the letter is given away by {told}"
    for letter, reply in prediction.replies.items():
        feedback = type(chapter)(0, [], [prediction]).reply(name, letter)
        assert (feedback.outcome == Verdict.RIGHT) == (letter == prediction.right)
        assert say(reply) in repr(feedback)


def expect_silent(exercise):
    """Neither a reply to a wrong answer nor a hint before the last contains the number or the letter that is asked for."""
    value, early = solved(exercise), {exercise.hints[0], *exercise.hints[:-1]}
    if isinstance(value, str) and len(value) == 1:
        replies = {letter: reply for letter, _, reply in exercise.judge.slips}
        told = [text for text in (*map(say, replies.values()), *map(say, early)) if tells_letter(text, value)]
        told += [reply for reply in map(say, replies.values()) if say(exercise.explanation) in reply]
    elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
        told = [text for text in map(exercise.says, early) if tells_number(text, value, exercise.says(exercise.task))]
        for answer in wrong_numbers(value, np.random.default_rng(1)):
            verdict = judged(exercise, answer)
            if verdict.outcome != Verdict.RIGHT:
                known = f"{exercise.says(exercise.task)} {answer:.17g} {answer:.6g} {answer:.0f}"
                told += [f"{answer}: {t}" for t in (verdict.message, verdict.details) if tells_number(t, value, known)]
    else:
        return
    assert not told, f"{exercise.name}: the answer {value} is given away by {told[:3]}"


def row_test(chapter, rows, **names):
    """A test of each exercise of a chapter that has rows.

    rows    dict: name of an exercise -> list of (answer, outcome, fragment)
    names   what the notebook has defined besides what the exercise gives
    """
    assert set(rows) <= set(chapter.exercises), "there are rows of no exercise"

    @pytest.mark.parametrize("name", rows)
    def test(name, capfd):
        for row in rows[name]:
            expect_row(chapter.exercises[name], names, *row)
        assert not capfd.readouterr().err

    return test
