"""Turn one language's notebooks and Markdown pages into what Sphinx reads. Pages are found, not listed.

Every cell of a notebook and every section of a Markdown page gets an anchor, and both languages share its name: a
notebook's cell id, a section's English heading. A line `% anchor NAME` before the text says so to `conf.py`.
"""

import json
import re
from html import escape
from pathlib import Path
from string import Template

import nbformat
from built import NOTEBOOK_LINK
from charts import CHART, drawn
from execute_notebooks import BLANK_LINE
from nbformat.v4 import new_markdown_cell
from translation import COMMENT, sections

from . import addresses
from .words import WORDS

LINK = re.compile(r"\]\((?P<edition>\.\./(?:en|zh)/)?(?P<page>\w+\.(?:ipynb|md))?(?:#(?P<place>[^)\s]+))?\)")
IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<file>[\w./]+\.(?:webp|png))\)$", re.MULTILINE)
NAMED = re.compile(r'<a id="[^"]+"></a>\n*')
HEADING = re.compile(r"^#{1,4} +(.+)$", re.MULTILINE)
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
LAB = re.compile(r"\b(?:\w+_lab|success_map)\(")
BOX = re.compile(r'\b(?P<kind>predict|check)\("(?P<name>[\w-]+)"')
OPEN_BOXES = ("<strong>? ", "<strong>○ ")  # how boxes begin that ask: of a prediction, of an exercise that is not tried
MARKS = re.compile(r"[*`$]")
LABEL = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")  # of a link or a picture
SENTENCE = re.compile(r".+?(?:[.?](?= |$)|[。？]|$) ?")
LONGEST = 300  # characters of a description: what search engines and social cards have room for


def pages(folder):
    """The pages of a folder: {name without ending: path}, chapters first."""
    paths = [*sorted(Path(folder).glob("*.ipynb")), *sorted(Path(folder).glob("*.md"))]
    return {path.stem: path for path in paths}


def headings(text):
    """The headings of Markdown text, those in code blocks left out."""
    return HEADING.findall(FENCE.sub("", text))


