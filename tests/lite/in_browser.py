"""The course in a real browser with no server but that of the files: `make test-lite` runs this after `make lite`.

One reader comes for the first time, trains, solves, leaves and comes back: the tests are steps of one visit, in order.
"""

import base64
import json
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from course_lib.answers.format import to_bytes
from tests.browser.chromium import require_chromium
from tests.browser.jupyter import BROWSER_FLAGS, SETTINGS, WATCH_ICON, Notebook, Panel

SITE = Path(__file__).resolve().parents[2] / "build" / "lite"
START, CHAPTER = "notebooks/en/00_start_here.ipynb", "notebooks/en/01_background.ipynb"
IMAGES, TOOLS, QUESTIONS = "notebooks/en/06a_images.ipynb", "notebooks/zh/07_tools.ipynb", "notebooks/en/09_faq.ipynb"
KEPT = "notebooks/en/answers.json"
MOST = 600  # seconds for all cells of a chapter, on a machine that has other work
FRAMES, TYPED = "notebooks/en/frames.ipynb", "notebooks/en/typed.ipynb"  # written by the reader
LIVE = {  # labs that train, as a cell makes them: how many pictures a second the page must show
    "training_lab(epochs=5000)": 12,
    "depth_lab()": 12,
    "overfitting_lab()": 12,
    "cnn_lab()": 12,
    "voices_lab()": 12,
    "translation_training_lab()": 12,
    "language_lab()": 10,
}


