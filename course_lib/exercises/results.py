"""What a class has done, in the order of what needs the teacher: by exercise, by prediction, by student.

    python -m course_lib.exercises.results --by exercise FOLDER      # writes results-exercise.csv
    python -m course_lib.exercises.results --by prediction FOLDER    # the votes, before and after the talk
    python -m course_lib.exercises.results --by student FOLDER       # who needs help, and with what
    python -m course_lib.exercises.results --by test FOLDER          # the test before and after, or --by item each question

Beside the table it prints who needs help, and the three exercises that need the teacher most. It is the teacher's own table,
made of files with names on them: a class of three is counted as one of forty. The files are read as `export.py` says; the
tables begin with the mark by which spreadsheets know UTF-8.
"""

import argparse
import sys
from bisect import bisect_right
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median

from ..answers.format import is_right, slips_of, time_of
from ..text import joined, say, set_language
from . import gradebook
from .before_after import tables
from .export import all_chapters, read_class, visible, write_table
from .look import APART, look
from .machinery.slips import sentences_of

TRIES = 4  # from so many on without being right, somebody needs help
BREAK = timedelta(minutes=60)  # what took longer was not one piece of work
SLIPS = 3  # of an exercise, that the table names
NAMES, WORST = 5, 3  # students and exercises that are printed


# One record


def is_vote(record):
    """Whether the second choice of a prediction is a vote after the talk, and no second thought after the reply."""
    return "second" in record and record.get("after") == "talk"


def needs_help(record, exercise):
    """Whether an exercise is not right after `TRIES` tries, all hints, or its solution."""
    stuck = record.get("tries", 0) >= TRIES or record.get("hints", 0) >= len(exercise.hints) or record.get("solution")
    return bool(record) and not is_right(record) and bool(stuck)


def minutes_of(items):
    """{key of an exercise: minutes from the student's step before until it was right}, where they can be told.

    A step is the first, the solving or the last time of anything else; what comes within seconds is the same step, as all
    cells do in *Run All*. Where there is none since the last break, it is the time when the exercise was first seen, which
    else is not asked for: it may be that of a first wrong answer. An exercise of which nobody knows when it was first seen
    or solved has no minutes, nor has one with a break in it.
    """
    steps = sorted(
        (time, key)
        for key, record in items.items()
        for field in ("first", "solved", "when")
        if (time := time_of(record, field))
    )
    times, found = [time for time, _ in steps], {}
    for key, record in items.items():
        first, solved = time_of(record, "first"), time_of(record, "solved")
        if not is_right(record) or first is None or solved is None or first > solved:
            continue
        place = bisect_right(times, solved - APART)
        while place and steps[place - 1][1] == key:
            place -= 1
        before = [*times[place - 1 : place], *([first] if solved - first >= APART else [])]
        if since := [solved - time for time in before if solved - time <= BREAK]:
            found[key] = since[0].total_seconds() / 60
    return found


# Tables: rows as dicts, {heading of a column: value}, what needs the teacher most first


def by_exercise(students, chapters):
    """A row for each exercise: how many have it, how long it took, and which slips they made."""
    minutes = {student: minutes_of(handed.items) for student, handed in students.items()}
    rows = []
    for chapter in chapters:
        for key, exercise in chapter.keyed("exercises"):
            records = [handed.items[key] for handed in students.values() if key in handed.items]
            right = [record for record in records if is_right(record)]
            row = {"chapter": chapter.number, "exercise": exercise.name, "students": len(students), "right": len(right)}
            row |= {"trying": len(records) - len(right), "not begun": len(students) - len(records)}
            row["need help"] = sum(needs_help(record, exercise) for record in records)
            row["median tries"] = _median([record["tries"] for record in right])
            row["median minutes"] = _median([each[key] for each in minutes.values() if key in each])
            row["used hints"] = sum(record["hints"] > 0 for record in records)
            row["saw solution"] = sum(record["solution"] for record in records)
            slips = enumerate(_commonest(records, exercise), 1)
            rows.append(row | {f"slip {place}": slip for place, slip in slips})
    return sorted(rows, key=lambda row: (-row["need help"], -row["trying"]))


