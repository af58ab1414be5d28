"""Every lab there is, opened with what it needs, and moved from its start."""

import io

import numpy as np
from PIL import Image

from course_lib import Dense, Flatten, Sequential, labs
from course_lib.canvas.recorder import Recorder
from course_lib.datasets.number_words import CHINESE, ENGLISH
from course_lib.models.translation import Translator
from course_lib.models.validation_map import RATES, WEIGHT_DECAYS

NAMES = labs.__all__
ROOMS = {name.rpartition("_")[0]: name for name in NAMES}  # file or folder -> the name under which notebooks import it
STEPS = 3  # of a run: enough to tell it from its start, and quick in every lab


def rng():
    return np.random.default_rng(0)


def posterior(features):
    """What a network could think after each frame of a recording: (time, 10)."""
    likely = 0.1 + np.abs(np.sin(np.arange(len(features))[:, None] * (1 + np.arange(10))))
    return likely / likely.sum(axis=1, keepdims=True)


ARGUMENTS = {  # of the labs of a trained network, or of a known map
    "drawing_lab": lambda: Sequential(Flatten(), Dense(64, 10, rng=rng())),
    "listen_lab": lambda: posterior,
    "search_lab": lambda: rng().uniform(0.3, 2, (len(WEIGHT_DECAYS), len(RATES))),
    "translation_lab": lambda: Translator(len(ENGLISH), len(CHINESE), 8, 8, rng=rng()),
}


def opened(lab, /, **settings):
    """A new lab, by the name of its function."""
    return getattr(labs, lab)(*[make() for name, make in ARGUMENTS.items() if name == lab], **settings)


def make(room, name="lab"):
    """A new lab, by its file or folder."""
    return opened(ROOMS[room], name=name)


def moved(lab):
    """The lab after some steps, and with a number turned that does not start it anew, where it has such a one."""
    if lab.model.done is not None:
        lab.model.reset()
        lab.model.advance(STEPS)
    for name in lab.model.live.values():
        low, high = lab.model.limits(name)
        turned = min(high, float(f"{1.5 * lab.model.settings[name]:.3g}") or low)
        if not lab.model.finished:
            lab.model.configure(**{name: int(turned) if lab.model.declared[name].whole else turned})
            lab.model.advance(1)
        break
    lab.refresh()
    return lab


def pixels(png):
    """A picture as an array (height, width, 3) of whole numbers."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def noted(lab):
    """What a new page would be sent of a lab's picture."""
    canvas = lab.canvas
    canvas.show_present()
    recorder, drawn = Recorder(*canvas.pixels, canvas.figure.dpi), []
    with canvas.styled():
        for artists in (*canvas.layers, canvas.moving_artists):
            canvas.prepare(artists)
            drawn.append(recorder.record(artists))
    return drawn, recorder.news()


def seen(lab):
    """All that a reader sees of a lab."""
    return lab.status_line.value, lab.model.status(), lab.model.description(), noted(lab)
