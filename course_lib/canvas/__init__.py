"""Draws Matplotlib figures that move on the page of a notebook; knows nothing of the course. `README.md` tells how it works."""

from .ahead import Ahead
from .canvas import DENSITY, Canvas
from .recorder import Recorder

__all__ = ["DENSITY", "Ahead", "Canvas", "Recorder"]
