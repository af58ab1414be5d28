"""How long the reader's code may run, and how much memory and page it may take: an endless loop ends in a sentence.

    limited(action)         the result of action(); raises a kind of `Stopped` when it takes too long or too much memory
    piece(action, seconds)  the same within it: a time of its own, and afterwards the whole time again
    in_time(items, ...)     a judge's own loop: items as long as its budget lasts, each with the whole time
    with prints_cut(): ...  what is printed beyond a few pages is counted instead of shown

Time is the processor's, of the thread that runs the code: on a busy computer, code runs longer by the clock and is no
more endless. Code that sleeps or waits for an input ends where it has hardly run for `WAITS` times as long by the clock,
with a sentence of its own. In Pyodide, and where a second thread looks at a system that tells the time of whole processes
alone, the clock decides or has a say.

On the main thread a timer of the system looks ten times a second (Linux, macOS); on another thread, and on Windows,
a second thread does; in Pyodide, which has neither, Python itself calls at each jump backwards and each call of a
function. Where none of them is there, nothing is limited. `Stopped` is a KeyboardInterrupt, so that `except Exception`
lets it pass. Code that swallows it even so gets it again at its next line, in the lines of its handlers too, but in its
own lines alone for a while: libraries may finish what they have begun. Afterwards no timer, thread, handler, trace or
limit is left behind.

What is left: one call of a compiled function that never comes back (`sum(itertools.count())`) ends with the kernel
alone; so does, before Python 3.12, a function that swallows everything and calls itself anew. With a second thread a
long `time.sleep` is ended when it wakes, and before Python 3.12 a loop that swallows everything, in one handler or in
several around each other, may go on. Memory is watched where psutil is there, and counts once it is written: for
`np.zeros(10**8)` the system hands out nothing before. So what is asked for and never written passes `MEMORY` unseen. On
Linux it ends at `AT_ONCE`, as does a single array that is too large; elsewhere nothing ends it, and it takes nothing.
"""

import ctypes
import math
import signal
import sys
import sysconfig
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from ...text import say

try:
    import psutil
except ImportError:  # Pyodide
    psutil = None
try:
    import resource
except ImportError:  # Windows
    resource = None

SECONDS = 8.0  # of processor time
WAITS = 8  # times as long by the clock; in which it worked for less than an eighth of SECONDS
MEMORY = 768 * 2**20  # bytes that the reader's code may add
AT_ONCE = 2 * MEMORY  # beyond which not even one array is given to it
PRINTED = 20_000  # characters that are shown
TICK, GRACE, AGAIN = 0.1, 0.5, 0.002  # seconds: from look to look; to let it end; from one to the next after that
SOON = 5e-6  # seconds until it looks again where a look has come to nothing
PATIENCE = 1.0  # seconds for the reader's own lines to come by; then it is raised wherever the code is

_LIBRARIES = (
    "<frozen",
    str(Path(__file__).parents[2]),
    *{sysconfig.get_path(n) for n in ("stdlib", "purelib", "platlib")},
)
_limited = threading.local()


class Stopped(KeyboardInterrupt):
    """The reader's code was stopped: by the reader, if it is none of those below. seconds: the limit that applied."""

    seconds = None

    def __str__(self):
        return say("You stopped your code while it ran. Does its loop ever end?")


class TookLong(Stopped):
    """The reader's code was stopped, because it took too long."""

    def __str__(self):
        return say(
            "Your code had not ended after {seconds} seconds of processor time, and was stopped. Does "
            "its loop ever end?",
            seconds=f"{self.seconds:g}",
        )


class Waited(Stopped):
    """The reader's code was stopped, because it neither ended nor worked."""

    def __str__(self):
        return say(
            "Your code was stopped, because in its last {seconds:g} seconds the processor worked on it "
            "for less than {worked:g} s. Does it wait for something, as `input` and `time.sleep` do? If "
            "not, this computer is very busy, so check once more.",
            seconds=self.seconds * WAITS,
            worked=self.seconds / WAITS,
        )


class TookMuch(Stopped):
    """The reader's code was stopped, because it took too much memory."""

    def __str__(self):
        size = f"{MEMORY / 2**20:.0f}"
        return say(
            "Your code was stopped, because it took more than {size} MB of memory. Does it make a list that never "
            "stops growing?",
            size=size,
        )


def limited(action, seconds=SECONDS):
    """The result of action(), which may run the reader's code. Raises a kind of `Stopped`, and what the action raises."""
    if _watch() is not None:  # a judge that asks another one
        return action()
    watch, trace = _Watch(seconds), sys.gettrace()
    with _turn:
        _before.append(None if _before else _lower())
    _limited.watch = watch
    try:
        return _way()(action, watch)
    except Stopped as stopped:
        stopped.seconds = stopped.seconds or seconds
        raise
    finally:
        watch.end()
        _limited.watch = None
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        _lift()


