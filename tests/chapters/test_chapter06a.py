"""Chapter 6a: every exercise knows right, wrong and not tried; and what the chapter says about the network holds."""

import numpy as np
from exercise_bank import answer_of, row_test

from course_lib import functional
from course_lib.exercises.chapter06a import chapter
from course_lib.labs.cnn import small_cnn

ROWS = {
    "shifted": [
        ({}, "right", "cases compared: 5"),
        ({"np.pad(x,": "np.pad(x + 1,"}, "wrong", "down = 0, right = 1, entry [0, 0, 1, 0]"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def test_a_number_after_the_pooling_depends_on_36_pixels(rng):
    """Measured: the pixels that have a gradient in any of many random images and networks."""
    from course_lib import Tensor, ops

    seen = np.zeros((8, 8), bool)
    for _ in range(20):
        network = small_cnn(rng)
        x = Tensor(rng.uniform(size=(20, 8, 8, 1)).astype(np.float32))
        pooled = network.layers[2](network.layers[1](network.layers[0](x)))  # (20, 4, 4, 32)
        pick = np.zeros(pooled.shape, np.float32)
        pick[:, 1, 1] = 1
        ops.sum(pooled * pick).backward()
        seen |= (x.grad[..., 0] != 0).any(axis=0)
    assert seen.sum() == 36 and seen[:6, :6].all()


def test_the_parameters_that_the_chapter_counts():
    layers = small_cnn(np.random.default_rng(0)).layers
    assert [sum(p.size for p in layer.parameters) for layer in layers if layer.parameters] == [160, 4640, 5130]


def test_a_convolution_commutes_with_the_shift(rng):
    x, W = rng.uniform(size=(2, 8, 8, 1)), rng.normal(size=(3, 3, 1, 4))
    shifted = answer_of(chapter.exercises["shifted"].solution, "shifted", {})
    here, there = (functional.conv2d(images, W, np.zeros(4)) for images in (x, shifted(x, 0, 1)))
    np.testing.assert_allclose(there[:, :, 1:7], here[:, :, :6], atol=1e-12)
