"""Each judge against a bank of answers, then the sentences that make its feedback worth reading."""

import warnings

import numpy as np
import pytest
from exercise_bank import answer_of, judged, row_test
from sample_chapter import W, b, chapter, hidden_error, x, y

from course_lib import Tensor
from course_lib.exercises import Verdict
from course_lib.exercises.machinery import compare, judges
from course_lib.exercises.machinery import reader_code as judging
from course_lib.text import set_language

LINE = "def line_gradients(x, y, W, b):\n    delta = {delta}\n    return {result}\n"
BACK = "def hidden_error(delta2, W2, a1):\n    return {}\n"
RIGHT_BACK = "delta2 @ W2.T * a1 * (1 - a1)"


def test_wrong_numbers_may_share_a_sentence():
    assert judges.each_wrong({(1, 2): "one", 3: "other"}) == [(1, "one"), (2, "one"), (3, "other")]


def line(delta="2 * (x @ W + b - y) / len(x)", result="x.T @ delta, delta.sum(axis=0)"):
    return LINE.format(delta=delta, result=result)


ROWS = {
    "angle": [
        ("angle = 67.174", "right", "67.174 degrees is right."),
        (np.array([[67.17]]), "right", "67.17 degrees is right."),
        (np.float32(67.17), "right", "is right"),
        (67, "wrong", "Got 67 degrees: that is too small. Which two vectors"),
        ((10, 227, 200), "wrong", "a comma makes several of it"),
        ((67.17,), "wrong", "got a tuple of length 1. Leave out the comma behind it."),
        ("angle = '6x7'", "wrong", "got the text '6x7'."),
        (1e6, "wrong", "Got 1000000 degrees: that is too large."),
        (-67.17, "wrong", "Got -67.17 degrees: the sign is wrong."),
        ((67, 17), "wrong", "Python writes a point and not a comma, as in 0.5"),
        ("angle = '67,17'", "wrong", "Python writes a point and not a comma, as in 0.5"),
        ("angle = 22.83", "wrong", "Got 22.83 degrees. This is the angle to the contour."),
        ("angle = '67.17'", "wrong", "got the text '67.17'. Leave out the quotation marks."),
        (np.nan, "wrong", "Got nan degrees, which is no finite number."),
        (10**400, "wrong", "Got inf degrees, which is no finite number."),
        (-(10**400), "wrong", "Got -inf degrees, which is no finite number."),
        (True, "wrong", "Expected one number, got `True`."),
        (np.True_, "wrong", "Expected one number, got `True`."),
        ([67.17], "wrong", "Expected one number, got a list of length 1. Leave out the brackets."),
        (np.zeros(3), "wrong", "Expected one number, got an array of shape (3,)."),
        (Tensor(67.17), "wrong", "a Tensor of shape (); its plain numbers are `.value`"),
        (lambda: 67.17, "wrong", "Expected one number, got a function, which was not called."),
    ],
    "judge-of-gradients": [
        ("judge_of_gradients = ' B '", "right", "share no code"),
        ("judge_of_gradients = 'a'", "wrong", "the loss falls, only more slowly"),
        ("judge_of_gradients = 'd'", "wrong", "Expected one of the letters \"a\", \"b\", got the text 'd'."),
        (2, "wrong", 'Give a letter in quotation marks, for example `check("judge-of-gradients", "a")`.'),
        (np.zeros(4), "wrong", "Give a letter in quotation marks"),
        (("a", "b"), "wrong", "Give one letter."),
        ("judge_of_gradients = '(b)'", "right", "share no code"),
        ("judge_of_gradients = 'b).'", "right", "share no code"),
        ("judge_of_gradients = '(A)'", "wrong", "the loss falls, only more slowly"),
        ("judge_of_gradients = 'line B'", "right", "share no code"),
        (["b"], "right", "share no code"),
        (("a",), "wrong", "the loss falls, only more slowly"),
    ],
    "step-order": [
        ("step_order = 'forward, loss, gradients, step'", "right", "The order is right."),
        ("step_order = 'forward loss step gradients'", "wrong", "Place 3: step is too early. The step needs gradients."),
        (["loss", "forward", "gradients", "step"], "wrong", "Place 1: loss is too early."),
        (["shuffle", "forward", "loss"], "wrong", "shuffle does not belong here. That is done once an epoch"),
        (["forward", "loss", "dance"], "wrong", "dance does not belong here."),
        (["forward", "loss", "step"], "wrong", "One is missing: you have 3 of 4."),
        (["forward", "forward", "loss", "gradients", "step"], "wrong", "forward stands here 2 times, but once is enough."),
        ([1, 2, 3], "wrong", "Expected a list of names"),
        (["forward", ...], "not tried", "Replace the `...`"),
    ],
    "hidden-error": [
        (BACK.format("a1 * (delta2 @ W2.T) * (1 - a1)"), "right", "cases compared: 2"),
        (BACK.format("delta2 @ W2.T"), "wrong",
         "In case 1 of 2, entry [0, 0]: expected 0.08, got 0.5. This is what you get without the slope"),
        (BACK.format("W2 @ delta2.T * a1.T * (1 - a1.T)"), "wrong",
         "expected an array of shape (1, 2), got an array of shape (2, 1). Its transpose would fit."),
        (BACK.format(f"({RIGHT_BACK}).tolist()"), "wrong", "`np.array(...)` makes an array of it."),
        (BACK.format(f"({RIGHT_BACK}).ravel()"), "wrong", "got an array of shape (2,). An axis of size 1 is missing."),
        (BACK.format(f"Tensor({RIGHT_BACK})"), "wrong", "got a Tensor of shape (1, 2); its plain numbers are `.value`"),
        (BACK.format(f"np.log(-1.0) * {RIGHT_BACK}"), "wrong", "got nan. Look for a division by 0"),
        (BACK.format(f"{RIGHT_BACK} / 0"), "wrong", "got inf"),
        (BACK.format("delta2 @ W2"), "wrong",
         "It stopped in line 2, `return delta2 @ W2`, with ValueError: the shapes (1, 1) and (2, 1) do not fit: the last "
         "number of the first shape must equal the first number of the second"),
        (BACK.format("np.dot(delta2, W2)"), "wrong", "with ValueError: the shapes (1,1) and (2,1) do not fit: the last number"),
        (BACK.format("(delta2 @ W2.T) * np.ones(3)"), "wrong", "the shapes (1,2) and (3,) do not fit entry by entry"),
        (BACK.format("(1 * delta2) @ W2"), "wrong", "before `@` ends with the size 1, the one behind it begins with 2"),
        (BACK.format("2.0 @ W2"), "wrong", "one side of `@` is a single number"),
        (BACK.format("undefined_name"), "wrong", "with NameError: name 'undefined_name' is not defined"),
        (BACK.format("delta2.index(0)"), "wrong", "`index` belongs to lists, but this is an array"),
        (BACK.format("delta2.tolist().sum()"), "wrong", "`sum` belongs to arrays, but this is a list"),
        (BACK.format("max(delta2 @ W2.T, a1)"), "wrong", "a comparison of arrays has an answer for each entry"),
        (BACK.format("__import__('math').exp(a1)"), "wrong", "a function that takes one number was given an array"),
        (BACK.format("a1.tolist() * 0.5"), "wrong", "lists and tuples do not calculate entry by entry"),
        (BACK.format("np.subtract(1, 0.5 * a1, out=np.ones((1, 2), int))"), "wrong", "whole numbers cannot take decimals"),
        (BACK.format("np.zeros((3, 3)).__setitem__(slice(2), a1[0])"), "wrong", "numbers of shape (2,) do not fit into"),
        (BACK.format("np.zeros(3).__iadd__(np.ones((4, 3)))"), "wrong", "a result of shape (4,3) does not fit into the array"),
        (BACK.format("a1 ^ delta2"), "wrong", "`^` is no power in Python"),
        (BACK.format("a1(1 - a1)"), "wrong", "a number or an array stands before round brackets"),
        (BACK.format("[n for n in 3]"), "wrong", "a whole number is no list to go through"),
        (BACK.format("list(range(4 / 2))"), "wrong", "`/` gives decimals"),
        (BACK.format("[a1[n] for n in a1[0]]"), "wrong", "an index has to be a whole number"),
        (BACK.format("np.array([a1, [1.0]])"), "wrong", "parts of different shapes do not fit into one array"),
        (BACK.format("exp(a1)"), "wrong", "NumPy's function is called `np.exp`"),
        (BACK.format("math.exp(1)"), "wrong", "`import math` is missing"),
        (BACK.format("a1.value"), "wrong", "these are plain numbers already"),
        (BACK.format("[].append(a1)[0]"), "wrong", "not subscriptable. Something here is `None`"),
        (BACK.format("hidden_error(delta2, W2, a1)"), "wrong", "it called itself until Python had no room for more calls"),
        ("def hidden_error(delta2, W2, a1):\n    error += delta2\n    error = 0", "wrong", "`error` is used before"),
        (BACK.format(f"1.00003 * ({RIGHT_BACK})"), "wrong", "agree with the right ones to 5 digits and no further"),
        (BACK.format(f"({RIGHT_BACK})[None]"), "wrong", "An axis of size 1 is too many."),
        (BACK.format(f"{RIGHT_BACK}, 1"), "wrong", "2 results came back, but you are asked for one"),
        (BACK.format("..."), "not tried", "Put your result in the place of the `...` that `hidden_error` returns."),
        (BACK.format("{'delta1': 1}"), "wrong", "got a value of type `dict`"),
        (BACK.format(f"{RIGHT_BACK} if len(a1) == 1 else None"), "wrong", "returns nothing in case 2 of 2"),
        ("def hidden_error(delta2, W2):\n    return delta2", "wrong",
         "Expected a function of 3 arguments (delta2, W2, a1), got `hidden_error(delta2, W2)`."),
        ("hidden_error = 0.08", "wrong", "Expected a function, got the number 0.08. Give its name alone"),
        ("def hidden_error(delta2, W2, a1):\n    delta2 *= 2\n    return delta2 / 2 @ W2.T * a1 * (1 - a1)", "wrong",
         "your function changed its argument `delta2`"),
        ("def hidden_error(delta2, W2, a1):\n    while True:\n        raise KeyboardInterrupt", "wrong",
         "You stopped your code while it ran"),
        ("def hidden_error(delta2, W2, a1):\n    ...", "not tried", "`hidden_error` returns nothing yet"),
        ("def hidden_error(delta2, W2, a1):\n    back = ...\n    return back * a1", "not tried",
         "A `...` still has to be replaced in line 3, `return back * a1`."),
        ("def hidden_error(delta2, W2, a1):\n    raise NotImplementedError", "not tried", "`hidden_error` is not written yet."),
    ],
    "line-gradients": [
        (line(delta="(x @ W + b - y) / 2"), "right", "finite differences: W, b."),
        (line(delta="2 * (x @ W + b - y)"), "wrong",
         "Gradient of W, entry [0, 0]: expected -0.2, got -0.8. Every entry is 4 times too large. "
         "Was the mean over the batch forgotten?"),
        (line(delta="2 * (x @ W + b - y) / 16"), "wrong", "4 times too small. Was the mean over the batch taken twice?"),
        (line(delta="(x @ W + b - y) / 4"), "wrong", "Every entry is 2 times too small."),
        (line(delta="2 * (y - x @ W - b) / 4"), "wrong", "Every entry has the wrong sign."),
        (line(delta="2 * (y - x @ W - b)"), "wrong", "Every entry is 4 times too large. The sign is wrong too. Was the mean"),
        (line(result="2 * x.T @ delta, delta.sum(axis=0)"), "wrong", "Every entry of W is 2 times too large."),
        (line(result="3 * x.T @ delta, 2 * delta.sum(axis=0)"), "wrong", "Every entry of W is 3 times too large."),
        (line(result="0 * W, 0 * b"), "wrong", "Every entry is 0."),
        (line(result="x.T @ delta, delta.mean(axis=0)"), "wrong", "Gradient of b, entry [0]: expected -0.7, got -0.175."),
        (line(result="x.T @ delta, delta.sum(axis=1)"), "wrong",
         "Gradient of b: expected an array of shape (1,), got an array of shape (4,)."),
        (line(result="x.T @ delta, delta.sum()"), "wrong", "expected an array of shape (1,), got one number."),
        (line(result="x.T @ delta"), "wrong", "2 results (gradient of W, gradient of b), got an array of shape (2, 1)."),
        (line(result="x.T @ delta, delta.sum(axis=0), x"), "wrong", "2 results (gradient of W, gradient of b), got 3 results."),
        (line(result="x.T @ delta, ..."), "not tried", "Still open in what `line_gradients` returns: b."),
        (line(result="..., ..."), "not tried", "Still open in what `line_gradients` returns: W, b."),
    ],
    "fast-rate": [
        ("fast_rate = 0.45", "right", "After ten steps w is 1e-10."),
        ("fast_rate = 0.1", "wrong", "After ten steps w is 0.107; the goal is below 0.001."),
        ("fast_rate = 1.5", "wrong", "It moved away: w is now 1.02e+03."),
        ("fast_rate = 'fast'", "wrong", "It stopped with TypeError"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS, Tensor=Tensor)


def verdict_on(name, answer):
    return judged(chapter.exercises[name], answer)


def test_details_of_gradients_tell_layer_by_layer_what_agrees():
    def only_bias(x, y, W, b):
        delta = 2 * (x @ W + b - y) / len(x)
        return x.T @ delta + np.array([[0.0], [1.0]]), delta.sum(axis=0)

    verdict = verdict_on("line-gradients", only_bias)
    assert verdict.message == "Gradient of W, entry [1, 0]: expected -0.45, got 0.55."
    assert verdict.details == "W  1 of 2 off\nb  agrees"


def test_results_of_a_tuple_go_by_their_names():
    judge = judges.function(lambda a: (a + 1, a * 2), [(np.array([1.0, 2.0]),)], names=("next", "double"))
    assert judge(lambda a: (a + 1, 2 * a)).outcome == Verdict.RIGHT
    assert judge(lambda a: [a + 1, 2 * a]).outcome == Verdict.RIGHT
    message = "For a = [1., 2.], in double, entry [1]: expected 4, got 5. Right: next."
    assert judge(lambda a: (a + 1, 2 * a + (a > 1))).message == message
    farthest = "For a = [1., 2.], in double, entry [1]: expected 4, got 8. That entry is the farthest off. Right: next."
    assert judge(lambda a: (a + 1, 4 * a)).message == farthest
    assert (
        judge(lambda a: a + 1).message
        == "For a = [1., 2.]: expected 2 results (next, double), got an array of shape (2,)."
    )
    assert judge(lambda a: (a + 1, ...)).message == "Still open in what `your function` returns: double."


def test_names_and_places_are_joined_as_the_language_joins_them(request):
    request.addfinalizer(lambda: set_language("en"))
    set_language("zh")
    pair = judges.function(lambda a, n: (a + n, a * 2), [(np.array([1.0, 2.0]), 1)], names=("next", "double"))
    line = judges.gradient(lambda p: float(p[0] @ p[1]), [np.array([1.0, 2.0]), np.array([3.0, 4.0])], ("W", "b"))
    told = [
        pair(lambda a, n: (a + n, 2 * a + (a > 1))).message,
        pair(lambda a, n: (2 * a, a + n)).message,
        pair(lambda a, n: a + n).message,
        line(lambda W, b: (b + 1, W)).message,
        line(lambda W, b: (-b, -W)).message,
    ]
    assert told[0].startswith("参数为 a = [1., 2.]，n = 1 时，在 double 中，第 [1] 项：")
    assert "double，next" in told[1] and "next，double" in told[2]
    assert told[3].startswith("W 的梯度，第 [0] 项：")
    assert not [text for text in told if ", " in text.replace("[1., 2.]", "").replace("(2,)", "")]


def test_parts_without_names_are_numbered():
    judge = judges.function(lambda a: (a, -a), [(1.0,)])
    assert judge(lambda a: (a, a)).message == "For a = 1, in result 2: expected -1, got 1."


def test_zero_has_no_sign_and_whole_numbers_are_whole():
    made = judges.function(lambda: 2_000_000.0, [()])
    assert made(lambda: -0.0).message == "Expected 2000000, got 0."
    assert made(lambda: 2_000_000.5).message == "Expected 2000000, got 2000000.5."


def test_numbers_within_the_tolerance_are_right():
    assert judges.number(1000.0, "How many?", tolerance=0.5)(1000.5).outcome == Verdict.RIGHT
    assert judges.number(1000.0, "How many?", tolerance=0.5)(1000.6).outcome == Verdict.WRONG
    assert judges.number(1e6, "How many?")(1e6 + 0.9).outcome == Verdict.RIGHT
    assert judges.number(1e6, "How many?")(1e6 + 1.1).outcome == Verdict.WRONG
    at_zero = judges.number(0.0, "What is left?")
    assert [at_zero(got).outcome for got in (0, 1e-7, -9e-7, 2e-6, -2e-6)] == ["right"] * 3 + ["wrong"] * 2


@pytest.mark.parametrize("got", [0.25004, 0.2500000003])
def test_two_numbers_never_look_the_same(got):
    message = judges.function(lambda: 0.25, [()], tolerance=1e-12)(lambda: got).message
    assert message.endswith(f"xpected 0.25, got {got}.")


def test_a_loss_that_is_not_finite_is_wrong_even_where_the_reference_is_large():
    judge = judges.function(lambda: 1e300, [()], tolerance=0.5)
    assert judge(lambda: np.inf).outcome == Verdict.WRONG
    assert judge(lambda: np.nan).outcome == Verdict.WRONG


def test_the_gradient_judge_believes_finite_differences_only():
    """A loss of which nothing is known beforehand: no stored answer could tell these two apart."""
    matrix = np.random.default_rng(5).normal(size=(3, 3))
    judge = judges.gradient(lambda p: float(p[0] @ matrix @ p[0]), [np.array([1.0, -2.0, 0.5])], ("v",))
    assert judge(lambda v: (matrix + matrix.T) @ v).outcome == Verdict.RIGHT
    assert judge(lambda v: [(matrix + matrix.T) @ v]).outcome == Verdict.WRONG
    assert judge(lambda v: 2 * matrix @ v).outcome == Verdict.WRONG


def test_one_number_alone_shows_its_sign_but_no_factor():
    judge = judges.gradient(lambda p: float(p[0] ** 2), [np.array(3.0)], ("w",), batch_size=4)
    assert judge(lambda w: 2 * w).outcome == Verdict.RIGHT
    assert judge(lambda w: -2 * w).message == "Gradient of w: expected 6, got -6. Every entry has the wrong sign."
    assert judge(lambda w: 8 * w).message == "Gradient of w: expected 6, got 24."


def test_known_mistakes_of_gradients():
    def doubled(w):
        return 4 * w

    judge = judges.gradient(
        lambda p: float(p[0] @ p[0]), [np.array([3.0, 1.0])], ("w",), wrong=[("twice", doubled, "Twice.")]
    )
    assert judge(lambda w: 4 * w).message.endswith("Every entry is 2 times too large. Twice.")
    assert "Twice." not in judge(lambda w: 5 * w).message


def test_a_known_mistake_that_cannot_run_on_a_case_is_passed_over():
    wrong = [("order", lambda a: a @ np.ones(9), "Wrong order."), ("sign", lambda a: -a, "Wrong sign.")]
    judge = judges.function(lambda a: a, [(np.array([1.0, 2.0]),)], wrong=wrong)
    assert judge(lambda a: -a).message == "For a = [1., 2.], entry [0]: expected 1, got -1. Wrong sign."


def test_entries_that_are_zero_do_not_make_a_factor():
    judge = judges.gradient(lambda p: float(p[0][0] ** 2), [np.array([3.0, 1.0])], ("w",))
    assert judge(lambda w: np.array([24.0, 0.0])).message == "Gradient of w, entry [0]: expected 6, got 24."


def test_an_argument_with_nan_is_not_a_change():
    judge = judges.function(lambda a: np.nansum(a), [(np.array([1.0, np.nan]),)])
    assert judge(lambda a: np.nansum(a)).outcome == Verdict.RIGHT


def test_large_arrays_are_told_by_their_shape():
    """A column of sixty numbers teaches nothing: the first entry that is off says more."""
    judge = judges.function(lambda a: a, [(np.zeros((200, 300)),)])
    verdict = judge(lambda a: a + 1)
    assert verdict.message == "For a = an array of shape (200, 300), entry [0, 0]: expected 0, got 1."
    assert verdict.details == ""


def test_an_array_that_is_shown_is_shown_whole():
    judge = judges.function(lambda a: a, [(np.zeros((5, 8)),)])
    assert judge(lambda a: a + 1).details.count("0.") == judge(lambda a: a + 1).details.count("1.") * 2 == 80


def test_arguments_are_copies():
    """A function that spoils its arguments cannot spoil the next check."""

    def spoil(x, y, W, b):
        for array in (x, y, W, b):
            array[...] = 0
        return W, b

    before = [array.copy() for array in (x, y, W, b)]
    verdict_on("line-gradients", spoil)
    for array, copy in zip((x, y, W, b), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_gradient_that_is_right_but_changes_the_weights_is_wrong():
    def step_too(x, y, W, b):
        delta = 2 * (x @ W + b - y) / len(x)
        grads = x.T @ delta, delta.sum(axis=0)
        W -= 0.1 * grads[0]
        return grads

    message = verdict_on("line-gradients", step_too).message
    assert message.startswith("The results are right, but your function changed its argument `W`")


def test_arguments_inside_lists_and_tensors_are_watched_too():
    def spoil(params):
        params[1][0] += 1
        return 0.0

    def spoil_tensor(t):
        t.value[0] += 1
        return 0.0

    lists = judges.function(lambda params: 0.0, [([np.zeros(2), np.zeros(2)],)])
    assert "`params`" in lists(spoil).message
    assert lists(lambda params: 0.0).outcome == Verdict.RIGHT
    tensors = judges.function(lambda t: 0.0, [(Tensor(np.zeros(2)),)])
    assert "`t`" in tensors(spoil_tensor).message


def test_the_line_is_that_of_the_reader_s_function():
    source = (
        "def helper(a):\n    return a[7]\n\ndef hidden_error(delta2, W2, a1):\n    a = a1[0]\n    return helper(a)\n"
    )
    answer = answer_of(source, "hidden_error", {})
    message = verdict_on("hidden-error", answer).message
    assert message.startswith("It stopped in line 2, `return a[7]`, with IndexError: index 7 is out of bounds")


def test_functions_without_a_signature_or_a_name_are_judged():
    class Callable:
        def __call__(self, delta2, W2, a1):
            return hidden_error(delta2, W2, a1)

    assert verdict_on("hidden-error", Callable()).outcome == Verdict.RIGHT
    assert judges.function(np.maximum, [(1.0, 2.0)])(np.maximum).outcome == Verdict.RIGHT
    assert judges.function(np.maximum, [(1.0, 2.0)])(np.minimum).outcome == Verdict.WRONG
    assert judges.function(lambda a: a, [(1.0,)])(dict).outcome == Verdict.WRONG


class Hostile:
    """Raises at whatever one asks of it."""

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")

    def __getattr__(self, name):
        raise RuntimeError("no attribute")

    def __repr__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize("name", sorted(chapter.exercises))
def test_hostile_answers_do_not_break_a_judge(name):
    assert verdict_on(name, Hostile()).outcome == Verdict.WRONG
    loop = []
    loop.append(loop)
    assert verdict_on(name, loop).outcome == Verdict.WRONG


class HostileFunction(Hostile):
    def __call__(self, *arguments):
        return 1.0


class MoreHostileFunction(HostileFunction):
    def __getattribute__(self, name):
        raise RuntimeError("not even its class")


class HostileError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize("kind", [HostileFunction, MoreHostileFunction])
def test_functions_that_raise_when_asked_for_an_attribute_do_not_break_a_judge(kind):
    answer = kind()
    for name, exercise in chapter.exercises.items():
        assert verdict_on(name, answer).outcome == Verdict.WRONG, exercise.name
    assert (
        judges.program(lambda step: {"w": step()}, {"no": (lambda values: False, "No.")})(answer).outcome
        == Verdict.WRONG
    )


def test_a_function_without_a_name_that_can_be_read_may_still_be_open():
    def run(answer):
        raise NotImplementedError

    assert judging.name_of(MoreHostileFunction()) == "your function"
    assert judges.judge(run)(HostileFunction()).message == "`your function` is not written yet."


def test_an_error_that_cannot_be_told_is_named_with_its_line():
    source = "def hidden_error(delta2, W2, a1):\n    raise HostileError\n"
    answer = answer_of(source, "hidden_error", {"HostileError": HostileError})
    verdict = verdict_on("hidden-error", answer)
    assert verdict.message == "It stopped in line 2, `raise HostileError`, with HostileError"


@pytest.mark.parametrize("yes", [True, np.True_])
def test_a_function_that_returns_yes_has_not_returned_1(yes):
    judge = judges.function(lambda a: a, [(1.0,)])
    assert judge(lambda a: yes).message == "For a = 1: expected one number, got `True`."
    masks = judges.function(lambda a: (a > 0) * 1.0, [(np.array([1.0, -1.0]),)])
    assert masks(lambda a: a > 0).outcome == Verdict.RIGHT


def test_a_warning_does_not_spoil_a_right_answer():
    def warns(z):
        warnings.warn("look here", stacklevel=1)
        np.exp(np.array([1e6]))  # overflows
        return z

    made = judges.function(lambda z: z, [(1.0,)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made(warns).outcome == Verdict.RIGHT


def test_warnings_do_not_reach_the_reader(capfd):
    def loud(z):
        return np.log(np.array([-1.0]))[0] + np.float64(1) / np.float64(0) + z

    assert judges.function(lambda z: z, [(1.0,)])(loud).outcome == Verdict.WRONG
    assert capfd.readouterr().err == ""


def test_a_program_that_diverges_is_wrong_not_a_traceback():
    def run(rate):
        raise ArithmeticError(f"diverged at rate {rate}")

    assert judges.program(run, {})(3.0).message == "It stopped with ArithmeticError: diverged at rate 3.0"


def test_a_program_sees_the_values_it_measured():
    judge = judges.program(
        lambda rate: {"loss": rate, "seeds": 30}, {"high": (lambda v: v["loss"] < 1, "Loss {loss:.1f}.")}
    )
    assert judge(2.0) == Verdict(Verdict.WRONG, "Loss 2.0.", slip="high")
    assert judge(0.5) == Verdict(Verdict.RIGHT, "Every goal is reached.")
    assert judge(np.nan).outcome == Verdict.WRONG


def test_a_program_of_functions():
    def run(step):
        w = np.array([1.0])
        step(w, 0.5)
        return {"w": w[0]}

    def step(w, rate):
        w -= rate

    goals = {"unmoved": (lambda v: v["w"] < 1, "Nothing moved.")}
    assert judges.program(run, goals)(step).outcome == Verdict.NOT_TRIED
    assert judges.program(run, goals)({"rate": ...}).outcome == Verdict.NOT_TRIED


def test_one_number_in_brackets_is_told_so_and_others_are_not():
    judge = judges.function(lambda a: 2.0 * a, [(1.0,)])
    for answer in (lambda a: [2.0], lambda a: (2.0,), lambda a: np.array([2.0])):
        assert "Leave out the brackets around it." in judge(answer).message
    for answer in (lambda a: [1.0, 2.0], lambda a: [[1.0], [1.0, 2.0]], lambda a: "2", lambda a: True):
        assert (
            judge(answer).message.startswith("For a = 1: expected one number, got")
            and "brackets" not in judge(answer).message
        )


def test_the_gradient_of_a_single_number_is_off_and_not_one_of_one():
    judge = judges.gradient(lambda p: float(p[0] * p[1]), [np.array(2.0), np.array(3.0)], ("w", "b"))
    assert judge(lambda w, b: (b, 5.0)).details == "w  agrees\nb  is off"
    assert "got the number -0.333333" in judge(lambda w, b: np.float64(-1 / 3)).message


def test_a_row_of_numbers_is_as_good_as_a_tuple():
    judge = judges.function(lambda x: (x, 2 * x), [(1.0,), (3.0,)], names=("one", "two"))
    assert judge(lambda x: np.array([x, 2 * x])).outcome == "right"
    assert judge(lambda x: [x, 2 * x]).outcome == "right"
    assert "in the order two, one" in judge(lambda x: np.array([2 * x, x])).message
    assert "expected 2 results (one, two), got an array of shape (3,)" in judge(lambda x: np.ones(3)).message


def test_an_order_is_told_of_a_wrong_pair_that_are_no_neighbours():
    judge = judges.sequence(["forward", "loss", "step"], {("step", "forward"): "A step needs what forward gives."})
    assert "Place 1: step is too early. A step needs what forward gives." in judge("step, loss, forward").message
    assert "A step needs" not in judge("loss forward step").message


def test_arguments_are_the_same_only_with_the_same_keys():
    assert compare.same({"w": 1}, {"w": 1})
    assert not compare.same({"w": 1}, {"w": 1, "b": 2}) and not compare.same({"w": 1, "b": 2}, {"w": 1})
    assert not compare.same({"w": 1}, {"b": 1})
    assert not compare.same({"w": np.zeros(2)}, {"w": np.ones(2)})


def test_orders_and_programs_have_the_sentence_of_each_slip_by_its_name():
    replies = {"shuffle": "Not here.", ("tune", "loss"): "Not before the loss.", ("step", "loss"): "A step needs it."}
    order = judges.sequence(["forward", "loss", "step"], replies)
    assert order.sentences == {
        "shuffle": "Not here.",
        "tune": "Not before the loss.",
        "step before loss": "A step needs it.",
    }
    for answer in ("shuffle", "forward tune", "forward step loss"):
        assert (verdict := order(answer)).message.endswith(order.sentences[verdict.slip])
    rate = judges.program(lambda w: {"w": w}, {"high": (lambda v: v["w"] < 1, "{w} is too high.")})
    assert rate(2).slip in rate.sentences and rate.sentences == {"high": "{w} is too high."}


def test_what_a_reader_wrote_is_no_name_of_a_slip():
    judge = judges.sequence(["forward", "loss"], {"step": "The step comes later."})
    assert judge(["forward", "step"]).slip == "step"
    assert [judge(["forward", other]).slip for other in ("x" * 100, "\ud800", "")] == ["", "", ""]
