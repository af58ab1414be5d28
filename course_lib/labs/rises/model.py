"""The lab of rises without its face: thirty networks learn XOR at one rate, and every rise of the loss is counted.

A rise has one of two causes: a step that is too long, or a step that follows the gradient of a part of the examples. A
smaller rate takes away the first kind; of the second kind some stay at any rate.
"""

import numpy as np

from ... import datasets, functional
from ...layers import Dense, Sequential, stack
from ...optimizers import GradientDescent
from ...text import say
from ..base.model import LabModel
from ..base.settings import Choice, Number
from ..base.words import listed

NETWORKS, HIDDEN, EPOCHS = 30, 4, 100
BATCHES = (4, 2, 1)  # examples a step
ENOUGH = NETWORKS - 1  # networks that have to be solved: now and then one starts badly at any rate
OFTEN, THIRD, SELDOM = 0.1, 1 / 3, 0.01  # shares of rises: of epochs, of steps, of epochs
NO_DESCENT = 0.4  # of the epochs: about every second one goes up
GOALS = ("all four", "one at a time")


class RisesModel(LabModel):
    """Thirty 2-4-1 networks with tanh and cross-entropy on XOR, each with examples in an order of its own.

    rate     learning rate                    batch   examples a step: 4, 2 or 1
    block    which thirty networks: weights and orders depend on it and on the network's number alone
    shown    number of the network whose loss is drawn, 1 to 30
    losses   one array (networks,) for each epoch done and one for the start: the loss of all four examples
    epochs_that_rose, steps_that_rose   (networks,) how often that loss was higher after an epoch, after a step
    tried    {(batch, rate): (share of epochs, share of steps, solved networks)} of the whole runs of this block
    """

    declared = {
        "rate": Number(0.01, 30.0, 1.0),
        "batch": Choice(BATCHES, 4),
        "block": Number(0, 999, 0, whole=True),
        "shown": Number(1, NETWORKS, 1, whole=True),
    }
    gentle = ("shown",)
    goals = GOALS

    def __init__(self, **settings):
        self.tried = {}
        super().__init__(**settings)

    def _configured(self, before):
        if self.settings["block"] != before["block"]:
            self.tried = {}
        super()._configured(before)

    def _start(self):
        """Back to the initial weights."""
        block = self.settings["block"]
        seeds = [block * NETWORKS + number for number in range(NETWORKS)]
        self.x, self.y = datasets.xor()
        self.networks = stack([_network(seed) for seed in seeds])
        self._orders = [np.random.default_rng([seed, 1]) for seed in seeds]
        self._optimizer = GradientDescent(self.settings["rate"])
        self.epochs_that_rose, self.steps_that_rose = np.zeros((2, NETWORKS), int)
        self.losses = [self._loss()]

    def next_networks(self):
        """The next thirty networks."""
        block = self.settings["block"]
        self.configure(block=block + 1 if block < self.declared["block"].high else 0)

    @property
    def epoch(self):
        return len(self.losses) - 1

    @property
    def finished(self):
        return self.epoch >= EPOCHS

    @property
    def done(self):
        return self.epoch

    def _advanced(self):
        if self.finished:
            self._note()

    def _step(self):
        batch, loss, rises = self.settings["batch"], self.losses[-1], 0
        orders = np.array([rng.permutation(len(self.x)) for rng in self._orders])  # (networks, examples)
        for start in range(0, len(self.x), batch):
            chosen = orders[:, start : start + batch]
            mean = functional.binary_cross_entropy(self.networks(self.x[chosen]), self.y[chosen])
            own_means = NETWORKS * mean  # with targets for each network, the loss is the mean over all of them
            own_means.backward()
            self._optimizer.step(self.networks.parameters)
            before, loss = loss, self._loss()
            rises = rises + (loss > before)
        self.steps_that_rose = self.steps_that_rose + rises
        self.epochs_that_rose = self.epochs_that_rose + (loss > self.losses[-1])
        self.losses.append(loss)

    def _logits(self):
        return self.networks(self.x).value[..., 0]  # (networks, examples)

    def _loss(self):
        """Cross-entropy of each network over all four examples."""
        z = self._logits()
        return np.mean(np.logaddexp(0, z) - self.y[:, 0] * z, axis=1)

    def _note(self):
        batch, rate = self.settings["batch"], self.settings["rate"]
        self.tried[batch, rate] = (self.share_of_epochs, self.share_of_steps, self.solved)
        if batch == 4 and self.share_of_epochs > OFTEN and self.solved >= ENOUGH:
            self.found.add(GOALS[0])
        if batch == 1 and self.share_of_steps > THIRD and self.share_of_epochs < SELDOM:
            self.found.add(GOALS[1])

    # What has been measured

    @property
    def solved(self):
        """How many of the networks now have all four examples right."""
        return int(np.all((self._logits() > 0) == (self.y[:, 0] == 1), axis=1).sum())

    @property
    def share_of_epochs(self):
        """The share of the epochs so far in which the loss rose, mean over the networks; 0 at the start."""
        return float(self.epochs_that_rose.mean() / max(self.epoch, 1))

    @property
    def share_of_steps(self):
        """The same for steps."""
        return float(self.steps_that_rose.mean() / max(self.epoch, 1) * self.settings["batch"] / len(self.x))

    @property
    def bad(self):
        """Whether, in a whole run, about every second epoch went up."""
        return self.finished and self.share_of_epochs > NO_DESCENT

    def rises(self):
        """The epochs in which the loss of the network that is shown rose: numbers from 1."""
        loss = np.array(self.losses)[:, self.settings["shown"] - 1]
        return np.flatnonzero(np.diff(loss) > 0) + 1

    def status(self):
        batch = self.settings["batch"]
        steps = (
            say("with one step an epoch")
            if batch == 4
            else say("and after {steps:.0%} of the steps", steps=self.share_of_steps)
        )
        return say(
            "Epoch {epoch} of {epochs}, rate {rate:g}, examples a step: {batch}. The loss of all four rose in {share:.1%} of "
            "the epochs, {steps}. {solved} of {networks} networks are solved.",
            epoch=self.epoch,
            epochs=EPOCHS,
            rate=self.settings["rate"],
            batch=batch,
            share=self.share_of_epochs,
            steps=steps,
            solved=self.solved,
            networks=NETWORKS,
        )

    def description(self):
        """The facts of the picture in words."""
        facts = [
            say("rate {rate:g} {epochs:.0%}, {solved} solved", rate=rate, epochs=epochs, solved=solved)
            for (batch, rate), (epochs, _, solved) in sorted(self.tried.items())
            if batch == self.settings["batch"]
        ]
        tried = listed(facts) or say("none tried so far")
        return say(
            "Rises of the loss: {networks} networks on XOR, {epochs} epochs, examples a step: {batch}. Left: the loss of each "
            "by epoch, with the rises of one of them marked. Right: share of epochs in which the loss rose, by learning rate: "
            "{tried}.",
            networks=NETWORKS,
            epochs=EPOCHS,
            batch=self.settings["batch"],
            tried=tried,
        )


def _network(seed):
    rng = np.random.default_rng(seed)
    return Sequential(Dense(2, HIDDEN, "tanh", rng=rng), Dense(HIDDEN, 1, rng=rng))
