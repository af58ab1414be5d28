"""The lab "learn to translate" without its face: a translator in training, and one number that it translates all along."""

import math
from functools import lru_cache

import numpy as np

from ...datasets.number_words import (
    CHINESE,
    ENGLISH,
    LARGEST,
    LONGEST_CHINESE,
    chinese_numerals,
    number_pairs,
    number_splits,
)
from ...models.translation import PAD, Translator, exact_match, masked_loss
from ...optimizers import Adam
from ...text import N_, capitalised, say
from ...training import replays, shuffled
from ..base.model import LabModel
from ..base.settings import Number, Switch
from ..base.words import in_turn
from ..translation.model import number_of, words_of

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


class TranslationTraining(LabModel):
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
        "attention": Switch(True),
        "seed": Number(0, 99, 0, whole=True),
        "number": Number(0, LARGEST, EXAMPLE, whole=True),
        "rate": Number(0.0001, 0.1, 0.001, says=N_("learning rate")),
    }
    gentle, live = ("number",), {"rates": "rate"}
    noted = {"fewest": Number(1, MOST_STEPS, MOST_STEPS, whole=True)}
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
        self._optimizer, self._rng, self._batches = Adam(self.settings["rate"]), rng, iter(())
        source, target = pairs()[0]  # the decoder reads all symbols but the last, and has to write all but the first
        data = source, target[:, :-1], target[:, 1:]
        self._steps = replays(self.translator, data, masked_loss, self._optimizer)
        self.losses, self.exact, self.problem = [], [], ""
        self._examine()

    @property
    def changes(self):
        """The steps before which the learning rate was turned."""
        return [step for step, _ in self.courses["rate"] if step]

    @property
    def step(self):
        return len(self.losses)

    @property
    def finished(self):
        return self.step >= MOST_STEPS or bool(self.problem)

    @property
    def done(self):
        return self.step

    def _reached_now(self):
        return self.goals if self.fewest <= GOAL[1] else ()

    @property
    def good(self):
        return self.exact[-1][1] >= GOAL[0]

    @property
    def bad(self):
        return bool(self.problem)

    def _step(self):
        self._optimizer.learning_rate = self.settings["rate"]
        batch = next(self._batches, None)
        if batch is None:
            self._batches = shuffled(TRAIN, BATCH, self._rng)
            batch = next(self._batches)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = self._steps.take(batch)
        if not math.isfinite(loss):
            self.problem = say(
                "stopped at step {step}: the loss is no longer finite. Try a smaller learning rate", step=self.step
            )
            return
        self.losses.append(loss)
        if self.step % EVERY == 0:
            self._examine()

    def _examine(self):
        source, target = pairs()[1]
        share = float(exact_match(self.translator.translate(source, STEPS), target[:, 1:]).mean())
        self.exact.append((self.step, share))
        if share >= GOAL[0] and self.settings["attention"]:
            self.fewest = min(self.fewest, self.step)
        self._look()

    def _look(self):
        """Let the network translate the example, with teacher forcing and alone."""
        source, target = number_pairs([self.settings["number"]])
        right = target[0, 1:][target[0, 1:] != PAD]
        forced = self.translator(source, target[:, :-1]).value[0].argmax(axis=-1)[: len(right)]
        self.right = [*chinese_numerals(self.settings["number"]), "<end>"]
        self.forced = [CHINESE[place] for place in forced]
        alone = self.translator.translate(source, STEPS)[0]
        self.alone = [CHINESE[place] for place in alone[alone != PAD]]

    # Words

    def status(self):
        """One sentence: where the run stands."""
        if self.problem:
            return capitalised(self.problem)
        share = self.exact[-1][1]
        kind = say("with attention") if self.settings["attention"] else say("without attention")
        if not self.step:
            return say("Step 0 of {most}, {kind}: untrained", most=MOST_STEPS, kind=kind)
        return say(
            "Step {step} of {most}, {kind}: loss {loss:.3f}, {share:.0%} of {count} validation numbers right",
            step=self.step,
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
            step=self.step,
            batch=BATCH,
            rate=in_turn(self.used("rate")),
            count=VALIDATION,
            number=self.settings["number"],
            numeral=chinese_numerals(self.settings["number"]),
        )
