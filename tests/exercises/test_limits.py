"""The reader's code is stopped when it takes for ever, whatever it does about it, and nothing is left behind."""

import asyncio
import itertools
import os
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
    *(for_ever, swallows, swallows_in_a_call, ends_in_another_loop, endless, riddle),
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
        end = time.thread_time() + 0.2
        while time.thread_time() < end:
            time.sleep(0.01)  # it takes longer by the clock than it may, as on a busy computer
            sum(range(200_000))

    def judge():
        slow()
        done = [slow(item) or item for item in limits.in_time(range(9), seconds=0.5, least=1)]
        with pytest.raises(limits.TookLong):
            limits.piece(for_ever, 0.1)
        slow()
        return done

    if thread == "main":
        done = limits.limited(judge, seconds=0.3)
    else:
        with ThreadPoolExecutor() as pool:
            done = pool.submit(limits.limited, judge, seconds=0.3).result()
    assert done == [0, 1, 2]


@pytest.mark.parametrize("thread", ["main", "another"])
def test_the_sentence_names_the_limit_that_applied(thread):
    def sentences():
        for code in (lambda: limits.piece(for_ever, 0.1), for_ever):
            with pytest.raises(limits.TookLong) as stopped:
                limits.limited(lambda code=code: limits.piece(code, 0.2), seconds=0.3)
            yield str(stopped.value)

    said = []
    run = threading.Thread(target=lambda: said.extend(sentences()))
    if thread == "main":
        run.run()
    else:
        run.start()
        run.join(20)
    for seconds, sentence in zip((0.1, 0.2), said, strict=True):
        assert f"after {seconds} seconds" in sentence


@pytest.mark.parametrize("answer", [for_ever, ends_in_another_loop, endless])
def test_on_another_thread_too(answer):
    said, before = [], threading.active_count()
    thread = threading.Thread(target=lambda: said.append(repr(make_chapter().check("hidden-error", answer))))
    thread.start()
    thread.join(20)
    assert "Does its loop ever end?" in said[0] and threading.active_count() <= before


def test_afterwards_a_traced_call_begins_on_any_thread():
    # Before Python 3.13 it never did, once an exception for another thread had been taken back.
    program = """
import sys, threading
from course_lib.exercises.machinery import limits

def limit():
    try:
        limits._with_second_thread(*{arguments})
    except limits.Stopped:
        pass
    sys.settrace(lambda *_: None)
    repr(threading.Event())
    print("began", flush=True)

thread = threading.Thread(target=limit)
thread.start()
thread.join()
limit()
"""
    loop = "lambda: [None for _ in iter(int, 1)]"
    for arguments in ("(lambda: 3, limits._Watch(8))", f"({loop}, limits._Watch(0.2))"):
        run = [sys.executable, "-c", program.format(arguments=arguments)]
        assert subprocess.run(run, capture_output=True, text=True, timeout=30).stdout.split() == ["began", "began"]


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

kind, when, where = sys.argv[1:]
limit, taken = {"DATA": (resource.RLIMIT_DATA, "VmData"), "AS": (resource.RLIMIT_AS, "VmSize")}[kind]

def lower():
    [now] = [int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(taken)]
    lowered.append(now + 4_000_000)  # less than a thread needs for its stack
    resource.setrlimit(limit, (lowered[0], lowered[0]))

def answer(*arguments):
    if not lowered:
        lower()
    return hidden_error(*arguments)

def check():
    try:
        print(make_chapter().check("hidden-error", answer).outcome)
    except BaseException as problem:
        print(repr(problem))

if os.geteuid() == 0:
    os.seteuid(65534)  # root may raise again what was lowered
lowered, begin = [], threading.Event()
another = threading.Thread(target=lambda: (begin.wait(), check()))
another.start()
if when == "before":
    lower()
if where == "here":
    check()
    answer = hidden_error
begin.set()
another.join()
print([resource.getrlimit(limit) == (most, most) for most in lowered])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has these limits")
@pytest.mark.parametrize(
    ("kind", "when", "where"),
    [
        ("DATA", "before", "on another thread"),
        ("DATA", "meanwhile", "here"),
        ("AS", "before", "here"),
        ("AS", "meanwhile", "on another thread"),
    ],
)
def test_a_hard_limit_of_memory_that_was_lowered_is_kept_and_harms_no_check(kind, when, where):
    run = subprocess.run(
        [sys.executable, "-c", LOWERED, kind, when, where], capture_output=True, text=True, timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    checks = ["right"] * (2 if where == "here" else 1)
    assert run.stdout.split() == [*checks, "[True]"], run.stdout + run.stderr


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


AFTERWARDS = """
import resource
from sample_chapter import hidden_error, make_chapter

def limit():
    return resource.getrlimit(resource.RLIMIT_DATA)

def answer(*arguments):
    meanwhile.append(limit())
    return hidden_error(*arguments)

before, meanwhile = limit(), []
print(make_chapter().check("hidden-error", answer).outcome, meanwhile[0] != before, limit() == before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else has this limit")
def test_a_check_puts_the_limit_of_memory_back():
    """In a process of its own: in this one a check before may have left the limit that this test begins with."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", AFTERWARDS], capture_output=True, text=True, env=environment)
    assert run.stdout.split() == ["right", "True", "True"], run.stdout + run.stderr


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
