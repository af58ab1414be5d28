"""Spoken digits: the numbers are those that were stored, the parts share no voice, and the script makes them again."""

import hashlib
import re
import shutil
import subprocess

import numpy as np
import pytest
from sentences import says

from course_lib.datasets import digit_clip, speech, spoken_digits
from course_lib.datasets.make import spoken_digits as make_spoken_digits
from course_lib.datasets.speech import CLIPS, DIGITS, FOLDER, PARTS, slices, word_strings
from course_lib.tools import audio

DIGESTS = {  # SHA-256 of the stored numbers, which does not depend on how they are compressed
    "utterances.npz": "c12eeda63b8414e85ed3cbcc6f5ecbd61a86231b1ca669e7236304f86905c4aa",
    "clips.npz": "925ecf5bff76e1de5754464e6db24a194987c3d74709f9daba438e629c5bb7da",
}
SIZES = {"train": 1200, "validation": 200, "held-out accents": 600, "other synthesiser": 480}


@pytest.fixture(scope="module")
def data():
    return spoken_digits()


def test_all_files_together_stay_below_2_megabytes():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 2_000_000


@pytest.mark.parametrize("name", DIGESTS)
def test_the_stored_numbers(name):
    digest = hashlib.sha256()
    with np.load(FOLDER / name) as stored:
        for key in sorted(stored):
            digest.update(f"{key} {stored[key].dtype.str} {stored[key].shape}".encode())
            digest.update(np.ascontiguousarray(stored[key]).tobytes())
    assert digest.hexdigest() == DIGESTS[name]


def test_shapes_and_ranges(data):
    assert len(data) == 2480 == sum(SIZES.values())
    assert data.features.shape == (2480, 40, 16) and data.features.dtype == data.mask.dtype == np.float32
    assert data.features.min() == -60 and data.features.max() == 0
    assert set(np.unique(data.mask)) == {0, 1} and (np.diff(data.mask, axis=1) <= 0).all()  # frames, then padding
    assert (data.features[data.mask == 0] == -60).all()
    assert data.mask.sum(axis=1).min() >= 5


def test_parts(data):
    for name, size in SIZES.items():
        part = data.part(name)
        assert len(part) == size and set(part.voice) == set(PARTS[name])
        assert (np.bincount(part.labels) == size / 10).all()
    voices = [voice for part in PARTS.values() for voice in part]
    assert len(voices) == len(set(voices)) and set(voices) == set(data.voice)


def test_no_utterance_is_in_two_parts(data):
    said = {}
    for name in PARTS:
        for features in data.part(name).features:
            assert said.setdefault(features.tobytes(), name) == name


def test_choosing(data):
    two = data[data.labels == 2]
    assert set(two.labels) == {2} and len(two) == 248 and len(data[5:8]) == 3
    assert set(data.of_voice("slt", "en-us").voice) == {"slt", "en-us"}


def test_average_leaves_the_padding_out(data):
    few = data[::500]
    expected = [f[m == 1].mean(axis=0) for f, m in zip(few.features, few.mask, strict=True)]
    np.testing.assert_allclose(few.average(), expected, rtol=1e-5)


def test_slices_are_means_of_equal_parts():
    features = np.arange(12.0).reshape(1, 6, 2)
    mask = np.array([[1, 1, 1, 1, 0, 0.0]])
    np.testing.assert_array_equal(slices(features, mask, 2), [[1, 2, 5, 6]])
    np.testing.assert_array_equal(slices(features, mask, 1), features[:, :4].mean(axis=1))
    assert slices(features, mask, 7).shape == (1, 14) and slices(features, mask, 7).max() == 7


def test_every_second_string_has_the_digit_once(data):
    part = data.part("validation")
    voice = np.arange(len(part))  # each utterance's number, in place of its features
    marked = np.repeat(voice[:, None, None], part.features.shape[1], axis=1).astype(np.float32)
    strings, mask, labels = word_strings(part, marked, 7, 30, np.random.default_rng(0))
    assert strings.shape == (*mask.shape, 1) and (labels == np.arange(30) % 2).all() and mask.all(axis=0).any()
    assert mask.dtype == part.mask.dtype == np.float32  # of which a program may take means, in single precision
    for string, frames, label in zip(strings, mask, labels, strict=True):
        said = list(dict.fromkeys(string[frames == 1, 0].astype(int).tolist()))
        assert (part.labels[said] == 7).sum() == label
        assert frames.sum() >= part.mask[said].sum() and not string[frames == 0].any()


