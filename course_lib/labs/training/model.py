"""The training lab without its face: settings, a run that can be advanced, scrubbed, described, and written down.

Nothing here needs a notebook. The lab reads this object and calls its methods; tests do the same.
"""

import math
from copy import copy
from dataclasses import replace
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from ... import functional, optimizers
from ...differentiate import value_and_grad
from ...ops import logistic
from ...text import N_, say
from ...tools.curvature import gradient_at, largest_eigenvalue
from ...tools.engines import OnEngine
from ...training import Diverged, History, accuracy, train
from ..base.checks import check_choice
from ..base.model import LabModel, never
from ..base.settings import Choice, Number, in_one_word
from ..base.words import format_loss, in_turn
from . import words
from .data import CURVE, DATA, EDGE, FormulaText, Points, examples, points_of
from .network import (
    COORDINATES,
    FurtherLayers,
    Inputs,
    build,
    features,
    inputs_in_use,
    offered,
    outputs_of,
    split,
    units_of,
)
from .program import with_course_lib, with_numpy

ACTIVATIONS = ("tanh", "sigmoid", "relu")
OPTIMIZERS = tuple(optimizers.OPTIMIZERS)
MOST_EPOCHS = 20_000
SOLVED_LOSS = 0.1  # a run counts as solved when every point is right and the loss is below this
DIVERGED_LOSS = 1000.0  # a thousand times that of guessing: not finite it hardly ever gets, for dead units stop it
SNAPSHOTS, GHOSTS = 400, 3
RECENT, OFTEN = 20, 5  # epochs; rises of the loss among them that say that the steps are too long
ROUNDING = 1e-12  # at rest, a loss rises and falls by its last digits: no rise
LARGEST = 10**6  # number of a record


class Goal(NamedTuple):
    """A task that is to be solved with few epochs, or with few parameters.

    data, units    of the task; units None: any network
    counts, most   "epochs" or "parameters", and how many of them are few enough
    """

    data: str
    units: tuple | None
    counts: str
    most: int


GOALS = {
    "4 units": Goal("xor", (4,), "epochs", 30),
    "2 units": Goal("xor", (2,), "epochs", 30),
    "circles": Goal("circles", None, "parameters", 5),
    "spirals": Goal("spirals", None, "parameters", 45),
}


class Records:
    """The kind of note that holds the reader's records: name of a goal -> whole number."""

    def checked(self, name, value):
        return {goal: value[goal] for goal in GOALS if goal in value}

    def write(self, value):
        return ",".join(f"{in_one_word(goal)}:{count}" for goal, count in value.items())

    def read(self, text):
        """Raises ValueError, with a sentence, for what `write` does not write."""
        goals, records = {in_one_word(goal): goal for goal in GOALS}, {}
        for word, _, count in (part.partition(":") for part in text.split(",")):
            check_choice(say("record"), word, goals)
            counts = Number(1, LARGEST, 1, whole=True)
            records[goals[word]] = counts.checked(word, counts.read(count))
        return records


class SnapshotCache:
    """A measure of weights, at the epochs whose weights are stored.

    measure   measure(flat weights, hint) -> (value, hint for the next weights)
    """

    def __init__(self, measure):
        self._measure, self._measured = measure, {}

    def values(self, snapshots):
        """{epoch: value}; snapshots is {epoch: flat weights}, a piece of a run that may have been taken back."""
        self._measured = {epoch: known for epoch, known in self._measured.items() if snapshots.get(epoch) is known[0]}
        hint = None
        for epoch, flat in snapshots.items():
            if epoch not in self._measured:
                self._measured[epoch] = (flat, *self._measure(flat, hint))
            hint = self._measured[epoch][2]
        return {epoch: known[1] for epoch, known in self._measured.items()}


class Ghost(NamedTuple):
    """An earlier run: its losses, and its learning rates one after the other, in words."""

    losses: np.ndarray
    rates: str


