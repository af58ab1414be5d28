"""The figures of chapter 6a: digits, kernels and what networks make of them, with their facts in words."""

import numpy as np

from ..text import measured, say
from . import parts
from .figures import SURFACE_COLOURS, figure, show

INK = {"cmap": "Greys", "vmin": 0, "vmax": 1}


def _signed(most):
    """Numbers from -most, blue, to most, orange."""
    return {"cmap": SURFACE_COLOURS, "vmin": -most, "vmax": most}


def one_of_each(x, y):
    """The first image of each digit. x: (n, 8, 8, 1), y: (n,)"""
    digits, first, counts = np.unique(y, return_index=True, return_counts=True)
    fig = parts.images(x[first, :, :, 0], [str(digit) for digit in digits], 1.1, [INK] * len(digits))
    fact = say(
        "One image of each digit; the first part has {fewest} to {most} of each.",
        fewest=counts.min(),
        most=counts.max(),
    )
    return show(fig, fact)


def feature_maps(image, first, second):
    """An image of a zero, and what a kernel W and W.T make of it."""
    titles = [say("the image"), say("feature map of W"), say("feature map of W.T")]
    fig = parts.images([image, first, second], titles, 2.7, [INK, _signed(3), _signed(3)])
    fact = say(
        "A handwritten zero, {image}, and two feature maps, {maps}, with numbers {first} and {second}.",
        image=" x ".join(map(str, image.shape)),
        maps=" x ".join(map(str, first.shape)),
        first=say("{low} to {high}", low=f"{first.min():.2f}", high=f"{first.max():.2f}"),
        second=say("{low} to {high}", low=f"{second.min():.2f}", high=f"{second.max():.2f}"),
    )
    return show(fig, fact)


def accuracies(shares, similar, lead):
    """Test accuracy of each seed: {"CNN", "MLP", "linear", in this order: (seeds,)}, and of the most similar image, a line.

    lead   (low, high): the interval of CNN minus MLP
    """
    low, high = lead
    title = say("CNN minus MLP: {low:+.1f} to {high:+.1f} points (95 % interval)", low=100 * low, high=100 * high)
    fig, ax = figure(width=9, height=2.8, xlabel=say("test accuracy"), xlim=(0.93, 1), ylim=(-0.6, 2.6), title=title)
    for row, (name, share) in enumerate(shares.items()):
        label = say(
            "{name}: mean {mean:.1%}, standard deviation {deviation:.1%}",
            name=name,
            mean=share.mean(),
            deviation=share.std(ddof=1),
        )
        ax.plot(share, row + np.linspace(-0.2, 0.2, len(share)), "os^"[row], label=label)
    ax.axvline(similar, color="grey", linestyle="--", label=say("most similar image: {share:.1%}", share=similar))
    ax.set_yticks(range(len(shares)), shares)
    parts.legend_beside(ax)
    cnn, mlp, linear = shares.values()
    fact = say(
        "Test accuracy, five seeds: the CNN's mean is {mean}. It leads the MLP by {mlp} points, and the linear network by "
        "{linear}.",
        mean=measured(cnn.mean(), 0.98, form=".1%"),
        mlp=measured(100 * (cnn - mlp).mean(), 0, 2.5),
        linear=measured(100 * (cnn - linear).mean(), 2.5),
    )
    return show(fig, fact)


def kernels(named):
    """The 3 x 3 kernels of three networks, first one before training, then the same after it: {name: (3, 3, 1, 16)}."""
    mosaics = []
    for W in named.values():  # 16 kernels as one picture, with gaps
        framed = np.pad(np.moveaxis(W[:, :, 0], -1, 0), [(0, 0), (0, 1), (0, 1)], constant_values=np.nan)
        mosaics.append(framed.reshape(4, 4, 4, 4).swapaxes(1, 2).reshape(16, 16)[:-1, :-1])
    fig = parts.images(mosaics, list(named), 3.1, [_signed(1)] * len(named))
    fact = say("{count} kernels: random before training, the same after it, and another seed's.", count=W.shape[-1])
    return show(fig, fact)


def shifts(steps, shares, ink):
    """Test accuracy by the shift in pixels: {name: (steps,)}. ink: each column's share of it"""
    labels = {"title": say("Mean of five seeds"), "xlabel": say("shift to the right, in pixels")}
    fig, ax = figure(height=2.8, xticks=steps, ylabel=say("test accuracy"), **labels)
    parts.curves(ax, steps, shares, ("o-", "s--", "^:"))
    parts.legend_beside(ax)
    fact = say(
        "Test accuracy by shift, from {low} to {high} pixels. All curves fall with a shift to either side, and at a "
        "shift of one pixel that of the MLP falls most. The first column holds {first:.1%} of the ink, and the last "
        "column {last:.1%}.",
        low=steps[0],
        high=steps[-1],
        first=ink[0],
        last=ink[-1],
    )
    return show(fig, fact)


def mistakes(x, y, p, chosen):
    """The images chosen: above each its true class and that of the highest probability. x (n, 8, 8, 1), y (n,), p (n, 10)"""
    titles = [f"{y[i]}: {p[i, y[i]]:.0%}\n{p[i].argmax()}: {p[i].max():.0%}" for i in chosen]
    fig = parts.images(x[chosen, :, :, 0], titles, 2.2, [INK] * len(chosen))
    fact = say(
        "The {count} test images to whose true class the network gives the least probability.", count=len(chosen)
    )
    return show(fig, fact)
