"""A teacher changes the course while students work: nbgitpuller brings the change, and takes nobody's work away."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgitpuller")  # `make test-class` has it

import update_copy

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
    """Returns whether the teacher had rewritten what was published."""
    return update_copy.update(f"file://{teacher}", "", folder)


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


FIRST, SECOND = "# 5. A slip of the pen", "# 5. Without it"


@pytest.fixture
def small(tmp_path):
    """A teacher's repository with one chapter."""
    folder = tmp_path / "course"
    (folder / CHAPTER.parent).mkdir(parents=True)
    shutil.copy(ROOT / CHAPTER, folder / CHAPTER)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    commit(folder, "The course")
    return folder


def amend(teacher):
    git("commit", "--quiet", "--all", "--amend", "--message=Better", cwd=teacher)


def rewritten_once(teacher, folder):
    """The commit that students have is amended."""
    change(teacher, {"header": SECOND})
    amend(teacher)


def rewritten_twice(teacher, folder):
    rewritten_once(teacher, folder)
    pull(teacher, folder)
    change(teacher, {"header": FIRST})
    amend(teacher)
    pull(teacher, folder)
    rewritten_once(teacher, folder)


def rewritten_and_gone_on(teacher, folder):
    rewritten_once(teacher, folder)
    (teacher / "more.md").write_text("more")
    commit(teacher, "One page more")


def taken_back(teacher, folder):
    change(teacher, {"header": FIRST + "!"})
    commit(teacher, "A mistake")
    pull(teacher, folder)
    git("reset", "--quiet", "--hard", "HEAD~1", cwd=teacher)
    change(teacher, {"header": SECOND})
    commit(teacher, "Instead")


def begun_again(teacher, folder):
    """Another repository, with no commit of the first."""
    git("checkout", "--quiet", "--orphan", "new", cwd=teacher)
    change(teacher, {"header": SECOND})
    commit(teacher, "The course")
    git("branch", "--quiet", "--move", "--force", "new", "main", cwd=teacher)


def fetched_already(teacher, folder):
    """The server was ended between fetching and merging."""
    rewritten_once(teacher, folder)
    git("fetch", "--quiet", cwd=folder)


@pytest.mark.parametrize("is_first", [True, False], ids=["cloned before", "cloned then"])
@pytest.mark.parametrize(
    "rewrite", [rewritten_once, rewritten_twice, rewritten_and_gone_on, taken_back, begun_again, fetched_already]
)
def test_what_was_published_can_be_rewritten(small, tmp_path, rewrite, is_first):
    """Everybody gets the present text, and keeps what is their own; a later update is one like any other."""
    ada, grace = tmp_path / "ada", tmp_path / "grace"
    folders = (ada, grace)
    if is_first:
        for folder in folders:
            pull(small, folder)
    change(small, {"header": FIRST, "break-symmetry": CHANGED})
    commit(small, "News")
    for folder in folders:
        pull(small, folder)
    change(ada, {"break-symmetry": SOLVED}, {"break-symmetry": "right\n"})
    (ada / "notes.md").write_text("mine")
    start = git("rev-parse", "HEAD", cwd=small)
    rewrite(small, ada)
    (small / "notes.md").write_text("the teacher's")
    git("add", "--all", cwd=small)
    amend(small)
    assert start.strip() not in git("rev-list", "HEAD", cwd=small) or rewrite is taken_back
    assert pull(small, ada) in update_copy.NOTES
    pull(small, grace)
    assert sources(ada) == sources(small) | {"break-symmetry": SOLVED}
    assert sources(grace) == sources(small) and sources(grace)["header"] == SECOND
    assert {path.read_text() for path in ada.glob("notes*.md")} == {"mine", "the teacher's"}
    assert not pull(small, ada)
    change(small, {"header": "# 5. Later"})
    commit(small, "Later")
    for folder in folders:
        assert not pull(small, folder)
        assert sources(folder)["header"] == "# 5. Later"
    assert sources(ada)["break-symmetry"] == SOLVED


def test_a_teacher_s_copy_out_of_reach_stops_nobody(teacher, tmp_path):
    """The student's server starts with what is there, and says so, to the student too, until all is well again."""
    home = tmp_path / "home"
    start = starter(home)
    notes = [home / "backprop-course" / "notebooks" / edition / "update.txt" for edition in ("en", "zh")]
    assert start(teacher).stdout.endswith("started 1\n") and not any(note.exists() for note in notes)
    change(home / "backprop-course", {"break-symmetry": SOLVED})
    lost = start(tmp_path / "nowhere")
    assert lost.stdout.endswith("started 1\n") and "could not be brought up to date" in lost.stderr
    assert sources(home / "backprop-course")["break-symmetry"] == SOLVED
    assert all("could not" in note.read_text(encoding="utf-8") for note in notes)
    change(teacher, {"header": "# Better"})
    amend(teacher)
    rewritten = start(teacher)
    assert "does not go on from what was published" in rewritten.stderr
    assert all("new text" in note.read_text(encoding="utf-8") for note in notes)
    notes[0].write_text("a student's own", encoding="utf-8")
    assert start(teacher).stderr == "" and not notes[1].exists()
    start(tmp_path / "nowhere")
    assert notes[0].read_text(encoding="utf-8") == "a student's own" and notes[1].exists()


