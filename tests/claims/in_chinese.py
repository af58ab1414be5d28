"""What each claim and each search says in Chinese: the words of the Chinese page, between the numbers that `page` writes.

The page alone has these words. A new line comes with the English ones, and is translated there.

IN_CHINESE           {id: (sentence, effect, untried)}; the sentence stands letter by letter in the Chinese cell
TUNINGS_IN_CHINESE   {id: (what is compared, on what the settings were chosen, {side: its name})}
"""

import re
from pathlib import Path

from tests.generated import table_in

from .tuning import all_tunings

CHINESE_PAGE = Path(__file__).resolve().parents[2] / "notebooks" / "zh" / "claims.md"
CHINESE_FALLEN = "**不成立**："
ROW = re.compile(r"(?P<said>.*?) ?<small>`(?P<id>[a-z0-9-]+)`</small>")


def _rows(name):
    """(id, its words, the other fields) of each line of the table marked `name`."""
    for line in table_in(CHINESE_PAGE.read_text(encoding="utf-8"), name).splitlines()[2:]:
        first, *fields = (field.replace("\\|", "|") for field in line[2:-2].split(" | "))
        said, id_ = ROW.match(first).groups()
        yield id_, said.removeprefix(CHINESE_FALLEN), fields


def _claims():
    for id_, sentence, (*_, effect, untried) in _rows("claims"):
        yield id_, (sentence, effect.rpartition("：")[0], untried)


def _tunings():
    sides, found = {tuning.id: tuning.sides for tuning in all_tunings()}, {}
    for id_, what, (name, _, validation, *_) in _rows("tunings"):
        found.setdefault(id_, (what, validation, []))[2].append(name)
    return {id_: (*words, dict(zip(sides.get(id_, ()), names, strict=False))) for id_, (*words, names) in found.items()}


IN_CHINESE, TUNINGS_IN_CHINESE = dict(_claims()), _tunings()
