"""Chapter 5b: every step judges a class by what it does, names the usual slips, and helps a reader who is stuck on."""

import re
from functools import partial

import numpy as np
import pytest
from exercise_bank import answer_of, expect, row_test

from course_lib.exercises import Verdict
from course_lib.exercises.chapter05b import chapter, finished, take, with_slip
from course_lib.exercises.chapter_parts import workshop_code, workshop_slips
from course_lib.exercises.chapter_parts.workshop_judges import open_steps
from course_lib.exercises.machinery import reader_code
from course_lib.exercises.machinery.limits import limited
from course_lib.exercises.machinery.memory import source_of

STEPS = workshop_code.STEPS
RECURSIVE = """
def order(last):
    found = []
    def visit(each):
        if each not in found:
            for parent in each.parents:
                visit(parent)
            found.append(each)
    visit(last)
    return found[::-1]
"""
WAITING_PATHS = """
def backward(last):
    for each in order(last):
        each.grad = np.zeros_like(each.value)
    waiting = [(last, np.ones_like(last.value))]
    while waiting:
        each, g = waiting.pop()
        each.grad = each.grad + g
        if each.rule:
            waiting += zip(each.parents, each.rule(g))
"""
PATHS = """
def backward(last):
    for each in order(last):
        each.grad = 0.0
    def send(each, g):
        each.grad = each.grad + g
        if each.rule:
            for parent, message in zip(each.parents, each.rule(g)):
                send(parent, message)
    send(last, np.ones_like(last.value))
"""
ROWS = {
    "remember": [
        ({"self.parents = parents": "pass"}, "wrong", "nothing is left of its parents"),
        ({"self.rule = rule": "pass"}, "wrong", "the rule is lost"),
        ({"self.": ""}, "not tried", "A name without `self.` in front"),
        ({"self.value": "Value.value"}, "wrong", "all values share it"),
        ({"self.parents = parents": "self.parents = set(parents)"}, "wrong", "each use counts"),
        ({"self.parents = parents": "self.parents = parents[::-1]"}, "wrong", "Keep them as they come"),
        ({"np.asarray(value, dtype=float)": "value"}, "wrong", "an array with a shape"),
        ({"np.asarray(value, dtype=float)": "np.asarray(value)"}, "wrong", "Whole numbers stay whole"),
        ({"np.asarray(value, dtype=float)": "np.asarray(value, dtype=int)"}, "wrong", "no attribute"),
        ({"parents=(), rule=None": "parents, rule"}, "wrong", "missing 2 required positional arguments"),
        ({"self.parents = parents": "self.left, self.right = parents or (None, None)"}, "right", "kept"),
        ({"self.value": "self.data", "self.parents": "self._prev", "self.rule": "self._way"}, "right", "kept"),
        (
            "class Value(Operators):\n    def __init__(self, value, parents=(), rule=None):\n        ...",
            "not tried",
            "keeps nothing yet",
        ),
        ("class Value(Operators):\n    pass", "wrong", "takes no arguments"),
        ("Value = 3.0", "wrong", "Expected your class, got the number 3"),
        ("def Value(x, *rest): return x", "wrong", "gives back the plain number"),
    ],
    "add": [
        ({"return g, g": "return g"}, "wrong", "should return two messages"),
        ({"return g, g": "return a, b"}, "wrong", "calculates with values of your class"),
        ({"return g, g": "g *= 2; return g, g"}, "wrong", "expected"),
        ({"return g, g": "g += 0; g *= 3; g /= 3; g += 1; return g - 1, g - 1"}, "wrong", "changes `g` itself"),
        ({"Value(a.value + b.value, (a, b), rule)": "Value(a.value + b.value)"}, "wrong", "it has 0"),
        ({", rule)": ")"}, "wrong", "its rule is missing"),
        ({"Value(a.value + b.value, (a, b), rule)": "a.value + b.value"}, "wrong", "has forgotten where it came from"),
        ({"a.value + b.value": "a + b"}, "wrong", "calls itself without an end"),
        ({"a.value + b.value": "a.value * b.value"}, "wrong", "Value of `a + b`: expected 7, got 10"),
        (
            {"    return Value(a.value + b.value, (a, b), rule)": "    Value(a.value + b.value, (a, b), rule)"},
            "not tried",
            "Does it end with `return`",
        ),
        ({"return g, g": "return ..., ..."}, "not tried", "still has to be replaced"),
        ("def add(a, b):\n    return ...", "not tried", "in the place of the `...`"),
        (
            "def add(a, b):\n    a.value += b.value\n    return Value(a.value, (a, b), lambda g: (g, g))",
            "wrong",
            "write into their arrays",
        ),
        ("def add(a, b): return Value(a.value + b.value, [a, b], lambda g: [g, g])", "right", "one message for each"),
    ],
    "multiply": [
        ({"a.value * b.value": "a.value + b.value"}, "wrong", "Value of `a * b`"),
        ({"(a, b), rule": "{a, b}, rule"}, "wrong", "each use sends a gradient"),
        (
            "latest = []\ndef multiply(a, b):\n    latest[:] = a.value, b.value\n    return Value(a.value * b.value, (a, b), "
            "lambda g: (g * latest[1], g * latest[0]))",
            "wrong",
            "message to a",
        ),
        (
            "def multiply(a, b):\n    return Value(a.value * b.value, (b, a), lambda g: (g * a.value, g * b.value))",
            "right",
            "one message",
        ),
    ],
    "order": [
        (RECURSIVE, "wrong", "has called itself once for each"),
        (RECURSIVE.replace("found[::-1]", "found"), "wrong", "That is the way forward"),
        (
            {
                "            if parent not in found:\n": "            if True:\n",
                "{last}": "[last]",
                "found.add": "found.append",
            },
            "wrong",
            "more than once",
        ),
        (
            "def order(last):\n    found, waiting = set(), [last]\n    while waiting:\n        each = waiting.pop()\n"
            "        found.add(each)\n        waiting += each.parents\n"
            "    return sorted(found, key=lambda each: each.number, reverse=True)",
            "wrong",
            "2.5 × 10^15 paths that lead back",
        ),
        ({"parent not in found": "parent not in waiting"}, "wrong", "and walk on from it once"),
        ({"{last}": "set()"}, "wrong", "The last value itself"),
        ("def order(last): return [last, *last.parents]", "wrong", "Is each parent's parent reached"),
        ("def order(last): return last", "wrong", "should return a list"),
        ("def order(last): return [each.value for each in [last]]", "wrong", "something else stands in it"),
        (workshop_slips.AS_FOUND + "\norder = found_order", "wrong", "which still has to send it a message"),
        (
            {"return sorted(found, key=lambda each: each.number, reverse=True)": "return list(found)[::-1]"},
            "wrong",
            "order is",
        ),
        ({"each.number": "each.value.item()"}, "wrong", "order is"),
        ({"    return sorted": "    sorted"}, "not tried", "returns nothing yet"),
        ({"each.number, reverse=True": "-each.number"}, "right", "Each value comes once"),
    ],
    "backward": [
        (PATHS, "wrong", "has called itself once for each"),
        (WAITING_PATHS, "wrong", "2.5 × 10^15 paths that lead back"),
        ({"    for each in values:\n        each.grad = np.zeros_like(each.value)\n": ""}, "wrong", "still `None`"),
        (
            {"np.zeros_like(each.value)": "np.zeros_like(each.value) if each.grad is None else each.grad"},
            "wrong",
            "What is left from the first?",
        ),
        ({"last.grad = np.ones_like(last.value)": "last.grad = last.value"}, "wrong", "expected"),
        ({"        if each.rule:\n    ": "        if True:\n    "}, "wrong", "calls the rule of a leaf"),
        ("def backward(last): ...", "not tried", "leaves no gradient"),
        ({"parent.grad = parent.grad + g": "parent.grad += g"}, "right", "agrees"),
    ],
    "total": [
        ({"a.value.sum()": "sum(a)"}, "wrong", "not iterable"),
        ({"a.value.sum()": "a.value.sum(axis=0)"}, "wrong", "expected"),
        ({"(g * np.ones_like(a.value),)": "g * np.ones_like(a.value)"}, "wrong", "one entry"),
        ({"(a,), rule": "(a,)"}, "wrong", "has no rule"),
        ({"(a,), rule": "a, rule"}, "wrong", "not a tuple"),
        ({"(g * np.ones_like(a.value),)": "[np.full(a.value.shape, g)]"}, "right", "Each summand"),
    ],
    "tanh": [
        ({"return (g * (1 - a * a),)": "g *= 1 - a * a; return (g,)"}, "wrong", "writes into `g`"),
        ({"np.tanh(z.value)": "np.tanh(z)"}, "wrong", "line"),
        ({"np.tanh(z.value)": "np.sinh(z.value)"}, "wrong", "expected"),
        ({"1 - a * a": "1 / np.cosh(z.value) ** 2"}, "right", "Value and slope"),
    ],
    "matmul": [
        ({"x.value @ W.value": "W.value @ x.value"}, "wrong", "expected"),
        ({"g @ W.value.T": "g.dot(W.value.T)"}, "right", "Both messages"),
    ],
    "unbroadcast": [
        ("def unbroadcast(g, shape): return np.resize(g, shape)", "wrong", "entry"),
        (
            "def unbroadcast(g, shape):\n    extra = tuple(range(g.ndim - len(shape)))\n    g = g.sum(axis=extra)\n"
            "    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)",
            "right",
            "agree",
        ),
    ],
    "broadcast": [
        ({"g, a.value.shape": "g, a"}, "wrong", "line"),
        ({"unbroadcast(g, a.value.shape)": "unbroadcast(g, a.shape)"}, "wrong", "has no attribute 'shape'"),
        (
            {"unbroadcast(g * b.value, a.value.shape)": "unbroadcast(g * a.value, a.value.shape)"},
            "not tried",
            "`multiply`, which is not right",
        ),
        (
            STEPS["backward"].replace("parent.grad = parent.grad + g", "parent.grad += g"),
            "wrong",
            "so `+=` cannot add it",
        ),
        ({}, "right", "the sum over its repetitions"),
    ],
    "cross-entropy": [
        ({"np.logaddexp(0, z.value) -": "np.log(1 + np.exp(z.value)) -"}, "wrong", "For z = 800 the loss"),
        (
            {"np.exp(-np.logaddexp(0, -z.value))": "np.exp(z.value) / (1 + np.exp(z.value))"},
            "wrong",
            "no finite number",
        ),
        ({"y * z.value": "z.value"}, "wrong", "expected"),
        ({"np.logaddexp(0, z.value)": "np.logaddexp(0, z)"}, "wrong", "line"),
        ({"np.exp(-np.logaddexp(0, -z.value))": "1 / (1 + np.exp(-z.value))"}, "right", "also for z = 800"),
    ],
    "step": [
        ("def step(p, eta): p.value -= eta * p.grad", "wrong", "writes into the array from which p was made"),
        ("def step(p, eta): p.value = p - eta * p.grad", "wrong", "would make the graph longer"),
        ("def step(p, eta): p.value = None", "wrong", "instead of numbers"),
        ("def step(p, eta): p.value = p.value - eta * p", "wrong", "would make the graph longer"),
        ("def step(p): p.value = p.value - 0.1 * p.grad", "wrong", "step() takes 1 positional argument"),
        ("def step(p, eta): p.value, p.parents = p.value - eta * p.grad, (p,)", "wrong", "no longer a leaf"),
        ("def step(p, eta): p = p - eta * p.grad", "not tried", "is gone when the function ends"),
        ("def step(p, eta): ...", "not tried", "changes nothing yet"),
        ("def step(p, eta): p.value = np.subtract(p.value, eta * p.grad)", "right", "a leaf stays a leaf"),
    ],
}

