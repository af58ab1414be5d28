"""The start page: what it counts, copies that are saved and restored, joining a lesson, and the
results of a class.
"""

import base64
import csv
import gc
import html
import io
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import ipywidgets
import nbformat
import pytest

from course_lib.answers import store as answers
from course_lib.answers.format import LARGEST, parse, to_bytes
from course_lib.answers.store import Store
from course_lib.board import share
from course_lib.exercises import export
from course_lib.exercises.start import transfer
from course_lib.exercises.start.classroom import classroom_panel
from course_lib.exercises.start.page import Progress, Start
from course_lib.exercises.start.pages import pages, standing
from tests.board.fake_board import SEAT, FakeBoard

FOLDER = Path(__file__).parents[2] / "notebooks" / "en"
THEN = datetime.fromisoformat("2026-11-02T08:00:00+00:00")
RIGHT = {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": THEN.isoformat()}
CHOICE = {"choice": "a", "replied": False, "when": THEN.isoformat()}
EXERCISES = [f"{chapter.number}/exercises/{name}" for chapter in export.all_chapters() for name in chapter.exercises]


@pytest.fixture(scope="module")
def course():
    return pages(FOLDER)


@pytest.fixture
def store(path):
    return answers.store()


def numbered(course, number):
    [page] = [page for page in course if page.number == number]
    return page


def finished(page):
    """The items of a reader who has done all of a chapter."""
    chapter = page.exercises
    return {f"{page.number}/exercises/{name}": RIGHT for name in chapter.exercises} | {
        f"{page.number}/predictions/{name}": CHOICE for name in chapter.predictions
    }


# Chapters


def test_every_chapter_of_the_folder_is_listed_with_its_questions(course):
    files = sorted(path.name for path in FOLDER.glob("*.ipynb") if path.name != "00_start_here.ipynb")
    assert [page.file for page in course] == files
    for page in course:
        assert str(page.exercises.number) == page.number
        quick, slow = page.minutes
        assert 30 <= quick < slow and len(page.questions) == 2
        assert all(question.text.strip() and question.answer.strip() for question in page.questions)
        assert not page.title.startswith(page.number)


def test_readers_may_change_their_notebooks(tmp_path):
    (tmp_path / "01_background.ipynb").write_text("not JSON")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "05_practice.ipynb")
    for name in (
        "05_practice_mine.ipynb",
        "04_mathematics-Copy1.ipynb",
        "0x_other.ipynb",
        "08z_mine.ipynb",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    found = pages(tmp_path)
    assert [(page.file, page.title, page.questions) for page in found] == [
        ("01_background.ipynb", "Background", ()),
        ("05_practice.ipynb", "Practice", ()),
    ]
    assert "1. Background" in Progress(found, [standing(page, {}) for page in found]).html()


def test_it_counts_what_was_done(course):
    page = course[1]
    items = {f"{page.number}/exercises/{name}": RIGHT for name in list(page.exercises.exercises)[:2]}
    items[f"{page.number}/exercises/renamed-since"] = RIGHT
    items[f"{page.number}/exercises/{list(page.exercises.exercises)[2]}"] = RIGHT | {"outcome": "wrong"}
    done = standing(page, items)
    assert (done.right, done.made, done.last, done.finished) == (2, 0, THEN, False)
    assert standing(page, finished(page)).finished


def test_a_chapter_is_finished_without_what_cannot_be_judged_here(course, monkeypatch):
    projects = next(page for page in course if page.number == "7b")
    without = {key: record for key, record in finished(projects).items() if not key.endswith("/port-cnn")}
    for found, is_finished in ((None, True), ("PyTorch", False)):
        monkeypatch.setattr("importlib.util.find_spec", lambda name, found=found: found)
        assert standing(projects, without).finished is is_finished


def test_it_says_where_to_go_on(course):
    def shown(items):
        return Progress(course, [standing(page, items) for page in course])

    def leads(items):
        button = shown(items).button()
        return re.findall(r'href="(.*?)"', button["text/html"]), button["text/plain"]

    assert 'Begin with <a href="01_background.ipynb"' in shown({}).html()
    assert leads({}) == (["01_background.ipynb"], "Begin chapter 1: Background")
    first, speech = numbered(course, "1"), numbered(course, "6b")
    later = finished(first) | {f"6b/predictions/{next(iter(speech.exercises.predictions))}": CHOICE}
    assert 'Go on with <a href="06b_speech.ipynb"' in shown(later).html()
    assert 'Go on with <a href="02_core_concepts.ipynb"' in shown(finished(first)).html()
    everything = {key: record for page in course for key, record in finished(page).items()}
    assert leads(later) == (["06b_speech.ipynb"], "Go on with chapter 6b: Speech")
    assert leads(everything) == ([], "You have finished the course.")
    refresher = finished(numbered(course, "0b"))
    assert leads(refresher) == (["01_background.ipynb"], "Go on with chapter 1: Background")
    needed = {key: record for key, record in everything.items() if key not in refresher}
    assert leads(needed) == ([], "You have finished the course.")
    last = next(iter(refresher))
    assert leads(needed | {last: RIGHT}) == (["00b_refresher.ipynb"], "Go on with chapter 0b: A refresher")
    assert "You have finished the course." in shown(everything).html()
    assert shown(everything).html().count("✓ finished") == len(course)


def test_the_stored_page_is_that_of_a_reader_who_has_done_nothing_and_links_to_each_chapter(course):
    page = nbformat.read(FOLDER / "00_start_here.ipynb", as_version=4)
    shown = "".join(output.data["text/html"] for cell in page.cells for output in cell.get("outputs", []))
    assert re.findall(r'<a href="([^"]+)"', shown)[2:] == [
        page.file for page in course
    ]  # after the button and "Begin with"
    assert shown.count("not begun") == len(course)
    assert "Nothing is due now" in shown and "last on" not in shown


# Save and restore


def downloaded(link):
    name, data = re.search(r'download="([^"]+)" href="data:application/json;base64,([^"]+)"', link).groups()
    return name, base64.b64decode(data)


def test_a_copy_restores_everything_on_another_computer(tmp_path):
    here, there = Store(tmp_path / "a.json"), Store(tmp_path / "b.json")
    here.put("1/exercises/one-step", {**RIGHT, "answer": "步 <script>"}, tries=1)
    there.put("1/predictions/same-input", CHOICE)
    name, content = downloaded(transfer.download_links(here.items, 'Ada "<b>/../ Lovelace'))
    assert re.fullmatch(r"backprop-answers-Ada-b-Lovelace-\d{4}-\d\d-\d\d\.json", name)
    done, sentence = transfer.restore(there, content, name)
    assert done and sentence.startswith(f"Restored from {name}: 1 exercises, 0 predictions, 0 other entries.")
    assert parse((tmp_path / "b.json").read_bytes()) == here.items | there.items
    before = (tmp_path / "b.json").read_bytes()
    done, sentence = transfer.restore(there, content, name)
    assert done and "holds nothing that was not here already" in sentence
    assert (tmp_path / "b.json").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b'{"cells": []}', "it is not an answers file of this course"),
        (b"\n", "it is empty"),
        ("{}".encode("utf-16"), "it was saved as UTF-16, expected UTF-8"),
        (b"\x89PNG", "it is not JSON, or only a part of it"),
        (to_bytes({})[:-20], "it is not JSON, or only a part of it"),
        (b" " * (LARGEST + 1), "expected at most 4,000,000 bytes, got 4,000,001"),
        (to_bytes({"1/exercises/a": {"outcome": "right"}}), "1/exercises/a has no valid tries"),
        (to_bytes({"1/exercises/a": RIGHT | {"when": "0001-01-01T00:00:00+14:00"}}), "1/exercises/a has no valid when"),
        (to_bytes({}).replace(b'"version": 2', b'"version": 9'), "from a newer version of this course"),
    ],
)
def test_a_file_that_cannot_be_restored_changes_nothing(store, content, fragment):
    store.put("1/exercises/one-step", RIGHT)
    before = store.path.read_bytes()
    done, sentence = transfer.restore(store, content, "homework.json")
    assert not done and sentence.startswith("homework.json c") and fragment in sentence
    assert "Nothing was changed here" in sentence
    assert store.path.read_bytes() == before and list(store.path.parent.glob("*damaged*")) == []


