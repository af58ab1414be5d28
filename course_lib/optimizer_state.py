"""`state()` and `restore()` of an optimizer: to go on later, or elsewhere, as if nothing had been between.

Nothing in here is needed to understand training.
"""

from copy import deepcopy

import numpy as np

from .text import say

_NO_STATE = ("_flat", "_rate", "_learning_rate")  # what an `Optimizer` knows by itself


class Restorable:
    """An `Optimizer` whose attributes can be put back, whatever a subclass calls them."""

    def state(self):
        """What the next step depends on, besides the parameters and their gradients: a dict that later steps do not change.

        class           the name of the optimizer's class
        learning_rate   a number, or an array with one rate a network
        gradient        that of the last step, flat: (numbers in all parameters,); missing before the first step
        ...             each attribute of the optimizer under its own name, whatever that is: settings such as beta and
                        weight_decay, counts, running averages (flat arrays as a rule), lists and dicts of them; of a random
                        generator its position, of an optimizer inside its state. Functions and models are left out
        """
        begun = {} if self._flat is None else {"gradient": self._flat.gradient}
        own = {name: _state_of(value) for name, value in self._own().items()}
        return self._copied({"class": type(self).__name__, "learning_rate": self._learning_rate, **begun, **own})

    def restore(self, state):
        """Go back to a `state()`, of this optimizer or of another one of its class. The parameters stay as they are.

        A state from before the first step makes the optimizer a new one. Every other state belongs to parameters with as
        many numbers: an optimizer that has taken no step is first told which ones, by `prepare(model.parameters)`.
        Raises ValueError, and changes nothing, for what is no such dict, or one of another class, size or dtype. (Where it
        is the state of an optimizer inside that does not fit, what stood before it may have been put back already.)
        """
        name, gradient = type(self).__name__, None if self._flat is None else self._flat.gradient
        if not isinstance(state, dict) or state.get("class") != name or "learning_rate" not in state:
            got = state.get("class", state) if isinstance(state, dict) else state
            raise ValueError(say("{name}.restore: expected a state() of {name}, got {got!r}", name=name, got=got))
        if "gradient" in state and _kind(gradient) != _kind(state["gradient"]):
            raise ValueError(
                say(
                    "{name}.restore: expected a state for {expected} numbers in all parameters, got one for {got}. "
                    "If the optimizer has taken no step yet, call prepare(model.parameters) first, so that it knows "
                    "its parameters",
                    name=name,
                    expected=_kind(gradient),
                    got=_kind(state["gradient"]),
                )
            )
        saved = self._copied(state, {id(state["gradient"]): gradient} if "gradient" in state else {})
        for attribute in self._own().keys() - saved.keys():
            delattr(self, attribute)
        for attribute in saved.keys() - {"class", "learning_rate", "gradient"}:
            _restore(vars(self), attribute, saved[attribute])
        if "gradient" in state:
            gradient[...] = state["gradient"]
        else:
            self._flat = None
        self.learning_rate = saved["learning_rate"]

    def _own(self):
        """name -> value of what a step may change, or reads, but for what the base knows by itself."""
        return {name: value for name, value in vars(self).items() if name not in _NO_STATE and not callable(value)}

    def _copied(self, state, same=None):
        """A copy, in which parameters are still the same tensors; same: id of an object -> what stands for it.

        What deepcopy is given beside the state is its memo: of an object that it finds there, it makes no copy.
        """
        tensors = () if self._flat is None else self._flat.parameters
        return deepcopy(state, {id(p): p for p in tensors} | (same or {}))


def _kind(flat):
    """How many numbers of which dtype: "17 (float64)"; "0" before there are any."""
    return "0" if flat is None else f"{flat.size} ({flat.dtype})"


def _state_of(value):
    """Of what is known elsewhere, too, only the state: it is put back into the same object."""
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    return value.state() if hasattr(value, "restore") else value


def _restore(attributes, name, saved):
    now = attributes.get(name)
    if isinstance(now, np.random.Generator):
        now.bit_generator.state = saved
    elif hasattr(now, "restore"):
        now.restore(saved)
    else:
        attributes[name] = saved
