"""The state of one lesson: who sits there, what the seats have reported, and what of it may be shown.

A message from a student's kernel (`POST push`) is {"seat": "...", "lesson": "...", "items": {item: summary}}. An item is named
as in the answers file ("1/exercises/neuron", "1/predictions/double-weight"). A summary is the whole state of an item, so that
a message that comes twice or late changes nothing:

- of an exercise {"right": bool, "tries": count, "hints": count, "solution": bool, "slips": {name: count}}
- of a prediction {"first": letter} and, where they are given, "second": letter (the vote after the talk), "sure": 1, 2 or 3

What the teacher's page shows (`GET state`) is

    {"n": revision, "lesson": id, "seats": count, "few": bool, "minutes": count, "door": open or not, "code": "K7P-4QX",
     "address": "192.168.1.5:8765", "qr": [row of "0" and "1", ...] or [], "here": item or "",
     "chapters": [[key, title], ...], "items": [[item, name], ...],
     "exercises": [{"item", "name", "text", "right", "trying", "new", "waiting", "longest", "few", "shown",
                    "slips": [[sentence, count], ...]}, ...],
     "question": null or {"item", "text", "options": [[letter, text], ...], "state": "first"|"talk"|"closed", "shown",
                          "voted", "few", "first": {letter: count}, "second": {letter: count}, "sure_wrong", "right": letter,
                          "typed": bool},
     "words": {name: sentence of the page}}

with counts by letter, slips, and the right letter only where they are shown ("shown") and at least five seats have taken part.
Where they are not, "first" and "second" are {}, "slips" is [], "right" is "" and "sure_wrong" null; where "few" is true,
the item's other counts are null as well. A vote that is typed in is never few. "items" are those of the whole course, in its
order, "exercises" those of the chapter of "here"; "lesson" is "" when none is held.

What the page asks for (`POST do`) is one of

    {"do": "go", "item": item, or the key of a chapter for its first item, or "" for none}
    {"do": "step"}                        the vote goes on: first, talk, closed, and then it is shown
    {"do": "show"}, {"do": "cover"}       the vote, once it is closed; at an exercise the slips of its chapter
    {"do": "type", "first": {letter: count}, "second": {letter: count}}      hands instead of clicks; both {}: clicks again
    {"do": "door", "open": bool}, {"do": "end"}, {"do": "new"}

about the item that is here, or about another one with "item" in step, show, cover and type.
"""

import json
import re
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from ..text import say

FEW = 5  # groups below this many seats are not shown
SEATS = 400
PATIENCE = 300.0  # seconds at one exercise, after which a seat waits
LARGEST = 16_000  # bytes of a message; kernels send 12,000 at most
ITEMS, SLIPS, MOST = 200, 40, 10**6 - 1  # in a message, of an exercise, of a count

_ITEM = re.compile(r"[0-9a-z]{1,8}/(exercises|predictions)/[a-z0-9-]{1,60}")
_SLIP = re.compile(r"[A-Za-z0-9.+_ -]{0,60}")
_STATES = ("first", "talk", "closed")


@dataclass(frozen=True)
class Exercise:
    """An exercise as the board shows it; slips: dict name -> sentence. All in the reader's language."""

    name: str
    text: str
    slips: dict


@dataclass(frozen=True)
class Question:
    """A prediction as the board shows it; options: dict letter -> text."""

    name: str
    text: str
    options: dict
    right: str


class _Work(NamedTuple):
    """What a seat has done with an exercise. Nothing in it ever goes down."""

    right: bool
    tries: int
    hints: int
    solution: bool
    slips: frozenset  # names that the catalogue knows, and "" for any other

    def with_(self, other):
        return _Work(*map(max, self[:-1], other[:-1]), self.slips | other.slips)


