"""Reads a figure by its artists: which curve, bar, image or word stands where, and in which look.

    panel = Panel(ax)
    panel.curve([1, 2, 3], losses, label="training", linestyle="-")
    panel.legend("training", "validation")
    panel.frame(title="Loss", xlabel="epoch", yscale="log")
    panel.nothing_else()

Each method fails with a sentence that says what was expected and what is drawn. What it has found counts as seen, and
`nothing_else` fails on any visible artist that nobody asked for: a picture may neither lack a series nor show one more.
"""

import numpy as np
from matplotlib.colors import same_color, to_rgba
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from course_lib.labs.base.artists import Label

LINE_LOOK = ("color", "linestyle", "marker", "markersize", "linewidth", "alpha", "fillstyle")
TOLERANCE = {"rtol": 1e-7, "atol": 1e-9}


class Panel:
    """One pair of axes, and what of it has been looked at."""

    def __init__(self, axes):
        self.axes = axes
        self._seen = set()
        self._framed = False

    # What is drawn

    def curve(self, x, y, *, label=None, like=None, **look):
        """The line with these points; `label` is that of the legend, None is a line without one.

        like   the entry of the legend whose look the line has, where labs draw the legend apart from what moves
        look   color, linestyle, marker, markersize, linewidth, alpha
        """
        wanted = [_numbers(x), _numbers(y)]
        lines = [line for line in self._unseen(self.axes.lines) if _label(line) == label]
        if label is not None:
            assert len(lines) == 1, f"expected one line labelled {label!r}, got {len(lines)}; drawn: {self._labels()}"
        same = [line for line in lines if _same_points(line, wanted)]
        entry = None if like is None else self._entries().get(like)
        line = min(
            same, key=lambda line: (like is not None and _signs(line) != entry) or not _looks(line, look), default=None
        )
        if line is None:
            called = "a line without a label" if label is None else f"the line labelled {label!r}"
            raise AssertionError(
                f"expected {called} to be {_short(wanted[0])}, {_short(wanted[1])}, got "
                f"{'; '.join(f'{_short(_numbers(a.get_xdata()))}, {_short(_numbers(a.get_ydata()))}' for a in lines)}"
            )
        _assert_look(line, look, f"line {label or _short(wanted[1])}")
        if like is not None:
            entries = self._entries()
            assert like in entries, f"expected {like!r} in the legend, got {list(entries)}"
            assert _signs(line) == entries[like], (
                f"{like!r} is drawn as {_signs(line)}, the legend shows {entries[like]}"
            )
        return self._see(line)

    def _entries(self):
        """{text of the legend: the look beside it}."""
        legend = self.axes.get_legend()
        handles = zip(legend.get_texts(), legend.legend_handles, strict=True) if legend else ()
        return {text.get_text(): _signs(handle) for text, handle in handles}

    def level(self, value, *, label=None, axis="y", **look):
        """A line over the whole panel at one value: horizontal, or with axis="x" vertical."""
        points = ([0, 1], [value, value]) if axis == "y" else ([value, value], [0, 1])
        return self.curve(*points, label=label, **look)

    def bars(self, places, heights, *, width=None, colors=None, label=None):
        """Upright bars from 0 at these places, centred there; a place may be the name of a category."""
        bars = [patch for patch in self._unseen(self.axes.patches) if isinstance(patch, Rectangle)]
        if label is not None:
            group = [c for c in self.axes.containers if isinstance(c, BarContainer) and c.get_label() == label]
            assert len(group) == 1, f"expected one group of bars labelled {label!r}, got {len(group)}"
            bars = [bar for bar in bars if bar in group[0].patches]
        bars = sorted(bars, key=lambda bar: bar.get_x())[: len(places)] if label is None else bars
        at = [bar.get_x() + bar.get_width() / 2 for bar in bars]
        _assert_equal(at, self.axes.convert_xunits(list(places)), "places of the bars")
        _assert_equal([bar.get_y() for bar in bars], np.zeros(len(bars)), "feet of the bars")
        _assert_equal([bar.get_height() for bar in bars], heights, "heights of the bars")
        for bar, color in zip(bars, colors or [None] * len(bars), strict=True):
            _assert_shown(bar, "bar")
            assert width is None or np.isclose(bar.get_width(), width), f"expected width {width}, got {bar.get_width()}"
            if color is not None:
                assert same_color(bar.get_facecolor(), color), f"expected bar in {color}, got {bar.get_facecolor()}"
            self._see(bar)
        return bars

    def image(self, values, *, cmap=None, limits=None, origin="upper", extent=None):
        """An image of these values, with the first row on top unless origin is "lower"."""
        [image] = self._unseen(self.axes.images)
        _assert_equal(np.ma.filled(image.get_array().astype(float), np.nan), values, "values of the image")
        assert image.origin == origin, f"expected the first row at the {origin} end, got {image.origin}"
        if cmap is not None:
            assert image.get_cmap().name == getattr(cmap, "name", cmap), (
                f"colours of {image.get_cmap().name}, not {cmap}"
            )
        if limits is not None:
            _assert_equal(image.get_clim(), limits, "values of the two ends of the colours")
        rows, columns = np.shape(values)[:2]
        full = (-0.5, columns - 0.5, rows - 0.5, -0.5) if origin == "upper" else (-0.5, columns - 0.5, -0.5, rows - 0.5)
        _assert_equal(image.get_extent(), full if extent is None else extent, "edges of the image")
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

    def band(self, x, low, high, *, color=None):
        """A field between two curves."""
        wanted = np.concatenate([np.c_[x, low], np.c_[x, high]])
        for field in self._unseen(self.axes.collections):
            points = field.get_paths()[0].vertices
            if all(np.isclose(points, point).all(axis=1).any() for point in wanted):
                _assert_shown(field, "field")
                if color is not None:
                    assert same_color(field.get_facecolor()[0][:3], to_rgba(color)[:3]), f"expected a field in {color}"
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

    def legend(self, *labels):
        """The legend names these, in this order, each by the look of the artist with that label."""
        legend = self.axes.get_legend()
        assert legend is not None and legend.get_visible(), f"expected a legend with {labels}, got none"
        named = [text.get_text() for text in legend.get_texts()]
        assert named == list(labels), f"expected a legend with {list(labels)}, got {named}"
        handles = legend.legend_handles
        for label, handle in zip(labels, handles, strict=True):
            artist = next((a for a in self._labelled() if a.get_label() == label), None)
            assert artist is not None, (
                f"the legend names {label!r}, but nothing is labelled so; drawn: {self._labels()}"
            )
            shown, drawn = _signs(handle), _signs(artist)
            assert shown == drawn, f"{label!r} is drawn as {drawn}, and the legend shows {shown}"
        looks = [_signs(handle) for handle in handles]
        assert len(set(looks)) == len(looks), f"two entries of the legend look the same: {looks}"

    # The frame

    def frame(
        self,
        *,
        title="",
        xlabel="",
        ylabel="",
        xscale="linear",
        yscale="linear",
        xlim=None,
        ylim=None,
        xticks=None,
        yticks=None,
        upside_down=False,
        aspect="auto",
    ):
        """Title, labels, scales, limits and ticks; without limits, the panel must hold all that is drawn.

        xticks, yticks   {place: label}, or places alone        upside_down   whether y grows downwards
        """
        axes, self._framed = self.axes, True
        got = {"title": _title(axes), "xlabel": axes.get_xlabel(), "ylabel": axes.get_ylabel()}
        got |= {"xscale": axes.get_xscale(), "yscale": axes.get_yscale(), "aspect": axes.get_aspect()}
        wanted = {"title": title, "xlabel": xlabel, "ylabel": ylabel, "xscale": xscale, "yscale": yscale}
        wanted["aspect"] = {"equal": 1.0}.get(aspect, aspect)
        assert got == wanted, f"expected {wanted}, got {got}"
        assert not axes.xaxis_inverted(), "the x axis runs from right to left"
        assert axes.yaxis_inverted() == upside_down, (
            f"y grows downwards: {axes.yaxis_inverted()}, expected {upside_down}"
        )
        for name, limits, ticks in (("x", xlim, xticks), ("y", ylim, yticks)):
            found = getattr(axes, f"get_{name}lim")()
            if limits is not None:
                _assert_equal(found, limits, f"limits of {name}")
            else:
                self._assert_holds_all(name, sorted(found))
            if ticks is not None:
                self._assert_ticks(getattr(axes, f"{name}axis"), ticks, name)

    def _assert_holds_all(self, name, limits):
        room = 1e-9 * (limits[1] - limits[0])
        for line in self.axes.lines:
            if line in self._seen and line.get_transform() == self.axes.transData:  # not over the whole panel
                values = _numbers(line.get_xdata() if name == "x" else line.get_ydata())
                values = values[np.isfinite(values)]
                inside = (values >= limits[0] - room) & (values <= limits[1] + room)
                assert inside.all(), f"{name} from {limits[0]} to {limits[1]} cuts off {_short(values[~inside])}"

    @staticmethod
    def _assert_ticks(axis, ticks, name):
        places = list(ticks)
        _assert_equal(axis.get_ticklocs(), places, f"ticks of {name}")
        if isinstance(ticks, dict):
            labels = [tick.get_text() for tick in axis.get_ticklabels()]
            assert labels == [str(label) for label in ticks.values()], f"expected ticks {ticks}, got {labels}"

    def nothing_else(self):
        """Fails on whatever is visible in the panel and was not asked for, and on a frame that was not."""
        assert self._framed, "the panel's frame has not been looked at"
        axes = self.axes
        drawn = [*axes.lines, *axes.patches, *axes.images, *axes.collections, *axes.texts, *axes.tables]
        left = [artist for artist in drawn if artist not in self._seen and artist.get_visible() and not _empty(artist)]
        assert not left, f"nobody asked for {[str(artist) for artist in left]}"

    # Seen and unseen

    def _see(self, artist):
        self._seen.add(artist)
        return artist

    def _unseen(self, artists):
        return [artist for artist in artists if artist not in self._seen and artist.get_visible()]

    def _labelled(self):
        axes = self.axes
        bars = [c for c in axes.containers if isinstance(c, BarContainer)]
        return [*axes.lines, *(_Named(c.patches[0], c.get_label()) for c in bars), *axes.collections, *axes.patches]

    def _labels(self):
        return [a.get_label() for a in self._labelled() if _label(a) is not None]


