"""Chapter 7: moving to a framework, as exercises and predictions."""

import numpy as np

from ..text import N_, say
from .chapter_parts.framework_port import judge_port
from .machinery.again import by_hand, fields, numbers_of, one_of, written
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import prediction
from .machinery.slips import code_exercise, number_exercise, slip

_rng = np.random.default_rng(7)


# Many small batches for one large one.


def _gradient(most):
    """The gradient of the mean of (x w - y)^2 / 2 over the examples given, at w = (1, -2, 0.5), never more than `most`."""

    def gradient(x, y):
        if len(x) > most:
            raise ValueError(say("{got} examples do not fit into memory here: at most {most}", got=len(x), most=most))
        return x.T @ (x @ np.array([1.0, -2.0, 0.5]) - y) / len(x)

    gradient.__qualname__ = "gradient"  # as Python names it when it is called wrongly
    return gradient


FEW_EXAMPLES = _gradient(2), np.diag([1.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0]), 2  # to be followed by hand


def _examples(count, size):
    return _gradient(size), _rng.normal(size=(count, 3)), _rng.normal(size=count), size


class in_turn:
    """A gradient for pencil and paper: what it returns when it is called the first time, the second, and so on."""

    def __init__(self, *results):
        self.results, self.calls = results, 0

    def __call__(self, x, y):
        self.calls += 1
        return np.array(self.results[self.calls - 1], dtype=np.float64)

    def __repr__(self):
        return f"in_turn({', '.join(map(written, self.results))})"


def _parts(rng):
    """Examples that do not fill their last part; they are numbered by y, and two weights have gradients."""
    count, size = one_of(rng, (5, 2), (5, 4), (8, 3), (10, 4), (4, 3), (5, 3), (10, 6))
    gradients = [numbers_of(rng, (2,), -4, -3, -2, -1, 1, 2, 3, 4, 5, 6) for _ in range(0, count, size)]
    return in_turn(*gradients), np.ones((count, 2)), np.arange(1.0, count + 1), size


def _two_measurements(rng):
    rate, overhead = one_of(rng, 2, 4, 5, 10), one_of(rng, 3, 6, 7, 8, 12, 15)
    first = one_of(rng, 1, 2, 4)
    second = first + one_of(rng, 3, 5, 6)
    return first * rate, overhead + first, second * rate, overhead + second


def _layer(rng):
    shape = one_of(rng, (2, 3), (3, 2))
    return rng.permutation(np.arange(1.0, 10))[:6].reshape(shape), numbers_of(rng, shape[1:], -3, -2, -1, 1, 2, 3)


def _two_libraries(p, q, unit, a, units):
    """B has an overhead that is larger by some units, and is faster long before its own half-way point, b * q."""
    more = unit * units
    crossing = more * p * q / (q - p)
    return {"b": a + more, "more": more, "time": a + crossing / p, "half": (a + more) * q}


