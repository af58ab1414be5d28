"""Real data with groups in it: who is in the training data, and who is not, can be chosen here and measured by group."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..text import N_, say
from .digits import digits
from .speech import spoken_digits

VOICES = ("en-us", "en-gb", "en-gb-x-rp", "kal16", "awb", "rms", "slt")  # three accents of espeak-ng, four of flite
STYLES = {  # what is done to an image (examples, 8, 8, 1) with ink 1 on paper 0
    N_("white on black"): lambda x: 1 - x,
    N_("moved by two pixels"): lambda x: np.pad(x[:, :, :-2], ((0, 0), (0, 0), (2, 0), (0, 0))),
    N_("on its side"): lambda x: np.rot90(x, axes=(1, 2)),
}
USUAL = N_("black on white")
PARTS = 10  # pieces into which an utterance is cut, whatever its length


class Grouped(NamedTuple):
    """Examples that belong to groups, with a fixed half or more to train on and the rest to test.

    x (n, features) float32     y (n,) class numbers     group (n,) names     test (n,) True for the test part
    """

    x: np.ndarray
    y: np.ndarray
    group: np.ndarray
    test: np.ndarray

    @property
    def names(self):
        """The names of the groups, in the order of the data."""
        return list(dict.fromkeys(self.group.tolist()))

    def training(self, rng, each, left_out=None, added=0):
        """(x, y) to train on: up to `each` examples of every group, but only `added` of the group that is left out.

        Raises ValueError for an unknown group.
        """
        if left_out is not None and left_out not in self.names:
            raise ValueError(
                say(
                    "training: expected left_out to be one of {known}, got {got!r}",
                    known=", ".join(self.names),
                    got=left_out,
                )
            )
        chosen = []
        for name in self.names:
            members = rng.permutation(np.flatnonzero((self.group == name) & ~self.test))
            chosen.append(members[: added if name == left_out else each])
        chosen = np.concatenate(chosen)
        return self.x[chosen], self.y[chosen]

    def right(self, model):
        """How many test examples of each group the model classifies right: {name: (right, total)}."""
        correct = np.asarray(model(self.x[self.test]).value).argmax(axis=1) == self.y[self.test]
        group = self.group[self.test]
        return {name: (int(correct[group == name].sum()), int((group == name).sum())) for name in self.names}


def speech_by_voice():
    """The spoken digits of seven voices as `Grouped`: 160 features, the mean of 16 bands in each tenth of a word.

    About 60 to 150 utterances a voice to train on, as many to test. A synthesiser that is asked for almost the same
    speed and pitch says exactly the same twice; of such utterances one is kept, so that none is in both parts.
    """
    spoken = spoken_digits().of_voice(*VOICES)
    x = np.stack([_tenths(f[: int(m.sum())]) for f, m in zip(spoken.features, spoken.mask, strict=True)])
    _, different = np.unique(x, axis=0, return_index=True)
    x, spoken = x[different], spoken[different]
    test = np.zeros(len(spoken), bool)
    rng = np.random.default_rng(0)
    for voice in VOICES:
        for label in range(10):  # half of every digit of every voice
            members = rng.permutation(np.flatnonzero((spoken.voice == voice) & (spoken.labels == label)))
            test[members[: len(members) // 2]] = True
    order = np.argsort([VOICES.index(voice) for voice in spoken.voice], kind="stable")
    return Grouped(x[order], spoken.labels[order], spoken.voice[order], test[order])


def _tenths(frames):
    """(frames, bands) decibels from -60 to 0 -> (PARTS * bands,): means over equal parts, scaled to -1..1."""
    ends = np.linspace(0, len(frames), PARTS + 1).round().astype(int)
    last = len(frames) - 1  # a word of fewer frames than parts: some stand in two
    parts = [frames[min(a, last) : max(b, a + 1)].mean(axis=0) for a, b in pairwise(ends)]
    return (np.concatenate(parts) / 30 + 1).astype(np.float32)


def digits_by_style(style):
    """The handwritten digits as `Grouped`, each once as it is and once in a style of STYLES; 64 features.

    Raises ValueError for another style.
    """
    if style not in STYLES:
        raise ValueError(
            say("digits_by_style: expected one of {known}, got {got!r}", known=", ".join(STYLES), got=style)
        )
    (x_train, y_train), _, (x_test, y_test) = digits()
    usual, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    x = np.concatenate([usual, STYLES[style](usual)])  # (2n, 8, 8, 1)
    test = np.arange(len(y)) >= len(y_train)
    return Grouped(
        x.reshape(len(x), -1).astype(np.float32), np.tile(y, 2), np.repeat([USUAL, style], len(y)), np.tile(test, 2)
    )
