"""Where things can be found: taken from the repository's remote or from what GitHub's workflow says, never written down."""

import os
import re
from pathlib import Path
from urllib.parse import quote, urljoin

from binder_link import NoBinderLink, binder_link, git

PUBLISHED = "../lite/index.html"  # where GitHub's workflow puts JupyterLite's page, seen from a page of the site
ROOT = Path(__file__).resolve().parents[2]
GITHUB = re.compile(
    r"(?:https?://|ssh://|git://|)(?:[^@/]+@)?github\.com[/:](?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


def remote(folder=ROOT):
    """The repository's address: that of GitHub's workflow, else that of the clone's remote `origin`, else None."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    return git(folder, "remote", "get-url", "origin") or None


def repository(folder=ROOT):
    """The repository's page on GitHub, or None."""
    match = GITHUB.fullmatch(remote(folder) or "")
    return f"https://github.com/{match['owner']}/{match['name']}" if match else None


def site(folder=ROOT):
    """The address of the published site with a slash at its end: SITE_URL, else GitHub's Pages of the repository, else None."""
    if address := os.environ.get("SITE_URL"):
        return address.rstrip("/") + "/"
    match = GITHUB.fullmatch(remote(folder) or "")
    if not match:
        return None
    owner, name = match["owner"].lower(), match["name"]
    return f"https://{owner}.github.io/" + ("" if name.lower() == f"{owner}.github.io" else f"{name}/")


def on_binder(notebook, folder=ROOT):
    """What opens this notebook, a path inside the repository, on Binder; None where Binder cannot reach the repository."""
    try:
        return binder_link(remote(folder) or "", "HEAD", notebook)
    except NoBinderLink:
        return None


def in_browser(notebook=""):
    """What opens this notebook in the browser alone, seen from a page of the site; without one, the page that offers all.

    LIVE is where that page is; where it is not said, there is none, and the result is None.
    """
    page = os.environ.get("LIVE")
    if not page:
        return None
    return f"{page}?path={quote(notebook)}" if notebook else page


def main():
    """Print the ways to the course that its repository's address tells."""
    start = "notebooks/en/00_start_here.ipynb"
    ways = {"website": site(), "in the browser": None, "Binder": on_binder(start), "repository": repository()}
    if ways["website"]:
        ways["in the browser"] = urljoin(f"{ways['website']}en/", in_browser() or PUBLISHED)
    for name, address in ways.items():
        print(f"{name:15} {address or 'unknown: it needs a remote `origin` on GitHub'}")


if __name__ == "__main__":
    main()