test_rows = row_test(chapter, ROWS)


def test_a_wrong_gradient_is_shown_in_a_drawing_of_the_readers_objects():
    verdict = chapter.exercises["backward"].judge(with_slip("overwritten"))
    assert verdict.details.splitlines() == [
        "Your objects for L = b * b with b = a + a, newest first:",
        "L    36   from n1, n1   gradient 1",
        "n1   6    from a, a     gradient 6",
        "                        expected 12",
        "a    3                  gradient 6",
        "                        expected 24",
    ]


# Inner names


def notebook_names(*sources):
    names = {"__name__": "a notebook"}
    for number, source in enumerate([workshop_code.IMPORTS, workshop_code.GIVEN, *sources]):
        workshop_code.run(source, f"<cell {number}>", names)
    return names


RENAMED = {"value": "data", "parents": "made_of", "rule": "send", "grad": "slope"}


def renamed(source):
    for old, new in RENAMED.items():
        source = re.sub(rf"\.{old}\b", f".{new}", source)
    return source


def test_the_inner_names_are_the_readers_own():
    names = notebook_names(*map(renamed, STEPS.values()))
    assert "data" in vars(names["Value"](3.0))
    assert open_steps(names["Value"]) == []


def test_slots_are_as_good_as_a_dict():
    names = workshop_code.build(
        STEPS["remember"].replace(
            "    def", '    __slots__ = ("value", "parents", "rule", "grad", "number")\n    def', 1
        )
    )
    assert open_steps(names["Value"]) == []


