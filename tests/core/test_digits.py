"""The handwritten digits: what the file holds, how it is divided, and that a wheel would carry it."""

import hashlib

import numpy as np
import pytest

from course_lib.datasets import digits
from course_lib.datasets.digits import FILE
from course_lib.datasets.make.digits import split

SIZES = (1199, 239, 359)
CHECKSUMS = {
    "images": "fa70cba135d4cdd4cde65da70dbffde2",
    "labels": "96ecbac7ce6c9c7e9f9f82160cffba40",
    "part": "599e548adee59529244cfd5524717b1d",
}


def test_shapes_types_and_range():
    for (x, y), size in zip(digits(), SIZES, strict=True):
        assert x.shape == (size, 8, 8, 1) and y.shape == (size,)
        assert x.dtype == np.float32 and y.dtype == np.int64
        assert x.min() == 0 and x.max() == 1
        assert set(np.unique(16 * x)) <= set(range(17))  # nothing was rounded away


def test_no_image_is_in_two_parts():
    parts = [{image.tobytes() for image in x} for x, _ in digits()]
    assert [len(part) for part in parts] == list(SIZES)  # no image occurs twice
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


@pytest.mark.parametrize("name", CHECKSUMS)
def test_the_file_holds_what_it_always_held(name):
    with np.load(FILE) as stored:
        assert stored[name].dtype == np.uint8
        assert hashlib.md5(stored[name].tobytes()).hexdigest() == CHECKSUMS[name]


def test_the_stored_division_is_that_of_the_script():
    with np.load(FILE) as stored:
        np.testing.assert_array_equal(split(stored["labels"]), stored["part"])


def test_each_call_gives_arrays_of_its_own():
    digits()[2][0][...] = 7
    assert digits()[2][0].max() == 1


def test_the_source_and_the_licence_stand_beside_the_file():
    note = FILE.with_suffix(".md").read_text(encoding="utf-8")
    for word in ("Alpaydin", "Kaynak", "CC BY 4.0", "10.24432/C50P49", "make/digits.py"):
        assert word in note
    for size in SIZES:
        assert f"{size:,}" in note
    assert FILE.stat().st_size < 60_000
