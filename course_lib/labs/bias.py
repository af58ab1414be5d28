"""The bias lab: accuracy by group for a network whose training data leave one group out, or hold a few examples of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .. import functional
from ..datasets.groups import digits_by_style, speech_by_voice
from ..layers import Dense, Sequential
from ..optimizers import Adam
from ..pictures import style
from ..text import N_, against, say
from ..tools.evaluation import wilson_interval
from ..training import replays
from .base.buttons import Button, Run
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number

CLOSE, LOW = 0.05, 0.90  # the goal: no group worse than the best by more than CLOSE, overall at least LOW
HIDDEN, RATE = 64, 0.01


@dataclass(frozen=True)
class Experiment:
    """What is done with a kind of data.

    grouped   group that is left out -> the data      each    examples of every other group in the training data
    epochs    of a training                           few     with how few examples of the group the goal asks for it
    steps     how many examples of the group are added, step by step; the last is the most that may be
    """

    grouped: Callable
    each: int
    epochs: int
    few: int
    steps: tuple


SPEECH = Experiment(lambda _: speech_by_voice(), 60, 40, 40, (0, 5, 10, 20, 40, 60))
DIGITS = Experiment(digits_by_style, 600, 80, 300, (0, 10, 25, 50, 100, 200, 400))
SOURCES = {  # name: (experiment, group)
    N_("speech: voice slt"): (SPEECH, "slt"),
    N_("speech: voice kal16"): (SPEECH, "kal16"),
    N_("speech: voice rms"): (SPEECH, "rms"),
    N_("speech: voice awb"): (SPEECH, "awb"),
    N_("speech: voice en-us"): (SPEECH, "en-us"),
    N_("digits: white on black"): (DIGITS, "white on black"),
    N_("digits: moved by two pixels"): (DIGITS, "moved by two pixels"),
    N_("digits: on its side"): (DIGITS, "on its side"),
}


@lru_cache
def grouped(source):
    experiment, group = SOURCES[source]
    return experiment.grouped(group)


@lru_cache(maxsize=512)
def trained(source, added, seed):
    """{group: (right, total)} on the test part, after training without the group but for `added` examples of it."""
    data, (experiment, group) = grouped(source), SOURCES[source]
    rng = np.random.default_rng(seed)
    x, y = data.training(rng, experiment.each, group, added)
    layers = Dense(x.shape[1], HIDDEN, "relu", rng=rng, dtype=np.float32), Dense(HIDDEN, 10, rng=rng, dtype=np.float32)
    model = Sequential(*layers)
    steps = replays(model, (x, y), functional.softmax_cross_entropy, Adam(RATE))
    for _ in range(experiment.epochs):
        steps.epoch(None)
    return data.right(model)


class BiasModel(LabModel):
    """A network of 64 hidden units, trained on all groups but one, and on `added` examples of that one.

    source   one of SOURCES: the data and the group that is left out
    added    examples of that group in the training data
    share    per cent of the people who will use it that belong to the group: decides what the overall accuracy is
    """

    declared = {
        "source": Choice(tuple(SOURCES), "speech: voice slt", label=N_("Left out"), pauses=True),
        "added": Number(0, 400, 0, whole=True, label=N_("Examples added"), step=5, pauses=True),
        "share": Number(1, 50, 10, whole=True, label=N_("Share of the users, %"), slider=False, pauses=True),
        "seed": Number(0, 9999, 0, whole=True),
    }
    keeps_run = ("added", "share")
    goals = ("fair",)

    def checked(self, changes):
        """As every model's; a new source begins without examples of its group."""
        return super().checked({"added": 0} | changes if "source" in changes else changes)

    def narrowed(self, settings):
        """No more examples may be added than there are of any other group."""
        experiment, _ = SOURCES[settings["source"]]
        return {"added": (0, experiment.steps[-1])}

    @property
    def data(self):
        return grouped(self.settings["source"])

    @property
    def experiment(self):
        return SOURCES[self.settings["source"]][0]

    @property
    def left_out(self):
        return SOURCES[self.settings["source"]][1]

    @property
    def finished(self):
        return len(self.swept) == len(self.experiment.steps)

    @property
    def done(self):
        return len(self.swept)

    def _start(self):
        self.swept = []  # (added, {group: (right, total)}), one after the other

    @property
    def right(self):
        """{group: (right, total)} with the present settings."""
        return trained(self.settings["source"], self.settings["added"], self.settings["seed"])

    def _step(self):
        """Train once more, with the next number of examples added."""
        added = self.experiment.steps[len(self.swept)]
        self.settings = self.checked({"added": added})
        self.swept.append((added, self.right))

    def accuracy(self, group=None, right=None):
        """Of a group, by default the one that is left out; `right` as `trained` counts it, by default the present one."""
        count, total = (right or self.right)[group or self.left_out]
        return count / total

    def others(self, right=None):
        """The accuracy over all other groups together."""
        counts = [pair for name, pair in (right or self.right).items() if name != self.left_out]
        return sum(count for count, _ in counts) / sum(total for _, total in counts)

    def overall(self, right=None):
        """The accuracy over all users, when the group has its share of them."""
        share = self.settings["share"] / 100
        return share * self.accuracy(right=right) + (1 - share) * self.others(right)

    def interval(self, group):
        return wilson_interval(*self.right[group])

    @property
    def good(self):
        gap = self.others() - self.accuracy()
        return gap <= CLOSE and self.overall() >= LOW and 0 < self.settings["added"] <= self.experiment.few

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
        first, last = (self.accuracy(right=self.swept[end][1]) for end in (0, -1))
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


