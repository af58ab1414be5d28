"""Three students at a real JupyterHub with the course's settings: each trains live, solves an exercise, loses nothing."""

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

pytest.importorskip("jupyterhub")  # `make test-class` has it

from tests.classroom import __main__ as program
from tests.classroom import report
from tests.classroom.__main__ import QUICK, hold
from tests.classroom.hub import ROOT, SETTINGS, running_hub
from tests.classroom.lesson import ITEM, uncounted
from tests.classroom.test_report import RESULT


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    folder, told = tmp_path_factory.mktemp("class"), []
    with running_hub(folder) as hub:
        result = hold(hub, *QUICK, told.append)
        assert len(processes(folder)) > QUICK[0]
    assert processes(folder) == []
    assert [f"{QUICK[0]} of {QUICK[0]} {what}" in told for what in ("have JupyterLab's page", "have the lab")] == [
        True
    ] * 2
    return result


def processes(folder):
    """The command lines of all processes that a folder is named in: in their arguments, environment, or as their place."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            line = process.cmdline()
            if str(folder) in "\n".join([*line, process.cwd(), *process.environ().values()]):
                found.append(line)
    return found


def test_nothing_is_lost_and_nobody_sees_a_message(lesson):
    _, problems = lesson
    assert problems == []


def test_every_lab_is_live(lesson):
    result, _ = lesson
    assert result.students == QUICK[0]
    assert result.frames[1] > 1
    assert result.epochs[1] > report.RATE / 2
    assert result.answer[0] < 2  # seconds: the machine may be busy


def test_memory_and_work_are_measured(lesson):
    result, _ = lesson
    assert 50 < result.memory["kernel"] < 200 and 50 < result.memory["server"] < 200
    assert all(seconds > 0 for costs in (result.starting, result.frame) for seconds in costs.values())
    assert 20 < result.memory["board"] < 150
    assert all(0 < seconds < 0.02 for seconds in result.message.values())


def test_counts_on_the_board_that_are_not_those_of_the_class_are_told():
    exercise = {"item": ITEM, "right": 5}
    board = {"seats": 5, "few": False, "exercises": [exercise | {"item": "5/exercises/other"}, exercise]}
    assert list(uncounted(board, 5)) == []
    assert list(uncounted(board, 6)) == ["board: expected seats 6, found 5", "board: expected right 6, found 5"]
    few = {"seats": 3, "few": True, "exercises": [exercise | {"right": None}]}
    assert list(uncounted(few, 3)) == [] and len(list(uncounted(few, 5))) == 3


@pytest.mark.parametrize(
    ("line", "signals"),
    [
        ("a JupyterHub starts", [signal.SIGINT, signal.SIGINT]),
        ("students log in", [signal.SIGTERM]),
        ("all train", [signal.SIGTERM, signal.SIGINT]),
    ],
)
def test_signals_leave_nothing_behind_whatever_the_class_does(tmp_path, line, signals):
    command = [sys.executable, "-m", "tests.classroom", "--quick"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as own:
        assert any(line in told for told in own.stderr)
        time.sleep(1)  # into the middle of it
        while len(processes(tmp_path)) < 2 and own.poll() is None:
            time.sleep(0.1)
        for number in signals:
            own.send_signal(number)
            time.sleep(0.1)
        own.communicate(timeout=60)
    assert own.returncode == 128 + signals[0] and processes(tmp_path) == []
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("asked", [False, True])
def test_tables_come_when_they_are_measured_and_go_to_the_page_when_that_is_asked_for(monkeypatch, capsys, asked):
    seen, written = [], []

    async def run_chapters(*_):
        seen.append(capsys.readouterr().out)
        return {"05_practice": 200}

    monkeypatch.setattr(program, "end_on_signals", lambda folder: None)
    monkeypatch.setattr(program, "running_hub", lambda folder: nullcontext())
    monkeypatch.setattr(program, "hold", lambda *_: (replace(RESULT, chapters={}), []))
    monkeypatch.setattr(program, "run_chapters", run_chapters)
    monkeypatch.setattr(program, "write_pages", written.append)
    with pytest.raises(SystemExit) as end:
        program.main(["--write"] if asked else [])
    assert end.value.code == 0 and written == [RESULT] * asked
    assert report.measured(replace(RESULT, chapters={}), "en") in seen[0]
    assert report.planned(RESULT, "en") in capsys.readouterr().out


def test_the_settings_are_names_of_jupyterhub_and_of_the_students_servers():
    from firstuseauthenticator import FirstUseAuthenticator
    from jupyter_client import KernelManager
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyterhub.app import JupyterHub
    from jupyterhub.services.service import Service
    from jupyterhub.spawner import LocalProcessSpawner
    from systemdspawner import SystemdSpawner
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader(str(SETTINGS)).load_config()
    known = {
        "JupyterHub": JupyterHub,
        "Spawner": LocalProcessSpawner,
        "SystemdSpawner": SystemdSpawner,
        "FirstUseAuthenticator": FirstUseAuthenticator,
    }
    assert set(config) == set(known)
    assert all(set(config[name]) <= set(owner.class_trait_names(config=True)) for name, owner in known.items())
    [board] = config.JupyterHub.services.get_value([])
    assert set(board) <= set(Service.class_trait_names(input=True)) and Service(**board).managed  # checks the values
    spawner = LocalProcessSpawner(config=config)
    assert Path(spawner.cmd[0]).is_file() and spawner.environment["COURSE_ANSWERS"]
    owners = {"MappingKernelManager": MappingKernelManager, "KernelManager": KernelManager}
    for argument in spawner.args:
        owner, name = argument.removeprefix("--").partition("=")[0].split(".")
        assert name in owners[owner].class_trait_names(config=True)
