"""The student's side of the board: what a kernel reports of its own answers, once its reader has joined a lesson.

Joining asks the board for a seat and notes it in `board.json`, a file in the reader's home that all kernels of this reader
look at; leaving takes the file away. While there is none, nothing is sent, and no thread runs.

`tell` only notes what is to be sent; a thread sends it. Of each item the last state alone waits, so that no more can gather
than there are items, and a board that was away for a while gets what holds by then. A message holds the seat, the lesson
and the items, and nothing else. The board is somebody else's program at an address that somebody has typed, so what it
answers is read to an end in time and in size, which `http.client` does not have, and without proxies and redirects.
"""

import json
import os
import random
import re
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from ..answers import store as answers
from ..answers.file import put_in_place
from ..answers.format import OUTCOMES, kind_of, slips_of
from ..text import N_, say, typed
from ..text import joined as sentences

NAME = "board.json"
AT_A_HUB, SEAT = "COURSE_BOARD", "COURSE_BOARD_SEAT"  # what a hub gives each student: the board's address, and a seat
PORT = 8765
LASTS = 4 * 3600  # seconds; a lesson that nobody has left is over then
PATIENCE = 3.0  # seconds for one message and its answer
LARGEST = 8192  # bytes of an answer
MOST = 12_000  # bytes of the items in a message; the board takes 16 KB
REST = 0.3  # seconds between two messages
LONGEST_REST = 30.0  # after failures

SHARED = N_(
    "Shared: which exercises you have tried, whether they are right, which known mistake it was, how many tries and hints you "
    "needed, whether you opened the solution, and your clicks in predictions. Not shared: your name, your programs, your "
    "files. You can leave at any time."
)

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]):(?P<port>[1-9]\d{0,4})"
    r"(?P<folder>/(?:[\w~-]{1,60}/){0,6})",
    re.ASCII,
)
_TYPED = re.compile(r"(?:(?:(https?)://)?([^/\s]{1,260}?)(?::(\d{1,5}))?/)?([a-z0-9]{6})", re.ASCII)
_TOKEN = re.compile(r"[\w.-]{1,100}", re.ASCII)
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")
_OLD = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Sentence(str):
    """What is said to the reader; at the end of a cell it stands without quotation marks."""

    __repr__ = str.__str__


def join(code=""):
    """Join a lesson, and report the exercises done so far; returns a sentence.

    code   what the teacher's screen shows, as "192.168.1.5/K7P-4QX"; "" at a hub, where the lesson is known
    """
    if sys.platform == "emscripten":
        return Sentence(
            say(
                "This page runs in the browser alone, and from there no board can be reached. Your teacher counts raised "
                "hands instead."
            )
        )
    address, message = _asked(code)
    if not address:
        return Sentence(
            say(
                'Expected the address and the code on your teacher\'s screen, as in "192.168.1.5/K7P-4QX", got {got}.',
                got=repr(code)[:100],
            )
        )
    before = _seat()
    status, data = _ask(address, "join", message)
    taken = status == 200 and Seat(
        address, message.get("seat") or data.get("seat"), data.get("lesson"), time.time() + LASTS
    )
    if not taken or not taken.is_valid():
        return Sentence(_refused(status, address))
    if before and before.seat != taken.seat:
        _ask(before.address, "leave", before.leaving())
    try:
        _write(taken)
    except OSError as problem:
        _ask(taken.address, "leave", taken.leaving())
        return Sentence(
            say("You have not joined: {name} cannot be written ({reason}).", name=NAME, reason=problem.strerror)
        )
    store = answers.store()
    if store is not None:
        store.sync()
        for item, record in store.items.items():
            if kind_of(item) == "exercises" and " " not in item:  # "slope 2" is another form of "slope"
                tell(item, summary(item, record))
    return Sentence(sentences(say("You have joined the lesson."), say(SHARED)))


def leave():
    """Leave the lesson; what was reported is deleted there. Returns a sentence."""
    seat = _seat()
    if seat is None:
        return Sentence(say("You have joined no lesson."))
    if not _forget(seat):
        return Sentence(say("You have not left: {name} cannot be deleted.", name=_path()))
    _sender.finish()
    status, _ = _ask(seat.address, "leave", seat.leaving())
    left = say("You have left the lesson, and nothing more is sent.")
    if status not in (200, 403, 410):  # the last two: it does not know the seat, or the lesson is over
        left = sentences(
            left, say("The board could not be reached: what you have shared stays there until the lesson ends.")
        )
    return Sentence(left)


