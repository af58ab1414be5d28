"""Where the nodes of a drawn graph stand: where the layout puts them, or where the reader's hand has moved them.

A moved node stays inside its part of the picture and off the others. It takes the free place that is nearest to the hand:
along the side of another node it slides, and it hops over when the hand has passed the middle of that node.
"""

from dataclasses import dataclass
from itertools import pairwise
from operator import index
from statistics import mean

import numpy as np

from ...text import say
from .model import LabModel
from .settings import Settings

SWEEPS = 12  # of sorting, and of moving
BETWEEN_NODES, NODE_AND_EDGE = 1.0, 0.62  # least distances within a layer


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

    def arrangement(self, edges, middle, across, down, box, gap, area):
        """The `Arrangement` around a middle (x, y), its layers and rows so far apart; box, gap, area: as there."""
        middle_of_layers, middle_of_rows = (self.layers - 1) / 2, sum(self.rows) / 2

        def pixels(places):
            return [
                (middle[0] + across * (layer - middle_of_layers), middle[1] - down * (row - middle_of_rows))
                for layer, row in places
            ]

        return Arrangement(pixels(self.places), edges, [pixels(route) for route in self.routes], box, gap, area)


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
            gaps = [BETWEEN_NODES if max(v, w) < count else NODE_AND_EDGE for v, w in pairwise(layer)]
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


BESIDE_AN_EDGE = 10  # CSS pixels between a node and an edge that passes it


class Places:
    """The kind of setting that holds the moved nodes of a graph: number of the node -> (x, y) of its middle, in whole CSS
    pixels from the lower left corner of the picture."""

    default = {}

    def checked(self, name, value):
        try:
            return {index(node): (index(x), index(y)) for node, (x, y) in sorted(value.items())}
        except (AttributeError, TypeError, ValueError):
            raise ValueError(
                say(
                    "{name}: expected a place of two whole numbers for each moved node, got {got!r}",
                    name=name,
                    got=value,
                )
            ) from None

    def write(self, value):
        return ",".join(f"{node}:{x}:{y}" for node, (x, y) in value.items()) or "none"

    def read(self, text):
        """The moved nodes; a text that has none is left as it is, and `checked` says what was expected."""
        moved = [entry.split(":") for entry in text.split(",")] if text != "none" else []
        try:
            return {int(node): (int(x), int(y)) for node, x, y in moved}
        except ValueError:
            return text


class Arrangement:
    """The nodes of a graph in a part of a picture, all in CSS pixels from the lower left corner of the picture.

    centres   (nodes, 2), where the layout puts the middles of the nodes
    edges     list of (source, target)       routes   for each edge the places that it passes, from middle to middle
    box       (width, height) of a node      gap      (across, up) between a node and where another may be moved to
    area      (left, bottom, right, top): the boxes stay inside
    """

    def __init__(self, centres, edges, routes, box, gap, area):
        self.centres, self.edges, self.box = np.array(centres, dtype=float), edges, np.array(box)
        self._routes, self._gap = [np.array(route, dtype=float) for route in routes], np.array(gap)
        self._lowest = np.ceil(area[:2] + self.box / 2)  # whole pixels, as the places are
        self._highest = np.floor(area[2:] - self.box / 2)

    def with_moved(self, moved):
        """(centres, routes) when some nodes have been moved: edges follow their ends, and give way to other nodes."""
        centres = self.centres.copy()
        for node, place in moved.items():
            centres[node] = place
        return centres, [
            self._follow(route, source, target, centres)
            for (source, target), route in zip(self.edges, self._routes, strict=True)
        ]

    def _follow(self, route, source, target, centres):
        """A route whose ends may have moved: what lies between them moves by its share of both, and off the other nodes."""
        share = ((route[:, 0] - route[0, 0]) / (route[-1, 0] - route[0, 0]))[:, None]
        start, end = centres[source] - self.centres[source], centres[target] - self.centres[target]
        route = route + (1 - share) * start + share * end
        others, reach = np.delete(centres, [source, target], axis=0), self.box / 2 + BESIDE_AN_EDGE
        rightwards = route[::-1] if route[0, 0] > route[-1, 0] else route
        left, right = rightwards[0, 0] + reach[0], rightwards[-1, 0] - reach[0]
        passed = np.interp(others[:, 0], *rightwards.T)
        blocking = (np.abs(others[:, 1] - passed) < reach[1]) & (left < others[:, 0]) & (others[:, 0] < right)
        between = [(x, y) for x, y in rightwards[1:-1] if (np.abs(others[blocking, 0] - x) >= reach[0]).all()]
        for x, y in zip(others[blocking, 0], passed[blocking], strict=True):  # over or under the whole of such a node
            between += [(x - self.box[0] / 2, y), (x, y), (x + self.box[0] / 2, y)]
        between = [(x, y) for x, y in between if left < x < right]
        for number, (x, y) in enumerate(between):
            place = _nearest_free((x, y), others, reach, (x, self._lowest[1]), (x, self._highest[1]))
            between[number] = (x, y) if place is None else tuple(place)
        return np.array([route[0], *sorted(between, reverse=rightwards is not route), route[-1]])

    def free_place(self, node, wanted, moved):
        """The place (x, y) nearest to the wanted one that a node can be moved to; None if there is none."""
        others = np.delete(self.with_moved(moved)[0], node, axis=0)
        place = _nearest_free(np.round(wanted), others, self.box + self._gap, self._lowest, self._highest)
        return None if place is None else tuple(map(int, place))

    def check(self, moved):
        """Raises ValueError, with a sentence, when a moved node does not exist, lies outside, or on another one."""
        there = {node: place for node, place in moved.items() if 0 <= node < len(self.centres)}
        centres = self.with_moved(there)[0]
        for node, place in moved.items():
            inside = node in there and np.all(self._lowest <= place) and np.all(place <= self._highest)
            if not inside or not _is_free(np.array([place]), np.delete(centres, node, axis=0), self.box)[0]:
                raise ValueError(
                    say(
                        "places: expected nodes from 0 to {last}, inside the picture and none on another one; got "
                        "node {node} at {x}, {y}",
                        last=len(self.centres) - 1,
                        node=node,
                        x=place[0],
                        y=place[1],
                    )
                )


