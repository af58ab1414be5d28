"""The compute lab: operations counted, then time and energy from assumptions that lie open on the table."""

import time

import numpy as np

from .. import functional
from ..layers import Dense, Sequential
from ..optimizers import GradientDescent
from ..pictures import style
from ..text import N_, quantity, rounded, say, spaced
from ..tools.operations_count import count_operations
from .base.buttons import Reset, Run
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number

INPUTS, OUTPUTS = 64, 10  # of the network: those of the digits
OWN = N_("your own numbers")
ASSUMED = ("speed", "power", "overhead")
MACHINES = {  # multiply-adds a second, watts, and energy taken from the grid over energy used
    N_("one core of a laptop"): (1e10, 30.0, 1.0),  # with NumPy, and its share of the laptop's power
    N_("one accelerator"): (2e14, 700.0, 1.2),
    N_("16,000 accelerators"): (3.2e18, 1.12e7, 1.2),
}


PARAMETERS_TODAY, TOKENS_TODAY = 405e9, 15.6e12  # Llama 3.1 405B: Grattafiori et al. (2024), The Llama 3 herd of models
DIGITS, TODAY = N_("a network for the digits"), N_("a language model of today")
SECONDS = {N_("s"): 1.0, N_("min"): 60.0, N_("h"): 3600.0, N_("days"): 86_400.0, N_("years"): 3.156e7}
ENERGIES = {"GWh": 1e6, "MWh": 1e3, "kWh": 1.0, "Wh": 1e-3, "mWh": 1e-6}  # in kWh
CLOSE = 10.0  # the goal: the predicted number of years is right within this factor
WIDTHS, BATCH, STEPS = (32, 64, 128, 256, 512, 1024), 128, 5  # of the measurement: networks, examples, steps of each


