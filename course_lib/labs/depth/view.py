"""The depth lab: which gradient reaches which layer, and whether a deep network learns, while it trains."""

import time

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...pictures import style
from ...text import say
from ..panel.base import Lab, column, row
from ..panel.canvas import Canvas
from ..panel.controls import ChoiceControl, NumberControl, SwitchControl, button
from .model import EPOCHS, GOAL_LOSS, GOALS, GUESSING, INITIAL, LIMITS, DepthModel, kind

SIZE = (960, 350)
PIECE = 0.018  # seconds of training in a frame
LOWEST, HIGHEST, TOP = 1e-7, 1e4, 3.0  # what lies beyond these gradient norms, or above this loss, is drawn there


def depth_lab(name="depth", **settings):
    """The depth lab, to be the last line of a cell.

    settings: depth, shortcut, normalisation, initial, rate, seed of `DepthModel`.
    """
    return DepthLab(DepthModel(**settings), name)


class DepthLab(Lab):
    """Controls and picture of a `DepthModel`."""

    def __init__(self, model, name):
        self.name = name
        super().__init__()
        self.model = model
        self.canvas = Canvas(*SIZE)
        self.view = View(self.canvas)
        self._make_controls()
        self.refresh()

    def work(self):
        began = time.perf_counter()
        self.model.advance(self.model.steps, enough=lambda: time.perf_counter() - began > PIECE)
        return not self.model.finished

    def refresh(self):
        model = self.model
        self.view.show(model)
        self.canvas.draw()
        self.status(model.sentence(), good=model.finished and model.loss < GOAL_LOSS, bad=model.stuck)
        self.goals(
            say("What does the shortcut alone do to the gradient of 20 layers, and what does normalisation alone?"),
            [(self._goal(depth), depth in model.found) for depth in (GOALS if GOALS[0] in model.found else GOALS[:1])],
        )
        self.show_run_button()

    def static(self):
        model = DepthModel(**self.model.settings | {"shortcut": False, "normalisation": False})
        model.advance(model.steps)
        model.configure(shortcut=True, normalisation=True)
        model.advance(model.steps)
        canvas = Canvas(*SIZE)
        View(canvas).show(model)
        return canvas.frame(), model.description()

    @staticmethod
    def _goal(depth):
        return say(
            "Goal: train {depth} layers or more to a loss below {loss:g} in {epochs} epochs.",
            depth=depth,
            loss=GOAL_LOSS,
            epochs=EPOCHS,
        )

    def _make_controls(self):
        settings = self.model.settings

        def change(name):
            return self.safely(self._setting(name))

        self.controls = {
            "depth": NumberControl(say("Layers"), settings["depth"], *LIMITS["depth"], whole=True,
                                   on_change=change("depth"), on_error=self.error),
            "rate": NumberControl(say("Learning rate"), settings["rate"], *LIMITS["rate"], logarithmic=True,
                                  on_change=change("rate"), on_error=self.error),
            "shortcut": SwitchControl(say("Shortcut"), settings["shortcut"], on_change=change("shortcut")),
            "normalisation": SwitchControl(say("Normalisation"), settings["normalisation"],
                                           on_change=change("normalisation")),
            "initial": ChoiceControl(say("Initial weights"), settings["initial"], {name: name for name in INITIAL},
                                     on_change=change("initial")),
        }  # fmt: skip
        self.buttons = {
            "train": self.make_run_button(say("Train"), say("Train for {epochs} epochs; press again to pause", epochs=EPOCHS)),
            "step": button(say("One step"), self.safely(self._step), tooltip=say("One mini-batch of 50 images")),
            "reset": button(say("Reset"), self.safely(self._reset), tooltip=say("Back to the initial weights")),
        }  # fmt: skip
        c, b = self.controls, self.buttons
        self.panel = column(
            self.goal_line,
            row(*b.values(), c["shortcut"], c["normalisation"], c["initial"]),
            row(c["depth"], c["rate"], gap="24px"),
            self.canvas.image,
            self.status_line,
            self.error_line,
        )


class View:
    """The picture: the norm of every layer's gradient on the left, the loss on the right; the run before in grey."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._shown = None
        with canvas.styled():
            self.gradients = canvas.axes(
                70, 54, 400, 250, yscale="log", ylim=(LOWEST / 2, HIGHEST * 3000), xlim=(0.5, 20.5)
            )
            self.gradients.set(xlabel=say("layer"))
            self.gradients.set_title(say("Gradient norm of each layer"))
            self.gradients.set_yticks([1e-6, 1e-4, 1e-2, 1, 100, 1e4])
            self.gradients.set_yticks([], minor=True)
            self.gradients.xaxis.set_major_locator(MaxNLocator(integer=True))
            self.losses = canvas.axes(550, 54, 386, 250, xlim=(0, EPOCHS), ylim=(0, TOP + 0.05))
            self.losses.set(xlabel=say("epoch"))
            self.losses.set_title(say("Training loss"))
            self.losses.axhline(GUESSING, color=style.GREY, linestyle=":", linewidth=1.6)
            self.losses.text(EPOCHS - 0.1, GUESSING + 0.06, say("guessing"), ha="right", color=style.GREY, fontsize=10)
            self.norms_before = canvas.line(self.gradients, "--", color=style.GREY, marker=".", linewidth=1.4)
            self.norms_at_start = canvas.line(self.gradients, "--", color=style.BLUE, marker=".", linewidth=1.4)
            self.norms = canvas.line(self.gradients, "-", color=style.BLUE, marker="o", markersize=5)
            self.loss_before = canvas.line(self.losses, "--", color=style.GREY, linewidth=1.6)
            self.steps = canvas.line(self.losses, color=style.SKY, linewidth=0.8)
            self.loss = canvas.line(self.losses, color=style.BLUE, linewidth=2.4)

    def show(self, model):
        depth = model.settings["depth"]
        state = (kind(model.settings), kind(model.before[0]) if model.before else None, depth)
        if state != self._shown:
            self._shown = state
            self.gradients.set_xlim(0.5, depth + 0.5)
            lines = [self.norms_at_start, self.norms]
            labels = [say("{kind}: start", kind=state[0]), say("{kind}: now", kind=state[0])]
            if model.before:
                lines.append(self.norms_before)
                labels.append(say("the run before, {kind}: start", kind=state[1].lower()))
            with self.canvas.styled():
                self.gradients.legend(lines, labels, loc="upper right", fontsize=9, handlelength=2)
            self.canvas.still_parts_changed()
        self.norms_at_start.set_data(_norms(model.norms_at_start))
        self.norms.set_data(_norms(model.norms))
        per_epoch = model.steps // EPOCHS
        self.steps.set_data(np.arange(1, len(model.losses) + 1) / per_epoch, np.minimum(model.losses, TOP))
        self.loss.set_data(_course(model.losses, per_epoch))
        if model.before:
            _, losses, norms = model.before
            self.norms_before.set_data(_norms(norms))
            self.loss_before.set_data(_course(losses, per_epoch))


def _norms(norms):
    """Norms of gradients over the number of the layer, within what is drawn."""
    return range(1, len(norms) + 1), np.clip(norms, LOWEST, HIGHEST)


def _course(losses, per_epoch):
    """Epochs, and the mean loss over the steps of the last epoch, within what is drawn."""
    sums = np.cumsum([0.0, *losses])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - per_epoch, 0)
    return ends / per_epoch, np.minimum((sums[ends] - sums[starts]) / np.maximum(ends - starts, 1), TOP)
