"""Pictures that the page is sent before they are asked for: the right ones, as long as they are true, and no others."""

import asyncio
import threading

import pytest
from test_engines import engine
from test_labs import live, until

from course_lib.canvas import page as paging
from course_lib.canvas import prefetch as prefetching
from course_lib.labs import training_lab
from course_lib.labs.base.model import LabModel
from course_lib.labs.training.model import TrainingModel

LAST, HERE, REACH = 12, 6, 2  # epochs done, the one looked back at, and how far around it is sent at first


class Page:
    """A page that draws, confirms what it has shown, and keeps what is sent ahead as `page.js` does."""

    def __init__(self, lab, monkeypatch):
        self.lab, self.page = lab, lab.canvas._page
        self.kept, self.frames, self.messages = {}, [], []
        monkeypatch.setattr(self.page, "send", self.take)
        self.page._handle_custom_msg({"ready": True}, [])
        self.answer()

    def take(self, message, buffers=()):
        self.messages.append(message)
        if message.get("layers") or "forget" in message:
            self.kept.clear()
        if "prefetched" in message:
            assert message["prefetched"] not in self.kept
            assert message["slider"] == self.lab.look_back.model_id
            self.kept[message["prefetched"]] = bytes(buffers[-1])
        if "frame" in message:
            self.frames.append(bytes(buffers[-1]))
            if "position" in message:
                self.kept[message["position"]] = self.frames[-1]

    def answer(self):
        self.page._handle_custom_msg({"shown": self.page._frame}, [])

    async def rest(self):
        """Until nothing more is sent."""
        self.answer()
        await until(lambda: self.lab.prefetch._timer is None)


@pytest.fixture(autouse=True)
def quick_near_and_patient(monkeypatch):
    monkeypatch.setattr(prefetching, "PAUSE", 0)
    monkeypatch.setattr(prefetching, "REACH", REACH)
    monkeypatch.setattr(paging, "PATIENCE", 3600)


def trained(**settings):
    lab = training_lab(name="prefetch", epochs=500, **settings)
    lab.keeps = False
    lab.model.advance(LAST)
    lab.redraw()
    return lab


async def looked_back(monkeypatch, **settings):
    """A trained lab whose slider has been moved, and a page that has what it was sent."""
    lab = trained(**settings)
    page = Page(lab, monkeypatch)
    lab.look_back.value = HERE
    await page.rest()
    return lab, page


@live
async def test_all_that_is_sent_is_numbered_so_that_a_page_knows_what_it_has_missed(monkeypatch):
    lab, page = await looked_back(monkeypatch)
    lab.model.advance(1)
    lab.redraw()
    await page.rest()
    numbers = [message["number"] for message in page.messages if "forget" not in message]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) and len(numbers) > len(page.kept) > 0


def on_another_thread(action):
    """As a newer kernel calls back."""
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


@live
async def test_what_stands_beside_the_present_picture_is_sent_and_both_ends(monkeypatch):
    lab = trained()
    page = Page(lab, monkeypatch)
    lab.redraw()
    await page.rest()
    assert [*page.kept] == [*range(LAST, LAST - 2 * REACH - 1, -1), 0]  # the nearest first
    assert page.kept[LAST] == page.frames[-1]


@live
async def test_all_are_sent_once_the_slider_has_moved_and_to_a_page_that_comes_later_what_stands_beside(monkeypatch):
    lab, page = await looked_back(monkeypatch)  # once the slider has moved, all are sent
    assert sorted(page.kept) == [*range(LAST + 1)]
    assert sorted([*page.kept][:5]) == [*range(HERE - 2, HERE + 3)]
    page.page._handle_custom_msg({"ready": True}, [])  # a reload, or a second view
    assert [*page.kept] == [HERE]  # what it shows
    await page.rest()
    assert [*page.kept][:3] == [HERE, HERE - 1, HERE + 1]
    assert sorted(page.kept) == [0, *range(HERE - REACH, HERE + REACH + 1), LAST]
    lab.look_back.value = HERE + 1
    await page.rest()
    assert len(page.kept) == LAST + 1


