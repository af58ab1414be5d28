"""All operations, layers and losses, one line each, and what turns a line into numbers and gradients.

`test_ops` checks each line against finite differences, and the elementary operations against NumPy; `test_torch` checks
each against PyTorch; `test_memory` looks for reference cycles in it. `check_model` does the same for a whole model, such as a
`network`.
"""

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib import Dense, Sequential, Tensor, ops
from course_lib import functional as F
from course_lib.gradient_check import compare_gradients, numerical_gradient


class Operation(NamedTuple):
    name: str
    ours: object  # ours(*inputs); for a layer or a loss a partial of the function with its options
    reference: object  # reference(numpy or torch, *inputs); None for a layer or a loss
    shapes: tuple
    positive: bool


def op(name, ours, reference, *shapes, positive=False):
    """One line of the table; "same" stands for our own expression, where PyTorch spells it alike."""
    if reference == "same":
        return Operation(name, ours, lambda m, *inputs: ours(*inputs), shapes, positive)
    return Operation(name, ours, reference, shapes, positive)


OPERATIONS = [
    op("add", lambda x, y: x + y, "same", (3, 4), (3, 4)),
    op("add a row", lambda x, y: x + y, "same", (3, 4), (4,)),
    op("add to a row", lambda x, y: x + y, "same", (4,), (3, 4)),
    op("add a column to a row", lambda x, y: x + y, "same", (3, 1), (1, 4)),
    op("add a number", lambda x, y: x + y, "same", (3, 4), ()),
    op("add in three dimensions", lambda x, y: x + y, "same", (2, 1, 4), (3, 1)),
    op("add where an axis of 1 stays 1", lambda x, y: x + y, "same", (2, 1), (1,)),
    op("add a constant", lambda x: x + 1.5, "same", (3, 4)),
    op("constant add", lambda x: 2 + x, "same", (3, 4)),
    op("subtract", lambda x, y: x - y, "same", (3, 4), (3, 4)),
    op("subtract a constant", lambda x: x - 1.5, "same", (3, 4)),
    op("constant subtract", lambda x: 2 - x, "same", (3, 4)),
    op("multiply", lambda x, y: x * y, "same", (3, 4), (3, 4)),
    op("multiply by a table of one number", lambda x, y: x * y, "same", (3, 4), (1, 1)),
    op("multiply by a constant", lambda x: x * 3, "same", (3, 4)),
    op("constant multiply", lambda x: -0.5 * x, "same", (3, 4)),
    op("divide", lambda x, y: x / y, "same", (3, 4), (3, 4)),
    op("divide by a constant", lambda x: x / 4, "same", (3, 4)),
    op("constant divide", lambda x: 2 / x, "same", (3, 4)),
    op("negate", lambda x: -x, "same", (3, 4)),
    op("square", lambda x: x**2, "same", (3, 4)),
    op("cube", lambda x: x**3, "same", (3, 4)),
    op("power 1", lambda x: x**1, "same", (3, 4)),
    op("power -2", lambda x: x**-2, "same", (3, 4)),
    op("power 1.7", lambda x: x**1.7, "same", (3, 4), positive=True),
    op("value used twice", lambda x: x * x + x, "same", (3, 4)),
    op("value used as its own row", lambda x: x * x[0], "same", (3, 4)),
    op("x times its transpose", lambda x: x @ ops.transpose(x), lambda m, x: x @ x.T, (3, 4)),
    op("matmul", lambda x, y: x @ y, "same", (3, 4), (4, 2)),
    op("matmul of batches", lambda x, y: x @ y, "same", (5, 3, 4), (5, 4, 2)),
    op("matmul, one right side for a batch", lambda x, y: x @ y, "same", (5, 3, 4), (4, 2)),
    op("matmul, one left side for a batch", lambda x, y: x @ y, "same", (3, 4), (5, 4, 2)),
    op("matmul, both broadcast", lambda x, y: x @ y, "same", (2, 1, 3, 4), (5, 4, 2)),
    op("take a slice", lambda x: x[1:, ::2], "same", (3, 4)),
    op("take rows, one of them three times", lambda x: x[[0, 2, 2, 2]], "same", (3, 4)),
    op("take pairs, one of them twice", lambda x: x[[0, -1, 0], [1, 3, 1]], "same", (3, 4)),
    op("take a table of rows", lambda x: x[np.array([[0, 1], [1, 1]])], "same", (3, 4)),
    op("take by a mask", lambda x: x[np.array([True, False, True])], "same", (3, 4)),
    op("exp", ops.exp, lambda m, x: m.exp(x), (3, 4)),
    op("exp of a number", ops.exp, lambda m, x: m.exp(x), ()),
    op("log", ops.log, lambda m, x: m.log(x), (3, 4), positive=True),
    op("sqrt", ops.sqrt, lambda m, x: m.sqrt(x), (3, 4), positive=True),
    op("tanh", ops.tanh, lambda m, x: m.tanh(x), (3, 4)),
    op("sigmoid", ops.sigmoid, lambda m, x: 1 / (1 + m.exp(-x)), (3, 4)),
    op("sigmoid of a number", ops.sigmoid, lambda m, x: 1 / (1 + m.exp(-x)), ()),
    op("relu", ops.relu, lambda m, x: m.where(x > 0, x, 0 * x), (3, 4)),
    op("sum", ops.sum, lambda m, x: m.sum(x), (3, 4)),
    op("sum of a number", ops.sum, lambda m, x: m.sum(x), ()),
    op("sum over axis 0", lambda x: ops.sum(x, 0), lambda m, x: m.sum(x, 0), (3, 4)),
    op("sum over axes -1 and 0", lambda x: ops.sum(x, (-1, 0)), lambda m, x: m.sum(x, (-1, 0)), (2, 3, 4)),
    op("mean", ops.mean, lambda m, x: m.mean(x), (3, 4)),
    op("mean over axes 0 and -1", lambda x: ops.mean(x, (0, -1)), lambda m, x: m.mean(x, (0, -1)), (2, 3, 4)),
    op("softmax", ops.softmax, lambda m, x: m.exp(x) / m.exp(x).sum(-1)[..., None], (3, 4)),
    op("softmax of a vector", ops.softmax, lambda m, x: m.exp(x) / m.exp(x).sum(), (4,)),
    op("softmax over axis 0", lambda x: ops.softmax(x, 0), lambda m, x: m.exp(x) / m.exp(x).sum(0), (3, 4)),
    op("softmax over axis -2", lambda x: ops.softmax(x, axis=-2),
       lambda m, x: m.exp(x) / m.exp(x).sum(-2)[:, None], (2, 3, 4)),
    op("reshape", lambda x: ops.reshape(x, (2, 6)), lambda m, x: m.reshape(x, (2, 6)), (3, 4)),
    op("reshape to a vector", lambda x: ops.reshape(x, -1), lambda m, x: m.reshape(x, (-1,)), (3, 4)),
    op("reshape to a number", lambda x: ops.reshape(x, ()), lambda m, x: m.reshape(x, ()), (1, 1)),
    op("transpose", ops.transpose, lambda m, x: m.moveaxis(x, (2, 1, 0), (0, 1, 2)), (2, 3, 4)),
    op("transpose (1, 2, 0)", lambda x: ops.transpose(x, (1, 2, 0)),
       lambda m, x: m.moveaxis(x, (1, 2, 0), (0, 1, 2)), (2, 3, 4)),
    op("transpose (-1, 0, 1)", lambda x: ops.transpose(x, (-1, 0, 1)),
       lambda m, x: m.moveaxis(x, (2, 0, 1), (0, 1, 2)), (2, 3, 4)),
    op("concat", lambda x, y: ops.concat([x, y]), lambda m, x, y: m.concatenate([x, y], -1), (3, 4), (3, 2)),
    op("concat along axis 0", lambda x, y, z: ops.concat([x, y, z], axis=0),
       lambda m, x, y, z: m.concatenate([x, y, z], 0), (3, 2), (1, 2), (2, 2)),
    op("concat with itself", lambda x: ops.concat([x, x]), lambda m, x: m.concatenate([x, x], -1), (3, 4)),
    op("stack", lambda x, y: ops.stack([x, y]), lambda m, x, y: m.stack([x, y], 0), (3, 4), (3, 4)),
    op("stack numbers", lambda x, y: ops.stack([x, y]), lambda m, x, y: m.stack([x, y], 0), (), ()),
]  # fmt: skip


