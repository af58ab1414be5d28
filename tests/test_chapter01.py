"""The exercises of chapter 1 against a bank of answers: right ones, typical slips, nonsense."""

import numpy as np
from exercise_bank import bank_test

from course_lib.exercises.chapter01 import chapter
from course_lib.ops import logistic

NEURON, STEP = "def neuron(x, w, b): return ", "def one_step(w, slope, eta): return "
BANK = {
    "neuron": [
        (NEURON + "sigmoid(np.sum(x * w) + b)", "right", "agree"),
        (NEURON + "sigmoid(sum(i * j for i, j in zip(x, w)) + b)", "right", "agree"),
        (NEURON + "sigmoid(x @ w)", "wrong", "without the bias"),
        (NEURON + "x @ w + b", "wrong", "the sigmoid of it is still to be taken"),
        (NEURON + "sigmoid(x * w + b)", "wrong", "the neuron adds them up"),
        (NEURON + "sigmoid(x @ w) + b", "wrong", "it belongs to the weighted sum"),
        (NEURON + "sigmoid(x[0] * w[0] + x[1] * w[1] + b)", "wrong", "expected"),
        (NEURON + "sigmoid(x @ w - b)", "wrong", "expected"),
        (NEURON + "Sigmoid(x @ w + b)", "wrong", "NameError"),
    ],
    "one-step": [
        (STEP + "w + -eta * slope", "right", "agree"),
        (STEP + "w + eta * slope", "wrong", "You went up"),
        (STEP + "w - slope", "wrong", "how much of it to take"),
        (STEP + "-eta * slope", "wrong", "after the change"),
        (STEP + "w - eta * slope * w", "wrong", "does not depend on how large"),
        (STEP + "w - slope / eta", "wrong", "expected"),
        ("def one_step(w, slope, eta):\n    w -= eta * slope\n    return w", "wrong", "changed its argument `w`"),
    ],
    "xor-output": [
        ("xor_output = (1, -2, -0.5)", "right", "made of three neurons"),
        ((20.0, -20.0, -10.0), "right", "made of three neurons"),
        ("xor_output = (1, 1, -0.5)", "wrong", "what must \"and\" do"),
        ("xor_output = (10, -20, 0)", "wrong", "which sign does `c` need"),
        ("xor_output = (10, -20, -15)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (-10, 20, -5)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (10, -4, -5)", "wrong", "what must \"and\" do"),
        ("xor_output = (10, -20)", "wrong", "three numbers"),
        ("xor_output = (10, -20, np.nan)", "wrong", "finite"),
        ("xor_output = (10, ..., -5)", "not tried", "Replace"),
    ],
    "who-computes": [
        ("who_computes = 'B'", "right", "changes none of them"),
        ("who_computes = 'a'", "wrong", "forward pass"),
        ("who_computes = 'c'", "wrong", "it uses `dW`"),
        ("who_computes = 'd'", "wrong", "Backpropagation is the part"),
        ("who_computes = 2", "wrong", "one of the letters"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)


def test_the_chapters_layer_says_or_and_and():
    from course_lib.exercises.chapter01 import OR_AND

    assert np.array_equal(OR_AND > 0.5, [[False, False], [True, False], [True, False], [True, True]])
