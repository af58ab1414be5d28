"""The map of success: which learning rates and numbers of epochs solve XOR, for how many of 30 seeds, filled in live."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ...pictures import style
from ...text import say
from ..panel.base import column, row
from ..panel.canvas import Canvas
from ..panel.picture import PictureLab
from ..training.model import ACTIVATIONS
from .model import EPOCHS, LOSSES, RATES, SEEDS, SuccessMap

SIZE = (960, 430)
COLOURS = LinearSegmentedColormap.from_list("share", ("#FFFFFF", style.GREEN)).with_extremes(bad="#EEEEEE")


def success_map(name="success map", **settings):
    """The map of success, to be the last line of a cell. settings: hidden, activation, loss, scale of `SuccessMap`."""
    return SuccessLab(SuccessMap(**settings), name)


class SuccessLab(PictureLab):
    """Controls and picture of a `SuccessMap`."""

    size = SIZE
    piece = 0.022

    def __init__(self, model, name):
        self.chosen = (0.5, 10_000)
        super().__init__(model, name)

    def make_view(self, canvas):
        return View(canvas)

    def refresh(self):
        self.view.show(self.model, self.chosen)
        self.canvas.draw()
        self.status(self._status(), good=self._reached())
        goal = say("Goal: choose the cheapest setting: all {seeds} seeds solved, in the fewest epochs.", seeds=SEEDS)
        self.goals(
            say("A rate ten times smaller: how many times more epochs does it need, and where does that rule end?"),
            [(goal, self._reached())],
        )
        self.show_run_button()

    def static(self):
        model = SuccessMap(**self.model.settings)
        model.advance()
        canvas = Canvas(*SIZE)
        View(canvas).show(model, self.chosen)
        return canvas.frame(), model.description()

    def _reached(self):
        return self.model.finished and self.chosen in self.model.cheapest()

    def _status(self):
        rate, epochs = self.chosen
        solved = self.model.at(rate, epochs)
        count = (
            say("not trained so far")
            if solved < 0
            else say("{solved} of {seeds} seeds solved", solved=solved, seeds=SEEDS)
        )
        return say(
            "{epoch:,} of {total:,} epochs done for {networks} networks. Your choice, rate {rate:g} and {epochs:,} epochs "
            "(rate x epochs = {product:g}): {count}",
            epoch=self.model.epoch,
            total=EPOCHS[-1],
            networks=len(RATES) * SEEDS,
            rate=rate,
            epochs=epochs,
            product=rate * epochs,
            count=count,
        )

    def make_controls(self):
        settings = self.model.settings
        self.controls = {
            "hidden": self.number(say("Hidden units"), settings["hidden"], (1, 8), self._setting("hidden"), whole=True,
                                  slider=False),
            "scale": self.number(say("Initial scale"), settings["scale"], (0.0, 10.0), self._setting("scale"), step=0.5,
                                 slider=False),
            "activation": self.choice(say("Activation"), settings["activation"], {a: a for a in ACTIVATIONS},
                                      self._setting("activation")),
            "loss": self.choice(say("Loss"), settings["loss"], {say(loss): loss for loss in LOSSES},
                                self._setting("loss")),
            "rate": self.choice(say("Your choice: learning rate"), self.chosen[0],
                                {f"{rate:g}": rate for rate in RATES}, lambda rate: self._choose(rate, self.chosen[1])),
            "epochs": self.choice(say("epochs"), self.chosen[1], {f"{epochs:,}": epochs for epochs in EPOCHS},
                                  lambda epochs: self._choose(self.chosen[0], epochs)),
        }  # fmt: skip
        train = self.make_run_button(
            say("Train all"), say("Train all networks of the map at once; press again to pause")
        )
        self.buttons = {
            "train": train,
            "reset": self.make_reset_button(say("Back to the initial weights")),
        }
        c, b = self.controls, self.buttons
        self.panel = column(
            self.goal_line,
            row(b["train"], b["reset"], c["hidden"], c["activation"], c["loss"], c["scale"]),
            self.canvas.image,
            row(c["rate"], c["epochs"]),
            self.status_line,
            self.error_line,
        )

    def _choose(self, rate, epochs):
        self.chosen = (rate, epochs)
        self.redraw()


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

    def show(self, model, chosen):
        if not np.array_equal(self._solved, model.solved):
            self._solved = model.solved.copy()
            self.fields.set_data(np.ma.masked_less(self._solved, 0))
            for texts, counts in zip(self.counts, self._solved, strict=True):
                for text, count in zip(texts, counts, strict=True):
                    text.set_text("\N{MIDDLE DOT}" if count < 0 else str(count))
                    text.set_color(style.GREY if count < 0 else "white" if count > 0.75 * SEEDS else style.BLACK)
            self.canvas.still_parts_changed()
        j, i = EPOCHS.index(chosen[1]), RATES.index(chosen[0])
        x, y = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
        self.choice.set_data(j + 0.97 * x, i + 0.97 * y)
