"""The lab of gradients through time: turn the scale of U, or the bias of the gate, and see what is left forty steps back."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import NEITHER, STEPS, ThroughTime

SIZE = (960, 340)  # of the picture, in CSS pixels
NORMS = (1e-12, 1e12)  # what the left axis shows
LOOKS = {"plain": (style.BLUE, "o"), "GRU": (style.VERMILLION, "s")}


def through_time_lab(name="through time", **settings):
    """The lab of gradients through time, to be the last line of a cell. settings: cell, scale, bias, seed of `ThroughTime`.

    name   labs with different names may be open in one notebook; the same name again replaces the first
    """
    return ThroughTimeLab(ThroughTime(**settings), name)


class ThroughTimeLab(PictureLab):
    """Controls and picture of a `ThroughTime`. A measurement takes a few milliseconds: each change shows at once."""

    size = SIZE
    question = N_("U is a rotation: at scale 1 it keeps every length. Why is that not enough for the plain cell?")
    goal_texts = {
        "plain": N_(
            "Goal: find a scale of U for which the plain cell's gradient stays in the green field for all {steps} steps."
        ),
        "GRU": N_("Goal: the same with the GRU at scale 1, by the bias of its update gate alone."),
    }
    facts = {"steps": STEPS}
    table = {
        "cell": Control(N_("Cell"), words={"plain": N_("plain")}),
        "scale": Control(N_("Scale of U"), logarithmic=True),
        "bias": Control(N_("Bias of the update gate"), step=0.1),
        "seed": Control(N_("Seed"), slider=False),
    }
    rows = (("cell", "seed"), ("scale", "bias"))
    can_be_unused = ("bias",)

    def make_view(self, canvas):
        return View(canvas)

    def unused(self):
        return () if self.model.settings["cell"] == "GRU" else ("bias",)


class View:
    """The picture: gradient norm by steps back on the left, what the cell lets through at each step on the right."""

    def __init__(self, canvas):
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.norm = canvas.axes(74, 48, 500, 250, yscale="log", xlim=(-0.5, STEPS - 0.5), ylim=NORMS)
        self.norm.set_title(say("Gradient norm, relative to the last step"))
        self.norm.set_xlabel(say("steps back"))
        self.norm.set_yticks([10.0**power for power in range(-12, 13, 4)])
        self.norm.axhspan(*NEITHER, color="#D5EEE6", zorder=0)
        self.norm.text(
            0.99, 0.98, say("explodes"), transform=self.norm.transAxes, ha="right", va="top", color=style.GREY
        )
        self.norm.text(0.99, 0.03, say("vanishes"), transform=self.norm.transAxes, ha="right", color=style.GREY)
        self.factor = canvas.axes(650, 48, 290, 250, xlim=(-0.5, STEPS - 0.5), ylim=(0, 1.05))
        self.factor.set_xlabel(say("steps back"))
        self.curves, self.factors, self.titles = {}, {}, {}
        titles = {"plain": say("Mean slope of tanh"), "GRU": say("Mean update gate")}
        for cell, (colour, marker) in LOOKS.items():
            self.curves[cell] = canvas.line(self.norm, color=colour, marker=marker, markersize=4, linewidth=1.2)
            self.factors[cell] = canvas.line(self.factor, color=colour, marker=marker, markersize=4, linewidth=1.2)
            title = self.factor.text(0, 1.04, titles[cell], transform=self.factor.transAxes, fontsize=12, weight="bold")
            self.titles[cell] = canvas.moving(title)

    def show(self, model):
        steps = np.arange(STEPS)
        for cell, curve in self.curves.items():
            now = cell == model.settings["cell"]
            curve.set_data(steps if now else [], np.clip(model.norms, NORMS[0] / 10, NORMS[1] * 10) if now else [])
            self.factors[cell].set_data(steps if now else [], model.factors if now else [])
            self.titles[cell].set_visible(now)
