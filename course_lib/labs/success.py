"""The map of success: which learning rates and numbers of epochs solve XOR, for how many of 30 seeds, filled in live."""

import numpy as np

from .. import datasets, functional
from ..layers import Dense, Sequential, stack
from ..optimizers import GradientDescent
from ..pictures import style
from ..text import N_, say
from ..training import Diverged, accuracy, replays
from . import base
from .base.buttons import Reset, Run
from .base.lab import Lab
from .base.model import LabModel, never
from .base.settings import Choice, Number
from .training.model import ACTIVATIONS

RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
EPOCHS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
SEEDS = 30
LOW, HIGH, MOST = 0.01, 0.5, 2000  # two rates and a number of epochs whose success the description tells
# name: (loss, activation of the output layer, output above which an example counts as class 1)
LOSSES = {
    N_("squared error"): (functional.half_squared_error, "sigmoid", 0.5),
    N_("cross-entropy"): (functional.binary_cross_entropy, "identity", 0.0),
}


class SuccessMap(LabModel):
    """How many of 30 seeds solve XOR, for each learning rate (rows) after each number of epochs (columns).

    solved    (rates, epochs) counts; -1 where training has not got to yet
    done      epochs so far
    rate, epochs (settings)   the field that the reader has chosen
    """

    declared = {
        "hidden": Number(1, 100, 4, whole=True, label=N_("Hidden units"), slider=False),
        "activation": Choice(tuple(functional.ACTIVATIONS), "sigmoid", label=N_("Activation"), choices=ACTIVATIONS),
        "loss": Choice(tuple(LOSSES), "squared error", label=N_("Loss")),
        "scale": Number(0.0, 100.0, 1.0, label=N_("Initial scale"), step=0.5, slider=False),
        "rate": Choice(RATES, 0.5, label=N_("Your choice: learning rate"), words={rate: f"{rate:g}" for rate in RATES}),
        "epochs": Choice(EPOCHS, 10_000, label=N_("epochs"), words={epochs: f"{epochs:,}" for epochs in EPOCHS}),
    }
    keeps_run = ("rate", "epochs")
    goals = ("cheapest",)

    def _start(self):
        """Back to the initial weights."""
        loss, output, self._threshold = LOSSES[self.settings["loss"]]
        one_rate = [self._network(seed, output) for seed in range(SEEDS)]
        self.x, self.y = datasets.xor()
        self.networks = stack(one_rate * len(RATES))
        self.solved = np.full((len(RATES), len(EPOCHS)), -1)
        self.done = 0
        optimizer = GradientDescent(np.repeat(RATES, SEEDS))  # one rate a network
        self._steps = replays(self.networks, (self.x, self.y), loss, optimizer)

    def _network(self, seed, output):
        hidden, activation, scale = (self.settings[name] for name in ("hidden", "activation", "scale"))
        rng = np.random.default_rng(seed)
        return Sequential(
            Dense(2, hidden, activation, rng=rng, scale=scale), Dense(hidden, 1, output, rng=rng, scale=scale)
        )

    @property
    def finished(self):
        return self.done >= EPOCHS[-1]

    def advance(self, steps=1, enough=never):
        """Train all networks for some epochs; fewer when the map is complete or `enough()` says so."""
        self._count()  # an interrupt may have come before it
        super().advance(steps, enough)

    def _step(self):
        with np.errstate(over="ignore", invalid="ignore"):
            if self._steps.epoch(None) is None:
                raise Diverged(self.done + 1, RATES[-1], None)
        self.done += 1
        self._count()

    def _count(self):
        """Fill the column of the map that is due, if one is."""
        if self.done in EPOCHS:
            right = accuracy(self.networks(self.x), self.y, self._threshold).reshape(len(RATES), SEEDS)
            self.solved[:, EPOCHS.index(self.done)] = (right == 1).sum(axis=1)

    def cheapest(self):
        """(rate, epochs) of the settings that solve all seeds in the fewest epochs known so far; [] when none does."""
        for epochs, solved in zip(EPOCHS, self.solved.T, strict=True):
            if SEEDS in solved:
                return [(rate, epochs) for rate, count in zip(RATES, solved, strict=True) if count == SEEDS]
        return []

    @property
    def good(self):
        """Whether the chosen field is one of the cheapest of the whole map."""
        return self.finished and (self.settings["rate"], self.settings["epochs"]) in self.cheapest()

    def at(self, rate, epochs):
        """Solved seeds at a rate after a number of epochs; -1 when not trained so far."""
        return int(self.solved[RATES.index(rate), EPOCHS.index(epochs)])

    def status(self):
        rate, epochs = self.settings["rate"], self.settings["epochs"]
        solved = self.at(rate, epochs)
        count = say("not trained so far")
        if solved >= 0:
            count = say("{solved} of {seeds} seeds solved", solved=solved, seeds=SEEDS)
        return say(
            "{epoch:,} of {total:,} epochs done for {networks} networks. Your choice, rate {rate:g} and {epochs:,} epochs "
            "(rate x epochs = {product:g}): {count}",
            epoch=self.done,
            total=EPOCHS[-1],
            networks=len(RATES) * SEEDS,
            rate=rate,
            epochs=epochs,
            product=rate * epochs,
            count=count,
        )

    def description(self):
        settings = say(
            "{hidden} hidden {activation} units, {loss}", **self.settings | {"loss": say(self.settings["loss"])}
        )
        cheapest = self.cheapest()
        best = say("no setting solves all {seeds} seeds", seeds=SEEDS)
        if cheapest:
            best = say(
                "all {seeds} seeds are solved after {epochs:,} epochs at rate {rates}, and no rate solves them all "
                "at a smaller number of epochs on the map",
                seeds=SEEDS,
                epochs=cheapest[0][1],
                rates=", ".join(f"{rate:g}" for rate, _ in cheapest),
            )
        return say(
            "Map of success, {settings}, after {epoch:,} epochs: rate {low:g} solves {slow} of {seeds} seeds in {most:,} "
            "epochs, rate {high:g} solves {good}; {best}.",
            settings=settings,
            epoch=self.done,
            low=LOW,
            slow=_count(self.at(LOW, MOST)),
            most=MOST,
            high=HIGH,
            good=_count(self.at(HIGH, MOST)),
            seeds=SEEDS,
            best=best,
        )


