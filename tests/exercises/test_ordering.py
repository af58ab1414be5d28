"""Exercises of order: the judge, the text, and the panel with its buttons."""

import pytest
from sentences import says

from course_lib.answers import store as answers
from course_lib.exercises import Chapter, Verdict
from course_lib.exercises.machinery import order
from course_lib.exercises.machinery.order import arrange_function, ordering

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
        _, lines, self.said, buttons, self.verdict, self.problem = self.made.children
        self.rows = {row.children[1].description[0]: row for row in lines.children[:-1]}
        self.check = buttons.children[0]

    def click(self, letters):
        for letter in letters:
            self.rows[letter].children[1].click()

    def up(self, letter):
        return self.rows[letter].children[2]

    def shown(self, in_order):
        rows = {letter: row for letter, row in self.rows.items() if bool(row.children[0].value) is in_order}
        return "".join(sorted(rows, key=lambda letter: int(rows[letter].layout.order)))

    @property
    def order(self):
        return self.shown(True)

    @property
    def left(self):
        return self.shown(False)


@pytest.fixture(autouse=True)
def slow_clicks(monkeypatch):
    monkeypatch.setattr(order, "DOUBLE_CLICK", 0)


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
        ("b a d d", "d stands here 2 times, but once is enough."),
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


def test_clicks_order_the_lines_and_take_them_back(chapter, panel):
    assert (panel.order, panel.left) == ("", "abcd")
    panel.click("bcd")
    assert (panel.order, panel.left) == ("bcd", "a") and "Line d is now number 3." in panel.said.value
    panel.click("c")
    assert (panel.order, panel.left) == ("bd", "ac") and "Line c is out of the order." in panel.said.value
    panel.click("a")
    panel.check.click()
    assert "Not yet" in panel.verdict.children[0].children[1].value
    panel.up("a").click()
    assert panel.order == "bad" and "Line a is now number 2." in panel.said.value
    panel.check.click()
    assert "Right" in panel.verdict.children[0].children[1].value and len(panel.verdict.children) == 1
    assert chapter.kept.done("make-tea") == {"outcome": "right", "tries": 2, "hints": 0, "solution": False}
    assert panel.problem.value == ""


def test_a_line_moves_up_as_often_as_the_button_is_pressed_and_stops_on_top(panel):
    panel.click("abcd")
    for expected in ("abdc", "adbc", "dabc", "dabc"):
        panel.up("d").click()
        assert panel.order == expected
    assert [panel.up(letter).tooltip for letter in "dc"] == ["Move line d up", "Move line c up"]


def test_a_double_click_is_one_click(panel, monkeypatch):
    monkeypatch.setattr(order, "DOUBLE_CLICK", 10)
    panel.click("bbaa")
    assert panel.order == "ba"


def test_what_is_said_is_read_aloud_and_lines_are_shown_as_they_are(panel):
    panel.click("a")
    assert 'role="status"' in panel.said.value
    assert panel.rows["a"].children[1].description == "a  pour(water < 100)"


# From one day to the next


def test_the_order_is_there_after_a_new_kernel(path):
    panel = Panel(Chapter(1, [tea()]))
    assert not path.exists()  # to look leaves nothing behind
    panel.click("dba")
    answers._stores.clear()  # a new kernel
    panel = Panel(Chapter(1, [tea()]))
    assert (panel.order, panel.left) == ("dba", "c")
    assert answers.store().items.keys() == {"1/labs/make-tea"}


@pytest.mark.parametrize("state", ["a a", "a b x", "pour(water)"])
def test_an_order_of_other_lines_is_not_taken(path, state):
    answers.store().put("1/labs/make-tea", {"state": state})
    assert Panel(Chapter(1, [tea()])).left == "abcd"
