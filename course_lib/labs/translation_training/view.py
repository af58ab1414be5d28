"""The lab "learn to translate": loss, exact match, and one number translated live while the network trains."""

from itertools import zip_longest

import numpy as np
from matplotlib.colors import to_hex

from ...pictures import style
from ...text import N_, say
from ..base.artists import Label, pale
from ..base.controls import TextControl
from ..base.curves import show_ghosts
from ..base.picture import PictureLab
from ..base.tables import Control
from ..translation.view import shown_symbol
from .model import EXAMPLE, GHOSTS, GOAL, MOST_STEPS, STEPS, TranslationTraining

SIZE = (960, 380)
LOSS_LIMITS = (1e-3, 10)
COLUMNS, ROWS = (250, 54), (84, 52, 20)  # of the example: first column, distance; right, forced, alone
WRONG = to_hex(pale(style.VERMILLION))  # what a wrong symbol stands on: black is read on it easily
STATIC_STEPS, STATIC_RATE = 100, 0.01  # about a second


def translation_training_lab(name="translation training", rate=0.001, **settings):
    """The lab "learn to translate", to be the last line of a cell.

    rate       learning rate at the start
    settings   attention, seed, number of `TranslationTraining`
    """
    return TranslationTrainingLab(TranslationTraining(rate=rate, **settings), name)


class TranslationTrainingLab(PictureLab):
    """Controls and picture of a `TranslationTraining`."""

    size = SIZE
    piece = 0.02
    question = N_("Which symbols come right first, and what does one wrong symbol do to the rest of the last row?")
    goal_texts = {
        "quick": N_(
            "Goal: a learning rate with which at least {share:.0%} of the validation numbers are right within {steps} "
            "steps, with attention."
        ),
    }
    facts = dict(zip(("share", "steps"), GOAL, strict=True))
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "attention": Control(N_("Decoder"), words={True: N_("with attention"), False: N_("without attention")}),
        "seed": Control(N_("Seed"), slider=False),
    }
    rows = (("train", "step", "reset", "attention", "seed"), ("rate", "number"))

    def make_view(self, canvas):
        return View(canvas)

    def static_model(self):
        """A model after STATIC_STEPS steps at a good rate."""
        model = self.model.twin(rate=STATIC_RATE)
        model.advance(STATIC_STEPS)
        return model

    def goal_text(self, name, text):
        fewest = self.model.fewest
        return say("{goal} Fewest so far: {fewest}.", goal=text, fewest=fewest) if np.isfinite(fewest) else text

    def make_buttons(self):
        self.controls["number"] = TextControl(
            say("Example"),
            f"{self.model.settings['number']:,}",
            ends=("0", f"{EXAMPLE:,}", "seven hundred"),
            placeholder="340,215",
            on_change=self.safely(self._ask),
            width=250,
        )
        return {
            "train": self.make_run_button(
                say("Train"), say("Train {steps} steps; press again to pause", steps=MOST_STEPS)
            ),
            "step": self.make_step_button(say("Step"), say("Pause and train one step")),
            "reset": self.make_reset_button(),
        }

    def _ask(self, text):
        self.model.ask(text)
        self.redraw()

    def resume(self, state):
        super().resume(state)
        self.controls["number"].show(f"{self.model.settings['number']:,}")


class View:
    """The picture: loss and exact match above, the example in three rows below."""

    def __init__(self, canvas):
        self.canvas = canvas
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        span = {"xlim": (-0.01 * MOST_STEPS, 1.01 * MOST_STEPS), "xticks": range(0, MOST_STEPS + 1, 50)}
        self.loss = canvas.axes(62, 168, 380, 176, yscale="log", ylim=LOSS_LIMITS, **span)
        self.loss.set_title(say("Loss $L$, a mean over the symbols"), fontsize=11)
        self.loss.set_yticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        self.loss.minorticks_off()
        self.exact = canvas.axes(534, 168, 400, 176, ylim=(-0.02, 1.04), **span)
        self.exact.set_title(say("Exact match on validation numbers"), fontsize=11)
        self.exact.set_yticks([0, 0.5, GOAL[0], 1], ["0 %", "50 %", f"{GOAL[0]:.0%}".replace("%", " %"), "100 %"])
        self.exact.plot([GOAL[1]] * 2, [GOAL[0], 1.04], color=style.GREEN, linewidth=1.4)
        self.exact.plot([0, GOAL[1]], [GOAL[0]] * 2, color=style.GREEN, linewidth=1.4, label=say("goal"))
        self.exact.plot([], [], color=style.LIGHT_GREY, linewidth=1.4, label=say("earlier runs"))
        self.loss.plot([], [], color=style.GREY, linestyle=":", linewidth=1.4, label=say("new rate"))
        self.loss.legend(loc="upper right")
        self.exact.legend(loc="lower right")
        for axes in (self.loss, self.exact):
            axes.text(1, -0.2, say("steps"), transform=axes.transAxes, ha="right", va="center")
        self.changes = canvas.line(self.loss, color=style.GREY, linestyle=":", linewidth=1.4)
        self.losses = canvas.line(self.loss, color=style.BLUE, linewidth=1.2)
        self.dot = canvas.line(self.loss, linestyle="", marker="o", color=style.BLUE, markersize=5)
        self.ghosts = [canvas.line(self.exact, color=style.LIGHT_GREY, linewidth=1.4) for _ in range(GHOSTS)]
        self.shares = canvas.line(self.exact, color=style.BLUE, marker="o", markersize=3.5)
        self._make_rows()

    def _make_rows(self):
        names = (say("Right"), say("Reads the right symbols"), say("Reads its own symbols"))
        self.rows = []
        for name, height in zip(names, ROWS, strict=True):
            self._label((14, height), name, size=11, align="left").set_animated(False)
            places = [(COLUMNS[0] + i * COLUMNS[1], height) for i in range(STEPS)]
            self.rows.append([self._label(place, size=14, family=style.CHINESE_FONT) for place in places])

    def _label(self, place, text="", **options):
        return self.canvas.moving(Label(self.canvas.figure, place, text, **options))

    def show(self, model):
        losses = np.clip(model.losses, *LOSS_LIMITS)
        self.losses.set_data(range(1, model.step + 1), losses)
        self.dot.set_data([model.step][: model.step], losses[-1:])
        marks = np.repeat(np.array(model.changes, float), 3)
        self.changes.set_data(marks, np.tile([*LOSS_LIMITS, np.nan], len(model.changes)))
        self.shares.set_data(*np.transpose(model.exact))
        show_ghosts(self.ghosts, model.ghosts)
        for labels, symbols in zip(self.rows, (model.right, model.forced, model.alone), strict=True):
            for label, symbol, right in zip_longest(labels, symbols, model.right, fillvalue=""):
                label.text = shown_symbol(symbol)
                label.background = None if symbol == right else WRONG
