"""Boards for tests of the student's side: one that does as a real one, and ports where something else answers."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODE, SEAT, LESSON = "K7P4QX", "0123456789abcdef.0123456789abcdef0123456789abcdef", "lesson-1"


class FakeBoard:
    """A board on this machine, while it is entered; without limits.

    messages   [(name of the endpoint, message), ...] in the order in which they came;   folders   where they were asked for
    answers    {endpoint: function of the message that returns (status, what it answers)}, to change what it does
    """

    def __init__(self, port=0, **answers):
        self.folders, self.messages = [], []
        self.answers = {"join": self._join, "push": _taken, "leave": _left} | answers
        self._came = threading.Condition()
        self._seats = 0
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                folder, _, name = self.path.rpartition("/")
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with board._came:
                    board.folders.append(folder)
                    board.messages.append((name, message))
                    board._came.notify_all()
                status, answer = board.answers[name](message)
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, *_):
                """A client that does not wait for the answer."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.code = f"127.0.0.1:{self.port}/{CODE}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _join(self, message):
        if "seat" in message:
            return 200, {"lesson": LESSON}
        if message["code"] != CODE:
            return 403, {}
        self._seats += 1
        return 200, {"seat": SEAT[:-1] + str(self._seats), "lesson": LESSON}

    def came(self, name):
        """The messages to one endpoint so far."""
        return [message for endpoint, message in self.messages if endpoint == name]

    def items(self):
        """What was pushed so far, {item: its last summary}."""
        return {item: summary for message in self.came("push") for item, summary in message["items"].items()}

    def wait(self, is_so, seconds=20):
        """Wait until is_so() holds; it is asked after each message."""
        with self._came:
            assert self._came.wait_for(is_so, seconds), self.messages


def _taken(message):
    return 200, {"taken": len(message["items"])}


def _left(_):
    return 200, {}


@contextmanager
def port_that(handles):
    """A port where handles(connection) is run for each connection; yields its number. Errors are the other side's business."""

    def serve(connection):
        try:
            with connection:
                handles(connection)
        except OSError:
            pass

    def accept():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def free_port():
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def until(condition, seconds=30):
    """Wait until condition() holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
