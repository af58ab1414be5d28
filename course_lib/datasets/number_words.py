"""Numbers from 0 to 999,999 in two languages: English number words and Chinese numerals, as pairs for translation.

English counts in groups of 10^3 ("three hundred forty thousand"), Chinese in groups of 10^4 (三十四万), and writes 零 for a
gap. Nothing is stored: both sides follow from the number by rule, and the tests compare the rules with the packages
num2words and cn2an for all million numbers.
"""

import re

import numpy as np

from ..checks import check_generator
from ..text import say

LARGEST = 999_999
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
DIGITS, UNITS = "零一二三四五六七八九", ("十", "万", "千", "百", "十", "")
ENGLISH = ("<pad>", *SMALL, *TENS, "hundred", "thousand")
CHINESE = ("<pad>", "<start>", "<end>", *DIGITS, "十", "百", "千", "万")
PAD, START, END = map(CHINESE.index, ("<pad>", "<start>", "<end>"))  # the three marks; in English, too, PAD comes first
LONGEST_ENGLISH, LONGEST_CHINESE = 9, 11  # 777,777: seven hundred seventy seven thousand ..., 七十七万七千七百七十七


def english_words(number):
    """The number in words, a list: 340_215 -> ["three", "hundred", "forty", "thousand", "two", "hundred", "fifteen"].

    number   whole number from 0 to 999,999; raises ValueError otherwise
    """
    thousands, rest = divmod(_checked("english_words", number), 1000)
    words = [*_below_thousand(thousands), "thousand"] if thousands else []
    return words + _below_thousand(rest) or ["zero"]


def _below_thousand(number):
    hundreds, rest = divmod(number, 100)
    words = [SMALL[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words.append(TENS[rest // 10 - 2])
        rest %= 10
    return [*words, SMALL[rest]] if rest else words


def chinese_numerals(number):
    """The number in Chinese, a text: 340_215 -> "三十四万零二百一十五".

    Each digit stands before its unit; zeros lose their unit, and those in a row become one 零, but none at either end or
    before 万. A number that would begin with 一十 begins with 十.

    number   whole number from 0 to 999,999; raises ValueError otherwise
    """
    digits = f"{_checked('chinese_numerals', number):06}"
    text = "".join(DIGITS[int(digit)] + unit for digit, unit in zip(digits, UNITS, strict=True))
    text = re.sub("(零[十百千]?)+", "零", text).replace("零万", "万").lstrip("零万").rstrip("零")
    return re.sub("^一十", "十", text) or "零"


def number_splits(rng, train=12_800, validation=500, test=500):
    """Numbers for training, validation and testing, three arrays without a number in common.

    Drawn from 0 to 999,999, half of them evenly and half evenly in the logarithm, so that short numbers occur: evenly
    alone, nine in ten would have six digits. No number comes twice.

    rng   numpy.random.Generator      train, validation, test   how many; together at most 100,000

    Raises TypeError or ValueError for other arguments.
    """
    check_generator("number_splits", rng)
    sizes = {"train": train, "validation": validation, "test": test}
    if not all(isinstance(n, int | np.integer) and n >= 1 for n in sizes.values()) or sum(sizes.values()) > 100_000:
        raise ValueError(
            say("number_splits: expected whole numbers >= 1, together at most 100,000, got {got}", got=sizes)
        )
    wanted = sum(sizes.values())
    evenly = rng.integers(0, LARGEST + 1, 4 * wanted)
    short = np.floor(10 ** rng.uniform(0, 6, 4 * wanted)).astype(np.int64) - 1
    drawn = np.stack([evenly, short], axis=1).ravel()
    _, first = np.unique(drawn, return_index=True)
    numbers = rng.permutation(drawn[np.sort(first)[:wanted]])
    return np.split(numbers, [train, train + validation])


def number_pairs(numbers):
    """Pairs to learn translation from: each number in English and in Chinese, as rows of whole numbers.

    numbers    (pairs,) whole numbers from 0 to 999,999; raises ValueError otherwise
    returns    source (pairs, 9), places in ENGLISH, and target (pairs, 13), places in CHINESE, which begins with START
               and closes with END; both are filled up with PAD
    """
    source = encode([english_words(number) for number in numbers], ENGLISH, LONGEST_ENGLISH)
    target = encode([("<start>", *chinese_numerals(n), "<end>") for n in numbers], CHINESE, LONGEST_CHINESE + 2)
    return source, target


def encode(sequences, vocabulary, length):
    """Sequences of symbols as their places in a vocabulary, filled up with PAD: (sequences, length) whole numbers.

    Raises ValueError when a symbol is not in the vocabulary, or a sequence is longer than `length`.
    """
    places = {symbol: place for place, symbol in enumerate(vocabulary)}
    rows = np.full((len(sequences), length), PAD)
    for row, sequence in zip(rows, sequences, strict=True):
        unknown = [symbol for symbol in sequence if symbol not in places]
        if unknown:
            raise ValueError(say("encode: expected symbols of the vocabulary, got {got!r}", got=unknown[0]))
        if len(sequence) > length:
            raise ValueError(
                say("encode: expected at most {length} symbols, got {got}", length=length, got=len(sequence))
            )
        row[: len(sequence)] = [places[symbol] for symbol in sequence]
    return rows


def decode(rows, vocabulary):
    """The symbols of each row up to the end, without the marks: a list of lists."""
    marks = [place for place, symbol in enumerate(vocabulary) if symbol in ("<pad>", "<end>")]
    symbols = []
    for row in np.asarray(rows):
        stop = np.flatnonzero(np.isin(row, marks))
        row = row[: stop[0]] if len(stop) else row
        symbols.append([vocabulary[place] for place in row if vocabulary[place] != "<start>"])
    return symbols


def _checked(name, number):
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or not 0 <= number <= LARGEST:
        raise ValueError(
            say(
                "{name}: expected a whole number from 0 to {largest:,}, got {got!r}",
                name=name,
                largest=LARGEST,
                got=number,
            )
        )
    return int(number)
