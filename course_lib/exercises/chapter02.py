"""Chapter 2: gradients on a graph, and descent that uses them. Exercises and predictions."""

import numpy as np

from ..ops import logistic
from ..text import N_, say
from . import judges
from .judging import Wrong
from .machinery import Chapter, Exercise, Prediction

# A neuron with one input and squared error, judged by finite differences.

X, Y = 2.0, 1.0
W, B = np.array(0.5), np.array(-0.4)


def _neuron_loss(params):
    w, b = params
    return float((logistic(w * X + b) - Y) ** 2)


def _without_slope(x, w, b, y):
    delta = 2 * (logistic(w * x + b) - y)
    return delta * x, delta


def _without_two(x, w, b, y):
    a = logistic(w * x + b)
    delta = (a - y) * a * (1 - a)
    return delta * x, delta


def _without_input(x, w, b, y):
    a = logistic(w * x + b)
    delta = 2 * (a - y) * a * (1 - a)
    return delta, delta


def _times_weight(x, w, b, y):
    a = logistic(w * x + b)
    delta = 2 * (a - y) * a * (1 - a)
    return delta * w, delta


# Gradient descent as a function: the whole path.


def _slope(p):
    """The gradient of u^2 + 25 v^2."""
    return np.array([2.0, 50.0]) * p


def descend(gradient, start, eta, steps):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - eta * gradient(path[-1]))
    return np.array(path)


def _uphill(gradient, start, eta, steps):
    return descend(gradient, start, -eta, steps)


def _gradient_of_start(gradient, start, eta, steps):
    return descend(lambda p: gradient(np.asarray(start)), start, eta, steps)


def _without_start(gradient, start, eta, steps):
    return descend(gradient, start, eta, steps)[1:]


def _last_only(gradient, start, eta, steps):
    return descend(gradient, start, eta, steps)[-1]


def _without_gradient_size(gradient, start, eta, steps):
    return descend(lambda p: np.sign(gradient(p)), start, eta, steps)


# A learning rate for a narrow valley.

VALLEY_STEPS, VALLEY_LOSS = 120, 1e-6


def _run_valley(eta):
    """Descend on u^2 + 25 v^2 from (5, 1) with the reader's rate: loss after VALLEY_STEPS steps, and how v moved."""
    if isinstance(eta, bool) or not isinstance(eta, int | float | np.number) or not 0 < eta < 1e3:
        raise Wrong(say("Expected a learning rate, a positive number below 1,000, got {got!r}.", got=eta))
    p, changes_of_side = np.array([5.0, 1.0]), 0
    for _ in range(VALLEY_STEPS):
        new = p - float(eta) * _slope(p)
        changes_of_side += bool(new[1] * p[1] < 0)
        p = new
        if np.abs(p).max() > 1e100:
            break
    return {"loss": float(p[0] ** 2 + 25 * p[1] ** 2), "factor_u": 1 - 2 * float(eta), "factor_v": 1 - 50 * float(eta),
            "steps": VALLEY_STEPS, "sides": changes_of_side}  # fmt: skip


