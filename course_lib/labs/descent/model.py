"""Gradient descent and its relatives on a curve or on contours, one step at a time, in plain Python."""

import math

import numpy as np

from ... import optimizers
from ...autodiff import Tensor
from ...text import N_, say
from ..base.checks import check_choice
from ..base.model import LabModel
from ..base.settings import Choice, Number, Settings, Several
from . import words
from .race import (
    ADAPTIVE_RATE,
    BETA_LIMITS,
    FAR,
    LABELS,
    LONGEST,
    NEAR_BEST,
    NEAR_LIMIT,
    PREVIEW,
    RACERS,
    RATE_LIMITS,
    Racer,
    Start,
    start_on,
)
from .rate_scan import CLOSE, STAY, RateScan
from .surfaces import SURFACES


def _rate(label, default):
    return Number(*RATE_LIMITS, default, says="rate", label=label, logarithmic=True, slider=False)


class DescentModel(LabModel):
    """One race, and the rates that were tried before.

    rates        settings, one an optimizer, called like it; `rate` is that of the first racer
    racers       list of `Racer`, one an optimizer
    tried        dict surface -> dict optimizer -> {rate: steps until it converged, or None when it did not}
    scans        dict optimizer -> `RateScan`: its steps by rate, on this surface and from this start, once asked for
    limit_shown  whether the reader may see 2/λmax: asked for, or found
    found        the surfaces whose limit was found; "rests", whether a run has ended at the saddle, and "leaves", whether
                 another one has left it since; "fair race", whether all racers have arrived in one race, each at its best
                 rate; "a third", whether momentum has arrived in a third of plain descent's fewest steps, in the valley
    """

    declared = {
        "surface": Choice(tuple(SURFACES), "valley", label=N_("Surface"), pauses=True),
        "start": Start(),
        "optimizers": Several(RACERS, RACERS[:1], least=1),
        "beta": Number(*BETA_LIMITS, 0.9, label=N_("β of momentum"), step=0.01, slider=False, pauses=True),
        **{name: _rate(label, 0.02 if name in RACERS[:2] else ADAPTIVE_RATE) for name, label in LABELS.items()},
    }
    live = {name: name for name in RACERS}
    goals = (*SURFACES, "rests", "leaves", "fair race", "a third")

    def __init__(self, surface="valley", start=None, optimizers=RACERS[:1], beta=0.9, rate=0.02, rates=None, **own):
        for name in rates or {}:
            check_choice("rates", name, RACERS)
        self.tried, self.scans, self.racers, self._asked = {}, {}, [], set()
        self._preview, self._preview_of, self.shows_preview = [], None, False
        own = dict.fromkeys(RACERS[:2], rate) | (rates or {}) | own
        super().__init__(surface=surface, start=start, optimizers=optimizers, beta=beta, **own)

    @property
    def surface(self):
        return SURFACES[self.settings["surface"]]

    # Settings

    def checked(self, changes):
        """As every model's; `rate` is that of the first racer, and another surface comes with its own start."""
        if "rate" in changes:
            changes = {self.first if name == "rate" else name: value for name, value in changes.items()}
        if changes.get("surface", self.settings["surface"]) != self.settings["surface"]:
            changes = {"start": None} | changes
        settings = super().checked(changes)
        return Settings(settings | {"start": start_on(settings["surface"], settings["start"])})

    def _configured(self, before):
        if any(before[name] != self.settings[name] for name in ("surface", "start")):
            self.scans = {}
        if before["beta"] != self.settings["beta"]:  # another momentum: what was seen of the old one does not hold
            self.scans.pop("Momentum", None)
            for tried in self.tried.values():
                tried.pop("Momentum", None)
        super()._configured(before)
        for name in RACERS:
            if before[name] != self.settings[name]:
                self._turned(name)

    def _turned(self, name):
        """A rate has changed, from the next step on."""
        for racer in self.racers:
            if racer.name == name and not racer.outcome:
                racer.optimizer.learning_rate = self.settings[name]

    @property
    def first(self):
        """The name of the first racer's optimizer."""
        return self.settings["optimizers"][0]

    @property
    def rate(self):
        return self.settings[self.first]

    def _start(self):
        self.limit = self.surface.limit()
        self.lowest = self.surface.value(self.surface.minima[0]) if self.surface.minima else None
        self.racers = [self._racer(name) for name in self.settings["optimizers"]]

    def _racer(self, name):
        start, optimizer = np.array(self.settings["start"]), getattr(optimizers, name)
        racer = Racer(
            name, optimizer(self.settings[name], **self._options(name)), [Tensor(c) for c in start], [start], []
        )
        self._look(racer)
        return racer

    def _options(self, name):
        return {"beta": self.settings["beta"]} if name == "Momentum" else {}

    # Running

    @property
    def finished(self):
        return all(racer.outcome for racer in self.racers) or self.steps >= LONGEST

    @property
    def steps(self):
        return max(racer.steps for racer in self.racers)

    @property
    def done(self):
        return self.steps

    def _step(self):
        """One step of every racer that still moves."""
        for racer in self.racers:
            if not racer.outcome:
                self._move(racer)

    def _walk(self, racer):
        if racer.rates[-1:] != [racer.rate]:
            racer.rates.append(racer.rate)
        with np.errstate(over="ignore", invalid="ignore"):
            racer.optimizer.step(racer.coordinates)
            racer.path.append(np.array([float(c.value) for c in racer.coordinates]))
            self._look(racer)
        racer.outcome = self._outcome(racer)

    def _move(self, racer):
        self._walk(racer)
        if racer.outcome == "rests" or (racer.outcome == "leaves" and "rests" in self.found):
            self.found = self.found | {racer.outcome}
        if racer.outcome or racer.steps >= LONGEST:
            self._note(racer)

    def preview(self):
        """The first steps of every racer from the start at its present rate, however far the run is: list of `Racer`."""
        names = self.settings["optimizers"]
        seen = [self.settings[name] for name in ("surface", "start", "beta", *names)]
        if seen != self._preview_of:
            self._preview, self._preview_of = [self._racer(name) for name in names], seen
            for racer in self._preview:
                while not racer.outcome and racer.steps < PREVIEW:
                    self._walk(racer)
        return self._preview

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
            return self.surface.quadratic or self.settings[racer.name] * self.surface.curvatures(nearest)[-1] < 2
        if racer.steps - racer.since < STAY:
            return False
        for along in (racer.path, racer.losses, racer.gradients):
            del along[racer.since + 1 :]
        return True

    def _note(self, racer):
        """Remember whether a rate converges, when it was the only rate of the run, and what the race has reached."""
        if racer.one_rate and self.surface.minima and self.distance(racer, 0) > 0:
            converged = racer.outcome == "converged"
            tried = self.tried.setdefault(self.settings["surface"], {}).setdefault(racer.name, {})
            tried[self.settings[racer.name]] = racer.steps if converged else None
        if len(self.racers) > 1 and all(map(self._at_its_best, self.racers)):
            self.found = self.found | {"fair race"}
        if self.settings["surface"] == "valley" and racer.name == "Momentum" and "GradientDescent" in self.scans:
            fewest = self.scans["GradientDescent"].fewest
            if racer.outcome == "converged" and racer.one_rate and 3 * racer.steps <= fewest:
                self.found = self.found | {"a third"}

    def _at_its_best(self, racer):
        scan = self.scans.get(racer.name)
        arrived = racer.outcome == "converged" and racer.one_rate
        return arrived and scan is not None and racer.steps <= NEAR_BEST * scan.fewest

    # The best rate of each

    def scan(self):
        """Look for the best rate of every racer, by `advance_scans`. Raises ValueError where no minimum can be reached."""
        if not self.surface.minima:
            raise ValueError(
                say(
                    "The surface {surface} has no minimum, so no rate converges.", surface=say(self.settings["surface"])
                )
            )
        for name in self.settings["optimizers"]:
            if name not in self.scans:
                self.scans[name] = RateScan(self.surface, self.settings["start"], name, **self._options(name))

    @property
    def scanning(self):
        return any(not scan.finished for scan in self.scans.values())

    def advance_scans(self, enough=lambda: False):
        """Go on looking; when all is seen, each racer gets its best rate, and goes back to the start."""
        for scan in self.scans.values():
            scan.advance(enough)
        if not self.scanning:
            self.configure(**{name: scan.best for name, scan in self.scans.items() if scan.best is not None})
            self.reset()

    @property
    def at_best_rates(self):
        """Whether each racer runs, or ran, at the best rate that was found for it, and at no other."""
        found = {name: scan.best for name, scan in self.scans.items() if scan.finished}
        return all(racer.one_rate and racer.rate == found.get(racer.name) for racer in self.racers)

    def leave_scans(self):
        """Look no further; what has been seen completely stays."""
        self.scans = {name: scan for name, scan in self.scans.items() if scan.finished}

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

    def steepest_never_felt(self, racer):
        """Whether gradient descent has converged at a single rate at which it diverges from every start but one on an axis."""
        plain = racer.name == "GradientDescent" and racer.one_rate and racer.outcome == "converged"
        return plain and self.surface.quadratic and racer.rate >= self.limit

    def excess(self, racer):
        """What the curve on the right shows: L above its lowest value; where L has none, the norm of the gradient."""
        if self.lowest is None:
            return np.linalg.norm(racer.gradients, axis=1)
        return np.array(racer.losses) - self.lowest

    @property
    def best(self):
        """The largest rate up to the limit that converged on this surface; None when none did."""
        tried = self.tried.get(self.settings["surface"], {}).get("GradientDescent", {})
        rates = [rate for rate, steps in tried.items() if steps is not None]
        return max((rate for rate in rates if rate < self.limit), default=None)

    @property
    def limit_found(self):
        """Whether a rate close to the limit has converged on this surface."""
        near = self.best is not None and self.best >= NEAR_LIMIT * self.limit
        return near or self.settings["surface"] in self.found

    def _reached_now(self):
        return [self.settings["surface"]] if self.limit_found else []

    @property
    def good(self):
        """Whether every racer has converged, and none in a minimum that is not the lowest."""
        return all(racer.outcome == "converged" and racer.losses[-1] - self.lowest <= 0.1 for racer in self.racers)

    @property
    def bad(self):
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
        order = names[names.index(self.settings["surface"]) + 1 :] if self.settings["surface"] in names else []
        return (order or names)[0]

    @property
    def limit_shown(self):
        return self.limit is not None and (self.limit_found or self.settings["surface"] in self._asked)

    def show_limit(self):
        """The reader asks for 2/λmax of this surface, if it has a minimum."""
        self._asked.add(self.settings["surface"])

    # Words

    def status(self):
        return words.status(self)

    def description(self):
        return words.description(self)
