"""The bias lab: accuracy by group for a network whose training data leave one group out, or hold a few examples of it."""

import numpy as np
from matplotlib.patches import Rectangle

from ...pictures import style
from ...text import N_, say
from ..base.artists import Label
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import CLOSE, LOW, BiasModel

SIZE = (960, 330)
BARS = (64, 66, 470, 222)  # left, bottom, width, height of the axes, CSS pixels
SLOTS = 7  # bars at most


def bias_lab(name="bias", **settings):
    """The bias lab, to be the last line of a cell. settings: source, added, share, seed of `BiasModel`."""
    return BiasLab(BiasModel(**settings), name)


class BiasLab(PictureLab):
    """Controls and picture of a `BiasModel`."""

    size = SIZE
    question = N_("How many examples does a group need, and what does the overall accuracy tell you about it?")
    goal_texts = {
        "fair": N_(
            "Goal: with at most {limit} examples of {group} added, bring it within {close:.0f} points of the others, "
            "overall at least {low:.0%}."
        ),
    }
    table = {
        "source": Control(N_("Left out"), pauses=True),
        "added": Control(N_("Examples added"), step=5, pauses=True),
        "share": Control(N_("Share of the users, %"), slider=False, pauses=True),
    }
    rows = (("source", "sweep", "anew"), ("added", "share"))
    lines_of_status = 2

    @property
    def facts(self):
        model = self.model
        return {"limit": model.limit(), "group": say(model.left_out), "close": 100 * CLOSE, "low": LOW}

    def make_view(self, canvas):
        return View(canvas)

    def work(self):
        self.model.advance()
        return not self.model.finished

    def static_model(self):
        model = self.model.twin(added=0)
        model.advance(len(model.steps))
        model.configure(added=0)
        return model

    def make_buttons(self):
        anew = self.pausing(self.model.new_start)
        return {
            "sweep": self.make_run_button(
                say("Add step by step"), say("Train with more and more examples of the group")
            ),
            "anew": self.button(say("Draw anew"), anew, tooltip=say("Other examples, other weights")),
        }


class View:
    """The picture: a bar for each group with its 95 % interval; on the right accuracy against examples added."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._source = None
        with canvas.styled():
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
        self.numbers = [canvas.moving(Label(canvas.figure, (0, 0), background="white")) for _ in range(SLOTS)]
        self.overall_label = canvas.moving(Label(canvas.figure, (0, 0), colour=style.VERMILLION, background="white"))

    def _rectangle(self, place):
        return self.bars.add_patch(Rectangle((place - 0.36, 0), 0.72, 0.0, color=style.BLUE))

    def show(self, model):
        if model.settings["source"] != self._source:
            self._source = model.settings["source"]
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