@dataclass
class _Seat:
    """All that is known of a student: no name, no address."""

    works: dict = field(default_factory=dict)  # item: (work, time of its first report)
    firsts: dict = field(default_factory=dict)  # item: letter, of votes before the talk
    seconds: dict = field(default_factory=dict)  # item: letter, the seat's last word
    sures: dict = field(default_factory=dict)  # item: 1, 2 or 3, of the votes before the talk
    last: str = ""  # the item it has worked on last


@dataclass
class _Vote:
    state: str = _STATES[0]
    shown: bool = False
    typed: dict = field(default_factory=dict)  # {"first": {letter: count}, "second": ...}


class NotNow(Exception):
    """What the page asks for is well said, and cannot be had in this state."""


class Lesson:
    """One lesson at a time, in memory alone.

    chapters   dict key ("1") -> title          items   dict item -> `Exercise` or `Question`, in the order of the course
    clock      a function that tells seconds
    """

    def __init__(self, chapters, items, clock=time.monotonic):
        self.chapters, self.items, self._clock = chapters, items, clock
        self.n = 0
        self.end()

    def begin(self):
        """A new lesson, with an open door and nobody in it."""
        self.end()
        self.id, self.door, self._began = secrets.token_hex(8), True, self._clock()

    def end(self):
        """Forget everybody and everything."""
        self.id, self.door, self.here, self._began = "", False, "", self._clock()
        self.seats, self._votes, self._slips_shown, self._minute = {}, defaultdict(_Vote), set(), 0
        self.n += 1

    # Students

    def sit(self, seat):
        """Let a seat (its id) in; a seat that is in stays as it is. Raises NotNow where the door is shut or no seat is left."""
        if seat in self.seats:
            return
        if not self.door or len(self.seats) >= SEATS:
            raise NotNow
        self.seats[seat] = _Seat()
        self.n += 1

    def leave(self, seat):
        """Delete what a seat has reported, and the seat."""
        if self.seats.pop(seat, None):
            self.n += 1

    def take(self, seat, items):
        """Take a seat's summaries, as `checked` returns them; returns how many of them count.

        What the course does not know is passed over, so that a newer or older course at the other end is no error.
        Raises KeyError when the seat is not in the lesson.
        """
        seat, taken = self.seats[seat], 0
        for item, summary in items.items():
            known = self.items.get(item)
            if isinstance(known, Exercise):
                self._take_work(seat, item, summary, known)
                taken += 1
            elif known:
                taken += self._take_vote(seat, item, summary, known)
        self.n += taken > 0
        return taken

    def _take_work(self, seat, item, summary, exercise):
        slips = frozenset(name if name in exercise.slips else "" for name in summary["slips"])
        reported = _Work(summary["right"], summary["tries"], summary["hints"], summary["solution"], slips)
        old, began = seat.works.get(item, (None, self._clock()))
        new = old.with_(reported) if old else reported
        if new != old:
            seat.works[item], seat.last = (new, began), item

    def _take_vote(self, seat, item, summary, question):
        first, second = summary["first"], summary.get("second", summary["first"])
        state = self._votes[item].state
        if state == "closed" or not {first, second} <= question.options.keys():
            return False
        if state == "first":
            seat.firsts.setdefault(item, first)
            seat.sures[item] = summary.get("sure", 1)
        if seat.seconds.get(item) != second:
            seat.seconds[item], seat.last = second, item
        return True

    # The teacher

    def do(self, wish):
        """What the page asks for, a dict. Raises ValueError where it is not understood, NotNow where it cannot be had."""
        if not isinstance(wish, dict) or not isinstance(wish.get("do"), str) or wish["do"] not in _WISHES:
            raise ValueError("expected one of the things to do")
        if wish["do"] not in ("end", "new") and not self.id:
            raise NotNow
        _WISHES[wish["do"]](self, wish)
        self.n += 1

    def _go(self, wish):
        item = wish.get("item")
        if isinstance(item, str) and item in self.chapters:
            item = next((each for each in self.items if each.startswith(f"{item}/")), "")
        self.here = self._known(item) if item != "" else ""

    def _known(self, item, kind=(Exercise, Question)):
        if not isinstance(item, str) or not isinstance(self.items.get(item), kind):
            raise ValueError("expected an item of the course")
        return item

    def _step(self, wish):
        vote = self._votes[self._known(wish.get("item", self.here), Question)]
        if vote.state == _STATES[-1]:
            vote.shown = True
        else:
            vote.state = _STATES[_STATES.index(vote.state) + 1]

    def _show(self, wish):
        item, shown = self._known(wish.get("item", self.here)), wish["do"] == "show"
        if isinstance(self.items[item], Exercise):
            (self._slips_shown.add if shown else self._slips_shown.discard)(_chapter(item))
            return
        if shown and self._votes[item].state != _STATES[-1]:
            raise NotNow
        self._votes[item].shown = shown

    def _type(self, wish):
        item = self._known(wish.get("item", self.here), Question)
        typed = {column: wish.get(column) for column in ("first", "second")}
        for counts in typed.values():
            if not isinstance(counts, dict) or not counts.keys() <= self.items[item].options.keys():
                raise ValueError("expected counts by letter")
            if not all(_is_count(count) for count in counts.values()):
                raise ValueError("expected counts")
        self._votes[item].typed = typed if any(typed.values()) else {}

    def _set_door(self, wish):
        if not isinstance(wish.get("open"), bool):
            raise ValueError("expected open, true or false")
        self.door = wish["open"]

    # What is shown

    def state(self):
        """What the page may show now, without what only the server knows: code, address and words."""
        minute = int((self._clock() - self._began) / 60)
        if self.id and minute != self._minute:
            self._minute, self.n = minute, self.n + 1
        here = _chapter(self.here)
        return {
            "n": self.n,
            "lesson": self.id,
            "seats": len(self.seats),
            "few": len(self.seats) < FEW,
            "minutes": self._minute,
            "door": self.door,
            "here": self.here,
            "chapters": [list(pair) for pair in self.chapters.items()],
            "items": [[item, each.name] for item, each in self.items.items()],
            "exercises": [
                self._exercise(item, each)
                for item, each in self.items.items()
                if isinstance(each, Exercise) and _chapter(item) == here
            ],
            "question": self._question() if isinstance(self.items.get(self.here), Question) else None,
        }

    def _exercise(self, item, exercise):
        works = [(seat.last, *seat.works[item]) for seat in self.seats.values() if item in seat.works]
        right = sum(work.right for _, work, _ in works)
        waits = [self._clock() - began for last, work, began in works if last == item and not work.right]
        waits = [wait for wait in waits if wait > PATIENCE]
        counts = {
            "right": right,
            "trying": len(works) - right,
            "new": len(self.seats) - len(works),
            "waiting": len(waits),
            "longest": int(max(waits, default=0) / 60),
        }
        few, shown = len(works) < FEW, _chapter(item) in self._slips_shown
        return {
            "item": item,
            "name": exercise.name,
            "text": exercise.text,
            **(dict.fromkeys(counts) if few else counts),
            "few": few,
            "shown": shown,
            "slips": _slips(exercise, [work.slips for _, work, _ in works]) if shown and not few else [],
        }

    def _question(self):
        item, question, vote = self.here, self.items[self.here], self._votes[self.here]
        voters = [seat for seat in self.seats.values() if item in seat.seconds]
        few = len(voters) < FEW and not vote.typed
        open_ = vote.shown and not few
        early = [seat for seat in voters if item in seat.firsts]
        sure_wrong = sum(seat.sures.get(item) == 3 and seat.firsts[item] != question.right for seat in early)
        firsts, seconds = [seat.firsts[item] for seat in early], [seat.seconds[item] for seat in voters]
        counted = {
            column: {letter: letters.count(letter) for letter in question.options} if len(letters) >= FEW else {}
            for column, letters in (("first", firsts), ("second", seconds))
        }
        return {
            "item": item,
            "text": question.text,
            "options": [list(pair) for pair in question.options.items()],
            "state": vote.state,
            "shown": vote.shown,
            "voted": len(voters) if len(voters) >= FEW else None,
            "few": few,
            **((vote.typed or counted) if open_ else {"first": {}, "second": {}}),
            "sure_wrong": sure_wrong if open_ and not vote.typed and len(early) >= FEW else None,
            "right": question.right if open_ else "",
            "typed": bool(vote.typed),
        }


