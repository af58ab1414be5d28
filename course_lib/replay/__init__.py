"""Record once, replay: what a compiler for neural networks does, in a few pages.

A training step computes the same thing each time: the same products, the same tanh, with other numbers. What changes from
step to step are the weights. What does not change is the list of operations, and yet Python finds it anew in each step: it
calls the layers, builds the graph, walks over it, and makes an array for each result. For a small network all this takes
longer than the arithmetic.

So the step is recorded. It runs once on arrays that tell a recorder about everything that is done with them (`arrays`,
`recording`), and what comes out is a list of operations (`operations`): x.dot(W1), then plus b1, then tanh, down to the
update of the weights. Forward pass, backward pass and optimizer have become one straight line, and the engine is gone from
it. A few passes simplify the list (`passes`): what nobody reads is left out, results are written where they are needed, and
memory is used again. Then the list is written down as a program and compiled (`source`), and from then on a step is one call
of this function. Print it with `program_text`: it is backpropagation for your network, written out as you would by hand.

The price is that the record knows one way through your code. A step that asks a value (`if loss.value > 1:`) might go
another way next time; it is refused, with the line. What NumPy does not report becomes a constant of the record; so each record
is tried on other data and with other weights, against the engine, before it is trusted (`step`). And what Python code
does besides computing, such as printing, is done while recording, and never again. Before each step it is asked whether
the attributes of model and optimizer are still those that were recorded, and what lists, dicts and sets of up to 1,000
elements hold there. What else your code reads is not watched: a variable that is global or belongs to a function around the
loss; an attribute of a class, of a function, of a loss, or of another object; a random generator that lies there.
`jax.jit`, `tf.function` and `torch.compile` do the same, with the same limits.

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

    Raises CannotReplay for a step that has no textbook program: dropout, batch normalisation, attention to another
    sequence, padding of a GRU, a reader's own operation. The sentence names it.
    """
    if dialect not in ("textbook", "replayed"):
        raise ValueError(say('program_text: expected dialect "textbook" or "replayed", got {got!r}', got=dialect))
    return Textbook(step).text if dialect == "textbook" else step.named_program().text


__all__ = ["PASSES", "CannotReplay", "Replays", "Step", "Textbook", "program_text", "record_step"]
