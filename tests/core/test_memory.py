"""Memory: no reference cycles, so that a graph goes the moment its loss goes, without a collector."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from operations import FUNCTIONS, OPERATIONS, gradients, inputs, network

from course_lib import Adam, Tensor, ops, train, value_and_grad
from course_lib import functional as F


@pytest.fixture(scope="module", autouse=True)
def only_new_objects():
    """The garbage collector runs when a test asks for it, and looks only at what these tests have made."""
    gc.collect()
    gc.disable()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def garbage():
    """garbage(): how many objects have become unreachable, and were not freed, since the last call."""
    gc.collect()
    return gc.collect


def test_no_operation_layer_or_loss_makes_a_cycle(garbage):
    left = {}
    for operation in OPERATIONS + FUNCTIONS:
        arrays = inputs(operation)
        gradients(operation, arrays)  # the first call may fill caches
        garbage()
        gradients(operation, arrays)
        left[operation.name] = garbage()
    assert {name: count for name, count in left.items() if count} == {}


def test_a_graph_goes_with_its_loss(garbage, rng):
    model = network(rng)
    hidden = model.layers[0](rng.normal(size=(5, 2)))
    loss = ops.mean(model.layers[1](hidden) ** 2)
    loss.backward()
    nodes = [weakref.ref(tensor) for tensor in loss.graph() if tensor not in set(model.parameters)]
    assert len(nodes) == 4
    del hidden, loss
    assert [node() for node in nodes] == [None] * 4
    assert all(p.grad is not None for p in model.parameters)
    assert garbage() == 0


def test_intermediate_results_of_value_and_grad_go(garbage):
    seen = []

    def f(w):
        y = ops.exp(w)
        seen.append(weakref.ref(y))
        return ops.sum(y)

    value_and_grad(f)(np.ones(3))
    assert seen[0]() is None
    assert garbage() == 0


def test_a_long_chain_goes_without_recursion(garbage):
    x = Tensor(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    y.backward()
    first = weakref.ref(y.parents[0])
    del y
    assert first() is None
    assert garbage() == 0


def test_training_keeps_no_graph(rng):
    """After an epoch only the last loss is alive, and after the last epoch none, whatever the history keeps."""
    model, losses = network(rng), []

    def loss(outputs, y):
        result = F.binary_cross_entropy(outputs, y)
        losses.append(weakref.ref(result))
        return result

    x, y, optimizer = rng.normal(size=(6, 2)), rng.uniform(size=(6, 1)), Adam(0.01)
    for progress in train(model, (x, y), loss=loss, optimizer=optimizer, epochs=5, batch_size=4, rng=rng):
        assert [ref() for ref in losses[:-1]] == [None] * (2 * progress.epoch - 1)
    assert losses[-1]() is None and len(progress.history) == 5


def test_the_peak_of_200_steps_with_a_big_batch_is_that_of_the_first(garbage, rng):
    model = network(rng, (8, 16, 16, 3))
    x, y, optimizer = rng.normal(size=(2000, 8)), rng.integers(3, size=2000), Adam(1e-3)
    activations = 2000 * (16 + 16 + 3) * 8  # bytes: 560 KB, kept from the forward pass to the backward pass

    def peak(steps):
        tracemalloc.reset_peak()
        for _ in range(steps):
            F.softmax_cross_entropy(model(x), y).backward()
            optimizer.step(model.parameters)
        return tracemalloc.get_traced_memory()

    tracemalloc.start()
    try:
        peak(3)  # the optimizer makes its vectors
        (size, highest), (size_later, highest_later) = peak(3), peak(200)
    finally:
        tracemalloc.stop()
    assert highest > size + activations
    assert abs(size_later - size) < 10_000
    assert highest_later < highest + 10_000
    assert garbage() == 0
