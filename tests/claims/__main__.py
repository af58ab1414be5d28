"""Redo the experiment behind every claim on fresh seeds, and write what came of it.

python -m tests.claims                              all claims, and the table of claims.md in both languages
python -m tests.claims --first 777                  other seeds: 777, 778, ...; prints the table and writes no page
python -m tests.claims --only 05_practice           claims of one chapter, or with one id; renews their lines of the page
python -m tests.claims --translate                  no experiment: the Chinese table, with the numbers of the English one

Exit code 1 when a claim does not hold.
"""

import argparse
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.generated import table_in, with_table

from .in_chinese import IN_CHINESE
from .ledger import FIRST_SEED, Result, all_claims

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE, CHINESE_PAGE = (NOTEBOOKS / language / "claims.md" for language in ("en", "zh"))
WORKERS = 2
ID = re.compile(r"<small>`([a-z0-9-]+)`</small>")
HEAD = "| claim | chapter | holds in | asked for | mean effect [95 % interval] |\n|---|---|---|---|---|\n"
FALLEN = "**does not hold** "
MEASURED = re.compile(r"\| (?P<held>\d+) of (?P<seeds>\d+) \| [^|]* \| (?:[^|]*: (?P<effect>\S+ \[\S+, \S+\]))? \|$")
CHINESE_HEAD = "| 论断 | 章 | 成立 | 要求 | 平均效应 [95 % 区间] |\n|---|---|---|---|---|\n"
CHINESE_FALLEN = "**不成立**："


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
    """The claim's line of the English table."""
    claim = result.claim
    asked = f"{claim.share:.0%}" + (", and the interval" if claim.paired else "")
    if claim.within is not None:
        asked += ", and the interval within {:g} to {:g}".format(*claim.within)
    measured = f"{claim.effect}: {effect(result)}" if claim.effect else ""
    verdict = "" if result.stands else FALLEN
    return f"| {verdict}{named(claim, claim.sentence)} | {share(result)} | {asked} | {measured} |\n"


def named(claim, sentence):
    """The first two fields of a line: the sentence with the claim's id, and its chapter."""
    sentence = " ".join(sentence.split()).replace("|", "\\|")
    space = "" if sentence.endswith("。") else " "
    return f"{sentence}{space}<small>`{claim.id}`</small> | [{claim.chapter.split('_')[0].lstrip('0')}]({claim.chapter}.ipynb)"


def chinese_row(claim, english):
    """The claim's line of the Chinese table, with the numbers of its English line."""
    sentence, what = IN_CHINESE[claim.id]
    measured = MEASURED.search(english.rstrip("\n"))
    asked = f"{claim.share:.0%}" + ("，且看区间" if claim.paired else "")
    if claim.within is not None:
        asked += "，且区间在 {:g} 到 {:g} 之内".format(*claim.within)
    effect = f"{what}：{measured['effect']}" if measured["effect"] else ""
    verdict = CHINESE_FALLEN if FALLEN in english else ""
    held = f"{measured['seeds']} 次中 {measured['held']} 次"
    return f"| {verdict}{named(claim, sentence)} | {held} | {asked} | {effect} |\n"


def table(old, results):
    """The English table: the lines of these results are new, those of other claims of the ledger stay as they are."""
    lines = rows(old) | {result.claim.id: row(result) for result in results}
    return HEAD + "".join(lines[claim.id] for claim in all_claims() if claim.id in lines)


def chinese_table(english):
    """The Chinese table of what stands in the English one."""
    lines = rows(english)
    return CHINESE_HEAD + "".join(chinese_row(claim, lines[claim.id]) for claim in all_claims() if claim.id in lines)


def rows(table):
    """{id: line} of a table."""
    return {name: line for line in table.splitlines(keepends=True) for name in ID.findall(line)}


def write(results):
    """Renew the tables of both pages."""
    english, chinese = (path.read_text(encoding="utf-8") for path in (PAGE, CHINESE_PAGE))
    found = table(table_in(english, "claims"), results)
    PAGE.write_text(with_table(english, "claims", found), encoding="utf-8")
    CHINESE_PAGE.write_text(with_table(chinese, "claims", chinese_table(found)), encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="the first seed")
    parser.add_argument("--only", nargs="*", default=[], help="chapters or ids")
    parser.add_argument("--translate", action="store_true", help="renew the Chinese table alone")
    options = parser.parse_args(arguments)
    if options.translate:
        write([])
        return 0
    claims = [claim for claim in all_claims() if not options.only or {claim.id, claim.chapter} & set(options.only)]
    if not claims:
        parser.error(f"expected a chapter or an id of the ledger, got {' '.join(options.only)}")
    began = time.perf_counter()
    results = [result for result, _ in run_all(claims, options.first).values()]
    fallen = [result.claim.id for result in results if not result.stands]
    if options.first == FIRST_SEED:
        write(results)
    print(
        f"{len(claims)} claims, {len(fallen)} do not hold: {', '.join(fallen) or 'none'}; "
        f"{(time.perf_counter() - began) / 60:.1f} minutes"
    )
    return 1 if fallen else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
