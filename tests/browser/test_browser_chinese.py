"""A Chinese JupyterLab has the menus that the course names; and, with `make pictures`, the pictures of the Chinese guide.

The labs in Chinese: `test_browser_every_lab.py`.
"""

import re

import chapter_files
import nbformat
import pytest
from notebook_form import code_cells, lab_cells
from notebook_names import needed
from playwright.sync_api import expect

from tests.browser.guide_pictures import STORING, expect_as_stored
from tests.browser.jupyter import ROOT, lab_server
from tests.browser.labs_on_page import Labs

README = ROOT / "README.zh.md"
MENU = re.compile(r"`([A-Z][\w ]+)`(?: 菜单)?（(\w+)）")


class EveryChapter:
    """One class for each chapter: pytest-xdist gives the tests of a class to one process."""

    def test_the_guide_shows_the_lab_as_it_looks_today(self, jupyter):
        """Of a notebook with the cells of the labs alone, and those that they need."""
        notebook = nbformat.read(ROOT / "notebooks" / "zh" / f"{self.name}.ipynb", as_version=4)
        cells = {cell.id: cell.source for cell in code_cells(notebook)}
        sources = [cells[name] for name in needed(cells, [cell.id for cell in lab_cells(notebook)])]
        jupyter.write(f"{self.name}.ipynb", sources)
        chapter = Labs(self.name, jupyter.run(f"{self.name}.ipynb")).find()
        expect_as_stored(chapter, "zh")
        assert chapter.faults == []


for _path in chapter_files.CHAPTERS if STORING else ():  # the English ones are compared in each run
    globals()[f"Test{_path.stem}"] = type(f"Test{_path.stem}", (EveryChapter,), {"name": _path.stem})


@pytest.mark.slow
def test_a_chinese_jupyterlab_has_the_menus_that_the_course_names(jupyter, tmp_path):
    """`Run`（运行）: the second name is on the screen where JupyterLab is Chinese, the first everywhere else."""
    jupyter.start()
    jupyter.leave()
    with lab_server(tmp_path, **{"@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"}}) as server:
        jupyter.page.goto(f"{server.url}/lab?token={server.token}")
        expect(jupyter.page.locator(".lm-MenuBar-itemLabel", has_text="运行")).to_be_visible(timeout=60_000)
        answer = jupyter.page.request.get(f"{server.url}/lab/api/translations/zh_CN?token={server.token}")
        jupyter.leave(jupyterlab=True)
    shown = {
        (english.rpartition("\x04")[2].rstrip("…"), own[0].rstrip("…"))
        for part in answer.json()["data"].values()
        for english, own in part.items()
        if isinstance(own, list)
    }
    pages = [*(ROOT / "notebooks" / "zh").glob("*.*"), *(ROOT / "course_lib" / "locale" / "zh").glob("*.po"), README]
    menus = {english for english, _ in shown} - {"None"}  # Python's, in what a check says
    named = {pair for path in pages for pair in MENU.findall(path.read_text(encoding="utf-8")) if pair[0] in menus}
    assert named and named <= shown
