"""Answers survive: a new kernel, two kernels at once, kill -9, a damaged file, a full disk; and clean runs leave no file."""

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
from datetime import datetime
from pathlib import Path

import pytest
from robustness import KILLS
from sample_chapter import hidden_error, make_chapter, without_slope

from course_lib.answers import file as answers_file
from course_lib.answers import format as answers_format
from course_lib.answers import store as answers
from course_lib.answers.format import LONGEST, parse, salvage, to_bytes
from course_lib.answers.store import Store
from course_lib.exercises.machinery import exercise as exercise_module
from course_lib.exercises.machinery import memory

ROOT = Path(__file__).parents[2]
EXERCISE = {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}
DAY = "2026-11-{:02}T08:00:00+00:00"


@pytest.fixture
def path(path, monkeypatch):
    """The answers file, and a home that does not exist either."""
    monkeypatch.setenv("HOME", str(path.parent / "home"))
    return path


@pytest.fixture
def new_kernel(path, monkeypatch):
    """A function that gives the sample chapter as a new kernel imports it."""

    def start():
        monkeypatch.setattr(answers, "_stores", {})
        return make_chapter()

    return start


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


# A new kernel


def test_a_new_kernel_knows_what_was_done(new_kernel):
    chapter = new_kernel()
    chapter.predict("rate-zero", "c")
    chapter.check("hidden-error", without_slope)
    chapter.hint("hidden-error")
    chapter.check("hidden-error", hidden_error)
    chapter.solution("angle")

    again = new_kernel()
    assert "Noted: C" in repr(again.predict("rate-zero"))
    assert "1 of 6 exercises right, 1 of 1 predictions made" in repr(again.progress())
    assert again.done("hidden-error") == {"outcome": "right", "tries": 2, "hints": 1, "solution": False}
    assert again.done("angle")["solution"]
    assert "Hint 2 of 3" in repr(again.hint("hidden-error"))
    assert "Your prediction stays C, your first choice." in repr(again.predict("rate-zero", "b"))


def test_a_solved_exercise_is_shown_as_solved_with_the_answer(new_kernel):
    new_kernel().check("hidden-error", hidden_error)
    feedback = new_kernel().check("hidden-error")
    day = answers.now().astimezone().date().isoformat()
    assert feedback.outcome == "not tried"
    assert repr(feedback).startswith("✓ Solved before: hidden-error")
    assert f"You solved this on {day}. Your answer was:" in repr(feedback)
    assert "return delta2 @ W2.T * a1 * (1 - a1)" in repr(feedback)
    wrong = new_kernel().check("hidden-error", without_slope)
    assert wrong.outcome == "wrong" and "You solved this" in repr(wrong)
    assert "1 of 6 exercises right" in repr(new_kernel().progress())


def test_a_solved_exercise_whose_answer_was_not_kept_says_when_alone(new_kernel, path):
    new_kernel().check("hidden-error", hidden_error)
    items = parse(path.read_bytes())
    items["99/exercises/hidden-error"]["answer"] = ""
    path.write_bytes(to_bytes(items))
    day = answers.now().astimezone().date().isoformat()
    shown = repr(new_kernel().check("hidden-error"))
    assert f"You solved this on {day}." in shown and "Your answer was" not in shown


def test_a_wrong_answer_never_replaces_the_right_one(new_kernel, path):
    chapter = new_kernel()
    chapter.check("hidden-error", hidden_error)
    chapter.check("hidden-error", without_slope)
    chapter.solution("hidden-error")
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert (record["outcome"], record["tries"], record["solution"]) == ("right", 1, False)  # what came before counts
    assert "def hidden_error" in record["answer"]


def test_the_name_of_a_slip_is_kept_with_the_wrong_answer(new_kernel, path):
    def record():
        return parse(path.read_bytes())["99/exercises/hidden-error"]

    chapter = new_kernel()
    chapter.check("hidden-error", without_slope)
    assert (record()["outcome"], record()["slip"]) == ("wrong", "no-slope") and "answer" in record()
    chapter.hint("hidden-error")
    assert record()["slip"] == "no-slope"
    chapter.check("hidden-error", lambda delta2, W2, a1: 3 * a1)  # wrong in a way that nobody knows
    assert record()["outcome"] == "wrong" and "slip" not in record()
    chapter.check("hidden-error", without_slope)
    chapter.check("hidden-error", hidden_error)
    assert record()["outcome"] == "right" and "slip" not in record()


