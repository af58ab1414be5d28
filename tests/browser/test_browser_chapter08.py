"""Chapter 8 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/08_outlook.ipynb"


def test_overfitting_lab(notebook):
    panel = Panel(notebook, "lab = overfitting_lab()")
    panel.press("Train")
    panel.expect("Epoch 3,000", seconds=60)
    panel.press("Back to the best epoch")
    panel.expect("Back at epoch")
    with panel.new_picture():
        panel.press("New points")
    panel.expect("Epoch 0")


def test_bias_lab(notebook):
    panel = Panel(notebook, "left_out_lab = bias_lab()")
    panel.press("Add step by step")
    panel.expect("60 of slt in the training data", seconds=60)
    with panel.new_picture():
        panel.choose("Left out", "digits: white on black")
    panel.expect("0 of white on black in the training data")


def test_compute_lab(notebook):
    panel = Panel(notebook, 'cost_lab = compute_lab(what="a language model of today")')
    panel.expect("405 billion weights")
    panel.type("1e8")
    panel.expect("Noted: 1e+08 years")
    with panel.new_picture():
        panel.press("Measure this machine")
    panel.expect("You said 1e+08 years", seconds=60)
    with panel.new_picture():
        panel.choose("What is trained", "a network for the digits")
    panel.expect("Double the width")
    power = panel.cell.get_by_label("Power, W", exact=True)
    power.fill("1e8")
    power.press("Enter")
    panel.expect("1e+08 W")
    assert power.evaluate("box => box.value === '1e+08' && box.scrollWidth <= box.clientWidth"), (
        "the whole number is seen"
    )
