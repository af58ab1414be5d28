"""Convolution and pooling: elementary operations, sentences, and the pool of arrays."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations import assert_alike, gradients_of, one_number, weights
from sentences import says
from test_properties import draw, prove, seeds, sizes

from course_lib import (
    Conv2D,
    Dense,
    Flatten,
    GradientDescent,
    MaxPool2D,
    Sequential,
    Tensor,
    ops,
)
from course_lib import functional as F
from course_lib.functional import memory

pytestmark = pytest.mark.filterwarnings("error")

ACTIVATIONS = {"identity": lambda z: z, "sigmoid": ops.sigmoid, "tanh": ops.tanh, "relu": ops.relu}
image_shapes = st.tuples(sizes, st.integers(1, 6), st.integers(1, 6), sizes)  # batch, height, width, channels
kernels = st.tuples(st.integers(1, 5), st.integers(1, 5), sizes)  # height, width, channels_out


def draws(rng, x, W, b):
    return [rng.normal(size=shape) for shape in (x, W, b)]


def by_operations(x, W, b, activation="identity", padding="same"):
    """The same layer from concat, take, reshape, matmul and add."""
    height, width, channels_in, channels_out = W.shape
    if padding == "same":
        above, left = height // 2, width // 2
        rows = np.zeros((x.shape[0], above, x.shape[2], channels_in))
        x = ops.concat([rows, x, rows], axis=1)
        columns = np.zeros((x.shape[0], x.shape[1], left, channels_in))
        x = ops.concat([columns, x, columns], axis=2)
    shape = x.shape[0], x.shape[1] - height + 1, x.shape[2] - width + 1
    windows = [x[:, i : i + shape[1], j : j + shape[2]] for i in range(height) for j in range(width)]
    X = ops.reshape(ops.concat(windows), (-1, height * width * channels_in))
    z = X @ ops.reshape(W, (-1, channels_out)) + b
    return ACTIVATIONS[activation](ops.reshape(z, (*shape, channels_out)))


# conv2d


@prove
@given(image_shapes, kernels, st.sampled_from(["same", "valid"]), st.sampled_from(sorted(ACTIVATIONS)), seeds)
def test_conv2d_of_any_shape(x, kernel, padding, activation, seed):
    """Every image and kernel that fit together give what the elementary operations give."""
    height, width, channels_out = kernel
    if padding == "same":
        height, width = height | 1, width | 1  # odd
    else:
        height, width = min(height, x[1]), min(width, x[2])
    values = draw(seed, x), draw(seed + 1, (height, width, x[3], channels_out)), draw(seed + 2, channels_out)
    assert_alike(*(partial(f, activation=activation, padding=padding) for f in (F.conv2d, by_operations)), values)


def test_strides_of_the_arguments_do_not_matter(rng):
    x, W, b = draws(rng, (2, 4, 5, 3), (3, 3, 3, 2), 2)
    odd = np.asfortranarray(x), np.asfortranarray(W), np.repeat(b, 2)[::2]
    np.testing.assert_array_equal(F.conv2d(*odd), F.conv2d(x, W, b))
    for gradient, other in zip(gradients_of(F.conv2d, odd), gradients_of(F.conv2d, (x, W, b)), strict=True):
        np.testing.assert_array_equal(gradient, other)


def test_images_and_kernels_of_whole_numbers_may_have_results_with_fractions():
    x, W = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1), np.ones((3, 3, 1, 1), int)
    assert F.conv2d(x, -W, np.array([45]), "sigmoid")[0, 1, 1, 0] == 0.5  # not 0
    assert F.max_pool2d(x).dtype == x.dtype


@pytest.mark.parametrize("dtypes", [(np.float32, np.float64), (np.float64, np.float32)])
def test_images_and_kernels_of_two_dtypes_have_the_gradients_of_the_wider_one(rng, dtypes):
    x, *kernel = draws(rng, (2, 4, 4, 1), (3, 3, 1, 2), 2)
    mixed = [x.astype(dtypes[0]), *(array.astype(dtypes[1]) for array in kernel)]
    wide = [array.astype(np.float64) for array in mixed]
    for gradient, other in zip(gradients_of(F.conv2d, mixed), gradients_of(F.conv2d, wide), strict=True):
        np.testing.assert_allclose(gradient, other, rtol=1e-13)


# max_pool2d


@prove
@given(st.tuples(sizes, sizes, sizes, sizes), st.integers(1, 3), seeds)
def test_max_pool2d_of_any_shape(shape, size, seed):
    """Small whole numbers have many ties: each window gives its gradient to the first of its largest numbers."""
    batch, height, width, channels = shape
    x = np.random.default_rng(seed).integers(3, size=(batch, height * size, width * size, channels)).astype(float)
    g = weights((batch, height, width, channels)) + 2
    largest, expected = np.zeros(g.shape), np.zeros_like(x)
    for n, i, j, c in np.ndindex(g.shape):
        window = x[n, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        row, column = np.unravel_index(window.argmax(), window.shape)
        largest[n, i, j, c], expected[n, i * size + row, j * size + column, c] = window.max(), g[n, i, j, c]
    y = F.max_pool2d(Tensor(x), size)
    np.testing.assert_array_equal(y.value, largest)
    np.testing.assert_array_equal(y.vjp(g)[0], expected)


# Layers


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_layers_call_their_functions(rng, activation, padding):
    layer, x = Conv2D(2, 4, 3, activation, padding, rng=rng), rng.normal(size=(2, 6, 4, 2))
    expected = F.conv2d(x, layer.W.value, layer.b.value, activation, padding)
    np.testing.assert_array_equal(layer(x).value, expected)
    np.testing.assert_array_equal(MaxPool2D(2)(expected), F.max_pool2d(expected, 2))
    np.testing.assert_array_equal(Flatten()(expected), expected.reshape(2, -1))


# Sentences


def conv(x, W, b, *options):
    return lambda: F.conv2d(np.ones(x), np.ones(W), np.ones(b), *options)


PADDING = (
    'conv2d: expected padding "same" with odd kernel sides, or "valid" with a kernel that fits into the image, got '
)
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (conv((4, 8, 8), (3, 3, 1, 2), 2),
         "conv2d: expected x of shape (batch, height, width, channels_in), not empty, got shape (4, 8, 8)"),
        (conv((4, 8, 8, 1), (3, 3, 2), 2),
         "conv2d: expected W of shape (kernel_height, kernel_width, channels_in, channels_out), not empty, "
         "got shape (3, 3, 2)"),
        (conv((4, 8, 8, 1), (3, 3, 3, 2), 2),
         "conv2d: W has 3 channels_in, but x expects 1 (W.shape = (3, 3, 3, 2), x.shape = (4, 8, 8, 1))"),
        (conv((4, 8, 8, 1), (3, 3, 1, 2), 3),
         "conv2d: b has 3 channels_out, but W expects 2 (b.shape = (3,), W.shape = (3, 3, 1, 2))"),
        (conv((4, 8, 8, 1), (3, 3, 1, 2), 2, "rely"),
         "conv2d: activation 'rely' is unknown; expected one of identity, sigmoid, tanh, relu"),
        (conv((4, 8, 8, 1), (3, 3, 1, 2), 2, "relu", "full"),
         PADDING + "'full' with W.shape = (3, 3, 1, 2) and x.shape = (4, 8, 8, 1)"),
        (conv((4, 8, 8, 1), (2, 3, 1, 2), 2, "relu", "same"),
         PADDING + "'same' with W.shape = (2, 3, 1, 2) and x.shape = (4, 8, 8, 1)"),
        (conv((4, 8, 8, 1), (3, 4, 1, 2), 2),
         PADDING + "'same' with W.shape = (3, 4, 1, 2) and x.shape = (4, 8, 8, 1)"),
        (conv((4, 2, 8, 1), (3, 3, 1, 2), 2, "relu", "valid"),
         PADDING + "'valid' with W.shape = (3, 3, 1, 2) and x.shape = (4, 2, 8, 1)"),
        (conv((4, 8, 2, 1), (3, 3, 1, 2), 2, "relu", "valid"),
         PADDING + "'valid' with W.shape = (3, 3, 1, 2) and x.shape = (4, 8, 2, 1)"),
        (lambda: F.max_pool2d(np.ones((8, 8))),
         "max_pool2d: expected x of shape (batch, height, width, channels), not empty, got shape (8, 8)"),
        *[(lambda size=size: F.max_pool2d(np.ones((1, 6, 4, 1)), size),
           "max_pool2d: expected size to be a whole number >= 1 that divides height 6 and width 4, "
           f"got {size!r}") for size in (3, 4, 0, -2, 2.0, None)],
        (lambda: Conv2D(1, 2, activation="rely", rng=RNG),
         "Conv2D: activation 'rely' is unknown; expected one of identity, sigmoid, tanh, relu"),
        (lambda: Conv2D(1, 2, 4, rng=RNG),
         "Conv2D: expected padding \"same\" with an odd size, or \"valid\", got 'same' with size 4"),
        (lambda: Conv2D(1, 2, padding="full", rng=RNG),
         "Conv2D: expected padding \"same\" with an odd size, or \"valid\", got 'full' with size 3"),
        (lambda: MaxPool2D(0), "MaxPool2D: expected size to be a whole number >= 1, got 0"),
    ],
)  # fmt: skip
def test_message(call, sentence):
    says(ValueError, sentence, call)


# The pool of arrays

BIG = (64, 8, 8, 16)  # float32: 256 KB


@pytest.fixture
def pool(monkeypatch):
    """A pool that no other test has filled."""
    own = type(memory._pool)()
    monkeypatch.setattr(memory, "_pool", own)
    return own


def address(array):
    return array.__array_interface__["data"][0]


def test_an_array_is_handed_out_again_once_nobody_refers_to_it(pool):
    first = memory.empty(BIG, np.float32)
    place = address(first)
    assert address(memory.empty(BIG, np.float32)) != place
    del first
    again = memory.empty((64, 1024), np.float32)  # the same size in another shape
    assert address(again) == place and again.shape == (64, 1024) and again.dtype == np.float32
    assert again.flags.c_contiguous and again.flags.writeable and again.flags.aligned


@pytest.mark.parametrize(
    "keep",
    [
        lambda a: a, lambda a: a[1:2], lambda a: a.T, lambda a: a.reshape(-1)[::2], lambda a: a.view(np.uint8),
        lambda a: a[..., None].swapaxes(0, 1)[3], memoryview, lambda a: Tensor(a), lambda a: iter(a),
        lambda a: np.broadcast_to(a, (2, *BIG)), lambda a: np.frombuffer(a, np.float32), lambda a: np.asarray(a).flat,
    ],
    ids=["array", "slice", "transposed", "reshaped", "other dtype", "several", "buffer", "Tensor", "iterator",
         "broadcast", "from buffer", "flat"],
)  # fmt: skip
def test_an_array_is_not_handed_out_while_someone_holds_any_view_of_it(pool, keep):
    array = memory.empty(BIG, np.float32)
    place, kept = address(array), keep(array)
    del array
    others = [memory.empty(BIG, np.float32) for _ in range(5)]
    assert place not in map(address, others)
    del kept
    assert address(memory.empty(BIG, np.float32)) == place


def test_what_nobody_uses_is_given_back_and_what_is_used_is_kept(pool):
    kept = [memory.empty(BIG, np.float32) for _ in range(3)]
    memory.empty((64, 4096), np.float32)
    view, places = kept[1][1:2], [address(kept[0]), address(kept[1])]
    del kept[1:]
    memory.release()
    assert [held.ctypes.data for held in pool] == places
    del kept, view
    memory.release()
    assert not pool


def test_small_and_very_large_arrays_are_not_kept(pool):
    memory.empty((128 * 1024 - 1,), np.uint8)
    memory.empty((1024, 1024, 33), np.uint8)
    assert len(pool) == 0
    memory.empty((128, 1024), np.uint8)
    assert len(pool) == 1


def test_the_pool_forgets_the_oldest_beyond_128_megabytes(pool):
    held = [memory.empty((1024, 1024, 30), np.uint8) for _ in range(6)]  # never touched: no page is really there
    assert sum(memory.size for memory in pool) == 4 * 30 * 1024 * 1024
    held[0][0, 0, 0] = 7  # forgotten by the pool, and still its holder's
    del held[1:]
    assert held[0][0, 0, 0] == 7


def test_no_two_threads_get_the_same_array(monkeypatch):
    class LetsOthersRun(type(memory._pool)):
        """A pool that lets other threads run at every look, so also between a look and what follows from it."""

        def __getitem__(self, i):
            time.sleep(1e-4)
            return super().__getitem__(i)

    monkeypatch.setattr(memory, "_pool", LetsOthersRun())
    with ThreadPoolExecutor(4) as threads:
        held = [memory.empty((200, 1024), np.uint8) for _ in range(4)]
        del held  # so that all threads find the same free arrays
        held = list(threads.map(lambda _: memory.empty((200, 1024), np.uint8), range(20)))
    assert len(set(map(address, held))) == 20


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_someone_holds_is_never_overwritten(pool, rng, activation):
    """Outputs, pieces of them and gradients of earlier graphs stay as they are, however many graphs follow."""
    kept = []
    for _ in range(6):
        x, W, b = draws(rng, (64, 8, 8, 12), (3, 3, 12, 16), 16)  # x: 192 KB
        tensors = [Tensor(array.astype(np.float32)) for array in (x, W, b)]
        a = F.conv2d(*tensors, activation)
        y = F.max_pool2d(a)
        one_number(y).backward()
        whole = [a.value, y.value, *(t.grad for t in (a, *tensors))]
        kept += [(array, array.copy()) for array in whole]
        piece = a.value[3:5, ::2].T
        kept.append((piece, piece.copy()))
        del tensors, a, y, whole, piece
    for array, copy in kept:
        np.testing.assert_array_equal(array, copy)
    assert len(pool) >= 6 * 2  # they did come from the pool


def test_training_steps_use_the_same_memory(pool, rng):
    """After two steps (the graph of the last one is alive until its successor's is complete) nothing new is made."""
    model = Sequential(
        Conv2D(1, 16, activation="relu", rng=rng),
        Conv2D(16, 32, rng=rng),
        MaxPool2D(),
        Flatten(),
        Dense(512, 10, rng=rng),
    )
    x, labels, optimizer = rng.normal(size=(64, 8, 8, 1)), rng.integers(10, size=64), GradientDescent(0.01)
    arrays_made = []
    for _ in range(6):
        loss = F.softmax_cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step(model.parameters)
        arrays_made.append(len(pool))
    assert arrays_made[0] > 0 and len(set(arrays_made[2:])) == 1
