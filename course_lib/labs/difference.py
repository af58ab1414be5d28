"""The lab of differences: how wrong a finite difference is, over its h, and which of its two errors rules.

The smaller h is, the straighter the curve between the two places; but the values there agree in more and more digits,
and the subtraction leaves the rounding errors of the last ones. The reader chooses h before anything is measured.
"""

from dataclasses import dataclass

import numpy as np

from ..pictures import style
from ..text import N_, joined, say
from .base.buttons import Once
from .base.lab import Lab
from .base.model import MeasuredOnce
from .base.settings import Choice, Number

SMALLEST, LARGEST = 1e-13, 1.0  # of h
MEASURED = np.geomspace(SMALLEST, LARGEST, 79)  # six in each decade
FINE = np.geomspace(SMALLEST, LARGEST, 1301)
ENOUGH = 1.25  # times the smallest bound, at the h that was chosen
DIGITS = {"float64": 16, "float32": 8}  # decimals that are shown of these numbers
WRONG = 0.1  # relative error of a derivative without one right digit


@dataclass(frozen=True)
class Function:
    """A function and what its bound takes: the place z, the derivative there, and the largest second and third one."""

    f: object
    z: float
    slope: float
    second: float
    third: float


def _sine(frequency):
    """sin(frequency z) where its argument is 1."""
    slope = frequency * np.cos(1.0)
    return Function(lambda z: np.sin(frequency * z), 1 / frequency, slope, frequency**2, frequency**3)


_MIDDLE = 1 / (1 + np.exp(-0.7))
FUNCTIONS = {
    "sigmoid": Function(lambda z: 1 / (1 + np.exp(-z)), 0.7, _MIDDLE * (1 - _MIDDLE), 1 / np.sqrt(108), 1 / 8),
    "sin 10z": _sine(10),
    "sin 1000z": _sine(1000),
    "relu": Function(lambda z: np.maximum(z, 0), 0.001, 1.0, 0.0, 0.0),  # but for its corner
}
SINES = ("sin 10z", "sin 1000z")  # nobody has told where their errors are smallest


class DifferenceModel(MeasuredOnce):
    """Relative error of a finite difference of one function at one place.

    function   one of FUNCTIONS     scheme   "central", or "one-sided": (f(z + h) - f(z)) / h
    precision  of the numbers       h        how far the places lie from z
    """

    declared = {
        "function": Choice(tuple(FUNCTIONS), "sigmoid", label=N_("Function")),
        "scheme": Choice(
            ("central", "one-sided"),
            "central",
            label=N_("Difference"),
            words={"central": N_("central"), "one-sided": N_("one-sided")},
        ),
        "precision": Choice(tuple(DIGITS), "float64", label=N_("Numbers")),
        "h": Number(SMALLEST, LARGEST, 0.01, label=N_("Step h"), logarithmic=True),
    }
    goals = ("before measuring",)
    case_of, aim = ("function", "scheme", "precision"), "h"

    @property
    def before(self):
        """The case that was measured last, apart from the present one; None at first."""
        return next((case for case in reversed(self.chosen) if case != self.case), None)

    @property
    def hit(self):
        return self.settings["function"] in SINES and self.good

    # Theory

    def parts(self, h, case=None):
        """(2, ...): the bounds of truncation and of rounding, relative to the derivative."""
        name, scheme, precision = case or self.case
        function, h = FUNCTIONS[name], np.asarray(h, float)
        size = function.z + h if name == "relu" else 1.0  # of the values, whose rounding grows with it
        delta = 2 * np.finfo(precision).eps * size
        if scheme == "one-sided":
            truncation, rounding = function.second * h / 2, 2 * delta / h
        else:
            truncation, rounding = function.third * h**2 / 6, delta / h
            if name == "relu":
                truncation = np.maximum(0, h - function.z) / (2 * h)  # the lower place lies behind the corner
        return np.array([truncation + 0 * h, rounding]) / function.slope

    def bound(self, h, case=None):
        return self.parts(h, case).sum(axis=0)

    @property
    def best(self):
        """The h with the smallest bound."""
        return float(FINE[self.bound(FINE).argmin()])

    def times_smallest(self):
        """How many times the smallest bound there is at the h that was chosen."""
        return float(self.bound(self.chosen[self.case]) / self.bound(FINE).min())

    # Measurement

    def values(self, h):
        """f at the upper and at the lower place, and their difference quotient, in the case's numbers."""
        name, scheme, precision = self.case
        function = FUNCTIONS[name]
        z, h = np.full(np.shape(h), function.z, precision), np.asarray(h, precision)
        lower = z if scheme == "one-sided" else z - h
        upper, lower = function.f(z + h), function.f(lower)
        return upper, lower, (upper - lower) / (h if scheme == "one-sided" else 2 * h)

    def errors(self, h):
        """Relative errors of the difference quotient."""
        return np.abs(self.values(h)[2].astype(float) / FUNCTIONS[self.settings["function"]].slope - 1)

    @property
    def error(self):
        return float(self.errors([self.settings["h"]])[0])

    @property
    def good(self):
        return self.is_measured and self.chosen[self.case] is not None and self.times_smallest() <= ENOUGH

    @property
    def bad(self):
        """Whether the derivative at this h has not one right digit."""
        return self.is_measured and self.error >= WRONG

    # Words

    def named(self):
        """The case in words: "sigmoid, central, float64"."""
        name, scheme, precision = self.case
        return f"{name}, {say(self.declared['scheme'].words[scheme])}, {precision}"

    def status(self):
        if not self.is_measured:
            return say(
                "{case}: not measured yet. Place h, now {h:.2g}, where you expect the smallest error, and "
                "then press Measure.",
                case=self.named(),
                h=self.settings["h"],
            )
        truncation, rounding = self.parts(self.settings["h"])
        facts = say(
            "h = {h:.2g}: relative error {error:.1e}. The bound allows {truncation:.1e} for truncation and {rounding:.1e} for "
            "rounding.",
            h=self.settings["h"],
            error=self.error,
            truncation=truncation,
            rounding=rounding,
        )
        if self.chosen[self.case] is None:
            return facts
        chosen = say(
            "You had chosen h = {chosen:.2g}, where the bound is {times:.3g} times as large as at its lowest point.",
            chosen=self.chosen[self.case],
            times=self.times_smallest(),
        )
        return joined(chosen, facts)

    def description(self):
        """The facts of the picture in words, none of them of an error that is rounding: that differs between machines."""
        if not self.is_measured:
            return say("Relative error of a finite difference over h. {status}", status=self.status())
        return say(
            "Relative error of a finite difference over h, {case}: {count} measured points beside the bound, which is smallest "
            "at h = {best:.1g}, with {least:.1g}. To the right it grows with truncation, to the left with rounding. At h = "
            "{largest:g} the measured error is {error:.2g}.",
            case=self.named(),
            count=len(MEASURED),
            best=self.best,
            least=self.bound(self.best),
            largest=LARGEST,
            error=self.errors([LARGEST])[0],
        )