@pytest.mark.parametrize("name", ["notes.md", "笔记.md"])
@pytest.mark.parametrize("is_staged", [False, True])
def test_a_file_of_a_student_s_own_stands_in_nobody_s_way(small, tmp_path, name, is_staged):
    ada = tmp_path / "ada"
    pull(small, ada)
    (ada / name).write_text("mine")
    git("mv", str(CHAPTER), "moved.ipynb", cwd=ada)
    if is_staged:
        git("add", "--all", cwd=ada)
    (small / name).write_text("the teacher's")
    git("mv", str(CHAPTER), "elsewhere.ipynb", cwd=small)
    commit(small, "News")
    pull(small, ada)
    assert {path.read_text() for path in ada.glob("*.md")} == {"mine", "the teacher's"}
    assert (ada / "moved.ipynb").read_bytes() == (ada / "elsewhere.ipynb").read_bytes()


def test_a_repository_of_a_student_s_own_around_the_copy_is_left_alone(small, tmp_path):
    home = tmp_path / "home"
    pull(small, home / "course")
    shutil.rmtree(home / "course" / ".git")
    git("init", "--quiet", cwd=home)
    (home / "mine").write_text("1")
    git("add", "mine", cwd=home)
    assert pull(small, home / "course") == update_copy.SET_ASIDE
    assert git("diff", "--cached", "--name-only", cwd=home).split() == ["mine"]


def killed_while_cloning(copy, source):
    """What git leaves behind: a folder with a repository whose branch has no commit yet."""
    git("init", "--quiet", "--initial-branch=main", str(copy), cwd=copy.parent)


def emptied(copy, source):
    copy.mkdir()


def made_a_file(copy, source):
    copy.write_text("mine")


def lost_its_objects(copy, source):
    update_copy.update(source, "", copy)
    shutil.rmtree(copy / ".git" / "objects")


@pytest.mark.parametrize("damage", [killed_while_cloning, emptied, made_a_file, lost_its_objects])
def test_a_copy_that_is_none_is_set_aside_and_a_new_one_comes(small, tmp_path, damage):
    home = tmp_path / "home"
    start = starter(home)
    copy = home / "backprop-course"
    damage(copy, f"file://{small}")
    if copy.is_dir():
        (copy / "mine").write_text("mine")
    lost = start(tmp_path / "nowhere")  # nothing is moved before there is something better
    assert "could not be brought up to date" in lost.stderr and list(home.glob("*course*")) == [copy]
    (home / ".backprop-course.new" / "left").mkdir(parents=True)  # by a start that was killed
    assert "set aside" in start(small).stderr
    assert sources(copy) == sources(small)
    assert (copy / "notebooks" / "en" / "update.txt").read_text(encoding="utf-8") == update_copy.SET_ASIDE
    [aside] = set(home.glob("*course*")) - {copy}
    assert "_backup_" in aside.name
    assert (aside if aside.is_file() else aside / "mine").read_text() == "mine"
    assert start(small).stderr == "" and set(home.glob("*course*")) == {copy, aside}


