"""The view of the lab "a language model learns": a live run on the loop, the text that is written, heads on the picture."""

import asyncio

import numpy as np
import pytest
from artists import contrast

from course_lib.labs import language_lab
from course_lib.labs.base.artists import DENSITY
from course_lib.labs.language import lab as view
from course_lib.labs.language.model import SNAPSHOTS
from course_lib.labs.language.sheet import GREENS, LEVELS, ORANGES


def shown(labels):
    return [label.text for label in labels if label.text]


def sheet(lab):
    return lab.sheets[lab.model.settings["task"]]


def row_names(lab):
    return sheet(lab).row_names


def reading(lab, x, y):
    """What stands under the pointer at a place in CSS pixels from the lower left corner."""
    place = [x * DENSITY, (lab.size[1] - y) * DENSITY]
    return lab.canvas.hand.touched({"look": place})["reading"]


def on_a_loop(drive, **settings):
    """Run drive(lab) as a notebook would, on a running loop."""

    async def run():
        lab = language_lab(name="loop", **settings)
        try:
            await drive(lab)
        finally:
            lab.close()

    asyncio.run(asyncio.wait_for(run(), 200))


@pytest.fixture(scope="module")
def right():
    """The model of the static picture, which writes its number right."""
    lab = language_lab()
    model = lab.static_model()
    model.look()
    lab.close()
    return model


def test_it_trains_live_the_rate_can_be_turned_and_the_text_is_written_again(monkeypatch):
    monkeypatch.setattr(view, "AGAIN", 0.05)

    async def drive(lab):
        first, steps = shown(row_names(lab))[-1], set()
        lab.buttons["train"].click()
        while lab.model.done < 3:
            await asyncio.sleep(0.01)
        lab.controls["rate"].set(0.02)
        while lab.model.done < 30 or len(steps) < 3:
            await asyncio.sleep(0.01)
            steps.add(lab.model.late_step)
        assert lab.running and lab.model.used("rate") == [0.003, 0.02]
        lab.buttons["train"].click()
        await lab._task
        assert not lab.running and not lab.error_line.value
        assert lab.model.late_step == lab.model.done and f"Step {lab.model.done} of" in lab.status_line.value
        last = shown(row_names(lab))[-1]
        assert last == f"step {lab.model.done}" != first

    on_a_loop(drive, features=16)


def test_no_frame_of_a_run_does_all_of_an_examination():
    """One of its pieces, or some, as there is time, and no more."""
    lab = language_lab(features=16)
    lab.model.advance(24)
    lab.work_seconds, lab.running = 0.0005, True
    frames = 0
    while lab.model.shares[-1][0] < 25:
        lab.work()
        lab.refresh()
        frames += 1
        assert frames < 30
    assert frames >= 3


def test_the_right_numeral_the_snapshots_and_the_present_text_stand_below_each_other():
    lab = language_lab(rate=0.01, features=16)
    lab.model.advance(60)
    lab.refresh()
    early = [step for step in SNAPSHOTS["numbers"] if step < 60]
    assert shown(row_names(lab)) == ["right", *(f"step {step}" for step in SNAPSHOTS["numbers"]), "step 60"]
    assert shown(sheet(lab).symbols[: view.SHAPES["numbers"][2]]) == [*"三十四万零二百一十五"]
    assert len(shown(sheet(lab).marks)) == len(early) + 1
    values = sheet(lab).grid.values[:, 0]
    assert not values[1 + len(early) : -1].any()  # rows that wait for their step
    written = lab.model.late[0]
    wrong = [one != other for one, other in zip(written.symbols, lab.model.right, strict=False)]
    shades = np.round(values[-1, : len(wrong)] * (len(sheet(lab).grid.colours) - 1))
    np.testing.assert_array_equal(shades >= len(GREENS), wrong)  # orange
    np.testing.assert_allclose(shades % len(GREENS), written.shares[: len(wrong)] * LEVELS, atol=0.51)


def test_what_is_under_the_pointer_says_how_likely_it_was_and_where_a_head_looks():
    lab = language_lab(rate=0.01, features=16)
    lab.model.advance(10)
    lab.refresh()
    left, down, pixel = sheet(lab).left, sheet(lab).down, sheet(lab).pixel
    said = reading(lab, left + pixel / 2, view.TOP - down - pixel / 2)
    first = lab.model.early[0][1][0]
    assert said.startswith(view.shown_symbol(first.symbols[0])) and view.percent(first.shares[0]) in said
    assert said.count("%") == 4
    top, pixel = lab._map
    said = reading(lab, view.MAP + 1.5 * pixel, top - 0.5 * pixel)
    assert "attention to hundred" in said and f"{lab.model.map_of('1.1')[0, 1]:.3f}" in said
    for x, y in ((left + pixel / 2, view.TOP - 2), (5, 5), (view.MAP + 250, 200)):
        assert "attention" not in reading(lab, x, y)


