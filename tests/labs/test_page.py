"""The picture that the page draws: the same as Agg's, sent no faster than it is shown, and never too late. (Each lab's is
compared with Agg's in `test_pictures.py`.)
"""

import asyncio
import threading
import time

import pytest
from replayer import Reader, alike, apart
from test_labs import live, until

from course_lib.canvas import page as paging
from course_lib.canvas import recorder
from course_lib.labs import training_lab

pytestmark = pytest.mark.usefixtures("unhinted")


def test_what_a_network_has_learnt_has_the_same_colours_at_the_same_places(lab, monkeypatch):
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    lab.model.advance(2000)
    assert lab.model.solved
    lab.draw()
    reader.answer(shown=reader.page._frame)
    assert alike(lab, reader), apart(lab, reader)


# Frames


@pytest.fixture
def lab():
    lab = training_lab(epochs=5000)
    lab.keeps = False
    return lab


def step(lab, reader):
    """One more epoch, and whether a frame was sent for it."""
    before = len(reader.frames)
    lab.model.advance(1)
    lab.draw()
    return len(reader.frames) > before


def visible(lab):
    """Which of the two is seen."""
    draws = "course-page-draws" in lab.canvas._box._dom_classes
    assert lab.canvas._page.layout.visibility == ("visible" if draws else "hidden")
    return "page" if draws else "image"


def test_until_the_page_can_draw_the_image_is_shown(lab, monkeypatch):
    reader, before = Reader(lab, monkeypatch), lab.canvas.image.value
    assert not step(lab, reader)
    assert visible(lab) == "image" and lab.canvas.image.value != before
    before = lab.canvas.image.value
    reader.answer(ready=True)
    assert visible(lab) == "page" and step(lab, reader) and lab.canvas.image.value == before


def test_no_more_frames_are_sent_than_the_page_shows_and_the_newest_always_arrives(lab, monkeypatch):
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    reader.answer(shown=1)
    assert [step(lab, reader) for _ in range(10)] == [True] * paging.IN_FLIGHT + [False] * (10 - paging.IN_FLIGHT)
    reader.answer(shown=2)
    assert len(reader.frames) == 2 + paging.IN_FLIGHT and alike(lab, reader)
    reader.answer(shown=3)
    reader.answer(shown=4)
    assert len(reader.frames) == 2 + paging.IN_FLIGHT  # nothing has changed


def test_a_frame_that_the_reader_has_caused_says_so(lab, monkeypatch):
    """The page draws it before one of the run that waits for its turn."""
    sent, reader = [], Reader(lab, monkeypatch)
    monkeypatch.setattr(reader.page, "send", lambda content, buffers: sent.append(content["now"]))
    reader.answer(ready=True)
    for number, (running, woken) in enumerate([(True, False), (True, True), (False, False)], 1):
        reader.answer(shown=number)
        lab.running, lab._woken = running, woken
        lab.model.advance(1)
        lab.draw()
    assert sent == [False, False, True, True]  # the first one is asked for by the page


def test_of_what_stands_still_the_changed_layers_alone_are_sent(lab, monkeypatch):
    reader, view = Reader(lab, monkeypatch), lab.view
    reader.answer(ready=True)
    assert reader.layers == [*range(len(lab.canvas.layers))] and reader.bytes > 8192
    reader.answer(shown=1)
    assert step(lab, reader) and reader.bytes < 8192
    changes = {
        "hidden": (6, [view.network._labels]),
        "data": ("moons", sorted((view.network._labels, view.data._layer, view.plane_axes))),
        "epochs": (300, [view.epoch_axes]),
    }
    for name, (value, layers) in changes.items():
        reader.answer(shown=reader.frames[-1])
        lab.controls[name].set(value)
        assert reader.layers == layers and alike(lab, reader)
    reader.answer(shown=reader.frames[-1])
    lab.controls["lower"].set("sharpness")
    assert reader.layers == [*range(len(lab.canvas.layers))] and alike(lab, reader)


def test_a_picture_that_has_not_changed_is_not_sent(lab, monkeypatch):
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    reader.answer(shown=1)
    lab.draw()
    assert reader.frames == [1]


