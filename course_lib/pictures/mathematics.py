"""The figures of chapter 4: each shows measured numbers, and says its facts in words."""

import numpy as np

from ..text import say
from . import parts
from .figures import figure, show


def saturated_unit(z, answer, squared, entropy):
    """The error dL/dz of a sigmoid unit whose target is 1, by z, with half the squared error and with cross-entropy."""
    labels = {"title": say("A sigmoid unit whose target is 1"), "xlabel": "z", "ylabel": say("error")}
    fig, ax = figure(height=2.8, **labels)
    parts.curves(ax, z, {say("half squared error"): squared, say("cross-entropy"): entropy})
    ax.legend(frameon=False)
    at = np.abs(z + 6).argmin()
    fact = say(
        "Error by z. At z = {z:g} the answer is {answer:.4f}, and the error {squared:.4f} for squared error, {entropy:.4f} for "
        "cross-entropy.",
        z=z[at],
        answer=answer[at],
        squared=squared[at],
        entropy=entropy[at],
    )
    return show(fig, fact)


def two_directions(H, path, Q, eigenvalues, factors):
    """A path of gradient descent on the contours of wᵀHw / 2, and its distance along each eigenvector, a column of Q: as dots,
    and as lines factor^k, with the factors |1 - eta lambda|. path: (steps + 1, 2)
    """
    labels = {"xlabel": ["u", say("step")], "ylabel": ["v", say("distance left")]}
    fig, (plane, ax) = figure(2, yscale=["linear", "log"], ylim=[(-3, 3), (0.005, 10)], height=3.6, **labels)
    plane.set_aspect("equal")
    u, v = np.meshgrid(np.linspace(-5, 5, 120), np.linspace(-3, 3, 80))
    heights = (H[0, 0] * u**2 + 2 * H[0, 1] * u * v + H[1, 1] * v**2) / 2
    plane.contour(u, v, heights, levels=[0.5, 2, 5, 10, 18, 30], colors="grey", linewidths=0.6)
    plane.plot(*np.transpose(path), "k.-", linewidth=1)
    left = np.abs(path @ Q)
    for q, errors, eigenvalue, factor, look in zip(Q.T, left.T, eigenvalues, factors, ("-", "--"), strict=True):
        (line,) = ax.plot(errors[0] * factor ** np.arange(len(errors)), look, label=f"λ = {eigenvalue:.0f}")
        ax.plot(errors, "o", color=line.get_color())
        plane.plot(*np.outer(q, [-3, 3]), look, color=line.get_color())
    parts.legend_beside(ax)
    flat, steep = left[1] / left[0]
    fact = say(
        "The path zigzags along the flat direction. Each step multiplies the distance by {flat:.2f} in the flat direction "
        "and by {steep:.2f} in the steep one.",
        flat=flat,
        steep=steep,
    )
    return show(fig, fact)


def paths(named):
    """Paths to a minimum at (0, 0), side by side: {name: (steps + 1, 2)}, all from one start."""
    fig, axes = figure(len(named), height=2.6, sharey=True, title=list(named), xlabel="u")
    for ax, path in zip(axes, named.values(), strict=True):
        ax.plot(*path.T, ".-", markersize=4, linewidth=0.8)
        ax.plot(0, 0, "k+", markersize=12)
    (u, v), steps = path[0], len(path) - 1
    ends = say("; ").join(f"{name} {np.linalg.norm(path[-1]):.2f}" for name, path in named.items())
    fact = say(
        "Two paths of {steps} steps from ({u:g}, {v:g}) in a valley. Distance from the minimum at the end: {ends}.",
        steps=steps,
        u=u,
        v=v,
        ends=ends,
    )
    return show(fig, fact)


def momentum_factors(factor, observed, betas, tried):
    """The factor per step of momentum by beta: factor(beta) as a line over betas, observed(beta) as dots at those tried."""
    fig, ax = figure(title=say("One direction"), xlabel="β", ylabel=say("factor per step"))
    computed, seen = [factor(beta) for beta in betas], [observed(beta) for beta in tried]
    ax.plot(betas, computed)
    ax.plot(tried, seen, "o")
    ax.text(0.1, 0.72, say("creeps"))
    ax.text(0.8, 0.72, say("swings"))
    factors = [
        say("{observed:.2f} ({computed:.2f})", observed=each, computed=factor(beta))
        for beta, each in zip(tried, seen, strict=True)
    ]
    fact = say(
        "Factor per step, measured (and computed), for beta {tried}: {factors}. Lowest near beta = {best:.2f}.",
        tried=tried,
        factors=say(", ").join(factors),
        best=betas[np.argmin(computed)],
    )
    return show(fig, fact)


def schedules(runs, floor=1e-12):
    """The loss above its minimum by epoch, the median of several seeds, not below floor. runs: {name: (seeds, epochs)}"""
    fig, ax = figure(title=say("Loss above its minimum"), yscale="log", ylim=(1e-6, 10), width=7.5)
    ax.set_xlabel(say("epoch"))
    medians = {name: np.maximum(np.median(curves, axis=0), floor) for name, curves in runs.items()}
    seeds, epochs = np.shape(next(iter(runs.values())))
    parts.curves(ax, range(1, epochs + 1), medians, marker="o", markersize=4)
    parts.legend_beside(ax)
    facts = [
        say("{name} {first:.1g} and {last:.1g}", name=name, first=curve[0], last=curve[-1])
        for name, curve in medians.items()
    ]
    fact = say(
        "Loss above its minimum, the median of {seeds} seeds, after the first epoch and after the last ({floor:g} "
        "stands for {floor:g} or less): {facts}.",
        seeds=seeds,
        floor=floor,
        facts=say("; ").join(facts),
    )
    return show(fig, fact)
