"""The board's own servers on this machine, for tests: on a thread, with a course of four items."""

import asyncio
import http.client
import json
import re
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from course_lib.board import server
from course_lib.board.lesson import Exercise, Lesson, Question
from tests.board.fake_board import free_port

VOTE, TASK, OTHER = "1/predictions/weight", "1/exercises/neuron", "2/exercises/other"
CHAPTERS = {"1": "A neuron", "2": "Two neurons"}
COURSE = {
    VOTE: Question("weight", "What does it do?", {"a": "rise", "b": "fall", "c": "stay"}, "b"),
    TASK: Exercise("neuron", "Write `neuron`.", {"no-bias": "The bias is missing.", "sign": "The sign is wrong."}),
    OTHER: Exercise("other", "Write `other`.", {}),
}
FILES = {"page.html": "<!doctype html>\n<html><head>\n<title>Board</title>", "page.js": "let a;", "page.css": "p {}"}
PAGE_KEY = "key-of-the-link"
FROM_THE_PAGE = {"Content-Type": "application/json", "X-Board": "1"}


class Clock:
    """Seconds that the test sets."""

    seconds = 1000.0

    def __call__(self):
        return self.seconds


class Running:
    """A board that is served while it is entered.

    board   the `Board`, for the test to look into        port, own   of the students, and of the teacher
    """

    def __init__(self, address="laptop", clock=None, **limits):
        self.port, self.own, self._limits = free_port(), free_port(), limits
        clocks = {"clock": clock} if clock else {}
        self.board = server.Board(
            Lesson(CHAPTERS, COURSE, **clocks), b"k" * 32, FILES, {"lobby": "Lobby"}, address, **clocks
        )
        self._ready = threading.Event()

    def applications(self):
        yield server.students(self.board), self.port
        yield server.teacher(self.board, PAGE_KEY, self.own), self.own

    def open_connections(self, address):
        """How many an address has at the students' port, as the server counts them."""
        return [*self._servers[0]._open.values()].count(address)

    async def _serve(self):
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._servers = [
            server.listen(application, port, "127.0.0.1", **self._limits) for application, port in self.applications()
        ]
        self._ready.set()
        await self._over.wait()
        for each in self._servers:
            each.stop()
            await each.close_all_connections()

    def __enter__(self):
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    # Students

    def ask(self, path, body, source="127.0.0.1", port=None, headers=None, method="POST"):
        """(status, what the answer says) to one request; body: bytes, or what becomes JSON; source: the own address."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        with connection(port or self.port, source) as line:
            line.request(method, f"/{path}", content, headers or {})
            answer = line.getresponse()
            text = answer.read()
            self.headers = answer.headers
            kind = answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if text and kind.startswith("application/json") else text.decode()

    def join(self, count=1):
        """The first of `count` new seats, or the list of them."""
        seats = [self.ask("join", {"code": self.board.code})[1] for _ in range(count)]
        return seats if count > 1 else seats[0]

    def push(self, seat, items, **more):
        return self.ask("push", seat | {"items": items}, **more)

    # The teacher

    def do(self, name, **more):
        return self.ask("do", {"do": name, **more}, port=self.own, headers=FROM_THE_PAGE | self.cookie())

    def state(self):
        status, state = self.ask("state", None, port=self.own, headers=self.cookie(), method="GET")
        assert status == 200
        return state

    def cookie(self):
        return {"Cookie": f"board-{self.own}={PAGE_KEY}"}


@contextmanager
def connection(port, source="127.0.0.1"):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        yield line
    finally:
        line.close()


def memory_of(pid):
    """All that a process may write to, as bytes; None where the system does not let others read it."""
    found = bytearray()
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for begin, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.MULTILINE):
                with suppress(OSError, OverflowError):  # parts that are the system's own
                    memory.seek(int(begin, 16))
                    found += memory.read(int(end, 16) - int(begin, 16))
    except OSError:
        return None
    return bytes(found)


def work(right=False, tries=1, slips=()):
    """What a kernel reports of an exercise."""
    return {"right": right, "tries": tries, "hints": 0, "solution": False, "slips": dict.fromkeys(slips, 1)}
