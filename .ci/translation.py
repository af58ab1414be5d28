"""Keep the Chinese edition beside the English one: every page has the same cells, and knows the text that it translates.

python .ci/translation.py                              what is not translated, and what has drifted, both texts side by side
python .ci/translation.py start 02_core_concepts       make the Chinese page, or give it the cells that are new in English
python .ci/translation.py texts 02_core_concepts       print its cells as one text, to be worked on in an editor
python .ci/translation.py take 02_core_concepts FILE   put such a text into the page: each cell in it counts as translated
python .ci/translation.py read 02_core_concepts slopes remember      these translations have been read again

A page is a notebook, or a Markdown page such as glossary.md, whose "cells" are its sections; so is README.md. Each Chinese cell
carries the hash of the English one: in a notebook as metadata `translates`, in a Markdown page as a comment below the heading.
"""

import argparse
import ast
import copy
import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from execute_notebooks import read, to_bytes

ROOT = Path(__file__).resolve().parent.parent
EDITIONS = {language: ROOT / "notebooks" / language for language in ("en", "zh")}
ENGLISH, CHINESE = EDITIONS.values()
README = "README.md"  # the repository's; README.zh.md stands beside it
KEY = "translates"  # in a cell's metadata: the hash of the English cell
LANGUAGE = (
    'from course_lib import set_language\nset_language("zh")\n'  # how the first code cell of a Chinese notebook begins
)
MARK = re.compile(r"^%% (?:markdown|code) (\S+)\n", re.MULTILINE)  # before each cell, in a text for an editor
COMMENT = re.compile(r"\n<!-- translates (\S+) ?(\w*) -->")
GENERATED = re.compile(
    r"(<!-- \w+ -->\n).*?(<!-- end -->)", re.DOTALL
)  # a table that a command writes in both languages
HAN = re.compile("[\u4e00-\u9fff]")
HEADING = re.compile(r"^#{1,4} .+$", re.MULTILINE)


@dataclass(frozen=True)
class Pair:
    """A cell in both languages. read: the hash of the English text that was translated, "" before that."""

    id: str
    kind: str
    english: str
    chinese: str
    read: str

    @property
    def state(self):
        if not self.read:
            return "not translated"
        return "up to date" if self.read == digest(self.english) else "drifted"


def digest(text):
    """What a Chinese cell remembers of the English one: all but its generated tables."""
    return hashlib.sha256(GENERATED.sub(r"\1\2", text).encode()).hexdigest()[:12]


def pages(folder=ENGLISH):
    """The names of a language's pages: notebooks without their ending, Markdown pages with it."""
    return [
        path.stem if path.suffix == ".ipynb" else path.name
        for path in sorted(folder.glob("*.*"))
        if path.suffix in (".ipynb", ".md")
    ] + [README] * page_path(folder, README).exists()


def page_path(folder, name):
    if name == README:
        return folder.parents[1] / (README if folder.name == ENGLISH.name else "README.zh.md")
    return folder / (name if name.endswith(".md") else f"{name}.ipynb")


# Notebooks


def without_language(source):
    """The source of a Chinese notebook's first code cell, as it would be in English."""
    return source.removeprefix(LANGUAGE)


def masked(source):
    """The code of a cell with strings and comments taken out: what both languages share. Raises SyntaxError."""
    return ast.dump(_Masked().visit(ast.parse(source)))


class _Masked(ast.NodeTransformer):
    """Every string becomes "…"; of an f-string the values stay, in any order, for sentences differ in theirs."""

    def visit_Constant(self, node):
        return ast.Constant("…") if isinstance(node.value, str) else node

    def visit_FormattedValue(self, node):
        return ast.FormattedValue(self.visit(node.value), node.conversion, node.format_spec)

    def visit_JoinedStr(self, node):
        values = [self.visit(part) for part in node.values if isinstance(part, ast.FormattedValue)]
        return ast.JoinedStr(sorted(values, key=ast.dump))


