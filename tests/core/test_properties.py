"""What must hold for all shapes, indices and networks: Hypothesis looks for a case where it does not.

Examples are drawn the same way in every run, so that a failure here is a failure everywhere.
"""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes
from operations import assert_alike, one_number

from course_lib import GradientDescent, Tensor, check_gradients, minibatches, ops
from course_lib import functional as F

prove = settings(max_examples=40)

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)
any_shape = shapes.array_shapes(min_dims=0, max_dims=3, max_side=4)
some_axes = shapes.array_shapes(min_dims=1, max_dims=4, max_side=4)
logits = st.floats(-1000, 1000)


def draw(seed, shape, low=0.5, high=1.5):
    """Numbers of both signs, none near zero."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape))


def assert_adjoint(seed, operation, *arrays):
    """The backward pass of a linear operation A is its transpose: (A x) . g = x . (A^T g) for all x and g."""
    tensors = [Tensor(array) for array in arrays]
    result = operation(*tensors)
    g = draw(seed + 1, result.shape)
    gradients = result.vjp(g)
    forward = np.vdot(result.value, g)
    backward = math.fsum(np.vdot(array, gradient) for array, gradient in zip(arrays, gradients, strict=True))
    assert math.isclose(forward, backward, rel_tol=1e-12, abs_tol=1e-12)
    assert [np.shape(gradient) for gradient in gradients] == [array.shape for array in arrays]


# Broadcasting


@prove
@given(
    st.sampled_from([lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y]),
    shapes.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    seeds,
)
def test_operators_broadcast_as_numpy_does(operator, pair, seed):
    arrays = [draw(seed + i, shape) for i, shape in enumerate(pair.input_shapes)]
    result = operator(*map(Tensor, arrays))
    np.testing.assert_array_equal(result.value, operator(*arrays))
    check_gradients(lambda p: one_number(operator(*p)), arrays, tolerance=1e-8)


# Linear operations


@prove
@given(st.data(), any_shape, seeds)
def test_sum_and_mean_over_any_axes(data, shape, seed):
    axes = st.one_of(st.none(), shapes.valid_tuple_axes(len(shape)))
    axis, x = data.draw(axes), draw(seed, shape)
    for operation, numpy_operation in ((ops.sum, np.sum), (ops.mean, np.mean)):
        np.testing.assert_array_equal(operation(x, axis), numpy_operation(x, axis=axis))
        assert_adjoint(seed, lambda t, operation=operation: operation(t, axis), x)


@prove
@given(st.data(), some_axes, seeds)
def test_take_with_slices_numbers_and_new_axes_and_with_tables_of_numbers_that_repeat(data, shape, seed):
    x = draw(seed, shape)
    for kind in (shapes.basic_indices(shape, allow_newaxis=True), shapes.integer_array_indices(shape)):
        index = data.draw(kind)
        np.testing.assert_array_equal(Tensor(x)[index].value, x[index])
        assert_adjoint(seed, lambda t, index=index: t[index], x)


@prove
@given(st.data(), some_axes, seeds)
def test_reshape_and_transpose(data, shape, seed):
    x = draw(seed, shape)
    order = data.draw(st.permutations(range(x.ndim)))
    order = [axis - x.ndim if data.draw(st.booleans()) else axis for axis in order]  # counted from either end
    assert_adjoint(seed, lambda t: ops.transpose(t, order), x)
    new_shape = data.draw(st.sampled_from([(-1,), (x.size, 1), shape[::-1], (1, *shape)]))
    assert_adjoint(seed, lambda t: ops.reshape(t, new_shape), x)


@prove
@given(st.data(), some_axes, st.lists(sizes, min_size=1, max_size=3), seeds)
def test_concat_and_stack(data, shape, lengths, seed):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = []
    for i, length in enumerate(lengths):
        part_shape = list(shape)
        part_shape[axis] = length
        parts.append(draw(seed + i, part_shape))
    np.testing.assert_array_equal(ops.concat(parts, axis), np.concatenate(parts, axis))
    assert_adjoint(seed, lambda *tensors: ops.concat(tensors, axis), *parts)

    new_axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    equal = [draw(seed + i, shape) for i in range(len(lengths))]
    np.testing.assert_array_equal(ops.stack(equal, new_axis), np.stack(equal, new_axis))
    assert_adjoint(seed, lambda *tensors: ops.stack(tensors, new_axis), *equal)


# Losses


@prove
@given(logits, st.floats(0, 1))
def test_binary_cross_entropy_for_any_logit(z, y):
    """Against log(1 + e^-|z|) in Python's own floating point."""
    loss = float(F.binary_cross_entropy(np.array([[z]]), np.array([[y]])))
    expected = max(z, 0.0) - z * y + math.log1p(math.exp(-abs(z)))
    assert math.isclose(loss, expected, rel_tol=1e-13, abs_tol=1e-13)
    t = Tensor([[z]])
    F.binary_cross_entropy(t, [[y]]).backward()
    p = 1 / (1 + math.exp(-z)) if z > -700 else 0.0
    assert math.isclose(t.grad.item(), p - y, rel_tol=1e-12, abs_tol=1e-12)