def piece(action, seconds=SECONDS):
    """As `limited`, for a part of what runs under it already: so much time, and afterwards all of it again."""
    watch = _watch()
    if watch is None:
        return action()
    watch.restart(seconds)
    try:
        return action()
    except TookLong as stopped:
        stopped.seconds = stopped.seconds or seconds
        raise
    finally:
        watch.reason = None
        watch.restart()


def in_time(items, seconds=SECONDS / 2, least=0, by_the_clock=math.inf):
    """The items one by one until so many seconds are used, of the processor or by the clock, and `least` in any case.

    For a judge's own loop over the reader's code, which is no fault of the reader's: each item has the whole time limit.
    """
    watch = _watch()
    if watch is None:
        yield from items
        return
    end, late = watch.clock() + seconds, time.monotonic() + by_the_clock
    for count, item in enumerate(items):
        if count >= least and (watch.clock() >= end or time.monotonic() >= late):
            return
        watch.restart()
        yield item


def _watch():
    """What looks after the code that runs on this thread now, or None."""
    return getattr(_limited, "watch", None)


def _processor_clock():
    """A function that any thread may call: the seconds of processor time of the thread that made it.

    Where the system tells those of the whole process alone, they count no faster than the clock on the wall.
    """
    if sys.platform == "emscripten":
        return time.monotonic
    if hasattr(time, "pthread_getcpuclockid"):
        return partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))
    process, wall = time.process_time(), time.monotonic()
    return lambda: min(time.process_time() - process, time.monotonic() - wall)


class _Watch:
    """Says when the code of one call is to be stopped. over: set once the call has ended."""

    def __init__(self, seconds):
        self.seconds, self.clock = seconds, _processor_clock()
        self.memory = _resident() + MEMORY
        self.reason, self.first = None, math.inf
        self.thread, self.over, self.ended = threading.get_ident(), threading.Event(), False
        self.look_again = lambda: None  # looks again at once, where that can be asked for
        self._tool = None
        self.restart()

    def restart(self, seconds=None):
        """The code has its whole time again, or so many seconds. Once it is being stopped, this changes nothing."""
        self.looked, self.looks = self.clock(), time.monotonic() + WAITS * self.seconds
        self.until = self.looked + (self.seconds if seconds is None else seconds)

    def out_of_time(self):
        """TookLong or Waited once the time is used up, else None."""
        used, now = self.clock(), time.monotonic()
        if used >= self.until:
            return TookLong
        if now >= self.looks:
            if used - self.looked < self.seconds / WAITS:
                return Waited
            self.looked, self.looks = used, now + WAITS * self.seconds
        return None

    def reason_to_stop(self, file):
        """The class of the exception that is to be raised now, in the code of a file; None while all is well."""
        if self.ended or file == __file__:
            return None
        now = time.monotonic()
        if self.reason is None:
            self.reason = self.out_of_time() or (TookMuch if _resident() >= self.memory else None)
            if self.reason is None:
                return None
            self.first = now
            return self.reason
        waited = now - self.first
        return self.reason if waited > PATIENCE or (waited > GRACE and not file.startswith(_LIBRARIES)) else None

    def raise_again(self, frame):
        """Have the reason raised at the next lines too: that of a handler which has swallowed it, and those after it."""
        if hasattr(sys, "monitoring"):
            if self._tool is None:
                self.monitor(sys.monitoring.events.LINE)
            return
        with suppress(RuntimeError):  # it came while Python sets one, and will come again
            sys.settrace(self._at_line)
        while frame is not None and frame.f_code.co_filename != __file__:
            frame.f_trace = self._at_line
            frame = frame.f_back

    def monitor(self, *more):
        """Have Python ask at each call, at each jump, and at `more`; returns whether it can."""
        monitoring, events = sys.monitoring, sys.monitoring.events
        free = [number for number in range(6) if monitoring.get_tool(number) is None]
        if self._tool is None and free:
            self._tool = free[-1]
            monitoring.use_tool_id(self._tool, "course")
        if self._tool is not None:
            watched = {events.PY_START, events.PY_RESUME, events.JUMP, *more}
            for event in watched:
                monitoring.register_callback(self._tool, event, self._asked)
            monitoring.set_events(self._tool, sum(watched))
        return self._tool is not None

    def end(self):
        """Nothing is raised from here on, not even in the lines of `over.set`."""
        self.ended = True
        self.over.set()
        tool, self._tool = self._tool, None
        if tool is not None:
            events = sys.monitoring.events
            sys.monitoring.set_events(tool, 0)
            for event in (events.PY_START, events.PY_RESUME, events.JUMP, events.LINE):
                sys.monitoring.register_callback(tool, event, None)
            sys.monitoring.free_tool_id(tool)

    def _at_line(self, frame, event, _):
        reason = self.reason_to_stop(frame.f_code.co_filename) if event == "line" else None
        if reason is not None:
            self.look_again()  # for the handler of the handler: Python drops a trace that raises
            raise reason
        return self._at_line

    def _asked(self, code, *_):
        if (self.reason is None and not self.out_of_time()) or threading.get_ident() != self.thread:
            return
        reason = self.reason_to_stop(code.co_filename)
        if reason is not None:
            raise reason


