"""Chapter 6b: frames, backpropagation through time, clipping, centring. Exercises and predictions."""

from functools import partial

import numpy as np

from ..text import N_
from .machinery import judges
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter, Exercise, Verdict
from .machinery.letter import prediction
from .machinery.slips import Slips, code_exercise, compiled, gradient_exercise, number_exercise, slip

_rng = np.random.default_rng(6)


# Backpropagation through three steps, judged by finite differences.

X, Y = _rng.normal(size=(4, 3, 2)), _rng.normal(size=(4, 5))  # (batch, steps, features), (batch, hidden)
W, U, B = _rng.normal(size=(2, 5)), 0.5 * _rng.normal(size=(5, 5)), 0.1 * _rng.normal(size=5)


def _states(x, W, U, b):
    states = [np.zeros((len(x), len(b)))]
    for t in range(3):
        states.append(np.tanh(x[:, t] @ W + states[-1] @ U + b))
    return states


CLIP_CASES = [
    (np.array([3.0, -4.0]), 1.0),  # norm 5
    (np.array([-0.3, 0.4]), 1.0),  # norm 1/2: stays
    (np.array([0.9, -1.2]), 1.0),  # norm 1.5: a little too long
    (_rng.normal(size=6) * 10, 2.5),
]

_VECTORS = [  # their lengths are 5, 9, 10 and 20
    [3, 4],
    [4, 3],
    [6, 8],
    [8, 6],
    [12, 16],
    [2, 4, 4, 8],
    [8, 1, 4],
    [4, 7, 4],
    [1, 1, 7, 7],
    [9, 1, 3, 3],
]


def _long_vector(rng):
    """A gradient, and the norm to which it is shortened, or more seldom one that it does not reach."""
    g = rng.permutation(one_of(rng, *_VECTORS)) * 1.0
    norm = np.sqrt(np.sum(g**2))
    return g * rng.choice((-1.0, 1.0), len(g)), norm * one_of(rng, 0.1, 0.2, 0.5, 2.0)


# Each utterance without its own mean.


def _zeroed(function):
    """The same function, with zeros after the end of each utterance."""
    return lambda features, mask: function(features, mask) * mask[:, :, None]


# Two utterances of three and of two frames, in numbers for the head; then longer ones.
CENTRE_CASES = [
    (
        np.array([[[-10.0, -4], [-20, -6], [-30, -8]], [[-12, -40], [-18, -20], [-60, -60]]]),
        np.array([[1.0, 1, 1], [1, 1, 0]]),
    ),
    (
        np.where(np.arange(6)[:, None] < 4, _rng.uniform(-50, 0, (2, 6, 3)), -60.0),
        np.array(2 * [[1.0] * 4 + [0] * 2]),
    ),
]
CENTRE = (
    "def centre(features, mask):                                   # (n, 40, 16), (n, 40)\n"
    "    total = (features * mask[:, :, None]).sum(axis=1)         # (n, 16)\n"
    "    own = total / mask.sum(axis=1)[:, None]                   # (n, 16)\n"
    "    return features - own[:, None]                            # (n, 40, 16)\n"
)
CENTRE_SLIPS = {
    "padding-counts": slip("This mean also counts the silence after the end, so short utterances get too low a mean.",
        {"total / mask.sum(axis=1)[:, None]": "features.mean(axis=1)"}),
    "all-frames-divide": slip("You add up the utterance's own frames, but divide by all frames, those after the end included.",
        {"mask.sum(axis=1)[:, None]": "mask.shape[1]"}),
    "all-utterances": slip("This is one mean for all utterances together. Each voice has a colour of its own, so each "
                           "utterance needs its own mean.",
        "return features - features[mask == 1].mean(axis=0)"),
    "over-bands": slip("This averages over the bands of a frame. But the colour of a voice stays the same in each "
                       "band from frame to frame, so average over the frames, which are axis 1.",
        "return features - features.mean(axis=2)[:, :, None]"),
    "one-number": slip("This takes one number from a whole utterance, its loudness. Each band needs a mean of its own.",
        "total = (features * mask[:, :, None]).sum(axis=(1, 2))\nown = total / (mask.sum(axis=1) * features.shape[2])\nreturn features - own[:, None, None]"),
    "all-frames": slip("You divide by the number of frames of all utterances together. Each utterance has its own "
                       "number of frames.",
        {"mask.sum(axis=1)[:, None]": "mask.sum()"}),
    "everything": slip("This is one number for everything. Each utterance needs a mean of its own, band by band.",
        "return features - features.mean()"),
    "mask-alone": slip("Nothing is subtracted yet. This only sets the frames after the end to 0.",
        "return features * mask[:, :, None]"),
    "scaled-too": slip("You divide by the deviation as well. Here only the mean is taken off.",
        {"return features - own[:, None]": "features = features - own[:, None]\n    own = np.sqrt((features**2 * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None])\n    return features / own[:, None]"}),
    "added": slip("The mean is added. Which sign takes it off?", {"features - own": "features + own"}),
}  # fmt: skip


