"""The website of this tree, built once, and handed out to a browser that reaches nothing else."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import jupyter

ROOT = Path(__file__).parents[2]
SPHINX = ROOT / ".venv-site" / "bin" / "python"
FOLDER = ROOT / "build" / "tested-site"
WINDOW = (1280, 900)


@pytest.fixture(scope="session")
def site():
    """The folder of the website, built as GitHub's workflow does in the repository reader/course."""
    if not SPHINX.exists():
        pytest.skip("The website needs Sphinx: make test-site")
    environment = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "LIVE", "PYTHONPATH")}
    environment |= {"GITHUB_REPOSITORY": "reader/course", "PYTHONPATH": str(ROOT / ".ci"), "LIVE": "../lite/index.html"}
    environment.pop("GITHUB_SERVER_URL", None)
    for command in ([sys.executable, "-m", "website.recordings"], [SPHINX, "-m", "website", FOLDER]):
        built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert built.returncode == 0, built.stdout + built.stderr
    return FOLDER


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Where a server on this machine hands out the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    with jupyter.chromium() as browser:
        yield browser


@pytest.fixture
def visit(chromium, address):
    """A function that opens a page. What it misses, what it asks for elsewhere, and what it complains about fails the test."""
    faults = []

    def failed(request):
        if request.failure not in ("net::ERR_ABORTED", "csp"):  # the page was left early, or takes no scripts
            faults.append(f"no answer from {request.url}: {request.failure}")

    @contextmanager
    def opened(path, window=WINDOW, **options):
        size = dict(zip(("width", "height"), window, strict=True))
        context = chromium.new_context(viewport=size, **options)
        page = context.new_page()
        page.route(lambda url: not url.startswith((address, "data:", "blob:")), lambda route: route.abort())
        page.on("requestfailed", failed)
        page.on("response", lambda answer: answer.ok or faults.append(f"{path}: {answer.status} {answer.url}"))
        page.on("console", lambda said: said.type == "error" and faults.append(f"{path}: {said.text}"))
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
        yield page
        context.close()

    yield opened
    assert faults == []
