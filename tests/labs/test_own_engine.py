"""Labs that run on a reader's engine: the same numbers, a true program and state, errors in the error line."""

import contextlib
import io

import numpy as np
import pytest
from every_control import move_every_control
from test_engines import engine

from course_lib.exercises.chapter05b import with_slip
from course_lib.labs import graph_lab, training_lab
from course_lib.labs.graph.model import GraphModel
from course_lib.labs.training.model import TrainingModel


def expression(a, b):
    return (a * b + a).tanh() * b


def test_the_graph_is_that_of_the_readers_values():
    model = GraphModel(expression, {"a": 0.5, "b": 2.0}, engine())
    model.advance(model.length)
    a, b = with_slip()(0.5), with_slip()(2.0)
    expression(a, b).backward()
    found = {node.label: float(model.gradient(i)) for i, node in enumerate(model.nodes) if node.kind == "leaf"}
    assert found == pytest.approx({"a": float(a.grad), "b": float(b.grad)})
    assert [node.label for node in model.nodes] == ["a", "b", "multiply 1", "add", "tanh", "multiply 2"]
    assert "changes the result by" in model.status()


def test_wrong_rules_give_wrong_gradients_in_the_picture():
    broken = engine(rule=lambda v: v.rule and (lambda g: tuple(0 * np.asarray(m) for m in v.rule(g))))
    model = GraphModel(expression, {"a": 0.5, "b": 2.0}, broken)
    model.advance(model.length)
    assert float(model.gradient(0)) == 0


def test_other_numbers_and_twins_stay_on_the_engine():
    model = GraphModel(expression, {"a": 0.5, "b": 2.0}, engine())
    model.set_value("a", 1.0)
    assert float(model.nodes[-1].value) == pytest.approx(2 * np.tanh(3.0))
    assert model.twin().engine is model.engine


def test_with_an_engine_the_expression_is_a_function():
    with pytest.raises(ValueError, match="expected a function of named leaves"):
        GraphModel("x*x + x", engine=engine())


SETTINGS = {"epochs": 60, "deeper": "3", "inputs": "x1, x1*x2"}


@pytest.fixture
def trained():
    model = TrainingModel(engine(), **SETTINGS)
    model.advance(60)
    return model


def test_a_run_on_the_engine_is_that_of_ours(trained):
    ours = TrainingModel(**SETTINGS)
    ours.advance(60)
    assert np.allclose(trained.losses[:61], ours.losses[:61], rtol=0, atol=1e-12) and ours.loss < ours.losses[0]
    assert [g.shape for g in trained.gradients()] == [g.shape for g in ours.gradients()]
    grid = np.zeros((2, 3, 2))
    assert np.allclose(trained.surface(grid), ours.surface(grid))
    assert trained.twin().engine is trained.engine


def test_its_program_repeats_it_and_its_state_too(trained):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(trained.program(), {"mine": engine()})
    assert said.getvalue().strip() == f"epoch 60: loss {trained.loss:.6f}"
    again = TrainingModel(engine())
    again.resume(trained.state())
    again.advance(60)
    assert again.loss == trained.loss


def test_other_activations_are_refused(trained):
    with pytest.raises(ValueError, match="relu"):
        trained.configure(activation="relu")


def test_every_control_can_be_moved():
    labs = graph_lab(expression, engine=engine(), name="mine", a=0.5, b=2.0), training_lab(engine=engine(), name="mine")
    assert all("no error" in move_every_control(lab) for lab in labs)


def test_an_engine_that_breaks_is_quoted_in_the_error_line():
    lab = training_lab(engine=engine("without-sum"), name="broken")
    lab.buttons["step"].click()
    assert "expected a gradient of shape (4,)" in lab.error_line.value
    assert lab.model.epoch == 0