BARS = (64, 66, 470, 222)  # left, bottom, width, height of the axes, CSS pixels
SLOTS = 7  # bars at most


class BiasLab(Lab):
    """The bias lab, to be the last line of a cell. settings: source, added, share, seed of `BiasModel`."""

    model_class = BiasModel
    size = (960, 330)
    step_seconds = 0
    question = N_("How many examples does a group need, and what does the overall accuracy tell you about it?")
    goal_texts = {
        "fair": N_(
            "Goal: with at most {limit} examples of {group} added, bring it within {close:.0f} points of the others, "
            "overall at least {low:.0%}."
        ),
    }
    actions = {
        "sweep": Run(N_("Add step by step"), N_("Train with more and more examples of the group")),
        "anew": Button(N_("Draw again"), "new_start", N_("Other examples, other weights")),
    }
    rows = (("source", "sweep", "anew"), ("added", "share"))

    @property
    def facts(self):
        model = self.model
        return {"limit": model.experiment.few, "group": say(model.left_out), "close": 100 * CLOSE, "low": LOW}

    def static_model(self):
        model = self.model.twin(added=0)
        model.advance(model.most)
        model.configure(added=0)
        return model

    # The picture

    def make(self, canvas):
        """A bar for each group with its 95 % interval; on the right accuracy against examples added."""
        self.bars = canvas.axes(*BARS, ylim=(0, 1.09), xlim=(-0.6, SLOTS - 0.4))
        self.curve = canvas.axes(620, 66, 310, 222, ylim=(0, 1.09))
        for axes in (self.bars, self.curve):
            axes.set_yticks(np.arange(0, 1.1, 0.25), ["0", "25 %", "50 %", "75 %", "100 %"])
        self.bars.grid(False, axis="x")
        self.bars.set_title(say("Test accuracy by group, with 95 % intervals"))
        self.curve.set_title(say("... as examples are added"))
        bars = self.bars.bar(range(SLOTS), [0] * SLOTS, width=0.72)
        self.rectangles = [canvas.moving(bar) for bar in bars]
        self.whiskers = canvas.line(self.bars, color=style.BLACK, linewidth=1.6, marker="_", markersize=9)
        self.overall = canvas.line(self.bars, color=style.VERMILLION, linestyle="--", linewidth=1.8)
        self.lines = [
            canvas.line(self.curve, "-o", color=style.ORANGE, label=say("this group")),
            canvas.line(self.curve, "-s", color=style.BLUE, label=say("the others"), markersize=5),
            canvas.line(self.curve, "--", color=style.VERMILLION, label=say("overall")),
        ]
        self.now = canvas.line(self.curve, linestyle="", marker="*", markersize=15, color=style.BLACK)
        self.curve.plot([], [], linestyle="", marker="*", markersize=12, color=style.BLACK, label=say("at present"))
        self.curve.legend(loc="lower right", handlelength=1.6)
        self.numbers = [canvas.label((0, 0), background="white") for _ in range(SLOTS)]
        below = BARS[0] + BARS[2] / 2, 21
        self.overall_label = canvas.label(below, colour=style.VERMILLION, background="white")

    def show(self):
        model = self.model
        if self.canvas.differs("source", model.settings["source"]):
            self._new_source(model)
        names = model.data.names
        whiskers = []
        for place, (rectangle, number) in enumerate(zip(self.rectangles, self.numbers, strict=True)):
            present = place < len(names)
            rectangle.set_visible(present)
            number.text = f"{model.accuracy(names[place]):.0%}" if present else ""
            if present:
                low, high = model.interval(names[place])
                whiskers += [(place, low), (place, high), (np.nan, np.nan)]
                rectangle.set_height(model.accuracy(names[place]))
                rectangle.set_color(style.ORANGE if names[place] == model.left_out else style.SKY)
                number.put(self.bars, place, min(high, 1.0) + 0.055)
        self.whiskers.set_data(*zip(*whiskers, strict=True))
        self.overall.set_data([-0.5, len(names) - 0.5], [model.overall()] * 2)
        self.overall_label.text = say("overall {accuracy:.1%}", accuracy=model.overall())
        added = [count for count, _ in model.swept]
        for line, accuracy in zip(self.lines, (model.accuracy, model.others, model.overall), strict=True):
            line.set_data(added, [accuracy(right=right) for _, right in model.swept])
        self.now.set_data([model.settings["added"]], [model.accuracy()])

    def _new_source(self, model):
        names, most = model.data.names, model.experiment.steps[-1]
        self.bars.set_xlim(-0.6, len(names) - 0.4)
        self.bars.set_xticks(range(len(names)), [say(name) for name in names], fontsize=10)
        self.curve.set_xlim(-0.04 * most, 1.04 * most)
        self.curve.set_xlabel(say("examples of {group} added", group=say(model.left_out)))
        self.canvas.still_parts_changed()
