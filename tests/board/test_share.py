"""What a kernel reports of its reader: nothing before joining, the items alone, in no time, whatever the board does."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from course_lib.answers import store as answers
from course_lib.board import share
from tests.board.fake_board import CODE, LESSON, SEAT, FakeBoard, free_port, port_that, until

ROOT = Path(__file__).parents[2]
NEURON = {"right": False, "tries": 1, "hints": 0, "solution": False, "slips": {"no-bias": 1}}
ITEM = "1/exercises/neuron"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home; the sender is a new one, as in a new kernel."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in (share.AT_A_HUB, share.SEAT, answers.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(share, "_sender", share.Sender())
    yield home
    (home / answers.HOME / share.NAME).unlink(missing_ok=True)  # with it the thread comes to rest


@pytest.fixture
def board(home):
    with FakeBoard() as board:
        yield board


@pytest.fixture
def quick(monkeypatch):
    """Short times between messages."""
    monkeypatch.setattr(share, "REST", 0.03)
    monkeypatch.setattr(share, "LONGEST_REST", 0.2)


@pytest.fixture
def impatient(monkeypatch):
    """A short time for a message, where no answer is expected."""
    monkeypatch.setattr(share, "PATIENCE", 0.3)


def kept(home):
    return home / answers.HOME / share.NAME


def sit(home, port, **changed):
    """A seat as joining notes it, at a port of this machine; returns what was written."""
    note = {"address": f"http://127.0.0.1:{port}/", "seat": SEAT, "lesson": LESSON, "until": time.time() + 3600}
    kept(home).parent.mkdir(exist_ok=True)
    kept(home).write_text(json.dumps(note | changed))
    return note


# Before joining


def test_before_joining_nothing_is_sent_no_file_is_there_and_no_thread_runs(home):
    program = f"""