class ComputeModel(LabModel):
    """A network of `depth` hidden layers of `width` units, or a language model; the data; the machine.

    width, depth      hidden units and hidden layers, 64 inputs, 10 outputs
    examples, epochs  examples of the training data, and how often each is used
    speed             multiply-adds a second            power     watts while it computes
    overhead          energy taken from the grid, as a multiple of what the computer uses (cooling, conversion)
    what, machine     DIGITS or TODAY; one of MACHINES, or OWN
    """

    declared = {
        "what": Choice((DIGITS, TODAY), DIGITS, label=N_("What is trained")),
        "machine": Choice((*MACHINES, OWN), next(iter(MACHINES)), label=N_("Machine")),
        "width": Number(8, 100_000, 128, whole=True, label=N_("Width"), logarithmic=True),
        "depth": Number(1, 200, 2, whole=True, label=N_("Depth"), logarithmic=True),
        "examples": Number(100, 1e14, 1200, label=N_("Examples"), logarithmic=True),
        "epochs": Number(1, 1000, 30, whole=True, label=N_("Epochs"), logarithmic=True, slider=False),
        "speed": Number(1e6, 1e20, 1e10, label=N_("Multiply-adds/s"), logarithmic=True, slider=False),
        "power": Number(1, 1e8, 30.0, label=N_("Power, W"), logarithmic=True, slider=False),
        "overhead": Number(1, 3, 1.0, label=N_("Overhead"), step=0.1, slider=False),
    }
    keeps_run = tuple(declared)
    persisted = {"predicted": Number(1e-300, 1e15, 1.0)}
    goals = ("years predicted",)
    predicted = None

    def __init__(self, **settings):
        super().__init__(**settings)
        self._first = self.settings

    def checked(self, changes):
        """As every model's; a machine fills in its assumptions, and other assumptions are the reader's own machine.

        The language model has tokens for its data, each used once.
        """
        implied = {}
        if changes.get("what") == TODAY:
            implied = {"examples": TOKENS_TODAY, "epochs": 1}
        elif changes.get("what") == DIGITS:
            implied = {name: self.declared[name].default for name in ("examples", "epochs")}
        if changes.get("machine") in MACHINES:
            implied |= dict(zip(ASSUMED, MACHINES[changes["machine"]], strict=True))
        elif changes.keys() & {*ASSUMED}:
            implied |= {"machine": OWN}
        return super().checked(implied | changes)

    def reset(self):
        """Back to the first settings, with nothing predicted or measured."""
        self.settings = self._first
        super().reset()

    def _start(self):
        self.predicted = None
        self.measured = []  # (multiply-adds a step, seconds of the quickest step), one for each of WIDTHS
        self.measuring, self.speed_here = False, None

    # Counting

    def parameters(self):
        """Weights, without biases: one multiply-add each for an example on its way forward."""
        today = self.settings["what"] == TODAY
        return PARAMETERS_TODAY if today else weights(self.settings["width"], self.settings["depth"])

    def a_step(self):
        """(forward, backward) multiply-adds an example. The first layer's input needs no gradient."""
        forward = self.parameters()
        saved = 0 if self.settings["what"] == TODAY else INPUTS * self.settings["width"]
        return forward, 2 * forward - saved

    def operations(self):
        """Multiply-adds of the whole training."""
        return sum(self.a_step()) * self.settings["examples"] * self.settings["epochs"]

    def seconds(self):
        return self.operations() / self.settings["speed"]

    def kilowatt_hours(self):
        return self.seconds() * self.settings["power"] * self.settings["overhead"] / 3.6e6

    def relative(self, name, factors):
        """Operations with the width, the depth or the data times each factor, as multiples of the present ones.

        NaN where less than one layer would be left.
        """
        if name == "data":
            return np.asarray(factors, dtype=float)
        width, depth = self.settings["width"], self.settings["depth"]
        sizes = [(width * f, depth) if name == "width" else (width, depth * f) for f in factors]
        steps = [multiply_adds(*size) if size[1] >= 1 else np.nan for size in sizes]
        return np.array(steps) / multiply_adds(width, depth)

    def exponents(self):
        """{width, depth, data: the power with which the operations grow}, fitted from half to twice the present setting.

        The language model has only its data to turn.
        """
        factors, powers = np.array([0.5, 1, 2]), {}
        for name in ["data"] if self.settings["what"] == TODAY else ["width", "depth", "data"]:
            cost = self.relative(name, factors)
            known = np.isfinite(cost)
            powers[name] = float(np.polyfit(np.log(factors[known]), np.log(cost[known]), 1)[0])
        return powers

    # Measuring

    @property
    def finished(self):
        return not self.measuring

    def start_measuring(self):
        self.measured, self.measuring, self.speed_here = [], True, None

    def _step(self, clock=time.perf_counter):
        """Training steps of the next 64-width-width-10 network, timed; the largest sets `speed` to what this machine does."""
        rng, width = np.random.default_rng(0), WIDTHS[len(self.measured)]
        options = {"rng": rng, "dtype": np.float32}
        hidden = Dense(INPUTS, width, "relu", **options), Dense(width, width, "relu", **options)
        network = Sequential(*hidden, Dense(width, OUTPUTS, **options))
        x, y = rng.random((BATCH, INPUTS), np.float32), rng.integers(0, OUTPUTS, BATCH)
        optimizer, seconds = GradientDescent(0.01), []
        for _ in range(STEPS):
            began = clock()
            loss = functional.softmax_cross_entropy(network(x), y)
            loss.backward()
            optimizer.step(network.parameters)
            seconds.append(clock() - began)
        operations = count_operations(loss).step
        self.measured.append((operations, max(min(seconds), 1e-9)))
        if len(self.measured) == len(WIDTHS):
            self.measuring = False
            speed = operations / self.measured[-1][1]
            self.speed_here = float(f"{np.clip(speed, *self.limits('speed')):.3g}")
            self.configure(speed=self.speed_here)

    def measured_power(self):
        """The power of the operations with which the time grew, over the three largest networks; None before that."""
        if self.measuring or not self.measured:
            return None
        operations, seconds = np.log(self.measured[-3:]).T
        return float(np.polyfit(operations, seconds, 1)[0])

    # Prediction and sentences

    def predict(self, years):
        if not 0 < years < 1e15:
            raise ValueError(say("prediction: expected a positive number of years below 1e15, got {got:g}", got=years))
        self.predicted = float(years)

    def years_today(self):
        """Years for the language model, at the present speed."""
        return 3 * PARAMETERS_TODAY * TOKENS_TODAY / self.settings["speed"] / SECONDS["years"]

    @property
    def good(self):
        """Whether the prediction was close, and the language model is on show, with the speed of this machine measured."""
        if self.predicted is None or self.settings["what"] != TODAY or self.settings["speed"] != self.speed_here:
            return False
        ratio = self.predicted / self.years_today()
        return 1 / CLOSE <= ratio <= CLOSE

    def status(self):
        if self.measuring:
            return say(
                "Measuring: network {number} of {networks}.", number=len(self.measured) + 1, networks=len(WIDTHS)
            )
        return say(
            "{weights} weights and {uses} uses of an example make {operations} multiply-adds. At {speed} per second "
            "they take {time}, and with {power:g} W and overhead {overhead:g} they use {energy}.",
            weights=quantity(self.parameters()),
            uses=quantity(self.settings["examples"] * self.settings["epochs"]),
            operations=quantity(self.operations()),
            speed=quantity(self.settings["speed"]),
            time=duration(self.seconds()),
            power=self.settings["power"],
            overhead=self.settings["overhead"],
            energy=energy(self.kilowatt_hours()),
        )

    def description(self):
        """The count, and what follows from the assumptions: the same on every machine."""
        powers = ", ".join(f"{say(name)} {power:.2f}" for name, power in self.exponents().items())
        return say(
            "{sentence} For each setting, the number of operations grows with the power that is given: {powers}. To "
            "train a language model of {parameters} weights on {tokens} tokens takes {years} at this speed.",
            sentence=self.status(),
            powers=powers,
            parameters=quantity(PARAMETERS_TODAY),
            tokens=quantity(TOKENS_TODAY),
            years=duration(self.years_today() * SECONDS["years"]),
        )


