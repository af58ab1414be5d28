"""How the settings of a comparison were found: each side's own, tried with the same care on validation data."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from course_lib.tools.evaluation import mean_interval

from .ledger import modules


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison.

    tried    {setting: its values}: every combination of them is tried; numbers in ascending order
    score    score(seed, **settings) -> loss or error on validation data, lower is better; it may raise Diverged
    chosen   {setting: value}: what chapter and ledger use
    ends     settings whose first or last value may be the best: no value lies beyond it, or the text names the budget
    """

    tried: dict
    score: Callable
    chosen: dict
    ends: tuple = ()

    def __post_init__(self):
        if self.chosen not in self.combinations():
            raise ValueError(f"expected a combination of what was tried, {self.tried}, got {self.chosen}")

    def combinations(self):
        return [dict(zip(self.tried, values, strict=True)) for values in product(*self.tried.values())]


@dataclass(frozen=True, eq=False)
class Tuning:
    """The search behind a comparison of the course.

    id           words joined by hyphens
    chapter      the notebook's name without its ending
    claims       ids of the ledger's entries that rest on it
    what         what is compared, in a few words
    validation   on what the settings were chosen, in words
    sides        {name: Side}, two or more
    seeds        how many fresh seeds, at least 5
    """

    id: str
    chapter: str
    claims: tuple
    what: str
    validation: str
    sides: dict
    seeds: int = 5

    def tasks(self):
        """(side, number of the combination) of each search: to be done once for each seed."""
        return [(name, i) for name, side in self.sides.items() for i in range(len(side.combinations()))]


@dataclass(frozen=True, eq=False)
class Found:
    """What came of the search for one side: scores has a row for each combination and a column for each seed."""

    side: Side
    scores: np.ndarray

    @property
    def best(self):
        """The combination with the lowest mean score."""
        return self.side.combinations()[int(self.scores.mean(axis=1).argmin())]

    def row(self, combination):
        return self.scores[self.side.combinations().index(combination)]

    @property
    def fault(self):
        """Why the chosen settings are not this side's own best, or None."""
        chosen, best = self.row(self.side.chosen), self.row(self.best)
        if not np.isfinite(chosen).all():
            return f"{self.side.chosen} diverges"
        for name, values in self.side.tried.items():
            numbers = len(values) > 1 and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
            if numbers and name not in self.side.ends and self.best[name] in (values[0], values[-1]):
                return f"the best {name} of those tried, {self.best[name]}, is at their end"
        if self.side.chosen != self.best and mean_interval(chosen - best)[0] > 0:
            return f"{self.best} is better than {self.side.chosen}"
        return None


def all_tunings():
    """Every search, in the order of the chapters."""
    return [tuning for module in modules("tuning_") for tuning in module.TUNINGS]
