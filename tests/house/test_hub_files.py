"""The files of binder/hub say the same of a class, in the words that the chart of Zero to JupyterHub knows.

The chart's own schema judges them on GitHub, in the workflow binder.yml: it cannot be had from a package.
"""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import mean
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from traitlets.config import PyFileConfigLoader

from course_lib.board import seats
from tests.board.fake_board import free_port

ROOT = Path(__file__).parents[2]
HUB = ROOT / "binder" / "hub"
VALUES = YAML(typ="safe").load((HUB / "zero_to_jupyterhub.yaml").read_text(encoding="utf-8"))
SPAWNER = PyFileConfigLoader("jupyterhub_config.py", str(HUB)).load_config().Spawner

TEXT, FLAG, NUMBER, SIZE = {"type": "string"}, {"type": "boolean"}, {"type": "number"}, {"type": ["number", "string"]}


def a_map(**properties):
    return {"type": "object", "additionalProperties": False, "properties": properties}


# The part of the chart's configuration reference that a class uses.
DOCUMENTED = a_map(
    hub=a_map(config={"type": "object", "additionalProperties": {"type": "object"}}),
    singleuser=a_map(
        image=a_map(name=TEXT, tag=TEXT),
        cmd={"type": "array", "items": TEXT},
        defaultUrl=TEXT,
        extraEnv={"type": "object", "additionalProperties": TEXT},
        memory=a_map(limit=SIZE, guarantee=SIZE),
        cpu=a_map(limit=NUMBER, guarantee=NUMBER),
        startTimeout={"type": "integer"},
        storage=a_map(type={"enum": ["dynamic", "static", "none"]}, capacity=TEXT, homeMountPath=TEXT),
    ),
    cull=a_map(enabled=FLAG, timeout={"type": "integer"}, every={"type": "integer"}),
    proxy=a_map(
        https=a_map(enabled=FLAG, hosts={"type": "array", "items": TEXT}, letsencrypt=a_map(contactEmail=TEXT))
    ),
)


def test_the_values_have_documented_names_and_kinds():
    assert [error.message for error in Draft202012Validator(DOCUMENTED).iter_errors(VALUES)] == []


def test_the_values_are_those_of_one_version_of_the_chart():
    """What the workflow judges them by is what a teacher is told to install."""
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "binder.yml").read_text(encoding="utf-8"))
    [version] = [step["with"]["ref"] for step in workflow["jobs"]["chart"]["steps"] if "ref" in step.get("with", {})]
    pages = [HUB / "zero_to_jupyterhub.yaml", *(ROOT / "notebooks").glob("*/classroom.md")]
    named = [re.findall(r"--version (\S+)", page.read_text(encoding="utf-8")) for page in pages]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version) and named == 3 * [[version]]


def test_both_kinds_of_hub_start_the_same_server():
    student = VALUES["singleuser"]
    assert student["cmd"][0].endswith("/binder/hub/student_server") and Path(SPAWNER.cmd[0]) == HUB / "student_server"
    assert student["cmd"][1:] == SPAWNER.cmd[1:] + SPAWNER.args
    assert student["defaultUrl"] == SPAWNER.default_url
    own = {name: value for name, value in SPAWNER.environment.items() if callable(value)}  # of each student
    assert set(own) == {"COURSE_BOARD", "COURSE_BOARD_SEAT"}  # a cluster has no board
    assert student["extraEnv"].items() >= SPAWNER.environment.items() - own.items()
    assert (student["memory"]["limit"], student["cpu"]["limit"]) == (SPAWNER.mem_limit, SPAWNER.cpu_limit)
    assert student["startTimeout"] == SPAWNER.start_timeout


def test_the_first_page_is_one_of_the_course():
    path = SPAWNER.default_url.removeprefix("/lab/tree/backprop-course/")
    assert (ROOT / path).is_file()
    assert '"$HOME/backprop-course"' in (HUB / "student_server").read_text(encoding="utf-8")


def test_the_collector_reads_the_file_that_the_course_writes():
    import collect

    assert SPAWNER.environment["COURSE_ANSWERS"] == f"~/{collect.FILE}"


def test_the_image_lies_where_the_values_look():
    place = re.search(r"--target-repo-dir (\S+)", (HUB / "zero_to_jupyterhub.yaml").read_text(encoding="utf-8"))[1]
    assert VALUES["singleuser"]["cmd"][0] == f"{place}/binder/hub/student_server"


# The board


