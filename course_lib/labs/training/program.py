"""A run of the training lab as a program: with course_lib, or with NumPy alone, backpropagation written out."""

import json
from itertools import pairwise

from ...replay import CannotReplay, Textbook, record_step
from ...replay.textbook import constant_of
from ...text import say
from .data import CURVE, DATA_SEED, EXAMPLES, changes_of, lines_of


def with_course_lib(model):
    """A program of 10 to 15 lines that repeats the run of a `TrainingModel` exactly, rate changes included."""
    s, changes = model.settings, _changes(model)
    drawn = s.data not in (*EXAMPLES, "own")  # by the library
    data = "xor()" if s.data == "xor" else f"{s.data}(np.random.default_rng({DATA_SEED}))"
    made = [f"x, y = {data}", *changes_of(s)] if drawn else lines_of(s)
    scale = "" if s.scale == 1 else f", scale={s.scale!r}"
    sizes = (len(model.inputs), *model.units, 1)
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


_NAMES = ("x", "y", "weights", "averages", "rng", "epoch", "order", "start", "chosen", "new_rates", "print")  # below


def with_numpy(model):
    """The same run for NumPy alone: the step is `replay`'s textbook program. The numbers are the same up to rounding.

    Raises ValueError, with a sentence, for a run that has no textbook program: with dropout, or with an optimizer that does
    what no textbook program says.
    """
    s, changes = model.settings, _changes(model)
    if s.dropout:
        raise ValueError(say("a run with dropout has no program for NumPy alone: set dropout to 0"))
    start = model.twin(rate=model.changes[0][1])
    try:
        step = record_step(start.network, (start.seen, start.y), loss=start.loss_function, optimizer=start.optimizer)
        textbook = Textbook(step, taken=_NAMES)
        averages = [*_averages(textbook)]
    except CannotReplay as problem:
        name = type(start.optimizer).__name__
        raise ValueError(
            say("a run with {optimizer} has no program for NumPy alone: {problem}", optimizer=name, problem=problem)
        ) from None
    scale = "" if s.scale == 1 else f"{s.scale!r} * "
    values = textbook.values()
    counts = {name: values[name] for name in textbook.numbers if name != "eta"}
    inputs = ["x[chosen]", "y[chosen]"] if s.batch else ["x", "y"]
    kept = ["**weights", *(["**averages"] if averages else []), *(f"{name}={name}" for name in counts)]
    rate, size_0 = (["eta=eta"], ["eta=0.0"]) if "eta" in textbook.numbers else ([], [])
    taken = [f"step({', '.join([*inputs, *kept, *rate])})", *_following(textbook)]
    batches = [
        f"order = rng.permutation({len(model.x)})",
        f"for start in range(0, {len(model.x)}, {s.batch}):",
        f"    chosen = order[start:start + {s.batch}]",
        *(f"    {line}" for line in taken),
    ]
    epoch = [*(batches if s.batch else taken), *(["eta = new_rates.get(epoch, eta)"] if changes else [])]
    last = ", ".join(["x", "y", *kept, *size_0])
    lines = [
        textbook.text,
        "",
        *lines_of(s),
        f"rng = np.random.default_rng({s.seed})",
        "weights = {}",
        f"for layer, (inputs, units) in enumerate({[*pairwise((len(model.inputs), *model.units, 1))]}, 1):",
        "    limit = np.sqrt(6 / (inputs + units))  # Glorot",
        f'    weights[f"W{{layer}}"] = {scale}rng.uniform(-limit, limit, (inputs, units))',
        '    weights[f"b{layer}"] = np.zeros(units)',
        *averages,
        f"{', '.join(['eta', *counts])} = {', '.join(map(repr, [model.changes[0][1], *counts.values()]))}",
        *([f"new_rates = {changes!r}  # epochs done: learning rate"] if changes else []),
        f"for epoch in range(1, {(model.epoch or s.epochs) + 1}):",
        *(f"    {line}" for line in epoch),
        f'print(f"epoch {{epoch}}: loss {{step({last}):.6f}}")  # a step of size 0',
    ]
    return "\n".join(lines) + "\n"


def _averages(textbook):
    """The lines that make the optimizer's averages as they are at the start: zeros, as a rule."""
    begins = {name: constant_of(average) for name, average in textbook.averages.items()}
    for name, number in begins.items():
        if number is None:
            raise CannotReplay(say("its {name} does not begin with one number for all weights", name=name))
    if begins and not any(begins.values()):
        zeros = 'f"{average}_{name}": np.zeros(w.shape)'
        yield f"averages = {{{zeros} for average in {json.dumps([*begins])} for name, w in weights.items()}}"
    elif begins:
        yield f"begins = {begins}"
        full = 'f"{average}_{name}": np.full(w.shape, begin)'
        yield f"averages = {{{full} for average, begin in begins.items() for name, w in weights.items()}}"


def _following(textbook):
    """The line in which the optimizer's numbers go on from one step to the next: steps += 1."""
    names, texts = ", ".join(textbook.following), ", ".join(textbook.following.values())
    if len(textbook.following) == 1 and texts.startswith(f"{names} + "):
        return [f"{names} += {texts.removeprefix(f'{names} + ')}"]
    return [f"{names} = {texts}"] if names else []


def _changes(model):
    return {epoch: rate for epoch, rate in model.changes if epoch}
