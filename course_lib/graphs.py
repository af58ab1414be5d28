"""The graph of a computation, as text for reading and as DOT for drawing.

Every tensor remembers its parents, so the whole computation that led to a loss can be listed, oldest first: the order of
the forward pass. Read from below, the list is the order in which `backward` visits it.
"""

import numpy as np

from .autodiff import Tensor, operation_name
from .text import say


def graph_text(tensor):
    """The computation that led to a tensor, one line a tensor, oldest first: number, operation, shape.

    >>> print(graph_text(Tensor(3.0, name="x") * 2))
    0  x         ()
    1  multiply  ()  from 0, 2
    """
    rows, number = [], {}
    for t in reversed(tensor.graph()):
        number[t] = len(number)
        sources = ", ".join(str(number[p]) if type(p) is Tensor else _constant_text(p) for p in t.parents)
        rows.append(
            (str(number[t]), operation_name(t), str(t.shape), say("from {names}", names=sources) if sources else "")
        )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in rows)


def arrivals(loss, tensor):
    """The gradients that reached a tensor in `loss.backward()`, one for each edge, in the order in which they came.

    Each is the gradient of a result of the tensor times the local derivative there, of the tensor's shape (a number
    where it holds one). Their sum is `tensor.grad`.

    >>> x = Tensor(3.0)
    >>> loss = x * x + x
    >>> loss.backward()
    >>> arrivals(loss, x)
    [1.0, 3.0, 3.0]
    """
    arrived = []
    for t in loss.graph():
        for parent, gradient in zip(t.parents, t.vjp(t.grad) if t.vjp else (), strict=True):
            if parent is tensor:
                arrived.append(float(gradient) if np.ndim(gradient) == 0 else gradient)
    return arrived


def graph_dot(tensor):
    """The same computation as a Graphviz (DOT) text, arrows from inputs to results."""
    number = {t: i for i, t in enumerate(reversed(tensor.graph()))}
    lines = [f'  {i} [label="{operation_name(t)}\\n{t.shape}"]' for t, i in number.items()]
    lines += [f"  {number[p]} -> {i}" for t, i in number.items() for p in t.parents if type(p) is Tensor]
    return "\n".join(["digraph computation {", "  rankdir=LR", *lines, "}"])


def _constant_text(x):
    return f"{float(x):g}" if np.ndim(x) == 0 else f"constant {np.shape(x)}"
