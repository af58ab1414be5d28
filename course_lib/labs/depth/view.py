"""The depth lab: which gradient reaches which layer, and whether a deep network learns, while it trains."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...pictures import style
from ...text import N_, say
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import EPOCHS, GOAL_LOSS, GOALS, GUESSING, DepthModel, kind

SIZE = (960, 350)
PIECE = 0.018  # seconds of training in a frame
LOWEST, HIGHEST, TOP = 1e-7, 1e4, 3.0  # what lies beyond these gradient norms, or above this loss, is drawn there


def depth_lab(name="depth", **settings):
    """The depth lab, to be the last line of a cell.

    settings: depth, shortcut, normalisation, initial, optimizer, rate, seed of `DepthModel`.
    """
    return DepthLab(DepthModel(**settings), name)


class DepthLab(PictureLab):
    """Controls and picture of a `DepthModel`."""

    size = SIZE
    piece = PIECE
    question = N_("What does the shortcut alone do to the gradient of 20 layers, and what does normalisation alone?")
    goal_texts = {
        goal: N_("Goal: train {depth} layers or more to a loss below {loss:g} in {epochs} epochs.") for goal in GOALS
    }
    table = {
        "depth": Control(N_("Layers")),
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "shortcut": Control(N_("Shortcut")),
        "normalisation": Control(N_("Normalisation")),
        "initial": Control(N_("Initial weights")),
        "optimizer": Control(N_("Optimizer"), words={"GradientDescent": N_("gradient descent")}),
    }
    rows = (("train", "step", "reset", "shortcut", "normalisation", "initial"), ("optimizer", "depth", "rate"))

    def make_view(self, canvas):
        return View(canvas)

    def facts_of(self, goal):
        return {"depth": GOALS[goal], "loss": GOAL_LOSS, "epochs": EPOCHS}

    def make_buttons(self):
        tooltip = say("Train for {epochs} epochs; press again to pause", epochs=EPOCHS)
        return {
            "train": self.make_run_button(say("Train"), tooltip),
            "step": self.make_step_button(say("One step"), say("One mini-batch of 50 images")),
            "reset": self.make_reset_button(say("Back to the initial weights")),
        }

    def static_model(self):
        model = self.model.twin(shortcut=False, normalisation=False)
        model.advance(model.steps)
        model.configure(shortcut=True, normalisation=True)
        model.advance(model.steps)
        return model


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
            self.gradients.cut_at, self.losses.cut_at = (LOWEST, HIGHEST), (-np.inf, TOP)
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
                labels.append(say("the run before, {kind}: start", kind=state[1][0].lower() + state[1][1:]))
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
