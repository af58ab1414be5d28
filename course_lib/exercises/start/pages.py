"""The chapters of the course as a reader meets them: their notebooks, and how far the reader has come in each."""

import html
import importlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

from ...answers.format import is_right, time_of

CHAPTERS = __package__.rpartition(".")[0]  # the package of the chapters' exercises
CHAPTER_FILE = re.compile(r"(\d\d[a-z]?)_\w+\.ipynb")  # those with exercises are chapters; the start page has none
MINUTES = re.compile(r"(\d+) to (\d+) minutes alone|自学 (\d+) 到 (\d+) 分钟")  # `make minutes` writes them
QUESTION = re.compile(r"^\d+\. +(.+)$", re.MULTILINE)
LINK = "color: var(--jp-content-link-color, #0072B2)"


@dataclass(frozen=True)
class Question:
    """A question of a chapter's retrieval cell. key: its key in the answers file."""

    key: str
    text: str
    answer: str


@dataclass(frozen=True)
class Page:
    """A chapter's notebook: its file name, number ("1", "6a"), title without the number, questions,
    and the minutes it takes alone, (quick, slow), or () where its header does not say.
    """

    file: str
    number: str
    title: str
    minutes: tuple
    questions: tuple

    @property
    def name(self):
        """The title up to its colon."""
        return re.split("[:：]", self.title, maxsplit=1)[0]

    @property
    def subject(self):
        """The title behind its colon, or ""."""
        return self.title[len(self.name) + 1 :].strip()

    @property
    def exercises(self):
        """The chapter's exercises and predictions, a `Chapter`."""
        return importlib.import_module(f"{CHAPTERS}.chapter{self.file[:3].rstrip('_')}").chapter


def pages(folder):
    """The pages of all chapters in a folder, in the order of the course.

    The notebooks are the reader's own: one whose cells were deleted or that cannot be read is listed all the same.
    """
    found = {}
    for path in sorted(Path(folder).iterdir()):
        name = CHAPTER_FILE.fullmatch(path.name)
        if name and name[1] not in found and importlib.util.find_spec(f"{CHAPTERS}.chapter{name[1]}"):
            found[name[1]] = _page(path, name[1].removeprefix("0"))
    return list(found.values())


def link(page):
    """The link to a chapter, as HTML."""
    name = f"{page.number}. {page.name}"
    return f'<a href="{html.escape(page.file)}" style="{LINK}">{html.escape(name)}</a>'


def _page(path, number):
    texts = _texts(path)
    first = texts.get("header", "").partition("\n")[0]
    title = re.sub(rf"^#\s*{number}\.?\s*", "", first) or path.stem.partition("_")[2].capitalize()
    minutes = MINUTES.search(texts.get("header", ""))
    return Page(
        path.name,
        number,
        title,
        tuple(int(each) for each in minutes.groups() if each) if minutes else (),
        tuple(_questions(number, texts.get("retrieval", ""))),
    )


def _texts(path):
    """{id: text} of a notebook's Markdown cells; none where it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _questions(number, text):
    """The questions of a retrieval cell with their answers, which stand below them in the same order."""
    asked, _, answered = text.partition("<details>")
    for place, pair in enumerate(zip(QUESTION.findall(asked), QUESTION.findall(answered), strict=False), 1):
        yield Question(f"{number}/questions/{place}", *pair)


@dataclass(frozen=True)
class Standing:
    """What a reader has done in a chapter."""

    right: int
    exercises: int
    made: int
    predictions: int
    left: int  # exercises that are not right and can be judged on this computer
    last: object  # the time of the last work on it, or None

    @property
    def finished(self):
        return (self.left, self.made) == (0, self.predictions)


def standing(page, items):
    """The `Standing` in the chapter of a page, by the items of an answers file."""
    chapter = page.exercises
    exercises, predictions = (
        [(each, items.get(key, {})) for key, each in chapter.keyed(kind)] for kind in ("exercises", "predictions")
    )
    tried = [record for _, record in (*exercises, *predictions) if record]
    needs = [exercise.needs for exercise, record in exercises if not is_right(record)]
    return Standing(
        len(exercises) - len(needs),
        len(exercises),
        sum(record.get("choice", "") != "" for _, record in predictions),
        len(predictions),
        sum(not package or importlib.util.find_spec(package) is not None for package in needs),
        max(map(time_of, tried), default=None),
    )
