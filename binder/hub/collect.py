"""Fetches the answers files of a class into a folder, for `make results`. Needs Python alone.

    JUPYTERHUB_API_TOKEN=... python binder/hub/collect.py https://hub.example.org FOLDER
    sudo python3 binder/hub/collect.py /home FOLDER        on the server itself, where The Littlest JupyterHub has the homes

The token is one that an administrator makes on the page *Token* of the hub, or that of a service with the `SCOPES` below.
It goes to the hub alone, since a student decides what becomes of anything that is sent to the student's own server: that
one gets a token that opens this server and nothing else, for two minutes at most. Each student's file becomes
`backprop-answers-NAME.json`. A server that is not running is started for it, and stopped again, unless the student has
opened it meanwhile.
"""

import argparse
import json
import os
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
import unicodedata
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

FILE = "answers.json"  # in each student's home: COURSE_ANSWERS of the hub's settings
SCOPES = ("list:users", "read:users:activity", "servers", "tokens")
PATIENCE = 300  # seconds for the hub's answer, and for a server to start
IMPATIENCE = 60  # seconds for the others' servers, once one has not started in that time
FETCHING = 60  # seconds for a student's server to hand over the file, from the first byte to the last
PASS = 120  # seconds that the token for a student's server is good for
LIMIT = 8_000_000  # bytes of an answer: a reader who has solved everything needs a hundredth of it
PAGE = 50  # users in one answer of the hub
HOME = "jupyter-"  # what The Littlest JupyterHub puts before the name of a user


class Refusal(Exception):
    """An answer that is none.   status   of HTTP"""

    def __init__(self, asked, status):
        super().__init__(f"expected an answer to {asked}, got the status {status}")
        self.status = status


def fetch(url, token, method="GET", body=None, seconds=PATIENCE):
    """(status, content as bytes) of one answer. Follows no redirect, keeps no cookie, unpacks nothing, uses no proxy.

    Raises OSError; TimeoutError when the last byte is not there after so many seconds, however steadily bytes come;
    ValueError for more than LIMIT bytes.
    """
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection, deadline = kind(address.hostname, address.port, timeout=seconds), time.monotonic() + seconds
    headers = {"Authorization": f"token {token}", "Accept": "application/json", "Connection": "close"}
    connection.connect()
    end = threading.Timer(seconds, _hang_up, [connection.sock])
    end.daemon = True
    end.start()
    try:
        connection.request(method, f"{address.path}?{address.query}", body and json.dumps(body), headers)
        with connection.getresponse() as answer:
            content = answer.read(LIMIT + 1)
    except (OSError, HTTPException):
        if time.monotonic() < deadline:
            raise ConnectionError("expected an answer by the rules of HTTP, got another or none") from None
    finally:
        end.cancel()
        connection.close()
    if time.monotonic() >= deadline:
        raise TimeoutError(f"expected the whole answer within {seconds} s")
    if len(content) > LIMIT:
        raise ValueError(f"expected at most {LIMIT} bytes, got more")
    return answer.status, content


