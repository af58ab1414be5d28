"""The drawing lab's model: pixels, the input gradient against finite differences, and the sentences."""

import numpy as np
import pytest
from sentences import says

from course_lib import Dense, Flatten, Sequential, ops
from course_lib.autodiff import value_of
from course_lib.labs.drawing import INK, NOT_TRAINED, DrawingModel


class Weighing:
    """A network that can be checked by hand: class 0 weighs the left half, class 1 the right half, the rest nothing."""

    def __call__(self, x):
        W = np.zeros((64, 10), np.float32)
        W[:, 0] = np.tile([1, 1, 1, 1, 0, 0, 0, 0], 8)
        W[:, 1] = 1 - W[:, 0]
        return ops.reshape(x, (len(x), -1)) @ W


@pytest.fixture
def network(rng):
    return Sequential(Flatten(), Dense(64, 12, "tanh", rng=rng), Dense(12, 10, rng=rng))


def test_the_gradient_agrees_with_finite_differences(network):
    model = DrawingModel(network, number=7, target=4)

    def log_p(x):
        z = value_of(network(x[None, :, :, None]))[0]
        return z[4] - np.log(np.exp(z).sum())

    x, h = model.pixels / INK, 1e-5
    for i, j in [(0, 0), (2, 3), (5, 5), (7, 1)]:
        nudge = np.zeros((8, 8))
        nudge[i, j] = h
        assert model.gradient[i, j] == pytest.approx((log_p(x + nudge) - log_p(x - nudge)) / (2 * h), abs=1e-5)


def test_loading_painting_and_going_back(network):
    model = DrawingModel(network, number=3)
    assert model.label == model.y[3] and model.changed == 0
    np.testing.assert_array_equal(model.pixels, np.rint(16 * model.x[3, :, :, 0]))
    model.pixels[0, 0] = 0
    model.paint(0, 0, 16)
    assert model.pixels[0, 0] == 16 and model.changed == 1
    model.paint(0, 0, 8)
    assert model.pixels[0, 0] == 8
    model.paint(0, 0, 8)  # the same ink again takes it away
    assert model.pixels[0, 0] == 0 and model.changed == 0
    model.clear()
    assert model.pixels.sum() == 0 and model.label is None and "Your own drawing, 0 pixels with ink" in model.status()


@pytest.mark.parametrize(("down", "right"), [(1, 0), (-1, 0), (0, 1), (0, -1), (2, -3)])
def test_a_shift_moves_and_loses_the_edge(network, down, right):
    model = DrawingModel(network, number=3)
    before = model.pixels.copy()
    model.shift(down, right)
    for i, j in np.ndindex(8, 8):
        inside = 0 <= i - down < 8 and 0 <= j - right < 8
        assert model.pixels[i, j] == (before[i - down, j - right] if inside else 0)


def test_noise_stays_within_the_range_of_ink(network):
    model = DrawingModel(network, number=3)
    for _ in range(20):
        model.add_noise()
    assert model.pixels.min() >= 0 and model.pixels.max() <= 16 and model.pixels.dtype.kind == "i"
    assert model.changed > 20


def test_the_most_promising_pixel_and_the_change_of_mind():
    model = DrawingModel(Weighing(), target=1)
    model.label = 0
    sheet = np.zeros((8, 8), int)
    sheet[:, 0] = 3  # 24 sixteenths on the left: class 0
    model._start_from(sheet)
    assert model.answer == 0 and not model.good
    assert (model.gradient[:, :4] < 0).all() and (model.gradient[:, 4:] > 0).all()
    model.follow()
    assert model.answer == 0 and model.changed == 1
    row, column = model.follow()
    assert column >= 4 and model.pixels[row, column] == 16
    assert model.good and model.fewest == 2 and "it has changed its mind" in model.status()
    model.add_noise()
    assert model.fewest == 2  # more changes do not count


def test_a_digit_that_was_read_wrong_from_the_start_does_not_count():
    model = DrawingModel(Weighing(), target=1)
    model.load(int(np.flatnonzero(model.y == 7)[0]))
    model.paint(4, 7, 16)
    assert not model.good and model.fewest == np.inf
    assert "wrong from the start" in model.status()


def test_without_a_network_only_the_pen_works():
    model = DrawingModel()
    model.paint(0, 0, 16)
    assert model.probabilities is None and NOT_TRAINED in model.status() and NOT_TRAINED in model.description()
    says(ValueError, NOT_TRAINED, model.follow)


def test_the_description_has_no_number_that_differs_between_machines(network):
    text = DrawingModel(network, number=4).description()
    assert "test image 4, a 6, 31 of its 64 pixels with ink" in text and "the largest is that of" in text


def test_a_network_of_another_kind_is_refused(rng):
    says(
        ValueError,
        "drawing lab: expected a network that turns images (1, 8, 8, 1) into logits (1, 10), got (1, 3)",
        lambda: DrawingModel(Sequential(Flatten(), Dense(64, 3, rng=rng))),
    )
