"""The picture of the training lab: the network, its output over the data, and below them the curves of the run."""

import math
from functools import cache
from itertools import pairwise, zip_longest

import numpy as np
from contourpy import contour_generator
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator, NullLocator
from matplotlib.transforms import Affine2D
from PIL import Image

from ...canvas.recorder import Recorder
from ...ops import logistic
from ...pictures import style
from ...pictures.figures import RC
from ...text import say
from ..base.artists import DENSITY, SMOOTH_TABLE, SURFACE_TABLE, Label, Surface
from ..base.curves import joined
from .data import CURVE, DATA, EDGE, EXAMPLES, REACH, make_data
from .formula import Formula
from .network import FEATURES, MOST_LAYERS

STEP, THICKEST = 0.5, 6.0  # of an edge, in CSS pixels: all edges of one thickness are one path
DASHES = (6.0, 3.0)  # of negative numbers, in CSS pixels
_POINTS = 0.72  # of a CSS pixel
_CODES = np.array([Path.MOVETO, Path.LINETO], np.uint8)


class Edges(Artist):
    """Straight lines, each as thick as its number is large: orange where it is positive, blue and dashed where negative.

    ends     (edges, 2, 2) both ends of each, x and y in CSS pixels from the figure's lower left corner
    values   (edges,) numbers                   unit   CSS pixels of thickness for a number of 1
    """

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.ends, self.values, self.unit = np.empty((0, 2, 2)), np.empty(0), 1.0

    @property
    def thickness(self):
        """Of each edge, in CSS pixels: negative ones are dashed, those of 0 are not drawn."""
        with np.errstate(all="ignore"):  # of a diverged run
            wide = np.round(np.nan_to_num(self.values * self.unit) / STEP) * STEP
        return wide.clip(-THICKEST, THICKEST)

    def draw(self, renderer):
        thickness, pixels = self.thickness, Affine2D().scale(DENSITY)
        for wide in np.unique(thickness[thickness != 0]).tolist():
            ends, pen = self.ends[thickness == wide], _pen(wide)
            if isinstance(renderer, Recorder):
                renderer.draw_segments(pen, ends * DENSITY)
            else:
                renderer.draw_path(pen, Path(ends.reshape(-1, 2), np.tile(_CODES, len(ends))), pixels)


@cache
def _pen(wide):
    """What edges of a thickness are drawn with, which takes longer to make than to use; below 0 they are dashed."""
    pen = GraphicsContextBase()
    pen.set_foreground(style.ORANGE if wide > 0 else style.BLUE)
    pen.set_linewidth(abs(wide) * _POINTS)
    pen.set_dashes(0, None if wide > 0 else [length * _POINTS for length in DASHES])
    pen.set_capstyle("butt")
    return pen


class SmallSurfaces(Artist):
    """Many decision surfaces, each in a small square.

    corners   (surfaces, 2) their lower left corners, in CSS pixels from that of the figure
    sides     (surfaces,) of the squares, in CSS pixels
    values    (surfaces, rows, columns) numbers 0..1, first row at the bottom
    """

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.corners, self.sides, self.values = np.empty((0, 2)), np.empty(0), np.empty((0, 1, 1))

    def draw(self, renderer):
        levels = np.nan_to_num(np.clip(self.values, 0, 1) * 255, nan=127).astype(np.uint8)
        corners, sides = np.round(self.corners * DENSITY), np.round(self.sides * DENSITY).astype(int)
        if isinstance(renderer, Recorder):
            renderer.draw_small(corners, sides, levels, SMOOTH_TABLE)
            return
        for (left, bottom), side, level in zip(corners, sides, levels, strict=True):
            drawn = Image.fromarray(level).resize((side, side), Image.Resampling.BILINEAR)
            renderer.draw_image(renderer.new_gc(), left, bottom, SURFACE_TABLE[np.asarray(drawn)])


SIZE = (960, 404)  # of the picture, in CSS pixels
# Of the drawing, in CSS pixels from the lower left corner. Its last edges end at the output.
BOTTOM, RIGHT, TOP, HEAD = 130, 580, 378, 391  # HEAD: the height at which titles and numbers of units stand
PLANE = (586, 44, 334, 334)  # the output: left, bottom, width, height
INPUTS, ALONE = 202, 90  # where the inputs stand, from the left: beside the data, and without them
# Of a unit's picture, its side: at least, at most; from one to the next, at most, and between two.
SIDES, PITCH, GAP = (9, 76), 82, 4
SHARE = 0.55  # of the way from one layer to the next, that a picture covers at most
PER_WEIGHT = 1.2  # CSS pixels of thickness for a weight of 1
LARGEST = 6.0  # CSS pixels for the largest gradient of the moment


