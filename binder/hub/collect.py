"""Fetches the answers files of a class from its JupyterHub into a folder, for `make results`. Needs Python alone.

    JUPYTERHUB_API_TOKEN=... python binder/hub/collect.py https://hub.example.org FOLDER

The token is one that an administrator makes on the page *Token* of the hub, or that of a service with the scopes
admin:servers, list:users, read:users:activity and access:servers. Each student's file becomes
`backprop-answers-NAME.json`. A server that is not running is started for it, and stopped again.
"""

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

FILE = "answers.json"  # in each student's home: COURSE_ANSWERS of the hub's settings
PATIENCE = 300  # seconds for a server to start
PAGE = 50  # users in one answer of the hub


class Hub:
    """The REST interface of a JupyterHub, and through it the servers of its users."""

    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def ask(self, path, method="GET"):
        """(status, what is in the answer, or None). Raises HTTPError, URLError."""
        headers = {"Authorization": f"token {self.token}", "Accept": "application/json"}
        with urlopen(Request(self.url + path, method=method, headers=headers), timeout=PATIENCE) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if body else None

    def users(self):
        """The names of all who have been here, and whether the server of each is running: {name: bool}."""
        found, seen = {}, 0
        while True:
            _, users = self.ask(f"/hub/api/users?offset={seen}&limit={PAGE}")
            found |= {user["name"]: _is_ready(user) for user in users if user["last_activity"]}
            seen += len(users)
            if len(users) < PAGE:
                return found

    def start(self, name):
        """Start a user's server, and wait until it is ready. Raises TimeoutError."""
        server = f"/hub/api/users/{quote(name)}"
        self.ask(f"{server}/server", "POST")
        deadline = time.monotonic() + PATIENCE
        while not _is_ready(self.ask(server)[1]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"expected the server of {name} within {PATIENCE} s")
            time.sleep(0.5)

    def stop(self, name):
        self.ask(f"/hub/api/users/{quote(name)}/server", "DELETE")

    def answers(self, name):
        """The text of a user's answers file, or None where there is none; the server must be running."""
        try:
            return self.ask(f"/user/{quote(name)}/api/contents/{FILE}?type=file&format=text&content=1")[1]["content"]
        except HTTPError as problem:
            if problem.code == 404:
                return None
            raise


def _is_ready(user):
    return user["servers"].get("", {}).get("ready", False)


def collect(hub, folder):
    """Write the files; returns ([names with a file], [names without one], {name: what went wrong})."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written, without, troubles = [], [], {}
    for name, is_running in sorted(hub.users().items()):
        try:
            if not is_running:
                hub.start(name)
            text = hub.answers(name)
            if not is_running:
                hub.stop(name)
        except OSError as problem:  # URLError and TimeoutError are such: the others' files are fetched all the same
            troubles[name] = str(problem)
            continue
        if text is None:
            without.append(name)
            continue
        safe = re.sub(r"[^\w.@-]", "_", name)
        (folder / f"backprop-answers-{safe}.json").write_text(text, encoding="utf-8")
        written.append(name)
    return written, without, troubles


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="of the hub, such as https://hub.example.org")
    parser.add_argument("folder", help="for the files")
    arguments = parser.parse_args()
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    if not token:
        parser.error("expected a token in JUPYTERHUB_API_TOKEN, found none")
    written, without, troubles = collect(Hub(arguments.url, token), arguments.folder)
    print(f"{len(written)} answers files in {arguments.folder}; without one: {', '.join(without) or 'nobody'}")
    for name, problem in troubles.items():
        print(f"{name}: {problem}", file=sys.stderr)
    sys.exit(1 if troubles else 0)


if __name__ == "__main__":
    main()
