"""How a textbook writes causal attention: the heads as an axis of their own, and a softmax over the keys."""

import numpy as np

from .rules import Rule, place_of


def _forward(book, node):
    (batch, time, features), (*_, found) = (place_of(node.parents[i]).shape for i in (0, 2))
    heads, causal = node.inside["heads"], book.is_written_by(node.inside["w"], np.fmin)  # the mask is a limit
    q, k, v, w = book.notes[node] = [book.free(each) for each in ("queries", "keys", "values", "weights")]
    for name, parent in zip((q, k, v), node.parents, strict=True):
        book.let(name, _split(f"({book.text(parent)})", place_of(parent).shape, heads))
    scores, e = book.free("scores"), book.free("e")
    book.let(scores, f"{q} @ {k}.swapaxes(2, 3) / np.sqrt({features // heads})")
    if causal:
        book.line(f"{scores}[..., ~np.tri({time}, dtype=bool)] = -np.inf")
    book.let(e, f"np.exp({scores} - {scores}.max(axis=-1, keepdims=True))")
    book.let(w, f"{e} / {e}.sum(axis=-1, keepdims=True)")
    book.let(book.new(node, "found"), f"({w} @ {v}).swapaxes(1, 2).reshape({batch}, {time}, {found})")


def _backward(book, node):
    heads, (q, k, v, w) = node.inside["heads"], book.notes[node]
    g, dweights, dscores = book.free("g"), book.free("dweights"), book.free("dscores")
    book.let(g, _split(f"({book.gradient(node)})", node.out.shape, heads))
    book.let(dweights, f"{g} @ {v}.swapaxes(2, 3)")
    size = place_of(node.parents[0]).shape[2] // heads
    book.let(dscores, f"{w} * ({dweights} - ({w} * {dweights}).sum(axis=-1, keepdims=True)) / np.sqrt({size})")
    for parent, product in zip(
        node.parents, (f"{dscores} @ {k}", f"{dscores}.swapaxes(2, 3) @ {q}", f"{w}.swapaxes(2, 3) @ {g}"), strict=True
    ):
        book.send(parent, f"({product}).swapaxes(1, 2).reshape{place_of(parent).shape}")


def _split(text, shape, heads):
    batch, time, features = shape
    return f"{text}.reshape({batch}, {time}, {heads}, {features // heads}).swapaxes(1, 2)"


ATTENTION = {"causal_attention": Rule(_forward, _backward)}