@live
@pytest.mark.parametrize(
    ("settings", "lower", "edges"),
    [
        ({}, "norms", "gradients"),
        ({"data": "spirals", "deeper": "4", "held": 30}, "sharpness", "weights"),
        ({"data": "curve", "activation": "relu"}, "norms", "weights"),
        ({"data": "moons", "optimizer": "Adam", "batch": 16, "dropout": 0.2, "decay": 0.01}, "sharpness", "gradients"),
    ],
)
async def test_what_was_sent_ahead_is_what_is_drawn_there(settings, lower, edges, monkeypatch):
    lab = trained(**settings)
    lab.controls["lower"].set(lower)
    lab.controls["edges"].set(edges)
    page = Page(lab, monkeypatch)
    lab.look_back.value = HERE
    await page.rest()
    before = dict(page.kept)
    for epoch in (HERE - 1, 3, LAST, 0, HERE + 1):
        lab.look_back.value = epoch
        assert page.messages[-1]["position"] == epoch and page.frames[-1] == before[epoch]
        page.answer()
    assert len(set(before.values())) > LAST - 2


CHANGES = {
    "step": lambda lab: lab._step(),
    "rate": lambda lab: lab.controls["rate"].set(2.0),
    "edges": lambda lab: lab.controls["edges"].set("gradients"),
    "below": lambda lab: lab.controls["lower"].set("sharpness"),
    "epochs": lambda lab: lab.controls["epochs"].set(300),
    "hidden units": lambda lab: lab.controls["hidden"].set(3),
    "reset": lambda lab: lab._reset(),
    "resume": lambda lab: lab.resume(lab.state()),
    "redraw": lambda lab: lab.redraw(),
}


@live
@pytest.mark.parametrize("change", CHANGES)
async def test_after_another_change_nothing_old_is_kept_and_a_frame_follows(change, monkeypatch):
    lab, page = await looked_back(monkeypatch)
    old, sent = dict(page.kept), len(page.messages)
    CHANGES[change](lab)
    await until(lambda: any("frame" in message for message in page.messages[sent:]))  # a resumed run is repeated first
    first, *others = page.messages[sent:]
    assert first == {"forget": True}
    assert "position" not in next(message for message in others if "frame" in message)
    await until(lambda: not lab.running)
    lab.redraw()
    await page.rest()
    for epoch, picture in page.kept.items():
        lab.look_back.value = epoch
        assert page.page._moving == picture
        page.answer()
    if change == "edges":
        assert all(page.kept[epoch] != old[epoch] for epoch in (HERE - 1, HERE, HERE + 1))


@live
async def test_a_picture_drawn_meanwhile_is_the_present_one(monkeypatch):
    lab = trained()
    page = Page(lab, monkeypatch)
    lab.redraw()
    await page.rest()
    present, image = page.frames[-1], lab.canvas.frame()
    lab.look_back.value = HERE
    lab.look_back.value = LAST
    page.answer()
    await until(lambda: lab.canvas.come_back is not None)
    page.page._handle_custom_msg({"ready": True}, [])  # loaded again
    assert page.frames[-1] == present and lab.canvas.come_back is None
    lab.look_back.value = LAST - 1
    lab.look_back.value = LAST
    page.answer()
    await until(lambda: lab.canvas.come_back is not None)
    assert lab.canvas.frame() == image
    assert (lab.model.looking_at, lab.model.loss) == (LAST, lab.model.losses[LAST])


@live
async def test_nothing_is_sent_ahead_while_it_trains(monkeypatch):
    lab = trained()
    page = Page(lab, monkeypatch)
    lab.start()
    for _ in range(30):
        page.answer()
        await asyncio.sleep(0.005)
    assert lab.running and not page.kept
    lab.stop()
    await until(lab._task.done)
    await page.rest()
    assert lab.model.epoch in page.kept


@live
async def test_a_slow_page_is_sent_nothing_ahead(monkeypatch):
    lab = trained()
    page = Page(lab, monkeypatch)
    for epoch in range(paging.IN_FLIGHT):  # and no answer
        lab.look_back.value = epoch
    await until(lambda: lab.prefetch._timer is None)
    assert sorted(page.kept) == [*range(paging.IN_FLIGHT)]
    lab.look_back.value = 10
    assert page.messages[-1].get("position") != 10
    page.answer()
    assert page.messages[-1]["position"] == 10


