"""The board in bad company: forged codes and seats, floods, odd messages, and pages that would like to read along."""

import json
import os
import random
import re
import select
import socket
import subprocess
import sys
import threading
import time
import types
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.board import server
from course_lib.board.lesson import ITEMS, LARGEST, SLIPS, Lesson, checked
from course_lib.board.seats import LETTERS, new_seat, seat
from tests.board.fake_board import free_port, until
from tests.board.real_board import (
    CHAPTERS,
    COURSE,
    FROM_THE_PAGE,
    PAGE_KEY,
    TASK,
    VOTE,
    Running,
    connection,
    memory_of,
    work,
)

ROOT = Path(__file__).parents[2]
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FAST = {"body_timeout": 0.6, "idle_timeout": 0.6}  # seconds, in place of 5 and 30


def can_be_at(address):
    with socket.socket() as line:
        try:
            line.bind((address, 0))
        except OSError:
            return False
    return True


several_addresses = pytest.mark.skipif(not can_be_at("127.0.0.2"), reason="this system has no second address for tests")


@pytest.fixture(scope="module")
def running():
    with Running() as running:
        yield running


@pytest.fixture
def lesson(running):
    """A new lesson, a vote in it, and six seats, of which each has voted and tried."""
    running.do("new")
    running.do("go", item=VOTE)
    running.seats = running.join(6)
    for each in running.seats:
        running.push(each, {VOTE: {"first": "a"}, TASK: work(slips=["sign"])})
    return running


def seen(running):
    """All that the board knows of a lesson, without the revision."""
    state = running.board.lesson.state()
    return {name: value for name, value in state.items() if name != "n"} | {"seats": repr(running.board.lesson.seats)}


# Codes and seats


