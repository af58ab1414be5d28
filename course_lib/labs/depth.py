"""The depth lab: which gradient reaches which layer, and whether a deep network learns, while it trains."""

import math

import numpy as np

from .. import functional
from ..datasets.digits import digits
from ..models.deep_network import INITIAL, deep_network
from ..optimizers import Adam, GradientDescent
from ..pictures import style
from ..text import N_, say
from ..training import minibatches
from .base.buttons import Button, Reset, Run
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number, Switch
from .base.words import yes

BATCH_SIZE, EPOCHS = 50, 10
GUESSING = math.log(10)  # the loss of ten equal probabilities
GOALS = {"20 layers": 20, "40 layers": 40}  # layers, to be trained to a loss below GOAL_LOSS
GOAL_LOSS = 0.4
STUCK_LOSS = 2  # a run that ends above it is little better than guessing
COMPARED = {"GradientDescent": GradientDescent, "Adam": Adam}
RATES = {"GradientDescent": (0.0001, 1.0, 0.05), "Adam": (0.0001, 0.03, 0.001)}  # lowest, highest, to begin with


class DepthModel(LabModel):
    """`depth` layers learn handwritten digits, by mini-batches of 50.

    Its steps are not replayed: a run is over before a record has saved the time that it costs.

    depth           layers with weights, first and last included
    shortcut        whether each hidden layer is a `Residual`: x + layer(x)
    normalisation   whether a `LayerNorm` stands before each hidden layer
    initial         the initial weights, one of INITIAL
    optimizer       one of COMPARED; another one comes with its own rate, of RATES
    rate            learning rate
    losses          the loss of each step                      norms  (depth,) |dL/dW| of each layer, at the last step
    norms_at_start  (depth,) the same with the initial weights, on 200 images
    before          (settings, losses, norms_at_start) of the run before this one, to compare with; None at first
    """

    declared = {
        "depth": Number(3, 40, 20, whole=True, label=N_("Layers")),
        "shortcut": Switch(False, label=N_("Shortcut")),
        "normalisation": Switch(False, label=N_("Normalisation")),
        "initial": Choice(tuple(INITIAL), "Glorot", label=N_("Initial weights")),
        "rate": Number(0.0001, 1.0, 0.05, label=N_("Learning rate"), logarithmic=True),
        "seed": Number(0, 9999, 1, whole=True),
        "optimizer": Choice(
            tuple(COMPARED),
            "GradientDescent",
            label=N_("Optimizer"),
            words={"GradientDescent": N_("gradient descent")},
        ),
    }
    optional = ("optimizer",)
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self.before, self.losses = None, []
        (x, self._y), *_ = digits()
        self._x = x.reshape(-1, 64)
        self.steps = EPOCHS * math.ceil(len(self._x) / BATCH_SIZE)
        super().__init__(**settings)

    def checked(self, changes):
        """As every model's; another optimizer begins with its own rate."""
        other = changes.get("optimizer")
        if other in RATES and other != self.settings["optimizer"]:
            changes = {"rate": RATES[other][2]} | changes
        return super().checked(changes)

    def narrowed(self, settings):
        return {"rate": RATES[settings["optimizer"]][:2]}

    def _start(self):
        """The initial weights; the run so far is kept to compare with."""
        if self.losses:
            self.before = (self._run_with, self.losses, self.norms_at_start)
        rng, self._run_with = np.random.default_rng(self.settings["seed"]), dict(self.settings)
        parts = ("depth", "shortcut", "normalisation", "initial")
        self.network = deep_network(rng=rng, **{name: self.settings[name] for name in parts})
        self._optimizer = COMPARED[self.settings["optimizer"]](self.settings["rate"])
        self._batches = self._endless(rng)
        self.losses, self.diverged, self.norms = [], False, np.zeros(self.settings["depth"])
        self._backward(self._x[:200], self._y[:200])
        self.norms_at_start = self.norms

    def _endless(self, rng):
        while True:
            yield from minibatches((self._x, self._y), BATCH_SIZE, rng)

    def _backward(self, x, y):
        """One forward and backward pass; returns the loss. Notes the norms of the gradients."""
        with np.errstate(over="ignore", invalid="ignore"):
            loss = functional.softmax_cross_entropy(self.network(x), y)
            loss.backward()
            norms = np.array([np.linalg.norm(p.grad) for p in self.network.parameters if p.ndim == 2])
        if not (math.isfinite(loss.value) and np.isfinite(norms).all()):
            self.diverged = True
        else:
            self.norms = norms
        return float(loss.value)

    @property
    def finished(self):
        return self.diverged or self.done >= self.steps

    @property
    def epoch(self):
        return self.done * BATCH_SIZE / len(self._x)

    @property
    def loss(self):
        """The mean over the last epoch's steps, as far as there are any."""
        return float(np.mean(self.losses[-self.steps // EPOCHS :])) if self.losses else math.nan

    @property
    def done(self):
        return len(self.losses)

    def _step(self):
        loss = self._backward(*next(self._batches))
        if not self.diverged:
            self.losses.append(loss)
            self._optimizer.step(self.network.parameters)

    def _reached_now(self):
        if self.done >= self.steps and self.loss < GOAL_LOSS:
            return [goal for goal, depth in GOALS.items() if self.settings["depth"] >= depth]
        return ()

    @property
    def good(self):
        return self.finished and self.loss < GOAL_LOSS

    @property
    def bad(self):
        """Whether the run has diverged, or has ended with guessing."""
        return self.diverged or (self.finished and self.loss > GUESSING - 0.1)

    def status(self):
        first, last = self.norms[1], self.norms[-2]
        reach = say(
            "gradient norm {first:.1e} at layer 2, {last:.1e} at layer {layer}",
            first=first,
            last=last,
            layer=self.settings["depth"] - 1,
        )
        if first == 0:
            reach = say("no gradient arrives at layer 2 any more")
        if self.diverged:
            return say(
                "Diverged at step {step}: the loss is no longer finite. Before that: {reach}.",
                step=self.done + 1,
                reach=reach,
            )
        if not self.losses:
            return say("Before training: {reach}.", reach=reach)
        verdict = say(" This is guessing: ten equal probabilities.") if self.bad else ""
        return say(
            "Epoch {epoch:g} of {epochs}: loss {loss:.3f}; {reach}.{verdict}",
            epoch=round(self.epoch, 1),
            epochs=EPOCHS,
            loss=self.loss,
            reach=reach,
            verdict=verdict,
        )

    @property
    def _comparable(self):
        if self.before is None:
            return False
        settings, losses, _ = self.before
        kinds = ("shortcut", "normalisation")
        alike = all(settings[name] == value for name, value in self.settings.items() if name not in kinds)
        return alike and len(losses) == len(self.losses) == self.steps

    def description(self):
        """What holds on every machine; of two whole runs that differ in what stands between the layers alone, both."""
        if not self._comparable:
            return say(
                "{depth} layers, {kind}, epoch {epoch:g} of {epochs}: the norm of every layer's gradient and the loss.",
                depth=self.settings["depth"],
                kind=kind(self.settings),
                epoch=round(self.epoch, 1),
                epochs=EPOCHS,
            )
        settings, losses, _ = self.before
        stuck = np.mean(losses[-self.steps // EPOCHS :]) > STUCK_LOSS
        return say(
            "{depth} layers, two runs of {epochs} epochs. {first}: is the loss above {bound:g} at the end, near "
            "guessing? The answer is {stuck}. {second}: is the loss below {goal:g} at the end? The answer is "
            "{learned}.",
            depth=self.settings["depth"],
            epochs=EPOCHS,
            first=kind(settings),
            bound=STUCK_LOSS,
            stuck=yes(stuck),
            second=kind(self.settings),
            goal=GOAL_LOSS,
            learned=yes(self.loss < GOAL_LOSS),
        )


def kind(settings):
    """What stands between the layers, and the optimizer where it is not gradient descent, in words."""
    layers = {
        (False, False): say("Plain"),
        (True, False): say("Shortcut"),
        (False, True): say("Normalisation"),
        (True, True): say("Shortcut and normalisation"),
    }[settings["shortcut"], settings["normalisation"]]
    return say("{layers}, Adam", layers=layers) if settings["optimizer"] == "Adam" else layers


LOWEST, HIGHEST, TOP = 1e-7, 1e4, 3.0  # what lies beyond these gradient norms, or above this loss, is drawn there


class DepthLab(Lab):
    """The depth lab, to be the last line of a cell.

    settings: depth, shortcut, normalisation, initial, optimizer, rate, seed of `DepthModel`.
    """

    model_class = DepthModel
    size = (960, 350)
    work_seconds = 0.018  # seconds of training in a frame
    question = N_("What does the shortcut alone do to the gradient of 20 layers, and what does normalisation alone do?")
    goal_texts = {
        goal: N_("Goal: train {depth} layers or more to a loss below {loss:g} in {epochs} epochs.") for goal in GOALS
    }
    facts = {"epochs": EPOCHS}
    actions = {
        "train": Run(N_("Train"), N_("Train for {epochs} epochs; press again to pause")),
        "step": Button(N_("One step"), "_step", N_("One mini-batch of 50 images")),
        "reset": Reset(N_("Back to the initial weights")),
    }
    rows = (("train", "step", "reset", "rate", "shortcut", "normalisation"), ("optimizer", "initial", "depth"))

    def facts_of(self, goal):
        return {"depth": GOALS[goal], "loss": GOAL_LOSS, "epochs": EPOCHS}

    def static_model(self):
        model = self.model.twin(shortcut=False, normalisation=False)
        model.advance(model.steps)
        model.configure(shortcut=True, normalisation=True)
        model.advance(model.steps)
        return model

    # The picture

    def make(self, canvas):
        """The norm of every layer's gradient on the left, the loss on the right; the run before in grey."""
        from matplotlib.ticker import MaxNLocator

        self.gradients = canvas.axes(
            70, 54, 400, 250, yscale="log", ylim=(LOWEST / 2, HIGHEST * 3000), xlim=(0.5, 20.5)
        )
        ticks = [1e-6, 1e-4, 1e-2, 1, 100, 1e4]
        self.gradients.set(xlabel=say("layer"), title=say("Gradient norm of each layer"), yticks=ticks)
        self.gradients.minorticks_off()
        self.gradients.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.losses = canvas.axes(550, 54, 386, 250, xlim=(0, EPOCHS), ylim=(0, TOP + 0.05))
        self.gradients.cut_at, self.losses.cut_at = (LOWEST, HIGHEST), (-np.inf, TOP)
        self.losses.set(xlabel=say("epoch"), title=say("Training loss"))
        self.losses.axhline(GUESSING, color=style.GREY, linestyle=":", linewidth=1.6)
        self.losses.text(EPOCHS - 0.1, GUESSING + 0.06, say("guessing"), ha="right", color=style.GREY, fontsize=10)
        self.norms_before = canvas.line(self.gradients, "--", color=style.GREY, marker=".", linewidth=1.4)
        self.norms_at_start = canvas.line(self.gradients, "--", color=style.BLUE, marker=".", linewidth=1.4)
        self.norms = canvas.line(self.gradients, "-", color=style.BLUE, marker="o", markersize=5)
        self.loss_before = canvas.line(self.losses, "--", color=style.GREY, linewidth=1.6)
        self.steps = canvas.line(self.losses, color=style.SKY, linewidth=0.8)
        self.loss = canvas.line(self.losses, color=style.BLUE, linewidth=2.4)

    def show(self):
        model = self.model
        depth = model.settings["depth"]
        state = (kind(model.settings), kind(model.before[0]) if model.before else None, depth)
        if self.canvas.differs("kinds", state):
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
