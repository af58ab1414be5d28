"""Figures: how they look (`style`), and how they reach the page with their alternative text (`figures`).

Matplotlib is imported when a figure is asked for: the colours alone need none of it.
"""

from ..text import against

__all__ = ["SURFACE_COLOURS", "against", "figure", "show"]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import figures

    return getattr(figures, name)
