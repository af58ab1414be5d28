"""What a chapter remembers of its reader, from one kernel to the next, and what the board of a class is told of it."""

from datetime import datetime

import ipywidgets
import pytest
from sample_chapter import hidden_error, without_slope
from test_exercise_display import Reader, options, panel, visible

from course_lib.answers import store as answers
from course_lib.answers.format import LONGEST, parse, to_bytes
from course_lib.board import share
from course_lib.exercises.machinery import memory

EXERCISE = {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}
DAY = "2026-11-{:02}T08:00:00+00:00"


# A new kernel


def test_a_new_kernel_knows_what_was_done(new_kernel):
    chapter = new_kernel()
    chapter.predict("rate-zero", "c")
    chapter.check("hidden-error", without_slope)
    chapter.hint("hidden-error")
    chapter.check("hidden-error", hidden_error)
    chapter.solution("angle")

    again = new_kernel()
    assert "Noted: C" in repr(again.predict("rate-zero"))
    assert again.kept.done("hidden-error") == {"outcome": "right", "tries": 2, "hints": 1, "solution": False}
    assert again.kept.done("angle")["solution"]
    assert "Hint 2 of 3" in repr(again.hint("hidden-error"))
    assert "Your prediction stays C, your first choice." in repr(again.predict("rate-zero", "b"))


def test_a_solved_exercise_is_shown_as_solved_with_the_answer(new_kernel):
    new_kernel().check("hidden-error", hidden_error)
    feedback = new_kernel().check("hidden-error")
    day = answers.now().astimezone().date().isoformat()
    assert feedback.outcome == "not tried"
    assert repr(feedback).startswith("✓ Solved before: hidden-error")
    assert f"You solved this on {day}. Your answer was:" in repr(feedback)
    assert "return delta2 @ W2.T * a1 * (1 - a1)" in repr(feedback)
    wrong = new_kernel().check("hidden-error", without_slope)
    assert wrong.outcome == "wrong" and "You solved this" in repr(wrong)


def test_a_solved_exercise_whose_answer_was_not_kept_says_when_alone(new_kernel, path):
    new_kernel().check("hidden-error", hidden_error)
    items = parse(path.read_bytes())
    items["99/exercises/hidden-error"]["answer"] = ""
    path.write_bytes(to_bytes(items))
    day = answers.now().astimezone().date().isoformat()
    shown = repr(new_kernel().check("hidden-error"))
    assert f"You solved this on {day}." in shown and "Your answer was" not in shown


def test_a_wrong_answer_never_replaces_the_right_one(new_kernel, path):
    chapter = new_kernel()
    chapter.check("hidden-error", hidden_error)
    chapter.check("hidden-error", without_slope)
    chapter.solution("hidden-error")
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert (record["outcome"], record["tries"], record["solution"]) == ("right", 1, False)  # what came before counts
    assert "def hidden_error" in record["answer"] and "slips" not in record


def unknown_mistake(delta2, W2, a1):
    return 3 * a1


def test_the_name_of_a_slip_is_kept_with_the_wrong_answer(new_kernel, path):
    def record():
        return parse(path.read_bytes())["99/exercises/hidden-error"]

    chapter = new_kernel()
    chapter.check("hidden-error", without_slope)
    assert (record()["outcome"], record()["slip"]) == ("wrong", "no-slope") and "answer" in record()
    chapter.hint("hidden-error")
    assert record()["slip"] == "no-slope"
    chapter.check("hidden-error", unknown_mistake)
    assert record()["outcome"] == "wrong" and "slip" not in record()
    chapter.check("hidden-error", without_slope)
    chapter.check("hidden-error", hidden_error)
    assert record()["outcome"] == "right" and "slip" not in record()


