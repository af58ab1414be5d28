"""Gradient descent and its relatives on a curve or on contours, one step at a time, in plain Python."""

import math
from dataclasses import replace

import numpy as np

from ... import optimizers
from ...autodiff import Tensor
from ...text import say
from ..panel.checks import check_choice, check_number
from ..panel.surfaces import SURFACES
from .race import (
    ADAPTIVE_RATE,
    FAR,
    LONGEST,
    NEAR_BEST,
    NEAR_LIMIT,
    OPTIMIZERS,
    RATE_LIMITS,
    Racer,
    Settings,
    label,
    point_text,
)
from .rate_scan import CLOSE, RATES, STAY, RateScan


class DescentModel:
    """One race, and the rates that were tried before.

    settings     a `Settings`
    rates        dict optimizer -> its learning rate; `rate` is that of the first racer
    racers       list of `Racer`, one an optimizer
    tried        dict surface -> dict optimizer -> {rate: steps until it converged, or None when it did not}
    scans        dict optimizer -> `RateScan`: its steps by rate, on this surface and from this start, once asked for
    limit_shown  whether the reader may see 2/λmax: asked for, or found
    rested       whether a run has ended at the saddle; left: whether another one has left it since
    fair_race    whether all racers have arrived in one race, each at its best rate
    third        whether momentum has arrived in a third of plain descent's fewest steps, in the valley
    """

    def __init__(self, settings=None, rate=0.02, rates=None):
        self.settings = settings or Settings()
        self.tried, self.scans = {}, {}
        self.rested = self.left = self.fair_race = self.third = False
        self._asked = set()
        self.rates = dict(zip(OPTIMIZERS, (rate, rate, ADAPTIVE_RATE, ADAPTIVE_RATE), strict=True)) | (rates or {})
        for name, value in self.rates.items():
            check_choice("rates", name, OPTIMIZERS)
            self.set_rate(value, name)
        self.reset()

    @property
    def surface(self):
        return SURFACES[self.settings.surface]

    # Settings

    def configure(self, **changes):
        """Change fields of the settings and go back to the start. Raises ValueError when a value cannot work."""
        if "surface" in changes and changes["surface"] != self.settings.surface:
            changes = {"start": None} | changes
        before, self.settings = self.settings, replace(self.settings, **changes)
        if (before.surface, before.start) != (self.settings.surface, self.settings.start):
            self.scans = {}
        if before.beta != self.settings.beta:  # another momentum: what was seen of the old one does not hold
            self.scans.pop("Momentum", None)
            for tried in self.tried.values():
                tried.pop("Momentum", None)
        self.reset()

    @property
    def rate(self):
        return self.rates[self.settings.optimizers[0]]

    def set_rate(self, rate, name=None):
        """A new rate for an optimizer (the first racer), from the next step on. Raises ValueError outside of RATE_LIMITS."""
        check_number("rate", rate, *RATE_LIMITS)
        name = name or self.settings.optimizers[0]
        self.rates[name] = float(rate)
        for racer in getattr(self, "racers", ()):
            if racer.name == name and not racer.outcome:
                racer.optimizer.learning_rate = float(rate)
                racer.one_rate = racer.one_rate and racer.steps == 0

    def reset(self):
        """Back to the start."""
        self.limit = self.surface.limit()
        self.lowest = self.surface.value(self.surface.minima[0]) if self.surface.minima else None
        self.racers = [self._racer(name) for name in self.settings.optimizers]

    def _racer(self, name):
        start, optimizer = np.array(self.settings.start), getattr(optimizers, name)
        racer = Racer(name, optimizer(self.rates[name], **self._options(name)), [Tensor(c) for c in start], [start], [])
        self._look(racer)
        return racer

    def _options(self, name):
        return {"beta": self.settings.beta} if name == "Momentum" else {}

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
        if racer.outcome or racer.steps >= LONGEST:
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
        if (
            racer.steps >= 50 and racer.since is None
        ):  # two points in turn, to all digits that matter, not near a minimum
            back, last = (np.linalg.norm(point - racer.path[-k]) for k in (3, 2))
            if back <= 1e-9 * last and last > 1e-9 * width:
                return "oscillates"
        return ""

    def _has_arrived(self, racer):
        """Whether a racer is at a minimum and stays there: momentum and chance also lead past one.

        How long it stays is no part of its path: that ends with the first of the steps at which it was close.
        """
        if self.distance(racer) > CLOSE * self.distance(racer, 0):
            racer.since = None
            return False
        racer.since = racer.since or racer.steps
        if racer.name == "GradientDescent":
            nearest = self.surface.nearest_minimum(racer.point)
            return self.surface.quadratic or self.rates[racer.name] * self.surface.curvatures(nearest)[-1] < 2
        if racer.steps - racer.since < STAY:
            return False
        for along in (racer.path, racer.losses, racer.gradients):
            del along[racer.since + 1 :]
        return True

    def _note(self, racer):
        """Remember whether a rate converges, when it was the only rate of the run, and what the race has reached."""
        if racer.one_rate and self.surface.minima and self.distance(racer, 0) > 0:
            converged = racer.outcome == "converged"
            tried = self.tried.setdefault(self.settings.surface, {}).setdefault(racer.name, {})
            tried[self.rates[racer.name]] = racer.steps if converged else None
        self.fair_race = self.fair_race or (len(self.racers) > 1 and all(map(self._at_its_best, self.racers)))
        if self.settings.surface == "valley" and racer.name == "Momentum" and "GradientDescent" in self.scans:
            fewest = self.scans["GradientDescent"].fewest
            self.third = self.third or (racer.outcome == "converged" and 3 * racer.steps <= fewest)

    def _at_its_best(self, racer):
        scan = self.scans.get(racer.name)
        return racer.outcome == "converged" and scan is not None and racer.steps <= NEAR_BEST * scan.fewest

    # The best rate of each

    def scan(self):
        """Look for the best rate of every racer, by `advance_scans`. Raises ValueError where no minimum can be reached."""
        if not self.surface.minima:
            raise ValueError(
                say("The surface {surface} has no minimum, so no rate converges.", surface=self.settings.surface)
            )
        for name in self.settings.optimizers:
            if name not in self.scans:
                self.scans[name] = RateScan(self.surface, self.settings.start, name, **self._options(name))

    @property
    def scanning(self):
        return any(not scan.finished for scan in self.scans.values())

    def advance_scans(self, enough=lambda: False):
        """Go on looking; when all is seen, each racer gets its best rate, and goes back to the start."""
        for scan in self.scans.values():
            scan.advance(enough)
        if not self.scanning:
            self.rates |= {name: scan.best for name, scan in self.scans.items() if scan.best is not None}
            self.reset()

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
        tried = self.tried.get(self.settings.surface, {}).get("GradientDescent", {})
        rates = [rate for rate, steps in tried.items() if steps is not None]
        return max((rate for rate in rates if rate < self.limit), default=None)

    @property
    def reached(self):
        return self.best is not None and self.best >= NEAR_LIMIT * self.limit

    @property
    def at_the_lowest(self):
        """Whether every racer has converged, and none in a minimum that is not the lowest."""
        return all(racer.outcome == "converged" and racer.losses[-1] - self.lowest <= 0.1 for racer in self.racers)

    @property
    def failed(self):
        """Whether a racer has diverged, swings for ever, or came to rest elsewhere than in the lowest minimum."""
        return any(
            racer.outcome in ("diverged", "oscillates", "rests")
            or (racer.outcome == "converged" and racer.losses[-1] - self.lowest > 0.1)
            for racer in self.racers
        )

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
            return self._scanned() if self.scanning else "; ".join(map(self._result, self.racers)) + "."
        racer, rate = self.racers[0], f"{self.rate:g}"
        if self.surface.minima and self.distance(racer, 0) == 0:
            return say("The start is the minimum: the gradient is zero there, and no step moves.")
        if racer.outcome == "converged":
            lower = racer.losses[-1] - self.lowest
            if not self.at_the_lowest:
                return say(
                    "Converged after {steps:,} steps, in a local minimum: the lowest one lies {lower:.2f} deeper.",
                    steps=racer.steps,
                    lower=lower,
                )
            if self.surface.quadratic and self.rate >= self.limit:
                return say(
                    "Converged after {steps:,} steps, although the rate is not below 2/λmax: this start lies exactly on "
                    "an axis, and the steepest direction is never felt. Move it a little.",
                    steps=racer.steps,
                )
            return say(
                "Converged after {steps:,} steps: the distance to the minimum is 1/1,000 of that at the start.",
                steps=racer.steps,
            )
        if racer.outcome == "diverged":
            return say(
                "Diverged: at rate {rate} each step overshoots by more than it gains, and after {steps:,} steps the "
                "point is far outside the picture.",
                rate=rate,
                steps=racer.steps,
            )
        if racer.outcome == "oscillates":
            return say(
                "It oscillates for ever: from step {steps:,} on it jumps between the same two points.",
                steps=racer.steps,
            )
        if racer.outcome == "rests":
            return say(
                "It rests at the saddle after {steps:,} steps: the gradient is zero, and this is no minimum.",
                steps=racer.steps,
            )
        if racer.outcome == "leaves":
            return say(
                "It slowed down at the saddle and then left: after {steps:,} steps it is outside the picture, and the "
                "loss falls without end.",
                steps=racer.steps,
            )
        if racer.steps >= LONGEST:
            return say("Not there after {steps:,} steps.", steps=racer.steps)
        return say(
            "Step {steps:,}: L = {loss:.3g} at {point}.",
            steps=racer.steps,
            loss=racer.losses[-1],
            point=point_text(racer.point),
        )

    def _scanned(self):
        """What has been found so far of the best rates."""
        found = [
            say("{name}: best rate {rate:g}, {steps:,} steps", name=label(name), rate=scan.best, steps=int(scan.fewest))
            for name, scan in self.scans.items()
            if scan.best is not None
        ]
        return " ".join([say("Every optimizer tries the same {count} rates.", count=len(RATES)), "; ".join(found)])

    def _result(self, racer):
        """An optimizer of a race, its rate, and what became of it."""
        return say(
            "{name}, rate {rate:g}: {outcome}",
            name=label(racer.name),
            rate=self.rates[racer.name],
            outcome=self._short(racer),
        )

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
        if len(self.racers) > 1:
            return say(
                "Limit of gradient descent 2/λmax = {limit:.4g}, of momentum 2(1 + β)/λmax = {momentum:.4g}.",
                limit=self.limit,
                momentum=(1 + self.settings.beta) * self.limit,
            )
        where = say("limit 2/λmax") if self.surface.quadratic else say("limit 2/λmax at the minimum")
        if len(self.surface.minima) > 1:
            where = say("limit 2/λmax at the flattest minimum")
        where = where[:1].upper() + where[1:]
        return say(
            "{where} = {limit:.4g}; your rate is {share:.1%} of it.",
            where=where,
            limit=self.limit,
            share=self.rate / self.limit,
        )

    def description(self):
        """The facts of the picture in words."""
        surface, start = say(self.settings.surface), point_text(self.settings.start)
        race = len(self.racers) > 1
        if race:
            first = say(
                "Race on the surface {surface}, L = {formula}, from {start}.",
                surface=surface,
                formula=self.surface.formula,
                start=start,
            )
        else:
            first = say(
                "Descent on the surface {surface}, L = {formula}, from {start} at rate {rate:g}.",
                surface=surface,
                formula=self.surface.formula,
                start=start,
                rate=self.rate,
            )
        parts = [first]
        at_start = DescentModel(self.settings, self.rate).angle() if self.surface.dimensions > 1 else None
        if at_start is not None and not race:
            parts.append(
                say(
                    "At the start, minus the gradient and the way to the minimum are {angle:.0f} degrees apart.",
                    angle=at_start,
                )
            )
        results = [self._result(r) if race else f"{label(r.name)}: {self._short(r)}" for r in self.racers]
        parts.append(say("Result: {results}.", results="; ".join(results)))
        if self.scans and not self.scanning:
            parts.append(say("Each has its best of {count} rates.", count=len(RATES)))
        if self.surface.quadratic and self.racers[0].name == "GradientDescent":
            parts.append(say("The limit 2/λmax is {limit:g}.", limit=self.limit))
        return " ".join(parts)
