"""Chapter 4 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/04_mathematics.ipynb"


def test_rate_theory_lab(notebook):
    panel = Panel(notebook, "rate_lab = rate_theory_lab()")
    panel.press("+")
    panel.type("0.0769")
    panel.expect("0.923 measured")
    panel.button("This is the best").click()
    panel.expect("Goal: at condition number 400")


def test_descent_lab(notebook):
    panel = Panel(notebook, "race = descent_lab(")
    panel.choose("Speed", "as fast as possible")
    panel.press("Run")
    panel.expect("momentum, rate 0.02: converged after", seconds=60)
    panel.press("Find each best rate")
    panel.expect("Adam, rate 0.112: step 0", seconds=60)
    panel.press("Run")
    panel.expect("\N{CHECK MARK} Goal: run a race in which all arrive", seconds=60)
    with panel.new_picture():
        panel.choose("Surface", "saddle")
    panel.expect("find a start from which descent ends at the saddle")
