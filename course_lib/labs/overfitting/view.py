"""The over-fitting lab: the fitted curve, and training against validation loss, while the network trains."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.arrange import Grid
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import EPOCHS, GOALS, GRID, OverfittingModel, target

SIZE = (960, 340)
PIECE = 0.014  # seconds of training in a frame


def overfitting_lab(name="over-fitting", **settings):
    """The over-fitting lab, to be the last line of a cell.

    settings: hidden, examples, noise, weight_decay, dropout, seed of `OverfittingModel`.
    """
    return OverfittingLab(OverfittingModel(**settings), name)


class OverfittingLab(PictureLab):
    """Controls and picture of an `OverfittingModel`."""

    size = SIZE
    piece = PIECE
    static_steps = EPOCHS
    question = N_("Fewer units, weight decay, dropout, stopping early, more points: what helps most here?")
    goal_texts = {
        "trained to the end": N_(
            "Goal: 20 points, noise 0.3: train all {epochs:,} epochs and end with a validation loss below {low:g}."
        ),
        "stopped early": N_("Goal: the same points, 60 units or more, no weight decay, no dropout: below {lower:g}."),
    }
    facts = {"epochs": EPOCHS, "low": GOALS["trained to the end"], "lower": GOALS["stopped early"]}
    table = {
        "hidden": Control(N_("Hidden units")),
        "examples": Control(N_("Points")),
        "noise": Control(N_("Noise"), step=0.05, slider=False),
        "weight_decay": Control(N_("Weight decay"), step=0.1, slider=False),
        "dropout": Control(N_("Dropout"), step=0.1, slider=False),
    }
    rows = (("train", "best", "data"), ("hidden", "examples"), Grid(("noise", "weight_decay", "dropout")))
    lines_of_status = 2

    def make_view(self, canvas):
        return View(canvas)

    def refresh(self):
        super().refresh()
        self.buttons["best"].disabled = self.model.epoch == 0 or self.model.shown_best

    def make_buttons(self):
        tooltip = say("Train for {epochs:,} epochs; press again to pause", epochs=EPOCHS)
        return {
            "train": self.make_run_button(say("Train"), tooltip),
            "best": self.button(
                say("Back to the best epoch"),
                self.pausing(self.model.back_to_best),
                tooltip=say("Take the weights of the lowest validation loss: early stopping"),
            ),
            "data": self.button(
                say("New points"), self.pausing(self.model.new_start), tooltip=say("Other points, other weights")
            ),
        }


class View:
    """The picture: points and curves on the left, losses against epochs on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        with canvas.styled():
            fit = canvas.axes(58, 54, 410, 242, xlim=(-1.02, 1.02), ylim=(-2.3, 2.3), xlabel="x")
            fit.set_title(say("The fit"))
            self.losses = canvas.axes(
                560, 54, 372, 242, xscale="log", yscale="log", xlim=(0.9, EPOCHS * 1.1), ylim=(0.008, 2.5)
            )
            self.losses.set(xlabel=say("epoch (0 is drawn at 1)"))
            self.losses.set_title(say("Loss"))
            self.losses.set_yticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
            self.losses.set_yticks([], minor=True)
            self.losses.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
            self.losses.set_xticks([], minor=True)
            fit.plot(
                GRID[:, 0],
                target(GRID)[:, 0],
                color=style.GREY,
                linestyle=":",
                linewidth=1.6,
                label=say("without noise"),
            )
            self.held_out = canvas.line(fit, linestyle="", marker=".", markersize=3.5, color=style.SKY)
            self.points = canvas.line(fit, linestyle="", marker="o", markersize=6, color=style.BLUE)
            self.best = canvas.line(fit, "--", color=style.GREEN, linewidth=1.8)
            self.curve = canvas.line(fit, "-", color=style.VERMILLION)
            for marker, line, colour, label in (
                ("o", "", style.BLUE, say("training points")),
                (".", "", style.SKY, say("validation")),
                ("", "-", style.VERMILLION, say("network")),
                ("", "--", style.GREEN, say("at the best epoch")),
            ):
                fit.plot([], [], marker=marker or None, linestyle=line, color=colour, label=label)
            fit.legend(loc="upper left", fontsize=9, ncols=2, handlelength=1.5, columnspacing=1, borderaxespad=0.1)
            self.floor = canvas.line(self.losses, color=style.GREY, linestyle=":", linewidth=1.6)
            self.training = canvas.line(self.losses, color=style.BLUE)
            self.validation = canvas.line(self.losses, "--", color=style.VERMILLION)
            self.mark = canvas.line(self.losses, linestyle="", marker="*", markersize=14, color=style.GREEN)
            for line, colour, label in (
                ("-", style.BLUE, say("training")),
                ("--", style.VERMILLION, say("validation")),
                (":", style.GREY, say("noise alone")),
            ):
                self.losses.plot([], [], line, color=colour, label=label)
            self.losses.legend(loc="lower left", fontsize=9)

    def show(self, model):
        self.held_out.set_data(model.x_validation[:, 0], model.y_validation[:, 0])
        self.points.set_data(model.x[:, 0], model.y[:, 0])
        self.curve.set_data(GRID[:, 0], model.curve())
        self.best.set_data(GRID[:, 0], model.best_curve()) if model.epoch else self.best.set_data([], [])
        epochs = np.maximum(model.epochs, 1)
        low, high = self.losses.get_ylim()
        self.training.set_data(epochs, np.clip(model.training, low, high))
        self.validation.set_data(epochs, np.clip(model.validation, low, high))
        self.mark.set_data([max(model.best[1], 1)], [np.clip(model.best[0], low, high)])
        floor = model.settings["noise"] ** 2
        self.floor.set_data([0.9, EPOCHS * 1.1], [floor, floor])