EXERCISES = [
    code_exercise(
        name="accumulated",
        task=N_(
            "The function `gradient(x, y)` returns the gradient of the mean loss over the examples that it is given, but it takes "
            "at most `size` of them. Write `accumulated(gradient, x, y, size)`, which returns the gradient of the mean loss over "
            "all examples."
        ),
        solution=(
            "def accumulated(gradient, x, y, size):\n"
            "    total = np.zeros(x.shape[1])\n"
            "    for start in range(0, len(x), size):\n"
            "        xs, ys = x[start : start + size], y[start : start + size]\n"
            "        total += gradient(xs, ys) * len(xs)\n"
            "    return total / len(x)\n"
        ),
        cases=[FEW_EXAMPLES, _examples(10, 4), _examples(3, 5)],
        given={"in_turn": in_turn},
        again=by_hand(
            _parts,
            without=("overlapping", "mean-example", "first-alone", "first-added-alone"),
            asks=N_(
                "With pencil and paper: examples with the numbers {y} are taken in parts of {size}. For the first part `gradient` returns the "
                "first of these pairs of numbers, for the second the second, and so on: `{gradient}`. What does "
                "`accumulated(gradient, x, y, {size})` return?"
            ),
        ),
        slips={
            "means-added": slip(
                "The parts are added, but each part is already a mean over its own examples.",
                {" * len(xs)": "", " / len(x)": ""},
            ),
            "plain-mean": slip(
                "Every part counts the same here, but the last one holds fewer examples.",
                {" * len(xs)": "", "total / len(x)": "total / len(range(0, len(x), size))"},
            ),
            "last-alone": slip(
                "This is the gradient of the last part alone, because it has overwritten the others.",
                {"+= gradient(xs, ys) * len(xs)": "= gradient(xs, ys)", " / len(x)": ""},
            ),
            "overwritten": slip("Each part has overwritten the ones before. Add the parts.", {"+=": "="}),
            "sum": slip(
                "That is the gradient of the sum. Divide by the number of all examples at the end.",
                {" / len(x)": ""},
            ),
            "divided-by-size": slip(
                "You divided by `size` at the end. Divide by the number of all examples.", {"/ len(x)": "/ size"}
            ),
            "twice-divided": slip(
                "Each part is a mean already, and you divided once more. Make sums of the parts before you add them.",
                {" * len(xs)": ""},
            ),
            "first-alone": slip(
                "This is the gradient of the first part alone. Does `return` stand inside the loop?",
                {"total += gradient(xs, ys) * len(xs)": "return gradient(xs, ys)"},
            ),
            "first-added-alone": slip(
                "Only the first part has been added. Does `return` stand inside the loop?",
                {"    return": "        return"},
            ),
            "whole-parts-alone": slip(
                "The last part is missing where it holds fewer than `size` examples.",
                {"range(0, len(x), size)": "range(0, len(x) - size + 1, size)"},
            ),
            "overlapping": slip(
                "Your parts overlap, because the next one has to begin where this one ends, `size` examples later.",
                {"range(0, len(x), size)": "range(len(x))"},
            ),
            "mean-example": slip(
                "The gradient at the mean example is not the mean of the gradients.",
                "return gradient(x.mean(axis=0, keepdims=True), y.mean(keepdims=True))",
            ),
            "times-size": slip(
                "The last part may hold fewer than `size` examples, so weight each part by its own number.",
                {"* len(xs)": "* size"},
            ),
        },
        hints=(
            N_("Go through the examples in slices, `x[start : start + size]`, for start = 0, size, 2 size, ..."),
            N_("A mean over k examples, times k, is a sum over them. Sums may be added, but means may not."),
            N_("Add `gradient(xs, ys) * len(xs)` over all slices, and divide by `len(x)` at the end."),
        ),
        explanation=N_(
            "Gradients add, so a batch that does not fit into memory can be taken in parts. The usual "
            "slips are to add means as if they were sums, and to forget that the last part may be "
            "smaller."
        ),
    ),
    code_exercise(
        name="halfway",
        task=N_(
            "A multiply-add is one product and one sum, the unit of work in a matrix product. A step with n of them takes the time "
            "t = a + n / r, where a is the overhead and r the number of multiply-adds in a unit of time. Write "
            "`halfway(n1, t1, n2, t2)`, which returns from two measurements the n for which n / r equals a."
        ),
        solution="def halfway(n1, t1, n2, t2):\n    r = (n2 - n1) / (t2 - t1)\n    a = t1 - n1 / r\n    return a * r\n",
        cases=[(1e5, 52e3, 1e6, 25e4), (2e4, 3e5, 5e5, 23e5)],
        tolerance=1e-3,
        again=by_hand(_two_measurements, without=("both",)),
        slips={
            "no-overhead": slip(
                "The rate r is not n2 / t2, because a part of t2 is overhead. Differences are free of it.",
                {"(n2 - n1) / (t2 - t1)": "n2 / t2", " - n1 / r": ""},
            ),
            "all-of-the-first": slip(
                "A part of t1 is arithmetic, so the overhead is what is left of it: a = t1 - n1 / r.",
                {" - n1 / r": ""},
            ),
            "time": slip(
                "This is the overhead a, which is a time. You are asked for the n with n / r = a.", {"a * r": "a"}
            ),
            "rate": slip(
                "This is the rate r, multiply-adds in a unit of time. You are asked for the n with n / r = a.",
                {"a * r": "r"},
            ),
            "slope": slip(
                "This is the slope between the two measurements, 1 / r, the time that one multiply-add takes. "
                "You are asked for the n with n / r = a.",
                {"a * r": "1 / r"},
            ),
            "divided": slip(
                "This is a divided by r. In the time a, how many multiply-adds are done at the rate r?",
                {"a * r": "a / r"},
            ),
            "rate-turned-over": slip(
                "Your r is upside down. A rate is multiply-adds divided by time.",
                {"(n2 - n1) / (t2 - t1)": "(t2 - t1) / (n2 - n1)"},
            ),
            "sign": slip("The sign is wrong. Look at a = t1 - n1 / r once more.", {"a * r": "-a * r"}),
            "all-of-the-second": slip(
                "A part of t2 is arithmetic. The overhead is what is left of it.", {"a * r": "t2 * r"}
            ),
            "both": slip("These are a and r. You are asked for one number, the n with n / r = a.", {"a * r": "a, r"}),
            "twice": slip(
                "For that n the arithmetic takes twice the overhead. You are asked for the n at which it "
                "takes as long as the overhead.",
                {"a * r": "2 * a * r"},
            ),
        },
        hints=(
            N_("There are two equations, t1 = a + n1 / r and t2 = a + n2 / r. Subtract them."),
            N_("It is r = (n2 - n1) / (t2 - t1), and then a = t1 - n1 / r."),
            N_("From n / r = a follows n = a r."),
        ),
        explanation=N_(
            "Below this size the overhead decides, above it the arithmetic. The usual slip is to divide "
            "a whole time by its multiply-adds, as if there were no overhead."
        ),
    ),
    code_exercise(
        name="to-linear",
        task=N_(
            "Write `to_linear(W, b)`. It returns the weight and the bias that make torch.nn.Linear, "
            "which computes x @ weight.T + bias, the same layer as ours, which computes x @ W + b."
        ),
        solution="def to_linear(W, b):\n    return W.T, b\n",
        cases=[
            (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])),
            (_rng.normal(size=(2, 4)), _rng.normal(size=4)),
        ],
        names=("weight", "bias"),
        again=by_hand(_layer, without=("bias-with-two-axes",)),
        slips={
            "not-transposed": slip(
                "What does x @ weight.T + bias compute with your weight? With a square W no error would be "
                "raised, and all numbers would be wrong.",
                {"W.T": "W"},
            ),
            "reshaped": slip(
                "`reshape` gives the right shape but puts the numbers in the wrong places. What turns rows "
                "into columns?",
                {"W.T": "W.reshape(W.shape[::-1])"},
            ),
            "bias-with-two-axes": slip(
                "The bias keeps its shape, (features_out,).", {"T, b": "T, b[:, None]"}, {"T, b": "T, b[None]"}
            ),
        },
        hints=(
            N_(
                "In ours, W has shape (features_in, features_out). In theirs, weight has shape "
                "(features_out, features_in)."
            ),
            N_("x @ weight.T = x @ W must hold for every x, so weight.T = W."),
            N_("It is `return W.T, b`."),
        ),
        explanation=N_(
            "The usual slips are to leave out the transposition, which raises no error when W is "
            "square, and to use `reshape`, which never raises one. Compare outputs after every transfer "
            "of weights, on data that are not symmetric."
        ),
    ),
    Exercise(
        name="port",
        task=N_(
            "Write `port(torch, params, x, y)`, which computes the loss of your network of chapter 5 in PyTorch and "
            "returns it. The network has a sigmoid in both layers, and its loss is half the sum of squared errors."
        ),
        judge=judge_port,
        hints=(
            N_(
                "Only the forward pass moves. `params` are the tensors W1, b1, W2, b2, and `x @ W1 + b1` "
                "stays as it is."
            ),
            N_("`torch.sigmoid` replaces your sigmoid, and `torch.sum` replaces `np.sum`."),
            N_(
                "Write `a1 = torch.sigmoid(x @ W1 + b1)`, the same once more with W2 and b2, and then "
                "`torch.sum((a2 - y) ** 2) / 2`."
            ),
        ),
        solution=(
            "def port(torch, params, x, y):\n"
            "    W1, b1, W2, b2 = params\n"
            "    a1 = torch.sigmoid(x @ W1 + b1)\n"
            "    a2 = torch.sigmoid(a1 @ W2 + b2)\n"
            "    return torch.sum((a2 - y) ** 2) / 2\n"
        ),
        explanation=N_(
            "The backward function of chapter 5 has no counterpart, because the library records the "
            "forward pass. The usual slips are `.item()` or a NumPy function on the way, which ends the "
            "record, and a mean where the loss was a sum."
        ),
    ),
    number_exercise(
        name="crossing",
        task=N_(
            "Library A has an overhead of {a} microseconds per step and does {p},000 multiply-adds per microsecond. "
            "Library B has an overhead of {b} microseconds and does {q},000. From how many multiply-adds per step on "
            "is B faster?"
        ),
        ask=N_("How long does a step of n multiply-adds take in A, and how long in B?"),
        tolerance=0.5,
        unit=N_("multiply-adds"),
        wrong={
            "{a} * {p}000": N_("That is the half-way point of A. How long does B take for it?"),
            "{b} * {q}000": N_("That is the half-way point of B. How long does A take for it?"),
            "{more} * {p}000": N_(
                "At that size A takes {b} microseconds. But B takes more than its overhead, because it computes, too."
            ),
            "{more} * {q}000": N_(
                "At that size the arithmetic of B alone takes {more} microseconds, which is by how much the two "
                "overheads differ. How long does the arithmetic of A take?"
            ),
            "{more} * ({q}000 - {p}000)": N_(
                "You subtracted the rates. Compare the times instead: n multiply-adds take n / {p}000 in A and n / "
                "{q}000 in B."
            ),
            "{more} * ({q}000 + {p}000)": N_(
                "You added the rates. Compare the times instead: n multiply-adds take n / {p}000 in A and n / {q}000 "
                "in B."
            ),
            "{more} / (1 / {p}000 + 1 / {q}000)": N_(
                "You added the two times. They stand on different sides of the equation."
            ),
            "({a} + {b}) / (1 / {p}000 - 1 / {q}000)": N_(
                "You added the overheads. They stand on different sides of the equation."
            ),
            "{time}": N_(
                "That is how many microseconds both take there. How many multiply-adds does A do in this time, after its overhead?"
            ),
            "{more} / (1 / {p} - 1 / {q})": N_("You counted in thousands. Give the multiply-adds themselves."),
        },
        numbers=fields(
            {"p": 1, "q": 3, "unit": 1, "a": 10, "units": 50},
            {
                "p q unit": ((1, 3, 2), (2, 6, 1), (1, 5, 4), (1, 6, 5), (2, 10, 2), (3, 9, 2), (4, 12, 1)),
                "a": (4, 5, 8, 15, 20, 25),
                "units": (6, 8, 12, 14),
            },
            _two_libraries,
        ),
        hints=(
            N_("A step of n multiply-adds takes A `{a} + n / {p}000` microseconds. How long does it take B?"),
            N_("At the crossing both take equally long, so {a} + n / {p}000 = {b} + n / {q}000."),
            N_("It is `({b} - {a}) / (1 / {p}000 - 1 / {q}000)`."),
        ),
        solution="crossing = ({b} - {a}) / (1 / {p}000 - 1 / {q}000)",
        explanation=N_(
            "The overheads differ by {more} microseconds, and with each multiply-add B makes up 1/{p}000 - "
            "1/{q}000 of a microsecond. The usual slip is to subtract the rates in place of the times. B "
            "is faster long before its own half-way point at {half},000."
        ),
    ),
]

