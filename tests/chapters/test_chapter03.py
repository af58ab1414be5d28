"""Chapter 3: every exercise knows right, wrong and not tried, and names the usual mistakes."""

from exercise_bank import bank_test

from course_lib.exercises.chapter03 import chapter
from course_lib.ops import logistic

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


BANK = {
    "by-hand": [
        (0.0101, "right", "0.0101 is right"),
        (0.1, "wrong", "Got 0.1: that is too large. Three factors"),
        (0.01, "wrong", "give four decimals"),
        ("by_hand = 2 * 0.3 * 0.7 * 0.3 * 0.2 * 0.8", "wrong", "what does the 1/2 in L do"),
        ("by_hand = 0.3 * 0.7 * 0.3 * 0.2", "wrong", "You took the hidden unit's a alone."),
        ("by_hand = 0.3 * 0.7 * 0.3 * 0.8", "wrong", "You took the hidden unit's 1 - a alone."),
        ("by_hand = 0.3 * 0.7 * 0.2 * 0.8", "wrong", "You took the output's a alone."),
        ("by_hand = 0.3 * 0.3 * 0.2 * 0.8", "wrong", "You took the output's 1 - a alone."),
        (-0.3, "wrong", "with which the way back begins"),
        ("by_hand = (0.7 - 1) * 0.7 * 0.3 * 2 * 0.2 * 0.8", "wrong", "the weight of the first unit"),
        ("by_hand = 0, 101", "wrong", "Python writes a point"),
        ((-0.03024, 0.01008), "wrong", "Expected one number"),
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
        ("training_step = 'h d g b i a c'", "wrong", "c does not belong here. It moves `W2` alone: which line moves all four"),
        ("training_step = 'h d g b i a e h'", "wrong", "h stands here 2 times: once is enough."),
        ("training_step = 'h d z'", "wrong", "Give letters with spaces between them, from a, b, c"),
        ("training_step = 123", "wrong", "Give letters with spaces between them, from a, b, c"),
        ("training_step = 'h->d->g->b->i->a->e'", "right", "The order is right"),
    ],
    "one-step": [
        (step(("1 - a1 * a1", "a1 * (1 - a1)")), "wrong", "What is the slope of a = tanh(z), in terms of a?"),
        (step(("1 - a1 * a1", "1 - np.tanh(a1)**2")), "wrong", "a tanh too many"),
        (step(("1 - a1 * a1", "1 - np.tanh(x @ W1 + b1)**2")), "right", "agree"),
        (step(("1 - a1 * a1", "1 - a1")), "wrong", "what is missing?"),
        (step(("np.tanh(", "sigmoid(")), "wrong", "the forward line still has the sigmoid"),
        (step((" * a2 * (1 - a2)", "")), "wrong", "without the slope of the output unit"),
        (step((" * a2 * (1 - a2)", " * (1 - a2 * a2)")), "wrong", "your output error has the slope of tanh"),
        (step(("(a2 - y)", "2 * (a2 - y)")), "wrong", "what does the 1/2 in the loss do"),
        (step(("(a2 - y)", "(y - a2)")), "wrong", "uphill"),
        (step(("eta * g", "g")), "wrong", "does not use `eta`"),
        (step(("eta * g", "eta * g / len(x)")), "wrong", "the loss is a sum here"),
        (step(("delta1.sum(0)", "delta1.mean(0)"), ("delta2.sum(0)", "delta2.mean(0)")), "wrong", "In the biases"),
        (step(("delta1.sum(0)", "delta1.sum()")), "wrong", "All is right but b1"),
        (step(("delta1.sum(0)", "delta1")), "wrong", "in b1: expected an array of shape (2,), got an array of shape (4, 2)"),
        (step(("[p - eta * g for p, g in zip(params, grads)]", "grads")), "wrong", "Those are the gradients."),
        (step(("p - eta * g", "eta * g")), "wrong", "`eta` times the gradients"),
        (step(("return [p", "return tuple([p"), ("grads)] ", "grads)])")), "right", "agree"),
        ("def one_step(params, x, y, eta):\n    return params", "wrong", "as they came"),
        (
            step(("params, grads)]", "params[2:] + params[:2], grads[2:] + grads[:2])]")),
            "wrong",
            "in the order W2, b2, W1, b1",
        ),
        (step(("a1.T @ delta2, delta2", "3 * a1.T @ delta2, 0 * delta2")), "wrong", "is the farthest off. Right: W1, b1."),
        (step(("x.T @ delta1", "x @ delta1")), "wrong", "the shapes (4, 2) and (4, 2) do not fit: the last number"),
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
        (PATIENCE.replace("enumerate(losses, 1)", "enumerate(losses)"), "wrong", "or you count the epochs from 0."),
        (PATIENCE.replace("epoch - best == wait", "epoch - best > wait"), "wrong", "You stop one epoch late"),
        (PATIENCE.replace("epoch - best == wait", "epoch - best >= wait"), "right", "agree"),
        (PATIENCE.replace("return len(losses)", "return best"), "wrong", "the task asks for the number of epochs"),
        (PATIENCE.replace("    return len(losses)\n", ""), "wrong", "returns nothing in case 3 of 11"),
        (PATIENCE.replace("lowest, best = np.inf", "lowest, best = 0"), "wrong", "as if there was never a new low"),
        (PREVIOUS, "wrong", "You compare with the epoch before."),
        (PATIENCE.replace("return epoch\n", "return losses[epoch - 1]\n"), "wrong", "That is a loss."),
        ("def patience(losses, wait):\n    return min(losses)", "wrong", "That is a loss."),
        ("def patience(losses, wait):\n    return np.argmin(losses) + 1", "wrong", "the lowest loss of the whole list"),
        ("def patience(losses, wait):\n    return np.argmin(losses) + 1 + wait", "wrong", "the lowest loss of the whole list"),
        ("def patience(losses, wait):\n    return len(losses)", "wrong", "This is always the number of epochs"),
        (PATIENCE.replace("return epoch\n", "break\n"), "wrong", "This is always the number of epochs"),
        (
            PATIENCE.replace("best = np.inf, 0", "count = np.inf, 0")
            .replace("lowest, best = loss, epoch", "lowest = loss\n        else:\n            count += 1")
            .replace("epoch - best", "count"),
            "wrong",
            "never reset: what is it after a new low?",
        ),
        ("def patience(losses):\n    return 4", "wrong", "Expected a function of 2 arguments (losses, wait)"),
        (
            "def patience(losses, wait):\n    for i in range(1, len(losses)):\n"
            "        if losses[i] > losses[i - 1]:\n            return i + 1\n    return len(losses)",
            "wrong",
            "whatever `wait` is",
        ),
        (
            "def patience(losses, wait):\n    for i in range(1, len(losses)):\n        wait -= losses[i] > losses[i - 1]\n"
            "        if wait == 0:\n            return i + 1\n    return len(losses)",
            "wrong",
            "You compare with the epoch before.",
        ),
        (PATIENCE.replace("return epoch\n", "return best\n"), "wrong", "the epoch of the lowest loss"),
        (PATIENCE.replace("return epoch\n", "return epoch - 1\n"), "wrong", "You stop one epoch early"),
        (PATIENCE.replace("loss < lowest", "loss <= lowest"), "wrong", "You take an equal loss for a new low."),
        (PATIENCE.replace("loss < lowest", "loss < lowest - 0.05"), "wrong", "You ask a new low to be lower by some margin."),
        (PATIENCE.replace("loss < lowest", "loss < lowest - 1e-4"), "wrong", "You ask a new low to be lower by some margin."),
        (PATIENCE.replace("loss < lowest", "loss < lowest * 0.9999"), "wrong", "expected"),
        (PATIENCE.replace("== wait", "== wait + 2"), "wrong", "You stop too late"),
        (LOOKS_FIRST, "wrong", "may bring a new low"),
        (
            "def patience(losses, wait):\n    rises = 0\n    for i in range(1, len(losses)):\n"
            "        rises = rises + 1 if losses[i] >= losses[i - 1] else 0\n"
            "        if rises == wait:\n            return i + 1\n    return len(losses)",
            "wrong",
            "Compare with the lowest loss so far",
        ),
    ],
    "count-steps": [
        (161, "wrong", "Got 161 steps: that is too large. Try it smaller"),
        ("count_steps = 1000 // 32", "wrong", "The last 8 examples"),
        ("count_steps = 1000 / 32", "wrong", "And that is one epoch."),
        ("count_steps = 5 * (1000 // 32 + 2)", "wrong", "Is there a batch left"),
        ("count_steps = 1000 // 5", "wrong", "You divided by the number of epochs."),
        ("count_steps = -(-5000 // 32)", "wrong", "round up within each epoch"),
        ("count_steps = 1000 * 32", "wrong", "counts nothing"),
        (1000, "wrong", "and one epoch"),
        ("count_steps = 160.0", "right", "160 steps is right"),
        ("count_steps = 1000 / 32 * 5", "wrong", "A quarter of a step does not exist"),
        ("count_steps = 1000 // 32 * 5", "wrong", "The last 8 examples"),
        ("count_steps = -(-1000 // 32)", "wrong", "That is one epoch"),
        ("count_steps = 1000 * 5", "wrong", "batch size 1"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)
