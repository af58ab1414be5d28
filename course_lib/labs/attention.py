"""The lab "attention by hand": turn and stretch a query, and watch where the weight goes."""

import math

import numpy as np

from ..functional import attention_weights
from ..pictures import style
from ..text import N_, capitalised, say
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Number, Switch

# Keys in the plane: degrees and length of each; the last place is padding, a key of zeros.
KEYS = {"three": (10, 2.0), "hundred": (110, 2.0), "forty": (60, 2.2), "thousand": (200, 1.6)}
TARGET, GOAL = "forty", 0.95  # the word to look at, and with which weight


def vector(degrees, length):
    """The point at a distance from the origin, in a direction counted from the right, against the clock."""
    angle = math.radians(degrees)
    return length * np.array([math.cos(angle), math.sin(angle)])


def two_digits(number):
    """A number with two digits after the point, and no sign before zero."""
    return f"{round(float(number), 2) + 0.0:.2f}"


class AttentionModel(LabModel):
    """A query over the keys of four words and one place of padding; the values are the keys themselves.

    direction, length    of the query, in degrees and in the unit of the keys
    masked               whether the padding may not be looked at
    best                 largest weight on TARGET so far, with the padding masked
    """

    declared = {
        "direction": Number(0, 360, 150, says=N_("direction"), label=N_("Direction, degrees"), step=5),
        "length": Number(0.0, 12.0, 1.0, says=N_("length"), label=N_("Length"), step=0.25),
        "masked": Switch(False, label=N_("Mask the padding")),
    }
    persisted = {"best": Number(0.0, 1.0, 0.0)}
    goals = ("look at one word",)

    def __init__(self, **settings):
        self.words, self.best = [*KEYS, say("padding")], 0.0
        self.keys = np.array([*(vector(*key) for key in KEYS.values()), np.zeros(2)])  # (5, 2)
        super().__init__(**settings)

    def _start(self):
        if self.settings["masked"]:
            self.best = max(self.best, self.weight(TARGET))

    def point(self, x, y):
        """Turn and stretch the query until its tip is at (x, y), in whole degrees."""
        length = min(round(math.hypot(x, y), 2), self.declared["length"].high)
        if length:  # else it keeps its direction
            self.configure(direction=round(math.degrees(math.atan2(y, x))) % 360)
        self.configure(length=length)

    @property
    def query(self):
        return vector(self.settings["direction"], self.settings["length"])

    @property
    def scores(self):
        """q k / sqrt(2) for each place, (5,)."""
        return self.keys @ self.query / math.sqrt(2)

    @property
    def weights(self):
        """The softmax of the scores, (5,); the masked padding has none."""
        mask = np.ones((1, len(self.words)))
        mask[0, -1] = not self.settings["masked"]
        return attention_weights(self.query[None, None], self.keys[None], mask)[0, 0]

    @property
    def context(self):
        """The mean of the values, weighted, (2,)."""
        return self.weights @ self.keys

    def weight(self, word):
        return float(self.weights[self.words.index(word)])

    @property
    def good(self):
        return self.settings["masked"] and self.weight(TARGET) >= GOAL

    def status(self):
        """One sentence: the query, what it looks at most, and what it finds."""
        place = int(np.argmax(self.weights))
        if np.ptp(self.weights[: len(self.words) - self.settings["masked"]]) < 1e-9:
            seen = say("all places count alike, {weight:.1%} each", weight=self.weights[0])
        else:
            seen = say("most weight on {word}, {weight:.1%}", word=self.words[place], weight=self.weights[place])
        return say(
            "query ({x}, {y}): {seen}; padding {padding:.1%}; context ({cx}, {cy})",
            x=two_digits(self.query[0]),
            y=two_digits(self.query[1]),
            seen=seen,
            padding=self.weights[-1],
            cx=two_digits(self.context[0]),
            cy=two_digits(self.context[1]),
        )

    def description(self):
        weights = ", ".join(f"{word} {weight:.1%}" for word, weight in zip(self.words, self.weights, strict=True))
        return say(
            "Attention by hand. Left: the keys of four words, a query, and the context, as arrows in the plane. Right: "
            "the weights: {weights}. {status}.",
            weights=weights,
            status=capitalised(self.status()),
        )


PLANE, BARS = (40, 26, 380, 290), (560, 40, 250, 240)  # left, bottom, width, height in CSS pixels
REACH = 3.0  # of the plane; a longer query goes beyond its edge
COLOURS = {"keys": style.BLACK, "query": style.BLUE, "context": style.VERMILLION}


