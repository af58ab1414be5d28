"""Chapter 5: the clinic names each fault when its turn comes, and every exercise knows right, wrong and not tried."""

from functools import partial

import numpy as np
import pytest
from exercise_bank import row_test

from course_lib.exercises.chapter05 import chapter
from course_lib.exercises.machinery.slips import patched
from course_lib.labs.training.model import TrainingModel

DRAFT = """
def start(rng):
    return [rng.random((2, 1)), rng.random(1)]

def forward(params, x):
    W, b = params
    a1 = sigmoid(W @ x + b)
    return a1, sigmoid(W @ a1)

def gradients(params, x, y):
    W, b = params
    a1, a2 = forward(params, x)
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = delta2 @ W.T
    return [a1.T @ delta2, delta2.sum(axis=0)]

def step(params, grads, eta):
    for p, g in zip(params, grads):
        p += eta * g

repair = (start, forward, gradients, step, 0.01, 2000)
"""
REPAIRS = [  # (what the reader changes, the evidence that comes next)
    ({}, "Evidence 1 of 7"),
    ({"W @ x": "x @ W", "W @ a1": "a1 @ W"}, "Evidence 2 of 7"),
    (
        {
            "[rng.random((2, 1)), rng.random(1)]": "[rng.random((2, 4)), rng.random(4), rng.random((4, 1))]",
            "W, b = params": "W, b, W2 = params",
            "a1 @ W)": "a1 @ W2)",
            "delta2 @ W.T": "delta2 @ W2.T",
        },
        "Evidence 3 of 7: there are 3 parameter arrays and 2 gradients",
    ),
    ({"[a1.T @ delta2, delta2.sum(axis=0)]": "[x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2]"}, "Evidence 4 of 7"),
    ({"delta2 @ W2.T": "delta2 @ W2.T * a1 * (1 - a1)"}, "Evidence 5 of 7"),
    ({"p += eta": "p -= eta"}, "Evidence 6 of 7"),
    (
        {
            "rng.random((4, 1))]": "rng.random((4, 1)), rng.random(1)]",
            "W, b, W2 = params": "W, b, W2, b2 = params",
            "a1 @ W2)": "a1 @ W2 + b2)",
            "a1.T @ delta2]": "a1.T @ delta2, delta2.sum(axis=0)]",
        },
        "Evidence 7 of 7, the result: 0 of 30 seeds solved",
    ),
    ({"0.01, 2000": "0.5, 10_000"}, "All seven faults are repaired: 30 of 30 seeds solved"),
]


def stages():
    """The draft after no repair, after the first, the first two, ...: what the reader's program looks like."""
    program = DRAFT
    for changes, evidence in REPAIRS:
        program = patched(program, changes)
        yield program, "right" if evidence.startswith("All") else "wrong", evidence


