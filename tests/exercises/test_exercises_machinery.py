"""Exercises, predictions and chapters: what authors may write, what is remembered, and what a slip is."""

import pytest
from sample_chapter import hidden_error, make_chapter, without_slope

from course_lib.answers import store as answers
from course_lib.exercises import Chapter, Exercise, Prediction, Verdict
from course_lib.exercises.machinery import judges
from course_lib.exercises.machinery.letter import letter_exercise
from course_lib.exercises.machinery.slips import patched


@pytest.fixture
def chapter():
    return make_chapter()


def exercise(**changes):
    fields = {
        "name": "one-half",
        "task": "Give one half.",
        "judge": judges.number(0.5, "Which half?"),
        "hints": ("Divide.",),
        "solution": "one_half = 1 / 2",
        "explanation": "One of two parts.",
    }
    return Exercise(**fields | changes)


def prediction(**changes):
    fields = {
        "name": "coin",
        "question": "Heads or tails?",
        "options": {"a": "heads", "b": "tails"},
        "right": "a",
        "replies": {"a": "It was heads.", "b": "Look again."},
    }
    return Prediction(**fields | changes)


def letters(options, right="b"):
    return letter_exercise("one-half", "Which is half?", options, right, ("Divide.",), "One of two parts.")


# What authors may write


@pytest.mark.parametrize("options, right", [
    ({"a": ("1/2", "Yes.")}, "a"),
    ({"a": ("1/2", "Yes."), "c": ("2", "No.")}, "a"),
    ({"a": ("2", "No."), "b": ("1/2", "Yes.")}, "c"),
])  # fmt: skip
def test_a_letter_exercise_that_cannot_work(options, right):
    with pytest.raises(
        ValueError, match=r"exercise one-half: expected options a, b, \.\.\. and the right one among them"
    ):
        letters(options, right)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "One Half"}, "exercise: expected a name like `hidden-error`, got 'One Half'"),
        ({"name": "one_half"}, "exercise: expected a name like `hidden-error`, got 'one_half'"),
        ({"hints": ()}, "exercise one-half: expected a tuple of one to three hints"),
        ({"hints": ("a", "b", "c", "d")}, "exercise one-half: expected a tuple of one to three hints"),
        ({"hints": "Divide."}, "exercise one-half: expected a tuple of one to three hints"),
        ({"solution": "half = 1 / 2"}, "exercise one-half: expected a solution that defines one_half, got none"),
        ({"task": " "}, "exercise one-half: expected a sentence, got ' '"),
        ({"explanation": None}, "exercise one-half: expected a sentence, got None"),
        ({"task": "Give $1/2$."}, "exercise one-half: expected paired backticks and no $ in 'Give $1/2$.'"),
        ({"task": "Give `1/2."}, "exercise one-half: expected paired backticks and no $ in 'Give `1/2.'"),
        ({"hints": ("A {dict}.",)}, "exercise one-half: expected doubled braces in 'A {dict}.'"),
        ({"hints": ("Open {",)}, "exercise one-half: expected doubled braces in 'Open {'"),
    ],
)
def test_an_exercise_that_cannot_work(changes, sentence):
    with pytest.raises(ValueError) as caught:
        exercise(**changes)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "exercise: expected a name like `hidden-error`, got ''"),
        ({"options": {"a": "heads"}}, "prediction coin: expected options a, b, ..., got ['a']"),
        ({"options": {"A": "heads", "B": "tails"}}, "prediction coin: expected options a, b, ..., got ['A', 'B']"),
        ({"right": "c"}, "prediction coin: expected the right letter to be one of a, b, got 'c'"),
        ({"replies": {"a": "It was."}}, "prediction coin: expected a reply for each of a, b, got replies for a"),
        ({"question": "Is it $x$?"}, "exercise coin: expected paired backticks and no $ in 'Is it $x$?'"),
    ],
)
def test_a_prediction_that_cannot_work(changes, sentence):
    with pytest.raises(ValueError) as caught:
        prediction(**changes)
    assert str(caught.value) == sentence


def test_a_name_that_occurs_twice():
    for exercises, predictions in (([exercise()] * 2, []), ([exercise()], [prediction(name="one-half")])):
        with pytest.raises(ValueError, match=r"^chapter 3: one-half occurs twice$"):
            Chapter(3, exercises, predictions)


# What the reader does


def test_tries_count_and_the_best_outcome_stays(chapter):
    seen = []
    for answer in (..., without_slope, hidden_error, without_slope, None):
        chapter.check("hidden-error", answer)
        done = chapter.kept.done("hidden-error")
        seen.append((done["tries"], done["outcome"]))
    assert seen == [(0, "not tried"), (1, "wrong"), (2, "right"), (2, "right"), (2, "right")]