@several_addresses
def test_a_thousand_forged_codes_let_nobody_in_and_keep_nobody_out(running):
    running.do("new")
    addresses = [f"127.0.0.{place}" for place in range(10, 15)]
    chance, answers, joined = random.Random(1), [], []

    def guess(address):
        with connection(running.port, address) as line:
            for _ in range(200):
                code = "".join(chance.choices(LETTERS, k=6))
                line.request("POST", "/join", json.dumps({"code": code}))
                answer = line.getresponse()
                answer.read()
                answers.append(answer.status)

    begin = time.monotonic()
    threads = [threading.Thread(target=guess, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and len(joined) < 25:
        joined.append(running.ask("join", {"code": running.board.code}, source="127.0.0.2")[0])
        time.sleep(0.02)
    for thread in threads:
        thread.join(120)
    took = time.monotonic() - begin
    assert len(answers) == 1000 and {*answers} == {403, 429}
    assert answers.count(403) <= len(addresses) * (10 + 2 * took)  # so many were looked at at all
    assert {*joined} == {200} and running.state()["seats"] == len(joined) > 5
    # Whoever has guessed too often is not told any more whether a code is right.
    assert running.ask("join", {"code": running.board.code}, source=addresses[0])[0] in (200, 429)


@several_addresses
@pytest.mark.parametrize(
    ("source", "path", "body", "method", "wrong"),
    [("127.0.0.20", "join", {"code": "AAA-AAA"}, "POST", 403), ("127.0.0.22", "AAAAAA", None, "GET", 404)],
    ids=["joining", "the page for telephones"],
)
def test_too_many_guesses_shut_out_the_right_code_too(running, source, path, body, method, wrong):
    running.do("new")
    got = [running.ask(path, body, source=source, method=method)[0] for _ in range(15)]
    assert got[:10] == [wrong] * 10 and got[-1] == 429
    assert running.ask("join", {"code": running.board.code}, source=source)[0] == 429
    assert running.ask(running.board.code, None, source=source, method="GET")[0] == 429
    assert running.ask("join", {"code": running.board.code}, source="127.0.0.21")[0] == 200


def forged(own):
    id_, _, signature = own["seat"].partition(".")
    yield from (new_seat(os.urandom(32)) for _ in range(20))
    yield from (f"{id_}.{'0' * 32}", f"{id_[::-1]}.{signature}", f"{id_}.{signature[:-1]}", f"{id_}.", f".{signature}")
    yield from (signature, id_, "", ".", f"{id_}{signature}", f"{id_}.{signature.upper()}", f"{id_}.{signature} ")
    yield from (f"{id_}.{signature}\n", f"{id_}..{signature}", f"{'0' * 16}.{signature}")


def test_a_seat_that_the_board_has_not_signed_does_nothing(lesson):
    before = seen(lesson)
    for text in forged(lesson.seats[0]):
        own = lesson.seats[0] | {"seat": text}
        assert lesson.push(own, {VOTE: {"first": "b"}})[0] in (400, 403), text
        assert lesson.ask("leave", own)[0] in (400, 403), text
    assert seen(lesson) == before


def test_a_seat_signed_for_nobody_in_this_lesson_does_nothing(lesson):
    before = seen(lesson)
    stranger = lesson.seats[0] | {"seat": seat(lesson.board.key, "of another lesson")}
    for own in (stranger, lesson.seats[0] | {"lesson": "another"}, lesson.seats[0] | {"lesson": ""}):
        assert lesson.push(own, {VOTE: {"first": "b"}})[0] == 410
    assert seen(lesson) == before


@several_addresses
def test_an_address_gets_seats_for_a_class_and_leaves_the_others_theirs(running):
    running.do("new")
    got = [running.ask("join", {"code": running.board.code}, source="127.0.0.50")[0] for _ in range(60)]
    assert got[:40] == [200] * 40 and got.count(200) < 45 and got[-1] == 429
    assert running.ask("join", {"code": running.board.code}, source="127.0.0.51")[0] == 200


# Floods and odd connections

FLOOD = """
import http.client, json, sys, time
port, source, body, end = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode(), time.monotonic() + 60
while time.monotonic() < end:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        for _ in range(500):
            line.request("POST", "/push", body)
            line.getresponse().read()
    except OSError:
        pass
"""


@several_addresses
def test_three_who_flood_keep_no_message_of_the_others_waiting(running):
    running.do("new")
    running.do("go", item=VOTE)
    seats, hostile = running.join(25), running.join(3)
    bodies = [
        hostile[0] | {"items": {VOTE: {"first": "c"}}},
        hostile[1] | {"seat": "0" * 16 + "." + "0" * 32, "items": {TASK: work()}},
        {"items": {f"1/exercises/x{place}": work() for place in range(ITEMS - 80)}},
    ]
    flood = [
        subprocess.Popen([sys.executable, "-c", FLOOD, str(running.port), f"127.0.0.{30 + place}", json.dumps(body)])
        for place, body in enumerate(bodies)
    ]
    try:
        until(lambda: running.board.lesson.seats[hostile[0]["seat"][:16]].firsts)
        took = []
        for place, each in enumerate(seats):
            begin = time.monotonic()
            assert running.push(each, {VOTE: {"first": "ab"[place % 2]}, TASK: work(right=place < 10)})[0] == 200
            took.append(time.monotonic() - begin)
        assert all(process.poll() is None for process in flood)
    finally:
        for process in flood:
            process.kill()
            process.wait()
    assert max(took) < 2
    for _ in range(3):
        running.do("step")
    assert running.state()["question"]["first"] == {"a": 13, "b": 12, "c": 1}
    [row] = running.state()["exercises"]
    assert (row["right"], row["trying"], row["new"]) == (10, 15, 3)


def test_a_seat_that_sends_too_often_is_told_and_then_heard_again(lesson):
    own = lesson.join()
    got = [lesson.push(own, {VOTE: {"first": "a"}})[0] for _ in range(60)]
    assert got[:20] == [200] * 20 and 429 in got
    assert lesson.push(lesson.seats[1], {VOTE: {"first": "a"}})[0] == 200
    time.sleep(0.5)
    assert lesson.push(own, {VOTE: {"first": "b"}})[0] == 200


def raw(port, content, more=b"", count=0, source="127.0.0.1"):
    """(what the board answers, seconds until it closes) to bytes; `more` follows `count` times."""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10, source_address=(source, 0)) as line:
        with suppress(OSError):
            line.sendall(content)
            for _ in range(count):
                line.sendall(more)
        answer = b""
        with suppress(OSError):
            while part := line.recv(65536):
                answer += part
    return answer, time.monotonic() - begin


POST = b"POST /push HTTP/1.1\r\nHost: x\r\n"
ODD = {
    "a body of ten gigabytes": (POST + b"Content-Length: 10000000000\r\n\r\n", b"x" * 65536, 100),
    "a body that is a little too large": (
        POST + b"Content-Length: %d\r\n\r\n" % (LARGEST + 1),
        b"x" * (LARGEST + 1),
        1,
    ),
    "chunks without end": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n", 1000),
    "one chunk of a gigabyte": (POST + b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n", b"x" * 65536, 100),
    "half a body": (POST + b"Content-Length: 1000\r\n\r\n" + b"x" * 500, b"", 0),
    "no body": (POST + b"Content-Length: 1000\r\n\r\n", b"", 0),
    "half a header": (POST, b"", 0),
    "nothing": (b"", b"", 0),
    "a header without end": (POST, b"X-A: " + b"a" * 1000 + b"\r\n", 2000),
    "a line without end": (b"POST /", b"a" * 65536, 100),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", b"", 0),
    "a negative length": (POST + b"Content-Length: -5\r\n\r\n", b"", 0),
    "both a length and chunks": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"", 0),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600), b"", 0),
}


