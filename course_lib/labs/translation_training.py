"""The lab "learn to translate": loss, exact match, and one number translated live while the network trains."""

import math
from functools import lru_cache
from itertools import zip_longest

import numpy as np

from ..datasets.number_words import (
    CHINESE,
    ENGLISH,
    LARGEST,
    LONGEST_CHINESE,
    chinese_numerals,
    number_pairs,
    number_splits,
)
from ..models.translation import PAD, Translator, exact_match, masked_loss
from ..optimizers import Adam
from ..pictures import style
from ..text import N_, capitalised, say
from ..training import replays
from . import base
from .base.buttons import Button, Reset, Run
from .base.curves import show_ghosts
from .base.lab import Lab
from .base.model import BatchModel
from .base.settings import Number, Switch
from .base.words import in_turn
from .translation import number_of, shown_symbol, words_of

BATCH, MOST_STEPS, EVERY = 64, 300, 10  # pairs a step; steps of a run; steps between two examinations
TRAIN, VALIDATION = 6400, 200
STEPS = LONGEST_CHINESE + 1
HIDDEN = {True: 64, False: 77}  # with and without attention: as many parameters and multiply-adds, to one per cent
GOAL = (0.9, 100)  # share of validation numbers to get right, and within how many steps
GHOSTS = 3
EXAMPLE = 340_215


@lru_cache(maxsize=1)
def pairs():
    """(source, target) of the training numbers, and of the validation numbers."""
    train, validation, _ = number_splits(np.random.default_rng(0), TRAIN, VALIDATION)
    return number_pairs(train), number_pairs(validation)


