"""What a reader has done, kept in one small file beside the notebooks: answers, predictions, lab states, reviews.

    kept().put("5/exercises/repair", {"outcome": "right", "tries": 1, "hints": 0, "solution": False}, tries=1)
    kept().items                      # {"5/exercises/repair": {..., "when": "2026-11-25T04:30:00+00:00"}, ...}

Where: `answers.json` in the folder of the running notebook, or of the English ones, when it is a translation of one; or the
file (or folder) that COURSE_ANSWERS names.

When: only after a reader has done something, that is committed to an option, tried an answer, asked for a hint or a
solution, or moved a lab. To run a chapter as it comes does none of this and leaves no file. Nothing is kept outside of
notebooks, under pytest (nbval), or where COURSE_ANSWERS is "off" (`make notebooks`): outputs that are compared must not
depend on a reader.

How: each change is merged, under a lock, into what the file holds by then, written to a second file, flushed to the
disk, and put in the place of the first in one step (`file.py`). So two notebooks lose nothing to each other, and a process
that is killed leaves the old file or the new one. Of a damaged file the records that can be read are kept, and the file is
set aside under a dated name. A file that has vanished while this notebook ran is written again.

Where nothing can be written beside the notebook, the answers go into a file in the reader's home, and come back from
there as soon as they can. Where that cannot be either, the course goes on in memory, and tries again with the next change.
What happened is told by `take_notice`, which then carries what this kernel alone holds, so that it can be downloaded.
"""

import hashlib
import os
import re
import sys
import threading
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from ..text import LOCALE, joined, say
from .file import AnswersFile, now
from .format import MOST, NewerVersion, checked, combined, is_right, time_of

NAME, VARIABLE, OFF = "answers.json", "COURSE_ANSWERS", "off"
HOME = "backprop-answers"  # the folder in the reader's home
DRIVE = Path("/drive")
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
    return _first_edition(_folder()) / NAME


def _first_edition(folder):
    """The folder of the English notebooks for those of another language beside it: all editions share one file."""
    english = folder.parent / "en"
    return english if (LOCALE / folder.name).is_dir() and english.is_dir() else folder


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


def kept():
    """The store of this notebook, or where nothing is kept what this kernel remembers."""
    return store() or _memory


def enter_chapter(number):
    """Note that this kernel has imported a chapter: its labs are kept under the first one."""
    _chapters.append(str(number))
    store()


def lab_key(name):
    """The key of the state of the lab with this name in the notebook that runs."""
    words = "-".join(re.findall(r"\w+", name))[:60] or "lab"
    return f"{_chapters[0] if _chapters else 'other'}/labs/{words}"


class Notice(str):
    """A sentence for the reader; `unsaved` holds the items of this kernel when some of them are in no file, else {}."""

    def __new__(cls, sentence, unsaved=()):
        notice = super().__new__(cls, sentence)
        notice.unsaved = dict(unsaved)
        return notice


class Memory:
    """The items of a kernel that keeps no file.

    items   {"chapter/kind/name": record}, as `format` describes them
    """

    def __init__(self):
        self.items = {}
        self._lock = threading.RLock()  # callbacks of widgets may come on another one

    def take_notice(self):
        """The `Notice` about something that the reader should know, once; else ""."""
        return Notice("")

    def sync(self):
        """Read the file, if another notebook has written it since."""

    def put(self, key, record, tries=0):
        """Merge one record into the items; returns the record as it is kept.

        tries   by how many the answer's tries have grown: two notebooks add up theirs, and the `slips` of these tries

        A count that has reached MOST stays there. Raises ValueError when it could not be read again.
        """
        with self._lock:
            self.sync()
            when, old = now(), self.items.get(key)
            if old:  # perhaps later, by another computer's clock; this change comes after it all the same
                when = max(when, time_of(old))
            record = record | {field: min(value, MOST) for field, value in record.items() if type(value) is int}
            record |= {"when": when.isoformat()}
            if is_right(record) and not (old and is_right(old)):
                record["solved"] = record["when"]
            self._take(key, checked(key, record), tries)
            return self.items[key]

    def _take(self, key, record, tries):
        self.items[key] = combined(key, self.items.get(key), record, tries)


