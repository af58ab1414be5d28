"""The Chinese pages that exist: the same cells as in English, each read since the English one changed, and written as agreed.

`python .ci/translation.py` shows what is to be done. The rules of the text are in `.ci/chinese.py`.
"""

import html
import re
from collections import Counter
from functools import cache

import chinese
import nbformat
import pytest
import translation
from catalogue import PACKAGE
from chapter_files import read
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from translation import CHINESE, ENGLISH, LANGUAGE, digest, literals, masked, page_path

from course_lib.exercises.start.pages import pages as start_pages

PAGES = translation.pages(CHINESE)
NOTEBOOKS = [name for name in PAGES if not name.endswith(".md")]
PROGRAM = re.compile(r"^import numpy.*?^    return loss$", re.MULTILINE | re.DOTALL)  # that a cell prints
NUMPY = re.compile(r"matmul: Input operand .*? \(size \d+ is different from \d+\)")  # an error in its own words
LIBRARY = {line.strip() for path in PACKAGE.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()}


pairs = cache(translation.pairs)


def notebooks(name):
    return [read(page_path(folder, name)) for folder in (ENGLISH, CHINESE)]


def code_pairs(name):
    return [pair for pair in pairs(name) if pair.kind == "code"]


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_is_translated_and_has_been_read_since_the_english_one_changed(name):
    waiting = [f"{pair.id}: {pair.state}" for pair in pairs(name) if pair.state != "up to date"]
    assert not waiting, f"{name}: python .ci/translation.py {name} shows both texts\n" + "\n".join(waiting)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_cells_are_the_same_in_the_same_order(name):
    english, own = ([(cell.id, cell.cell_type) for cell in notebook.cells] for notebook in notebooks(name))
    assert own == english


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_metadata_is_the_same(name):
    english, own = notebooks(name)
    without_key = [{k: v for k, v in cell.metadata.items() if k != translation.KEY} for cell in own.cells]
    assert without_key == [cell.metadata for cell in english.cells]
    assert own.metadata == english.metadata


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_the_same_but_for_strings_and_comments(name):
    breaches = code_breaches(code_pairs(name))
    assert not breaches, "\n".join(breaches)
    first = next(cell for cell in notebooks(name)[1].cells if cell.cell_type == "code")
    assert first.source.startswith(LANGUAGE), f"cell {first.id}: expected {LANGUAGE!r} first"


def code_breaches(found):
    """A sentence for each code cell whose code differs, and for each string that differs without being Chinese."""
    breaches = []
    for pair in found:
        if masked(pair.chinese) != masked(pair.english):
            breaches.append(f"cell {pair.id}: the code differs from the English cell's")
        english = set(literals(pair.english)[0])
        for text in set(literals(pair.chinese)[0]) - english:
            if re.search("[A-Za-z]{2}", text) and not re.search(f"[{chinese.HAN}]", text):
                breaches.append(f"cell {pair.id}: expected the English string or a Chinese one, got {text!r}")
    return breaches


@pytest.mark.parametrize("name", PAGES)
def test_text_keeps_the_rules(name):
    breaches = text_breaches(name, pairs(name))
    assert not breaches, "\n".join(breaches)


def text_breaches(name, found):
    breaches = []
    for pair in found:
        if pair.kind == "code":
            strings, comments = literals(pair.chinese)
            spoken = [text for text in strings if re.search(f"[{chinese.HAN}]", text)]
            wrong = [*map(chinese.punctuation, spoken), *map(chinese.english_left, [*spoken, *comments])]
            wrong = [sentence for each in wrong for sentence in each]
        else:
            wrong = list(chinese.breaches(pair.chinese, pair.english, authors=pair.id == "reading"))
        breaches += [f"{name}, {pair.id}: {sentence}" for sentence in wrong]
    return breaches


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_those_of_the_english_cell(name):
    for pair in pairs(name):
        if pair.kind == "markdown":
            english, own = ([mark for mark, _ in headings(text)] for text in (pair.english, pair.chinese))
            assert own == english, f"cell {pair.id}"


