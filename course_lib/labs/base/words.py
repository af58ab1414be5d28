"""Words that the sentences of several labs share: a loss with few digits, the values of a setting one after the other,
how many steps, yes and no."""

from ...text import say


def format_loss(loss):
    """Four digits after the point, or three significant ones when it is far from 1."""
    return f"{loss:.4f}" if 0.001 <= loss < 100 else f"{loss:.3g}"


def listed(parts):
    """Parts of a sentence as a list: "first; second"."""
    return say("; ").join(parts)


def in_turn(numbers):
    """The values that a setting has had, one after the other: "0.5", "0.5→0.1"; of many, the first and the last."""
    texts = [f"{number:g}" for number in numbers]
    return "\N{RIGHTWARDS ARROW}".join(texts if len(texts) < 4 else [texts[0], "\N{HORIZONTAL ELLIPSIS}", texts[-1]])


def steps_text(count):
    """How many steps: "1 step", "1,200 steps"."""
    return say("1 step") if count == 1 else say("{count:,} steps", count=count)


def yes(truth):
    """A fact in the description of a picture: "yes" or "no"."""
    return say("yes") if truth else say("no")
