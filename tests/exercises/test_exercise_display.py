"""What a reader sees: complete text, calm and valid HTML, panels whose buttons work, and all of it without widgets."""

import subprocess
import sys
from html.parser import HTMLParser

import ipywidgets
import pytest
from kernels import kernel, texts
from sample_chapter import hidden_error, make_chapter, without_slope

from course_lib import text
from course_lib.answers import store as answers
from course_lib.board import share
from course_lib.exercises import Chapter, Exercise
from course_lib.exercises.machinery import display, judges

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
VOID = {"br", "hr", "img"}
VEIL = "rgba(128, 128, 128, "  # grey that lets the page's own background through


@pytest.fixture
def chapter():
    return make_chapter()


def every_feedback():
    """One of each kind, from a new kernel: what is shown must not depend on anything but the calls."""
    answers.kept().items.clear()
    chapter = make_chapter()
    return {
        "question": chapter.predict("rate-zero"),
        "refuted": chapter.reply("rate-zero", "a"),
        "confirmed": chapter.predict("rate-zero", "b"),
        "noted": chapter.predict("rate-zero"),
        "letter": chapter.check("judge-of-gradients"),
        "letter solved": chapter.check("judge-of-gradients", "b"),
        "letter solution": chapter.solution("judge-of-gradients"),
        "unknown letter": chapter.predict("rate-zero", "x"),
        "not tried": chapter.check("hidden-error"),
        "wrong": chapter.check("hidden-error", without_slope),
        "right": chapter.check("hidden-error", hidden_error),
        "hint": chapter.hint("hidden-error"),
        "solution": chapter.solution("hidden-error"),
        "unknown name": chapter.check("nothing"),
    }


