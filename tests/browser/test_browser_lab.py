"""The training lab alone in a real JupyterLab: quick hands, a page that stays calm, zoom, reload, interrupt."""

from contextlib import contextmanager

import pytest

from course_lib.labs.base.controls import FINE, NumberControl
from course_lib.labs.training.model import TrainingModel
from tests.browser.jupyter import Panel
from tests.browser.labs_on_page import CROWDED, SCROLLING

CELLS = ["from course_lib.labs import training_lab\nimport time", "lab = training_lab(epochs=5000)\nlab"]
# Where the page stands, and whether the panel's buttons, status and picture are in view, each of them whole.
IN_VIEW = """panel => {
    const notebook = panel.closest('.jp-WindowedPanel-outer'), view = notebook.getBoundingClientRect();
    const parts = [...panel.querySelectorAll('.mod-primary, [role=status], canvas')];
    const isSeen = box => box.top >= view.top && box.bottom <= view.bottom;
    return [notebook.scrollTop, parts.length > 2 && parts.every(part => isSeen(part.getBoundingClientRect()))];
}"""
ROOM = 647  # CSS pixels that JupyterLab leaves to a notebook in a window of 1,024 x 768
FROM_TO = """cell => {
    const lines = [...cell.querySelectorAll('.widget-html-content')].filter(line => line.checkVisibility());
    const folds = [...cell.querySelectorAll('button.jupyter-button')].filter(button => button.innerText.startsWith('\u25b8'));
    return [lines[0].getBoundingClientRect().top, folds.at(-1).getBoundingClientRect().bottom];
}"""
GOALS = """
lab.controls['rate'].set(30.0)
lab.model.best = {'4 units': 12, '2 units': 29}
lab.model.note()
lab.model.advance(25)
lab.redraw()"""
CUT_OFF = """panel => {  // as CROWDED, of what stands in lists and boxes
    const pen = document.createElement('canvas').getContext('2d');
    const wide = (node, text) => { pen.font = getComputedStyle(node).font; return pen.measureText(text).width; };
    const lists = [...panel.querySelectorAll('select')]
        .filter(node => Math.max(...[...node.options].map(o => wide(node, o.text))) > node.clientWidth - 30);
    const boxes = [...panel.querySelectorAll('.widget-hbox input[type=text]')]
        .filter(node => !node.placeholder && wide(node, node.value) > node.clientWidth - 10);
    return [...lists, ...boxes].map(node => node.value);
}"""


@pytest.fixture(scope="module")
def notebook(jupyter):
    jupyter.write("lab.ipynb", CELLS, "After the lab.\n\n" * 60 + "The end.")
    return jupyter.run("lab.ipynb")


@pytest.fixture
def lab(notebook):
    """The lab, paused at its start with its first settings."""
    start = TrainingModel(epochs=5000).state()
    notebook.execute(
        f"lab.state_text.value = {start!r}\nlab.buttons['restore'].click()\nfor fold in lab.folds: fold.is_open = True"
    )
    panel = Panel(notebook, "lab = training_lab(")
    panel.expect("Epoch 0 of 5,000")
    panel.box = panel.cell.locator(".widget-vbox").first
    yield panel
    assert notebook.errors() == []


def watch_frames(panel):
    """Count the pictures that arrive from now on, and remember where they lie on the page."""
    panel.picture.evaluate(
        """picture => {
            window.frames_seen = new Set(); window.places = new Set();
            new MutationObserver(() => {
                window.frames_seen.add(picture.dataset.frame);
                window.places.add([picture.getBoundingClientRect().top, picture.getBoundingClientRect().height] + '');
            }).observe(picture, {attributeFilter: ['data-frame']});
        }"""
    )


