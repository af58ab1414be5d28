"""The reader's code is stopped when it takes for ever, whatever it does about it, and nothing is left behind."""

import asyncio
import itertools
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from exercise_bank import answer_of
from sample_chapter import hidden_error, make_chapter

from course_lib.exercises import chapter05
from course_lib.exercises.chapter_parts import repair_clinic
from course_lib.exercises.machinery import limits, reader_code
from course_lib.ops import logistic


def for_ever(*_):
    while True:
        pass


def swallows(*_):
    while True:
        try:
            for _ in itertools.count():
                pass
        except:  # noqa: E722
            pass


def swallows_in_a_call(*_):
    while True:
        try:
            sum(n for n in range(10**6))
        except BaseException:
            continue


def swallows_three_deep(*_):
    while True:
        try:
            try:
                try:
                    for_ever()
                except BaseException:
                    continue
            except BaseException:
                continue
        except BaseException:
            continue


def ends_in_another_loop(*_):
    try:
        for_ever()
    finally:
        for_ever()


def endless(*_):
    return [n for n in itertools.count() if n < 0]


def sleeps(*_):
    time.sleep(1000)


class Riddle(Exception):
    def __str__(self):
        for_ever()


def riddle(*_):
    raise Riddle


BY_CHANCE = sys.version_info < (3, 12)  # out of three handlers in some 5 seconds
ENDLESS = [
    *(swallows, swallows_in_a_call, ends_in_another_loop, endless, riddle),
    pytest.param(swallows_three_deep, marks=[pytest.mark.slow] * BY_CHANCE),
]


def memory_limit():
    return limits.resource and limits.resource.getrlimit(limits.resource.RLIMIT_DATA)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(reader_code, "limited", lambda action: limits.limited(action, seconds=0.3))
    trace, handler, most = sys.gettrace(), signal.getsignal(signal.SIGALRM), memory_limit()
    yield
    assert memory_limit() == most
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0) and signal.getsignal(signal.SIGALRM) is handler
    assert sys.gettrace() is trace
    assert make_chapter().check("hidden-error", hidden_error).outcome == "right"  # as if nothing had been


@pytest.mark.parametrize("answer", ENDLESS)
def test_code_that_never_ends_gets_a_sentence(answer):
    began = time.thread_time()
    feedback = make_chapter().check("hidden-error", answer)
    assert feedback.outcome == "wrong"
    assert "Your code had not ended after 0.3 seconds of processor time" in repr(feedback)
    assert time.thread_time() - began < (60 if answer is swallows_three_deep and BY_CHANCE else 10)


def test_code_that_waits_is_told_so_and_no_loop_is_suspected():
    feedback = make_chapter().check("hidden-error", sleeps)
    assert feedback.outcome == "wrong"
    assert "in its last 2.4 seconds" in repr(feedback) and "loop" not in repr(feedback)
    assert "does it wait for something" in repr(feedback).lower()


@pytest.mark.parametrize("thread", ["main", "another"])
def test_time_is_the_processors_and_each_item_of_a_judge_has_all_of_it(thread):
    def slow(_=None):
        end = time.thread_time() + 0.1
        while time.thread_time() < end:
            time.sleep(0.01)  # it takes longer by the clock than it may, as on a busy computer
            sum(range(50_000))

    def judge():
        slow()
        done = [slow(item) or item for item in limits.in_time(range(9), seconds=0.25, least=1)]
        with pytest.raises(limits.TookLong):
            limits.piece(for_ever, 0.05)
        slow()
        return done

    if thread == "main":
        done = limits.limited(judge, seconds=0.15)
    else:
        with ThreadPoolExecutor() as pool:
            done = pool.submit(limits.limited, judge, seconds=0.15).result()
    assert done == [0, 1, 2]


def test_the_sentence_names_the_limit_that_applied():
    for seconds, code in ((0.1, lambda: limits.piece(for_ever, 0.1)), (0.2, for_ever)):
        with pytest.raises(limits.TookLong) as stopped:
            limits.limited(lambda code=code: limits.piece(code, 0.2), seconds=0.3)
        assert f"after {seconds} seconds" in str(stopped.value)


