"""The compute lab: operations counted, then time and energy from assumptions that lie open on the table."""

import numpy as np

from ...pictures import style
from ...text import N_, say
from ..base.artists import Label
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import CLOSE, SECONDS, TODAY, ComputeModel, duration, energy

SIZE = (960, 330)
LADDERS = (652, 806)  # their left edges, CSS pixels
GROWTH = (
    (N_("width"), style.VERMILLION, "-", "o"),
    (N_("depth"), style.BLUE, "--", "s"),
    (N_("data"), style.GREEN, ":", "D"),
)
TIMES = (
    (1, N_("1 s")),
    (3600, N_("1 h")),
    (86_400, N_("1 day")),
    (3.156e7, N_("1 year")),
    (3.156e10, N_("1,000 years")),
    (3.156e13, N_("1 million years")),
)
ENERGIES = (
    (1e-5, N_("10 mWh")),
    (1e-2, N_("a phone charged")),
    (10, N_("a home, a day")),
    (3.5e3, N_("a home, a year")),
    (1e6, N_("1 GWh")),
    (1e9, N_("1,000 GWh")),
)


def compute_lab(name="compute", **settings):
    """The compute lab, to be the last line of a cell.

    settings: width, depth, examples, epochs, what, speed, power, overhead of `ComputeModel`.
    """
    return ComputeLab(ComputeModel(**settings), name)


class ComputeLab(PictureLab):
    """Controls and picture of a `ComputeModel`."""

    size = SIZE
    goal_texts = {
        "years predicted": N_(
            "Goal: predict how many years this machine would need for a language model of today, then press Measure and "
            "have it on show. Right within a factor of {close:g}."
        ),
    }
    facts = {"close": CLOSE}
    table = {
        "width": Control(N_("Width"), logarithmic=True),
        "depth": Control(N_("Depth"), logarithmic=True),
        "examples": Control(N_("Examples"), logarithmic=True),
        "epochs": Control(N_("Epochs"), logarithmic=True, slider=False),
        "speed": Control(N_("Multiply-adds/s"), logarithmic=True, slider=False),
        "power": Control(N_("Power, W"), logarithmic=True, slider=False),
        "overhead": Control(N_("Overhead"), step=0.1, slider=False),
        "what": Control(N_("What is trained")),
        "machine": Control(N_("Machine")),
    }
    rows = (
        ("measure", "reset_button", "prediction"),
        ("what", "machine"),
        ("width", "depth"),
        ("examples", "epochs"),
        ("speed", "power", "overhead"),
    )
    lines_of_status = 2
    can_be_unused = ("width", "depth")

    def make_view(self, canvas):
        return View(canvas)

    def work(self):
        self.model.advance()
        return self.model.measuring

    @property
    def question(self):
        if self.model.settings["what"] == TODAY:
            return N_(
                "Which assumption moves the years most: the speed, the power or the overhead? And which one the energy?"
            )
        return N_("Double the width, the depth, the data: by how much does the cost grow each time?")

    def goal_text(self, name, text):
        model = self.model
        if model.predicted is None:
            return text
        if not model.good and (model.settings["what"] != TODAY or not model.measured or model.measuring):
            return say("{goal} Noted: {predicted:,.6g} years.", goal=text, predicted=model.predicted)
        return say(
            "{goal} You said {predicted:,.6g} years, it is {years}.",
            goal=text,
            predicted=model.predicted,
            years=duration(model.seconds()),
        )

    def unused(self):
        return self.can_be_unused if self.model.settings["what"] == TODAY else ()

    def static_model(self):
        return self.model.twin()

    def make_buttons(self):
        self.controls["speed"].text.layout.width = "200px"
        power = self.controls["power"].text.layout
        power.width = f"{int(power.width.removesuffix('px')) + 20}px"  # room for 1e+08
        self.reset_button = self.make_reset_button(say("Back to the first settings"))
        self.prediction = self.make_prediction(
            say("Your prediction, in years:"), 440, say("type a number such as 1e5, press Enter")
        )
        return {
            "measure": self.make_run_button(
                say("Measure this machine"), say("Time training steps, and take their speed")
            ),
        }

    def prepare(self):
        self.model.start_measuring()

    def _reset(self):
        self.prediction.value = ""
        super()._reset()


