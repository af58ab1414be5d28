"""The exercises of chapter 1 against a bank of answers: right ones, typical slips, nonsense."""

import numpy as np
from exercise_bank import bank_test

from course_lib.exercises.chapter01 import chapter
from course_lib.ops import logistic

NEURON, STEP = "def neuron(x, w, b): return ", "def one_step(w, slope, eta): return "
LOOP = "def neuron(x, w, b):\n    z = 0\n    for i in range(len(x)):\n        {}\n    return sigmoid(z)"
BANK = {
    "neuron": [
        (NEURON + "sigmoid(np.sum(x * w) + b)", "right", "agree"),
        (NEURON + "sigmoid(sum(i * j for i, j in zip(x, w)) + b)", "right", "agree"),
        (NEURON + "sigmoid(x @ w)", "wrong", "without the bias"),
        (NEURON + "x @ w + b", "wrong", "the sigmoid of it is still to be taken"),
        (NEURON + "sigmoid(x * w + b)", "wrong", "the neuron adds them up"),
        (NEURON + "sigmoid(x @ w) + b", "wrong", "it belongs to the weighted sum"),
        (NEURON + "sigmoid(x[0] * w[0] + x[1] * w[1] + b)", "wrong", "any number of them"),
        (NEURON + "sigmoid(x @ w - b)", "wrong", "it is added"),
        (NEURON + "sigmoid(sum(i * j + b for i, j in zip(x, w)))", "wrong", "once for each input"),
        (NEURON + "sigmoid(sum(x) * sum(w) + b)", "wrong", "multiply in pairs first"),
        (NEURON + "sigmoid(x @ w * b)", "wrong", "a factor here"),
        (NEURON + "sigmoid(sum(x) + b)", "wrong", "weights `w` are not in it"),
        (NEURON + "sigmoid(np.mean(x * w) + b)", "wrong", "the mean of the products"),
        (LOOP.format("z = x[i] * w[i] + b"), "wrong", "or replace it?"),
        (LOOP.format("z += x[i] * w[i]\n        return sigmoid(z + b)"), "wrong", "`return` stand inside the loop"),
        (LOOP.format("z += x[i] * w[i] + b"), "wrong", "once for each input"),
        (NEURON + "1 / (1 + np.exp(x @ w + b))", "wrong", "a minus in the exponent"),
        (NEURON + "1 / 1 + np.exp(-(x @ w + b))", "wrong", "needs brackets"),
        (NEURON + "np.tanh(x @ w + b)", "wrong", "another bend"),
        (NEURON + "sigmoid(sigmoid(x @ w + b))", "wrong", "taken twice"),
        (NEURON + "round(sigmoid(x @ w + b), 4)", "wrong", "leave the digits"),
        (NEURON + "[sigmoid(x @ w + b)]", "wrong", "Leave out the brackets"),
        (NEURON + "sigmoid(x + w + b)", "wrong", "got an array of shape (2,)"),
        (LOOP.format("z += x[i] * w[i]").replace("return ", ""), "not tried", "does it end with `return`"),
        (NEURON + "Sigmoid(x @ w + b)", "wrong", "NameError"),
    ],
    "one-step": [
        (STEP + "w + -eta * slope", "right", "agree"),
        (STEP + "w + eta * slope", "wrong", "You went up"),
        (STEP + "w - slope", "wrong", "how much of it to take"),
        (STEP + "-eta * slope", "wrong", "after the change"),
        (STEP + "w - eta * slope * w", "wrong", "does not depend on how large"),
        (STEP + "w - slope / eta", "wrong", "a small rate takes a long step"),
        (STEP + "eta * slope", "wrong", "by how much `w` changes"),
        (STEP + "eta * slope - w", "wrong", "sign turned"),
        (STEP + "-(w - eta * slope)", "wrong", "sign turned"),
        (STEP + "w - eta", "wrong", "The slope is not in it"),
        (STEP + "w - eta - slope", "wrong", "one by one"),
        (STEP + "w * eta - slope", "wrong", "it belongs to the slope"),
        (STEP + "w - eta * np.sign(slope)", "wrong", "its size belongs to the step"),
        (STEP + "w - eta * abs(slope)", "wrong", "downhill is the other way"),
        (STEP + "w - eta * slope**2", "wrong", "its sign is lost"),
        (STEP + "w - 0.5 * slope", "wrong", "whatever `eta` is"),
        (STEP + "w", "wrong", "before the step"),
        (STEP + "(w, w - eta * slope)", "wrong", "expected one number"),
        ("def one_step(w, slope, eta):\n    w -= eta * slope\n    return w", "right", "agree"),
        ("def one_step(w, slope, eta):\n    w -= eta * slope", "not tried", "does it end with `return`"),
        ("def one_step(w, slope, eta):\n    slope *= eta\n    return w - slope", "wrong", "changed its argument `slope`"),
    ],
    "xor-output": [
        ("xor_output = (1, -2, -0.5)", "right", "made of three neurons"),
        ((20.0, -20.0, -10.0), "right", "made of three neurons"),
        ("xor_output = (1, 1, -0.5)", "wrong", "what must \"and\" do"),
        ("xor_output = (10, -20, 0)", "wrong", "which sign does `c` need"),
        ("xor_output = (10, -20, -0.01)", "wrong", "Through `v_or` comes 0.0669"),
        ("xor_output = (10, -1000, -5)", "wrong", "Through `v_or` comes 9.93, through `v_and` -6.69, and `c` is -5."),
        ("xor_output = (10_000, -20_000, -5)", "wrong", "Through `v_or` comes 66.9"),
        ("xor_output = (10, -20, -15)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (-10, 20, -5)", "wrong", "`v_or` has to outweigh `c`"),
        ("xor_output = (10, -4, -5)", "wrong", "what must \"and\" do"),
        ("xor_output = (10, -20)", "wrong", "three numbers: (v_or, v_and, c), got 2"),
        ("xor_output = [0, 1, 1, 0]", "wrong", "got 4"),
        ("xor_output = ((10, -20), -5)", "wrong", "three numbers"),
        ("xor_output = [[10], [-20], [-5]]", "wrong", "three numbers"),
        ("xor_output = {'v_or': 10, 'v_and': -20, 'c': -5}", "wrong", "a value of type `dict`"),
        ("xor_output = (0, 0, 0)", "wrong", "which sign does `c` need"),
        ("xor_output = (-10, -20, 15)", "wrong", "which sign does `c` need"),
        ("xor_output = (10, 0, -5)", "wrong", "what must \"and\" do"),
        ("xor_output = np.array([1, -1, -0.5])", "right", "0.379, 0.619, 0.619, 0.379. Exclusive or"),
        ("xor_output = (10, -20, np.nan)", "wrong", "finite"),
        ("xor_output = (10, ..., -5)", "not tried", "Replace"),
    ],
    "who-computes": [
        ("who_computes = 'B'", "right", "changes none of them"),
        ("who_computes = 'a'", "wrong", "forward pass"),
        ("who_computes = 'c'", "wrong", "it uses `dW`"),
        ("who_computes = 'd'", "wrong", "Backpropagation is the part"),
        ("who_computes = 2", "wrong", "one of the letters"),
        ("who_computes = '(c)'", "wrong", "it uses `dW`"),
        ("who_computes = 'C'", "wrong", "it uses `dW`"),
        ("who_computes = 'line b'", "right", "changes none of them"),
        ("who_computes = ['a']", "wrong", "forward pass"),
        ("who_computes = np.zeros(2)", "wrong", "Put the letter in quotation marks"),
        ("who_computes = 'b and c'", "wrong", "one of the letters"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)


def test_the_chapters_layer_says_or_and_and():
    from course_lib.exercises.chapter01 import OR_AND

    assert np.array_equal(OR_AND > 0.5, [[False, False], [True, False], [True, False], [True, True]])
