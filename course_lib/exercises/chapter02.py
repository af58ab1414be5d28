"""Chapter 2: gradients on a graph, and descent that uses them. Exercises and predictions."""

from dataclasses import dataclass

import numpy as np

from ..ops import logistic
from ..text import N_, joined, say
from .chapter_parts.worked_examples import CHAIN
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.compare import one_number
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import prediction
from .machinery.reader_code import Wrong, judge
from .machinery.slips import code_exercise, gradient_exercise, number_exercise, slip
from .machinery.worked import worked_function

# A neuron with one input and squared error, judged by finite differences.

X, Y = -1.5, 0.9
W, B = np.array(-0.6), np.array(-0.3)


def gradient(p):
    """The gradient of u^2 + 25 v^2."""
    return np.array([2.0, 50.0]) * p


@dataclass(frozen=True)
class _Slopes:
    """A gradient such as `gradient`, which reads as Python where a form shows it."""

    u: int
    v: int

    def __call__(self, p):
        return np.array([self.u, self.v]) * p

    def __repr__(self):
        return f"lambda p: np.array([{self.u}, {self.v}]) * p"


def _neuron(rng):
    """x, w, b, y with a weighted sum whose sigmoid is in the question, and which is on the wrong side: two decimals will do."""
    x, w, z = one_of(rng, -3, -2, -1.5, 1.5, 2, 3), one_of(rng, -2, -1, 1, 2), one_of(rng, -2, -1, 1, 2)
    return x, w, z - x * w, int(z < 0)


def _descent(rng):
    """Two steps in a valley that multiply u and v by numbers with one decimal."""
    scale = one_of(rng, 1, 2)
    slopes = _Slopes(scale * one_of(rng, 2, 3, 4), scale * one_of(rng, 8, 12, 14, 15))
    return slopes, numbers_of(rng, (2,), -5, -4, -3, -2, 1, 2, 3, 4), 0.1 / scale, 2


# A learning rate for a narrow valley.

VALLEY_STEPS, VALLEY_LOSS = 120, 1e-6


VALLEY_SLIPS = {
    "swings": N_(
        "It swings for ever, because each step multiplies v by -1. So v jumps from side to side and "
        "is no nearer at the end. Try a smaller rate."
    ),
    "diverges": N_(
        "It diverges, because each step multiplies v by {v}. So v jumps from side to side, and "
        "farther each time. Try a smaller rate."
    ),
    "nearly-swings": N_(
        "Each step multiplies v by {v}, so v jumps from side to side ({count} times) and comes "
        "nearer only slowly. Try a rate that is a little smaller."
    ),
    "too-small": N_("Each step multiplies u by {u}, which is too close to 1. Try a larger rate."),
}


@judge
def _valley_rate(answer):
    """Descent on u^2 + 25 v^2 from (5, 1) with the reader's rate."""
    eta = one_number(answer)
    if not 0 < eta < 1e3:
        climbs = say("Each step would climb.") if eta < 0 else ""
        raise Wrong(say("Expected a learning rate, a positive number below 1,000, got {got:g}.", got=eta), climbs)
    p, changes_of_side = np.array([5.0, 1.0]), 0
    for _ in range(VALLEY_STEPS):
        new = p - eta * gradient(p)
        changes_of_side += bool(new[1] * p[1] < 0)
        p = new
        if np.abs(p).max() > 1e100:
            break
    loss, u, v = f"{p[0] ** 2 + 25 * p[1] ** 2:.2g}", f"{1 - 2 * eta:.9g}", f"{1 - 50 * eta:.4g}"
    reached = say("Loss {loss} after {steps} steps.", loss=loss, steps=VALLEY_STEPS)
    found = {
        "swings": abs(50 * eta - 2) < 1e-4,
        "diverges": 50 * eta > 2,
        "nearly-swings": float(loss) >= VALLEY_LOSS and 50 * eta > 1.9,
        "too-small": float(loss) >= VALLEY_LOSS,
    }
    for name, holds in found.items():
        if holds:
            sentence = say(VALLEY_SLIPS[name], u=u, v=v, count=changes_of_side)
            raise Wrong("" if name == "diverges" else reached, sentence, slip=name)
    return joined(reached, say("Each step multiplies u by {u} and v by {v}.", u=u, v=v))


