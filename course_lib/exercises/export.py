"""The results of a class as a table: many students' answers files become one CSV file.

    python -m course_lib.exercises.export FOLDER > results.csv              # a line for each exercise of each student
    python -m course_lib.exercises.export --summary FOLDER > results.csv    # a line for each student

Every *.json file in the folder is one student's, named as the file is (without `backprop-answers-` and the date). A file
that goes on with an earlier one takes its place; other files of one name are two students, with the file beside the name.
What students wrote is not exported, only what came of it.
"""

import argparse
import csv
import importlib
import pkgutil
import re
import sys
import unicodedata
from pathlib import Path

from ..answers.format import OUTCOMES, combined, kind_of, parse
from ..text import say

# Names and headings are English in every language: spreadsheets and scripts rely on them, and a class may use both editions.
COLUMNS = ("student", "chapter", "kind", "name", "result", "right", "tries", "hints", "solution", "when")


def read_class(folder):
    """({student: items}, [sentence for each file that cannot be used]). Raises FileNotFoundError, with a sentence."""
    if not Path(folder).is_dir():
        raise FileNotFoundError(say("expected a folder of students' answers files, got {folder}", folder=folder))
    students, problems = {}, []
    for path in sorted(Path(folder).glob("*.json")):
        try:
            items = parse(path.read_bytes())
        except (OSError, ValueError) as reason:
            problems.append(say("{file} is left out: {reason}", file=path.name, reason=reason))
            continue
        files = students.setdefault(student_name(path), {})
        for name in [name for name, earlier in files.items() if _goes_on(earlier, items)]:
            del files[name]
        if not any(_goes_on(items, later) for later in files.values()):
            files[path.name] = items
    for name, files in students.items():
        if len(files) > 1:
            problems.append(
                say(
                    "{count} students are called {name}, or one has worked in several places: each file has lines of its own.",
                    count=len(files),
                    name=name,
                )
            )
    named = {
        name if len(files) == 1 else f"{name} ({file})": items
        for name, files in students.items()
        for file, items in files.items()
    }
    return named, problems


def _goes_on(earlier, later):
    """Whether a file holds all of an earlier one, and at least one record from the very second: it is the same student."""
    return any(later.get(key, {}).get("when") == record["when"] for key, record in earlier.items()) and all(
        key in later and combined(key, record, later[key]) == later[key] for key, record in earlier.items()
    )


def student_name(path):
    """The student's name by that of the file: backprop-answers-Ada-Lovelace-2026-11-25 (1).json is Ada-Lovelace."""
    name = re.sub(r"^backprop-answers-?", "", path.stem)
    return re.sub(r"-?\d{4}-\d{2}-\d{2}(?=\W|$).*$", "", name) or path.stem


def rows(students, chapters):
    """A row for each exercise and prediction of the chapters (a list of `Chapter`) and each student, tried or not."""
    for student, items in sorted(students.items()):
        for chapter in chapters:
            for kind, names in (("exercises", chapter.exercises), ("predictions", chapter.predictions)):
                for name in names:
                    record = items.get(f"{chapter.number}/{kind}/{name}", {})
                    yield (
                        student,
                        chapter.number,
                        kind.removesuffix("s"),
                        name,
                        *_results(chapter, kind, name, record),
                    )


def _results(chapter, kind, name, record):
    """result, right, tries, hints, solution, when of one record; {} when there is none. Numbers, so that tables can add."""
    when = record.get("when", "")
    if kind == "predictions":
        choice = record.get("choice", "")
        return choice, int(choice == chapter.predictions[name].right), "", "", "", when
    outcome = record.get("outcome", OUTCOMES[0])
    numbers = (
        int(outcome == OUTCOMES[-1]),
        record.get("tries", 0),
        record.get("hints", 0),
        int(record.get("solution", 0)),
    )
    return outcome, *numbers, when


def summary(students, chapters):
    """The heading and a row for each student: exercises right and predictions made, in all and by chapter."""
    heading = ["student", "exercises right", "predictions made"]
    heading += [f"chapter {chapter.number} {what}" for chapter in chapters for what in ("right", "made")]
    yield heading
    for student, items in sorted(students.items()):
        counts = []
        for chapter in chapters:
            start = f"{chapter.number}/"
            own = [(key, record) for key, record in items.items() if key.startswith(start)]
            counts.append(
                sum(
                    record.get("outcome") == OUTCOMES[-1]
                    for key, record in own
                    if key.split("/")[2] in chapter.exercises
                )
            )
            counts.append(
                sum(
                    record["choice"] != ""
                    for key, record in own
                    if kind_of(key) == "predictions" and key.split("/")[2] in chapter.predictions
                )
            )
        yield [student, sum(counts[::2]), sum(counts[1::2]), *counts]


def safe(value):
    """A value that a spreadsheet takes for text: one that begins like a formula, for any of them, gets an apostrophe."""
    if not isinstance(value, str):
        return value
    visible = (sign for sign in unicodedata.normalize("NFKC", value) if unicodedata.category(sign)[0] not in "CZ")
    return f"'{value}" if next(visible, "") in ("=", "+", "-", "@", "\N{MINUS SIGN}") else value


def all_chapters():
    """The `Chapter` of every chapter of the course, in its order."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    found = [name for name in names if re.fullmatch(r"chapter\d\d[a-z]?", name)]
    return [importlib.import_module(f"{__package__}.{name}").chapter for name in found]


def main(arguments=None):
    if hasattr(sys.stdout, "reconfigure"):  # Windows: neither its code page nor its line ends, csv writes its own
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    parser = argparse.ArgumentParser(prog="course_lib.exercises.export", description=say("Answers of a class as CSV."))
    parser.add_argument("folder", type=Path, help=say("where the students' answers files are (*.json)"))
    parser.add_argument("--summary", action="store_true", help=say("one line for each student"))
    options = parser.parse_args(arguments)
    try:
        students, problems = read_class(options.folder)
    except FileNotFoundError as problem:
        parser.error(str(problem))
    chapters = all_chapters()
    table = summary(students, chapters) if options.summary else [COLUMNS, *rows(students, chapters)]
    csv.writer(sys.stdout, quoting=csv.QUOTE_NONNUMERIC).writerows([safe(value) for value in row] for row in table)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not students:
        print(say("no answers file (*.json) in {folder}", folder=options.folder), file=sys.stderr)
    return 0 if students else 1


if __name__ == "__main__":
    sys.exit(main())