def test_a_clone_that_is_killed_leaves_no_copy_behind(small, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    copy = tmp_path / "ada"
    with monkeypatch.context() as moment:
        moment.setattr(update_copy.os, "rename", kill)  # the last thing that happens
        with pytest.raises(Killed):
            pull(small, copy)
    assert not copy.exists()
    assert not pull(small, copy) and sources(copy) == sources(small)


def test_a_teacher_s_copy_without_a_branch_is_said_in_the_log(small, tmp_path):
    git("checkout", "--quiet", "--detach", cwd=small)
    assert "expected a branch in file://" in starter(tmp_path / "home")(small).stderr


def test_a_merge_that_fails_leaves_the_copy_as_it_was(small, tmp_path):
    ada = tmp_path / "ada"
    pull(small, ada)
    change(ada, {"break-symmetry": SOLVED})
    change(small, {"header": SECOND})
    commit(small, "News")
    hook = ada / ".git" / "hooks" / "pre-merge-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = sources(ada)
    with pytest.raises(subprocess.CalledProcessError):
        pull(small, ada)
    assert sources(ada) == before and not (ada / ".git" / "MERGE_HEAD").exists()
    hook.unlink()
    pull(small, ada)
    assert sources(ada) == sources(small) | {"break-symmetry": SOLVED}


def a_file(path):
    path.write_text("mine")


def a_folder(path):
    (path / "deep").mkdir(parents=True)
    (path / "deep" / "mine.txt").write_text("mine")


def an_empty_folder(path):
    path.mkdir()


def a_link_to_a_file(path):
    path.symlink_to(Path("..", "own.txt"))


def a_link_to_a_folder(path):
    path.symlink_to(Path("..", "own"))


def a_broken_link(path):
    path.symlink_to("nowhere")


KINDS = [a_file, a_folder, an_empty_folder, a_link_to_a_file, a_link_to_a_folder, a_broken_link]


def described(path):
    """What is at a path, without following a link, and not by its own name."""
    if path.is_symlink():
        return path.readlink()
    if path.is_dir():
        return {str(each.relative_to(path)): each.is_dir() or each.read_text() for each in path.rglob("*")}
    return path.read_text()


@pytest.mark.parametrize("is_known", [False, True], ids=["a new name", "instead of the teacher's"])
@pytest.mark.parametrize("comes", ["a file", "a folder"])
def test_what_is_where_a_file_or_folder_comes_is_kept_and_the_update_goes_through(small, tmp_path, comes, is_known):
    ada, grace = tmp_path / "ada", tmp_path / "grace"
    not_in_the_way = {"a file": [a_file] if is_known else [], "a folder": [a_folder, an_empty_folder]}[comes]
    kinds = [kind for kind in KINDS if kind not in not_in_the_way]
    pages = {kind: Path("pages", kind.__name__, *["page.md"] * (comes == "a folder")) for kind in kinds}

    def publish(text):
        for page in pages.values():
            (small / page).parent.mkdir(parents=True, exist_ok=True)
            (small / page).write_text(text)
        commit(small, text)

    if is_known:
        publish("old")
    for folder in (ada, grace):
        pull(small, folder)
    (ada / "own").mkdir()
    for name in ("own.txt", "own/page.md"):  # where the links lead
        (ada / name).write_text("own")
    shutil.rmtree(ada / "pages", ignore_errors=True)
    (ada / "pages").mkdir()
    for kind in kinds:
        kind(ada / "pages" / kind.__name__)
    before = {kind: described(ada / "pages" / kind.__name__) for kind in kinds}
    publish("new")
    assert [pull(small, folder) for folder in (ada, grace)] == [update_copy.RENAMED, ""]
    for kind, page in pages.items():
        [kept] = (ada / "pages").glob(f"{kind.__name__}__*")
        assert described(kept) == before[kind]
        for folder in (ada, grace):
            assert (folder / page).read_text() == "new" and not (folder / page).is_symlink()
    assert {(ada / name).read_text() for name in ("own.txt", "own/page.md")} == {"own"}
    publish("newer")
    assert pull(small, ada) == "" and {(ada / page).read_text() for page in pages.values()} == {"newer"}


def starter(home, command="echo started $OMP_NUM_THREADS"):
    """A function that starts a student's server, as the hub does, with a shell's command in place of Jupyter."""
    home.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ["PATH"]])
    script = [ROOT / "binder" / "hub" / "student_server", "sh", "-c", command]

    def start(source, run=subprocess.run, **options):
        environment = {"HOME": str(home), "PATH": path, "COURSE_SOURCE": f"file://{source}", "TMPDIR": str(home.parent)}
        options = options or {"capture_output": True, "check": True}
        return run(script, env=os.environ | environment, text=True, **options)

    return start


def test_the_folder_of_a_server_s_kernels_goes_when_the_next_one_starts(small, tmp_path):
    """That of a server at work stays, and so does whatever else has such a name."""
    start = starter(tmp_path / "home", "echo $JUPYTER_RUNTIME_DIR; stat --format %a $JUPYTER_RUNTIME_DIR; read end")
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").touch()
    (tmp_path / "jupyter-kernels-aaaaaa").symlink_to(other)
    (tmp_path / "jupyter-kernels-bbbbbb").touch()

    def begin():
        server = start(small, subprocess.Popen, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lines = [line for line in iter(server.stdout.readline, "700\n") if line.startswith(str(tmp_path))]
        return server, Path(lines[-1].strip())

    first, folder = begin()
    (folder / "kernel.json").touch()
    second, its_own = begin()
    assert folder.is_dir() and its_own.is_dir() and len(str(folder)) - len(str(tmp_path)) < 30
    first.kill()
    first.communicate()
    third, last = begin()
    assert not folder.exists() and its_own.is_dir() and last.is_dir()
    for server in (second, third):
        server.communicate("")
    assert (other / "mine").exists() and (tmp_path / "jupyter-kernels-bbbbbb").exists()


def test_a_folder_that_another_start_removes_before_its_lock_is_made_again(small, tmp_path, monkeypatch):
    tools = tmp_path / "tools"
    tools.mkdir()
    flock = f'[ -e "{tools}/once" ] || {{ touch "{tools}/once"; rmdir "{tmp_path}"/jupyter-kernels-??????; }}'
    (tools / "flock").write_text(f'#!/bin/sh\n{flock}\nexec {shutil.which("flock")} "$@"\n')
    (tools / "flock").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools), os.environ["PATH"]]))
    start = starter(tmp_path / "home", "cd $JUPYTER_RUNTIME_DIR && echo it is there")
    assert start(small).stdout.endswith("it is there\n") and (tools / "once").exists()