class Reader(HTMLParser):
    """Fails on tags that are not closed in order; collects tags with attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data


# Text


def test_a_wrong_answer_as_text(chapter):
    assert repr(chapter.check("hidden-error", without_slope)) == (
        "✗ Not yet: hidden-error\n"
        "In case 1 of 2, entry [0, 0]: expected 0.08, got 0.5. This is what you get without the slope `a1 * (1 - a1)`.\n"
        "\n"
        "    delta2 = [[0.5]]\n"
        "    W2 = [[ 1.],\n"
        "          [-2.]]\n"
        "    a1 = [[0.2, 0.6]]\n"
        "    expected = [[ 0.08, -0.24]]\n"
        "    got = [[ 0.5, -1. ]]\n"
        "\n"
        '`hint("hidden-error")` gives a hint (0 of 3 given), `solution("hidden-error")` shows the solution.'
    )


def test_a_right_answer_as_text(chapter):
    assert repr(chapter.check("hidden-error", hidden_error)) == (
        "✓ Right: hidden-error\n"
        "Your function and the reference agree; cases compared: 2.\n"
        "The chain rule has one factor for the weights and one for the activation."
    )


def test_an_open_exercise_as_text_repeats_the_task(chapter):
    assert repr(chapter.check("fast-rate")) == (
        "○ Not tried yet: fast-rate\n"
        "Choose a rate that brings w below 0.001 within ten steps.\n"
        "Replace the `...` with your answer.\n"
        '`hint("fast-rate")` gives a hint (0 of 1 given), `solution("fast-rate")` shows the solution.'
    )


def test_a_question_as_text(chapter):
    assert repr(chapter.predict("rate-zero")) == (
        "? Your prediction: rate-zero\n"
        "What does the loss do with a learning rate of 0?\n"
        "  A  It falls slowly.\n"
        "  B  It stays where it is.\n"
        "  C  It is `nan`.\n"
        'Commit to one letter before you go on, for example `predict("rate-zero", "a")`.'
    )


def test_a_solution_as_text_can_be_run(chapter):
    lines = repr(chapter.solution("hidden-error")).splitlines()
    namespace = {}
    exec("\n".join(line[4:] for line in lines if line.startswith("    ")), namespace)
    assert chapter.check("hidden-error", namespace["hidden_error"]).outcome == "right"


def test_doubled_braces_are_single_when_shown(chapter):
    assert "below {0.001} in time" in repr(chapter.check("fast-rate", 0.5))


# HTML


def test_html_is_valid_says_what_the_text_says_and_is_the_same_after_the_same_calls():
    second = every_feedback()
    for kind, feedback in every_feedback().items():
        bundle, other = feedback._repr_mimebundle_(), second[kind]._repr_mimebundle_()
        for mime in ("text/plain", "text/html"):
            assert bundle[mime] == other[mime] and "0x" not in bundle[mime], kind
        reader = Reader(bundle["text/html"])
        words = "".join(bundle["text/plain"].replace("`", "").replace(": ", "", 1).split())
        assert "".join(reader.text.replace(" · ", "", 1).split()) == words, kind
        assert reader.tags[0][1]["role"] == "status"
        assert {tag for tag, _ in reader.tags} <= {"div", "p", "pre", "code", "strong"}
        assert {name for _, attributes in reader.tags for name in attributes} <= {"style", "role"}
        for _, attributes in reader.tags:  # text in a colour of its own would vanish in one of the two themes
            rules = dict(rule.strip().split(": ", 1) for rule in attributes.get("style", "").split(";") if rule)
            assert rules.get("color", "inherit") in ("inherit", "var(--jp-content-font-color1, inherit)")
            assert rules.get("background-color", VEIL).startswith(VEIL)


def test_each_outcome_has_an_edge_of_its_own_beside_its_sign():
    feedback = every_feedback()
    edges = {feedback[kind].box.html().split("solid ")[1][:7] for kind in ("right", "wrong", "not tried")}
    assert len(edges) == 3


def test_what_readers_write_is_escaped():
    tag = "<img src=x onerror=alert(1)>"
    made = Exercise("tag", f"Not {tag}", judges.number(1, "How many?"), (f"`{tag}`",), "tag = 1  # <b>", "a < b & c")
    chapter = Chapter(1, [made])
    for feedback in (chapter.check("tag", tag), chapter.check("tag"), chapter.hint("tag"), chapter.solution("tag")):
        html = feedback.box.html()
        assert {name for name, _ in Reader(html).tags} <= {"div", "p", "pre", "code", "strong"}
    assert "a &lt; b &amp; c" in chapter.solution("tag").box.html()


# Panels


def panel(feedback):
    """The widgets of a panel, all levels, in order."""
    return within(feedback.panel(ipywidgets))


def within(root):
    """A widget and those in it, all levels, in order."""
    found, waiting = [], [root]
    while waiting:
        widget = waiting.pop(0)
        found.append(widget)
        waiting = [*getattr(widget, "children", ()), *waiting]
    return found


def button(widgets, label):
    return next(w for w in widgets if isinstance(w, ipywidgets.Button) and w.description.startswith(label))


def visible(widgets):
    """The text of what a panel shows."""
    htmls = [w for w in widgets if isinstance(w, ipywidgets.HTML) and w.layout.display != "none"]
    return "".join(Reader(w.value).text for w in htmls)


def click(widgets, label):
    found = button(widgets, label)
    assert not found.disabled, f"{label} is disabled"
    found.click()


def test_check_and_predict_have_a_panel_and_hints_do_not():
    with_view = {kind for kind, shown in every_feedback().items() if WIDGET_VIEW in shown._repr_mimebundle_()}
    assert with_view == {"question", "noted", "not tried", "wrong", "right", "letter", "letter solved"}


def test_hints_one_by_one_then_the_solution(chapter):
    widgets = panel(chapter.check("hidden-error"))
    assert "Not tried yet" in visible(widgets)
    assert 'hint("hidden-error")' not in visible(widgets)
    assert button(widgets, "Show solution").disabled
    for number in (1, 2, 3):
        assert button(widgets, "Hint").description == f"Hint {number} of 3"
        click(widgets, "Hint")
        assert f"Hint {number} of 3" in visible(widgets)
    assert button(widgets, "Hint").disabled
    assert "return back" not in visible(widgets)
    click(widgets, "Show solution")
    assert "return back * a1 * (1 - a1)" in visible(widgets)
    assert button(widgets, "Show solution").disabled
    assert chapter.kept.done("hidden-error") == {"outcome": "not tried", "tries": 0, "hints": 3, "solution": True}


def test_of_several_hints_the_last_one_is_read_aloud(chapter):
    widgets = panel(chapter.check("hidden-error"))
    for number in (1, 2, 3):
        click(widgets, "Hint")
        (shown,) = (w.value for w in widgets if isinstance(w, ipywidgets.HTML) and "Hint 1 of 3" in w.value)
        assert shown.count('role="status"') == 1
        assert f"Hint {number} of 3" in shown.split('role="status"')[1]


def test_a_try_opens_the_solution_and_hints_stay_shown(chapter):
    chapter.hint("hidden-error")
    widgets = panel(chapter.check("hidden-error", without_slope))
    assert "Hint 1 of 3" in visible(widgets)
    assert button(widgets, "Hint").description == "Hint 2 of 3"
    click(widgets, "Show solution")
    assert "return back" in visible(widgets)


def test_a_right_answer_needs_no_hints(chapter):
    widgets = panel(chapter.check("hidden-error", hidden_error))
    assert [w.description for w in widgets if isinstance(w, ipywidgets.Button)] == ["Show solution"]


def options(widgets):
    """{letter: button} of the options of a panel."""
    found = [w for w in widgets if isinstance(w, ipywidgets.Button) and display.OPTION in w._dom_classes]
    return {w.description[0].lower(): w for w in found}


def test_one_click_is_the_prediction_and_the_cell_that_answers_opens_the_reply(chapter):
    widgets = panel(chapter.predict("rate-zero"))
    choices = options(widgets)
    assert [choice.description.split()[0] for choice in choices.values()] == ["A", "B", "C"]
    assert "It is nan." in choices["c"].description
    choices["a"].click()
    assert chapter.kept.said("rate-zero") == {"choice": "a", "replied": False}
    assert "Noted: A. Run the cells below." in visible(widgets)
    assert choices["a"].description.endswith("\N{LEFTWARDS ARROW} your prediction")
    assert [choice.disabled for choice in choices.values()] == [False, True, True]
    assert "weights would have to change" not in visible(widgets)
    chapter.cell_has_run("two-losses")
    assert "✗ Not what happens" in visible(widgets) and "weights would have to change" in visible(widgets)
    assert chapter.kept.said("rate-zero") == {"choice": "a", "replied": True}


def test_where_no_page_tells_of_cells_a_button_opens_the_reply(chapter):
    widgets = panel(chapter.predict("rate-zero"))
    assert button(widgets, "Show the reply").layout.display == "none"
    options(widgets)["b"].click()
    assert button(widgets, "Show the reply").layout.display == ""
    click(widgets, "Show the reply")
    assert "✓ Right" in visible(widgets) and button(widgets, "Show the reply").layout.display == "none"


def test_after_the_reply_a_second_thought_is_kept_apart(chapter):
    widgets = panel(chapter.predict("rate-zero"))
    choices = options(widgets)
    choices["a"].click()
    chapter.cell_has_run("two-losses")
    assert "Having seen it, what do you say now?" in visible(widgets)
    assert not any(choice.disabled for choice in choices.values())
    choices["b"].click()
    assert chapter.kept.said("rate-zero") == {
        "choice": "a",
        "replied": True,
        "second": "b",
        "after": "reply",
    }
    assert [choice.description.partition("\N{LEFTWARDS ARROW} ")[2] for choice in choices.values()] == [
        "your prediction",
        "your second thought",
        "",
    ]
    assert "✓ Right" in visible(widgets) and "Your prediction stays A" in visible(widgets)
    choices["c"].click()
    assert "prints a finite loss" in visible(widgets)
    assert chapter.kept.said("rate-zero")["second"] == "b"


def levels(widgets):
    """The buttons that say how sure a reader is, and whether they can be seen."""
    row = next(w for w in widgets if isinstance(w, ipywidgets.HBox))
    return row.children[1:], row.layout.display != "none"


def test_how_sure_a_reader_is_can_be_said_from_the_choice_to_the_reply(chapter):
    widgets = panel(chapter.predict("rate-zero"))
    (guess, fairly, sure), shown = levels(widgets)
    assert not shown
    options(widgets)["a"].click()
    assert levels(widgets)[1] and [each.description for each in (guess, fairly, sure)] == [
        "guess",
        "fairly sure",
        "sure",
    ]
    fairly.click()
    sure.click()
    assert [each.description for each in (guess, fairly, sure)] == ["guess", "fairly sure", "\N{CHECK MARK} sure"]
    assert chapter.kept.said("rate-zero")["sure"] == 3
    widgets = panel(chapter.predict("rate-zero"))
    assert levels(widgets)[0][2].description == "\N{CHECK MARK} sure" and levels(widgets)[1]
    chapter.cell_has_run("two-losses")
    chapter.sure("rate-zero", 1)
    assert not levels(widgets)[1] and chapter.kept.said("rate-zero")["sure"] == 3


def test_in_a_lesson_another_click_is_the_second_vote(chapter, monkeypatch):
    monkeypatch.setattr(share, "joined", lambda: True)
    widgets = panel(chapter.predict("rate-zero"))
    choices = options(widgets)
    choices["a"].click()
    assert "Noted: A. Talk it over; another click is your second vote." in visible(widgets)
    assert not any(choice.disabled for choice in choices.values())
    choices["c"].click()
    assert "Noted: C. Run the cells below." in visible(widgets)
    marks = [choice.description.partition("\N{LEFTWARDS ARROW} ")[2] for choice in choices.values()]
    assert marks == ["your prediction", "", "your second vote"]
    choices["a"].click()
    assert "Noted: A. Talk it over" in visible(widgets)
    choices["b"].click()
    assert "Not what happens" not in visible(widgets) and "Right" not in visible(widgets)
    chapter.cell_has_run("two-losses")
    assert "✓ Right" in visible(widgets) and "Your prediction stays A" in visible(widgets)
    choices["c"].click()
    assert chapter.kept.said("rate-zero") == {
        "choice": "a",
        "replied": True,
        "second": "b",
        "after": "talk",
    }


def test_a_panel_that_is_shown_again_goes_on_where_the_reader_was(chapter):
    chapter.commit("rate-zero", "b")
    assert "Noted: B." in visible(panel(chapter.predict("rate-zero")))
    chapter.reply("rate-zero", "b")
    assert "✓ Right" in visible(panel(chapter.predict("rate-zero")))


def test_a_prediction_whose_cell_has_run_is_made_all_the_same(chapter):
    widgets = panel(chapter.predict("rate-zero"))
    chapter.cell_has_run("two-losses")
    assert "The cell that answers has run already." in visible(widgets)
    options(widgets)["a"].click()
    assert "✗ Not what happens" in visible(widgets)


def test_who_has_buttons_is_not_told_what_to_type(chapter):
    for shown in (chapter.predict("rate-zero"), chapter.check("judge-of-gradients")):
        assert "(&quot;" in shown._repr_mimebundle_()["text/html"] or '("' in shown._repr_mimebundle_()["text/html"]
        widgets = panel(shown)
        assert '("' not in visible(widgets)
        options(widgets)["a"].click()
        assert '("' not in visible(widgets)


def test_beside_the_result_stands_whether_it_was_expected_and_a_way_to_the_reply(chapter):
    prediction = chapter.predictions["rate-zero"]
    box = display.outcome_box(prediction, "a", "wrong", '"><img src=x>')
    assert "Not what happens" in box.text() and "It falls slowly." in box.text()
    assert prediction.replies["a"] not in box.text()  # it speaks of "the next cell", and stands above that
    assert [attributes["href"] for tag, attributes in Reader(box.html()).tags if tag == "a"] == [
        '#cell-id="><img src=x>'
    ]
    assert "<a" not in display.outcome_box(prediction, "b", "right").html()


def test_a_letter_exercise_is_answered_by_a_click_as_often_as_one_likes(chapter):
    widgets = panel(chapter.check("judge-of-gradients"))
    choices = options(widgets)
    assert "What shows that a gradient is right?" in visible(widgets) and "Not tried" not in visible(widgets)
    assert "numerical_gradient" in choices["b"].description and "`" not in choices["b"].description
    choices["a"].click()
    assert "✗ Not yet" in visible(widgets) and "Wrong gradients train as well" in visible(widgets)
    assert choices["a"].description.endswith("your answer") and not choices["b"].disabled
    assert not button(widgets, "Show solution").disabled
    choices["b"].click()
    assert "✓ Right" in visible(widgets) and "Wrong gradients train as well" not in visible(widgets)
    assert chapter.kept.done("judge-of-gradients") == {"outcome": "right", "tries": 2, "hints": 0, "solution": False}


def test_a_letter_without_quotation_marks_is_not_called_a_number(chapter):
    for answer in (0.75, chapter, ...):
        text = repr(chapter.check("judge-of-gradients", answer))
        assert "got" not in text and 'in quotation marks, for example `check("judge-of-gradients", "a")`' in text


def test_panels_follow_what_is_done_elsewhere(chapter):
    widgets = panel(chapter.check("hidden-error"))
    chapter.hint("hidden-error")
    click(widgets, "Hint")
    assert chapter.kept.done("hidden-error")["hints"] == 2
    assert button(widgets, "Hint").description == "Hint 3 of 3"


def test_an_error_in_a_callback_is_shown_in_the_panel(chapter, monkeypatch):
    widgets = panel(chapter.check("hidden-error"))

    def broken(name):
        raise RuntimeError("the file is <gone>")

    monkeypatch.setattr(chapter, "hint", broken)
    click(widgets, "Hint")
    assert "RuntimeError" in visible(widgets)
    assert "the file is <gone>" in visible(widgets)
    monkeypatch.undo()
    click(widgets, "Hint")
    assert "RuntimeError" not in visible(widgets)


def test_there_is_no_output_widget_and_each_label_shows_in_full(chapter):
    for feedback in (chapter.check("hidden-error"), chapter.predict("rate-zero")):
        for widget in panel(feedback):
            assert not isinstance(widget, ipywidgets.Output)
            if hasattr(getattr(widget, "style", None), "description_width") and widget.description:
                assert widget.style.description_width == "initial"


# Without widgets


def test_without_ipywidgets_everything_works_as_text(chapter, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # import ipywidgets raises ImportError
    for feedback in every_feedback().values():
        assert set(feedback._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert 'solution("hidden-error")' in chapter.check("hidden-error")._repr_mimebundle_()["text/html"]


def test_broken_widgets_do_no_harm(chapter, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("no comm")

    monkeypatch.setattr(ipywidgets, "VBox", broken)
    assert set(chapter.check("hidden-error")._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_ipywidgets_is_imported_only_when_a_panel_is_shown():
    program = (
        "import sys; from sample_chapter import *; print(check('angle', 1)); print(predict('rate-zero'))\n"
        "assert not {'ipywidgets', 'IPython', 'matplotlib'} & set(sys.modules), sorted(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "✗ Not yet: angle" in result.stdout
    assert result.stderr == ""


# In a kernel

CELLS = [
    'predict("rate-zero")',
    'def hidden_error(delta2, W2, a1):\n    ...\n\ncheck("hidden-error", hidden_error)',
    'def hidden_error(delta2, W2, a1):\n    back = delta2 @ W2\n    return back\n\ncheck("hidden-error", hidden_error)',
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A function that runs a cell in a kernel and gives its messages; cell: its id, if the page tells of ids, as JupyterLab
    does, and nbclient and nbval do not: stored outputs depend on none."""
    with kernel(cwd=str(tmp_path_factory.mktemp("notebook"))) as messages:
        messages("from sample_chapter import check, predict")
        yield messages


