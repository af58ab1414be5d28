"""What an honest test needs: splits that do not leak, scaling learned from the training part alone, and intervals.

A test answers one question: how will the model do on cases that it has not seen? It answers wrongly when the test part
has helped to choose anything, and vaguely when it is small; the interval says how vaguely.
"""

import math

import numpy as np

from ..checks import check_generator
from ..text import say

Z_95 = 1.959963984540054  # a standard normal variable lies within +-Z_95 with probability 95 %
# The same for Student's t with 1, 2, ... degrees of freedom: wider, because the deviation is estimated from few values.
T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def student_t(freedom):
    """Student's t lies within +- this with probability 95 %; freedom: degrees of freedom, a whole number >= 1."""
    return T_95[freedom - 1] if freedom <= len(T_95) else Z_95 + (Z_95**3 + Z_95) / (4 * freedom)


def wilson_interval(right, total, z=Z_95):
    """(low, high): the shares that are compatible with `right` right answers out of `total`.

    With p = right / total:  (p + z^2/2n +- z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n). Unlike p +- z sqrt(p (1 - p) / n)
    it stays within 0..1, and has a width when all answers are right. z = 1.96 gives 95 % confidence.

    Raises ValueError unless 0 <= right <= total and total >= 1. Source: Wilson (1927).
    """
    if not (total >= 1 and 0 <= right <= total):
        raise ValueError(
            say(
                "wilson_interval: expected 0 <= right <= total and total >= 1, got {right} of {total}",
                right=right,
                total=total,
            )
        )
    p, n = right / total, total
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def mean_interval(values):
    """(low, high): 95 % interval of the mean, from a few independent values such as one result for each seed.

    mean(values) +- t * std(values) / sqrt(n), with Student's t. For a comparison give the differences of pairs: both rivals
    with the same seed, the same split, the same budget. Where 0 lies outside, the rivals differ at 95 %: of twenty such
    intervals one misses on average, so among several one that excludes 0 proves less.

    values   (n,), n >= 2. Raises ValueError otherwise. Source: Student (1908).
    """
    return _interval_of_the_mean("mean_interval", values, 0)


def resplit_interval(values, train, test):
    """(low, high): 95 % interval of the mean of results on several random splits of the same examples.

    The training parts of such splits overlap, and so do the test parts: the results are alike, and `mean_interval` is too
    narrow for other examples of the same kind. Corrected: mean(values) +- t * std(values) * sqrt(1/n + test/train).

    values   (n,), n >= 2, one result or difference for each split      train, test   examples in each part of a split
    Raises ValueError unless n >= 2, train >= 1 and test >= 1. Source: Nadeau and Bengio (2003), Inference for the
    Generalization Error.
    """
    if not (train >= 1 and test >= 1):
        raise ValueError(
            say("resplit_interval: expected train >= 1 and test >= 1, got {train} and {test}", train=train, test=test)
        )
    return _interval_of_the_mean("resplit_interval", values, test / train)


def _interval_of_the_mean(name, values, overlap):
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            say("{name}: expected values of shape (n,) with n >= 2, got shape {shape}", name=name, shape=values.shape)
        )
    half = student_t(len(values) - 1) * values.std(ddof=1) * math.sqrt(1 / len(values) + overlap)
    return float(values.mean() - half), float(values.mean() + half)


def bootstrap_interval(values, rng, groups=None, repeats=1000, statistic=np.mean):
    """(low, high): the middle 95 % of a statistic over data drawn anew, with replacement, from the data at hand.

    values   (examples,)      groups   (examples,): whole groups are drawn, because examples of one group are alike
    Raises ValueError when there is no value, or the shapes differ. Source: Efron (1979).
    """
    check_generator("bootstrap_interval", rng)
    values = np.asarray(values, dtype=np.float64)
    groups = np.arange(len(values)) if groups is None else np.asarray(groups)
    if values.ndim != 1 or len(values) == 0 or groups.shape != values.shape:
        raise ValueError(
            say(
                "bootstrap_interval: expected values and groups of one shape (examples,), got {values} and {groups}",
                values=values.shape,
                groups=groups.shape,
            )
        )
    members = [values[groups == group] for group in np.unique(groups)]
    drawn = rng.integers(len(members), size=(repeats, len(members)))
    statistics = [statistic(np.concatenate([members[i] for i in row])) for row in drawn]
    low, high = np.quantile(statistics, [0.025, 0.975])
    return float(low), float(high)


def folds(groups, count, rng):
    """Cross-validation: a list of (train, test) pairs of index arrays. Each example is tested exactly once.

    groups   (examples,): examples of one group stay together; np.arange(n) when every example stands for itself
    count    number of folds, 2 to the number of groups (then: leave one out)      rng   numpy.random.Generator

    Raises ValueError when count does not fit.
    """
    check_generator("folds", rng)
    groups = np.asarray(groups)
    names = np.unique(groups)
    if not isinstance(count, int | np.integer) or not 2 <= count <= len(names):
        raise ValueError(
            say(
                "folds: expected a whole number of folds from 2 to {groups}, the number of groups, got {got!r}",
                groups=len(names),
                got=count,
            )
        )
    parts = np.array_split(rng.permutation(names), count)
    tested = [np.isin(groups, part) for part in parts]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def standardised(x_train, *others):
    """Each column minus its mean, divided by its standard deviation, both taken from x_train alone.

    Returns one array for each argument. A column that is constant in x_train is only shifted.
    """
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return tuple((x - mean) / deviation for x in (x_train, *others))
