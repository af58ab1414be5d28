"""The engine itself: what a Tensor records, and the order in which `backward` walks over the record."""

import copy
import pickle
from operator import add, matmul, mul, sub, truediv

import numpy as np
import pytest
from sentences import says

from course_lib import Tensor, functional, graph_dot, graph_text, ops, value_and_grad, vjp
from course_lib.autodiff import operation_name, record, value_of

pytestmark = pytest.mark.filterwarnings("error")


# What a Tensor is


def test_floating_point_arrays_are_kept_as_they_are():
    for dtype in (np.float32, np.float64):
        array = np.ones((2, 3), dtype)
        assert Tensor(array).value is array


@pytest.mark.parametrize("value", [3, [1, 2], True, np.array([1, 2], np.uint8)])
def test_whole_numbers_become_float64(value):
    tensor = Tensor(value)
    assert tensor.dtype == np.float64
    np.testing.assert_array_equal(tensor.value, value)


def test_shape_ndim_size_dtype_len_float_and_repr():
    tensor = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    assert (tensor.shape, tensor.ndim, tensor.size, len(tensor)) == ((2, 3), 2, 6, 2)
    assert tensor.dtype == np.float32
    assert float(Tensor(2.5)) == 2.5
    assert repr(Tensor([1.0, 2.25])) == "Tensor([1.  , 2.25])"
    assert repr(Tensor(3.0) * 2) == "Tensor(6.)"
    assert len(repr(Tensor(np.zeros(1000)))) < 60


def test_rows_can_be_taken_one_by_one():
    table = Tensor([[1.0, 2.0], [3.0, 4.0]])
    first, second = table
    (ops.sum(first) + 10 * ops.sum(second)).backward()
    np.testing.assert_array_equal(table.grad, [[1.0, 1.0], [10.0, 10.0]])
    with pytest.raises(TypeError):
        list(Tensor(3.0))


def test_no_other_attributes_can_be_set_by_a_typo():
    with pytest.raises(AttributeError):
        Tensor(1.0).gradient = 2.0


# backward


def test_every_operation_runs_backward_once_however_many_paths_there_are():
    calls = []

    def double(x):
        def vjp(g):
            calls.append(g)
            return g, g

        return record(value_of(x) * 2, (x, x), vjp)

    x = Tensor(1.0)
    y = x
    for _ in range(60):  # 2^60 paths
        y = double(y)
    y.backward()
    assert float(x.grad) == 2.0**60
    assert len(calls) == 60


def test_a_copy_and_a_tensor_from_a_file_are_as_good_as_new():
    """Their place in the order of creation is one of the present program's, and not that of the original."""
    w = Tensor([1.0, 2.0], name="w")
    w.order_of_last_step = 10**9  # by an optimizer, in another program
    for same in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert same.name == "w" and same.grad is None and same.order > w.order
        loss = ops.sum(same * same)
        loss.backward()
        np.testing.assert_array_equal(same.grad, [2.0, 4.0])
    product = Tensor([3.0]) * Tensor([2.0])
    again = copy.deepcopy(product)
    total = ops.sum(product * again)  # twins in one graph
    total.backward()
    assert float(again.parents[0].grad[0]) == 12.0
    assert graph_text(total).count("multiply") == 3
    old = Tensor(1.0)
    old.order = 10**9
    assert "leaf" in graph_text(pickle.loads(pickle.dumps(old)) * 2)


def test_division_by_a_number_whose_square_is_none():
    y = Tensor(np.array([1e200, 1e-200]))
    ops.sum(Tensor(np.array([1e200, 1e-200])) / y).backward()
    np.testing.assert_allclose(y.grad, [-1e-200, -1e200])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_number_may_have_any_shape(shape):
    w = Tensor(np.full(shape, 3.0))
    w.backward()  # of a leaf
    assert w.grad.item() == 1.0
    loss = w * w
    loss.backward()
    assert loss.grad.shape == w.grad.shape == shape
    assert w.grad.item() == 6.0
    assert value_and_grad(lambda w: w * w)(w.value) == (9.0, w.grad)


@pytest.mark.parametrize("gradients", [(1.0,), (1.0, 1.0, 1.0), ()])
def test_a_vjp_must_return_one_gradient_for_each_parent(gradients):
    name = "test_a_vjp_must_return_one_gradient_for_each_parent"  # the function that the vjp was written in
    broken = record(np.array(2.0), (Tensor(1.0), Tensor(1.0)), lambda g: gradients)
    sentence = f"{name}: expected a gradient for each of 2 inputs from vjp, got {len(gradients)}"
    says(ValueError, sentence, broken.backward)


# Broadcasting and dtypes


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2), np.float32(2), np.int64(2)], ids=repr)
def test_a_number_takes_the_dtype_of_the_tensor(number):
    x = Tensor(np.ones(3, np.float32))
    for y in (x + number, number - x, x * number, number * x, number / x, x / number, x**number):
        assert type(y) is Tensor and y.dtype == np.float32
        ops.sum(y).backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize("operator", [add, sub, mul, truediv, matmul], ids=lambda f: f.__name__)
