"""Answers survive in a real JupyterLab: given in chapter 1, there after a new kernel, counted and saved on the start page;
and there a lesson is joined.
"""

import json
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from course_lib.answers import store as answers
from course_lib.answers.format import to_bytes
from course_lib.board import share
from tests.board.fake_board import CODE, SEAT, FakeBoard
from tests.browser.jupyter import Panel, open_notebook

START, CHAPTER = "notebooks/en/00_start_here.ipynb", "notebooks/en/01_background.ipynb"
# The chapter's cells that ask, and that of the lab, after its imports; these tests need no other.
CELLS = ("import numpy", "lab = training_lab(", 'predict("double-weight")', 'check("who-computes"')
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
# A kernel that a test has started keeps no answers; a reader's finds the file by itself.
AS_A_READERS = f"import os\nfor name in ({answers.VARIABLE!r}, 'PYTEST_VERSION'): os.environ.pop(name, None)"


@pytest.fixture
def kept(jupyter):
    """The place of the answers file: nothing is kept yet."""
    jupyter.start()
    yield jupyter.folder / "notebooks" / "en" / answers.NAME
    jupyter.leave()
    for file in jupyter.folder.rglob("*nswers*"):
        file.unlink()


@pytest.fixture
def read(jupyter):
    """A function that opens a notebook on a reader's kernel."""

    def opened(name):
        notebook = jupyter.open(name)
        notebook.execute(AS_A_READERS)
        return notebook

    return opened


def new_kernel(notebook):
    """Another kernel for the notebook that is open."""
    notebook.page.evaluate(RESTART)
    notebook.wait_idle()
    notebook.execute(AS_A_READERS)


def give_answers(notebook, kept):
    """Make a prediction, solve an exercise, take a step in the lab, and wait until all of it is kept."""
    question = Panel(notebook, 'predict("double-weight")')
    question.option("B").click()
    question.expect("your prediction")
    notebook.execute('check("who-computes", "b")')
    lab = Panel(notebook, "lab = training_lab(")
    lab.unfold("More")
    lab.press("Step")
    expected = {"1/predictions/double-weight", "1/exercises/who-computes", "1/labs/training"}
    for _ in range(100):  # a lab is kept once it has been left alone for a moment
        notebook.page.wait_for_timeout(200)
        items = json.loads(kept.read_text(encoding="utf-8"))["items"]
        if items.keys() == expected:
            break
    assert items.keys() == expected


def test_answers_survive_a_new_kernel(read, kept):
    notebook = read(CHAPTER)
    notebook.run(*CELLS)
    assert not kept.exists()
    give_answers(notebook, kept)
    new_kernel(notebook)
    notebook.run(*CELLS)
    assert notebook.errors() == []
    Panel(notebook, 'predict("double-weight")').expect("Noted: B.")
    solved = Panel(notebook, 'check("who-computes"')
    solved.expect("Solved before")
    solved.expect("Your answer was:")
    lab = Panel(notebook, "lab = training_lab(")
    lab.expect("Epoch 0 of ")
    lab.button("Go back to where I was").click()
    lab.expect("Epoch 1 of ")


def test_the_test_before_and_after_takes_keys_and_goes_on_when_its_cell_is_run_again(read, kept):
    notebook = read(START)
    notebook.run("from course_lib", "start.before_after()")
    assert not kept.exists()
    test = Panel(notebook, "start.before_after()")
    test.button("before chapter 1").press("Enter")
    test.expect("Question 1 of 24")
    for button in (test.option("B"), test.button("guess"), test.button("Next")):
        button.press("Enter")
    test.expect("Question 2 of 24")
    assert notebook.page.evaluate("() => document.activeElement.textContent") == "Next"
    notebook.run("start.before_after()")
    assert notebook.errors() == []
    test.button("before chapter 1: 1 of 24").click()
    test.expect("Question 2 of 24")