@pytest.fixture
def board(tmp_path, monkeypatch):
    """The settings of a hub in a folder of its own, and a function that says what a student's server is told."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_BOARD_PORT", raising=False)
    config = PyFileConfigLoader("jupyterhub_config.py", str(HUB)).load_config()
    [service] = config.JupyterHub.services.get_value([])

    def told(name, base="/"):
        spawner = SimpleNamespace(user=SimpleNamespace(name=name), hub=SimpleNamespace(base_url=f"{base}hub/"))
        return {key: config.Spawner.environment[key](spawner) for key in ("COURSE_BOARD", "COURSE_BOARD_SEAT")}

    return SimpleNamespace(service=service, told=told, folder=tmp_path)


def test_the_key_of_the_board_is_made_when_it_is_needed_and_stays(board):
    assert list(board.folder.iterdir()) == []  # the settings were only read
    (board.folder / "board_key.new").write_bytes(b"cut")  # of a hub that was killed at that moment
    path = Path(board.service["environment"]["COURSE_BOARD_KEY"](None))
    key = path.read_bytes()
    assert path.is_absolute() and [*board.folder.iterdir()] == [path] and len(set(key)) > 10
    assert len(key) == 32 and path.stat().st_mode & 0o777 == 0o600
    seat = board.told("ada")["COURSE_BOARD_SEAT"]
    assert path.read_bytes() == key and board.told("ada")["COURSE_BOARD_SEAT"] == seat
    path.unlink()
    assert board.told("ada")["COURSE_BOARD_SEAT"] != seat


def test_each_student_has_a_seat_that_does_not_say_whose_it_is_and_that_the_board_knows(board):
    names = ["ada", "grace", "seat", "name", "张三", "adagrace"]
    given = [board.told(name)["COURSE_BOARD_SEAT"] for name in names]
    key = Path(board.service["environment"]["COURSE_BOARD_KEY"](None)).read_bytes()
    assert given == [seats.seat(key, name) for name in names]
    assert len({seats.seat_id(key, seat) for seat in given}) == len(names)
    assert all(re.fullmatch(r"[0-9a-f]{16}\.[0-9a-f]{32}", seat) for seat in given)


def test_the_board_runs_in_the_environment_that_has_the_course(board, monkeypatch):
    """TLJH's hub has one of its own, in which the course is not."""
    assert board.service["command"] == [sys.executable, str(HUB / "board_service.py")]
    python = board.folder / "user" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv("TLJH_INSTALL_PREFIX", str(board.folder))
    config = PyFileConfigLoader("jupyterhub_config.py", str(HUB)).load_config()
    [service] = config.JupyterHub.services.get_value([])
    assert service["command"][0] == str(python)


def test_the_kernels_find_the_board_where_its_service_listens(board):
    port = 917 if os.geteuid() == 0 else 10917
    assert board.service["url"] == f"http://127.0.0.1:{port}"
    assert board.told("ada")["COURSE_BOARD"] == f"{board.service['url']}/services/board/"
    assert board.told("ada", "/class/")["COURSE_BOARD"] == f"{board.service['url']}/class/services/board/"


def test_a_board_that_cannot_start_answers_all_the_same(tmp_path):
    """A hub ends when its service does not answer."""
    port = free_port()
    environment = {"JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}", "COURSE_BOARD_KEY": str(tmp_path / "no_key")}
    command = [sys.executable, HUB / "board_service.py"]
    with open(tmp_path / "log", "wb") as log:
        service = subprocess.Popen(command, env=os.environ | environment, stderr=log)
    try:
        answer = _answer(f"http://127.0.0.1:{port}/services/board/")
        owner = Path(f"/proc/{service.pid}").stat().st_uid
    finally:
        service.kill()
        service.wait()
    assert answer.code == 404 and "log of the hub" in answer.reason
    assert "no_key" in (tmp_path / "log").read_text()
    assert owner == (65534 if os.geteuid() == 0 else os.geteuid())


def _answer(url):
    """What a service says that has just begun to listen."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError as answer:
            return answer
        except OSError:
            time.sleep(0.1)
    raise AssertionError("expected an answer within a minute")


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_nobody_but_its_owner_reads_the_disk_image_with_the_homes(tmp_path, edition):
    """The page's lines until there is something in it, as they are, with the umask of most systems."""
    page = (ROOT / "notebooks" / edition / "classroom.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"xfsprogs\n(.*?) +mkfs", page, re.DOTALL)
    image = tmp_path / "homes.xfs"
    lines = lines.replace("/srv/homes.xfs", str(image)).replace("60G", "1M")
    subprocess.run(["sh", "-ec", lines], check=True, umask=0o022)
    assert (image.stat().st_mode & 0o777, image.stat().st_size) == (0o600, 2**20)


def measured_memory():
    """MB of a student's server, and of the kernels of all chapters, by the page for teachers."""
    page = (ROOT / "notebooks" / "en" / "classroom.md").read_text(encoding="utf-8")
    page = page[page.index("<!-- measured -->") :]
    server = re.search(r"^\| memory, MB \| \d+ \| (\d+) \| \d+ \|$", page, re.MULTILINE)[1]
    chapters = [int(used) for used in re.findall(r"^\| \d\d[a-z]?_\w+ \| (\d+) \|$", page, re.MULTILINE)]
    assert len(chapters) == len(list((ROOT / "notebooks" / "en").glob("*.ipynb")))
    return int(server), chapters


def test_the_limits_leave_room_for_what_was_measured():
    server, chapters = measured_memory()
    limit, guarantee = (
        int(VALUES["singleuser"]["memory"][name].replace("G", "000").replace("M", ""))
        for name in ("limit", "guarantee")
    )
    assert server + 2 * max(chapters) < limit
    assert server + 2 * mean(chapters) < guarantee < limit
