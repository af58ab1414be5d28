"""The four tasks: what they promise about shapes, places, order, and who is judged."""

import numpy as np
import pytest

from course_lib.datasets.digits import digits
from course_lib.datasets.four_tasks import COMMANDS, commands, four_tasks, placed


@pytest.fixture(scope="module")
def tasks():
    return four_tasks(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("images", (12, 12, 1)),
        ("shuffled images", (12, 12, 1)),
        ("spoken digits", (20, 8, 1)),
        ("commands", (16, 8, 1)),
    ],
)
def test_shapes(tasks, name, shape):
    x, y, x_held_out, y_held_out = tasks[name]
    assert x.shape == (600, *shape) and y.shape == (600,)
    assert x_held_out.shape == (len(y_held_out), *shape) and len(y_held_out) >= 600
    assert x.dtype == x_held_out.dtype == np.float32
    assert x.min() >= 0 and x.max() <= 1 and set(y_held_out) <= set(y)


def test_each_image_is_a_digit_somewhere_on_its_sheet(tasks):
    (x, y), *_ = digits()
    sheets, labels, *_ = tasks["images"]
    np.testing.assert_array_equal(labels, y[:600])
    places = set()
    for sheet, image in zip(sheets[:50], x[:50], strict=True):
        found = [(i, j) for i, j in np.ndindex(5, 5) if np.array_equal(sheet[i : i + 8, j : j + 8], image)]
        assert found and np.isclose(sheet.sum(), image.sum())
        places.add(found[0])
    assert len(places) > 10


def test_one_permutation_shuffles_all_images(tasks):
    sheets, shuffled = (
        np.concatenate([tasks[name][0], tasks[name][2]]).reshape(-1, 144) for name in ("images", "shuffled images")
    )
    np.testing.assert_array_equal(np.sort(sheets, axis=1), np.sort(shuffled, axis=1))
    columns = [column.tobytes() for column in sheets.T]
    assert sorted(columns) == sorted(column.tobytes() for column in shuffled.T)
    assert not np.array_equal(sheets, shuffled)


def test_the_class_is_the_last_command(rng):
    x, y = commands(200, rng)
    symbols = x[..., 0].argmax(axis=2)
    np.testing.assert_array_equal(x.sum(axis=(2, 3)), 1)
    for row, label in zip(symbols, y, strict=True):
        assert [symbol for symbol in row if symbol < COMMANDS][-1] == label
    assert 0.25 < (symbols < COMMANDS).mean() < 0.35


def test_the_seed_decides(tasks):
    again, other = four_tasks(np.random.default_rng(0)), four_tasks(np.random.default_rng(1))
    for name in tasks:
        np.testing.assert_array_equal(tasks[name][0], again[name][0])
        assert not np.array_equal(tasks[name][0], other[name][0])


def test_a_picture_that_is_too_large_gets_a_sentence(rng):
    with pytest.raises(ValueError, match=r"pictures of at most \(3, 3\), got \(4, 2\)"):
        placed([np.zeros((4, 2, 1))], (3, 3), rng)
    with pytest.raises(TypeError, match="default_rng"):
        four_tasks(0)