@pytest.mark.slow  # what the page shows and restores, without a browser: tests/exercises/test_start_page.py
def test_the_start_page_shows_answers_and_restores_them(read, kept, tmp_path):
    notebook = read(CHAPTER)
    page = notebook.page
    notebook.run_all()
    assert not kept.exists()  # to run a chapter as it comes leaves nothing behind
    give_answers(notebook, kept)
    notebook = read(START)
    notebook.run_all()
    assert notebook.errors() == []
    table = Panel(notebook, "start.chapters()")
    table.expect(re.compile(r"1 of \d+ exercises right, 1 of \d+ predictions made"))
    copies = Panel(notebook, "start.copies()")
    copies.button("Save a copy").click()
    with page.expect_download() as download:
        copies.cell.get_by_role("link", name="Download backprop-answers-").click()
    download.value.save_as(tmp_path / "copy.json")
    assert json.loads((tmp_path / "copy.json").read_bytes()) == json.loads(kept.read_bytes())

    kept.unlink()  # as on Binder: the server has vanished, and its kernels with it
    new_kernel(notebook)
    notebook.run_all()
    table.expect("Begin with")
    for name, content, answer in (
        ("homework.json", b"[1]", "homework.json cannot be restored: it is not an answers file of this course"),
        ("copy.json", (tmp_path / "copy.json").read_bytes(), "Restored from copy.json: 1 exercises, 1 predictions"),
    ):
        with page.expect_file_chooser() as chooser:
            copies.cell.get_by_role("button", name="Restore a copy").click()
        chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": content})
        copies.expect(answer)
    table.expect("Go on with")  # without running the cell again
    assert "1/labs/training" in json.loads(kept.read_bytes())["items"]

    table.cell.get_by_role("link", name="2. Core concepts").click()
    page.get_by_role("tab", name="02_core_concepts.ipynb").wait_for(timeout=10_000)


@pytest.mark.slow  # without a browser: two kernels in tests/exercises/test_answers.py, two cells in tests/labs/test_leaks.py
def test_two_tabs_of_one_notebook_share_answers_and_the_lab_is_where_its_cell_ran_last(jupyter, read, kept):
    first = read(CHAPTER)
    first.run(*CELLS)
    question = Panel(first, 'predict("double-weight")')
    question.option("C").click()
    lab = Panel(first, "lab = training_lab(")
    lab.unfold("More")
    lab.press("Step")
    lab.expect("Epoch 1 of ")

    other = jupyter.page.context.new_page()
    try:
        second = open_notebook(other, jupyter.server, CHAPTER)
        assert second.value("lab.model.epoch") == 1  # it is the same kernel
        second.run(*CELLS)
        Panel(second, 'predict("double-weight")').expect("Noted: C.")
        second.execute('check("who-computes", "b")')
        newer = Panel(second, "lab = training_lab(")
        newer.expect("Epoch 0 of ")
        newer.unfold("More")
        newer.press("Step")
        lab.expect("This is from an earlier run.")  # and a picture; no error, no lab that no kernel answers
        assert lab.cell.locator(".jp-OutputArea img").first.is_visible() and first.errors() == second.errors() == []

        first.page.bring_to_front()  # a page that nobody sees draws nothing
        first.run(*CELLS)  # back in the first tab: there it lives again, with all that was done in the other one
        Panel(first, 'check("who-computes"').expect("Solved before")
        lab.expect("Epoch 0 of ")
        lab.unfold("More")
        lab.press("Step")
        newer.expect("This is from an earlier run.")
        assert {"1/predictions/double-weight", "1/exercises/who-computes"} <= json.loads(kept.read_bytes())[
            "items"
        ].keys()
    finally:
        other.close()


@pytest.mark.slow  # without a browser: tests/exercises/test_start_page.py
def test_what_is_solved_in_english_is_solved_in_chinese_and_the_start_page_leads_from_one_to_the_other(
    jupyter, read, kept
):
    read(START).execute('from course_lib.exercises.chapter01 import check; check("who-computes", "b")')

    notebook = read(START.replace("/en/", "/zh/"))
    page = notebook.page
    notebook.run_all()
    assert notebook.errors() == []
    Panel(notebook, "start.chapters()").expect(re.compile(r"\d+ 个练习做对了 1 个，\d+ 个预测做了 0 个"))
    assert list(jupyter.folder.rglob("answers*")) == [kept]  # one file for both
    page.get_by_role("link", name="1. 背景").first.click()
    page.get_by_role("tab", name="01_background.ipynb").wait_for(timeout=10_000)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") == CHAPTER.replace("/en/", "/zh/")
    notebook.wait_idle()
    notebook.execute(AS_A_READERS)
    notebook.execute('from course_lib import set_language; set_language("zh")')
    notebook.execute("from course_lib.exercises.chapter01 import check")
    assert "做对" in notebook.value('repr(check("who-computes", ...))')

    page.get_by_role("tab", name="00_start_here.ipynb").click()
    page.get_by_role("link", name="English", exact=True).click()
    page.get_by_role("heading", name="Start here").wait_for(timeout=20_000)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") == START