_WISHES = {
    "go": Lesson._go,
    "step": Lesson._step,
    "show": Lesson._show,
    "cover": Lesson._show,
    "type": Lesson._type,
    "door": Lesson._set_door,
    "end": lambda lesson, wish: lesson.end(),
    "new": lambda lesson, wish: lesson.begin(),
}


def _chapter(item):
    return item.partition("/")[0]


def _slips(exercise, works):
    """[sentence, count of seats] of the slips that two seats or more have made, the commonest first; then all the others."""
    counts = {name: sum(name in slips for slips in works) for name in exercise.slips}
    named = {name: count for name, count in counts.items() if count > 1}
    found = [[exercise.slips[name], named[name]] for name in sorted(named, key=named.get, reverse=True)]
    others = sum(not slips <= named.keys() for slips in works)
    return found + [[say("another way"), others]] * (others > 0)


# Messages


def checked(body):
    """(seat, lesson, items) of a message's bytes. Raises ValueError unless all of it is as it should be."""
    message = fields(body, "seat", "lesson", "items")
    if not isinstance(message["items"], dict) or not 0 < len(message["items"]) <= ITEMS:
        raise ValueError(f"expected 1 to {ITEMS} items")
    for item, summary in message["items"].items():
        kind = _ITEM.fullmatch(item)
        if not kind or not isinstance(summary, dict) or not _SUMMARIES[kind[1]](summary):
            raise ValueError("expected a summary of each item")
    return message["seat"], message["lesson"], message["items"]


