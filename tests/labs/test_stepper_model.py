"""The stepper's numbers are those of the library and of finite differences, and each product comes out as it says."""

import itertools
import re

import numpy as np
import pytest

from course_lib import Dense, Sequential, functional, numerical_gradient
from course_lib.labs.stepper.formulas import pretty, shown
from course_lib.labs.stepper.model import (
    BEFORE_HIDDEN_ERROR,
    LENGTH,
    PHASES,
    STEPS,
    StepperModel,
    X,
    Y,
)

EVERY_SETTING = [
    {"example": example, "activation": activation, "rate": rate, "seed": seed}
    for example, activation, (rate, seed) in itertools.product(range(4), ("sigmoid", "tanh"), ((1.0, 1), (7.0, 12)))
]


def library_network(model):
    """The same network, made of the library's layers."""
    rng = np.random.default_rng(0)
    network = Sequential(Dense(2, 2, model.settings.activation, rng=rng), Dense(2, 1, "sigmoid", rng=rng))
    for parameter, value in zip(network.parameters, model.params, strict=True):
        parameter.value = value.copy()
    return network


def arrays(model, prefix):
    """W1, b1, W2, b2 (prefix ""), their gradients ("d") or their new values ("new ")."""
    v = model.values
    return [
        np.array([[v[f"{prefix}W1[{i},{j}]"] for j in (1, 2)] for i in (1, 2)]),
        np.array([v[f"{prefix}b1[{j}]"] for j in (1, 2)]),
        np.array([[v[f"{prefix}W2[{j}]"]] for j in (1, 2)]),
        np.array([v[f"{prefix}b2"]]),
    ]


@pytest.mark.parametrize("settings", EVERY_SETTING, ids=str)
def test_the_numbers_are_those_of_the_library(settings):
    model = StepperModel(**settings)
    network, x, y = library_network(model), X[settings["example"], None], Y[settings["example"], None]
    loss = functional.half_squared_error(network(x), y)
    loss.backward()
    assert model.values["L"] == pytest.approx(float(loss.value), abs=1e-15)
    for got, parameter in zip(arrays(model, "d"), network.parameters, strict=True):
        np.testing.assert_allclose(got, parameter.grad, rtol=0, atol=1e-15)
    for got, parameter in zip(arrays(model, "new "), network.parameters, strict=True):
        np.testing.assert_allclose(got, parameter.value - settings["rate"] * parameter.grad, rtol=0, atol=1e-14)


def test_the_gradients_are_those_of_finite_differences():
    model = StepperModel()

    def loss(params):
        a1 = 1 / (1 + np.exp(-(X[3] @ params[0] + params[1])))
        a2 = 1 / (1 + np.exp(-(a1 @ params[2] + params[3])))
        return float(((a2 - Y[3]) ** 2).sum() / 2)

    for got, expected in zip(arrays(model, "d"), numerical_gradient(loss, model.params), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-9)


@pytest.mark.parametrize("settings", EVERY_SETTING, ids=str)
def test_each_product_comes_out_as_it_says(settings):
    """The numbers are read back from the text and multiplied out."""
    model = StepperModel(**settings)
    functions = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    for line in itertools.chain(*model.stops):
        program = line.numbers.replace("·", "*").replace("½", "0.5").replace("²", "**2").replace("σ", "sigmoid")
        assert not re.search(r"[\[\]₁₂η∂δ]", program), line
        assert eval(program, functions) == pytest.approx(line.value, abs=3e-3), line
        assert line.products == (
            f"= {line.numbers}" if line.numbers == shown(line.value) else f"= {line.numbers} = {shown(line.value)}"
        )
        assert all(pretty(key) in line.formula for key in line.uses)


def test_every_number_is_made_once_and_from_known_ones():
    model = StepperModel()
    given = set(model.known)
    assert given == {key for key in model.values if key[0] in "xyWb"}
    for stop in model.stops:
        for line in stop:
            assert set(line.uses) <= given and line.result not in given
            given.add(line.result)
    assert given == set(model.values)


def test_a_walk_forth_and_back():
    model = StepperModel()
    seen = []
    for _ in range(2 * LENGTH):
        model.advance()
        seen.append((model.iteration, model.phase, sorted(model.known)))
    assert [phase for _, phase, _ in seen] == [*PHASES, *PHASES]
    assert (model.iteration, model.position) == (2, LENGTH)
    for expected in reversed(seen):
        assert (model.iteration, model.phase, sorted(model.known)) == expected
        model.back()
        if model.position == 0:
            model.back()
    assert (model.iteration, model.position, model.phase, model.lines) == (1, 0, None, [])
    model.back()
    assert (model.iteration, model.position) == (1, 0)


