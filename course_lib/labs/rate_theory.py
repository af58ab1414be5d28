"""The learning-rate theory lab: predicted and measured error in each eigen-direction of a quadratic loss.

In the direction of an eigenvector with eigenvalue lambda, one step multiplies the error by 1 - eta lambda. So after k
steps |1 - eta lambda|^k of it are left: no more than two numbers, the smallest and the largest eigenvalue, decide how
fast descent can be, and where it diverges.
"""

import math

import numpy as np

from .. import ops
from ..autodiff import Tensor
from ..optimizers import GradientDescent
from ..pictures import style
from ..text import N_, joined, say
from . import base
from .base.buttons import Button
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Number
from .base.words import steps_text

GOALS = {"25": 25.0, "400": 400.0}  # condition numbers
STEPS = 100
TOLERANCE = 0.02  # of the best rate
LEFT = 1000  # steps are counted until 1 / LEFT of the error is left
FLOOR = 1e-11  # errors below are rounding, and so are those so much smaller than the error in the other direction
ANGLE = math.radians(30)  # the eigenvectors are no axes: nothing in the program knows them
EIGENVECTORS = np.array([[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]])  # columns


class RateTheory(LabModel):
    """Gradient descent on L = 1/2 w^T H w with eigenvalues 1 and `condition`, from (1, 1) in their directions.

    condition   condition number, largest eigenvalue / smallest      rate     the learning rate eta
    errors      (STEPS + 1, 2): what is left in the flat and in the steep direction after each step, as measured
    best_shown  whether the best rate may be marked for this condition number
    """

    declared = {
        "condition": Number(1.0, 1000.0, 25.0, label=N_("Condition number"), logarithmic=True),
        "rate": Number(1e-4, 10.0, 0.02, label=N_("Learning rate"), logarithmic=True),
    }
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self._shown = set()  # condition numbers whose best rate the reader has found, or asked for
        super().__init__(**settings)

    @property
    def condition(self):
        return self.settings["condition"]

    @property
    def rate(self):
        return self.settings["rate"]

    def _start(self):
        hessian = EIGENVECTORS @ np.diag(self.eigenvalues) @ EIGENVECTORS.T
        w = Tensor((EIGENVECTORS @ np.ones(2))[None])  # (1, 2)
        optimizer = GradientDescent(self.rate)
        path = [w.value[0].copy()]
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(STEPS):
                ops.sum((w @ hessian) * w / 2).backward()
                optimizer.step([w])
                path.append(w.value[0].copy())
            self.errors = np.abs(np.array(path) @ EIGENVECTORS)

    # Theory

    @property
    def eigenvalues(self):
        """Smallest and largest, lambda_min and lambda_max."""
        return np.array([1.0, self.condition])

    @property
    def limit(self):
        """2/λmax: beyond it the error grows in the steep direction."""
        return 2 / self.condition

    @property
    def best(self):
        """2 / (λmin + λmax): there both directions shrink by the same factor."""
        return 2 / (self.condition + 1)

    def factors(self, rate=None):
        """|1 - eta lambda| for the flat and the steep direction; rate may be an array, (n,) gives (2, n)."""
        rate = self.rate if rate is None else np.asarray(rate)
        return np.abs(1 - np.multiply.outer(self.eigenvalues, rate))

    def predicted(self):
        """(STEPS + 1, 2): |1 - eta lambda|^k."""
        with np.errstate(over="ignore"):
            return self.factors() ** np.arange(STEPS + 1)[:, None]

    def steps_needed(self, rate=None):
        """Steps until both errors are 1 / LEFT of those at the start; infinite when one does not shrink."""
        worst = float(self.factors(rate).max())
        return math.inf if worst >= 1 else 1 if worst == 0 else math.ceil(round(-math.log(LEFT) / math.log(worst), 9))

    # Measurement

    @property
    def measurable(self):
        """(STEPS + 1, 2): whether an error is more than rounding; where the steep direction grows, it swamps the flat one."""
        largest = np.maximum(1, self.errors.max(axis=1, keepdims=True))
        return (self.errors > FLOOR * largest) & (self.errors < 1e100)

    def measured_factors(self):
        """The factor per step in each direction, from the errors up to the first that drowns in rounding: (2,)."""
        factors = []
        for error, measurable in zip(self.errors.T, self.measurable.T, strict=True):
            usable = int(np.argmin(measurable)) or len(error)
            k = max(1, usable - 1)
            factors.append((error[k] / error[0]) ** (1 / k))
        return np.array(factors)

    # The goal

    @property
    def is_best(self):
        return abs(self.rate / self.best - 1) <= TOLERANCE

    def claim(self):
        """The reader says that this rate is the best one. Returns a hint, or "" when it is: then it is noted."""
        flat, steep = self.factors()
        if self.is_best:
            self.show_best()
            self.found |= {self._goal} & {*self.goals}
            return ""
        if steep >= 1:
            return say(
                "Not this one, because the distance in the steep direction grows by the factor {factor:.3g} per step.",
                factor=steep,
            )
        return say(
            "Not yet. The {which} direction holds the descent up, with the factor {worst:.3f} per step, "
            "while the other one has {other:.3f}. When are both equally fast?",
            which=say("flat") if flat > steep else say("steep"),
            worst=max(flat, steep),
            other=min(flat, steep),
        )

    @property
    def best_shown(self):
        return self.condition in self._shown or self._goal in self.found

    @property
    def _goal(self):
        return f"{self.condition:g}"

    @property
    def good(self):
        return self.is_best and self.best_shown

    @property
    def bad(self):
        return bool(self.factors().max() >= 1)

    def show_best(self):
        """The reader asks for the best rate at this condition number."""
        self._shown.add(self.condition)

    # Words

    def status(self):
        (flat, steep), measured = self.factors(), self.measured_factors()
        steps = self.steps_needed()
        if steep > 1:
            total = say("It diverges, because the rate is above the limit 2/λmax = {limit:.4g}.", limit=self.limit)
        elif steps == math.inf:
            total = say("It never arrives, because the rate is the limit 2/λmax = {limit:.4g}.", limit=self.limit)
        else:
            total = say("Both distances are below 1/{left:,} after {steps}.", left=LEFT, steps=steps_text(steps))
        best = ""
        if self.best_shown:
            fewest = steps_text(self.steps_needed(self.best))
            best = say("Best rate 2/(λmin + λmax) = {best:.4g}: {steps}.", best=self.best, steps=fewest)
        facts = say(
            "Factor per step, flat direction: {flat:.3f} predicted, {got_flat:.3f} measured; steep "
            "direction: {steep:.3f} predicted, {got_steep:.3f} measured.",
            flat=flat,
            got_flat=measured[0],
            steep=steep,
            got_steep=measured[1],
        )
        return joined(facts, total, best)

    def description(self):
        return say(
            "Distance left by gradient descent, by step, in the two eigen-directions of a quadratic with condition number "
            "{condition:g}, rate {rate:g}, measured and predicted. {status} The limit is 2/λmax = {limit:.4g}.",
            status=self.status(),
            limit=self.limit,
            **self.settings,
        )


