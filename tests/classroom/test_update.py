"""A teacher changes the course while students work: nbgitpuller brings the change, and takes nobody's work away."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgitpuller")  # `make test-class` has it

from nbgitpuller.pull import GitPuller

from tests.classroom.hub import ROOT, git, make_course

CHAPTER = Path("notebooks", "en", "05_practice.ipynb")
SOLVED = "def break_symmetry(rng):\n    return rng.normal(size=(2, 4)), 'mine'"
CHANGED = "def break_symmetry(rng):\n    return ..., ...  # two arrays"
STUDENTS = ("ada", "grace")


@pytest.fixture
def teacher(tmp_path):
    make_course(tmp_path / "course")
    return tmp_path / "course"


def pull(teacher, folder):
    for _ in GitPuller(f"file://{teacher}", str(folder)).pull():
        pass


@pytest.fixture
def students(teacher, tmp_path):
    """The copies of two students."""
    folders = [tmp_path / name for name in STUDENTS]
    for folder in folders:
        pull(teacher, folder)
    return folders


def change(folder, sources, outputs=None):
    """Change cells of the chapter as JupyterLab saves them: sources {id: text}, outputs {id: text}."""
    path = folder / CHAPTER
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
        if cell.id in (outputs or {}):
            cell.outputs = [nbformat.v4.new_output("stream", text=outputs[cell.id])]
            cell.execution_count = 99
    nbformat.write(notebook, path)


def sources(folder):
    notebook = nbformat.read(folder / CHAPTER, as_version=4)
    nbformat.validate(notebook)
    return {cell.id: cell.source for cell in notebook.cells}


def commit(teacher, message):
    git("add", "--all", cwd=teacher)
    git("commit", "--quiet", f"--message={message}", cwd=teacher)


def test_the_cell_that_both_have_changed_stays_the_students(teacher, students):
    ada, grace = students
    change(ada, {"break-symmetry": SOLVED}, {"break-symmetry": "right\n"})
    change(grace, {"stuck": 'stuck = "c"'}, {"stuck": "right\n"})
    change(teacher, {"break-symmetry": CHANGED, "stuck": "stuck = ...  # one letter", "header": "# 5. Practice, again"})
    commit(teacher, "Two exercises are clearer")
    for folder in students:
        pull(teacher, folder)
    hers, other = sources(ada), sources(grace)
    assert hers["break-symmetry"] == SOLVED and other["stuck"] == 'stuck = "c"'
    assert other["break-symmetry"] == CHANGED and hers["stuck"] == "stuck = ...  # one letter"  # what she left alone
    assert hers["header"] == other["header"] == "# 5. Practice, again"


def test_a_second_update_meets_the_merged_copy(teacher, students):
    ada, _ = students
    change(ada, {"break-symmetry": SOLVED})
    for number in range(3):
        change(teacher, {"break-symmetry": f"# version {number}", "header": f"# 5. Version {number}"})
        commit(teacher, f"Version {number}")
        pull(teacher, ada)
        assert sources(ada)["break-symmetry"] == SOLVED
        assert sources(ada)["header"] == f"# 5. Version {number}"


def test_answers_and_files_of_ones_own_stay(teacher, students):
    ada, grace = students
    (ada / "notebooks" / "en" / "answers.json").write_text("{}")
    (ada / "notes.md").write_text("mine")
    (teacher / "notes.md").write_text("the teacher's")
    (teacher / "notebooks" / "en" / "09_faq.ipynb").unlink()
    change(grace, {"header": "# Mine"})
    git("mv", str(CHAPTER), "notebooks/en/05_exercise.ipynb", cwd=teacher)
    commit(teacher, "One page more, one less, one renamed")
    for folder in students:
        pull(teacher, folder)
    assert (ada / "notebooks" / "en" / "answers.json").read_text() == "{}"
    assert (ada / "notes.md").read_text() == "the teacher's"
    [kept] = ada.glob("notes__*.md")  # set aside under the time of the update
    assert kept.read_text() == "mine"
    mine = [path for path in grace.rglob("05_*.ipynb") if "# Mine" in path.read_text(encoding="utf-8")]
    assert mine


def test_a_chapter_that_was_renamed_comes_again(teacher, students):
    ada, _ = students
    change(ada, {"break-symmetry": SOLVED})
    (ada / CHAPTER).rename(ada / "my_05.ipynb")
    pull(teacher, ada)
    assert sources(ada) == sources(teacher)
    assert SOLVED in {cell.source for cell in nbformat.read(ada / "my_05.ipynb", as_version=4).cells}


def test_a_teacher_s_copy_out_of_reach_stops_nobody(teacher, tmp_path):
    """The student's server starts with what is there, and says so."""
    home = tmp_path / "home"
    home.mkdir()
    path = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ["PATH"]])
    script = [ROOT / "binder" / "hub" / "student_server", "sh", "-c", "echo started $OMP_NUM_THREADS"]

    def start(source):
        environment = os.environ | {
            "HOME": str(home),
            "PATH": path,
            "COURSE_SOURCE": f"file://{source}",
            "TMPDIR": str(tmp_path),
        }
        return subprocess.run(script, env=environment, capture_output=True, text=True, check=True)

    assert start(teacher).stdout.endswith("started 1\n")
    change(home / "backprop-course", {"break-symmetry": SOLVED})
    lost = start(tmp_path / "nowhere")
    assert lost.stdout.endswith("started 1\n") and "could not be brought up to date" in lost.stderr
    assert sources(home / "backprop-course")["break-symmetry"] == SOLVED
