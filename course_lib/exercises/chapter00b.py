"""Chapter 0b: slopes, the chain rule, a layer, sums over an axis, shares. Exercises and predictions of the refresher."""

import numpy as np

from ..text import N_
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.slips import code_exercise, number_exercise, slip


def cube(x):
    return x**3


# Square matrices, so that `*` and a product in the other order give a result too, which can be told from the right one.
_LAYERS = [
    (np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.5, -2.0], [1.5, 4.0]]), np.array([10.0, -20.0])),
    (
        np.array([[2.0, 0.5, -1.0], [0.0, 1.0, 3.0], [-2.0, 4.0, 1.0]]),
        np.array([[1.0, -1.0, 2.0], [0.5, 3.0, -2.0], [4.0, 0.0, 1.5]]),
        np.array([1.0, -3.0, 7.0]),
    ),
]
_TABLES = [
    (np.array([[1.0, 10.0, 100.0], [3.0, 30.0, 500.0]]),),
    (np.array([[2.0, -1.0], [4.0, 0.5], [9.0, 6.5]]),),
]


EXERCISES = [
    code_exercise(
        name="slope",
        task=N_("Write `slope(x, h)`: the slope of the function `cube` at `x`, measured with a nudge of `h`. Use `cube(...)` "
                "and do not use the rule from school."),
        solution="def slope(x, h):\n    return (cube(x + h) - cube(x)) / h\n",
        cases=[(3.0, 0.1), (-1.5, 0.01), (0.5, 0.25)],
        given={"cube": cube},
        again=by_hand(
            lambda rng: (one_of(rng, -3, -2, 2, 3, 4, 5), one_of(rng, 0.1, 0.2, 0.5, -0.1, -0.2)),
            without=("no-brackets",),
            asks=N_("With pencil and paper: what does `slope(x, h)` return for `x = {x}` and `h = {h}`, where `cube(x)` is x³?"),
        ),
        slips={
            "turned": slip("The sign is turned. The rise is the new value minus the old one, and the slope is positive "
                           "where the curve goes up.",
                {"cube(x + h) - cube(x)": "cube(x) - cube(x + h)"}),
            "rise-alone": slip("This is the rise. A slope is the rise for each unit of the run, so how long was the run?",
                {" / h": ""}),
            "upside-down": slip("This is run over rise. Which of the two belongs on top?",
                "return h / (cube(x + h) - cube(x))"),
            "no-brackets": slip("Python divides before it subtracts, so only the last term was divided by `h`. The difference "
                                "needs brackets.",
                {"(cube(x + h) - cube(x)) / h": "cube(x + h) - cube(x) / h"}),
            "over-x": slip("You divide by `x`. The run is how far the input moved.", {"/ h": "/ x"}),
            "nudged-result": slip("Here `h` is added to the result of `cube`. Nudge the input, and let `cube` say what "
                                  "becomes of it.",
                {"cube(x + h)": "cube(x) + h"}),
            "nudge-alone": slip("This cubes the nudge alone. The nudged input is `x + h`.", {"x + h": "h"}),
            "times-run": slip("You multiply by the run. To get the rise for each unit of it, divide.", {"/ h": "* h"}),
            "value": slip("This is how high the curve is at `x`, and not how steep.", "return cube(x)"),
            "by-rule": slip("This is the rule from school, and it is right in the limit. Here the slope is to be measured, with "
                            "a nudge as large as `h`.",
                "return 3 * x**2"),
        },
        also={
            "both-sides": slip("You nudged to both sides. That is even closer to the slope at `x` itself, and the library does "
                               "it in the same way.",
                "return (cube(x + h) - cube(x - h)) / (2 * h)", "return (cube(x + h / 2) - cube(x - h / 2)) / h"),
            "to-the-left": slip("You nudged to the left, which measures the slope just as well as a nudge to the "
                                "right does.",
                "return (cube(x) - cube(x - h)) / h"),
        },
        hints=(
            N_("Which two values of `cube` do you compare, before the nudge and after it?"),
            N_("Their difference is the rise, and the run is `h`."),
            N_("It is `(new - old) / h`, with the brackets."),
        ),
        explanation=N_(
            "Rise over run, where the run is a small nudge. The usual slips are old minus new, which turns the sign, and missing "
            "brackets, because Python divides before it subtracts."
        ),
    ),
    number_exercise(
        name="chain-slope",
        task=N_("With pencil and paper: u = {a} - {b}x and y = u². What is the slope of y with respect to x, at x = {x}?"),
        ask=N_("Go step by step: how large is u at this x, how many times as much as x does u move, and how many times as much as u "
           "does y move?"),
        wrong={
            "2 * {u} * {b}": N_("The size is right. When x grows, does u grow or shrink? The chain rule keeps that sign."),
            "2 * {u}": N_("This is how much y moves for each unit that u moves. How much does u move for each unit of x?"),
            "-{u} * {b}": N_("A factor 2 is missing, which the square of u brings."),
            "-{b}": N_("This is the first step alone, from x to u. There is a second one, from u to y."),
            "2 * {x} * -{b}": N_("You took the slope of the square at x. But it is u that is squared, so how large is u "
                   "here?"),
            "2 * {u} - {b}": N_("It looks as if the two slopes were added. Along a chain they multiply."),
            "({u}) ** 2": N_("This is the value of y. How fast does y change when x moves?"),
            "-4 * {u} * {b}": N_("There is one factor 2 too many, because the slope of the square is 2u."),
        },
        numbers=fields(
            {"a": 5, "b": 2, "x": 1}, {"a": (4, 5, 7), "b": (2, 3), "x": (-2, -1, 1, 2, 3)}, lambda a, b, x: {"u": a - b * x}
        ),
        hints=(
            N_("At x = {x}, u is {u}."),
            N_("The slope of u² with respect to u is 2u. The slope of u = {a} - {b}x with respect to x is the number in front of x, with "
               "its sign."),
            N_("Multiply the two slopes."),
        ),
        solution="chain_slope = 2 * {u} * (-{b})",
        explanation=N_(
            "u moves -{b} times as much as x, y moves 2u times as much as u, and along the chain the two multiply. The usual slips "
            "are a forgotten minus, a forgotten inner slope, and 2x in the place of 2u."
        ),
    ),
    code_exercise(
        name="layer",
        task=N_("Write `layer(x, W, b)`: each row of `x` times the matrix `W`, plus `b`. `x` has the shape (n, k), `W` the shape "
                "(k, m), `b` the shape (m,), and the result the shape (n, m)."),
        solution="def layer(x, W, b):\n    return x @ W + b\n",
        cases=_LAYERS,
        again=by_hand(
            lambda rng: (
                numbers_of(rng, (1, 2), -2, -1, 1, 2, 3), numbers_of(rng, (2, 2), -2, -1, 1, 2, 3), numbers_of(rng, (2,), -4, 5, 10)
            ),
            without=("entry-by-entry", "other-way-round", "input-transposed"),
            hints=(
                N_("Each output belongs to a column of `W`. Multiply the row of `x` with this column, in pairs, and add up."),
                N_("Then add the entry of `b` that belongs to the column."),
            ),
        ),
        slips={
            "entry-by-entry": slip("`*` multiplies entry by entry. A row times a matrix multiplies and adds up, which Python "
                                   "writes as `@`.",
                {"@": "*"}),
            "other-way-round": slip("The order is turned round: this is `W` times `x`. The rows of `x` should come first.", {"x @ W": "W @ x"}),
            "transposed": slip("`W` is transposed here, so its rows and columns have changed places. Each output needs a column of "
                               "`W`.",
                {"@ W": "@ W.T"}),
            "input-transposed": slip("`x` is transposed here. An example is a row of `x`, and it should stay a row.",
                {"x @": "x.T @"}),
            "no-bias": slip("The product is right. `b` is still to be added.", {" + b": ""}),
            "minus-bias": slip("The product is right, but `b` is subtracted. It is to be added.", {"+ b": "- b"}),
            "bias-by-row": slip("Here each row gets one entry of `b`. Each column should get one, and it does when you add "
                                "`b` as it is.",
                {"+ b": "+ b[:, None]"}),
            "bias-summed": slip("Here every entry gets the sum of `b`. Each column should get its own entry of `b`.",
                {"+ b": "+ b.sum()"}),
            "bias-first": slip("`b` is added before the product here. It belongs behind it.", {"x @ W + b": "(x + b) @ W"}),
        },
        hints=(
            N_("Which sign multiplies a row with each column and adds up, `*` or `@`?"),
            N_("Then `+ b`: broadcasting adds it to every row."),
        ),
        explanation=N_(
            "`x @ W + b` is the line that every layer of a network runs. The usual slip is `*`, which multiplies entry by entry and "
            "adds nothing up."
        ),
    ),
    code_exercise(
        name="column-means",
        task=N_("Each row of `x` is an example, each column a property that was measured. Write `column_means(x)`: the average of each "
                "column. For `x` of shape (n, k) the result has the shape (k,)."),
        solution="def column_means(x):\n    return x.sum(axis=0) / len(x)\n",
        cases=_TABLES,
        again=by_hand(
            lambda rng: (numbers_of(rng, (2, 3), -2, 0, 1, 4, 6, 10),),
            without=("kept", "one-number"),
            hints=(N_("How many numbers does a column have?"), N_("Add up each column, and divide by the number of rows.")),
        ),
        slips={
            "wrong-axis": slip("This is the average of each row. The axis that you name is the one that vanishes. Which of "
                               "the two should vanish?",
                "return x.mean(axis=1)"),
            "rows-summed": slip("These are sums along the rows, divided by the number of rows. Which axis should vanish?",
                {"axis=0": "axis=1"}),
            "one-number": slip("This is one average of all numbers. Without `axis`, NumPy adds up everything.",
                "return x.mean()"),
            "sum": slip("These are the sums. An average divides by how many numbers were added.", {" / len(x)": ""}),
            "by-columns": slip("The sums are right, but you divide by the number of columns. How many numbers does a column "
                               "have?",
                {"len(x)": "x.shape[1]"}),
            "by-all": slip("The sums are right, but you divide by the number of all entries. How many numbers does a column "
                           "have?",
                {"len(x)": "x.size"}),
            "first-column": slip("This is the average of the first column alone.", "return x[:, 0].mean()"),
            "kept": slip("The numbers are right, but the result is a table with one row. The shape (k,) has one axis.",
                "return x.mean(axis=0, keepdims=True)"),
        },
        hints=(
            N_("Which axis counts the rows? That is the axis that should vanish."),
            N_("`x.sum(axis=0)` adds the rows, so one number is left for each column. Divide by the number of rows."),
        ),
        explanation=N_(
            "`x.mean(axis=0)` does the same. The axis that is named is the one that vanishes. The usual slip is the other axis, which "
            "averages an example over its properties."
        ),
    ),
    number_exercise(
        name="share-wrong",
        task=N_("A network has been tried on {images} images and was right on {right} of them. Estimate the probability that it is wrong on the "
                "next image of this kind."),
        ask=N_("Count the images on which it was wrong, and ask what share of all images they are."),
        tolerance=1e-4,
        wrong={
            "100 * {share}": N_("This is in percent. A probability lies between 0 and 1, so divide by 100."),
            "1 - {share}": N_("This is the probability that it is right. The two add up to 1."),
            "100 - 100 * {share}": N_("This is how often it is right, in percent. You are asked how often it is wrong, as a number between 0 and 1."),
            "{wrong}": N_("This is how many images were wrong. Which share of all images is that?"),
            "{wrong} / {right}": N_("You divide by the images that were right. The share is of all images."),
            "{images} / {wrong}": N_("This says that one image in so many is wrong. Turn the fraction round."),
        },
        numbers=fields(
            {"images": 40, "wrong": 6}, {"images": (20, 25, 50, 80, 200), "wrong": range(3, 10)},
            lambda images, wrong: {"right": images - wrong, "share": wrong / images},
        ),
        hints=(
            N_("On how many images was it wrong?"),
            N_("Divide that by the number of all images. The result lies between 0 and 1."),
        ),
        solution="share_wrong = ({images} - {right}) / {images}",
        explanation=N_(
            "{wrong} of {images} are {share}. The usual slips are the share in percent, and the probability of the opposite."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="other-side",
        question=N_("The curve y = x² looks the same on both sides of 0. At x = 1 its slope is 2. What is its slope at x = -1?"),
        options={
            "a": ("2",
                  N_("It is as steep, yes. But walk from left to right: does the curve rise or fall at -1? The "
                     "next figure draws both tangents.")),
            "b": ("-2",
                  N_("The curve is as steep as at 1, but it falls from left to right. The next figure draws both "
                     "tangents.")),
            "c": ("0.5",
                  N_("A slope between 0 and 1 would still rise from left to right. The next figure draws both tangents.")),
            "d": ("1",
                  N_("1 is the height there, which says where the curve is. The slope says where it is going. The next figure "
                     "draws both tangents.")),
        },
        right="b",
        cells=("tangents",),
    ),
    prediction(
        name="chain-at-two",
        question=N_("u = 3x + 1 and y = u². At x = 1 the slope of y with respect to x was 24. What is it at x = 2?"),
        options={
            "a": ("24",
                  N_("One of the two slopes depends on the place. Which one? The lab shows the slope of each step.")),
            "b": ("12",
                  N_("The square works on u. How large is u at x = 2? The lab shows the slope of each step.")),
            "c": ("42",
                  N_("u is 7 there, so the square has the slope 14, and 3 times that is 42. The lab shows the slope of each step.")),
            "d": ("17",
                  N_("That is 14 + 3, and both slopes are right. But along a chain slopes are not added. The lab shows what "
                     "happens to them.")),
        },
        right="c",
        cells=("chain-lab",),
    ),
    prediction(
        name="hold-the-other",
        question=N_("Take f(w, b) = w · b at w = 3 and b = 2. We nudge w a little and hold b where it is. How many "
                    "times as far as w does f move?"),
        options={
            "a": (N_("2 times"),
                  N_("While b is held, f is w times a fixed number. The next cell nudges both, one after the other.")),
            "b": (N_("3 times"),
                  N_("That would be right if b were nudged: then w is the fixed factor. The next cell nudges both, "
                     "one after the other.")),
            "c": (N_("5 times"),
                  N_("Only one of them moves here. What does the other one do meanwhile? The next cell nudges both, "
                     "one after the other.")),
            "d": (N_("6 times"),
                  N_("6 is the value of f, and not how fast it changes. The next cell nudges both, one after the other.")),
        },
        right="a",
        cells=("hold",),
    ),
    prediction(
        name="column-minus-row",
        question=N_("A network's four answers have the shape (4, 1), and the four targets have the shape (4,). What "
                    "is the shape of answers - targets?"),
        options={
            "a": (N_("(4, 1): four differences, one for each example"),
                  N_("That is how it should be. But NumPy lines the shapes up from the right, so the 4 stands "
                     "below the 1. The next cell tries it.")),
            "b": (N_("(4,): four differences, one for each example"),
                  N_("That is how it should be. But which of the two is stretched, and along which axis? The "
                     "next cell tries it.")),
            "c": (N_("(4, 4): every answer minus every target"),
                  N_("NumPy stretches the answers to the right and the targets downwards. The next cell tries it.")),
            "d": (N_("none: NumPy refuses to subtract them"),
                  N_("An error would be kinder. NumPy finds a way to stretch both. The next cell tries it.")),
        },
        right="c",
        cells=("column-minus-row",),
    ),
]  # fmt: skip

chapter = Chapter("0b", EXERCISES, PREDICTIONS, optional=True)
check, hint, solution, predict = chapter.functions
