"""The alternative text of a lab's static picture: each number in it is computed, none stands in the sentence itself."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from every_lab import ARGUMENTS

from course_lib import labs
from course_lib.labs.bias import BiasModel
from course_lib.labs.cnn import CNNModel
from course_lib.labs.cost import SIZES, CostModel, passes
from course_lib.labs.drawing import DrawingModel
from course_lib.labs.kernel import KernelModel
from course_lib.labs.listen import ListenModel
from course_lib.labs.overfitting import OverfittingModel
from course_lib.labs.rate_theory import RateTheory
from course_lib.labs.voices import VoicesModel
from course_lib.text import against, measured

LABS = Path(labs.__file__).parent
ROOMS = sorted([*(path.parent for path in LABS.glob("*/model.py")), *LABS.glob("[a-z]*.py")])
HOLE = re.compile(r"\{[^{}]*\}")
# Symbols of a formula, names of a network and of a layer, an interval's level, the unit of a measurement, a singular.
ALLOWED = (
    *("2/λmax", "2/(λmin + λmax)", "2/rate", "1/{", "2/{", "× 10^"),
    *("[1]", "[2]", "[1,1]", "a 2-2-1 network", "95 % interval", "course_lib = 1", "1 step", "layer 1"),
)


def sentences(sources, start="description"):
    """The sentences in a function and in all that it names, in the modules of a room: (where, sentence)."""
    parts = {}  # the body of each function, and the call behind each name of a module
    for source in sources:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                parts.setdefault(node.name, []).append(node.body[bool(ast.get_docstring(node)) :])
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):  # not tables of what can be chosen
                parts.setdefault(ast.unparse(node.targets[0]), []).append([node.value])
    todo, seen = [start], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in (node for part in parts.get(name, ()) for statement in part for node in ast.walk(statement)):
            if isinstance(node, ast.Name | ast.Attribute):
                todo.append(getattr(node, "id", "") or node.attr)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("say", "N_"):
                yield from ((name, part.value) for part in node.args[:1] if isinstance(part, ast.Constant))


def written_numbers(sources):
    """{where: its sentences that hold a number which nothing computes}."""
    found = {}
    for name, sentence in sentences(sources):
        rest = sentence
        for allowed in ALLOWED:
            rest = rest.replace(allowed, "{" if allowed.endswith("{") else "")
        if re.search(r"\d", HOLE.sub("", rest)):
            found.setdefault(name, []).append(sentence)
    return found


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.stem)
def test_each_number_of_an_alternative_text_is_computed(room):
    written = written_numbers(
        [path.read_text(encoding="utf-8") for path in ([room] if room.is_file() else room.glob("*.py"))]
    )
    assert not written, (
        f"{room.name}: expected a {{name}} for each digit in these sentences of the alternative text: {written}"
    )


# What is computed is right


def test_a_bound_is_said_on_the_side_where_the_value_lies():
    assert against(0.98, 0.98, ".0%") == "at least 98%"
    assert against(0.97, 0.98, ".0%") == "below 98%"
    assert against(1000, 1000, ",") == "at least 1,000"
    assert against(0.4, 0.5) == "below 0.5"


@pytest.mark.parametrize(
    ("value", "bounds", "form", "text"),
    [
        (0.9778, [0.97], ".1%", "97.8% (at least 97%)"),
        (6.1e-17, [1e-12], ".2g", "6.1e-17 (below 1e-12)"),
        (np.zeros(3), [1e-12], ".2g", "0 to 0 (below 1e-12)"),
        (0.81, [0.7, 0.95], ".0%", "81% (at least 70%, below 95%)"),
        ([-0.51, 0.2], [0], "+.1f", "-0.5 to +0.2 (on both sides of 0)"),
        (np.nan, [1], ".2g", "nan"),
        ([0.0, 0.2], [0], "+.1f", "+0.0 to +0.2 (at least 0)"),
    ],
)
def test_a_number_is_said_with_the_side_of_its_bounds(value, bounds, form, text):
    assert measured(value, *bounds, form=form) == text


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (KernelModel, ["3 x 3 weights", "6 x 6 numbers"]),
        (DrawingModel, ["of its 64 pixels", "each of the 64 pixels"]),
        (CNNModel, ["16 kernels", "16 feature maps", "10 probabilities"]),
        (ListenModel, ["each of the 10 digits"]),
        (CostModel, ["axes: 1 and 0."]),
        (RateTheory, ["below 1/1,000 after"]),
    ],
)
def test_the_numbers_are_those_of_the_picture(kind, facts):
    needs = {DrawingModel: "drawing_lab", ListenModel: "listen_lab"}
    said = kind(*[ARGUMENTS[needs[kind]]()] if kind in needs else []).description()
    assert [fact for fact in facts if fact not in said] == []


def test_slopes_of_the_counted_passes():
    finite, backprop = np.transpose([passes(size) for size in SIZES])
    assert np.ptp(finite / SIZES) == 0 and np.ptp(backprop) == 0  # slopes 1 and 0


def test_accuracies_of_groups_are_compared_with_their_bounds():
    model = BiasModel()
    while not model.finished:
        model.advance()
    said = model.description()
    first, last = (model.accuracy(model.left_out, model.swept[end][1]) for end in (0, -1))
    others = model.others(model.swept[0][1])
    for accuracy, bound in ((first, 0.75), (others, 0.85), (last, 0.85)):
        assert f"{'at least' if accuracy >= bound else 'below'} {bound:.0%}" in said


@pytest.mark.parametrize(
    ("best", "end", "said"),
    [(200, 2.0, ["loss is below 1,000", "at least 1.5"]), (1000, 1.4, ["loss is at least 1,000", "below 1.5"])],
)
def test_the_rise_of_the_validation_loss(best, end, said):
    model = OverfittingModel()
    model.best, model.validation = (1.0, best, None), [3.0, 1.0, end]
    for fact in said:
        assert fact in model.description()


@pytest.mark.parametrize(
    ("accents", "unheard", "said"),
    [
        (0.97, 0.9, ["at least 95% right", "never heard at least 5 points less"]),
        (0.9, 0.9, ["below 95% right", "never heard below 5 points less"]),
    ],
)
def test_the_shares_of_voices(accents, unheard, said):
    model = VoicesModel()
    for voice in model.shares:
        model.shares[voice] = [accents if voice == "held-out accents" else unheard]
    for fact in said:
        assert fact in model.description()


def test_a_lab_that_has_heard_all_voices_compares_with_none():
    model = VoicesModel()
    model.configure(voices=list(model.shares)[1:])
    assert "there is no share to measure" in model.description()
