"""Worked examples that fade: their numbers, their replies, and the panel as a reader uses it."""

import re
from functools import cache
from math import isnan

import ipywidgets
import numpy as np
import pytest

from course_lib import Momentum, Tensor, functional
from course_lib.answers import store as answers
from course_lib.answers.format import SEED
from course_lib.exercises.chapter02 import chapter as chapter02
from course_lib.exercises.chapter_parts import worked_examples as examples
from course_lib.exercises.machinery.worked import ALONE, COMPLETE, near, value, worked_function
from course_lib.ops import logistic

ALL = [examples.CHAIN, examples.HIDDEN_DELTA, examples.MOMENTUM, examples.CONVOLUTION, examples.ATTENTION]
VIEW = "application/vnd.jupyter.widget-view+json"
FORMS = range(COMPLETE, ALONE + 2)
every_example = pytest.mark.parametrize("example", ALL, ids=lambda each: each.name)


@cache
def drawn(example):
    """(form, seed, numbers) of 40 draws."""
    return [(2 + seed % 4, seed, example.numbers(2 + seed % 4, seed)) for seed in range(40)]


def fields(example):
    """(form, seed, numbers, number of a line that is the reader's, the line) of those draws."""
    for form, seed, numbers in drawn(example):
        for number in example.blanks(form):
            yield form, seed, numbers, number, example.lines[number - 1]


# The numbers, computed in another way


def slope(function, at, h=1e-6):
    return (function(at + h) - function(at - h)) / (2 * h)


def second_way_of_the_chain(n):
    def result(x):
        return (x * n["w"]) * (x * n["w"] + x)

    return {
        "L": result(n["x"]),
        "dv": slope(lambda v: n["u"] * v, n["v"]),
        "du": slope(lambda u: u * (u + n["x"]), n["u"]),
        "dx": slope(result, n["x"]),
    }


def second_way_of_the_delta(n):
    z_in = np.log(n["a"] / (1 - n["a"]))  # whose sigmoid is a
    weights, targets = np.array([n["w1"], n["w2"]]), np.array([n["y1"], n["y2"]])
    outputs = np.array([n["o1"], n["o2"]])
    rest = np.log(outputs / (1 - outputs)) - weights * n["a"]  # what the other units bring

    def loss(z):
        return np.sum((logistic(logistic(z) * weights + rest) - targets) ** 2) / 2

    def loss_of_activation(a):
        return np.sum((logistic(a * weights + rest) - targets) ** 2) / 2

    return {
        "delta": slope(loss, z_in),
        "slope": slope(logistic, z_in),
        "back": slope(loss_of_activation, n["a"]),
    }


def test_a_step_of_momentum_has_slips_of_its_own_beside_those_of_every_step():
    slips = {line.name: line.slips for line in examples.MOMENTUM.lines}
    assert "beta * v0 + g2" in slips["v2"] and "v1 + g2" in slips["v2"] and "v0 + g1" in slips["v1"]
    assert "w0 - eta * v2" in slips["w2"]


def second_way_of_momentum(n):
    w, optimizer, found = Tensor(np.array(float(n["w0"]))), Momentum(n["eta"], n["beta"]), {}
    (w * float(n["v0"])).backward()  # from rest a first step with the gradient v0 makes the velocity v0
    optimizer.step([w])
    w.value = np.array(float(n["w0"]))
    for number in (1, 2):
        (w * w * (n["c"] / 2)).backward()
        found[f"g{number}"] = float(w.grad)
        optimizer.step([w])
        found[f"w{number}"] = float(w.value)
    return found


def second_way_of_the_convolution(n):
    x = np.array([[n[f"x{i}{j}"] for j in range(3)] for i in range(3)])
    W = np.array([[n[f"W{k}{m}"] for m in range(2)] for k in range(2)])
    z = functional.conv2d(x[None, :, :, None], W[:, :, None, None], np.array([float(n["b"])]), padding="valid")[
        0, :, :, 0
    ]
    return {f"z{i}{j}": z[i, j] for i in range(2) for j in range(2)}


def second_way_of_attention(n):
    keys = np.array([n["k1"], n["k2"], n["k3"]])
    found = functional.causal_attention(np.array([[n["q"]] * 3]), keys[None], np.eye(3)[None])[0, 2]
    return {"w3": found[2]}


SECOND_WAYS = {
    examples.CHAIN: second_way_of_the_chain,
    examples.HIDDEN_DELTA: second_way_of_the_delta,
    examples.MOMENTUM: second_way_of_momentum,
    examples.CONVOLUTION: second_way_of_the_convolution,
    examples.ATTENTION: second_way_of_attention,
}


@every_example
def test_the_numbers_are_those_of_another_computation(example):
    for _, seed, numbers in drawn(example):
        for name, number in SECOND_WAYS[example](numbers).items():
            assert numbers[name] == pytest.approx(number, rel=1e-5, abs=1e-6), (seed, name)


# Draws and stages


