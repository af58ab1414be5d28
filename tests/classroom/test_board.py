"""The board at a real JupyterHub: students report to it, their teacher sees how many, and it does not know who."""

import asyncio
import http.client
import json
import os
import re
import signal
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psutil
import pytest

pytest.importorskip("jupyterhub")  # `make test-class` has it

from aiohttp import ClientResponseError

from course_lib.board import seats
from tests.board.real_board import memory_of
from tests.classroom.hub import ROOT, TEACHER, running_hub
from tests.classroom.lesson import processes
from tests.classroom.student import Student

STUDENTS = ["zyxomma-quokka", "qwertz-vexillum", "jynx-phlebotomy"]  # nothing else in the memory is called that
ASSISTANT = "assistant"
ITEM = "1/exercises/neuron"
REPORT = {"right": True, "tries": 1, "hints": 0, "solution": False, "slips": {}}
JSON = {"Content-Type": "application/json", "X-Board": "1"}
CHAPTER = "backprop-course/notebooks/en/01_background.ipynb"


def assistants():
    """The lines with which a teacher lets an assistant open the board, from the page for teachers."""
    page = (ROOT / "notebooks" / "en" / "classroom.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```\n(role = .*?)```", page, re.DOTALL)
    return lines.replace("NAME", ASSISTANT)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("board"), assistants()) as hub:
        board = board_of(hub)
        yield hub
        os.kill(hub.pid, signal.SIGTERM)  # as a system ends it: the board goes with it, without a word
        psutil.wait_procs([board], timeout=30)
        assert not board.is_running() or board.status() == psutil.STATUS_ZOMBIE
        # JupyterHub's own check of its services may meet the shutdown, and says so with a traceback of its own.
        assert not re.search(r'File "[^"]*course_lib', (hub.folder / "log").read_text())


@pytest.fixture(scope="module")
def lesson(hub):
    """A lesson of three students, and of two more seats that the test makes with the hub's key: what has come of it."""
    return asyncio.run(hold(hub))


async def hold(hub):
    found = {}
    async with AsyncExitStack() as stack:
        teacher, *students = [await stack.enter_async_context(Student(hub, name)) for name in (TEACHER, *STUDENTS)]
        found["page"] = await teacher.open_board()
        await teacher.board("do", {"do": "new"})
        await teacher.board("do", {"do": "go", "item": ITEM})
        for student in students:
            await student.log_in()
            await student.open_notebook(CHAPTER)
        found["said"] = [await say(student, "share.join()") for student in students]
        found["seats"] = [await say(student, "os.environ['COURSE_BOARD_SEAT']") for student in students]
        for student in students:
            await student.execute(f"share.tell({ITEM!r}, {REPORT!r})")
        found["three"] = await teacher.board("state")
        for name in ("fourth", "fifth"):
            seat = seats.seat(key_of(hub), name)
            joined = ask(hub, "join", {"seat": seat})
            ask(hub, "push", {"seat": seat, **joined, "items": {ITEM: REPORT}})
        for _ in range(50):  # messages of the three may be on their way
            found["five"] = await teacher.board("state")
            if of_the_exercise(found["five"])["right"] == 5:
                break
            await asyncio.sleep(0.1)
        found["memory"] = memory_of(board_of(hub).pid)
        found["left"] = await say(students[0], "share.leave()")
        found["four"] = await teacher.board("state")
    return found


def of_the_exercise(state):
    [exercise] = [each for each in state["exercises"] if each["item"] == ITEM]
    return exercise


def key_of(hub):
    return (hub.folder / "board_key").read_bytes()


async def say(student, value):
    """What an expression is in a student's kernel."""
    return (await student.execute("import os; from course_lib.board import share", value))[0]


def ask(hub, name, message):
    """What the board answers to a kernel. Raises HTTPError."""
    body = json.dumps(message).encode()
    request = urllib.request.Request(hub.board + name, body, JSON)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def board_of(hub):
    """The board's process."""
    [process] = [process for kind, process in processes(hub) if kind == "board"]
    return process