class TranslationTraining(BatchModel):
    """A translator, its training, and what it makes of one number.

    attention    whether the decoder may look back at the words          seed   of weights and of the order of the pairs
    rate         learning rate of Adam at the next step
    losses       loss of each step so far, before that step
    exact        list of (step, share of validation numbers translated right)
    ghosts       `exact` of earlier runs, at most three
    number       the example            right      its symbols by the rule, the end mark included
    forced       what the network writes at each step when it reads the right symbols (teacher forcing)
    alone        what it writes when it reads its own symbols
    fewest       steps in which a run with attention reached the goal; infinity when none did
    problem      "" or why the run ended early
    """

    declared = {
        "attention": Switch(
            True, label=N_("Decoder"), words={True: N_("with attention"), False: N_("without attention")}
        ),
        "seed": Number(0, 99, 0, whole=True, label=N_("Seed"), slider=False),
        "number": Number(0, LARGEST, EXAMPLE, whole=True),
        "rate": Number(0.0001, 0.1, 0.001, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
    }
    keeps_run, live = ("number",), {"rates": "rate"}
    persisted = {"fewest": Number(1, MOST_STEPS, MOST_STEPS, whole=True)}
    goals = ("quick",)

    def __init__(self, **settings):
        self.ghosts, self.exact, self.fewest = [], [], math.inf
        super().__init__(**settings)

    def _configured(self, before):
        super()._configured(before)
        if self.settings["number"] != before["number"]:
            self._look()

    def ask(self, text):
        """Another example. Raises ValueError, with a sentence, when the text is no number of the training data."""
        number = number_of(words_of(text))
        if number is None:
            raise ValueError(say("{text}: no number of the training data is said like this.", text=text.strip()))
        self.configure(number=number)

    def _start(self):
        """The initial weights; the earlier runs stay in sight."""
        if len(self.exact) > 1:
            self.ghosts = [*self.ghosts, self.exact][-GHOSTS:]
        rng, attention = np.random.default_rng(self.settings["seed"]), self.settings["attention"]
        sizes = {"hidden": HIDDEN[attention], "attention": attention}
        self.translator = Translator(len(ENGLISH), len(CHINESE), rng=rng, **sizes)
        source, target = pairs()[0]  # the decoder reads all symbols but the last, and has to write all but the first
        data = source, target[:, :-1], target[:, 1:]
        optimizer = Adam(self.settings["rate"])
        self._begin(replays(self.translator, data, masked_loss, optimizer), optimizer, rng)
        self.exact = []
        self._examine()

    @property
    def changes(self):
        """The steps before which the learning rate was turned."""
        return [step for step, _ in self.courses["rate"] if step]

    @property
    def finished(self):
        return self.done >= MOST_STEPS or self.bad

    def _reached_now(self):
        return self.goals if self.fewest <= GOAL[1] else ()

    @property
    def good(self):
        return self.exact[-1][1] >= GOAL[0]

    def _step(self):
        if self._train_on_batch(self.settings["rate"], TRAIN, BATCH) and self.done % EVERY == 0:
            self._examine()

    def _examine(self):
        source, target = pairs()[1]
        share = float(exact_match(self.translator.translate(source, STEPS), target[:, 1:]).mean())
        self.exact.append((self.done, share))
        if share >= GOAL[0] and self.settings["attention"]:
            self.fewest = min(self.fewest, self.done)
        self._look()

    def _look(self):
        """Let the network translate the example, with teacher forcing and alone."""
        source, target = number_pairs([self.settings["number"]])
        alone = self.translator.translate(source, STEPS)[0]
        self.right, self.alone = ([CHINESE[i] for i in places if i != PAD] for places in (target[0, 1:], alone))
        forced = self.translator(source, target[:, :-1]).value[0].argmax(axis=-1)
        self.forced = [CHINESE[i] for i in forced[: len(self.right)]]

    # Words

    def status(self):
        """One sentence: where the run stands."""
        if self.problem:
            return capitalised(self.problem)
        share = self.exact[-1][1]
        kind = say("with attention") if self.settings["attention"] else say("without attention")
        if not self.done:
            return say("Step 0 of {most}, {kind}: untrained", most=MOST_STEPS, kind=kind)
        return say(
            "Step {step} of {most}, {kind}: loss {loss:.3f}, {share:.0%} of {count} validation numbers right",
            step=self.done,
            most=MOST_STEPS,
            kind=kind,
            loss=float(np.mean(self.losses[-EVERY:])),
            share=share,
            count=VALIDATION,
        )

    def description(self):
        """The facts of the picture that hold on every machine, for its alternative text."""
        return say(
            "Learning to translate: {step} steps of {batch} pairs at learning rate {rate}. Left: the loss by step; right: "
            "the share of {count} validation numbers translated right in every symbol. Below: {number:,} is {numeral} by the "
            "rule, then what the network writes with teacher forcing, and on its own.",
            step=self.done,
            batch=BATCH,
            rate=in_turn(self.used("rate")),
            count=VALIDATION,
            number=self.settings["number"],
            numeral=chinese_numerals(self.settings["number"]),
        )


LOSS_LIMITS = (1e-3, 10)
COLUMNS, ROWS = (250, 54), (84, 52, 20)  # of the example: first column, distance; right, forced, alone


class TranslationTrainingLab(Lab):
    """The lab "learn to translate", to be the last line of a cell.

    rate       learning rate at the start
    settings   attention, seed, number of `TranslationTraining`
    """

    model_class = TranslationTraining
    size = (960, 380)
    static_settings, static_steps = {"rate": 0.01}, 100  # a good rate; about a second
    work_seconds = 0.02
    question = N_("Which symbols come right first, and what does one wrong symbol do to the rest of the last row?")
    goal_texts = {
        "quick": N_(
            "Goal: find a learning rate with which at least {share:.0%} of the validation numbers are "
            "right within {steps} steps, with attention."
        ),
    }
    facts = {"steps": MOST_STEPS}
    actions = {
        "train": Run(N_("Train"), N_("Train {steps} steps; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and train one step")),
        "reset": Reset(),
    }
    rows = (("train", "step", "reset", "attention", "seed"), ("rate", "number"))

    def facts_of(self, goal):
        return dict(zip(("share", "steps"), GOAL, strict=True))

    def goal_text(self, name, text):
        fewest = self.model.fewest
        return say("{goal} Fewest so far: {fewest}.", goal=text, fewest=fewest) if np.isfinite(fewest) else text

    def make_buttons(self):
        self.controls["number"] = base.controls.TextControl(
            say("Example"),
            f"{self.model.settings['number']:,}",
            ends=("0", f"{EXAMPLE:,}", "seven hundred"),
            placeholder="340,215",
            on_change=self.safely(self.showing(self.model.ask)),
            width=250,
        )
        return super().make_buttons()

    def resume(self, state):
        super().resume(state)
        self.controls["number"].show(f"{self.model.settings['number']:,}")

    # The picture

    def make(self, canvas):
        """Loss and exact match above, the example in three rows below."""
        from matplotlib.colors import to_hex

        span = {"xlim": (-0.01 * MOST_STEPS, 1.01 * MOST_STEPS), "xticks": range(0, MOST_STEPS + 1, 50)}
        loss = canvas.axes(62, 168, 380, 176, yscale="log", ylim=LOSS_LIMITS, **span)
        loss.set_title(say("Loss $L$, a mean over the symbols"), fontsize=11)
        loss.set_yticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        loss.minorticks_off()
        exact = canvas.axes(534, 168, 400, 176, ylim=(-0.02, 1.04), **span)
        exact.set_title(say("Exact match on validation numbers"), fontsize=11)
        exact.set_yticks([0, 0.5, GOAL[0], 1], ["0 %", "50 %", f"{GOAL[0]:.0%}".replace("%", " %"), "100 %"])
        exact.plot([GOAL[1]] * 2, [GOAL[0], 1.04], color=style.GREEN, linewidth=1.4)
        exact.plot([0, GOAL[1]], [GOAL[0]] * 2, color=style.GREEN, linewidth=1.4, label=say("goal"))
        exact.plot([], [], color=style.SILVER, linewidth=1.4, label=say("earlier runs"))
        exact.legend(loc="lower right")
        for axes in (loss, exact):
            axes.text(1, -0.2, say("steps"), transform=axes.transAxes, ha="right", va="center")
        rate = say("new rate")
        self.changes = canvas.line(loss, color=style.GREY, linestyle=":", linewidth=1.4, label=rate)
        loss.legend(loc="upper right")
        self.losses = canvas.line(loss, color=style.BLUE, linewidth=1.2)
        self.dot = canvas.line(loss, linestyle="", marker="o", color=style.BLUE, markersize=5)
        self.ghosts = [canvas.line(exact, color=style.SILVER, linewidth=1.4) for _ in range(GHOSTS)]
        self.shares = canvas.line(exact, color=style.BLUE, marker="o", markersize=3.5)
        self._wrong = to_hex(base.artists.pale(style.VERMILLION))  # below a wrong symbol: black is read on it easily
        self._make_rows()

    def _make_rows(self):
        key = COLUMNS[0] + STEPS * COLUMNS[1], ROWS[0]
        self.canvas.label(key, say("wrong"), size=11, background=self._wrong)
        names = (say("Right"), say("Reads the right symbols"), say("Reads its own symbols"))
        self.symbols = []
        for name, height in zip(names, ROWS, strict=True):
            self.canvas.label((14, height), name, size=11, align="left")
            places = [(COLUMNS[0] + i * COLUMNS[1], height) for i in range(STEPS)]
            self.symbols.append([self.canvas.label(place, size=14, family=style.CHINESE_FONT) for place in places])

    def show(self):
        model = self.model
        losses = np.clip(model.losses, *LOSS_LIMITS)
        self.losses.set_data(range(1, model.done + 1), losses)
        self.dot.set_data([model.done][: model.done], losses[-1:])
        marks = np.repeat(np.array(model.changes, float), 3)
        self.changes.set_data(marks, np.tile([*LOSS_LIMITS, np.nan], len(model.changes)))
        self.shares.set_data(*np.transpose(model.exact))
        show_ghosts(self.ghosts, model.ghosts)
        for labels, symbols in zip(self.symbols, (model.right, model.forced, model.alone), strict=True):
            for label, symbol, right in zip_longest(labels, symbols, model.right, fillvalue=""):
                label.text = shown_symbol(symbol)
                label.background = None if symbol == right else self._wrong
