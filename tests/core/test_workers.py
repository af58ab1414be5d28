"""Programs beside each other, and the record where there can be none."""

import ast
import json
from pathlib import Path

import pytest

from course_lib.tools import workers

CHAPTER = Path(__file__).parents[2] / "notebooks" / "en" / "09_faq.ipynb"


def test_programs_run_at_the_same_time(tmp_path):
    """Each waits for a file that the other one makes."""
    meet = (
        "import pathlib, sys, time\n"
        "mine, other = map(pathlib.Path, sys.argv[1:])\n"
        "mine.touch()\n"
        "end = time.monotonic() + 60\n"
        "while not other.exists():\n"
        "    assert time.monotonic() < end\n"
        "    time.sleep(0.01)\n"
    )
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    assert workers.run_together(meet, (a, b), (b, a)) == [0, 0]
    assert workers.run_together("import sys; sys.exit(int(sys.argv[1]))", ("3",), ("0",)) == [3, 0]


def test_what_can_be_run_is_run(capsys):
    assert workers.here_or_recorded(lambda: "ran") == "ran" and capsys.readouterr().out == ""


@pytest.mark.parametrize("executable", ["", None, "/nowhere/python"])
def test_where_no_program_can_be_started_the_record_is_quoted(executable, monkeypatch, capsys):
    monkeypatch.setattr(workers.sys, "executable", executable)
    assert workers.here_or_recorded(lambda: pytest.fail("was run")) == workers.RECORD
    assert capsys.readouterr().out == "Recorded on a computer, because no other program can be started here.\n"


def test_the_record_is_what_the_chapter_has_stored():
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    (cell,) = [cell for cell in cells if cell["id"] == "workers"]
    well, made = "".join(cell["outputs"][0]["text"]).splitlines()
    ended, trials, names = workers.RECORD
    assert well == f"exit codes, 0 when all went well: {ended[0]} {ended[1]}"
    count, _, found = made.partition(" trials by ")
    assert (int(count), ast.literal_eval(found)) == (trials, names)
