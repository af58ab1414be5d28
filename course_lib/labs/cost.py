"""The cost of gradients: finite differences against backpropagation, measured live as the network grows.

Networks 2-h-1 with 4h + 1 parameters grow by factors of four. Both ways get the same loss function and the same numbers;
finite differences call it twice for each parameter, backpropagation once, followed by one pass back. The measurement
is cut into small pieces, so that a lab can take one a frame; only the pieces themselves are timed.
"""

import time
from statistics import median

import numpy as np

from .. import functional
from ..differentiate import value_and_grad
from ..pictures import style
from ..text import N_, joined, say
from .base.buttons import Reset, Run
from .base.lab import Lab
from .base.model import MeasuringModel
from .base.settings import Number
from .base.words import listed

HIDDEN = (4, 16, 64, 256, 512, 2048)  # hidden units
SIZES = tuple(4 * hidden + 1 for hidden in HIDDEN)  # parameters: 17, 65, 257, 1,025, 2,049, 8,193
MEASURED_FIRST = len(SIZES) - 1  # so many; the largest is measured when its ratio has been predicted
REPEATS_OF_LARGEST = 3
STEP = 1e-6
BACKPROP_CALLS = 5  # in one measurement, because a single call is short
CLOSE = 2.0  # a prediction within this factor counts as right


