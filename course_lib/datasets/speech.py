"""Spoken digits: the words zero to nine, said by two speech synthesisers in many voices, as log-mel spectrograms."""

from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from ..checks import check_generator, check_sizes
from ..text import say
from ..tools import audio

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VARIANTS = ("m1", "m2", "m3", "m4", "m7", "f1", "f2", "f3", "f4", "f5")  # espeak-ng's speakers, male and female
FLITE_VOICES = ("kal16", "awb", "rms", "slt")
PARTS = {  # the voices of each part: accents of espeak-ng, speakers of flite
    "train": ("en-us", "en-gb", "en-gb-x-rp", "en-029"),
    "validation": ("en-gb-x-gbcwmd",),
    "held-out accents": ("en-gb-x-gbclan", "en-gb-scotland", "en-us-nyc"),
    "other synthesiser": FLITE_VOICES,
}
CLIPS = (  # voices to listen to: names of WAV files
    "espeak-ng-en-us-m3", "espeak-ng-en-gb-x-rp-f2", "espeak-ng-en-gb-scotland-m1", "espeak-ng-en-us-nyc-f4",
    "flite-kal16", "flite-awb", "flite-rms", "flite-slt",
)  # fmt: skip
FRAMES = 40  # of 20 ms each: what is longer is cut off
FOLDER = Path(__file__).parent / "data" / "spoken_digits"


@dataclass(frozen=True)
class SpokenDigits:
    """Utterances of single digits; every field has one entry for each of n utterances.

    features     (n, FRAMES, audio.BANDS) float32: `audio.log_mel`, in decibels below the loudest entry, -60 to 0;
                 after the end of an utterance, silence (-60)
    mask         (n, FRAMES) float32: 1 where the utterance is, 0 after its end
    labels       (n,) the digit, 0 to 9
    synthesiser  (n,) "espeak-ng" or "flite"
    voice        (n,) espeak-ng: the accent, flite: the speaker; the parts of `part` differ in it
    variant      (n,) espeak-ng: the speaker, m1 to f5; flite: ""
    speed        (n,) espeak-ng: words a minute; flite: a factor, 1 is the voice's own speed
    pitch        (n,) espeak-ng: a scale from 0 to 99; flite: the mean in Hz
    """

    features: np.ndarray
    mask: np.ndarray
    labels: np.ndarray
    synthesiser: np.ndarray
    voice: np.ndarray
    variant: np.ndarray
    speed: np.ndarray
    pitch: np.ndarray

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, chosen):
        """Some of the utterances: chosen is an array of truth values or of numbers, or a slice."""
        return SpokenDigits(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def average(self):
        """The mean of each utterance over its own frames, without the silence after its end: (n, bands)."""
        return (self.features * self.mask[:, :, None]).sum(axis=1) / self.mask.sum(axis=1)[:, None]

    def part(self, name):
        """The utterances of one part. No voice is in two parts.

        "train"              four accents of espeak-ng
        "validation"         a fifth one, for choices: when to stop, how many units
        "held-out accents"   three more, for the last word on accents never heard
        "other synthesiser"  four speakers of flite

        Raises ValueError for another name.
        """
        if name not in PARTS:
            raise ValueError(
                say("part: expected one of {known}, got {got!r}", known=", ".join(map(repr, PARTS)), got=name)
            )
        return self[np.isin(self.voice, PARTS[name])]

    def of_voice(self, *voices):
        """The utterances of some voices, such as of_voice("en-us", "slt"). Raises ValueError for an unknown one."""
        for voice in voices:
            if voice not in self.voice:
                known = ", ".join(dict.fromkeys(self.voice.tolist()))
                raise ValueError(say("of_voice: expected voices among {known}, got {got!r}", known=known, got=voice))
        return self[np.isin(self.voice, voices)]


def spoken_digits():
    """The whole data set as `SpokenDigits`: 2,480 utterances. How it was made: data/spoken_digits/README.md."""
    with np.load(FOLDER / "utterances.npz") as stored:
        length = stored["length"].astype(int)
        mask = np.arange(FRAMES) < length[:, None]  # (n, FRAMES)
        features = np.full((*mask.shape, audio.BANDS), -audio.RANGE, np.float32)
        features[mask] = (stored["features"] / np.float32(255) - 1) * np.float32(audio.RANGE)
        words = {name: stored[name].astype(str) for name in ("synthesiser", "voice", "variant")}
        numbers = {name: stored[name].astype(np.float32) for name in ("speed", "pitch")}
        return SpokenDigits(features, mask.astype(np.float32), stored["label"].astype(np.int64), **words, **numbers)


def digit_clip(digit, voice="espeak-ng-en-us-m3"):
    """A recording to listen to, which is in no part of the data set: (n,) samples from -1 to 1, 8,000 a second.

    digit   0 to 9          voice   one of CLIPS

    Raises ValueError for another digit or voice.
    """
    if voice not in CLIPS or digit not in range(len(DIGITS)):
        raise ValueError(
            say(
                "digit_clip: expected a digit 0 to 9 and a voice among {known}, got {digit!r} and {voice!r}",
                known=", ".join(CLIPS),
                digit=digit,
                voice=voice,
            )
        )
    samples, _ = audio.read_wav(FOLDER / f"{voice}.wav")  # the ten digits, one after the other
    with np.load(FOLDER / "clips.npz") as stored:
        return np.split(samples, stored[voice][:-1])[digit]


def slices(features, mask, count):
    """What an utterance is on average in each of `count` equal parts: (n, count * bands).

    features   (n, time, bands)       mask   (n, time): 1 where the utterance is, 0 after its end
    count      whole number >= 1; where it exceeds the number of frames, some frames fill several parts

    Raises ValueError for another count.
    """
    check_sizes("slices", count=count)
    borders = np.linspace(0, mask.sum(axis=1), count + 1, axis=1).astype(int)  # (n, count + 1)
    means = [
        [frames[a : max(b, a + 1)].mean(axis=0) for a, b in pairwise(row)]
        for frames, row in zip(features, borders, strict=True)
    ]
    return np.array(means).reshape(len(features), -1)


def word_strings(part, features, digit, count, rng, words=3, before=None):
    """Strings of words without a pause, each in one accent; every second one has `digit` in one place, drawn at random.

    part      SpokenDigits to draw from           features   (n, time, bands): its utterances, scaled as one likes
    count     how many strings                    rng        numpy.random.Generator
    words     how many in a string                before     another digit: then every string has both, each once

    Returns (features (count, time, bands), mask (count, time), labels (count,): 1 where the digit occurs, or where it comes
    before the other one, else 0). The time is that of the longest string; after its end features and mask are 0.
    """
    check_generator("word_strings", rng)
    length, labels = part.mask.sum(axis=1).astype(int), np.arange(count) % 2
    strings = []
    for label in labels:
        own = np.flatnonzero(part.voice == rng.choice(part.voice))
        chosen = rng.choice(own[~np.isin(part.labels[own], (digit, before))], words)
        if before is not None:
            said = (digit, before) if label else (before, digit)
            places = np.sort(rng.choice(words, 2, replace=False))
        else:
            said = (digit,) * label
            places = rng.integers(words, size=label)
        for place, each in zip(places, said, strict=True):
            chosen[place] = rng.choice(own[part.labels[own] == each])
        strings.append(np.concatenate([features[i, : length[i]] for i in chosen]))
    mask = np.arange(max(map(len, strings))) < np.array([[len(string)] for string in strings])  # (count, time)
    joined = np.zeros((*mask.shape, features.shape[2]), np.float32)
    joined[mask] = np.concatenate(strings)
    return joined, mask.astype(np.float32), labels