def _nearest_free(wanted, others, reach, lowest, highest):
    """The place nearest to the wanted one, from lowest to highest, whose distance from each of the others is at least the
    reach, across or up; None if there is none. Such a place has each coordinate from the wanted one, a limit, or the side
    of another."""
    choices = []
    for axis in range(2):
        sides = [np.floor(others[:, axis] - reach[axis]), np.ceil(others[:, axis] + reach[axis])]
        along = np.concatenate([[wanted[axis]], *sides])
        choices.append(np.unique(np.clip(along, lowest[axis], highest[axis])))
    places = np.stack(np.meshgrid(*choices), axis=-1).reshape(-1, 2)
    places = places[_is_free(places, others, reach)]
    return places[np.argmin(((places - wanted) ** 2).sum(axis=1))] if len(places) else None


def _is_free(places, others, reach):
    """For each place whether it is at least the reach away from each of the others, across or up."""
    return (np.abs(places[:, None] - others) >= reach).any(axis=2).all(axis=1)


class PlacedModel(LabModel):
    """A model that goes through graphs whose nodes can be moved. Its settings of kind `Places` are those in `optional`; it
    has an "expression", its `checked` ends with `placed`, and it makes the arrangements when it starts.

    choices        what there is to choose as an expression, by its label
    engine         None for ours
    position       steps done
    arrangements   name of a setting of kind `Places` -> the `Arrangement` of its graph
    """

    engine = None

    def twin(self, **changes):
        model = type(self)()
        model.choices, model.engine = self.choices, self.engine
        model.configure(**self.settings | changes)
        return model

    @property
    def done(self):
        return self.position

    def placed(self, settings, changes):
        """The settings with places that fit their graphs: another graph has its own, unless they come with it.

        Raises ValueError, with a sentence, when a place cannot be.
        """
        if not any(settings[name] for name in self.optional):
            return settings
        graph = {name: value for name, value in settings.items() if name not in self.optional}
        same = all(self.settings[name] == value for name, value in graph.items())
        arrangements = (self if same else self.twin(**graph, **{name: {} for name in self.optional})).arrangements
        for name, arrangement in arrangements.items():
            kept = settings.expression == self.settings.expression
            kept = kept and arrangement.edges == self.arrangements[name].edges
            if name not in changes and not kept:
                settings = Settings(settings | {name: {}})
            arrangement.check(settings[name])
        return settings

    @property
    def label(self):
        return self.settings["expression"]

    @property
    def is_moved(self):
        """Whether a node stands elsewhere than the layout puts it."""
        return any(self.settings[name] for name in self.arrangements)

    def move_node(self, name, node, x, y):
        """Move a node of an arrangement to the free place nearest to x, y; it stays where it is when there is none."""
        moved = self.settings[name]
        place = self.arrangements[name].free_place(node, (x, y), moved)
        if place is not None:
            self.configure(**{name: moved | {node: place}})

    def lay_out(self):
        """Put all nodes back where the layout has them."""
        self.configure(**{name: {} for name in self.arrangements})

    def said_of_moved(self, name, labels):
        """Which nodes of an arrangement were moved, for the description; "" if none."""
        moved = ", ".join(labels[node] for node in self.settings[name])
        return moved and say("Moved by hand: {nodes}.", nodes=moved)
