"""Claims of chapter 5."""

from copy import deepcopy
from functools import cache

import numpy as np

from course_lib import Dense, GradientDescent, Sequential, functional, stack, success_rate, train
from course_lib.datasets import xor
from course_lib.tools.curvature import sharpness

from .ledger import Claim

XY = X, Y = xor()
DECAY = 0.001
LONG = 50_000  # epochs


def networks(seed, hidden, number, **options):
    """Networks whose initial weights depend on `seed` alone."""
    for one in np.random.SeedSequence(seed).spawn(number):
        rng = np.random.default_rng(one)
        first = Dense(2, hidden, "sigmoid", rng=rng, **options)
        yield Sequential(first, Dense(hidden, 1, "sigmoid", rng=rng, **options))


def solved(seed, rate, epochs, hidden=4, number=30, **options):
    """The share of networks, seeded from `seed` alone, that solve XOR."""
    models, loss = list(networks(seed, hidden, number, **options)), functional.half_squared_error
    optimizer = GradientDescent(rate)
    return success_rate(models, XY, loss=loss, optimizer=optimizer, epochs=epochs, threshold=0.5)


def solved_without_slope(seed, number=30):
    """The same where delta2 = a2 - y: sigmoid and cross-entropy; their loss is a mean over 4, the chapter's a sum."""
    models = []
    for model in networks(seed, 4, number):
        hidden, output = model.layers
        linear = Dense(4, 1, rng=np.random.default_rng(0))
        for mine, given in zip(linear.parameters, output.parameters, strict=True):
            mine.value = given.value.copy()
        models.append(Sequential(hidden, linear))
    loss = functional.binary_cross_entropy
    return success_rate(models, XY, loss=loss, optimizer=GradientDescent(4 * 0.5), epochs=2000)


def same_way(seed):
    """Whether rate x epochs = 200 solves as many networks at each rate, give or take one of thirty."""
    shares = [solved(seed, rate, round(200 / rate)) for rate in (0.05, 0.2, 0.5, 1)]
    return max(shares) - min(shares) < 1.5 / 30


def small_scales(seed):
    """The share solved from scale 0.1, when from scale 0.01 none is; else -1."""
    none, most = (solved(seed, 0.5, LONG, scale=scale) for scale in (0.01, 0.1))
    return most if none == 0 else -1.0


def far_from_what_is_said(seed):
    """Of scale 10: how far the shares solved after 2,000 and 50,000 epochs are from a half and three quarters."""
    return max(abs(solved(seed, 0.5, epochs, scale=10) - said) for epochs, said in ((2000, 1 / 2), (LONG, 3 / 4)))


def spare_units(seed):
    many, few = (solved(seed, 0.5, 5000, hidden=hidden, number=60) for hidden in (4, 2))
    return many - few if many > 0.95 else -1.0


# Two hidden units, and the runs that fail


def weights(model):
    """(networks, 9)"""
    return np.concatenate([p.value.reshape(len(p.value), -1) for p in model.parameters], axis=1)


def run(model, epochs, decay=0.0):
    optimizer = GradientDescent(0.5, weight_decay=decay)
    for _ in train(model, XY, loss=functional.half_squared_error, optimizer=optimizer, epochs=epochs):
        pass


def look(model):
    """(which networks have failed, mean squared errors, largest weights)"""
    a2 = model(X).value
    failed = ((a2 > 0.5) != (Y > 0.5)).any(axis=(1, 2))
    return failed, ((a2 - Y) ** 2).mean(axis=(1, 2)), abs(weights(model)).max(axis=1)


@cache
def valley(seed):
    """The stack of 60 networks after 40,000 epochs, and what was seen after 10,000, 20,000 and 40,000."""
    model, seen = stack(list(networks(seed, 2, 60))), []
    for epochs in (10_000, 10_000, 20_000):
        run(model, epochs)
        seen.append(look(model))
    return model, seen


def exponent(seed, of_failed=True):
    """p where the loss above the floor falls like 1 / epochs^p, between 20,000 and 40,000 epochs."""
    middles = []
    for failed, errors, _ in valley(seed)[1][1:]:
        floors = np.where(errors < 0.15, 1 / 8, 1 / 6) if of_failed else 0
        middles.append(np.median((errors - floors)[failed == of_failed]))
    return float(np.log2(middles[0] / middles[1]))


