"""Notes a picture as numbers, which the page draws: a Matplotlib renderer that draws nothing itself.

A figure is the one description of a lab's picture. Agg makes pixels of it; the recorder writes down what its artists
draw, as a sequence of 16-bit integers, and `page.js` draws that. Lengths are in 1/16 of a picture's pixel, from the upper
left corner:

    path     0, style, points, flags, x and y of each point, and with CODED Matplotlib's code of each
    stamps   1, style, shape, number, x and y of each         a marker at many places
    letters  2, style, angle, number, then of each glyph: shape, x, y, scale
    cells    3, columns, rows, their edges, red, green, blue and opacity of each cell
    smooth   4, colours, columns, rows, left, top, width, height, a byte for each place
    small    5, colours, columns, rows, number, left, top and side of each, a byte for each place of each

Styles (colours, lines, clipping) and shapes (markers, glyphs) are sent once and called by their number.
"""

from functools import lru_cache
from math import isfinite
from struct import Struct, pack
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from . import looks

UNIT = 16  # of a picture's pixel
ANGLE, SCALE = 64, 16384  # of a degree, and of a glyph's size
CODED, SNAPPED = 1, 2  # flags of a path: its codes follow; its lines are to lie on whole pixels
MOST = 4000  # styles, shapes or looks
FORMULAS = RendererAgg(1, 1, 72).mathtext_parser  # one for all pictures: it keeps the formulas that it has read
_PATH, _STAMPS, _LETTERS, _CELLS, _SMOOTH, _SMALL = range(6)
_FARTHEST = 32767
_DOWN = np.array([1.0, -1.0])
_SEGMENT = pack("<2h", Path.MOVETO, Path.LINETO)
_RECTANGLE, _BOX = Struct("<2hHh15h"), (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)
_BAR = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO])


