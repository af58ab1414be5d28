"""Layers: a layer holds parameters and knows how to use them; the arithmetic is in `functional`.

A model is a layer made of layers. Calling it runs the forward pass; `model.parameters` lists what gradient descent may
change, always in the same order. This module has what every network needs.
"""

import math
from copy import copy
from functools import cached_property

import numpy as np

from .. import functional
from ..autodiff import Tensor
from ..checks import check_arguments
from ..text import say


def glorot_uniform(shape, rng):
    """Uniform in +-sqrt(6 / (features_in + features_out)): keeps the variance alike forward and backward.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    limit = math.sqrt(6 / (shape[0] + shape[1]))
    return rng.uniform(-limit, limit, shape)


def he_normal(shape, rng):
    """Normal with standard deviation sqrt(2 / features_in), for layers followed by relu.

    Source: He et al. (2015), Delving deep into rectifiers.
    """
    return rng.normal(0, math.sqrt(2 / shape[0]), shape)


def orthogonal(shape, rng):
    """A random rotation, shape (n, n): multiplied by it, a vector keeps its length, however often that is done.

    Source: Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning in deep linear neural networks.
    """
    q, r = np.linalg.qr(rng.normal(size=shape))
    return q * np.sign(np.diag(r))  # with these signs every rotation is equally likely


def zeros(shape, rng):
    """All zeros: every hidden unit then computes the same thing, and gradient descent cannot tell them apart."""
    return np.zeros(shape)


class Layer:
    """Something that can be called and has parameters.

    parameters   list of the tensors that gradient descent may change: its own, then those of its layers; a tensor that is
                 used twice comes once. Only to be read: a += would lengthen it for good
    layers       the layers that it is made of: those that it holds, unless a class sets others
    training     True while `train` takes its steps: dropout and batch normalisation act differently then

    It holds what is among its attributes, and in lists, tuples and dicts there. All of that is trained, but for a tensor that
    was computed from others; a class that sets `parameters` itself may leave some out. It is looked for once: what is put into
    a model later is not trained, so make a new one, as in Sequential(*model.layers, Dense(...))
    """

    training = False

    @cached_property
    def layers(self):
        return tuple(_held(vars(self), Layer))

    @cached_property
    def _beside(self):
        """The layers that it holds besides `layers`."""
        return tuple(dict.fromkeys(layer for layer in _held(vars(self), Layer) if layer not in self.layers))

    @cached_property
    def parameters(self):
        own = [tensor for tensor in _held(vars(self), Tensor) if not tensor.parents]  # one with parents was computed
        return list(dict.fromkeys([*own, *parameters_of([*self.layers, *self._beside])]))

    def set_training(self, training):
        """Set `training` here and in all layers inside."""
        self.training = training
        for layer in self.layers:
            layer.set_training(training)
        for layer in self._beside:
            layer.set_training(training)

    def __repr__(self):
        shapes = ", ".join(f"{p.name} {p.shape}" for p in self.parameters)
        return f"{type(self).__name__}({shapes})"


def _held(parts, kind):
    """What is of this kind in a list, tuple or dict, and in lists, tuples and dicts inside it."""
    for part in parts.values() if isinstance(parts, dict) else parts:
        if isinstance(part, kind):
            yield part
        elif isinstance(part, list | tuple | dict):
            yield from _held(part, kind)


def every_layer(model):
    """A model and all layers inside, each once."""
    found, waiting = {}, [model]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in found:
            found[id(layer)] = layer
            waiting += [*getattr(layer, "layers", ()), *getattr(layer, "_beside", ())]
    return [*found.values()]


class Dense(Layer):
    """A fully connected layer, a = f(x W + b).

    features_in, features_out   whole numbers >= 1
    activation                  "identity", "sigmoid", "tanh" or "relu"
    rng                         numpy.random.Generator for the initial weights; biases start at 0
    initializer                 function (shape, rng) -> array; default glorot_uniform
    scale                       the initial weights are multiplied by it
    dtype                       float64 or float32

    Raises ValueError for a size below 1 or an unknown activation, TypeError when rng is not a Generator or dtype
    holds no fractions.
    """

    def __init__(
        self,
        features_in,
        features_out,
        activation="identity",
        *,
        rng,
        initializer=glorot_uniform,
        scale=1.0,
        dtype=np.float64,
    ):
        check_arguments("Dense", rng, dtype, features_in=features_in, features_out=features_out)
        functional.check_activation("Dense", activation)
        W = scale * initializer((features_in, features_out), rng)
        self.W = Tensor(W.astype(dtype), name="W")  # (features_in, features_out)
        self.b = Tensor(np.zeros(features_out, dtype), name="b")  # (features_out,)
        self.activation = activation

    def __call__(self, x):
        return functional.dense(x, self.W, self.b, self.activation)

    def __repr__(self):
        *_, features_in, features_out = self.W.shape
        return f"Dense({features_in} -> {features_out}, {self.activation})"


class Sequential(Layer):
    """Layers one after the other: the output of each is the input of the next.

    Raises ValueError when there is no layer, TypeError for what is none.
    """

    def __init__(self, *layers):
        if not layers:
            raise ValueError(say("{layer}: expected at least one layer, got none", layer=type(self).__name__))
        for got in layers:
            if not isinstance(got, Layer):
                sentence = say(
                    "{layer}: expected layers, such as Dense or a subclass of Layer, got {got!r}",
                    layer=type(self).__name__,
                    got=got,
                )
                raise TypeError(sentence)
        self.layers = layers  # a tuple: a layer that is put in later would be missing in `parameters`

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


def parameters_of(layers):
    """The parameters of some layers in one list, in their order; a tensor that two layers share comes once."""
    return list(dict.fromkeys(p for layer in layers for p in layer.parameters))


def stack(models):
    """Many `Sequential` models of one shape as one model, so that all of them train at once.

    models   Sequential models of Dense layers with equal shapes and activations, in a list or any iterable
    returns  a Sequential whose output is (networks, batch, features_out); parameter i of network k is
             `stacked.parameters[i].value[k]`, a copy: the given models stay as they are

    Raises ValueError when there is no model, the models differ in shape, or they are not of this kind.
    """
    models = list(models)
    if not all(type(m) is Sequential and all(isinstance(layer, Dense) for layer in m.layers) for m in models):
        raise ValueError(say("stack: expected Sequential models of Dense layers, got {got}", got=models))
    # kind, shapes, activation, and where the same layer was used first: shared layers must be shared alike
    shapes = [
        [
            (type(layer), [p.shape for p in _tensors_of(layer).values()], layer.activation, m.layers.index(layer))
            for layer in m.layers
        ]
        for m in models
    ]
    if not models or any(s != shapes[0] for s in shapes):
        raise ValueError(say("stack: expected at least one model, all of one shape, got {got}", got=models))
    for m in models:
        tensors = [p for layer in dict.fromkeys(m.layers) for p in _tensors_of(layer).values()]
        if len(set(tensors)) < len(tensors):
            raise ValueError(say("stack: expected each layer to have tensors of its own, got {got}", got=m))
    together = list(zip(*(m.layers for m in models), strict=True))
    stacked = {same[0]: _stack_dense(same) for same in together}  # a layer that is used twice is stacked once
    return Sequential(*(stacked[same[0]] for same in together))


def _tensors_of(layer):
    """The tensors among its attributes: {name: tensor}."""
    return {name: held for name, held in vars(layer).items() if isinstance(held, Tensor)}


def _stack_dense(layers):
    stacked = copy(layers[0])  # whatever else a layer has, such as its activation, it keeps
    vars(stacked).pop("parameters", None)  # those of the single layer, if they have been listed already
    for name in _tensors_of(stacked):  # W becomes (networks, in, out), b (networks, out)
        setattr(stacked, name, Tensor(np.stack([getattr(layer, name).value for layer in layers]), name=name))
    return stacked
