"""Exercises of order: the judge, the text, and the panel with its buttons."""

import pytest
from sentences import says

from course_lib.answers import store as answers
from course_lib.exercises import Chapter, Verdict
from course_lib.exercises.machinery.order import Arrangement, arrange_function, ordering

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


class Panel:
    """The parts of an ordering panel, used as a reader does."""

    def __init__(self, chapter):
        import ipywidgets

        self.made = arrange_function(chapter)("make-tea").panel(ipywidgets)
        _, lines, moves, buttons, self.verdict, self.problem = self.made.children
        self.rows = [row.children for row in lines.children]  # place, button, line
        self.up, self.down, self.toggle, self.place = moves.children
        self.check = buttons.children[0]

    def select(self, letter):
        next(button for _, button, _ in self.rows if button.description == letter).click()

    @property
    def letters(self):
        return "".join(button.description for _, button, _ in self.rows)


@pytest.fixture
def panel(chapter):
    panel = Panel(chapter)
    yield panel
    panel.made.close()


@pytest.mark.parametrize(
    "answer",
    ["b a d", "bad", "B,A,D", " b  a d ", "b->a->d", "b \N{RIGHTWARDS ARROW} a, d", ["b", "a", "d"], ("b", "a", "d")],
)
def test_right_orders(answer):
    assert tea().judge(answer).outcome == Verdict.RIGHT


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("a b d", "Place 1: a is too early. The water is cold."),
        ("b c a d", "c does not belong here. No salt."),
        ("b a", "One is missing: you have 2 of 3."),
        ("d", "2 are missing: you have 1 of 3."),
        ("b a d d", "d stands here 2 times: once is enough."),
        ("b x", "Give letters with spaces between them, from a, b, c, d; got the text 'b x'."),
        ([1, 2], "Give letters with spaces between them, from a, b, c, d; got a list of length 2."),
        (123, "Give letters with spaces between them, from a, b, c, d; got the number 123."),
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


def test_a_name_that_is_missing_is_asked_for_and_not_told():
    made = tea(
        missing={"": "What do you do with hot water?", "d": "How long?"},
        replies={"c": "No salt.", ("c", "a"): "What else goes in?", ("a", "b"): "Cold."},
    )
    for answer, message in {
        "b d": "One is missing: you have 2 of 3. What do you do with hot water?",
        "b a": "One is missing: you have 2 of 3. How long?",
        "d": "2 are missing: you have 1 of 3. What do you do with hot water?",
        "b c d": "c does not belong here. What else goes in?",
        "b a c": "c does not belong here. No salt.",
    }.items():
        assert made.judge(answer).message == message


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
    for letter, by in (("a", -1), ("c", +1)):
        state.select(state.rows.index(letter))
        state.move(by)
        assert state.rows == ["a", "b", "c"]
    state.move(-1)
    state.move(-1)
    state.move(-1)
    assert state.rows == ["c", "a", "b"] and state.selected == "c"


def test_nothing_moves_before_a_line_is_selected():
    state = Arrangement("abc")
    state.move(+1)
    state.toggle()
    assert (state.kept, state.left_out) == (["a", "b", "c"], [])


def test_lines_left_out_stay_below_and_come_back_last():
    state = Arrangement("abc")
    state.select(0)
    state.toggle()
    assert (state.kept, state.left_out, state.selected) == (["b", "c"], ["a"], "a")
    state.move(-1)
    assert state.rows == ["b", "c", "a"]
    state.toggle()
    assert (state.kept, state.left_out) == (["b", "c", "a"], [])


def test_the_buttons_arrange_and_check(chapter, panel):
    assert panel.letters == "abcd"
    panel.select("b")
    panel.up.click()
    panel.select("c")
    panel.toggle.click()
    assert panel.letters == "badc" and "left out" in panel.rows[3][0].value and "line-through" in panel.rows[3][2].value
    assert panel.toggle.description == "Put back"
    panel.select("b")
    panel.down.click()  # wrong
    panel.check.click()
    assert "a is too early" in panel.verdict.children[0].children[0].value
    panel.up.click()  # right
    panel.check.click()
    assert "Right" in panel.verdict.children[0].children[0].value and len(panel.verdict.children) == 1
    assert chapter.answers["exercises"]["make-tea"] == {"outcome": "right", "tries": 2, "hints": 0, "solution": False}
    assert panel.problem.value == ""


def test_each_press_moves_the_same_line(panel):
    panel.select("d")
    panel.up.click()
    panel.up.click()
    assert panel.letters == "adbc"
    assert [panel.rows[1][1].button_style, panel.rows[2][1].button_style] == ["info", ""]


def test_the_panel_says_what_is_selected_and_where_it_stands(panel):
    assert "No line is selected." in panel.place.value and 'role="status"' in panel.place.value
    assert panel.up.disabled and panel.down.disabled and panel.toggle.disabled
    panel.select("b")
    assert "Line b is in place 2 of 4." in panel.place.value and "selected" in panel.rows[1][2].value
    assert not (panel.up.disabled or panel.down.disabled or panel.toggle.disabled)
    panel.up.click()
    panel.up.click()  # at the end the button keeps the focus, and does nothing
    assert "Line b is in place 1 of 4." in panel.place.value and not panel.up.disabled
    panel.toggle.click()
    assert "Line b is left out: put it back to move it." in panel.place.value
    assert panel.up.disabled and panel.down.disabled and not panel.toggle.disabled
    panel.toggle.click()
    assert not (panel.up.disabled or panel.down.disabled)


def test_code_is_escaped(panel):
    assert "pour(water &lt; 100)" in panel.rows[0][2].value


def test_each_button_says_which_line_it_selects(panel):
    assert [row[1].tooltip for row in panel.rows[:2]] == [
        "Select line a: pour(water < 100)",
        "Select line b: boil(water)",
    ]


# From one day to the next


@pytest.fixture
def kept(tmp_path, monkeypatch):
    path = tmp_path / "answers.json"
    monkeypatch.setenv(answers.VARIABLE, str(path))
    yield path
    answers._stores.clear()


def test_the_order_is_there_after_a_new_kernel(kept):
    panel = Panel(Chapter(1, [tea()]))
    assert not kept.exists()  # to look leaves nothing behind
    panel.select("d")
    panel.up.click()
    panel.select("c")
    panel.toggle.click()
    answers._stores.clear()
    panel = Panel(Chapter(1, [tea()]))
    assert panel.letters == "abdc" and "left out" in panel.rows[3][0].value
    assert answers.store().items.keys() == {"1/labs/make-tea"}


def test_an_order_of_all_lines_is_there_after_a_new_kernel(kept):
    panel = Panel(Chapter(1, [tea()]))
    panel.select("d")
    panel.up.click()
    answers._stores.clear()
    assert Panel(Chapter(1, [tea()])).letters == "abdc"


def test_all_lines_left_out_is_an_order_too(kept):
    panel = Panel(Chapter(1, [tea()]))
    for letter in "abcd":
        panel.select(letter)
        panel.toggle.click()
    answers._stores.clear()
    assert all("left out" in place.value for place, _, _ in Panel(Chapter(1, [tea()])).rows)


@pytest.mark.parametrize("state", ["a a", "a b x", "pour(water)"])
def test_an_order_of_other_lines_is_not_taken(kept, state):
    answers.store().put("1/labs/make-tea", {"state": state})
    assert Panel(Chapter(1, [tea()])).letters == "abcd"
