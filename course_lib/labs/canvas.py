"""The picture of a lab: one figure that lives as long as the lab, drawn by Agg, sent as a small PNG.

What does not move (axes, labels, legends) is drawn once and kept as a background. A frame copies the background, draws
only the moving artists over it, and encodes with a fixed palette: a few milliseconds and about 20 KB.
"""

import io

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageColor

from .. import style
from ..figures import RC, SURFACE_COLOURS

DENSITY = 1.25  # image pixels for each CSS pixel: sharp at 125 % zoom


class Canvas:
    """A persistent figure of width x height CSS pixels and the image widget that shows it.

    figure   the matplotlib Figure: add axes and artists, then `moving(artist)` for each one that changes
    image    the ipywidgets.Image
    """

    def __init__(self, width, height):
        self.width = width
        with self.styled():
            self.figure = Figure(figsize=(width / 100, height / 100), dpi=100 * DENSITY)
            self._agg = FigureCanvasAgg(self.figure)
        self.image = widgets.Image(
            format="png", layout=widgets.Layout(width=f"{width}px", max_width="100%", object_fit="contain")
        )
        self._moving = []
        self._background = None

    def axes(self, left, bottom, width, height, **options):
        """Axes at a place given in CSS pixels from the lower left corner."""
        size = np.array([self.figure.get_figwidth(), self.figure.get_figheight()] * 2) * 100
        return self.figure.add_axes(tuple(np.array([left, bottom, width, height]) / size), **options)

    def styled(self):
        """A context in which axes and artists are to be made, so that they follow the course's style."""
        return mpl.rc_context(RC)

    def moving(self, artist):
        """Declare an artist as one that changes between frames; returns it. They are drawn in this order."""
        artist.set_animated(True)
        self._moving.append(artist)
        return artist

    def line(self, axes, *style, **options):
        """A moving line without points yet."""
        return self.moving(axes.plot([], [], *style, **options)[0])

    def still_parts_changed(self):
        """Draw the background anew at the next frame (limits, titles or legends have changed)."""
        self._background = None

    def frame(self):
        """The present picture as the bytes of a PNG."""
        if self._background is None:
            with self.styled():
                self._agg.draw()
            self._background = self._agg.copy_from_bbox(self.figure.bbox)
        self._agg.restore_region(self._background)
        self._draw_moving()
        buffer = io.BytesIO()
        self._pixels().quantize(palette=_PALETTE, dither=Image.Dither.NONE).save(buffer, "PNG", compress_level=4)
        return buffer.getvalue()

    def draw(self):
        """Send the present picture to the reader."""
        self.image.value = self.frame()

    def _draw_moving(self):
        renderer = self._agg.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)

    def _pixels(self):
        size = self._agg.get_width_height()
        return Image.frombuffer("RGBA", size, self._agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")


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
        half = Image.fromarray(levels).resize(((right - left + 1) // 2, (top - bottom + 1) // 2), _BILINEAR)
        colours = _SURFACE_TABLE[np.asarray(half)].repeat(2, axis=0).repeat(2, axis=1)
        graphics = renderer.new_gc()
        renderer.draw_image(graphics, left, bottom, colours[: top - bottom, : right - left])
        graphics.restore()


_BILINEAR = Image.Resampling.BILINEAR
_LEVELS = np.round(np.linspace(0, 1, 256) * 32) / 32  # steps that are just not seen, and compress well
_SURFACE_TABLE = (SURFACE_COLOURS(_LEVELS) * 255).round().astype(np.uint8)


def _palette():
    """The 256 colours of every frame: surface, greys, and the shades in which lines of the style fade into white."""
    fade = np.linspace(0, 1, 3, endpoint=False)[:, None]
    colours = [style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE, style.SKY]
    shades = [fade * 255 + (1 - fade) * np.array(ImageColor.getrgb(colour)) for colour in colours]
    ends = [fade * _SURFACE_TABLE[end, :3] for end in (0, -1)]  # black lines fade into the surface
    greys = np.linspace(0, 255, 8)[:, None].repeat(3, axis=1)
    surface = np.unique(_SURFACE_TABLE[:, :3], axis=0)
    surface = surface[surface.min(axis=1) < 240]
    table = np.concatenate([surface, greys, *shades, *ends]).round().astype(np.uint8)
    image = Image.new("P", (1, 1))
    image.putpalette(table.tobytes())
    return image


_PALETTE = _palette()
