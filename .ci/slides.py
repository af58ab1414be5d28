"""Make a deck of slides from a chapter: the same cells, with a page for each heading and each text that follows code.

python .ci/slides.py notebooks/en/05_practice.ipynb      writes build/slides/05_practice.html

nbconvert's own slides load reveal.js and MathJax from the network whenever they are opened. These decks load nothing:
one file of HTML and CSS, whose pages snap into place, with formulas in MathML, which browsers draw by themselves.
"""

import re
import sys
from html import escape, unescape
from pathlib import Path

import nbformat
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "slides"  # ignored by git
ROOM = 19  # lines of text on a page of 16 to 9
FENCE, HEADING = re.compile(r"\s*```"), re.compile(r"#{1,3} +(.+)")
VERBATIM = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>)", re.DOTALL)
CHART = re.compile(r"```mermaid\n(.*?)\n```", re.DOTALL)
NODE = re.compile(r"(\w+) ?(?:\(\(|\[\"?)(.+?)(?:\)\)|\"?\])")  # x1((x1)), S["step"], D[step]
ARROW = re.compile(r"\s*-->\|(.+?)\|\s*|\s*--\s+(\S.*?)\s+-->\s*|\s*-->\s*")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
STYLE = """\
html { scroll-snap-type: y mandatory; color: #111;
       font: clamp(16px, 1.72vw, 32px)/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
:root { --jp-content-font-size1: 0.9rem; --jp-code-font-size: 0.75rem; }
body { margin: 0; }
section { box-sizing: border-box; min-height: 100vh; padding: 2.2rem 6vw 3.4rem; scroll-snap-align: start;
          position: relative; border-bottom: 1px solid #bbb; }
h1, h2, h3 { color: #00578a; line-height: 1.2; margin: 0 0 0.8rem; }
pre { font: 0.75rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0; overflow-x: auto; }
.input_area { background: #f4f4f4; border-left: 5px solid #0072b2; padding: 0.5rem 1rem; margin: 0.8rem 0 0.4rem; }
.output_area { padding: 0.2rem 1rem; }
blockquote { border: 1px solid #bbb; margin: 0.8rem 0; padding: 0.3rem 1rem; }
blockquote p { margin: 0.2rem 0; }
img { max-width: 100%; max-height: 70vh; object-fit: contain; }
figure { margin: 0; }
table { border-collapse: collapse; }
th, td { border: 1px solid #bbb; padding: 0.3rem 0.7rem; text-align: left; }
a { color: #00578a; }
math { font-size: 1.05em; }
math[display="block"] { margin: 0.8rem 0; }
footer { position: absolute; left: 6vw; right: 6vw; bottom: 0.8rem; font-size: 0.7rem; color: #555;
         display: flex; justify-content: space-between; }
footer a { padding: 0 0.6rem; }
@media print { section { break-after: page; min-height: 0; border: 0; } pre { white-space: pre-wrap; } }
"""
PAGE = """\
<section id="page-{number}" aria-label="{title}, {number}">
{body}
<footer><span>{title}</span><span>{links}</span></footer>
</section>
"""
DECK = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}</style></head>
<body>
{pages}</body>
</html>
"""


class Pages(Preprocessor):
    """Sets `page` in the metadata of each cell: the number of its page, from 1, and `section`, the heading above it.

    A page begins at each heading, at each text that follows code, and where the page before seems to be full.
    Smoke cells, which drive the labs for the tests, are left out; Markdown is cut at its headings.
    """

    def preprocess(self, notebook, resources):
        cells, page, used, section, after_code = [], 0, 0, "", True
        for cell in cut_at_headings(notebook.cells):
            if "smoke" in cell.metadata.get("tags", []):
                continue
            is_text = cell.cell_type == "markdown"
            heading = HEADING.match(cell.source) if is_text else None
            if heading:
                section = re.sub(r"[*`$]", "", heading[1]).strip()
            if heading or (is_text and after_code) or not page or used + height(cell) > ROOM:
                page, used = page + 1, 0
            used += height(cell)
            after_code = not is_text
            cell.metadata.update(page=page, section=section)
            cells.append(cell)
        notebook.cells = cells
        return notebook, resources


class Slides(HTMLExporter):
    """The cells alone, with formulas in MathML and charts in words."""

    @pass_context
    def markdown2html(self, context, source):
        return formulas(super().markdown2html(context, CHART.sub(in_words, source)))


def height(cell):
    """About how many lines of text tall the cell is on a page."""
    if cell.cell_type == "markdown":
        return sum(1.4 + len(line) // 95 for line in cell.source.splitlines() if line.strip())
    lines = 2 + 0.7 * len(cell.source.splitlines())
    for output in cell.outputs:
        shown = output.get("text") or output.data.get("text/html") or output.data.get("text/plain", "")
        lines += 10 if "<img" in shown else 4 if shown.startswith("<") else 0.7 * len(shown.splitlines())
    return lines


def cut_at_headings(cells):
    """The cells, where a Markdown cell with headings inside becomes several."""
    for cell in cells:
        if cell.cell_type != "markdown":
            yield cell
            continue
        parts, fenced = [[]], False
        for line in cell.source.splitlines():
            fenced ^= bool(FENCE.match(line))
            if not fenced and HEADING.match(line) and parts[-1]:
                parts.append([])
            parts[-1].append(line)
        for part in parts:
            if text := "\n".join(part).strip():
                yield nbformat.v4.new_markdown_cell(text)


def in_words(found):
    """A Mermaid chart, found by CHART, as a quotation: names and arrows, one line for each of its lines."""
    chart = found[1].replace("<br/>", " ")
    names, lines = dict(NODE.findall(chart)), []
    for line in chart.splitlines()[1:]:
        line = NODE.sub(r"\1", line).strip()
        if line.startswith("subgraph "):
            lines.append(f"{names[line.split()[1]]}:")
        elif line != "end":
            first, *rest = ARROW.split(line)
            words = [names.get(first, first)]
            for *labels, node in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
                label = "".join(f" ({text})" for text in labels if text)
                words.append(f"→{label} {names.get(node, node)}")
            lines.append(" ".join(words))
    return "\n>\n".join(f"> {line}" for line in lines)


def formulas(html):
    """The HTML with $...$ and $$...$$ as MathML; code stays as it is."""

    def mathml(found):
        display = "block" if found[1] else "inline"
        return convert(unescape(found[1] or found[2]), display=display)

    parts = VERBATIM.split(html)
    parts[::2] = [FORMULA.sub(mathml, part) for part in parts[::2]]
    return "".join(parts)


def deck(notebook, language="en"):
    """The whole deck, as one HTML text."""
    exporter = Slides(
        template_name="basic", exclude_anchor_links=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    notebook, _ = Pages().preprocess(notebook, {})
    last = notebook.cells[-1].metadata.page
    title, pages = notebook.cells[0].metadata.section, []
    for number in range(1, last + 1):
        cells = [cell for cell in notebook.cells if cell.metadata.page == number]
        body, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata))
        neighbours = [(number - 1, "‹", "previous page"), (number + 1, "›", "next page")]
        links = [
            f'<a href="#page-{n}" aria-label="{label}">{sign}</a>' if 1 <= n <= last else ""
            for n, sign, label in neighbours
        ]
        links.insert(1, f"{number} / {last}")
        section = escape(cells[0].metadata.section)
        pages.append(PAGE.format(number=number, body=body, title=section, links="".join(links)))
    style = STYLE + HtmlFormatter(nobackground=True).get_style_defs(".highlight")
    return DECK.format(language=language, title=escape(title), style=style, pages="".join(pages))


def main(paths):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in map(Path, paths):
        file = FOLDER / f"{path.stem}.html"
        file.write_text(deck(nbformat.read(path, as_version=4), path.resolve().parent.name), encoding="utf-8")
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