@pytest.fixture(scope="module")
def strict():
    with Running(**FAST) as running:
        yield running


@pytest.mark.parametrize("name", ODD)
def test_an_odd_connection_is_closed_soon_and_takes_no_memory(strict, name):
    content, more, count = ODD[name]
    process = psutil.Process()
    with connection(strict.port) as line:  # what a first connection needs is not counted
        line.request("GET", "/")
        line.getresponse().read()
    before = process.memory_info().rss
    threads = [threading.Thread(target=lambda: found.append(raw(strict.port, content, more, count))) for _ in range(10)]
    found = []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 10 and all(took < 5 for _, took in found), "a connection stayed open"
    assert all(not answer or answer.startswith(b"HTTP/1.1 4") for answer, _ in found)
    assert process.memory_info().rss - before < 10_000_000
    assert strict.ask("", None, method="GET")[0] == 200


def test_of_a_connection_one_request_is_heard_however_many_it_sends(running):
    running.do("new")
    body = json.dumps({"code": running.board.code}).encode()
    request = b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answer, _ = raw(running.port, request * 30)
    assert answer.count(b"HTTP/1.1 200") == 1
    time.sleep(0.3)  # in which the others would be heard, although nobody waits for them
    assert running.state()["seats"] == 1


def test_a_message_in_chunks_is_not_read(running):
    running.do("new")
    body = json.dumps({"code": running.board.code}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    answer, _ = raw(running.port, b"POST /join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert answer.startswith(b"HTTP/1.1 400") and running.state()["seats"] == 0


def test_a_compressed_bomb_stays_compressed(running):
    import gzip

    own = running.join()
    body = gzip.compress(json.dumps(own | {"items": {TASK: work()}}).encode())
    assert running.ask("push", body, headers={"Content-Encoding": "gzip"})[0] == 400


def many(count, port, source):
    return [socket.create_connection(("127.0.0.1", port), 10, source_address=(source, 0)) for _ in range(count)]


@several_addresses
def test_an_address_has_forty_connections_and_a_new_one_takes_the_place_of_its_oldest(running):
    other, *lines = many(1, running.port, "127.0.0.41") + many(60, running.port, "127.0.0.40")
    try:
        until(lambda: len(closed(lines)) == len(lines) - server.EACH, 5)
        assert closed(lines) == lines[: -server.EACH] and closed([other]) == []
        assert running.ask("", None, source="127.0.0.40", method="GET")[0] == 200
    finally:
        for line in [other, *lines]:
            line.close()
    until(lambda: not running.open_connections("127.0.0.40"), 5)


def test_who_holds_all_connections_of_a_hub_keeps_nobody_out(monkeypatch):
    """There all of them come from one address."""
    monkeypatch.setattr(server, "ALL", 30)
    with Running(each=30) as running:
        lines = many(60, running.port, "127.0.0.1")
        for _ in range(10):
            assert running.ask("", None, method="GET")[0] == 200
        until(lambda: len(closed(lines)) >= 30, 5)
        assert running.open_connections("127.0.0.1") <= 30
        for line in lines:
            line.close()


def closed(lines):
    """Those that the other side has closed: nothing is ever sent on them, so that there is nothing to read but the end."""
    return select.select(lines, [], [], 0)[0]


def test_a_system_that_begins_with_few_connections_gives_more():
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        server.make_room()
        given = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert given > server.ALL or given == hard


# Messages


def message(items, **more):
    return json.dumps({"seat": "s", "lesson": "l", "items": items} | more).encode()


def task(**fields):
    return message({TASK: work() | fields})


def vote(**fields):
    return message({VOTE: {"first": "a"} | fields})


def text(items):
    return b'{"seat": "s", "lesson": "l", "items": ' + items + b"}"


MALFORMED = {
    "nothing": b"",
    "no JSON": b"hello",
    "half": task()[:-1],
    "two": task() + task(),
    "no UTF-8": b"\xff\xfe" + task(),
    "UTF-16": task().decode().encode("utf-16"),
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "deep lists": b"[" * 8000,
    "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "deep inside": text(b"[" * 8000 + b"]" * 8000)[:LARGEST],
    "no fields": b"{}",
    "no seat": b'{"lesson": "l", "items": {}}',
    "one field more": message({TASK: work()}, name="Ada"),
    "a seat that is a number": message({TASK: work()}, seat=1),
    "a seat that is a list": message({TASK: work()}, seat=["s"]),
    "a seat of half a pair": b'{"seat": "\\ud800", "lesson": "l", "items": {"%s": %s}}'
    % (TASK.encode(), json.dumps(work()).encode()),
    "a seat without end": message({TASK: work()}, seat="s" * 101),
    "a lesson that is null": message({TASK: work()}, lesson=None),
    "a lesson of control characters": message({TASK: work()}, lesson="\x1b[2J"),
    "no items": message({}),
    "items that are a list": message([]),
    "items that are null": message(None),
    "too many items": message({f"1/exercises/x{place}": {} for place in range(ITEMS + 1)}),
    "an item that comes twice": text(
        b'{"1/exercises/neuron": %s, "1/exercises/neuron": %s}' % ((json.dumps(work()).encode(),) * 2)
    ),
    "a field that comes twice": b'{"seat": "s", "seat": "t", "lesson": "l", "items": {}}',
    "an item of HTML": message({f"1/exercises/{SCRIPT}": work()}),
    "an item of another kind": message({"1/labs/descent": work()}),
    "an item on another way": message({"1/exercises/../neuron": work()}),
    "an item with a line": message({TASK + "\n": work()}),
    "an item of digits from elsewhere": message({"١/exercises/neuron": work()}),
    "a long item": message({"1/exercises/" + "x" * 61: work()}),
    "the proto": message({"__proto__": work()}),
    "a summary that is null": message({TASK: None}),
    "a summary that is a list": message({TASK: []}),
    "a summary of the other kind": message({TASK: {"first": "a"}, VOTE: work()}),
    "right as a number": task(right=1),
    "right as null": task(right=None),
    "solution as a text": task(solution="false"),
    "tries as a flag": task(tries=True),
    "tries as a fraction": task(tries=1.5),
    "tries as 1.0": task(tries=1.0),
    "negative tries": task(tries=-1),
    "too many tries": task(tries=10**6),
    "tries of 400 digits": task(tries=10**400),
    "tries of 8,000 digits": text(b'{"%s": {"right": true, "tries": %s}}' % (TASK.encode(), b"9" * 8000)),
    "tries beyond all": task().replace(b'"tries": 1', b'"tries": 1e400'),
    "NaN": task(tries=float("nan")),
    "Infinity": task(hints=float("inf")),
    "no hints": message({TASK: {name: value for name, value in work().items() if name != "hints"}}),
    "one more field": task(answer="def neuron(x): ..."),
    "slips as a list": task(slips=["sign"]),
    "a slip of HTML": task(slips={SCRIPT: 1}),
    "a slip of half a pair": text(
        b'{"%s": {"right": false, "tries": 1, "hints": 0, "solution": false, "slips": {"\\udfff": 1}}}' % TASK.encode()
    ),
    "a slip that was not made": task(slips={"sign": 0}),
    "a slip counted with a flag": task(slips={"sign": True}),
    "too many slips": task(slips={f"s{place}": 1 for place in range(SLIPS + 1)}),
    "a long slip": task(slips={"s" * 61: 1}),
    "no letter": message({VOTE: {}}),
    "a letter that is none": vote(first="z"),
    "two letters": vote(first="ab"),
    "an empty letter": vote(first=""),
    "a capital letter": vote(first="A"),
    "a list of letters": vote(first=["a"]),
    "a letter with a line": vote(first="a\n"),
    "a second that is null": vote(second=None),
    "how sure as a flag": vote(sure=True),
    "how sure beyond sure": vote(sure=4),
    "how sure not at all": vote(sure=0),
    "a third vote": vote(third="c"),
}


def test_malformed_messages_are_answered_with_400_and_change_nothing(lesson):
    own = lesson.join()
    before = seen(lesson)
    for name, body in MALFORMED.items():
        body = body.replace(b'"seat": "s"', b'"seat": "%s"' % own["seat"].encode())
        body = body.replace(b'"lesson": "l"', b'"lesson": "%s"' % own["lesson"].encode())
        for path in ("push", "join", "leave"):
            with connection(lesson.port) as line:
                line.request("POST", f"/{path}", body)
                assert line.getresponse().status == 400, f"{path}: {name}"
    assert seen(lesson) == before


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", TASK, VOTE, "sign"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(["first", "items", "seat", TASK]), inner, max_size=4)
    ),
)
NEARLY = st.builds(  # a good message in which one thing is another
    lambda place, value: _changed(json.loads(task()), place, value), st.integers(0, 9), JSON
)


