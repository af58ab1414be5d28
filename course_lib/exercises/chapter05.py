"""Chapter 5: repair a program, then train XOR. Exercises and predictions."""

import numpy as np

from ..functional import half_squared_error
from ..ops import logistic
from ..text import N_, say
from . import judges
from .clinic import SEEDS, examine, x, y
from .judging import Wrong
from .machinery import Chapter, Exercise, Prediction

REPAIRED = """\
def start(rng):
    return [rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)]

def forward(params, x):
    W1, b1, W2, b2 = params
    a1 = sigmoid(x @ W1 + b1)                   # (4, 4)
    return a1, sigmoid(a1 @ W2 + b2)            # (4, 4), (4, 1)

def gradients(params, x, y):
    W1, b1, W2, b2 = params
    a1, a2 = forward(params, x)                 # forward
    delta2 = (a2 - y) * a2 * (1 - a2)           # output error
    delta1 = delta2 @ W2.T * a1 * (1 - a1)      # hidden error
    return [x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)]

def step(params, grads, eta):
    for p, g in zip(params, grads):
        p -= eta * g

repair = (start, forward, gradients, step, 0.5, 10_000)
"""


# Output-layer gradients, judged by finite differences.

_rng = np.random.default_rng(5)
A1, W2, B2 = logistic(_rng.normal(size=(4, 3))), _rng.normal(size=(3, 1)), _rng.normal(size=1)


def _output_loss(params):
    return np.sum((logistic(A1 @ params[0] + params[1]) - y) ** 2) / 2


def _without_slope(a1, W2, b2, y):
    delta2 = logistic(a1 @ W2 + b2) - y
    return a1.T @ delta2, delta2.sum(axis=0)


def _slope_of_a(a1, W2, b2, y):
    a2 = logistic(a1 @ W2 + b2)
    delta2 = (a2 - y) * logistic(a2) * (1 - logistic(a2))
    return a1.T @ delta2, delta2.sum(axis=0)


# Initial weights, judged by what they lead to.


def _train_from(start):
    """Train the 2-4-1 sigmoid network for 2,000 epochs at rate 0.5 from start(rng), for 30 seeds at once."""
    from ..layers import Dense, Sequential, stack
    from ..optimizers import GradientDescent
    from ..training import accuracy, train

    models, shapes = [], [(2, 4), (4,), (4, 1), (1,)]
    for seed in range(SEEDS):
        values = start(np.random.default_rng(seed))
        got = [np.shape(v) for v in values][:5]
        if got != shapes:
            raise Wrong(say("Expected W1, b1, W2, b2 of shapes {expected}, got {got}.", expected=shapes, got=got))
        rng = np.random.default_rng(seed)
        model = Sequential(Dense(2, 4, "sigmoid", rng=rng), Dense(4, 1, "sigmoid", rng=rng))
        for parameter, value in zip(model.parameters, values, strict=True):
            parameter.value = np.array(value, dtype=float)
        models.append(model)
    columns = len(np.unique(models[0].parameters[0].value, axis=1).T)
    seeds_differ = any(not np.array_equal(models[0].parameters[0].value, m.parameters[0].value) for m in models[1:])
    stacked = stack(models)
    for _ in train(stacked, (x, y), loss=half_squared_error, optimizer=GradientDescent(0.5), epochs=2000):
        pass
    solved = int((accuracy(stacked(x), y, 0.5) == 1).sum())
    return {"solved": solved, "seeds": SEEDS, "columns": columns, "seeds_differ": seeds_differ}


