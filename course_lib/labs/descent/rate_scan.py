"""How many steps an optimizer needs, by learning rate: all rates at once, on one surface and from one start.

The coordinates are arrays with one number for each rate, and the optimizer is the library's, with one rate for each.
"""

import numpy as np

from ... import ops, optimizers
from ...autodiff import Tensor
from .race import FAR

RATES = np.array([float(f"{rate:.3g}") for rate in np.geomspace(1e-4, 10, 201)])  # for every optimizer, 6 % apart
CLOSE = 1e-3  # of the distance at the start: there a run counts as arrived,
STAY = 100  # when it is no farther away in so many steps more: momentum and chance also lead past a minimum
LONGEST = 10_000  # steps
PATIENCE = 5  # a rate that needs so many times the steps of the best one is not waited for


class RateScan:
    """One optimizer at every rate of RATES.

    steps      (rates,): steps until it arrived for good; infinite where it did not, or has not yet
    finished   whether no rate is waited for any longer
    """

    def __init__(self, surface, start, name, **options):
        self.surface, self.name = surface, name
        self._optimizer = getattr(optimizers, name)(RATES.copy(), **options)
        self._coordinates = [Tensor(np.full(len(RATES), float(c))) for c in start]
        self._close = CLOSE * self._distances()[0]
        self._since = np.full(len(RATES), -1)  # the step from which on it was close
        self.steps = np.full(len(RATES), np.inf)
        self.taken, self.finished = 0, False

    def _distances(self):
        point = np.array([c.value for c in self._coordinates])  # (dimensions, rates)
        return np.min([np.linalg.norm(point - np.array(m)[:, None], axis=0) for m in self.surface.minima], axis=0)

    def advance(self, enough=lambda: False):
        """Go on until it is finished or `enough()` says so."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while not (self.finished or enough()):
                self._step()

    def _step(self):
        ops.sum(self.surface.loss(*self._coordinates)).backward()
        self._optimizer.step(self._coordinates)
        self.taken += 1
        close = self._distances() <= self._close  # what is not finite is not close
        self._since = np.where(close, np.where(self._since < 0, self.taken, self._since), -1)
        arrived = close & (self.taken - self._since >= STAY) & np.isinf(self.steps)
        self.steps[arrived] = self._since[arrived]
        limit = min(LONGEST, PATIENCE * self.steps.min()) + STAY
        self.finished = self.taken >= limit or bool(np.isfinite(self.steps).all())

    @property
    def diverged(self):
        """(rates,): whether a rate has led so far away that it does not come back."""
        width = self.surface.high[0] - self.surface.low[0]
        with np.errstate(over="ignore", invalid="ignore"):
            return ~(self._distances() <= FAR * width)  # what is not finite is far away

    @property
    def fewest(self):
        """The steps at the best rate; infinite when no rate arrived."""
        return float(self.steps.min())

    @property
    def best(self):
        """The rate with the fewest steps; None when no rate arrived."""
        return float(RATES[self.steps.argmin()]) if np.isfinite(self.fewest) else None
