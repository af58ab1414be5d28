"""Chapter 8: honest tests, over-fitting, groups, cost. Exercises and predictions."""

import numpy as np

from ..text import N_
from .machinery.again import by_hand, fields, numbers_of, one_of
from .machinery.exercise import Chapter
from .machinery.letter import prediction
from .machinery.slips import code_exercise, number_exercise, slip

_rng = np.random.default_rng(8)
TABLES = [
    (_rng.normal(3, 2, (6, 2)), _rng.normal(9, 5, (4, 2))),
    (_rng.normal(-1, 4, (5, 3)), _rng.normal(0, 1, (2, 3))),
]
Z_TOLERANCE = 2e-5  # 1.95996, or all digits of it, is as good as 1.96
LOSSES = [
    ([0.9, 0.6, 0.5, 0.55, 0.52, 0.6, 0.4], 3),  # never looks at the last one
    ([0.9, 0.6, 0.65, 0.5, 0.45, 0.47, 0.48, 0.41, 0.6], 2),  # a rise that is forgiven
    ([0.5, 0.4, 0.3, 0.2], 2),  # never stops
    ([0.3, 0.5, 0.3, 0.6], 2),  # the same loss again is no improvement
    ([0.9, 0.6, 0.5, 0.55, 0.6, 0.7, 0.8, 0.4], 3),  # the lowest comes long after the stop
    ([0.9, 0.5, 0.6, 0.4, 0.5, 0.6, 0.7], 3),  # one rise is forgiven, three are not
    ([0.9, 0.5, 0.8, 0.7, 0.6, 0.55, 0.4], 3),  # falls again, but does not get below the best in time
    ([1.0, 0.9, 0.95, 0.8, 0.85, 0.7, 0.5], 2),  # rises now and then, and is forgiven each time
    ([0.5, 0.6, 0.4], 2),  # the first epoch is the best so far, it does not wait
    (
        [0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 0.8, 0.7, 0.6, 0.7, 0.4],
        2,
    ),  # the lowest comes where no longer wait would reach it
    ([0.5, 0.40003, 0.40002, 0.40001, 0.4, 0.6], 2),  # a little lower is lower
    ([5e-9, 4e-9, 3e-9, 2e-9, 1e-9, 2e-9], 2),  # so it is where all losses are small
]
RISES = """\
wait = 0
for epoch in range(1, len(validation_losses)):
    wait = 0 if validation_losses[epoch] < validation_losses[epoch - 1] else wait + 1
"""


def _table(rng):
    """Two columns, of which the training part has whole numbers as mean and standard deviation."""
    mean, deviation = numbers_of(rng, (2,), 3, 5, 8) + np.array([0.0, 40.0]), numbers_of(rng, (2,), 1, 2, 4, 5)
    test = mean + deviation * np.array(
        [[one_of(rng, -2, 0.5, 1), one_of(rng, 2, -1.5, 3)], [one_of(rng, 1.5, 3, 0), -1]]
    )
    signs = one_of(rng, [[-1, 1], [1, -1]], [[1, 1], [-1, -1]], [[-1, -1], [1, 1]])
    return mean + deviation * np.array(signs), test


def _few_cases(rng):
    n = one_of(rng, 12, 15, 16, 18, 20, 24, 25, 30, 32, 36)
    return n - one_of(rng, 1, 2, 3, 4, 5), n


def _losses(rng):
    """Lows, each lower than the one before: the third is the best, because the loss rises for too long behind it."""
    patience, losses = one_of(rng, 2, 3), []
    waiting = rng.integers(patience), rng.integers(patience), patience, patience + 1, 0
    lows = np.cumsum([0.95, *numbers_of(rng, (4,), -0.1, -0.15, -0.2)])
    for low, epochs in zip(lows, waiting, strict=True):
        losses += [low, *(low + numbers_of(rng, (epochs,), 0, 0.03, 0.05, 0.08))]
    return [float(round(loss, 2)) for loss in losses], patience


_PERCENT = (90, 91, 93, 94, 94.5, 95.5, 96, 97, 97.5, 97.6, 98, 98.4, 98.5, 98.75, 98.8, 99.2, 99.4, 99.5, 99.6)


def _rounded(n):
    """A number of patients, rounded down, rounded up, and as it is."""
    return f"int({n})", f"np.ceil({n})", n


