"""Answers as a Chinese keyboard types them: full-width digits, letters, commas and brackets are understood everywhere."""

import re

import pytest

from course_lib.exercises import Chapter, chapter01, chapter03, chapter05
from course_lib.exercises.machinery import judges
from course_lib.labs import training_lab
from course_lib.labs.base.controls import typed_number


@pytest.mark.parametrize("answer", ["ｂ", "（ｂ）", "Ｂ．", "“b”", ["ｂ"]])
def test_a_letter(answer):
    assert chapter01.chapter.exercises["who-computes"].judge(answer).outcome == "right"
    assert (
        chapter05.chapter.exercises["stuck"].judge(answer).message
        == chapter05.chapter.exercises["stuck"].judge("b").message
    )


@pytest.mark.parametrize("letter", ["ｂ", "（ｂ）"])
def test_a_prediction(letter):
    chapter = Chapter(1, [], chapter01.PREDICTIONS)
    assert "Noted: B." in repr(chapter.functions[3]("double-weight", letter))


@pytest.mark.parametrize(
    "answer", ["one，two，three", "one、two、three", "ｏｎｅ　two three", ("one", "ｔｗｏ", "three")]
)
def test_an_order(answer):
    assert judges.sequence(["one", "two", "three"])(answer).outcome == "right"


def test_an_order_of_lines():
    exercise = chapter03.chapter.exercises["training-step"]
    [order] = re.findall('^training_step = "(.+)"', exercise.solution)
    for answer in (
        order.replace(" ", "，"),
        order.replace(" ", "　"),
        order.upper().translate({ord(c): ord(c) + 0xFEE0 for c in "ABCDEFGH"}),
    ):
        assert exercise.judge(answer).outcome == "right", answer


@pytest.mark.parametrize(
    ("text", "number"),
    [("０．５", 0.5), ("－０．５", -0.5), ("−0.5", -0.5), ("0。5", 0.5), ("１，０００", 1000), ("１ｅ６", 1e6)],
)
def test_a_predicted_number(text, number):
    assert typed_number(text) == number


def test_the_number_boxes_of_labs():
    lab = training_lab()
    lab.controls["rate"].text.value = "２．５"
    assert lab.model.settings["rate"] == 2.5 and not lab.error_line.value
    lab.controls["seed"].text.value = "１２"
    assert lab.model.settings["seed"] == 12 and not lab.error_line.value
    lab.close()
