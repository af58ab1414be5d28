"""What a reader has done, kept in one small file beside the notebooks: answers, predictions, lab states, reviews.

    kept = store()                    # None where nothing is to be kept
    kept.put("5/exercises/repair", {"outcome": "right", "tries": 1, "hints": 0, "solution": False}, tries=1)
    kept.items                        # {"5/exercises/repair": {..., "when": "2026-11-25T04:30:00+00:00"}, ...}

Where: `answers.json` in the folder of the running notebook, or the file (or folder) that COURSE_ANSWERS names.

When: only after a reader has done something, that is committed to an option, tried an answer, asked for a hint or a
solution, or moved a lab. To run a chapter as it comes does none of this and leaves no file. Nothing is kept outside of
notebooks, under pytest (nbval), or where COURSE_ANSWERS is "off" (`make notebooks`): outputs that are compared must not
depend on a reader.

How: each change is merged, under a lock, into what the file holds by then, written to a second file, flushed to the
disk, and put in the place of the first in one step. So two notebooks lose nothing to each other, and a process that is
killed leaves the old file or the new one. A file that cannot be read is set aside under a dated name. Where nothing can
be written the course goes on in memory, and tries again with the next change. What happened is told by `take_notice`.
"""

import errno
import os
import re
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ..text import say
from .format import LARGEST, MOST, NewerVersion, combined, parse, time_of, to_bytes

NAME, VARIABLE, OFF = "answers.json", "COURSE_ANSWERS", "off"
PATIENCE = 3.0  # seconds to wait for another notebook that is writing
_stores = {}  # path: its Store
_chapters = []  # numbers of the chapters that this kernel has imported


def store():
    """The store of this notebook, or None where nothing is kept (see above)."""
    path = _path()
    if path is None:
        return None
    if path not in _stores:
        _stores[path] = Store(path)
    return _stores[path]


def _path():
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        return None if named.lower() == OFF else _named_path(named)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel") or "PYTEST_VERSION" in os.environ:
        return None
    return _folder() / NAME


def _named_path(named):
    """The file that COURSE_ANSWERS names, or `answers.json` in the folder that it names."""
    try:
        path = _folder() / Path(named).expanduser()
        return path / NAME if path.is_dir() else path
    except (OSError, RuntimeError):  # too long a name, no right to look, no such user
        return _folder() / named / NAME  # the store will tell that this cannot be written


@cache
def _folder():
    """The folder in which the kernel was when it first asked, whatever a cell does later."""
    return Path.cwd().resolve()


def enter_chapter(number):
    """Note that this kernel has imported a chapter: its labs are kept under the first one."""
    _chapters.append(str(number))
    store()


def lab_key(name):
    """The key of the state of the lab with this name in the notebook that runs."""
    words = "-".join(re.findall(r"\w+", name))[:60] or "lab"
    return f"{_chapters[0] if _chapters else 'other'}/labs/{words}"


