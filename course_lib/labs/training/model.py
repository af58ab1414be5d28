"""The training lab without its face: settings, a run that can be advanced, scrubbed, described, and written down.

Nothing here needs a notebook. The view reads this object and calls its methods; tests do the same.
"""

import math
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from ... import functional, optimizers
from ...text import N_, say
from ...tools.curvature import gradient_at
from ...tools.engines import OnEngine
from ...training import Diverged, History, accuracy, train
from ..base.model import LabModel, never
from ..base.settings import Choice, Number
from ..base.words import format_loss, in_turn
from . import words
from .checkpoint import checkpoint, restore_checkpoint
from .data import CURVE, DATA, FormulaText, examples
from .goals import GOALS, Records
from .looking import Looking
from .network import FurtherLayers, build
from .points import EDGE, Points, points_of
from .program import with_course_lib, with_numpy
from .snapshots import AtSnapshots

ACTIVATIONS = ("tanh", "sigmoid", "relu")
OPTIMIZERS = ("GradientDescent", "Momentum", "RMSProp", "Adam")
MOST_EPOCHS = 20_000
SOLVED_LOSS = 0.1  # a run counts as solved when every point is right and the loss is below this
DIVERGED_LOSS = 1000.0  # a thousand times that of guessing: not finite it hardly ever gets, for dead units stop it
SNAPSHOTS, GHOSTS = 400, 3


class Ghost(NamedTuple):
    """An earlier run: its losses, and its learning rates one after the other, in words."""

    losses: np.ndarray
    rates: str


