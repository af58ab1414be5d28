"""Exercises of order: the judge, the text, and the panel with its buttons."""

import pytest
from sentences import says

from course_lib.exercises import Chapter, Verdict
from course_lib.exercises.ordering import Arrangement, arrange_function, ordering

VIEW = "application/vnd.jupyter.widget-view+json"


def tea(**changes):
    fields = {
        "name": "make-tea", "task": "Put the lines in order.",
        "lines": {"a": "pour(water < 100)", "b": "boil(water)", "c": "add(salt)", "d": "wait(3)"},
        "order": "b a d",
        "replies": {"c": "No salt.", ("a", "b"): "The water is cold."},
        "hints": ("Hot water first.",), "explanation": "Tea needs hot water.",
    }  # fmt: skip
    return ordering(**fields | changes)


@pytest.fixture
def chapter():
    return Chapter(1, [tea()])


@pytest.fixture
def panel(chapter):
    """The panel's parts: rows of (place, up, down, toggle, line), the check button, the verdict."""
    import ipywidgets

    made = arrange_function(chapter)("make-tea").panel(ipywidgets)
    _, lines, buttons, verdict, problem = made.children
    yield [row.children for row in lines.children], buttons.children[0], verdict, problem
    made.close()


def letters(rows):
    return "".join(line.value.split("&ensp;")[1] for *_, line in rows)


@pytest.mark.parametrize("answer", ["b a d", "bad", "B,A,D", " b  a d ", ["b", "a", "d"], ("b", "a", "d")])
def test_right_orders(answer):
    assert tea().judge(answer).outcome == Verdict.RIGHT


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("a b d", "Place 1: a is too early. The water is cold."),
        ("b c a d", "c does not belong here. No salt."),
        ("b a", "Expected d once, got it 0 times."),
        ("b a d d", "Expected d once, got it 2 times."),
        ("b x", "Expected some of the letters a, b, c, d, got b, x."),
        (3, "Expected a list of names, got the number 3."),
    ],
)
def test_wrong_orders(answer, message):
    verdict = tea().judge(answer)
    assert (verdict.outcome, verdict.message) == (Verdict.WRONG, message)


@pytest.mark.parametrize("blank", [..., None])
def test_blanks(blank):
    assert tea().judge(blank).outcome == Verdict.NOT_TRIED


def test_the_solution_lists_the_lines():
    assert tea().solution == 'make_tea = "b a d"\n# b  boil(water)\n# a  pour(water < 100)\n# d  wait(3)\n'


def test_each_line_needs_a_place_or_a_reply():
    message = "ordering make-tea: expected each line in the order or with a reply, got 'b a'"
    says(ValueError, message, lambda: tea(order="b a"))
    says(ValueError, message.replace("b a", "b a d e"), lambda: tea(order="b a d e"))


def test_the_text_shows_all_lines_and_how_to_answer(chapter):
    shown = arrange_function(chapter)("make-tea")
    assert "    a  pour(water < 100)\n    b  boil(water)\n" in repr(shown)
    assert '`check("make-tea", "a b c ...")`' in repr(shown)
    html = shown._repr_mimebundle_()["text/html"]
    assert "a  pour(water &lt; 100)" in html and "d  wait(3)" in html


def test_unknown_names(chapter):
    for name in ("tea", 3, None):
        assert "Expected one of the names make-tea" in repr(arrange_function(chapter)(name))


def test_without_widgets(chapter, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    bundle = arrange_function(chapter)("make-tea")._repr_mimebundle_()
    assert VIEW not in bundle and "wait(3)" in bundle["text/html"]


def test_lines_stop_at_both_ends():
    state = Arrangement("abc")
    assert state.move(0, -1) == 0 and state.move(2, +1) == 2 and state.rows == ["a", "b", "c"]
    assert state.move(0, +1) == 1 and state.rows == ["b", "a", "c"]


def test_lines_left_out_stay_below_and_come_back_last():
    state = Arrangement("abc")
    assert state.toggle(0) == 2 and (state.kept, state.left_out) == (["b", "c"], ["a"])
    assert state.move(2, -1) == 2 and state.move(1, +1) == 1 and state.rows == ["b", "c", "a"]
    assert state.toggle(2) == 2 and (state.kept, state.left_out) == (["b", "c", "a"], [])


def test_the_buttons_arrange_and_check(chapter, panel):
    rows, check, verdict, problem = panel
    assert letters(rows) == "abcd"
    rows[1][1].click()  # b up
    rows[2][3].click()  # c out
    assert letters(rows) == "badc" and "left out" in rows[3][0].value and "line-through" in rows[3][4].value
    assert (rows[3][1].disabled, rows[3][2].disabled, rows[3][3].description) == (True, True, "Put back")
    rows[0][2].click()  # b down: wrong
    check.click()
    assert "a is too early" in verdict.children[0].children[0].value
    rows[0][2].click()  # a down: right
    check.click()
    assert "Right" in verdict.children[0].children[0].value and len(verdict.children) == 1
    assert chapter.answers["exercises"]["make-tea"] == {"outcome": "right", "tries": 2, "hints": 0, "solution": False}
    assert problem.value == ""


def test_the_ends_keep_the_focus_and_do_nothing(panel):
    rows, *_ = panel
    rows[0][1].click()
    rows[3][2].click()
    assert letters(rows) == "abcd" and not rows[0][1].disabled and not rows[3][2].disabled


def test_code_is_escaped(panel):
    rows, *_ = panel
    assert "pour(water &lt; 100)" in rows[0][4].value


def test_each_button_says_which_line_it_moves(panel):
    rows, *_ = panel
    tips = [part.tooltip for part in rows[1][1:4]]
    assert tips == ["Move line b up", "Move line b down", "Leave line b out"]