def joined():
    """Whether this reader has joined a lesson that is not over."""
    return _seat() is not None


def at_a_hub():
    """Whether the reader's server belongs to a hub with a board, so that no address and no code are needed."""
    address, seat = os.environ.get(AT_A_HUB, ""), os.environ.get(SEAT, "")
    return bool(_parts(address) and _TOKEN.fullmatch(seat))


def tell(item, summary):
    """Report the state of an item; returns at once, whatever the network does, and raises nothing.

    item      its name in the answers file, as "1/exercises/neuron"
    summary   a dict as in `lesson.py`; it is copied
    """
    with suppress(Exception):
        seat = _seat()
        if seat is not None:
            _sender.add(seat, item, summary)


def summary(item, record):
    """What is reported of a record of the answers file: nothing that the reader wrote."""
    if kind_of(item) == "exercises":
        done = {field: record[field] for field in ("tries", "hints", "solution")}
        return done | {"right": record["outcome"] == OUTCOMES[-1], "slips": slips_of(record)}
    return {"first": record["choice"]} | {field: record[field] for field in ("second", "sure") if field in record}


# The seat


@dataclass(frozen=True)
class Seat:
    """What `board.json` holds: the board's address, the seat there, the lesson, and the second since 1970 when it is over."""

    address: str
    seat: str
    lesson: str
    until: float

    def is_valid(self):
        tokens = all(isinstance(token, str) and _TOKEN.fullmatch(token) for token in (self.seat, self.lesson))
        number = isinstance(self.until, int | float) and self.until <= time.time() + LASTS + 60  # NaN is not
        return bool(tokens and number and _parts(self.address))

    def leaving(self):
        return {"seat": self.seat, "lesson": self.lesson}


def _seat():
    """The `Seat` in the reader's file; None while it holds none, or one whose lesson is over. A link is not followed."""
    try:
        with open(_path(), "rb", opener=lambda path, _: os.open(path, _OLD)) as file:  # closes what is no file, too
            seat = Seat(**json.loads(file.read(LARGEST)))
        return seat if seat.is_valid() and time.time() < seat.until else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _path():
    return os.path.join(os.path.expanduser("~"), answers.HOME, NAME)


def _write(seat):
    """Put the file in its place in one step, readable for its owner alone. Raises OSError."""
    path = _path()
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    put_in_place(f"{path}.{os.getpid()}.part", path, json.dumps(asdict(seat)).encode(), 0o600)


def _forget(seat):
    """Take the file away, unless another lesson was joined meanwhile; returns whether this seat is given up."""
    if _seat() == seat:
        with suppress(OSError):
            os.unlink(_path())
    return _seat() != seat


# Addresses


def _parts(address):
    """(scheme, host, port, folder) of a board's address; None where it is none."""
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if not found or int(found["port"]) > 65535:
        return None
    return found["scheme"], found["host"], int(found["port"]), found["folder"]


def _asked(code):
    """The board's address and the message that asks it for a seat; (None, None) where `code` is none."""
    if code == "" and at_a_hub():
        return os.environ[AT_A_HUB], {"seat": os.environ[SEAT]}
    words = typed(code).strip().lower() if isinstance(code, str) and len(code) <= 300 else ""
    words = re.sub(r"\s*/\s*|\s+", "/", words).rstrip("/")  # a space between the two is as good
    where, slash, key = words.rpartition("/")  # in host names a hyphen counts, in codes it does not
    found = _TYPED.fullmatch(f"{where}{slash}{key.replace('-', '')}")
    if not found:
        return None, None
    scheme, host, port, key = found.groups()
    scheme = scheme or "http"
    address = f"{scheme}://{host or '127.0.0.1'}:{port or (443 if scheme == 'https' else PORT)}/"
    return (address, {"code": key.upper()}) if _parts(address) else (None, None)


def _refused(status, address):
    """Why somebody could not join, in a sentence."""
    where = address.partition("://")[2].rstrip("/")
    reasons = {
        0: say(
            "Nothing answers at {where}. Compare the address with your teacher's screen, and see whether this computer is in "
            "the same network.",
            where=where,
        ),
        403: say("The board does not know this code. Compare it with your teacher's screen."),
        409: say("No lesson can be joined there at the moment. Ask your teacher."),
        429: say("Too many codes were tried from here. Wait a few seconds, then try again."),
    }
    return reasons.get(status) or say("What answers at {where} is no board of this course.", where=where)


