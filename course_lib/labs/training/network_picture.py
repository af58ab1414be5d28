"""The network as it is drawn between data and output: a small picture for each unit, edges for its weights or gradients."""

from itertools import pairwise

import numpy as np

from ...pictures import style
from ...text import say
from ..base.artists import Label
from .network import MOST_LAYERS
from .network_artists import Edges, SmallSurfaces

LEFT, BOTTOM, RIGHT, TOP = 8, 184, 716, 392  # of the drawing, in CSS pixels; its last edges end at the output
INPUTS, LAST = 54, 600  # where inputs and last layer stand, from the left
OUTPUT = 297  # the height at which the edges of the last layer end
SIDES, MOST_PITCH = (9, 40), 50  # of a unit's picture: at least, at most; from one to the next
NUMBERS = 190  # the height at which the numbers of units stand
PER_WEIGHT = 1.2  # CSS pixels of thickness for a weight of 1
LARGEST = 6.0  # CSS pixels for the largest gradient of the moment


class NetworkPicture:
    """The drawing of a network; `show(model, hidden)` brings it up to date.

    axes      cover it; their data are CSS pixels of the picture
    places    (units, 2) middle of each input and unit, layer by layer
    """

    def __init__(self, canvas):
        self.canvas, self._inputs, self._units, self._labelled = canvas, None, None, None
        self.axes = canvas.axes(LEFT, BOTTOM, RIGHT - LEFT, 420 - BOTTOM, xlim=(LEFT, RIGHT), ylim=(BOTTOM, 420))
        self.axes.set_axis_off()
        self.frames = self.axes.plot([], [], color=style.GREY, linewidth=0.8)[0]
        self.inputs = [Label(canvas.figure, (0, 0), size=11, align="left") for _ in range(2)]
        self.numbers = [Label(canvas.figure, (0, NUMBERS), size=11) for _ in range(MOST_LAYERS)]
        self.title = Label(canvas.figure, (8, 406), size=11, align="left")
        self.layers = Label(canvas.figure, (0, 406), size=11)
        self.edges = canvas.moving(Edges(canvas.figure))
        self.pictures = canvas.moving(SmallSurfaces(canvas.figure))
        quiet = {"size": 10, "align": "left", "colour": style.GREY}
        self.signs = [
            Label(canvas.figure, (x, 406), text, **quiet)
            for x, text in ((120, say("largest")), (222, say("dashed: negative")))
        ]
        self.largest = canvas.moving(Label(canvas.figure, (174, 406), **quiet))
        self._labels = canvas.layer(*self.inputs, *self.numbers, *self.signs, self.title, self.layers)
        canvas.moving(self.frames)

    def show(self, model, hidden):
        """Draw the network that a model shows.

        hidden   what each of its hidden layers answers over the plane: arrays (rows, columns, units) of numbers 0..1
        """
        inputs = model.x.shape[1]
        if (self._inputs, self._units) != (inputs, model.units):
            self._inputs, self._units = inputs, model.units
            self._names = ("x₁", "x₂") if inputs == 2 else ("x",)
            self._arrange(hidden[0].shape[:2])
        self._show_edges(model)
        if self._labelled != (inputs, model.units, model.edges):
            self._labelled = inputs, model.units, model.edges
            self.canvas.changed(self._labels, self._labelled)
        answers = [layer.transpose(2, 0, 1) for layer in hidden]
        self.pictures.values = np.concatenate([self._plane, *answers])

    def _show_edges(self, model):
        of_weights = model.edges == "weights"
        matrices = (model.weights() if of_weights else model.gradients())[::2]
        values = np.concatenate([np.ravel(W) for W in matrices])
        with np.errstate(all="ignore"):  # of a diverged run
            largest = float(np.abs(values).max())
        self.edges.values = values
        self.edges.unit = PER_WEIGHT if of_weights or not largest > 0 else LARGEST / largest
        self.title.text = say("Weights") if of_weights else say("Gradients")
        text = f"{largest:.2g}"
        self.largest.text = text if len(text) <= 5 else f"{largest:.0e}"  # what stands behind it is near

    def _arrange(self, shape):
        """Find places for the units, and make what stands still."""
        counts = (self._inputs, *self._units)
        across = np.linspace(INPUTS, LAST, len(counts)) if len(counts) > 2 else (INPUTS, (INPUTS + LAST) / 2)
        self.across = [float(x) for x in across]
        room, middle, columns, sides = TOP - NUMBERS - 14, (TOP + NUMBERS + 14) / 2, [], []
        for x, count in zip(self.across, counts, strict=True):
            pitch = min(MOST_PITCH, room / count)
            columns.append([(x, middle + pitch * ((count - 1) / 2 - unit)) for unit in range(count)])
            sides += [float(np.clip(pitch - 3, *SIDES))] * count
        self.places, self.sides = np.array([place for column in columns for place in column]), np.array(sides)
        self.pictures.corners, self.pictures.sides = self.places - self.sides[:, None] / 2, self.sides
        self.frames.set_data(*_squares(self.places, self.sides))
        number, pairs = 0, []
        for column, following in zip(columns, [*columns[1:], None], strict=True):
            right = sides[number] / 2
            number += len(column)
            ends = [(RIGHT, OUTPUT)] if following is None else [(x - sides[number] / 2, y) for x, y in following]
            pairs += [((x + right, y), end) for x, y in column for end in ends]
        self.edges.ends = np.array(pairs)
        line = np.linspace(0.25, 0.75, shape[0])
        self._plane = np.stack([*np.meshgrid(line, line)])[: self._inputs]  # what the inputs are over the plane
        for label in self.inputs:
            label.text = ""
        for label, name, (x, y) in zip(self.inputs, self._names, columns[0], strict=False):
            label.text, label.place = name, (x - sides[0] / 2 - 24, y)
        for number, x, count in zip(
            self.numbers, [*self.across[1:], *[0.0] * MOST_LAYERS], self._padded(), strict=False
        ):
            number.text, number.place = ("" if count is None else str(count)), (x, NUMBERS)
        self.layers.text, self.layers.place = say("hidden layers: {n}", n=len(self._units)), (560, 406)

    def _padded(self):
        return [*self._units, *[None] * (MOST_LAYERS - len(self._units))]

    def read(self, model, x, y):
        """What stands at a place of the drawing, in words: a unit, or an edge near it; "" elsewhere."""
        away = np.abs(self.places - (x, y)).max(axis=1) - self.sides / 2
        if away.min() <= 0:
            return self._unit_in_words(model, int(away.argmin()))
        starts, ends = self.edges.ends[:, 0], self.edges.ends[:, 1]
        along = ends - starts
        share = (((x, y) - starts) * along).sum(axis=1) / (along * along).sum(axis=1)
        distance = np.linalg.norm(starts + share.clip(0, 1)[:, None] * along - (x, y), axis=1)
        nearest = int(distance.argmin())
        return self._edge_in_words(model, nearest) if distance[nearest] <= 5 else ""

    def _unit_in_words(self, model, number):
        layer, unit = _position(number, (self._inputs, *self._units))
        if layer == 0:
            return say("input {name}", name=self._names[unit])
        bias = float(model.weights()[2 * layer - 1][unit])
        return say("layer {layer}, unit {unit}: bias {bias:.3g}", layer=layer, unit=unit + 1, bias=bias)

    def _edge_in_words(self, model, number):
        counts = (self._inputs, *self._units, 1)
        layer, place = _position(number, [a * b for a, b in pairwise(counts)])
        start, end = divmod(place, counts[layer + 1])
        values = [arrays[2 * layer][start, end] for arrays in (model.weights(), model.gradients())]
        return say(
            "layer {layer}, from {start} to {end}: weight {weight:.3g}, gradient {gradient:.2g}",
            layer=layer + 1,
            start=self._names[start] if layer == 0 else start + 1,
            end=say("the output") if layer == len(self._units) else end + 1,
            weight=float(values[0]),
            gradient=float(values[1]),
        )


def over_the_plane(activations, activation):
    """Answers of a layer over the plane, (rows, columns, units), as numbers 0..1: white in the middle."""
    with np.errstate(all="ignore"):  # of a diverged run
        if activation == "tanh":
            return 0.5 + 0.5 * activations
        if activation == "sigmoid":
            return activations
        return 0.5 + 0.5 * activations / np.maximum(activations.max(axis=(0, 1)), 1e-9)  # relu: none is above 1


def _position(number, counts):
    """(group, place within it) of something that is counted over groups of these sizes."""
    for group, count in enumerate(counts):
        if number < count:
            return group, number
        number -= count
    raise IndexError(number)


def _squares(middles, sides):
    """The outlines of squares, as x and y with NaN between them."""
    corners = sides[:, None, None] / 2 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (np.nan, np.nan)])
    return (middles[:, None] + corners).reshape(-1, 2).T
