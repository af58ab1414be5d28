"""Every chapter in a real JupyterLab: each control of each lab, by keyboard, with nonsense, on a narrow and on a dark page.

A chapter is opened and run once; the tests below use it one after the other. What they find is collected, so that one
run says all that is wrong: chapter, lab, control, and what was expected.
"""

import io
import math
import os
import re
import shutil
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image

from tests.browser.jupyter import ROOT, lab_page, lab_server, open_notebook

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks" / "en").glob("0[1-9]*.ipynb"))
NONSENSE = ["abc", "-1", "1e999", "", "nan", "long " * 400, "\uff11\uff12"]
ZOOMED = {"width": 550, "height": 450}  # what a window of 1,100 x 900 pixels shows at 200 %

# What axe finds and the course cannot change, with the reason. Nothing else is excused.
EXCUSED = {
    "aria-input-field-name": (
        "noUi-handle",
        "ipywidgets gives a slider's knob no name, and only JavaScript could; the named text box beside it does the same",
    ),
}

# Which lab of a chapter the teacher's guide shows, after its main button was pressed (the stepper's: several times).
SHOWN = {
    "01_background": "fit", "02_core_concepts": "descent", "03_algorithms": "stepper", "04_mathematics": "descent",
    "05_practice": "success map", "06a_images": "cnn", "06b_speech": "voices", "06c_translation": "translation training",
    "07_tools": "speed", "08_outlook": "over-fitting", "09_faq": "search",
}  # fmt: skip
PRESSES = {"stepper": 9}
PICTURES = ROOT / "notebooks" / "en" / "pictures"

# The slider's End key goes to the largest value that it had when it was drawn. Where that has grown, arrow keys go on.
LENGTHENED = {"Look back to epoch"}

# In the kernel: mark the widgets of all labs with CSS classes, and tell what a lab says of itself.
IN_KERNEL = r"""
def _mark_labs():
    import gc
    import ipywidgets as widgets
    from course_lib.labs.panel import base, controls

    def parts(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from parts(child)

    owners = {}
    for thing in gc.get_objects():
        if type(thing) in (controls.NumberControl, controls.TextControl):
            owners[id(thing.text)] = thing
    global _labs
    _labs, found = list(base._open.values()), []
    for number, lab in enumerate(_labs):
        lab.panel.add_class(f"reader-lab-{number}")
        boxes = []
        for part in parts(lab.panel):
            if isinstance(part, (widgets.Text, widgets.Textarea)) and not part.disabled:
                part.add_class(f"reader-box-{len(boxes)}")
                owner = owners.get(id(part))
                if isinstance(owner, controls.NumberControl):
                    ends = [owner._format(owner.low), owner._format(owner.high)]
                    boxes.append({"label": owner.label, "low": owner.low, "high": owner.high, "whole": owner.whole,
                                  "right": ends})
                elif owner is not None:
                    boxes.append({"label": part.description, "right": owner.ends()})
                else:
                    boxes.append({"label": part.description, "right": [part.value or "1"]})
        found.append({"name": lab.name, "boxes": boxes})
    return found


def _lab_facts(number):
    import html, re

    lab = _labs[number]
    return {"error": html.unescape(re.sub("<[^>]*>", "", lab.error_line.value)), "running": lab.running}
"""
IN_PAGE = """async number => {
    const panel = document.querySelector('.reader-lab-' + number);
    const images = [...panel.querySelectorAll('img')].filter(image => image.offsetParent);
    const seen = () => images.length > 0 && images.every(image => image.complete && image.naturalWidth > 0);
    for (let i = 0; i < 50 && !seen(); i++) await new Promise(resolve => setTimeout(resolve, 10));  // the next frame
    return {
        alerts: [...panel.querySelectorAll('[role=alert]')].map(alert => alert.innerText),
        image: seen(),
        typed: document.activeElement.value,
    };
}"""
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
# What is cut off or covered in a panel: controls beyond its edges, controls over each other, texts wider than their box.
CROWDED = """panel => {
    const outer = panel.getBoundingClientRect(), found = [];
    const controls = [...panel.querySelectorAll('button, input, select, textarea, audio, img, .noUi-target, .widget-html')]
        .filter(node => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 0);
    const name = node => node.title || node.textContent.trim().slice(0, 40)
        || node.closest('.jupyter-widgets')?.querySelector('label')?.textContent || node.className || node.tagName;
    const boxes = controls.map(node => node.getBoundingClientRect());
    controls.forEach((node, i) => {
        const box = boxes[i];
        if (box.left < outer.left - 1 || box.right > outer.right + 1 || box.bottom > outer.bottom + 1
            || box.right > window.innerWidth)
            found.push(`${name(node)}: expected inside the panel (${Math.round(outer.left)} to ${Math.round(outer.right)}),`
                       + ` is at ${Math.round(box.left)} to ${Math.round(box.right)}`);
        for (let j = i + 1; j < controls.length; j++) {
            const other = boxes[j];
            const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
            const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
            if (across > 1 && down > 1 && !node.contains(controls[j]) && !controls[j].contains(node))
                found.push(`${name(node)}: expected room of its own, lies over ${name(controls[j])}`);
        }
    });
    for (const node of panel.querySelectorAll('.widget-label, .jupyter-button, .widget-html-content'))
        if (node.clientWidth && node.scrollWidth > node.clientWidth + 1)
            found.push(`${name(node)}: expected the whole text, ${node.scrollWidth} pixels, sees ${node.clientWidth}`);
    for (const image of panel.querySelectorAll('img')) {
        const ratio = image.width / image.height, real = image.naturalWidth / image.naturalHeight;
        if (Math.abs(ratio / real - 1) > 0.02)
            found.push(`picture: expected its own proportions, ${real.toFixed(2)}, shows ${ratio.toFixed(2)}`);
    }
    return found;
}"""
SCROLLING = """panel => [panel, ...panel.querySelectorAll('.widget-box')]
    .filter(box => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight).map(box => box.className)"""
