"""Embedding, GRU and attention: values by hand, compositions, padding, memory, sentences."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import MASKS, assert_alike, one_number, weights
from sentences import says

from course_lib import (
    GRU,
    Attention,
    Block,
    CausalSelfAttention,
    Embedding,
    Positions,
    Sequential,
    Tensor,
    check_gradients,
    ops,
)
from course_lib import functional as F
from course_lib.autodiff import matmul
from course_lib.layers import orthogonal

pytestmark = pytest.mark.filterwarnings("error", "ignore:It looks like `register_random`")  # on Python 3.15


def gru_arrays(rng, batch=3, time=4, features=2, hidden=3, dtype=np.float64):
    """x, h, W, U, b, c; without time, x is that of one step."""
    x = (batch, features) if time is None else (batch, time, features)
    shapes = x, (batch, hidden), (features, 3 * hidden), (hidden, 3 * hidden), 3 * hidden, hidden
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def attention_arrays(rng, batch=3, steps=2, time=4, features=5, values=3, dtype=np.float64):
    shapes = (batch, steps, features), (batch, time, features), (batch, time, values)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


# embedding


def test_small_whole_numbers_reach_the_end_of_a_big_table():
    """Index 199 times 40 features does not fit into the type of the index."""
    table = Tensor(np.zeros((200, 40)))
    ops.sum(F.embedding(table, np.array([199], np.uint8))).backward()
    assert table.grad[199].all() and not table.grad[:199].any()


# gru_cell


def composed_cell(x, h, W, U, b, c):
    """The same step from elementary operations."""
    hidden = h.shape[1]
    z, a = matmul(x, W) + b, matmul(h, U)
    (zr, zu, zn), (ar, au, an) = ([t[:, i * hidden : (i + 1) * hidden] for i in range(3)] for t in (z, a))
    r, u = ops.sigmoid(zr + ar), ops.sigmoid(zu + au)
    n = ops.tanh(zn + r * (an + c))
    return (1 - u) * n + u * h


# gru


def loop_of_cells(mask):
    """gru as gru_cell, step by step, with the mask as a choice between the new and the old state."""

    def run(x, h, *weights):
        states = []
        for t in range(x.shape[1]):
            new = F.gru_cell(x[:, t], h, *weights)
            keep = 1.0 if mask is None else np.asarray(mask[:, t, None], float)
            h = new * keep + h * (1 - keep)
            states.append(h)
        return ops.stack(states, axis=1)

    return run


def test_a_padded_step_leaves_the_state_as_it_is(rng):
    """To the last bit, forward and backward: padding is not nearly without effect, it has none."""
    arrays, mask = gru_arrays(rng), MASKS["with padding anywhere"]
    tensors = [Tensor(a) for a in arrays]
    states = F.gru(*tensors, mask)
    before = np.concatenate([arrays[1][:, None], states.value[:, :-1]], axis=1)
    np.testing.assert_array_equal(states.value[~mask], before[~mask])
    one_number(states).backward()
    x, h, *_ = tensors
    assert not x.grad[~mask].any() and x.grad[mask].all()
    np.testing.assert_allclose(
        h.grad[2], weights(states.shape)[2].sum(axis=0), rtol=1e-14
    )  # the third sequence is all padding


sizes = st.integers(1, 5)
prove = settings(max_examples=40)


@prove
@given(sizes, sizes, sizes, sizes, st.integers(0, 2**32 - 1))
def test_gru_of_any_size_is_a_loop_of_cells_and_a_cell_is_its_composition(batch, time, features, hidden, seed):
    rng = np.random.default_rng(seed)
    arrays, mask = gru_arrays(rng, batch, time, features, hidden), rng.integers(2, size=(batch, time))
    assert_alike(lambda *arguments: F.gru(*arguments, mask), loop_of_cells(mask), arrays, rtol=1e-10)
    assert_alike(F.gru_cell, composed_cell, [arrays[0][:, 0], *arrays[1:]], rtol=1e-10)


def test_big_sequences_that_share_the_pool_of_arrays_do_not_mix(rng):
    """Two graphs alive at once, each with arrays of more than 128 KB: the memory of one is not given to the other."""
    arrays = gru_arrays(rng, 16, 40, 5, 32)
    alone = [Tensor(a) for a in arrays]
    one_number(F.gru(*alone)).backward()
    first, second = [Tensor(a) for a in arrays], [Tensor(2 * a) for a in arrays]
    graphs = [one_number(F.gru(*tensors)) for tensors in (first, second)]
    graphs[1].backward()
    graphs[0].backward()
    graphs[0].backward()  # the same again
    for t, u in zip(alone, first, strict=True):
        np.testing.assert_array_equal(t.grad, u.grad)


def test_gates_that_are_fully_open_or_shut_give_no_warning_and_no_nan(rng):
    arrays = [1000 * a for a in gru_arrays(rng)]
    tensors = [Tensor(a) for a in arrays]
    ops.sum(F.gru(*tensors)).backward()
    ops.sum(F.gru_cell(arrays[0][:, 0], *tensors[1:])).backward()
    assert all(np.isfinite(t.grad).all() for t in tensors)


# attention


def test_attention_by_hand():
    keys = np.array([[[2.0, 0, 0, 0], [0, 2.0, 0, 0]]])  # features = 4, so that the root is 2
    query = np.array([[[math.log(3), 0, 0, 0]]])  # scores log 3 and 0
    values = np.array([[[4.0], [8.0]]])
    np.testing.assert_allclose(F.attention_weights(query, keys), [[[0.75, 0.25]]], rtol=1e-15)
    np.testing.assert_allclose(F.attention(query, keys, values), [[[5.0]]], rtol=1e-15)


@prove
@given(*[st.integers(1, 3)] * 5, st.integers(0, 2**32 - 1))
def test_attention_of_any_size(batch, steps, time, features, values, seed):
    rng = np.random.default_rng(seed)
    query, keys, content = arrays = attention_arrays(rng, batch, steps, time, features, values)
    mask = rng.integers(2, size=(batch, time))
    w = F.attention_weights(query, keys, mask)
    assert w.shape == (batch, steps, time) and (w >= 0).all()
    np.testing.assert_allclose(w.sum(axis=-1), np.broadcast_to(mask.any(axis=1)[:, None], (batch, steps)), rtol=1e-14)
    assert not w[np.broadcast_to(mask[:, None] == 0, w.shape)].any()
    np.testing.assert_allclose(F.attention(*arrays, mask), w @ content, rtol=1e-12, atol=1e-14)
    check_gradients(lambda p: one_number(F.attention(*p, mask)), arrays, tolerance=1e-7)
    for i in range(batch):  # masked keys might as well not be there
        kept = mask[i] == 1
        if kept.any():
            short = F.attention(query[i : i + 1], keys[i : i + 1, kept], content[i : i + 1, kept])
            np.testing.assert_allclose(F.attention(*arrays, mask)[i], short[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_attention_with_huge_scores_is_a_choice(dtype):
    query, keys = np.full((1, 1, 1), 1e4, dtype), np.array([[[1e4], [2e4], [-1e4]]], dtype)
    for mask, chosen in ((None, 1), ([[1, 0, 1]], 0), ([[0, 0, 1]], 2)):
        np.testing.assert_array_equal(F.attention_weights(query, keys, mask), np.eye(3, dtype=dtype)[[[chosen]]])


# causal attention


def causal_arrays(rng, batch=3, time=5, features=6, found=4, dtype=np.float64):
    return attention_arrays(rng, batch, time, time, features, found, dtype)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("heads", [1, 2])
def test_causal_attention_is_its_composition(rng, heads, causal):
    """Each head alone: softmax of the scores, with -1e9 where a step may not look; what the heads find, side by side."""
    blocked = np.triu(np.full((5, 5), -1e9), 1) if causal else 0.0

    def composed(query, keys, values):
        found = []
        for h in range(heads):
            q, k, v = (a[..., h * (a.shape[-1] // heads) :][..., : a.shape[-1] // heads] for a in (query, keys, values))
            scores = matmul(q, ops.transpose(k, (0, 2, 1))) / math.sqrt(q.shape[-1]) + blocked
            found.append(matmul(ops.softmax(scores), v))
        return ops.concat(found)

    assert_alike(lambda *arguments: F.causal_attention(*arguments, heads, causal), composed, causal_arrays(rng))


@prove
@given(*[st.integers(1, 4)] * 5, st.sampled_from([np.float32, np.float64]), st.integers(0, 2**32 - 1))
def test_a_later_step_changes_no_earlier_output(batch, time, heads, size, found, dtype, seed):
    """To the last bit, also where the later numbers are huge; without the mask it does."""
    rng = np.random.default_rng(seed)
    arrays = causal_arrays(rng, batch, time, heads * size, heads * found, dtype)
    changed, since = [a.copy() for a in arrays], int(rng.integers(time))
    for a in changed:
        a[:, since:] = rng.normal(size=a[:, since:].shape) * 10.0 ** rng.integers(-3, 15)
    before, after = (F.causal_attention(*each, heads) for each in (arrays, changed))
    assert before.dtype == dtype
    assert np.array_equal(before[:, :since], after[:, :since])
    if since > 0:
        without = [F.causal_attention(*each, heads, causal=False) for each in (arrays, changed)]
        assert not np.array_equal(*(each[:, :since] for each in without))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 3e38, -3e38])
def test_a_later_key_changes_no_earlier_output_whatever_it_is(rng, number, dtype):
    query, keys, values = causal_arrays(rng, dtype=dtype)
    changed = keys.copy()
    changed[:, 3] = number
    with np.errstate(invalid="ignore", over="ignore"):
        before, after = (F.causal_attention(query, each, values, heads=2) for each in (keys, changed))
    assert np.array_equal(before[:, :3], after[:, :3])
    assert not np.array_equal(before[:, 3:], after[:, 3:])


@pytest.mark.parametrize("causal", [True, False])
def test_the_weights_are_those_with_which_it_finds(rng, causal):
    query, keys, values = causal_arrays(rng)
    w = F.causal_attention_weights(query, keys, 2, causal)
    assert w.shape == (3, 2, 5, 5) and np.triu(w, 1).any() != causal
    np.testing.assert_allclose(w.sum(axis=-1), 1, rtol=1e-14)
    by_head = values.reshape(3, 5, 2, 2).swapaxes(1, 2)
    found = F.causal_attention(query, keys, values, 2, causal)
    np.testing.assert_allclose((w @ by_head).swapaxes(1, 2).reshape(3, 5, 4), found, rtol=1e-13)
    np.testing.assert_array_equal(w, F.causal_attention_weights(Tensor(query), keys, 2, causal))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_causal_attention_with_huge_scores_is_a_choice(dtype):
    query, keys = np.full((1, 3, 1), 1e4, dtype), np.array([[[1e4], [2e4], [3e4]]], dtype)
    np.testing.assert_array_equal(F.causal_attention_weights(query, keys), np.eye(3, dtype=dtype)[None, None])


def test_masks_may_be_lists(rng):
    mask = MASKS["with padding at the end"]
    for operation, arrays in ((F.gru, gru_arrays(rng)), (F.attention, attention_arrays(rng))):
        np.testing.assert_array_equal(operation(*arrays, mask.tolist()), operation(*arrays, mask))


# Layers


def test_gru_layer(rng):
    gru, x = GRU(2, 3, rng=rng), rng.normal(size=(4, 5, 2))
    assert repr(gru) == "GRU(W (2, 9), U (3, 9), b (9,), c (3,))"
    values, h, mask = [p.value for p in gru.parameters], rng.normal(size=(4, 3)), rng.integers(2, size=(4, 5))
    np.testing.assert_array_equal(gru(x).value, F.gru(x, np.zeros((4, 3)), *values))
    np.testing.assert_array_equal(gru(x, h).value, F.gru(x, h, *values))
    np.testing.assert_array_equal(gru(x, mask=mask).value, F.gru(x, np.zeros((4, 3)), *values, mask))
    np.testing.assert_array_equal(gru(x, h, mask).value, F.gru(x, h, *values, mask))


def test_gru_starts_glorot_and_orthogonal_gate_by_gate(rng):
    gru = GRU(20, 30, rng=rng)
    limit = math.sqrt(6 / (20 + 30))
    assert 0.98 * limit < np.abs(gru.W.value).max() < limit
    gates = np.split(gru.U.value, 3, axis=1)
    for U in gates:
        np.testing.assert_allclose(U.T @ U, np.eye(30), atol=1e-14)
    assert not any(np.isclose(U, V).all() for U, V in itertools.combinations(gates, 2))


def test_orthogonal_is_a_random_rotation():
    """Any direction is equally likely: over many draws, every element has mean 0 and variance 1/n."""
    rng = np.random.default_rng(0)
    draws = np.array([orthogonal((3, 3), rng) for _ in range(4000)])
    np.testing.assert_allclose(draws.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(draws.var(axis=0), 1 / 3, atol=0.03)


def test_embedding_layer(rng):
    layer = Embedding(300, 40, rng=rng)
    np.testing.assert_array_equal(layer([[1, 2], [2, 0]]).value, layer.table.value[[[1, 2], [2, 0]]])
    assert layer.table.value.std() == pytest.approx(1, rel=0.02)


def test_attention_layer(rng):
    layer, mask = Attention(2, 3, 4, rng=rng), np.array([[1, 1, 0], [1, 1, 1]])
    query, keys = rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 3, 3))
    W_query, W_key, W_value = (p.value for p in layer.parameters)
    projected = query @ W_query, keys @ W_key
    np.testing.assert_allclose(layer(query, keys).value, F.attention(*projected, keys @ W_value), rtol=1e-14)
    np.testing.assert_allclose(
        layer(query, keys, mask).value, F.attention(*projected, keys @ W_value, mask), rtol=1e-14
    )
    np.testing.assert_array_equal(layer.weights(query, keys, mask).value, F.attention_weights(*projected, mask))
    ops.sum(layer(query, keys, mask)).backward()
    assert all(p.grad.any() for p in layer.parameters)


def test_causal_self_attention_is_four_projections_around_the_operation(rng):
    layer, x = CausalSelfAttention(6, 3, rng=rng), rng.normal(size=(2, 4, 6))
    assert [p.name for p in layer.parameters[::2]] == ["W_query", "W_key", "W_value", "W_output"]
    assert [p.shape for p in layer.parameters] == [(6, 6), (6,)] * 4
    q, k, v = (x @ part.W.value + part.b.value for part in (layer.query, layer.key, layer.value))
    expected = F.causal_attention(q, k, v, 3) @ layer.output.W.value
    np.testing.assert_allclose(layer(x).value, expected, rtol=1e-12)
    np.testing.assert_allclose(layer.weights(x), F.causal_attention_weights(q, k, 3), rtol=1e-12)
    layer.causal = False
    np.testing.assert_allclose(layer(x).value, F.causal_attention(q, k, v, 3, False) @ layer.output.W.value, rtol=1e-12)
    assert np.triu(layer.weights(x), 1).any()


def test_a_head_that_is_off_is_as_if_the_output_did_not_read_it(rng):
    layer, x = CausalSelfAttention(6, 3, rng=rng), rng.normal(size=(2, 4, 6))
    all_on = layer(x).value
    for off, numbers in (((1,), 1), ((0,), np.int64(0)), ((0, 2), np.array([0, 2])), ((0, 1, 2), range(3))):
        layer.off = numbers
        found = layer(x)
        kept = layer.output.W.value.copy()
        for head in off:
            layer.output.W.value[2 * head : 2 * head + 2] = 0
        layer.off = ()
        np.testing.assert_allclose(found.value, layer(x).value, rtol=1e-12, atol=1e-15)
        layer.output.W.value[...] = kept
        ops.sum(found * all_on).backward()
        for head in range(3):
            assert layer.query.W.grad[:, 2 * head : 2 * head + 2].any() == (head not in off)
    np.testing.assert_array_equal(layer(x).value, all_on)


@pytest.mark.parametrize("off", [3, (0, -1), "0", None])
def test_what_is_no_head_cannot_be_off(rng, off):
    layer = CausalSelfAttention(6, 3, rng=rng)
    sentence = f"CausalSelfAttention: expected off to be numbers of heads, from 0 to 2, got {off!r}"
    says(ValueError, sentence, lambda: setattr(layer, "off", off))
    assert layer.off == ()


def test_a_block_is_attention_and_a_small_network_each_with_a_way_around_it(rng):
    block, x = Block(4, 2, rng=rng), rng.normal(size=(3, 5, 4))
    norm, attention = block.layers[0].layers
    other, hidden, last = block.layers[1].layers
    assert attention is block.attention and hidden.W.shape == (4, 16) and hidden.activation == "relu"
    middle = x + attention(norm(x)).value
    np.testing.assert_allclose(block(x).value, middle + last(hidden(other(middle))).value, rtol=1e-12)
    block = Block(4, 2, rng=rng)
    block.layers = block.layers[1:]  # chapter 10 takes one of them away
    assert block.parameters == block.layers[0].parameters


def test_deep_blocks_begin_with_a_variance_that_does_not_grow_with_depth():
    """The layers that add to x are smaller by 1 / sqrt(2 blocks); without that, the sum of 16 blocks is much larger."""

    def spread(depth, blocks):
        rng = np.random.default_rng(0)
        model = Sequential(*(Block(32, 4, blocks=blocks, rng=rng) for _ in range(depth)))
        x = rng.normal(size=(4, 10, 32))
        return np.std(model(x).value - x)

    assert spread(16, 16) == pytest.approx(spread(1, 1), rel=0.25)
    assert spread(16, 1) > 3 * spread(1, 1)


def test_positions_add_the_rows_of_the_first_places(rng):
    layer, x = Positions(5, 2, scale=0.1, rng=rng), rng.normal(size=(3, 4, 2))
    np.testing.assert_array_equal(layer(x).value, x + layer.positions.value[:4])
    ops.sum(layer(x)).backward()
    np.testing.assert_array_equal(layer.positions.grad, [[3, 3]] * 4 + [[0, 0]])
    assert np.std(Positions(100, 100, scale=0.1, rng=rng).positions.value) == pytest.approx(0.1, rel=0.03)
    says(ValueError, "Positions: expected at most 5 steps, got 6", lambda: layer(np.zeros((1, 6, 2))))


@pytest.mark.parametrize("heads", [0, 3, None])
def test_layers_name_heads_that_cannot_be(rng, heads):
    for layer in (CausalSelfAttention, Block):
        sentence = f"expected heads to be a whole number >= 1 that divides the 4 features of x, got {heads!r}"
        says(ValueError, f"CausalSelfAttention: {sentence}", lambda layer=layer: layer(4, heads, rng=rng))


@pytest.mark.parametrize("blocks", [0, 1.5])
def test_a_block_names_a_depth_that_cannot_be(rng, blocks):
    sentence = f"Block: expected blocks to be a whole number >= 1, got {blocks!r}"
    says(ValueError, sentence, lambda: Block(4, 2, blocks=blocks, rng=rng))


# Sentences


GRU_SHAPES = (3, 4, 2), (3, 5), (2, 15), (5, 15), 15, 5, (3, 4)
ATTENTION_SHAPES = (3, 2, 5), (3, 4, 5), (3, 4, 7), (3, 4)
TWO_HEADS, CAUSAL_SHAPES = partial(F.causal_attention, heads=2), ((3, 5, 6), (3, 5, 6), (3, 5, 4))


@pytest.mark.parametrize(
    ("function", "shapes", "position", "shape", "sentence"),
    [
        (F.gru, GRU_SHAPES, 0, (3, 2), "gru: expected x of shape (batch, time, features), not empty, got shape (3, 2)"),
        (F.gru, GRU_SHAPES, 1, (5,), "gru: expected h of shape (batch, hidden), not empty, got shape (5,)"),
        (F.gru, GRU_SHAPES, 1, (2, 5), "gru: h has 2 batch, but x expects 3 (h.shape = (2, 5), x.shape = (3, 4, 2))"),
        (F.gru, GRU_SHAPES, 2, (2, 5), "gru: W has 5 hidden, but h expects 15 (W.shape = (2, 5), h.shape = (3, 5))"),
        (F.gru, GRU_SHAPES, 6, (3, 5), "gru: mask has 5 time, but x expects 4 (mask.shape = (3, 5), x.shape = (3, 4, 2))"),
        (F.gru, GRU_SHAPES, 6, (3,), "gru: expected mask of shape (batch, time), not empty, got shape (3,)"),
        (F.gru_cell, GRU_SHAPES[:-1], 0, (3, 4, 2),
         "gru_cell: expected x of shape (batch, features), not empty, got shape (3, 4, 2)"),
        (F.attention, ATTENTION_SHAPES, 0, (3, 5),
         "attention: expected query of shape (batch, steps, features), not empty, got shape (3, 5)"),
        (F.attention, ATTENTION_SHAPES, 0, (3, 2, 6),
         "attention: keys has 5 features, but query expects 6 (keys.shape = (3, 4, 5), query.shape = (3, 2, 6))"),
        (F.attention, ATTENTION_SHAPES, 2, (3, 5, 7),
         "attention: values has 5 time, but keys expects 4 (values.shape = (3, 5, 7), keys.shape = (3, 4, 5))"),
        (F.attention, ATTENTION_SHAPES, 3, (3, 2),
         "attention: mask has 2 time, but keys expects 4 (mask.shape = (3, 2), keys.shape = (3, 4, 5))"),
        (TWO_HEADS, CAUSAL_SHAPES, 0, (5, 6),
         "causal_attention: expected query of shape (batch, time, features), not empty, got shape (5, 6)"),
        (TWO_HEADS, CAUSAL_SHAPES, 1, (3, 4, 6),
         "causal_attention: keys has 4 time, but query expects 5 (keys.shape = (3, 4, 6), query.shape = (3, 5, 6))"),
        (TWO_HEADS, CAUSAL_SHAPES, 2, (2, 5, 4),
         "causal_attention: values has 2 batch, but query expects 3 (values.shape = (2, 5, 4), query.shape = (3, 5, 6))"),
        (TWO_HEADS, CAUSAL_SHAPES, 2, (3, 5, 5),
         "causal_attention: expected heads to be a whole number >= 1 that divides the 5 features of values, got 2"),
        (lambda table: F.embedding(table, [0]), [()], 0, (3,),
         "embedding: expected table of shape (symbols, features), not empty, got shape (3,)"),
    ],
)  # fmt: skip
def test_an_input_of_another_shape_is_named(function, shapes, position, shape, sentence):
    arrays = [np.ones(each) for each in (*shapes[:position], shape, *shapes[position + 1 :])]
    says(ValueError, sentence, lambda: function(*arrays))


@pytest.mark.parametrize(
    ("indices", "error", "sentence"),
    [
        ([0, 3], ValueError, "expected indices 0 to 2 for a table of 3 symbols, got 0 to 3"),
        ([[-1], [2]], ValueError, "expected indices 0 to 2 for a table of 3 symbols, got -1 to 2"),
        ([0.0, 1.0], TypeError, "expected indices as whole numbers, got dtype float64"),
        ([True, False], TypeError, "expected indices as whole numbers, got dtype bool"),
        (["a"], TypeError, "expected indices as whole numbers, got dtype <U1"),
        (Tensor([1.0]), TypeError, "expected indices as whole numbers, got dtype float64"),
    ],
)
def test_embedding_message(indices, error, sentence):
    says(error, f"embedding: {sentence}", lambda: F.embedding(Tensor(np.ones((3, 2))), indices))


@pytest.mark.parametrize("heads", [0, -1, 4, 1.5, "two", None])
def test_causal_attention_names_heads_that_cannot_be(rng, heads):
    sentence = f"expected heads to be a whole number >= 1 that divides the 6 features of query, got {heads!r}"
    says(ValueError, f"causal_attention: {sentence}", lambda: F.causal_attention(*causal_arrays(rng), heads))