_memory = Memory()


class Store(Memory):
    """The items of one file, and the changes that wait to be written to it: `items` has both."""

    def __init__(self, path):
        super().__init__()
        self.path = Path(path)
        self._file, self._home = AnswersFile(path), _in_home(self.path)
        self._places = [each for each in (self._file, self._home) if each]
        self._on_disk, self._own = {}, {}  # as far as this kernel knows; what it has put there itself
        self._waiting = []
        self._trouble = {}  # a place that could not be read when it was looked at last: the OSError
        self._notices, self._told = [], set()

    def take_notice(self):
        with self._lock:
            sentences, self._notices = self._notices, []
            return Notice(joined(*sentences), self.items if sentences and self._unsaved() else {})

    def sync(self):
        with self._lock:
            try:
                if self._changed() and self._take_in():
                    self._write()
            except NewerVersion as problem:
                self.tell(_newer(problem), again=False)
            if self._file in self._trouble:
                reason = _reason(self._trouble[self._file])
                sentence = say("{name} cannot be read ({reason}).", name=self.path.name, reason=reason)
                self.tell(sentence, again=False)
            self._apply()

    def _take(self, key, record, tries):
        self._waiting.append((key, record, tries))
        self._write()
        if _ends_with_the_kernel(self.path):
            self.tell(
                say(
                    "This browser window lets no page keep files, as a private window does: your answers end with this "
                    "kernel. Save a copy on the start page, or open the course in an ordinary window."
                ),
                again=False,
            )

    def merge(self, items):
        """Merge items, as `parse` returns them, into the file: a copy that is restored. Twice is the same as once."""
        with self._lock:
            self._waiting += [(key, record, None) for key, record in items.items()]
            self._write()

    # The file beside the notebook, and the one in the reader's home

    def _write(self):
        """Write what waits. Where that cannot be, it goes on waiting, and a notice says so."""
        try:
            try:
                self._write_to(self._file, self._home)
            except TimeoutError:
                raise
            except OSError as problem:
                self._write_home(problem)
        except NewerVersion as problem:
            self.tell(_newer(problem))
        except TimeoutError:
            self.tell(
                say(
                    "Another notebook is busy with {name}. Your answers wait in memory, and the next one tries again.",
                    name=self.path.name,
                )
            )
        except OSError as problem:
            self._apply()
            self._tell_unsaved(problem)
        self._apply()

    def _write_to(self, place, *others):
        """Bring a file up to what this kernel knows; the `others` go into it, and are taken away. Raises OSError."""
        others = [other for other in others if other and other.exists]
        with ExitStack() as locks:
            exclusive = locks.enter_context(place.locked())
            for other in others:
                locks.enter_context(other.locked())
            again = self._take_in()
            if place in self._trouble:
                raise self._trouble[place]
            self._apply()
            if not (self._waiting or again or others):
                return
            for damaged in (each for each in (place, *others) if each.found.damage):
                self.tell(_damaged(damaged.path.name, damaged.found, damaged.set_aside()))
            place.replace(self.items, exclusive)
            for other in others:
                other.remove()
            self._own |= {key: self.items[key] for key, *_ in self._waiting}
            self._on_disk, self._waiting = self.items, []

    def _write_home(self, problem):
        """Write into the reader's home, because of the problem that there was beside the notebook. Raises OSError."""
        if self._home is None:
            raise problem
        try:
            self._home.path.parent.mkdir(mode=0o700, exist_ok=True)
            self._write_to(self._home)
        except TimeoutError:
            raise
        except OSError:
            raise problem from None
        self.tell(
            say(
                "{name} cannot be written ({reason}). Your answers are kept in {home} instead, and go back from there as "
                "soon as they can.",
                name=self.path.name,
                reason=_reason(problem),
                home=Path("~") / self._home.path.relative_to(Path.home()),
            ),
            again=False,
        )

    def _changed(self):
        """Whether one of the files may hold something else than when it was read."""
        try:
            return any(place.changed() for place in self._places)
        except OSError:
            return True

    def _take_in(self):
        """Read both files into what is known to be on the disk; returns whether some of it has to be written again.

        What this kernel has put there itself does not vanish with a file, nor anything with one that is missing or damaged.
        """
        was_there, self._trouble = self._file.exists, {}
        for place in self._places:
            try:
                place.read()
            except OSError as trouble:
                self._trouble[place] = trouble
        items = dict(self._file.items)
        for key, record in self._home.items.items() if self._home else ():
            items[key] = combined(key, items.get(key), record)
        whole = self._file.exists and not self._file.found.damage and self._file not in self._trouble
        held = self._own if whole else self._on_disk
        missing = {key: held[key] for key in held.keys() - items.keys()}
        if missing and was_there and not (self._file.exists and not whole):
            self.tell(
                say(
                    "{name} had lost {count} entries that this notebook knows, and they are written again. To "
                    "start afresh, delete the file while no notebook is running.",
                    name=self.path.name,
                    count=len(missing),
                )
            )
        self._on_disk = items | missing
        return bool(missing) or any(place.found.damage for place in self._places)

    def _apply(self):
        items = dict(self._on_disk)
        for key, record, tries in self._waiting:
            items[key] = combined(key, items.get(key), record, tries)
        self.items = items

    # Sentences

    def tell(self, sentence, again=True):
        """Give notice, again when the trouble lasts; but not of what takes nothing from the reader."""
        if sentence not in (self._notices if again else self._told):
            self._notices.append(sentence)
            self._told.add(sentence)

    def _unsaved(self):
        """How many of the items are in no file as they are here."""
        return sum(all(place.items.get(key) != record for place in self._places) for key, record in self.items.items())

    def _tell_unsaved(self, problem):
        if count := self._unsaved():
            self.tell(
                say(
                    "{name} cannot be written ({reason}), nor can a file in your home folder. The course goes on, and {count} "
                    "of your answers are in the memory of this kernel alone. Download them here before it ends, and restore "
                    "them on the start page.",
                    name=self.path.name,
                    reason=_reason(problem),
                    count=count,
                )
            )