AXE = """async () => {
    const serious = ['serious', 'critical'];
    const context = {include: [['.jp-CodeCell .jp-OutputArea-output']]};
    const report = await axe.run(context, {resultTypes: ['violations']});
    return report.violations.filter(violation => serious.includes(violation.impact)).flatMap(violation =>
        violation.nodes.map(node => [violation.id, node.html.slice(0, 200),
                                     node.failureSummary.replace(/\\s+/g, ' ')]));
}"""


@dataclass
class Chapter:
    """A chapter after Run All, with the labs on its page and what was found wrong with them."""

    name: str
    notebook: object
    labs: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    def fault(self, lab, control, expected):
        self.faults.append(f"{self.name}, lab {lab['name']}, {control}: {expected}")

    def facts(self, lab):
        """What lab and page say when all has been answered: error, running, alerts, image, text in the focused box."""
        return self.notebook.settle(f"_lab_facts({lab['number']})", f"await ({IN_PAGE})({lab['number']})")

    def look(self, lab, control, error=None):
        """Check what must hold after everything that a reader does; returns the facts.

        error   True: a sentence must stand in the error line; False: none may; None: either
        """
        facts = self.facts(lab)
        said = facts["error"]
        if not facts["image"]:
            self.fault(lab, control, "expected the picture to stay, it is gone")
        if facts["alerts"] != ([said] if said else []):
            self.fault(lab, control, f"expected {said!r} in the page's error line, got {facts['alerts']}")
        if said and (re.search(r"Traceback|Error:|\n", said) or " " not in said or len(said) > 300):
            self.fault(lab, control, f"expected a short sentence, got {said[:400]!r}")
        if error is True and not said:
            self.fault(lab, control, "expected an error sentence, got none")
        if error is False and said:
            self.fault(lab, control, f"expected no error, got {said!r}")
        return facts

    def rest(self, lab):
        """Pause a lab that works."""
        self.notebook.execute(f"_labs[{lab['number']}].stop()")
        self.notebook.settle()


@pytest.fixture(scope="class")
def course(tmp_path_factory):
    """A server and a page for one chapter. Not for all: while a page is open, nothing else in the process may run asyncio."""
    root = tmp_path_factory.mktemp("course")
    (root / "notebooks" / "en").mkdir(parents=True)
    for name in CHAPTERS:
        shutil.copy(ROOT / "notebooks" / "en" / f"{name}.ipynb", root / "notebooks" / "en")
    with lab_server(root) as server, lab_page() as page:
        page.set_default_timeout(10_000)
        yield server, page


@pytest.fixture(scope="class")
def opened(request, course):
    server, page = course
    notebook = open_notebook(page, server, f"notebooks/en/{request.cls.name}.ipynb")
    notebook.run_all(240)
    notebook.execute(IN_KERNEL)
    chapter = Chapter(request.cls.name, notebook)
    for number, lab in enumerate(notebook.settle("_mark_labs()")):
        panel = page.locator(f".reader-lab-{number}")
        if panel.count():  # else: a lab that a hidden cell drives
            chapter.labs.append(lab | {"number": number, "panel": panel})
    yield chapter
    notebook.close()