# Going on when stuck


def test_a_step_that_is_taken_over_leaves_the_others_as_they_are():
    names = notebook_names(STEPS["remember"])
    mine = names["Value"]
    feedback = take("add", names)
    assert (
        names["Value"] is mine
        and "beside your own steps" in repr(feedback)
        and STEPS["add"].splitlines()[0] in repr(feedback)
    )
    assert chapter.exercises["add"].judge(mine).outcome == Verdict.RIGHT
    assert chapter.kept.done("add")["solution"]


def test_all_steps_are_taken_over_when_the_inner_names_differ():
    names = notebook_names(renamed(STEPS["remember"]), renamed(STEPS["add"]))
    mine = names["Value"]
    feedback = take("multiply", names)
    assert names["Value"] is not mine and "All steps up to `multiply`" in repr(feedback)
    assert chapter.exercises["multiply"].judge(names["Value"]).outcome == Verdict.RIGHT


def test_a_reader_may_take_one_step_after_the_other():
    names = notebook_names()
    for step in STEPS:
        take(step, names)
        exercise = chapter.exercises[step]
        assert exercise.judge(names[exercise.answer_name]).outcome == Verdict.RIGHT, step


def test_a_step_that_does_not_exist_is_refused_in_words():
    assert "expected one of the names remember, add" in repr(take("subtract", {}))


