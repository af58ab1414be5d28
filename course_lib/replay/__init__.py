"""Record once, replay: what a compiler for neural networks does, in a few pages. README.md beside this file says how.

    step = record_step(model, (x, y), loss=binary_cross_entropy, optimizer=GradientDescent(0.5))
    for _ in range(2000):
        loss = step()                       # the weights of the model have moved
    print(program_text(step))

`train(..., replay=True)` does this by itself (`run`).
"""

from .engine import say
from .passes import PASSES
from .recording import CannotReplay
from .run import Replays
from .step import Step, record_step
from .textbook import Textbook


def program_text(step, dialect="textbook"):
    """The program of a recorded step.

    dialect   "textbook": a function step(x, y, W1, ...) as it would be written by hand, with a loop over the places of a
              kernel, or over time; "replayed": as it runs, one line an operation, each result in an array that is there

    Raises CannotReplay for a step that has no textbook program: dropout, normalisation, attention, padding, a reader's own
    operation. The sentence names it.
    """
    if dialect not in ("textbook", "replayed"):
        raise ValueError(say('program_text: expected dialect "textbook" or "replayed", got {got!r}', got=dialect))
    return Textbook(step).text if dialect == "textbook" else step.named_program().text


__all__ = ["PASSES", "CannotReplay", "Replays", "Step", "Textbook", "program_text", "record_step"]
