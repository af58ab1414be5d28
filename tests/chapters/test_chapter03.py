"""Chapter 3: every exercise knows right, wrong and not tried, and names the usual mistakes."""

from exercise_bank import row_test

from course_lib.exercises.chapter03 import chapter

STEP = chapter.exercises["one-step"].solution
PATIENCE = chapter.exercises["patience"].solution

_LOW = "        if loss < lowest:\n            lowest, best = loss, epoch\n"
_STOP = "        if epoch - best == wait:\n            return epoch\n"
LOOKS_FIRST = PATIENCE.replace(_LOW + _STOP, _STOP + _LOW)
PREVIOUS = PATIENCE.replace("best = loss, epoch", "best = lowest, epoch")
PREVIOUS = PREVIOUS.replace("        if epoch", "        lowest = loss\n        if epoch")


def step(*changes):
    """The solution of one-step with some pieces of code replaced."""
    program = STEP
    for old, new in changes:
        assert old in program
        program = program.replace(old, new)
    return program


ROWS = {
    "by-hand": [
        (0.0101, "right", "0.0101 is right"),
    ],
    "training-step": [
        ("training_step = 'hdgbiae'", "right", "The order is right"),
        ("training_step = 'H, D, G, B, I, A, E'", "right", "The order is right"),
        ("training_step = list('hdgbiae')", "right", "The order is right"),
        ("training_step = 'h d g b f a e'", "wrong", "f does not belong here. This hidden error lacks the slope"),
        ("training_step = 'h d g b c i a e'", "wrong", "c does not belong here. Another line moves `W2`"),
        ("training_step = 'd h g b i a e'", "wrong", "Place 1: d is too early. The output layer needs `a1`."),
        ("training_step = 'h d g i b a e'", "wrong", "Place 4: i is too early. The hidden error is made from `delta2`."),
        ("training_step = 'h d g b a i e'", "wrong", "The gradients of the first layer need `delta1`."),
        ("training_step = 'h d g b e i a'", "wrong", "The step"),
        ("training_step = 'h d b g i a e'", "wrong", "No line needs the number L"),
        ("training_step = 'h d i g b a e'", "wrong", "Place 3: i is too early. The hidden error is made from `delta2`."),
        ("training_step = 'i h d g b a e'", "wrong", "Place 1: i is too early. The hidden error is made from `delta2`."),
        ("training_step = 'e h d g b i a'", "wrong", "the hidden error needs the old one"),
        ("training_step = 'h b d g i a e'", "wrong", "Place 2: b is too early. The output error needs `a2`."),
        ("training_step = 'g h d b i a e'", "wrong", "Place 1: g is too early. The loss needs `a2`."),
        ("training_step = 'h d g b i a'", "wrong", "One is missing: you have 6 of 7. Which of the six labels has no line yet?"),
        ("training_step = 'h d b i a e'", "wrong", "One is missing: you have 6 of 7. Label 2, the loss, has no line."),
        ("training_step = 'd b i a'", "wrong", "3 are missing: you have 4 of 7. Which of the six labels"),
        ("training_step = 'h d g b i a c'", "wrong", "c does not belong here. This line moves `W2` alone. Which line"),
        ("training_step = 'h d g b i a e h'", "wrong", "h stands here 2 times, but once is enough."),
        ("training_step = 'h d z'", "wrong", "Give letters with spaces between them, from a, b, c"),
        ("training_step = 123", "wrong", "Give letters with spaces between them, from a, b, c"),
        ("training_step = 'h->d->g->b->i->a->e'", "right", "The order is right"),
    ],
    "one-step": [
        (step(("1 - a1 * a1", "1 - np.tanh(x @ W1 + b1)**2")), "right", "agree"),
        (step(("delta1.sum(0)", "delta1")), "wrong", "in b1: expected an array of shape (2,), got an array of shape (4, 2)"),
        (step(("return [p", "return tuple([p"), ("grads)] ", "grads)])")), "right", "agree"),
        (
            step(("params, grads)]", "params[2:] + params[:2], grads[2:] + grads[:2])]")),
            "wrong",
            "in the order W2, b2, W1, b1",
        ),
        (step(("a1.T @ delta2, delta2", "3 * a1.T @ delta2, 0 * delta2")), "wrong", "is the farthest off. Right: W1, b1."),
        (step(("x.T @ delta1", "x @ delta1")), "wrong", "the shapes (4, 2) and (4, 2) do not fit: the last number"),
        (step(("return [p - eta * g for p, g in zip(params, grads)]", "return grads")), "wrong", "W1"),
        (
            step(("return [p - eta * g for", "for p, g in zip(params, grads):\n        p -= eta * g\n    return [p for")),
            "wrong",
            "changed its argument `params`",
        ),
    ],
    "patience": [
        (PATIENCE.replace("epoch - best == wait", "epoch - best >= wait"), "right", "agree"),
        (PATIENCE.replace("    return len(losses)\n", ""), "wrong", "returns nothing in case 3 of 11"),
        ("def patience(losses):\n    return 4", "wrong", "Expected a function of 2 arguments (losses, wait)"),
        (PATIENCE.replace("loss < lowest", "loss < lowest * 0.9999"), "wrong", "expected"),
    ],
    "count-steps": [
        ("count_steps = 160.0", "right", "160 steps is right"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)
