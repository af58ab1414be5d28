"""Chapter 3: the algorithms, step by step. Exercises and predictions."""

import numpy as np

from .. import datasets
from ..text import N_
from .chapter_parts.worked_examples import HIDDEN_DELTA
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.order import arrange_function, ordering
from .machinery.slips import code_exercise, number_exercise, slip
from .machinery.worked import worked_function

x, y = datasets.xor()  # (4, 2), (4, 1)

# Lines of a training step, and two that do not belong.

LINES = {
    "a": "grads = x.T @ delta1, delta1.sum(0), a1.T @ delta2, delta2.sum(0)",
    "b": "delta2 = (a2 - y) * a2 * (1 - a2)",
    "c": "W2 -= eta * a1.T @ delta2",
    "d": "a2 = sigmoid(a1 @ W2 + b2)",
    "e": "for p, g in zip(params, grads): p -= eta * g",
    "f": "delta1 = delta2 @ W2.T",
    "g": "L = np.sum((a2 - y) ** 2) / 2",
    "h": "a1 = sigmoid(x @ W1 + b1)",
    "i": "delta1 = delta2 @ W2.T * a1 * (1 - a1)",
}
RIGHT_ORDER = "h d g b i a e"


def _network(seed, hidden):
    rng = np.random.default_rng(seed)
    shapes = [(2, hidden), (hidden,), (hidden, 1), (1,)]
    return [rng.normal(size=shape) for shape in shapes]


_rng = np.random.default_rng(5)
POINTS = _rng.normal(size=(3, 2)), _rng.integers(0, 2, (3, 1)).astype(float)  # of both signs, unlike those of XOR

RISES = """\
rises = 0
for epoch in range(1, len(losses)):
    rises = rises + 1 if losses[epoch] >= losses[epoch - 1] else 0
    if rises == wait:
        return epoch + 1
return len(losses)"""

