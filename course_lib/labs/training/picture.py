"""The picture of the training lab: the network, its output over the data, and below them the curves of the run."""

import math
from itertools import zip_longest

import numpy as np
from contourpy import contour_generator
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator

from ...ops import logistic
from ...pictures import style
from ...pictures.figures import RC
from ...text import say
from ..base.artists import DENSITY, Label, Surface
from .data import DATA
from .network_picture import NetworkPicture, over_the_plane

GRID = 64  # the surface is computed on GRID x GRID points
UNIT_EVERY = 4  # each so many of them, in each direction, is a point of the units' own pictures
POINTS = 600  # points of a drawn curve
MANY = 200  # points: more of them are drawn smaller, or their white edges would cover each other
EPOCH_TICKS = [MaxNLocator(most, steps=[1, 2, 5, 10], integer=True) for most in (6, 4)]
LAYER_LINES = [
    *zip(style.LAYER_COLOURS, style.LAYER_STYLES, strict=True),
    (style.BLACK, (0, (6, 2))),
]  # of the hidden layers and the last one
LOSS_LEFT, HALF_LETTER, LETTER_HEIGHT = 52, 4, 11  # of the loss, and of the rates at the ends of runs; in CSS pixels
ROOMY = 2  # layers: with more of them, their legend has room for numbers alone
LOWEST_LOSS, HIGHEST_LOSS = 1e-8, 1e8  # as far as the axis follows
NORM_LIMITS, SHARPNESS_LIMITS = (1e-5, 10), (0.03, 30)


