"""In an exam nothing helps: no hint, no solution, no explanation, and of an answer only whether it is right."""

import html
import re
from dataclasses import replace

import ipywidgets
import pytest
from sample_chapter import chapter, hidden_error, make_chapter, without_slope
from test_exercise_display import button, within
from test_ordering import tea

from course_lib.answers.format import parse
from course_lib.exercises import Chapter, Verdict, chapter05b
from course_lib.exercises.machinery import exam
from course_lib.exercises.machinery.order import arrange_function

TOLD = "what the judge says of a mistake"


@pytest.fixture(autouse=True)
def in_an_exam(monkeypatch):
    monkeypatch.setenv(exam.VARIABLE, "1")


def words(text):
    """A text without tags, backticks and blanks, as it is on a page, in a terminal and in a source."""
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", text)).replace("`", "").split())


def text_of(panel):
    return words("".join(f"{getattr(each, 'value', '')} {getattr(each, 'description', '')}" for each in within(panel)))


def help_of(exercise):
    """All that helps with an exercise."""
    slips = [sentence for _, _, sentence in getattr(exercise.judge, "slips", ())]
    sentences = [*exercise.hints, exercise.explanation, exercise.solution, *slips]
    return [words(sentence if sentence == exercise.solution else exercise.says(sentence)) for sentence in sentences]


def expect_no_help(exercise, page):
    assert [each for each in (*help_of(exercise), words(TOLD)) if each in page] == []
    assert not re.search(r"hint\(|Hint\d|solution", page, re.IGNORECASE)


@pytest.mark.parametrize("exercise", [*chapter.exercises.values(), tea()], ids=lambda each: each.name)
def test_no_exercise_says_more_than_right_or_not_yet(exercise):
    """One of each kind: what is shown is the chapter's work. The verdicts made here hold a sentence that must not be seen."""
    for outcome in (Verdict.WRONG, Verdict.NOT_TRIED, Verdict.RIGHT):
        verdict = Verdict(outcome, TOLD, TOLD, "a slip")
        own = Chapter(99, [replace(exercise, judge=lambda answer, verdict=verdict: verdict)])
        own.kept.put("exercises", exercise.name, own.kept.done(exercise.name) | {"hints": 1})  # from the days before
        feedback = own.check(exercise.name, 0)
        assert feedback.outcome == outcome
        for page in (words(repr(feedback)), words(feedback.box.html()), text_of(feedback.panel(ipywidgets))):
            expect_no_help(exercise, page)
        assert (words(exercise.says(exercise.task)) in words(repr(feedback))) == (outcome == Verdict.NOT_TRIED)
        for refused in (own.hint(exercise.name), own.solution(exercise.name)):
            assert "This is an exam: hints and solutions are off." in repr(refused)
            assert not any(each in words(repr(refused)) for each in help_of(exercise))


def test_a_click_on_an_option_is_judged_and_not_answered():
    exercise = chapter.exercises["judge-of-gradients"]
    panel = make_chapter().check(exercise.name).panel(ipywidgets)
    for letter in exercise.options:
        button(within(panel), letter.upper()).click()
        expect_no_help(exercise, text_of(panel))
        assert words("Right" if letter == exercise.right else "Not yet") in text_of(panel)


def test_an_order_is_judged_and_not_answered():
    panel = arrange_function(Chapter(1, [tea()]))("make-tea").panel(ipywidgets)
    for letter in tea().lines:
        button(within(panel), f"{letter}  ").click()
    button(within(panel), "Check").click()
    assert "Notyet" in text_of(panel)
    expect_no_help(tea(), text_of(panel))


def test_the_slip_is_kept_and_nothing_else_is_counted(path):
    chapter = make_chapter()
    chapter.hint("hidden-error")
    chapter.solution("hidden-error")
    assert list(path.parent.iterdir()) == []
    assert repr(chapter.check("hidden-error", without_slope)) == "✗ Not yet: hidden-error"
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert record["slips"] == {"no-slope": 1} and (record["hints"], record["solution"]) == (0, False)
    assert repr(chapter.check("hidden-error", hidden_error)) == "✓ Right: hidden-error"
    assert "Your answer was" not in repr(chapter.check("hidden-error"))


@pytest.mark.parametrize(
    ("value", "is_exam"), [("", False), ("0", False), (" Off ", False), ("1", True), ("yes", True)]
)
def test_it_is_off_unless_it_is_set(monkeypatch, value, is_exam):
    monkeypatch.setenv(exam.VARIABLE, value)
    assert exam.exam() == is_exam
    assert ("without the slope" in repr(make_chapter().check("hidden-error", without_slope))) != is_exam


def test_the_workshop_puts_no_solution_into_the_notebook():
    notebook = {}
    assert "This is an exam" in repr(chapter05b.take("add", notebook)) and notebook == {}