def _changed(good, place, value):
    summary = good["items"][TASK]
    name = [*summary, *good][place % 8]
    (summary if name in summary else good)[name] = value
    return good


@settings(max_examples=300)
@given(JSON | NEARLY)
def test_any_message_is_good_or_refused_and_what_is_good_can_be_counted(value):
    try:
        _, _, items = checked(json.dumps(value).encode())
    except ValueError:
        return
    made = Lesson(CHAPTERS, COURSE)
    made.begin()
    made.sit("0")
    made.take("0", items)
    for item in COURSE:
        made.do({"do": "go", "item": item})
        json.dumps(made.state(), allow_nan=False)
    assert all(0 <= work.tries < 10**6 for work, _ in made.seats["0"].works.values())


SIGNS = [b"[", b"]", b"{", b"}", b'"', b"1", b",", b":", b"\\ud800", b"null", b"seat", b"\xff"]


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(SIGNS), max_size=12).map(b"".join))
def test_any_bytes_are_good_or_refused(body):
    with suppress(ValueError):
        checked(body)


def test_names_that_the_course_does_not_know_are_not_even_kept(lesson):
    own = lesson.join()
    summary = work(slips=["unheard-of-slip"])
    assert lesson.push(own, {TASK: summary, "1/exercises/unheard-of-item": summary})[1] == {"taken": 1}
    assert lesson.push(own, {VOTE: {"first": "h"}})[1] == {"taken": 0}
    lesson.do("show", item=TASK)
    kept = repr(vars(lesson.board.lesson)) + json.dumps(lesson.state())
    assert "unheard-of" not in kept and "another way" in kept


