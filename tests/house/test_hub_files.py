"""The files of binder/hub say the same of a class, in the words that the chart of Zero to JupyterHub knows.

The chart's own schema judges them on GitHub, in the workflow binder.yml: it cannot be had from a package.
"""

import re
import subprocess
from pathlib import Path
from statistics import mean

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from traitlets.config import PyFileConfigLoader

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


def test_both_kinds_of_hub_start_the_same_server():
    student = VALUES["singleuser"]
    assert student["cmd"][0].endswith("/binder/hub/student_server") and Path(SPAWNER.cmd[0]) == HUB / "student_server"
    assert student["cmd"][1:] == SPAWNER.cmd[1:] + SPAWNER.args
    assert student["defaultUrl"] == SPAWNER.default_url
    assert student["extraEnv"].items() >= SPAWNER.environment.items()
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
