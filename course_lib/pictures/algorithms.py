"""The figures of chapter 3: losses of many runs, when to stop them, and how large a batch, with their facts in words."""

import numpy as np

from ..text import say
from . import parts
from .figures import figure, show
from .style import BLUE, VERMILLION


def one_run(training, validation):
    """Training and validation loss by epoch."""
    labels = {"title": say("One of twenty runs"), "xlabel": say("epoch"), "ylabel": say("loss")}
    fig, ax = figure(height=3, ylim=(0.1, 0.7), **labels)
    parts.curves(ax, range(len(training)), {say("training"): training, say("validation"): validation})
    ax.legend()
    fact = say(
        "Training loss falls to {training:.2f}; validation falls to {lowest:.2f}, then rises to {end:.2f}.",
        training=training[-1],
        lowest=validation.min(),
        end=validation[-1],
    )
    return show(fig, fact)


def stopping_rules(results):
    """The test loss of each run under each rule, and the medians. results: {rule: (runs,)}"""
    labels = {"title": say("Twenty runs under five rules"), "xlabel": say("test loss of the weights kept")}
    fig, ax = figure(**labels)
    medians = {rule: np.median(losses) for rule, losses in results.items()}
    for row, (rule, losses) in enumerate(results.items()):
        ax.plot(losses, np.full(len(losses), row), "o", alpha=0.4, color=BLUE)
        ax.plot(medians[rule], row, "|", markersize=24, color=VERMILLION)
    ax.set_yticks(range(len(results)), results)
    facts = [say("{rule} {median:.3f}", rule=rule, median=median) for rule, median in medians.items()]
    fact = say(
        "Dots: test loss of twenty runs under five rules. Medians, marked: {medians}.", medians=say("; ").join(facts)
    )
    return show(fig, fact)


def batch_sizes(rates, ends, epochs, examples):
    """The loss after so many epochs over so many examples, by learning rate. ends: {batch size: (runs, rates)}"""
    runs = len(next(iter(ends.values())))
    title = say("Each example seen {epochs} times, median of {runs}", epochs=epochs, runs=runs)
    fig, ax = figure(title=title, xlabel=say("learning rate"), xscale="log")
    medians = {size: np.median(losses, axis=0) for size, losses in ends.items()}
    named = {
        say("batch size {size}: {steps:,} steps", size=size, steps=epochs * examples // size): median
        for size, median in medians.items()
    }
    parts.curves(ax, rates, named, ("o-", "s--", "^:"))
    ax.set(ylabel=say("loss"), ylim=(0, 1.2))
    ax.legend(loc="upper left")
    facts = [say("batch size {size}: {loss:.1f}", size=size, loss=median.min()) for size, median in medians.items()]
    fact = say("Loss at the end by learning rate. Lowest median: {facts}.", facts=say("; ").join(facts))
    return show(fig, fact)
