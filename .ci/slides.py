"""Make a deck of slides from a chapter: the same cells, in pages that the browser fills.

python .ci/slides.py notebooks/en/05_practice.ipynb      writes build/slides/05_practice.html
... --code hidden     without the programs;  --code folded: each opens with a click

nbconvert's own slides load reveal.js and MathJax from the network whenever they are opened. These decks load nothing:
one file of HTML and CSS, with formulas in MathML, which browsers draw by themselves. A page is a column as wide as the
window, so that the browser itself breaks long cells and lists where the window ends, whatever its size.

The lines of script turn pages. CSS alone cannot: where pages snap into place, Chromium loses Page Down keys that follow
each other quickly (four of them, 60 ms apart, moved by a quarter of a page), and without snapping a key goes by seven
eighths of the window. Without script the deck is one wide page that can be scrolled.
"""

import argparse
import re
from html import escape, unescape
from pathlib import Path

from built import html_page, store
from charts import CHART, drawn
from execute_notebooks import read
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

HEADING = re.compile(r"#{1,3} +(.+)")
VERBATIM = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>)", re.DOTALL)
PROGRAM = re.compile(r'(<div class="input_area">\s*)(<div class="highlight\b.*?</pre></div>)', re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
# 24 pixels in a window of 1,024 x 768, and as many lines on a page in any larger one.
STYLE = """\
:root { --margin: 2.5rem; --bar: 2.4rem; --jp-content-font-size1: 1rem; --jp-code-font-size: 0.75rem; }
html { color: #111; font: max(24px, min(2.34vw, 3.125vh))/1.4 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { margin: 0; overflow: hidden; }
main { box-sizing: border-box; height: calc(100vh - var(--bar)); padding: 1rem var(--margin) 0.5rem; overflow: auto hidden;
       scrollbar-width: none; column-width: calc(100vw - 2 * var(--margin)); column-gap: calc(2 * var(--margin));
       column-fill: auto; orphans: 2; widows: 2; }
h1, h2, h3 { color: #00578a; line-height: 1.2; margin: 0.8rem 0 0.6rem; break-after: avoid; }
h1 { font-size: 1.7rem; margin-top: 0; } h2 { font-size: 1.4rem; } h3 { font-size: 1.1rem; }
p, ul, ol { margin: 0 0 0.6rem; }
pre { font: 0.75rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0;
      white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-size: 0.9em; } pre code { font-size: inherit; }
.input_area, blockquote, figure, tr, math, div[role="status"] { break-inside: avoid; }
.input_area { background: #f4f4f4; border-left: 5px solid #0072b2; padding: 0.4rem 0.8rem; margin: 0.4rem 0 0.3rem; }
.output_area { padding: 0 0 0.3rem; }
blockquote { border: 1px solid #bbb; margin: 0.5rem 0; padding: 0.3rem 1rem; }
blockquote p { margin: 0.2rem 0; }
figure { margin: 0; }
.chart { break-inside: avoid; margin: 0.6rem 0; }
.chart svg { display: block; max-width: 100%; }
img { display: block; width: auto; height: auto; max-width: 100%; max-height: 55vh; object-fit: contain; }
audio { display: block; }
table { border-collapse: collapse; margin: 0 0 0.6rem; }
th, td { border: 1px solid #bbb; padding: 0.2rem 0.6rem; text-align: left; }
a { color: #00578a; }
math[display="block"] { margin: 0.5rem 0; padding-bottom: 0.2rem; }
footer { box-sizing: border-box; height: var(--bar); padding: 0.3rem var(--margin); border-top: 1px solid #bbb; color: #444;
         display: flex; justify-content: space-between; white-space: nowrap; }
footer span { overflow: hidden; text-overflow: ellipsis; }
footer button { font: inherit; color: #00578a; background: none; border: 0; padding: 0 0.6rem; }
@media print {
  body { overflow: visible; }
  main { height: auto; columns: auto; overflow: visible; }
  footer { display: none; }
}
"""
SCRIPT = """\
let page = 0, deck = document.querySelector("main"), number = document.querySelector("output");
const keys = {PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1, Home: -1e6, End: 1e6};
function turn(to) {
  const last = Math.round(deck.scrollWidth / innerWidth) - 1;
  page = Math.max(0, Math.min(to, last));
  deck.scrollTo({left: page * innerWidth, behavior: "instant"});
  number.textContent = `${page + 1} / ${last + 1}`;
}
addEventListener("keydown", key => {
  if (key.key in keys && !key.altKey && !key.ctrlKey && !key.metaKey) { key.preventDefault(); turn(page + keys[key.key]); }
});
for (const name of ["load", "resize"]) addEventListener(name, () => turn(page), true);
addEventListener("toggle", e => turn(Math.floor(e.target.children[+e.target.open].offsetLeft / innerWidth)), true);
deck.addEventListener("scrollend", () => turn(Math.round(deck.scrollLeft / innerWidth)));
"""
BUTTONS = {"en": ("previous page", "next page"), "zh": ("上一页", "下一页")}
CODE = {"en": "Code", "zh": "代码"}
DECK = """\
<main tabindex="-1">
{body}
</main>
<footer><span>{title}</span><span><button aria-label="{previous}" onclick="turn(page - 1)">‹</button>\
<output></output><button aria-label="{next}" onclick="turn(page + 1)">›</button></span></footer>
<script>
{script}</script>"""


class Cells(HTMLExporter):
    """The cells alone, with formulas in MathML and charts as drawings."""

    @pass_context
    def markdown2html(self, context, source):
        return formulas(super().markdown2html(context, CHART.sub(drawn, source)))


def formulas(html):
    """The HTML with $...$ and $$...$$ as MathML; code stays as it is."""

    def mathml(found):
        display = "block" if found[1] else "inline"
        return convert(unescape(found[1] or found[2]), display=display)

    parts = VERBATIM.split(html)
    parts[::2] = [FORMULA.sub(mathml, part) for part in parts[::2]]
    return "".join(parts)


def plain_title(notebook):
    """The heading of a chapter, without marks."""
    return re.sub(r"[*`$]", "", HEADING.match(notebook.cells[0].source)[1]).strip()


def deck(notebook, language="en", code="shown"):
    """The whole deck, as one HTML text. code: shown, hidden or folded."""
    exporter = Cells(
        template_name="basic",
        exclude_anchor_links=True,
        exclude_input=code == "hidden",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    if code == "folded":
        body = PROGRAM.sub(rf"\1<details><summary>{CODE[language]}</summary>\2</details>", body)
    style = STYLE + HtmlFormatter(nobackground=True).get_style_defs(".highlight")
    title, (previous, following) = plain_title(notebook), BUTTONS[language]
    body = DECK.format(title=escape(title), body=body, script=SCRIPT, previous=previous, next=following)
    return html_page(language, title, style, body)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make slides of chapters.")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--code", choices=["shown", "hidden", "folded"], default="shown")
    chosen = parser.parse_args(arguments)
    for path in chosen.notebooks:
        language = path.resolve().parent.name
        name = f"{path.stem}{'' if language == 'en' else f'.{language}'}.html"
        store(f"slides/{name}", deck(read(path), language, chosen.code))


if __name__ == "__main__":
    main()
