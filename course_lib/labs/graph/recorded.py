"""A recorded computation as nodes and edges, read from the tensors themselves: their parents and their `vjp`.

A local derivative is what a `vjp` returns for a gradient of 1, so it is exact for any operation.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ...autodiff import Tensor, operation_name
from ...text import say


@dataclass(frozen=True)
class Node:
    """label: its name, or else its operation; kind: "leaf", "constant" or "operation"; value: its numbers."""

    label: str
    kind: str
    value: object
    operation: str = ""


@dataclass(frozen=True)
class Edge:
    """From the node `source` to the node `target`, which uses it.

    message  the gradient that goes back along it, dL/d(target) times the local derivative; None for a constant
    local    d(target)/d(source) along this edge alone, a float when both are single numbers, else None
    """

    source: int
    target: int
    message: object
    local: float | None


def read_graph(tensors):
    """(nodes, edges) of the tensors of a graph, oldest first."""
    nodes, edges, number = [], [], {}
    labels, gradients = _labels(tensors), _gradients(tensors)
    for tensor in tensors:
        sources = []
        for parent in tensor.parents:
            if type(parent) is not Tensor:
                nodes.append(Node(say("constant"), "constant", np.asarray(parent)))
            sources.append(number[parent] if type(parent) is Tensor else len(nodes) - 1)
        number[tensor] = len(nodes)
        kind, operation = ("operation", operation_name(tensor)) if tensor.vjp else ("leaf", "")
        nodes.append(Node(labels[tensor], kind, tensor.value, operation))
        if tensor.vjp is not None:
            edges += _edges_into(tensor, number[tensor], sources, gradients[tensor])
    return nodes, edges


def _edges_into(tensor, target, sources, gradient):
    messages = tensor.vjp(gradient)
    local = tensor.vjp(np.ones_like(tensor.value)) if tensor.size == 1 else messages
    for parent, source, message, slope in zip(tensor.parents, sources, messages, local, strict=True):
        constant, single = type(parent) is not Tensor, tensor.size == 1 and np.size(slope) == 1
        known = float(np.squeeze(slope)) if single and not constant else None
        yield Edge(source, target, None if constant else message, known)


def _gradients(tensors):
    """dL/d(tensor) of each tensor, oldest to newest given, without touching their `grad`."""
    gradients = {tensors[-1]: np.ones_like(tensors[-1].value)}
    for tensor in reversed(tensors):
        if tensor.vjp is None:
            continue
        for parent, message in zip(tensor.parents, tensor.vjp(gradients[tensor]), strict=True):
            if type(parent) is Tensor:
                gradients[parent] = message if parent not in gradients else gradients[parent] + message
    return gradients


def _labels(tensors):
    """What is written on each tensor: its name, or its operation; numbered when several would be the same."""
    plain = {t: t.name or (operation_name(t) if t.vjp else say("leaf")) for t in tensors}
    many, labels, used = Counter(plain.values()), {}, Counter()
    for tensor, label in plain.items():
        used[label] += 1
        labels[tensor] = f"{label} {used[label]}" if many[label] > 1 else label
    return labels
