"""A new chapter, made as CONTRIBUTING says, is found by all that goes through the chapters: none of it keeps a list."""

import shutil
import subprocess
import sys

import pytest
from chapter_files import FOLDER

ROOT = FOLDER.parents[1]
PROGRAM = """
import sys
sys.path[:0] = [".", ".ci", "tests", *("tests/" + room for room in ("browser", "chapters", "exercises", "labs"))]
from course_lib.exercises import export
from course_lib.exercises.start.pages import pages

page = pages("notebooks/en")[-1]
print("start page:", page.number, page.title, page.minutes, page.exercises.number)
print("export:", export.all_chapters()[-1].number)
import again, test_claims, test_notebook_form, test_teaching_guide
from tests.browser import test_browser_everywhere

print("make again:", again.CHAPTERS[-1].stem)
print("claims:", [*test_claims.NOTEBOOKS][-1])
print("form:", test_notebook_form.CHAPTERS[-1].stem)
print("guide:", [*test_teaching_guide.CHAPTERS][-1])
print("browser:", test_browser_everywhere.Test77_attention.name)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course with one chapter more: the notebook and the exercises of the ninth, renamed."""
    folder = tmp_path_factory.mktemp("course")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints", "answers.json")
    for name in ("course_lib", "notebooks", "tests", ".ci"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for old, new, changes in (
        (
            "notebooks/en/09_faq.ipynb",
            "notebooks/en/77_attention.ipynb",
            [("# 9. ", "# 77. "), ("chapter09", "chapter77")],
        ),
        ("course_lib/exercises/chapter09.py", "course_lib/exercises/chapter77.py", [("Chapter(9,", "Chapter(77,")]),
    ):
        text = (folder / old).read_text(encoding="utf-8")
        for change in changes:
            assert change[0] in text
            text = text.replace(*change)
        (folder / new).write_text(text, encoding="utf-8")
    return folder


def test_it_is_found_everywhere(course):
    result = subprocess.run([sys.executable, "-c", PROGRAM], cwd=course, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    start, *others = result.stdout.splitlines()
    assert start.startswith("start page: 77 Questions and answers") and start.endswith(" 77")
    assert [line.partition(": ")[2].partition(".")[0] for line in others] == ["77", *["77_attention"] * 5]


def test_make_runs_its_notebook_too(course):
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, course)
    shown = subprocess.run(
        ["make", "--dry-run", "outputs", "slides"], cwd=course, capture_output=True, text=True
    ).stdout
    assert shown.count("notebooks/en/77_attention.ipynb") == 2
