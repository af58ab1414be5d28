"""The format of the answers file: what stands in it, how it is checked, and how two of them are merged.

    {"format": "backprop-course answers", "version": 1, "items": {"5/exercises/repair": {...}, ...}}

A key is chapter/kind/name, a record depends on the kind (`KINDS`). It is JSON, read by `json` and checked field by field;
nothing in it is ever run. Every record has `when`, the time of its last change in UTC.
"""

import json
import re
from datetime import UTC, datetime

from ..text import say

FORMAT, VERSION = "backprop-course answers", 1
LARGEST = 1_000_000  # bytes of a file; a whole course is about 30,000
LONGEST = 4000  # characters of an answer or of a lab's state
MOST = 10**6 - 1  # of tries, hints and the like
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # from here to LATEST every system can tell the local time
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
OUTCOMES = ("not tried", "wrong", "right")  # in this order: what was right once stays right

_KEY = re.compile(r"[0-9a-z]{1,8}/(exercises|predictions|labs|questions)/[^/\s](?:[^/\n]{0,58}[^/\s])?")


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


# For each kind of record the test of each field. `answer` is what the reader wrote, as text, and may be missing.
KINDS = {
    "exercises": {"outcome": lambda value: value in OUTCOMES, "tries": _count, "hints": _count, "solution": _flag},
    "predictions": {"choice": lambda v: isinstance(v, str) and re.fullmatch("[a-h]?", v), "replied": _flag},
    "labs": {"state": _text},
    "questions": {"known": _count},
}
OPTIONAL = {"exercises": {"answer": _text}}


def kind_of(key):
    return key.split("/")[1]


def to_bytes(items):
    """The file's content: sorted, indented, UTF-8."""
    data = {"format": FORMAT, "version": VERSION, "items": items}
    return (json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def parse(content):
    """{key: record} of a file's bytes. Raises NewerVersion, or ValueError with the reason, when it is not such a file."""
    if len(content) > LARGEST:
        raise ValueError(say("expected at most {most:,} bytes, got {got:,}", most=LARGEST, got=len(content)))
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError(say("it is not JSON, or only a part of it")) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(say("it is not an answers file of this course"))
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
    if not _count(version) or version < 1 or not isinstance(data.get("items"), dict):
        raise ValueError(say("its version or its items are missing"))
    return {key: _checked(key, record) for key, record in data["items"].items()}


def _checked(key, record):
    """The record, without fields that its kind does not have."""
    if not _KEY.fullmatch(key) or not isinstance(record, dict):
        raise ValueError(say("it holds something unknown: {key}", key=repr(key[:60])))
    needed, optional = KINDS[kind_of(key)] | {"when": _time}, OPTIONAL.get(kind_of(key), {})
    for field, fits in needed.items():
        if field not in record or not _fits(fits, record[field]):
            raise ValueError(say("{key} has no valid {field}", key=key, field=field))
    for field, fits in optional.items():
        if field in record and not _fits(fits, record[field]):
            raise ValueError(say("{key} has no valid {field}", key=key, field=field))
    return {field: value for field, value in record.items() if field in needed or field in optional}


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
        return first | {"replied": old["replied"] or new["replied"]}
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
    answer = best.get("answer", early.get("answer") if early["outcome"] == best["outcome"] else None)
    return record | ({"answer": answer} if answer is not None else {})
