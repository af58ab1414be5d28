"""The bias lab: accuracy by group for a network whose training data leave one group out, or hold a few examples of it."""

from functools import lru_cache

import numpy as np

from .. import functional
from ..datasets.groups import digits_by_style, speech_by_voice
from ..layers import Dense, Sequential
from ..optimizers import Adam
from ..pictures import style
from ..text import N_, against, say
from ..tools.evaluation import wilson_interval
from ..training import train
from .base.buttons import Button, Run
from .base.checks import check_number
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number

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
        "source": Choice(tuple(SOURCES), f"{SPEECH}: voice slt", label=N_("Left out"), pauses=True),
        "added": Number(0, 400, 0, whole=True, label=N_("Examples added"), step=5, pauses=True),
        "share": Number(1, 50, 10, whole=True, label=N_("Share of the users, %"), slider=False, pauses=True),
        "seed": Number(0, 9999, 0, whole=True),
    }
    keeps_run = ("added", "share")
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


BARS = (64, 66, 470, 222)  # left, bottom, width, height of the axes, CSS pixels
SLOTS = 7  # bars at most


class BiasLab(Lab):
    """The bias lab, to be the last line of a cell. settings: source, added, share, seed of `BiasModel`."""

    model_class = BiasModel
    name = "bias"
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
        return {"limit": model.limit(), "group": say(model.left_out), "close": 100 * CLOSE, "low": LOW}

    def static_model(self):
        model = self.model.twin(added=0)
        model.advance(len(model.steps))
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
        self.rectangles = [canvas.moving(self._rectangle(i)) for i in range(SLOTS)]
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
        self.overall_label = canvas.label((0, 0), colour=style.VERMILLION, background="white")

    def _rectangle(self, place):
        from matplotlib.patches import Rectangle

        return self.bars.add_patch(Rectangle((place - 0.36, 0), 0.72, 0.0, color=style.BLUE))

    def show(self):
        model = self.model
        if self.canvas.differs("source", model.settings["source"]):
            self._new_source(model)
        names = model.data.names
        whiskers = []
        for place, (rectangle, number) in enumerate(zip(self.rectangles, self.numbers, strict=True)):
            present = place < len(names)
            accuracy = model.accuracy(names[place]) if present else 0.0
            rectangle.set_height(accuracy)
            rectangle.set_visible(present)
            number.text = f"{accuracy:.0%}" if present else ""
            if present:
                low, high = model.interval(names[place])
                whiskers += [(place, low), (place, high), (np.nan, np.nan)]
                rectangle.set_color(style.ORANGE if names[place] == model.left_out else style.SKY)
                number.place = self._pixels(place, min(high, 1.0) + 0.055)
        self.whiskers.set_data(*zip(*whiskers, strict=True))
        self.overall.set_data([-0.5, len(names) - 0.5], [model.overall()] * 2)
        self.overall_label.text = say("overall {accuracy:.1%}", accuracy=model.overall())
        self.overall_label.place = (BARS[0] + BARS[2] * 0.5, 305 - 284)
        added = [count for count, _ in model.swept]
        values = [
            [
                (model.accuracy(model.left_out, right), model.others(right), model.overall(right))[line]
                for _, right in model.swept
            ]
            for line in range(3)
        ]
        for line, points in zip(self.lines, values, strict=True):
            line.set_data(added, points)
        self.now.set_data([model.settings["added"]], [model.accuracy(model.left_out)])

    def _pixels(self, x, y):
        left, bottom, width, height = BARS
        (x0, x1), (y0, y1) = self.bars.get_xlim(), self.bars.get_ylim()
        return left + (x - x0) / (x1 - x0) * width, bottom + (y - y0) / (y1 - y0) * height

    def _new_source(self, model):
        names = model.data.names
        self.bars.set_xlim(-0.6, len(names) - 0.4)
        self.bars.set_xticks(range(len(names)), [say(name) for name in names], fontsize=10)
        self.curve.set_xlim(-0.04 * model.most_added, 1.04 * model.most_added)
        self.curve.set_xlabel(say("examples of {group} added", group=say(model.left_out)))
        self.canvas.still_parts_changed()
