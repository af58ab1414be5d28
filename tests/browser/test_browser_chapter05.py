"""Chapter 5 in a real JupyterLab: the training lab is driven as a student would, and the map and the exercises answer."""

import re

import pytest

from course_lib.labs.training.model import TrainingModel
from tests.browser.jupyter import Panel

NAME = "notebooks/en/05_practice.ipynb"


@pytest.fixture
def lab(notebook):
    """The training lab, back at its start with all its settings."""
    panel = Panel(notebook, "lab = training_lab()")
    start = TrainingModel(epochs=500).state()
    notebook.execute(f"lab.state_text.value = {start!r}\nlab.buttons['restore'].click()\nlab.controls['speed'].set(60)")
    panel.expect("Epoch 0 of 500")
    return panel


def test_every_list_starts_another_run(notebook, lab):
    notebook.execute("for fold in lab.folds: fold.is_open = False")
    lab.unfold("Network and training", "Data")
    for label, option in [("Data", "moons"), ("Activation", "relu"), ("Optimizer", "Adam"), ("Batch size", "16")]:
        lab.choose(label, option)
    lab.choose("Speed", "as fast as possible")
    lab.press("Train")
    lab.expect("Epoch 500 of 500", seconds=60)
    expected = "data=moons hidden=4 activation=relu optimizer=Adam batch=16"
    assert notebook.value("lab.model.state().split()[1:6]") == expected.split()


def test_data_inputs_and_classes_are_chosen_on_the_picture_by_keyboard(notebook, lab):
    lab.picture.wait_for()
    for name in ("data: circles", "input x₁²", "a click on the output adds a point of class 0"):
        button = lab.cell.get_by_role("button", name=name, exact=True)
        assert button.get_attribute("aria-pressed") == "false"
        button.focus()
        notebook.page.keyboard.press("Enter")
        lab.cell.get_by_role("button", name=name, exact=True, pressed=True).wait_for()
    assert notebook.value("[lab.model.settings[name] for name in ('data', 'held', 'inputs')]") == [
        "circles",
        20,
        "x1, x2, x1^2",
    ]
    assert notebook.value("lab.own_points.click") == 0
    box = lab.picture.bounding_box()
    lab.picture.click(position={"x": 0.75 * box["width"], "y": 0.3 * box["height"]})
    lab.cell.get_by_role("button", name="data: own", exact=True, pressed=True).wait_for()
    assert notebook.value("len(lab.model.settings.points)") == 201


def test_the_program_of_a_run_runs(notebook, lab):
    lab.press("Step", times=3)
    notebook.execute("for fold in lab.folds: fold.is_open = False")
    lab.unfold("Copy and restore")
    lab.button("Copy as Python").click()
    program = lab.cell.get_by_role("textbox", name="The program of this run")
    program.wait_for()
    loss = notebook.value("f'epoch 3: loss {lab.model.loss:.6f}'")
    assert notebook.execute(program.input_value())[0].strip() == loss


def test_the_map_fills_and_its_goal_is_reached(notebook):
    panel = Panel(notebook, "success_lab = success_map()")
    panel.press("Train all")
    panel.expect("10,000 of 10,000 epochs done", seconds=60)
    rate, epochs = notebook.value("'%g %d' % success_lab.model.cheapest()[0]").split()
    panel.choose("Your choice: learning rate", rate)
    panel.choose("epochs", epochs)
    panel.expect("\N{CHECK MARK} Goal")


def test_exercises_and_predictions_answer(notebook):
    """A reader asks for the first hint of an exercise, and makes a prediction whose cell has run: the reply comes at once."""
    task = Panel(notebook, 'check("repair"')
    task.button(re.compile(r"Hint 1 of \d")).click()
    task.expect("Write the shape of every array")
    notebook.run("def final_loss", "zero_rng = ")
    question = Panel(notebook, 'predict("zero-start")')
    question.option("C").click()
    question.expect("your prediction")
    question.expect("With W2 = 0 no error gets back")
