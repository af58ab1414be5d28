"""Claims of chapter 1."""

import numpy as np

from course_lib import (
    Dense,
    GradientDescent,
    Sequential,
    functional,
    numerical_gradient,
    success_rate,
    train,
    value_and_grad,
)
from course_lib.datasets import xor
from course_lib.labs.fit import X, Y, mean_loss

from .ledger import Claim

CHAPTER = "01_background"
NETWORKS = 30


def fit_loss(params):
    """The loss of the chapter's curve v sigmoid(w x + b) on its thirteen points."""
    return mean_loss(params, np.array(X), np.array(Y))


def by_backprop(params):
    return value_and_grad(fit_loss)(params)[1]


def by_differences(params):
    return numerical_gradient(fit_loss, params)


def descend(slopes, params, eta, steps):
    for _ in range(steps):
        params = [p - eta * g for p, g in zip(params, slopes(params), strict=True)]
    return params


def places(seed, count):
    """Starts (v, w, b) within the range of the lab's sliders."""
    return [
        list(map(np.array, place)) for place in np.random.default_rng(seed).uniform([0, -1, -4], [3, 4, 4], (count, 3))
    ]


def one_end(seed):
    """Whether 20 starts lead to the same v, w, b, to one decimal."""
    ends = [descend(by_backprop, place, 1.0, 1000) for place in places(seed, 20)]
    return bool(np.ptp(ends, axis=0).max() < 0.05)


def same_loss(seed):
    """Whether both sources of slopes lead to the same loss, to eight decimals."""
    [place] = places(seed, 1)
    losses = [fit_loss(descend(slopes, place, 0.5, 100)) for slopes in (by_backprop, by_differences)]
    return bool(abs(losses[0] - losses[1]) < 1e-8)


def networks_of(seed):
    networks = []
    for one in np.random.SeedSequence(seed).spawn(NETWORKS):
        rng = np.random.default_rng(one)
        networks.append(Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng)))
    return networks


def share_of_rises(seed, rate):
    """The share of 40 epochs in which the loss rises: the median of 30 networks."""
    shares = []
    for network in networks_of(seed):
        options = {"loss": functional.binary_cross_entropy, "optimizer": GradientDescent(rate), "epochs": 40}
        losses = [progress.loss for progress in train(network, xor(), **options)]
        shares.append(np.mean(np.diff(losses) > 0))
    return float(np.median(shares))


def solved(seed, rate):
    """How many of 30 networks, seeded from `seed` alone, are right about all of XOR after 40 epochs."""
    networks = networks_of(seed)
    loss, optimizer = functional.binary_cross_entropy, GradientDescent(rate)
    return round(NETWORKS * success_rate(networks, xor(), loss=loss, optimizer=optimizer, epochs=40))


CLAIMS = [
    Claim(
        "one-basin", CHAPTER, "starts-answer", "for these points and this curve all 20 starts lead to the same place",
        one_end, seeds=10,
        untried="Starts outside the lab's sliders: the sentence speaks of this curve, these points and such starts alone.",
    ),
    Claim(
        "same-learning-without-backprop", CHAPTER, "cost-text", "The same learning, without backpropagation.", same_loss,
        untried="No rival is missing: two ways to compute one gradient are compared, and both take the same steps.",
    ),
    Claim(
        "short-step-solves-hardly-any", CHAPTER, "learned-answer",
        "At 0.02 the step is too short, and hardly any start arrives within 40 epochs.",
        lambda seed: solved(seed, 0.02), effect="of 30 starts right", holds=lambda count: count <= 3,
        untried="More epochs: the sentence holds for 40, and the chapter says that the rest is a question for chapter 5.",
    ),
    Claim(
        "half-solves-fewer", CHAPTER, "learned-answer", "At 0.5 fewer arrive than at 2",
        lambda seed: solved(seed, 2.0) - solved(seed, 0.5), effect="of 30 starts, more at rate 2 than at 0.5", paired=True,
        untried="Rates between 0.5 and 2: only these two are compared.",
    ),
    Claim(
        "two-solves-most", CHAPTER, "learned-answer", "At 0.5 fewer arrive than at 2, and at 2 most of the 30 do.",
        lambda seed: solved(seed, 2.0), effect="of 30 starts right", holds=lambda count: count >= 23,
        untried="Other rates than the four of the cell: the sentence speaks of 2.",
    ),
    Claim(
        "long-step-solves-hardly-any", CHAPTER, "learned-answer",
        "At 10 the step is too long, the loss jumps up and down, and hardly any start arrives.",
        lambda seed: solved(seed, 10.0), effect="of 30 starts right", holds=lambda count: count <= 3,
        untried="Momentum or a falling rate, which may bear 10: the sentence speaks of plain descent at a constant rate.",
    ),
    Claim(
        "long-step-jumps", CHAPTER, "learned-answer", "the loss jumps up and down",
        lambda seed: share_of_rises(seed, 10.0), effect="share of epochs in which the loss rises", seeds=10,
        holds=lambda share: share >= 0.2,
        untried="Other rates: the share of rises is that of rate 10 alone.",
    ),
]  # fmt: skip