class TrainingModel(Looking, LabModel):
    """A network in training. Settings: batch 0 stands for all examples, scale multiplies the initial weights.

    engine     None for ours, or an `Engine` of `tools.engines`, which then computes losses, gradients and outputs
    rate       the learning rate of the next step
    epoch      epochs done                               loss     loss of the present weights on all examples
    losses     loss after 0, 1, 2, ... epochs (for mini-batches, the mean over the epoch)
    changes    list of (epochs done, new rate); the first entry is the rate at the start
    snapshots  dict epoch -> flat weights, at most 400 of them, evenly spread
    stride     epochs from one snapshot to the next
    norms      list of (epoch, gradient norm of layer 1, of layer 2, ...), at the same epochs
    ghosts     the last three runs on the same data, each a `Ghost`
    looking_at the epoch that the picture shows: `epoch`, or an earlier one while scrubbing
    lower      what is looked at besides the loss: "norms", or "sharpness", which is computed only then
    edges      what the edges of the drawn network show: "weights", or "gradients", which are computed only then
    problem    "" or the sentence that says why the run stopped
    """

    declared = {
        "data": Choice(tuple(DATA), "xor"),
        "hidden": Number(1, 16, 4, whole=True),
        "activation": Choice(ACTIVATIONS, "tanh"),
        "optimizer": Choice(OPTIMIZERS, "GradientDescent"),
        "batch": Number(0, 200, 0, whole=True),
        "scale": Number(0.0, 10.0, 1.0),
        "seed": Number(0, 9999, 1, whole=True),
        "epochs": Number(1, MOST_EPOCHS, 2000, whole=True),
        "rate": Number(1e-4, 30.0, 0.5, says=N_("learning rate")),
        "deeper": FurtherLayers(),
        "noise": Number(0.0, 0.5, 0.0),
        "held": Number(0, 50, 0, whole=True, says=N_("held out, in %")),
        "formula": FormulaText("0.8*sin(2*x)"),
        "points": Points(),
        "decay": Number(0.0, 0.1, 0.0, says=N_("weight decay")),
        "dropout": Number(0.0, 0.9, 0.0),
    }
    gentle, live = ("epochs",), {"rates": "rate"}
    later = ("deeper", "noise", "held", "formula", "points", "decay", "dropout")
    goals, most, noted = tuple(GOALS), MOST_EPOCHS, {"best": Records()}

    def __init__(self, engine=None, **settings):
        self.engine, self.ghosts, self.epoch = engine, [], 0
        if engine is not None:  # its values know no other activation
            known = tuple(name for name in DATA if name != CURVE)
            only = {
                "activation": Choice(("tanh",), "tanh"),
                "dropout": Number(0.0, 0.0, 0.0),
                "data": Choice(known, "xor"),
            }
            self.declared = self.declared | only
        self._data = None
        self.records = {}  # name of a goal: the fewest epochs, or parameters, that solved its task
        super().__init__(**settings)

    def twin(self, **changes):
        return type(self)(self.engine, **self.settings | changes)

    @property
    def rate(self):
        return self.settings["rate"]

    @property
    def changes(self):
        return self.courses["rate"]

    @property
    def done(self):
        return self.epoch

    # Training

    def _start(self):
        settings, self.problem = self.settings, ""
        data = examples(settings)
        self._keep_ghost(data)
        (self.x, self.y), (self.x_held, self.y_held) = self._data = data
        self.rng = np.random.default_rng(settings["seed"])
        self.network = build(settings, self.x.shape[1], self.rng)
        self.measure = functional.mean_squared_error if self.is_curve else functional.binary_cross_entropy
        self.trained, self.loss_function = self.network, self.measure
        if self.engine is not None:
            self.trained = OnEngine(self.engine, self.network)
            self.loss_function = self.trained.loss
        self.optimizer = self.new_optimizer()
        self.history = History()
        self.losses = np.full(MOST_EPOCHS + 1, np.nan)
        self.epoch = self.looking_at = 0
        self.norms, self.stride = [], 1
        ends = np.cumsum(
            [0, *(sum(p.size for p in layer.parameters) for layer in self.network.layers if layer.parameters)]
        )
        self._places = list(pairwise(ends.tolist()))  # of each layer in a row of all weights
        self.snapshots = {0: self.flat_weights()}
        self._gradient, _ = gradient_at(self.network, (self.x, self.y), self.measure)
        self._latest = (math.inf, math.nan, None)  # epoch, sharpness, direction
        self._curved, self._held = AtSnapshots(self._sharpness_of), AtSnapshots(self._held_out_loss_of)
        self.begin_again()
        self._evaluate()

    def _keep_ghost(self, data):
        """Keep the losses of the run that ends here, as long as the next one has the same data."""
        alike = self._data is not None and all(
            np.array_equal(a, b)
            for before, now in zip(self._data, data, strict=True)
            for a, b in zip(before, now, strict=True)
        )
        if self.epoch > 1:
            rates = in_turn(rate for rate, _ in groupby(self.history.learning_rate))
            self.ghosts = [*self.ghosts, Ghost(self.losses[: self.epoch + 1].copy(), rates)][-GHOSTS:]
        if not alike:
            self.ghosts = []

    def new_optimizer(self):
        """The optimizer of a run that begins."""
        return getattr(optimizers, self.settings["optimizer"])(self.rate, weight_decay=self.settings["decay"])

    def begin_again(self):
        """A new generator of epochs, which goes on with the history. It could run beyond the limit; `advance` stops asking
        at settings.epochs."""
        self._epochs = train(
            self.trained,
            (self.x, self.y),
            loss=self.loss_function,
            optimizer=self.optimizer,
            epochs=MOST_EPOCHS,
            batch_size=self.settings["batch"] or None,
            rng=self.rng,
            history=self.history,
            replay=self.engine is None,  # what a reader's own engine does, no record can know
        )

    @property
    def finished(self):
        """Whether nothing is left to do: the number of epochs is reached, or the run diverged."""
        return bool(self.problem) or self.epoch >= self.target

    @property
    def ended(self):  # a repeated run that has arrived where its original stood can go on
        return bool(self.problem) or self.epoch >= self.settings["epochs"]

    @property
    def target(self):
        return self.settings["epochs"] if self.stop_at is None else self.stop_at

    def advance(self, steps=1, enough=never):
        """Train for some epochs, as every model goes on.

        An interrupt in the middle of a step is survived: the run goes back to where this call began.
        """
        taken = checkpoint(self)
        try:
            super().advance(steps, enough)
        except BaseException:
            restore_checkpoint(self, taken)
            raise

    def _advanced(self):
        self.looking_at = self.epoch
        self._evaluate()

    def _step(self):
        """One epoch."""
        if self.optimizer.learning_rate != self.rate:
            self.optimizer.learning_rate = self.rate
        try:
            progress = next(self._epochs)
        except Diverged as stop:
            self.problem = str(Diverged(stop.epoch, max(self.used("rate")), stop.history))
            return
        self.losses[self.epoch] = progress.loss
        self.epoch = self.looking_at = progress.epoch
        if self.epoch % self.stride == 0:
            self._remember()
        self._note_record()
        if progress.loss > DIVERGED_LOSS:
            self._evaluate()
            loss, epoch = max((progress.loss, self.epoch - 1), (self.loss, self.epoch))  # units may be dead by now
            self.problem = say(
                "diverged at epoch {epoch}: the loss has grown to {loss}; try a learning rate smaller than {rate:g}",
                epoch=epoch,
                loss=format_loss(loss),
                rate=max(self.used("rate")),
            )

    def _remember(self):
        layers = (self.optimizer.gradient[start:end] for start, end in self._places)
        self.snapshots[self.epoch] = self.flat_weights()
        self.norms.append((self.epoch, *(math.sqrt(flat.dot(flat)) for flat in layers)))
        if len(self.snapshots) > SNAPSHOTS:
            self.stride *= 2
            self.snapshots = {e: w for e, w in self.snapshots.items() if e % self.stride == 0}
            self.norms = [n for n in self.norms if n[0] % self.stride == 0]

    def _note_record(self):
        """Remember the fewest epochs, or parameters, with which the task of a goal was solved."""
        s = self.settings
        for name, goal in GOALS.items():
            if goal.data != s["data"] or goal.units not in (None, self.units) or s["noise"] or len(self.x_held):
                continue
            count = self.epoch if goal.counts == "epochs" else self.optimizer.gradient.size
            if count < self.records.get(name, math.inf):
                self._evaluate()
                if self.solved:
                    self.records[name] = count

    @property
    def best(self):
        """The records as they are kept in the state; None without one."""
        return self.records or None

    @best.setter
    def best(self, records):
        self.records = dict(records)

    def _evaluate(self):
        """Loss and accuracy of the weights that are shown, on the examples to learn from and on those held out."""
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.logits(self.x)
            self.loss = float(self.measure(logits, self.y))
            held = self.logits(self.x_held) if len(self.x_held) else None
            self.held_loss = None if held is None else float(self.measure(held, self.y_held))
        self.accuracy = None if self.is_curve else float(accuracy(logits, self.y))
        if self.looking_at == self.epoch:
            self.losses[self.epoch] = self.loss

    @property
    def is_curve(self):
        """Whether the targets are numbers, and not classes."""
        return self.settings["data"] == CURVE

    @property
    def solved(self):
        return self.accuracy == 1 and self.loss < SOLVED_LOSS  # never of a curve, which has no accuracy

    def _reached_now(self):
        return [name for name, goal in GOALS.items() if self.records.get(name, math.inf) <= goal.most]

    @property
    def good(self):
        return self.solved

    @property
    def bad(self):
        return bool(self.problem) and self.looking_at == self.epoch

    # A reader's own points

    def add_point(self, x1, x2, label):
        """One more point; the data become the reader's own, beginning with those that are there."""
        self.configure(data="own", points=(*self._own_points(), (x1, x2, label)))

    def move_point(self, number, x1, x2):
        points = list(self._own_points())
        points[number] = (x1, x2, points[number][2])
        self.configure(data="own", points=tuple(points))

    def delete_point(self, number):
        points = self._own_points()
        self.configure(data="own", points=points[:number] + points[number + 1 :])

    def _own_points(self):
        """Those that are there: the reader's, or the present data with all that is held out."""
        if self.settings["data"] == "own":
            return self.settings["points"]
        if self.is_curve:
            raise ValueError(say("points can be added to classes, not to a curve: choose other data"))
        x = np.concatenate([self.x, self.x_held])
        return points_of(x.clip(-EDGE, EDGE), np.concatenate([self.y, self.y_held]))  # noise may have moved them beyond

    # Words

    def status(self):
        """One sentence: where the run stands."""
        return words.status(self)

    def description(self):
        """The facts of the picture in words, for its alternative text."""
        return words.description(self)

    # Writing a run down

    def program(self):
        """A program of 10 to 15 lines that repeats this run exactly, rate changes included; a run to come, in full."""
        return with_course_lib(self)

    def numpy_program(self):
        """The same run as a program that needs NumPy alone, backpropagation written out."""
        return with_numpy(self)

    def flat_weights(self):
        """The present weights in a row."""
        return np.concatenate([p.value for p in self.network.parameters], axis=None)
