"""The over-fitting lab: the fitted curve, and training against validation loss, while the network trains."""

import numpy as np

from .. import functional
from ..layers import Dense, Dropout, Sequential
from ..optimizers import Adam
from ..pictures import style
from ..text import N_, against, say
from ..training import replays
from .base.buttons import Button, Run
from .base.lab import Grid, Lab
from .base.model import LabModel
from .base.settings import Choice, Number
from .base.words import yes

RATE, EPOCHS, SCALE = 0.01, 3000, 3.0  # of Adam; of a run; of the first layer's initial weights: bends to begin with
VALIDATION = 200  # points
GRID = np.linspace(-1, 1, 161)[:, None]
GOALS = {"trained to the end": 0.15, "stopped early": 0.12}  # validation losses


class OverfittingModel(LabModel):
    """A 1-h-1 network with tanh learns y = sin(pi x) + noise, x from -1 to 1, by Adam at rate 0.01 for 3,000 epochs.

    hidden         units                          examples   points to learn from (200 more are for validation)
    noise          standard deviation of the noise, in both parts
    weight_decay   as in `Optimizer`              dropout    share of hidden units that are switched off in a step
    """

    declared = {
        "hidden": Number(1, 100, 60, whole=True, label=N_("Hidden units")),
        "examples": Number(5, 200, 20, whole=True, label=N_("Points")),
        "noise": Number(0.0, 1.0, 0.3, label=N_("Noise"), step=0.05, slider=False),
        "weight_decay": Number(0.0, 3.0, 0.0, label=N_("Weight decay"), step=0.1, slider=False),
        "dropout": Number(0.0, 0.8, 0.0, label=N_("Dropout"), step=0.1, slider=False),
        "seed": Number(0, 9999, 7, whole=True),
    }
    goals = tuple(GOALS)
    persisted = {"back": Choice((True,), None)}

    def _start(self):
        """The initial weights; the points depend on seed, examples and noise alone."""
        rng, s = np.random.default_rng(self.settings["seed"]), self.settings
        noise = np.random.default_rng([s["seed"], 1])
        self.x = np.random.default_rng([s["seed"], 2]).uniform(-1, 1, (s["examples"], 1))
        self.y = target(self.x) + s["noise"] * noise.normal(size=self.x.shape)
        self.x_validation = np.linspace(-1, 1, VALIDATION)[:, None]
        self.y_validation = target(self.x_validation) + s["noise"] * noise.normal(size=(VALIDATION, 1))
        self.model = Sequential(
            Dense(1, s["hidden"], "tanh", rng=rng, scale=SCALE),
            Dropout(s["dropout"], rng=rng),
            Dense(s["hidden"], 1, rng=rng),
        )
        self._trained, self.epochs, self.training, self.validation = 0, [], [], []
        self.best = None  # (validation loss, epoch, the weights then)
        self.shown_best = self._goes_back = False
        optimizer = Adam(RATE, weight_decay=s["weight_decay"])
        self._steps = replays(self.model, (self.x, self.y), functional.mean_squared_error, optimizer)
        self._note()

    @property
    def epoch(self):
        """At which the losses were noted last."""
        return self.epochs[-1]

    @property
    def finished(self):
        return self.epoch >= EPOCHS or self.shown_best

    @property
    def done(self):
        """How often the losses have been noted: after each of the first 20 epochs, then at every tenth."""
        return len(self.epochs) - 1

    def _step(self):
        """Train until the losses are noted again."""
        every = 1 if self.epoch < 20 else 10
        while self._trained == self.epoch or self._trained % every:  # fewer epochs after an interrupt
            self._steps.epoch(None)
            self._trained += 1
        self._note()

    def back_to_best(self):
        """The weights of the lowest validation loss so far: what early stopping keeps."""
        for parameter, value in zip(self.model.parameters, self.best[2], strict=True):
            parameter.value[...] = value
        self.shown_best = True

    @property
    def back(self):
        """True after `back_to_best`, None before: part of the state, and made good once the run is repeated."""
        return True if self.shown_best else None

    @back.setter
    def back(self, _):
        self._goes_back = True

    def _advanced(self):
        if self._goes_back and not self.behind:
            self.back_to_best()

    def losses(self):
        """(training, validation) of the network as it is shown."""
        if not self.shown_best:
            return self.training[-1], self.validation[-1]
        place = self.epochs.index(self.best[1])
        return self.training[place], self.validation[place]

    def curve(self):
        return self.model(GRID).value[:, 0]

    def best_curve(self):
        """The curve of the weights of the lowest validation loss."""
        W1, b1, W2, b2 = self.best[2]
        return (np.tanh(GRID @ W1 + b1) @ W2 + b2)[:, 0]

    def _note(self):
        losses = [
            float(np.mean((self.model(x).value - y) ** 2))
            for x, y in ((self.x, self.y), (self.x_validation, self.y_validation))
        ]
        self.epochs.append(self._trained)
        self.training.append(losses[0])
        self.validation.append(losses[1])
        if self.best is None or losses[1] < self.best[0]:
            self.best = (losses[1], self.epoch, [p.value.copy() for p in self.model.parameters])

    def _reached_now(self):
        s, reached = self.settings, []
        hard = s["examples"] <= 20 and s["noise"] >= 0.3
        if hard and self.epoch >= EPOCHS and self.validation[-1] < GOALS["trained to the end"]:
            reached.append("trained to the end")
        plain = s["weight_decay"] == 0 and s["dropout"] == 0 and s["hidden"] >= 60
        if plain and hard and self.shown_best and self.best[0] < GOALS["stopped early"]:
            reached.append("stopped early")
        return reached

    @property
    def good(self):
        return self.losses()[1] < GOALS["trained to the end"]

    def status(self):
        train_loss, validation_loss = self.losses()
        where = say("Epoch {epoch:,}", epoch=self.epoch)
        if self.shown_best:
            where = say("Back at epoch {epoch:,}", epoch=self.best[1])
        return say(
            "{where}: training loss {train:.3f}, validation loss {validation:.3f}, {ratio:.1f} times as large; lowest "
            "so far {best:.3f} at epoch {at:,}; the noise alone gives {noise:.3f}.",
            where=where,
            train=train_loss,
            validation=validation_loss,
            ratio=validation_loss / train_loss,
            best=self.best[0],
            at=self.best[1],
            noise=self.settings["noise"] ** 2,
        )

    def description(self):
        """After a whole run: what happened, in numbers so coarse that they are the same on every machine."""
        risen = self.validation[-1] / self.best[0]
        return say(
            "{examples} noisy points and a network of {hidden} units. Is the training loss below the noise of "
            "{noise:.2f} after {epochs:,} epochs? The answer is {below}. The number of the epoch with the lowest "
            "validation loss is {early}, and the validation loss at the end, divided by that lowest one, is {rose}.",
            examples=self.settings["examples"],
            hidden=self.settings["hidden"],
            epochs=EPOCHS,
            noise=self.settings["noise"] ** 2,
            below=yes(self.training[-1] < self.settings["noise"] ** 2),
            early=against(self.best[1], 1000, ","),
            rose=against(risen, 1.5),
        )