class Edition:
    """One language of the course. Pages that exist in English only are shown in English.

    folder     the notebooks: folder/en, folder/zh
    pictures   where figures are kept, a `Pictures`
    recorded   the folder that `recordings.py` has filled for this language; without it labs are stored pictures
    """

    def __init__(self, folder, language, pictures, recorded=None):
        self.folder, self.language, self.pictures, self.words = Path(folder), language, pictures, WORDS[language]
        self.recorded = {path.stem for path in recorded.glob("*.bin")} if recorded else set()
        self.boxes = json.loads((recorded / "boxes.json").read_text(encoding="utf-8")) if recorded else {}
        self.paths = pages(self.folder / "en") | pages(self.folder / language)
        self.borrowed = {name for name, path in self.paths.items() if path.parent.name != language}
        self.chapters = [name for name, path in self.paths.items() if path.suffix == ".ipynb"]
        self.others = [name for name in self.paths if name not in self.chapters]
        self.texts = {name: self._text(path) for name, path in self.paths.items()}
        self.places = {name: self._places(name) for name in self.paths}

    def _text(self, path):
        """What can be linked to: {anchor: text} of a notebook's Markdown cells, or of the sections of a page."""
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            return {cell.id: cell.source if cell.cell_type == "markdown" else "" for cell in cells}
        return dict(sections(NAMED.sub("", path.read_text(encoding="utf-8"))))

    def _places(self, name):
        """The anchor for everything that links may say after a "#": cell ids and headings as JupyterLab writes them."""
        places = {}
        for anchor, text in self.texts[name].items():
            places |= {anchor: anchor, f"cell-id={anchor}": anchor}
            for number, heading in enumerate(headings(text), start=1):
                places[heading.replace(" ", "-")] = anchor if number == 1 else f"{anchor}-{number}"
        return places

    def title(self, name):
        """The first heading of a page, without marks."""
        return MARKS.sub("", next(heading for text in self.texts[name].values() for heading in headings(text)))

    def description(self, name):
        """A page in its own words, for search engines and social cards: a chapter's goals, else its first sentences.

        Whole sentences, no more than fit; "" where the page has none.
        """
        paragraphs = [part for text in self.texts[name].values() for part in FENCE.sub("", text).split("\n\n")]
        prose = [part for part in paragraphs if part.startswith(self.words["goals"])]
        prose += [part for part in paragraphs if part[:1] not in "#|<-" and part.endswith((".", "?", "。", "？"))]
        text, kept = " ".join(MARKS.sub("", LABEL.sub(r"\1", "".join(prose[:1]))).split()), ""
        for sentence in SENTENCE.findall(text):
            if kept and len(kept + sentence) > LONGEST:
                break
            kept += sentence
        return kept.strip()

    def picture(self, name):
        """The path of the picture that stands for a chapter, in this language if there is one, or None."""
        paths = [self.folder / language / "pictures" / f"{name}.webp" for language in (self.language, "en")]
        return next((path for path in paths if path.exists()), None)

    def write(self, folder):
        """Write every page, and the landing page `index.md`, into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in self.paths.items():
            if name in self.chapters:
                nbformat.write(self.notebook(name), folder / path.name)
            else:
                (folder / path.name).write_text(self.page(name), encoding="utf-8")
        (folder / "index.md").write_text(self.landing(), encoding="utf-8")

    def notebook(self, name):
        """The notebook with anchors, a description, links between pages, pictures in files, folded answers, ways to run it."""
        notebook, cells = nbformat.read(self.paths[name], as_version=4), []
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                text = self.linked(cell.source, name)
                if not cells:
                    title, _, rest = text.partition("\n")
                    text = f"{title}\n\n{self.ways(name)}\n{rest}"
                cell.source = f"% anchor {cell.id}\n\n{text}"
            cells.append(cell)
            if cell.cell_type == "code" and self._prepare(cell, name):
                cells.append(new_markdown_cell(self.ways(name, self.words["live"]), id=f"{cell.id}-live"))
        notebook.cells, notebook.metadata["description"] = cells, self.description(name)
        return notebook

    def _prepare(self, cell, name):
        """Give a code cell its anchor, fold its answer, put its pictures into files, let its lab play; returns whether it
        shows a lab."""
        cell.metadata["anchor"] = cell.id
        for hidden, tag in (("outputs_hidden", "hide-output"), ("source_hidden", "hide-input")):
            if cell.metadata.get("jupyter", {}).get(hidden):
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), tag]
        is_lab = False
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = output.text.removeprefix(BLANK_LINE)
            if html := output.get("data", {}).get("text/html"):
                shows_lab = "<figure" in html and bool(LAB.search(cell.source))
                html = self.pictures.in_html(NOTEBOOK_LINK.sub(r"\1.html", self._asked(cell.source, html, name)))
                output.data["text/html"] = self.lab(html, name, cell.id) if shows_lab else html
                is_lab = is_lab or shows_lab
        return is_lab

    def _asked(self, source, html, name):
        """A prediction with its replies, an exercise with the place where it is done; other HTML as it is."""
        asked = list(BOX.finditer(source))
        if not asked or not any(sign in html for sign in OPEN_BOXES):
            return html
        kind, box = asked[-1]["kind"], self.boxes.get(name.partition("_")[0], {}).get(asked[-1]["kind"], {})
        html = box.get(asked[-1]["name"], html)
        return f"<div>{html}{self.ways(name, self.words['exercise'])}</div>" if kind == "check" else html

    def lab(self, html, name, cell, attributes=""):
        """A lab whose stored picture is in this HTML: it plays, where a recording of it is there."""
        if (stem := f"{name}-{cell}") not in self.recorded:
            return f'<div><p class="note">{self.words["lab"]}</p>{html}</div>'
        file = f'data-file="../recordings/{self.language}/{stem}.bin" data-note="{escape(self.words["recording"])}"'
        return f'<div class="recording" {file}{attributes}><p class="note">{self.words["lab"]}</p>{html}</div>'

    def page(self, name):
        """A Markdown page with anchors, a description, and links between pages."""
        parts = [f"% anchor {anchor}\n\n{section}" for anchor, section in self.texts[name].items()]
        text = self.linked(COMMENT.sub("", "\n\n".join(parts)), name)
        if name in self.borrowed:
            text = re.sub(r"^(# .+)$", rf"\1\n\n*{self.words['english only']}*", text, count=1, flags=re.MULTILINE)
        return f"---\ndescription: {json.dumps(self.description(name), ensure_ascii=False)}\n---\n\n{text}"

    def linked(self, text, name):
        """The text of a page with its links to pages of the site, and its pictures in files; code blocks stay as they are."""
        parts = FENCE.split(CHART.sub(drawn, text))
        parts[::2] = [LINK.sub(lambda found: self._link(found, name), self._with_pictures(p, name)) for p in parts[::2]]
        return "".join(parts)

    def _link(self, found, name):
        target, place = (found["page"] or name).removesuffix(".ipynb").removesuffix(".md"), found["place"]
        if target not in self.paths or (place and place not in self.places[target]):
            raise ValueError(f"{self.language}/{name}: expected a link to a page and its place, got {found[0][2:-1]}")
        page = f"{found['edition'] or ''}{target}.html" if found["page"] else ""
        return f"]({page}{f'#{self.places[target][place]}' if place else ''})"

    def _with_pictures(self, text, name):
        folder = self.paths[name].parent

        def picture(found):
            both = self.pictures.both((folder / found["file"]).read_bytes(), f'<img alt="{escape(found["alt"])}"')
            return f"<figure>{both}</figure>"

        return IMAGE.sub(picture, text)

    def ways(self, name, sentence=""):
        """HTML of the ways to run a chapter: in the browser alone, on Binder; else, after a sentence, the file's name."""
        path = f"notebooks/{self.paths[name].parent.name}/{name}.ipynb"
        links = {"browser": addresses.in_browser(path), "binder": addresses.on_binder(path)}
        ways = [
            f'<a class="way {way}" href="{escape(address)}" title="{self.words[f"{way} hint"]}">{self.words[way]}</a>'
            for way, address in links.items()
            if address
        ]
        if sentence:
            elsewhere = "" if ways else self.words["elsewhere"].format(path=f"<code>{path}</code>")
            ways = [f"<span>{sentence}{elsewhere}</span>", *ways]
        return f'<p class="ways">{" ".join(ways)}</p>\n' if ways else ""

    def landing(self):
        """The first page of the language: for whom the course is, a lab that plays, every chapter."""
        start, *chapters = self.chapters
        name, place, plays = FIRST_LAB
        [shown] = [cell for cell in nbformat.read(self.paths[name], as_version=4).cells if cell.id == place]
        [html] = [html for output in shown.outputs if (html := output.get("data", {}).get("text/html"))]
        cards = "".join(self._card(name) for name in chapters)
        return LANDING.substitute(
            title=self.words["title"],
            sentences=self.words["for whom"],
            begin=f'<a class="way begin" href="{start}.html">{self.words["begin"]}</a>',
            ways=self.ways(start).removeprefix('<p class="ways">').removesuffix("</p>\n"),
            lab=self.lab(self.pictures.in_html(html), name, place, f' data-plays="{plays}"'),
            chapters=self.words["chapters"],
            cards=f'<ul class="cards">{cards}</ul>',
            chapter_pages="\n".join(self.chapters),
            pages=self.words["pages"],
            other_pages="\n".join(self.others),
        )

    def _card(self, name):
        picture = self.picture(name)
        shown = self.pictures.both(picture.read_bytes(), '<img alt=""') if picture else ""
        return f'<li><a href="{name}.html">{shown}<span>{escape(self.title(name))}</span></a></li>'


# Chapter and cell of the lab that the first page shows, and from where it plays along the axes of its recording.
FIRST_LAB = "01_background", "training-lab", "3 0"
ANIMATIONS = {
    "en": addresses.ROOT / ".github" / "training_lab.webp",
    "zh": addresses.ROOT / ".github" / "training_lab.zh.webp",
}
LANDING = Template("""\
# $title

$sentences

<p class="ways">$begin $ways</p>

$lab

% anchor chapters

## $chapters

$cards

```{toctree}
:hidden:
:caption: $chapters

$chapter_pages
```

```{toctree}
:hidden:
:caption: $pages

$other_pages
```
""")
