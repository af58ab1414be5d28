"""Chapter 6c: every exercise knows right, wrong and not tried, and names the usual mistakes."""

import numpy as np
from exercise_bank import row_test

from course_lib.exercises.chapter06c import chapter

ROWS = {
    "attend": [
        ({"    scores = np.where": "    mask *= 1.5\n    scores = np.where"}, "wrong", "xpected"),
    ],
    "masked-mean": [
        ("return losses[target != END].mean()", "wrong", "xpected"),
    ],
    "greedy": [
        (
            "def greedy(next_logits, longest):\n    out = []\n    while len(out) < longest:\n"
            "        s = max(range(7), key=lambda i: next_logits([START, *out])[i])\n        if s == END:\n            break\n"
            "        out.append(s)\n    return out",
            "right",
            "Your function wrote three texts",
        ),
        (
            "def greedy(next_logits, longest):\n    s = [START]\n    for _ in range(longest):\n"
            "        s.append(int(np.argmax(next_logits(s))))\n    return s[1:s.index(END)] if END in s else s[1:]",
            "wrong",
            "asked for more after END",
        ),
        (
            "def greedy(next_logits, longest):\n    s = [START]\n    while np.argmax(next_logits(s)) != END:\n        pass\n"
            "    return s",
            "wrong",
            "asked 1000 times, and the last time it was given [1]",
        ),
        ({"        symbols.append(symbol)\n": ""}, "wrong", "must read all"),
        ({"            break\n": "            return symbols[1:] + [END]\n"}, "wrong", "is not part of the text"),
        ({"symbols[1:]": "symbols"}, "wrong", "START was read, not written"),
        ({"        if symbol == END:\n            break\n": ""}, "wrong", "END says that the text is over"),
        ({"symbols = [START]": "symbols = []"}, "wrong", "should begin with START"),
        ({"next_logits(symbols)": "next_logits(symbols[-1:])"}, "wrong", "a single symbol each time"),
        ({"np.argmax": "np.argmin"}, "wrong", "largest logit"),
        (
            {"int(np.argmax(next_logits(symbols)))": "max(next_logits(symbols))"},
            "wrong",
            "Which symbol do these logits favour?",
        ),
        ({"for _ in range(longest)": "while True"}, "wrong", "at `longest` symbols"),
        ({"range(longest)": "range(longest - 1)"}, "wrong", "The number of missing symbols is 1."),
        ({"symbols[1:]": "symbols[1:-1]"}, "wrong", "what you cut off"),
        ({"    return": "        return"}, "wrong", "Count how often your loop runs"),
        (
            {"break": "return symbols[1:]", "append(symbol)\n    return symbols[1:]": "append(symbol)"},
            "wrong",
            "your function returns nothing, although there is a text",
        ),
        ({"range(longest)": "range(longest + 1)"}, "wrong", "Your text is too long."),
        (
            {"return symbols[1:]": "return symbols[1:] + [PAD] * (longest + 1 - len(symbols))"},
            "wrong",
            "Padding is for batches",
        ),
        ({"symbols = [START]": "symbols = START"}, "wrong", "it reads one list of symbols"),
        ({"next_logits(symbols)": "next_logits([symbols])"}, "wrong", "given [[1]], but it reads one list"),
        ({"int(np.argmax(next_logits(symbols)))": "next_logits(symbols)"}, "wrong", "with ValueError"),
        ("return next_logits([START])", "wrong", "Which symbol do these logits favour?"),
        ({"symbols[1:]": "[float(symbol) for symbol in symbols[1:]]"}, "right", "wrote three texts"),
        ({"symbols[1:]": "np.array(symbols[1:])"}, "right", "wrote three texts"),
        ({"return symbols[1:]": "return len(symbols)"}, "wrong", "a list of symbols"),
    ],
}

test_rows = row_test(chapter, ROWS)


def test_the_gradient_of_the_scores_adds_up_to_zero():
    """As the explanation says: if all scores grow alike, no weight changes."""
    from course_lib.exercises.chapter06c import VALUES, WEIGHTS, G

    dw = VALUES @ G
    assert abs(np.sum(WEIGHTS * (dw - WEIGHTS @ dw))) < 1e-15
