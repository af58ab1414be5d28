"""What the chapters recommend has an address, and the weekly check of addresses finds those that are gone."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import outside_links
import pytest
from chapter_files import CHAPTERS, cell

# Journals, and two papers of which no address could be confirmed.
WITHOUT_ADDRESS = {
    "xor has no local minima",
    "the local minima of the error surface of the 2-2-1 xor network",
    "neural networks",
    "annals of mathematics and artificial intelligence",
    "annals of mathematical statistics",
}


@pytest.mark.parametrize("edition", ["en", "zh"])
@pytest.mark.parametrize("chapter", [path.stem for path in CHAPTERS])
def test_every_title_under_further_reading_is_a_link(chapter, edition):
    text = cell(chapter, "reading", edition).source
    titles = re.findall(r"\*([^*\n]+)\*", re.sub(r"\[[^\]]+\]\([^)]+\)", "", text))
    assert {title.casefold() for title in titles} <= WITHOUT_ADDRESS
    assert text.count("](http") >= 3


def test_addresses_are_whole():
    for address in outside_links.links():
        assert re.fullmatch(r"https?://[\w.-]+(/[\w.~:/?#=%-]*)?", address), address
        assert "arxiv.org" not in address or re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{4,5}", address), address


class Answers(BaseHTTPRequestHandler):
    """The status that the path names; /moved leads to /200, and /busy answers 404 once and then 200."""

    def do_GET(self):
        self.server.asked.append(self.path)
        name = self.path.strip("/")
        code = {"moved": 301, "busy": 404 if self.server.asked.count(self.path) == 1 else 200}.get(name) or int(name)
        self.send_response(code)
        if name == "moved":
            self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_):
        """Nothing: the test's output stays readable."""


@pytest.fixture
def server():
    """A server on this machine; its `asked` are the paths that it was asked for, its `address` is where it answers."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.address = [], f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("page", "found", "gone", "asked"),
    [
        ("200", 200, False, 1),
        ("moved", 200, False, 2),
        ("403", 403, False, 1),
        ("404", 404, True, 3),
        ("410", 410, True, 3),
        ("busy", 200, False, 2),
    ],
)
def test_what_an_address_answers(server, page, found, gone, asked):
    assert outside_links.answer(f"{server.address}/{page}", pause=0) == found
    assert outside_links.is_gone(found) == gone and len(server.asked) == asked


def test_a_server_that_is_not_there_is_gone():
    closed = HTTPServer(("127.0.0.1", 0), Answers)
    closed.server_close()
    assert outside_links.is_gone(outside_links.answer(f"http://127.0.0.1:{closed.server_port}/200", pause=0))


def test_what_is_gone_is_named_with_its_page(server, tmp_path, capsys):
    (tmp_path / "notebooks" / "en").mkdir(parents=True)
    cells = [{"cell_type": "markdown", "source": [f"[a]({server.address}/404) and\n", f"[b]({server.address}/200)"]}]
    cells.append({"cell_type": "code", "source": [f"# [c]({server.address}/410)"]})
    (tmp_path / "notebooks" / "en" / "01_x.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "README.md").write_text(
        f"[a]({server.address}/404), [d]({server.address}/403) and `[e]({server.address}/410)`"
    )
    assert outside_links.main(tmp_path, pause=0) == 1
    named, counted = capsys.readouterr().out.splitlines()
    assert named == f"{server.address}/404: 404, linked in README.md, notebooks/en/01_x.ipynb"
    assert counted == "3 addresses: 1 gone, 1 that refuse programs."
