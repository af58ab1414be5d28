"""The pictures that the page draws, in a real JupyterLab: as Agg draws them, in the theme's colours, sharp, and without the
front end an image."""

import base64
import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from course_lib.canvas.page import Page
from tests.browser.jupyter import WATCH_ICON, Panel

LABS = ("training", "cnn", "descent", "voices", "graph", "autograd")
STEP = {"graph": "Forward step", "autograd": "Backward step"}
CELLS = [
    "import matplotlib\nmatplotlib.rcParams['text.hinting'] = 'none'  # Agg's letters as the page's are\n"
    f"from course_lib.labs import {', '.join(f'{name}_lab' for name in LABS)}",
    *(f"{name} = {name}_lab()\n{name}" for name in LABS),
]
AGG = """
def agg(lab):
    import base64
    return base64.b64encode(lab.canvas.frame()).decode()
"""
WIDTH, HEIGHT = 160, 64  # pixels to which pictures are reduced before they are compared


@pytest.fixture(scope="module")
def notebook(jupyter):
    jupyter.write("page.ipynb", CELLS)
    notebook = jupyter.open("page.ipynb", window=(1280, 800))
    notebook.theme(False)
    notebook.run_all()
    notebook.execute(AGG)
    yield notebook
    assert notebook.errors() == []


def panel(notebook, name):
    """A lab whose picture has been drawn."""
    panel = Panel(notebook, f"{name} = {name}_lab()")
    panel.cell.scroll_into_view_if_needed()
    panel.cell.locator("canvas[data-frame]").wait_for()
    notebook.settle()
    return panel


def settle(notebook, panel, name):
    """Wait until the page has drawn the last frame that the kernel has to send."""
    page = f"{name}.canvas._page"
    while True:
        behind, frame = notebook.settle(f"[{page}._behind, {page}._frame]")
        notebook.page.wait_for_function(
            "([picture, frame]) => Number(picture.dataset.frame) >= frame", arg=[panel.picture.element_handle(), frame]
        )
        if not behind:
            return


def pixels(encoded):
    image = Image.open(io.BytesIO(base64.b64decode(encoded.rpartition(",")[2]))).convert("RGB")
    return np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)).astype(int)


def drawn(panel):
    return pixels(panel.picture.evaluate("picture => picture.toDataURL()"))


def size(panel):
    return panel.picture.evaluate("picture => [picture.width, picture.height]")


@pytest.mark.parametrize("name", LABS)
def test_the_page_draws_what_agg_draws(notebook, name):
    lab = panel(notebook, name)
    lab.press(STEP.get(name, "Step"), times=2)
    if name in STEP:
        notebook.execute(f"{name}.model.move_node('places', 2, 300, 300)\n{name}.redraw()")
    settle(notebook, lab, name)
    apart = np.abs(drawn(lab) - pixels(notebook.value(f"agg({name})"))).max(axis=2)
    most = 2.5 if name == "training" else 2  # it is full of edges and interpolated surfaces, which differ a little
    assert apart.mean() < most and apart.max() < 80


def test_the_start_of_a_descent_is_dragged_and_pushed(notebook):
    lab = panel(notebook, "descent")
    lab.press("Step")
    handle, page = lab.cell.locator(".course-handle"), notebook.page
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 30, steps=5)
    page.mouse.up()
    start, epoch = notebook.settle("[descent.model.settings['start'], descent.model.racers[0].steps]")
    box = handle.bounding_box()
    assert [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] == pytest.approx([x + 40, y - 30], abs=2)
    assert epoch == 0 and handle.get_attribute("aria-label").startswith(f"Start at {start[0]:.3g}, {start[1]:.3g}:")
    cell = page.locator(".jp-Cell.jp-mod-active").count()
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        handle.press(key)
    pushed = notebook.settle("descent.model.settings['start']")
    assert pushed[0] > start[0] and pushed[1] < start[1] and start[1] - pushed[1] > 4 * (pushed[0] - start[0]) / 2
    assert page.locator(".jp-Cell.jp-mod-active").count() == cell and handle.evaluate("node => node.matches(':focus')")


def middle(locator):
    box = locator.bounding_box()
    return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def drag(page, start, by, release=True):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*(start + by), steps=8)
    if release:
        page.mouse.up()


