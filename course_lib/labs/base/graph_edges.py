"""The edges of a drawn graph: smooth curves from the side of one box to the side of another, and their arrow heads."""

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .curves import smooth

SIDEWAYS = 12  # CSS pixels between two nodes side by side, so that an edge leaves one at its side; else above or below
BETWEEN_ENDS = 22  # between two edges that end at one side, in a box of a usual size
ROOM = 44  # for all that end there


def drawn_edges(edges, routes, box, scale=1.0):
    """For each edge (its curve, which way it goes as a unit vector, how far from the middle of the side it ends).

    edges   list of (source, target)        routes   for each the places that it passes, from middle to middle
    box     (width, height) of a node       scale    of what stands at a side
    """
    ways = [_way(route, box) for route in routes]
    drawn = []
    for route, way, (start, end) in zip(routes, ways, _ports(edges, routes, ways, scale), strict=True):
        aside, half = np.abs(way[::-1]), way * box / 2
        points = np.array([route[0] + half + start * aside, *route[1:-1], route[-1] - half + end * aside])
        turn, back = (1 if way[0] else -1), int(way.sum())  # `smooth` goes from left to right
        drawn.append((smooth(points[::back, ::turn], 16)[::back, ::turn], way, end))
    return drawn


def _way(route, box):
    """Which way an edge leaves its source, as a unit vector: sideways if there is room, else up or down."""
    across, up = route[-1] - route[0]
    if len(route) > 2 or abs(across) >= box[0] + SIDEWAYS:
        return np.array([np.sign(across), 0.0])
    return np.array([0.0, np.sign(up)])


def _ports(edges, routes, ways, scale):
    """For each edge how far from the middles of their sides its two ends are; at one side they keep their order."""
    sides, shifts = {}, [[0, 0] for _ in edges]
    for number, (edge, route, way) in enumerate(zip(edges, routes, ways, strict=True)):
        for end, (node, neighbour, side) in enumerate(zip(edge, (route[1], route[-2]), (way, -way), strict=True)):
            along = neighbour @ np.abs(way[::-1])
            sides.setdefault((node, *side), []).append((along, -number, end))
    for waiting in sides.values():
        apart = scale * min(BETWEEN_ENDS, ROOM / max(1, len(waiting) - 1))
        for place, (_, number, end) in enumerate(sorted(waiting)):
            shifts[-number][end] = (place - (len(waiting) - 1) / 2) * apart
    return shifts


class ArrowHeads(PathPatch):
    """Some arrow heads of one colour."""

    def __init__(self, colour):
        super().__init__(Path(np.empty((0, 2))), color=colour, linewidth=1)

    def point(self, heads):
        """Show these: each (place of the tip, unit vector)."""
        corners = [[tip, tip - 10.5 * way + 5.5 * way[::-1], tip - 10.5 * way - 5.5 * way[::-1]] for tip, way in heads]
        self.set_path(Path.make_compound_path(*[Path([*three, three[0]], closed=True) for three in corners]))
        self.stale = True  # so that a page draws it anew: `set_path` does not say that it has changed
