"""The buttons that a lab declares, name -> `Button`: what is written on each, what it does, and when it cannot be pressed."""

from collections.abc import Callable
from dataclasses import dataclass

from ...text import N_


@dataclass(frozen=True)
class Button:
    """A button as a lab declares it.

    label, tooltip   its texts; {names} in them are the lab's `facts`; without a tooltip, the label is said again
    does             a method of the lab, such as "_step"; or one of its model, "reset": then the run pauses before it, and
                     the model is shown after it
    off              off(model): whether it cannot be pressed at present
    style, icon      as in ipywidgets
    done             what is written on it, with a check mark and without its style, while it cannot be pressed; "": the label
    """

    label: str
    does: str
    tooltip: str = ""
    off: Callable | None = None
    style: str = ""
    icon: str = ""
    done: str = ""


def Run(label, tooltip, style="primary"):
    """Starts the work and pauses it, and says which of the two it will do."""
    return Button(label, "_toggle", tooltip, style=style, icon="play")


def Reset(tooltip=""):
    return Button(N_("Reset"), "_reset", tooltip or N_("Back to the same initial weights"))


def Once(label, tooltip):
    """Measures the case at which a `MeasuredOnce` stands, once."""
    return Button(label, "measure", tooltip, off=lambda model: model.is_measured, style="primary", done=N_("Measured"))
