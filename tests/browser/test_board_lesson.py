"""A lesson in earnest: `make board`'s server, its page in a real browser, 25 invented students and three hostile ones."""

import json
import threading
from collections import Counter

import pytest

from tests.board.fake_board import free_port
from tests.board.invented import Client, own_board, timetable
from tests.browser import jupyter

VOTE = "1/predictions/double-weight"
HTML = "<img src=x onerror=window.hit=1>"


@pytest.fixture
def board():
    """(link of the teacher's page, address and code of the room) of a board on this machine alone."""
    with own_board("--port", str(free_port()), "--language", "en") as (link, place):
        yield link, *place.split("/")


class Teacher:
    """The teacher's page, and all that the server has answered it."""

    def __init__(self, page, link):
        self.page, self.states, self.faults = page, [], []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", self._note)
        page.goto(link)
        page.wait_for_selector("#view > *")

    def _note(self, answer):
        if "/state" in answer.url and answer.status == 200:
            self.states.append(answer)

    def seen(self):
        """What the server has answered so far."""
        return [answer.json() for answer in self.states]

    def press(self, key, until):
        """Press a key, and wait for what it brings: a condition of the page's `state`."""
        self.page.keyboard.press(key)
        self.page.wait_for_function(f"() => !busy && ({until})")

    def now(self):
        self.page.evaluate("ask()")
        return self.page