def test_a_list_may_stand_on_the_left(operator):
    x = Tensor([[5.0, 6.0], [7.0, 8.0]])
    result = operator([[1, 2], [3, 4]], x)
    assert type(result) is Tensor
    np.testing.assert_array_equal(result.value, operator(np.array([[1, 2], [3, 4]]), x.value))


# value_and_grad


@pytest.mark.parametrize("container", [list, tuple])
def test_value_and_grad_of_several_arrays_and_a_constant(container):
    def f(params, c):
        W, b = params
        return ops.sum(W * c) + b

    value, grads = value_and_grad(f)(container([np.array([1.0, 2.0]), np.array(5.0)]), np.array([3.0, 4.0]))
    assert type(value) is float and value == 16.0
    assert type(grads) is list
    np.testing.assert_array_equal(grads[0], [3.0, 4.0])
    assert grads[1] == 1.0 and grads[1].shape == ()


def test_value_and_grad_of_what_the_value_does_not_depend_on_is_zero():
    value, (used, unused) = value_and_grad(lambda p: p[0] * 2)([np.array(1.0), np.ones((2, 3))])
    assert (value, float(used)) == (2.0, 2.0)
    np.testing.assert_array_equal(unused, np.zeros((2, 3)))
    assert value_and_grad(lambda w: 7.0)(np.array(1.0)) == (7.0, 0.0)


def test_value_and_grad_returns_arrays_that_the_caller_may_change():
    """Inside, gradients may share memory. What comes out must not: `g *= 0.1` changes one gradient."""
    _, (g, h) = value_and_grad(lambda p: ops.sum((p[0] + p[1]) * np.ones(3)))([np.ones(3), np.ones(3)])
    g *= 0.1
    np.testing.assert_array_equal(h, np.ones(3))
    _, gradient = value_and_grad(ops.sum)(np.ones(3))
    gradient *= 0.1
    np.testing.assert_array_equal(gradient, np.full(3, 0.1))


# Printed graphs


def test_graph_text():
    x, W, b = np.ones((5, 2)), Tensor(np.ones((2, 3)), name="W"), Tensor(np.ones(3), name="b")
    loss = ops.mean(functional.dense(x, W, b, "tanh") ** 2) / 4
    assert graph_text(loss).splitlines() == [
        "0  W       (2, 3)",
        "1  b       (3,)",
        "2  dense   (5, 3)  from constant (5, 2), 0, 1",
        "3  power   (5, 3)  from 2",
        "4  mean    ()      from 3",
        "5  divide  ()      from 4, 4",
    ]


def test_graph_dot():
    x = Tensor(2.0, name="x")
    assert graph_dot(ops.exp(x) * x).splitlines() == [
        "digraph computation {",
        "  rankdir=LR",
        r'  0 [label="x\n()"]',
        r'  1 [label="exp\n()"]',
        r'  2 [label="multiply\n()"]',
        "  0 -> 1",
        "  1 -> 2",
        "  0 -> 2",
        "}",
    ]


def test_operation_name():
    x = Tensor([[1.0]])
    found = " ".join(operation_name(t) for t in (x, x + 1, -x, x @ x, x[0], ops.softmax(x)))
    assert found == "leaf add multiply matmul take softmax"


# Sentences

INTO_ARRAY = "a Tensor in a NumPy array would lose its gradient: use course_lib.ops, or .value for its numbers"
TO_UFUNC = (
    "np.{0} got a Tensor: use the function of course_lib.ops that records the gradient, or .value for the plain numbers"
)
IN_PLACE = "array += tensor (and out=) would lose the gradient: write array = array + tensor"


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: Tensor("text"), TypeError, "Tensor: expected real numbers, got dtype <U4 (str)"),
        (lambda: Tensor([1 + 2j]), TypeError, "Tensor: expected real numbers, got dtype complex128 (list)"),
        (lambda: Tensor(None), TypeError, "Tensor: expected real numbers, got dtype object (NoneType)"),
        (lambda: Tensor([1.0, 2.0]).backward(), ValueError,
         "backward() starts from a single number, the loss, but this Tensor has shape (2,): "
         "sum it or average it first"),
        (lambda: Tensor(np.ones((0, 3))).backward(), ValueError,
         "backward() starts from a single number, the loss, but this Tensor has shape (0, 3): "
         "sum it or average it first"),
        (lambda: np.array(Tensor([1.0, 2.0])), TypeError, INTO_ARRAY),
        (lambda: np.array([Tensor(1.0), 2.0]), TypeError, INTO_ARRAY),
        (lambda: np.zeros(2).__setitem__(slice(None), Tensor([1.0, 2.0])), TypeError, INTO_ARRAY),
        (lambda: np.max(Tensor([1.0, 2.0])), TypeError, TO_UFUNC.format("maximum.reduce")),
        (lambda: np.exp(Tensor(1.0)), TypeError, TO_UFUNC.format("exp")),
        (lambda: np.maximum(Tensor([1.0]), 0), TypeError, TO_UFUNC.format("maximum")),
        (lambda: np.ones(2).__iadd__(Tensor([1.0, 2.0])), TypeError, IN_PLACE),
        (lambda: np.add(np.ones(2), Tensor([1.0, 2.0]), out=np.ones(2)), TypeError, IN_PLACE),
    ],
)  # fmt: skip
def test_message(call, error, sentence):
    says(error, sentence, call)


