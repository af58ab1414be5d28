"""How long a chapter takes, by one rule, and the places that say so. `make minutes` writes them, and what else the teacher's
guide can take from the chapters: the letters of the predictions, and what each lesson leaves out.

An estimate: what can be counted in the English chapter is counted, and RATES makes minutes of it. A test holds that the
Chinese chapter, whose characters are counted, takes as long. Alone is a range, from a reader who goes quickly to one who
goes slowly; in class the teacher tells what the page says, which is shorter, and predictions are voted on, which takes
longer. All is rounded to five minutes.

python .ci/minutes.py     write them into headers, README and teacher's guide, in both languages
"""

import importlib
import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, pairwise

import translation
from execute_notebooks import read, to_bytes

# Minutes for one of each: alone and quick, alone and slow, in class.
RATES = {
    "word": (1 / 180, 1 / 150, 1 / 260),
    "line of code": (1 / 14, 1 / 8, 1 / 20),
    "displayed formula": (1, 1.5, 1.5),
    "figure": (0.5, 1, 1),
    "prediction": (1, 2, 3),
    "lab": (4, 5, 4),
    "choice of a letter": (2.5, 3.5, 3),
    "exercise": (5.5, 7, 5),
}
CHARACTER = 0.6  # of a word: who reads 150 to 180 English words a minute reads 250 to 300 Chinese characters
NOT_WORDS = r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|\]\([^)]*\)|<[^>]+>"
HEADER = re.compile(r"\d+( to | 到 )\d+( minutes alone, | 分钟，课堂 )\d+")
PLANNED = re.compile(r"(?:(\d\.\d) of )?\[\w+\]\((\S+?\.ipynb)\)(?: 的 (\d\.\d))?")  # 4.1 of [4](04_mathematics.ipynb)
LESSON = re.compile(r"^### (?:Lesson|第) (\d)\b.+?(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (\d+)–(\d+) \| (.+?) \|(.*)\|$", re.MULTILINE)
CELLS = re.compile(r"`([a-z0-9-]+)`(?: (?:to|到) `([a-z0-9-]+)`)?")
LEFT_OUT = re.compile(r"^(\*\*(?:Left out\.\*\* |略去\*\*：))(.+)$", re.MULTILINE)
AFTER_CLASS = "reading", "next"
PREDICTIONS = re.compile(r"^(\*\*(?:Predictions\.\*\* |预测\*\*：)).+$", re.MULTILINE)
PLANS = "six-weeks", "two-days"
CHAPTERS = [name for name in translation.pages() if re.match(r"(?!00_)\d\d[a-z]?_", name)]


@dataclass(frozen=True)
class Section:
    """A part of a chapter: the id of the cell with its heading, what that says, and the minutes in class."""

    cell: str
    heading: str
    minutes: int


@dataclass(frozen=True)
class Chapter:
    """counted: how many of each of RATES. alone: (quick, slow) and in_class: minutes. sections: those of in_class."""

    counted: Counter
    alone: tuple
    in_class: int
    sections: tuple

    def part(self, number):
        """The minutes in class of a numbered part such as "4.1", up to the next one; what is before the first belongs to it.

        Without a number those of the whole chapter. Raises KeyError where no heading has that number.
        """
        numbers = [re.match(r"\d\.\d\b|", section.heading)[0] for section in self.sections]
        now, minutes = next(filter(None, numbers), None), Counter()
        for found, section in zip(numbers, self.sections, strict=True):
            now = found or now
            minutes[now] += section.minutes
        return self.in_class if number is None else dict(minutes)[number]


def chapter(notebook):
    """The `Chapter` of a notebook."""
    begun = [("", "", Counter())]
    for cell in notebook.cells:
        if found := heading(cell):
            begun.append((cell.id, found, Counter()))
        begun[-1][-1].update(count(cell))
    counted = sum((counts for *_, counts in begun), Counter())
    in_class = fives(estimate(counted)[2])
    return Chapter(counted, tuple(map(fives, estimate(counted)[:2])), in_class, tuple(_sections(begun, in_class)))


