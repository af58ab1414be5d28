"""Chapter 5b in a real JupyterLab: a reader writes the engine cell by cell, slips, takes a step over, and drives the labs."""

import pytest

from course_lib.exercises.chapter_parts.workshop_code import STEPS
from tests.browser.jupyter import Panel

NAME = "notebooks/en/05b_workshop.ipynb"


def write(notebook, step, source):
    """Replace what stands in the cell of a step, and run it; returns its panel."""
    answer = "unbroadcast" if step == "unbroadcast" else "Value"
    panel, keyboard = Panel(notebook, f'check("{step}", {answer})'), notebook.page.keyboard
    panel.cell.locator(".cm-content").click()
    keyboard.press("Control+A")
    keyboard.insert_text(f'{source}\ncheck("{step}", {answer})')
    keyboard.press("Control+Enter")
    notebook.wait_idle()
    return panel


@pytest.fixture
def engine(notebook):
    """The notebook with all steps written, one after the other; a later test finds them there."""
    if notebook.value("check('step', Value).outcome") != "right":
        for step, source in STEPS.items():
            write(notebook, step, source).expect(f"Right · {step}")
    return notebook


def test_a_slip_gets_its_reply_and_a_drawing(engine):
    wrong = STEPS["backward"].replace("parent.grad = parent.grad + g", "parent.grad = g")
    panel = write(engine, "backward", wrong)
    panel.expect("the one before is overwritten")
    panel.expect("Your objects for L = b * b with b = a + a")
    write(engine, "backward", STEPS["backward"]).expect("Right · backward")


def test_an_error_shows_the_readers_line(engine):
    panel = write(engine, "tanh", STEPS["tanh"].replace("np.tanh(z.value)", "np.tanh(z)"))
    panel.expect("It stopped in line 2, a = np.tanh(z)")
    write(engine, "tanh", STEPS["tanh"]).expect("Right · tanh")


def test_a_step_that_is_taken_over_is_right(engine):
    write(engine, "matmul", "def matmul(x, W):\n    return ...\n").expect("Not tried yet")
    engine.execute('take("matmul")')
    assert engine.value('check("matmul", Value).outcome') == "right"


def test_the_readers_own_engine_drives_the_labs(engine):
    for code in (
        "Mine = finished(Value)",
        "graph = graph_lab(",
        "lab = training_lab(",
        "reader = [Mine(",
        "epoch_of(trained",
    ):
        Panel(engine, code).cell.locator(".cm-content").click()
        engine.page.keyboard.press("Control+Enter")
        engine.wait_idle()
    Panel(engine, "Mine = finished(Value)").expect("from here on your own engine runs")
    assert engine.value("Mine is Value")
    lab = Panel(engine, "lab = training_lab(")
    lab.press("Step")
    lab.expect("Epoch 1 of 500")
    graph = Panel(engine, "graph = graph_lab(")
    graph.press("Forward step")
    graph.expect("multiply 1 of 0.5 and 2 gives 1")
    assert engine.value("float(np.mean(read == new_labels))") > 0.9


def test_an_engine_that_breaks_speaks_in_the_labs_error_line(engine):
    lab = Panel(engine, "lab = training_lab(")
    engine.execute("kept_backward, backward = backward, lambda last: None")
    lab.button("Step").click()
    lab.expect("your engine: expected a gradient")
    engine.execute("backward = kept_backward")
