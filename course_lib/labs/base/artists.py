"""What the pictures of labs share: the course's canvas, and artists of our own.

Each artist draws itself twice: as pixels for Agg, and for the page as the few numbers that a `Recorder` has calls for.
Matplotlib's own would cost a frame three to five times as much.
"""

import re
from functools import lru_cache

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.path import Path
from matplotlib.transforms import Bbox, BboxTransformTo
from PIL import Image, ImageColor, ImageDraw, ImageFont

from ... import canvas
from ...canvas import DENSITY, Recorder
from ...pictures import style
from ...pictures.figures import RC, SURFACE_COLOURS, take_chinese
from ...text import say

GRID = ImageColor.getrgb(RC["grid.color"])[0]  # a grey
_LEVELS = np.round(np.linspace(0, 1, 256) * 32) / 32  # steps that are just not seen, and compress well
SURFACE_TABLE = (SURFACE_COLOURS(_LEVELS) * 255).round().astype(np.uint8)
SMOOTH_TABLE = (SURFACE_COLOURS(np.linspace(0, 1, 256)) * 255).round().astype(np.uint8)
_WHITE, _GREEN = np.array([255.0, 255, 255]), np.array(ImageColor.getrgb(style.GREEN), float)
_SHADES = np.linspace(0, 1, 31)[:, None]
INK = np.repeat(255 - 15 * np.arange(18)[:, None], 3, axis=1).astype(np.uint8)  # 0 paper, 1 ink
GREEN = ((1 - _SHADES) * _WHITE + _SHADES * _GREEN).round().astype(np.uint8)  # 0 white, 1 green
SIGNED = np.ascontiguousarray(SURFACE_TABLE[:, :3])  # 0 blue, 1/2 white, 1 orange
_FRAME = ImageColor.getrgb(style.LIGHT_GREY)


def _palette():
    """The 256 colours of every frame: surface, greys, and the shades in which lines of the style fade into white."""
    fade = np.linspace(0, 1, 3, endpoint=False)[:, None]
    colours = [style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE, style.SKY]
    shades = [fade * 255 + (1 - fade) * np.array(ImageColor.getrgb(colour)) for colour in colours]
    shades.append(_SHADES * (255 - _GREEN) + _GREEN)  # fields of a map, white to green
    ends = [fade * SURFACE_TABLE[end, :3] for end in (0, -1)]  # black lines fade into the surface
    greys = np.concatenate([np.linspace(0, 255, 8), np.linspace(0, 255, 18), [GRID]])[:, None].repeat(3, axis=1)
    surface = np.unique(SURFACE_TABLE[:, :3], axis=0)
    surface = surface[surface.min(axis=1) < 240]
    table = np.concatenate([surface, greys, *shades, *ends]).round().astype(np.uint8)
    image = Image.new("P", (1, 1))
    image.putpalette(table.tobytes())
    return image


class Canvas(canvas.Canvas):
    """A canvas in the course's looks and the reader's language."""

    rc, palette = RC, _palette()
    prepare, say = staticmethod(take_chinese), staticmethod(say)

    def name(self):
        return say("Picture of the lab. What it shows is said in the lines of text around it.")

    def label(self, place, text="", **options):
        """A moving `Label`."""
        return self.moving(Label(self.figure, place, text, **options))

    def pixel_grids(self, place, shape, colours, **options):
        """Moving `PixelGrids`."""
        return self.moving(PixelGrids(self.figure, place, shape, colours, **options))


