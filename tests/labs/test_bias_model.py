"""The bias lab's model and its data: who is trained on, who is tested, and what the numbers say."""

from itertools import pairwise

import numpy as np
import pytest
from sentences import says

from course_lib.datasets.groups import PARTS, STYLES, USUAL, VOICES, _tenths, digits_by_style, speech_by_voice
from course_lib.labs.bias import SOURCES, SPEECH, BiasModel

SLT, WHITE = "speech: voice slt", "digits: white on black"


@pytest.fixture(scope="module")
def voices():
    return speech_by_voice()


def test_speech_has_seven_voices_and_every_digit_in_both_parts(voices):
    assert voices.names == list(VOICES) and voices.x.shape[1] == 160
    for voice in VOICES:
        for part in (voices.test, ~voices.test):
            chosen = part & (voices.group == voice)
            assert chosen.sum() >= 50 and set(voices.y[chosen]) == set(range(10))
    assert voices.x.min() >= -1 and voices.x.max() <= 1


def test_training_leaves_out_whom_it_says(voices):
    x, y = voices.training(np.random.default_rng(0), each=60, left_out="slt", added=7)
    available = {name: int(((voices.group == name) & ~voices.test).sum()) for name in VOICES}
    assert len(x) == len(y) == 7 + sum(min(60, available[name]) for name in VOICES if name != "slt")
    own = {row.tobytes() for row in voices.x[(voices.group == "slt") & ~voices.test]}
    assert sum(row.tobytes() in own for row in x) == 7
    tested = {row.tobytes() for row in voices.x[voices.test]}
    assert not any(row.tobytes() in tested for row in x)


def test_the_same_examples_of_the_others_however_many_are_added(voices):
    few, many = (voices.training(np.random.default_rng(3), 60, "slt", added)[0] for added in (0, 60))
    assert len(many) == len(few) + 60
    assert {row.tobytes() for row in few} <= {row.tobytes() for row in many}


@pytest.mark.parametrize("style", STYLES)
def test_digits_come_in_two_styles(style):
    data = digits_by_style(style)
    usual, other = (data.x[data.group == name].reshape(-1, 8, 8) for name in (USUAL, style))
    assert len(usual) == len(other) and usual.dtype == np.float32
    np.testing.assert_array_equal(data.y[data.group == USUAL], data.y[data.group == style])
    np.testing.assert_allclose(STYLES[style](usual[:20, :, :, None])[..., 0], other[:20])
    assert not np.allclose(usual[:20], other[:20])


def test_moved_images_lose_two_columns_and_turned_ones_nothing():
    image = np.arange(64.0).reshape(1, 8, 8, 1)
    np.testing.assert_array_equal(STYLES["moved by two pixels"](image)[0, :, :, 0][:, 2:], image[0, :, :6, 0])
    np.testing.assert_array_equal(np.sort(STYLES["on its side"](image), axis=None), np.arange(64.0))


def test_messages(voices):
    says(
        ValueError,
        "training: expected left_out to be one of en-us, en-gb, en-gb-x-rp, kal16, awb, rms, slt, got 'bob'",
        lambda: voices.training(np.random.default_rng(0), 60, "bob"),
    )
    says(
        ValueError, f"digits_by_style: expected one of {', '.join(STYLES)}, got 'thin'", lambda: digits_by_style("thin")
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_voice_that_is_left_out_fails_and_forty_words_repair_it(seed):
    model = BiasModel(source=SLT, seed=seed)
    assert model.accuracy("slt") < 0.75 and model.others() > 0.95
    model.configure(added=40)
    assert model.accuracy("slt") > 0.9 and model.others() > 0.95


def test_not_every_voice_suffers():
    model = BiasModel(source="speech: voice awb")
    assert model.accuracy("awb") > 0.9


def test_white_on_black_is_worse_than_guessing():
    model = BiasModel(source=WHITE)
    assert model.accuracy("white on black") < 0.1 < 0.85 < model.others()


def test_overall_weighs_the_group_by_its_share():
    model = BiasModel(source=SLT, share=25)
    assert model.overall() == pytest.approx(0.25 * model.accuracy("slt") + 0.75 * model.others())
    before = model.right
    model.configure(share=1)
    assert model.right is before and model.overall() > 0.9  # the average hides it


def test_others_pool_their_counts():
    model = BiasModel(source=SLT)
    counts = np.sum([pair for name, pair in model.right.items() if name != "slt"], axis=0)
    assert model.others() == pytest.approx(counts[0] / counts[1])


def test_sweep_takes_all_steps_and_a_new_source_starts_anew():
    model = BiasModel(source=SLT)
    while not model.finished:
        model.advance()
    assert [added for added, _ in model.swept] == list(SPEECH.steps)
    assert model.settings["added"] == 60 and model.accuracy("slt") > 0.9
    model.configure(source=WHITE)
    assert model.swept == [] and model.settings["added"] == 0 and model.limits("added") == (0, 400)


def test_the_goal():
    model = BiasModel(source=SLT)
    assert not model.reached
    model.configure(added=40)
    assert model.reached
    model.configure(added=60)
    assert not model.good, "more words than the goal allows"


@pytest.mark.parametrize("style", STYLES)
def test_the_goal_can_be_reached_with_digits_too(style):
    model = BiasModel(source=f"digits: {style}")
    assert not model.reached
    model.configure(added=300)
    assert model.reached


def test_drawing_anew_changes_the_network():
    model = BiasModel(source=SLT)
    before = model.right
    model.new_start()
    assert model.right != before


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_trains(source):
    model = BiasModel(source=source)
    assert set(model.right) == set(model.data.names) and model.others() > 0.85
    assert str(model.right[model.left_out][1]) in model.status()


@pytest.mark.parametrize("length", [PARTS, 2 * PARTS + 3, 47])
def test_tenths_are_means_over_equal_parts(length):
    frames = np.linspace(-60, 0, 2 * length).reshape(length, 2)
    ends = [round(i * length / PARTS) for i in range(PARTS + 1)]
    expected = [frames[a:b].mean(axis=0) / 30 + 1 for a, b in pairwise(ends)]
    got = _tenths(frames)
    assert got.shape == (2 * PARTS,) and got.dtype == np.float32
    np.testing.assert_allclose(got.reshape(PARTS, 2), expected, atol=1e-6)


@pytest.mark.parametrize("length", [1, 3, PARTS - 1])
def test_a_word_of_fewer_frames_than_parts_has_no_part_of_nothing(length):
    frames = np.linspace(-60, 0, 2 * length).reshape(length, 2)
    got = _tenths(frames).reshape(PARTS, 2)
    alone = (frames / 30 + 1).astype(np.float32)
    assert all((alone == part).all(axis=1).any() for part in got) and (np.diff(got[:, 0]) >= 0).all()
    np.testing.assert_array_equal([got[0], got[-1]], [alone[0], alone[-1]])