class Files(SimpleHTTPRequestHandler):
    """Hands out the site as GitHub Pages does, and counts."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".wasm": "application/wasm", ".whl": "application/zip"}
    sent, missing = [], []  # (address, bytes); addresses

    def do_GET(self):
        if self.path.split("?")[0] != "/jupyter-lite.json":
            return super().do_GET()
        settings = json.loads((SITE / "jupyter-lite.json").read_text(encoding="utf-8"))
        # All cells are on the page, as in other browser tests.
        settings["jupyter-config-data"]["settingsOverrides"] |= SETTINGS
        content = json.dumps(settings).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def copyfile(self, source, outputfile):
        self.sent.append((self.path, Path(source.name).stat().st_size))
        super().copyfile(source, outputfile)

    def send_error(self, code, *arguments, **options):
        self.missing.append(self.path)
        super().send_error(code, *arguments, **options)

    def log_message(self, *arguments):
        pass


class Visit:
    """A reader's window, and what it has asked for."""

    def __init__(self, page, url):
        self.page, self.url, self.asked = page, url, []
        page.context.on("request", lambda request: self.asked.append(request.url))

    def open(self, path):
        """Open a notebook in JupyterLab, alone, with a new kernel."""
        self.page.goto(f"{self.url}/lab/index.html?path={path}&reset")
        return self.opened(path)

    def opened(self, path):
        self.page.wait_for_function(
            "path => window.jupyterapp && window.jupyterapp.shell.currentWidget?.context?.path === path",
            arg=path,
            timeout=120_000,
        )
        notebook = Notebook(self.page)
        notebook.wait_idle(240)
        self.page.evaluate(
            "() => { const shell = window.jupyterapp.shell; shell.collapseLeft(); shell.collapseRight(); }"
        )
        return notebook

    def write(self, path, cells):
        """Put a notebook of these code cells among the files that the browser keeps."""
        cells = [
            {
                "cell_type": "code",
                "id": f"cell-{i}",
                "source": cell,
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for i, cell in enumerate(cells)
        ]
        metadata = {"language_info": {"name": "python"}}  # by which JupyterLab chooses the kernel
        self.page.goto(f"{self.url}/lab/index.html?reset")
        self.page.wait_for_function("() => window.jupyterapp?.serviceManager", timeout=120_000)
        self.page.evaluate(
            """async ([path, content]) => {
                await window.jupyterapp.started;
                await window.jupyterapp.serviceManager.contents.save(path, {type: 'notebook', format: 'json', content});
            }""",
            [path, {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}],
        )

    def kept(self):
        """The items of the answers file that the browser keeps; {} when there is none."""
        content = self.page.evaluate(
            """async path => {
                const contents = window.jupyterapp.serviceManager.contents;
                const here = await contents.get(path.replace(/\\/[^/]*$/, ''), {content: true});
                if (!here.content.some(file => file.path === path)) return null;
                return (await contents.get(path, {content: true, format: 'base64'})).content;
            }""",
            KEPT,
        )
        return json.loads(base64.b64decode(content))["items"] if content else {}


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    if not (SITE / "index.html").exists():
        pytest.skip("build/lite is not there: `make lite` says why")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            # A window with a folder of its own, not a private one: that keeps what is large only while it is used.
            browser = playwright.chromium.launch_persistent_context(
                tmp_path_factory.mktemp("browser"),
                executable_path=require_chromium(),
                args=BROWSER_FLAGS,
                viewport={"width": 1100, "height": 900},
            )
            yield Visit(browser.pages[0], f"http://127.0.0.1:{server.server_port}")
            browser.close()
    finally:
        server.shutdown()


def test_the_first_page_loads_python_with_a_progress_line_and_opens_the_course(visit):
    page = visit.page
    page.goto(f"{visit.url}/index.html")
    text = re.search(r"loads (\d+) MB of Python and some (\d+) MB of JupyterLab", page.inner_text("p[lang=en]"))
    said, jupyterlab = map(int, text.groups())
    page.evaluate(
        """() => {
            window.name = '';
            const line = document.getElementById('said');
            new MutationObserver(() => { window.name += line.textContent + '|'; }).observe(line, {childList: true});
        }"""
    )
    with page.expect_navigation(url=re.compile("/lab/index.html"), wait_until="commit", timeout=120_000):
        page.get_by_role("link", name="Start in English").click()
    lines = [line for line in page.evaluate("window.name").split("|") if line]
    assert len(lines) > 10 and lines[-1] == f"Loading Python: {said} of {said} MB"
    notebook = visit.opened(START)
    notebook.run_all(MOST)
    assert notebook.errors() == []
    Panel(notebook, "start.chapters()").expect(re.compile(r"0 of \d+ exercises right"))
    python = {path: size for path, size in Files.sent if path.startswith("/static/pyodide/")}
    print(f"\nfirst visit: {sum(python.values()) / 1e6:.1f} MB of Python, {_megabytes(Files.sent):.1f} MB in all")
    assert said == pytest.approx(sum(python.values()) / 1e6, abs=1)
    assert _megabytes(Files.sent) - said == pytest.approx(jupyterlab, abs=2)  # nor was anything of it loaded twice


def _megabytes(sent):
    return sum(size for _, size in sent) / 1e6


def test_a_chapter_runs_its_lab_trains_and_is_touched_and_an_exercise_is_solved(visit):
    notebook = visit.open(CHAPTER)
    notebook.run_all(MOST)
    assert notebook.errors() == []
    assert visit.kept() == {}  # to run a chapter as it comes leaves nothing behind
    lab = Panel(notebook, "lab = training_lab(")
    lab.picture.wait_for(timeout=30_000)  # the page draws it
    frames = int(lab.picture.get_attribute("data-frame") or 0)
    notebook.page.evaluate(WATCH_ICON)
    lab.button("Train").click()
    lab.expect("Epoch 60 of 60", seconds=120)
    assert notebook.page.evaluate("() => window.icons") == []  # it is not asked for at each message
    assert int(lab.picture.get_attribute("data-frame")) > frames + 5
    question = Panel(notebook, 'predict("double-weight")')
    question.option("B").click()
    question.expect("your prediction", seconds=60)
    notebook.execute('check("who-computes", "b")')
    for _ in range(150):
        visit.page.wait_for_timeout(200)
        if visit.kept().keys() == {"1/predictions/double-weight", "1/exercises/who-computes", "1/labs/training"}:
            break
    assert visit.kept()["1/exercises/who-computes"]["outcome"] == "right"
    assert "done=60" in visit.kept()["1/labs/training"]["state"]
    assert notebook.errors() == []


def test_what_was_typed_is_saved_without_being_asked(visit):
    visit.write(TYPED, ["x = 1"])
    notebook = visit.open(TYPED)
    visit.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel.setSource('x = 2'); }"
    )
    read = """async path => {
        const notebook = await window.jupyterapp.serviceManager.contents.get(path, {content: true});
        return [notebook.content.cells[0].source].flat().join("");
    }"""
    for _ in range(60):
        visit.page.wait_for_timeout(500)
        if visit.page.evaluate(read, TYPED) == "x = 2":
            break
    assert visit.page.evaluate(read, TYPED) == "x = 2" and notebook.errors() == []


