"""Chapter 5 in a real JupyterLab: the training lab is driven as a student would, and the map and the exercises answer."""

import pytest

from course_lib.labs.training.model import TrainingModel
from tests.browser.jupyter import Panel, exercise_and_prediction_answer

NAME = "notebooks/en/05_practice.ipynb"
BURSTING = {
    "activation": "relu",
    "scale": 10.0,
    "hidden": 8,
    "seed": 0,
    "epochs": 100,
}  # with rate 30  # settings with which rate 30 diverges


@pytest.fixture
def lab(notebook):
    """The training lab, back at its start with all its settings."""
    panel = Panel(notebook, "lab = training_lab()")
    start = TrainingModel(epochs=500).state()
    notebook.execute(f"lab.state_text.value = {start!r}\nlab.buttons['restore'].click()\nlab.controls['speed'].set(60)")
    panel.expect("Epoch 0 of 500")
    return panel


def test_the_rate_is_turned_while_it_trains(notebook, lab):
    notebook.execute("lab.controls['epochs'].set(20_000)")  # no end of training in this test
    lab.press("Train")
    notebook.execute("import asyncio\nwhile not lab.model.epoch: await asyncio.sleep(0.01)")
    _, milliseconds = notebook.execute("pass")  # another cell answers while it trains
    before = notebook.value("lab.model.epoch")
    assert before > 0 and milliseconds < 2000
    lab.press("+")
    lab.expect("learning rate 0.524")
    with lab.new_picture():  # an epoch with the new rate
        pass
    lab.button("Pause").click()
    lab.button("Train").wait_for()
    epoch, rates = notebook.value("[lab.model.epoch, [rate for _, rate in lab.model.changes]]")
    assert epoch > before and rates == [0.5, 0.524]
    assert notebook.errors() == []


def test_the_slider_moves_by_keyboard(notebook, lab):
    slider = lab.cell.get_by_role("slider").first
    before = float(slider.get_attribute("aria-valuenow"))
    slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    lab.expect("learning rate 0.55")
    assert float(slider.get_attribute("aria-valuenow")) > before
    assert notebook.value("lab.model.rate") > 0.5


def test_nonsense_gets_a_sentence_and_changes_nothing(notebook, lab):
    for number, nonsense in enumerate(["fast", "1.5"]):  # learning rate, epochs
        lab.type(nonsense, number)
        lab.expect(f", got '{nonsense}'")
        assert "expected a" in lab.cell.get_by_role("alert").inner_text()
    assert notebook.value("[lab.model.rate, lab.model.settings.epochs]") == [0.5, 500]


def test_step_look_back_reset_and_new_start(notebook, lab):
    lab.press("Step", times=2)
    lab.expect("Epoch 2 of 500")
    slider = lab.cell.get_by_role("slider", name="Look back to epoch")
    slider.focus()
    with lab.new_picture():
        notebook.page.keyboard.press("ArrowLeft")
    lab.expect("Looking back at epoch 1 of 500")
    lab.press("Reset")
    lab.expect("Epoch 0 of 500")
    lab.press("New start")
    assert notebook.value("lab.model.settings.seed") == 2


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
    assert notebook.errors() == []


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
    assert notebook.value("len(lab.model.settings.points)") == 201 and notebook.errors() == []


def test_divergence_is_said_in_words_and_reset_works(notebook, lab):
    notebook.execute(f"lab.model.configure(**{BURSTING!r})\nlab.controls['rate'].set(30.0)")
    lab.button("Train").click()
    lab.expect("Diverged at epoch")
    lab.expect("try a learning rate smaller than 30")
    lab.button("Reset").click()
    lab.expect("Epoch 0 of 100")
    assert notebook.errors() == []


def test_the_goal_turns_green_and_a_second_one_opens(notebook, lab):
    lab.type("3")
    lab.press("Train")
    lab.expect("\N{CHECK MARK} Goal", seconds=30)
    lab.expect("the same with 2 hidden units, in 30 epochs or less")


def test_the_program_of_a_run_runs(notebook, lab):
    lab.press("Step", times=3)
    notebook.execute("for fold in lab.folds: fold.is_open = False")
    lab.unfold("Copy and restore")
    lab.button("Copy as Python").click()
    program = lab.cell.get_by_role("textbox", name="The program of this run")
    program.wait_for()
    loss = notebook.value("f'epoch 3: loss {lab.model.loss:.6f}'")
    assert notebook.execute(program.input_value())[0].strip() == loss


def test_an_interrupt_and_a_second_run_of_the_cell_leave_one_lab(notebook, lab):
    lab.press("Train")
    notebook.command("kernelmenu:interrupt")
    notebook.wait_idle()
    notebook.execute("first = lab")
    lab.cell.locator(".cm-content").click()
    notebook.page.keyboard.press("Control+Enter")
    lab.expect("Epoch 0 of 500")
    again = Panel(notebook, "lab = training_lab()")
    again.press("Train")
    assert notebook.value("[first.running, lab.running, first is lab]") == [False, True, False]
    again.button("Pause").click()
    assert notebook.errors() == []


def test_the_map_fills_and_its_goal_is_reached(notebook):
    panel = Panel(notebook, "success_lab = success_map()")
    panel.press("Train all")
    panel.expect("10,000 of 10,000 epochs done", seconds=60)
    rate, epochs = notebook.value("'%g %d' % success_lab.model.cheapest()[0]").split()
    panel.choose("Your choice: learning rate", rate)
    panel.choose("epochs", epochs)
    panel.expect("\N{CHECK MARK} Goal")
    assert notebook.errors() == []


def test_exercises_and_predictions_answer(notebook):
    exercise_and_prediction_answer(
        notebook, "repair", "Write the shape of every array", "zero-start", "B", "With W2 = 0 no error gets back"
    )
