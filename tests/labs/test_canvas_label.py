"""The quick text of the labs' pictures: it stands where it should, on its field, in its colour."""

import numpy as np
import pytest
from every_lab import pixels
from matplotlib._mathtext import Parser
from matplotlib.axis import Axis

from course_lib.canvas.recorder import Recorder
from course_lib.labs.base.artists import DENSITY, Canvas, Label
from course_lib.pictures.figures import take_chinese
from course_lib.pictures.style import CHINESE_FONT


def drawn(**options):
    """The rows and columns, in CSS pixels from the lower left corner, where a picture with one label is not white."""
    canvas = Canvas(200, 100)
    canvas.moving(Label(canvas.figure, (100, 40), **options))
    picture = pixels(canvas.frame())
    rows, columns = np.nonzero((picture < 250).any(axis=2))
    return (picture.shape[0] - 1 - rows) / DENSITY, columns / DENSITY, picture


def test_a_label_is_centred():
    rows, columns, _ = drawn(text="-0.1234")
    assert rows.mean() == pytest.approx(40, abs=2)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(100, abs=2)


def test_without_text_nothing_is_drawn_and_the_field_has_its_colour():
    assert len(drawn(text="")[0]) == 0
    _, _, picture = drawn(text="a", background="#C7E6F8")
    assert ((np.abs(picture - (199, 230, 248)) < 12).all(axis=2)).sum() > 100


def test_a_formula_is_read_once_for_all_pictures(monkeypatch):
    """Matplotlib reads it anew for each picture, and that took a fifth of the time in which a lab opens."""
    read, parse = [], Parser.parse

    def counted(self, text, *arguments, **options):
        read.append(text)
        return parse(self, text, *arguments, **options)

    monkeypatch.setattr(Parser, "parse", counted)
    for _ in range(2):
        canvas = Canvas(200, 100)
        canvas.moving(canvas.axes(0, 0, 200, 100).text(0.5, 0.5, "$v_{read\\ once}$"))
        canvas.frame()
        canvas.rest()
        canvas.frame()
        Recorder(250, 125, canvas.figure.dpi).record(canvas.moving_artists)
    assert len(read) == 2  # and once more for the page's outlines


def test_axes_that_are_off_are_not_asked_for_their_ticks(monkeypatch):
    """Matplotlib would make them to answer, which took a seventh of the time in which the training lab opens."""
    made, make = [], Axis._get_tick

    def counted(self, **options):
        made.append(self)
        return make(self, **options)

    canvas = Canvas(200, 100)
    axes = canvas.axes(0, 0, 200, 100)
    axes.axis("off")
    title = axes.set_title("\N{CJK UNIFIED IDEOGRAPH-4E2D}$x$")
    monkeypatch.setattr(Axis, "_get_tick", counted)
    take_chinese([canvas.figure])
    assert made == [] and title.get_fontfamily()[0] == CHINESE_FONT