def count(cell):
    """How many of each of RATES there are in a cell."""
    source = cell.source
    if cell.cell_type == "markdown":
        prose = re.sub(NOT_WORDS, " ", source, flags=re.DOTALL)
        characters = len(re.findall(r"[\u4e00-\u9fff]", prose))
        words = len(re.findall(r"[A-Za-z][A-Za-z0-9_'’-]*", prose)) + round(CHARACTER * characters)
        return Counter({"word": words, "displayed formula": len(re.findall(r"\$\$.+?\$\$", source, re.DOTALL))})
    tasks = set(re.findall(r"(?<![\w.])(?:check|arrange)\(\s*\"([^\"]+)\"", source))
    if tasks:
        clicked = all(line.startswith("check(") for line in source.splitlines())
        return Counter({"choice of a letter" if clicked else "exercise": len(tasks)})
    lines = [line for line in source.splitlines() if line.strip() and not re.match(r"predict\(|import |from ", line)]
    shown = "" if cell.metadata.get("jupyter", {}).get("source_hidden") else lines
    lab = len(re.findall(r"^\w+ = \w+_(?:lab|map)\(", source, re.MULTILINE))
    figures = sum("<img" in output.get("data", {}).get("text/html", "") for output in cell.outputs)
    predictions = len(set(re.findall(r"(?<![\w.])predict\(\s*\"([^\"]+)\"", source)))
    return Counter({"line of code": len(shown), "lab": lab, "figure": 0 if lab else figures, "prediction": predictions})


def estimate(counted):
    """Minutes, not rounded: alone and quick, alone and slow, in class."""
    return [sum(number * RATES[kind][column] for kind, number in counted.items()) for column in range(3)]


def heading(cell):
    """The first heading of a text, but for the chapter's title; None where there is none."""
    text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL) if cell.cell_type == "markdown" else ""
    return next(iter(re.findall(r"^###? (.+)$", text, re.MULTILINE)), None)


def fives(minutes):
    return 5 * round(minutes / 5)


def _sections(begun, in_class):
    """Each heading's share, by rounding where it ends: 0 for what is too short, and its time goes to the next one.

    The text before the first heading goes to the first section, and the chapter's end to the last.
    """
    ends = [fives(end) for end in accumulate(estimate(counted)[2] for *_, counted in begun)]
    last = max(place for place, (*_, counted) in enumerate(begun) if set(+counted) - {"word"})
    ends = [0, *ends[1:last], in_class]
    for (start, end), (cell, text, _) in zip(pairwise(ends), begun[1:], strict=False):
        yield Section(cell, text, end - start)


# Where they are written


def write():
    """Write the minutes of all chapters into both editions; a Chinese text that was up to date stays so."""
    english = {name: read(translation.page_path(translation.ENGLISH, name)) for name in CHAPTERS}
    chapters = {f"{name}.ipynb": chapter(notebook) for name, notebook in english.items()}
    translated = [name for name in CHAPTERS if translation.page_path(translation.CHINESE, name).exists()]
    pages = [*translated, "teaching.md", translation.README]
    current = {name: [pair.id for pair in translation.pairs(name) if pair.state == "up to date"] for name in pages}
    for name in translated:  # cells that are new in English, which the guide is going to name
        translation.write(name, {}, {})
    for folder, names in ((translation.ENGLISH, CHAPTERS), (translation.CHINESE, translated)):
        titles = {}
        for name in names:
            path, now = translation.page_path(folder, name), chapters[f"{name}.ipynb"]
            notebook = read(path)
            notebook.cells[0].source = in_header(notebook.cells[0].source, now)
            path.write_bytes(to_bytes(notebook))
            titles[f"{name}.ipynb"] = {cell.id: heading(cell) for cell in notebook.cells}
        for name, changed in (("teaching.md", in_guide), (translation.README, in_readme)):
            path = translation.page_path(folder, name)
            path.write_text(changed(path.read_text(encoding="utf-8"), chapters, titles), encoding="utf-8")
    for name in pages:
        digests = {pair.id: translation.digest(pair.english) for pair in translation.pairs(name)}
        translation.write(name, {}, {cell: digests[cell] for cell in current[name]})


def in_header(text, now):
    """The text of a chapter's header with its minutes. Raises ValueError where it has none to replace."""
    (quick, slow), found = now.alone, HEADER.search(text)
    if not found:
        raise ValueError(f"expected '60 to 80 minutes alone, 60 in class' in the header, got {text.splitlines()[-1]!r}")
    return text.replace(found[0], f"{quick}{found[1]}{slow}{found[2]}{now.in_class}")


