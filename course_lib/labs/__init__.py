"""Live labs: each has a model in plain Python and a view that only reads it."""

from .attention import attention_lab
from .autograd import autograd_lab
from .base import move_every_control
from .bias import bias_lab
from .cnn import cnn_lab
from .compute import compute_lab
from .cost import cost_lab
from .depth import depth_lab
from .descent import descent_lab
from .drawing import drawing_lab
from .fit import fit_lab
from .graph import graph_lab
from .kernel import kernel_lab
from .listen import listen_lab
from .overfitting import overfitting_lab
from .rate_theory import rate_theory_lab
from .rises import rises_lab
from .search import search_lab
from .speed import speed_lab
from .stepper import stepper_lab
from .success import success_map
from .through_time import through_time_lab
from .training import training_lab
from .translation import translation_lab
from .translation_training import translation_training_lab
from .voices import voices_lab

__all__ = [
    "attention_lab",
    "autograd_lab",
    "bias_lab",
    "cnn_lab",
    "compute_lab",
    "cost_lab",
    "depth_lab",
    "descent_lab",
    "drawing_lab",
    "fit_lab",
    "graph_lab",
    "kernel_lab",
    "listen_lab",
    "move_every_control",
    "overfitting_lab",
    "rate_theory_lab",
    "rises_lab",
    "search_lab",
    "speed_lab",
    "stepper_lab",
    "success_map",
    "through_time_lab",
    "training_lab",
    "translation_lab",
    "translation_training_lab",
    "voices_lab",
]