def weights(width, depth):
    """Weights of a 64-width-...-width-10 network with `depth` hidden layers."""
    return INPUTS * width + (depth - 1) * width**2 + width * OUTPUTS


def multiply_adds(width, depth):
    """Multiply-adds of a training step for each example, forward and backward; width and depth may be fractions."""
    return 3 * weights(width, depth) - INPUTS * width


def duration(seconds):
    """A time in the largest unit that it fills."""
    unit, size = next(((u, s) for u, s in reversed(SECONDS.items()) if seconds >= s), ("s", 1.0))
    return spaced(_amount(seconds / size), say(unit))


def energy(kilowatt_hours):
    """An amount of energy in mWh, Wh, kWh or GWh."""
    unit, size = next(((u, s) for u, s in ENERGIES.items() if kilowatt_hours >= s), ("mWh", 1e-6))
    return f"{_amount(kilowatt_hours / size)} {unit}"


def _amount(number):
    return quantity(number) if number >= 1e6 else rounded(number)


LADDERS = (652, 806)  # their left edges, CSS pixels
FACTORS = 2.0 ** np.arange(-2, 3)  # of the growth that is drawn
GROWTH = (
    (N_("width"), style.VERMILLION, "-", "o"),
    (N_("depth"), style.BLUE, "--", "s"),
    (N_("data"), style.GREEN, ":", "D"),
)


TIME_MARKS = (
    (1, N_("1 s")),
    (3600, N_("1 h")),
    (86_400, N_("1 day")),
    (3.156e7, N_("1 year")),
    (3.156e10, N_("1,000 years")),
    (3.156e13, N_("1 million years")),
)


ENERGY_MARKS = (
    (1e-5, N_("10 mWh")),
    (1e-2, N_("a phone charged")),
    (10, N_("a home, a day")),
    (3.5e3, N_("a home, a year")),
    (1e6, N_("1 GWh")),
    (1e9, N_("1,000 GWh")),
)


