"""The lab of the noise floor: how high above its minimum the loss comes to rest, by learning rate and batch size.

A mean is estimated: the loss is half the squared distance of w from the examples, a parabola with curvature 1, and the noise of
a step does not depend on w. For a small rate the floor is proportional to rate / batch; near the limit 2 it is higher.
"""

import numpy as np

from ..pictures import style
from ..text import N_, joined, say
from .base.buttons import Once
from .base.lab import Lab
from .base.model import MeasuredOnce
from .base.settings import Choice, Number

BATCHES = (1, 4, 16, 32, 64, 128, 256)
CURVATURE, VARIANCE = 1.0, 4.0  # of the parabola, and of one example's gradient
START = 1.0  # w, as far from the minimum, which is at 0
RUNS, STEPS, REST = 400, 500, 300  # runs that are averaged, their steps, and from which step on they are at rest
LOWEST, HIGHEST = 0.02, 1.95  # rates


def _rates(count):
    """Learning rates whose floors are equally far apart on a logarithmic axis."""
    pulls = np.geomspace(
        LOWEST / (2 - LOWEST), HIGHEST / (2 - HIGHEST), count
    )  # eta / (2 - eta), which the floor grows with
    return 2 * pulls / (1 + pulls)


RATES, FINE = _rates(14), _rates(200)  # measured for each batch size, and drawn
REFERENCE = 0.1  # rate of single examples, whose floor is to be kept
LARGE, NEAR = 16, 0.1  # with batches of so many, or more, and within such a share


class NoiseModel(MeasuredOnce):
    """Stochastic gradient descent on L = 1/2 (w - x)^2, x from a population with mean 0 and variance 4.

    rate    learning rate             batch   examples a step, new ones each time
    floors  {batch: (RATES,) the mean loss at rest, as measured} of the batch sizes that were run
    first   {batch: (rate, floor)} of the first run of each of them
    losses  (STEPS + 1,) mean over the runs, and one_run the same of a single one, at the present rate and batch
    """

    declared = {
        "rate": Number(LOWEST, HIGHEST, REFERENCE, label=N_("Learning rate"), logarithmic=True),
        "batch": Choice(BATCHES, 1, label=N_("Batch size")),
    }
    goals = ("same floor",)
    case_of, aim = ("batch",), "rate"

    def __init__(self, **settings):
        self.floors, self.first = {}, {}
        super().__init__(**settings)

    def _start(self):
        if self.is_measured:
            self._descend()

    def _measure(self):
        batch = self.settings["batch"]
        self.floors[batch] = _losses(RATES, batch)[REST:].mean(axis=(0, 2))
        self._descend()
        self.first[batch] = (self.settings["rate"], self.floor)

    def _descend(self):
        losses = _losses(np.array([self.settings["rate"]]), self.settings["batch"])[:, 0]  # (STEPS + 1, RUNS)
        self.losses, self.one_run = losses.mean(axis=1), losses[:, 0]

    @property
    def floor(self):
        """The mean loss above its minimum at rest, as measured."""
        return float(self.losses[REST:].mean())

    # Theory

    def law(self, rate=None, batch=None):
        """eta s^2 / (2 B (2 - eta h)), the floor of a parabola; rate may be an array."""
        rate, batch = (self.settings["rate"] if rate is None else rate), batch or self.settings["batch"]
        return rate * VARIANCE / (2 * batch * (2 - rate * CURVATURE))

    @property
    def target(self):
        """The floor of single examples at rate REFERENCE."""
        return self.law(REFERENCE, 1)

    @property
    def ratio(self):
        """The floor of this batch size's first run, in units of the target."""
        return self.first[self.settings["batch"]][1] / self.target

    @property
    def good(self):
        batch = self.settings["batch"]
        return batch >= LARGE and self.is_measured and abs(self.ratio - 1) <= NEAR

    hit = good

    # Words

    def status(self):
        if not self.is_measured:
            return say(
                "Batches of {batch}: not run yet. Set the rate, now {rate:.3g}, at which you expect the floor {target:.3g}, "
                "then press Run.",
                target=self.target,
                **self.settings,
            )
        facts = say(
            "Rate {rate:.3g}, batches of {batch}: floor {floor:.3g}. The formula says {law:.3g}, the proportional law "
            "{simple:.3g}.",
            floor=self.floor,
            law=self.law(),
            simple=simple_law(self.settings["rate"] / self.settings["batch"]),
            **self.settings,
        )
        if self.settings["batch"] < LARGE:
            return facts
        first = say(
            "With this batch size your first run, at rate {rate:.3g}, gave {ratio:.2f} times the floor that you "
            "should keep.",
            rate=self.first[self.settings["batch"]][0],
            ratio=self.ratio,
        )
        return joined(first, facts)

    def description(self):
        facts = say(
            "Noise floor of stochastic gradient descent on a parabola. Left: the loss above its minimum by step. Right: the "
            "floor over rate / batch size, measured for batches of {batches}, beside the straight line of a floor that is "
            "proportional to it. The floor to be kept is {target:.3g}.",
            batches=", ".join(map(str, sorted(self.floors))),
            target=self.target,
        )
        if not self.is_measured:
            return joined(facts, self.status())
        measured, law = self.floors[self.settings["batch"]], self.law(RATES)
        return joined(
            facts,
            say(
                "The measured floors lie within {apart:.0%} of the formula. At rate {rate:.3g} the formula is "
                "{times:.3g} times as high as the straight line.",
                apart=np.ceil(10 * np.abs(measured / law - 1).max()) / 10,
                rate=HIGHEST,
                times=law[-1] / simple_law(HIGHEST / self.settings["batch"]),
            ),
        )


