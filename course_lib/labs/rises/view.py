"""The lab of rises: turn the learning rate, and see in how many epochs the loss rises, and how many networks get there."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.curves import joined
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import BATCHES, ENOUGH, EPOCHS, GOALS, OFTEN, RisesModel

SIZE = (960, 350)  # of the picture, in CSS pixels
A_FRAME = 2  # epochs: slow enough to watch
LOSSES = (1e-3, 40)  # what the left axis shows
SHARES = (-0.03, 0.98)  # what the right axis shows
MARKERS = dict(zip(BATCHES, ("o", "s", "^"), strict=True))
LADDER = (0.5, 1.0, 2.0, 3.0, 8.0, 12.0, 20.0)  # rates of the static picture: none reaches a goal


def rises_lab(name="rises", **settings):
    """The lab of rises, to be the last line of a cell. settings: rate, batch, block, shown of `RisesModel`."""
    return RisesLab(RisesModel(**settings), name)


class RisesLab(PictureLab):
    """Controls and picture of a `RisesModel`. A whole run takes a twentieth of a second: each change shows it at once."""

    size = SIZE
    question = N_(
        "Choose a rate at which the loss rises, then a tenth of it. With all four examples a step the rises go; with one "
        "example a step, which rises go and which stay?"
    )
    goal_texts = {
        GOALS[0]: N_(
            "Goal: all four examples a step, and a rate at which the loss rises in more than one epoch in ten, and yet "
            "all networks but one at most are solved."
        ),
        GOALS[1]: N_(
            "Goal: one example a step, and a rate at which more than one step in three raises the loss, but fewer than "
            "one epoch in a hundred."
        ),
    }
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "batch": Control(N_("Examples a step"), words={4: N_("all 4")}),
        "shown": Control(N_("Network shown"), slider=False),
    }
    rows = (("rate", "batch"), ("watch", "others", "shown"))
    lines_of_status = 2

    def __init__(self, model, name):
        model.advance(EPOCHS)
        super().__init__(model, name)

    def make_view(self, canvas):
        return View(canvas)

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

    def make_buttons(self):
        return {
            "watch": self.make_run_button(
                say("Watch"), say("The same run from its start, slowly; press again to pause")
            ),
            "others": self.button(
                say("Other networks"),
                self.pausing(self.model.next_networks),
                tooltip=say("The next thirty initial weights and orders of examples"),
            ),
        }

    def _toggle(self):
        """While it is watched, the run stands still where it is paused."""
        if self.running:
            self.stop()
            self._status_shown = 0.0
            self.refresh()
        else:
            super()._toggle()


class View:
    """The picture: losses by epoch on the left, share of rises by learning rate on the right."""

    def __init__(self, canvas):
        with canvas.styled():
            self._make_losses(canvas)
            self._make_shares(canvas)

    def _make_losses(self, canvas):
        axes = canvas.axes(70, 50, 460, 258, yscale="log", xlim=(0, EPOCHS), ylim=LOSSES)
        axes.set(xlabel=say("epoch"))
        axes.set_title(say("Loss of all four examples"))
        axes.set_yticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        axes.set_yticks([], minor=True)
        self.others = canvas.line(axes, color=style.LIGHT_GREY, linewidth=0.8)
        self.loss = canvas.line(axes, color=style.BLUE, linewidth=1.6)
        self.rises = canvas.line(axes, color=style.VERMILLION, linestyle="", marker="o", markersize=4.5)
        axes.plot([], [], color=style.BLUE, label=say("the network shown"))
        axes.plot([], [], color=style.VERMILLION, linestyle="", marker="o", markersize=4.5, label=say("it rose"))
        axes.plot([], [], color=style.LIGHT_GREY, label=say("the others"))
        axes.legend(loc="lower left", fontsize=9, ncols=3, handlelength=1.4, columnspacing=1.2)

    def _make_shares(self, canvas):
        axes = canvas.axes(618, 50, 324, 258, xscale="log", xlim=RisesModel.number_limits()["rate"], ylim=SHARES)
        axes.set(xlabel=say("learning rate"))
        axes.set_title(say("Share of rises"))
        axes.set_yticks([0, 0.1, 1 / 3, 0.5], ["0", "1/10", "1/3", "1/2"])
        axes.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        axes.axhline(OFTEN, color=style.GREY, linestyle=":", linewidth=1.2)
        now = {"color": style.ORANGE, "linewidth": 1.2, "linestyle": "--"}
        self.now = canvas.line(axes, **now)
        self.steps = canvas.line(axes, color=style.GREY, linestyle="", marker="_", markersize=9, markeredgewidth=1.8)
        self.points = {}
        for batch, marker in MARKERS.items():
            look = {"linestyle": "", "marker": marker, "markersize": 6.5}
            self.points[batch, True] = canvas.line(axes, color=style.GREEN, **look)
            self.points[batch, False] = canvas.line(
                axes, color=style.VERMILLION, markerfacecolor="white", markeredgewidth=1.6, **look
            )
            label = say("all 4") if batch == 4 else str(batch)
            axes.plot([], [], color=style.GREY, label=say("epochs, {batch} a step", batch=label), **look)
        axes.plot([], [], color=style.GREY, linestyle="", marker="_", markersize=9, label=say("steps"))
        axes.plot([], [], label=say("the rate now"), **now)
        enough = say("{enough} solved or more", enough=ENOUGH)
        axes.plot([], [], color=style.GREEN, linestyle="", marker="o", label=enough)
        axes.plot([], [], color=style.VERMILLION, linestyle="", marker="o", markerfacecolor="white", label=say("fewer"))
        axes.legend(loc="upper left", fontsize=8.5, ncols=2, handlelength=1, columnspacing=1, labelspacing=0.3)

    def show(self, model):
        losses = np.clip(np.array(model.losses), *LOSSES)  # (epochs + 1, networks)
        epochs, shown, rises = np.arange(len(losses)), model.settings["shown"] - 1, model.rises()
        curves = [np.stack([epochs, loss], axis=1) for loss in np.delete(losses, shown, axis=1).T]
        self.others.set_data(*joined(curves))
        self.loss.set_data(epochs, losses[:, shown])
        self.rises.set_data(rises, losses[rises, shown])
        self.now.set_data([model.settings["rate"]] * 2, [SHARES[0], 0.68])  # below the legend
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


def _columns(points):
    """Points as their x and their y."""
    return np.array(list(points), float).reshape(-1, 2).T
