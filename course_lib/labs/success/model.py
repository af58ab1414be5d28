"""The map of success without its face: many networks, many learning rates, trained all at once as one stack."""

import numpy as np

from ... import datasets, functional
from ...layers import Dense, Sequential, stack
from ...optimizers import GradientDescent
from ...text import N_, say
from ...training import History, accuracy, train
from ..base.model import LabModel, never
from ..base.settings import Choice, Number

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
    epoch     epochs done
    rate, epochs (settings)   the field that the reader has chosen
    """

    declared = {
        "hidden": Number(1, 100, 4, whole=True),
        "activation": Choice(tuple(functional.ACTIVATIONS), "sigmoid"),
        "loss": Choice(tuple(LOSSES), "squared error"),
        "scale": Number(0.0, 100.0, 1.0),
        "rate": Choice(RATES, 0.5),
        "epochs": Choice(EPOCHS, 10_000),
    }
    gentle = ("rate", "epochs")
    goals = ("cheapest",)

    def _start(self):
        """Back to the initial weights."""
        _, output, self._threshold = LOSSES[self.settings["loss"]]
        one_rate = [self._network(seed, output) for seed in range(SEEDS)]
        self.x, self.y = datasets.xor()
        self.networks = stack(one_rate * len(RATES))
        self.solved = np.full((len(RATES), len(EPOCHS)), -1)
        self.epoch = 0
        self._optimizer = GradientDescent(np.repeat(RATES, SEEDS))  # one rate a network
        self._history = History()
        self._epochs = self._train()

    def _train(self):
        """The generator of epochs. It could run beyond the last one; `advance` stops asking."""
        loss, *_ = LOSSES[self.settings["loss"]]
        return train(
            self.networks,
            (self.x, self.y),
            loss=loss,
            optimizer=self._optimizer,
            epochs=EPOCHS[-1],
            history=self._history,
            replay=True,
        )

    def _network(self, seed, output):
        hidden, activation, scale = (self.settings[name] for name in ("hidden", "activation", "scale"))
        rng = np.random.default_rng(seed)
        return Sequential(
            Dense(2, hidden, activation, rng=rng, scale=scale), Dense(hidden, 1, output, rng=rng, scale=scale)
        )

    @property
    def finished(self):
        return self.epoch >= EPOCHS[-1]

    @property
    def done(self):
        return self.epoch

    def advance(self, steps=1, enough=never):
        """Train all networks for some epochs; fewer when the map is complete or `enough()` says so."""
        self._count()  # an interrupt may have come before it
        super().advance(steps, enough)

    def _step(self):
        try:
            self.epoch = next(self._epochs).epoch
        except BaseException:  # interrupted within an epoch: the next call goes on after the last whole one
            self._epochs = self._train()
            raise
        self._count()

    def _count(self):
        """Fill the column of the map that is due, if one is."""
        if self.epoch in EPOCHS:
            right = accuracy(self.networks(self.x), self.y, self._threshold).reshape(len(RATES), SEEDS)
            self.solved[:, EPOCHS.index(self.epoch)] = (right == 1).sum(axis=1)

    def cheapest(self):
        """(rate, epochs) of the settings that solve all seeds in the fewest epochs known so far; [] when none does."""
        everywhere = self.solved == SEEDS
        columns = np.flatnonzero(everywhere.any(axis=0))
        return (
            [(RATES[row], EPOCHS[columns[0]]) for row in np.flatnonzero(everywhere[:, columns[0]])]
            if len(columns)
            else []
        )

    @property
    def good(self):
        """Whether the chosen field is one of the cheapest of the whole map."""
        return self.finished and (self.settings["rate"], self.settings["epochs"]) in self.cheapest()

    def _reached_now(self):
        return self.goals if self.good else ()

    def at(self, rate, epochs):
        """Solved seeds at a rate after a number of epochs; -1 when not trained so far."""
        return int(self.solved[RATES.index(rate), EPOCHS.index(epochs)])

    def status(self):
        rate, epochs = self.settings["rate"], self.settings["epochs"]
        solved = self.at(rate, epochs)
        count = (
            say("not trained so far")
            if solved < 0
            else say("{solved} of {seeds} seeds solved", solved=solved, seeds=SEEDS)
        )
        return say(
            "{epoch:,} of {total:,} epochs done for {networks} networks. Your choice, rate {rate:g} and {epochs:,} epochs "
            "(rate x epochs = {product:g}): {count}",
            epoch=self.epoch,
            total=EPOCHS[-1],
            networks=len(RATES) * SEEDS,
            rate=rate,
            epochs=epochs,
            product=rate * epochs,
            count=count,
        )

    def description(self):
        """The facts of the map in words."""
        settings = say(
            "{hidden} hidden {activation} units, {loss}", **self.settings | {"loss": say(self.settings["loss"])}
        )
        cheapest = self.cheapest()
        if not cheapest:
            best = say("no setting solves all {seeds} seeds", seeds=SEEDS)
        else:
            best = say(
                "all {seeds} seeds are solved after {epochs:,} epochs at rate {rates}, and in no fewer",
                seeds=SEEDS,
                epochs=cheapest[0][1],
                rates=", ".join(f"{rate:g}" for rate, _ in cheapest),
            )
        return say(
            "Map of success, {settings}, after {epoch:,} epochs: rate {low:g} solves {slow} of {seeds} seeds in {most:,} "
            "epochs, rate {high:g} solves {good}; {best}.",
            settings=settings,
            epoch=self.epoch,
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
