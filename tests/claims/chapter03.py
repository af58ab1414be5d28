"""Claims of chapter 3."""

from functools import lru_cache

import numpy as np

from course_lib import Dense, GradientDescent, Sequential, functional, stack, train
from course_lib.datasets import circles, moons, xor
from course_lib.labs.rises import NETWORKS, RisesModel

from .ledger import Claim

CHAPTER = "03_algorithms"
X, Y = xor()
RUNS, EPOCHS = 20, 2000
BEST_RATES = {200: 3, 1: 0.1}  # of each batch size, as `tuning_chapter03.py` finds them


def generators(seed, count):
    return [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(count)]


def tanh_network(rng, hidden):
    return Sequential(Dense(2, hidden, "tanh", rng=rng), Dense(hidden, 1, rng=rng))


def each_loss(models, x, y):
    z = models(x).value
    return np.mean(np.logaddexp(0, z) - y * z, axis=(1, 2))


# Do the order and the slope matter?


def without_slope(seed, networks=300):
    """(share of networks whose hidden part of the step points uphill without the slope, share whose whole step does)."""
    hidden, whole = [], []
    for rng in generators(seed, networks):
        layers = Dense(2, 2, "sigmoid", rng=rng), Dense(2, 1, "sigmoid", rng=rng)
        a1 = layers[0](X).value
        a2 = layers[1](a1).value
        delta2 = (a2 - Y) * a2 * (1 - a2)
        back = delta2 @ layers[1].W.value.T
        output = np.append(a1.T @ delta2, delta2.sum(axis=0))
        right, wrong = (np.append(X.T @ d, d.sum(axis=0)) for d in (back * a1 * (1 - a1), back))
        hidden.append(right @ wrong < 0)
        whole.append(right @ wrong + output @ output < 0)
    return np.mean(hidden), np.mean(whole)


# Must the loss fall in every epoch?


def rises(seed, rate, batch=4):
    """The lab's model after a whole run; its blocks from 100 on are networks that the chapter does not use."""
    model = RisesModel(rate=rate, batch=batch, block=100 + seed % 900)
    model.advance(model.most)
    return model


def rises_and_arrives(seed):
    model = rises(seed, 5.0)
    return bool((model.epochs_that_rose > 0).mean() >= 0.9 and model.solved >= 0.9 * NETWORKS)


def half_the_steps_rise(seed):
    model = rises(seed, 20.0)
    return bool(0.4 < model.share_of_steps < 0.6 and model.solved <= 0.1 * NETWORKS)


def fewer_rises(seed):
    """By how much the share of rises falls from rate 5 to rate 0.5; 0 when some are left."""
    small = rises(seed, 0.5).share_of_steps
    return rises(seed, 5.0).share_of_steps if small == 0 else 0.0


def single_examples_rise(seed):
    """Share of steps that rise with single examples, the smaller one of two rates; 0 where more than 2 % of the epochs do."""
    models = [rises(seed, rate, batch=1) for rate in (0.01, 0.1)]
    return min(m.share_of_steps for m in models) if max(m.share_of_epochs for m in models) < 0.02 else 0.0


# "Until it converges", made precise


