"""Splits that do not leak, scaling by the training part, and intervals against published values and their formulas."""

import numpy as np
import pytest
from sentences import says

from course_lib.tools.evaluation import (
    bootstrap_interval,
    folds,
    mean_interval,
    resplit_interval,
    standardised,
    wilson_interval,
)


def test_wilson_against_published_values():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    for right, total, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson_interval(right, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_is_symmetric_and_stays_in_range():
    low, high = wilson_interval(32, 32)
    assert high == 1.0 and 0.85 < low < 0.95
    assert wilson_interval(0, 32) == pytest.approx((0.0, 1 - low))


@pytest.mark.parametrize(("right", "total"), [(3, 2), (-1, 2), (0, 0), (np.nan, 2)])
def test_wilson_message(right, total):
    sentence = f"wilson_interval: expected 0 <= right <= total and total >= 1, got {right} of {total}"
    says(ValueError, sentence, lambda: wilson_interval(right, total))


@pytest.mark.parametrize(("n", "t"), [(20, 2.093), (31, 2.042), (32, 2.040), (61, 2.000), (1001, 1.962)])
def test_an_interval_is_that_of_students_table_and_the_corrected_one_adds_the_overlap(n, t, rng):
    values = rng.normal(3, 2, n)
    for overlap, got in ((0, mean_interval(values)), (598 / 1199, resplit_interval(values, 1199, 598))):
        half = t * values.std(ddof=1) * np.sqrt(1 / n + overlap)
        assert got == pytest.approx((values.mean() - half, values.mean() + half), abs=0.002 * half)


def test_mean_messages():
    sentence = "{}: expected values of shape (n,) with n >= 2, got shape (1,)"
    says(ValueError, sentence.format("mean_interval"), lambda: mean_interval([1]))
    says(ValueError, sentence.format("resplit_interval"), lambda: resplit_interval([1], 2, 1))
    sentence = "resplit_interval: expected train >= 1 and test >= 1, got 0 and 3"
    says(ValueError, sentence, lambda: resplit_interval([1, 2], 0, 3))


def test_bootstrap_of_a_mean_is_about_two_standard_errors(rng):
    values = rng.normal(3, 2, 400)
    low, high = bootstrap_interval(values, rng)
    error = values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx(values.mean() + np.array([-1.96, 1.96]) * error, abs=0.25 * error)


def test_bootstrap_by_groups_is_wider_when_groups_are_alike(rng):
    groups = np.repeat(np.arange(20), 50)
    values = rng.normal(size=20)[groups] + 0.1 * rng.normal(size=1000)
    (a, b), (c, d) = bootstrap_interval(values, rng), bootstrap_interval(values, rng, groups)
    assert d - c > 4 * (b - a)


def test_bootstrap_messages(rng):
    sentence = "bootstrap_interval: expected values and groups of one shape (examples,), got {} and {}"
    says(ValueError, sentence.format("(0,)", "(0,)"), lambda: bootstrap_interval([], rng))
    says(ValueError, sentence.format("(2,)", "(3,)"), lambda: bootstrap_interval([1, 2], rng, [1, 2, 3]))


@pytest.mark.parametrize("count", [2, 5, 12])  # the last: one group out
def test_folds_test_each_example_once_and_keep_groups_together(rng, count):
    groups = rng.integers(0, 12, 200)
    tested = np.concatenate([test for _, test in folds(groups, count, rng)])
    np.testing.assert_array_equal(np.sort(tested), np.arange(200))
    for train, test in folds(groups, count, rng):
        assert not set(groups[train]) & set(groups[test])
        assert len(train) + len(test) == 200


@pytest.mark.parametrize("count", [1, 8, 2.0, "5"])
def test_folds_message(rng, count):
    sentence = f"folds: expected a whole number of folds from 2 to 7, the number of groups, got {count!r}"
    says(ValueError, sentence, lambda: folds(np.arange(7), count, rng))


def test_standardised_uses_the_training_part_alone(rng):
    x_train, x_test = rng.normal(5, 3, (50, 4)), rng.normal(50, 30, (20, 4))
    x_train[:, 2] = 7.0
    scaled, test = standardised(x_train, x_test)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0, 1])
    np.testing.assert_allclose(test[:, 0], (x_test[:, 0] - x_train[:, 0].mean()) / x_train[:, 0].std())
    np.testing.assert_allclose(test[:, 2], x_test[:, 2] - 7)
