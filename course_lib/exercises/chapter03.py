"""Chapter 3: the algorithms, step by step. Exercises and predictions."""

import numpy as np

from .. import datasets
from ..ops import logistic
from ..text import N_
from . import judges
from .machinery import Chapter, Exercise, Prediction
from .ordering import arrange_function, ordering

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


# One whole step of a network with tanh in its hidden layer.


def one_step(params, x, y, eta):
    """The parameters after one step, as a list."""
    return _step(params, x, y, eta)


def _step(params, x, y, eta, slope=lambda a1: 1 - a1 * a1, hidden=np.tanh, W2_first=False):
    """One step; the options are the mistakes that readers make."""
    W1, b1, W2, b2 = params
    a1 = hidden(x @ W1 + b1)
    a2 = logistic(a1 @ W2 + b2)
    delta2 = (a2 - y) * a2 * (1 - a2)
    back = W2 - eta * a1.T @ delta2 if W2_first else W2
    delta1 = delta2 @ back.T * slope(a1)
    grads = [x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)]
    return [p - eta * g for p, g in zip(params, grads, strict=True)]


def _uphill(params, x, y, eta):
    return _step(params, x, y, -eta)


def _sigmoid_slope(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: a1 * (1 - a1))


def _sigmoid_hidden(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: a1 * (1 - a1), hidden=logistic)


def _no_slope(params, x, y, eta):
    return _step(params, x, y, eta, slope=lambda a1: 1)


def _W2_first(params, x, y, eta):
    return _step(params, x, y, eta, W2_first=True)


def _network(seed, hidden):
    rng = np.random.default_rng(seed)
    shapes = [(2, hidden), (hidden,), (hidden, 1), (1,)]
    return [rng.normal(size=shape) for shape in shapes]


# When patience ends.


def stop_epoch(losses, wait):
    """The epoch, counted from 1, at which the lowest loss is `wait` epochs old; the last one if that never comes."""
    return _stop(losses, wait)


def _stop(losses, wait, first=1):
    """As `stop_epoch`, with epochs counted from `first`."""
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best == wait:
            return epoch + first
    return len(losses)


def _counted_from_zero(losses, wait):
    return _stop(losses, wait, first=0)


def _best_epoch(losses, wait):
    stopped = losses[: stop_epoch(losses, wait)]
    return int(np.argmin(stopped)) + 1 if len(stopped) < len(losses) else len(losses)


def _rises_in_a_row(losses, wait):
    rises = 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if rises == wait:
            return epoch + 1
    return len(losses)


LOSSES = [
    (np.array([0.9, 0.5, 0.6, 0.55, 0.7, 0.8]), 2),
    (np.array([0.9, 0.5, 0.6, 0.4, 0.5, 0.45, 0.6, 0.3]), 3),
    (np.array([0.5, 0.4, 0.3, 0.2]), 2),
    (np.array([0.3, 0.3, 0.3, 0.3, 0.1]), 2),
]