*_, (REPAIRED, _, _) = stages()
repaired = partial(patched, REPAIRED)
START = "[rng.random((2, 4)), rng.random(4), rng.random((4, 1)), rng.random(1)]"
GRADIENTS = "[x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)]"
WITHOUT_HIDDEN_BIAS = {
    START: "[rng.random((2, 4)), rng.random((4, 1)), rng.random(1)]",
    "W, b, W2, b2 = params": "W, W2, b2 = params",
    "x @ W + b)": "x @ W)",
    "delta1.sum(axis=0), ": "",
}
WITHOUT_BIASES = {
    START: "[rng.random((2, 4)), rng.random((4, 1))]",
    "W, b, W2, b2 = params": "W, W2 = params",
    "x @ W + b)": "x @ W)",
    "a1 @ W2 + b2": "a1 @ W2",
    GRADIENTS: "[x.T @ delta1, a1.T @ delta2]",
}
BIASES_FOLDED_IN = {
    START: "[rng.normal(size=(3, 4)), rng.normal(size=(5, 1))]",
    "W, b, W2, b2 = params": "W, W2 = params",
    "x @ W + b)": "np.c_[x, np.ones(len(x))] @ W)",
    "a1 @ W2 + b2": "np.c_[a1, np.ones(len(a1))] @ W2",
    "delta2 @ W2.T": "delta2 @ W2[:4].T",
    GRADIENTS: "[np.c_[x, np.ones(4)].T @ delta1, np.c_[a1, np.ones(4)].T @ delta2]",
}
TWINS = """
def start(rng):
    W1, W2 = rng.normal(size=(2, 2)), rng.normal(size=(2, 1))
    return [np.hstack([W1, W1]), np.zeros(4), np.vstack([W2, W2]), np.zeros(1)]
"""
TWO_UNITS = {"(2, 4)": "(2, 2)", "rng.random(4)": "rng.random(2)", "(4, 1)": "(2, 1)", "0.5, 10_000": "2, 500"}
FAR_TOO_FAR = "steps made the loss rise, on average"
REPAIR = [
    *stages(),
    (patched(DRAFT, {"W @ x": "x @ W"}), "wrong", "Evidence 1 of 7"),
    (patched(DRAFT, {"(2, 1)": "(2, 4)"}), "wrong", "W has shape (2, 4)"),
    (repaired({START: "[rng.random((2, 4)), rng.random(4)]"}), "wrong", "`start` returns 2 arrays"),
    (repaired({"return a1, sigmoid": "return sigmoid"}), "wrong", "expected 2 results (a1, a2)"),
    (repaired({"return a1, sigmoid(a1 @ W2 + b2)": "return a1, a1"}), "wrong", "outputs of shape (4, 1)"),
    (repaired({"(a2 - y) * a2 * (1 - a2)": "a2 - y"}), "wrong", "is delta2 the slope of L with respect to z2?"),
    (repaired({"(a2 - y) *": "(a2 - y) / 4 *"}), "wrong", "not the slope of the loss"),
    (repaired({"x.T @ delta1": "delta1.T @ x"}), "wrong", "its gradient has the shape (4, 2)"),
    (repaired({"delta2 @ W2.T * a1": "delta2 * a1"}), "wrong", "What did the signal pass between z1 and z2"),
    (repaired({"* a1 * (1 - a1)": "* sigmoid(a1) * (1 - sigmoid(a1))"}), "wrong", "Entry [0][0, 0] of the gradients"),
    (repaired({"p -= eta * g": "p = p - eta * g"}), "wrong", "The step changes nothing"),
    (repaired({"p -= eta * g": "p -= g"}), "wrong", "By how much should it change?"),
    (repaired({"p -= eta * g": "p -= eta * abs(g)"}), "wrong", "By how much should it change?"),
    (repaired({"p -= eta * g": "p -= 1000 * eta * g"}), "wrong", "By how much should it change?"),
    (repaired(WITHOUT_HIDDEN_BIAS), "wrong", "the hidden layer has no bias"),
    (repaired(WITHOUT_BIASES), "wrong", "the output layer has no bias"),
    (repaired({"0.5, 10_000": "0.5, 10"}), "wrong", "rate x epochs = 5. Every gradient is right, and yet the program has not "
     "got there. No step was too long. How far can the program walk"),
    (repaired({"0.5, 10_000": "50, 500"}), "wrong", FAR_TOO_FAR),
    (repaired({"0.5, 10_000": "1000, 300"}), "wrong", FAR_TOO_FAR),
    (repaired({START: "[0 * W for W in " + START + "]", "10_000": "400"}), "wrong", "only 1 start different"),
    (TWINS + repaired({"def start(rng):": "def other(rng):", "10_000": "400"}), "wrong", "only 2 start different"),
    (repaired({START: "[10 * rng.normal(size=W.shape) for W in " + START + "]", "10_000": "400"}), "wrong",
     "start with a mean slope of 0.0"),
    (repaired({START: "[rng.normal(size=W.shape) / 100 for W in " + START + "]", "0.5, 10_000": "2, 500"}), "wrong",
     "With random first weights of size 1"),
    (repaired({START: "[np.random.default_rng(0).normal(size=W.shape) for W in " + START + "]"}), "wrong",
     "same weights for every seed"),
    (repaired({"def start(rng):": "def start(rng):\n    rng = np.random.default_rng(1)"}), "wrong",
     "same weights for every seed"),
    (repaired({"def start(rng):": "def start(rng):\n    rng = np.random"}), "wrong", "draw all numbers from `rng`"),
    (repaired({"a1 @ W2 + b2": "a1 @ W2"}), "wrong", "L does not depend on `params[3]` at all. Does `forward` use it?"),
    (repaired({"x @ W + b)": "x @ W)"}), "wrong", "L does not depend on `params[1]` at all"),
    (repaired(BIASES_FOLDED_IN | {"0.5, 10_000": "2, 2500"}), "right", "All seven faults"),
    (repaired({START: "[rng.random(W.shape) for W in " + START + "][::-1]", "W, b, W2, b2 = params": "b2, W2, b, W = params",
      GRADIENTS: "[delta2.sum(axis=0), a1.T @ delta2, delta1.sum(axis=0), x.T @ delta1]", "0.5, 10_000": "2, 2500"}), "right",
     "All seven faults"),
    (repaired(TWO_UNITS), "wrong", "about one seed in five fails"),
    (repaired({"0.5, 10_000": "-0.5, 10_000"}), "wrong", "expected a positive number, got -0.5"),
    (repaired({"0.5, 10_000": "(0, 5), 10_000"}), "wrong", "Python writes a point"),
    (repaired({"0.5, 10_000": "'0.5', 10_000"}), "wrong", "Leave out the quotation marks"),
    (repaired({"0.5, 10_000": "0.5, 1e9"}), "wrong", "whole number from 1 to 20,000"),
    (repaired({"0.5, 10_000": "0.5, 1e4"}), "wrong", "whole number from 1 to 20,000, got 10000.0"),
    (repaired({"(start, forward": "(start, 3"}), "wrong", "`forward` has to be a function, got the number 3"),
    ("repair = 0.5, 10_000", "wrong", "four functions and two numbers"),
]  # fmt: skip


