"""Training steps of every kind, for the tests of `replay`: models with their data and losses, and optimizers."""

from functools import partial

import numpy as np

from course_lib import (
    GRU,
    Adam,
    Attention,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GradientDescent,
    Layer,
    LayerNorm,
    MaxPool2D,
    Residual,
    Sequential,
    ops,
    optimizers,
    stack,
)
from course_lib import functional as F
from course_lib.models.language import LanguageModel, next_symbol_loss
from course_lib.models.translation import Translator, masked_loss
from course_lib.replay import record_step
from course_lib.schedules import Clipped
from course_lib.training_step import take_step

_data = np.random.default_rng(0)
X, Y, LABELS = _data.normal(size=(8, 5)), _data.uniform(size=(8, 3)), _data.integers(0, 3, 8)
SEQUENCES, IMAGES, FOUR_LABELS = _data.normal(size=(4, 6, 3)), _data.random((4, 8, 8, 1)), _data.integers(0, 3, 4)
SOURCE, TARGET = _data.integers(1, 7, (4, 5)), _data.integers(1, 6, (4, 4))
SOURCE[0, 3:] = TARGET[1, 2:] = 0  # padding


class Composed(Layer):
    """Layers, and a function of them and of x."""

    def __init__(self, function, *layers):
        self.function, self.layers = function, layers

    def __call__(self, x):
        return self.function(x, *self.layers)


def _network(rng, activation="tanh", between=(), dtype=np.float64):
    first, last = Dense(5, 4, activation, rng=rng, dtype=dtype), Dense(4, 3, rng=rng, dtype=dtype)
    return Sequential(first, *between, last)


def language_model(rng, dtype=np.float64, **options):
    """Two blocks that learn the next symbol; some places do not count."""
    x = np.where(SOURCE == 0, 1, SOURCE)
    y = np.where(SOURCE == 0, -1, np.roll(SOURCE, -1))
    return LanguageModel(7, 6, 4, blocks=2, rng=rng, dtype=dtype, **options), (x, y), next_symbol_loss


def _cells(x, gru, dense):
    h = np.zeros((len(x), 4))
    for t in range(x.shape[1]):
        h = F.gru_cell(x[:, t], h, *gru.parameters)
    return dense(h)


def _many_operations(a, y):
    parts = ops.concat([ops.sigmoid(a), ops.exp(a)])[:, 1:]
    chosen = ops.softmax(a)[np.array([0, 0, 1]), 1]
    return (
        ops.mean((parts - 0.5) ** 2) / ops.sqrt(ops.sum(a * a) + 1.0)
        + ops.sum(chosen) * 0.5
        - ops.mean(ops.stack([ops.relu(a), ops.tanh(a)]) @ ops.transpose(a - y))
        + ops.sum(ops.log(ops.exp(ops.reshape(a, (-1,)))))
    )


def _shared(rng):
    layer = Dense(5, 5, "tanh", rng=rng)
    return Sequential(layer, layer, Dense(5, 3, rng=rng))


def _stack(rng, activation):
    return stack([_network(rng, activation) for _ in range(5)])


def _convolutional(rng):
    first, second = Conv2D(1, 4, activation="relu", rng=rng), Conv2D(4, 3, activation="tanh", padding="valid", rng=rng)
    return Sequential(first, second, MaxPool2D(2), Flatten(), Dense(27, 3, rng=rng))


def _embedded(rng):
    function = lambda x, embedding, gru, dense: dense(gru(embedding(x))[:, -1])  # noqa: E731
    return Composed(function, Embedding(7, 3, rng=rng), GRU(3, 4, rng=rng), Dense(4, 3, rng=rng))


def _classified(function, *layers):
    """A model of sequences that function(x, *layers) describes, with their classes."""
    return Composed(function, *layers), (SEQUENCES, FOUR_LABELS), F.softmax_cross_entropy


def _looking_back(rng, causal=True, dtype=np.float64):
    def function(x, *layers):
        return layers[3](ops.mean(F.causal_attention(*(layer(x) for layer in layers[:3]), 2, causal), 1))

    layers = *(Dense(3, 4, rng=rng, dtype=dtype) for _ in range(3)), Dense(4, 3, rng=rng, dtype=dtype)
    return Composed(function, *layers), (SEQUENCES.astype(dtype), FOUR_LABELS), F.softmax_cross_entropy


def _weighted(z, y):
    return F.softmax_cross_entropy(z, y, (y + 1) / 3)


