"""Products with a Jacobian and with a Hessian, and checkpoints: against finite differences, each other, and formulas."""

import tracemalloc

import numpy as np
import pytest

from course_lib import (
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    GradientDescent,
    Residual,
    Sequential,
    Tensor,
    checkpoint,
    functional,
    hessian_vector_product,
    jvp,
    ops,
    train,
    value_and_grad,
    vjp,
)
from course_lib.datasets import xor
from course_lib.replay.recording import CannotReplay

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))
FUNCTIONS = [
    (lambda x, w: ops.tanh(x @ w), (X, W)),
    (lambda x: ops.softmax(x) * x, (X,)),
    (lambda x, w: (x @ w).sum(), (X, W)),
    (lambda x: x[0] * x[1:], (X,)),
    (lambda x, y: x * 2.0, (X, W)),  # it does not depend on the second one
    (lambda a: a * a, (3.0,)),
]


def nudged(f, args, tangents, h=1e-6):
    above, below = (f(*(x + sign * h * v for x, v in zip(args, tangents, strict=True))) for sign in (1, -1))
    return (np.asarray(above) - below) / (2 * h)


@pytest.mark.parametrize(("f", "args"), FUNCTIONS)
def test_jvp_is_the_change_along_a_direction(f, args):
    tangents = [RNG.normal(size=np.shape(x)) for x in args]
    value, change = jvp(f, args, tangents)
    np.testing.assert_allclose(value, f(*args))
    np.testing.assert_allclose(change, nudged(f, args, tangents), atol=1e-8)


@pytest.mark.parametrize(("f", "args"), FUNCTIONS)
def test_vjp_and_jvp_are_products_with_the_same_matrix(f, args):
    """g . (J v) = (g^T J) . v for all g and v."""
    tangents = [RNG.normal(size=np.shape(x)) for x in args]
    value, back = vjp(f, *args)
    for g in (RNG.normal(size=value.shape), np.zeros(value.shape)):  # a second call is as good as the first
        gradients = back(g)
        assert [d.shape for d in gradients] == [np.shape(x) for x in args]
        by_rows = sum(np.sum(d * v) for d, v in zip(gradients, tangents, strict=True))
        np.testing.assert_allclose(np.sum(g * jvp(f, args, tangents)[1]), by_rows, atol=1e-12)


def test_vjp_of_a_constant_is_zero():
    value, back = vjp(lambda x: 7.0, X)
    assert value == 7 and np.array_equal(back(1.0)[0], np.zeros_like(X))


def test_what_a_backward_inside_the_function_has_left_is_no_part_of_its_gradient():
    def leaves_a_gradient(x):
        ops.sum(x * x).backward()
        return 3.0

    assert not vjp(leaves_a_gradient, X)[1](1.0)[0].any() and not value_and_grad(leaves_a_gradient)(X)[1].any()


