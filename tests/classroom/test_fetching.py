"""Answers are fetched from a real JupyterHub with a token that may do no more than it must; one student keeps what comes."""

import asyncio
import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import collect
import pytest

pytest.importorskip("jupyterhub")  # `make test-class` has it

from tests.classroom.hub import TEACHER, running_hub
from tests.classroom.student import Student

NAMES = ("ada", "grace", "mallory", "nobody")
ANSWERS = {name: json.dumps({"whose": name}) for name in NAMES[:3]}
# In mallory's own settings of Jupyter: every request that comes to her server is kept, and tried on everybody else's.
KEEPS = """
import pathlib
import tornado.web

inner = tornado.web.RequestHandler.prepare

def prepare(self):
    with open(pathlib.Path.home() / "kept", "a") as kept:
        kept.write(self.request.headers.get("Authorization", "") + " " + self.request.uri + "\\n")
    return inner(self)

tornado.web.RequestHandler.prepare = prepare
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub") / "class") as hub:
        for name in NAMES:
            (hub.homes / name / ".jupyter").mkdir(parents=True)
        for name, text in ANSWERS.items():
            (hub.homes / name / "answers.json").write_text(text)
        (hub.homes / "mallory" / ".jupyter" / "jupyter_server_config.py").write_text(KEEPS)

        for name in NAMES:
            asyncio.run(arrive(hub, name))
        yield hub


async def arrive(hub, name):
    async with Student(hub, name) as student:
        await student.log_in()


def status(hub, path, token, method="GET"):
    try:
        with urlopen(Request(hub.url + path, method=method, headers={"Authorization": f"token {token}"})) as answer:
            return answer.status
    except HTTPError as problem:
        return problem.code


def test_all_files_come_and_no_server_learns_more_than_its_own_token(hub, tmp_path, monkeypatch):
    service = collect.Hub(hub.url, hub.token)
    service.stop("grace")
    kept = hub.homes / "mallory" / "kept"
    kept.write_text("")
    tried, revoke = {}, collect.Hub.ask

    def ask(self, path, method="GET", body=None, token=None, **options):
        """While mallory's token is good, it is tried as she would."""
        if method == "DELETE" and path.startswith("/hub/api/users/mallory/tokens/"):
            stolen = [line.split()[1] for line in kept.read_text().splitlines() if line.startswith("token ")]
            assert stolen and hub.token not in stolen
            file = "api/contents/answers.json"
            for place in (
                f"/user/mallory/{file}",
                f"/user/ada/{file}",
                "/hub/api/users",
                "/hub/api/users/mallory/tokens",
            ):
                tried[place] = status(hub, place, stolen[-1])
            tried["mint"] = status(hub, "/hub/api/users/mallory/tokens", stolen[-1], "POST")
            tried["stop"] = status(hub, "/hub/api/users/ada/server", stolen[-1], "DELETE")
            tried["token"] = stolen[-1]
        return revoke(self, path, method, body, token, **options)

    monkeypatch.setattr(collect.Hub, "ask", ask)
    written, without, troubles = collect.collect(service, tmp_path)
    assert (written, without, troubles) == (sorted(ANSWERS), ["nobody"], {})
    for name, text in ANSWERS.items():
        assert (tmp_path / f"backprop-answers-{name}.json").read_text() == text
    assert tried.pop("/user/mallory/api/contents/answers.json") == 200
    stolen = tried.pop("token")
    assert set(tried.values()) <= {403, 404}, tried
    assert hub.token not in kept.read_text()
    assert not service._server("grace").get("ready") and service._server("ada")["ready"]
    kept = service.ask("/hub/api/users/mallory/tokens")["api_tokens"]
    assert not [token for token in kept if token["note"] == "collect.py"]
    assert status(hub, "/hub/api/user", stolen) in (401, 403)


def test_a_server_that_its_student_opens_meanwhile_goes_on(hub, tmp_path, monkeypatch):
    service, inner = collect.Hub(hub.url, hub.token), collect.Hub.answers
    for name in ("ada", "grace"):
        service.stop(name)

    def answers(self, name):
        if name == "ada":
            asyncio.run(arrive(hub, name))
        return inner(self, name)

    monkeypatch.setattr(collect.Hub, "answers", answers)
    written, _, _ = collect.collect(service, tmp_path)
    assert {"ada", "grace"} <= set(written)
    assert service._server("ada").get("ready") and not service._server("grace").get("ready")


@pytest.mark.parametrize("missing", collect.SCOPES)
def test_no_scope_can_be_left_out(hub, tmp_path, missing):
    """Of a token as an administrator makes it on the hub's page."""
    scopes = [scope for scope in collect.SCOPES if scope != missing]
    service = collect.Hub(hub.url, hub.token)
    less = service.ask(f"/hub/api/users/{TEACHER}/tokens", "POST", {"scopes": scopes, "expires_in": 600})["token"]
    try:
        written, _, troubles = collect.collect(collect.Hub(hub.url, less), tmp_path)
    except (PermissionError, collect.Refusal):
        return
    assert not written and all("403" in trouble for trouble in troubles.values())


def test_a_server_that_never_gets_ready_is_stopped_again(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "PATIENCE", 12)
    service = collect.Hub(hub.url, hub.token)
    service.stop("mallory")
    settings = hub.homes / "mallory" / ".jupyter" / "jupyter_server_config.py"
    settings.write_text("import time\ntime.sleep(10000)\n")
    written, _, troubles = collect.collect(service, tmp_path)
    assert set(troubles) == {"mallory"} and "ada" in written
    deadline = time.monotonic() + 60
    while service._server("mallory"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
