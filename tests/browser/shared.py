"""One JupyterLab and one browser for all browser tests of a process: started when first needed, used one after the other.

Starting both costs as much as several tests. While the browser is open, nothing else in the process may run asyncio: the
hook in `conftest.py` closes both as soon as the next test is none of the browser's.
"""

import json
import re
import shutil
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_form import code_cells, lab_cells
from notebook_names import needed

from tests.browser.jupyter import ROOT, lab_page, lab_server, leave_notebooks, next_notebook

WINDOW = (1100, 900)
PANEL = re.compile(r"^(?:check|predict|arrange|worked\w*)\(", re.MULTILINE)
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


class Jupyter:
    """The server and the page that the tests share.

    folder   what the server serves: a copy of the chapters, and what tests write
    page     the one page, in which one notebook at a time is open
    """

    def __init__(self):
        self._stack, self._open = None, (None, None)

    def start(self):
        """Start server and browser, unless they run."""
        if self._stack is not None:
            return
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for chapters in (Path("notebooks", "en"), Path("notebooks", "zh")):
                shutil.copytree(
                    ROOT / chapters,
                    self.folder / chapters,
                    ignore=lambda _, names: [n for n in names if n[-6:] != ".ipynb"],
                )
            self.server = stack.enter_context(lab_server(self.folder))
            self.page = stack.enter_context(lab_page(*WINDOW))
            self._stack = stack.pop_all()

    def close(self):
        """End server and browser, if they run."""
        if self._stack is not None:
            self._stack.close()
        self._stack, self._open = None, (None, None)

    def run(self, name):
        """The notebook of this path, which has run; it stays open, as tests leave it, until another one comes.

        Of a chapter only the `live_cells` are run: what the others show is stored with it, and nbval runs them all.
        """
        self.start()
        if self._open[0] != name:
            notebook = self.open(name)
            if (ROOT / name).exists():
                notebook.run_cells(live_cells(ROOT / name), 240)
            else:
                notebook.run_all(240)
            assert notebook.errors() == []
            self._open = name, notebook
        return self._open[1]

    def open(self, name, window=WINDOW):
        """The notebook on a new kernel in a window of this size, not yet run. What was open before is closed."""
        self.start()
        self.leave()
        self.page.set_viewport_size(dict(zip(("width", "height"), window, strict=True)))
        return next_notebook(self.page, self.server, name)

    def leave(self, jupyterlab=False):
        """Leave the notebook that is open, and end all kernels. The next notebook finds JupyterLab on the page, unless that
        is left, too.
        """
        self._open = (None, None)
        if not leave_notebooks(self.page, self.server) or jupyterlab:
            self.page.goto("about:blank")
        end_kernels(self.server)

    def write(self, name, cells, text=""):
        """Write a notebook with these code cells, and perhaps a text below them, into the folder; returns its path there."""
        self.start()
        below = [new_markdown_cell(text)] if text else []
        notebook = new_notebook(cells=[*map(new_code_cell, cells), *below], metadata={"kernelspec": KERNELSPEC})
        nbformat.write(notebook, self.folder / name)
        return self.folder / name


def live_cells(path):
    """The ids of a chapter's cells that show a lab, an exercise or a prediction, and of those that they need."""
    notebook = nbformat.read(path, as_version=4)
    cells = {cell.id: cell.source for cell in code_cells(notebook)}
    panels = [name for name, source in cells.items() if PANEL.search(source)]
    return needed(cells, [*(cell.id for cell in lab_cells(notebook)), *panels])


def end_kernels(server):
    """End all kernels of a server."""
    for kernel in _running(server):
        _ask(server, "DELETE", f"kernels/{kernel['id']}")


def _running(server, seconds=5):
    """The kernels of a server. It answers 500 for the moment in which a kernel starts: jupyter_server then reads when that
    kernel was last active before it has noted it. So it is asked again, for up to `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _ask(server, "GET", "kernels")
        except HTTPError as error:
            if error.code != 500 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _ask(server, method, what):
    """What the interface of a server answers."""
    asked = urllib.request.Request(
        f"{server.url}/api/{what}", method=method, headers={"Authorization": f"token {server.token}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read() or "null")


SHARED = Jupyter()
