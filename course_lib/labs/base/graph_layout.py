"""Places for the nodes of a small directed graph: left to right in layers, few crossings, edges that pass no node.

The method of Sugiyama, Tagawa and Toda (1981) in short: give each node a layer, cut edges that span several layers into
pieces with invisible nodes between them, sort each layer by the mean place of its neighbours, then move the nodes of
each layer towards their neighbours as far as the distances allow. Graphs of a few dozen nodes take milliseconds.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

SWEEPS = 12  # of sorting, and of moving
BETWEEN_NODES, BESIDE_AN_EDGE = 1.0, 0.62  # least distances within a layer


@dataclass(frozen=True)
class Layout:
    """places: (layer, row) of each node, rows as fractions; routes: for each edge the places it passes, ends included."""

    places: list
    routes: list

    @property
    def layers(self):
        return 1 + max(layer for layer, _ in self.places)

    @property
    def rows(self):
        """(lowest, highest) row of anything."""
        rows = [row for _, row in self.places] + [row for route in self.routes for _, row in route]
        return min(rows), max(rows)


def layered(count, edges):
    """The `Layout` of nodes 0..count-1 and edges (source, target), sources before targets in the numbering.

    The same pair may occur several times. Raises ValueError for an edge that does not lead to a later node.
    """
    for source, target in edges:
        if not 0 <= source < target < count:
            raise ValueError(f"layered: expected edges to later nodes among {count}, got {source} -> {target}")
    layer_of = _layers(count, edges)
    chains, size = [], count  # of each edge: source, invisible nodes, target
    for source, target in edges:
        between = range(size, size + layer_of[target] - layer_of[source] - 1)
        layer_of += range(layer_of[source] + 1, layer_of[target])
        size += len(between)
        chains.append([source, *between, target])
    before, after = [[] for _ in range(size)], [[] for _ in range(size)]
    for chain in chains:
        for a, b in pairwise(chain):
            after[a].append(b)
            before[b].append(a)
    layers = [[v for v in range(size) if layer_of[v] == layer] for layer in range(1 + max(layer_of))]
    layers = _sorted(layers, before, after)
    rows = _rows(layers, before, after, count)
    places = [(layer_of[v], rows[v]) for v in range(size)]
    return Layout(places[:count], [[places[v] for v in chain] for chain in chains])


def _layers(count, edges):
    """Each node one layer after the last of its sources; a node without sources just before its first target."""
    layer_of, targets = [0] * count, [[] for _ in range(count)]
    fed = [False] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layer_of[target] = max(layer_of[target], layer_of[source] + 1)
        targets[source].append(target)
        fed[target] = True
    for v in range(count):
        if not fed[v] and targets[v]:
            layer_of[v] = min(layer_of[target] for target in targets[v]) - 1
    return layer_of


def _sorted(layers, before, after):
    """The order within the layers that had the fewest crossings in some sweeps to and fro."""
    best, fewest = layers, _crossings(layers, after)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        layers, place = [list(layer) for layer in layers], {}
        for layer in layers if forward else layers[::-1]:
            here = {v: i for i, v in enumerate(layer)}
            layer.sort(key=lambda v: mean([place[n] for n in neighbours[v]] or [here[v]]))
            place.update((v, i - (len(layer) - 1) / 2) for i, v in enumerate(layer))
        crossings = _crossings(layers, after)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _crossings(layers, after):
    place = {v: i for layer in layers for i, v in enumerate(layer)}
    pieces = [[(place[v], place[w]) for v in layer for w in after[v]] for layer in layers]
    return sum((a - c) * (b - d) < 0 for piece in pieces for i, (a, b) in enumerate(piece) for c, d in piece[:i])


def _rows(layers, before, after, count):
    """A row for each node: near its neighbours, in the given order, and no closer than the distances."""
    rows = {v: i - (len(layer) - 1) / 2 for layer in layers for i, v in enumerate(layer)}
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 else layers[::-1]:
            wanted = [mean([rows[n] for n in before[v] + after[v]] or [rows[v]]) for v in layer]
            gaps = [BETWEEN_NODES if max(v, w) < count else BESIDE_AN_EDGE for v, w in pairwise(layer)]
            rows.update(zip(layer, _apart(wanted, gaps), strict=True))
    return rows


def _apart(wanted, gaps):
    """Numbers near the wanted ones whose neighbours keep the gaps: the middle of pushing down and pushing up."""
    down, up = list(wanted), list(wanted)
    for i, gap in enumerate(gaps):
        down[i + 1] = max(down[i + 1], down[i] + gap)
    for i, gap in reversed(list(enumerate(gaps))):
        up[i] = min(up[i], up[i + 1] - gap)
    return [(a + b) / 2 for a, b in zip(down, up, strict=True)]
