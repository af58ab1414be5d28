"""The answers file survives two kernels at once, kill -9, damage and a full disk, and lies where a reader's notebook does."""

import asyncio
import base64
import errno
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import IPython
import pytest
from kernels import kernel, texts
from robustness import KILLS
from sample_chapter import hidden_error, make_chapter, without_slope

from course_lib.answers import file as answers_file
from course_lib.answers import format as answers_format
from course_lib.answers import store as answers
from course_lib.answers.format import parse, to_bytes
from course_lib.answers.store import Store
from course_lib.labs import attention_lab, training_lab
from course_lib.labs.base import lab as lab_base

ROOT = Path(__file__).parents[2]
EXERCISE = {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}
DAY = "2026-11-{:02}T08:00:00+00:00"


def forked(action):
    """The result of action() in a child process, as JSON."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, json.dumps(action()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    assert result, "the child process failed"
    return json.loads(result)


# Where the file lies


@pytest.mark.parametrize("value", ["off", " OFF "])
def test_nothing_is_kept_when_it_is_turned_off(value, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(answers.VARIABLE, value)
    make_chapter().check("angle", 67.17)
    assert answers.store() is None and list(tmp_path.iterdir()) == []


KERNEL = """
import os
os.environ.pop("PYTEST_VERSION", None)
from sample_chapter import check
os.chdir("/")
check("angle", 67.17)
"""


def test_in_a_kernel_it_lies_in_the_folder_of_the_notebook(tmp_path, monkeypatch):
    monkeypatch.delenv(answers.VARIABLE, raising=False)
    with kernel(cwd=str(tmp_path)) as messages:
        assert "Right" in texts(messages(KERNEL))
    assert {found.name for found in tmp_path.iterdir()} == {"answers.json", ".answers.json.lock"}


NOTEBOOK = SimpleNamespace(kernel="a kernel")  # what IPython is in a notebook


@pytest.mark.parametrize(
    ("shell", "under_pytest", "keeps"),
    [(NOTEBOOK, False, True), (NOTEBOOK, True, False), (None, False, False)],
    ids=["a reader's notebook", "nbval", "a program"],
)
def test_outside_of_readers_notebooks_nothing_is_kept(new_kernel, monkeypatch, shell, under_pytest, keeps):
    monkeypatch.delenv(answers.VARIABLE)
    monkeypatch.delenv("PYTEST_VERSION", raising=False)
    if under_pytest:
        monkeypatch.setenv("PYTEST_VERSION", "9")
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    assert (answers.store() is not None) == keeps


def test_all_languages_share_the_file_of_the_english_notebooks(tmp_path):
    assert answers._first_edition(tmp_path / "zh") == tmp_path / "zh"  # copied without the English ones
    (tmp_path / "en").mkdir()
    assert answers._first_edition(tmp_path / "zh") == answers._first_edition(tmp_path / "en") == tmp_path / "en"
    assert answers._first_edition(tmp_path / "mine") == tmp_path / "mine"


def test_a_folder_may_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv(answers.VARIABLE, str(tmp_path))
    assert answers.store().path == tmp_path / "answers.json"


# Two kernels


WRITER = """
import sys
from course_lib.answers import file
from course_lib.answers.store import Store
file.PATIENCE = 60  # as long as it takes, on a busy machine too
store, own = Store(sys.argv[1]), sys.argv[2]
for number in range(50):
    store.put(f"1/exercises/{own}-{number}", {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}, tries=1)
    store.put("1/exercises/shared", {"outcome": "wrong", "tries": number + 1, "hints": 0, "solution": False}, tries=1)
