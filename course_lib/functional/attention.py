"""Attention: a step looks at many steps at once and takes a weighted mean of what it finds there.

`attention` looks at another sequence, as a decoder looks at what the encoder has read. `causal_attention` looks at the steps
of its own sequence up to itself, with several heads: a language model is made of it.
"""

import math
from functools import lru_cache

import numpy as np

from ..autodiff import array_of, matmul, record, value_of
from ..checks import check_shapes, optional_mask
from ..text import say
from .memory import empty


def attention_weights(query, keys, mask=None):
    """How much each step of the query looks at each key: softmax over the keys of query keys^T / sqrt(features).

    query  (batch, steps, features)      keys  (batch, time, features)
    mask   optional (batch, time): 1 where the query may look, 0 where not; when it may look nowhere, all weights are 0
    returns w  (batch, steps, time); rows add up to 1
    The root keeps the scores near 1: a product of two vectors of n random numbers has variance n, and a softmax of
    large numbers hardly learns. Backward: dL/dscore = w * (g - sum of g * w), dL/dquery = dL/dscore keys / root,
    dL/dkeys = dL/dscore^T query / root.

    Raises ValueError when shapes do not fit, and names the argument.
    """
    q, k = value_of(query), value_of(keys)
    check_shapes("attention", query=(q, "batch steps features"), keys=(k, "batch time features"), **optional_mask(mask))
    root = math.sqrt(q.shape[-1])
    scores = np.matmul(q, k.swapaxes(1, 2)) / root  # (batch, steps, time)
    if mask is not None:
        scores = np.where(array_of(mask)[:, None] == 0, -np.inf, scores)
    highest = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)  # finite, also for no key
    e = np.exp(scores - highest)
    w = e / np.maximum(e.sum(axis=-1, keepdims=True), 1)  # the highest score gives e^0 = 1: less than 1 is no key

    def vjp(g):
        delta = w * (g - (g * w).sum(axis=-1, keepdims=True)) / root  # (batch, steps, time)
        return np.matmul(delta, k), np.matmul(delta.swapaxes(1, 2), q)

    return record(w, (query, keys), vjp)


def attention(query, keys, values, mask=None):
    """What each step of the query finds: the mean of the values, weighted by `attention_weights` of query and keys.

    query    (batch, steps, features)      keys  (batch, time, features)      values  (batch, time, features_out)
    mask     optional (batch, time), as in `attention_weights`; where the query may look nowhere it finds zeros
    returns  (batch, steps, features_out)
    Source: Vaswani et al. (2017), Attention is all you need (scaled dot-product attention).

    Raises ValueError when shapes do not fit, and names the argument.
    """
    check_shapes(
        "attention", keys=(value_of(keys), "batch time features"), values=(value_of(values), "batch time features_out")
    )
    return matmul(attention_weights(query, keys, mask), values)


def causal_attention(query, keys, values, heads=1, causal=True):
    """What each step of a sequence finds in the steps up to itself, in several heads; all of it is one operation.

    query    (batch, time, features)      keys  (batch, time, features)      values  (batch, time, features_out)
    heads    whole number >= 1: head h looks with its own part of the features, and finds its own part of features_out
    causal   False takes the mask away: a step then sees later steps, too, and whoever is asked for the next symbol can copy it
    returns  (batch, time, features_out): for each head w values, with w = softmax over the keys of query keys^T / sqrt(size),
             where size = features / heads, and the score of a later step is -inf, so that its weight is 0
    Backward, in each head:  dL/dw = g values^T,  dL/dscore = w * (dL/dw - sum of w * dL/dw),  dL/dvalues = w^T g,
    dL/dquery = dL/dscore keys / sqrt(size),  dL/dkeys = dL/dscore^T query / sqrt(size).
    A weight of 0 has dL/dscore = 0: what may not be seen gets no gradient either.
    A later key moves no earlier output, not even NaN or an infinite one. The values must be finite numbers, and
    for the gradients the keys, too: what may not be seen is multiplied by 0, and 0 times NaN or infinity is NaN.
    Source: Vaswani et al. (2017), Attention is all you need (masked multi-head attention, without its projections).

    Raises ValueError when shapes do not fit (the argument is named), or the heads do not divide the features.
    """
    parents = (query, keys, values)
    q, k, v = _heads_of(
        "causal_attention", heads, query=query, keys=keys, values=values
    )  # (batch, heads, time, size) each
    w = _weights(q, k, causal)  # (keys, batch, heads, queries)

    def vjp(g):
        g = _split(g, heads)
        delta = _products(v, g)  # dL/dw
        delta -= (w * delta).sum(axis=0)
        delta *= w  # dL/dscore
        delta /= math.sqrt(q.shape[-1])
        dq, dk = _found(delta.transpose(_QUERIES_FIRST), k), _found(delta.transpose(_KEYS_FIRST), q)
        return dq, dk, _found(w.transpose(_KEYS_FIRST), g)

    return record(_found(w.transpose(_QUERIES_FIRST), v), parents, vjp)


