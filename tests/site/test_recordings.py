"""Recorded labs and predictions: what the files hold, and what a reader without a kernel does with them in Chromium."""

import json
import math
import re
from functools import cache
from zlib import decompress

import numpy as np
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from test_site import AXE, PHONE
from website.recordings import RECORDINGS, boxes
from website.words import WORDS

from course_lib.text import set_language
from tests.labs.replayer import Replayer

CASES = [pytest.param(each, language, id=f"{language}-{each.file}") for language in WORDS for each in RECORDINGS]


@pytest.fixture
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


@cache
def recorded(recording, language):
    """(what is said of a recording, its shapes, its parts), as its file holds them."""
    plain = decompress(recording.record(language))
    at = 4 + int.from_bytes(plain[:4], "little")
    head, parts = json.loads(plain[4:at]), []
    for length in head["lengths"]:
        parts.append(plain[at : at + length])
        at += length
    assert at == len(plain)
    return head, parts[0], parts[1:]


def pixels(head, shapes, parts, frame):
    """The pixels of a frame, drawn by what does in Python what `page.js` does."""
    page, numbers = Replayer(*head["size"]), head["frames"][frame]
    message = {"styles": head["styles"], "layers": range(len(numbers) - 1), "frame": frame}
    page.take(message, [shapes, *(parts[number] for number in numbers)])
    return page.pixels()


def live(recording, position):
    """The pixels that a new lab sends to its page at a position."""
    lab = recording.make()
    page = Replayer(*lab.canvas.pixels)
    lab.canvas.send_to(page.take)
    recording.reach(lab, position)
    lab.draw()
    lab.close()
    return page.pixels()


@pytest.mark.slow
@pytest.mark.parametrize(("recording", "language"), CASES[: len(RECORDINGS) + 2], indirect=["language"])
def test_a_recording_shows_what_the_lab_shows(recording, language):
    positions, (head, shapes, parts) = recording.positions, recorded(recording, language)
    assert math.prod(len(axis["values"]) for axis in head["axes"]) == len(positions) == len(head["frames"])
    assert all(head["descriptions"]) and all(head["statuses"])
    assert len(head["descriptions"]) == len(head["statuses"]) == len(positions)
    assert {part for frame in head["frames"] for part in frame} == set(range(len(parts)))
    begin, end = positions.index(recording.begin), len(positions) - 1
    for frame in {0, begin, end}:
        seen = pixels(head, shapes, parts, frame)
        assert np.ptp(seen) > 100, "nothing is drawn"
        assert np.array_equal(seen, live(recording, positions[frame])), positions[frame]


@pytest.mark.slow
@pytest.mark.parametrize(("recording", "language"), CASES, indirect=["language"])
def test_no_status_names_a_button_that_the_page_has_not(recording, language):
    lab = recording.make()
    labels = [re.escape(button.description) for button in lab.buttons.values() if button.description]
    lab.close()
    named = re.compile(rf"\b(?:{'|'.join(labels)})\b(?! \d)")  # "Step 15" counts: it is no button
    head, _, _ = recorded(recording, language)
    assert [status for status in head["statuses"] if labels and named.search(status)] == []


def test_a_recording_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("website.recordings.MOST", 1000)
    graph = next(each for each in RECORDINGS if each.cell == "graph-lab")
    with pytest.raises(ValueError, match=r"02_core_concepts-graph-lab.bin: expected at most 1,000 bytes, got \d"):
        graph.record("en")


@pytest.mark.parametrize("language", WORDS, indirect=True)
def test_no_exercise_of_the_site_speaks_of_functions_that_are_not_there(language):
    for chapter in boxes(language).values():
        assert chapter["predict"] and all('data-letter="A"' in html for html in chapter["predict"].values())
        for html in chapter["check"].values():
            assert "hint(" not in html and "solution(" not in html


# In a browser that reaches nothing else

PIXELS = "canvas => canvas.toDataURL()"
LOADED = "() => performance.getEntriesByType('resource').map(each => each.name).filter(name => name.includes('/recordings/'))"
CORNER = (
    "Math.max(...document.getElementById(cell).querySelector('canvas').getContext('2d')"
    ".getImageData(1, 1, 1, 1).data.slice(0, 3))"
)
LEVEL = {"light": f"cell => {CORNER} > 230", "dark": f"cell => {CORNER} < 60"}
ALL_OPEN = "() => document.querySelectorAll('details').forEach(fold => fold.open = true)"


