"""What theory says about the learning rate on a quadratic loss, and what gradient descent does, side by side.

In the direction of an eigenvector with eigenvalue lambda, one step multiplies the error by 1 - eta lambda. So after k
steps |1 - eta lambda|^k of it are left: no more than two numbers, the smallest and the largest eigenvalue, decide how
fast descent can be, and where it diverges.
"""

import math

import numpy as np

from ... import ops
from ...autodiff import Tensor
from ...optimizers import GradientDescent
from ...text import joined, say
from ..base.model import LabModel
from ..base.settings import Number
from ..base.words import steps_text

GOALS = {"25": 25.0, "400": 400.0}  # condition numbers
STEPS = 100
TOLERANCE = 0.02  # of the best rate
LEFT = 1000  # steps are counted until 1 / LEFT of the error is left
FLOOR = 1e-11  # errors below are rounding, and so are those so much smaller than the error in the other direction
ANGLE = math.radians(30)  # the eigenvectors are no axes: nothing in the program knows them
EIGENVECTORS = np.array([[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]])  # columns


class RateTheory(LabModel):
    """Gradient descent on L = 1/2 w^T H w with eigenvalues 1 and `condition`, from (1, 1) in their directions.

    condition   condition number, largest eigenvalue / smallest      rate     the learning rate eta
    errors      (STEPS + 1, 2): what is left in the flat and in the steep direction after each step, as measured
    solved      condition numbers whose best rate the reader has found
    best_shown  whether the best rate may be marked for this condition number
    """

    declared = {"condition": Number(1.0, 1000.0, 25.0), "rate": Number(1e-4, 10.0, 0.02)}
    goals = tuple(GOALS)

    def __init__(self, **settings):
        self.solved, self._asked = set(), set()
        super().__init__(**settings)

    @property
    def condition(self):
        return self.settings["condition"]

    @property
    def rate(self):
        return self.settings["rate"]

    def _start(self):
        self.errors = self._descend()

    def _descend(self):
        hessian = EIGENVECTORS @ np.diag(self.eigenvalues) @ EIGENVECTORS.T
        w = Tensor((EIGENVECTORS @ np.ones(2))[None])  # (1, 2)
        optimizer = GradientDescent(self.rate)
        path = [w.value[0].copy()]
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(STEPS):
                ops.sum((w @ hessian) * w / 2).backward()
                optimizer.step([w])
                path.append(w.value[0].copy())
            return np.abs(np.array(path) @ EIGENVECTORS)

    # Theory

    @property
    def eigenvalues(self):
        """Smallest and largest, lambda_min and lambda_max."""
        return np.array([1.0, self.condition])

    @property
    def limit(self):
        """2/λmax: beyond it the error grows in the steep direction."""
        return 2 / self.condition

    @property
    def best(self):
        """2 / (λmin + λmax): there both directions shrink by the same factor."""
        return 2 / (self.condition + 1)

    def factors(self, rate=None):
        """|1 - eta lambda| for the flat and the steep direction; rate may be an array, (n,) gives (2, n)."""
        rate = self.rate if rate is None else np.asarray(rate)
        return np.abs(1 - np.multiply.outer(self.eigenvalues, rate))

    def predicted(self):
        """(STEPS + 1, 2): |1 - eta lambda|^k."""
        with np.errstate(over="ignore"):
            return self.factors() ** np.arange(STEPS + 1)[:, None]

    def steps_needed(self, rate=None):
        """Steps until both errors are 1 / LEFT of those at the start; infinite when one does not shrink."""
        worst = float(self.factors(rate).max())
        return math.inf if worst >= 1 else 1 if worst == 0 else math.ceil(round(-math.log(LEFT) / math.log(worst), 9))

    # Measurement

    @property
    def measurable(self):
        """(STEPS + 1, 2): whether an error is more than rounding; where the steep direction grows, it swamps the flat one."""
        largest = np.maximum(1, self.errors.max(axis=1, keepdims=True))
        return (self.errors > FLOOR * largest) & (self.errors < 1e100)

    def measured_factors(self):
        """The factor a step in each direction, from the errors up to the first that drowns in rounding: (2,)."""
        factors = []
        for error, measurable in zip(self.errors.T, self.measurable.T, strict=True):
            usable = int(np.argmin(measurable)) or len(error)
            k = max(1, usable - 1)
            factors.append((error[k] / error[0]) ** (1 / k))
        return np.array(factors)

    # The goal

    @property
    def is_best(self):
        return abs(self.rate / self.best - 1) <= TOLERANCE

    def claim(self):
        """The reader says that this rate is the best one: True when it is, and noted; else a `ValueError` with a hint."""
        flat, steep = self.factors()
        if self.is_best:
            self.solved.add(self.condition)
            return True
        if steep >= 1:
            raise ValueError(
                say(
                    "Not this one: the error in the steep direction grows, by the factor {factor:.3g} a step.",
                    factor=steep,
                )
            )
        which = say("flat") if flat > steep else say("steep")
        raise ValueError(
            say(
                "Not yet: the {which} direction holds the descent up, with the factor {worst:.3f} a step, while the other "
                "one has {other:.3f}. When are both equally fast?",
                which=which,
                worst=max(flat, steep),
                other=min(flat, steep),
            )
        )

    @property
    def best_shown(self):
        return self.condition in self.solved | self._asked or self._goal in self.found

    @property
    def _goal(self):
        return f"{self.condition:g}"

    def _reached_now(self):
        return [goal for goal, condition in GOALS.items() if condition in self.solved]

    @property
    def good(self):
        return self.is_best and self.best_shown

    @property
    def bad(self):
        return bool(self.factors().max() >= 1)

    def show_best(self):
        """The reader asks for the best rate at this condition number."""
        self._asked.add(self.condition)

    # Words

    def status(self):
        (flat, steep), measured = self.factors(), self.measured_factors()
        steps = self.steps_needed()
        total = (
            say("It diverges: the rate is above the limit 2/λmax = {limit:.4g}.", limit=self.limit)
            if steep > 1
            else say("It never arrives: the rate is the limit 2/λmax = {limit:.4g}.", limit=self.limit)
            if steps == math.inf
            else say("Both are below 1/{left:,} after {steps}.", left=LEFT, steps=steps_text(steps))
        )
        best = (
            say(
                "Best rate 2/(λmin + λmax) = {best:.4g}: {steps}.",
                best=self.best,
                steps=steps_text(self.steps_needed(self.best)),
            )
            if self.best_shown
            else ""
        )
        facts = say(
            "Factor a step, flat direction: {flat:.3f} predicted, {got_flat:.3f} measured; steep direction: "
            "{steep:.3f} predicted, {got_steep:.3f} measured.",
            flat=flat,
            got_flat=measured[0],
            steep=steep,
            got_steep=measured[1],
        )
        return joined(facts, total, best)

    def description(self):
        """The facts of the picture in words."""
        return say(
            "Error of gradient descent by step in the two eigen-directions of a quadratic with condition number {condition:g}, "
            "rate {rate:g}, measured and predicted. {status} The limit is 2/λmax = {limit:.4g}.",
            condition=self.condition,
            rate=self.rate,
            status=self.status(),
            limit=self.limit,
        )
