"""Another engine in the place of ours: what a lab or the gradient check has to know of somebody else's class of values.

Such values calculate with `+`, `*`, `@`, have the methods `tanh()` and `cross_entropy(y)`, and `backward()`; what their
attributes are called is told to an `Engine`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..autodiff import record, value_of
from ..text import say


class EngineError(ValueError):
    """Another engine has not given what a computation needs: numbers, or a gradient for each value."""


@dataclass(frozen=True)
class Engine:
    """How to read the values of an engine.

    value      value(array) -> a value of that engine
    numbers    numbers(value) -> its array
    gradient   gradient(value) -> the array that `value.backward()` of a loss has left on it
    parents    parents(value) -> the values it was made of, in order
    rule       rule(value) -> None, or the function that turns dL/d(value) into one message for each parent
    """

    value: Any
    numbers: Any
    gradient: Any
    parents: Any
    rule: Any

    def recorded(self, f):
        """A function of our Tensors that lets this engine do the work.

        f        f(list of values of this engine, *args) -> a value of one number
        result   g(list of Tensors or arrays, *args) -> that number: for our engine one single operation, whose vjp is the
                 other engine's backward pass

        So whatever drives our engine (`check_gradients`, `train`, a lab) drives the other one. Raises EngineError when
        numbers or gradients are missing or have other shapes.
        """

        def one_operation(params, *args):
            values = [self.value(np.array(value_of(p), dtype=float)) for p in params]
            loss = f(values, *args)
            number = np.asarray(self.numbers(loss), dtype=float)
            if number.size != 1:
                raise EngineError(say("your engine: expected a loss of one number, got shape {got}", got=number.shape))

            def vjp(g):
                loss.backward()
                return tuple(g.item() * self.gradient_of(value, place) for place, value in enumerate(values))

            return record(number.reshape(()), tuple(params), vjp)

        return one_operation

    def gradient_of(self, value, place):
        """The gradient of a value as an array of its shape; place: its number, for the sentence of an EngineError."""
        got, shape = self.gradient(value), np.shape(self.numbers(value))
        if got is None or np.shape(got) != shape:
            got = say("none") if got is None else say("shape {shape}", shape=np.shape(got))
            raise EngineError(
                say(
                    "your engine: expected a gradient of shape {expected} for value {place}, got {got}",
                    expected=shape,
                    place=place,
                    got=got,
                )
            )
        return np.asarray(got, dtype=float)
