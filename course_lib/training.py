"""The training loop: forward, loss, backward (output error, hidden error, gradients), step, epoch after epoch.

`train` is a generator. It yields once an epoch and then waits, so that whoever drives it (a for loop, a progress bar, a
live lab) may look at the model, change `optimizer.learning_rate`, or stop. Without checks, history and schedule it is

    for epoch in range(1, epochs + 1):
        for batch in minibatches((x, y), batch_size, rng):
            take_step(model, batch, loss, optimizer)
        yield Progress(...)

The inner loop is `Steps.epoch` in `training_step`; `replay` has steps of its own, which repeat a recorded one.
"""

import math
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from .autodiff import value_of
from .checks import check_functions, check_generator, check_sizes, checked_data
from .layers import stack
from .text import say
from .training_step import Steps


@dataclass
class History:
    """What happened, epoch by epoch: `loss[i]` and `learning_rate[i]` belong to epoch i + 1."""

    loss: list = field(default_factory=list)
    learning_rate: list = field(default_factory=list)

    def __len__(self):
        return len(self.loss)


@dataclass(slots=True)
class Progress:
    """The state after one epoch.

    epoch           1, 2, 3, ...
    loss            mean loss over the epoch's examples, those of each batch measured just before its step
    learning_rate   the rate that the steps of this epoch used; with a schedule, that of its first step
    history         the `History` so far, this epoch included
    """

    epoch: int
    loss: float
    learning_rate: float
    history: History


class Diverged(ArithmeticError):
    """The loss is no longer a finite number. Carries `epoch`, `learning_rate` and the `history` before that epoch."""

    def __init__(self, epoch, learning_rate, history):
        self.epoch, self.learning_rate, self.history = epoch, learning_rate, history
        rate = f"{learning_rate:g}" if np.ndim(learning_rate) == 0 else f"{np.max(learning_rate):g}"
        super().__init__(
            say(
                "diverged at epoch {epoch}: the loss is no longer finite; try a learning rate smaller than {rate}",
                epoch=epoch,
                rate=rate,
            )
        )


def minibatches(data, batch_size, rng):
    """The examples in random order, in batches: yields tuples of arrays like `data`; the last may be shorter.

    data   tuple of arrays (or lists) with equal first axis      batch_size  whole number >= 1      rng  numpy.random.Generator

    Raises ValueError or TypeError, when the first batch is asked for, if an argument is not of this kind.
    """
    check_sizes("minibatches", batch_size=batch_size)
    check_generator("minibatches", rng)
    data = [np.asarray(array) if isinstance(array, list | tuple) else array for array in data]
    if any(len(array) != len(data[0]) for array in data):
        raise ValueError(
            say("minibatches: expected arrays with equal first axis, got shapes {got}", got=[np.shape(a) for a in data])
        )
    for chosen in shuffled(len(data[0]), batch_size, rng):
        yield tuple(array[chosen] for array in data)


def shuffled(examples, batch_size, rng):
    """The numbers of the examples in random order, in batches."""
    order = rng.permutation(examples)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def train(
    model, data, *, loss, optimizer, epochs, batch_size=None, rng=None, history=None, replay=False, schedule=None
):
    """Train a model; yields one `Progress` an epoch.

    model       a Layer, or any callable with `parameters`: model(x) -> outputs
    data        (x, y): arrays with equal first axis; with several inputs (x1, x2, ..., y), model(x1, x2, ...)
    loss        function loss(outputs, y) -> one number
    optimizer   its learning_rate may be changed between epochs; the next step uses it
    epochs      whole number >= 1
    batch_size  examples a step; None: all of them
    rng         numpy.random.Generator that shuffles the examples; needed when batch_size is given
    history     the History of an earlier call, to go on with its numbers
    replay      True: after some 20 steps, the step is recorded as straight NumPy and replayed from then on (`replay`). The
                numbers are the same to the last bit, the time is half or less. What Python code in model and loss does
                besides computing is not repeated; each p.grad is one array, which the next step overwrites; and a step that
                cannot be recorded raises CannotReplay
    schedule    function of the step k = 0, 1, 2, ... that returns the learning rate to use there, such as
                lambda k: warm_up(0.003, k, steps=50); the steps of an earlier history count

    Raises ValueError or TypeError at once when an argument cannot work (the sentence says which), and `Diverged` while
    training when the loss is not finite. The history up to there stays in `history` and in the error.

    >>> for progress in train(model, (x, y), loss=mean_squared_error, optimizer=GradientDescent(0.1), epochs=10):
    ...     print(progress.epoch, progress.loss)                                           # doctest: +SKIP
    """
    data = checked_data(data)
    check_sizes("train", epochs=epochs)
    if batch_size is not None:
        check_sizes("train", batch_size=batch_size)
        check_generator("train", rng)
    check_functions("train", loss=loss)
    if schedule is not None:
        check_functions("train", schedule=schedule)
    if isinstance(optimizer, type):
        raise TypeError(
            say("train: expected an optimizer, such as Adam(0.01), got the class {got}", got=optimizer.__name__)
        )
    try:
        parameters = model.parameters
    except AttributeError as missing:
        raise TypeError(say("train: expected a model with parameters: {missing}", missing=missing)) from missing
    if not parameters:
        raise ValueError(say("train: the model has no parameters to train"))
    steps = (replays if replay else Steps)(model, data, loss, optimizer)
    history = History() if history is None else history
    # A generator does nothing before its first next(): it is a function of its own, so that all of the above comes at once.
    return _epochs(steps, len(data[0]), optimizer, epochs, batch_size, rng, history, schedule)


