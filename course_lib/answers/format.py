"""The format of the answers file: what stands in it, how it is checked, and how two of them are merged.

    {"format": "backprop-course answers", "version": 2, "items": {
    "5/exercises/repair": {...},
    ...}}

A key is chapter/kind/name, a record depends on the kind (`KINDS`). It is JSON, one record in a line, read by `json` and
checked field by field; nothing in it is ever run. Every record has `when`, the time of its last change in UTC. A file
that is damaged gives back the records that can still be read.

Version 2 has more fields, and each of them may be missing: a record of version 1 is one of version 2 as it is.
"""

import codecs
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ..text import say

FORMAT, VERSION = "backprop-course answers", 2
LARGEST = 4_000_000  # bytes of a file; a whole course with the course's own solutions, questions and labs takes 31,025
LONGEST = 40_000  # characters of an answer or of a lab's state
MOST = 10**6 - 1  # of tries, hints and the like
MOST_SLIPS = 40  # names of slips that one exercise counts
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # from here to LATEST every system can tell the local time
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
OUTCOMES = ("not tried", "wrong", "right")  # in this order: what was right once stays right
SEED = "0/labs/seed"  # of the reader's own numbers (`seed.py`): of two copies the older, with which more was solved

_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode  # `json.dumps` would make one for each record
_KEY = re.compile(r"[0-9a-z]{1,8}/(exercises|predictions|labs|questions)/[^/\s](?:[^/\n]{0,58}[^/\s])?")
_ENTRY = re.compile(r'("(?:[^"\\\n]|\\.){1,200}")\s*:\s*(?=\{)')  # a name and the beginning of an object


class NewerVersion(ValueError):
    """A file that a later version of the course has written."""


def _count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _text(value):
    return isinstance(value, str) and len(value) <= LONGEST


def _time(value):
    try:
        return EARLIEST <= datetime.fromisoformat(value) < LATEST
    except (TypeError, ValueError):  # TypeError: no text, or a time without a zone
        return False


def _flag(value):
    return isinstance(value, bool)


def _name(value):
    return isinstance(value, str) and 0 < len(value) <= 60


def _counts(value):
    fits = isinstance(value, dict) and 1 <= len(value) <= MOST_SLIPS
    return fits and all((name == "" or _name(name)) and _count(count) and count for name, count in value.items())


# For each kind of record the test of each field, and in OPTIONAL of those that may be missing:
# - answer          what the reader wrote, as text; slip: the name of the mistake that the judge saw in it;
#   form, variant   of the exercise, when it was answered
# - slips           {name of a mistake: wrong answers that had it}; "" counts those in which no judge knew one
# - first, solved   when a reader first turned to it in a kernel, and when it was first right
# - second          another option that a reader chose after the "talk" or the "reply"; where `after` is missing, the reply
# - sure            of the choice: 1 a guess, 2 fairly sure, 3 sure
KINDS = {
    "exercises": {"outcome": lambda value: value in OUTCOMES, "tries": _count, "hints": _count, "solution": _flag},
    "predictions": {"choice": lambda v: isinstance(v, str) and re.fullmatch("[a-h]?", v), "replied": _flag},
    "labs": {"state": _text},
    "questions": {"known": _count},
}
OF_ANSWER = {"answer": _text, "slip": _name, "form": _name, "variant": _count}
OF_CHOICE = {
    "second": lambda v: isinstance(v, str) and re.fullmatch("[a-h]", v),
    "after": lambda value: value in ("talk", "reply"),
    "sure": lambda value: _count(value) and 1 <= value <= 3,
}
OPTIONAL = {
    "exercises": OF_ANSWER | {"slips": _counts, "first": _time, "solved": _time},
    "predictions": OF_CHOICE | {"first": _time},
}


def kind_of(key):
    return key.split("/")[1]


def to_bytes(items):
    """The file's content: sorted, a record in each line, UTF-8."""
    body = b",\n".join(_line(key, record) for key, record in sorted(items.items()))
    return b'{"format": "%s", "version": %d, "items": {\n%s\n}}\n' % (FORMAT.encode(), VERSION, body)


def _line(key, record):
    """One record as UTF-8. Raises ValueError for text that has none, such as half of a pair of surrogates."""
    return f"{_as_json(key)}: {_as_json(record)}".encode()


