"""Reads a figure by its artists: which curve, bar, image or word stands where.

    panel = Panel(ax)
    panel.curve([1, 2, 3], losses, label="training")
    panel.frame(yticks={0: "CNN", 1: "MLP"})
    panel.nothing_else()

Each method fails with a sentence that says what was expected and what is drawn. What it has found counts as seen, and
`nothing_else` fails on any visible artist that nobody asked for: a picture may neither lack a series nor show one more.
How a picture is styled is nobody's business here, but that its legend tells the truth, and that all of it can be seen.
"""

import numpy as np
from matplotlib.colors import same_color, to_rgba
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from course_lib.labs.base.artists import Label

TOLERANCE = {"rtol": 1e-7, "atol": 1e-9}


class Panel:
    """One pair of axes, and what of it has been looked at."""

    def __init__(self, axes):
        self.axes = axes
        self._seen = set()

    # What is drawn

    def curve(self, x, y, *, label=None, like=None):
        """The line with these points; `label` is that of the legend, None is a line without one.

        like   the entry of the legend whose look the line has, where labs draw the legend apart from what moves
        """
        wanted = [_numbers(x), _numbers(y)]
        lines = [line for line in self._unseen(self.axes.lines) if _label(line) == label]
        same = [line for line in lines if _same_points(line, wanted)]
        called = "a line without a label" if label is None else f"the line labelled {label!r}"
        assert same, f"expected {called} to be {_short(wanted[0])}, {_short(wanted[1])}, got " + "; ".join(
            f"{_short(_numbers(line.get_xdata()))}, {_short(_numbers(line.get_ydata()))}" for line in lines
        )
        if like is not None:
            entries = self.entries()
            assert like in entries, f"expected {like!r} in the legend, got {list(entries)}"
            looks = [_signs(line) for line in same]
            assert entries[like] in looks, f"{like!r} is drawn as {looks}, the legend shows {entries[like]}"
            same = [same[looks.index(entries[like])]]
        _assert_shown(same[0], called)
        return self._see(same[0])

    def entries(self):
        """{text of the legend: the look beside it}."""
        legend = self.axes.get_legend()
        handles = zip(legend.get_texts(), legend.legend_handles, strict=True) if legend else ()
        return {text.get_text(): _signs(handle) for text, handle in handles}

    def level(self, value, *, label=None, axis="y"):
        """A line over the whole panel at one value: horizontal, or with axis="x" vertical."""
        points = ([0, 1], [value, value]) if axis == "y" else ([value, value], [0, 1])
        return self.curve(*points, label=label)

    def bars(self, places, heights, *, label=None):
        """Upright bars from 0 at these places, centred there; a place may be the name of a category."""
        bars = [patch for patch in self._unseen(self.axes.patches) if isinstance(patch, Rectangle)]
        if label is not None:
            [group] = [c for c in self.axes.containers if isinstance(c, BarContainer) and c.get_label() == label]
            bars = [bar for bar in bars if bar in group.patches]
        else:
            bars = sorted(bars, key=lambda bar: bar.get_x())[: len(places)]
        at = [bar.get_x() + bar.get_width() / 2 for bar in bars]
        _assert_equal(at, self.axes.convert_xunits(list(places)), "places of the bars")
        _assert_equal([bar.get_y() for bar in bars], np.zeros(len(bars)), "feet of the bars")
        _assert_equal([bar.get_height() for bar in bars], heights, "heights of the bars")
        for bar in bars:
            _assert_shown(bar, "bar")
            self._see(bar)
        return bars

    def image(self, values, *, limits=None, origin="upper", extent=None):
        """An image of these values, with the first row on top unless origin is "lower"."""
        [image] = self._unseen(self.axes.images)
        _assert_equal(np.ma.filled(image.get_array().astype(float), np.nan), values, "values of the image")
        rows, columns = np.shape(values)[:2]
        full = (-0.5, columns - 0.5, rows - 0.5, -0.5) if origin == "upper" else (-0.5, columns - 0.5, -0.5, rows - 0.5)
        _assert_equal(image.get_extent(), full if extent is None else extent, "edges of the image")
        assert image.origin == origin and self.axes.yaxis_inverted() == (origin == "upper"), "the image is upside down"
        if limits is not None:
            _assert_equal(image.get_clim(), limits, "values of the two ends of the colours")
        _assert_shown(image, "image")
        return self._see(image)

    def contours(self, levels, heights):
        """Contour lines at these levels, each of whose points has that height; heights: a function of (x, y)."""
        [contour] = [c for c in self._unseen(self.axes.collections) if hasattr(c, "levels")]
        _assert_equal(contour.levels, levels, "levels of the contours")
        for level, path in zip(contour.levels, contour.get_paths(), strict=True):
            found = heights(*path.vertices.T)
            assert np.allclose(found, level, rtol=0.03, atol=0.05 * max(levels) / 10), (
                f"contour {level} runs at {found}"
            )
        _assert_shown(contour, "contours")
        return self._see(contour)

    def band(self, x, low, high):
        """A field between two curves."""
        wanted = np.concatenate([np.c_[x, low], np.c_[x, high]])
        for field in self._unseen(self.axes.collections):
            points = field.get_paths()[0].vertices
            if all(np.isclose(points, point).all(axis=1).any() for point in wanted):
                _assert_shown(field, "field")
                return self._see(field)
        raise AssertionError(f"expected a field between {_short(low)} and {_short(high)}, found none")

    def words(self, texts):
        """The words in the panel, each at its place: {(x, y): text}."""
        there = self._unseen(self.axes.texts)
        for place, text in texts.items():
            found = [t for t in there if t.get_text() == text and np.allclose(_place(t), place)]
            drawn = {tuple(map(float, _place(t))): t.get_text() for t in there}
            assert len(found) == 1, f"expected {text!r} at {place}, got {drawn}"
            _assert_shown(found[0], f"text {text!r}")
            self._see(found[0])

    def frame(self, *, title=None, xticks=None, yticks=None):
        """A title that says numbers, and axes that name things: {place: name}."""
        assert title is None or _title(self.axes) == title, f"expected title {title!r}, got {_title(self.axes)!r}"
        for axis, ticks in ((self.axes.xaxis, xticks), (self.axes.yaxis, yticks)):
            if ticks is not None:
                _assert_equal(axis.get_ticklocs(), list(ticks), "ticks")
                names = [tick.get_text() for tick in axis.get_ticklabels()]
                assert names == [str(name) for name in ticks.values()], f"expected ticks {ticks}, got {names}"

    # All of it

    def nothing_else(self):
        """Fails on what is visible and was not asked for, and on a legend that does not tell the truth."""
        axes = self.axes
        drawn = [*axes.lines, *axes.patches, *axes.images, *axes.collections, *axes.texts, *axes.tables]
        left = [artist for artist in drawn if artist not in self._seen and artist.get_visible() and not _empty(artist)]
        assert not left, f"nobody asked for {[str(artist) for artist in left]}"
        entries, labelled = self.entries(), {_label(artist): artist for artist in self._labelled() if _label(artist)}
        for label in entries.keys() & labelled.keys():
            drawn = _signs(labelled[label])
            assert entries[label] == drawn, f"{label!r} is drawn as {drawn}, and the legend shows {entries[label]}"
        assert len(set(entries.values())) == len(entries), f"two entries of the legend look the same: {entries}"

    # Seen and unseen

    def _see(self, artist):
        self._seen.add(artist)
        return artist

    def _unseen(self, artists):
        return [artist for artist in artists if artist not in self._seen and artist.get_visible()]

    def _labelled(self):
        axes = self.axes
        return [*axes.lines, *axes.collections, *axes.patches]


