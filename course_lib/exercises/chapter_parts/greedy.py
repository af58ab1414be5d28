"""Judges greedy decoding with writers whose texts are known."""

import numpy as np

from ...models.translation import END, PAD, START
from ...text import say
from ..machinery import compare
from ..machinery.compare import Wrong, mistake
from ..machinery.reader_code import expect_function, expect_results, judge

CALLS = 1000  # of next_logits, some ten for each symbol if a reader likes


@judge
def judge_greedy(answer):
    """Judge greedy(next_logits, longest): three texts, one of which never ends by itself."""
    expect_function(answer)
    for text, longest in [([3, 4, 3, END], 9), ([6, END], 9), ([5, 4, 5, 5, 3, 4], 4)]:
        _expect_text(answer, text, longest)
    return say(
        "Your function wrote three texts, two that stop at the end mark and one that stops at the limit, and each is "
        "what the network gave."
    )


def _expect_text(greedy, text, longest):
    seen, most = [], 2 * longest + 2  # seen: what the network was given

    def next_logits(symbols):
        """Those of a network that writes this text."""
        _expect_symbols(symbols)
        if np.ndim(symbols) != 1:
            got = compare.describe(symbols) if np.ndim(symbols) == 0 else repr(symbols)[:60]
            raise mistake("The network was given {got}, but it reads one list of symbols.", got=got)
        if len(symbols) > most:
            raise mistake(
                "Your loop goes on after {count} symbols. It should stop at END, and at `longest` symbols "
                "at the latest.",
                count=most,
            )
        if len(seen) >= CALLS:
            raise mistake(
                "The network was asked {count} times, and the last time it was given {symbols}. Does every turn of your loop "
                "add the symbol that was chosen?",
                count=CALLS,
                symbols=[int(symbol) for symbol in symbols],
            )
        seen.append([int(symbol) for symbol in symbols])
        logits, place = np.linspace(0.0, 0.6, 7), len(symbols) - 1
        logits[text[place] if place < len(text) else 5] = 2.25 + 0.1 * place  # never whole
        return logits

    next_logits.__qualname__ = "next_logits"  # as Python names it when it is called wrongly
    written = greedy(next_logits, longest)
    if written is None and END not in text:
        raise mistake(
            "Texts with END are right. For a text that does not end, your function returns nothing, although "
            "there is a text after `longest` symbols."
        )
    expect_results(greedy, [written])
    _expect_symbols(written)
    if not isinstance(written, list | tuple | np.ndarray) or np.ndim(written) != 1:
        raise mistake("Expected a list of symbols, got {got}.", got=repr(written)[:60])
    written = [int(symbol) for symbol in written]
    wanted = text[: text.index(END)] if END in text else text[:longest]
    if written == wanted:
        asked = max(seen, key=len, default=[])
        if END in asked:
            raise mistake(
                "The text is right, but the network was asked for more after END. Leave the loop there.",
                slip="goes-on-after-end",
            )
        if [START, *wanted][: len(asked)] != asked:
            raise mistake(
                "The text is right, but the network should have been given START and its own symbols before.",
                slip="other-symbols-read",
            )
        return
    raise _what_is_off(written, wanted, seen, longest)


def _expect_symbols(symbols):
    """Raise Wrong where logits, or what was made of them, stand in place of symbols: numbers that are not whole."""
    parts = symbols if isinstance(symbols, list | tuple | np.ndarray) else [symbols]
    numbers = np.concatenate([np.ravel(np.asarray(part, dtype=object)) for part in parts]) if len(parts) else []
    if any(isinstance(n, float | np.floating) and not float(n).is_integer() for n in numbers):
        raise mistake(
            "Your symbols include numbers that are not whole, so they look like logits. Which symbol do "
            "these logits favour?"
        )


def _what_is_off(written, wanted, seen, longest):
    """What to raise about a text that is not the wanted one."""
    if len(seen) > 1 and all(len(symbols) == 1 for symbols in seen):
        return mistake(
            "Got {got}. The network was given a single symbol each time, {seen} at last. It must read "
            "all that it has written so far, START included.",
            slip="last-symbol-alone",
            got=written,
            seen=seen[-1],
        )
    if seen and any(symbols[:1] != [START] for symbols in seen):
        return mistake(
            "The network was given {got}, but what it reads should begin with START.",
            slip="without-start",
            got=seen[-1],
        )
    if written[:1] == [START]:
        return mistake(
            "Got {got}. START was read, not written, so leave it out of what you return.",
            slip="start-returned",
            got=written,
        )
    if END in written:
        return mistake(
            "Got {got}. END says that the text is over, but it is not part of the text.",
            slip="end-returned",
            got=written,
        )
    difference = say("Expected {wanted}, got {got} (longest = {longest}).", wanted=wanted, got=written, longest=longest)
    if PAD in written and [symbol for symbol in written if symbol != PAD] == wanted:
        advice = say("Padding is for batches. Return what was written, and nothing after it.")
        return Wrong(difference, advice, slip="padded")
    if written and written in (wanted[: len(written)], wanted[1:]):
        count = len(wanted) - len(written)
        advice = say(
            "The number of missing symbols is {count}. Count how often your loop runs, and what you cut off.",
            count=count,
        )
        return Wrong(difference, advice, slip="too-short")
    if written[: len(wanted)] == wanted:
        advice = say(
            "Your text is too long. How many symbols may be written when longest is {longest}?", longest=longest
        )
        return Wrong(difference, advice, slip="too-long")
    return Wrong(difference, say("Does each step take the symbol with the largest logit?"))
