"""The face of the lab of rises: controls, goals, the run that is watched."""

import numpy as np
import pytest

from course_lib.labs import rises_lab
from course_lib.labs.rises import EPOCHS, LADDER, NETWORKS, RisesModel


@pytest.fixture
def lab():
    opened = rises_lab("driven")
    yield opened
    opened.close()


def test_a_change_shows_the_whole_run_at_once(lab):
    pictures = {lab.canvas.image.value}
    for name, value in (("rate", 5.0), ("shown", 8), ("batch", 1)):
        lab.controls[name].set(value)
        pictures.add(lab.canvas.image.value)
        assert lab.model.finished and "Epoch 100 of 100" in lab.status_line.value
    assert len(pictures) == 4


def test_the_run_can_be_watched(lab):
    lab.buttons["watch"].click()  # without a notebook it runs to the end at once
    assert lab.model.finished and lab.run_button.description == "Watch"
    lab.model.reset()
    assert lab.work() and lab.model.epoch == 2


def test_other_networks_clear_the_points(lab):
    lab.controls["rate"].set(5.0)
    before = lab.canvas.image.value
    lab.buttons["others"].click()
    assert lab.model.settings["block"] == 1 and list(lab.model.tried) == [(4, 5.0)]
    assert lab.canvas.image.value != before


@pytest.mark.parametrize("batch", [2, 1])
def test_every_step_that_left_the_loss_higher_is_seen_in_its_epoch(lab, batch):
    lab.model.configure(rate=2.0, batch=batch)
    lab.redraw()
    marks = np.zeros((EPOCHS, NETWORKS))
    for share, line in zip((0.25, 0.5, 0.75, 1), lab.steps_of_epochs, strict=True):
        epochs, networks = line.get_xydata().reshape(-1, 2).T.astype(int)
        marks[epochs, networks - 1] = share
    rose = np.diff(np.array(lab.model.losses), axis=0) > 0
    steps = np.array(lab.model.steps_of_epochs) * batch / 4
    assert np.array_equal(marks, np.where(rose, 0, steps)), "an epoch that rose has a mark of its own"


def test_a_click_on_a_row_shows_its_network(lab):
    x, y = lab.row.axes.transData.transform((50, 17.2))
    lab.canvas.hand.touched({"click": [x, lab.canvas.figure.bbox.height - y]})
    assert lab.model.settings["shown"] == 17 == lab.controls["shown"].value
    assert lab.model.finished and list(lab.row.get_ydata()) == [17, 17]


@pytest.mark.parametrize("batch", [4, 2, 1])
def test_the_static_picture_answers_no_goal(batch):
    model = RisesModel(batch=batch)
    for rate in LADDER:
        model.configure(rate=rate)
        model.advance(EPOCHS)
    assert len(model.tried) == len(LADDER) and model.reached == set()
