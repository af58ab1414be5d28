"""Record once, replay."""

from .passes import PASSES
from .recording import CannotReplay
from .run import Replays
from .step import Step, record_step

__all__ = ["PASSES", "CannotReplay", "Replays", "Step", "record_step"]
