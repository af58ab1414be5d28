"""The cost of gradients: finite differences against backpropagation, measured live as the network grows."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import DENSITY, Canvas, Label
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import MEASURED_FIRST, SIZES, CostModel, passes

SIZE = (960, 360)
WAYS = (N_("finite differences"), N_("backprop"))
LOOKS = ((style.VERMILLION, "s", "--"), (style.BLUE, "o", "-"))  # of the two ways
SECONDS, RATIOS = (5e-6, 30), (1, 2e5)  # what the axes show


def cost_lab(name="cost", **settings):
    """The cost lab, to be the last line of a cell. settings: examples, repeats of `CostModel`."""
    return CostLab(CostModel(**settings), name)


class CostLab(PictureLab):
    """Controls and picture of a `CostModel`."""

    size = SIZE
    question = N_("Which of the two times grows with the number of parameters N, and by which power?")
    goal_texts = {
        "ratio predicted": N_(
            "Goal: measure up to {small:,} parameters, then predict the ratio for {size:,} within a factor of 2."
        ),
    }
    facts = {"small": SIZES[MEASURED_FIRST - 1], "size": SIZES[-1]}
    table = {"examples": Control(N_("Examples"), slider=False), "repeats": Control(N_("Repeats"), slider=False)}
    rows = (("measure", "reset", "examples", "repeats", "prediction"),)
    lines_of_status = 2

    def make_view(self, canvas):
        return View(canvas)

    def draw(self):
        model = self.model
        self.draw_news(sum(map(len, model.times)), model.predicted, model.due, self.running)

    def static(self):
        """The passes of both ways, counted: a picture that is the same on every machine."""
        canvas = Canvas(*SIZE)
        View(canvas, counted=True)
        return canvas.frame(), self.model.description()

    def status_text(self):
        status, due = self.model.status(), self.model.due or 0
        if not self.running:
            return status
        return say("Measuring {size:,} parameters. {sentence}", size=SIZES[due], sentence=status)

    def goal_text(self, name, text):
        model = self.model
        if model.predicted is None:
            return text
        if not model.times[-1]:
            return say("{goal} Noted: {predicted:,.0f}. Press Measure.", goal=text, predicted=model.predicted)
        return say(
            "{goal} You said {predicted:,.0f}, measured {ratio:,.0f}.",
            goal=text,
            predicted=model.predicted,
            ratio=model.ratio(-1),
        )

    def make_buttons(self):
        asked = say("Predicted ratio, {size:,} parameters =", size=SIZES[-1])
        self.prediction = self.make_prediction(asked, 490)
        return {
            "measure": self.make_run_button(
                say("Measure"), say("Measure both ways, piece by piece; press again to pause")
            ),
            "reset": self.make_reset_button(say("Forget all measurements")),
        }

    def show_controls(self):
        super().show_controls()
        if self.model.predicted is None and not any(self.model.times):
            self.prediction.value = ""

    def prepare(self):
        if self.model.finished and self.model.times[-1]:
            self.model.reset()


class View:
    """The picture: time of one gradient on the left, ratio of the times on the right, against the number of parameters."""

    def __init__(self, canvas, counted=False):
        self.canvas = canvas
        with canvas.styled():
            self.cost = canvas.axes(78, 52, 430, 270, xscale="log", yscale="log")
            self.quotient = canvas.axes(596, 52, 340, 270, xscale="log", yscale="log")
            for axes in (self.cost, self.quotient):
                axes.set(xlim=(10, 2e4), xlabel=say("parameters N"))
                axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES], fontsize=9)
                axes.set_xticks([], minor=True)
                axes.tick_params(axis="x", length=0)
            self.quotient.set(ylim=RATIOS, title=say("Finite differences / backprop"))
            for axes in (self.cost, self.quotient):  # 1,025 and 2,049 are close together
                for label in axes.get_xticklabels()[3:5]:
                    label.set_ha("right" if label.get_text() == f"{SIZES[3]:,}" else "center")
            if counted:
                self._counted()
            else:
                self._measured(canvas)

    def _counted(self):
        counts = np.array([passes(size) for size in SIZES]).T
        self.cost.set(ylim=(1, 1e5), title=say("Passes for one gradient"))
        for way, count, (colour, marker, line) in zip(WAYS, counts, LOOKS, strict=True):
            self.cost.plot(SIZES, count, linestyle=line, marker=marker, color=colour, label=say(way))
        self.cost.legend(loc="upper left")
        self.quotient.plot(SIZES, counts[0] / counts[1], marker="D", color=style.BLACK)

    def _measured(self, canvas):
        self.cost.set(ylim=SECONDS, title=say("Time for one gradient, in seconds"))
        self.points, self.lines, self.slopes = [], [], []
        for way, (colour, marker, line) in zip(WAYS, LOOKS, strict=True):
            self.cost.plot([], [], linestyle=line, marker=marker, color=colour, label=say(way))
            self.lines.append(canvas.line(self.cost, linestyle=line, color=colour, linewidth=1.4))
            self.points.append(canvas.line(self.cost, linestyle="", marker=marker, color=colour))
        self.cost.legend(loc="upper left")
        self.lines.append(canvas.line(self.quotient, color=style.GREY, linewidth=1.4))
        self.points.append(canvas.line(self.quotient, linestyle="", marker="D", color=style.BLACK))
        self.guess = canvas.line(self.quotient, linestyle="", marker="*", markersize=15, color=style.ORANGE)
        self.quotient.plot(
            [], [], linestyle="", marker="*", markersize=13, color=style.ORANGE, label=say("your prediction")
        )
        self.quotient.legend(loc="upper left")
        for colour in (style.VERMILLION, style.BLUE, style.BLACK):
            self.slopes.append(canvas.moving(Label(canvas.figure, (0, 0), colour=colour, background="white")))

    def show(self, model):
        known = [i for i in range(len(SIZES)) if model.times[i]]
        sizes = [SIZES[i] for i in known]
        rows = [(*model.seconds(i), model.ratio(i)) for i in known]
        slopes = model.slopes()
        for number, (points, line, label) in enumerate(zip(self.points, self.lines, self.slopes, strict=True)):
            values = [row[number] for row in rows]
            points.set_data(sizes, values)
            label.text = say("slope {slope:.2f}", slope=slopes[number]) if slopes else ""
            if slopes:
                fitted = np.exp(np.mean(np.log(values)) + slopes[number] * (np.log(SIZES) - np.mean(np.log(sizes))))
                line.set_data(SIZES, fitted)
                x, y = (
                    line.axes.transData.transform(((SIZES[1] * SIZES[2]) ** 0.5, (fitted[1] * fitted[2]) ** 0.5))
                    / DENSITY
                )
                label.place = (x, y + 20) if number == 1 else (x - 30, y + 26)
            else:
                line.set_data([], [])
        guess = [] if model.predicted is None else [np.clip(model.predicted, 1.5 * RATIOS[0], 0.7 * RATIOS[1])]
        self.guess.set_data(SIZES[-1:] if guess else [], guess)
