"""Chapter 9: which architecture, and how to tune it. Exercises and predictions."""

import math
import random

import numpy as np

from ..text import N_, say
from .machinery import compare, judges
from .machinery.again import by_hand, fields, one_of
from .machinery.exercise import Chapter, Exercise
from .machinery.letter import prediction
from .machinery.reader_code import mistake
from .machinery.slips import code_exercise, number_exercise, slip

BUDGETS = [(144, 10, 4000), (64, 10, 4000), (2, 1, 17), (784, 10, 79510), (10, 3, 100), (8, 10, 85)]


# A sampler of learning rates, judged by what it draws.

LOW, HIGH, DRAWS = 0.001, 10.0, 2000
SECOND_LOW, SECOND_HIGH, SECOND_DRAWS = 0.02, 5.0, 400  # no powers of ten


def _draw(sampler):
    """Draw 2,000 rates between 0.001 and 10, and 400 between 0.02 and 5; say how they lie."""
    rates = _drawn(sampler, 0, LOW, HIGH, DRAWS)
    others = _drawn(sampler, 0, SECOND_LOW, SECOND_HIGH, SECOND_DRAWS)
    powers = np.log10(np.clip(rates, LOW, HIGH))
    decades = np.histogram(powers, bins=[-3, -2, -1, 0, 1])[0] / DRAWS
    lower_halves = (powers % 1 < 0.5).mean()  # of all decades: below 3.16, 0.316, ...
    places = np.log(others / SECOND_LOW) / np.log(SECOND_HIGH / SECOND_LOW) if (others > 0).all() else others
    quarters = np.histogram(places, bins=4, range=(0, 1))[0] / SECOND_DRAWS
    once, again, elsewhere = (_drawn(sampler, seed, LOW, HIGH, 5) for seed in (0, 0, 1))
    return {
        "smallest": float(rates.min()),
        "largest": float(rates.max()),
        "second_smallest": float(others.min()),
        "second_largest": float(others.max()),
        "second_fewest": float(quarters.min()),
        "below": float((rates < math.sqrt(LOW * HIGH)).mean()),
        "fewest": float(decades.min()),
        "top": float(decades[-1]),
        "lower_halves": float(lower_halves),
        "draws": DRAWS,
        "draws_from_rng": _draws_from(sampler),
        "different": len(np.unique(rates)),
        "repeats": bool((once == again).all()),
        "follows": bool((once != elsewhere).any()),
    }


def _draws_from(sampler):
    """Whether a call takes a number from the generator that it is given."""
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    sampler(rng, LOW, HIGH)
    return rng.bit_generator.state != before


def _drawn(sampler, seed, low, high, count):
    """What `count` calls return. Refuses what draws from a generator that is hidden, and what is no single number."""
    rng, hidden = np.random.default_rng(seed), (np.random.get_state(), random.getstate())  # noqa: NPY002
    try:
        rates = np.array([_one_rate(sampler(rng, low, high)) for _ in range(count)])
        numpys, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002
    finally:
        np.random.set_state(hidden[0])  # noqa: NPY002
        random.setstate(hidden[1])
    if pythons != hidden[1] or numpys[2] != hidden[0][2] or (numpys[1] != hidden[0][1]).any():
        where = "`random`" if pythons != hidden[1] else "`np.random`"
        raise mistake(
            "Your function draws from {where}, which all programs share, so nobody could repeat the "
            "search. Draw from `rng`, the generator that it is given.",
            where=where,
        )
    if not np.isfinite(rates).all():
        raise mistake("Expected one learning rate per call, got {got}.", got=rates[~np.isfinite(rates)][0])
    return rates


def _one_rate(value):
    if isinstance(value, list | tuple) and value and not any(part is None or part is ... for part in value):
        kind = say("a list") if isinstance(value, list) else say("a tuple")
        raise mistake(
            "Expected one learning rate per call, got {kind}. Return the number itself, without brackets.", kind=kind
        )
    return compare.one_number(value)


def _looks_like_logarithms(values):
    """Whether what should be rates are their logarithms, to the base e or 10."""
    low, high = values["smallest"], values["largest"]
    return low < 0 and any(log(LOW) - 1e-9 <= low and high <= log(HIGH) + 1e-9 for log in (math.log, math.log10))


# Numbers for other forms.


