"""The CNN lab without its face: a small convolutional network in training, a batch at a time, and what it sees."""

import math

import numpy as np

from ... import functional, ops, optimizers
from ...datasets import digits
from ...layers import Conv2D, Dense, Flatten, MaxPool2D, Sequential
from ...text import N_, say
from ...training import accuracy, replays, shuffled
from ..base.model import LabModel
from ..base.settings import Choice, Number

OPTIMIZERS = ("Adam", "Momentum", "RMSProp", "GradientDescent")
BATCH = 64
CLASSES, SMOOTHING = 10, 0.1
LOWEST_LOSS = -sum(q * math.log(q) for q in [0.91] + 9 * [0.01])  # even with the probabilities that are asked for
GOAL = 0.95  # validation accuracy
GOALS = {"quick": (None, 40), "plain descent": ("GradientDescent", 60)}  # optimizer (None: any), steps to that accuracy
VALIDATION = 239  # images
EVERY = 5  # steps from one look at the validation part to the next
DIVERGED_LOSS = 1000.0


def small_cnn(rng):
    """The network of chapter 6a: two convolutions, pooling, a dense layer; 9,930 parameters, float32."""
    options = {"rng": rng, "dtype": np.float32}
    return Sequential(
        Conv2D(1, 16, activation="relu", **options),
        Conv2D(16, 32, activation="relu", **options),
        MaxPool2D(2),
        Flatten(),
        Dense(512, CLASSES, **options),
    )


def smoothed_cross_entropy(logits, labels):
    """Softmax with cross-entropy whose target is 0.91 for the right class and 0.01 for each other (label smoothing).

    logits z (batch, classes), labels (batch,). With the target q = 0.9 one_hot + 0.1 / classes, the loss -sum of q log p
    is the plain one plus 0.1 (z[label] - mean of z). Source: Szegedy et al. (2016).
    """
    one_hot = (labels[:, None] == np.arange(CLASSES)).astype(np.float32)
    extra = ops.sum(logits * (one_hot - np.float32(1 / CLASSES)))
    return functional.softmax_cross_entropy(logits, labels) + extra * (SMOOTHING / len(labels))


def _loss_of_a_step(logits, labels):
    """The same; infinite, so that the step is not taken, where it counts as diverged."""
    loss = smoothed_cross_entropy(logits, labels)
    return loss + np.where(loss.value < DIVERGED_LOSS, np.float32(0), np.float32(np.inf))


