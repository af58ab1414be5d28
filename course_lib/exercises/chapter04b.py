"""Chapter 4b: theorems, as exercises that are judged by order, by number, by finite differences and by counterexample."""

import numpy as np

from ..functional import layer_norm
from ..text import N_
from .machinery import judges
from .machinery.again import by_hand, numbers_of, one_of
from .machinery.compare import one_number
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import letter_exercise, prediction
from .machinery.order import arrange_function, ordering
from .machinery.slips import code_exercise, gradient_exercise, number_exercise, slip

RNG = np.random.default_rng(4)
NEAR, FAR = np.linspace(-20, 20, 401), np.r_[np.linspace(20, 700, 6801), np.geomspace(700, 1e12, 200)[1:]]
X, G = RNG.normal(size=(3, 5)) * [[1.0], [3.0], [0.5]] + [[2.0], [-1.0], [0.0]], RNG.normal(size=(3, 5))
EPSILON = 1e-5


def _values(function, points):
    return np.array([one_number(function(float(u))) for u in points])


def _corner(function, low, high, order):
    """A place between low and high where the function jumps, or its slope, or with order 3 its curvature; None without one.

    There the difference of this order is far larger than beside, and stays so at a fortieth of the steps.
    """

    def spikes(low, high, count, size):
        """Where the difference is far larger than beside, the largest first; and the size of the heights."""
        points = np.linspace(low, high, count)
        heights = _values(function, points)
        size, change = max(size, 1 + np.abs(heights).max()), np.abs(np.diff(heights, order))
        excess = change[3:-3] - 4 * np.maximum(change[:-6], change[6:]) - 1e-12 * size
        found = np.argsort(-excess)[: np.sum(excess > 0)]
        return points[found + 4], size  # change[3 + i] comes from the points around 4 + i

    step = (high - low) / 4000
    places, size = spikes(low, high, 4001, 0)
    return next((at for at in places[:20] if len(spikes(at - 6 * step, at + 6 * step, 481, size)[0])), None)


def _resolved(function, low, high):
    """Whether rounding does not hide how the function changes between two places: it takes many values there."""
    return len(set(_values(function, np.linspace(low, high, 33)))) > 8


def _levels_off(function, above, level):
    """Whether a function that lies higher at one place than at another stops falling between them, with no rounding to hide a fall."""
    last = one_number(function(float(level)))
    for _ in range(60):
        middle = (above + level) / 2
        above, level = (middle, level) if one_number(function(float(middle))) > last else (above, middle)
    return _resolved(function, above - 1e-3 * above, above)


def _without_minimum(function):
    """What counts about a function of one number that is said to have no minimum."""
    near = _values(function, NEAR)
    side = 1 if near[-1] < near[0] else -1
    places = np.concatenate([NEAR, FAR[1:]])  # along the way on which it falls, turned to the right
    far = np.concatenate([near[::side], _values(function, side * FAR)[1:]])
    size = np.abs(near[190:211]).max() + np.abs(far)  # that between -1 and 1, and its own: what rounding goes with
    evenly = far[: np.searchsorted(places, 699)]
    bends = np.diff(evenly, 2)
    at = {distance: float(far[np.searchsorted(places, distance * 0.999)]) for distance in (1e3, 1e6, 1e12)}
    first, second = at[1e3] - at[1e6], at[1e6] - at[1e12]
    falls = np.diff(far) <= 64 * np.finfo(float).eps * (size + np.abs(places))[1:]
    end = max(np.flatnonzero(far > far[-1]), default=0)  # the last place that lies above the end
    finite = bool(np.isfinite(far).all())
    rises = finite and far[-1] > far.min() and _resolved(function, side * places[-2], side * places[-1])
    return {
        "finite": finite,
        "constant": bool(np.ptp(near) == 0),
        "convex": bool((bends >= -1e-7 * size[1 : len(bends) + 1]).all()),
        "corner": finite and _corner(function, -5, 5, order=2) is not None,
        "falls": bool(falls.all()) and not rises,
        "bounded": bool(second <= 0.9 * first + 1e-6),
        "ends": end == len(far) - 2 or not _levels_off(function, side * places[end], side * places[end + 1]),
    }


