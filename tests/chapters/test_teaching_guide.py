"""The teacher's guide and the glossary say what the chapters and the library say: names, letters, minutes, cells, links."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import chapter_files
import minutes
import nbformat
import notebook_form as form
import pytest
import translation
from chapter_files import FOLDER, number_of, read
from nbformat.v4 import new_markdown_cell

ROOT = FOLDER.parents[1]
CHAPTERS = {path.name: read(path) for path in chapter_files.CHAPTERS}
GUIDE, GLOSSARY = ((FOLDER / name).read_text(encoding="utf-8") for name in ("teaching.md", "glossary.md"))
SECTION = re.compile(r"^### (\w+)\. \[.+?\]\((\S+?)\)\n(.+?)(?=^##)", re.MULTILINE | re.DOTALL)
GUIDED = {file: text for _, file, text in SECTION.findall(GUIDE)}
PARTS = ("Aim", "Board", "Minutes", "Predictions", "Misconceptions", "Exercises", "Skip", "Next time, from memory")
TERM = re.compile(r"^- \*\*(.+?)\*\*: (.+?) \((.+)\)$")
CELL = re.compile(r"\]\((\S+?\.ipynb)\) `([a-z0-9-]+)`")


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
    right = {name: prediction.right for name, prediction in exercises_of(file).predictions.items()}
    assert named == right, "`make minutes` writes them"


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
    named = set(re.findall(r"^- `([a-z0-9-]+)`: .+$", part(file, "Exercises"), re.MULTILINE))
    asked = set(exercises_of(file).exercises)
    assert not asked - named, (
        f"teaching.md, {file}, Exercises: expected a line - `name`: its usual wrong answer, for these"
    )
    assert not named - asked, f"teaching.md, {file}, Exercises: the chapter has no such exercise"


# Its minutes, and those of headers and README


def blocks(file):
    """{heading: minutes} of a chapter's sections in the guide."""
    pairs = (block.strip().rsplit(" ", 1) for block in part(file, "Minutes").split("·"))
    return {heading: int(number) for heading, number in pairs}


def stated(file):
    """The minutes in a chapter's header: alone, quickly and slowly, and in class."""
    found = re.search(r"(\d+) to (\d+) minutes alone, (\d+) in class", CHAPTERS[file].cells[0].source)
    return tuple(map(int, found.groups()))


@pytest.mark.parametrize("file", CHAPTERS)
def test_the_header_says_what_the_rule_makes_of_the_chapter(file):
    """To within five minutes, so that not every new sentence calls for new numbers."""
    assert all(number % 5 == 0 for number in stated(file))
    for language in (translation.ENGLISH, translation.CHINESE):
        now = minutes.estimate(minutes.chapter(read(language / file)).counted)
        assert stated(file) == pytest.approx(now, abs=5), f"{language.name}: `make minutes` writes them"


@pytest.mark.parametrize("file", CHAPTERS)
def test_sections_add_up_to_the_time_in_class(file):
    assert sum(blocks(file).values()) == stated(file)[2]
    places = [headings(CHAPTERS[file]).index(name) for name in blocks(file)]
    assert places == sorted(places)


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_readme_guide_and_header_say_the_same(edition):
    folder = FOLDER.parent / edition
    readme = (FOLDER.parents[1] / {"en": "README.md", "zh": "README.zh.md"}[edition]).read_text(encoding="utf-8")
    guide = (folder / "teaching.md").read_text(encoding="utf-8")
    for file in CHAPTERS:
        own = read(folder / file).cells[0].source
        numbers = minutes.HEADER.search(own)[0]
        assert tuple(map(int, re.findall(r"\d+", numbers))) == stated(file), file
        quick, slow, in_class = stated(file)
        for text, place in ((readme, rf"\[[^|]+/{file}\)"), (guide, rf"\[{number_of(Path(file))}\]\({file}\)")):
            assert re.search(rf"^\| {place} \|.*\| {quick}–{slow} \| {in_class} \|", text, re.MULTILINE), (
                f"{file}: {place}"
            )


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_the_plans_add_up(edition):
    """Each row of the weeks and each half of the days has the minutes of the sections below that it names."""
    text, planned = (FOLDER.parent / edition / "teaching.md").read_text(encoding="utf-8"), 0
    own = dict(translation.sections(text))
    for name in minutes.PLANS:
        for row in own[name].splitlines():
            for named, number in re.findall(r"\| ([^|]*?\.ipynb[^|]*?)(?:：| \| |: )(\d+)", row):
                assert int(number) == time_of(named), row
                planned += 1
    assert planned == 6 + 4


