"""Chapter 7b in a real JupyterLab, without frameworks: a branch is refused and mended, a port not judged, a digit drawn."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/07b_projects.ipynb"


def test_the_graph_of_the_neuron_goes_forward_and_back(notebook):
    lab = Panel(notebook, "lab = graph_lab(neuron")
    lab.button("Run all").click()
    lab.expect("The gradient of w is complete: -1.318", seconds=60)


def test_a_digit_is_drawn_and_read_by_the_network_of_this_page(notebook):
    lab = Panel(notebook, "drawing = drawing_lab(cnn")
    lab.press("Clear")
    for line in range(2, 8):
        lab.cell.get_by_title(f"row {line}, column 4", exact=True).click()
    assert notebook.value("int(drawing.model.pixels.sum())") == 6 * 16


def test_a_branch_is_refused_and_mended(notebook):
    notebook.execute("def asks(loss):\n    return 1 + (loss - 1) / 2 if loss.value > 1 else loss")
    refused = notebook.value("repr(check('one-path', asks))")
    assert "a line asks for a value" in refused and "loss.value > 1" in refused
    assert "Right" in notebook.value("repr(check('one-path', lambda loss: loss - ops.relu(loss - 1) / 2))")


def test_without_pytorch_the_port_is_not_judged_and_the_page_goes_on(notebook):
    task = Panel(notebook, 'check("port-cnn"')
    task.expect("This was not judged, because only PyTorch can say")
    assert "a finished one stands in for it" in notebook.page.locator(".jp-Notebook").inner_text()