def test_a_page_that_is_loaded_again_gets_everything(lab, monkeypatch):
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    step(lab, reader)
    again = Reader(lab, monkeypatch)
    again.answer(ready=True)
    assert alike(lab, again) and step(lab, again)


def test_a_page_that_knows_too_much_starts_anew(lab, monkeypatch):
    monkeypatch.setattr(recorder, "MOST", 5)
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    reader.answer(shown=1)
    assert step(lab, reader) and alike(lab, reader)
    assert reader.resets == [True, True]


@live
async def test_when_the_page_is_silent_the_image_comes_back_and_goes_when_it_answers(monkeypatch):
    monkeypatch.setattr(paging, "PATIENCE", 0.05)
    lab = training_lab(name="silent")
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    reader.answer(shown=1)
    await asyncio.sleep(0.1)
    assert visible(lab) == "page"  # nothing to answer
    before = lab.canvas.image.value
    step(lab, reader)
    await until(lambda: visible(lab) == "image")
    assert lab.canvas.image.value != before
    assert not step(lab, reader)
    reader.answer(shown=2)
    assert visible(lab) == "page" and alike(lab, reader)


@live
async def test_a_busy_kernel_does_not_take_the_page_for_silent(monkeypatch):
    monkeypatch.setattr(paging, "PATIENCE", 0.05)
    monkeypatch.setattr(paging, "LATE", 0.02)
    lab = training_lab(name="busy")
    reader = Reader(lab, monkeypatch)
    alarms, unanswered = [], paging.Page._unanswered
    monkeypatch.setattr(
        paging.Page, "_unanswered", lambda page, due: (alarms.append(visible(lab)), unanswered(page, due))
    )
    reader.answer(ready=True)
    time.sleep(0.1)  # a cell that computes
    await until(lambda: visible(lab) == "image")
    assert len(alarms) >= 2 and {*alarms} == {"page"}  # the first one came late, and was no reason


@live
async def test_a_page_that_says_it_is_ready_and_hears_nothing_is_replaced(monkeypatch):
    monkeypatch.setattr(paging, "PATIENCE", 0.05)
    lab = training_lab(name="deaf")
    for _ in range(paging.ATTEMPTS):
        deaf = Reader(lab, monkeypatch)
        deaf.answer(ready=True)
        await until(lambda deaf=deaf: lab.canvas._page is not deaf.page)
        assert visible(lab) == "image" and deaf.page.comm is None
        assert lab.canvas._box.children == (lab.canvas.image, lab.canvas._page)
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    reader.answer(shown=1)
    assert visible(lab) == "page" and alike(lab, reader)
    step(lab, reader)
    await until(lambda: visible(lab) == "image")
    assert lab.canvas._page is reader.page  # it has heard: it is silent for another reason, and may come back


@live
async def test_no_more_pages_are_tried_than_it_takes(monkeypatch):
    monkeypatch.setattr(paging, "PATIENCE", 0.02)
    lab = training_lab(name="never")
    pages = []
    for _ in range(paging.ATTEMPTS + 2):
        reader = Reader(lab, monkeypatch)
        pages.append(reader.page)
        reader.answer(ready=True)
        await until(lambda: visible(lab) == "image")
    assert len(set(map(id, pages))) == 1 + paging.ATTEMPTS


@live
async def test_answers_on_another_thread_are_dealt_with_on_the_main_loop(monkeypatch):
    lab = training_lab(name="thread")
    reader, threads = Reader(lab, monkeypatch), []
    draw = lab.canvas.show_page
    monkeypatch.setattr(lab.canvas, "show_page", lambda seen: (threads.append(threading.get_ident()), draw(seen)))
    await asyncio.to_thread(reader.answer, ready=True)
    await until(lambda: threads)
    assert threads == [threading.get_ident()]


@live
async def test_a_closed_lab_waits_for_nothing(monkeypatch):
    lab = training_lab(name="closed")
    reader = Reader(lab, monkeypatch)
    reader.answer(ready=True)
    assert reader.page._alarm is not None
    lab.close()
    assert reader.page._alarm is None
