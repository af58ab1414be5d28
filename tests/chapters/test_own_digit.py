"""The reader's own digit goes through the course: what was drawn in chapter 1 is what each later chapter's network reads."""

import numpy as np
import pytest
from chapter_files import cell

from course_lib import Dense, Flatten, Sequential, ops
from course_lib.answers import store as answers
from course_lib.exercises import chapter05b
from course_lib.frameworks import RECORDED_ONLY, recorded
from course_lib.labs.drawing import OWN, DrawingLab, my_digit
from course_lib.tools.engines import Engine

LATER = ("04_mathematics", "05b_workshop", "06a_images", "07b_projects")
SEVEN = [(1, column) for column in range(2, 6)] + [(row, 5 - row // 3) for row in range(2, 7)]


def first_page():
    """(lab, network) of chapter 1."""
    names = {"np": np, "Sequential": Sequential, "Dense": Dense, "drawing_lab": DrawingLab}
    exec(cell("01_background", "own-digit").source, names)
    return names["own_digit"], names["reader"]


@pytest.fixture
def image(monkeypatch, tmp_path):
    """A seven that the reader has drawn in chapter 1, as (8, 8) ink 0..1. The frameworks answer from their record."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    monkeypatch.setenv(RECORDED_ONLY, "recorded")
    lab, _ = first_page()
    assert lab.name == OWN
    for row, column in SEVEN:
        lab.pixels[8 * row + column].click()
    lab.buttons["7"].click()
    lab._keep()
    assert [key.partition("/")[2] for key in answers.store().items] == ["labs/my-digit"]
    lab.close()
    image = np.zeros((8, 8))
    image[tuple(zip(*SEVEN, strict=True))] = 1
    return image


def names_of(network):
    """What the cells of the later chapters take from the cells above them."""
    mine = chapter05b.with_slip()
    _, dense, last = network.layers
    parameters = [mine(p.value) for layer in (dense, last) for p in layer.parameters]
    engine = Engine(
        value=mine,
        numbers=lambda v: v.value,
        gradient=lambda v: v.grad,
        parents=lambda v: v.parents,
        rule=lambda v: v.rule,
    )
    return {
        "mine": engine,
        **dict(zip(("W1", "b1", "W2", "b2"), parameters, strict=True)),
        **{"cnn": network, "steady": network, "cnn_port": None, "weights": None},
    }


def run(name, capsys, network):
    """(names, what is printed) of a chapter's cell for the reader's digit."""
    names = {}
    exec(cell(name, "imports").source, names)
    capsys.readouterr()
    names |= names_of(network)
    exec(cell(name, "own-digit").source, names)
    return names, capsys.readouterr().out


@pytest.mark.parametrize("name", LATER)
def test_what_was_drawn_is_what_each_chapter_reads(image, name, capsys):
    _, network = first_page()
    names, printed = run(name, capsys, network)
    assert np.array_equal(names["drawn"], image) and names["meant"] == 7
    assert printed.startswith("Your own 7\n") and "stranger" not in printed
    logits = network(image[None, :, :, None]).value[0]
    p = 1 / (1 + np.exp(-logits[7])) if name == "05b_workshop" else ops.softmax(logits)[7]
    places = 4 if name == "07b_projects" else 2
    assert f"{p:.{places}f}" in printed
    assert 0.01 < p < 0.99  # else the number would say little about what was read


@pytest.mark.parametrize("name", LATER)
def test_whoever_has_drawn_nothing_reads_in_each_chapter_of_a_strangers_digit(name, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path / "answers.json"))
    monkeypatch.setenv(RECORDED_ONLY, "recorded")
    _, printed = run(name, capsys, first_page()[1])
    assert printed.startswith("No digit of your own so far (chapter 1). In its place: 4, from the data set")


def test_chapter_4_starts_with_the_network_of_chapter_1(image, capsys):
    _, network = first_page()
    names, _ = run("04_mathematics", capsys, Sequential(Flatten(), *network.layers[1:]))
    expected = ops.softmax(network(image[None, :, :, None]).value)[0]
    np.testing.assert_allclose(names["shares"], expected, rtol=1e-12)


def test_the_record_of_pytorch_is_that_of_the_digit_which_stands_in():
    answer = recorded("PyTorch", "own digit")
    assert answer["label"] == my_digit()[1] and 0 <= answer["p"] <= 1