def test_pictures_arrive_while_it_trains_and_the_page_stands_still(notebook, lab):
    height = lab.box.bounding_box()["height"]
    watch_frames(lab)
    lab.button("Train").click()
    notebook.page.wait_for_function("() => window.frames_seen.size > 20")
    lab.type("fast")  # an error line appears, and is not wiped away by frames
    lab.expect("Learning rate: expected a number from 0.0001 to 30, got 'fast'")
    notebook.page.wait_for_function(
        "count => window.frames_seen.size > count + 20", arg=notebook.page.evaluate("() => window.frames_seen.size")
    )
    assert lab.cell.get_by_role("alert").inner_text().startswith("Learning rate")
    assert lab.cell.get_by_role("textbox", name="Learning rate", exact=True).input_value() == "0.5"  # as it was
    lab.button("Pause").click()
    lab.button("Train").wait_for()
    assert notebook.page.evaluate("() => window.places.size") == 1
    assert lab.box.bounding_box()["height"] == pytest.approx(height, abs=1)
    assert notebook.value("lab.frames") > 40


@pytest.mark.parametrize("training", [False, True])
def test_every_quick_press_counts(notebook, lab, training):
    """Presses that come before the answer to the last one: none is lost, and none is undone by a late answer."""
    if training:
        lab.press("Train")
    plus, expected = notebook.page.get_by_title("Learning rate: more"), 0.5
    for _ in range(8):
        expected = float(f"{expected * FINE:.3g}")
    plus.evaluate("button => { for (let i = 0; i < 8; i++) setTimeout(() => button.click(), 25 * i); }")
    lab.expect(f"learning rate {expected:g}")
    notebook.page.wait_for_timeout(500)  # for late answers
    assert notebook.value("[lab.controls['rate'].value, lab.model.rate]") == [expected, expected]
    assert lab.cell.locator('input[type="text"]').first.input_value() == f"{expected:g}"


def test_every_box_and_list_has_a_name(lab):
    """For screen readers."""
    for label in ("Learning rate", "Hidden units", "Epochs", "Seed"):
        assert lab.cell.get_by_role("textbox", name=label, exact=True).count() == 1
    unnamed = (
        "boxes => boxes.filter(box => ![...box.labels].some(label => label.textContent.trim())).map(box => box.id)"
    )
    assert lab.cell.locator(".widget-hbox input, select").evaluate_all(unnamed) == []


def test_every_knob_has_a_name_and_says_its_value(notebook, lab):
    """The value as it is written beside it, for a screen reader: after keys, after typing, and what the kernel shows."""
    for label, value in (("Learning rate", "0.5"), ("Look back to epoch", "0")):
        knob = lab.cell.get_by_role("slider", name=label, exact=True)
        assert knob.count() == 1 and knob.get_attribute("aria-valuetext") == value
    knob = lab.cell.get_by_role("slider", name="Learning rate", exact=True)

    def says(value):
        notebook.page.wait_for_function(
            "([knob, value]) => knob.getAttribute('aria-valuetext') === value", arg=[knob.element_handle(), value]
        )
        assert knob.get_attribute("aria-label") == "Learning rate"

    for key, value in (("ArrowRight", "0.55"), ("ArrowLeft", "0.5"), ("PageUp", "0.75"), ("PageDown", "0.5")):
        knob.press(key)
        says(value)
    notebook.settle()  # the kernel's last answer to a key would change the box while it is typed into
    lab.type("0.123456")
    says("0.123456")
    notebook.settle()
    knob.press("ArrowLeft")
    says("0.11")
    lab.press("Step", times=2)
    notebook.settle()
    assert lab.cell.get_by_role("slider", name="Look back to epoch").get_attribute("aria-valuetext") == "2"


