"""The autograd lab's face: steps, prediction, boxes that do not cover each other."""

import pytest
from test_labs import live, until

from course_lib.labs import autograd_lab
from course_lib.labs.autograd.lab import SIZE
from course_lib.labs.autograd.model import EXPRESSIONS


def test_each_step_changes_the_picture():
    lab = autograd_lab()
    seen = {lab.canvas.image.value}
    for _ in lab.model.ours.labels:
        lab.buttons["step"].click()
        seen.add(lab.canvas.image.value)
    assert len(seen) == len(lab.model.ours.labels) + 1
    assert (
        lab.buttons["step"].disabled and "course_lib has 7 nodes, and that of PyTorch has 10" in lab.status_line.value
    )
    lab.buttons["reset"].click()
    assert not lab.buttons["step"].disabled and lab.canvas.image.value in seen


@pytest.mark.usefixtures("drawn_at_once")
@live
async def test_a_run_shows_each_step():
    lab, seen = autograd_lab("x*x + x"), set()
    lab.step_seconds = 0.01
    lab.canvas.image.observe(lambda change: seen.add(change["new"]), "value")
    lab.buttons["run"].click()
    await until(lambda: not lab.running)
    assert lab.model.finished and len(seen) == len(lab.model.ours.labels)


def test_the_goal_is_reached_by_a_right_prediction():
    lab = autograd_lab()
    lab.prediction.value = "10"
    assert "Noted: 10." in lab.goal_line.value
    lab.buttons["run"].click()
    assert "\N{CHECK MARK}" in lab.goal_line.value and "You said 10, there are 10" in lab.goal_line.value
    lab.controls["expression"].set("x*x + x")
    assert lab.prediction.value == "" and "\N{CHECK MARK}" not in lab.goal_line.value


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_no_box_covers_another_or_leaves_the_picture(label):
    view = autograd_lab(label)
    for boxes in view._boxes:
        places = [(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box, _ in boxes]
        assert all(min(x, y) >= 0 and x + w <= SIZE[0] and y + h <= SIZE[1] for x, y, w, h in places)
        for i, (x, y, w, h) in enumerate(places):
            assert all(abs(x - a) >= w or abs(y - b) >= h for a, b, _, _ in places[:i])