NUMBERS, CLASSES = ((X, Y), F.mean_squared_error), ((X, LABELS), F.softmax_cross_entropy)
# name -> function (rng) -> (model, data, loss)
STEPS = {
    **{f"dense, {name}": lambda rng, name=name: (_network(rng, name), *NUMBERS) for name in F.ACTIVATIONS},
    "half squared error": lambda rng: (_network(rng), (X, Y), F.half_squared_error),
    "binary cross-entropy": lambda rng: (_network(rng), (X, Y), F.binary_cross_entropy),
    "softmax cross-entropy": lambda rng: (_network(rng), *CLASSES),
    "float32": lambda rng: (
        _network(rng, "relu", dtype=np.float32),
        (X.astype(np.float32), LABELS),
        F.softmax_cross_entropy,
    ),
    "dropout": lambda rng: (_network(rng, between=[Dropout(0.3, rng=rng)]), *CLASSES),
    "layer norm": lambda rng: (_network(rng, between=[LayerNorm(4)]), *CLASSES),
    "batch norm": lambda rng: (_network(rng, between=[BatchNorm(4)]), *CLASSES),
    "residual": lambda rng: (_network(rng, between=[Residual(Dense(4, 4, rng=rng))]), *CLASSES),
    "shared layers": lambda rng: (_shared(rng), *NUMBERS),
    "stack": lambda rng: (_stack(rng, "tanh"), (X, Y), F.binary_cross_entropy),
    "stack, labels": lambda rng: (_stack(rng, "relu"), *CLASSES),
    "gru": lambda rng: _classified(
        lambda x, gru, dense: dense(gru(x)[:, -1]), GRU(3, 4, rng=rng), Dense(4, 3, rng=rng)
    ),
    "gru cells": lambda rng: _classified(_cells, GRU(3, 4, rng=rng), Dense(4, 3, rng=rng)),
    "attention": lambda rng: _classified(
        lambda x, attention, dense: dense(ops.mean(attention(x, x), 1)),
        Attention(3, 3, 4, rng=rng),
        Dense(4, 3, rng=rng),
    ),
    "causal attention": _looking_back,
    "causal attention, float32, no mask": lambda rng: _looking_back(rng, False, np.float32),
    "embedding": lambda rng: (_embedded(rng), (SOURCE, FOUR_LABELS), F.softmax_cross_entropy),
    "language model": language_model,
    "language model, float32": lambda rng: language_model(rng, np.float32),
    "language model without positions and mask": lambda rng: language_model(rng, positions=False, causal=False),
    "weighted sequences": lambda rng: (Embedding(7, 3, rng=rng), (SOURCE, SOURCE % 3), _weighted),
    "convolutions": lambda rng: (_convolutional(rng), (IMAGES, FOUR_LABELS), F.softmax_cross_entropy),
    "translation": lambda rng: (Translator(7, 6, 4, 5, rng=rng), (SOURCE, TARGET, TARGET), masked_loss),
    "other operations": lambda rng: (_network(rng), (X, Y), _many_operations),
}
OPTIMIZERS = {
    **{name: partial(rule, 0.05) for name, rule in optimizers.OPTIMIZERS.items()},
    "weight decay": lambda: GradientDescent(0.1, weight_decay=0.01),
    "Adam, weight decay": lambda: Adam(0.01, weight_decay=0.01),
    "clipped": lambda: Clipped(Adam(0.01), largest=0.5),
}


def everything(model, optimizer):
    """The bytes of all that training leaves: parameters, gradients, running averages, counters, norms."""
    found = [(p.value.tobytes(), np.asarray(p.grad).tobytes()) for p in model.parameters]
    objects = [optimizer, getattr(optimizer, "optimizer", None), *_inside(model)]
    for each in objects:
        for name, value in sorted(vars(each).items()) if each is not None else ():
            if isinstance(value, np.ndarray | int | float) and name != "training":
                found.append((name, np.asarray(value).tobytes()))
    return found, list(getattr(optimizer, "norms", ()))


def _inside(layer):
    yield layer
    for each in layer.layers:
        yield from _inside(each)


def left_by_steps(model, data, loss, optimizer, record_at, between=None, steps=5, without=()):
    """What some steps leave: from number `record_at` on replayed, all by the engine where it is None.

    between(model, optimizer) comes after each.
    """
    model.set_training(True)
    step, losses = None, []
    for i in range(steps):
        if i == record_at:
            step = record_step(model, data, loss=loss, optimizer=optimizer, without=without)
        losses.append(step() if step else take_step(model, data, loss, optimizer))
        if between is not None:
            between(model, optimizer)
    return repr(losses), everything(model, optimizer)


def same(model_of, data=(X, Y), loss=F.binary_cross_entropy, optimizer=GradientDescent, between=None):
    """Whether replayed steps leave what the engine leaves."""
    replayed, eager = (left_by_steps(model_of(), data, loss, optimizer(0.1), at, between, steps=4) for at in (0, None))
    return replayed == eager
