"""The training lab: train a network while turning its learning rate, and watch surface, loss and gradients move."""

import math
import time
from itertools import zip_longest

import ipywidgets as widgets
import numpy as np
from contourpy import contour_generator
from matplotlib.ticker import MaxNLocator

from ...pictures import style
from ...pictures.figures import RC
from ...text import N_, say
from ..panel.arrange import Grid
from ..panel.canvas import DENSITY, Label, Surface
from ..panel.knobs import with_knob
from ..panel.pace import Pace
from ..panel.picture import PictureLab
from ..panel.tables import Control
from ..panel.words import format_loss
from .model import DATA, GOALS, TrainingModel

SIZE = (960, 350)  # of the picture, in CSS pixels
GRID = 64  # the surface is computed on GRID x GRID points
STATIC_STEPS = 20_000  # a second or two: the cell that shows a lab should not keep its reader waiting
POINTS = 600  # points of a drawn curve
SPEEDS = (5, 20, 60, 200, 1000, 5000)  # epochs a second
EPOCH_TICKS = MaxNLocator(6, steps=[1, 2, 5, 10], integer=True)
LOSS_LIMITS, NORM_LIMITS, SHARPNESS_LIMITS = (1e-4, 10), (1e-5, 10), (0.03, 30)


def training_lab(name="training", rate=0.5, engine=None, **settings):
    """The training lab, to be the last line of a cell.

    name       labs with different names may be open in one notebook; the same name again replaces the first
    rate       learning rate at the start
    engine     an `Engine` of `course_lib.tools.engines`: it computes the passes of the network, our optimizers step
    settings   data, hidden, activation, optimizer, batch, scale, seed, epochs of `TrainingModel`
    """
    return TrainingLab(TrainingModel(engine, rate=rate, **{"epochs": 500} | settings), name)


