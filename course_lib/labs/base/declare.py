"""The tables in which a lab declares its controls, and how they stand in rows."""

from dataclasses import dataclass, field

from ...text import say
from .settings import Choice

ARROWS = {
    "left": ("\N{LEFTWARDS ARROW}", 0, -1), "right": ("\N{RIGHTWARDS ARROW}", 0, 1),
    "up": ("\N{UPWARDS ARROW}", -1, 0), "down": ("\N{DOWNWARDS ARROW}", 1, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Control:
    """How a setting is shown; its kind and limits are those that the model declares.

    label                       what it is called
    logarithmic, step, slider   of a number, as in `NumberControl`
    options                     values to choose from; by default those of a `Choice`
    words                       value -> how it is written, where that is not the value itself
    ends, placeholder           of a text: what a test moves it to, and what stands there when it is empty
    pauses                      whether a change pauses the run
    """

    label: str
    logarithmic: bool = False
    step: float | None = None
    slider: bool = True
    options: tuple = ()
    words: dict = field(default_factory=dict)
    pauses: bool = False
    ends: tuple = ()
    placeholder: str = ""


class Grid(tuple):
    """Names of small controls that stand in columns of one width."""

    __slots__ = ()


class Folded(dict):
    """Title -> rows of names: what is rarely used, folded below its title."""


def choices_of(kind, entry):
    """{what is shown: what is meant} of a setting that is chosen from a list; None for a number or a switch."""
    options = entry.options or (kind.options if isinstance(kind, Choice) else ())
    if not options or (options == (False, True) and not entry.words):
        return None
    return {say(entry.words.get(option, str(option))): option for option in options}
