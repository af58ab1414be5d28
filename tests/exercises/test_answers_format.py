"""The answers file of both versions: what an old course wrote is read as it is, two copies merge, and damage takes one record.

Hypothesis makes records as a course of either version may have written them: a slip goes with an answer, a second choice
with a choice.
"""

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from course_lib.answers.format import (
    LARGEST,
    LONGEST,
    MOST,
    MOST_SLIPS,
    OF_ANSWER,
    OUTCOMES,
    NewerVersion,
    combined,
    kind_of,
    parse,
    salvage,
    slips_of,
    time_of,
    to_bytes,
)
from course_lib.answers.store import Store

NEW_FIELDS = {"slips", "first", "solved", "form", "variant", "after", "sure"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAME = st.sampled_from(["no-slope", "b", "two words", "0.5", "三"])
COUNT = st.sampled_from([0, 1, 2, 7, MOST])
LETTER = st.sampled_from("abc")


@st.composite
def times(draw):
    """One of four seconds, in one of three zones: many are equal, and some are equal and written differently."""
    zone = timezone(timedelta(hours=draw(st.sampled_from([0, 0, 8, -5]))))
    return datetime(2026, 11, 20, 8, 0, draw(st.integers(0, 3)), tzinfo=UTC).astimezone(zone).isoformat()


def maybe(draw, fields):
    """Of these fields with their strategies some, drawn."""
    return {field: draw(values) for field, values in fields.items() if draw(st.booleans())}


@st.composite
def exercises(draw, version):
    outcome = draw(st.sampled_from(OUTCOMES))
    record = {"outcome": outcome, "tries": draw(COUNT), "hints": draw(COUNT), "solution": draw(st.booleans())}
    record["when"] = draw(times())
    if draw(st.booleans()):
        record["answer"] = draw(TEXT)
        record |= maybe(draw, {"slip": NAME} | ({"form": NAME, "variant": COUNT} if version == 2 else {}))
    if version == 2:
        record |= maybe(draw, {"first": times(), "solved": times()})
        slips = draw(st.dictionaries(NAME | st.just(""), st.sampled_from([1, 2, MOST]), max_size=4))
        if "slip" in record:
            slips.setdefault(record["slip"], 1)
        record |= {"slips": slips} if slips else {}
    return record


@st.composite
def predictions(draw, version):
    record = {"choice": draw(LETTER | st.just("")), "replied": draw(st.booleans()), "when": draw(times())}
    if record["choice"]:
        others = LETTER.filter(lambda letter: letter != record["choice"])
        record |= maybe(draw, {"second": others} | ({"sure": st.integers(1, 3)} if version == 2 else {}))
    if version == 2:
        record |= maybe(draw, {"first": times()})
        record |= maybe(draw, {"after": st.sampled_from(["talk", "reply"])}) if "second" in record else {}
    return record


def records(key, version):
    return {
        "exercises": exercises(version),
        "predictions": predictions(version),
        "labs": st.fixed_dictionaries({"state": TEXT, "when": times()}),
        "questions": st.fixed_dictionaries({"known": COUNT, "when": times()}),
    }[kind_of(key)]


EXERCISE, PREDICTION = "1/exercises/neuron", "1/predictions/double"
KEYS = [EXERCISE, PREDICTION, "5/labs/my lab", "2/questions/1"]


def several(number, *versions, keys=(EXERCISE, EXERCISE, *KEYS, PREDICTION, PREDICTION)):
    """(key, record, record, ...): as many records of one item, each of one of the versions."""

    def of(key):
        return st.tuples(st.just(key), *[st.one_of([records(key, version) for version in versions])] * number)

    return st.sampled_from(keys).flatmap(of)


def files(*versions):
    """The items of a file."""
    return st.lists(several(1, *versions, keys=KEYS), max_size=5).map(dict)


def stripped(record):
    """A record as a course of version 1 writes it again."""
    return {field: value for field, value in record.items() if field not in NEW_FIELDS}


def vote(choice, at, **said):
    return {"choice": choice, "replied": False, "when": f"2026-11-20T08:00:0{at}+00:00"} | said


# Read and written


@given(files(1, 2))
def test_what_is_written_is_read_again(items):
    assert parse(to_bytes(items)) == items


OLD = b"""{"format": "backprop-course answers", "version": 1, "items": {
"1/exercises/neuron": {"answer": "42", "hints": 1, "outcome": "wrong", "slip": "no-slope", "solution": false, "tries": 3, \
"when": "2026-11-20T08:00:00+00:00"},
"1/predictions/double": {"choice": "a", "replied": true, "second": "b", "when": "2026-11-20T16:00:01+08:00"},
"5/labs/my lab": {"state": "training \xe4\xb8\x89", "when": "2026-11-20T08:00:02+00:00"}
}}
"""


ITEMS_OF_OLD = {
    "1/exercises/neuron": {"outcome": "wrong", "tries": 3, "hints": 1, "solution": False, "answer": "42",
                           "slip": "no-slope", "when": "2026-11-20T08:00:00+00:00"},
    "1/predictions/double": {"choice": "a", "replied": True, "second": "b", "when": "2026-11-20T16:00:01+08:00"},
    "5/labs/my lab": {"state": "training 三", "when": "2026-11-20T08:00:02+00:00"},
}  # fmt: skip


def of_version_1(items):
    return to_bytes(items).replace(b'"version": 2', b'"version": 1', 1)


def test_a_file_that_a_course_of_version_1_has_written_is_read():
    assert parse(OLD) == ITEMS_OF_OLD
    assert of_version_1(parse(OLD)) == OLD


@settings(max_examples=20)
@given(files(1))
def test_a_change_writes_all_of_an_old_file_again(items):
    with TemporaryDirectory() as folder:
        path = Path(folder, "answers.json")
        path.write_bytes(of_version_1(items))
        Store(path).put("9/questions/1", {"known": 1})
        assert parse(path.read_bytes()).items() >= items.items()


# Merged


@given(several(2, 1, 2))
def test_of_two_copies_the_better_answer_stays_and_of_equals_the_later(found):
    key, one, other = found
    assume(time_of(one) != time_of(other))
    early, late = sorted((one, other), key=time_of)
    merged = combined(key, one, other)
    if kind_of(key) == "exercises":
        best = max(late, early, key=lambda each: (OUTCOMES.index(each["outcome"]), "answer" in each))
        taken = {field: best.get(field) for field in ("outcome", *OF_ANSWER)} | {"when": late["when"]}
        taken |= {field: max(one[field], other[field]) for field in ("tries", "hints", "solution")}
    elif kind_of(key) == "predictions":
        taken = {field: (early if early["choice"] else late)[field] for field in ("choice", "when")}
        seconds = [each.get("second", taken["choice"]) for each in (early, late)]
        taken["second"] = next((second for second in seconds if second != taken["choice"]), None)
    else:
        taken = late
    assert {field: merged.get(field) for field in taken} == taken


@settings(max_examples=200)
@given(several(2, 1, 2))
def test_two_copies_merge_in_any_order_and_again_changes_nothing(found):
    key, one, other = found
    merged = combined(key, one, other)
    assert merged == combined(key, other, one)
    assert combined(key, merged, one) == combined(key, merged, other) == combined(key, merged, merged) == merged
    assert combined(key, one, one) == one
    assert parse(to_bytes({key: merged})) == {key: merged}


@settings(max_examples=200)
@given(several(2, 1, 2))
@example((PREDICTION, vote("a", 1), vote("b", 2, sure=2)))  # of the other choice
@example((PREDICTION, vote("a", 1, second="b"), vote("a", 2, second="c", after="talk")))
def test_with_a_copy_nothing_goes_down(found):
    key, one, other = found
    merged = combined(key, one, other)
    for each in (one, other):
        for field in ("first", "solved"):
            assert field not in each or moment(merged[field]) <= moment(each[field])
        if kind_of(key) == "exercises":
            assert OUTCOMES.index(merged["outcome"]) >= OUTCOMES.index(each["outcome"])
            assert all(merged[field] >= each[field] for field in ("tries", "hints", "solution"))
            assert time_of(merged) >= time_of(each)
            if {"slips", "first"} & merged.keys():
                assert all(slips_of(merged).get(name, 0) >= count for name, count in slips_of(each).items())
        if kind_of(key) == "predictions":
            assert merged["replied"] >= each["replied"]
            assert ("second" in merged) >= (each.get("second", merged["choice"]) != merged["choice"])
            assert ("sure" in merged) >= ("sure" in each and each["choice"] == merged["choice"])
    if kind_of(key) == "predictions":  # what goes together stays together
        for fields in (("choice", "when"), ("choice", "sure"), ("second", "after")):
            together = [[each.get(field) for field in fields] for each in (one, other)]
            assert not merged.keys() >= {*fields} or [merged[field] for field in fields] in together


def moment(time):
    return datetime.fromisoformat(time)


def test_a_slip_of_version_1_outlives_what_was_right_at_once_elsewhere():
    old = {"outcome": "wrong", "tries": 5, "hints": 1, "solution": False, "when": "2026-11-20T08:00:00+00:00"}
    old |= {"answer": "42", "slip": "no-slope"}
    new = old | {"outcome": "right", "tries": 1, "hints": 0, "first": old["when"], "solved": old["when"]}
    del new["slip"]
    merged = combined(EXERCISE, old, new)
    assert merged == combined(EXERCISE, new, old) and merged["outcome"] == "right"
    assert slips_of(merged) == {"no-slope": 1}
    seen = old | {"first": old["when"]}
    assert combined(EXERCISE, seen, seen) == seen


@given(several(1, 2))
def test_a_copy_whose_new_fields_an_old_course_has_dropped_takes_nothing_away(found):
    key, record = found
    assert combined(key, stripped(record), record) == combined(key, record, stripped(record)) == record


@given(several(2, 1, 2), st.integers(0, 3))
def test_a_change_comes_after_what_was_there_in_the_same_second_too(found, tries):
    key, old, new = found
    new = new | {"when": old["when"]}
    merged = combined(key, old, new, tries=tries)
    if kind_of(key) == "exercises":
        assert merged["tries"] == min(max(old["tries"], 0 if tries else new["tries"]) + tries, MOST)
        before = slips_of(old)
        assert all(merged["slips"][name] >= count for name, count in before.items())
        for name, count in new.get("slips", {}).items():
            assert merged["slips"][name] == min(before.get(name, 0) + count, MOST)
        if "answer" in new and OUTCOMES.index(new["outcome"]) >= OUTCOMES.index(old["outcome"]):
            assert {field: merged.get(field) for field in OF_ANSWER} == {field: new.get(field) for field in OF_ANSWER}
    elif kind_of(key) == "predictions":
        assert merged["choice"] == (old["choice"] or new["choice"])
        if merged["choice"] == new["choice"] and not old["replied"]:  # what goes with a choice may be taken back
            said = {field: new.get(field) for field in ("second", "after", "sure")}
            if said["second"] == new["choice"]:
                said |= {"second": None, "after": None}
            assert {field: merged.get(field) for field in said} == said
        if old["replied"] and old.get("second", old["choice"]) != old["choice"]:
            assert merged["second"] == old["second"]
    else:
        assert merged == new


def test_of_more_slips_than_are_kept_it_is_the_same_which_are_left_out():
    record = {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False, "when": "2026-11-20T08:00:00+00:00"}
    key, names = "1/exercises/a", [f"slip-{number:02}" for number in range(2 * MOST_SLIPS)]
    even, odd, all_of = (
        record | {"slips": dict.fromkeys(each, 1)} for each in (names[::2], names[1::2], names[:MOST_SLIPS])
    )
    assert combined(key, even, odd) == combined(key, odd, even) == all_of
    assert combined(key, all_of, odd) == combined(key, even, all_of) == all_of
    assert parse(to_bytes({key: all_of})) == {key: all_of}


# Damaged

GOOD = {
    "1/exercises/neuron": {"outcome": "wrong", "tries": 3, "hints": 0, "solution": False, "answer": "[1, {}]\n",
                           "slip": "no-slope", "slips": {"": 1, "no-slope": 2}, "first": "2026-11-20T07:59:00+00:00",
                           "when": "2026-11-20T08:00:00+00:00"},
    "1/exercises/valley": {"outcome": "right", "tries": 1, "hints": 2, "solution": True, "answer": 'x = "{"',
                           "solved": "2026-11-20T08:10:00+00:00", "when": "2026-11-20T08:10:00+00:00"},
    "1/predictions/double": {"choice": "a", "replied": True, "second": "b", "after": "talk", "sure": 3,
                             "when": "2026-11-20T08:05:00+00:00"},
    "5/labs/training": {"state": "training data=xor", "when": "2026-11-20T08:20:00+00:00"},
}  # fmt: skip
CONTENT = to_bytes(GOOD)


WHEN = b'"when": "2026-11-20T08:00:00+00:00"'
IN_THE_FIRST_RECORD = {  # what stands there instead of what, and what is said of it
    "a wrong outcome": (b'"wrong"', b'"__import__(1)"', "has no valid outcome"),
    "an outcome of another type": (b'"wrong"', b"[]", "has no valid outcome"),
    "negative tries": (b'"tries": 3', b'"tries": -1', "has no valid tries"),
    "true for a number": (b'"tries": 3', b'"tries": true', "has no valid tries"),
    "a number that is none": (b'"tries": 3', b'"tries": NaN', "has no valid tries"),
    "a number of a million digits": (b'"tries": 3', b'"tries": ' + b"9" * 10**6, "not JSON"),
    "one name twice": (b'"tries": 3', b'"tries": 3, "tries": 2', "one name twice"),
    "a deep nest": (b'"tries": 3', b'"tries": ' + b"[" * 10**6, "not JSON"),
    "an answer that is too long": (b'"answer": "', b'"answer": "' + b"x" * LONGEST, "has no valid answer"),
    "half of a pair of surrogates": (b'"answer": "', b'"answer": "\\ud800', "holds invalid characters"),
    "bytes that are no UTF-8": (b'"answer": "', b'"answer": "\xff', "holds invalid characters"),
    "a slip that nobody made": (b'"no-slope": 2', b'"no-slope": 0', "has no valid slips"),
    "no time": (b'"when"', b'"then"', "has no valid when"),
    "a time without zone": (WHEN, WHEN.replace(b"+00:00", b""), "has no valid when"),
    "a time that is a number": (WHEN, b'"when": 20261120', "has no valid when"),
    "a time before the calendar in UTC": (WHEN, b'"when": "0001-01-01T00:00:00+14:00"', "has no valid when"),
    "a time after the calendar in UTC": (WHEN, b'"when": "9999-12-31T23:59:59-14:00"', "has no valid when"),
    "a time that Windows cannot show": (WHEN, b'"when": "3000-01-01T00:00:00+00:00"', "has no valid when"),
    "an unknown kind": (b"exercises", b"exams", "something unknown"),
    "a key with a line break": (b"neuron", b"neur\\non", "something unknown"),
}


@pytest.mark.parametrize("damage", IN_THE_FIRST_RECORD)
def test_a_damaged_record_is_told_and_the_others_are_read(damage):
    old, new, reason = IN_THE_FIRST_RECORD[damage]
    found = salvage(CONTENT.replace(old, new, 1))
    assert reason in found.damage and found.lost == 1
    assert found.items == {key: record for key, record in GOOD.items() if key != "1/exercises/neuron"}


NO_ANSWERS = {
    "empty": (b"", "it is empty"),
    "a line break": (b"\n", "it is empty"),
    "a picture": (b"\x89PNG" + bytes(range(256)), "not JSON"),
    "UTF-16": ("{}".encode("utf-16"), "it was saved as UTF-16, expected UTF-8"),
    "half of one": (to_bytes({})[:-20], "not JSON, or only a part of it"),
    "deeply nested": (b"[" * 200_000, "not JSON"),
    "another's": (b'{"a": 1}', "not an answers file of this course"),
    "a list": (b"[]", "not an answers file of this course"),
    "no version": (to_bytes({}).replace(b'"version": 2', b'"version": null'), "its version or its items are missing"),
    "version 0": (to_bytes({}).replace(b'"version": 2', b'"version": 0'), "its version or its items are missing"),
}


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_what_is_no_answers_file_is_called_what_it_is(kind):
    content, reason = NO_ANSWERS[kind]
    found = salvage(content)
    assert reason in found.damage and found.items == {}


def test_a_file_that_is_too_large_is_told_its_size():
    found = salvage(CONTENT + b" " * LARGEST)
    assert found.damage == f"expected at most 4,000,000 bytes, got {LARGEST + len(CONTENT):,}" and found.items == GOOD


def test_what_an_editor_on_windows_has_saved_is_read_and_unknown_fields_are_dropped():
    assert parse(b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n")) == GOOD
    assert parse(CONTENT.replace(b'"hints"', b'"more": [1], "hints"')) == GOOD


def test_where_a_piece_is_missing_no_record_takes_the_fields_of_another():
    items = {f"1/exercises/{name}": GOOD["1/exercises/neuron"] for name in "abc"}
    content = to_bytes(items)
    between = content[: content.index(b"solution") + 1] + content[content.index(b"/b") :]  # "s/b" is a field of a, then
    for torn, most in ((content[:-60], 2), (content[30:], 3), (content.replace(b"\n}}", b""), 3), (between, 1)):
        found = salvage(torn)
        assert found.damage and found.torn and len(found.items) == most and found.items.items() <= items.items(), torn


def test_of_a_file_that_is_cut_each_record_that_is_kept_is_its_own():
    for place in range(len(CONTENT)):
        found = salvage(CONTENT[:place])
        assert found.items.items() <= GOOD.items(), place
        assert len(found.items) >= CONTENT[:place].count(b"},\n"), place


def test_of_a_file_with_a_flipped_bit_each_record_in_another_line_is_kept_as_it_was():
    """What a flip makes of a record itself may be another good record."""
    for place, bit in product(range(len(CONTENT)), range(8)):
        content = bytearray(CONTENT)
        content[place] ^= 1 << bit
        try:
            found = salvage(bytes(content))
        except NewerVersion:
            assert CONTENT[place : place + 1] == b"2"
            continue
        hit = ["", *sorted(GOOD), ""][CONTENT[:place].count(b"\n")]
        others = {key: record for key, record in GOOD.items() if key != hit}
        assert others.items() <= found.items.items(), (place, bit)
