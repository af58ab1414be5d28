"""Deep networks, plain or with shortcuts and normalisation: the gradient that reaches each layer, and the loss."""

import math

import numpy as np

from ... import functional
from ...datasets.digits import digits
from ...models.deep_network import INITIAL, deep_network
from ...optimizers import GradientDescent
from ...text import say
from ...training import accuracy, minibatches
from ..panel.checks import changed, check_choice, check_numbers, yes

BATCH_SIZE, EPOCHS = 50, 10
LIMITS = {"depth": (3, 40), "rate": (0.0001, 1.0)}
GUESSING = math.log(10)  # the loss of ten equal probabilities
GOALS = (20, 40)  # layers, to be trained to a loss below GOAL_LOSS
GOAL_LOSS = 0.4


class DepthModel:
    """`depth` layers learn handwritten digits, by mini-batches of 50 and plain gradient descent.

    depth           layers with weights, first and last included
    shortcut        whether each hidden layer is a `Residual`: x + layer(x)
    normalisation   whether a `LayerNorm` stands before each hidden layer
    initial         the initial weights, one of INITIAL        rate   learning rate
    losses          the loss of each step                      norms  (depth,) |dL/dW| of each layer, at the last step
    norms_at_start  (depth,) the same with the initial weights, on 200 images
    before          (settings, losses, norms_at_start) of the run before this one, to compare with; None at first
    """

    def __init__(self, depth=20, shortcut=False, normalisation=False, initial="Glorot", rate=0.05, seed=1):
        self.found, self.before, self.losses = set(), None, []
        (x, self._y), *_ = digits()
        self._x = x.reshape(-1, 64)
        self.steps = EPOCHS * math.ceil(len(self._x) / BATCH_SIZE)
        self.seed = seed
        self.settings = {
            "depth": depth,
            "shortcut": shortcut,
            "normalisation": normalisation,
            "initial": initial,
            "rate": rate,
        }
        self.configure()

    def configure(self, **changes):
        """Change settings and start anew. Raises ValueError for a value outside of LIMITS or an unknown name."""
        settings = changed(self.settings, changes)
        check_numbers(settings, LIMITS, whole=["depth"])
        check_choice("initial", settings["initial"], INITIAL)
        for name in ("shortcut", "normalisation"):
            check_choice(name, settings[name], (False, True))
        if self.losses:
            self.before = (dict(self.settings), self.losses, self.norms_at_start)
        self.settings = settings
        self._start()

    def reset(self):
        """Back to the initial weights; the present run is kept to compare with."""
        self.configure()

    def _start(self):
        rng = np.random.default_rng(self.seed)
        self.network = deep_network(rng=rng, **{k: v for k, v in self.settings.items() if k != "rate"})
        self._optimizer = GradientDescent(self.settings["rate"])
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
            norms = np.array([np.linalg.norm(W.grad) for W in self._weights()])
        if not (math.isfinite(loss.value) and np.isfinite(norms).all()):
            self.diverged = True
        else:
            self.norms = norms
        return float(loss.value)

    def _weights(self):
        return [p for p in self.network.parameters if p.ndim == 2]

    @property
    def finished(self):
        return self.diverged or len(self.losses) >= self.steps

    @property
    def stuck(self):
        """Whether the run has diverged, or has ended with guessing."""
        return self.diverged or (self.finished and self.loss > GUESSING - 0.1)

    @property
    def epoch(self):
        return len(self.losses) * BATCH_SIZE / len(self._x)

    @property
    def loss(self):
        """The mean over the last epoch's steps, as far as there are any."""
        return float(np.mean(self.losses[-self.steps // EPOCHS :])) if self.losses else math.nan

    def advance(self, steps=1, enough=lambda: False):
        """Take some steps; fewer when the run ends or `enough()` says so."""
        for _ in range(steps):
            if self.finished or enough():
                break
            loss = self._backward(*next(self._batches))
            if not self.diverged:
                self.losses.append(loss)
                self._optimizer.step(self.network.parameters)
        if len(self.losses) >= self.steps and self.loss < GOAL_LOSS:
            self.found |= {depth for depth in GOALS if self.settings["depth"] >= depth}

    def accuracy(self):
        """The share of the training images that the network gets right."""
        return float(accuracy(self.network(self._x), self._y))

    def sentence(self):
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
                step=len(self.losses) + 1,
                reach=reach,
            )
        if not self.losses:
            return say("Before training: {reach}.", reach=reach)
        verdict = say(" This is guessing: ten equal probabilities.") if self.stuck else ""
        return say(
            "Epoch {epoch:.1f} of {epochs}: loss {loss:.3f}; {reach}.{verdict}",
            epoch=self.epoch,
            epochs=EPOCHS,
            loss=self.loss,
            reach=reach,
            verdict=verdict,
        )

    def description(self):
        """After a run with a run before it: what holds on every machine."""
        settings, losses, _ = self.before
        stuck = np.mean(losses[-self.steps // EPOCHS :]) > 2
        return say(
            "{depth} layers, two runs of {epochs} epochs. {first}: the loss stays above 2, near guessing: {stuck}. "
            "{second}: the loss falls below {goal:g}: {learned}.",
            depth=self.settings["depth"],
            epochs=EPOCHS,
            first=kind(settings),
            stuck=yes(stuck),
            second=kind(self.settings),
            goal=GOAL_LOSS,
            learned=yes(self.loss < GOAL_LOSS),
        )


def kind(settings):
    """What stands between the layers, in words."""
    return {
        (False, False): say("Plain"),
        (True, False): say("Shortcut"),
        (False, True): say("Normalisation"),
        (True, True): say("Shortcut and normalisation"),
    }[settings["shortcut"], settings["normalisation"]]