ERROR_LIMITS = (1e-6, 1e2)
FACTOR_LIMIT = 1.5  # upper end of the right picture
SPAN = 2.6  # its right end, in units of 1/λmax
LOOKS = ((style.BLUE, "o", "-"), (style.VERMILLION, "s", "--"))  # of the two directions


class RateTheoryLab(Lab):
    """The learning-rate theory lab, to be the last line of a cell.

    condition   condition number of the quadratic, 1 to 1,000          rate   learning rate at the start
    """

    model_class = RateTheory
    size = (960, 388)
    question = N_(
        "The condition number grows tenfold. By how much does the number of steps grow, at the best rate of each?"
    )
    goal_texts = {
        goal: N_('Goal: at condition number {condition:g}, find the best rate (to 2 %) and press "This is the best".')
        for goal in GOALS
    }
    actions = {
        "claim": Button(
            N_("This is the best"), "_claim", N_("Register the present rate"), style="primary", icon="check"
        ),
        "show": Button(
            N_("Show the best rate"),
            "show_best",
            N_("Mark the rate that the theory gives"),
            off=lambda model: model.best_shown,
        ),
    }
    rows = (("rate", "condition"), ("claim", "show"))

    def facts_of(self, goal):
        return {"condition": GOALS[goal]}

    def _claim(self):
        hint = self.model.claim()
        self.redraw()
        if hint:
            self.status(hint)

    # The picture

    def make(self, canvas):
        """Errors by step on the left, the factor per step by learning rate on the right."""
        self.error_axes = canvas.axes(62, 48, 480, 290, yscale="log", xlim=(-1, STEPS + 1), ylim=ERROR_LIMITS)
        self.error_axes.set(title=say("Distance left"), xlabel=say("steps"))
        self.factor = canvas.axes(620, 48, 320, 290, ylim=(0, FACTOR_LIMIT))
        self.factor.set(title=say("Factor per step"), xlabel=say("learning rate"))
        self.factor.axhspan(1, FACTOR_LIMIT, color=base.artists.pale(style.VERMILLION), zorder=0)
        self.factor.text(0.03, 0.97, say("grows"), transform=self.factor.transAxes, va="top")
        names = (say("flat"), say("steep"))
        self.lines, self.points, self.here, self.curves = [], [], [], []
        for (colour, marker, line), name in zip(LOOKS, names, strict=True):
            self.error_axes.plot([], [], color=colour, linestyle=line, label=say("{name}, predicted", name=name))
            self.lines.append(canvas.line(self.error_axes, color=colour, linestyle=line, linewidth=1.6))
            look = {"color": colour, "linestyle": "", "marker": marker, "markersize": 5}
            self.points.append(canvas.line(self.error_axes, label=say("{name}, measured", name=name), **look))
            self.curves.append(canvas.line(self.factor, color=colour, linestyle=line))
            self.factor.plot([], [], color=colour, linestyle=line, marker=marker, label=name)
        self.rate = canvas.line(self.factor, color=style.BLACK, linewidth=1.2)
        for colour, marker, _ in LOOKS:
            self.here.append(canvas.line(self.factor, color=colour, linestyle="", marker=marker, markersize=8))
        self.best = canvas.line(self.factor, color=style.GREEN, linewidth=1.6, linestyle="-.")
        self.best_text = canvas.moving(
            self.factor.text(0, 0.03, "2/(λmin + λmax) ", color=style.GREEN, fontsize=10, ha="right")
        )
        self.limit = canvas.line(self.factor, color=style.VERMILLION, linewidth=1.6, linestyle=":")
        self.limit_text = canvas.moving(self.factor.text(0, 0.03, " 2/λmax", color=style.VERMILLION, fontsize=10))
        self.rate_axis = canvas.layer(self.factor.xaxis)
        place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
        for axes in (self.error_axes, self.factor):
            axes.legend(ncols=2, fontsize=9, handlelength=2, columnspacing=1, **place)

    def show(self):
        model = self.model
        if self.canvas.differs("condition", model.condition):
            self._still_parts(model)
        steps = np.arange(STEPS + 1)
        for which, (line, points, here) in enumerate(zip(self.lines, self.points, self.here, strict=True)):
            line.set_data(steps, np.clip(model.predicted()[:, which], ERROR_LIMITS[0] / 10, ERROR_LIMITS[1] * 10))
            measured = model.errors[:, which]
            inside = (measured >= ERROR_LIMITS[0]) & (measured <= ERROR_LIMITS[1]) & model.measurable[:, which]
            shown = steps[inside][:: max(1, int(inside.sum()) // 25)]
            points.set_data(shown, measured[shown])
            here.set_data([model.rate], [model.factors()[which]])
        self.rate.set_data([model.rate] * 2, [0, FACTOR_LIMIT])
        self.best.set_data([model.best] * 2, [0, FACTOR_LIMIT])
        self.best_text.set_x(model.best)
        for artist in (self.best, self.best_text):
            artist.set_visible(model.best_shown)

    def _still_parts(self, model):
        rates = np.linspace(0, SPAN / model.condition, 400)
        for curve, factors in zip(self.curves, model.factors(rates), strict=True):
            curve.set_data(rates, factors)
        self.factor.set_xlim(0, SPAN / model.condition)
        self.factor.locator_params(axis="x", nbins=5)
        self.limit.set_data([model.limit] * 2, [0, FACTOR_LIMIT])
        self.limit_text.set_x(model.limit)
        self.canvas.changed(self.rate_axis, model.condition)
