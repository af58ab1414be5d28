"""A run of the training lab as a program: with course_lib, or with NumPy alone, backpropagation written out."""

from itertools import pairwise

from ...replay import Textbook, record_step
from ...text import say
from .data import CURVE, DATA_SEED, EXAMPLES, changes_of, lines_of


def with_course_lib(model):
    """A program of 10 to 15 lines that repeats the run of a `TrainingModel` exactly, rate changes included."""
    s, changes = model.settings, _changes(model)
    drawn = s.data not in (*EXAMPLES, "own")  # by the library
    data = "xor()" if s.data == "xor" else f"{s.data}(np.random.default_rng({DATA_SEED}))"
    made = [f"x, y = {data}", *changes_of(s)] if drawn else lines_of(s)
    scale = "" if s.scale == 1 else f", scale={s.scale!r}"
    sizes = (model.x.shape[1], *model.units, 1)
    decay = f", weight_decay={s.decay!r}" if s.decay else ""
    dropout = [f"Dropout({s.dropout!r}, rng=rng)"] if s.dropout else []
    layers = []
    for a, b in pairwise(sizes[:-1]):
        layers += [f'Dense({a}, {b}, "{s.activation}", rng=rng{scale})', *dropout]
    batch = f", batch_size={s.batch}, rng=rng" if s.batch else ""
    own = model.engine is not None
    loss = "functional.mean_squared_error" if s.data == CURVE else "functional.binary_cross_entropy"
    loss, needed = ("model.loss", "train") if own else (loss, "functional, train")
    lines = [
        "import numpy as np",
        f"from course_lib import Dense, {'Dropout, ' if s.dropout else ''}{s.optimizer}, Sequential, {needed}",
        *([f"from course_lib.datasets import {s.data}"] if drawn else []),
        *(["from course_lib.tools.engines import OnEngine"] if own else []),
        "",
        *made,
        f"rng = np.random.default_rng({s.seed})",
        f"model = Sequential({', '.join([*layers, f'Dense({sizes[-2]}, 1, rng=rng{scale})'])})",
        *(["model = OnEngine(mine, model)  # mine: the Engine of your notebook"] if own else []),
        f"optimizer = {s.optimizer}(learning_rate={model.changes[0][1]!r}{decay})",
        *([f"new_rates = {changes!r}  # epochs done: learning rate"] if changes else []),
        f"for progress in train(model, (x, y), loss={loss}, optimizer=optimizer,",
        f"                      epochs={model.epoch or s.epochs}{batch}):",
        "    optimizer.learning_rate = new_rates.get(progress.epoch, optimizer.learning_rate)" if changes
        else "    pass  # look at progress.epoch, progress.loss here",
        f'print(f"epoch {{progress.epoch}}: loss {{{loss}(model(x), y).value:.6f}}")',
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def with_numpy(model):
    """The same run for NumPy alone: the step is `replay`'s textbook program. The numbers are the same up to rounding.

    Raises ValueError, with a sentence, for a run with dropout, which has no textbook program.
    """
    s, changes = model.settings, _changes(model)
    if s.dropout:
        raise ValueError(say("a run with dropout has no program for NumPy alone: set dropout to 0"))
    start = model.twin(rate=model.changes[0][1])
    step = record_step(start.network, (start.x, start.y), loss=start.measure, optimizer=start.optimizer)
    textbook = Textbook(step)
    others = [name for name in textbook.arguments if name not in ("x", "y", "eta", "steps", *step.parameter_names)]
    letters = dict.fromkeys(name.partition("_")[0] for name in others)
    averages = [
        f'averages = {{f"{{letter}}_{{name}}": np.zeros(w.shape) for letter in "{"".join(letters)}" '
        "for name, w in weights.items()}"
    ]
    scale = "" if s.scale == 1 else f"{s.scale!r} * "
    counted = "steps" in textbook.arguments
    inputs = ["x[chosen]", "y[chosen]"] if s.batch else ["x", "y"]
    call = [*inputs, "**weights", *(["**averages"] if others else []), *(["steps=steps"] if counted else [])]
    taken = [f"step({', '.join([*call, 'eta=eta'])})", *(["steps += 1"] if counted else [])]
    batches = [
        f"order = rng.permutation({len(model.x)})",
        f"for start in range(0, {len(model.x)}, {s.batch}):",
        f"    chosen = order[start:start + {s.batch}]",
        *(f"    {line}" for line in taken),
    ]
    epoch = [*(batches if s.batch else taken), *(["eta = new_rates.get(epoch, eta)"] if changes else [])]
    last = ", ".join(["x", "y", *call[2:], "eta=0.0"])
    lines = [
        textbook.text,
        "",
        *lines_of(s),
        f"rng = np.random.default_rng({s.seed})",
        "weights = {}",
        f"for layer, (inputs, units) in enumerate({[*pairwise((model.x.shape[1], *model.units, 1))]}, 1):",
        "    limit = np.sqrt(6 / (inputs + units))  # Glorot",
        f'    weights[f"W{{layer}}"] = {scale}rng.uniform(-limit, limit, (inputs, units))',
        '    weights[f"b{layer}"] = np.zeros(units)',
        *(averages if others else []),
        f"eta{', steps' if counted else ''} = {model.changes[0][1]!r}{', 0' if counted else ''}",
        *([f"new_rates = {changes!r}  # epochs done: learning rate"] if changes else []),
        f"for epoch in range(1, {(model.epoch or s.epochs) + 1}):",
        *(f"    {line}" for line in epoch),
        f'print(f"epoch {{epoch}}: loss {{step({last}):.6f}}")  # a step of size 0',
    ]
    return "\n".join(lines) + "\n"


def _changes(model):
    return {epoch: rate for epoch, rate in model.changes if epoch}