def shown(page, cell):
    """The recording of a cell, once it has come into view and is drawn."""
    lab = page.locator(f"[id='{cell}'] .recording")
    lab.scroll_into_view_if_needed()
    lab.locator("canvas[data-frame]").wait_for()
    return lab


@pytest.mark.slow
def test_a_recording_is_loaded_when_it_is_seen_and_obeys_the_keyboard(visit):
    with visit("en/01_background.html") as page:
        assert page.evaluate(LOADED) == []
        assert page.locator("#training-lab img:visible").count() == 1
        lab = shown(page, "training-lab")
        assert [name.rpartition("/")[2] for name in page.evaluate(LOADED)] == [
            "page.js",
            "01_background-training-lab.bin",
        ]
        canvas, status = lab.locator("canvas"), lab.get_by_role("status")
        assert lab.locator("img").count() == 0 and "recording" in lab.locator(".note").inner_text()
        for name, key in (("Epoch", "End"), ("Learning rate", "ArrowRight")):
            slider = lab.get_by_role("slider", name=name)
            before = canvas.evaluate(PIXELS), status.inner_text(), canvas.get_attribute("aria-label")
            slider.press(key)
            page.wait_for_timeout(200)  # milliseconds: the next frame of the screen
            after = canvas.evaluate(PIXELS), status.inner_text(), canvas.get_attribute("aria-label")
            assert all(new and new != old for old, new in zip(before, after, strict=True)), name
        assert "learning rate 2" in status.inner_text()


@pytest.mark.slow
def test_play_runs_to_the_end_and_pauses_when_it_is_told_to(visit):
    with visit("zh/02_core_concepts.html") as page:
        page.evaluate(ALL_OPEN)
        lab = shown(page, "descent-lab")
        slider, button = lab.get_by_role("slider", name="步"), lab.get_by_role("button")
        button.click()
        assert button.inner_text() == "暂停"
        page.wait_for_function("node => Number(node.value) > 2", arg=slider.element_handle())
        button.click()
        stands = slider.input_value()
        page.wait_for_timeout(500)  # milliseconds: more than one step
        assert slider.input_value() == stands and button.inner_text() == "播放"
        slider.press("End")
        slider.press("ArrowLeft")
        button.click()
        page.wait_for_function("node => node.value === node.max", arg=slider.element_handle())
        assert button.inner_text() == "播放"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize(
    ("name", "cell"), [(each.name, each.cell) for each in RECORDINGS], ids=[each.file for each in RECORDINGS]
)
def test_a_recording_fits_a_phone_has_the_colours_of_the_page_and_can_be_used_by_everybody(
    visit, name, cell, language, scheme
):
    with visit(f"{language}/{name}.html", PHONE, color_scheme=scheme) as page:
        page.evaluate(ALL_OPEN)
        shown(page, cell)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        page.wait_for_function(LEVEL[scheme], arg=cell)
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
        assert page.evaluate(AXE.replace("document, {", f"'#{cell} .recording', {{")) == []
        other = {"light": "dark", "dark": "light"}[scheme]
        page.evaluate("theme => document.documentElement.dataset.theme = theme", other)
        page.wait_for_function(LEVEL[other], arg=cell)


