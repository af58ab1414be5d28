"""From sound to log-mel features: each step against its formula, written out the slow way."""

import cmath
import io
import math
import wave

import numpy as np
import pytest
from sentences import says

from course_lib.tools import audio


def tone(frequency, seconds=0.2, rate=audio.RATE):
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize(("samples", "expected"), [(1, 1), (256, 1), (415, 1), (416, 2), (8000, 49)])
def test_number_of_frames(samples, expected):
    assert audio.frames(np.ones(samples)).shape == (expected, 256)


def test_frames_begin_one_hop_apart():
    cut = audio.frames(np.arange(1000.0))
    np.testing.assert_array_equal(cut[:, 0], [0, 160, 320, 480, 640])
    np.testing.assert_array_equal(cut[2], np.arange(320, 576))


def test_spectrogram_is_the_fourier_sum():
    x = np.random.default_rng(0).normal(size=40)
    got = audio.spectrogram(x, size=16, hop=8)
    for t in range(len(got)):
        for k in range(9):
            total = sum(
                (0.5 - 0.5 * math.cos(2 * math.pi * n / 16)) * x[8 * t + n] * cmath.exp(-2j * math.pi * k * n / 16)
                for n in range(16)
            )
            assert got[t, k] == pytest.approx(abs(total) ** 2, rel=1e-9, abs=1e-12)


def test_mel_and_hertz_are_inverse_and_meet_the_anchor():
    hertz = np.array([0.0, 100.0, 1000.0, 4000.0])
    np.testing.assert_allclose(audio.hertz(audio.mel(hertz)), hertz, atol=1e-9)
    assert float(audio.mel(1000.0)) == pytest.approx(1000, rel=1e-3)  # by construction of the scale


def test_mel_filters_are_triangles():
    filters = audio.mel_filters()
    assert filters.shape == (129, 16) and filters.min() == 0 and filters.max() <= 1
    centres = audio.hertz(np.linspace(audio.mel(100), audio.mel(4000), 18))
    frequency = np.arange(129) * 31.25
    for band in range(16):
        expected = np.interp(frequency, centres[band : band + 3], [0, 1, 0], left=0, right=0)
        np.testing.assert_allclose(filters[:, band], expected, atol=1e-12)
    inside = (frequency >= centres[1]) & (frequency <= centres[-2])
    np.testing.assert_allclose(filters[inside].sum(axis=1), 1)  # neighbours share each frequency


def test_too_many_bands_give_a_sentence():
    sentence = (
        "mel_filters: 200 bands are too many for frames of 256 samples, because at least one band would hold no "
        "frequency"
    )
    says(ValueError, sentence, lambda: audio.mel_filters(200))


def test_decibels():
    np.testing.assert_allclose(audio.decibels([100.0, 1.0, 1e-9, 0.0]), [0, -20, -60, -60])
    np.testing.assert_array_equal(audio.decibels(np.zeros(3)), [-60, -60, -60])  # silence


def test_log_mel_does_not_depend_on_the_volume():
    sound = tone(700) + 0.1 * np.random.default_rng(1).normal(size=1600)
    quiet, loud = audio.log_mel(0.01 * sound), audio.log_mel(sound)
    np.testing.assert_allclose(quiet, loud, atol=1e-9)
    assert loud.max() == 0 and loud.min() >= -audio.RANGE and loud.shape == (9, 16)


@pytest.mark.parametrize("rate", [16_000, 22_050])
def test_resampling_keeps_a_tone_and_drops_what_does_not_fit(rate):
    t = np.arange(rate) / rate
    for frequency, left in [(1000, 1.0), (6000, 0.0)]:
        got = audio.resample(np.sin(2 * np.pi * frequency * t), rate)
        expected = left * np.sin(2 * np.pi * frequency * np.arange(8000) / 8000)
        assert len(got) == 8000
        np.testing.assert_allclose(got, expected, atol=1e-6)


def test_trim_takes_the_silence_away():
    silence = np.zeros(4000)
    got = audio.trim(np.concatenate([silence, tone(500, 0.3), silence]))
    assert 2400 <= len(got) <= 2400 + 2 * 256
    np.testing.assert_allclose(audio.trim(got), got)


@pytest.mark.parametrize("samples", [np.zeros(4000), np.zeros(10)])
def test_nothing_but_silence_gives_a_sentence(samples):
    with pytest.raises(ValueError, match=f"trim: expected a sound, got {len(samples)} samples of silence"):
        audio.trim(samples)


def test_wav_there_and_back(tmp_path):
    sound = 0.5 * tone(440)
    (tmp_path / "a.wav").write_bytes(audio.wav(sound))
    for source in (tmp_path / "a.wav", audio.wav(sound)):
        samples, rate = audio.read_wav(source)
        assert rate == 8000
        np.testing.assert_allclose(samples, sound, atol=1 / 65536)
    assert np.abs(audio.read_wav(audio.wav(3 * sound))[0]).max() <= 1  # too loud: cut off


@pytest.mark.parametrize("samples", [[], np.ones((2, 3)), 1.0])
def test_wrong_samples_give_a_sentence(samples):
    sentence = f"frames: expected samples of shape (n,), not empty, got shape {np.shape(samples)}"
    says(ValueError, sentence, lambda: audio.frames(samples))


def test_other_wav_files_give_a_sentence():
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(20))
    says(ValueError, "read_wav: expected one channel of 16 bits, got 2 of 8", lambda: audio.read_wav(file.getvalue()))
