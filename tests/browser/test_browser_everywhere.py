"""Every chapter in a real JupyterLab: its labs and what it shows can be seen, reached by Tab, and read by everybody.

A chapter is opened and run once; the tests below use it, then those of the chapter's own file, such as
`test_browser_chapter05.py` (`tests/order.py`). What they find is collected, so that one run says all that is wrong: chapter,
lab, control, and what was expected. Those marked slow are for `make test-all`.
"""

import re
from contextlib import suppress
from itertools import pairwise

import chapter_files
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.guide_pictures import expect_as_stored, shown_lab
from tests.browser.labs_on_page import CROWDED, SCROLLING, Labs

CHAPTERS = [path.stem for path in chapter_files.CHAPTERS]
ZOOMED = {"width": 550, "height": 450}  # what a window of 1,100 x 900 pixels shows at 200 %

# Every element that the Tab key may reach, with its name for messages.
FIND_STOPS = """panel => {
    const places = 'a[href], button, input, select, textarea, audio, [tabindex], [contenteditable=true]';
    const name = stop => {
        if (stop.matches('select')) return stop.closest('.jupyter-widgets').querySelector('label').textContent;
        const label = stop.closest('.jupyter-widgets')?.querySelector('label')?.textContent;
        return stop.textContent.trim().slice(0, 40) || stop.title || label || stop.className;
    };
    window.stops = [...panel.querySelectorAll(places)].filter(
        stop => (stop.tabIndex >= 0 || stop.contentEditable === 'true') && !stop.disabled
            && stop.checkVisibility({visibilityProperty: true}));
    window.look = stop => {
        const chain = [stop, stop.parentElement];
        return JSON.stringify(chain.map(node => {
            const style = getComputedStyle(node);
            return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor];
        }));
    };
    document.activeElement.blur();
    window.looks = window.stops.map(window.look);
    return window.stops.map(stop => {
        const box = stop.getBoundingClientRect();
        return {name: name(stop), left: box.left, right: box.right, top: box.top, bottom: box.bottom};
    });
}"""
FOCUSED = """() => {
    const number = window.stops.indexOf(document.activeElement);
    if (number < 0) return [number, true];
    return [number, window.look(document.activeElement) !== window.looks[number]];
}"""
STILL_IN_AUDIO = "number => window.stops[number].matches('audio') && document.activeElement === window.stops[number]"
AXE = """async () => {
    const serious = ['serious', 'critical'];
    const context = {include: [['.jp-CodeCell .jp-OutputArea-output']]};
    const report = await axe.run(context, {resultTypes: ['violations']});
    return report.violations.filter(violation => serious.includes(violation.impact)).flatMap(violation =>
        violation.nodes.map(node => [violation.id, node.html.slice(0, 200),
                                     node.failureSummary.replace(/\\s+/g, ' ')]));
}"""


@pytest.fixture(scope="class")
def opened(request, jupyter):
    """The chapter's labs, whose cells have run; what other cells show is stored with them."""
    return Labs(request.cls.name, jupyter.run(f"notebooks/en/{request.cls.name}.ipynb")).find()


@pytest.fixture
def chapter(opened):
    """The chapter, on a light page of the usual size; in the end, no fault may have been found, nor an error output."""
    opened.faults.clear()
    yield opened
    if opened.faults:
        pytest.fail(f"{len(opened.faults)} faults:\n" + "\n".join(opened.faults), pytrace=False)
    assert opened.notebook.errors() == []


