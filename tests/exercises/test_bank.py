"""Every exercise and prediction of every chapter: complete, silent about its answer, and true to its table of slips."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from exercise_bank import (
    expect,
    expect_broken,
    expect_complete,
    expect_complete_prediction,
    expect_silent,
    expect_slips,
    solved,
)

from course_lib import exercises, frameworks
from course_lib.exercises import Verdict
from course_lib.exercises.machinery import limits, reader_code
from course_lib.exercises.machinery.order import Ordering

CHAPTERS = [
    importlib.import_module(f"course_lib.exercises.{path.stem}").chapter
    for path in sorted(Path(exercises.__file__).parent.glob("chapter*.py"))
]
ALL = [
    pytest.param(each, id=f"{chapter.number}/{each.name}")
    for chapter in CHAPTERS
    for each in chapter.exercises.values()
    if each.name != "port-cnn" or frameworks.pytorch.installed  # elsewhere it is not judged
]
PREDICTIONS = [(chapter, name) for chapter in CHAPTERS for name in chapter.predictions]


def code_of(judge):
    return getattr(judge, "__wrapped__", judge).__code__


def kinds():
    """One exercise for each kind of judge; a judge that measures what an answer achieves is a kind of its own."""
    found = {}
    for parameter in ALL:
        (exercise,) = parameter.values
        code = code_of(exercise.judge)
        found.setdefault((code, exercise.name) if "run" in code.co_freevars else code, parameter)
    return list(found.values())


@pytest.mark.parametrize("exercise", ALL)
def test_an_exercise_is_complete_and_its_solution_right(exercise, capfd, monkeypatch):
    """And no judge needs half a second of a right answer at once."""
    monkeypatch.setattr(reader_code, "limited", lambda action: limits.limited(action, seconds=0.5))
    expect_complete(exercise)
    assert not capfd.readouterr().err


@pytest.mark.parametrize("exercise", ALL)
def test_nothing_gives_the_answer_away(exercise):
    expect_silent(exercise)


@pytest.mark.parametrize("exercise", [each for each in ALL if hasattr(each.values[0].judge, "slips")])
def test_each_slip_gets_its_own_sentence_and_name(exercise, capfd):
    expect_slips(exercise)
    assert not capfd.readouterr().err


@pytest.mark.parametrize("exercise", [each for each in ALL if isinstance(each.values[0], Ordering)])
def test_each_line_that_stands_wrong_gets_its_own_sentence_and_name(exercise):
    """One that does not belong, put first, and one that comes right before what it needs."""
    order = [*solved(exercise).split()]
    for name, sentence in exercise.judge.sentences.items():
        first, _, then = name.partition(" before ")
        rest = [letter for letter in order if letter != first]
        place = rest.index(then) if then else 0
        verdict = expect(exercise, [*rest[:place], first, *rest[place:]], Verdict.WRONG, exercise.says(sentence))
        assert verdict.slip == name


def test_the_commonest_slips_can_be_told_in_words_for_most_exercises():
    """A judge without sentences shows a class no more than how many went another way."""
    silent = [
        exercise.name
        for (exercise,) in (parameter.values for parameter in ALL)
        if not hasattr(exercise.judge, "slips") and not hasattr(exercise.judge, "sentences")
    ]
    assert set(silent) <= {"repair", "greedy", "port", "port-cnn"}


def test_every_judge_that_knows_slips_shows_them():
    """Else nobody would try them above."""
    judges = [parameter.values[0].judge for parameter in ALL]
    assert [j for j in judges if "wrong" in code_of(j).co_freevars and not hasattr(j, "slips")] == []


@pytest.mark.parametrize("exercise", kinds())
def test_what_is_blank_is_not_tried_and_what_is_broken_is_not_right(exercise, capfd):
    expect_broken(exercise)
    assert not capfd.readouterr().err


@pytest.mark.parametrize(("chapter", "name"), PREDICTIONS, ids=[name for _, name in PREDICTIONS])
def test_a_prediction_is_complete(chapter, name):
    expect_complete_prediction(chapter, name)


def test_no_habit_of_guessing_finds_the_right_option_of_a_prediction_more_often_than_chance():
    """Always the same letter; the longest, the shortest option; the only one with, or without, a reason."""
    predictions = [chapter.predictions[name] for chapter, name in PREDICTIONS]

    def only_one(options, has_reason):
        found = [letter for letter, text in options.items() if ("because" in text) == has_reason]
        return found[0] if len(found) == 1 else None

    habits = {letter: lambda options, letter=letter: letter if letter in options else None for letter in "abcd"} | {
        "the longest": lambda options: max(options, key=lambda letter: len(options[letter])),
        "the shortest": lambda options: min(options, key=lambda letter: len(options[letter])),
        "the only one with a reason": lambda options: only_one(options, True),
        "the only one without a reason": lambda options: only_one(options, False),
    }
    for habit, guess in habits.items():
        guessed = [(each, guess(each.options)) for each in predictions if guess(each.options)]
        chances = np.array([1 / len(each.options) for each, _ in guessed])
        right = sum(each.right == letter for each, letter in guessed)
        most = chances.sum() + 2.6 * np.sqrt(
            (chances * (1 - chances)).sum()
        )  # of 200 pages without a habit, one has more
        assert right <= most, f"{habit}: {right} of {len(guessed)} are right, by chance {chances.sum():.0f}"