def test_a_node_of_a_graph_is_dragged_by_any_part_of_it_and_its_edges_follow(notebook):
    lab, page = panel(notebook, "graph"), notebook.page
    lab.button("Automatic layout").scroll_into_view_if_needed()
    notebook.execute("graph.model.lay_out()\ngraph.redraw()")
    settle(notebook, lab, "graph")
    nodes, tidy = lab.cell.locator(".course-box"), lab.button("Automatic layout")
    before, picture = [middle(nodes.nth(i)) for i in range(3)], drawn(lab)
    assert tidy.is_disabled() and nodes.nth(1).get_attribute("aria-label").startswith("Node b at ")
    corner = before[1] + (30, -20)
    drag(page, corner, (90, 110))
    places = notebook.settle("graph.model.settings['places']")
    settle(notebook, lab, "graph")
    assert list(places) == ["1"] and middle(nodes.nth(1)) == pytest.approx(before[1] + (90, 110), abs=2)
    assert all(middle(nodes.nth(i)) == pytest.approx(before[i], abs=0.1) for i in (0, 2))
    apart = np.abs(drawn(lab) - pixels(notebook.value("agg(graph)"))).max(axis=2)
    assert apart.mean() < 2 and apart.max() < 80 and np.abs(drawn(lab) - picture).max() > 80
    assert not tidy.is_disabled()
    drag(page, middle(nodes.nth(1)), before[2] - middle(nodes.nth(1)) + (-5, 0))  # onto another: it stops beside it
    notebook.settle()
    boxes = [nodes.nth(i).bounding_box() for i in (1, 2)]
    across, up = (abs(boxes[0][side] - boxes[1][side]) for side in ("x", "y"))
    assert across >= boxes[0]["width"] or up >= boxes[0]["height"]
    tidy.click()
    assert notebook.settle("graph.model.settings['places']") == {}
    settle(notebook, lab, "graph")
    assert middle(nodes.nth(1)) == pytest.approx(before[1], abs=0.1) and np.abs(drawn(lab) - picture).max() == 0


def test_a_node_is_moved_with_the_arrow_keys_and_keeps_the_focus(notebook):
    lab, page = panel(notebook, "autograd"), notebook.page
    node = lab.cell.locator(".course-box").first
    node.scroll_into_view_if_needed()
    before, active = middle(node), page.locator(".jp-Cell.jp-mod-active").count()
    node.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown", "ArrowUp"):
        node.press(key)
        notebook.settle()
    width, height = lab.picture.bounding_box()["width"], lab.picture.bounding_box()["height"]
    moved = middle(node) - before
    assert moved[0] == pytest.approx(0.02 * width, abs=2) and moved[1] != 0 and abs(moved[1]) < 0.12 * height
    assert page.locator(".jp-Cell.jp-mod-active").count() == active and node.evaluate("node => node.matches(':focus')")
    assert "0" in notebook.value("autograd.model.settings['places']")


def test_on_a_phone_a_picture_can_be_read_and_scrolls_in_its_own_place(notebook):
    """By keys as well, with its nodes, while the page stays where it is; on a screen nothing scrolls."""
    lab, page, hidden = panel(notebook, "autograd"), notebook.page, "node => node.scrollWidth - node.clientWidth"
    scrolls, node = lab.cell.locator(".course-scrolls"), lab.cell.locator(".course-box").first
    window = page.viewport_size

    def share():  # of the picture's width, from its left edge to the middle of the node
        picture = lab.picture.bounding_box()
        return (middle(node)[0] - picture["x"]) / picture["width"]

    place = share()
    assert scrolls.evaluate(hidden) <= 0 and scrolls.get_attribute("tabindex") is None
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        scrolls.and_(page.locator("[tabindex='0']")).wait_for()
        loss = "node => node.scrollLeft > 300 && node.scrollLeft > node.scrollWidth - node.clientWidth - 2"
        page.wait_for_function(loss, arg=scrolls.element_handle())  # where the gradient begins
        assert lab.picture.bounding_box()["width"] >= 0.7 * 960
        output = lab.cell.locator(".jp-OutputArea-output:has(canvas)")
        assert output.evaluate(hidden) <= 0 and page.evaluate("document.documentElement.scrollWidth") <= 390
        assert share() == pytest.approx(place, abs=0.005)
        buttons = [button.bounding_box() for button in lab.cell.locator("button.jupyter-button:visible").all()]
        above = [box for box in buttons if box["y"] < lab.picture.bounding_box()["y"]]
        assert buttons and not above  # what changes the picture stands below it
        active = page.locator(".jp-Cell.jp-mod-active").count()
        scrolls.focus()
        scrolls.press("ArrowLeft")
        page.wait_for_function(f"node => !({loss})(node)", arg=scrolls.element_handle())
        assert page.locator(".jp-Cell.jp-mod-active").count() == active
    finally:
        page.set_viewport_size(window)
    scrolls.and_(page.locator(":not([tabindex])")).wait_for()
    notebook.settle()