def _judge_centre():
    """Right whatever numbers stand after the end of an utterance: the shifted silence, zeros; nobody reads them."""
    made = partial(compiled, name="centre")
    centre, slips = made(CENTRE), Slips(CENTRE, CENTRE_SLIPS, made)
    with_zeros = [(name, _zeroed(function), sentence) for name, function, sentence in slips]
    shifted = judges.function(centre, CENTRE_CASES, wrong=[*slips, *with_zeros])
    zeros = judges.function(_zeroed(centre), CENTRE_CASES)  # the same numbers as long as the utterance lasts

    def judge(answer):
        verdict = shifted(answer)
        other = zeros(_zeroed(answer)) if verdict.outcome == Verdict.WRONG and callable(answer) else verdict
        return other if other.outcome == Verdict.RIGHT else verdict

    judge.slips = shifted.slips
    return judge


def _short_utterance(rng):
    """Three frames of two bands, of which the last comes after the end; each band's mean is a whole number."""
    first, half = numbers_of(rng, 2, -40, -30, -20, -10), numbers_of(rng, 2, -8, -6, -4, 3, 5, 7, 9)
    return np.array([[first, first + 2 * half, [-60.0, -60.0]]]), np.array([[1.0, 1.0, 0.0]])


# Numbers of the forms.


def _rounded(steps):
    """A number of steps, rounded down, rounded up, and as it is."""
    return f"int({steps})", f"int({steps}) + 1", steps


def _steps(share):
    """After how many steps exactly a thousandth is left, where each leaves this share."""
    return np.log(0.001) / np.log(share)


_SHARES = [  # scale and slope; one of them alone needs more steps, also when it is rounded down, and no number is nearly whole
    (scale, slope)
    for scale in (0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9, 0.95)
    for slope in (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9)
    if scale != slope
    and round(scale * slope, 2) == round(scale * slope, 4) <= 0.6
    and _steps(scale * slope) + 1 < int(_steps(min(scale, slope)))
    and 0.03 < _steps(scale * slope) % 1 < 0.97
]


def _one_step(scale, slope):
    share = round(scale * slope, 4)
    return {"share": share, "exactly": round(_steps(share), 2)}


