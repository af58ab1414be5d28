"""A small server that hands out the board's page with a state that a test has written, and notes what the page asks for."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course_lib.board import page
from course_lib.board.qr import matrix

FOLDER = Path(page.__file__).parent
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
TYPES = {"page.js": "text/javascript", "page.css": "text/css"}
LETTERS = "abcd"


class Canned:
    """address: where it is; base: under what all but the page is, as at a hub; state: what it answers, None for a broken
    server; done: the bodies of `do`.
    """

    def __init__(self):
        self.address, self.language, self.base, self.done = "", "en", "", []
        self._state, self._n = None, 0

    @property
    def state(self):
        return self._state

    @state.setter
    def state(self, state):
        self._n += 1
        self._state = state and state | {"n": self._n}


@contextmanager
def served():
    canned = Canned()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name, _, query = self.path[1:].removeprefix(canned.base).partition("?")
            if name == "state":
                if canned.state is None:
                    self.answer(500)
                elif query == f"n={canned.state['n']}":
                    self.answer(204)
                else:
                    self.answer(200, json.dumps(canned.state), "application/json")
            elif name in TYPES:
                self.answer(200, (FOLDER / name).read_text(encoding="utf-8"), TYPES[name])
            else:
                html = page.html(canned.language).replace("<head>", f'<head><base href="/{canned.base}">')
                self.answer(*((404,) if name else (200, html, "text/html")))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            right = (
                self.headers["X-Board"] and self.headers["Content-Type"] == "application/json" and self.path == "/do"
            )
            if right:
                canned.done.append(json.loads(body))
            self.answer(204 if right else 403)

        def answer(self, status, text="", kind="text/plain"):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    canned.address = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield canned
    server.shutdown()
    server.server_close()


# States, in the format of `course_lib/board/lesson.py`


def chapters():
    from course_lib.exercises.export import all_chapters

    return {str(chapter.number): chapter for chapter in all_chapters()}


def lobby(here="", words=None, **more):
    """A lesson of 25 that has begun, at the item `here`; its catalogue is that of the course."""
    known = chapters()
    items = [
        [f"{number}/{kind}/{name}", name]
        for number, chapter in known.items()
        for kind, names in (("predictions", chapter.predictions), ("exercises", chapter.exercises))
        for name in names
    ]
    return {
        "lesson": "9f3c",
        "seats": 25,
        "few": False,
        "minutes": 34,
        "door": True,
        "code": "K7P-4QX",
        "address": "192.168.178.105:8765",
        "qr": ["".join("01"[dark] for dark in row) for row in matrix("http://192.168.178.105:8765/K7P-4QX")],
        "here": here,
        "chapters": [[number, f"Chapter {number}"] for number in known],
        "items": items,
        "exercises": [],
        "question": None,
        "words": words or page.words(),
    } | more


def exercises(chapter, chosen=0, shown=False, few=(), words=None):
    """A class in the middle of a chapter's exercises."""
    from course_lib.text import say

    rows = []
    counts = ("right", "trying", "new", "waiting", "longest")
    for place, (name, exercise) in enumerate(chapters()[chapter].exercises.items()):
        item, right = f"{chapter}/exercises/{name}", max(0, 17 - 4 * place)
        row = {"item": item, "name": name, "text": exercise.says(exercise.task), "few": name in few, "shown": shown}
        trying = min(8, 25 - right)
        values = (right, trying, 25 - right - trying, place, 5 + place)
        row |= dict.fromkeys(counts) if name in few else dict(zip(counts, values, strict=True))
        row["slips"] = [[say(text), 6 - 2 * n] for n, text in enumerate(SLIPS)] if shown and name not in few else []
        rows.append(row)
    return lobby(rows[chosen]["item"], words, exercises=rows)


SLIPS = (
    "It looks as if the two slopes were added. Along a chain they multiply.",
    "A factor 2 is missing. Both steps bring one: the square of u does, and so does u itself.",
    "The size is right. When x grows, does u grow or shrink? The chain rule keeps that sign.",
)


def question(item, state="first", shown=False, words=None, **more):
    """A vote in the class of 25; 24 have voted at first, and all after the talk."""
    from course_lib.text import say

    chapter, _, name = item.split("/")
    prediction = chapters()[chapter].predictions[name]
    asked = {
        "item": item,
        "text": say(prediction.question),
        "options": [[letter, say(text)] for letter, text in prediction.options.items()],
        "state": state,
        "shown": shown,
        "voted": 17,
        "few": False,
        "first": {},
        "second": {},
        "sure_wrong": None,
        "right": "",
        "typed": False,
    }
    if shown:
        letters = list(prediction.options)
        asked |= {
            "voted": 25,
            "first": dict(zip(letters, (11, 9, 4, 0), strict=False)),
            "second": dict(zip(letters, (3, 19, 2, 1), strict=False)),
            "right": prediction.right,
            "sure_wrong": 4,
        }
    return lobby(item, words, question=asked | more)
