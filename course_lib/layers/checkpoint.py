"""Checkpoints: memory saved for arithmetic. What a layer has computed inside is forgotten, and computed again when needed."""

from contextlib import contextmanager

import numpy as np

from ..autodiff import Tensor, record, value_of
from .base import Sequential, every_layer


def checkpoint(layer):
    """The layer, with the same outputs, gradients and parameters, that keeps nothing but its input for the backward pass.

    layer   a Layer, such as a Sequential of several

    In the forward pass the tensors inside the layer go as soon as its output is there. In the backward pass the layer runs
    forward once more, from its input, and then backward: one forward pass more in time, and in memory the inside of only one
    checkpointed layer at a time. The second run repeats the first: generators draw the same numbers again (dropout), and the
    running averages of batch normalisation move only once. (Such a step is refused by `train(..., replay=True)`, which writes
    down one run of it.) Gradients reach x and the layer's parameters, and no other tensor that it may use.

    Source: Chen et al. (2016), Training deep nets with sublinear memory cost, section 4.
    """
    return _Checkpoint(layer)


class _Checkpoint(Sequential):
    def __call__(self, x):
        [layer], a = self.layers, np.asanyarray(value_of(x))
        constant = type(x) is not Tensor  # it stays so: whole numbers may be symbols
        before = _state(layer)
        value = value_of(layer(a if constant else Tensor(a)))  # its graph goes, since nothing keeps it

        def vjp(g):
            again = a if constant else Tensor(a)
            tensors = [*self.parameters] if constant else [again, *self.parameters]
            kept = [p.grad for p in self.parameters]  # the pass that asks may have begun a sum in them
            for p in self.parameters:
                p.grad = None
            with _as_it_was(layer, before):
                y = layer(again)
                if type(y) is Tensor:
                    (y * g).sum().backward()
            gradients = [np.zeros_like(t.value) if t.grad is None else t.grad for t in tensors]
            for p, grad in zip(self.parameters, kept, strict=True):
                p.grad = grad
            return [None, *gradients] if constant else gradients

        return record(value, (x, *self.parameters), vjp)

    def __repr__(self):
        return f"checkpoint({self.layers[0]!r})"


def _state(layer):
    """What a forward pass may change, and what it depends on besides x and parameters, of all layers inside: their numbers
    and generators, [(array or generator, its state)], and whether they train."""
    inside = every_layer(layer)
    held = [each for inner in inside for each in vars(inner).values()]
    arrays = [(each, each.copy()) for each in held if type(each) is np.ndarray]
    generators = [(each, each.bit_generator.state) for each in held if isinstance(each, np.random.Generator)]
    return arrays, generators, [(inner, inner.training) for inner in inside]


def _put(state):
    arrays, generators, modes = state
    for array, numbers in arrays:
        np.copyto(array, numbers)
    for generator, then in generators:
        generator.bit_generator.state = then
    for inner, training in modes:
        inner.training = training


@contextmanager
def _as_it_was(layer, before):
    """The layer as it was before its forward pass; afterwards as it is now."""
    now = _state(layer)
    _put(before)
    try:
        yield
    finally:
        _put(now)
