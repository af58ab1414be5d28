"""The server lets labs answer sooner, in every kind of installation, without importing the course."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import course_server
import pytest
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from kernels import kernel, texts

TOLD = Path(course_server.__file__).with_name("backprop_course.json")


@pytest.fixture(autouse=True)
def no_startup_file(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "")
    monkeypatch.delenv("PYTHONSTARTUP")


def test_a_web_socket_is_told_to_let_no_message_wait(monkeypatch):
    calls = []

    async def opened(self, kernel_id):
        calls.append(kernel_id)

    monkeypatch.setattr(KernelWebsocketHandler, "open", opened)
    monkeypatch.setattr(KernelWebsocketHandler, "set_nodelay", lambda self, value: calls.append(value))
    course_server._load_jupyter_server_extension(_app())
    asyncio.run(KernelWebsocketHandler.open(object.__new__(KernelWebsocketHandler), kernel_id="a kernel"))
    assert calls == [True, "a kernel"]


def test_the_icon_of_the_tab_stays_and_what_others_have_switched_off_stays_off(monkeypatch):
    monkeypatch.setattr(KernelWebsocketHandler, "open", KernelWebsocketHandler.open)
    app = _app(page_config_hook=lambda handler, told: told | {"disabledExtensions": ["another"], "handler": handler})
    course_server._load_jupyter_server_extension(app)
    told = app.web_app.settings["page_config_hook"]("a handler", {"baseUrl": "/"})
    assert told == {"baseUrl": "/", "handler": "a handler", "disabledExtensions": ["another", course_server.BUSY_ICON]}
    app = _app()
    course_server._load_jupyter_server_extension(app)
    assert app.web_app.settings["page_config_hook"](None, {}) == {"disabledExtensions": [course_server.BUSY_ICON]}


def test_this_installation_s_server_is_told():
    assert json.loads(TOLD.read_text()) == {"ServerApp": {"jpserver_extensions": {"course_server": True}}}
    installed = Path(sys.prefix, "etc", "jupyter", "jupyter_server_config.d", TOLD.name)
    assert installed.read_bytes() == TOLD.read_bytes()


def test_this_installation_s_jupyterlab_asks_nobody_about_its_news():
    """As `@jupyterlab/apputils-extension:notification` declares it: "none" is what makes it ask."""
    wanted = Path(__file__).parents[2] / "binder" / "lab_settings" / "overrides.json"
    installed = Path(sys.prefix, "share", "jupyter", "lab", "settings", wanted.name)
    assert installed.read_bytes() == wanted.read_bytes()
    [(plugin, told)] = json.loads(wanted.read_text()).items()
    folder, _, name = plugin.partition(":")
    schemas = Path(sys.prefix, "share", "jupyter", "lab", "schemas")
    declared = json.loads((schemas / folder / f"{name}.json").read_text())["properties"]
    assert told.keys() <= declared.keys() and told["fetchNews"] == "false" and told["checkForUpdates"] is False


def test_a_server_imports_neither_the_course_nor_numpy():
    code = "import sys, course_server; print([name for name in ('numpy', 'course_lib') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_kernel_tells_who_runs_a_cell_alone_what_to_run_first(monkeypatch, tmp_path):
    course_server._load_jupyter_server_extension(_app())
    kernel = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "IPYTHONDIR": str(tmp_path)}
    kernel["JPY_SESSION_NAME"] = str(tmp_path / "en" / "01_background.ipynb")
    shown = _run(kernel, "sorted(set(globals()) & {'_watch', 'course_lib'})", "len(x)", "x = 3\nlen(y)", "x.y")
    assert shown[0] == "" and "AttributeError" not in shown[1]
    assert "makes `x`. If a cell above does, choose `Run`, then `Run All Above Selected Cell`" in shown[1]
    assert "makes `y`" in shown[2] and shown[2].count("Run All Above") == 1
    assert shown[3] == ""


def test_a_reader_s_own_startup_file_stays(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "mine.py")
    course_server._load_jupyter_server_extension(_app())
    assert os.environ["PYTHONSTARTUP"] == "mine.py"


def _run(environment, *cells):
    """What each cell displays in a kernel that is started in the environment, and told the cells' ids as JupyterLab does."""
    with kernel(env=environment) as messages:
        found = [messages(source, f"cell-{number}") for number, source in enumerate(cells)]
    return [texts([each for each in cell if each[0] == "display_data"]) for cell in found]


def _app(**settings):
    """What of a server application is asked for."""
    return SimpleNamespace(web_app=SimpleNamespace(settings=settings))
