"""Words that the sentences of several labs share: a loss with few digits, how many steps, yes and no."""

from ...text import say


def format_loss(loss):
    """Four digits after the point, or three significant ones when it is far from 1."""
    return f"{loss:.4f}" if 0.001 <= loss < 100 else f"{loss:.3g}"


def listed(parts):
    """Parts of a sentence as a list: "first; second"."""
    return say("; ").join(parts)


def steps_text(count):
    """How many steps: "1 step", "1,200 steps"."""
    return say("1 step") if count == 1 else say("{count:,} steps", count=count)


def yes(truth):
    """A fact in the description of a picture: "yes" or "no"."""
    return say("yes") if truth else say("no")