def test_an_output_holds_text_html_and_a_panel_and_names_the_line_of_the_readers_cell(run):
    shown = []
    for source in CELLS:
        data = [content["data"] for kind, content in run(source) if kind == "execute_result"]
        assert [sorted(each) for each in data] == [[WIDGET_VIEW, "text/html", "text/plain"]]
        shown.append(data[0]["text/plain"])
    assert "B  It stays where it is." in shown[0]
    assert shown[1].startswith("○ Not tried yet: hidden-error")
    assert "It stopped in line 2, `back = delta2 @ W2`, with ValueError" in shown[2]


def test_a_page_that_names_its_cells_is_told_which_predictions_they_answer(run):
    def shown(source, cell=None):
        return texts(run(source, cell))

    shown("0.25, 0.25")
    shown("1 / 0", "two-losses")  # failed: shows nothing
    assert "has run already" not in shown('predict("rate-zero")', "question")
    shown("0.25, 0.25", "two-losses")
    assert "has run already" in shown('predict("rate-zero")', "question")
    assert "Not what happens" in shown('predict("rate-zero", "a")', "question")
    assert "Not what happens" in shown("0.25, 0.25", "two-losses")  # beside the result
    assert "Not what happens" not in shown("0.25, 0.25", "another-cell")


def test_a_cell_that_is_run_again_is_known_by_its_id(run):
    """Its source may have changed, as a reader's answer does from run to run; another cell's may be the same."""

    def execute(cell, source):
        found = run(source, cell)
        assert "error" not in dict(found), found
        return texts(found)

    def count():
        return int(execute("count", "import ipywidgets\nprint(len(ipywidgets.widget._instances))"))

    none = count()
    execute("a", 'check("angle")')
    one = count() - none
    for answer in (1, 2, 3):
        execute("a", f'check("angle", {answer})')
    assert count() - none == one > 0
    execute("b", 'check("angle", 3)')  # the source of cell a
    assert count() - none == 2 * one


# In another language


class Backwards:
    """A catalogue that "translates" each sentence, so that one that passes `say` by is seen."""

    def get(self, message, default):
        return f"<{message}>"


def test_every_sentence_passes_through_say(monkeypatch):
    monkeypatch.setattr(text, "_sentences", Backwards())
    for kind, feedback in every_feedback().items():
        plain = repr(feedback)
        title, *lines = [line for line in plain.splitlines() if line and not line.startswith("    ")]
        assert title[2] == "<", f"{kind}: {title}"
        for line in lines:
            assert line.strip().removeprefix("A  ").removeprefix("B  ").removeprefix("C  ").startswith("<"), (
                f"{kind}: {line}"
            )
