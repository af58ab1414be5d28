"""Answers survive in a real JupyterLab: given in chapter 1, there after a new kernel, counted and saved on the start page."""

import json
import re
import shutil

import pytest

from course_lib.answers import store as answers
from tests.browser.jupyter import ROOT, Panel, lab_server, open_notebook

START, CHAPTER = "notebooks/en/00_start_here.ipynb", "notebooks/en/01_background.ipynb"
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


@pytest.fixture
def course(tmp_path):
    """A copy of the course's notebooks; their kernels keep answers, which they do not under pytest otherwise."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns("*nswers*", ".*", "pictures"))
    return root


@pytest.fixture
def session(course, jupyter):
    """A server of its own, whose kernels keep answers."""
    jupyter.start()
    jupyter.leave()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(answers.VARIABLE, str(course / "notebooks" / "en" / "answers.json"))
        with lab_server(course) as server:
            yield server, jupyter.page
            jupyter.leave()


@pytest.fixture
def readers_session(course, jupyter):
    """A server whose kernels find the answers file by themselves, as a reader's do."""
    jupyter.start()
    jupyter.leave()
    with pytest.MonkeyPatch.context() as patch:
        for name in (answers.VARIABLE, "PYTEST_VERSION"):
            patch.delenv(name, raising=False)
        with lab_server(course) as server:
            yield server, jupyter.page
            jupyter.leave()


def test_answers_survive_a_new_kernel_and_the_start_page_shows_them(session, course, tmp_path):
    server, page = session
    kept = course / "notebooks" / "en" / "answers.json"
    notebook = open_notebook(page, server, CHAPTER)
    notebook.run_all()
    assert not kept.exists()  # to run a chapter as it comes leaves nothing behind
    question = Panel(notebook, 'predict("double-weight")')
    question.button("B").click()
    question.button("Commit to B").click()
    question.expect("Noted: B.")
    notebook.execute('check("who-computes", "b")')
    lab = Panel(notebook, "lab = training_lab(")
    lab.press("Step")
    expected = {"1/predictions/double-weight", "1/exercises/who-computes", "1/labs/training"}
    for _ in range(100):  # a lab is kept once it has been left alone for a moment
        page.wait_for_timeout(200)
        items = json.loads(kept.read_text(encoding="utf-8"))["items"]
        if items.keys() == expected:
            break
    assert items.keys() == expected

    page.evaluate(RESTART)
    notebook = open_notebook(page, server, CHAPTER)
    notebook.run_all()
    assert notebook.errors() == []
    Panel(notebook, 'predict("double-weight")').expect("Noted: B.")
    solved = Panel(notebook, 'check("who-computes"')
    solved.expect("Solved before")
    solved.expect("Your answer was:")
    lab = Panel(notebook, "lab = training_lab(")
    lab.expect("Epoch 0 of ")
    lab.button("Go back to where I was").click()
    lab.expect("Epoch 1 of ")

    notebook = open_notebook(page, server, START)
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
    page.evaluate(RESTART)
    notebook = open_notebook(page, server, START)
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


def test_two_tabs_of_one_notebook_share_answers_and_the_lab_is_where_its_cell_ran_last(session, course):
    server, page = session
    kept = course / "notebooks" / "en" / "answers.json"
    first = open_notebook(page, server, CHAPTER)
    first.run_all()
    question = Panel(first, 'predict("double-weight")')
    question.button("C").click()
    question.button("Commit to C").click()
    lab = Panel(first, "lab = training_lab(")
    lab.press("Step")
    lab.expect("Epoch 1 of ")

    other = page.context.browser.new_page()
    try:
        second = open_notebook(other, server, CHAPTER)
        assert second.value("lab.model.epoch") == 1  # it is the same kernel
        second.run_all()
        Panel(second, 'predict("double-weight")').expect("Noted: C.")
        second.execute('check("who-computes", "b")')
        newer = Panel(second, "lab = training_lab(")
        newer.expect("Epoch 0 of ")
        newer.press("Step")
        lab.expect("This is from an earlier run.")  # and a picture; no error, no lab that no kernel answers
        assert lab.cell.locator(".jp-OutputArea img").first.is_visible() and first.errors() == second.errors() == []

        first.run_all()  # back in the first tab: there it lives again, with all that was done in the other one
        Panel(first, 'check("who-computes"').expect("Solved before")
        lab.expect("Epoch 0 of ")
        lab.press("Step")
        newer.expect("This is from an earlier run.")
        assert {"1/predictions/double-weight", "1/exercises/who-computes"} <= json.loads(kept.read_bytes())[
            "items"
        ].keys()
    finally:
        other.close()


def test_what_is_solved_in_english_is_solved_in_chinese_and_the_start_page_leads_from_one_to_the_other(
    readers_session, course
):
    server, page = readers_session
    notebook = open_notebook(page, server, CHAPTER)
    notebook.execute('from course_lib.exercises.chapter01 import check; check("who-computes", "b")')
    notebook.close()

    notebook = open_notebook(page, server, START.replace("/en/", "/zh/"))
    notebook.run_all()
    assert notebook.errors() == []
    Panel(notebook, "start.chapters()").expect(re.compile(r"\d+ 个练习做对了 1 个，\d+ 个预测做了 0 个"))
    assert list(course.rglob("answers*")) == [course / "notebooks" / "en" / "answers.json"]  # one file for both
    page.get_by_role("link", name="1. 背景").first.click()
    page.get_by_role("tab", name="01_background.ipynb").wait_for(timeout=10_000)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") == CHAPTER.replace("/en/", "/zh/")
    notebook.wait_idle()
    notebook.execute('from course_lib import set_language; set_language("zh")')
    notebook.execute("from course_lib.exercises.chapter01 import check")
    assert "做对" in notebook.value('repr(check("who-computes", ...))')

    page.get_by_role("tab", name="00_start_here.ipynb").click()
    page.get_by_role("link", name="English", exact=True).click()
    page.get_by_role("heading", name="Start here").wait_for(timeout=20_000)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") == START