import sys, threading
from course_lib.board import share
share.tell({ITEM!r}, {NEURON!r})
print(share.joined(), threading.active_count(), {{"socket", "ssl", "http"}} & set(sys.modules) or "none")
"""
    assert run(program) == "False 1 none\n"
    assert list(home.iterdir()) == []
    assert share.leave() == "You have joined no lesson."


def run(program, timeout=60):
    """What a new Python prints; errors are printed too."""
    output = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=timeout, **output).stdout


# The address and the code


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("192.168.1.5/K7P-4QX", "http://192.168.1.5:8765/"),
        ("192.168.1.5:80/K7P4QX", "http://192.168.1.5:80/"),
        (" http://192.168.1.5:8765/k7p-4qx/ ", "http://192.168.1.5:8765/"),
        ("https://board.example.org/K7P4QX", "https://board.example.org:443/"),
        ("Ada-s-laptop.local/K7P4QX", "http://ada-s-laptop.local:8765/"),
        ("[fe80::1]/K7P4QX", "http://[fe80::1]:8765/"),
        ("[::1]:99/K7P4QX", "http://[::1]:99/"),
        ("１９２。１６８．１．５／Ｋ７Ｐ－４ＱＸ", "http://192.168.1.5:8765/"),
        ("192.168.1.5:8765  k7p-4qx", "http://192.168.1.5:8765/"),
        ("http://192.168.1.5 / K7P-4QX", "http://192.168.1.5:8765/"),
        ("K7P-4QX", "http://127.0.0.1:8765/"),
    ],
)
def test_an_address_and_a_code_as_people_type_them(home, code, address):
    assert share._asked(code) == (address, {"code": CODE})


@pytest.mark.parametrize(
    "code",
    [
        *("", " ", "192.168.1.5", "192.168.1.5/", "192.168.1.5/K7P4Q", "192.168.1.5/K7P4QXY", "https://K7P4QX", "/K7P4QX"),
        *("ftp://192.168.1.5/K7P4QX", "file:///etc/K7P4QX", "a b/K7P4QX", "user:secret@host/K7P4QX", "host/x/K7P4QX"),
        *("host:0/K7P4QX", "host:65536/K7P4QX", "host:-1/K7P4QX", "host\r\nX: y/K7P4QX", "host?/K7P4QX", "ho%st/K7P4QX"),
        *("host/K7P\x004Q", "-host/K7P4QX", "a" * 254 + "/K7P4QX", "a" * 10**6, "<b>/K7P4QX", "𝐡/x" * 50),
        *(None, 5, b"192.168.1.5/K7P4QX", ["192.168.1.5/K7P4QX"]),
    ],
)  # fmt: skip
def test_anything_else_is_asked_for_again_and_nobody_is_called(home, monkeypatch, code):
    monkeypatch.setattr(share, "_ask", lambda *message: pytest.fail(f"asked {message}"))
    sentence = share.join(code)
    assert sentence.startswith(
        'Expected the address and the code on your teacher\'s screen, as in "192.168.1.5/K7P-4QX"'
    )
    assert len(sentence) < 250 and not share.joined()


# Joining and leaving


def test_joining_sends_the_code_alone_and_notes_the_seat_for_its_owner_alone(home, board):
    sentence = share.join(board.code)
    assert sentence == repr(sentence) == f"You have joined the lesson. {share.SHARED}"
    assert board.messages == [("join", {"code": CODE})]
    note = json.loads(kept(home).read_text())
    assert note.keys() == {"address", "seat", "lesson", "until"} and note["lesson"] == LESSON
    assert 3.9 * 3600 < note["until"] - time.time() <= 4 * 3600
    assert [path.name for path in kept(home).parent.iterdir()] == [share.NAME] and share.joined()
    if os.name == "posix":
        assert kept(home).stat().st_mode & 0o777 == 0o600


def test_leaving_is_told_to_the_board_and_nothing_is_sent_afterwards(home, board, quick):
    share.join(board.code)
    seat = json.loads(kept(home).read_text())["seat"]
    assert share.leave() == "You have left the lesson, and nothing more is sent."
    assert board.messages[1:] == [("leave", {"seat": seat, "lesson": LESSON})]
    share.tell(ITEM, NEURON)
    assert not kept(home).exists() and not share.joined() and share._sender._thread is None


def test_leaving_a_board_that_is_gone_says_what_stays_there(home, quick):
    sit(home, free_port())
    assert share.leave().endswith(
        "The board could not be reached: what you have shared stays there until the lesson ends."
    )
    assert not share.joined()


def test_a_seat_that_cannot_be_given_up_is_not_said_to_be(home, board, monkeypatch):
    share.join(board.code)
    monkeypatch.setattr(os, "unlink", lambda path: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    assert share.leave().startswith("You have not left: ")
    monkeypatch.undo()


def test_whoever_joins_again_leaves_the_seat_before(home, board):
    share.join(board.code)
    first = json.loads(kept(home).read_text())["seat"]
    share.join(board.code)
    assert board.came("leave") == [{"seat": first, "lesson": LESSON}]
    assert json.loads(kept(home).read_text())["seat"] != first
    share.join(f"127.0.0.1:{board.port}/WRNG23")
    assert len(board.came("leave")) == 1 and share.joined()  # a wrong code changes nothing


def test_at_a_hub_the_seat_is_given_and_nothing_is_typed(home, board, monkeypatch):
    monkeypatch.setenv(share.AT_A_HUB, f"http://127.0.0.1:{board.port}/services/board/")
    assert not share.at_a_hub()
    monkeypatch.setenv(share.SEAT, SEAT)
    assert share.at_a_hub() and share.join().startswith("You have joined the lesson.")
    assert share.join().startswith("You have joined the lesson.")  # it is the same seat, which nobody leaves
    assert board.messages == [("join", {"seat": SEAT})] * 2 and {*board.folders} == {"/services/board"}
    assert json.loads(kept(home).read_text())["seat"] == SEAT


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "The board does not know this code. Compare it with your teacher's screen."),
        (409, "No lesson can be joined there at the moment. Ask your teacher."),
        (429, "Too many codes were tried from here. Wait a few seconds, then try again."),
    ],
)
def test_a_board_that_lets_nobody_in_says_why(home, board, status, sentence):
    board.answers["join"] = lambda _: (status, {})
    assert share.join(board.code) == sentence
    assert not kept(home).exists()


def test_where_nothing_answers(home):
    port = free_port()
    assert share.join(f"127.0.0.1:{port}/{CODE}").startswith(
        f"Nothing answers at 127.0.0.1:{port}. Compare the address"
    )


def test_a_home_in_which_nothing_can_be_written(home, board):
    kept(home).parent.write_text("a file where the folder should be")
    assert share.join(board.code) == "You have not joined: board.json cannot be written (File exists)."
    assert [name for name, _ in board.messages] == ["join", "leave"] and not share.joined()
    kept(home).parent.unlink()


def test_in_the_browser_alone_hands_are_counted(home, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert share.join(f"192.168.1.5/{CODE}").endswith("Your teacher counts raised hands instead.")


# What is told


def test_joining_tells_the_exercises_done_before_but_no_prediction(home, board, monkeypatch, tmp_path):
    monkeypatch.setenv(answers.VARIABLE, str(tmp_path / "answers.json"))
    monkeypatch.setattr(answers, "_stores", {})
    exercise = {"outcome": "wrong", "tries": 3, "hints": 2, "solution": True, "answer": "my code"}
    answers.store().put(ITEM, exercise | {"slip": "no-bias"}, tries=3)
    answers.store().put("2/exercises/one-step", exercise | {"outcome": "right"}, tries=3)
    answers.store().put("1/predictions/double-weight", {"choice": "b", "replied": True})
    answers.store().put("1/labs/training", {"state": "my state"})
    share.join(board.code)
    board.wait(lambda: len(board.items()) == 2)
    told = {"tries": 3, "hints": 2, "solution": True}
    assert board.items() == {
        ITEM: {"right": False, "slips": {"no-bias": 1}} | told,
        "2/exercises/one-step": {"right": True, "slips": {}} | told,
    }
    counted = {"no-bias": 2, "": 1}
    assert share.summary(ITEM, exercise | {"slips": counted, "slip": "no-bias"})["slips"] == counted


def test_a_message_holds_the_seat_the_lesson_and_the_items_alone(home, board):
    note = sit(home, board.port)
    summary = {"first": "b"}
    share.tell("1/predictions/double-weight", summary)
    summary["first"] = "c"  # it was copied
    board.wait(lambda: board.messages)
    items = {"1/predictions/double-weight": {"first": "b"}}
    assert board.messages == [("push", {"seat": note["seat"], "lesson": note["lesson"], "items": items})]


def test_of_each_item_the_last_state_is_sent_and_no_more_waits_than_there_are_items(home, board):
    sit(home, board.port)
    free, slow = threading.Event(), board.answers["push"]
    board.answers["push"] = lambda message: (free.wait(2), slow(message))[1]
    for tries in range(500):
        for number in range(4):
            share.tell(f"1/exercises/e{number}", NEURON | {"tries": tries})
        assert len(share._sender.waiting) <= 4
    free.set()
    board.wait(lambda: sorted(each["tries"] for each in board.items().values()) == [499] * 4)
    assert len(board.messages) <= 3


def test_whatever_is_told_raises_nothing_and_prints_nothing(home, board, capfd):
    sit(home, board.port)
    share.tell(ITEM, {"slips": {1, 2}})
    share.tell(object(), {})
    share.tell(ITEM, NEURON | {"slips": {"x" * share.MOST: 1}})  # no message holds it
    share.tell("1/exercises/\ud800\n<b>", NEURON)
    board.wait(lambda: board.messages)
    assert list(board.items()) == ["1/exercises/\ud800\n<b>"]
    assert capfd.readouterr() == ("", "")


def test_much_goes_in_several_messages_each_below_the_board_s_limit(home, board, quick):
    sit(home, board.port)
    told = {f"1/exercises/e{number}": NEURON | {"slips": {f"slip-{n}": 1 for n in range(20)}} for number in range(160)}
    for item, summary in told.items():
        share.tell(item, summary)
    board.wait(lambda: board.items() == told)
    sizes = [len(json.dumps(message)) for message in board.came("push")]
    assert max(sizes) <= 16_000 and len(sizes) < 12


def test_what_the_board_refuses_takes_nothing_else_with_it(home, board, quick):
    """As when a student's course is newer than the teacher's: an item that the board does not know spoils its message."""
    sit(home, board.port)
    taken = {}

    def push(message):
        if "1/exercises/unknown" in message["items"]:
            return 400, {}
        taken.update(message["items"])
        return 200, {"taken": 1}

    board.answers["push"] = push
    told = {f"1/exercises/{name}": NEURON for name in ("a", "unknown", "b", "c")}
    with share._sender._lock:  # so that all of it goes into the first message
        share._sender.seat = share._seat()
        share._sender.waiting.update({item: f"{json.dumps(item)}: {json.dumps(NEURON)}" for item in told})
    share.tell("1/exercises/d", NEURON)
    board.wait(lambda: len(taken) == 4)
    assert taken.keys() == {*told, "1/exercises/d"} - {"1/exercises/unknown"}
    share.tell(ITEM, NEURON)
    board.wait(lambda: ITEM in taken)
    assert len(board.messages) == 7  # all five together, each alone, and what came after


# Boards that are gone, silent, slow, or lie


def test_a_board_that_comes_back_gets_what_holds_by_then(home, quick):
    port = free_port()
    sit(home, port)
    for tries in range(1, 4):
        share.tell(ITEM, NEURON | {"tries": tries})
        time.sleep(0.1)
    with FakeBoard(port) as board:
        board.wait(lambda: board.messages)
        assert board.items() == {ITEM: NEURON | {"tries": 3}}


@pytest.mark.parametrize("status", [403, 410])
def test_a_lesson_that_is_over_is_left(home, board, status):
    sit(home, board.port)
    board.answers["push"] = lambda _: (status, {})
    share.tell(ITEM, NEURON)
    until(lambda: not share.joined())
    assert not kept(home).exists()
    share.tell(ITEM, NEURON)
    assert len(board.messages) == 1 and not share.joined()


def test_after_four_hours_the_lesson_is_over(home, board):
    sit(home, board.port, until=time.time() - 1)
    share.tell(ITEM, NEURON)
    assert not share.joined() and share._sender._thread is None


@pytest.mark.parametrize("answer", [(200, b"<h1>Welcome</h1>"), (200, []), (200, {}), (500, {}), (302, {}), (429, {})])
def test_what_no_board_has_taken_is_sent_again(home, board, quick, answer):
    sit(home, board.port)
    taken = board.answers["push"]
    board.answers["push"] = lambda _: answer
    share.tell(ITEM, NEURON)
    board.wait(lambda: len(board.messages) == 3)
    board.answers["push"] = taken
    until(lambda: not share._sender.waiting)
    assert share.joined()


def http(content, status="200 OK"):
    return f"HTTP/1.1 {status}\r\n\r\n".encode() + content


def sends(content, times=1):
    def handle(connection):
        connection.recv(65536)
        for _ in range(times):
            connection.sendall(content)

    return handle


def drips(connection):
    while True:
        connection.sendall(b"H")
        time.sleep(0.05)


def stays_silent(connection):
    while connection.recv(65536):
        pass


ODD = {
    "HTML": sends(http(b"<html><body>Welcome to our network</body></html>")),
    "an error": sends(http(b"{}", "500 Internal Server Error")),
    "a redirect": sends(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
    "no HTTP": sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "nothing": lambda connection: None,
    "10 MB": sends(http(b"x" * 10**7)),
    "endless": sends(http(b"{" + b" " * 10**6), 10**6),
    "endless headers": sends(b"X: y\r\n" * 10**5, 10**6),
    "continue without end": sends(b"HTTP/1.1 100 Continue\r\n\r\n" * 10**4, 10**6),
    "silent": stays_silent,
    "a byte now and then": drips,
    "deep": sends(http(b"[" * 8000)),
    "a large number": sends(http(b'{"seat": 1' + b"0" * 5000 + b"}")),
    "no seat": sends(http(json.dumps({"lesson": LESSON}).encode())),
    "no lesson": sends(http(json.dumps({"seat": SEAT}).encode())),
    "a seat that is more": sends(http(json.dumps({"seat": 'x", "name": "', "lesson": LESSON}).encode())),
    "a lesson that is a list": sends(http(json.dumps({"seat": SEAT, "lesson": [LESSON]}).encode())),
    "a long seat": sends(http(json.dumps({"seat": "x" * 200, "lesson": LESSON}).encode())),
    "lone surrogates": sends(http(rb'{"seat": "\ud800", "lesson": "\udfff"}')),
    "not UTF-8": sends(http(b'{"seat": "\xff"}')),
}


@pytest.mark.parametrize("handles", ODD.values(), ids=ODD)
def test_what_is_no_board_is_not_joined_and_takes_neither_time_nor_memory(home, impatient, handles):
    with port_that(handles) as port:
        share.join(f"127.0.0.1:{free_port()}/{CODE}")  # what is imported for the first message counts for none
        for _ in range(3):  # what other threads of this process take meanwhile counts, too
            tracemalloc.start()
            before = time.process_time()
            sentence = share.join(f"127.0.0.1:{port}/{CODE}")
            seconds, (_, most) = time.process_time() - before, tracemalloc.get_traced_memory()
            tracemalloc.stop()
            if most < 20 * share.LARGEST:
                break
    assert f"127.0.0.1:{port}" in sentence and not share.joined() and list(home.iterdir()) == []
    assert sentence.startswith("Nothing answers") or sentence.endswith("is no board of this course.")
    assert most < 20 * share.LARGEST and seconds < 2.0


@pytest.mark.parametrize("handles", [stays_silent, drips])
def test_a_message_has_an_end_in_time(impatient, handles):
    with port_that(handles) as port, pytest.raises(TimeoutError):
        share._post(f"http://127.0.0.1:{port}/", "push", b"{}")


def test_no_proxy_is_asked_and_no_redirect_followed(home, board, monkeypatch):
    with FakeBoard() as other:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{other.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert share.join(board.code).startswith("You have joined")
        share.tell(ITEM, NEURON)
        board.wait(lambda: board.items())
        redirect = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{other.port}/join\r\n\r\n"
        with port_that(sends(redirect.encode())) as port:
            assert share.join(f"127.0.0.1:{port}/{CODE}").endswith("is no board of this course.")
        assert other.messages == []


# The file


def broken(note):
    """What may stand in board.json instead of a seat, {name: bytes}."""
    changes = {
        "another scheme": {"address": "file:///etc/passwd"},
        "a user's name": {"address": "http://me@127.0.0.1:1/"},
        "a header": {"address": "http://127.0.0.1:1/\r\nX: y/"},
        "no port": {"address": "http://127.0.0.1/"},
        "a way up": {"address": "http://127.0.0.1:1/../b/"},
        "a file": {"address": "http://127.0.0.1:1/b"},
        "no text as address": {"address": ["http://127.0.0.1:1/"]},
        "no text as seat": {"seat": 5},
        "a seat that is more": {"seat": '", "items": {}, "x": "'},
        "no text as lesson": {"lesson": None},
        "for ever": {"until": time.time() + 10**9},
        "infinite": {"until": float("inf")},
        "no number": {"until": float("nan")},
        "text as time": {"until": "tomorrow"},
        "a field more": {"name": "Ada"},
    }
    return {name: json.dumps(note | change).encode() for name, change in changes.items()} | {
        "nothing": b"",
        "half": json.dumps(note).encode()[:40],
        "a list": b"[]",
        "null": b"null",
        "a field less": json.dumps({key: note[key] for key in ("address", "seat", "lesson")}).encode(),
        "not UTF-8": b"\xff\xfe",
        "deep": b"[" * 8000,
        "10 MB": b" " * 10**7,
    }


def test_a_broken_file_is_no_seat_and_joining_mends_it(home, board):
    for name, content in broken(sit(home, board.port)).items():
        kept(home).write_bytes(content)
        share.tell(ITEM, NEURON)
        assert not share.joined(), name
        assert share.leave() == "You have joined no lesson."
    assert board.messages == [] and share._sender._thread is None
    share.join(board.code)
    assert share.joined()


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_a_link_is_not_followed_and_joining_does_not_write_through_it(home, board, tmp_path):
    sit(home, board.port)
    target = kept(home).rename(tmp_path / "elsewhere.json")
    before = target.read_bytes()
    kept(home).symlink_to(target)
    assert not share.joined()
    share.join(board.code)
    assert share.joined() and not kept(home).is_symlink() and target.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_a_pipe_or_a_folder_in_its_place_holds_nobody_up(home):
    kept(home).parent.mkdir()
    os.mkfifo(kept(home))
    assert not share.joined()
    kept(home).unlink()
    kept(home).mkdir()
    handles = os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd") else []
    assert not any(share.joined() for _ in range(20))
    assert not handles or len(os.listdir("/proc/self/fd")) <= len(handles), "each look leaves a file open"
    kept(home).rmdir()


# Several kernels


def test_two_kernels_share_a_seat(home, board):
    share.join(board.code)
    share.tell(ITEM, NEURON)
    other = f"""