def _in_home(path):
    """The file in the reader's home that stands in for the one at `path`; None where nobody has a home that lasts."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "emscripten":  # a browser's page: its home ends with the kernel
        return None
    name = hashlib.sha256(os.path.abspath(path).encode(errors="surrogateescape")).hexdigest()[:8]
    return AnswersFile(home / HOME / f"answers-{name}.json")


def _ends_with_the_kernel(path):
    """Whether the file lies in the memory of a page: only below DRIVE does JupyterLite keep files in the browser."""
    return sys.platform == "emscripten" and DRIVE not in path.parents


def _reason(problem):
    return problem.strerror or type(problem).__name__


def _newer(problem):
    return joined(str(problem), say("The file was left as it is, and new answers stay in memory."))


def _damaged(name, found, aside):
    """The sentence about a damaged file."""
    if not found.items and not found.lost:
        return say(
            "{name} could not be read ({damage}) and was set aside as {aside}; nothing was deleted. "
            "If you have saved a copy, restore it on the start page.",
            name=name,
            damage=found.damage,
            aside=aside.name,
        )
    return say(
        "{name} was damaged ({damage}). Entries that could be read and are kept: {kept}. Entries that could not be "
        "read: {lost}. The damaged file was set aside as {aside}; nothing was deleted. If you have saved a copy, "
        "restore it on the start page.",
        name=name,
        damage=found.damage,
        kept=len(found.items),
        lost=found.lost_in_words,
        aside=aside.name,
    )