def _share(percent):
    """What is left of 100; the share; their ratio, which is the bound over z^2; the bound."""
    rest = round(100 - percent, 2)
    odds = percent / rest
    return {"rest": rest, "share": percent / 100, "odds": round(odds, 2), "bound": round(odds * 1.96**2, 1)}


EXERCISES = [
    code_exercise(
        name="standardise",
        task=N_(
            "Write `standardise(x_train, x_test)`, which returns both arrays with each column shifted "
            "and scaled as an honest test allows."
        ),
        solution=(
            "def standardise(x_train, x_test):\n"
            "    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)     # (features,), from training alone\n"
            "    return (x_train - mean) / deviation, (x_test - mean) / deviation\n"
        ),
        cases=TABLES,
        names=("x_train", "x_test"),
        again=by_hand(
            _table,
            without=("no-brackets", "one-mean"),
            asks=N_(
                "With pencil and paper: what does `standardise(x_train, x_test)` return for `x_train = {x_train}` and "
                "`x_test = {x_test}`? Take NumPy's standard deviation, which divides by n."
            ),
        ),
        slips={
            "both-parts": slip(
                "You used the mean of both parts together, so the test part has helped to prepare its own test.",
                {
                    "x_train.mean": "np.concatenate([x_train, x_test]).mean",
                    "x_train.std": "np.concatenate([x_train, x_test]).std",
                },
            ),
            "each-by-its-own": slip(
                "Each part got its own mean and deviation. But one patient who comes tomorrow has no mean. "
                "Use what the training part has taught.",
                "return tuple((x - x.mean(axis=0)) / x.std(axis=0) for x in (x_train, x_test))",
            ),
            "one-mean": slip(
                "One mean for the whole array mixes the units of all columns. Add `axis=0`.", {"axis=0": ""}
            ),
            "shifted-alone": slip(
                "The mean is gone, but the scale is not. Divide by the standard deviation as well.",
                {" / deviation": ""},
            ),
            "variance": slip(
                "You divided by the variance. The standard deviation is its root, in the unit of the column.",
                {".std(": ".var("},
            ),
            "test-part": slip(
                "You used mean and deviation of the test part for both. Which part is there before the test?",
                {"x_train.mean": "x_test.mean", "x_train.std": "x_test.std"},
            ),
            "own-mean": slip(
                "The training part is right. From the test part you took its own mean. Which mean does the model "
                "know before a new case comes?",
                {"(x_test - mean)": "(x_test - x_test.mean(axis=0))"},
            ),
            "own-deviation": slip(
                "The mean comes from the training part, and the deviation from the test part. Which part is "
                "there before the test?",
                {"x_train.std": "x_test.std"},
            ),
            "multiplied": slip("You multiplied by the deviation. Divide by it.", {"/ deviation": "* deviation"}),
            "added": slip("The mean is added. Subtract it.", {"- mean": "+ mean"}),
            "no-brackets": slip(
                "`x - mean / deviation` divides the mean alone, so the difference needs brackets.",
                {"(x_train - mean)": "x_train - mean", "(x_test - mean)": "x_test - mean"},
            ),
            "test-untouched": slip(
                "The test part is still in its old units, and the model expects scaled numbers. Where `x_train` "
                "is scaled first and then asked for its mean and deviation, they are 0 and 1.",
                {"(x_test - mean) / deviation": "x_test"},
            ),
            "range": slip(
                "That scales the range to 0 to 1. You are asked to subtract a mean and to divide by a "
                "standard deviation.",
                {"x_train.mean(axis=0), x_train.std(axis=0)": "x_train.min(axis=0), np.ptp(x_train, axis=0)"},
            ),
            "by-row": slip(
                "You averaged along the rows. A column is a measurement and a row is an example, so take `axis=0`.",
                "return tuple((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True) for x in (x_train, x_test))",
            ),
        },
        also={
            "n-minus-1": slip(
                "This is right, because mean and deviation come from the training part. Your deviation "
                "divides by n - 1, as for an estimate, and NumPy's by n. Either will do, because both parts "
                "are divided by the same number.",
                {"std(axis=0)": "std(axis=0, ddof=1)"},
            ),
        },
        hints=(
            N_("In use the model meets one new case. Which mean does it know then?"),
            N_(
                "Take `mean = x_train.mean(axis=0)` and `deviation = x_train.std(axis=0)`, and treat both "
                "parts with these two."
            ),
        ),
        explanation=N_(
            "Scaling is learned from data like a weight, so it may be learned from the training part "
            "only. The usual slips are the mean of everything (a leak, mostly small, sometimes not), "
            "and a mean of the test part (impossible for a single case)."
        ),
    ),
    code_exercise(
        name="interval",
        task=N_("Write `interval(right, n)`: the lower and the upper end of Wilson's 95 % interval, with z = 1.96."),
        solution=(
            "def interval(right, n):\n"
            "    p, z = right / n, 1.96\n"
            "    middle = p + z**2 / (2 * n)\n"
            "    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))\n"
            "    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)\n"
        ),
        cases=[(31, 32), (32, 32), (555, 569), (0, 20)],
        names=("low", "high"),
        tolerance=Z_TOLERANCE,
        again=by_hand(
            _few_cases,
            without=("z-of-90-percent-rounded", "z-of-99-percent-rounded", "rounded", "times-n"),
            asks=N_(
                "With paper and a pocket calculator: what does `interval(right, n)` return for `right = {right}` and `n = {n}`? With "
                "`p = right / n` the ends are (p + z²/(2n) ± z √(p(1 - p)/n + z²/(4n²))) / (1 + z²/n)."
            ),
        ),
        slips={
            "z-of-2": slip("With z = 2 the interval has 95.4 % confidence. For 95 % take 1.96.", {"1.96": "2"}),
            "z-of-90-percent": slip(
                "z = 1.645 leaves 5 % on *each* side, so the confidence is 90 %. For 95 % take 1.96.",
                {"1.96": "1.645"},
            ),
            "z-of-90-percent-rounded": slip(
                "z = 1.64 leaves 5 % on *each* side, so the confidence is 90 %. For 95 % take 1.96.",
                {"1.96": "1.64"},
            ),
            "z-of-99-percent": slip("z = 2.576 gives 99 % confidence. For 95 % take 1.96.", {"1.96": "2.576"}),
            "z-of-99-percent-rounded": slip("z = 2.58 gives 99 % confidence. For 95 % take 1.96.", {"1.96": "2.58"}),
            "rounded": slip(
                "Your ends are rounded. Return all digits, and round when you print.",
                {
                    "(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)": "round((middle - half) / (1 + z**2 / n), 2), round((middle + half) / (1 + z**2 / n), 2)"
                },
            ),
            "percent": slip("Those are per cent. Give shares between 0 and 1.", {"(middle ": "100 * (middle "}),
            "middle-and-half": slip(
                "That is the middle and half the width. The ends are their difference and their sum.",
                {"(middle - half)": "middle", "(middle + half)": "half"},
            ),
            "z-not-squared": slip(
                "The middle contains z^2 / 2n, and your z is not squared.", {"z**2 / (2 * n)": "z / (2 * n)"}
            ),
            "times-n": slip(
                "`z**2 / 2 * n` multiplies by n, because Python goes from the left. Write `z**2 / (2 * n)`.",
                {"z**2 / (2 * n)": "z**2 / 2 * n"},
            ),
            "no-root": slip("The square root is missing in half the width.", {"np.sqrt(": "("}),
            "n-not-squared": slip("The root contains 4 n^2, and your n is not squared.", {"4 * n**2": "4 * n"}),
            "root-without-z": slip(
                "The root has to be multiplied by z, because half the width is z standard deviations.",
                {"z * np": "np"},
            ),
            "root-alone-divided": slip(
                "1 + z^2 / n divides the middle as well as the root.",
                {"(middle - half)": "middle - half", "(middle + half)": "middle + half"},
            ),
            "wald": slip(
                "That is p plus or minus z times the root of p (1 - p) / n. With all answers right it has "
                "no width, as if so few cases proved that there is no error.",
                {" + z**2 / (2 * n)": "", " + z**2 / (4 * n**2)": "", " / (1 + z**2 / n)": ""},
            ),
            "no-denominator": slip(
                "The denominator 1 + z^2 / n is missing, so the interval leaves the range from 0 to 1.",
                {" / (1 + z**2 / n)": ""},
            ),
            "root-of-first-part": slip(
                "z^2 / 4n^2 belongs under the root.", {"/ n + z**2 / (4 * n**2))": "/ n) + z**2 / (4 * n**2)"}
            ),
        },
        hints=(
            N_("Begin with `p = right / n`. Then give the middle and half the width a line each."),
            N_("Half the width is `half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))`, before the division."),
            N_("Divide middle minus half and middle plus half by `1 + z**2 / n`."),
        ),
        explanation=N_(
            "The interval holds every share that lies at most z of its own standard deviations away from the "
            "measured one. The shorter formula, p plus or minus z times the root of p (1 - p) / n, fails where "
            "models are good: near 1 it leaves the range, and with no error it promises perfection. (1.959964 is "
            "1.96 with more digits, and both are right.)"
        ),
    ),
    code_exercise(
        name="early-stopping",
        task=N_(
            "Write `early_stopping(validation_losses, patience)`: the number of the epoch, counted from 1, whose weights are kept."
        ),
        solution=(
            "def early_stopping(validation_losses, patience):\n"
            "    best = 0\n"
            "    for epoch, loss in enumerate(validation_losses):\n"
            "        if loss < validation_losses[best]:\n"
            "            best = epoch\n"
            "        if epoch - best >= patience:\n"
            "            break\n"
            "    return best + 1\n"
        ),
        cases=LOSSES,
        again=by_hand(
            _losses,
            without=("margin",),
            asks=N_(
                "With pencil and paper: what does `early_stopping(validation_losses, patience)` return for "
                "`validation_losses = {validation_losses}` and `patience = {patience}`? Training stops as soon as `patience` epochs in a "
                "row have not gone below the lowest loss before them."
            ),
        ),
        slips={
            "one-late": slip(
                "You wait one epoch too many. The best epoch does not count as waiting, and the next one is "
                "the first that does. Stop as soon as `patience` epochs have brought nothing.",
                {">=": ">"},
            ),
            "one-early": slip(
                "You stop one epoch too early. `patience` epochs without a new lowest loss have to pass.",
                {">= patience": ">= patience - 1"},
            ),
            "too-late": slip(
                "You wait longer than `patience` epochs before you stop.",
                {">= patience": ">= patience + 2"},
                {">= patience": ">= patience + 3"},
                {">= patience": ">= 2 * patience"},
            ),
            "margin": slip(
                "You ask a new lowest loss to be lower by some margin. Here any loss below the lowest so far is a new one.",
                *(
                    {"losses[best]": f"losses[best] - {least}"}
                    for least in (0.1, 0.05, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8)
                ),
            ),
            "epoch-before": slip(
                "You start waiting again whenever the loss falls below the epoch before. It has to fall "
                "below the lowest so far.",
                f"best = {RISES}    if validation_losses[epoch] < validation_losses[best]:\n        best = epoch\n    if wait >= patience:\n        break\nreturn best + 1",
                f"{RISES}    if wait >= patience:\n        return epoch + 1 - patience\nreturn len(validation_losses)",
            ),
            "lowest-of-all-from-zero": slip(
                "That is the lowest loss of the whole list, counted from 0. Training that has stopped never sees what comes after.",
                "return np.argmin(validation_losses)",
            ),
            "never-set-back": slip(
                "You add up all the epochs without a new lowest loss. What becomes of the waiting when the loss has reached a new low?",
                {
                    "best = 0": "best = wait = 0",
                    "enumerate(validation_losses)": "enumerate(validation_losses[1:], 1)",
                    "best = epoch": "best = epoch\n        else:\n            wait += 1",
                    "epoch - best": "wait",
                },
            ),
            "first-waits": slip(
                "Your first epoch counts as waiting already, because you ask whether its loss is below itself. "
                "It is the best epoch until a later one has a lower loss.",
                {
                    "best = 0": "best = wait = 0",
                    "best = epoch": "best, wait = epoch, 0\n        else:\n            wait += 1",
                    "epoch - best": "wait",
                },
            ),
            "equal-is-better": slip(
                "The same loss once more is no improvement, so compare with `<`, not `<=`.", {"loss <": "loss <="}
            ),
            "counted-back": slip(
                "You count back from the last epoch. When the losses end before the patience does, the best epoch lies elsewhere.",
                {"best + 1": "epoch + 1 - patience"},
            ),
            "stop-from-zero": slip(
                "That is the epoch at which training stops, counted from 0. Which epoch's weights are kept, and "
                "what number does the first epoch have?",
                {"best + 1": "epoch"},
            ),
            "a-loss": slip(
                "That is the lowest loss. In which epoch was it reached?", {"best + 1": "validation_losses[best]"}
            ),
            "number-of-epochs": slip(
                "That is the number of all epochs. In which of them was the lowest loss before training stopped?",
                "return len(validation_losses)",
            ),
            "lowest-of-all": slip(
                "That is the lowest loss of the whole list. Training that has stopped never sees what comes after.",
                "return np.argmin(validation_losses) + 1",
            ),
            "stop": slip(
                "That is the epoch at which training stops. The weights to keep are those of the best epoch before.",
                {"best + 1": "epoch + 1"},
            ),
            "first-rise": slip(
                "You stop at the first rise. But losses tremble, and that is what the patience is for.",
                "for epoch in range(1, len(validation_losses)):\n    if validation_losses[epoch] > validation_losses[epoch - 1]:\n        return epoch\nreturn len(validation_losses)",
            ),
            "from-zero": slip("You count from 0. The first epoch has the number 1.", {"best + 1": "best"}),
        },
        hints=(
            N_("Walk through the losses and remember the epoch of the lowest one so far."),
            N_("Stop when the present epoch minus the best one has reached the patience, and return the best one."),
        ),
        explanation=N_(
            "Two numbers are easily mixed up: when training stops, and which weights are kept. Stopping "
            "at the first rise is impatient, and taking the minimum of the whole curve needs the very "
            "epochs that stopping should save."
        ),
    ),
    number_exercise(
        name="step-cost",
        task=N_(
            "How many multiply-adds does one training step of a {inputs}-{units}-{outputs} network take, forward and "
            "backward, with a batch of {batch}?"
        ),
        ask=N_("Count one layer at a time, for one example. Which products does it take forward, and which backward?"),
        tolerance=0.5,
        unit=N_("multiply-adds"),
        wrong={
            "{first} + {second}": N_(
                "That is the forward pass of one example. A step also goes backward, and has more examples."
            ),
            "{batch} * ({first} + {second})": N_("That is the forward pass alone."),
            "{batch} * ({first} + 2 * {second})": N_("That is the backward pass alone. A step goes forward first."),
            "2 * {batch} * (2 * {first} + 3 * {second})": N_(
                "You count a multiplication and its addition as two. Together they are one multiply-add."
            ),
            "3 * ({first} + {second})": N_(
                "That is one example, and it includes a gradient for the data. Who would use that gradient?"
            ),
            "{batch} * 3 * ({first} + {units} + {second} + {outputs})": N_(
                "A bias is only added, so it takes no multiply-adds. And who would use the gradient of the data?"
            ),
            "2 * {first} + 3 * {second}": N_("That is one example, but a step has {batch}."),
            "{batch} * 3 * ({first} + {second})": N_(
                "You counted a gradient for the input of the first layer. But that input is data, and "
                "nobody asks for its gradient."
            ),
            "{batch} * 2 * ({first} + {second})": N_(
                "The backward pass of the second layer takes two products, one for its weights and one for its input."
            ),
            "{batch} * (3 * {first} + 2 * {second})": N_("The layer whose input gradient is saved is the first one."),
        },
        numbers=fields(
            {"inputs": 784, "outputs": 10, "units": 100, "batch": 64},
            {
                "inputs outputs": ((20, 2), (30, 2), (30, 3), (40, 3), (40, 4), (50, 3), (50, 5), (100, 10)),
                "units": (6, 8, 10, 15, 20),
                "batch": (10, 12, 16, 20),
            },
            lambda inputs, outputs, units, **_: {"first": inputs * units, "second": units * outputs},
        ),
        hints=(
            N_("The forward pass of an example takes {inputs} x {units} + {units} x {outputs}."),
            N_(
                "Backward, each layer needs dL/dW, which takes as many. The second layer also passes the "
                "error on, which takes as many again."
            ),
            N_("It is `{batch} * (2 * {inputs} * {units} + 3 * {units} * {outputs})`."),
        ),
        solution="step_cost = {batch} * (2 * {inputs} * {units} + 3 * {units} * {outputs})",
        explanation=N_(
            "There are three products per layer: forward, weights and input. The first layer has one "
            "less, because its input is data. Here that saves almost a third, because the first layer "
            "is by far the largest."
        ),
    ),
    number_exercise(
        name="no-mistake",
        task=N_(
            "A network judged n patients and made no mistake. From which n on is the lower end of Wilson's interval, with z = 1.96, at "
            "least {percent} %?"
        ),
        ask=N_("Put p = 1 into the formula. What is left of the lower end? Then put in your own n."),
        tolerance=1e-3,
        unit=N_("patients"),
        wrong={
            "int({percent} / {rest} * 1.96**2)": N_(
                "With so many the lower end is still below {percent} %, by very little."
            ),
            ("{percent} / {rest} * 1.96**2", "{percent} / {rest} * 3.84"): N_(
                "With that number the lower end would be at {percent} % exactly. How many whole patients does it take?"
            ),
            "100": N_("With so many the lower end is at 96.3 %."),
            "np.ceil({percent} / {rest})": N_("You took 1 for z^2. It is 1.96 times 1.96."),
            "73": N_("With so many the lower end reaches 95 %. The task asks for {percent} %."),
            _rounded("{percent} / {rest} * 1.96"): N_("You took z for z^2."),
            _rounded("100 / {rest} * 1.96**2"): N_(
                "n + z^2 stands below the fraction line, so the lower end is not 1 - z^2 / n."
            ),
            "np.ceil({percent} / {rest} * 4)": N_("That is the result with z = 2. Take 1.96."),
            "np.ceil({percent} / {rest} * 2.576**2)": N_(
                "That is the z of an interval of 99 %. Here the *share* is to be {percent} %, and the interval stays one of 95 %."
            ),
            "np.ceil({percent} / {rest} * 1.645**2)": N_("That is the z of an interval of 90 %."),
            "np.ceil(np.log(0.05) / np.log({share}))": N_(
                "That is where {share}^n falls below 5 %, a bound on one side only. Wilson's interval has two sides."
            ),
            "300 / {rest}": N_(
                "That is the rule of three, 3 / n, a bound on one side only. Wilson's interval has two sides."
            ),
            "np.ceil(np.log(0.025) / np.log({share}))": N_(
                "That is where {share}^n falls below 2.5 %, another interval. Take Wilson's formula."
            ),
        },
        numbers=fields({"percent": 99}, {"percent": _PERCENT}, _share),
        hints=(
            N_("For p = 1 the root is z / 2n. Subtract z times this root in the numerator. What is left?"),
            N_("The lower end n / (n + z^2) is to be at least {share}. Multiply by n + z^2, and solve for n."),
            N_("It is `{percent} / {rest} * 1.96**2`, rounded up."),
        ),
        solution="no_mistake = int({percent} / {rest} * 1.96**2) + 1",
        explanation=N_(
            "n / (n + z^2) >= {share} gives n >= {odds} z^2 = {bound}. The usual slips are to take z in place of "
            "z^2, and to round down. A rule to remember: to exclude an error rate of one in k takes "
            "nearly 4 k cases without a mistake."
        ),
    ),
]

