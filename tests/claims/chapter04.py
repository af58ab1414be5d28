"""Claims of chapter 4."""

import numpy as np

from course_lib import Dense, GradientDescent, RMSProp, Sequential, Tensor, functional
from course_lib.labs.descent.rate_scan import LONGEST, RateScan
from course_lib.labs.descent.surfaces import SURFACES
from course_lib.layers import he_normal
from course_lib.schedules import Clipped, constant, cosine, warm_up
from course_lib.training import minibatches

from .ledger import Claim

CHAPTER = "04_mathematics"


def won_by_centring(seed):
    """Powers of ten by which the condition number falls when inputs that are scaled are centred as well."""
    rng = np.random.default_rng(seed)
    spread = 10 ** rng.uniform(-1, 1, size=2)
    inputs = rng.normal(rng.uniform(3, 10, size=2) * spread, spread, size=(500, 2))
    both = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    conditions = [np.linalg.cond(np.c_[columns, np.ones(500)]) ** 2 for columns in (inputs / inputs.std(axis=0), both)]
    return np.log10(conditions[0] / conditions[1])


def fewest_steps(surface, seed, name):
    """An optimizer's steps at its best rate, from a start that is drawn in the lab's picture; LONGEST where none arrives."""
    surface = SURFACES[surface]
    start = np.random.default_rng(seed).uniform(surface.low, surface.high)
    scan = RateScan(surface, start, name)
    scan.advance()
    return min(scan.fewest, LONGEST)


def momentum_over_plain(surface):
    """experiment(seed) -> the logarithm of momentum's fewest steps over those of plain descent."""
    return lambda seed: np.log(fewest_steps(surface, seed, "Momentum") / fewest_steps(surface, seed, "GradientDescent"))


def last_distance(seed):
    """RMSProp in the valley, at a rate that is drawn: its largest distance in the last 100 of 3,000 steps, in rates."""
    rng = np.random.default_rng(seed)
    valley, rate = SURFACES["valley"], 10 ** rng.uniform(-2, -0.5)
    w, optimizer, distances = [Tensor(c) for c in rng.uniform(valley.low, valley.high)], RMSProp(rate), []
    for _ in range(3000):
        valley.loss(*w).backward()
        optimizer.step(w)
        distances.append(np.hypot(*(c.value for c in w)))
    return max(distances[-100:]) / rate


def excess(schedule, seed, noise=1.0, epochs=6):
    """The chapter's linear fit: the loss above its minimum after each epoch."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(256, 5))
    y = X @ rng.normal(size=(5, 1)) + noise * rng.normal(size=(256, 1))
    lowest = np.linalg.lstsq(np.c_[X, np.ones(256)], y, rcond=None)[1][0] / 256
    model, optimizer, curve = Dense(5, 1, rng=rng), GradientDescent(1), []
    for k in range(epochs):
        optimizer.learning_rate = schedule(k)
        for inputs, targets in minibatches((X, y), 8, rng):
            functional.mean_squared_error(model(inputs), targets).backward()
            optimizer.step(model.parameters)
        curve.append(float(functional.mean_squared_error(model(X), y).value) - lowest)
    return np.array(curve)


def fast_or_exact(seed):
    """The smaller of two gains, as logarithms: of rate 0.05 after the first epoch, of rate 0.015 after the last."""
    fast, exact = (np.log(excess(lambda k, rate=rate: constant(rate, k), seed)) for rate in (0.05, 0.015))
    return min(exact[0] - fast[0], fast[-1] - exact[-1])


def fast_and_exact(seed):
    """The cosine's smaller gain over the constant that ends lowest: after the first epoch and after the last."""
    best, falling = (
        np.log(excess(s, seed)) for s in (lambda k: constant(0.015, k), lambda k: cosine(0.03, k, total=6))
    )
    return min(best[0] - falling[0], best[-1] - falling[-1])


def noise_makes_the_floor(seed):
    """Whether rate 0.1 ends at the minimum without noise, and never comes near it in 30 epochs with noise."""
    noisy, exact = (excess(lambda k: constant(0.1, k), seed, noise, epochs=30) for noise in (1.0, 0.0))
    return exact[-1] < 1e-12 and noisy.min() > 1e-3