def test_what_vjp_was_given_may_change_afterwards():
    x = X.copy()
    _, back = vjp(lambda x: x * x, x)
    x[:] = 0
    np.testing.assert_allclose(back(np.ones_like(X))[0], 2 * X)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: vjp(lambda x: x * x, X)[1](np.ones(3)), r"vjp: expected g of the value's shape \(4, 3\), got \(3,\)"),
        (lambda: jvp(lambda x: x * x, [X], [W]), r"jvp: expected tangents of shapes \[\(4, 3\)\], got \[\(3, 2\)\]"),
        (lambda: jvp(lambda x: x * x, [X], []), r"expected tangents of shapes \[\(4, 3\)\], got \[\]"),
        (lambda: hessian_vector_product(ops.sum, X, W), r"expected v of shapes \[\(4, 3\)\], got \[\(3, 2\)\]"),
        (lambda: vjp(lambda x: x * x, Tensor(X)), "^vjp: .* plain arrays and no Tensor"),
        (lambda: jvp(lambda x: x * x, [Tensor(X)], [X]), "^jvp: .* plain arrays and no Tensor"),
        (lambda: value_and_grad(ops.sum)(Tensor(X)), "^value_and_grad: .* plain arrays and no Tensor"),
    ],
)
def test_errors_say_what_was_expected(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_hessian_vector_product_of_a_quadratic_and_of_a_network():
    H = np.array([[3.0, 1.0], [1.0, -2.0]])
    v = np.array([0.3, -40.0])
    quadratic = lambda w: (w.reshape(1, 2) @ H @ w.reshape(2, 1)).sum() / 2  # noqa: E731
    np.testing.assert_allclose(hessian_vector_product(quadratic, np.array([5.0, 1.0]), v), H @ v, rtol=1e-6)
    assert not hessian_vector_product(quadratic, np.array([5.0, 1.0]), np.zeros(2)).any()

    loss = lambda p, x: ops.mean(ops.tanh(x @ p[0] + p[1]) ** 2)  # noqa: E731
    params, along = [W, RNG.normal(size=2)], [RNG.normal(size=(3, 2)), RNG.normal(size=2)]
    product = hessian_vector_product(loss, params, along, X)
    other = [RNG.normal(size=(3, 2)), RNG.normal(size=2)]
    again = hessian_vector_product(loss, params, other, X)
    dot = lambda a, b: sum(np.sum(x * y) for x, y in zip(a, b, strict=True))  # noqa: E731
    assert [p.shape for p in product] == [(3, 2), (2,)]
    assert dot(other, product) == pytest.approx(dot(along, again), abs=1e-9)  # a Hessian is symmetric
    far = lambda t: value_and_grad(loss)([p + t * v for p, v in zip(params, along, strict=True)], X)[0]  # noqa: E731
    assert dot(along, product) == pytest.approx((far(1e-3) - 2 * far(0) + far(-1e-3)) / 1e-6, rel=1e-4)


# Checkpoints


def deep(wrap, training=True, depth=4, width=16):
    rng = np.random.default_rng(1)
    shared = Dense(width, width, "tanh", rng=rng)
    layers = [
        Sequential(shared, Dropout(0.3, rng=rng), BatchNorm(width), Residual(Dense(width, width, "tanh", rng=rng)))
        for _ in range(depth)
    ]
    model = Sequential(*map(wrap, layers))
    model.set_training(training)
    return model


@pytest.mark.parametrize("training", [True, False])
def test_a_checkpoint_changes_no_gradient_no_draw_and_no_average(training):
    """The layers share one Dense and one generator: sums over uses and the order of draws have to survive."""
    found = []
    for wrap in (lambda layer: layer, checkpoint):
        model, results = deep(wrap, training), []
        for _ in range(2):  # the second pass begins where the first has left generators and averages
            x = Tensor(np.random.default_rng(2).normal(size=(8, 16)))
            loss = (model(x) ** 2).sum()
            loss.backward()
            results += [loss.value, x.grad, *(p.grad for p in model.parameters)]
        averages = [layer.layers[0] if wrap is checkpoint else layer for layer in model.layers]
        found.append([*results, *(layer.layers[2].running_mean for layer in averages)])
    for plain, saved in zip(*found, strict=True):
        np.testing.assert_array_equal(plain, saved)


def test_a_checkpoint_reads_symbols():
    rng = np.random.default_rng(0)
    model, symbols = Sequential(Embedding(5, 3, rng=rng), Dense(3, 2, rng=rng)), np.array([[0, 1], [2, 2]])
    gradients = []
    for wrapped in (model, checkpoint(model)):
        (wrapped(symbols) ** 2).sum().backward()
        gradients.append([p.grad for p in model.parameters])
    for plain, saved in zip(*gradients, strict=True):
        np.testing.assert_array_equal(plain, saved)


def test_the_mode_of_the_forward_pass_holds_in_the_backward_pass():
    model = checkpoint(Dropout(0.5, rng=np.random.default_rng(0)))
    model.set_training(True)
    x = Tensor(np.ones((1, 50)))
    y = model(x)
    model.set_training(False)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.value)
    assert not model.layers[0].training


def test_a_checkpoint_of_constants_and_of_an_unused_parameter():
    layer = Dense(3, 2, rng=np.random.default_rng(0))
    y = checkpoint(layer)(X)
    y.sum().backward()
    np.testing.assert_allclose(layer.W.grad, X.T @ np.ones((4, 2)))

    layer = Dense(3, 2, rng=np.random.default_rng(0))
    layer.spare = Tensor(np.ones(5))
    checkpoint(layer)(X).sum().backward()
    assert not layer.spare.grad.any()


def test_a_step_that_draws_in_a_checkpoint_is_refused_by_replay():
    rng = np.random.default_rng(0)
    model = Sequential(
        checkpoint(Sequential(Dense(2, 4, "tanh", rng=rng), Dropout(0.2, rng=rng))), Dense(4, 1, rng=rng)
    )
    training = train(
        model, xor(), loss=functional.binary_cross_entropy, optimizer=GradientDescent(0.5), epochs=100, replay=True
    )
    with pytest.raises(CannotReplay):
        for _ in training:
            pass


def most_memory(wrap, depth=16, width=64, inside=8):
    """The most bytes that a forward and a backward pass hold at a time, beyond the network."""
    rng = np.random.default_rng(0)
    blocks = [[Dense(width, width, "tanh", rng=rng) for _ in range(inside)] for _ in range(depth // inside * 4)]
    model, x = Sequential(*(wrap(Sequential(*block)) for block in blocks)), rng.normal(size=(512, width))
    (model(x) ** 2).sum().backward()  # what is made once is there
    for p in model.parameters:
        p.grad = None
    tracemalloc.start()
    (model(x) ** 2).sum().backward()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_a_checkpoint_saves_memory():
    """64 layers in 8 blocks of 8: about 8 inputs and 8 inner outputs are held at a time, where 64 outputs were."""
    assert most_memory(checkpoint) < 0.5 * most_memory(lambda layer: layer)