@lru_cache(maxsize=2)
def stopped(seed):
    """(share of runs whose gradient is small before the lowest validation loss, {rule: mean test loss of what it keeps},
    {rule: the same with a better limit})."""
    rngs = generators(seed, RUNS)
    x, y = (np.stack(arrays) for arrays in zip(*(moons(r, examples=240, noise=0.3) for r in rngs), strict=True))
    models, parts, curves = stack([tanh_network(r, 8) for r in rngs]), (slice(60), slice(60, 120), slice(120, None)), []

    def loss(z, target):
        return RUNS * functional.binary_cross_entropy(z, target)

    data = x[:, parts[0]], y[:, parts[0]]
    for _ in train(models, data, loss=loss, optimizer=GradientDescent(1.0), epochs=EPOCHS):
        norm = np.sqrt(sum((p.grad**2).reshape(RUNS, -1).sum(axis=1) for p in models.parameters))
        curves.append([norm, *(each_loss(models, x[:, part], y[:, part]) for part in parts)])
    norms, training, validation, test = np.moveaxis(np.array(curves), 1, 0)
    epochs, columns = np.arange(EPOCHS)[:, None], np.arange(RUNS)
    before = np.vstack([np.full((1, RUNS), np.inf), np.minimum.accumulate(validation)[:-1]])
    best = np.maximum.accumulate(np.where(validation < before, epochs, 0))

    def first(reached):
        return np.where(reached.any(axis=0), reached.argmax(axis=0), EPOCHS - 1)

    small = first(norms < 0.01)
    kept = {"gradient": small, "training": first(training < 0.2), "end": np.full(RUNS, EPOCHS - 1)}
    kept |= {wait: best[first(epochs - best == wait), columns] for wait in (50, 200)}
    better = {"gradient": first(norms < 0.02), "training": first(training < 0.3), "end": np.full(RUNS, 199)}
    losses, lower = ({rule: test[k, columns].mean() for rule, k in rules.items()} for rules in (kept, better))
    return (small < validation.argmin(axis=0)).mean(), losses, lower


def end_above_the_worst_other(seed):
    losses = stopped(seed)[1]
    return losses["end"] - max(loss for rule, loss in losses.items() if rule != "end")


def blind_above_patience(seed):
    losses = stopped(seed)[1]
    return min(losses[rule] for rule in ("gradient", "training", "end")) - losses[200]


def better_thresholds_come_closer(seed):
    _, losses, lower = stopped(seed)
    return min(losses[rule] - lower[rule] for rule in lower)


def patience_above_its_length(seed):
    losses = stopped(seed)[1]
    return losses["end"] - losses[200] - 3 * abs(losses[50] - losses[200])


# Batch, mini-batch, stochastic


def circle_losses(seed, size, rates):
    """Losses (rates,) after each of 200 points was seen 20 times, and before."""
    rates = np.array(rates, dtype=float)
    points, weights, order = generators(seed, 3)
    x, y = circles(points, examples=200)
    models = stack([tanh_network(weights, 8)] * len(rates))
    start = each_loss(models, x, y)
    options = {"loss": functional.binary_cross_entropy, "optimizer": GradientDescent(rates), "epochs": 20}
    for _ in train(models, (x, y), batch_size=size, rng=order, **options):
        pass
    return each_loss(models, x, y), start


def full_above_single(seed):
    full, single = (circle_losses(seed, size, [BEST_RATES[size]])[0][0] for size in (200, 1))
    return full - single


def single_above_its_start(seed):
    end, start = circle_losses(seed, 1, [BEST_RATES[200]])
    return float(end[0] - start[0])