def replays(model, data, loss, optimizer):
    """The `Steps` of a run that are replayed once it is worth it: the one place where `replay` joins in, if it is asked for."""
    from .replay import Replays  # takes a while

    return Replays(model, data, loss, optimizer)


def _epochs(steps, size, optimizer, epochs, batch_size, rng, history, schedule):
    quiet = copy_context()  # an overflow is reported once, as Diverged; NumPy's own setting belongs to the caller
    quiet.run(np.seterr, over="ignore", invalid="ignore")
    steps_an_epoch = 1 if batch_size is None else math.ceil(size / batch_size)
    for epoch in range(len(history) + 1, len(history) + epochs + 1):
        batches = None if batch_size is None else shuffled(size, batch_size, rng)
        if schedule is not None:
            first = (epoch - 1) * steps_an_epoch
            optimizer.learning_rate = schedule(first)
            if batches is not None:
                batches = _with_rates(batches, optimizer, schedule, first)
        rate = optimizer.learning_rate
        if type(rate) is not float:  # of a stack an array, which may be changed in place
            rate = copy(rate)
        total = quiet.run(steps.epoch, batches)
        if total is None:
            raise Diverged(epoch, rate, history)
        mean = total / size
        history.loss.append(mean)
        history.learning_rate.append(rate)
        yield Progress(epoch, mean, rate, history)


def _with_rates(batches, optimizer, schedule, first):
    """The batches; just before each is used, the optimizer gets the rate of its step."""
    for k, chosen in enumerate(batches, first):
        optimizer.learning_rate = schedule(k)
        yield chosen


def accuracy(outputs, target, threshold=0.0):
    """Share of examples that are classified right; for stacked networks, an array with one share a network.

    outputs    (batch, 1): class 1 where output > threshold (0 for logits, 0.5 for probabilities), target 0 or 1; or
               (batch, classes): the class with the largest output, target = class numbers (batch,)
               Outputs of stacked networks have one leading axis more than that: (networks, batch, ...)

    Raises ValueError when the shapes do not fit.
    """
    outputs, target = value_of(outputs), np.asarray(target)
    expected = outputs.shape if outputs.shape[-1] == 1 else outputs.shape[:-1]
    if target.shape != expected and (outputs.ndim < 3 or target.shape != expected[1:]):
        raise ValueError(
            say(
                "accuracy: expected a target of shape {expected} for outputs of shape {shape}, got {got}",
                expected=expected,
                shape=outputs.shape,
                got=target.shape,
            )
        )
    if outputs.shape[-1] == 1:
        right = ((outputs > threshold) == (target > 0.5))[..., 0]
    else:
        right = outputs.argmax(axis=-1) == target
    return right.mean(axis=-1)


def success_rate(models, data, *, loss, optimizer, epochs, threshold=0.0):
    """Share of models that classify every example right after training. All of them train at once, as a stack.

    models   list of Sequential models of one shape, for instance one for each of 30 seeds
    others   as in `train` and `accuracy`

    Raises what `train` does. `Diverged` is for all of them: it says no more than that one or several diverged.
    """
    stacked = stack(models)
    for _ in train(stacked, data, loss=loss, optimizer=optimizer, epochs=epochs):
        pass
    return float(np.mean(accuracy(stacked(data[0]), data[1], threshold) == 1))
