"""The figures of chapter 0b: a curve with its tangents. Its facts are said in words."""

import numpy as np

from ..text import joined, say
from .figures import figure, show


def curve_with_tangents(function, slopes, run=0.0, reach=2.2):
    """The curve of a function from -reach to reach, with a tangent at each place of slopes.

    function   of an array of numbers, entry by entry
    slopes     {place x: slope of the tangent there}
    run        where it is not 0, rise and run of a nudge that long are drawn at the first place, and the line through its ends
    """
    fig, ax = figure(width=5.4, height=3.4, xlabel="$x$", ylabel="$y$")
    x = np.linspace(-reach, reach, 181)
    ax.plot(x, function(x), label=say("the curve"))
    facts = [say("The curve from x = {low:g} to {high:g}.", low=-reach, high=reach)]
    styles = ("--", "-.", ":")
    for (place, slope), style in zip(slopes.items(), styles, strict=False):
        ends, height = place + np.array([-0.9, 0.9]), function(place)
        ax.plot(ends, height + slope * (ends - place), style, label=say("tangent, slope {slope:.2f}", slope=slope))
        ax.plot(place, height, "o", color="black", markersize=4)
        facts.append(say("At x = {place:g} the tangent has the slope {slope:.2f}.", place=place, slope=slope))
    if run:
        place = next(iter(slopes))
        low, high = function(place), function(place + run)
        ax.plot([place, place + run, place + run], [low, low, high], color="grey", linewidth=1)
        ax.plot(
            [place, place + run],
            [low, high],
            ":",
            label=say("a nudge of {run:g}: slope {slope:.2f}", run=run, slope=(high - low) / run),
        )
        ax.text(place + run / 2, low, say("run"), ha="center", va="top")
        ax.text(place + run, (low + high) / 2, " " + say("rise"), va="center")
        facts.append(
            say(
                "A run of {run:g} from there gives a rise of {rise:g}: the line through both ends has the slope {slope:.2f}.",
                run=run,
                rise=high - low,
                slope=(high - low) / run,
            )
        )
    ax.legend(loc="upper center", frameon=False)  # where no curve is
    return show(fig, joined(*facts))
