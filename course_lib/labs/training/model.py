"""The training lab without its face: settings, a run that can be advanced, scrubbed, described, and written down.

Nothing here needs a notebook. The view reads this object and calls its methods; tests do the same.
"""

import math
from copy import copy
from itertools import pairwise

import numpy as np

from ... import datasets, functional, optimizers
from ...ops import logistic
from ...text import N_, say
from ...tools.curvature import gradient_at, largest_eigenvalue
from ...tools.engines import OnEngine
from ...training import Diverged, History, accuracy, train
from ..panel.checks import check_choice
from ..panel.model import LabModel, never
from ..panel.settings import Choice, Number
from ..panel.words import format_loss
from . import words
from .network import FurtherLayers, build, outputs_of, split, units_of
from .program import DATA_SEED, with_course_lib, with_numpy

DATA = {"xor": (-0.5, 1.5), "circles": (-1.5, 1.5), "moons": (-1.5, 1.5), "spirals": (-1.5, 1.5)}  # name: range drawn
ACTIVATIONS = ("tanh", "sigmoid", "relu")
OPTIMIZERS = ("GradientDescent", "Momentum", "RMSProp", "Adam")
MOST_EPOCHS = 20_000
GOALS = {"4 units": (4, 40), "2 units": (2, 60)}  # hidden units, epochs: solve XOR with so many units within so many
SOLVED_LOSS = 0.1  # a run counts as solved when every point is right and the loss is below this
DIVERGED_LOSS = 1000.0  # a thousand times that of guessing: not finite it hardly ever gets, for dead units stop it
SNAPSHOTS = 400
LOWER = ("norms", "sharpness")  # what can be looked at below the loss
EDGES = ("weights", "gradients")  # what the edges of the network can show