def unknown_mistake(delta2, W2, a1):
    return 3 * a1


@pytest.mark.parametrize("longest", [LONGEST, 10], ids=["the text is kept", "the text is too long"])
def test_each_wrong_answer_counts_its_slip_until_one_is_right(new_kernel, path, monkeypatch, longest):
    monkeypatch.setattr(memory, "LONGEST", longest)
    chapter, another = new_kernel(), new_kernel()
    chapter.check("hidden-error", without_slope)
    chapter.check("hidden-error", unknown_mistake)
    chapter.check("hidden-error", ...)
    chapter.hint("hidden-error")
    another.check("hidden-error", without_slope)
    chapter.check("hidden-error", without_slope)
    another.check("hidden-error", unknown_mistake)
    another.check("hidden-error", hidden_error)
    chapter.check("hidden-error", without_slope)  # to see what happens
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert record["slips"] == {"no-slope": 3, "": 2}
    assert (record["outcome"], record["tries"]) == ("right", 6) and "slip" not in record


def test_what_was_right_at_once_has_no_slips(new_kernel, path):
    new_kernel().check("hidden-error", hidden_error)
    assert "slips" not in parse(path.read_bytes())["99/exercises/hidden-error"]


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the time of this day, in UTC."""

    def set_to(time):
        monkeypatch.setattr(answers, "now", lambda: datetime.fromisoformat(f"2026-11-20T{time}+00:00"))

    set_to("08:00:00")
    return set_to


def test_when_it_was_first_looked_at_and_when_it_was_solved_stay(new_kernel, path, clock):
    def times(key):
        record = parse(path.read_bytes())[key]
        return [record.get(field, "")[11:16] for field in ("first", "solved", "when")]

    chapter, key = new_kernel(), "99/exercises/hidden-error"
    chapter.check("hidden-error")
    clock("08:05:00")
    chapter.check("hidden-error", without_slope)
    assert times(key) == ["08:00", "", "08:05"]
    clock("08:20:00")
    chapter.check("hidden-error", hidden_error)
    assert times(key) == ["08:00", "08:20", "08:20"]
    clock("09:00:00")
    for each in (chapter, new_kernel()):
        each.hint("hidden-error")
        each.check("hidden-error", without_slope)
        each.check("hidden-error", hidden_error)
    assert times(key) == ["08:00", "08:20", "09:00"]
    chapter.predict("rate-zero")
    clock("09:10:00")
    chapter.predict("rate-zero", "a")
    assert times("99/predictions/rate-zero") == ["09:00", "", "09:10"]


def test_the_day_that_is_told_is_the_day_of_solving(new_kernel, path, clock):
    new_kernel().check("hidden-error", hidden_error)
    items = parse(path.read_bytes())
    items["99/exercises/hidden-error"]["when"] = DAY.format(28)
    path.write_bytes(to_bytes(items))
    assert "You solved this on 2026-11-20." in repr(new_kernel().check("hidden-error"))


def test_what_was_solved_under_an_old_course_is_not_solved_again(new_kernel, path, clock):
    path.write_bytes(to_bytes({"99/exercises/angle": EXERCISE | {"outcome": "right", "when": DAY.format(10)}}))
    new_kernel().hint("angle")
    assert "solved" not in parse(path.read_bytes())["99/exercises/angle"]


# Predictions, and a class that talks them over


@pytest.fixture
def join(monkeypatch):
    """A function that joins a lesson (True) or leaves it; at first it is left."""

    def set_to(value):
        monkeypatch.setattr(exercise_module, "joined", lambda: value)

    set_to(False)
    return set_to


@pytest.fixture
def told(monkeypatch):
    """What the board is told: (item, summary), in order."""
    messages = []
    monkeypatch.setattr(memory, "tell", lambda item, summary: messages.append((item, summary)))
    return messages


def said(chapter):
    """Of the prediction: the choice, the second one, after what, and how sure."""
    done = chapter.prediction_done("rate-zero")
    return [done.get(field) for field in ("choice", "second", "after", "sure")]


def test_a_second_vote_counts_from_the_choice_to_the_reply_and_only_in_a_lesson(new_kernel, join):
    chapter = new_kernel()
    join(True)
    chapter.rethink("rate-zero", "b")  # before the first one
    join(False)
    chapter.commit("rate-zero", "a")
    chapter.rethink("rate-zero", "b")
    assert said(chapter) == ["a", None, None, None]
    join(True)
    for letter in "bcb":
        chapter.rethink("rate-zero", letter)
        assert said(chapter) == ["a", letter, "talk", None]
    another = new_kernel()
    another.rethink("rate-zero", "a")
    chapter.progress()
    assert said(another) == said(chapter) == ["a", None, None, None]
    chapter.rethink("rate-zero", "c")
    assert chapter.talks("rate-zero")
    chapter.reply("rate-zero", "a")
    assert not chapter.talks("rate-zero")
    for each in (chapter, new_kernel()):
        each.rethink("rate-zero", "b")
        each.reply("rate-zero", "b")
        assert said(each) == ["a", "c", "talk", None]


def test_to_type_a_letter_again_shows_the_reply_in_a_lesson_too(new_kernel, join):
    join(True)
    chapter = new_kernel()
    chapter.predict("rate-zero", "a")
    assert "Not what happens" in repr(chapter.predict("rate-zero", "c"))
    assert said(chapter) == ["a", None, None, None]
    chapter.predict("rate-zero", "b")
    assert said(chapter) == ["a", "b", "reply", None]


def test_how_sure_somebody_is_may_change_until_the_reply_is_read(new_kernel):
    chapter = new_kernel()
    chapter.sure("rate-zero", 3)
    assert said(chapter) == ["", None, None, None]
    chapter.commit("rate-zero", "a")
    for level in (3, 1, 2):
        chapter.sure("rate-zero", level)
    assert said(new_kernel())[-1] is None  # it has not looked yet
    another = new_kernel()
    another.progress()
    assert said(another) == said(chapter) == ["a", None, None, 2]
    chapter.reply("rate-zero", "a")
    another.sure("rate-zero", 3)
    assert said(another)[-1] == said(chapter)[-1] == 2


@pytest.mark.parametrize("kept", ["a file", "no file"])
def test_the_board_is_told_the_whole_state_of_an_item(new_kernel, told, monkeypatch, kept):
    if kept == "no file":
        monkeypatch.setenv(answers.VARIABLE, answers.OFF)
    chapter, item = new_kernel(), "99/exercises/hidden-error"
    state = {"right": False, "tries": 1, "hints": 0, "solution": False, "slips": {"no-slope": 1}}
    chapter.check("hidden-error")
    assert told == []
    chapter.check("hidden-error", without_slope)
    chapter.hint("hidden-error")
    chapter.check("hidden-error", unknown_mistake)
    chapter.check("hidden-error", hidden_error)
    assert told == [
        (item, state),
        (item, state | {"hints": 1}),
        (item, state | {"hints": 1, "tries": 2, "slips": {"no-slope": 1, "": 1}}),
        (item, state | {"hints": 1, "tries": 3, "slips": {"no-slope": 1, "": 1}, "right": True}),
    ]


def test_the_board_is_told_votes_and_not_what_is_clicked_once_the_reply_is_read(new_kernel, told, join):
    join(True)
    chapter, item = new_kernel(), "99/predictions/rate-zero"
    chapter.commit("rate-zero", "a")
    chapter.sure("rate-zero", 3)
    chapter.rethink("rate-zero", "c")
    chapter.rethink("rate-zero", "a")
    chapter.reply("rate-zero", "a")
    votes = [
        (item, {"first": "a"}),
        (item, {"first": "a", "sure": 3}),
        (item, {"first": "a", "sure": 3, "second": "c"}),
        *[(item, {"first": "a", "sure": 3})] * 2,
    ]
    assert told == votes
    chapter.reply("rate-zero", "b")
    assert told == votes and said(chapter) == ["a", "b", "reply", 3]


def test_what_comes_as_it_is_leaves_no_file(new_kernel, path):
    chapter = new_kernel()
    chapter.predict("rate-zero")._repr_mimebundle_()
    for name in chapter.exercises:
        chapter.check(name, ...)._repr_mimebundle_()
    chapter.progress()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("value", ["off", " OFF "])
def test_nothing_is_kept_when_it_is_turned_off(value, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(answers.VARIABLE, value)
    make_chapter().check("angle", 67.17)
    assert answers.store() is None and list(tmp_path.iterdir()) == []


KERNEL_CELLS = """
import os
os.environ.pop("PYTEST_VERSION", None)
{before}
from sample_chapter import check
os.chdir("/")
check("angle", 67.17)
"""


@pytest.mark.parametrize(
    ("before", "files"),
    [("", {"answers.json", ".answers.json.lock"}), ("os.environ['PYTEST_VERSION'] = '9'", set())],
    ids=["a reader's notebook", "nbval"],
)
def test_in_a_kernel_the_file_lies_in_the_folder_of_the_notebook_and_under_nbval_there_is_none(tmp_path, before, files):
    from execute_notebooks import run_all
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    notebook = new_notebook(cells=[new_code_cell(KERNEL_CELLS.format(before=before))])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, kernel_name="python3")
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'exercises'}"}
    environment.pop(answers.VARIABLE, None)
    run_all(client, environment)
    assert {found.name for found in tmp_path.iterdir()} == files


def test_all_languages_share_the_file_of_the_english_notebooks(tmp_path):
    assert answers._first_edition(tmp_path / "zh") == tmp_path / "zh"  # copied without the English ones
    (tmp_path / "en").mkdir()
    assert answers._first_edition(tmp_path / "zh") == answers._first_edition(tmp_path / "en") == tmp_path / "en"
    assert answers._first_edition(tmp_path / "mine") == tmp_path / "mine"


def test_a_program_outside_of_notebooks_keeps_nothing(tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if name not in (answers.VARIABLE, "PYTEST_VERSION")
    }
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'exercises'}"
    code = "from sample_chapter import check; print(check('angle', 67.17))"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == []


# Two kernels


WRITER = """
import sys
from course_lib.answers import file
from course_lib.answers.store import Store
file.PATIENCE = 60  # as long as it takes, on a busy machine too
store, own = Store(sys.argv[1]), sys.argv[2]
for number in range(100):
    store.put(f"1/exercises/{own}-{number}", {"outcome": "wrong", "tries": 1, "hints": 0, "solution": False}, tries=1)
    store.put("1/exercises/shared", {"outcome": "wrong", "tries": number + 1, "hints": 0, "solution": False}, tries=1)
