"""One answers file on the disk: read, lock, replace in one step, set aside when it is damaged.

A file that is a symbolic link stays one, and what it points to is written. The second file, which is written before it
takes the place of the first, is made anew each time and never followed as a link. What a system does not know (locks in
Pyodide and on some network folders, modes on Windows) is left out.
"""

import errno
import os
import stat
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from .format import LARGEST, Found, salvage, to_bytes

# Windows has none; nor has Pyodide, where there is one notebook: there the module may be empty.
try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:
    flock = None
try:
    import msvcrt
except ImportError:
    msvcrt = None

PATIENCE = 3.0  # seconds to wait for another notebook that is writing
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def now():
    """The present time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class AnswersFile:
    """The file at `path`, and what it held when it was read or written last.

    found    `Found` then; `found.items` are its records, {} when there is no file
    """

    def __init__(self, path):
        self.path = Path(path)
        self.found = Found({})
        self._content, self._seen = None, None

    @property
    def items(self):
        return self.found.items

    @property
    def exists(self):
        """Whether there was a file when it was looked at last."""
        return self._content is not None

    def changed(self):
        """Whether someone else seems to have written it since. Raises OSError."""
        return self._signature() != self._seen

    def read(self):
        """Bring `found` up to what the file holds. Raises NewerVersion, OSError."""
        signature = self._signature()
        content = self._bytes() if signature else None
        if content is None:
            self.found = Found({})
        elif content != self._content:  # to compare is exact, and takes less than to read 10,000 records again
            self.found = salvage(content)
        self._content, self._seen = content, signature

    def replace(self, items, exclusive):
        """Put items in the place of the file, so that every reader sees the old one or the new one. Raises OSError.

        exclusive   whether the lock is held: then what a process that was killed has left behind is taken away
        """
        target, content = self._target(), to_bytes(items)
        if len(content) > LARGEST:  # it could not be read again
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        part = target.with_name(f".{target.name}.part" if exclusive else f".{target.name}.{os.getpid()}.part")
        put_in_place(part, target, content)
        _flush_folder(target.parent)
        self.found, self._content, self._seen = Found(dict(items)), content, self._signature()

    def set_aside(self):
        """Move the file out of the way, under a name that says when; returns its new path. Raises OSError."""
        target = self._target()
        stem, number = f"{target.stem}-damaged-{now():%Y-%m-%d-%H%M%S}", 1
        aside = target.with_name(f"{stem}{target.suffix}")
        while os.path.lexists(aside):
            number += 1
            aside = target.with_name(f"{stem}-{number}{target.suffix}")
        os.replace(target, aside)
        return aside

    def remove(self):
        """Take the file away, once all of it stands in another one."""
        with suppress(OSError):
            os.unlink(self._target())
        self.found, self._content, self._seen = Found({}), None, None

    @contextmanager
    def locked(self):
        """Hold the lock beside the file; yields whether there is one, for some network folders have none.

        The system frees it when the process ends, however it ends. Raises TimeoutError after PATIENCE, OSError.
        """
        target = self._target()
        with _open_lock(target.with_name(f".{target.name}.lock")) as lock:
            yield _lock(lock, time.monotonic() + PATIENCE)

    def _target(self):
        """The file itself, when `path` is a symbolic link to it."""
        return Path(os.path.realpath(self.path))

    def _signature(self):
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):  # to open a pipe would wait for ever
            raise OSError(errno.EINVAL, os.strerror(errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.EINVAL))
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _bytes(self):
        """The content, but of a file that is too large only so much that this can be seen; None when it is gone."""
        try:
            with open(self.path, "rb") as file:
                return file.read(LARGEST + 1)
        except FileNotFoundError:
            return None


def put_in_place(part, target, content, mode=None):
    """Write bytes into a new file, `part`, and put it in the place of `target` in one step. Raises OSError.

    mode   of the file; None: that of the one whose place it takes, so that what only its owner may read stays so
    """
    with suppress(FileNotFoundError):
        os.unlink(part)
    try:
        with open(os.open(part, _NEW, 0o666 if mode is None else mode), "wb") as file:
            if mode is None:
                with suppress(OSError, AttributeError):  # AttributeError: Windows
                    os.fchmod(file.fileno(), stat.S_IMODE(os.stat(target).st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError:
        with suppress(OSError):  # on a full disk, the room
            os.unlink(part)
        raise


def _flush_folder(folder):
    if os.name == "posix":
        with suppress(OSError):  # the file is in its place; some file systems cannot flush a folder
            number = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


def _open_lock(path):
    """The lock file, open. Another user's can be locked too, though not written."""
    flags = os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        return open(os.open(path, flags | os.O_RDWR, 0o666), "r+b")
    except PermissionError:
        if not os.path.lexists(path):
            raise
        return open(os.open(path, flags & ~os.O_CREAT | os.O_RDONLY), "rb")


def _try_lock(file):
    if flock:
        flock(file, LOCK_EX | LOCK_NB)
    elif msvcrt:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


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
