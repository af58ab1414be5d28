"""Invented students: they guess, wait, slip and leave, so that a lesson with the board can be rehearsed.

    python -m tests.board.invented 192.168.1.5:8765/K7P-4QX --students 25 --speed 30 --chapter 1
    python -m tests.board.invented --students 25        with a board of their own, `make board STUDENTS=25`

`timetable` says beforehand what each of them does and when, so that a test knows what the board has to show; `Client` sends
it as a student's kernel does.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

from course_lib.exercises.board import PORT
from course_lib.exercises.export import all_chapters
from course_lib.exercises.machinery.slips import sentences_of

LEAVES, WAITS = 0.15, 0.15  # shares of the students who leave the lesson, and who do no more from some moment on


@dataclass(frozen=True)
class Event:
    """At a minute of the lesson a student (from 0) reports an item's state; with item "" the student leaves."""

    minute: float
    student: int
    item: str = ""
    summary: dict | None = None


def timetable(students=25, chapter="1", minutes=90, seed=0):
    """[Event] of a lesson in one chapter, in the order of time: each item has its share of the minutes."""
    known = next(each for each in all_chapters() if str(each.number) == chapter)
    items = [(f"{chapter}/predictions/{name}", each) for name, each in known.predictions.items()]
    items += [(f"{chapter}/exercises/{name}", each) for name, each in known.exercises.items()]
    events = []
    for student in range(students):
        own = list(_student(Random(f"{seed} {student}"), items, minutes / len(items)))
        events += [Event(minute, student, *what) for minute, *what in own if minute < minutes]
    return sorted(events, key=lambda event: event.minute)


def _student(random, items, share):
    """Yields (minute, item, summary) of one student, and (minute,) when the student leaves."""
    able, end = random.betavariate(3, 2), share * len(items)
    last = random.uniform(0, end) if random.random() < LEAVES + WAITS else end
    for place, (item, known) in enumerate(items):
        report = _guess if "/predictions/" in item else _work
        for minute, summary in report(random, known, able, share):
            if place * share + minute < last:
                yield place * share + minute, item, summary
    if last < end and random.random() < LEAVES / (LEAVES + WAITS):
        yield (last,)


def _guess(random, prediction, able, share):
    """A first vote, perhaps with how sure; for some another one after the talk, when it is easier to be right."""
    wrong = [letter for letter in prediction.options if letter != prediction.right]
    summary = {"first": prediction.right if random.random() < 0.7 * able else random.choice(wrong)}
    if random.random() < 0.7:
        summary["sure"] = random.randint(1, 3)
    yield share * random.uniform(0, 0.4), summary
    again = prediction.right if random.random() < 0.4 + 0.6 * able else random.choice(wrong)
    if again != summary["first"]:  # a click on the first letter again is no second vote
        yield share * random.uniform(0.5, 0.9), summary | {"second": again}


def _work(random, exercise, able, share):
    """Tries until it is right or patience is at an end; between them hints, for some at last the solution."""
    made, hints, solution, minute = {}, 0, False, share * random.uniform(0, 0.3)
    names = [*sorted(sentences_of(exercise.judge))[:3], ""]  # "" is a mistake that no judge knows
    for tries in range(1, 6):
        right = solution or random.random() < 0.25 + 0.6 * able
        if not right:
            name = random.choice(names)
            made[name] = made.get(name, 0) + 1
        yield minute, {"right": right, "tries": tries, "hints": hints, "solution": solution, "slips": dict(made)}
        if right or random.random() < 0.1:
            return
        hints, solution = min(hints + 1, len(exercise.hints)), tries > 2 and random.random() < 0.3
        minute += share * random.uniform(0.05, 0.25)


class Client:
    """One student's kernel; address as "192.168.1.5:8765"; source is the own address, where there are several."""

    def __init__(self, address, code, source=""):
        self.address, self.code, self.source, self.seat = address, code, source, None

    def post(self, what, body):
        """(status, answer) of one request; body is bytes as they are, or what becomes JSON."""
        host, _, port = self.address.partition(":")
        own = (self.source, 0) if self.source else None
        connection = http.client.HTTPConnection(host, int(port or PORT), timeout=10, source_address=own)
        sent = body if isinstance(body, bytes) else json.dumps(body)
        try:
            connection.request("POST", f"/{what}", sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if answer.status == 200 and text else {}
        finally:
            connection.close()

    def join(self):
        """The status of the answer."""
        status, seat = self.post("join", {"code": self.code})
        self.seat = seat or None
        return status

    def do(self, event):
        """Report an event; joins first. Returns the status of the answer."""
        if self.seat is None and (status := self.join()) != 200:
            return status
        if not event.item:
            return self.post("leave", self.seat)[0]
        return self.post("push", self.seat | {"items": {event.item: event.summary}})[0]


def lesson(place, events, speed):
    """Do what the events say, at their time, `speed` minutes of the lesson in a minute; returns the count of each answer."""
    address, _, code = place.rpartition("/")
    clients, answers, began = defaultdict(lambda: Client(address, code)), Counter(), time.monotonic()
    for event in events:
        time.sleep(max(0.0, began + event.minute * 60 / speed - time.monotonic()))
        answers[clients[event.student].do(event)] += 1
    return answers


def main():
    parser = argparse.ArgumentParser(
        description="Invented students join a lesson; without a place, at a board of their own."
    )
    parser.add_argument("place", nargs="?", help="address and code, as 192.168.1.5:8765/K7P-4QX")
    parser.add_argument("--students", type=int, default=25)
    parser.add_argument("--speed", type=float, default=30.0, help="minutes of the lesson in a minute")
    parser.add_argument("--chapter", default="1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--port", default=str(PORT))
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    events = timetable(given.students, given.chapter, seed=given.seed)
    if given.place:
        print(dict(lesson(given.place, events, given.speed)))
        return
    with own_board("--port", given.port, "--language", given.language) as (link, place):
        print(f"A rehearsal with {given.students} invented students: {link}\nControl-C ends it.", flush=True)
        with suppress(KeyboardInterrupt):
            print(dict(lesson(place, events, given.speed)), flush=True)
            threading.Event().wait()


@contextmanager
def own_board(*options):
    """(link of the teacher's page, address and code of the room) of a board on this machine alone, until the block ends."""
    command = [sys.executable, "-m", "course_lib.exercises.board", "--address", "127.0.0.1", *options]
    environment = os.environ | {"PYTHONUTF8": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8") as process:
        said = ""
        while not (found := re.search(r"(http://\S+key=\S+).*?([\d.]+:\d+/\w{3}-\w{3})", said, re.DOTALL)):
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"expected a board, got {said or 'nothing'}")
            said += line
        try:
            yield found.groups()
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
