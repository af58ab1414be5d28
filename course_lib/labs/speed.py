"""The speed lab: one training step of the same network, timed here and in each framework, as the network grows.

A network 64-width-width-10 with relu and softmax cross-entropy, in float32, on one thread. All take the same step from
the same weights, in turns, so that whatever else the machine does meets all of them; only ratios are kept. Where a
framework is not installed, its ratio is one that was recorded.
"""

import sys
import time
from itertools import pairwise

import numpy as np

from .. import frameworks
from ..frameworks import steps as framework_steps
from ..functional import softmax_cross_entropy
from ..layers import Dense, Sequential
from ..pictures import style
from ..text import N_, joined, say
from .base.buttons import Reset, Run
from .base.lab import Lab
from .base.model import MeasuringModel
from .base.settings import Choice
from .compute import multiply_adds

PIXELS, CLASSES, ETA = 64, 10, 0.05
WIDTHS = (8, 16, 32, 64, 128, 256, 512, 1024)
BATCHES = (1, 16, 64, 256)
OURS = "course_lib"
AIM = 1.5  # "hardly slower": at most this many times our time
ROUNDS = 9
PIECE = 0.004  # seconds of one contender in one round, if a step is not longer
# Processor time, of all threads: other work on the machine hardly disturbs it. Windows counts it in steps of 16 ms,
# Pyodide not at all.
CLOCK = time.perf_counter if sys.platform in ("win32", "emscripten") else time.process_time


def in_course_lib(layers, x, labels):
    hidden = [Dense(*W.shape, "relu", rng=np.random.default_rng(0), dtype=W.dtype) for W, _ in layers[:-1]]
    output = Dense(*layers[-1][0].shape, rng=np.random.default_rng(0), dtype=x.dtype)
    model = Sequential(*hidden, output)
    for parameter, w in zip(model.parameters, flat(layers), strict=True):
        parameter.value = w
    return framework_steps.course_lib_loop(model, softmax_cross_entropy, (x, labels), ETA)


def in_pytorch(layers, x, labels):
    def model(torch):
        parts = [part for W, _ in layers for part in (torch.nn.Linear(*W.shape), torch.nn.ReLU())]
        return torch.nn.Sequential(*parts[:-1])

    return framework_steps.pytorch(model, flat(layers), framework_steps.torch_cross_entropy(x, labels), ETA)


def in_tensorflow(layers, x, labels):
    def logits(tf, x, *params):
        return forward(params, x, tf.nn.relu)

    return framework_steps.tensorflow(flat(layers), framework_steps.tensorflow_cross_entropy(logits, x, labels), ETA)


def in_jax(layers, x, labels):
    def logits(jax, x, *params):
        return forward(params, x, jax.nn.relu)

    return framework_steps.jax(flat(layers), framework_steps.jax_cross_entropy(logits, x, labels), ETA)


def flat(layers):
    """[W1, b1, W2, b2, ...] of [(W1, b1), (W2, b2), ...]."""
    return [part for layer in layers for part in layer]


def forward(params, a, relu):
    """Logits of [W1, b1, W2, b2, ...], whatever library the arrays belong to."""
    for W, b in zip(params[:-2:2], params[1:-2:2], strict=True):
        a = relu(a @ W + b)
    return a @ params[-2] + params[-1]


# name in the lab: (framework, its step)
CONTENDERS = {
    "PyTorch": (frameworks.pytorch, in_pytorch),
    "TensorFlow": (frameworks.tensorflow, in_tensorflow),
    "JAX": (frameworks.jax, in_jax),
}


def task(width, batch):
    """The network's layers [(W, b), ...] at the start, the inputs x (batch, 64) and the labels (batch,)."""
    rng = np.random.default_rng(7)
    sizes = [PIXELS, width, width, CLASSES]
    layers = [
        (rng.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32), np.zeros(m, np.float32)) for n, m in pairwise(sizes)
    ]
    return layers, rng.random((batch, PIXELS), dtype=np.float32), rng.integers(0, CLASSES, batch)


