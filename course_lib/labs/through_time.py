"""The lab of gradients through time: turn the scale of U, or the bias of the gate, and see what is left forty steps back.

Two kinds of cell, set up and not trained: the plain one, h' = tanh(x W + h U + b), and the GRU. `U` is a rotation times a
scale, so that nothing but the scale, and the slopes and gates inside the cell, makes a gradient shorter or longer.
"""

import numpy as np

from .. import functional, ops
from ..autodiff import Tensor
from ..datasets.speech import spoken_digits
from ..layers import glorot_uniform, orthogonal
from ..pictures import style
from ..text import N_, say
from .base.lab import Lab
from .base.model import LabModel
from .base.settings import Choice, Number

STEPS, BATCH, HIDDEN = 40, 16, 24
CELLS = ("plain", "GRU")
NEITHER = (0.1, 10.0)  # of the last step's gradient: what is neither vanished nor exploded, all the way


class ThroughTime(LabModel):
    """Gradient of the last state, projected on a random direction, with respect to every state before it.

    cell     "plain" or "GRU"            scale   of U
    bias     of the GRU's update gate    seed    of weights and direction
    norms    (STEPS,) |dL/dh_t| for t = STEPS, STEPS - 1, ..., 1, relative to the first of them
    factors  (STEPS,) what the cell lets through at step t = STEPS, ..., 1, mean over units and utterances: the slope
             1 - h^2 of the plain cell, the update gate of the GRU
    goals    cells for which a setting is to be found where the gradient neither vanishes nor explodes (the GRU: at scale 1)

    The inputs are 16 utterances of 40 frames from the training data.
    """

    declared = {
        "cell": Choice(CELLS, "plain", label=N_("Cell"), words={"plain": N_("plain")}),
        "scale": Number(0.1, 10.0, 1.0, label=N_("Scale of U"), logarithmic=True),
        "bias": Number(-4.0, 8.0, 0.0, label=N_("Bias of the update gate"), step=0.1),
        "seed": Number(0, 99, 0, whole=True, label=N_("Seed"), slider=False),
    }
    goals = CELLS

    def __init__(self, **settings):
        data = spoken_digits().part("train")
        spoken = data.features[np.argsort(-data.mask.sum(axis=1), kind="stable")[:BATCH]].astype(float)
        self.x = (spoken - spoken.mean(axis=(0, 1))) / spoken.std(axis=(0, 1))  # (BATCH, STEPS, bands)
        super().__init__(**settings)

    def _start(self):
        """Measure: a few milliseconds."""
        plain = self.settings["cell"] == "plain"
        rng = np.random.default_rng(self.settings["seed"])
        states, factors = (self._plain if plain else self._gru)(rng)
        ops.sum(states[-1] * rng.normal(size=(BATCH, HIDDEN))).backward()
        norms = np.array([np.linalg.norm(state.grad) for state in reversed(states)])
        self.norms = norms / norms[0]
        self.factors = np.array([factor.mean() for factor in reversed(factors)])

    def _plain(self, rng):
        W = glorot_uniform((self.x.shape[2], HIDDEN), rng)
        U = self.settings["scale"] * orthogonal((HIDDEN, HIDDEN), rng)
        states, h = [], Tensor(np.zeros((BATCH, HIDDEN)))
        inputs = self.x @ W
        for t in range(STEPS):
            h = ops.tanh(inputs[:, t] + h @ U)
            states.append(h)
        return states, [1 - h.value**2 for h in states]

    def _gru(self, rng):
        features, rotation = self.x.shape[2], self.settings["scale"]
        W = np.hstack([glorot_uniform((features, HIDDEN), rng) for _ in range(3)])
        U = np.hstack([rotation * orthogonal((HIDDEN, HIDDEN), rng) for _ in range(3)])
        b = np.repeat([0.0, self.settings["bias"], 0.0], HIDDEN)
        states, gates, h = [], [], Tensor(np.zeros((BATCH, HIDDEN)))
        part = slice(HIDDEN, 2 * HIDDEN)  # of the update gate
        for t in range(STEPS):
            gates.append(ops.logistic(self.x[:, t] @ W[:, part] + h.value @ U[:, part] + b[part]))
            h = functional.gru_cell(self.x[:, t], h, W, U, b, np.zeros(HIDDEN))
            states.append(h)
        return states, gates

    def _reached_now(self):
        cell, scale = self.settings["cell"], self.settings["scale"]
        return [cell] if self.good and (cell == "plain" or 0.95 < scale < 1.05) else []

    # What has been measured

    @property
    def left(self):
        """What is left of the gradient at the first step, relative to the last."""
        return float(self.norms[-1])

    @property
    def good(self):
        """Whether the gradient stays between a tenth of and ten times that of the last step, all the way."""
        return bool(np.all((self.norms >= NEITHER[0]) & (self.norms <= NEITHER[1])))

    def _verdict(self):
        if self.good:
            return say("It neither vanishes nor explodes.")
        if self.left < NEITHER[0]:
            return say("It vanishes, so the first frames hardly teach anything.")
        if self.left > NEITHER[1]:
            return say("It explodes, so a step along it would go far astray.")
        return say(
            "At the end of its way back the gradient is in the green field, but before that it leaves the field."
        )

    def status(self):
        factor = self.factors.mean()
        if self.settings["cell"] == "plain":
            cell = say("Plain cell, U x {scale:g}", **self.settings)
            through = say("Mean slope of tanh {factor:.2f}.", factor=factor)
        else:
            cell = say("GRU, U x {scale:g}, gate bias {bias:g}", **self.settings)
            through = say("Mean update gate {factor:.2f}.", factor=factor)
        return say(
            "{cell}: after {steps} steps back, the gradient is {left:.2g} times that of the last step, which is a "
            "factor of {each:.2f} per step on average. {verdict} {through}",
            cell=cell,
            steps=STEPS - 1,
            left=self.left,
            each=self.left ** (1 / (STEPS - 1)),
            verdict=self._verdict(),
            through=through,
        )

    def description(self):
        return say(
            "Gradient norm by steps back, on a logarithmic axis, with a field from {low:g} to {high:g} in which it "
            "neither vanishes nor explodes. {status}",
            low=NEITHER[0],
            high=NEITHER[1],
            status=self.status(),
        )


