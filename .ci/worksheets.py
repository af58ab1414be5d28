"""Make worksheets for pencil and paper, a page or two of A4 for each chapter to print, and a key for teachers.

python .ci/worksheets.py [--seed 7] [--forms 2] [NOTEBOOK ...]      writes build/worksheets/en/04_mathematics.html and so on

The tasks are the forms of a chapter's exercises (`course_lib/exercises/machinery/again.py`): one seed gives the same numbers on
every computer, another seed others. A key stands in a file of its own, `04_mathematics_key.html`.
"""

import argparse
from html import escape
from pathlib import Path

from translation import CHINESE, ENGLISH, ROOT

from course_lib.exercises.machinery.again import written
from course_lib.exercises.machinery.display import PARAGRAPH, inline
from course_lib.exercises.start.pages import pages
from course_lib.text import set_language

FOLDER = ROOT / "build" / "worksheets"  # ignored by git
EDITIONS = {"en": ENGLISH, "zh": CHINESE}
WORDS = {
    "en": {"sheet": "With pencil and paper", "key": "Key for teachers", "name": "Name", "seed": "Numbers: seed {seed}"},
    "zh": {"sheet": "纸笔练习", "key": "教师用答案", "name": "姓名", "seed": "数字：种子 {seed}"},
}
PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 14mm 16mm; }}
html {{ color: #111; font: 11pt/1.4 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }}
body {{ max-width: 178mm; margin: 0 auto; }}
h1 {{ color: #00578a; font-size: 1.5em; line-height: 1.2; margin: 0; }}
header p {{ display: flex; justify-content: space-between; border-bottom: 0.2mm solid #999; margin: 2mm 0 4mm; }}
li {{ break-inside: avoid; margin-bottom: {room}; }}
code {{ display: inline-block; max-width: 100%; overflow-wrap: anywhere; }}
</style></head>
<body>
<header><h1>{title}</h1><p><span>{left}</span><span>{right}</span></p></header>
<ol>
{tasks}
</ol>
</body>
</html>
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

    return PAGE.format(
        language=language,
        title=f"{escape(title)}: {words['key' if is_key else 'sheet']}",
        left="" if is_key else f"{words['name']}:",
        right=words["seed"].format(seed=seed),
        room="4mm" if is_key else "38mm",
        tasks="\n".join(map(task, found)),
    )


def write(names=(), seed=1, count=1, folder=FOLDER):
    """Write the worksheets and keys of the chapters in notebooks with these names, or of all; returns their paths."""
    paths = []
    for language, notebooks in EDITIONS.items():
        set_language(language)
        (folder / language).mkdir(parents=True, exist_ok=True)
        for page in pages(notebooks):
            found = forms(page.exercises, seed, count) if not names or page.file in names else []
            for kind in ("", "_key") if found else ():
                path = folder / language / f"{Path(page.file).stem}{kind}.html"
                title = f"{page.number}. {page.name}"
                path.write_text(sheet(title, language, found, seed, is_key=bool(kind)), encoding="utf-8")
                paths.append(path)
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
    for path in paths:
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    main()
