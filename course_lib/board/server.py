"""The board's servers: one that students' kernels report to, and one with the teacher's page. Only here is tornado used.

On a laptop they are two, so that the network does not reach the teacher's page at all: `students` listens to the network,
`teacher` to this machine alone. At a hub `at_hub` is both, on the hub's machine alone, and the hub says who is a teacher.

    POST join     {"code"}, at a hub {"seat"}   -> {"seat", "lesson"}    403 wrong, 409 no lesson or its door is shut, 429
    POST push     a message, see `lesson.py`    -> {"taken": count}      400, 403, 410 another lesson or not in it, 429
    POST leave    {"seat", "lesson"}            -> {}                    the seat and all that it has reported are deleted
    GET  state?n=revision                       -> the state; 204 where the revision is still that one
    POST do       what the page asks for        -> the state             400, 409 not now

Students send from machines that they control: whatever comes is small, comes soon, is checked as a whole, and can add to
the own seat alone. No address and no message is logged, nothing is written to a disk, and no server is asked for anything
but the hub who has logged in.
"""

import html
import logging
import os
import secrets
import sys
import time
from hmac import compare_digest

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPInputError
from tornado.ioloop import PeriodicCallback
from tornado.web import Application, HTTPError, RequestHandler

from ..text import say
from .lesson import LARGEST, NotNow, checked, fields, parsed
from .qr import matrix
from .seats import Buckets, new_code, new_seat, same_code, seat_id

ABANDONED = 4 * 3600  # seconds without the teacher's page, after which a lesson is dropped
EACH, ALL = 40, 800  # connections of one address, and of all
JOINS = 1 / 20, 40  # seats that an address gets: so many a second, and at once; a whole class may share one
NOBODY = 65534
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Board:
    """What all handlers share.

    lesson   a `Lesson`      key     bytes, with which seats are signed
    files    dict: "page.html", "page.js", "page.css" and their texts      words   of the page, dict name -> sentence
    address  where students' kernels find it, as "192.168.1.5:8765"; "" at a hub, where seats are made and codes are not
    """

    def __init__(self, lesson, key, files, words, address="", clock=time.monotonic):
        self.lesson, self.key, self.files, self.words, self.address = lesson, key, files, words, address
        self.code, self._qr, self._clock, self._looked = "", [], clock, clock()
        self.guesses = Buckets(2, 10, clock)  # wrong codes of an address
        self.messages = Buckets(5, 20, clock)  # messages of a seat
        self.joins = Buckets(*JOINS, clock)  # seats of an address: one laptop does not fill the room
        if address:
            self.do({"do": "new"})

    def state(self):
        """The state as the page gets it."""
        self._looked = self._clock()
        return self.lesson.state() | {"code": self.code, "address": self.address, "qr": self._qr, "words": self.words}

    def do(self, wish):
        """What the page asks for; as `Lesson.do`."""
        self.lesson.do(wish)
        if wish["do"] == "new" and self.address:
            self.code, self.joins = new_code(), Buckets(*JOINS, self._clock)
            link = matrix(f"http://{self.address}/{self.code}")
            self._qr = ["".join("01"[dark] for dark in row) for row in link]

    def drop_abandoned(self):
        if self.lesson.id and self._clock() - self._looked > ABANDONED:
            self.lesson.end()

    def allowed(self, code, address):
        """Whether a code is right. Raises HTTPError 429 for an address that has guessed too often, whatever it says now."""
        if self.guesses.drops(address) < 1:
            raise HTTPError(429)
        if same_code(code, self.code):
            return True
        self.guesses.take(address)
        return False


class Handler(RequestHandler):
    def initialize(self, board):
        self.board = board

    def set_default_headers(self):
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def write_error(self, status_code, **_):
        self.finish({})

    def log_exception(self, kind, problem, trace):
        """Of a fault in here say where it is: the request, which tornado would show, is nobody's business."""
        if not isinstance(problem, HTTPError):
            while trace.tb_next:
                trace = trace.tb_next
            print(f"board: {kind.__name__}, {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", file=sys.stderr)

    def compute_etag(self):
        """None: it would be made of the answer, and let a cache ask for it."""

    def asked(self, read, *arguments):
        """What `read` makes of the body. Raises HTTPError 400 where that is not what it expects."""
        try:
            return read(self.request.body, *arguments)
        except ValueError:
            raise HTTPError(400) from None

    def seated(self, message):
        """The id of a message's seat. Raises HTTPError: 403 a forged seat, 410 another lesson than the one that is held."""
        seat = seat_id(self.board.key, message["seat"])
        if seat is None:
            raise HTTPError(403)
        if message["lesson"] != self.board.lesson.id or seat not in self.board.lesson.seats:
            raise HTTPError(410)
        return seat


