"""What students hand in, as a table: every file that can be read is in it, every other one is named, and none harms another."""

import csv
import gc
import io
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from course_lib.answers.format import LARGEST, to_bytes
from course_lib.exercises import export

ROOT = Path(__file__).parents[2]
THEN = datetime.fromisoformat("2026-11-02T08:00:00+00:00")
RIGHT = {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": THEN.isoformat()}
CHOICE = {"choice": "a", "replied": False, "when": THEN.isoformat()}
ONE = to_bytes({"1/exercises/one-step": RIGHT})
CHAPTERS = export.all_chapters()
EXERCISES = [f"{chapter.number}/exercises/{name}" for chapter in CHAPTERS for name in chapter.exercises]
[FIRST] = [chapter for chapter in CHAPTERS if chapter.number == 1]


@pytest.fixture
def exported(capfd, monkeypatch):
    """A function that runs the command: (rows, problems, its code)."""

    def run(*arguments):
        capfd.readouterr()
        try:
            code = export.main([*map(str, arguments)])
        except SystemExit as stopped:
            code = stopped.code
        table, problems = capfd.readouterr()
        return list(csv.reader(io.StringIO(table.removeprefix("\ufeff")))), problems, code

    return run


@pytest.fixture
def class_folder(tmp_path):
    """Ada's files of two days, those of somebody with an odd name, and one that is none."""
    wrong = {"1/exercises/one-step": RIGHT | {"outcome": "wrong", "tries": 3, "hints": 2, "solution": True}}
    items = dict.fromkeys((f"1/exercises/{name}" for name in FIRST.exercises), RIGHT)
    items |= dict.fromkeys((f"1/predictions/{name}" for name in FIRST.predictions), CHOICE)
    items |= {"1/exercises/one-step": RIGHT | {"tries": 3, "hints": 2, "solution": True}}  # the work of another day
    (tmp_path / "backprop-answers-Ada-Lovelace-2026-11-25.json").write_bytes(to_bytes(wrong))
    (tmp_path / "backprop-answers-Ada-Lovelace-2026-11-26 (1).json").write_bytes(to_bytes(items))
    (tmp_path / "=1+1.json").write_bytes(to_bytes(wrong))
    (tmp_path / "homework.json").write_text("[1]")
    return tmp_path


COLUMNS = (  # on which scripts rely
    *("student", "chapter", "kind", "name", "result", "right", "tries", "hints", "solution", "when", "unreadable"),
    "look at this",
)


def test_a_class_as_csv(class_folder, exported):
    table, problems, code = exported(class_folder)
    assert table[0] == [*COLUMNS] and code == 0
    assert problems == "homework.json is left out: it is not an answers file of this course\n"
    assert len(table) == 1 + 2 * sum(len(each.exercises) + len(each.predictions) for each in CHAPTERS)
    assert {row[0] for row in table[1:]} == {"Ada-Lovelace", "'=1+1"}
    rows = {(row[0], row[3]): row for row in table if row[1] == "1"}
    assert rows["'=1+1", "one-step"][4:] == ["wrong", "0", "3", "2", "1", THEN.isoformat(), "0", ""]
    assert rows["Ada-Lovelace", "one-step"][4:] == ["right", "1", "3", "2", "1", THEN.isoformat(), "0", ""]
    for name, prediction in FIRST.predictions.items():
        assert rows["Ada-Lovelace", name][4:6] == ["a", str(int(prediction.right == "a"))]


def test_the_summary_has_a_line_for_each_student(class_folder, exported):
    (heading, *rows), _, code = exported("--summary", class_folder)
    assert code == 0 and len(heading) == 4 + 2 * len(CHAPTERS)
    place, counts = heading.index("chapter 1 right"), [str(len(FIRST.exercises)), str(len(FIRST.predictions))]
    assert rows[1][:3] == ["Ada-Lovelace", *counts] and rows[1][place : place + 2] == counts
    assert {*rows[1][3:place], *rows[1][place + 2 :], *rows[0][1:]} == {"0"}


def test_a_table_is_utf_8_whatever_the_console_speaks_and_has_the_mark_by_which_spreadsheets_know(tmp_path):
    (tmp_path / "王小明.json").write_bytes(ONE)
    command = [sys.executable, "-m", "course_lib.exercises.export", "--summary", tmp_path]
    result = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, cwd=ROOT, capture_output=True)
    table = result.stdout.decode()
    assert table[0] == "\ufeff" and '"王小明",1,' in table and (result.stderr, result.returncode) == (b"", 0)


