"""Make pages of chapters that need no kernel and no network: HTML to read in a browser, or PDF to print.

python .ci/export.py html notebooks/en/05_practice.ipynb      writes build/html/en/05_practice.html
python .ci/export.py pdf notebooks/en/05_practice.ipynb       writes build/pdf/en/05_practice.pdf, for which it needs Chromium

What is folded in the notebook is folded here: code, outputs that answer a prediction, `<details>`. On paper nobody can unfold
it, so there it is left out, and the labs are the pictures that the notebook stores.
"""

import argparse
import sys
from pathlib import Path

from built import NOTEBOOK_LINK, html_page, store
from execute_notebooks import ROOT, read
from playwright.sync_api import sync_playwright
from pygments.formatters import HtmlFormatter
from slides import CODE, Cells, plain_title

sys.path.insert(0, str(ROOT))
from tests.browser.chromium import MISSING_CHROMIUM, find_chromium

OUTPUT = {"en": "Output", "zh": "输出"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # as in a container, too
TEMPLATE = """\
{%% extends "basic/index.html.j2" %%}
{%% macro folded(cell, what, name, content) %%}{%% if cell.metadata.get("jupyter", {}).get(what) %%}\
<details><summary>{{ name }}</summary>{{ content }}</details>{%% else %%}{{ content }}{%% endif %%}{%% endmacro %%}
{%% block input_group %%}{{ folded(cell, "source_hidden", "%(code)s", super()) }}{%% endblock %%}
{%% block output_group %%}{{ folded(cell, "outputs_hidden", "%(output)s", super()) }}{%% endblock %%}
"""
STYLE = """\
@page { size: A4; margin: 16mm 18mm; }
html { color: #111; font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { color: #00578a; line-height: 1.2; break-after: avoid; }
pre { font: 0.85rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0; white-space: pre-wrap; }
.input_area { background: #f4f4f4; border-left: 5px solid #0072b2; padding: 0.4rem 0.8rem; margin: 0.6rem 0 0.3rem; }
blockquote { border: 1px solid #bbb; margin: 0.6rem 0; padding: 0 1rem; }
figure { margin: 0.6rem 0; }
img, .chart svg { display: block; max-width: 100%; height: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid #bbb; padding: 0.2rem 0.6rem; text-align: left; }
math[display="block"] { margin: 0.8rem 0; overflow: auto hidden; }
.input_area, blockquote, figure, tr, .chart, div[role="status"] { break-inside: avoid; }
@media print {
  html { font-size: 10.5pt; }
  body { max-width: none; margin: 0; padding: 0; }
  details:not([open]), audio { display: none; }
}
"""


def page(notebook, language="en"):
    """The chapter as one HTML text, which loads nothing."""
    template = TEMPLATE % {"code": CODE[language], "output": OUTPUT[language]}
    exporter = Cells(
        raw_template=template, exclude_anchor_links=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(notebook)
    style = STYLE + HtmlFormatter(nobackground=True).get_style_defs(".highlight")
    return html_page(language, plain_title(notebook), style, NOTEBOOK_LINK.sub(r"\1.html", body))


def to_pdf(html, browser):
    """An HTML text as the bytes of a PDF; browser: Playwright's Chromium."""
    opened = browser.new_page()
    opened.set_content(html)  # of no address, so that no link leads to a folder of this machine
    pdf = opened.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    opened.close()
    return pdf


def all_to_pdf(texts):
    """Each of these HTML texts as a PDF. Exits with a sentence where there is no Chromium."""
    if (path := find_chromium()) is None:
        sys.exit(MISSING_CHROMIUM)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as browser:
        yield from (to_pdf(text, browser) for text in texts)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make pages of chapters.")
    parser.add_argument("form", choices=["html", "pdf"])
    parser.add_argument("notebooks", nargs="+", type=Path)
    chosen = parser.parse_args(arguments)
    texts = (page(read(path), path.resolve().parent.name) for path in chosen.notebooks)
    contents = texts if chosen.form == "html" else all_to_pdf(texts)
    for path, content in zip(chosen.notebooks, contents, strict=True):
        store(f"{chosen.form}/{path.resolve().parent.name}/{path.stem}.{chosen.form}", content)


if __name__ == "__main__":
    main()