def contrast(one, other):
    """Of two colours, 1 to 21, as the guidelines for accessibility measure it (WCAG 2); 4.5 for text that can be read."""
    parts = np.array([to_rgba(one)[:3], to_rgba(other)[:3]])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


def panels(figure):
    """The panels of a figure that are to be seen, from left to right."""
    return [Panel(axes) for axes in figure.axes if axes.get_visible()]


def _title(axes):
    """What stands over the panel, wherever it stands."""
    return " ".join(text for text in map(axes.get_title, ("left", "center", "right")) if text)


def _label(artist):
    label = str(artist.get_label())
    return None if label.startswith("_") or not label else label


def _numbers(values):
    values = list(values) if not isinstance(values, np.ndarray) else values
    return np.ma.filled(np.ma.asarray(np.asarray(values, dtype=float)), np.nan)


def _same_points(line, wanted):
    return all(
        np.shape(_numbers(found)) == np.shape(values)
        and np.allclose(_numbers(found), values, equal_nan=True, **TOLERANCE)
        for found, values in zip((line.get_xdata(), line.get_ydata()), wanted, strict=True)
    )


def _assert_equal(found, wanted, what):
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape, f"{what}: expected the shape {wanted.shape}, got {found.shape}"
    close = np.allclose(found, wanted, equal_nan=True, **TOLERANCE)
    assert close, f"{what}: expected {_short(wanted)}, got {_short(found)}"