EXERCISES = [
    Exercise(
        name="two-paths",
        task=N_("b = a * a and L = a * b + b, at a = 2. Give the gradient of `a`, with every path counted."),
        judge=judges.number(
            16,
            N_(
                "Follow the gradient of `L` backward, edge by edge: how much reaches `b`, and along how many edges does `a` get its share?"
            ),
            tolerance=1e-6,
            wrong={
                12: N_("That is the value of L, the forward pass. Now go backward: the gradient of `L` is 1."),
                4: N_(
                    "That is one path only: the direct use of `a` in a * b, with local derivative b = 4. `b` depends on `a` too."
                ),
                8: N_("That is not every path. List the uses of `a`: twice in a * a, once in a * b."),
                3: N_("That is the gradient of `b`: 2 from a * b and 1 from + b. It has still to go on to `a`."),
                6: N_(
                    "That is one of the two edges from `b` to `a`: 3 times 2. Both count, and `a` is used directly as well."
                ),
                10: N_("`a` enters a * a twice, so `b` sends its gradient back along two edges, 3 times 2 each."),
            },
        ),
        hints=(
            N_(
                "Forward: b = 4, the product a * b = 8, L = 12. Backward, the gradient of `b` is a sum of two: through a * b and "
                "through + b."
            ),
            N_("The gradient of `b` is a + 1 = 3. It goes to `a` along two edges, each with local derivative a = 2."),
            N_("`a` gets 3 * 2 twice from `b`, and b = 4 from its direct use in a * b."),
        ),
        solution="two_paths = 4 + 3 * 2 + 3 * 2",
        explanation=N_(
            "L = a^3 + a^2, so the derivative is 3 a^2 + 2 a = 16. The usual slips: to keep only the last gradient that arrives, "
            "and to count a * a as one use of `a`."
        ),
    ),
    Exercise(
        name="neuron-gradients",
        task=N_(
            "Write `neuron_gradients(x, w, b, y)`: the gradients of L = (a - y)^2 for `w` and `b`, where z = x w + b and "
            "a = sigmoid(z)."
        ),
        judge=judges.gradient(
            _neuron_loss,
            [W, B],
            ("w", "b"),
            (X, W, B, Y),
            wrong={
                _without_slope: N_("This is what you get without the local derivative of the sigmoid, `a * (1 - a)`."),
                _without_two: N_("The local derivative of the square is `2 * (a - y)`: the factor 2 is missing."),
                _without_input: N_(
                    "The gradient of `w` lacks the local derivative of x * w with respect to `w`, which is `x`."
                ),
                _times_weight: N_(
                    "The local derivative of x * w with respect to `w` is `x`, the other factor, not `w`."
                ),
            },
        ),
        hints=(
            N_(
                "Go forward first and keep `a`. Then backward, one factor for each node: square, sigmoid, add, multiply."
            ),
            N_(
                "The square gives `2 * (a - y)`, the sigmoid `a * (1 - a)`. Their product is the gradient of z, `delta`."
            ),
            N_("add passes `delta` on unchanged, to `b` and to the product; multiply passes `delta * x` on to `w`."),
        ),
        solution=(
            "def neuron_gradients(x, w, b, y):\n"
            "    a = 1 / (1 + np.exp(-(x * w + b)))         # forward\n"
            "    delta = 2 * (a - y) * a * (1 - a)          # dL/dz\n"
            "    return delta * x, delta\n"
        ),
        explanation=N_(
            "Each node adds one factor. The usual slips: leaving out the slope of the sigmoid, leaving out the 2 of the square, "
            "and multiplying by `w` instead of `x`: the local derivative of a product is the other factor."
        ),
    ),
    Exercise(
        name="descend",
        task=N_(
            "Write `descend(gradient, start, eta, steps)`: the path of gradient descent as an array, start included, one row "
            "for each point."
        ),
        judge=judges.function(
            descend,
            [(_slope, np.array([5.0, 1.0]), 0.02, 4), (_slope, np.array([-1.0, 2.0]), 0.03, 1)],
            wrong={
                _uphill: N_("Your path climbs: the step goes against the gradient."),
                _gradient_of_start: N_(
                    "You use the gradient of the start in every step. It has to be computed anew at each point."
                ),
                _without_start: N_("The path begins with the start, before any step."),
                _last_only: N_("That is the last point. Collect all of them."),
                _without_gradient_size: N_("A step is `eta` times the gradient, with its size, not its sign alone."),
            },
        ),
        hints=(
            N_("One step is `p - eta * gradient(p)`, and the next gradient is taken at the new point."),
            N_("Collect the points in a list that begins with the start; `np.array(path)` makes the array."),
        ),
        solution=(
            "def descend(gradient, start, eta, steps):\n"
            "    path = [np.array(start)]\n"
            "    for _ in range(steps):\n"
            "        path.append(path[-1] - eta * gradient(path[-1]))\n"
            "    return np.array(path)\n"
        ),
        explanation=N_(
            "The usual slips: a plus in the step, the gradient of the start used for every step, and `p -= ...`, which changes the "
            "array that is already in the path, and the caller's start with it."
        ),
    ),
    Exercise(
        name="valley-rate",
        task=N_(
            "Find a learning rate with which descent on u^2 + 25 v^2 from (5, 1) brings the loss below 0.000001 within 120 "
            "steps."
        ),
        judge=judges.program(
            _run_valley,
            [
                (
                    lambda v: abs(v["factor_v"]) < 1,
                    N_(
                        "It diverges: each step multiplies v by {factor_v:.3g}, and a factor of 1 or "
                        "more in size never comes to rest. Smaller."
                    ),
                ),
                (
                    lambda v: v["loss"] < VALLEY_LOSS or v["factor_v"] > -0.9,
                    N_(
                        "Loss {loss:.2g} after {steps} steps. v jumps from side to side ({sides} times), and shrinks by a factor of only "
                        "{factor_v:.3g} a step. A little smaller."
                    ),
                ),
                (
                    lambda v: v["loss"] < VALLEY_LOSS,
                    N_(
                        "Loss {loss:.2g} after {steps} steps. Each step multiplies u by "
                        "{factor_u:.3g}: too close to 1. Larger."
                    ),
                ),
            ],
            right=N_(
                "Loss {loss:.2g} after {steps} steps: u is multiplied by {factor_u:.3g} in each step, v by {factor_v:.3g}."
            ),
        ),
        hints=(
            N_("One step multiplies u by 1 - 2 eta and v by 1 - 50 eta. Both factors must lie between -1 and 1."),
            N_(
                "v allows rates below 2/50 = 0.04. u wants the rate as large as possible. Try in the lab between 0.03 and 0.04."
            ),
        ),
        solution="valley_rate = 0.038",
        explanation=N_(
            "The steep direction sets the limit, the flat one pays for it. Best is the rate at which both shrink alike, "
            "2/52 = 0.0385. Chapter 4 derives it."
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        name="used-twice",
        question=N_(
            "L = x * x + x at x = 3. Three edges bring a gradient back to x: 1 from the addition, 3 and 3 from the "
            "multiplication. What is the gradient of x?"
        ),
        options={
            "a": N_("3: the last one that arrives"),
            "b": N_("9: they multiply, as in the chain rule"),
            "c": N_("7: they add up"),
            "d": N_("2.33: their mean"),
        },
        right="c",
        replies={
            "a": N_(
                "Then x + 0.001 would change L by 0.003. The next cell nudges x: it changes by 0.007. Gradients do not "
                "overwrite each other."
            ),
            "b": N_(
                "Local derivatives multiply along one path. These are three paths, and a change of x takes all of them at once."
            ),
            "c": N_(
                "A change of x reaches L along every path at once, so the changes add up. The nudge in the next cell agrees: "
                "0.007 for 0.001."
            ),
            "d": N_(
                "A change of x acts along all paths at once, so nothing is averaged. The nudge in the next cell gives 7."
            ),
        },
    ),
    Prediction(
        name="price-of-nudging",
        question=N_(
            "The network has 17 parameters and is trained twice, for 500 steps. Once the gradients come from backpropagation, "
            "once from finite differences. How many forward passes does the second run make, and where does it end?"
        ),
        options={
            "a": N_("500, like the first one, and at the same loss"),
            "b": N_("8,500, and at a higher loss: those gradients are only rough"),
            "c": N_("17,000, and at the same loss"),
            "d": N_("17,000, and where it began: backpropagation is what learns"),
        },
        right="c",
        replies={
            "a": N_(
                "One forward pass gives one loss, and no slope. Each slope needs two, and there are 17: the next cell counts."
            ),
            "b": N_(
                "Each parameter is nudged up and down: two passes. And central differences are good to about ten digits here: "
                "the next cell counts, and prints the same loss for both."
            ),
            "c": N_(
                "Twice 17, 500 times. The step does not ask who computed its gradient: same steps, same loss. The lab below "
                "measures how the price grows."
            ),
            "d": N_(
                "What learns is the step, and it is still there. The next cell prints the same loss for both, as in chapter 1."
            ),
        },
    ),
    Prediction(
        name="fastest-rate",
        question=N_("Descent on f(x) = x * x from x = 1, until |x| < 0.001. Which rate needs the fewest steps?"),
        options={"a": "0.1", "b": "0.5", "c": "0.9", "d": "0.99"},
        right="b",
        replies={
            "a": N_(
                "It needs 31 steps. The next cell has a rate that needs one, and a larger rate that needs 31 again."
            ),
            "b": N_("One step: x is multiplied by 1 - 2 * 0.5 = 0. Below that rate it creeps, above it overshoots."),
            "c": N_("It needs 31 steps, as many as 0.1: each step lands on the other side, at 0.8 times the distance."),
            "d": N_(
                "It needs 342 steps, as many as 0.01: x is multiplied by -0.98 in each. A larger rate is not simply faster."
            ),
        },
    ),
    Prediction(
        name="gradient-direction",
        question=N_(
            "At (5, 1) on u^2 + 25 v^2 you take the direction of minus the gradient. The minimum is at (0, 0). How far does "
            "that direction miss it?"
        ),
        options={
            "a": N_("not at all: downhill is the way to the minimum"),
            "b": N_("by 11 degrees, the angle at which (5, 1) is seen from the minimum"),
            "c": N_("by 67 degrees"),
            "d": N_("by 90 degrees: it runs along the contour"),
        },
        right="c",
        replies={
            "a": N_("That holds at every point only on a round bowl. The next cell measures 67 degrees here."),
            "b": N_(
                "The next cell measures 67 degrees. The gradient knows the slope at one point, and nothing of where the minimum is."
            ),
            "c": N_(
                "The direction is perpendicular to the contour, and the contour here is a long ellipse: most of the step goes "
                "across the valley."
            ),
            "d": N_(
                "Along the contour the height does not change at all. The next cell measures 90 degrees between step and contour."
            ),
        },
    ),
    Prediction(
        name="finds-the-minimum",
        question=N_(
            "The curve in the next cell has two minima; the left one is deeper. 200 balls start evenly spread from -2 to 2, "
            "with a small rate. Where do they end?"
        ),
        options={
            "a": N_("all in the deeper one: descent finds the minimum"),
            "b": N_("each in the minimum on its own side of the hill between them"),
            "c": N_("most in the deeper one, because it attracts more strongly from afar"),
        },
        right="b",
        replies={
            "a": N_("The next cell counts: almost half of them end in the higher minimum, and stay there."),
            "b": N_(
                "Descent sees the slope under the ball and nothing else. Which minimum it finds is decided by the start."
            ),
            "c": N_(
                "There is no attraction from afar: only the slope at the ball counts. The next cell counts who ends where."
            ),
        },
    ),
]

chapter = Chapter(2, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
