"""A training step: forward, loss, backward (output error, hidden error, gradients), step; and the steps of an epoch."""

import math

from .autodiff import Tensor
from .text import say


def take_step(model, data, loss, optimizer):
    """Take one step on data = (x, ..., y); returns the loss before it, as a float.

    When the loss is not finite, there is no backward pass, and the parameters stay as they are.
    Raises TypeError when the loss does not depend on the parameters, ValueError when it is more than one number.
    """
    *inputs, target = data
    batch_loss = loss(model(*inputs), target)  # forward, loss
    value = _number(batch_loss)
    if math.isfinite(value):
        batch_loss.backward()  # output error, hidden error, gradients
        optimizer.step(model.parameters)  # step
    return value


def _number(loss):
    """The value of a loss as a float."""
    if type(loss) is not Tensor:
        raise TypeError(say("train: expected a loss that depends on the model's parameters, got {got!r}", got=loss))
    if loss.size != 1:
        loss.backward()  # raises, and says what is wrong with its shape
    return loss.value.item()


class Steps:
    """The steps of one run. model, data, loss, optimizer are as in `train`."""

    def __init__(self, model, data, loss, optimizer):
        self._model, self._data, self._loss, self._optimizer = model, data, loss, optimizer
        self._size = len(data[0])
        self._set_training = getattr(model, "set_training", lambda training: None)

    def take(self, chosen):
        """A step on the examples with these numbers (None: on all); returns the loss before it, as `take_step` does."""
        return take_step(self._model, self._batch(chosen), self._loss, self._optimizer)

    def epoch(self, batches):
        """A step on each batch, the numbers of its examples (batches None: a single step on all examples).

        Returns the sum of the losses, each times its number of examples; None as soon as one is not finite.
        """
        total = 0.0
        self._set_training(True)
        try:
            for chosen in (None,) if batches is None else batches:
                value = self.take(chosen)
                if not math.isfinite(value):
                    return None
                total += value * (self._size if chosen is None else len(chosen))
        finally:  # also when the reader interrupts: the model can be used and trained on
            self._set_training(False)
        return total

    def _batch(self, chosen):
        return self._data if chosen is None else [array[chosen] for array in self._data]