class TrainingLab(PictureLab):
    """Controls and picture of a `TrainingModel`."""

    size = SIZE
    question = N_("Which learning rate solves XOR in the fewest epochs, and what happens beyond it?")
    goal_texts = {
        goal: N_("Goal: solve XOR (all four right, loss below 0.1) with {hidden} hidden units within {epochs} epochs.")
        for goal in GOALS
    }
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "epochs": Control(N_("Epochs"), logarithmic=True),
        "hidden": Control(N_("Hidden units"), slider=False),
        "scale": Control(N_("Initial scale"), slider=False, step=0.5),
        "seed": Control(N_("Seed"), slider=False),
        "data": Control(N_("Data")),
        "activation": Control(N_("Activation")),
        "optimizer": Control(N_("Optimizer"), words={"GradientDescent": N_("gradient descent")}),
        "batch": Control(N_("Batch size"), options=(0, 1, 2, 4, 16, 64), words={0: N_("all")}),
    }
    rows = (("train", "step", "reset", "new start", "speed"), ("rate", "epochs"))
    below = (
        "look_back_row",
        Grid(("data", "hidden", "activation", "optimizer", "batch", "scale", "seed", "lower")),
        ("write down", "write numpy", "state_text", "restore"),
        "program_text",
    )

    def __init__(self, model, name):
        self.speed = 60  # epochs a second; 0 stands for as many as fit
        self._pace = Pace()
        super().__init__(model, name)

    def make_view(self, canvas):
        view = View(canvas)
        canvas.hand.reading(view.plane, self._output_at)
        canvas.hand.reading(view.loss, self._loss_at)
        return view

    def work(self):
        if not self.speed or self._loop is None:
            return super().work()
        # A frame lasts 20 ms and its drawing about 5; 8 ms of training leave the rest to other cells.
        began = time.perf_counter()
        self.model.advance(self._pace.due(self.speed), enough=lambda: time.perf_counter() - began > 0.008)
        return not self.model.finished

    def prepare(self):
        super().prepare()
        self._pace.rest()

    def refresh(self):
        super().refresh()
        self.look_back.disabled = self.running
        if not self.running:  # a slider that moved by itself could send its old place back, as if the reader had
            self._show_position(max(self.model.epoch, 1), self.model.looking_at)

    def static_model(self):
        """The finished run, or its first STATIC_STEPS steps."""
        model = self.model.twin(rate=self.model.changes[0][1])
        steps = math.ceil(len(model.x) / (model.settings["batch"] or len(model.x)))  # an epoch
        model.advance(STATIC_STEPS // steps)
        return model

    def facts_of(self, goal):
        return dict(zip(("hidden", "epochs"), GOALS[goal], strict=True))

    def goal_text(self, name, text):
        best = self.model.records.get(("xor", GOALS[name][0]))
        return text if best is None else say("{goal} Your best so far: {best:,}.", goal=text, best=best)

    def _output_at(self, x1, x2):
        output = self.model.surface(np.array([[[x1, x2]]]))[0, 0]
        return say("x₁ = {x1:.2f}, x₂ = {x2:.2f}: output {output:.2f}", x1=x1, x2=x2, output=output)

    def _loss_at(self, epoch, _):
        epoch = round(epoch)
        if not 0 <= epoch <= self.model.epoch:
            return ""
        return say("epoch {epoch:,}: loss {loss}", epoch=epoch, loss=format_loss(self.model.losses[epoch]))

    # Controls

    def make_buttons(self):
        self.controls["speed"] = self.choice(
            say("Speed"),
            self.speed,
            {say("{n:,} epochs a second", n=n): n for n in SPEEDS} | {say("as fast as possible"): 0},
            self._new_speed,
        )
        self.controls["lower"] = self.choice(
            say("Below the loss"),
            self.model.lower,
            {say("gradients"): "norms", say("sharpness"): "sharpness"},
            self._new_lower,
        )
        self.look_back = widgets.IntSlider(
            value=0,
            min=0,
            max=1,
            description=say("Look back to epoch"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width="640px", max_width="98%"),
            tooltip=say("Scrub through the run without training again"),
        )
        self.look_back_row = with_knob(self.look_back)
        look_back = self.safely(self.pausing(self.model.look_at))
        self.look_back.observe(
            lambda change: change["new"] == self.model.looking_at or look_back(change["new"]), "value"
        )
        self.state_text = widgets.Text(
            description=say("State"),
            style={"description_width": "initial"},
            placeholder=say("paste a state here"),
            layout=widgets.Layout(width="auto", flex="1 1 300px"),
            continuous_update=False,
        )
        self.program_text = widgets.Textarea(
            description=say("The program of this run"),
            style={"description_width": "0"},  # for screen readers
            layout=widgets.Layout(width="98%", height="250px", display="none"),
        )
        return {
            "train": self.make_run_button(
                say("Train"), say("Train until the number of epochs is reached; press again to pause")
            ),
            "step": self.make_step_button(say("Step"), say("Pause and train one epoch")),
            "reset": self.make_reset_button(),
            "new start": self.button(say("New start"), self._new_start, tooltip=say("Other initial weights")),
            "write down": self.button(
                say("Copy as Python"),
                lambda: self._write_down(self.model.program()),
                tooltip=say("A program that repeats this run exactly, and its state as one line"),
            ),
            "write numpy": self.button(
                say("Copy as NumPy alone"),
                lambda: self._write_down(self.model.numpy_program()),
                tooltip=say("The same run as a program that needs NumPy alone, with backpropagation written out"),
            ),
            "restore": self.button(
                say("Restore state"), self._restore, tooltip=say("Repeat the run whose state stands in the box")
            ),
        }

    def _new_speed(self, speed):
        self.speed = speed

    def _new_lower(self, lower):
        self.model.look_below(lower)
        self.refresh()

    def _show_position(self, last, epoch):
        """Move the slider that looks back. In this order, for a browser reports a value above its maximum as a change."""
        self.look_back.max = max(last, self.look_back.value)
        self.look_back.value = epoch
        self.look_back.max = last

    def _write_down(self, program):
        self.program_text.value = program
        self.program_text.layout.display = None
        self.state_text.value = self.model.state()

    def resume(self, state):
        self.state_text.value = state
        super().resume(state)

    def _restore(self):
        self.resume(self.state_text.value)


class View:
    """The picture: decision surface with the data on the left; on the right the loss, and below it the gradient norms or
    the sharpness."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._data = self._epochs = None
        self._lower = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.plane = canvas.axes(62, 46, 276, 276)
        self.loss = canvas.axes(408, 170, 524, 152, yscale="log", ylim=LOSS_LIMITS)
        self.norm = canvas.axes(408, 46, 524, 84, yscale="log", ylim=NORM_LIMITS)
        self.sharp = canvas.axes(408, 46, 524, 84, yscale="log", ylim=SHARPNESS_LIMITS)
        self.plane.grid(False)
        self.plane.set(title=say("Network output"), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        self.plane.xaxis.set_label_coords(0.5, -0.09)
        self.plane.yaxis.set_label_coords(-0.16, 0.5)
        self.loss.set_title(say("Loss $L$"))
        self.loss.set_yticks([1e-4, 1e-2, 1])
        self.norm.set_yticks([1e-4, 1e-2, 1])
        self.norm.set_title(say("Gradient norm by layer"), fontsize=11)
        self.sharp.set_yticks([0.1, 1, 10])
        self.sharp.set_title(say("Sharpness"), fontsize=11)
        for axes in (self.norm, self.sharp):
            axes.text(1, -0.3, say("epoch"), transform=axes.transAxes, ha="right", va="top")
        self.surface = canvas.moving(Surface(self.plane))
        self.units = canvas.line(self.plane, color=style.GREY, linewidth=1, linestyle="--")
        self.boundary = canvas.line(self.plane, color=style.BLACK, linewidth=1.6)
        self.classes = [
            canvas.line(self.plane, linestyle="", marker=marker, color=colour, markeredgecolor="white", markersize=7)
            for marker, colour in zip(style.CLASS_MARKERS, style.CLASS_COLOURS, strict=True)
        ]
        self.ghosts = [canvas.line(self.loss, color=style.LIGHT_GREY, linewidth=1.4) for _ in range(3)]
        self.rate_marks = [canvas.line(axes, color=style.GREY, linewidth=1, linestyle=":") for axes in self._curves()]
        self.curve = canvas.line(self.loss, color=style.BLUE)
        self.norms = [
            canvas.line(self.norm, color=colour, linestyle=line_style, linewidth=1.6)
            for colour, line_style in zip(style.LAYER_COLOURS[:2], style.LAYER_STYLES[:2], strict=True)
        ]
        self.sharpness = canvas.line(self.sharp, color=style.PURPLE, linewidth=1.6)
        self.longest = canvas.line(self.sharp, color=style.BLACK, linewidth=1.2, linestyle="--", drawstyle="steps-post")
        self.here = [canvas.line(axes, color=style.VERMILLION, linewidth=1.2) for axes in self._curves()]
        self.dot = canvas.line(self.loss, linestyle="", marker="o", color=style.VERMILLION, markersize=6)
        self.plane_axes = canvas.layer(self.plane.xaxis, self.plane.yaxis)
        self._make_epoch_axes(canvas)
        self._legends()

    def _make_epoch_axes(self, canvas):
        """Grid and numbers of the epochs: a slider moves them, and Matplotlib's own axis takes too long for that."""
        grey = {"color": RC["grid.color"], "linewidth": RC["grid.linewidth"]}
        for axes in self._curves():
            axes.xaxis.set_visible(False)
        self.grids = [axes.plot([], [], **grey)[0] for axes in self._curves()]
        self.numbers = [Label(canvas.figure, (0, 32), size=11) for _ in range(8)]
        self.epoch_axes = canvas.layer(*self.grids, *self.numbers)

    def _across(self, epoch):
        """Where an epoch lies, in CSS pixels from the left edge of the picture."""
        return self.norm.transData.transform((epoch, 1))[0] / DENSITY

    def _curves(self):
        return self.loss, self.norm, self.sharp

    def _legends(self):
        dark = {"color": style.GREY, "linewidth": 1.4}
        self.loss.plot([], [], **dark | {"color": style.LIGHT_GREY}, label=say("earlier runs"))
        self.loss.plot([], [], **dark, linestyle=":", label=say("new rate"))
        for layer, line in enumerate(self.norms, 1):
            self.norm.plot(
                [], [], color=line.get_color(), linestyle=line.get_linestyle(), label=say("layer {n}", n=layer)
            )
        self.sharp.plot([], [], color=style.BLACK, linewidth=1.2, linestyle="--", label=say("2 / rate"))
        for which, points in enumerate(self.classes):
            self.plane.plot(
                [], [], linestyle="", marker=points.get_marker(), color=points.get_color(), label=f"{which}"
            )
        for axes in (self.plane, *self._curves()):
            axes.legend(
                loc="lower right",
                bbox_to_anchor=(1, 0.98),
                ncols=2,
                borderaxespad=0,
                handlelength=1 if axes is self.plane else 2,
                columnspacing=1,
            )

    def show(self, model):
        self._still_parts(model)
        self._show_lower(model)
        low, high = DATA[model.settings["data"]]
        line = np.linspace(low, high, GRID)
        with np.errstate(all="ignore"):  # the weights of a diverged run may be infinite
            self.surface.values = model.surface(np.stack(np.meshgrid(line, line), axis=-1))
        self.boundary.set_data(*_boundary(line, self.surface.values))
        self.units.set_data(*_unit_lines(*model.weights()[:2], low, high))
        losses = model.losses[: model.epoch + 1]
        self.curve.set_data(*_thinned(losses))
        for ghost, old in zip(self.ghosts, [*model.ghosts[::-1], *[np.empty(0)] * 3], strict=False):
            ghost.set_data(*_thinned(old))
        changed = [epoch for epoch, _ in model.changes if epoch]
        for marks, axes, here in zip(self.rate_marks, self._curves(), self.here, strict=True):
            marks.set_data(*_uprights(changed, *axes.get_ylim()))
            here.set_data(*_uprights([model.looking_at] if model.looking_at != model.epoch else [], *axes.get_ylim()))
        self.dot.set_data([model.looking_at], [np.clip(losses[model.looking_at], *LOSS_LIMITS)])

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
            columns = np.array(model.norms).T if model.norms else np.empty((3, 0))
            for drawn, norm in zip(self.norms, columns[1:], strict=True):
                drawn.set_data(columns[0], norm)
        else:
            curved = model.sharpnesses()
            self.sharpness.set_data([*curved], np.clip([*curved.values()], *SHARPNESS_LIMITS))
            plain = model.settings["optimizer"] == "GradientDescent"
            steps = [*model.changes, (model.epoch, model.rate)] if plain else []
            self.longest.set_data([epoch for epoch, _ in steps], [2 / rate for _, rate in steps])

    def _still_parts(self, model):
        """Limits and data change seldom; when they do, the axes are drawn anew."""
        if self._epochs != model.settings["epochs"]:
            self._epochs = model.settings["epochs"]
            ticks = [tick for tick in EPOCH_TICKS.tick_values(0, self._epochs) if tick <= self._epochs]
            for axes, grid in zip(self._curves(), self.grids, strict=True):
                axes.set_xlim(-0.01 * self._epochs, 1.01 * self._epochs)
                grid.set_data(*_uprights(ticks, *axes.get_ylim()))
            for number, tick in zip_longest(self.numbers, ticks):
                number.text = "" if tick is None else f"{tick:,.0f}"
                number.place = (self._across(tick or 0), number.place[1])
            self.canvas.changed(self.epoch_axes)
        if self._data != model.settings["data"]:
            self._data = model.settings["data"]
            low, high = DATA[self._data]
            ticks = (low + 0.5, (low + high) / 2, high - 0.5)
            self.plane.set(xlim=(low, high), ylim=(low, high), xticks=ticks, yticks=ticks)
            for which, points in enumerate(self.classes):
                points.set_data(*model.x[model.y[:, 0] == which].T)
                points.set_markersize(11 if len(model.x) < 10 else 5.5)
            self.canvas.changed(self.plane_axes)


def _unit_lines(W1, b1, low, high):
    """The weights of the hidden units as lines: where x W + b is 0 for each, as x and y with NaN between the lines."""
    (w1, w2), ends = W1, np.array([[low], [high]])
    with np.errstate(all="ignore"):  # a unit without weights has no line
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
    losses = np.clip(losses, *LOSS_LIMITS)
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