@pytest.mark.slow  # without a browser: tests/exercises/test_deck.py
def test_a_hand_of_cards_is_asked_with_the_keyboard_alone(read, kept):
    days_ago = (answers.now() - timedelta(days=3)).isoformat()
    solved = {"outcome": "right", "tries": 1, "hints": 0, "solution": False, "when": days_ago, "solved": days_ago}
    known = {"known": 0, "when": answers.now().isoformat()}
    kept.write_bytes(to_bytes({"0b/exercises/slope": solved, "0b/questions/2": known}))
    notebook = read(START)
    page = notebook.page
    notebook.run("import Start", "start.questions()")
    panel = Panel(notebook, "start.questions()")
    panel.button("Begin").press("Enter")
    panel.expect("Card 1 of 2")  # a question
    for label in ("Show the answer", "I knew it"):
        expect(panel.button(label)).to_be_focused()
        page.keyboard.press("Enter")
    panel.expect("Card 2 of 2")  # an exercise
    expect(panel.cell.get_by_label("Your answer")).to_be_focused()
    expected = notebook.value("start.course[0].exercises.exercise('slope 2').judge.expected")
    for typed, reply in ((expected + 1, "Not yet"), (expected, "is right.")):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(str(typed))
        page.keyboard.press("Enter")
        panel.expect(reply)
    panel.button("Finish").press("Enter")
    panel.expect("These cards come back: 1 on ")
    assert panel.cell.locator("button.jupyter-button:visible").count() == 0 and notebook.errors() == []
    items = json.loads(kept.read_bytes())["items"]
    assert items["0b/questions/1"]["known"] == 1
    assert (items["0b/exercises/slope 2"]["outcome"], items["0b/exercises/slope 2"]["tries"]) == ("right", 2)


@pytest.mark.slow  # without a browser: tests/exercises/test_start_page.py and tests/board/test_share.py
def test_a_lesson_is_joined_on_the_start_page_and_a_chapter_reports_to_it(read, kept, tmp_path):
    notebook = read(START)
    at_home = f"import os; os.environ['HOME'] = {str(tmp_path)!r}"
    notebook.execute(at_home)
    notebook.execute('from course_lib.exercises.chapter01 import check; check("who-computes", "b")')
    notebook.run("import Start", "start.classroom()")
    panel = Panel(notebook, "start.classroom()")
    with FakeBoard() as board:
        panel.cell.get_by_label("Address and code").fill(f"127.0.0.1:{board.port}/k7p-4qx")
        panel.button("Join the lesson").click()
        panel.expect("You have joined the lesson.")
        board.wait(board.items)
        assert board.messages[0] == ("join", {"code": CODE})
        assert board.items() == {
            "1/exercises/who-computes": {"right": True, "tries": 1, "hints": 0, "solution": False, "slips": {}}
        }

        notebook = read(CHAPTER)
        notebook.execute(at_home)
        notebook.execute(
            "from course_lib.board import share; share.tell('1/predictions/double-weight', {'first': 'b'})"
        )
        board.wait(lambda: len(board.items()) == 2)
        assert len({message["seat"] for message in board.came("push")}) == 1

        notebook = read(START)
        notebook.execute(at_home)
        notebook.run("import Start", "start.classroom()")
        panel = Panel(notebook, "start.classroom()")
        panel.button("Leave the lesson").click()
        panel.expect("You have left the lesson, and nothing more is sent.")
        assert len(board.came("leave")) == 1

        at_a_hub = {share.AT_A_HUB: f"http://127.0.0.1:{board.port}/services/board/", share.SEAT: SEAT}
        notebook.execute(f"os.environ.update({at_a_hub!r})")
        notebook.run("start.classroom()")
        assert panel.cell.get_by_role("textbox", name="Address and code").count() == 0
        panel.button("Join the lesson").click()
        panel.expect("You have joined the lesson.")
        assert board.came("join")[-1] == {"seat": SEAT} and notebook.errors() == []
