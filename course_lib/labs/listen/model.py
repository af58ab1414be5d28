"""The listening lab without its face: one recording, its log-mel frames, and what a network thinks after each of them."""

from functools import lru_cache

import numpy as np

from ...datasets.speech import CLIPS, DIGITS, digit_clip
from ...text import joined, say
from ...tools import audio
from ..base.checks import check_number
from ..base.model import LabModel
from ..base.settings import Choice, Number, Settings

SURE = 0.9  # probability from which the network counts as sure
SECONDS = audio.HOP / audio.RATE  # from one frame to the next


@lru_cache(maxsize=4)
def heard(digit, voice):
    """(samples, log-mel features (time, bands)) of a recording."""
    samples = digit_clip(digit, voice)
    return samples, audio.log_mel(samples)


class ListenModel(LabModel):
    """A recording and the probabilities of the ten digits, frame by frame.

    posterior      function: log-mel features (time, bands) -> probabilities (time, 10); row t is what is thought after
                   frame t
    digit, voice   which recording: 0 to 9, and one of CLIPS
    frame          (setting) how many frames have been heard so far, 1 to `frames`
    samples, features, probabilities   of the present recording
    """

    declared = {
        "digit": Choice(tuple(range(len(DIGITS))), 7),
        "voice": Choice(CLIPS, CLIPS[0]),
        "frame": Number(1, 1000, 1, whole=True),
    }
    gentle = ("frame",)
    goals = ("late change", "sure and wrong")

    def __init__(self, posterior, **settings):
        self._posterior = posterior
        super().__init__(**settings)

    def twin(self, **changes):
        return type(self)(self._posterior, **self.settings | changes)

    def checked(self, changes):
        """As every model's; another recording begins at its first frame, and no frame lies behind the last one."""
        if changes.keys() & {"digit", "voice"}:
            changes = {"frame": 1} | changes
        frame = changes.get("frame", self.settings["frame"])
        settings = super().checked({name: value for name, value in changes.items() if name != "frame"})
        check_number(say("frame"), frame, 1, len(heard(settings["digit"], settings["voice"])[1]), whole=True)
        return Settings(settings | {"frame": int(frame)})

    def limits(self, name):
        return (1, self.frames) if name == "frame" else super().limits(name)

    def _start(self):
        samples, features = heard(self.settings["digit"], self.settings["voice"])
        probabilities = np.asarray(self._posterior(features), dtype=float)
        expected = (len(features), len(DIGITS))
        if probabilities.shape != expected or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
            raise ValueError(
                say(
                    "posterior: expected probabilities of shape {expected}, each row with the sum 1, got shape {got}",
                    expected=expected,
                    got=probabilities.shape,
                )
            )
        self.samples, self.features, self.probabilities = samples, features, probabilities

    @property
    def digit(self):
        return self.settings["digit"]

    @property
    def frame(self):
        return self.settings["frame"]

    @property
    def frames(self):
        return len(self.features)

    @property
    def finished(self):
        return self.frame >= self.frames

    def reset(self):
        """Back to the first frame."""
        self.settings = Settings(self.settings | {"frame": 1})
        super().reset()

    def _step(self):
        """Hear one more frame."""
        self.go_to(self.frame + 1)

    def go_to(self, frame):
        """As if exactly so many frames had been heard. Raises ValueError when the recording has fewer, or none."""
        self.configure(frame=frame)

    # What it thinks

    @property
    def now(self):
        """(10,) probabilities after the present frame."""
        return self.probabilities[self.frame - 1]

    def favourites(self):
        """The most likely digit after each frame of the recording, (frames,)."""
        return self.probabilities.argmax(axis=1)

    def last_change(self):
        """The frame after which the favourite is what it stays to the end; 1 when it never changes."""
        other = np.flatnonzero(self.favourites() != self.favourites()[-1])
        return int(other[-1]) + 2 if len(other) else 1

    def _reached_now(self):
        if not self.finished:
            return []
        second_half = slice(self.frames // 2, None)
        sure = self.probabilities.max(axis=1) >= SURE
        late = np.any((sure & (self.favourites() != self.favourites()[-1]))[second_half])
        wrong = self.bad and self.probabilities[-1].max() >= SURE
        return [goal for goal, holds in zip(self.goals, (late, wrong), strict=True) if holds]

    @property
    def good(self):
        return self.finished and bool(self.favourites()[-1] == self.digit)

    @property
    def bad(self):
        return self.finished and not self.good

    # Words

    def status(self):
        first, second = np.argsort(-self.now)[:2]
        said = say(
            "Frame {frame} of {frames}, {time:.2f} s heard: {first} {p:.0%}, {second} {q:.0%}. Said is {word}.",
            frame=self.frame,
            frames=self.frames,
            time=self.frame * SECONDS,
            first=say(DIGITS[first]),
            p=self.now[first],
            second=say(DIGITS[second]),
            q=self.now[second],
            word=say(DIGITS[self.digit]),
        )
        if not self.finished:
            return said
        verdict = say("Right in the end.") if first == self.digit else say("Wrong in the end.")
        change = self.last_change()
        mind = (
            say("It never changes its mind.")
            if change == 1
            else say("It changes its mind for the last time at frame {frame}.", frame=change)
        )
        return joined(said, verdict, mind)

    def description(self):
        """What can be said of the recording whatever the network thinks."""
        hissing = self.features.argmax(axis=1) >= self.features.shape[1] - 4  # loudest in one of the four highest bands
        return say(
            "Log-mel picture of the word {word}, said by {voice}: {frames} frames of {bands} bands, {hissing} of them loudest "
            "in the four highest bands. The live lab shows below it the probability of each of the {digits} digits after each "
            "frame.",
            word=say(DIGITS[self.digit]),
            voice=self.settings["voice"],
            frames=self.frames,
            bands=self.features.shape[1],
            hissing=int(hissing.sum()),
            digits=self.probabilities.shape[1],
        )
