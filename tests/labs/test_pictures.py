"""The pictures of all labs: what is shown belongs to the state that the model is in, and legends to what is drawn; the page is
sent what the artists draw, and draws the same from it as Agg.
"""

import pytest
from artists import LabPicture
from every_control import move_every_control
from every_lab import ROOMS, make, moved, pixels
from replayer import Reader, alike, apart

# Entries that explain a sign: a marker whatever its colour, and arrows.
SIGNS = {
    "rises": ["epochs, all 4 per step", "epochs, 2 per step", "epochs, 1 per step"],
    "attention": ["keys, also the values"],
}
# Labs with an axis that follows what the reader sets; of the training lab: test_looks.py.
WITH_LOOKS = ("cnn", "rate_theory")


def assert_shows_its_state(lab):
    """The picture, which lives as long as the lab, is that which a new view draws of the same model."""
    lab.redraw()
    shown, fresh = pixels(lab.canvas.frame()), pixels(lab.picture(lab.model)[0])
    different = (abs(shown - fresh).max(axis=2) > 60).mean()
    assert different < 0.002, f"{different:.1%} of the picture is not that of the model's state"


def assert_page_has_its_layers(lab, reader, what):
    slow = lab.canvas._page._recorder.slow
    with lab.canvas.styled():
        layers = [slow.record(artists) for artists in lab.canvas.layers]
    stale = [number for number, noted in enumerate(layers) if noted != reader.replayer.layers[number].tobytes()]
    assert not stale, f"{what}: these layers have changed, and the page has not heard of it: {stale}"


def reader_of(lab, monkeypatch):
    reader = Reader(lab, monkeypatch, at_once=True)
    reader.answer(ready=True)
    moved(lab)
    lab.work()
    return reader


@pytest.mark.usefixtures("unhinted")
@pytest.mark.parametrize("room", ROOMS)
def test_a_lab_moved_to_the_ends_of_its_controls_shows_its_present_state(room, monkeypatch):
    """Each entry of its legends looks like something drawn."""
    lab = make(room)
    reader = reader_of(lab, monkeypatch)
    lab.redraw()
    assert alike(lab, reader), f"the page draws something else than Agg, by {apart(lab, reader)}"
    assert list(LabPicture(lab).legends_without_artist()) == SIGNS.get(room, [])
    assert move_every_control(lab)
    moved(lab)
    assert_shows_its_state(lab)


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_what_is_noted_of_its_artists_in_each_frame_is_what_they_draw(room, compared, monkeypatch):
    lab = make(room)
    reader = reader_of(lab, monkeypatch)
    lab.redraw()
    assert_page_has_its_layers(lab, reader, "advanced")
    assert move_every_control(lab)
    if room in WITH_LOOKS:  # what looks as before is sent as before
        for control in lab.controls.values():
            for value in 2 * control.ends():
                control.set(value)
        assert compared["kept"]
    lab.redraw()
    assert_page_has_its_layers(lab, reader, "every control moved")
    assert compared["noted"] > 3