def strings(source):
    """The texts of the strings in a Python source, those of f-strings piece by piece, in the order of the syntax tree."""
    nodes = ast.walk(ast.parse(source))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def literals(source):
    """(the texts in its strings, those in its comments) of a cell."""
    comments = re.findall(r"(?:^|\s)#\s?(.*)$", re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "", source), re.MULTILINE)
    return strings(source), comments


def is_universal(source):
    """Whether a code cell says nothing to a reader: no comments, and no strings but names of exercises and the like."""
    found, comments = literals(source)
    return (
        not comments
        and all(re.fullmatch(r"[^A-Za-z]*|[a-z0-9]+(-[a-z0-9]+)*|[\w.]+", text) for text in found)
        and "print(" not in source
    )


def skeleton(english, chinese=None):
    """A Chinese notebook with the English one's cells: those of `chinese` where it has them, else the English ones. Whoever
    has written a cell in Chinese without `start` loses nothing: it stays, and is to be read.

    Code in which there is nothing to translate counts as translated. Outputs are taken away: they are to be made anew.
    """
    old = {cell.id: cell for cell in chinese.cells} if chinese else {}
    notebook, first = copy.deepcopy(english), True
    for cell in notebook.cells:
        done = old.get(cell.id)
        same = done is not None and done.cell_type == cell.cell_type
        beginning = LANGUAGE if cell.cell_type == "code" and first else ""
        read_before = done.metadata.get(KEY) if same else None
        if cell.cell_type == "code" and is_universal(cell.source):
            read_before, cell.source = digest(cell.source), beginning + cell.source
        elif read_before or (same and HAN.search(done.source)):
            cell.source = done.source
        else:
            cell.source = beginning + cell.source
        if read_before:
            cell.metadata[KEY] = read_before
        if cell.cell_type == "code":
            first = False
            cell.outputs, cell.execution_count = (done.outputs, done.execution_count) if done else ([], None)
    return notebook


def notebook_pairs(english, chinese):
    """The pairs of two notebooks' cells, in the English order; a cell that is missing in Chinese is not translated."""
    there = {cell.id: cell for cell in chinese.cells}
    for cell in english.cells:
        own = there.get(cell.id)
        text = without_language(own.source) if own else ""
        yield Pair(cell.id, cell.cell_type, cell.source, text, own.metadata.get(KEY, "") if own else "")


# Markdown pages


