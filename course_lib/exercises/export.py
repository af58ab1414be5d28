"""The results of a class as a table: many students' answers files become one CSV file.

    python -m course_lib.exercises.export FOLDER > results.csv              # a line for each exercise of each student
    python -m course_lib.exercises.export --summary FOLDER > results.csv    # a line for each student

Every file in the folder is tried, whatever its name ends with, and those in folders inside of it, too; what cannot be
read is named in a sentence, and stops no other file. A student is named as the file is (without `backprop-answers-` and
the date), or, where the file lies in a folder, as the first folder on the way to it, which is how Moodle hands out work;
what Moodle and Canvas add to a name is left out.
A file that goes on with an earlier one takes its place; other files of one name are two students, with the file beside
the name. Of a damaged file all entries count that can be read; the column `unreadable` says how many cannot. The column
`look at this` says in words what seldom comes about by work, as in `look.py`.
What students wrote is not exported, only what came of it.
"""

import argparse
import csv
import hashlib
import importlib
import os
import pkgutil
import re
import stat
import sys
import time
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from ..answers.format import LARGEST, OUTCOMES, Found, combined, is_right, salvage, time_of
from ..text import say
from .before_after.sittings import KEYS
from .look import look
from .machinery.limits import Stopped, TookLong, limited

KINDS = ("exercises", "predictions")
SECONDS = 10.0  # of processor time for all files of one student; an honest file takes a hundredth of one
NEAREST = 20  # a file is compared with so many before it alone: with all of them, a thousand would take for ever
# What Moodle names a folder or a file, Ada_27_assignsubmission_..., and Canvas a file: adalovelace_LATE_27_208490284_...
_HANDED_OUT = re.compile(r"(.+?)(?:_late)?_(\d+)_(?:assignsubmission|\d{5,})_", re.IGNORECASE)


@dataclass(frozen=True)
class Handed(Found):
    """What one student has handed in: what was `Found` in it, and

    name     the student, as the file or folder is called
    id       the number that Moodle or Canvas puts into a name, or what the list of the class says (`gradebook.with_ids`)
    email    as the list says; each is "" where nothing says it
    prints   a hash of the bytes of each file that went in
    """

    name: str = ""
    id: str = ""
    email: str = ""
    prints: frozenset = frozenset()


