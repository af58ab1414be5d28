"""The comparison of stored pictures: what a reader would not notice passes, what a reader would fails."""

from base64 import b64encode

import matplotlib as mpl
import numpy as np
import pytest
from chapter_files import cell
from nbformat.v4 import new_output
from stored_pictures import VARIES, difference, differences, html_of, pictures_in

from course_lib.pictures.figures import RC, figure, png

X = np.linspace(0, 10, 50)
TRAINING, VALIDATION = np.exp(-X / 3), 0.3 + (X - 5) ** 2 / 60


def drawn(training=TRAINING, validation=VALIDATION, title="Loss of one run", **options):
    """A figure such as chapters show, as the bytes of a PNG."""
    fig, ax = figure(title=title, xlabel="epoch", **options)
    ax.plot(X, training, "o-", label="training")
    ax.plot(X, validation, "s--", label="validation")
    ax.legend()
    return png(fig)


def image(flip=None, size=None):
    fig, ax = figure(height=2.5, title="An image")
    ax.imshow(np.arange(64).reshape(8, 8)[:: -1 if flip else 1], cmap="Greens")
    return png(fig)


def test_the_same_picture_passes():
    assert difference(drawn(), drawn()) == ""


def test_another_font_passes(monkeypatch):
    monkeypatch.setitem(RC, "font.family", ("DejaVu Serif",))
    other = drawn()
    monkeypatch.undo()
    assert other != drawn()
    assert difference(other, drawn()) == ""


def test_edges_that_are_not_smoothed_pass():
    with mpl.rc_context({"lines.antialiased": False, "text.antialiased": False}):
        other = drawn()
    assert difference(other, drawn()) == ""


def test_a_training_that_ended_slightly_elsewhere_passes():
    assert difference(drawn(TRAINING * 1.005, VALIDATION * 0.995), drawn()) == ""


@pytest.mark.parametrize(
    "other",
    [
        lambda: drawn(TRAINING, np.full(50, np.nan)),
        lambda: drawn(VALIDATION, TRAINING),
        lambda: drawn(TRAINING - 0.15),
        lambda: drawn(xlim=(10, 0)),
        lambda: image(),
    ],
    ids=["a series is missing", "swapped", "shifted", "mirrored", "foreign"],
)
def test_another_picture_fails(other):
    said = difference(other(), drawn())
    assert "of the stored picture differ" in said or "pixels, the new one" in said


def test_a_picture_that_cannot_be_read_is_said_to_be_broken():
    stored = f'<img src="data:image/png;base64,{b64encode(drawn()[:900]).decode()}">'
    outputs = [[new_output("display_data", {"text/html": html})] for html in (stored, stored)]
    [sentence] = differences(*outputs)
    assert sentence.startswith("the stored picture is broken: it cannot be decoded")


def test_cells_that_may_vary_are_there_and_show_a_picture():
    """Named with their chapter: others have a cell of the same name."""
    for chapter, name in VARIES:
        for edition in ("en", "zh"):
            assert pictures_in(html_of(cell(chapter, name, edition).outputs)), (edition, chapter, name)