def multiplications(width, batch):
    """Multiplications of one step, of two hidden layers of this width."""
    return batch * multiply_adds(width, depth=2)


def contenders(width, batch):
    """name -> run(steps) -> loss, of course_lib and of each framework that is installed."""
    runs = {OURS: in_course_lib(*task(width, batch))}
    for name, (framework, step) in CONTENDERS.items():
        if framework.installed:
            runs[name] = step(*task(width, batch))
    return runs


class SpeedModel(MeasuringModel):
    """Times of a step for networks of growing width at one batch size.

    batch      examples a step, one of BATCHES
    rounds     measurements of each width and contender, in turns
    times      for each width measured so far: name -> list of seconds a step, one of each round
    predicted  the width from which the reader expects PyTorch's step to take at most AIM times ours, or None
    timed      names of the frameworks that are timed here; of the others their record is quoted
    """

    declared = {"batch": Choice(BATCHES, 64, label=N_("Batch size"), pauses=True)}
    persisted = {"predicted": Choice(WIDTHS, None)}
    goals = ("crossing predicted",)

    def __init__(self, batch=64, rounds=ROUNDS):
        self.rounds = rounds
        self.timed = [name for name, (framework, _) in CONTENDERS.items() if framework.installed]
        super().__init__(batch=batch)

    def _start(self):
        """Forget the measurements and the prediction."""
        self.times = {}
        self.predicted = None
        self._pieces = None

    def predict(self, width):
        """Note the reader's width. Raises ValueError when it is none of WIDTHS, or the curve can be seen already."""
        if width not in WIDTHS:
            raise ValueError(
                say(
                    "prediction: expected one of the widths {known}, got {got!r}",
                    known=", ".join(map(str, WIDTHS)),
                    got=width,
                )
            )
        if self.times:
            raise ValueError(
                say("prediction: the ratios can be seen already; press Reset, or choose another batch size")
            )
        self.predicted = width

    # Measuring

    @property
    def due(self):
        """The width that is measured next, or None."""
        return next((width for width in WIDTHS if width not in self.widths), None)

    def _measure(self, width):
        """All rounds of one width, one contender in one round a piece."""
        runs = contenders(width, self.settings["batch"])
        steps, times = {}, {name: [] for name in runs}
        for name, run in runs.items():  # the first steps compile and allocate
            run(2)
            began = CLOCK()
            run(1)
            steps[name] = max(1, min(200, int(PIECE / max(CLOCK() - began, 1e-9))))
            yield "warmed up"
        self.times[width] = times
        for _ in range(self.rounds):
            for name, run in runs.items():
                began = CLOCK()
                run(steps[name])
                times[name].append((CLOCK() - began) / steps[name])
                yield "measured"

    # Results

    @property
    def widths(self):
        """The widths that are measured to the end."""
        return [width for width, times in self.times.items() if all(len(t) == self.rounds for t in times.values())]

    def ratio(self, name, width):
        """Time of a step, course_lib = 1: of the fastest rounds, which other work on the machine has disturbed least;
        or what was recorded."""
        if name not in self.timed:
            return recorded_ratio(name, width, self.settings["batch"])
        times = self.times[width]
        return min(times[name]) / min(times[OURS])

    def growth(self, width):
        """Our own step at this width in units of our step at the smallest width."""
        return min(self.times[width][OURS]) / min(self.times[WIDTHS[0]][OURS])

    def crossing(self):
        """The smallest width at which PyTorch takes at most AIM times our time; None before all widths are measured,
        0 if it is none of them."""
        if not self.finished:
            return None
        return _first_within_aim(self.ratio("PyTorch", width) for width in WIDTHS)

    @property
    def good(self):
        """Whether the prediction came first and is right within one width."""
        crossing = self.crossing()
        if not crossing or self.predicted is None:
            return False
        return abs(WIDTHS.index(self.predicted) - WIDTHS.index(crossing)) <= 1

    def description(self):
        """The recorded facts, which are the same on every machine."""
        parts = []
        for name in CONTENDERS:
            ratios = [f"{recorded_ratio(name, width, self.settings['batch']):.2g}" for width in WIDTHS]
            parts.append(say("{name} {ratios}", name=name, ratios=", ".join(ratios)))
        return say(
            "Recorded processor time of one training step with a batch of {batch}, course_lib = 1, for widths {widths}: "
            "{parts}.",
            widths=", ".join(map(str, WIDTHS)),
            parts="; ".join(parts),
            **self.settings,
        )

    def status(self):
        if not self.widths:
            return say("Nothing measured yet. Batch of {batch}.", **self.settings)
        width = self.widths[-1]
        ratios = ", ".join(
            say(
                "{name} {ratio:.2g} ({where})",
                name=name,
                ratio=self.ratio(name, width),
                where=say("here") if name in self.timed else say("recorded"),
            )
            for name in CONTENDERS
        )
        said = say(
            "With width {width} and a batch of {batch}, these are the processor times of a step as multiples of "
            "course_lib's: {ratios}.",
            width=width,
            batch=self.settings["batch"],
            ratios=ratios,
        )
        crossing = self.crossing()
        if crossing:
            said = joined(
                said,
                say("From width {width} on, PyTorch takes at most {aim:g} times our time.", width=crossing, aim=AIM),
            )
        return said


