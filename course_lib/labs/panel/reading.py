"""What stands under the pointer where a lab has declared no reading of its own: the nearest point of a drawn curve.

A lab that draws what is too small or too large at some other heights than the edges of logarithmic axes says so to their
axes, as `axes.cut_at = (lowest, highest)`.
"""

from math import inf, isclose

import numpy as np

from ...text import say

REACH = 14  # pixels of the picture


def nearest_point(figure, place):
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
    return _words(*found) if found else ""


def _pixels(line):
    """The points of a line that are drawn, in pixels."""
    if not line.get_visible() or len(line.get_xdata()) == 0:
        return np.empty((0, 2))
    with np.errstate(all="ignore"):
        points = line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float))
    return points[np.isfinite(points).all(axis=1)]


def _words(axes, line, point):
    x, y = axes.transData.inverted().transform(point)
    name, title = _name(axes, line), axes.get_title("left") or axes.get_title()
    across, up = axes.get_xlabel() or "x", axes.get_ylabel() or title or "y"
    height = f"{_beyond(axes, y)}{y:.4g}"
    numbers = say("{across} {x:.4g}, {up} {y}", across=across, x=x, up=up.replace("$", ""), y=height)
    return say("{name}: {numbers}", name=name, numbers=numbers) if name else numbers


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
