"""Make a sheet of each chapter, one page of A4 to print: what to remember, its formulas with every letter, its terms.

python .ci/sheets.py      writes build/sheets/en/04_mathematics.html and so on, in both languages

Nothing is written for the sheets alone. They are put together from the chapter (its title, what to remember), the glossary
(formulas with their letters, notation, six labels, terms) and the teacher's guide (misconceptions, picture). Like the
slides they load nothing: one file each, with formulas in MathML.
"""

import base64
import re
from html import escape
from pathlib import Path

import translation
from built import html_page, store
from execute_notebooks import read
from nbconvert.filters import markdown2html
from slides import formulas
from translation import EDITIONS

ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)
TERM = re.compile(r"^- (\*\*.+?)(?:[.。])? ?[(（](\[[^()（）]+\]\(.+\))[)）]$", re.MULTILINE)
FORMULA = re.compile(r"\$([^$]+)\$")
NO_SIGN = r"\\mathrm\{\w+\}|\\(?:bar|hat)\b|_\{(?:in|out|\\max|\\min)\}|(?<![A-Za-z\\])d(?=[A-Za-z])"
SIGN = re.compile(r"\\[A-Za-z]+|[A-Za-z]|'")
NO_LETTER = {r"\frac", r"\sum", r"\partial", r"\cdot", r"\sqrt", r"\leftarrow", r"\le", r"\max", r"\min", r"\rvert"}
MANY, LARGE, SMALL = 25, "10.5pt", "8pt"  # formulas and terms that fit on a page in large letters
WORDS = {
    "en": {"slips": "Often heard, and not true", "terms": "Terms", "to": "; ", "end": "."},
    "zh": {"slips": "常见的误解", "terms": "术语", "to": "；", "end": "。"},
}
STYLE = """\
@page { size: A4; margin: 11mm 13mm; }
html { color: #111; font: SIZE/1.33 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { max-width: 184mm; margin: 0 auto; }
h1, h2 { color: #00578a; line-height: 1.2; }
h1 { font-size: 1.7em; margin: 0 0 2mm; } h2 { font-size: 1.15em; margin: 2.4mm 0 1mm; clear: none; }
img { float: right; width: 62mm; max-height: 52mm; object-fit: contain; object-position: top; margin: 0 0 2mm 4mm; }
p, ul { margin: 0 0 1mm; } ul { padding-left: 4mm; }
table { border-collapse: collapse; width: 100%; clear: both; margin-bottom: 1.5mm; }
th { display: none; }
td { border-top: 0.2mm solid #ccc; padding: 0.25mm 3mm 0.25mm 0; vertical-align: baseline; }
td:nth-child(2) { white-space: nowrap; }
.terms ul { columns: 2; column-gap: 6mm; font-size: 0.93em; }
"""


def sheet(name, language):
    """The sheet of a chapter, as one HTML text. name: 04_mathematics."""
    folder, words = EDITIONS[language], WORDS[language]
    cells = {cell.id: cell.source for cell in read(folder / f"{name}.ipynb").cells}
    glossary = sections(folder / "glossary.md")
    guide, title = guided(folder, name), cells["header"].partition("\n")[0]
    rows = [row[:3] for row in table(glossary["formulas"]) if f"({name}.ipynb)" in row[3]]
    used = set().union(*(signs(formula) - signs(letters) for _, formula, letters in rows))
    explained = words["to"].join(
        f"{sign} {meaning}" for sign, meaning in table(glossary["notation"]) if lead(sign, used)
    )
    six_labels = glossary["notation"].rpartition("\n\n")[2]
    heading = glossary["formulas"].partition("\n")[0]
    lines = ["| | | |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    terms = [f"- {term}" for term, links in TERM.findall(glossary["terms"]) if f"({name}.ipynb)" in links]
    parts = [title, picture(guide, folder), cells["remember"], heading, "\n".join(lines)]
    parts += [explained and explained + words["end"], six_labels]
    parts += [f"## {words['slips']}", misconceptions(guide)]
    if terms:
        parts += [f"## {words['terms']}", '<div class="terms">', "\n".join(terms), "</div>"]
    size = LARGE if len(rows) + len(terms) <= MANY else SMALL
    return html_page(language, title.lstrip("# "), STYLE.replace("SIZE", size), html("\n\n".join(parts)))


def html(text):
    """Markdown as HTML that needs no network: formulas in MathML, no links, for a printed page has none."""
    made = markdown2html(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text))
    return formulas(re.sub(r'<a class="anchor-link".*?</a>', "", made))


def sections(path):
    """{id: text} of a Markdown page, without the comments that name the English section."""
    found = translation.sections(path.read_text(encoding="utf-8"))
    return {name: translation.COMMENT.sub("", text) for name, text in found}


def table(text):
    """The rows of the table in a section, without its heading, as lists of cells."""
    return [[cell.strip() for cell in row.split("|")] for row in ROW.findall(text)][1:]


def guided(folder, name):
    """What the teacher's guide says of a chapter."""
    texts = sections(folder / "teaching.md").values()
    return next(text for text in texts if text.partition("\n")[0].endswith(f"]({name}.ipynb)"))


def picture(guide, folder):
    """The chapter's picture with what it shows in words, as HTML that holds its data."""
    alt, file = re.search(r"^!\[(.+)\]\((.+\.webp)\)$", guide, re.MULTILINE).groups()
    data = base64.b64encode((folder / file).read_bytes()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/webp;base64,{data}">'


def misconceptions(guide):
    """Those of a chapter, as a list."""
    line = re.search(r"^\*\*(?:Misconceptions\.\*\* |误解\*\*：)(.+?)[.。]$", guide, re.MULTILINE)[1]
    return "\n".join(f"- {each}" for each in re.split("; |；", line))


def signs(text):
    """The letters and signs in the formulas of a text: $\\delta W^T$ has \\delta, W and T."""
    found = SIGN.findall(re.sub(NO_SIGN, " ", " ".join(FORMULA.findall(text))))
    return set(found) - NO_LETTER


def lead(cell, used):
    """Whether what a row of the notation explains is used: what stands before an equals sign."""
    return any(signs(f"${formula.partition('=')[0]}$") <= used for formula in FORMULA.findall(cell))


def write(folder="sheets"):
    """Write all sheets; returns their paths."""
    return [
        store(Path(folder, language, f"{path.stem}.html"), sheet(path.stem, language))
        for language, pages in EDITIONS.items()
        for path in sorted(pages.glob("*.ipynb"))
        if "remember" in {cell.id for cell in read(path).cells}  # a chapter
    ]


if __name__ == "__main__":
    write()