def recorded_ratio(name, width, batch):
    """The recorded time of a step, course_lib = 1."""
    return frameworks.record()["speed"][name][str(batch)][WIDTHS.index(width)]


def recorded_growth(batch):
    """Our own recorded step at each width, in units of that at the smallest."""
    return frameworks.record()["speed"][OURS][str(batch)]


def recorded_crossing(batch):
    """The smallest width at which PyTorch took at most AIM times our time when it was recorded; 0 if it is none."""
    return _first_within_aim(recorded_ratio("PyTorch", width, batch) for width in WIDTHS)


def _first_within_aim(ratios):
    return next((width for width, ratio in zip(WIDTHS, ratios, strict=True) if ratio <= AIM), 0)


def recorded_floors(batch):
    """name -> (overhead of a step, in steps of ours at the smallest width; multiplications that take as long as it).

    From the recorded steps at the smallest and the largest width, by t = overhead + multiplications / rate.
    """
    n1, n2 = multiplications(WIDTHS[0], batch), multiplications(WIDTHS[-1], batch)
    growth, floors = recorded_growth(batch), {}
    for name in (OURS, *CONTENDERS):
        t1, t2 = (growth[i] * (1 if name == OURS else recorded_ratio(name, WIDTHS[i], batch)) for i in (0, -1))
        rate = (n2 - n1) / (t2 - t1)
        overhead = t1 - n1 / rate
        floors[name] = overhead, overhead * rate
    return floors


LOOKS = {
    "PyTorch": (style.VERMILLION, "s", "--"),
    "TensorFlow": (style.ORANGE, "^", "-."),
    "JAX": (style.GREEN, "D", ":"),
}
RATIOS, GROWTH = (0.3, 60), (0.6, 3e3)  # what the axes show
OPEN = 0  # the width of a prediction that has not been made


