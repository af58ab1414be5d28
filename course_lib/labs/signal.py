"""The lab of the signal through depth: how large it is in each layer on its way forward, and the gradient on its way back.

A layer multiplies the mean square of a signal by n v, with n inputs and weights of variance v, and its activation by a factor
of its own. Twenty layers take the product to the twentieth power. Layer normalisation takes the factor out again.
"""

import numpy as np

from .. import functional, ops
from ..autodiff import Tensor
from ..pictures import style
from ..text import N_, joined, say
from .base.buttons import Once
from .base.lab import Lab
from .base.model import MeasuredOnce
from .base.settings import Choice, Number, Switch

LAYERS, UNITS, INPUTS = 20, 256, 50
KEPT = (0.5, 2.0)  # of the input's mean square, in the last layer
SLOPES = {  # left of 0; tanh has none that is constant
    "relu": 0.0,
    N_("leaky relu, 0.3"): 0.3,
    N_("leaky relu, 0.5"): 0.5,
    N_("leaky relu, 0.8"): 0.8,
    "tanh": None,
}
NAMES = {1.0: "Glorot", 2.0: "He"}  # of n v, with as many units in every layer


class SignalModel(MeasuredOnce):
    """A signal of random inputs through 20 layers of 256 units without biases, and a random gradient back.

    activation     one of SLOPES        gain    n v, with n units and weights of variance v
    normalisation  whether a layer normalisation stands before each activation
    signal         (LAYERS,) mean square of the activations        gradient   (LAYERS,) of dL/dz, relative to the last layer's
    """

    declared = {
        "activation": Choice(tuple(SLOPES), "relu", label=N_("Activation")),
        "gain": Number(0.25, 8.0, 1.0, says="n v", label="n v", logarithmic=True),
        "normalisation": Switch(False, label=N_("Normalisation")),
    }
    goals = ("keep the signal",)
    case_of, aim = ("activation",), "gain"

    def __init__(self, **settings):
        rng = np.random.default_rng(0)
        self._inputs, self._arriving = rng.normal(size=(2, INPUTS, UNITS)).astype(np.float32)
        self._weights = rng.normal(size=(LAYERS, UNITS, UNITS)).astype(np.float32)
        super().__init__(**settings)

    def _start(self):
        if self.is_measured:
            self._measure()

    def _measure(self):
        scale = np.float32(np.sqrt(self.settings["gain"] / UNITS))
        ones, zeros = np.ones(UNITS, np.float32), np.zeros(UNITS, np.float32)
        a, sums, signal = Tensor(self._inputs), [], []
        for W in self._weights:
            z = a @ (scale * W)
            sums.append(z)
            a = self._activated(functional.layer_norm(z, ones, zeros) if self.settings["normalisation"] else z)
            signal.append(_mean_square(a.value))
        ops.sum(a * self._arriving).backward()
        gradient = np.array([_mean_square(z.grad) for z in sums])
        self.signal, self.gradient = np.array(signal) / _mean_square(self._inputs), gradient / gradient[-1]

    def _activated(self, z):
        slope = SLOPES[self.settings["activation"]]
        return ops.tanh(z) if slope is None else slope * z + (1 - slope) * ops.relu(z)

    @property
    def hit(self):
        return SLOPES[self.settings["activation"]] and not self.settings["normalisation"] and self.keeps

    @property
    def keeps(self):
        """Whether the last layer's signal has nearly the size of the input."""
        return bool(KEPT[0] <= self.signal[-1] <= KEPT[1])

    @property
    def good(self):
        return self.is_measured and self.keeps

    @property
    def bad(self):
        """Whether not a millionth of the signal is left, or it has grown by a million."""
        return self.is_measured and not 1e-6 < self.signal[-1] < 1e6

    # Theory

    @property
    def factor(self):
        """What a layer multiplies both mean squares by, n v (1 + slope^2) / 2; None where no such law holds."""
        slope = SLOPES[self.settings["activation"]]
        law = slope is not None and not self.settings["normalisation"]
        return self.settings["gain"] * (1 + slope**2) / 2 if law else None

    def law(self):
        """(2, LAYERS): mean square of the signal and of the gradient by the law; None where none holds."""
        if self.factor is None:
            return None
        layers = np.arange(1, LAYERS + 1)
        return self.factor**layers, self.factor ** (LAYERS - layers)

    # Words

    def status(self):
        named = NAMES.get(self.settings["gain"])
        setting = say(
            "{activation}, n v = {gain:.4g}{name}{normalised}",
            activation=say(self.settings["activation"]),
            gain=self.settings["gain"],
            name=f" ({named})" if named else "",
            normalised=say(", normalised") if self.settings["normalisation"] else "",
        )
        if not self.is_measured:
            return say(
                "{setting}: not measured yet. Set the n v that keeps the signal, then press Measure.", setting=setting
            )
        facts = say(
            "{setting}: after {layers} layers the mean square of the signal is {signal:.2g} times that of the input. "
            "On the way back, the mean square of the gradient becomes {gradient:.2g} times as large.",
            setting=setting,
            layers=LAYERS,
            signal=self.signal[-1],
            gradient=self.gradient[0],
        )
        chosen = self.chosen[self.case]
        return facts if chosen is None else joined(facts, say("You had chosen n v = {chosen:.4g}.", chosen=chosen))

    def description(self):
        facts = say(
            "Mean square of the signal, left, and of the gradient, right, in {layers} layers of {units} units, on logarithmic "
            "axes, with a field from {low:g} to {high:g}. {status}",
            layers=LAYERS,
            units=UNITS,
            low=KEPT[0],
            high=KEPT[1],
            status=self.status(),
        )
        if not self.is_measured or self.factor is None:
            return facts
        return joined(
            facts,
            say(
                "By the law each layer multiplies the mean squares of signal and gradient by {factor:.3g}.",
                factor=self.factor,
            ),
        )