def growth(seed):
    """What a doubling adds to the median largest weight: of the two amounts the one that is farther from 0.85."""
    largest = [np.median(sizes[failed]) for failed, _, sizes in valley(seed)[1]]
    return float(max(np.diff(largest), key=lambda amount: abs(amount - 0.85)))


def gradient_at(w, decay):
    W1, b1, W2, b2 = w[:4].reshape(2, 2), w[4:6], w[6:8].reshape(2, 1), w[8:]
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    delta2 = (a2 - Y) * a2 * (1 - a2)
    delta1 = delta2 @ W2.T * a1 * (1 - a1)
    grads = [X.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)]
    return np.concatenate([g.ravel() for g in grads]) + decay * w


def smallest_curvature(w, decay, h=1e-5):
    rows = [(gradient_at(w + e, decay) - gradient_at(w - e, decay)) / (2 * h) for e in h * np.eye(9)]
    return np.linalg.eigvalsh(rows)[0]


def flat(seed):
    """Whether the smallest curvatures of the failed runs are all within 1e-3 of 0, and half of them within 2e-5."""
    model, seen = valley(seed)
    found = [abs(smallest_curvature(w, 0)) for w in weights(model)[seen[-1][0]]]
    return max(found) < 1e-3 and np.median(found) < 2e-5


def rests(seed):
    """The smallest curvature of all failed runs that go on with weight decay; -1 where one has a gradient left."""
    model = deepcopy(valley(seed)[0])
    run(model, 20_000, DECAY)
    resting = weights(model)[look(model)[0]]
    steepest = max(np.linalg.norm(gradient_at(w, DECAY)) for w in resting)
    return float(min(smallest_curvature(w, DECAY) for w in resting)) if steepest < 1e-6 else -1.0


# Sharpness


@cache
def sharp_runs(seed):
    """(losses, sharpnesses) after 1 to 60 epochs at rate 3, of ten networks."""
    runs = []
    for one in np.random.SeedSequence(seed).spawn(10):
        rng, loss, direction, seen = np.random.default_rng(one), functional.binary_cross_entropy, None, []
        model = Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng))
        for _ in train(model, XY, loss=loss, optimizer=GradientDescent(3), epochs=60):
            value, direction = sharpness(model, XY, loss=loss, start=direction)
            seen.append((float(loss(model(X), Y)), value))
        runs.append(np.transpose(seen))
    return runs


def rises_from_beyond(seed):
    """The share of rises of the loss that start where the sharpness is above 2 / rate; 0 where there are none."""
    starts = [curved[:-1][np.diff(losses) > 0] for losses, curved in sharp_runs(seed)]
    return float((np.concatenate(starts) > 2 / 3).mean()) if any(map(len, starts)) else 0.0


def falls_from_beyond(seed):
    """The share of steps from where the sharpness is above 2 / rate that lower the loss all the same."""
    changes = [np.diff(losses)[curved[:-1] > 2 / 3] for losses, curved in sharp_runs(seed)]
    return float((np.concatenate(changes) <= 0).mean())