def test_the_status_of_a_lab_that_rests_says_what_it_writes(right):
    lab = language_lab(features=16)
    own, lab.model = lab.model, right
    assert lab.status_text().endswith("It writes 三十四万零二百一十五 end")
    lab.model = own
    lab.controls["task"].set("words")
    lab.controls["prompt"].set("un")
    first, *_ = lab.model.late
    word = "".join(first.symbols).removesuffix(".")
    assert f"It writes un{word}, un" in lab.status_line.value
    lab.running = True
    assert "It writes" not in lab.status_text()


def test_a_point_of_each_curve_is_read_in_steps():
    lab = language_lab(features=16)
    for axes, line in ((lab.loss, lab.held_out), (lab.share, lab.shares)):
        x, y = axes.transData.transform(line.get_xydata()[0]) / DENSITY
        assert "steps 0, " in reading(lab, x, y)


def test_a_pointer_that_moves_before_a_new_start_is_shown_reads_nothing():
    lab = language_lab(features=16)
    left, pixel = sheet(lab).left, sheet(lab).pixel
    top, side = lab._map
    places = (left + pixel / 2, view.TOP - 8 * sheet(lab).down - pixel / 2), (view.MAP + side / 2, top - side / 2)
    assert all(reading(lab, *place) for place in places)
    lab.model.reset()
    assert [reading(lab, *place) for place in places] == ["", ""]


def test_heads_are_shown_and_switched_off_on_the_picture():
    lab = language_lab(rate=0.01, features=16, blocks=2)
    lab.model.advance(5)
    lab.refresh()
    hand = lab.canvas.hand
    assert [one["name"] for one in hand.handles()] == [
        f"{what} {head}" for head in ("1.1", "1.2", "2.1", "2.2") for what in ("show", "off")
    ]
    before = lab.map.values.copy()
    hand.touched({"press": "show 2.2"})
    assert "2.2" in lab.map_heading.text and not np.array_equal(lab.map.values, before)
    written = [one.line.tolist() for one in lab.model.late], lab.model.late[0].likely
    hand.touched({"press": "off 1.1"})
    assert lab.model.settings.off == ("1.1",) and "switched off" in lab.map_heading.text
    assert not np.allclose(lab.model.late[0].likely[0], written[1][0]) and lab.model.done == 5
    assert "switch head 1.1 on" in [one["label"] for one in hand.handles()]
    assert "1.1 off" in shown(lab.thumb_names.values())
    lab.controls["heads"].set(1)
    assert [one["name"] for one in hand.handles()] == ["show 1.1", "off 1.1", "show 2.1", "off 2.1"]


def test_nonsense_is_answered_and_loses_nothing():
    lab = language_lab(features=16)
    lab.model.advance(5)
    lab.controls["rate"].text.value = "fast"
    assert "expected a number from" in lab.error_line.value
    lab.controls["prompt"].set("a lot")
    assert "is not a word of the vocabulary" in lab.error_line.value
    assert lab.model.settings.number == 340_215 and lab.model.done == 5
    lab.controls["prompt"].set("12")
    assert not lab.error_line.value and lab.model.right == ["十", "二", "<end>"] and lab.model.done == 5
    assert "12" in lab.heading.text


def test_the_other_task_opens_with_its_own_settings_question_and_goal():
    lab = language_lab(features=16)
    lab.controls["task"].set("words")
    assert lab.model.settings.features == 48 and lab.controls["features"].value == 48
    assert "vowels" in lab.question_line.value and "held-out loss" in lab.goal_line.value
    assert (
        lab.controls["prompt"].value == ""
        and lab.share.get_title("left") + lab.share.get_title() == "Words in the list"
    )
    assert not shown(lab.sheets["numbers"].symbols) and shown(lab.sheets["words"].symbols)
    lab.controls["prompt"].set("qu")
    assert "qu" in lab.heading.text
    lab.controls["prompt"].set("q1")
    assert "expected letters" in lab.error_line.value and lab.model.settings.beginning == "qu"
    lab.controls["task"].set("numbers")
    assert lab.controls["prompt"].value == "340,215" and "Which comes right first" in lab.question_line.value


def test_the_static_picture_does_not_show_what_is_asked(right):
    """Only the first text and the last one, in which all is right."""
    assert [step for step, _ in right.early] == [0] and right.late_step == right.done == view.STATIC_STEPS
    assert right.late[0].right


def test_without_the_mask_the_map_is_filled_and_the_picture_says_why():
    lab = language_lab(features=16)
    assert "without a mask" not in lab.map_heading.text
    lab.controls["mask"].set(False)
    assert "without a mask" in lab.map_heading.text
    assert np.triu(lab.map.values[0], lab.map.values.shape[2] - lab.map.values.shape[1] + 1).any()


def test_black_can_be_read_on_each_shade_and_green_is_told_from_orange():
    assert len(GREENS) == len(ORANGES) == LEVELS + 1
    assert min(contrast("black", shade / 255) for shade in (*GREENS, *ORANGES)) > 7
    assert (abs(GREENS[5:].astype(int) - ORANGES[5:]).max(axis=1) > 30).all()
