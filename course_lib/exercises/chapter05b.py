"""Chapter 5b: build the engine, in twelve steps. Exercises and predictions."""

import inspect
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from ..text import N_, say
from .chapter_parts import workshop_code
from .chapter_parts.reader_class import namespace_of
from .chapter_parts.workshop_judges import open_steps, step
from .chapter_parts.workshop_slips import slips_of_step
from .machinery import display
from .machinery.again import by_hand, numbers_of, one_of
from .machinery.exam import exam
from .machinery.exercise import Chapter, Exercise, Verdict
from .machinery.letter import prediction
from .machinery.slips import code_exercise, compiled, slip

# Step 9, a function of arrays alone.


_rng = np.random.default_rng(9)
_CASES = [
    (_rng.normal(size=shape).round(1), wanted)
    for shape, wanted in [
        ((4, 3), (3,)),
        ((4, 3), (4, 3)),
        ((4, 3), (4, 1)),
        ((4, 3), (1, 3)),
        ((2, 3), ()),
        ((2, 4, 3), (4, 1)),
    ]
]
_SLIPS = {
    "untouched": slip(
        "Nothing is summed yet. Compare the two shapes from the right. Which axes are new?",
        "return g",
    ),
    "first-axis": slip(
        "You sum over the first axis, whatever `shape` is. When is there nothing to sum?",
        "return np.sum(g, axis=0)",
    ),
    "first-axis-if-longer": slip(
        "You sum over an axis that `shape` does not have, and that is right. But an axis of size 1 was repeated "
        "as well, and it has to stay, with size 1.",
        "return np.sum(g, axis=0) if np.ndim(g) > len(shape) else g",
        "while np.ndim(g) > len(shape):\n    g = np.sum(g, axis=0)\nreturn g",
    ),
    "everything": slip(
        "All entries end in one number. Which axes does `shape` still have?",
        "return np.sum(g)",
    ),
    "mean": slip(
        "The gradients of all uses add up, so nothing is divided by their number.",
        {"np.sum": "np.mean"},
    ),
    "axis-dropped": slip(
        "The sums are right. But an axis of size 1 has to stay an axis, which `keepdims=True` does.",
        {", keepdims=True": ""},
    ),
    "first-of-each": slip(
        "You keep the first repetition and drop the others. Each of them was a use.",
        {"np.sum(g, axis=0)": "g[0]", "np.sum(g, axis=axis, keepdims=True)": "np.take(g, [0], axis=axis)"},
    ),
    "once": slip(
        "One axis too many is summed. How many may be summed?",
        {"while": "if"},
    ),
}


_REPEATED = [  # the shape of a gradient, and that of what was repeated: a list, because (3,) would be written as the number 3
    ((2, 3), [3]),
    ((3, 2), [2]),
    ((2, 3), [2, 1]),
    ((3, 2), [3, 1]),
    ((2, 2, 2), [2]),
    ((2, 2, 2), [2, 1]),
    ((2, 2, 3), [1, 3]),
]


def _repeated(rng):
    shape, wanted = one_of(rng, *_REPEATED)
    return numbers_of(rng, shape, -3, -2, -1, 1, 2, 3, 4, 5), wanted


_REPEATED_BY_HAND = by_hand(_repeated, without=("axis-dropped",))  # a row is right with brackets or without

