"""The figures of chapter 9: each shows measured numbers, and says its facts in words."""

import numpy as np

from ..text import against, measured, say
from . import parts
from .figures import figure, show
from .style import BLUE, GREEN, ORANGE, PURPLE, VERMILLION


def accuracies(share, choice, tasks, networks):
    """A table in blue: how much of each task each network gets right, in %, and the choices framed.

    share    (tasks, networks, seeds), tasks and networks in the order of the chapter; choice   (tasks,): a network for each
    tasks, networks   their names
    """
    mean, networks = share.mean(axis=2), list(networks)
    title = say("Accuracy in %, mean of {seeds} seeds; framed: the choice", seeds=share.shape[2])
    fig, ax = figure(height=3.2, title=title)
    ax.imshow(mean, cmap="Blues", vmin=0, vmax=1.4, aspect="auto")
    for (task, network), right in np.ndenumerate(mean):
        ax.text(network, task, f"{100 * right:.0f}", ha="center", va="center")
    frame = {"markersize": 34, "fillstyle": "none", "markeredgewidth": 2, "color": VERMILLION}
    ax.plot(choice, range(len(choice)), "s", **frame)
    ax.set(xticks=range(len(networks)), xticklabels=networks, yticks=range(len(choice)), yticklabels=tasks)
    ax.grid(False)
    fact = say(
        "We would choose the {images} for images and the {commands} for commands. On images the CNN gets {cnn} right "
        "and the MLP {mlp}. On shuffled images the best network gets {shuffled}. On commands the GRU gets {gru}.",
        images=networks[choice[0]],
        commands=networks[choice[3]],
        cnn=against(mean[0, 1], 0.6, ".0%"),
        mlp=against(mean[0, 0], 0.5, ".0%"),
        shuffled=against(mean[1].max(), 0.5, ".0%"),
        gru=against(mean[3, 2], 0.98, ".0%"),
    )
    return show(fig, fact)


def leads(gaps, interval):
    """The chapter's nine leads in points, {what leads where: (seeds,)}, each with its interval(values)."""
    fig, ax = figure(height=3.2, title=say("Lead in points, 95 % interval"))
    sure = list(map(interval, gaps.values()))
    parts.rows(ax, gaps, sure)
    *_, as_they_like, _ = gaps.values()
    fact = say(
        "Leads in points, with 95 % intervals. The CNN leads the MLP by {images} on images; on shuffled images the "
        "interval begins at {shuffled}. On commands the GRU leads the CNN by {commands}. On speech the lead of the "
        "residual net over the MLP is {hurried} after eight epochs, and {own} on average when each network has its "
        "own number of epochs.",
        images=measured(sure[0], 20),
        shuffled=measured(sure[2][0], 0),
        commands=measured(sure[4], 5),
        hurried=measured(sure[8], 0),
        own=measured(as_they_like.mean(), 3),
    )
    return show(fig, fact)


def depth(norms, losses):
    """Gradient norm by layer and loss by epoch, each run pale and their median; both {name: (seeds, layers or epochs)}.

    First a shallow network, a deep one, the deep one with He and Adam, then those with shortcut and normalisation.
    """
    titles = [say("Gradient norm"), say("Loss")]
    fig, (left, right) = figure(2, height=3.4, xlabel=[say("layer"), say("epoch")], title=titles)
    looks = zip((".:", ".--", "x--", ".-", "x-"), (BLUE, VERMILLION, ORANGE, GREEN, PURPLE), strict=True)
    for name, (mark, colour) in zip(norms, looks, strict=False):
        for ax, runs in ((left, norms[name]), (right, losses[name])):
            places = range(1, len(runs[0]) + 1)
            ax.plot(places, np.transpose(runs), color=colour, alpha=0.2)
            ax.plot(places, np.median(runs, axis=0), mark, color=colour, label=name)
    left.set(yscale="log", xticks=[1, 5, 10, 15, 20])
    right.set(ylim=(0, 6))
    right.legend(loc="upper right")  # where no curve is
    few, many, *_ = norms
    second = [np.array(norms[name])[:, 1] for name in (few, many)]
    shallow, deep, adam, *shortcut = (np.array(runs)[:, -1] for runs in losses.values())
    fact = say(
        "Five seeds. With {many}, the second layer gets {share} of the gradient that it gets with {few}. Loss at the "
        "end, for all seeds: {shallow} with {few}; {deep}, as by guessing, with {many}; {adam} with He and Adam; "
        "{shortcut} with shortcut and normalisation, with either optimizer.",
        few=few,
        many=many,
        share=against(max(second[1] / second[0]), 0.02, ".0%"),
        shallow=against(max(shallow), 1),
        deep=against(min(deep), 2.2),
        adam=against(max(adam), 1.5),
        shortcut=against(np.max(shortcut), 0.4),
    )
    return show(fig, fact)


