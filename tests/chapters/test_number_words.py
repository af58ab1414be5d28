"""English number words and Chinese numerals: the rules against well-kept packages, splits, and encoding."""

from itertools import product

import cn2an
import num2words
import numpy as np
import pytest

from course_lib.datasets import chinese_numerals, english_words, number_pairs, number_splits
from course_lib.datasets.number_words import CHINESE, ENGLISH, LARGEST, LONGEST_CHINESE, LONGEST_ENGLISH, decode, encode
from course_lib.models.translation import END, PAD, START

# All million take four minutes: all below 1,000, every place of zeros and ones, and every 397th number, which is a prime.
SAMPLE = [
    *range(1000),
    *(int("".join(digits)) for digits in product("013", repeat=6)),
    *range(1000, LARGEST, 397),
    LARGEST,
]


def by_num2words(number):
    return [word for word in num2words.num2words(number).replace("-", " ").replace(",", " ").split() if word != "and"]


def test_english_words_are_those_of_num2words():
    assert [n for n in SAMPLE if english_words(n) != by_num2words(n)] == []


def test_chinese_numerals_are_those_of_cn2an():
    assert [n for n in SAMPLE if chinese_numerals(n) != cn2an.an2cn(n, "low")] == []


def test_all_fit_the_vocabulary_and_its_lengths():
    words, numerals = [english_words(n) for n in [*SAMPLE, 777_777]], [chinese_numerals(n) for n in [*SAMPLE, 777_777]]
    assert {word for row in words for word in row} == set(ENGLISH[1:])
    assert {symbol for numeral in numerals for symbol in numeral} == set(CHINESE[3:])
    assert (max(map(len, words)), max(map(len, numerals))) == (LONGEST_ENGLISH, LONGEST_CHINESE)


@pytest.mark.parametrize("number", [-1, LARGEST + 1, 3.0, "3", None, True])
@pytest.mark.parametrize("rule", [english_words, chinese_numerals])
def test_other_numbers_get_a_sentence(rule, number):
    with pytest.raises(ValueError, match="expected a whole number from 0 to 999,999, got"):
        rule(number)


def test_splits_share_no_number_and_follow_the_seed(rng):
    splits = number_splits(rng, train=3000, validation=200, test=500)
    assert [len(part) for part in splits] == [3000, 200, 500]
    together = np.concatenate(splits)
    assert len(np.unique(together)) == len(together) and 0 <= together.min() <= together.max() <= LARGEST
    same, other = (number_splits(np.random.default_rng(seed), 3000, 200, 500) for seed in (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(splits, same, strict=True))
    assert not np.array_equal(same[2], other[2])


def test_short_numbers_occur_in_each_part():
    for part in number_splits(np.random.default_rng(0), train=6400):
        digits = np.char.str_len(part.astype(str))
        shares = [np.mean(digits == count) for count in range(1, 7)]
        assert shares[1] > 0 and 0.5 < shares[5] < 0.75 and np.mean(digits <= 4) > 0.15


@pytest.mark.parametrize("sizes", [{"train": 0}, {"train": 100_000}, {"test": 2.5}])
def test_impossible_splits_get_a_sentence(rng, sizes):
    with pytest.raises(ValueError, match="number_splits: expected whole numbers"):
        number_splits(rng, **sizes)
    with pytest.raises(TypeError, match="number_splits: expected rng="):
        number_splits(0)


def test_pairs_are_padded_rows_with_marks():
    source, target = number_pairs([340_215, 0])
    assert source.shape == (2, LONGEST_ENGLISH) and target.shape == (2, LONGEST_CHINESE + 2)
    assert list(target[1]) == [START, CHINESE.index("零"), END] + [PAD] * 10
    assert [" ".join(words) for words in decode(source, ENGLISH)] == [" ".join(english_words(340_215)), "zero"]
    assert ["".join(symbols) for symbols in decode(target, CHINESE)] == ["三十四万零二百一十五", "零"]


def test_decoding_ends_at_the_end_mark():
    row = [CHINESE.index("一"), END, CHINESE.index("二"), PAD]
    assert decode([row], CHINESE) == [["一"]] and decode([[PAD, PAD]], ENGLISH) == [[]]


def test_encoding_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="symbols of the vocabulary, got 'million'"):
        encode([["one", "million"]], ENGLISH, 9)
    with pytest.raises(ValueError, match="at most 2 symbols, got 3"):
        encode([["one", "two", "three"]], ENGLISH, 2)
