"""Gradient descent and its relatives. Each is a change of one line: how the gradient g becomes a step of w.

All parameters of a model live in one flat vector `w`; the tensors hold views of it. A step is then two or three NumPy
calls for a network of any depth. The learning rate may be changed at any time; the next step uses the new one.
"""

from copy import deepcopy
from operator import attrgetter, is_not

import numpy as np

from .autodiff import next_order
from .checks import check_at_least_0, check_fraction, check_gradient_shapes
from .text import say

_value = attrgetter("value")
_LAYOUT = ("_parameters", "_views", "_w", "_grad_views", "_used", "_rate")  # where the parameters lie: no state
_OF_THE_BASE = (*_LAYOUT, "_learning_rate", "gradient")


class Optimizer:
    """What all optimizers share: the learning rate, and the flat vector.

    learning_rate   a positive number; or, for stacked networks, an array with one rate a network. Set later, by a
                    schedule, it may also be 0
    weight_decay    >= 0: before each step, w <- w - eta weight_decay w. Large weights, which bend a network sharply,
                    have to earn their size (Loshchilov and Hutter 2019: decoupled from the running averages)
    gradient        after a step, the flat gradient that it used (for looking at, until the next step)

    An optimizer belongs to the parameters of its first step: it knows them by the tensors. A value that was replaced since
    (`p.value = np.clip(p.value, -1, 1)`) is taken over, and the running averages go on.
    Raises ValueError when a learning rate is not positive and finite, or another setting is outside its range.
    """

    changing = ("_rate",)  # attributes with a number that may be another one at each step: `replay` reads it anew

    def __init__(self, learning_rate, weight_decay=0.0):
        check_at_least_0(type(self).__name__, weight_decay=weight_decay)
        self._views, self._parameters, self._learning_rate = [], None, None
        self.learning_rate, self.weight_decay = learning_rate, weight_decay

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        enough = np.greater if self._learning_rate is None else np.greater_equal  # a schedule may come down to 0
        try:
            valid = np.all(np.isfinite(rate)) and np.isrealobj(rate) and np.all(enough(np.asarray(rate), 0))
        except TypeError:
            valid = False
        if not valid:
            raise ValueError(
                say(
                    "{name}: expected a positive, finite learning rate, got {got!r}", name=type(self).__name__, got=rate
                )
            )
        self._rate = rate if np.ndim(rate) == 0 else self._spread(np.asarray(rate), self._views)
        self._learning_rate = rate

    def step(self, parameters):
        """Move the parameters (a list of tensors) one step, using the `.grad` that `loss.backward()` has left.

        Raises ValueError when a parameter has no gradient, or still the one that the last step used.
        """
        self.prepare(parameters)
        for i, p in enumerate(parameters):
            if p.grad is None or p.grad is self._used[i]:
                raise ValueError(
                    say(
                        "{name}.step: parameter {index} ({label} {shape}) has no new gradient: call loss.backward() "
                        "before each step, on a loss that depends on it",
                        name=type(self).__name__,
                        index=i,
                        label=p.name or "tensor",
                        shape=p.shape,
                    )
                )
            self._grad_views[i][...] = p.grad
        self._used = [p.grad for p in parameters]
        now = next_order()
        for p in parameters:
            p.order_of_last_step = now
        if self.weight_decay:
            self._w -= self._rate * self.weight_decay * self._w
        self.update(self._w, self.gradient)

    def prepare(self, parameters):
        """Get ready for steps of these parameters, as the first step does."""
        if (
            not self._views
            or len(parameters) != len(self._views)
            or any(map(is_not, map(_value, parameters), self._views))
        ):
            self._recognise(parameters)

    def update(self, w, g):
        """Change the flat vector w in place, given the flat gradient g. The one line that subclasses change."""
        raise NotImplementedError

    def reset(self):
        """Forget running averages."""

    def state(self):
        """What the next step depends on, besides the parameters and their gradients: a dict that later steps do not change.

        class           the name of the optimizer's class
        learning_rate   a number, or an array with one rate a network
        gradient        that of the last step, flat: (numbers in all parameters,); missing before the first step
        ...             each attribute of the optimizer under its own name, whatever that is: settings such as beta and
                        weight_decay, counts, running averages (flat arrays as a rule), lists and dicts of them; of a random
                        generator its position, of an optimizer inside its state. Functions and models are left out
        """
        own = {name: _state_of(value) for name, value in self._own().items()}
        begun = {"gradient": self.gradient} if self._views else {}
        saved = {"class": type(self).__name__, "learning_rate": self._learning_rate, **begun, **own}
        return deepcopy(saved, {id(p): p for p in self._parameters or ()})

    def restore(self, state):
        """Go back to a `state()`, of this optimizer or of another one of its class. The parameters stay as they are.

        A state from before the first step makes the optimizer a new one. Every other state belongs to parameters with as
        many numbers: an optimizer that has taken no step is first told which ones, by `prepare(model.parameters)`.
        Raises ValueError, and changes nothing, for what is no such dict, or one of another class, size or dtype.
        """
        name, gradient = type(self).__name__, self.gradient if self._views else None
        if not isinstance(state, dict) or state.get("class") != name or "learning_rate" not in state:
            got = state.get("class", state) if isinstance(state, dict) else state
            raise ValueError(say("{name}.restore: expected a state() of {name}, got {got!r}", name=name, got=got))
        if "gradient" in state and _kind(gradient) != _kind(state["gradient"]):
            raise ValueError(
                say(
                    "{name}.restore: expected a state for {expected} numbers in all parameters, got one for {got}. Tell an "
                    "optimizer that has taken no step its parameters first: prepare(model.parameters)",
                    name=name,
                    expected=_kind(gradient),
                    got=_kind(state["gradient"]),
                )
            )
        saved = deepcopy(state, {id(p): p for p in self._parameters or ()} | {id(state.get("gradient")): gradient})
        for attribute in self._own().keys() - saved.keys():
            delattr(self, attribute)
        for attribute in saved.keys() - {"class", "learning_rate", "gradient"}:
            _put_back(vars(self), attribute, saved[attribute])
        if "gradient" in state:
            gradient[...] = state["gradient"]
        else:
            self._views, self._parameters = [], None
        self.learning_rate = saved["learning_rate"]

    def _own(self):
        """name -> value of what a step may change, or reads, but for what the base knows by itself."""
        return {n: value for n, value in vars(self).items() if n not in _OF_THE_BASE and not callable(value)}

    def _recognise(self, parameters):
        """Adopt the parameters of a first step; take over values that were replaced; refuse the parameters of others.

        Without running averages (gradient descent) there is nothing to confuse: other parameters are adopted.
        """
        if self._parameters is None or (
            type(self).reset is Optimizer.reset and any(map(is_not, parameters, self._parameters))
        ):
            self._adopt(parameters)
            return
        if len(parameters) != len(self._parameters) or any(map(is_not, parameters, self._parameters)):
            raise ValueError(
                say(
                    "{name}.step: expected the parameters of its first step, got others: its running averages belong to "
                    "those. Make an optimizer for each list of parameters",
                    name=type(self).__name__,
                )
            )
        for i, (p, view) in enumerate(zip(parameters, self._views, strict=True)):
            if p.value.shape != view.shape or p.value.dtype != view.dtype:
                raise ValueError(
                    say(
                        "{name}.step: parameter {index} had shape {expected} and dtype {dtype} at the last step, now it has "
                        "{got} and {now}",
                        name=type(self).__name__,
                        index=i,
                        expected=view.shape,
                        dtype=view.dtype,
                        got=p.value.shape,
                        now=p.value.dtype,
                    )
                )
            if p.value is not view:
                view[...] = p.value
                p.value = view

    def _adopt(self, parameters):
        """Move the parameters into one flat vector, and keep views of it as their values."""
        name = type(self).__name__
        if not parameters:
            raise ValueError(say("{name}.step: expected at least one parameter, got none", name=name))
        if len(set(parameters)) < len(parameters):
            raise ValueError(
                say(
                    "{name}.step: a parameter is listed twice; course_lib.layers.parameters_of(layers) lists each once",
                    name=name,
                )
            )
        dtypes = sorted({p.dtype.name for p in parameters})
        if len(dtypes) > 1:
            raise ValueError(
                say("{name}.step: expected parameters of one dtype, got {got}", name=name, got=", ".join(dtypes))
            )
        if np.ndim(self._learning_rate):
            self._rate = self._spread(np.asarray(self._learning_rate), parameters)
        check_gradient_shapes(f"{name}.step", parameters)
        self._w = np.concatenate([p.value for p in parameters], axis=None)
        self.gradient = np.empty_like(self._w)
        self._views = _views(self._w, parameters)
        self._grad_views = _views(self.gradient, parameters)
        self._parameters = list(parameters)
        self._used = [None] * len(parameters)
        for p, view in zip(parameters, self._views, strict=True):
            p.value = view
        self.reset()

    def _spread(self, rates, parameters):
        """One rate a network, repeated for each number of the flat vector that belongs to that network."""
        if any(p.shape[:1] != rates.shape for p in parameters):
            networks = len(parameters[0]) if parameters[0].ndim else 1
            raise ValueError(
                say(
                    "{name}: expected one learning rate for each of {expected} stacked networks, got {got}",
                    name=type(self).__name__,
                    expected=networks,
                    got=len(rates),
                )
            )
        spread = [np.repeat(rates.astype(p.dtype), p.size // len(rates)) for p in parameters]
        return np.concatenate(spread) if spread else rates

    def __repr__(self):
        return f"{type(self).__name__}(learning_rate={self._learning_rate!r})"


def _views(flat, parameters):
    """Consecutive pieces of a flat vector, in the shapes of the parameters, sharing its memory."""
    ends = np.cumsum([p.size for p in parameters])
    return [flat[end - p.size : end].reshape(p.shape) for p, end in zip(parameters, ends, strict=True)]


def _kind(flat):
    """How many numbers of which dtype: "17 (float64)"; "0" before there are any."""
    return "0" if flat is None else f"{flat.size} ({flat.dtype})"


def _state_of(value):
    """Of what is known elsewhere, too, only the state: it is put back into the same object."""
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    return value.state() if hasattr(value, "restore") else value


def _put_back(attributes, name, saved):
    now = attributes.get(name)
    if isinstance(now, np.random.Generator):
        now.bit_generator.state = saved
    elif hasattr(now, "restore"):
        now.restore(saved)
    else:
        attributes[name] = saved


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

    changing = ("_rate", "t")

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
