"""From a sound wave to numbers that a network can read: frames, spectrum, mel bands, logarithm.

A recording is a list of air pressures, thousands a second. Which vowel it is, the ear hears by the frequencies in it,
and so the wave is cut into short frames, and each frame becomes the energy in a few bands of frequency. `log_mel` does
it all; each step is a function of its own, so that it can be looked at.
"""

import io
import wave

import numpy as np

from ..text import say

RATE = 8000  # samples a second, as on the telephone
SIZE, HOP = 256, 160  # samples of a frame, and from one frame to the next: 32 ms and 20 ms
BANDS = 16
RANGE = 60.0  # decibels from the loudest entry of a recording down to what counts as silence
LOWEST = 100.0  # Hz: the lower end of the lowest band


def frames(samples, size=SIZE, hop=HOP):
    """The wave in pieces that overlap: frame t holds the samples from t * hop on.

    samples  (n,)       returns  (time, size), time = 1 + (n - size) // hop; a shorter wave is filled up with zeros

    Raises ValueError when the samples are not one row of numbers.
    """
    samples = np.asarray(samples, dtype=np.float64)
    if samples.ndim != 1 or len(samples) == 0:
        raise ValueError(say("frames: expected samples of shape (n,), not empty, got shape {got}", got=samples.shape))
    samples = np.pad(samples, (0, max(0, size - len(samples))))
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]


def hann(size=SIZE):
    """A window that falls to 0 at both ends, 1/2 - 1/2 cos(2 pi n / size): the cut edges of a frame make no sound."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def spectrogram(samples, size=SIZE, hop=HOP):
    """The energy at each frequency of each frame, |sum over n of w[n] x[n] e^(-2 pi i k n / size)|^2.

    samples  (n,)       returns  (time, size // 2 + 1); column k belongs to the frequency k * rate / size
    """
    return np.abs(np.fft.rfft(frames(samples, size, hop) * hann(size))) ** 2


def mel(hertz):
    """Pitch as the ear measures it: even steps below about 1,000 Hz, even ratios above. Source: O'Shaughnessy (1987)."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def hertz(mel):
    """The frequency of a pitch in mel: the inverse of `mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def mel_filters(bands=BANDS, size=SIZE, rate=RATE, lowest=LOWEST):
    """Weights of triangular bands, evenly spaced in mel from `lowest` to half the rate; each overlaps its neighbours.

    returns  (size // 2 + 1, bands): spectrogram @ mel_filters is the energy in each band. A band rises from the centre
             of the one below to its own centre, and falls to the centre of the one above.

    Raises ValueError when a band is so narrow that no frequency of the spectrogram lies in it.
    """
    corners = hertz(np.linspace(mel(lowest), mel(rate / 2), bands + 2))  # Hz
    frequency = np.arange(size // 2 + 1)[:, None] * rate / size  # (size // 2 + 1, 1), in Hz
    below, centre, above = corners[:-2], corners[1:-1], corners[2:]
    weights = np.minimum((frequency - below) / (centre - below), (above - frequency) / (above - centre))
    weights = np.maximum(weights, 0)
    if not weights.any(axis=0).all():
        raise ValueError(
            say(
                "mel_filters: {bands} bands are too many for frames of {size} samples, because at least one band "
                "would hold no frequency",
                bands=bands,
                size=size,
            )
        )
    return weights


def decibels(energy, span=RANGE):
    """10 log10(energy), relative to the largest entry: 0 is the loudest, and nothing lies below -span."""
    energy = np.asarray(energy)
    loudest = energy.max()
    return 10 * np.log10(np.maximum(energy / (loudest if loudest > 0 else 1), 10 ** (-span / 10)))


def log_mel(samples, rate=RATE, bands=BANDS, size=SIZE, hop=HOP):
    """The log-mel spectrogram: the energy of each band in each frame, in decibels below the loudest entry.

    samples  (n,)       returns  (time, bands), between -RANGE and 0
    """
    return decibels(spectrogram(samples, size, hop) @ mel_filters(bands, size, rate))


def resample(samples, rate, new_rate=RATE):
    """The same sound at another number of samples a second; frequencies that it cannot hold are left out.

    The spectrum of the whole wave is cut off, or filled up with zeros, and turned back into a wave.
    """
    samples = np.asarray(samples, dtype=np.float64)
    n = round(len(samples) * new_rate / rate)
    return np.fft.irfft(np.fft.rfft(samples), n) * (n / len(samples))


def trim(samples, quiet=-35.0, size=SIZE, hop=HOP):
    """The wave without the silence at both ends: from the first frame louder than `quiet` decibels to the last.

    Raises ValueError when there is nothing but silence.
    """
    loud = np.flatnonzero(decibels(spectrogram(samples, size, hop).sum(axis=1)) > quiet)
    if len(loud) == 0:
        raise ValueError(say("trim: expected a sound, got {n} samples of silence", n=len(samples)))
    return np.asarray(samples)[loud[0] * hop : loud[-1] * hop + size]


def read_wav(file):
    """(samples, rate) of a WAV file with one channel: 16-bit samples as numbers from -1 to 1.

    file  a path, an open file, or the file's bytes. Raises ValueError for other kinds of WAV files.
    """
    with wave.open(io.BytesIO(file) if isinstance(file, bytes) else str(file), "rb") as sound:
        if (sound.getnchannels(), sound.getsampwidth()) != (1, 2):
            raise ValueError(
                say(
                    "read_wav: expected one channel of 16 bits, got {channels} of {bits}",
                    channels=sound.getnchannels(),
                    bits=8 * sound.getsampwidth(),
                )
            )
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768, sound.getframerate()


def wav(samples, rate=RATE):
    """The bytes of a WAV file: one channel of 16 bits; samples outside of -1 to 1 are cut off."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(np.clip(np.round(np.asarray(samples) * 32768), -32768, 32767).astype("<i2").tobytes())
    return file.getvalue()