PREDICTIONS = [
    prediction(
        name="small-table",
        question=N_("569 tumours have 30 measurements each. We compare logistic regression with a network of 32 "
                    "hidden units, both tuned and cross-validated. How will the two accuracies compare?"),
        options={
            "a": (N_("the network is clearly better, because its border can be curved"),
                  N_("It can draw a curved border, but these classes hardly ask for one. The next cell prints "
                     "both accuracies, and the interval of their difference.")),
            "b": (N_("no difference that this experiment can show, because 569 tumours are few"),
                  N_("The next cell prints the interval of their difference. To tell the two apart, many more "
                     "patients would be needed.")),
            "c": (N_("logistic regression is clearly better, because it cannot over-fit"),
                  N_("With 31 parameters it can over-fit too. The next cell prints both accuracies, and they lie "
                     "close together.")),
        },
        right="b",
        cells=("medicine-test",),
    ),
    prediction(
        name="equal-care",
        question=N_("There are 1,000 loans with 55 features. A network that nobody has tuned, trained for 30 epochs "
                    "at the rate 0.03, is behind logistic regression. Then its rate and its number of epochs are "
                    "chosen on validation folds, as those of logistic regression are. What happens now?"),
        options={
            "a": (N_("it is still behind, because 1,000 rows are too few for 32 units"),
                  N_("They are too few to train for long, but validation stops the training in time. The figure "
                     "shows both networks.")),
            "b": (N_("no difference that this experiment can show, because most of the gap came from its training"),
                  N_("Most of the gap came from training that nobody had tuned. The figure shows both networks.")),
            "c": (N_("it is ahead, because now its curved border pays"),
                  N_("It can draw a curved border, but does one pay on these loans? The figure shows both networks.")),
        },
        right="b",
        cells=("finance-test", "finance-figure"),
    ),
    prediction(
        name="which-split",
        question=N_("A straight line and a network with 32 units predict the score, both tuned. Split by "
                    "student, the network explains more of it. How much of its lead is left when whole schools "
                    "are kept together?"),
        options={
            "a": (N_("it grows, because a curve is worth most in new schools"),
                  N_("In a new school nothing can be looked up. Compare the two leads with their intervals.")),
            "b": (N_("all of it, because nine features and 7,185 rows are enough"),
                  N_("Rows are not all that counts, because there are only 160 schools. Compare the two leads "
                     "with their intervals.")),
            "c": (N_("less, and none that this experiment can show, because schools can no longer be looked up"),
                  N_("The six columns about the school identify it as surely as its name would. What the network looks up "
                     "there can help only while students of one school sit on both sides of the split.")),
            "d": (N_("none: it is clearly worse than the line, because new schools are different"),
                  N_("Without tuning it is worse: try `setting=([0.03], 30)`. Here the validation folds keep "
                     "schools together too. Compare the two leads with their intervals.")),
        },
        right="c",
        cells=("education-test", "education-interval"),
    ),
    prediction(
        name="more-epochs",
        question=N_("40 units learn 20 noisy points for 5,000 epochs. What does the loss on new points do?"),
        options={
            "a": (N_("it falls, then rises again"),
                  N_("First the network learns the sine, which new points share. Then it learns the noise of "
                     "these 20 points, which new points do not share.")),
            "b": (N_("it falls with the training loss, only more slowly"),
                  N_("If so, more epochs would always be better. The next figure shows both losses.")),
            "c": (N_("it falls, then stays where it is"),
                  N_("The training loss goes on falling below the noise, and what is learned then is noise. The next "
                     "figure shows the price.")),
        },
        right="a",
        cells=("more-epochs-figure", "over-fitting-lab"),
    ),
    prediction(
        name="left-out",
        question=N_("There are seven voices. Six of them teach a network ten spoken digits for 40 epochs, and it gets more "
                    "than 95 % of their test words right. We do this twice. The first time we leave out slt, the only woman, "
                    "and the second time kal16, one of several men. How well are these two understood?"),
        options={
            "a": (N_("both about as well as the others, because a seven is a seven"),
                  N_("What all sevens have in common is not what six voices have in common. The next cell counts by voice.")),
            "b": (N_("she does badly, he does not, because other men were there to learn from"),
                  N_("Other men were there, but his voice was not. The next cell counts by voice.")),
            "c": (N_("both lose a few points, because six voices have most in common"),
                  N_("That holds for some voices, such as awb. The next cell counts by voice.")),
            "d": (N_("both do badly, because neither was there to learn from"),
                  N_("The network has learned what six voices share, and either of these two lies outside. The "
                     "average over all seven hides it. The next cell counts by voice.")),
        },
        right="d",
        cells=("left-out", "bias-lab"),
    ),
    prediction(
        name="today",
        question=N_("How long would it take to train Llama 3.1, with 405 billion weights and on 15.6 trillion "
                    "tokens, at ten billion multiply-adds a second?"),
        options={
            "a": (N_("about sixty million years"),
                  N_("It is 1.9e25 operations divided by 3e17 a year. Sixteen thousand accelerators take about ten weeks.")),
            "b": (N_("about a thousand years"),
                  N_("A single accelerator of the next cell takes three thousand years. One core is twenty thousand times slower.")),
            "c": (N_("about a year"),
                  N_("3 x 405e9 x 15.6e12 is 1.9e25. A year has 3e7 seconds of 1e10 operations, which makes "
                     "3e17. The next cell divides.")),
        },
        right="a",
        cells=("today", "compute-lab"),
    ),
]  # fmt: skip

chapter = Chapter(8, EXERCISES, PREDICTIONS)
check, hint, solution, predict = chapter.functions
