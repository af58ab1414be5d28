"""Figures of the course: one style, and an alternative text that states the facts of each picture."""

import base64
import html
import io
from dataclasses import replace

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

from ..text import say
from . import style

fontManager.addfont(style.CHINESE_FONT_FILE)
fontManager.ttflist.append(replace(fontManager.ttflist[-1], weight=700))  # it stands in for bold, without a warning
SURFACE_COLOURS = LinearSegmentedColormap.from_list("classes", style.SURFACE)
RC = style.RC | {"axes.prop_cycle": mpl.cycler(color=style.CYCLE)}


def figure(columns=1, width=None, height=3.2, sharey=False, **labels):
    """A new figure in the course's style, and its axes (one, or an array of them when there are several columns).

    columns  number of axes side by side        width, height  in inches; by default 4.6 inches a column, at least 6.5
    labels   title, xlabel, ylabel, xscale, xlim, ...: what `Axes.set` takes; a list gives each column its own

    >>> fig, ax = figure(title="Loss", xlabel="epoch", yscale="log")
    """
    with mpl.rc_context(RC):
        fig = Figure(figsize=(width or max(4.6 * columns, 6.5), height), layout="constrained")
        axes = fig.subplots(1, columns, sharey=sharey, squeeze=False)[0]
        for column, ax in enumerate(axes):
            ax.set(**{name: value[column] if isinstance(value, list) else value for name, value in labels.items()})
        return fig, axes[0] if columns == 1 else axes


def take_chinese(artists):
    """Let Matplotlib find the Chinese characters of artists: a text with a formula it takes from one font, the first."""
    for artist in artists:
        for text in _texts(artist):
            words, family = text.get_text(), list(style.RC["font.family"])
            if style.CHINESE.search(words):
                family = family[::-1] if "$" in words else family
                if text.get_fontfamily() != family:  # an artist to which something is set is drawn anew
                    text.set_fontfamily(family)


def _texts(artist):
    """All texts that are drawn with an artist. Of axes without ticks those are not asked for: to answer, Matplotlib would
    make them, which takes longer than to draw the rest."""
    if isinstance(artist, Text):
        yield artist
    hidden = (artist.xaxis, artist.yaxis) if isinstance(artist, Axes) and not artist.axison else ()
    for child in artist.get_children():
        if child not in hidden:
            yield from _texts(child)


def png(fig):
    """The figure as the bytes of a PNG, the same bytes each time."""
    buffer = io.BytesIO()
    with mpl.rc_context(RC):
        for text in fig.findobj(Text):
            if text.get_fontfamily() == ["sans-serif"]:  # made after the axes, in Matplotlib's own style
                text.set_fontfamily(style.RC["font.family"])
        take_chinese([fig])
        fig.savefig(buffer, format="png", dpi=144, metadata={"Software": None})
    return buffer.getvalue()


def picture_html(data, alt, width):
    """An HTML figure that holds a PNG, width CSS pixels wide at most, and its alternative text."""
    shown = f'alt="{html.escape(alt)}" width="{width}" style="max-width:100%"'
    return f'<figure><img {shown} src="data:image/png;base64,{base64.b64encode(data).decode()}"></figure>'


class Picture:
    """A finished figure with its alternative text; shows itself in notebooks, and as the text in a terminal."""

    def __init__(self, data, alt, width):
        self.data, self.alt, self.width = data, alt, width

    def _repr_html_(self):
        return picture_html(self.data, self.alt, self.width)

    def __repr__(self):
        return self.alt


def show(fig, alt):
    """Show a figure with its alternative text: one or two sentences that state what can be read off it, in numbers.

    Raises ValueError when the text is missing.
    """
    if not alt.strip():
        raise ValueError(say("show: expected an alternative text that states the facts of the figure, got none"))
    return Picture(png(fig), alt, width=round(fig.get_figwidth() * 100))
