"""Redo the experiment behind every claim, and every search for settings, on fresh seeds, and write what came of it.

python -m tests.claims                              all of them, and the tables of claims.md in both languages
python -m tests.claims --first 777                  other seeds: 777, 778, ...; writes no page
python -m tests.claims --only 05_practice           those of one chapter, or with one id; renews their lines of the page
python -m tests.claims --translate                  no experiment: the words of both pages anew, with the numbers there

Exit code 1 when a claim does not hold, or when a side of a comparison has better settings than those it is given.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from course_lib import Diverged

from . import page
from .ledger import FIRST_SEED, Result, all_claims
from .tuning import Found, all_tunings

WORKERS = 2


def run_one(task):
    """(claim's number, seed, effect, seconds): one experiment, in a process of its own."""
    number, seed = task
    began = time.perf_counter()
    effect = all_claims()[number].experiment(seed)
    return number, seed, float(effect), time.perf_counter() - began


def run_all(claims, first, workers=WORKERS):
    """{claim: (Result, seconds)}; the seeds of a claim are first, first + 1, ..."""
    everything = all_claims()
    tasks = [(everything.index(claim), first + i) for claim in claims for i in range(claim.seeds)]
    effects, seconds = {claim: {} for claim in claims}, dict.fromkeys(claims, 0.0)
    with ProcessPoolExecutor(workers) as pool:
        for number, seed, effect, spent in pool.map(run_one, tasks):
            claim = everything[number]
            effects[claim][seed] = effect
            seconds[claim] += spent
            if len(effects[claim]) == claim.seeds:
                print(line(Result(claim, tuple(effects[claim].values())), seconds[claim]), file=sys.stderr, flush=True)
    return {claim: (Result(claim, tuple(effects[claim].values())), seconds[claim]) for claim in claims}


def line(result, seconds):
    """What is printed as soon as a claim is done."""
    verdict, measured = "holds " if result.stands else "FALLS ", page.Measured.of(result)
    share = f"{measured.held} of {measured.seeds}"
    return f"{verdict} {result.claim.chapter:16} {result.claim.id:34} {share:8} {measured.effect:34} {seconds:6.1f} s"


def search_one(task):
    """The score of one combination of settings of one side, with one seed, in a process of its own; inf where it diverges."""
    number, side, combination, seed = task
    side = all_tunings()[number].sides[side]
    try:
        return float(side.score(seed, **side.combinations()[combination]))
    except Diverged:
        return np.inf


def search_all(tunings, first, workers=WORKERS):
    """{tuning: {side: Found}}; the seeds are first, first + 1, ..."""
    everything, found = all_tunings(), {}
    with ProcessPoolExecutor(workers) as pool:
        for tuning in tunings:
            began, number = time.perf_counter(), everything.index(tuning)
            tasks = [(number, *search, first + i) for search in tuning.tasks() for i in range(tuning.seeds)]
            scores = iter(np.reshape(list(pool.map(search_one, tasks)), (-1, tuning.seeds)))
            found[tuning] = {
                name: Found(side, np.array([next(scores) for _ in side.combinations()]))
                for name, side in tuning.sides.items()
            }
            for name, each in found[tuning].items():
                verdict = f"FALLS: {each.fault}" if each.fault else "chosen well"
                spent = time.perf_counter() - began
                print(f"{tuning.id}, {name}: {verdict} ({spent:.0f} s)", file=sys.stderr, flush=True)
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="the first seed")
    parser.add_argument("--only", nargs="*", default=[], help="chapters or ids")
    parser.add_argument("--translate", action="store_true", help="renew the words of both pages alone")
    options = parser.parse_args(arguments)
    if options.translate:
        page.write()
        return 0
    claims, tunings = (
        [each for each in everything if not options.only or {each.id, each.chapter} & set(options.only)]
        for everything in (all_claims(), all_tunings())
    )
    if not claims + tunings:
        parser.error(f"expected a chapter or an id of the ledger, got {' '.join(options.only)}")
    began = time.perf_counter()
    results = [result for result, _ in run_all(claims, options.first).values()]
    found = search_all(tunings, options.first)
    fallen = [result.claim.id for result in results if not result.stands]
    fallen += [tuning.id for tuning, sides in found.items() if any(each.fault for each in sides.values())]
    if options.first == FIRST_SEED:
        page.write(results, found)
    print(
        f"{len(claims)} claims, {len(tunings)} searches; {len(fallen)} do not hold: {', '.join(fallen) or 'none'}; "
        f"{(time.perf_counter() - began) / 60:.1f} minutes"
    )
    return 1 if fallen else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
