"""Live labs: each has a model in plain Python and a view that only reads it."""

from .base import move_every_control
from .success import success_map
from .training import training_lab

__all__ = ["move_every_control", "success_map", "training_lab"]
