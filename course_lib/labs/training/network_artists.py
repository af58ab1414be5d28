"""What the drawing of a network is made of: edges as thick as their numbers, and a small surface for each unit."""

from functools import cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from ...canvas.recorder import Recorder
from ...pictures import style
from ..base.artists import DENSITY, SMOOTH_TABLE, SURFACE_TABLE

STEP, THICKEST = 0.5, 6.0  # of an edge, in CSS pixels: all edges of one thickness are one path
DASHES = (6.0, 3.0)  # of negative numbers, in CSS pixels
_POINTS = 0.72  # of a CSS pixel
_CODES = np.array([Path.MOVETO, Path.LINETO], np.uint8)


class Edges(Artist):
    """Straight lines, each as thick as its number is large: orange where it is positive, blue and dashed where negative.

    ends     (edges, 2, 2) both ends of each, x and y in CSS pixels from the figure's lower left corner
    values   (edges,) numbers                   unit   CSS pixels of thickness for a number of 1
    """

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.ends, self.values, self.unit = np.empty((0, 2, 2)), np.empty(0), 1.0

    @property
    def thickness(self):
        """Of each edge, in CSS pixels: negative ones are dashed, those of 0 are not drawn."""
        with np.errstate(all="ignore"):  # of a diverged run
            wide = np.round(np.nan_to_num(self.values * self.unit) / STEP) * STEP
        return wide.clip(-THICKEST, THICKEST)

    def draw(self, renderer):
        thickness, pixels = self.thickness, Affine2D().scale(DENSITY)
        for wide in np.unique(thickness[thickness != 0]).tolist():
            ends, pen = self.ends[thickness == wide], _pen(wide)
            if isinstance(renderer, Recorder):
                renderer.draw_segments(pen, ends * DENSITY)
            else:
                renderer.draw_path(pen, Path(ends.reshape(-1, 2), np.tile(_CODES, len(ends))), pixels)


@cache
def _pen(wide):
    """What edges of a thickness are drawn with, which takes longer to make than to use; below 0 they are dashed."""
    pen = GraphicsContextBase()
    pen.set_foreground(style.ORANGE if wide > 0 else style.BLUE)
    pen.set_linewidth(abs(wide) * _POINTS)
    pen.set_dashes(0, None if wide > 0 else [length * _POINTS for length in DASHES])
    pen.set_capstyle("butt")
    return pen


class SmallSurfaces(Artist):
    """Many decision surfaces, each in a small square.

    corners   (surfaces, 2) their lower left corners, in CSS pixels from that of the figure
    sides     (surfaces,) of the squares, in CSS pixels
    values    (surfaces, rows, columns) numbers 0..1, first row at the bottom
    """

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.corners, self.sides, self.values = np.empty((0, 2)), np.empty(0), np.empty((0, 1, 1))

    def draw(self, renderer):
        levels = np.nan_to_num(np.clip(self.values, 0, 1) * 255, nan=127).astype(np.uint8)
        corners, sides = np.round(self.corners * DENSITY), np.round(self.sides * DENSITY).astype(int)
        if isinstance(renderer, Recorder):
            renderer.draw_small(corners, sides, levels, SMOOTH_TABLE)
            return
        graphics = renderer.new_gc()
        for (left, bottom), side, level in zip(corners, sides, levels, strict=True):
            drawn = Image.fromarray(level).resize((side, side), Image.Resampling.BILINEAR)
            renderer.draw_image(graphics, left, bottom, SURFACE_TABLE[np.asarray(drawn)])
        graphics.restore()
