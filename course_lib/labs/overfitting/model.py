"""Over-fitting: a network of chosen size on a chosen number of noisy points, its training and its validation loss."""

import numpy as np

from ... import functional
from ...layers import Dense, Dropout, Sequential
from ...optimizers import Adam
from ...text import say
from ...training import History, train
from ..panel.checks import changed, check_numbers, yes

LIMITS = {
    "hidden": (1, 100),
    "examples": (5, 200),
    "noise": (0.0, 1.0),
    "weight_decay": (0.0, 3.0),
    "dropout": (0.0, 0.8),
}
RATE, EPOCHS, SCALE = 0.01, 3000, 3.0  # of Adam; of a run; of the first layer's initial weights: bends to begin with
VALIDATION = 200  # points
GRID = np.linspace(-1, 1, 161)[:, None]
GOALS = (0.15, 0.12)  # validation losses


class OverfittingModel:
    """A 1-h-1 network with tanh learns y = sin(pi x) + noise, x from -1 to 1, by Adam at rate 0.01 for 3,000 epochs.

    hidden         units                          examples   points to learn from (200 more are for validation)
    noise          standard deviation of the noise, in both parts
    weight_decay   as in `Optimizer`              dropout    share of hidden units that are switched off in a step
    """

    def __init__(self, hidden=60, examples=20, noise=0.3, weight_decay=0.0, dropout=0.0, seed=7):
        self.settings = {
            "hidden": hidden,
            "examples": examples,
            "noise": noise,
            "weight_decay": weight_decay,
            "dropout": dropout,
        }
        self.seed = seed
        self.found = set()
        self.configure()

    def configure(self, **changes):
        """Change settings and start anew. Raises ValueError for values outside of LIMITS or an unknown name."""
        settings = changed(self.settings, changes)
        check_numbers(settings, LIMITS, whole=["hidden", "examples"])
        self.settings = settings
        self.reset()

    def new_data(self):
        """Other points and other initial weights."""
        self.seed += 1
        self.reset()

    def reset(self):
        """Back to the initial weights; the points depend on seed, examples and noise alone."""
        rng, s = np.random.default_rng(self.seed), self.settings
        noise = np.random.default_rng([self.seed, 1])
        self.x = np.random.default_rng([self.seed, 2]).uniform(-1, 1, (s["examples"], 1))
        self.y = target(self.x) + s["noise"] * noise.normal(size=self.x.shape)
        self.x_validation = np.linspace(-1, 1, VALIDATION)[:, None]
        self.y_validation = target(self.x_validation) + s["noise"] * noise.normal(size=(VALIDATION, 1))
        self.model = Sequential(
            Dense(1, s["hidden"], "tanh", rng=rng, scale=SCALE),
            Dropout(s["dropout"], rng=rng),
            Dense(s["hidden"], 1, rng=rng),
        )
        self.epochs, self.training, self.validation = [], [], []
        self.best = None  # (validation loss, epoch, the weights then)
        self.shown_best = False
        self._optimizer, self._history = Adam(RATE, weight_decay=s["weight_decay"]), History()
        self._note()
        self._run = self._train()

    def _train(self):
        """The generator of epochs. It could run beyond the last one; `advance` stops asking."""
        return train(
            self.model,
            (self.x, self.y),
            loss=functional.mean_squared_error,
            optimizer=self._optimizer,
            epochs=EPOCHS,
            history=self._history,
        )

    @property
    def epoch(self):
        return self.epochs[-1]

    @property
    def finished(self):
        return self.epoch >= EPOCHS or self.shown_best

    def advance(self, enough):
        """Train until `enough()` says so, or to the end; the losses are noted at every tenth epoch, at first oftener."""
        while not self.finished and not enough():
            every = 1 if self.epoch < 20 else 10
            try:
                while next(self._run).epoch % every:
                    pass
            except BaseException:  # interrupted within an epoch: the next call goes on after the last whole one
                self._run = self._train()
                raise
            self._note()
        self._register()

    def back_to_best(self):
        """The weights of the lowest validation loss so far: what early stopping keeps."""
        for parameter, value in zip(self.model.parameters, self.best[2], strict=True):
            parameter.value[...] = value
        self.shown_best = True
        self._register()

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
        self.epochs.append(len(self._history))
        self.training.append(losses[0])
        self.validation.append(losses[1])
        if self.best is None or losses[1] < self.best[0]:
            self.best = (losses[1], self.epoch, [p.value.copy() for p in self.model.parameters])

    def _register(self):
        s = self.settings
        hard = s["examples"] <= 20 and s["noise"] >= 0.3
        if hard and self.epoch >= EPOCHS and self.validation[-1] < GOALS[0]:
            self.found.add(GOALS[0])
        plain = s["weight_decay"] == 0 and s["dropout"] == 0 and s["hidden"] >= 60
        if plain and hard and self.shown_best and self.best[0] < GOALS[1]:
            self.found.add(GOALS[1])

    def sentence(self):
        train_loss, validation_loss = self.losses()
        where = (
            say("Back at epoch {epoch:,}", epoch=self.best[1])
            if self.shown_best
            else say("Epoch {epoch:,}", epoch=self.epoch)
        )
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
            "{examples} noisy points and a network of {hidden} units. After {epochs:,} epochs the training loss is "
            "below the noise of {noise:.2f}: {below}. The validation loss has risen again to at least 1.5 times its "
            "lowest value: {rose}; that was before epoch 1,000: {early}.",
            examples=self.settings["examples"],
            hidden=self.settings["hidden"],
            epochs=EPOCHS,
            noise=self.settings["noise"] ** 2,
            below=yes(self.training[-1] < self.settings["noise"] ** 2),
            rose=yes(risen >= 1.5),
            early=yes(self.best[1] < 1000),
        )


def target(x):
    return np.sin(np.pi * x)