# Reading along


def wants(running, path="state", method="GET", **headers):
    """The status for a request at the teacher's port, as the teacher's browser sends it but for `headers`."""
    headers = {name.replace("_", "-"): value for name, value in (running.cookie() | headers).items()}
    body = b'{"do": "door", "open": false}' if method == "POST" else None
    return running.ask(path, body, port=running.own, headers=headers, method=method)[0]


def test_the_teacher_s_page_is_for_who_has_the_key(lesson):
    for path in ("state", "", "page.js", "page.css"):
        assert wants(lesson, path) == 200
        for cookie in ("", f"board={PAGE_KEY}", *(f"board-{lesson.own}={key}" for key in ("", "wrong", "%FF"))):
            assert wants(lesson, path, Cookie=cookie) == 403
    for query in ("?key=", "?key=wrong", "?key=%FF", f"?key={PAGE_KEY}x", f"state?key={PAGE_KEY}"):
        assert wants(lesson, query, Cookie="") in (400, 403)
    assert wants(lesson, "do", "POST", Cookie="", **FROM_THE_PAGE) == 403
    assert lesson.state()["door"]


def test_a_name_that_leads_to_this_machine_is_not_enough(lesson):
    """DNS rebinding: a page from elsewhere lets its own name point here."""
    for host in ("evil.example", f"evil.example:{lesson.own}", "127.0.0.1", f"127.0.0.1:{lesson.port}", ""):
        assert wants(lesson, Host=host) in (400, 403)
        assert wants(lesson, f"?key={PAGE_KEY}", Host=host) in (400, 403)
    assert wants(lesson, Host=f"localhost:{lesson.own}") == 200


