"""Texts for the language model: numbers as lines, words letter by letter, and a reader's own text."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import says

from course_lib.datasets import (
    beginnings_of,
    chinese_numerals,
    english_words,
    number_lines,
    number_pairs,
    numerals_of,
    read_text,
    text_lines,
    text_symbols,
    word_lines,
    word_list,
)
from course_lib.datasets.language import LETTERS, LONGEST_LINE, NUMBER_SYMBOLS
from course_lib.datasets.number_words import CHINESE, decode
from course_lib.models.translation import exact_match

NUMBERS = [0, 21, 340, 10_010, 777_777, 100_000]


def test_a_number_is_its_words_and_then_its_numerals():
    x, y = number_lines(NUMBERS)
    assert x.shape == y.shape == (6, LONGEST_LINE - 1) == (6, 21)
    for number, line, behind in zip(NUMBERS, x, y, strict=True):
        symbols = [*english_words(number), "<start>", *chinese_numerals(number), "<end>"]
        assert [NUMBER_SYMBOLS[i] for i in line[line > 0]] == symbols[:21]
        counted = behind >= 0
        assert [NUMBER_SYMBOLS[i] for i in behind[counted]] == symbols[symbols.index("<start>") + 1 :]
        assert np.flatnonzero(counted)[0] == symbols.index("<start>")  # there the first numeral is asked for
        assert (line[1:] == behind[:-1])[counted[:-1] & (line[1:] > 0)].all()


def test_a_line_is_that_of_chapter_6c():
    source, target = number_pairs(NUMBERS)
    x, y = number_lines(NUMBERS)
    full = np.concatenate([x[:, :1], np.where(y >= 0, y, np.c_[x[:, 1:], np.zeros(6, int)])], axis=1)
    assert np.array_equal(numerals_of(full), target[:, 1:]) and exact_match(numerals_of(full), target[:, 1:]).all()
    assert ["".join(row) for row in decode(numerals_of(full), CHINESE)] == [chinese_numerals(n) for n in NUMBERS]
    beginnings = beginnings_of(NUMBERS)
    for row, words in zip(beginnings, source, strict=True):
        words = words[words > 0]
        assert row[: len(words)].tolist() == words.tolist() and NUMBER_SYMBOLS[row[len(words)]] == "<start>"
        assert (row[len(words) + 1 :] == -1).all()


def test_numerals_of_lines_that_a_model_has_written_badly():
    start, end = (NUMBER_SYMBOLS.index(mark) for mark in ("<start>", "<end>"))
    two, ten = NUMBER_SYMBOLS.index("二"), NUMBER_SYMBOLS.index("十")
    lines = np.full((4, 22), two)
    lines[0, :5] = [1, start, ten, end, ten]  # something behind <end>
    lines[1] = 3  # no <start>
    lines[2, 0] = start  # no <end>, and an English word between
    lines[2, 2] = 5
    lines[3, 0], lines[3, 20] = start, end  # more numerals than the longest number has
    written = ["".join(row) for row in decode(numerals_of(lines), CHINESE)]
    assert written == ["十", "", "二", "二" * 12]


def test_the_word_list():
    words = word_list()
    assert 30_000 < len(words) < 45_000 and words == sorted(set(words))
    assert all(3 <= len(word) <= 12 and word.isascii() and word.isalpha() and word.islower() for word in words)
    assert {"gradient", "descent", "language", "model"} <= set(words)


def test_words_letter_by_letter():
    x, y = word_lines(["cat", "translations"])
    assert x.shape == y.shape == (2, 13)
    assert ["".join(LETTERS[i] for i in row) for row in x] == [".cat.........", ".translations"]
    assert y[0].tolist() == [3, 1, 20, 0] + [-1] * 9
    assert "".join(LETTERS[i] for i in y[1]) == "translations."


@pytest.mark.parametrize("word", ["", "Cat", "naïve", "abcdefghijklm", "it's"])
def test_words_that_cannot_be_spelt_are_named(word):
    sentence = f"word_lines: expected words of 1 to 12 letters a to z, got {word!r}"
    says(ValueError, sentence, lambda: word_lines(["cat", word]))


CHINESE_TEXT = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。\n" * 50


def test_the_rarest_of_too_many_symbols_become_one():
    common, rare = [chr(0x4E00 + i) for i in range(999)], [chr(0x6E00 + i) for i in range(500)]
    text = "".join([*common, *common, *rare])
    symbols = text_symbols(text)
    assert len(symbols) == 1000 and set(symbols) == {*common, "□"} and symbols[-1] == "□"
    x, _ = text_lines(text, symbols, 1)
    assert (x[-400:] == 999).all() and (x[:1998] < 999).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("short", "text: expected 1,000 to 2,000,000 characters, got 5: there is too little to learn from"),
        ("ab" * 1_000_001, "text: expected 1,000 to 2,000,000 characters, got 2,000,002: a part of it is enough"),
        ("a" * 2000, "text: expected different characters, got 'a' alone"),
    ],
)
def test_texts_that_cannot_be_used_are_named(text, sentence):
    says(ValueError, sentence, lambda: text_symbols(text))


def test_a_text_too_short_for_one_piece_is_named():
    sentence = "text_lines: expected a text of more than 5 characters, got 5"
    says(ValueError, sentence, lambda: text_lines("abcab", "abc", 5))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_file_in_utf_8_is_read(tmp_path, encoding, line_end):
    path = tmp_path / "mine.txt"
    path.write_bytes(CHINESE_TEXT.replace("\n", line_end).encode(encoding))
    assert read_text(path) == read_text(str(path)) == CHINESE_TEXT


NOT_UTF_8 = "does not belong to such a text. Save the file as UTF-8 in an editor"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "read_text: mine.txt is empty"),
        (b"short", "text: expected 1,000 to 2,000,000 characters, got 5: there is too little to learn from"),
        (b"\xef\xbb\xbf", "text: expected 1,000 to 2,000,000 characters, got 0: there is too little to learn from"),
        (
            CHINESE_TEXT.encode("utf-16"),
            f"read_text: expected text in UTF-8, but byte 0 of mine.txt {NOT_UTF_8}",
        ),
        (
            CHINESE_TEXT.encode()[:-2],
            f"read_text: expected text in UTF-8, but byte 3646 of mine.txt {NOT_UTF_8}",
        ),
        (
            b"PK\x03\x04\x14\x00" + bytes(range(256)) * 9,
            "read_text: mine.txt is no text, because byte 5 is 0: save a document as plain text (.txt) first",
        ),
    ],
    ids=["empty", "short", "mark alone", "UTF-16", "cut off", "binary"],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, data, sentence):
    path = tmp_path / "mine.txt"
    path.write_bytes(data)
    says(ValueError, sentence, lambda: read_text(path))


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "mine.txt"
    with path.open("wb") as file:
        file.truncate(10**10)  # takes no room where the system knows holes in files
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    sentence = "read_text: expected at most 8,000,000 bytes, got 10,000,000,000 in mine.txt: a part of it is enough"
    says(ValueError, sentence, lambda: read_text(path))


def test_what_is_no_file_is_named(tmp_path):
    sentence = f"read_text: expected a file, got none that is called mine.txt in {tmp_path}"
    says(FileNotFoundError, sentence, lambda: read_text(tmp_path / "mine.txt"))
    (tmp_path / "texts").mkdir()
    sentence = "read_text: expected a file, and texts is a folder or a device"
    says(ValueError, sentence, lambda: read_text(tmp_path / "texts"))


prove = settings(max_examples=80)


@prove
@given(data=st.binary(max_size=3000), times=st.integers(1, 400))
def test_any_bytes_are_a_text_or_a_sentence(tmp_path_factory, data, times):
    """And never another error, whatever the file holds."""
    path = tmp_path_factory.mktemp("bytes") / "mine.txt"
    path.write_bytes(data * times)
    try:
        text = read_text(path)
    except ValueError as refusal:
        assert type(refusal) is ValueError and str(refusal).startswith(("read_text: ", "text: "))
    else:
        assert (data * times).decode("utf-8-sig").splitlines() == text.splitlines()


@prove
@given(piece=st.text(min_size=2, max_size=60), places=st.integers(1, 40))
def test_any_text_is_cut_into_pieces_that_say_it_again(piece, places):
    text = (piece * 500)[:1000] + "ab"
    symbols = text_symbols(text)
    assert symbols == tuple(sorted(set(text)))
    x, y = text_lines(text, symbols, places)
    assert x.shape == y.shape == ((len(text) - 1) // places, places) and x.min() >= 0 and x.max() < len(symbols)
    assert "".join(symbols[i] for i in x.ravel()) == text[: x.size]
    assert "".join(symbols[i] for i in y.ravel()) == text[1 : 1 + y.size]


def test_no_symbols_are_named():
    sentence = "text_lines: expected the symbols of the text, as text_symbols finds them, got none"
    says(ValueError, sentence, lambda: text_lines("abcab", (), 2))
