"""The website as a reader meets it: every page and link in the files, then search, switch, colours and a phone in Chromium."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from bs4 import BeautifulSoup
from PIL import Image

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LANGUAGES = ("en", "zh")
PAGES = sorted(path.stem for path in (NOTEBOOKS / "en").iterdir() if path.suffix in (".ipynb", ".md"))
CHAPTERS = sorted(path.stem for path in (NOTEBOOKS / "en").glob("*.ipynb"))
IN_ENGLISH_ONLY = [name for name in PAGES if not list((NOTEBOOKS / "zh").glob(f"{name}.*"))]
EDITIONS = [(language, name) for language in LANGUAGES for name in CHAPTERS]
PUBLISHED = "https://reader.github.io/course/"
STRAIGHT = str.maketrans("“”‘’", "\"\"''")  # Sphinx bends the quotation marks of a text
PHONE, WIDE = (390, 844), (1280, 900)
AXE = """async () => {
    const serious = ['serious', 'critical'];
    const report = await axe.run(document, {resultTypes: ['violations'], preload: false});
    return report.violations.filter(violation => serious.includes(violation.impact)).flatMap(violation =>
        violation.nodes.map(node =>
            [violation.id, node.html.slice(0, 200), node.failureSummary.replace(/\\s+/g, ' ')].join(': ')));
}"""

pytestmark = pytest.mark.slow


@cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def documents(site):
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def notebook(language, name):
    return nbformat.read(NOTEBOOKS / language / f"{name}.ipynb", as_version=4)


def anchors(path):
    """The names of places in the text of a page, in their order."""
    return [node["id"] for node in soup(path).article.find_all(id=True) if node.name in ("section", "div", "span")]


# In the files


def test_every_page_is_there_in_both_languages(site):
    for language in LANGUAGES:
        assert {path.stem for path in (site / language).glob("*.html")} == {*PAGES, "index", "search"}
        assert soup(site / language / "index.html").html["lang"].startswith(language)


def test_every_link_and_every_anchor_leads_somewhere(site):
    dead = []
    for path in documents(site):
        page = soup(path)
        links = [node.get("href") or node.get("src") or node.get("srcset") for node in page.find_all(True)]
        for link in filter(None, links):
            parts = urlsplit(link)
            if parts.scheme or "/lite/" in parts.path:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                dead.append(f"{path.relative_to(site)}: {link}")
            elif parts.fragment and target.suffix == ".html" and not soup(target).find(id=unquote(parts.fragment)):
                dead.append(f"{path.relative_to(site)}: no such place: {link}")
    assert dead == []


def test_no_page_takes_anything_from_elsewhere(site):
    for path in documents(site):
        for node in soup(path).find_all(["script", "img", "source", "iframe", "link"]):
            if node.name != "link" or not {"canonical", "alternate"} & set(node["rel"]):
                address = node.get("src") or node.get("srcset") or node.get("href") or ""
                assert not urlsplit(address).netloc, f"{path}: {address}"
        assert not re.search(r"import\b[^;\n]*[\"']https?:", path.read_text(encoding="utf-8")), path


def test_no_name_of_a_place_is_given_twice(site):
    for path in documents(site):
        names = [node["id"] for node in soup(path).find_all(id=True)]
        assert sorted(names) == sorted(set(names)), path


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_places(site, name):
    english, chinese = (anchors(site / language / f"{name}.html") for language in LANGUAGES)
    assert english == [place for place in chinese if place in english]
    if name in CHAPTERS:
        assert english == chinese
        assert set(english) >= {cell.id for cell in notebook("en", name).cells}


def test_each_page_leads_to_itself_in_the_other_language(site):
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for path in (site / language).glob("*.html"):
            [switch] = soup(path).select("a.language-switch")
            assert switch["href"] == f"../{other}/{path.name}" and switch["hreflang"] == other


def test_what_exists_in_english_only_says_so(site):
    for name in PAGES:
        assert ("只有英文版" in soup(site / "zh" / f"{name}.html").article.text) == (name in IN_ENGLISH_ONLY)


@pytest.mark.parametrize(("language", "name"), EDITIONS)
def test_answers_are_folded(site, language, name):
    page, cells = soup(site / language / f"{name}.html"), notebook(language, name).cells
    for cell in cells:
        if cell.get("outputs"):
            shown = page.find(id=cell.id)
            outputs = shown.select(".output")
            assert outputs, cell.id
            is_folded = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
            for output in outputs:
                folded = output.find_parent("details")
                assert bool(folded) == is_folded and not (folded and folded.has_attr("open")), cell.id
    stored = sum(cell.source.count("<details") for cell in cells if cell.cell_type == "markdown")
    assert len([d for d in page.article.find_all("details") if not d.has_attr("class")]) == stored


@pytest.mark.parametrize(("language", "name"), EDITIONS)
def test_every_picture_keeps_its_alternative_text(site, language, name):
    images = soup(site / language / f"{name}.html").article.find_all("img")
    html = "".join(
        output.get("data", {}).get("text/html", "")
        for cell in notebook(language, name).cells
        for output in cell.get("outputs", [])
    )
    stored = [image["alt"] for image in BeautifulSoup(html, "html.parser").find_all("img")]
    for kind in ("only-light", "only-dark"):
        assert [image["alt"] for image in images if kind in image["class"]] == stored


@pytest.mark.parametrize(("language", "name"), EDITIONS)
def test_the_buttons_open_this_very_chapter(site, language, name):
    article = soup(site / language / f"{name}.html").article
    rows = article.select(".ways")
    exercises = [row for row in rows if row.find_parent("div", class_="output")]
    labs = [
        cell
        for cell in notebook(language, name).cells
        if cell.cell_type == "code"
        and re.search(r"_lab\(|success_map\(", cell.source)
        and "<figure" in json.dumps(cell.outputs)
    ]
    assert len(rows) == 1 + len(labs) + len(exercises)
    assert bool(exercises) == any("check(" in cell.source for cell in notebook(language, name).cells)
    for row in rows:
        browser, binder = row.find_all("a")
        assert browser["href"] == f"../lite/index.html?path=notebooks/{language}/{name}.ipynb"
        assert binder["href"] == (
            f"https://mybinder.org/v2/gh/reader/course/HEAD?labpath=notebooks%2F{language}%2F{name}.ipynb"
        )
    for lab in labs:
        row = article.find(id=lab.id).find_next_sibling()
        assert row.select(".way") or "ways" in row.get("class", []) or row.find_next("p")["class"] == ["ways"]


def test_the_sitemap_names_every_page_and_its_counterpart(site):
    space = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    entries = ElementTree.parse(site / "sitemap.xml").findall("m:url", space)
    places = [entry.find("m:loc", space).text for entry in entries]
    assert sorted(places) == sorted(f"{PUBLISHED}{la}/{name}.html" for la in LANGUAGES for name in ["index", *PAGES])
    for entry in entries:
        name = entry.find("m:loc", space).text.rpartition("/")[2]
        others = {link.get("hreflang"): link.get("href") for link in entry.findall("x:link", space)}
        assert others == {language: f"{PUBLISHED}{language}/{name}" for language in LANGUAGES}


def test_every_page_has_a_card_with_a_picture_of_its_language(site):
    for path in documents(site):
        card = {node["property"]: node["content"] for node in soup(path).select("meta[property^=og]")}
        image = card["og:image"].removeprefix(PUBLISHED)
        assert card["og:title"] and card["og:description"] and image != card["og:image"]
        assert image.startswith(f"cards/{'zh' if path.parent.name == 'zh' else 'en'}/")
        with Image.open(site / image) as picture:
            assert picture.size == (1200, 630)


def test_every_page_is_described_in_words_that_stand_in_it(site):
    for language, goals in (("en", "You will be able to "), ("zh", "学完以后，你能")):
        known = set()
        for name in PAGES:
            page = soup(site / language / f"{name}.html")
            [seen], [shared] = (
                page.select(f"meta[{kind}]") for kind in ("name=description", "property='og:description'")
            )
            description = seen["content"]
            assert description == shared["content"] and description not in known, name
            text, words = (" ".join(each.translate(STRAIGHT).split()) for each in (page.article.text, description))
            assert words in text and (len(description) <= 300 or ". " not in description), name
            assert description.startswith(goals) == (name in CHAPTERS[1:]), name
            known.add(description)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_landing_page_shows_a_lab_that_plays_and_says_for_whom_it_is(site, language):
    article = soup(site / language / "index.html").article
    sentences = (
        re.findall(r"[.。](?=\s|$|\S)", article.p.text) if language == "zh" else re.split(r"\.\s+", article.p.text)
    )
    assert len(sentences) == 3
    [lab] = article.select(".recording")
    assert (site / language / lab["data-file"]).is_file() and lab.img["alt"]
    assert [card.a["href"] for card in article.select(".cards li")] == [f"{name}.html" for name in CHAPTERS[1:]]


# In a browser that reaches nothing else


def found(page):
    """The titles that a search has found, once it is finished."""
    page.locator("#search-results .search-summary:not(:empty)").wait_for()
    return [title.inner_text() for title in page.locator("#search-results ul.search > li > a").all()]


@pytest.mark.parametrize(
    ("language", "words", "title"),
    [
        ("zh", "梯度下降", "3. 算法"),
        ("zh", "链式法则", "2. 核心概念"),
        ("zh", "学习率 XOR", "5. 实践"),
        ("zh", "softmax", "4. 数学"),
        ("zh", "梯度消失", "6b. 语音"),
        ("zh", "欠拟合", "8. 展望"),
        ("en", "chain rule", "2. Core concepts"),
        ("en", "gradient descent", "3. The algorithms"),
    ],
)
def test_the_search_finds(visit, language, words, title):
    with visit(f"{language}/search.html?q={words}") as page:
        titles = found(page)
        assert any(one.startswith(title) for one in titles), titles
        chapter = page.locator("#search-results li > a", has_text=title).first
        chapter.click()
        page.wait_for_load_state("networkidle")
        text = page.locator("article").text_content().lower()  # what is folded, too
        assert all(word.lower() in text for word in words.split())


def test_the_search_quotes_sentences_and_no_buttons(visit):
    with visit("zh/search.html?q=梯度下降") as page:
        assert len(found(page)) > 5
        quoted = " ".join(page.locator("#search-results p.context").all_inner_texts())
        assert "学完以后，你能" in quoted and "显示保存的输出" not in quoted and "动手试一试" not in quoted


@pytest.mark.parametrize("window", [PHONE, WIDE])
def test_figures_can_be_read_on_a_phone_and_fit_a_screen(visit, window):
    with visit("en/05_practice.html", window) as page:
        shown = page.locator("#training-lab .output figure img:visible")
        width, room = shown.evaluate("image => [image.clientWidth, image.closest('.output').clientWidth]")
        assert width > 500 and (width > room) == (window == PHONE)
        is_reached_by_keyboard = page.locator("#training-lab .output").first.get_attribute("tabindex") == "0"
        assert is_reached_by_keyboard == (width > room)


def test_the_search_finds_nothing_where_there_is_nothing(visit):
    with visit("zh/search.html?q=梯下度降") as page:
        assert found(page) == []


def press(page, link):
    """Press a link of the bar at the top where it is: Playwright's own click would scroll the page first."""
    box = page.get_by_role("link", name=link, exact=True).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("name", ["index", "01_background", "04_mathematics"])