class NetworkPicture:
    """The drawing of a network; `show(model, hidden)` brings it up to date.

    axes      cover it; their data are CSS pixels of the picture
    places    (units, 2) middle of each input and unit, layer by layer
    offers    name of an input that one can choose -> middle of its picture, and its side
    plain     whether it stands alone: no data beside it, no numbers of units above it
    """

    def __init__(self, canvas):
        self.canvas, self.plain = canvas, False
        self.axes = canvas.area(0, BOTTOM, RIGHT, SIZE[1] - BOTTOM)
        self.frames = self.axes.plot([], [], color=style.GREY, linewidth=0.8)[0]
        self.inputs = [Label(canvas.figure, (0, 0)) for _ in FEATURES]
        self.others = SmallSurfaces(canvas.figure)  # inputs that one could choose
        self.other_frames = self.axes.plot([], [], color=style.LIGHT_GREY, linewidth=0.8)[0]
        self.numbers = [Label(canvas.figure, (0, HEAD), size=11) for _ in range(MOST_LAYERS)]
        self.layers = Label(canvas.figure, (RIGHT - 26, HEAD - 19), size=9, colour=style.GREY)
        self.edges = canvas.moving(Edges(canvas.figure))
        self.pictures = canvas.moving(SmallSurfaces(canvas.figure))
        self.largest = canvas.label((RIGHT - 66, BOTTOM - 6), size=9, colour=style.GREY)
        self._labels = canvas.layer(self.others, self.other_frames, *self.inputs, *self.numbers, self.layers)
        canvas.moving(self.frames)

    def show(self, model, hidden):
        """Draw the network that a model shows.

        hidden   what each of its hidden layers answers over the plane: arrays (rows, columns, units) of numbers 0..1
        """
        arranged = model.inputs, model.units, self.plain, model.settings["data"]
        if self.canvas.differs("network", arranged):
            self._units, self._inputs = model.units, len(model.inputs)
            self._arrange(model, hidden[0].shape[:2])
            self.canvas.changed(self._labels, arranged)
        self._show_edges(model)
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
        self.largest.text = "" if of_weights else say("largest gradient {largest:.2g}", largest=largest)

    def _arrange(self, model, shape):
        """Find places for the units, and make what stands still."""
        counts = (self._inputs, *self._units)
        across = np.linspace(ALONE if self.plain else INPUTS, RIGHT, len(counts) + 1)[:-1]
        self.across = [float(x) for x in across]
        self._offer(model, shape)
        columns = [[self.offers[name][0] for name in model.inputs]]
        sides = [self.offers[name][1] for name in model.inputs]
        for x, count in zip(self.across[1:], self._units, strict=True):
            places, side = _column(x, count, SHARE * (across[1] - across[0]))
            columns.append(places)
            sides += [side] * count
        self.places, self.sides = np.array([place for column in columns for place in column]), np.array(sides)
        self.pictures.corners, self.pictures.sides = self.places - self.sides[:, None] / 2, self.sides
        self.frames.set_data(*_squares(self.places, self.sides))
        number, pairs, end = 0, [], (RIGHT, PLANE[1] + PLANE[3] / 2)
        for column, following in zip(columns, [*columns[1:], None], strict=True):
            right = sides[number] / 2
            number += len(column)
            ends = [end] if following is None else [(x - sides[number] / 2, y) for x, y in following]
            pairs += [((x + right, y), end) for x, y in column for end in ends]
        self.edges.ends = np.array(pairs)
        counts = [*self._units, *[None] * (MOST_LAYERS - len(self._units))]
        for number, x, count in zip(self.numbers, [*self.across[1:], *[0.0] * MOST_LAYERS], counts, strict=False):
            number.text, number.place = ("" if count is None or self.plain else str(count)), (x, HEAD)
        self.layers.text = "" if self.plain else say("layers")

    def _offer(self, model, shape):
        """The column of inputs: those in use, as units are, and paler those that one could choose."""
        names = model.inputs if self.plain else model.offered
        most = PITCH if self.plain else (TOP - BOTTOM) / len(FEATURES)
        places, side = _column(self.across[0], len(names), SHARE * (self.across[1] - self.across[0]), most)
        self.offers = {name: (place, side) for name, place in zip(names, places, strict=True)}
        signs = {name: FEATURES[name].of_curve if model.is_curve else FEATURES[name].sign for name in names}
        self._names = [signs[name] for name in model.inputs]
        low, high = DATA[model.settings["data"]]
        rows, columns = (np.linspace(low, high, count) for count in shape)
        plane = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
        over_it = {name: FEATURES[name].value(plane).reshape(shape) for name in names}
        over_it = {name: values / np.abs(values).max() for name, values in over_it.items()}
        self._plane = np.stack([0.5 + 0.4 * over_it[name] for name in model.inputs])
        others = [name for name in names if name not in model.inputs]
        middles = np.array([self.offers[name][0] for name in others]).reshape(-1, 2)
        self.others.sides = np.full(len(others), side)
        self.others.corners = middles - side / 2
        self.others.values = np.array([0.5 + 0.1 * over_it[name] for name in others]).reshape(-1, *shape)
        self.other_frames.set_data(*_squares(middles, self.others.sides))
        for label in self.inputs:
            label.text = ""
        for label, name in zip(self.inputs, names, strict=False):
            x, y = self.offers[name][0]
            label.text, label.place = signs[name], (x - side / 2 - (14 if self.plain else 28), y)
            label.colour = style.BLACK if name in model.inputs else style.GREY

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