@pytest.mark.parametrize("answer", [ends_in_another_loop, endless])
def test_on_another_thread_too(answer):
    said, before = [], threading.active_count()
    thread = threading.Thread(target=lambda: said.append(repr(make_chapter().check("hidden-error", answer))))
    thread.start()
    thread.join(20)
    assert "Does its loop ever end?" in said[0] and threading.active_count() <= before


TRACED = """
import sys, threading
from course_lib.exercises.machinery import limits

def limit(action, seconds):
    try:
        limits._with_second_thread(action, limits._Watch(seconds))
    except limits.Stopped:
        pass
    sys.settrace(lambda *_: None)
    repr(threading.Event())
    print("began", flush=True)

for what in ((lambda: 3, 8), (lambda: [None for _ in iter(int, 1)], 0.2)):
    thread = threading.Thread(target=limit, args=what)
    thread.start()
    thread.join()
    limit(*what)
"""


def test_afterwards_a_traced_call_begins_on_any_thread():
    # Before Python 3.13 it never did, once an exception for another thread had been taken back.
    run = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == ["began"] * 4, run.stderr


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="needs Python 3.12")
def test_where_there_are_neither_timers_nor_threads_python_itself_asks(monkeypatch):
    monkeypatch.setattr(limits.sys, "platform", "emscripten")
    for answer in (for_ever, swallows, endless):
        assert "Does its loop ever end?" in repr(make_chapter().check("hidden-error", answer))


def raises(error):
    def answer(*_):
        raise error

    return answer


@pytest.mark.parametrize(
    "error", [BaseException("x"), SystemExit(3), GeneratorExit(), asyncio.CancelledError(), RecursionError()]
)
def test_whatever_is_raised_becomes_a_sentence(error):
    feedback = make_chapter().check("hidden-error", raises(error))
    assert feedback.outcome == "wrong" and f"with {type(error).__name__}" in repr(feedback)


def test_memory_has_an_end(monkeypatch):
    monkeypatch.setattr(reader_code, "limited", limits.limited)

    def hoards(*_):
        held = []
        while True:
            held.append([0] * 1_000_000)

    assert "it took more than 768 MB of memory" in repr(make_chapter().check("hidden-error", hoards))
    if sys.platform == "linux":
        assert "MemoryError" in repr(make_chapter().check("hidden-error", lambda *_: np.ones((10**5, 10**5))))


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else refuses what is never written")
def test_memory_that_is_never_written_has_an_end_too(monkeypatch):
    monkeypatch.setattr(reader_code, "limited", limits.limited)

    def hoards(*_):
        held = []
        while True:
            held.append(np.zeros(10**7))

    assert "MemoryError" in repr(make_chapter().check("hidden-error", hoards))