_WHOLE = (-3, -2, 2, 3, 4, 5)
_BY_HAND = {  # step: what its forms ask of a pencil, as a function that uses the reader's class, and how they are drawn
    "multiply": (
        "def messages(a, b, g):\n    return (Value(a) * Value(b)).rule(g)\n",
        by_hand(
            lambda rng: tuple(map(float, rng.choice(_WHOLE, 3, replace=False))),
            asks=N_("With pencil and paper: `c = a * b` with a = {a} and b = {b}, and `g = {g}` has come back to `c`. Which messages "
                    "go to `a` and to `b`?"),
            whole=True,
        ),
    ),
    "backward": (
        "def gradients(a, b):\n"
        "    a, b = Value(a), Value(b)\n"
        "    c = a * b\n"
        "    L = c * (c + a)\n"
        "    L.backward()\n"
        "    return a.grad, b.grad, c.grad\n",
        by_hand(
            lambda rng: tuple(map(float, rng.choice((*_WHOLE, 6, -4), 2, replace=False))),
            without=("shared",),
            asks=N_("With pencil and paper: `c = a * b` and `L = c * (c + a)`, with a = {a} and b = {b}. Which gradients stand on `a`, `b` "
                    "and `c` after `backward(L)`?"),
        ),
    ),
    "matmul": (
        "def messages(x, W, g):\n    return (Value(x) @ Value(W)).rule(g)\n",
        by_hand(
            lambda rng: tuple(numbers_of(rng, (2, 2), -2, -1, 0, 1, 2, 3) for _ in range(3)),
            asks=N_("With pencil and paper: `z = x @ W` with `x = {x}` and `W = {W}`, and `g = {g}` has come back to `z`. Which messages "
                    "go to `x` and to `W`?"),
        ),
    ),
}  # fmt: skip

