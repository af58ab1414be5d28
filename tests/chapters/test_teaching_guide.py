"""The teacher's guide and the glossary say what the chapters and the library say: names, letters, minutes, cells, links."""

import importlib
import re
from pathlib import Path

import chapter_files
import nbformat
import notebook_form as form
import pytest
from chapter_files import FOLDER, number_of

CHAPTERS = {path.name: nbformat.read(path, as_version=4) for path in chapter_files.CHAPTERS}
GUIDE, GLOSSARY = ((FOLDER / name).read_text(encoding="utf-8") for name in ("teaching.md", "glossary.md"))
SECTION = re.compile(r"^### (\w+)\. \[.+?\]\((\S+?)\)\n(.+?)(?=^##)", re.MULTILINE | re.DOTALL)
GUIDED = {file: text for _, file, text in SECTION.findall(GUIDE)}
PARTS = ("Aim", "Board", "Minutes", "Predictions", "Misconceptions", "Exercises", "Skip", "Next time, from memory")
TERM = re.compile(r"^- \*\*(.+?)\*\*: (.+?) \((.+)\)$")
CELL = re.compile(r"\]\((\S+?\.ipynb)\) `([a-z0-9-]+)`")
ALOUD, PREDICTION, LAB, EXERCISE = 130, 1.5, 3, 5  # words a minute; minutes each


def guided(file):
    """What the guide says of a chapter."""
    assert file in GUIDED, f"teaching.md: expected a section with the heading ### NUMBER. [TITLE]({file}), found none"
    return GUIDED[file]


def part(file, name):
    """What stands behind **name.** in the guide to one chapter."""
    found = re.search(rf"^\*\*{name}\.\*\*(.+?)(?=^\*\*|\Z)", guided(file), re.MULTILINE | re.DOTALL)
    assert found, f"teaching.md: expected **{name}.** in the section on {file}, found none"
    return found[1]


def table(text, heading):
    """The rows of the table below a heading, as lists of cells."""
    section = re.search(rf"^## {heading}\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def headings(notebook):
    text = "\n".join(re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL) for cell in form.markdown_cells(notebook))
    return re.findall(r"^###? (.+)$", text, re.MULTILINE)


def exercises_of(file):
    return importlib.import_module(f"course_lib.exercises.chapter{file.split('_')[0]}").chapter


# The guide


def test_the_guide_has_every_chapter_in_order():
    assert list(GUIDED) == list(CHAPTERS)


@pytest.mark.parametrize("file", CHAPTERS)
def test_each_part_says_something(file):
    for name in PARTS:
        assert len(part(file, name).split()) >= 3, name


@pytest.mark.parametrize("file", CHAPTERS)
def test_a_picture_of_a_lab_says_in_words_what_it_shows(file):
    [(words, picture)] = re.findall(r"^!\[(.+)\]\((.+)\)$", guided(file), re.MULTILINE)
    assert picture == f"pictures/{Path(file).stem}.webp" and len(words.split()) >= 12


@pytest.mark.parametrize("file", CHAPTERS)
def test_predictions_have_the_letters_of_the_library(file):
    named = dict(re.findall(r"`([a-z0-9-]+)` ([a-h])\b", part(file, "Predictions")))
    assert named == {name: prediction.right for name, prediction in exercises_of(file).predictions.items()}


@pytest.mark.parametrize("file", CHAPTERS)
def test_every_prediction_and_exercise_is_in_the_notebook(file):
    source = "\n".join(cell.source for cell in form.code_cells(CHAPTERS[file]))
    asked = dict.fromkeys(name.strip("\"'") for name in form.PREDICT.findall(source))
    set_as_task = {name.strip("\"'") for name in form.CHECK.findall(source)}
    set_as_task |= set(re.findall(r"arrange\(\"([a-z-]+)\"\)", source))
    assert set(asked) == set(exercises_of(file).predictions)
    assert set_as_task == set(exercises_of(file).exercises)


@pytest.mark.parametrize("file", CHAPTERS)
def test_every_exercise_has_its_usual_wrong_answer(file):
    lines = re.findall(r"^- `([a-z0-9-]+)`: (.+)$", part(file, "Exercises"), re.MULTILINE)
    assert sorted(name for name, _ in lines) == sorted(exercises_of(file).exercises)


@pytest.mark.parametrize("file", CHAPTERS)
def test_minutes_add_up_to_those_of_the_header_and_name_its_sections(file):
    blocks = [block.strip().rsplit(" ", 1) for block in part(file, "Minutes").split("·")]
    teaching, exercises = re.search(
        r"(\d+) minutes of teaching, (\d+) minutes of exercises", CHAPTERS[file].cells[0].source
    ).groups()
    assert sum(int(minutes) for _, minutes in blocks) == int(teaching) + int(exercises)
    places = [headings(CHAPTERS[file]).index(name) for name, _ in blocks]
    assert places == sorted(places)


