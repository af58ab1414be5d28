"""All that `replay` knows of the engine whose steps it records. It imports nothing else of the course."""

from pathlib import Path

from ..autodiff import Tensor, next_order, operation_name
from ..flat_vector import FlatVector
from ..functional import ACTIVATIONS
from ..layers.base import Layer, every_layer
from ..text import say
from ..training_step import Steps, take_step

__all__ = [
    "ACTIVATIONS", "FOLDERS", "LIVE_NUMBERS", "PARTS", "STEP", "FlatVector", "Layer", "Steps", "Tensor", "every_layer",
    "next_order", "operation_name", "say", "take_step",
]  # fmt: skip

COURSE = Path(__file__).parent.parent
FOLDERS = tuple(map(str, (COURSE, COURSE / "functional", COURSE / "layers")))  # where its modules lie
STEP = take_step.__code__  # what calls it is no part of a step
PARTS = ("_flat", "optimizer")  # what an optimizer changes besides itself: the flat vector, the optimizer inside
LIVE_NUMBERS = ("_rate", "_largest")  # what others may set between two steps: the learning rate, the largest norm
