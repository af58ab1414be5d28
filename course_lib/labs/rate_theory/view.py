"""The learning-rate theory lab: predicted and measured error in each eigen-direction of a quadratic loss."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import pale
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import GOALS, STEPS, RateTheory

SIZE = (960, 388)  # of the picture, in CSS pixels
ERROR_LIMITS = (1e-6, 1e2)
FACTOR_LIMIT = 1.5  # upper end of the right picture
SPAN = 2.6  # its right end, in units of 1/λmax
COLOURS = (style.BLUE, style.VERMILLION)
MARKERS = ("o", "s")
STYLES = ("-", "--")


def rate_theory_lab(name="rate theory", condition=25.0, rate=0.02):
    """The learning-rate theory lab, to be the last line of a cell.

    name        labs with different names may be open in one notebook; the same name again replaces the first
    condition   condition number of the quadratic, 1 to 1,000          rate   learning rate at the start
    """
    return RateTheoryLab(RateTheory(condition=condition, rate=rate), name)


class RateTheoryLab(PictureLab):
    """Controls and picture of a `RateTheory`. Descent is so short here that nothing runs: each change shows at once."""

    size = SIZE
    question = N_(
        "The condition number grows by ten: by how much does the number of steps grow, at the best rate of each?"
    )
    goal_texts = {
        goal: N_('Goal: condition number {condition:g}: find the best rate (to 2 %) and press "This is the best".')
        for goal in GOALS
    }
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "condition": Control(N_("Condition number"), logarithmic=True),
    }
    rows = (("rate", "condition"), ("claim", "show"))

    def make_view(self, canvas):
        return View(canvas)

    def facts_of(self, goal):
        return {"condition": GOALS[goal]}

    def refresh(self):
        super().refresh()
        self.buttons["show"].disabled = self.model.best_shown

    def make_buttons(self):
        claim, show = say("This is the best"), say("Show the best rate")
        return {
            "claim": self.button(
                claim, self._claim, style="primary", icon="check", tooltip=say("Register the present rate")
            ),
            "show": self.button(
                show, self.pausing(self.model.show_best), tooltip=say("Mark the rate that the theory gives")
            ),
        }

    def _claim(self):
        try:
            self.model.claim()
        except ValueError as hint:  # no error: the status line is the place for it
            self.redraw()
            self.status(str(hint))
        else:
            self.redraw()


class View:
    """The picture: errors by step on the left, the factor a step by learning rate on the right."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._condition = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.error = canvas.axes(62, 48, 480, 290, yscale="log", xlim=(-1, STEPS + 1), ylim=ERROR_LIMITS)
        self.error.set_title(say("Error left"))
        self.error.set_xlabel(say("steps"))
        self.factor = canvas.axes(620, 48, 320, 290, ylim=(0, FACTOR_LIMIT))
        self.factor.set_title(say("Factor a step"))
        self.factor.set_xlabel(say("learning rate"))
        self.factor.axhspan(1, FACTOR_LIMIT, color=pale(style.VERMILLION), zorder=0)
        self.factor.text(0.03, 0.97, say("grows"), transform=self.factor.transAxes, va="top")
        names = (say("flat"), say("steep"))
        self.lines, self.points, self.here, self.curves = [], [], [], []
        for colour, marker, line_style, name in zip(COLOURS, MARKERS, STYLES, names, strict=True):
            self.lines.append(canvas.line(self.error, color=colour, linestyle=line_style, linewidth=1.6))
            self.points.append(canvas.line(self.error, color=colour, linestyle="", marker=marker, markersize=5))
            self.curves.append(canvas.line(self.factor, color=colour, linestyle=line_style))
            self.error.plot([], [], color=colour, linestyle=line_style, label=say("{name}, predicted", name=name))
            self.error.plot(
                [],
                [],
                color=colour,
                linestyle="",
                marker=marker,
                markersize=5,
                label=say("{name}, measured", name=name),
            )
            self.factor.plot([], [], color=colour, linestyle=line_style, marker=marker, label=name)
        self.rate = canvas.line(self.factor, color=style.BLACK, linewidth=1.2)
        for colour, marker in zip(COLOURS, MARKERS, strict=True):
            self.here.append(canvas.line(self.factor, color=colour, linestyle="", marker=marker, markersize=8))
        self.best = canvas.line(self.factor, color=style.GREEN, linewidth=1.6, linestyle="-.")
        self.best_text = canvas.moving(self.factor.text(0, 0.03, "", color=style.GREEN, fontsize=10, ha="right"))
        self.limit = canvas.line(self.factor, color=style.VERMILLION, linewidth=1.6, linestyle=":")
        self.limit_text = canvas.moving(self.factor.text(0, 0.03, " 2/λmax", color=style.VERMILLION, fontsize=10))
        self.rate_axis = canvas.layer(self.factor.xaxis)
        for axes in (self.error, self.factor):
            axes.legend(
                loc="lower right",
                bbox_to_anchor=(1, 1),
                ncols=2,
                fontsize=9,
                handlelength=2,
                columnspacing=1,
                borderaxespad=0.2,
            )

    def show(self, model):
        if model.condition != self._condition:
            self._condition = model.condition
            self._still_parts(model)
        steps = np.arange(STEPS + 1)
        for which, (line, points, here) in enumerate(zip(self.lines, self.points, self.here, strict=True)):
            predicted = np.clip(model.predicted()[:, which], ERROR_LIMITS[0] / 10, ERROR_LIMITS[1] * 10)
            measured = model.errors[:, which]
            inside = (measured >= ERROR_LIMITS[0]) & (measured <= ERROR_LIMITS[1]) & model.measurable[:, which]
            line.set_data(steps, predicted)
            shown = steps[inside][:: max(1, int(inside.sum()) // 25)]
            points.set_data(shown, measured[shown])
            here.set_data([model.rate], [model.factors()[which]])
        self.rate.set_data([model.rate] * 2, [0, FACTOR_LIMIT])
        self.best.set_data([model.best] * 2 if model.best_shown else [], [0, FACTOR_LIMIT] if model.best_shown else [])
        self.best_text.set_text("2/(λmin + λmax) " if model.best_shown else "")
        self.best_text.set_x(model.best)

    def _still_parts(self, model):
        rates = np.linspace(0, SPAN / model.condition, 400)
        for curve, factors in zip(self.curves, model.factors(rates), strict=True):
            curve.set_data(rates, factors)
        self.factor.set_xlim(0, SPAN / model.condition)
        self.factor.locator_params(axis="x", nbins=5)
        self.limit.set_data([model.limit] * 2, [0, FACTOR_LIMIT])
        self.limit_text.set_x(model.limit)
        self.canvas.changed(self.rate_axis, model.condition)
