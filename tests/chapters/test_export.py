"""A chapter becomes a page to read and a page to print: formulas and pictures are there, what is folded stays folded."""

import re
import zlib

import built
import export
import pytest
from execute_notebooks import ROOT, read
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_form import code_cells
from test_slides import Nesting

from tests.browser.chromium import require_chinese_font

CHAPTERS = [
    ROOT / "notebooks" / "en" / "02_core_concepts.ipynb",
    pytest.param(ROOT / "notebooks" / "zh" / "03_algorithms.ipynb", marks=pytest.mark.slow),
]
HIDDEN, SEEN = "Ю", "Ж"  # which stand nowhere else


def a_chapter():
    """A chapter whose folded places, and no others, hold HIDDEN."""
    shown, code = (new_code_cell(f"print('{text}')") for text in (SEEN, HIDDEN))
    answer = new_code_cell("print(7)", outputs=[new_output("stream", text=HIDDEN)])
    answer.metadata["jupyter"], code.metadata["jupyter"] = {"outputs_hidden": True}, {"source_hidden": True}
    text = f"# A *chapter*\n\n$\\delta_2$, [next](03_algorithms.ipynb#x), [site](https://example.org/a.ipynb)\n\n{SEEN}"
    details = f"<details><summary>Answer</summary>\n\n{HIDDEN}\n\n</details>"
    return new_notebook(cells=[new_markdown_cell(text), new_markdown_cell(details), shown, answer, code])


def characters(pdf):
    """All characters that a PDF has glyphs for: what its fonts' tables say a reader may copy."""
    found = set()
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            table = zlib.decompress(packed)
        except zlib.error:
            continue
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            texts = re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", block)
            found.update(*(bytes.fromhex(text.decode()).decode("utf-16-be") for text in texts))
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
            for low, high, first in re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> <([0-9A-Fa-f]{4})>", block):
                found.update(chr(int(first, 16) + n) for n in range(int(high, 16) - int(low, 16) + 1))
    return found


def test_what_is_folded_is_folded_and_the_rest_is_not():
    html = export.page(a_chapter())
    assert "<title>A chapter</title>" in html and "<math " in html
    closed = re.findall(r"<details>.*?</details>", html, re.DOTALL)
    assert [re.search("<summary>(.*?)</summary>", each)[1] for each in closed] == ["Answer", "Output", "Code"]
    outside = re.sub(r"<details>.*?</details>", "", html, flags=re.DOTALL)
    assert "".join(closed).count(HIDDEN) == 3 and HIDDEN not in outside and outside.count(SEEN) == 2
    assert 'href="03_algorithms.html#x"' in html and 'href="https://example.org/a.ipynb"' in html
    chinese = export.page(a_chapter(), "zh")
    assert (
        '<html lang="zh">' in chinese and "<summary>输出</summary>" in chinese and "<summary>代码</summary>" in chinese
    )


@pytest.fixture
def no_chromium(monkeypatch):
    monkeypatch.setattr(export, "find_chromium", lambda: None)


def test_without_chromium_a_sentence_says_what_to_do(no_chromium, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(built, "BUILD", tmp_path / "build")
    chapter = str(CHAPTERS[0])
    with pytest.raises(SystemExit, match=r"^Expected Chromium, .*: apt-get install chromium"):
        export.main(["pdf", chapter])
    export.main(["html", chapter])
    assert capsys.readouterr().out == "build/html/en/02_core_concepts.html\n"
    assert (tmp_path / "build/html/en/02_core_concepts.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.fixture(scope="module")
def browser():
    from tests.browser.jupyter import chromium

    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_chapter_in_a_browser(browser, path):
    notebook = read(path)
    html = export.page(notebook, path.parent.name)
    form = Nesting(html)
    assert form.wrong == [] and form.open == [] and all(address.startswith("data:") for address in form.fetched)

    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    assert [url for url in asked if not url.startswith("data:")] == []
    looks = "nodes => nodes.map(node => [node.checkVisibility(), node.getBoundingClientRect().height > 3])"
    formulas = page.locator("math:not(details math)").evaluate_all(looks)
    assert len(formulas) > 20 and all(map(all, formulas))
    pictures = page.locator("figure img:not(details img)").evaluate_all("nodes => nodes.map(node => node.naturalWidth)")
    assert len(pictures) >= 2 and min(pictures) > 200

    folded = sum(bool(cell.metadata.get("jupyter", {}).get("outputs_hidden")) for cell in code_cells(notebook))
    name = export.OUTPUT[path.parent.name]
    assert folded > 3 and page.locator("summary", has_text=re.compile(f"^{name}$")).count() == folded
    is_seen = "nodes => nodes.filter(node => [...node.children].slice(1).some(each => each.checkVisibility())).length"
    assert page.locator("details").evaluate_all(is_seen) == 0
    page.emulate_media(media="print")
    assert not any(page.locator("summary").evaluate_all("nodes => nodes.map(node => node.checkVisibility())"))
    page.close()


def test_a_pdf_holds_what_is_shown_and_nothing_that_is_folded(browser):
    pdf = export.to_pdf(export.page(a_chapter()), browser)
    found = characters(pdf)
    assert SEEN in found and HIDDEN not in found
    assert b"https://example.org" in pdf and b"file:" not in pdf and str(ROOT).encode() not in pdf


@pytest.mark.slow
def test_a_chinese_pdf_has_a_glyph_for_each_character_that_it_shows(browser):
    require_chinese_font()
    notebook = read(ROOT / "notebooks" / "zh" / "01_background.ipynb")
    pdf = export.to_pdf(export.page(notebook, "zh"), browser)
    shown = re.sub(r"<details>.*?</details>", "", "".join(c.source for c in notebook.cells), flags=re.DOTALL)
    wanted = {sign for sign in shown if "\u4e00" <= sign <= "\u9fff"}
    found = characters(pdf)
    radicals = {
        sign for sign in found if "\u2e80" <= sign <= "\u2fdf"
    }  # 见 and its radical are one glyph: one is named
    assert len(wanted) > 300 and len(wanted - found) <= len(radicals) < 60
    assert b"file:" not in pdf