def read_class(folder):
    """({student, as `visible` writes it: `Handed`}, [sentence for each file that cannot be used, or only in part]).

    Raises FileNotFoundError, with a sentence.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(say("expected a folder of students' answers files, got {folder}", folder=folder))
    students, problems, left = {}, [], defaultdict(lambda: SECONDS)
    known = {key for chapter in all_chapters() for kind in KINDS for key, _ in chapter.keyed(kind)} | KEYS.keys()
    for path in sorted(_paths(folder, problems)):
        place = path.relative_to(folder)
        file, owner, began = place.as_posix(), place.parts[0], time.process_time()
        try:
            if left[owner] <= 0:
                raise TookLong
            found = limited(lambda path=path, place=place: _handed(path, place), seconds=left[owner])
            if found.damage and not found.items:
                raise ValueError(found.damage)
        except (Stopped, MemoryError):
            problems.append(
                _left_out(
                    file, say("reading it and this student's other files took too long or needed too much memory")
                )
            )
            continue
        except Exception as reason:  # whatever a file does, the others are read
            problems.append(_left_out(file, getattr(reason, "strerror", None) or reason or type(reason).__name__))
            continue
        finally:
            left[owner] -= time.process_time() - began
        if found.damage:
            problems.append(
                say(
                    "{file} is damaged ({reason}). What could be read is in the table, but {lost} entries could "
                    "not be read.",
                    file=file,
                    reason=found.damage,
                    lost=found.lost_in_words,
                )
            )
        _add(students.setdefault(student_name(place), {}), file, replace(found, items=_exported(found.items, known)))
    for name, files in students.items():
        if len(files) > 1:
            problems.append(
                say(
                    "{count} students are called {name}, or one has worked in several places: each file has lines of its own.",
                    count=len(files),
                    name=name,
                )
            )
    named = {}
    for name, files in students.items():
        for file, found in files.items():
            label = visible(name if len(files) == 1 else f"{name} ({file})")
            while label in named:  # somebody is called like a name and a file
                label += "'"
            named[label] = found
    return named, problems


def _handed(path, place):
    """A `Handed` of a file and its path in the folder of the class. Raises NewerVersion, and what `_content` raises."""
    content = _content(path)
    number = named[2] if (named := _HANDED_OUT.match(place.parts[0])) else ""
    prints = frozenset((hashlib.sha256(content).hexdigest(),))
    return Handed(
        **vars(salvage(content, size=path.stat().st_size)), name=student_name(place), id=number, prints=prints
    )


def _exported(items, known):
    """Of the items those that the table shows, without what the student wrote: no more than that is held of a class."""
    return {
        key: {field: value for field, value in record.items() if field != "answer"}
        for key, record in items.items()
        if key in known
    }


def _left_out(file, reason):
    return say("{file} is left out: {reason}", file=file, reason=reason)


def _paths(folder, problems):
    """The paths of all that is in a folder, or in folders inside of it; links are not followed."""
    folders = [folder]
    while folders:  # no recursion, as `os.walk` before Python 3.12: folders may stand in folders without end
        place = folders.pop()
        try:
            for entry in os.scandir(place):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry))
                else:
                    yield Path(entry)
        except OSError as reason:
            problems.append(_left_out(place.relative_to(folder).as_posix(), reason.strerror))


def _content(path):
    """The bytes of a file, LARGEST + 1 at most. Raises OSError, or ValueError with a sentence for what is no file."""
    if path.is_symlink():
        raise ValueError(say("it is a link, and no link is followed"))
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(number, "rb") as file:  # a pipe is not waited for
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise ValueError(say("it is no file"))
        return file.read(LARGEST + 1)


def _add(files, file, found):
    """Put one more file of a student beside those that are there, {file: `Handed`}, or in the place of the last of them."""
    for name, other in list(islice(reversed(files.items()), NEAREST)):
        if _goes_on(other, found) or _goes_on(found, other):
            later = found if _goes_on(other, found) else other
            both = other.items | {
                key: combined(key, other.items.get(key), record) for key, record in found.items.items()
            }
            file, found = (
                file if later is found else name,
                replace(later, items=both, prints=other.prints | found.prints),
            )
            del files[name]
    files[file] = found


def _goes_on(earlier, later):
    """Whether a file holds all of an earlier one, and at least one record from the very second: it is the same student.

    What is missing in a damaged file may be what cannot be read.
    """
    earlier, later, damaged = earlier.items, later.items, bool(later.damage)
    return any(later.get(key, {}).get("when") == record["when"] for key, record in earlier.items()) and all(
        combined(key, record, later[key]) == later[key] if key in later else damaged for key, record in earlier.items()
    )


def student_name(file):
    """The student's name by the path of a file, in the folder of the class.

    >>> for file in ("backprop-answers-Ada-2026-11-25 (1).json", "Ada/answers.json", "Ada_27_assignsubmission_file_/x.txt"):
    ...     student_name(Path(file))
    'Ada'
    'Ada'
    'Ada'
    """
    first = file.parts[0]  # what comes after it the student may have named
    if named := _HANDED_OUT.match(first):
        return named[1]
    if len(file.parts) > 1:
        return first
    whole = re.sub(r"\.json$", "", file.name, flags=re.IGNORECASE)
    name = unquote(re.sub(r"^backprop-answers-?", "", whole))  # as binder/hub/collect.py quotes it
    return re.sub(r"-?\d{4}-\d{2}-\d{2}(?=\W|$).*$", "", name) or whole


def rows(students, chapters):
    """A row for each exercise and prediction of the chapters (a list of `Chapter`) and each student, tried or not.

    Rows are dicts, {heading: value}. Names and headings are English in every language: spreadsheets and scripts rely on them,
    and a class may use both editions.
    """
    remarks = look(students)
    for student, found in sorted(students.items()):
        for chapter in chapters:
            for kind in KINDS:
                for key, item in chapter.keyed(kind):
                    record = found.items.get(key, {})
                    row = {"student": student, "chapter": chapter.number, "kind": kind.removesuffix("s")}
                    row |= {"name": item.name} | _results(kind, item, record)
                    # Not as it came: a time may be written in odd ways.
                    row |= {"when": time_of(record).isoformat() if record else "", "unreadable": found.lost}
                    row["look at this"] = "; ".join(remark for remark, keys in remarks[student] if key in keys)
                    yield row


def _results(kind, item, record):
    """What came of one record; {} stands for none. Numbers, so that tables can add."""
    if kind == "predictions":
        choice = record.get("choice", "")
        return {"result": choice, "right": int(choice == item.right), "tries": "", "hints": "", "solution": ""}
    numbers = {field: int(record.get(field, 0)) for field in ("tries", "hints", "solution")}
    return {"result": record.get("outcome", OUTCOMES[0]), "right": int(is_right(record))} | numbers


def summary(students, chapters):
    """A row for each student, as in `rows`: exercises right and predictions made, in all and by chapter."""
    for student, found in sorted(students.items()):
        counts = {}
        for chapter in chapters:
            exercises, predictions = ([found.items.get(key, {}) for key, _ in chapter.keyed(kind)] for kind in KINDS)
            counts[f"chapter {chapter.number} right"] = sum(map(is_right, exercises))
            counts[f"chapter {chapter.number} made"] = sum(each.get("choice", "") != "" for each in predictions)
        right, made = (sum(counts[each] for each in counts if each.endswith(what)) for what in ("right", "made"))
        row = {"student": student, "exercises right": right, "predictions made": made}
        yield row | counts | {"unreadable": found.lost}


def write_table(file, heading, rows):
    """Write a heading and rows, dicts as those of `rows`, into an open file as CSV."""
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(heading)
    writer.writerows(map(safe, row.values()) for row in rows)


def safe(value):
    """A value that a spreadsheet takes for text: one that begins like a formula, for any of them, gets an apostrophe."""
    if not isinstance(value, str):
        return value
    visible = (sign for sign in unicodedata.normalize("NFKC", value) if unicodedata.category(sign)[0] not in "CZ")
    return f"'{value}" if next(visible, "") in ("=", "+", "-", "@", "\N{MINUS SIGN}") else value


def visible(text):
    """A text that does nothing on a terminal and is one line: what cannot be seen, and a backslash, as Python writes it."""
    return "".join(sign if sign.isprintable() and sign != "\\" else repr(sign)[1:-1] for sign in text)


def all_chapters():
    """The `Chapter` of every chapter of the course, in its order."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    found = [name for name in names if re.fullmatch(r"chapter\d\d[a-z]?", name)]
    return [importlib.import_module(f"{__package__}.{name}").chapter for name in found]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="course_lib.exercises.export", description=say("Answers of a class as CSV."))
    parser.add_argument("folder", type=Path, help=say("where the students' answers files are"))
    parser.add_argument("--summary", action="store_true", help=say("one line for each student"))
    options = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # for spreadsheets its mark, and csv writes line ends of its own
        sys.stdout.reconfigure(encoding="utf-8-sig", newline="")
    try:
        students, problems = read_class(options.folder)
    except FileNotFoundError as problem:
        parser.error(str(problem))
    chapters = all_chapters()
    table = summary if options.summary else rows
    write_table(sys.stdout, next(table({"": Handed({})}, chapters)), table(students, chapters))
    for problem in problems:
        print(visible(problem), file=sys.stderr)
    if not students:
        print(say("no answers file in {folder}", folder=options.folder), file=sys.stderr)
    return 0 if students else 1


if __name__ == "__main__":
    sys.exit(main())