def time_of(named):
    """The minutes of the chapters and parts that a plan names; of those with "or" between them, the longest one's."""
    total = 0
    for item in re.split(", |、", named):
        parts = re.findall(r"(?:(\d\.\d) of )?\[\w+\]\((\S+?)\)(?: 的 (\d\.\d))?", item)
        total += max(minutes_of(file, before or behind) for before, file, behind in parts)
    return total


def minutes_of(file, number):
    """All minutes of a chapter in the guide, or those from the heading with a number such as 4.1 to the next such one."""
    numbers = [re.match(r"\d\.\d\b|", heading)[0] for heading in blocks(file)]
    total, now = 0, next(filter(None, numbers), "")
    for found, each in zip(numbers, blocks(file).values(), strict=True):
        now = found or now
        total += each * (number in ("", now))
    assert total, f"{file} has no part {number}"
    return total


def test_the_table_of_minutes_counts_what_is_in_the_chapters():
    """Predictions, labs and exercises to the last, the rest to a tenth, so that not every sentence calls for a new table."""
    rows = table(GUIDE, "How the minutes were found")
    assert [row[0] for row in rows] == [f"[{number_of(Path(file))}]({file})" for file in CHAPTERS]
    for file, (name, *cells, _, _, _) in zip(CHAPTERS, rows, strict=True):
        now = minutes.chapter(CHAPTERS[file]).counted
        for kind, cell in zip(minutes.RATES, cells, strict=True):
            exact = kind in ("prediction", "lab", "choice of a letter", "exercise")
            off = 0 if exact else max(1, now[kind] / 10)
            assert int(cell.replace(",", "")) == pytest.approx(now[kind], abs=off), (
                f"{name}: {kind}: `make minutes` writes it"
            )


def test_what_is_counted_are_the_chapters_exercises():
    for file in CHAPTERS:
        now, chapter = minutes.chapter(CHAPTERS[file]).counted, exercises_of(file)
        assert now["prediction"] == len(chapter.predictions)
        assert now["exercise"] + now["choice of a letter"] == len(chapter.exercises)


def test_the_guide_states_the_rates():
    said = re.search(r"^The minutes are an estimate.+$", GUIDE, re.MULTILINE)[0]
    quick, slow, in_class = (
        [1 / rate[column] if rate[column] < 0.5 else rate[column] for rate in minutes.RATES.values()]
        for column in range(3)
    )  # words and lines as so many a minute
    alone = re.findall(r"([\d.]+) to ([\d.]+)", said.partition("*In class*")[0])
    assert [float(each) for _, each in alone[:2]] + [float(each) for each, _ in alone[2:]] == pytest.approx(quick)
    assert [float(each) for each, _ in alone[:2]] + [float(each) for _, each in alone[2:]] == pytest.approx(slow)
    told = re.findall(r"[\d.]*\d", said.partition("*In class*")[2])
    assert list(map(float, told)) == pytest.approx(in_class)


# Its lessons by the clock

FULL_VOTE = 3  # minutes more than the prediction that `minutes.RATES` knows


def lessons(edition):
    """[(number, chapter's file, text)] of a guide's lessons."""
    text = (FOLDER.parent / edition / "teaching.md").read_text(encoding="utf-8")
    return [
        (found[1], re.search(r"\]\((\S+?\.ipynb)\)", found[0])[1], found[0]) for found in minutes.LESSON.finditer(text)
    ]


def cells_named(file, text):
    """The ids of a chapter's cells that a text names, each or from the first to the last."""
    return minutes.cells_named(text, [cell.id for cell in CHAPTERS[file].cells])


def test_there_is_a_lesson_for_each_of_the_first_five_chapters():
    numbered = [(number, number_of(Path(file)).lstrip("0")) for number, file, _ in lessons("en")]
    assert numbered == [(number, number) for number in "12345"]


