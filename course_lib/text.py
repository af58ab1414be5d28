"""Every sentence that the library shows to a reader passes through `say`, so that one catalogue translates the course.

A language is a folder in `locale/`: files in gettext's format PO, one for each part of the library, so that several people
can translate at once. They are read as they are: nothing is compiled.
"""

import json
import math
import re
import unicodedata
from pathlib import Path

import numpy as np

LOCALE = Path(__file__).parent / "locale"
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_ENTRY = re.compile(rf"^msgid ((?:{_QUOTED}\n?)+)msgstr ((?:{_QUOTED}\n?)+)", re.MULTILINE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH_WORD = re.compile(
    r"(?!(?:eta|beta|delta|sigma)\b)(?:[a-z][a-z'-]+|a(?= [A-Za-z]{2}))(?=[\s,:;!?%]|\.\s|\.?$)(?!\s*=)"
)
_ON_ANOTHER_KEYBOARD = str.maketrans("。、【】“”‘’−–", ".,[]\"\"''--")  # what NFKC leaves as it is
_sentences = {}


def say(message, **values):
    """The message in the reader's language, with `{names}` filled in from the keyword arguments."""
    return _sentences.get(message, message).format(**values)


def joined(*sentences):
    """Sentences one after the other, without the empty ones; behind a full-width mark stands no space."""
    text = ""
    for sentence in filter(None, sentences):
        text += ("" if not text or text[-1] in "。！？：；，）" else " ") + sentence
    return text


def capitalised(text):
    """The text as the beginning of a sentence: an English word in front gets its capital letter.

    Whatever else stands there keeps its case, such as the variables x, dW and b1, and so does all of a Chinese text.
    """
    word = not _CHINESE.search(text) and _ENGLISH_WORD.match(text)
    return text[:1].upper() + text[1:] if word else text


def quantity(number):
    """A count in words, grouped as the language groups digits: 3.1 million, 310 万; from 10^15 on as a power of ten."""
    words = say("thousand/million/billion/trillion").split("/")  # in equal steps up to 10^12
    step = 12 // len(words)
    if number < 1e6:
        return f"{number:,.0f}"
    number = float(f"{number:.3g}")  # three digits, as it will be written: 999,990,000 is 1 billion
    if number < 1e15:
        place = next(place for place in range(len(words), 0, -1) if number >= 10.0 ** (step * place))
        return f"{rounded(number / 10.0 ** (step * place))} {words[place - 1]}"
    power = int(math.log10(number) + 1e-9)
    return f"{number / 10.0**power:.2g} × 10^{power}"


def rounded(number):
    """Three digits: 0.25, 15.8, 3,010."""
    return f"{float(f'{number:.3g}'):,.10g}"


def spaced(*words):
    """Words with spaces between them, but not where two Chinese characters meet."""
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", " ".join(words))


def against(value, bound, form="g"):
    """Where a value lies: "at least 98%", or "below 98%". The bound is said as it was compared.

    form   how the bound is written, as in `format(bound, form)`
    """
    written = format(bound, form)
    return say("at least {bound}", bound=written) if value >= bound else say("below {bound}", bound=written)


def measured(value, *bounds, form=".2g"):
    """A number and on which side of its bounds it lies: "97.8% (at least 97%)", "0.2 to 0.9 (below 1)", "6e-17 (below 1e-12)".

    On another processor the number may be another one, the side may not: of stored outputs the tests compare the side alone.

    value   a number, or several: of these the lowest and the highest are said     form   how numbers are written
    """
    low, high = np.min(value), np.max(value)
    number = format(low, form)
    if np.size(value) > 1:
        number = say("{low} to {high}", low=number, high=format(high, form))
    if np.isnan(low):
        return number
    as_written = ".0%" if form.endswith("%") else "g"
    sides = [
        say("on both sides of {bound}", bound=format(bound, as_written))
        if low < bound <= high
        else against(low, bound, as_written)
        for bound in bounds
    ]
    return say("{number} ({sides})", number=number, sides=say(", ").join(sides))


def columns(text):
    """How many columns of fixed width a text takes: a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def N_(sentence):
    """The sentence itself: marks it for the translators' catalogue. `say` translates it when it is shown."""
    return sentence


def set_language(code, directory=LOCALE):
    """Show the library's sentences in the language `code` ("en", "zh"); what is not translated stays English."""
    _sentences.clear()
    for path in sorted(Path(directory, code).glob("*.po")):
        _sentences.update(translations(path.read_text(encoding="utf-8")))


def translations(catalogue):
    """{sentence: translation} of a PO file's text, without what is empty or marked as fuzzy."""
    found = {}
    for entry in catalogue.split("\n\n"):
        pair = _ENTRY.search(entry)
        if pair and "#, fuzzy" not in entry:
            sentence, translation = ("".join(map(json.loads, re.findall(_QUOTED, text))) for text in pair.groups())
            if sentence and translation:
                found[sentence] = translation
    return found


def typed(text):
    """What a reader typed, as on an English keyboard: full-width digits, letters, commas and brackets become plain ones."""
    return unicodedata.normalize("NFKC", text).translate(_ON_ANOTHER_KEYBOARD)
