"""Texts for a language model: lines of symbols x, and y, the symbol behind each of them; -1 where it does not count.

A line of numbers is chapter 6c's translation: the English words, <start>, the numerals. Words are spelt letter by letter;
and a reader's own text, in any language, is cut into pieces.
"""

import codecs
import gzip
from collections import Counter
from pathlib import Path

import numpy as np

from ..checks import check_sizes
from ..text import say
from .number_words import CHINESE, END, ENGLISH, LONGEST_CHINESE, LONGEST_ENGLISH, PAD, START, number_pairs

NUMBER_SYMBOLS = (*ENGLISH, *CHINESE)  # those of the numerals stand behind those of the English words
LONGEST_LINE = LONGEST_ENGLISH + LONGEST_CHINESE + 2
END_OF_WORD = "."
LETTERS = (END_OF_WORD, *"abcdefghijklmnopqrstuvwxyz")
LONGEST_WORD = 12
SMALLEST, LARGEST, MOST_SYMBOLS = 1_000, 2_000_000, 1_000  # characters of a reader's text, and how many different ones
LARGEST_FILE = 4 * LARGEST  # bytes: a character has four at most
OTHER = "□"  # stands for the rarest, where there are more


def number_lines(numbers):
    """Each number as a line, "twenty one <start> 二 十 一 <end>", in places of NUMBER_SYMBOLS.

    numbers   (lines,) whole numbers from 0 to 999,999; raises ValueError otherwise
    returns   x (lines, 21), filled up with 0, and y (lines, 21), in which the numerals and <end> count
    """
    source, target = number_pairs(numbers)
    lines = np.zeros((len(source), LONGEST_LINE), int)
    for line, words, numerals in zip(lines, source, target, strict=True):
        symbols = [*words[words != PAD], *(numerals[numerals != PAD] + len(ENGLISH))]
        line[: len(symbols)] = symbols
    x, y = lines[:, :-1], lines[:, 1:]
    return x, np.where(y > len(ENGLISH) + START, y, -1)


def beginnings_of(numbers):
    """What a model gets that is to translate these numbers: words and <start>, filled up with -1, (lines, 10)."""
    x, y = number_lines(numbers)
    return np.where((x > 0) & (np.cumsum(y >= 0, axis=1) < 2), x, -1)[:, : LONGEST_ENGLISH + 1]


def numerals_of(lines):
    """What stands behind <start> in each line, as rows of places in CHINESE: (lines, 11), after <end> filled up with PAD.

    lines     (lines, time) as `number_lines` makes or `write` continues them
    6c's `decode` and `exact_match` take such rows. A symbol there that is no numeral becomes PAD.
    """
    rows = np.full((len(lines), LONGEST_CHINESE + 1), PAD)
    for row, line in zip(rows, np.asarray(lines), strict=True):
        numerals = line[np.cumsum(line == len(ENGLISH) + START) > 0][1 : len(row) + 1] - len(ENGLISH)
        ends = np.flatnonzero(numerals == END)
        numerals = numerals[: ends[0] + 1] if len(ends) else numerals
        row[: len(numerals)] = np.maximum(numerals, PAD)
    return rows


def word_list():
    """English words of 3 to 12 letters a to z, in the order of the alphabet (course_lib/datasets/data/words.md)."""
    return gzip.decompress((Path(__file__).parent / "data" / "words.txt.gz").read_bytes()).decode().split()


def word_lines(words):
    """Each word letter by letter, with a point before and behind it, in places of LETTERS.

    words     of at most 12 letters a to z; raises ValueError otherwise
    returns   x (words, 13), which begins with the point, and y (words, 13), which counts up to the point behind the word
    """
    x, y = np.zeros((len(words), LONGEST_WORD + 1), int), np.full((len(words), LONGEST_WORD + 1), -1)
    for before, behind, word in zip(x, y, words, strict=True):
        if not 1 <= len(word) <= LONGEST_WORD or not set(word) < set(LETTERS[1:]):
            raise ValueError(say("word_lines: expected words of 1 to 12 letters a to z, got {got!r}", got=word))
        letters = [LETTERS.index(letter) for letter in word]
        before[1 : len(word) + 1] = letters
        behind[: len(word) + 1] = [*letters, 0]
    return x, y


def read_text(path):
    """The text of a file in UTF-8, with line ends as they are in Python, checked as in `text_symbols`.

    Raises FileNotFoundError, or ValueError with a sentence when the file cannot be used: a folder, no text, another
    encoding, nothing in it, too much or too little of it. A file that is too large is not read.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(
            say(
                "read_text: expected a file, got none that is called {name} in {folder}",
                name=path.name,
                folder=path.resolve().parent,
            )
        )
    if not path.is_file():
        raise ValueError(say("read_text: expected a file, and {name} is a folder or a device", name=path.name))
    size = path.stat().st_size
    if size == 0:
        raise ValueError(say("read_text: {name} is empty", name=path.name))
    if size > LARGEST_FILE:
        raise ValueError(
            say(
                "read_text: expected at most {largest:,} bytes, got {got:,} in {name}: a part of it is enough",
                largest=LARGEST_FILE,
                got=size,
                name=path.name,
            )
        )
    text = _decoded(path.read_bytes(), path.name)
    text_symbols(text)
    return text


def _decoded(data, name):
    """The text of a file's bytes. Raises ValueError."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in data:
        raise ValueError(
            say(
                "read_text: {name} is no text, because byte {place} is 0: save a document as plain text (.txt) first",
                name=name,
                place=data.index(b"\0"),
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(
            say(
                "read_text: expected text in UTF-8, but byte {place} of {name} does not belong to such a text. Save "
                "the file as UTF-8 in an editor",
                place=problem.start,
                name=name,
            )
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_symbols(text):
    """The different characters of a text, in their order; of more than 1,000 the most frequent, and □ for the others.

    Raises ValueError for a text of fewer than 1,000 or more than 2,000,000 characters, or of a single one.
    """
    if not SMALLEST <= len(text) <= LARGEST:
        raise ValueError(
            say(
                "text: expected {smallest:,} to {largest:,} characters, got {got:,}: {advice}",
                smallest=SMALLEST,
                largest=LARGEST,
                got=len(text),
                advice=say("there is too little to learn from")
                if len(text) < SMALLEST
                else say("a part of it is enough"),
            )
        )
    counts = Counter(text)
    if len(counts) < 2:
        raise ValueError(say("text: expected different characters, got {got!r} alone", got=text[0]))
    if len(counts) <= MOST_SYMBOLS:
        return tuple(sorted(counts))
    frequent = [symbol for symbol, _ in counts.most_common(MOST_SYMBOLS - 1) if symbol != OTHER]
    return (*sorted(frequent), OTHER)


def text_lines(text, symbols, places):
    """A text cut into pieces of `places` characters: x, y (pieces, places), in places of the symbols; all of y counts.

    text      str      symbols   as `text_symbols` found them; another character counts as the last symbol
    places    whole number >= 1
    Raises ValueError when the text is too short for one piece, or there are no symbols.
    """
    check_sizes("text_lines", places=places)
    if not len(symbols):
        raise ValueError(say("text_lines: expected the symbols of the text, as text_symbols finds them, got none"))
    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    text = np.array([numbers.get(character, len(symbols) - 1) for character in text])
    pieces = (len(text) - 1) // places
    if pieces < 1:
        raise ValueError(
            say("text_lines: expected a text of more than {places} characters, got {got}", places=places, got=len(text))
        )
    x, y = (part[: pieces * places].reshape(pieces, places) for part in (text[:-1], text[1:]))
    return x, y