def test_a_file_that_would_make_the_answers_too_large_changes_nothing(store):
    long = RIGHT | {"answer": "x" * 40_000}
    store.merge({f"1/exercises/here-{number}": long for number in range(60)})
    copy = to_bytes({f"1/exercises/there-{number}": long for number in range(60)})
    before = store.path.read_bytes()
    done, sentence = transfer.restore(store, copy, "copy.json")
    both = len(before) + len(copy) - len(to_bytes({})) + 1  # a line break or a comma more
    assert not done and sentence.startswith("copy.json cannot be restored: together with what is here already,")
    assert re.search(r"expected at most 4,000,000 bytes, got 4,\d{3},\d{3}\. Nothing was changed here\.", sentence)
    assert abs(int(sentence.split("got ")[1].split(". ")[0].replace(",", "")) - both) < 10
    assert store.path.read_bytes() == before
    store.put("1/exercises/one-step", RIGHT)
    assert store.take_notice() == "" and "1/exercises/one-step" in parse(store.path.read_bytes())


def uploaded(content):
    """What an upload widget holds once a reader has chosen a file."""
    return (
        {"name": "copy.json", "type": "", "size": len(content), "content": memoryview(content), "last_modified": THEN},
    )


def test_the_panel_tells_that_what_was_restored_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "no home"))
    store = Store(tmp_path / "nowhere" / "answers.json")
    panel = transfer.transfer_panel(ipywidgets, store, lambda: None)
    (_, _, upload), (_, message, problem) = panel.children[0].children, panel.children[1:]
    upload.value = uploaded(to_bytes({"1/exercises/one-step": RIGHT}))
    assert "Restored from copy.json" in message.value
    assert "answers.json cannot be written (No such file or directory)" in problem.value
    assert upload.value == () and store.items


