"""The lab "attention by hand": turn and stretch a query, and watch where the weight goes."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import Label
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import GOAL, TARGET, AttentionModel, two_digits

SIZE = (960, 330)
PLANE, BARS = (40, 26, 380, 290), (560, 40, 250, 240)  # left, bottom, width, height in CSS pixels
REACH = 3.0  # of the plane; a longer query goes beyond its edge
COLOURS = {"keys": style.BLACK, "query": style.BLUE, "context": style.VERMILLION}


def attention_lab(name="attention", **settings):
    """The lab "attention by hand", to be the last line of a cell. settings: direction, length, masked."""
    return AttentionLab(AttentionModel(**settings), name)


class AttentionLab(PictureLab):
    """Controls and picture of an `AttentionModel`."""

    size = SIZE
    question = N_("What does a query of length 0 find, and what does a longer one change, apart from its direction?")
    goal_texts = {
        "look at one word": N_("Goal: mask the padding, and put at least {share:.0%} of the weight on {word}."),
    }
    facts = {"share": GOAL, "word": TARGET}
    table = {
        "direction": Control(N_("Direction, degrees"), step=5),
        "length": Control(N_("Length"), step=0.25),
        "masked": Control(N_("Mask the padding")),
    }
    rows = (("direction", "length"), "masked")

    def make_view(self, canvas):
        return View(canvas, self.model)

    def goal_text(self, name, text):
        return say("{goal} Best so far: {best:.1%}.", goal=text, best=self.model.best)


class View:
    """The picture: keys, query and context as arrows on the left, the weights as bars on the right."""

    def __init__(self, canvas, model):
        self.canvas = canvas
        with canvas.styled():
            self._make(canvas, model)

    def _make(self, canvas, model):
        *_, width, height = PLANE
        reach = REACH * width / height
        self.plane = canvas.axes(*PLANE, xlim=(-reach, reach), ylim=(-REACH, REACH), aspect="equal")
        self.plane.set_xticks(range(-3, 4))
        self.plane.set_yticks(range(-3, 4))
        for word, key in zip(model.words[:-1], model.keys, strict=False):
            self.plane.annotate("", key, (0, 0), arrowprops=_arrow(COLOURS["keys"], 1.4))
            place = key + np.array([0.62, 0.3]) * key / np.linalg.norm(key)
            self.plane.text(*place, word, ha="center", va="center", fontsize=11)
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
        self.percents = [
            canvas.moving(Label(canvas.figure, (left + width + 10, place), align="left")) for place in places
        ]
        self.scores = [
            canvas.moving(Label(canvas.figure, (left + width + 78, place), align="left")) for place in places
        ]
        for x, text in ((left + width + 10, say("weight")), (left + width + 78, say("score"))):
            canvas.moving(Label(canvas.figure, (x, bottom + height + 13), text, align="left", colour=style.GREY))

    def show(self, model):
        ends = model.query, model.context
        for line, head, end in zip((self.query, self.context), self.heads, ends, strict=True):
            line.set_data([0, end[0]], [0, end[1]])
            head.set_data([end[0]], [end[1]])
        numbers = zip(self.lengths, self.percents, self.scores, model.weights, model.scores, strict=True)
        for place, (bar, percent, score, weight, value) in enumerate(numbers):
            bar.set_data([0, weight], [place, place])
            percent.text = f"{weight:.1%}"
            hidden = model.settings["masked"] and place == len(model.words) - 1
            score.text = say("masked") if hidden else two_digits(value)


def _arrow(colour, width):
    return {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
