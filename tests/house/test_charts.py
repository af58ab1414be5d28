"""The charts of the chapters, drawn for the slides: every word is there, large, and on nothing else."""

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import charts
import pytest
import slides
from chapter_files import read
from charts import draw, read_chart
from nbformat.v4 import new_markdown_cell, new_notebook

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*/*.ipynb"))
HIGHEST = 26 * charts.UNIT  # a page of slides has 26.6 times the size of a letter at 1,280 x 720


def sources():
    """{name: source} of every chart of the chapters."""
    found = {}
    for path in NOTEBOOKS:
        for cell in read(path).cells:
            for i, source in enumerate(re.findall(r"```mermaid\n(.*?)\n```", cell.source, re.DOTALL)):
                found[f"{path.parent.name}-{path.stem}-{cell.id}-{i}"] = source
    return found


SOURCES = sources()


@pytest.fixture(params=SOURCES)
def chart(request):
    return read_chart(SOURCES[request.param])


def test_both_editions_have_the_same_charts():
    english, chinese = ([name[3:] for name in SOURCES if name[:2] == language] for language in ("en", "zh"))
    assert english == chinese and english


def test_a_chart_is_read():
    chart = read_chart(
        'graph LR\n  A["one<br/>1"] --> B((two)) -- "again" --> A\n  x -->|w_1| B\n'
        '  subgraph S ["both of them"]\n    C(("+")) -- up to --> D[four]\n  end\n  D --> x\n'
    )
    assert chart.names == {"A": "one\n1", "B": "two", "x": "x", "C": "+", "D": "four"}
    assert chart.round == {"B", "C"}
    assert chart.edges == [("A", "B", ""), ("B", "A", "again"), ("x", "B", "w_1"), ("C", "D", "up to"), ("D", "x", "")]
    assert chart.groups == {"both of them": ["C", "D"]}
    assert chart.in_words() == "one 1 → two → (again) one 1; x → (w_1) two; + → (up to) four → x; both of them: +, four"


@pytest.mark.parametrize("source", ["graph TD\nA --> B", "flowchart LR\nA --- B", "graph LR\nclick A href", ""])
def test_what_it_does_not_know_is_refused(source):
    with pytest.raises((ValueError, IndexError), match="expected"):
        read_chart(source)


def written(drawing):
    """The texts of the drawing's SVG, lines joined without spaces."""
    svg = ElementTree.fromstring(drawing.svg())
    return sorted("".join(text.itertext()).replace(" ", "") for text in svg.iter("text"))


def test_every_word_is_there(chart):
    words = [*chart.names.values(), *filter(None, (label for *_, label in chart.edges)), *chart.groups]
    assert written(draw(chart)) == sorted(re.sub(r"\s", "", word) for word in words)


def test_it_is_a_picture_with_its_words(chart):
    svg = ElementTree.fromstring(draw(chart).svg())
    assert svg.get("role") == "img" and svg.get("aria-label") == chart.in_words()
    assert all(name.replace("\n", " ") in svg.get("aria-label") for name in chart.names.values())
    assert {text.get("font-size") for text in svg.iter("text")} == {str(charts.UNIT)}


def test_it_fits_a_page_and_nothing_lies_on_anything(chart):
    drawing = draw(chart)
    assert drawing.width <= charts.WIDEST and drawing.height <= HIGHEST
    texts = [*drawing.boxes, *drawing.labels, *drawing.titles]
    assert not [(a.lines, b.lines) for a, b in combinations(texts, 2) if a.overlaps(b)]
    left, top, right, bottom = drawing.ends
    for part in (*texts, *drawing.frames):
        a, b, c, d = part.ends
        assert left <= a and top <= b and c <= right and d <= bottom


def touches(point, box):
    """Whether a point lies on the border of a box."""
    left, top, right, bottom = box.ends
    x, y = point
    inside = left - 0.1 <= x <= right + 0.1 and top - 0.1 <= y <= bottom + 0.1
    return inside and min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) < 0.1


def test_each_arrow_leads_from_its_box_to_its_box(chart):
    drawing = draw(chart)
    boxes = dict(zip(chart.names, drawing.boxes, strict=True))
    left = list(drawing.arrows)
    for source, target, _ in chart.edges:
        mine = [arrow for arrow in left if touches(arrow[0], boxes[source]) and touches(arrow[-1], boxes[target])]
        assert len(mine) == 1, (source, target)
        left.remove(mine[0])
        others = [box for box in boxes.values() if box not in (boxes[source], boxes[target])]
        assert not any(charts._crosses(mine[0], box) for box in others)
    assert left == []


def test_a_frame_holds_its_boxes_and_no_others(chart):
    drawing = draw(chart)
    boxes = dict(zip(chart.names, drawing.boxes, strict=True))
    for frame, members in zip(drawing.frames, chart.groups.values(), strict=True):
        assert [box for box in boxes if frame.overlaps(boxes[box])] == [box for box in boxes if box in members]
    assert not any(a.overlaps(b) for a, b in combinations(drawing.frames, 2))


def test_a_chain_that_is_too_wide_goes_on_below():
    drawing = draw(read_chart("graph LR\n" + " --> ".join(f'B{i}["incomprehensibility {i}"]' for i in range(4))))
    tops = [box.y for box in drawing.boxes]
    assert tops[0] == tops[1] < tops[2] == tops[3] and drawing.width <= charts.WIDEST


IN_PIXELS = """() => [...document.querySelectorAll('.chart svg')].map(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect());
    const frame = svg.getBoundingClientRect(), cut = [], shared = [];
    for (const text of svg.querySelectorAll('rect[stroke-width] + text')) {
        const box = text.previousElementSibling.getBoundingClientRect(), words = text.getBoundingClientRect();
        if (words.left < box.left || words.right > box.right || words.top < box.top - 1 || words.bottom > box.bottom + 1)
            cut.push(text.textContent);
    }
    boxes.forEach((a, i) => boxes.slice(0, i).forEach(b => {
        if (a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom) shared.push(i);
    }));
    return {cut, shared, letters: 24 * svg.getScreenCTM().a, within: frame.right <= innerWidth && frame.bottom <= innerHeight,
            boxes: svg.querySelectorAll('rect[stroke-width] + text').length};
})"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1024, 768), (1280, 720), (1920, 1080)])
def test_letters_in_a_browser_stay_in_their_boxes_and_are_large(size, tmp_path):
    from tests.browser.jupyter import chromium

    cells = [new_markdown_cell(f"# {name}\n\n```mermaid\n{source}\n```") for name, source in SOURCES.items()]
    with chromium() as browser:
        page = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
        seen = []
        for cell in cells:
            (tmp_path / "chart.html").write_text(slides.deck(new_notebook(cells=[cell])), encoding="utf-8")
            page.goto((tmp_path / "chart.html").as_uri())
            seen += page.evaluate(IN_PIXELS)
    assert len(seen) == len(SOURCES)
    for name, source, found in zip(SOURCES, SOURCES.values(), seen, strict=True):
        assert found["cut"] == [] and found["shared"] == [] and found["within"], name
        assert found["letters"] > 23.9 and found["boxes"] == len(read_chart(source).names), name
