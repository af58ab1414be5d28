"""The listening lab's face: controls, sound, goals."""

import pytest
from test_hand import pixels, read
from test_listen_model import always, switching

from course_lib.datasets import digit_clip
from course_lib.labs import listen_lab
from course_lib.labs.listen import CLIPS, LONGEST, SECONDS, VOICES, WAIT
from course_lib.tools import audio


def test_every_voice_has_a_name():
    assert tuple(VOICES) == CLIPS


def test_the_picture_has_room_for_every_recording():
    lengths = [len(audio.log_mel(digit_clip(digit, voice))) * SECONDS for digit in range(10) for voice in CLIPS]
    assert 0.9 * LONGEST < max(lengths) <= LONGEST


def test_another_recording_changes_sound_picture_and_slider():
    lab = listen_lab(always(7), "driven")
    before = lab.canvas.image.value
    lab.controls["digit"].set(2)
    lab.controls["voice"].set("flite-awb")
    assert lab.sound.value == audio.wav(digit_clip(2, "flite-awb")) and not lab.sound.autoplay
    assert lab.canvas.image.value != before
    assert lab.controls["frame"].high == lab.model.frames != 27
    assert "The word said is two" in lab.status_line.value


def test_listening_goes_to_the_end_and_begins_again():
    lab = listen_lab(always(7), "driven")
    lab.buttons["listen"].click()  # without a kernel's loop it runs to the end at once
    assert lab.model.finished and lab.controls["frame"].value == 27 and "Right in the end" in lab.status_line.value
    lab.buttons["step"].click()
    assert lab.model.finished
    lab.buttons["start"].click()
    assert lab.model.frame == 1 and lab.controls["frame"].value == 1


@pytest.mark.parametrize("pieces", WAIT.values(), ids=WAIT)
def test_a_frame_of_sound_takes_as_many_of_the_picture_as_the_speed_says(pieces):
    lab = listen_lab(always(7), "driven")
    lab.controls["speed"].set(pieces)
    for _ in range(2 * pieces):
        lab.work()
    assert lab.model.frame == 3


def test_the_static_picture_shows_the_end_and_states_facts():
    lab = listen_lab(always(7), "driven")
    data, alt = lab.static()
    assert data.startswith(b"\x89PNG") and "27 frames of 16 bands" in alt
    lab.model.configure(frame=27)
    lab.refresh()
    assert lab.canvas.image.value == data


def test_a_network_of_another_kind_gives_a_sentence():
    lab = listen_lab(lambda features: always(1)(features) if len(features) == 27 else features, "driven")
    lab.controls["digit"].set(2)
    assert "posterior: expected probabilities" in lab.error_line.value


def test_what_it_thought_is_read_as_far_as_it_has_listened():
    lab = listen_lab(switching(6, 4, 0.8), "driven")
    model = lab.model
    model.configure(frame=5)
    at = pixels(lab, lab.thought, 3.5 * SECONDS, 6)
    assert read(lab, *at) == f"{3.5 * SECONDS:.2f} s: six {model.probabilities[3, 6]:.1%}"
    assert read(lab, *pixels(lab, lab.thought, 5.5 * SECONDS, 6)) == "", "not heard yet"