def test_every_arrow_key_counts_while_it_trains(notebook, lab):
    notebook.execute(
        "turned = []\nlab.controls['rate'].slider.observe(lambda change: turned.append(change['new']), 'value')"
    )
    lab.press("Train")
    slider = lab.cell.get_by_role("slider").first
    first = int(float(slider.get_attribute("aria-valuenow")))
    marks = NumberControl(
        "", 1, *TrainingModel.number_limits()["rate"], on_change=None, on_error=None, logarithmic=True
    )._marks
    for key, direction in (("ArrowRight", 1), ("ArrowLeft", -1)):
        notebook.execute("turned.clear()")
        for _ in range(10):
            slider.press(key)
        last = first + 10 * direction
        notebook.page.wait_for_function(
            "([slider, mark]) => slider.getAttribute('aria-valuenow') == mark",
            arg=[slider.element_handle(), f"{last}.0"],
        )
        lab.expect(f"learning rate {marks[last]:g}")
        turned = notebook.value("turned")  # quick keys may arrive together, but none turns the knob back
        assert turned == sorted(set(turned), reverse=direction < 0) and turned[-1] == last
        assert notebook.value("lab.model.changes[-1][1] == lab.controls['rate'].value and lab.running")
        first = last
    lab.button("Pause").click()
    changes = notebook.value("lab.model.changes")
    assert changes[0] == [0, 0.5] and len(changes) > 5  # turned on the way, without a restart


@pytest.mark.parametrize("scale", [1, 1.25])
def test_nothing_is_cut_off(notebook, lab, scale):
    """At a width of 1,100 pixels, and with the page zoomed to 125 %."""
    page = notebook.page
    page.set_viewport_size({"width": round(1100 / scale), "height": round(900 / scale)})
    try:
        lab.button("Copy as Python").click()
        lab.cell.get_by_role("textbox", name="The program of this run").wait_for()
        for hidden, epochs, seed in ((16, 20_000, 9999), (4, 500, 1)):
            notebook.execute(
                f"for name, value in dict(hidden={hidden}, epochs={epochs}, seed={seed}).items():\n"
                "    lab.controls[name].set(value)"
            )
            lab.expect(f"Epoch 0 of {epochs:,}")
            assert [fault for look in (SCROLLING, CROWDED, CUT_OFF) for fault in lab.box.evaluate(look)] == []
    finally:
        page.set_viewport_size({"width": 1100, "height": 900})
        notebook.execute("lab.program_text.layout.display = 'none'")


@pytest.fixture
def small_window(notebook):
    notebook.page.set_viewport_size({"width": 1024, "height": 768})
    yield
    notebook.page.set_viewport_size({"width": 1100, "height": 900})


def test_it_fits_into_a_small_window(notebook, lab, small_window):
    notebook.execute("for fold in lab.folds: fold.is_open = False")
    notebook.settle()
    top, bottom = lab.cell.evaluate(FROM_TO)
    assert 400 < bottom - top < ROOM


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_fits_with_goals_reached_and_the_next_one_shown(notebook, small_window, language):
    """With a status of two lines, in both languages; the last one stays."""
    notebook.execute(f"from course_lib import set_language\nset_language({language!r})")
    notebook.run_all()
    notebook.execute(GOALS)
    notebook.settle()
    cell = Panel(notebook, "lab = training_lab(").cell
    cell.locator("canvas[data-frame]").wait_for()
    assert cell.get_by_text("\N{CHECK MARK}").count() == 2
    top, bottom = cell.evaluate(FROM_TO)
    assert 400 < bottom - top < ROOM


def test_while_it_trains_no_old_epoch_stands_beside_look_back(notebook, lab):
    slider = lab.cell.get_by_role("slider", name="Look back to epoch")
    assert slider.is_visible()
    lab.press("Train")
    slider.wait_for(state="hidden")
    lab.button("Pause").click()
    slider.wait_for()
    assert notebook.settle("lab.look_back.value == lab.model.epoch > 0")


