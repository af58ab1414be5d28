"""Print the links that open this repository's notebooks on mybinder.org, for the clone's remote `origin`."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
HOSTS = {"github.com": "gh", "gitlab.com": "gl"}
URL = re.compile(r"(?:https?|ssh|git)://(?:[^@/]+@)?(?P<host>[^:/]+)(?::\d+)?/(?P<path>\S+?)(?:\.git)?/?")
SCP_FORM = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]{2,}):(?!//)/?(?P<path>\S+?)(?:\.git)?/?")


class NoBinderLink(Exception):
    """Binder cannot reach the repository."""


def binder_link(remote, branch, notebook):
    """The launch link of one notebook, for a remote in any of git's forms, without user name and token."""
    match = URL.fullmatch(remote) or SCP_FORM.fullmatch(remote)
    if not match:
        raise NoBinderLink(
            "expected a remote `origin` that Binder can reach (https://host/owner/repository or "
            f"git@host:owner/repository), got {remote}"
        )
    host, path = match["host"], match["path"]
    provider = HOSTS.get(host, "git")
    if provider == "git":
        path = f"https://{host}/{path}"
    repository = path if provider == "gh" else quote(path, safe="")
    address = f"https://mybinder.org/v2/{provider}/{repository}/{quote(branch, safe='')}"
    return f"{address}?labpath={quote(notebook, safe='')}"


def git(folder, *arguments):
    """What one git command prints, or None when it fails."""
    result = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def links(folder=ROOT):
    """A pair of name and launch link for each English notebook of the clone in `folder`."""
    remote = git(folder, "remote", "get-url", "origin")
    if not remote:
        raise NoBinderLink(
            "expected a remote `origin`, the address of your fork, got none: git remote add origin ADDRESS"
        )
    branch = git(folder, "symbolic-ref", "--short", "HEAD") or "HEAD"
    notebooks = sorted((folder / "notebooks" / "en").glob("*.ipynb"))
    return [(path.name, binder_link(remote, branch, path.relative_to(folder).as_posix())) for path in notebooks]


if __name__ == "__main__":
    try:
        for name, link in links():
            print(f"{name}\n  {link}")
    except NoBinderLink as reason:
        sys.exit(f"binder-link: {reason}")