class Surface(Artist):
    """The decision surface: probabilities on a coarse grid, shown smoothly over the whole of some axes.

    values   (rows, columns) numbers 0..1, first row at the bottom
    Matplotlib would resample the image at every frame, at three times the cost of the rest of it. Two equal pixels
    in each direction make no visible difference, and a third less to send.
    """

    def __init__(self, axes):
        super().__init__()
        self.figure = axes.figure
        self._axes = axes
        self.values = np.full((2, 2), 0.5)

    def draw(self, renderer):
        left, bottom, right, top = (round(v) for v in self._axes.bbox.extents)
        levels = np.nan_to_num(np.clip(self.values, 0, 1) * 255, nan=127).astype(np.uint8)
        if isinstance(renderer, Recorder):
            renderer.draw_smooth((left, bottom, right, top), levels, SMOOTH_TABLE)
            return
        half = Image.fromarray(levels).resize(
            ((right - left + 1) // 2, (top - bottom + 1) // 2), Image.Resampling.BILINEAR
        )
        colours = SURFACE_TABLE[np.asarray(half)].repeat(2, axis=0).repeat(2, axis=1)
        renderer.draw_image(renderer.new_gc(), left, bottom, colours[: top - bottom, : right - left])


class Label(Artist):
    """A short text at a place, for pictures with many changing numbers: Pillow draws it about five times as fast as Text.

    place        (x, y) in CSS pixels from the figure's lower left corner: left edge or centre, and middle of its height
    text         what to write; "" draws nothing
    colour       of the letters              background   None, or the colour of a field behind them
    size         in points                   align        "center" or "left"
    family       a font that Matplotlib finds; by default that of the course's style
    """

    def __init__(
        self, figure, place, text="", *, colour=style.BLACK, background=None, size=10, align="center", family=None
    ):
        super().__init__()
        self.figure = figure
        self.place, self.text, self.colour, self.background, self.align = place, text, colour, background, align
        self._font = (family, round(size * DENSITY * 100 / 72))

    @property
    def width(self):
        """Of the text, in CSS pixels."""
        return _measure(self.text, *self._font)[0] / DENSITY

    def put(self, axes, x, y, right=0, up=0):
        """Place it at a point of some axes, or so many CSS pixels from there."""
        across, height = axes.transData.transform((x, y)) / DENSITY
        self.place = across + right, height + up

    def fingerprint(self):
        """All that its drawing depends on: see `looks.py`."""
        return (*self.place, self.text, self.colour, self.background, self.align, self._font, self.get_visible())

    def draw(self, renderer):
        if not self.text or not self.get_visible():
            return
        if isinstance(renderer, Recorder):
            self._record(renderer)
            return
        pixels = _text_pixels(self.text, *self._font, self.colour, self.background)
        height, width = pixels.shape[:2]
        left = self.place[0] * DENSITY - (width / 2 if self.align == "center" else _MARGIN)
        renderer.draw_image(renderer.new_gc(), round(left), round(self.place[1] * DENSITY - height / 2), pixels)

    def _record(self, renderer):
        """The same in the letters' outlines."""
        family, pixels = self._font
        font, (width, ascent, descent) = _outline_font(family, pixels), _measure(self.text, family, pixels)
        left = self.place[0] * DENSITY - (width / 2 if self.align == "center" else 0)
        below = self.place[1] * DENSITY - (ascent + descent) / 2
        graphics = renderer.new_gc()
        if self.background:
            field = Bbox.from_bounds(left - _MARGIN, below, width + 2 * _MARGIN, ascent + descent)
            place = BboxTransformTo(field)
            graphics.set_linewidth(0)
            renderer.draw_path(graphics, Path.unit_rectangle(), place, to_rgb(self.background))
        graphics.set_foreground(self.colour)
        renderer.draw_text(graphics, left, renderer.height - below - descent, self.text, font, 0)


_MARGIN = 4  # pixels around a label's text
_RUNS = re.compile(f"{style.CHINESE.pattern}|(?:(?!{style.CHINESE.pattern}).)+")


@lru_cache(maxsize=16)
def _font(family, pixels):
    with mpl.rc_context(RC):
        return ImageFont.truetype(findfont(FontProperties(family=family)), pixels)


@lru_cache(maxsize=16)
def _outline_font(family, pixels):
    with mpl.rc_context(RC):
        font = FontProperties(family=family)
    font.set_family([*font.get_family(), style.CHINESE_FONT])
    font.set_size(pixels * 72 / (DENSITY * 100))
    return font


@lru_cache(maxsize=2048)
def _measure(text, family, pixels):
    """(width, ascent, descent) of a text in pixels."""
    width = sum(font.getlength(run) for run, font in _runs(text, family, pixels))
    return width, *_font(family, pixels).getmetrics()


def _runs(text, family, pixels):
    """The parts of a text that come from one font, each with that."""
    wide = style.CHINESE_FONT
    return [(run, _font(wide if style.CHINESE.match(run) else family, pixels)) for run in _RUNS.findall(text)]


@lru_cache(maxsize=2048)
def _text_pixels(text, family, size, colour, background):
    """A text as RGBA pixels (rows from the bottom, columns, 4), as high as any text of this size, with a margin."""
    width, ascent, descent = _measure(text, family, size)
    drawn, left = Image.new("L", (round(width) + 2 * _MARGIN, ascent + descent)), _MARGIN
    for run, font in _runs(text, family, size):
        ImageDraw.Draw(drawn).text((left, ascent), run, fill=255, font=font, anchor="ls")
        left += font.getlength(run)
    ink = np.asarray(drawn)[::-1, :, None] / 255
    field = np.array([*ImageColor.getrgb(background or colour), 255 if background else 0], dtype=float)
    letters = np.array([*ImageColor.getrgb(colour), 255], dtype=float)
    return (ink * letters + (1 - ink) * field).round().astype(np.uint8)


def pale(colour, white=2 / 3):
    """A colour mixed with white, one or two thirds of it: opaque and in every frame's palette, as no transparent one is."""
    return tuple(white + (1 - white) * np.array(to_rgb(colour)))


def deep(colour):
    """A colour mixed with black, for small letters of its kind on white."""
    return to_hex(0.72 * np.array(to_rgb(colour)))


class PixelGrids(Artist):
    """Equal tiles in rows, each a grid of pixels with a thin frame around it.

    place    (x, y) in CSS pixels from the figure's lower left corner: lower left corner of all tiles
    values   (tiles, rows, columns) numbers 0..1, looked up in `colours`; the first tile is the upper left one
    colours  (levels, 3) uint8: INK, GREEN or SIGNED
    pixel    side of a pixel, in CSS pixels                  gap   between tiles, in CSS pixels
    across   tiles in a row
    """

    def __init__(self, figure, place, shape, colours, *, pixel, across=1, gap=8):
        super().__init__()
        self.figure = figure
        self.place, self.colours, self.across = place, colours, across
        self.values = np.zeros(shape)
        self.pixel, self._gap = round(pixel * DENSITY), round(gap * DENSITY)

    @property
    def size(self):
        """(width, height) of all tiles, in CSS pixels."""
        down = -(-len(self.values) // self.across)
        _, rows, columns = self.values.shape
        return tuple(
            (n * (side * self.pixel + 2 + self._gap) - self._gap) / DENSITY
            for n, side in ((self.across, columns), (down, rows))
        )

    def middle(self, row, column):
        """Where the middle of a pixel of a single tile lies, in CSS pixels from the figure's lower left corner."""
        half, rows = self.pixel / 2 / DENSITY, self.values.shape[1]
        at = (1 / DENSITY + half * (2 * column + 1), 1 / DENSITY + half * (2 * (rows - row) - 1))
        return self.place[0] + at[0], self.place[1] + at[1]

    def draw(self, renderer):
        tiles, rows, columns = self.values.shape
        down = -(-tiles // self.across)
        levels = np.nan_to_num(np.clip(self.values, 0, 1)) * (len(self.colours) - 1)
        colours = self.colours[levels.round().astype(int)]  # (tiles, rows, columns, 3)
        high, wide = (self._sizes(count, cells) for count, cells in ((down, rows), (self.across, columns)))
        cells = np.zeros((len(high), len(wide), 4), np.uint8)
        for number, tile in enumerate(colours):
            top, left = number // self.across * (rows + 3), number % self.across * (columns + 3)
            framed = cells[top : top + rows + 2, left : left + columns + 2]
            framed[...] = (*_FRAME, 255)
            framed[1:-1, 1:-1, :3] = tile
        left, bottom = (round(length * DENSITY) for length in self.place)
        if isinstance(renderer, Recorder):
            above = renderer.height - bottom - sum(high)
            renderer.draw_cells(*(np.cumsum([start, *sizes]) for start, sizes in ((left, wide), (above, high))), cells)
            return
        sheet = cells.repeat(high, axis=0).repeat(wide, axis=1)
        renderer.draw_image(renderer.new_gc(), left, bottom, sheet[::-1])

    def _sizes(self, tiles, cells):
        """Of all tiles in a row or column: frame, pixels, frame, and the gap to the next."""
        return ([1, *[self.pixel] * cells, 1, self._gap] * tiles)[:-1]


class Fields(Artist):
    """A map of few weights among many, 0 to 1: a field of it is the greener, the larger its weight.

    across, down   left and right edge, upper and lower edge, in CSS pixels from the figure's lower left corner
    weights        (rows, columns)            smallest   weight that is drawn
    Matplotlib's own image takes ten times as long for these few rectangles.
    """

    def __init__(self, figure, across, down, shape, smallest):
        super().__init__()
        self.figure = figure
        self.weights, self._smallest = np.zeros(shape), smallest
        self._edges = np.round(np.linspace(*across, shape[1] + 1) * DENSITY).astype(int)
        self._heights = np.round(np.linspace(*down, shape[0] + 1) * DENSITY).astype(int)

    def draw(self, renderer):
        edges, heights = self._edges, self._heights
        for row, column in np.argwhere(self.weights >= self._smallest):
            weight = self.weights[row, column]
            colour = np.append(255 + weight * (_GREEN - 255), 255).round().astype(np.uint8)
            size = heights[row] - heights[row + 1], edges[column + 1] - edges[column]
            renderer.draw_image(renderer.new_gc(), edges[column], heights[row + 1], np.full((*size, 4), colour))