def test_what_stands_under_the_pointer_is_read(notebook):
    lab = panel(notebook, "training")
    reading = lab.cell.locator(".course-reading")
    lab.picture.scroll_into_view_if_needed()
    assert not reading.is_visible()
    lab.picture.hover(position={"x": 800, "y": 120})  # the output, beyond the network
    reading.get_by_text("output").wait_for()
    assert reading.inner_text().startswith("x₁ = ")
    lab.picture.hover(position={"x": 2, "y": 2})
    reading.wait_for(state="hidden")


@pytest.mark.parametrize("dark", [False, True])
def test_the_arrow_of_a_list_is_seen_in_both_themes(notebook, dark):
    lab = panel(notebook, "training")
    try:
        notebook.theme(dark)
        notebook.settle()
        shot = Image.open(io.BytesIO(lab.cell.locator("select").first.screenshot())).convert("L")
        arrow = np.asarray(shot, float)[6:-6, -20:-4]
        assert np.ptp(arrow) > 100 and (abs(arrow - np.median(arrow)) > 100).mean() < 0.2
    finally:
        notebook.theme(False)


def test_colours_follow_the_theme_without_a_new_frame(notebook):
    lab = panel(notebook, "training")
    light, frame = drawn(lab), lab.picture.get_attribute("data-frame")
    corner = "picture => [...picture.getContext('2d').getImageData(1, 1, 1, 1).data]"
    try:
        notebook.theme(True)
        notebook.page.wait_for_function(f"picture => ({corner})(picture)[0] < 50", arg=lab.picture.element_handle())
        paper = lab.cell.evaluate("cell => getComputedStyle(cell.closest('.jp-Notebook')).backgroundColor")
        assert paper == "rgb({}, {}, {})".format(*lab.picture.evaluate(corner)[:3])
        dark = drawn(lab)
        assert dark[light.min(axis=2) == 255].max() < 50  # paper
        assert dark.max() > 150  # titles and lines
    finally:
        notebook.theme(False)
    notebook.page.wait_for_function(f"picture => ({corner})(picture)[0] === 255", arg=lab.picture.element_handle())
    assert np.abs(drawn(lab) - light).max() == 0 and lab.picture.get_attribute("data-frame") == frame


def test_colours_follow_a_contrast_theme_of_the_system(notebook):
    lab = panel(notebook, "training")
    corner = "picture => picture.getContext('2d').getImageData(1, 1, 1, 1).data[0]"
    picture = lab.picture.element_handle()
    try:
        notebook.page.emulate_media(forced_colors="active", color_scheme="dark")
        notebook.page.wait_for_function(f"picture => ({corner})(picture) < 50", arg=picture, timeout=10_000)
    finally:
        notebook.page.emulate_media(forced_colors="none", color_scheme="light")
    notebook.page.wait_for_function(f"picture => ({corner})(picture) === 255", arg=picture, timeout=10_000)


def test_the_picture_is_as_fine_as_the_screen(notebook):
    lab, page = panel(notebook, "training"), notebook.page
    width, height = size(lab)
    assert width == pytest.approx(lab.picture.bounding_box()["width"], abs=1)
    until = "([picture, width]) => Math.abs(picture.width - width) <= 1"
    for zoom in (2, 1):
        page.evaluate("zoom => { document.body.style.zoom = zoom; }", zoom)
        page.wait_for_function(until, arg=[lab.picture.element_handle(), zoom * width])
        assert size(lab)[1] == pytest.approx(zoom * height, abs=2)


def test_the_canvas_is_a_named_image_and_the_only_one(notebook):
    lab = panel(notebook, "training")
    assert lab.cell.get_by_role("img", name="Picture of the lab.").count() == 1
    seen = "parts => parts.filter(part => part.checkVisibility({visibilityProperty: true})).map(part => part.tagName)"
    assert lab.cell.locator("img, canvas").evaluate_all(seen) == ["CANVAS"]


DENSE = """async module => {  // the size of a picture that is 200 pixels wide on the page
    const address = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    const {default: {render}} = await import(address), el = document.createElement('div');
    el.style.width = '200px';
    document.body.append(el);
    render({model: {get: name => ({size: [100, 50], name: '', handles: []})[name], on() {}, off() {}, send() {}}, el});
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
    return [el.querySelector('canvas').width, el.querySelector('canvas').height];
}"""


