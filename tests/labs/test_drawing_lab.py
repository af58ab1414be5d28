"""The drawing lab's face: sheet, controls, goals, and what it says without a network."""

import itertools
import json

import numpy as np
import pytest
from every_control import move_every_control

from course_lib import Adam, Dense, Flatten, Sequential, train
from course_lib.answers import store as answers
from course_lib.datasets import digits
from course_lib.labs import drawing_lab
from course_lib.labs.cnn import smoothed_cross_entropy
from course_lib.labs.drawing import my_digit


@pytest.fixture(scope="module")
def network():
    """A small MLP, trained for a moment."""
    rng = np.random.default_rng(0)
    options = {"rng": rng, "dtype": np.float32}
    model = Sequential(Flatten(), Dense(64, 64, "relu", **options), Dense(64, 10, **options))
    data, _, _ = digits()
    for _ in train(model, data, loss=smoothed_cross_entropy, optimizer=Adam(0.01), epochs=10, batch_size=64, rng=rng):
        pass
    return model


def test_a_click_paints_with_the_pen(network):
    lab = drawing_lab(network)
    before = lab.canvas.image.value
    lab.buttons["clear"].click()
    assert {pixel.description for pixel in lab.pixels} == {"0"}
    lab.pixels[10].click()
    assert lab.model.pixels[1, 2] == 16 and lab.pixels[10].description == "16"
    lab.controls["pen"].set(4)
    lab.pixels[11].click()
    assert lab.model.pixels[1, 3] == 4 and lab.pixels[11].tooltip == "row 2, column 4"
    assert lab.pixels[10].style is not lab.pixels[11].style
    assert lab.canvas.image.value != before and "2 pixels with ink" in lab.status_line.value


def test_the_sheet_shows_each_image(network):
    lab = drawing_lab(network, number=5)
    press = [lab.buttons[name].click for name in ("noise", "left", "load")]
    for act in (*press[:2], lambda: lab.controls["number"].set(9), *press):
        act()
        assert [int(pixel.description) for pixel in lab.pixels] == lab.model.pixels.ravel().tolist()
    assert lab.model.changed == 0
    for number, act in ((9, press[2]), (5, lambda: lab.controls["number"].set(5))):
        lab.buttons["clear"].click()
        act()
        assert lab.model.label == lab.model.y[number] and lab.model.pixels.any()


def test_both_goals_can_be_reached(network):
    lab = drawing_lab(network)
    model = lab.model
    for number, target in itertools.product(range(60), range(10)):
        model.configure(target=target)
        model.load(number)
        if model.first == model.label != target:
            for _ in range(5):
                model.follow()
        if model.fewest <= 2:
            break
    lab.refresh()
    assert lab.goal_line.value.count("\N{CHECK MARK}") == 2
    assert f"Your fewest: {model.fewest}." in lab.goal_line.value


def test_without_a_network_a_sentence_says_what_to_do():
    lab = drawing_lab()
    assert "run this cell again" in lab.status_line.value and not lab.error_line.value
    lab.pixels[0].click()
    assert lab.model.pixels[0, 0] == 16 and not lab.error_line.value
    lab.buttons["follow"].click()
    assert "run this cell again" in lab.error_line.value and "Traceback" not in lab.error_line.value
    data, alt = lab.static()
    assert data.startswith(b"\x89PNG") and "test image 0, a 5" in alt


# A digit of the reader's own


THREE = ((1, 2), (1, 3), (1, 4), (2, 5), (3, 3), (3, 4), (4, 5), (5, 2), (5, 3), (5, 4))


def drawn(lab, places=THREE, digit=3):
    """Draw these pixels in the lab, and say which digit it is."""
    for line, place in places:
        lab.pixels[8 * line + place].click()
    if digit is not None:
        lab.buttons[str(digit)].click()
    return lab