# Messages


def _post(address, name, body):
    """Send JSON to a board; returns the status, 1 where the answer has none, and the object in the answer, {} where it is none.

    Raises OSError, and ValueError for a name that can be no host's.
    """
    import socket  # here: `course_lib` is imported without it

    scheme, host, port, folder = _parts(address)
    end = time.monotonic() + PATIENCE
    head = (
        f"POST {folder}{name} HTTP/1.0\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    line = socket.create_connection((host.strip("[]"), port), timeout=PATIENCE)
    if scheme == "https":
        import ssl

        line = ssl.create_default_context().wrap_socket(line, server_hostname=host.strip("[]"))
    answer = b""
    with line:
        line.sendall(head.encode() + body)
        while len(answer) <= LARGEST:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            line.settimeout(left)
            part = line.recv(LARGEST)
            if not part:
                break
            answer += part
    status = _STATUS.match(answer) if len(answer) <= LARGEST else None
    try:
        data = json.loads(answer.partition(b"\r\n\r\n")[2])
    except (ValueError, RecursionError):
        data = {}
    return int(status[1]) if status else 1, data if isinstance(data, dict) else {}


def _ask(address, name, message):
    """`_post` for whoever waits, but no longer than that takes; status 0 where nothing answers.

    On a thread, because the system may take half a minute to find that it does not know a name.
    """
    found = []

    def ask():
        with suppress(Exception):
            found.append(_post(address, name, json.dumps(message).encode()))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE + 0.5)
    return found[0] if found else (0, {})


class Sender:
    """What waits to be sent for a seat, and the thread that sends it.

    waiting   {item: its part of a message, as JSON}
    """

    def __init__(self):
        self.seat, self.waiting = None, {}
        self._singly = 0  # so many items go alone, because the board has refused a message that held all of them
        self._lock, self._wake, self._busy = threading.Lock(), threading.Event(), threading.Lock()
        self._thread = None

    def add(self, seat, item, summary):
        entry = f"{json.dumps(item)}: {json.dumps(summary)}"
        with self._lock:
            if seat != self.seat:
                self.seat, self.waiting, self._singly = seat, {}, 0
            if len(entry) <= MOST:
                self.waiting[item] = entry
            if self._thread is None or not self._thread.is_alive():  # the latter: in a process that was forked off
                self._thread = threading.Thread(target=self._run, name="board", daemon=True)
                self._thread.start()
        self._wake.set()

    def finish(self):
        """Wait until no message is on its way, but no longer than one takes."""
        if self._busy.acquire(timeout=PATIENCE):
            self._busy.release()

    def _run(self):
        failures = 0
        while True:
            self._wake.wait()
            with self._busy:
                seat, parts = self._take()
                if not parts:
                    failures = 0
                    continue
                failures = 0 if self._send(seat, parts) else failures + 1
            rest = min(2.0 ** min(failures - 1, 5), LONGEST_REST) * random.uniform(0.5, 1.0) if failures else REST
            end = time.monotonic() + rest
            while (left := end - time.monotonic()) > 0 and _seat() == seat:  # a new lesson need not wait
                time.sleep(min(left, REST))

    def _take(self):
        """The seat, and of what waits for it as much as a message holds; nothing of it when the seat was left."""
        with self._lock:
            if self.seat != _seat():
                self.waiting.clear()
            parts, size = {}, 0
            for item, entry in self.waiting.items():
                size += len(entry) + 2
                if parts and (size > MOST or self._singly):
                    break
                parts[item] = entry
            if not parts:
                self._wake.clear()
            return self.seat, parts

    def _send(self, seat, parts):
        """Send a message; returns whether the board has answered it, so that it need not be sent again."""
        items = ", ".join(parts.values())
        body = f'{{"seat": "{seat.seat}", "lesson": "{seat.lesson}", "items": {{{items}}}}}'
        try:
            status, data = _post(seat.address, "push", body.encode())
        except Exception:  # nobody would see it on this thread
            return False
        if status in (403, 410):  # it does not know the seat, or the lesson is over
            return _forget(seat)
        refused = status in (400, 413)
        if not refused and not (status == 200 and "taken" in data):
            return False
        with self._lock:
            if refused and len(parts) > 1:
                self._singly = len(parts)
                return True
            self._singly = max(self._singly - 1, 0)
            for item, entry in parts.items():
                if self.waiting.get(item) is entry:
                    del self.waiting[item]
        return True


_sender = Sender()