class TrainingModel(LabModel):
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
    lower      what is looked at besides the loss: "norms", or "sharpness", which is computed only then; None: nothing
    edges      what the edges of the drawn network show: "weights", or "gradients", which are computed only then
    best       name of a goal -> the fewest epochs, or parameters, that solved its task
    problem    "" or the sentence that says why the run stopped
    """

    declared = {
        "data": Choice(tuple(DATA), "xor", label=N_("Data")),
        "hidden": Number(1, 16, 4, whole=True, label=N_("Hidden units"), slider=False),
        "activation": Choice(ACTIVATIONS, "tanh", label=N_("Activation")),
        "optimizer": Choice(
            OPTIMIZERS, "GradientDescent", label=N_("Optimizer"), words={"GradientDescent": N_("gradient descent")}
        ),
        "batch": Number(
            0, 200, 0, whole=True, label=N_("Batch size"), choices=(0, 1, 2, 4, 16, 64), words={0: N_("all")}
        ),
        "scale": Number(0.0, 10.0, 1.0, label=N_("Initial scale"), slider=False, step=0.5),
        "seed": Number(0, 9999, 1, whole=True, label=N_("Seed"), slider=False),
        "epochs": Number(1, MOST_EPOCHS, 2000, whole=True, label=N_("Epochs"), logarithmic=True, slider=False),
        "rate": Number(1e-4, 30.0, 0.5, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
        "deeper": FurtherLayers(
            label=N_("Further hidden layers"), ends=("", "3", "16, 16, 16"), placeholder=N_("e.g. 8, 4")
        ),
        "inputs": Inputs(default="x1, x2", label=N_("Inputs"), ends=("x1^2, x2^2", "x1, x2")),
        "noise": Number(0.0, 0.5, 0.0, label=N_("Noise"), slider=False, step=0.05),
        "held": Number(
            0, 50, 0, whole=True, says=N_("held out, in %"), label=N_("Held out, in %"), slider=False, step=10
        ),
        "formula": FormulaText(
            "0.8*sin(2*x)", label=N_("y = f(x)"), ends=("x", "0.8*sin(2*x)"), placeholder=N_("such as x**2 - 0.5")
        ),
        "points": Points(),
        "decay": Number(
            0.0, 0.1, 0.0, says=N_("weight decay"), label=N_("Weight decay (L2)"), slider=False, step=0.001
        ),
        "dropout": Number(0.0, 0.9, 0.0, label=N_("Dropout"), slider=False, step=0.1),
    }
    keeps_run, live = ("epochs",), {"rates": "rate"}
    optional = ("deeper", "inputs", "noise", "held", "formula", "points", "decay", "dropout")
    lower, edges = "norms", "weights"
    goals, most, persisted = tuple(GOALS), MOST_EPOCHS, {"best": Records()}

    def __init__(self, engine=None, **settings):
        self.engine, self.ghosts, self.epoch = engine, [], 0
        if engine is not None:  # its values know no other activation
            known = tuple(name for name in DATA if name != CURVE)
            only = {"activation": {"options": ("tanh",)}, "dropout": {"high": 0.0}, "data": {"options": known}}
            self.declared = self.declared | {name: replace(self.declared[name], **less) for name, less in only.items()}
        self._data, self.best = None, {}
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
        self.seen = self.features(self.x)
        self.network = build(settings, len(self.inputs), self.rng)
        self.loss_function = functional.mean_squared_error if self.is_curve else functional.binary_cross_entropy
        self.on_engine = None if self.engine is None else OnEngine(self.engine, self.network)
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
        self._gradient, _ = gradient_at(self.network, (self.seen, self.y), self.loss_function)
        self._latest = (math.inf, math.nan, None)  # epoch, sharpness, direction
        self._curved, self._held = SnapshotCache(self._sharpness_of), SnapshotCache(self._held_out_loss_of)
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
            self.on_engine or self.network,
            (self.seen, self.y),
            loss=self.on_engine.loss if self.on_engine else self.loss_function,
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
        """Remember the fewest epochs, or parameters, with which the task of a goal was solved, held-out examples too."""
        s = self.settings
        for name, goal in GOALS.items():
            if goal.data != s["data"] or goal.units not in (None, self.units) or s["noise"]:
                continue
            count = self.epoch if goal.counts == "epochs" else self.optimizer.gradient.size
            if count < self.best.get(name, math.inf):
                self._evaluate()
                if self.solved and self._held_solved:
                    self.best[name] = count

    def _evaluate(self):
        """Loss and accuracy of the weights that are shown, on the examples to learn from and on those held out."""
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.logits(self.x)
            self.loss = float(self.loss_function(logits, self.y))
            held = self.logits(self.x_held) if len(self.x_held) else None
            self.held_loss = None if held is None else float(self.loss_function(held, self.y_held))
        self._held_solved = held is None or bool(accuracy(held, self.y_held) == 1 and self.held_loss < SOLVED_LOSS)
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
        return [name for name, goal in GOALS.items() if self.best.get(name, math.inf) <= goal.most]

    @property
    def good(self):
        return self.solved

    @property
    def bad(self):
        return bool(self.problem) and self.looking_at == self.epoch

    # Looking: what changes nothing of the run

    def sharpnesses(self):
        """{epoch: largest eigenvalue of the Hessian of the loss on all examples}, at the epochs of the snapshots; with
        gradient descent, whose steps weight decay belongs to as a loss would, it is included."""
        return self._curved.values(self.snapshots)

    def _sharpness_of(self, flat, direction):
        bends = self.settings["activation"] == "relu"
        with np.errstate(all="ignore"):  # of a diverged run
            gradient = self._gradient_of_piece(flat) if bends else self._gradient
            value, direction = largest_eigenvalue(gradient, flat, direction)
        plain = self.settings["optimizer"] == "GradientDescent"  # all others scale the slopes of the loss alone
        return value + (self.settings["decay"] if plain else 0.0), direction

    def _gradient_of_piece(self, flat):
        """As `_gradient`, with relu: the units that answer at these weights answer, and no others.

        The loss is smooth on such a piece. Across a bend, where a unit begins to answer, gradients differ by a jump: a unit
        that has never answered to (0, 0) has kept its bias 0, and stands at a bend.
        """
        parameters = self.network.parameters
        answering = [answers > 0 for answers in outputs_of(split(flat, parameters), self.seen, "relu")[:-1]]

        def loss(weights):
            x = self.seen
            *hidden, (W, b) = zip(weights[::2], weights[1::2], strict=True)
            for (W_hidden, b_hidden), on in zip(hidden, answering, strict=True):
                x = functional.dense(x, W_hidden, b_hidden) * on.astype(float)
            return self.loss_function(functional.dense(x, W, b), self.y)

        def gradient(weights):
            return np.concatenate(value_and_grad(loss)(split(weights, parameters))[1], axis=None)

        return gradient

    def held_out_losses(self):
        """{epoch: loss on the examples that were held out}, at the epochs of the snapshots; empty without such ones."""
        return self._held.values(self.snapshots) if len(self.x_held) else {}

    def _held_out_loss_of(self, flat, _):
        with np.errstate(all="ignore"):
            outputs = self._outputs(split(flat, self.network.parameters), self.x_held)
            return float(self.loss_function(outputs, self.y_held)), None

    @property
    def sharpness(self):
        """That of the weights that are shown."""
        if self.looking_at in self.snapshots:
            return self.sharpnesses()[self.looking_at]
        return self._measured_now(self.epoch)

    @property
    def by_parts(self):
        """Whether steps see a part of the examples or of the units; then `losses` are not those of single weights."""
        return bool(self.settings["batch"] or self.settings["dropout"])

    @property
    def rises(self):
        """The share of the epochs so far in which the loss rose."""
        return float(np.mean(_rose(self.losses[: self.epoch + 1]))) if self.epoch else 0.0

    @property
    def late_rises(self):
        """(in how many of the last epochs the loss rose, how many these are)."""
        losses = self.losses[max(0, self.epoch - RECENT) : self.epoch + 1]
        return int(np.sum(_rose(losses))), len(losses) - 1

    @property
    def too_long(self):
        """Whether the steps of gradient descent are too long: at one rate, the loss has risen again and again.

        Steps that follow more than the slopes of this loss, those of a batch or with weight decay, raise it at any length.
        """
        s, one_rate = self.settings, self.changes[-1][0] <= max(0, self.epoch - RECENT)
        plain = s["optimizer"] == "GradientDescent" and not (self.by_parts or s["decay"])
        return plain and one_rate and self.late_rises[0] >= OFTEN

    def sharpness_lately(self):
        """(that of weights of late, their epoch): measured anew only when the run has gone on by a twentieth."""
        return self._measured_now(self.epoch / 1.05), self._latest[0]

    def _measured_now(self, earliest):
        """The sharpness of the present weights, or one that was measured at this epoch or later."""
        measured, value, direction = self._latest
        if not earliest <= measured <= self.epoch:
            value, direction = self._sharpness_of(self.flat_weights(), direction)
            self._latest = self.epoch, value, direction
        return value

    def rate_at(self, epoch):
        """The learning rate of the step that follows this epoch; of the last step where none follows."""
        return self.at_work("rate") if epoch == self.epoch else self.used("rate", until=epoch + 1)[-1]

    def look_at(self, epoch):
        """Show the weights as they were after the given epoch, or the nearest one that is stored."""
        epoch = min(max(int(epoch), 0), self.epoch)
        if epoch != self.epoch and epoch not in self.snapshots:
            stored = np.fromiter(self.snapshots, int)
            epoch = int(stored[np.abs(stored - epoch).argmin()])
        self.looking_at = epoch
        self._evaluate()

    @property
    def inputs(self):
        """The names of the network's inputs."""
        return inputs_in_use(self.settings["inputs"], self.is_curve)

    @property
    def offered(self):
        """The names of the inputs that these data have."""
        return offered(self.is_curve)

    def features(self, x):
        """What the network gets of points x (examples, 1 or 2): (examples, inputs)."""
        return features(x, self.inputs)

    @property
    def lines(self):
        """The first layer as (W, b) of the plane's coordinates, (1 or 2, units) and (units,): where x W + b is 0, a unit
        has a straight border. None when it gets other inputs."""
        dimensions = self.x.shape[1]
        if not set(self.inputs) <= set(COORDINATES[:dimensions]):
            return None
        W, b = self.weights()[:2]
        rows = np.zeros((dimensions, len(b)))
        rows[[COORDINATES.index(name) for name in self.inputs]] = W
        return rows, b

    @property
    def units(self):
        """The number of units of each hidden layer."""
        return units_of(self.settings)

    def weights(self):
        """[W1, b1, W2, b2, ...] at the epoch that is shown."""
        if self.looking_at == self.epoch:
            return [p.value for p in self.network.parameters]
        return split(self.snapshots[self.looking_at], self.network.parameters)

    def gradients(self):
        """[dL/dW1, dL/db1, ...] on all examples at the weights that are shown. On a reader's engine, those that its last
        step has used."""
        if self.engine is not None and self.looking_at == self.epoch > 0:
            flat = self.optimizer.gradient
        else:
            with np.errstate(all="ignore"):  # of a diverged run
                flat = self._gradient(np.concatenate(self.weights(), axis=None))
        return split(flat, self.network.parameters)

    def logits(self, x):
        """Output of the network that is shown at points x (examples, 1 or 2): logits (examples, 1)."""
        return self._outputs(self.weights(), x)

    def _outputs(self, weights, x):
        x = self.features(x)
        if self.engine is not None:
            return self.on_engine.logits(weights, x)
        return outputs_of(weights, x, self.settings["activation"])[-1]

    def activations(self, x):
        """What each layer of the network that is shown makes of points x (examples, 1 or 2): a list of arrays (examples,
        units); the last one holds the logits."""
        return outputs_of(self.weights(), self.features(x), self.settings["activation"])

    def surface(self, grid):
        """Probability of class 1 on a grid (rows, columns, 2) of inputs: (rows, columns)."""
        return logistic(self.logits(grid.reshape(-1, 2))).reshape(grid.shape[:-1])

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


_COPIED = (
    "epoch", "looking_at", "settings", "courses", "losses", "loss", "held_loss", "accuracy", "norms", "stride",
    "snapshots", "problem", "best",
)  # fmt: skip


def checkpoint(model):
    """What `restore_checkpoint` needs."""
    values = {name: copy(getattr(model, name)) for name in _COPIED}
    return values, model.flat_weights(), model.optimizer.state(), model.rng.bit_generator.state


def restore_checkpoint(model, taken):
    """Put a `TrainingModel` back to where it stood."""
    values, weights, averages, random_state = taken
    vars(model).update(values)
    for p, value in zip(model.network.parameters, split(weights, model.network.parameters), strict=True):
        p.value[...] = value
    model.optimizer.restore(averages)
    model.rng.bit_generator.state = random_state
    del model.history.loss[model.epoch :], model.history.learning_rate[model.epoch :]
    model.begin_again()


def _rose(losses):
    """Between which of them, one after the other, the loss rose by more than rounding does."""
    return np.diff(losses) > ROUNDING * (1 + losses[1:])
