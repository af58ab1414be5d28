"""What a reader's hand can do on the picture of a lab: drag its handles, press its buttons, click on a place, and read
what stands under the pointer.

The page says where the hand is in pixels (`hand.js`); labs hear of it in the data of their axes. A control beside the
picture does the same as a handle, for pages that draw no pictures themselves. Where nothing has been declared that can be
read, it is the nearest point of a drawn curve. What draws something that is too small or too large at some other heights
than the edges of logarithmic axes says so to their axes, as `axes.cut_at = (lowest, highest)`.
"""

from math import inf, isclose

import numpy as np

REACH = 14  # pixels of the picture between the pointer and a curve that is read
STEP = 0.01  # of the width or height of the axes, for an arrow key
SIDE = 22  # of a button, in CSS pixels, on a picture in its full size


class Hand:
    """The handles, buttons and readings of a `Canvas`.

    touched(content)   what the page says, as `hand.js` sends it; returns the answer, or None
    """

    def __init__(self, canvas):
        self._canvas = canvas
        self._handles, self._presses = {}, {}  # by name: what was declared of handles and buttons
        self._places, self._buttons = {}, {}  # and those that are placed, as the page wants them
        self._readings, self._clicks = [], []

    def handle(self, name, axes, move, remove=lambda: None):
        """Declare a handle in some axes; move(x, y) is called with each new place in their data, within their limits, and
        remove() for the key Delete."""
        self._handles[name] = axes, move, remove

    def let_go(self, name):
        """Take a handle away until it is placed again."""
        self._places.pop(name, None)

    def clicking(self, axes, click):
        """Declare that one can click in some axes: click(x, y) is called with the place in their data."""
        self._clicks.append((axes, click))

    def place(self, name, what, x, y, size=None):
        """Put a handle at a place of its axes. what: what it moves, in words; size: of the box that it is, (width, height)
        in CSS pixels, else it is a ring."""
        say = self._canvas.say
        label = say("{what} at {x:.3g}, {y:.3g}: drag it, or move it with the arrow keys", what=what, x=x, y=y)
        sized = {} if size is None else {"size": self._in_pixels(size)}
        self._places[name] = np.array([x, y]), {"name": name, "label": label} | sized

    def button(self, name, sign, press):
        """Declare a small button with a sign on it; press() is called when it is pressed. Without a sign it is a box around
        something that is drawn. The Tab key reaches buttons in the order in which they were declared."""
        self._presses[name] = sign, press

    def place_button(self, name, label, x, y, size=(SIDE, SIDE), chosen=None):
        """Put a button at a place, in CSS pixels from the picture's lower left corner. label: what it does, in words.

        size     (width, height) in CSS pixels             chosen   of one that is on or off: which of the two
        """
        at, sign = self._pixels(self._in_pixels((x, y))), self._presses[name][0]
        button = {"name": name, "label": label, "at": at, "sign": sign, "size": self._in_pixels(size)}
        self._buttons[name] = button if chosen is None else button | {"chosen": bool(chosen)}

    def remove_buttons(self):
        """Take all buttons away, each until it is placed again."""
        self._buttons.clear()

    def reading(self, axes, describe):
        """Declare what can be read in some axes: describe(x, y) is a short text about a place in their data, or ""."""
        self._readings.append((axes, describe))

    @property
    def can_click(self):
        return bool(self._clicks)

    @property
    def can_read(self):
        return any(axes.axison for axes in self._canvas.figure.axes)

    def handles(self):
        """The handles and buttons as the page wants them: name, label, place in pixels from the upper left corner, of a
        button its sign, and of a button or a box its size."""
        return [self._buttons[name] for name in self._presses if name in self._buttons] + [
            handle | {"at": self._pixels(self._handles[name][0].transData.transform(place))}
            for name, (place, handle) in self._places.items()
            if np.isfinite(place).all()
        ]

    def touched(self, content):
        if "look" in content:
            return {"reading": self._read(self._pixels(content["look"])), "at": content["look"]}
        if "click" in content:
            self._click(self._pixels(content["click"]))
        elif content.get("press") in self._buttons:  # else it has just gone; so may a handle
            self._presses[content["press"]][1]()
        elif content.get("remove") in self._places:
            self._handles[content["remove"]][2]()
        elif (name := content.get("drag") or content.get("push")) in self._places:
            self._move(name, content)
        return None

    def _move(self, name, content):
        """Where a handle was dragged to, or a step from where it was, within the limits of its axes."""
        axes, move, _ = self._handles[name]
        limits = axes.get_xlim(), axes.get_ylim()
        if "to" in content:
            place = axes.transData.inverted().transform(self._pixels(content["to"]))
        else:
            across, down = content["by"]
            place = self._places[name][0] + STEP * np.diff(limits)[:, 0] * (across, -down)
        move(*(float(np.clip(along, *sorted(ends))) for along, ends in zip(place, limits, strict=True)))

    def _click(self, pixels):
        for axes, click in self._clicks:
            if axes.get_visible() and axes.bbox.contains(*pixels):
                click(*map(float, axes.transData.inverted().transform(pixels)))

    def _read(self, pixels):
        for axes, describe in self._readings:
            if axes.get_visible() and axes.bbox.contains(*pixels):
                return describe(*axes.transData.inverted().transform(pixels))
        return nearest_point(self._canvas.figure, pixels, self._canvas.say)

    def _in_pixels(self, lengths):
        """Lengths in CSS pixels."""
        return [self._canvas.figure.dpi / 100 * float(length) for length in lengths]

    def _pixels(self, place):
        """From the upper left corner, if it was from the lower left one, or the other way round."""
        return [float(place[0]), float(self._canvas.figure.bbox.height - place[1])]


