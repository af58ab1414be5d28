"""Claims of chapter 2."""

import numpy as np

from course_lib import Adam, GradientDescent, Tensor, functional, numerical_gradient, value_and_grad
from course_lib.datasets import xor

from .ledger import Claim

CHAPTER = "02_core_concepts"
X, Y = xor()


def loss(params):
    """The loss of the chapter's 2-4-1 network on XOR."""
    W1, b1, W2, b2 = params
    return functional.binary_cross_entropy(functional.dense(functional.dense(X, W1, b1, "tanh"), W2, b2), Y)


def first_params(seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)]


def by_backprop(params):
    return value_and_grad(loss)(params)[1]


def by_differences(params):
    return numerical_gradient(loss, params)


def end_of_descent(seed, source, rate=0.5, steps=500):
    params = first_params(seed)
    for _ in range(steps):
        params = [p - rate * g for p, g in zip(params, source(params), strict=True)]
    return loss(params)


def same_loss(seed):
    """Whether both sources of the gradient lead to the same loss, to six decimals."""
    return bool(abs(end_of_descent(seed, by_backprop) - end_of_descent(seed, by_differences)) < 1e-6)


def end_of_steps(seed, source, optimizer, steps=200):
    tensors = [Tensor(p) for p in first_params(seed)]
    for _ in range(steps):
        for t, g in zip(tensors, source([t.value for t in tensors]), strict=True):
            t.grad = g
        optimizer.step(tensors)
    return loss([t.value for t in tensors])


def same_for_each_way(seed):
    """Whether both sources lead to the same loss, to four decimals, with either way to step."""
    ends = [
        [end_of_steps(seed, source, kind(0.1)) for source in (by_backprop, by_differences)]
        for kind in (GradientDescent, Adam)
    ]
    return bool(max(abs(one - other) for one, other in ends) < 1e-4)


def most_rising_step(seed, rate=0.05, steps=500):
    """The largest change of the loss in a step of a small rate."""
    params, losses = first_params(seed), []
    for _ in range(steps):
        value, grads = value_and_grad(loss)(params)
        losses.append(float(value))
        params = [p - rate * g for p, g in zip(params, grads, strict=True)]
    return float(np.max(np.diff(losses)))


HILL = sorted(np.roots([4, 0, -4, 0.3]).real)[1]  # of (u^2 - 1)^2 + 0.3 u, between its two minima


def ends_of_balls(seed):
    """(starts, ends) of 200 balls on the double well, started at random."""
    starts = np.random.default_rng(seed).uniform(-2, 2, 200)
    balls = starts
    for _ in range(1000):
        balls = balls - 0.02 * (4 * balls * (balls**2 - 1) + 0.3)
    return starts, balls


def own_side(seed):
    """The share of balls that end on their own side of the hill, at a minimum; those at the hill's top take too long."""
    starts, ends = ends_of_balls(seed)
    far = np.abs(starts - HILL) > 1e-6
    at_a_minimum = np.abs(4 * ends * (ends**2 - 1) + 0.3) < 1e-6
    return float(np.mean((np.sign(starts - HILL) == np.sign(ends - HILL))[far] & at_a_minimum[far]))


CLAIMS = [
    Claim("same-loss-by-both-sources", CHAPTER, "two-ways-reply", "The same loss.", same_loss, seeds=10, untried="No rival is missing: two ways to compute one gradient are compared."),
    Claim(
        "step-does-not-ask-who-computes", CHAPTER, "link-reply",
        "Step the same way and you get the same loss, wherever the gradient came from.", same_for_each_way,
        untried="More ways to step than two: what is compared is the source of the gradient, with each way held fixed.",
    ),
    Claim(
        "small-rate-never-rises", CHAPTER, "stuck-reply", "with a small enough rate the loss falls",
        most_rising_step, effect="largest change in a step of 500 at rate 0.05", holds=lambda change: change < 0,
        untried="Smaller rates than 0.05: a smaller step follows the slope more closely, so it can only fall more surely.",
    ),
    Claim(
        "each-ball-on-its-own-side", CHAPTER, "stuck-text",
        "Each ball ends in the minimum on its own side of the hill.",
        own_side, effect="share of balls", holds=lambda share: share == 1,
        untried="Rates at which a ball leaps over the hill: the sentence speaks of the rate in the cell.",
    ),
    Claim(
        "no-promise-of-the-deepest", CHAPTER, "stuck-reply",
        "And where there are several minima, it does not promise the deepest one.",
        lambda seed: np.mean(ends_of_balls(seed)[1] > HILL), effect="share of balls in the higher minimum",
        holds=lambda share: share > 0.3,
        untried="Noise or momentum, which may carry a ball over the hill: the sentence says what plain descent does not promise.",
    ),
]  # fmt: skip
