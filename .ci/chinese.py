"""How Chinese text of the course is written: each rule looks at one text and yields a sentence for every breach.

Terms are those of the table in notebooks/zh/glossary.md: a text says what the table says, and an English term stands only in
brackets behind its Chinese one. Names that are not translated are listed there, too.
"""

import re
from functools import cache
from pathlib import Path

from course_lib.optimizers import OPTIMIZERS

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "notebooks" / "zh" / "glossary.md"
TABLE, UNTRANSLATED = "## 术语对照", "## 不翻译的名字"
HAN = "\u4e00-\u9fff"
CODE, FORMULA, VALUE = "\ue000", "\ue001", "\ue002"  # what stands in a text's prose for its code, formulas and {values}


def prose(text):
    """A text without code, formulas, addresses, tags and emphasis; marks stand where code, formulas and {values} stood."""
    for pattern, mark in (
        (r"```.*?```", "\n\n"),
        (r"\$\$.*?\$\$", "\n\n"),
        (r"<!--.*?-->|<[^<>\n]+>", ""),
        (r"!\[([^\]]*)\]\([^)\s]*\)", r"\1"),  # before links: a badge is a picture in a link
        (r"\[([^\]]*)\]\([^)\s]*\)", r"\1"),
        (r"`[^`\n]+`", CODE),
        (r"\$[^$\n]+\$", FORMULA),
        (r"\{[^{}\n]*\}", VALUE),
        (r"https?://\S+", ""),
        (r"\*\*|(?<![*\w])\*(?=[^\s*])|(?<=[^\s*])\*(?![*\w])", ""),
    ):
        text = re.sub(pattern, mark, text, flags=re.DOTALL)
    return text


