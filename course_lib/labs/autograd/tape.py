"""Values that are computed twice, by course_lib and by PyTorch, and which of PyTorch's nodes belong to which of ours."""

import operator

import numpy as np

from ... import functional, ops
from ...autodiff import Tensor


def _on_both(apply):
    """The method of a `Pair` that does the same here and there."""
    return lambda self, other: self.tape.both(apply, apply, self, other)


class Pair:
    """A value here and in PyTorch. theirs is None where PyTorch is missing."""

    def __init__(self, tape, ours, theirs):
        self.tape, self.ours, self.theirs = tape, ours, theirs

    __add__, __sub__, __mul__ = _on_both(operator.add), _on_both(operator.sub), _on_both(operator.mul)
    __truediv__, __pow__, __matmul__ = _on_both(operator.truediv), _on_both(operator.pow), _on_both(operator.matmul)
    # The other one stands first: 2 - x.
    __radd__, __rmul__ = _on_both(lambda a, b: b + a), _on_both(lambda a, b: b * a)
    __rsub__ = _on_both(lambda a, b: b - a)


class Tape:
    """Makes pairs, and notes which of PyTorch's nodes belong to which tensor of ours.

    torch     the module, or None
    """

    def __init__(self, torch=None):
        self.torch = torch
        self.pairs, self.owner = [], {}  # owner: node of PyTorch's -> tensor of ours

    def leaf(self, name, value):
        theirs = None
        if self.torch is not None:
            theirs = self.torch.tensor(np.asarray(value, dtype=float), requires_grad=True)
        return self._noted(Pair(self, Tensor(np.asarray(value, dtype=float), name=name), theirs))

    def both(self, ours, theirs, *pairs):
        """The pair that an operation makes of pairs and constants."""
        here = ours(*(p.ours if isinstance(p, Pair) else p for p in pairs))
        if self.torch is None:
            return self._noted(Pair(self, here, None))
        there = theirs(*(p.theirs if isinstance(p, Pair) else p for p in pairs))
        pair = self._noted(Pair(self, here, there))
        for pushed in pairs:  # a leaf's node is made when it is used first
            if isinstance(pushed, Pair) and pushed.theirs.grad_fn is None:
                for node, leaf in leaves_behind(there.grad_fn):
                    if leaf is pushed.theirs:
                        self.owner[node] = pushed.ours
        for node in nodes_behind(there.grad_fn):
            self.owner.setdefault(node, here)
        return pair

    def _noted(self, pair):
        if pair.theirs is not None:
            pair.theirs.retain_grad()
        self.pairs.append(pair)
        return pair

    # The functions of the prepared expressions

    def sigmoid(self, x):
        return self.both(ops.sigmoid, lambda a: self.torch.sigmoid(a), x)

    def exp(self, x):
        return self.both(ops.exp, lambda a: self.torch.exp(a), x)

    def dense(self, x, W, b, activation="identity"):
        def theirs(x, W, b):
            z = (self.torch.tensor(x) if isinstance(x, np.ndarray) else x) @ W + b
            return z if activation == "identity" else getattr(self.torch, activation)(z)

        return self.both(lambda x, W, b: functional.dense(x, W, b, activation), theirs, x, W, b)

    def binary_cross_entropy(self, z, y):
        return self.both(
            lambda z: functional.binary_cross_entropy(z, y),
            lambda z: self.torch.nn.functional.binary_cross_entropy_with_logits(z, self.torch.tensor(y)),
            z,
        )


def nodes_behind(grad_fn):
    """All `grad_fn` nodes that this one leads back to, itself included: what is used before what uses it."""
    found, order = set(), []

    def visit(node):  # the graphs of the lab are small
        if node is None or node in found:
            return
        found.add(node)
        for used, _ in node.next_functions:
            visit(used)
        order.append(node)

    visit(grad_fn)
    return order


def leaves_behind(grad_fn):
    """(node, leaf tensor) for each AccumulateGrad node."""
    return [(node, node.variable) for node in nodes_behind(grad_fn) if hasattr(node, "variable")]
