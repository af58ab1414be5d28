"""Chapter 10: every exercise knows right, wrong and not tried, and names the usual mistakes."""

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from claims import tuning_chapter10 as tuning
from exercise_bank import judged, row_test, solved

from course_lib import numerical_gradient
from course_lib.exercises.chapter10 import chapter
from course_lib.models.language import LanguageModel

FOLDER = Path(__file__).parents[2] / "notebooks" / "en"


def weights(*lines):
    return "\n    ".join(("def causal_weights(scores):", *lines))


def places(*lines, change="(x[:, t] + 1) % symbols", copied="x.copy()"):
    """The lines stand in the loop, behind those that make the changed text."""
    head = ("def leaking_places(model, x, symbols):", "    found = 0", "    for t in range(1, x.shape[1]):")
    loop = (f"changed = {copied}", f"changed[:, t] = {change}", *lines)
    return "\n".join((*head, *(f"        {line}" for line in loop), "    return found"))


def counted(*lines):
    return "\n    ".join(("def count_parameters(symbols, longest, d, blocks):", *lines))


def tempered(*lines):
    return "\n    ".join(("def with_temperature(logits, temperature):", *lines))


LATER = "later = np.triu(np.ones(scores.shape, bool), 1)"
ROWS = {
    "causal-weights": [
        (weights("e = np.tril(np.exp(scores))", "return e / e.sum(axis=1, keepdims=True)"), "right", "agree"),
        (weights("e = np.exp(scores) * np.tri(len(scores))", "return e / e.sum(1)[:, None]"), "right", "agree"),
        (
            weights(LATER, "scores[later] = -np.inf", "e = np.exp(scores)", "return e / e.sum(1, keepdims=True)"),
            "right",
            "writes into the caller's array `scores`",
        ),
        (
            weights(
                LATER, "s = scores - 1e9 * later", "e = np.exp(s - s.max(1)[:, None])", "return (e.T / e.sum(1)).T"
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "w = np.zeros_like(scores)",
                "for i in range(len(scores)):",
                "    e = np.exp(scores[i, : i + 1])",
                "    w[i, : i + 1] = e / e.sum()",
                "return w",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "n = len(scores)",
                "w = np.zeros((n, n))",
                "for i in range(n):",
                "    total = sum(np.exp(scores[i, j]) for j in range(i + 1))",
                "    for j in range(i + 1):",
                "        w[i, j] = np.exp(scores[i, j]) / total",
                "return w",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "s = scores.astype(np.float32)",
                LATER,
                "s = np.where(later, np.float32(-np.inf), s)",
                "e = np.exp(s - s.max(axis=-1, keepdims=True))",
                "return e / e.sum(axis=-1, keepdims=True)",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "rows = []",
                "for i, row in enumerate(scores):",
                "    e = [np.exp(s) if j <= i else 0.0 for j, s in enumerate(row)]",
                "    rows.append([v / sum(e) for v in e])",
                "return np.array(rows)",
            ),
            "right",
            "agree",
        ),
        (
            weights("e = np.exp(scores) * np.tri(len(scores))", "return np.einsum('ij,i->ij', e, 1 / e.sum(axis=1))"),
            "right",
            "agree",
        ),
        (
            weights(
                "s = np.ma.array(scores, mask=np.triu(np.ones(scores.shape), 1))",
                "e = np.exp(s)",
                "return (e / e.sum(axis=1, keepdims=True)).filled(0)",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "e = np.exp(scores)", "e[np.triu_indices(len(scores), 1)] = 0", "return e / np.sum(e, 1, keepdims=True)"
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "s = np.where(np.tri(len(scores)) == 1, scores, float('-inf'))",
                "return np.exp(s - np.logaddexp.reduce(s, axis=1, keepdims=True))",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "i = np.arange(len(scores))",
                "e = np.where(i[None, :] <= i[:, None], np.exp(scores), 0)",
                "return e / (e @ np.ones((len(scores), 1)))",
            ),
            "right",
            "agree",
        ),
        (
            weights(
                "w = np.apply_along_axis(lambda s: np.exp(s) / np.exp(s).sum(), 1, scores)",
                "w = np.tril(w)",
                "return w / w.sum(axis=1, keepdims=True)",
            ),
            "right",
            "agree",
        ),
        (
            weights("e = np.exp(scores) * np.tril(np.ones_like(scores))", "return np.diag(1 / e.sum(axis=1)) @ e"),
            "right",
            "agree",
        ),
        (
            weights(
                "e = np.exp2(scores / np.log(2)) * np.tri(*scores.shape)",
                "e /= e.sum(axis=1, keepdims=True)",
                "return e",
            ),
            "right",
            "agree",
        ),
        (weights("return np.tril(np.exp(scores))"), "wrong", "divides by the sum of each row"),
        (weights("e = np.triu(np.exp(scores))", "return e / e.sum(axis=1, keepdims=True)"), "wrong", "other way round"),
        (weights("e = np.exp(scores)", "return e / e.sum(axis=1, keepdims=True)"), "wrong", "without a mask"),
        (weights("e = np.exp(scores)", "return e / e.sum()"), "wrong", "later places have some of them"),
        (weights("e = np.tril(np.exp(scores))", "return e / e.sum()"), "wrong", "together add up to 1"),
        (weights("e = np.tril(np.exp(scores))", "return e / e.sum(axis=0)"), "wrong", "columns add up to 1"),
        (weights("e = np.tril(np.exp(scores))", "return e / e.sum(axis=1)"), "wrong", "meets its own"),
        (
            weights("e = np.tril(np.exp(scores), -1)", "return e / e.sum(axis=1, keepdims=True)"),
            "wrong",
            "each place from itself",
        ),
        (
            weights("e = np.tril(np.exp(scores), 1)", "return e / e.sum(axis=1, keepdims=True)"),
            "wrong",
            "the one after it",
        ),
        (weights("e = np.exp(np.tril(scores))", "return e / e.sum(axis=1, keepdims=True)"), "wrong", "e^0 = 1"),
        (
            weights("e = np.exp(scores)", "return np.tril(e / e.sum(axis=1, keepdims=True))"),
            "wrong",
            "no longer adds up to 1",
        ),
        (
            weights("e = np.tril(np.exp(scores))", "return (e / e.sum(axis=1, keepdims=True)).T"),
            "wrong",
            "changed places",
        ),
        (weights("return np.tri(len(scores))"), "wrong", "the mask alone"),
        (weights("m = np.tri(len(scores))", "return m / m.sum(axis=1, keepdims=True)"), "wrong", "evenly"),
        (weights("return np.tril(scores)"), "wrong", "softmax is missing"),
        (weights("s = np.tril(scores)", "return s / s.sum(axis=1, keepdims=True)"), "wrong", "exponentials first"),
        (
            weights("e = np.tril(np.exp(scores))", "return (e / e.sum(axis=1, keepdims=True)).tolist()"),
            "wrong",
            "`np.array(...)` makes an array of it.",
        ),
        (weights("return scores[-1]"), "wrong", "shape"),
        (
            weights("e = np.tril(np.exp(scores))", "return e / e.sum(axis=1, keepdims=True) @ scores"),
            "wrong",
            "xpected",
        ),
        (weights("e = np.tril(math.exp(scores))", "return e"), "wrong", "`import math` is missing"),
        (
            weights("return softmax(np.where(np.tri(len(scores)), scores, -np.inf))"),
            "wrong",
            "'softmax' is not defined",
        ),
        (
            weights(
                "scores[np.triu_indices(4, 1)] = -np.inf", "e = np.exp(scores)", "return e / e.sum(1, keepdims=True)"
            ),
            "wrong",
            "It stopped in line 2",
        ),
    ],
    "one-score": [
        (1.25, "right", "1.25 is right"),
        ("one_score = np.array(0.25 * (8 - (2 + 2 - 1)))", "right", "1.25 is right"),
        (
            "w = np.array([.5, .25, .25])\nv = np.array([4., 8, -4])\none_score = (w * (v - w @ v))[1]",
            "right",
            "1.25 is right",
        ),
        ("one_score = [0.5, 1.25, -1.75]", "wrong", "Expected one number"),
        (8, "wrong", "the gradient for the weight"),
        (3, "wrong", "weighted by the weights themselves"),
        (-1.25, "wrong", "grow or fall"),
    ],
    "leaking-places": [
        (places("if (model(x)[:, :t] != model(changed)[:, :t]).any():", "    found += 1"), "right", "agree"),
        (places("found += not np.array_equal(model(x)[:, :t], model(changed)[:, :t])"), "right", "agree"),
        (places("found += np.abs(model(x) - model(changed))[:, :t].max() > 1e-6"), "right", "agree"),
        (places("found += bool(np.any(np.abs(model(x)[:, :t] - model(changed)[:, :t]) > 1e-9))"), "right", "agree"),
        (
            places("same = np.isclose(model(x), model(changed))", "found += int(not same[:, :t].all())"),
            "right",
            "agree",
        ),
        (
            places(
                "if not np.allclose(model(x)[:, :t], model(changed)[:, :t]):",
                "    found += 1",
                change="(x[:, t] - 1) % symbols",
            ),
            "right",
            "agree",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", change="symbols - 1 - x[:, t]"),
            "wrong",
            "Make sure that it is another one",
        ),
        (
            places(
                "found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])",
                change="(x[:, t] + np.random.default_rng(t).integers(1, symbols, len(x))) % symbols",
            ),
            "right",
            "agree",
        ),
        (
            places(
                "found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])",
                change="np.where(x[:, t] == 0, 1, 0)",
            ),
            "right",
            "agree",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", copied="np.array(x)"),
            "right",
            "agree",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", copied="np.array(x.tolist())"),
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
            "def leaking_places(model, x, symbols):\n    places = set()\n    for t in range(x.shape[1]):\n"
            "        for s in range(symbols):\n            other = x.copy()\n            other[:, t] = s\n"
            "            if not np.allclose(model(x)[:, :t], model(other)[:, :t]):\n                places.add(t)\n"
            "    return len(places)",
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
        (
            "def leaking_places(model, x, symbols):\n    shift = (x + 1) % symbols\n    eye = np.eye(x.shape[1], dtype=bool)\n"
            "    moved = [abs(model(np.where(eye[t], shift, x)) - model(x)).max(axis=(0, 2)) for t in range(x.shape[1])]\n"
            "    return np.count_nonzero(np.tril(moved, -1).max(axis=1))",
            "right",
            "agree",
        ),
        (
            "def leaking_places(model, x, symbols):\n    n = 0\n    for t in range(1, x.shape[1]):\n"
            "        for i in range(t):\n            y = x.copy()\n            y[:, t] = (y[:, t] + 1) % symbols\n"
            "            if not np.allclose(model(x)[:, i], model(y)[:, i]):\n                n += 1\n                break\n"
            "    return n",
            "right",
            "agree",
        ),
        # wrong
        (
            places("x[:, t] = changed[:, t]", "found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])"),
            "wrong",
            "xpected",
        ),
        (
            "def leaking_places(model, x, symbols):\n    n = 0\n    for t in range(1, x.shape[1]):\n        before = model(x)\n"
            "        x[:, t] = (x[:, t] + 1) % symbols\n        n += not np.allclose(before[:, :t], model(x)[:, :t])\n"
            "    return n",
            "wrong",
            "The results are right, but your function changed its argument `x`",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", copied="x"),
            "wrong",
            "Take a copy",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", copied="x[:]"),
            "wrong",
            "Take a copy",
        ),
        (places("found += model(x)[:, :t] != model(changed)[:, :t]"), "wrong", "shape"),
        (places("found += (model(x)[:, :t] != model(changed)[:, :t]).sum()"), "wrong", "counted the logits"),
        (places("found += not np.allclose(model(x), model(changed))"), "wrong", "after it, because they look back"),
        (places("found += not np.allclose(model(x)[:, t:], model(changed)[:, t:])"), "wrong", "they look back"),
        (places("found += np.allclose(model(x)[:, :t], model(changed)[:, :t])"), "wrong", "do not leak"),
        (places("if not np.allclose(model(x)[:, :t], model(changed)[:, :t]):", "    return True"), "wrong", "xpected"),
        (
            places("if not np.allclose(model(x)[:, :t], model(changed)[:, :t]):", "    return 1"),
            "wrong",
            "never count beyond 1",
        ),
        (
            places("found += not np.allclose(model(x)[:, t - 1], model(changed)[:, t - 1])"),
            "wrong",
            "jumps over a place",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", change="0"),
            "wrong",
            "another one",
        ),
        (
            places("found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])", change="x[:, t] + 1"),
            "wrong",
            "IndexError",
        ),
        (
            places("found += not np.allclose(model(x).value[:, :t], model(changed).value[:, :t])"),
            "wrong",
            "these are plain numbers already",
        ),
        (places("found += not np.allclose(model(x)[:t], model(changed)[:t])"), "wrong", "they look back"),
        (places("raise ValueError('a leak')"), "wrong", "ValueError: a leak"),
        ("def leaking_places(model, x, symbols):\n    return model(x)", "wrong", "one number"),
        ("def leaking_places(model, x, symbols):\n    return 0", "wrong", "no leak in any model"),
        ("def leaking_places(model, x, symbols):\n    return x.shape[1] - 1", "wrong", "xpected"),
        ("def leaking_places(model, x):\n    return 0", "wrong", "3 arguments (model, x, symbols)"),
        (
            "def leaking_places(model, x, symbols):\n    for t in range(1, x.shape[1]):\n        model(x)",
            "not tried",
            "returns nothing yet",
        ),
    ],
    "count-parameters": [
        (counted("return (symbols + longest) * d + blocks * (12 * d**2 + 13 * d) + 2 * d"), "right", "agree"),
        (
            counted(
                "n = symbols * d + longest * d",
                "for _ in range(blocks):",
                "    n += 4 * (d * d + d) + 8 * d * d + 5 * d + 4 * d",
                "return n + 2 * d",
            ),
            "right",
            "agree",
        ),
        (counted("return d * (symbols + longest + blocks * (12 * d + 13) + 2)"), "right", "agree"),
        (
            counted(
                "attention = 3 * (d * d + d) + d * d + d",
                "dense = d * 4 * d + 4 * d + 4 * d * d + d",
                "return float(symbols * d + longest * d + blocks * (attention + dense + 4 * d) + 2 * d)",
            ),
            "right",
            "agree",
        ),
        (
            counted(
                "shapes = [(symbols, d), (longest, d), (d,), (d,)]",
                "shapes += blocks * [(d, 3 * d), (3 * d,), (d, d), (d,), (d, 4 * d), (4 * d,), (4 * d, d), *5 * [(d,)]]",
                "return sum(np.prod(shape) for shape in shapes)",
            ),
            "right",
            "agree",
        ),
        (counted("return (symbols + longest + 2) * d + blocks * d * (12 * (d + 1) + 1)"), "right", "agree"),
        (
            counted(
                "block = sum((4 * (d * d + d), d * 4 * d + 4 * d, 4 * d * d + d, 2 * d, 2 * d))",
                "total = 0",
                "for part in [symbols * d, longest * d, *[block] * blocks, d, d]:",
                "    total += part",
                "return total",
            ),
            "right",
            "agree",
        ),
        (
            counted(
                "dense = np.array([[d, d]] * 4 + [[d, 4 * d], [4 * d, d]])",
                "block = dense.prod(axis=1).sum() + dense[:, 1].sum() + 4 * d",
                "return np.int64(d * (symbols + longest)) + blocks * block + 2 * d",
            ),
            "right",
            "agree",
        ),
        (
            counted(
                "def dense(m, n):",
                "    return (m + 1) * n",
                "def block():",
                "    return 4 * dense(d, d) + dense(d, 4 * d) + dense(4 * d, d) + 4 * d",
                "return d * symbols + d * longest + 2 * d + blocks * block()",
            ),
            "right",
            "agree",
        ),
        (
            counted(
                "if blocks == 0:",
                "    return (symbols + longest + 2) * d",
                "return 12 * d**2 + 13 * d + count_parameters(symbols, longest, d, blocks - 1)",
            ),
            "right",
            "agree",
        ),
        (
            counted(
                "table, block = np.zeros((symbols + longest, d), bool), 12.0 * d * d + 13 * d",
                "return table.size + block * blocks + 2 * d",
            ),
            "right",
            "agree",
        ),
        (counted("return np.dot([symbols + longest + 13 * blocks + 2, 12 * blocks], [d, d**2])"), "right", "agree"),
        (counted("return np.polyval([12 * blocks, symbols + longest + 13 * blocks + 2, 0], d)"), "right", "agree"),
        (
            counted("return (lambda m: symbols * d + longest * d + m * blocks + d * 2)(d * (d * 12 + 13))"),
            "right",
            "agree",
        ),
        (
            counted(
                "n = d * (symbols + longest)",
                "n += blocks * (4 * d * d + 4 * d)   # attention",
                "n += blocks * (8 * d * d + 5 * d)   # dense",
                "n += (2 * blocks + 1) * 2 * d        # norms",
                "return n",
            ),
            "right",
            "agree",
        ),
        (
            counted("return np.array([symbols * d + longest * d + blocks * (12 * d * d + 13 * d) + 2 * d])"),
            "wrong",
            "Leave out the brackets",
        ),
        (
            counted("return (symbols + longest) * d + blocks * (12 * d**2 + 13 * d) + 2 * d + symbols * d"),
            "wrong",
            "uses the table of symbols for it",
        ),
        (
            counted("return (symbols + longest) * d + blocks * (12 * d**2 + 13 * d) + 2 * d + symbols"),
            "wrong",
            "no biases in GPT-2",
        ),
        (
            counted("return (symbols + longest) * d + blocks * (12 * d**2 + 4 * d) + 2 * d"),
            "wrong",
            "biases of the dense layers",
        ),
        (counted("return (symbols + longest) * d + blocks * (12 * d**2 + 9 * d)"), "wrong", "The norms are missing"),
        (
            counted("return (symbols + longest) * d + blocks * (12 * d**2 + 11 * d) + d"),
            "wrong",
            "biases besides its gains",
        ),
        (
            counted("return (symbols + longest) * d + blocks * (11 * d**2 + 12 * d) + 2 * d"),
            "wrong",
            "a fourth dense layer",
        ),
        (counted("return longest * d + blocks * (12 * d**2 + 13 * d) + 2 * d"), "wrong", "rows for the symbols"),
        (counted("return symbols * d + blocks * (12 * d**2 + 13 * d) + 2 * d"), "wrong", "rows for the places"),
        (counted("return symbols + longest + blocks * (12 * d**2 + 13 * d) + 2 * d"), "wrong", "has d numbers"),
        (counted("return (symbols + longest) * d + blocks * (12 * d**2 + 15 * d)"), "wrong", "comes once"),
        (counted("return blocks * ((symbols + longest) * d + 12 * d**2 + 13 * d + 2 * d)"), "wrong", "Only the blocks"),
        (counted("return (symbols + longest) * d + 2 * d"), "wrong", "The blocks are missing"),
        (counted("return (symbols + longest) * d + blocks * 12 * (d**2 + d) + 2 * d"), "wrong", "xpected"),
        (counted("return (symbols + longest) * d + blocks * 12 * d**2"), "wrong", "and the norms are missing"),
        (
            counted("return (symbols + longest) * d + blocks * (12 * d**2 + 2 * d) + d"),
            "wrong",
            "All biases are missing",
        ),
        (counted("return blocks * (12 * d**2 + 13 * d) + 2 * d"), "wrong", "two tables are missing"),
        (counted("return (symbols + longest) * d + 12 * d**2 + 13 * d + 2 * d"), "wrong", "right for one block"),
        (
            counted("return (symbols + longest) * d + blocks * (4 * d**2 + 8 * d) + 2 * d"),
            "wrong",
            "4d -> d are missing",
        ),
        (counted("return (symbols + longest) * d + blocks * (12 * d**2 + 13 * d)"), "wrong", "after the last block"),
        (
            counted("return f'{(symbols + longest) * d + blocks * (12 * d**2 + 13 * d) + 2 * d:,}'"),
            "wrong",
            "A text is no number",
        ),
        (counted("return (symbols + longest) * d + blocks * (12 * d^2 + 13 * d) + 2 * d"), "wrong", "xpected"),
    ],
    "with-temperature": [
        (tempered("e = np.exp(logits / temperature)", "return e / e.sum()"), "right", "agree"),
        (
            tempered(
                "p = np.exp(logits - logits.max())", "p = (p / p.sum()) ** (1 / temperature)", "return p / p.sum()"
            ),
            "right",
            "agree",
        ),
        (tempered("z = (logits - logits.max()) / temperature", "return np.exp(z) / np.exp(z).sum()"), "right", "agree"),
        (
            tempered(
                "z = np.float32(logits) / np.float32(temperature)", "e = np.exp(z - z.max())", "return e / e.sum()"
            ),
            "right",
            "agree",
        ),
        (tempered("z = logits / temperature", "return np.exp(z - np.logaddexp.reduce(z))"), "right", "agree"),
        (
            tempered("z = logits / temperature", "return np.array([1 / np.exp(z - v).sum() for v in z])"),
            "right",
            "agree",
        ),
        (tempered("e = np.array([np.e ** (v / temperature) for v in logits])", "return e / sum(e)"), "right", "agree"),
        (
            tempered("e = np.exp(np.divide(logits, temperature))", "return np.einsum('i,->i', e, 1 / e.sum())"),
            "right",
            "agree",
        ),
        (
            tempered("e = np.exp(logits) ** (1 / temperature)", "return e / e.sum(axis=-1, keepdims=True)"),
            "right",
            "agree",
        ),
        (
            tempered(
                "import math", "e = [math.exp(v / temperature) for v in logits]", "return np.array(e) / math.fsum(e)"
            ),
            "right",
            "agree",
        ),
        (
            tempered("z = logits * (1 / temperature)", "z = z - np.mean(z)", "return np.exp(z) / np.exp(z).sum()"),
            "right",
            "agree",
        ),
        (
            tempered("logits /= temperature", "e = np.exp(logits)", "return e / e.sum()"),
            "right",
            "writes into the caller's array `logits`",
        ),
        (
            tempered("z = logits[None] / temperature", "e = np.exp(z)", "return (e / e.sum(axis=1))[0]"),
            "right",
            "agree",
        ),
        (
            tempered(
                "e = np.exp(logits / temperature)",
                "out = np.zeros(len(e))",
                "for i in range(len(e)):",
                "    out[i] = e[i] / np.sum(e)",
                "return out",
            ),
            "right",
            "agree",
        ),
        (
            tempered("e = np.exp2(logits / temperature / np.log(2))", "e /= np.linalg.norm(e, 1)", "return e"),
            "right",
            "agree",
        ),
        (tempered("e = np.exp(logits * temperature)", "return e / e.sum()"), "wrong", "multiplied by the temperature"),
        (tempered("e = np.exp(logits) / temperature", "return e / e.sum()"), "wrong", "out again"),
        (tempered("e = np.exp(logits)", "return e / e.sum()"), "wrong", "at temperature 1"),
        (tempered("e = np.exp(logits)", "return e / e.sum() / temperature"), "wrong", "Divide the logits"),
        (tempered("return np.exp(logits / temperature)"), "wrong", "do not add up to 1"),
        (tempered("return logits / temperature"), "wrong", "softmax is missing"),
        (tempered("e = np.exp(logits - temperature)", "return e / e.sum()"), "wrong", "at temperature 1"),
        (tempered("e = np.exp(logits / temperature**2)", "return e / e.sum()"), "wrong", "square of the temperature"),
        (tempered("z = logits / temperature", "return z / z.sum()"), "wrong", "exponentials first"),
        (tempered("e = np.exp(logits / temperature)", "return e / e.max()"), "wrong", "do not add up to 1"),
        (tempered("e = np.exp(-logits / temperature)", "return e / e.sum()"), "wrong", "minus sign"),
        (tempered("p = np.exp(logits) / np.exp(logits).sum()", "return p ** (1 / temperature)"), "wrong", "to a power"),
        (tempered("p = np.exp(logits / temperature)", "return np.log(p / p.sum())"), "wrong", "logarithms"),
        (tempered("p = np.exp(logits / temperature)", "return (p / p.sum()).argmax()"), "wrong", "shape"),
        (
            tempered(
                "p = np.exp(logits / temperature)", "return np.random.default_rng(0).choice(len(p), p=p / p.sum())"
            ),
            "wrong",
            "shape",
        ),
        (tempered("e = np.exp(logits / temperature)", "return list(e / e.sum())"), "wrong", "makes an array of it"),
        (tempered("e = np.exp(logits / temperature)", "return np.round(e / e.sum(), 4)"), "wrong", "a rounded number"),
        (tempered("return np.ones(len(logits)) / len(logits)"), "wrong", "xpected"),
        (tempered("e = np.exp(logits // temperature)", "return e / e.sum()"), "wrong", "rounds down"),
        (tempered("e = np.exp(logits) / np.exp(temperature)", "return e / e.sum()"), "wrong", "at temperature 1"),
        (tempered("return (logits == logits.max()) * 1.0"), "wrong", "as temperature 0 does"),
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


# The cells train with what the searches have chosen, and their outputs are what the text says.

CELLS = {cell.id: cell for cell in nbformat.read(FOLDER / "10_language_model.ipynb", as_version=4).cells}


def assigned(cell_id, name):
    """What a cell makes of a name with nothing but literals."""
    statements = [node for node in ast.parse(CELLS[cell_id].source).body if isinstance(node, ast.Assign)]
    (value,) = (node.value for node in statements if ast.unparse(node.targets[0]) == name)
    return ast.literal_eval(value)


def rate_of(side):
    return side.chosen["rate"]


def test_the_parts_are_taken_away_at_the_rates_that_were_chosen():
    sides = {**tuning.PARTS, **tuning.HEADS}
    assert assigned("positions-and-heads", "rates") == {
        kind: rate_of(sides[kind]) for kind in ("whole", "no positions", "one head")
    }
    parts = ("attention", "dense part", "shortcut")
    assert assigned("block-parts", "part_rates") == {part: rate_of(sides[f"no {part}"]) for part in parts}


def test_the_networks_with_and_without_the_mask_train_at_the_rate_that_was_chosen():
    [default] = re.findall(r"def training_of\(model, data, rate=([\d.]+)", CELLS["cheat"].source)
    assert {float(default)} == {rate_of(side) for side in tuning.MASK.values()}
    assert f"steps={tuning.WARM_UP})" in CELLS["cheat"].source


def test_one_budget_is_spent_at_the_rates_that_were_chosen():
    source, default = CELLS["one-budget"].source, rate_of(tuning.MASK["with the mask"])
    assert f"(x, y), rate={rate_of(tuning.BUDGET['one GRU'])}, seed" in source
    assert rate_of(tuning.BUDGET["blocks"]) == rate_of(tuning.BUDGET["6c"]) == default
    assert source.count("rate=") == 1


def test_the_smallest_and_the_largest_network_of_words_train_at_the_rates_that_were_chosen():
    rates = assigned("words", "size_rates")
    assert rates[12] == rate_of(tuning.SIZES["smallest"]) and rates[48] == rate_of(tuning.SIZES["largest"])


def printed(cell_id):
    return "".join(output.get("text", "") for output in CELLS[cell_id].outputs)


def told(cell_id):
    """The alternative text of the figure that a cell shows."""
    [picture] = [output.data["text/plain"] for output in CELLS[cell_id].outputs if "data" in output][-1:]
    return picture


def number_behind(words, text):
    """The number that stands behind these words."""
    return float(re.search(re.escape(words) + r"\s*(-?[\d.,]+\d|\d)", text)[1].replace(",", ""))


@pytest.mark.parametrize(
    ("cell", "words", "low", "high"),
    [
        ("bigram-gradient", "loss of a uniform guess:", 3.87, 3.87),
        ("bigrams", "of 500 unseen numbers right:", 0, 1),
        ("what-is-learned", "together", 4224, 4224),
        ("cheat", "with the mask:    loss on unseen lines", 0.01, 0.1),
        ("cheat", "without the mask: loss on unseen lines", 0, 0.05),
        ("mask-test", "with the mask:    largest change of an earlier logit", 0, 0),
        ("published", "our model", 16_592, 16_592),
        ("published", "GPT-2", 124_439_808, 124_439_808),
        ("block-parts", "no dense part", 8176, 8176),
        ("budget-networks", "blocks", 58, 64),
        ("budget-networks", "one GRU", 57, 63),
        ("budget-networks", "6c", 29, 33),  # half as much
    ],
)
def test_what_the_text_says_of_an_output(cell, words, low, high):
    assert low <= number_behind(words, printed(cell)) <= high


@pytest.mark.parametrize(
    ("cell", "words", "low", "high"),
    [
        ("positions-and-heads", "Means: whole", 88, 100),
        ("positions-and-heads", "no positions", 0, 12),
        ("positions-and-heads", "one head", 70, 92),
        ("positions-and-heads", "over no positions", 70, 95),
        ("positions-and-heads", "over one head", 0, 15),
        ("block-parts", "no attention", 0, 0),
        ("block-parts", "no dense part", 85, 100),
        ("block-parts", "no shortcut", 80, 100),
        ("temperatures", "different words is", 1, 1),
        ("temperatures", "no list at T = 0.5,", 180, 200),
        ("one-budget", "Means: blocks", 90, 97),
        ("one-budget", "one GRU", 0, 5),
        ("one-budget", "6c", 96, 100),
        ("sizes", "guess has", 3.30, 3.30),
        ("sizes", "that of five letters", 1.78, 1.78),
    ],
)
def test_what_the_text_says_of_a_figure(cell, words, low, high):
    assert low <= number_behind(words, told(cell)) <= high