def _column(x, count, widest, most=PITCH):
    """The middles of so many pictures above each other, and their side."""
    pitch, middle = min(most, (TOP - BOTTOM) / count), (TOP + BOTTOM) / 2
    side = float(np.clip(pitch - GAP, SIDES[0], min(SIDES[1], widest)))
    return [(x, middle + pitch * ((count - 1) / 2 - number)) for number in range(count)], side


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


DATA_AT, DATA_SIDE = (6, 328), 52  # lower left corner of the first, and how wide each is
DATA_PITCH, DATA_ACROSS = (58, 65), 2  # from one to the next
SHOWN = 60  # points of a data set in its small picture


class DataPictures:
    """A small picture of each data set, the chosen one framed; `show(model)` brings them up to date.

    places   name of a data set -> middle of its picture, in CSS pixels
    """

    def __init__(self, canvas):
        self.canvas, self.plain = canvas, False
        corner, pitch = np.array(DATA_AT), np.array(DATA_PITCH) * (1, -1)
        self.places = {
            name: corner + DATA_SIDE / 2 + pitch * divmod(number, DATA_ACROSS)[::-1] for number, name in enumerate(DATA)
        }
        self.axes = canvas.area(0, BOTTOM, 130, SIZE[1] - BOTTOM)
        self.frames = self.axes.plot([], [], color=style.LIGHT_GREY, linewidth=0.8)[0]
        self.points = [
            self.axes.plot([], [], linestyle="", marker=marker, color=colour, markersize=2.2, markeredgewidth=0)[0]
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.curves = self.axes.plot([], [], color=style.GREY, linewidth=0.8)[0]
        self.chosen = self.axes.plot([], [], color=style.BLACK, linewidth=2)[0]
        self.name = Label(canvas.figure, (DATA_AT[0], HEAD), size=11, align="left")
        self.own = Label(canvas.figure, self.places["own"] + (17, -16), "+", size=13, colour=style.GREY)
        self._layer = canvas.layer(self.frames, *self.points, self.curves, self.chosen, self.name, self.own)

    def show(self, model):
        settings = model.settings
        shown = settings.data, settings.formula, settings.points, self.plain
        if not self.canvas.differs("data", shown):
            return
        points, curves = [[], []], []
        places = {} if self.plain else {name: self.places[name] for name in model.declared["data"].options}
        for name, middle in places.items():
            x, y = make_data(name, settings)
            low, high = DATA[name]
            scale, centre = DATA_SIDE * 0.94 / (high - low), (low + high) / 2
            if name in EXAMPLES:
                line = np.linspace(-REACH, REACH, 40)
                height = Formula(settings.formula)(line) * (1 if name == "border" else 1 / max(1, np.abs(y).max()))
                curve = np.stack([line, np.where(np.abs(height) > EDGE, np.nan, height)], axis=1)
                curves.append(middle + scale * curve)
            if name == CURVE:
                x, y = np.hstack([x, y / max(1, np.abs(y).max())]), np.zeros((len(x), 1))
            few = np.linspace(0, len(x) - 1, min(len(x), SHOWN)).astype(int)
            for which, found in enumerate(points):
                found.append(middle + scale * (x[few] - centre)[y[few, 0] == which])
        for drawn, found in zip(self.points, points, strict=True):
            drawn.set_data(*(np.concatenate(found).T if found else ([], [])))
        self.curves.set_data(*joined(curves))
        middles = np.array([*places.values()]).reshape(-1, 2)
        self.frames.set_data(*_squares(middles, np.full(len(middles), float(DATA_SIDE))))
        chosen = np.array([places[settings.data]] if places else []).reshape(-1, 2)
        self.chosen.set_data(*_squares(chosen, np.full(len(chosen), DATA_SIDE + 3.0)))
        self.name.text, self.own.text = ("", "") if self.plain else (say(settings.data), "+")
        self.canvas.changed(self._layer, shown)


GRID = 64  # the surface is computed on GRID x GRID points
UNIT_EVERY = 4  # each so many of them, in each direction, is a point of the units' own pictures
POINTS = 600  # points of a drawn curve
FEW = 10  # points: more of them are drawn small
EPOCH_TICKS = [MaxNLocator(most, steps=[1, 2, 5, 10], integer=True) for most in (6, 4)]
# Of the hidden layers and the last one.
LAYER_LINES = [*zip(style.LAYER_COLOURS, style.LAYER_STYLES, strict=True), (style.BLACK, (0, (6, 2)))]
LOSS, LOWER = (48, 28, 260, 72), (380, 28, 188, 72)  # the curves: left, bottom, width, height, in CSS pixels
CLASSES, CLASS_SIZE = (860, 902), (36, 22)  # where the classes stand above the output, and how much room each has
ROOMY = 3  # layers: the names of more stand closer together
HALF_LETTER, LETTER_HEIGHT = 4, 11  # of the rates at the ends of runs, in CSS pixels
SMALL, THIN = (
    3.4,
    0.5,
)  # many points, and their white edges: 4 CSS pixels of colour, so that the surface is seen between
LOWEST_LOSS, HIGHEST_LOSS = 1e-8, 1e8  # as far as the axis follows
NORM_LIMITS, SHARPNESS_LIMITS = (1e-5, 10), (0.03, 30)


class View:
    """The network, the decision surface with the data, the loss, and the gradient norms or the sharpness."""

    def __init__(self, canvas):
        self.canvas, self.plain, self._x = canvas, False, None
        self.plane = canvas.axes(*PLANE)
        self.loss = canvas.axes(*LOSS, yscale="log", ylim=(1e-2, 1))
        self.norm = canvas.axes(*LOWER, yscale="log", ylim=NORM_LIMITS)
        self.sharp = canvas.axes(*LOWER, yscale="log", ylim=SHARPNESS_LIMITS)
        self.network, self.data = NetworkPicture(canvas), DataPictures(canvas)
        self.plane.grid(False)
        self.plane.yaxis.tick_right()
        self.plane.yaxis.set_label_position("right")
        self.plane.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        self.plane.xaxis.set_label_coords(0.5, -0.02)
        self.plane.yaxis.set_label_coords(1.05, 0.5)
        title = {"fontsize": 11, "fontweight": "normal"}
        self.loss.set_title(say("Loss $L$ by epoch"), **title)
        self.norm.set_yticks([1e-4, 1e-2, 1])
        self.norm.set_title(say("Gradients"), **title)
        self.sharp.set_yticks([0.1, 1, 10])
        self.sharp.set_title(say("Sharpness"), **title)
        self._make_head(canvas)
        self.surface = canvas.moving(Surface(self.plane))
        self.units = canvas.line(self.plane, color=style.GREY, linewidth=0.7, linestyle="--")
        self.boundary = canvas.line(self.plane, color=style.BLACK, linewidth=1.6)
        self.classes = [
            canvas.line(self.plane, linestyle="", marker=marker, color=colour, markeredgecolor="white", markersize=7)
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.held = [  # hollow
            canvas.line(self.plane, linestyle="", marker=marker, color="white", markeredgecolor=colour, markersize=7)
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.ghosts = [canvas.line(self.loss, color=style.SILVER, linewidth=1.4) for _ in range(3)]
        self.ghost_rates = [canvas.moving(Label(canvas.figure, (0, 0), size=9, colour=style.GREY)) for _ in range(3)]
        self.rate_marks = [canvas.line(axes, color=style.GREY, linewidth=1, linestyle=":") for axes in self._curves()]
        self.held_out = canvas.line(self.loss, color=style.ORANGE, linewidth=1.6, linestyle="--")
        self.curve = canvas.line(self.loss, color=style.BLUE)
        self.norms = [
            canvas.line(self.norm, color=colour, linestyle=line_style, linewidth=1.6)
            for colour, line_style in LAYER_LINES
        ]
        self.sharpness = canvas.line(self.sharp, color=style.PURPLE, linewidth=1.6)
        self.longest = canvas.line(self.sharp, color=style.BLACK, linewidth=1.2, linestyle="--", drawstyle="steps-post")
        self.here = [canvas.line(axes, color=style.VERMILLION, linewidth=1.2) for axes in self._curves()]
        dot = {"linestyle": "", "marker": "o", "color": style.VERMILLION, "markersize": 6}
        self.dot = canvas.line(self.loss, clip_on=False, **dot)  # whole at the last epoch too
        self.plane_axes = canvas.layer(self.plane.xaxis, self.plane.yaxis)
        self.loss_axis = canvas.layer(self.loss.yaxis)
        self._make_epoch_axes(canvas)

    def _make_head(self, canvas):
        """What stands above the output: the classes, with a frame around the one that a click adds."""
        left, low = PLANE[0], PLANE[1] + PLANE[3]
        axes = canvas.area(left, low, PLANE[2], SIZE[1] - low)
        title = Label(canvas.figure, (left + 2, HEAD), say("Output"), align="left")
        self.clicks = Label(canvas.figure, (CLASSES[0] - 64, HEAD), size=9, colour=style.GREY)
        self.marks = []
        for across, marker, colour, name in zip(CLASSES, style.CLASS_MARKERS, style.CLASS_COLOURS, "01", strict=True):
            self.marks += axes.plot([across - 8], [HEAD], linestyle="", marker=marker, color=colour)
            self.marks.append(Label(canvas.figure, (across + 8, HEAD), name, size=11))
        self.adds = axes.plot([], [], color=style.BLACK, linewidth=1.6)[0]
        self.head = canvas.layer(title, self.clicks, *self.marks, self.adds)

    def show_click(self, model, adds):
        """Mark the class of the points that a click adds, 0 or 1; None: a click does something else."""
        shown = adds, model.is_curve, self.plain
        if not self.canvas.differs("click", shown):
            return
        adds = None if self.plain or model.is_curve else adds
        self.clicks.text = "" if adds is None else say("a click adds")
        for mark in self.marks:
            mark.set_visible(not model.is_curve)
        box = np.array([[CLASSES[adds], HEAD]]) if adds is not None else np.empty((0, 2))
        x, y = _squares(box, np.ones(len(box)))
        if len(box):
            x, y = box[0, 0] + (x - box[0, 0]) * CLASS_SIZE[0], HEAD + (y - HEAD) * CLASS_SIZE[1]
        self.adds.set_data(x, y)
        self.canvas.changed(self.head, shown)

    def _make_epoch_axes(self, canvas):
        """Grid and numbers of the epochs: a slider moves them, and Matplotlib's own axis takes too long for that."""
        grey = {"color": RC["grid.color"], "linewidth": RC["grid.linewidth"]}
        for axes in self._curves():
            axes.xaxis.set_visible(False)
        self.grids = [axes.plot([], [], transform=axes.get_xaxis_transform(), **grey)[0] for axes in self._curves()]
        self.numbers = [[Label(canvas.figure, (0, 22), size=11) for _ in range(8)] for _ in EPOCH_TICKS]
        self.epoch_axes = canvas.layer(*self.grids, *self.numbers[0], *self.numbers[1])

    def _curves(self):
        return self.loss, self.norm, self.sharp

    def _name_lines(self, model):
        """The legends: of the lines that are there, and of no others."""
        held, layers = bool(len(model.x_held)), len(model.units) + 1
        named = held, bool(model.ghosts), len(model.changes) > 1, layers, model.lower
        if not self.canvas.differs("legends", named):
            return
        there = [
            (held, say("training"), {"color": style.BLUE}),
            (held, say("held out"), {"color": style.ORANGE, "linestyle": "--"}),
            (named[1], say("earlier runs"), {"color": style.SILVER}),
            (named[2], say("new rate"), {"color": style.GREY, "linestyle": ":"}),
        ]
        with self.canvas.styled():
            _legend(self.loss, [(text, looks) for is_there, text, looks in there if is_there])
            _legend(self.sharp, [(say("2 / rate"), {"color": style.BLACK, "linestyle": "--", "linewidth": 1.2})])
            lines = enumerate(LAYER_LINES[:layers], 1)
            entries = [(f"{layer}", {"color": colour, "linestyle": line}) for layer, (colour, line) in lines]
            _legend(self.norm, entries, **({"handlelength": 1, "columnspacing": 0.5} if layers > ROOMY else {}))
        self.canvas.still_parts_changed()

    def set_plain(self, plain):
        """Show network, output and loss alone, or all there is."""
        self.plain = self.network.plain = self.data.plain = plain
        left, bottom, width, height = LOSS
        place = (left, bottom, PLANE[0] - left - 20 if plain else width, height)
        self.loss.set_position([along / whole for along, whole in zip(place, SIZE * 2, strict=True)])
        self.canvas.still_parts_changed()

    def show(self, model):
        self._still_parts(model)
        self._show_lower(model)
        self.data.show(model)
        low, high = DATA[model.settings["data"]]
        line = np.linspace(low, high, GRID)
        if model.is_curve:
            self._show_curve(model, line)
        else:
            self._show_answers(model, np.stack(np.meshgrid(line, line), axis=-1))
            pieces = contour_generator(line, line, np.nan_to_num(self.surface.values, nan=0.5)).lines(0.5)
            self.boundary.set_data(*joined(pieces))
        lines = model.lines
        self.units.set_data(*(_unit_lines(*lines, *self._range) if lines else ([], [])))
        losses, held_out = model.losses[: model.epoch + 1], model.held_out_losses()
        self._follow(losses, np.fromiter(held_out.values(), float), *(ghost.losses for ghost in model.ghosts))
        self.curve.set_data(*_thinned(losses))
        self.held_out.set_data([*held_out], np.maximum([*held_out.values()], LOWEST_LOSS))
        self._show_ghosts(model)
        changed = [epoch for epoch, _ in model.changes if epoch]
        for marks, axes, here in zip(self.rate_marks, self._curves(), self.here, strict=True):
            marks.set_data(*_uprights(changed, *axes.get_ylim()))
            here.set_data(*_uprights([model.looking_at] if model.looking_at != model.epoch else [], *axes.get_ylim()))
        self.dot.set_data([model.looking_at], [losses[model.looking_at].clip(LOWEST_LOSS, HIGHEST_LOSS)])

    def _show_ghosts(self, model):
        """Earlier runs on the same data, with their rates above their ends, or below, where they do not cover each other."""
        drawn, written = [*model.ghosts[::-1], *[None] * len(self.ghosts)], []
        for line, label, ghost in zip(self.ghosts, self.ghost_rates, drawn, strict=False):
            line.set_data(*_thinned(ghost.losses if ghost else np.empty(0)))
            label.text = ""
            if ghost is not None:
                end = min(len(ghost.losses) - 1, _last(model)), max(ghost.losses[-1], LOWEST_LOSS)
                across, up = self.loss.transData.transform(end) / DENSITY
                half = HALF_LETTER * len(ghost.rates)
                across = min(max(across, LOSS[0] + half), LOSS[0] + LOSS[2] - half)
                near = [y for x, y, other in written if abs(across - x) <= half + other]
                free = [
                    up + away for away in (9, -9, -21, -33) if all(abs(up + away - y) > LETTER_HEIGHT for y in near)
                ]
                if free:
                    label.text, label.place = ghost.rates, (across, free[0])
                    written.append((across, free[0], half))

    def _follow(self, *runs):
        """Whole decades for the losses that are drawn, so that a jump is seen and not cut off; two of them at least."""
        losses = np.concatenate(runs)
        losses = losses[np.isfinite(losses)]  # that of a diverged run may not be
        lowest, highest = losses.min().clip(LOWEST_LOSS, HIGHEST_LOSS), losses.max().clip(LOWEST_LOSS, HIGHEST_LOSS)
        low, high = min(-2, math.floor(math.log10(lowest))), max(0, math.ceil(math.log10(highest)))
        if self.canvas.differs("decades", (low, high)):
            self.loss.set_ylim(10.0**low, 10.0**high)
            apart = 1 + (high - low) // 5
            self.loss.set_yticks([10.0**decade for decade in range(high, low - 1, -apart)][::-1])
            self.loss.yaxis.set_minor_locator(NullLocator())
            self.canvas.changed(self.loss_axis, (low, high))

    def _show_answers(self, model, grid):
        """One pass over a grid (rows, columns, 2) is the surface, and every fourth point of it the units' pictures."""
        few = grid[UNIT_EVERY // 2 :: UNIT_EVERY, UNIT_EVERY // 2 :: UNIT_EVERY]
        with np.errstate(all="ignore"):  # the weights of a diverged run may be infinite
            if model.engine is None:
                *hidden, logits = (
                    layer.reshape(*grid.shape[:2], -1) for layer in model.activations(grid.reshape(-1, 2))
                )
                hidden = [layer[UNIT_EVERY // 2 :: UNIT_EVERY, UNIT_EVERY // 2 :: UNIT_EVERY] for layer in hidden]
                self.surface.values = logistic(logits[..., 0])
            else:  # its surface is that of the reader's own engine
                hidden = [layer.reshape(*few.shape[:2], -1) for layer in model.activations(few.reshape(-1, 2))[:-1]]
                self.surface.values = model.surface(grid)
        self.network.show(model, [over_the_plane(layer, model.settings["activation"]) for layer in hidden])

    def _show_curve(self, model, line):
        """With one input the output is a curve, and a unit's picture is the same from bottom to top."""
        with np.errstate(all="ignore"):
            *hidden, outputs = model.activations(line[:, None])
        few = [layer[None, UNIT_EVERY // 2 :: UNIT_EVERY].repeat(GRID // UNIT_EVERY, axis=0) for layer in hidden]
        self.surface.values = np.full((2, 2), 0.5)
        self.boundary.set_data(line, outputs[:, 0])
        self.network.show(model, [over_the_plane(layer, model.settings["activation"]) for layer in few])

    def _show_lower(self, model):
        """What stands below the loss."""
        if self.canvas.differs("lower", (model.lower, self.plain)):
            for axes, name in ((self.norm, "norms"), (self.sharp, "sharpness")):
                shown = model.lower == name and not self.plain
                axes.set_visible(shown)
                for line in axes.lines:
                    line.set_visible(shown)
            self.canvas.still_parts_changed()
        if model.lower == "norms":
            epochs, *norms = np.array(model.norms).T if model.norms else np.empty((2 + len(model.units), 0))
            for drawn, norm in zip_longest(self.norms, norms):
                drawn.set_data(*([], []) if norm is None else (epochs, norm))
        elif model.lower == "sharpness":
            curved = model.sharpnesses()
            self.sharpness.set_data([*curved], np.clip([*curved.values()], *SHARPNESS_LIMITS))
            plain = model.settings["optimizer"] == "GradientDescent"
            steps = [*model.changes, (model.epoch, model.at_work("rate"))] if plain else []
            self.longest.set_data([epoch for epoch, _ in steps], [2 / rate for _, rate in steps])

    def _still_parts(self, model):
        """Limits and data change seldom; when they do, the axes are drawn anew."""
        last = _last(model)
        if self.canvas.differs("epochs", (last, self.plain)):
            ticks = [[tick for tick in spaced.tick_values(0, last) if tick <= last] for spaced in EPOCH_TICKS]
            for axes, grid in zip(self._curves(), self.grids, strict=True):
                axes.set_xlim(-0.01 * last, 1.01 * last)
                grid.set_data(*_uprights(ticks[axes is not self.loss], 0, 1))
            for axes, numbers, numbered in zip((self.loss, self.norm), self.numbers, ticks, strict=True):
                across = axes.transData.transform([(tick, 1) for tick in numbered])[:, 0] / DENSITY
                for number, tick, x in zip_longest(numbers, numbered, across):
                    hidden = tick is None or (axes is self.norm and self.plain)
                    number.text = "" if hidden else f"{tick:,.0f}"
                    number.place = (x or 0, number.place[1])
            self.canvas.changed(self.epoch_axes, (last, self.plain))
        self._name_lines(model)
        if self._x is not model.x:
            self._x = model.x
            self._show_data(model)

    def _show_data(self, model):
        low, high = DATA[model.settings["data"]]
        if model.is_curve:
            high = max(high, math.ceil(1.1 * float(np.abs(np.concatenate([model.y, model.y_held])).max())))
            low = -high
        self._range = low, high, model.is_curve
        if self.canvas.differs("range", self._range):
            if self.canvas.differs("shape", model.is_curve):  # of the plane, and its legend
                self.canvas.still_parts_changed()
            sides = DATA[model.settings["data"]]
            self.plane.set(xlim=sides, ylim=(low, high), aspect="auto" if model.is_curve else "equal")
            self.plane.set(xticks=(sides[0] + 0.5, sides[1] - 0.5), yticks=(low + 0.5, high - 0.5))
            self.plane.set(xlabel="$x$" if model.is_curve else "$x_1$", ylabel="$y$" if model.is_curve else "$x_2$")
            self.canvas.changed(self.plane_axes, (sides, *self._range))
        count = len(model.x) + len(model.x_held)
        for x, y, lines in ((model.x, model.y, self.classes), (model.x_held, model.y_held, self.held)):
            for which, points in enumerate(lines):
                if model.is_curve:
                    points.set_data(*(([], []) if which else (x[:, 0], y[:, 0])))
                else:
                    points.set_data(*x[y[:, 0] == which].T)
                points.set_markersize(11 if count < FEW else SMALL + 2 * model.is_curve)
                points.set_markeredgewidth(1 if count < FEW or lines is self.held else THIN)


def _last(model):
    """The last epoch of the axes: the number may have been set below what is reached."""
    return max(model.settings["epochs"], model.epoch)


def _legend(axes, entries, **spacing):
    """Names of lines above some axes: (text, looks) of each."""
    handles = [Line2D([], [], **{"linewidth": 1.6} | looks, label=text) for text, looks in entries]
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 0.99),
        ncols=5,
        borderaxespad=0,
        borderpad=0,
        fontsize=9,
        **{"handlelength": 1.5, "handletextpad": 0.4, "columnspacing": 0.8} | spacing,
    ).set_visible(bool(entries))


def _unit_lines(W1, b1, low, high, is_curve):
    """The weights of the hidden units as lines: where x W + b is 0 for each, as x and y with NaN between the lines."""
    ends = np.array([[low], [high]])
    with np.errstate(all="ignore"):  # a unit without weights has no line
        if is_curve:
            x1, x2 = np.broadcast_arrays(-b1 / W1[0], ends)
        else:
            w1, w2 = W1
            steep = np.abs(w1) > np.abs(w2)
            x1 = np.where(steep, -(w2 * ends + b1) / w1, ends)  # (2, hidden)
            x2 = np.where(steep, ends, -(w1 * ends + b1) / w2)
    gap = np.full((1, len(b1)), np.nan)
    return np.concatenate([x1, gap]).T.ravel(), np.concatenate([x2, gap]).T.ravel()


def _thinned(losses):
    """(epochs, losses) of a curve; a long one by the lowest and highest loss of equal stretches, so no peak is lost."""
    epochs = np.arange(len(losses))
    losses = np.clip(losses, LOWEST_LOSS, HIGHEST_LOSS)
    if len(losses) <= POINTS:
        return epochs, losses
    stretch = -(-len(losses) // (POINTS // 2))
    whole = len(losses) // stretch * stretch
    parts = losses[:whole].reshape(-1, stretch)
    extremes = np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1).ravel()
    return np.append(epochs[:whole:stretch].repeat(2), epochs[-1]), np.append(extremes, losses[-1])


def _uprights(positions, low, high):
    """Vertical lines at some positions, as x and y with NaN between them."""
    x = np.repeat(np.asarray(positions, float), 3)
    return x, np.tile([low, high, np.nan], len(positions))
