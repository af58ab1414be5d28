"""The invented students do what students do, and say only what a kernel says."""

import json
from collections import defaultdict

from course_lib.board.lesson import checked
from tests.board.fake_board import free_port
from tests.board.invented import lesson, own_board, timetable


def test_the_same_seed_gives_the_same_lesson():
    assert timetable(seed=3) == timetable(seed=3) != timetable(seed=4)


def test_they_guess_wait_slip_and_leave():
    events, last = timetable(100), defaultdict(float)
    assert [event.minute for event in events] == sorted(event.minute for event in events)
    for event in events:
        last[event.student] = event.minute
    gone = {event.student: event.minute for event in events if not event.item}
    assert 5 < len(gone) < 30 and all(last[student] == minute for student, minute in gone.items())
    assert sum(minute < 60 for student, minute in last.items() if student not in gone) > 5
    summaries = [event.summary for event in events if event.item]
    for seen in (
        {summary["first"] for summary in summaries if "first" in summary} >= set("abc"),
        any("second" in summary for summary in summaries),
        {summary.get("sure") for summary in summaries} >= {1, 2, 3, None},
        {name != "" for summary in summaries for name in summary.get("slips", ())} == {True, False},
        {summary["right"] for summary in summaries if "right" in summary} == {True, False},
    ):
        assert seen


def test_the_board_takes_all_they_say():
    for chapter in ("1", "5b", "8"):
        for event in filter(lambda event: event.item, timetable(5, chapter)):
            checked(json.dumps({"seat": "1", "lesson": "2", "items": {event.item: event.summary}}).encode())


def test_a_rehearsal_has_a_board_of_its_own():
    port, events = free_port(), timetable(6)
    with own_board("--port", str(port)) as (link, place):
        assert f":{port - 1}/" in link
        assert lesson(place, events, speed=2000) == {200: len(events)}