def now():
    """The present time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class Store:
    """The items of one file, and the changes that wait to be written to it.

    items   {"chapter/kind/name": record}, as `answers_format` describes them: the file's, with the waiting changes
    """

    def __init__(self, path):
        self.path = Path(path)
        self.items = {}
        self._on_disk, self._seen = {}, None
        self._waiting = []
        self._thread = threading.RLock()  # callbacks of widgets may come on another one
        self._notice, self._told = "", ""

    def take_notice(self):
        """The sentence about something that the reader should know, once; else ""."""
        notice, self._notice = self._notice, ""
        return notice

    def of(self, chapter, kind):
        """{name: record} of one chapter and kind."""
        start = f"{chapter}/{kind}/"
        return {key.removeprefix(start): record for key, record in self.items.items() if key.startswith(start)}

    def sync(self):
        """Read the file, if another notebook has written it since."""
        try:
            with self._thread:
                if self._signature() != self._seen:
                    self._on_disk = self._read()
                    self._apply()
        except NewerVersion as problem:
            self._tell(str(problem))
        except ValueError:  # damaged: only who holds the lock may move it
            with self._thread:
                self._write()
        except OSError as problem:
            self._tell(self._cannot("read", problem))

    def put(self, key, record, tries=0):
        """Merge one record into the file; returns the record as it is kept.

        tries   by how many the answer's tries have grown: two notebooks add up theirs

        A count that has reached MOST stays there. Raises ValueError when it could not be read again.
        """
        with self._thread:
            self.sync()
            when = now()
            if key in self.items:  # perhaps later, by another computer's clock; this change comes after it all the same
                when = max(when, time_of(self.items[key]))
            counts = {field: min(value, MOST) for field, value in record.items() if type(value) is int}
            record = record | counts | {"when": when.isoformat()}
            parse(to_bytes({key: record}))
            self._waiting.append((key, record, tries))
            self._write()
            return self.items[key]

    def merge(self, items):
        """Merge items, as `parse` returns them, into the file: a copy that is restored. Twice is the same as once."""
        with self._thread:
            self._waiting += [(key, record, 0) for key, record in items.items()]
            self._write()

    # The file

    def _write(self):
        """Write what waits. Where that cannot be, it goes on waiting, and a notice says so."""
        rescued = False
        try:
            with self._locked() as exclusive:
                try:
                    self._on_disk = self._read()
                except NewerVersion:
                    raise
                except ValueError as damage:
                    self._set_aside(damage)
                    rescued = bool(self._on_disk)  # what this notebook has read of it before
                self._apply()
                if self._waiting or rescued:
                    self._replace(to_bytes(self.items), exclusive)
                    self._on_disk, self._waiting = self.items, []
                    self._told = ""
        except NewerVersion as problem:
            self._tell(str(problem))
        except TimeoutError:
            self._tell(
                say(
                    "Another notebook is busy with {name}. Your answers wait in memory; the next one tries again.",
                    name=self.path.name,
                )
            )
        except OSError as problem:
            self._tell(self._cannot("write", problem))
        self._apply()

    def _apply(self):
        items = dict(self._on_disk)
        for key, record, tries in self._waiting:
            items[key] = combined(key, items.get(key), record, tries)
        self.items = items

    def _read(self):
        """The items of the file, {} when there is none. Raises ValueError when it is damaged, OSError."""
        signature = self._signature()
        items = parse(self.path.read_bytes()) if signature else {}
        self._seen = signature
        return items

    def _signature(self):
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _set_aside(self, damage):
        """Move a damaged file out of the way, under a name that says when."""
        stem, number = f"{self.path.stem}-damaged-{now():%Y-%m-%d-%H%M%S}", 1
        aside = self.path.with_name(f"{stem}{self.path.suffix}")
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{stem}-{number}{self.path.suffix}")
        os.replace(self.path, aside)
        self._seen = None
        self._tell(
            say(
                "{name} could not be read ({damage}) and was set aside as {aside}; nothing was deleted. "
                "If you have saved a copy, restore it on the start page.",
                name=self.path.name,
                damage=damage,
                aside=aside.name,
            )
        )

    def _replace(self, content, exclusive):
        """Put the content in the place of the file, so that every reader sees the old one or the new one."""
        if len(content) > LARGEST:  # it could not be read again
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        part = f".{self.path.name}.part" if exclusive else f".{self.path.name}.{os.getpid()}.part"
        part = self.path.with_name(part)
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.path)
        if os.name == "posix":
            with suppress(OSError):  # the file is in its place; some file systems cannot flush a folder
                folder = os.open(self.path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
        self._seen = self._signature()

    @contextmanager
    def _locked(self):
        """Hold the lock beside the file; yields whether there is one, for some network folders have none.

        The system frees it when the process ends, however it ends. Raises TimeoutError after PATIENCE, OSError.
        """
        with open(self.path.with_name(f".{self.path.name}.lock"), "ab") as lock:
            yield _lock(lock, time.monotonic() + PATIENCE)

    # Sentences

    def _tell(self, sentence):
        """Give notice, but of the same trouble only once until something could be written again."""
        if sentence != self._told:
            self._told = self._notice = sentence

    def _cannot(self, action, problem):
        reason = problem.strerror or type(problem).__name__
        sentences = {
            "read": say("{name} cannot be read ({reason}).", name=self.path.name, reason=reason),
            "write": say("{name} cannot be written ({reason}).", name=self.path.name, reason=reason),
        }
        return say(
            "{sentence} The course goes on, and your answers stay in memory until the kernel ends: "
            "save a copy on the start page.",
            sentence=sentences[action],
        )


try:
    import fcntl

    def _try_lock(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

except ImportError:  # Windows
    import msvcrt

    def _try_lock(file):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)


def _lock(file, deadline):
    """Lock an open file; True, or False where the folder knows no locks. Raises TimeoutError at the deadline."""
    while True:
        try:
            _try_lock(file)
            return True
        except (BlockingIOError, PermissionError):  # another process holds it
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(0.005)
        except OSError:
            return False
