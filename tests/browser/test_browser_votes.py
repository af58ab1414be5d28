"""Two votes and how sure a reader is, in a real JupyterLab: with the mouse, and with keys alone."""

import pytest

from tests.browser.jupyter import Panel

pytestmark = pytest.mark.slow
CELLS = [
    "from course_lib.exercises.chapter01 import chapter, predict",
    'predict("double-weight")',
    'predict("same-input")',
]
FOCUS = "() => document.activeElement.innerText.trim()"
CHECK = "\N{CHECK MARK}"
CHOSEN = "\N{LEFTWARDS ARROW}"


@pytest.fixture(scope="module")
def notebook(jupyter, tmp_path_factory):
    """The two questions, for a reader who keeps answers and has joined a lesson."""
    notebook = jupyter.open(jupyter.write("votes.ipynb", CELLS).name, window=(1100, 1400))
    file = tmp_path_factory.mktemp("votes") / "answers.json"
    notebook.execute(
        f"import os; os.environ['COURSE_ANSWERS'] = {str(file)!r}\n"
        "from course_lib.exercises.machinery import exercise; exercise.joined = lambda: True"
    )
    notebook.run_all()
    return notebook


def kept(notebook, name):
    """What the answers file holds of a prediction: the choice, the second one, after what, how sure, whether it was replied."""
    fields = "('choice', 'second', 'after', 'sure', 'replied')"
    store = "__import__('course_lib.answers.store', fromlist=['store']).Store(os.environ['COURSE_ANSWERS'])"
    notebook.execute(f"fresh = {store}; fresh.sync()")
    return notebook.value(f"[fresh.items['1/predictions/{name}'].get(field) for field in {fields}]")


def disabled(panel):
    return [panel.option(letter).is_disabled() for letter in "AB"]


def test_two_votes_and_how_sure_with_the_mouse(notebook):
    panel = Panel(notebook, 'predict("double-weight")')
    assert not panel.button("guess").is_visible()
    panel.option("A").click()
    panel.expect("Noted: A. Talk it over; another click is your second vote.")
    panel.button("fairly sure").click()
    panel.button(f"{CHECK} fairly sure").wait_for()
    assert disabled(panel) == [False, False]
    panel.option("B").click()
    panel.expect(f"{CHOSEN} your second vote")
    panel.expect("Noted: B. Run the cells below, and the reply opens here.")
    assert kept(notebook, "double-weight") == ["a", "b", "talk", 2, False]
    notebook.execute("chapter.cell_has_run(chapter.predictions['double-weight'].cells[0])")
    panel.expect("Your prediction stays A, your first choice.")
    panel.button(f"{CHECK} fairly sure").wait_for(state="hidden")
    panel.option("C").click()
    assert kept(notebook, "double-weight") == ["a", "b", "talk", 2, True]
    assert notebook.errors() == []


def test_two_votes_and_how_sure_with_keys_alone(notebook):
    panel, page = Panel(notebook, 'predict("same-input")'), notebook.page
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
    assert kept(notebook, "same-input") == ["a", "b", "talk", 1, False]
    notebook.execute("chapter.cell_has_run(chapter.predictions['same-input'].cells[0])")
    panel.expect("Your prediction stays A, your first choice.")
    assert kept(notebook, "same-input") == ["a", "b", "talk", 1, True]
    assert notebook.errors() == []
