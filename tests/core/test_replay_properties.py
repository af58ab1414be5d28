"""Replaying any small network, with any optimizer, gives what the engine gives: Hypothesis looks for one where it does not."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_steps import OPTIMIZERS, left_by_steps

from course_lib import BatchNorm, Dense, Dropout, LayerNorm, Residual, Sequential, stack
from course_lib import functional as F
from course_lib.replay import PASSES

prove = settings(max_examples=25)
sizes = st.integers(1, 40)


@st.composite
def networks(draw):
    """Sizes, layers, dtype, data and loss of a network: function (seed) -> (model, data, loss)."""
    features, outputs, batch = draw(sizes), draw(st.integers(1, 5)), draw(st.integers(2, 40))
    hidden = draw(st.lists(st.tuples(sizes, st.sampled_from(list(F.ACTIVATIONS))), max_size=3))
    between = draw(st.lists(st.sampled_from(["none", "dropout", "layer", "batch", "residual"]), min_size=3, max_size=3))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    loss = draw(st.sampled_from([F.mean_squared_error, F.binary_cross_entropy, F.softmax_cross_entropy]))

    def made(seed):
        rng, before, layers = np.random.default_rng(seed), features, []
        for (size, activation), kind in zip(hidden, between, strict=False):
            layers.append(Dense(before, size, activation, rng=rng, dtype=dtype))
            before = size
            if kind == "dropout":
                layers.append(Dropout(0.25, rng=rng))
            elif kind == "residual":
                layers.append(Residual(Dense(size, size, activation, rng=rng, dtype=dtype)))
            elif kind != "none":
                layers.append({"layer": LayerNorm, "batch": BatchNorm}[kind](size, dtype=dtype))
        model = Sequential(*layers, Dense(before, outputs, rng=rng, dtype=dtype))
        x, y = rng.normal(size=(batch, features)).astype(dtype), rng.uniform(size=(batch, outputs)).astype(dtype)
        return model, (x, rng.integers(0, outputs, batch) if loss is F.softmax_cross_entropy else y), loss

    return made


@st.composite
def stacks(draw):
    """Many small networks at once: function (seed) -> (model, data, loss)."""
    networks, sizes = draw(st.integers(1, 120)), draw(st.lists(st.integers(1, 9), min_size=2, max_size=4))
    batch, activation = draw(st.integers(1, 17)), draw(st.sampled_from(list(F.ACTIVATIONS)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    loss = draw(st.sampled_from([F.mean_squared_error, F.binary_cross_entropy]))

    def made(seed):
        rng, pairs = np.random.default_rng(seed), list(pairwise(sizes))
        models = [
            Sequential(*(Dense(i, o, activation, rng=rng, dtype=dtype) for i, o in pairs)) for _ in range(networks)
        ]
        x, y = rng.normal(size=(batch, sizes[0])), rng.uniform(size=(batch, sizes[-1]))
        return stack(models), (x.astype(dtype), y.astype(dtype)), loss

    return made


@prove
@given(
    networks(),
    stacks(),
    st.integers(0, 1000),
    st.sampled_from(list(OPTIMIZERS)),
    st.sets(st.sampled_from(list(PASSES))),
)
def test_any_network_and_any_stack_is_replayed_to_the_last_bit(network, many, seed, name, without):
    for made in (network, many):
        replayed, eager = (left_by_steps(*made(seed), OPTIMIZERS[name](), at, without=without) for at in (1, None))
        assert replayed == eager