EXERCISES = [
    Exercise(
        name="by-hand",
        task=N_("A 2-2-1 network of sigmoids with L = 1/2 (a2 - y)^2. The forward pass left a1 = (0.6, 0.2) and a2 = 0.7; the target "
                "is 1, and W2 = (2, -1). How large is the hidden error of the second unit?"),
        judge=judges.number(
            0.01008,
            N_("Three factors: the output error, the weight that it comes back through, the slope of the unit. What is each of them?"), tolerance=5e-5,
            wrong={
                -0.01008: N_("The sign: a2 - y is negative, and so is the weight."),
                0.063: N_("That is the error that came back through the weight. The slope of the hidden unit is missing."),
                0.048: N_("The output error has a slope too: (a2 - y) times a2 (1 - a2)."),
                0.3: N_("Both slopes are missing, that of the output and that of the hidden unit."),
                -0.03024: N_("That is the hidden error of the first unit."),
                -0.063: N_("That is the output error. It still has to pass the weight and the slope of the hidden unit."),
                -0.02016: N_("You took the weight of the first unit."),
                0.01512: N_("You took the activation of the first unit for the slope."),
            },
        ),
        hints=(
            N_("First the output error: (a2 - y) times the slope a2 (1 - a2)."),
            N_("It goes back through the weight of the second unit, -1, and is multiplied by that unit's slope, 0.2 x 0.8."),
        ),
        solution="delta2 = (0.7 - 1) * 0.7 * (1 - 0.7)            # -0.063, output error\nby_hand = delta2 * -1 * 0.2 * (1 - 0.2)         # hidden error\n",
        explanation=N_("Four factors: the slope of the loss, the slope of the output, the weight, the slope of the hidden unit. Each slip "
                       "leaves out or swaps one of them."),
    ),
    ordering(
        name="training-step",
        task=N_("Put the lines of one training step into the order of the six labels. Two lines do not belong."),
        lines=LINES,
        order=RIGHT_ORDER,
        replies={
            "f": N_("This hidden error lacks the slope of the sigmoid."),
            "c": N_("The last line already moves `W2`; and before the hidden error it would send the error back through weights that the "
                    "signal never passed."),
            ("d", "h"): N_("The output layer needs `a1`."),
            ("g", "d"): N_("The loss needs `a2`."),
            ("b", "d"): N_("The output error needs `a2`."),
            ("b", "g"): N_("It would run, because no line needs the number L. By the six labels the loss comes before the errors."),
            ("i", "g"): N_("It would run, because no line needs the number L. By the six labels the loss comes before the errors."),
            ("i", "b"): N_("The hidden error is made from `delta2`."),
            ("a", "b"): N_("The gradients need `delta2`."),
            ("a", "i"): N_("The gradients of the first layer need `delta1`."),
            ("e", "a"): N_("The step needs the gradients."),
            ("e", "i"): N_("The step changes `W2`, and the hidden error needs the old one."),
        },
        hints=(
            N_("The labels in order: forward (two lines), loss, output error, hidden error, gradients, step."),
            N_("Leave out what forgets a slope and what moves weights too early."),
            N_("It begins with h, d, g."),
        ),
        explanation=N_("Each line needs what an earlier one has made, but for the loss: nothing needs the number L, only its slope "
                       "`a2 - y`. It is there for you to watch."),
    ),
    Exercise(
        name="one-step",
        task=N_("Write `one_step(params, x, y, eta)` for tanh hidden units and a sigmoid output, with L = 1/2 sum (a2 - y)^2. Return the "
                "new W1, b1, W2, b2 as a list and leave the given arrays as they are."),
        judge=judges.function(
            one_step,
            [(_network(1, 2), x, y, 0.5), (_network(2, 3), x, y, 2.0), (_network(3, 2), x[:1], y[:1], 1.0)],
            names=("W1", "b1", "W2", "b2"),
            wrong={
                _sigmoid_slope: N_("That is the slope of the sigmoid. For a = tanh(z) it is `1 - a1 * a1`."),
                _sigmoid_hidden: N_("The hidden units are sigmoids in your function; the task asks for tanh."),
                _no_slope: N_("This is what you get without the slope of tanh."),
                _W2_first: N_("This is what you get when the error goes back through the new `W2`."),
                _uphill: N_("This step goes along the gradient: uphill."),
            },
        ),
        hints=(
            N_("Take the ten lines, and change the two places where the hidden activation shows: the forward line and its slope."),
            N_("The slope of a = tanh(z) is `1 - a1 * a1`."),
            N_("`p - eta * g` makes a new array; `p -= eta * g` would write into the given one."),
        ),
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
        explanation=N_("Only the hidden layer's own two lines change. Everything else in the way back is the same for any activation."),
    ),
    Exercise(
        name="patience",
        task=N_("Write `patience(losses, wait)`: the number of the epoch (the first is 1) at which training stops, because the lowest "
                "validation loss so far is `wait` epochs old. If that never happens: the number of epochs. An equal loss is no new low."),
        judge=judges.function(
            stop_epoch, LOSSES,
            wrong={
                _counted_from_zero: N_("You count epochs from 0."),
                _best_epoch: N_("That is the epoch of the lowest loss. Training learns only `wait` epochs later that it was the lowest."),
                _rises_in_a_row: N_("You compare with the epoch before. Compare with the lowest loss so far: a loss may go up and down "
                                    "for a long time without a new low."),
            },
        ),
        hints=(
            N_("Go through the losses with `enumerate(losses, 1)` and remember the lowest loss and its epoch."),
            N_("Stop when the present epoch minus that epoch equals `wait`."),
        ),
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
        explanation=N_("Keep the weights of the best epoch: when patience ends you are `wait` epochs past it."),
    ),
    Exercise(
        name="count-steps",
        task=N_("1,000 examples, batch size 32, 5 epochs. How many times are the weights changed?"),
        judge=judges.number(
            160,
            N_("Try it smaller: 10 examples, batch size 4, 2 epochs. How many steps are that?"), tolerance=1e-9, unit=N_("steps"),
            wrong={
                156.25: N_("A quarter of a step does not exist: the last batch of an epoch is smaller, and still a step."),
                157: N_("The rest of one epoch does not carry over into the next: round up within each epoch."),
                156: N_("The rest of one epoch does not carry over into the next: round up within each epoch."),
                155: N_("The last 8 examples of an epoch are a batch too."),
                32: N_("That is one epoch."),
                5: N_("That would be full batch: one step an epoch."),
                5000: N_("That would be batch size 1."),
            },
        ),
        hints=(N_("How many batches hold 1,000 examples, the smaller last one included?"), N_("31 full batches and one of 8.")),
        solution="count_steps = 5 * 32  # 31 full batches and one of 8 in each epoch",
        explanation=N_("One step a batch, and the last batch of an epoch may be small: 1,000 / 32 rounded up, times 5."),
    ),
]  # fmt: skip

