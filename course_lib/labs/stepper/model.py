"""The stepper without its face: one training iteration of a 2-2-1 network, a product at a time.

Everything is plain numbers of one example. A `Line` is one product of the iteration: which number it makes, which
numbers it uses, its formula, the formula with numbers put in, and the result. The model holds the weights and how far
the reader has walked; all numbers follow from these.
"""

import math
from dataclasses import dataclass

import numpy as np

from ... import datasets
from ...ops import logistic
from ...text import N_, joined, say, typed
from ..base.model import LabModel
from ..base.settings import Choice, Number, Settings
from ..base.words import listed
from .formulas import ACTIVATIONS, RESULTS, formula_of, pretty, shown

STEPS = (N_("forward"), N_("loss"), N_("output error"), N_("hidden error"), N_("gradients"), N_("step"))
PHASES = (0, 0, 0, 1, 2, 3, 3, 4, 4, 4, 5, 5, 5)  # the step to which each stop of the walk belongs
LENGTH = len(PHASES)  # stops in one iteration
BEFORE_HIDDEN_ERROR = PHASES.index(3)  # how many stops are done when the hidden error comes next
GRADIENTS_KNOWN = LENGTH - PHASES[::-1].index(4)  # and when all gradients are on the table
X, Y = datasets.xor()
EXAMPLES = len(X)
GUESS_TOLERANCE = 0.01  # relative: three correct digits, more or less


@dataclass(frozen=True)
class Line:
    """One product: `result` is the key of the number that it makes, `uses` are the keys of those that it needs."""

    result: str
    uses: tuple
    formula: str
    numbers: str
    value: float

    @property
    def products(self):
        """The numbers put in and the result: "= 0.5·0.2 = 0.1"; once when the number is only handed on."""
        result = f"= {shown(self.value)}"
        return result if self.numbers == shown(self.value) else f"= {self.numbers} {result}"