class View:
    """The picture: how operations grow, what the clock says about them, and time and energy on two ladders."""

    def __init__(self, canvas):
        self.canvas = canvas
        factors = 2.0 ** np.arange(-2, 3)
        with canvas.styled():
            self.growth = canvas.axes(52, 56, 244, 230, xscale="log", yscale="log", xlim=(0.22, 4.6), ylim=(1 / 30, 30))
            self.growth.set_xticks(factors, ["1/4", "1/2", "1", "2", "4"])
            self.growth.set_yticks([0.1, 1, 10], ["1/10", "1", "10"])
            for axis in "xy":
                self.growth.tick_params(axis=axis, which="minor", length=0)
            self.growth.set_xticks([], minor=True)
            self.growth.set(xlabel=say("factor"))
            self.growth.set_title(say("Operations, as a multiple"))
            self.lines = [
                canvas.line(self.growth, line, marker=marker, color=colour, markersize=5)
                for _, colour, line, marker in GROWTH
            ]
            self.clock = canvas.axes(372, 56, 214, 230, xscale="log", yscale="log", xlim=(4e5, 1e9), ylim=(2e-5, 1))
            self.clock.set(xlabel=say("multiply-adds a step"), title=say("Seconds a step, measured"))
            self.clock.set_yticks([1e-4, 1e-3, 1e-2, 0.1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"], fontsize=9)
            self.clock.tick_params(which="minor", length=0)
            self.times = canvas.line(self.clock, "-o", color=style.PURPLE, markersize=6)
            self.ladders = [
                self._ladder(canvas, LADDERS[0], say("Time"), TIMES, (1e-4, 1e19)),
                self._ladder(canvas, LADDERS[1], say("Energy"), ENERGIES, (1e-10, 1e13)),
            ]
        self.amounts = [canvas.moving(Label(canvas.figure, (left - 4, 24), align="left", size=11)) for left in LADDERS]
        self.power = canvas.moving(
            Label(canvas.figure, (384, 268), colour=style.GREY, background="white", align="left")
        )
        self.factors = factors
        self.words = [
            canvas.moving(Label(canvas.figure, (60, 274 - 18 * place), colour=colour, background="white", align="left"))
            for place, (_, colour, _, _) in enumerate(GROWTH)
        ]

    def _ladder(self, canvas, left, title, steps, limits):
        axes = canvas.axes(left, 44, 30, 242, yscale="log", ylim=limits, xlim=(0, 1))
        axes.set_xticks([])
        axes.yaxis.tick_right()
        axes.set_yticks([value for value, _ in steps], [say(name) for _, name in steps], fontsize=9)
        axes.set_yticks([], minor=True)
        axes.spines[["left", "bottom", "right", "top"]].set_visible(False)
        axes.set_title(title)
        axes.axvspan(0, 1, color="#F2F2F2", zorder=0)
        bar = canvas.line(axes, color=style.ORANGE, linewidth=16, solid_capstyle="butt")
        star = canvas.line(axes, linestyle="", marker="*", markersize=15, color=style.BLACK)
        return axes, bar, star

    def show(self, model):
        exponents = model.exponents()
        for (name, *_), line, word in zip(GROWTH, self.lines, self.words, strict=True):
            power = exponents.get(name)
            known = power is not None
            line.set_data(self.factors if known else [], model.relative(name, self.factors) if known else [])
            word.text = say("{name}: power {power:.2f}", name=say(name), power=power) if known else ""
        self.times.set_data(*(zip(*model.measured, strict=True) if model.measured else ([], [])))
        power = model.measured_power()
        self.power.text = say("power {power:.2f}", power=power) if power is not None else say("not measured yet")
        predicted = [None if model.predicted is None else model.predicted * SECONDS["years"], None]
        self.amounts[0].text, self.amounts[1].text = duration(model.seconds()), energy(model.kilowatt_hours())
        for (axes, bar, star), value, guess in zip(
            self.ladders, (model.seconds(), model.kilowatt_hours()), predicted, strict=True
        ):
            low, high = axes.get_ylim()
            bar.set_data([0.5, 0.5], [low, np.clip(value, low * 2, high)])
            star.set_data([] if guess is None else [0.5], [] if guess is None else [np.clip(guess, low, high)])
