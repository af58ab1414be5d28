"""Chapter 10: every exercise knows right, wrong and not tried, and names the usual mistakes."""

import re

import numpy as np
import pytest
from chapter_files import assigned, cell
from claims import tuning_chapter10 as tuning
from exercise_bank import judged, row_test, solved

from course_lib import numerical_gradient
from course_lib.exercises.chapter10 import chapter
from course_lib.models.language import LanguageModel

LATER = "later = np.triu(np.ones(scores.shape, bool), 1)\n"
ROWS = {
    "causal-weights": [
        (
            LATER + "scores[later] = -np.inf\ne = np.exp(scores)\nreturn e / e.sum(1, keepdims=True)",
            "right",
            "writes into the caller's array `scores`",
        ),
        (
            "s = scores.astype(np.float32)\n" + LATER + "s = np.where(later, np.float32(-np.inf), s)\n"
            "e = np.exp(s - s.max(axis=-1, keepdims=True))\nreturn e / e.sum(axis=-1, keepdims=True)",
            "right",
            "agree",
        ),
    ],
    "one-score": [
        ("one_score = np.array(0.25 * (8 - (2 + 2 - 1)))", "right", "1.25 is right"),
        (3, "wrong", "weighted by the weights themselves"),
    ],
    "leaking-places": [
        (
            {
                "not np.allclose(model(x)[:, :t], model(changed)[:, :t])": "abs(model(x) - model(changed))[:, :t].max() > 1e-6"
            },
            "right",
            "agree",
        ),
        (
            "def leaking_places(model, x, symbols):\n    before = model(x)\n    def leaks(t):\n        other = x.copy()\n"
            "        other[:, t] = (other[:, t] + 1) % symbols\n        return (before != model(other))[:, :t].any()\n"
            "    return sum(leaks(t) for t in range(x.shape[1]))",
            "right",
            "agree",
        ),
        (
            "def leaking_places(model, x, symbols):\n    n = 0\n    for t in range(x.shape[1] - 1, 0, -1):\n"
            "        old = x[:, t].copy()\n        before = model(x)\n        x[:, t] = (old + 1) % symbols\n"
            "        after = model(x)\n        x[:, t] = old\n"
            "        if np.linalg.norm(before[:, :t] - after[:, :t]) > 0:\n            n = n + 1\n    return n",
            "right",
            "agree",
        ),
        (
            "def leaking_places(model, x, symbols):\n    n, t = 0, 1\n    while t < len(x[0]):\n        row = x[:1].copy()\n"
            "        row[0, t] = (row[0, t] + 2) % symbols\n        n += not (model(x[:1])[0, :t] == model(row)[0, :t]).all()\n"
            "        t += 1\n    return np.float32(n)",
            "right",
            "agree",
        ),
        ({"found += not": "if not", "[:, :t])\n": "[:, :t]):\n            return True\n"}, "wrong", "xpected"),
    ],
    "count-parameters": [
        (
            "attention = 3 * (d * d + d) + d * d + d\ndense = d * 4 * d + 4 * d + 4 * d * d + d\n"
            "return float(symbols * d + longest * d + blocks * (attention + dense + 4 * d) + 2 * d)",
            "right",
            "agree",
        ),
        ("return (symbols + longest) * d + blocks * (12 * d^2 + 13 * d) + 2 * d", "wrong", "xpected"),
    ],
    "with-temperature": [
        (
            "z = np.float32(logits) / np.float32(temperature)\ne = np.exp(z - z.max())\nreturn e / e.sum()",
            "right",
            "agree",
        ),
        (
            "logits /= temperature\ne = np.exp(logits)\nreturn e / e.sum()",
            "right",
            "writes into the caller's array `logits`",
        ),
        ("e = np.exp(logits / temperature)\nreturn np.round(e / e.sum(), 4)", "wrong", "a rounded number"),
    ],
}

test_rows = row_test(chapter, ROWS)


def test_one_score_is_what_a_nudge_of_the_score_finds():
    scores, values = np.log([0.5, 0.25, 0.25]), np.array([4.0, 8.0, -4.0])

    def found(params):
        e = np.exp(params[0])
        return e / e.sum() @ values

    np.testing.assert_allclose(numerical_gradient(found, [scores])[0], [0.5, 1.25, -1.75], atol=1e-8)


@pytest.mark.parametrize(("symbols", "longest", "d", "blocks"), [(48, 22, 32, 1), (27, 13, 24, 2)])
def test_a_language_model_has_as_many_parameters_and_a_last_layer(symbols, longest, d, blocks):
    model = LanguageModel(symbols, longest, d, heads=2, blocks=blocks, rng=np.random.default_rng(0))
    counted = solved(chapter.exercises["count-parameters"])(symbols, longest, d, blocks)
    assert sum(p.size for p in model.parameters) == counted + d * symbols + symbols


def test_the_smallest_gpt_2_has_as_many_parameters_as_the_explanation_says():
    exercise = chapter.exercises["count-parameters"]
    assert f"{solved(exercise)(50_257, 1024, 768, 12):,}" in exercise.explanation


def test_a_wrong_count_names_the_model_that_was_tried():
    verdict = judged(chapter.exercises["leaking-places"], lambda model, x, symbols: 0)
    assert "model = mean_of_all\n" in verdict.details


@pytest.mark.parametrize(("causal", "leaking"), [(True, 0), (False, 6)])
def test_the_leaks_of_the_language_model_with_and_without_its_mask(causal, leaking):
    model = LanguageModel(9, 7, 8, causal=causal, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).integers(0, 9, (2, 7))
    assert solved(chapter.exercises["leaking-places"])(lambda texts: model(texts).value, x, 9) == leaking


# The cells train with what the searches have chosen.

NAME = "10_language_model"


def rate_of(side):
    return side.chosen["rate"]


def test_the_parts_are_taken_away_at_the_rates_that_were_chosen():
    sides = {**tuning.PARTS, **tuning.HEADS}
    assert assigned(NAME, "positions-and-heads", "rates") == {
        kind: rate_of(sides[kind]) for kind in ("whole", "no positions", "one head")
    }
    parts = ("attention", "dense part", "shortcut")
    assert assigned(NAME, "block-parts", "part_rates") == {part: rate_of(sides[f"no {part}"]) for part in parts}


def test_the_networks_with_and_without_the_mask_train_at_the_rate_that_was_chosen():
    [default] = re.findall(r"def training_of\(model, data, rate=([\d.]+)", cell(NAME, "cheat").source)
    assert {float(default)} == {rate_of(side) for side in tuning.MASK.values()}
    assert f"steps={tuning.WARM_UP})" in cell(NAME, "cheat").source


def test_one_budget_is_spent_at_the_rates_that_were_chosen():
    source, default = cell(NAME, "one-budget").source, rate_of(tuning.MASK["with the mask"])
    assert f"(x, y), rate={rate_of(tuning.BUDGET['one GRU'])}, seed" in source
    assert rate_of(tuning.BUDGET["blocks"]) == rate_of(tuning.BUDGET["6c"]) == default
    assert source.count("rate=") == 1


def test_the_smallest_and_the_largest_network_of_words_train_at_the_rates_that_were_chosen():
    rates = assigned(NAME, "words", "size_rates")
    assert rates[12] == rate_of(tuning.SIZES["smallest"]) and rates[48] == rate_of(tuning.SIZES["largest"])
