"""The labs of every Chinese chapter in a real JupyterLab: they speak Chinese, have room for it, and answer to a key.

What the labs do is the same code in both languages, and `test_browser_everywhere.py` tries all of it in English. So only the
cells of the labs are here, with those that they need: nbval runs all the others.
"""

import re

import chapter_files
import chinese
import nbformat
import pytest
from notebook_form import code_cells, lab_cells
from notebook_names import needed
from playwright.sync_api import expect

from course_lib.datasets.speech import DIGITS
from tests.browser.guide_pictures import expect_as_stored
from tests.browser.jupyter import ROOT, lab_server
from tests.browser.labs_on_page import CROWDED, SCROLLING, Labs

CHAPTERS = [path.stem for path in chapter_files.CHAPTERS]
README = ROOT / "README.zh.md"
MENU = re.compile(r"`([A-Z][\w ]+)`(?: 菜单)?（(\w+)）")
BY_ENGLISH_VOICES = {"listen": {f"the English word {word!r}" for word in DIGITS}}
INVENTED = re.compile("它写出：.*")  # by a network that invents English words: the rest of its lab's status
CHINESE_GLYPHS = "import warnings; warnings.filterwarnings('error', message='Glyph')"
# All that a reader sees of a panel, or hears from a screen reader, without code; "null" is ipywidgets' title of a label.
WORDS = """panel => {
    const said = [panel.innerText];
    for (const node of panel.querySelectorAll('*')) {
        if (node.matches('code, pre, input, textarea')) said[0] = said[0].replace(node.innerText || '\\0', ' ');
        for (const name of ['title', 'aria-label', 'aria-valuetext', 'placeholder', 'alt'])
            if (![null, '', 'null'].includes(node.getAttribute(name))) said.push(node.getAttribute(name));
        if (node.matches('option')) said.push(node.textContent);
    }
    return said;
}"""


@pytest.fixture(scope="class")
def opened(request, jupyter):
    """The chapter's labs, after Run All of a notebook that has no other cells."""
    notebook = nbformat.read(ROOT / "notebooks" / "zh" / f"{request.cls.name}.ipynb", as_version=4)
    cells = {cell.id: cell.source for cell in code_cells(notebook)}
    sources = [cells[name] for name in needed(cells, [cell.id for cell in lab_cells(notebook)])]
    jupyter.write(f"{request.cls.name}.ipynb", sources)
    return Labs(request.cls.name, jupyter.run(f"{request.cls.name}.ipynb")).find()


@pytest.fixture
def chapter(opened):
    """The chapter; in the end, no fault may have been found, nor an error output."""
    opened.faults.clear()
    yield opened
    assert opened.faults == []
    assert opened.notebook.errors() == []


@pytest.mark.slow
class EveryChapter:
    """One class for each chapter: pytest-xdist gives the tests of a class to one process."""

    def test_the_labs_speak_chinese(self, chapter):
        assert chapter.labs, f"{chapter.name}: expected a lab"
        for lab in chapter.labs:
            said = lab["panel"].evaluate(WORDS)
            assert re.search(f"[{chinese.HAN}]", said[0])
            left = {word for text in said for word in chinese.english_left(INVENTED.sub("", text))}
            for word in sorted(left - BY_ENGLISH_VOICES.get(lab["name"], set())):
                chapter.fault(lab, "the panel", f"expected Chinese, found {word}")

    def test_the_labs_have_room_for_chinese(self, chapter):
        for lab in chapter.labs:
            for found in lab["panel"].evaluate(SCROLLING):
                chapter.fault(lab, found, "expected room for all of it, has a scroll bar")
            for found in lab["panel"].evaluate(CROWDED):
                chapter.fault(lab, "1,100 pixels", found)

    def test_each_lab_answers_to_a_key(self, chapter):
        chapter.notebook.execute(CHINESE_GLYPHS)
        for lab in chapter.labs:
            seen = state(lab)
            key(lab)
            for _ in range(50):
                chapter.look(lab, "a key", error=False)
                if state(lab) != seen:
                    break
                chapter.notebook.page.wait_for_timeout(100)
            else:
                chapter.fault(lab, "a key", "expected another picture, or other words, nothing has changed")
            chapter.rest(lab)

    def test_the_guide_shows_the_lab_as_it_looks_today(self, chapter):
        """`make pictures` stores what is seen here."""
        expect_as_stored(chapter, "zh")


def state(lab):
    """What the panel shows: its picture's number, and its words."""
    pictures = [picture.get_attribute("data-frame") for picture in lab["panel"].locator("canvas.course-picture").all()]
    return pictures, lab["panel"].inner_text()


def key(lab):
    """Press a key on the lab's main button, its first slider, or the first pixel of its sheet, whichever it has.

    Not on a list: in command mode JupyterLab takes its arrow keys for the notebook.
    """
    controls = ("button.mod-primary", "Enter"), ("[role=slider]", "ArrowRight"), (".course-sheet button", "Enter")
    for control, name in controls:
        for found in lab["panel"].locator(control).all():
            if found.is_visible() and found.is_enabled():
                found.press(name)
                return
    raise AssertionError(f"{lab['name']}: expected a button or a slider that is enabled")


for _name in CHAPTERS:
    globals()[f"Test{_name}"] = type(f"Test{_name}", (EveryChapter,), {"name": _name})


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
