"""The listening lab's model: which recording, which frame, and what counts as a change of mind."""

import re

import numpy as np
import pytest

from course_lib.datasets import digit_clip
from course_lib.labs.listen import ListenModel
from course_lib.tools import audio


def always(digit, sure=0.95):
    """A network that thinks of one digit from the first frame on."""

    def posterior(features):
        p = np.full((len(features), 10), (1 - sure) / 9)
        p[:, digit] = sure
        return p

    return posterior


def switching(first, second, share, sure=0.95):
    """A network that changes from one digit to another after this share of the frames."""

    def posterior(features):
        change = int(share * len(features))
        return np.concatenate([always(first, sure)(features)[:change], always(second)(features)[change:]])

    return posterior


def test_it_hears_the_frames_of_the_recording():
    model = ListenModel(always(7), digit=3, voice="flite-slt")
    samples = digit_clip(3, "flite-slt")
    np.testing.assert_array_equal(model.features, audio.log_mel(samples))
    assert (model.frame, model.frames) == (1, 1 + (len(samples) - 256) // 160)
    model.advance(5)
    assert model.frame == 6
    model.advance(1000)
    assert model.finished and model.frame == model.frames
    model.reset()
    assert model.frame == 1 and not model.finished


def test_the_network_is_asked_for_the_features_once_a_recording():
    asked = []
    model = ListenModel(lambda features: asked.append(features.shape) or always(1)(features))
    model.advance(10)
    model.configure(digit=2)
    assert len(asked) == 2 and asked[0][1] == audio.BANDS and model.frame == 1


@pytest.mark.parametrize(
    ("share", "sure", "reached"), [(0.25, 0.95, set()), (0.75, 0.95, {"late change"}), (0.75, 0.8, set())]
)
def test_a_late_change_of_mind(share, sure, reached):
    model = ListenModel(switching(6, 7, share, sure), digit=7)
    assert model.last_change() == int(share * model.frames) + 1
    model.advance(model.frames // 2)
    assert model.reached == set()  # only who listens to the end has found it
    model.advance(1000)
    assert model.reached == reached
    assert "Right in the end. It changes its mind for the last time at frame" in model.status()


@pytest.mark.parametrize(
    ("digit", "sure", "reached"), [(4, 0.95, {"sure and wrong"}), (4, 0.8, set()), (7, 0.95, set())]
)
def test_sure_and_wrong(digit, sure, reached):
    model = ListenModel(always(digit, sure), digit=7)
    model.configure(frame=model.frames)
    assert model.reached == reached and model.last_change() == 1
    assert "It never changes its mind." in model.status()
    assert ("Wrong in the end" in model.status()) == (digit == 4)


def test_status_tells_the_two_most_likely_digits():
    model = ListenModel(switching(6, 7, 0.5), digit=7)
    model.advance(1)
    assert "Frame 2 of 27, 0.04 s heard: six 95%" in model.status() and "The word said is seven." in model.status()


def test_the_description_does_not_depend_on_the_network():
    assert ListenModel(always(1)).description() == ListenModel(switching(2, 3, 0.5)).description()
    assert "27 frames of 16 bands" in ListenModel(always(1)).description()


@pytest.mark.parametrize("wrong", [lambda f: np.ones((3, 10)) / 10, lambda f: np.ones((len(f), 10)), lambda f: f])
def test_other_outputs_give_a_sentence(wrong):
    with pytest.raises(ValueError, match=re.escape("posterior: expected probabilities of shape (27, 10)")):
        ListenModel(wrong)
