"""The picture of a lab: one figure that lives as long as the lab, drawn by the page (`page.py`), or by Agg as an image.

What does not move is drawn once and kept: titles and legends, and over them layers of what changes with a setting, such
as an axis with its numbers. A frame draws only the moving artists over it. Agg draws the static picture, the first one,
and all others where the page cannot; it encodes with a fixed palette: a few milliseconds and about 20 KB.
"""

import io
import re
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.path import Path
from matplotlib.transforms import Bbox, BboxTransformTo
from PIL import Image, ImageColor, ImageDraw, ImageFont
from traitlets import Unicode

from ...pictures import style
from ...pictures.figures import RC, SURFACE_COLOURS, take_chinese
from ...text import say
from .hand import Hand
from .page import Page
from .recorder import FORMULAS, Recorder

GRID = ImageColor.getrgb(RC["grid.color"])[0]  # a grey
DENSITY = 1.25  # image pixels for each CSS pixel: sharp at 125 % zoom
AWAKE = 3  # pictures whose pixels are kept: up to 15 MB each
_awake = WeakKeyDictionary()  # these pictures, the one drawn last at the end


class NamedImage(widgets.Image):
    """An image whose tooltip is its name for screen readers. It needs a description, which images of ipywidgets lack."""

    description = Unicode("").tag(sync=True)


class Agg(FigureCanvasAgg):
    """Matplotlib's canvas, which reads each formula once, not once for each picture."""

    def get_renderer(self):
        renderer = super().get_renderer()
        renderer.mathtext_parser = FORMULAS
        return renderer


