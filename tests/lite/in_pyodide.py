"""A plugin that lets nbval run notebooks in Pyodide under Node.js instead of a Python of this machine.

Loaded with `-p tests.lite.in_pyodide`, after `make lite`. Everything else, such as what is compared and how, is nbval's, and
the same as in `make outputs`, but for pictures, which another version of Matplotlib draws here, and for what `OTHERWISE` says.
"""

import json
import queue
import subprocess
import threading
from collections import defaultdict
from heapq import nlargest
from itertools import chain
from pathlib import Path

import pytest
from lite.wheels import node

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "pyodide"
SCRIPT = Path(__file__).with_name("kernel.mjs")
SECONDS = "processor seconds"
OTHERWISE = {  # what may be different here, as patterns: what it becomes on both sides
    # Chapter 9 says so when it quotes a record.
    r"Recorded on a computer, because no other program can be started here\.\n": "",
    r"这里不能启动别的程序，所以下面是在一台电脑上运行时记录的结果。\n": "",
    # The loss of chapter 7's digits in float32, whose sums NumPy takes in another order where it has no vector instructions.
    r"0\.26693[78]": "0.26693x",
}


class PyodideKernel:
    """Stands in for nbval's `RunningKernel`."""

    language = "python"

    def __init__(self, kernel_name, cwd=None, startup_timeout=60):
        try:
            settings = json.loads((FOLDER / "kernel.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            pytest.skip(f"{FOLDER.relative_to(ROOT)} is not filled: `make lite` says why")
        packages, place = ",".join(settings["packages"]), Path(cwd).relative_to(ROOT).as_posix()
        self._process = subprocess.Popen(
            [*node(), SCRIPT, FOLDER, packages, ROOT, place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._messages, self._ran, self._number = queue.Queue(), {}, 0
        threading.Thread(target=self._listen, daemon=True).start()
        if self.get_message(timeout=startup_timeout)["msg_type"] != "ready":
            raise RuntimeError("Pyodide did not start")

    def _listen(self):
        for line in self._process.stdout:
            message = json.loads(line)
            kind, content = message["type"], message["content"]
            if kind == "idle":
                self._ran[message["parent"]].set()
                kind, content = "status", content | {"execution_state": "idle"}
            self._messages.put({"msg_type": kind, "content": content, "parent_header": {"msg_id": message["parent"]}})

    def get_message(self, stream="iopub", timeout=None):
        message = self._messages.get(timeout=timeout)
        self.seconds = message["content"].get("seconds", 0.0)  # of the cell that has ended
        return message

    def execute_cell_input(self, code, allow_stdin=None):
        self._number += 1
        self._ran[self._number] = threading.Event()
        print(json.dumps({"id": self._number, "code": code}), file=self._process.stdin, flush=True)
        return self._number

    def await_reply(self, number, timeout=None):
        if not self._ran[number].wait(timeout):
            raise queue.Empty

    def await_idle(self, number, timeout):
        while self.get_message(timeout=timeout)["content"].get("execution_state") != "idle":
            pass

    def is_alive(self):
        return self._process.poll() is None

    def interrupt(self):
        self.stop()

    def stop(self):
        self._process.kill()
        self._process.wait()


def pytest_configure():
    import nbval.plugin

    nbval.plugin.RunningKernel = PyodideKernel
    patterns = nbval.plugin.IPyNbFile.setup_sanitize_files

    def setup_sanitize_files(self):
        patterns(self)
        self.sanitize_patterns.update(OTHERWISE)

    nbval.plugin.IPyNbFile.setup_sanitize_files = setup_sanitize_files


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Note what a cell has cost, for the summary."""
    try:
        return (yield)
    finally:
        item.user_properties.append((SECONDS, (item.parent.kernel.seconds, item.cell.get("id", item.name))))


def pytest_terminal_summary(terminalreporter):
    """A line for each notebook: its seconds, and its two most expensive cells."""
    cells = defaultdict(list)
    for report in chain(*(terminalreporter.getreports(outcome) for outcome in ("passed", "failed"))):
        cells[report.fspath] += [tuple(value) for name, value in report.user_properties if name == SECONDS]
    terminalreporter.section("processor seconds in Pyodide under Node.js")
    for notebook, spent in sorted(cells.items()):
        most = ", ".join(f"{seconds:.1f} in {cell}" for seconds, cell in nlargest(2, spent))
        terminalreporter.line(f"{sum(seconds for seconds, _ in spent):6.1f}  {notebook}; {most}")
