"""Chapter 7 in a real JupyterLab, without frameworks: both labs are driven as a student would, and exercises answer."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/07_tools.ipynb"


def test_the_gradient_goes_back_through_both_graphs(notebook):
    lab = Panel(notebook, "lab = autograd_lab()")
    lab.type("10")
    lab.expect("Noted: 10")
    lab.press("Backward step", times=7)
    lab.expect("\N{CHECK MARK} Goal")
    lab.expect("course_lib has 7 nodes, and that of PyTorch has 10")
    with lab.new_picture():
        lab.choose("Expression", "x*x + x")
    lab.expect("Our graph has 3 nodes")


def test_all_steps_run_by_themselves(notebook):
    lab = Panel(notebook, "lab = autograd_lab()")
    with lab.new_picture():
        lab.choose("Expression", "neuron: (sigmoid(x*w + b) - y)**2")
    lab.button("All steps").click()
    lab.expect("course_lib has 9 nodes, and that of PyTorch has 9", seconds=30)
    lab.button("Reset").click()
    lab.expect("Our graph has 9 nodes")


def test_every_width_is_timed(notebook):
    lab = Panel(notebook, "lab = speed_lab()")
    lab.choose("Your prediction: width", "512")
    lab.expect("Noted: 512")
    lab.press("Measure")
    lab.expect("You said 512", seconds=60)
    lab.expect("\N{CHECK MARK} Goal")
    with lab.new_picture():
        lab.choose("Batch size", "16")
    lab.expect("Nothing measured yet. Batch of 16")
