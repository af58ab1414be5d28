"""Chapter 3: every exercise knows right, wrong and not tried, and names the usual mistakes."""

from exercise_bank import bank_test

from course_lib.exercises.chapter03 import chapter
from course_lib.ops import logistic

STEP = chapter.exercises["one-step"].solution
PATIENCE = chapter.exercises["patience"].solution


def step(*changes):
    """The solution of one-step with some pieces of code replaced."""
    program = STEP
    for old, new in changes:
        assert old in program
        program = program.replace(old, new)
    return program


BANK = {
    "by-hand": [
        (0.0101, "right", "0.0101 is right"),
        (0.1, "wrong", "Expected 0.01008, got 0.1."),
        ("by_hand = (0.7 - 1) * 0.7 * 0.3 * -1", "wrong", "slope of the hidden unit is missing"),
        ("by_hand = (1 - 0.7) * 0.7 * 0.3 * -1 * 0.2 * 0.8", "wrong", "The sign"),
        ("by_hand = (0.7 - 1) * -1 * 0.2 * 0.8", "wrong", "The output error has a slope too"),
        ("by_hand = (0.7 - 1) * 0.7 * 0.3 * 2 * 0.6 * 0.4", "wrong", "hidden error of the first unit"),
    ],
    "training-step": [
        ("training_step = 'hdgbiae'", "right", "The order is right"),
        ("training_step = 'H, D, G, B, I, A, E'", "right", "The order is right"),
        ("training_step = list('hdgbiae')", "right", "The order is right"),
        ("training_step = 'h d g b f a e'", "wrong", "f does not belong here. This hidden error lacks the slope"),
        ("training_step = 'h d g b c i a e'", "wrong", "c does not belong here. The last line already moves `W2`"),
        ("training_step = 'd h g b i a e'", "wrong", "Place 1: d is too early. The output layer needs `a1`."),
        ("training_step = 'h d g i b a e'", "wrong", "Place 4: i is too early. The hidden error is made from `delta2`."),
        ("training_step = 'h d g b a i e'", "wrong", "The gradients of the first layer need `delta1`."),
        ("training_step = 'h d g b e i a'", "wrong", "The step"),
        ("training_step = 'h d b g i a e'", "wrong", "no line needs the number L"),
        ("training_step = 'h d g b i a'", "wrong", "Expected e once, got it 0 times."),
        ("training_step = 'h d z'", "wrong", "Expected some of the letters a, b, c"),
    ],
    "one-step": [
        (step(("1 - a1 * a1", "a1 * (1 - a1)")), "wrong", "`1 - a1 * a1`"),
        (step((" * (1 - a1 * a1)", "")), "wrong", "without the slope of tanh"),
        (step(("p - eta", "p + eta")), "wrong", "uphill"),
        (step(("np.tanh(", "sigmoid("), ("1 - a1 * a1", "a1 * (1 - a1)")), "wrong", "the task asks for tanh"),
        (
            step(("    delta1 =", "    W2 = W2 - eta * a1.T @ delta2\n    delta1 =")),
            "wrong",
            "the error goes back through the new `W2`",
        ),
        (step(("return [p - eta * g for p, g in zip(params, grads)]", "return grads")), "wrong", "W1"),
        (
            step(("return [p - eta * g for", "for p, g in zip(params, grads):\n        p -= eta * g\n    return [p for")),
            "wrong",
            "changed its argument `params`",
        ),
    ],
    "patience": [
        (PATIENCE.replace("enumerate(losses, 1)", "enumerate(losses)"), "wrong", "You count epochs from 0."),
        (PATIENCE.replace("return epoch\n", "return best\n"), "wrong", "the epoch of the lowest loss"),
        (PATIENCE.replace("return epoch\n", "return epoch - 1\n"), "wrong", "You count epochs from 0."),
        (PATIENCE.replace("loss < lowest", "loss <= lowest"), "wrong", "expected 3, got 5"),
        (
            "def patience(losses, wait):\n    rises = 0\n    for i in range(1, len(losses)):\n"
            "        rises = rises + 1 if losses[i] >= losses[i - 1] else 0\n"
            "        if rises == wait:\n            return i + 1\n    return len(losses)",
            "wrong",
            "Compare with the lowest loss so far",
        ),
    ],
    "count-steps": [
        (161, "wrong", "Expected 160 steps, got 161 steps."),
        ("count_steps = 1000 / 32 * 5", "wrong", "A quarter of a step does not exist"),
        ("count_steps = 1000 // 32 * 5", "wrong", "The last 8 examples"),
        ("count_steps = -(-1000 // 32)", "wrong", "That is one epoch"),
        ("count_steps = 1000 * 5", "wrong", "batch size 1"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)
