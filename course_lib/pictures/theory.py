"""The figures of chapter 4b: each draws measured numbers beside what a theorem says, and says its facts in words."""

import numpy as np

from ..text import joined, say
from . import parts
from .figures import figure, show


def along_a_step(rates, losses, corner_rates, corner_losses, *, squared_gradient, most_curvature):
    """Two losses along minus the gradient, by rate: a smooth one below the descent lemma's parabola, and one with a corner.

    squared_gradient, most_curvature   |g|^2 at the start, and the largest curvature along the way, of the smooth one
    """
    titles = [say("XOR network"), say("|x| from {start:g}", start=corner_losses[0])]
    fig, (smooth, corner) = figure(2, xlabel=say("rate"), ylabel=[say("loss"), ""], title=titles)
    tangent = losses[0] - rates * squared_gradient
    bound = tangent + rates**2 * most_curvature * squared_gradient / 2
    named = {say("loss"): losses, say("tangent"): tangent, say("bound of the lemma"): bound}
    parts.curves(smooth, rates, named, ("-", "--", ":"))
    smooth.axvline(2 / most_curvature, color="grey", linewidth=0.8)
    smooth.text(2 / most_curvature, tangent[-1], " 2 / M", va="bottom")
    smooth.legend()
    corner.plot(corner_rates, corner_losses)
    fact = say(
        "At the rate 2/M = {limit:.2f} the parabola is back at {start:.3f}, where it began, and the loss at {end:.3f}, the "
        "tangent at {tangent:.3f}. With a corner the loss falls up to the rate {corner:.2g} and then rises, to {high:.2f} at "
        "the rate {last:.2f}.",
        limit=2 / most_curvature,
        start=losses[0],
        end=np.interp(2 / most_curvature, rates, losses),
        tangent=np.interp(2 / most_curvature, rates, tangent),
        corner=corner_rates[corner_losses.argmin()],
        high=corner_losses[-1],
        last=corner_rates[-1],
    )
    return show(fig, fact)


def linear_rate(excess, bound, slow):
    """The loss above its minimum step by step: measured, as the theorem bounds it, and of a loss that has no curvature."""
    fig, ax = figure(yscale="log", xlabel=say("step"), ylabel=say("loss above its minimum"), ylim=(1e-9, 1))
    named = {say("logistic regression"): excess, say("bound of the theorem"): bound, "$u^4$": slow}
    parts.curves(ax, range(len(excess)), named, ("-", "--", ":"))
    parts.legend_beside(ax)
    fact = say(
        "After {steps} steps the measured loss is {measured:.1e} above its minimum, the bound {bound:.1e}. In the end both are "
        "straight lines on a logarithmic axis. The line of u to the fourth bends, and is at {slow:.1e}.",
        steps=len(excess) - 1,
        measured=excess[-1],
        bound=bound[-1],
        slow=slow[-1],
    )
    return show(fig, fact)


def noise_floors(rates, measured, formula):
    """Variance at rest over the rate: dots for each batch size, lines for formula(rate, size). measured: {size: (rates,)}"""
    fig, ax = figure(yscale="log", xlabel=say("rate"), ylabel=say("variance of w at rest"))
    smooth = np.linspace(rates[0], rates[-1], 200)
    for (size, dots), mark in zip(measured.items(), "os^", strict=False):
        [line] = ax.plot(smooth, formula(smooth, size))
        ax.plot(rates, dots, mark, color=line.get_color(), label=say("batches of {size}", size=size))
    parts.legend_beside(ax)
    worst = max(np.abs(dots / formula(rates, size) - 1).max() for size, dots in measured.items())
    first, last = formula(rates[0], 1), formula(rates[-1], 1)
    fact = say(
        "Measured variances lie within {worst:.0%} of the formula. With single examples the variance by the formula "
        "grows from {first:.3f} at rate {low:g} to {last:.2f} at rate {high:g}.",
        worst=np.ceil(worst * 20) / 20,
        first=first,
        last=last,
        low=rates[0],
        high=rates[-1],
    )
    return show(fig, fact)


def difference_errors(steps, errors, bounds):
    """Relative errors of central differences over h, for each type of number, as dots; bounds as lines, the lowest marked."""
    fig, ax = figure(xscale="log", yscale="log", xlabel="h", ylabel=say("relative error"), ylim=(1e-13, 10))
    best = {name: steps[bound.argmin()] for name, bound in bounds.items()}
    for name, mark in zip(errors, "os", strict=False):
        [line] = ax.plot(steps, bounds[name])
        ax.plot(steps, np.maximum(errors[name], 1e-13), mark, markersize=4, color=line.get_color(), label=name)
        ax.axvline(best[name], color=line.get_color(), linewidth=0.8, linestyle=":")
    parts.legend_beside(ax)
    facts = [
        say(
            "{name}: the bound is smallest at h = {best:.0e}. The measured error is {error:.0e} near this h and "
            "{small:.0e} at h = 1e-6.",
            name=name,
            best=best[name],
            error=errors[name][np.abs(np.log(steps / best[name])).argmin()],
            small=errors[name][np.abs(np.log(steps / 1e-6)).argmin()],
        )
        for name in errors
    ]
    return show(fig, joined(*facts))


def through_layers(forward, backward):
    """Mean squares of the signal and of the gradient, layer by layer. Both: {name of a start: (layers,)}, in forward order"""
    titles = [say("signal, mean square"), say("gradient, mean square")]
    fig, axes = figure(2, xlabel=say("layer"), yscale="log", title=titles, width=10)
    for ax, curves in zip(axes, (forward, backward), strict=True):
        parts.curves(ax, range(1, len(next(iter(curves.values()))) + 1), curves)
    parts.legend_beside(axes[1])
    facts = [
        say(
            "{name}: signal {first:.1g} in layer 1 and {last:.1g} in layer {layers}, gradient {late:.1g} in the last and "
            "{early:.1g} in the first layer.",
            name=name,
            first=forward[name][0],
            last=forward[name][-1],
            layers=len(forward[name]),
            late=backward[name][-1],
            early=backward[name][0],
        )
        for name in forward
    ]
    return show(fig, joined(*facts))
