"""What the test says of a class: shares of right answers and gains, with intervals, and each question by itself.

A part of the test counts for a student who has answered all its questions. Gains are paired: they are those of the students
who have taken both parts. Form A comes first for about half of a class and form B for the others, so that one form which is
harder than the other makes a gain to or from the middle too small for some and too large for others. Where both groups are
large enough, each therefore counts as half, and such a difference cancels.
"""

import math
from collections import defaultdict
from itertools import combinations
from statistics import correlation, mean, median, variance

from ...answers.format import is_right, time_of, time_solved
from ...text import joined, say
from ...tools.evaluation import student_t
from ..machinery.display import SURE
from .items import FORMS, PAIRS
from .sittings import KEYS, TIMES, first_form, taken

ENOUGH = 5  # students, for an interval
MANY = 30  # students, for a correlation: with fewer, chance alone makes one of 0.2


def results_of(students):
    """{student: (first form, {time: {name of a pair: (whether it is right, how sure)}})}; students as `read_class` has them.

    Of each student the finished parts alone; who has finished none is left out. So is a part in another form than the
    student's first part leads to, as in two copies of the course that were combined late: its gain may be one of the forms.
    """
    found = {}
    for student, handed in students.items():
        sittings = taken(handed.items)
        parts = {
            time: {
                pair.name: (answered[pair.name][0] == pair.form(form).right, answered[pair.name][1]) for pair in PAIRS
            }
            for time, (form, answered) in sittings.items()
            if len(answered) == len(PAIRS)
        }
        if parts:
            first = first_form({time: sittings[time] for time in parts})
            found[student] = (
                first,
                {time: part for time, part in parts.items() if first_form({time: sittings[time]}) == first},
            )
    return found


def share(answers):
    """The share of right answers of one part."""
    return mean(is_right for is_right, _ in answers.values())


# Numbers with their 95 % intervals: (mean, low, high), the last two "" where there are too few or where all are alike


def interval(values):
    """Of the mean over students."""
    if len(values) < ENOUGH:
        return mean(values) if values else "", "", ""
    return _student(mean(values), variance(values) / len(values), len(values) - 1)


def gain(first, second):
    """Of the mean gain, each of two groups of students counting as half (Welch's interval); of all alike where one is small.

    first, second   the gains of those who began with form A, and with form B
    """
    if min(len(first), len(second)) < ENOUGH:
        return interval([*first, *second])
    parts = [variance(group) / len(group) / 4 for group in (first, second)]
    total = sum(parts)
    freedom = total**2 / sum(v**2 / (len(g) - 1) for v, g in zip(parts, (first, second), strict=True)) if total else 1
    return _student((mean(first) + mean(second)) / 2, total, int(freedom))


def ratio(parts):
    """Of a share of answers that each student has given several of, or none: (counted, of how many) for each student."""
    parts = [(count, of) for count, of in parts if of]
    if not parts:
        return "", "", ""
    of_all = sum(of for _, of in parts)
    middle = sum(count for count, _ in parts) / of_all
    if len(parts) < ENOUGH:
        return middle, "", ""
    n = len(parts)
    spread = sum((count - middle * of) ** 2 for count, of in parts) * n / (n - 1) / of_all**2
    return _student(middle, spread, n - 1)


def _student(middle, spread, freedom):
    """(mean, low, high) of a mean with its variance, by Student's t; no interval of no width, which would claim certainty."""
    if spread < 1e-12:
        return middle, "", ""
    half = student_t(freedom) * math.sqrt(spread)
    return middle, middle - half, middle + half


# Tables, as those of `results.py`

COLUMNS = "what", "began with", "part", "students", "value", "low", "high"


