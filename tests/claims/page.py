"""The two pages about claims: how a result is written into a table, in both languages, and read from it again.

The English words are those of the ledger; the Chinese page keeps its own (`in_chinese`).
"""

import re
from dataclasses import dataclass

import numpy as np

from course_lib.tools.evaluation import mean_interval
from tests.generated import table_in, with_table

from .in_chinese import CHINESE_FALLEN, CHINESE_PAGE, IN_CHINESE, TUNINGS_IN_CHINESE
from .ledger import all_claims
from .tuning import all_tunings

PAGE = CHINESE_PAGE.parents[1] / "en" / "claims.md"
ID = re.compile(r"<small>`([a-z0-9-]+)`</small>")
FALLEN = "**does not hold** "


@dataclass(frozen=True)
class Words:
    """What differs between the two languages."""

    claims: str  # the head of the table of claims
    tunings: str
    fallen: str
    held: str
    colon: str
    paired: str
    within: str
    holds_zero: str


ENGLISH = Words(
    "| claim | chapter | holds in | asked for | mean effect [95 % interval] | not tried, and why that is no matter |\n",
    "| comparison | side | tried | chosen on | chosen | its score [95 % interval] | the best of those tried |\n",
    FALLEN,
    "{held} of {seeds}",
    ": ",
    ", and the interval",
    ", and the interval within {:g} to {:g}",
    ", and 0 in the interval",
)
CHINESE = Words(
    "| 论断 | 章 | 成立 | 要求 | 平均效应 [95% 置信区间] | 未考察什么，为什么不影响论断 |\n",
    "| 比较 | 一方 | 试过的设置 | 选择依据 | 选定的设置 | 得分 [95% 置信区间] | 试过的设置里最好的 |\n",
    CHINESE_FALLEN,
    "{seeds} 次中 {held} 次",
    "：",
    "，且区间不含 0",
    "，且区间在 {:g} 到 {:g} 之内",
    "，且区间含 0",
)


@dataclass(frozen=True)
class Measured:
    """The numbers of one line of the table of claims."""

    held: int
    seeds: int
    effect: str  # "mean [low, high]", or nothing where the effect is only yes or no
    stands: bool

    LINE = re.compile(r"\| (\d+) of (\d+) \| [^|]* \| (?:[^|]*: )?(\S+ \[\S+, \S+\])? ?\| (?:[^|\\]|\\.)*\|$")

    @classmethod
    def of(cls, result):
        low, high = result.interval
        effect = f"{result.mean:.3g} [{low:.3g}, {high:.3g}]" if result.claim.effect else ""
        return cls(result.held, len(result.effects), effect, result.stands)

    @classmethod
    def read(cls, line):
        held, seeds, effect = cls.LINE.search(line.rstrip("\n")).groups()
        return cls(int(held), int(seeds), effect or "", FALLEN not in line)


def claim_row(claim, measured, words=ENGLISH):
    """The claim's line of a table."""
    sentence, what, untried = claim.sentence, claim.effect, claim.untried
    if words is CHINESE:
        sentence, what, untried = IN_CHINESE.get(claim.id, (sentence, what, untried))
    asked = f"{claim.share:.0%}" + (words.paired if claim.paired else "")
    if claim.within is not None:
        asked += words.within.format(*claim.within)
    if claim.holds_zero:
        asked += words.holds_zero
    effect = f"{what}{words.colon}{measured.effect}" if measured.effect else ""
    named = f"{_named(sentence, claim.id)} | {_chapter(claim.chapter)}"
    held = words.held.format(held=measured.held, seeds=measured.seeds)
    return f"| {'' if measured.stands else words.fallen}{named} | {held} | {asked} | {effect} | {_cell(untried)} |\n"


def tuning_rows(tuning, found, words=ENGLISH):
    """A line for each side of a comparison; found: {side: [its score, the best settings], as text}."""
    what, validation, names = tuning.what, tuning.validation, {}
    if words is CHINESE:
        what, validation, names = TUNINGS_IN_CHINESE.get(tuning.id, (what, validation, names))
    for name, side in tuning.sides.items():
        tried = (
            "`" + "; ".join(f"{setting} {', '.join(map(str, values))}" for setting, values in side.tried.items()) + "`"
        )
        fields = [
            f"{_named(what, tuning.id)} ({_chapter(tuning.chapter)})",
            *map(_cell, (names.get(name, name), tried, validation, settings(side.chosen), *found[name])),
        ]
        yield f"| {' | '.join(fields)} |\n"


def measured_of_side(found):
    """[score of the chosen settings, the best settings, with their score], as text."""
    return [_interval(found.row(found.side.chosen)), f"{settings(found.best)}: {found.row(found.best).mean():.3g}"]


def settings(combination):
    return "`" + ", ".join(f"{name} {value}" for name, value in combination.items()) + "`"


def _interval(values):
    if not np.isfinite(values).all():
        return "inf"
    low, high = mean_interval(values)
    return f"{values.mean():.3g} [{low:.3g}, {high:.3g}]"


def _named(sentence, name):
    space = "" if sentence.endswith(("。", "？")) else " "
    return f"{_cell(sentence)}{space}<small>`{name}`</small>"


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def _chapter(name):
    return f"[{name.split('_')[0].removeprefix('0')}]({name}.ipynb)"


def lines_in(page, name):
    """{id: [lines]} of the table marked `name`."""
    found = {}
    for line in table_in(page, name).splitlines(keepends=True):
        for each in ID.findall(line):
            found.setdefault(each, []).append(line)
    return found


def write(results=(), found=()):
    """Renew both pages. results: of claims; found: {tuning: {side: Found}}. All other lines keep their numbers."""
    english = PAGE.read_text(encoding="utf-8")
    claims = {name: Measured.read(line) for name, [line] in lines_in(english, "claims").items()}
    claims |= {result.claim.id: Measured.of(result) for result in results}
    tunings = {
        tuning.id: {side: _last_two(line) for side, line in zip(tuning.sides, lines, strict=True)}
        for tuning in all_tunings()
        if (lines := lines_in(english, "tunings").get(tuning.id))
    }
    tunings |= {
        tuning.id: {side: measured_of_side(each) for side, each in sides.items()}
        for tuning, sides in dict(found).items()
    }
    for path, words in ((PAGE, ENGLISH), (CHINESE_PAGE, CHINESE)):
        page = path.read_text(encoding="utf-8")
        rows = [claim_row(claim, claims[claim.id], words) for claim in all_claims() if claim.id in claims]
        page = with_table(page, "claims", _table(words.claims, rows))
        rows = [r for each in all_tunings() if each.id in tunings for r in tuning_rows(each, tunings[each.id], words)]
        path.write_text(with_table(page, "tunings", _table(words.tunings, rows)), encoding="utf-8")


def _last_two(line):
    return line.rstrip(" |\n").split(" | ")[-2:]


def _table(head, rows):
    return head + "|" + "---|" * (head.count("|") - 1) + "\n" + "".join(rows)
