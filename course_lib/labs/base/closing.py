"""How a lab lets go of all that it holds, once its cell is run again: nothing is left of it then."""

import ctypes
import gc
import sys
from contextlib import suppress

import ipywidgets as widgets

from ...functional import memory
from .artists import Canvas


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
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
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
