"""Chapter 9: every exercise knows right, wrong and not tried, and its cells train as the searches have found."""

import re

import pytest
from chapter_files import assigned, cell
from claims import tuning_chapter09 as tuning
from exercise_bank import row_test

from course_lib.exercises.chapter09 import chapter

ROWS = {
    "equal-budget": [
        ("return int((budget - classes) / (inputs + classes + 1))", "right", "agree"),
        ("return budget // inputs", "wrong", "expected 25"),
    ],
    "log-uniform": [
        ("return 10 ** rng.uniform(np.log10(low), np.log10(high))", "right", "about a quarter"),
        ("return low * (high / low) ** rng.random()", "right", "about a quarter"),
        ("return rng.uniform(low, high)", "wrong", "Draw the exponent uniformly"),
        ("return rng.uniform(np.log(low), np.log(high))", "wrong", "logarithms of rates"),
        ("return np.exp(rng.uniform(low, high))", "wrong", "between low and high"),
        ("return np.sqrt(low * high)", "wrong", "same rate, 0.1. Draw from `rng`"),
        (
            "return np.clip(rng.uniform(np.log(low), np.log(high)), high, low)",
            "wrong",
            "What becomes of the number that was drawn",
        ),
        ("return low * (high / low) ** np.random.default_rng(0).random()", "wrong", "same rate"),
        ("return low * (high / low) ** (rng.random() ** 2)", "wrong", "each should get a quarter"),
        ("return low * (high / low) ** rng.random(3)", "wrong", "shape (3,)"),
        ("return 10 ** rng.uniform(-3, 1)", "wrong", "use both arguments, as they are?"),
        ("return 10 ** rng.uniform(int(np.log10(low)), int(np.log10(high)))", "wrong", "round their logarithms"),
        ("return low * (high / low) ** np.random.random()", "wrong", "draws from `np.random`"),
        ("return low * (high / low) ** __import__('random').random()", "wrong", "draws from `random`"),
        ("return low * (high / low) ** np.random.default_rng().random()", "wrong", "same seed"),
        ("return [low * (high / low) ** rng.random()]", "wrong", "a list. Return the number itself"),
        ("return low * 10.0 ** rng.integers(0, 1 + round(np.log10(high / low)))", "wrong", "only 5 different rates"),
        (
            "return rng.uniform(1, 10) * 10.0 ** rng.integers(round(np.log10(low)), round(np.log10(high)))",
            "wrong",
            "in the lower half",
        ),
        ("return rng.choice(np.geomspace(low, high, 1000))", "wrong", "different rates, but the rates between"),
        ("return np.array([low * (high / low) ** rng.random()])", "right", "about a quarter"),
    ],
}

test_rows = row_test(chapter, ROWS)


def test_59_trials_are_enough_and_58_are_not():
    assert 0.95**59 <= 0.05 < 0.95**58


# The cells train with what the searches have chosen.

CALLED = {"GradientDescent": "gradient descent", "Adam": "Adam"}  # as the searches call them


@pytest.mark.parametrize(("name", "search"), [("settings", tuning.NETWORKS_ON_FOUR), ("hurry", tuning.EIGHT_EPOCHS)])
def test_the_four_networks_train_with_the_settings_that_were_chosen(name, search):
    for network, setting in assigned("09_faq", "train-all", name, **CALLED).items():
        assert setting == tuple(search.sides[network].chosen.values())


def test_the_deep_networks_train_at_the_rates_that_were_chosen():
    runs = assigned("09_faq", "deep", "deep_runs", **CALLED)
    for depth, both, start, optimizer, rate in runs.values():
        kind = "5 layers" if depth == 5 else "both" if both else "plain from Glorot" if start == "Glorot" else "plain"
        side = tuning.DEEP.sides[kind if optimizer == "gradient descent" else f"{kind}, {optimizer}"]
        assert rate == side.chosen["rate"]
    assert len(runs) == 5


def test_every_line_of_the_checklist_points_to_an_experiment():
    lines = re.findall(r"^\d+\. .+$", cell("09_faq", "checklist").source, re.MULTILINE)
    assert len(lines) >= 8
    assert [line for line in lines if not re.search(r"\]\((\w+\.ipynb)?#[^)]+\)", line)] == []
