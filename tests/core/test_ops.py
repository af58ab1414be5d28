"""Operations, layers and losses: these tests go through every line of the tables in `operations.py`."""

import numpy as np
import pytest
from operations import FUNCTIONS, OPERATIONS, gradients, inputs, one_number
from sentences import says

from course_lib import Tensor, check_gradients, ops
from course_lib.autodiff import operation_name

pytestmark = pytest.mark.filterwarnings("error")
every_operation = pytest.mark.parametrize("operation", OPERATIONS + FUNCTIONS, ids=lambda operation: operation.name)


@every_operation
def test_gradient_agrees_with_finite_differences(operation):
    check_gradients(lambda params: one_number(operation.ours(*params)), inputs(operation), tolerance=1e-8)


# What follows goes through the table in each test, and names the operation that fails.


def test_values_are_those_of_numpy_and_plain_arrays_give_a_plain_array():
    for operation in OPERATIONS + FUNCTIONS:
        arrays, name = inputs(operation), operation.name
        result, plain = operation.ours(*map(Tensor, arrays)), operation.ours(*arrays)
        assert type(result) is Tensor and isinstance(plain, np.ndarray | np.floating), name
        np.testing.assert_array_equal(plain, result.value, name)
        if operation.reference:
            expected = operation.reference(np, *arrays)
            assert result.shape == np.shape(expected), name
            np.testing.assert_allclose(result.value, expected, 1e-14, 1e-15, err_msg=name)


def test_float32_stays_float32():
    for operation in OPERATIONS + FUNCTIONS:
        arrays, name = inputs(operation, np.float32), operation.name
        assert operation.ours(*map(Tensor, arrays)).dtype == np.float32, name
        for single, double in zip(gradients(operation, arrays), gradients(operation, inputs(operation)), strict=True):
            assert single.dtype == np.float32, name
            np.testing.assert_allclose(single, double, 1e-4, 1e-5, err_msg=name)


def test_backward_changes_nothing_and_repeats():
    for operation in OPERATIONS + FUNCTIONS:
        arrays = inputs(operation)
        for array in arrays:
            array.flags.writeable = False  # writing into an input would raise
        tensors = [Tensor(array) for array in arrays]
        loss = one_number(operation.ours(*tensors))
        loss.backward()
        first = [np.array(tensor.grad) for tensor in tensors]
        loss.backward()
        for tensor, gradient in zip(tensors, first, strict=True):
            np.testing.assert_array_equal(tensor.grad, gradient, operation.name)


def test_each_input_may_be_a_constant():
    for operation in OPERATIONS + FUNCTIONS:
        arrays = inputs(operation)
        for position, expected in enumerate(gradients(operation, arrays)):
            mixed = list(arrays)
            mixed[position] = Tensor(arrays[position])
            result = operation.ours(*mixed)  # an array on the left, too, gives a Tensor
            assert type(result) is Tensor, operation.name
            one_number(result).backward()
            np.testing.assert_allclose(mixed[position].grad, expected, 1e-13, 1e-15, err_msg=operation.name)


def test_whole_numbers_are_data_too():
    """The first input of a layer or a loss, or all of them, have the numbers and gradients of fractions that are whole."""
    for operation in FUNCTIONS:
        exact, name = [np.round(3 * array) for array in inputs(operation)], operation.name
        x, *others = (array.astype(int) for array in exact)
        expected = operation.ours(*exact)
        for rest in (others, exact[1:]):
            np.testing.assert_allclose(operation.ours(x, *rest), expected, 1e-12, 1e-12, err_msg=name)
        if others:
            tensors = [Tensor(array) for array in others]
            one_number(operation.ours(x, *tensors)).backward()
            for tensor, gradient in zip(tensors, gradients(operation, exact)[1:], strict=True):
                np.testing.assert_allclose(tensor.grad, gradient, 1e-12, 1e-12, err_msg=name)


def test_a_layer_or_a_loss_is_one_node_and_skips_the_gradient_of_data():
    for operation in FUNCTIONS:
        x, *others = inputs(operation)
        name = operation.ours.func.__name__
        result = operation.ours(Tensor(x), *map(Tensor, others))
        if name != "attention":  # which is attention_weights, and a product
            assert operation_name(result) == name and len(result.graph()) == 1 + len(operation.shapes), operation.name
        if name in ("dense", "conv2d", "gru", "gru_cell"):
            result = operation.ours(x, *map(Tensor, others))
            assert result.vjp(np.ones(result.shape))[0] is None, operation.name