ERRORS = (1e-17, 30.0)  # what the axis shows
ROWS = 4  # of numbers


class DifferenceLab(Lab):
    """The lab of differences, to be the last line of a cell. settings: function, scheme, precision, h of `DifferenceModel`."""

    model_class = DifferenceModel
    size = (960, 348)
    question = N_(
        "Change from the central to the one-sided difference. Which side of the error's valley changes its slope, "
        "and how many right digits does that cost?"
    )
    goal_texts = {
        "before measuring": N_(
            "Goal: choose a sine, and place h so that the bound is at most {enough:g} times its smallest, before you press "
            "Measure. Each combination counts once."
        )
    }
    facts = {"enough": ENOUGH}
    actions = {
        "measure": Once(N_("Measure"), N_("Measure the errors of this combination, with h as you have placed it"))
    }
    rows = (("function", "scheme", "precision", "measure"), ("h",))

    # The picture

    def make(self, canvas):
        """Relative error over h on the left, the numbers that are subtracted on the right."""
        axes = canvas.axes(70, 48, 500, 262, xscale="log", yscale="log", xlim=(SMALLEST, LARGEST), ylim=ERRORS)
        axes.set_title(say("Relative error"))
        axes.set_xlabel("h")
        axes.set_xticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
        axes.set_yticks([1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1])
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks([], minor=True)
        self.earlier = canvas.line(axes, color=style.GREY, linewidth=1.2)
        self.truncation = canvas.line(axes, "--", color=style.VERMILLION, linewidth=1.4, label=say("truncation"))
        self.rounding = canvas.line(axes, ":", color=style.GREEN, linewidth=1.8, label=say("rounding"))
        self.bound = canvas.line(axes, color=style.BLUE, linewidth=1.8, label=say("bound"))
        self.measured = canvas.line(axes, "o", color=style.BLUE, markersize=4, label=say("measured"))
        self.now = canvas.line(axes, color=style.ORANGE, linewidth=1.4)
        self.chosen = canvas.line(axes, color=style.ORANGE, linestyle="", marker="D", markersize=8)
        axes.plot([], [], color=style.ORANGE, marker="D", label=say("h, and as you chose it"))
        axes.plot([], [], color=style.GREY, label=say("bound measured before"))
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.02, 0.36), ncols=2, fontsize=9, handlelength=2, columnspacing=1.2
        )
        places = [(595, 292 - 40 * row) for row in range(ROWS)]
        self.labels = [canvas.label(place, align="left", colour=style.GREY) for place in places]
        mono = {"align": "left", "size": 12, "family": "DejaVu Sans Mono"}
        self.numbers = [canvas.label((x, y - 18), **mono) for x, y in places]

    def show(self):
        model = self.model
        h, measured = model.settings["h"], model.is_measured
        truncation, rounding = model.parts(FINE)
        bounds = (self.truncation, truncation), (self.rounding, rounding), (self.bound, truncation + rounding)
        for curve, bound in bounds:
            curve.set_data(*(FINE, _near(bound)) if measured else ([], []))
        self.measured.set_data(*(MEASURED, _within(model.errors(MEASURED))) if measured else ([], []))
        earlier = model.before
        self.earlier.set_data(*([], []) if earlier is None else (FINE, _near(model.bound(FINE, earlier))))
        self.now.set_data([h, h], ERRORS)
        chosen = model.chosen.get(model.case)
        self.chosen.set_data(*([], []) if chosen is None else ([chosen], _within([model.bound(chosen)])))
        self._show_numbers(measured)

    def _show_numbers(self, measured):
        model = self.model
        name, scheme, precision = model.case
        lower = "f(z)" if scheme == "one-sided" else "f(z \N{MINUS SIGN} h)"
        titles = ("f(z + h)", lower, say("difference quotient"), say("derivative"))
        values = [value[0] for value in model.values([model.settings["h"]])] + [FUNCTIONS[name].slope]
        for label, number, title, value in zip(self.labels, self.numbers, titles, values, strict=True):
            label.text = title if measured else ""
            number.text = f"{value:.{DIGITS[precision]}f}" if measured else ""
        if not measured:
            self.labels[0].text = say("not measured yet")


def _within(errors):
    """Measured errors as they are drawn: those beyond the axis, and 0, at its edge."""
    return np.clip(errors, *ERRORS)


def _near(bounds):
    """A bound as it is drawn: it leaves the axes."""
    return np.clip(bounds, ERRORS[0] / 10, ERRORS[1] * 10)
