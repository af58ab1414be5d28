"""The prepared expressions of the autograd lab, written for any library that has these operations."""

import numpy as np

from ...datasets import xor
from ...text import N_


def _xor_net(lib, W1, b1, W2, b2):
    x, y = xor()
    return lib.binary_cross_entropy(lib.dense(lib.dense(x, W1, b1, "tanh"), W2, b2), y)


def _diamond(lib, a):
    b = a + a
    return b * b


def _softmax_like(lib, x):
    e = lib.exp(x)
    return e / (e + 1)


def _xor_weights():
    rng = np.random.default_rng(1)
    return {"W1": rng.normal(size=(2, 4)), "b1": np.zeros(4), "W2": rng.normal(size=(4, 1)), "b2": np.zeros(1)}


# label: (function of the library and named leaves, their values)
EXPRESSIONS = {
    "x*x + x": (lambda lib, x: x * x + x, {"x": 3.0}),
    N_("b*b with b = a + a"): (_diamond, {"a": 3.0}),
    "exp(x) / (exp(x) + 1)": (_softmax_like, {"x": 1.0}),
    N_("neuron: (sigmoid(x*w + b) - y)**2"): (
        lambda lib, x, w, b, y: (lib.sigmoid(x * w + b) - y) ** 2, {"x": 2.0, "w": 0.5, "b": -1.0, "y": 1.0},
    ),
    N_("XOR net 2-4-1 with its loss"): (_xor_net, _xor_weights()),
}  # fmt: skip