class SpeedLab(Lab):
    """The speed lab, to be the last line of a cell. batch: examples a step, 1, 16, 64 or 256."""

    model_class = SpeedModel
    size = (960, 384)
    question = N_("Where do the curves run level, where do they rise, and what takes the time in either part?")
    goal_texts = {
        "crossing predicted": N_(
            "Goal: predict the width from which on a step of PyTorch takes at most {aim:g} times as long as one of "
            "ours. Your prediction counts as right within a factor of 2."
        ),
    }
    facts = {"aim": AIM}
    actions = {
        "measure": Run(N_("Measure"), N_("Time every width, in turns; press again to pause")),
        "reset": Reset(N_("Forget all measurements")),
    }
    rows = (("batch", "prediction", "measure", "reset"),)

    def __init__(self, batch=64, name=None):
        self.open(SpeedModel(batch), name)

    def draw(self):
        model = self.model
        facts = model.settings["batch"], len(model.widths), model.predicted
        if self.canvas.differs("measured", facts):  # most pieces of work change nothing that can be seen
            super().draw()

    def static_model(self):
        """What was recorded, as if it had been measured: a picture that is the same on every machine."""
        batch = self.model.settings["batch"]
        model = SpeedModel(batch, rounds=1)
        model.timed = []
        model.times = {w: {OURS: [time]} for w, time in zip(WIDTHS, recorded_growth(batch), strict=True)}
        return model

    def status_text(self):
        model = self.model
        if not self.running or model.finished:
            return model.status()
        return say("Measuring width {width}. {sentence}", width=model.due, sentence=model.status())

    def goal_text(self, name, text):
        model = self.model
        if model.predicted is None:
            return text
        if not model.finished:
            return say("{goal} Noted: {width}.", goal=text, width=model.predicted)
        crossing = model.crossing()
        found = say("it is {width}", width=crossing) if crossing else say("it is none of these")
        return say("{goal} You said {width}, {found}.", goal=text, width=model.predicted, found=found)

    def make_buttons(self):
        self.controls["prediction"] = self.choice(
            say("Your prediction: width"), OPEN, {say("choose"): OPEN} | {str(w): w for w in WIDTHS}, self._predict
        )
        return super().make_buttons()

    def show_controls(self):
        super().show_controls()
        self.controls["prediction"].show(self.model.predicted or OPEN)

    def _predict(self, width):
        if width == OPEN:
            return
        try:
            self.model.predict(width)
        finally:
            self.redraw()

    # The picture

    def make(self, canvas):
        """Time of a step in each framework with ours = 1 on the left, the growth of our own step on the right."""
        self.axes = canvas.axes(70, 54, 500, 252, xscale="log", yscale="log", ylim=RATIOS)
        self.axes.set_title(say("Processor time of a training step, course_lib = 1"), pad=42)  # the legend lies between
        self.growth = canvas.axes(650, 54, 290, 252, xscale="log", yscale="log", ylim=GROWTH)
        self.growth.set_title(say("Our step, width 8 = 1"), pad=42)
        for axes in (self.axes, self.growth):
            axes.set(xlim=(6.5, 1300), xlabel=say("width of the hidden layers"))
            axes.set_xticks(WIDTHS, [str(width) for width in WIDTHS], fontsize=9)
            axes.minorticks_off()
            axes.tick_params(axis="x", length=0)
        self.axes.set_yticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
        self.growth.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
        self.level = self.axes.axhline(1, color=style.BLUE, linewidth=2)
        self.axes.axhline(AIM, color=style.GREY, linewidth=1, linestyle=":")
        self.lines = {}
        for name, (colour, marker, line) in LOOKS.items():
            self.lines[name] = canvas.line(self.axes, linestyle=line, marker=marker, color=colour, linewidth=1.6)
        self.ours = canvas.line(self.growth, "-", marker="o", color=style.BLUE)
        self.guess = canvas.line(self.axes, linestyle="-", color=style.BLACK, linewidth=1.2)
        middle = {"ha": "center", "va": "center", "color": style.GREY}
        self.hints = [
            canvas.moving(axes.text(0.5, 0.6, say("not measured yet"), transform=axes.transAxes, **middle))
            for axes in (self.axes, self.growth)
        ]

    def show(self):
        model, widths = self.model, self.model.widths
        for hint in self.hints:
            hint.set_visible(not widths)
        self._names({name: say("here") if name in model.timed else say("recorded") for name in LOOKS})
        for name, line in self.lines.items():
            line.set_data(widths, [np.clip(model.ratio(name, width), *RATIOS) for width in widths])
        self.ours.set_data(widths, [model.growth(width) for width in widths])
        guess = model.predicted
        self.guess.set_data([guess, guess] if guess else [], RATIOS if guess else [])

    def _names(self, where):
        if not self.canvas.differs("names", where):
            return
        lines = [self.level, *self.lines.values()]
        names = [OURS, *(say("{name} ({where})", name=name, where=where[name]) for name in LOOKS)]
        with self.canvas.styled():
            self.axes.legend(lines, names, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, fontsize=9)
        self.canvas.still_parts_changed()