class Canvas:
    """A persistent figure of width x height CSS pixels and the image widget that shows it.

    figure   the matplotlib Figure: add axes and artists, then `moving(artist)` for each one that changes between frames,
             and `layer(*artists)` for those that change together now and then
    image    the ipywidgets.Image; made when it is asked for, for a static picture needs none
    layers, moving_artists   what has been declared so
    hand     the `Hand`: handles that are dragged, and what is read under the pointer
    come_back   while the artists show something else than the present picture: what is called before that is drawn
    page_came   what is called when the page begins to draw, also a new view or the same one after a reload
    """

    come_back = page_came = None

    def __init__(self, width, height):
        self.width = width
        with self.styled():
            self.figure = Figure(figsize=(width / 100, height / 100), dpi=100 * DENSITY)
            self._agg = Agg(self.figure)
        self.layers, self.moving_artists = [[self.figure]], []
        self.hand = Hand(self)
        self._backgrounds = []  # the image after each layer, as far as it is valid
        self._page = None

    def widget(self):
        """What stands in a panel: the image, and over it the page's own drawing, one of them seen."""
        place = {"width": f"{self.width}px", "max_width": "100%", "grid_template_columns": "minmax(0, 1fr)"}
        self._box = widgets.GridBox([self.image], layout=widgets.Layout(**place))
        self.renew_page()
        return self._box

    def renew_page(self, attempt=0):
        """Put a new page over the image, in place of one that does not hear."""
        deaf, options = self._page, {"name": _name(), "layout": self._layout("hidden")}
        self._page = Page(self, self._agg.get_width_height(), self.figure.dpi, attempt, **options)
        self._box.children = [self.image, self._page]
        if deaf is not None:
            deaf.close()

    def show_page(self, seen):
        """Let the page draw, or show the image, which is up to date then. Under a page that has not yet drawn, as after
        a reload, the image is seen (`page.css`)."""
        if seen:
            self.rest()
            self._box.add_class("course-page-draws")
            if self.page_came is not None:
                self.page_came()
        else:
            self.forget_ahead()
            self.draw()
            self._box.remove_class("course-page-draws")
        self._page.layout.visibility = "visible" if seen else "hidden"

    def _layout(self, visibility):
        place = {"width": f"{self.width}px", "max_width": "100%", "margin": "0", "grid_area": "1 / 1"}
        return widgets.Layout(**place, object_fit="contain", visibility=visibility)

    @cached_property
    def image(self):
        return NamedImage(format="png", tooltip=_name(), layout=self._layout(None))

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
        self.moving_artists.append(artist)
        return artist

    def forget(self, artist):
        """Take a moving artist away for good."""
        self.moving_artists.remove(artist)
        if artist.axes is not None:
            artist.remove()

    def layer(self, *artists):
        """Declare artists that change seldom: drawn over what is still, and kept until `changed(layer)`; returns layer."""
        for artist in artists:
            artist.set_animated(True)
        self.layers.append(artists)
        return len(self.layers) - 1

    def line(self, axes, *style, **options):
        """A moving line without points yet."""
        return self.moving(axes.plot([], [], *style, **options)[0])

    def changed(self, layer, look=None):
        """Draw a layer anew at the next frame: what is in the others has not changed, unless it is the first.

        look    all that its drawing depends on, as a key, beside what stands still: the page is sent what was noted when
                the layer looked like that before, for Matplotlib takes longer for an axis than for all that moves
        Agg draws it, and those over it, in any case.
        """
        del self._backgrounds[layer:]
        if self._page is not None:
            self._page.changed(layer, look)

    def still_parts_changed(self):
        """Draw everything anew at the next frame (titles, legends, or axes outside of layers, have changed)."""
        self.changed(0)

    def frame(self):
        """The present picture as the bytes of a PNG."""
        self.show_present()
        self._stay_awake()
        for layer in self.layers[len(self._backgrounds) :]:
            take_chinese(layer)
            with self.styled():
                self._draw(layer)
            self._backgrounds.append(self._agg.copy_from_bbox(self.figure.bbox))
        take_chinese(self.moving_artists)
        self._draw(self.moving_artists)
        if self._page is not None:
            self._page.draw_anew()
        buffer = io.BytesIO()
        self._pixels().quantize(palette=_PALETTE, dither=Image.Dither.NONE).save(buffer, "PNG", compress_level=4)
        return buffer.getvalue()

    @property
    def page_draws(self):
        return self._page is not None and self._page.draws

    def draw(self, now=True, at=None):
        """Send the present picture to the reader; now: False for one of many in a run; at: of a slider: see `Page.draw`."""
        if self.page_draws:
            self._page.draw(now, at)
        else:
            self.image.value = self.frame()

    def lacks(self, at):
        """Whether a page that draws does not have the picture at this position of a slider: see `ahead.py`."""
        return self.page_draws and self._page.lacks(at)

    def send_ahead(self, at, slider):
        """Send what the artists show now as that picture; returns whether the page could take it."""
        return self.page_draws and self._page.send_ahead(at, slider)

    def forget_ahead(self):
        """What was sent ahead is no longer true."""
        if self._page is not None:
            self._page.forget_ahead()

    def show_present(self):
        """Let the artists show the present picture, if they do not."""
        if self.come_back is not None:
            come_back, self.come_back = self.come_back, None
            come_back()

    def copy(self, text, copied):
        """Put a text onto the reader's clipboard; copied(True or False) is called with whether that was possible."""
        if self._page is None:
            copied(False)
        else:
            self._page.copy(text, copied)

    def rest(self):
        """Give back the memory of the pixels; the next frame draws everything anew."""
        self._backgrounds.clear()
        self._agg = Agg(self.figure)
        _awake.pop(self, None)

    def _stay_awake(self):
        """Keep the pixels until several other pictures have been drawn."""
        _awake.pop(self, None)
        _awake[self] = True
        while len(_awake) > AWAKE:
            next(iter(_awake)).rest()

    def _draw(self, artists):
        """Draw artists over the uppermost background."""
        if self._backgrounds:
            self._agg.restore_region(self._backgrounds[-1])
        else:
            self._agg.get_renderer().clear()
        for artist in artists:
            artist.draw(self._agg.get_renderer())

    def _pixels(self):
        size = self._agg.get_width_height()
        return Image.frombuffer("RGBA", size, self._agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")


def _name():
    return say("Picture of the lab. What it shows is said in the lines of text around it.")


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
        half = Image.fromarray(levels).resize(((right - left + 1) // 2, (top - bottom + 1) // 2), _BILINEAR)
        colours = SURFACE_TABLE[np.asarray(half)].repeat(2, axis=0).repeat(2, axis=1)
        graphics = renderer.new_gc()
        renderer.draw_image(graphics, left, bottom, colours[: top - bottom, : right - left])
        graphics.restore()


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

    def whole(self):
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
        graphics = renderer.new_gc()
        renderer.draw_image(graphics, round(left), round(self.place[1] * DENSITY - height / 2), pixels)
        graphics.restore()

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
        graphics.restore()


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


_BILINEAR = Image.Resampling.BILINEAR
_LEVELS = np.round(np.linspace(0, 1, 256) * 32) / 32  # steps that are just not seen, and compress well
SURFACE_TABLE = (SURFACE_COLOURS(_LEVELS) * 255).round().astype(np.uint8)
SMOOTH_TABLE = (SURFACE_COLOURS(np.linspace(0, 1, 256)) * 255).round().astype(np.uint8)


def _palette():
    """The 256 colours of every frame: surface, greys, and the shades in which lines of the style fade into white."""
    fade = np.linspace(0, 1, 3, endpoint=False)[:, None]
    green = np.array(ImageColor.getrgb(style.GREEN))
    colours = [style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE, style.SKY]
    shades = [fade * 255 + (1 - fade) * np.array(ImageColor.getrgb(colour)) for colour in colours]
    shades.append(np.linspace(0, 1, 31)[:, None] * (255 - green) + green)  # fields of a map, white to green
    ends = [fade * SURFACE_TABLE[end, :3] for end in (0, -1)]  # black lines fade into the surface
    greys = np.concatenate([np.linspace(0, 255, 8), np.linspace(0, 255, 18), [GRID]])[:, None].repeat(3, axis=1)
    surface = np.unique(SURFACE_TABLE[:, :3], axis=0)
    surface = surface[surface.min(axis=1) < 240]
    table = np.concatenate([surface, greys, *shades, *ends]).round().astype(np.uint8)
    image = Image.new("P", (1, 1))
    image.putpalette(table.tobytes())
    return image


_PALETTE = _palette()
