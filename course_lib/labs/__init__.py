"""Live labs: each has a model in plain Python and a view that only reads it."""

from .base import move_every_control
from .cost import cost_lab
from .descent import descent_lab
from .fit import fit_lab
from .graph import graph_lab
from .rate_theory import rate_theory_lab
from .stepper import stepper_lab
from .success import success_map
from .training import training_lab

__all__ = [
    "cost_lab",
    "descent_lab",
    "fit_lab",
    "graph_lab",
    "move_every_control",
    "rate_theory_lab",
    "stepper_lab",
    "success_map",
    "training_lab",
]