def test_a_dense_screen_gets_a_finer_picture(jupyter):
    jupyter.start()
    page = jupyter.page.context.browser.new_page(device_scale_factor=2)
    try:
        assert page.evaluate(DENSE, Page._esm) == [400, 200]
    finally:
        page.close()


ALONE = """async ([module, frames]) => {  // frames: the numbers of those that come together; -3: frame 3 is one to draw now
    const address = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    const {default: {render}} = await import(address);
    const el = document.createElement('div'), heard = [], said = [], empty = new DataView(new ArrayBuffer(0));
    const drawn = [], atOnce = [];  // the frame that is seen with each turn, and the one that is ready before it
    el.style.width = '200px';
    document.body.append(el);
    const model = {
        get: name => ({size: [100, 50], name: 'alone', handles: []})[name],
        on: (kind, take) => kind === 'msg:custom' && heard.push(take),
        off() {},
        send: message => said.push(message),
    };
    const leave = render({model, el}), canvas = el.querySelector('canvas');
    const turn = () => new Promise(requestAnimationFrame);
    let draws = 0;
    new MutationObserver(records => draws += records.length).observe(canvas, {attributeFilter: ['data-frame']});
    for (let i = 0; i < 3; i++) await turn();  // its size is known
    document.body.dataset.colours = 'new';  // what is to be drawn anew, before there is anything
    await Promise.resolve();
    for (const together of frames) {
        for (const number of together) {
            const frame = Math.abs(number), still = {reset: frame === 1, styles: [], layers: []};
            heard.forEach(take => take({number: frame, frame, now: number < 0, ...still}, [empty, empty]));
        }
        atOnce.push(Number(canvas.dataset.frame ?? 0));
        await turn();
        drawn.push(Number(canvas.dataset.frame ?? 0));
    }
    delete document.body.dataset.colours;
    leave();
    el.remove();
    URL.revokeObjectURL(address);
    return [drawn, said.filter(message => message.shown).map(message => message.shown), atOnce, draws,
            said.filter(message => message.ready).length];
}"""


def alone(notebook, frames):
    """Of a page without a kernel that gets these frames: the one that each turn shows, those that it confirms, the one that
    is ready before each turn, how often it has drawn, and how often it has asked for everything."""
    return notebook.page.evaluate(ALONE, [Page._esm, frames])


def test_of_two_frames_that_come_together_the_second_is_drawn_next_and_of_three_the_last_but_one_first(notebook):
    drawn, *_ = alone(notebook, [[1], [], [2, 3], [], [4, 5, 6, 7], [], [8], [9], []])
    assert drawn == [0, 1, 2, 3, 6, 7, 8, 9, 9]


def test_what_the_reader_has_changed_is_drawn_before_what_waits(notebook):
    drawn, *_ = alone(notebook, [[1], [], [2, -3], [], [4, 5, -6], [7], []])
    assert drawn == [0, 1, 3, 3, 6, 7, 7]


def test_what_the_reader_has_changed_is_ready_before_the_next_turn_and_drawn_once(notebook):
    drawn, _, at_once, draws, _ = alone(notebook, [[1], [], [-2], [-3, -4], [], [5], []])
    assert drawn == [0, 1, 2, 4, 4, 5, 5] and draws == 5
    assert at_once == [0, 0, 2, 3, 4, 4, 5]


def test_a_page_that_leaves_out_frames_confirms_what_it_has_drawn(notebook):
    """Else the kernel, which sends so many frames unconfirmed, stands still until the page has been quiet for a while."""
    drawn, confirmed, *_ = alone(notebook, [[1], [], *([frame, frame + 1] for frame in range(2, 30, 2))])
    assert drawn == [0, 1, *range(2, 30, 2)]
    assert confirmed[0] <= 4 and {after - before for before, after in pairwise(confirmed)} == {4}


def test_a_page_that_has_missed_a_frame_asks_for_everything_once_and_shows_nothing_until_it_comes(notebook):
    """As after a sleep, when another page has confirmed what this one never got."""
    drawn, *_, asked = alone(notebook, [[1], [2], [4], [5, 6], [1], [2], []])
    assert drawn == [0, 1, 2, 2, 1, 2, 2] and asked == 2  # and once when it began


