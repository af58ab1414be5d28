"""A training step: forward, loss, backward (output error, hidden error, gradients), step; and the steps of a run."""

import math

from .autodiff import Tensor
from .text import say


def take_step(model, data, loss, optimizer):
    """Take one step on data = (x, ..., y); returns the loss before it, as a float.

    When the loss is not finite, there is no backward pass, and the parameters stay as they are.
    Raises TypeError when the loss does not depend on the parameters, ValueError when it is more than one number.
    """
    *inputs, target = data
    batch_loss = loss(model(*inputs), target)
    value = _number(batch_loss)
    if math.isfinite(value):
        batch_loss.backward()
        optimizer.step(model.parameters)
    return value


class Steps:
    """The steps of one run, by the engine.

    model, data, loss, optimizer   as in `train`
    whole   the recorded `Step` with all examples, if there is one that reads the data where they are
    """

    whole = None

    def __init__(self, model, data, loss, optimizer):
        self._model, self._data, self._loss, self._optimizer = model, data, loss, optimizer

    def take(self, chosen):
        """A step on the examples with these numbers (None: on all); returns the loss before it, as `take_step` does."""
        return take_step(self._model, self._batch(chosen), self._loss, self._optimizer)

    def _batch(self, chosen):
        return self._data if chosen is None else [array[chosen] for array in self._data]


def _number(loss):
    """The value of a loss as a float."""
    if type(loss) is not Tensor:
        raise TypeError(say("train: expected a loss that depends on the model's parameters, got {got!r}", got=loss))
    if loss.size != 1:
        loss.backward()  # says what is wrong with its shape
    return loss.value.item()