class Nothing(Handler):
    def prepare(self):
        raise HTTPError(404)


# Students


class Join(Handler):
    def post(self):
        board = self.board
        if board.address:
            code = self.asked(fields, "code")["code"]
            if not board.allowed(code, self.request.remote_ip):
                raise HTTPError(403)
            if not board.joins.take(self.request.remote_ip):
                raise HTTPError(429)
            seat = new_seat(board.key)
        else:
            seat = self.asked(fields, "seat")["seat"]
        id_ = seat_id(board.key, seat)
        if id_ is None:
            raise HTTPError(403)
        try:
            board.lesson.sit(id_)
        except NotNow:
            raise HTTPError(409) from None
        self.finish({"seat": seat, "lesson": board.lesson.id})


class Push(Handler):
    def post(self):
        seat, lesson, items = self.asked(checked)
        seat = self.seated({"seat": seat, "lesson": lesson})
        if not self.board.messages.take(seat):
            raise HTTPError(429)
        self.finish({"taken": self.board.lesson.take(seat, items)})


class Leave(Handler):
    def post(self):
        self.board.lesson.leave(self.seated(self.asked(fields, "seat", "lesson")))
        self.finish({})


class Welcome(Handler):
    """What a telephone that has read the QR code shows: the line to copy. The address with the right code names it."""

    def get(self, code):
        board = self.board
        if code and not board.allowed(code, self.request.remote_ip):
            raise HTTPError(404)
        title, how = say("Join the lesson"), say('Open the notebook "Start here" and type:')
        line = f"{board.address}/{board.code if code else '...'}"
        texts = [html.escape(text) for text in (title, how, line)]
        self.finish(
            "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            "<title>{0}</title><h1>{0}</h1><p>{1}</p><p><code>{2}</code></p>".format(*texts)
        )


# The teacher


class Teacher(Handler):
    """On a laptop: a key in the link that the command prints becomes a cookie."""

    def initialize(self, board, key, port):
        super().initialize(board)
        self._key, self._cookie = key, f"board-{port}"
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def prepare(self):
        if self.request.host not in self._hosts:  # another name that leads to this machine: a page from elsewhere asks
            raise HTTPError(403)
        if not self._has_key(self.get_cookie(self._cookie, "")) and self.request.path != "/":
            raise HTTPError(403)

    def _has_key(self, text):
        return compare_digest(text.encode(), self._key.encode())

    def page(self):
        if self._has_key(self.get_query_argument("key", "")):
            self.set_cookie(self._cookie, self._key, httponly=True, samesite="Strict")
            # No redirect: after a click in another program's page, the browser would not send the cookie along.
            return '<!doctype html><meta http-equiv="refresh" content="0; url=/">'
        if not self._has_key(self.get_cookie(self._cookie, "")):
            raise HTTPError(403)
        return self.board.files["page.html"]

    def wrote_itself(self):
        """Whether a wish comes from this page. Other pages can send neither this type nor this header."""
        kind = self.request.headers.get("Content-Type", "")
        return kind.partition(";")[0].strip() == "application/json" and "X-Board" in self.request.headers


class Page(Handler):
    def get(self):
        if (page := self.page()) is not None:
            self.finish(page)


class File(Handler):
    def get(self, name):
        self.set_header(
            "Content-Type", {"page.js": "text/javascript", "page.css": "text/css"}[name] + "; charset=utf-8"
        )
        self.finish(self.board.files[name])


class State(Handler):
    def get(self):
        state = self.board.state()
        if self.get_query_argument("n", "") == str(state["n"]):
            self.set_status(204)
            self.finish()
        else:
            self.finish(state)


class Do(Handler):
    def post(self):
        if not self.wrote_itself():
            raise HTTPError(403)
        try:
            self.asked(lambda body: self.board.do(parsed(body)))
        except NotNow:
            raise HTTPError(409) from None
        self.finish(self.board.state())


# Servers


