"""The answers files of an invented class: 29 students who work as students do, and ten odd things that are handed in."""

from datetime import UTC, datetime, timedelta

from course_lib.answers.format import VERSION, to_bytes

THEN = datetime(2026, 11, 2, 8, tzinfo=UTC)
NEURON, ONE_STEP, VOTE = "1/exercises/neuron", "1/exercises/one-step", "3/predictions/small-gradient"


def at(minutes, start=THEN):
    return (start + timedelta(minutes=minutes)).isoformat()


def exercise(outcome, tries=1, when=0, start=THEN, **more):
    """A record; `first` and `solved` in minutes after the start."""
    record = {"outcome": outcome, "tries": tries, "hints": 0, "solution": False, "when": at(when, start)} | more
    return record | {field: at(record[field], start) for field in ("first", "solved") if field in record}


def right(tries=1, solved=None, start=THEN, **more):
    times = {} if solved is None else {"first": 0, "solved": solved}
    return exercise("right", tries, start=start, **({"when": solved or 0} | times | more))


def vote(choice, start=THEN, **more):
    return {"choice": choice, "replied": True, "when": at(-1, start)} | more


def written(items, version=VERSION):
    return to_bytes(items).replace(b'"version": %d' % VERSION, b'"version": %d' % version)


def student(number):
    """The items of one of 29 students who work as students do."""
    start, items = THEN + timedelta(seconds=101 * number), {}
    slips = {"no-bias": 1} if number <= 12 else {}
    slips |= {"no-sigmoid": 2} if number <= 5 else {}
    slips |= {19: {"=cmd|' /c calc'!A1": 1}, 20: {"": 3}}.get(number, {})
    if number <= 20:  # one, two, three or four tries each five times; one to twenty minutes
        items[NEURON] = right(1 + number % 4, number, start, **({"slips": slips} if slips else {}))
    elif number <= 28:
        items[NEURON] = exercise("wrong", 4 if number <= 25 else 1, 3, start, first=0, slips={"no-sigmoid": 1})
    if number > 25 and NEURON in items:
        del items[NEURON]["slips"]
    if number <= 9:  # all cells were run at the start; two to eighteen minutes after the neuron
        items[ONE_STEP] = right(1, 3 * number, start, hints=int(number <= 3))
    elif number == 10:
        items[ONE_STEP] = right(9, 180, start)
    elif number <= 13:
        helped = {"solution": True} if number == 13 else {"hints": 2}
        items[ONE_STEP] = exercise("wrong", 1, 30, start, first=0, **helped)
    if number <= 28:
        changed = {"second": "b", "after": "talk"} if number <= 6 else {}
        changed = {"second": "c", "after": "talk"} if number in (11, 12) else changed
        changed = {26: {"second": "b", "after": "reply"}, 27: {"second": "b"}}.get(number, changed)
        sure = {"sure": 3} if 9 <= number <= 12 else {}
        items[VOTE] = vote("a" if number <= 10 else "b" if number <= 25 else "c", start, **changed, **sure)
    return items


def make_class(folder):
    """Write the forty files."""
    for number in range(1, 30):
        (folder / f"backprop-answers-Student {number:02}-2026-11-25.json").write_bytes(to_bytes(student(number)))
    other = THEN + timedelta(days=1)
    bad = to_bytes({NEURON: right(2), ONE_STEP: right(7)}).replace(b'"tries": 7', b'"tries": -1')
    (folder / "Damaged.json").write_bytes(bad)
    (folder / "Old.json").write_bytes(written({NEURON: exercise("wrong", 2, slip="no-bias", answer="0")}, 1))
    (folder / "Future.json").write_bytes(written({NEURON: right()}, 9))
    (folder / "Copy.json").write_bytes(to_bytes(student(3)))
    (folder / "Zero.json").write_bytes(to_bytes({NEURON: right(0)}))
    moodle = folder / "Kim Lee_4711_assignsubmission_file_" / "backprop-answers-2026-11-25.json"
    moodle.parent.mkdir()
    moodle.write_bytes(to_bytes({NEURON: right(3, 30, other)}))
    (folder / "Upper.JSON").write_bytes(to_bytes({NEURON: exercise("wrong", 5)}))
    (folder / "empty.json").touch()
    (folder / "backprop-answers-Ada-2026-11-25.json").write_bytes(to_bytes({NEURON: right(1, 50, other)}))
    (folder / "backprop-answers-Ada-2026-11-25 (1).json").write_bytes(to_bytes({NEURON: exercise("wrong")}))
    (folder / "link.json").symlink_to("Damaged.json")
