"""The lab "fit by hand": three sliders bend a curve to points, then gradient descent turns the same sliders."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from ...pictures import style
from ...text import N_, say
from ..base.artists import Label
from ..base.picture import PictureLab
from ..base.tables import Control
from ..base.words import format_loss
from .model import (
    DESCENT_GOAL,
    GHOSTS,
    HAND_GOAL,
    LIMITS,
    MOST_STEPS,
    FitModel,
    X,
    Y,
    curve,
    push_text,
)

SIZE = (960, 360)
LOSS_LIMITS = (0.01, 20)
PUSH_LIMIT = 1.3  # of the axis of slopes, which shows their square roots; a longer bar ends there
SPANS = (50, 100, 200, MOST_STEPS)  # lengths of the axis of steps


def fit_lab(x=X, y=Y, name="fit", rate=0.5):
    """The lab "fit by hand", to be the last line of a cell.

    x, y    (points,) the points, at least three; by default the thirteen of chapter 1
    name    labs with different names may be open in one notebook; the same name again replaces the first
    rate    learning rate at the start
    """
    return FitLab(FitModel(x, y, rate=rate), name)


class FitLab(PictureLab):
    """Controls and picture of a `FitModel`."""

    size = SIZE
    question = N_("Which way does each bar point, and what do the bars do when nothing is left to gain?")
    goal_texts = {
        "by hand": N_("Goal: by hand, a loss of at most {hand}."),
        "by descent": N_(
            "Goal: a learning rate that takes gradient descent from the same start to {loss} within {steps} steps."
        ),
    }
    facts = {"hand": HAND_GOAL, "loss": DESCENT_GOAL[0], "steps": DESCENT_GOAL[1]}
    one_by_one = False  # always two lines, so that nothing jumps
    table = {
        "rate": Control(N_("Learning rate"), logarithmic=True),
        "start": Control(
            N_("It starts from"), words={True: N_("the same start"), False: N_("the sliders as they stand")}
        ),
    }
    rows = (("v", "w"), ("b", "reset"))
    below = (("descend", "step", "start"), "rate")

    def make_view(self, canvas):
        return View(canvas, self.model.x, self.model.y)

    def work(self):
        self.model.advance(1 + self.model.steps // 30)  # the first steps one by one, then faster and faster
        return not self.model.finished

    def static_model(self):
        """The finished descent."""
        model = self.model.twin()
        model.begin()
        model.advance(MOST_STEPS)
        return model

    def goal_text(self, name, text):
        model = self.model
        if name == "by hand":
            return (
                text
                if model.best is None
                else say("{goal} Your best so far: {best}.", goal=text, best=format_loss(model.best_loss))
            )
        if "by hand" not in model.reached:
            return say("A second goal opens when this one is reached.")
        fewest = model.fewest
        return say("{goal} Fewest so far: {fewest}.", goal=text, fewest=fewest) if np.isfinite(fewest) else text

    def make_buttons(self):
        labels = {"v": say("v, height"), "w": say("w, steepness"), "b": say("b, shift")}
        for name, label in labels.items():
            turn = self.pausing(self.model.turn, name)
            self.controls[name] = self.number(label, self.model.params[name], LIMITS[name], turn, step=0.05)
        self.descend = self.make_run_button(
            say("Let gradient descent do it"),
            say("Gradient descent turns the same three sliders; press again to pause"),
        )
        return {
            "descend": self.descend,
            "step": self.make_step_button(say("Step"), say("Pause and take one step of gradient descent")),
            "reset": self.button(say("Back to the start"), self._reset, tooltip=say("The sliders as they stood first")),
        }

    def show_controls(self):
        super().show_controls()
        for name, value in self.model.params.items():
            if self.controls[name].value != float(f"{value:.3g}"):
                self.controls[name].show(float(f"{value:.3g}"))

    def show_run_button(self):
        super().show_run_button()
        if self.model.under_way and not self.running:
            self.descend.description = say("Go on")

    def prepare(self):
        self.model.stop_at = None
        self.model.begin()

    def _step(self):
        self.model.begin()
        super()._step()


class View:
    """The picture: points, curve and residuals on the left; loss by steps and the three slopes on the right."""

    def __init__(self, canvas, x, y):
        self.canvas = canvas
        self._span = None
        margin = 0.05 * np.ptp(x)
        self._line = np.linspace(x.min() - margin, x.max() + margin, 121)
        with canvas.styled():
            self._make(canvas, x, y)

    def _make(self, canvas, x, y):
        low, high = min(0.0, y.min()), max(3.0, y.max())  # the highest curve that the slider can make
        self.plane = canvas.axes(66, 48, 474, 270, xlim=self._line[[0, -1]], ylim=(low - 0.2, high + 0.2))
        self.plane.set(xlabel=say("input $x$"), ylabel=say("target $y$"))
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
        self.title = canvas.moving(Label(canvas.figure, (66, 338), size=12, family="DejaVu Sans:bold", align="left"))
        self.ghosts = [canvas.line(self.loss, color=style.LIGHT_GREY, linewidth=1.4) for _ in range(GHOSTS)]
        self.hand = canvas.line(self.loss, color=style.ORANGE, linestyle="--", linewidth=1.6)
        self.losses = canvas.line(self.loss, color=style.BLUE)
        self.dot = canvas.line(self.loss, linestyle="", marker="o", color=style.BLUE, markersize=6)
        self.bars = [canvas.line(self.push, color=style.GREEN, linewidth=13, solid_capstyle="butt") for _ in LIMITS]
        self.numbers = [canvas.moving(Label(canvas.figure, (886, y), align="left")) for y in (112, 87, 62)]
        self._legends()
        self.steps = canvas.layer(self.loss.xaxis)

    def _legends(self):
        handles = [
            self.plane.plot([], [], "o", color=style.BLACK, label=say("points"))[0],
            self.plane.plot([], [], color=style.BLUE, label=say("curve"))[0],
            self.plane.plot([], [], color=style.VERMILLION, linewidth=1.4, label=say("residuals"))[0],
        ]
        self.plane.legend(handles=handles, loc="upper left")
        dashed = self.loss.plot([], [], "--", color=style.ORANGE, linewidth=1.6, label=say("your best by hand"))
        grey = self.loss.plot([], [], color=style.LIGHT_GREY, linewidth=1.4, label=say("earlier descents"))
        self.loss.legend(handles=dashed + grey, loc="upper right", labelspacing=0.2)

    def show(self, model):
        self._stretch(max(map(len, [model.losses, *model.ghosts])) - 1)
        params = model.params.values()
        with np.errstate(over="ignore", invalid="ignore"):
            self.curve.set_data(self._line, curve(params, self._line))
            ends = curve(params, model.x)
        between = np.full(len(model.x), np.nan)
        self.residuals.set_data(model.x.repeat(3), np.stack([model.y, ends, between], axis=1).ravel())
        self.title.text = say("Loss {loss} = mean of the squared residuals", loss=format_loss(model.loss))
        for line, losses in zip(self.ghosts, [*model.ghosts[::-1], *[[]] * GHOSTS], strict=False):
            line.set_data(range(len(losses)), np.clip(losses, *LOSS_LIMITS))
        self.losses.set_data(range(len(model.losses)), np.clip(model.losses, *LOSS_LIMITS))
        self.dot.set_data([model.steps], [np.clip(model.loss, *LOSS_LIMITS)])
        best = [] if model.best is None else [np.clip(model.best[0], *LOSS_LIMITS)] * 2
        self.hand.set_data([0, self._span][: len(best)], best)
        for place, (bar, number, slope) in enumerate(
            zip(self.bars, self.numbers, model.gradient.values(), strict=True)
        ):
            bar.set_data([0, np.clip(-np.sign(slope) * abs(slope) ** 0.5, -PUSH_LIMIT, PUSH_LIMIT)], [place, place])
            number.text = push_text(slope)

    def _stretch(self, steps):
        """The axis of steps is as long as the longest descent asks for."""
        span = next((span for span in SPANS if span >= steps), SPANS[-1])
        if span != self._span:
            self._span = span
            self.loss.set_xlim(-0.02 * span, 1.02 * span)
            self.canvas.changed(self.steps)