def headings(text):
    return re.findall(r"^(#+) (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)


def cell_of(notebook, fragment):
    """The id of the cell to which JupyterLab jumps: that of a heading's text, or the one that is named."""
    if fragment.startswith("cell-id="):
        return next((cell.id for cell in notebook.cells if cell.id == fragment.removeprefix("cell-id=")), None)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and fragment in [text.replace(" ", "-") for _, text in headings(cell.source)]:
            return cell.id
    return None


def texts_of(page):
    return [cell.source for cell in read(page).cells if cell.cell_type == "markdown"]


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("name", translation.pages(ENGLISH))
def test_english_links_lead_to_a_file_and_a_place(name):
    page = page_path(ENGLISH, name)
    for text in [page.read_text(encoding="utf-8")] if name.endswith(".md") else texts_of(page):
        for link in links(text):
            target(link, name, ENGLISH)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_where_the_english_ones_do(name):
    """To the same files of this edition; a place in a notebook is named by its cell, whatever its heading says."""
    for pair in pairs(name):
        if pair.kind == "markdown":
            english, own = (
                [target(link, name, folder) for link in links(text)]
                for text, folder in ((pair.english, ENGLISH), (pair.chinese, CHINESE))
            )
            assert Counter(own) == Counter(english), f"cell {pair.id}"


def target(link, name, folder):
    """(file, place) of a link: the same in both languages when they lead to the same. Raises AssertionError for a dead one."""
    if re.match("https?:|../../actions/|../../deployments/", link):  # the latter are badges and pages, which GitHub has
        return link, ""
    file, _, fragment = link.partition("#")
    page = page_path(folder, name)
    path = (page.parent / file) if file else page
    if name == translation.README and path.parent != folder:
        assert path.exists(), f"{link} leads nowhere"
        return path.name.replace(".zh.", "."), "the other language" if path.suffix == ".md" else ""
    if path.parent.resolve() != folder.resolve() and path.parent.name in ("en", "zh"):
        return path.name, "the other language"
    assert path.exists(), f"{link} leads nowhere"
    if not fragment:
        return path.name, ""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
        places = [slug for slug, _ in translation.sections(text)] + re.findall(r'<a id="([^"]+)"></a>', text)
        assert fragment in places, f"{link}: no such heading"
        return path.name, fragment
    if folder == CHINESE:
        assert fragment.startswith("cell-id="), f"{link}: expected #cell-id=ID, for headings differ"
    place = cell_of(read(path), fragment)
    assert place, f"{link}: no such place in {path.name}"
    return path.name, place


def said(cell):
    """What the outputs of a code cell say: printed text, texts and alternative texts of HTML, without code and players."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        shown = output.get("text", "") + (data.get("text/html") or data.get("text/plain", ""))
        shown = re.sub(r"<(style|code|pre|audio)\b.*?</\1>", " ", shown, flags=re.DOTALL)
        shown = re.sub(r'alt="([^"]*)"[^>]*>', r">\1 ", shown)
        parts.append(html.unescape(re.sub(r"<[^>]*>", " ", shown)))
    return "\n".join(parts)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_are_equal_in_numbers(name):
    for english, own in zip(*(notebook.cells for notebook in notebooks(name)), strict=True):
        expected, got = (
            Counter(re.findall(r"\d+(?:\.\d+)?", chinese.in_figures(said(cell)))) for cell in (english, own)
        )
        assert got == expected, f"cell {own.id}: missing {expected - got}, too many {got - expected}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_are_chinese(name):
    """But for what the code up to its cell calls things in either edition, for programs, and for lines of the library."""
    code = set()
    for english, own in zip(*(notebook.cells for notebook in notebooks(name)), strict=True):
        if own.cell_type == "code":
            code |= set(re.findall(r"[A-Za-z]+", english.source + own.source))
            text = re.sub(PROGRAM, "", re.sub(NUMPY, "", said(own)))
            text = "\n".join(line for line in text.splitlines() if line.strip() not in LIBRARY)
            words = [word for word in chinese.english_left(text) if word.split("'")[1] not in code]
            assert words == [], f"cell {own.id}"


def test_the_glossary_leads_both_ways():
    """Its list is in the order of the Chinese sounds, with the English names; its table in the order of the English ones."""
    english = re.findall(r"^- \*\*(.+?)\*\*", (ENGLISH / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    own = re.findall(r"^- \*\*(.+?)\*\*(?:（(.+?)）)?：", chinese.GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name or term for term, name in own) == sorted(english)
    assert [term for term, _ in own] == sorted((term for term, _ in own), key=lambda term: term.encode("gbk"))
    table = chinese.terms()
    rows = re.findall(r"^\| ([a-zA-Z].+?) (?:/.+?)?\|", chinese.section(chinese.TABLE), re.MULTILINE)
    assert rows[1:] == sorted(rows[1:], key=str.casefold) and set(rows[1:]) <= set(table)  # behind the heading
    for term, name in own:
        for each, part in zip(term.split("、"), name.split(", "), strict=True) if name else ():
            assert each in table[part][0] or each.startswith(table[part][0][0]), f"{part}: {each}"


def test_the_start_page_reads_the_same_in_both():
    """Numbers, minutes and questions of the chapters, which it takes out of the notebooks' text."""
    english = {page.number: page for page in start_pages(ENGLISH)}
    for page in start_pages(CHINESE):
        other = english[page.number]
        assert (page.file, page.minutes, len(page.questions)) == (other.file, other.minutes, len(other.questions))
        assert page.minutes and page.questions and re.search(f"[{chinese.HAN}]", page.title)


# A page on its way


def small_notebook(*changes):
    cells = [
        new_markdown_cell("One.", id="one"),
        new_code_cell('print("two")', id="two"),
        new_code_cell("3", id="three"),
    ]
    for number, text in changes:
        cells[number].source = text
    return new_notebook(cells=cells)


def test_a_page_goes_from_skeleton_to_translated_to_drifted_and_back(tmp_path):
    folders = tmp_path / "en", tmp_path / "zh"
    folders[0].mkdir()

    def states():
        return [pair.state for pair in translation.pairs("01_small", *folders)]

    nbformat.write(small_notebook(), page_path(folders[0], "01_small"))
    translation.write("01_small", {}, {}, *folders)
    assert states() == ["not translated", "not translated", "up to date"]
    [_, two, _] = nbformat.read(page_path(folders[1], "01_small"), as_version=4).cells
    assert two.source == LANGUAGE + 'print("two")'

    texts = {"one": "一。", "two": 'print("二")'}
    known = {pair.id: digest(pair.english) for pair in translation.pairs("01_small", *folders)}
    translation.write("01_small", texts, known, *folders)
    assert states() == ["up to date"] * 3
    assert translation.pairs("01_small", *folders)[1].chinese == 'print("二")'

    nbformat.write(small_notebook((0, "One, changed.")), page_path(folders[0], "01_small"))
    translation.write("01_small", {}, {}, *folders)
    assert states() == ["drifted", "up to date", "up to date"]
    translation.write("01_small", {}, {"one": digest("One, changed.")}, *folders)
    assert [pair.chinese for pair in translation.pairs("01_small", *folders)] == ["一。", 'print("二")', "3"]
    assert states() == ["up to date"] * 3


def test_a_cell_that_was_written_in_chinese_without_the_command_stays(tmp_path):
    folders = tmp_path / "en", tmp_path / "zh"
    for folder, changed in zip(folders, ((), ((0, "一。"),)), strict=True):
        folder.mkdir()
        nbformat.write(small_notebook(*changed), page_path(folder, "01_small"))
    translation.write("01_small", {}, {}, *folders)
    first, second, _ = translation.pairs("01_small", *folders)
    assert (first.chinese, first.state) == ("一。", "not translated")
    assert second.chinese == second.english


def test_a_cell_that_is_still_in_english_was_not_read(tmp_path, monkeypatch, capsys):
    folders = tmp_path / "en", tmp_path / "zh"
    for folder in folders:
        folder.mkdir()
        nbformat.write(small_notebook(), page_path(folder, "01_small"))
    small = translation.pairs("01_small", *folders)
    monkeypatch.setattr(translation, "pairs", lambda name: small)
    with pytest.raises(SystemExit):
        translation.main(["read", NOTEBOOKS[0], "one"])
    assert "still in English, translate first: one" in capsys.readouterr().err


def test_a_markdown_page_does_the_same(tmp_path):
    folders = tmp_path / "en", tmp_path / "zh"
    [folder.mkdir() for folder in folders]
    page_path(folders[0], "guide.md").write_text("# Guide\n\nOne.\n\n## Next part\n\nTwo.\n", encoding="utf-8")
    translation.write("guide.md", {}, {}, *folders)
    first, second = translation.pairs("guide.md", *folders)
    assert (first.id, second.id, second.state, second.chinese) == (
        "guide",
        "next-part",
        "not translated",
        second.english,
    )
    translation.write("guide.md", {"next-part": "## 下一部分\n\n二。"}, {"next-part": digest(second.english)}, *folders)
    first, second = translation.pairs("guide.md", *folders)
    assert (first.state, second.state, second.chinese) == ("not translated", "up to date", "## 下一部分\n\n二。")


def test_the_text_for_an_editor_comes_back_as_it_went():
    name = NOTEBOOKS[0]
    assert translation.parsed(translation.texts_of(name)) == {pair.id: pair.chinese for pair in pairs(name)}


def test_every_command_names_the_pages_that_there_are(capsys):
    with pytest.raises(SystemExit):
        translation.main(["start", "99_nothing"])
    assert "expected one of 00_start_here" in capsys.readouterr().err
