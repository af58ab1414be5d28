"""The figures of chapter 8: who is ahead and by how much, and what over-fitting costs, with their facts in words."""

import numpy as np

from ..text import against, measured, say
from . import parts
from .figures import figure, show


def _compared(panels, interval, height):
    """A figure with rows of dots and intervals in each panel, {title: {name: (seeds, ...)}}, and the intervals."""
    fig, axes = figure(len(panels), height=height, title=list(panels))
    intervals = []
    for ax, gaps in zip(axes, panels.values(), strict=True):
        intervals.append({name: interval(gap) for name, gap in gaps.items()})
        means = {name: gap.reshape(len(gap), -1).mean(axis=1) for name, gap in gaps.items()}
        parts.rows(ax, means, intervals[-1].values())
    return fig, intervals


def rivals(panels, interval):
    """What rivals of logistic regression are ahead, and what they cost more: {title: {rival: (seeds, loans)}}, in this order.

    The first of the rivals is the network that is not tuned. interval(gap) is over the loans.
    """
    fig, (ahead, dearer) = _compared(panels, interval, height=2.4)
    untuned, *others = ahead
    level = [name for name in others if np.prod(ahead[name]) < 0 and np.prod(dearer[name]) < 0]
    fact = say(
        "Compared with logistic regression, with 95 % intervals over the loans, the untuned network is ahead by this "
        "many points: {points}. It costs more per loan by this much: {cost}. Both intervals contain zero for these: "
        "{level}.",
        points=measured(ahead[untuned], 0),
        cost=measured(dearer[untuned], 0.1),
        level=parts.enumerated(level),
    )
    return show(fig, fact)


def more_epochs(losses, title):
    """Training and validation loss by epoch, a logarithmic axis. losses: {epoch: (training, validation)}"""
    epochs, (training, validation) = np.array(list(losses)), np.transpose(list(losses.values()))
    fig, ax = figure(height=2.8, title=title, xlabel=say("epoch"), ylabel=say("loss"), xscale="log")
    named = {say("training (mean)"): training, say("validation (median)"): validation}
    parts.curves(ax, epochs, named, ("o-", "s--"))
    ax.legend()
    fact = say(
        "Training and validation loss over {epochs:,} epochs. The validation loss is lowest at epoch {best}; at the end it is "
        "{rise} times as large. The training loss falls to {training}, and that bound is the variance of the noise.",
        epochs=epochs[-1],
        best=measured(epochs[validation.argmin()], 1000, form=","),
        rise=measured(validation[-1] / validation.min(), 1.5),
        training=measured(training[-1], 0.09),
    )
    return show(fig, fact)


def remedies(panels, interval):
    """The test loss that remedies save, in %, at one rate and each at its own: {title: {remedy: (seeds,)}}, in this order.

    The second remedy at one rate is a smaller rate, and the last but one at its own has twice the images.
    """
    fig, intervals = _compared(panels, interval, height=3)
    above = [[name for name, (low, _) in sure.items() if low > 5] for sure in intervals]
    (_, smaller, *_), (*_, twice, _) = (saved.values() for saved in panels.values())
    fact = say(
        "Five seeds, per cent of the test loss saved. With one rate for all but the smaller rate, the 95 % interval "
        "lies above five per cent for these: {one_rate}. With a rate of its own for each, it does so for these: "
        "{own}. On average a smaller rate alone saves {smaller} %, and twice the images at their own rate save "
        "{twice} %.",
        one_rate=parts.enumerated(above[0]),
        own=parts.enumerated(above[1]),
        smaller=against(smaller.mean(), 20),
        twice=against(twice.mean(), 10),
    )
    return show(fig, fact)
