"""Chapter 10: a language model. Exercises and predictions."""

import numpy as np

from ..text import N_
from .chapter_parts.worked_examples import ATTENTION
from .machinery.again import by_hand, fields, numbers_of, one_of, written
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.slips import code_exercise, number_exercise, slip
from .machinery.worked import worked_function

_rng = np.random.default_rng(110)


# The mask.

FIRST_SCORES = np.zeros((3, 3))  # every symbol counts alike: rows 1; 1/2, 1/2; 1/3, 1/3, 1/3


# Models of which some leak: functions from symbols (batch, time) to logits (batch, time, 5).

_TABLE = _rng.normal(size=(5, 5))


def mean_so_far(x):
    rows = _TABLE[np.asarray(x)]
    return rows.cumsum(axis=1) / np.arange(1, rows.shape[1] + 1)[:, None]


def mean_of_all(x):
    rows = _TABLE[np.asarray(x)]
    return rows + rows.mean(axis=1, keepdims=True)


def norm_over_time(x):
    """Looks at nothing but its own symbol, and then norms over the time instead of over the features."""
    rows = _TABLE[np.asarray(x)]
    return (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)


def looks_two_ahead(x):
    rows = _TABLE[np.asarray(x)].copy()
    rows[:, :-2] += rows[:, 2:]
    return rows


def first_sees_three(x):
    rows = _TABLE[np.asarray(x)].copy()
    rows[:, 0] += rows[:, 1:4].sum(axis=1)
    return rows


_LEAK_CASES = [
    (mean_so_far, _rng.integers(0, 5, (3, 6)), 5),
    (mean_of_all, _rng.integers(0, 5, (3, 6)), 5),
    (norm_over_time, _rng.integers(0, 5, (2, 5)), 5),
    (looks_two_ahead, _rng.integers(0, 5, (3, 6)), 5),
    (first_sees_three, np.array([[2, 0, 4, 1, 3, 2]]), 5),
]


# Numbers for other forms.


class sums:
    """A model for pencil and paper: the one logit of place i is the sum of weights[i][j] times the symbol at place j."""

    def __init__(self, weights):
        self.weights = np.array(weights)

    def __call__(self, x):
        return (np.asarray(x) @ self.weights.T)[:, :, None]

    def __repr__(self):
        return f"sums({written(self.weights)})"


def _leaks(rng):
    """Of five places two or three leak, each to one or two of those before it."""
    later = np.zeros((5, 5))
    for place in rng.permutation([1, 2, 3, 4])[: rng.integers(2, 4)]:
        later[rng.permutation(place)[: rng.integers(1, 3)], place] = 1
    earlier = np.tril(numbers_of(rng, (5, 5), 0, 1, 2))
    return sums(earlier + later * rng.integers(1, 3, (5, 5))), rng.integers(0, 3, (1, 5)), 3


def _tempered(rng):
    temperature, values = one_of(rng, (0.5, (1, 2, 3, 4)), (2, (1, 4, 9, 16)))
    return np.log(rng.permutation(np.array(values, dtype=np.float64))[:3]), temperature


def _gradients(a, b, c, u, v, w):
    """The mean of the values, weighted by 1/a, 1/b and 1/c, and the gradient for each of the three scores."""
    mean = u / a + v / b + w / c
    return {"mean": mean, "first": (u - mean) / a, "second": (v - mean) / b, "third": (w - mean) / c}