def test_a_page_does_not_load_what_it_does_not_need(visit, name):
    """At most 1 MB before pictures and recordings, uncompressed: formulas and charts need nothing but the page."""
    with visit(f"zh/{name}.html") as page:
        sizes = dict(
            page.evaluate("performance.getEntriesByType('resource').map(each => [each.name, each.decodedBodySize])")
        )
        assert not [file for file in sizes if re.search(r"fontawesome\.js|searchindex", file)]
        assert sum(size for file, size in sizes.items() if not re.search("/pictures/|/recordings/", file)) < 1e6


def test_a_dark_page_is_printed_on_light_paper(visit):
    with visit("en/index.html", color_scheme="dark") as page:
        for event, theme in (("beforeprint", "light"), ("afterprint", "dark")):
            page.evaluate("event => dispatchEvent(new Event(event))", event)
            assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_without_scripts_the_way_in_looks_like_a_button(visit):
    with visit("en/index.html", java_script_enabled=False) as page:
        fill, page_fill = (
            page.locator(place).evaluate("node => getComputedStyle(node).backgroundColor")
            for place in (".begin", "body")
        )
        assert fill not in (page_fill, "rgba(0, 0, 0, 0)")


def test_the_search_does_not_know_replies_that_are_not_shown(site):
    words, told = set(), set()
    for path in (site / "en").glob("*.html"):
        words |= set(re.findall(r"[a-z]+", soup(path).get_text(" ").lower()))
        for reply in soup(path).select(".prediction [data-letter]"):
            told |= set(
                re.findall(r"[a-z]+", BeautifulSoup(reply.decode_contents(), "html.parser").get_text(" ").lower())
            )
    index = (site / "en" / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index[index.index("{") : index.rindex("}") + 1])["terms"]
    of_replies = {
        word for word in told if not any(known.startswith(word) for known in words)
    }  # "exceed" is "exceeds", too
    assert len(of_replies) > 10 and not of_replies & terms.keys()