LOWERED = """
import os, resource, sys, threading
from sample_chapter import hidden_error, make_chapter

kinds = {"DATA": (resource.RLIMIT_DATA, "VmData"), "AS": (resource.RLIMIT_AS, "VmSize")}

def case(kind, when, where):
    lowered, results, begin = [], [], threading.Event()
    limit, taken = kinds[kind]

    def lower():
        [now] = [int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(taken)]
        lowered.append(now + 4_000_000)  # less than a thread needs for its stack
        resource.setrlimit(limit, (lowered[0], lowered[0]))

    def answer(*arguments):
        if not lowered:
            lower()
        return hidden_error(*arguments)

    def check(answer=answer):
        try:
            results.append(make_chapter().check("hidden-error", answer).outcome)
        except BaseException as problem:
            results.append(repr(problem))

    if os.geteuid() == 0:
        os.seteuid(65534)  # root may raise again what was lowered
    another = threading.Thread(target=lambda: (begin.wait(), check(hidden_error if where == "here" else answer)))
    another.start()
    if when == "before":
        lower()
    if where == "here":
        check()
    begin.set()
    another.join()
    print(kind, when, where, *results, resource.getrlimit(limit) == (lowered[0], lowered[0]), flush=True)

def afterwards():
    now, meanwhile = (lambda: resource.getrlimit(resource.RLIMIT_DATA)), []
    before = now()
    outcome = make_chapter().check("hidden-error", lambda *args: (meanwhile.append(now()), hidden_error(*args))[1]).outcome
    print("afterwards", outcome, meanwhile[0] != before, now() == before, flush=True)

for action, *arguments in ((case, "DATA", "before", "thread"), (case, "DATA", "meanwhile", "here"),
                           (case, "AS", "before", "here"), (case, "AS", "meanwhile", "thread"), (afterwards,)):
    if os.fork() == 0:
        action(*arguments)
        os._exit(0)
    os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has these limits")
def test_a_check_puts_the_limit_of_memory_back_and_a_hard_one_that_was_lowered_is_kept_and_harms_none():
    """In processes of their own: in this one a check before may have left the limit that this test begins with."""
    run = subprocess.run([sys.executable, "-c", LOWERED], capture_output=True, text=True, timeout=60)
    assert run.stdout.splitlines() == [
        "DATA before thread right True",
        "DATA meanwhile here right right True",
        "AS before here right right True",
        "AS meanwhile thread right True",
        "afterwards right True True",
    ], run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has this limit")
def test_of_two_checks_at_once_the_last_one_puts_the_limit_back():
    before, first, second = memory_limit(), threading.Event(), threading.Event()

    def other():
        limits.limited(lambda: (first.set(), second.wait(10)))

    thread = threading.Thread(target=other)
    limits.limited(lambda: (thread.start(), first.wait(10)))
    assert memory_limit() != before
    second.set()
    thread.join()
    assert memory_limit() == before


def test_a_stream_that_the_readers_code_has_kept_shows_all_of_it_afterwards(capsys):
    with limits.prints_cut(most=10):
        kept = sys.stdout
        print("x" * 50)
    print("y" * 50, file=kept)
    assert "y" * 50 in capsys.readouterr().out


def test_megabytes_of_prints_are_cut_with_a_count(capsys):
    def talks(*_):
        for _ in range(20_000):
            print("x" * 99)
        return hidden_error(*_args)

    _args = np.ones((1, 1)), np.ones((2, 1)), np.ones((1, 2))
    stream = sys.stdout
    make_chapter().check("hidden-error", talks)
    shown = capsys.readouterr().out
    assert sys.stdout is stream and len(shown) < 21_000
    assert "... and 3,980,000 more characters, which are not shown." in shown or "more characters" in shown


def test_a_few_prints_are_shown_as_they_are(capsys):
    with limits.prints_cut():
        print("loss", 0.25)
        sys.stderr.write("warning")
    assert capsys.readouterr() == ("loss 0.25\n", "warning")


def test_a_timer_of_somebody_else_goes_on():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        with pytest.raises(limits.Stopped):
            limits.limited(for_ever, seconds=0.2)
        assert not rung and 0 < signal.getitimer(signal.ITIMER_REAL)[0] < 0.9
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_interrupt_of_the_reader_comes_through_at_once():
    def interrupted():
        for count in itertools.count():
            if count == 1000:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as interrupt:
        limits.limited(interrupted, seconds=60)
    assert not isinstance(interrupt.value, limits.Stopped)  # which would end it otherwise


def test_a_judge_whose_time_is_over_looks_at_fewer_seeds_and_accuses_nobody(monkeypatch):
    repair = chapter05.chapter.exercises["repair"]
    short = repair.solution.replace("0.5, 10_000", "0.001, 300")

    def late(items, seconds, least=0, **_):
        return limits.in_time(items, 0.0 if least else seconds, least)

    monkeypatch.setattr(repair_clinic, "in_time", late)
    verdict = repair.judge(answer_of(short, "repair", {"sigmoid": logistic}))
    assert verdict.outcome == "wrong" and "0 of 5 seeds solved" in verdict.message
