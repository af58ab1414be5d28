"""What figures of several chapters are made of: named curves, values with their intervals, images in a row, lists."""

from functools import reduce

from ..text import say
from .figures import figure


def curves(ax, x, named, looks=("-", "--", "-.", ":"), **style):
    """A curve over x for each {name: heights}, each in a look of its own.

    looks   format strings such as "o--", which begin again at their end      style   what `Axes.plot` takes, for all curves
    """
    for place, (name, heights) in enumerate(named.items()):
        ax.plot(x, heights, looks[place % len(looks)], label=name, **style)


def legend_beside(ax):
    """A legend to the right of the axes."""
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def rows(ax, named, intervals):
    """A row for each {name: values}: its values as dots, a bar over its interval (low, high), and a line at zero."""
    for row, (values, interval) in enumerate(zip(named.values(), intervals, strict=True)):
        ax.plot(values, [row] * len(values), "o", alpha=0.6)
        ax.plot(interval, [row, row], color="black", linewidth=4, alpha=0.4)
    ax.axvline(0, color="grey", linestyle="--")
    ax.set(yticks=range(len(named)), yticklabels=named, ylim=(len(named) - 0.5, -0.5))


def ticks(axis, places):
    """Ticks at these places alone, written as they are, on an axis that may be logarithmic."""
    axis.set_ticks(places, [f"{place:g}" for place in places])
    axis.set_ticks([], minor=True)


def images(values, titles, height, looks):
    """A figure of images (rows, columns) side by side. looks: what `Axes.imshow` takes, for each of them."""
    fig, axes = figure(len(values), width=9.6, height=height, title=titles, xticks=(), yticks=())
    for ax, image, look in zip(axes, values, looks, strict=True):
        ax.imshow(image, **look)
        ax.spines[:].set(visible=True, color="lightgrey")
    return fig


def enumerated(names):
    """Names one after the other; none are ""."""
    return reduce(lambda first, second: say("{first}, {second}", first=first, second=second), names) if names else ""