_valley_rate.sentences = VALLEY_SLIPS

EXERCISES = [
    number_exercise(
        name="two-paths",
        task=N_("Take b = a * a and L = a * b + b, at a = {a}. Give the gradient of `a`, and count every path."),
        ask=N_(
            "Follow the gradient of `L` backward, edge by edge. How much reaches `b`, and along how "
            "many edges does `a` get its share?"
        ),
        tolerance=1e-6,
        wrong={
            ("{L}", "3 * {b}"): N_(  # which are the same at a = 2
                "This is the value of L, or what comes back when the path through + b is left out. Go backward, along every edge: `b` "
                "is used in a * b and in + b."
            ),
            "{b}": N_(
                "{b} is what the direct use of `a` in a * b brings. And `b` depends on `a` too: what comes back through it?"
            ),
            "2 * {b}": N_("That is not every path. List the uses of `a`: twice in a * a, once in a * b."),
            "{g}": N_("{g} is the gradient of `b`: {a} from a * b and 1 from + b. It still has to go on to `a`."),
            "{g} * {a}": N_(
                "This is what one of the two edges from `b` to `a` brings, {g} times {a}. `a` is used directly as well, in a * b."
            ),
            "{b} + {g}": N_("This is {b} plus {g}. But {g} is the gradient of `b`, which still has to go on to `a`."),
            "{b} + {g} * {a}": N_(
                "`a` enters a * a twice, so `b` sends its gradient back along two edges, {g} times {a} each."
            ),
        },
        numbers=fields(
            {"a": 2},
            {"a": (*range(-10, -2), *range(3, 13))},
            lambda a: {"b": a * a, "product": a**3, "L": a**3 + a * a, "g": a + 1, "sum": 3 * a * a + 2 * a},
        ),
        hints=(
            N_(
                "Forward: b = {b}, the product a * b = {product}, L = {L}. Backward, the gradient of `b` is a sum of two: through a * b and "
                "through + b."
            ),
            N_(
                "The gradient of `b` is a + 1 = {g}. It goes to `a` along two edges, each with local derivative a = {a}."
            ),
            N_("`a` gets {g} * {a} twice from `b`, and b = {b} from its direct use in a * b."),
        ),
        solution="two_paths = {b} + {g} * {a} + {g} * {a}",
        explanation=N_(
            "L = a^3 + a^2, so the derivative is 3 a^2 + 2 a = {sum}. The usual slips are to keep only the "
            "last gradient that arrives, and to count a * a as one use of `a`."
        ),
    ),
    gradient_exercise(
        name="neuron-gradients",
        task=N_(
            "Write `neuron_gradients(x, w, b, y)`: the gradients of L = (a - y)^2 for `w` and `b`, where z = x w + b and "
            "a = sigmoid(z)."
        ),
        solution=(
            "def neuron_gradients(x, w, b, y):\n"
            "    a = sigmoid(x * w + b)                  # forward\n"
            "    delta = 2 * (a - y) * a * (1 - a)       # dL/dz\n"
            "    return delta * x, delta\n"
        ),
        loss=lambda params: float((logistic(params[0] * X + params[1]) - Y) ** 2),
        params=[W, B],
        names=("w", "b"),
        arguments=(X, W, B, Y),
        argument_names=("x", "w", "b", "y"),
        factors=False,
        again=by_hand(
            _neuron,
            without=("sigmoid-twice", "no-sigmoid-forward", "no-bias", "minus-bias", "slope-at-z"),
            asks=N_(
                "With pencil and paper: what does `neuron_gradients(x, w, b, y)` return for `x = {x}`, `w = {w}`, `b = {b}`, "
                "`y = {y}`? Take sigmoid(1) = 0.731, sigmoid(2) = 0.881, and sigmoid(-z) = 1 - sigmoid(z)."
            ),
        ),
        slips={
            "no-slope": slip(
                "This is what you get without the local derivative of the sigmoid, `a * (1 - a)`.",
                {" * a * (1 - a)": ""},
            ),
            "no-two": slip(
                "A factor 2 is missing, because the local derivative of the square is `2 * (a - y)`.", {"2 * ": ""}
            ),
            "no-two-no-slope": slip(
                "Two things are missing: the factor 2 of the square, and the local derivative of the sigmoid.",
                {"2 * (a - y) * a * (1 - a)": "a - y"},
            ),
            "half-a-slope-a": slip("Only half of the sigmoid's slope is here: `1 - a` is missing.", {" * (1 - a)": ""}),
            "half-a-slope": slip(
                "Only half of the sigmoid's slope is here: `a` is missing.", {"a * (1 - a)": "(1 - a)"}
            ),
            "slope-of-tanh": slip(
                "`1 - a**2` is the slope of tanh. This neuron has a sigmoid.", {"a * (1 - a)": "(1 - a**2)"}
            ),
            "sigmoid-twice": slip(
                "`a` has been through the sigmoid already, so its slope needs no second one.",
                {"a * (1 - a)": "sigmoid(a) * (1 - sigmoid(a))"},
            ),
            "square": slip(
                "You go on with the square itself. What goes back is the derivative of the square.",
                {"2 * (a - y)": "(a - y) ** 2"},
                {"2 * (a - y)": "2 * (a - y) ** 2"},
                {"2 * (a - y) * a * (1 - a)": "(a - y) ** 2"},
            ),
            "no-x": slip(
                "The gradient of `w` lacks the local derivative of x * w with respect to `w`, which is `x`.",
                {"delta * x": "delta"},
            ),
            "w-for-x": slip(
                "The local derivative of x * w with respect to `w` is `x`, the other factor, not `w`.",
                {"delta * x": "delta * w"},
            ),
            "own-factors": slip(
                "Each gradient has its own parameter as a factor. How much does z = x w + b grow when `w` grows "
                "a little, and when `b` does?",
                {"delta * x, delta": "delta * w, delta * b"},
            ),
            "product": slip(
                "The gradient of `w` has the product x w as a factor. How much does that product grow when `w` "
                "grows a little?",
                {"delta * x": "delta * x * w"},
            ),
            "times-b": slip(
                "An addition passes its gradient on unchanged, so `b` is no factor.", {"x, delta": "x, delta * b"}
            ),
            "no-sigmoid": slip(
                "The sigmoid is missing, both forward and backward: here a = x w + b.",
                {"sigmoid(x * w + b)": "x * w + b", " * a * (1 - a)": ""},
            ),
            "no-sigmoid-forward": slip(
                "Your `a` is still z, because the sigmoid is missing in the forward pass. Your slope is "
                "that of a sigmoid already.",
                {"sigmoid(x * w + b)": "x * w + b"},
            ),
            "sigmoid-in-slope-alone": slip(
                "The sigmoid is missing in the forward pass: the square takes a - y, not z - y.",
                {"2 * (a - y)": "2 * (x * w + b - y)"},
            ),
            "no-bias": slip("`b` is missing in the forward pass: z = x w + b.", {" + b": ""}),
            "minus-bias": slip("You subtract `b` in the forward pass, but z = x w + b adds it.", {"+ b": "- b"}),
            "slope-at-z": slip(
                "The slope of the sigmoid is `a * (1 - a)`, and you took `z` in place of `a`.",
                {"a * (1 - a)": "(x * w + b) * (1 - (x * w + b))"},
            ),
            "stepped": slip(
                "These are `w` and `b` after a step. You are asked for the gradients. Who uses them comes later.",
                {"return delta * x, delta": "return w - delta * x, b - delta"},
            ),
        },
        hints=(
            N_(
                "Go forward first and keep `a`. Then go backward, with one factor for each node: square, "
                "sigmoid, add, multiply."
            ),
            N_(
                "The square gives `2 * (a - y)`, the sigmoid `a * (1 - a)`. Their product is the gradient of z, `delta`."
            ),
            N_(
                "The addition passes `delta` on unchanged, to `b` and to the product. The multiplication "
                "passes `delta * x` on to `w`."
            ),
        ),
        explanation=N_(
            "Each node adds one factor. The usual slips are to leave out the slope of the sigmoid, to "
            "leave out the 2 of the square, and to multiply by `w` instead of `x`. The local derivative "
            "of a product is the other factor."
        ),
    ),
    code_exercise(
        name="descend",
        task=N_(
            "Write `descend(gradient, start, eta, steps)`: the path of gradient descent as an array, start included, one row "
            "for each point."
        ),
        solution=(
            "def descend(gradient, start, eta, steps):\n"
            "    path = [np.array(start)]\n"
            "    for _ in range(steps):\n"
            "        path.append(path[-1] - eta * gradient(path[-1]))\n"
            "    return np.array(path)\n"
        ),
        cases=[(gradient, np.array([5.0, 1.0]), 0.01, 4), (gradient, np.array([-1.0, 2.0]), 0.03, 3)],
        again=by_hand(
            _descent,
            without=(
                "appended-first",
                "ends-alone",
                "start-alone",
                "first-step-alone",
                "replaced",
                "in-one-row",
                "changed-in-place",
                "start-changed-too",
                "first-changed",
                "unit-steps",
                "slope-of-x-squared",
            ),
            asks=N_(
                "With pencil and paper: what does `descend(gradient, start, eta, steps)` return for `start = {start}`, "
                "`eta = {eta}` and `steps = {steps}`? The gradient is `{gradient}`: the first of the two numbers times the "
                "first coordinate, and the second times the second."
            ),
        ),
        slips={
            "uphill": slip("Your path climbs. A step should go against the gradient.", {"- eta": "+ eta"}),
            "no-rate": slip("The learning rate `eta` has no part in your step.", {"eta * gradient": "gradient"}),
            "gradient-of-start": slip(
                "You use the gradient of the start in every step. Compute it again at each point.",
                {"gradient(path[-1])": "gradient(start)"},
            ),
            "always-from-start": slip(
                "Each of your steps begins at the start. It should begin where the last step ended.",
                {"path[-1] - eta": "path[0] - eta"},
            ),
            "same-step": slip(
                "All your steps are like the first one. Begin each step where the last one ended.",
                {"path[-1]": "start"},
            ),
            "steps-collected": slip(
                "You collect the steps. The path should hold points, and the next point is where you are, "
                "minus the step.",
                {"path[-1] - eta": "-eta"},
                {"path[-1] - eta": "eta"},
            ),
            "appended-first": slip(
                "The start stands there twice, and the last point is missing. What comes first in each "
                "turn, the step or `append`?",
                "p, path = np.array(start), [start]\nfor _ in range(steps):\n    path.append(p)\n    p = p - eta * gradient(p)\nreturn np.array(path)",
            ),
            "one-short": slip(
                "The last point is missing. The start and one point for each step make steps + 1 points.",
                {"range(steps)": "range(steps - 1)"},
            ),
            "one-more": slip(
                "There is one step too many. The start and one point for each step make steps + 1 points.",
                {"range(steps)": "range(steps + 1)"},
            ),
            "no-start": slip(
                "The path begins with the start, before any step.", {"np.array(path)": "np.array(path[1:])"}
            ),
            "ends-alone": slip(
                "Your path holds only the start and the last point. Does `append` stand inside the loop?",
                {"np.array(path)": "np.array([path[0], path[-1]])"},
            ),
            "start-alone": slip(
                "Your path holds only the start. What does each turn of the loop append?",
                {"np.array(path)": "np.array(path[:1])"},
            ),
            "first-step-alone": slip(
                "Your path ends after one step. Does `return` stand inside the loop?",
                {"    return": "        return"},
            ),
            "last-alone": slip("That is the last point. Collect all the points.", {"np.array(path)": "path[-1]"}),
            "replaced": slip(
                "That is only the last point. Does each turn append to the path, or replace it?",
                {"np.array(path)": "np.array(path[-1:])"},
            ),
            "in-one-row": slip(
                "All numbers stand in one row. Append points to a list, and make one array of the list at the end.",
                {"np.array(path)": "np.ravel(path)"},
            ),
            "changed-in-place": slip(
                "All points after the start equal the last one, because `p -= ...` changes the array that "
                "is already in the path. Make a new array each time.",
                "p, path = np.array(start), [np.array(start)]\nfor _ in range(steps):\n    p -= eta * gradient(p)\n    path.append(p)\nreturn np.array(path)",
            ),
            "start-changed-too": slip(
                "All points equal the last one, because `p -= ...` changes the array that is already in the "
                "path, and so its first point too. Make a new array each time.",
                "p, path = start, [start]\nfor _ in range(steps):\n    p -= eta * gradient(p)\n    path.append(p)\nreturn np.array(path)",
            ),
            "first-changed": slip(
                "The first point equals the last one, because `p -= ...` changes the array that is already "
                "in the path. Put a copy of the start into the path.",
                "p, path = start, [start]\nfor _ in range(steps):\n    p -= eta * gradient(p)\n    path.append(p.copy())\nreturn np.array(path)",
            ),
            "sign-alone": slip(
                "Your step takes only the sign of the gradient. A step is `eta` times the gradient, with its size.",
                {"gradient(path[-1])": "np.sign(gradient(path[-1]))"},
            ),
            "unit-steps": slip(
                "You divide the gradient by its length. A step is `eta` times the gradient as it is.",
                {"gradient(path[-1])": "gradient(path[-1]) / np.linalg.norm(gradient(path[-1]))"},
            ),
            "slope-of-x-squared": slip(
                "You use 2 p, the slope of x^2. Call the function `gradient` that is handed in.",
                {"gradient(path[-1])": "2 * path[-1]"},
            ),
        },
        hints=(
            N_("One step is `p - eta * gradient(p)`, and the next gradient is taken at the new point."),
            N_("Collect the points in a list that begins with the start; `np.array(path)` makes the array."),
        ),
        explanation=N_(
            "The usual slips are a plus in the step, the gradient of the start used for every step, and "
            "`p -= ...`, which changes the array that is already in the path. Without the copy that "
            "`np.array(start)` makes, it changes the caller's start too."
        ),
    ),
    Exercise(
        name="valley-rate",
        task=N_(
            "Find a learning rate with which descent on u^2 + 25 v^2 from (5, 1) brings the loss below 0.000001 within 120 "
            "steps."
        ),
        judge=_valley_rate,
        hints=(
            N_("One step multiplies u by 1 - 2 eta and v by 1 - 50 eta. Both factors must lie between -1 and 1."),
            N_(
                "v allows rates below 2/50 = 0.04. u wants the rate as large as possible. Try in the lab between 0.03 and 0.04."
            ),
        ),
        solution="valley_rate = 0.038",
        explanation=N_(
            "The steep direction sets the limit, and the flat direction pays for it. In the long run "
            "the best rate is the one at which both shrink alike, 2/52 = 0.0385, as chapter 4 derives. "
            "From this start, after 120 steps, a slightly smaller rate is still ahead."
        ),
    ),
]