def sections(text):
    """[(id, section)] of a Markdown page; the id is that of the comment below the heading, else made of the heading."""
    fenced = [match.span() for match in re.finditer(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)]
    starts = [m.start() for m in HEADING.finditer(text) if not any(a <= m.start() < b for a, b in fenced)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        section = text[start:end].strip("\n")
        comment = COMMENT.search(section)
        found.append((comment[1] if comment else slug(section.partition("\n")[0]), section))
    return found


def slug(heading):
    """A heading's anchor as GitHub makes it."""
    words = re.sub(r"\]\([^)]*\)", "", heading.lstrip("# "))
    return re.sub(r"[^\w -]", "", words).lower().strip().replace(" ", "-")


def page_pairs(english, chinese):
    """The pairs of two Markdown pages' sections."""
    there = dict(sections(chinese))
    for name, section in sections(english):
        own = there.get(name, "")
        comment = COMMENT.search(own)
        yield Pair(name, "markdown", section, COMMENT.sub("", own), comment[2] if comment else "")


def page_text(english, done):
    """A Chinese Markdown page: the sections of the English one, each as in `done`, {id: (text, hash)}, or in English."""
    parts = []
    for name, section in sections(english):
        text, known = done.get(name, (section, ""))
        heading, _, body = text.strip("\n").partition("\n")
        parts.append(f"{heading}\n<!-- translates {name} {known}".rstrip() + f" -->\n{body}".rstrip("\n"))
    own = [section for name, section in done.items() if name not in dict(sections(english))]
    return "\n\n".join(parts + [text for text, _ in own]) + "\n"


# Both


def pairs(name, english=ENGLISH, chinese=CHINESE):
    """The pairs of a page that exists in both languages."""
    paths = page_path(english, name), page_path(chinese, name)
    if name.endswith(".md"):
        return list(page_pairs(*(path.read_text(encoding="utf-8") for path in paths)))
    return list(notebook_pairs(*map(read, paths)))


def write(name, texts, known, english=ENGLISH, chinese=CHINESE):
    """Write a Chinese page. texts: {id: new text}; known: {id: hash}, for the cells that have been translated or read."""
    path, source = page_path(chinese, name), page_path(english, name)
    chinese.mkdir(parents=True, exist_ok=True)
    if name.endswith(".md"):
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        done = {
            each: (COMMENT.sub("", text), (COMMENT.search(text) or ["", "", ""])[2]) for each, text in sections(old)
        }
        for each in {*texts, *known}:
            text, before = done.get(each, ("", ""))
            done[each] = texts.get(each, text), known.get(each, before)
        path.write_text(page_text(source.read_text(encoding="utf-8"), done), encoding="utf-8")
        return
    notebook = skeleton(read(source), read(path) if path.exists() else None)
    for cell in notebook.cells:
        if cell.id in texts:
            beginning = LANGUAGE if cell.source.startswith(LANGUAGE) else ""
            cell.source = beginning + without_language(texts[cell.id])
        if cell.id in known:
            cell.metadata[KEY] = known[cell.id]
    path.write_bytes(to_bytes(notebook))


def texts_of(name):
    """All cells of a page as one text; a cell that is not translated stands there in English."""
    cells = [f"%% {pair.kind} {pair.id}\n{pair.chinese}\n" for pair in pairs(name)]
    return "\n".join(cells)


def parsed(text):
    """{id: text} of a text made by `texts_of`."""
    _, *rest = MARK.split(text)
    return {name: part.strip("\n") for name, part in zip(rest[::2], rest[1::2], strict=True)}


def report(names):
    """Print what is left to do on pages; returns how many cells that are."""
    left = 0
    for name in names:
        if not page_path(CHINESE, name).exists():
            print(f"{name}: not begun")
            continue
        waiting = [pair for pair in pairs(name) if pair.state != "up to date"]
        left += len(waiting)
        untranslated = [pair.id for pair in waiting if pair.state == "not translated"]
        if untranslated:
            print(f"{name}: not translated: {', '.join(untranslated)}")
        for pair in waiting:
            if pair.state == "drifted":
                print(
                    f"\n{name}: the English cell {pair.id} has changed\n--- English\n{pair.english}\n--- 中文\n{pair.chinese}\n"
                )
    print(f"{left} cells of the Chinese pages are to be translated or read again.")
    return left


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", nargs="?", default="report", choices=("report", "start", "texts", "take", "read"))
    parser.add_argument("page", nargs="?", help=f"one of {', '.join(pages())}, or its file")
    parser.add_argument("rest", nargs="*", help="take: the file; read: the cells' ids")
    options = parser.parse_args(arguments)
    name = options.page and Path(options.page).name.removesuffix(".ipynb")
    if name is not None and name not in pages():
        parser.error(f"expected one of {', '.join(pages())}, got {name}")
    if options.command == "report":
        report([name] if name else pages())
    elif name is None:
        parser.error(f"{options.command}: expected a page")
    elif options.command == "start":
        write(name, {}, {})
        report([name])
    elif options.command == "texts":
        print(texts_of(name), end="")
    else:
        english = {pair.id: pair.english for pair in pairs(name)}
        texts = parsed(Path(options.rest[0]).read_text(encoding="utf-8")) if options.command == "take" else {}
        chosen = list(texts) or options.rest
        if not chosen or set(chosen) - set(english):
            parser.error(f"{name}: expected ids of its cells, got {', '.join(set(chosen) - set(english)) or 'none'}")
        there = {} if texts else {pair.id: pair.chinese for pair in pairs(name) if pair.kind == "markdown"}
        if still := [each for each in chosen if there.get(each) == english[each]]:
            parser.error(f"{name}: still in English, translate first: {', '.join(still)}")
        write(name, texts, {each: digest(english[each]) for each in chosen})
        report([name])


if __name__ == "__main__":
    sys.exit(main())
