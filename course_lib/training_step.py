"""One training step: forward, loss, backward (output error, hidden error, gradients), step."""

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


def _number(loss):
    """The value of a loss as a float."""
    if type(loss) is not Tensor:
        raise TypeError(say("train: expected a loss that depends on the model's parameters, got {got!r}", got=loss))
    if loss.size != 1:
        loss.backward()  # says what is wrong with its shape
    return loss.value.item()