PREFETCHED = """async ([module, steps]) => {  // steps: messages, or the position to which the slider is moved
    const address = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    const {default: {render}} = await import(address);
    const el = document.createElement('div'), heard = [], moved = [], empty = new DataView(new ArrayBuffer(0));
    const filled = shade => {  // a picture with one cell, of a shade of red
        const words = new Int16Array([3, 1, 1, 0, 1600, 0, 800, 0, 0]);
        new Uint8Array(words.buffer).set([shade, 0, 0, 255], 14);
        return new DataView(words.buffer);
    };
    el.style.width = '200px';
    document.body.append(el);
    let position = 0, number = 0;
    const slider = {get: () => position, on: (_, call) => moved.push(call), off: () => moved.length = 0};
    const model = {
        get: name => ({size: [100, 50], name: 'alone', handles: []})[name],
        on: (kind, take) => kind === 'msg:custom' && heard.push(take),
        off() {},
        send() {},
        widget_manager: {get_model: async () => slider},
    };
    const leave = render({model, el}), pen = el.querySelector('canvas').getContext('2d'), seen = [];
    const turn = () => new Promise(requestAnimationFrame);
    for (let i = 0; i < 3; i++) await turn();  // its size is known
    for (const step of steps) {
        if (typeof step === 'number') {
            position = step;
            moved.forEach(call => call());
        } else {
            const message = {now: true, slider: 'slider', styles: [], ...step}, {shade, layers = []} = step;
            if (!step.forget) message.number = ++number;
            heard.forEach(take => take(message, [empty, ...layers.map(() => empty), filled(shade)]));
        }
        const atOnce = pen.getImageData(9, 9, 1, 1).data[0];
        await turn();
        await turn();
        seen.push(atOnce === pen.getImageData(9, 9, 1, 1).data[0] ? atOnce : null);
    }
    leave();
    el.remove();
    URL.revokeObjectURL(address);
    return [seen, moved.length];
}"""


def test_what_was_sent_ahead_is_shown_where_it_belongs_and_no_longer_than_it_is_true(notebook):
    def frame(number, shade, **more):
        return {"frame": number, "reset": number == 1, "layers": [], "shade": shade} | more

    def prefetched(position, shade):
        return {"prefetched": position, "shade": shade}

    steps = {
        "the first picture": (frame(1, 1), 1),
        "sent ahead": (prefetched(5, 50), 1),
        "and another": (prefetched(6, 60), 1),
        "the slider goes there": (5, 50),
        "and on": (6, 60),
        "the kernel's answer to the first move comes late": (frame(2, 51, position=5), 60),
        "and that to the second": (frame(3, 61, position=6), 61),
        "back": (5, 51),
        "where nothing is known": (7, 51),
        "its picture": (frame(4, 70, position=7), 70),
        "no longer true": ({"forget": True}, 70),
        "so not shown": (5, 70),
        "sent anew": (prefetched(5, 52), 70),
        "something else has changed": (frame(5, 9), 9),
        "away": (6, 9),
        "and back": (5, 52),
        "what stands still has changed": (frame(6, 10, layers=[0]), 10),
        "away again": (6, 10),
        "and back again": (5, 10),
    }
    seen, listening = notebook.page.evaluate(PREFETCHED, [Page._esm, [step for step, _ in steps.values()]])
    assert dict(zip(steps, seen, strict=True)) == {name: shade for name, (_, shade) in steps.items()}
    assert listening == 0


def test_the_tab_keeps_its_icon_while_a_lab_answers(notebook):
    """JupyterLab would change it twice with each message, and the browser ask the server for it each time."""
    lab = panel(notebook, "training")
    notebook.page.evaluate(WATCH_ICON)
    lab.press("Step", times=2)
    notebook.settle()
    assert notebook.page.evaluate("() => window.icons") == []


@pytest.mark.slow  # without a browser: tests/labs/test_page.py
def test_without_the_front_end_the_image_moves(jupyter):
    jupyter.write("page.ipynb", CELLS[:2])
    jupyter.start()
    jupyter.leave(jupyterlab=True)
    jupyter.page.route("**/anywidget/static/**", lambda route: route.abort())
    try:
        notebook = jupyter.open("page.ipynb", window=(1280, 800))
        notebook.run_all()
        lab = Panel(notebook, "training = training_lab()")
        image = lab.cell.locator("img").first
        before = image.get_attribute("src")
        assert image.evaluate("image => image.checkVisibility({visibilityProperty: true}) && image.naturalWidth > 0")
        lab.button("Step").click()
        lab.expect("Epoch 1 of 500")
        notebook.page.wait_for_function(
            "([image, before]) => image.src !== before", arg=[image.element_handle(), before]
        )
        assert lab.cell.locator("canvas").count() == 0 and notebook.errors() == []
    finally:
        jupyter.page.unroute("**/anywidget/static/**")
        jupyter.leave(jupyterlab=True)