class View:
    """The network, the decision surface with the data, the loss, and the gradient norms or the sharpness."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._x = self._range = self._epochs = self._lower = self._layers = self._decades = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.plane = canvas.axes(716, 202, 190, 190)
        self.loss = canvas.axes(LOSS_LEFT, 36, 478, 112, yscale="log", ylim=(1e-2, 1))
        self.norm = canvas.axes(610, 36, 330, 112, yscale="log", ylim=NORM_LIMITS)
        self.sharp = canvas.axes(610, 36, 330, 112, yscale="log", ylim=SHARPNESS_LIMITS)
        self.network = NetworkPicture(canvas)
        self.plane.grid(False)
        self.plane.yaxis.tick_right()
        self.plane.yaxis.set_label_position("right")
        self.plane.set(title=say("Output"), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        self.plane.xaxis.set_label_coords(0.5, -0.03)
        self.plane.yaxis.set_label_coords(1.1, 0.5)
        self.loss.set_title(say("Loss $L$"))
        self.norm.set_yticks([1e-4, 1e-2, 1])
        self.norm.set_title(say("Gradient norm"), fontsize=11)
        self.sharp.set_yticks([0.1, 1, 10])
        self.sharp.set_title(say("Sharpness"), fontsize=11)
        for axes in self._curves():
            axes.text(1, -0.19, say("epoch"), transform=axes.transAxes, ha="right", va="top")
        self.surface = canvas.moving(Surface(self.plane))
        self.units = canvas.line(self.plane, color=style.GREY, linewidth=1, linestyle="--")
        self.boundary = canvas.line(self.plane, color=style.BLACK, linewidth=1.6)
        self.classes = [
            canvas.line(self.plane, linestyle="", marker=marker, color=colour, markeredgecolor="white", markersize=7)
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.held = [  # hollow
            canvas.line(self.plane, linestyle="", marker=marker, color="white", markeredgecolor=colour, markersize=7)
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.ghosts = [canvas.line(self.loss, color=style.LIGHT_GREY, linewidth=1.4) for _ in range(3)]
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
        self.dot = canvas.line(self.loss, linestyle="", marker="o", color=style.VERMILLION, markersize=6)
        self.plane_axes = canvas.layer(self.plane.xaxis, self.plane.yaxis)
        self.loss_axis = canvas.layer(self.loss.yaxis)
        self._make_epoch_axes(canvas)
        self._legends()

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

    def _legends(self):
        dark = {"color": style.GREY, "linewidth": 1.4}
        self.loss.plot([], [], color=style.ORANGE, linewidth=1.6, linestyle="--", label=say("held out"))
        self.loss.plot([], [], **dark | {"color": style.LIGHT_GREY}, label=say("earlier runs"))
        self.loss.plot([], [], **dark, linestyle=":", label=say("new rate"))
        self.sharp.plot([], [], color=style.BLACK, linewidth=1.2, linestyle="--", label=say("2 / rate"))
        for which, points in enumerate(self.classes):
            self.plane.plot(
                [], [], linestyle="", marker=points.get_marker(), color=points.get_color(), label=f"{which}"
            )
        for axes in (self.plane, self.loss, self.sharp):
            self._legend(axes)

    def _name_layers(self, count):
        """The legend of the gradient norms; behind the first layer there is room for numbers alone, and beside many
        layers not even for the word."""
        with self.canvas.styled():
            entries = [
                Line2D([], [], color=colour, linestyle=line, linewidth=1.6, label=f"{layer}")
                for layer, (colour, line) in enumerate(LAYER_LINES[:count], 1)
            ]
            if count > ROOMY:
                self._legend(self.norm, entries, handlelength=1.3, handletextpad=0.3, columnspacing=0.5, borderpad=0)
            else:
                entries[0].set_label(say("layer {n}", n=1))
                self._legend(self.norm, entries)
        self.canvas.still_parts_changed()

    def _legend(self, axes, lines=None, **spacing):
        spacing = {"handlelength": 1 if axes is self.plane else 1.6, "columnspacing": 1} | spacing
        axes.legend(handles=lines, loc="lower right", bbox_to_anchor=(1, 0.98), ncols=5, borderaxespad=0, **spacing)

    def show(self, model):
        self._still_parts(model)
        self._show_lower(model)
        low, high = DATA[model.settings["data"]]
        line = np.linspace(low, high, GRID)
        if model.is_curve:
            self._show_curve(model, line)
        else:
            self._show_answers(model, np.stack(np.meshgrid(line, line), axis=-1))
            self.boundary.set_data(*_boundary(line, self.surface.values))
        self.units.set_data(*_unit_lines(*model.weights()[:2], *self._range))
        losses, held_out = model.losses[: model.epoch + 1], model.held_out_losses()
        self._follow(losses, np.fromiter(held_out.values(), float), *(ghost.losses for ghost in model.ghosts))
        self.curve.set_data(*_thinned(losses))
        self.held_out.set_data([*held_out], np.maximum([*held_out.values()], LOWEST_LOSS))
        self._show_ghosts(model.ghosts)
        changed = [epoch for epoch, _ in model.changes if epoch]
        for marks, axes, here in zip(self.rate_marks, self._curves(), self.here, strict=True):
            marks.set_data(*_uprights(changed, *axes.get_ylim()))
            here.set_data(*_uprights([model.looking_at] if model.looking_at != model.epoch else [], *axes.get_ylim()))
        self.dot.set_data([model.looking_at], [losses[model.looking_at].clip(LOWEST_LOSS, HIGHEST_LOSS)])

    def _show_ghosts(self, ghosts):
        """Earlier runs on the same data, with their rates above their ends, or below, where they do not cover each other."""
        drawn, written = [*ghosts[::-1], *[None] * len(self.ghosts)], []
        for line, label, ghost in zip(self.ghosts, self.ghost_rates, drawn, strict=False):
            line.set_data(*_thinned(ghost.losses if ghost else np.empty(0)))
            label.text = ""
            if ghost is not None:
                end = min(len(ghost.losses) - 1, self._epochs), max(ghost.losses[-1], LOWEST_LOSS)
                across, up = self.loss.transData.transform(end) / DENSITY
                half = HALF_LETTER * len(ghost.rates)
                across = min(max(across, LOSS_LEFT + half), 500)
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
        if (low, high) != self._decades:
            self._decades = low, high
            self.loss.set_ylim(10.0**low, 10.0**high)
            apart = 1 + (high - low) // 5
            self.loss.set_yticks([10.0**decade for decade in range(high, low - 1, -apart)][::-1])
            self.loss.yaxis.set_minor_locator(NullLocator())
            self.canvas.changed(self.loss_axis, self._decades)

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
        if self._lower != model.lower:
            self._lower = model.lower
            for axes, shown in ((self.norm, model.lower == "norms"), (self.sharp, model.lower == "sharpness")):
                axes.set_visible(shown)
                for line in axes.lines:
                    line.set_visible(shown)
            self.canvas.still_parts_changed()
        if model.lower == "norms":
            epochs, *norms = np.array(model.norms).T if model.norms else np.empty((2 + len(model.units), 0))
            for drawn, norm in zip_longest(self.norms, norms):
                drawn.set_data(*([], []) if norm is None else (epochs, norm))
        else:
            curved = model.sharpnesses()
            self.sharpness.set_data([*curved], np.clip([*curved.values()], *SHARPNESS_LIMITS))
            plain = model.settings["optimizer"] == "GradientDescent"
            steps = [*model.changes, (model.epoch, model.at_work("rate"))] if plain else []
            self.longest.set_data([epoch for epoch, _ in steps], [2 / rate for _, rate in steps])

    def _still_parts(self, model):
        """Limits and data change seldom; when they do, the axes are drawn anew."""
        last = max(model.settings["epochs"], model.epoch)  # the number may have been set below what is reached
        if self._epochs != last:
            self._epochs = last
            ticks = [[tick for tick in spaced.tick_values(0, last) if tick <= last] for spaced in EPOCH_TICKS]
            for axes, grid in zip(self._curves(), self.grids, strict=True):
                axes.set_xlim(-0.01 * last, 1.01 * last)
                grid.set_data(*_uprights(ticks[axes is not self.loss], 0, 1))
            for axes, numbers, numbered in zip((self.loss, self.norm), self.numbers, ticks, strict=True):
                across = axes.transData.transform([(tick, 1) for tick in numbered])[:, 0] / DENSITY
                for number, tick, x in zip_longest(numbers, numbered, across):
                    number.text = "" if tick is None else f"{tick:,.0f}"
                    number.place = (x or 0, number.place[1])
            self.canvas.changed(self.epoch_axes, self._epochs)
        if self._layers != len(model.units):
            self._layers = len(model.units)
            self._name_layers(self._layers + 1)
        if self._x is not model.x:
            self._x = model.x
            self._show_data(model)

    def _show_data(self, model):
        low, high = DATA[model.settings["data"]]
        if model.is_curve:
            high = max(high, math.ceil(1.1 * float(np.abs(np.concatenate([model.y, model.y_held])).max())))
            low = -high
        if self._range != (low, high, model.is_curve):
            if self._range is None or self._range[-1] != model.is_curve:
                self.canvas.still_parts_changed()  # the shape of the plane, and its legend
            self._range = low, high, model.is_curve
            sides = DATA[model.settings["data"]]
            self.plane.set(xlim=sides, ylim=(low, high), aspect="auto" if model.is_curve else "equal")
            self.plane.set(xticks=(sides[0] + 0.5, sides[1] - 0.5), yticks=(low + 0.5, high - 0.5))
            self.plane.set(xlabel="$x$" if model.is_curve else "$x_1$", ylabel="$y$" if model.is_curve else "$x_2$")
            self.plane.get_legend().set_visible(not model.is_curve)
            self.canvas.changed(self.plane_axes, (sides, *self._range))
        count = len(model.x) + len(model.x_held)
        for x, y, lines in ((model.x, model.y, self.classes), (model.x_held, model.y_held, self.held)):
            for which, points in enumerate(lines):
                if model.is_curve:
                    points.set_data(*(([], []) if which else (x[:, 0], y[:, 0])))
                else:
                    points.set_data(*x[y[:, 0] == which].T)
                points.set_markersize(11 if count < 10 else 5.5 if count <= MANY else 3.5)
                points.set_markeredgewidth(1 if count <= MANY or lines is self.held else 0.4)


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


def _boundary(line, values):
    """The lines where the probability is one half, as x and y with NaN between the pieces."""
    pieces = contour_generator(line, line, np.nan_to_num(values, nan=0.5)).lines(0.5)
    if not pieces:
        return [], []
    return np.concatenate([np.vstack([piece, [[np.nan, np.nan]]]) for piece in pieces]).T


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