CLAIMS = [
    Claim(
        "rises-from-beyond", "05_practice", "sharpness-lesson",
        "Nearly all steps that raise the loss start beyond $2/\\eta$",
        rises_from_beyond, effect="share of the rises that start above 2/rate", seeds=10, holds=lambda share: share > 0.9,
        untried="Other rates than 3, at which more or fewer steps rise: the sentence speaks of this lab's run.",
    ),
    Claim(
        "most-beyond-fall", "05_practice", "sharpness-lesson",
        "beyond the line most steps still lower the loss",
        falls_from_beyond, effect="share of the steps from beyond 2/rate that lower the loss", seeds=10,
        holds=lambda share: share > 0.6,
        untried="Other rates than 3: at a rate that diverges most steps would rise, and this one does not diverge.",
    ),
    Claim(
        "sharpness-falls-back", "05_practice", "sharpness-lesson",
        "the sharpness falls below the line, and descent goes on",
        lambda seed: float(np.mean([curved[-1] < 2 / 3 and losses[-1] < 0.1 for losses, curved in sharp_runs(seed)])),
        effect="share of networks below 2/rate, with a loss below 0.1, after 60 epochs", seeds=10,
        holds=lambda share: share >= 0.8,
        untried="Other rates than 3: at rates that diverge nothing falls back, and the chapter says so of a parabola.",
    ),
    Claim(
        "small-rate-solves-none", "05_practice", "falling-loss",
        "So the draft could hardly have worked even with every line right.",
        lambda seed: solved(seed, 0.01, 2000) < 2.5 / 30,
        untried="Other starts and optimizers: the draft has this start and plain descent.",
    ),
    Claim(
        "rate-200-fails", "05_practice", "falling-loss",
        "Nor does a huge rate help: at 200, most seeds fail.",
        lambda seed: solved(seed, 0.5, 10_000) - solved(seed, 200, 10_000),
        effect="share solved at rate 0.5 minus at 200", seeds=10, holds=lambda gap: gap > 0.5, paired=True,
        untried="Rates between 0.5 and 200: the map in the same chapter shows them.",
    ),
    Claim(
        "wrong-gradients-solve", "05_practice", "missing-slope-judged-text",
        "The loss fell, the task is solved, and every gradient was wrong.",
        lambda seed: solved_without_slope(seed) >= 0.9,
        untried="Other faults: one program that works with wrong gradients is enough to show that there are such.",
    ),
    Claim(
        "equal-product-equal-way", "05_practice", "remember",
        "While steps are small, rate × epochs decides how far you get",
        same_way,
        untried="Rates above 1: the sentence says \"while steps are small\".",
    ),
    Claim(
        "small-scale-needs-time", "05_practice", "break-symmetry-text",
        "from scale 0.1 most networks arrive within 50,000 epochs, and from 0.01 none does",
        small_scales, effect="share solved in 50,000 epochs from scale 0.1, when from 0.01 none is", seeds=10,
        holds=lambda share: share > 0.5,
        untried="Other rates: epochs alone were varied, at the chapter's rate.",
    ),
    Claim(
        "large-scale-stays", "05_practice", "break-symmetry-text",
        "from scale 10 about half of the networks arrive in 2,000 epochs, and about three in four in 50,000",
        far_from_what_is_said, effect="larger distance of the two shares from 1/2 and 3/4", seeds=10,
        holds=lambda distance: distance < 0.25,
        untried="Other rates: epochs alone were varied, at the chapter's rate.",
    ),
    Claim(
        "spare-units-arrive", "05_practice", "two-units-text",
        "With spare units nearly every seed arrives; with just enough, some fail.",
        spare_units, effect="share solved with 4 hidden units minus with 2", paired=True,
        untried="More epochs for the networks with two units: after 30,000 more, two of 47 got away, as the chapter says later.",
    ),
    Claim(
        "excess-halves", "05_practice", "valley-text",
        "Each doubling of the epochs about halves the excess",
        exponent, effect="p of excess ~ 1 / epochs^p", seeds=10, holds=lambda p: 0.9 < p < 1.25,
        untried="Momentum or Adam, which move faster along the valley: the sentence speaks of plain descent.",
    ),
    Claim(
        "weights-grow", "05_practice", "valley-text",
        "adds about the same amount, 0.8 to 0.9, to the largest weight",
        growth, effect="growth of the median largest weight", seeds=10, holds=lambda step: 0.75 < step < 0.95,
        within=(0.75, 0.95),
        untried="Weight decay, which stops the growth: that is the chapter's next experiment.",
    ),
    Claim(
        "solved-runs-too", "05_practice", "three-floors-reply",
        "So do the solved ones, towards 0",
        lambda seed: exponent(seed, of_failed=False), effect="p of error ~ 1 / epochs^p", seeds=10,
        holds=lambda p: 0.9 < p < 1.25,
        untried="Cross-entropy, with which the error falls otherwise: the sentence speaks of this loss.",
    ),
    Claim(
        "valley-is-flat", "05_practice", "rest-text",
        "All are nearly 0",
        flat, seeds=10,
        untried="Longer runs, in which the curvatures come still closer to 0.",
    ),
    Claim(
        "decay-makes-minima", "05_practice", "rest-reply",
        "With weight decay these *are* local minima.",
        rests, effect="smallest curvature of any failed run at rest", seeds=10,
        untried="Other strengths of decay: one at which the runs rest in minima is enough for \"these\".",
    ),
]  # fmt: skip
