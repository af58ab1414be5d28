"""Brings a class together at a JupyterHub on this machine, and measures what it needs.

python -m tests.classroom                          a class of 25, then each chapter to its end (`make class`)
python -m tests.classroom --write                  the same, and the tables go to the page for teachers (`WRITE=1`)
python -m tests.classroom --students 50 --write    a class of another size: one row of the page, and no chapters
python -m tests.classroom --quick                  three students, a few seconds, no chapters

What is going on is told on standard error; tables come as soon as they are measured. A signal ends all at once.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / ".ci"), str(ROOT / "binder" / "hub")]  # as pytest does

import collect  # noqa: E402

from .hub import end_class, running_hub  # noqa: E402
from .lesson import Class, lost, run_chapters, uncounted  # noqa: E402
from .report import WHOLE, chapters, classes, measured, planned, result_of, write_pages  # noqa: E402

QUICK, SECONDS = (3, 8), 30  # students and seconds; seconds of a whole class


def hold(hub, students, seconds, tell):
    """Hold a lesson at a `Hub`; returns (the `Result`, sentences about what went wrong).   tell   is called with lines"""
    group = Class(hub, students, seconds, tell)
    began = time.perf_counter(), time.process_time()
    lessons = asyncio.run(group.meet())
    own = (time.process_time() - began[1]) / (time.perf_counter() - began[0])
    tell("all answers are collected")
    service = collect.Hub(hub.url, hub.token)
    service.stop(group.names[0])  # whose answers must be there after the server has been started again
    answers = hub.folder / "answers"
    _, without, troubles = collect.collect(service, answers)
    gone = list(lost(hub, answers, lessons))
    seconds_of_cells = [seconds for lesson in lessons for seconds in lesson.answers]
    problems = [f"{lesson.name}: {text}" for lesson in lessons for text in lesson.troubles] + gone
    problems += uncounted(group.board, students)
    problems += [f"{name}: no answers file" for name in without if name in group.names]
    problems += [f"{name}: {text}" for name, text in troubles.items()]
    return result_of(lessons, seconds_of_cells, group, gone, own), problems


def tell_time():
    """A function that prints a line on standard error, and how long ago this one was called."""
    began = time.monotonic()

    def tell(text):
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        print(f"{minutes:2}:{seconds:02}  {text}", file=sys.stderr, flush=True)

    return tell


def end_on_signals(folder):
    """From the first signal on, the class in a folder is ended, and no other signal interrupts that."""
    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def end(number, _):
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        end_class(folder)
        sys.exit(128 + number)

    for each in signals:
        signal.signal(each, end)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=WHOLE)
    parser.add_argument("--write", action="store_true", help="put the tables on the page for teachers")
    parser.add_argument("--quick", action="store_true", help="a small and short class, and no chapters")
    options = parser.parse_args(arguments)
    if options.write and options.quick:
        parser.error("expected --write or --quick, got both: the page is about a whole class")
    students, seconds = QUICK if options.quick else (options.students, SECONDS)
    tell = tell_time()
    with tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True) as folder:
        end_on_signals(folder)
        tell("a JupyterHub starts")
        with running_hub(folder) as hub:
            tell(f"{students} students log in")
            result, problems = hold(hub, students, seconds, tell)
            print(measured(result, "en"), classes(result, "en"), sep="\n\n", end="\n\n", flush=True)
            if students == WHOLE:  # a chapter's kernel needs the same memory in any class
                tell("each chapter is run to its end")
                found = asyncio.run(run_chapters(hub, lambda name, used: tell(f"{name}: {used:.0f} MB")))
                result = replace(result, chapters=found)
                print(chapters(found, "en"), end="\n\n", flush=True)
    print(planned(result, "en"))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not options.quick:
        print("\n".join(result.missed()) or "Everything that a class must have is there.")
    if options.write and not problems:
        write_pages(result)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
