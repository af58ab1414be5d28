"""The figures of chapter 5: sharpness, and how many seeds solve XOR, with their facts in words."""

import numpy as np

from ..text import measured, say
from .figures import figure, show


def sharpness(watched, rate, title):
    """The first run's sharpness by epoch, and where its next step raises the loss. watched: runs, each (loss, sharpness)."""
    jumps = [np.flatnonzero(np.diff(losses) > 0) for losses, _ in watched]  # places before a rise
    lowest = [curved[jump].min(initial=np.inf) for (_, curved), jump in zip(watched, jumps, strict=True)]
    (_, first), *_ = watched
    limit = 2 / rate
    fig, ax = figure(height=2.6, title=title, xlabel=say("epoch"), ylabel=say("sharpness"))
    ax.plot(range(1, len(first) + 1), first, label=say("each epoch"))
    ax.plot(jumps[0] + 1, first[jumps[0]], "o", label=say("the next step raises the loss"))
    ax.axhline(limit, linestyle="--", color="black", label=say("2 / rate"))
    ax.legend()
    fact = say(
        "In the first run the lowest sharpness before a rise is {lowest}. The lowest sharpness before a rise is "
        "above 2/rate in {above} of {runs} seeds. At the end the sharpness is below 2/rate in {below} of them.",
        lowest=measured(lowest[0], round(limit, 2)),
        above=sum(low > limit for low in lowest),
        runs=len(watched),
        below=sum(curved[-1] < limit for _, curved in watched),
    )
    return show(fig, fact)


def solved_by_scale(scales, shares, title):
    """The share of seeds that solve XOR, by the scale of the initial weights."""
    labels = {"xlabel": say("initial scale"), "ylabel": say("share solved")}
    fig, ax = figure(title=title, xscale="log", **labels)
    ax.plot(scales, shares, "o-")
    facts = [
        say("{share:.0%} at {scale:g}", share=share, scale=scale) for scale, share in zip(scales, shares, strict=True)
    ]
    fact = say(
        "Share of seeds that solve XOR by the scale of the initial weights: {facts}.", facts=say(", ").join(facts)
    )
    return show(fig, fact)


def solved_by_units(units, shares, title):
    """The share of seeds that solve XOR, by the number of hidden units."""
    fig, ax = figure(title=title, xlabel=say("hidden units"), ylabel=say("share solved"))
    ax.bar(units, shares)
    facts = [say("{share:.0%} with {units}", share=share, units=h) for h, share in zip(units, shares, strict=True)]
    fact = say("Share of seeds that solve XOR by the number of hidden units: {facts}.", facts=say(", ").join(facts))
    return show(fig, fact)
