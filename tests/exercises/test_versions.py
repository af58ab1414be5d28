"""Two versions of the answers file: what the old course wrote is read as it is, and what it reads it leaves alone.

`format_1.py` is the format of version 1, frozen. Hypothesis makes records as a course of either version may have written
them: a slip goes with an answer, a second choice with a choice.
"""

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import format_1
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from course_lib.answers import file as answers_file
from course_lib.answers import format as answers_format
from course_lib.answers import store as answers_store
from course_lib.answers.format import (
    MOST,
    MOST_SLIPS,
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


@given(files(1))
def test_a_file_of_version_1_is_read_as_it_is(items):
    content = format_1.to_bytes(items)
    assert parse(content) == format_1.parse(content) == items


@given(files(1))
def test_a_record_of_version_1_is_written_byte_by_byte_as_before(items):
    before, after = format_1.to_bytes(items), to_bytes(items)
    assert after == before.replace(b'"version": 1', b'"version": 2', 1)


def test_the_old_course_leaves_the_new_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "answers.json"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Store(path).put("1/exercises/neuron", {"outcome": "right", "tries": 1, "hints": 0, "solution": False}, tries=1)
    content = path.read_bytes()
    for module in (answers_store, answers_file):
        for name in vars(module).keys() & vars(answers_format).keys() & vars(format_1).keys():
            if getattr(module, name) is getattr(answers_format, name):
                monkeypatch.setattr(module, name, getattr(format_1, name))
    old = Store(path)
    old.put("1/exercises/neuron", {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}, tries=1)
    assert "version 2, and this course reads up to 1" in old.take_notice()
    assert path.read_bytes() == content and not list(tmp_path.glob("*damaged*"))


@settings(max_examples=20)
@given(files(1))
def test_a_change_writes_all_of_an_old_file_again(items):
    with TemporaryDirectory() as folder:
        path = Path(folder, "answers.json")
        path.write_bytes(format_1.to_bytes(items))
        Store(path).put("9/questions/1", {"known": 1})
        assert parse(path.read_bytes()).items() >= items.items()


# Merged


@settings(max_examples=400)
@given(several(2, 1))
def test_two_records_of_version_1_are_merged_as_before(found):
    key, one, other = found
    assume(time_of(one) != time_of(other))
    assert combined(key, one, other) == format_1.combined(key, one, other)


@settings(max_examples=400)
@given(several(2, 1, 2))
def test_two_copies_merge_in_any_order_and_again_changes_nothing(found):
    key, one, other = found
    merged = combined(key, one, other)
    assert merged == combined(key, other, one)
    assert combined(key, merged, one) == combined(key, merged, other) == combined(key, merged, merged) == merged
    assert combined(key, one, one) == one
    assert parse(to_bytes({key: merged})) == {key: merged}


@settings(max_examples=400)
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
            assert {field: merged.get(field) for field in answers_format.OF_ANSWER} == {
                field: new.get(field) for field in answers_format.OF_ANSWER
            }
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