class StepperModel(LabModel):
    """A walk through training iterations.

    params     [W1 (2, 2), b1 (2,), W2 (2, 1), b2 (1,)] of this iteration
    iteration  1, 2, ...                     position   stops done in this iteration, 0 to LENGTH
    values     dict key -> number of this iteration: x[1], W1[1,2], z1[1], a1[1], delta1[1], dW1[1,2], new W1[1,2], ...
    stops      list of LENGTH lists of Lines
    example (setting)  0 to 3, a point of XOR        activation (setting)  of the hidden layer
    """

    declared = {
        "example": Number(
            0,
            EXAMPLES - 1,
            3,
            whole=True,
            label=N_("Example"),
            choices=tuple(range(len(X))),
            words={i: f"x = ({x[0]:g}, {x[1]:g}), y = {y[0]:g}" for i, (x, y) in enumerate(zip(X, Y, strict=True))},
        ),
        "activation": Choice(tuple(ACTIVATIONS), "sigmoid", label=N_("Hidden activation")),
        "rate": Number(0.01, 20.0, 1.0, says=N_("learning rate"), label=N_("Learning rate"), logarithmic=True),
        "seed": Number(0, 9999, 1, whole=True, label=N_("Seed"), slider=False),
    }
    live = {"examples": "example", "rates": "rate"}
    goals = ("hidden error",)

    # Changing things

    def _configured(self, before):
        """Follow new settings. New weights or another activation start anew; another rate changes only the step.

        Another example begins the iteration anew; after a complete one it begins the next, with the new weights.
        """
        super()._configured(before)
        if self.settings["example"] != before["example"]:
            if self.position == LENGTH:
                self._next_iteration(before)
            self.position = 0
            self._forget_what_comes_later()
        self._compute()

    def _turned(self, name):
        self._compute()

    def _start(self):
        rng = np.random.default_rng(self.settings["seed"])
        tenths = rng.integers(1, 16, 9) * rng.choice([-1, 1], 9) / 10  # numbers that can be used by hand
        self.params = [tenths[:4].reshape(2, 2), tenths[4:6], tenths[6:8].reshape(2, 1), tenths[8:]]
        self.iteration, self.position, self._past = 1, 0, []
        self._compute()

    # Walking

    @property
    def done(self):
        return (self.iteration - 1) * (LENGTH + 1) + self.position

    finished = False  # there is always a next iteration

    def _step(self):
        """One stop on; after the last one, the first stop of the next iteration."""
        if self.position == LENGTH:
            self._next_iteration(self.settings)
            if self.done == self.stop_at or any(self.done in planned for planned in self.planned.values()):
                return  # a repeated walk stands still where the reader had taken another example
        self.position += 1

    def back(self):
        """One stop back, if need be into the iteration before, with its example and rate; stays at the beginning."""
        if self.position:
            self.position -= 1
        elif self._past:
            self.params, walked = self._past.pop()
            self.settings = Settings(self.settings | walked)
            self.iteration, self.position = self.iteration - 1, LENGTH
            self._compute()
        self._forget_what_comes_later()

    def _forget_what_comes_later(self):
        for name, course in self.courses.items():
            self.courses[name] = [change for change in course if change[0] <= self.done]

    def whole(self):
        """On to the end of this iteration, or of the next one when this one is at its end."""
        self.advance(LENGTH - self.position % LENGTH)

    def _next_iteration(self, before):
        self._past.append((self.params, {name: before[name] for name in self.live.values()}))
        self.params = self.new_params
        self.iteration, self.position = self.iteration + 1, 0
        self._compute()

    # The numbers

    def _compute(self):
        """All numbers of the iteration and its lines, by the formulas of the chapter, for one example."""
        x, y = X[self.settings["example"]], self.target
        z1, a1, z2, a2, self.loss, delta2, delta1, grads = self._iteration(self.settings["example"])
        self.new_params = [p - self.settings["rate"] * g for p, g in zip(self.params, grads, strict=True)]  # step
        self.values = {"x[1]": x[0], "x[2]": x[1], "y": y, "z2": z2, "a2": a2, "L": self.loss, "delta2": delta2}
        for unit in (0, 1):
            for name, array in (("z1", z1), ("a1", a1), ("delta1", delta1)):
                self.values[f"{name}[{unit + 1}]"] = array[unit]
        for prefix, arrays in (("", self.params), ("d", grads), ("new ", self.new_params)):
            W1, b1, W2, b2 = arrays
            self.values |= {f"{prefix}W1[{i + 1},{j + 1}]": W1[i, j] for i in (0, 1) for j in (0, 1)}
            self.values |= {f"{prefix}b1[{j + 1}]": b1[j] for j in (0, 1)}
            self.values |= {f"{prefix}W2[{j + 1}]": W2[j, 0] for j in (0, 1)} | {f"{prefix}b2": b2[0]}
        self.values = {key: float(value) + 0.0 for key, value in self.values.items()}  # + 0.0 turns -0 into 0
        self.stops = [list(map(self._line, results)) for results in RESULTS]

    def _iteration(self, example):
        """The first five of the six steps with an example: z1, a1, z2, a2, the loss, delta2, delta1, the gradients."""
        x, y, W2 = X[example], Y[example, 0], self.params[2]
        z1, a1, z2, a2 = self._forward(self.params, example)  # forward
        loss = (a2 - y) ** 2 / 2  # loss
        delta2 = (a2 - y) * a2 * (1 - a2)  # output error
        delta1 = delta2 * W2[:, 0] * ACTIVATIONS[self.settings["activation"]].slope(a1)  # hidden error
        grads = [np.outer(x, delta1), delta1, a1[:, None] * delta2, np.array([delta2])]  # gradients
        return z1, a1, z2, a2, loss, delta2, delta1, grads

    def _forward(self, params, example):
        """z1 (2,), a1 (2,), and the numbers z2 and a2."""
        W1, b1, W2, b2 = params
        z1 = X[example] @ W1 + b1
        a1 = ACTIVATIONS[self.settings["activation"]].function(z1)
        z2 = float((a1 @ W2 + b2)[0])
        return z1, a1, z2, float(logistic(z2))

    def pulls(self):
        """(losses, gradients) of all examples at the present weights: (4,), and (4, 9) in the order W1, b1, W2, b2."""
        losses, gradients = zip(*(self._iteration(example)[4::3] for example in range(EXAMPLES)), strict=True)
        return np.array(losses), np.array([np.concatenate(grads, axis=None) for grads in gradients])

    @property
    def target(self):
        return float(Y[self.settings["example"], 0])

    def loss_after(self):
        """The loss of this example with the weights after the step."""
        return (self._forward(self.new_params, self.settings["example"])[-1] - self.target) ** 2 / 2

    def _line(self, result):
        """The product that makes the number called `result`."""
        formula, uses = formula_of(result, self.settings["activation"])
        numbers, values = formula, self.values | {"eta": self.settings["rate"]}
        alone = result[0] == "a"  # as the argument of a function, in its brackets
        for key in sorted((*uses, "eta"), key=lambda key: -len(pretty(key))):  # dW1[1,2] before W1[1,2]
            text = shown(values[key])
            numbers = numbers.replace(pretty(key), f"({text})" if values[key] < 0 and not alone else text)
        first = shown(values[uses[0]])
        numbers = numbers.replace(f"({first})", first, 1) if numbers.startswith(f"({first})") else numbers
        left = f"{pretty(result[4:])} ←" if result.startswith("new ") else f"{pretty(result)} ="
        return Line(result, uses, f"{left} {formula}", numbers, self.values[result])

    # What is known

    @property
    def phase(self):
        """The step of the present stop, 0 to 5; None before the first stop."""
        return PHASES[self.position - 1] if self.position else None

    @property
    def lines(self):
        """The lines of the present stop; [] before the first one."""
        return self.stops[self.position - 1] if self.position else []

    @property
    def known(self):
        """The keys of the numbers that are on the table: inputs, weights, and what the stops so far have made."""
        given = [key for key in self.values if key[0] in "xyWb"]
        return {*given, *(line.result for stop in self.stops[: self.position] for line in stop)}

    @property
    def gradients_known(self):
        return self.position >= GRADIENTS_KNOWN

    def disagree(self):
        """How many of the nine parameters are pulled up by one example and down by another."""
        _, gradients = self.pulls()
        return int(((gradients > 0).any(axis=0) & (gradients < 0).any(axis=0)).sum())

    def code(self):
        """The six steps as code."""
        activation = ACTIVATIONS[self.settings["activation"]]
        return (
            f"a1 = {activation.code}; a2 = sigmoid(a1 @ W2 + b2)",
            "L = np.sum((a2 - y) ** 2) / 2",
            "delta2 = (a2 - y) * a2 * (1 - a2)",
            f"delta1 = delta2 @ W2.T * {activation.slope_code}",
            "grads = x.T @ delta1, delta1.sum(0), a1.T @ delta2, delta2.sum(0)",
            "for p, g in zip(params, grads): p -= eta * g",
        )

    # The reader's own number

    def judge(self, text):
        """A sentence about the reader's number for the hidden error of unit 1, and whether it counts.

        It counts when it is right and the number is not on the table yet.
        """
        try:
            guess = float(typed(str(text)).replace(",", "."))
        except ValueError:
            guess = math.nan
        if not math.isfinite(guess):
            return say("Type a number, such as 0.0123, for {name}.", name=pretty("delta1[1]")), False
        v, name = self.values, pretty("delta1[1]")
        if self.position < BEFORE_HIDDEN_ERROR:
            return say("First walk to the output error, because {name} is made from it.", name=name), False
        if self.position > BEFORE_HIDDEN_ERROR:
            return say(
                "{name} is on the table already. Press Reset, or take another example, and stop at the output error.",
                name=name,
            ), False
        if _agrees(guess, v["delta1[1]"]):
            self.found = {*self.goals}
            return say("{guess:g} is right. Press Next and compare.", guess=guess), True
        slope = ACTIVATIONS[self.settings["activation"]].slope
        mistakes = [
            (-v["delta1[1]"], say("The sign is wrong. Follow the sign of each factor.")),
            (v["delta2"], say("That is δ₂, the output error. It still has to pass a weight and a slope.")),
            (v["delta2"] * v["W2[1]"], say("The slope of the activation is missing, which is one of the factors.")),
            (v["delta2"] * slope(v["a1[1]"]), say("The weight is missing. The error comes back through W₂[1].")),
            (v["delta1[2]"], say("That is the hidden error of unit 2.")),
            (v["delta2"] * v["W2[2]"] * slope(v["a1[1]"]), say("The weight belongs to unit 2. Take W₂[1].")),
            (v["delta2"] * v["W2[1]"] * slope(v["a1[2]"]), say("The activation belongs to unit 2. Take a₁[1].")),
            (v["delta2"] * v["W2[1]"] * slope(v["z1[1]"]),
             say("The slope is written in terms of a₁[1], and you put z₁[1] into it.")),
        ]  # fmt: skip
        known = [sentence for wrong, sentence in mistakes if _agrees(guess, wrong)]
        return say(
            "{guess:g} is not {name} yet. {reason}",
            guess=guess,
            name=name,
            reason=known[0] if known else say("There are three factors: δ₂, a weight, and a slope."),
        ), False

    # Words

    def status(self):
        """Where the walk stands, in words and numbers."""
        x, y = X[self.settings["example"]], Y[self.settings["example"], 0]
        if not self.position:
            return say(
                "iteration {iteration}, example x = ({x1:g}, {x2:g}), y = {y:g}: inputs and weights are given, "
                "nothing is computed. Next: forward",
                iteration=self.iteration,
                x1=x[0],
                x2=x[1],
                y=y,
            )
        lines = listed(f"{line.formula} = {shown(line.value)}" for line in self.lines)
        facts = say(
            "iteration {iteration}, stop {stop} of {stops}, {step}: {lines}",
            iteration=self.iteration,
            stop=self.position,
            stops=LENGTH,
            step=say(STEPS[self.phase]),
            lines=lines,
        )
        if self.position < LENGTH:
            return facts
        return say(
            "iteration {iteration} is complete: the loss of this example goes from {before:.4f} to {after:.4f}. The "
            "next iteration begins with the new weights",
            iteration=self.iteration,
            before=self.loss,
            after=self.loss_after(),
        )

    def description(self):
        """The facts of the picture in words, for its alternative text."""
        v, s = self.values, self.settings
        facts = say(
            "Stepper: a 2-2-1 network, {activation} hidden units, example x = ({x1:g}, {x2:g}) with y = {y:g}, "
            "learning rate {rate:g}, seed {seed}.",
            x1=v["x[1]"],
            x2=v["x[2]"],
            y=v["y"],
            **s,
        )
        made = {
            "a2": say("Forward: output a₂ = {value:.4f}.", value=v["a2"]),
            "L": say("Loss: {value:.4f}.", value=v["L"]),
            "delta2": say("Output error: δ₂ = {value:.4f}.", value=v["delta2"]),
            "delta1[2]": say("Hidden error: δ₁[1] = {first:.4f}, δ₁[2] = {second:.4f}.",
                             first=v["delta1[1]"], second=v["delta1[2]"]),
            "db1[2]": say("Gradients: {first:.4f} for W₂[1], {second:.4f} for W₁[1,1].",
                          first=v["dW2[1]"], second=v["dW1[1,1]"]),
            "new b1[2]": say("Step: the loss of this example goes from {before:.4f} to {after:.4f}.",
                             before=self.loss, after=self.loss_after()),
        }  # fmt: skip
        if self.gradients_known:
            made["pulls"] = say(
                "Of the nine parameters, {count} are pulled in opposite directions by the four examples.",
                count=self.disagree(),
            )
        return joined(facts, *(sentence for key, sentence in made.items() if key in {*self.known, "pulls"}))


def _agrees(guess, value):
    """Whether a typed number is the value, to three digits or as far as the picture shows digits."""
    return abs(guess - value) <= max(GUESS_TOLERANCE * abs(value), 5e-5)