class CostModel(MeasuringModel):
    """Times of both ways for networks of growing size.

    examples   size of the batch on which the loss is computed        repeats  measurements of each size
    times      for each size a list of (seconds by finite differences, seconds by backpropagation)
    largest_difference   between the two gradients, over all sizes measured
    predicted  the ratio that the reader expects for the largest size, or None
    clock      a function that returns seconds
    """

    declared = {
        "examples": Number(1, 64, 4, whole=True, label=N_("Examples"), slider=False),
        "repeats": Number(3, 15, 5, whole=True, label=N_("Repeats"), slider=False),
    }
    goals = ("ratio predicted",)

    def __init__(self, clock=time.perf_counter, **settings):
        self.clock = clock
        super().__init__(**settings)

    def _start(self):
        """Forget all measurements and the prediction."""
        self.times = [[] for _ in SIZES]
        self.largest_difference = 0.0
        self.predicted = None
        self._pieces = None

    def predict(self, ratio):
        """Note the ratio that the reader expects for the largest network.

        Raises ValueError when it is no positive number, comes before the smaller networks are measured, or too late.
        """
        if not 0 < ratio < np.inf:
            raise ValueError(say("prediction: expected a positive number, got {got:g}", got=ratio))
        if not self.small_ones_done:
            raise ValueError(
                say("prediction: measure the networks up to {size:,} parameters first", size=SIZES[MEASURED_FIRST - 1])
            )
        if self.times[-1]:
            raise ValueError(
                say(
                    "prediction: {size:,} parameters have been measured already; press Reset to start again",
                    size=SIZES[-1],
                )
            )
        self.predicted = ratio

    # Measuring

    @property
    def due(self):
        """The size that is measured next (its place in SIZES), or None: all small ones in turn, repeat by repeat; the
        largest only when its ratio has been predicted."""
        measured = [len(times) for times in self.times]
        repeats = self.settings["repeats"]
        small = [i for i in range(MEASURED_FIRST) if measured[i] < repeats]
        if small:
            return min(small, key=lambda i: measured[i])
        return len(SIZES) - 1 if self.predicted is not None and measured[-1] < REPEATS_OF_LARGEST else None

    def _measure(self, size):
        """Measure one size once, in pieces of a few hundred forward passes."""
        loss, params = network(HIDDEN[size], self.settings["examples"])
        by_backprop = value_and_grad(loss)
        by_backprop(params)  # the first call of a new shape is slower
        began = self.clock()
        for _ in range(BACKPROP_CALLS):
            _, grads = by_backprop(params)
        back = (self.clock() - began) / BACKPROP_CALLS
        forward, differences = 0.0, [np.zeros_like(p) for p in params]
        for p, difference in zip(params, differences, strict=True):
            places = list(np.ndindex(p.shape))
            for first in range(0, len(places), 100):
                began = self.clock()
                for place in places[first : first + 100]:
                    middle = p[place]
                    p[place] = middle + STEP
                    above = loss(params)
                    p[place] = middle - STEP
                    difference[place] = (above - loss(params)) / (2 * STEP)
                    p[place] = middle
                forward += self.clock() - began
                yield "measuring"
        self.times[size].append((forward, back))
        worst = max(float(np.abs(a - b).max()) for a, b in zip(grads, differences, strict=True))
        self.largest_difference = max(self.largest_difference, worst)

    # What has been measured

    @property
    def known(self):
        """The sizes that have been measured: their places in SIZES."""
        return [size for size, times in enumerate(self.times) if times]

    @property
    def small_ones_done(self):
        return all(len(times) >= self.settings["repeats"] for times in self.times[:MEASURED_FIRST])

    def seconds(self, size):
        """(finite differences, backpropagation): the median times of a size that has been measured."""
        return tuple(median(column) for column in zip(*self.times[size], strict=True))

    def ratio(self, size):
        """The median over the repeats of how many times longer finite differences take."""
        return median(forward / back for forward, back in self.times[size])

    def rows(self):
        """(finite differences, backpropagation, ratio) of each known size."""
        return [(*self.seconds(size), self.ratio(size)) for size in self.known]

    def slopes(self):
        """(finite differences, backpropagation, ratio): powers of the number of parameters with which they grow.

        Least-squares lines through the logarithms of the medians. None until two sizes are measured.
        """
        if len(self.known) < 2:
            return None
        sizes = [SIZES[size] for size in self.known]
        return tuple(float(slope) for slope in np.polyfit(np.log(sizes), np.log(self.rows()), 1)[0])

    @property
    def good(self):
        """Whether the prediction for the largest network was within a factor of CLOSE, measured completely."""
        if len(self.times[-1]) < REPEATS_OF_LARGEST:
            return False
        return max(self.predicted / self.ratio(-1), self.ratio(-1) / self.predicted) <= CLOSE

    def description(self):
        """What can be said without a clock: how many passes each way takes."""
        counts = listed(say("{passes:,} at {size:,} parameters", passes=passes(size)[0], size=size) for size in SIZES)
        slow, fast = np.polyfit(np.log(SIZES), np.log([passes(size) for size in SIZES]), 1)[0]
        return say(
            "Cost of one gradient, counted in passes through the network. Finite differences, two forward passes a "
            "parameter: {counts}. Backprop: one forward and one backward pass at every size. Slopes on logarithmic axes: "
            "{slow:.0f} and {fast:.0f}. The live lab measures times.",
            counts=counts,
            slow=slow,
            fast=abs(fast),
        )

    def status(self):
        if not self.known:
            return say(
                "Nothing has been measured so far. One gradient of {size:,} parameters needs {passes:,} "
                "forward passes by finite differences, and one forward and one backward pass by backprop.",
                size=SIZES[0],
                passes=passes(SIZES[0])[0],
            )
        last = self.known[-1]
        forward, back = self.seconds(last)
        said = say(
            "At {size:,} parameters: finite differences {forward}, backprop {back}, ratio {ratio:,.0f} "
            "(median of {count}).",
            size=SIZES[last],
            forward=duration(forward),
            back=duration(back),
            ratio=self.ratio(last),
            count=len(self.times[last]),
        )
        if self.slopes() is None:
            return said
        growth = say(
            "Ratio grows like N to the power {slope:.2f}. The gradients differ by at most {difference:.0e}.",
            slope=self.slopes()[2],
            difference=self.largest_difference,
        )
        return joined(said, growth)


def network(hidden, examples):
    """(loss, params) of a 2-h-1 network with tanh on a batch of random examples, the same at each call."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (examples, 2))
    y = rng.uniform(-1, 1, (examples, 1))
    params = [rng.normal(size=(2, hidden)), np.zeros(hidden), rng.normal(size=(hidden, 1)) / hidden**0.5, np.zeros(1)]

    def loss(params):
        W1, b1, W2, b2 = params
        return functional.mean_squared_error(functional.dense(functional.dense(x, W1, b1, "tanh"), W2, b2), y)

    return loss, params


def passes(parameters):
    """(by finite differences, by backpropagation): passes through the network for one gradient, forward or backward."""
    return 2 * parameters, 2


def duration(seconds):
    """A time in a unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


WAYS = (N_("finite differences"), N_("backprop"))
LOOKS = ((style.VERMILLION, "s", "--"), (style.BLUE, "o", "-"))  # of the two ways
SECONDS, RATIOS = (5e-6, 30), (1, 2e5)  # what the axes show


