"""Chapter 1 in a real JupyterLab: it runs without an error, and its lab answers to its buttons and controls."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/01_background.ipynb"


def test_fit_by_hand(notebook):
    panel = Panel(notebook, "by_hand = fit_lab(x_points, y_points)")
    panel.press("+")
    panel.expect("v = 0.55")
    panel.press("Let gradient descent do it")
    panel.expect("463 steps: at rest", seconds=30)
    boxes = [box.input_value() for box in panel.cell.locator('input[type="text"]').all()]
    assert boxes[:3] == ["1.98", "2.57", "-1.53"]
    knob = panel.cell.get_by_role("slider").first.get_attribute("aria-valuenow")
    assert float(knob) == 40  # it moved along: v = 2.0 is mark 40
    assert notebook.errors() == []