def fields(body, *names):
    """The object of JSON in bytes, which has just these fields; all but `items` are short texts. Raises ValueError."""
    message = parsed(body)
    if not isinstance(message, dict) or message.keys() != set(names):
        raise ValueError(f"expected an object of {', '.join(names)}")
    for name in set(names) - {"items"}:
        if not isinstance(message[name], str) or not re.fullmatch(r"[ -~]{0,100}", message[name]):
            raise ValueError(f"expected a short text as {name}")
    return message


def parsed(body):
    """What JSON in bytes says. Raises ValueError, for a name that comes twice and for NaN as well."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_without_twins, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("expected JSON that is not so deep") from None


def _without_twins(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("expected each name once")
    return found


def _refuse(constant):
    raise ValueError(f"expected JSON, got {constant}")


def _is_count(value):
    return type(value) is int and 0 <= value <= MOST  # and no bool


def _is_letter(value):
    return isinstance(value, str) and bool(re.fullmatch("[a-h]", value))


def _exercise_fits(summary):
    slips = summary.get("slips")
    return (
        summary.keys() == {"right", "tries", "hints", "solution", "slips"}
        and isinstance(summary["right"], bool)
        and isinstance(summary["solution"], bool)
        and _is_count(summary["tries"])
        and _is_count(summary["hints"])
        and isinstance(slips, dict)
        and len(slips) <= SLIPS
        and all(_SLIP.fullmatch(name) and _is_count(count) and count > 0 for name, count in slips.items())
    )


def _prediction_fits(summary):
    return (
        {"first"} <= summary.keys() <= {"first", "second", "sure"}
        and _is_letter(summary["first"])
        and _is_letter(summary.get("second", "a"))
        and _is_count(summary.get("sure", 1))
        and 1 <= summary.get("sure", 1) <= 3
    )


_SUMMARIES = {"exercises": _exercise_fits, "predictions": _prediction_fits}