def test_lines_of_a_table_end_once_on_windows(tmp_path, monkeypatch):
    (tmp_path / "王小明.json").write_bytes(to_bytes({}))
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="cp1252", newline="\r\n")  # as Python opens it there
    monkeypatch.setattr(sys, "stdout", console)
    assert export.main(["--summary", str(tmp_path)]) == 0
    console.flush()
    assert re.findall(rb"[\r\n]+", written.getvalue()) == [b"\r\n", b"\r\n"]


@pytest.mark.parametrize(
    ("came", "written"),
    [
        ("2026-11-02\u202e09:00:00+01:00", "2026-11-02T08:00:00+00:00"),
        ("20261102=080000Z", "2026-11-02T08:00:00+00:00"),
        ("1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00"),  # a clock that nobody has set
        ("2999-12-31T23:59:59+00:00", "2999-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_is_written_in_one_way_however_it_came(tmp_path, came, written):
    items = {"1/exercises/one-step": RIGHT | {"when": came}, "1/predictions/same-input": CHOICE | {"when": came}}
    (tmp_path / "Ada.json").write_bytes(to_bytes(items))
    students, _ = export.read_class(tmp_path)
    assert [row["when"] for row in export.rows(students, CHAPTERS) if row["when"]] == [written] * 2


FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\ufe62", " \uff0d")
FORMULAS += ("\t=", "\r=", "\n=", " =", "\u00a0=", "\u200b=", "\ufeff+", "\u3000@")  # behind what cannot be seen


@pytest.mark.parametrize("first", FORMULAS)
def test_what_a_spreadsheet_would_calculate_is_text(first):
    assert export.safe(f"{first}1+1") == f"'{first}1+1"


def test_numbers_and_other_texts_stay_as_they_are_and_a_cell_is_one_where_columns_end_with_semicolons(tmp_path, capsys):
    assert export.safe("1+1") == "1+1" and export.safe(-1) == -1 and export.safe("Ada = 1") == "Ada = 1"
    (tmp_path / "x;=1+1.json").write_bytes(ONE)
    assert export.main(["--summary", str(tmp_path)]) == 0
    assert '"x;=1+1"' in capsys.readouterr().out


def test_two_students_of_one_name_stay_two_and_one_student_of_two_days_is_one(tmp_path):
    first, later = (
        {"1/exercises/one-step": RIGHT},
        {"1/exercises/one-step": RIGHT, "1/predictions/same-input": CHOICE},
    )
    other = {"1/exercises/one-step": RIGHT | {"when": "2026-11-20T09:00:00+00:00", "tries": 7}}
    for name, items in (("2026-11-25", first), ("2026-11-26", later), ("2026-11-25 (1)", other), ("2026-11-27", {})):
        (tmp_path / f"backprop-answers-Ada-{name}.json").write_bytes(to_bytes(items))
    students, problems = export.read_class(tmp_path)
    assert {name: len(found.items) for name, found in students.items()} == {
        "Ada (backprop-answers-Ada-2026-11-25 (1).json)": 1,
        "Ada (backprop-answers-Ada-2026-11-26.json)": 2,
        "Ada (backprop-answers-Ada-2026-11-27.json)": 0,
    }
    assert len(problems) == 1 and "3 students are called Ada" in problems[0]


def test_a_folder_without_answers_is_told(tmp_path, exported):
    table, problems, code = exported(tmp_path)
    assert len(table) == 1 and code == 1 and "no answers file in" in problems
    _, problems, code = exported(tmp_path / "nowhere")
    assert code == 2 and "expected a folder of students' answers files, got" in problems


DAMAGED = {  # of one of many exercises, or the end of the file; what else may be damaged: `test_answers_format.py`
    "a number that cannot be": lambda whole: whole.replace(b'"tries": 1', b'"tries": -1', 1),
    "a deep nest": lambda whole: whole.replace(b'"tries": 1', b'"tries": ' + b"[" * 10**6, 1),
    "its end is missing": lambda whole: whole[:-60],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_of_a_damaged_file_the_rest_counts_and_each_row_is_marked(tmp_path, damage, exported):
    (tmp_path / "Ada.json").write_bytes(DAMAGED[damage](to_bytes(dict.fromkeys(EXERCISES, RIGHT))))
    for arguments in ([], ["--summary"]):
        (heading, *rows), problems, code = exported(*arguments, tmp_path)
        assert {row[heading.index("unreadable")] for row in rows} == {"1"} and code == 0
        assert "Ada.json is damaged" in problems and "1 entries could not be read" in problems
    assert len(export.read_class(tmp_path)[0]["Ada"].items) == len(EXERCISES) - 1


def hostile(folder, another):
    """Put all that a student could hand in, and that is no answers file, into a folder; returns the names.

    another   an answers file, of somebody else
    """
    nested = b'{"format": "backprop-course answers", "version": 1, "items": ' + b'{"1/exercises/a": ' * 10**5
    for name, content in {
        "empty.json": b"",
        "deep.json": b"[" * 10**5,
        "nested.json": nested,
        "quoted.json": b'"\\' * 10**5,
        "wide.json": b"[" + b"[]," * 10**5,
        "numbers.json": b"9" * 10**5,
        "list.json": b"[1]",
        "nothing.json": b"null",
        "items.json": b'{"format": "backprop-course answers", "version": 1, "items": [1]}',
        "newer.json": to_bytes({}).replace(b'"version": 2', b'"version": 9'),
        "homework.pdf": b"%PDF-1.7",
        ".DS_Store": b"\0\0\0\1Bud1",
    }.items():
        (folder / name).write_bytes(content)
    with open(folder / "huge.json", "wb") as huge:
        huge.truncate(10**12)
    os.mkfifo(folder / "pipe.json")
    (folder / "link.json").symlink_to(another)
    (folder / "gone.json").symlink_to("nowhere")
    (folder / "round").symlink_to(".")
    os.close(os.open(os.fsencode(folder) + b"/no-UTF-8-\xff.json", os.O_CREAT))
    (folder / "\x1b[2J.json").touch()
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def no_callbacks_of_others():
    """Hypothesis looks on when garbage is collected: time that is over would be told to it, and not to the reading."""
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = callbacks


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes and other names")
@pytest.mark.usefixtures("no_callbacks_of_others")
def test_what_a_student_hands_in_is_in_the_table_or_named_and_harms_nobody_else(tmp_path, monkeypatch, exported):
    monkeypatch.setattr(export, "SECONDS", 0.5)
    students = {
        "Ada.JSON": "Ada",
        "backprop-answers-Grace": "Grace",
        "Alan.txt": "Alan.txt",
        "Edsger W. Dijkstra_12345_assignsubmission_file_/backprop-answers-Ada-2026-11-25.json": "Edsger W. Dijkstra",
        "Kim_1_assignsubmission_file_/a/Ada_2_assignsubmission_file_/b.json": "Kim",
        "王小明/answers.json": "王小明",
        "Barbara_7_assignsubmission_file_answers.json": "Barbara",
        "hopper_340934_208490284_backprop-answers-2026-11-25.json": "hopper",
        "noether_LATE_340935_208490285_answers-1.json": "noether",
        "Joan_2026_11_25_answers.json": "Joan_2026_11_25_answers",
        "=cmd|' -c calc'!A1.json": "'=cmd|' -c calc'!A1",
    }
    for file in students:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(ONE)
    table, problems, _ = exported("--summary", tmp_path)
    assert {row[0]: row[1] for row in table[1:]} == dict.fromkeys(students.values(), "1") and problems == ""
    before, _ = export.read_class(tmp_path)
    assert [before[name].id for name in ("Kim", "hopper", "noether")] == ["1", "340934", "340935"]
    for folder in (tmp_path, tmp_path / "Ada_3_assignsubmission_file_"):
        folder.mkdir(exist_ok=True)
        names = hostile(folder, tmp_path / "Ada.JSON")
    after, problems = export.read_class(tmp_path)
    assert after == before
    for name in names:
        told = re.compile(f"(Ada_3_assignsubmission_file_/)?{re.escape(name)} is left out: .")
        assert len([*filter(told.match, problems)]) == 2, name


def test_what_one_student_hands_in_takes_bounded_time_and_memory_and_nobody_elses(tmp_path, monkeypatch):
    good = to_bytes({"1/exercises/one-step": RIGHT | {"answer": "x" * 40_000}, "1/exercises/none": RIGHT})
    filling = to_bytes({f"1/exercises/n{number}": RIGHT for number in range(3000)})
    calls, salvage, goes_on = [], export.salvage, export._goes_on
    monkeypatch.setattr(export, "SECONDS", 0.2)
    monkeypatch.setattr(export, "salvage", lambda content, **more: calls.append(content) or salvage(content))
    for name, content, count in (("Mallory", filling, 60), ("Zoe", good, 1)):
        (tmp_path / name).mkdir()
        for number in range(count):
            (tmp_path / name / f"{number}.json").write_bytes(content)
    students, problems = export.read_class(tmp_path)
    assert students["Zoe"].items == {"1/exercises/one-step": RIGHT}
    assert not any(found.items for name, found in students.items() if name != "Zoe")
    late = [problem for problem in problems if "other files took too long" in problem]
    assert calls.count(filling) < 60 and len(late) > 60 - len(calls)

    compared, files = [], {}
    monkeypatch.setattr(export, "_goes_on", lambda *both: compared.append(both) or goes_on(*both))
    for number in range(300):
        when = (THEN + timedelta(seconds=number)).isoformat()
        export._add(files, f"{number}.json", export.Handed({"1/exercises/one-step": RIGHT | {"when": when}}))
    assert len(files) == 300 and len(compared) <= 300 * 2 * export.NEAREST


@pytest.mark.skipif(sys.platform != "linux", reason="has no such names")
def test_a_name_that_no_console_can_show_is_written_and_does_nothing_there(tmp_path, capfd):
    forged = {
        "backprop-answers-x%0D%0AAda,1,exercise,one-step,right.json",
        "\u202eadA",
        "\x85\u2028\v",
        "\\x85\\u2028\\x0b",
    }
    for name in (*forged, *map(os.fsdecode, (b"\xff", b"\x1b[2J"))):
        (tmp_path / name).write_bytes(ONE)
        (tmp_path / f"{name}.pdf").write_bytes(b"%PDF-1.7")
    assert export.main(["--summary", str(tmp_path)]) == 0
    written, problems = capfd.readouterr()
    lines, table = written.splitlines(), list(csv.reader(io.StringIO(written)))
    assert len(lines) == written.count("\n") == len(table) == 7 and all(map(str.isprintable, lines))
    assert {row[0] for row in table[1:]} >= {
        "\\udcff",
        "\\x1b[2J",
        "x\\r\\nAda,1,exercise,one-step,right",
        "\\u202eadA",
        "\\x85\\u2028\\x0b",
        "\\\\x85\\\\u2028\\\\x0b",
    }
    assert problems.count("is left out") == 6 and all(map(str.isprintable, problems.splitlines()))


def test_files_of_one_name_in_two_folders_are_two_students_and_one_student_is_one(tmp_path):
    for number, when in ((1, THEN), (2, THEN - timedelta(days=1))):
        for day in (0, 1):
            file = tmp_path / f"Kim_{number}_assignsubmission_file_" / f"backprop-answers-2026-11-2{day}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(to_bytes(dict.fromkeys(EXERCISES[: day + 1], RIGHT | {"when": when.isoformat()})))
    students, [problem] = export.read_class(tmp_path)
    assert [len(found.items) for found in students.values()] == [2, 2] and "2 students are called Kim" in problem


def test_nobody_takes_a_row_by_a_name_that_others_get_as_two(tmp_path):
    names = ("Ada.json", "backprop-answers-Ada.json", "Ada (Ada.json)_1_assignsubmission_file_", "Ada (Ada.json).JSON")
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(to_bytes({EXERCISES[number]: RIGHT}))
    students, _ = export.read_class(tmp_path)
    assert sorted(key for found in students.values() for key in found.items) == sorted(EXERCISES[:4])


def test_a_teacher_is_told_the_size_of_a_file_and_nothing_that_concerns_a_reader_alone(tmp_path):
    (tmp_path / "Large.json").write_bytes(ONE + b" " * LARGEST)
    (tmp_path / "Newer.json").write_bytes(re.sub(rb'"version": \d+', b'"version": 99', ONE))
    students, (large, newer) = export.read_class(tmp_path)
    assert [*students] == ["Large"] and f"got {LARGEST + len(ONE):,})" in large
    assert "version 99" in newer and newer.endswith("Update the course.")


def test_a_damaged_file_takes_nothing_from_another_one_of_its_student(tmp_path):
    items = {"1/exercises/one-step": RIGHT, "1/exercises/neuron": RIGHT, "1/predictions/same-input": CHOICE}
    bad = to_bytes(items).replace(b'"tries": 1', b'"tries": -1', 1)
    first, *_, last = sorted(items)
    for names in (("a", "b"), ("b", "a")):
        for name, content in zip(names, (to_bytes({first: RIGHT, last: CHOICE}), bad), strict=True):
            (tmp_path / f"backprop-answers-Ada-2026-11-2{'ab'.index(name)}.json").write_bytes(content)
        students, _ = export.read_class(tmp_path)
        assert students["Ada"].items == items and students["Ada"].lost == 1


@pytest.mark.parametrize(
    ("file", "student"),
    [
        ("backprop-answers-Ada-2026-11-25.json", "Ada"),
        ("backprop-answers-Ada-2026-11-25 (2).json", "Ada"),
        ("backprop-answers-2026-11-25.json", "backprop-answers-2026-11-25"),
        ("王小明.json", "王小明"),
        ("answers.json", "answers"),
        ("backprop-answers-%C3%89mile.JSON", "Émile"),
        ("Ada/backprop-answers-Grace.json", "Ada"),
        ("class/Mallory/Ada_27_assignsubmission_file_.json", "class"),
        ("Mallory/Ada_27_assignsubmission_file_/answers.json", "Mallory"),
        ("Mallory_8_assignsubmission_file_Ada_27_assignsubmission_file_.json", "Mallory"),
    ],
)
def test_names_of_students(file, student):
    assert export.student_name(Path(file)) == student


def test_the_answers_file_is_not_committed():
    names = [
        "answers.json",
        ".answers.json.lock",
        ".answers.json.part",
        "answers-damaged-2026-11-25-043000.json",
        "backprop-answers-Ada-2026-11-25.json",
    ]
    paths = [f"notebooks/en/{name}" for name in names]
    result = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True)
    if result.returncode == 128:
        pytest.skip("not a git clone")
    assert result.stdout.split() == paths
