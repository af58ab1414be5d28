"""The kernel lab's model: the feature map by hand, the walk over the places, and the sentences."""

import numpy as np
import pytest
from sentences import says

from course_lib.labs.kernel import KERNELS, KernelModel


def made(kernel, **settings):
    model = KernelModel(**settings)
    model.take(kernel)
    return model


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_feature_map_is_the_sum_over_each_window(kernel):
    model = made(kernel, number=4)
    for i, j in np.ndindex(6, 6):
        assert model.z[i, j] == pytest.approx(np.sum(model.image[i : i + 3, j : j + 3] * KERNELS[kernel]))


def test_it_walks_row_by_row():
    model = KernelModel()
    places = []
    while not model.finished:
        model.advance()
        places.append(model.place)
    assert places == [(i, j) for i in range(6) for j in range(6)]
    model.advance()
    assert model.place == (5, 5) and not np.isnan(model.written()).any()
    model.reset()
    assert np.isnan(model.written()).all() and model.place == (0, 0)


def test_the_map_is_written_as_far_as_the_kernel_has_come():
    model = KernelModel()
    for _ in range(8):
        model.advance()
    written = model.written()
    assert (~np.isnan(written)).sum() == 8 and written[1, 1] == model.z[1, 1] and np.isnan(written[1, 2])


def test_the_kernel_stays_on_the_image():
    model = KernelModel()
    model.move(-1, -1)
    assert model.place == (0, 0)
    model.move(9, 2)
    assert model.place == (5, 2)
    np.testing.assert_array_equal(model.window(), model.image[5:8, 2:5])


def test_one_weight_of_1_moves_the_image():
    model = made("all zeros")
    assert not model.good
    model.set_weight(1, 2, 1)
    assert model.good
    model.set_weight(1, 1, 1)
    assert not model.good


def test_kernels_that_sum_to_0_do_not_see_an_even_surface():
    model = KernelModel()
    model._x = np.full_like(model._x, 7 / 16)
    for name in ("left edges", "upper edges", "outlines"):
        model.take(name)
        np.testing.assert_allclose(model.z, 0)


def test_the_presets_stay_as_they_are():
    KernelModel().set_weight(0, 0, 5)
    assert KERNELS["left edges"][0, 0] == -1


def test_facts_in_words():
    model = KernelModel(number=4)
    model.move(2, 1)
    assert "nine products add up to z = 42; 0 of 36 places are written" in model.status()
    assert "training image 4, the digit 8" in model.description() and "from -41 to 42" in model.description()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: KernelModel(number=-1), "training image: expected a whole number from 0 to 1198, got -1"),
        (
            lambda: made("sharpen"),
            "kernel: expected one of left edges, upper edges, outlines, sum of the window, all zeros, got 'sharpen'",
        ),
        (lambda: KernelModel().set_weight(0, 0, 10), "weight: expected a number from -9 to 9, got 10"),
    ],
)
def test_message(call, sentence):
    says(ValueError, sentence, call)