def simple_law(ratio):
    """s^2 / 4 times rate / batch."""
    return VARIANCE / 4 * ratio


def _losses(rates, batch):
    """(STEPS + 1, rates, RUNS): the loss above its minimum in each run, step by step."""
    rng, rates = np.random.default_rng(batch), rates[:, None]
    w = np.full((len(rates), RUNS), START)
    path = [w]
    for _ in range(STEPS):
        means = rng.normal(0, np.sqrt(VARIANCE / batch), RUNS)  # of the examples of a batch
        w = w - rates * (CURVATURE * w - means)
        path.append(w)
    return CURVATURE * np.array(path) ** 2 / 2


LOSSES, RATIOS = (1e-5, 300), (5e-5, 3.0)  # what the axes show
MARKERS = dict(zip(BATCHES, "os^vD<>", strict=True))


class NoiseLab(Lab):
    """The lab of the noise floor, to be the last line of a cell. settings: rate, batch of `NoiseModel`."""

    model_class = NoiseModel
    size = (960, 348)
    question = N_(
        "Take twice the rate and batches twice as large. Up to which rates does the floor stay where it is, and why not beyond?"
    )
    goal_texts = {
        "same floor": N_(
            "Goal: with batches of {large} or more, reach the floor that single examples have at rate {rate:g}, to "
            "within {near:.0%}. Only the first run of each batch size counts."
        )
    }
    facts = {"rate": REFERENCE, "near": NEAR, "large": LARGE}
    actions = {
        "run": Once(N_("Run"), N_("Measure the floors of this batch size, first of all at the rate that you have set"))
    }
    rows = (("rate", "batch", "run"),)

    # The picture

    def make(self, canvas):
        """The loss by step on the left, the floor over rate / batch size on the right."""
        descent = canvas.axes(70, 48, 390, 262, yscale="log", xlim=(0, STEPS), ylim=LOSSES)
        descent.set_title(say("Loss above its minimum"))
        descent.set_xlabel(say("step"))
        floors = canvas.axes(540, 48, 400, 262, xscale="log", yscale="log", xlim=RATIOS, ylim=LOSSES)
        floors.set_title(say("Floor"))
        floors.set_xlabel(say("rate / batch size"))
        for axes in (descent, floors):
            axes.axhline(self.model.target, color=style.GREEN, linewidth=1.2, linestyle="-.")
        ends = np.array(RATIOS)
        floors.plot(ends, simple_law(ends), color=style.GREY, linewidth=1.2)
        self.one_run = canvas.line(descent, color=style.GREY, linewidth=0.6, label=say("one run"))
        self.losses = canvas.line(descent, color=style.BLUE, linewidth=1.6)
        self.expected = canvas.line(descent, color=style.VERMILLION, linewidth=1.6, linestyle="--")
        self.law = canvas.line(floors, color=style.VERMILLION, linewidth=1.6, linestyle="--")
        look = {"linestyle": "", "markersize": 4, "markerfacecolor": "white"}
        self.points = {batch: canvas.line(floors, color=style.BLUE, marker=MARKERS[batch], **look) for batch in BATCHES}
        self.now = canvas.line(floors, color=style.ORANGE, linewidth=1.4)
        self.first = canvas.line(floors, color=style.ORANGE, linestyle="", marker="D", markersize=7)
        descent.plot([], [], color=style.BLUE, label=say("mean of {runs} runs", runs=RUNS))
        descent.plot([], [], color=style.VERMILLION, linestyle="--", label=say("the formula"))
        descent.plot([], [], color=style.GREEN, linestyle="-.", label=say("the floor to be kept"))
        descent.legend(loc="upper right", fontsize=9, ncols=2, handlelength=2, columnspacing=1.2)
        floors.plot([], [], color=style.GREY, label=say("proportional"))
        floors.plot([], [], color=style.VERMILLION, linestyle="--", label=say("the formula, this batch size"))
        floors.plot([], [], color=style.BLUE, marker="o", label=say("measured"), **look)
        floors.plot([], [], color=style.ORANGE, marker="D", label=say("rate now, and of the first run"))
        floors.legend(loc="upper left", fontsize=9, ncols=1, handlelength=2)

    def show(self):
        model = self.model
        batch, is_measured = model.settings["batch"], model.is_measured
        steps = np.arange(STEPS + 1)
        for line, losses in ((self.one_run, "one_run"), (self.losses, "losses")):
            line.set_data(*(steps, np.maximum(getattr(model, losses), LOSSES[0] / 10)) if is_measured else ([], []))
        self.expected.set_data(*([0, STEPS], [model.law()] * 2) if is_measured else ([], []))
        self.law.set_data(*(FINE / batch, model.law(FINE)) if is_measured else ([], []))
        for size, points in self.points.items():
            points.set_data(*(RATES / size, model.floors[size]) if size in model.floors else ([], []))
        self.now.set_data([model.settings["rate"] / batch] * 2, [LOSSES[0], 1])  # below the legend
        rate, floor = model.first.get(batch, (None, None))
        self.first.set_data(*([rate / batch], [floor]) if is_measured else ([], []))
