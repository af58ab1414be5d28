"""The search for answers that a text gives away: it finds them in every form, and does not cry wolf."""

import pytest
from giveaways import tells_letter, tells_number, wrong_numbers


@pytest.mark.parametrize("text, value", [
    ("Expected 50000 epochs", 50_000), ("50,000", 50_000), ("about 50 000", 50_000), ("5e4 epochs", 50_000),
    ("fifty thousand", 50_000), ("it is 0.57", 0.95**11), ("57 %", 0.95**11), ("near 0.569", 0.95**11),
    ("0.0101", 0.01008), ("sixteen", 16), ("(4*4 = 16)", 16), ("-0.01008", 0.01008), ("twenty-five", 25),
])  # fmt: skip
def test_a_number_is_found_in_every_form(text, value):
    assert tells_number(text, value)


@pytest.mark.parametrize("text, value, known", [
    ("Got 49 epochs: too small", 50, ""), ("10 epochs", 50_000, ""), ("rate 0.5 again", 0.5, "at rate 0.5"),
    ("sixteenth", 16, ""), ("0.6 or so", 0.95**11, ""), ("Got 160", 1.6, ""),
])  # fmt: skip
def test_other_numbers_are_none_of_its_business(text, value, known):
    assert not tells_number(text, value, known)


@pytest.mark.parametrize("text", ["It is (b).", 'Try "b"', "`B` it is", "option b", "Answer B"])
def test_a_letter_is_found(text):
    assert tells_letter(text, "b")


@pytest.mark.parametrize("text", ["b stands for the bias", "A wrong gradient", "add b to it", "(a) or (c)"])
def test_letters_of_the_text_are_none(text):
    assert not tells_letter(text, "b")


def test_there_are_many_wrong_numbers(rng):
    tried = wrong_numbers(50_000, rng)
    assert len(tried) == 200 and len(set(tried)) == 200
