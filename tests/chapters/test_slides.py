"""Any chapter becomes a deck of slides: its cells and no others, on full pages, with nothing from the network."""

import re
from html.parser import HTMLParser
from pathlib import Path

import built
import nbformat
import notebook_form as form
import pytest
import slides
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = [path for language in ("en", "zh") for path in sorted((NOTEBOOKS / language).glob("*.ipynb"))]
SIZES = {"en": [(1024, 768), (1280, 800)], "zh": [(1024, 768)]}
OPEN_TAGS = {"br", "col", "hr", "img", "input", "meta", "link"}


def a_notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("# Title\nWhat $x < 1$ means.\n\n## First\n```\n# no heading\n```"),
            new_code_cell("price = '$5 and $6'"),
            new_code_cell("two"),
            new_markdown_cell("Text in `$code$`.\n\n$$\\delta_2 = W^T$$"),
            new_markdown_cell("More."),
            new_markdown_cell("### A `small` one"),
        ]
    )


def test_formulas_become_mathml_and_code_stays():
    html = slides.formulas("<p>What $x &lt; 1$ means: $$\\delta_2$$</p><code>$a$</code><pre>$5 and $6</pre>")
    assert html.count("<math ") == 2 and html.count('display="block"') == 1 and html.count("<msub>") == 1
    assert html.endswith("<code>$a$</code><pre>$5 and $6</pre>")


def test_a_title_is_text_and_no_html():
    notebook = a_notebook()
    notebook.cells[0].source = "# Sums & `shares`"
    assert "<title>Sums &amp; shares</title>" in slides.deck(notebook)


def test_a_chart_is_drawn_and_said():
    chart = '```mermaid\ngraph LR\n  A["one<br/>1"] --> B((two)) -- "again" --> A\n```'
    notebook = a_notebook()
    notebook.cells[-1].source += f"\n\nBefore.\n\n{chart}\n\nAfter *it*."
    deck = slides.deck(notebook)
    assert deck.count('<svg aria-label="one 1 → two → (again) one 1" role="img"') == 1
    assert "<p>Before.</p>" in deck and "<p>After <em>it</em>.</p>" in deck and "mermaid" not in deck


def test_code_is_shown_or_hidden_or_folded():
    notebook = a_notebook()
    notebook.cells[2].outputs = [new_output("stream", text="three")]
    shown, hidden, folded = (slides.deck(notebook, code=code) for code in ("shown", "hidden", "folded"))
    assert all("three" in deck and "More." in deck for deck in (shown, hidden, folded))
    assert [deck.count('class="input_area"') for deck in (shown, hidden, folded)] == [2, 0, 2]
    assert [deck.count("<details><summary>Code</summary>") for deck in (shown, hidden, folded)] == [0, 0, 2]
    code = r'<span class="n">price</span>'
    assert code in shown and code not in hidden
    assert re.search(rf"<details><summary>Code</summary>[^$]*{code}.*?</details>", folded, re.DOTALL)
    assert "<summary>代码</summary>" in slides.deck(notebook, "zh", "folded")


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
        if tag in ("link", "iframe", "object") or (tag == "script" and attributes):
            self.wrong.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name == "src" and value]

    def handle_endtag(self, tag):
        if tag in OPEN_TAGS:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")


def named(path):
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize(
    "path",  # `make test` makes slides of 6a to 6c, which have figures, sound and Chinese words
    [pytest.param(path, id=named(path), marks=[pytest.mark.slow] * (named(path)[:5] != "en-06")) for path in CHAPTERS],
)
def test_chapter(path):
    notebook = nbformat.read(path, as_version=4)
    headings = [
        heading
        for cell in form.markdown_cells(notebook)
        for heading in re.findall(r"^#{1,3} +(.+)$", re.sub(r"```.*?```", "", cell.source, flags=re.S), re.M)
    ]
    code, figures = len(form.code_cells(notebook)), str(notebook).count("<figure>")
    deck = slides.deck(notebook, path.parent.name)

    page = Nesting(deck)
    assert page.wrong == [] and page.open == []
    assert all(address.startswith("data:") for address in page.fetched)
    assert "$" not in re.sub(
        r"<pre.*?</pre>|<code.*?</code>|<style.*?</style>|<script.*?</script>|<[^>]*>", "", deck, flags=re.S
    )
    assert len(re.findall(r"<h[123][ >]", deck)) == len(headings)
    assert deck.count('class="input_area"') == code
    assert deck.count("<figure>") == figures
    charts = sum(cell.source.count("```mermaid") for cell in form.markdown_cells(notebook))
    assert len(re.findall(r'<svg aria-label="[^"]+" role="img"', deck)) == charts


# In a browser: what lies where, on all pages

