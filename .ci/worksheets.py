"""Make worksheets for pencil and paper, a page or two of A4 for each chapter to print, and a key for teachers.

python .ci/worksheets.py [--seed 7] [--forms 2] [NOTEBOOK ...]      writes build/worksheets/en/04_mathematics.html and so on

The tasks are the forms of a chapter's exercises (`course_lib/exercises/machinery/again.py`): one seed gives the same numbers on
every computer, another seed others. A key stands in a file of its own, `04_mathematics_key.html`.
"""

import argparse
from html import escape
from pathlib import Path

from built import html_page, store
from translation import EDITIONS

from course_lib.exercises.machinery.again import written
from course_lib.exercises.machinery.display import PARAGRAPH, inline
from course_lib.exercises.start.pages import pages
from course_lib.text import set_language

WORDS = {
    "en": {"sheet": "With pencil and paper", "key": "Key for teachers", "name": "Name", "seed": "Numbers: seed {seed}"},
    "zh": {"sheet": "纸笔练习", "key": "教师用答案", "name": "姓名", "seed": "数字：种子 {seed}"},
}
STYLE = """\
@page { size: A4; margin: 14mm 16mm; }
html { color: #111; font: 11pt/1.4 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { max-width: 178mm; margin: 0 auto; }
h1 { color: #00578a; font-size: 1.5em; line-height: 1.2; margin: 0; }
header p { display: flex; justify-content: space-between; border-bottom: 0.2mm solid #999; margin: 2mm 0 4mm; }
li { break-inside: avoid; margin-bottom: ROOM; }
code { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
"""


def forms(chapter, seed, count):
    """`count` forms of each exercise of a chapter that has forms: first one of each, then the next of each."""
    exercises = [each for each in chapter.exercises.values() if each.again is not None]
    return [each.form(number, seed) for number in range(2, 2 + count) for each in exercises]


def sheet(title, language, found, seed, is_key=False):
    """The tasks of these forms as one HTML text; with the answer and its reason below each, if it is the key."""
    words = WORDS[language]

    def task(form):
        asked = f"<p>{inline(form.says(form.task))}</p>"
        if not is_key:
            return f"<li>{asked}</li>"
        answer = f"<strong>{escape(written(form.judge.expected))}</strong>. {inline(form.says(form.explanation))}"
        return f'<li>{asked}<p style="{PARAGRAPH}">{answer}</p></li>'

    title, name = f"{title}: {words['key' if is_key else 'sheet']}", "" if is_key else f"{words['name']}:"
    head = f"<h1>{escape(title)}</h1><p><span>{name}</span><span>{words['seed'].format(seed=seed)}</span></p>"
    tasks = "\n".join(map(task, found))
    body = f"<header>{head}</header>\n<ol>\n{tasks}\n</ol>"
    return html_page(language, title, STYLE.replace("ROOM", "4mm" if is_key else "38mm"), body)


def write(names=(), seed=1, count=1, folder="worksheets"):
    """Write the worksheets and keys of the chapters in notebooks with these names, or of all; returns their paths."""
    paths = []
    for language, notebooks in EDITIONS.items():
        set_language(language)
        for page in pages(notebooks):
            found = forms(page.exercises, seed, count) if not names or page.file in names else []
            for kind in ("", "_key") if found else ():
                text = sheet(f"{page.number}. {page.name}", language, found, seed, is_key=bool(kind))
                paths.append(store(Path(folder, language, f"{Path(page.file).stem}{kind}.html"), text))
    set_language("en")
    return paths


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="worksheets", description="Tasks for pencil and paper, and a key.")
    parser.add_argument("--seed", type=int, default=1, help="other numbers for another seed (0 or more); by default 1")
    parser.add_argument("--forms", type=int, default=1, help="how many tasks of each kind; by default 1")
    parser.add_argument("notebooks", nargs="*", type=Path, help="of which chapters; by default of all")
    chosen = parser.parse_args(arguments)
    if chosen.seed < 0 or not 1 <= chosen.forms <= 20:
        parser.error(f"expected a seed of 0 or more and 1 to 20 forms, got {chosen.seed} and {chosen.forms}")
    paths = write({path.name for path in chosen.notebooks}, chosen.seed, chosen.forms)
    if not paths:
        parser.error(f"none of these chapters has tasks for a pencil: {', '.join(map(str, chosen.notebooks))}")


if __name__ == "__main__":
    main()