EXERCISES = [
    Exercise(
        name="repair",
        task=N_("Repair the program one fault at a time, and run the check after each repair."),
        judge=examine,
        hints=(
            N_("Write the shape of every array behind its line. `x` is (4, 2): one example a row, so it stands on the left."),
            N_("Two layers need two matrices and two biases: `W1` (2, 4), `b1` (4,), `W2` (4, 1), `b2` (1,). Each needs a "
               "gradient, in the same order."),
            N_("On its way forward the signal passed `W2` and, before that, the sigmoid of the hidden layer: both factors "
               "come back in `delta1`. The step goes against the gradient, and 0.01 x 2,000 is not far enough."),
        ),
        solution=REPAIRED,
        explanation=N_(
            "Shapes first: what cannot run teaches nothing. Then finite differences, because a wrong gradient can still make "
            "the loss fall. Then the direction of the step. The rate and the epochs come last: they decide only how far a "
            "right program gets."
        ),
    ),
    Exercise(
        name="output-gradients",
        task=N_("Write `output_gradients(a1, W2, b2, y)`: the gradients of L = 1/2 sum (a2 - y)^2 for `W2` and `b2`."),
        judge=judges.gradient(
            _output_loss, [W2, B2], ("W2", "b2"), (A1, W2, B2, y), batch_size=4,
            wrong={
                _without_slope: N_("This is what you get without the slope `a2 * (1 - a2)` of the sigmoid."),
                _slope_of_a: N_("You applied the sigmoid to `a2` once more: `a2` is already an output of it, so the slope is "
                                "`a2 * (1 - a2)`."),
            },
        ),
        hints=(
            N_("First the forward line: `a2 = sigmoid(a1 @ W2 + b2)`."),
            N_("The output error has two factors: the slope of the loss, `a2 - y`, and that of the sigmoid, `a2 * (1 - a2)`."),
            N_("`W2` was multiplied by `a1`, so its gradient is `a1.T @ delta2`; `b2` was added to every row, so its gradient "
               "is the sum over the rows."),
        ),
        solution=(
            "def output_gradients(a1, W2, b2, y):\n"
            "    a2 = sigmoid(a1 @ W2 + b2)            # (4, 1)\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2)     # (4, 1), the output error\n"
            "    return a1.T @ delta2, delta2.sum(axis=0)\n"
        ),
        explanation=N_(
            "The usual slips: leaving out the slope of the sigmoid (training still works, so only the check sees it), applying "
            "the sigmoid to `a2` a second time, and averaging over the batch although this loss is a sum."
        ),
    ),
    Exercise(
        name="equal-path",
        task=N_("Rate 0.5 solves all 30 seeds in 2,000 epochs. How many epochs does rate 0.02 need to get as far?"),
        judge=judges.number(
            50_000,
            N_("Follow a diagonal of the map: which combination of rate and epochs stays the same along it?"), tolerance=1e-9, unit=N_("epochs"),
            wrong={
                80: N_("A smaller rate needs more epochs, not fewer: divide the other way round."),
                2000: N_("Then the rate would not matter. Compare two rows of the map in the same column."),
                40: N_("That is 0.02 x 2,000: how far the small rate gets in 2,000 epochs. It should get as far as 0.5 x 2,000."),
                1000: N_("That is the product, rate x epochs. Which number of epochs gives it at rate 0.02?"),
            },
        ),
        hints=(
            N_("Follow a diagonal of the map: what stays the same on it?"),
            N_("rate x epochs is 0.5 x 2,000."),
        ),
        solution="equal_path = 0.5 * 2000 / 0.02",
        explanation=N_(
            "While steps are small, the path is the same and only its pieces are shorter: half the rate, twice the epochs. The "
            "rule ends where the rate gets so large that steps overshoot."
        ),
    ),
    Exercise(
        name="break-symmetry",
        task=N_("Write `break_symmetry(rng)`: initial `W1` (2, 4), `b1` (4,), `W2` (4, 1), `b2` (1,) from which at least 29 of "
                "30 seeds solve XOR in 2,000 epochs at rate 0.5."),
        judge=judges.program(
            _train_from,
            [
                (lambda v: v["columns"] > 1, N_("{solved} of {seeds} seeds solved: all columns of `W1` are equal, so all "
                                                "hidden units compute the same and get the same gradient, for ever.")),
                (lambda v: v["seeds_differ"], N_("Every seed starts from the same weights: take the numbers from `rng`.")),
                (lambda v: v["solved"] >= 29, N_("{solved} of {seeds} seeds solved. Very small weights need long to grow "
                                                 "apart, very large ones leave the sigmoid flat: try another scale.")),
            ],
            right=N_("{solved} of {seeds} seeds solved."),
        ),
        hints=(
            N_("What must differ between hidden units, so that they get different gradients?"),
            N_("`rng.normal(size=(2, 4))` gives random weights; the biases may start at 0."),
            N_("Look at the figure of the initial scale, and choose from its upper part."),
        ),
        solution=(
            "def break_symmetry(rng):\n"
            "    return rng.normal(0, 1, (2, 4)), np.zeros(4), rng.normal(0, 1, (4, 1)), np.zeros(1)\n"
        ),
        explanation=N_(
            "Only the weights have to differ; a bias of 0 does no harm. All zeros do not move at all; other equal numbers move, "
            "and stay four copies of one unit. So it is not the zero alone: the units must differ."
        ),
    ),
    Exercise(
        name="stuck",
        task=N_("Which fact shows that the failed runs with two hidden units are not at rest in a local minimum? Give the letter: "
                "(a) their loss is 0.125 or 0.167; (b) other seeds reach a lower loss; (c) their gradient is not zero and their "
                "loss still falls."),
        judge=judges.choice(
            "c",
            {
                "a": N_("A local minimum can have any loss, this one included. What must the gradient be at a minimum?"),
                "b": N_("That there is a lower place elsewhere is true of every local minimum. What must hold at the place itself?"),
                "c": N_("At a minimum the gradient is zero and no step helps. Here each step still helps, only less and less: a plateau. "
                        "(It says where the runs are, not where they will end.)"),
            },
        ),
        hints=(N_("What is the gradient at a minimum?"), N_("Compare the two columns of the table above.")),
        solution='stuck = "c"',
        explanation=N_("A small gradient feels like a standstill and is not one. Only (c) speaks about the place itself."),
    ),
]  # fmt: skip