def _short(values):
    return np.array2string(np.ravel(values), threshold=8, edgeitems=3, precision=5)


def _place(text):
    """Where a text stands; what is beside a point by so many points of the page stands there."""
    if not isinstance(text, Annotation):
        return text.get_position()
    return text.xy if text.anncoords == "offset points" else text.xyann


def _assert_shown(artist, what):
    """Fails on what is there but cannot be seen: transparent, white, or neither line nor marker."""
    alpha = artist.get_alpha()
    assert artist.get_visible() and (alpha is None or np.min(alpha) >= 0.1), f"{what} is too pale to be seen"
    if isinstance(artist, Line2D):
        stroke = artist.get_linestyle() != "None" and artist.get_linewidth() > 0
        assert stroke or artist.get_marker() not in ("None", ""), f"{what} has neither line nor marker"
        assert not same_color(artist.get_color(), "white"), f"{what} is white on white"


def _empty(artist):
    if hasattr(artist, "get_xdata"):
        return len(artist.get_xdata()) == 0
    return hasattr(artist, "get_text") and not artist.get_text()


def _signs(artist):
    """What tells an artist of a legend from the others."""
    if hasattr(artist, "get_marker"):
        line = artist.get_linestyle()
        return to_rgba(artist.get_color(), artist.get_alpha()), line, artist.get_marker(), artist.get_fillstyle()
    colour = np.atleast_2d(artist.get_facecolor())[0]
    return tuple(np.round(colour, 6)), "field"


class LabPicture:
    """The picture of an open lab: `panels`, and `labels`, the words that the canvas draws, {text: its Label}."""

    def __init__(self, lab):
        self._lab, self.view = lab, getattr(lab, "view", lab)
        self.panels = panels(lab.canvas.figure)

    @property
    def labels(self):
        drawn = [artist for artist in self._lab.canvas.moving_artists if isinstance(artist, Label)]
        return {label.text: label for label in drawn if label.text and label.get_visible()}

    def legends_without_artist(self):
        """The entries of legends in whose colour no such marker, or no such line, is ever drawn."""
        moving = [artist for artist in self._lab.canvas.moving_artists if isinstance(artist, Line2D)]
        for panel in self.panels:
            lines = [*moving, *(line for line in panel.axes.lines if len(line.get_xdata()))]
            drawn = {(to_rgba(line.get_color()), sign(line)) for line in lines for sign in (_stroke, _marker)}
            legend = panel.axes.get_legend()
            for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True) if legend else ():
                if isinstance(handle, Line2D):
                    wanted = {(to_rgba(handle.get_color()), sign(handle)) for sign in (_stroke, _marker)}
                    if not {pair for pair in wanted if pair[1] != "None"} <= drawn:
                        yield text.get_text()


def _stroke(line):
    return line.get_linestyle()


def _marker(line):
    return f"marker {line.get_marker()}" if line.get_marker() not in ("None", "", None) else "None"
