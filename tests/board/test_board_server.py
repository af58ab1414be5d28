"""The board's servers as honest programs see them, and the command that starts them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.board import server
from course_lib.board.lesson import SLIPS, Exercise, Lesson, Question, checked
from course_lib.board.seats import Buckets, new_code, same_code, seat, seat_id
from course_lib.exercises import board as command
from course_lib.exercises.export import all_chapters
from course_lib.text import set_language
from tests.board.fake_board import free_port
from tests.board.real_board import PAGE_KEY, TASK, VOTE, Clock, Running, work

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running():
    with Running() as running:
        yield running


@pytest.fixture(autouse=True)
def in_english():
    yield
    set_language("en")


# A lesson over the network


def test_a_student_joins_reports_and_leaves(running):
    running.do("new")
    seat = running.join()
    assert seat.keys() == {"seat", "lesson"} and seat["lesson"] == running.state()["lesson"]
    assert running.push(seat, {TASK: work(), VOTE: {"first": "a"}}) == (200, {"taken": 2})
    assert running.push(seat, {"9/exercises/from-a-newer-course": work(), TASK: work(right=True)}) == (
        200,
        {"taken": 1},
    )
    assert running.state()["seats"] == 1
    assert running.ask("leave", seat) == (200, {})
    assert running.state()["seats"] == 0 and running.board.lesson.seats == {}
    assert running.push(seat, {TASK: work()})[0] == 410


def test_the_code_may_be_typed_in_any_way(running):
    running.do("new")
    code = running.state()["code"]
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert running.ask("join", {"code": typed})[0] == 200


def test_a_lesson_that_is_over_is_another_one(running):
    running.do("new")
    seat, code = running.join(), running.state()["code"]
    running.do("end")
    assert running.push(seat, {TASK: work()})[0] == 410
    assert running.ask("join", {"code": code})[0] == 409
    running.do("new")
    assert running.push(seat, {TASK: work()})[0] == 410
    assert running.state()["code"] != code and running.ask("join", {"code": code})[0] == 403


def test_the_state_comes_when_it_is_another_one(running):
    state = running.state()
    assert (state["code"], state["address"], state["words"]) == (running.board.code, "laptop", {"lobby": "Lobby"})
    path = f"state?n={state['n']}"
    assert running.ask(path, None, port=running.own, headers=running.cookie(), method="GET") == (204, "")
    running.do("door", open=False)
    assert running.ask(path, None, port=running.own, headers=running.cookie(), method="GET")[0] == 200


def test_a_wish_is_done_or_refused(running):
    running.do("new")
    assert running.do("door", open=False)[1]["door"] is False
    assert running.do("dance")[0] == 400
    assert running.do("go", item=VOTE)[0] == 200
    assert running.do("show")[0] == 409
    running.do("end")
    assert running.do("step")[0] == 409


def test_the_link_opens_the_page_and_stays_no_longer_in_the_address(running):
    status, text = running.ask(f"?key={PAGE_KEY}", None, port=running.own, method="GET")
    cookie = running.headers["Set-Cookie"]
    assert status == 200 and "url=/" in text and PAGE_KEY not in text
    assert (
        cookie.startswith(f"board-{running.own}={PAGE_KEY};") and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    )
    for name in ("", "page.js", "page.css"):
        status, text = running.ask(name, None, port=running.own, headers=running.cookie(), method="GET")
        assert (status, text) == (200, running.board.files[name or "page.html"])
    assert running.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_telephone_sees_what_to_type(running):
    status, text = running.ask(running.board.code.replace("-", ""), None, method="GET")
    assert status == 200 and f"laptop/{running.board.code}" in text and "<script" not in text
    assert running.board.code not in running.ask("", None, method="GET")[1]
    assert running.ask("AAA-AAA", None, method="GET")[0] == 404


def test_a_lesson_without_its_teacher_is_dropped_after_four_hours():
    clock = Clock()
    with Running(clock=clock) as running:
        seat = running.join()
        clock.seconds += 4 * 3600 - 1
        running.state()
        clock.seconds += 4 * 3600
        running.board.drop_abandoned()
        assert running.push(seat, {TASK: work()})[0] == 200
        clock.seconds += 1
        running.board.drop_abandoned()
        assert running.push(seat, {TASK: work()})[0] == 410 and running.board.lesson.seats == {}


# Seats, codes and buckets


def test_a_seat_tells_who_made_it_and_not_for_whom():
    made = seat(b"key", "ada")
    assert re.fullmatch(r"[0-9a-f]{16}\.[0-9a-f]{32}", made) and made == seat(b"key", "ada") != seat(b"key", "bob")
    assert seat_id(b"key", made) == made[:16]
    assert (
        seat_id(b"another", made) is seat_id(b"key", made[:-1]) is seat_id(b"key", "ä") is seat_id(b"key", "") is None
    )


def test_a_code_has_no_letters_that_look_alike():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200 and all(re.fullmatch(r"[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}", code) for code in codes)
    assert same_code("K7P-4QX", "k7p 4qx") and not same_code("K7P-4QX", "K7P-4QY")


def test_a_bucket_fills_up_again_and_a_full_one_is_forgotten():
    clock = Clock()
    buckets = Buckets(2, 3, clock)
    assert [buckets.take("a") for _ in range(5)] == [True, True, True, False, False] and buckets.take("b")
    clock.seconds += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [True, False]
    clock.seconds += 100
    for key in range(3000):
        clock.seconds += 1
        buckets.take(key)
    assert len(buckets._levels) <= 1000


# The command


def test_the_board_knows_every_item_of_the_course_with_its_slips():
    chapters, items = command.catalogue("en")
    assert [*chapters] == [str(chapter.number) for chapter in all_chapters()]
    assert all(title.startswith(f"{number}. ") for number, title in chapters.items())
    for chapter in all_chapters():
        for name, asked in chapter.predictions.items():
            known = items[f"{chapter.number}/predictions/{name}"]
            assert isinstance(known, Question) and (known.options.keys(), known.right) == (
                asked.options.keys(),
                asked.right,
            )
        for name, exercise in chapter.exercises.items():
            known = items[f"{chapter.number}/exercises/{name}"]
            assert isinstance(known, Exercise) and known.text
            assert {*known.slips} >= {slip for slip, _, _ in getattr(exercise.judge, "slips", ())}


def test_the_board_says_it_in_the_reader_s_language():
    english, chinese = command.made_board("en", b""), command.made_board("zh", b"")
    item = "1/predictions/double-weight"
    one, other = (each.lesson.items[item] for each in (english, chinese))
    assert one.text != other.text and one.options["a"] != other.options["a"]
    assert english.lesson.chapters["1"] != chinese.lesson.chapters["1"]
    assert 'lang="zh-Hans"' in chinese.files["page.html"] and english.files["page.js"]


def test_every_slip_of_the_course_can_be_reported_and_is_said():
    _, items = command.catalogue("en")
    for item, known in items.items():
        if isinstance(known, Exercise):
            summary = work(slips=[*known.slips][:SLIPS])
            body = json.dumps({"seat": "s", "lesson": "l", "items": {item: summary}}).encode()
            assert checked(body)[2] == {item: summary} and all(known.slips.values())


def test_without_a_network_the_address_is_this_machine_s(monkeypatch):
    def unreachable(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "socket", unreachable)
    assert command.own_address() == "127.0.0.1"


@pytest.mark.parametrize("which", [0, 1])
def test_a_port_that_is_taken_is_said(which):
    port = free_port()
    with socket.socket() as line:
        line.bind(("127.0.0.1", port - which))
        line.listen()
        said = command.main(["--address", "127.0.0.1", "--port", str(port), "--language", "en"])
    assert said.startswith(f"Port {port} or {port - 1} cannot be used")


@pytest.mark.parametrize(
    "arguments", [["--address", "http://1.2.3.4:8765"], ["--port", "1"], ["--port", "70000"], ["--address", "a" * 58]]
)
def test_an_address_or_a_port_that_cannot_be_is_said(arguments, capsys):
    with pytest.raises(SystemExit):
        command.main(["--address", "127.0.0.1", *arguments])
    assert "expected an address without its port" in capsys.readouterr().err


def test_the_longest_address_has_a_qr_code():
    assert server.Board(Lesson({}, {}), b"", {}, {}, "a" * 57 + ":65535").state()["qr"]


def test_the_command_prints_link_line_and_code_and_ends_with_control_c():
    port = free_port()
    pieces = [sys.executable, "-m", "course_lib.exercises.board", "--address", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(pieces, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(8)]
        text = "".join(lines)
        assert re.search(rf"http://127\.0\.0\.1:{port - 1}/\?key=[\w-]{{22}}\n", text)
        assert re.search(rf"127\.0\.0\.1:{port}/[2-9A-Z]{{3}}-[2-9A-Z]{{3}}\n", text)
        assert "█" * 20 in text and "ADDRESS=" in text
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert "The lesson is over" in out and err == "" and process.returncode == 0


def test_make_board_passes_on_what_it_is_given():
    def printed(**given):
        values = [f"{name}={value}" for name, value in given.items()]
        made = subprocess.run(["make", "-n", "board", *values], cwd=ROOT, capture_output=True, text=True, check=True)
        words = made.stdout.replace("\\\n", " ").partition("-m course_lib.exercises.board")[2].split()
        return dict(zip(words[::2], words[1::2], strict=True))

    assert printed(LANGUAGE="zh", PORT="9000", ADDRESS="10.0.0.7") == {
        "--language": "zh",
        "--port": "9000",
        "--address": "10.0.0.7",
    }
    assert printed(LANGUAGE="en_US:en")["--language"] in ("en", "zh")  # as many a system sets it for all its programs


def test_root_becomes_nobody_for_good():
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root, whose rights are given up")
    program = (
        "import os\nfrom course_lib.board.server import become_nobody\nbecome_nobody()\n"
        "print(os.getresuid(), os.getresgid(), os.getgroups())\nos.setuid(0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    nobody = (server.NOBODY,) * 3
    assert done.stdout.strip() == f"{nobody} {nobody} []" and "PermissionError" in done.stderr