def range_test(ramp, losses, rate, runs):
    """A range test, the rate that it advises, and trainings at multiples of that rate.

    ramp, losses   (steps,): the growing rate, and the loss at each        runs   {multiple: (seeds, epochs)} losses
    The multiples are a third, one, three and ten.
    """
    titles = [say("Loss in the range test"), say("Loss in training")]
    fig, (left, right) = figure(2, height=2.8, xlabel=[say("learning rate"), say("epoch")], title=titles)
    left.semilogx(ramp, losses)
    left.axvline(rate, color=GREEN, linestyle="--")
    medians = {f"× {multiple:.2g}": np.median(all_, axis=0) for multiple, all_ in runs.items()}
    epochs = range(1, next(iter(runs.values())).shape[1] + 1)
    parts.curves(right, epochs, medians, (":", "--", "-.", "-"))
    right.legend(loc="upper center", ncol=4, fontsize=9)
    left.set(ylim=(0, 5))
    right.set(yscale="log", xticks=epochs, ylim=(0.1, 5000))  # room for the legend
    third, rule, three, ten = (all_[:, -1] for all_ in runs.values())
    fact = say(
        "Loss after {epochs} epochs, over all five seeds. The rule takes half the rate at which the loss of the "
        "range test was lowest, and with this half the loss is at most {rule}. With a third of the rule's rate the "
        "loss is {third} times as large, with three times the rule's rate it is {three} times as large, and with ten "
        "times the rule's rate the loss itself is {ten}.",
        epochs=len(epochs),
        rule=measured(max(rule), 0.4),
        third=measured(third / rule, 2),
        three=measured(three / rule, 1),
        ten=against(min(ten), 3),
    )
    return show(fig, fact)


def searches(shares, interval):
    """The share of all settings that is better than the best one found, by trial: medians, and the middle half as a band.

    shares   {"grid", "random", "Bayesian", in this order: (repeats, trials)}        interval   of the mean of differences
    """
    fig, ax = figure(height=3, title=say("Share of the map that is better"), xlabel=say("trial"), yscale="log")
    for (name, repeats), look in zip(shares.items(), ("--", ":", "-"), strict=True):
        low, middle, high = np.quantile(repeats + 0.003, [0.25, 0.5, 0.75], axis=0)
        trials = range(1, len(middle) + 1)
        (line,) = ax.plot(trials, middle, look, label=name)
        ax.fill_between(trials, low, high, color=line.get_color(), alpha=0.15)
    ax.set(xticks=[1, 5, 10, 15, 20, 25], yticks=[0.01, 0.1, 1], yticklabels=["1 %", "10 %", say("all")])
    ax.legend()
    *rivals, bayesian = (repeats[:, -1] for repeats in shares.values())
    grid, random = (measured(interval(rival - bayesian), 0, form=".1%") for rival in rivals)
    fact = say(
        "Medians and middle half of {repeats} repeats. At the end the 95 % interval of the lead of Bayesian search, "
        "as a share of the map, is {random} over random search and {grid} over the grid.",
        repeats=len(bayesian),
        random=random,
        grid=grid,
    )
    return show(fig, fact)


