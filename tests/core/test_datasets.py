"""Data sets: shapes, classes, seeds, and the geometry that their docstrings promise."""

import numpy as np
import pytest
from sentences import says

from course_lib.datasets import circles, moons, spirals, xor

DRAWN = [circles, moons, spirals]
every_drawn_set = pytest.mark.parametrize("draw", DRAWN, ids=lambda f: f.__name__)


def by_class(draw, **options):
    """The points of class 0 and those of class 1."""
    x, y = draw(np.random.default_rng(0), **options)
    return x[y[:, 0] == 0], x[y[:, 0] == 1]


def test_xor_is_exclusive_or():
    x, y = xor()
    assert [(int(a), int(b), int(c)) for (a, b), (c,) in zip(x, y, strict=True)] == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 1),
        (1, 1, 0),
    ]
    assert (x.dtype, y.dtype, x.shape, y.shape) == (np.float64, np.float64, (4, 2), (4, 1))


def test_xor_is_new_at_every_call():
    xor()[0][...] = 9
    assert xor()[0].max() == 1


@every_drawn_set
@pytest.mark.parametrize("examples", [2, 7, 200, np.int64(10)])
def test_shapes_and_balanced_classes(draw, rng, examples):
    x, y = draw(rng, examples)
    assert x.shape == (examples, 2) and y.shape == (examples, 1)
    assert x.dtype == y.dtype == np.float64
    assert set(y[:, 0]) == {0.0, 1.0} and y.sum() == examples // 2


@every_drawn_set
def test_the_seed_decides(draw):
    (x, _), (same, _), (other, _) = (draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(x, same)
    assert not np.isclose(x, other).all(axis=1).any()


@every_drawn_set
def test_noise_is_what_it_says(draw):
    clean, noisy = (draw(np.random.default_rng(0), 2000, noise=s)[0] for s in (0.0, 0.2))
    assert (noisy - clean).std() == pytest.approx(0.2, rel=0.05)
    assert abs((noisy - clean).mean()) < 0.01


@pytest.mark.parametrize(("draw", "reach"), [(circles, 1.3), (moons, 1.3), (spirals, 1.2)])
def test_points_lie_within_about_the_stated_range(draw, reach):
    x, _ = draw(np.random.default_rng(0), 2000)
    assert np.quantile(np.abs(x), 0.99) < reach
    assert 0.75 * reach < np.abs(x).max() < 1.15 * reach


def test_circles_are_a_disc_inside_a_ring():
    ring, disc = by_class(circles, noise=0.0)
    np.testing.assert_allclose(np.hypot(*ring.T), 1.0)
    assert np.hypot(*disc.T).max() < 0.5
    assert (np.sign(ring).mean(axis=0) ** 2 < 0.1).all()  # on all sides


def test_moons_are_halves_of_circles_that_reach_into_each_other():
    lower, upper = (x / 0.8 for x in by_class(moons, noise=0.0))
    np.testing.assert_allclose(np.hypot(lower[:, 0] + 0.5, lower[:, 1] + 0.25), 1.0)
    np.testing.assert_allclose(np.hypot(upper[:, 0] - 0.5, upper[:, 1] - 0.25), 1.0)
    assert (lower[:, 1] >= -0.25).all() and (upper[:, 1] <= 0.25).all()
    assert lower[:, 1].min() < upper[:, 1].max() and lower[:, 0].max() > upper[:, 0].min()


def test_spirals_are_one_arm_and_the_same_arm_turned_by_half_a_turn():
    first, second = by_class(spirals, examples=4000, noise=0.0)
    for arm, turn in ((first, 0.0), (second, np.pi)):
        t = np.hypot(*arm.T) / 1.1
        assert 0.1 < t.min() < 0.2 and 0.95 < t.max() <= 1.0
        angle = 3 * np.pi * t + turn
        np.testing.assert_allclose(arm, 1.1 * t[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), atol=1e-12)


@every_drawn_set
@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((None,), TypeError, "expected rng=numpy.random.default_rng(seed), got None"),
        ((np.random.default_rng(0), 1), ValueError, "expected examples to be a whole number >= 2, got 1"),
        ((np.random.default_rng(0), 10.0), ValueError, "expected examples to be a whole number >= 2, got 10.0"),
    ],
)
def test_message(draw, arguments, error, sentence):
    says(error, f"{draw.__name__}: {sentence}", lambda: draw(*arguments))
