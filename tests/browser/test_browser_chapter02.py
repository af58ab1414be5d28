"""Chapter 2 in a real JupyterLab: it runs without an error, and its labs answer to their buttons and controls."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/02_core_concepts.ipynb"


def test_graph_lab(notebook):
    panel = Panel(notebook, "lab = graph_lab()")
    panel.press("Forward step", times=2)
    panel.expect("All values are known. Now the way back begins.")
    panel.type("24")
    panel.expect("Noted: 24.")
    panel.press("Backward step", times=5)  # dL/dL, and four edges
    panel.expect("The gradient of a is complete: 12 + 12 = 24.")
    panel.expect("\N{CHECK MARK} Goal")
    panel.press("+")  # a = 3.1, both passes follow
    panel.expect("complete: 12.4 + 12.4 = 24.8.")


def test_your_own_graph(notebook):
    panel = Panel(notebook, "own_lab = graph_lab(")
    panel.press("Run all")
    panel.expect("The gradient of w is complete: -0.3243.", seconds=30)


def test_cost_lab(notebook):
    panel = Panel(notebook, "price_lab = cost_lab()")
    panel.press("Measure")
    panel.expect("median of 5).", seconds=60)
    ran, milliseconds = notebook.execute("print(price_lab.running)")  # the kernel answers while it measures
    assert ran.strip() in ("True", "False") and milliseconds < 1000
    panel.expect("At 2,049 parameters", seconds=60)
    panel.expect("The gradients differ by at most", seconds=60)


def test_descent_lab(notebook):
    panel = Panel(notebook, "walk_lab = descent_lab(")
    for button in ("Step", "+", "Run"):
        panel.press(button)
    panel.button("Show 2/λmax").click()
    panel.expect("Limit 2/λmax = 0.04")
    panel.choose("Surface", "saddle")
    panel.unfold("More")
    panel.choose("Speed", "as fast as possible")
    start = panel.cell.get_by_role("textbox", name="Start v", exact=True)
    start.fill("0")
    start.press("Enter")
    panel.press("Run")
    panel.expect("It rests at the saddle", seconds=60)