def function(kind, ours, *shapes, **options):
    """One line for a layer or a loss, called with these options."""
    return Operation(f"{ours.__name__} {kind}".strip(), partial(ours, **options), None, shapes, False)


def dropout(x):
    """Dropout that draws the same mask at each call."""
    return F.dropout(x, 0.4, np.random.default_rng(3))


LABELS, MASK = np.array([2, 0, 1, 1]), np.array([1, 0, 1, 1])
SEQUENCE_LABELS = np.array([[0, 2, 1], [1, 1, 0]])
SEQUENCE_MASK = np.array([[1, 1, 0], [1, 0, 0]])
TARGETS = np.array([[0.0], [1.0], [0.25], [1.0]])
MASKS = {  # of three sequences of four steps
    "without a mask": None,
    "with padding at the end": np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], bool),
    "with padding anywhere": np.array([[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0]], bool),
}
FUNCTIONS = [
    *(function(f"{kind}, {activation}", F.dense, x, W, b, activation=activation)
      for activation in F.ACTIVATIONS
      for kind, x, W, b in (
          ("of a batch", (4, 3), (3, 2), (2,)),
          ("of sequences", (4, 5, 3), (3, 2), (2,)),
          ("of four axes", (2, 3, 4, 3), (3, 1), (1,)),
          ("of a stack", (4, 3), (5, 3, 2), (5, 2)),
          ("after a stack", (2, 2, 2), (2, 2, 2), (2, 2)),
      )),
    *(function(f"{padding} {W[:2]} of {x[1:3]}, {activation}", F.conv2d, x, W, (2,), activation=activation, padding=padding)
      for activation in F.ACTIVATIONS
      for padding, x, W in (
          ("same", (2, 4, 5, 3), (3, 5, 3, 2)),
          ("valid", (2, 4, 5, 2), (2, 5, 2, 2)),
          ("same", (2, 1, 2, 2), (3, 5, 2, 2)),  # a kernel larger than the image
      )),
    function("", F.max_pool2d, (2, 4, 6, 3)),
    function("of size 3", F.max_pool2d, (2, 3, 6, 3), size=3),
    *(function(kind, loss, (*stack, 4, 1), target=TARGETS)
      for kind, stack in (("", ()), ("of a stack", (3,)))
      for loss in (F.mean_squared_error, F.half_squared_error, F.binary_cross_entropy)),
    function("", F.softmax_cross_entropy, (4, 3), labels=LABELS),
    function("of a stack", F.softmax_cross_entropy, (3, 4, 3), labels=LABELS),
    function("with a mask", F.softmax_cross_entropy, (4, 3), labels=LABELS, mask=MASK),
    function("of sequences", F.softmax_cross_entropy, (2, 3, 3), labels=SEQUENCE_LABELS),
    function("of masked sequences", F.softmax_cross_entropy, (2, 3, 3), labels=SEQUENCE_LABELS, mask=SEQUENCE_MASK),
    *(function(f"of {kind}", norm, (*lead, 3), (3,), (3,))
      for kind, lead in (("a batch", (4,)), ("sequences", (4, 5)), ("images", (2, 3, 4)))
      for norm in (F.layer_norm, F.batch_norm)),
    *(function("another epsilon", norm, (4, 3), (3,), (3,), epsilon=0.1) for norm in (F.layer_norm, F.batch_norm)),
    function("", dropout, (3, 4)),
    function("", F.embedding, (3, 4), indices=SEQUENCE_LABELS),
    function("of nothing", F.embedding, (3, 4), indices=np.zeros((2, 0), int)),
    function("", F.gru_cell, (3, 2), (3, 5), (2, 15), (5, 15), (15,), (5,)),
    function("of one", F.gru_cell, (1, 1), (1, 1), (1, 3), (1, 3), (3,), (1,)),
    *(function(kind, ours, *shapes, mask=mask)
      for kind, mask in MASKS.items()
      for ours, *shapes in (
          (F.gru, (3, 4, 2), (3, 3), (2, 9), (3, 9), (9,), (3,)),
          (F.attention, (3, 2, 5), (3, 4, 5), (3, 4, 6)),
          (F.attention_weights, (3, 2, 5), (3, 4, 5)),
      )),
    *(function(f"heads {heads}{'' if causal else ', without its mask'}", F.causal_attention,
               (2, 4, 6), (2, 4, 6), (2, 4, 2), heads=heads, causal=causal)
      for heads in (1, 2) for causal in (True, False)),
    function("of one step", F.causal_attention, (2, 1, 3), (2, 1, 3), (2, 1, 3)),
]  # fmt: skip


