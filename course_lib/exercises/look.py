"""What in a class's answers files seldom comes about by work, said in words: worth a look, and no verdict.

Each remark has an innocent way to come about: a computer's clock that is wrong, a file that was lent or restored by the
wrong student, answers that were written on paper and then typed in at once. Ask the student.
"""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

from ..answers.format import is_right, time_of, time_solved
from ..text import say

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)  # there was no such course before
APART = timedelta(seconds=3)  # nobody reads an exercise and solves it in less
BURST = (
    4  # exercises that follow so soon on another; with fewer, a reader has run cells together that were written before
)
AT_ONCE = 5  # exercises right in the same second
ALIKE = 5  # records of one chapter in the same seconds as another student's; a vote in class makes one such
FEW = 3  # a file with fewer records than this may equal another by chance
NAMED = 3  # students in a remark, at most
MANY = 20  # students at the same item in the same second: the first stands for all of them, or all pairs would take for ever


def look(students, now=None):
    """{student: [(what was seen, the keys of the records that it is about), ...]}; students as `read_class` returns them."""
    now = now or datetime.now(UTC)
    found = {student: [*_alone(handed.items, now)] for student, handed in students.items()}
    for student, remark, keys in (*_same_files(students), *_same_seconds(students)):
        found[student].append((remark, keys))
    return found


def _alone(items, now):
    """The remarks for which one student's records are enough."""
    right = {key: record for key, record in items.items() if is_right(record)}
    if keys := {key for key, record in right.items() if not record["tries"]}:
        yield say("exercises right without a recorded try: {count}", count=len(keys)), keys
    solved = sorted((time, key) for key, record in right.items() if (time := time_of(record, "solved")))
    keys = {key for (before, _), (time, key) in pairwise(solved) if time - before <= APART}
    if len(keys) >= BURST:
        yield (
            say(
                "exercises right within {seconds} s of the exercise before: {count}",
                seconds=APART.seconds,
                count=len(keys),
            ),
            keys,
        )
    seconds = defaultdict(set)
    for key, record in right.items():
        seconds[time_solved(record)].add(key)
    for keys in seconds.values():  # of one chapter, when it was solved before and is run again, without "solved"
        if len(keys) >= AT_ONCE and len({key.split("/")[0] for key in keys}) > 1:
            yield say("exercises of several chapters right in the same second: {count}", count=len(keys)), keys
    times = {key: [time_of(record, field) for field in ("first", "solved", "when")] for key, record in items.items()}
    if keys := {key for key, each in times.items() if any(time and time > now + timedelta(days=1) for time in each)}:
        yield say("a time after tomorrow: {count}", count=len(keys)), keys
    if keys := {key for key, each in times.items() if any(time and time < BEGIN for time in each)}:
        yield say("a time before 2024: {count}", count=len(keys)), keys
    if keys := {key for key, (first, solved, _) in times.items() if first and solved and solved < first}:
        yield say("solved before it was first seen: {count}", count=len(keys)), keys


def _same_files(students):
    owners, partners = defaultdict(list), defaultdict(set)
    for student, handed in sorted(students.items()):
        for each in handed.prints if len(handed.items) >= FEW else ():
            owners[each].append(student)
    for group in owners.values():
        for student in group if len(group) > 1 else ():
            partners[student].update(group[: NAMED + 2])
    for student, group in partners.items():
        told = say("the same file as {others}", others=_others(group, student))
        yield student, told, set(students[student].items)


def _same_seconds(students):
    at = defaultdict(list)
    for student, handed in sorted(students.items()):
        for key, record in handed.items.items():
            at[key, time_solved(record)].append(student)
    shared = defaultdict(set)
    for (key, _), group in at.items():
        pairs = combinations(group, 2) if len(group) <= MANY else ((group[0], other) for other in group[1:])
        for pair in pairs:
            shared[*pair, key.split("/")[0]].add(key)
    sizes = {student: Counter(key.split("/")[0] for key in handed.items) for student, handed in students.items()}
    partners, keys_of = defaultdict(set), defaultdict(set)
    for (one, other, chapter), keys in shared.items():
        if len(keys) >= ALIKE and 2 * len(keys) >= min(sizes[one][chapter], sizes[other][chapter]):
            if students[one].prints & students[other].prints:
                continue  # said already
            for student, partner in ((one, other), (other, one)):
                partners[student].add(partner)
                keys_of[student] |= keys
    for student, group in partners.items():
        sentence = say(
            "in the same seconds as {others}: {count}", others=_others(group, student), count=len(keys_of[student])
        )
        yield student, sentence, keys_of[student]


def _others(group, student):
    """The other students of a group, or the first of them."""
    others = [other for other in sorted(group) if other != student]
    return ", ".join(others[:NAMED]) + (" ..." if len(others) > NAMED else "")