def in_readme(text, chapters, _):
    """The README with the last two columns of its chapters."""
    for file, now in chapters.items():
        own = f"{now.alone[0]}–{now.alone[1]} | {now.in_class} |"
        text = re.sub(rf"^(\| \[[^|]+/{file}\) \|.+\|) [^|]+ \| [^|]+ \|$", rf"\1 {own}", text, flags=re.MULTILINE)
    return text


def in_guide(text, chapters, titles):
    """The teacher's guide with its plans, its table, each chapter's minutes and predictions, and what lessons leave out."""
    for name, old in translation.sections(text):
        new = old
        if name in PLANS:
            new = re.sub(
                r"((?:^|\| )[^|\n]*?\.ipynb[^|\n]*?)(：| \| |: )\d+",
                lambda row: f"{row[1]}{row[2]}{planned(row[1], chapters)}",
                old,
                flags=re.MULTILINE,
            )
        if LESSON.match(old):
            cells = titles[re.search(r"\]\((\S+?\.ipynb)\)", old)[1]]
            new = LEFT_OUT.sub(lambda line, old=old, cells=cells: line[1] + left_out(old, cells, line[1]), old)
        for file, now in chapters.items():
            counts = " | ".join(f"{now.counted[kind]:,}" for kind in RATES)
            row = f"| {counts} | {now.alone[0]}–{now.alone[1]} | {now.in_class} |"
            new = re.sub(rf"^(\| \[\w+\]\({file}\)) \|.+\|( \d+ \|)$", rf"\1 {row}\2", new, flags=re.MULTILINE)
            if f"]({file})\n" in new.partition("\n")[0] + "\n":
                blocks = [f"{titles[file][each.cell]} {each.minutes}" for each in now.sections if each.minutes]
                own = " · ".join(blocks).replace("？ ", "？")
                new = re.sub(
                    r"^(\*\*(?:Minutes\.\*\* |时间\*\*：)).+$", lambda line, own=own: line[1] + own, new, flags=re.M
                )
                new = PREDICTIONS.sub(lambda line, file=file: line[1] + predictions_of(file), new)
        text = text.replace(old, new)
    return text


def cells_named(text, ids):
    """The ids of a chapter's cells that a text names, each or from the first to the last. Raises ValueError for another one."""
    found = []
    for first, last in CELLS.findall(text):
        if unknown := {first, last or first} - set(ids):
            raise ValueError(f"teaching.md: expected ids of the chapter's cells, got {', '.join(sorted(unknown))}")
        found += ids[ids.index(first) : ids.index(last or first) + 1]
    return found


def left_out(lesson, cells, label):
    """What a lesson's rows do not name of a chapter's cells, {id: heading or None}: from the first to the last, by section."""
    named = {name for *_, names in ROW.findall(lesson) for name in cells_named(names, list(cells))} | {*AFTER_CLASS}
    runs = [[]]
    for name, begins in cells.items():
        if (begins or name in named) and runs[-1]:
            runs.append([])
        if name not in named:
            runs[-1].append(name)
    runs = [run for run in runs if run]
    comma, to, stop = (", ", "to", ".") if label.startswith("**Left") else ("，", "到", "。")
    return comma.join(" ".join([f"`{run[0]}`", *[f"{to} `{run[-1]}`"] * (len(run) > 1)]) for run in runs) + stop


def predictions_of(file):
    """A chapter's predictions with the right letter of each."""
    chapter = importlib.import_module(f"course_lib.exercises.chapter{file.split('_')[0]}").chapter
    return " · ".join(f"`{name}` {prediction.right}" for name, prediction in chapter.predictions.items())


def planned(row, chapters):
    """The minutes in class of what a plan's cell names; of chapters with "or" between them, the longest."""
    total = 0
    for item in re.split(", |、", row):
        parts = [(found[2], found[1] or found[3]) for found in PLANNED.finditer(item)]
        total += max(chapters[file].part(number) for file, number in parts)
    return total


if __name__ == "__main__":
    files = [*(translation.page_path(folder, translation.README) for folder in translation.EDITIONS.values())]
    before = [path.read_bytes() for path in files]
    write()
    if [path.read_bytes() for path in files] == before:
        print("Minutes are as they were.")
    else:
        print(
            "Minutes are written: `make notebooks NOTEBOOKS='notebooks/*/00_start_here.ipynb'` shows them on the start page."
        )
