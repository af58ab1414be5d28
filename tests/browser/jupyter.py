"""A real JupyterLab in a real browser, for tests and measurements that see what a reader sees.

    with lab_server(root) as server, lab_page(server) as page:
        notebook = open_notebook(page, server, "notebooks/en/05_practice.ipynb")
        notebook.run_all()

The server keeps to itself: its settings, data and runtime files live in a temporary folder.
"""

import ast
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import require_chromium

ROOT = Path(__file__).parents[2]
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nor has the browser a network
]  # fmt: skip
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

FOLLOW_MESSAGES = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    if (window.followed === kernel) return;
    window.followed = kernel;
    window.unanswered = new Set();
    kernel.anyMessage.connect((_, {msg, direction}) => {
        if (direction === 'send' && msg.header.msg_type.startsWith('comm_')) window.unanswered.add(msg.header.msg_id);
        if (direction === 'recv' && msg.header.msg_type === 'status' && msg.content.execution_state === 'idle')
            window.unanswered.delete(msg.parent_header.msg_id);
    });
}"""

WATCH_ICON = """() => {  // notes in window.icons when the icon of the browser's tab changes
    window.icons = [];
    new MutationObserver(changes => window.icons.push(...changes.map(change => change.target.outerHTML)))
        .observe(document.head, {subtree: true, childList: true, attributeFilter: ['href', 'rel']});
}"""


@dataclass
class Server:
    root: Path
    url: str
    token: str


@contextmanager
def lab_server(root=ROOT, **settings):
    """A JupyterLab that serves the folder `root` with `SETTINGS` and these, until the block ends."""
    with tempfile.TemporaryDirectory() as private:
        private = Path(private)
        for name in ("config", "data", "runtime", "workspaces", "settings", "ipython"):
            (private / name).mkdir()
        (private / "settings" / "overrides.json").write_text(json.dumps(SETTINGS | settings))
        port, token = _free_port(), secrets.token_hex(16)
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(private / "config"),
            "JUPYTER_DATA_DIR": str(private / "data"),
            "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
            "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
            "IPYTHONDIR": str(private / "ipython"),
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(ROOT / "tests" / "offline")]
            ),  # server and kernels: no network
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}",
            "--LabApp.expose_app_in_browser=True", f"--LabApp.app_settings_dir={private / 'settings'}",
        ]  # fmt: skip
        with open(private / "log", "wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, token, process, private / "log")
            yield Server(root, url, token)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def chromium():
    """A headless Chromium that reaches this machine alone, closed when the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require_chromium(), args=BROWSER_FLAGS)
        yield browser
        browser.close()