class _Named:
    """A bar by the label of its group."""

    def __init__(self, bar, label):
        self._bar, self._label = bar, label

    def get_label(self):
        return self._label

    def __getattr__(self, name):
        return getattr(self._bar, name)


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
    values = np.asarray(values)
    return np.array2string(values.ravel(), threshold=8, edgeitems=3, precision=5)


def _place(text):
    return text.xyann if isinstance(text, Annotation) else text.get_position()


def _assert_look(artist, look, what):
    _assert_shown(artist, what)
    for name, wanted in look.items():
        assert name in LINE_LOOK, f"no such sign: {name}"
        found = getattr(artist, f"get_{name}")()
        assert _looks(artist, {name: wanted}), f"{what}: expected {name} {wanted!r}, got {found!r}"


def _looks(artist, look):
    """Whether an artist has all of these signs."""
    found = {name: getattr(artist, f"get_{name}")() for name in look}
    return all(same_color(found[name], look[name]) if name == "color" else found[name] == look[name] for name in look)


def _assert_shown(artist, what):
    """Fails on what is there but cannot be seen: transparent, white, or neither line nor marker."""
    alpha = artist.get_alpha()
    assert artist.get_visible(), f"{what} is not visible"
    assert alpha is None or np.min(alpha) >= 0.1, f"{what} is too pale to be seen: alpha {alpha}"
    if hasattr(artist, "get_linestyle") and hasattr(artist, "get_marker"):
        drawn = (artist.get_linestyle() != "None" and artist.get_linewidth() > 0) or artist.get_marker() not in (
            "None",
            "",
        )
        assert drawn, f"{what} has neither line nor marker"
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
