"""The sheets that `make sheets` writes: complete, every letter explained, nothing from the network, one page of A4."""

import re
from functools import cache
from html import escape
from pathlib import Path

import pytest
import sheets
import worksheets
from chapter_files import CHAPTERS
from chromium import require_chromium
from playwright.sync_api import sync_playwright

from course_lib.exercises.machinery.again import written as written_number

NAMES = [path.stem for path in CHAPTERS]
EDITIONS = list(sheets.EDITIONS)
PIXELS = 96 / 25.4  # in a millimetre


@cache
def glossary(language):
    return sheets.sections(sheets.EDITIONS[language] / "glossary.md")


@pytest.mark.parametrize("language", EDITIONS)
def test_every_letter_of_every_formula_is_explained(language):
    found = glossary(language)
    leads = (
        formula.partition("=")[0]
        for sign, _ in sheets.table(found["notation"])
        for formula in re.findall(r"\$([^$]+)", sign)
    )
    known = set().union(*(sheets.signs(f"${lead}$") for lead in leads))
    rows = sheets.table(found["formulas"])
    assert len(rows) > 40
    for what, formula, letters, _ in rows:
        assert sheets.signs(formula) <= known | sheets.signs(letters), what


def test_signs_are_letters_and_not_words():
    assert sheets.signs(r"$\delta_l = \mathrm{softmax}(x W^T)$ in words") == {"\\delta", "l", "x", "W", "T"}
    assert sheets.signs(r"$\frac{dL}{dx}$ and $\lambda_{\max}$, $\sqrt d$") == {"L", "x", "\\lambda", "d"}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """{(language, chapter): the file of its sheet}."""
    return {(path.parent.name, path.stem): path for path in sheets.write(tmp_path_factory.mktemp("sheets"))}


@pytest.mark.parametrize("language", EDITIONS)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_complete_loads_nothing_and_leaves_no_mark_of_markdown(written, name, language):
    page, folder = written[language, name].read_text(encoding="utf-8"), sheets.EDITIONS[language]
    ideas = {cell.id: cell.source for cell in sheets.read(folder / f"{name}.ipynb").cells}["remember"].count("\n- ")
    wrong = len(sheets.misconceptions(sheets.guided(folder, name)).splitlines())
    assert ideas >= 3 and wrong >= 2
    found = glossary(language)
    labels = re.findall(r"\*\*(.+?)\*\*", found["notation"])
    assert len(labels) == 6 and all(f"<strong>{label}</strong>" in page for label in labels)
    rows, terms = page.count("<tr>") - 1, page.count("<li>") - ideas - wrong
    assert rows == sum(f"({name}.ipynb) `" in row for row in found["formulas"].splitlines()) >= 1
    assert terms == sum(f"({name}.ipynb)" in line for line in found["terms"].splitlines())
    assert not re.findall(r"(?:src|href)=\"(?!data:)|url\(|<script", page)
    assert not re.findall(r"\$|\*\*|\]\(|¶", page)


@pytest.mark.slow
def test_each_is_one_page_of_paper(written):
    """Printed by Chromium; nothing is wider than the page, for then it would be printed smaller."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": int((210 - 2 * 13) * PIXELS), "height": 900})
        for path in written.values():
            page.goto(path.as_uri())
            paper = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, path.name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name
            assert page.evaluate("document.querySelector('img').naturalWidth") > 0, path.name
        browser.close()


@pytest.mark.slow
def test_a_worksheet_asks_and_its_key_answers(tmp_path):
    made = {path.relative_to(tmp_path): path for path in worksheets.write(seed=3, count=2, folder=tmp_path)}
    assert len(made) >= 2 * 20
    for language, notebooks in sheets.EDITIONS.items():
        for page in worksheets.pages(notebooks):
            found, name = worksheets.forms(page.exercises, 3, 2), page.file.removesuffix(".ipynb")
            if found:
                files = (made[Path(language, f"{stem}.html")] for stem in (name, f"{name}_key"))
                sheet, key = (re.sub(r"<code[^>]*>|</code>", "`", file.read_text(encoding="utf-8")) for file in files)
                assert sheet.count("<li>") == key.count("<li>") == len(found), name
                assert sheet.count("<strong>") == 0 and key.count("<strong>") == len(found), name
                assert all(
                    f"<strong>{escape(written_number(form.judge.expected))}</strong>" in key for form in found
                ), name
                assert "http" not in sheet, name


def test_another_seed_has_other_numbers_and_the_same_seed_the_same(tmp_path):
    names = {"01_background.ipynb", "05_practice.ipynb"}
    one, same, other = (
        [path.read_text(encoding="utf-8") for path in worksheets.write(names, seed, folder=tmp_path / place)]
        for seed, place in ((7, "a"), (7, "b"), (8, "c"))
    )
    assert one == same and all(a.replace("7", "") != b.replace("8", "") for a, b in zip(one, other, strict=True))


def test_what_a_worksheet_cannot_be_made_of_gets_a_sentence(capsys):
    for arguments, sentence in (
        (["--seed", "-1"], "got -1"),
        (["--forms", "0"], "1 to 20"),
        (["none.ipynb"], "none.ipynb"),
    ):
        with pytest.raises(SystemExit):
            worksheets.main(arguments)
        assert sentence in capsys.readouterr().err
