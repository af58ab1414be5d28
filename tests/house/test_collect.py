"""binder/hub/collect.py against a class whose servers do as they like: nobody gets a token of another, nobody loses a file.

The hub, the servers of the students and a place elsewhere are three paths of one small server, which keeps all it is sent.
"""

import json
import os
import re
import secrets
import signal
import sys
import threading
import time
import unicodedata
from collections import defaultdict
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import collect
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

ADMIN = "the-token-of-the-administrator"
PENDING = {"": {"ready": False, "pending": "spawn"}}
ANSWERS = json.dumps({"version": 1, "note": "对 ± \N{SNOWMAN}"})


def answer(content, status=b"200 OK", headers=b""):
    """A whole answer with the content, as bytes."""
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(content), content)


def model(content):
    return answer(json.dumps({"name": "answers.json", "content": content}).encode())


def redirect(place):
    return answer(b"", b"302 Found", f"Location: {place}\r\n".encode())


def again_and_again(what, pause=0.0, first=b""):
    """An answer that never ends."""

    def go_on(stream):
        stream.write(first)
        while True:
            stream.write(what)
            stream.flush()
            time.sleep(pause)

    return go_on


OK = b"HTTP/1.1 200 OK\r\n"
HONEST = (
    "ada",
    "grace",
    "a_b",
    "a/b",
    "A_b",
    "张三",
    "..",
    "con",
    "x" * 250,
    "x" * 249 + "y",
    "é",
    "e\N{COMBINING ACUTE ACCENT}",
)
# What a student's server can do; {place} is where else it would like to see a token.
HOSTILE = {
    "is-a-page": answer(b"<html>"),
    "is-empty": answer(b""),
    "is-a-list": answer(b"[1]"),
    "is-deep": answer(b"[" * 90_000),
    "is-a-number": answer(b"9" * 90_000),
    "has-no-content": answer(b"{}"),
    "has-a-dict": model({"a": 1}),
    "has-a-list": model(["a"]),
    "has-an-int": model(7),
    "has-null": model(None),
    "has-half-a-character": model("\ud800"),
    "is-not-utf-8": answer(b'{"content": "\xff"}'),
    "is-packed": answer(b"\x1f\x8b" + bytes(50), headers=b"Content-Encoding: gzip\r\n"),
    "fails": answer(b"{}", b"500 Oh"),
    "wants-a-password": answer(b"", b"401 Who", b'WWW-Authenticate: Basic realm="x"\r\n'),
    "sends-elsewhere": redirect("{place}/elsewhere/"),
    "sends-to-the-hub": redirect("{place}/hub/api/users"),
    "sends-to-another": redirect("{place}/user/ada/api/contents/answers.json"),
    "sends-to-a-file": redirect("file:///etc/passwd"),
    "has-a-strange-status": b"\x1b[31mred\r\n\r\n",
    "hangs-up": b"",
    "ends-early": OK + b"Content-Length: 900\r\n\r\n{",
    "is-endless": again_and_again(b"x" * 10_000, first=OK + b"\r\n"),
    "is-endless-in-pieces": again_and_again(
        b"2710\r\n%s\r\n" % (b"x" * 10_000), first=OK + b"Transfer-Encoding: chunked\r\n\r\n"
    ),
    "goes-on-slowly": again_and_again(b" ", 0.05, OK + b"Content-Length: 90000\r\n\r\n"),
    "has-slow-headers": again_and_again(b"X: y\r\n", 0.05, OK),
    "has-slow-trailers": again_and_again(b"X: y\r\n", 0.05, OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"),
    "says-continue-for-ever": again_and_again(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    "says-nothing": again_and_again(b"", 0.05),
    "\x1b[2Jclears": answer(b"<html>"),
    "never-gets-ready": model(ANSWERS),
    "ends-at-once": model(ANSWERS),
    "cannot-be-started": model(ANSWERS),
}
WITHOUT = {
    "has-no-file": answer(b"{}", b"404 Not Found"),
    "sets-a-cookie": answer(b"", b"404 No", b"Set-Cookie: a=b; Path=/\r\n"),
}


class Class:
    """What the hub knows, and what everybody was sent.   sent   {name: [the lines of a request]}"""

    def __init__(self):
        self.servers = {name: model(ANSWERS + name) for name in HONEST} | HOSTILE | WITHOUT
        names = list(self.servers)
        self.running = set(names[::2]) - {"never-gets-ready", "ends-at-once", "cannot-be-started"}
        self.before = set(self.running)
        self.tokens, self.revoked, self.asked_for = {}, set(), []
        self.sent = defaultdict(list)
        its_own = {"id": "a1", "session_id": None, "last_activity": "now"}
        self.visits = defaultdict(lambda: [its_own])

    def hub(self, method, path, body):
        """(status, answer) of the hub."""
        parts = [unquote(part) for part in path.partition("?")[0].split("/")[4:]]
        if not parts:
            start = int(path.partition("offset=")[2].partition("&")[0])
            return 200, [self.user(name) for name in list(self.servers)[start : start + 7]]
        name = parts[0]
        match (method, *parts[1:]):
            case ("GET",):
                return 200, self.user(name)
            case "POST", "server":
                self.running.add(name)
                if name == "cannot-be-started":  # so it says, and starts
                    return 500, {}
                return 201, None
            case "DELETE", "server":
                self.running.discard(name)
                return 204, None
            case "POST", "tokens":
                token = secrets.token_hex(8)
                self.tokens[token] = name
                self.asked_for.append((name, body))
                return 201, {"token": token, "id": f"id-{token}"}
            case "GET", "tokens":
                return 200, {"api_tokens": self.visits[name]}
            case "DELETE", "tokens", number:
                self.revoked.add(number.removeprefix("id-"))
                return 204, None

    def user(self, name):
        server = {"ready": True, "pending": None}
        if name == "never-gets-ready":
            server = {"ready": False, "pending": "spawn"}
        elif name == "ends-at-once":
            server = {"ready": False, "pending": None}
        return {"name": name, "last_activity": "now", "servers": {"": server} if name in self.running else {}}


class Handler(BaseHTTPRequestHandler):
    """The hub under /hub/, the students' servers under /user/NAME/, and another server everywhere else."""

    def answer_all(self):
        school = self.server.school
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/hub/"):
            assert self.headers["Authorization"] == f"token {ADMIN}"
            status, found = school.hub(self.command, self.path, json.loads(body or "null"))
            content = b"" if found is None else json.dumps(found).encode()
            self.wfile.write(answer(content, b"%d x" % status))
            return
        name = unquote(self.path.split("/")[2])
        school.sent[name if self.path.startswith("/user/") else None].append(
            f"{self.requestline}\n{self.headers}\n{body.decode(errors='replace')}"
        )
        what = school.servers[name]
        if callable(what):
            with suppress(OSError):
                what(self.wfile)
        else:
            self.wfile.write(what.replace(b"{place}", f"http://127.0.0.1:{self.server.server_port}".encode()))

    do_GET = do_POST = do_DELETE = answer_all

    def log_message(self, *_):
        pass


@pytest.fixture
def school(monkeypatch):
    monkeypatch.setattr(collect, "PATIENCE", 1)
    monkeypatch.setattr(collect, "FETCHING", 1)
    monkeypatch.setattr(collect, "LIMIT", 100_000)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", ADMIN)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.school = Class()
        server.school.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.school
        server.shutdown()


def run_main(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["collect.py", *map(str, arguments)])
    before = {end: signal.getsignal(end) for end in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(SystemExit) as end:
            collect.main()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return end.value.code


def file_of(folder, name):
    return folder / f"backprop-answers-{collect.file_name(name)}.json"


def test_a_student_s_server_gets_a_token_of_its_own_and_costs_nobody_else_anything(
    school, tmp_path, monkeypatch, capsys
):
    assert run_main(monkeypatch, school.url, tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {file_of(tmp_path, name).name for name in HONEST}
    for name in HONEST:
        assert file_of(tmp_path, name).read_text(encoding="utf-8") == ANSWERS + name
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert len(lines) == len(HOSTILE) and all(": expected " in line for line in lines), printed.err
    assert "\x1b" not in printed.out + printed.err and ADMIN not in printed.out + printed.err
    assert f"{len(HONEST)} answers files" in printed.out and "has-no-file, sets-a-cookie" in printed.out

    started = set(school.servers) - {"never-gets-ready", "ends-at-once", "cannot-be-started"}
    assert set(school.sent) == started  # and nobody elsewhere was sent anything
    for name, requests in school.sent.items():
        [request] = requests
        assert ADMIN not in request and "Cookie" not in request
        assert [token for token in school.tokens if token in request and school.tokens[token] == name]
        assert not [token for token in school.tokens if token in request and school.tokens[token] != name]
        assert request.startswith(f"GET /user/{quote(name, safe='')}/")
    assert all(body["scopes"] == [f"access:servers!user={name}"] for name, body in school.asked_for)
    assert all(body["expires_in"] <= 120 for _, body in school.asked_for)
    assert school.revoked == set(school.tokens)
    assert school.running == school.before


def test_a_server_that_the_student_has_opened_meanwhile_goes_on(school, tmp_path, monkeypatch):
    """After it was started for the collection, or in the moment before."""
    school.servers = {name: school.servers[name] for name in ("ada", "grace", "a_b")}
    school.running.clear()
    inner = school.hub

    def hub(method, path, body):
        status, found = inner(method, path, body)
        if (method, path.rstrip("?")) == ("POST", "/hub/api/users/grace/server"):
            return 400, {"message": "grace is already running"}
        if (method, path.rstrip("?")) == ("POST", "/hub/api/users/ada/tokens"):
            school.visits["ada"].append({"id": "a2", "session_id": "hers", "last_activity": "now"})
        return status, found

    monkeypatch.setattr(school, "hub", hub)
    written, _, _ = collect.collect(collect.Hub(school.url, ADMIN), tmp_path)
    assert written == ["a_b", "ada", "grace"] and school.running == {"ada", "grace"}


def test_whom_the_collection_waits_for_is_said_and_costs_the_others_less(school, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(collect, "IMPATIENCE", 0.1)
    school.servers = dict.fromkeys(("first", "never\t"), school.servers["never-gets-ready"])
    monkeypatch.setattr(school, "user", lambda name: {"name": name, "last_activity": "now", "servers": PENDING})
    _, _, troubles = collect.collect(collect.Hub(school.url, ADMIN), tmp_path)
    printed = capsys.readouterr().out
    assert [re.findall(r"[\d.]+", text) for text in (printed, *troubles.values())] == [["1", "0.1"], ["1"], ["0.1"]]
    assert "server of first" in printed and "server of never\\t" in printed


@pytest.mark.parametrize("moment", ["_wait_for", "answers"])
def test_whoever_interrupts_leaves_no_server_behind(school, tmp_path, monkeypatch, moment):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(collect.Hub, moment, interrupt)
    school.running.clear()
    with pytest.raises(KeyboardInterrupt):
        collect.collect(collect.Hub(school.url, ADMIN), tmp_path)
    assert school.running == set() and list(tmp_path.iterdir()) == []


def test_what_lies_where_a_file_is_written_is_replaced_not_followed(school, tmp_path):
    school.servers = {name: school.servers[name] for name in HONEST}
    folder, other = tmp_path / "answers", tmp_path / "other"
    folder.mkdir()
    other.write_text("mine")
    file_of(folder, "ada").symlink_to(other)
    file_of(folder, "grace").mkdir()
    written, _, troubles = collect.collect(collect.Hub(school.url, ADMIN), folder)
    assert other.read_text() == "mine" and not file_of(folder, "ada").is_symlink()
    assert "ada" in written and "grace" in troubles
    assert len(list(folder.iterdir())) == len(HONEST)  # nothing half written


def test_a_token_that_the_hub_refuses_is_said_in_a_sentence(school, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(school, "hub", lambda *_: (403, {"message": "Forbidden"}))
    assert run_main(monkeypatch, school.url, tmp_path) == 2
    assert "has the token ended? It needs the scopes list:users" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["http://hub.example.org", "hub.example.org", "ftp://127.0.0.1", "http://127.0.0.1.example.org"]
)
def test_the_token_travels_over_https_alone(url):
    with pytest.raises(ValueError, match="expected https"):
        collect.Hub(url, ADMIN)


@pytest.mark.parametrize("end", ["/hub/home", "/user/ada/lab", "?next=/hub/", "#top", "/?", "@elsewhere"])
def test_an_address_is_the_hub_s_alone(end):
    assert collect.Hub("https://hub.example.org/", ADMIN).url == "https://hub.example.org"
    with pytest.raises(ValueError, match="expected the hub's name and nothing after it"):
        collect.Hub(f"https://hub.example.org{end}", ADMIN)


names = st.text(min_size=1, max_size=300)


@given(names, names)
@example("Ada", "ada")
@example("a/b", "a%2Fb")
@example("ſ", "s")
@example("x" * 300, "x" * 299 + "X")
def test_no_two_names_share_a_file_on_any_system(first, second):
    def on_disk(name):
        return unicodedata.normalize("NFC", collect.file_name(name)).casefold()

    for other in (
        second,
        first.upper(),
        first.lower(),
        *(unicodedata.normalize(form, first) for form in ("NFD", "NFKC")),
    ):
        assert (on_disk(first) == on_disk(other)) == (first == other)
    made = collect.file_name(first)
    assert "~" in made or unquote(made, errors="surrogatepass") == first
    assert len(f"backprop-answers-{made}.json".encode()) < 255 and not set(made) & set('/\\:*?"<>|\0')


def test_root_reads_nothing_but_a_student_s_own_plain_file(tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "LIMIT", 1000)
    homes, folder = tmp_path / "home", tmp_path / "answers"
    secret = tmp_path / "secret"
    secret.write_text("root's")
    for name in ("ada", "grace", "link", "pipe", "huge", "folder", "other", "without"):
        (homes / f"jupyter-{name}").mkdir(parents=True)
    (homes / "jupyter-moved").symlink_to(homes / "jupyter-ada")
    (homes / "teacher").mkdir()
    file = {
        name: homes / f"jupyter-{name}" / "answers.json"
        for name in ("ada", "grace", "link", "pipe", "huge", "folder", "other")
    }
    file["ada"].write_text(ANSWERS)
    file["grace"].write_bytes(b"\xff")  # what is in it is for `make results` to judge
    file["link"].symlink_to(secret)
    os.mkfifo(file["pipe"])
    with open(file["huge"], "wb") as stream:
        stream.truncate(10**12)
    file["folder"].mkdir()
    file["other"].hardlink_to(secret)
    if os.geteuid() == 0:
        os.chown(secret, 12345, -1)
    else:
        file["other"].unlink()
        file["other"].symlink_to(secret)
    written, without, troubles = collect.collect_homes(homes, folder)
    assert (written, without) == (["ada", "grace"], ["without"])
    assert set(troubles) == {"link", "pipe", "huge", "folder", "other", "moved"}
    assert {path.read_bytes() for path in folder.iterdir()} == {ANSWERS.encode(), b"\xff"}


def test_an_empty_folder_of_homes_is_said(tmp_path, monkeypatch, capsys):
    assert run_main(monkeypatch, tmp_path, tmp_path / "answers") == 2
    assert "expected homes such as" in capsys.readouterr().err
