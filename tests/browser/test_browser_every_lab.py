"""Every lab there is, all on one page of a real JupyterLab: what a laptop shows of each at once, room on narrow pages and for
Chinese, and each control by keyboard.

What controls do to a lab, value by value, is tried without a browser: `tests/labs/test_pictures.py`. In `make test` the
training lab's page is measured, in `test_browser_lab.py`.
"""

import re

import chinese
import pytest

from course_lib.datasets.number_words import ENGLISH
from course_lib.datasets.speech import DIGITS
from tests.browser.labs_on_page import CROWDED, SCROLLING, Labs
from tests.labs.every_lab import NAMES

pytestmark = pytest.mark.slow
WINDOW = {"width": 1100, "height": 900}
# From the top of goals, status and first control to the end of the picture; and how much JupyterLab shows of a notebook.
HIGH = """panel => {
    const top = Math.min(...[...panel.querySelectorAll('button, input, select, [role=status]')]
        .filter(node => node.checkVisibility() && node.clientWidth).map(node => node.getBoundingClientRect().top));
    const ends = [...panel.querySelectorAll('canvas, [role=status], .jupyter-button.mod-primary')]
        .map(node => node.getBoundingClientRect().bottom);
    return [Math.max(...ends) - top, panel.closest('.jp-WindowedPanel-outer').clientHeight];
}"""
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
FOREIGN = {"listen": DIGITS, "language": ENGLISH}  # of English voices; what the network reads and writes


def all_labs(jupyter, language):
    """The `Labs` of a notebook that shows every lab in this language."""
    first = f"from course_lib import set_language\nfrom tests.labs.every_lab import opened\nset_language({language!r})"
    jupyter.write("every_lab.ipynb", [first, *(f"opened({name!r})" for name in NAMES)])
    notebook = jupyter.open("every_lab.ipynb")
    notebook.run_all(300)
    labs = Labs(language, notebook).find()
    assert notebook.errors() == [] and len(labs.labs) == len(NAMES)
    for lab in labs.labs:
        labs.look(lab, "the panel", error=False)
    return labs


@pytest.fixture(scope="module")
def opened(jupyter):
    return all_labs(jupyter, "en")


@pytest.fixture
def every_lab(opened):
    """All labs, on a page of the usual size; in the end, no fault may have been found, nor an error output."""
    yield opened
    opened.notebook.page.set_viewport_size(WINDOW)
    opened.notebook.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    expect_no_fault(opened)


def expect_no_fault(labs):
    faults, labs.faults = labs.faults, []
    assert faults == []
    assert labs.notebook.errors() == []


def once_laid_out(page, find_faults):
    """The faults that stay when JupyterLab has given its parts their new size, which a slow machine does late."""
    for _ in range(20):
        page.wait_for_timeout(500)
        faults = find_faults()
        if not faults:
            break
    return faults


@pytest.mark.parametrize(("width", "height"), [(1280, 657), (1366, 650)])
def test_every_lab_shows_goal_status_controls_and_picture_at_once_on_a_laptop(every_lab, width, height):
    """Beside the file browser, as JupyterLab opens."""
    page = every_lab.notebook.page
    page.evaluate("() => window.jupyterapp.shell.expandLeft()")
    page.set_viewport_size({"width": width, "height": height})

    def too_high():
        high = {lab["name"]: lab["panel"].evaluate(HIGH) for lab in every_lab.labs}
        return {name: (needs, room) for name, (needs, room) in high.items() if not 100 < needs <= room}

    assert once_laid_out(page, too_high) == {}


def found_in(labs, look):
    """What a JavaScript function finds wrong in each panel."""
    found = {lab["name"]: lab["panel"].evaluate(look) for lab in labs}
    return {name: faults for name, faults in found.items() if faults}


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (640, 328)])
def test_no_lab_is_cut_off_on_a_narrow_page(every_lab, width, height):
    """The second is a laptop's screen at 200 %, where a reader folds the file browser away."""
    page = every_lab.notebook.page
    if width > 1000:
        page.evaluate("() => window.jupyterapp.shell.expandLeft()")
    page.set_viewport_size({"width": width, "height": height})
    assert once_laid_out(page, lambda: found_in(every_lab.labs, CROWDED)) == {}


def visible(locators):
    return [locator for locator in locators.all() if locator.is_visible() and locator.is_enabled()]


def named(locator):
    """What a control is called, for messages."""
    return locator.evaluate(
        "node => node.title || node.textContent.trim().slice(0, 60)"
        " || node.closest('.jupyter-widgets')?.querySelector('label')?.textContent || node.className"
    )


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_every_control_answers_to_keys_and_the_picture_stays(every_lab, place):
    """Sliders go to both ends, lists to another option and back, switches and buttons answer."""
    lab = every_lab.labs[place]
    step = lab["panel"].locator("button", has_text=re.compile(r"^\s*Step$"))
    for _ in range(2 * step.count()):  # for sliders that go through what has happened
        step.press("Enter")
    for knob in visible(lab["panel"].locator("[role=slider]")):
        for key, end in (("End", "aria-valuemax"), ("Home", "aria-valuemin")):
            knob.press(key)
            every_lab.look(lab, f"slider {named(knob)}, {key}", error=False)
            shown, expected = knob.get_attribute("aria-valuenow"), knob.get_attribute(end)
            if float(shown) != float(expected):
                every_lab.fault(lab, f"slider {named(knob)}", f"expected {expected} after {key}, got {shown}")
    for choice in visible(lab["panel"].locator("select")):
        first = choice.evaluate("node => node.selectedIndex")
        for number in (choice.locator("option").count() - 1, first):
            choice.select_option(index=number)
            every_lab.look(lab, f"list {named(choice)}, option {number}")
    for switch in visible(lab["panel"].locator("input[type=checkbox]")):
        for _ in range(2):
            switch.press(" ")
            every_lab.look(lab, f"switch {named(switch)}", error=False)
    for button in visible(lab["panel"].locator("button")):
        if not (button.is_visible() and button.is_enabled()):  # another button's work
            continue
        name = named(button)
        if re.fullmatch(r"row \d+, column [1-7]", name):
            continue  # of a sheet of pixels, the last one of each row is enough
        button.press("Enter")
        if every_lab.look(lab, f"button {name}")["running"]:
            button.press("Enter")
            if every_lab.look(lab, f"button {name}, pressed again")["running"]:
                every_lab.rest(lab)


def test_the_labs_speak_chinese_and_have_room_for_it(jupyter):
    labs = all_labs(jupyter, "zh")
    for lab in labs.labs:
        said = lab["panel"].evaluate(WORDS)
        assert re.search(f"[{chinese.HAN}]", said[0])
        spoken = {f"the English word {word!r}" for word in FOREIGN.get(lab["name"], ())}
        for word in sorted({word for text in said for word in chinese.english_left(text)} - spoken):
            labs.fault(lab, "the panel", f"expected Chinese, found {word}")
    assert found_in(labs.labs, SCROLLING) == found_in(labs.labs, CROWDED) == {}
    expect_no_fault(labs)
