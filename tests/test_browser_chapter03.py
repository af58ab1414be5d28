"""Chapter 3 in a real JupyterLab: it runs without an error, its labs answer, and lines can be ordered from the keyboard."""

from tests.jupyter import Panel

NAME = "notebooks/en/03_algorithms.ipynb"
FOCUS_IN_ROW = """([row, title]) => {
    const buttons = [...document.querySelectorAll('button[title^="Move line"][title$="up"]')];
    return buttons.indexOf(document.activeElement) === row && document.activeElement.title === title;
}"""


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
    panel.button("Leave out", 5).focus()  # line f
    page.keyboard.press("Enter")
    panel.expect("left out")
    panel.button("Up", 6).focus()  # line h, now in row 6 counted from 0
    for row in range(5, -1, -1):
        page.keyboard.press("Space")
        page.wait_for_function(FOCUS_IN_ROW, arg=[row, "Move line h up"], timeout=10_000)
    panel.button("Check").click()
    panel.expect("Not yet")
    assert notebook.errors() == []


def test_training_lab(notebook):
    panel = Panel(notebook, "rate_lab = training_lab")
    panel.press("Train")
    panel.expect("(solved)", seconds=60)
    assert notebook.errors() == []
