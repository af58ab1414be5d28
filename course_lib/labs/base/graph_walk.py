"""What the labs share that go through a graph step by step: their pace, the prediction that is made before, and the nodes
that the reader moves.
"""

from functools import partial
from itertools import product

import numpy as np
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from ...text import N_, say
from .buttons import Button
from .curves import smooth
from .lab import Lab

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


def bowed(drawn, edges, routes, box, apart, room):
    """The same edges; those between the same two nodes part in their middles, where nothing stands in the way.

    drawn   of `drawn_edges`        apart   how far they part, in CSS pixels        room   (lowest, highest) of a middle
    """
    drawn = list(drawn)
    for edge in dict.fromkeys(edge for edge in edges if edges.count(edge) > 1):
        twins = [number for number, other in enumerate(edges) if other == edge]
        (first, way, _), (source, *between, target) = drawn[twins[0]], routes[twins[0]]
        if between or not way[0]:
            continue
        ends = [route[end] for route in routes for end in (0, -1)]
        nodes = np.array([end for end in ends if not any((end == own).all() for own in (source, target))])
        others = np.concatenate([np.empty((0, 2)), *(drawn[n][0] for n in range(len(edges)) if n not in twins)])
        widest = min(apart, abs(first[-1, 0] - first[0, 0]) / 2)
        half = (len(twins) - 1) / 2
        for share, aside in product((1, 0.7, 0.4), (0, half, -half)):  # to both sides, else upwards or downwards alone
            lifts = share * widest * (half + aside - np.arange(len(twins)))
            bent = [_bent(drawn[number][0], lift) for number, lift in zip(twins, lifts, strict=True)]
            middles = np.array([curve[len(curve) // 2] for curve in bent])
            away = np.hypot(*(middles[:, None] - others).transpose(2, 0, 1)).min(initial=apart)
            hit = (np.abs(np.concatenate(bent)[:, None] - nodes.reshape(-1, 2)) < box / 2 + SIDEWAYS).all(axis=2).any()
            if room[0] <= middles[:, 1].min() and middles[:, 1].max() <= room[1] and away >= 0.6 * apart and not hit:
                for number, curve in zip(twins, bent, strict=True):
                    drawn[number] = curve, *drawn[number][1:]
                break
    return drawn


def _bent(curve, lift):
    """A curve whose middle is lifted, and whose ends are as before."""
    along, fine = np.linspace(0, 1, len(curve)), np.linspace(0, 1, 49)
    x, y = (np.interp(fine, along, values) for values in curve.T)
    return np.stack([x, y + lift * np.sin(np.pi * fine) ** 2], axis=1)


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


LAYOUT = Button(
    N_("Automatic layout"),
    "_lay_out",
    N_("Put all nodes back in their places. A node can be dragged, or moved with the arrow keys"),
    off=lambda model: not model.is_moved,
)


class GraphWalkLab(Lab):
    """A lab of a `PlacedModel` whose run button takes the model's steps slowly enough to follow, with a prediction to
    make. Its nodes are handles. A subclass has the button LAYOUT, and defines these; its `make` and `show` begin with those
    of this class.

    nodes()         for each graph (name of its setting, labels of its nodes; None: not to be seen yet)
    graphs()        what another drawing is needed for when it changes
    draw_graphs()   make the artists of these graphs, each by `own`, without their places
    arrange()       put everything to its place
    """

    step_seconds, _handles = 0.4, ()

    def has_news(self):
        """Whether a frame shows something new: most of a run wait for the next step."""
        return self.canvas.differs("done", self.model.done) or not self.is_steady

    def draw(self):
        if self.has_news():
            self._place_nodes()
            super().draw()

    def redraw(self):
        self._next = 0.0  # shown at once, also while it runs
        super().redraw()

    def _make_expression(self):
        """The control with which the reader chooses one of the model's expressions."""
        names = {say(name): name for name in self.model.choices}
        choose = self.pausing(self._change, "expression")
        self.controls["expression"] = self.choice(say("Expression"), self.model.label, names, choose)

    def show_controls(self):
        super().show_controls()
        self.controls["expression"].show(self.model.label)
        if self.model.predicted is None and not self.running:
            self.prediction.value = ""

    # The picture

    def make(self, canvas):
        self._artists = []  # of the present graphs
        self.axes = canvas.area(0, 0, *self.size)

    def show(self):
        graphs, settings = self.graphs(), self.model.settings
        if self.canvas.differs("graphs", graphs):
            for artist in self._artists:
                self.canvas.forget(artist)
            self._artists = []
            with self.canvas.styled():
                self.draw_graphs()
        if self.canvas.differs("places", (graphs, [settings[name] for name in self.model.arrangements])):
            self.arrange()

    def rounded(self, width, height, **looks):
        """A moving box with round corners."""
        box = FancyBboxPatch((0, 0), width, height, boxstyle="round,pad=0,rounding_size=7", **looks)
        return self.canvas.moving(self.axes.add_patch(box))

    def own(self, artist):
        """Let a moving artist go with the present graphs; returns it."""
        self._artists.append(artist)
        return artist

    def own_label(self, colour, size, text="", **options):
        """A label of theirs."""
        return self.own(self.canvas.label((0, 0), text, colour=colour, size=size, **options))

    # Moving nodes

    def _lay_out(self):
        self.model.lay_out()
        super().redraw()  # at the pace of the run

    def _moved(self, name, node, x, y):
        self.model.move_node(name, node, x, y)
        super().redraw()

    def _place_nodes(self):
        """Put a handle over each node that is to be seen."""
        hand, before, self._handles = self.canvas.hand, self._handles, []
        for name, labels in self.nodes():
            arrangement = self.model.arrangements[name]
            centres, _ = arrangement.with_moved(self.model.settings[name])
            for node, (label, centre) in enumerate(zip(labels, centres, strict=True)):
                if label is not None:
                    handle = f"{name} {node}"
                    hand.handle(handle, self.axes, self.safely(partial(self._moved, name, node)))
                    hand.place(handle, say("Node {label}", label=label), *centre, size=arrangement.box)
                    self._handles.append(handle)
        for handle in before:
            if handle not in self._handles:
                hand.let_go(handle)