def counted(file):
    """What the guide's table counts of a chapter: words, predictions, labs, exercises, minutes by the rule, in the header."""
    words, (predictions, labs, exercises) = prose_words(CHAPTERS[file]), counts(file)
    minutes = words / ALOUD + predictions * PREDICTION + labs * LAB + exercises * EXERCISE
    header = re.search(
        r"(\d+) minutes of teaching, (\d+) minutes of exercises", CHAPTERS[file].cells[0].source
    ).groups()
    return words, predictions, labs, exercises, minutes, sum(map(int, header))


def prose_words(notebook):
    """The number of words that a reader reads: no code, no formulas, no addresses."""
    text = "\n\n".join(cell.source for cell in form.markdown_cells(notebook))
    for not_prose in (r"```.*?```", r"\$\$.*?\$\$", r"\$[^$\n]+\$", r"`[^`\n]+`", r"\]\([^)]*\)", r"<[^>]+>"):
        text = re.sub(not_prose, " ", text, flags=re.DOTALL)
    return len(re.findall(r"[A-Za-z][\w'’-]*", text))


def counts(file):
    """Predictions, labs and exercises of a chapter."""
    chapter = exercises_of(file)
    labs = sum(1 for cell in form.code_cells(CHAPTERS[file]) if re.search(r"^\w+ = \w+_(lab|map)\(", cell.source, re.M))
    return len(chapter.predictions), labs, len(chapter.exercises)


def test_the_table_of_minutes_counts_what_is_in_the_chapters():
    """Words to 5 %, and what the rule makes of them to 2 minutes, so that not every new sentence calls for a new table."""
    rows = table(GUIDE, "How the minutes were found")
    assert [row[0] for row in rows] == [f"[{number_of(Path(file))}]({file})" for file in CHAPTERS]
    for file, (name, words, *things, minutes, header, _) in zip(CHAPTERS, rows, strict=True):
        now = counted(file)
        assert int(words.replace(",", "")) == pytest.approx(now[0], rel=0.05), f"words of {name}"
        assert tuple(map(int, things)) == now[1:4], f"predictions, labs, exercises of {name}"
        assert int(minutes) == pytest.approx(now[4], abs=2) and int(header) == now[5], f"minutes of {name}"
    for name, number in {"words": ALOUD, "a prediction": PREDICTION, "a lab": LAB, "an exercise": EXERCISE}.items():
        assert re.search(rf"\b{number} (minutes )?(for )?{name}", GUIDE), f"{number} {name}"


# Both


@pytest.mark.parametrize("text", [GUIDE, GLOSSARY], ids=["teaching", "glossary"])
def test_links_lead_to_files_and_headings(text):
    anchors = {re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in re.findall(r"^#+ (.+)$", text, re.M)}
    links = re.findall(r"\]\((\S+?)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    assert links
    for link in links:
        assert link[1:] in anchors if link.startswith("#") else (FOLDER / link).is_file(), link


# The glossary


def plain(text):
    """The words alone, in lower case: names such as receptive-field count as words, too."""
    return " ".join(re.sub(r"[-_\s]+", " ", text).split()).casefold()


TERMS = [TERM.fullmatch(line) for line in GLOSSARY.splitlines() if line.startswith("- ")]


def test_terms_are_in_order_one_line_each():
    assert None not in TERMS
    names = [term[1].casefold() for term in TERMS]
    assert names == sorted(names) and len(set(names)) == len(names)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term[1])
def test_a_term_occurs_in_its_chapters(term):
    files = re.findall(r"\]\((\S+?)\)", term[3])
    assert files
    for file in files:
        text = "\n".join(cell.source for cell in CHAPTERS[file].cells)
        for name in term[1].split(", "):
            assert plain(name) in plain(text), f"{name} in {file}"


def test_all_twelve_misconceptions_are_refuted():
    rows = table(GLOSSARY, "Twelve misconceptions")
    assert [number for number, *_ in rows] == [str(number) for number in range(1, 13)]
    assert all(CELL.findall(cells) for *_, cells in rows)


def test_every_formula_names_a_cell():
    rows = table(GLOSSARY, "Formulas")
    assert rows and all(CELL.findall(cells) for *_, cells in rows)


@pytest.mark.parametrize(("file", "cell_id"), sorted(set(CELL.findall(GLOSSARY))))
def test_a_named_cell_shows_a_result(file, cell_id):
    [cell] = [cell for cell in CHAPTERS[file].cells if cell.id == cell_id]
    assert cell.cell_type == "code" and cell.outputs