def test_looking_back_by_keyboard_reaches_both_ends_and_every_epoch_that_is_kept(notebook, lab):
    notebook.execute("lab.controls['epochs'].set(1010)")
    for _ in range(2):  # the largest epoch grows
        lab.button("Train").click()
        lab.button("Pause").click()
        lab.button("Train").wait_for()
    notebook.execute("lab.model.advance(1010)\nlab.redraw()")
    slider = lab.cell.get_by_role("slider", name="Look back to epoch")
    notebook.settle()
    assert slider.get_attribute("aria-valuemax") == "1010.0"
    places = []
    for key in ("ArrowLeft", "ArrowLeft", "End", "Home", "ArrowRight", "ArrowRight", "End"):
        slider.press(key)
        places.append(notebook.settle("lab.model.looking_at"))
        assert float(slider.get_attribute("aria-valuenow")) == places[-1] == notebook.value("lab.look_back.value")
    assert places == [1008, 1004, 1010, 0, 4, 8, 1010]


WATCH_PICTURES = """picture => {
    const sum = () => {
        const {width, height} = picture, all = picture.getContext('2d').getImageData(0, 0, width, height).data;
        return all.reduce((sum, part) => (31 * sum + part) | 0, 0);
    };
    window.pictures = [sum()];  // each that is seen
    window.watching?.disconnect();
    window.watching = new MutationObserver(() => window.pictures.push(sum()));
    window.watching.observe(picture, {attributeFilter: ['data-frame']});
}"""
CHANGES = "() => window.pictures.filter((picture, i, all) => picture !== all[i - 1])"
OCCUPY = """code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    window.occupied = kernel.requestExecute({code});
    window.isFree = false;
    window.occupied.done.then(() => window.isFree = true);
}"""


@contextmanager
def occupied(page, folder):
    """The kernel is in a cell that takes as long as the block, or is far away."""
    free = folder / "free"
    free.unlink(missing_ok=True)
    page.evaluate(OCCUPY, f"import pathlib\nwhile not pathlib.Path({str(free)!r}).exists(): time.sleep(0.01)")
    try:
        yield
        assert not page.evaluate("() => window.isFree")
    finally:
        free.touch()
    page.wait_for_function("() => window.isFree")


@pytest.fixture
def looked_back(notebook, lab):
    """The slider, once it has been moved and the page has all pictures of the run."""
    lab.press("Step")
    notebook.execute("lab.model.advance(99)\nlab.redraw()")
    notebook.settle()
    slider = lab.cell.get_by_role("slider", name="Look back to epoch")
    slider.press("ArrowLeft")
    watch_when_all_is_sent(notebook, lab)
    return slider


def watch_when_all_is_sent(notebook, lab):
    """A page that was silent for two seconds, as after a reload on a slow machine, does not draw then, or is replaced."""
    is_sent = "lab.canvas.page_draws and not any(map(lab.canvas.lacks, lab.prefetch._wanted()))"
    while not notebook.settle(f"{is_sent} and lab.prefetch._timer is None"):
        notebook.page.wait_for_timeout(100)
    lab.cell.locator("canvas.course-picture[data-frame]").first.wait_for()
    lab.picture.evaluate(WATCH_PICTURES)


def test_looking_back_does_not_wait_for_the_kernel(notebook, lab, looked_back, tmp_path):
    """Back where it was, the picture is too; and what the kernel says afterwards changes no pixel."""
    page = notebook.page
    with occupied(page, tmp_path):
        for key in ("ArrowLeft", "ArrowLeft", "PageDown", "Home", "ArrowRight", "ArrowLeft"):
            looked_back.press(key)
        page.wait_for_function(f"() => ({CHANGES})().length >= 7")
        seen = page.evaluate(CHANGES)
    assert len(seen) == 7 and len(set(seen)) == 6 and seen[6] == seen[4]
    assert notebook.settle("lab.model.looking_at") == 0
    assert page.evaluate(CHANGES) == seen
    notebook.execute("lab.canvas._page.draw_anew()\nlab.redraw()")
    notebook.settle()
    assert page.evaluate("() => window.pictures.at(-1)") == seen[-1]