PREDICTIONS = [
    Prediction(
        name="no-hidden-layer",
        question=N_("One layer, no hidden units, trained on XOR for 5,000 epochs. Where does the loss end?"),
        options={
            "a": N_("near 0: enough epochs learn anything"),
            "b": N_("at 0.6931, where it is for outputs of one half"),
            "c": N_("near 0 if four linear hidden units are put in front"),
        },
        right="b",
        replies={
            "a": N_("A single layer draws one straight line, and no line separates XOR. The next cell trains it: more epochs do "
                    "not help."),
            "b": N_("ln 2 = 0.6931: the best that a straight line can do here is to answer one half four times."),
            "c": N_("Linear layers in a row are one linear layer. The second line of the next cell is your experiment."),
        },
    ),
    Prediction(
        name="rate-times-epochs",
        question=N_("Every line is right: 2-4-1, right gradients, rate 0.01, 2,000 epochs. How many of 30 seeds solve XOR?"),
        options={"a": N_("all 30, a small rate is the safe choice"), "b": N_("about half"), "c": N_("none")},
        right="c",
        replies={
            "a": N_("Safe and slow: 2,000 steps of 0.01 do not get far. A cell after the clinic counts."),
            "b": N_("It is not the luck of the seed. A cell after the clinic counts."),
            "c": N_("The product of rate and epochs, 20, is far too small. A cell after the clinic counts, for 250 times that product too."),
        },
    ),
    Prediction(
        name="missing-slope",
        question=N_("Someone forgets the slope `a2 * (1 - a2)` in the output error: every gradient is wrong. Rate 0.5, 2,000 "
                    "epochs: how many of 30 seeds solve XOR?"),
        options={"a": N_("none: wrong gradients cannot learn"), "b": N_("about half"), "c": N_("all 30")},
        right="c",
        replies={
            "a": N_("The wrong gradient still points to the right side, so the loss falls. The next cell counts."),
            "b": N_("It has nothing to do with luck. The next cell counts."),
            "c": N_("That is the danger: the loss falls, so nobody looks. The next two cells count, and then check."),
        },
    ),
    Prediction(
        name="zero-start",
        question=N_("All weights and biases of the 2-4-1 network start at 0. What does the loss do in 5,000 epochs?"),
        options={
            "a": N_("it falls, only more slowly"),
            "b": N_("it stays at 0.6931"),
            "c": N_("it becomes `nan`, because something is divided by zero"),
        },
        right="b",
        replies={
            "a": N_("It would have to find a direction first. The next cell prints the loss and the weights."),
            "b": N_("With W2 = 0 no error gets back, and the four output errors cancel: every gradient is 0. The next cell prints how many different columns W1 has."),
            "c": N_("Nothing is divided by a weight. The next cell prints a finite loss."),
        },
    ),
    Prediction(
        name="two-units",
        question=N_("Two hidden units, 200 seeds, 10,000 epochs at rate 0.5: some runs fail. Where are they?"),
        options={
            "a": N_("in a local minimum: the gradient is zero, nothing moves any more"),
            "b": N_("on a plateau: the gradient is small, the loss still falls"),
            "c": N_("they diverged: the loss is infinite"),
        },
        right="b",
        replies={
            "a": N_("Then another 30,000 epochs could not change the loss. The table below compares."),
            "b": N_("The table below compares the loss after 10,000 and after 40,000 epochs."),
            "c": N_("The outputs of a sigmoid lie between 0 and 1, so this loss cannot exceed 2. The table below shows it."),
        },
    ),
]  # fmt: skip

chapter = Chapter(5, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
