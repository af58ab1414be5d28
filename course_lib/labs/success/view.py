"""The map of success: which learning rates and numbers of epochs solve XOR, for how many of 30 seeds, filled in live."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ...pictures import style
from ...text import N_, say
from ..base.picture import PictureLab
from ..base.tables import Control
from ..training.model import ACTIVATIONS
from .model import EPOCHS, RATES, SEEDS, SuccessMap

SIZE = (960, 430)
COLOURS = LinearSegmentedColormap.from_list("share", ("#FFFFFF", style.GREEN)).with_extremes(bad="#EEEEEE")


def success_map(name="success map", **settings):
    """The map of success, to be the last line of a cell. settings: hidden, activation, loss, scale of `SuccessMap`."""
    return SuccessLab(SuccessMap(**settings), name)


class SuccessLab(PictureLab):
    """Controls and picture of a `SuccessMap`."""

    size = SIZE
    piece = 0.022
    static_steps = EPOCHS[-1]
    question = N_("A rate ten times smaller: how many times more epochs does it need, and where does that rule end?")
    goal_texts = {
        "cheapest": N_("Goal: choose the cheapest setting: all {seeds} seeds solved, in the fewest epochs."),
    }
    facts = {"seeds": SEEDS}
    table = {
        "hidden": Control(N_("Hidden units"), slider=False),
        "scale": Control(N_("Initial scale"), step=0.5, slider=False),
        "activation": Control(N_("Activation"), options=ACTIVATIONS),
        "loss": Control(N_("Loss")),
        "rate": Control(N_("Your choice: learning rate"), words={rate: f"{rate:g}" for rate in RATES}),
        "epochs": Control(N_("epochs"), words={epochs: f"{epochs:,}" for epochs in EPOCHS}),
    }
    rows = (("train", "reset", "hidden", "activation", "loss", "scale"),)
    below = (("rate", "epochs"),)

    def make_view(self, canvas):
        view = View(canvas)
        canvas.hand.reading(view.axes, self._solved_at)
        return view

    def _solved_at(self, column, row):
        row, column = round(row), round(column)
        if not (0 <= row < len(RATES) and 0 <= column < len(EPOCHS)) or self.model.solved[row, column] < 0:
            return ""
        return say(
            "learning rate {rate:g}, {epochs:,} epochs: {solved} of {seeds} seeds solve XOR",
            rate=RATES[row],
            epochs=EPOCHS[column],
            solved=self.model.solved[row, column],
            seeds=SEEDS,
        )

    def make_buttons(self):
        tooltip = say("Train all networks of the map at once; press again to pause")
        return {
            "train": self.make_run_button(say("Train all"), tooltip),
            "reset": self.make_reset_button(say("Back to the initial weights")),
        }


class View:
    """The picture: one field for each learning rate (rows) and number of epochs (columns), with the count in it."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._solved = None
        with canvas.styled():
            self.axes = canvas.axes(110, 56, 800, 336)
            self.axes.grid(False)
            self.axes.set(xlabel=say("epochs"), ylabel=say("learning rate"))
            self.axes.set_title(say("Seeds that solve XOR, out of {seeds}", seeds=SEEDS))
            self.axes.set_xticks(range(len(EPOCHS)), [f"{epochs:,}" for epochs in EPOCHS])
            self.axes.set_yticks(range(len(RATES)), [f"{rate:g}" for rate in RATES])
            self.axes.tick_params(which="both", length=0)
            self.axes.set_xticks(np.arange(len(EPOCHS) - 1) + 0.5, minor=True)
            self.axes.set_yticks(np.arange(len(RATES) - 1) + 0.5, minor=True)
            self.axes.grid(which="minor", color="white", linewidth=2)
            self.axes.spines[["left", "bottom"]].set_visible(False)
            shape = (len(RATES), len(EPOCHS))
            self.axes.set_axisbelow(False)
            self.fields = self.axes.imshow(
                np.zeros(shape), cmap=COLOURS, vmin=0, vmax=SEEDS, aspect="auto", origin="lower"
            )
            self.counts = [
                [self.axes.text(j, i, "", ha="center", va="center", fontsize=11) for j in range(shape[1])]
                for i in range(shape[0])
            ]
            self.choice = canvas.line(self.axes, color=style.VERMILLION, linewidth=2.5)

    def show(self, model):
        if not np.array_equal(self._solved, model.solved):
            self._solved = model.solved.copy()
            self.fields.set_data(np.ma.masked_less(self._solved, 0))
            for texts, counts in zip(self.counts, self._solved, strict=True):
                for text, count in zip(texts, counts, strict=True):
                    text.set_text("\N{MIDDLE DOT}" if count < 0 else str(count))
                    text.set_color(style.GREY if count < 0 else "white" if count > 0.75 * SEEDS else style.BLACK)
            self.canvas.still_parts_changed()
        j, i = EPOCHS.index(model.settings["epochs"]), RATES.index(model.settings["rate"])
        x, y = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
        self.choice.set_data(j + 0.97 * x, i + 0.97 * y)
