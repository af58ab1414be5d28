"""Chapter 5: the clinic names each fault when its turn comes, and every exercise knows right, wrong and not tried."""

from exercise_bank import bank_test

from course_lib.exercises.chapter05 import chapter
from course_lib.ops import logistic

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
    ([], "Evidence 1 of 7"),
    ([("W @ x", "x @ W"), ("W @ a1", "a1 @ W")], "Evidence 2 of 7"),
    (
        [
            ("[rng.random((2, 1)), rng.random(1)]", "[rng.random((2, 4)), rng.random(4), rng.random((4, 1))]"),
            ("W, b = params", "W, b, W2 = params"),
            ("a1 @ W)", "a1 @ W2)"),
            ("delta2 @ W.T", "delta2 @ W2.T"),
        ],
        "Evidence 3 of 7: there are 3 parameter arrays and 2 gradients",
    ),
    ([("[a1.T @ delta2, delta2.sum(axis=0)]", "[x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2]")], "Evidence 4 of 7"),
    ([("delta2 @ W2.T", "delta2 @ W2.T * a1 * (1 - a1)")], "Evidence 5 of 7"),
    ([("p += eta", "p -= eta")], "Evidence 6 of 7"),
    (
        [
            ("rng.random((4, 1))]", "rng.random((4, 1)), rng.random(1)]"),
            ("W, b, W2 = params", "W, b, W2, b2 = params"),
            ("a1 @ W2)", "a1 @ W2 + b2)"),
            ("a1.T @ delta2]", "a1.T @ delta2, delta2.sum(axis=0)]"),
        ],
        "Evidence 7 of 7, the result: 0 of 30 seeds solved",
    ),
    ([("0.01, 2000", "0.5, 10_000")], "All seven faults are repaired: 30 of 30 seeds solved"),
]


def stages():
    """The draft after no repair, after the first, the first two, ...: what the reader's program looks like."""
    program = DRAFT
    for changes, evidence in REPAIRS:
        for old, new in changes:
            assert old in program
            program = program.replace(old, new)
        yield program, "right" if evidence.startswith("All") else "wrong", evidence


*_, (REPAIRED, _, _) = stages()
BANK = {
    "repair": [
        *stages(),
        (DRAFT.replace("W @ x", "x @ W"), "wrong", "Evidence 1 of 7"),
        (REPAIRED.replace("p -= eta * g", "p = p - eta * g"), "wrong", "The step changes nothing"),
        (REPAIRED.replace("(a2 - y) * a2 * (1 - a2)", "a2 - y"), "wrong", "not the slope of the loss"),
        (REPAIRED.replace("x.T @ delta1", "delta1.T @ x"), "wrong", "another shape than its parameter"),
        (REPAIRED.replace("return a1, sigmoid(a1 @ W2 + b2)", "return a1, a1"), "wrong", "outputs of shape (4, 1)"),
        (REPAIRED.replace("0.5, 10_000", "0.5, 10"), "wrong", "rate x epochs = 5"),
        (REPAIRED.replace("0.5, 10_000", "-0.5, 10_000"), "wrong", "expected a positive number, got -0.5"),
        (REPAIRED.replace("0.5, 10_000", "0.5, 1e9"), "wrong", "whole number from 1 to 20,000"),
        ("repair = 0.5, 10_000", "wrong", "four functions and two numbers"),
    ],
    "output-gradients": [
        (
            "def output_gradients(a1, W2, b2, y):\n    a2 = sigmoid(a1 @ W2 + b2)\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2)\n    return delta2.T @ a1, delta2.sum(axis=0)",
            "wrong",
            "(3, 1)",
        ),
        (
            "def output_gradients(a1, W2, b2, y):\n    a2 = sigmoid(a1 @ W2 + b2)\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2) / 4\n    return a1.T @ delta2, delta2.sum(axis=0)",
            "wrong",
            "4 times",
        ),
        (
            "def output_gradients(a1, W2, b2, y):\n    a2 = sigmoid(a1 @ W2 + b2)\n"
            "    delta2 = (y - a2) * a2 * (1 - a2)\n    return a1.T @ delta2, delta2.sum(axis=0)",
            "wrong",
            "sign",
        ),
        (
            "def output_gradients(a1, W2, b2, y):\n    a2 = sigmoid(a1 @ W2 + b2)\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2)\n    return a1.T @ delta2, delta2",
            "wrong",
            "b2",
        ),
    ],
    "equal-path": [
        (40_000, "wrong", "Expected 50000 epochs, got 40000 epochs."),
        ("equal_path = 2000 * 25", "right", "50000"),
    ],
    "break-symmetry": [
        (lambda rng: (rng.normal(size=(2, 4)) * 0, [0.0] * 4, rng.normal(size=(4, 1)) * 0, [0.0]), "wrong", "equal"),
        (
            "def break_symmetry(rng):\n    rng = np.random.default_rng(0)\n"
            "    return rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)",
            "wrong",
            "same weights",
        ),
        (
            "def break_symmetry(rng):\n"
            "    return 0.01 * rng.normal(size=(2, 4)), np.zeros(4), 0.01 * rng.normal(size=(4, 1)), np.zeros(1)",
            "wrong",
            "0 of 30 seeds solved. Very small weights",
        ),
        (lambda rng: (rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=(4, 1)), [0.0]), "wrong", "(2, 4)"),
    ],
    "stuck": [("stuck = 'A'", "wrong", "can have any loss"), ("stuck = 'b'", "wrong", "every local minimum")],
}

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)
