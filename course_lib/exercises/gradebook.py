"""What a class has solved as a gradebook takes it: students with their ids, in a CSV file or in the database of nbgrader.

A list of the class (`ROSTER=`) is a CSV file with the columns name, id and, where there is one, email. A student is found
on it by the id, as Moodle's number or as a part of the file's name, else by the name, whatever the order of its words is.
"""

import csv
import os
import re
import sysconfig
import unicodedata
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from ..answers.format import is_right
from ..text import say
from .export import safe

PREFIX = "backprop"  # of an assignment's name in nbgrader: backprop-5b


@dataclass(frozen=True)
class Entry:
    """A line of the list of the class."""

    name: str
    id: str
    email: str = ""


def read_list(path):
    """[Entry] of a CSV file in UTF-8, with commas, semicolons or tabs. Raises OSError, or ValueError with a sentence."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(say("{file}: expected UTF-8 (in a spreadsheet, save as CSV UTF-8)", file=path)) from None
    first = text.partition("\n")[0]
    lines = csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count))
    heading = [cell.strip().lower() for cell in next(lines, ())]
    if "name" not in heading or "id" not in heading:
        got = ", ".join(heading)
        raise ValueError(
            say("{file}: expected the columns `name`, `id` and perhaps `email`, got {got}", file=path, got=got)
        )
    rows = [dict(zip(heading, map(str.strip, line), strict=False)) for line in lines if any(map(str.strip, line))]
    entries = [Entry(row.get("name", ""), row.get("id", ""), row.get("email", "")) for row in rows]
    twice = [key for key, count in Counter(entry.id for entry in entries).items() if count > 1 and key]
    if twice:
        raise ValueError(say("{file}: expected each id once, got {id} several times", file=path, id=twice[0]))
    return entries


def with_ids(students, entries):
    """(the students with the ids and addresses of a list of the class, [sentence about those who are not found for certain]).

    Who is not on the list keeps Moodle's number, or has no id. Without entries there is no list, and nobody is missed.
    """
    by_words = defaultdict(list)
    for entry in entries:
        by_words[_words(entry.name)].append(entry)
    by_id = {student: _with_id(handed, entries) for student, handed in students.items()}
    by_name = {student: by_words.get(_words(handed.name), []) for student, handed in students.items()}
    found = {student: by_id[student] or by_name[student] for student in students}
    owners = Counter(entry for matches in found.values() for entry in matches)
    sure_owners = Counter(entry for matches in by_id.values() for entry in matches)
    named, unknown, unsure = {}, [], []
    for student, matches in found.items():
        claims = sure_owners if by_id[student] else owners  # an id says more than a name
        if len(matches) == 1 == claims[matches[0]]:
            named[student] = replace(students[student], id=matches[0].id, email=matches[0].email)
        else:
            (unsure if matches else unknown).append(student)
    told = (
        (say("not on the list under this name or id"), unknown),
        (say("on the list more than once, or with several files"), unsure),
        (say("on the list, and without a file"), [entry.name or entry.id for entry in entries if entry not in owners]),
    )
    problems = [f"{sentence}: {', '.join(sorted(names))}" for sentence, names in told if names and entries]
    return students | named, problems


def _with_id(handed, entries):
    """The entries of which the id is Moodle's number or stands in the name."""
    name = _folded(handed.name)
    return [entry for entry in entries if entry.id and (entry.id == handed.id or _holds(name, _folded(entry.id)))]


def _holds(name, key):
    """Whether an id stands in a name by itself: not 23 in 1234, but in 王小明23."""
    return key in name and re.search(rf"(?<![0-9a-z]){re.escape(key)}(?![0-9a-z])", name) is not None


def _folded(text):
    return unicodedata.normalize("NFKC", text).casefold()


def _words(name):
    """The words of a name in order: a list has "Lovelace, Ada", and the file that she saved Ada-Lovelace."""
    return tuple(sorted(re.findall(r"[^\W_]+", _folded(name))))


def points(handed, chapter):
    """{name of an exercise: 1 where it is right, else 0}."""
    return {each.name: int(is_right(handed.items.get(key, {}))) for key, each in chapter.keyed("exercises")}


def gradebook(students, chapters):
    """A row for each student, a dict: exercises that are right, by chapter and in all, and how many there are."""
    most, rows = sum(len(chapter.exercises) for chapter in chapters), []
    for student, handed in sorted(students.items()):
        counts = {f"chapter {chapter.number}": sum(points(handed, chapter).values()) for chapter in chapters}
        row = {"student": student, "id": handed.id, "email": handed.email} | counts
        rows.append(row | {"total": sum(counts.values()), "of": most})
    return rows


def to_nbgrader(path, students, chapters):
    """Put the points into a database of nbgrader, new or in use: an assignment for each chapter, a point an exercise.

    A student is called by the id, or by the name where there is none, or where several files have it. To do it again
    changes nothing, and what a teacher has added by hand stays. Raises ValueError, with a sentence, where nbgrader is
    not installed or the file is no database of it.
    """
    try:
        from nbgrader import api
        from sqlalchemy import URL
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise ValueError(say("`nbgrader` is not installed here: `pip install nbgrader`")) from None
    address = URL.create("sqlite", database=str(path))
    scripts = sysconfig.get_path(
        "scripts"
    )  # to make a new database nbgrader calls alembic, wherever Python is called from
    os.environ["PATH"] = os.pathsep.join((scripts, os.environ.get("PATH", "")))
    try:
        with warnings.catch_warnings(), api.Gradebook(address, course_id="") as book:
            warnings.filterwarnings("ignore", module="nbgrader")  # about its own use of SQLAlchemy
            _fill(api, book, students, chapters)
    except SQLAlchemyError as reason:
        told = str(reason).partition("\n")[0]
        raise ValueError(say("{file} cannot be written: {reason}", file=path, reason=told)) from None


def _fill(api, book, students, chapters):
    course = book.db.query(api.Course).first()
    if course is None:
        book.check_course()  # makes the course that nbgrader expects where none is named
        course = book.db.query(api.Course).one()
    for chapter in chapters:
        assignment = f"{PREFIX}-{chapter.number}"
        book.update_or_create_assignment(assignment, course_id=course.id)
        book.update_or_create_notebook(assignment, assignment)
        for name in chapter.exercises:  # before any submission, which mirrors them
            book.update_or_create_grade_cell(name, assignment, assignment, max_score=1, cell_type="code")
    owners = Counter(handed.id for handed in students.values() if handed.id)
    for student, handed in sorted(students.items()):
        key = _cell(handed.id if owners[handed.id] == 1 else student)
        try:
            book.find_student(key)
        except api.MissingEntry:  # what is written about a student who is there already stays
            book.add_student(key, last_name=_cell(student), email=_cell(handed.email) or None)
        for chapter in chapters:
            _submit(api, book, f"{PREFIX}-{chapter.number}", key, points(handed, chapter))
    book.db.commit()


def _submit(api, book, assignment, student, scores):
    [notebook] = book.update_or_create_submission(assignment, student).notebooks
    grades = {grade.name: grade for grade in notebook.grades}
    for name, score in scores.items():
        if name not in grades:  # an exercise that the course has got since
            cell = book.find_grade_cell(name, assignment, assignment)
            grades[name] = api.Grade(cell_id=cell.id, notebook_id=notebook.id)
            book.db.add(grades[name])
        grades[name].auto_score, grades[name].needs_manual_grade = score, False


def _cell(text):
    """A text that stays one cell of the CSV file that nbgrader exports, which puts nothing into quotation marks."""
    return re.sub(r'[,"]', " ", safe(text))
