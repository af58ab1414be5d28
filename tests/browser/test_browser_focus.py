"""The keyboard in a real JupyterLab: who presses a button that has done its work goes on from its row, not from the top."""

import re

import pytest
from artists import contrast

from tests.browser.jupyter import Panel

pytestmark = pytest.mark.slow
CELLS = [
    "from course_lib.exercises.chapter03 import arrange, chapter, check, predict\nfrom course_lib.labs import graph_lab",
    'check("by-hand")',
    'predict("where-it-ends")',
    'arrange("training-step")',
    "lab = graph_lab()\nlab",
    "from course_lib.exercises.chapter01 import chapter as first, predict as vote\nfrom course_lib.board import share",
    'vote("same-input")',
]
CHECK, CHOSEN = "\N{CHECK MARK}", "\N{LEFTWARDS ARROW}"
FOCUS = "() => document.activeElement.innerText.trim()"


@pytest.fixture(scope="module")
def notebook(jupyter):
    notebook = jupyter.open(jupyter.write("focus.ipynb", CELLS).name, window=(1100, 2600))
    notebook.run_all()
    return notebook


def press(panel, label):
    """Press a button with Enter."""
    button = panel.button(label)
    button.focus()
    button.press("Enter")


def next_stop(panel):
    """What the next Tab reaches, once the focus is in the panel, on nothing that can be pressed."""
    panel.page.wait_for_function(
        "cell => cell.contains(document.activeElement) && document.activeElement.matches('.widget-box')",
        arg=panel.cell.element_handle(),
        timeout=10_000,
    )
    panel.page.keyboard.press("Tab")
    return panel.page.evaluate(FOCUS)


def test_after_the_last_hint_comes_the_solution(notebook):
    panel = Panel(notebook, "check(")
    total = notebook.value('len(chapter.exercises["by-hand"].hints)')
    for number in range(1, total):
        press(panel, f"Hint {number} of {total}")
        panel.button(f"Hint {number + 1} of {total}").wait_for()
        assert notebook.page.evaluate(FOCUS) == f"Hint {number + 1} of {total}"
    press(panel, f"Hint {total} of {total}")
    assert next_stop(panel) == "Show solution"


def test_a_prediction_and_a_second_thought_from_the_keyboard(notebook):
    """Tab and Enter choose; the focus stays on the choice, and the reply opens when the cell that answers has run."""
    panel, page = Panel(notebook, "predict("), notebook.page
    panel.option("B").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    panel.expect("Noted: A. Run the cells below, and the reply opens here.")
    assert page.evaluate(FOCUS).endswith(f"{CHOSEN} your prediction")
    assert [panel.option(letter).is_disabled() for letter in "ABC"] == [False, True, True]
    notebook.execute("chapter.cell_has_run('where-it-ends')")
    panel.cell.get_by_role("status").get_by_text("Right").wait_for(timeout=10_000)
    assert page.evaluate(FOCUS).endswith(f"{CHOSEN} your prediction")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    panel.cell.get_by_role("status").get_by_text("Your prediction stays A").wait_for(timeout=10_000)


def test_two_votes_and_how_sure_from_the_keyboard(notebook):
    """Of a reader who has joined a lesson."""
    notebook.execute("share.joined = lambda: True")
    notebook.run("vote(")
    panel, page = Panel(notebook, "vote("), notebook.page
    panel.option("A").focus()
    page.keyboard.press("Enter")
    panel.expect("Noted: A. Talk it over; another click is your second vote.")
    assert page.evaluate(FOCUS).endswith(f"{CHOSEN} your prediction")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    panel.expect(f"{CHOSEN} your second vote")
    assert page.evaluate(FOCUS).startswith("B") and page.evaluate(FOCUS).endswith(f"{CHOSEN} your second vote")
    while page.evaluate(FOCUS) != "guess":
        page.keyboard.press("Tab")
        assert panel.cell.locator("button:focus").count() == 1
    for level in ("fairly sure", "sure"):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) == level
    page.keyboard.press("Enter")
    panel.button(f"{CHECK} sure").wait_for()
    assert page.evaluate(FOCUS) == f"{CHECK} sure"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    panel.button(f"{CHECK} guess").wait_for()
    notebook.execute("first.cell_has_run(first.predictions['same-input'].cells[0])")
    panel.expect("Your prediction stays A, your first choice.")
    made = notebook.value("first.kept.said('same-input')")
    assert made == {"choice": "a", "second": "b", "after": "talk", "sure": 1, "replied": True}
    assert notebook.errors() == []


def test_lines_are_ordered_from_the_keyboard(notebook):
    panel, page = Panel(notebook, "arrange("), notebook.page
    panel.option("b").focus()
    for letter, number in (("b", 1), ("c", 2), ("d", 3)):
        page.keyboard.press("Enter")
        panel.expect(f"Line {letter} is now number {number}.")
        assert page.evaluate(FOCUS).startswith(f"{letter} ")
        while not page.evaluate(FOCUS).startswith(f"{chr(ord(letter) + 1)} "):
            page.keyboard.press("Tab")
    panel.cell.get_by_title("Move line d up").press("Enter")
    panel.expect("Line d is now number 2.")
    panel.cell.get_by_title("Move line d up").press("Enter")
    panel.expect("Line d is now number 1.")
    tops = [panel.option(letter).bounding_box()["y"] for letter in "dbca"]
    assert tops == sorted(tops)
    panel.option("a").dblclick()
    panel.expect("Line a is now number 4.")
    panel.button("Check").press("Enter")
    panel.expect("Not yet")


def test_after_the_last_step_forward_comes_the_first_one_back(notebook):
    panel = Panel(notebook, "lab = graph_lab()")
    while not notebook.settle("lab.model.forward_done"):
        press(panel, "Forward step")
    assert next_stop(panel) == "Backward step"


def test_a_button_that_goes_with_its_row_leaves_the_focus_to_the_panel(notebook):
    """As the line does that offers to go back to where the reader was another day."""
    notebook.execute(
        "from ipywidgets import Button, HBox\nline = HBox([Button(description='Go back')])\n"
        "line.children[0].on_click(lambda _: setattr(line.layout, 'display', 'none'))\n"
        "lab.panel.children = (line, *lab.panel.children)"
    )
    panel = Panel(notebook, "lab = graph_lab()")
    press(panel, "Go back")
    next_stop(panel)
    assert panel.cell.locator("select").first.evaluate("first => document.activeElement === first")


OUTLINE = """node => {
    const style = getComputedStyle(node), paper = getComputedStyle(node.closest('.jp-Notebook')).backgroundColor;
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, paper];
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_the_focus_stands_out_from_the_paper(notebook, dark):
    lab, task = Panel(notebook, "lab = graph_lab()"), Panel(notebook, "check(")
    controls = {
        "button": lab.button("Reset"),
        "list": lab.cell.locator("select").first,
        "number": lab.cell.locator("input[type=text]").first,
        "button of an exercise": task.button("Show solution"),
    }
    try:
        notebook.theme(dark)
        for what, control in controls.items():
            notebook.page.keyboard.press("Shift")  # the keyboard is in use
            control.focus()
            line, width, colour, paper = control.evaluate(OUTLINE)
            assert (line, width) == ("solid", "2px"), what
            shares = [[int(part) / 255 for part in re.findall(r"\d+", each)[:3]] for each in (colour, paper)]
            assert contrast(*shares) > 3, (what, colour, paper)
    finally:
        notebook.theme(False)
