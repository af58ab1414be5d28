"""Draws Matplotlib figures that move on the page of a notebook; knows nothing of the course. `README.md` tells how it works."""

from .canvas import DENSITY, Canvas
from .prefetch import Prefetch
from .recorder import Recorder

__all__ = ["DENSITY", "Canvas", "Prefetch", "Recorder"]
