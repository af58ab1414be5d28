"""The start page: what it counts, copies that are saved and restored, and joining a lesson."""

import base64
import html
import re
import sys
from datetime import datetime
from pathlib import Path

import ipywidgets
import nbformat
import pytest

from course_lib.answers import store as answers
from course_lib.answers.format import LARGEST, parse, to_bytes
from course_lib.answers.store import Store
from course_lib.board import share
from course_lib.exercises.start import transfer
from course_lib.exercises.start.classroom import classroom_panel
from course_lib.exercises.start.page import Progress, Start
from course_lib.exercises.start.pages import pages, standing
from tests.board.fake_board import SEAT, FakeBoard

FOLDER = Path(__file__).parents[2] / "notebooks" / "en"
THEN = datetime.fromisoformat("2026-11-02T08:00:00+00:00")
RIGHT = {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": THEN.isoformat()}
CHOICE = {"choice": "a", "replied": False, "when": THEN.isoformat()}


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


def test_the_row_of_a_chapter_shows_its_minutes_and_what_is_done(course):
    page = numbered(course, "3")
    table = Progress(course, [standing(each, finished(page)) for each in course]).html().partition("<table")[2]
    row = table.split(f'href="{page.file}"')[1].partition("</tr>")[0]
    seen = html.unescape(re.sub("<[^>]+>", " ", row))
    for count in (len(page.exercises.exercises), len(page.exercises.predictions)):
        assert f"{count} of {count}" in seen
    assert "\N{EN DASH}".join(map(str, page.minutes)) in seen


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


def test_what_happened_to_the_file_is_told_by_what_the_page_shows_first(path):
    path.write_bytes(b"{")
    start = Start(FOLDER)
    shown = start._progress().button()
    assert all("set aside" in shown[mime] for mime in shown) and "set aside" not in repr(start._progress())


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
        (to_bytes({})[:-20], "it is not JSON, or only a part of it"),
        (b" " * (LARGEST + 1), "expected at most 4,000,000 bytes, got 4,000,001"),
        (to_bytes({"1/exercises/a": {"outcome": "right"}}), "1/exercises/a has no valid tries"),
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