@pytest.mark.parametrize("longest", [LONGEST, 10], ids=["the text is kept", "the text is too long"])
def test_each_wrong_answer_counts_its_slip_until_one_is_right(new_kernel, path, monkeypatch, longest):
    monkeypatch.setattr(memory, "LONGEST", longest)
    chapter, another = new_kernel(), new_kernel()
    chapter.check("hidden-error", without_slope)
    chapter.check("hidden-error", unknown_mistake)
    chapter.check("hidden-error", ...)
    chapter.hint("hidden-error")
    another.check("hidden-error", without_slope)
    chapter.check("hidden-error", without_slope)
    another.check("hidden-error", unknown_mistake)
    another.check("hidden-error", hidden_error)
    chapter.check("hidden-error", without_slope)  # to see what happens
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert record["slips"] == {"no-slope": 3, "": 2}
    assert (record["outcome"], record["tries"]) == ("right", 6) and "slip" not in record


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the time of this day, in UTC."""

    def set_to(time):
        monkeypatch.setattr(answers, "now", lambda: datetime.fromisoformat(f"2026-11-20T{time}+00:00"))

    set_to("08:00:00")
    return set_to


def test_when_it_was_first_looked_at_and_when_it_was_solved_stay(new_kernel, path, clock):
    def times(key):
        record = parse(path.read_bytes())[key]
        return [record.get(field, "")[11:16] for field in ("first", "solved", "when")]

    chapter, key = new_kernel(), "99/exercises/hidden-error"
    chapter.check("hidden-error")
    clock("08:05:00")
    chapter.check("hidden-error", without_slope)
    assert times(key) == ["08:00", "", "08:05"]
    clock("08:20:00")
    chapter.check("hidden-error", hidden_error)
    assert times(key) == ["08:00", "08:20", "08:20"]
    clock("09:00:00")
    for each in (chapter, new_kernel()):
        each.hint("hidden-error")
        each.check("hidden-error", without_slope)
        each.check("hidden-error", hidden_error)
    assert times(key) == ["08:00", "08:20", "09:00"]
    chapter.predict("rate-zero")
    clock("09:10:00")
    chapter.predict("rate-zero", "a")
    assert times("99/predictions/rate-zero") == ["09:00", "", "09:10"]


def test_the_day_that_is_told_is_the_day_of_solving(new_kernel, path, clock):
    new_kernel().check("hidden-error", hidden_error)
    items = parse(path.read_bytes())
    items["99/exercises/hidden-error"]["when"] = DAY.format(28)
    path.write_bytes(to_bytes(items))
    assert "You solved this on 2026-11-20." in repr(new_kernel().check("hidden-error"))


def test_what_was_solved_under_an_old_course_is_not_solved_again(new_kernel, path, clock):
    path.write_bytes(to_bytes({"99/exercises/angle": EXERCISE | {"outcome": "right", "when": DAY.format(10)}}))
    new_kernel().hint("angle")
    assert "solved" not in parse(path.read_bytes())["99/exercises/angle"]


def test_hints_and_options_that_this_course_does_not_have_are_not_shown(new_kernel, path):
    old = {"when": DAY.format(10)}
    votes = ({"choice": "h", "replied": True}, {"choice": "a", "replied": True, "second": "h", "sure": 2})
    for vote, left in zip(votes, ({"choice": "", "replied": False}, {"choice": "a", "replied": True}), strict=True):
        exercise = EXERCISE | {"hints": 9} | old
        path.write_bytes(to_bytes({"99/exercises/hidden-error": exercise, "99/predictions/rate-zero": vote | old}))
        chapter = new_kernel()
        assert "(3 of 3 given)" in repr(chapter.check("hidden-error"))
        chapter.check("hidden-error").panel(ipywidgets)
        assert chapter.kept.said("rate-zero") == left


@pytest.mark.parametrize("replied", [False, True])
@pytest.mark.parametrize("by", ["typing", "click"])
def test_who_has_the_letter_of_another_version_is_asked_anew_and_gets_the_reply_in_its_time(
    by, replied, new_kernel, path
):
    path.write_bytes(
        to_bytes({"99/predictions/rate-zero": {"choice": "h", "replied": replied, "when": DAY.format(10)}})
    )
    chapter = new_kernel()
    reply = chapter.predictions["rate-zero"].replies["a"]
    widgets = panel(chapter.predict("rate-zero"))
    assert "Click what you expect" in visible(widgets) and "Noted" not in visible(widgets)
    said = options(widgets)["a"].click() if by == "click" else repr(chapter.predict("rate-zero", "a"))
    assert "Noted: A" in (visible(widgets) if by == "click" else said) and Reader(reply).text not in visible(widgets)
    chapter.cell_has_run("two-losses")
    assert Reader(reply).text in visible(widgets) and reply in repr(chapter.predict("rate-zero", "a"))
    options(widgets)["b"].click()
    assert chapter.kept.said("rate-zero")["second"] == "b"


# Predictions, and a class that talks them over


@pytest.fixture
def join(monkeypatch):
    """A function that joins a lesson (True) or leaves it; at first it is left."""

    def set_to(value):
        monkeypatch.setattr(share, "joined", lambda: value)

    set_to(False)
    return set_to


@pytest.fixture
def told(monkeypatch):
    """What the board is told: (item, summary), in order."""
    messages = []
    monkeypatch.setattr(memory, "tell", lambda item, summary: messages.append((item, summary)))
    return messages


def said(chapter):
    """Of the prediction: the choice, the second one, after what, and how sure."""
    done = chapter.kept.said("rate-zero")
    return [done.get(field) for field in ("choice", "second", "after", "sure")]


def test_a_second_vote_counts_from_the_choice_to_the_reply_and_only_in_a_lesson(new_kernel, join):
    chapter = new_kernel()
    join(True)
    chapter.rethink("rate-zero", "b")  # before the first one
    join(False)
    chapter.commit("rate-zero", "a")
    chapter.rethink("rate-zero", "b")
    assert said(chapter) == ["a", None, None, None]
    join(True)
    for letter in "bcb":
        chapter.rethink("rate-zero", letter)
        assert said(chapter) == ["a", letter, "talk", None]
    another = new_kernel()
    another.rethink("rate-zero", "a")
    assert said(another) == said(chapter) == ["a", None, None, None]
    chapter.rethink("rate-zero", "c")
    assert chapter.talks("rate-zero")
    chapter.reply("rate-zero", "a")
    assert not chapter.talks("rate-zero")
    for each in (chapter, new_kernel()):
        each.rethink("rate-zero", "b")
        each.reply("rate-zero", "b")
        assert said(each) == ["a", "c", "talk", None]


def test_to_type_a_letter_again_shows_the_reply_in_a_lesson_too(new_kernel, join):
    join(True)
    chapter = new_kernel()
    chapter.predict("rate-zero", "a")
    assert "Not what happens" in repr(chapter.predict("rate-zero", "c"))
    assert said(chapter) == ["a", None, None, None]
    chapter.predict("rate-zero", "b")
    assert said(chapter) == ["a", "b", "reply", None]


def test_how_sure_somebody_is_may_change_until_the_reply_is_read(new_kernel):
    chapter = new_kernel()
    chapter.sure("rate-zero", 3)
    assert said(chapter) == ["", None, None, None]
    chapter.commit("rate-zero", "a")
    for level in (3, 1, 2):
        chapter.sure("rate-zero", level)
    assert said(new_kernel())[-1] is None  # it has not looked yet
    another = new_kernel()
    answers.kept().sync()
    assert said(another) == said(chapter) == ["a", None, None, 2]
    chapter.reply("rate-zero", "a")
    another.sure("rate-zero", 3)
    assert said(another)[-1] == said(chapter)[-1] == 2


@pytest.mark.parametrize("kept", ["a file", "no file"])
def test_the_board_is_told_the_whole_state_of_an_item(new_kernel, told, monkeypatch, kept):
    if kept == "no file":
        monkeypatch.setenv(answers.VARIABLE, answers.OFF)
    chapter, item = new_kernel(), "99/exercises/hidden-error"
    state = {"right": False, "tries": 1, "hints": 0, "solution": False, "slips": {"no-slope": 1}}
    chapter.check("hidden-error")
    assert told == []
    chapter.check("hidden-error", without_slope)
    chapter.hint("hidden-error")
    chapter.check("hidden-error", unknown_mistake)
    chapter.check("hidden-error", hidden_error)
    assert told == [
        (item, state),
        (item, state | {"hints": 1}),
        (item, state | {"hints": 1, "tries": 2, "slips": {"no-slope": 1, "": 1}}),
        (item, state | {"hints": 1, "tries": 3, "slips": {"no-slope": 1, "": 1}, "right": True}),
    ]


def test_the_board_is_told_votes_and_not_what_is_clicked_once_the_reply_is_read(new_kernel, told, join):
    join(True)
    chapter, item = new_kernel(), "99/predictions/rate-zero"
    chapter.commit("rate-zero", "a")
    chapter.sure("rate-zero", 3)
    chapter.rethink("rate-zero", "c")
    chapter.rethink("rate-zero", "a")
    chapter.reply("rate-zero", "a")
    votes = [
        (item, {"first": "a"}),
        (item, {"first": "a", "sure": 3}),
        (item, {"first": "a", "sure": 3, "second": "c"}),
        *[(item, {"first": "a", "sure": 3})] * 2,
    ]
    assert told == votes
    chapter.reply("rate-zero", "b")
    assert told == votes and said(chapter) == ["a", "b", "reply", 3]


def test_what_comes_as_it_is_leaves_no_file(new_kernel, path):
    chapter = new_kernel()
    chapter.predict("rate-zero")._repr_mimebundle_()
    for name in chapter.exercises:
        chapter.check(name, ...)._repr_mimebundle_()
    assert list(path.parent.iterdir()) == []
