"""Chapter 6c: every exercise knows right, wrong and not tried, and names the usual mistakes."""

import numpy as np
from exercise_bank import bank_test

from course_lib.exercises.chapter06c import chapter
from course_lib.translation import END, PAD, START

ATTEND = """
def attend(q, K, V, mask):
    scores = K @ q / np.sqrt(len(q))
    scores = np.where(mask == 1, scores, -np.inf)
    e = np.exp(scores - scores.max())
    return e / e.sum() @ V
"""
GREEDY = """
def greedy(next_logits, longest):
    symbols = [START]
    for _ in range(longest):
        symbol = int(np.argmax(next_logits(symbols)))
        if symbol == END:
            break
        symbols.append(symbol)
    return symbols[1:]
"""


def changed(source, old, new):
    assert old in source
    return source.replace(old, new)


BANK = {
    "attend": [
        (changed(ATTEND, "-np.inf", "0"), "wrong", "A score of 0 is not nothing"),
        (changed(ATTEND, "np.where(mask == 1, scores, -np.inf)", "scores"), "wrong", "without the mask"),
        (changed(ATTEND, "e / e.sum() @ V", "e / e.sum() * mask @ V"), "right", "agree"),
        (changed(ATTEND, " / np.sqrt(len(q))", ""), "wrong", "dividing by the root"),
        (changed(ATTEND, "e / e.sum() @ V", "e / e.sum()"), "wrong", "(2,)"),
        (changed(ATTEND, "e / e.sum() @ V", "e @ V"), "wrong", "xpected"),
        (changed(ATTEND, "np.sqrt(len(q))", "np.sqrt(len(K))"), "wrong", "xpected"),
        (changed(ATTEND, "K @ q", "q @ K"), "wrong", "It stopped in line 3"),
        (changed(ATTEND, "    scores = np.where", "    mask *= 1.5\n    scores = np.where"), "wrong", "xpected"),
        (changed(ATTEND, "    return", "    K *= 2\n    return"), "wrong", "changed its argument"),
    ],
    "score-gradient": [
        ("def score_gradient(w, V, g): return V @ g", "wrong", "That is dL/dw"),
        ("def score_gradient(w, V, g): return w * (V @ g)", "wrong", "Subtract the weighted mean"),
        ("def score_gradient(w, V, g): return w * (1 - w) * (V @ g)", "wrong", "the rule of a sigmoid"),
        ("def score_gradient(w, V, g): return -w * (V @ g - w @ V @ g)", "wrong", "sign"),
        ("def score_gradient(w, V, g): return w * (V @ g - (V @ g).mean())", "wrong", "dL/ds"),
        ("def score_gradient(w, V, g): return w @ V", "wrong", "shape"),
        ("def score_gradient(w, V, g): return (np.diag(w) - np.outer(w, w)) @ V @ g", "right", "Every entry agrees"),
    ],
    "masked-mean": [
        ("def masked_mean(losses, target): return losses.mean()", "wrong", "the padding counted"),
        ("def masked_mean(losses, target): return (losses * (target > 0)).mean()", "wrong", "divided by all places"),
        ("def masked_mean(losses, target): return losses[target != PAD].sum()", "wrong", "That is the sum"),
        (
            "def masked_mean(losses, target): return losses[target != PAD].sum() / len(losses)",
            "wrong",
            "number of sequences",
        ),
        ("def masked_mean(losses, target): return losses[target != END].mean()", "wrong", "xpected"),
        ("def masked_mean(losses, target): return losses[target != PAD]", "wrong", "shape"),
        ("def masked_mean(losses, target): m = target != PAD; return (losses * m).sum() / m.sum()", "right", "agree"),
    ],
    "greedy": [
        (changed(GREEDY, "        symbols.append(symbol)\n", ""), "wrong", "must read all"),
        (
            changed(GREEDY, "            break\n", "            return symbols[1:] + [END]\n"),
            "wrong",
            "is not part of it",
        ),
        (changed(GREEDY, "symbols[1:]", "symbols"), "wrong", "START was read, not written"),
        (
            changed(GREEDY, "        if symbol == END:\n            break\n", ""),
            "wrong",
            "END says that the text is over",
        ),
        (changed(GREEDY, "symbols = [START]", "symbols = []"), "wrong", "begins with START"),
        (changed(GREEDY, "next_logits(symbols)", "next_logits(symbols[-1:])"), "wrong", "begins with START"),
        (changed(GREEDY, "next_logits(symbols)", "next_logits([START])"), "wrong", "must read all"),
        (changed(GREEDY, "np.argmax", "np.argmin"), "wrong", "largest logit"),
        (changed(GREEDY, "for _ in range(longest)", "while True"), "wrong", "at `longest` symbols"),
        (changed(GREEDY, "range(longest)", "range(longest - 1)"), "wrong", "longest = "),
        (changed(GREEDY, "range(longest)", "range(longest + 1)"), "wrong", "longest = 4"),
        (changed(GREEDY, "symbols[1:]", "np.array(symbols[1:])"), "right", "Three texts"),
        (changed(GREEDY, "return symbols[1:]", "return len(symbols)"), "wrong", "a list of symbols"),
    ],
    "eleven-symbols": [
        ("eleven_symbols = 0.95", "wrong", "one symbol"),
        ("eleven_symbols = 1 - 11 * 0.05", "wrong", "subtracted 5 per cent"),
        ("eleven_symbols = 1 - 0.95**11", "wrong", "something is wrong"),
        (0.57, "right", "0.57 is right"),
        (57, "wrong", "Expected"),
    ],
}

test_exercises = bank_test(chapter, BANK, START=START, END=END, PAD=PAD)


def test_the_gradient_of_the_scores_adds_up_to_zero():
    """As the explanation says: if all scores grow alike, no weight changes."""
    from course_lib.exercises.chapter06c import VALUES, WEIGHTS, G

    dw = VALUES @ G
    assert abs(np.sum(WEIGHTS * (dw - WEIGHTS @ dw))) < 1e-15