@pytest.mark.parametrize(("number", "file", "text"), lessons("en"), ids=lambda value: value[:2])
def test_a_lesson_has_ninety_minutes_and_room_for_its_cells(number, file, text):
    """Its rows follow on each other, name the whole chapter but for what they leave out, and last as long as the rule says."""
    rows = minutes.ROW.findall(text)
    assert [end for _, end, *_ in rows[:-1]] == [begin for begin, *_ in rows[1:]]
    assert (rows[0][0], rows[-1][1]) == ("0", "90")
    by_id, taken = {cell.id: cell for cell in CHAPTERS[file].cells}, []
    for begin, end, said, named in rows:
        cells = cells_named(file, named)
        needed = sum(minutes.estimate(minutes.count(by_id[name]))[2] for name in cells)
        assert needed + FULL_VOTE * ("**Vote**" in said) <= int(end) - int(begin) + 0.1, f"{begin}–{end}: {needed:.1f}"
        taken += cells
    left = cells_named(file, minutes.LEFT_OUT.search(text)[2])
    in_class = [name for name in by_id if name not in minutes.AFTER_CLASS and name not in left]
    assert in_class == taken, "a row names each cell, or none does: then `make minutes` writes it into Left out"


@pytest.mark.parametrize(("number", "file", "text"), lessons("en"), ids=lambda value: value[:2])
def test_a_lesson_asks_the_predictions_of_its_cells_and_knows_the_wrong_letters(number, file, text):
    predictions = exercises_of(file).predictions
    source = {cell.id: cell.source for cell in CHAPTERS[file].cells}
    for _, _, said, named in minutes.ROW.findall(text):
        cells = cells_named(file, named)
        asked = {name for cell in cells for name in form.PREDICT.findall(source[cell])}
        assert {name.strip("\"'") for name in asked} == set(re.findall("`(.+?)`", said)) & set(predictions)
    replied = re.findall(r"^- `([a-z-]+)`: (.+)$", text, re.MULTILINE)
    voted = [
        name
        for name in re.findall("`(.+?)`", "".join(said for _, _, said, _ in minutes.ROW.findall(text)))
        if name in predictions
    ]
    assert sorted(name for name, _ in replied) == sorted(voted)
    for name, words in replied:
        letters = set("".join(re.findall(r"(?:^|(?<=\s))([a-d](?:, [a-d])*):", words))) - set(", ")
        assert letters and letters <= set(predictions[name].options) - {predictions[name].right}, name


def test_both_editions_have_the_same_lessons():
    for english, chinese in zip(lessons("en"), lessons("zh"), strict=True):
        assert english[:2] == chinese[:2]
        for first, second in zip(minutes.ROW.findall(english[2]), minutes.ROW.findall(chinese[2]), strict=True):
            assert first[:2] == second[:2]
            assert re.findall("`.+?`", first[2] + first[3]) == re.findall("`.+?`", second[2] + second[3])
            assert ("**Vote**" in first[2]) == ("**表决**" in second[2])
        named = [cells_named(file, minutes.LEFT_OUT.search(text)[2]) for _, file, text in (english, chinese)]
        assert named[0] == named[1], "`make minutes` writes them"


def test_a_cell_that_is_new_in_english_is_named_in_both_guides_at_once(tmp_path):
    for name in ("notebooks", ".ci"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("README.md", "README.zh.md"):
        shutil.copy(ROOT / name, tmp_path)
    path = tmp_path / "notebooks" / "en" / "05_practice.ipynb"
    notebook = read(path)
    last = [cell.id for cell in notebook.cells].index(minutes.AFTER_CLASS[0])
    notebook.cells.insert(last, new_markdown_cell("One more.", id="one-more"))
    nbformat.write(notebook, path)
    subprocess.run([sys.executable, ".ci/minutes.py"], cwd=tmp_path, check=True, capture_output=True)
    guides = [(tmp_path / "notebooks" / language / "teaching.md").read_text("utf-8") for language in ("en", "zh")]
    assert ["`one-more`" in guide for guide in guides] == [True, True]


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