def test_of_two_digits_in_a_string_the_label_says_which_comes_first(data):
    part = data.part("validation")
    marked = np.broadcast_to(np.arange(len(part), dtype=np.float32)[:, None, None], (*part.mask.shape, 1))
    strings, mask, labels = word_strings(part, marked, 7, 30, np.random.default_rng(0), words=4, before=3)
    for string, frames, label in zip(strings, mask, labels, strict=True):
        said = part.labels[list(dict.fromkeys(string[frames == 1, 0].astype(int).tolist()))]
        assert [digit for digit in said if digit in (7, 3)] == ([7, 3] if label else [3, 7])


def test_strings_come_from_the_generator_alone(data):
    part = data.part("validation")
    first, second = (word_strings(part, part.features, 3, 5, np.random.default_rng(1))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_clips_are_loud_not_cut_off_and_in_no_part(data):
    stored = {features.tobytes() for features in data.features}
    for voice in CLIPS:
        clips = [digit_clip(digit, voice) for digit in range(10)]
        lengths = list(map(len, clips))
        assert min(lengths) > 1600 and max(lengths) < 8000 and len(set(lengths)) > 5
        for clip in clips:
            assert 0.9 < np.abs(clip).max() <= 1
            row = make_spoken_digits.features(clip)
            padded = np.full((40, 16), -60, np.float32)
            padded[: len(row)] = (row / np.float32(255) - 1) * np.float32(60)
            assert padded.tobytes() not in stored


def test_messages(data):
    known = "'train', 'validation', 'held-out accents', 'other synthesiser'"
    says(ValueError, f"part: expected one of {known}, got 'test'", lambda: data.part("test"))
    with pytest.raises(ValueError, match=re.escape("of_voice: expected voices among en-us, en-gb, ")):
        data.of_voice("kal")
    for digit, voice in [(10, CLIPS[0]), (-1, CLIPS[0]), (3, "flite-kal")]:
        with pytest.raises(ValueError, match="digit_clip: expected a digit 0 to 9 and a voice among"):
            digit_clip(digit, voice)
    part = data.part("validation")
    sentence = "slices: expected count to be a whole number >= 1, got 0"
    says(ValueError, sentence, lambda: slices(part.features, part.mask, 0))
    sentence = "word_strings: expected rng=numpy.random.default_rng(seed), got 0"
    says(TypeError, sentence, lambda: word_strings(part, part.features, 7, 4, 0))


# The script


def test_the_script_plans_the_stored_utterances(data):
    planned = list(make_spoken_digits.utterances())
    assert [u.digit for u in planned] == data.labels.tolist()
    for field in ("synthesiser", "voice", "variant"):
        assert [getattr(u, field) for u in planned] == getattr(data, field).tolist(), field
    np.testing.assert_allclose([u.speed for u in planned], data.speed, rtol=1e-6)
    np.testing.assert_allclose([u.pitch for u in planned], data.pitch)


MADE_WITH = {"espeak-ng": "1.52.0", "flite": "2.2"}


@pytest.mark.parametrize("number", [0, 700, 1500, 2100, 2479])
def test_the_script_makes_the_stored_features_again(data, number):
    """With the versions of the two programs that the notes name; any other version may say a word differently."""
    planned = list(make_spoken_digits.utterances())[number]
    program = planned.synthesiser
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    if MADE_WITH[program] not in version:
        pytest.skip(f"the stored features were made with {program} {MADE_WITH[program]}, here is {version.strip()}")
    got = make_spoken_digits.features(planned.samples())
    length = int(data.mask[number].sum())
    assert len(got) == length
    stored = (data.features[number, :length] / 60 + 1) * 255
    assert np.abs(got - stored).max() <= 1.01  # rounding of the Fourier transform may differ by one step of 0.24 dB


def test_a_command_names_what_is_to_be_said():
    u = make_spoken_digits.Utterance("espeak-ng", "en-us", "m3", 7, 150, 50)
    assert u.command("a.wav") == ["espeak-ng", "-v", "en-us+m3", "-s", "150", "-p", "50", "-w", "a.wav", "seven"]
    u = make_spoken_digits.Utterance("flite", "slt", "", 0, 0.8, 170)
    command = u.command("a.wav")
    assert command[:4] == ["flite", "-voice", "slt", "--setf"] and "duration_stretch=1.25" in command


def test_the_note_counts_the_utterances():
    note = (FOLDER / "README.md").read_text(encoding="utf-8")
    for size in SIZES.values():
        assert f"= {size:,} |" in note
    assert all(voice in note for voices in PARTS.values() for voice in voices)
    assert len(DIGITS) == 10 and audio.BANDS == 16 and speech.FRAMES == 40