def test_each_iteration_begins_with_the_new_weights():
    model = StepperModel()
    model.whole()
    expected, loss = model.new_params, model.loss_after()
    model.whole()
    assert model.iteration == 2 and model.position == LENGTH
    for got, wanted in zip(model.params, expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert model.loss == loss < StepperModel().loss


def test_settings_change_what_they_have_to():
    model = StepperModel()
    model.whole()
    model.advance()
    model.configure(rate=5.0)
    assert (model.iteration, model.position) == (2, 1)
    model.configure(example=0)
    assert (model.iteration, model.position) == (2, 0)
    model.configure(activation="tanh")
    assert (model.iteration, model.position) == (1, 0)
    assert "np.tanh" in model.code()[0] and "(1 - a1 * a1)" in model.code()[3]
    model.configure(seed=2)
    assert not np.array_equal(model.params[0], StepperModel().params[0])
    model.reset()
    assert model.settings == {"example": 0, "activation": "tanh", "rate": 5.0, "seed": 2}


def test_examples_one_after_the_other_are_stochastic_descent():
    model = StepperModel(example=3, rate=2.0)
    network = library_network(model)
    for example in (3, 0, 2):
        model.configure(example=example)
        assert model.position == 0
        functional.half_squared_error(network(X[example, None]), Y[example, None]).backward()
        model.configure(rate=2.0 + example)
        for parameter in network.parameters:
            parameter.value -= (2.0 + example) * parameter.grad
        model.whole()
    for got, parameter in zip(model.new_params, network.parameters, strict=True):
        np.testing.assert_allclose(got, parameter.value, rtol=0, atol=1e-14)
    for _ in range(LENGTH + 1):
        model.back()
    assert (model.iteration, model.position, model.settings.example, model.settings.rate) == (2, LENGTH, 0, 2.0)


def test_a_change_of_rate_changes_nothing_but_the_step():
    before, after = StepperModel(), StepperModel(rate=4.0)
    changed = {key for key in before.values if before.values[key] != after.values[key]}
    assert changed and all(key.startswith("new ") for key in changed)


GUESSES = {
    "is right": lambda v: v["delta1[1]"],
    "The sign is wrong": lambda v: -v["delta1[1]"],
    "The slope of the activation is missing": lambda v: v["delta2"] * v["W2[1]"],
    "The weight is missing": lambda v: v["delta2"] * v["a1[1]"] * (1 - v["a1[1]"]),
    "hidden error of unit 2": lambda v: v["delta1[2]"],
    "That is δ₂": lambda v: v["delta2"],
    "The weight belongs to unit 2": lambda v: v["delta2"] * v["W2[2]"] * v["a1[1]"] * (1 - v["a1[1]"]),
    "The activation belongs to unit 2": lambda v: v["delta2"] * v["W2[1]"] * v["a1[2]"] * (1 - v["a1[2]"]),
    "you put z₁[1] into it": lambda v: v["delta2"] * v["W2[1]"] * v["z1[1]"] * (1 - v["z1[1]"]),
    "three factors": lambda v: 12.0,
}


@pytest.mark.parametrize("fragment", GUESSES)
def test_a_guess_gets_its_own_sentence(fragment):
    model = StepperModel()
    for _ in range(BEFORE_HIDDEN_ERROR):
        model.advance()
    sentence, counts = model.judge(f" {GUESSES[fragment](model.values):.5g} ")
    assert fragment in sentence
    assert counts == (fragment == "is right") == bool(model.reached)


def test_a_guess_counts_only_while_the_number_is_hidden():
    model = StepperModel()
    right = f"{model.values['delta1[1]']:.4f}"
    assert model.judge(right) == ("First walk to the output error, because δ₁[1] is made from it.", False)
    model.whole()
    sentence, counts = model.judge(right)
    assert sentence.startswith("δ₁[1] is on the table already") and not counts
    for nonsense in ("", "abc", "nan", "inf", "1e999", None):
        sentence, counts = model.judge(nonsense)
        assert sentence.startswith("Type a number") and not counts
    assert not model.reached


def test_a_typed_minus_sign_is_a_minus():
    model = StepperModel()
    for _ in range(BEFORE_HIDDEN_ERROR):
        model.advance()
    assert model.values["delta1[1]"] < 0
    assert model.judge(f"\N{MINUS SIGN}{-model.values['delta1[1]']:.4f}")[1]
    assert model.judge(f"{model.values['delta1[1]']:.4f}".replace(".", ","))[1]


def test_status_and_description_state_facts():
    model = StepperModel()
    assert "nothing is computed" in model.status()
    words = []
    for _ in range(LENGTH):
        model.advance()
        words.append(model.status())
    assert all(STEPS[phase] in status for phase, status in zip(PHASES[:-1], words[:-1], strict=True))
    assert "from 0.2135 to 0.1831" in words[-1] and "from 0.2135 to 0.1831" in model.description()
    assert "δ₁[1] = -0.0218" in model.description()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_pulls_of_all_examples_are_those_that_a_walk_with_each_makes(activation):
    model = StepperModel(activation=activation, seed=4, example=1)
    losses, gradients = model.pulls()
    for example in range(len(X)):
        one = StepperModel(activation=activation, seed=4, example=example)
        assert losses[example] == one.loss
        np.testing.assert_array_equal(gradients[example], np.concatenate(arrays(one, "d"), axis=None))
    up, down = (gradients > 0).any(axis=0), (gradients < 0).any(axis=0)
    assert model.disagree() == sum(up & down) and 0 < model.disagree() <= 9


def test_the_pulls_are_no_part_of_the_description_before_the_gradients_are():
    model = StepperModel()
    model.advance(PHASES.index(5) - 1)
    assert not model.gradients_known and "opposite" not in model.description()
    model.advance(1)
    assert model.gradients_known and f"Of the nine parameters, {model.disagree()} are pulled" in model.description()
