"""What may be done to the learning rate and the gradient from step to step: schedules, and clipping by the norm.

A schedule is a function of the step (or epoch) k = 0, 1, 2, ... that returns the learning rate to use there. The functions
below give its value at one k:

    optimizer.learning_rate = cosine(0.1, k, total=100)

The schedule itself is `lambda k: cosine(0.1, k, total=100)`; `train(..., schedule=...)` asks it before each step.
"""

import math

import numpy as np

from .checks import check_positive
from .text import say


def constant(rate, k):
    """The same rate at every step."""
    return rate


def step_decay(rate, k, every, factor=0.1):
    """rate * factor^(k // every): a tenth after `every` steps, a hundredth after twice as many.

    Raises ValueError unless every > 0.
    """
    check_positive("step_decay", every=every)
    return rate * factor ** (k // every)


def cosine(rate, k, total, lowest=0.0):
    """Half a cosine from `rate` at k = 0 down to `lowest` at k = total, and from there on.

    Raises ValueError unless total > 0. Source: Loshchilov and Hutter (2017).
    """
    check_positive("cosine", total=total)
    return lowest + (rate - lowest) * (1 + math.cos(math.pi * min(k / total, 1))) / 2


def warm_up(rate, k, steps):
    """A straight line from rate / steps at k = 0 up to `rate`; constant after `steps` steps.

    To go on with another schedule, give it as the rate: warm_up(cosine(0.1, k, total=100), k, steps=5).
    Raises ValueError unless steps > 0.
    """
    check_positive("warm_up", steps=steps)
    return rate * min((k + 1) / steps, 1)


def clip_by_norm(parameters, largest):
    """g <- g * min(1, largest / |g|), |g| taken over all parameters together: a shorter step in the same direction.

    parameters   list of tensors with the `.grad` that `backward()` has left. It becomes a new array, of which an optimizer
                 cannot tell whether it has used it: clip once after each `backward()`, or let `Clipped` do it
    largest      a positive number
    returns      |g| before clipping, in double precision whatever the gradient's; if it is not finite, no length is right,
                 and the gradient stays as it is (`train` then reports `Diverged`)

    Raises ValueError when `largest` is not positive, or a parameter has no gradient.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    _check_norm("clip_by_norm", largest)
    if any(p.grad is None for p in parameters):
        sentence = say("{name}: a parameter has no gradient, so call loss.backward() first", name="clip_by_norm")
        raise ValueError(sentence)
    return _clip(dict.fromkeys(parameters), largest)  # one that is listed twice counts once


def _check_norm(name, largest):
    if not largest > 0:
        raise ValueError(say("{name}: expected a positive norm, got {got!r}", name=name, got=largest))


def _clip(parameters, largest):
    g = np.concatenate([0.0, *(p.grad for p in parameters)], axis=None, dtype=np.float64)  # 0: never empty
    # No `if` on these numbers: `replay` refuses one, because the next step may decide otherwise.
    top = np.abs(g).max()
    top = np.where((top > 0) & (top < np.inf), top, 1.0)  # g^2 would overflow for a g of 1e155
    norm = top * np.linalg.norm(g / top)
    too_long = (norm > largest * (1 + 1e-9)) & (norm < np.inf)  # one that is the largest but for rounding may stay
    factor = np.where(too_long, largest / np.where(too_long, norm, 1.0), 1.0)
    for p in parameters:
        p.grad = p.grad * factor.astype(p.dtype)
    return norm.item()


class Clipped:
    """An optimizer that clips the gradient by its norm before each step: Clipped(Adam(0.005), largest=1.0).

    optimizer   the one that takes the steps        largest   as in `clip_by_norm`; may be changed between steps
    norms       |g| before clipping, one number a step

    Raises ValueError when `largest` is not positive.
    """

    def __init__(self, optimizer, largest):
        self.optimizer, self.largest, self.norms = optimizer, largest, []

    @property
    def largest(self):
        return self._largest

    @largest.setter
    def largest(self, largest):
        _check_norm("Clipped", largest)
        self._largest = largest

    @property
    def learning_rate(self):
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self.optimizer.learning_rate = rate

    def prepare(self, parameters):
        """Get ready for steps of these parameters, as the first step does."""
        self.optimizer.prepare(parameters)

    def state(self):
        """As `Optimizer.state`: the largest norm, the norms so far, and the state of the optimizer inside."""
        return {"largest": self._largest, "norms": [*self.norms], "optimizer": self.optimizer.state()}

    def restore(self, state):
        """As `Optimizer.restore`."""
        if not isinstance(state, dict) or not {"largest", "norms", "optimizer"} <= state.keys():
            raise ValueError(
                say("{name}.restore: expected a state() of {name}, got {got!r}", name="Clipped", got=state)
            )
        self.optimizer.restore(state["optimizer"])
        self.largest, self.norms[:] = state["largest"], state["norms"]

    def step(self, parameters):
        """Clip the gradients that `loss.backward()` has left, and take the step."""
        if hasattr(self.optimizer, "check_new"):  # before they are clipped, which makes new ones
            self.optimizer.check_new(parameters)
        self.norms.append(_clip(parameters, self._largest))
        self.optimizer.step(parameters)