# What readers of NumPy, PyTorch and micrograd expect


def test_sum_mean_reshape_and_transpose_are_methods_too(rng):
    x = Tensor(rng.normal(size=(2, 3)))
    for method, function in [
        (x.sum(), ops.sum(x)),
        (x.sum(0), ops.sum(x, 0)),
        (x.sum(axis=1), ops.sum(x, axis=1)),
        (np.sum(x), ops.sum(x)),
        (np.sum(x, axis=0), ops.sum(x, 0)),
        (np.mean(x), ops.mean(x)),
        (x.mean(), ops.mean(x)),
        (x.mean(axis=-1), ops.mean(x, axis=-1)),
        (x.T, ops.transpose(x)),
        (x.reshape(6), ops.reshape(x, 6)),
        (x.reshape(3, 2), ops.reshape(x, (3, 2))),
        (x.reshape((3, -1)), ops.reshape(x, (3, 2))),
    ]:
        np.testing.assert_array_equal(method.value, function.value)
        assert operation_name(method) == operation_name(function)
    (x.T.reshape(6).sum() + x.mean()).backward()
    np.testing.assert_allclose(x.grad, np.full((2, 3), 1 + 1 / 6))


def test_comparisons_give_plain_arrays():
    x, y = Tensor([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 2.0])
    for compared, expected in [
        (x == y, [True, False, False]),
        (x != y, [False, True, True]),
        (x < y, [False, True, False]),
        (x <= y, [True, True, False]),
        (x > y, [False, False, True]),
        (x >= Tensor(y), [True, False, True]),
        (y < x, [False, False, True]),
        (x >= 2, [False, True, True]),
        (y == x, [True, False, False]),
    ]:
        assert type(compared) is np.ndarray and compared.tolist() == expected
    assert Tensor(3.0) == 3.0


def test_tensors_in_sets_and_dicts_go_by_identity():
    a, b = Tensor(1.0), Tensor(1.0)
    assert len({a, b}) == 2 and {a: 1, b: 2}[b] == 2 and a in {a}


def test_the_truth_value_is_that_of_the_number():
    assert Tensor(2.0) and not Tensor([0.0])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([0.0, 1.0]))


# First derivatives only


def test_nested_derivatives_are_refused():
    """Without the sentence the outer gradient would lack what went through the inner one: 0 instead of 4."""
    sentence = "(value_and_grad|vjp): this engine knows first derivatives only"
    by_closure = value_and_grad(lambda w: value_and_grad(lambda v: v * v * w)(np.array(2.0))[0] * w)
    by_argument = value_and_grad(lambda w: value_and_grad(lambda v: v * v)(w)[1])
    in_a_list = value_and_grad(lambda w: value_and_grad(lambda p: p[0] * p[1])([np.array(1.0), w])[0])
    by_vjp = value_and_grad(lambda w: vjp(lambda x: x * w, np.array(2.0))[1](np.array(1.0))[0] * w)
    in_vjp = lambda w: vjp(lambda v: vjp(lambda x: x * v, np.array(2.0))[1](1.0)[0] * v, w)  # noqa: E731
    for nested in (by_closure, by_argument, in_a_list, by_vjp, in_vjp):
        with pytest.raises(ValueError, match=f"^{sentence}"):
            nested(np.array(3.0))


def test_an_inner_derivative_of_something_else_is_none_of_its_business():
    inner = value_and_grad(lambda v: v * v)
    value, grad = value_and_grad(lambda w: w * inner(np.array(2.0))[1])(np.array(3.0))
    assert (value, float(grad)) == (12.0, 4.0)
    model_weight = Tensor(5.0)
    assert value_and_grad(lambda x: x * model_weight)(np.array(3.0))[1] == 5.0


def test_after_a_refusal_or_an_error_derivatives_work_again():
    def stops(w):
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        value_and_grad(stops)(np.array(1.0))
    assert value_and_grad(lambda w: value_and_grad(lambda v: v * v)(np.array(3.0))[1] * w)(np.array(1.0))[1] == 6.0


def test_a_vjp_of_another_shape_is_named():
    wrong = lambda x: record(x.value.sum(), (x,), lambda g: (np.ones((1, 3)) * g,))  # noqa: E731
    with pytest.raises(
        ValueError, match=r"parameter 0 has shape \(3,\), but its gradient has \(1, 3\): look at the vjp"
    ):
        value_and_grad(wrong)(np.ones(3))