def _count(solved):
    return say("a number not known yet") if solved < 0 else solved


class SuccessLab(Lab):
    """The map of success, to be the last line of a cell. settings: hidden, activation, loss, scale of `SuccessMap`."""

    model_class = SuccessMap
    name = "success map"
    size = (960, 430)
    work_seconds = 0.022
    static_steps = EPOCHS[-1]
    question = N_("How many times more epochs does a rate ten times smaller need, and where does that rule end?")
    goal_texts = {
        "cheapest": N_("Goal: choose the cheapest setting, which solves all {seeds} seeds in the fewest epochs."),
    }
    facts = {"seeds": SEEDS}
    actions = {
        "train": Run(N_("Train all"), N_("Train all networks of the map at once; press again to pause")),
        "reset": Reset(N_("Back to the initial weights")),
    }
    rows = (("train", "reset", "rate", "epochs"), ("hidden", "activation", "loss", "scale"))

    def _choose(self, column, row):
        """The field that was clicked on."""
        last = len(EPOCHS) - 1  # the right edge of its field rounds to the next one
        self.model.configure(rate=RATES[round(row)], epochs=EPOCHS[min(round(column), last)])

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

    # The picture

    def make(self, canvas):
        """One field for each learning rate (rows) and number of epochs (columns), with the count in it."""
        from matplotlib.colors import LinearSegmentedColormap

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
        self.axes.set_axisbelow(False)
        most = base.artists.pale(style.GREEN, 0.6)  # on which the counts can be read on white and on dark paper
        colours = LinearSegmentedColormap.from_list("share", ("#FFFFFF", most)).with_extremes(bad="#EEEEEE")
        empty = np.zeros((len(RATES), len(EPOCHS)))
        self.fields = self.axes.imshow(empty, cmap=colours, vmin=0, vmax=SEEDS, aspect="auto", origin="lower")
        middle = {"ha": "center", "va": "center", "fontsize": 11}
        self.counts = [self.axes.text(j, i, "", **middle) for i, j in np.ndindex(empty.shape)]
        self.chosen = canvas.line(self.axes, color=style.VERMILLION, linewidth=2.5)
        canvas.hand.clicking(self.axes, self.safely(self.showing(self._choose)))
        canvas.hand.reading(self.axes, self._solved_at)

    def show(self):
        model = self.model
        if self.canvas.differs("solved", model.solved.tobytes()):
            self.fields.set_data(np.ma.masked_less(model.solved, 0))
            for text, count in zip(self.counts, model.solved.ravel(), strict=True):
                text.set_text("\N{MIDDLE DOT}" if count < 0 else str(count))
                text.set_color(style.GREY if count < 0 else style.BLACK)
            self.canvas.still_parts_changed()
        j, i = EPOCHS.index(model.settings["epochs"]), RATES.index(model.settings["rate"])
        x, y = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5, -0.5])
        self.chosen.set_data(j + 0.97 * x, i + 0.97 * y)