@pytest.mark.slow
def test_the_stored_picture_stays_where_scripts_or_the_recording_fail(visit):
    with visit("en/01_background.html", java_script_enabled=False) as page:
        assert page.locator("#training-lab img:visible").count() == 1
        assert page.locator("#training-lab :is(button, input)").count() == 0
    with visit("en/01_background.html") as page:
        page.route("**/*.bin", lambda route: route.fulfill(body=b"not a recording"))
        with page.expect_console_message(lambda said: said.type == "warning"):
            page.locator("#training-lab .recording").scroll_into_view_if_needed()
        assert page.locator("#training-lab img:visible").count() == 1
        assert page.locator("#training-lab :is(button, input)").count() == 0
        page.unroute("**/*.bin")  # when it comes into view again, it is tried again
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.wait_for_timeout(300)  # milliseconds: the browser notices
        shown(page, "training-lab")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "cell"), [(each.name, each.cell) for each in RECORDINGS], ids=[each.file for each in RECORDINGS]
)
def test_nothing_moves_under_a_finger_whatever_the_words(visit, name, cell):
    with visit(f"en/{name}.html", PHONE, has_touch=True, is_mobile=True) as page:
        page.evaluate(ALL_OPEN)
        lab = shown(page, cell)
        assert "Swipe" in lab.locator(".note").inner_text()
        places, heights = set(), []
        for key in ("Home", *["PageUp"] * 6, "End"):
            for slider in lab.get_by_role("slider").all():
                slider.press(key)
                boxes = [node.bounding_box() for node in lab.locator("input, button").all()]
                top = lab.bounding_box()["y"]
                places.add(str([(box["x"], box["y"] - top, box["width"], box["height"]) for box in boxes]))
                heights.append(lab.bounding_box()["height"])
        lab.get_by_role("button").click()
        assert len(places) == 1 and min(box["height"] for box in boxes) >= 44
        assert lab.get_by_role("button").bounding_box()["width"] == boxes[-1]["width"]
        assert np.ptp(heights) <= 30  # CSS pixels: the longest words are not always the highest, by a line


@pytest.mark.slow
def test_a_phone_sees_first_where_something_happens(visit):
    left = "lab => lab.querySelector('.scrolls').scrollLeft"
    for name, cell, reaches in (
        ("01_background", "training-lab", True),
        ("02_core_concepts", "descent-lab", False),
    ):
        with visit(f"en/{name}.html", PHONE) as page:
            page.evaluate(ALL_OPEN)
            lab = shown(page, cell)
            assert (lab.evaluate(left) > 100) == reaches


@pytest.mark.slow
def test_the_first_page_plays_when_most_of_the_lab_is_in_view(visit):
    with visit("en/index.html", (1280, 640)) as page:
        lab = page.locator(".recording")
        page.evaluate("scrollBy({top: document.querySelector('.recording').getBoundingClientRect().top - 560})")
        lab.locator("canvas[data-frame]").wait_for()
        page.wait_for_timeout(600)  # milliseconds: four epochs
        slider = lab.get_by_role("slider", name="Epoch")
        assert slider.input_value() == "0"
        lab.evaluate("node => node.scrollIntoView({block: 'center'})")
        page.wait_for_function("node => Number(node.value) > 2", arg=slider.element_handle())


@pytest.mark.slow
def test_the_lab_of_the_first_page_plays_by_itself_but_not_for_those_who_want_nothing_to_move(visit):
    for motion, moves in (("no-preference", True), ("reduce", False)):
        with visit("en/index.html", reduced_motion=motion) as page:
            lab = page.locator(".recording")
            lab.locator("canvas[data-frame]").wait_for()
            lab.evaluate("node => node.scrollIntoView({block: 'center'})")
            slider = lab.get_by_role("slider", name="Epoch")
            page.wait_for_timeout(1000)  # milliseconds
            assert (int(slider.input_value()) > 0) == moves
            if moves:
                page.wait_for_function("node => node.value === node.max", arg=slider.element_handle())
                assert "solved" in lab.get_by_role("status").inner_text()


@pytest.mark.slow
def test_a_reply_is_seen_after_the_choice_and_nothing_of_it_before(visit):
    with visit("en/02_core_concepts.html") as page:
        prediction, answer = page.locator("#predict-used-twice .prediction"), page.locator("#used-twice details")
        reply = prediction.get_by_text("A change of x reaches L along every path at once")
        options = prediction.get_by_role("button")
        assert prediction.locator("[role=status]").inner_text() == ""
        assert options.count() == 4 and reply.count() == 0 and not answer.evaluate("fold => fold.open")
        assert "A change of x reaches" not in page.locator("article").inner_text()
        for number, letter in ((1, "B"), (2, "C")):
            options.nth(number).press("Enter")
            pressed = [options.nth(i).get_attribute("aria-pressed") for i in range(4)]
            assert pressed.index("true") == number and pressed.count("true") == 1
            assert prediction.get_by_role("status").inner_text().split()[-1]
            assert (reply.count() == 1 and reply.is_visible()) == (letter == "C")
        assert answer.evaluate("fold => fold.open")
