"""The figures of chapter 10: a line of symbols, what each part is worth, where heads look, and three sizes."""

import numpy as np
from matplotlib import colormaps

from ..text import measured, say
from . import parts
from .figures import figure, show
from .style import BLACK, BLUE, CHINESE, GREY, LIGHT_GREY, VERMILLION


def line(x, y, symbols):
    """One line as boxes from left to right, and below each place that counts the symbol that is asked for there.

    x, y   (time,) as `number_lines` makes them: symbols, and the one behind each; -1 where it does not count
    """
    asked = np.flatnonzero(y >= 0)
    given = [symbols[i] for i in x[: asked[-1] + 1]]
    below = ["" if behind < 0 else symbols[behind] for behind in y]
    widths = [max(len(symbol), len(next_), 2) + 1.5 for symbol, next_ in zip(given, below, strict=False)]
    places = np.cumsum(widths) - np.divide(widths, 2)
    fig, ax = figure(width=9.6, height=1.3, xlim=(-7, sum(widths)), ylim=(-0.5, 1.5))
    ax.axis("off")
    box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": GREY}
    blue = box | {"facecolor": "#E3F0F8", "edgecolor": BLUE}
    ax.text(-7, 1, say("given"), va="center", color=GREY)
    ax.text(-7, 0, say("asked"), va="center", color=GREY)
    for place, symbol in zip(places, given, strict=True):
        ax.text(place, 1, symbol, ha="center", va="center", fontsize=9, bbox=box)
    for at in asked:
        ax.plot([places[at]] * 2, [0, 1], color=BLUE, linewidth=1)
        ax.text(places[at], 0, below[at], ha="center", va="center", fontsize=9, bbox=blue)
    fact = say(
        "Of the {count} places in the line {given}, {places} count. At {first} the next symbol is {next}, at {last} "
        "it is {end}.",
        given=" ".join(given),
        places=len(asked),
        count=len(given),
        first=given[asked[0]],
        next=below[asked[0]],
        last=given[asked[-1]],
        end=below[asked[-1]],
    )
    return show(fig, fact)


def worth(shares, interval):
    """Shares of numbers right, a dot for each seed and a bar for their mean, and how far the first kind is ahead of each.

    shares     {kind: (seeds,)}, first the kind that the others are compared with, which may have fewer of the same seeds
    interval   of the mean of differences
    """
    first, *others = shares
    titles = [say("Numbers right, in %"), say("{first} minus this, in points", first=first)]
    fig, (left, right) = figure(2, height=0.9 + 0.45 * len(shares), sharey=True, title=titles, width=9.6)
    gaps = {kind: 100 * (shares[first][: len(shares[kind])] - shares[kind]) for kind in others}
    sure = {kind: interval(gap) for kind, gap in gaps.items()}
    parts.rows(right, {first: (), **gaps}, [(np.nan, np.nan), *sure.values()])
    for row, right_of_kind in enumerate(shares.values()):
        left.plot(100 * right_of_kind, [row] * len(right_of_kind), "o", alpha=0.6)
        left.plot(100 * right_of_kind.mean(), row, "|", color="black", markersize=18, markeredgewidth=2)
    left.set(xlim=(-3, 103))
    right.set(xlim=(min(-25, *map(min, gaps.values())) - 3, 103))
    means = [
        say("{kind} {share}", kind=kind, share=measured(share.mean(), 0.5, form=".0%"))
        for kind, share in shares.items()
    ]
    leads = [say("over {kind} {lead}", kind=kind, lead=measured(lead, 40, form=".1f")) for kind, lead in sure.items()]
    fact = say(
        "Means: {means}. Lead of {first} in points, 95 % intervals: {leads}.",
        means=parts.enumerated(means),
        first=first,
        leads=parts.enumerated(leads),
    )
    return show(fig, fact)