@prove
@given(shapes.arrays(float, st.tuples(sizes, sizes), elements=logits), seeds)
def test_softmax_cross_entropy_for_any_logits(z, seed):
    labels = np.random.default_rng(seed).integers(z.shape[1], size=len(z))
    expected = 0.0
    for row, label in zip(z.tolist(), labels, strict=True):
        top = max(row)
        expected += top + math.log(math.fsum(math.exp(v - top) for v in row)) - row[label]
    t = Tensor(z)
    loss = F.softmax_cross_entropy(t, labels)
    loss.backward()
    assert math.isclose(float(loss), expected / len(z), rel_tol=1e-12, abs_tol=1e-12)
    np.testing.assert_allclose(t.grad * len(z), ops.softmax(z) - np.eye(z.shape[1])[labels], atol=1e-13)


# dense


@prove
@given(st.sampled_from(sorted(F.ACTIVATIONS)), some_axes, sizes, seeds)
def test_dense_is_matmul_add_and_activation(activation, lead, features_out, seed):
    features_in = lead[-1]
    lead = (*lead[:-1], 3) if len(lead) > 1 else (3,)
    x, W, b = (
        draw(seed, (*lead, features_in)),
        draw(seed + 1, (features_in, features_out)),
        draw(seed, features_out),
    )
    function = {"identity": lambda z: z, "sigmoid": ops.sigmoid, "tanh": ops.tanh, "relu": ops.relu}[activation]
    assert_alike(lambda *arrays: F.dense(*arrays, activation), lambda x, W, b: function(x @ W + b), (x, W, b))


# The engine: any program, against dual numbers


class Dual:
    """A value and its derivative in one direction: the rules of school, forward instead of backward."""

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def tanh(self):
        return Dual(math.tanh(self.value), self.slope * (1 - math.tanh(self.value) ** 2))


PROGRAMS = st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30)


def run(program, inputs, tanh):
    """Each line takes any two earlier values: they are used often, early and late. tanh keeps them small."""
    values = list(inputs)
    for symbol, i, j in program:
        x, y = values[i % len(values)], values[j % len(values)]
        values.append(tanh({"+": x.__add__, "-": x.__sub__, "*": x.__mul__}[symbol](y)))
    return values[-1]


@prove
@given(PROGRAMS, seeds)
def test_any_program_has_the_derivatives_that_dual_numbers_give(program, seed):
    numbers = [float(v) for v in draw(seed, 3)]
    tensors = [Tensor(v) for v in numbers]
    loss = run(program, tensors, ops.tanh)
    loss.backward()
    for k, tensor in enumerate(tensors):
        duals = [Dual(v, float(i == k)) for i, v in enumerate(numbers)]
        expected = run(program, duals, Dual.tanh)
        got = 0.0 if tensor.grad is None else float(tensor.grad)
        assert math.isclose(float(loss), expected.value, rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(got, expected.slope, rel_tol=1e-9, abs_tol=1e-9)


# Optimizers and batches


@prove
@given(st.lists(any_shape, min_size=1, max_size=5), seeds)
def test_a_step_moves_each_number_by_its_own_gradient(parameter_shapes, seed):
    values, gradients = ([draw(seed + i, s) for i, s in enumerate(parameter_shapes, k)] for k in (0, 100))
    params = [Tensor(value.copy()) for value in values]
    sum((ops.sum(p * g) for p, g in zip(params, gradients, strict=True)), 0.0).backward()
    GradientDescent(0.25).step(params)
    for p, value, g in zip(params, values, gradients, strict=True):
        np.testing.assert_array_equal(p.value, value - 0.25 * g)


@prove
@given(st.integers(1, 50), st.integers(1, 60), seeds)
def test_batches_are_the_data_in_another_order(examples, batch_size, seed):
    x = np.arange(examples)
    batches = list(minibatches((x, x * 2), batch_size, np.random.default_rng(seed)))
    assert [len(part) for part, _ in batches[:-1]] == [min(batch_size, examples)] * (len(batches) - 1)
    assert sorted(np.concatenate([part for part, _ in batches])) == list(range(examples))
    assert all((double == 2 * part).all() for part, double in batches)
