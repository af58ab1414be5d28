"""Brings a class together at a JupyterHub on this machine, and measures what it needs.

python -m tests.classroom --students 25            a class of 25, and the page for teachers (`make class STUDENTS=25`)
python -m tests.classroom --quick                  three students, a few seconds; writes no page
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / ".ci"), str(ROOT / "binder" / "hub")]  # as pytest does

import collect  # noqa: E402

from .hub import running_hub  # noqa: E402
from .lesson import Class, chapters_in_turn, lost  # noqa: E402
from .report import measured, planned, result_of, write_pages  # noqa: E402

QUICK, SECONDS = (3, 8), 30  # students and seconds; seconds of a whole class


def hold(students, seconds, chapters):
    """Hold a lesson; returns (the `Result`, sentences about what went wrong)."""
    with tempfile.TemporaryDirectory(prefix="class-") as folder, running_hub(Path(folder, "class")) as hub:
        group = Class(hub, students, seconds)
        began = time.perf_counter(), time.process_time()
        lessons = asyncio.run(group.meet())
        own = (time.process_time() - began[1]) / (time.perf_counter() - began[0])
        used = asyncio.run(chapters_in_turn(hub)) if chapters else {}
        service = collect.Hub(hub.url, hub.token)
        service.stop(group.names[0])  # whose answers must be there after the server has been started again
        answers = Path(folder, "answers")
        _, without, troubles = collect.collect(service, answers)
        gone = list(lost(hub, answers, lessons))
        seconds_of_cells = [seconds for lesson in lessons for seconds in lesson.answers]
        result = result_of(lessons, seconds_of_cells, group, used, gone, own)
    problems = [f"{lesson.name}: {text}" for lesson in lessons for text in lesson.troubles] + gone
    problems += [f"{name}: no answers file" for name in without if name in group.names]
    return result, problems + [f"{name}: {text}" for name, text in troubles.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=25)
    parser.add_argument(
        "--quick", action="store_true", help="a small and short class; exit with 1 when something is lost"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the hub and its servers end with the program
    students, seconds = QUICK if arguments.quick else (arguments.students, SECONDS)
    result, problems = hold(students, seconds, chapters=not arguments.quick)
    print(measured(result, "en"), planned(result, "en"), sep="\n\n")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not arguments.quick:
        print("\n".join(result.missed()) or "Everything that a class must have is there.")
        if not problems:
            write_pages(result)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