def test_hints_come_one_after_the_other(chapter):
    texts = [repr(chapter.hint("step-order")) for _ in range(3)]
    assert [text.splitlines()[0] for text in texts] == [
        "→ Hint 1 of 2: step-order",
        "→ Hint 2 of 2: step-order",
        "→ Hint 2 of 2: step-order",
    ]
    assert texts[0].splitlines()[1] == "What does the step need?"
    assert 'hint("step-order")' in texts[0]
    assert 'solution("step-order")' in texts[1]
    assert chapter.kept.done("step-order")["hints"] == 2


def test_the_first_choice_is_the_prediction_and_another_one_after_the_reply_the_second_thought(chapter):
    assert "Noted: A. Run the cells below." in repr(chapter.predict("rate-zero", " A "))
    assert chapter.predict("rate-zero", " A ").outcome == Verdict.WRONG
    assert chapter.predict("rate-zero", "a").outcome == Verdict.WRONG  # the same again is no second thought
    assert chapter.kept.said("rate-zero") == {"choice": "a", "replied": True}
    second = chapter.predict("rate-zero", "b")
    assert second.outcome == Verdict.RIGHT
    assert "Your prediction stays A, your first choice." in repr(second)
    chapter.predict("rate-zero", "c")  # only a look at its reply
    said = {"choice": "a", "replied": True, "second": "b", "after": "reply"}
    assert chapter.kept.said("rate-zero") == said


def test_who_was_right_needs_no_second_thought(chapter):
    for letter in ("b", "b", "c"):
        chapter.predict("rate-zero", letter)
    assert chapter.kept.said("rate-zero") == {"choice": "b", "replied": True}


def test_when_the_cell_has_run_the_reply_comes_with_the_choice(chapter):
    chapter.cell_has_run("another-cell")
    assert "has run already" not in repr(chapter.predict("rate-zero"))
    chapter.cell_has_run("two-losses")
    assert repr(chapter.predict("rate-zero")).splitlines()[-2:] == [
        "The cell that answers has run already. Say what you expected all the same.",
        'Commit to one letter before you go on, for example `predict("rate-zero", "a")`.',
    ]
    reply = repr(chapter.predict("rate-zero", "b"))
    assert chapter.kept.said("rate-zero") == {"choice": "b", "replied": True}
    assert reply == repr(make_chapter().reply("rate-zero", "b"))


@pytest.mark.parametrize("letter", ["b", "B", "(b)", " b) ", ["b"]])
def test_a_letter_may_be_written_as_in_the_list(chapter, letter):
    assert "Noted: B" in repr(chapter.predict("rate-zero", letter))
    assert chapter.predict("rate-zero", letter).outcome == Verdict.RIGHT


@pytest.mark.parametrize("letter", ["d", "", 2, ..., ["a", "b"]])
def test_an_unknown_letter_commits_to_nothing(chapter, letter):
    text = repr(chapter.predict("rate-zero", letter))
    assert "Expected one of the letters a, b, c in quotation marks, got" in text
    assert chapter.kept.said("rate-zero")["choice"] == ""


@pytest.mark.parametrize("function", range(4))
@pytest.mark.parametrize("name", ["hiden-error", None, hidden_error, ["angle"]])
def test_an_unknown_name_gets_the_known_ones(chapter, function, name):
    text = repr(chapter.functions[function](name))
    known = "rate-zero" if function == 3 else "angle, judge-of-gradients, step-order, hidden-error"
    assert f"expected one of the names {known}" in text
    assert answers.kept().items == {}


# A slip is a patch of the solution

HALF = "def half(x):\n    y = x / 2\n    return y\n"


@pytest.mark.parametrize(("way", "source"), [
    ({"/ 2": "* 2"}, "def half(x):\n    y = x * 2\n    return y\n"),
    ({"y": "z", "/ 2": "* 2"}, "def half(x):\n    z = x * 2\n    return z\n"),
    ("if x:\n    return x", "def half(x):\n    if x:\n        return x"),
    ("def half(x): return x", "def half(x): return x"),
])  # fmt: skip
def test_a_slip_is_a_patch_or_other_lines_or_all_of_the_source(way, source):
    assert patched(HALF, way) == source


def test_a_patch_of_what_the_solution_does_not_have_is_refused():
    with pytest.raises(ValueError, match="expected a piece of the solution, got '/ 3'"):
        patched(HALF, {"/ 3": "/ 2"})
