"""The pictures of all labs: what is shown belongs to the state that the model is in, and legends to what is drawn."""

import io

import numpy as np
import pytest
from artists import LabPicture
from every_control import move_every_control
from PIL import Image

from course_lib import Dense, Flatten, Sequential, labs
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.models.translation import Translator

pytestmark = pytest.mark.usefixtures("only_my_labs")

NAMES = labs.__all__


def posterior(features):
    """Any number of frames: the digit whose number is that of the loudest band."""
    return np.eye(10)[features.argmax(axis=1) % 10] * 0.9 + 0.01


def translator():
    return Translator(len(ENGLISH), len(CHINESE), rng=np.random.default_rng(0))


def digit_network():
    return Sequential(Flatten(), Dense(64, 10, rng=np.random.default_rng(0)))


def table():
    return np.random.default_rng(0).uniform(0.2, 3, (13, 19))


ARGUMENTS = {
    "listen_lab": lambda: (posterior,),
    "translation_lab": lambda: (translator(),),
    "drawing_lab": lambda: (digit_network(),),
    "search_lab": lambda: (table(),),
}
# Entries that explain a sign: a marker whatever its colour, and arrows.
SIGNS = {
    "rises_lab": ["epochs, all 4 per step", "epochs, 2 per step", "epochs, 1 per step"],
    "attention_lab": ["keys, also the values"],
}


def opened(name):
    return getattr(labs, name)(*ARGUMENTS.get(name, tuple)())


def pixels(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


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
    assert move_every_control(lab).endswith(" buttons: no error")
    assert_shows_its_state(lab, "every control moved")