def _settled(estimate, steps, rounding):
    """The value of estimate(h) that changes least with h; rounding(h) is what rounding may change about it."""
    values = np.array([estimate(h) for h in steps])
    return values[1:][np.argmin(np.abs(np.diff(values)) + rounding(steps[1:]))]


def _climb(function):
    """A step of rate 1 from 0 on a function of one number: slope and curvature there, and how far up it leads."""
    f, steps = (lambda x: one_number(function(float(x)))), 10.0 ** -np.arange(1, 8.5, 0.5)
    here = f(0)
    rounding = 4 * np.finfo(float).eps * abs(here)
    slope = _settled(lambda h: (f(h) - f(-h)) / (2 * h), steps, lambda h: rounding / h)
    far = not abs(slope) <= 1e-6
    length = abs(slope) if far else 1.0
    curvature = _settled(lambda h: (f(h) - 2 * here + f(-h)) / h**2, length * steps, lambda h: rounding / h**2)
    ends = np.array(sorted((0.0, -slope)) if far else (-0.1, 0.1))
    ends += np.diff(ends) * [-0.1, 0.1]
    finite = bool(np.isfinite([slope, curvature, *_values(function, np.linspace(*ends, 4001))]).all())
    corner = _corner(function, *ends, order=3) if finite else None
    return {
        "finite": finite,
        "smooth": corner is None,
        "corner": round(float(corner or 0), 3) + 0.0,
        "slope": slope,
        "curvature": round(float(curvature), 6) + 0.0,
        "climb": f(-slope) - here,
    }


