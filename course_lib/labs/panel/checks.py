"""What the models of the labs ask of their settings, in sentences that say what was expected and what came; and yes or no."""

import numpy as np

from ...text import say


def check_number(name, value, low, high, whole=False):
    """Raise ValueError, with a sentence, unless value is a number from low to high."""
    number = isinstance(value, int | np.integer if whole else int | float | np.number) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # NaN counts as outside
        kind = say("a whole number") if whole else say("a number")
        raise ValueError(
            say(
                "{name}: expected {kind} from {low:g} to {high:g}, got {got}",
                name=name,
                kind=kind,
                low=low,
                high=high,
                got=value,
            )
        )


def check_numbers(values, limits, whole=()):
    """The same for each value whose name has limits, (low, high); `whole` names those that must be whole numbers."""
    for name, (low, high) in limits.items():
        if name in values:
            check_number(name, values[name], low, high, whole=name in whole)


def check_choice(name, value, known):
    """Raise ValueError, with a sentence, unless value is one of the known ones."""
    if value not in known:
        raise ValueError(
            say("{name}: expected one of {known}, got {got!r}", name=name, known=", ".join(map(str, known)), got=value)
        )


def changed(settings, changes):
    """The settings with these changes, to be checked before a model keeps them. Raises ValueError for an unknown name."""
    for name in changes:
        check_choice(say("setting"), name, settings)
    return settings | changes


def yes(truth):
    """A fact in the description of a picture: "yes" or "no"."""
    return say("yes") if truth else say("no")