CLAIMS = [
    Claim(
        "hidden-part-uphill", CHAPTER, "mistakes-lesson",
        "In other draws, about four networks in a hundred have a hidden part that points uphill, more than 90 degrees off",
        lambda seed: without_slope(seed)[0], "share of 300 networks whose hidden part points uphill",
        holds=lambda share: 0.01 < share < 0.1, within=(0.03, 0.05),
        untried="Other initial weights than the library's: the sentence counts networks as the cell makes them.",
    ),
    Claim(
        "whole-step-downhill", CHAPTER, "mistakes-lesson",
        "Hardly any whole step goes uphill",
        lambda seed: without_slope(seed)[1], "share of 300 networks whose whole step goes uphill",
        holds=lambda share: share < 0.02,
        untried="Rates: the sign of the slope along the step does not depend on the rate, only how far one may go does.",
    ),
    Claim(
        "rises-and-arrives", CHAPTER, "rising-lesson",
        "At rate 5 nearly every run has its rises, and nearly every run arrives",
        rises_and_arrives,
        untried="Rates between 5 and 20: the lab shows them, and the sentence speaks of 5.",
    ),
    Claim(
        "half-the-steps-rise", CHAPTER, "rising-lesson",
        "At rate 20 about every second step goes up, and next to no run arrives.",
        half_the_steps_rise,
        untried="Other optimizers: the sentence speaks of plain descent at rate 20.",
    ),
    Claim(
        "small-rate-no-rises", CHAPTER, "two-causes",
        "A step may be too long, and then a tenth of the rate takes such rises away.",
        fewer_rises, "share of rises at rate 5 minus that at rate 0.5", share=0.95, paired=True,
        untried="Other remedies than a smaller rate, such as momentum: the sentence names a cause that was varied alone.",
    ),
    Claim(
        "single-examples-rise", CHAPTER, "two-causes",
        "With one example per step, at the rates 0.01 and 0.1, more than a third of the steps raise the loss of all four examples "
        "taken together. But from one epoch to the next this loss hardly ever rises.",
        single_examples_rise, "share of steps that raise the loss", holds=lambda share: share > 1 / 3,
        untried="Rates above 0.1: there long steps would raise the loss as well, and the two causes would mix.",
    ),
    Claim(
        "small-gradient-anywhere", CHAPTER, "rules-figure-text",
        "In many runs that comes before the lowest validation loss, and in many it comes after it.",
        lambda seed: stopped(seed)[0], "share of runs that stop before",
        share=0.9, seeds=10, holds=lambda share: 0.2 <= share <= 0.8,
        untried="Other limits than 0.01: a smaller one stops later, and the sentence does not say that none is right.",
    ),
    Claim(
        "end-is-worst", CHAPTER, "rules-lesson",
        "Training to the end keeps the worst weights of the five.",
        end_above_the_worst_other, "test loss at the end minus that of the worst other rule", seeds=10, paired=True,
        untried="Other ends than 2,000 epochs: the sentence compares the five rules of the table.",
    ),
    Claim(
        "patience-beats-the-blind", CHAPTER, "rules-lesson",
        "Here patience 200 ends with a lower test loss than the three rules that do not look at validation points.",
        blind_above_patience, "test loss of the best other rule minus that of patience 200", seeds=10, share=0.9, paired=True,
        untried="Other limits of these rules: the next sentence says that with better ones they come closer.",
    ),
    Claim(
        "better-thresholds-come-closer", CHAPTER, "rules-lesson",
        "With better limits (we tried a gradient norm of 0.02, a training loss of 0.3 and 200 epochs) those rules come "
        "closer.",
        better_thresholds_come_closer,
        "smallest gain in test loss of the three rules from these limits",
        seeds=10, paired=True,
        untried="Limits tuned on validation data: one better limit for each rule is enough for the sentence.",
    ),
    Claim(
        "length-of-patience", CHAPTER, "rules-lesson",
        "Whether the patience is 50 or 200 matters far less.",
        patience_above_its_length, "gain of patience 200 over no stop, minus three times its distance from patience 50",
        seeds=10, paired=True,
        untried="Patience shorter than 50 or longer than 200: the sentence speaks of these two.",
    ),
    Claim(
        "single-examples-end-lower", CHAPTER, "noise-lesson",
        "with the same examples, batches of one end far lower.",
        full_above_single, "loss of the full batch minus that of single examples, each at its best rate", seeds=12, paired=True,
        untried="Momentum and Adam: with either the full batch still takes 20 steps, and the sentence compares plain descent.",
    ),
    Claim(
        "single-examples-bear-less", CHAPTER, "noise-lesson",
        "At rate 3, which is the best rate for the full batch, the loss with batches of one ends higher than it began.",
        single_above_its_start, "loss with single examples at rate 3, end minus start", paired=True,
        untried="A falling rate: the sentence speaks of the constant rate 3.",
    ),
]  # fmt: skip
