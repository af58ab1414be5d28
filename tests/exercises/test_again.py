"""Forms of an exercise with other numbers: right by a second way, silent about the answer, one reader's own."""

from functools import cache

import ipywidgets
import numpy as np
import pytest
from exercise_bank import expect, solved
from giveaways import tells_number
from second_ways import WAYS
from test_bank import CHAPTERS
from test_exercise_display import button, click, visible, within

from course_lib.answers import format as file_format
from course_lib.answers import seed, store
from course_lib.board import share
from course_lib.exercises import Chapter
from course_lib.exercises.chapter00b import chapter as refresher
from course_lib.exercises.machinery import exam
from course_lib.exercises.machinery.again import read, written
from course_lib.exercises.machinery.exercise import Verdict

AGAIN = {
    f"{chapter.number}/{e.name}": e for chapter in CHAPTERS for e in chapter.exercises.values() if e.again is not None
}
NUMBERS, READERS = range(2, 6), range(4)


@cache
def forms(name, numbers=NUMBERS, readers=READERS):
    """The forms of so many readers, one reader's after another's number by number."""
    return [AGAIN[name].form(number, reader) for number in numbers for reader in readers]


def facts_of(form):
    return {
        name: float(value) if isinstance(value, str) and name != "letter" else value
        for name, value in form.facts.items()
    }


def parts(value):
    return value if isinstance(value, tuple) else (value,)


def test_most_exercises_have_forms_and_each_of_these_a_second_way():
    assert set(WAYS) == set(AGAIN)
    assert len(AGAIN) >= 40


def expect_right(name, found):
    assert name in WAYS, f'a way "{name}" is to be written into WAYS of tests/exercises/second_ways'
    for form in found:
        again = WAYS[name](**facts_of(form))
        for one, other in zip(parts(form.judge.expected), parts(again), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12, err_msg=form.says(form.task))
        expect(form, written(form.judge.expected), Verdict.RIGHT)


