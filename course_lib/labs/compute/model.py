"""What training costs: multiply-adds counted, time and energy that follow from assumptions which can all be changed."""

import time
from itertools import pairwise

import numpy as np

from ... import functional
from ...layers import Dense, Sequential
from ...optimizers import GradientDescent
from ...text import N_, quantity, rounded, say, spaced
from ...tools.operations_count import count_operations
from ..base.model import LabModel
from ..base.settings import Choice, Number

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
        "what": Choice((DIGITS, TODAY), DIGITS),
        "machine": Choice((*MACHINES, OWN), next(iter(MACHINES))),
        "width": Number(8, 100_000, 128, whole=True),
        "depth": Number(1, 200, 2, whole=True),
        "examples": Number(100, 1e14, 1200),
        "epochs": Number(1, 1000, 30, whole=True),
        "speed": Number(1e6, 1e20, 1e10),
        "power": Number(1, 1e8, 30.0),
        "overhead": Number(1, 3, 1.0),
    }
    gentle = tuple(declared)
    noted = {"predicted": Number(1e-300, 1e15, 1.0)}
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
        return (
            PARAMETERS_TODAY
            if self.settings["what"] == TODAY
            else weights(self.settings["width"], self.settings["depth"])
        )

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
        names = ["data"] if self.settings["what"] == TODAY else ["width", "depth", "data"]
        return {name: self._exponent(name) for name in names}

    def _exponent(self, name):
        factors = np.array([0.5, 1, 2])
        cost = self.relative(name, factors)
        known = np.isfinite(cost)
        return float(np.polyfit(np.log(factors[known]), np.log(cost[known]), 1)[0])

    # Measuring

    @property
    def finished(self):
        return not self.measuring

    def start_measuring(self):
        self.measured, self.measuring, self.speed_here = [], True, None

    def _step(self):
        self.measure_next()

    def _reached_now(self):
        return self.goals if self.good else ()

    def measure_next(self, clock=time.perf_counter):
        """Training steps of the next 64-width-width-10 network, timed; the largest sets `speed` to what this machine does."""
        rng, width = np.random.default_rng(0), WIDTHS[len(self.measured)]
        sizes = (INPUTS, width, width)
        hidden = [Dense(a, b, "relu", rng=rng, dtype=np.float32) for a, b in pairwise(sizes)]
        network = Sequential(*hidden, Dense(width, OUTPUTS, rng=rng, dtype=np.float32))
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
            "{weights} weights, {uses} uses of an example: {operations} multiply-adds. At {speed} a second: {time}, "
            "and with {power:g} W and overhead {overhead:g}: {energy}.",
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
            "{sentence} Powers with which the operations grow: {powers}. A language model of {parameters} weights "
            "and {tokens} tokens takes {years} at this speed.",
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
