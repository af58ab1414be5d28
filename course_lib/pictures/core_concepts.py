"""The figures of chapter 2: balls that roll down, and the gradient on contours, with their facts in words."""

import numpy as np

from ..text import say
from .figures import figure, show


def balls(paths, rates):
    """Balls on x^2, one a panel, step by step. paths: {name: (steps + 1,)}, all from one start; rates: {name: rate}"""
    fig, axes = figure(len(paths), width=9.6, height=2.4, sharey=True, title=list(paths), xlabel="x")
    x, facts = np.linspace(-1.5, 1.5, 101), []
    for ax, (name, path) in zip(axes, paths.items(), strict=True):
        ax.plot(x, x**2, color="0.7")
        ax.plot(path, path**2, "o-", markersize=4, linewidth=1)
        sentence = say(
            "{name}, rate {rate}: factor {factor:.2f}, x = {x:.3f}",
            name=name,
            rate=rates[name],
            factor=path[1] / path[0],
            x=path[-1],
        )
        facts.append(sentence)
    fact = say(
        "A ball on x^2 from x = {start:g}, after {steps} steps. {facts}.",
        start=path[0],
        steps=len(path) - 1,
        facts=say("; ").join(facts),
    )
    return show(fig, fact)


def ways(here, named, off, across):
    """Contours of u^2 + 25 v^2, and ways from a place: {name: (2,)}, first the step, then the way to the minimum.

    off, across   the angles between them, and between the step and the contour, in degrees
    """
    fig, ax = figure(width=8, height=2.9, title="$u^2 + 25v^2$", xlabel="u", ylabel="v", aspect="equal")
    u, v = np.meshgrid(np.linspace(-6, 6.5, 121), np.linspace(-1.7, 1.7, 81))
    ax.contour(u, v, u**2 + 25 * v**2, levels=[2, 10, 25, 50, 75], colors="0.7", linewidths=1)
    for (name, way), look in zip(named.items(), ("-", "--"), strict=True):
        ax.plot(*np.transpose([here, here + way]), look, marker="o", markevery=[1], label=name)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    fact = say(
        "Contours of u^2 + 25 v^2. At ({u:g}, {v:g}) the step is {off:.0f} degrees off the way to the minimum and {across:.0f} "
        "degrees to the contour.",
        u=here[0],
        v=here[1],
        off=off,
        across=across,
    )
    return show(fig, fact)


def where_balls_end(curve, ends, counts, title):
    """How many balls end at each minimum of a curve, a function of u. ends, counts: (minima,)"""
    fig, ax = figure(height=2.8, title=title, xlabel="u", ylim=(-0.7, 3))
    u, heights = np.linspace(-1.7, 1.7, 101), curve(ends)
    ax.plot(u, curve(u))
    ax.plot([ends], [heights], "ko")
    facts = []
    for end, count, height in zip(ends, counts, heights, strict=True):
        ax.annotate(say("{count} balls", count=count), (end, height), (end, height + 0.5), ha="center")
        facts.append(say("{count} at u = {end} with f = {height:.3f}", count=count, end=end, height=height))
    fact = say(
        "A curve with {minima} minima. Of {balls} balls, {facts}.",
        minima=len(ends),
        balls=counts.sum(),
        facts=say(", ").join(facts),
    )
    return show(fig, fact)
