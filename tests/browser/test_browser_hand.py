"""The reader's hand on a picture, in a real browser with a kernel that only listens: which buttons of a mouse drag, what two
fingers do, and where the keyboard's focus stays."""

from pathlib import Path

import pytest

from course_lib import canvas as panel

HAND = (Path(panel.__file__).parent / "hand.js").read_text(encoding="utf-8")
STYLE = (Path(panel.__file__).parent / "page.css").read_text(encoding="utf-8")
# The picture is 400 x 300 in the upper left corner, a pixel a unit; `tell(handles)` is what the kernel sends.
LISTENER = """
const values = {size: [400, 300], handles: [], readable: true}, heard = {};
window.sent = [];
window.tell = handles => { values.handles = handles; heard['change:handles']?.(); };
const model = {
    get: name => values[name], send: message => window.sent.push(message),
    on: (name, action) => { heard[name] = action; }, off: () => {},
};
window.letGo = hand(model, document.getElementById('lab'), document.querySelector('canvas'));
"""
PICTURE = f"""<style>body {{ margin: 0; }} {STYLE}</style>
<div id="lab" style="width: 400px"><canvas width="400" height="300" style="display: block; width: 100%"></canvas></div>"""
NODES = [
    {"name": name, "label": f"Node {name}", "at": at, "size": [60, 40]}
    for name, at in (("first", [100, 100]), ("second", [300, 200]))
]
BUTTONS = [
    {"name": name, "label": name, "at": at, "sign": "+", "size": [22, 22]}
    for name, at in (("here", [50, 50]), ("there", [90, 50]))
]


@pytest.fixture
def page(jupyter):
    jupyter.start()
    page = jupyter.page.context.browser.new_page(viewport={"width": 600, "height": 400}, has_touch=True)
    page.set_content(PICTURE)
    page.add_script_tag(type="module", content=HAND + LISTENER)
    page.wait_for_function("() => window.letGo")
    yield page
    page.close()


def sent(page, what="drag"):
    """What the kernel has heard of one kind, once the page has drawn its next frame."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return [message for message in page.evaluate("window.sent") if what in message]


def test_only_the_left_button_drags(page):
    page.evaluate("handles => tell(handles)", NODES)
    for button in ("right", "middle", "left"):
        page.mouse.move(110, 95)
        page.mouse.down(button=button)
        page.mouse.move(140, 120, steps=3)
        page.mouse.up(button=button)
        page.mouse.move(150, 130)
        assert bool(sent(page)) == (button == "left")
    assert sent(page)[-1] == {"drag": "first", "to": [130, 125]}


def touching(page):
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        named = [{"x": x, "y": y, "id": finger} for finger, x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": named})

    return touch


def last(page):
    """Where the kernel has heard last of each node."""
    return {message["drag"]: [round(along, 3) for along in message["to"]] for message in sent(page)}


def test_a_finger_moves_a_node_and_not_the_page(page):
    """Beside the nodes it moves the page."""
    page.evaluate("handles => tell(handles)", NODES)
    page.evaluate("() => { document.body.style.height = '2000px'; }")
    touch = touching(page)
    for x, moves in ((110, True), (200, False)):
        touch("Start", (0, x, 195 - 100 * moves))
        for up in range(0, 90, 15):
            touch("Move", (0, x, 195 - 100 * moves - up))
            sent(page)
        touch("End")
        assert bool(sent(page)) and (page.evaluate("() => window.scrollY") == 0) == moves


def test_two_fingers_move_two_nodes_each_from_where_it_took_it(page):
    page.evaluate("handles => tell(handles)", NODES)
    touch = touching(page)
    touch("Start", (0, 110, 95))
    touch("Move", (0, 130, 115))
    assert last(page) == {"first": [120, 120]}
    touch("Start", (0, 130, 115), (1, 290, 210))
    touch("Move", (0, 135, 115), (1, 290, 200))
    touch("Move", (0, 140, 120), (1, 280, 190))  # before a frame is drawn, perhaps: none of the two is lost
    assert last(page) == {"first": [130, 125], "second": [290, 180]}
    touch("Move", (1, 280, 190))  # the first finger is lifted
    touch("Move", (1, 270, 180))
    touch("End")
    assert last(page) == {"first": [130, 125], "second": [280, 170]}


def test_a_second_finger_on_the_same_node_is_not_heard(page):
    page.evaluate("handles => tell(handles)", NODES)
    touch = touching(page)
    touch("Start", (0, 110, 95))
    touch("Start", (0, 110, 95), (1, 90, 110))
    touch("Move", (0, 110, 95), (1, 60, 150))
    assert last(page) == {}
    touch("Move", (0, 120, 105), (1, 60, 150))
    touch("Move", (0, 120, 105))  # the second finger is lifted
    touch("Move", (0, 125, 105))
    assert last(page) == {"first": [115, 110]}
    touch("End")
    touch("Start", (2, 100, 100))
    touch("Move", (2, 110, 100))
    touch("End")
    assert last(page) == {"first": [110, 100]}


@pytest.mark.parametrize("gone", ["here", "Node first"])
def test_the_focus_stays_on_the_picture_when_what_had_it_goes_away(page, gone):
    page.evaluate("handles => tell(handles)", [*BUTTONS, NODES[0]])
    left = [each for each in [*BUTTONS, NODES[0]] if each["label"] != gone]
    pressed = page.get_by_role("button", name=gone, exact=True)
    pressed.press("Enter" if gone == "here" else "Delete")
    assert sent(page, "press" if gone == "here" else "remove")
    page.evaluate("handles => tell(handles)", left)
    assert pressed.count() == 0 and page.evaluate("() => document.activeElement.tagName") == "CANVAS"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.title") == left[0]["label"]
    page.keyboard.press("Shift+Tab")  # a stop for what has lost its place, not for Tab
    assert page.evaluate("() => document.activeElement.tagName") == "BODY"
    page.get_by_role("button", name="there").focus()
    page.evaluate("handles => tell(handles)", [each for each in left if each["name"] != "first"])
    assert page.evaluate("() => document.activeElement.title") == "there"


def test_a_button_shrinks_with_its_picture_so_that_it_covers_no_text_beside_it(page):
    page.evaluate("handles => tell(handles)", BUTTONS)
    button = page.get_by_role("button", name="here", exact=True)
    sizes = {}
    for width in (400, 300, 160):
        page.evaluate("width => { document.getElementById('lab').style.width = `${width}px`; }", width)
        box = button.bounding_box()
        sizes[width] = [round(box["width"], 1), round(box["height"], 1)]
        assert box["x"] + box["width"] / 2 == pytest.approx(50 * width / 400, abs=0.1)
    assert sizes == {400: [22, 22], 300: [16.5, 16.5], 160: [12, 12]}  # no smaller, for a finger
