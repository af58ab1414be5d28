"""The exercises of chapter 4 against a bank of answers: right ones, typical slips, nonsense."""

import re

import pytest
from chapter_files import cell
from exercise_bank import row_test

from course_lib.exercises.chapter04 import chapter
from course_lib.labs.descent.rate_scan import RATES as TRIED
from course_lib.labs.descent.rate_scan import RateScan
from course_lib.labs.descent.surfaces import SURFACES

RATES = "e = np.linalg.eigvalsh(H)\nreturn "
ROWS = {
    "silu-slope": [
        ("return (z + 1e-6) * sigmoid(z + 1e-6) - z * sigmoid(z)", "wrong", "expected"),
        ("return ((z + 1e-6) * sigmoid(z + 1e-6) - (z - 1e-6) * sigmoid(z - 1e-6)) / 2e-6", "right", "agree"),
    ],
    "rates": [
        (RATES + "[2 / e[-1], 2 / (e[-1] + e[0])]", "right", "agree"),
        (RATES + "np.array([2 / e[-1], 2 / (e[-1] + e[0])])", "right", "agree"),
        (RATES + "2 / (e[-1] + e[0]), 2 / e[-1]", "wrong", "in the order best, limit"),
    ],
    "momentum-step": [
        ("return [w - eta * (beta * v + g), beta * v + g]", "right", "agree"),
        ("return w - eta * (beta * v + g)", "wrong", "expected"),
        ("v += beta * v + g\nw -= eta * v\nreturn w, v", "wrong",
         "expected"),
        ("v *= beta\nv += g\nreturn w - eta * v, v", "right", "array `v`"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def scanned(surface, name, **options):
    scan = RateScan(SURFACES[surface], SURFACES[surface].start, name, **options)
    scan.advance()
    twice = TRIED[scan.steps <= 2 * scan.fewest]
    return int(scan.fewest), f"{twice.min():.2g}", f"{twice.max():.2g}"


@pytest.fixture(scope="module")
def answer():
    """What the chapter says of the race."""
    return cell("04_mathematics", "race-reply").source


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
