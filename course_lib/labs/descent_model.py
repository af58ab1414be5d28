"""Gradient descent and its relatives on a curve or on contours, one step at a time, in plain Python."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from .. import optimizers
from ..autodiff import Tensor
from ..text import say
from .checks import check_choice, check_number
from .surfaces import SURFACES

RATE_LIMITS = (1e-4, 10.0)
LONGEST = 50_000  # steps of a run
CLOSE = 1e-3  # of the distance at the start: there a run counts as converged
FAR = 1e3  # widths of the picture: there it counts as diverged
OPTIMIZERS = ("GradientDescent", "Momentum", "RMSProp", "Adam")
ADAPTIVE = ("RMSProp", "Adam")  # the length of their steps is about the learning rate, whatever the gradient
NEAR_LIMIT = 0.95  # a rate from here to the limit reaches the goal


@dataclass(frozen=True)
class Settings:
    """What a run starts from. Raises ValueError with a sentence when a value cannot work.

    surface        a name of SURFACES                start  numbers, one a parameter; None: the surface's own start
    optimizers     names of OPTIMIZERS that race from the same start
    adaptive_rate  learning rate of RMSProp and Adam, whose steps are about that long; the others share the lab's rate
    """

    surface: str = "valley"
    start: tuple | None = None
    optimizers: tuple = ("GradientDescent",)
    adaptive_rate: float = 0.1

    def __post_init__(self):
        check_choice("surface", self.surface, SURFACES)
        surface = SURFACES[self.surface]
        start = surface.start if self.start is None else np.atleast_1d(self.start)
        if len(start) != surface.dimensions:
            raise ValueError(say("start: expected {expected} numbers on the surface {surface}, got {got}",
                                 expected=surface.dimensions, surface=self.surface, got=len(start)))  # fmt: skip
        start = tuple(map(float, start))
        inside = all(
            low <= value <= high for low, value, high in zip(surface.low, start, surface.high, strict=True)
        )  # NaN counts as outside
        if not inside:
            raise ValueError(say("start: expected a point from {low} to {high}, got {got}",
                                 low=surface.low, high=surface.high, got=start))  # fmt: skip
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "optimizers", tuple(self.optimizers))
        unknown = [name for name in self.optimizers if name not in OPTIMIZERS]
        if unknown or not self.optimizers:
            raise ValueError(say("optimizers: expected one or more of {known}, got {got!r}",
                                 known=", ".join(OPTIMIZERS), got=self.optimizers))  # fmt: skip
        check_number("rate", self.adaptive_rate, *RATE_LIMITS)


@dataclass
class Racer:
    """One optimizer on its way.

    path     list of points (arrays), the start first      losses  L at each of them
    outcome  "" while it moves; "converged", "diverged", "oscillates"; without a minimum "leaves", or "rests" at the saddle
    """

    name: str
    optimizer: object
    coordinates: list
    path: list
    losses: list
    gradients: list = field(default_factory=list)
    outcome: str = ""

    @property
    def steps(self):
        return len(self.path) - 1

    @property
    def point(self):
        return self.path[-1]


class DescentModel:
    """One race, and the rates that were tried before.

    settings     a `Settings`                       rate     the present learning rate
    racers       list of `Racer`, one an optimizer
    tried        dict surface -> {rate: steps until gradient descent converged, or None when it did not}
    limit_shown  whether the reader may see 2/λmax: asked for, or found
    rested       whether a run has ended at the saddle; left: whether another one has left it since
    """

    def __init__(self, settings=None, rate=0.02):
        self.settings = settings or Settings()
        self.tried = {}
        self.rested = self.left = False
        self._asked = set()
        self.set_rate(rate)
        self.reset()

    @property
    def surface(self):
        return SURFACES[self.settings.surface]

    # Settings

    def configure(self, **changes):
        """Change fields of the settings and go back to the start. Raises ValueError when a value cannot work."""
        if "surface" in changes and changes["surface"] != self.settings.surface:
            changes = {"start": None} | changes
        self.settings = replace(self.settings, **changes)
        self.reset()

    def set_rate(self, rate):
        """A new learning rate, from the next step on. Raises ValueError outside of RATE_LIMITS."""
        check_number("rate", rate, *RATE_LIMITS)
        self.rate = float(rate)
        for racer in getattr(self, "racers", ()):
            if racer.name not in ADAPTIVE and not racer.outcome:
                racer.optimizer.learning_rate = self.rate
                self._one_rate = self._one_rate and racer.steps == 0

    def reset(self):
        """Back to the start."""
        self._one_rate = True
        self.limit = self.surface.limit()
        self.lowest = self.surface.value(self.surface.minima[0]) if self.surface.minima else None
        self.racers = [self._racer(name) for name in self.settings.optimizers]

    def _racer(self, name):
        rate = self.settings.adaptive_rate if name in ADAPTIVE else self.rate
        start = np.array(self.settings.start)
        racer = Racer(name, getattr(optimizers, name)(rate), [Tensor(c) for c in start], [start], [])
        self._look(racer)
        return racer

    # Running

    @property
    def finished(self):
        return all(racer.outcome for racer in self.racers) or self.steps >= LONGEST

    @property
    def steps(self):
        return max(racer.steps for racer in self.racers)

    def advance(self, steps=1, enough=lambda: False):
        """Let every racer that still moves take some steps; fewer when all have ended or `enough()` says so."""
        for _ in range(steps):
            if self.finished or enough():
                break
            for racer in self.racers:
                if not racer.outcome:
                    self._step(racer)

    def _step(self, racer):
        with np.errstate(over="ignore", invalid="ignore"):
            racer.optimizer.step(racer.coordinates)
            racer.path.append(np.array([float(c.value) for c in racer.coordinates]))
            self._look(racer)
        racer.outcome = self._outcome(racer)
        self.left = self.left or (self.rested and racer.outcome == "leaves")
        self.rested = self.rested or racer.outcome == "rests"
        if racer.name == "GradientDescent" and (racer.outcome or racer.steps >= LONGEST):
            self._note(racer)

    def _look(self, racer):
        """Loss and gradient where the racer stands."""
        loss = self.surface.loss(*racer.coordinates)
        loss.backward()
        racer.losses.append(float(loss.value))
        racer.gradients.append(np.array([float(c.grad) for c in racer.coordinates]))

    def _outcome(self, racer):
        point, width = racer.point, self.surface.high[0] - self.surface.low[0]
        if not np.all(np.isfinite(point)) or not math.isfinite(racer.losses[-1]):
            return "diverged"
        if not self.surface.minima:
            rests = np.linalg.norm(racer.gradients[-1]) < 1e-9
            return "leaves" if np.any(np.abs(point) > width) else "rests" if rests else ""
        if self._has_arrived(racer):
            return "converged"
        if np.linalg.norm(point) > FAR * width:
            return "diverged"
        if racer.steps >= 50:  # two points in turn, to all digits that matter
            back, last = (np.linalg.norm(point - racer.path[-k]) for k in (3, 2))
            if back <= 1e-9 * last and last > 1e-9 * width:
                return "oscillates"
        return ""

    def _has_arrived(self, racer):
        """Whether a racer is at a minimum and stays there: momentum and chance also lead past one."""
        close = CLOSE * self.distance(racer, 0)
        if self.distance(racer) > close:
            return False
        if racer.name != "GradientDescent":
            return np.linalg.norm(racer.point - racer.path[-2]) <= close
        nearest = self.surface.nearest_minimum(racer.point)
        return self.surface.quadratic or self.rate * self.surface.curvatures(nearest)[-1] < 2

    def _note(self, racer):
        """Remember whether this rate converges, when it was the only rate of the run."""
        if self._one_rate and self.surface.minima and self.distance(racer, 0) > 0:
            converged = racer.outcome == "converged"
            self.tried.setdefault(self.settings.surface, {})[self.rate] = racer.steps if converged else None

    # Facts

    def distance(self, racer, step=-1):
        """How far a racer was from the nearest minimum; infinite when there is none."""
        point = racer.path[step]
        nearest = self.surface.nearest_minimum(point)
        return math.inf if nearest is None else float(np.linalg.norm(point - nearest))

    def angle(self, racer=None):
        """Degrees between minus the gradient and the way to the nearest minimum; None where one of them is missing."""
        racer = racer or self.racers[0]
        nearest = self.surface.nearest_minimum(racer.point)
        if nearest is None or not np.all(np.isfinite(racer.gradients[-1])):
            return None
        downhill, way = -racer.gradients[-1], nearest - racer.point
        lengths = np.linalg.norm(downhill) * np.linalg.norm(way)
        if not 0 < lengths < np.inf:
            return None
        return float(np.degrees(np.arccos(np.clip(downhill @ way / lengths, -1, 1))))

    def excess(self, racer):
        """What the curve on the right shows: L above its lowest value; where L has none, the norm of the gradient."""
        if self.lowest is None:
            return np.linalg.norm(racer.gradients, axis=1)
        return np.array(racer.losses) - self.lowest

    @property
    def best(self):
        """The largest rate up to the limit that converged on this surface; None when none did."""
        rates = [rate for rate, steps in self.tried.get(self.settings.surface, {}).items() if steps is not None]
        return max((rate for rate in rates if rate < self.limit), default=None)

    @property
    def reached(self):
        return self.best is not None and self.best >= NEAR_LIMIT * self.limit

    @property
    def at_the_lowest(self):
        """Whether every racer has converged, and none in a minimum that is not the lowest."""
        return all(racer.outcome == "converged" and racer.losses[-1] - self.lowest <= 0.1 for racer in self.racers)

    @property
    def next_surface(self):
        """The next surface with a limit to find."""
        names = [name for name, surface in SURFACES.items() if surface.minima]
        order = names[names.index(self.settings.surface) + 1 :] if self.settings.surface in names else []
        return (order or names)[0]

    @property
    def limit_shown(self):
        return self.limit is not None and (self.reached or self.settings.surface in self._asked)

    def show_limit(self):
        """The reader asks for 2/λmax of this surface. Raises ValueError where no minimum gives one."""
        if self.limit is None:
            raise ValueError(
                say("The surface {surface} has no minimum, so no rate converges.", surface=self.settings.surface)
            )
        self._asked.add(self.settings.surface)

    # Words

    def status(self):
        """The present state in one or two sentences."""
        return " ".join(part for part in (self._race(), self._direction(), self._limit_text()) if part)

    def _race(self):
        if len(self.racers) > 1:
            return (
                "; ".join(say("{name}: {outcome}", name=label(r.name), outcome=self._short(r)) for r in self.racers)
                + "."
            )
        racer, rate = self.racers[0], f"{self.rate:g}"
        if self.surface.minima and self.distance(racer, 0) == 0:
            return say("The start is the minimum: the gradient is zero there, and no step moves.")
        if racer.outcome == "converged":
            lower = racer.losses[-1] - self.lowest
            if not self.at_the_lowest:
                return say("Converged after {steps:,} steps, in a local minimum: the lowest one lies {lower:.2f} deeper.",
                           steps=racer.steps, lower=lower)  # fmt: skip
            if self.surface.quadratic and self.rate >= self.limit:
                return say("Converged after {steps:,} steps, although the rate is not below 2/λmax: this start lies exactly on "
                           "an axis, and the steepest direction is never felt. Move it a little.",
                           steps=racer.steps)  # fmt: skip
            return say("Converged after {steps:,} steps: the distance to the minimum is 1/1,000 of that at the start.",
                       steps=racer.steps)  # fmt: skip
        if racer.outcome == "diverged":
            return say("Diverged: at rate {rate} each step overshoots by more than it gains, and after {steps:,} steps the "
                       "point is far outside the picture.", rate=rate, steps=racer.steps)  # fmt: skip
        if racer.outcome == "oscillates":
            return say(
                "It oscillates for ever: from step {steps:,} on it jumps between the same two points.",
                steps=racer.steps,
            )
        if racer.outcome == "rests":
            return say("It rests at the saddle after {steps:,} steps: the gradient is zero, and this is no minimum.",
                       steps=racer.steps)  # fmt: skip
        if racer.outcome == "leaves":
            return say("It slowed down at the saddle and then left: after {steps:,} steps it is outside the picture, and the "
                       "loss falls without end.", steps=racer.steps)  # fmt: skip
        if racer.steps >= LONGEST:
            return say("Not there after {steps:,} steps.", steps=racer.steps)
        return say("Step {steps:,}: L = {loss:.3g} at {point}.", steps=racer.steps, loss=racer.losses[-1],
                   point=point_text(racer.point))  # fmt: skip

    def _short(self, racer):
        if not racer.outcome:
            return say("step {steps:,}, L = {loss:.3g}", steps=racer.steps, loss=racer.losses[-1])
        words = {"converged": say("converged after {steps:,} steps", steps=racer.steps),
                 "diverged": say("diverged after {steps:,} steps", steps=racer.steps),
                 "oscillates": say("oscillates for ever"),
                 "rests": say("rests at the saddle after {steps:,} steps", steps=racer.steps),
                 "leaves": say("left the saddle after {steps:,} steps", steps=racer.steps)}  # fmt: skip
        return words[racer.outcome]

    def _direction(self):
        racer = self.racers[0]
        if len(self.racers) > 1 or racer.outcome:
            return ""
        if self.surface.dimensions == 1:
            return say("Slope dL/du = {slope:.3g}.", slope=racer.gradients[-1][0])
        angle = self.angle()
        return (
            ""
            if angle is None
            else say("Minus the gradient and the way to the minimum: {angle:.0f} degrees apart.", angle=angle)
        )

    def _limit_text(self):
        if not self.limit_shown:
            return ""
        where = say("limit 2/λmax") if self.surface.quadratic else say("limit 2/λmax at the minimum")
        if len(self.surface.minima) > 1:
            where = say("limit 2/λmax at the flattest minimum")
        where = where[:1].upper() + where[1:]
        return say("{where} = {limit:.4g}; your rate is {share:.1%} of it.", where=where, limit=self.limit,
                   share=self.rate / self.limit)  # fmt: skip

    def description(self):
        """The facts of the picture in words."""
        racer = self.racers[0]
        parts = [say("Descent on the surface {surface}, L = {formula}, from {start} at rate {rate:g}.",
                     surface=say(self.settings.surface), formula=self.surface.formula,
                     start=point_text(self.settings.start), rate=self.rate)]  # fmt: skip
        at_start = DescentModel(self.settings, self.rate).angle() if self.surface.dimensions > 1 else None
        if at_start is not None:
            parts.append(say("At the start, minus the gradient and the way to the minimum are {angle:.0f} degrees apart.",
                             angle=at_start))  # fmt: skip
        results = "; ".join(say("{name}: {outcome}", name=label(r.name), outcome=self._short(r)) for r in self.racers)
        parts.append(say("Result: {results}.", results=results))
        if self.surface.quadratic and racer.name == "GradientDescent":
            parts.append(say("The limit 2/λmax is {limit:g}.", limit=self.limit))
        return " ".join(parts)


def label(optimizer):
    """The optimizer's name as the course writes it."""
    return (
        say("gradient descent")
        if optimizer == "GradientDescent"
        else say("momentum")
        if optimizer == "Momentum"
        else optimizer
    )


def point_text(point):
    """A point such as u = 5 or (5, 1)."""
    numbers = [f"{c:.3g}" for c in point]
    return f"u = {numbers[0]}" if len(numbers) == 1 else f"({', '.join(numbers)})"