@cache
def section(heading):
    """The text of the glossary below a heading."""
    text = GLOSSARY.read_text(encoding="utf-8")
    return re.search(rf"^{heading}\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


@cache
def terms():
    """{English term: ([Chinese terms], [what is not written])} of the glossary's table; "*" in the first asks for nothing."""
    found, rows = {}, section(TABLE)
    for row in [line.strip("| \n").split("|") for line in rows.splitlines() if line.startswith("|")][2:]:
        english, chinese, never = (
            [part.strip() for part in cell.split("/") if part.strip()] for cell in [*row, ""][:3]
        )
        for each in english:
            found[each] = chinese, never
    return found


def known_english():
    """The English words that a Chinese text may hold in brackets behind a Chinese term, in lower case."""
    return {term.casefold() for term in terms()}


@cache
def names():
    """What Chinese texts write as English ones do: programs, methods, functions, people, units, and all optimizers."""
    return {*re.findall(r"[A-Za-z]+", section(UNTRANSLATED).strip().partition("\n")[0]), *OPTIMIZERS}


def english_left(text, authors=False):
    """English words in a Chinese text other than names, foreign titles in italics, and a term of the glossary in brackets.

    authors   True where works are quoted: all words in upper case then pass
    """
    words = re.sub(rf"(?<!\*)\*[^*\n{HAN}]+\*(?!\*)", " ", text)
    words = re.sub(r"（([A-Za-z][^（）]*)）", _introduced, prose(words))
    words = re.sub(r"\w+\(|\w*[._]\w+|d\w+/d\w+", " ", words, flags=re.ASCII)  # code without backticks, as in figures
    for word in re.findall(r"(?<![\w\\-])[A-Za-z]{2,}(?!\w)", words, re.ASCII):
        if word not in names() and not (authors and word[0].isupper()):
            yield f"the English word {word!r}"


def _introduced(brackets):
    known = known_english() | {f"{term}s" for term in known_english()}
    inside = [part.strip().casefold() for part in re.split(r"[,，、]", brackets[1])]
    return "" if all(part in known or part.startswith("也译作") for part in inside) else brackets[0]


PUNCTUATION = {
    rf"[{HAN}{CODE}{FORMULA}]\s?[,;?!](?=\s|[{HAN}{CODE}{FORMULA}]|$)|[{HAN}][,;:?!]|[,;:?!] ?[{HAN}]": "a half-width mark",
    rf"[{HAN}{CODE}{FORMULA}）”][.](?![.\w])": "a half-width full stop",
    rf"[{HAN}][()]|[()][{HAN}]": "half-width brackets",
    rf"[{HAN}][\"']|[\"'][{HAN}]": "straight quotation marks, expected “ ”",
    rf"[{HAN}][ ]+[{HAN}]": "a space between Chinese characters",
    r"[ ][，。；：？！、）”]|[，。；：？！、（“][ ](?!\|)": "a space beside a full-width mark",  # | ends a table's cell
    rf"[{HAN}][A-Za-z0-9{CODE}]|[A-Za-z0-9{CODE}%][{HAN}]": "no space between Chinese and Latin letters, digits or code",
    rf"[{HAN}][ ]+{FORMULA}|{FORMULA}[ ]+[{HAN}]": "a space between Chinese and a formula",
    r"您": "您, expected 你",
}


def punctuation(text):
    """Marks that are not full-width beside Chinese text, and spaces that are missing or too many."""
    words = re.sub(r"^[ \t]*(?:[-*]|\d+\.|#+|\|[-:| ]+\|)[ \t]+", "", prose(text), flags=re.MULTILINE)
    for pattern, what in PUNCTUATION.items():
        for found in re.finditer(pattern, words):
            around = words[max(0, found.start() - 8) : found.end() + 8]
            readable = around.replace(CODE, "`…`").replace(FORMULA, "$…$").replace(VALUE, "{…}")
            yield f"{what}: {readable!r}"


def emphasis(text):
    """Bold that a page shows as asterisks: beside Chinese text a mark inside the asterisks keeps them from working."""
    text = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$", "x", text, flags=re.DOTALL)
    for line in text.splitlines():
        for number, found in enumerate(re.finditer(r"\*\*", line)):
            before, after = line[: found.start()][-1:], line[found.end() :][:1]
            mark, other = (after, before) if number % 2 == 0 else (before, after)
            if re.match(r"[，。；：？！、（）“”]", mark) and re.match(rf"[{HAN}\w]", other):
                around = line[max(0, found.start() - 8) : found.end() + 8]
                yield f"bold that does not show, put the mark outside of it: {around!r}"


def terminology(english, chinese):
    """Terms of the English text that the Chinese one does not call as the glossary does."""
    said, text = prose(english).casefold().replace("-", " "), prose(chinese)
    for term, (wanted, _) in terms().items():
        name = re.escape(term.casefold().replace("-", " "))
        if "*" not in wanted and re.search(rf"\b{name}(?:s|es)?\b", said) and not any(each in text for each in wanted):
            yield f"{term}: expected {' or '.join(wanted)}"
    text = re.sub(r"也(?:常)?译作[^，。；）]*", "", text)  # where a reader learns what others call it
    for term, (_, never) in terms().items():
        for word in never:
            if word in text:
                yield f"{word}: the glossary calls {term} {terms()[term][0][0]}"


LARGE = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3, "B": 1e9}
LARGE |= {"万亿": 1e12, "亿": 1e8, "百万": 1e6, "万": 1e4}
NUMBER = re.compile(rf"(\d+(?:,\d{{3}})*(?:\.\d+)?)(?: ?({'|'.join(LARGE)})(?![A-Za-z]))?")


def in_figures(text):
    """A text in which "405 billion" and "4,050 亿" are the same number."""
    return NUMBER.sub(lambda found: _figures(found) if found[2] else found[0], text)


def _figures(found):
    return f"{float(found[1].replace(',', '')) * LARGE[found[2]]:.0f}"


def numbers_lost(english, chinese):
    """Numbers in figures that stand in the English text and not in the Chinese one, in either way of counting."""
    said, own = (
        {_figures(found) if found[2] else found[1] for found in NUMBER.finditer(prose(text))}
        for text in (english, chinese)
    )
    for number in sorted(said - own):
        yield f"the number {number} is missing"


def breaches(chinese, english, authors=False):
    """All that is wrong with a Chinese text."""
    yield from english_left(chinese, authors)
    yield from punctuation(chinese)
    yield from emphasis(chinese)
    if not authors:
        yield from terminology(english, chinese)
    yield from numbers_lost(english, chinese)
