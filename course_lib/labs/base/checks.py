"""What the models of the labs ask of a value, in sentences that say what was expected and what came."""

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
                got=repr(value) if isinstance(value, str) else value,
            )
        )


def check_choice(name, value, known):
    """Raise ValueError, with a sentence, unless value is one of the known ones."""
    if value not in known:
        raise ValueError(
            say("{name}: expected one of {known}, got {got!r}", name=name, known=", ".join(map(str, known)), got=value)
        )