def test_a_page_from_elsewhere_in_the_teacher_s_browser_changes_nothing(lesson):
    """Without asking first, which is refused, it can send three types, and no header of its own."""
    types = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
    for kind in types:
        assert wants(lesson, "do", "POST", Content_Type=kind) in (400, 403)
        assert wants(lesson, "do", "POST", Content_Type=kind, X_Board="1") in (400, 403)
    assert wants(lesson, "do", "POST", Content_Type="application/json") == 403
    asked = {
        "Origin": "http://evil.example",
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "x-board",
    }
    assert wants(lesson, "do", "OPTIONS", **asked) == 405
    assert not any(name.lower().startswith("access-control") for name in lesson.headers)
    assert lesson.state()["door"]
    assert wants(lesson, "do", "POST", Content_Type="application/json", X_Board="1") == 200


def test_the_students_port_has_nothing_to_read(lesson):
    paths = ("state", "do", "page.js", "page.css", "push", "join", "../state", "state/", "//state", f"?key={PAGE_KEY}")
    for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS"):
        for path in paths:
            status, answer = lesson.ask(
                path, b"{}" if method != "GET" else None, headers=lesson.cookie() | FROM_THE_PAGE, method=method
            )
            assert status in (400, 404, 405) or (path.startswith("?") and method == "GET"), (method, path, status)
            assert "neuron" not in str(answer) and lesson.board.lesson.id not in str(answer)