LOSSES = [
    (np.array([0.9, 0.5, 0.6, 0.55, 0.7, 0.8]), 2),
    (np.array([0.9, 0.5, 0.6, 0.4, 0.5, 0.45, 0.6, 0.3]), 3),
    (np.array([0.5, 0.4, 0.3, 0.2]), 2),
    (np.array([0.3, 0.3, 0.3, 0.3, 0.1]), 2),
    (np.array([0.6, 0.4, 0.5, 0.7]), 3),
    (np.array([0.9, 0.5, 0.6, 0.7, 0.8, 0.9]), 2),
    (
        np.array([0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 0.8, 0.7, 0.6, 0.7, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        2,
    ),  # the lowest comes late
    (np.array([0.9, 0.6, 0.7, 0.5, 0.6, 0.7, 0.8]), 2),  # a new low in the last epoch of the waiting
    (np.array([0.9, 0.5, 0.6, 0.7, 0.4, 0.5, 0.6]), 2),  # and one just after it
    (np.array([0.5, 0.40003, 0.40002, 0.40001, 0.4, 0.6, 0.7, 0.8]), 2),  # a little lower is lower
    (np.array([5e-9, 4e-9, 3e-9, 2e-9, 1e-9, 2e-9, 3e-9, 4e-9]), 2),  # so it is where all losses are small
]


def _validation_losses(rng):
    """Eight losses, of which most often the second, third or fourth is the lowest until it is time to stop."""
    best, wait = int(rng.integers(2, 5)), one_of(rng, 2, 3)
    before = [*numbers_of(rng, (best - 1,), 0.5, 0.6, 0.7, 0.8, 0.9), 0.4]
    after = [
        *numbers_of(rng, (wait,), 0.4, 0.5, 0.6, 0.7),
        *numbers_of(rng, (3,), 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    ]
    return np.array([*before, *after][:8]), wait


def _steps(rng):
    """Examples, batch size and epochs. The rests of all epochs are no whole batches, and it matters that they are not put together."""
    thousands, batch, epochs = 1, 32, 5
    while rng is not None:
        thousands, epochs = int(rng.integers(1, 7)), int(rng.integers(3, 9))
        batch = one_of(rng, 16, 24, 30, 32, 48, 60, 64, 80, 96)
        rest = 1000 * thousands % batch
        if epochs * rest % batch and epochs * (batch - rest) > batch:
            break
    full, rest = divmod(1000 * thousands, batch)
    counts = {"full": full, "rest": rest, "steps": full + 1}
    return {"thousands": thousands, "examples": 1000 * thousands, "batch": batch, "epochs": epochs} | counts


EXERCISES = [
    number_exercise(
        name="by-hand",
        task=N_("A 2-2-1 network of sigmoids with L = 1/2 (a2 - y)^2. The forward pass left a1 = ({a}, {h}) and a2 = {out}; the target "
                "is {y}, and W2 = ({v}, {w}). How large is the hidden error of the second unit? Give four decimals."),
        ask=N_("There are three factors: the output error, the weight that it comes back through, and the "
               "slope of the unit. What is each of them?"),
        tolerance=5e-5,
        wrong={
            "-{d} * {w} * {h} * (1 - {h})": N_("Look at the signs, that of a2 - y and that of the weight."),
            "{d} * {w}": N_("That is the error that came back through the weight. The slope of the hidden unit is missing."),
            "{e} * {w} * {h} * (1 - {h})": N_("The output error has a slope too: (a2 - y) times a2 (1 - a2)."),
            "{e} * {w}": N_("Both slopes are missing, that of the output and that of the hidden unit."),
            "{d} * {v} * {a} * (1 - {a})": N_("That is the hidden error of the first unit."),
            "{d}": N_("That is the output error. It still has to pass the weight and the slope of the hidden unit."),
            "{d} * {v} * {h} * (1 - {h})": N_("You took the weight of the first unit."),
            "{d} * {w} * {a} * (1 - {a})": N_("You took the activation of the first unit for the slope."),
            "2 * {d} * {w} * {h} * (1 - {h})": N_("This is twice too large. What does the 1/2 in L do to its slope?"),
            "{d} * {w} * {h}": N_("The slope of a sigmoid is a (1 - a). You took the hidden unit's a alone."),
            "{d} * {w} * (1 - {h})": N_("The slope of a sigmoid is a (1 - a). You took the hidden unit's 1 - a alone."),
            "{e} * {out} * {w} * {h} * (1 - {h})": N_("The slope of a sigmoid is a (1 - a). You took the output's a alone."),
            "{e} * (1 - {out}) * {w} * {h} * (1 - {h})": N_("The slope of a sigmoid is a (1 - a). You took the output's 1 - a alone."),
            "{e}": N_("That is a2 - y, with which the way back begins."),
            "round({d} * {w} * {h} * (1 - {h}), 2)": N_("This is too coarse. Give four decimals."),
        },
        numbers=fields(  # a1 = (a, h), a2 = out, W2 = (v, w); `e` is a2 - y, and `d` the output error
            {"a": 0.6, "h": 0.2, "out": 0.7, "y": 1, "v": 2, "w": -1},
            {"a": (0.1, 0.4, 0.6, 0.9), "h": (0.2, 0.3, 0.7, 0.8),
             "out y": ((0.2, 1), (0.3, 1), (0.4, 1), (0.6, 0), (0.7, 0), (0.8, 0)), "v": (-1, 1), "w": (-4, -3, -2, 2, 3, 4)},
            lambda h, out, y, **_: {"rest": 1 - h, "e": out - y, "d": (out - y) * out * (1 - out)},
        ),
        hints=(
            N_("Begin with the output error, (a2 - y) times the slope a2 (1 - a2)."),
            N_("It goes back through the weight of the second unit, {w}, and is multiplied by that unit's slope, {h} x {rest}."),
        ),
        solution="delta2 = ({out} - {y}) * {out} * (1 - {out})            # {d}, output error\nby_hand = delta2 * {w} * {h} * (1 - {h})         # hidden error\n",
        explanation=N_("There are four factors: the slope of the loss, the slope of the output, the weight, and "
                       "the slope of the hidden unit. Each of the usual slips leaves out one of them or swaps it "
                       "for another."),
    ),
    ordering(
        name="training-step",
        task=N_("Put the lines of one training step into the order of the six labels. Two lines do not belong."),
        lines=LINES,
        order=RIGHT_ORDER,
        replies={
            "f": N_("This hidden error lacks the slope of the sigmoid."),
            "c": N_("Another line moves `W2` together with the rest. And if this line ran before the hidden error, "
                    "the error would go back through weights that the signal never passed."),
            ("c", "e"): N_("This line moves `W2` alone. Which line moves all four parameters?"),
            ("d", "h"): N_("The output layer needs `a1`."),
            ("g", "d"): N_("The loss needs `a2`."),
            ("b", "d"): N_("The output error needs `a2`."),
            ("b", "g"): N_("No line needs the number L, but in the order of the six labels the loss comes before the "
                           "errors."),
            ("i", "b"): N_("The hidden error is made from `delta2`."),
            ("a", "b"): N_("The gradients need `delta2`."),
            ("a", "i"): N_("The gradients of the first layer need `delta1`."),
            ("e", "a"): N_("The step needs the gradients."),
            ("e", "i"): N_("The step changes `W2`, and the hidden error needs the old one."),
        },
        hints=(
            N_("The six labels come in this order: forward (two lines), loss, output error, hidden error, "
               "gradients, step."),
            N_("Leave out the line that forgets a slope and the line that moves weights too early."),
            N_("It begins with h, d, g."),
        ),
        missing={
            "": N_("Which of the six labels has no line yet? The forward pass needs two lines."),
            "g": N_("Label 2, the loss, has no line. No later line needs its number, but it is one of the six "
                    "labels."),
        },
        explanation=N_("Each line needs what an earlier one has made. The loss is the exception, because no line "
                       "needs the number L, only its slope `a2 - y`. The number is there for you to watch."),
    ),
    code_exercise(
        name="one-step",
        task=N_("Write `one_step(params, x, y, eta)` for tanh hidden units and a sigmoid output, with L = 1/2 sum (a2 - y)^2. Return the "
                "new W1, b1, W2, b2 as a list and leave the given arrays as they are."),
        solution=(
            "def one_step(params, x, y, eta):\n"
            "    W1, b1, W2, b2 = params\n"
            "    a1 = np.tanh(x @ W1 + b1)                      # forward\n"
            "    a2 = sigmoid(a1 @ W2 + b2)                     # forward\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2)              # output error\n"
            "    delta1 = delta2 @ W2.T * (1 - a1 * a1)         # hidden error\n"
            "    grads = [x.T @ delta1, delta1.sum(0), a1.T @ delta2, delta2.sum(0)]  # gradients\n"
            "    return [p - eta * g for p, g in zip(params, grads)]                  # step\n"
        ),
        cases=[(_network(1, 2), x, y, 0.5), (_network(2, 3), x, y, 2.0), (_network(3, 2), x[:1], y[:1], 1.0), (_network(4, 3), *POINTS, 0.7)],
        names=("W1", "b1", "W2", "b2"),
        slips={
            "sigmoid-slope": slip("You multiply by the slope of the sigmoid. What is the slope of a = tanh(z), in terms of a?",
                {"1 - a1 * a1": "a1 * (1 - a1)"}),
            "sigmoid-hidden": slip("The hidden units are sigmoids in your function, and the task asks for tanh.",
                {"np.tanh": "sigmoid", "1 - a1 * a1": "a1 * (1 - a1)"}),
            "sigmoid-forward": slip("The slope fits tanh, but the forward line still has the sigmoid.",
                {"np.tanh": "sigmoid"}),
            "tanh-twice": slip("Your slope takes the tanh of `a1`, but `a1` is tanh(z) already. That is one tanh too many.",
                {"1 - a1 * a1": "1 - np.tanh(a1) ** 2"}),
            "not-squared": slip("Your slope is `1 - a1`. At a = -0.5 that is more than 1, and no slope of tanh is more than "
                                "1. What is missing?",
                {"1 - a1 * a1": "1 - a1"}),
            "no-slope": slip("This is what you get without the slope of tanh.", {" * (1 - a1 * a1)": ""}),
            "plus": slip("Your slope is `1 + a1 * a1`, which grows where tanh gets flat, so one sign is wrong.",
                {"1 - a1 * a1": "1 + a1 * a1"}),
            "no-hidden-bias": slip("This is what you get when the forward line forgets `b1`.", {" + b1": ""}),
            "no-output-bias": slip("This is what you get when the forward line forgets `b2`.", {" + b2": ""}),
            "square": slip("Your output error goes on with the square itself. What goes back is the derivative of the "
                           "square.",
                {"(a2 - y) * a2": "(a2 - y) ** 2 * a2"}, {"(a2 - y) * a2": "(a2 - y) ** 2 / 2 * a2"}),
            "no-output-slope": slip("This is what you get without the slope of the output unit, a sigmoid.",
                {" * a2 * (1 - a2)": ""}),
            "tanh-output-slope": slip("The output unit is a sigmoid, and your output error has the slope of tanh.",
                {"a2 * (1 - a2)": "(1 - a2 * a2)"}),
            "moved-first": slip("This is what you get when the error goes back through the new `W2`.",
                {"    delta1 =": "    W2 = W2 - eta * a1.T @ delta2\n    delta1 ="}),
            "uphill": slip("This step goes along the gradient, which is uphill.", {"p - eta": "p + eta"}),
            "no-rate": slip("Your step does not use `eta`.", {"eta * g": "g"}),
            "mean": slip("You divided the step by the number of examples, so it is too short. The loss is a sum "
                         "here and not a mean.",
                {"eta * g": "eta * g / len(x)"}),
            "twice": slip("Your step is twice too long. What does the 1/2 in the loss do to its slope?",
                {"eta * g": "2 * eta * g"}),
            "mean-in-biases": slip("The weights are right. In the biases you take the mean over the examples, but the loss is "
                                   "a sum.",
                {".sum(0)": ".mean(0)"}),
            "one-sum": slip("All is right except b1. The bias of each hidden unit gets the sum, over the examples, of "
                            "that unit's own errors.",
                {"delta1.sum(0)": "delta1.sum()"}),
            "unchanged": slip("Your function returns the parameters unchanged.", "return params"),
            "gradients": slip("Those are the gradients. The step is still to come, because the task asks for the new "
                              "parameters.",
                {"p - eta * g": "g"}),
            "changes": slip("That is `eta` times the gradients. The task asks for the new parameters.",
                {"p - eta * g": "eta * g"}),
        },
        hints=(
            N_("Take the ten lines, and change the two places where the hidden activation appears: the "
               "forward line and its slope."),
            N_("The slope of a = tanh(z) is `1 - a1 * a1`."),
            N_("`p - eta * g` makes a new array, and `p -= eta * g` would write into the given one."),
        ),
        explanation=N_("Only the hidden layer's own two lines change. Everything else in the way back is the same for any activation."),
    ),
    code_exercise(
        name="patience",
        task=N_("Write `patience(losses, wait)`. It returns the number of the epoch (the first is 1) at "
                "which training stops because the lowest validation loss so far is `wait` epochs old. If "
                "that never happens, it returns the number of epochs. A loss that only equals the lowest one does "
                "not count as lower."),
        solution=(
            "def patience(losses, wait):\n"
            "    lowest, best = np.inf, 0\n"
            "    for epoch, loss in enumerate(losses, 1):\n"
            "        if loss < lowest:\n"
            "            lowest, best = loss, epoch\n"
            "        if epoch - best == wait:\n"
            "            return epoch\n"
            "    return len(losses)\n"
        ),
        cases=LOSSES,
        again=by_hand(
            _validation_losses,
            without=("margin",),
            hints=(
                N_("Go through the losses from the left. What is the lowest one so far at each epoch, and at which epoch was it new?"),
                N_("Stop when the present epoch minus that epoch equals `wait`."),
            ),
        ),
        slips={
            "number-of-epochs": slip("This is the number of epochs, as if training never stopped. At which epoch does it stop?", "return len(losses)"),
            "never-reset": slip("Your counter of epochs without a new low is never reset. What should it be after a new "
                                "low?",
                {"best = np.inf": "count = np.inf", "lowest, best = loss, epoch": "lowest = loss\n        else:\n            count += 1", "epoch - best": "count"}),
            "never-reset-equal": slip("Your counter of epochs without a new low is never reset, and you take an equal loss for "
                                      "a new low.",
                {"best = np.inf": "count = np.inf", "<": "<=", "lowest, best = loss, epoch": "lowest = loss\n        else:\n            count += 1", "epoch - best": "count"}),
            "one-early": slip("You stop one epoch early, or you count the epochs from 0.",
                {"return epoch": "return epoch - 1"}, {"return epoch": "return epoch - 1", "return len(losses)": "return len(losses) - 1"},
                {"== wait": "== wait - 1"}),
            "first-waits": slip("Your first epoch counts as waiting already. Its loss is the lowest so far, and "
                                "nothing has been lower, so it does not wait.",
                {"lowest, best = np.inf, 0": "lowest, best = losses[0], 0"}),
            "one-late": slip("You stop one epoch late. It is time to stop when `wait` epochs have passed since the "
                             "lowest loss.",
                {"== wait": "== wait + 1"}),
            "too-late": slip("You stop too late. It is time to stop when `wait` epochs have passed since the lowest "
                             "loss.",
                {"== wait": "== wait + 2"}, {"== wait": "== wait + 3"}, {"== wait": "== 2 * wait"}),
            "margin": slip("You ask a new low to be lower by some margin. Any loss below the lowest so far is a new low.",
                *({"loss < lowest": f"loss < lowest - {least}"} for least in (0.1, 0.05, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8))),
            "stop-before-new-low": slip("The last epoch of the waiting may bring a new low. Look for a new low first, and only then "
                                        "ask whether the waiting is over.",
                {"        if loss < lowest:\n            lowest, best = loss, epoch\n": "", "return epoch\n": "return epoch\n        if loss < lowest:\n            lowest, best = loss, epoch\n"}),
            "equal-is-new": slip("You take an equal loss for a new low.", {"<": "<="}),
            "best-epoch": slip("That is the epoch of the lowest loss so far. Training learns only `wait` epochs later that it was the lowest.",
                {"return epoch": "return best"}, {"return epoch": "return best", "return len(losses)": "return best"}),
            "looks-ahead": slip("You look for the lowest loss of the whole list. Training that stops does not see what would have come.",
                "return np.argmin(losses) + 1", "return np.argmin(losses) + wait", "return np.argmin(losses) + 1 + "
                                                                                   "wait", "return "
                                                                                           "min(np.argmin(losses) + "
                                                                                           "1 + wait, len(losses))"),
            "a-loss": slip("That is a loss. The task asks for the number of an epoch.",
                "return min(losses)",
                {"return epoch": "return losses[epoch - 1]", "return len(losses)": "return losses[-1]"},
                {"return epoch": "return losses[epoch - 1]"}),
            "no-new-low": slip("This stops at the epoch `wait`, as if there was never a new low. What is "
                               "the lowest loss before the first epoch?", {"np.inf": "0"}),
            "best-when-never": slip("Where training never stops, the task asks for the number of epochs, not for the best one.",
                {"return len(losses)": "return best"}),
            "epoch-before": slip("You compare with the epoch before. Compare with the lowest loss so far, because a loss may "
                                 "go up and down for a long time without a new low.",
                RISES, RISES.replace(">=", ">"), RISES.replace("else 0", "else rises"), RISES.replace("else 0", "else rises").replace(">=", ">")),
            "first-rise": slip("You stop at the first rise, whatever `wait` is.",
                RISES.replace("== wait", "== 1"), RISES.replace("== wait", "== 1").replace(">=", ">")),
        },
        hints=(
            N_("Go through the losses with `enumerate(losses, 1)` and remember the lowest loss and its epoch."),
            N_("Stop when the present epoch minus that epoch equals `wait`."),
        ),
        explanation=N_("Keep the weights of the best epoch, because when patience ends you are `wait` epochs past "
                       "it."),
    ),
    number_exercise(
        name="count-steps",
        task=N_("There are {thousands},000 examples, the batch size is {batch}, and training takes {epochs} epochs. How many "
                "times are the weights changed?"),
        ask=N_("Try a smaller case with 10 examples, batch size 4 and 2 epochs. How many steps are there "
               "in one epoch, the last batch included?"),
        tolerance=0.01, unit=N_("steps"),
        wrong={
            "{epochs} * {examples} / {batch}": N_("A part of a step does not exist. The last batch of an epoch is smaller, and it is still "
                       "a step."),
            ("-(-{epochs} * {examples} // {batch})", "{epochs} * {examples} // {batch}"): N_("The rest of one epoch does not carry over into the next, so round up within each epoch."),
            "{epochs} * {full}": N_("The last {rest} examples of an epoch are a batch too."),
            "{steps}": N_("That is the number of steps in one epoch."),
            "{examples} / {batch}": N_("A part of a step does not exist. The last batch of an epoch is smaller, and it is still "
                      "a step. And this counts only one epoch."),
            "{full}": N_("The last {rest} examples of an epoch are a batch too. And this counts only one epoch."),
            "{examples} / {epochs}": N_("You divided by the number of epochs. A step takes one batch."),
            "{epochs} * ({full} + 2)": N_("Is there a batch left after the one of {rest} examples?"),
            "{examples}": N_("That would be batch size 1, and one epoch."),
            "{batch} * {examples}": N_("Batch size times examples counts nothing. How many batches does it take to hold {thousands},000 "
                      "examples?"),
            "{epochs}": N_("That would be full batch, with one step per epoch."),
            "{epochs} * {examples}": N_("That would be batch size 1."),
        },
        numbers=_steps,
        hints=(N_("How many batches does it take to hold {thousands},000 examples, the smaller last one included?"), N_("There are {full} full batches and one of {rest}.")),
        solution="count_steps = {epochs} * {steps}  # {full} full batches and one of {rest} in each epoch",
        explanation=N_("There is one step per batch, and the last batch of an epoch may be small. So it is {thousands},000 / "
                       "{batch} rounded up, times {epochs}."),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="where-it-ends",
        question=N_("You call `backward()` on the loss, and nothing else. What has changed?"),
        options={
            "a": (N_("the weights, by one step downhill"),
                  N_("The next cell compares the weights before and after, and they are the same numbers.")),
            "b": (N_("the gradients, and no weight"),
                  N_("Backpropagation ends where the gradient is known. The next cell shows that the weights "
                     "move only in the step.")),
            "c": (N_("nothing, until the loss is computed again"),
                  N_("The next cell prints that there is a gradient where there was none.")),
        },
        right="b",
        cells=("where-it-ends",),
    ),
    prediction(
        name="update-first",
        question=N_("A program moves `W2` first and sends the error back through the new `W2`. How wrong are the "
                    "gradients of the hidden layer?"),
        options={
            "a": (N_("not wrong, at any learning rate"),
                  N_("The new `W2` is only a little different, but a little different is still wrong. The cell below measures "
                     "how much, against finite differences.")),
            "b": (N_("wrong by a share that grows with the learning rate"),
                  N_("The new `W2` differs by the rate times its gradient. The cell below shows that both grow "
                     "together.")),
            "c": (N_("wrong by the same share for any learning rate"),
                  N_("That is true of a forgotten slope. In the output of the cell below, compare the two rows that "
                     "begin with \"W2 first\".")),
        },
        right="b",
        cells=("mistakes-measured",),
    ),
    prediction(
        name="rising-loss",
        question=N_("We train 30 networks on XOR with learning rate 5. In every run the loss rises in some of "
                    "the first 100 epochs. How many runs end with all four right?"),
        options={
            "a": (N_("none, or next to none"),
                  N_("That happens at rate 20. The cell below counts rises and solved runs for both rates.")),
            "b": (N_("about half"),
                  N_("It is not a matter of luck. The cell below counts.")),
            "c": (N_("all, or all but one or two"),
                  N_("A rate may be too large at one place and still serve the run as a whole. The cell below counts, "
                     "and it shows that runs at rate 20 end differently.")),
        },
        right="c",
        cells=("rising-counts", "rises"),
    ),
    prediction(
        name="small-gradient",
        question=N_("Twenty runs, each on its own points, stop as soon as their gradient norm is below 0.01. "
                    "Where are these runs then?"),
        options={
            "a": (N_("at the minimum of the training loss"),
                  N_("In the figure above the training loss falls to the last epoch, so where would a minimum "
                     "be? A gradient is small on a plateau too.")),
            "b": (N_("some long before, some long after their lowest validation loss"),
                  N_("A gradient is small on a plateau, in a valley and near the end. It does not see the "
                     "validation points. The next cell counts.")),
            "c": (N_("within a few epochs of their lowest validation loss"),
                  N_("The gradient does not see the validation points. The next cell counts the runs that stop more "
                     "than 50 epochs before their lowest validation loss, and those that stop more than 50 epochs "
                     "after it.")),
        },
        right="b",
        cells=("rules",),
    ),
    prediction(
        name="equal-cost",
        question=N_("Each example is seen 20 times. Full batch uses the exact gradient, and batch size 1 uses a "
                    "rough one. Each takes its best learning rate. Which ends with the lower training loss?"),
        options={
            "a": (N_("full batch, because its gradient is exact"),
                  N_("The gradient is exact, but there are only 20 steps. The figure below compares three batch "
                     "sizes in ten repeats.")),
            "b": (N_("batch size 1, because it takes 200 times as many steps"),
                  N_("Many rough steps beat few exact ones here. The figure below also shows the price, because "
                     "rough steps bear only smaller rates.")),
            "c": (N_("no difference that ten repeats can show, because the same examples teach the same"),
                  N_("What is learned depends on how often the weights move. The figure's cell prints an interval of "
                     "the difference: does it hold 0?")),
        },
        right="b",
        cells=("batches-figure",),
    ),
]  # fmt: skip

chapter = Chapter(3, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
arrange = arrange_function(chapter)
worked = worked_function(chapter, HIDDEN_DELTA)