import time
from course_lib.board import share
share.tell("2/exercises/one-step", {NEURON!r})
while share._sender.waiting:
    time.sleep(0.05)
print(share.joined())
"""
    assert run(other) == "True\n"
    board.wait(lambda: len(board.items()) == 2)
    assert len({message["seat"] for message in board.came("push")}) == 1


def test_when_another_kernel_leaves_or_joins_another_lesson_what_waits_here_is_dropped(home, board, quick):
    for port in (free_port(), None):
        sit(home, free_port())
        share.tell(ITEM, NEURON)
        time.sleep(0.1)
        assert share._sender.waiting
        if port is None:
            kept(home).unlink()
        else:
            sit(home, board.port, lesson="lesson-2")
            share.tell("2/exercises/one-step", NEURON)
            board.wait(lambda: board.messages)
            assert list(board.items()) == ["2/exercises/one-step"] and board.came("push")[0]["lesson"] == "lesson-2"
        until(lambda: not share._sender.waiting)


def test_a_seat_that_is_given_up_late_does_not_take_the_next_one_with_it(home):
    sit(home, free_port())
    before = share._seat()
    sit(home, free_port(), lesson="lesson-2")
    assert share._forget(before)
    assert share._seat().lesson == "lesson-2"


def test_another_lesson_need_not_wait_until_the_one_before_answers(home, board, quick, monkeypatch):
    monkeypatch.setattr(share.random, "uniform", lambda low, high: 10**6)  # how long it rests after a failure
    sit(home, free_port())
    share.tell(ITEM, NEURON)
    time.sleep(0.3)
    assert share._sender.waiting
    sit(home, board.port)
    share.tell("2/exercises/one-step", NEURON)
    board.wait(lambda: list(board.items()) == ["2/exercises/one-step"])


def test_the_kernel_s_end_waits_for_no_board(home):
    with port_that(stays_silent) as port:
        sit(home, port)
        program = f"""
