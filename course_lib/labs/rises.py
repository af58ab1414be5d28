"""The lab of rises: turn the learning rate, and see in how many epochs the loss rises, and how many networks get there.

A rise has one of two causes: a step that is too long, or a step that follows the gradient of a part of the examples. A
smaller rate takes away the first kind; of the second kind some stay at any rate.
"""

import numpy as np

from .. import datasets, functional
from ..layers import Dense, Sequential, stack
from ..optimizers import GradientDescent
from ..pictures import style
from ..text import N_, say
from .base.buttons import Button, Run
from .base.curves import joined
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number
from .base.words import listed

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
    steps_of_epochs   one array (networks,) for each epoch done: how many of its steps left that loss higher
    tried    {(batch, rate): (share of epochs, share of steps, solved networks)} of the whole runs of this block
    """

    declared = {
        "rate": Number(0.01, 30.0, 1.0, label=N_("Learning rate"), logarithmic=True),
        "batch": Choice(BATCHES, 4, label=N_("Examples per step"), words={4: N_("all 4")}),
        "block": Number(0, 999, 0, whole=True),
        "shown": Number(1, NETWORKS, 1, whole=True, label=N_("Network shown"), slider=False),
    }
    keeps_run = ("shown",)
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
        self.losses, self.steps_of_epochs = [self._loss()], []

    def next_networks(self):
        """The next thirty networks."""
        block = self.settings["block"]
        self.configure(block=block + 1 if block < self.declared["block"].high else 0)

    @property
    def epoch(self):
        return len(self.losses) - 1

    done = epoch

    @property
    def finished(self):
        return self.epoch >= EPOCHS

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
        self.steps_of_epochs.append(rises)
        self.epochs_that_rose = self.epochs_that_rose + (loss > self.losses[-1])
        self.losses.append(loss)

    def _logits(self):
        return self.networks(self.x).value[..., 0]  # (networks, examples)

    def _loss(self):
        """Cross-entropy of each network over all four examples."""
        z = self._logits()
        return np.mean(np.logaddexp(0, z) - self.y[:, 0] * z, axis=1)

    def _advanced(self):
        """A whole run is noted."""
        if not self.finished:
            return
        batch, rate = self.settings["batch"], self.settings["rate"]
        self.tried[batch, rate] = (self.share_of_epochs, self.share_of_steps, self.solved)
        if batch == 4 and self.share_of_epochs > OFTEN and self.solved >= ENOUGH:
            self.found.add(GOALS[0])
        if batch == 1 and self.share_of_steps > THIRD and self.share_of_epochs < SELDOM:
            self.found.add(GOALS[1])

    # What has been measured

    @property
    def is_solved(self):
        """(networks,) whether each of them now has all four examples right."""
        return np.all((self._logits() > 0) == (self.y[:, 0] == 1), axis=1)

    @property
    def solved(self):
        """How many of them have."""
        return int(self.is_solved.sum())

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
        steps = say("with one step an epoch")
        if self.settings["batch"] != 4:
            steps = say("and after {steps:.0%} of the steps", steps=self.share_of_steps)
        return say(
            "Epoch {epoch} of {epochs}, rate {rate:g}, examples per step: {batch}. The loss of all four "
            "rose in {share:.1%} of the epochs, {steps}. {solved} of {networks} networks are solved.",
            epoch=self.epoch,
            epochs=EPOCHS,
            share=self.share_of_epochs,
            steps=steps,
            solved=self.solved,
            networks=NETWORKS,
            **self.settings,
        )

    def description(self):
        facts = [
            say(
                "at rate {rate:g} it rose in {epochs:.0%}, and {solved} of the networks solved XOR",
                rate=rate,
                epochs=epochs,
                solved=solved,
            )
            for (batch, rate), (epochs, _, solved) in sorted(self.tried.items())
            if batch == self.settings["batch"]
        ]
        tried = listed(facts) or say("none tried so far")
        return say(
            "Rises of the loss: {networks} networks on XOR, {epochs} epochs, examples per step: {batch}. Left: the loss of "
            "each by epoch, with the rises of one of them marked, and below it the rises of all. Right: share of epochs in "
            "which the loss rose, by learning rate: {tried}.",
            networks=NETWORKS,
            epochs=EPOCHS,
            tried=tried,
            **self.settings,
        )


def _network(seed):
    rng = np.random.default_rng(seed)
    return Sequential(Dense(2, HIDDEN, "tanh", rng=rng), Dense(HIDDEN, 1, rng=rng))


A_FRAME = 2  # epochs: slow enough to watch
LOSSES = (1e-3, 40)  # between which losses are shown
SHARES = (-0.03, 0.85)  # what the right axis shows
GREYS = ("#D0D0D0", "#B5B5B5", "#909090", "#707070")  # of an epoch in which a quarter, half, ... of the steps rose
MARKERS = dict(zip(BATCHES, ("o", "s", "^"), strict=True))
LADDER = (0.5, 1.0, 2.0, 3.0, 8.0, 12.0, 20.0)  # rates of the static picture: none reaches a goal


class RisesLab(Lab):
    """The lab of rises, to be the last line of a cell. settings: rate, batch, block, shown of `RisesModel`."""

    model_class, opens_with = RisesModel, {"rate": 3.0}  # at which some epochs rise
    size = (960, 366)
    question = N_(
        "Choose a rate at which the loss rises, then a tenth of it. With all four examples per step "
        "the rises go away. With one example per step, which rises go and which stay?"
    )
    goal_texts = {
        GOALS[0]: N_(
            "Goal: with all four examples per step, find a rate at which the loss rises in more than one epoch in "
            "ten, and yet at most one network fails to solve XOR."
        ),
        GOALS[1]: N_(
            "Goal: with one example per step, find a rate at which more than one step in three raises "
            "the loss, but fewer than one epoch in a hundred does."
        ),
    }
    actions = {
        "watch": Run(N_("Watch"), N_("The same run from its start, slowly; press again to pause")),
        "others": Button(
            N_("Other networks"), "next_networks", N_("The next thirty initial weights and orders of examples")
        ),
    }
    rows = (("rate", "batch"), ("watch", "others", "shown"))

    def open(self, model, name=None):
        model.advance(EPOCHS)
        super().open(model, name)

    def work(self):
        self.model.advance(A_FRAME)
        return not self.model.finished

    def redraw(self):
        if not (self.running or self.model.behind):
            self.model.advance(EPOCHS)
        super().redraw()

    def static_model(self):
        rate = self.model.settings["rate"]
        model = self.model.twin()
        for each in (*(other for other in LADDER if other != rate), rate):
            model.configure(rate=each)
            model.advance(EPOCHS)
        return model

    def _toggle(self):
        """While it is watched, the run stands still where it is paused."""
        if self.running:
            self.stop()
            self._status_shown = 0.0
            self.refresh()
        else:
            super()._toggle()

    # The picture

    def make(self, canvas):
        """On the left losses by epoch, and below them every rise; on the right the share of rises by learning rate."""
        self._make_losses(canvas)
        self._make_rises(canvas)
        self._make_shares(canvas)

    def _make_losses(self, canvas):
        axes = canvas.axes(70, 216, 460, 118, yscale="log", xlim=(0, EPOCHS), ylim=(1.2e-4, LOSSES[1]))
        axes.cut_at = LOSSES  # below them stands the legend
        axes.set_title(say("Loss of all four examples"))
        axes.set_yticks([0.001, 0.1, 10], ["0.001", "0.1", "10"])
        axes.minorticks_off()
        axes.tick_params(labelbottom=False)
        self.others = canvas.line(axes, color=style.SILVER, linewidth=0.8)
        self.loss = canvas.line(axes, color=style.BLUE, linewidth=1.6)
        self.rises = canvas.line(axes, color=style.VERMILLION, linestyle="", marker="o", markersize=4.5)
        axes.plot([], [], color=style.BLUE, label=say("the network shown"))
        axes.plot([], [], color=style.VERMILLION, linestyle="", marker="o", markersize=4.5, label=say("it rose"))
        axes.plot([], [], color=style.SILVER, label=say("the others"))
        axes.legend(loc="lower left", fontsize=9, ncols=3, handlelength=1.4, columnspacing=1.2, borderaxespad=0.2)

    def _make_rises(self, canvas):
        """A row for each network, a column for each epoch."""
        axes = canvas.axes(70, 50, 460, 124, xlim=(0, EPOCHS), ylim=(NETWORKS + 0.5, 0.5))
        axes.set(xlabel=say("epoch"), ylabel=say("network"), title=say("Every rise"), yticks=[1, 10, 20, 30])
        axes.grid(visible=False)
        self.row = canvas.line(axes, color=style.BLUE, linewidth=1, marker=">", markevery=[0], clip_on=False)
        mark = {"linestyle": "", "marker": "|", "markersize": 2.5}
        self.steps_of_epochs = [canvas.line(axes, color=grey, markeredgewidth=3.2, **mark) for grey in GREYS]
        self.epochs = canvas.line(axes, color=style.VERMILLION, markeredgewidth=3.2, **mark)
        unsolved = {"color": style.BLACK, "linestyle": "", "marker": "x", "markersize": 3.2, "markeredgewidth": 1.1}
        self.unsolved = canvas.line(axes, clip_on=False, **unsolved)
        wide = {"linestyle": "", "marker": "|", "markersize": 8, "markeredgewidth": 3.2}
        axes.plot([], [], color=style.VERMILLION, label=say("epoch"), **wide)
        axes.plot([], [], color=GREYS[1], label=say("some steps"), **wide)
        axes.plot([], [], label=say("not solved"), **unsolved | {"markersize": 5})
        place = {"loc": "lower right", "bbox_to_anchor": (1.02, 0.98), "borderaxespad": 0}
        axes.legend(fontsize=9, ncols=3, handlelength=1, handletextpad=0.4, columnspacing=1.2, **place)
        canvas.hand.clicking(axes, self.safely(self.showing(self._choose)))
        canvas.hand.reading(axes, self._rises_at)

    def _make_shares(self, canvas):
        axes = canvas.axes(618, 50, 324, 230, xscale="log", xlim=RisesModel.number_limits()["rate"], ylim=SHARES)
        axes.set(xlabel=say("learning rate"))
        axes.set_title(say("Share of rises"), pad=44.8)  # above the legend
        axes.set_yticks([0, 0.1, 1 / 3, 0.5], ["0", "1/10", "1/3", "1/2"])
        axes.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        axes.axhline(OFTEN, color=style.GREY, linestyle=":", linewidth=1.2)
        self.now = canvas.line(axes, color=style.ORANGE, linewidth=1.2, linestyle="--")
        self.between = canvas.line(axes, color=style.SILVER, linewidth=1)
        self.steps = canvas.line(axes, color=style.GREY, linestyle="", marker="_", markersize=9, markeredgewidth=1.8)
        self.points = {}
        for batch, marker in MARKERS.items():
            look = {"linestyle": "", "marker": marker, "markersize": 6.5}
            self.points[batch, True] = canvas.line(axes, color=style.GREEN, **look)
            self.points[batch, False] = canvas.line(
                axes, color=style.VERMILLION, markerfacecolor="white", markeredgewidth=1.6, **look
            )
            label = say("all 4") if batch == 4 else str(batch)
            axes.plot([], [], color=style.GREY, label=say("epochs, {batch} per step", batch=label), **look)
        enough = say("{enough} solved or more", enough=ENOUGH)
        axes.plot([], [], color=style.GREEN, linestyle="", marker="o", label=enough)
        axes.plot([], [], color=style.VERMILLION, linestyle="", marker="o", markerfacecolor="white", label=say("fewer"))
        axes.plot([], [], color=style.GREY, linestyle="", marker="_", markersize=9, label=say("steps"))
        looks = {"fontsize": 8.5, "ncols": 2, "handlelength": 1, "columnspacing": 1, "labelspacing": 0.25}
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2, **looks)
        colours = style.BLACK, style.GREY
        self.said = [canvas.label((0, 0), colour=colour, size=9.5, background="white") for colour in colours]

    def _choose(self, _, row):
        """The network whose row was clicked on."""
        self.model.configure(shown=min(max(round(row), 1), NETWORKS))

    def _rises_at(self, _, row):
        number = min(max(round(row), 1), NETWORKS)
        return say(
            "network {number}: the loss rose in {rises} of {epochs} epochs; click to see its curve",
            number=number,
            rises=self.model.epochs_that_rose[number - 1],
            epochs=self.model.epoch,
        )

    def show(self):
        self._show_losses()
        self._show_rises()
        self._show_shares()

    def _show_losses(self):
        model = self.model
        losses = np.clip(np.array(model.losses), *LOSSES)  # (epochs + 1, networks)
        epochs, shown, rises = np.arange(len(losses)), model.settings["shown"] - 1, model.rises()
        curves = [np.stack([epochs, loss], axis=1) for loss in np.delete(losses, shown, axis=1).T]
        self.others.set_data(*joined(curves))
        self.loss.set_data(epochs, losses[:, shown])
        self.rises.set_data(rises, losses[rises, shown])

    def _show_rises(self):
        model = self.model
        rose = np.diff(np.array(model.losses), axis=0) > 0  # (epochs, networks)
        self.epochs.set_data(*_cells(rose))
        an_epoch = len(model.x) // model.settings["batch"]
        steps = np.reshape(model.steps_of_epochs, rose.shape) * (4 // an_epoch) * (an_epoch > 1)  # in quarters
        for quarters, line in enumerate(self.steps_of_epochs, 1):
            line.set_data(*_cells((steps == quarters) & ~rose))
        self.row.set_data([0, EPOCHS], [model.settings["shown"]] * 2)
        unsolved = np.flatnonzero(~model.is_solved) + 1
        self.unsolved.set_data(np.full(len(unsolved), EPOCHS + 1.5), unsolved)

    def _show_shares(self):
        model = self.model
        rate, batch = model.settings["rate"], model.settings["batch"]
        self.now.set_data([rate] * 2, SHARES)
        tried = sorted((rate, epochs) for (size, rate), (epochs, _, _) in model.tried.items() if size == batch)
        self.between.set_data(*_columns(tried))
        self.steps.set_data(
            *_columns((rate, steps) for (batch, rate), (_, steps, _) in model.tried.items() if batch != 4)
        )
        for (batch, solved), points in self.points.items():
            points.set_data(
                *_columns(
                    (rate, epochs)
                    for (tried, rate), (epochs, _, count) in model.tried.items()
                    if tried == batch and (count >= ENOUGH) == solved
                )
            )
        self._say_shares()

    def _say_shares(self):
        """The two shares in numbers, beside the rate."""
        model = self.model
        words = (
            (model.share_of_epochs, say("{share:.1%} of the epochs", share=model.share_of_epochs)),
            (model.share_of_steps, say("{share:.0%} of the steps", share=model.share_of_steps)),
        )
        left = model.settings["rate"] > 0.5
        for label, (share, text) in zip(self.said, words, strict=True):
            label.text = text if label is self.said[0] or model.settings["batch"] != 4 else ""
            aside = label.width / 2 + 10
            label.put(self.now.axes, model.settings["rate"], share, -aside if left else aside, 13)


def _cells(rose):
    """Where something happened, (epochs, networks), as x and y: each epoch by its middle, networks from 1."""
    epochs, networks = np.nonzero(rose)
    return epochs + 0.5, networks + 1


def _columns(points):
    """Points as their x and their y."""
    return np.array(list(points), float).reshape(-1, 2).T