def _mean_square(values):
    return float(np.mean(np.square(values, dtype=float)))


SIZES = (1e-19, 1e13)  # what the axes show


class SignalLab(Lab):
    """The lab of the signal through depth, to be the last line of a cell. settings: activation, gain, normalisation."""

    model_class = SignalModel
    size = (960, 340)
    question = N_(
        "Switch normalisation on and move n v from end to end. What changes in the signal, what in the gradient, and why?"
    )
    goal_texts = {
        "keep the signal": N_(
            "Goal: choose a leaky relu without normalisation, and set n v so that the last layer's signal stays in the green "
            "field, before you press Measure. Each activation counts once."
        )
    }
    actions = {
        "measure": Once(
            N_("Measure"), N_("Send a signal through this activation's layers, with n v as you have set it")
        )
    }
    rows = (("activation", "gain", "normalisation", "measure"),)

    # The picture

    def make(self, canvas):
        """Mean squares by layer: of the signal on the left, of the gradient on the right."""
        self.measured, self.laws = [], []
        titles = (say("Signal, mean square"), say("Gradient, mean square"))
        arrows = (say("layer \N{RIGHTWARDS ARROW}"), say("\N{LEFTWARDS ARROW} layer"))
        for left, title, arrow, colour in zip((74, 554), titles, arrows, (style.BLUE, style.VERMILLION), strict=True):
            axes = canvas.axes(left, 48, 386, 254, yscale="log", xlim=(0.5, LAYERS + 0.5), ylim=SIZES)
            axes.set_title(title)
            axes.set_xlabel(arrow)
            axes.set_xticks([1, 5, 10, 15, 20])
            axes.set_yticks([1e-18, 1e-12, 1e-6, 1, 1e6, 1e12])
            axes.set_yticks([], minor=True)
            axes.axhspan(*KEPT, color="#D5EEE6", zorder=0)
            self.laws.append(canvas.line(axes, color=style.GREY, linewidth=1.4, linestyle="--"))
            self.measured.append(canvas.line(axes, color=colour, marker="o", markersize=4, linewidth=1.2))
            axes.plot([], [], color=colour, marker="o", markersize=4, label=say("measured"))
            axes.plot([], [], color=style.GREY, linestyle="--", label=say("the law"))
            axes.legend(loc="lower left", fontsize=9, ncols=2, handlelength=2)

    def show(self):
        model, layers = self.model, np.arange(1, LAYERS + 1)
        shown = model.is_measured
        for line, sizes in zip(self.measured, ("signal", "gradient"), strict=True):
            line.set_data(*(layers, getattr(model, sizes)) if shown else ([], []))
        laws = model.law() if shown else None
        for number, line in enumerate(self.laws):
            line.set_data(*(layers, laws[number]) if laws else ([], []))
