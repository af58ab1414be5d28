"""What the browser tests share bears a server that is just starting a kernel."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.error import HTTPError

import pytest

from tests.browser.jupyter import Server
from tests.browser.shared import _running, end_kernels


@pytest.fixture
def server():
    """A server with one kernel, which answers the first requests with the codes in `fails`; it notes requests in `asked`."""
    fails, asked = [], []

    class Answers(BaseHTTPRequestHandler):
        def answer(self, body):
            asked.append((self.command, self.path, self.headers["Authorization"]))
            self.send_response(fails.pop(0) if fails else 200)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(json.dumps([{"id": "one"}]).encode())

        def do_DELETE(self):
            self.answer(b"")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        served = Server(None, f"http://127.0.0.1:{http.server_port}", "word")
        served.fails, served.asked = fails, asked
        yield served
        http.shutdown()
        thread.join()


LIST, END = ("GET", "/api/kernels", "token word"), ("DELETE", "/api/kernels/one", "token word")


def test_kernels_end_although_the_list_fails_while_one_starts(server):
    server.fails.extend([500, 500])
    end_kernels(server)
    assert server.asked == [LIST, LIST, LIST, END]


def test_a_server_that_goes_on_failing_is_an_error(server):
    server.fails.extend([500] * 100)
    with pytest.raises(HTTPError, match="500"):
        _running(server, seconds=0.2)
    assert 1 < len(server.asked) < 100


@pytest.mark.parametrize("fails", [[403], [200, 500]], ids=["the list is refused", "a kernel does not end"])
def test_any_other_failure_is_an_error_at_once(server, fails):
    server.fails.extend(fails)
    with pytest.raises(HTTPError):
        end_kernels(server)
    assert server.asked == [LIST, END][: len(fails)]
