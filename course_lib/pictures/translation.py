"""The figures of chapter 6c: what attention is good for, where it looks, and what goes wrong, with their facts in words."""

from ..text import against, measured, say
from .figures import figure, show


def with_and_without(attentive, plain, early=2):
    """The share right by epoch, with attention and without. Both (epochs, 2): of the symbols, and of the numbers."""
    labels = {"title": say("Right on validation numbers"), "xlabel": say("epoch")}
    fig, ax = figure(height=3, ylim=(0, 1.05), **labels)
    with_, (symbols, numbers) = attentive[:, 1], plain.T
    ax.plot(range(1, len(with_) + 1), with_, "o-", label=say("with attention: numbers"))
    ax.plot(range(1, len(symbols) + 1), symbols, "^:", label=say("without: symbols"))
    ax.plot(range(1, len(numbers) + 1), numbers, "s--", label=say("without: numbers"))
    ax.legend(loc="lower right")
    fact = say(
        "After {early} epochs the network without attention gets {symbols} of the symbols and {numbers} of the "
        "numbers right, and the one with attention gets {attentive} of the numbers right. After {epochs} epochs the "
        "network without attention gets {end} of the numbers right.",
        early=early,
        symbols=against(symbols[early - 1], 0.75, ".0%"),
        numbers=against(numbers[early - 1], 0.5, ".0%"),
        attentive=against(with_[early - 1], 0.9, ".0%"),
        epochs=len(numbers),
        end=against(numbers[-1], 0.9, ".0%"),
    )
    return show(fig, fact)


def attention(weights, rows, columns, digits, title):
    """Where each symbol that is written looks. weights: (rows, columns); digits: {symbol: the word that it stands for}"""
    fig, ax = figure(height=4.2, title=title)
    ax.imshow(weights, cmap="Greens", vmin=0, vmax=1, aspect="auto")
    ax.grid(False)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows, fontsize=14)
    found = sum(columns[weights[rows.index(symbol)].argmax()] == word for symbol, word in digits.items())
    fact = say(
        "Rows {rows}, columns {columns}; each row adds up to {sum:.2f}. Of the {count} symbols {digits}, {found} look most at "
        "the word of their digit.",
        rows=" ".join(rows),
        columns=" ".join(columns),
        sum=weights.sum(axis=1).mean(),
        count=len(digits),
        digits=" ".join(digits),
        found=against(found, 2),
    )
    return show(fig, fact)


def endings(wrong, rare, examples):
    """The share wrong of numbers by their ending: {ending: share}. rare: how many of the examples end like the first."""
    fig, ax = figure(height=2.4, title=say("Share of unseen numbers translated wrong"), xlabel=say("ending"))
    ax.bar(wrong.keys(), wrong.values())
    (few, most_wrong), *_, (many, least_wrong) = wrong.items()
    fact = say(
        "Of the numbers that end in {few}, {most_wrong} are wrong. Of those that end in {many}, {least_wrong} are "
        "wrong. Only {rare} of {examples} training numbers end in {few}.",
        few=few,
        many=many,
        most_wrong=measured(most_wrong, 0.05, form=".1%"),
        least_wrong=measured(least_wrong, 0.01, form=".1%"),
        rare=rare,
        examples=examples,
    )
    return show(fig, fact)