def unexplained(seed, rate, warm=1, largest=np.inf):
    """The share of the variance that a network does not explain; 1 where it learns nothing."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (256, 2))
    y, he = np.sin(2 * X[:, :1]) * X[:, 1:], {"rng": rng, "initializer": he_normal}
    model = Sequential(Dense(2, 32, "relu", **he), Dense(32, 32, "relu", **he), Dense(32, 1, **he))
    optimizer = Clipped(GradientDescent(1), largest)
    with np.errstate(all="ignore"):
        for k in range(20):
            optimizer.learning_rate = warm_up(cosine(rate, k, total=20), k, steps=warm)
            for inputs, targets in minibatches((X, y), 16, rng):
                functional.mean_squared_error(model(inputs), targets).backward()
                optimizer.step(model.parameters)
        return float(np.fmin(functional.mean_squared_error(model(X), y).value / y.var(), 1))


def explained_by_help(seed, networks=4):
    """How much more of the variance is explained with warm-up or with clipping, the smaller gain; each at its best rate."""
    seeds = np.random.SeedSequence(seed).spawn(networks)
    plain, warmed, clipped = (
        np.mean([unexplained(one, **way) for one in seeds])
        for way in ({"rate": 0.05}, {"rate": 0.2, "warm": 6}, {"rate": 0.4, "largest": 1.0})
    )
    return plain - max(warmed, clipped)


CLAIMS = [
    Claim(
        "only-centring-mends", CHAPTER, "momentum-text",
        "When the entries of an input lie far from 0, they differ little compared with their size. So the column of this input "
        "is nearly parallel to the column of ones, and only centring mends that.",
        won_by_centring, "powers of ten of the condition number won by centring, after scaling", paired=True,
        holds=lambda effect: effect > 1,
        untried="Decorrelating the inputs, which contains centring: of scaling and centring, the sentence says which one mends.",
    ),
    Claim(
        "plain-beats-usual-momentum-in-the-valley", CHAPTER, "race-reply",
        r"In this valley, with $\kappa = 25$, plain descent beats momentum with the usual $\beta = 0.9$",
        momentum_over_plain("valley"), "log of momentum's steps over plain descent's, each at its best rate", paired=True,
        share=0.9,
        untried="Other values of momentum: the sentence names 0.9, and the same cell shows that 0.5 beats both.",
    ),
    Claim(
        "plain-behind-in-the-narrow-valley", CHAPTER, "race-reply", "in the narrow valley of question 3 plain descent is behind",
        momentum_over_plain("rosenbrock"), "log of momentum's steps over plain descent's, each at its best rate",
        paired=True, seeds=10, holds=lambda effect: effect < 0,
        untried="Other values of momentum: a better one would only put plain descent further behind.",
    ),
    Claim(
        "rms-prop-stays-a-rate-away", CHAPTER, "race-reply",
        r"RMSProp with a constant rate $\eta$ comes no closer to the minimum than about $\eta$", last_distance,
        "largest distance in the last 100 of 3,000 steps, in rates", holds=lambda effect: 0.25 < effect < 4,
        untried="A falling rate, with which it does come closer: the sentence speaks of a constant one.",
    ),
    Claim(
        "constant-rate-fast-or-exact", CHAPTER, "schedules-reply",
        "With gradient noise at the minimum, a constant rate can be fast or exact, but not both",
        fast_or_exact, "smaller of the two gains, log", paired=True, share=0.9,
        untried="Averaging the weights, which is exact at a larger rate: the sentence speaks of the last weights.",
    ),
    Claim(
        "falling-rate-fast-and-exact", CHAPTER, "schedules-reply",
        "Of the constant rates 0.015 ends lowest. The cosine from 0.03 is below it after the first epoch and, in most runs, after "
        "the last one as well.",
        fast_and_exact, "smaller of the two gains over constant 0.015, log", paired=True, share=0.6,
        untried="Other falling schedules: a better one would beat the constant by more.",
    ),
    Claim(
        "no-noise-no-floor", CHAPTER, "schedules-reply", "Without such noise, a constant rate ends at the minimum.",
        noise_makes_the_floor, share=0.9,
        untried="Rates that diverge: the sentence speaks of those that arrive.",
    ),
    Claim(
        "warm-up-or-clipping-ends-lower", CHAPTER, "warm-up-reply",
        "With either of them, descent bears a larger rate. When each of the three ways has its best rate, those with warm-up "
        "and with clipping end lower on average than the cosine alone.",
        explained_by_help, "variance explained beyond that without help, the smaller gain", paired=True,
        untried="Other lengths of warm-up and other limits of clipping: better ones would only increase their lead.",
    ),
]  # fmt: skip