def test_the_switch_leads_to_the_same_place_and_back(visit):
    top = "document.getElementById('map-text').getBoundingClientRect().top"
    with visit("en/05_practice.html") as page:
        page.evaluate("document.getElementById('map-text').scrollIntoView({behavior: 'instant'})")
        press(page, "中文")
        page.wait_for_url("**/zh/05_practice.html#map-text")
        page.wait_for_function(f"() => Math.abs({top}) < 150")
        press(page, "English")
        page.wait_for_url("**/en/05_practice.html#map-text")


def test_a_folded_answer_is_not_seen_until_it_is_asked_for(visit):
    with visit("en/03_algorithms.html") as page:
        cell = page.locator("#where-it-ends")
        answer, summary = cell.locator(".output pre"), cell.locator("summary")
        assert not answer.is_visible() and cell.locator("pre").first.is_visible()
        summary.click()
        assert answer.is_visible()
        answers = page.locator("article details:not([class])").first
        assert not answers.get_by_text("They are added").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_and_charts_have_the_colours_of_the_page(visit, tmp_path, scheme):
    with visit("en/03_algorithms.html", color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        assert page.locator(".chart > svg").count() == 3 and page.locator("math").count() > 20
        for place in ("rules-figure img:visible", "one-run img:visible"):
            picture = page.locator(f"#{place}")
            assert picture.count() == 1 and scheme in picture.get_attribute("class")
            picture.scroll_into_view_if_needed()
            picture.evaluate("image => image.decode()")
            picture.screenshot(path=tmp_path / "picture.png")
            with Image.open(tmp_path / "picture.png") as seen:
                corner = seen.convert("L").getpixel((3, 3))
                assert corner < 40 if scheme == "dark" else corner > 230
        node = page.locator(".chart .box").first
        [fill] = re.findall(r"\d+, \d+, \d+", node.evaluate("node => getComputedStyle(node).fill"))
        assert (max(map(int, fill.split(","))) < 90) == (scheme == "dark")


@pytest.mark.parametrize("name", ["index", "search", *PAGES])
def test_a_page_fits_a_phone_and_can_be_read_by_everybody(visit, name):
    """No scrolling sideways, answers opened too, and axe finds nothing serious: on a phone and a screen, light and dark."""
    for language, window, scheme in (("zh", PHONE, "dark"), ("en", PHONE, "light"), ("en", WIDE, "dark")):
        with visit(f"{language}/{name}.html", window, color_scheme=scheme) as page:
            page.evaluate("document.querySelectorAll('details').forEach(node => node.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= window[0]
            page.wait_for_timeout(400)  # milliseconds: the theme measures what scrolls a little later
            page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
            assert page.evaluate(AXE) == [], f"{language} {window} {scheme}"
