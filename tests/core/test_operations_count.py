"""Multiply-adds counted from the recorded graph against counts by hand, and against the sizes of real products."""

import doctest

import numpy as np
import pytest
from sentences import says

from course_lib import GRU, Attention, Conv2D, Dense, Embedding, Flatten, MaxPool2D, Sequential, Tensor, functional
from course_lib.tools import operations_count
from course_lib.tools.operations_count import count_operations


def test_docstring():
    assert doctest.testmod(operations_count).failed == 0


def test_a_network_of_two_dense_layers_by_hand(rng):
    """64 examples, 784-100-10: the first layer's input is data and needs no gradient."""
    model = Sequential(Dense(784, 100, "relu", rng=rng), Dense(100, 10, rng=rng))
    loss = functional.softmax_cross_entropy(model(np.zeros((64, 784))), np.zeros(64, int))
    counted = count_operations(loss)
    first, second = 64 * 784 * 100, 64 * 100 * 10
    assert counted.forward == first + second
    assert counted.backward == first + 2 * second
    assert counted.step == 2 * first + 3 * second
    assert [part[0] for part in counted.parts] == ["dense", "dense"]


def test_two_stacked_networks_cost_twice(rng):
    from course_lib import stack

    models = [Sequential(Dense(3, 5, rng=rng), Dense(5, 1, rng=rng)) for _ in range(2)]
    x, y = np.zeros((7, 3)), np.zeros((7, 1))
    one, two = (count_operations(functional.mean_squared_error(model(x), y)) for model in (models[0], stack(models)))
    assert (two.forward, two.backward) == (2 * one.forward, 2 * one.backward)


def test_convolution_by_hand(rng):
    """Two images of 8 x 8, 16 kernels of 3 x 3 over one channel, then 32 over 16 channels on 4 x 4."""
    model = Sequential(Conv2D(1, 16, rng=rng), MaxPool2D(), Conv2D(16, 32, rng=rng), Flatten(), Dense(512, 10, rng=rng))
    counted = count_operations(functional.softmax_cross_entropy(model(np.zeros((2, 8, 8, 1))), np.zeros(2, int)))
    first, second, last = 2 * 64 * 16 * 9, 2 * 16 * 32 * 9 * 16, 2 * 512 * 10
    assert counted.forward == first + second + last
    assert counted.backward == first + 2 * second + 2 * last


def test_gru_by_hand(rng):
    """Three sequences of 5 steps, 4 numbers a step, 6 in the state: three gates."""
    states = GRU(4, 6, rng=rng)(np.zeros((3, 5, 4)))
    counted = count_operations(functional.mean_squared_error(states, np.zeros((3, 5, 6))))
    inputs, hidden = 3 * 5 * 4 * 18, 3 * 5 * 6 * 18
    assert counted.forward == inputs + hidden
    assert counted.backward == inputs + 2 * hidden


def test_one_cell_is_one_step_of_a_gru(rng):
    gru = GRU(4, 6, rng=rng)
    cell = count_operations(functional.gru_cell(np.zeros((3, 4)), np.zeros((3, 6)), *gru.parameters))
    assert cell.forward == count_operations(gru(np.zeros((3, 1, 4)))).forward


def test_attention_by_hand(rng):
    """Query of 2 steps, keys of 7: three projections to 5 features, the scores, the weighted mean."""
    attention = Attention(3, 4, 5, rng=rng)
    result = attention(np.zeros((1, 2, 3)), np.zeros((1, 7, 4)))
    counted = count_operations(functional.mean_squared_error(result, np.zeros((1, 2, 5))))
    projections, scores = 2 * 3 * 5 + 2 * 7 * 4 * 5, 2 * 7 * 5
    assert counted.forward == projections + 2 * scores
    assert counted.backward == projections + 4 * scores


def test_causal_attention_by_hand(rng):
    """Two sequences of 3 steps, 4 features to compare and 6 to find: all 9 scores of each, also those that are masked."""
    query, keys, values = (Tensor(rng.normal(size=(2, 3, size))) for size in (4, 4, 6))
    for heads in (1, 2):
        counted = count_operations(functional.causal_attention(query, keys, values, heads))
        assert (counted.forward, counted.backward) == (2 * 9 * (4 + 6), 4 * 9 * (4 + 6))


def test_looking_up_a_row_takes_no_product(rng):
    rows = Embedding(9, 4, rng=rng)(np.array([[1, 2]]))
    assert count_operations(functional.mean_squared_error(rows, np.zeros((1, 2, 4)))).step == 0


def test_matmul_counts_a_gradient_for_each_tensor(rng):
    x, W = rng.normal(size=(4, 3)), Tensor(rng.normal(size=(3, 2)))
    assert (count_operations(Tensor(x) @ W).forward, count_operations(Tensor(x) @ W).backward) == (24, 48)
    assert count_operations(x @ W).backward == 24


def test_every_operation_with_weights_is_counted():
    """A primitive of `functional` that multiplies by a weight matrix must be in the table."""
    without_products = {"embedding", "dropout", "layer_norm", "batch_norm", "max_pool2d"}
    made_of_counted, to_look_at = {"attention"}, {"causal_attention_weights"}
    checks = {name for name in functional.__all__ if name.startswith("check_") or name.isupper()}
    losses = {name for name in functional.__all__ if name.endswith(("entropy", "error"))}
    rest = set(functional.__all__) - without_products - made_of_counted - to_look_at - checks - losses
    assert rest <= set(operations_count.PRODUCTS), rest - set(operations_count.PRODUCTS)


def test_the_table_adds_up(rng):
    model = Sequential(Dense(3, 5, rng=rng), Dense(5, 1, rng=rng))
    text = str(count_operations(functional.mean_squared_error(model(np.zeros((1000, 3))), np.zeros((1000, 1)))))
    assert text.splitlines()[-1].split() == ["together", "20,000", "25,000"]
    assert len({len(line) for line in text.splitlines()}) == 1


@pytest.mark.parametrize("nonsense", [3.0, None, np.ones(3)])
def test_message(nonsense):
    says(
        TypeError,
        f"count_operations: expected a Tensor, the loss of a batch, got {nonsense!r}",
        lambda: count_operations(nonsense),
    )
