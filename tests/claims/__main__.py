"""Redo the experiment behind every claim on fresh seeds, and write what came of it.

python -m tests.claims                              all claims, and the page notebooks/en/claims.md
python -m tests.claims --first 777                  other seeds: 777, 778, ...; prints the table and writes no page
python -m tests.claims --only 05_practice           claims of one chapter, or with one id; renews their lines of the page

Exit code 1 when a claim does not hold.
"""

import argparse
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .ledger import FIRST_SEED, Result, all_claims

PAGE = Path(__file__).resolve().parents[2] / "notebooks" / "en" / "claims.md"
WORKERS = 2
ID = re.compile(r"<small>`([a-z0-9-]+)`</small>")
INTRODUCTION = """\
# What this course claims, and how it stood the test

Each comparative or causal claim of the chapters is an entry here. `make claims` redoes its experiment on seeds that no
chapter uses, and fails when one does not hold: in the share of seeds that it states, and, where two things are compared,
with a 95 % interval of the mean paired difference that leaves out 0, or, where two are called level, that lies within the
limits stated. This page is written by that command, each week anew.

`make claims SEEDS=777` takes the seeds 777, 778, ... instead: choose your own.

| claim | chapter | holds in | asked for | mean effect [95 % interval] |
|---|---|---|---|---|
"""


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
    verdict = "holds " if result.stands else "FALLS "
    return f"{verdict} {result.claim.chapter:16} {result.claim.id:34} {share(result):8} {effect(result):34} {seconds:6.1f} s"


def share(result):
    return f"{result.held} of {len(result.effects)}"


def effect(result):
    """The mean effect with its interval; nothing where the effect is only yes or no."""
    if not result.claim.effect:
        return ""
    low, high = result.interval
    return f"{result.mean:.3g} [{low:.3g}, {high:.3g}]"


def row(result):
    """The claim's line of the page."""
    claim = result.claim
    sentence = " ".join(claim.sentence.split()).replace("|", "\\|")
    link = f"[{claim.chapter.split('_')[0].lstrip('0')}]({claim.chapter}.ipynb)"
    asked = f"{claim.share:.0%}" + (", and the interval" if claim.paired else "")
    if claim.within is not None:
        asked += ", and the interval within {:g} to {:g}".format(*claim.within)
    measured = f"{claim.effect}: {effect(result)}" if claim.effect else ""
    verdict = "" if result.stands else "**does not hold** "
    return f"| {verdict}{sentence} <small>`{claim.id}`</small> | {link} | {share(result)} | {asked} | {measured} |\n"


def page(old, results):
    """The page's text: the lines of these results are new, those of other claims of the ledger stay as they are."""
    lines = {name: line for line in old.splitlines(keepends=True) for name in ID.findall(line)}
    lines |= {result.claim.id: row(result) for result in results}
    return INTRODUCTION + "".join(lines[claim.id] for claim in all_claims() if claim.id in lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="the first seed")
    parser.add_argument("--only", nargs="*", default=[], help="chapters or ids")
    options = parser.parse_args(arguments)
    claims = [claim for claim in all_claims() if not options.only or {claim.id, claim.chapter} & set(options.only)]
    if not claims:
        parser.error(f"expected a chapter or an id of the ledger, got {' '.join(options.only)}")
    began = time.perf_counter()
    results = [result for result, _ in run_all(claims, options.first).values()]
    fallen = [result.claim.id for result in results if not result.stands]
    if options.first == FIRST_SEED:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", results), encoding="utf-8")
    print(
        f"{len(claims)} claims, {len(fallen)} do not hold: {', '.join(fallen) or 'none'}; "
        f"{(time.perf_counter() - began) / 60:.1f} minutes"
    )
    return 1 if fallen else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