def by_test(students, chapters=()):
    """The class as a whole: how many took each part, how much was right, what was gained, and how sure the wrong were."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in _class_rows(students)]


def _class_rows(students):
    found = results_of(students)
    for time in TIMES:
        for group, first in (("all", FORMS), *((form.upper(), form) for form in FORMS)):
            shares = [share(parts[time]) for form, parts in found.values() if form in first and time in parts]
            yield ["share right", group, time, len(shares), *_bounded(interval(shares))]
    for earlier, later in combinations(TIMES, 2):
        first, second = _gains(found, earlier, later)
        for group, gains, values in (
            ("all", [*first, *second], _gain_of_all(first, second, earlier, later)),
            ("A", first, interval(first)),
            ("B", second, interval(second)),
        ):
            yield ["gain", group, f"{earlier} to {later}", len(gains), *map(_rounded, values)]
    for time in TIMES:
        answers = [[*parts[time].values()] for _, parts in found.values() if time in parts]
        for level, word in SURE.items():
            said = [[is_right for is_right, sure in each if sure == level] for each in answers]
            counts = [(sum(each), len(each)) for each in said]
            row = [f"right where {word}", "all", time, sum(of > 0 for _, of in counts)]
            yield [*row, *_bounded(ratio(counts))]
        wrong = [mean(sure == 3 and not is_right for is_right, sure in each) for each in answers]
        yield ["sure and wrong", "all", time, len(wrong), *_bounded(interval(wrong))]
    for time in TIMES:
        begun = [
            (len(part), _minutes(handed.items, time)) for handed in students.values() if (part := _part(handed, time))
        ]
        minutes = [each for count, each in begun if count == len(PAIRS)]
        yield ["not finished", "all", time, len(begun) - len(minutes), "", "", ""]
        yield ["median minutes", "all", time, len(minutes), round(median(minutes)) if minutes else "", "", ""]
    yield ["after an exercise was right", "all", "before", _late(students, found), "", "", ""]


def _late(students, found):
    """How many finished the first part when an exercise of chapter 1 or a later one was right already: it came too late."""
    return sum(
        any(time < max(_times(students[student].items, "before")) for time in _solved(students[student].items))
        for student, (_, parts) in found.items()
        if "before" in parts
    )


def _solved(items):
    """When the exercises that are right were solved, but for those of the refresher."""
    for key, record in items.items():
        if is_right(record) and not key.startswith("0b/"):
            yield time_solved(record)


def _part(handed, time):
    """What a student has answered at a time, finished or not."""
    return taken(handed.items).get(time, ("", {}))[1]


def _gain_of_all(first, second, earlier, later):
    """With its interval. From the first part to the last each student has the same form, so that no group has to balance."""
    return gain(first, second) if "middle" in (earlier, later) else interval([*first, *second])


def _gains(found, earlier, later):
    """[gains of those who began with form A, with form B] of the students who have taken both parts."""
    return [
        [
            share(parts[later]) - share(parts[earlier])
            for first, parts in found.values()
            if first == form and earlier in parts and later in parts
        ]
        for form in FORMS
    ]


def _minutes(items, time):
    """From the first kept answer of a part to the last."""
    times = _times(items, time)
    return (max(times) - min(times)).total_seconds() / 60


def _times(items, time):
    """When the answers of a part were kept."""
    return [time_of(items[key]) for key, (when, *_) in KEYS.items() if when == time and key in items]


def _rounded(value):
    return value if value == "" else round(value, 3)


def _bounded(values):
    return [value if value == "" else min(max(value, 0), 1) for value in map(_rounded, values)]


def by_item(students, chapters=()):
    """A row for each pair of questions: how many had it right each time, what was hardest in the end first.

    students A, right A, ...   those for whom it was the first time, by the form that they had: are the two equally hard?
    discrimination             the correlation of this question with the rest of the test, the first time: does it ask what
                               they ask? "" where there are fewer than MANY students
    """
    found, rows = results_of(students), []
    for pair in PAIRS:
        by_time, firsts = defaultdict(list), []
        for _, parts in found.values():
            for time, answers in parts.items():
                by_time[time].append(answers[pair.name])
            firsts.append(next((time, parts[time]) for time in TIMES if time in parts))
        forms = {
            form.upper(): [
                answers[pair.name][0]
                for (time, answers), (first, _) in zip(firsts, found.values(), strict=True)
                if (first == form) != (time == "middle")
            ]
            for form in FORMS
        }
        shares = {time: mean(right for right, _ in by_time[time]) if by_time[time] else "" for time in TIMES}
        row = {"item": pair.name, "about": say(pair.about)}
        for time in TIMES:
            row |= {f"students {time}": len(by_time[time]), f"right {time}": _rounded(shares[time])}
        for time in ("before", "after"):
            row[f"sure and wrong {time}"] = sum(sure == 3 and not right for right, sure in by_time[time])
        for form, right in forms.items():
            row |= {f"students {form}": len(right), f"right {form}": _rounded(mean(right) if right else "")}
        row["discrimination"] = _rounded(_discrimination(pair, [answers for _, answers in firsts]))
        last = next((shares[time] for time in reversed(TIMES) if shares[time] != ""), 0)
        rows.append((last, row))
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _discrimination(pair, answers):
    """The correlation over students of one question with the share of the others that is right; "" where there is none."""
    one = [float(each[pair.name][0]) for each in answers]
    rest = [mean(right for name, (right, _) in each.items() if name != pair.name) for each in answers]
    return correlation(one, rest) if len(answers) >= MANY and len({*one}) > 1 < len({*rest}) else ""


def in_short(students, chapters=()):
    """Lines for a terminal: how much was right and what was gained, worded no stronger than the numbers are."""
    found = results_of(students)
    for time, words in TIMES.items():
        shares = [share(parts[time]) for _, parts in found.values() if time in parts]
        if shares:
            part = say("{part}: finished by {students}.", part=say(words), students=len(shares))
            yield joined(part, _right(interval(shares)))
    if late := _late(students, found):
        yield say(
            "{count} of the students took the first part when they already had an exercise right, so it came too "
            "late for them.",
            count=late,
        )
    for earlier, later in combinations(TIMES, 2):
        first, second = _gains(found, earlier, later)
        if first or second:
            names = {"earlier": say(TIMES[earlier]), "later": say(TIMES[later])}
            both = say(
                "From {earlier} to {later}, {students} who took both:", students=len(first) + len(second), **names
            )
            yield joined(both, _gained(_gain_of_all(first, second, earlier, later)))
            if "middle" in (earlier, later) and min(len(first), len(second)) < ENOUGH:
                yield say(
                    "Fewer than {few} of them began with form {form}, so a part of this change may be no gain: one of the two "
                    "forms may be harder.",
                    few=ENOUGH,
                    form="A" if len(first) < len(second) else "B",
                )
    if len({time for _, parts in found.values() for time in parts}) > 1 and all(len(p) < 2 for _, p in found.values()):
        yield say("Nobody has finished two parts, so these are different students, and no gain can be told.")
    if found:
        yield say(
            "The test is not validated, and a class may learn elsewhere, too. Only a comparison with a class that "
            "did not take the course could show how much of these numbers is due to the course."
        )
    else:
        yield say("Nobody has finished a part of the test.")


def _right(values):
    middle, low, high = (value if value == "" else f"{value:.0%}" for value in _bounded(values))
    if low == "":
        return say("On average {middle} right; too few or too much alike for an interval.", middle=middle)
    return say("On average {middle} right, 95 % interval {low} to {high}.", middle=middle, low=low, high=high)


def _gained(values):
    middle, low, high = (value if value == "" else f"{100 * value:+.1f}" for value in values)
    if low == "":
        return say(
            "{middle} percentage points on average; the gains are too few or too much alike for an interval.",
            middle=middle,
        )
    told = say("{middle} percentage points, 95 % interval {low} to {high}.", middle=middle, low=low, high=high)
    chance = (
        say("The interval contains 0, so chance alone may explain this change.") if values[1] <= 0 <= values[2] else ""
    )
    return joined(told, chance)
