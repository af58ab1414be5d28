"""The exercises of chapter 4 against a bank of answers: right ones, typical slips, nonsense."""

import re
from pathlib import Path

import nbformat
import pytest
from exercise_bank import bank_test

from course_lib.exercises.chapter04 import chapter
from course_lib.labs.descent.rate_scan import RATES as TRIED
from course_lib.labs.descent.rate_scan import RateScan
from course_lib.labs.descent.surfaces import SURFACES
from course_lib.ops import logistic

SILU, DELTA = "def silu_slope(z): return ", "def hidden_delta(delta_next, W_next, a): return "
RATES = "def rates(H):\n    e = np.linalg.eigvalsh(H)\n    return "
MOMENTUM = "def momentum_step(w, v, g, eta, beta): return "
BANK = {
    "silu-slope": [
        (SILU + "sigmoid(z) * (1 + z * (1 - sigmoid(z)))", "right", "agree"),
        (SILU + "sigmoid(z) * (1 - sigmoid(z))", "wrong", "product rule adds two terms"),
        (SILU + "sigmoid(z)", "wrong", "in which the sigmoid is differentiated"),
        (SILU + "z * sigmoid(z) * (1 - sigmoid(z))", "wrong", "in which the factor `z`"),
        (SILU + "z * sigmoid(z)", "wrong", "expected"),
        (SILU + "sigmoid(z[0])", "wrong", "shape"),
        (SILU + "z * sigmoid(z)", "wrong", "f(z) itself"),
        (SILU + "sigmoid(z) - z * sigmoid(z) * (1 - sigmoid(z))", "wrong", "subtract them"),
        (SILU + "sigmoid(z) + z * (1 - sigmoid(z)**2)", "wrong", "slope of tanh"),
        ("def silu_slope(z):\n    s = sigmoid(z)\n    return s + z * sigmoid(s) * (1 - sigmoid(s))", "wrong",
         "needs no second sigmoid"),
        (SILU + "(1, sigmoid(z) * (1 - sigmoid(z)))", "wrong", "2 results came back, one is asked for"),
        (SILU + "[sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x)) for x in z]", "wrong", "`np.array(...)` makes an array of it"),
        (SILU + "(z + 1e-6) * sigmoid(z + 1e-6) - z * sigmoid(z)", "wrong", "expected"),
        (SILU + "((z + 1e-6) * sigmoid(z + 1e-6) - (z - 1e-6) * sigmoid(z - 1e-6)) / 2e-6", "right", "agree"),
    ],
    "hidden-delta": [
        (DELTA + "(delta_next @ W_next.T) * (a - a**2)", "right", "agree"),
        (DELTA + "delta_next @ W_next.T", "wrong", "This is dL/da"),
        (DELTA + "delta_next @ W_next.T * (1 - a**2)", "wrong", "slope of tanh"),
        (DELTA + "delta_next @ W_next.T * sigmoid(a) * (1 - sigmoid(a))", "wrong", "already its output"),
        (DELTA + "delta_next @ W_next * a * (1 - a)", "wrong", "ValueError"),
        (DELTA + "(a * (1 - a)).T @ delta_next", "wrong", "shape"),
        (DELTA + "-delta_next @ W_next.T * a * (1 - a)", "wrong", "Only the sign differs"),
        (DELTA + "delta_next @ W_next.T * a * (1 - a) / len(a)", "wrong", "the first delta has that factor already"),
        (DELTA + "delta_next @ W_next.T * (1 - a)", "wrong", "has two factors"),
        (DELTA + "delta_next @ W_next.T * a", "wrong", "has two factors"),
        (DELTA + "a * (1 - a)", "wrong", "What does the next layer hand back"),
        (DELTA + "(W_next @ delta_next.T) * a * (1 - a)", "wrong", "ValueError"),
        (DELTA + "(W_next @ delta_next.T) * (a * (1 - a)).T", "wrong", "Its transpose would fit"),
        (DELTA + "delta_next * W_next * a * (1 - a)", "wrong", "ValueError"),
        (DELTA + "(delta_next @ W_next.T * a * (1 - a)).mean(axis=0)", "wrong", "shape"),
        (DELTA + "np.array([[row @ unit for unit in W_next] for row in delta_next]) * a * (1 - a)", "right", "agree"),
        ("def hidden_delta(delta_next, W_next, a):\n    a *= 1 - a\n    return delta_next @ W_next.T * a", "wrong", "changed"),
    ],
    "rates": [
        (RATES + "2 / max(e), 2 / (max(e) + min(e))", "right", "agree"),
        (RATES + "1 / e[-1], 1 / (e[-1] + e[0])", "wrong", "half as large"),
        (RATES + "1 / e[-1], 2 / (e[-1] + e[0])", "wrong", "The best rate is right. At your limit"),
        (RATES + "2 / e[-1], 2 / e[-1]", "wrong", "swings for ever"),
        (RATES + "2 / e[-1], 1 / (e[-1] + e[0])", "wrong", "The best rate is half as large"),
        (RATES + "1 / e[-1], 1 / e[-1]", "wrong", "that is not yet the limit"),
        (RATES + "2 / e[0], 2 / (e[-1] + e[0])", "wrong", "diverges first"),
        (RATES + "2 / e[-1], 1 / e[-1]", "wrong", "Which rate makes both equally slow"),
        (RATES + "2 / H.max(), 2 / (H.max() + H.min())", "wrong", "The entries of H are no eigenvalues"),
        (RATES + "[2 / e[-1], 2 / (e[-1] + e[0])]", "right", "agree"),
        (RATES + "np.array([2 / e[-1], 2 / (e[-1] + e[0])])", "right", "agree"),
        (RATES + "2 / (e[-1] + e[0]), 2 / e[-1]", "wrong", "in the order best, limit"),
        (RATES + "np.array([2 / (e[-1] + e[0]), 2 / e[-1]])", "wrong", "in the order best, limit"),
        (RATES.replace("eigvalsh", "eigvals") + "2 / e[-1], 2 / (e[-1] + e[0])", "wrong", "in no particular order"),
        (RATES.replace("eigvalsh", "eigvals") + "2 / e[0], 2 / (e[-1] + e[0])", "wrong", "in no particular order"),
        (RATES.replace("eigvalsh", "eigvals") + "2 / max(e), 2 / (max(e) + min(e))", "right", "agree"),
        (RATES + "2 / e[-1], 2 / sum(e)", "wrong", "sum of all eigenvalues"),
        (RATES + "2 / e[-1], 1 / e[0]", "wrong", "the flat direction arrives in one step"),
        (RATES + "2 / e[-1], 2 / (e[-1] - e[0] + 0 * 1) if e[-1] != e[0] else 0", "wrong", "which sign has each"),
        (RATES + "2 / np.linalg.norm(H), 2 / (e[-1] + e[0])", "wrong", "mixes all eigenvalues"),
        (RATES + "2 / e[-1], (e[-1] - e[0]) / (e[-1] + e[0])", "wrong", "Asked for is the rate"),
        (RATES + "2 / e, 2 / (e[-1] + e[0])", "wrong", "expected one number"),
        (RATES + "{'limit': 2 / e[-1], 'best': 2 / (e[-1] + e[0])}", "wrong", "expected 2 results"),
        (RATES + "2 / e[-1]", "wrong", "expected 2 results (limit, best)"),
        ("def rates(H):\n    d = np.diag(H)\n    return 2 / d.max(), 2 / (d.max() + d.min())", "wrong", "on the diagonal"),
    ],
    "momentum-step": [
        (MOMENTUM + "(w - eta * beta * v - eta * g, g + beta * v)", "right", "agree"),
        (MOMENTUM + "(w - eta * v, beta * v + g)", "wrong", "velocity from before"),
        (MOMENTUM + "(w - eta * (beta * v + (1 - beta) * g), beta * v + (1 - beta) * g)", "wrong", "That is an average"),
        (MOMENTUM + "(w + eta * (beta * v + g), beta * v + g)", "wrong", "Which way does a gradient point?"),
        (MOMENTUM + "(w - eta * (beta * v - g), beta * v - g)", "wrong", "two minus signs"),
        (MOMENTUM + "(w + eta * (beta * v - g), beta * v - g)", "wrong", "The minus sign stands in your velocity"),
        (MOMENTUM + "(w + beta * v + eta * g, beta * v + eta * g)", "wrong", "and it goes uphill"),
        (MOMENTUM + "(w - eta * g, beta * v + g)", "wrong", "with the gradient alone"),
        (MOMENTUM + "(beta * v + g, w - eta * (beta * v + g))", "wrong", "in the order v, w"),
        (MOMENTUM + "[w - eta * (beta * v + g), beta * v + g]", "right", "agree"),
        (MOMENTUM + "(w - beta * v - eta * g, beta * v + eta * g)", "wrong", "v is a step, with eta inside"),
        (MOMENTUM + "(w + beta * v - eta * g, beta * v - eta * g)", "wrong", "v is a step, with eta and the sign inside"),
        (MOMENTUM + "(w - beta * v - g, beta * v + g)", "wrong", "How long a step is"),
        (MOMENTUM + "(w - eta * (v + g), v + g)", "wrong", "never fades"),
        (MOMENTUM + "(w - eta * (beta * v + g), v)", "wrong", "the next step needs the new one"),
        (MOMENTUM + "(w - eta * (v + beta * g), v + beta * g)", "wrong", "applied it to the gradient"),
        (MOMENTUM + "w - eta * (beta * v + g)", "wrong", "expected"),
        ("def momentum_step(w, v, g, eta, beta):\n    v += beta * v + g\n    w -= eta * v\n    return w, v", "wrong",
         "expected"),
        ("def momentum_step(w, v, g, eta, beta):\n    v *= beta\n    v += g\n    return w - eta * v, v", "wrong", "changed"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK, sigmoid=logistic)


def scanned(surface, name, **options):
    scan = RateScan(SURFACES[surface], SURFACES[surface].start, name, **options)
    scan.advance()
    twice = TRIED[scan.steps <= 2 * scan.fewest]
    return int(scan.fewest), f"{twice.min():.2g}", f"{twice.max():.2g}"


@pytest.fixture(scope="module")
def answer():
    """What the chapter says of the race."""
    path = Path(__file__).resolve().parents[2] / "notebooks" / "en" / "04_mathematics.ipynb"
    (text,) = (cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id == "race-reply")
    return text


@pytest.mark.parametrize("name", ["GradientDescent", "Momentum", "RMSProp", "Adam"])
def test_the_steps_and_the_ranges_that_the_race_is_said_to_show(answer, name):
    steps, low, high = scanned("valley", name)
    assert re.search(rf"\b{steps}\b", answer)
    assert name == "RMSProp" or f"{low} to {high}" in answer.replace("from ", "")


def test_who_wins_after_a_change_of_beta_and_in_the_narrow_valley(answer):
    assert f"$\\beta = 0.5$, {scanned('valley', 'Momentum', beta=0.5)[0]} steps" in answer
    steps = {name: scanned("rosenbrock", name)[0] for name in ("GradientDescent", "Momentum", "Adam")}
    assert steps["Momentum"] == steps["Adam"] and f"with {steps['Adam']} steps each" in answer
    assert f"needs {steps['GradientDescent']:,}" in answer
