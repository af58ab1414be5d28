"""What a teacher gets of a class's files: exact counts of forty files, ten of them odd; remarks; ids; a gradebook."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from forty_files import NEURON, ONE_STEP, THEN, VOTE, at, exercise, make_class, right, vote

from course_lib.answers.format import to_bytes
from course_lib.exercises import export, results
from course_lib.exercises.look import look
from course_lib.exercises.machinery.slips import sentences_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def forty_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    make_class(folder)
    return folder


def made(folder, by, to, *more):
    """The rows, as dicts, of the table that the command writes."""
    assert results.main([str(folder), "--by", by, "--to", str(to), *more]) == 0
    with open(to / f"results-{by}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_exercises_of_forty_files(forty_files, tmp_path, capsys):
    neuron, one_step, *rest = made(forty_files, "exercise", tmp_path)
    # right: twenty, and of the odd ones the damaged one, the copy, the one without tries, Kim and an Ada
    assert [*neuron.values()] == [
        *("1", "neuron", "37", "25", "11", "1", "6"),  # students right trying, not begun, need help
        *("2", "11", "0", "0"),  # tries: 0, and 1 to 4 six times each; minutes: 1 to 20, 3, 30, 50
        "14 x This is what you get without the bias `b`.",
        "11 x This is the weighted sum `z`. It still has to go through the sigmoid.",
        "2 x another way",
    ]
    assert [*one_step.values()] == [
        *("1", "one-step", "37", "11", "3", "23", "3"),
        *("1", "9", "6", "1", "", "", ""),  # minutes: 2, 4, ... 18 and 6; not the three hours with a break
    ]
    known = sum(len(chapter.exercises) for chapter in export.all_chapters())
    assert len(rest) == known - 2 and {row["not begun"] for row in rest} == {"37"}
    told, problems = capsys.readouterr()
    assert told.splitlines()[1:] == [
        "Need help: 9 of 37 students",
        *(f"  Student {number}: 1 neuron" for number in range(21, 26)),
        "  ...",
        "6 need help with 1 neuron. Commonest slip of all who tried: 14 x This is what you get without the bias `b`.",
        "3 need help with 1 one-step.",
        "Worth a look: 3 of 37 students",
        "  Zero: exercises right without a recorded try: 1",
        "  Copy: the same file as Student 03",
        "  Student 03: the same file as Copy",
    ]
    named = [line.split()[0] for line in problems.splitlines()]
    assert sorted(named) == ["2", "Damaged.json", "Future.json", "empty.json", "link.json"]


def test_what_needs_help_comes_before_what_is_being_tried(tmp_path):
    for name, tries in (("Ada", 4), ("Bob", 1)):
        (tmp_path / f"{name}.json").write_bytes(
            to_bytes({NEURON: exercise("wrong"), ONE_STEP: exercise("wrong" if name == "Ada" else "right", tries)})
        )
    rows = made(tmp_path, "exercise", tmp_path)
    assert [row["exercise"] for row in rows if row["trying"] != "0"] == ["one-step", "neuron"]


def test_predictions_of_forty_files(forty_files, tmp_path):
    row = made(forty_files, "prediction", tmp_path)[0]
    assert [*row.values()] == [
        *("3", "small-gradient", "b", "37", "29"),
        *("11", "15", "3", "", "15"),  # first a, b, c, no d, right
        *("4", "20", "5", "", "20"),  # after the talk: 1 to 6 and the copy go from a to b, two from b to c
        *("7", "2", "2", "2"),  # to right, to wrong, right after the reply, sure and wrong
    ]


def test_a_prediction_without_a_talk_has_no_second_vote(tmp_path):
    for name, choice in (("Ada", "a"), ("Grace", "b")):
        (tmp_path / f"{name}.json").write_bytes(to_bytes({VOTE: vote(choice, second="c")}))
    row = made(tmp_path, "prediction", tmp_path)[0]
    assert [row[f"first {letter}"] for letter in "abc"] == ["1", "1", "0"]
    assert [row[f"talk {letter}"] for letter in "abc"] == ["", "", ""] and row["wrong to right"] == ""


def test_students_of_forty_files(forty_files, tmp_path):
    rows = {row["student"]: row for row in made(forty_files, "student", tmp_path)}
    assert len(rows) == 37
    first = [*rows][:9]
    assert {*first} == {"Upper", *(f"Student {number}" for number in (11, 12, 13, 21, 22, 23, 24, 25))}
    expected = {
        "Student 02": ["", "2", "1", "2", "3", "", "0", ""],  # tries 3 and 1, minutes 2 and 4
        "Student 10": ["", "2", "1", "6", "10", "", "0", ""],
        "Student 29": ["", "0", "0", "", "", "", "0", ""],
        "Student 12": ["", "1", "1", "1", "12", "1 one-step", "0", ""],
        "Damaged": ["", "1", "0", "2", "", "", "1", ""],
        "Old": ["", "0", "0", "", "", "", "0", ""],
        "Copy": ["", "2", "1", "2.5", "4.5", "", "0", "the same file as Student 03"],
        "Student 03": ["", "2", "1", "2.5", "4.5", "", "0", "the same file as Copy"],
        "Zero": ["", "1", "0", "0", "", "", "0", "exercises right without a recorded try: 1"],
        "Kim Lee": ["4711", "1", "0", "3", "30", "", "0", ""],
        "Upper": ["", "0", "0", "", "", "1 neuron", "0", ""],
        "Ada (backprop-answers-Ada-2026-11-25.json)": ["", "1", "0", "1", "50", "", "0", ""],
        "Ada (backprop-answers-Ada-2026-11-25 (1).json)": ["", "0", "0", "", "", "", "0", ""],
    }
    assert {name: [*row.values()][1:] for name, row in rows.items() if name in expected} == expected
    assert {row["look at this"] for name, row in rows.items() if name not in expected} == {""}


# Minutes


@pytest.mark.parametrize(
    ("items", "minutes"),
    [
        ({NEURON: right(1, 12)}, {NEURON: 12}),
        ({NEURON: right(1, 12), ONE_STEP: right(1, 20)}, {NEURON: 12, ONE_STEP: 8}),  # all cells were run at the start
        (
            {NEURON: right(1, 12, when=50), ONE_STEP: right(1, 70)},
            {NEURON: 12, ONE_STEP: 20},
        ),  # a hint was read after it
        ({NEURON: right(1, 61)}, {}),  # a break
        ({NEURON: right(1, 60)}, {NEURON: 60}),
        ({NEURON: right(1)}, {}),  # of an older version
        ({NEURON: right(1, when=5), ONE_STEP: right(1, 7)}, {ONE_STEP: 2}),
        ({VOTE: vote("a"), NEURON: right(1, 12, when=99) | {"first": at(13)}}, {}),
        ({NEURON: exercise("wrong", 3, 8, first=0)}, {}),
        ({NEURON: right(1, 12, first=12)}, {}),  # right at the first check: nobody knows since when
        ({VOTE: vote("a"), NEURON: right(1, 12, first=12)}, {NEURON: 13}),  # but for the step before
        ({VOTE: vote("a") | {"when": at(12)}, NEURON: right(1, 12)}, {NEURON: 12}),  # the same moment is the same step
        ({VOTE: vote("a"), NEURON: right(3, 12, first=8)}, {NEURON: 13}),  # who is wrong at first was not faster
        ({VOTE: vote("a"), NEURON: right(3, 99, first=90)}, {NEURON: 9}),  # after a break, from when it was seen
        ({NEURON: right(1, 5) | {"first": "2026-11-02T10:00:00+02:00"}}, {NEURON: 5}),
    ],
)
def test_minutes_run_from_the_step_before(items, minutes):
    assert results.minutes_of(items) == pytest.approx(minutes)


# Worth a look


def handed(items, print_="", **more):
    return export.Handed(items, **({"prints": frozenset((print_,))} | more))


def solved(*minutes, chapters=1):
    """Exercises that were right so many minutes after the start, in turn of one chapter or of several."""
    return {f"{1 + place % chapters}/exercises/e{place}": right(1, time) for place, time in enumerate(minutes)}


SECOND = 1 / 60
LIKE_WORK = {
    "one by one": solved(*range(10, 100, 10)),
    "right at the first check": {f"1/exercises/e{n}": right(1, n, first=n) for n in range(9)},
    "four of one chapter, run together": solved(5, 5, 5, 5),
    "an older version, run again": {f"5b/exercises/e{n}": right(1, when=3) for n in range(12)},
    "tomorrow, on a clock of another zone": {NEURON: exercise("wrong", when=23 * 60)},
    "nothing": {},
}
REMARKS = {
    "exercises right without a recorded try: 1": {NEURON: right(0)},
    "exercises right within 3 s of the exercise before: 4": solved(*(5 + 3 * SECOND * n for n in range(5))),
    "exercises of several chapters right in the same second: 5": {
        f"{1 + n % 2}/exercises/e{n}": right(1, when=3) for n in range(5)
    },
    "a time after tomorrow: 1": {VOTE: vote("a") | {"when": "2999-01-01T00:00:00+00:00"}},
    "a time before 2024: 1": {NEURON: exercise("wrong", when=-(3 * 365 * 24 * 60), start=THEN)},
    "solved before it was first seen: 1": {NEURON: right(1, 9, when=12) | {"first": at(10)}},
}


@pytest.mark.parametrize("work", LIKE_WORK)
def test_work_gets_no_remark(work):
    assert look({"Ada": handed(LIKE_WORK[work], "a"), "Bob": handed({}, "b")}, THEN) == {"Ada": [], "Bob": []}


@pytest.mark.parametrize("remark", REMARKS)
def test_what_cannot_be_gets_one_remark_alone(remark):
    remarks = look({"Ada": handed(REMARKS[remark], "a"), "Bob": handed(solved(7, 20), "b")}, THEN)
    assert [text for text, _ in remarks["Ada"]] == [remark] and remarks["Bob"] == []
    assert len(remarks["Ada"][0][1]) == int(remark.rpartition(" ")[2])


def test_a_class_that_votes_at_once_and_works_together_gets_no_remark():
    votes = {f"1/predictions/p{number}": vote("a") for number in range(4)}
    students = {
        name: handed(votes | solved(*(each + place for each in (3, 9, 20))), name) for place, name in enumerate("ABCDE")
    }
    assert not any(look(students, THEN).values())


def test_two_files_that_are_one_are_named_and_two_that_were_one_are():
    work = solved(*range(10, 100, 10))
    other = work | {"1/exercises/e0": right(4, 11), "2/exercises/e1": right(1, 500)}
    students = {
        "Ada": handed(work, "a"),
        "Bob": handed(work, "a"),
        "Cy": handed(other, "c"),
        "Di": handed(solved(1), "d"),
    }
    remarks = look(students, THEN)
    assert [text for text, _ in remarks["Ada"]] == ["the same file as Bob", "in the same seconds as Cy: 8"]
    assert [text for text, _ in remarks["Cy"]] == ["in the same seconds as Ada, Bob: 8"] and remarks["Di"] == []
    twice = {name: handed(work, prints=frozenset("ab")) for name in ("Ada", "Bob", "Cy", "Di", "Eve")}
    assert {remark for [(remark, _)] in look(twice, THEN).values()} >= {"the same file as Ada, Bob, Cy ..."}
    assert remarks["Cy"][0][1] == {f"1/exercises/e{number}" for number in range(1, 9)}


def test_seconds_shared_in_less_than_half_of_a_chapter_get_no_remark():
    together = range(10, 60, 10)
    students = {
        "Ada": handed(solved(*together, *range(60, 120, 10)), "a"),
        "Bob": handed(solved(*together, *range(65, 125, 10)), "b"),
    }
    assert look(students, THEN) == {"Ada": [], "Bob": []}


def test_an_earlier_file_of_another_student_is_known(tmp_path):
    first = {NEURON: right(1, 5), ONE_STEP: right(1, 9), VOTE: vote("a")}
    for day, items in ((1, first), (2, first | {"1/exercises/xor-output": right(1, 40)})):
        (tmp_path / f"backprop-answers-Ada-2026-11-2{day}.json").write_bytes(to_bytes(items))
    (tmp_path / "Bob.json").write_bytes(to_bytes(first))
    students, _ = export.read_class(tmp_path)
    assert {name: [text for text, _ in remarks] for name, remarks in look(students).items()} == {
        "Ada": ["the same file as Bob"],
        "Bob": ["the same file as Ada"],
    }


def test_files_with_next_to_nothing_in_them_are_equal_by_chance():
    assert not any(look({name: handed(solved(1, 2), "a") for name in ("Ada", "Bob")}, THEN).values())


def test_a_remark_stands_beside_the_records_that_it_is_about(tmp_path):
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right(0), ONE_STEP: right(2)}))
    students, _ = export.read_class(tmp_path)
    rows = [*export.rows(students, export.all_chapters())]
    assert {row["name"] for row in rows if row["look at this"] == "exercises right without a recorded try: 1"} == {
        "neuron"
    }
    assert {row["look at this"] for row in rows} == {"", "exercises right without a recorded try: 1"}


# Hostile files, and other uses of the command


@pytest.mark.skipif(sys.platform != "linux", reason="has no such names")
@pytest.mark.parametrize("by", results.TABLES)
def test_odd_names_harm_no_table(tmp_path, by, capfd):
    folder, tables = tmp_path / "class", tmp_path / "tables"
    folder.mkdir(), tables.mkdir()
    stuck = {NEURON: exercise("wrong", 5, slips={"=1+1": 1, "\u202etxet": 2, "x" * 60: 3}), ONE_STEP: right(0)}
    stuck |= {"77/exercises/of-a-later-course": right()}
    names = ("=cmd|' -c calc'!A1", "+1", "@SUM(A1)", "two\nlines", "王小明", "\u202eadA", "\x1b[2J", "علي")
    for number, name in enumerate(names):
        (folder / f"{name}.json").write_bytes(to_bytes(stuck | {"1/exercises/xor-output": right(1, number)}))
    rows = made(folder, by, tables)
    told, problems = capfd.readouterr()
    assert problems == ""
    lines = 2 if by in results.LINES else 2 + 2 * 7  # two lists
    assert all(map(str.isprintable, told.splitlines())) and len(told.splitlines()) == lines
    for cell in (cell for row in rows for cell in row.values()):
        assert "\n" not in cell and cell.isprintable() and not cell.startswith(("=", "+", "-", "@"))
    if by == "student":
        written = ("'=cmd|' -c calc'!A1", "'+1", "'@SUM(A1)", "two\\nlines", "王小明", "\\u202eadA", "\\x1b[2J", "علي")
        assert {row["student"] for row in rows} == {*written}
        assert {row["needs help with"] for row in rows} == {"1 neuron"}
    if by == "exercise":
        assert rows[0]["need help"] == "8" and rows[0]["slip 1"] == "8 x another way" and rows[0]["slip 2"] == ""


def test_folders_in_folders_without_end_stop_nobody_s_results(tmp_path):
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    places = [tmp_path / "d"]
    while len(places) < sys.getrecursionlimit() + 50:
        places.append(places[-1] / "d")
    for place in places:
        place.mkdir()
    try:
        students, problems = export.read_class(tmp_path)
    finally:
        for place in reversed(places):
            place.rmdir()
    assert [*students] == ["Ada"] and problems == []


def test_chapters_are_chosen_and_unknown_ones_named(tmp_path, capsys):
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    rows = made(tmp_path, "exercise", tmp_path, "--chapters", "2, 5b")
    assert [*dict.fromkeys(row["chapter"] for row in rows)] == ["2", "5b"]
    with pytest.raises(SystemExit):
        results.main([str(tmp_path), "--by", "exercise", "--chapters", "1,12"])
    assert "expected numbers of chapters of 0b, 1, 2" in (problem := capsys.readouterr().err) and "got 12" in problem


def test_a_folder_without_answers_is_told(tmp_path, capsys):
    assert results.main([str(tmp_path), "--by", "student", "--to", str(tmp_path)]) == 1
    assert "no answers file in" in capsys.readouterr().err and not [*tmp_path.iterdir()]
    with pytest.raises(SystemExit):
        results.main([str(tmp_path / "nowhere"), "--by", "student"])
    assert "expected a folder of students' answers files, got" in capsys.readouterr().err


@pytest.mark.parametrize("by", results.TABLES)
def test_a_table_that_cannot_be_written_is_told(tmp_path, by, capsys):
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    for chapter in export.all_chapters():
        assert made(tmp_path, by, tmp_path, "--chapters", str(chapter.number))
    with pytest.raises(SystemExit):
        results.main([str(tmp_path), "--by", by, "--to", str(tmp_path / "nowhere")])
    assert "No such file or directory" in capsys.readouterr().err


def test_every_slip_of_every_exercise_has_a_sentence():
    for chapter in export.all_chapters():
        for each in chapter.exercises.values():
            for slip, sentence in sentences_of(each.judge).items():
                assert isinstance(slip, str) and sentence.strip(), each.name


def test_what_a_sentence_measures_is_left_open():
    class Judge:
        slips, sentences = (), {"one-rate": "Every call gives {smallest:.3g}, {a!r} of {{b}}."}

    assert sentences_of(Judge) == {"one-rate": "Every call gives ..., ... of {b}."}


# Ids, and a gradebook

LIST = """\
Name;Email;ID
"Lovelace, Ada";ada@x.org;s1
王小明;w@x.org;2023007
Kim Lee;=cmd@x.org;12
Kim Lee;other@x.org;13
Ｚoé Ｍüller;z@x.org;s40
Grace Hopper;g@x.org;s9
Alan;a@x.org;s5
"""


@pytest.fixture
def listed(tmp_path):
    """The list of a class, and a folder of files by names that fit, fit twice, or do not fit."""
    folder = tmp_path / "class"
    folder.mkdir()
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8-sig")
    names = (
        *(
            "backprop-answers-ada-lovelace-2026-11-25",
            "2023007王小明",
            "zoé müller",
            "homework of s5",
            "Kim Lee",
            "Yes9",
        ),
        *("backprop-answers-Grace-Hopper-2026-11-25", "backprop-answers-Grace-Hopper-2026-11-25 (1)"),
        *("Kim Lee_13_assignsubmission_file_", "S1234", "Someone_77_assignsubmission_file_"),
    )
    for number, name in enumerate(names):
        (folder / f"{name}.json").write_bytes(to_bytes({NEURON: right(1, number + 1), "5b/exercises/add": right()}))
    return tmp_path / "list.csv", folder


def test_students_are_found_on_the_list_of_the_class(listed, tmp_path, capsys):
    roster, folder = listed
    arguments = [folder, "--gradebook", "--roster", roster, "--to", tmp_path, "--chapters", "1,5b"]
    assert results.main([*map(str, arguments)]) == 0
    with open(tmp_path / "results-gradebook.csv", encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["student", "id", "email", "chapter 1", "chapter 5b", "total", "of"]
    assert {tuple(row[3:]) for row in rows} == {("1", "1", "2", "16")}
    assert {(row[0].split(" (")[0], row[1], row[2]) for row in rows} == {
        ("ada-lovelace", "s1", "ada@x.org"),
        ("2023007王小明", "2023007", "w@x.org"),
        ("zoé müller", "s40", "z@x.org"),
        ("homework of s5", "s5", "a@x.org"),
        ("Kim Lee", "13", "other@x.org"),  # Moodle's number is on the list
        ("Kim Lee", "", ""),  # two on the list have this name
        ("Grace-Hopper", "", ""),  # two files have it
        ("Yes9", "", ""),  # not s9
        ("S1234", "", ""),  # not s1
        ("Someone", "77", ""),
    }
    problems = capsys.readouterr().err.splitlines()
    assert problems[2:] == [
        "not on the list under this name or id: S1234, Someone, Yes9",
        "on the list more than once, or with several files: Grace-Hopper "
        "(backprop-answers-Grace-Hopper-2026-11-25 (1).json), Grace-Hopper "
        "(backprop-answers-Grace-Hopper-2026-11-25.json), Kim Lee (Kim Lee.json)",
    ]


@pytest.mark.parametrize("option", ["CHAPTERS=1", "ROSTER=class.csv"])
def test_make_passes_an_option_on_or_refuses_it(option):
    for more, done in (("BY=student", True), ("GRADEBOOK=1", True), ("SUMMARY=1", False)):
        made = subprocess.run(
            ["make", "-n", "results", "FOLDER=class", option, more], cwd=ROOT, capture_output=True, text=True
        )
        assert (option.partition("=")[2] in made.stdout.split('"')) == (made.returncode == 0) == done
        assert done or f"{option.partition('=')[0]}=... " in made.stderr


def test_who_handed_in_nothing_is_named(tmp_path, capsys):
    (tmp_path / "list.csv").write_text("id,name\n1,Ada\n2,Grace\n", encoding="utf-8")
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    [row] = made(tmp_path, "student", tmp_path, "--roster", str(tmp_path / "list.csv"))
    assert row["id"] == "1" and "on the list, and without a file: Grace" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected the columns `name`, `id` and perhaps `email`, got"),
        (b"student,number\nAda,1\n", "got student, number"),
        ("name,id\n王小明,1\n".encode("gbk"), "expected UTF-8"),
        (b"name,id\nAda,1\nGrace,1\n", "expected each id once, got 1 several times"),
        (None, "No such file"),
    ],
)
def test_a_list_that_cannot_be_used_is_told(tmp_path, content, reason, capsys):
    if content is not None:
        (tmp_path / "list.csv").write_bytes(content)
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    with pytest.raises(SystemExit):
        results.main([str(tmp_path), "--gradebook", "--to", str(tmp_path), "--roster", str(tmp_path / "list.csv")])
    assert reason in capsys.readouterr().err


def test_nothing_of_the_list_is_calculated_by_a_spreadsheet(tmp_path):
    (tmp_path / "list.csv").write_text("name,id,email\nAda,=1+1,@SUM(A1)\n", encoding="utf-8")
    (tmp_path / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    arguments = [tmp_path, "--gradebook", "--roster", tmp_path / "list.csv", "--to", tmp_path]
    assert results.main([*map(str, arguments)]) == 0
    written = (tmp_path / "results-gradebook.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")  # by which spreadsheets know UTF-8
    assert ',"\'=1+1","\'@SUM(A1)",' in (tmp_path / "results-gradebook.csv").read_text(encoding="utf-8-sig")
