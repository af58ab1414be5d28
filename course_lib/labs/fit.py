"""The lab "fit by hand": three sliders bend a curve to points, then gradient descent turns the same sliders.

The curve is the smallest network that can be seen bending: one sigmoid neuron with a weight behind it,
f(x) = v sigmoid(w x + b). Each number has its own visible effect (height, steepness, sideways shift), and for the points
below every start within the sliders' limits leads downhill to the same minimum.
"""

import math

import numpy as np

from .. import functional, ops
from ..differentiate import value_and_grad
from ..pictures import style
from ..text import N_, capitalised, say
from .base.buttons import Button, Run
from .base.curves import show_ghosts
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number, Numbers, Switch
from .base.words import format_loss, in_turn, steps_text

X = (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
Y = (0.2, -0.3, 0.1, 0.0, 0.1, 0.2, 0.3, 0.9, 1.3, 2.1, 1.9, 1.9, 1.9)
LIMITS = {"v": (0.0, 3.0), "w": (-1.0, 4.0), "b": (-4.0, 4.0)}  # of the sliders; a descent may leave them
START = {"v": 0.5, "w": -0.5, "b": 1.5}
MOST_STEPS = 500
HAND_GOAL = 0.03  # loss to reach by hand
DESCENT_GOAL = (0.0225, 40)  # loss to reach by gradient descent from START, and in how many steps
AT_REST = 1e-3  # length of the gradient below which a descent ends
RUNAWAY = 1e3  # loss above which a descent ends
GHOSTS = 3


def curve(params, x):
    """f(x) = v sigmoid(w x + b) for params = [v, w, b] (numbers or tensors of shape ()) and x of any shape."""
    v, w, b = params
    return v * ops.sigmoid(w * x + b)


def mean_loss(params, x, y):
    """L = mean of (f(x) - y)^2."""
    return functional.mean_squared_error(curve(params, x), y)


class FitModel(LabModel):
    """Points and the curve through them.

    x, y       (points,) what the curve is to meet
    params     dict of v, w, b as they stand           loss       of these
    gradient   dict of dL/dv, dL/dw, dL/db             rate       learning rate of the next step
    alone      True while only a hand has set the params since they stood at START, then None
    best_loss  the lowest loss that a hand has reached; infinity when it has not tried
    losses     of the descent, after 0, 1, 2, ... steps; [] before the first
    ghosts     losses of the descents before it, at most three
    start      (setting) whether the next descent begins at START (otherwise where the params stand)
    fewest     steps in which a descent from START reached DESCENT_GOAL; infinity when none did
    problem    "" or why the descent ended without arriving

    Raises ValueError when there are fewer than three points, x and y differ in length, or a number is not finite.
    """

    declared = {
        "start": Switch(
            True, label=N_("It starts from"), words={True: N_("the same start"), False: N_("the sliders as they stand")}
        ),
        "rate": Number(0.01, 30.0, 0.5, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
    }
    keeps_run, live = ("start",), {"rates": "rate"}
    persisted = {
        "began": Numbers(3, -1e9, 1e9, tuple(START.values())),
        "alone": Choice((True,), None),
        "best_loss": Number(0.0, 1e9, 1.0),
        "fewest": Number(1, MOST_STEPS, MOST_STEPS, whole=True),
    }
    goals = ("by hand", "by descent")

    def __init__(self, x=X, y=Y, **settings):
        self.x, self.y = _points(x, y)
        self.best_loss, self.ghosts, self.losses, self.fewest = math.inf, [], [], math.inf
        super().__init__(**settings)

    def twin(self, **changes):
        return type(self)(self.x, self.y, **self.settings | changes)

    # The hand

    def turn(self, name, value):
        """Set one of v, w, b by hand, within LIMITS; a descent that is under way ends."""
        self._open = False
        self._put(self.params | {name: float(value)})
        if self.alone:
            self.best_loss = min(self.loss, self.best_loss)

    def _start(self):
        """Back to START; what was reached by hand, and earlier descents, stay on record."""
        self._shelve()
        self.alone = True
        self._put(START)

    # The descent

    @property
    def rate(self):
        return self.settings["rate"]

    @property
    def steps(self):
        return max(len(self.losses) - 1, 0)

    done = steps

    @property
    def slope(self):
        """Length of the gradient."""
        return math.hypot(*self.gradient.values())

    @property
    def at_rest(self):
        return self.slope < AT_REST

    @property
    def finished(self):
        return bool(self.losses) and (bool(self.problem) or self.at_rest or self.steps >= MOST_STEPS)

    @property
    def under_way(self):
        """Whether a descent has begun and can go on."""
        return self._open and not self.finished

    def begin(self):
        """Go on with the descent that is under way; begin another one when there is none, or it is finished."""
        if self.under_way:
            return
        self._shelve()
        if self.settings["start"]:
            self._put(START)
        self.courses = {"rate": [(0, self.rate)]}
        self._open_descent()

    def _open_descent(self):
        self._began, self._open, self.alone, self.losses = self.params, True, None, [self.loss]

    @property
    def began(self):
        """Where the descent began, or without one where the numbers stand: part of the state."""
        return tuple((self._began if self.losses else self.params).values())

    @began.setter
    def began(self, numbers):
        self.alone = None
        self._put(dict(zip(START, numbers, strict=True)))

    def _step(self):
        """One step of descent, which begins here when none is under way."""
        if not self._open:
            self._open_descent()
        self._put({name: value - self.rate * self.gradient[name] for name, value in self.params.items()})
        self.losses.append(self.loss)
        goal, within = DESCENT_GOAL
        if not self.loss < RUNAWAY:
            self.problem = say(
                "stopped at step {step}, because the loss has grown to {loss}: try a smaller learning rate",
                step=self.steps,
                loss=format_loss(self.loss),
            )
        elif self._began == START and self.loss <= goal and self.steps <= within:
            self.fewest = min(self.fewest, self.steps)

    def _put(self, params):
        self.params = dict(params)
        values = [np.array(value) for value in params.values()]
        with np.errstate(over="ignore", invalid="ignore"):
            self.loss, grads = value_and_grad(mean_loss)(values, self.x, self.y)
        self.gradient = dict(zip(params, map(float, grads), strict=True))

    def _shelve(self):
        """Keep the curve of the descent before, and forget its problem."""
        if self.steps:
            self.ghosts = [*self.ghosts, self.losses][-GHOSTS:]
        self.losses, self.problem, self._open = [], "", False

    # Goals and words

    def _reached_now(self):
        reached = self.best_loss <= HAND_GOAL, self.fewest < math.inf
        return [goal for goal, so in zip(self.goals, reached, strict=True) if so]

    @property
    def good(self):
        return self.loss <= HAND_GOAL

    @property
    def bad(self):
        """Whether the descent that is shown ran away, or rests higher than where it began."""
        return self._open and (bool(self.problem) or (self.at_rest and self.loss > self.losses[0]))

    def status(self):
        """One sentence: where the curve stands, and how the hand and the descent compare."""
        facts = say("loss {loss} at v = {v:.3g}, w = {w:.3g}, b = {b:.3g}", **self.params, loss=format_loss(self.loss))
        if self.losses and self._open:
            return say("{facts}. {more}", facts=facts, more=self._descent_facts())
        if not self.alone:
            return say(
                "{facts}. Gradient descent did part of the way. For a try by hand alone, go back to the start",
                facts=facts,
            )
        if self.best_loss == math.inf:
            return say("{facts}. Turn the three sliders until the curve meets the points", facts=facts)
        return say("{facts}. Your best by hand: {best}", facts=facts, best=format_loss(self.best_loss))

    def _descent_facts(self):
        if self.problem:
            return capitalised(self.problem)
        rate, steps = in_turn(self.used("rate")), steps_text(self.steps)
        facts = say("Gradient descent, learning rate {rate}, {count}", rate=rate, count=steps)
        if not self.finished:
            return facts
        if self.bad:
            facts = say(
                "{facts}: at rest, but higher than where it began, because the sigmoid is flat there. The "
                "steps were too long",
                facts=facts,
            )
        elif self.at_rest:
            facts = say("{facts}: at rest, because the slopes are nearly zero", facts=facts)
        else:
            facts = say("{facts}: not at rest yet", facts=facts)
        hand = self.best_loss
        if hand == math.inf:
            return facts
        if hand <= self.loss:
            return say("{facts}. Your best by hand, {hand}, is not beaten", facts=facts, hand=format_loss(hand))
        return say(
            "{facts}. Your best by hand, {hand}, is {ratio} times this loss",
            facts=facts,
            hand=format_loss(hand),
            ratio=f"{hand / self.loss:.3g}",
        )

    def description(self):
        push = ", ".join(f"{name} {push_text(slope)}" for name, slope in self.gradient.items())
        history = say("no descent so far")
        if self.losses:
            history = say(
                "from {first} to {last} in {count}",
                first=format_loss(self.losses[0]),
                last=format_loss(self.losses[-1]),
                count=steps_text(self.steps),
            )
        return say(
            "Fit by hand: {points} points and the curve v sigmoid(w x + b). {status}. Right, above: the loss by steps, "
            "{history}; below: minus the slope of the loss for each slider, {push}.",
            points=len(self.x),
            status=capitalised(self.status()),
            history=history,
            push=push,
        )


def push_text(slope):
    """Minus a slope, with its sign and three digits after the point."""
    return "0.000" if abs(slope) < 5e-4 else f"{-slope:+.3f}"


def _points(x, y):
    """x and y as arrays of finite numbers; raises ValueError, with a sentence, when they cannot be fitted."""
    try:
        x, y = (np.array(numbers, dtype=float) for numbers in (x, y))
    except (TypeError, ValueError):
        raise ValueError(
            say("fit_lab: expected x and y to be lists of numbers, got {x!r} and {y!r}", x=x, y=y)
        ) from None
    if x.ndim != 1 or x.shape != y.shape or len(x) < 3:
        raise ValueError(
            say(
                "fit_lab: expected x and y to be lists of the same length, at least 3, got shapes {x} and {y}",
                x=x.shape,
                y=y.shape,
            )
        )
    if not np.isfinite([x, y]).all():
        raise ValueError(say("fit_lab: expected finite numbers in x and y, got NaN or infinity"))
    if np.ptp(x) == 0:
        raise ValueError(say("fit_lab: expected points at different x, all are at {x:g}", x=x[0]))
    return x, y


LOSS_LIMITS = (0.01, 20)
PUSH_LIMIT = 1.3  # of the axis of slopes, which shows their square roots; a longer bar ends there
SPANS = (50, 100, 200, MOST_STEPS)  # lengths of the axis of steps


class FitLab(Lab):
    """The lab "fit by hand", to be the last line of a cell.

    x, y    (points,) the points, at least three; by default the thirteen of chapter 1
    name    labs with different names may be open in one notebook; the same name again replaces the first
    rate    learning rate at the start
    """

    size = (960, 360)
    question = N_("Which way does each bar point, and what do the bars do when nothing is left to gain?")
    goal_texts = {
        "by hand": N_("Goal: reach a loss of at most {hand} by hand."),
        "by descent": N_(
            "Goal: find a learning rate that takes gradient descent from the same start to a loss of {loss} within "
            "{steps} steps."
        ),
    }
    facts = {"hand": HAND_GOAL, "loss": DESCENT_GOAL[0], "steps": DESCENT_GOAL[1]}
    one_by_one = False  # always two lines, so that nothing jumps
    static_steps = 5  # where the descent ends, the reader finds out
    actions = {
        "descend": Run(
            N_("Let gradient descent do it"), N_("Gradient descent turns the same three sliders; press again to pause")
        ),
        "step": Button(N_("Step"), "_step", N_("Pause and take one step of gradient descent")),
        "reset": Button(N_("Back to the start"), "_reset", N_("The sliders as they stood first")),
    }
    rows = (("v", "w"), ("b", "rate"), ("descend", "step", "start", "reset"))

    def __init__(self, x=X, y=Y, name=None, rate=0.5):
        self.open(FitModel(x, y, rate=rate), name)

    def work(self):
        self.model.advance(1 + self.model.steps // 30)  # the first steps one by one, then faster and faster
        return not self.model.finished

    def goal_text(self, name, text):
        best, fewest = self.model.best_loss, self.model.fewest
        if name == "by hand" and best < math.inf:
            return say("{goal} Your best so far: {best}.", goal=text, best=format_loss(best))
        if name == "by descent" and "by hand" not in self.model.reached:
            return say("A second goal opens when this one is reached.")
        if name == "by descent" and fewest < math.inf:
            return say("{goal} Fewest so far: {fewest}.", goal=text, fewest=fewest)
        return text

    def make_buttons(self):
        labels = {"v": say("v, height"), "w": say("w, steepness"), "b": say("b, shift")}
        for name, label in labels.items():
            turn = self.pausing(self.model.turn, name)
            self.controls[name] = self.number(label, self.model.params[name], LIMITS[name], turn, step=0.05)
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        for name, value in self.model.params.items():
            if self.controls[name].value != float(f"{value:.3g}"):
                self.controls[name].show(float(f"{value:.3g}"))

    def show_run_button(self):
        super().show_run_button()
        if self.model.under_way and not self.running:
            self.run_button.description = say("Go on")

    def prepare(self):
        self.model.stop_at = None
        self.model.begin()

    def _step(self):
        self.model.begin()
        super()._step()

    # The picture

    def make(self, canvas):
        """Points, curve and residuals on the left; loss by steps and the three slopes on the right."""
        from matplotlib.ticker import MaxNLocator

        self._span, x, y = None, self.model.x, self.model.y
        margin = 0.05 * np.ptp(x)
        self._line = np.linspace(x.min() - margin, x.max() + margin, 121)
        low, high = min(0.0, y.min()), max(3.0, y.max())  # the highest curve that the slider can make
        self.plane = canvas.axes(66, 48, 474, 270, xlim=self._line[[0, -1]], ylim=(low - 0.2, high + 0.2))
        self.plane.set(xlabel=say("input $x$"), ylabel=say("target $y$"))
        self.plane.plot([], [], "o", color=style.BLACK, label=say("points"))
        self.plane.plot([], [], color=style.BLUE, label=say("curve"))
        self.plane.plot([], [], color=style.VERMILLION, linewidth=1.4, label=say("residuals"))
        self.plane.legend(loc="upper left")
        self.loss = canvas.axes(612, 202, 330, 116, yscale="log", ylim=LOSS_LIMITS, xlim=(0, 1))
        self.loss.set_title(say("Loss by steps of gradient descent"), fontsize=11)
        self.loss.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        self.loss.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
        self.loss.minorticks_off()
        self.push = canvas.axes(640, 48, 236, 78, xlim=(-PUSH_LIMIT, PUSH_LIMIT), ylim=(2.6, -0.6))
        self.push.set_title(say("Downhill: minus each slope (root scale)"), fontsize=11, x=-0.12)
        self.push.set_yticks([0, 1, 2], list(LIMITS))
        self.push.set_xticks([-1.05, 0, 1.05], [say("\N{LEFTWARDS ARROW} less"), "0", say("more \N{RIGHTWARDS ARROW}")])
        self.push.tick_params(axis="y", length=0)
        self.push.grid(axis="y", visible=False)
        self.push.axvline(0, color=style.GREY, linewidth=0.8)
        self.residuals = canvas.line(self.plane, color=style.VERMILLION, linewidth=1.4)
        self.curve = canvas.line(self.plane, color=style.BLUE, linewidth=2.5)
        points = canvas.line(
            self.plane, linestyle="", marker="o", color=style.BLACK, markeredgecolor="white", markersize=8
        )
        points.set_data(x, y)
        self.title = canvas.label((66, 338), size=12, family="DejaVu Sans:bold", align="left")
        self.ghosts = [canvas.line(self.loss, color=style.SILVER, linewidth=1.4) for _ in range(GHOSTS)]
        self.hand = canvas.line(self.loss, color=style.ORANGE, linestyle="--", linewidth=1.6)
        self.losses = canvas.line(self.loss, color=style.BLUE)
        self.dot = canvas.line(self.loss, linestyle="", marker="o", color=style.BLUE, markersize=6)
        self.bars = [canvas.line(self.push, color=style.GREEN, linewidth=13, solid_capstyle="butt") for _ in LIMITS]
        self.numbers = [canvas.label((886, y), align="left") for y in (112, 87, 62)]
        self.line_names = [canvas.label((760, y), colour=style.GREY, align="left") for y in (304, 288)]
        self.steps = canvas.layer(self.loss.xaxis)

    def show(self):
        model = self.model
        self._stretch(max(map(len, [model.losses, *model.ghosts])) - 1)
        params = model.params.values()
        with np.errstate(over="ignore", invalid="ignore"):
            self.curve.set_data(self._line, curve(params, self._line))
            ends = curve(params, model.x)
        between = np.full(len(model.x), np.nan)
        self.residuals.set_data(model.x.repeat(3), np.stack([model.y, ends, between], axis=1).ravel())
        self.title.text = say("Loss {loss} = mean of the squared residuals", loss=format_loss(model.loss))
        show_ghosts(self.ghosts, [[*enumerate(np.clip(losses, *LOSS_LIMITS))] for losses in model.ghosts])
        self.losses.set_data(range(len(model.losses)), np.clip(model.losses, *LOSS_LIMITS))
        self.dot.set_data([model.steps], [np.clip(model.loss, *LOSS_LIMITS)])
        best = [np.clip(model.best_loss, *LOSS_LIMITS)] * 2 if model.best_loss < math.inf else []
        self.hand.set_data([0, self._span][: len(best)], best)
        there = (say("dashed: your best by hand"), best), (say("grey: earlier descents"), model.ghosts)
        for label, (name, line) in zip(self.line_names, there, strict=True):
            label.text = name if line else ""
        slopes = model.gradient.values()
        for place, (bar, number, slope) in enumerate(zip(self.bars, self.numbers, slopes, strict=True)):
            bar.set_data([0, np.clip(-np.sign(slope) * abs(slope) ** 0.5, -PUSH_LIMIT, PUSH_LIMIT)], [place, place])
            number.text = push_text(slope)

    def _stretch(self, steps):
        """The axis of steps is as long as the longest descent asks for."""
        span = next((span for span in SPANS if span >= steps), SPANS[-1])
        if span != self._span:
            self._span = span
            self.loss.set_xlim(-0.02 * span, 1.02 * span)
            self.canvas.changed(self.steps)