NORMS = (1e-12, 1e12)  # what the left axis shows
LOOKS = {"plain": (N_("Mean slope of tanh"), style.BLUE, "o"), "GRU": (N_("Mean update gate"), style.VERMILLION, "s")}


class ThroughTimeLab(Lab):
    """The lab of gradients through time, to be the last line of a cell. settings: cell, scale, bias, seed of `ThroughTime`."""

    model_class = ThroughTime
    size = (960, 340)
    question = N_("U is a rotation, so at scale 1 it keeps every length. Why is that not enough for the plain cell?")
    goal_texts = {
        "plain": N_(
            "Goal: find a scale of U for which the plain cell's gradient stays in the green field for all {steps} steps."
        ),
        "GRU": N_("Goal: do the same with the GRU at scale 1, by choosing only the bias of its update gate."),
    }
    facts = {"steps": STEPS}
    rows = (("cell", "seed"), ("scale", "bias"))
    can_be_unused = ("bias",)

    def unused(self):
        return () if self.model.settings["cell"] == "GRU" else ("bias",)

    # The picture

    def make(self, canvas):
        """Gradient norm by steps back on the left, what the cell lets through at each step on the right."""
        norm = canvas.axes(74, 48, 500, 250, yscale="log", xlim=(-0.5, STEPS - 0.5), ylim=NORMS)
        norm.set_title(say("Gradient norm, relative to the last step"))
        norm.set_xlabel(say("steps back"))
        norm.set_yticks([10.0**power for power in range(-12, 13, 4)])
        norm.axhspan(*NEITHER, color="#D5EEE6", zorder=0)
        norm.text(0.99, 0.98, say("explodes"), transform=norm.transAxes, ha="right", va="top", color=style.GREY)
        norm.text(0.99, 0.03, say("vanishes"), transform=norm.transAxes, ha="right", color=style.GREY)
        factor = canvas.axes(650, 48, 290, 250, xlim=(-0.5, STEPS - 0.5), ylim=(0, 1.05))
        factor.set_xlabel(say("steps back"))
        self.lines = [canvas.line(axes, markersize=4, linewidth=1.2) for axes in (norm, factor)]
        title = factor.text(0, 1.04, "", transform=factor.transAxes, fontsize=12, weight="bold")
        self.title = canvas.moving(title)

    def show(self):
        model = self.model
        title, colour, marker = LOOKS[model.settings["cell"]]
        self.title.set_text(say(title))
        norms = np.clip(model.norms, NORMS[0] / 10, NORMS[1] * 10)
        for line, heights in zip(self.lines, (norms, model.factors), strict=True):
            line.set(color=colour, marker=marker)
            line.set_data(range(STEPS), heights)