@every_example
def test_neighbours_and_stages_differ_and_the_complete_example_is_everybodys(example):
    first, second = ([example.box(form, seed).parts for form in FORMS] for seed in (1, 2))
    assert first[0] == second[0] == example.box().parts
    assert all(one != other for one, other in zip(first[1:], second[1:], strict=True))
    assert len({str(parts) for parts in first}) == len(FORMS)
    assert first == [example.box(form, 1).parts for form in FORMS]


@every_example
def test_the_last_lines_fade_first(example):
    total = len(example.lines)
    blanks = [(), (total,), (total - 2, total - 1, total), (total,), (total,)]
    assert [example.blanks(form) for form in FORMS] == blanks
    for form in FORMS:
        shown = example.box(form, 7).text()
        numbered = [int(each) for each in re.findall(r"^(\d)\. ", shown, re.MULTILINE)]
        left = [] if form >= ALONE else [n for n in range(1, total + 1) if n not in example.blanks(form)]
        assert numbered == left


# Replies


@every_example
def test_the_right_number_is_right_as_it_is_shown_too_and_gets_its_formula(example):
    """Shown is what a line says of itself, to the digits that it has there."""
    for form, seed, numbers, number, line in fields(example):
        formula = example.whole(line, numbers)
        for answer in (repr(numbers[line.name]), formula.rpartition(" = ")[2]):
            verdict = example.judge(form, number, answer, seed=seed)
            assert (verdict.outcome, verdict.message) == ("right", f"`{formula}`"), (seed, line.name, answer)


@every_example
def test_every_slip_gets_its_sentence(example):
    for form, seed, numbers, number, line in fields(example):
        for wrong, sentence in line.slips.items():
            verdict = example.judge(form, number, repr(value(wrong, numbers)), seed=seed)
            assert (verdict.outcome, verdict.message) == ("wrong", sentence), (seed, line.name, wrong)


@every_example
def test_no_reply_contains_the_number(example):
    for form, seed, numbers, number, line in fields(example):
        right = numbers[line.name]
        tried = [value(wrong, numbers) for wrong in line.slips] + [right + 0.37, -right, 1e9]
        tried += [numbers[each.name] for each in example.lines]
        slips = [(each.name, value(wrong, numbers)) for each in example.lines for wrong in each.slips]
        tried += [example.follow(numbers, {name: wrong})[line.name] for name, wrong in slips]
        answer = example.whole(line, numbers).rpartition(" = ")[2]
        for got in tried:
            verdict = example.judge(form, number, repr(got), seed=seed)
            if verdict.outcome != "right":
                words = re.sub("`[^`]*`|[uvwabk][0-3]|output [12]|1 - a", "", verdict.message)
                assert answer not in re.findall(r"-?\d+(?:\.\d+)?", words), verdict.message


@every_example
def test_a_slip_is_found_at_the_end_of_the_way(example):
    """Alone the last number is asked for: one that follows from a slip before it is answered as that slip."""
    seen = set()
    for seed in range(30):
        numbers, last = example.numbers(ALONE, seed), example.lines[-1]
        for line in example.lines[:-1]:
            for wrong, sentence in line.slips.items():
                got = example.follow(numbers, {line.name: value(wrong, numbers)})[last.name]
                if not isnan(got) and not near(got, numbers[last.name]):
                    reply = example.judge(ALONE, len(example.lines), repr(got), seed=seed).message
                    if reply.endswith(f"at `{example.shown(line.name)}`: {sentence}"):
                        seen.add((line.name, wrong))
    leads = {name for line in example.lines[-1:] for name in line.sources} & {line.name for line in example.lines}
    assert {name for name, _ in seen} >= {line.name for line in example.lines if line.name in leads and line.slips}


def test_a_number_that_follows_from_a_wrong_one_is_told_so():
    example = examples.MOMENTUM
    numbers = example.numbers(3, 5)
    wrong = numbers["g2"] + 0.5
    follows = example.follow(numbers, {"g2": wrong})
    verdict = example.judge(3, 5, repr(follows["v2"]), {4: repr(wrong)}, seed=5)
    assert verdict.message == "That follows from your `g2`, which is not right yet."


def test_an_unknown_number_is_told_where_it_comes_from():
    assert (
        examples.CHAIN.judge(4, 6, "12345", seed=1).message
        == "Not this number. `dL/dx` comes from `dL/du`, `w`, `dL/dv`."
    )
    assert "lower right" in examples.CONVOLUTION.judge(4, 4, "12345", seed=1).message


@pytest.mark.parametrize(
    "text", ["", "x", "[1, 2]", "1,5", "2 ** 3", "()", "9" * 5000, "1/0", "nan", "__import__('os')", "(" * 300]
)
def test_what_is_no_number_is_not_judged(text):
    verdict = examples.CHAIN.judge(4, 6, text, seed=1)
    assert (verdict.outcome, bool(verdict.message)) == ("not tried", True)