@pytest.mark.parametrize("name", AGAIN)
def test_forms_are_right_by_a_second_way(name):
    expect_right(name, forms(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", AGAIN)
def test_100_more_are_right_by_a_second_way(name):
    expect_right(name, forms(name, range(7, 17), range(100, 110)))


@pytest.mark.parametrize("name", AGAIN)
def test_forms_have_numbers_of_their_own_that_a_pencil_can_do(name):
    found = forms(name)
    tasks = [form.says(form.task) for form in found]
    assert AGAIN[name].says(AGAIN[name].task) not in tasks
    for reader in READERS:
        assert len(set(tasks[reader :: len(READERS)])) >= 3, (
            "another one is often the same one: more values, or a second field"
        )
    assert len(set(tasks)) > len(NUMBERS), "neighbours have the same ones"
    sizes = [np.abs(part) for form in found for part in parts(form.judge.expected)]
    assert all(np.size(each) <= 12 and np.all(each < 1e7) and np.all((each == 0) | (each >= 0.01)) for each in sizes)


@pytest.mark.parametrize("name", AGAIN)
def test_each_slip_is_known_and_no_reply_contains_the_answer(name):
    for form in forms(name)[::2]:
        known = {}
        for slip, value, sentence in form.judge.slips:
            if (
                not any(np.any(~np.isfinite(part)) for part in parts(value))
                and known.setdefault(written(value), slip) == slip
            ):
                verdict = expect(form, written(value), Verdict.WRONG, form.says(sentence))
                assert verdict.slip == slip
        assert len(known) >= 2, f"{form.says(form.task)}: a form has to tell slips apart"
        expected, task = form.judge.expected, form.says(form.task)
        if isinstance(expected, tuple) or np.ndim(expected):
            continue
        early = [form.says(hint) for hint in {form.hints[0], *form.hints[:-1]}]
        told = [text for text in early if tells_number(text, expected, task)]
        for slip, value, _ in form.judge.slips:
            reply = form.judge(value).message
            told += [f"{slip}: {reply}"] if tells_number(reply, expected, f"{task} {written(value)}") else []
        assert not told, f"{expected} is given away by {told}"


@pytest.mark.parametrize("name", AGAIN)
def test_the_solution_of_a_form_runs_and_ends_at_its_number(name):
    form = AGAIN[name].form(2, 1)
    found = solved(form)
    if callable(found):
        assert form.solution.rstrip().endswith(f"# {written(form.judge.expected)}")
    else:
        assert np.isclose(float(found), form.judge.expected)


@pytest.mark.parametrize("name", ["0b/share-wrong", "2/two-paths", "9/enough-trials", "10/one-score"])
def test_an_explanation_that_ends_at_the_answer_has_the_answer_of_its_form(name):
    for form in (AGAIN[name], *forms(name)):
        explanation = form.says(form.explanation)
        assert tells_number(explanation, form.judge.expected), explanation


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5), ("-3/4", -0.75), (" 2 * (3 - 1) ", 4.0), ("[1, 2]", [1.0, 2.0]), ("1, 2", [1.0, 2.0]),
        ("[[1], [-2]]", [[1.0], [-2.0]]), ("１．５", 1.5), ("【1，2】", [1.0, 2.0]), ("x", "x"), ("", ""), ("1/0", "1/0"),
        ("True", "True"), ("9**9", "9**9"), ("__import__('os')", "__import__('os')"), ("(" * 5000, "(" * 5000),
        ("[1]*9", "[1]*9"), ("'a'", "'a'"), ("1j", "1j"), ("\u20131", -1.0), (r"'\d'", r"'\d'"),
        ("-" * 5000 + "1", "-" * 5000 + "1"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_as_numbers_and_nothing_is_run(text, value, recwarn):
    assert read(text) == value and not recwarn


@pytest.mark.parametrize("name", ["0b/share-wrong", "0b/slope", "3/by-hand"])
def test_a_field_for_one_number_takes_brackets_and_speaks_of_no_quotation_marks(name):
    form = AGAIN[name].form(2, 1)
    expect(form, f"[[{written(form.judge.expected)}]]", Verdict.RIGHT)
    for text in ("[1, 2]", "1, 2]", ",", "array([1., 2.])", "3x4"):
        assert "quotation marks" not in form.judge(text).message
    assert "a comma makes several" in form.judge("1，5").message


@pytest.mark.parametrize("name", ["3/by-hand", "4/hidden-delta"])
def test_what_is_rounded_too_much_is_called_so(name):
    form = AGAIN[name].form(2, 1)
    expect(form, written(np.round(form.judge.expected, 3)), Verdict.WRONG, "rounded too much")
    assert "rounded" not in form.judge(written(np.multiply(1.07, form.judge.expected))).message


@pytest.mark.parametrize("number", [chapter.number for chapter in CHAPTERS])
def test_what_is_typed_with_commas_is_one_answer(number, path):
    """Results one after the other are right, and a number with a decimal comma is told how it is written."""
    (bank,) = [chapter for chapter in CHAPTERS if chapter.number == number]
    chapter = Chapter(number, bank.exercises.values())
    names = [*chapter.exercises, *(f"{e.name} 2" for e in chapter.exercises.values() if e.again is not None)]
    for name, expected in [(name, getattr(chapter.exercise(name).judge, "expected", None)) for name in names]:
        if isinstance(expected, tuple) or np.ndim(expected):
            assert chapter.check(name, *expected).outcome == Verdict.RIGHT
            many = [0, 5] * sum(map(np.size, parts(expected)))
            assert "A decimal number has a point, as in 0.5" in repr(chapter.check(name, *many))
        elif expected is not None or name == "valley-rate":
            assert "a comma makes several of it" in repr(chapter.check(name, 0, 95))
            chapter.check(name, (0, 95))
            kept = store.store().items[chapter.key("exercises", name)]
            assert (kept["answer"], kept["tries"]) == ("(0, 95)", 2), "typed either way it is kept alike"
        elif name in chapter.exercises:
            tried = chapter.check(name, len, 2)
            assert tried.outcome == Verdict.NOT_TRIED and "one answer, got 2" in repr(tried)
            assert chapter.key("exercises", name) not in store.store().items


def test_no_number_reads_as_another_one():
    assert written(1234567.0) == "1234567" and written(320.0001) == "320.0001" and written(1 / 3) == "0.333333"


def test_truth_values_and_texts_are_no_numbers_and_rows_of_an_array_are_results():
    layer, multiply = AGAIN["0b/layer"].form(2, 1), AGAIN["5b/multiply"].form(2, 1)
    expect(layer, [[str(each) for each in layer.judge.expected[0]]], Verdict.WRONG, "Expected numbers")
    expect(layer, [[True, False]], Verdict.WRONG, "Expected numbers")
    expect(layer, [[10**400, 1]], Verdict.WRONG, "Expected numbers")
    expect(multiply, np.array(multiply.judge.expected), Verdict.RIGHT)


@pytest.fixture
def chapter(path):
    return type(refresher)("0b", refresher.exercises.values())


def test_a_reader_keeps_the_numbers(chapter):
    assert chapter.exercise("slope 2").facts == chapter.exercises["slope"].form(2).facts


def test_another_one_comes_after_a_right_answer_and_is_answered_in_its_field(chapter):
    assert 'check("slope 2")' not in repr(chapter.check("slope", lambda x, h: 0.0))
    feedback = chapter.check("slope", lambda x, h: ((x + h) ** 3 - x**3) / h)
    assert 'check("slope 2")' in repr(feedback)
    root = feedback.panel(ipywidgets)
    click(within(root), "Another one like this")
    widgets = within(root.children[-1])
    (field,) = [each for each in widgets if isinstance(each, ipywidgets.Text)]
    expected = chapter.exercise("slope 2").judge.expected
    field.value = "abc"
    assert "such as" in visible(widgets)
    assert chapter.kept.done("slope 2")["tries"] == 0
    field.value = "0"
    click(widgets, "Check")  # what was judged already is not judged again
    assert chapter.kept.done("slope 2")["tries"] == 1
    field.value = written(expected)
    assert chapter.kept.done("slope 2")["outcome"] == Verdict.RIGHT
    assert button(within(root.children[-1]), "Another one like this") and chapter.next_form("slope") == "slope 3"
    kept = store.store().items
    assert kept["0b/exercises/slope 2"]["tries"] == kept["0b/exercises/slope"]["tries"] == 2
    later = type(refresher)("0b", refresher.exercises.values())
    assert later.next_form("slope") == "slope 3" and later.exercise("slope 2").judge.expected == expected


def test_names_of_forms_that_are_none_get_the_usual_sentence(chapter):
    for name in ("slope 1", "slope 02", "slope  2", "slope 100", "slope 2 2", "no 2", "slope ２", " 2"):
        assert chapter.exercise(name) is None and "expected one of the names" in repr(chapter.check(name, 1))


def test_after_the_last_form_comes_none(chapter):
    assert chapter.next_form("slope 98") == "slope 99" and chapter.next_form("slope 99") == ""


def test_an_exam_has_one_form(chapter, monkeypatch):
    monkeypatch.setenv("COURSE_EXAM", "1")
    assert exam.exam() and chapter.next_form("slope") == chapter.next_form("slope 2") == ""
    for call in (chapter.check, chapter.hint, chapter.solution):
        assert "expected one of the names" in repr(call("slope 2"))
    assert "slope 2" not in repr(chapter.check("slope", lambda x, h: ((x + h) ** 3 - x**3) / h))


def test_the_board_hears_of_first_forms_alone(chapter, monkeypatch):
    told = []
    monkeypatch.setattr("course_lib.exercises.machinery.memory.tell", lambda key, summary: told.append(key))
    chapter.check("slope 2", 0)
    chapter.check("slope", lambda x, h: 0.0)
    assert told == ["0b/exercises/slope"]


def test_a_lesson_that_is_joined_hears_of_first_forms_alone(chapter, monkeypatch, tmp_path):
    told = []
    seat = {"seat": "s", "lesson": "l"}
    monkeypatch.setattr(share, "_path", lambda: tmp_path / "board.json")
    monkeypatch.setattr(share, "_ask", lambda *_: (200, seat))
    monkeypatch.setattr(share, "tell", lambda key, summary: told.append(key))
    chapter.check("slope 2", 0)
    chapter.check("slope", lambda x, h: 0.0)
    share.join("127.0.0.1/abcdef")
    assert told == ["0b/exercises/slope"]


def test_of_two_merged_copies_the_older_seed_stays_and_no_answer_stands_below_other_numbers(chapter):
    old, new = ({"state": state, "when": f"2026-11-0{state}T00:00:00+00:00"} for state in "12")
    assert file_format.combined(seed.KEY, old, new) == file_format.combined(seed.KEY, new, old) == old
    store.store().put(seed.KEY, {"state": "1"})
    chapter.check("slope 2", written(chapter.exercise("slope 2").judge.expected))
    store.store().put(seed.KEY, {"state": "2"})
    elsewhere = type(refresher)("0b", refresher.exercises.values())
    assert "You solved this on" in repr(elsewhere.check("slope 2"))
    assert "Your answer was" not in repr(elsewhere.check("slope 2"))