ON_PAGES = """() => {
    const deck = document.querySelector('main'), wide = innerWidth, cut = [], full = {}, sizes = {};
    const look = (box, what) => {
        const page = Math.floor((box.left + deck.scrollLeft + 1) / wide), left = box.left + deck.scrollLeft - page * wide;
        full[page] = Math.max(full[page] || 0, box.bottom / deck.clientHeight);
        if (left < 0 || left + box.width > wide || box.top < -1 || box.bottom > deck.clientHeight + 1)
            cut.push(`page ${page + 1}: ${what}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, node = text.parentElement;
        if (!text.data.trim() || !node.checkVisibility() || node.closest('annotation')) continue;
        const kind = node.closest('math') ? 'formula' : node.closest('pre, code') ? 'code' : 'text';
        sizes[kind] = Math.min(sizes[kind] || 99, parseFloat(getComputedStyle(node).fontSize));
        if (node.closest('footer')) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) if (box.width) look(box, text.data.trim().slice(0, 60));
    }
    for (const node of deck.querySelectorAll('img, audio')) look(node.getBoundingClientRect(), node.alt || node.tagName);
    return {cut, sizes, full: Object.values(full), pages: deck.scrollWidth / wide};
}"""


@pytest.fixture(scope="module")
def browser():
    from tests.browser.jupyter import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a chapter's deck in a window of a size."""
    pages = []

    def open_deck(path, size):
        file = tmp_path / f"{path.stem}.html"
        file.write_text(slides.deck(nbformat.read(path, as_version=4), path.parent.name), encoding="utf-8")
        pages.append(browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True))))
        pages[-1].goto(file.as_uri())
        pages[-1].evaluate("() => document.fonts.ready")
        return pages[-1]

    yield open_deck
    for page in pages:
        page.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "size"),
    [
        pytest.param(path, size, id=f"{named(path)}-{'x'.join(map(str, size))}")
        for path in CHAPTERS
        for size in SIZES[path.parent.name]
    ],
)
def test_pages_are_full_and_large_and_nothing_is_cut(opened, path, size):
    seen = opened(path, size).evaluate(ON_PAGES)
    assert seen["cut"] == []
    assert seen["sizes"]["text"] >= 24 and seen["sizes"].get("code", 18) >= 18
    assert seen["pages"] == len(seen["full"])  # none is empty
    assert sum(seen["full"]) / len(seen["full"]) > 0.7


def number(page):
    page.wait_for_function(
        """async () => {
            const before = deck.scrollLeft;
            await new Promise(resolve => setTimeout(resolve, 200));
            return deck.scrollLeft === before && before % innerWidth === 0;
        }"""
    )
    return page.locator("output").inner_text().split(" / ")[0]


@pytest.mark.slow
def test_four_quick_page_downs_are_four_pages(opened):
    page = opened(CHAPTERS[5], (1024, 768))
    assert number(page) == "1"
    for _ in range(4):
        page.keyboard.press("PageDown")
    assert number(page) == "5"
    for _ in range(2):
        page.keyboard.press("PageUp")
    assert number(page) == "3"
    page.get_by_role("button", name="next page").click()
    assert number(page) == "4"
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    assert number(page) == "1"
    page.keyboard.press("End")
    last = page.locator("output").inner_text().split(" / ")[1]
    assert number(page) == last
    page.locator("summary").first.focus()  # a page on which the focus is shown is shown as a whole
    assert int(number(page)) < 4


def test_what_is_opened_is_counted(browser, tmp_path):
    file = tmp_path / "deck.html"
    notebook = new_notebook(
        cells=[new_markdown_cell("# Title"), new_code_cell("\n".join(f"line_{i}" for i in range(99)))]
    )
    file.write_text(slides.deck(notebook, code="folded"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    page.goto(file.as_uri())
    assert page.locator("output").inner_text() == "1 / 1" and not page.get_by_text("line_50").is_visible()
    page.get_by_text("Code").click()
    page.wait_for_function("document.querySelector('output').innerText === '1 / 4'")
    page.close()


@pytest.mark.slow
def test_what_is_opened_is_on_the_page_that_is_shown(browser, tmp_path):
    file, code = tmp_path / "deck.html", "\n".join(f"line_{i}" for i in range(10))
    notebook = new_notebook(cells=[new_markdown_cell("\n\n".join(["# Title", *["Text."] * 10])), new_code_cell(code)])
    file.write_text(slides.deck(notebook, code="folded"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    page.goto(file.as_uri())
    assert page.locator("output").inner_text() == "1 / 1"
    for shown in ("2 / 2", "1 / 1"):  # opened, the code has no room below the text
        page.get_by_text("Code").click()
        page.wait_for_function(f"document.querySelector('output').innerText === '{shown}'")
        assert 0 <= page.get_by_text("Code").bounding_box()["x"] < 1024
    page.close()


def test_make_slides_writes_a_file_and_says_which(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(built, "BUILD", tmp_path / "build")
    file = tmp_path / "build" / "slides" / f"{CHAPTERS[0].stem}.html"
    slides.main([str(CHAPTERS[0])])
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE")
    assert capsys.readouterr().out == f"build/slides/{CHAPTERS[0].stem}.html\n"
    slides.main([str(CHAPTERS[0]), "--code", "hidden"])
    assert "input_area" not in file.read_text(encoding="utf-8").partition("</style>")[2]