PREDICTIONS = [
    Prediction(
        name="where-it-ends",
        question=N_("You call `backward()` on the loss, and nothing else. What has changed?"),
        options={
            "a": N_("the weights: they have made one step downhill"),
            "b": N_("the gradients are there, the weights are what they were"),
            "c": N_("nothing, until the loss is computed again"),
        },
        right="b",
        replies={
            "a": N_("The next cell compares the weights before and after: they are the same numbers."),
            "b": N_("Backpropagation ends where the gradient is known. The next cell shows it: the weights move only in the step."),
            "c": N_("The next cell prints that there is a gradient where there was none."),
        },
    ),
    Prediction(
        name="update-first",
        question=N_("A program moves `W2` first and sends the error back through the new `W2`. How wrong are the gradients of the hidden layer?"),
        options={
            "a": N_("not at all, `W2` is only a little different"),
            "b": N_("wrong by a share that grows with the learning rate"),
            "c": N_("wrong by the same share for any learning rate"),
        },
        right="b",
        replies={
            "a": N_("A little different is wrong: the table below measures how much, against finite differences."),
            "b": N_("The new `W2` differs by the rate times its gradient. The table below shows both grow together."),
            "c": N_("That is true of a forgotten slope. In the table below compare the three rows of W2 first."),
        },
    ),
    Prediction(
        name="rising-loss",
        question=N_("XOR, 30 seeds, learning rate 5: in every run the loss rises in some epochs. How many runs end with all four right?"),
        options={
            "a": N_("none: a rising loss means that the rate is too large"),
            "b": N_("about half"),
            "c": N_("all 30"),
        },
        right="c",
        replies={
            "a": N_("That happens at rate 20. The table below counts rises and solved runs for four rates."),
            "b": N_("The table below counts: it is not a matter of luck."),
            "c": N_("A step may be too long for one place and good on the whole. The table below counts, and at rate 20 none is left."),
        },
    ),
    Prediction(
        name="small-gradient",
        question=N_("A run is to stop as soon as its gradient norm is below 0.01. Where is it then?"),
        options={
            "a": N_("at the minimum of the training loss"),
            "b": N_("on a plateau, long before the best validation loss"),
            "c": N_("where the validation loss is lowest"),
        },
        right="b",
        replies={
            "a": N_("The table of the next cell gives the training loss there, and how far it still falls."),
            "b": N_("The next cell: it stops within the first hundred of 3,000 epochs, and the gradient grows again afterwards."),
            "c": N_("The gradient knows nothing of the validation examples. The next cell compares the two epochs."),
        },
    ),
    Prediction(
        name="equal-cost",
        question=N_("Each example is seen 20 times. Full batch uses the exact gradient; batch size 1 uses a rough one. Each takes its best "
                    "learning rate. Which ends with the lower loss?"),
        options={
            "a": N_("full batch: its gradient is exact"),
            "b": N_("batch size 1: it takes 200 times as many steps"),
            "c": N_("neither, the same examples teach the same"),
        },
        right="b",
        replies={
            "a": N_("Exact, and only 20 steps. The figure below compares three batch sizes over 30 seeds."),
            "b": N_("Many rough steps beat few exact ones here. The figure below also shows the price: it tolerates only smaller rates."),
            "c": N_("What is learned depends on how often the weights move. The figure below compares."),
        },
    ),
]  # fmt: skip

chapter = Chapter(3, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
arrange = arrange_function(chapter)