_TEXTS = {  # step: task, hints, explanation
    "remember": (
        N_("Let a value keep what it is given: its numbers as an array of floats, its parents, and its rule. Then "
           "pass the class itself to `check`."),
        (
            N_("What is written to `self` stays: `self.value = ...`. Which four things will the later steps ask for?"),
            N_("`np.asarray(value, dtype=float)` makes an array of whatever comes in. A fourth attribute, for the gradient, has nothing to hold yet."),
        ),
        N_("With these four lines every value knows where it came from. The usual slips are names "
           "without `self.`, and a number that stays a plain number, which has no shape."),
    ),
    "add": (
        N_("Write `add(a, b)`. It makes a new value with the sum, its parents, and the rule that turns "
           "`g` into a message for each of them."),
        (
            N_("`a` and `b` are values, and their numbers are `a.value` and `b.value`. What does "
               "`Value(...)` take, and in which order?"),
            N_("How much does a + b grow when `a` grows by a little? The message is that number times `g`."),
            N_("The rule returns two messages, one for `a` and one for `b`: `return g, g`."),
        ),
        N_("A sum passes on what it gets, to both. The usual slips are a result that is a plain "
           "number, and a rule that returns 1 and forgets `g`."),
    ),
    "multiply": (
        N_("Write `multiply(a, b)` in the same way."),
        (
            N_("How much does ab grow when `a` grows by a little? Try b = 5."),
            N_("Each message is `g` times the number of the other value."),
        ),
        N_("The factor of `a` is `b`, and the other way round, so the backward pass needs what the "
           "forward pass leaves. The usual slips are to exchange the factors, and to write `g * b`, "
           "which is a value, where `g * b.value` is a number."),
    ),
    "order": (
        N_("Write `order(last)`. It returns a list of `last` and all values from which it was "
           "computed, each once, and each before its parents. Write it without a function that calls "
           "itself, because 5,000 additions in a row have to work."),
        (
            N_("Find them first: keep a list of values that wait, and a set of those that were seen. What "
               "do you do with a value that you take from the list?"),
            N_("Then sort. Parents are always made before what is made of them. Which attribute says when "
               "a value was made?"),
            N_("`sorted(found, key=lambda each: each.number, reverse=True)` puts the newest first."),
        ),
        N_("The list of those that wait replaces recursion, and the number of a value replaces a "
           "search for a good order. The usual slips are a value that comes twice, and taking the "
           "order in which values were found, which can put a value in front of one that still has to "
           "report."),
    ),
    "backward": (
        N_("Write `backward(last)`. After a call of it every value should hold dL/d(value), and after a second call "
           "the same."),
        (
            N_("What is the gradient of every value before anything has arrived? And what is the gradient "
               "of `last`?"),
            N_("Then take the values in your order. Give the rule of each value what has arrived there, "
               "and it returns one message for each parent. Some values have no rule."),
            N_("`zip` pairs parents and messages. A message is added to what the parent has: `parent.grad = parent.grad + g`."),
        ),
        N_("Start from zero, begin with dL/dL = 1, go from the newest to the oldest, and add. The "
           "usual slips are `=` where messages should be added, a start that is made once, when the "
           "value is made, so that a second call adds to the first, and `+=` on an array that two "
           "values share."),
    ),
    "total": (
        N_("Write `total(a)`, the sum of all numbers of `a`, as one number."),
        (
            N_("How much does the sum grow when one of the numbers grows by a little?"),
            N_("Each number gets the same message. Which shape has to go back? A rule with one message "
               "returns a tuple with one entry, `(..., )`."),
        ),
        N_("A sum of many numbers is a sum of two, many times over, so `g` goes to each. The usual "
           "slip is to divide, which belongs to a mean."),
    ),
    "tanh": (
        N_("Write `tanh(z)`, entry by entry. Its slope is 1 - a^2, where a is its output."),
        (
            N_("Compute `a` once, because value and rule both need it."),
            N_("The rule returns one message, `g` times the slope, as a tuple with one entry."),
        ),
        N_("The slope needs only the output. The usual slips are to take the input in its place, to "
           "apply the tanh twice, and to write `g *= ...`, which changes an array that others share."),
    ),
    "matmul": (
        N_("Write `matmul(x, W)`, the product of two matrices."),
        (
            N_("Take x of shape (4, 3) and W of shape (3, 2), so `g` is (4, 2). Which products of `g` with "
               "`W` or `x` have the shapes (4, 3) and (3, 2)?"),
            N_("`W` stood on the right, so its transpose comes back on the right of `g`. `x` stood on the "
               "left."),
        ),
        N_("The shapes decide, as in chapter 4: g @ W.T and x.T @ g. The usual slips are a missing "
           "transpose, which raises no error with square matrices, and sides that are exchanged."),
    ),
    "unbroadcast": (
        N_("Write `unbroadcast(g, shape)`. It returns `g` summed over every axis along which an array "
           "of that shape was repeated."),
        (
            N_("Write the two shapes below each other, aligned on the right, such as (4, 3) and (3,). Which axis of `g` is new? Sum over it."),
            N_("While `g` has more axes than `shape`, the first one is new. Afterwards an axis of size 1 "
               "may have been repeated, so sum over it and keep it."),
            N_("`g.sum(axis=0)` removes an axis, `g.sum(axis=k, keepdims=True)` keeps it with size 1."),
        ),
        N_("Broadcasting repeats, and the gradients of all repetitions add up. The usual slips are to "
           "treat only the first case, (4, 3) to (3,), and to take a mean in place of the sum."),
    ),
    "broadcast": (
        N_("Go back to your cells `add` and `multiply` and let their messages pass through "
           "`unbroadcast`. Run both cells, and then this one."),
        (
            N_("Which of the two was repeated? You cannot know that when you write `add`, so both messages "
               "have to pass through."),
            N_("The message to `a` has to have the shape of `a.value`. In `multiply`, multiply first and sum afterwards."),
        ),
        N_("One more call around each message, and a bias works. The usual slips are to treat only one "
           "of the two messages, and to sum before the product, although each repetition has its own "
           "factor."),
    ),
    "cross-entropy": (
        N_("Write `cross_entropy(z, y)`, the mean over all entries of log(1 + e^z) - y z, for logits "
           "`z` and plain classes `y`. It has to work for z = 800, too, where e^z is too large for the computer's numbers."),
        (
            N_("`np.logaddexp(0, z.value)` is log(1 + e^z), for any z. What is its derivative by z? You know it from chapter 3."),
            N_("The derivative by z is p - y, with the sigmoid p of z. That is the output error. What does "
               "the mean add?"),
            N_("Divide by the number of entries, `y.size`, and do not forget `g`. The sigmoid that never overflows is `np.exp(-np.logaddexp(0, -z.value))`."),
        ),
        N_("One rule serves the sigmoid and the loss together, so nothing has to be divided by a slope that is "
           "nearly 0. The usual slips are the slope of the sigmoid once more, a missing division for the mean, and "
           "e^z for a large z."),
    ),
    "step": (
        N_("Write `step(p, eta)`, one step of gradient descent for the value `p`. It returns nothing."),
        (
            N_("What has to change, `p` or the numbers in it? A name inside a function is gone when the "
               "function ends."),
            N_("A new array is safer than `-=`, because the old one may belong to somebody else."),
        ),
        N_("A step is plain arithmetic on plain numbers, and no part of the graph. The usual slips are "
           "`p = ...`, which changes a name, and `-=`, which writes into the array from which the "
           "value was made."),
    ),
}  # fmt: skip


