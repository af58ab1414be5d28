"""The points of a class in a database of nbgrader, asked for by nbgrader itself: `make test-nbgrader` has it."""

import csv
import subprocess
import sys

import pytest
from forty_files import NEURON, ONE_STEP, exercise, make_class, right

from course_lib.answers.format import to_bytes
from course_lib.exercises import export, gradebook, results


@pytest.fixture
def api():
    return pytest.importorskip("nbgrader.api")


def hand_in(folder, *more):
    """Make the database beside the folder; returns its path."""
    database = folder.parent / "gradebook.db"
    assert results.main([str(folder), "--nbgrader", str(database), *more]) == 0
    return database


def grades(database):
    """The rows of the CSV file that `nbgrader export` makes, as dicts."""
    file = database.with_name("grades.csv")
    command = [sys.executable, "-m", "nbgrader", "export", "--db", f"sqlite:///{database}", "--to", str(file)]
    subprocess.run(command, cwd=database.parent, check=True, capture_output=True)
    with open(file, encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    return folder


def test_nbgrader_exports_what_the_gradebook_says_once_and_again(api, folder, capfd):
    make_class(folder)
    database = hand_in(folder, "--gradebook", "--to", str(folder.parent), "--chapters", "1,2,5b")
    assert "Warning" not in capfd.readouterr().err
    with open(folder.parent / "results-gradebook.csv", encoding="utf-8-sig", newline="") as file:
        own = list(csv.DictReader(file))
    exported = grades(database)
    assert len(own) == 37 and len(exported) == 37 * 3
    chapters = {str(chapter.number): chapter for chapter in export.all_chapters()}
    expected = {
        (row["id"] or row["student"], number): (float(row[f"chapter {number}"]), float(len(chapters[number].exercises)))
        for row in own
        for number in ("1", "2", "5b")
    }
    assert expected["4711", "1"] == (1, 4) and expected["Copy", "1"] == (2, 4)  # Kim, by Moodle's number
    assert expected == {
        (row["student_id"], row["assignment"].removeprefix("backprop-")): (float(row["score"]), float(row["max_score"]))
        for row in exported
    }
    assert grades(hand_in(folder, "--chapters", "1,2,5b")) == exported


def test_what_a_teacher_has_added_stays_and_a_better_answer_counts(api, folder):
    (folder / "Ada.json").write_bytes(to_bytes({NEURON: right(), ONE_STEP: exercise("wrong")}))
    database = hand_in(folder, "--chapters", "1")
    with api.Gradebook(f"sqlite:///{database}") as book:
        book.find_grade("xor-output", "backprop-1", "backprop-1", "Ada").manual_score = 0.5
        book.db.commit()
    assert [row["score"] for row in grades(database)] == ["1.5"]
    (folder / "Ada.json").write_bytes(to_bytes({NEURON: right(), ONE_STEP: right()}))
    assert [row["score"] for row in grades(hand_in(folder, "--chapters", "1"))] == ["2.5"]


def test_a_gradebook_in_use_keeps_its_course_its_students_and_its_assignments(api, folder):
    with api.Gradebook(f"sqlite:///{folder.parent / 'gradebook.db'}", course_id="maths") as book:
        book.add_assignment("own")
        book.add_student("s1", first_name="Ada", last_name="Lovelace", email="ada@x.org")
    (folder.parent / "list.csv").write_text("name,id\nAda,s1\n", encoding="utf-8")
    (folder / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    database = hand_in(folder, "--roster", str(folder.parent / "list.csv"), "--chapters", "1")
    with api.Gradebook(f"sqlite:///{database}", course_id="maths") as book:
        assert [course.id for course in book.db.query(api.Course)] == ["maths"]
        assert {assignment.course_id for assignment in book.assignments} == {"maths"}
        [student] = book.students
        assert (student.last_name, student.email) == ("Lovelace", "ada@x.org")
    assert {row["assignment"]: row["score"] for row in grades(database)} == {"own": "0.0", "backprop-1": "1.0"}


def test_an_exercise_that_the_course_has_got_since_counts(api, folder, monkeypatch):
    (folder / "Ada.json").write_bytes(to_bytes({NEURON: right(), ONE_STEP: right()}))
    [chapter] = [each for each in export.all_chapters() if each.number == 1]
    with monkeypatch.context() as earlier:
        earlier.setattr(
            chapter, "exercises", {name: each for name, each in chapter.exercises.items() if name != "one-step"}
        )
        assert [row["score"] for row in grades(hand_in(folder, "--chapters", "1"))] == ["1.0"]
    assert [(row["score"], row["max_score"]) for row in grades(hand_in(folder, "--chapters", "1"))] == [("2.0", "4.0")]


def test_a_name_makes_no_cell_and_no_formula_of_its_own(api, folder):
    names = {"x,=1+1": "x =1+1", "=1+1": "'=1+1", 'a"b': "a b", "two\nlines": "two\\nlines", "王小明": "王小明"}
    for number, name in enumerate(names):
        (folder / f"{name}.json").write_bytes(to_bytes({NEURON: right(1, number)}))
    rows = grades(hand_in(folder, "--chapters", "1"))
    assert {row["student_id"] for row in rows} == {row["last_name"] for row in rows} == set(names.values())


def test_what_is_no_database_is_told(api, folder, capsys):
    (folder / "Ada.json").write_bytes(to_bytes({NEURON: right()}))
    (folder.parent / "gradebook.db").write_bytes(b"x" * 5000)
    with pytest.raises(SystemExit):
        hand_in(folder)
    assert "gradebook.db cannot be written: " in capsys.readouterr().err
    assert (folder.parent / "gradebook.db").read_bytes() == b"x" * 5000


def test_without_nbgrader_that_is_told(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    with pytest.raises(ValueError, match="pip install nbgrader"):
        gradebook.to_nbgrader(folder / "gradebook.db", {}, [])
