"""Chapter 4b in a real JupyterLab: it runs without an error, and its labs show what was measured once the reader has chosen."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/04b_theory.ipynb"


def test_difference_lab(notebook):
    panel = Panel(notebook, "valley_lab = difference_lab()")
    panel.choose("Function", "sin 10z")
    panel.expect("not measured yet. Place h")
    panel.type("1.1e-6")
    panel.press("Measure")
    panel.expect("\N{CHECK MARK} Goal: choose a sine")


def test_noise_lab(notebook):
    panel = Panel(notebook, "noise_floor_lab = noise_lab()")
    panel.choose("Batch size", "16")
    panel.expect("Batches of 16: not run yet")
    panel.type("0.914")
    panel.press("Run")
    panel.expect("\N{CHECK MARK} Goal: with batches of 16 or more")


def test_signal_lab(notebook):
    panel = Panel(notebook, "depth_signal_lab = signal_lab()")
    panel.choose("Activation", "leaky relu, 0.5")
    panel.expect("not measured yet. Set the n v")
    panel.type("1.6")
    panel.press("Measure")
    panel.expect("\N{CHECK MARK} Goal: choose a leaky relu")