@pytest.fixture
def chapter(opened):
    """The chapter, on a light page of the usual size; in the end, no fault may have been found, nor an error output."""
    opened.faults.clear()
    yield opened
    if opened.faults:
        pytest.fail(f"{len(opened.faults)} faults:\n" + "\n".join(opened.faults), pytrace=False)
    assert opened.notebook.errors() == []


def visible(locators):
    return [locator for locator in locators.all() if locator.is_visible() and locator.is_enabled()]


def named(locator):
    """What a control is called, for messages."""
    return locator.evaluate(
        "node => node.title || node.textContent.trim().slice(0, 60)"
        " || node.closest('.jupyter-widgets')?.querySelector('label')?.textContent || node.className"
    )


def accepts(box, text):
    """Whether a number box is to take a text; None where the lab itself decides."""
    if "low" not in box:
        return None
    try:
        return box["low"] <= (int if box["whole"] else float)(text) <= box["high"]
    except ValueError:
        return False


def is_number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def enter(box, text):
    """Type into a box by keyboard and press Enter; a text as long as pasted ones are comes by leaving the box."""
    if len(text) > 100:
        box.evaluate(
            """(box, text) => {
            box.focus();
            box.value = text;
            box.dispatchEvent(new Event('change', {bubbles: true}));
        }""",
            text,
        )
    else:
        box.fill(text)
        box.press("Enter")


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

    def test_the_guide_shows_the_lab_as_it_looks_today(self, chapter):
        """`make pictures` stores what is seen here. Sizes are compared: numbers in the labs may differ by machine."""
        lab = next(lab for lab in chapter.labs if lab["name"] == SHOWN[chapter.name])
        for _ in range(PRESSES.get(lab["name"], 1)):
            lab["panel"].locator("button.mod-primary").first.press("Enter")
        for _ in range(60):
            chapter.notebook.page.wait_for_timeout(250)
            if not chapter.look(lab, "the main button", error=False)["running"]:
                break
        chapter.rest(lab)
        picture = Image.open(io.BytesIO(lab["panel"].screenshot())).convert("RGB")
        stored = PICTURES / f"{chapter.name}.webp"
        if os.environ.get("COURSE_PICTURES") == "store":
            stored.parent.mkdir(exist_ok=True)
            picture.save(stored, quality=80, method=6)
        with Image.open(stored) as shown:
            assert shown.size == pytest.approx(picture.size, rel=0.03), f"{stored.name} is out of date: make pictures"

    def test_every_slider_goes_to_both_ends(self, chapter):
        for lab in chapter.labs:
            step = lab["panel"].locator("button", has_text=re.compile(r"^\s*Step$"))
            for _ in range(2 * step.count()):  # for sliders that go through what has happened
                step.press("Enter")
            for knob in visible(lab["panel"].locator("[role=slider]")):
                first, name = knob.get_attribute("aria-valuenow"), named(knob)
                for key, end in (("End", "aria-valuemax"), ("Home", "aria-valuemin")):
                    knob.press(key)
                    for _ in range(2 * step.count() * (key == "End" and name in LENGTHENED)):
                        knob.press("ArrowRight")
                    chapter.look(lab, f"slider {name}, {key}", error=False)
                    shown, expected = knob.get_attribute("aria-valuenow"), knob.get_attribute(end)
                    if float(shown) != float(expected):
                        chapter.fault(lab, f"slider {name}", f"expected {expected} after {key}, got {shown}")
                if first == knob.get_attribute("aria-valuenow"):
                    knob.press("ArrowRight")
                    chapter.look(lab, f"slider {name}, arrow", error=False)

    def test_every_option_and_every_switch_can_be_chosen(self, chapter):
        for lab in chapter.labs:
            for choice in visible(lab["panel"].locator("select")):
                name, options = named(choice), choice.locator("option").all_inner_texts()
                first = choice.evaluate("node => node.selectedIndex")
                for number in [*range(len(options)), first]:
                    choice.select_option(index=number)
                    chapter.look(lab, f"list {name}, option {options[number]}")
            for switch in visible(lab["panel"].locator("input[type=checkbox]")):
                name = named(switch)
                for _ in range(2):
                    switch.press(" ")
                    chapter.look(lab, f"switch {name}", error=False)

    def test_every_button_can_be_pressed(self, chapter):
        for lab in chapter.labs:
            for button in visible(lab["panel"].locator("button")):
                if not (button.is_visible() and button.is_enabled()):  # another button's work
                    continue
                name = named(button)
                button.press("Enter")
                if re.fullmatch(r"row \d+, column \d+", name) and not name.endswith("8"):
                    continue  # a sheet of pixels is looked at once a row
                if chapter.look(lab, f"button {name}")["running"]:
                    button.press("Enter")
                    if chapter.look(lab, f"button {name}, pressed again")["running"]:
                        chapter.rest(lab)

    def test_nonsense_gets_a_sentence_and_the_right_value_clears_it(self, chapter):
        for lab in chapter.labs:
            for number, box in enumerate(lab["boxes"]):
                typed = lab["panel"].locator(f".reader-box-{number}").locator("input, textarea")
                if not typed.is_visible():
                    continue
                shown, earlier = typed.input_value(), set()
                for text in NONSENSE:
                    taken = accepts(box, text)
                    control = f"text box {box['label']!r}, {text[:12]!r}"
                    enter(typed, text)
                    # The same text again is no news to the lab, and leaves the error line as it is.
                    facts = chapter.look(lab, control, error=None if taken is None or text == shown else not taken)
                    if taken is False and facts["typed"] != shown:
                        chapter.fault(
                            lab, control, f"expected {shown!r} to stand in the box again, got {facts['typed']!r}"
                        )
                    if taken is False and box["label"] not in facts["error"]:
                        chapter.fault(
                            lab, control, f"expected the control's name in the sentence, got {facts['error']!r}"
                        )
                    shown = facts["typed"]
                    if not is_number(text):  # a prediction may come too early, whatever the number
                        earlier.add(facts["error"])
                right = next((text for text in box["right"] if text != shown), box["right"][0])
                control = f"text box {box['label']!r}, right value {right!r}"
                enter(typed, right)
                said = chapter.look(lab, control, error=False if "low" in box else None)["error"]
                if said and said in earlier:
                    chapter.fault(lab, control, f"expected the error of the nonsense to be gone, got {said!r}")
                chapter.rest(lab)

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
                excused, _ = EXCUSED.get(rule, ("", ""))
                if not (excused and excused in code):
                    chapter.faults.append(f"{chapter.name}, {rule}: {summary} {code}")
        finally:
            chapter.notebook.theme(False)
            for lab in chapter.labs:
                chapter.notebook.execute(f"_labs[{lab['number']}].error('')")

    def test_nothing_is_cut_off_at_200_percent(self, chapter, tmp_path):
        page = chapter.notebook.page
        usual = page.viewport_size
        page.set_viewport_size(ZOOMED)
        try:
            for lab in chapter.labs:
                chapter.notebook.settle()
                for found in lab["panel"].evaluate(CROWDED):
                    chapter.fault(lab, "200 %", found)
                lab["panel"].screenshot(path=tmp_path / f"{lab['name']}.png")
        finally:
            page.set_viewport_size(usual)


