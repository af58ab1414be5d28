"""The pictures of all labs: what is shown belongs to the state that the model is in, and legends to what is drawn."""

import pytest
from artists import LabPicture
from every_control import move_every_control
from every_lab import NAMES, opened, pixels

# Entries that explain a sign: a marker whatever its colour, and arrows.
SIGNS = {
    "rises_lab": ["epochs, all 4 per step", "epochs, 2 per step", "epochs, 1 per step"],
    "attention_lab": ["keys, also the values"],
}


def assert_shows_its_state(lab, what):
    """The picture, which lives as long as the lab, is that which a new view draws of the same model."""
    lab.redraw()
    shown, fresh = pixels(lab.canvas.frame()), pixels(lab.picture(lab.model)[0])
    different = (abs(shown - fresh).max(axis=2) > 60).mean()
    assert different < 0.002, f"{what}: {different:.1%} of the picture is not that of the model's state"


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_that_of_the_present_state_and_each_entry_of_a_legend_looks_like_something_drawn(name):
    lab = opened(name)
    assert_shows_its_state(lab, "opened")
    lab.work()
    assert_shows_its_state(lab, "advanced")
    assert list(LabPicture(lab).legends_without_artist()) == SIGNS.get(name, [])
    assert move_every_control(lab)
    assert_shows_its_state(lab, "every control moved")