def inputs(operation, dtype=np.float64):
    """Random arrays of the operation's shapes, no number nearer to zero than 0.3 (relu and 1/x bend there)."""
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(0.3, 1.5, shape) for shape in operation.shapes]
    if not operation.positive:
        arrays = [array * rng.choice([-1.0, 1.0], np.shape(array)) for array in arrays]
    return [np.array(array, dtype) for array in arrays]


def weights(shape):
    """Numbers that differ, none of them 1, so that a weighted sum depends on each place of a result in another way."""
    return np.cos(1 + np.arange(np.prod(shape, dtype=int))).reshape(shape)


def one_number(result):
    """The weighted sum of a result of course_lib."""
    return ops.sum(result * weights(np.shape(result)).astype(result.dtype))


def gradients(operation, arrays):
    """The gradient of the weighted sum for every input."""
    return gradients_of(operation.ours, arrays)


def gradients_of(function, arrays):
    tensors = [Tensor(array) for array in arrays]
    one_number(function(*tensors)).backward()
    return [tensor.grad for tensor in tensors]


def assert_alike(ours, theirs, arrays, rtol=1e-11, atol=1e-12):
    """Two functions have the same values, and the same gradient for each input."""
    np.testing.assert_allclose(ours(*arrays), theirs(*arrays), rtol, atol)
    for gradient, other in zip(gradients_of(ours, arrays), gradients_of(theirs, arrays), strict=True):
        np.testing.assert_allclose(gradient, other, rtol, atol)


def network(seed=0, sizes=(2, 4, 1), activation="tanh", **options):
    """Dense layers of these sizes, the last one without an activation; options are those of each layer."""
    rng, (*hidden, last) = np.random.default_rng(seed), pairwise(sizes)
    layers = [Dense(*pair, activation, rng=rng, **options) for pair in hidden]
    return Sequential(*layers, Dense(*last, rng=rng, **options))


def check_model(model, loss, parameters=None, tolerance=1e-7):
    """Compare the gradients of a model's parameters, all or some, with finite differences of loss(), computed anew."""
    parameters = model.parameters if parameters is None else parameters
    values = [p.value.copy() for p in parameters]

    def loss_with(values):
        for p, value in zip(parameters, values, strict=True):
            p.value = value
        return float(loss())

    loss().backward()
    compare_gradients([p.grad for p in parameters], numerical_gradient(loss_with, values), tolerance)