class EveryChapter:
    """What holds for every chapter, in one class each: pytest-xdist gives the tests of a class to one process."""

    def test_the_chapter_runs_and_shows_its_labs(self, chapter):
        assert chapter.notebook.errors() == []
        assert chapter.labs, f"{chapter.name}: expected a lab"
        for lab in chapter.labs:
            chapter.look(lab, "the panel", error=False)

    def test_nothing_scrolls_inside_a_lab(self, chapter):
        for lab in chapter.labs:
            for found in lab["panel"].evaluate(SCROLLING):
                chapter.fault(lab, found, "expected room for all of it, has a scroll bar")

    @pytest.mark.slow
    def test_tab_reaches_every_control_in_reading_order_and_shows_where_it_is(self, chapter):
        keyboard = chapter.notebook.page.keyboard
        for lab in chapter.labs:
            stops = lab["panel"].evaluate(FIND_STOPS)
            for before, after in pairwise(stops):
                above = after["bottom"] <= before["top"] and after["left"] < before["right"]
                level = after["top"] < before["bottom"] and before["top"] < after["bottom"]
                if above or (level and after["right"] <= before["left"]):
                    chapter.fault(lab, after["name"], f"expected after {before['name']}, stands before it on the page")
            chapter.notebook.page.evaluate("() => window.stops[0].focus({focusVisible: true})")
            for number, stop in enumerate(stops):
                focused, seen = chapter.notebook.page.evaluate(FOCUSED)
                if focused != number:
                    where = stops[focused]["name"] if focused >= 0 else "something outside of the panel"
                    chapter.fault(lab, stop["name"], f"expected the focus after {number} Tab keys, {where} has it")
                    break
                if not seen:
                    chapter.fault(lab, stop["name"], "expected a visible focus, nothing changes")
                keyboard.press("Tab")
                while chapter.notebook.page.evaluate(
                    STILL_IN_AUDIO, number
                ):  # it has stops of its own: play, seek, volume
                    keyboard.press("Tab")
            else:
                if chapter.notebook.page.evaluate(FOCUSED)[0] >= 0:
                    chapter.fault(lab, stops[-1]["name"], "expected Tab to leave the panel")
                chapter.notebook.page.evaluate("() => window.stops[0].focus()")
                keyboard.press("Shift+Tab")
                if chapter.notebook.page.evaluate(FOCUSED)[0] >= 0:
                    chapter.fault(lab, stops[0]["name"], "expected Shift+Tab to leave the panel")

    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_axe_finds_no_serious_violation(self, chapter, dark):
        page = chapter.notebook.page
        for lab in chapter.labs:  # the error line is to be seen, too
            chapter.notebook.execute(f"_labs[{lab['number']}].error('Learning rate: expected a number, got nonsense')")
        chapter.notebook.theme(dark)
        try:
            if not page.evaluate("() => 'axe' in window"):
                page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
            for rule, code, summary in page.evaluate(AXE):
                chapter.faults.append(f"{chapter.name}, {rule}: {summary} {code}")
        finally:
            chapter.notebook.theme(False)
            for lab in chapter.labs:
                chapter.notebook.execute(f"_labs[{lab['number']}].error('')")

    def test_nothing_is_cut_off_at_200_percent(self, chapter):
        page = chapter.notebook.page
        usual = page.viewport_size
        page.set_viewport_size(ZOOMED)
        try:
            for lab in chapter.labs:
                chapter.notebook.settle()
                for found in lab["panel"].evaluate(CROWDED):
                    chapter.fault(lab, "200 %", found)
        finally:
            page.set_viewport_size(usual)

    @pytest.mark.slow
    def test_the_guide_shows_the_lab_as_it_looks_today(self, chapter):
        """`make pictures` stores what is seen here. Tests of the chapter's own come before: its cell is run again."""
        chapter.run_again(shown_lab(chapter.name))
        expect_as_stored(chapter, "en")


for _name in CHAPTERS:
    globals()[f"Test{_name}"] = type(f"Test{_name}", (EveryChapter,), {"name": _name})


@pytest.fixture
def elsewhere(jupyter):
    """A function that opens a page of the server, by its address, outside of JupyterLab."""
    jupyter.start()
    jupyter.leave()

    def go(path):
        jupyter.page.goto(f"{jupyter.server.url}/{path}?token={jupyter.server.token}")
        return jupyter.page

    yield go
    jupyter.leave()


def first_lab_reacts(page):
    """Chapter 1's first lab trains and shows it, in words and in its picture."""
    lab = page.locator(".widget-vbox", has=page.locator("button", has_text=re.compile(r"^\s*Train$"))).first
    lab.get_by_text("Epoch 0 of ").first.wait_for(timeout=120_000)
    lab.locator("canvas[data-frame]").first.wait_for()
    picture = lab.locator("canvas").first.get_attribute("data-frame")
    lab.locator("button", has_text=re.compile(r"^\s*Train$")).first.click()
    lab.get_by_text("Epoch 60 of ").first.wait_for(timeout=30_000)
    lab.locator(f'canvas[data-frame]:not([data-frame="{picture}"])').first.wait_for(timeout=20_000)


def arrow_keys_move_a_slider(page):
    """They do not choose another cell, as they do elsewhere in Notebook 7."""
    knob = page.get_by_role("slider", name="Learning rate").first
    before = knob.get_attribute("aria-valuenow")
    knob.press("ArrowRight")
    assert float(knob.get_attribute("aria-valuenow")) == float(before) + 1


@pytest.mark.slow
def test_notebook_7_opens_chapter_1_and_its_first_lab_reacts(elsewhere):
    page = elsewhere("notebooks/notebooks/en/01_background.ipynb")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    assert page.locator("#jp-MainLogo, .jp-NotebookKernelLogo").count()  # Notebook 7, not JupyterLab
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(timeout=120_000)
    for _ in range(5):  # a menu that is built anew under the pointer takes no click
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with suppress(PlaywrightTimeout):
            page.locator(".widget-vbox").first.wait_for(state="attached", timeout=20_000)  # the saved page has none
            break
    first_lab_reacts(page)
    arrow_keys_move_a_slider(page)


@pytest.mark.slow
def test_voila_shows_chapter_1_and_its_first_lab_reacts(elsewhere):
    page = elsewhere("voila/render/notebooks/en/01_background.ipynb")
    first_lab_reacts(page)
    assert page.locator(".cm-content").count() == 0  # no code to edit