def test_three_students_are_too_few_to_be_shown(lesson):
    state, exercise = lesson["three"], of_the_exercise(lesson["three"])
    assert (state["seats"], state["few"]) == (3, True)
    assert exercise["few"] and exercise["right"] is exercise["trying"] is exercise["new"] is None


def test_what_five_have_done_is_counted(lesson):
    state, exercise = lesson["five"], of_the_exercise(lesson["five"])
    assert (state["seats"], state["few"]) == (5, False)
    assert (exercise["right"], exercise["trying"], exercise["new"]) == (5, 0, 0)


def test_no_name_is_in_the_memory_of_the_board(lesson):
    if (memory := lesson["memory"]) is None:
        pytest.skip("the system lets nobody read another program's memory")
    assert all(seat.partition(".")[0].encode() in memory for seat in lesson["seats"])  # this way it would be found
    for name in STUDENTS:
        assert not any(name.encode(code) in memory for code in ("utf-8", "utf-16-le", "utf-32-le"))


def test_who_leaves_is_taken_out_of_the_counts(lesson):
    assert (lesson["four"]["seats"], lesson["four"]["few"]) == (4, True)


def test_the_hub_alone_makes_seats(hub, lesson):
    assert len({*lesson["seats"]}) == len(STUDENTS)
    assert lesson["seats"] == [seats.seat(key_of(hub), name) for name in STUDENTS]
    name, _, signature = lesson["seats"][1].partition(".")
    for forged in (f"{name[::-1]}.{signature}", f"{name}.{'0' * 32}", seats.seat(os.urandom(32), STUDENTS[1])):
        for what, more in (("join", {}), ("push", {"lesson": lesson["five"]["lesson"], "items": {ITEM: REPORT}})):
            with pytest.raises(HTTPError) as refused:
                ask(hub, what, {"seat": forged, **more})
            assert refused.value.code == 403


def test_the_board_may_do_nothing_on_the_machine(hub):
    """It has no group but nobody's, and the key is not for it to read again."""
    board = board_of(hub)
    if os.geteuid() == 0:
        assert set(board.uids()) == set(board.gids()) == {65534}
        assert re.search(r"^Groups:\s*$", Path(f"/proc/{board.pid}/status").read_text(), re.MULTILINE)
    assert (hub.folder / "board_key").stat().st_mode & 0o777 == 0o600 and board.cwd() == "/"
    assert {
        connection.laddr.ip for connection in board.net_connections() if connection.status == psutil.CONN_LISTEN
    } == {"127.0.0.1"}


def opens_the_board(hub, name):
    """Whether somebody who logs in at the hub gets to see the board, and what it says otherwise."""

    async def go():
        async with Student(hub, name) as somebody:
            page = await somebody.open_board()
            return page, await somebody.board("state")

    return asyncio.run(go())


@pytest.mark.parametrize("name", [STUDENTS[0], "stranger"])
def test_a_student_does_not_see_the_board(hub, lesson, name):
    with pytest.raises(ClientResponseError) as refused:
        opens_the_board(hub, name)
    assert refused.value.status == 403


def test_an_assistant_sees_it_whom_the_teacher_has_let_in(hub, lesson):
    page, state = opens_the_board(hub, ASSISTANT)
    assert page == lesson["page"] and state["lesson"] == lesson["five"]["lesson"]


@pytest.mark.parametrize("token", [None, "guessed", "of a service"])
@pytest.mark.parametrize("place", ["url", "board"])
def test_nobody_is_told_anything_without_a_log_in(hub, lesson, place, token):
    """Neither on the way through the hub's proxy nor on this machine; a token that may do other things is none."""
    token = hub.token if token == "of a service" else token
    headers = {"Authorization": f"token {token}"} if token else {}
    line = http.client.HTTPConnection(urlsplit(getattr(hub, place)).netloc, timeout=10)
    for method, path, body in (("GET", "state", None), ("GET", "", None), ("POST", "do", b'{"do": "end"}')):
        line.request(method, f"/services/board/{path}", body, JSON | headers)
        answer = line.getresponse()
        said = answer.read().decode()
        assert answer.status == 403 or (method, answer.status) == ("GET", 302)
        assert lesson["five"]["lesson"] not in said and "<title>Board" not in said