class Step(Exercise):
    """An exercise whose answer is the class; what the reader writes for it are functions beside the class, or its first."""

    def to_keep(self, answer):
        names = namespace_of(answer)
        written = [names.get(name) for name in re.findall(r"^def (\w+)", self.solution, re.MULTILINE)]
        written = written or [getattr(answer, "__init__", None)]
        return written if all(map(inspect.isfunction, written)) else answer


def _forms(step):
    """`again` of a step: what its class does for a few numbers; None where a pencil has nothing to do."""
    if step not in _BY_HAND:
        return None
    source, hand = _BY_HAND[step]
    answer = re.match(r"def (\w+)", source)[1]

    def of_class(value_class):
        return compiled(source, answer, {"Value": value_class})

    def again(exercise, rng, name):
        slips = [(slip, of_class(value_class), sentence) for slip, value_class, sentence in exercise.judge.slips]
        asked = replace(
            exercise, judge=SimpleNamespace(slips=slips), solution=f"{exercise.solution}\n\n{source}", answer=answer
        )
        return hand.forms(of_class(workshop_code.finished_class()))(asked, rng, name)

    return again


def _exercise(name):
    task, hints, explanation = _TEXTS[name]
    source, before = workshop_code.STEPS[name], workshop_code.before(name)
    if name == "unbroadcast":
        return code_exercise(
            name, task, source, _CASES, _SLIPS, hints, explanation, before=before, again=_REPEATED_BY_HAND
        )
    return Step(name, task, step(name), hints, source, explanation, answer="Value", before=before, again=_forms(name))


EXERCISES = [_exercise(name) for name in workshop_code.STEPS]