def test_the_finished_class_stands_in_while_steps_are_open(capsys):
    names = notebook_names(
        STEPS["remember"], STEPS["add"], *(f"def {name}(*x): return ..." for name in ("multiply", "order"))
    )
    assert finished(names["Value"]) is with_slip()
    assert "These steps are still open: multiply, order, backward" in capsys.readouterr().out
    mine = workshop_code.build()["Value"]
    assert finished(mine) is mine
    assert "your own engine runs" in capsys.readouterr().out


# The engine


def test_about_sixty_lines_are_the_readers():
    lines = [
        line for name, source in STEPS.items() if name != "broadcast" for line in source.splitlines() if line.strip()
    ]
    assert 50 <= len(lines) <= 65


def test_a_node_costs_no_memory_cycle():
    import gc
    import weakref

    value = with_slip()
    gc.disable()
    try:
        loss = (value(3.0) * value(2.0)).tanh()
        loss.backward()
        gone = weakref.ref(loss)
        del loss
        assert gone() is None
    finally:
        gc.enable()


def test_values_and_arrays_mix_on_both_sides(rng):
    value, x = with_slip(), rng.normal(size=(4, 3))
    W = value(rng.normal(size=(3, 2)))
    loss = (2.0 - (x @ W) * 0.5 + 1.0).total()
    assert float(loss.value) == pytest.approx(float((2.0 - x @ W.value * 0.5 + 1.0).sum()))
    loss.backward()
    assert np.allclose(W.grad, -0.5 * x.T @ np.ones((4, 2)))


def test_what_is_kept_is_what_the_reader_wrote():
    names = workshop_code.build()
    for step in STEPS:
        if step != "unbroadcast":
            kept = source_of(chapter.exercises[step].to_keep(names["Value"]))
            assert kept.strip() in "\n".join(STEPS.values()), step
    assert source_of(chapter.exercises["add"].to_keep(3.0)) == "3.0"


ENDLESS = {
    "order": "def order(last):\n    waiting = [last]\n    while waiting:\n        parents = waiting[-1].parents",
    "backward": STEPS["backward"].replace("    for each in values:\n        if", "    while True:\n        if"),
    "unbroadcast": "def unbroadcast(g, shape):\n    while True:\n        g = g.sum()",
}


@pytest.mark.parametrize("step", ENDLESS)
def test_a_loop_without_an_end_is_stopped_with_a_sentence(step, monkeypatch):
    monkeypatch.setattr(reader_code, "limited", partial(limited, seconds=0.3))
    exercise = chapter.exercises[step]
    answer = answer_of(ENDLESS[step], exercise.answer_name, {}, exercise.before)
    expect(exercise, answer, Verdict.WRONG, "Does its loop ever end?")
