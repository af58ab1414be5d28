"""The judge of gradients must find what is wrong, say where, and stay silent when all is right."""

import math

import numpy as np
import pytest
from sentences import says

from course_lib import check_gradients, numerical_gradient, ops
from course_lib.autodiff import record, value_of
from course_lib.gradient_check import GradientError, compare_gradients


def with_vjp(vjp):
    """The square, with a derivative of one's own: vjp(g, a) instead of 2 g a."""

    def square(x):
        a = value_of(x)
        return record(a * a, (x,), lambda g: (vjp(g, a),))

    return square


def one_wrong_entry(g, a):
    gradient = 2 * g * a
    gradient[1, 2] += 1e-3
    return gradient


RIGHT = with_vjp(lambda g, a: 2 * g * a)
WRONG = {
    "factor": with_vjp(lambda g, a: g * a),
    "sign": with_vjp(lambda g, a: -2 * g * a),
    "g forgotten": with_vjp(lambda g, a: 2 * a),
    "one wrong entry": with_vjp(one_wrong_entry),
    "NaN": with_vjp(lambda g, a: np.full_like(a, np.nan)),
    "infinite": with_vjp(lambda g, a: np.full_like(a, np.inf)),
    "zero": with_vjp(lambda g, a: np.zeros_like(a)),
}


def loss(square):
    return lambda params: ops.sum(params[0]) + 3 * ops.sum(square(params[1]))


@pytest.fixture
def params(rng):
    return [rng.normal(size=4), rng.uniform(1, 2, size=(2, 3))]


def test_a_right_gradient_passes_with_its_largest_error(params):
    worst = check_gradients(loss(RIGHT), params)
    assert type(worst) is float and 0 < worst < 1e-8


@pytest.mark.parametrize("square", WRONG.values(), ids=WRONG)
def test_a_wrong_gradient_is_found(params, square):
    with pytest.raises(GradientError) as caught:
        check_gradients(loss(square), params)
    assert caught.value.argument == 1


def test_the_error_names_argument_index_and_both_numbers(params):
    with pytest.raises(AssertionError) as caught:
        check_gradients(loss(WRONG["one wrong entry"]), params)
    error, right = caught.value, 6 * params[1][1, 2]
    assert (error.argument, error.index) == (1, (1, 2))
    assert error.got == pytest.approx(right + 1e-3, rel=1e-12)
    assert error.expected == pytest.approx(right, rel=1e-8)
    assert str(error) == (
        f"gradient of argument 1 at index (1, 2): got {error.got:.6g}, finite differences give {error.expected:.6g}"
    )


def test_the_first_wrong_number_is_named():
    expected = [np.zeros(2), np.array([1.0, 2.0, 3.0])]
    for got, wanted, said in (
        ([np.zeros(2), np.array([1.0, 2.5, 9.0])], expected, ("1 at index (1,): got 2.5", "2")),
        ([1.23456789], [np.array(1.0)], ("0 at index (): got 1.23457", "1")),
        ([np.ones(1)], [np.array([math.nan])], ("0 at index (0,): got 1", "nan")),
    ):
        sentence = "gradient of argument {}, finite differences give {}".format(*said)
        says(GradientError, sentence, lambda got=got, wanted=wanted: compare_gradients(got, wanted))


def test_a_wrong_shape_is_named():
    sentence = "gradient of argument 0: expected shape (3,), got (1, 3)"
    says(ValueError, sentence, lambda: compare_gradients([np.ones((1, 3))], [np.ones(3)]))


def test_a_missing_gradient_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        compare_gradients([np.ones(3)], [np.ones(3), np.ones(2)])


def test_the_tolerance_is_relative_for_large_and_absolute_for_small_gradients():
    assert compare_gradients([np.array([1e6 + 0.5])], [np.array([1e6])]) == pytest.approx(5e-7, rel=1e-3)
    assert compare_gradients([np.array([1e-7])], [np.array([0.0])]) == 1e-7
    for got, expected in ((1e6 + 2.5, 1e6), (-1e6 - 2.5, -1e6), (2e-6, 0.0)):
        with pytest.raises(GradientError):
            compare_gradients([np.array([got])], [np.array([expected])])
    with pytest.raises(GradientError):
        compare_gradients([np.array([1e-7])], [np.array([0.0])], tolerance=1e-8)


def test_the_largest_error_is_over_all_arguments():
    got, expected = [np.array([3e-7]), np.array([1e-7, 0.0])], [np.zeros(1), np.zeros(2)]
    assert compare_gradients(got, expected) == 3e-7
    assert compare_gradients([np.ones((0, 3))], [np.ones((0, 3))]) == 0.0


def test_numerical_gradient_by_hand():
    gradients = numerical_gradient(lambda p: p[0][0] ** 2 * p[0][1] + 5 * p[1], [np.array([3.0, 2.0]), 1.0])
    np.testing.assert_allclose(gradients[0], [12.0, 9.0], rtol=1e-9)
    np.testing.assert_allclose(gradients[1], 5.0, rtol=1e-9)
    assert [g.shape for g in gradients] == [(2,), ()]


def test_numerical_gradient_is_central():
    """A one-sided difference of x^2 is off by h; the central one is exact, apart from rounding."""
    (gradient,) = numerical_gradient(lambda p: p[0] ** 2, [np.array(1.0)], step=0.1)
    assert float(gradient) == pytest.approx(2.0, rel=1e-12)
    (gradient,) = numerical_gradient(lambda p: p[0] ** 3, [np.array(1.0)], step=0.1)
    assert float(gradient) == pytest.approx(3.01, rel=1e-12)  # 3 x^2 + h^2


def test_arguments_are_not_changed(params):
    for p in params:
        p.flags.writeable = False  # not even for a moment
    check_gradients(loss(RIGHT), params)
    numerical_gradient(loss(RIGHT), params)


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_loss_of_one_number_may_have_any_shape(params, shape):
    def reshaped(params):
        return ops.reshape(loss(RIGHT)(params), shape)

    check_gradients(reshaped, params)
    for got, expected in zip(
        numerical_gradient(reshaped, params), numerical_gradient(loss(RIGHT), params), strict=True
    ):
        np.testing.assert_array_equal(got, expected)


def test_a_single_array_may_stand_for_a_list(rng):
    w = rng.uniform(1, 2, size=(2, 3))
    assert check_gradients(lambda w, k: k * ops.sum(RIGHT(w @ np.ones((3, 1)))), w, 3.0) < 1e-8
    with pytest.raises(GradientError):
        check_gradients(lambda w: ops.sum(WRONG["sign"](w)), w)


def test_step_and_tolerance_may_be_chosen(params):
    cube = [np.array(1.0)]
    check_gradients(lambda p: p[0] ** 3, cube, step=1e-4)
    with pytest.raises(GradientError):
        check_gradients(lambda p: p[0] ** 3, cube, step=0.1)
    check_gradients(lambda p: p[0] ** 3, cube, step=0.1, tolerance=0.01)