def heads(maps, x, y, symbols):
    """Where each head looks when a line is written: a row for each symbol that is asked for, a column for each given one.

    Grey is what comes later and may not be seen.

    maps   (heads, time, time), each row adds up to 1      x, y   (time,) as in `line`
    """
    asked = np.flatnonzero(y >= 0)
    given, written = [symbols[i] for i in x[: asked[-1] + 1]], [symbols[i] for i in y[asked]]
    maps = maps[:, asked, : len(given)]
    later = np.arange(len(given)) > asked[:, None]
    colours = colormaps["Greens"].with_extremes(bad=LIGHT_GREY)
    titles = [say("head {number}", number=number + 1) for number in range(len(maps))]
    fig, axes = figure(len(maps), width=9.6, height=4.2, sharey=True, title=titles)
    for ax, weights in zip(axes, maps, strict=True):
        ax.imshow(np.where(later, np.nan, weights), cmap=colours, vmin=0, vmax=1, aspect="auto")
        ax.grid(False)
        ax.set_xticks(range(len(given)), given)
        for label in ax.get_xticklabels():
            label.set_rotation(0 if CHINESE.fullmatch(label.get_text()) else 90)
    axes[0].set_yticks(range(len(written)), written)
    axes[0].set_ylabel(say("is to be written"))
    apart = (maps[0].argmax(axis=1) != maps[1].argmax(axis=1)).sum()
    fact = say(
        "Rows {rows}, columns {columns}; each row adds up to {sum:.2f}. In {apart} of {count} rows the two heads look most at "
        "different symbols.",
        rows=" ".join(written),
        columns=" ".join(given),
        sum=maps.sum(axis=2).mean(),
        apart=measured(apart, 3),
        count=len(written),
    )
    return show(fig, fact)


def invented(words, known, shown=7):
    """The first words that were invented at each temperature; those that stand in a list are grey.

    words   {temperature: list of words}      known   set of the words of the list
    """
    fig, ax = figure(width=9.6, height=0.5 + 0.4 * len(words), xlim=(-0.9, shown + 0.9), ylim=(len(words) - 0.4, -0.6))
    ax.axis("off")
    for row, (temperature, made) in enumerate(words.items()):
        ax.text(-0.9, row, say("T = {temperature:g}", temperature=temperature), va="center", color=BLUE)
        for column, word in enumerate(made[:shown]):
            colour = GREY if word in known else BLACK
            ax.text(column * (1 + 0.9 / shown), row, word, va="center", fontsize=10, color=colour)
    facts = []
    for temperature, made in words.items():
        new = measured(sum(word not in known for word in made), len(made) // 2, form=".0f")
        fact = say("{new} are in no list at T = {temperature:g}", temperature=temperature, new=new)
        if temperature == 0:
            fact = say(
                "at T = {temperature:g} the number of different words is {different}",
                temperature=0,
                different=measured(len({*made}), 2, form=".0f"),
            )
        facts.append(fact)
    fact = say(
        "Of {count} invented words: {facts}.", count=len(next(iter(words.values()))), facts=parts.enumerated(facts)
    )
    return show(fig, fact)


def sizes(parameters, losses, *, uniform, bigrams, letters):
    """Loss on held-out words by the number of parameters, both axes logarithmic, and three lines to compare with.

    parameters, losses   one for each network
    uniform, bigrams, letters   losses of a guess, and of tables of two and of five letters
    """
    labels = {"title": say("Loss on held-out words"), "xlabel": say("parameters"), "xlim": (3000, 200_000)}
    fig, ax = figure(height=3.2, xscale="log", yscale="log", ylim=(1.6, 3.6), **labels)
    ax.plot(parameters, losses, "o", color=VERMILLION, markersize=9)
    named = {say("uniform guess"): uniform, say("table of two letters"): bigrams, say("table of five letters"): letters}
    for name, height in named.items():
        ax.axhline(height, color=GREY, linestyle="--", linewidth=1.2)
        ax.annotate(name, (190_000, height), (0, 3), textcoords="offset points", ha="right", va="bottom", color=GREY)
    parts.ticks(ax.yaxis, [1.6, 2, 2.4, 2.8, 3.2])
    ax.set_xticks(parameters, [f"{count:,}" for count in parameters])
    ax.set_xticks([], minor=True)
    ax.grid(visible=True, color=LIGHT_GREY)
    fact = say(
        "Loss with {parameters} parameters: {losses}. A uniform guess has {uniform:.2f}, the table of pairs {bigrams}, that of "
        "five letters {letters}.",
        parameters=parts.enumerated([f"{count:,}" for count in parameters]),
        losses=parts.enumerated([measured(loss, 2, 2.4, form=".2f") for loss in losses]),
        uniform=uniform,
        bigrams=measured(bigrams, 2.4, form=".2f"),
        letters=measured(letters, 2, form=".2f"),
    )
    return show(fig, fact)
