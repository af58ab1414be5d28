"""Chapter 3 in a real JupyterLab: it runs without an error, its labs answer, and lines can be ordered from the keyboard."""

import re

from tests.browser.jupyter import Panel

NAME = "notebooks/en/03_algorithms.ipynb"
FOCUSED = "button => button === document.activeElement"


def test_stepper(notebook):
    panel = Panel(notebook, "lab = stepper_lab()")
    panel.press("Next", times=5)
    panel.expect("stop 5 of 13, output error")
    guess = panel.cell.get_by_placeholder("your number")
    guess.fill("-0.0218")
    guess.press("Enter")
    panel.expect("-0.0218 is right")
    panel.expect("\N{CHECK MARK} Goal")
    with panel.new_picture():
        panel.choose("Example", "x = (0, 0), y = 0")
    panel.expect("example x = (0, 0)")
    assert notebook.errors() == []


def test_ordering_from_the_keyboard(notebook):
    panel, page = Panel(notebook, 'arrange("training-step")'), notebook.page
    panel.button("f").focus()
    page.keyboard.press("Enter")
    panel.expect("Line f is in place 6 of 9.")
    for _ in range(6):  # past the letters in rows 7 to 9, Up and Down
        page.keyboard.press("Tab")
    assert panel.button("Leave out").evaluate(FOCUSED)
    page.keyboard.press("Enter")
    panel.expect("Line f is left out: put it back to move it.")
    panel.button("h").focus()
    page.keyboard.press("Space")
    panel.expect("Line h is in place 7 of 8.")
    panel.button("Up").focus()
    for place in (6, 5, 4, 3, 2, 1, 1):
        page.keyboard.press("Space")
        panel.expect(f"Line h is in place {place} of 8.")
        assert panel.button("Up").evaluate(FOCUSED)
    panel.button("Check").click()
    panel.expect("Not yet")
    assert notebook.errors() == []


def test_quick_clicks_move_a_line_as_often(notebook):
    panel = Panel(notebook, 'arrange("training-step")')
    panel.button("i").click()
    place = int(re.search(r"place (\d)", panel.cell.get_by_text("Line i is in place").inner_text())[1])
    up = panel.button("Up")
    up.evaluate("button => { button.click(); button.click(); button.click(); }")
    panel.expect(f"Line i is in place {place - 3} of")
    up.dblclick()
    panel.expect(f"Line i is in place {place - 5} of")
    assert notebook.errors() == []


def test_rises_lab(notebook):
    panel = Panel(notebook, "rises = rises_lab()")
    panel.expect("Epoch 100 of 100, rate 1")
    with panel.new_picture():
        panel.type("5")
    panel.expect("rate 5, examples a step: 4. The loss of all four rose in 14.2% of the epochs")
    panel.expect("\N{CHECK MARK} Goal")
    panel.choose("Examples a step", "1")
    panel.expect("after 67% of the steps")
    panel.press("Watch")
    panel.expect("Epoch 100 of 100")
    panel.press("Other networks")
    panel.expect("Epoch 100 of 100")
    assert notebook.errors() == []