EXERCISES = [
    number_exercise(
        name="frames",
        task=N_("A recording of one second has {thousands},000 samples. How many whole frames of {size} samples does it have, one every {hop}?"),
        ask=N_("Try a smaller case: 10 samples, frames of 4, one every 3. Where does the last whole frame "
               "begin?"),
        tolerance=1e-9, unit=N_("frames"),
        wrong={
            "{samples} // {hop}": N_("That is how many times {hop} samples fit into the recording. But the last of "
                                     "that many frames would reach beyond the end."),
            "{samples} // {hop} + 1": N_("Where would the last of them begin, and where would it end?"),
            ("{samples} // {size}", "{samples} // {size} + 1"): N_("Frames overlap, because the next one begins {hop} samples later and not {size}."),
            "{samples} / {size}": N_("Frames overlap, because the next one begins {hop} samples later and not {size}. And only whole "
                      "frames count."),
            "({samples} - {size}) // {hop}": N_("Count the first one, which begins at 0, as well."),
            "({samples} - {size}) / {hop}": N_("That is how many steps of {hop} fit before the last possible beginning. What becomes of the "
                     "rest? And does the first frame need a step?"),
            ("({samples} - {size}) // {shared}", "({samples} - {size}) // {shared} + 1"): N_("{shared} samples is what two neighbours share. How far apart do they begin?"),
            "{samples} - {size}": N_("That is how many samples lie before the last possible beginning. But frames begin only at "
                     "every {hop}th of them."),
            "{samples} - {size} + 1": N_("Frames do not begin at every sample, but at every {hop}th."),
        },
        numbers=fields(
            {"thousands": 8, "size": 256, "hop": 160},
            {"thousands": (4, 6, 8, 10, 12, 14, 16, 18, 20, 24), "size": (256, 400, 500, 640), "hop": (80, 100, 125, 160)},
            lambda thousands, size, hop: {"shared": size - hop, "samples": 1000 * thousands},
        ),
        hints=(
            N_("The last frame has to begin at sample {thousands},000 - {size} or before."),
            N_("Frame t begins at sample {hop} t. Which t are possible?"),
        ),
        solution="frames = 1 + ({samples} - {size}) // {hop}",
        explanation=N_("The first frame begins at 0, and the others follow as long as {size} samples are left. The "
                       "usual slips are to divide the whole length, and to forget the first frame."),
    ),
    gradient_exercise(
        name="through-time",
        task=N_("Write `through_time(x, y, W, U, b)`, which returns the gradients of L = 1/2 sum (h3 - y)^2 "
                "for `W`, `U` and `b`."),
        solution=(
            "def through_time(x, y, W, U, b):\n"
            "    h1 = np.tanh(x[:, 0] @ W + b)                             # x: (batch, 3, features), h: (batch, hidden)\n"
            "    h2 = np.tanh(x[:, 1] @ W + h1 @ U + b)\n"
            "    h3 = np.tanh(x[:, 2] @ W + h2 @ U + b)\n"
            "    delta3 = (h3 - y) * (1 - h3**2)                           # (batch, hidden), the output error\n"
            "    delta2 = delta3 @ U.T * (1 - h2**2)                       # one step back\n"
            "    delta1 = delta2 @ U.T * (1 - h1**2)\n"
            "    dW = x[:, 0].T @ delta1 + x[:, 1].T @ delta2 + x[:, 2].T @ delta3\n"
            "    dU = h1.T @ delta2 + h2.T @ delta3                        # h0 = 0: step 1 has no share\n"
            "    return dW, dU, (delta1 + delta2 + delta3).sum(axis=0)\n"
        ),
        loss=lambda params: np.sum((_states(X, *params)[3] - Y) ** 2) / 2,
        params=[W, U, B],
        names=("W", "U", "b"),
        arguments=(X, Y, W, U, B),
        slips={
            "no-slope": slip("The way back passes a tanh at each step. `delta2` and `delta1` lack its slope, `1 - h**2`.",
                {" * (1 - h2**2)": "", " * (1 - h1**2)": ""}),
            "last-step-alone": slip("This is the share of step 3 alone. `W`, `U` and `b` were used three times.",
                {"x[:, 0].T @ delta1 + x[:, 1].T @ delta2 + ": "", "h1.T @ delta2 + ": "", "delta1 + delta2 + delta3": "delta3"}),
            "not-transposed": slip("`h @ U` on the way forward becomes `delta @ U.T` on the way back. The shapes cannot tell "
                                   "you, because `U` is square.", {"U.T": "U"}),
            "one-share-of-u": slip("The gradients of `W` and `b` are right. `U` was used at step 2 and at step 3, "
                                   "and only one of the two shares is here.",
                {"h1.T @ delta2 + ": ""}, {" + h2.T @ delta3": ""}),
            "one-share-of-w": slip("The gradients of `U` and `b` are right. `W` was used at all three steps.",
                {"x[:, 0].T @ delta1 + x[:, 1].T @ delta2 + ": ""}),
            "sums-multiplied": slip("You add up the frames and the errors first. Each frame goes with the error "
                                    "of its own step.",
                {"x[:, 0].T @ delta1 + x[:, 1].T @ delta2 + x[:, 2].T @ delta3": "x.sum(axis=1).T @ (delta1 + delta2 "
                                                                                 "+ delta3)"}),
            "square": slip("Your `delta3` goes on with the square itself. What goes back is the derivative of the "
                           "square.",
                {"(h3 - y)": "(h3 - y) ** 2"}, {"(h3 - y)": "(h3 - y) ** 2 / 2"}),
            "own-state": slip("At step t, `U` was multiplied by the state before it: `delta3` goes with `h2`, and `delta1` with "
                              "the start, 0.",
                {"h1.T @ delta2 + h2.T @ delta3": "h1.T @ delta1 + h2.T @ delta2 + h3.T @ delta3"}),
            "no-last-state": slip("At step t, `U` was multiplied by the state before it. Which state did it meet at step 3, "
                                  "and which at step 1?", {"h1.T @ delta2 + h2.T @ delta3": "h1.T @ delta1 + h2.T @ delta2"}),
            "no-output-slope": slip("`delta3` is dL/dz3, not dL/dh3. The tanh of the last step lies between the two.",
                {" * (1 - h3**2)": ""}),
            "tanh-twice": slip("`h` has been through the tanh already, so its slope there is `1 - h**2`, without another "
                               "tanh.", {"h1**2": "np.tanh(h1)**2", "h2**2": "np.tanh(h2)**2", "h3**2": "np.tanh(h3)**2"}),
            "slope-of-sigmoid": slip("`h * (1 - h)` is the slope of the sigmoid. Here it is a tanh.",
                {"(1 - h1**2)": "h1 * (1 - h1)", "(1 - h2**2)": "h2 * (1 - h2)", "(1 - h3**2)": "h3 * (1 - h3)"}),
            "slope-of-next-step": slip("The slope at a step belongs to that step's own state: `delta2` goes through the tanh of "
                                       "`h2`.", {"(1 - h2**2)": "(1 - h3**2)", "(1 - h1**2)": "(1 - h2**2)"}),
            "bias-of-last-step": slip("dW and dU are right. `b` was used at all three steps, too.",
                {"delta1 + delta2 + delta3": "delta3"}),
            "transposed": slip("dU is transposed. `h @ U` gives dU = `h.T @ delta`. The shapes cannot tell you, because "
                               "`U` is square.",
                {"return dW, dU": "return dW, dU.T"}),
            "mean": slip("The loss is a sum over the batch and not a mean, so nothing is divided by the size of the "
                         "batch.",
                {"(h3 - y)": "(h3 - y) / len(x)"}),
            "mean-in-bias": slip("dW and dU are right. For db, what the examples give is added up as well, because the loss is a "
                                 "sum.", {".sum(": ".mean("}),
            "both-from-the-last": slip("You computed `delta1` from `delta3`. It comes from `delta2`, because the "
                                       "error goes back one step at a time.",
                {"delta2 @ U.T": "delta3 @ U.T"}),
            "mixed-steps": slip("The frame of step 1, `x[:, 0]`, goes with the error of step 1, `delta1`. Do yours?",
                {"x[:, 0].T @ delta1": "x[:, 2].T @ delta1", "x[:, 2].T @ delta3": "x[:, 0].T @ delta3"}),
        },
        hints=(
            N_("`delta3 = (h3 - y) * (1 - h3**2)` is the slope of the loss times the slope of tanh."),
            N_("Go one step back, through `U` and through the tanh of that step: `delta2 = delta3 @ U.T * "
               "(1 - h2**2)`, and `delta1` likewise."),
            N_("Each parameter gets a share from each step: `x[:, 0].T @ delta1 + ...` for `W`, `h1.T @ delta2 + h2.T @ delta3` "
               "for `U`."),
        ),
        explanation=N_(
            "The usual slips are to take the gradient of the last step alone, `U` instead of its "
            "transpose (it is square, so nothing stops you), a step back without the slope of tanh, and "
            "the state after the step in place of the one before it."
        ),
    ),
    code_exercise(
        name="clip",
        task=N_("Write `clip(g, largest)`. It returns the gradient `g`, one vector of all its numbers, "
                "shortened to the norm `largest` where it is longer."),
        solution=(
            "def clip(g, largest):\n"
            "    norm = np.sqrt(np.sum(g**2))\n"
            "    return g * (largest / norm) if norm > largest else g\n"
        ),
        cases=CLIP_CASES,
        again=by_hand(_long_vector, without=("other-way-round",)),
        tolerance=1e-6,
        in_place=("g",),
        slips={
            "each-entry": slip("This cuts each entry by itself. Large entries shrink and small ones do not, so the "
                               "direction changes.", "return np.clip(g, -largest, largest)"),
            "always": slip("This gives every gradient the norm `largest`. A short one should stay as it is.",
                {" if norm > largest else g": ""}),
            "no-root": slip("This divides by the squared norm. The square root is missing.",
                {"np.sqrt(np.sum(g**2))": "np.sum(g**2)"}),
            "sum-of-sizes": slip("This divides by the sum of the sizes of all entries. The norm is the root of the sum of squares.",
                {"np.sqrt(np.sum(g**2))": "np.sum(np.abs(g))"}),
            "mean-square": slip("This divides by the root of the mean square. The norm is the root of the sum of "
                                "squares.",
                {"np.sum(g**2)": "np.mean(g**2)"}),
            "unit-norm": slip("A long gradient now has the norm 1, whatever `largest` is. Which norm should it have?",
                {"largest / norm": "1 / norm"}),
            "always-unit": slip("This gives every gradient the norm 1, short ones too. Which gradients should stay as they "
                                "are?",
                {"(largest / norm) if norm > largest else g": "(1 / norm)"}),
            "skipped": slip("This skips the step where the gradient is long. Clipping takes the step, but makes it "
                            "shorter.",
                {"g * (largest / norm)": "0 * g"}),
            "largest-entry": slip("This divides by the largest entry, so the others can still make the gradient too long.",
                {"np.sqrt(np.sum(g**2))": "np.max(np.abs(g))"}),
            "other-way-round": slip("The short gradients are the ones that you change. Which should stay as they are?",
                {"norm > largest": "norm < largest"}),
            "from-above-alone": slip("This cuts each entry by itself, and only from above. Large negative entries stay, and the "
                                     "direction changes.", "return np.minimum(g, largest)"),
        },
        hints=(
            N_("The norm is the square root of the sum of all squares."),
            N_("There is one factor for the whole vector, `largest / norm`, but only where the norm is "
               "larger."),
        ),
        explanation=N_(
            "One factor for all entries keeps the direction. The usual slips are to cut entry by entry, "
            "which turns the step, and to make short gradients longer."
        ),
    ),
    Exercise(
        name="centre",
        task=N_("Write `centre(features, mask)`. It takes from each utterance the mean of its own frames, "
                "band by band. Frames after the end do not count."),
        judge=_judge_centre(),
        again=by_hand(
            _short_utterance,
            without=("all-utterances", "all-frames"),  # right, for one utterance
            asks=N_("With pencil and paper: one utterance has three frames of two bands, `features = {features}`, "
                    "and `mask = {mask}`. What does `centre(features, mask)` return? The frame after the end has no "
                    "part in the means, but the means are subtracted from this frame, too."),
        ).forms(compiled(CENTRE, "centre")),
        hints=(
            N_("Frames after the end count 0 when you multiply by `mask[:, :, None]`. Then sum over the "
               "frames, which are axis 1."),
            N_("Divide by the number of frames of each utterance, `mask.sum(axis=1)`, as a column: `[:, None]`."),
            N_("`own` has shape (n, bands), and `features - own[:, None]` takes it from every frame."),
        ),
        solution=CENTRE,
        explanation=N_(
            "In decibels a louder band is an added constant, so subtracting the mean removes it. The "
            "usual slips are to count the padding, and to take the mean over all utterances or over the "
            "bands."
        ),
    ),

    number_exercise(
        name="thousandth",
        task=N_(
            "In a recurrent network the matrix U, from one state to the next, is a rotation times {scale}, and all slopes of the tanh are {slope}. After how many steps back is less than a thousandth of "
            "the gradient left?"
        ),
        ask=N_("Which share of the gradient does one step leave? And two steps, and k steps?"),
        tolerance=0.02, unit=N_("steps"),
        wrong={
            "int(np.log(0.001) / np.log({share}))": N_("After so many steps a little more than a thousandth is left."),
            "np.log(0.001) / np.log({share})": N_("After so many steps exactly a thousandth would be left. But steps "
                                                  "are whole, and it has to be less than a thousandth."),
            _rounded("np.log(0.001) / np.log({scale})"): N_("You took the scale of U alone. Each step also multiplies by a slope."),
            _rounded("np.log(0.001) / np.log({slope})"): N_("You took the slopes alone. Each step also multiplies by the scale of U."),
            _rounded("np.log(0.01) / np.log({share})")[:2]: N_("That is about where a hundredth is left."),
            "int(1 / (1 - {share})) + 1": N_("Each step takes a share of what is *left*, not of what there was at the start."),
            ("np.log10(0.001) / np.log({share})", "np.log(0.001) / np.log10({share})"): N_("These two logarithms have different bases. Take the same base for both."),
            "{share}": N_("That is the share that one step leaves. How many steps does it take?"),
        },
        numbers=fields({"scale": 0.9, "slope": 0.8}, {"scale slope": _SHARES}, _one_step),
        hints=(
            N_("One step leaves {scale} * {slope} = {share}. What do k steps leave?"),
            N_("{share}^k < 0.001. Take logarithms on both sides, and mind that ln {share} is negative. Or go on multiplying."),
            N_("It is `np.log(0.001) / np.log({share})`, rounded up."),
        ),
        solution="thousandth = int(np.log(0.001) / np.log({share})) + 1",
        explanation=N_(
            "{share}^k < 0.001 holds for k > ln 0.001 / ln {share} = {exactly}. The usual slips are to take only "
            "one of the two factors, and to round down. A thousandth of that thousandth is left after "
            "as many steps again, so the gradient vanishes exponentially."
        ),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="weights-per-step",
        question=N_("An utterance has 40 frames. How many matrices `U` does the recurrent network hold?"),
        options={
            "a": (N_("one, used 40 times"),
                  N_("It is one layer, used again at every step. That is why the gradients of all steps will "
                     "have to be added.")),
            "b": (N_("10, one for each digit"),
                  N_("The digits are told apart by the last layer. The next cell shows its 10 outputs and the one `U`.")),
            "c": (N_("40, one for each frame"),
                  N_("If so, it could not read an utterance of 41 frames. The next cell reads 10 and 40 frames "
                     "with the same parameters.")),
        },
        right="a",
        cells=("plain-rnn",),
    ),
    prediction(
        name="half-scale",
        question=N_("`U` is a rotation times one half, in a network that has just been set up. How much of the "
                    "gradient is left 29 steps back?"),
        options={
            "a": (N_("all of it"),
                  N_("A rotation keeps lengths, but this one is halved at each step, and tanh has slopes below 1. The "
                     "figure below measures it.")),
            "b": (N_("about a half"),
                  N_("A half is left after one step. The next step halves what is left. The figure below measures it.")),
            "c": (N_("about a thirtieth"),
                  N_("That would be right if each step added a factor. But the factors multiply. The figure "
                     "below measures it.")),
            "d": (N_("less than a hundred-millionth"),
                  N_("0.5 to the power 29 is 2e-9, and the slopes of tanh make it smaller. The figure below measures it.")),
        },
        right="d",
        cells=("vanish-figure",),
    ),
    prediction(
        name="clipping",
        question=N_("A gradient with one huge entry is clipped by its norm. What happens to the direction of the step?"),
        options={
            "a": (N_("it changes, because the huge entry is cut off and the others stay"),
                  N_("That is clipping entry by entry, another method. The cells below tell the two apart.")),
            "b": (N_("there is no step, because the gradient is set to zero"),
                  N_("Skipping the step is another remedy. The factor is c / |g|, which is small but not zero. "
                     "See the cells below.")),
            "c": (N_("it stays, because all entries shrink by the same factor"),
                  N_("There is one factor for all entries, so the step is shorter and keeps its direction.")),
        },
        right="c",
        cells=("clip-direction",),
    ),
    prediction(
        name="tenths",
        question=N_("We train five GRUs with 9,898 parameters each and five linear models with 1,610 each. The "
                    "linear models know an utterance only by its ten means. All work on the same standardised "
                    "frames. Which get more right on three accents never heard, on average?"),
        options={
            "a": (N_("the GRUs"),
                  N_("They hear every frame, in order. Whether that helps here is another question. The next cell "
                     "measures both.")),
            "b": (N_("the linear models"),
                  N_("Ten means may well keep enough to tell ten words apart. The next cell measures both. Has the "
                     "GRU been given what suits it? \"Close the gap\" comes back to that.")),
            "c": (N_("no difference that five seeds can show"),
                  N_("Both are right on most utterances. The next cell measures both, with an interval of the difference.")),
        },
        right="b",
        cells=("held-out",),
    ),
    prediction(
        name="other-synthesiser",
        question=N_("A network is right on at least 95 % for three accents that it never heard. How many of the "
                    "same ten words does it get right when flite speaks them?"),
        options={
            "a": (N_("about as many"),
                  N_("It has learned what the words sound like when espeak-ng says them. The next cell asks "
                     "flite.")),
            "b": (N_("far fewer, but more than by guessing"),
                  N_("Held-out accents of one synthesiser test less than they seem to. The next cell asks flite.")),
            "c": (N_("10 %, as by guessing"),
                  N_("Something carries over. The next cell says how much.")),
        },
        right="b",
        cells=("unheard",),
    ),
]  # fmt: skip

chapter = Chapter("6b", EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
