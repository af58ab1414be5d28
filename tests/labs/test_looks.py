"""What is noted of an artist without asking it to draw: the same bytes, and only where that is safe. (Those of each lab's
artists are compared in `test_pictures.py`.)
"""

from collections import Counter

import numpy as np
import pytest
from every_lab import make
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Ellipse, Rectangle
from matplotlib.patheffects import Stroke
from matplotlib.text import Annotation, Text
from replayer import Reader, Slow

from course_lib.canvas import recorder
from course_lib.canvas.recorder import Recorder
from course_lib.labs.base.artists import Canvas

SETTINGS = {  # of the training lab: what its axes and names follow
    "data": ("xor", "moons", "curve", "xor", "spirals"),
    "epochs": (7, 100, 4000),
    "hidden": (4, 2, 16),
    "deeper": ("", "3", "16, 16"),
    "lower": ("norms", "sharpness"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_axes_and_names_that_look_as_before_are_sent_as_before(name, compared, monkeypatch):
    lab = make("training")
    Reader(lab, monkeypatch).answer(ready=True)
    for _ in range(2):
        for value in SETTINGS[name]:
            lab.controls[name].set(value)
            lab.canvas._page._shown = lab.canvas._page._frame
    assert compared["kept"] >= 2 or name in ("deeper", "lower")  # with these, what stands still changes too


# Artists by themselves


class Drawn:
    """A line with and one without markers, a rectangle and a text, on axes whose heights are linear or not."""

    def __init__(self, yscale="linear"):
        self.canvas = Canvas(300, 200)
        axes = self.canvas.axes(30, 30, 240, 140, xlim=(0, 10), ylim=(0.1, 10), yscale=yscale)
        self.line, self.dots = self.canvas.line(axes), self.canvas.line(axes, linestyle="", marker="o")
        self.box = self.canvas.moving(axes.bar([3], [0], width=0.7)[0])
        self.text = self.canvas.moving(axes.text(1, 1, "one"))
        self.recorder = Recorder(375, 250, 125)

    def record(self, height):
        """What is noted when everything has moved."""
        self.line.set_data([1, 2, 4], [height, 2, np.nan])
        self.dots.set_data([1, 2, 4], [height, 2, np.nan])
        self.box.set_height(height)
        self.text.set_y(1)
        return self.recorder.record(self.canvas.moving_artists)


@pytest.fixture
def drawn(monkeypatch):
    """Which kinds of artists were asked to draw."""
    drawn = Counter()
    for kind in (Line2D, Rectangle, Text):

        def draw(self, renderer, kind=kind, own=kind.draw):
            drawn[kind] += not isinstance(renderer, Slow)
            own(self, renderer)

        monkeypatch.setattr(kind, "draw", draw)
    return drawn


@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_after_the_first_time_plain_artists_are_not_asked_to_draw(yscale, compared, drawn):
    scene = Drawn(yscale)
    scene.record(1)
    before = drawn.copy()
    assert before == {Line2D: 2, Rectangle: 1, Text: 1}
    for height in (2, 3.3, 20):
        scene.record(height)
    assert drawn - before == ({} if yscale == "linear" else {Rectangle: 3})


EFFECTS = {"path_effects": [Stroke(linewidth=9)], "clip_path": Circle((150, 100), 50), "sketch_params": 3}
LOOKS = {  # artist -> setter -> value: what changes how it looks
    "line": {
        **EFFECTS,
        **{"color": "red", "alpha": 0.5, "linewidth": 7, "linestyle": "--", "dashes": [5, 1], "drawstyle": "steps"},
        **{"solid_capstyle": "butt", "solid_joinstyle": "miter", "marker": "s", "snap": True, "clip_on": False},
        **{"visible": False, "markevery": 2, "clip_box": None},
    },
    "dots": {
        **{"color": np.array([0, 0.5, 0]), "alpha": 0.5, "marker": "^", "markersize": 9, "markeredgecolor": "k"},
        **{"markeredgewidth": 3, "markerfacecolor": "w", "fillstyle": "left", "linestyle": ":", "gapcolor": "b"},
    },
    "box": {
        **EFFECTS,
        **{"facecolor": "red", "edgecolor": "k", "alpha": 0.5, "linewidth": 7, "linestyle": "--", "hatch": "//"},
        **{"angle": 30, "fill": False, "snap": False, "joinstyle": "round", "capstyle": "round", "visible": False},
        **{"width": np.nan, "x": 1e9},
    },
    "text": {
        **{"color": "red", "alpha": 0.5, "text": "two", "fontsize": 20, "fontweight": "bold", "rotation": 30},
        **{"ha": "right", "va": "top", "x": 3, "visible": False, "bbox": {"facecolor": "w"}, "fontfamily": "serif"},
        **{"linespacing": 3, "clip_on": True, "path_effects": [Stroke(linewidth=9)], "rotation_mode": "anchor"},
    },
}


@pytest.mark.parametrize(("name", "setter"), [(name, setter) for name, looks in LOOKS.items() for setter in looks])
def test_a_new_look_is_seen(name, setter, compared):
    scene = Drawn()
    scene.text.set_text("one\nor more" if setter == "linespacing" else "one")
    for height in (1, 2, 3):
        scene.record(height)
    getattr(getattr(scene, name), f"set_{setter}")(LOOKS[name][setter])
    for height in (3, 4):
        scene.record(height)


def test_limits_of_axes_and_their_place_are_seen(compared):
    scene = Drawn()
    axes = scene.line.axes
    for change in (lambda: None, lambda: axes.set_xlim(-3, 20), lambda: axes.set_position([0.2, 0.3, 0.5, 0.5])):
        change()
        scene.record(2)


@pytest.mark.parametrize("change", ["xlim", "ylim", "position"])
@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_artists_that_do_not_change_move_with_their_axes(yscale, change, compared):
    scene = Drawn(yscale)
    before = scene.record(2)
    values = {"xlim": (-3, 20), "ylim": (0.01, 50), "position": [0.2, 0.3, 0.5, 0.5]}
    getattr(scene.line.axes, f"set_{change}")(values[change])
    assert scene.recorder.record(scene.canvas.moving_artists, moved=True) != before


def test_a_line_through_the_whole_axes_follows_their_limits(compared):
    """Its transform is a new one each time."""
    canvas = Canvas(300, 200)
    axes = canvas.axes(30, 30, 240, 140)
    noting = Recorder(375, 250, 125)
    lines = [canvas.moving(axes.axline((0, height), slope=1)) for height in (0, 0.2, 0.4)]
    before = noting.record(lines)
    axes.set_xlim(-2, 3)
    assert noting.record(lines, moved=True) != before


def test_artists_whose_axes_stand_still_and_those_set_to_what_they_were_are_not_noted_again(monkeypatch):
    """As most lines and texts are when a reader looks back."""
    scene, noted = Drawn(), []
    before, note = scene.record(2), Recorder._note_artist
    monkeypatch.setattr(Recorder, "_note_artist", lambda self, *artist: (noted.append(artist[0]), note(self, *artist)))
    assert scene.recorder.record(scene.canvas.moving_artists, moved=True) == before
    assert noted == []
    assert scene.record(2) == before
    assert noted == [scene.box]


def test_looks_without_end_are_forgotten(monkeypatch):
    """Such as of colours that differ by less than is shown."""
    scene = Drawn()
    monkeypatch.setattr(recorder, "MOST", 22)  # two of them of the other artists
    for step in range(21):
        assert not scene.recorder.is_full
        scene.line.set_color((0, 0, step / 1e6))
        scene.record(step)
    assert scene.recorder.is_full
    scene.recorder.forget()
    assert not scene.recorder.is_full


def test_a_subclass_draws_itself(compared):
    """Such as an annotation, which has an arrow."""
    canvas = Canvas(300, 200)
    axes = canvas.axes(30, 30, 240, 140)
    own = type("OwnLine", (Line2D,), {"draw": lambda self, renderer: None})([0, 1], [0, 1])
    axes.add_line(own)
    axes.add_patch(Ellipse((0.5, 0.5), 0.1, 0.2))
    arrow = Annotation("a", (0, 0), (0.5, 0.5), arrowprops={}, annotation_clip=False)
    axes.add_artist(arrow)
    noting = Recorder(375, 250, 125)
    for place in (0.5, 0.7):
        axes.patches[0].set_center((place, 0.5))
        arrow.set_position((place, 0.5))
        own.set_data([0, place], [0, 1])
        noting.record([own, axes.patches[0], arrow])
