"""Layers with attention: over another sequence, as in a decoder, and over the own one, as in a language model."""

import math

import numpy as np

from .. import functional
from ..autodiff import Tensor, matmul
from ..checks import check_arguments, check_sizes
from ..text import say
from .base import Dense, Layer, Sequential, glorot_uniform, he_normal
from .regularisation import LayerNorm, Residual


class Attention(Layer):
    """Scaled dot-product attention with learned projections: attention(query, keys, mask=None).

    query_features, key_features, features   whole numbers >= 1
    rng, dtype          as in Dense; all three projections start glorot_uniform
    query (batch, steps, query_features), keys (batch, time, key_features), mask (batch, time): 1 may be looked at
    returns (batch, steps, features): the mean of the values keys W_value, weighted by `weights`

    Raises ValueError for a size below 1, TypeError when rng is not a Generator or dtype holds no fractions.
    """

    def __init__(self, query_features, key_features, features, *, rng, dtype=np.float64):
        check_arguments(
            "Attention", rng, dtype, query_features=query_features, key_features=key_features, features=features
        )
        for name, features_in in {"W_query": query_features, "W_key": key_features, "W_value": key_features}.items():
            W = glorot_uniform((features_in, features), rng)  # (features_in, features)
            setattr(self, name, Tensor(W.astype(dtype), name=name))

    def __call__(self, query, keys, mask=None):
        return functional.attention(*self._projected(query, keys), matmul(keys, self.W_value), mask)

    def over(self, keys, mask=None):
        """The same for many queries, one after the other: a function of the query. The keys are projected once."""
        projected = matmul(keys, self.W_key), matmul(keys, self.W_value)
        return lambda query: functional.attention(matmul(query, self.W_query), *projected, mask)

    def weights(self, query, keys, mask=None):
        """The weights alone, to look at: (batch, steps, time)."""
        return functional.attention_weights(*self._projected(query, keys), mask)

    def _projected(self, query, keys):
        return matmul(query, self.W_query), matmul(keys, self.W_key)


class CausalSelfAttention(Layer):
    """Each step looks at the steps up to itself, in several heads: (batch, time, features) in and out.

    features, heads   whole numbers >= 1; the heads share the features among them, and have to divide them
    causal      False takes the mask away, so that a step sees later ones, too
    scale       of the initial weights of the last projection, as in Dense       rng, dtype   as in Dense
    off         numbers of heads that are switched off, such as (0, 2) or 0: what they find counts as 0; may be set at any time

    x is projected to queries, keys and values; what the heads find, side by side, is projected once more.
    Source: Vaswani et al. (2017), Attention is all you need.

    Raises ValueError for a size below 1, heads that do not divide the features or numbers of none, TypeError when rng is not a
    Generator or dtype holds no fractions.
    """

    def __init__(self, features, heads, *, causal=True, scale=1.0, rng, dtype=np.float64):
        check_arguments("CausalSelfAttention", rng, dtype, features=features)
        functional.check_heads("CausalSelfAttention", heads, x=features)
        for name in ("query", "key", "value", "output"):
            layer = Dense(features, features, scale=scale if name == "output" else 1.0, rng=rng, dtype=dtype)
            layer.W.name, layer.b.name = f"W_{name}", f"b_{name}"
            setattr(self, name, layer)
        self.heads, self.causal, self.off = heads, causal, ()

    @property
    def off(self):
        return self._off

    @off.setter
    def off(self, off):
        heads = tuple(off) if np.iterable(off) else (off,)
        if not all(head in range(self.heads) for head in heads):
            raise ValueError(
                say(
                    "CausalSelfAttention: expected off to be numbers of heads, from 0 to {last}, got {got!r}",
                    last=self.heads - 1,
                    got=off,
                )
            )
        self._off = heads

    def __call__(self, x):
        found = functional.causal_attention(self.query(x), self.key(x), self.value(x), self.heads, self.causal)
        if self.off:
            on = ~np.isin(np.arange(self.heads), self.off)  # (heads,)
            found = found * np.repeat(on, found.shape[-1] // self.heads).astype(found.dtype)
        return self.output(found)

    def weights(self, x):
        """How much each step looks at each other one, as plain numbers: (batch, heads, time, time)."""
        return functional.causal_attention_weights(self.query(x), self.key(x), self.heads, self.causal)

    def __repr__(self):
        return f"CausalSelfAttention({self.output.W.shape[0]}, heads {self.heads})"


class Block(Sequential):
    """A block of a language model: attention, then a small network for each step, each with a way around it.

    x <- x + attention(norm(x));  x <- x + dense(relu(dense(norm(x)))), with 4 * features units between the two.

    features, heads, causal, rng, dtype   as in CausalSelfAttention
    blocks      how many such blocks follow on each other: the layers that are added to x begin smaller by 1 / sqrt(2 blocks),
                so that the sum of all of them begins with the same variance, whatever the depth
    attention   its CausalSelfAttention

    Sources: Radford et al. (2019), Language models are unsupervised multitask learners (norm first, and this scale).
    Raises what CausalSelfAttention does.
    """

    def __init__(self, features, heads, *, blocks=1, causal=True, rng, dtype=np.float64):
        check_sizes("Block", blocks=blocks)
        options, scale = {"rng": rng, "dtype": dtype}, 1 / math.sqrt(2 * blocks)
        attention = CausalSelfAttention(features, heads, causal=causal, scale=scale, **options)
        hidden = Dense(features, 4 * features, "relu", initializer=he_normal, **options)
        super().__init__(
            Residual(LayerNorm(features, dtype=dtype), attention),
            Residual(LayerNorm(features, dtype=dtype), hidden, Dense(4 * features, features, scale=scale, **options)),
        )

    @property
    def attention(self):
        return self.layers[0].layers[1]  # held there alone: what is taken out of `layers` is no longer trained


class Positions(Layer):
    """Adds a row of numbers of its own for each place in a sequence: x + table[:time], x (batch, time, features).

    longest, features   whole numbers >= 1: places that have a row, and numbers for each step
    rng, scale, dtype   as in Embedding

    Raises ValueError for a size below 1 or a sequence of more than `longest` steps, TypeError as Embedding does.
    """

    def __init__(self, longest, features, *, rng, scale=1.0, dtype=np.float64):
        check_arguments("Positions", rng, dtype, longest=longest, features=features)
        table = scale * rng.normal(size=(longest, features))
        self.positions = Tensor(table.astype(dtype), name="positions")  # (longest, features)

    def __call__(self, x):
        if x.shape[1] > len(self.positions):
            raise ValueError(
                say(
                    "Positions: expected at most {longest} steps, got {got}",
                    longest=len(self.positions),
                    got=x.shape[1],
                )
            )
        return x + self.positions[: x.shape[1]]
