"""Gradient descent and its relatives. Each differs in one method, `update`: how the gradient g becomes a step of w.

All parameters of a model live in one flat vector `w` (`flat_vector`); the tensors hold views of it. The update is then a
handful of NumPy calls, however deep the network. The learning rate may be changed at any time; the next step uses the new one.
"""

import numpy as np

from .checks import check_at_least_0, check_fraction, check_rate
from .flat_vector import FlatVector
from .optimizer_state import Restorable
from .text import say


class Optimizer(Restorable):
    """What all optimizers share: the learning rate, and the flat vector. `state()` and `restore()` are in `Restorable`.

    learning_rate   a positive number; or, for stacked networks, an array with one rate a network: to change a rate, set a new
                    array. Set later, by a schedule, it may also be 0
    weight_decay    >= 0: before each step, w <- w - eta weight_decay w. Large weights, which bend a network sharply,
                    have to earn their size (Loshchilov and Hutter 2019: decoupled from the running averages)
    gradient        after a step, the flat gradient that it used (for looking at, until the next step)

    A rule of your own is a subclass with `update`. What it remembers from step to step may have any names; `reset`, where
    it begins, is called at the first step. `self._rate` is the rate as a number, or, for stacked networks, as a vector.

    An optimizer that remembers anything belongs to the parameters of its first step: it knows them by the tensors. A value
    that was replaced since (`p.value = np.clip(p.value, -1, 1)`) is taken over, and the running averages go on.
    Raises ValueError when a learning rate is not positive and finite, or another setting is outside its range.
    """

    def __init__(self, learning_rate, weight_decay=0.0):
        check_at_least_0(type(self).__name__, weight_decay=weight_decay)
        check_rate(type(self).__name__, learning_rate)
        self._flat = None  # the FlatVector, from the first step on
        self.learning_rate, self.weight_decay = learning_rate, weight_decay

    def update(self, w, g):
        """Change the flat vector w in place, given the flat gradient g. This is what subclasses write."""
        raise NotImplementedError

    def reset(self):
        """Forget running averages: begin them anew, as in self.v = np.zeros_like(self._w), which is as long as w and g."""

    def step(self, parameters):
        """Move the parameters (a list of tensors) one step, using the `.grad` that `loss.backward()` has left.

        Raises ValueError when a parameter has no gradient, or still the one that the last step used; TypeError when `update`
        returns something, since what it returns would be lost.
        """
        self.prepare(parameters)
        w, g = self._flat.gather(parameters)
        if self.weight_decay:
            w -= self._rate * self.weight_decay * w
        if self.update(w, g) is not None:
            raise TypeError(
                say(
                    "{name}.update: expected it to change w in place (w -= ...) and to return nothing, got a result",
                    name=type(self).__name__,
                )
            )

    def check_new(self, parameters):
        """Raise ValueError when one of the gradients is missing, or the last step has used it."""
        self.prepare(parameters)
        self._flat.check_new(parameters)

    def prepare(self, parameters):
        """Get ready for steps of these parameters, as the first step does."""
        name, flat = type(self).__name__, self._flat
        if flat is not None:
            if flat.holds(parameters):
                return
            if not flat.differs(parameters):
                flat.rebind()
                return
            if type(self).reset is not Optimizer.reset:  # it remembers something
                raise ValueError(
                    say(
                        "{name}.step: expected the parameters of its first step, got others, but its running averages "
                        "belong to the parameters of the first step. Make an optimizer for each list of parameters",
                        name=name,
                    )
                )
        flat = FlatVector(name, parameters)
        self._rate = flat.spread(self._learning_rate)
        flat.bind()
        self._flat = flat
        self.reset()

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        check_rate(type(self).__name__, rate, or_zero=True)  # a schedule may come down to 0
        self._rate = rate if self._flat is None else self._flat.spread(rate)
        self._learning_rate = rate

    @property
    def gradient(self):
        return self._flat.gradient

    @property
    def _w(self):
        return self._flat.w

    def __repr__(self):
        return f"{type(self).__name__}(learning_rate={self._learning_rate!r})"


class GradientDescent(Optimizer):
    """w <- w - eta g."""

    def update(self, w, g):
        w -= self._rate * g


class Momentum(Optimizer):
    """v <- beta v + g;  w <- w - eta v.  Steps in a steady direction add up, zigzags cancel.

    beta   from 0 to below 1: which share of its speed is left after a step
    Source: Polyak (1964); in this form in PyTorch's SGD(momentum=beta).
    """

    def __init__(self, learning_rate, beta=0.9, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay)
        check_fraction("Momentum", beta=beta)
        self.beta = beta

    def reset(self):
        self.v = np.zeros_like(self._w)

    def update(self, w, g):
        self.v *= self.beta
        self.v += g
        w -= self._rate * self.v


class RMSProp(Optimizer):
    """s <- rho s + (1 - rho) g^2;  w <- w - eta g / (sqrt(s) + epsilon).  Each weight gets a step size of its own.

    rho       from 0 to below 1: the running average looks back over about 1 / (1 - rho) steps
    epsilon   >= 0: keeps the step finite where the gradient is 0
    Source: Hinton, Coursera lecture 6e (2012).
    """

    def __init__(self, learning_rate, rho=0.9, epsilon=1e-8, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay)
        check_fraction("RMSProp", rho=rho)
        check_at_least_0("RMSProp", epsilon=epsilon)
        self.rho, self.epsilon = rho, epsilon

    def reset(self):
        self.s = np.zeros_like(self._w)

    def update(self, w, g):
        self.s *= self.rho
        self.s += (1 - self.rho) * (g * g)
        w -= self._rate * g / (np.sqrt(self.s) + self.epsilon)


class Adam(Optimizer):
    """m <- beta1 m + (1 - beta1) g;  s <- beta2 s + (1 - beta2) g^2;  w <- w - eta m^ / (sqrt(s^) + epsilon).

    m^ = m / (1 - beta1^t) and s^ = s / (1 - beta2^t) undo the start at zero, t counts the steps.
    beta1, beta2   from 0 to below 1, as rho in RMSProp          epsilon   >= 0, as there
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization.
    """

    def __init__(self, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay)
        check_fraction("Adam", beta1=beta1, beta2=beta2)
        check_at_least_0("Adam", epsilon=epsilon)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def reset(self):
        self.m, self.s, self.t = np.zeros_like(self._w), np.zeros_like(self._w), 0

    def update(self, w, g):
        self.t += 1
        self.m *= self.beta1
        self.m += (1 - self.beta1) * g
        self.s *= self.beta2
        self.s += (1 - self.beta2) * (g * g)
        m_hat = self.m / (1 - self.beta1**self.t)
        s_hat = self.s / (1 - self.beta2**self.t)
        w -= self._rate * m_hat / (np.sqrt(s_hat) + self.epsilon)


# All rules of this module by their names, in their order: what a lab offers, and what the tests hold to their promises
OPTIMIZERS = {
    name: rule
    for name, rule in list(globals().items())
    if isinstance(rule, type) and issubclass(rule, Optimizer) and rule is not Optimizer
}
