"""Another engine in the place of ours: gradients, mirrored graphs, networks, and what is said when it does not deliver."""

import numpy as np
import pytest
from operations import network

from course_lib import GradientDescent, check_gradients, functional, train
from course_lib.datasets import xor
from course_lib.exercises.chapter05b import with_slip
from course_lib.gradient_check import GradientError
from course_lib.graphs import graph_text
from course_lib.tools.engines import Engine, EngineError, OnEngine


def engine(slip="", **changes):
    """The workshop's class as an Engine, with a slip or with other readings."""
    readings = {
        "value": with_slip(slip),
        "numbers": lambda v: v.value,
        "gradient": lambda v: v.grad,
        "parents": lambda v: v.parents,
        "rule": lambda v: v.rule,
    }
    return Engine(**readings | changes)


def two_layers(params, x, y):
    W1, b1, W2, b2 = params
    return ((x @ W1 + b1).tanh() @ W2 + b2).cross_entropy(y)


def test_the_gradient_check_judges_another_engine(rng):
    params = [rng.normal(size=shape) for shape in ((2, 4), (4,), (4, 1), (1,))]
    assert check_gradients(engine().recorded(two_layers), params, *xor()) < 1e-8
    with pytest.raises(GradientError):
        check_gradients(engine("overwritten").recorded(lambda p: (p[0] * p[0]).total()), params[:1])


def test_a_number_without_tensors_stays_a_number():
    assert engine().recorded(lambda p: p[0] * p[0])([np.array(3.0)]) == 9.0


@pytest.mark.parametrize(
    ("own", "f", "sentence"),
    [
        (engine(), lambda p: p[0] + p[0], r"a loss of one number, got shape \(2,\)"),
        (
            engine("without-sum"),
            lambda p: (p[0] + np.ones((3, 2))).total(),
            r"of shape \(2,\) for value 0, got shape \(3, 2\)",
        ),
        (engine(gradient=lambda v: None), lambda p: p[0].total(), r"for value 0, got none"),
    ],
)
def test_what_is_missing_is_said(own, f, sentence):
    with pytest.raises(EngineError, match=sentence):
        check_gradients(own.recorded(f), [np.ones(2)])


def test_a_mirror_has_the_numbers_the_parents_and_the_rules():
    own = engine()
    a, b = own.value(0.5), own.value(2.0)
    mirror = own.mirrored((a * b + a * 3.0).tanh(), {id(a): "a", id(b): "b"})
    assert [line.split(" from ")[0].split()[1] for line in graph_text(mirror).splitlines()] == [
        "a",
        "b",
        "multiply",
        "multiply",
        "add",
        "tanh",
    ]
    mirror.backward()
    slope = 1 - np.tanh(2.5) ** 2
    leaves = {t.name: t for t in mirror.graph() if t.vjp is None}
    assert float(leaves["a"].grad) == pytest.approx(5 * slope)
    assert float(leaves["b"].grad) == pytest.approx(0.5 * slope)


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (engine("as-found"), None),
        (engine(rule=lambda v: None), "expected a rule"),
        (engine(rule=lambda v: lambda g: g), "expected 2 messages in a tuple"),
    ],
)
def test_a_mirror_of_a_broken_engine_says_so(own, sentence):
    a = own.value(2.0)
    if sentence is None:  # only its `backward` has the slip
        assert own.mirrored(a * a, {id(a): "a"}).value == 4
        return
    with pytest.raises(EngineError, match=sentence):
        own.mirrored(a * a, {id(a): "a"}).backward()


def test_an_order_with_a_parent_behind_its_child_is_refused():
    own = engine()
    a = own.value(2.0)
    c = a * a
    type(c).graph, kept = (lambda self: [a, c]), type(c).graph
    try:
        with pytest.raises(EngineError, match="behind one of its parents"):
            own.mirrored(c, {id(a): "a"})
    finally:
        type(c).graph = kept


def test_training_on_another_engine_gives_the_same_losses():
    x, y = xor()
    losses = []
    for own in (False, True):
        model, loss = network(), functional.binary_cross_entropy
        if own:
            model = OnEngine(engine(), model)
            loss = model.loss
        run = train(model, (x, y), loss=loss, optimizer=GradientDescent(0.5), epochs=50)
        losses.append([progress.loss for progress in run])
    assert np.allclose(*losses, rtol=0, atol=1e-12)


def test_logits_of_another_shape_are_refused():
    model = OnEngine(engine(numbers=lambda v: np.zeros((4, 4))), network())
    with pytest.raises(EngineError, match=r"outputs of shape \(4, 1\), got \(4, 4\)"):
        model.logits([p.value for p in model.parameters], xor()[0])