def nearest_point(figure, place, say):
    """The point of a curve nearest to a place (x, y in pixels), in words: its curve, and both numbers; "" if none is near.

    Curves are the visible lines of axes that are drawn; their names are those of the legend, the numbers are called what
    the axes are called: the label below, and the label on the left or else the title.
    """
    best, found = REACH, None
    for axes in figure.axes:
        if axes.axison and axes.get_visible() and axes.bbox.padded(REACH).contains(*place):
            for line in axes.lines:
                points = _pixels(line)
                distances = np.hypot(*(points - place).T) if len(points) else np.array([np.inf])
                nearest = int(np.argmin(distances))
                if distances[nearest] < best:
                    best, found = distances[nearest], (axes, line, points[nearest])
    return _words(*found, say) if found else ""


def _pixels(line):
    """The points of a line that are drawn, in pixels."""
    if not line.get_visible() or len(line.get_xdata()) == 0:
        return np.empty((0, 2))
    with np.errstate(all="ignore"):
        points = line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float))
    return points[np.isfinite(points).all(axis=1)]


def _words(axes, line, point, say):
    place = axes.transData.inverted().transform(point)
    x, y = (_rounded(*along) for along in zip(place, (axes.xaxis, axes.yaxis), strict=True))
    name, title = _name(axes, line), axes.get_title("left") or axes.get_title()
    across, up = axes.get_xlabel() or "x", axes.get_ylabel() or title or "y"
    height = f"{_beyond(axes, y)}{y:.4g}"
    numbers = say("{across} {x:.4g}, {up} {y}", across=across, x=x, up=up.replace("$", ""), y=height)
    return say("{name}: {numbers}", name=name, numbers=numbers) if name else numbers


def _rounded(number, axis):
    """0 where the way to pixels and back has left something far smaller than a pixel of the axis."""
    is_zero = axis.get_scale() == "linear" and abs(number) < 1e-9 * np.ptp(axis.get_view_interval())
    return 0.0 if is_zero else number


def _beyond(axes, y):
    """What stands before a height at which a curve may be cut off."""
    edges = sorted(axes.get_ylim()) if axes.get_yscale() == "log" else (-inf, inf)
    signs = "\N{LESS-THAN OR EQUAL TO} ", "\N{GREATER-THAN OR EQUAL TO} "
    cut = zip(getattr(axes, "cut_at", edges), signs, strict=True)
    return next((sign for edge, sign in cut if isclose(y, edge, rel_tol=1e-6)), "")


def _name(axes, line):
    """What the legend calls a line: its own label, or that of the entry that looks like it; "" if there is none."""
    legend = axes.get_legend()
    if legend is None:
        return ""
    entries = [
        (handle, text.get_text())
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)
        if hasattr(handle, "get_linestyle")
    ]
    for looks in (("get_color", "get_linestyle", "get_marker"), ("get_color",)):
        look = _look(line, looks)
        names = [name for handle, name in entries if _look(handle, looks) == look]
        if names:
            return names[0] if len(names) == 1 else ""
    return ""


def _look(line, looks):
    return [getattr(line, look, lambda: None)() for look in looks]