assert store.take_notice() == ""
"""


def test_two_processes_that_write_at_once_lose_nothing_to_each_other(path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, own], cwd=ROOT) for own in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    items = parse(path.read_bytes())
    assert items.keys() == {f"1/exercises/{own}-{n}" for own in "ab" for n in range(50)} | {"1/exercises/shared"}
    assert items["1/exercises/shared"]["tries"] == 100


def test_two_kernels_of_one_chapter_add_up_their_tries(path):
    first, second = make_chapter(), make_chapter()
    for chapter in (first, second, first):
        chapter.check("angle", 1)
    assert parse(path.read_bytes())["99/exercises/angle"]["tries"] == 3
    second.check("angle", 67.17)
    answers.kept().sync()
    assert first.kept.done("angle")["outcome"] == "right"


def test_a_try_in_another_kernel_counts_even_while_this_one_is_judging(path):
    first, second = make_chapter(), make_chapter()

    def slow(delta2, W2, a1):
        if not second.kept.done("hidden-error")["tries"]:
            second.check("hidden-error", without_slope)
        return hidden_error(delta2, W2, a1)

    first.check("hidden-error", slow)
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert (record["outcome"], record["tries"]) == ("right", 2)


def test_threads_share_a_store(path):
    store = Store(path)
    threads = [threading.Thread(target=lambda n=n: store.put(f"1/exercises/{n}", EXERCISE)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(parse(path.read_bytes())) == 20


def test_a_lock_that_is_held_too_long_is_told_and_the_answer_is_written_later(path, monkeypatch):
    monkeypatch.setattr(answers_file, "PATIENCE", 0.05)
    store, other = Store(path), Store(path)
    with other._file.locked():
        store.put("1/exercises/a", EXERCISE)
    assert "Another notebook is busy with answers.json" in store.take_notice()
    assert not path.exists() and "1/exercises/a" in store.items
    store.put("1/exercises/b", EXERCISE)
    assert parse(path.read_bytes()).keys() == {"1/exercises/a", "1/exercises/b"}


# kill -9


MOMENTS = ("open", "write", "fsync", "replace", "after")


def write_until(path, moment):
    """In a child: write an entry, and stop in the middle of the next one, at a moment of its own."""
    store = Store(path)
    store.put("1/exercises/before", EXERCISE | {"answer": "x" * 400}, tries=1)
    place, name = {"open": (os, "open"), "write": (os, "fsync"), "fsync": (os, "fsync")}.get(moment, (os, "replace"))
    done = getattr(place, name)

    def stop(*arguments, **options):
        if moment == "open" and ".part" not in str(arguments[0]):
            return done(*arguments, **options)
        if moment in ("open", "fsync", "after"):
            done(*arguments, **options)
        os.kill(os.getpid(), signal.SIGSTOP)

    setattr(place, name, stop)
    store.put("1/exercises/during", EXERCISE)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("times", [2, pytest.param(KILLS // len(MOMENTS), marks=pytest.mark.slow)])
def test_killed_in_mid_write_nothing_confirmed_is_lost(path, moment, times):
    for _ in range(times):
        child = os.fork()
        if child == 0:
            try:
                write_until(path, moment)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ran on: the moment never came"
        assert path.with_name(".answers.json.part").exists() == (moment != "after")  # it is in the middle of the write
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert "1/exercises/before" in parse(path.read_bytes())
        assert ("1/exercises/during" in parse(path.read_bytes())) == (moment == "after")
        Store(path).put("1/exercises/next", EXERCISE)  # the lock is free, and what was left behind is no obstacle
        path.unlink()
    assert not list(path.parent.glob("*damaged*"))


# A file that cannot be used


GOOD = to_bytes({"1/exercises/a": EXERCISE | {"when": DAY.format(20)}})
DAMAGED = {  # what else may be damaged: `test_answers_format.py`
    "half": GOOD[:60],
    "another's": b'{"a": 1}',
    "one record": GOOD.replace(b'"tries": 1', b'"tries": -1'),
    "too large": GOOD + b" " * answers_format.LARGEST,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_set_aside_with_a_sentence(new_kernel, path, damage):
    content = DAMAGED[damage]
    path.write_bytes(content)
    chapter = new_kernel()
    shown = chapter.predict("rate-zero")
    (aside,) = path.parent.glob("answers-damaged-*.json")
    assert aside.read_bytes() == content
    assert re.search(r"answers.json (could not be read|was damaged) \(", repr(shown)) and aside.name in repr(shown)
    assert "nothing was deleted" in shown._repr_mimebundle_()["text/html"]
    assert "set aside" not in repr(chapter.predict("rate-zero"))  # said once
    chapter.predict("rate-zero", "a")
    assert "Noted: A" in repr(new_kernel().predict("rate-zero"))


def test_damage_in_mid_session_does_not_take_what_the_notebook_knows(new_kernel, path):
    chapter = new_kernel()
    chapter.predict("rate-zero", "a")
    for _ in range(2):  # within a second: the names differ
        path.write_bytes(b"{")
        assert "set aside" in repr(chapter.check("angle", 67.17))
    assert len(list(path.parent.glob("answers-damaged-*.json"))) == 2
    assert parse(path.read_bytes()).keys() == {"99/predictions/rate-zero", "99/exercises/angle"}


def test_a_newer_version_is_left_alone(new_kernel, path):
    newer = GOOD.replace(b'"version": 2', b'"version": 3')
    path.write_bytes(newer)
    chapter = new_kernel()
    assert "version 3, and this course reads up to 2" in repr(chapter.check("angle", 67.17))
    assert chapter.kept.done("angle")["outcome"] == "right"
    assert path.read_bytes() == newer and not list(path.parent.glob("*damaged*"))


def test_a_read_only_folder_gets_a_sentence_and_the_course_goes_on():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)

        def answer():
            if os.getuid() == 0:
                os.setuid(65534)  # root may write everywhere
            os.environ |= {answers.VARIABLE: f"{folder}/answers.json", "HOME": "/nonexistent"}
            chapter = make_chapter()
            return [
                repr(chapter.check("angle", 67.17)),
                repr(chapter.predict("rate-zero", "b")),
                chapter.kept.done("angle")["outcome"],
                chapter.kept.said("rate-zero")["choice"],
            ]

        first, second, *done = forked(answer)
        assert "answers.json cannot be written (Permission denied), nor can a file in your home folder" in first
        assert "1 of your answers are in the memory of this kernel alone" in first and "✓ Right: angle" in first
        assert "2 of your answers are in the memory" in second  # again, for the trouble lasts
        assert done == ["right", "b"]
        assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("~nosuchuser/answers.json", "No such file or directory"),
        ("x" * 300, "File name too long"),
        ("closed/answers.json", "Permission denied"),
    ],
)
def test_a_place_that_cannot_be_looked_up_gets_a_sentence_and_the_chapter_is_there(named, reason):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        os.mkdir(f"{folder}/closed", 0)

        def answer():
            if os.getuid() == 0:
                os.setuid(65534)  # root may look everywhere
            os.environ |= {answers.VARIABLE: named, "HOME": "/nonexistent"}
            answers._folder = lambda: Path(folder)
            chapter = make_chapter()
            return [repr(chapter.check("angle", 67.17)), chapter.kept.done("angle")["outcome"]]

        shown, outcome = forked(answer)
        assert f"cannot be written ({reason})" in shown and "✓ Right: angle" in shown
        assert outcome == "right"
        assert os.listdir(folder) == ["closed"]


def test_a_folder_that_cannot_be_flushed_is_no_trouble(path, monkeypatch):
    flush, refused = os.fsync, []

    def only_files(number):
        if stat.S_ISDIR(os.fstat(number).st_mode):
            refused.append(number)
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        flush(number)

    monkeypatch.setattr(os, "fsync", only_files)
    store = Store(path)
    tries = [store.put("1/exercises/a", EXERCISE | {"tries": number}, tries=1)["tries"] for number in (1, 2, 3)]
    assert tries == [1, 2, 3] and store.take_notice() == "" and refused
    assert parse(path.read_bytes())["1/exercises/a"]["tries"] == 3


def test_a_full_disk_gets_a_sentence_and_what_waited_is_written_later(path):
    path.write_bytes(GOOD)

    def answer():
        chapter = make_chapter()
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        full = repr(chapter.check("angle", 67.17))
        left = path.read_bytes() == GOOD
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        return [full, left, repr(chapter.predict("rate-zero", "b"))]

    full, left, later = forked(answer)
    assert "answers.json cannot be written (File too large)" in full and left
    assert "cannot be" not in later
    assert parse(path.read_bytes()).keys() == {"1/exercises/a", "99/exercises/angle", "99/predictions/rate-zero"}


def test_what_could_not_be_read_again_is_not_written(path, monkeypatch):
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    with pytest.raises(ValueError, match="1/exercises/a has no valid answer"):
        store.put("1/exercises/a", EXERCISE | {"answer": "x" * 50_000})
    monkeypatch.setattr(answers_file, "LARGEST", 230)
    store.put("1/exercises/b", EXERCISE)
    assert "cannot be written (File too large)" in store.take_notice()
    assert parse(path.read_bytes()).keys() == {"1/exercises/a"}


def test_a_count_that_is_full_stays_full(path):
    most = 999_999
    Store(path).put("1/exercises/a", EXERCISE | {"tries": most})
    store = Store(path)
    assert store.put("1/exercises/a", EXERCISE, tries=5)["tries"] == most  # of two notebooks
    assert store.put("1/exercises/a", EXERCISE | {"tries": most + 1}, tries=1)["tries"] == most
    assert store.put("1/questions/1", {"known": most + 1})["known"] == most
    assert parse(path.read_bytes())["1/exercises/a"]["tries"] == most


@pytest.mark.parametrize("read", [True, False], ids=["this notebook has read it", "another one has just written it"])
def test_new_work_counts_although_the_clock_of_another_computer_was_fast(path, read):
    store, future = Store(path), "2099-01-01T00:00:00+00:00"
    fast = {
        "1/exercises/a": EXERCISE | {"answer": "old"},
        "1/predictions/p": {"choice": "a", "replied": False},
        "1/labs/l": {"state": "old"},
        "1/questions/1": {"known": 0},
    }
    path.write_bytes(to_bytes({key: record | {"when": future} for key, record in fast.items()}))
    if read:
        store.sync()
    assert store.put("1/exercises/a", EXERCISE | {"answer": "new"}, tries=1)["answer"] == "new"
    assert store.put("1/predictions/p", {"choice": "b", "replied": True})["choice"] == "a"  # the first one
    assert store.put("1/labs/l", {"state": "new"})["state"] == "new"
    assert store.put("1/questions/1", {"known": 1})["known"] == 1
    assert {record["when"] for record in parse(path.read_bytes()).values()} == {future}


@pytest.mark.parametrize("answer", ["\udc80", "x" * 50_000, lambda: "\udc80", [1.0] * 300, object()])
def test_answers_of_any_kind_leave_a_file_that_can_be_read(new_kernel, path, answer):
    new_kernel().check("angle", answer)
    assert parse(path.read_bytes())["99/exercises/angle"]["tries"] == 1


@pytest.mark.parametrize("name", ["training", "my lab/2\n", "x" * 100, "", "实验"])
def test_labs_may_have_any_name(path, name):
    store = Store(path)
    store.put(answers.lab_key(name), {"state": "training"})
    assert len(parse(path.read_bytes())) == 1


def test_a_file_that_vanishes_under_a_live_notebook_is_written_again_with_a_sentence(path):
    Store(path).put("1/exercises/other", EXERCISE)
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    path.unlink()
    store.sync()
    assert "answers.json had lost 2 entries that this notebook knows" in store.take_notice()
    assert parse(path.read_bytes()).keys() == {"1/exercises/a", "1/exercises/other"}
    path.unlink()
    Store(path).put("1/exercises/new", EXERCISE)  # by a notebook that knows nothing of it
    store.put("1/exercises/b", EXERCISE)
    assert parse(path.read_bytes()).keys() == {f"1/exercises/{name}" for name in ("a", "b", "new")}
    path.unlink()
    Store(path).put("1/exercises/fresh", EXERCISE)  # while no notebook runs, it is a new start
    assert parse(path.read_bytes()).keys() == {"1/exercises/fresh"}


# Where nothing can be written beside the notebook


@pytest.fixture
def closed(path, monkeypatch):
    """A function that opens (True) or closes the folder of the notebook; the home is open."""
    (path.parent / "home").mkdir()
    lock = answers_file._open_lock

    def can(write):
        def open_lock(place):
            if place.parent == path.parent and not write:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return lock(place)

        monkeypatch.setattr(answers_file, "_open_lock", open_lock)

    can(False)
    return can


def test_the_home_takes_the_answers_and_gives_them_back(path, new_kernel, closed):
    chapter = new_kernel()
    first = repr(chapter.check("angle", 67.17))
    assert (
        "answers.json cannot be written (Permission denied). Your answers are kept in ~/backprop-answers/answers-"
        in first
    )
    assert "Please note" not in repr(chapter.predict("rate-zero", "b"))  # nothing is at risk
    (home,) = (path.parent / "home" / "backprop-answers").glob("*.json")
    assert parse(home.read_bytes()).keys() == {"99/exercises/angle", "99/predictions/rate-zero"} and not path.exists()
    another = new_kernel()
    answers.kept().sync()
    assert (another.kept.done("angle")["outcome"], another.kept.said("rate-zero")["choice"]) == ("right", "b")
    closed(True)
    new_kernel().hint("angle")
    assert parse(path.read_bytes()).keys() == {"99/exercises/angle", "99/predictions/rate-zero"} and not home.exists()


def test_the_notice_itself_offers_what_this_kernel_holds(path, new_kernel, closed, monkeypatch):
    monkeypatch.setenv("HOME", str(path.parent / "nowhere"))
    chapter = new_kernel()
    chapter.check("angle", 67.17)
    page = chapter.predict("rate-zero", "b")._repr_mimebundle_()["text/html"]
    content = base64.b64decode(
        re.search(r'download="backprop-answers-[^"]+" href="data:application/json;base64,([^"]+)"', page)[1]
    )
    assert parse(content).keys() == {"99/exercises/angle", "99/predictions/rate-zero"}
    closed(True)
    assert "href" not in chapter.hint("angle")._repr_mimebundle_()["text/html"]


def test_of_a_damaged_file_what_can_be_read_is_kept_and_the_rest_counted(path):
    items = {f"1/exercises/{name}": EXERCISE | {"when": DAY.format(20), "answer": "x"} for name in "abc"}
    path.write_bytes(to_bytes(items).replace(b'/b": {"answer": "x', b'/b": {"answer": "\xff'))
    store = Store(path)
    store.sync()
    (aside,) = path.parent.glob("answers-damaged-*.json")
    notice = store.take_notice()
    assert parse(path.read_bytes()) == {key: record for key, record in items.items() if key[-1] != "b"}
    assert aside.name in notice and "kept: 2" in notice and "could not be read: 1" in notice


def test_a_link_stays_a_link_and_what_it_points_to_is_written(path, tmp_path):
    (tmp_path / "real").mkdir()
    target, victim = tmp_path / "real" / "mine.json", tmp_path / "victim"
    victim.write_text("precious")
    path.symlink_to(target)
    target.with_name(".mine.json.part").symlink_to(victim)
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    store.put("1/exercises/b", EXERCISE)
    assert path.is_symlink() and parse(target.read_bytes()).keys() == {"1/exercises/a", "1/exercises/b"}
    assert victim.read_text() == "precious" and store.take_notice() == ""
    target.write_bytes(b"{")
    store.put("1/exercises/c", EXERCISE)
    assert path.is_symlink() and len(parse(target.read_bytes())) == 3


def test_the_mode_of_the_file_stays(path):
    Store(path).put("1/exercises/a", EXERCISE)
    path.chmod(0o600)
    Store(path).put("1/exercises/b", EXERCISE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_pipe_in_the_place_of_the_file_does_not_block(path):
    os.mkfifo(path)
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    assert "1/exercises/a" in store.items and "answers.json cannot be" in store.take_notice()


def test_ten_thousand_entries_are_no_damage(path):
    path.write_bytes(
        to_bytes({f"1/exercises/n{n}": EXERCISE | {"when": DAY.format(1), "answer": "x" * 40} for n in range(10_000)})
    )
    assert path.stat().st_size > 1_400_000
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    assert store.take_notice() == "" and len(parse(path.read_bytes())) == 10_001


def test_a_long_answer_is_kept_and_a_longer_one_told(new_kernel, path):
    chapter = new_kernel()
    chapter.check("angle", [1.5] * 5000)
    assert len(parse(path.read_bytes())["99/exercises/angle"]["answer"]) == 25_000
    shown = repr(chapter.check("angle", [1.5] * 50_000))
    assert "its text is not, because it has 250,000 characters. Expected at most 40,000" in shown
    assert parse(path.read_bytes())["99/exercises/angle"]["tries"] == 2


# Labs


def test_a_lab_offers_to_go_back_to_what_was_kept(path, monkeypatch):
    monkeypatch.setattr(lab_base, "KEPT_AFTER", 0.01)
    monkeypatch.setattr(answers, "_chapters", ["5"])

    async def session(act):
        lab = training_lab()
        lab._repr_mimebundle_()
        await asyncio.sleep(0.05)
        act(lab)
        await asyncio.sleep(0.1)
        while lab.running:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return lab

    def train(lab):
        assert not path.exists()  # to look is to do nothing
        lab.controls["hidden"].set(3)
        lab.controls["epochs"].set(20)
        lab.buttons["train"].click()

    def look(lab):
        lab.keeps = False
        lab.buttons["step"].click()

    asyncio.run(session(look))
    assert not path.exists()  # a test is not a reader
    first = asyncio.run(session(train))
    kept = parse(path.read_bytes())["5/labs/training"]["state"]
    assert kept == first.model.state() and kept.endswith("done=20")

    def go_back(lab):
        offer = lab.panel.children[0]
        assert "You have used this lab before" in offer.children[0].value
        offer.children[1].click()
        assert offer.layout.display == "none"

    again = asyncio.run(session(go_back))
    assert again.model.state() == kept and again.controls["hidden"].value == 3
    assert again.model.loss == first.model.loss
    again.close()


def test_a_lab_says_that_its_state_cannot_be_written_as_long_as_that_lasts(path, monkeypatch, closed):
    monkeypatch.setenv("HOME", str(path.parent / "nowhere"))

    async def session():
        lab = attention_lab()
        for length in (2.0, 3.0):
            lab.controls["length"].set(length)
            lab._keep()
            first = lab.panel.children[0].value
            assert "in the memory of this kernel alone" in first and 'download="backprop-answers-' in first
        closed(True)
        lab.controls["length"].set(4.0)
        lab._keep()
        assert lab.panel.children[0].value == "" and path.exists()
        lab.close()

    asyncio.run(session())


def test_a_state_in_the_file_that_no_lab_has_written_is_an_error_line(path, monkeypatch):
    monkeypatch.setattr(answers, "_chapters", ["5"])
    path.write_bytes(to_bytes({"5/labs/attention": {"state": "attention rm -rf", "when": DAY.format(1)}}))
    lab = attention_lab()
    lab._repr_mimebundle_()
    lab.panel.children[0].children[1].click()
    assert "expected a state that the attention lab has shown" in lab.error_line.value
    lab.close()
