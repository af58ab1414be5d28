"""What a claim is, and when it holds: in enough of the fresh seeds, and, for a comparison, on average at 95 %."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.tools.evaluation import mean_interval, resplit_interval

FIRST_SEED = 10_000  # no chapter uses seeds as large as this
FEWEST_SEEDS, MANY_SEEDS = 10, 20


def positive(effect):
    """Whether a claim holds for one seed, by its effect: True, or a number above 0."""
    return bool(effect > 0)


@dataclass(frozen=True)
class Claim:
    """One claim of the course.

    id           words joined by hyphens; stands in the metadata of the cell too
    chapter      the notebook's name without its ending, such as "05_practice"
    cell         id of the Markdown cell in which the sentence stands
    sentence     the claim, letter by letter as it stands there
    experiment   experiment(seed) -> the effect for this seed: a number (how much larger, how many seeds of a group), or
                 True or False. It depends on the seed alone, and uses it for all that is drawn.
    untried      which rival was not tried, or what was not varied, and why that is no matter for this sentence
    effect       what the number is, in a few words, such as "accuracy of the CNN minus the MLP's"
    share        of the seeds: in how many the claim must hold at least. 1 only where the sentence is certain (a theorem, or
                 all of a finite set); below 0.9 the text has to say so
    seeds        how many fresh seeds: 20 where an experiment is cheap, at least 10; more where `within` is narrow
    holds        holds(effect) -> whether the claim holds for one seed
    paired       whether the claim compares: then 0 must lie outside the 95 % interval of the mean effect as well
    within       (low, high) where the claim says that two are level, or that one is not ahead: then the whole interval of the
                 mean effect must lie between them; None where it does not matter
    holds_zero   whether the claim says that the interval holds 0
    split        (train, test) examples where each seed splits the same examples anew: such results are alike, and the interval
                 is corrected for it; None where a seed draws all that it uses
    """

    id: str
    chapter: str
    cell: str
    sentence: str
    experiment: Callable
    effect: str = ""
    untried: str = ""
    share: float = 0.9
    seeds: int = MANY_SEEDS
    holds: Callable = positive
    paired: bool = False
    within: tuple | None = None
    holds_zero: bool = False
    split: tuple | None = None


@dataclass(frozen=True)
class Result:
    """What came of one claim: an effect for each seed."""

    claim: Claim
    effects: tuple

    @property
    def held(self):
        """In how many of the seeds the claim holds."""
        return sum(self.claim.holds(effect) for effect in self.effects)

    @property
    def mean(self):
        return float(np.mean(self.effects))

    @property
    def interval(self):
        """(low, high): 95 % interval of the mean effect over the seeds."""
        split = self.claim.split
        return resplit_interval(self.effects, *split) if split else mean_interval(self.effects)

    @property
    def stands(self):
        """Whether the course may go on to say so."""
        claim, (low, high) = self.claim, self.interval
        apart = not claim.paired or low > 0 or high < 0
        level = claim.within is None or (claim.within[0] <= low and high <= claim.within[1])
        level = level and (not claim.holds_zero or low < 0 < high)
        return self.held >= claim.share * len(self.effects) and apart and level


def all_claims():
    """Every claim, in the order of the chapters."""
    return [claim for module in modules("chapter") for claim in module.CLAIMS]


def modules(beginning):
    """The modules of this folder whose names begin so, in the order of the chapters."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [importlib.import_module(f"{__package__}.{name}") for name in names if name.startswith(beginning)]