@live
async def test_where_an_image_is_drawn_nothing_is_sent_and_no_old_picture_stays(monkeypatch):
    lab, page = await looked_back(monkeypatch)
    page.page.draws = False
    lab.canvas.show_page(False)
    assert page.messages[-1] == {"forget": True} and not page.kept
    lab.look_back.value = HERE + 1
    await until(lambda: lab.prefetch._timer is None)
    assert not page.kept


@live
async def test_a_readers_own_engine_is_asked_for_nothing_that_the_reader_has_not_asked_for(monkeypatch):
    _, page = await looked_back(monkeypatch, engine=engine())
    assert [*page.kept] == [HERE]


@live
async def test_a_closed_lab_sends_nothing_more(monkeypatch):
    lab = trained()
    page = Page(lab, monkeypatch)
    lab.look_back.value = HERE
    assert lab.prefetch._timer is not None
    lab.close()
    sent, problems = len(page.messages), []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert len(page.messages) == sent and not problems


@live
async def test_of_positions_that_come_while_the_kernel_is_busy_the_last_one_is_shown(monkeypatch):
    """Else the slider would be moved back to each of them."""
    lab = trained()
    page, positions = Page(lab, monkeypatch), []
    lab.look_back.observe(lambda change: positions.append(change["new"]), "value")

    def reader():
        for epoch in (9, 6, 3):
            lab.look_back.value = epoch

    on_another_thread(reader)
    await until(lambda: lab.model.looking_at == 3)
    assert [message["position"] for message in page.messages if "position" in message] == [3]
    assert positions == [9, 6, 3]


@live
async def test_no_more_is_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(paging, "POSITIONS", 10)
    _, page = await looked_back(monkeypatch)
    assert len(page.kept) == 10


@live
async def test_a_move_to_the_epoch_that_is_being_sent_ahead_is_not_lost(monkeypatch):
    lab = trained()
    page, show, to = Page(lab, monkeypatch), lab.show, []

    def show_slowly():
        if lab.canvas.come_back is not None and not to:
            to.append(lab.model.looking_at)
            on_another_thread(lambda: setattr(lab.look_back, "value", to[0]))
        show()

    lab.look_back.value = HERE
    page.answer()
    monkeypatch.setattr(lab, "show", show_slowly)
    await until(lambda: to)
    await page.rest()
    assert lab.model.looking_at == lab.look_back.value == to[0] != HERE
    assert page.messages[-1].get("prefetched") != to[0] and page.page._moving == page.kept[to[0]]


@live
async def test_a_move_that_comes_while_the_one_before_is_shown_is_not_lost(monkeypatch):
    lab = trained()
    page, note, positions = Page(lab, monkeypatch), lab.model.note, []
    lab.look_back.observe(lambda change: positions.append(change["new"]), "value")

    def note_slowly():
        note()
        if lab.look_back.value == HERE:
            on_another_thread(lambda: setattr(lab.look_back, "value", HERE - 1))

    monkeypatch.setattr(lab.model, "note", note_slowly)
    lab.look_back.value = HERE
    await until(lambda: lab.model.looking_at == HERE - 1)
    await page.rest()
    assert sorted(positions) == [HERE - 1, HERE]  # and not back


@live
async def test_a_run_that_is_resumed_and_paused_before_it_has_come_there_shows_its_own_pictures(monkeypatch):
    lab, page = await looked_back(monkeypatch)
    old = dict(page.kept)
    other = TrainingModel(data="spirals", hidden=16, deeper="16, 16, 16", epochs=20_000)
    other.advance(100)
    state = other.state()
    monkeypatch.setattr(
        TrainingModel, "advance", lambda model, steps=1, enough=None: LabModel.advance(model, 1, enough)
    )
    lab.resume(state)
    await until(lambda: lab.model.epoch > 5)
    assert not page.kept
    lab.stop()
    await until(lab._task.done)
    assert lab.model.behind
    page.answer()
    lab.look_back.value = 3
    await page.rest()
    assert page.messages and lab.model.looking_at == 3
    assert sorted(page.kept) == [*range(lab.model.epoch + 1)] and not set(page.kept.values()) & set(old.values())