PREDICTIONS = [
    prediction(
        name="how-equal",
        question=N_("Three libraries compute with the same weights and the same data in float64. How far apart "
                    "are their gradients?"),
        options={
            "a": (N_("not at all, because the same formula gives the same last bit"),
                  N_("That is almost right. But they add the same numbers in different orders, so rounding "
                     "differs in the last digits. The table below demands 1e-10.")),
            "b": (N_("by less than 1e-10, because only the rounding differs"),
                  N_("Backpropagation is exact, so only the order of the additions differs. The table below demands 1e-10.")),
            "c": (N_("by about 1 %, because each library approximates in its own way"),
                  N_("That would hold for finite differences with a large step. But all three apply the chain "
                     "rule, which approximates nothing. See the table below.")),
            "d": (N_("they cannot be compared, because each starts from its own random numbers"),
                  N_("They start from the numbers that we hand over, and that is what makes the comparison in the "
                     "table below possible.")),
        },
        right="b",
        cells=("xor-table", "digits-table"),
    ),
    prediction(
        name="zero-grad",
        question=N_("PyTorch's loop calls optimizer.zero_grad() in every step. What happens without this line?"),
        options={
            "a": (N_("each step uses the newest gradients alone, as with the line"),
                  N_("That is true of course_lib, which overwrites them, and of TensorFlow, whose tape returns them. "
                     "The next cells call backward() twice, and PyTorch doubles the number.")),
            "b": (N_("PyTorch stops with an error at the second backward()"),
                  N_("PyTorch raises no error, which is what makes this mistake expensive. The next cells show "
                     "what it does to a descent.")),
            "c": (N_("each step uses the sum of all gradients since the start"),
                  N_("backward() adds to .grad. The next cells show that on one number, and then a descent that "
                     "never comes to rest.")),
            "d": (N_("each step uses the mean of all gradients since the start"),
                  N_("Nothing is divided. The gradients are added, and old ones never fade. The next cells show "
                     "a descent that never comes to rest.")),
        },
        right="c",
        cells=("train-table", "twice", "descent"),
    ),
    prediction(
        name="traced",
        question=N_("A Python function appends a word to a list and returns x * x. It is wrapped by tf.function "
                    "and called three times. How many words are in the list?"),
        options={
            "a": (N_("none, because compiled code does not run Python"),
                  N_("To learn what the function does, TensorFlow has to run it as Python once. The next cell counts.")),
            "b": (N_("one, because Python runs only while the function is traced"),
                  N_("After the first call the recorded graph runs, without Python. The next cell counts one word with "
                     "tf.function, and three when TensorFlow runs line by line.")),
            "c": (N_("three, because each call runs Python"),
                  N_("That is true without tf.function, where TensorFlow runs line by line, as PyTorch does. "
                     "With it, the graph recorded by the first call runs. See the next cell.")),
        },
        right="b",
        cells=("traced",),
    ),
    prediction(
        name="fastest",
        question=N_("We measure one training step of a network 64-8-8-10 with a batch of 64, on one processor. Each library "
                    "runs as its own guide writes the loop: PyTorch line by line, TensorFlow traced. Who is fastest?"),
        options={
            "a": (N_("PyTorch, by a factor of more than two, because it is written in C++"),
                  N_("NumPy's arithmetic is in C, too. At this size the time goes into finding the right "
                     "routine, recording and checking, and PyTorch, run line by line, does more of that. See the left "
                     "end of the curves.")),
            "b": (N_("TensorFlow, by a factor of more than two, because its traced step needs no Python"),
                  N_("At this size, starting a traced graph costs much more than the arithmetic in it. See the "
                     "left end of the curves.")),
            "c": (N_("course_lib, by a factor of more than two, because it does the least around the arithmetic"),
                  N_("At this size it is. Follow the curves to the right, and the advantage melts as the arithmetic grows.")),
            "d": (N_("all the same, because the arithmetic is the same"),
                  N_("The arithmetic is the same, but it is the smaller part of a step of this size. The rest is "
                     "overhead. See the left end of the curves.")),
        },
        right="c",
        cells=("speed-lab", "floors"),
    ),
]  # fmt: skip

chapter = Chapter(7, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