@dataclass(frozen=True)
class Found:
    """What was found in a file: its good `items`; and when it is damaged, in a sentence how, and how many were lost.

    lost    entries that are there and cannot be read
    torn    whether it is no JSON at all, so that there may be more of them than can be counted
    """

    items: dict
    damage: str = ""
    lost: int = 0
    torn: bool = False

    @property
    def lost_in_words(self):
        return say("at least {count}", count=self.lost) if self.torn else str(self.lost)


def parse(content):
    """{key: record} of a file's bytes. Raises NewerVersion, or ValueError with the reason, when any of it is damaged."""
    found = salvage(content)
    if found.damage:
        raise ValueError(found.damage)
    return found.items


def salvage(content, size=None):
    """What can be read of a file's bytes, a `Found`. Raises NewerVersion.

    size    of the file, where the content is only its beginning
    """
    size = size or len(content)
    large = ""
    if size > LARGEST:
        large = say("expected at most {most:,} bytes, got {got:,}", most=LARGEST, got=size)
    text = content[:LARGEST].decode("utf-8-sig", errors="surrogateescape")  # what is no UTF-8 fails in its own record
    try:
        data = json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as problem:
        items, bad = _checked_all(_entries(text))
        twins = str(problem) if isinstance(problem, _Twins) else ""
        damage = large or twins or _not_json(content)
        return Found(items, damage, max(len(bad), 1), torn=True)
    entries = data.get("items") if isinstance(data, dict) else None
    items, bad = _checked_all(entries.items() if isinstance(entries, dict) else _entries(text))
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return Found(items, large or say("it is not an answers file of this course"), len(bad))
    version = data.get("version")
    if _count(version) and version > VERSION:
        raise NewerVersion(
            say(
                "This answers file has version {got}, and this course reads up to {known}. Update the course.",
                got=version,
                known=VERSION,
            )
        )
    if not _count(version) or version < 1 or not isinstance(entries, dict):
        return Found(items, large or say("its version or its items are missing"), len(bad))
    return Found(items, large or (bad[0] if bad else ""), len(bad))


def _not_json(content):
    if not content.strip():
        return say("it is empty")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return say("it was saved as UTF-16, expected UTF-8")
    return say("it is not JSON, or only a part of it")


class _Twins(ValueError):
    """One name twice in an object of JSON: which of the two is meant?"""