class CostLab(Lab):
    """The cost lab, to be the last line of a cell. settings: examples, repeats of `CostModel`."""

    model_class = CostModel
    counted = False  # whether it shows passes, and not times
    size = (960, 360)
    question = N_("Which of the two times grows with the number of parameters N, and by which power?")
    goal_texts = {
        "ratio predicted": N_(
            "Goal: measure up to {small:,} parameters, then predict the ratio for {size:,} within a factor of 2."
        ),
    }
    facts = {"small": SIZES[MEASURED_FIRST - 1], "size": SIZES[-1]}
    actions = {
        "measure": Run(N_("Measure"), N_("Measure both ways, piece by piece; press again to pause")),
        "reset": Reset(N_("Forget all measurements")),
    }
    rows = (("measure", "reset", "examples", "repeats", "prediction"),)

    def draw(self):
        model = self.model
        facts = sum(map(len, model.times)), model.predicted, model.due, self.running
        if self.canvas.differs("measured", facts):  # most pieces of work change nothing that can be seen
            super().draw()

    def static(self):
        """The passes of both ways, counted: a picture that is the same on every machine."""
        return self.picture(self.model, counted=True)

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
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        if self.model.predicted is None and not any(self.model.times):
            self.prediction.value = ""

    def prepare(self):
        if self.model.finished and self.model.times[-1]:
            self.model.reset()

    # The picture

    def make(self, canvas):
        """Time of one gradient on the left, ratio of the times on the right, against the number of parameters."""
        self.cost = canvas.axes(78, 52, 430, 270, xscale="log", yscale="log")
        self.quotient = canvas.axes(596, 52, 340, 270, xscale="log", yscale="log")
        for axes in (self.cost, self.quotient):
            axes.set(xlim=(10, 2e4), xlabel=say("parameters N"))
            axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES], fontsize=9)
            axes.set_xticks([], minor=True)
            axes.tick_params(axis="x", length=0)
            axes.get_xticklabels()[3].set_ha("right")  # 1,025 and 2,049 are close together
        self.quotient.set(ylim=RATIOS, title=say("Finite differences / backprop"))
        if self.counted:
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
        self.points, self.lines = [], []
        for way, (colour, marker, line) in zip(WAYS, LOOKS, strict=True):
            self.cost.plot([], [], linestyle=line, marker=marker, color=colour, label=say(way))
            self.lines.append(canvas.line(self.cost, linestyle=line, color=colour, linewidth=1.4))
            self.points.append(canvas.line(self.cost, linestyle="", marker=marker, color=colour))
        self.cost.legend(loc="upper left")
        self.lines.append(canvas.line(self.quotient, color=style.GREY, linewidth=1.4))
        self.points.append(canvas.line(self.quotient, linestyle="", marker="D", color=style.BLACK))
        self.guess = canvas.line(self.quotient, linestyle="", marker="*", markersize=15, color=style.ORANGE)
        self.guessed = canvas.moving(
            self.quotient.text(0, 0, say("your prediction"), ha="right", va="center", fontsize=10)
        )
        middle = {"ha": "center", "va": "center", "color": style.GREY}
        self.hints = [
            canvas.moving(axes.text(0.5, 0.5, say("not measured yet"), transform=axes.transAxes, **middle))
            for axes in (self.cost, self.quotient)
        ]
        colours = style.VERMILLION, style.BLUE, style.BLACK
        self.slopes = [canvas.label((0, 0), colour=colour, background="white") for colour in colours]

    def show(self):
        if self.counted:
            return
        model = self.model
        sizes, rows, slopes = [SIZES[size] for size in model.known], model.rows(), model.slopes()
        for number, (points, line, label) in enumerate(zip(self.points, self.lines, self.slopes, strict=True)):
            values = [row[number] for row in rows]
            points.set_data(sizes, values)
            label.text = say("slope {slope:.2f}", slope=slopes[number]) if slopes else ""
            if slopes:
                fitted = np.exp(np.mean(np.log(values)) + slopes[number] * (np.log(SIZES) - np.mean(np.log(sizes))))
                line.set_data(SIZES, fitted)
                aside = (0, 20) if number == 1 else (-30, 26)
                label.put(line.axes, (SIZES[1] * SIZES[2]) ** 0.5, (fitted[1] * fitted[2]) ** 0.5, *aside)
            else:
                line.set_data([], [])
        guess = [] if model.predicted is None else [np.clip(model.predicted, 1.5 * RATIOS[0], 0.7 * RATIOS[1])]
        self.guess.set_data(SIZES[-1:] if guess else [], guess)
        self.guessed.set_visible(bool(guess))
        self.guessed.set_position((0.8 * SIZES[-1], guess[0] if guess else 1))
        for hint in self.hints:
            hint.set_visible(not model.known)