EXERCISES = [
    code_exercise(
        name="causal-weights",
        task=N_("Write `causal_weights(scores)`. In scores (time, time) each row belongs to a place that looks, and each column to a "
                "place that is looked at. Return the weights (time, time). Each row is a softmax over the places up to its own, and later "
                "places get the weight 0."),
        solution=(
            "def causal_weights(scores):\n"
            "    time = len(scores)\n"
            "    later = np.arange(time) > np.arange(time)[:, None]   # (time, time): column after row\n"
            "    scores = np.where(later, -np.inf, scores)\n"
            "    e = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "    return e / e.sum(axis=1, keepdims=True)\n"
        ),
        cases=[(FIRST_SCORES,), (_rng.normal(size=(4, 4)),), (2 * _rng.normal(size=(6, 6)),)],
        again=by_hand(
            lambda rng: (np.log(numbers_of(rng, (3, 3), 1, 2, 3)),),
            without=("itself-masked", "zero-times-infinity", "root", "small-score", "sums-as-a-row", "shares", "not-divided"),
            hints=(
                N_("Which places may be seen from the first, from the second and from the third?"),
                N_("e to the power of a logarithm is the number itself, and e^0 = 1."),
                N_("In each row, divide the exponentials of the scores that may be seen by their sum."),
            ),
            asks=N_("With pencil and paper: what does `causal_weights(scores)` return for `scores = {scores}`? (0.693147 is the logarithm of "
                    "2, and 1.09861 that of 3.)"),
        ),
        tolerance=1e-6,  # float32 will do
        in_place=("scores",),
        slips={
            "no-mask": slip("This is what you get without a mask. Every place sees the later ones, too.",
                {"np.where(later, -np.inf, scores)": "scores"}),
            "earlier-masked": slip("You hid the earlier places and left the later ones. It should be the other way round.",
                {"np.arange(time) > ": "np.arange(time) < "}),
            "itself-masked": slip("You hid each place from itself as well. Then the first one has nothing to look at. A place may see its own "
                                  "symbol, because it is asked for the next one.",
                {"np.arange(time) > ": "np.arange(time) >= "}, {"np.arange(time) > ": "np.arange(time) >= ", "-np.inf": "-1e9"},
                {"np.arange(time) > ": "np.arange(time) >= ", "-np.inf": "-1e9", " - scores.max(axis=1, keepdims=True)": ""}),
            "zero-times-infinity": slip("0 times infinity is `nan`, no number. Put minus infinity at the later places alone, with `np.where`.",
                {"np.where(later, -np.inf, scores)": "scores + later * -np.inf"}),
            "root": slip("You divided the scores by a root. Take them as they are given.",
                {"    later =": "    scores = scores / np.sqrt(time)\n    later ="}),
            "one-later": slip("Each place still sees the one after it, and that is the very symbol which it has to predict.",
                {"np.arange(time) > np.arange(time)[:, None]": "np.arange(time) > np.arange(time)[:, None] + 1"}),
            "zero-scores": slip("The later places have the score 0 here, and e^0 = 1 is a weight like any other.",
                {"np.where(later, -np.inf, scores)": "np.where(later, 0, scores)"}),
            "small-score": slip("The later places have a low score here, which still leaves them a small weight. Minus infinity leaves none.",
                {"-np.inf": "-5"}, {"-np.inf": "-10"}),
            "zero-weights": slip("You set the later weights to 0 after the softmax, so that a row no longer adds up to 1.",
                {"    scores = np.where(later, -np.inf, scores)\n": "", "e / e.sum(axis=1, keepdims=True)":
                 "np.where(later, 0, e / e.sum(axis=1, keepdims=True))"}),
            "columns": slip("Your columns add up to 1. A row belongs to one place that looks, so the rows should.",
                {"axis=1": "axis=0"}),
            "turned": slip("Your mask is right, but the rows and the columns of your weights have changed places.",
                {"e / e.sum(axis=1, keepdims=True)": "(e / e.sum(axis=1, keepdims=True)).T"}),
            "sums-as-a-row": slip("Each row was divided by the sum of another row. `keepdims=True` keeps the sums upright, so that each row "
                                  "meets its own.",
                {"e.sum(axis=1, keepdims=True)": "e.sum(axis=1)"}, {"e.sum(axis=1, keepdims=True)": "e.sum(axis=1)", " - scores.max(axis=1, keepdims=True)": ""},
                {"e.sum(axis=1, keepdims=True)": "e.sum(axis=1)", "scores.max(axis=1, keepdims=True)": "scores.max()"}),
            "all-together": slip("All your weights together add up to 1. Each row should.",
                {"e.sum(axis=1, keepdims=True)": "e.sum()", "scores.max(axis=1, keepdims=True)": "scores.max()"}),
            "all-together-unmasked": slip("All your weights together add up to 1, and later places have some of them. Each row should add up to 1, over "
                                          "the places up to its own.",
                {"np.where(later, -np.inf, scores)": "scores", "e.sum(axis=1, keepdims=True)": "e.sum()", "scores.max(axis=1, keepdims=True)": "scores.max()"}),
            "shares": slip("You divided the scores by their sum. A softmax takes their exponentials first.",
                {"np.exp(scores - scores.max(axis=1, keepdims=True))": "np.where(later, 0, scores)"}),
            "not-divided": slip("Your rows do not add up to 1, because the softmax divides by the sum of each row.",
                {"e / e.sum(axis=1, keepdims=True)": "e"}, {"e / e.sum(axis=1, keepdims=True)": "e", " - scores.max(axis=1, keepdims=True)": ""}),
            "mask-alone": slip("That is the mask alone. The scores decide how the weight is shared among the places that may be seen.",
                {"e / e.sum(axis=1, keepdims=True)": "1.0 * ~later"}),
            "even": slip("You share the weight evenly among the places that may be seen. The scores should decide.",
                {"np.where(later, -np.inf, scores)": "np.where(later, -np.inf, 0 * scores)"}),
            "scores-alone": slip("Those are the masked scores. The softmax is missing.",
                {"e / e.sum(axis=1, keepdims=True)": "np.where(later, 0, scores)"}),
        },
        hints=(
            N_("Number the places with `np.arange(time)`. A column is later than its row where `np.arange(time) > np.arange(time)[:, None]`."),
            N_("`np.where(later, -np.inf, scores)` sets the scores of the later places to minus infinity, and a "
               "softmax gives such a score the weight 0."),
            N_("Then a softmax of each row: `e = np.exp(scores - scores.max(axis=1, keepdims=True))`, divided by "
               "`e.sum(axis=1, keepdims=True)`."),
        ),
        explanation=N_(
            "The mask comes before the softmax, so that what remains adds up to 1. The place itself is never masked, "
            "so subtracting the largest score of a row never means infinity minus infinity."
        ),
    ),
    number_exercise(
        name="one-score",
        task=N_("The last of three symbols looks at all three. Its weights are 1/{a}, 1/{b} and 1/{c}, a softmax of "
                "its scores s. The values of the three symbols are the numbers {u}, {v} and {w}. The weighted sum of "
                "these values is c, and dL/dc = 1. What is dL/ds_2, the gradient for the second score?"),
        ask=N_("First find dL/dw for each of the three weights, and their mean, weighted by the weights themselves. "
               "How far is dL/dw of the second weight from this mean? And by what do you multiply this difference?"),
        solution="one_score = 1 / {b} * ({v} - {mean})",
        tolerance=1e-3,
        wrong={
            "{v}": N_("That is dL/dw_2, the gradient for the weight. The softmax lies between it and the score."),
            "{v} / {b}": N_("The weights share a sum of 1: when this one grows, the others shrink. Subtract the weighted mean first."),
            "{v} - {mean}": N_("That is what stands in the brackets. A symbol with little weight has little effect "
                               "on what is found, so its weight stands in front of the brackets."),
            "{first}": N_("That is the gradient for the first score. And the second?"),
            "{third}": N_("That is the gradient for the third score. And the second?"),
            "-({second})": N_("The size is right. Does c grow or fall when the second symbol gets more weight?"),
            "1 / {b} * (1 - 1 / {b}) * {v}": N_("That is the rule of a sigmoid, where each score stands alone. Here a score takes weight from two others, whose values are "
                    "not 0."),
            "({v} - ({u} + {v} + {w}) / 3) / {b}": N_("You subtracted the plain mean of the three gradients. The weights should count in it."),
            "({v} - ({u} + {v} + {w})) / {b}": N_("You subtracted the sum of the gradients. It should be their mean, weighted by the weights."),
        },
        numbers=fields(  # the second value lies above the weighted mean
            {"a": 2, "b": 4, "c": 4, "u": 4, "v": 8, "w": -4},
            {"a b c": ((2, 4, 4), (4, 2, 4), (4, 4, 2)), "u": (4, 8, 12), "v": (24, 28, 32, 36, 40), "w": (4, 8, 12)},
            _gradients,
        ),
        hints=(
            N_("c is the sum of w_i v_i, so dL/dw_i = dL/dc * v_i: here {u}, {v} and {w}."),
            N_("Their weighted mean is 1/{a} * {u} + 1/{b} * {v} + 1/{c} * ({w})."),
            N_("dL/ds_2 = w_2 * (dL/dw_2 - mean)."),
        ),
        explanation=N_(
            "The three gradients are {first}, {second} and {third}, and they add up to 0, because raising all scores alike changes no weight. The second one "
            "is positive, because its value {v} lies above the mean {mean}: more weight on it makes c larger, and L as well."
        ),
    ),
    code_exercise(
        name="leaking-places",
        task=N_("Write `leaking_places(model, x, symbols)`. model(x) takes texts x (batch, time) of whole numbers below `symbols`, "
                "and returns an array of logits (batch, time, symbols). A place leaks when another symbol there changes a logit at "
                "an earlier place. Return how many places leak."),
        solution=(
            "def leaking_places(model, x, symbols):\n"
            "    found = 0\n"
            "    for t in range(1, x.shape[1]):\n"
            "        changed = x.copy()\n"
            "        changed[:, t] = (x[:, t] + 1) % symbols\n"
            "        found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])\n"
            "    return found\n"
        ),
        cases=_LEAK_CASES,
        given={"sums": sums},
        again=by_hand(
            _leaks,
            without=("yes-or-no", "first-turn", "piled-up", "in-place", "same-symbol", "each-symbol", "logits"),
            asks=N_("With pencil and paper: a model of texts of five symbols is `{model}`. It has a row for each "
                    "place and a column for each symbol. The logit of a place is the sum of the numbers in its row, "
                    "each multiplied by the symbol of its column. A place leaks when another symbol there changes a "
                    "logit at an earlier place. How many places leak?"),
        ),
        slips={
            "own-place": slip("At the changed symbol itself the logits may change, and so may those after it, because they look "
                              "back. Compare the earlier ones alone.",
                {"[:, :t]": "[:, :t + 1]"}, {"[:, :t]": ""}, {"[:, :t]": "", "range(1, ": "range("}, {"[:, :t]": "[:, t:]"}),
            "later-places": slip("You compared the places after the changed symbol. A leak shows at the places before it.",
                {"[:, :t]": "[:, t + 1:]"}),
            "turned-round": slip("You counted the places that do not leak.", {"not np": "np"}, {"not np": "np", "range(1, ": "range("}),
            "yes-or-no": slip("You never count beyond 1. How many places leak? (A `return` inside the loop ends it at once.)",
                {"    return found": "    return min(found, 1)"}, {"    return found": "        if found:\n            return 1\n    return 0"}),
            "first-turn": slip("You looked at the second place alone. A `return` inside the loop ends it in the first turn.",
                {"    return found": "        return found"}),
            "last-alone": slip("You changed the last symbol alone, but a leak may come from any place. Change each symbol in turn.",
                "changed = x.copy()\nchanged[:, -1] = (x[:, -1] + 1) % symbols\n"
                "return int(not np.allclose(model(x)[:, :-1], model(changed)[:, :-1]))"),
            "last-missing": slip("Your loop stops too early: the last symbol is never changed.",
                {"range(1, x.shape[1])": "range(1, x.shape[1] - 1)"}, {"range(1, x.shape[1])": "range(x.shape[1] - 1)"}),
            "neighbour-alone": slip("One of the leaks jumps over a place, and you do not find it. Compare all earlier places, and let one logit that "
                                    "moves be enough.",
                {"[:, :t]": "[:, t - 1]"},
                {"not np.allclose(model(x)[:, :t], model(changed)[:, :t])": "(model(x) != model(changed))[:, :t].all()"}),
            "first-alone": slip("You compared only the first place. A leak may show at any earlier one.", {"[:, :t]": "[:, 0]"}),
            "all-later": slip("You changed all symbols from one place on, or cut them off. Then you cannot tell which of them leaks. Change one at a "
                              "time.",
                {"changed[:, t] = (x[:, t] + 1)": "changed[:, t:] = (x[:, t:] + 1)"}, {"model(changed)[:, :t]": "model(x[:, :t])"}),
            "piled-up": slip("The changes of earlier turns are still there, so each turn sees them as well. Take a fresh copy of `x` in "
                             "every turn.",
                {"    for t": "    changed = x.copy()\n    for t", "        changed = x.copy()\n": ""},
                {"    for t": "    before = model(x)\n    for t", "x.copy()": "x", "model(x)[": "before["}),
            "in-place": slip("You find no leak in any model. `changed = x` makes no new array but only a second "
                             "name for the same one, so both calls see the same text. Take a copy. Besides, "
                             "`x[t]` is one whole text, while `x[:, t]` is the place t of all texts.",
                {"model(x)[:, :t]": "model(changed)[:, :t]"}, "return 0"),
            "same-symbol": slip("One of the models has a text in which your new symbol stands there already, so that nothing changes. "
                                "Make sure that it is another one.",
                {"(x[:, t] + 1) % symbols": "0"}, {"(x[:, t] + 1) % symbols": "1"}, {"(x[:, t] + 1) % symbols": "symbols - 1"},
                {"(x[:, t] + 1) % symbols": "symbols - 1 - x[:, t]"}),
            "moved-places": slip("You counted the earlier places that move. Count the places whose symbol moves them.",
                "moved = np.zeros(x.shape[1], bool)\nfor t in range(1, x.shape[1]):\n    changed = x.copy()\n"
                "    changed[:, t] = (x[:, t] + 1) % symbols\n"
                "    moved[:t] |= (abs(model(x) - model(changed)) > 1e-9)[:, :t].any(axis=(0, 2))\nreturn moved.sum()"),
            "pairs": slip("You counted pairs of places. A place that moves several earlier ones counts once.",
                "found = 0\nfor t in range(1, x.shape[1]):\n    changed = x.copy()\n"
                "    changed[:, t] = (x[:, t] + 1) % symbols\n"
                "    found += (abs(model(x) - model(changed)) > 1e-9)[:, :t].any(axis=(0, 2)).sum()\nreturn found"),
            "each-symbol": slip("You counted every symbol that shows the leak of a place. The place counts once.",
                "found = 0\nfor t in range(1, x.shape[1]):\n    for symbol in range(symbols):\n        changed = x.copy()\n"
                "        changed[:, t] = symbol\n        found += not np.allclose(model(x)[:, :t], model(changed)[:, :t])\nreturn found"),
            "logits": slip("You counted the logits that move. A place that moves any of them counts once.",
                {"not np.allclose(model(x)[:, :t], model(changed)[:, :t])":
                 "(abs(model(x) - model(changed)) > 1e-9)[:, :t].sum()"}),
        },
        hints=(
            N_("Copy x, and change the symbol at one place t: `changed[:, t] = (x[:, t] + 1) % symbols`."),
            N_("Compare the logits before that place, `model(x)[:, :t]` and `model(changed)[:, :t]`, with `np.allclose`."),
            N_("Do this for every t from 1 on, and count."),
        ),
        explanation=N_(
            "A model with a sound mask has 0 leaking places. The test asks nothing about how a model is built, so it finds leaks that nobody "
            "thought of. One of the models that you were given has no attention at all, and leaks through a norm that is taken over the time "
            "instead of over the features."
        ),
    ),
    code_exercise(
        name="count-parameters",
        task=N_("GPT-2, published in four sizes in 2019, is built of the parts above. Write `count_parameters(symbols, longest, d, blocks)`, "
                "the number of its parameters: a row of d numbers for each symbol, and one for each of the `longest` places; in each "
                "block four dense layers d -> d for attention, two dense layers d -> 4d and 4d -> d, and two norms; after the blocks one "
                "norm more. Dense layers have biases, and a norm has d gains and d biases. There is no last layer of its own, because "
                "the table of symbols is used a second time."),
        solution=(
            "def count_parameters(symbols, longest, d, blocks):\n"
            "    dense = lambda m, n: m * n + n\n"
            "    block = 4 * dense(d, d) + dense(d, 4 * d) + dense(4 * d, d) + 2 * 2 * d\n"
            "    return symbols * d + longest * d + blocks * block + 2 * d\n"
        ),
        cases=[(48, 22, 32, 1), (27, 13, 48, 2), (50_257, 1024, 768, 12), (50_257, 1024, 1600, 48)],
        tolerance=0,
        again=by_hand(
            lambda rng: (int(rng.integers(5, 13)), int(rng.integers(4, 10)), one_of(rng, 2, 3, 4), one_of(rng, 2, 3)),
        ),
        slips={
            "no-biases": slip("The biases of the dense layers are missing.", {"m * n + n": "m * n"}),
            "no-biases-at-all": slip("All biases are missing, those of the dense layers and those of the norms.",
                {"m * n + n": "m * n", "2 * 2 * d": "2 * d", "block + 2 * d": "block + d"}),
            "weights-alone": slip("The biases of the dense layers and the norms are missing.",
                {"m * n + n": "m * n", " + 2 * 2 * d": "", "block + 2 * d": "block"}),
            "no-positions": slip("The rows for the places are missing.", {" + longest * d": ""}),
            "no-embedding": slip("The rows for the symbols are missing.", {"symbols * d + longest * d": "longest * d"}),
            "no-tables": slip("The two tables are missing, the one of the symbols and the one of the places.", {"symbols * d + longest * d + ": ""}),
            "tables-once": slip("A row of a table has d numbers, one for each feature.", {"symbols * d + longest * d": "symbols + longest"}),
            "own-output": slip("You gave the last layer a matrix of its own. GPT-2 uses the table of symbols for it, which you have counted "
                               "already.", {"+ 2 * d\n": "+ 2 * d + d * symbols\n"}, {"+ 2 * d\n": "+ 2 * d + dense(d, symbols)\n"}),
            "output-biases": slip("The last layer has no biases in GPT-2.", {"+ 2 * d\n": "+ 2 * d + symbols\n"}),
            "no-norms": slip("The norms are missing. Each has d gains and d biases.", {" + 2 * 2 * d": "", " + 2 * d": ""}),
            "one-norm": slip("A block has two norms, one before attention and one before its dense layers.", {"2 * 2 * d": "2 * d"}),
            "no-norm-in-blocks": slip("The norms of the blocks are missing.", {" + 2 * 2 * d": ""}),
            "norm-at-the-end": slip("The norm after the last block is missing.", {" + 2 * d\n": "\n"}),
            "norm-in-every-block": slip("The norm after the blocks comes once, however many blocks there are.",
                {"blocks * block + 2 * d": "blocks * (block + 2 * d)"}),
            "gains-alone": slip("A norm has biases besides its gains.", {"2 * 2 * d": "2 * d", "block + 2 * d": "block + d"}),
            "three-matrices": slip("Attention has a fourth dense layer: what the heads find, side by side, is mixed once more.",
                {"4 * dense(d, d)": "3 * dense(d, d)"}),
            "one-matrix": slip("Queries, keys, values and the output have a dense layer each.", {"4 * dense(d, d)": "dense(d, d)"}),
            "no-attention": slip("The dense layers of attention are missing.", {"4 * dense(d, d) + ": ""}),
            "attention-alone": slip("The dense layers d -> 4d and 4d -> d are missing.", {" + dense(d, 4 * d) + dense(4 * d, d)": ""}),
            "way-back": slip("The way from 4d back to d is missing.", {" + dense(4 * d, d)": ""}),
            "no-hidden": slip("The two dense layers of a block have 4d units between them, not d.",
                {"dense(d, 4 * d) + dense(4 * d, d)": "2 * dense(d, d)"}),
            "one-block": slip("That is right for one block. Multiply what a block has by their number.", {"blocks * block": "block"}),
            "tables-alone": slip("The blocks are missing.", {" + blocks * block": ""}),
            "everything-by-blocks": slip("Only the blocks are repeated. The tables and the last norm come once.",
                {"symbols * d + longest * d + blocks * block + 2 * d": "blocks * (symbols * d + longest * d + block + 2 * d)"}),
        },
        hints=(
            N_("A dense layer m -> n has m * n weights and n biases."),
            N_("A block has 4 * (d*d + d) numbers for attention, (d*4d + 4d) + (4d*d + d) for its dense layers, and 2 * 2d for its norms."),
            N_("Add symbols * d, longest * d, blocks times the block, and 2d for the last norm."),
        ),
        explanation=N_(
            "A block has 12 d^2 + 13 d numbers, however many heads it has and however long the text is. For the smallest GPT-2, with 50,257 symbols, 1,024 "
            "places, d = 768 and 12 blocks, the formula gives 124,439,808, which is why that model is called 124M."
        ),
    ),
    code_exercise(
        name="with-temperature",
        task=N_("Write `with_temperature(logits, temperature)`, which returns the probabilities (symbols,) from "
                "which the next symbol is drawn. They are the softmax of logits / temperature, where the logits are "
                "(symbols,)."),
        solution=(
            "def with_temperature(logits, temperature):\n"
            "    z = logits / temperature\n"
            "    e = np.exp(z - z.max())\n"
            "    return e / e.sum()\n"
        ),
        cases=[(np.log([4.0, 2.0, 1.0]), 2.0), (np.array([1.0, 0.0, -1.0, 2.0]), 0.5), (_rng.normal(size=6), 1.3)],
        again=by_hand(
            _tempered,
            without=("rounded-down",),
            asks=N_("With pencil and paper: what does `with_temperature(logits, temperature)` return for `logits = {logits}` and "
                    "`temperature = {temperature}`? (The logarithms of 2, 3, 4, 9 and 16 are 0.693147, 1.09861, 1.38629, 2.19722 and 2.77259.)"),
        ),
        tolerance=1e-6,  # float32 will do
        in_place=("logits",),
        slips={
            "multiplied": slip("You multiplied by the temperature. Then a high one makes the likeliest symbol even likelier. It should make all more "
                               "even.",
                {"logits / temperature": "logits * temperature"},
                "p = np.exp(logits - logits.max())\np = (p / p.sum()) ** temperature\nreturn p / p.sum()"),
            "no-temperature": slip("These are the probabilities at temperature 1. If you divided after the exponential, or subtracted, the softmax took the "
                                   "temperature out again.",
                {"logits / temperature": "logits"}, {"logits / temperature": "logits - temperature"},
                {"logits / temperature": "logits", "np.exp(z - z.max())": "np.exp(z - z.max()) / temperature"}),
            "after-softmax": slip("You divided the probabilities by the temperature, so that they no longer add up to 1. Divide the logits.",
                {"logits / temperature": "logits", "e / e.sum()": "e / e.sum() / temperature"}),
            "twice": slip("You took a softmax of probabilities. The temperature divides the logits.",
                "p = np.exp(logits - logits.max())\nz = p / p.sum() / temperature\ne = np.exp(z)\nreturn e / e.sum()"),
            "not-divided": slip("Your numbers do not add up to 1, because the softmax divides by the sum.", {"e / e.sum()": "e"},
                {"e / e.sum()": "e", " - z.max()": ""}),
            "power-alone": slip("You raised the probabilities to a power, so that they no longer add up to 1.",
                {"logits / temperature": "logits", "e / e.sum()": "(e / e.sum()) ** (1 / temperature)"}),
            "no-softmax": slip("Those are the divided logits. The softmax is missing.", {"e / e.sum()": "z"}),
            "shares": slip("You divided the logits by their sum. A softmax takes their exponentials first.", {"np.exp(z - z.max())": "z"}),
            "logarithms": slip("Those are the logarithms of the probabilities. Return the probabilities themselves.", {"e / e.sum()": "np.log(e / e.sum())"}),
            "turned-round": slip("The unlikely symbols have become the likely ones here. Look for a minus sign.", {"logits / temperature": "-logits / temperature"}),
            "rounded-down": slip("`//` rounds down. Divide with `/`.", {"logits / temperature": "logits // temperature"}),
            "root": slip("You divided by the root of the temperature.", {"logits / temperature": "logits / np.sqrt(temperature)"}),
            "square": slip("You divided by the square of the temperature.", {"logits / temperature": "logits / temperature**2"}),
            "largest": slip("That gives the likeliest symbol all the probability, as temperature 0 does.", "return 1.0 * (logits == logits.max())"),
        },
        hints=(
            N_("First `z = logits / temperature`."),
            N_("Then a softmax: `e = np.exp(z - z.max())`, divided by its sum."),
        ),
        explanation=N_(
            "Dividing the logits by T raises every probability to the power 1/T, and the sum is made 1 again. Below 1 the likely become likelier, above "
            "1 all become more even; which symbol is the likeliest never changes."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="bigram-numbers",
        question=N_("The table knows exactly how often each symbol came directly after each symbol in 12,800 lines. "
                    "It translates 500 unseen numbers, at each step with the likeliest symbol. How many are right?"),
        options={
            "a": (N_("hardly any, because the table sees the last symbol alone"),
                  N_("After `<start>` the table has one answer for all numbers, because it sees nothing else. The "
                     "next cell counts.")),
            "b": (N_("about half, because the likeliest symbol is often the right one"),
                  N_("Each place would have to be right without knowing the number. After `<start>` the table has "
                     "one answer for all numbers. The next cell counts.")),
            "c": (N_("most, because the statistics of a language are all there is to learn"),
                  N_("Statistics of what? This table counts pairs of neighbours. After `<start>` it gives every "
                     "number the same first numeral. The next cell counts.")),
        },
        right="a",
        cells=("bigrams",),
    ),
    prediction(
        name="longer-text",
        question=N_("A text of 21 symbols has 21 x 21 weights of attention. How many parameters does attention need "
                    "for a text of 210 symbols?"),
        options={
            "a": (N_("100 times as many, because there are 100 times as many weights"),
                  N_("The weights are computed again for each text, out of its queries and keys. The next cell shows "
                     "what is learned, and how large it is.")),
            "b": (N_("10 times as many, because there are 10 times as many symbols"),
                  N_("Each symbol goes through the same matrices. The next cell shows what is learned, and how large it is.")),
            "c": (N_("as many as before, because every symbol goes through the same matrices"),
                  N_("The weights are results, computed again for each text. What is learned are the matrices that "
                     "make queries, keys and values. The next cell shows them.")),
        },
        right="c",
        cells=("what-is-learned",),
    ),
    prediction(
        name="no-mask",
        question=N_("Two networks train for the same number of steps, one with the mask and one without. The second "
                    "reaches a loss close to 0, much lower than the first. How many unseen numbers does the second "
                    "translate?"),
        options={
            "a": (N_("more than the first, because its loss is lower"),
                  N_("A loss measures how well the question was answered, and without the mask it was another "
                     "question. The next cell lets both write.")),
            "b": (N_("hardly any, because it will have learned to copy the answer"),
                  N_("In training the right symbol stands one place further on, and without the mask the network "
                     "copies it. When the network writes on its own, nothing stands there yet. The next cell lets "
                     "both networks write.")),
            "c": (N_("about as many, because it can still see every word"),
                  N_("It can see the words, but it never needed them: the answer itself stood in its input. The next "
                     "cell lets both write.")),
        },
        right="b",
        cells=("cheat",),
    ),
    prediction(
        name="no-positions",
        question=N_("We take the positions away, from a network of one block. How many unseen numbers does it "
                    "translate after the same training?"),
        options={
            "a": (N_("about as many as with positions, because the symbols come one after the other anyway"),
                  N_("They come one after the other, but a sum does not ask for the order of its terms. The next "
                     "cell compares five pairs.")),
            "b": (N_("hardly any, because it knows the words but not their order"),
                  N_("It sees which words there are, but a sum does not ask for their order, and 340,215 and 215,340 "
                     "have the same words. The next cell compares five pairs.")),
            "c": (N_("none, because it knows no more than the bigram table"),
                  N_("It still sees which words were said, and that is worth a lot more than the last symbol alone. "
                     "The next cell compares five pairs.")),
        },
        right="b",
        cells=("positions-and-heads",),
    ),
    prediction(
        name="one-head",
        question=N_("The 32 entries of a query can serve one head of 32 or two heads of 16. Both networks have the "
                    "same number of parameters. Which of the two translates more numbers right?"),
        options={
            "a": (N_("the one with two heads, because a place can look at two others at once"),
                  N_("A place often needs two things, such as a word and the numeral before. The next cell compares five pairs.")),
            "b": (N_("the one with one head, because a score of 32 products is finer than one of 16"),
                  N_("A longer query is finer, but all of it leads to a single mean. A place that needs two symbols "
                     "gets a mixture. The next cell compares five pairs.")),
            "c": (N_("no difference that five pairs can show, because both networks have the same number of parameters"),
                  N_("Networks with the same number of parameters may still use them in different ways. The next cell "
                     "compares five pairs.")),
        },
        right="a",
        cells=("positions-and-heads",),
    ),
    prediction(
        name="dense-part",
        question=N_("The dense part of the block, with its norm, holds half of all parameters, 8,416 of 16,592. We "
                    "take it away and train the rest, at its own best rate. How many numbers are right?"),
        options={
            "a": (N_("no difference that five pairs can show, because attention can fetch the right symbols"),
                  N_("This task is mostly fetching the right symbol, and attention does that. The next cell compares five pairs.")),
            "b": (N_("hardly any, because attention takes means and computes nothing else"),
                  N_("Queries and keys are products, and the softmax is no straight line. For fetching the right "
                     "symbol this may be enough. The next cell compares five pairs.")),
            "c": (N_("about half as many, because half of the parameters are gone"),
                  N_("Half of the parameters do not give half of the right answers. What matters is whether the task "
                     "needs what the missing ones compute. The next cell compares five pairs.")),
        },
        right="a",
        cells=("block-parts",),
    ),
    prediction(
        name="temperature-zero",
        question=N_("The network writes 200 words, each at temperature 0, so always with the likeliest letter. How "
                    "many different words are among them?"),
        options={
            "a": (N_("about 200, and the best ones, because each letter is the likeliest"),
                  N_("Each word begins in the same way, and nothing is drawn. What could make two of them differ? "
                     "The next cell counts.")),
            "b": (N_("some dozens, because few beginnings are likely"),
                  N_("Few beginnings are likely, but only one of them is the likeliest. The next cell counts.")),
            "c": (N_("one, because nothing is drawn"),
                  N_("All begin alike and nothing is drawn, so all go on alike. The next cell counts.")),
        },
        right="c",
        cells=("temperatures",),
    ),
    prediction(
        name="one-budget",
        question=N_("Three networks translate numbers: ours, 6c's encoder and decoder, and one GRU that reads the "
                    "whole line. Each has its best rate, and all three do about the same number of multiply-adds. "
                    "Which one is right most often?"),
        options={
            "a": (N_("ours, because blocks of attention are what today's large models are made of"),
                  N_("Today's large models were chosen for machines that do a lot at once, and for texts of many "
                     "thousand symbols. Here a text has twenty. The next cell compares our network with 6c's on eight "
                     "seeds, and with the GRU on five.")),
            "b": (N_("6c's, because it was built for translation"),
                  N_("It knows beforehand that there is one text to read and another to write. The others have to "
                     "learn that. The next cell compares them on eight seeds.")),
            "c": (N_("the GRU, because it reads in order and has nothing superfluous"),
                  N_("It has to carry the whole number in one state, while it writes, and 200 steps are few to learn "
                     "that. The next cell compares them on five seeds.")),
            "d": (N_("no difference between the two best that this experiment can show, because both use attention"),
                  N_("Eight seeds can show a gap of a few points, if all runs lie close together. The next cell compares them.")),
        },
        right="b",
        cells=("one-budget",),
    ),
]  # fmt: skip

chapter = Chapter(10, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
worked = worked_function(chapter, ATTENTION)