def target(x):
    return np.sin(np.pi * x)


class OverfittingLab(Lab):
    """The over-fitting lab, to be the last line of a cell.

    settings: hidden, examples, noise, weight_decay, dropout, seed of `OverfittingModel`.
    """

    model_class = OverfittingModel
    name = "over-fitting"
    size = (960, 340)
    work_seconds = 0.014  # seconds of training in a frame
    static_steps = EPOCHS
    question = N_("What helps most here: fewer units, weight decay, dropout, stopping early, or more points?")
    goal_texts = {
        "trained to the end": N_(
            "Goal: with 20 points and noise 0.3, train all {epochs:,} epochs and end with a validation "
            "loss below {low:g}."
        ),
        "stopped early": N_(
            "Goal: with the same points and 60 units or more, but without weight decay and dropout, end "
            "below {lower:g}."
        ),
    }
    facts = {"epochs": EPOCHS, "low": GOALS["trained to the end"], "lower": GOALS["stopped early"]}
    actions = {
        "train": Run(N_("Train"), N_("Train for {epochs:,} epochs; press again to pause")),
        "best": Button(
            N_("Back to the best epoch"),
            "back_to_best",
            N_("Take the weights of the lowest validation loss: early stopping"),
            off=lambda model: model.epoch == 0 or model.shown_best,
        ),
        "data": Button(N_("New points"), "new_start", N_("Other points, other weights")),
    }
    rows = (("train", "best", "data"), ("hidden", "examples"), Grid(("noise", "weight_decay", "dropout")))

    # The picture

    def make(self, canvas):
        """Points and curves on the left, losses against epochs on the right."""
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
        self.held_out = canvas.line(fit, linestyle="", marker=".", markersize=3.5, color=style.VERMILLION)
        self.points = canvas.line(fit, linestyle="", marker="o", markersize=6, color=style.BLUE)
        self.best = canvas.line(fit, "--", color=style.GREEN, linewidth=1.8)
        self.curve = canvas.line(fit, "-", color=style.BLACK)
        for marker, line, colour, label in (
            ("o", "", style.BLUE, say("training points")),
            (".", "", style.VERMILLION, say("validation")),
            ("", "-", style.BLACK, say("network")),
            ("", "--", style.GREEN, say("at the best epoch")),
        ):
            fit.plot([], [], marker=marker or None, linestyle=line, color=colour, label=label)
        fit.legend(loc="upper left", fontsize=9, ncols=2, handlelength=1.5, columnspacing=1, borderaxespad=0.1)
        self.floor = canvas.line(self.losses, color=style.GREY, linestyle=":", linewidth=1.6)
        self.training = canvas.line(self.losses, color=style.BLUE, label=say("training"))
        self.validation = canvas.line(self.losses, "--", color=style.VERMILLION, label=say("validation"))
        self.mark = canvas.line(self.losses, linestyle="", marker="*", markersize=14, color=style.GREEN)
        self.losses.plot([], [], ":", color=style.GREY, label=say("noise alone"))
        self.losses.legend(loc="lower left", fontsize=9)

    def show(self):
        model = self.model
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