def _hang_up(sock):
    with suppress(OSError):  # it has been closed meanwhile
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Hub:
    """The REST interface of a JupyterHub, and through it the servers of its users. Raises ValueError for a bad address."""

    def __init__(self, url, token):
        address = urlsplit(url)
        is_here = address.hostname in ("localhost", "127.0.0.1", "::1")
        if address.scheme != "https" and not (address.scheme == "http" and is_here):
            raise ValueError(f"expected https://..., so that nobody on the way reads the token, got {url}")
        if not address.hostname or address.path.strip("/") or {"?", "#", "@"} & set(url):
            raise ValueError(
                f"expected the hub's name and nothing after it, such as https://hub.example.org, got {url}"
            )
        self.url, self.token, self.patience = url.rstrip("/"), token, PATIENCE

    def ask(self, path, method="GET", body=None, token=None, seconds=PATIENCE):
        """What is in an answer, or None. Raises what `fetch` does, Refusal, and ValueError where it is no JSON."""
        status, content = fetch(self.url + path, token or self.token, method, body, seconds)
        if not 200 <= status < 300:
            raise Refusal(f"{method} {path.partition('?')[0]}", status)
        try:
            return json.loads(content) if content else None
        except (ValueError, RecursionError):
            raise ValueError("expected JSON, got something else") from None

    def users(self):
        """The names of all who have been here."""
        found, seen = [], 0
        while users := self.ask(f"/hub/api/users?offset={seen}&limit={PAGE}"):
            if not all({"last_activity", "servers"} <= set(user) for user in users):
                raise PermissionError(f"expected a token with the scopes {', '.join(SCOPES)}; it has others")
            found += [user["name"] for user in users if user["last_activity"]]
            seen += len(users)
        return found

    @contextmanager
    def running(self, name):
        """While the block lasts, the user's server runs: it is started for it, and stopped again, unless the user uses it.

        Raises TimeoutError, and Refusal when the hub does not start it.
        """
        server = self._server(name)
        is_ours = not server.get("ready") and not server.get("pending")
        visits = self._visits(name) if is_ours else None
        try:
            if is_ours:
                try:
                    self.ask(f"{_user(name)}/server", "POST")
                except Refusal as problem:
                    if problem.status != 400:  # after any other answer it may be starting
                        raise
                    is_ours = False  # the user was faster
            self._wait_for(name)
            yield
        finally:
            if is_ours and self._visits(name) == visits:
                self.stop(name)

    def _visits(self, name):
        """What changes when the user opens the server in a browser, which gets a token for it from the hub."""
        tokens = self.ask(f"{_user(name)}/tokens")["api_tokens"]
        return {(token["id"], token["last_activity"]) for token in tokens if token["session_id"]}

    def _server(self, name):
        return self.ask(_user(name))["servers"].get("", {})

    def _wait_for(self, name):
        start, is_told = time.monotonic(), False
        while not (server := self._server(name)).get("ready"):
            if not server.get("pending"):
                raise ChildProcessError("expected the server to start, but it ended")
            if time.monotonic() > start + self.patience:
                waited, self.patience = self.patience, min(self.patience, IMPATIENCE)
                raise TimeoutError(f"expected the server to start within {waited} s")
            if not is_told:
                print(_shown(f"waiting for the server of {name}, at most {self.patience} s"), flush=True)
                is_told = True
            time.sleep(0.5)

    def stop(self, name):
        self.ask(f"{_user(name)}/server", "DELETE")

    def answers(self, name):
        """A user's answers file as bytes, or None where there is none; the server must be running.

        The server is the user's, who may have made anything of it. So it gets a token of the user's own that lasts
        `PASS` seconds and opens this server alone. Raises ValueError when the server answers with anything but a text.
        """
        scopes = [f"access:servers!user={name}"]
        opens = self.ask(f"{_user(name)}/tokens", "POST", {"expires_in": PASS, "scopes": scopes, "note": "collect.py"})
        path = f"/user/{quote(name, safe='')}/api/contents/{FILE}?type=file&format=text&content=1"
        try:
            found = self.ask(path, token=opens["token"], seconds=FETCHING)
        except Refusal as problem:
            if problem.status == 404:
                return None
            raise
        finally:
            with suppress(Exception):  # it ends by itself
                self.ask(f"{_user(name)}/tokens/{opens['id']}", "DELETE")
        text = found.get("content") if isinstance(found, dict) else None
        if not isinstance(text, str):
            raise ValueError(f"expected the text of {FILE}, got something else")
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"expected the text of {FILE}, got half a character") from None


def _user(name):
    return f"/hub/api/users/{quote(name, safe='')}"


def collect(hub, folder):
    """Write the files; returns ([names with a file], [names without one], {name: what went wrong})."""

    def take(name):
        with hub.running(name):
            return _write(folder, name, hub.answers(name))

    return _for_each(hub.users(), folder, take)


