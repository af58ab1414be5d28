"""Chapter 6c: machine translation. Exercises and predictions."""

import numpy as np

from ..models.translation import END, PAD, START
from ..text import N_
from .chapter_parts.greedy import judge_greedy
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import prediction
from .machinery.slips import code_exercise, gradient_exercise, number_exercise, slip

_rng = np.random.default_rng(63)


# Attention of one query.


def _softmax(s):
    e = np.exp(s - np.max(s))
    return e / e.sum()


FIRST_ATTENTION = (  # small enough to be followed by hand
    np.array([1.0, 2.0]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([[2.0], [4.0], [9.0]]),
    np.array([1.0, 1.0, 0.0]),
)  # fmt: skip


def _attention_case(time, features, values, words):
    mask = (np.arange(time) < words).astype(float)
    return _rng.normal(size=features), _rng.normal(size=(time, features)), _rng.normal(size=(time, values)), mask


# The gradient for the scores.

WEIGHTS, VALUES, G = _softmax(_rng.normal(size=4)), _rng.normal(size=(4, 3)), _rng.normal(size=3)


# The loss of padded sequences.


def _loss_case(lengths, steps):
    target = np.array([[3] * (length - 1) + [END] + [PAD] * (steps - length) for length in lengths])
    return _rng.uniform(0.1, 3, target.shape), target


FIRST_LOSSES = (  # small enough to be followed by hand
    np.array([[1.0, 2.0, 9.0], [3.0, 8.0, 7.0]]),
    np.array([[5, END, PAD], [END, PAD, PAD]]),
)


# Forms with other numbers, for pencil and paper.


def _scores_by_hand(rng):
    """Two words and one place of padding; the scores are 0, 1 or 2."""
    q = rng.permutation([2.0, 2.0, 0.0, 0.0])
    return q, numbers_of(rng, (3, 4), 0, 1), numbers_of(rng, (3, 2), -2, 0, 1, 2, 3, 4), np.array([1.0, 1.0, 0.0])


def _weights_by_hand(rng):
    """Weights in tenths; no gradient is 0, which would come out as 1e-17."""
    w = rng.permutation(one_of(rng, [0.1, 0.4, 0.5], [0.2, 0.3, 0.5], [0.1, 0.3, 0.6], [0.1, 0.2, 0.7]))
    V, g = numbers_of(rng, (3, 2), -2, -1, 0, 1, 2, 3), numbers_of(rng, 2, -2, -1, 1, 2, 3)
    return (w, V, g) if np.all(np.abs(V @ g - w @ V @ g) > 0.15) else _weights_by_hand(rng)


def _losses_by_hand(rng):
    """Two sequences with four or five symbols in all."""
    target = np.zeros((2, 4), dtype=int)
    for row, length in zip(target, one_of(rng, (1, 3), (3, 1), (2, 3), (3, 2), (1, 4), (4, 1)), strict=True):
        row[:length] = (*rng.integers(END + 1, 9, length - 1), END)
    return numbers_of(rng, (2, 4), *range(1, 10)), target


EXERCISES = [
    code_exercise(
        name="attend",
        task=N_("Write `attend(q, K, V, mask)`, the attention of one query q (features,) over keys K (time, "
                "features) and values V (time, values). mask (time,) is 1 for a word and 0 for padding. "
                "Return the context (values,)."),
        solution=(
            "def attend(q, K, V, mask):\n"
            "    scores = K @ q / np.sqrt(len(q))              # (time,)\n"
            "    scores = np.where(mask == 1, scores, -np.inf)\n"
            "    e = np.exp(scores - scores.max())             # e^-inf = 0\n"
            "    return e / e.sum() @ V                        # (values,)\n"
        ),
        cases=[FIRST_ATTENTION, _attention_case(4, 4, 4, 3), _attention_case(6, 2, 3, 2)],
        again=by_hand(
            _scores_by_hand,
            without=("small-score", "weights-too", "root-of-words"),
            asks=N_("With pencil and paper: what does `attend(q, K, V, mask)`, scaled dot-product attention, return for `q = {q}`, `K = {K}`, `V = {V}` and "
                    "`mask = {mask}`? You may need e = 2.718 and e^2 = 7.389."),
        ),
        slips={
            "no-mask": slip("This is what you get without the mask, because the padding was looked at, too.",
                {"    scores = np.where(mask == 1, scores, -np.inf)\n": ""}),
            "zero-scores": slip("The padding has the score 0 here, and that is not nothing, because e^0 = 1 still gets a "
                                "weight.",
                {"np.where(mask == 1, scores, -np.inf)": "scores * mask"}),
            "small-score": slip("The padding has a low score here, which still gets a small weight. Minus infinity gets "
                                "none.",
                {"-np.inf": "-5"}, {"-np.inf": "-10"}),
            "not-divided": slip("Your weights do not add up to 1, because the softmax divides by the sum of all "
                                "of them.",
                {"e / e.sum()": "e"}, {"e / e.sum()": "e", " - scores.max()": ""}),
            "root-of-words": slip("You divided by the root of the number of words. It should be the number of features, which "
                                  "is the length of `q`.",
                {"len(q)": "len(K)"}),
            "zero-weights": slip("You set the weights of the padding to 0 after the softmax, so the others no longer add up "
                                 "to 1.",
                {"    scores = np.where(mask == 1, scores, -np.inf)\n": "", "e.sum()": "e.sum() * mask"}),
            "no-root": slip("This is what you get without dividing by the root of the number of features.",
                {" / np.sqrt(len(q))": ""}),
            "not-square-root": slip("You divided by the number of features. It should be its square root.",
                {"np.sqrt(len(q))": "len(q)"}),
            "padding-alone": slip("You looked at the padding alone. The mask is 1 where a word stands.",
                {"mask == 1": "mask == 0"}),
            "largest-alone": slip("You took only the value with the largest score. The context mixes all values, and so it "
                                  "has a derivative.", {"e / e.sum() @ V": "V[scores.argmax()]"}),
            "weights": slip("These are the weights. They still have to mix the values.", {" @ V": ""}),
            "weights-too": slip("You returned the weights as well. You are asked for the context alone.",
                {"e / e.sum() @ V": "e / e.sum(), e / e.sum() @ V"}),
            "keys": slip("You mixed the keys. The context is made of the values.", {"@ V": "@ K"}),
            "no-softmax": slip("You mixed the values by the scores themselves, because the softmax is missing.",
                {"np.where(mask == 1, scores, -np.inf)": "scores * mask", "e / e.sum()": "scores"}),
        },
        hints=(
            N_("There is one score for each word: `K @ q / np.sqrt(len(q))` has shape (time,)."),
            N_("Before the softmax, padding gets the score minus infinity, with `np.where(mask == 1, "
               "scores, -np.inf)`."),
            N_("With `e = np.exp(scores - scores.max())` and `w = e / e.sum()`, the context is `w @ V`."),
        ),
        explanation=N_(
            "The mask acts on the scores, before the softmax. Multiplying scores by 0 leaves a weight, "
            "because e^0 = 1, and setting weights to 0 afterwards leaves a sum below 1."
        ),
    ),
    gradient_exercise(
        name="score-gradient",
        task=N_("Write `score_gradient(w, V, g)`. From the weights w (time,), the values V (time, values) "
                "and g = dL/dc (values,), it returns the gradient dL/ds (time,) for the scores."),
        solution=(
            "def score_gradient(w, V, g):\n"
            "    dw = V @ g                  # (time,), dL/dw\n"
            "    return w * (dw - w @ dw)    # (time,), dL/ds\n"
        ),
        loss=lambda params: G @ (_softmax(params[0]) @ VALUES),
        params=[np.log(WEIGHTS)],
        names=("s",),
        arguments=(WEIGHTS, VALUES, G),
        again=by_hand(
            _weights_by_hand,
            without=("no-brackets",),
            asks=N_("With pencil and paper: what does `score_gradient(w, V, g)` return for `w = {w}`, `V = {V}`, `g = {g}`? In this "
                    "attention w is the softmax of the scores s, and c = w V is the context."),
        ),
        slips={
            "weights-gradient": slip("That is dL/dw, the gradient for the weights. The softmax still lies between.",
                {"w * (dw - w @ dw)": "dw"}),
            "no-mean": slip("The weights share a sum of 1, so if one grows, the others shrink. Subtract the weighted "
                            "mean of dL/dw first.", {" - w @ dw": ""}),
            "brackets-alone": slip("That is what stands in the brackets of the rule. Each entry still has its "
                                   "own weight as a factor.", {"w * (": "("}),
            "mean-last": slip("The weighted mean is subtracted from dL/dw first, and the weight "
                              "multiplies the difference.", {"(dw - w @ dw)": "dw - w @ dw"}),
            "mean-added": slip("The weighted mean is added here. Subtract it.", {"- w @ dw": "+ w @ dw"}),
            "no-brackets": slip("Python reads `w * w @ dw` from the left, as `(w * w) @ dw`, so the mean needs "
                                "brackets, `w * (w @ dw)`.",
                {"w * (dw - w @ dw)": "w * dw - w * w @ dw"}),
            "sum": slip("You subtracted the sum of dL/dw. It should be a mean, weighted by w.", {"w @ dw": "dw.sum()"}),
            "plain-mean": slip("You subtracted the plain mean of dL/dw. The weights w should count in it.", {"w @ dw": "dw.mean()"}),
            "sigmoid": slip("That is the rule of a sigmoid, where each score stands alone. In a softmax each score also "
                            "moves the other weights.", {"(dw - w @ dw)": "(1 - w) * dw"}),
        },
        hints=(
            N_("Since c = w V, dL/dw is `V @ g`, one number for each word."),
            N_("Go through the softmax: dL/ds = w * (dL/dw - m), where m is one number."),
            N_("m is the mean of dL/dw, weighted by w: `w @ (V @ g)`."),
        ),
        explanation=N_(
            "Only differences count. If all scores grow alike, no weight changes, so the entries of "
            "dL/ds add up to 0. Subtracting the weighted mean makes sure of that."
        ),
    ),
    code_exercise(
        name="masked-mean",
        task=N_("Write `masked_mean(losses, target)`, the mean of the losses (batch, steps) over the "
                "symbols of the target. Places where target is PAD (0) do not count."),
        solution="def masked_mean(losses, target):\n    return losses[target != PAD].mean()\n",
        cases=[FIRST_LOSSES, _loss_case([4, 3], 4), _loss_case([2, 7], 7)],
        given={"PAD": PAD, "END": END},
        again=by_hand(
            _losses_by_hand,
            without=("not-averaged",),
            hints=(N_("How many places of the target are not 0?"), N_("Add up the losses of these places, and divide by the number of places.")),
        ),
        slips={
            "all-places": slip("That is the mean over all places, so the padding counted, too.",
                {"losses[target != PAD].mean()": "losses.mean()"}),
            "not-averaged": slip("Those are the losses that count. You still have to take their mean.", {".mean()": ""}),
            "weighted": slip("You weighted each loss with its symbol's place in the vocabulary. Each symbol "
                             "counts once.",
                {"losses[target != PAD].mean()": "(losses * target).sum() / target.sum()"}),
            "divided-by-places": slip("The padding adds 0 to the sum, but you still divided by all places.",
                {"losses[target != PAD].mean()": "(losses * (target != PAD)).mean()"}),
            "sum": slip("That is the sum. Divide by how many symbols there are.", {".mean()": ".sum()"}),
            "divided-by-sequences": slip("You divided by the number of sequences, but the mean is over symbols.",
                {".mean()": ".sum() / len(losses)"}),
            "padding-alone": slip("You kept the padding, and left out the symbols.", {"!=": "=="}),
            "without-end": slip("END is left out here. But it is a symbol that has to be written, too, and only PAD does "
                                "not count.",
                {"!= PAD": "> END"}),
            "divided-by-steps": slip("You divided by the number of steps, but the mean is over symbols.",
                {".mean()": ".sum() / losses.shape[1]"}),
            "divided-by-share": slip("You divided by the share of the symbols. Divide by their number.",
                {".mean()": ".sum() / (target != PAD).mean()"}),
            "divided-by-symbols": slip("You divided by the sum of the symbols' places in the vocabulary. Divide by how many "
                                       "symbols there are.",
                {".mean()": ".sum() / target.sum()"}),
            "mean-of-means": slip("That is a mean of means, so a symbol of a short number would count more than one of a long "
                                  "number.",
                {"losses[target != PAD].mean()": "np.mean([row[symbols != PAD].mean() for row, symbols in zip(losses, target)])"}),
        },
        hints=(
            N_("`target != PAD` is True where a symbol stands. How many are there?"),
            N_("Put this array of True and False in the square brackets, and only the losses of the symbols remain: "
               "`losses[target != PAD]`."),
        ),
        explanation=N_(
            "Divide by the number of symbols, not of places. Otherwise longer padding means a smaller loss and a smaller step, "
            "and the same pairs would train differently in another batch."
        ),
    ),
    Exercise(
        name="greedy",
        task=N_("Write `greedy(next_logits, longest)`. next_logits(symbols) gives the logits of the next "
                "symbol for the list of symbols read so far. Begin with [START], stop at END or after "
                "`longest` symbols, and return what was written."),
        judge=judge_greedy,
        hints=(
            N_("Keep one list, `symbols = [START]`, and hand all of it to `next_logits` each time."),
            N_("The next symbol is `int(np.argmax(next_logits(symbols)))`. If it is END, leave the loop."),
            N_("`for _ in range(longest):` limits the length of the text. Return `symbols[1:]`."),
        ),
        solution=(
            "def greedy(next_logits, longest):\n"
            "    symbols = [START]\n"
            "    for _ in range(longest):\n"
            "        symbol = int(np.argmax(next_logits(symbols)))\n"
            "        if symbol == END:\n"
            "            break\n"
            "        symbols.append(symbol)\n"
            "    return symbols[1:]\n"
        ),
        explanation=N_(
            "The network's own symbols come back as its input, and that is the whole difference to "
            "teacher forcing. An untrained network may never write END, so a limit is needed as well."
        ),
        given={"START": START, "END": END, "PAD": PAD},
    ),
    number_exercise(
        name="eleven-symbols",
        task=N_("A network gets each symbol right with probability {p}, independently. With which probability is a numeral of {n} "
                "symbols right as a whole? Two decimals are enough."),
        ask=N_("A probability is a share between 0 and 1. Try a smaller case: with which probability are "
               "two symbols both right? And three?"),
        tolerance=0.005,
        wrong={
            "{p}": N_("That is one symbol. All {n} must be right at once."),
            "1 - {n} * (1 - {p})": N_("You subtracted the share of mistakes {n} times. Independent probabilities are multiplied."),
            "{p} ** 2": N_("That is right for two symbols. And for three?"),
            "{p} ** 3": N_("That is right for three symbols. Go on."),
            "{p} ** ({n} - 1)": N_("You count one symbol too few."),
            "{p} ** ({n} + 1)": N_("You count one symbol too many."),
            "{p} * {n}": N_("That is how many of the {n} symbols are right on average. With which probability are "
                         "two both right? And three?"),
            "1 - {p} ** {n}": N_("That is the probability that something is wrong."),
        },
        numbers=fields({"p": 0.9, "n": 11}, {"p": (0.7, 0.75, 0.8, 0.85, 0.9), "n": range(4, 9)}),
        hints=(N_("The first symbol has to be right, and the second, and so on. Probabilities of independent "
                  "events are multiplied."), N_("It is `{p} ** {n}`.")),
        solution="eleven_symbols = {p}**{n}",
        explanation=N_(
            "A long output needs every symbol. That is why exact match lags far behind the share of right symbols, and why a loss "
            "that looks small may hide many wrong translations."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="padding-weight",
        question=N_("Two places of padding follow three words. Their keys are all zeros, and there is no mask. What "
                    "weight does the softmax give a place of padding?"),
        options={
            "a": (N_("more than 0"),
                  N_("A score of 0 is a score like any other, because e^0 = 1. The next cell prints the weight, "
                     "with a mask and without.")),
            "b": (N_("0"),
                  N_("Its score is 0, and e^0 is 1. The next cell prints its weight.")),
            "c": (N_("`nan`"),
                  N_("Nothing is divided by zero here, because the sum of the exponentials is positive. The next "
                     "cell prints the weight.")),
        },
        right="a",
        cells=("padding-weight",),
    ),
    prediction(
        name="teacher-forcing",
        question=N_("While training, the decoder reads the right symbols. What does it read while it translates a test number?"),
        options={
            "a": (N_("the right symbols, as in training"),
                  N_("If so, `translate` would need the right numeral as an argument. The next cell calls it "
                     "with the words alone.")),
            "b": (N_("nothing but the words"),
                  N_("If so, it could not know where in the text it is. The next cell shows that its own symbols "
                     "go in, one by one.")),
            "c": (N_("the symbols that it has written itself"),
                  N_("Nobody knows the right symbols there. The next cell calls `translate` with the words alone.")),
        },
        right="c",
        cells=("untrained",),
    ),
    prediction(
        name="loss-and-exact",
        question=N_("A network without attention has been trained for two epochs. More than three in four "
                    "symbols are right when it reads the right ones. How many whole numbers does it translate "
                    "right?"),
        options={
            "a": (N_("less than half"),
                  N_("One wrong symbol spoils the number, and there are up to eleven. The next cell counts both.")),
            "b": (N_("about three in four"),
                  N_("A number is right only when all its symbols are right. The next cell counts both.")),
            "c": (N_("more than 90 %"),
                  N_("A number is at least as hard as its hardest symbol. The next cell counts both.")),
        },
        right="a",
        cells=("plain",),
    ),
    prediction(
        name="same-map",
        question=N_("A second network, from other initial weights, also gets more than 90 % of the numbers "
                    "right. Does it look at the same words when it writes the same symbols?"),
        options={
            "a": (N_("for every symbol"),
                  N_("The next cell trains the second network and compares the maps on 500 numbers. The answers "
                     "are nearly the same, but partly the maps look at other places.")),
            "b": (N_("for most symbols"),
                  N_("Each state of the encoder has read all words before it, so several places may serve. The next cell counts.")),
            "c": (N_("for hardly any symbol"),
                  N_("For most symbols the strongest place is the same. The next cell counts.")),
        },
        right="b",
        cells=("second",),
    ),
    prediction(
        name="all-numbers",
        question=N_("At least 95 % of 500 unseen numbers are right. What about the numbers that end in 000 to 009, "
                    "such as 512,000 or 40,007?"),
        options={
            "a": (N_("as many of them are wrong as of other numbers"),
                  N_("The network has learned what its examples show, and only about one of them in a hundred ends "
                     "like this. The next cell counts the mistakes.")),
            "b": (N_("fewer of them are wrong than of other numbers"),
                  N_("They have fewer digits to translate, but shorter is not easier when it is rare. The next cell counts the mistakes by ending.")),
            "c": (N_("far more of them are wrong than of other numbers"),
                  N_("Only about one training number in a hundred ends like this. The next cell counts the mistakes by ending.")),
        },
        right="c",
        cells=("endings",),
    ),
]  # fmt: skip

chapter = Chapter("6c", EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