def _way():
    """How action() is run under a `_Watch` here."""
    if sys.platform == "emscripten":
        return _asked_by_python
    main = threading.current_thread() is threading.main_thread()
    return _with_timer if main and hasattr(signal, "setitimer") else _with_second_thread


def _with_timer(action, watch):
    looking, after = False, SOON

    def look(_, frame):
        nonlocal looking, after
        if looking:  # the one before has not ended: where timers are fine, this would go on within itself without end
            return
        looking = True
        try:
            swallowed, waited = watch.reason is not None, after
            reason = watch.reason_to_stop(frame.f_code.co_filename)
            after = SOON
            if swallowed and frame.f_code.co_filename == __file__ and not watch.over.is_set():
                after = min(2 * waited, AGAIN)  # later each time, so that the lines here come to their end
                watch.look_again()  # it came between two lines here
            if reason is not None:
                signal.setitimer(signal.ITIMER_REAL, AGAIN if swallowed else GRACE, AGAIN)
                if swallowed:
                    watch.raise_again(frame)
                raise reason
        finally:
            looking = False

    watch.look_again = lambda: signal.setitimer(signal.ITIMER_REAL, after, AGAIN)
    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, look)
    left, interval = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        return action()
    finally:
        watch.end()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if left:  # somebody else's timer goes on where it would be by now
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 1e-3), interval)


def _with_second_thread(action, watch):
    turn = threading.Lock()

    def look():
        while not watch.over.wait(TICK if watch.reason is None else 5 * AGAIN):
            with turn:
                frame, swallowed = sys._current_frames().get(watch.thread), watch.reason is not None
                reason = frame and watch.reason_to_stop(frame.f_code.co_filename)
                if reason:
                    _raise_in(watch.thread, reason)
                if reason and swallowed and hasattr(sys, "monitoring"):
                    watch.raise_again(frame)

    looking = threading.Thread(target=look, daemon=True)
    try:
        looking.start()
    except RuntimeError:  # the system gives no more threads, or no memory for one
        return _asked_by_python(action, watch)
    try:
        try:
            return action()
        finally:
            watch.ended = True
            watch.over.set()
    finally:  # twice, for the exception may come between two lines here; the next one would be a tick later
        watch.over.set()
        with turn:
            _take_back()
        looking.join()


def _raise_in(thread, exception):
    """Have Python raise an exception in a thread at its next line, instead of one that waits there."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))


class _Nothing(BaseException):
    """Takes the place of an exception that shall not come any more."""


def _take_back():
    """No exception waits for this thread from here on.

    Raising none at all would do so, too; but Python before 3.13 then goes on looking for it at every call, and a call
    under `sys.settrace` never begins.
    """
    with suppress(_Nothing):
        _raise_in(threading.get_ident(), _Nothing)
        while True:
            pass


def _asked_by_python(action, watch):
    if hasattr(sys, "monitoring"):
        watch.monitor(sys.monitoring.events.LINE)
    return action()


# Memory


def _resident():
    """Bytes that this process takes; 0 where nobody can tell."""
    return psutil.Process().memory_info().rss if psutil else 0


_turn = threading.Lock()
_before = []  # for each call that runs now: the limit that it has found and lowered, None where another had lowered it


def _lower():
    """Lower this process's limit of memory to what it has and AT_ONCE, so that a single array that is far too large is refused.

    Returns what the limit was, None if it stays.
    """
    with suppress(OSError, ValueError, AttributeError, MemoryError):
        taken = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if taken + AT_ONCE < _bytes(soft):
            resource.setrlimit(resource.RLIMIT_DATA, (taken + AT_ONCE, hard))
            return soft
    return None


def _lift():
    """The last call that ends puts the limit back, as far as the hard one allows: the reader may have lowered that."""
    with _turn:
        before = _before.pop()
        if before is not None:
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (min(before, hard, key=_bytes), hard))


def _bytes(limit):
    return math.inf if limit == resource.RLIM_INFINITY else limit


# Prints


class _Cut:
    """A stream that passes on what is written as long as there is room, and counts the rest."""

    def __init__(self, stream, room):
        self.stream, self.room = stream, room

    def write(self, text):
        if shown := text[: int(min(max(self.room, 0), sys.maxsize))]:
            self.stream.write(shown)
        self.room -= len(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self.stream, name)


@contextmanager
def prints_cut(most=PRINTED):
    """Of what is printed in the block, to each of the two streams, show so many characters, and count the rest."""
    before = sys.stdout, sys.stderr
    streams = sys.stdout, sys.stderr = [stream and _Cut(stream, most) for stream in before]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for cut in filter(None, streams):
            if cut.room < 0:
                print(
                    say("\n... and {count:,} more characters, which are not shown.", count=-cut.room), file=cut.stream
                )
            cut.room = math.inf  # for who has kept it
