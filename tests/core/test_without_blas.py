"""Where NumPy has no BLAS, as in the browser alone, large products go another way: right, and replayed to the last bit."""

from types import SimpleNamespace

import numpy as np
import pytest
from recorded_steps import FOUR_LABELS, IMAGES, STEPS, everything

from course_lib import Adam, Conv2D, Dense, Flatten, Sequential, check_gradients, ops
from course_lib import functional as F
from course_lib.functional import fully_connected, images, products, sequences
from course_lib.replay import record_step
from course_lib.training_step import take_step

PLACES = fully_connected, images, sequences


@pytest.fixture(params=[(0, 0), (products.LONG, products.WIDE)], ids=["all are large", "large ones"])
def no_blas(request, monkeypatch):
    """The engine as on a NumPy without BLAS, with what it takes for a large product; what np.einsum got of them."""
    taken = []

    def noted(*args, **options):
        taken.append(args)
        return np.einsum(*args, **options)

    for module in PLACES:
        monkeypatch.setattr(module, "dot", products.dot_without_blas)
    for name, least in zip(("LONG", "WIDE"), request.param, strict=True):
        monkeypatch.setattr(products, name, least)
    monkeypatch.setattr(products, "np", SimpleNamespace(**vars(np) | {"einsum": noted}))
    return taken


def test_a_numpy_with_blas_keeps_its_own_product():
    assert products.has_blas() == (products.dot is np.dot)
    assert all(module.dot is products.dot for module in PLACES)


@pytest.mark.parametrize(
    "blas, expected", [({"name": "scipy-openblas", "found": True}, True), ({"name": "auto"}, False)]
)
def test_numpy_says_whether_it_has_blas(monkeypatch, blas, expected):
    """As NumPy's own wheels say it, and as Pyodide's does."""
    monkeypatch.setattr(np, "show_config", lambda mode: {"Build Dependencies": {"blas": blas}})
    assert products.has_blas() is expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_product_is_right_however_its_matrices_lie(dtype):
    rng = np.random.default_rng(0)
    for m, length, n in [(3, 4, 2), (5, 128, 32), (5, 127, 32), (5, 128, 31), (48, 300, 40), (1, 200, 50), (4, 128, 1)]:
        for turn_a in (False, True):
            for turn_b in (False, True):
                a = rng.normal(size=(length, m) if turn_a else (m, length)).astype(dtype)
                b = rng.normal(size=(n, length) if turn_b else (length, n)).astype(dtype)
                a, b = a.T if turn_a else a, b.T if turn_b else b
                got, out = products.dot_without_blas(a, b), np.empty((m, n), dtype)
                assert products.dot_without_blas(a, b, out=out) is out
                assert got.dtype == dtype and got.flags.c_contiguous and got.tobytes() == out.tobytes()
                assert np.allclose(got, a @ b, atol=1e-4 if dtype is np.float32 else 1e-12)


def test_whole_numbers_and_slices_are_multiplied_too():
    a, b = np.arange(1400).reshape(7, 200)[::2], np.random.default_rng(0).normal(size=(200, 80))
    for right in (b, b[:, ::2], b[::-1]):
        assert np.allclose(products.dot_without_blas(a, right), a @ right)


def test_einsum_gets_two_matrices_of_one_dtype(no_blas):
    """Otherwise it would convert them piece by piece, which takes longer than the product."""
    x = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)
    for left, right in ((x, np.ones((200, 40))), (x.astype(float), np.ones((200, 40), np.float32))):
        assert np.allclose(products.dot_without_blas(left.T, right), left.sum(axis=0)[:, None], atol=1e-4)
    assert [(a.dtype, b.dtype) for _, a, b in no_blas] == [(float, float)] * 2


def conv2d():
    rng = np.random.default_rng(0)
    arguments = rng.normal(size=(3, 6, 6, 2)), rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4)
    return lambda x, W, b: ops.sum(F.conv2d(x, W, b, "tanh") ** 2), arguments


def dense_on_sequences():
    rng = np.random.default_rng(0)
    arguments = rng.normal(size=(8, 10, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
    return lambda x, W, b: ops.sum(F.dense(x, W, b, "tanh") ** 2), arguments


def gru():
    rng = np.random.default_rng(0)
    sizes = (8, 9, 3), (8, 4), (3, 12), (4, 12), (12,), (4,)
    return lambda *arguments: ops.sum(F.gru(*arguments) ** 2), tuple(rng.normal(size=size) for size in sizes)


def attention():
    rng = np.random.default_rng(0)
    sizes = (2, 3, 4), (2, 5, 4), (2, 5, 6)
    return lambda *arguments: ops.sum(F.attention(*arguments) ** 2), tuple(rng.normal(size=size) for size in sizes)


def stacked_dense():
    rng = np.random.default_rng(0)
    arguments = rng.normal(size=(70, 3)), rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 2))
    return lambda x, W, b: ops.sum(F.dense(x, W, b, "tanh") ** 2), arguments


@pytest.mark.parametrize("case", [conv2d, dense_on_sequences, gru, attention, stacked_dense])
def test_gradients_agree_with_finite_differences(no_blas, case):
    function, arguments = case()
    check_gradients(lambda params: function(*params), list(arguments))
    if products.LONG == 0:
        assert bool(no_blas) == (case in (conv2d, dense_on_sequences, gru))


@pytest.mark.parametrize("name", STEPS)
def test_a_replayed_step_has_the_same_bits(no_blas, name):
    left = []
    for replayed in (False, True):
        model, data, loss = STEPS[name](np.random.default_rng(7))
        optimizer = Adam(0.01)
        step = record_step(model, data, loss=loss, optimizer=optimizer) if replayed else None
        losses = [step() if step else take_step(model, data, loss, optimizer) for _ in range(6)]
        left.append((losses, everything(model, optimizer)))
    assert left[0] == left[1]


def network_of_large_products(rng):
    layers = Conv2D(1, 4, activation="relu", rng=rng), Conv2D(4, 32, rng=rng), Flatten(), Dense(2048, 3, rng=rng)
    return Sequential(*layers), (IMAGES, FOUR_LABELS), F.softmax_cross_entropy


def test_large_products_are_replayed_into_arrays_that_are_there(no_blas):
    left = []
    for replayed in (False, True):
        model, data, loss = network_of_large_products(np.random.default_rng(7))
        optimizer = Adam(0.01)
        step = record_step(model, data, loss=loss, optimizer=optimizer) if replayed else None
        losses = [step() if step else take_step(model, data, loss, optimizer) for _ in range(3)]
        left.append((losses, everything(model, optimizer)))
    assert left[0] == left[1] and no_blas
    lines = [line for line in step.program.text.splitlines() if "ik,kj->ij" in line]
    assert lines and all("out=" in line and "[...]" not in line for line in lines)