for _name in CHAPTERS:
    globals()[f"Test{_name}"] = type(f"Test{_name}", (EveryChapter,), {"name": _name})


@pytest.fixture
def elsewhere(course):
    """A function that opens a page of the server, by its address, outside of JupyterLab."""
    server, page = course
    other = page.context.browser.new_page(viewport={"width": 1100, "height": 900})

    def go(path):
        other.goto(f"{server.url}/{path}?token={server.token}")
        return other

    yield go
    other.close()


def first_lab_reacts(page):
    """Chapter 1's first lab takes a step and shows it, in words and in its picture."""
    lab = page.locator(".widget-vbox", has=page.locator("button", has_text=re.compile(r"^\s*Train$"))).first
    lab.get_by_text("Epoch 0 of ").first.wait_for(timeout=120_000)
    picture = lab.locator("img").first.get_attribute("src")
    lab.locator("button", has_text=re.compile(r"^\s*Step$")).first.click()
    lab.get_by_text("Epoch 1 of ").first.wait_for(timeout=20_000)
    assert lab.locator("img").first.get_attribute("src") != picture


def test_notebook_7_opens_chapter_1_and_its_first_lab_reacts(elsewhere):
    page = elsewhere(f"notebooks/notebooks/en/{CHAPTERS[0]}.ipynb")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    assert page.locator("#jp-MainLogo, .jp-NotebookKernelLogo").count()  # Notebook 7, not JupyterLab
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    first_lab_reacts(page)


def test_voila_shows_chapter_1_and_its_first_lab_reacts(elsewhere):
    page = elsewhere(f"voila/render/notebooks/en/{CHAPTERS[0]}.ipynb")
    first_lab_reacts(page)
    assert page.locator(".cm-content").count() == 0  # no code to edit