PREDICTIONS = [
    prediction(
        name="overwritten",
        question=N_("`b = a + a`, `L = b * b` and a = 3, so L = 4a^2 and dL/da = 24. Someone writes "
                    "`parent.grad = g` where the messages should be added. What stands on `a` then?"),
        options={
            "a": (N_("24, because both messages to `a` are the same, so it makes no difference"),
                  N_("Two equal messages are still two messages. The cell below the exercise runs both versions.")),
            "b": (N_("12, because one of two messages to `a` is lost"),
                  N_("And how many messages did `b` get before that? The cell below the exercise prints both "
                     "gradients.")),
            "c": (N_("6, because messages are lost at `b` and at `a`"),
                  N_("When messages are overwritten, each value that is used twice keeps only half of what arrives at "
                     "it. The cell below the exercise prints both gradients.")),
            "d": (N_("an error, because nothing may be written twice"),
                  N_("Python lets you, and nothing complains. The cell below the exercise runs it.")),
        },
        right="c",
        cells=("overwritten",),
    ),
    prediction(
        name="as-found",
        question=N_("`c = a * b` and `L = c * (c * a * b)`. Someone walks back in the order in which a search "
                    "from L finds the values: L, its parents, then theirs. What happens?"),
        options={
            "a": (N_("the same gradients as in the right order"),
                  N_("For a sum alone, order does not matter. But a value passes on what it has when its turn "
                     "comes. The next cell compares.")),
            "b": (N_("gradients that are too small, and no error"),
                  N_("`c` is found at once, and passes on its gradient before the longer path has reported. The next "
                     "cell compares.")),
            "c": (N_("an error, at the first message that comes too late"),
                  N_("Nobody watches whether a value has had its turn. The next cell compares.")),
        },
        right="b",
        cells=("as-found",),
    ),
    prediction(
        name="without-sum",
        question=N_("A bias `b` of shape (3,) is added to four rows. Someone forgets the sum, so its gradient has "
                    "shape (4, 3). What does the step make of it?"),
        options={
            "a": (N_("an error, because the shapes differ"),
                  N_("(3,) minus (4, 3) is broadcast like any other arithmetic. The next cell runs it.")),
            "b": (N_("the right step, because NumPy adds the rows up"),
                  N_("NumPy repeats, but it never sums by itself. The next cell runs it.")),
            "c": (N_("four biases, because NumPy repeats the old one for each row"),
                  N_("The loss does not show it. What happens when a fifth example comes? The next cell runs it.")),
        },
        right="c",
        cells=("without-sum",),
    ),
    prediction(
        name="where-time-goes",
        question=N_("Your engine and course_lib train the same network on the same data, to the same numbers. Where "
                    "does the difference in time come from?"),
        options={
            "a": (N_("course_lib multiplies fewer numbers"),
                  N_("It saves one product, the gradient of the data. The next cell shows how little arithmetic "
                     "costs here.")),
            "b": (N_("course_lib makes fewer objects and calls"),
                  N_("Most of the time of a small step is Python's, not NumPy's. The next cell counts.")),
            "c": (N_("course_lib is compiled, and yours is not"),
                  N_("Both are Python on NumPy. The next cell counts what differs.")),
            "d": (N_("there is no difference to speak of"),
                  N_("NumPy does the arithmetic, and Python calls it. The next cell counts how often.")),
        },
        right="b",
        cells=("counted",),
    ),
]  # fmt: skip

chapter = Chapter("5b", EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions


def take(name, namespace=None):
    """Put the solution of a step into the notebook, so that a reader who is stuck goes on with the next one.

    Only this step is replaced while it works together with the reader's own; otherwise all steps up to it are.
    namespace   where the names go, by default the notebook's
    """
    shown = solution(name)
    if name not in chapter.exercises or exam():
        return shown
    namespace = vars(sys.modules["__main__"]) if namespace is None else namespace
    exercise = chapter.exercises[name]
    workshop_code.run(exercise.solution, f"<step {name}>", namespace)
    works = exercise.judge(namespace.get(exercise.answer_name)).outcome == Verdict.RIGHT
    message = say("`{name}` now stands in your notebook as below, beside your own steps.", name=name)
    if not works:
        workshop_code.run(f"{exercise.before}\n{exercise.solution}", f"<steps up to {name}>", namespace)
        message = say(
            "All steps up to `{name}` now stand in your notebook as in the solutions, because this one "
            "does not work together with your own names.",
            name=name,
        )
    return display.Feedback(display.Box("solution", say("Taken over"), name, (message, *shown.box.parts)))


def finished(value_class):
    """The reader's class when all steps are right; else a finished one, so that what follows runs all the same. Says which."""
    left = open_steps(value_class)
    if not left:
        print(say("All steps are right, so from here on your own engine runs."))
        return value_class
    print(
        say(
            "These steps are still open: {names}. Below, a finished engine runs in the place of yours.",
            names=", ".join(left),
        )
    )
    return workshop_code.finished_class()


def with_slip(name=""):
    """A finished class for experiments, with one slip in it: "overwritten", "as-found", "without-sum", or "" for none."""
    if not name:
        return workshop_code.finished_class()
    step = "broadcast" if name == "without-sum" else "backward"
    return {slip: made for slip, made, _ in slips_of_step(step)}[name]