def test_every_answer_says_what_a_browser_may_do_with_it(lesson):
    asked = [
        (lesson.port, path, method)
        for path, method in (("", "GET"), ("nothing", "GET"), ("join", "POST"), ("push", "PUT"))
    ]
    asked += [(lesson.own, path, "GET") for path in ("", "state", "page.js", "nothing", "do", f"?key={PAGE_KEY}")]
    for port, path, method in asked:
        lesson.ask(path, None, port=port, method=method, headers=lesson.cookie())
        for name, value in server.HEADERS.items():
            assert lesson.headers[name] == value, (path, name)
        assert "Server" not in lesson.headers and "Etag" not in lesson.headers
    policy = server.HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


# At a hub


@pytest.fixture
def hub(monkeypatch):
    """The board as a hub's service; of JupyterHub there is what says who has logged in: here a cookie."""

    class HubOAuthenticated:
        @property
        def current_user(self):
            asked.append(self.request.path)
            return self.get_cookie("hub", None)

        def get_login_url(self):
            return "/hub/login"

    class HubOAuthCallbackHandler(server.RequestHandler):
        pass

    asked = []
    module = types.ModuleType("jupyterhub.services.auth")
    module.HubOAuthenticated, module.HubOAuthCallbackHandler = HubOAuthenticated, HubOAuthCallbackHandler
    for name in ("jupyterhub", "jupyterhub.services", "jupyterhub.services.auth"):
        monkeypatch.setitem(sys.modules, name, module)

    class AtHub(Running):
        def applications(self):
            yield server.at_hub(self.board, "/services/board/"), self.port

        def get(self, path="", method="GET", cookie="hub=teacher", **headers):
            headers = {name.replace("_", "-"): value for name, value in ({"Cookie": cookie} | headers).items()}
            body = b'{"do": "new"}' if method == "POST" else None
            return self.ask(f"services/board/{path}", body, headers=headers, method=method)

    with AtHub(address="") as running:
        running.asked = asked
        yield running


def test_a_hub_s_service_shows_the_page_to_whom_the_hub_lets_in(hub):
    status, page = hub.get(Sec_Fetch_Mode="navigate")
    [own] = re.findall(r'<base href="([0-9a-f]{32}/)">', page)
    assert status == 200 and "base-uri 'self'" in hub.headers["Content-Security-Policy"]
    assert (
        hub.get(f"{own}state", Sec_Fetch_Mode="cors")[0] == hub.get(f"{own}page.js", Sec_Fetch_Mode="no-cors")[0] == 200
    )
    assert hub.get(f"{own}do", "POST", Sec_Fetch_Mode="cors", **FROM_THE_PAGE)[0] == 200
    assert (hub.get(cookie="")[0], hub.headers["Location"]) == (302, "/hub/login")
    for path in ("state", f"{own}state", f"{own}page.js"):
        assert hub.get(path, cookie="")[0] == 403
    assert hub.get("do", "POST", cookie="", **FROM_THE_PAGE)[0] == 403


def test_a_student_s_page_at_the_same_hub_is_told_nothing_by_the_teacher_s_browser(hub):
    """Its scripts have the teacher's cookie and all headers but those that say who asks."""
    own = re.findall(r'<base href="([0-9a-f]{32}/)">', hub.get()[1])[0]
    for mode in ("cors", "no-cors", "same-origin", "navigate"):
        for path, method in (("state", "GET"), ("do", "POST"), ("page.js", "GET")):
            assert hub.get(path, method, Sec_Fetch_Mode=mode, **FROM_THE_PAGE)[0] == 403
        if mode != "navigate":
            status, page = hub.get(Sec_Fetch_Mode=mode)
            assert status == 403 and own not in str(page)
    assert hub.board.lesson.id == ""
    hub.get()
    assert "frame-ancestors 'none'" in hub.headers["Content-Security-Policy"]  # nor can it look into one that it opens
    assert hub.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_token_is_no_question_to_the_hub(hub):
    """Each would be asked about, so that whoever sends many could hold up the board."""
    assert hub.get("state", cookie="", Authorization="token guessed")[0] == 403
    assert hub.get("state?token=guessed", cookie="")[0] == 403
    assert hub.asked == []