class TrainingModel(LabModel):
    """A network in training. Settings: batch 0 stands for all examples, scale multiplies the initial weights.

    engine     None for ours, or an `Engine` of `tools.engines`, which then computes losses, gradients and outputs
    rate       the learning rate of the next step
    epoch      epochs done                               loss     loss of the present weights on all examples
    losses     loss after 0, 1, 2, ... epochs (for mini-batches, the mean over the epoch)
    changes    list of (epochs done, new rate); the first entry is the rate at the start
    snapshots  dict epoch -> flat weights, at most 400 of them, evenly spread
    norms      list of (epoch, gradient norm of layer 1, of layer 2, ...), at the same epochs
    ghosts     the last three runs, each a list of losses
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
    }
    gentle, live, later = ("epochs",), {"rates": "rate"}, ("deeper",)
    goals, most = tuple(GOALS), MOST_EPOCHS

    def __init__(self, engine=None, **settings):
        self.engine, self.ghosts, self.epoch, self.lower, self.edges = engine, [], 0, LOWER[0], EDGES[0]
        if engine is not None:  # its values know no other activation
            self.declared = self.declared | {"activation": Choice(("tanh",), "tanh")}
        self.records = {}  # (data, hidden): fewest epochs that solved it
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
        if self.epoch > 1:
            self.ghosts = [*self.ghosts, self.losses[: self.epoch + 1].copy()][-3:]
        settings, self.problem = self.settings, ""
        self.x, self.y = make_data(settings["data"])
        self.rng = np.random.default_rng(settings["seed"])
        self.network = build(settings, self.rng)
        self.trained, self.loss_function = self.network, functional.binary_cross_entropy
        if self.engine is not None:
            self.trained = OnEngine(self.engine, self.network)
            self.loss_function = self.trained.loss
        self.optimizer = getattr(optimizers, settings["optimizer"])(self.rate)
        self.history = History()
        self.losses = np.full(MOST_EPOCHS + 1, np.nan)
        self.epoch = self.looking_at = 0
        self.norms, self._stride = [], 1
        ends = np.cumsum([0, *(sum(p.size for p in layer.parameters) for layer in self.network.layers)])
        self._places = list(pairwise(ends.tolist()))  # of each layer in a row of all weights
        self.snapshots = {0: self._flat_weights()}
        self._gradient, _ = gradient_at(self.network, (self.x, self.y), functional.binary_cross_entropy)
        self._curved = {}  # epoch: (the snapshot, its sharpness, the direction)
        self._epochs = self._train()
        self._evaluate()

    def _train(self):
        """The generator of epochs. It could run beyond the limit; `advance` stops asking at settings.epochs."""
        return train(
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
    def target(self):
        return self.settings["epochs"] if self.stop_at is None else self.stop_at

    def advance(self, steps=1, enough=never):
        """Train for some epochs, as every model goes on.

        An interrupt in the middle of a step is survived: the run goes back to where this call began.
        """
        checkpoint = self._checkpoint()
        try:
            super().advance(steps, enough)
        except BaseException:
            self._restore_checkpoint(checkpoint)
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
            self.problem = str(stop)
            return
        self.losses[self.epoch] = progress.loss
        self.epoch = self.looking_at = progress.epoch
        if self.epoch % self._stride == 0:
            self._remember()
        self._note_record()
        if progress.loss > DIVERGED_LOSS:
            self.problem = say(
                "diverged at epoch {epoch}: the loss has grown to {loss}; try a learning rate smaller than {rate:g}",
                epoch=self.epoch,
                loss=format_loss(progress.loss),
                rate=progress.learning_rate,
            )

    def _remember(self):
        layers = (self.optimizer.gradient[start:end] for start, end in self._places)
        self.snapshots[self.epoch] = self._flat_weights()
        self.norms.append((self.epoch, *(math.sqrt(flat.dot(flat)) for flat in layers)))
        if len(self.snapshots) > SNAPSHOTS:
            self._stride *= 2
            self.snapshots = {e: w for e, w in self.snapshots.items() if e % self._stride == 0}
            self.norms = [n for n in self.norms if n[0] % self._stride == 0]

    def _note_record(self):
        """Remember the fewest epochs that solved this task with this number of hidden units."""
        key = (self.settings["data"], self.settings["hidden"])
        if self.epoch < self.records.get(key, math.inf):
            self._evaluate()
            if self.solved:
                self.records[key] = self.epoch

    def _evaluate(self):
        """Loss and accuracy of the weights that are shown, on all examples."""
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.logits(self.x)
            self.loss = float(functional.binary_cross_entropy(logits, self.y))
        self.accuracy = float(accuracy(logits, self.y))
        if self.looking_at == self.epoch:
            self.losses[self.epoch] = self.loss

    @property
    def solved(self):
        return self.accuracy == 1 and self.loss < SOLVED_LOSS

    def _reached_now(self):
        return [goal for goal, (hidden, most) in GOALS.items() if self.records.get(("xor", hidden), math.inf) <= most]

    @property
    def good(self):
        return self.solved

    @property
    def bad(self):
        return bool(self.problem) and self.looking_at == self.epoch

    # Looking

    def look_below(self, lower):
        """Look at something else besides the loss: one of LOWER."""
        check_choice(say("below the loss"), lower, LOWER)
        self.lower = lower

    def sharpnesses(self):
        """{epoch: largest eigenvalue of the Hessian of the loss on all examples}, at the epochs of the snapshots."""
        self._curved = {e: known for e, known in self._curved.items() if self.snapshots.get(e) is known[0]}
        direction = None
        with np.errstate(all="ignore"):  # of a diverged run
            for epoch, flat in self.snapshots.items():
                if epoch not in self._curved:
                    self._curved[epoch] = (flat, *largest_eigenvalue(self._gradient, flat, direction))
                direction = self._curved[epoch][2]
        return {epoch: known[1] for epoch, known in self._curved.items()}

    @property
    def sharpness(self):
        """That of the weights that are shown, or of the last snapshot before them."""
        return [value for epoch, value in sorted(self.sharpnesses().items()) if epoch <= self.looking_at][-1]

    def rate_at(self, epoch):
        """The learning rate of the step that follows this epoch; that of the next step where none has followed."""
        return self.rate if epoch == self.epoch else [rate for at, rate in self.changes if at <= epoch][-1]

    def look_at(self, epoch):
        """Show the weights as they were after the given epoch, or the nearest one that is stored."""
        epoch = min(max(int(epoch), 0), self.epoch)
        if epoch != self.epoch:
            stored = np.fromiter(self.snapshots, int)
            epoch = int(stored[np.abs(stored - epoch).argmin()])
        self.looking_at = epoch
        self._evaluate()

    def look_along(self, edges):
        """Look at something else on the edges of the network: one of EDGES."""
        check_choice(say("on the edges"), edges, EDGES)
        self.edges = edges

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
        """Output of the network that is shown for inputs x (examples, 2): logits (examples, 1)."""
        if self.engine is not None:
            return self.trained.logits(self.weights(), x)
        return self.activations(x)[-1]

    def activations(self, x):
        """What each layer of the network that is shown makes of inputs x (examples, 2): a list of arrays (examples,
        units); the last one holds the logits."""
        return outputs_of(self.weights(), x, self.settings["activation"])

    def surface(self, grid):
        """Probability of class 1 on a grid (rows, columns, 2) of inputs: (rows, columns)."""
        return logistic(self.logits(grid.reshape(-1, 2))).reshape(grid.shape[:-1])

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

    def _flat_weights(self):
        return np.concatenate([p.value for p in self.network.parameters], axis=None)

    def _checkpoint(self):
        copied = (
            "epoch",
            "looking_at",
            "settings",
            "courses",
            "losses",
            "loss",
            "accuracy",
            "norms",
            "_stride",
            "snapshots",
            "problem",
            "records",
        )
        averages = {name: v.copy() for name, v in vars(self.optimizer).items() if name in ("m", "s", "v")}
        return (
            {name: copy(getattr(self, name)) for name in copied},
            self._flat_weights(),
            averages,
            getattr(self.optimizer, "t", None),
            self.rng.bit_generator.state,
        )

    def _restore_checkpoint(self, checkpoint):
        values, weights, averages, steps, random_state = checkpoint
        vars(self).update(values)
        for p, value in zip(self.network.parameters, split(weights, self.network.parameters), strict=True):
            p.value[...] = value
        if self.epoch == 0:  # what an optimizer remembers begins with its first step
            self.optimizer = type(self.optimizer)(self.rate)
        for name, average in averages.items():
            getattr(self.optimizer, name)[...] = average
        if steps is not None:
            self.optimizer.t = steps
        self.rng.bit_generator.state = random_state
        del self.history.loss[self.epoch :], self.history.learning_rate[self.epoch :]
        self._epochs = self._train()


def make_data(name):
    """The lab's data set of that name: x (examples, 2), y (examples, 1). Always the same examples."""
    return datasets.xor() if name == "xor" else getattr(datasets, name)(np.random.default_rng(DATA_SEED))