@contextmanager
def lab_page(width=1100, height=900, scale=1, dark=False):
    """A page of headless Chromium, closed when the block ends."""
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            color_scheme="dark" if dark else "light",
        )
        yield context.new_page()


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page):
        self.page = page

    def wait_idle(self, seconds=60):
        """Wait until the kernel is connected and has nothing to do; from now on messages of widgets are followed."""
        self.page.wait_for_function(
            """() => {
                const kernel = window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel;
                return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle';
            }""",
            timeout=seconds * 1000,
        )
        self.page.evaluate(FOLLOW_MESSAGES)

    def command(self, name):
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run_all(self, seconds=120):
        """Run All, and wait until the last code cell has run."""
        self.wait_idle()
        self.page.evaluate("() => { window.ran = window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.page.wait_for_function("async () => { await window.ran; return true; }", timeout=seconds * 1000)
        self.wait_idle(seconds)

    def run_cells(self, ids, seconds=120):
        """Run the cells with these ids, one after the other, and wait until the last one has run."""
        self.wait_idle()
        self.page.evaluate(
            """ids => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const run = async () => {
                    for (const id of ids) {
                        notebook.activeCellIndex = notebook.widgets.findIndex(({model}) => model.id === id);
                        await window.jupyterapp.commands.execute('notebook:run-cell');
                    }
                };
                window.ran = run();
            }""",
            ids,
        )
        self.page.wait_for_function("async () => { await window.ran; return true; }", timeout=seconds * 1000)
        self.wait_idle(seconds)

    def run(self, *codes):
        """Run the first code cell that holds each of these pieces of code, one after the other."""
        self.wait_idle()
        for code in codes:
            self.page.evaluate(
                """async code => {
                    const notebook = window.jupyterapp.shell.currentWidget.content;
                    notebook.activeCellIndex = notebook.widgets.findIndex(
                        ({model}) => model.type === 'code' && model.sharedModel.source.includes(code));
                    await window.jupyterapp.commands.execute('notebook:run-cell');
                }""",
                code,
            )
        self.wait_idle()

    def errors(self):
        """Texts of error outputs and of anything on standard error."""
        found = self.page.locator(
            '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
        )
        return found.all_inner_texts()

    def value(self, expression):
        """What an expression is in the kernel, as JSON can say it, once all that the reader has done so far is dealt with.

        It comes with the kernel's reply: while controls are moved, what a cell prints may be lost on the way. A click
        takes another way than a question does (a subshell), so the question waits for it.
        """
        return self._answer(
            expression,
            f"""
            ({FOLLOW_MESSAGES})();
            await new Promise(resolve => [requestAnimationFrame(resolve), setTimeout(resolve, 500)]);
            const before = [...window.unanswered], deadline = performance.now() + 60_000;
            while (before.some(message => window.unanswered.has(message))) {{
                if (performance.now() > deadline) throw new Error('the kernel did not answer within 60 s');
                await new Promise(resolve => setTimeout(resolve, 4));
            }}""",
        )

    def _answer(self, expression, before="", page="null"):
        """`value`, after the JavaScript statements `before`, joined with the object that the expression `page` is."""
        reply, seen = self.page.evaluate(
            "async expression => {"
            + before
            + f"""
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const ask = {{code: '', store_history: false, user_expressions: {{value: expression}}}};
                const late = new Promise((_, no) => setTimeout(() => no(new Error('the kernel is silent')), 120_000));
                const reply = (await Promise.race([kernel.requestExecute(ask).done, late])).content;
                return [reply.user_expressions.value, {page}];
            }}""",
            f"__import__('json').dumps({expression})",
        )
        if reply["status"] != "ok":
            raise ValueError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        value = json.loads(ast.literal_eval(reply["data"]["text/plain"]))
        return value if seen is None else value | seen

    def settle(self, expression="None", page="null", seconds=60):
        """Wait until all that the reader did has been answered, in the kernel and on the page; then as `value`.

        page   a JavaScript expression for an object with what the page shows at that moment, added to the kernel's answer

        Each message of a widget is followed until the kernel has dealt with it; what labs then do on the main loop is
        done before the question that is asked here, and its pictures and texts are on the page before the answer.
        """
        return self._answer(
            expression,
            f"""
            ({FOLLOW_MESSAGES})();
            // What was moved is told with an animation frame, which no page that nobody sees has.
            await new Promise(resolve => [requestAnimationFrame(resolve), setTimeout(resolve, 500)]);
            const deadline = performance.now() + {1000 * seconds};
            for (let quiet = 0; quiet < 2; quiet = window.unanswered.size ? 0 : quiet + 1) {{
                if (performance.now() > deadline) throw new Error('the kernel did not answer within {seconds} s');
                await new Promise(resolve => setTimeout(resolve, 4));
            }}""",
            page,
        )

    def theme(self, dark):
        """Change to JupyterLab's dark or light theme, and wait until it is there."""
        name = f"JupyterLab {'Dark' if dark else 'Light'}"
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.wait_for_function("dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg=dark)
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")  # it lies over the page while it fades

    def close(self):
        """Save nothing, and end the kernel."""
        self.page.evaluate("async () => await window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def execute(self, code, seconds=30):
        """Run code in the notebook's kernel, as another cell would; returns (text output, milliseconds)."""
        return self.page.evaluate(
            """async ([code, timeout]) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const began = performance.now();
                let text = '';
                const future = kernel.requestExecute({code: code, store_history: false});
                future.onIOPub = message => {
                    if (message.header.msg_type === 'stream') text += message.content.text;
                    if (message.header.msg_type === 'error') text += message.content.traceback.join('\\n');
                };
                await future.done;
                return [text, performance.now() - began];
            }""",
            [code, seconds],
        )


class Panel:
    """A lab or an exercise in the notebook: found by a piece of its cell's code."""

    def __init__(self, notebook, code):
        page = self.page = notebook.page
        self.cell = page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=code)).first
        self.picture = self.cell.locator("canvas.course-picture").first

    def button(self, label, number=0):
        """A button by what is written on it, a text or a pattern (an icon may stand before it), counted from 0."""
        text = re.compile(rf"^\s*{getattr(label, 'pattern', None) or re.escape(label)}$")
        return self.cell.locator("button.jupyter-button", has_text=text).nth(number)

    def option(self, letter):
        """The button of an option of a prediction or exercise, or of a line to be ordered, by its letter."""
        return self.cell.locator("button.course-option", has_text=re.compile(rf"^\s*{letter}\s"))

    def press(self, label, number=0, times=1):
        """Press a button, and wait for the picture that it causes."""
        for _ in range(times):
            with self.new_picture():
                self.button(label, number).click()

    @contextmanager
    def new_picture(self):
        """What is done in the block must change the picture."""
        shown = expect(self.picture)  # the one that is there by then: a cell that is run again has another
        shown.to_have_attribute("data-frame", re.compile("."), timeout=30_000)
        before = self.picture.get_attribute("data-frame")
        yield
        shown.not_to_have_attribute("data-frame", before, timeout=30_000)

    def type(self, text, number=0):
        """Type into one of the text boxes, counted from 0, and press Enter."""
        box = self.cell.locator('input[type="text"]').nth(number)
        box.fill(text)
        box.press("Enter")

    def unfold(self, *titles):
        """Open what is folded below these titles."""
        for title in titles:
            self.cell.locator("button.jupyter-button", has_text=title).click()

    def choose(self, label, option):
        """Choose from a drop-down list."""
        self.cell.get_by_label(label, exact=True).select_option(option)

    def expect(self, text, seconds=30):
        """Wait until the text stands in the panel."""
        self.cell.get_by_text(text).first.wait_for(timeout=1000 * seconds)


def leave_notebooks(page, server):
    """Close all that JupyterLab shows of this server, saving nothing; returns whether it waits for the next notebook."""
    if not page.url.startswith(f"{server.url}/lab"):
        return False
    return page.evaluate("""() => {
        if (!window.jupyterapp || document.querySelector('.jp-Dialog')) return false;
        for (const shown of [...window.jupyterapp.shell.widgets('main')]) shown.dispose();
        return true;
    }""")


def next_notebook(page, server, path):
    """As `open_notebook`, but in the JupyterLab that the page shows already, which saves several seconds."""
    if not leave_notebooks(page, server):
        return open_notebook(page, server, path)
    page.evaluate("path => { window.jupyterapp.commands.execute('docmanager:open', {path}); }", path)
    notebook = _opened(page, path)
    page.evaluate("""() => {
        const shell = window.jupyterapp.shell;
        for (const shown of [...shell.widgets('main')]) if (shown !== shell.currentWidget) shown.dispose();  // the launcher
    }""")
    return notebook


def open_notebook(page, server, path):
    """Open a notebook (a path below the server's root) alone, without side bars, and wait for its kernel."""
    page.goto(f"{server.url}/lab/tree/{path}?token={server.token}&reset")
    return _opened(page, path)


def _opened(page, path):
    page.wait_for_function(
        """path => {
            const shown = window.jupyterapp?.shell.currentWidget;
            return shown?.content && shown.context?.path === path;
        }""",
        arg=path,
        timeout=60_000,
    )
    notebook = Notebook(page)
    notebook.wait_idle()
    page.evaluate("() => { const shell = window.jupyterapp.shell; shell.collapseLeft(); shell.collapseRight(); }")
    return notebook


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url, token, process, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/api/status?token={token}", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not answer within {seconds} s:\n{log.read_text()[-2000:]}")
