"""Claims of chapter 4b. Its theorems are proved there; what is here are its sentences about random numbers."""

import numpy as np

from .ledger import Claim

CHAPTER = "04b_theory"
WIDTH, LAYERS = 256, 20


def growth(seed, share=0.0):
    """Powers of ten by which mean squares grow: of the signal from layer 1 to 20, of the gradient on its way back.

    share   of the common part in the variance of the weights
    """
    rng = np.random.default_rng(seed)
    a, weights, sums = rng.normal(size=(200, WIDTH)), [], []
    for _ in range(LAYERS):
        own, common = rng.normal(size=(WIDTH, WIDTH)), rng.normal(size=WIDTH)
        weights.append(np.sqrt(2 / WIDTH) * (np.sqrt(1 - share) * own + np.sqrt(share) * common))
        sums.append(a @ weights[-1])
        a = np.maximum(sums[-1], 0)
    g, back = rng.normal(size=a.shape), []
    for W, z in zip(weights[::-1], sums[::-1], strict=True):
        delta = g * (z > 0)
        back.append(np.mean(delta**2))
        g = delta @ W.T
    ahead = [np.mean(z**2) for z in sums]
    return np.log10([ahead[-1] / ahead[0], back[-1] / back[0]])


def each_wins_at_home(seed):
    """The smaller of two gains, as logarithms of squared errors: of the mean with normal noise, of the median with Laplace's."""
    rng = np.random.default_rng(seed)
    gains = []
    for draw, better, other in ((rng.normal, np.mean, np.median), (rng.laplace, np.median, np.mean)):
        samples = draw(size=(4000, 25))
        errors = [np.mean(estimate(samples, axis=1) ** 2) for estimate in (better, other)]
        gains.append(np.log(errors[1] / errors[0]))
    return float(min(gains))


CLAIMS = [
    Claim(
        "he-keeps-the-signal", CHAPTER, "depth-theorem",
        "He's weights keep signal and gradient near their size through all 20 layers.",
        lambda seed: float(abs(growth(seed)).max()), "powers of ten by which a mean square changes, the larger of the two",
        holds=lambda effect: effect < 0.8,
        untried="Narrower layers, in which the mean square wanders more: the sentence speaks of the figure's 256 units.",
    ),
    Claim(
        "correlated-weights-blow-up", CHAPTER, "depth-theorem",
        "Correlated weights blow the signal up, although each single weight has He's variance.",
        lambda seed: float(growth(seed, share=0.02)[0]), "powers of ten of the signal's mean square from layer 1 to 20",
        holds=lambda effect: effect > 4,
        untried="Other shares than 2 %: the formula below the figure has the share in it.",
    ),
    Claim(
        "mean-for-normal-median-for-laplace", CHAPTER, "wrong-noise-reply",
        "With normal noise the mean is the better estimate, with Laplace's noise the median is.",
        each_wins_at_home, "smaller of the two gains, log of squared errors", paired=True,
        untried="Other estimates of a middle: the sentence compares these two.",
    ),
]  # fmt: skip
