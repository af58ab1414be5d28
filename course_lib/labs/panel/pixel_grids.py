"""Small pictures in a picture: digits, kernels and feature maps, drawn as tiles of square pixels."""

import numpy as np
from matplotlib.artist import Artist
from PIL import ImageColor

from ...pictures import style
from .canvas import DENSITY, SURFACE_TABLE
from .recorder import Recorder

_WHITE, _GREEN = np.array([255.0, 255, 255]), np.array(ImageColor.getrgb(style.GREEN), float)
_SHADES = np.linspace(0, 1, 31)[:, None]
INK = np.repeat(255 - 15 * np.arange(18)[:, None], 3, axis=1).astype(np.uint8)  # 0 paper, 1 ink
GREEN = ((1 - _SHADES) * _WHITE + _SHADES * _GREEN).round().astype(np.uint8)  # 0 white, 1 green
SIGNED = np.ascontiguousarray(SURFACE_TABLE[:, :3])  # 0 blue, 1/2 white, 1 orange


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
        graphics = renderer.new_gc()
        renderer.draw_image(graphics, left, bottom, sheet[::-1])
        graphics.restore()

    def _sizes(self, tiles, cells):
        """Of all tiles in a row or column: frame, pixels, frame, and the gap to the next."""
        return ([1, *[self.pixel] * cells, 1, self._gap] * tiles)[:-1]


_FRAME = ImageColor.getrgb(style.LIGHT_GREY)