def test_a_picture_of_an_earlier_network_is_never_shown(notebook, lab, looked_back):
    notebook.execute("lab.controls['hidden'].set(3)\nlab.model.advance(100)\nlab.redraw()")
    notebook.settle()
    page = notebook.page
    page.evaluate("() => { window.pictures = []; }")
    looked_back.press("Home")
    notebook.settle("lab.model.looking_at == 0")
    seen = set(page.evaluate("() => window.pictures"))
    notebook.execute("lab.canvas._page.draw_anew()\nlab.redraw()")
    notebook.settle()
    assert seen == {page.evaluate("() => window.pictures.at(-1)")}


def test_the_number_beside_look_back_has_a_name_and_takes_a_number(notebook, lab):
    lab.press("Step")
    notebook.execute("lab.model.advance(1009)\nlab.redraw()")
    notebook.settle()
    number = lab.cell.get_by_role("textbox", name="Look back to epoch", exact=True)
    assert number.count() == 1 and number.inner_text() == "1010"
    number.fill("13")
    number.press("Enter")
    assert notebook.settle("lab.model.looking_at") == 12  # the nearest one that is kept
    assert number.inner_text() == "12"


def test_interrupt_of_another_cell_leaves_the_lab_usable(notebook, lab):
    lab.press("Train")
    page = notebook.page
    page.evaluate("""() => {
        const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        window.sleeping = kernel.requestExecute({code: 'print("asleep", flush=True); time.sleep(60)'});
        window.asleep = false;
        window.sleeping.onIOPub = message => { window.asleep ||= message.header.msg_type === 'stream'; };
    }""")
    page.wait_for_function("() => window.asleep")
    notebook.command("kernelmenu:interrupt")
    reply = page.evaluate("async () => (await window.sleeping.done).content")
    assert reply["status"] == "error" and reply["ename"] == "KeyboardInterrupt"
    epoch = notebook.value("lab.model.epoch")
    if not notebook.value("lab.running"):
        lab.button("Train").click()
    notebook.execute(f"import asyncio\nwhile lab.model.epoch <= {epoch}: await asyncio.sleep(0.01)")
    lab.button("Pause").click()
    lab.button("Train").wait_for()


def test_panel_survives_a_reload_of_the_page(notebook, lab, tmp_path):
    page = notebook.page
    lab.press("Step", times=3)
    notebook.command("docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.goto(page.url.partition("?")[0])
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget?.content", timeout=60_000)
    notebook.wait_idle()
    again = Panel(notebook, "lab = training_lab(")
    again.expect("Epoch 3 of 5,000")
    watch_when_all_is_sent(notebook, again)
    with occupied(page, tmp_path):
        again.cell.get_by_role("slider", name="Look back to epoch").press("ArrowLeft")
        page.wait_for_function(f"() => ({CHANGES})().length === 2")
    again.press("Step")
    again.expect("Epoch 4 of 5,000")
    again.press("Train")
    again.button("Pause").click()
    assert notebook.value("lab.model.epoch") > 4


def test_a_lab_comes_into_view_when_its_cell_is_run_and_only_then(notebook, lab):
    """By Shift+Enter, which goes on to the text below; what the lab shows later leaves the page where it is."""
    page = notebook.page
    page.set_viewport_size({"width": 1280, "height": 657})
    try:
        lab.cell.locator(".cm-content").click()
        old = lab.picture.element_handle()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function("picture => !picture.isConnected", arg=old)
        lab.picture.and_(page.locator("[data-frame]")).wait_for()
        notebook.settle()
        assert lab.box.evaluate(IN_VIEW)[1]
        page.locator(".jp-MarkdownCell").evaluate("cell => cell.scrollIntoView({block: 'end'})")
        stands, seen = lab.box.evaluate(IN_VIEW)
        assert stands > 0 and not seen
        with lab.new_picture():
            notebook.execute("lab.buttons['step'].click()")
        assert lab.box.evaluate(IN_VIEW)[0] == stands
    finally:
        page.set_viewport_size({"width": 1100, "height": 900})