class Flood(threading.Thread):
    """A student with a seat who sends whatever is no message, as fast as it is refused."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.over, self.answers = client, threading.Event(), Counter()

    def run(self):
        seat = self.client.seat
        messages = [
            b"",
            b"{" * 5000,
            b'{"seat": NaN}',
            seat | {"items": {f"1/exercises/{HTML}": {}}},
            seat | {"items": {VOTE: {"first": HTML}}},
            seat | {"items": {VOTE: {"first": "a", "name": HTML}}},
            seat
            | {
                "items": {"1/exercises/neuron": {"right": 1, "tries": True, "hints": 0, "solution": False, "slips": {}}}
            },
            seat | {"seat": HTML, "items": {VOTE: {"first": "a"}}},
            {"seat": seat["seat"], "lesson": HTML, "items": {VOTE: {"first": "a"}}},
            seat | {"items": {VOTE: {"first": "a" * 1_000_000}}},
        ]
        while not self.over.wait(0.01):
            for message in messages:
                try:
                    self.answers[self.client.post("push", message)[0]] += 1
                except OSError:
                    self.answers["closed"] += 1


def test_a_lesson_of_25_and_three_who_mean_harm(board):
    link, address, code = board
    events = [event for event in timetable(25) if event.item]
    students = [Client(address, code) for _ in range(25)]
    forger, flooder, cheat = (
        Client(address, "AAA-AAA", "127.0.0.2"),
        Client(address, code, "127.0.0.3"),
        Client(address, code),
    )
    with jupyter.chromium() as browser:
        teacher = Teacher(browser.new_page(viewport={"width": 1280, "height": 720}), link)
        page = teacher.page

        # All come in, but for who has no code, and whom nobody then waits for
        assert [student.join() for student in students] == [200] * 25
        assert (flooder.join(), cheat.join()) == (200, 200)
        assert {forger.join() for _ in range(40)} <= {403, 429}
        forger.seat = {"seat": "0" * 16 + "." + "0" * 32, "lesson": students[0].seat["lesson"]}
        assert forger.post("push", forger.seat | {"items": {VOTE: {"first": "a"}}})[0] == 403
        seats = len(students) + 2
        assert teacher.now().inner_text(".huge") == str(seats)

        # By keys to the question
        for _ in range(20):
            if page.evaluate("state.here") != VOTE:
                before = page.evaluate("state.here")
                teacher.press("ArrowRight", f"state.here !== {json.dumps(before)}")
        assert page.evaluate("state.here") == VOTE

        # The first vote; one comes late, one votes several times, one sends rubbish all the while
        flood = Flood(flooder)
        flood.start()
        votes = [event for event in events if event.item == VOTE]
        late = votes[3].student
        first, second = {}, {}
        for event in votes:
            if "second" not in event.summary and event.student != late:
                assert students[event.student].do(event) == 200
                first[event.student] = event.summary["first"]
        for letter in ("a", "b", "c", "a"):
            assert cheat.post("push", cheat.seat | {"items": {VOTE: {"first": letter}}})[0] == 200
        first["cheat"] = "a"
        assert teacher.now().inner_text(".huge") == str(len(first))

        # The talk and the second vote
        teacher.press(" ", "state.question.state === 'talk'")
        second = dict(first)
        for event in votes:
            if "second" in event.summary or event.student == late:
                assert students[event.student].do(event) == 200
                second[event.student] = event.summary.get("second", event.summary["first"])
        assert cheat.post("push", cheat.seat | {"items": {VOTE: {"first": "a", "second": "b"}}})[0] == 200
        second["cheat"] = "b"
        assert teacher.now().inner_text(".huge") == str(len(second))

        # Closed is closed; a flood later the figures are those of the honest
        teacher.press(" ", "state.question.state === 'closed'")
        for letter in "abc":
            body = cheat.seat | {"items": {VOTE: {"first": letter, "second": letter}}}
            assert cheat.post("push", body)[1] == {"taken": 0}
        flood.over.set()
        flood.join()
        assert 200 not in flood.answers and flood.answers[400] > 5
        covered = teacher.seen()
        assert len(covered) > 5
        for state in filter(None, (state["question"] for state in covered)):
            assert (state["first"], state["second"], state["right"], state["sure_wrong"]) == ({}, {}, "", None)
        assert page.locator(".bars, .right").count() == 0
        teacher.press(" ", "state.question.shown")
        letters = [option[0] for option in page.evaluate("state.question.options")]
        figures = [[int(each) for each in row.locator("b").all_inner_texts()] for row in page.locator(".bars").all()]
        columns = [Counter(first.values()), Counter(second.values())]
        assert figures == [[column[letter] for column in columns] for letter in letters]
        heads = page.locator(".legend span").all_inner_texts()
        assert f"n = {len(first)}" in heads[0] and f"n = {len(second)}" in heads[1] and len(first) < len(second)

        # Exercises, to the end of the lesson
        for event in events:
            if "/exercises/" in event.item:
                assert students[event.student].do(event) == 200
        teacher.press("e", "state.exercises.some((row) => row.item === state.here)")

        def rows(present):
            """[right, trying, not begun] of each exercise, by what was sent."""
            last = {}
            for event in events:
                if "/exercises/" in event.item and event.student in present:
                    last.setdefault(event.item, {})[event.student] = event.summary
            counts = {}
            for item, work in last.items():
                right = sum(summary["right"] for summary in work.values())
                counts[item.split("/")[-1]] = [right, len(work) - right, len(present) + 2 - len(work)]
            return counts, last

        def table():
            return {
                line.locator("th").inner_text(): [int(cell) for cell in line.locator("td").all_inner_texts()[1:4]]
                for line in teacher.now().locator("tbody tr").all()
            }

        expected, last = rows(range(25))
        assert table() == expected and len(expected) == 4

        # Mistakes, once they are shown
        assert all(state["slips"] == [] for seen in teacher.seen() for state in seen["exercises"])
        teacher.press("r", "state.exercises.every((row) => row.shown)")
        here = page.evaluate("state.here")
        made = Counter(name for summary in last[here].values() for name in summary["slips"])
        named = sorted((count for name, count in made.items() if name and count > 1), reverse=True)
        shown = [int(count) for count in page.locator(".slips li b").all_inner_texts()]
        assert shown[: len(named)] == named and len(named) > 1

        # Somebody goes, and takes everything along
        assert students[0].post("leave", students[0].seat)[0] == 200
        assert table() == rows(range(1, 25))[0]
        assert page.evaluate("window.hit") is None
        assert "img" not in json.dumps(teacher.seen()) and page.locator("img").count() == 0

        # The end
        teacher.press("l", "state.here === ''")
        page.get_by_role("button", name="End the lesson").click()
        page.locator("dialog").get_by_role("button", name="End the lesson").click()
        page.wait_for_function("() => !busy && state.lesson === ''")
        assert students[1].post("push", students[1].seat | {"items": {VOTE: {"first": "a"}}})[0] == 410
        assert teacher.faults == []
