"""The model of the lab "translate a number": what may be typed, what is written step by step, and what is right."""

import numpy as np
import pytest

from course_lib.datasets import chinese_numerals, english_words, number_pairs
from course_lib.datasets.number_words import CHINESE, ENGLISH, LARGEST
from course_lib.labs.translation import STEPS, TranslationModel, number_of, percent, words_of
from course_lib.models.translation import END, START, Translator


@pytest.fixture(scope="module")
def translator():
    return Translator(len(ENGLISH), len(CHINESE), 8, 8, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("340215", 340_215),
        ("340,215", 340_215),
        ("340 215", 340_215),
        ("  007 ", 7),
        ("\uff13\uff14\uff10\uff12\uff11\uff15", 340_215),  # full-width digits
        ("Three hundred and forty thousand, two hundred and fifteen", 340_215),
        ("forty-two", 42),
        ("ZERO", 0),
        ("999,999", LARGEST),
    ],
)
def test_numbers_in_digits_and_in_words(text, number):
    words = words_of(text)
    assert words == english_words(number) and number_of(words) == number


def test_every_number_is_found_from_its_words():
    numbers = [*range(2000), *range(2000, LARGEST, 997), LARGEST]
    assert [n for n in numbers if number_of(english_words(n)) != n] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Type a number from 0 to 999,999"),
        ("   ", "Type a number from 0 to 999,999"),
        ("-5", "-5: the training data have no negative numbers"),
        ("\N{MINUS SIGN}5", "no negative numbers"),
        ("minus five", "no negative numbers"),
        ("3.5", "expected a whole number"),
        ("340.215", "write 340215 or 340,215"),
        ("1e5", "expected a whole number"),
        ("1000000", "is larger than 999,999"),
        ("one million", "million is not a word of the vocabulary: it has 30"),
        ("fourty", "Did you mean forty?"),
        ("\u5341\u4e8c", "reads English and writes Chinese"),
        ("12 thousand", "12 is not a word"),
        ("and", "a number has 1 to 9"),
        ("one " * 10, "10 words"),
        ("abc", "abc is not a word"),
        ("<pad>", "<pad> is not a word"),
        ("\N{GRINNING FACE}", "is not a word"),
    ],
)
def test_anything_else_gets_a_sentence(translator, text, sentence):
    model = TranslationModel(translator)
    before = dict(vars(model))
    with pytest.raises(ValueError) as caught:
        model.ask(text)
    assert sentence in str(caught.value) and vars(model) == before


@pytest.mark.parametrize("text", ["twelve hundred", "hundred", "thousand thousand", "zero zero", "five twenty"])
def test_known_words_in_an_unknown_order_are_translated_and_not_judged(translator, text):
    model = TranslationModel(translator, number=text)
    model.advance(STEPS)
    assert model.number is None and not model.tried and "no rule to compare with" in model.status()
    assert model.title() == "Not a number of the training data"


def test_it_writes_what_the_translator_writes_symbol_by_symbol(translator):
    model = TranslationModel(translator, number="215")
    row = translator.translate(number_pairs([215])[0], STEPS)[0]
    end = np.append(np.flatnonzero(row == END), STEPS)[0]  # none when it never ends by itself
    symbols = [CHINESE[place] for place in row[: end + 1]]
    assert model.symbols == symbols and model.done == 0 and model.candidates() == []
    for step, symbol in enumerate(symbols, 1):
        model.advance()
        assert model.done == step and model.candidates(1)[0][0] == symbol
        assert f"step {step} wrote" in model.status() or model.finished
    assert model.finished and model.written == "".join(s for s in symbols if s != "<end>")


def test_probabilities_and_weights_add_up_to_one(translator):
    model = TranslationModel(translator, number="340215")
    np.testing.assert_allclose(model.likely.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(model.weights.sum(axis=1), 1, rtol=1e-5)
    assert model.weights.shape == (len(model.symbols), 7)


def test_right_and_wrong_are_counted_once_a_number(translator):
    model = TranslationModel(translator, number="eight")
    for text in ("8", "eight", "9"):
        model.ask(text)
        model.advance(STEPS)
    assert len(model.tried) == 2 and model.mistakes == 2 and "is wrong, the rule says" in model.status()


class Perfect:
    """A translator that knows the rule, with the interface of `Translator`."""

    def __init__(self, number):
        self.row = number_pairs([number])[1][0, 1:]

    def translate(self, source, longest):
        return self.row[None, :longest]

    def __call__(self, source, target):
        class Logits:
            value = 30.0 * np.eye(len(CHINESE))[self.row[None, : target.shape[1]]]

        return Logits

    def attention_map(self, source, target):
        assert target[0, 0] == START
        return np.full((1, target.shape[1], source.shape[1]), 1 / source.shape[1])


def test_a_right_translation_is_said_to_be_right():
    model = TranslationModel(Perfect(340_215), number="340215")
    model.advance(STEPS)
    assert model.right and model.mistakes == 0 and list(model.tried.values()) == [True]
    assert (
        model.status().startswith(f"340,215: {chinese_numerals(340_215)} is right")
        and "more than 99.9 %" in model.status()
    )
    assert model.title() == "340,215  =  340 × 10³ + 215  =  34 × 10⁴ + 215"


def test_a_text_that_stops_too_early_is_wrong():
    model = TranslationModel(Perfect(15), number="150")
    model.advance(STEPS)
    assert not model.right and "At step 1 it gave" in model.status()


def test_the_description_holds_on_every_machine(translator):
    """It may not depend on what the network writes: that differs between machines."""
    other = Translator(len(ENGLISH), len(CHINESE), 8, 8, rng=np.random.default_rng(1))
    (text,) = {TranslationModel(t).description() for t in (translator, other, Perfect(340_215), Perfect(7))}
    assert chinese_numerals(340_215) in text and "7 English words" in text


@pytest.mark.parametrize(("share", "text"), [(1.0, "more than 99.9 %"), (0.0, "less than 0.1 %"), (0.5, "50.0 %")])
def test_per_cent(share, text):
    assert percent(share) == text