class Recorder(RendererBase):
    """Notes what artists draw.

    width, height   of the picture, in its pixels
    dpi             pixels an inch; Agg measures texts, so that they stand in the same place
    styles, shapes  what is new since `news` was called
    """

    _is_field = False

    def __init__(self, width, height, dpi):
        super().__init__()
        self.width, self.height, self._agg, self._top = width, height, RendererAgg(1, 1, dpi), np.array([0.0, height])
        self._agg.mathtext_parser = FORMULAS
        self.forget()

    def forget(self):
        """The page knows no styles and shapes (any more)."""
        self._styles, self._shapes, self._looks = {}, {}, {}
        self._new_styles, self._new_shapes = [], bytearray()
        self.draw_anew()

    @property
    def is_full(self):
        """Whether the page had better forget what it knows, most of which is out of use."""
        return max(map(len, (self._styles, self._shapes, self._looks))) > MOST

    def record(self, artists, moved=False):
        """What artists draw, as bytes; moved: whether their axes may have changed, which they do not notice."""
        self._affines, self._moved = {}, moved  # of transforms that several artists share
        return b"".join([self._drawing_of(artist) for artist in artists])

    def draw_anew(self):
        """Of no artist it is known (any more) what it draws."""
        self._drawn = WeakKeyDictionary()

    def _drawing_of(self, artist):
        """What an artist draws; one that has not changed since it was noted is not asked again."""
        noted, before, place = self._drawn.get(artist, (None, None, None))
        if noted is None or artist.stale or (self._moved and (place is None or place != self._place(artist))):
            look = looks.look(artist)
            fingerprint = self._fingerprint(artist, look)
            if fingerprint is None or fingerprint != before:
                self._noted = bytearray()
                if look != looks.NOTHING:
                    self._note_artist(artist, look)
                noted = bytes(self._noted)
                self._drawn[artist] = noted, fingerprint, self._place(artist)
        return noted

    def _place(self, artist):
        """What a line or a rectangle that has not changed itself depends on: the end of its transform. None of others."""
        if type(artist) not in (Line2D, Rectangle):  # a subclass may depend on more
            return None
        transform = artist.get_transform() if type(artist) is Line2D else artist.get_data_transform()
        return self._affine(transform).tobytes()

    def _fingerprint(self, artist, look):
        """All that the drawing of an artist depends on, or None when that is not known."""
        fingerprint = looks.fingerprint(artist, look)
        return fingerprint and (fingerprint, self._affine(artist.get_transform()).tobytes())

    def _affine(self, transform):
        """The matrix that ends the transform of an artist."""
        if id(transform) not in self._affines:
            self._affines[id(transform)] = transform.get_affine().get_matrix()
        return self._affines[id(transform)]

    def _note_artist(self, artist, look):
        """As the artist draws itself, or in the styles that were called when one of the same look did (`looks.py`)."""
        self._calls = []
        if look in self._looks:
            note = self._note_line if isinstance(artist, Line2D) else self._note_rectangle
            note(artist, self._looks[look])
        else:
            artist.draw(self)
            if look is not None and [kind for kind, *_ in self._calls] == looks.kinds(artist):
                self._looks[look] = self._calls

    def _note_line(self, line, calls):
        """A line, in the styles of these `calls`; so is a rectangle below."""
        transform = line.get_transform()
        path, affine = Path(transform.transform_non_affine(looks.points(line))), Affine2D(self._affine(transform))
        for kind, style, *how in calls:
            if kind == "path":
                self._note_path(path, affine, lambda style=style: style, *how)
            else:
                self._note_stamps(path, affine, lambda style=style, how=how: (style, *how))
        line.stale = False

    def _note_rectangle(self, rectangle, calls):
        left, lower, right, upper = edges = looks.edges(rectangle, self._affine(rectangle.get_data_transform()))
        if not all(map(isfinite, edges)):
            rectangle.draw(self)
            return
        lengths = (left, self.height - lower, right, self.height - upper, self.height)
        x0, y0, x1, y1, bottom = (min(max(round(length * UNIT), -_FARTHEST), _FARTHEST) for length in lengths)
        _, style, snap, _ = calls[0]
        flags = CODED | (snap is None or bool(snap)) * SNAPPED
        self._noted += _RECTANGLE.pack(_PATH, style, 5, flags, x0, y0, x1, y0, x1, y1, x0, y1, 0, bottom, *_BOX)
        rectangle.stale = False

    def news(self):
        """(styles, shapes as bytes) that the page needs and does not have yet."""
        news = self._new_styles, bytes(self._new_shapes)
        self._new_styles, self._new_shapes = [], bytearray()
        return news

    # What Matplotlib asks of a renderer

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return self._agg.points_to_pixels(points)

    def get_text_width_height_descent(self, s, prop, ismath):
        return self._agg.get_text_width_height_descent(s, prop, ismath)

    def option_image_nocomposite(self):
        return True

    def draw_path(self, gc, path, transform, rgbFace=None):
        is_open = rgbFace is None and not gc.get_hatch()
        self._note_path(path, transform, lambda: self._style(gc, rgbFace), gc.get_snap(), is_open)

    def _note_path(self, path, transform, style, snap, is_open):
        """Note a path where something of it is seen.

        style()   the number of its style                 is_open   whether it is a line and no field
        snap      whether its lines are to lie on whole pixels; None: as Agg decides it
        """
        clip = (-9, -9, self.width + 9, self.height + 9) if is_open else None
        path = path.cleaned(transform, True, clip, simplify=is_open and path.should_simplify, curves=True)
        points, codes = path.vertices[:-1], path.codes[:-1]  # the last one says that it ends
        if len(points) > 1:
            number, flags = style(), _snapped(snap, points, codes) * SNAPPED
            self._calls.append(("path", number, snap, is_open))
            self._note(_PATH, number)
            self._noted += _outline(self._from_above(points), codes, flags)

    def draw_segments(self, gc, ends):
        """Straight lines of one style; ends (lines, 2, 2): both ends of each."""
        points, codes = ends.reshape(-1, 2), _SEGMENT * len(ends)
        self._note(_PATH, self._style(gc, None))
        flags = _snapped(gc.get_snap(), points, np.frombuffer(codes, "<i2")) * SNAPPED
        self._noted += pack("<Hh", len(points), flags | CODED) + _points(self._from_above(points)) + codes

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        def style():
            key = marker_path.vertices.tobytes(), marker_trans.to_values()
            shape = self._shape(key, lambda: marker_path.cleaned(marker_trans, curves=True))
            return self._style(gc, rgbFace), shape

        self._note_stamps(path, trans, style)

    def _note_stamps(self, path, trans, style):
        """Note markers at the points of a path; style(): the numbers of their style and shape."""
        places = trans.transform(path.vertices)
        places = places[np.isfinite(places).all(axis=1) & (np.abs(places) < _FARTHEST / UNIT).all(axis=1)]
        if len(places):
            numbers = style()
            self._calls.append(("stamps", *numbers))
            self._note(_STAMPS, *numbers, len(places))
            self._noted += _points(self._from_above(places))

    def draw_path_collection(self, *arguments, **options):
        """Fields of a map: where the page is dark, they are darker than the lines over them."""
        self._is_field = True
        super().draw_path_collection(*arguments, **options)
        self._is_field = False

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        pixels = self.points_to_pixels(prop.get_size_in_points()) / text_to_path.FONT_SCALE
        names, places, outlines, bars = _glyphs(s, prop, bool(ismath))
        turn = np.deg2rad(angle)
        axes = pixels * np.array([[np.cos(turn), -np.sin(turn)], [-np.sin(turn), -np.cos(turn)]])  # right, up
        style = self._style(gc, gc.get_rgb(), line=False)
        if names:
            glyphs = np.empty((len(names), 4))
            glyphs[:, 0] = [self._shape(name, lambda name=name: Path(*outlines[name])) for name in names]
            glyphs[:, 1:3] = ((x, y) + places[:, :2] @ axes) * UNIT
            glyphs[:, 3] = places[:, 2] * pixels * SCALE
            self._note(_LETTERS, style, round(angle * ANGLE), len(names))
            self._note_numbers(glyphs)
        for corners in bars:
            self._note(_PATH, style)
            self._noted += _outline((x, y) + corners @ axes, _BAR, SNAPPED)

    def draw_image(self, gc, x, y, im, transform=None):
        """Equal neighbours are one cell: of an image whose pixels are shown as squares, only these are sent."""
        colours = np.ascontiguousarray(im[::-1]).view(np.uint32)[..., 0]
        rows, columns = _changes(colours), _changes(colours.T)
        across, down = np.append(columns, colours.shape[1]) + x, np.append(rows, len(colours)) - y - len(colours)
        self.draw_cells(across, down + self.height, colours[np.ix_(rows, columns)])

    def draw_cells(self, across, down, colours):
        """Cells between edges, counted from the left and from above; colours (rows, columns[, 4]): RGBA as bytes."""
        self._note(_CELLS, len(across) - 1, len(down) - 1)
        self._note_numbers(np.append(across, down) * UNIT)
        self._noted += colours.tobytes()

    def draw_smooth(self, extents, levels, table):
        """Levels 0 to 255 on a grid, first row at the bottom, shown smoothly in the colours of a table (256, 3 or 4)."""
        left, bottom, right, top = extents
        colours = self._number(("table", table.tobytes()), lambda: {"table": table[:, :3].tolist()})
        self._note(_SMOOTH, colours, levels.shape[1], levels.shape[0])
        self._note_numbers(np.array([left, self.height - top, right - left, top - bottom]) * UNIT)
        self._noted += levels[::-1].tobytes() + bytes(levels.size % 2)

    def draw_small(self, corners, sides, levels, table):
        """Squares, each as in `draw_smooth`; corners (squares, 2): the lower left ones; levels (squares, rows, columns)."""
        if len(levels):
            colours = self._number(("table", table.tobytes()), lambda: {"table": table[:, :3].tolist()})
            count, rows, columns = levels.shape
            self._note(_SMALL, colours, columns, rows, count)
            above = self.height - corners[:, 1] - sides
            self._note_numbers(np.stack([corners[:, 0], above, sides], axis=1) * UNIT)
            self._noted += levels[:, ::-1].tobytes() + bytes(levels.size % 2)

    # What is noted

    def _note(self, *numbers):
        self._noted += pack(f"<{len(numbers)}h", *numbers)

    def _note_numbers(self, numbers):
        self._noted += _words(numbers)

    def _from_above(self, points):
        """Points of Matplotlib, whose y goes up from below."""
        return points * _DOWN + self._top

    def _shape(self, key, outline):
        """The number of a marker or a glyph, which `outline()` makes around the origin."""
        if key not in self._shapes:
            self._shapes[key] = len(self._shapes)
            path = outline()
            codes = np.full(len(path.vertices), Path.LINETO) if path.codes is None else path.codes
            codes = np.where(np.arange(len(codes)) == 0, Path.MOVETO, codes)
            self._new_shapes += _outline((path.vertices * (1, -1))[codes > 0], codes[codes > 0])
        return self._shapes[key]

    def _number(self, key, make):
        """The number of a style or a table of colours."""
        if key not in self._styles:
            self._styles[key] = len(self._styles)
            self._new_styles.append(make())
        return self._styles[key]

    def _style(self, gc, face, line=True):
        """The number of the style in which something is filled and outlined."""
        width = self.points_to_pixels(gc.get_linewidth()) if line else 0
        start, dashes = gc.get_dashes()
        clip = gc.get_clip_rectangle()
        hatch = (gc.get_hatch(), *gc.get_hatch_color(), gc.get_hatch_linewidth()) if gc.get_hatch() else None
        key = (
            None if face is None else _colour(face, gc),
            _colour(gc.get_rgb(), gc) if width else None,
            width,
            None if dashes is None else (start, *dashes),
            (gc.get_capstyle(), gc.get_joinstyle()),
            None if clip is None else tuple(clip.extents),
            hatch,
            self._is_field,
        )
        return self._number(key, lambda: self._described(gc, *key))

    def _described(self, gc, fill, stroke, width, dashes, ends, clip, hatch, field):
        """A style as the page reads it."""
        cap, join = ends
        style = {"fill": fill, "stroke": stroke, "width": width, "cap": _CAPS[cap], "join": join, "field": field}
        if dashes is not None:
            start, *lengths = (self.points_to_pixels(length) for length in dashes)
            style |= {"start": start, "dashes": lengths}
        if clip is not None:
            left, bottom, right, top = clip
            style["clip"] = [left, self.height - top, right - left, top - bottom]
        if hatch is not None:
            tile = self.points_to_pixels(72)
            shape = self._shape(hatch[0], lambda: Path(gc.get_hatch_path().vertices * tile, gc.get_hatch_path().codes))
            width = self.points_to_pixels(gc.get_hatch_linewidth())
            style["hatch"] = {"shape": shape, "tile": tile, "stroke": _colour(gc.get_hatch_color(), gc), "width": width}
        return style


