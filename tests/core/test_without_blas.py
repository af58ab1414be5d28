"""Where NumPy has no BLAS, as in the browser alone, large products go another way: right, and replayed to the last bit."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from operations import one_number
from recorded_steps import FOUR_LABELS, IMAGES, STEPS, left_by_steps

from course_lib import Adam, Conv2D, Dense, Flatten, Sequential, check_gradients
from course_lib import functional as F
from course_lib.functional import arrays, fully_connected, images, products, sequences
from course_lib.replay import record_step

PLACES = arrays, fully_connected, images, sequences


LARGE = {"all are large": 0, "large ones": products.LARGE}


@pytest.fixture(params=LARGE)
def no_blas(request, monkeypatch):
    """The engine as on a NumPy without BLAS, with what it takes for a large product."""
    for module, *values in [
        (place, products.dot_without_blas, False, LARGE[request.param]) for place in (products, *PLACES)
    ]:
        for name, value in zip(("dot", "BLAS", "LARGE"), values, strict=True):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)


def test_a_numpy_with_blas_keeps_its_own_product():
    assert products.has_blas() == products.BLAS == (products.dot is np.dot)
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
    for m, length, n in [(3, 4, 2), (10, 25, 4), (5, 128, 32), (48, 300, 40), (1, 200, 50), (4, 128, 1)]:
        for turn_a in (False, True):
            for turn_b in (False, True):
                a = rng.normal(size=(length, m) if turn_a else (m, length)).astype(dtype)
                b = rng.normal(size=(n, length) if turn_b else (length, n)).astype(dtype)
                a, b = a.T if turn_a else a, b.T if turn_b else b
                got, out = products.dot_without_blas(a, b), np.empty((m, n), dtype)
                assert products.dot_without_blas(a, b, out=out) is out
                assert got.dtype == dtype and got.flags.c_contiguous and got.tobytes() == out.tobytes()
                assert np.allclose(got, np.einsum("ik,kj->ij", a, b), atol=1e-4 if dtype is np.float32 else 1e-12)


@pytest.mark.parametrize(
    "a, b, large",
    [((9, 37), (37, 3), False), ((9, 37), (37, 4), True), ((500,), (500, 2), True), ((2000,), (2000,), False)],
)
def test_vectors_and_small_products_are_left_to_np_dot(monkeypatch, a, b, large):
    monkeypatch.setattr(products, "np", SimpleNamespace(dot=lambda *_, out: False, matmul=lambda *_, out: True))
    assert products.dot_without_blas(np.empty(a), np.empty(b)) is large


LAYERS = {  # with more than 1000 multiplications
    F.conv2d: ((3, 6, 6, 2), (3, 3, 2, 4), (4,)),
    F.dense: ((20, 15), (15, 4), (4,)),
    partial(F.dense, activation="tanh"): ((8, 10, 5), (5, 3), (3,)),
    F.gru: ((8, 9, 3), (8, 4), (3, 12), (4, 12), (12,), (4,)),
    F.gru_cell: ((25, 4), (25, 4), (4, 12), (4, 12), (12,), (4,)),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_agree_with_finite_differences(no_blas, layer, rng):
    check_gradients(lambda params: one_number(layer(*params)), [rng.normal(size=size) for size in LAYERS[layer]])


@pytest.mark.parametrize("no_blas", ["all are large"], indirect=True)
@pytest.mark.parametrize("name", STEPS)
def test_a_replayed_step_has_the_same_bits(no_blas, name):
    replayed, eager = (left_by_steps(*STEPS[name](np.random.default_rng(7)), Adam(0.01), at) for at in (0, None))
    assert replayed == eager


def test_large_products_are_replayed_by_matmul_and_small_ones_by_dot(no_blas):
    rng = np.random.default_rng(7)
    layers = Conv2D(1, 4, activation="relu", rng=rng), Flatten(), Dense(256, 3, rng=rng), Dense(3, 3, rng=rng)
    step = record_step(Sequential(*layers), (IMAGES, FOUR_LABELS), loss=F.softmax_cross_entropy, optimizer=Adam(0.01))
    lines = step.program.text.splitlines()
    products_of_matrices = [line for line in lines if "matmul(" in line]
    assert products_of_matrices and all(line.strip().startswith("matmul(") for line in products_of_matrices)
    assert any(".dot(" in line for line in lines)