class ComputeLab(Lab):
    """The compute lab, to be the last line of a cell.

    settings: width, depth, examples, epochs, what, speed, power, overhead of `ComputeModel`.
    """

    model_class = ComputeModel
    size = (960, 330)
    step_seconds = 0
    goal_texts = {
        "years predicted": N_(
            "Goal: predict how many years this machine would need for a language model of today, then press Measure "
            "and choose the language model to see the answer. Your prediction counts as right within a factor of "
            "{close:g}."
        ),
    }
    facts = {"close": CLOSE}
    actions = {
        "measure": Run(N_("Measure this machine"), N_("Time training steps, and take their speed")),
        "reset": Reset(N_("Back to the first settings")),
    }
    rows = (
        ("measure", "reset", "prediction"),
        ("what", "machine"),
        ("examples", "epochs"),
        ("speed", "power", "overhead"),
        ("width", "depth"),  # the last one, so that without them no gap is between two rows
    )
    can_be_unused = ("width", "depth")

    @property
    def question(self):
        if self.model.settings["what"] == TODAY:
            return N_(
                "Which assumption moves the years most: the speed, the power or the overhead? And which one "
                "moves the energy most?"
            )
        return N_("Double the width, then the depth, then the data. By how much does the cost grow each time?")

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
        self.prediction = self.make_prediction(
            say("Your prediction, in years:"), 440, say("type a number such as 1e5, press Enter")
        )
        return super().make_buttons()

    def prepare(self):
        self.model.start_measuring()

    def _reset(self):
        self.prediction.value = ""
        super()._reset()

    # The picture

    def make(self, canvas):
        """How operations grow, what the clock says about them, and time and energy on two ladders."""
        self.growth = canvas.axes(52, 56, 244, 230, xscale="log", yscale="log", xlim=(0.22, 4.6), ylim=(1 / 30, 30))
        self.growth.set_xticks(FACTORS, ["1/4", "1/2", "1", "2", "4"])
        self.growth.set_yticks([0.1, 1, 10], ["1/10", "1", "10"])
        self.growth.tick_params(which="minor", length=0)
        self.growth.set_xticks([], minor=True)
        self.growth.set(xlabel=say("factor"), title=say("Operations, as a multiple"))
        self.lines = [
            canvas.line(self.growth, line, marker=marker, color=colour, markersize=5)
            for _, colour, line, marker in GROWTH
        ]
        self.clock = canvas.axes(372, 56, 214, 230, xscale="log", yscale="log", xlim=(4e5, 1e9), ylim=(2e-5, 1))
        self.clock.set(xlabel=say("multiply-adds a step"), title=say("Seconds a step, measured"))
        self.clock.set_yticks([1e-4, 1e-3, 1e-2, 0.1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"], fontsize=9)
        self.clock.tick_params(which="minor", length=0)
        self.times = canvas.line(self.clock, "-o", color=style.PURPLE, markersize=6)
        self.bars = [
            self._ladder(canvas, LADDERS[0], say("Time"), TIME_MARKS, (1e-4, 1e19)),
            self._ladder(canvas, LADDERS[1], say("Energy"), ENERGY_MARKS, (1e-10, 1e13)),
        ]
        self.star = canvas.line(self.bars[0].axes, linestyle="", marker="*", markersize=15, color=style.BLACK)
        self.amounts = [canvas.label((left - 4, 24), align="left", size=11) for left in LADDERS]
        self.power = canvas.label((384, 268), colour=style.GREY, background="white", align="left")
        self.words = [
            canvas.label((60, 274 - 18 * place), colour=colour, background="white", align="left")
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
        return canvas.line(axes, color=style.ORANGE, linewidth=16, solid_capstyle="butt")

    def show(self):
        model = self.model
        exponents = model.exponents()
        for (name, *_), line, word in zip(GROWTH, self.lines, self.words, strict=True):
            known = name in exponents
            line.set_data(*(FACTORS, model.relative(name, FACTORS)) if known else ([], []))
            word.text = say("{name}: power {power:.2f}", name=say(name), power=exponents[name]) if known else ""
        self.times.set_data(*(zip(*model.measured, strict=True) if model.measured else ([], [])))
        power = model.measured_power()
        self.power.text = say("power {power:.2f}", power=power) if power is not None else say("not measured yet")
        self.amounts[0].text, self.amounts[1].text = duration(model.seconds()), energy(model.kilowatt_hours())
        for bar, value in zip(self.bars, (model.seconds(), model.kilowatt_hours()), strict=True):
            low, high = bar.axes.get_ylim()
            bar.set_data([0.5, 0.5], [low, np.clip(value, low * 2, high)])
        guess = [] if model.predicted is None else [model.predicted * SECONDS["years"]]
        self.star.set_data([0.5] * len(guess), np.clip(guess, *self.star.axes.get_ylim()))