@pytest.fixture
def file(monkeypatch, tmp_path):
    """An answers file of its own, still to be written."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    return tmp_path / "answers.json"


def write(file, state, key="1/labs/my-digit", when="2026-11-25T04:30:00+00:00"):
    items = {key: {"state": state, "when": when}}
    file.write_text(json.dumps({"format": "backprop-course answers", "version": 1, "items": items}))


def test_the_reader_draws_a_digit_and_says_which_one_it_is(network):
    lab = drawing_lab(network, own=True)
    assert "The sheet is empty" in lab.status_line.value and lab.model.reached == set()
    drawn(lab, digit=None)
    assert "Which digit is it?" in lab.status_line.value and "\N{CHECK MARK}" not in lab.goal_line.value
    lab.buttons["3"].click()
    p = lab.model.probabilities
    assert f"Your own 3: the network gives it the probability {p[3]:.2f}" in lab.status_line.value
    assert f"answer is {p.argmax()}, with {p.max():.2f}" in lab.status_line.value
    assert [digit for digit in range(10) if lab.buttons[str(digit)].button_style] == [3]
    assert "\N{CHECK MARK}" in lab.goal_line.value
    lab.buttons["clear"].click()
    assert lab.model.meant is None and not lab.buttons["3"].button_style and not lab.error_line.value


def test_what_was_drawn_arrives_as_the_data_set_would_have_it(network, file, capsys):
    lab = drawn(drawing_lab(network, own=True))
    lab.controls["pen"].set(4)
    lab.pixels[0].click()
    lab._keep()
    image, label = my_digit()
    expected = np.zeros((8, 8), np.float32)
    expected[tuple(zip(*THREE, strict=True))], expected[0, 0] = 1, 0.25
    assert np.array_equal(image, expected) and image.dtype == digits()[0][0].dtype
    assert label == 3 and type(label) is int and capsys.readouterr().out == "Your own 3\n"
    again = drawing_lab(network, own=True)
    again.pixels[5].click()
    again._keep()  # nothing: one that is not finished takes no other's place
    again._offer().children[1].click()
    assert again.model.meant == 3 and again.model.ink == lab.model.ink
    again.buttons["clear"].click()
    again._keep()
    assert my_digit()[1] == 3
    drawn(again, THREE[:4], 7)._keep()
    assert my_digit()[1] == 7


def test_every_control_of_a_digit_of_ones_own_moves(network):
    assert move_every_control(drawing_lab(network, own=True)) and move_every_control(drawing_lab(own=True))


def test_the_digit_that_was_drawn_last_counts_and_an_unfinished_one_does_not(network, file):
    lab = drawn(drawing_lab(network, own=True))
    write(file, lab.state())
    store = answers.store()
    store.sync()
    store.put("6a/labs/my-digit", {"state": drawn(drawing_lab(network, "b", own=True), THREE[:3], 7).state()})
    assert my_digit()[1] == 7
    store.put("6a/labs/my-digit", {"state": drawn(drawing_lab(network, "c", own=True), digit=None).state()})
    assert my_digit()[1] == 3
    store.put("1/labs/my-digit", {"state": drawn(drawing_lab(network, "d", own=True), ()).state()})
    assert my_digit()[1] == 4  # a stranger's


@pytest.mark.parametrize("kept", ["off", "none", "no file"])
def test_whoever_has_drawn_nothing_gets_a_strangers_digit_and_is_told_so(kept, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_ANSWERS", {"off": "off", "none": "", "no file": str(tmp_path / "answers.json")}[kept])
    image, label = my_digit()
    _, _, (x, y) = digits()
    assert image.shape == (8, 8) and any(np.array_equal(image, other) for other in x[y == label][..., 0])
    assert f"In its place: {label}, from the data set, written by a stranger" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def bad(**changed):
    """A state of the lab with other texts in it; None takes a part out."""
    parts = {"number": "0", "target": "0", "sheet": "empty", "ink": ",".join(["16"] * 64), "meant": "3"} | changed
    return " ".join(["drawing", *(f"{name}={text}" for name, text in parts.items() if text is not None)])


BAD = {
    "no such digit": bad(meant="10"),
    "a negative one": bad(meant="-1"),
    "no number": bad(meant="__import__('os')"),
    "too much ink": bad(ink=",".join(["17"] * 64)),
    "ink that is no number": bad(ink=",".join(["nan"] * 64)),
    "too few pixels": bad(ink=",".join(["1"] * 63)),
    "very many": bad(ink=",".join(["1"] * 9000)),
    "a number without end": bad(ink="9" * 30000),
    "a test image": bad(sheet="test_image"),
    "something else besides": bad(network="x"),
    "half of it": bad(sheet=None),
    "another lab's": "training rates=0:0.5 done=0",
    "nothing": "",
    "an empty sheet": bad(ink=",".join(["0"] * 64)),
    "not said which": bad(meant=None),
}


def test_the_state_that_is_made_bad_below_is_a_good_one(file):
    write(file, bad())
    assert my_digit()[1] == 3 and (my_digit()[0] == 1).all()


@pytest.mark.parametrize("state", BAD.values(), ids=BAD)
def test_what_no_lab_can_have_written_is_no_digit_and_stays_in_the_file(state, file, capsys):
    write(file, state)
    before = file.read_bytes()
    assert my_digit()[1] == 4 and "written by a stranger" in capsys.readouterr().out
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'{"format": "backprop-course answers"}'])
def test_a_damaged_answers_file_gives_a_strangers_digit(content, file):
    file.write_bytes(content)
    assert my_digit()[1] == 4


def test_a_state_of_the_drawing_lab_from_before_is_read_as_ever(network):
    lab = drawing_lab(network)
    old = f"drawing number=3 target=5 sheet=test_image ink={','.join(['2'] * 64)} fewest=4 found=5_pixels"
    lab.resume(old)
    assert lab.state() == old and lab.model.reached == {"5 pixels"}