PREDICTIONS = [
    prediction(
        name="used-twice",
        question=N_("L = x * x + x at x = 3. Three edges bring a gradient back to x: 1 from the addition, 3 and 3 from the "
                    "multiplication. What is the gradient of x?"),
        options={
            "a": (N_("7, because they add up"),
                  N_("A change of x reaches L along every path at once, so the changes add up. The nudge in the next "
                     "cell agrees: 0.007 for 0.001.")),
            "b": (N_("3, because the last one that arrives counts"),
                  N_("If so, x + 0.001 would change L by 0.003. The next cell nudges x, and L changes by 0.007. Gradients "
                     "do not overwrite each other.")),
            "c": (N_("9, because they multiply"),
                  N_("Local derivatives multiply along one path. These are three paths, and a change of x takes all "
                     "of them at once.")),
            "d": (N_("2.33, because their mean counts"),
                  N_("A change of x acts along all paths at once, so nothing is averaged. The nudge in the next cell gives 7.")),
        },
        right="a",
        cells=("used-twice", "graph-lab"),
    ),
    prediction(
        name="price-of-nudging",
        question=N_("The network has 17 parameters and is trained twice, for 500 steps. Once the gradients come from "
                    "backpropagation, once from finite differences. How many forward passes does the second run "
                    "make, and where does it end?"),
        options={
            "a": (N_("500, and at the same loss"),
                  N_("One forward pass gives one loss, and no slope. Each slope needs two passes, and there are "
                     "17 slopes. The next cell counts.")),
            "b": (N_("8,500, and at a higher loss"),
                  N_("Each parameter is nudged up and down, which takes two passes. And slopes measured in this "
                     "way are not that rough. The next cell counts, and prints the same loss for both.")),
            "c": (N_("17,000, and where it began"),
                  N_("The step is what learns, and it is still there. The next cell prints the same loss for "
                     "both, as in chapter 1.")),
            "d": (N_("17,000, and at the same loss"),
                  N_("Each of the 500 steps takes twice 17 passes. The step does not ask who computed its "
                     "gradient, so the same steps give the same loss. The lab below measures how the price "
                     "grows.")),
        },
        right="d",
        cells=("two-ways",),
    ),
    prediction(
        name="fastest-rate",
        question=N_("We descend on f(x) = x * x from x = 1 until |x| < 0.001. Which rate needs the fewest steps?"),
        options={
            "a": ("0.99",
                  N_("It needs 342 steps, as many as 0.01, because x is multiplied by -0.98 in each. A larger "
                     "rate is not simply faster.")),
            "b": ("0.9",
                  N_("It needs 31 steps, as many as 0.1, because each step lands on the other side, at 0.8 times "
                     "the distance.")),
            "c": ("0.5",
                  N_("This rate needs one step, because x is multiplied by 1 - 2 * 0.5 = 0. Below that rate x "
                     "creeps, above it x overshoots.")),
            "d": ("0.1",
                  N_("It needs 31 steps. The next cell has a rate that needs one, and a larger rate that needs 31 again.")),
        },
        right="c",
        cells=("rates",),
    ),
    prediction(
        name="gradient-direction",
        question=N_("At (5, 1) on u^2 + 25 v^2 you take the direction of minus the gradient. The minimum is at (0, "
                    "0). How far does that direction miss it?"),
        options={
            "a": (N_("by 90 degrees, because it runs along the contour"),
                  N_("Along the contour the height does not change at all. The next cell measures 90 degrees between "
                     "step and contour.")),
            "b": (N_("by 67 degrees, because the sides of the valley are so steep"),
                  N_("The direction is perpendicular to the contour. The contour here is a long ellipse, so most "
                     "of the step goes across the valley.")),
            "c": (N_("by 11 degrees, because (5, 1) is seen from the minimum at that angle"),
                  N_("The next cell measures 67 degrees. The gradient knows the slope at one point, and does not "
                     "know where the minimum is.")),
            "d": (N_("not at all, because downhill is the way to the minimum"),
                  N_("That holds at every point only on a round bowl. The next cell measures 67 degrees here.")),
        },
        right="b",
        cells=("angle", "contour", "descent-lab"),
    ),
    prediction(
        name="finds-the-minimum",
        question=N_("The curve in the next cell has two minima, and the left one is deeper. 200 balls start "
                    "evenly spread from -2 to 2, with a small rate. Where do they end?"),
        options={
            "a": (N_("each in the one on its own side of the hill between them"),
                  N_("Descent sees the slope under the ball and nothing else, so the start decides which minimum it finds.")),
            "b": (N_("all in the deeper one"),
                  N_("The next cell counts. Almost half of them end in the higher minimum, and stay there.")),
            "c": (N_("nearly all in the deeper one"),
                  N_("There is no attraction from afar, because only the slope at the ball counts. In the next "
                     "cell the deeper minimum gets only a few balls more.")),
        },
        right="a",
        cells=("many-starts",),
    ),
]  # fmt: skip

chapter = Chapter(2, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
worked = worked_function(chapter, CHAIN)