_CAPS = {"butt": "butt", "projecting": "square", "round": "round"}


def _words(numbers):
    """16 bits for each; what is farther away is out of the picture all the same."""
    return np.round(numbers).clip(-_FARTHEST, _FARTHEST).astype("<i2").tobytes()


def _points(points):
    return _words(points * UNIT)


def _outline(points, codes, flags=0):
    plain = codes[0] == Path.MOVETO and (codes[1:] == Path.LINETO).all()
    head = pack("<Hh", len(points), flags | (0 if plain else CODED))
    return head + _points(points) + (b"" if plain else codes.astype("<i2").tobytes())


def _colour(colour, gc):
    """Red, green and blue, 0 to 255, and opacity, 0 to 1."""
    opacity = gc.get_alpha() if gc.get_forced_alpha() or len(colour) == 3 else colour[3]
    return (*(round(255 * float(part)) for part in colour[:3]), float(opacity))


def _snapped(wanted, points, codes):
    """Whether lines are to lie on whole pixels: as Agg decides it, when all of them are level or upright."""
    if wanted is not None or len(points) > 1024 or (codes > Path.LINETO).sum() > (codes == Path.CLOSEPOLY).sum():
        return bool(wanted)
    (x0, y0), (x1, y1) = points[:2].tolist()
    if codes[1] == Path.LINETO and abs(x1 - x0) >= 1e-3 <= abs(y1 - y0):  # as a rule the first line tells
        return False
    steps = np.abs(np.diff(points, axis=0))[codes[1:] == Path.LINETO]
    return bool((steps.min(axis=1, initial=np.inf) < 1e-3).all())


def _changes(rows):
    """Numbers of the rows that differ from the one before, and of the first."""
    return np.flatnonzero(np.append(True, (rows[1:] != rows[:-1]).any(axis=1)))


@lru_cache(maxsize=4096)
def _glyphs(text, font, is_formula):
    """Names of a text's glyphs, their x, y and scale, outlines by name, and the bars of its fractions and roots."""
    if is_formula:
        glyphs, outlines, rectangles = text_to_path.get_glyphs_mathtext(font, text)
    else:
        glyphs, outlines, rectangles = text_to_path.get_glyphs_with_font(text_to_path._get_font(font), text)
    seen = [glyph for glyph in glyphs if len(outlines[glyph[0]][0])]  # of a space there is nothing to see
    places = np.array([place for _, *place in seen])
    return [name for name, *_ in seen], places, outlines, [np.array(corners)[:4] for corners, _ in rectangles]
