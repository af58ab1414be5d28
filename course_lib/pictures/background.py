"""The figure of chapter 1: what weight and bias do to a sigmoid, with its facts in words."""

import numpy as np

from ..text import say
from . import parts
from .figures import figure, show


def sigmoids(inputs, answers):
    """Sigmoid curves {name: (inputs,)}."""
    fig, ax = figure(height=2.8, title="$a = \\sigma(wx + b)$", xlabel=say("input $x$"), ylabel="$a$")
    parts.curves(ax, inputs, answers, ("-", "--", ":"))
    ax.legend(frameon=False)
    slopes = {name: np.gradient(a, inputs) for name, a in answers.items()}
    facts = [
        say(
            "{name}: steepest slope {slope:.2f}, at x = {place:.0f}",
            name=name,
            slope=slope.max(),
            place=inputs[slope.argmax()],
        )
        for name, slope in slopes.items()
    ]
    low, high = np.min([*answers.values()]), np.max([*answers.values()])
    fact = say("Sigmoid curves from {low:.0f} to {high:.0f}. {facts}.", low=low, high=high, facts=say("; ").join(facts))
    return show(fig, fact)