def _without_twins(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twins(say("it holds one name twice"))
    return found


def _entries(text):
    """Pairs of a key and its record, as far as they can be found in a text that is no JSON; None for a broken record."""
    decoder, place = json.JSONDecoder(object_pairs_hook=_without_twins), 0
    while entry := _ENTRY.search(text, place):
        place = entry.end()
        try:
            key = json.loads(entry[1])
        except ValueError:
            continue
        if not _KEY.fullmatch(key):
            continue
        try:
            record, end = decoder.raw_decode(text, place)
            if "\n" not in text[place:end]:  # else, where a piece was cut out, it has swallowed the records after it
                place = end
        except (ValueError, RecursionError):
            record = None
        yield key, record


def _checked_all(entries):
    """{key: record} of the good ones, and a sentence for each bad one."""
    items, bad = {}, []
    for key, record in entries:
        try:
            items[key] = checked(key, record)
        except ValueError as reason:
            bad.append(str(reason))
    return items, bad


def checked(key, record):
    """The record, without fields that its kind does not have. Raises ValueError, with a sentence, when it cannot be kept."""
    if not _KEY.fullmatch(key) or not isinstance(record, dict):
        raise ValueError(say("it holds something unknown: {key}", key=repr(key[:60])))
    needed, optional = KINDS[kind_of(key)] | {"when": _time}, OPTIONAL.get(kind_of(key), {})
    fields = needed | optional
    for field, fits in fields.items():
        if not (fits(record[field]) if field in record else field in optional):
            raise ValueError(say("{key} has no valid {field}", key=key, field=field))
    record = {field: value for field, value in record.items() if field in fields}
    try:
        _line(key, record)
    except UnicodeEncodeError:
        raise ValueError(say("{key} holds invalid characters", key=repr(key))) from None
    return record


def time_of(record, field="when"):
    """When a record was changed last, or another of its times; None where it has none."""
    return datetime.fromisoformat(record[field]).astimezone(UTC) if field in record else None


def time_solved(record):
    """When an exercise was right; of an older version, when it was changed last."""
    return time_of(record, "solved") or time_of(record)


def is_right(record):
    """Whether an exercise is right; of {}, which stands for one that nobody has begun, False."""
    return record.get("outcome") == OUTCOMES[-1]


def slips_of(record):
    """{name: count} of the slips of an exercise. A file of version 1 knows of the last one alone."""
    return record.get("slips", {record["slip"]: 1} if "slip" in record else {})


def combined(key, old, new, tries=None):
    """One record of two about the same item.

    tries   None: the two are copies, and it is the same which is called old. A number: `new` is what a reader has just made
            of `old`, with so many more tries, and its `slips` are those of these tries
    """
    if old is None or (tries is None and old == new):
        return new
    is_change, kind = tries is not None, kind_of(key)
    if kind == "exercises":
        return _exercise(old, new, tries)
    if kind == "predictions":
        return _prediction(old, new, is_change)
    pick = min if key == SEED and not is_change else max
    return pick(new, old, key=lambda each: _order(each, each, is_change))


def _order(record, told, is_change):
    """Sorts two records by time. Of the same time, the new one is the later, or of copies the one in which more is told."""
    return (time_of(record),) if is_change else (time_of(record), len(told), sorted(told.items()))


def _exercise(old, new, tries):
    """The best answer, the later of two, with all that was needed on the way."""

    def place(each):
        told = {field: each[field] for field in OF_ANSWER if field in each}
        return OUTCOMES.index(each["outcome"]), "answer" in each, *_order(each, told, tries is not None)

    best = max(new, old, key=place)
    record = {
        "outcome": best["outcome"],
        "tries": min(old["tries"] + tries, MOST) if tries else max(old["tries"], new["tries"]),
        "hints": max(old["hints"], new["hints"]),
        "solution": old["solution"] or new["solution"],
        "when": max(old["when"], new["when"], key=_instant),
    }
    record |= {field: best[field] for field in OF_ANSWER if field in best}
    return record | _earliest("first", old, new) | _earliest("solved", old, new) | _slips(old, new, tries)


def _slips(old, new, tries):
    """{"slips": {name: count}}, where any are known: of copies the larger count, with a change the sum."""
    if tries is None and not ({"slips", "first"} & (old.keys() | new.keys())):
        return {}  # two of version 1 stay so
    counts, more = slips_of(old), slips_of(new) if tries is None else new.get("slips", {})
    for name, count in more.items():
        before = counts.get(name, 0)
        counts = counts | {name: max(before, count) if tries is None else min(before + count, MOST)}
    return {"slips": dict(sorted(counts.items())[:MOST_SLIPS])} if counts else {}


def _prediction(old, new, is_change):
    """The first choice, which alone counts as a prediction, and what belongs to it."""

    def first(field, records):
        found = sorted((each for each in records if field in each), key=lambda each: order(each, field))
        return {field: found[0][field]} if found else {}

    def order(each, *fields):
        return _order(each, {field: each[field] for field in fields}, is_change)

    if is_change and not old["replied"]:  # until then a reader may take back what was said beside the choice
        old = {field: value for field, value in old.items() if field not in OF_CHOICE}
    early, late = both = sorted((old, new), key=lambda each: order(each, "choice", "when"))
    counts = early if early["choice"] else late
    record = {"choice": counts["choice"], "replied": old["replied"] or new["replied"], "when": counts["when"]}
    record |= first("sure", [each for each in both if each["choice"] == counts["choice"]])
    record |= first("second", [each for each in both if each.get("second") != counts["choice"]])
    record |= first("after", [each for each in both if each.get("second") == record.get("second", "")])
    return record | _earliest("first", old, new)


def _earliest(field, *records):
    """{field: the earliest time} of the records that have it, {} where none has."""
    times = [record[field] for record in records if field in record]
    return {field: min(times, key=_instant)} if times else {}


def _instant(time):
    return datetime.fromisoformat(time).astimezone(UTC), time
