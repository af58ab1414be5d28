"""Chapter 3 in a real JupyterLab: it runs without an error, and its labs answer."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/03_algorithms.ipynb"


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


def test_rises_lab(notebook):
    panel = Panel(notebook, "rises = rises_lab()")
    panel.expect("Epoch 100 of 100, rate 3")
    with panel.new_picture():
        panel.type("5")
    panel.expect("rate 5, examples per step: 4. The loss of all four rose in 14.2% of the epochs")
    panel.expect("\N{CHECK MARK} Goal")
    panel.choose("Examples per step", "1")
    panel.expect("after 67% of the steps")
    panel.press("Watch")
    panel.expect("Epoch 100 of 100")
    panel.press("Other networks")
    panel.expect("Epoch 100 of 100")
