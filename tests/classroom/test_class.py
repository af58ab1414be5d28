"""Three students at a real JupyterHub with the course's settings: each trains live, solves an exercise, loses nothing."""

from pathlib import Path

import pytest

pytest.importorskip("jupyterhub")  # `make test-class` has it

from tests.classroom import report
from tests.classroom.__main__ import QUICK, hold
from tests.classroom.hub import SETTINGS


@pytest.fixture(scope="module")
def lesson():
    return hold(*QUICK, chapters=False)


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


def test_the_plan_grows_with_the_class_and_shrinks_with_the_cores(lesson):
    result, _ = lesson
    assert result.ready(50, 8) > result.ready(25, 8) and result.ready(25, 4) > result.ready(25, 8)
    assert result.gigabytes(50) > 1.5 * result.gigabytes(25)
    assert result.rate(100, 2) < result.rate(50, 2)


def test_the_settings_are_names_of_jupyterhub_and_of_the_students_servers():
    from firstuseauthenticator import FirstUseAuthenticator
    from jupyter_client import KernelManager
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyterhub.spawner import LocalProcessSpawner
    from systemdspawner import SystemdSpawner
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader(str(SETTINGS)).load_config()
    known = {
        "Spawner": LocalProcessSpawner,
        "SystemdSpawner": SystemdSpawner,
        "FirstUseAuthenticator": FirstUseAuthenticator,
    }
    assert set(config) == set(known)
    assert all(set(config[name]) <= set(owner.class_trait_names(config=True)) for name, owner in known.items())
    spawner = LocalProcessSpawner(config=config)  # checks the values
    assert Path(spawner.cmd[0]).is_file() and spawner.environment["COURSE_ANSWERS"]
    owners = {"MappingKernelManager": MappingKernelManager, "KernelManager": KernelManager}
    for argument in spawner.args:
        owner, name = argument.removeprefix("--").partition("=")[0].split(".")
        assert name in owners[owner].class_trait_names(config=True)
