"""The format of the answers file in version 1, as it was when version 2 came: what an old course does with a file.

A copy of `course_lib.answers.format` of that time; nothing in it changes any more. What follows is its own text.

    {"format": "backprop-course answers", "version": 1, "items": {
    "5/exercises/repair": {...},
    ...}}

A key is chapter/kind/name, a record depends on the kind (`KINDS`). It is JSON, one record in a line, read by `json` and
checked field by field; nothing in it is ever run. Every record has `when`, the time of its last change in UTC. A file
that is damaged gives back the records that can still be read.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from course_lib.text import say

FORMAT, VERSION = "backprop-course answers", 1
LARGEST = 4_000_000  # bytes of a file; a whole course with the course's own solutions, questions and labs takes 31,025
LONGEST = 40_000  # characters of an answer or of a lab's state
MOST = 10**6 - 1  # of tries, hints and the like
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # from here to LATEST every system can tell the local time
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
OUTCOMES = ("not tried", "wrong", "right")  # in this order: what was right once stays right

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


# For each kind of record the test of each field. `answer` is what the reader wrote, as text, and may be missing; so may
# `slip`, the name of the mistake that the judge saw in it, and `second`, the other option that a reader chose after the reply.
KINDS = {
    "exercises": {"outcome": lambda value: value in OUTCOMES, "tries": _count, "hints": _count, "solution": _flag},
    "predictions": {"choice": lambda v: isinstance(v, str) and re.fullmatch("[a-h]?", v), "replied": _flag},
    "labs": {"state": _text},
    "questions": {"known": _count},
}
OPTIONAL = {
    "exercises": {"answer": _text, "slip": _name},
    "predictions": {"second": lambda v: isinstance(v, str) and re.fullmatch("[a-h]", v)},
}


def kind_of(key):
    return key.split("/")[1]


def to_bytes(items, lines=None):
    """The file's content: sorted, a record in each line, UTF-8.

    lines   a dict that the caller keeps: what it holds of the last time is not made anew
    """
    lines = {} if lines is None else lines
    for key, record in items.items():
        if key not in lines or lines[key][0] is not record:
            lines[key] = record, _line(key, record)
    body = b",\n".join([lines[key][1] for key in sorted(items)])
    return b'{"format": "%s", "version": %d, "items": {\n%s\n}}\n' % (FORMAT.encode(), VERSION, body)


def _line(key, record):
    """One record as UTF-8. Raises ValueError for text that has none, such as half of a pair of surrogates."""
    return f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(record, sort_keys=True, ensure_ascii=False)}".encode()


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


def parse(content):
    """{key: record} of a file's bytes. Raises NewerVersion, or ValueError with the reason, when any of it is damaged."""
    found = salvage(content)
    if found.damage:
        raise ValueError(found.damage)
    return found.items


def salvage(content, known=None):
    """What can be read of a file's bytes, a `Found`. Raises NewerVersion.

    known   {key: record} that were checked before: an equal record is taken as it is there
    """
    known = known or {}
    large = ""
    if len(content) > LARGEST:
        large = say("expected at most {most:,} bytes, got {got:,}", most=LARGEST, got=len(content))
    text = content[:LARGEST].decode("utf-8-sig", errors="surrogateescape")  # what is no UTF-8 fails in its own record
    try:
        data = json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as problem:
        items, bad = _checked_all(_entries(text), known)
        twins = str(problem) if isinstance(problem, _Twins) else ""
        damage = large or twins or say("it is not JSON, or only a part of it")
        return Found(items, damage, max(len(bad), 1), torn=True)
    entries = data.get("items") if isinstance(data, dict) else None
    items, bad = _checked_all(entries.items() if isinstance(entries, dict) else (), known)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return Found(items, large or say("it is not an answers file of this course"), len(bad))
    version = data.get("version")
    if _count(version) and version > VERSION:
        raise NewerVersion(
            say(
                "This answers file has version {got}, and this course reads up to {known}. Update the course; the "
                "file was left as it is, and new answers stay in memory.",
                got=version,
                known=VERSION,
            )
        )
    if not _count(version) or version < 1 or not isinstance(entries, dict):
        return Found(items, large or say("its version or its items are missing"), len(bad))
    return Found(items, large or (bad[0] if bad else ""), len(bad))


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


def _checked_all(entries, known):
    """{key: record} of the good ones, and a sentence for each bad one."""
    items, bad = {}, []
    for key, record in entries:
        try:
            items[key] = known[key] if key in known and known[key] == record else checked(key, record)
        except ValueError as reason:
            bad.append(str(reason))
    return items, bad


def checked(key, record):
    """The record, without fields that its kind does not have. Raises ValueError, with a sentence, when it cannot be kept."""
    if not _KEY.fullmatch(key) or not isinstance(record, dict):
        raise ValueError(say("it holds something unknown: {key}", key=repr(key[:60])))
    needed, optional = KINDS[kind_of(key)] | {"when": _time}, OPTIONAL.get(kind_of(key), {})
    for field, fits in needed.items():
        if field not in record or not _fits(fits, record[field]):
            raise ValueError(say("{key} has no valid {field}", key=key, field=field))
    for field, fits in optional.items():
        if field in record and not _fits(fits, record[field]):
            raise ValueError(say("{key} has no valid {field}", key=key, field=field))
    record = {field: value for field, value in record.items() if field in needed or field in optional}
    try:
        _line(key, record)
    except UnicodeEncodeError:
        raise ValueError(say("{key} holds invalid characters", key=repr(key))) from None
    return record


def _fits(test, value):
    try:
        return bool(test(value))
    except TypeError:
        return False


def time_of(record):
    """When a record was changed last."""
    return datetime.fromisoformat(record["when"]).astimezone(UTC)


def combined(key, old, new, tries=0):
    """One record of two about the same item; `tries` more have been made since `old` in any case."""
    if old is None:
        return new
    early, late = sorted((old, new), key=time_of)
    kind = kind_of(key)
    if kind == "predictions":  # only the first choice counts as a prediction
        first = early if early["choice"] else late
        seconds = [
            record["second"] for record in (early, late) if record.get("second", first["choice"]) != first["choice"]
        ]
        return first | {"replied": old["replied"] or new["replied"]} | ({"second": seconds[0]} if seconds else {})
    if kind != "exercises":
        return late
    best = max(early, late, key=lambda record: OUTCOMES.index(record["outcome"]))
    if best["outcome"] == late["outcome"] and "answer" in late:
        best = late
    record = {
        "outcome": best["outcome"],
        "tries": min(old["tries"] + tries, MOST) if tries else max(old["tries"], new["tries"]),
        "hints": max(old["hints"], new["hints"]),
        "solution": old["solution"] or new["solution"],
        "when": late["when"],
    }
    told = early if "answer" not in best and early["outcome"] == best["outcome"] else best
    return record | {field: told[field] for field in ("answer", "slip") if field in told}
