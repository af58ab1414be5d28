"""Proves a chapter's exercises against a bank of answers: right ones, wrong ones, and ones not given yet.

    BANK = {"hidden-error": [("def hidden_error(delta2, W2, a1): return delta2", "wrong", "shape (3, 2)"), ...], ...}
    test_exercises = bank_test(chapter, BANK, sigmoid=logistic)

For each exercise the bank lists (answer, outcome, fragment): Python source that defines the answer under the
exercise's name, or the answer itself when it is no text; "right", "wrong" or "not tried"; and a part of the
message that it must get. Besides these, every exercise gets its own solution, answers that are not there yet, the
mistakes that its judge knows, and answers broken in all the ways that we could think of.
"""

import contextlib
import linecache
import warnings
from functools import partial

import numpy as np
import pytest
from giveaways import tells_letter, tells_number, wrong_numbers

from course_lib import Tensor
from course_lib.exercises import Verdict
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


def answer_of(source, name, names, before=""):
    """The object called `name` after running the source, as in a notebook's cell; before: what other cells have run."""
    source = f"{before}\n\n{source}" if before else source
    file = f"<answer to {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np} | names
    exec(compile(source, file, "exec"), namespace)
    assert name in namespace, f"expected source that defines {name}, got:\n{source}"
    return namespace[name]


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


def expect_slip(exercise, answer, slip, sentence):
    """The slip gets its own sentence, and is kept under its own name."""
    assert expect(exercise, answer, Verdict.WRONG, say(sentence)).slip == slip


def expect_given(exercise, answer, names, outcome, fragment):
    """As `expect`, for an entry of the bank."""
    if isinstance(answer, str):
        answer = answer_of(answer, exercise.answer_name, names, exercise.before)
    expect(exercise, answer, outcome, fragment)


def expect_not_right(exercise, answer):
    verdict = judged(exercise, answer)
    assert verdict.outcome != Verdict.RIGHT, f"{exercise.name}: a broken answer counts as right: {verdict.message}"
    assert len(verdict.message) < 1000, f"{exercise.name}: {len(verdict.message)} characters of message"


def expect_complete(exercise):
    assert 1 <= len(exercise.hints) <= 3, f"{exercise.name}: expected one to three hints"
    sentences = {"task": exercise.task, "explanation": exercise.explanation}
    sentences |= {f"hint {number}": sentence for number, sentence in enumerate(exercise.hints, 1)}
    for field, sentence in sentences.items():
        assert say(sentence).strip(), f"{exercise.name}: expected a sentence as {field}"


def expect_complete_prediction(chapter, name):
    """The question has its options, the right letter is among them, and each letter gets its own reply."""
    prediction = chapter.predictions[name]
    assert prediction.right in prediction.options, f"{name}: expected the right letter among the options"
    assert set(prediction.replies) == set(prediction.options), f"{name}: expected a reply for each option"
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


def expect_silent(exercise, solution):
    """Neither a reply to a wrong answer nor a hint before the last contains the number or the letter that is asked for."""
    value, early = solution(), {exercise.hints[0], *exercise.hints[:-1]}
    if isinstance(value, str) and len(value) == 1:
        replies = {letter: reply for letter, _, reply in exercise.judge.slips}
        told = [text for text in (*map(say, replies.values()), *map(say, early)) if tells_letter(text, value)]
        told += [reply for reply in map(say, replies.values()) if say(exercise.explanation) in reply]
    elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
        told = [text for text in map(say, early) if tells_number(text, value, say(exercise.task))]
        for answer in wrong_numbers(value, np.random.default_rng(1)):
            verdict = judged(exercise, answer)
            if verdict.outcome != Verdict.RIGHT:
                known = f"{say(exercise.task)} {answer:.17g} {answer:.6g} {answer:.0f}"
                told += [f"{answer}: {t}" for t in (verdict.message, verdict.details) if tells_number(t, value, known)]
    else:
        return
    assert not told, f"{exercise.name}: the answer {value} is given away by {told[:3]}"


def expect_covered(chapter, bank):
    """Each exercise has wrong answers in the bank, and the bank has no other names."""
    assert set(bank) <= set(chapter.exercises), "the bank has names of no exercise"
    for name in chapter.exercises:
        outcomes = [outcome for _, outcome, _ in bank.get(name, [])]
        assert Verdict.WRONG in outcomes, f"{name}: expected at least one wrong answer in the bank"
        assert all(fragment for _, _, fragment in bank[name]), f"{name}: expected a fragment for each answer"


def exercise_cases(exercise, entries, names):
    """(label, call) for each thing that is checked of one exercise."""
    name = exercise.answer_name
    solution = partial(answer_of, exercise.solution, name, names, exercise.before)
    yield "is complete", partial(expect_complete, exercise)
    yield "solution", lambda: expect(exercise, solution(), Verdict.RIGHT)
    yield "gives nothing away", partial(expect_silent, exercise, solution)
    for label, blank in BLANKS.items():
        yield f"blank: {label}", partial(expect, exercise, blank, Verdict.NOT_TRIED)
    for number, (answer, outcome, fragment) in enumerate(entries, 1):
        yield f"bank {number}: {outcome}", partial(expect_given, exercise, answer, names, outcome, fragment)
    for number, (slip, answer, sentence) in enumerate(getattr(exercise.judge, "slips", ()), 1):
        yield f"slip {number}: {slip}", partial(expect_slip, exercise, answer, slip, sentence)
    takes_function = False
    with contextlib.suppress(Exception):  # a solution that does not run fails its own case above
        takes_function = callable(solution())
    for label, answer in (BROKEN | BROKEN_FUNCTIONS if takes_function else BROKEN).items():
        yield f"broken: {label}", partial(expect_not_right, exercise, answer)
    if takes_function:
        for label, blank in BLANK_FUNCTIONS.items():
            yield f"blank: {label}", partial(expect, exercise, blank, Verdict.NOT_TRIED)


def bank_test(chapter, bank, **names):
    """A parametrised test of all exercises and predictions of a chapter.

    bank    dict: name of an exercise -> list of (answer, outcome, fragment)
    names   what the notebook has defined before its exercises and their solutions use it (`np` is there already)
    """
    cases = [("bank", partial(expect_covered, chapter, bank))]
    for name, exercise in chapter.exercises.items():
        found = exercise_cases(exercise, bank.get(name, []), names)
        cases += [(f"{name}: {label}", call) for label, call in found]
    for name in chapter.predictions:
        cases.append((f"{name}: is complete", partial(expect_complete_prediction, chapter, name)))

    @pytest.mark.parametrize("call", [pytest.param(call, id=label) for label, call in cases])
    def test(call, capfd):
        call()
        captured = capfd.readouterr()
        assert not captured.err, f"expected nothing on stderr, got {captured.err}"

    return test
