"""What of a run of the training lab is looked at: the weights of any epoch, what they answer, and what is measured of them."""

import numpy as np

from ... import functional
from ...differentiate import value_and_grad
from ...ops import logistic
from ...text import say
from ...tools.curvature import largest_eigenvalue
from ..base.checks import check_choice
from .network import outputs_of, split, units_of

RECENT, OFTEN = 20, 5  # epochs; rises of the loss among them that say that the steps are too long
ROUNDING = 1e-12  # at rest, a loss rises and falls by its last digits: no rise
LOWER = ("norms", "sharpness")  # what can be looked at below the loss
EDGES = ("weights", "gradients")  # what the edges of the network can show


class Looking:
    """The half of a `TrainingModel` that changes nothing of its run."""

    lower, edges = LOWER[0], EDGES[0]

    def look_below(self, lower):
        """Look at something else besides the loss: one of LOWER."""
        check_choice(say("below the loss"), lower, LOWER)
        self.lower = lower

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
        answering = [answers > 0 for answers in outputs_of(split(flat, parameters), self.x, "relu")[:-1]]

        def loss(weights):
            x = self.x
            *hidden, (W, b) = zip(weights[::2], weights[1::2], strict=True)
            for (W_hidden, b_hidden), on in zip(hidden, answering, strict=True):
                x = functional.dense(x, W_hidden, b_hidden) * on.astype(float)
            return self.measure(functional.dense(x, W, b), self.y)

        def gradient(weights):
            return np.concatenate(value_and_grad(loss)(split(weights, parameters))[1], axis=None)

        return gradient

    def held_out_losses(self):
        """{epoch: loss on the examples that were held out}, at the epochs of the snapshots; empty without such ones."""
        return self._held.values(self.snapshots) if len(self.x_held) else {}

    def _held_out_loss_of(self, flat, _):
        with np.errstate(all="ignore"):
            outputs = self._outputs(split(flat, self.network.parameters), self.x_held)
            return float(self.measure(outputs, self.y_held)), None

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
        """Output of the network that is shown for inputs x (examples, inputs): logits (examples, 1)."""
        return self._outputs(self.weights(), x)

    def _outputs(self, weights, x):
        if self.engine is not None:
            return self.trained.logits(weights, x)
        return outputs_of(weights, x, self.settings["activation"])[-1]

    def activations(self, x):
        """What each layer of the network that is shown makes of inputs x (examples, 2): a list of arrays (examples,
        units); the last one holds the logits."""
        return outputs_of(self.weights(), x, self.settings["activation"])

    def surface(self, grid):
        """Probability of class 1 on a grid (rows, columns, 2) of inputs: (rows, columns)."""
        return logistic(self.logits(grid.reshape(-1, 2))).reshape(grid.shape[:-1])


def _rose(losses):
    """Between which of them, one after the other, the loss rose by more than rounding does."""
    return np.diff(losses) > ROUNDING * (1 + losses[1:])