def causal_attention_weights(query, keys, heads=1, causal=True):
    """The weights of `causal_attention` as plain numbers, to look at: (batch, heads, time, time).

    weights[b, h, i, j] says how much step i looks at step j; each row adds up to 1, and j > i has 0.
    """
    q, k = _heads_of("causal_attention_weights", heads, query=query, keys=keys)
    return _weights(q, k, causal).transpose(_QUERIES_FIRST)


# The scores lie in memory with the keys first, (keys, batch, heads, queries): maximum and sum over the keys then run along
# memory, ten times as fast. As a matrix for each example and head they are
_QUERIES_FIRST, _KEYS_FIRST = (1, 2, 3, 0), (1, 2, 0, 3)  # (batch, heads, queries, keys), (batch, heads, keys, queries)


def _weights(q, k, causal):
    """softmax over the keys of q k^T / sqrt(size): (keys, batch, heads, queries)."""
    w = _products(k, q / math.sqrt(q.shape[-1]))
    if causal:
        np.fmin(w, _highest_scores(len(w), w.dtype.char), out=w)  # the limit wins over NaN, too
    w -= w.max(axis=0)  # the step itself is always seen: the maximum is finite
    np.exp(w, out=w)
    w /= w.sum(axis=0)
    return w


def _products(rows, columns):
    """rows columns^T of each example and head, (batch, heads, time, size) each: (rows, batch, heads, columns)."""
    batch, heads, time, _ = rows.shape
    products = empty((time, batch, heads, time), np.result_type(rows, columns), like=rows)
    np.matmul(rows, columns.swapaxes(2, 3), out=products.transpose(_KEYS_FIRST))
    return products


@lru_cache(maxsize=64)
def _highest_scores(time, dtype):
    """-inf for each key that is later than the query, else inf: (keys, 1, 1, queries)."""
    mask = np.where(np.arange(time)[:, None] > np.arange(time), -np.inf, np.inf).astype(dtype)[:, None, None]
    mask.flags.writeable = False
    return mask


def _split(a, heads):
    """(batch, time, features) -> (batch, heads, time, size), in the same memory."""
    return a.reshape(*a.shape[:2], heads, -1).swapaxes(1, 2)


def _found(weights, a):
    """weights a of each example and head, what all heads find side by side: (batch, time, features)."""
    batch, heads, time, size = a.shape
    found = empty((batch, time, heads, size), np.result_type(weights, a), like=weights)
    np.matmul(weights, a, out=found.swapaxes(1, 2))
    return found.reshape(batch, time, heads * size)


def _heads_of(name, heads, **arguments):
    """Each argument (batch, time, features) as (batch, heads, time, size); checks shapes and heads."""
    arrays = {argument: array_of(array) for argument, array in arguments.items()}
    axes = {"query": "batch time features", "keys": "batch time features", "values": "batch time features_out"}
    check_shapes(name, **{argument: (array, axes[argument]) for argument, array in arrays.items()})
    for argument, array in arrays.items():
        check_heads(name, heads, **{argument: array.shape[-1]})
    return [_split(array, heads) for array in arrays.values()]


def check_heads(name, heads, **features):
    """Raise ValueError unless heads is a whole number >= 1 that divides the number of features of each argument."""
    for owner, size in features.items():
        if not isinstance(heads, int | np.integer) or heads < 1 or size % heads:
            raise ValueError(
                say(
                    "{name}: expected heads to be a whole number >= 1 that divides the {size} features of {owner}, got {got!r}",
                    name=name,
                    size=size,
                    owner=owner,
                    got=heads,
                )
            )
