"""A picture: one figure that lives as long as it is shown, drawn by the page (`page.py`), or by Agg as an image.

What does not move is drawn once and kept: titles and legends, and over them layers of what changes with a setting, such
as an axis with its numbers. A frame draws only the moving artists over it. Agg draws the static picture, the first one,
and all others where the page cannot: a few milliseconds and, with a fixed palette, about 20 KB.
"""

import io
from functools import cached_property
from weakref import WeakKeyDictionary

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from traitlets import Unicode

from .hand import Hand
from .page import Page
from .recorder import FORMULAS

DENSITY = 1.25  # image pixels for each CSS pixel: sharp at 125 % zoom
AWAKE = 3  # pictures whose pixels are kept: up to 15 MB each
READABLE = 0.8  # of its size, at which texts can still be read
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

    A subclass gives all its pictures the same looks and another language:

    rc         settings of Matplotlib for what is made and drawn
    palette    of the images that Agg encodes, as an image of Pillow; None: all colours
    prepare    called with artists before they are drawn, say to choose fonts
    say        say(sentence, **values): the sentence in the reader's language, with the values filled in
    name()     what a screen reader calls the picture
    """

    rc, palette = {}, None
    prepare = staticmethod(lambda artists: None)
    say = staticmethod(str.format)
    come_back = page_came = None

    def __init__(self, width, height):
        self.width, self.height = width, height
        with self.styled():
            self.figure = Figure(figsize=(width / 100, height / 100), dpi=100 * DENSITY)
            self._agg = Agg(self.figure)
        self.layers, self.moving_artists = [[self.figure]], []
        self.hand = Hand(self)
        self._backgrounds = []  # the image after each layer, as far as it is valid
        self._page, self._drawn_with = None, {}

    def widget(self, others=0, look=0):
        """What stands in a panel: the image, and over it the page's own drawing, one of them seen.

        others   how many CSS pixels of the window's height are for what is to be seen with it: on a low window it is smaller,
                 as far as its texts stay readable
        look     what a phone, where the picture scrolls, shows of it at first, from 0, its left end, to 1, its right end
        """
        fits = f"calc((100vh - {others}px) * {self.width / self.height:.3f})"
        most = f"min(100%, max({READABLE * self.width:.0f}px, {fits}))"
        place = {"width": f"{self.width}px", "max_width": most, "grid_template_columns": "minmax(0, 1fr)"}
        self._box, self._look = widgets.GridBox([self.image], layout=widgets.Layout(**place)), look
        self.renew_page()
        return self._box

    def renew_page(self, attempt=0):
        """Put a new page over the image, in place of one that does not hear."""
        deaf, options = self._page, {"name": self.name(), "look": self._look, "layout": self._layout("hidden")}
        self._page = Page(self, self.pixels, self.figure.dpi, attempt, **options)
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
            self.forget_prefetched()
            self.draw()
            self._box.remove_class("course-page-draws")
        self._page.layout.visibility = "visible" if seen else "hidden"

    def _layout(self, visibility):
        place = {"width": f"{self.width}px", "max_width": "100%", "margin": "0", "grid_area": "1 / 1"}
        return widgets.Layout(**place, object_fit="contain", visibility=visibility)

    @cached_property
    def image(self):
        return NamedImage(format="png", tooltip=self.name(), layout=self._layout(None))

    def axes(self, left, bottom, width, height, **options):
        """Axes at a place given in CSS pixels from the lower left corner."""
        size = np.array([self.figure.get_figwidth(), self.figure.get_figheight()] * 2) * 100
        return self.figure.add_axes(tuple(np.array([left, bottom, width, height]) / size), **options)

    def area(self, left, bottom, width, height):
        """Axes of which nothing is seen, and whose data are CSS pixels of the picture."""
        axes = self.axes(left, bottom, width, height, xlim=(left, left + width), ylim=(bottom, bottom + height))
        axes.set_axis_off()
        return axes

    def styled(self):
        """A context in which axes and artists are to be made, so that they follow `rc`."""
        return mpl.rc_context(self.rc)

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

    def differs(self, what, value):
        """Whether something that is drawn seldom has another value now than when it was drawn last, in this picture."""
        is_known = what in self._drawn_with and self._drawn_with[what] == value
        self._drawn_with[what] = value
        return not is_known

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
            self.prepare(layer)
            with self.styled():
                self._draw(layer)
            self._backgrounds.append(self._agg.copy_from_bbox(self.figure.bbox))
        self.prepare(self.moving_artists)
        self._draw(self.moving_artists)
        if self._page is not None:
            self._page.draw_anew()
        buffer = io.BytesIO()
        pixels = Image.frombuffer("RGBA", self.pixels, self._agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        if self.palette is not None:
            pixels = pixels.quantize(palette=self.palette, dither=Image.Dither.NONE)
        pixels.save(buffer, "PNG", compress_level=4)
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

    def send_to(self, take):
        """Let `take(content, buffers)` have what the page would be sent, at first everything: to record pictures."""
        self._page.send_to(take)

    @property
    def pixels(self):
        """(width, height) of the picture, in its pixels."""
        return self._agg.get_width_height()

    @property
    def present(self):
        """The present picture, for `has_shown`: the page that shows it, and its number there."""
        return self._page, self._page.present if self.page_draws else 0

    def has_shown(self, picture):
        """Whether the reader's page has shown that picture, as far as is known; one that is gone shows nothing more."""
        page, number = picture
        return page is not self._page or page is None or page.has_shown(number)

    def lacks(self, at):
        """Whether a page that draws does not have the picture at this position of a slider: see `prefetch.py`."""
        return self.page_draws and self._page.lacks(at)

    def prefetch(self, at, slider):
        """Send what the artists show now as that picture; returns whether the page could take it."""
        return self.page_draws and self._page.prefetch(at, slider)

    def forget_prefetched(self):
        """What was sent ahead is no longer true."""
        if self._page is not None:
            self._page.forget_prefetched()

    def show_present(self):
        """Let the artists show the present picture, if they do not."""
        if self.come_back is not None:
            come_back, self.come_back = self.come_back, None
            come_back()

    def copy(self, text, copied):
        """Put a text onto the reader's clipboard; copied(True or False) is called with whether that was possible."""
        if self.page_draws:
            self._page.copy(text, copied)
        else:
            copied(False)

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

    def name(self):
        """What a screen reader calls the picture."""
        return "Picture"