class CNNModel(LabModel):
    """A convolutional network in training on the digits.

    rate         the learning rate of the next step; it may change on the way
    step         steps done, of `steps`                    losses        loss of each step's batch, before the step
    validations  list of (step, accuracy on the validation part)
    ghosts       the last three runs, each a list like `validations`
    digit        (setting) which validation image is looked at
    records      optimizer -> fewest steps to a validation accuracy of GOAL, of all runs
    problem      "" or the sentence that says why the run stopped
    """

    declared = {
        "optimizer": Choice(OPTIMIZERS, "Adam"),
        "seed": Number(0, 9999, 1, whole=True),
        "epochs": Number(1, 40, 10, whole=True),
        "digit": Number(0, VALIDATION - 1, 0, whole=True),
        "rate": Number(1e-4, 3.0, 0.01, says=N_("learning rate")),
    }
    gentle, live = ("epochs", "digit"), {"rates": "rate"}
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self.train_part, self.validation_part, _ = digits()
        self.steps_per_epoch = math.ceil(len(self.train_part[1]) / BATCH)
        self.ghosts, self.records, self.step = [], {}, 0
        super().__init__(**settings)

    @property
    def rate(self):
        return self.settings["rate"]

    def _start(self):
        if self.step > EVERY:
            self.ghosts = [*self.ghosts, self.validations][-3:]
        self.problem, self.step, self.losses = "", 0, []
        self.rng = np.random.default_rng(self.settings["seed"])
        self.network = small_cnn(self.rng)
        self.optimizer = getattr(optimizers, self.settings["optimizer"])(self.rate)
        self._steps = replays(self.network, self.train_part, _loss_of_a_step, self.optimizer)
        self._batches = iter(())
        self.validations = []
        self._validate()

    # Training

    @property
    def steps(self):
        return self.settings["epochs"] * self.steps_per_epoch

    @property
    def finished(self):
        """Whether nothing is left to do: all epochs are done, or the run diverged."""
        return bool(self.problem) or self.step >= self.steps

    @property
    def done(self):
        return self.step

    def _step(self):
        batch = next(self._batches, None)
        if batch is None:
            self._batches = shuffled(len(self.train_part[1]), BATCH, self.rng)
            batch = next(self._batches)
        self.optimizer.learning_rate = self.rate
        with np.errstate(over="ignore", invalid="ignore"):
            value = self._steps.take(batch)
            if not math.isfinite(value):
                x, labels = (part[batch] for part in self.train_part)
                self.problem = say(
                    "diverged at step {step}: the loss has grown to {loss:.0f}; try a learning rate smaller than {rate:g}",
                    step=self.step,
                    loss=float(smoothed_cross_entropy(self.network(x), labels)),
                    rate=max(self.used("rate")),
                )
                return
        self.losses.append(value)
        self.step += 1
        if self.step % EVERY == 0 or self.step == self.steps:
            self._validate()

    def _validate(self):
        x, labels = self.validation_part
        with np.errstate(over="ignore", invalid="ignore"):
            self.accuracy = float(accuracy(self.network(x), labels))
        self.validations.append((self.step, self.accuracy))
        name = self.settings["optimizer"]
        if self.accuracy >= GOAL and self.step < self.records.get(name, math.inf):
            self.records[name] = self.step

    def record(self, optimizer):
        """The fewest steps to a validation accuracy of GOAL, with an optimizer, or with any (None); else infinity."""
        records = self.records
        return min(records.values(), default=math.inf) if optimizer is None else records.get(optimizer, math.inf)

    def _reached_now(self):
        return [goal for goal, (optimizer, steps) in GOALS.items() if self.record(optimizer) <= steps]

    @property
    def good(self):
        return self.accuracy >= GOAL

    @property
    def bad(self):
        return bool(self.problem)

    # Looking

    def kernels(self):
        """The kernels of the first convolution, (16, 3, 3)."""
        return np.moveaxis(self.network.layers[0].W.value[:, :, 0], -1, 0)

    def image(self):
        """The image that is looked at, (8, 8), and its label."""
        x, labels = self.validation_part
        return x[self.settings["digit"], :, :, 0], int(labels[self.settings["digit"]])

    def look(self):
        """(feature maps of the first convolution (16, 8, 8), probabilities (10,)) for the image that is looked at."""
        x, _ = self.validation_part
        with np.errstate(over="ignore", invalid="ignore"):
            maps = self.network.layers[0](x[self.settings["digit"] : self.settings["digit"] + 1])
            hidden = maps
            for layer in self.network.layers[1:]:
                hidden = layer(hidden)
            return np.moveaxis(maps.value[0], -1, 0), ops.softmax(hidden).value[0]

    def status(self):
        """One sentence: where the run stands."""
        if self.problem:
            return self.problem
        epoch = math.ceil(self.step / self.steps_per_epoch)
        loss = say("loss of the last batch {loss:.3f}", loss=self.losses[-1]) if self.losses else say("no batch so far")
        return say(
            "step {step} of {steps} (epoch {epoch}): {loss}, validation accuracy {accuracy:.1%}, learning rate {rate}",
            step=self.step,
            steps=max(self.steps, self.step),  # fewer epochs may be asked for than are done
            epoch=epoch,
            loss=loss,
            accuracy=self.accuracy,
            rate=self.told("rate"),
        )

    def description(self):
        """The facts of the picture in words. The accuracy is rounded down to 5 %: its last digits differ between machines."""
        (_, label), (maps, probabilities) = self.image(), self.look()
        return say(
            "CNN lab after {step} steps with {optimizer}, seed {seed}: validation accuracy at least {accuracy:.0%}. Left: "
            "the loss of each batch and the validation accuracy, by epoch. Right: the {kernels} kernels of the first "
            "convolution; a handwritten {label}; its {maps} feature maps; and the {classes} probabilities.",
            step=self.step,
            optimizer=self.settings["optimizer"],
            seed=self.settings["seed"],
            accuracy=math.floor(self.accuracy * 20) / 20,
            kernels=len(self.kernels()),
            label=label,
            maps=len(maps),
            classes=len(probabilities),
        )