class Server(HTTPServer):
    """An HTTP server that reads little, waits for nothing, and keeps few connections of an address.

    A new connection takes the place of the oldest, which has had its time: who holds many open keeps nobody out. Each has
    one request: tornado answers those that stand behind it even after it has closed the connection. And a
    body has a length: one in chunks of a byte each keeps the server busy as long as a thousand others.
    """

    def initialize(self, application, each=EACH, body_timeout=5, idle_timeout=30):
        super().initialize(
            application,
            max_header_size=8192,
            max_body_size=LARGEST,
            max_buffer_size=4 * LARGEST,
            no_keep_alive=True,
            body_timeout=body_timeout,
            idle_connection_timeout=idle_timeout,
        )
        self._each, self._open = each, {}  # stream: address, the oldest first

    def handle_stream(self, stream, address):
        own = [each for each, its in self._open.items() if its == address[0]]
        if len(own) >= self._each or len(self._open) >= ALL:
            oldest = own[0] if len(own) >= self._each else next(iter(self._open))
            del self._open[oldest]
            oldest.close()
        self._open[stream] = address[0]
        super().handle_stream(stream, address)

    def start_request(self, server_conn, request_conn):
        delegate = super().start_request(server_conn, request_conn)
        begin = delegate.headers_received

        def headers_received(line, headers):
            if server_conn.stream.closed() or "Transfer-Encoding" in headers:
                raise HTTPInputError
            return begin(line, headers)

        delegate.headers_received = headers_received
        return delegate

    def on_close(self, connection):
        super().on_close(connection)
        self._open.pop(connection.stream, None)


def _application(routes, board, **settings):
    quiet = {"log_function": lambda handler: None, "default_handler_class": Nothing}
    return Application(routes, default_handler_args={"board": board}, **quiet, **settings)


def _for_students(board, prefix):
    shared = {"board": board}
    return [(prefix + name, handler, shared) for name, handler in (("join", Join), ("push", Push), ("leave", Leave))]


def _for_teacher(prefix, mixin, arguments):
    """Routes of the teacher's page, whose handlers are teachers by way of `mixin`."""
    routes = (("", Page), ("(page[.]js|page[.]css)", File), ("state", State), ("do", Do))
    return [(prefix + name, type(each.__name__, (each, mixin), {}), arguments) for name, each in routes]


def students(board):
    """The application for the network."""
    return _application([*_for_students(board, "/"), ("/([A-Za-z0-9-]{0,20})", Welcome, {"board": board})], board)


def teacher(board, key, port):
    """The application for the teacher's browser on this machine; `key` opens it, and stands in the link to it."""
    return _application(_for_teacher("/", Teacher, {"board": board, "key": key, "port": port}), board)


def at_hub(board, prefix):
    """The application for a service of JupyterHub at `prefix`, with that service's environment."""
    from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated

    own = secrets.token_hex(16)

    class HubTeacher(HubOAuthenticated, Handler):
        """Who may open the page is for the hub to say.

        Students' servers have the hub's address, too, so that a page of theirs in the teacher's browser may send what this
        one sends, and is believed by its cookie. But it cannot read this one. So the page's own requests go to a path that
        stands in it alone, and a script is given neither the page nor anything without that path.
        """

        def prepare(self):
            page, mode = self.request.path == prefix, self.request.headers.get("Sec-Fetch-Mode", "")
            if mode and not (mode == "navigate" if page else self.request.path.startswith(f"{prefix}{own}/")):
                raise HTTPError(403)
            if "Authorization" in self.request.headers or "token" in self.request.arguments:
                raise HTTPError(403)  # the page needs none, and each would be a question to the hub
            if not self.current_user and not page:
                raise HTTPError(403)

        def check_xsrf_cookie(self):
            """`prepare` has done more than that."""

        def page(self):
            if not self.current_user:
                self.redirect(self.get_login_url())
                return None
            policy = HEADERS["Content-Security-Policy"].replace("base-uri 'none'", "base-uri 'self'")
            self.set_header("Content-Security-Policy", policy)
            return self.board.files["page.html"].replace("<head>", f'<head>\n<base href="{own}/">', 1)

        wrote_itself = Teacher.wrote_itself

    shared = {"board": board}
    routes = [*_for_students(board, prefix), (f"{prefix}oauth_callback", HubOAuthCallbackHandler)]
    for start in (prefix, f"{prefix}{own}/"):
        routes += _for_teacher(start, HubTeacher, shared)
    return _application(routes, board, cookie_secret=secrets.token_bytes(32))


def listen(application, port, host, **limits):
    """Serve an application; returns the server. Raises OSError where the port is taken."""
    server = Server(application, **limits)
    server.listen(port, host)
    return server


def watch(board):
    """Drop a lesson that its teacher has left; the caller keeps what this returns."""
    timer = PeriodicCallback(board.drop_abandoned, 60_000)
    timer.start()
    return timer


def keep_no_log():
    """Silence tornado in this process: its messages name addresses, and at a hub users."""
    logging.getLogger("tornado").setLevel(logging.CRITICAL + 1)


def make_room():
    """Let this process have as many connections as the servers take; some systems begin with 256."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * ALL if hard == resource.RLIM_INFINITY else min(2 * ALL, hard)
    if 0 <= soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def become_nobody():
    """Give up root's rights, for good. All that is needed of files has been read by then."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