assert store.take_notice() == ""
"""


def test_two_processes_that_write_at_once_lose_nothing_to_each_other(path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, own], cwd=ROOT) for own in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    items = parse(path.read_bytes())
    assert items.keys() == {f"1/exercises/{own}-{n}" for own in "ab" for n in range(100)} | {"1/exercises/shared"}
    assert items["1/exercises/shared"]["tries"] == 200


def test_two_kernels_of_one_chapter_add_up_their_tries(path):
    first, second = make_chapter(), make_chapter()
    for chapter in (first, second, first):
        chapter.check("angle", 1)
    assert parse(path.read_bytes())["99/exercises/angle"]["tries"] == 3
    second.check("angle", 67.17)
    assert "1 of 6 exercises right" in repr(first.progress())


def test_a_try_in_another_kernel_counts_even_while_this_one_is_judging(path):
    first, second = make_chapter(), make_chapter()

    def slow(delta2, W2, a1):
        if not second.done("hidden-error")["tries"]:
            second.check("hidden-error", without_slope)
        return hidden_error(delta2, W2, a1)

    first.check("hidden-error", slow)
    record = parse(path.read_bytes())["99/exercises/hidden-error"]
    assert (record["outcome"], record["tries"]) == ("right", 2)


def test_another_kernel_sees_a_change_at_its_next_call(path):
    one, other = Store(path), Store(path)
    one.put("1/exercises/a", EXERCISE)
    other.put("1/exercises/b", EXERCISE)
    one.sync()
    assert one.items.keys() == other.items.keys() == {"1/exercises/a", "1/exercises/b"}


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
DAMAGED = {
    "half": GOOD[:60],
    "empty": b"",
    "binary": bytes(range(256)),
    "another's": b'{"a": 1}',
    "a list": b"[]",
    "no version": GOOD.replace(b'"version": 2', b'"version": null'),
    "version 0": GOOD.replace(b'"version": 2', b'"version": 0'),
    "a wrong outcome": GOOD.replace(b'"wrong"', b'"__import__(1)"'),
    "an outcome of another type": GOOD.replace(b'"wrong"', b"[]"),
    "negative tries": GOOD.replace(b'"tries": 1', b'"tries": -1'),
    "true for a number": GOOD.replace(b'"tries": 1', b'"tries": true'),
    "no time": GOOD.replace(b'"when"', b'"then"'),
    "a time without zone": GOOD.replace(b"+00:00", b""),
    "a time that is a number": GOOD.replace(f'"{DAY.format(20)}"'.encode(), b"20261120"),
    "a time before the calendar in UTC": GOOD.replace(DAY.format(20).encode(), b"0001-01-01T00:00:00+14:00"),
    "a time after the calendar in UTC": GOOD.replace(DAY.format(20).encode(), b"9999-12-31T23:59:59-14:00"),
    "a time that Windows cannot show": GOOD.replace(DAY.format(20).encode(), b"3000-01-01T00:00:00+00:00"),
    "an unknown kind": GOOD.replace(b"exercises", b"exams"),
    "a key with a line break": GOOD.replace(b"1/exercises/a", b"1/exercises/a\\nb"),
    "deeply nested": b"[" * 200_000,
    "too large": GOOD + b" " * answers_format.LARGEST,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_set_aside_with_a_sentence(new_kernel, path, content):
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
    assert "1 of 6 exercises right" in repr(chapter.progress())
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
                repr(chapter.progress()),
            ]

        first, second, progress = forked(answer)
        assert "answers.json cannot be written (Permission denied), nor can a file in your home folder" in first
        assert "1 of your answers are in the memory of this kernel alone" in first and "✓ Right: angle" in first
        assert "2 of your answers are in the memory" in second  # again, for the trouble lasts
        assert "1 of 6 exercises right, 1 of 1 predictions made" in progress
        assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("~nosuchuser", "No such file or directory"),
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
            return [repr(chapter.check("angle", 67.17)), repr(chapter.progress())]

        shown, progress = forked(answer)
        assert f"cannot be written ({reason})" in shown and "✓ Right: angle" in shown
        assert "1 of 6 exercises right" in progress
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


def test_a_folder_may_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv(answers.VARIABLE, str(tmp_path))
    assert answers.store().path == tmp_path / "answers.json"


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
    assert "1 of 6 exercises right, 1 of 1 predictions made" in repr(
        new_kernel().progress()
    )  # another kernel finds them
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


def test_what_damage_leaves_is_read_record_by_record(path):
    items = {f"1/exercises/{name}": EXERCISE | {"when": DAY.format(20), "answer": 'x = "{"'} for name in "abc"}
    content = to_bytes(items)
    for bad in (
        content.replace(b'/b": {"answer": "x', b'/b": {"answer": "\xff'),
        content.replace(b'"tries": 1', b'"tries": -1', 1),
        content[:-60],
        content[30:],
        content.replace(b"\n}}", b""),
        content[: content.index(b"solution") + 1]
        + content[content.index(b"/b") :],  # "s/b" is a field of a, then c, too
    ):
        found = salvage(bad)
        assert (
            found.damage and 1 + (b"s/b" not in bad) <= len(found.items) <= 3 and found.items.items() <= items.items()
        )
    path.write_bytes(content.replace(b'/b": {"answer": "x', b'/b": {"answer": "\xff'))
    store = Store(path)
    store.sync()
    (aside,) = path.parent.glob("answers-damaged-*.json")
    notice = store.take_notice()
    assert parse(path.read_bytes()).keys() <= items.keys() and aside.name in notice and "kept: " in notice


def test_half_of_a_character_is_damage_and_no_crash(path):
    path.write_bytes(to_bytes({"1/labs/l": {"state": "x", "when": DAY.format(1)}}).replace(b'"x"', b'"\\ud800"'))
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    assert parse(path.read_bytes()).keys() == {"1/exercises/a"} and "could not be read: 1" in store.take_notice()


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


def test_ten_thousand_entries_are_no_damage_and_a_put_reads_and_writes_out_one_of_them(path, monkeypatch):
    path.write_bytes(
        to_bytes({f"1/exercises/n{n}": EXERCISE | {"when": DAY.format(1), "answer": "x" * 40} for n in range(10_000)})
    )
    assert path.stat().st_size > 1_400_000
    store = Store(path)
    store.put("1/exercises/a", EXERCISE)
    calls = []
    for module, name in ((answers_format, "checked"), (answers_format, "_line"), (answers_file, "salvage")):
        done = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, done=done: calls.append(done) or done(*a))
    store.put("1/exercises/a", EXERCISE)
    assert len(calls) <= 2 and store.take_notice() == "" and len(parse(path.read_bytes())) == 10_001


def test_a_long_answer_is_kept_and_a_longer_one_told(new_kernel, path):
    chapter = new_kernel()
    chapter.check("angle", [1.5] * 5000)
    assert len(parse(path.read_bytes())["99/exercises/angle"]["answer"]) == 25_000
    shown = repr(chapter.check("angle", [1.5] * 50_000))
    assert "its text is not, because it has 250,000 characters. Expected at most 40,000" in shown
    assert parse(path.read_bytes())["99/exercises/angle"]["tries"] == 2


# The format


def test_a_file_that_an_editor_on_windows_has_saved_is_read():
    assert parse(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")) == parse(GOOD)


def test_unknown_fields_are_dropped():
    assert parse(GOOD.replace(b'"hints"', b'"more": [1], "hints"')) == parse(GOOD)


# Labs


def test_a_lab_offers_to_go_back_to_what_was_kept(path, monkeypatch):
    import asyncio

    from course_lib.labs import training_lab
    from course_lib.labs.base import lab as base

    monkeypatch.setattr(base, "KEPT_AFTER", 0.01)
    monkeypatch.setattr(answers, "_chapters", ["5"])

    async def session(act):
        lab = training_lab()
        lab._repr_mimebundle_()
        act(lab)
        await asyncio.sleep(0.1)
        while lab.running:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return lab

    def train(lab):
        lab.controls["hidden"].set(3)
        lab.controls["epochs"].set(20)
        lab.buttons["train"].click()

    def look(lab):
        lab.keeps = False
        lab.buttons["step"].click()

    asyncio.run(session(lambda lab: None))
    asyncio.run(session(look))
    assert not path.exists()  # nobody did anything; a test is not a reader
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
    import asyncio

    from course_lib.labs import training_lab

    monkeypatch.setenv("HOME", str(path.parent / "nowhere"))

    async def session():
        lab = training_lab()
        for epochs in (30, 40):
            lab.controls["epochs"].set(epochs)
            lab._keep()
            first = lab.panel.children[0].value
            assert "in the memory of this kernel alone" in first and 'download="backprop-answers-' in first
        closed(True)
        lab.controls["epochs"].set(50)
        lab._keep()
        assert lab.panel.children[0].value == "" and path.exists()
        lab.close()

    asyncio.run(session())


def test_a_state_in_the_file_that_no_lab_has_written_is_an_error_line(path, monkeypatch):
    from course_lib.labs import training_lab

    monkeypatch.setattr(answers, "_chapters", ["5"])
    path.write_bytes(to_bytes({"5/labs/training": {"state": "training rm -rf", "when": DAY.format(1)}}))
    lab = training_lab()
    lab._repr_mimebundle_()
    lab.panel.children[0].children[1].click()
    assert "expected a state that the training lab has shown" in lab.error_line.value
    lab.close()