def test_an_input_whose_shape_does_not_fit_is_named_by_the_layer_or_loss():
    """A number, or with an axis more or less, longer, or empty, each input either fits all the same or gets a sentence."""
    for operation in FUNCTIONS:
        arrays, name = inputs(operation), operation.ours.func.__name__.removesuffix("_weights")
        for position, array in enumerate(arrays):
            longer = [np.concatenate([array, array], axis) for axis in range(array.ndim)]
            for wrong in (2.0, array[None], np.asarray(array[0]), array[:0], *longer):
                try:
                    operation.ours(*arrays[:position], wrong, *arrays[position + 1 :])
                except ValueError as error:
                    case = operation.name, position, np.shape(wrong)
                    assert str(error).startswith(f"{name}: "), (*case, str(error))


def test_every_operation_is_in_the_table():
    results = [operation.ours(*map(Tensor, inputs(operation))) for operation in OPERATIONS]
    assert {operation_name(result) for result in results} >= set(ops.__all__)


@pytest.mark.parametrize("function", [ops.exp, ops.sigmoid, ops.sum, ops.mean, ops.relu], ids=lambda f: f.__name__)
def test_a_python_number_is_a_constant_too(function):
    assert function(0.5) == function(np.array(0.5))


def test_sigmoid_and_softmax_do_not_overflow():
    np.testing.assert_array_equal(ops.sigmoid(np.array([-1000.0, 0.0, 1000.0])), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(ops.softmax(np.array([1000.0, 0.0, -1000.0])), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(ops.softmax(np.array([-1000.0, -1000.0])), [0.5, 0.5])


@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((0, 3), 1)])
def test_the_mean_of_nothing_is_named(shape, axis):
    says(
        ValueError,
        f"mean: expected at least one number, got shape {shape}",
        lambda: ops.mean(Tensor(np.zeros(shape)), axis),
    )


def test_relu_has_gradient_0_at_0():
    x = Tensor([-1.0, 0.0, 1.0])
    ops.sum(ops.relu(x)).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 1.0])


@pytest.mark.parametrize("axes", [(0, 1, 5), (0, 1, -4), (0, 0, 1), (0, 1)])
def test_transpose_refuses_axes_that_are_not_there(axes):
    with pytest.raises(ValueError, match="ax"):
        ops.transpose(Tensor(np.ones((2, 3, 4))), axes)


def test_power_0_is_flat_everywhere():
    x = Tensor([0.0, 2.0])
    for exponent in (0, np.array([0, 0]), np.array([0.0, 0.0])):
        ops.sum(x**exponent).backward()
        np.testing.assert_array_equal(x.grad, [0.0, 0.0])


def test_power_with_an_array_of_exponents_broadcasts():
    check_gradients(lambda params: one_number(params[0] ** np.array([1.0, 2.0, 3.0])), [np.array([[0.5], [1.5]])])


MESSAGES = [
    (lambda: Tensor([1.0]) ** Tensor(2.0), TypeError,
     "Tensor ** exponent: expected a constant exponent, got a Tensor"),
    (lambda: Tensor(np.ones((2, 3))) @ np.ones((2, 3)), ValueError,
     "matmul: expected shapes (..., n, m) and (..., m, p), got (2, 3) and (2, 3)"),
    (lambda: Tensor(np.ones((2, 3))) @ np.ones(3), ValueError,
     "matmul: expected shapes (..., n, m) and (..., m, p), got (2, 3) and (3,)"),
    (lambda: Tensor(2.0) @ np.ones((2, 3)), ValueError,
     "matmul: expected shapes (..., n, m) and (..., m, p), got () and (2, 3)"),
    (lambda: np.ones((2, 3)) @ Tensor(np.ones((2, 3))), ValueError,
     "matmul: expected shapes (..., n, m) and (..., m, p), got (2, 3) and (2, 3)"),
    (lambda: ops.concat([]), ValueError, "concat: expected a list of at least one tensor, got none"),
    (lambda: ops.stack([]), ValueError, "stack: expected a list of at least one tensor, got none"),
    (lambda: ops.concat(Tensor([1.0])), ValueError, "concat: expected a list of at least one tensor, got one Tensor"),
    (lambda: ops.stack(Tensor([1.0])), ValueError, "stack: expected a list of at least one tensor, got one Tensor"),
]  # fmt: skip


@pytest.mark.parametrize("parts", [[Tensor([1.0]), 3.0], [Tensor(1.0), Tensor(2.0)]])
def test_numbers_cannot_be_joined_along_an_axis(parts):
    with pytest.raises(ValueError, match="dimension"):  # NumPy says it
        ops.concat(parts)


@pytest.mark.parametrize(("call", "error", "sentence"), MESSAGES)
def test_message(call, error, sentence):
    says(error, sentence, call)
