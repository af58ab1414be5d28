"""How the parts of a panel stand: side by side, in columns, below each other; and how a lab lets go of all that it holds once
its cell is run again, so that nothing is left of it."""

import ctypes
import gc
import sys
from contextlib import suppress

import ipywidgets as widgets

from ...functional import memory
from ...pictures.live import running_shell
from .artists import Canvas
from .controls import Group, button

_OPEN, _CLOSED = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"


class Fold:
    """A part of a panel that a button shows and hides.

    button   what is pressed, with the title on it          body   what is shown then: a widget
    """

    def __init__(self, title, body):
        self.title, self.body = title, body
        self.button = button(self._label(False), self._toggle)
        self.is_open = False

    @property
    def is_open(self):
        return self.body.layout.display != "none"

    @is_open.setter
    def is_open(self, is_open):
        self.body.layout.display = "" if is_open else "none"
        self.button.description = self._label(is_open)

    def _toggle(self):
        self.is_open = not self.is_open

    def _label(self, is_open):
        return f"{_OPEN if is_open else _CLOSED} {self.title}"


def row(*parts, gap="8px", name=""):
    """Widgets side by side, wrapping on a narrow page. name: of the group that they are, for a screen reader."""
    return widgets.HBox(
        [*(getattr(part, "widget", part) for part in parts), *([Group(name)] if name else [])],
        layout=widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap=f"4px {gap}"),
    )


def halves(*texts):
    """Texts side by side, of one width; below each other where they would be narrow."""
    for text in texts:
        text.layout.flex, text.layout.min_width = "1 1 320px", "0"
    return widgets.HBox(texts, layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="0 12px"))


def grid(*parts):
    """Small controls in columns of one width, as many as fit: four on a page of 1,100 pixels."""
    return widgets.GridBox(
        [part.widget for part in parts],
        layout=widgets.Layout(grid_template_columns="repeat(auto-fill, minmax(226px, 1fr))", grid_gap="4px"),
    )


def column(*parts):
    """The panel of a lab: parts below each other, no wider than a notebook page."""
    return widgets.VBox(
        [getattr(part, "widget", part) for part in parts],
        layout=widgets.Layout(max_width="1000px", grid_gap="4px", overflow="hidden"),
    )


def close_widgets(part):
    """Close every widget in a part of a lab, on the page or not, so that neither the kernel nor the page keeps them."""
    if isinstance(part, dict | list | tuple):
        for each in list(part.values() if isinstance(part, dict) else part):
            close_widgets(each)
    elif isinstance(part, Canvas):
        part.rest()
    elif isinstance(part, widgets.Widget):
        if part.comm is not None:
            inner = [getattr(part, name, None) for name in ("children", "layout", "style")]
            part.close()
            close_widgets(inner)
    else:
        close_widgets(getattr(part, "widget", ()))  # a control


def take_out_of_history(lab):
    """Take a lab out of IPython's history of outputs (`Out[12]`, `_12`, `_`), which keeps what it shows for ever."""
    shell = running_shell()
    if shell is None:
        return
    outputs = shell.user_ns.get("Out", {})
    numbers = [number for number, shown in outputs.items() if shown is lab]
    for number in numbers:
        del outputs[number]
    for name in ("_", "__", "___", *(f"_{number}" for number in numbers)):
        for names in (shell.user_ns, shell.user_ns_hidden):
            if names.get(name) is lab:
                del names[name]
        if getattr(shell.displayhook, name, None) is lab:
            setattr(shell.displayhook, name, None)


def return_freed_memory():
    """Hand back to the system what nobody uses any more, such as a lab that was closed and the figure of a static picture.

    Python would find them much later, and on Linux the C library would keep the memory: together a third of what open
    labs take. The engine would keep its big arrays for the next step, as it may when a lab trains, but not when it rests.
    """
    gc.collect()
    memory.release()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
