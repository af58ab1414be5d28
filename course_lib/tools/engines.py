"""Another engine in the place of ours: what a lab or the gradient check has to know of somebody else's class of values.

Such values calculate with `+`, `*`, `@`, and have the methods `tanh()`, `cross_entropy(y)`, `graph()` (themselves and all
that they depend on, newest first) and `backward()`; what their attributes are called is told to an `Engine`.
"""

from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from ..autodiff import Tensor, record, value_of
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

    def mirrored(self, last, names):
        """A Tensor for the value `last`, and one for each that it was made of: same numbers, parents and rules.

        names   {id of a value: the name of its leaf}; any other leaf is a constant

        The numbers are this engine's, and so are all messages, for each vjp is its rule. Raises EngineError where its order
        puts a parent before what was made of it, or the rules do not fit the parents.
        """
        seen = {}
        for value in reversed(list(last.graph())):
            parents = list(self.parents(value))
            if any(id(parent) not in seen for parent in parents):
                raise EngineError(
                    say("your engine: `graph()` puts a value behind one of its parents, or leaves one out")
                )
            numbers = np.asarray(self.numbers(value), dtype=float)
            if parents:
                seen[id(value)] = Tensor(numbers, tuple(seen[id(p)] for p in parents), self._vjp(value, len(parents)))
            else:
                seen[id(value)] = Tensor(numbers, name=names[id(value)]) if id(value) in names else numbers
        return seen[id(last)]

    def _vjp(self, value, count):
        """The rule of a value, which keeps its name, with an error in words when it does not return `count` messages."""
        rule = self.rule(value)
        if not callable(rule):
            raise EngineError(say("your engine: expected a rule for a value that has parents, got none"))

        @wraps(rule)
        def vjp(g):
            messages = rule(g)
            if not isinstance(messages, tuple | list) or len(messages) != count:
                raise EngineError(
                    say(
                        "your engine: expected {count} messages in a tuple from the rule of {name}",
                        count=count,
                        name=vjp.__qualname__.partition(".")[0],
                    )
                )
            return messages

        return vjp


class OnEngine:
    """A network of tanh layers and logits, whose passes another engine runs: `train` sees one single operation.

    network   a Sequential(Dense(..., "tanh"), ..., Dense(...)): its parameters are used, its forward pass is not
    """

    def __init__(self, engine, network):
        self.engine, self.parameters = engine, network.parameters
        self._recorded = engine.recorded(lambda params, x, y: self.forward(params, x).cross_entropy(y))

    @staticmethod
    def forward(params, x):
        """The logits as a value of the engine."""
        *hidden, (W, b) = zip(params[::2], params[1::2], strict=True)
        for W_hidden, b_hidden in hidden:
            x = (x @ W_hidden + b_hidden).tanh()
        return x @ W + b

    def logits(self, weights, x):
        """The logits for other weights, as an array. Raises EngineError where the engine gives another shape."""
        got = self.engine.numbers(self.forward([self.engine.value(np.array(w)) for w in weights], x))
        if np.shape(got) != (len(x), weights[-1].size):
            raise EngineError(
                say(
                    "your engine: expected outputs of shape {expected}, got {got}",
                    expected=(len(x), weights[-1].size),
                    got=np.shape(got),
                )
            )
        return np.asarray(got, dtype=float)

    def __call__(self, x):
        return x  # the forward pass waits for the targets: `loss` runs all of it

    def loss(self, x, y):
        """The mean logistic loss, as a Tensor that depends on the parameters."""
        return self._recorded(self.parameters, x, y)
