"""The prepared expressions of the graph lab: functions of named leaves, and the numbers that these have at the start."""

from ... import ops
from ...text import N_


def _diamond(a):
    b = a + a
    b.name = "b"
    return b * b


# label: (function of named leaves, their values at the start)
EXPRESSIONS = {
    "x*x + x": (lambda x: x * x + x, {"x": 3.0}),
    "x*y + y": (lambda x, y: x * y + y, {"x": 3.0, "y": 2.0}),
    N_("b*b with b = a + a"): (_diamond, {"a": 3.0}),
    "(x + y) * (x - y)": (lambda x, y: (x + y) * (x - y), {"x": 3.0, "y": 2.0}),
    "exp(x) / (exp(x) + 1)": (lambda x: (lambda e: e / (e + 1))(ops.exp(x)), {"x": 1.0}),
    "tanh(w*tanh(w*x))": (lambda w, x: ops.tanh(w * ops.tanh(w * x)), {"w": 1.0, "x": 0.5}),
    N_("neuron: (sigmoid(x*w + b) - y)**2"): (
        lambda x, w, b, y: (ops.sigmoid(x * w + b) - y) ** 2, {"x": 2.0, "w": 0.5, "b": -1.0, "y": 1.0},
    ),
}  # fmt: skip