class AttentionLab(Lab):
    """The lab "attention by hand", to be the last line of a cell. settings: direction, length, masked."""

    model_class = AttentionModel
    size = (960, 330)
    question = N_("What does a query of length 0 find, and what does a longer one change, apart from its direction?")
    goal_texts = {
        "look at one word": N_("Goal: mask the padding, and put at least {share:.0%} of the weight on {word}."),
    }
    facts = {"share": GOAL, "word": TARGET}
    rows = (("direction", "length", "masked"),)

    def goal_text(self, name, text):
        return say("{goal} Best so far: {best:.1%}.", goal=text, best=self.model.best)

    # The picture

    def make(self, canvas):
        """Keys, query and context as arrows on the left, the weights as bars on the right."""
        model = self.model
        *_, width, height = PLANE
        reach = REACH * width / height
        self.plane = canvas.axes(*PLANE, xlim=(-reach, reach), ylim=(-REACH, REACH), aspect="equal")
        self.edge = np.array([reach, REACH])  # where the tip of a longer query is taken
        self.plane.set_xticks(range(-3, 4))
        self.plane.set_yticks(range(-3, 4))
        arrow = {"arrowstyle": "-|>", "color": COLOURS["keys"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
        for word, key in zip(model.words[:-1], model.keys, strict=False):
            self.plane.annotate("", key, (0, 0), arrowprops=arrow)
            across, up = key / np.linalg.norm(key)
            aside, above = abs(across) > 0.7, up > 0.7
            place = key + 0.15 * np.array([across, up])
            ha, va = ("left" if across > 0 else "right") if aside else "center", "bottom" if above else "center"
            self.plane.text(*place, word, ha=ha, va=va, fontsize=11)
        self.query, self.context = (
            canvas.line(self.plane, color=COLOURS[name], linewidth=width)
            for name, width in (("query", 3.0), ("context", 2.4))
        )
        self.heads = [
            canvas.line(self.plane, linestyle="", marker=marker, color=COLOURS[name], markersize=9)
            for name, marker in (("query", "o"), ("context", "D"))
        ]
        for name, line, marker in ((say("query"), "query", "o"), (say("context"), "context", "D")):
            self.plane.plot([], [], color=COLOURS[line], marker=marker, label=name)
        self.plane.plot([], [], color=COLOURS["keys"], linewidth=1.4, label=say("keys, also the values"))
        self.plane.legend(loc="lower right")
        canvas.hand.handle("query", self.plane, self.safely(self.pausing(model.point)))
        self._make_bars(canvas, model)

    def _make_bars(self, canvas, model):
        left, bottom, width, height = BARS
        count = len(model.words)
        self.bars = canvas.axes(*BARS, xlim=(0, 1), ylim=(count - 0.5, -0.5))
        self.bars.set_title(say("Weights"), fontsize=11)
        self.bars.set_yticks(range(count), model.words)
        self.bars.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        self.bars.tick_params(axis="y", length=0, labelsize=11)
        self.bars.grid(axis="y", visible=False)
        self.lengths = [
            canvas.line(self.bars, color=style.GREEN, linewidth=18, solid_capstyle="butt") for _ in range(count)
        ]
        places = [bottom + height * (1 - (i + 0.5) / count) for i in range(count)]
        self.percents = [canvas.label((left + width + 10, place), align="left") for place in places]
        self.scores = [canvas.label((left + width + 78, place), align="left") for place in places]
        for x, text in ((left + width + 10, say("weight")), (left + width + 78, say("score"))):
            canvas.label((x, bottom + height + 13), text, align="left", colour=style.GREY)

    def show(self):
        model = self.model
        ends = model.query, model.context
        shown = 1 / max(1, *np.abs(model.query / self.edge))  # of a query that goes beyond the plane
        self.canvas.hand.place("query", say("query"), *(shown * model.query))
        for line, head, end in zip((self.query, self.context), self.heads, ends, strict=True):
            line.set_data([0, end[0]], [0, end[1]])
            head.set_data([end[0]], [end[1]])
        numbers = zip(self.lengths, self.percents, self.scores, model.weights, model.scores, strict=True)
        for place, (bar, percent, score, weight, value) in enumerate(numbers):
            bar.set_data([0, weight], [place, place])
            percent.text = f"{weight:.1%}"
            hidden = model.settings["masked"] and place == len(model.words) - 1
            score.text = say("masked") if hidden else two_digits(value)