def typical(size):
    return f"return {size} * rng.normal(size=(2, 4)), np.zeros(4), {size} * rng.normal(size=(4, 1)), np.zeros(1)"


ONE_PAIR = "W = rng.normal(size=(2, 2))"
TWO_PAIRS = ONE_PAIR + "; V = rng.normal(size=(2, 1))"
ROWS = {
    "repair": REPAIR,
    "output-gradients": [
        ({"* (1 - a2)": "* (1 - a2) / 4"}, "wrong", "4 times too small. This loss is a sum"),
        ({"a1.T @ delta2, delta2.sum(axis=0)": "[a1.T @ delta2, delta2.sum(axis=0)]"}, "right", "agrees"),
    ],
    "equal-path": [
        ("equal_path = 2000 * 25", "right", "50000"),
        ("equal_path = 2000 * (0.5 / 0.02)", "right", "50000"),
    ],
    "break-symmetry": [
        (lambda rng: (rng.normal(size=(2, 4)) * 0, [0.0] * 4, rng.normal(size=(4, 1)) * 0, [0.0]), "wrong", "start equal"),
        ("return np.ones((2, 4)), np.ones(4), np.ones((4, 1)), np.ones(1)", "wrong", "stay equal for ever"),
        (TWO_PAIRS + "\nreturn np.hstack([W, W]), np.zeros(4), np.vstack([V, V]), np.zeros(1)", "wrong",
         "only 2 start different"),
        (ONE_PAIR + "\nreturn np.hstack([W, W]), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)", "wrong",
         "only 2 differ in what goes into them"),
        ("return np.zeros((2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)", "wrong",
         "All four hidden units get the same input weights and bias"),
        ("return np.ones((2, 4)), rng.normal(size=4), rng.normal(size=(4, 1)), np.zeros(1)", "right", "30 of 30"),
        (
            "rng = np.random.default_rng(0)\nreturn rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)",
            "wrong",
            "same weights",
        ),
        (
            "return np.random.normal(size=(2, 4)), np.zeros(4), np.random.normal(size=(4, 1)), np.zeros(1)",
            "wrong",
            "Draw all numbers from `rng`",
        ),
        (typical(0.01), "wrong", "0 of 30 seeds solved. The typical sizes of what you return are: W1 0.01, b1 0, W2 0.0099"),
        (typical(10), "wrong", "W1 10, b1 0"),
        (typical(0.6), "wrong", "28 of 30 seeds solved, which is close to the goal."),
        ("return rng.normal(size=(2, 4)), 50 + rng.normal(size=4), rng.normal(size=(4, 1)), np.zeros(1)", "wrong",
         "b1 50"),
        (typical(1), "right", "of 30 seeds solved"),
        ("return rng.normal(size=(2, 4)), rng.normal(size=(4, 1))", "wrong", "4 results (W1, b1, W2, b2)"),
        ("return rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=4), np.zeros(1)", "wrong", "(4, 1)"),
        ("return rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.array([np.nan])", "wrong",
         "not finite"),
        (lambda rng: (rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=(4, 1)), [0.0]), "wrong", "(2, 4)"),
    ],
    "fifth-row": [
        ("fifth_row = 1 / 4", "right", "0.25"),
        ("fifth_row = ((0.5 - 0)**2 + (0.5 - 1)**2) / 2", "right", "0.25"),
        ("fifth_row = 0.3", "wrong", "Which a2 makes the sum of their squares smallest?"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


@pytest.mark.parametrize(("rate", "learned", "low", "high"), [(0.5, 0, 0, 1 / 40), (0.05, 5, 1 / 10, 1)])
def test_what_lab_questions_found_of_three_layers(rate, learned, low, high):
    """Of five seeds: how many learn the spirals, and the last gradients of the hidden layers, in those of the output layer."""
    solved, shares = 0, []
    for seed in range(1, 6):
        model = TrainingModel(
            data="spirals", hidden=16, deeper="16, 16", optimizer="Adam", seed=seed, epochs=500, rate=rate
        )
        model.advance(500)
        *hidden, output = model.norms[-1][1:]
        shares += [norm / output for norm in hidden]
        solved += model.accuracy == 1
    assert solved == learned
    assert low <= np.min(shares) and np.max(shares) <= high
