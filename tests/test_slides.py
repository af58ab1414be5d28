"""Any chapter becomes a deck of slides: its cells and no others, cut at its headings, with nothing from the network."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import notebook_form as form
import pytest
import slides
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CHAPTERS = sorted((Path(__file__).parent.parent / "notebooks" / "en").glob("*.ipynb"))
OPEN_TAGS = {"br", "col", "hr", "img", "input", "meta", "link"}


def a_notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("# Title\nWhat $x < 1$ means.\n\n## First\n```\n# no heading\n```"),
            new_code_cell("price = '$5 and $6'"),
            new_code_cell("secret", metadata={"tags": ["smoke"]}),
            new_code_cell("two"),
            new_markdown_cell("Text in `$code$`.\n\n$$\\delta_2 = W^T$$"),
            new_markdown_cell("More."),
            new_markdown_cell("### A `small` one"),
        ]
    )


def test_a_page_begins_at_each_heading_and_at_each_text_after_code():
    notebook, _ = slides.Pages().preprocess(a_notebook(), {})
    assert [(cell.metadata.page, cell.source.splitlines()[0]) for cell in notebook.cells] == [
        (1, "# Title"), (2, "## First"), (2, "price = '$5 and $6'"), (2, "two"),
        (3, "Text in `$code$`."), (3, "More."), (4, "### A `small` one"),
    ]  # fmt: skip
    assert [cell.metadata.section for cell in notebook.cells][-2:] == ["First", "A small one"]


def test_a_full_page_is_turned():
    cells = [new_code_cell("\n".join(["x = 1"] * lines)) for lines in (5, 5, 20, 40, 1)]
    notebook, _ = slides.Pages().preprocess(new_notebook(cells=cells), {})
    assert [cell.metadata.page for cell in notebook.cells] == [1, 1, 2, 3, 4]


def test_formulas_become_mathml_and_code_stays():
    html = slides.formulas("<p>What $x &lt; 1$ means: $$\\delta_2$$</p><code>$a$</code><pre>$5 and $6</pre>")
    assert html.count("<math ") == 2 and html.count('display="block"') == 1 and html.count("<msub>") == 1
    assert html.endswith("<code>$a$</code><pre>$5 and $6</pre>")


def test_a_chart_becomes_words():
    chart = (
        '```mermaid\ngraph LR\n  A["one<br/>1"] --> B((two)) -- "again" --> A\n'
        '  subgraph S ["both"]\n    B -->|w_1| A\n  end\n```'
    )
    lines = slides.CHART.sub(slides.in_words, chart).split("\n>\n")
    assert lines == ['> one 1 → two → ("again") one 1', "> both:", "> two → (w_1) one 1"]


def test_what_only_tests_use_is_left_out():
    deck = slides.deck(a_notebook())
    assert "secret" not in deck and "two" in deck and "# no heading" in deck


class Nesting(HTMLParser):
    """Notes the tags that are not closed in order, and each address that a browser would fetch."""

    def __init__(self, html):
        super().__init__()
        self.open, self.wrong, self.fetched = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in OPEN_TAGS:
            self.open.append(tag)
        self.fetched += [value for name, value in attributes if name in ("src", "srcset", "data") and value]
        if tag in ("link", "script", "iframe", "object"):
            self.wrong.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name == "src" and value]

    def handle_endtag(self, tag):
        if tag in OPEN_TAGS:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(path):
    notebook = nbformat.read(path, as_version=4)
    headings = [
        heading
        for cell in form.markdown_cells(notebook)
        for heading in re.findall(r"^#{1,3} +(.+)$", re.sub(r"```.*?```", "", cell.source, flags=re.S), re.M)
    ]
    code, figures = len(form.code_cells(notebook)), str(notebook).count("<figure>")
    deck = slides.deck(notebook)

    page = Nesting(deck)
    assert page.wrong == [] and page.open == []
    assert all(address.startswith("data:") for address in page.fetched)
    assert "$" not in re.sub(r"<pre.*?</pre>|<code.*?</code>|<style.*?</style>|<[^>]*>", "", deck, flags=re.S)
    assert len(re.findall(r"<h[123][ >]", deck)) == len(headings)
    assert deck.count('class="input_area"') == code
    assert deck.count("<figure>") == figures


def test_make_slides_writes_into_an_ignored_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(slides, "FOLDER", tmp_path / "build" / "slides")
    monkeypatch.setattr(slides, "ROOT", tmp_path)
    slides.main([str(CHAPTERS[0])])
    assert (
        (tmp_path / "build" / "slides" / f"{CHAPTERS[0].stem}.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")
    )
    assert capsys.readouterr().out == f"build/slides/{CHAPTERS[0].stem}.html\n"
    assert "build/" in (Path(slides.__file__).parent.parent / ".gitignore").read_text().splitlines()
