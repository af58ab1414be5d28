"""Makes the data of `spoken_digits`: the words zero to nine, spoken by two speech synthesisers of Debian.

    python -m course_lib.datasets.make.spoken_digits course_lib/datasets/data/spoken_digits

It needs the programs espeak-ng and flite. Each utterance has a speed and a pitch of its own, drawn with a fixed seed, so
that the same versions of the two programs give the same files again.
"""

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...tools import audio
from ..speech import DIGITS, FLITE_VOICES, FRAMES, PARTS, VARIANTS

ESPEAK_REPEATS = {"train": 3, "validation": 2, "held-out accents": 2}  # utterances a digit, accent and variant
FLITE_REPEATS = 12  # utterances a digit and voice
SPEEDS, PITCHES = (120, 190), (30, 70)  # espeak-ng: words a minute, and its scale of 0 to 99
STRETCHES, HERTZ = (0.8, 1.25), (0.85, 1.2)  # flite: how much longer, and the factor to the voice's own pitch
FLITE_PITCH = {"kal16": 105, "awb": 120, "rms": 100, "slt": 170}  # about the voice's own pitch, in Hz
CLIPS = [
    ("espeak-ng", *voice)
    for voice in (("en-us", "m3"), ("en-gb-x-rp", "f2"), ("en-gb-scotland", "m1"), ("en-us-nyc", "f4"))
]
CLIPS += [("flite", voice, "") for voice in FLITE_VOICES]


@dataclass(frozen=True)
class Utterance:
    """What is to be said, and how: espeak-ng's speed is in words a minute, flite's a factor; pitch likewise (see below)."""

    synthesiser: str
    voice: str
    variant: str
    digit: int
    speed: float
    pitch: float

    def command(self, file):
        """The command line that writes this utterance to a WAV file."""
        if self.synthesiser == "espeak-ng":
            voice = f"{self.voice}+{self.variant}"
            settings = ["-v", voice, "-s", f"{self.speed:.0f}", "-p", f"{self.pitch:.0f}"]
            return ["espeak-ng", *settings, "-w", str(file), DIGITS[self.digit]]
        settings = [
            "--setf",
            f"duration_stretch={1 / self.speed:.2f}",
            "--setf",
            f"int_f0_target_mean={self.pitch:.0f}",
        ]
        return ["flite", "-voice", self.voice, *settings, "-t", DIGITS[self.digit], "-o", str(file)]

    def samples(self):
        """The sound at 8,000 samples a second, without silence at the ends, as loud as 16 bits allow."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "utterance.wav"
            subprocess.run(self.command(file), check=True, capture_output=True)
            samples, rate = audio.read_wav(file)
        samples = audio.trim(audio.resample(samples, rate))
        return 0.99 * samples / np.abs(samples).max()


def utterances():
    """All utterances of the data set, in their order."""
    rng = np.random.default_rng(2026)
    for part, repeats in ESPEAK_REPEATS.items():
        for accent in PARTS[part]:
            for variant in VARIANTS:
                for digit in range(len(DIGITS)):
                    for _ in range(repeats):
                        yield Utterance(
                            "espeak-ng", accent, variant, digit, rng.integers(*SPEEDS), rng.integers(*PITCHES)
                        )
    for voice in FLITE_VOICES:
        for digit in range(len(DIGITS)):
            for _ in range(FLITE_REPEATS):
                speed = round(1 / rng.uniform(*STRETCHES), 3)
                yield Utterance("flite", voice, "", digit, speed, round(FLITE_PITCH[voice] * rng.uniform(*HERTZ)))


def clips():
    """The utterances that can be listened to, ten a voice, at a usual speed: none of them is in the data set."""
    for synthesiser, voice, variant in CLIPS:
        speed, pitch = (150, 50) if synthesiser == "espeak-ng" else (1.0, FLITE_PITCH[voice])
        yield [Utterance(synthesiser, voice, variant, digit, speed, pitch) for digit in range(len(DIGITS))]


def features(samples):
    """(time, BANDS) whole numbers 0 to 255: the log-mel spectrogram from -RANGE to 0 decibels, its first FRAMES frames."""
    return np.round((audio.log_mel(samples)[:FRAMES] / audio.RANGE + 1) * 255).astype(np.uint8)


def make(folder):
    """Write utterances.npz, clips.npz and a WAV file for each voice of the clips."""
    said = list(utterances())
    rows = [features(u.samples()) for u in said]
    np.savez_compressed(
        folder / "utterances.npz",
        features=np.concatenate(rows),  # the frames of all utterances, one after the other
        length=np.array([len(row) for row in rows], np.uint8),
        label=np.array([u.digit for u in said], np.uint8),
        synthesiser=np.array([u.synthesiser for u in said], "S"),
        voice=np.array([u.voice for u in said], "S"),
        variant=np.array([u.variant for u in said], "S"),
        speed=np.array([u.speed for u in said], np.float32),
        pitch=np.array([u.pitch for u in said], np.uint8),
    )
    ends = {}
    for ten in clips():
        sounds = [u.samples() for u in ten]
        name = "-".join(filter(None, (ten[0].synthesiser, ten[0].voice, ten[0].variant)))
        (folder / f"{name}.wav").write_bytes(audio.wav(np.concatenate(sounds)))
        ends[name] = np.cumsum([len(sound) for sound in sounds]).astype(np.int32)
    np.savez_compressed(folder / "clips.npz", **ends)  # where each of the ten digits ends, in samples


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)