def collect_homes(homes, folder):
    """The same from the homes of The Littlest JupyterHub, by root, without asking anybody's server.

    Raises FileNotFoundError when there are none.
    """
    names = [path.name.removeprefix(HOME) for path in Path(homes).glob(f"{HOME}*")]
    if not names:
        raise FileNotFoundError(f"expected homes such as {homes}/{HOME}ada, found none")
    return _for_each(names, folder, lambda name: _write(folder, name, _read(Path(homes, HOME + name))))


def _read(home):
    """The answers file in a home as bytes, or None. Root reads it: so it must be a plain file of the student's own."""
    inside = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = os.fstat(inside).st_uid
        file = os.open(FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ValueError(f"expected a plain file, got what cannot be opened: {problem.strerror}") from None
    finally:
        os.close(inside)
    with open(file, "rb") as stream:
        about = os.fstat(stream.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_uid != owner:
            raise ValueError("expected a plain file of the student's own, got something else")
        content = stream.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"expected at most {LIMIT} bytes, got more")
    return content


def _for_each(names, folder, take):
    """`take(name)` says whether there was a file; whatever goes wrong costs that student alone."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    written, without, troubles = [], [], {}
    for name in sorted(names):
        try:
            (written if take(name) else without).append(name)
        except Exception as problem:  # of any kind: a student decides what a server answers
            troubles[name] = f"{problem or type(problem).__name__}"
    return written, without, troubles


def _write(folder, name, content):
    """Put the content into the file of a user, whole or not at all, whatever has the file's name; False without content."""
    if content is None:
        return False
    handle, path = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb") as stream:
            stream.write(content)
        os.replace(path, Path(folder, f"backprop-answers-{file_name(name)}.json"))
    except BaseException:
        os.unlink(path)
        raise
    return True


def file_name(name):
    """A user's name as part of a file's name: no two names share one on any system, and `urllib.parse.unquote` undoes it.

    Small letters, digits and Chinese characters stay; capitals, and letters that a file system writes in another way, do
    not. Of a very long name, which no system takes, the beginning stays, with a fingerprint after ~.
    """
    safe = "".join(sign if _is_safe(sign) else "".join(f"%{byte:02X}" for byte in _bytes(sign)) for sign in name)
    if len(_bytes(safe)) <= 150:
        return safe
    return f"{_bytes(safe)[:80].decode(errors='ignore')}~{sha256(_bytes(name)).hexdigest()}"


def _is_safe(sign):
    if sign.isascii():
        return sign in "-_.@" or sign.islower() or sign.isdigit()
    return sign.isalnum() and sign == sign.lower() == sign.upper() == unicodedata.normalize("NFKD", sign)


def _bytes(text):
    return text.encode(errors="surrogatepass")


def _shown(text):
    """A text for the terminal: what would move its cursor or change its colours is spelt out."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", help="the hub, such as https://hub.example.org, or the folder of the homes")
    parser.add_argument("folder", help="for the files")
    arguments = parser.parse_args()
    for end in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(end, lambda *_: sys.exit(1))  # a server that was started is stopped all the same
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        if "://" in arguments.source:
            token = os.environ.get("JUPYTERHUB_API_TOKEN")
            if not token:
                parser.error("expected a token in JUPYTERHUB_API_TOKEN, found none")
            written, without, troubles = collect(Hub(arguments.source, token), arguments.folder)
        else:
            written, without, troubles = collect_homes(arguments.source, arguments.folder)
    except Refusal as problem:
        parser.error(f"{problem}: has the token ended? It needs the scopes {', '.join(SCOPES)}")
    except (OSError, ValueError) as problem:
        parser.error(_shown(str(problem)))
    names = _shown(", ".join(without)) or "nobody"
    print(f"{len(written)} answers files in {arguments.folder}; without one: {names}")
    for name, problem in troubles.items():
        print(_shown(f"{name}: {problem}"), file=sys.stderr)
    sys.exit(1 if troubles else 0)


if __name__ == "__main__":
    main()