def _median(numbers):
    """Their median, with one digit where it needs one, or "" of none."""
    middle = round(median(numbers), 1) if numbers else ""
    return int(middle) if numbers and middle == int(middle) else middle


def _commonest(records, exercise):
    """The commonest slips in words, each with the number of students who made it."""
    known = sentences_of(exercise.judge)
    made = Counter(sentence for record in records for sentence in {known.get(slip) for slip in slips_of(record)})
    others = made.pop(None, 0)  # in a way that the judge does not know
    named = [*made.most_common(SLIPS), *([(say("another way"), others)] if others else [])][:SLIPS]
    return [f"{count} x {sentence}" for sentence, count in named] + [""] * (SLIPS - len(named))


def by_prediction(students, chapters):
    """A row for each prediction: the first vote, the vote after the talk, and what changed.

    Who chose another letter in the talk has changed; all others have kept theirs. Where nobody has changed, there was no
    second vote that anybody could tell of, and its columns are empty.
    """
    letters = "abcdefgh"[
        : max((len(each.options) for chapter in chapters for each in chapter.predictions.values()), default=0)
    ]
    rows = []
    for chapter in chapters:
        for key, prediction in chapter.keyed("predictions"):
            records = [handed.items.get(key, {}) for handed in students.values()]
            records = [record for record in records if record.get("choice", "") in prediction.options]
            first = [record["choice"] for record in records]
            talk = [record["second"] if is_vote(record) else record["choice"] for record in records]
            read = [record["second"] for record in records if "second" in record and not is_vote(record)]
            changes = Counter(
                (one == prediction.right, two == prediction.right) for one, two in zip(first, talk, strict=True)
            )
            row = {"chapter": chapter.number, "prediction": prediction.name, "right letter": prediction.right}
            row |= {"students": len(students), "voted": len(first)} | _votes("first", first, letters, prediction)
            second = _votes("talk", talk, letters, prediction)
            second |= {"wrong to right": changes[False, True], "right to wrong": changes[True, False]}
            row |= second if talk != first else dict.fromkeys(second, "")
            row["right after the reply"] = read.count(prediction.right)
            row["sure and wrong"] = sum(
                record.get("sure") == 3 and record["choice"] != prediction.right for record in records
            )
            final = talk.count(prediction.right) / len(talk) if talk else 2
            rows.append((final, row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _votes(when, letters, columns, prediction):
    """How many chose each letter, and the right one; a letter that is no option has an empty cell."""
    counts = {f"{when} {each}": letters.count(each) if each in prediction.options else "" for each in columns}
    return counts | {f"{when} right": letters.count(prediction.right)}


def by_student(students, chapters):
    """A row for each student: what is done, how it went, and with what help is needed."""
    remarks, rows = look(students), []
    for student, handed in sorted(students.items()):
        minutes = minutes_of(handed.items)
        right, stuck = [], []
        for chapter in chapters:
            for key, exercise in chapter.keyed("exercises"):
                record = handed.items.get(key, {})
                right += [key] if is_right(record) else []
                stuck += [f"{chapter.number} {exercise.name}"] if needs_help(record, exercise) else []
        made = sum(
            handed.items.get(key, {}).get("choice", "") != ""
            for chapter in chapters
            for key, _ in chapter.keyed("predictions")
        )
        row = {"student": student, "id": handed.id, "exercises right": len(right), "predictions made": made}
        row["median tries"] = _median([handed.items[key]["tries"] for key in right])
        row["median minutes"] = _median([minutes[key] for key in right if key in minutes])
        row |= {"needs help with": "; ".join(stuck), "unreadable": handed.lost}
        row["look at this"] = "; ".join(remark for remark, _ in remarks[student])
        rows.append((-len(stuck), len(right), row))
    return [row for *_, row in sorted(rows, key=lambda each: each[:2])]


def in_short(students, chapters):
    """Lines for a terminal: who needs help, the three exercises that need the teacher most, and whose file to look at."""
    each = by_student(students, chapters)
    stuck = [row for row in each if row["needs help with"]]
    yield say("Need help: {count} of {students} students", count=len(stuck), students=len(students))
    yield from _first(stuck, "needs help with")
    for row in [row for row in by_exercise(students, chapters) if row["need help"]][:WORST]:
        name = f"{row['chapter']} {row['exercise']}"
        told = say("{count} need help with {name}.", count=row["need help"], name=name)
        slip = say("Commonest slip of all who tried: {slip}", slip=row["slip 1"]) if row["slip 1"] else ""
        yield joined(told, slip)
    if seen := [row for row in each if row["look at this"]]:
        yield say("Worth a look: {count} of {students} students", count=len(seen), students=len(students))
        yield from _first(seen, "look at this")


def _first(rows, column):
    """A line for each of the first students: the name, and what the column says."""
    lines = [f"  {row['student']}: {row[column]}" for row in rows]
    return [*lines[:NAMES], *(["  ..."] if len(lines) > NAMES else [])]


TABLES = {
    "exercise": by_exercise,
    "prediction": by_prediction,
    "student": by_student,
    "test": tables.by_test,
    "item": tables.by_item,
}
LINES = {"test": tables.in_short, "item": tables.in_short}  # for a terminal; else those of the exercises


def chosen(numbers):
    """The chapters of a text such as "1,2,5b". Raises ValueError, with a sentence."""
    chapters = {str(chapter.number): chapter for chapter in all_chapters()}
    wanted = [number.strip() for number in numbers.split(",") if number.strip()]
    if unknown := [number for number in wanted if number not in chapters]:
        known = ", ".join(chapters)
        raise ValueError(say("expected numbers of chapters of {known}, got {got}", known=known, got=unknown[0]))
    return [chapters[number] for number in wanted] or [*chapters.values()]


def write(path, rows):
    """Write the rows of a table as CSV, as a spreadsheet opens it with names of any script."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        write_table(file, rows[0], rows)


def main(arguments=None):
    if hasattr(sys.stdout, "reconfigure"):  # the names of a class, whatever the console speaks
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="course_lib.exercises.results", description=say("What a class has done."))
    parser.add_argument("folder", type=Path, help=say("where the students' answers files are"))
    parser.add_argument("--by", choices=TABLES, help=say("a line for each of these"))
    parser.add_argument(
        "--gradebook", action="store_true", help=say("exercises that are right, by student and chapter")
    )
    parser.add_argument(
        "--nbgrader", type=Path, metavar="gradebook.db", help=say("the same, into the database of `nbgrader`")
    )
    parser.add_argument("--chapters", default="", metavar="1,2,5b", help=say("of these chapters alone"))
    parser.add_argument(
        "--roster", type=Path, metavar="roster.csv", help=say("the class, with the columns `name`, `id`, `email`")
    )
    parser.add_argument("--to", type=Path, default=Path(), help=say("the folder for the tables"))
    parser.add_argument("--language", default="en", choices=("en", "zh"), help=say("of the sentences in the tables"))
    options = parser.parse_args(arguments)
    set_language(options.language)
    try:
        chapters = chosen(options.chapters)
        entries = gradebook.read_list(options.roster) if options.roster else ()
        students, problems = read_class(options.folder)
    except (OSError, ValueError) as problem:
        parser.error(str(problem))
    students, unsure = gradebook.with_ids(students, entries)
    for problem in (*problems, *unsure):
        print(visible(problem), file=sys.stderr)
    if not students:
        print(say("no answers file in {folder}", folder=options.folder), file=sys.stderr)
        return 1
    tables = {options.by: TABLES[options.by](students, chapters)} if options.by else {}
    tables |= {"gradebook": gradebook.gradebook(students, chapters)} if options.gradebook else {}
    try:
        for name, table in tables.items():
            path = options.to / f"results-{name}.csv"
            write(path, table)
            print(path)
        if options.nbgrader:
            gradebook.to_nbgrader(options.nbgrader, students, chapters)
            print(options.nbgrader)
    except (OSError, ValueError) as problem:  # such as a table that is open in a spreadsheet
        parser.error(str(problem))
    if options.by:
        for line in LINES.get(options.by, in_short)(students, chapters):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