def test_the_buttons_of_the_panel(store, tmp_path):
    changes = []
    panel = transfer.transfer_panel(ipywidgets, store, lambda: changes.append(True))
    (save, name, upload), (link, message, problem) = panel.children[0].children, panel.children[1:]
    store.put("1/exercises/one-step", RIGHT)
    name.value = "Ada"
    save.click()
    file, content = downloaded(link.value)
    assert file.startswith("backprop-answers-Ada-") and parse(content) == store.items
    content = to_bytes({"1/exercises/two-steps": RIGHT})

    upload.value = uploaded(b"x")
    assert "copy.json cannot be restored" in message.value and "Please note" in message.value
    upload.value = uploaded(content)
    assert "Restored from copy.json" in message.value and "Done" in message.value
    assert parse(store.path.read_bytes()).keys() == {"1/exercises/one-step", "1/exercises/two-steps"}
    assert changes == [True, True] and upload.value == () and problem.value == ""


def test_the_page_without_a_store_shows_an_unused_course(monkeypatch):
    monkeypatch.setenv(answers.VARIABLE, "off")
    start = Start(FOLDER)
    assert "0 of" in repr(start._progress()) and "none due" in repr(start.questions())
    assert "buttons stand here" in repr(start.copies())


# Joining a lesson


@pytest.fixture
def board(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in (share.AT_A_HUB, share.SEAT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(share, "_sender", share.Sender())
    with FakeBoard() as board:
        yield board
    share.leave()


def test_a_reader_joins_a_lesson_and_leaves_it(board):
    panel = classroom_panel(ipywidgets)
    row, answer, about, problem = panel.children
    code, join = row.children
    assert html.escape(share.SHARED) in about.value and "the same network" in about.value and board.messages == []
    code.value = "192.168.1.5"
    join.click()
    assert "Expected the address and the code" in answer.value and row.children == (code, join)
    code.value = board.code
    join.click()
    state, leave = row.children
    assert "You have joined the lesson." in state.value and answer.value == "" and share.joined()
    assert (
        classroom_panel(ipywidgets).children[0].children[1].description == "Leave the lesson"
    )  # in another kernel, too
    leave.click()
    assert "You have left the lesson" in answer.value and row.children == (code, join) and not share.joined()
    assert [name for name, _ in board.messages] == ["join", "leave"] and problem.value == ""


def test_at_a_hub_one_click_is_enough(board, monkeypatch):
    monkeypatch.setenv(share.AT_A_HUB, f"http://127.0.0.1:{board.port}/services/board/")
    monkeypatch.setenv(share.SEAT, SEAT)
    row, _, about, _ = classroom_panel(ipywidgets).children
    [join] = row.children
    join.click()
    assert share.joined() and board.messages == [("join", {"seat": SEAT})] and "the same network" not in about.value


def test_in_the_browser_alone_there_is_nothing_to_click(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    [sentence] = classroom_panel(ipywidgets).children
    assert "Your teacher counts raised hands instead." in sentence.value


def test_what_the_page_stores_of_it_depends_on_no_lesson(board):
    before = Start(FOLDER).classroom()._repr_mimebundle_()["text/html"]
    share.join(board.code)
    after = Start(FOLDER).classroom()._repr_mimebundle_()["text/html"]
    assert before == after and "In a running notebook, you can join the lesson of your class here." in before


# A class


def exported(*arguments, **environment):
    result = subprocess.run(
        [sys.executable, "-m", "course_lib.exercises.export", *map(str, arguments)], env=os.environ | environment,
        cwd=Path(__file__).parents[2], capture_output=True, encoding="utf-8",
    )  # fmt: skip
    mark, table = result.stdout[:1], result.stdout[1:]
    assert mark in ("\ufeff", "")  # by which a spreadsheet knows that it is UTF-8
    return list(csv.reader(io.StringIO(table))), result.stderr, result.returncode


@pytest.fixture
def class_folder(tmp_path, course):
    items = finished(numbered(course, "1"))
    wrong = {"1/exercises/one-step": RIGHT | {"outcome": "wrong", "tries": 3, "hints": 2, "solution": True}}
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


def test_a_class_as_csv(class_folder, course):
    table, problems, code = exported(class_folder)
    assert table[0] == [*COLUMNS] and code == 0
    assert problems == "homework.json is left out: it is not an answers file of this course\n"
    each = sum(len(page.exercises.exercises) + len(page.exercises.predictions) for page in course)
    assert len(table) == 1 + 2 * each
    assert {row[0] for row in table[1:]} == {"Ada-Lovelace", "'=1+1"}
    rows = {(row[0], row[3]): row for row in table if row[1] == "1"}
    assert rows["'=1+1", "one-step"][4:] == ["wrong", "0", "3", "2", "1", THEN.isoformat(), "0", ""]
    both_files = ["right", "1", "3", "2", "1", THEN.isoformat(), "0", ""]
    assert rows["Ada-Lovelace", "one-step"][4:] == both_files
    for name, prediction in numbered(course, "1").exercises.predictions.items():
        assert rows["Ada-Lovelace", name][4:6] == ["a", str(int(prediction.right == "a"))]


def test_the_summary_has_a_line_for_each_student(class_folder, course):
    table, _, code = exported("--summary", class_folder)
    heading, *rows = table
    assert code == 0 and len(heading) == 4 + 2 * len(course)
    chapter, place = numbered(course, "1").exercises, heading.index("chapter 1 right")
    counts = [str(len(chapter.exercises)), str(len(chapter.predictions))]
    assert rows[1][:3] == ["Ada-Lovelace", *counts] and rows[1][place : place + 2] == counts
    assert set(rows[1][3:place] + rows[1][place + 2 :]) == {"0"}
    assert set(rows[0][1:]) == {"0"}


def test_a_table_is_utf_8_whatever_the_console_speaks(tmp_path):
    (tmp_path / "王小明.json").write_bytes(to_bytes({"1/exercises/one-step": RIGHT}))
    table, problems, code = exported("--summary", tmp_path, PYTHONIOENCODING="cp1252")
    assert (table[1][:2], problems, code) == (["王小明", "1"], "", 0)


def test_lines_of_a_table_end_once_on_windows(tmp_path, monkeypatch):
    (tmp_path / "王小明.json").write_bytes(to_bytes({}))
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="cp1252", newline="\r\n")  # as Python opens it there
    monkeypatch.setattr(sys, "stdout", console)
    assert export.main(["--summary", str(tmp_path)]) == 0
    console.flush()
    assert re.findall(rb"[\r\n]+", written.getvalue()) == [b"\r\n", b"\r\n"]


def test_a_file_with_an_impossible_time_is_left_out(class_folder):
    before = export.read_class(class_folder)[0]
    impossible = RIGHT | {"when": "9999-12-31T23:59:59-14:00"}
    (class_folder / "backprop-answers-Ada-Lovelace-2026-11-27.json").write_bytes(
        to_bytes({"1/exercises/one-step": impossible})
    )
    students, problems = export.read_class(class_folder)
    assert students == before and any("1/exercises/one-step has no valid when" in problem for problem in problems)


@pytest.mark.parametrize(
    ("came", "written"),
    [
        ("2026-11-02\u202e09:00:00+01:00", "2026-11-02T08:00:00+00:00"),
        ("20261102=080000Z", "2026-11-02T08:00:00+00:00"),
        ("2999-12-31T23:59:59+00:00", "2999-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_is_written_in_one_way_however_it_came(tmp_path, came, written):
    for key, record in (("1/exercises/one-step", RIGHT), ("1/predictions/same-input", CHOICE)):
        (tmp_path / "Ada.json").write_bytes(to_bytes({key: record | {"when": came}}))
        students, _ = export.read_class(tmp_path)
        assert {row["when"] for row in export.rows(students, export.all_chapters())} == {"", written}


FORMULAS = [
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "\u00a0=",
    "\u200b=",
    "\ufeff+",
    "\u3000@",
    "\uff1d",
    "\uff0b",
    " \uff0d",
    "\ufe62",
]


@pytest.mark.parametrize("first", FORMULAS)
def test_what_a_spreadsheet_would_calculate_is_text(first):
    assert export.safe(f"{first}1+1") == f"'{first}1+1"
    assert export.safe("1+1") == "1+1" and export.safe(-1) == -1 and export.safe("Ada = 1") == "Ada = 1"


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


def test_a_cell_stays_one_where_columns_end_with_semicolons(tmp_path, capsys):
    (tmp_path / "x;=1+1.json").write_bytes(to_bytes({"1/exercises/one-step": RIGHT}))
    assert export.main(["--summary", str(tmp_path)]) == 0
    assert '"x;=1+1"' in capsys.readouterr().out


def test_a_damaged_copy_gives_back_what_can_be_read(store):
    whole = to_bytes({"1/exercises/a": RIGHT, "1/exercises/b": RIGHT, "1/exercises/c": RIGHT})
    done, sentence = transfer.restore(store, whole[:-30], "copy.json")
    assert (
        done
        and "Restored from copy.json: 2 exercises" in sentence
        and "at least 1 entries could not be read" in sentence
    )
    assert store.items.keys() == {"1/exercises/a", "1/exercises/b"}


def test_a_copy_too_large_for_one_link_comes_in_several(store):
    items = {f"1/exercises/n{number}": RIGHT | {"answer": "x" * 9000} for number in range(300)}
    links = transfer.download_links(items, "Ada")
    parts = re.findall(r'download="([^"]+)" href="data:application/json;base64,([^"]+)"', links)
    assert len(parts) == 3 and all(len(data) < 2_000_000 for _, data in parts) and "Ada" in parts[2][0]
    for name, data in parts:
        assert transfer.restore(store, base64.b64decode(data), name)[0]
    assert store.items == items


def test_a_folder_without_answers_is_told(tmp_path):
    table, problems, code = exported(tmp_path)
    assert len(table) == 1 and code == 1 and "no answers file in" in problems
    _, problems, code = exported(tmp_path / "nowhere")
    assert code == 2 and "expected a folder of students' answers files, got" in problems


def broken(new):
    """An answers file of all exercises, in one of which the number of tries is replaced."""
    return to_bytes(dict.fromkeys(EXERCISES, RIGHT)).replace(b'"tries": 1', new, 1)


DAMAGED = {
    "a number that cannot be": broken(b'"tries": -1'),
    "a number that is none": broken(b'"tries": NaN'),
    "a number of a million digits": broken(b'"tries": ' + b"9" * 10**6),
    "half of a pair of surrogates": broken(b'"answer": "\\ud800", "tries": 1'),
    "bytes that are no UTF-8": broken(b'"answer": "\xff", "tries": 1'),
    "one name twice": broken(b'"tries": 1, "tries": 2'),
    "a deep nest": broken(b'"tries": ' + b"[" * 10**6),
    "its end is missing": broken(b'"tries": 1')[:-60],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_of_a_damaged_file_the_rest_counts_and_each_row_is_marked(tmp_path, damage, capsys):
    (tmp_path / "Ada.json").write_bytes(DAMAGED[damage])
    for arguments in ([], ["--summary"]):
        assert export.main([*arguments, str(tmp_path)]) == 0
        table, problems = capsys.readouterr()
        assert {row["unreadable"] for row in csv.DictReader(io.StringIO(table))} == {"1"}
        assert "Ada.json is damaged" in problems and "1 entries could not be read" in problems
    items = export.read_class(tmp_path)[0]["Ada"].items
    assert len(items) == len(EXERCISES) - 1


def hostile(folder):
    """Put all that a student could hand in, and that is no answers file, into a folder; returns the names."""
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
    (folder / "link.json").symlink_to("/etc/passwd")
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
def test_what_a_student_hands_in_is_in_the_table_or_named_and_harms_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "SECONDS", 1.0)
    answers = to_bytes({"1/exercises/one-step": RIGHT})
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
        (tmp_path / file).write_bytes(answers)
    table, problems, _ = exported("--summary", tmp_path)
    assert {row[0]: row[1] for row in table[1:]} == dict.fromkeys(students.values(), "1") and problems == ""
    before, _ = export.read_class(tmp_path)
    assert [before[name].id for name in ("Kim", "hopper", "noether")] == ["1", "340934", "340935"]
    for folder in (tmp_path, tmp_path / "Ada_3_assignsubmission_file_"):
        folder.mkdir(exist_ok=True)
        names = hostile(folder)
    after, problems = export.read_class(tmp_path)
    assert after == before
    for name in names:
        assert (
            sum(
                re.match(f"(Ada_3_assignsubmission_file_/)?{re.escape(name)} is left out: .", p) is not None
                for p in problems
            )
            == 2
        )


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
        (tmp_path / name).write_bytes(to_bytes({"1/exercises/one-step": RIGHT}))
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
    answers = to_bytes({"1/exercises/one-step": RIGHT})
    (tmp_path / "Large.json").write_bytes(answers + b" " * LARGEST)
    (tmp_path / "Newer.json").write_bytes(re.sub(rb'"version": \d+', b'"version": 99', answers))
    students, (large, newer) = export.read_class(tmp_path)
    assert [*students] == ["Large"] and f"got {LARGEST + len(answers):,})" in large
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
    result = subprocess.run(["git", "check-ignore", *paths], cwd=FOLDER.parent.parent, capture_output=True, text=True)
    if result.returncode == 128:
        pytest.skip("not a git clone")
    assert result.stdout.split() == paths
