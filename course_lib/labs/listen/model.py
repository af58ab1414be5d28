"""The listening lab without its face: one recording, its log-mel frames, and what a network thinks after each of them."""

import numpy as np

from ...datasets.speech import CLIPS, DIGITS, digit_clip
from ...text import say
from ...tools import audio
from ..panel.checks import check_number

SURE = 0.9  # probability from which the network counts as sure
SECONDS = audio.HOP / audio.RATE  # from one frame to the next


class ListenModel:
    """A recording and the probabilities of the ten digits, frame by frame.

    posterior      function: log-mel features (time, bands) -> probabilities (time, 10); row t is what is thought after
                   frame t
    digit, voice   which recording: 0 to 9, and one of CLIPS
    frame          how many frames have been heard so far, 1 to `frames`
    samples, features, probabilities   of the present recording
    found          names of the goals that have been reached
    """

    def __init__(self, posterior, digit=7, voice=CLIPS[0]):
        self._posterior = posterior
        self.found = set()
        self.choose(digit, voice)

    def choose(self, digit=None, voice=None):
        """Take another recording, and listen from its beginning. Raises ValueError for one that does not exist."""
        digit = self.digit if digit is None else digit
        voice = self.voice if voice is None else voice
        samples = digit_clip(digit, voice)
        features = audio.log_mel(samples)
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
        self.digit, self.voice = digit, voice
        self.samples, self.features, self.probabilities = samples, features, probabilities
        self.frame = 1

    @property
    def frames(self):
        return len(self.features)

    @property
    def finished(self):
        return self.frame >= self.frames

    def reset(self):
        """Back to the first frame."""
        self.frame = 1

    def advance(self, frames=1):
        """Hear some more frames, as far as there are any."""
        self.go_to(min(self.frame + frames, self.frames))

    def go_to(self, frame):
        """As if exactly so many frames had been heard. Raises ValueError when the recording has fewer, or none."""
        check_number(say("frame"), frame, 1, self.frames, whole=True)
        self.frame = int(frame)
        if self.finished:
            self.found |= self._reached()

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

    def _reached(self):
        second_half = slice(self.frames // 2, None)
        sure = self.probabilities.max(axis=1) >= SURE
        late = np.any((sure & (self.favourites() != self.favourites()[-1]))[second_half])
        wrong = self.favourites()[-1] != self.digit and self.probabilities[-1].max() >= SURE
        return {name for name, holds in (("late change", late), ("sure and wrong", wrong)) if holds}

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
        return f"{said} {verdict} {mind}"

    def description(self):
        """What can be said of the recording whatever the network thinks."""
        hissing = self.features.argmax(axis=1) >= self.features.shape[1] - 4  # loudest in one of the four highest bands
        return say(
            "Log-mel picture of the word {word}, said by {voice}: {frames} frames of {bands} bands, {hissing} of them loudest "
            "in the four highest bands. The live lab shows below it the probability of each of the 10 digits after each frame.",
            word=say(DIGITS[self.digit]),
            voice=self.voice,
            frames=self.frames,
            bands=self.features.shape[1],
            hissing=int(hissing.sum()),
        )