def test_the_answers_are_there_when_the_reader_comes_back(visit, tmp_path):
    visit.page.goto("about:blank")
    notebook = visit.open(START)
    notebook.run_all(MOST)
    assert notebook.errors() == []
    Panel(notebook, "start.chapters()").expect(re.compile(r"1 of \d+ exercises right, 1 of \d+ predictions made"))
    copies = Panel(notebook, "start.copies()")
    copies.button("Save a copy").click()
    link = copies.cell.get_by_role("link", name="Download backprop-answers-")
    with visit.page.expect_download() as download:
        link.click()
    copy = tmp_path / "copy.json"
    download.value.save_as(copy)
    assert json.loads(copy.read_text(encoding="utf-8"))["items"] == visit.kept()


def test_a_copy_is_restored_where_the_browser_has_forgotten_all(visit, tmp_path):
    kept = visit.kept()
    visit.page.evaluate("path => window.jupyterapp.serviceManager.contents.delete(path)", KEPT)
    notebook = visit.open(START)
    notebook.run_all(MOST)
    Panel(notebook, "start.chapters()").expect(re.compile(r"0 of \d+ exercises right"))
    copy = tmp_path / "copy.json"
    copy.write_bytes(to_bytes(kept))
    copies = Panel(notebook, "start.copies()")
    with visit.page.expect_file_chooser() as chooser:
        copies.cell.get_by_role("button", name="Restore a copy").click()
    chooser.value.set_files(copy)
    copies.expect("Restored from copy.json", seconds=60)
    Panel(notebook, "start.chapters()").expect(re.compile(r"1 of \d+ exercises right, 1 of \d+ predictions made"))
    assert visit.kept() == kept


def _pictures_a_second(lab, seconds):
    """How many pictures of a lab a second the page shows, from the first to the last that it shows in so many seconds."""
    return lab.picture.evaluate(
        """async (picture, seconds) => {
            const shown = [];
            const watch = new MutationObserver(() => shown.push(performance.now()));
            watch.observe(picture, {attributeFilter: ['data-frame']});
            await new Promise(done => setTimeout(done, 1000 * seconds));
            watch.disconnect();
            return shown.length < 2 ? 0 : 1000 * (shown.length - 1) / (shown.at(-1) - shown[0]);
        }""",
        seconds,
    )


def test_labs_show_enough_pictures_a_second_while_they_train(visit):
    visit.write(FRAMES, ["from course_lib.labs import *", *LIVE])
    notebook = visit.open(FRAMES)
    notebook.run_all(MOST)
    found = {}
    for cell in LIVE:
        lab = Panel(notebook, cell)
        lab.button("Train").click()
        found[cell] = _pictures_a_second(lab, 4)
        if lab.button("Pause").count():  # a short training has ended by itself
            lab.button("Pause").click()
        lab.button("Train").wait_for()
        print(f"\n{found[cell]:.1f} pictures a second: {cell}", end="")
    assert notebook.errors() == []
    assert [cell for cell, least in LIVE.items() if found[cell] < least] == []


@pytest.mark.parametrize("path", [IMAGES, TOOLS, QUESTIONS])
def test_a_chapter_of_each_kind_runs_without_an_error(visit, path):
    notebook = visit.open(path)
    notebook.run_all(MOST)
    assert notebook.errors() == []


def test_nothing_was_asked_of_another_server_nor_in_vain(visit):
    assert [url for url in visit.asked if not url.startswith((visit.url, "data:", "blob:", "about:"))] == []
    assert [path for path in Files.missing if not path.split("?")[0].endswith(("/favicon.ico", "all.json"))] == []
