"""Who is in the training data: a network trained without one group, or with a few examples of it, judged by group."""

from functools import lru_cache

import numpy as np

from ... import functional
from ...datasets.groups import digits_by_style, speech_by_voice
from ...layers import Dense, Sequential
from ...optimizers import Adam
from ...text import N_, against, say
from ...tools.evaluation import wilson_interval
from ...training import train
from ..base.checks import check_number
from ..base.model import LabModel
from ..base.settings import Choice, Number

SPEECH, DIGITS = "speech", "digits"
SOURCES = {  # name: (data, group, examples a group)
    N_("speech: voice slt"): (SPEECH, "slt", 60),
    N_("speech: voice kal16"): (SPEECH, "kal16", 60),
    N_("speech: voice rms"): (SPEECH, "rms", 60),
    N_("speech: voice awb"): (SPEECH, "awb", 60),
    N_("speech: voice en-us"): (SPEECH, "en-us", 60),
    N_("digits: white on black"): (DIGITS, "white on black", 600),
    N_("digits: moved by two pixels"): (DIGITS, "moved by two pixels", 600),
    N_("digits: on its side"): (DIGITS, "on its side", 600),
}
STEPS = {SPEECH: (0, 5, 10, 20, 40, 60), DIGITS: (0, 10, 25, 50, 100, 200, 400)}
CLOSE, LOW = 0.05, 0.90  # the goal: no group worse than the best by more than CLOSE, overall at least LOW
HIDDEN, RATE = 64, 0.01
EPOCHS = {SPEECH: 40, DIGITS: 80}


@lru_cache
def grouped(source):
    data, group, _ = SOURCES[source]
    return speech_by_voice() if data == SPEECH else digits_by_style(group)


@lru_cache(maxsize=512)
def trained(source, added, seed):
    """{group: (right, total)} on the test part, after training without the group but for `added` examples of it."""
    data, (kind, group, each) = grouped(source), SOURCES[source]
    rng = np.random.default_rng(seed)
    x, y = data.training(rng, each, group, added)
    layers = Dense(x.shape[1], HIDDEN, "relu", rng=rng, dtype=np.float32), Dense(HIDDEN, 10, rng=rng, dtype=np.float32)
    model = Sequential(*layers)
    options = {
        "loss": functional.softmax_cross_entropy,
        "optimizer": Adam(RATE),
        "epochs": EPOCHS[kind],
        "replay": True,
    }
    for _ in train(model, (x, y), **options):
        pass
    return data.right(model)


class BiasModel(LabModel):
    """A network of 64 hidden units, trained on all groups but one, and on `added` examples of that one.

    source   one of SOURCES: the data and the group that is left out
    added    examples of that group in the training data
    share    per cent of the people who will use it that belong to the group: decides what the overall accuracy is
    """

    declared = {
        "source": Choice(tuple(SOURCES), f"{SPEECH}: voice slt"),
        "added": Number(0, 400, 0, whole=True),
        "share": Number(1, 50, 10, whole=True),
        "seed": Number(0, 9999, 0, whole=True),
    }
    gentle = ("added", "share")
    goals = ("fair",)

    def checked(self, changes):
        """As every model's; no more examples may be added than there are of any other group."""
        if "source" in changes:
            changes = {"added": 0} | changes
        settings = super().checked(changes)
        check_number("added", settings["added"], 0, STEPS[SOURCES[settings["source"]][0]][-1], whole=True)
        return settings

    def limits(self, name):
        return (0, self.most_added) if name == "added" else super().limits(name)

    @property
    def data(self):
        return grouped(self.settings["source"])

    @property
    def left_out(self):
        return SOURCES[self.settings["source"]][1]

    @property
    def steps(self):
        return STEPS[SOURCES[self.settings["source"]][0]]

    @property
    def most_added(self):
        """How many examples of the group may be added: as many as there are of any other."""
        return self.steps[-1]

    @property
    def finished(self):
        return len(self.swept) == len(self.steps)

    @property
    def done(self):
        return len(self.swept)

    def _configured(self, before):
        super()._configured(before)
        self._train()

    def _start(self):
        self.swept = []  # (added, {group: (right, total)}), one after the other
        self._train()

    def _train(self):
        self.right = trained(self.settings["source"], self.settings["added"], self.settings["seed"])

    def _step(self):
        """Train once more, with the next number of examples added."""
        added = self.steps[len(self.swept)]
        self.settings = self.checked({"added": added})
        self._train()
        self.swept.append((added, self.right))

    def accuracy(self, group, right=None):
        count, total = (right or self.right)[group]
        return count / total

    def others(self, right=None):
        """The accuracy over all other groups together."""
        counts = [pair for name, pair in (right or self.right).items() if name != self.left_out]
        return sum(count for count, _ in counts) / sum(total for _, total in counts)

    def overall(self, right=None):
        """The accuracy over all users, when the group has its share of them."""
        share = self.settings["share"] / 100
        return share * self.accuracy(self.left_out, right) + (1 - share) * self.others(right)

    def interval(self, group):
        return wilson_interval(*self.right[group])

    @property
    def good(self):
        """Whether the goal is reached now."""
        gap = self.others() - self.accuracy(self.left_out)
        return gap <= CLOSE and self.overall() >= LOW and 0 < self.settings["added"] <= self.limit()

    def _reached_now(self):
        return self.goals if self.good else ()

    def limit(self):
        """With how few examples the goal asks for it."""
        return {SPEECH: 40, DIGITS: 300}[SOURCES[self.settings["source"]][0]]

    def status(self):
        count, total = self.right[self.left_out]
        low, high = self.interval(self.left_out)
        return say(
            "{added} of {group} in the training data: {right} of {total} right, {accuracy:.1%} (95 % interval "
            "{low:.0%} to {high:.0%}); the others {others:.1%}; overall {overall:.1%}, with {share} % of the "
            "users in the group.",
            added=self.settings["added"],
            group=say(self.left_out),
            right=count,
            total=total,
            accuracy=count / total,
            low=low,
            high=high,
            others=self.others(),
            overall=self.overall(),
            share=self.settings["share"],
        )

    def description(self):
        """What holds on every machine, though the last digits of an accuracy do not: counts, and coarse bounds."""
        if not self.swept:
            return say(
                "Accuracy by group, {groups} groups. {status}", groups=len(self.data.names), status=self.status()
            )
        first, last = (self.accuracy(self.left_out, self.swept[end][1]) for end in (0, -1))
        return say(
            "Accuracy by group, {groups} groups. Without {group} in the training data: {group} {before}, the others "
            "together {others}. With {most} examples of it added: {group} {after}.",
            groups=len(self.data.names),
            group=say(self.left_out),
            before=against(first, 0.75, ".0%"),
            others=against(self.others(self.swept[0][1]), 0.85, ".0%"),
            most=self.swept[-1][0],
            after=against(last, 0.85, ".0%"),
        )