def _normalised():
    """g, x_hat and std of a batch whose rows are normalised."""
    centred = X - X.mean(axis=1, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
    return G, centred / std, std


def _variance(rng):
    """V, eta, h, s and B of a step, with squares that come out in four decimals."""
    eta, h = one_of(rng, (0.1, 2), (0.1, 5), (0.1, 8), (0.2, 2), (0.2, 3))
    return one_of(rng, 2, 3, 5, 10), eta, h, one_of(rng, 4, 6, 12, 14), one_of(rng, 2, 4, 5, 10)


def _errors(rng):
    """The error of a value, 10^-digits, and C, the third derivative: other than 3, so that it counts."""
    digits, C = 9, 24
    while rng is not None:
        digits, h = int(rng.integers(3, 7)), one_of(rng, 0.02, 0.025, 0.05, 0.1, 0.2)
        C = round(3 / 10**digits / h**3, 9)
        if C != 3:
            break
    return {"digits": digits, "C": C}


def _normalised_row(rng):
    """g, x_hat and std of one example with four features."""
    g = rng.choice([-6.0, -4.0, -2.0, 1.0, 2.0, 3.0, 4.0, 8.0], (1, 4), replace=False)
    return g, rng.permutation([1.0, 1.0, -1.0, -1.0])[None], numbers_of(rng, (1, 1), 0.5, 2, 4)


PROOF = {
    "a": "        < L(w)                                       [η < 2/M, g ≠ 0]",
    "b": "φ(η)    = φ(0) + η φ'(0) + η² φ''(s)/2               [0 <= s <= η]",
    "c": "       >= L(w) - η |g|²                              [φ'' >= 0]",
    "d": "       <= L(w) - η |g|² + η² M |g|²/2",
    "e": "φ(t)    = L(w - t g),  φ(0) = L(w),  φ'(0) = -|g|²",
    "f": "        = L(w) - η |g|²                              [η → 0]",
    "g": "        = L(w) - η (1 - ηM/2) |g|²",
    "h": "        = L(w) - η |g|² + η² φ''(s)/2",
}

EXERCISES = [
    ordering(
        name="descent-proof",
        task=N_("Put the proof of the descent lemma into order. It says: with curvature at most M along the "
                "step and 0 < η < 2/M, L(w - ηg) < L(w). Each line follows from the one above. Two lines do "
                "not belong."),
        lines=PROOF,
        order="e b h d g a",
        replies={
            "c": N_("This line bounds the loss from below, and needs a convex loss. The lemma needs neither, "
                    "because it bounds the loss from above."),
            "f": N_("A small remainder is still a remainder. The proof keeps the remainder and bounds it."),
            ("b", "e"): N_("What is φ? The proof has to say that first."),
            ("h", "b"): N_("This line puts values into Taylor's formula, so the formula comes before it."),
            ("d", "h"): N_("Here φ'' has been replaced by its bound. Before that, φ'' itself has to stand there."),
            ("g", "d"): N_("This line collects terms that have M in them. Where does M come from?"),
            ("a", "g"): N_("That η < 2/M is enough can be seen only after the terms are collected."),
        },
        missing={
            "b": N_("Which theorem brings in the remainder?"),
            "d": N_("Where is the curvature used?"),
            "e": N_("What is φ?"),
            "g": N_("Where can one see that the rate has the limit 2/M?"),
            "a": N_("What was to be proved?"),
            "h": N_("Which values go into Taylor's formula here?"),
        },
        hints=(
            N_("First comes the function of one number, then Taylor's formula for it, then its values, "
               "then the bound."),
            N_("The bound on the curvature turns an equation into an inequality. After that, collect the terms with |g|²."),
            N_("Of the two lines that do not belong, one leaves out the remainder and the other bounds the "
               "wrong side."),
        ),
        explanation=N_("The lemma uses a bound from above on the curvature, and only along the step. Convexity is "
                       "a bound from below, and plays no part. The usual slip is to leave out the remainder "
                       "\"because η is small\", and then every rate would do."),
    ),
    number_exercise(
        name="safe-rate",
        task=N_("One example of a sigmoid unit with cross-entropy has the loss L(w) = log(1 + e^-w). Up to which rate does the descent lemma promise that "
                "a step lowers it, wherever it starts? Give the limit, with the smallest M that holds everywhere."),
        ask=N_("The first derivative is σ(w) - 1. What is the second one, and how large can it become?"),
        tolerance=1e-6,
        wrong={
            0.25: N_("That is M. Which rate belongs to it?"),
            4.0: N_("At this rate each step is as good as the lemma can promise. Up to which rate does it still promise a fall?"),
            2.0: N_("You took 1 for M. That bounds the slope, and the curvature σ(1 - σ) is smaller."),
            1.0: N_("That bounds the slope, whose size is below 1. The lemma asks for the curvature."),
            0.5: N_("You multiplied 2 and M. How does the limit depend on M?"),
            0.125: N_("That is M/2. How does the limit depend on M?"),
        },
        hints=(
            N_("The first derivative is σ(w) - 1, so the second one is the slope of the sigmoid, σ(1 - σ)."),
            N_("σ(1 - σ) is largest in the middle, where σ = 1/2. The limit of the rate is 2/M."),
        ),
        solution="safe_rate = 2 / (1 / 4)      # σ(1 - σ) is largest at σ = 1/2",
        explanation=N_("The curvature is σ(1 - σ), never more than a quarter. The usual slips are to take the "
                       "bound of the slope in its place, and to take 1/M, the rate of the largest promised fall. "
                       "Here even larger rates lower the loss, because w only ever moves one way. The lemma "
                       "promises a fall below 2/M, and beyond it the lemma is silent."),
    ),
    Exercise(
        name="still-climbs",
        task=N_("Write `still_climbs(x)`, a smooth function of one number, so that a step of rate 1 from x = 0 climbs although the "
                "curvature at 0 is below 2."),
        judge=judges.program(
            _climb,
            {
                "not-finite": (lambda v: v["finite"], N_("Some values between 0 and the end of the step, or close by, are not finite. Expected a number for every x.")),
                "corner": (lambda v: v["smooth"], N_("Near x = {corner:.3g} your function has a corner or a jump, or its curvature jumps. The "
                                                     "function has to be smooth, so let the curvature grow without a jump.")),
                "no-slope": (lambda v: abs(v["slope"]) > 1e-6, N_("The slope at 0 is 0, so the step goes nowhere.")),
                "too-curved": (lambda v: v["curvature"] < 1.99999, N_("The curvature at 0 is {curvature:.6g}. A "
                                                                      "curvature of 2 or more at the start lets the "
                                                                      "step climb, so a climb would be no surprise.")),
                "falls": (lambda v: v["climb"] > 1e-9, N_("The step changes the loss by {climb:.3g}. It should climb. Where does your function turn upwards?")),
            },
            right=N_("The curvature at 0 is {curvature:.6g}, and yet the step climbs by {climb:.3g}, because "
                     "what counts is the curvature along the way."),
        ),
        hints=(
            N_("The step ends at minus the slope at 0. Let the function fall at 0, and rise steeply before "
               "that place."),
            N_("`-x` falls with slope -1 and has no curvature. Which power of x adds nothing to slope or "
               "curvature at 0, and a lot at 1?"),
        ),
        solution="def still_climbs(x):\n    return 2 * x**4 - x\n",
        explanation=N_("At 0 the function is nearly the straight line -x, so the step ends at 1. There 2 x^4 has "
                       "taken over, and the loss goes from 0 to 1. The lemma needs its bound all along the step. "
                       "The usual slips are a corner, which has no curvature, and a curvature of 2 or more at the "
                       "start."),
    ),
    letter_exercise(
        name="false-step",
        task=N_("Somebody proves that gradient descent always arrives. L is smooth and bounded below, its curvature is at most M, and η = 1/M. Which step "
                "of the proof is false?"),
        options={
            "a": (N_("Each step lowers L by at least |g|²/(2M)."),
                  N_("This is the descent lemma with η = 1/M.")),
            "b": (N_("L falls and is bounded below, so L converges."),
                  N_("A sequence of numbers that falls and is bounded below does converge.")),
            "c": (N_("So the falls tend to 0, and g tends to 0."),
                  N_("Each fall is at least |g|²/(2M). So if the falls tend to 0, |g| has to tend to 0 with them.")),
            "d": (N_("So w converges, to a point where the gradient is 0."),
                  N_("A small gradient does not keep w in one place. Where a loss falls for ever, and less and "
                     "less, the gradient tends to 0 while w goes on for ever. Nothing here says that the loss "
                     "has a minimum.")),
        },
        right="d",
        hints=(
            N_("Try each step on a loss that falls for ever, and less and less."),
            N_("Which quantity is said to converge in each step: the loss, the gradient, or the weights?"),
        ),
        explanation=N_("The theorem is about the gradient, and says nothing about w. The usual wrong answer is the "
                       "step that says that g tends to 0, but that step follows from the lemma without any convexity."),
    ),
    Exercise(
        name="no-minimum",
        task=N_("Write `no_minimum(u)`, a function of one number that is convex, smooth and bounded below, "
                "and has no minimum."),
        judge=judges.program(
            _without_minimum,
            {
                "not-finite": (lambda v: v["finite"], N_("Some values between -20 and 20, or far out where it falls, are not finite. Expected a number for every u.")),
                "constant": (lambda v: not v["constant"], N_("A constant has its minimum everywhere.")),
                "not-convex": (lambda v: v["convex"], N_("Your function is not convex, because somewhere its slope falls as u grows.")),
                "corner": (lambda v: not v["corner"], N_("Your function has a corner. Find one that is smooth.")),
                "turns": (lambda v: v["falls"], N_("Your function falls and then rises again, so it has a minimum in between.")),
                "unbounded": (lambda v: v["bounded"], N_("Your function has no minimum, but it is not bounded below: it falls as far as you like.")),
                "flat-end": (lambda v: v["ends"], N_("From some place on your function is level, so its minimum is there.")),
            },
            right=N_("Your function is convex, smooth and bounded below, and it keeps falling as far out as the "
                     "computer's numbers can show. Its lowest point lies at infinity."),
        ),
        hints=(
            N_("The function has to fall for ever, and less and less. What does chapter 5 say of the "
               "failed runs of XOR?"),
            N_("Look for a convex function whose slope is negative everywhere and tends to 0."),
        ),
        solution="def no_minimum(u):\n    return np.exp(-u)\n",
        explanation=N_("e^-u is one, and log(1 + e^-u) is another. So cross-entropy itself has no minimum when the "
                       "classes can be separated. The usual slips are -u, which is not bounded, and the sigmoid, "
                       "which is not convex."),
    ),
    code_exercise(
        name="next-variance",
        task=N_("Write `next_variance(V, eta, h, s, B)`. On L = h w²/2 the step is `w - eta (h w + noise)`, "
                "where the noise of a batch is the mean of B independent numbers of mean 0 and standard "
                "deviation s, drawn again at each step. w has variance V before the step. Return its "
                "variance after the step."),
        solution="def next_variance(V, eta, h, s, B):\n    return (1 - eta * h)**2 * V + eta**2 * s**2 / B\n",
        cases=[(1.0, 0.1, 2.0, 3.0, 4), (0.3, 0.5, 1.0, 2.0, 7), (2.0, 0.03, 5.0, 0.5, 3)],
        again=by_hand(_variance),
        slips={
            "factor-not-squared": slip("The noise is right. When a number is multiplied by 1 - eta h, what happens to its "
                                       "variance?",
                {"(1 - eta * h)**2": "(1 - eta * h)"}),
            "rate-not-squared": slip("The first term is right. The noise is multiplied by eta. What does that do to its "
                                     "variance?",
                {"eta**2 * s": "eta * s"}),
            "spread-for-variance": slip("The first term is right. s is a standard deviation. Which power of it is a variance?", {"s**2": "s"}),
            "no-batch": slip("That is the noise of a single example. What does the mean over a batch do to a variance?", {" / B": ""}),
            "batch-squared": slip("The variance of a mean of B independent numbers falls like 1/B.", {"/ B": "/ B**2"}),
            "root-of-batch": slip("The spread of a mean falls like 1 over the root of B. But here you are adding variances.", {"/ B": "/ np.sqrt(B)"}),
            "no-pull": slip("The noise is right. But the step also pulls w towards 0, and so its variance shrinks.", {"(1 - eta * h)**2 * V": "V"}),
            "no-noise": slip("This is what the pull alone does. The noise adds a variance of its own.", {" + eta**2 * s**2 / B": ""}),
            "minus": slip("The noise enters with a minus sign, but its variance is added all the same.", {"+ eta": "- eta"}),
            "at-rest": slip("That is the variance at which it comes to rest. You are asked for the variance after a "
                            "single step from V.",
                "return eta * s**2 / (B * h * (2 - eta * h))"),
        },
        hints=(
            N_("Write the step as (1 - eta h) w minus eta times the noise. The two parts are independent."),
            N_("The variance of c times a number is c² times its variance. Variances of independent parts add. The mean of B draws has variance s²/B."),
        ),
        explanation=N_("The pull shrinks the variance by the square of its factor, and the noise adds eta² s²/B. "
                       "Setting both sides equal gives the floor. The usual slips are about powers, because a "
                       "factor enters a variance squared."),
    ),
    number_exercise(
        name="best-h",
        task=N_("Every value of f that your program computes may be wrong by 1e-{digits}, and the third derivative of f is at most {C}. Which h gives "
                "the central difference its smallest bound on the error?"),
        ask=N_("Write the bound as a sum of two terms, one that grows with h and one that falls. Where is the slope of the sum zero?"),
        share=1e-3,
        positive=N_("A step h is a length, so it is more than 0. How far from z are the two values?"),
        wrong={
            "1e-{digits} ** 0.5": N_("That is the root of the error of a value, a rule for one-sided differences. Here the first term grows like h squared."),
            "1e-{digits} ** (1 / 3)": N_("That is the cube root of the error of a value. The power is right, but the size of the third derivative has to count as well."),
            ("(1e-{digits} * {C}) ** (1 / 3)", "(3 * 1e-{digits} * {C}) ** (1 / 3)"): N_("The third derivative stands in the wrong place. If it is larger, must h be larger or "
                                       "smaller?"),
            "(1e-{digits} / {C}) ** (1 / 3)": N_("Check the constants. What is the slope of h squared over 6?"),
            "(1e-{digits} * 6 / {C}) ** (1 / 3)": N_("At this h the two terms are equal. Is their sum smallest there?"),
            "1e-{digits}": N_("That is the error of a value. With so small an h, the two values differ by little more "
                     "than their own errors."),
        },
        numbers=_errors,
        hints=(
            N_("The bound is C h²/6 + δ/h, with C the third derivative and δ the error of a value."),
            N_("Its slope is C h/3 - δ/h². Set it to 0 and solve for h."),
        ),
        solution="best_h = (3 * 1e-{digits} / {C}) ** (1 / 3)   # C h/3 = δ/h²",
        explanation=N_("The bound is smallest at the cube root of 3δ/C. The usual slips are the square root, which belongs to one-sided differences, "
                       "and an h at which both terms are equal, which is not the minimum of their sum."),
    ),
    gradient_exercise(
        name="layer-norm-backward",
        task=N_("Write `layer_norm_backward(g, x_hat, std)`, which returns dL/dx of a layer normalisation. In the "
                "forward pass the library also multiplies x_hat by a gain and adds a bias, and you leave both out. "
                "`g` is dL/dx_hat, and `x_hat` and `std` come from the forward pass. Rows are examples, and `std` "
                "has one column."),
        solution=(
            "def layer_norm_backward(g, x_hat, std):\n"
            "    mean = lambda a: a.mean(axis=1, keepdims=True)\n"
            "    return (g - mean(g) - x_hat * mean(g * x_hat)) / std\n"
        ),
        loss=lambda params: np.sum(G * layer_norm(params[0], np.ones(5), np.zeros(5), EPSILON)),
        params=[X],
        names=("x",),
        arguments=_normalised(),
        argument_names=("g", "x_hat", "std"),
        again=by_hand(_normalised_row, without=("wrong-axis", "whole-batch")),
        factors=False,
        slips={
            "both-fixed": slip("This would be right if mean and spread were constants. But x moves both of them, too.",
                {" - mean(g) - x_hat * mean(g * x_hat)": ""}),
            "spread-fixed": slip("The path through the mean is here. But x also moves the spread by which it is divided.",
                {" - x_hat * mean(g * x_hat)": ""}),
            "mean-fixed": slip("The path through the spread is here. But x also moves the mean that is subtracted.", {" - mean(g)": ""}),
            "not-divided": slip("All three paths are here. But to make x_hat, x minus its mean is divided. By what?", {" / std": ""}),
            "twice-divided": slip("All three paths are here, but they are divided once too often.", {"/ std": "/ std**2"}),
            "plus": slip("A larger mean makes x_hat smaller, and a larger spread brings it closer to 0. Which signs do their terms have?",
                {"g - mean(g) - x_hat": "g + mean(g) + x_hat"}, {"g - mean(g)": "g + mean(g)"}, {"- x_hat": "+ x_hat"}),
            "sums": slip("Mean and spread are means over the features, so a single x moves them only by its share.",
                {"a.mean(": "a.sum("}),
            "wrong-axis": slip("These means are taken over the examples. Layer normalisation takes them over the features "
                               "of each example.", {"axis=1": "axis=0"}),
            "whole-batch": slip("This mean is taken over the whole batch. Each example has a mean of its own.", {"a.mean(axis=1, keepdims=True)": "a.mean()"}),
            "no-x-hat": slip("How much the spread grows with one x depends on the x_hat that belongs to it, so a factor "
                             "is missing.", {"x_hat * mean(g * x_hat)": "mean(g * x_hat)"}),
        },
        hints=(
            N_("x acts on x_hat in three ways: directly, through the mean, and through the spread. Their gradients add."),
            N_("For n features, `-(1/n + x_hat_i x_hat_k / n) / std` is the derivative of x_hat_k with respect to "
               "x_i, and where i = k, `1 / std` is added. Multiply by g_k and sum over k."),
        ),
        explanation=N_("There are three paths from x to the loss, so there are three terms: directly, through the "
                       "mean, and through the spread. The usual slip treats mean and spread as constants. Its "
                       "shape is right all the same, and only finite differences show the mistake."),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="start-at-five",
        question=N_("On L = x^4, descent at rate 0.1 walks from x = 1 towards the minimum. What does it do from x = "
                    "5, at the same rate?"),
        options={
            "a": (N_("it walks there as well, in more steps"),
                  N_("The first step is as long as rate times slope. How long is that at 5? The next cell walks.")),
            "b": (N_("it walks there as well, in fewer steps"),
                  N_("A steeper slope makes a longer step, and the curvature grows as well. The next cell walks.")),
            "c": (N_("it leaps over the minimum, and farther with every step"),
                  N_("The curvature 12 x² at 5 is far beyond 2/rate, and at the place where the step lands it is "
                     "larger still. The next cell walks.")),
        },
        right="c",
        cells=("other-start",),
    ),
    prediction(
        name="one-over-k-squared",
        question=N_("We descend on a parabola with noisy gradients, from w = 10 towards the minimum at 0. The "
                    "rate of step k is 1/k², from k = 2 on. Where is w after 10,000 steps, on average over many "
                    "runs?"),
        options={
            "a": (N_("at the minimum"),
                  N_("The noise does die out. But how far can steps lead when their rates have a finite sum? See "
                     "the table below.")),
            "b": (N_("close to the minimum, on a floor of noise"),
                  N_("That is what a constant rate does. Here the rates have a finite sum. See the table below.")),
            "c": (N_("about half way to the minimum, near 5"),
                  N_("The factors (1 - 1/k²) never multiply to less than one half, however many there are. See the table below.")),
        },
        right="c",
        cells=("falling-rates",),
    ),
    prediction(
        name="smaller-h",
        question=N_("We take a central difference in float64, with h from 0.1 down to 1e-12. Which h gives the "
                    "most accurate derivative of the sigmoid?"),
        options={
            "a": (N_("the smallest, 1e-12"),
                  N_("As h shrinks, two nearly equal numbers are subtracted, and only their last digits remain. "
                     "The next figure measures it.")),
            "b": (N_("about 1e-8"),
                  N_("That is the rule for one-sided differences, whose error grows like h. Here the error grows "
                     "like h². The next figure measures it.")),
            "c": (N_("about 1e-5"),
                  N_("The two errors, of order h² and 1e-16/h, balance near the cube root of 1e-16. The next figure "
                     "measures them.")),
            "d": (N_("any one below 1e-3"),
                  N_("One part of the error grows as h shrinks. The next figure measures it.")),
        },
        right="c",
        cells=("difference-errors",),
    ),
    prediction(
        name="twice-he",
        question=N_("Two networks have twenty layers of 256 relu units each, and they get the same input. The first has "
                    "He's weights. In the second every weight is twice as large. Compare the signals that leave the two "
                    "networks: how many times as large is the second one's?"),
        options={
            "a": (N_("twice as large"),
                  N_("That is one layer. But the next layer gets a signal that is twice as large already. The "
                     "next figure shows all twenty.")),
            "b": (N_("about 40 times as large"),
                  N_("Layers act one after the other, so do their factors add or multiply? The next figure shows all twenty.")),
            "c": (N_("about a million times as large"),
                  N_("Relu keeps a factor as it is, so twenty factors of 2 multiply to 1,048,576. The next "
                     "figure shows mean squares, and so the square of that, 10^12.")),
            "d": (N_("as large as the first one's"),
                  N_("Relu cuts off what is negative, and lets through what is large. The next figure shows all twenty layers.")),
        },
        right="c",
        cells=("through-layers",),
    ),
]  # fmt: skip

chapter = Chapter("4b", EXERCISES, PREDICTIONS, optional=True)
check, hint, solution, predict = chapter.functions
arrange = arrange_function(chapter)
