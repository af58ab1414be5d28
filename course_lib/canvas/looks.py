"""What an artist looks like, so that it is noted without being asked to draw, which takes Matplotlib far longer.

A look is all that the drawing of an artist depends on, but for its points. What has the look of an artist that has drawn
itself before is noted in the same styles: only its points are transformed anew. Plain lines and upright rectangles have a
look. All other artists draw themselves, and so do these where Matplotlib does more than to transform their points.
"""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

MANY = 1000  # points: of longer lines Matplotlib leaves out those beyond the axes
NOTHING = ()  # the look of a line without points, as most lines of a lab are
_NONE = (None, "None", "none", "", " ")  # linestyles and markers that show nothing


def look(artist):
    """What a line or a rectangle looks like, as a key; None when it has to draw itself."""
    if isinstance(artist, Line2D) and len(artist.get_xdata(orig=True)) == 0:
        return NOTHING
    describe = {Line2D: _line, Rectangle: _rectangle}.get(type(artist))
    if describe is None or not artist.get_visible() or not _is_plain(artist):
        return None
    found = describe(artist)
    return found if _is_key(found) else None


def fingerprint(artist, look):
    """All that the drawing of a text, or of a line with a look, depends on, but for its transform, as a key; None of others.

    An artist of our own may say so itself, in `fingerprint()`.
    """
    if hasattr(artist, "fingerprint"):
        return artist.fingerprint()
    if look and look[0] is Line2D:
        return look, points(artist).tobytes()
    found = _text(artist) if type(artist) is Text and _is_plain(artist) else None
    return found if _is_key(found) else None


def kinds(artist):
    """What is noted of an artist that has a look and is seen: paths, and markers at many places."""
    if type(artist) is Rectangle:
        return ["path"]
    lines = ["path"] if artist.get_linestyle() not in _NONE else []
    return lines + (["stamps"] if artist.get_marker() not in _NONE else [])


def points(line):
    """The points of a line that has a look, (points, 2), as they were set."""
    x, y = line.get_data(orig=True)
    found = np.empty((len(x), 2))
    found[:, 0], found[:, 1] = x, y
    return found


def edges(rectangle, affine):
    """(left, lower, right, upper) edge of a rectangle that has a look, in pixels; affine: the matrix of its axes.

    Each number is computed as Matplotlib does it, so that it is rounded to the same.
    """
    (x, y), wide, high = rectangle.get_xy(), rectangle.get_width(), rectangle.get_height()
    (across, _, left), (_, up, lower), _ = affine.tolist()
    left, lower = across * x + left, up * y + lower
    return left, lower, across * ((x + wide) - x) + left, up * ((y + high) - y) + lower


def _is_plain(artist):
    special = artist.get_path_effects(), artist.get_agg_filter(), artist.get_rasterized(), artist.get_sketch_params()
    return not any(special) and artist.get_clip_path() is None


def _line(line):
    x, y = line.get_data(orig=True)
    is_data = len(x) == len(y) <= MANY and not any(isinstance(part, np.ma.MaskedArray) for part in (x, y))
    special = line.get_gapcolor(), line.get_markevery()
    if not is_data or special != (None, None) or line.get_drawstyle() != "default":
        return None
    ends = (
        line.get_dash_capstyle(),
        line.get_dash_joinstyle(),
        line.get_solid_capstyle(),
        line.get_solid_joinstyle(),
    )
    drawn = line.get_color(), line.get_linewidth(), line.get_linestyle(), _dashes(line), *ends
    marked = line.get_marker(), line.get_markersize(), line.get_markeredgewidth(), line.get_fillstyle()
    inked = line.get_markeredgecolor(), line.get_markerfacecolor(), line.get_markerfacecoloralt()
    return (Line2D, *drawn, *marked, *inked, line.get_alpha(), line.get_snap(), _clip(line))


def _rectangle(patch):
    transform = patch.get_data_transform()
    is_seen_through = not patch.get_facecolor()[3] and not patch.get_hatch()  # it is drawn as an open line
    if patch.get_angle() or is_seen_through or not (transform.is_affine and transform.is_separable):
        return None
    hatched = patch.get_hatch(), *(vars(patch).get(name) for name in ("_hatch_color", "_hatch_linewidth", "_gapcolor"))
    drawn = patch.get_linewidth(), patch.get_linestyle(), _dashes(patch), patch.get_capstyle(), patch.get_joinstyle()
    inked = patch.get_facecolor(), patch.get_edgecolor(), patch.get_alpha()
    return (Rectangle, *drawn, *inked, *hatched, patch.get_snap(), _clip(patch))


def _text(text):
    words, font = text.get_text(), text.get_fontproperties()
    if text.get_bbox_patch() is not None or text.get_wrap() or "\n" in words:
        return None
    written = words, hash(font), text.get_math_fontfamily(), text.get_usetex(), text.get_parse_math()
    placed = *text.get_position(), text.get_ha(), text.get_va(), text.get_rotation(), text.get_rotation_mode()
    return (*written, *placed, text.get_color(), text.get_alpha(), text.get_visible(), _clip(text))


def _dashes(artist):
    start, lengths = artist._dash_pattern
    return start, None if lengths is None else tuple(lengths)


def _clip(artist):
    box = artist.get_clip_box() if artist.get_clip_on() else None
    return None if box is None else box.extents.tobytes()


def _is_key(found):
    """Whether a look can be compared: not with a colour that is an array, such as may change in place."""
    try:
        hash(found)
    except TypeError:
        return False
    return True
