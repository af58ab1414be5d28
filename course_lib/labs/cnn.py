"""The CNN lab: train a small convolutional network on digits, and watch kernels, feature maps and curves while it learns."""

import math

import numpy as np

from .. import functional, ops, optimizers
from ..datasets import digits
from ..layers import Conv2D, Dense, Flatten, MaxPool2D, Sequential
from ..pictures import style
from ..text import N_, say
from ..training import accuracy, replays
from . import base
from .base.buttons import Button, Reset, Run
from .base.curves import show_ghosts
from .base.lab import Lab
from .base.model import BatchModel
from .base.settings import Choice, Number

OPTIMIZERS = (
    "Adam",
    *(name for name in optimizers.OPTIMIZERS if name not in ("Adam", "GradientDescent")),
    "GradientDescent",
)
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


class CNNModel(BatchModel):
    """A convolutional network in training on the digits.

    rate         the learning rate of the next step; it may change on the way
    step         steps done, of `steps`
    validations  list of (step, accuracy on the validation part)
    ghosts       the last three runs, each a list like `validations`
    digit        (setting) which validation image is looked at
    records      optimizer -> fewest steps to a validation accuracy of GOAL, of all runs
    """

    declared = {
        "optimizer": Choice(
            OPTIMIZERS, "Adam", label=N_("Optimizer"), words={"GradientDescent": N_("gradient descent")}
        ),
        "seed": Number(0, 9999, 1, whole=True, label=N_("Seed"), slider=False),
        "epochs": Number(1, 40, 10, whole=True, label=N_("Epochs"), slider=False),
        "digit": Number(0, VALIDATION - 1, 0, whole=True, label=N_("Image shown"), slider=False),
        "rate": Number(1e-4, 3.0, 0.01, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
    }
    keeps_run, live = ("epochs", "digit"), {"rates": "rate"}
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self.train_part, self.validation_part, _ = digits()
        self.steps_per_epoch = math.ceil(len(self.train_part[1]) / BATCH)
        self.ghosts, self.records, self.losses = [], {}, []
        super().__init__(**settings)

    @property
    def rate(self):
        return self.settings["rate"]

    def _start(self):
        if self.done > EVERY:
            self.ghosts = [*self.ghosts, self.validations][-3:]
        rng = np.random.default_rng(self.settings["seed"])
        self.network = small_cnn(rng)
        optimizer = getattr(optimizers, self.settings["optimizer"])(self.rate)
        self._begin(replays(self.network, self.train_part, _loss_of_a_step, optimizer), optimizer, rng)
        self.validations = []
        self._validate()

    # Training

    @property
    def steps(self):
        return self.settings["epochs"] * self.steps_per_epoch

    @property
    def finished(self):
        """Whether nothing is left to do: all epochs are done, or the run diverged."""
        return bool(self.problem) or self.done >= self.steps

    def _step(self):
        if not self._train_on_batch(self.rate, len(self.train_part[1]), BATCH):
            x, labels = (part[self._batch] for part in self.train_part)
            with np.errstate(over="ignore", invalid="ignore"):
                loss = float(smoothed_cross_entropy(self.network(x), labels))
            self.problem = say(
                "diverged at step {step}: the loss has grown to {loss:.0f}; try a learning rate smaller than {rate:g}",
                step=self.done,
                loss=loss,
                rate=max(self.used("rate")),
            )
        elif self.done % EVERY == 0 or self.done == self.steps:
            self._validate()

    def _validate(self):
        x, labels = self.validation_part
        with np.errstate(over="ignore", invalid="ignore"):
            self.accuracy = float(accuracy(self.network(x), labels))
        self.validations.append((self.done, self.accuracy))
        name = self.settings["optimizer"]
        if self.accuracy >= GOAL and self.done < self.records.get(name, math.inf):
            self.records[name] = self.done

    def record(self, optimizer):
        """The fewest steps to a validation accuracy of GOAL, with an optimizer, or with any (None); else infinity."""
        records = self.records
        return min(records.values(), default=math.inf) if optimizer is None else records.get(optimizer, math.inf)

    def _reached_now(self):
        return [goal for goal, (optimizer, steps) in GOALS.items() if self.record(optimizer) <= steps]

    @property
    def good(self):
        return self.accuracy >= GOAL

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
        first, *others = self.network.layers
        with np.errstate(over="ignore", invalid="ignore"):
            maps = first(x[self.settings["digit"] : self.settings["digit"] + 1])
            logits = Sequential(*others)(maps)
            return np.moveaxis(maps.value[0], -1, 0), ops.softmax(logits).value[0]

    def status(self):
        if self.problem:
            return self.problem
        epoch = math.ceil(self.done / self.steps_per_epoch)
        loss = say("loss of the last batch {loss:.3f}", loss=self.losses[-1]) if self.losses else say("no batch so far")
        return say(
            "step {step} of {steps} (epoch {epoch}): {loss}, validation accuracy {accuracy:.1%}, learning rate {rate}",
            step=self.done,
            steps=max(self.steps, self.done),  # fewer epochs may be asked for than are done
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
            step=self.done,
            **self.settings,
            accuracy=math.floor(self.accuracy * 20) / 20,
            kernels=len(self.kernels()),
            label=label,
            maps=len(maps),
            classes=len(probabilities),
        )


SIZE = (960, 400)
LOSS_LIMITS = (0.4, 10)


class CNNLab(Lab):
    """The CNN lab, to be the last line of a cell. settings: rate, optimizer, seed, epochs, digit of `CNNModel`."""

    model_class, opens_with = CNNModel, {"rate": 0.001}
    static_settings, static_steps = {"rate": 0.01}, 76  # four epochs at a good rate
    size = SIZE
    work_seconds = 0.012
    question = N_("Watch the kernels: which of them change most, and what does the learning rate do to them?")
    goal_texts = {
        "quick": N_("Goal: reach a validation accuracy of {goal:.0%} within 40 steps, with any optimizer."),
        "plain descent": N_(
            "Goal: reach a validation accuracy of {goal:.0%} within 60 steps, with gradient descent alone."
        ),
    }
    facts = {"goal": GOAL}
    one_by_one = False
    actions = {
        "train": Run(N_("Train"), N_("Train until the last epoch is done; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and take one step")),
        "reset": Reset(),
        "new start": Button(N_("New start"), "_new_start", N_("Other initial weights")),
    }
    rows = (("train", "step", "reset", "new start", "rate"), ("optimizer", "epochs", "seed", "digit"))

    def goal_text(self, name, text):
        best = self.model.record(GOALS[name][0])
        return text if best == math.inf else say("{goal} Your best so far: {best}.", goal=text, best=best)

    # The picture

    def make(self, canvas):
        """Curves on the left, kernels, feature maps, image and probabilities on the right."""
        self.loss = canvas.axes(56, 232, 356, 130, yscale="log", ylim=LOSS_LIMITS, title=say("Loss of each batch"))
        self.loss.set_yticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
        self.loss.minorticks_off()
        self.loss.axhline(LOWEST_LOSS, color=style.GREY, linewidth=1, linestyle="--")
        place = {"xy": (0, LOWEST_LOSS), "xycoords": self.loss.get_yaxis_transform()}
        offset = {"xytext": (4, 3), "textcoords": "offset points"}
        self.loss.annotate(say("lowest possible"), **place, **offset, fontsize=9, color=style.GREY)
        self.accuracy = canvas.axes(56, 48, 356, 130, ylim=(0, 1.02))
        self.accuracy.set(title=say("Accuracy on the validation part"), xlabel=say("epoch"))
        self.accuracy.set_yticks([0, 0.5, GOAL], ["0%", "50%", f"{GOAL:.0%}"])
        self.ghosts = [canvas.line(self.accuracy, color=style.SILVER, linewidth=1.4) for _ in range(3)]
        self.curve = canvas.line(self.loss, color=style.BLUE, linewidth=1.4)
        self.validation = canvas.line(self.accuracy, color=style.GREEN, marker="o", markersize=3, linewidth=1.4)
        self.kernels = canvas.pixel_grids((456, 158), (16, 3, 3), base.artists.SIGNED, pixel=12.8, across=4, gap=10)
        self.maps = canvas.pixel_grids((704, 158), (16, 8, 8), base.artists.GREEN, pixel=5.6, across=4, gap=4)
        titles = say("16 kernels, 3 \N{MULTIPLICATION SIGN} 3"), say("Their feature maps, 8 \N{MULTIPLICATION SIGN} 8")
        remarks = say("blue below 0, orange above 0"), say("what each kernel finds, after relu")
        for x, title, remark in zip((456, 704), titles, remarks, strict=True):
            at = x / SIZE[0]
            canvas.figure.text(at, 366 / SIZE[1], title, fontsize=12, fontweight="bold", va="bottom")
            canvas.figure.text(at, 152 / SIZE[1], remark, fontsize=10, color=style.GREY, va="top")
        self.image = canvas.pixel_grids((456, 16), (1, 8, 8), base.artists.INK, pixel=12.8)
        self.bars = canvas.axes(604, 34, 340, 72, xlim=(-0.6, 9.6), ylim=(0, 1.02))
        self.bars.set(xticks=range(CLASSES), yticks=[0, 0.5, 1])
        self.bars.set_title(say("Probability of each class"), fontsize=11)
        self.bars.grid(False)
        patches = self.bars.bar(range(CLASSES), np.zeros(CLASSES), width=0.7, color=style.BLUE)
        self.patches = [canvas.moving(patch) for patch in patches]
        self.right = canvas.line(self.bars, linestyle="", marker="v", color=style.VERMILLION, markersize=7)
        self.bars.plot([], [], linestyle="", marker="v", color=style.VERMILLION, label=say("true class"))
        self.bars.legend(loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0, handletextpad=0)
        self.epoch_axes = canvas.layer(self.accuracy.xaxis, self.loss.xaxis)

    def show(self):
        model = self.model
        epochs = model.settings["epochs"]
        if self.canvas.differs("epochs", epochs):
            every = next(e for e in (1, 2, 5, 10) if epochs <= 8 * e)
            for axes in (self.loss, self.accuracy):
                axes.set_xlim(-0.01 * epochs, 1.01 * epochs)
                axes.set_xticks(range(0, epochs + 1, every))
            self.canvas.changed(self.epoch_axes, epochs)
        per_epoch = model.steps_per_epoch
        self.curve.set_data((np.arange(len(model.losses)) + 1) / per_epoch, np.clip(model.losses, *LOSS_LIMITS))
        steps, shares = np.array(model.validations).T
        self.validation.set_data(steps / per_epoch, shares)
        show_ghosts(self.ghosts, [[(step / per_epoch, share) for step, share in run] for run in model.ghosts])
        kernels = model.kernels()
        largest = np.abs(kernels).max() or 1
        self.kernels.values = 0.5 + kernels / (2 * largest)
        maps, probabilities = model.look()
        self.maps.values = maps / (maps.max() or 1)
        image, label = model.image()
        self.image.values = image[None]
        for patch, p in zip(self.patches, np.nan_to_num(probabilities), strict=True):
            patch.set_height(p)
        self.right.set_data([label], [min(float(np.nan_to_num(probabilities[label])) + 0.12, 0.95)])
