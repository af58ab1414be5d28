"""Chapters 7 to 10."""

import math
import statistics
from fractions import Fraction

import numpy as np

from .nudges import gradient


def accumulated(gradient, x, y, size):
    """Each example stands for the mean of its part."""
    return np.mean([gradient.results[example // size] for example in range(len(x))], axis=0)


def halfway(n1, t1, n2, t2):
    """a and r multiplied out: n / r = a."""
    return (t1 * n2 - t2 * n1) / (t2 - t1)


def crossing(a, b, p, q, **others):
    """The point (n, time) that lies on both lines."""
    return np.linalg.solve([[-1 / (1000 * p), 1], [-1 / (1000 * q), 1]], [a, b])[0]


def to_linear(W, b):
    features_in, features_out = W.shape
    return np.array([[W[i, j] for i in range(features_in)] for j in range(features_out)]), np.array(list(b))


def flattened(W, rows, columns, channels):
    """Number by number: row, column and channel of each."""
    found = np.empty((W.shape[1], W.shape[0]))
    for number, (row, column, channel) in enumerate(np.ndindex(rows, columns, channels)):
        found[:, (channel * rows + row) * columns + column] = W[number]
    return found


def standardise(x_train, x_test):
    """Column by column."""
    parts = [np.empty(x_train.shape), np.empty(x_test.shape)]
    for k in range(x_train.shape[1]):
        mean, spread = statistics.fmean(x_train[:, k]), statistics.pstdev(x_train[:, k])
        for part, x in zip(parts, (x_train, x_test), strict=True):
            part[:, k] = [(each - mean) / spread for each in x[:, k]]
    return tuple(parts)


def interval(right, n):
    """Where the distance of p from the share is z standard deviations: (share - p)^2 = z^2 p (1 - p) / n, solved for p."""
    share, z = right / n, 1.96
    lower, upper = sorted(np.roots([1 + z**2 / n, -2 * share - z**2 / n, share**2]).real)
    return lower, upper


def early_stopping(validation_losses, patience):
    """The best of the epochs before the end, which is the first epoch that is `patience` epochs after the best so far."""
    losses = list(validation_losses)

    def best(epochs):
        return min(range(epochs), key=lambda k: (losses[k], k)) + 1

    end = next((n for n in range(1, len(losses) + 1) if n - best(n) == patience), len(losses))
    return best(end)


def step_cost(inputs, units, outputs, batch, **others):
    """Each product of a (rows, inner) with a (inner, columns) matrix: two forward, then one error and two gradients."""
    forward = [(batch, inputs, units), (batch, units, outputs)]
    backward = [(units, batch, outputs), (batch, outputs, units), (inputs, batch, units)]
    return sum(math.prod(sizes) for sizes in forward + backward)


def no_mistake(percent, **others):
    """One patient more, as long as the interval begins below."""
    n = 1
    while 100 * interval(n, n)[0] < percent:
        n += 1
    return n


def equal_budget(inputs, classes, budget):
    """One unit more, as long as the budget allows."""
    h = 0
    while (inputs + 1) * (h + 1) + (h + 1 + 1) * classes <= budget:
        h += 1
    return h


def enough_trials(best, wanted, **others):
    """One trial more, as long as all of them may miss too easily; in whole fractions."""
    miss = none = 1 - Fraction(str(best)) / 100
    trials = 1
    while 100 * (1 - none) < Fraction(str(wanted)):
        none, trials = none * miss, trials + 1
    return trials


def same_steps(k, epochs, small, large, **others):
    """Batches and steps, counted off one by one."""
    before, after = (len(range(0, int(1000 * k), int(size))) for size in (small, large))
    return len(range(0, int(epochs) * before, after))


def causal_weights(scores):
    """w_ij = 1 / sum of e^(s_ik - s_ij) over the places k up to i."""
    found = np.zeros(scores.shape)
    for i, j in zip(*np.tril_indices(len(scores)), strict=True):
        found[i, j] = 1 / math.fsum(math.exp(scores[i, k] - scores[i, j]) for k in range(i + 1))
    return found


def one_score(a, b, c, u, v, w, **others):
    """The slope of the weighted mean at t = 0, where e^t stands before the second weight."""

    def mean(t):
        shares = [1 / a, np.exp(t) / b, 1 / c]
        return np.dot(shares, [u, v, w]) / sum(shares)

    return gradient(mean, 0.0)


def leaking_places(model, x, symbols):
    """Each place with each other symbol: does anything earlier move?"""
    leaks = set()
    for place in range(1, x.shape[1]):
        for symbol in range(symbols):
            changed = x.copy()
            changed[:, place] = symbol
            if not np.array_equal(model(changed)[:, :place], model(x)[:, :place]):
                leaks.add(place)
    return len(leaks)


def count_parameters(symbols, longest, d, blocks):
    """The sizes of all arrays."""
    norm = [(d,), (d,)]
    block = 4 * [(d, d), (d,)] + [(d, 4 * d), (4 * d,), (4 * d, d), (d,)] + 2 * norm
    return sum(math.prod(map(int, shape)) for shape in [(symbols, d), (longest, d), *norm, *int(blocks) * block])


def with_temperature(logits, temperature):
    """p_i = 1 / sum of e^((l_k - l_i) / T)."""
    return np.array([1 / math.fsum(math.exp((k - i) / temperature) for k in logits) for i in logits])


WAYS = {
    "7/accumulated": accumulated,
    "7/halfway": halfway,
    "7/crossing": crossing,
    "7/to-linear": to_linear,
    "7b/flattened": flattened,
    "8/standardise": standardise,
    "8/interval": interval,
    "8/early-stopping": early_stopping,
    "8/step-cost": step_cost,
    "8/no-mistake": no_mistake,
    "9/equal-budget": equal_budget,
    "9/enough-trials": enough_trials,
    "9/same-steps": same_steps,
    "10/causal-weights": causal_weights,
    "10/one-score": one_score,
    "10/leaking-places": leaking_places,
    "10/count-parameters": count_parameters,
    "10/with-temperature": with_temperature,
}
