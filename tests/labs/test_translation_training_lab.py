"""The view of the lab "learn to translate": its symbols can be read."""

import numpy as np
from artists import contrast
from every_lab import pixels

from course_lib.labs import translation_training_lab
from course_lib.labs.base.artists import DENSITY
from course_lib.labs.translation_training import COLUMNS, ROWS


def test_a_wrong_symbol_can_be_read_on_what_it_stands_on():
    lab = translation_training_lab()
    lab.refresh()
    assert lab.model.alone[0] != lab.model.right[0]  # untrained
    picture = pixels(lab.canvas.frame())
    x, y = COLUMNS[0] * DENSITY, len(picture) - ROWS[2] * DENSITY
    drawn = picture[int(y) - 12 : int(y) + 12, int(x) - 12 : int(x) + 12].reshape(-1, 3)
    colours, counts = np.unique(drawn, axis=0, return_counts=True)
    field = colours[counts.argmax()]
    assert field.tolist() != [255, 255, 255]  # it is told from a right one
    assert max(contrast(colour / 255, field / 255) for colour in colours) >= 4.5