def test_fractions_and_products_and_another_keyboard_are_read():
    example, numbers = examples.CHAIN, examples.CHAIN.numbers(4, 1)
    total = int(numbers["dx"])
    for text in (
        f"{2 * total}/2",
        f"2 * {total} - {total}".replace("- -", "+ "),
        f" {total} ",
        str(total).replace("-", "\N{MINUS SIGN}"),
    ):
        assert example.judge(4, 6, text, seed=1).outcome == "right", text


# The notebook


@pytest.fixture(autouse=True)
def own_answers(path):
    """Each test has an answers file of its own."""


class Panel:
    """A panel used as a reader does."""

    def __init__(self, example=examples.CHAIN):
        self.example = example
        self.made = worked_function(chapter02, example)(example.name).panel(ipywidgets)
        self.place, row, self.problem = self.made.children
        self.back, self.forward = row.children

    @property
    def fields(self):
        return [each for each in self._below if isinstance(each, ipywidgets.Text)]

    @property
    def _below(self):
        return [each for box in self.place.children[1:] for each in box.children]

    @property
    def replies(self):
        at = [self._below.index(field) + 1 for field in self.fields]
        return [self._below[n].value for n in at]


def test_without_widgets_the_complete_example_stands_there(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    bundle = worked_function(chapter02, examples.CHAIN)("chain-on-a-graph")._repr_mimebundle_()
    whole = examples.CHAIN.whole(examples.CHAIN.lines[-1], examples.CHAIN.numbers(COMPLETE))
    assert VIEW not in bundle and whole in bundle["text/plain"] and whole in bundle["text/html"]


def test_unknown_names():
    for name in ("chain", 3, None, []):
        assert "Expected one of the names chain-on-a-graph" in repr(worked_function(chapter02, examples.CHAIN)(name))


def test_an_exam_shows_none(monkeypatch):
    monkeypatch.setenv("COURSE_EXAM", "1")
    shown = worked_function(chapter02, examples.CHAIN)("chain-on-a-graph")
    assert "This is an exam: worked examples are off." in repr(shown) and VIEW not in shown._repr_mimebundle_()


@every_example
def test_from_the_complete_example_to_alone_and_back(example):
    panel = Panel(example)
    fields = []
    for label in (
        "Next: one line is yours",
        "Next: three lines are yours",
        "Next: on your own",
        "Another one, with other numbers",
    ):
        assert panel.forward.description == label
        fields.append(len(panel.fields))
        panel.forward.click()
    assert fields == [0, 1, 3, 1] and len(panel.fields) == 1
    for _ in range(4):
        assert not panel.back.disabled
        panel.back.click()
    assert panel.back.disabled and panel.fields == [] and panel.problem.value == ""


def test_labels_say_which_line():
    panel = Panel()
    panel.forward.click()
    panel.forward.click()
    assert [each.description for each in panel.fields] == ["Line 4: dL/dv =", "Line 5: dL/du =", "Line 6: dL/dx ="]
    panel.forward.click()
    assert [each.description for each in panel.fields] == ["dL/dx ="]


def test_fields_are_judged_and_keep_what_was_typed():
    panel = Panel()
    panel.forward.click()
    panel.forward.click()
    numbers = panel.example.numbers(3)
    first, second, third = panel.fields
    second.value = "12345"
    assert "Not yet" in panel.replies[1] and 'role="status"' in panel.replies[1] and panel.replies[0] == ""
    first.value = repr(numbers["dv"])
    second.value = f"{numbers['v']!r} + {numbers['dv']!r}".replace("+ -", "- ")
    assert "Right" in panel.replies[0] and "Right" in panel.replies[1] and panel.replies[2] == ""
    third.value = "<b>"
    assert "&lt;b&gt;" in panel.replies[2]
    panel.back.click()
    panel.forward.click()
    assert [each.value for each in panel.fields][2] == "<b>" and panel.problem.value == ""


def test_a_line_that_follows_is_judged_anew_when_the_one_above_it_changes():
    panel = Panel(examples.MOMENTUM)
    panel.forward.click()
    panel.forward.click()
    numbers = panel.example.numbers(3)
    g, v, _ = panel.fields
    g.value = repr(numbers["g2"] + 0.25)
    v.value = repr(panel.example.follow(numbers, {"g2": numbers["g2"] + 0.25})["v2"])
    assert "That follows from your" in panel.replies[1]
    g.value = repr(numbers["g2"])
    assert "Right" in panel.replies[0] and "That follows" not in panel.replies[1]


def test_the_stage_is_kept_and_nothing_is_counted():
    panel = Panel()
    panel.forward.click()
    panel.forward.click()
    assert len(Panel().fields) == 3
    [(key, record)] = [each for each in answers.store().items.items() if each[0] != SEED]
    assert (key, record["state"]) == (f"{chapter02.number}/labs/chain-on-a-graph", "3")


@pytest.mark.parametrize("state", ["9", "x", "", "3 3", "-1", "1e3"])
def test_a_stage_that_does_not_exist_is_the_first(state):
    answers.store().put(f"{chapter02.number}/labs/chain-on-a-graph", {"state": state})
    assert Panel().fields == []