import time
from course_lib.board import share
share.PATIENCE = 3600
share.tell({ITEM!r}, {NEURON!r})
time.sleep(0.5)
print(share._sender._busy.locked())
"""
        assert run(program, timeout=60) == "True\n"


# What it costs: processor time, for the machine may be busy with other things


BOARDS = {"there": None, "gone": "gone", "silent": stays_silent, "slow": lambda connection: time.sleep(1.0)}


@pytest.mark.parametrize("handles", BOARDS.values(), ids=BOARDS)
def test_telling_takes_little_whatever_the_board_does(home, board, handles, monkeypatch):
    monkeypatch.setattr(share, "REST", 0.01)  # so that the other thread is busy most of the time
    with port_that(handles if callable(handles) else stays_silent) as port:
        sit(home, board.port if handles is None else free_port() if handles == "gone" else port)
        seconds, least = [], []
        for number in range(3000):
            item, done = f"1/exercises/e{number % 80}", NEURON | {"tries": number}
            before = time.thread_time()
            share.tell(item, done)
            seconds.append(time.thread_time() - before)
            before = time.thread_time()
            json.dumps({item: done}), kept(home).read_bytes()  # what no way of telling can do without, on this machine
            least.append(time.thread_time() - before)
            if number % 30 == 0:
                time.sleep(0.001)
    assert statistics.median(seconds) < 4 * statistics.median(least)
    assert sorted(seconds)[-4] < 2e-3  # 99.9 %


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="the processor time of one thread")
def test_a_message_takes_less_than_two_milliseconds_of_the_kernel(home, board, monkeypatch):
    monkeypatch.setattr(share, "REST", 0.001)
    sit(home, board.port)
    share.tell(ITEM, NEURON)
    board.wait(lambda: board.messages)
    clock = time.pthread_getcpuclockid(share._sender._thread.ident)
    before, sent = time.clock_gettime(clock), len(board.messages)
    for number in range(100):
        share.tell(ITEM, NEURON | {"tries": number})
        board.wait(lambda number=number: board.items()[ITEM]["tries"] == number)
    assert (time.clock_gettime(clock) - before) / (len(board.messages) - sent) < 2e-3
