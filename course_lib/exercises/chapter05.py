"""Chapter 5: repair a program, then train XOR. Exercises and predictions."""

import numpy as np

from ..functional import half_squared_error
from ..ops import logistic
from ..text import N_
from .chapter_parts.repair_clinic import SEEDS, examine, x, y
from .machinery import compare, judges
from .machinery.again import by_hand, fields, one_of
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import letter_exercise, prediction
from .machinery.reader_code import mistake
from .machinery.slips import gradient_exercise, number_exercise, slip

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

eta, epochs = 0.5, 10_000
repair = (start, forward, gradients, step, eta, epochs)
"""


# Output-layer gradients, judged by finite differences.

_rng = np.random.default_rng(5)
A1, W2, B2 = logistic(_rng.normal(size=(4, 3))), _rng.normal(size=(3, 1)), _rng.normal(size=1)


def _at_half(rng):
    """Three examples in which the output unit gets z2 = 0, so that its sigmoid is 0.5 and its slope 0.25."""
    W2 = np.array([[one_of(rng, -2.0, -1.0, 1.0, 2.0)], [one_of(rng, -2.0, -1.0, 1.0, 2.0)]])
    first = np.array([one_of(rng, 0.5, 0.6, 0.7), one_of(rng, 0.5, 0.6, 0.7)])
    across = np.array([W2[1, 0], -W2[0, 0]])  # a step that leaves z2 as it is
    a1 = np.round([first + share * across for share in rng.permutation([-0.1, 0.0, 0.1])], 1)
    return a1, W2, np.round(-first @ W2, 1), rng.permutation([[0.0], [1.0], [1.0 * rng.integers(2)]])


def _two_targets(old, new):
    return {"old": old, "new": new, "half": abs(new - old) / 2, "both": old + new, "mean": (old + new) / 2}


# Initial weights, judged by what they lead to.

PARTS = ("W1", "b1", "W2", "b2")


def _train_from(start):
    """What comes of start(rng): the 2-4-1 sigmoid network trained for 2,000 epochs at rate 0.5, 30 seeds at once."""
    from ..layers import Dense, Sequential, stack
    from ..optimizers import GradientDescent
    from ..training import accuracy, train

    starts = [_started(start, seed) for seed in range(SEEDS)]
    models = []
    for values in starts:
        rng = np.random.default_rng(0)
        model = Sequential(Dense(2, 4, "sigmoid", rng=rng), Dense(4, 1, "sigmoid", rng=rng))
        for parameter, value in zip(model.parameters, values, strict=True):
            parameter.value = value.copy()
        models.append(model)
    stacked = stack(models)
    for _ in train(stacked, (x, y), loss=half_squared_error, optimizer=GradientDescent(0.5), epochs=2000):
        pass
    return {
        "solved": int((accuracy(stacked(x), y, 0.5) == 1).sum()),
        "seeds": SEEDS,
        "different": min(len(np.unique(np.vstack([W1, b1, W2.T]), axis=1).T) for W1, b1, W2, _ in starts),
        "seeds_differ": any(not _same(starts[0], values) for values in starts[1:]),
        "repeats": _same(starts[0], _started(start, 0)),
        "answers": min(len(np.unique(np.vstack([W1, b1]), axis=1).T) for W1, b1, _, _ in starts),
        "sizes": ", ".join(
            f"{name} {_typical(each):.2g}" for name, each in zip(PARTS, zip(*starts, strict=True), strict=True)
        ),
    }


def _started(start, seed):
    """[W1, b1, W2, b2] of start(rng) as arrays; raises Wrong when they have other shapes."""
    values, shapes = start(np.random.default_rng(seed)), [(2, 4), (4,), (4, 1), (1,)]
    values = compare.parts(values, PARTS)
    got = [np.shape(value) for value in values]
    if got != shapes:
        raise mistake("Expected W1, b1, W2, b2 of shapes {expected}, got {got}.", expected=shapes, got=got)
    values = [np.array(value, dtype=float) for value in values]
    if not all(np.isfinite(value).all() for value in values):
        raise mistake("Some of the weights are not finite numbers.")
    return values


def _same(one, other):
    return all(map(np.array_equal, one, other))


def _typical(arrays):
    """The root of the mean square of all the numbers in some arrays."""
    return float(np.sqrt(np.mean(np.square(np.concatenate([a.ravel() for a in arrays])))))


EXERCISES = [
    Exercise(
        name="repair",
        task=N_("Repair the program one fault at a time, and run the check after each repair."),
        judge=examine,
        hints=(
            N_("Write the shape of every array behind its line. `x` is (4, 2), with one example per row, "
               "so it stands on the left."),
            N_("Two layers need two matrices and two biases: `W1` (2, 4), `b1` (4,), `W2` (4, 1), `b2` (1,). Each needs a "
               "gradient, in the same order."),
            N_("On its way forward the signal passed `W2` and, before that, the sigmoid of the hidden "
               "layer, so both factors come back in `delta1`. The step goes against the gradient, and 0.01 "
               "x 2,000 is not far enough."),
        ),
        solution=REPAIRED,
        explanation=N_(
            "Shapes come first, because what cannot run teaches nothing. Then come finite differences, "
            "because a wrong gradient can still make the loss fall, and then the direction of the step. "
            "The rate and the epochs come last, because they only decide how far a right program gets."
        ),
    ),
    gradient_exercise(
        name="output-gradients",
        task=N_("Write `output_gradients(a1, W2, b2, y)`: the gradients of L = 1/2 sum (a2 - y)^2 for `W2` and `b2`."),
        solution=(
            "def output_gradients(a1, W2, b2, y):\n"
            "    a2 = sigmoid(a1 @ W2 + b2)            # (4, 1)\n"
            "    delta2 = (a2 - y) * a2 * (1 - a2)     # (4, 1), the output error\n"
            "    return a1.T @ delta2, delta2.sum(axis=0)\n"
        ),
        loss=lambda params: np.sum((logistic(A1 @ params[0] + params[1]) - y) ** 2) / 2,
        params=[W2, B2],
        names=("W2", "b2"),
        arguments=(A1, W2, B2, y),
        again=by_hand(
            _at_half,
            without=("sigmoid-twice", "slope-at-z", "no-sigmoid", "tanh"),  # the last three give 0
            asks=N_("With pencil and paper: what does `output_gradients(a1, W2, b2, y)` return for `a1 = {a1}`, `W2 = {W2}`, "
                    "`b2 = {b2}`, `y = {y}`, with `a2 = sigmoid(a1 @ W2 + b2)`?"),
        ),
        slips={
            "no-slope": slip("This is dL/da2. One more factor, the slope of the sigmoid, leads on to dL/dz2.",
                {" * a2 * (1 - a2)": ""}),
            "sigmoid-twice": slip("You applied the sigmoid to `a2` once more, but `a2` is already its output.",
                {"a2 * (1 - a2)": "sigmoid(a2) * (1 - sigmoid(a2))"}),
            "mean": slip("This loss is a sum over the examples and not a mean, so nothing is divided by their "
                         "number.",
                {"(1 - a2)": "(1 - a2) / len(y)"}),
            "mean-in-bias": slip("This loss is a sum over the examples and not a mean. `b2` was added to every row, so every "
                                 "row counts in full.",
                {".sum": ".mean"}),
            "twice": slip("The factor 1/2 in front of the loss cancels the 2 of the square.", {"(a2 - y)": "2 * (a2 - y)"}),
            "half": slip("The 1/2 in front of the loss is used up already, because the derivative of the square "
                         "brings a 2.",
                {"(1 - a2)": "(1 - a2) / 2"}),
            "slope-at-z": slip("You wrote the slope with `z2`. Its formula takes the output of the sigmoid.",
                {"a2 * (1 - a2)": "(a1 @ W2 + b2) * (1 - (a1 @ W2 + b2))"}),
            "no-sigmoid": slip("Your `a2` is still `z2`, because it has not passed the sigmoid.",
                {"sigmoid(a1 @ W2 + b2)": "a1 @ W2 + b2"}),
            "no-sigmoid-no-slope": slip("Your `a2` is still `z2`, because it has not passed the sigmoid. The slope of the sigmoid "
                                        "is missing as well.",
                {"sigmoid(a1 @ W2 + b2)": "a1 @ W2 + b2", " * a2 * (1 - a2)": ""}),
            "half-a-slope": slip("The slope of the sigmoid has two factors, and only one of them is here.",
                {" * (1 - a2)": ""}, {" * a2 *": " *"}),
            "slope-alone": slip("The slope of the sigmoid is there. Where is the slope of the loss, which knows `y`?",
                {"(a2 - y) * ": ""}),
            "square": slip("You took the square itself. What is its derivative?", {"(a2 - y)": "(a2 - y) ** 2"}),
            "loss-itself": slip("You took the loss itself. What is its derivative?", {"(a2 - y)": "(a2 - y) ** 2 / 2"}),
            "slope-of-tanh": slip("1 - a^2 is the slope of tanh. This output is a sigmoid.",
                {"a2 * (1 - a2)": "(1 - a2**2)"}),
            "slope-twice": slip("Your result has the slope of the sigmoid twice.", {"a2 * (1 - a2)": "(a2 * (1 - a2)) ** 2"}),
            "no-bias": slip("This is what you get when the forward line forgets `b2`.", {" + b2": ""}),
            "tanh": slip("This output is a sigmoid, but your forward line has the tanh.", {"sigmoid(a1": "np.tanh(a1"},
                {"sigmoid(a1": "np.tanh(a1", "a2 * (1 - a2)": "(1 - a2**2)"}),
            "stepped": slip("These are `W2` and `b2` after a step. You are asked for the gradients themselves.",
                {"return a1.T @ delta2, delta2.sum(axis=0)": "return W2 - a1.T @ delta2, b2 - delta2.sum(axis=0)"}),
        },
        hints=(
            N_("Begin with the forward line. What does the output unit do with `a1`? You wrote that line "
               "in the clinic."),
            N_("The output error has two factors. What is the slope of the loss? And what is the slope of "
               "the sigmoid, written with its output?"),
            N_("It is `delta2 = (a2 - y) * a2 * (1 - a2)`. `W2` was multiplied by `a1`, so its gradient is "
               "`a1.T @ delta2`. `b2` was added to every row, so its gradient is the sum over the rows."),
        ),
        explanation=N_(
            "The usual slips are to leave out the slope of the sigmoid (training still works, so only "
            "the check sees it), to apply the sigmoid to `a2` a second time, and to average over the "
            "batch although this loss is a sum."
        ),
    ),
    number_exercise(
        name="equal-path",
        task=N_("Suppose that rate {rate} solves XOR in {thousands},000 epochs. How many epochs does rate {small} need to get as far?"),
        ask=N_("Try a smaller case first. How many epochs does half of the rate {rate} need?"),
        unit=N_("epochs"),
        wrong={
            "{epochs} * {small} / {rate}": N_("A smaller rate needs more epochs, not fewer, so divide the other way round."),
            "{epochs}": N_("In that case the rate would not matter. Compare two rows of the success map in the same column."),
            "{small} * {epochs}": N_("That is {small} x {thousands},000, which says how far the small rate gets in {thousands},000 epochs. It should "
                   "get as far as {rate} x {thousands},000."),
            "{rate} * {epochs}": N_("That is the product, rate x epochs. Which number of epochs gives it at rate {small}?"),
            "{times}": N_("That is how many times smaller the rate is. What does it do to the number of epochs?"),
            "10 * {epochs}": N_("That would be ten times as many epochs. How many times smaller is the rate?"),
            "{rate} * {epochs} / (10 * {small})": N_("You counted with ten times the rate {small}. Mind its decimal "
                                                     "point."),
            "{rate} * {epochs} / ({small} / 10)": N_("You counted with a tenth of the rate {small}. Mind its decimal "
                                                     "point."),
        },
        numbers=fields(
            {"rate": 0.5, "thousands": 2, "times": 25},
            {"rate": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8), "thousands": range(1, 7), "times": (4, 5, 8, 20, 25, 40)},
            lambda rate, thousands, times: {"small": rate / times, "epochs": 1000 * thousands},
        ),
        hints=(
            N_("Follow a diagonal of the success map, rate against epochs. What stays the same on it?"),
            N_("rate x epochs is {rate} x {thousands},000."),
        ),
        solution="equal_path = {rate} * {epochs} / {small}",
        explanation=N_(
            "While steps are small, the path is the same and only its pieces are shorter, so half the "
            "rate takes twice the epochs. The rule ends where the rate gets so large that steps "
            "overshoot."
        ),
    ),
    Exercise(
        name="break-symmetry",
        task=N_("Write `break_symmetry(rng)`: initial `W1` (2, 4), `b1` (4,), `W2` (4, 1), `b2` (1,), drawn from `rng` so that each "
                "seed starts elsewhere, from which at least 29 of 30 seeds solve XOR in 2,000 epochs at rate 0.5."),
        judge=judges.program(
            _train_from,
            {
                "not-from-rng": (lambda v: v["repeats"], N_("The same seed gives other weights the second time. Draw all numbers from `rng`.")),
                "all-units-equal": (lambda v: v["solved"] >= 29 or v["different"] > 1, N_("{solved} of {seeds} seeds solved. All hidden units start equal, weights and bias alike, so "
                                                                                          "they get the same gradient and stay equal for ever.")),
                "units-equal": (lambda v: v["solved"] >= 29 or v["different"] > 3, N_("{solved} of {seeds} seeds solved. Of the four hidden units only {different} start "
                                                                                      "different. What happens to units that start equal?")),
                "every-seed-equal": (lambda v: v["seeds_differ"], N_("Every seed starts from the same weights. Take the numbers from `rng`.")),
                "all-answers-equal": (lambda v: v["solved"] >= 29 or v["answers"] > 1, N_("{solved} of {seeds} seeds solved. All four hidden units get the same input weights and "
                                                                                          "bias, so they give the same answer at the start.")),
                "answers-equal": (lambda v: v["solved"] >= 29 or v["answers"] > 3, N_("{solved} of {seeds} seeds solved. Of the four hidden units only {answers} differ in what "
                                                                                      "goes into them, so the others repeat an answer at the start.")),
                "near": (lambda v: not 20 <= v["solved"] < 29, N_("{solved} of {seeds} seeds solved, which is close "
                                                                  "to the goal. The typical sizes of what you return "
                                                                  "are: {sizes}. At which size in the figure of the "
                                                                  "initial scale do more seeds solve XOR?")),
                "size": (lambda v: v["solved"] >= 29, N_("{solved} of {seeds} seeds solved. The typical sizes of what you return are: {sizes}. Scale "
                                                         "1 in the figure of the initial scale stands for weights of 0.6 and biases of 0. Which of "
                                                         "yours is far from it?")),
            },
            right=N_("{solved} of {seeds} seeds solved."),
        ),
        hints=(
            N_("What must differ between hidden units, so that they get different gradients?"),
            N_("`rng` has methods that fill a shape with random numbers. Which of the four arrays need "
               "them?"),
            N_("Look at the figure of the initial scale, and choose from its upper part."),
        ),
        solution=(
            "def break_symmetry(rng):\n"
            "    return rng.normal(0, 1, (2, 4)), np.zeros(4), rng.normal(0, 1, (4, 1)), np.zeros(1)\n"
        ),
        explanation=N_(
            "What goes into the hidden units has to differ, and weights or biases that differ will do. "
            "Zeros everywhere do not move at all. Other equal numbers do move, but they stay four "
            "copies of one unit. So the zero alone is not the trouble: the units must differ."
        ),
    ),
    letter_exercise(
        name="stuck",
        task=N_("Which observation shows that the failed runs are not on their way into a minimum?"),
        options={
            "a": (N_("their gradient is not zero and their loss still falls"),
                  N_("Look at u^2 and u^4 in the cell with three losses. At the steps that it prints, is the "
                     "slope zero, and has the loss stopped?")),
            "b": (N_("other seeds reach a lower loss"),
                  N_("That there is a lower place elsewhere is true of every local minimum that is not the lowest. What do "
                     "the runs themselves do?")),
            "c": (N_("each doubling of the epochs adds about the same amount to their largest weight"),
                  N_("On the way into a minimum the weights come to rest. A weight that gains the same amount with "
                     "each doubling of the epochs never comes to rest, so the floor of such a valley lies at "
                     "infinity.")),
            "d": (N_("the smallest curvature around them is nearly 0"),
                  N_("u^4 has a curvature of exactly 0 at its minimum. A small curvature says that the floor is "
                     "flat. Does it say that there is no minimum?")),
        },
        right="c",
        hints=(
            N_("Ask of each observation whether u^2 or u^4 would show it too, on the way to u = 0."),
            N_("What do the weights do near a minimum, and what did `u` do in the last line of the three losses?"),
        ),
        explanation=N_("A falling loss, a small gradient and a small curvature are found on the way into a flat "
                       "minimum too, and every local minimum but the lowest has a lower place elsewhere. But on the "
                       "way into a minimum the weights do not go on growing."),
    ),
    number_exercise(
        name="fifth-row",
        task=N_(
            "A table of XOR has a fifth row, ({p}, {q}) once more, this time with the target {new}. What is the "
            "lowest L = 1/2 sum (a2 - y)^2 that a network can approach?"
        ),
        ask=N_("Two rows have the same inputs, so they get the same answer a2. Which a2 makes the sum of their squares smallest?"),
        wrong={
            "0": N_("For this the network would have to answer both {old} and {new} to the same inputs."),
            "({new} - {old}) ** 2 / 2": N_(
                "You get this number in two ways. Either the network takes the side of one row, or it gives the best "
                "answer and the 1/2 before the sum is left out. Is there an answer in between, and is the 1/2 there?"
            ),
            "({new} - {old}) ** 2": N_("That is the whole square of one row. Is there an answer in between, and is the 1/2 there?"),
            "({new} - {old}) ** 2 / 8": N_("That is what one of the two rows brings. Both rows count."),
            "({new} - {old}) ** 2 / 10": N_("You divide by the five rows. But this loss is half a sum, not a mean."),
            "({new} - {old}) ** 2 / 20": N_("You divide by the five rows. But this loss is a sum, not a mean."),
        },
        numbers=fields(
            {"p": 1, "q": 1, "gap": 1},
            {"p": (0, 1), "q": (0, 1), "gap": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)},
            lambda p, q, gap: _two_targets(p ^ q, abs((p ^ q) - gap)),
        ),
        hints=(
            N_(
                "The other three rows can come as close to their targets as one likes. What do the two rows with ({p}, {q}) bring, "
                "as a function of their answer a2?"
            ),
            N_("They bring 1/2 ((a2 - {old})^2 + (a2 - {new})^2), and its slope for a2 is 2 a2 - {both}. Where is that 0?"),
        ),
        solution="fifth_row = 0.5 * ({half}**2 + {half}**2)",
        explanation=N_(
            "The best answer to ({p}, {q}) is {mean}, the mean of its two targets. More training cannot bring the loss lower, and "
            "a larger network cannot either. The usual slip is to take the side of one row, which costs twice as much."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="no-hidden-layer",
        question=N_("Two networks are trained on XOR for 5,000 epochs: one layer alone, and one layer behind four linear "
                    "hidden units. Where do their losses end?"),
        options={
            "a": (N_("both near 0"),
                  N_("A single layer draws one straight line, and no line separates XOR. The next cell trains "
                     "both, and more epochs do not help.")),
            "b": (N_("both at 0.6931"),
                  N_("The best that a straight line can do here is to answer one half four times, and the loss "
                     "is then ln 2 = 0.6931. Linear units in front of it change nothing.")),
            "c": (N_("the first at 0.6931, the second near 0"),
                  N_("Linear layers in a row are one linear layer. The second line of the next cell is your experiment.")),
        },
        right="b",
        cells=("no-hidden-layer",),
    ),
    prediction(
        name="rate-times-epochs",
        question=N_("Every line of the program is right. It trains a 2-4-1 network with the right gradients, at rate "
                    "0.01 and for 2,000 epochs. How many of 30 seeds solve XOR?"),
        options={
            "a": (N_("all of them, or nearly all"),
                  N_("A small rate is safe, but slow. 2,000 steps of 0.01 do not get far. A cell after the clinic counts.")),
            "b": (N_("about half of them"),
                  N_("It is not the luck of the seed. A cell after the clinic counts.")),
            "c": (N_("none of them, or hardly any"),
                  N_("The product of rate and epochs, 20, is far too small. A cell after the clinic counts the seeds, "
                     "and it also tries a product that is 250 times as large.")),
        },
        right="c",
        cells=("thirty-seeds", "success-map"),
    ),
    prediction(
        name="missing-slope",
        question=N_("Someone forgets the slope `a2 * (1 - a2)` in the output error, so every gradient is wrong. "
                    "At rate 0.5 and with 2,000 epochs, how many of 30 seeds solve XOR?"),
        options={
            "a": (N_("not one of them"),
                  N_("The steps may still go downhill, only not straight down. The next cell counts.")),
            "b": (N_("about half of them"),
                  N_("It has nothing to do with luck. The next cell counts.")),
            "c": (N_("all of them"),
                  N_("That is the danger, because the loss falls and so nobody looks. The next two cells count, "
                     "and then check.")),
        },
        right="c",
        cells=("missing-slope",),
    ),
    prediction(
        name="sharpness",
        question=N_("We train XOR at rate 3. As its loss falls, its sharpness climbs over 2/rate. What does the "
                    "run do then?"),
        options={
            "a": (N_("some steps later the loss jumps, and then the run diverges"),
                  N_("On a parabola it would diverge. The cell below shows what happens where the curvature is "
                     "not the same everywhere.")),
            "b": (N_("the loss goes on falling smoothly, as if nothing had happened"),
                  N_("Along one direction the distance now grows with each step. The cell below marks where that is "
                     "seen in the loss.")),
            "c": (N_("some steps later the loss jumps, and then it goes on falling"),
                  N_("The cell below marks each step that raises the loss, and shows where the sharpness ends. "
                     "Why does it not diverge?")),
        },
        right="c",
        cells=("sharpness",),
    ),
    prediction(
        name="zero-start",
        question=N_("All weights and biases of the 2-4-1 network start at 0. What does the loss do in 5,000 epochs?"),
        options={
            "a": (N_("it falls, only more slowly"),
                  N_("To fall, it would have to find a direction first. The next cell prints the loss, and how "
                     "many hidden units are different.")),
            "b": (N_("it stays where it is, at 0.6931"),
                  N_("With W2 = 0 no error gets back, and the four output errors cancel, so every gradient is 0. "
                     "The next cell prints how many hidden units are different.")),
            "c": (N_("it becomes `nan`, not a number"),
                  N_("Nothing is divided by a weight. The next cell prints a finite loss.")),
        },
        right="b",
        cells=("zero-start",),
    ),
    prediction(
        name="two-units",
        question=N_("We train two hidden units with 200 seeds at rate 0.5. After 10,000 epochs some have "
                    "failed, and these go on to 40,000 epochs. What do most of them do?"),
        options={
            "a": (N_("they rest: in a local minimum loss and weights stand still"),
                  N_("If they rested, the table below would have the same loss and the same largest weight in "
                     "its three rows.")),
            "b": (N_("they creep: the loss falls ever more slowly, and the weights go on growing"),
                  N_("The table below shows both at 10,000, 20,000 and 40,000 epochs.")),
            "c": (N_("they escape: at the end of a plateau the loss drops, and they are solved"),
                  N_("If so, four times as many epochs should solve most of them. The table below counts those "
                     "that are left.")),
        },
        right="b",
        cells=("two-units",),
    ),
]  # fmt: skip

chapter = Chapter(5, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