def _budget(rng):
    """A budget that a network meets exactly, nearly, or by half a unit and more; a forgotten bias is worth several units."""
    inputs, classes = one_of(rng, 2, 3, 4, 5, 6), one_of(rng, 3, 4, 5, 6)
    one_unit = inputs + 1 + classes
    units = int(rng.integers(2 * one_unit, 3 * one_unit))
    return inputs, classes, units * one_unit + classes + one_of(rng, 0, 1, one_unit // 2 + 1, one_unit - 1)


_SEARCHES = [  # the best settings and three levels; the powers are quickly multiplied, and no number is nearly whole
    (best, *levels)
    for best in (10, 12.5, 20, 25)
    for levels in (
        (70, 50, 90),
        (75, 60, 95),
        (80, 60, 95),
        (85, 70, 97),
        (90, 75, 98),
        (95, 90, 99),
        (98, 90, 99.5),
        (99, 95, 99.8),
    )
    if 0.05 < math.log(1 - levels[0] / 100, 1 - best / 100) % 1 < 0.95
    and math.log(1 - levels[0] / 100, 1 - best / 100) < 23
]


def _trials(best, wanted, **_):
    hit, sure = best / 100, wanted / 100
    trials = math.ceil(math.log(1 - sure) / math.log(1 - hit))
    none = round(100 * (1 - hit) ** (1 / hit))
    share = {"hit": hit, "miss": 1 - hit, "sure": sure, "left": 1 - sure, "expected": 1 / hit, "none": none}
    return share | {"trials": trials, "low": trials - 1}


def _batches(k, epochs, small, large):
    """The steps of an epoch with either batch, and of all epochs."""
    steps, few = 1000 * k // small, 1000 * k // large
    return {"times": large // small, "steps": steps, "few": few, "all": epochs * steps, "now": epochs * few}


EXERCISES = [
    code_exercise(
        name="equal-budget",
        task=N_("Write `equal_budget(inputs, classes, budget)`. It returns the largest number of hidden "
                "units h for which a network inputs-h-classes, biases included, has at most `budget` "
                "parameters."),
        solution=(
            "def equal_budget(inputs, classes, budget):\n"
            "    return (budget - classes) // (inputs + 1 + classes)\n"
        ),
        cases=BUDGETS,
        again=by_hand(_budget, without=("no-brackets",)),
        slips={
            "no-biases": slip("Each hidden unit and each output also has a bias.", "return budget // (inputs + classes)"),
            "no-output-bias": slip("The output layer has a bias for each class, which does not depend on h.",
                {"(budget - classes)": "budget"}),
            "not-whole": slip("A network has a whole number of units, so round down to stay within the budget.", {"//": "/"}),
            "no-hidden-bias": slip("Each hidden unit also has a bias.", {" + 1": ""}),
            "nearest": slip("Rounded to the nearest number, the network may be over the budget, so round down.",
                "return round((budget - classes) / (inputs + 1 + classes))"),
            "added": slip("The biases of the classes count against the budget, so subtract them.",
                {"budget - classes": "budget + classes"}),
            "turned-round": slip("That counts the parameters of a network with `budget` hidden units. Turn the question round.",
                "return inputs * budget + budget + budget * classes + classes"),
            "one-too-many": slip("That is one unit more than fits, so the network is over the budget.",
                {"+ classes)\n": "+ classes) + 1\n"}),
            "one-too-few": slip("One more unit fits into the budget.", {"+ classes)\n": "+ classes) - 1\n"}),
            "exact-refused": slip("A network with exactly `budget` parameters is within the budget.",
                {"(budget - classes)": "(budget - classes - 1)"}),
            "input-biases": slip("The output layer has a bias for each class. Inputs have none.",
                {"(budget - classes)": "(budget - inputs)"}),
            "no-brackets": slip("`budget - classes // ...` divides first, so the difference needs brackets.",
                {"(budget - classes)": "budget - classes"}),
            "rounded-up": slip("Rounded up, the network is over the budget, so round down.",
                "return np.ceil((budget - classes) / (inputs + 1 + classes))"),
        },
        hints=(
            N_("Write down the number of parameters of each layer: `inputs * h + h`, and `h * classes + classes`."),
            N_("Collect what is multiplied by h, which gives `h * (inputs + 1 + classes) + classes`."),
            N_("Solve for h and round down, which `//` does."),
        ),
        explanation=N_("The usual slips are to forget a bias, and to round up. Architectures are compared at an "
                       "equal budget, because otherwise the larger one has an advantage that has nothing to do "
                       "with its structure."),
    ),
    Exercise(
        name="log-uniform",
        task=N_("Write `log_uniform(rng, low, high)`. It returns one random learning rate between low and high, with "
                "every power of ten equally likely. All rates between low and high must be possible. Between 0.01 "
                "and 0.02, for example, a rate must be as likely as between 0.05 and 0.1."),
        judge=judges.program(
            _draw,
            {
                "drawn-and-dropped": (lambda v: v["different"] > 1 or not v["draws_from_rng"], N_("Every call gives the same rate, {smallest:.3g}, although it draws from `rng`. What becomes "
                                                                                                  "of the number that was drawn?")),
                "one-rate": (lambda v: v["different"] > 1, N_("Every call gives the same rate, {smallest:.3g}. Draw from `rng`, and make no generator "
                                                              "inside your function.")),
                "not-repeatable": (lambda v: v["repeats"], N_("With the same seed your function draws different rates. Draw from `rng`, and make no "
                                            "generator inside your function.")),
                "own-generator": (lambda v: v["follows"], N_("Generators with different seeds give the same rates. Draw from `rng`.")),
                "logarithms": (lambda v: not _looks_like_logarithms(v), N_("For low = 0.001 and high = 10 got {smallest:.3g} to {largest:.3g}, which are logarithms of "
                                                                           "rates. How do you get back from them?")),
                "out-of-range": (lambda v: v["smallest"] >= LOW * (1 - 1e-12) and v["largest"] <= HIGH * (1 + 1e-12),
                 N_("Expected rates between low and high. For low = 0.001 and high = 10 got {smallest:.3g} to "
                    "{largest:.3g}.")),
                "few-rates": (lambda v: v["different"] > DRAWS / 2, N_("{draws} calls gave only {different} "
                                                                       "different rates, but the rates between them "
                                                                       "must be possible, too.")),
                "uniform": (lambda v: v["top"] < 0.6, N_("For `low` = 0.001 and `high` = 10, {top:.0%} of the rates lie "
                                                         "between 1 and 10, but each of the four powers of ten "
                                                         "should get a quarter. Draw the exponent uniformly, not the "
                                                         "rate.")),
                "uneven": (lambda v: v["fewest"] > 0.2, N_("From 0.001 to 10 there are four ranges of a factor of "
                                                           "ten. One of them gets only {fewest:.0%} of the rates, "
                                                           "but each should get a quarter.")),
                "uneven-within": (lambda v: 0.45 < v["lower_halves"] < 0.55,
                 N_("Each power of ten gets its quarter. But inside them only {lower_halves:.0%} of the rates "
                    "lie in the lower half, such as from 1 to 3.16. The factor from 1 to 3.16 is the same as "
                    "from 3.16 to 10.")),
                "arguments-ignored": (lambda v: v["second_smallest"] >= SECOND_LOW * (1 - 1e-12) and v["second_largest"] <= SECOND_HIGH * (1 + 1e-12),
                 N_("For low = 0.001 and high = 10 the rates lie between them. But for low = 0.02 and high = 5 "
                    "got {second_smallest:.3g} to {second_largest:.3g}. Does your function use both arguments, "
                    "as they are?")),
                "rounded-powers": (lambda v: v["second_fewest"] > 0.12,
                 N_("From 0.001 to 10 every power of ten gets its share. From 0.02 to 5 the rates go from {second_smallest:.3g} to "
                    "{second_largest:.3g}, and one of four parts with equal factors gets {second_fewest:.0%} of them instead of a "
                    "quarter. Low and high need not be powers of ten: does your function round their logarithms?")),
            },
            right=N_("Each power of ten gets about a quarter of the rates; {below:.0%} lie below 0.1, the middle of the scale."),
        ),
        hints=(
            N_("A rate of 0.02 against 0.01 matters as much as 2 against 1. What counts is the factor, so "
               "draw the logarithm."),
            N_("`rng.uniform(a, b)` gives a uniform number between a and b. Between which logarithms?"),
            N_("`np.exp` undoes `np.log`."),
        ),
        solution=(
            "def log_uniform(rng, low, high):\n"
            "    return np.clip(np.exp(rng.uniform(np.log(low), np.log(high))), low, high)\n"
        ),
        explanation=N_("A uniform draw from 0.001 to 10 puts nine tenths of the trials between 1 and 10, where most networks here do badly. "
                       "Optuna's `suggest_float(..., log=True)` draws like yours. (`np.clip` only takes care of rounding.)"),
    ),
    number_exercise(
        name="enough-trials",
        task=N_("Each random trial lands in the best {best} % of all settings with probability {hit}. How many trials are needed so that "
                "at least one lands there with probability at least {wanted} %?"),
        ask=N_("What is the chance that two trials both miss? And what is the chance that n trials all "
               "miss?"),
        tolerance=0.01, unit=N_("trials"),
        wrong={
            "{expected}": N_("With {expected} trials, one is expected to land there; in {none} % of such searches none does."),
            "{sure} / {hit}": N_("{sure} / {hit} adds up probabilities, but two trials may both hit. Multiply the chances to "
                   "miss instead."),
            "{low}": N_("{miss} to the power of {low} is still above {left}, so round up."),
            "{wanted}": N_("That is a percentage, not a number of trials. What is the chance that n trials all miss?"),
            "1": N_("One trial hits with probability {hit}."),
            "np.log({left}) / np.log({miss})": N_("Trials are whole. In which direction do you have to round to reach {wanted} %?"),
            "np.ceil(np.log(1 - {less} / 100) / np.log({miss}))": N_("With so many, the probability is {less} %."),
            "np.ceil(np.log(1 - {more} / 100) / np.log({miss}))": N_("With so many, the probability is {more} %."),
            "np.round(-np.log({left}), 1)": N_("That is about -log({left}). What does it have to be divided by?"),
            ("np.ceil(np.log(0.5) / np.log({miss}))", "np.floor(np.log(0.5) / np.log({miss}))"): N_("With so many, the probability is about one half."),
        },
        numbers=fields(
            {"best": 5, "wanted": 95, "less": 90, "more": 99},
            {"best wanted less more": _SEARCHES},  # less and more: other probabilities, for which readers get numbers, too
            _trials,
        ),
        hints=(
            N_("What is the probability that one trial misses, and that n trials all miss?"),
            N_("{miss}^n must be at most {left}. Take logarithms, or go on multiplying."),
        ),
        solution="enough_trials = np.ceil(np.log({left}) / np.log({miss}))",
        explanation=N_("The number of hyper-parameters does not appear in this calculation. {trials} random trials "
                       "hit the best {best} % as surely with twenty hyper-parameters as with two, whereas a grid "
                       "with two values for each of twenty needs more than a million. How good the best {best} % are "
                       "is another question, because with more hyper-parameters that matter these settings are less "
                       "good."),
    ),
    number_exercise(
        name="same-steps",
        task=N_("With {k},000 images and batch size {small}, training takes {epochs} epochs. How many epochs with batch "
                "size {large} take as many steps?"),
        ask=N_("Count the steps of one epoch, with either batch size."),
        tolerance=1e-9, unit=N_("epochs"),
        wrong={
            "{epochs}": N_("The same number of epochs takes only {few} x {epochs} = {now} steps, against {all}."),
            "{all}": N_("That is the number of steps. How many epochs are they, with {few} steps each?"),
            "{epochs} / {times}": N_("It goes the other way round: with larger batches there are fewer steps in an epoch, so "
                    "more epochs."),
            "{now}": N_("That is the number of steps in {epochs} epochs with batch size {large}."),
            "{steps}": N_("That is the number of steps of one epoch with batch size {small}."),
            "{few}": N_("That is the number of steps of one epoch with batch size {large}."),
            "{times}": N_("With {times} times the batch size, as many steps take {times} times as many epochs. "
                          "{times} times as many as which number of epochs?"),
            "{all} / {large}": N_("{all} / {large} divides steps by examples. How many steps does one epoch with batch size {large} "
                  "have?"),
            "{all} / {small}": N_("You divided {all} steps by {small}, which is a number of examples. How many steps does one of the new epochs have?"),
        },
        numbers=fields(
            {"k": 1, "epochs": 5, "small": 10, "large": 250},
            {"k": (1, 2, 3, 4, 6), "epochs": (7, 9, 11, 13, 14),
             "small large": ((25, 100), (25, 200), (50, 200), (10, 250), (50, 250), (10, 500), (20, 500), (50, 500))},
            _batches,
        ),
        hints=(
            N_("How many steps does one epoch have with batch size {small}, and how many with batch size {large}?"),
            N_("There are {epochs} epochs of {steps} steps each. How many epochs of {few} steps make as many?"),
        ),
        solution="same_steps = {epochs} * ({k}000 / {small}) / ({k}000 / {large})",
        explanation=N_("Equal steps mean {times} times as many epochs here, and {times} times the arithmetic. Whoever "
                       "compares batch sizes should say whether steps or epochs are equal, and look for the best "
                       "rate of each."),
    ),
]  # fmt: skip

PREDICTIONS = [
    prediction(
        name="shuffled-pixels",
        question=N_("In all images, for training and for validation, the pixels are moved by one fixed "
                    "permutation. What becomes of the CNN's lead over the MLP?"),
        options={
            "a": (N_("it stays as it is, because the permutation is fixed and no information is lost"),
                  N_("No information is lost, but neighbours are no longer neighbours. Compare the first two rows of the table.")),
            "b": (N_("it is gone, because the CNN's assumption no longer holds"),
                  N_("A kernel looks at neighbours and assumes that a pattern means the same everywhere. Compare the "
                     "first two rows of the table.")),
            "c": (N_("it is gone, because neither network learns anything any more"),
                  N_("To an MLP the order of its inputs means nothing, so it learns as well as before. Compare "
                     "the first two rows of the table.")),
        },
        right="b",
        cells=("table", "leads"),
    ),
    prediction(
        name="twenty-layers",
        question=N_("A plain relu network with 5 layers learns the digits by gradient descent. Another has 20 "
                    "layers and the same initialiser, and each takes its best learning rate. What does the "
                    "training loss of the 20 layers do in ten epochs?"),
        options={
            "a": (N_("it gets lower, because more layers can represent more"),
                  N_("It could represent more, if it learned. The next cell shows which gradient arrives at its layers.")),
            "b": (N_("it is as low, but the validation loss is worse, because more layers over-fit"),
                  N_("Over-fitting would show as a low training loss. The next cell draws it.")),
            "c": (N_("it stays at 2.3, the loss of guessing, because hardly any gradient gets through"),
                  N_("Each layer makes signal and gradient a little smaller. Twenty such factors leave next to "
                     "nothing, and no rate makes up for that. The next cell measures it.")),
        },
        right="c",
        cells=("deep-figure", "depth-lab"),
    ),
    prediction(
        name="three-searches",
        question=N_("Each search gets 25 trials and is repeated 40 times, with the same 40 seeds for all three. Where do "
                    "grid, random and Bayesian search stand at the end? (A difference is clear if 40 repeats can show it.)"),
        options={
            "a": (N_("Bayesian search is clearly ahead of both others"),
                  N_("Its first ten trials are random, because there is nothing to learn from yet. Fifteen are "
                     "left. Look at the end of the figure.")),
            "b": (N_("Bayesian search is clearly ahead of random search only"),
                  N_("Random search shares its first ten trials, and what Bayesian search learns from them shows "
                     "late. On other maps the comparison with the grid comes out differently, so read on below the "
                     "figure.")),
            "c": (N_("the grid is clearly behind both others"),
                  N_("There are five rates for three powers of ten. Are there gaps that matter on this map? Look "
                     "at the end of the figure.")),
            "d": (N_("no two of them clearly differ"),
                  N_("With one repeat that would be so. But the same seeds let 40 repeats be compared pair by "
                     "pair. Look at the end of the figure.")),
        },
        right="b",
        cells=("searches-figure",),
    ),
    prediction(
        name="batch-size",
        question=N_("One run takes 100 steps with batches of 250, another 100 steps with batches of 10, each at "
                    "the learning rate that suits it best. How do the validation losses compare?"),
        options={
            "a": (N_("with 250 about a 25th, because each gradient is the mean of 25 times as many examples"),
                  N_("25 times the examples do not make a step 25 times as good, because noise is not all that "
                     "limits the rate. Compare the lowest points on the left.")),
            "b": (N_("with 250 about half, because less noise lets it use a larger rate"),
                  N_("At small rates the curves lie on top of each other. At larger rates the curve of the smallest "
                     "batch is the first to rise again. Compare the lowest points on the left, and then those on the "
                     "right.")),
            "c": (N_("no difference that this experiment can show, because what counts is the number of steps"),
                  N_("It looks so at one small rate for all, such as 0.1. But which rate is the best for each? "
                     "Compare the lowest points on the left.")),
            "d": (N_("with 250 higher, because large batches generalise badly"),
                  N_("It is higher when epochs are equal, because a large batch then has fewer steps. The right "
                     "half shows that. Compare the lowest points on the left.")),
        },
        right="b",
        cells=("batch-size-figure",),
    ),
    prediction(
        name="patience",
        question=N_("A network with 30 units learns 20 points of a sine for 5,000 epochs. With noise in the points, its "
                    "curve is closest to the true sine after some hundred epochs. When is it closest without noise?"),
        options={
            "a": (N_("also after some hundred epochs, because 20 points are few for 30 units"),
                  N_("They are few, but they lie on the sine, so a curve through them stays close to it. The next cell measures.")),
            "b": (N_("at the end, because without noise there is nothing wrong to learn"),
                  N_("The curve gets closer and closer to the 20 points, and these lie on the sine. The next cell "
                     "measures how close it is between them.")),
            "c": (N_("after about 20 epochs, because without noise there is less to learn"),
                  N_("After 20 epochs the curve is still far from the sine, with noise and without. The next cell measures.")),
        },
        right="b",
        cells=("patience",),
    ),
]  # fmt: skip

chapter = Chapter(9, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