def test_a_hub_s_students_have_their_seats_alone_and_no_code(hub):
    own = {"seat": seat(hub.board.key, "ada")}
    assert hub.ask("services/board/join", own)[0] == 409
    hub.board.do({"do": "new"})
    assert (hub.board.state()["code"], hub.board.state()["address"]) == ("", "")
    for _ in range(2):
        assert hub.ask("services/board/join", own) == (200, own | {"lesson": hub.board.lesson.id})
    for other in forged(own):
        assert hub.ask("services/board/join", {"seat": other})[0] in (400, 403), other
    assert hub.ask("services/board/join", {"code": ""})[0] == 400
    assert len(hub.board.lesson.seats) == 1


# What the process does besides

WATCHED = """
import sys
def watch(event, arguments):
    if event == "socket.connect" or event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        print("WATCHED", event, arguments, file=sys.stderr, flush=True)
from course_lib.exercises.board import main
sys.addaudithook(watch)
sys.exit(main(sys.argv[1:]))
"""
NAMES = ["zyxomma-quokka", "qwertz-vexillum", "jynx-phlebotomy"]


STUDENT = """
import sys
from course_lib.board import share
print(share.join(sys.argv[1]))
share.tell("1/exercises/xor-output", {"right": True, "tries": 1, "hints": 0, "solution": False, "slips": {"a": 1}})
import time
while share._sender.waiting:
    time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """What has come of `make board` in a program of its own, which a student joins whose names are all over her system."""
    port, home = free_port(), tmp_path_factory.mktemp("homes") / NAMES[0]
    home.mkdir()
    own = dict.fromkeys(("HOME", "COURSE_ANSWERS"), str(home)) | dict.fromkeys(("USER", "LOGNAME"), NAMES[1])
    own["JUPYTERHUB_USER"] = NAMES[2]
    pieces = [sys.executable, "-c", WATCHED, "--address", "127.0.0.1", "--port", str(port), "--language", "en"]
    found = types.SimpleNamespace()
    with subprocess.Popen(pieces, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        link, _, place = (process.stdout.readline() for _ in range(3))
        [key], [found.code] = re.findall(r"key=(\S+)", link), re.findall(r"/(\w{3}-\w{3})$", place)
        student = [sys.executable, "-c", STUDENT, f"127.0.0.1:{port}/{found.code}"]
        subprocess.run(student, cwd=ROOT, env=os.environ | own, check=True, timeout=60)
        for odd in (b"\0no HTTP\r\n\r\n", POST + b"Content-Length: 5\r\n\r\nhello", b"GET /nothing HTTP/1.0\r\n\r\n"):
            raw(port, odd, source="127.0.0.77")
        with connection(port - 1) as page:
            page.request("GET", "/state", headers={"Cookie": f"board-{port - 1}={key}"})
            found.seats = json.loads(page.getresponse().read())["seats"]
        found.elsewhere = [is_open("127.0.0.2", each) for each in (port - 1, port)]
        found.memory = memory_of(process.pid)
        process.terminate()
        found.out, found.err = process.communicate(timeout=30)
    return found


def is_open(host, port):
    with socket.socket() as line:
        return line.connect_ex((host, port)) == 0


@several_addresses
def test_the_process_writes_no_file_asks_no_server_and_logs_nothing(watched):
    assert watched.seats == 1
    assert watched.err == "" and "127.0.0.77" not in watched.out


@several_addresses
def test_the_teacher_s_page_is_at_this_machine_s_own_address_alone(watched):
    assert watched.elsewhere == [False, False]  # so are the students', who were told so: --address 127.0.0.1


@several_addresses
def test_no_name_is_in_the_memory(watched):
    if watched.memory is None:
        pytest.skip("the system lets nobody read another program's memory")
    assert watched.code.encode() in watched.memory  # this way a name would be found
    codes = ("utf-8", "utf-16-le", "utf-32-le")
    assert [name for name in NAMES if any(name.encode(code) in watched.memory for code in codes)] == []