def batch_sizes(rates, sizes, equal):
    """Validation loss over the rate for three batch sizes, after as many steps and after as many epochs.

    equal   {"100 steps": (sizes, rates), "5 epochs": the same}, in this order
    """
    titles = [say("Validation loss after {time}", time=time) for time in equal]
    labels = {"xlabel": say("learning rate"), "xscale": "log", "yscale": "log", "ylim": (0.1, 5)}
    fig, axes = figure(2, height=3, title=titles, **labels)
    for ax, runs in zip(axes, equal.values(), strict=True):
        named = {say("batches of {size}", size=size): run for size, run in zip(sizes, runs, strict=True)}
        parts.curves(ax, rates, named, ("o:", "s--", "^-"))
        parts.ticks(ax.yaxis, [0.1, 0.3, 1, 3])
    axes[0].legend(loc="upper left")  # where no curve is
    by_steps, by_epochs = map(np.array, equal.values())
    at_a_tenth, best_by_steps, best_by_epochs = by_steps[:, 1], by_steps.min(axis=1), by_epochs.min(axis=1)
    fact = say(
        "After the same number of steps at rate {rate:g}, the largest loss divided by the smallest is {ratio}. After "
        "the same number of steps, with each size at its best rate, the loss with batches of {large} is {steps} "
        "times that with batches of {small}. After the same number of epochs, at the best rates, it is {epochs} "
        "times that.",
        rate=rates[1],
        ratio=against(max(at_a_tenth) / min(at_a_tenth), 1.15),
        steps=against(best_by_steps[2] / best_by_steps[0], 0.7),
        epochs=against(best_by_epochs[2] / best_by_epochs[0], 2),
        large=sizes[2],
        small=sizes[0],
    )
    return show(fig, fact)


def noise_floor(quotients, floors, slope):
    """The loss that is left by rate / batch size, and the line slope * quotient. floors: {batch size: (quotients,)}, three."""
    labels = {"title": say("Noise floor"), "xlabel": say("learning rate / batch size")}
    fig, ax = figure(height=3, xscale="log", yscale="log", ylim=(0.002, 0.1), **labels)
    for (size, heights), mark in zip(floors.items(), "os^", strict=True):
        label = say("batches of {size}, rates up to {rate:g}", size=size, rate=quotients[-1] * size)
        ax.plot(quotients, heights, mark, label=label)
    ax.plot(quotients, slope * quotients, color="grey", label=say("{slope} · rate / batch size", slope=slope))
    parts.ticks(ax.xaxis, quotients)
    ax.legend()
    *smaller, large = (heights / (slope * quotients) for heights in floors.values())
    fact = say(
        "The floors are means over seeds. With the two smaller batch sizes they lie at {smaller} times the height of "
        "the line, which is proportional to rate / batch size. With batches of {size} and the largest rate the floor "
        "lies at {large} times that height.",
        smaller=measured(smaller, 0.75, 1.25),
        size=size,
        large=measured(large[-1], 1.2),
    )
    return show(fig, fact)


def distances(medians, points):
    """Distance to the sine by epoch: {epoch: medians (with noise, without)}. points: (draws, points, ...), as learned from."""
    fig, ax = figure(height=2.6, title=say("Squared distance to the sine"), xlabel=say("epoch"))
    epochs, (noisy, exact) = list(medians), np.transpose(list(medians.values()))
    draws, count, *_ = points.shape
    names = say("{count} noisy points", count=count), say("{count} exact points", count=count)
    ax.loglog(epochs, np.transpose([noisy, exact]), "o-", label=names)
    ax.legend()
    fact = say(
        "The median distance of {draws} draws is lowest after {best} epochs, and after {end:,} epochs it is {rise} "
        "times as large. Without noise the distance is lowest after {exact} epochs. At the end it is {fall} times as "
        "large as in the epoch that was best with noise.",
        draws=draws,
        best=measured(epochs[noisy.argmin()], 200, 2000, form=","),
        end=epochs[-1],
        rise=measured(noisy[-1] / noisy.min(), 2),
        exact=measured(epochs[exact.argmin()], 2000, form=","),
        fall=measured(exact[-1] / exact[noisy.argmin()], 0.1),
    )
    return show(fig, fact)
