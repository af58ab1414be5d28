"""`binder/hub/install_tljh` in a folder that is laid out as TLJH's: the library for all, the settings linked, run twice."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytest.importorskip("nbgitpuller")  # `make test-class` has it

from tests.classroom.hub import ROOT, make_course


@pytest.fixture
def tljh(tmp_path):
    """The folder, with an environment for users that finds the packages of this one, and a tljh-config that takes notes."""
    user = tmp_path / "user"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", user], check=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(user)})
    Path(packages, "tools.pth").write_text(sysconfig.get_path("purelib"))
    scripts = {"pip": f'#!/bin/sh\nexec "{user}/bin/python" -m pip "$@"\n'}
    scripts["tljh-config"] = f'#!/bin/sh\necho "$@" >> {tmp_path / "told"}\n'
    for name, text in scripts.items():
        (user / "bin" / name).write_text(text)
        (user / "bin" / name).chmod(0o755)
    return tmp_path


def copy_of_the_course(folder):
    make_course(folder)
    for name in ("course_lib", "binder", "pyproject.toml", "environment.yml", "LICENSE"):
        subprocess.run(["cp", "-a", ROOT / name, folder], check=True)


def test_the_course_is_installed_for_all(tljh):
    course = tljh / "srv"
    copy_of_the_course(course)
    environment = os.environ | {
        "TLJH_INSTALL_PREFIX": str(tljh),
        "GIT_CONFIG_SYSTEM": str(tljh / "gitconfig"),
        "PYTHONPATH": "",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads 0 as: no isolated build, which would need a network
        "PIP_NO_INDEX": "1",
    }
    for _ in range(2):
        result = subprocess.run(
            course / "binder" / "hub" / "install_tljh", env=environment, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
    linked = tljh / "config" / "jupyterhub_config.d" / "backprop_course.py"
    assert linked.resolve() == course / "binder" / "hub" / "jupyterhub_config.py"
    find = [tljh / "user" / "bin" / "python", "-c", "import course_lib; print(course_lib.__file__)"]
    found = subprocess.run(find, cwd=tljh, env=environment, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()) == course / "course_lib" / "__init__.py"
    safe = re.findall(r"directory = (.*)", (tljh / "gitconfig").read_text())
    assert safe == [str(course), f"{course}/.git"]
    assert (tljh / "told").read_text().splitlines()[-2:] == ["set services.cull.timeout 3600", "reload"]
